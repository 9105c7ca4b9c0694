/*
 * spdm-trace: what was recorded of an SPDM connection, for people.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "common/output.h"
#include "spdm/file.h"
#include "trace/trace.h"

enum { BAD_INPUT = 1, BAD_USAGE = 2 };

typedef struct Options {
    char *keys;
    char *html;
    gboolean fields;
    gboolean quiet;
    gboolean dump_command;
} Options;

static const char summary[] =
    "Reads events or a packet capture of a device, and with a key log what is "
    "encrypted.\nPrints a ladder of messages, verifies what they claim, and "
    "says why it ended.";

static bool parse(Options *o, int *argc, char ***argv, GError **errp)
{
    const GOptionEntry entries[] = {
        { "keys", 'k', 0, G_OPTION_ARG_FILENAME, &o->keys,
          "secrets, as --keylog or spdm-keylog= writes them", "FILE" },
        { "fields", 'f', 0, G_OPTION_ARG_NONE, &o->fields,
          "print every field of every message", NULL },
        { "html", 0, 0, G_OPTION_ARG_FILENAME, &o->html,
          "write one page of HTML that needs nothing else", "FILE" },
        { "quiet", 'q', 0, G_OPTION_ARG_NONE, &o->quiet,
          "print no ladder", NULL },
        { "dump-command", 0, 0, G_OPTION_ARG_NONE, &o->dump_command,
          "print the command line of DMTF's spdm_dump for it, and end", NULL },
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };
    GOptionContext *context = g_option_context_new("FILE");
    bool ok;

    g_option_context_set_summary(context, summary);
    g_option_context_add_main_entries(context, entries, NULL);
    ok = g_option_context_parse(context, argc, argv, errp);
    g_option_context_free(context);
    if (ok && *argc != 2) {
        g_set_error_literal(errp, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                            "name one file of events, or one capture");
        return false;
    }
    if (ok && o->dump_command && !o->keys) {
        g_set_error_literal(errp, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                            "--dump-command needs --keys");
        return false;
    }
    return ok;
}

static void print_dump_command(const Tracks *t, const char *name)
{
    Track *track = t->list->len ? g_ptr_array_index(t->list, 0) : NULL;
    char *options;

    if (track) {
        options = spdm_observer_dump_options(track->observer);
        printf("spdm_dump -r %s %s\n", name, options);
        explicit_bzero(options, strlen(options));
        g_free(options);
    }
}

static bool write_html(const Tracks *t, const char *name, const char *to,
                       GError **errp)
{
    g_autofree char *title = g_path_get_basename(name);
    g_autofree char *page = make_html(t, title);

    return spdm_write_file(to, page, -1, errp);
}

static int show(const Tracks *t, const Options *o, const char *name,
                GError **errp)
{
    if (o->dump_command) {
        print_dump_command(t, name);
        return 0;
    }
    if (!o->quiet) {
        print_ladder(t, o->fields, stdout);
    }
    return o->html && !write_html(t, name, o->html, errp) ? BAD_INPUT : 0;
}

static int run(const Options *o, const char *name)
{
    g_autoptr(GError) cut = NULL;
    g_autoptr(GError) err = NULL;
    Tracks t;
    int rc = BAD_INPUT;

    tracks_init(&t);
    if (!o->keys || tracks_read_keys(&t, o->keys, &err)) {
        /* What is cut is shown up to there. */
        rc = tracks_read(&t, name, &cut) ? 0 : BAD_INPUT;
        if (show(&t, o, name, &err) != 0) {
            rc = BAD_INPUT;
        }
    }
    if (!output_is_whole("spdm-trace")) {
        rc = BAD_INPUT;
    }
    if (cut || err) {
        fprintf(stderr, "spdm-trace: %s\n", (err ? err : cut)->message);
    }
    tracks_clear(&t);
    return rc;
}

int main(int argc, char **argv)
{
    g_autoptr(GError) err = NULL;
    Options o = { .keys = NULL };
    int rc = BAD_USAGE;

    if (parse(&o, &argc, &argv, &err)) {
        rc = run(&o, argv[1]);
    } else {
        fprintf(stderr, "spdm-trace: %s\n", err->message);
    }
    g_free(o.keys);
    g_free(o.html);
    return rc;
}

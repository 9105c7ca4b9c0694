/*
 * spdm-requester-weak: --weaken NAME takes one check away (or several, with
 * commas between them), --list-checks names them all. See spdm/weaken.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/tool.h"
#include "spdm/weaken.h"

static gboolean list_checks(const gchar *name, const gchar *value,
                            gpointer data, GError **errp)
{
    const char *check;

    for (unsigned i = 1; (check = spdm_weakness_name(i)); i++) {
        puts(check);
    }
    exit(TOOL_OK);
}

void weaken_add_options(GOptionContext *context, Options *o)
{
    const GOptionEntry entries[] = {
        { "weaken", 0, 0, G_OPTION_ARG_STRING, &o->weaken,
          "do without these checks", "NAME[,NAME]" },
        { "list-checks", 0, G_OPTION_FLAG_NO_ARG, G_OPTION_ARG_CALLBACK,
          (gpointer)list_checks, "name all checks, and exit", NULL },
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };

    g_option_context_add_main_entries(context, entries, NULL);
}

bool weaken_apply(Tool *t, GError **errp)
{
    g_auto(GStrv) names = g_strsplit(t->opt.weaken ? t->opt.weaken : "", ",",
                                     -1);

    for (unsigned i = 0; names[i]; i++) {
        if (!spdm_requester_weaken(t->rq, names[i])) {
            return tool_fail(errp, TOOL_USAGE, "--weaken: there is no check "
                             "\"%s\"; --list-checks names them", names[i]);
        }
    }
    return true;
}

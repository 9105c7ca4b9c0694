/*
 * A ladder as text.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "trace/trace.h"

#include <string.h>

enum { TEXT_COLUMNS = 62, INDENT = 16 };

static const char *const kinds[] = {
    [SPDM_ENTRY_SESSION] = "session", [SPDM_ENTRY_ABORT] = "ABORT",
    [SPDM_ENTRY_FAULT] = "FAULT", [SPDM_ENTRY_DOE] = "mailbox",
    [SPDM_ENTRY_NOTE] = "note",
};

/* Below a message: what is to be said of it. */
static void print_remark(FILE *out, const char *mark, const char *text)
{
    if (text) {
        fprintf(out, "%*s%s %s\n", INDENT, "", mark, text);
    }
}

static void print_fields(const SpdmEntry *e, FILE *out)
{
    for (guint i = 0; e->fields && i < e->fields->len; i++) {
        const SpdmEntryField *f = g_ptr_array_index(e->fields, i);

        fprintf(out, "%*s%4zu %4zu  %-24s %s\n", INDENT, "", f->offset,
                f->len, f->name, f->value);
    }
}

static void print_message(const Track *t, const SpdmEntry *e, bool fields,
                          FILE *out)
{
    g_autofree char *text = g_strdup_printf("%s %s", e->name, e->text);

    fprintf(out, "%11.6f  %s %-*s %6zu B", track_time(t, e), entry_arrow(e),
            TEXT_COLUMNS, g_strchomp(text), e->size);
    if (e->session) {
        fprintf(out, "  [%08x]", e->session);
    }
    fputc('\n', out);
    if (fields) {
        print_fields(e, out);
    }
    print_remark(out, "    verified:", e->holds);
    if (!e->verdict) {
        print_remark(out, " ?? ", e->finding);
    }
    print_remark(out, e->bad ? " !! " : "    ", e->verdict);
}

static void print_other(const Track *t, const SpdmEntry *e, FILE *out)
{
    fprintf(out, "%11.6f  %s %s%s%s", track_time(t, e), e->bad ||
            e->kind == SPDM_ENTRY_FAULT ? " !! " : "    ", kinds[e->kind],
            strcmp(e->name, kinds[e->kind]) ? " " : "",
            strcmp(e->name, kinds[e->kind]) ? e->name : "");
    if (*e->text) {
        fprintf(out, ": %s", e->text);
    }
    if (e->session) {
        fprintf(out, "  [%08x]", e->session);
    }
    fputc('\n', out);
    if (e->kind == SPDM_ENTRY_FAULT || e->kind == SPDM_ENTRY_ABORT) {
        print_remark(out, "    ", e->verdict);
    }
}

static void print_track(const Track *t, bool fields, FILE *out)
{
    const GPtrArray *entries = spdm_observer_entries(t->observer);
    g_autofree char *summary = spdm_observer_summary(t->observer);
    const char *conclusion = track_conclusion(t);

    fprintf(out, "%s%s%s\n", t->device, *summary ? ": " : "", summary);
    for (guint i = 0; i < entries->len; i++) {
        const SpdmEntry *e = g_ptr_array_index(entries, i);

        if (e->kind == SPDM_ENTRY_MESSAGE) {
            print_message(t, e, fields, out);
        } else {
            print_other(t, e, out);
        }
    }
    if (conclusion) {
        fprintf(out, "%s: %s\n", t->device, conclusion);
    }
}

void print_ladder(const Tracks *t, bool fields, FILE *out)
{
    for (guint i = 0; i < t->list->len; i++) {
        if (i) {
            fputc('\n', out);
        }
        print_track(g_ptr_array_index(t->list, i), fields, out);
    }
}

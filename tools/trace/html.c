/*
 * A ladder as one page of HTML: drawn in SVG, with the fields of each message
 * folded in beneath it. It loads nothing and needs no script.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "trace/trace.h"

#include <string.h>

#include "trace/html-style.h"

/* Coordinates of every drawing; widths are fractions of WIDTH in the style. */
enum {
    WIDTH = 1000,
    LEFT = 150,              /* the requester's line */
    RIGHT = 850,             /* the responder's */
    MIDDLE = 500,
    MESSAGE_HEIGHT = 46,
    BAND_HEIGHT = 40,
    ARROW_Y = 33,
    LABEL_CHARS = 78,
    MAX_CONCLUSIONS = 40,
    AXIS_LEFT = 20,
    AXIS_RIGHT = 980,
    AXIS_Y = 40,
};

static const double long_gap = 0.25; /* seconds that are worth a line */

/* printf into the page; %s are escaped. */
static void put(GString *page, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void put(GString *page, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_markup_vprintf_escaped(format, args);
    va_end(args);
    g_string_append(page, text);
}

/* As much as there is room for; valid UTF-8 whatever came in. */
static char *shortened(const char *text, glong chars)
{
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    g_autofree char *head = NULL;

    if (g_utf8_strlen(valid, -1) <= chars) {
        return g_steal_pointer(&valid);
    }
    head = g_utf8_substring(valid, 0, chars - 1);
    return g_strconcat(head, "\u2026", NULL);
}

/* --- one message --------------------------------------------------------- */

static const char *class_of(const SpdmEntry *e)
{
    if (e->bad || e->finding) {
        return "isbad";
    }
    return e->requester ? "req" : "rsp";
}

static void put_time(GString *page, const Track *t, const SpdmEntry *e,
                     unsigned y)
{
    put(page, "<text class=\"t\" x=\"128\" y=\"%u\" text-anchor=\"end\">"
        "%.6f s</text>", y, track_time(t, e));
}

/* Two lines for a record, one for what anybody can read. */
static void put_arrow(GString *page, const SpdmEntry *e)
{
    int from = e->requester ? LEFT : RIGHT;
    int to = e->requester ? RIGHT : LEFT;
    int back = e->requester ? -12 : 12;
    int lines = e->secured ? 2 : 1;

    put(page, "<g class=\"%s\">", class_of(e));
    for (int i = 0; i < lines; i++) {
        int y = ARROW_Y + (e->secured ? 4 * i - 2 : 0);

        put(page, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" "
            "stroke-width=\"1.6\"/>", from, y, to + back, y);
    }
    put(page, "<path d=\"M%d %d l%d -6 v12 z\"/></g>", to, ARROW_Y, back);
}

static void put_label(GString *page, const SpdmEntry *e)
{
    size_t used = strlen(e->name) + 1;
    glong room = LABEL_CHARS > used ? (glong)(LABEL_CHARS - used) : 4;
    g_autofree char *text = shortened(e->text, room);

    put(page, "<text x=\"%d\" y=\"21\" text-anchor=\"middle\">"
        "<tspan class=\"n\">%s</tspan> %s</text>", MIDDLE, e->name, text);
}

/* At the right: size, session, and whether it holds. */
static void put_margin(GString *page, const SpdmEntry *e)
{
    put(page, "<text class=\"dim\" x=\"866\" y=\"%d\">%" G_GSIZE_FORMAT
        " B</text>", ARROW_Y + 4, e->size);
    if (e->session) {
        put(page, "<text class=\"dim\" x=\"866\" y=\"18\">%08x</text>",
            e->session);
    }
    put(page, "<text class=\"fold\" x=\"978\" y=\"%d\">\u25b8</text>",
        ARROW_Y);
    if (e->finding) {
        put(page, "<text class=\"isbad n\" x=\"955\" y=\"%d\">\u2717</text>",
            ARROW_Y);
    } else if (e->holds) {
        put(page, "<text class=\"isgood n\" x=\"955\" y=\"%d\">\u2713"
            "</text>", ARROW_Y);
    }
}

static void put_drawing(GString *page, const Track *t, const SpdmEntry *e)
{
    put(page, "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s %s\">"
        "<title>%s %s</title>", WIDTH, MESSAGE_HEIGHT, e->name, e->text,
        e->name, e->text);
    put_time(page, t, e, ARROW_Y + 4);
    put_label(page, e);
    put_arrow(page, e);
    put_margin(page, e);
    put(page, "</svg>");
}

static void put_fields(GString *page, const SpdmEntry *e)
{
    put(page, "<div class=\"box\">");
    if (e->holds) {
        put(page, "<p>\u2713 verified: %s</p>", e->holds);
    }
    put(page, "<table><tr><th>offset</th><th>bytes</th><th>field</th>"
        "<th>value</th></tr>");
    for (guint i = 0; e->fields && i < e->fields->len; i++) {
        const SpdmEntryField *f = g_ptr_array_index(e->fields, i);

        put(page, "<tr><td class=\"r\">%" G_GSIZE_FORMAT "</td>"
            "<td class=\"r\">%" G_GSIZE_FORMAT "</td><td>%s</td>"
            "<td class=\"h\">%s</td></tr>", f->offset, f->len, f->name,
            f->value);
    }
    put(page, "</table></div>");
}

static void put_message(GString *page, const Track *t, const SpdmEntry *e,
                        guint number)
{
    put(page, "<details id=\"%s-%u\"><summary>", t->device, number);
    put_drawing(page, t, e);
    if (e->verdict) {
        put(page, "<div class=\"why %s\">%s</div>", e->bad ? "bad" : "note",
            e->verdict);
    } else if (e->finding) {
        put(page, "<div class=\"why bad\">%s</div>", e->finding);
    }
    put(page, "</summary>");
    put_fields(page, e);
    put(page, "</details>");
}

/* --- what is no message -------------------------------------------------- */

static const struct {
    const char *what;
    const char *band;        /* NULL: no band, only words */
} kinds[] = {
    [SPDM_ENTRY_SESSION] = { "session", "" },
    [SPDM_ENTRY_ABORT] = { "ABORT by the", "bad" },
    [SPDM_ENTRY_FAULT] = { "FAULT", "fault" },
    [SPDM_ENTRY_DOE] = { "mailbox:", NULL },
    [SPDM_ENTRY_NOTE] = { "note", NULL },
};

static const char *band_of(const SpdmEntry *e)
{
    return e->kind == SPDM_ENTRY_SESSION && !strcmp(e->name, "established")
           ? "good" : kinds[e->kind].band;
}

static void put_other(GString *page, const Track *t, const SpdmEntry *e)
{
    g_autoptr(GString) words = g_string_new(kinds[e->kind].what);
    g_autofree char *line = NULL;
    const char *band = band_of(e);

    if (e->session && e->kind == SPDM_ENTRY_SESSION) {
        g_string_append_printf(words, " %08x", e->session);
    }
    if (strcmp(e->name, "note") != 0) {
        g_string_append_printf(words, " %s", e->name);
    }
    if (*e->text) {
        g_string_append_printf(words, ": %s", e->text);
    }
    if (e->session && e->kind != SPDM_ENTRY_SESSION) {
        g_string_append_printf(words, " (session %08x)", e->session);
    }
    line = shortened(words->str, LABEL_CHARS);
    put(page, "<svg viewBox=\"0 0 %d %d\" role=\"img\"><title>%s</title>",
        WIDTH, BAND_HEIGHT, words->str);
    put_time(page, t, e, 25);
    if (band) {
        put(page, "<rect class=\"band %s\" x=\"%d\" y=\"6\" width=\"%d\" "
            "height=\"28\" rx=\"14\"/>", band, LEFT, RIGHT - LEFT);
    }
    put(page, "<text%s x=\"%d\" y=\"25\" text-anchor=\"middle\">%s</text>"
        "</svg>", band ? "" : " class=\"dim\"", MIDDLE, line);
    if (e->verdict && e->kind == SPDM_ENTRY_FAULT) {
        put(page, "<div class=\"why note\">%s</div>", e->verdict);
    }
}

/* --- the whole ----------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten, for at most ten ticks. */
static double tick_step(double span)
{
    static const double times[] = { 2, 2.5, 2 };
    double step = 1e-6;

    for (unsigned i = 0; step * 10 < span; i++) {
        step *= times[i % G_N_ELEMENTS(times)];
    }
    return step;
}

/* From the first message on: what was long before is not to squeeze them. */
typedef struct Axis {
    double begin;
    double span;
} Axis;

static Axis axis_of(const Track *t, const GPtrArray *entries)
{
    double begin = G_MAXDOUBLE;
    double end = 0;

    /* Not the first and the last: a recording may go back in time. */
    for (guint i = 0; i < entries->len; i++) {
        const SpdmEntry *e = g_ptr_array_index(entries, i);
        double at = track_time(t, e);

        end = i ? MAX(end, at) : at;
        if (e->kind == SPDM_ENTRY_MESSAGE) {
            begin = MIN(begin, at);
        }
    }
    begin = begin < G_MAXDOUBLE ? begin : MIN(end, 0);
    return (Axis){ begin, end - begin };
}

static double axis_x(const Axis *a, double at)
{
    return AXIS_LEFT + (AXIS_RIGHT - AXIS_LEFT) *
           (a->span > 0 ? (at - a->begin) / a->span : 0);
}

/* "1.5" of any locale is not what SVG takes. */
static const char *number(char *buf, double v)
{
    return g_ascii_formatd(buf, G_ASCII_DTOSTR_BUF_SIZE, "%.1f", v);
}

static void put_ticks(GString *page, const Axis *a)
{
    double step = a->span > 0 ? tick_step(a->span) : 1;
    double ratio = a->begin / step;
    gint64 first;
    char x[G_ASCII_DTOSTR_BUF_SIZE];

    /* Ages from zero a step makes no difference, nor has it an integer. */
    if (ratio < -1e15 || ratio > 1e15) {
        return;
    }
    first = (gint64)ratio + ((double)(gint64)ratio < ratio);
    for (unsigned i = 0; i < 20; i++) {
        double at = (double)(first + i) * step;

        if (at > a->begin + a->span) {
            break;
        }
        number(x, axis_x(a, at));
        put(page, "<line class=\"axis\" x1=\"%s\" y1=\"%d\" x2=\"%s\" "
            "y2=\"%d\"/><text class=\"t\" x=\"%s\" y=\"78\" text-anchor=\""
            "middle\">%g s</text>", x, AXIS_Y - 4, x, AXIS_Y + 24, x, at);
    }
}

/* The requester's messages stand on the axis, the responder's hang from it. */
static void put_mark(GString *page, const Track *t, const SpdmEntry *e,
                     const Axis *a)
{
    char x[G_ASCII_DTOSTR_BUF_SIZE];

    if (track_time(t, e) < a->begin) {
        return;
    }
    number(x, axis_x(a, track_time(t, e)));
    if (e->kind == SPDM_ENTRY_MESSAGE) {
        put(page, "<line class=\"%s\" stroke-width=\"2\" x1=\"%s\" y1=\"%d\" "
            "x2=\"%s\" y2=\"%d\"><title>%.6f s %s</title></line>",
            class_of(e), x, AXIS_Y, x, AXIS_Y + (e->requester ? -20 : 20),
            track_time(t, e), e->name);
    }
    if (e->bad || e->kind == SPDM_ENTRY_FAULT) {
        put(page, "<path class=\"isbad\" d=\"M%s 4 l5 6 l-5 6 l-5 -6 z\">"
            "<title>%.6f s %s</title></path>", x, track_time(t, e),
            e->verdict ? e->verdict : e->name);
    }
}

static void put_axis(GString *page, const Track *t, const GPtrArray *entries)
{
    const Axis axis = axis_of(t, entries);

    put(page, "<svg viewBox=\"0 0 %d 84\" role=\"img\" aria-label=\"time "
        "axis\"><line class=\"axis\" x1=\"%d\" y1=\"%d\" x2=\"%d\" "
        "y2=\"%d\"/>", WIDTH, AXIS_LEFT, AXIS_Y, AXIS_RIGHT, AXIS_Y);
    put_ticks(page, &axis);
    for (guint i = 0; i < entries->len; i++) {
        put_mark(page, t, g_ptr_array_index(entries, i), &axis);
    }
    put(page, "</svg>");
}

static void put_heads(GString *page)
{
    put(page, "<svg viewBox=\"0 0 %d 38\" role=\"img\" aria-label=\"the two "
        "ends\">", WIDTH);
    for (unsigned i = 0; i < 2; i++) {
        put(page, "<rect class=\"band\" x=\"%d\" y=\"4\" width=\"140\" "
            "height=\"28\" rx=\"4\"/><text class=\"n %s\" x=\"%d\" y=\"23\" "
            "text-anchor=\"middle\">%s</text>", (i ? RIGHT : LEFT) - 70,
            i ? "rsp" : "req", i ? RIGHT : LEFT,
            i ? "responder" : "requester");
    }
    put(page, "</svg>");
}

static void put_gap(GString *page, double seconds)
{
    put(page, "<svg viewBox=\"0 0 %d 26\" role=\"img\"><text class=\"dim\" "
        "x=\"%d\" y=\"18\" text-anchor=\"middle\">\u22ee  %.3f s pass  "
        "\u22ee</text></svg>", WIDTH, MIDDLE, seconds);
}

static void put_ladder(GString *page, const Track *t,
                       const GPtrArray *entries)
{
    double before = 0;

    put_heads(page);
    put(page, "<div class=\"ladder\">");
    for (guint i = 0; i < entries->len; i++) {
        const SpdmEntry *e = g_ptr_array_index(entries, i);
        double at = track_time(t, e);

        if (at - before > long_gap) {
            put_gap(page, at - before);
        }
        before = at;
        if (e->kind == SPDM_ENTRY_MESSAGE) {
            put_message(page, t, e, i);
        } else {
            put_other(page, t, e);
        }
    }
    put(page, "</div>");
}

/* What went wrong, each with its time; the page's first answer. */
static void put_conclusion(GString *page, const Track *t,
                           const GPtrArray *entries)
{
    bool bad = track_conclusion(t) != NULL;
    unsigned left = MAX_CONCLUSIONS;

    put(page, "<div class=\"end %s\">", bad ? "bad" : "good");
    if (!bad) {
        put(page, "Nothing that can be checked is wrong.");
    }
    for (guint i = 0; i < entries->len && left; i++) {
        const SpdmEntry *e = g_ptr_array_index(entries, i);

        if (e->bad && e->verdict) {
            put(page, "<div><a href=\"#%s-%u\">%.3f s</a> %s</div>",
                t->device, i, track_time(t, e), e->verdict);
            left--;
        }
    }
    put(page, "</div>");
}

static void put_track(GString *page, const Track *t)
{
    const GPtrArray *entries = spdm_observer_entries(t->observer);
    g_autofree char *summary = spdm_observer_summary(t->observer);

    put(page, "<section><h2>%s</h2><p class=\"sum\">%s</p>", t->device,
        *summary ? summary : "nothing was negotiated");
    put_conclusion(page, t, entries);
    if (entries->len) {
        put_axis(page, t, entries);
        put_ladder(page, t, entries);
    }
    put(page, "</section>");
}

static const char legend[] =
    "<p class=\"legend\">A message opens with a click: its fields, as they "
    "are in DSP0274. A double line is an encrypted record, with the session's "
    "id at its right. \u2713 what the message claims (signature, verify data, "
    "digest, chain) was verified by whoever made this page; \u2717 it does "
    "not hold. On the time axis the requester's messages stand, the "
    "responder's hang; \u25c6 a fault or an abort.</p>";

char *make_html(const Tracks *t, const char *title)
{
    GString *page = g_string_new("<!DOCTYPE html>\n");

    put(page, "<html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width\">"
        "<title>%s</title><style>", title);
    g_string_append(page, HTML_STYLE);
    put(page, "</style></head><body><h1>SPDM: %s</h1>", title);
    for (guint i = 0; i < t->list->len; i++) {
        put_track(page, g_ptr_array_index(t->list, i));
    }
    g_string_append(page, legend);
    put(page, "</body></html>\n");
    return g_string_free(page, FALSE);
}

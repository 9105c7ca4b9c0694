/*
 * Events: JSON lines, one an event. The schema is in docs/tracing.rst.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "core/describe.h"
#include "trace/trace-int.h"

enum {
    FORMAT = 1,
    MAX_HEX = 16 * 1024,     /* bytes of a message that are told */
};

/* RFC 8259 section 7. What is not UTF-8 is made so. */
static void put_string(GString *line, const char *key, const char *value)
{
    g_autofree char *valid = g_utf8_make_valid(value, -1);

    g_string_append_printf(line, ",\"%s\":\"", key);
    for (const char *s = valid; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '"' || c == '\\') {
            g_string_append_printf(line, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            g_string_append_printf(line, "\\u%04x", c);
        } else {
            g_string_append_c(line, (char)c);
        }
    }
    g_string_append_c(line, '"');
}

static void put_int(GString *line, const char *key, uint64_t value)
{
    g_string_append_printf(line, ",\"%s\":%" G_GUINT64_FORMAT, key, value);
}

static void put_session(GString *line, uint32_t id)
{
    if (id) {
        g_string_append_printf(line, ",\"session\":\"%08x\"", id);
    }
}

static void put_hex(GString *line, SpdmBytes bytes)
{
    size_t len = MIN(bytes.len, (size_t)MAX_HEX);

    g_string_append(line, ",\"hex\":\"");
    for (size_t i = 0; i < len; i++) {
        g_string_append_printf(line, "%02x", bytes.data[i]);
    }
    g_string_append_c(line, '"');
    if (len < bytes.len) {
        put_int(line, "hex_cut", bytes.len - len);
    }
}

static GString *begin(const SpdmTrace *t, const char *event)
{
    GString *line = g_string_new(NULL);

    g_string_append_printf(line, "{\"event\":\"%s\",\"us\":%" G_GINT64_FORMAT,
                           event, spdm_trace_now(t));
    put_string(line, "device", t->device);
    if (t->connection) {
        put_int(line, "connection", t->connection);
    }
    return line;
}

/* Room for the line that says that there is no more room. */
enum { LAST_WORDS = 256 };

static void put_lost(SpdmTrace *t, uint64_t lost, const char *why)
{
    SpdmTraceOut *o = &t->events;
    GString *line = begin(t, "lost");

    put_int(line, "lost", lost);
    put_string(line, "why", why);
    g_string_append(line, "}\n");
    o->sink.write(o->sink.opaque, (const uint8_t *)line->str, line->len);
    g_string_free(line, TRUE);
}

/* Takes @line. What was lost before it is told first: never in silence. */
static void finish(SpdmTrace *t, GString *line)
{
    SpdmTraceOut *o = &t->events;
    uint64_t lost = o->lost;
    bool was_full = o->full;

    g_string_append(line, "}\n");
    if (t->limit && !o->full &&
        o->bytes + line->len + LAST_WORDS > t->limit) {
        o->full = true;
    }
    if (lost && !o->full) {
        put_lost(t, lost, "the reader did not keep up, or the disk was full");
    }
    if (spdm_trace_put(t, o, line->str, line->len)) {
        o->lost = 0;
    }
    if (o->full && !was_full) {
        put_lost(t, o->lost, "the limit of the trace is reached: nothing "
                 "more is recorded");
    }
    g_string_free(line, TRUE);
}

void spdm_trace_event_begin(SpdmTrace *t)
{
    GString *line = begin(t, "begin");

    put_int(line, "format", FORMAT);
    put_string(line, "transport", t->transport->name);
    finish(t, line);
}

void spdm_trace_event_end(SpdmTrace *t)
{
    if (t->events.lost) {
        put_lost(t, t->events.lost, t->events.full
                 ? "the limit of the trace was reached"
                 : "the reader did not keep up, or the disk was full");
    }
}

/* --- messages ------------------------------------------------------------ */

/* The message without the transport's padding, where it can be told. */
static SpdmBytes exact(const SpdmTapContext *c)
{
    SpdmBytes bytes = SPDM_BYTES(c->bytes->data, c->bytes->len);
    size_t size;
    SpdmMsg m;

    if (c->layout && spdm_msg_decode(c->layout, bytes, &m, &size, NULL)) {
        bytes.len = size;
    }
    return bytes;
}

/* What follows the name in a description. */
static void put_text(GString *line, const SpdmWireCtx *layout,
                     SpdmBytes message, const char *name)
{
    static const SpdmWireCtx unknown;
    g_autoptr(GString) text = g_string_new(NULL);
    size_t skip = strlen(name);

    spdm_describe(layout ? layout : &unknown, message, text);
    if (strncmp(text->str, name, skip) == 0) {
        skip += text->str[skip] == ' ';
        put_string(line, "text", text->str + skip);
    }
}

/* A record that came, and no message out of it. */
static void tell_unopened(SpdmTrace *t)
{
    GString *line;

    if (t->record_size) {
        line = begin(t, "note");
        put_session(line, t->record_session);
        g_string_append_printf(line, ",\"text\":\"a record of %zu bytes did "
                               "not open\"", t->record_size);
        t->record_size = 0;
        finish(t, line);
    }
}

void spdm_trace_event_message(SpdmTrace *t, const SpdmTapContext *c)
{
    bool requester = c->responder != c->outgoing;
    SpdmBytes message = exact(c);
    GString *line;

    if (c->event == SPDM_TAP_TX_MSG) {
        tell_unopened(t);
    }
    t->record_size = 0;
    line = begin(t, "message");
    put_int(line, "seq", ++t->seq);
    put_string(line, "from", requester ? "requester" : "responder");
    put_session(line, c->session_id);
    g_string_append_printf(line, ",\"secured\":%s",
                           c->secured ? "true" : "false");
    put_int(line, "size", message.len);
    if (message.len >= SPDM_HEADER_SIZE) {
        const char *name = spdm_code_name(message.data[1]);

        put_string(line, "version", spdm_version_name(message.data[0]));
        put_int(line, "code", message.data[1]);
        put_string(line, "name", name);
        put_text(line, c->layout, message, name);
    }
    put_hex(line, message);
    finish(t, line);
}

/* --- sessions ------------------------------------------------------------ */

/* Who is behind the end of a session, by the first words of why. */
static const struct {
    const char *why;
    const char *who;         /* NULL: an end in order */
} enders[] = {
    { "END_SESSION", NULL },
    { "GET_VERSION", "requester" },
    { "aborted by the operator", "operator" },
    { "aborted by the fault plan", "fault plan" },
    { "platform reset", "platform" },
    { "unplugged", "bus" },
    { "snapshot loaded", "platform" },
};

/* Whoever records knows of no other than itself. */
static const char *who_ended(const char *why, bool responder)
{
    for (size_t i = 0; i < G_N_ELEMENTS(enders); i++) {
        if (g_str_has_prefix(why, enders[i].why)) {
            return enders[i].who;
        }
    }
    return responder ? "responder" : "requester";
}

void spdm_trace_event_session(SpdmTrace *t, const SpdmTapContext *c)
{
    static const char ended[] = "ended: ";
    const char *what = c->session_event;
    bool begins = !strcmp(what, "handshake") || !strcmp(what, "established");
    const char *why = g_str_has_prefix(what, ended)
                      ? what + sizeof(ended) - 1 : what;
    const char *who = begins ? NULL : who_ended(why, c->responder);
    GString *line = begin(t, "session");

    put_session(line, c->session_id);
    put_string(line, "state", begins ? what : "ended");
    if (!begins) {
        put_string(line, "why", why);
    }
    finish(t, line);
    if (who) {
        line = begin(t, "abort");
        put_session(line, c->session_id);
        put_string(line, "who", who);
        put_string(line, "why", why);
        finish(t, line);
    }
}

/* --- frames and the rest ------------------------------------------------- */

static void put_note(SpdmTrace *t, const char *text)
{
    GString *line = begin(t, "note");

    put_string(line, "text", text);
    finish(t, line);
}

static void tell_discovery(SpdmTrace *t, const SpdmTapContext *c,
                           SpdmBytes payload)
{
    GString *line = begin(t, "doe");
    const uint8_t *p = payload.data;

    put_string(line, "what", "discovery");
    if (payload.len < 4) {
        put_string(line, "text", "shorter than an entry");
    } else if (c->responder != c->outgoing) {
        g_string_append_printf(line, ",\"text\":\"asks for entry %u\"", p[0]);
    } else {
        g_string_append_printf(line, ",\"text\":\"vendor %04x, type %u, next "
                               "entry %u\"", p[0] | p[1] << 8, p[2], p[3]);
    }
    finish(t, line);
}

void spdm_trace_event_frame(SpdmTrace *t, const SpdmTapContext *c)
{
    SpdmFrame frame;

    if (!t->transport->unpack(SPDM_BYTES(c->bytes->data, c->bytes->len),
                              &frame)) {
        g_autofree char *text = g_strdup_printf(
            "a frame of %u bytes that is none of %s", c->bytes->len,
            t->transport->name);

        put_note(t, text);
    } else if (frame.kind == SPDM_FRAME_DISCOVERY) {
        tell_discovery(t, c, frame.payload);
    } else if (c->event == SPDM_TAP_RX_FRAME) {
        tell_unopened(t);
        if (frame.kind == SPDM_FRAME_SECURED) {
            t->record_size = frame.payload.len;
            t->record_session = spdm_record_session_id(frame.payload);
        }
    }
}

void spdm_trace_fault(SpdmTrace *t, const char *rule, const char *action,
                      const char *event, const char *message)
{
    GString *line;

    if (!spdm_trace_wants(&t->events)) {
        return;
    }
    g_mutex_lock(&t->lock);
    line = begin(t, "fault");
    put_string(line, "rule", rule);
    put_string(line, "action", action);
    put_string(line, "at", event);
    put_string(line, "message", message);
    finish(t, line);
    g_mutex_unlock(&t->lock);
}

void spdm_trace_doe(SpdmTrace *t, const char *what, const char *text)
{
    GString *line;

    if (!spdm_trace_wants(&t->events)) {
        return;
    }
    g_mutex_lock(&t->lock);
    line = begin(t, "doe");
    put_string(line, "what", what);
    put_string(line, "text", text);
    finish(t, line);
    g_mutex_unlock(&t->lock);
}

void spdm_trace_note(SpdmTrace *t, const char *text)
{
    if (spdm_trace_wants(&t->events)) {
        g_mutex_lock(&t->lock);
        put_note(t, text);
        g_mutex_unlock(&t->lock);
    }
}

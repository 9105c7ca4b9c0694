/*
 * Events: lines of JSON, as docs/tracing.rst has them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "trace/trace.h"

#include <string.h>

#include "common/json-read.h"

static const char *text_of(GHashTable *event, const char *name)
{
    GVariant *v = g_hash_table_lookup(event, name);

    return v && g_variant_is_of_type(v, G_VARIANT_TYPE_STRING)
           ? g_variant_get_string(v, NULL) : NULL;
}

static int64_t int_of(GHashTable *event, const char *name)
{
    GVariant *v = g_hash_table_lookup(event, name);

    return v && g_variant_is_of_type(v, G_VARIANT_TYPE_INT64)
           ? g_variant_get_int64(v) : 0;
}

static bool true_of(GHashTable *event, const char *name)
{
    GVariant *v = g_hash_table_lookup(event, name);

    return v && g_variant_is_of_type(v, G_VARIANT_TYPE_BOOLEAN) &&
           g_variant_get_boolean(v);
}

static uint32_t session_of(GHashTable *event)
{
    const char *text = text_of(event, "session");
    guint64 id = 0;

    if (text) {
        g_ascii_string_to_unsigned(text, 16, 0, G_MAXUINT32, &id, NULL);
    }
    return (uint32_t)id;
}

static GByteArray *bytes_of(const char *hex)
{
    GByteArray *out = g_byte_array_new();

    for (; g_ascii_isxdigit(hex[0]) && g_ascii_isxdigit(hex[1]); hex += 2) {
        uint8_t byte = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 |
                                 g_ascii_xdigit_value(hex[1]));

        g_byte_array_append(out, &byte, 1);
    }
    return out;
}

static void on_message(Track *t, GHashTable *event)
{
    const char *hex = text_of(event, "hex");
    const char *from = text_of(event, "from");
    g_autoptr(GByteArray) bytes = bytes_of(hex ? hex : "");

    spdm_observer_message(t->observer, int_of(event, "us"),
                          from && !strcmp(from, "requester"),
                          true_of(event, "secured"), session_of(event),
                          SPDM_BYTES(bytes->data, bytes->len));
}

/* Two members of an event, as name and text of an entry. */
typedef struct Shape {
    const char *event;
    SpdmEntryKind kind;
    const char *name;            /* member; NULL: the event's own name */
    const char *text[2];
} Shape;

static const Shape shapes[] = {
    { "session", SPDM_ENTRY_SESSION, "state", { "why", NULL } },
    { "abort", SPDM_ENTRY_ABORT, "who", { "why", NULL } },
    { "fault", SPDM_ENTRY_FAULT, "rule", { "action", "message" } },
    { "doe", SPDM_ENTRY_DOE, "what", { "text", NULL } },
    { "note", SPDM_ENTRY_NOTE, NULL, { "text", NULL } },
    { "lost", SPDM_ENTRY_NOTE, NULL, { "why", NULL } },
};

static void on_other(Track *t, GHashTable *event, const Shape *shape)
{
    g_autoptr(GString) text = g_string_new(NULL);
    const char *name = shape->name ? text_of(event, shape->name)
                                   : shape->event;

    if (!strcmp(shape->event, "lost")) {
        g_string_append_printf(text, "%" G_GINT64_FORMAT " records: ",
                               int_of(event, "lost"));
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(shape->text); i++) {
        const char *part = shape->text[i] ? text_of(event, shape->text[i])
                                          : NULL;

        if (part && *part) {
            g_string_append_printf(text, "%s%s", i ? " " : "", part);
        }
    }
    spdm_observer_event(t->observer, shape->kind, int_of(event, "us"),
                        session_of(event), name ? name : "?", text->str);
}

static void on_event(Track *t, GHashTable *event, const char *what)
{
    if (!strcmp(what, "message")) {
        on_message(t, event);
        return;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
        if (!strcmp(what, shapes[i].event)) {
            on_other(t, event, &shapes[i]);
        }
    }
}

/* One device may have several connections, each a ladder of its own. */
static char *track_name(const char *device, int64_t connection)
{
    return connection ? g_strdup_printf("%s, connection %" G_GINT64_FORMAT,
                                        device, connection)
                      : g_strdup(device);
}

static bool read_line(Tracks *t, const char *line, size_t len, GError **errp)
{
    g_autoptr(GHashTable) event = json_read_object(line, len, errp);
    g_autofree char *name = NULL;
    const char *device, *what;
    Track *track;

    if (!event) {
        return false;
    }
    device = text_of(event, "device");
    what = text_of(event, "event");
    if (!device || !what) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "no event: it has no \"%s\"", what ? "device" : "event");
        return false;
    }
    name = track_name(device, int_of(event, "connection"));
    track = tracks_of(t, name, errp);
    if (track) {
        on_event(track, event, what);
    }
    return track != NULL;
}

bool tracks_read_events(Tracks *t, const char *name, const char *text,
                        size_t len, GError **errp)
{
    const char *end = text + len;
    unsigned number = 0;

    if (len == 0) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "%s: it is empty", name);
        return false;
    }
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));

        number++;
        if (!stop) {
            g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                        "%s: line %u is cut, or this is neither a capture "
                        "nor events", name, number);
            return false;
        }
        if (stop > text &&
            !read_line(t, text, (size_t)(stop - text), errp)) {
            g_prefix_error(errp, "%s: line %u: ", name, number);
            return false;
        }
        text = stop + 1;
    }
    return true;
}

/*
 * The fields of a message, for people.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "trace/observer.h"

enum {
    MAX_INT = 4,             /* bytes that are shown as a number, */
    MAX_BYTES = 48,          /* and others as so many bytes */
    MAX_FIELDS = 2048,
};

typedef struct Collect {
    GPtrArray *fields;
    SpdmBytes message;
} Collect;

static void field_free(gpointer data)
{
    SpdmEntryField *f = data;

    g_free(f->value);
    g_free(f);
}

static char *bytes_text(const uint8_t *at, size_t len)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < MIN(len, (size_t)MAX_BYTES); i++) {
        g_string_append_printf(out, "%02x", at[i]);
    }
    if (len > MAX_BYTES) {
        g_string_append_printf(out, "... (%zu bytes)", len);
    }
    return g_string_free(out, FALSE);
}

static char *int_text(const uint8_t *at, size_t len)
{
    unsigned long v = 0;

    for (size_t i = 0; i < len; i++) {
        v |= (unsigned long)at[i] << (8 * i);
    }
    return v < 10 ? g_strdup_printf("%lu", v)
                  : g_strdup_printf("%lu (%#lx)", v, v);
}

static char *value_text(const char *name, const uint8_t *at, size_t len)
{
    if (!strcmp(name, "SPDMVersion") && len == 1) {
        return g_strdup(spdm_version_name(*at));
    }
    if (!strcmp(name, "RequestResponseCode") && len == 1) {
        return g_strdup_printf("%#04x (%s)", *at, spdm_code_name(*at));
    }
    return len <= MAX_INT ? int_text(at, len) : bytes_text(at, len);
}

static void collect(void *opaque, const char *name, size_t offset, size_t len)
{
    Collect *c = opaque;
    SpdmEntryField *f;

    if (c->fields->len == MAX_FIELDS) {
        return;
    }
    f = g_new0(SpdmEntryField, 1);
    f->name = name;
    f->offset = offset;
    f->len = len;
    f->value = value_text(name, c->message.data + offset, len);
    g_ptr_array_add(c->fields, f);
}

GPtrArray *spdm_entry_fields(const SpdmWireCtx *ctx, SpdmBytes message)
{
    Collect c = { g_ptr_array_new_with_free_func(field_free), message };
    const SpdmFieldSink sink = { collect, &c };
    size_t size;
    SpdmMsg m;

    if (spdm_msg_decode(ctx, message, &m, &size, &sink) &&
        size < message.len) {
        collect(&c, "(what follows)", size, message.len - size);
    }
    return c.fields;
}

/*
 * Comparing messages by their fields.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fields.h"

#include <string.h>

typedef struct Field {
    const char *name;
    size_t offset;
    size_t len;
} Field;

static void note(void *opaque, const char *name, size_t offset, size_t len)
{
    Field field = { name ? name : "reserved", offset, len };

    g_array_append_val((GArray *)opaque, field);
}

static bool is_tail(const char *name)
{
    return strcmp(name, "Signature") == 0 ||
           g_str_has_suffix(name, "VerifyData");
}

static GArray *fields_of(const SpdmWireCtx *ctx, SpdmBytes message)
{
    g_autoptr(GArray) fields = g_array_new(FALSE, FALSE, sizeof(Field));
    SpdmFieldSink sink = { note, fields };
    SpdmMsg m;

    return spdm_msg_decode(ctx, message, &m, NULL, &sink)
           ? g_steal_pointer(&fields) : NULL;
}

size_t fields_tail(const SpdmWireCtx *ctx, SpdmBytes message)
{
    g_autoptr(GArray) fields = fields_of(ctx, message);
    size_t tail = 0;

    for (guint i = 0; fields && i < fields->len; i++) {
        const Field *field = &g_array_index(fields, Field, i);

        tail += is_tail(field->name) ? field->len : 0;
    }
    return tail;
}

static bool is_free(const FreeField *free, uint8_t code, const char *name)
{
    for (; free->code; free++) {
        if (free->code == code && strcmp(free->field, name) == 0) {
            return true;
        }
    }
    return false;
}

static void remember(Tally *tally, const char *message, const char *field)
{
    g_autofree char *name = g_strdup_printf("%s.%s", message, field);

    if (!tally->fields) {
        tally->fields = g_ptr_array_new_with_free_func(g_free);
    }
    if (!g_ptr_array_find_with_equal_func(tally->fields, name, g_str_equal,
                                          NULL)) {
        g_ptr_array_add(tally->fields, g_steal_pointer(&name));
    }
}

static void complain(const char *message, const char *field, SpdmBytes own,
                     SpdmBytes recorded)
{
    g_autoptr(GString) text = g_string_new(NULL);

    for (size_t i = 0; i < own.len; i++) {
        g_string_append_printf(text, "%02x", own.data[i]);
    }
    g_string_append(text, ", recorded ");
    for (size_t i = 0; i < recorded.len; i++) {
        g_string_append_printf(text, "%02x", recorded.data[i]);
    }
    g_test_message("%s.%s is %s", message, field, text->str);
    g_test_fail();
}

static SpdmBytes bytes_of(SpdmBytes message, const Field *field)
{
    return SPDM_BYTES(message.data + field->offset, field->len);
}

static bool equal(SpdmBytes a, SpdmBytes b)
{
    return a.len == b.len && (!a.len || memcmp(a.data, b.data, a.len) == 0);
}

static int compare_messages(const SpdmWireCtx *ctx, SpdmBytes own,
                            SpdmBytes recorded, const FreeField *free,
                            Tally *tally);

/* -1: a field differs that must not; else how many differ. */
static int compare(const SpdmWireCtx *ctx, SpdmBytes own, const GArray *ours,
                   SpdmBytes recorded, const GArray *theirs,
                   const FreeField *free, Tally *tally)
{
    uint8_t code = recorded.data[1];
    const char *message = spdm_code_name(code);
    int differ = 0, inside;

    for (guint i = 0; i < ours->len; i++) {
        const Field *a = &g_array_index(ours, Field, i);
        const Field *b = &g_array_index(theirs, Field, i);
        SpdmBytes x = bytes_of(own, a), y = bytes_of(recorded, b);

        if (is_tail(a->name) || equal(x, y)) {
            continue;
        }
        if (ctx->embedded && strcmp(a->name, "EncapsulatedMessage") == 0) {
            inside = compare_messages(ctx->embedded, x, y, free, tally);
            if (inside < 0) {
                return -1;
            }
            differ += inside;
            continue;
        }
        if (!is_free(free, code, a->name)) {
            complain(message, a->name, x, y);
            return -1;
        }
        remember(tally, message, a->name);
        differ++;
    }
    return differ;
}

static int compare_messages(const SpdmWireCtx *ctx, SpdmBytes own,
                            SpdmBytes recorded, const FreeField *free,
                            Tally *tally)
{
    g_autoptr(GByteArray) padded = g_byte_array_new();
    g_autoptr(GArray) ours = NULL, theirs = fields_of(ctx, recorded);

    g_byte_array_append(padded, own.data, (guint)own.len);
    g_byte_array_set_size(padded, padded->len +
                          (guint)fields_tail(ctx, recorded));
    own = SPDM_BYTES(padded->data, padded->len);
    ours = fields_of(ctx, own);
    if (!ours || !theirs || ours->len != theirs->len) {
        complain(spdm_code_name(recorded.data[1]), "layout", own, recorded);
        return -1;
    }
    return compare(ctx, own, ours, recorded, theirs, free, tally);
}

bool fields_compare(const SpdmWireCtx *ctx, SpdmBytes own, SpdmBytes recorded,
                    const FreeField *free, Tally *tally)
{
    int differ = compare_messages(ctx, own, recorded, free, tally);

    tally->equal += differ == 0;
    tally->by_fields += differ > 0;
    return differ >= 0;
}

void tally_free(Tally *tally, const char *message, const char *field)
{
    remember(tally, message, field);
    tally->by_fields++;
}

void tally_clear(Tally *tally)
{
    g_clear_pointer(&tally->fields, g_ptr_array_unref);
    g_clear_pointer(&tally->why_not, g_free);
}

char *tally_text(const Tally *tally)
{
    GString *text = g_string_new(NULL);

    g_string_append_printf(text, "%u equal", tally->equal);
    if (tally->by_fields) {
        g_string_append_printf(text, ", %u but for ", tally->by_fields);
        for (guint i = 0; i < tally->fields->len; i++) {
            g_string_append_printf(text, "%s%s", i ? " " : "",
                                   (char *)tally->fields->pdata[i]);
        }
    }
    if (tally->foreign) {
        g_string_append_printf(text, ", %u of an application",
                               tally->foreign);
    }
    if (tally->why_not) {
        g_string_append_printf(text, "; %s", tally->why_not);
    }
    return g_string_free(text, FALSE);
}

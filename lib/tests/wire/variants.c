/*
 * Messages off by one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "variants.h"

typedef enum VariantKind {
    CUT_BEFORE,
    CUT_AT,
    CUT_BEHIND,
    INSERT,
    DELETE,
    ONE_MORE,
    ONE_LESS,
    VARIANT_KINDS,
} VariantKind;

enum { INTEGER_MAX = 4 };        /* bytes of what may be a length */

typedef struct Field {
    const char *name;
    size_t at;
    size_t len;
} Field;

static void note_field(void *opaque, const char *name, size_t offset,
                       size_t len)
{
    Field field = { name, offset, len };

    g_array_append_val(opaque, field);
}

void variants_init(Variants *v, const SpdmWireCtx *ctx, SpdmBytes message)
{
    SpdmFieldSink sink = { .field = note_field };
    SpdmMsg m;

    v->fields = g_array_new(FALSE, FALSE, sizeof(Field));
    v->message = g_byte_array_new();
    g_byte_array_append(v->message, message.data, (guint)message.len);
    sink.opaque = v->fields;
    spdm_msg_decode(ctx, message, &m, NULL, &sink);
    note_field(v->fields, "the end", message.len, 0);
}

void variants_clear(Variants *v)
{
    if (v->fields) {
        g_array_unref(v->fields);
        g_byte_array_unref(v->message);
    }
}

unsigned variants_count(const Variants *v)
{
    return v->fields->len * VARIANT_KINDS;
}

static void insert(GByteArray *out, size_t at)
{
    guint8 *data;

    g_byte_array_set_size(out, out->len + 1);
    data = out->data + at;
    memmove(data + 1, data, out->len - 1 - at);
    *data = 0;
}

/* A little-endian integer; it may wrap. */
static void add(GByteArray *out, const Field *f, unsigned n)
{
    for (size_t i = 0; i < f->len; i++) {
        n += out->data[f->at + i];
        out->data[f->at + i] = (uint8_t)n;
        n = n > 0xff ? n >> 8 : 0;
    }
}

static void subtract(GByteArray *out, const Field *f)
{
    for (size_t i = 0; i < f->len; i++) {
        if (out->data[f->at + i]-- != 0) {
            break;
        }
    }
}

/* @end: length of the message, which is no variant of itself. */
static bool applies(const Field *f, VariantKind kind, size_t end)
{
    switch (kind) {
    case CUT_BEFORE:
        return f->at > 0;
    case CUT_BEHIND:
        return f->at + 1 < end;
    case CUT_AT:
    case DELETE:
        return f->len > 0;
    case ONE_MORE:
    case ONE_LESS:
        return f->len > 0 && f->len <= INTEGER_MAX;
    default:
        return true;
    }
}

static void change(const Field *f, VariantKind kind, GByteArray *out)
{
    switch (kind) {
    case CUT_BEFORE:
        g_byte_array_set_size(out, (guint)f->at - 1);
        break;
    case CUT_AT:
        g_byte_array_set_size(out, (guint)f->at);
        break;
    case CUT_BEHIND:
        g_byte_array_set_size(out, (guint)f->at + 1);
        break;
    case INSERT:
        insert(out, f->at);
        break;
    case DELETE:
        g_byte_array_remove_index(out, (guint)f->at);
        break;
    case ONE_MORE:
        add(out, f, 1);
        break;
    default:
        subtract(out, f);
        break;
    }
}

char *variant_make(const Variants *v, unsigned k, GByteArray *out)
{
    static const char *const sentences[VARIANT_KINDS] = {
        "cut a byte before", "cut at", "cut a byte behind the start of",
        "a byte too many before", "a byte too few in", "one more in",
        "one less in",
    };
    const Field *f = &g_array_index(v->fields, Field, k / VARIANT_KINDS);
    VariantKind kind = (VariantKind)(k % VARIANT_KINDS);

    if (!applies(f, kind, v->message->len)) {
        return NULL;
    }
    g_byte_array_set_size(out, 0);
    g_byte_array_append(out, v->message->data, v->message->len);
    change(f, kind, out);
    return g_strdup_printf("%s %s", sentences[kind], f->name);
}

typedef struct Look {
    const uint8_t *bytes;
    size_t len;
    unsigned sum;                /* so that the reads are made */
} Look;

static void look_at_field(void *opaque, const char *name, size_t offset,
                          size_t len)
{
    Look *look = opaque;

    g_assert_nonnull(name);
    g_assert_cmpuint(offset, <=, look->len);
    g_assert_cmpuint(len, <=, look->len - offset);
    for (size_t i = 0; i < len; i++) {
        look->sum += look->bytes[offset + i];
    }
}

void variant_decode(const SpdmWireCtx *ctx, SpdmBytes bytes)
{
    g_autofree uint8_t *copy = g_memdup2(bytes.data, bytes.len);
    g_autoptr(GByteArray) again = g_byte_array_new();
    Look look = { copy, bytes.len, 0 };
    SpdmFieldSink sink = { look_at_field, &look };
    SpdmMsg m;
    size_t size;

    if (spdm_msg_decode(ctx, SPDM_BYTES(copy, bytes.len), &m, &size, &sink)) {
        g_assert_cmpuint(size, <=, bytes.len);
        if (spdm_msg_encode(ctx, &m, again)) {
            g_assert_cmpuint(again->len, <=, size);
        }
    }
}

unsigned variants_decode(const SpdmWireCtx *ctx, SpdmBytes message)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_auto(Variants) v = { .fields = NULL };
    unsigned n = 0;

    variants_init(&v, ctx, message);
    for (unsigned k = 0; k < variants_count(&v); k++) {
        g_autofree char *what = variant_make(&v, k, out);

        if (what) {
            variant_decode(ctx, SPDM_BYTES(out->data, out->len));
            n++;
        }
    }
    return n;
}

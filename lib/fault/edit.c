/*
 * Finding the bytes of a target, and changing them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/engine.h"

#include <string.h>

/* SplitMix64: small, and equally good for every seed, 0 too. */
uint64_t fault_random(uint64_t *rng)
{
    uint64_t z = *rng += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

typedef struct Search {
    const FaultTarget *target;
    unsigned seen;
    FaultRegion *region;
} Search;

static void look(void *opaque, const char *name, size_t offset, size_t len)
{
    Search *s = opaque;

    if (!strcmp(name, s->target->field) && ++s->seen == s->target->nth) {
        *s->region = (FaultRegion){ offset, len };
    }
}

static bool find_start(const FaultPlace *place, SpdmBytes bytes,
                       const FaultTarget *t, FaultRegion *region)
{
    Search s = { .target = t, .region = region };
    const SpdmFieldSink sink = { look, &s };
    int64_t at = t->offset < 0 ? (int64_t)bytes.len + t->offset : t->offset;

    if (t->field) {
        place->fields(place->opaque, bytes, &sink);
        return s.seen >= t->nth;
    }
    if (at < 0 || at > (int64_t)bytes.len) {
        return false;
    }
    *region = (FaultRegion){ (size_t)at, bytes.len - (size_t)at };
    return true;
}

bool fault_find(const FaultPlace *place, SpdmBytes bytes,
                const FaultTarget *t, FaultRegion *region)
{
    if (!find_start(place, bytes, t, region)) {
        return false;
    }
    if (!t->indexed) {
        return true;
    }
    if (t->to > region->len) {
        return false;
    }
    *region = (FaultRegion){ region->at + t->from, t->to - t->from };
    return true;
}

/* --- values --------------------------------------------------------------- */

static void put_number(const FaultValue *v, size_t width, GByteArray *out)
{
    guint start = out->len;

    g_byte_array_set_size(out, start + (guint)width);
    memset(out->data + start, 0, width);
    for (size_t i = 0; i < MIN(width, sizeof(v->number)); i++) {
        size_t at = v->kind == FAULT_VALUE_BIG ? width - 1 - i : i;

        out->data[start + at] = (uint8_t)(v->number >> (8 * i));
    }
}

static void put_random(size_t len, uint64_t *rng, GByteArray *out)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)fault_random(rng);

        g_byte_array_append(out, &byte, 1);
    }
}

/* @width: what numbers and fills without a count have. */
static void put_value(const FaultValue *v, size_t width, uint64_t *rng,
                      GByteArray *out)
{
    size_t count = v->count ? v->count : width;
    guint start = out->len;
    gsize len;

    switch (v->kind) {
    case FAULT_VALUE_NUMBER:
    case FAULT_VALUE_BIG:
        put_number(v, width, out);
        break;
    case FAULT_VALUE_BYTES:
        g_byte_array_append(out, g_bytes_get_data(v->bytes, &len),
                            (guint)g_bytes_get_size(v->bytes));
        break;
    case FAULT_VALUE_RANDOM:
        put_random(count, rng, out);
        break;
    default:
        g_byte_array_set_size(out, start + (guint)count);
        memset(out->data + start, v->fill, count);
    }
}

void fault_value_append(const FaultValue *v, uint64_t *rng, GByteArray *out)
{
    put_value(v, v->count, rng, out);
}

/* --- edits ---------------------------------------------------------------- */

typedef struct Edit {
    const FaultAction *a;
    const FaultPlace *place;
    GByteArray *bytes;
    const GByteArray *before;
    uint64_t *rng;
    FaultRegion region;
} Edit;

/* A number at a bare offset is one byte: the target goes to the end. */
static size_t width_of(const Edit *e)
{
    const FaultAction *a = e->a;
    bool number = a->value.kind == FAULT_VALUE_NUMBER ||
                  a->value.kind == FAULT_VALUE_BIG;
    bool open = !a->target.field && !a->target.indexed;

    return number && (open || a->kind == FAULT_INSERT) ? 1 : e->region.len;
}

static bool get_value(const Edit *e, GByteArray *value)
{
    FaultRegion was;

    if (e->a->value.kind != FAULT_VALUE_PREVIOUS) {
        put_value(&e->a->value, width_of(e), e->rng, value);
        return true;
    }
    if (!e->before ||
        !fault_find(e->place, SPDM_BYTES(e->before->data, e->before->len),
                    &e->a->target, &was)) {
        return false;
    }
    g_byte_array_append(value, e->before->data + was.at, (guint)was.len);
    return true;
}

static void combine(FaultActionKind kind, uint8_t *at, const GByteArray *v)
{
    for (guint i = 0; i < v->len; i++) {
        uint8_t x = v->data[i];

        at[i] = kind == FAULT_SET ? x : kind == FAULT_XOR ? at[i] ^ x :
                kind == FAULT_OR ? at[i] | x : (uint8_t)(at[i] & ~x);
    }
}

/* The @len bytes at @at become @v. */
static void put_in_place(GByteArray *bytes, size_t at, size_t len,
                         const GByteArray *v)
{
    size_t behind = bytes->len - at - len;
    guint size = (guint)(at + v->len + behind);

    if (size > bytes->len) {
        g_byte_array_set_size(bytes, size);
    }
    memmove(bytes->data + at + v->len, bytes->data + at + len, behind);
    if (v->len) {
        memcpy(bytes->data + at, v->data, v->len);
    }
    g_byte_array_set_size(bytes, size);
}

static bool add(const Edit *e)
{
    uint8_t *at = e->bytes->data + e->region.at;
    uint64_t sum = (uint64_t)e->a->number;

    if (!e->region.len || e->region.len > sizeof(sum)) {
        return false;
    }
    for (size_t i = 0; i < e->region.len; i++) {
        sum += at[i];
        at[i] = (uint8_t)sum;
        sum = (uint64_t)((int64_t)sum >> 8);
    }
    return true;
}

static bool change(const Edit *e, const GByteArray *v)
{
    FaultRegion region = e->region;

    switch (e->a->kind) {
    case FAULT_INSERT:
        put_in_place(e->bytes, region.at, 0, v);
        return v->len > 0;
    case FAULT_SPLICE:
        put_in_place(e->bytes, region.at, region.len, v);
        return true;
    default:
        if (v->len > region.len || !v->len) {
            return false;
        }
        combine(e->a->kind, e->bytes->data + region.at, v);
        return true;
    }
}

static bool edit_region(Edit *e)
{
    g_autoptr(GByteArray) value = g_byte_array_new();

    if (!fault_find(e->place, SPDM_BYTES(e->bytes->data, e->bytes->len),
                    &e->a->target, &e->region)) {
        return false;
    }
    switch (e->a->kind) {
    case FAULT_ADD:
        return add(e);
    case FAULT_DELETE:
        put_in_place(e->bytes, e->region.at, e->region.len, value);
        return e->region.len > 0;
    case FAULT_TRUNCATE:
        g_byte_array_set_size(e->bytes, (guint)e->region.at);
        return e->region.len > 0;
    default:
        return get_value(e, value) && change(e, value);
    }
}

bool fault_edit(const FaultAction *a, const FaultPlace *place,
                GByteArray *bytes, const GByteArray *before, uint64_t *rng)
{
    Edit e = { .a = a, .place = place, .bytes = bytes, .before = before,
               .rng = rng };

    if (a->kind == FAULT_REPLACE) {
        g_byte_array_set_size(bytes, 0);
    }
    if (a->kind == FAULT_REPLACE || a->kind == FAULT_EXTEND) {
        fault_value_append(&a->value, rng, bytes);
        return true;
    }
    return edit_region(&e);
}

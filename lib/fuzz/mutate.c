/*
 * Mutations of messages, frames and snapshots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile-int.h"

#include <string.h>

/* splitmix64: the same cases on every machine. */
uint64_t hostile_random(Hostile *h)
{
    uint64_t z = h->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

unsigned hostile_below(Hostile *h, unsigned n)
{
    return n ? (unsigned)(hostile_random(h) % n) : 0;
}

typedef struct Collector {
    HostileField *fields;
    unsigned count;
} Collector;

static void collect(void *opaque, const char *name, size_t offset,
                    size_t len)
{
    Collector *c = opaque;

    if (c->count < HOSTILE_MAX_FIELDS) {
        c->fields[c->count++] = (HostileField){ offset, len };
    }
}

unsigned hostile_fields_of(const Hostile *h, SpdmBytes message,
                           HostileField *fields)
{
    SpdmWireCtx ctx = spdm_conn_wire_ctx(&h->r->conn);
    Collector c = { fields, 0 };
    SpdmFieldSink sink = { collect, &c };
    SpdmMsg m;

    spdm_msg_decode(&ctx, message, &m, NULL, &sink);
    return c.count;
}

static uint32_t interesting(Hostile *h, size_t len)
{
    const uint32_t values[] = {
        0, 1, 2, 4, 0x1f, 0x20, 0x21, 0x7f, 0x80, 0xff, 0x100, 0x400, 0x401,
        0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000, 0x7fffffff, 0x80000000,
        0xfffffffe, 0xffffffff, (uint32_t)len, (uint32_t)len - 1,
        (uint32_t)len + 1, (uint32_t)hostile_random(h),
    };

    return values[hostile_below(h, G_N_ELEMENTS(values))];
}

static void flip(Hostile *h, GByteArray *b)
{
    b->data[hostile_below(h, b->len)] ^= (uint8_t)(1 << hostile_below(h, 8));
}

/* A little-endian integer of 1, 2, 3, 4 or 8 bytes somewhere. */
static void set_int(Hostile *h, GByteArray *b)
{
    static const uint8_t sizes[] = { 1, 1, 2, 2, 2, 3, 4, 8 };
    size_t size = sizes[hostile_below(h, G_N_ELEMENTS(sizes))];
    size_t at = hostile_below(h, b->len);
    uint64_t v = interesting(h, b->len);

    v |= hostile_below(h, 2) ? v << 32 : 0;
    for (size_t i = 0; i < size && at + i < b->len; i++) {
        b->data[at + i] = (uint8_t)(v >> (8 * i));
    }
}

static void cut(Hostile *h, GByteArray *b)
{
    g_byte_array_set_size(b, hostile_below(h, b->len));
}

static void stretch(Hostile *h, GByteArray *b)
{
    static const unsigned most[] = { 4, 16, 300, 5000, 70000 };
    unsigned kind = hostile_below(h, 32);
    unsigned more = 1 + hostile_below(h, most[kind < 16 ? 0 : kind < 24 ? 1 :
                                              kind < 30 ? 2 :
                                              kind < 31 ? 3 : 4]);
    guint at = b->len;
    int fill = (int)hostile_below(h, 3) - 1;

    g_byte_array_set_size(b, at + more);
    for (; at < b->len; at++) {
        b->data[at] = fill < 0 ? (uint8_t)hostile_random(h)
                               : (uint8_t)-fill;
    }
}

static void remove_range(Hostile *h, GByteArray *b)
{
    guint at = hostile_below(h, b->len);
    guint len = 1 + hostile_below(h, 40);

    g_byte_array_remove_range(b, at, MIN(b->len - at, len));
}

static void repeat_range(Hostile *h, GByteArray *b)
{
    guint at = hostile_below(h, b->len);
    guint len = 1 + hostile_below(h, 64);
    g_autofree uint8_t *copy = NULL;

    len = MIN(b->len - at, len);
    copy = g_memdup2(b->data + at, len);
    g_byte_array_append(b, copy, len);
}

static void noise(Hostile *h, GByteArray *b)
{
    guint at = hostile_below(h, b->len);
    guint end = at + 1 + hostile_below(h, 64);

    for (; at < MIN(b->len, end); at++) {
        b->data[at] = (uint8_t)hostile_random(h);
    }
}

/* One whole field, or the bytes up to one of its edges. */
static void bend_field(Hostile *h, GByteArray *b)
{
    HostileField fields[HOSTILE_MAX_FIELDS];
    unsigned n = hostile_fields_of(h, SPDM_BYTES(b->data, b->len), fields);
    HostileField f;

    if (!n) {
        flip(h, b);
        return;
    }
    f = fields[hostile_below(h, n)];
    switch (hostile_below(h, 6)) {
    case 0:
        g_byte_array_set_size(b, (guint)f.offset);
        break;
    case 1:
        g_byte_array_set_size(b, (guint)(f.offset + f.len - 1));
        break;
    case 2:
        memset(b->data + f.offset, 0, f.len);
        break;
    case 3:
        memset(b->data + f.offset, 0xff, f.len);
        break;
    case 4:
        b->data[f.offset]++;
        break;
    default:
        b->data[f.offset + f.len - 1]--;
        break;
    }
}

void hostile_mutate(Hostile *h, GByteArray *b)
{
    static void (*const ways[])(Hostile *, GByteArray *) = {
        flip, flip, set_int, set_int, cut, stretch, remove_range,
        repeat_range, noise, bend_field, bend_field, bend_field,
    };
    unsigned n = hostile_below(h, 4) ? 1 : 1 + hostile_below(h, 4);

    for (unsigned i = 0; i < n && b->len; i++) {
        ways[hostile_below(h, G_N_ELEMENTS(ways))](h, b);
    }
}

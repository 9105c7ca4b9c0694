/*
 * The coder: bounded, sticky reads and writes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/codec.h"

#include <string.h>

#include "wire/copy.h"

SpdmCoder spdm_coder_reader(const SpdmWireCtx *ctx, SpdmBytes bytes)
{
    return (SpdmCoder){ .ctx = ctx, .in = bytes.data, .in_len = bytes.len };
}

SpdmCoder spdm_coder_namer(const SpdmWireCtx *ctx, const SpdmFieldSink *sink)
{
    return (SpdmCoder){ .ctx = ctx, .sink = sink, .naming = true };
}

SpdmCoder spdm_coder_writer(const SpdmWireCtx *ctx, GByteArray *out)
{
    return (SpdmCoder){ .ctx = ctx, .out = out, .start = out->len };
}

SpdmCoder spdm_coder_quick_writer(const SpdmWireCtx *ctx, GByteArray *out)
{
    SpdmCoder c = spdm_coder_writer(ctx, out);

    c.ahead = true;
    return c;
}

void spdm_coder_end(SpdmCoder *c)
{
    spdm_array_cut(c->out, c->start + c->pos);
}

size_t spdm_coder_left(const SpdmCoder *c)
{
    return spdm_coder_decoding(c) ? c->in_len - c->pos : 0;
}

void spdm_coder_fail(SpdmCoder *c)
{
    c->failed = true;
}

/* Room for @len bytes more, up to @end. */
static void extend(SpdmCoder *c, size_t end)
{
    enum { AHEAD = 64 };

    g_byte_array_set_size(c->out, (guint)(end + (c->ahead ? AHEAD : 0)));
}

/* The same without a message: the field is only named. */
static uint8_t *name_only(SpdmCoder *c, const char *name, size_t len)
{
    if (c->naming && !c->failed) {
        c->sink->field(c->sink->opaque, name, 0, len);
    }
    return NULL;
}

/*
 * Passes @len bytes: reading returns where they are, writing returns room for
 * them. NULL once failed. The only place where the cursor moves, and part of
 * whoever calls it: a message has a dozen fields of one or two bytes.
 */
static inline __attribute__((always_inline)) uint8_t *
advance(SpdmCoder *c, const char *name, size_t len)
{
    size_t at = c->pos;

    if (G_UNLIKELY(c->failed || c->naming)) {
        return name_only(c, name, len);
    }
    if (spdm_coder_decoding(c) && len > c->in_len - at) {
        c->failed = true;
        return NULL;
    }
    if (G_UNLIKELY(c->sink && len)) {
        c->sink->field(c->sink->opaque, name, at, len);
    }
    c->pos = at + len;
    if (spdm_coder_decoding(c)) {
        return (uint8_t *)c->in + at;
    }
    if (c->start + c->pos > c->out->len) {
        extend(c, c->start + c->pos);
    }
    return c->out->data + c->start + at;
}

static inline __attribute__((always_inline)) uint64_t
code_int(SpdmCoder *c, const char *name, uint64_t v, size_t len)
{
    uint8_t *at = advance(c, name, len);
    uint64_t out = 0;

    if (!at) {
        return c->naming ? v : 0;
    }
    for (size_t i = 0; i < len; i++) {
        if (spdm_coder_decoding(c)) {
            out |= (uint64_t)at[i] << (8 * i);
        } else {
            at[i] = (uint8_t)(v >> (8 * i));
        }
    }
    return spdm_coder_decoding(c) ? out : v;
}

void spdm_code_u8(SpdmCoder *c, const char *name, uint8_t *v)
{
    *v = (uint8_t)code_int(c, name, *v, 1);
}

/* In one step, unless each is to be named: every message has one. */
void spdm_code_header(SpdmCoder *c, SpdmHeader *h)
{
    uint8_t *at;

    if (c->sink) {
        spdm_code_u8(c, "SPDMVersion", &h->version);
        spdm_code_u8(c, "RequestResponseCode", &h->code);
        spdm_code_u8(c, "Param1", &h->param1);
        spdm_code_u8(c, "Param2", &h->param2);
        return;
    }
    at = advance(c, "header", SPDM_HEADER_SIZE);
    if (at && spdm_coder_decoding(c)) {
        *h = (SpdmHeader){ at[0], at[1], at[2], at[3] };
    } else if (at) {
        at[0] = h->version;
        at[1] = h->code;
        at[2] = h->param1;
        at[3] = h->param2;
    }
}

void spdm_code_bool(SpdmCoder *c, const char *name, bool *v)
{
    uint8_t byte = *v;

    spdm_code_u8(c, name, &byte);
    if (byte > 1) {
        spdm_coder_fail(c);
    }
    *v = byte == 1;
}

void spdm_code_u16(SpdmCoder *c, const char *name, uint16_t *v)
{
    *v = (uint16_t)code_int(c, name, *v, 2);
}

void spdm_code_u24(SpdmCoder *c, const char *name, uint32_t *v)
{
    *v = (uint32_t)code_int(c, name, *v, 3);
}

void spdm_code_u32(SpdmCoder *c, const char *name, uint32_t *v)
{
    *v = (uint32_t)code_int(c, name, *v, 4);
}

void spdm_code_u64(SpdmCoder *c, const char *name, uint64_t *v)
{
    *v = code_int(c, name, *v, 8);
}

void spdm_code_reserved(SpdmCoder *c, size_t len)
{
    uint8_t *at = advance(c, "Reserved", len);

    if (at && !spdm_coder_decoding(c)) {
        memset(at, 0, len);
    }
}

void spdm_code_bytes(SpdmCoder *c, const char *name, SpdmBytes *v, size_t len)
{
    uint8_t *at;

    if (!spdm_coder_decoding(c) && v->len != len) {
        spdm_coder_fail(c);
    }
    at = advance(c, name, len);
    if (spdm_coder_decoding(c)) {
        *v = at ? SPDM_BYTES(at, len) : SPDM_BYTES(NULL, 0);
    } else if (at) {
        spdm_copy(at, *v);
    }
}

void spdm_code_tail(SpdmCoder *c, const char *name, SpdmBytes *v, size_t len)
{
    if (!spdm_coder_decoding(c) && v->len == 0) {
        return;
    }
    if (c->naming) {
        len = SPDM_FIELD_TAIL;
    }
    spdm_code_bytes(c, name, v, len);
}

void spdm_code_sized16(SpdmCoder *c, const char *len_name, const char *name,
                       SpdmBytes *v)
{
    uint16_t len = (uint16_t)v->len;

    if (!spdm_coder_decoding(c) && v->len > UINT16_MAX) {
        spdm_coder_fail(c);
    }
    spdm_code_u16(c, len_name, &len);
    spdm_code_bytes(c, name, v, len);
}

void spdm_code_sized8(SpdmCoder *c, const char *len_name, const char *name,
                      SpdmBytes *v)
{
    uint8_t len = (uint8_t)v->len;

    if (!spdm_coder_decoding(c) && v->len > UINT8_MAX) {
        spdm_coder_fail(c);
    }
    spdm_code_u8(c, len_name, &len);
    spdm_code_bytes(c, name, v, len);
}

void spdm_code_sized32(SpdmCoder *c, const char *len_name, const char *name,
                       SpdmBytes *v)
{
    uint32_t len = (uint32_t)v->len;

    if (!spdm_coder_decoding(c) && v->len > UINT32_MAX) {
        spdm_coder_fail(c);
    }
    spdm_code_u32(c, len_name, &len);
    spdm_code_bytes(c, name, v, len);
}

void spdm_code_rest(SpdmCoder *c, const char *name, SpdmBytes *v)
{
    spdm_code_bytes(c, name, v,
                    spdm_coder_decoding(c) ? spdm_coder_left(c) : v->len);
}

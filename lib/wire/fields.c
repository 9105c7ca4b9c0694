/*
 * Fields by name.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/fields.h"

#include <string.h>

/* Passes on to @sink, and looks into what has a layout of its own. */
typedef struct Walk {
    const SpdmWireCtx *ctx;
    SpdmBytes bytes;
    size_t base;             /* of the bytes within the outermost message */
    unsigned depth;
    const SpdmFieldSink *sink;
} Walk;

enum { MAX_DEPTH = 2 };

static void walk(const Walk *w);

static void tell(void *opaque, const char *name, size_t offset, size_t len);

/* Fields of the @len bytes at @offset, which are a message. */
static void enter_message(const Walk *w, size_t offset, size_t len)
{
    const Walk inner = {
        .ctx = w->ctx->embedded ? w->ctx->embedded : w->ctx,
        .bytes = SPDM_BYTES(w->bytes.data + offset, len),
        .base = w->base + offset, .depth = w->depth + 1, .sink = w->sink,
    };

    if (inner.depth < MAX_DEPTH) {
        walk(&inner);
    }
}

static void enter_blocks(const Walk *w, size_t offset, size_t len)
{
    Walk inner = *w;
    const SpdmFieldSink sink = { tell, &inner };

    while (len) {
        SpdmCoder c = spdm_coder_reader(
            w->ctx, SPDM_BYTES(w->bytes.data + offset, len));
        SpdmMeasBlock block;

        inner.base = w->base + offset;
        inner.depth = MAX_DEPTH;
        c.sink = &sink;
        spdm_code_meas_block(&c, &block);
        if (!spdm_coder_ok(&c)) {
            return;
        }
        offset += c.pos;
        len -= c.pos;
    }
}

static void tell(void *opaque, const char *name, size_t offset, size_t len)
{
    const Walk *w = opaque;

    w->sink->field(w->sink->opaque, name, w->base + offset, len);
    if (w->depth >= MAX_DEPTH) {
        return;
    }
    if (!strcmp(name, "MeasurementRecord")) {
        enter_blocks(w, offset, len);
    } else if (!strcmp(name, "EncapsulatedMessage") ||
               !strcmp(name, "EncapsulatedRequest") ||
               !strcmp(name, "ResponseToLargeRequest")) {
        enter_message(w, offset, len);
    }
}

static void walk(const Walk *w)
{
    const SpdmFieldSink sink = { tell, (void *)w };
    SpdmMsg m;

    spdm_msg_decode(w->ctx, w->bytes, &m, NULL, &sink);
}

void spdm_msg_fields(const SpdmWireCtx *ctx, SpdmBytes bytes,
                     const SpdmFieldSink *sink)
{
    const Walk w = { .ctx = ctx, .bytes = bytes, .sink = sink };

    walk(&w);
}

/* What a layout branches on: any bytes will do for the rest. */
typedef struct Variant {
    uint8_t version;
    uint8_t param1;
    uint8_t param2;
    uint8_t fill;            /* of the body */
    bool in_the_clear;
} Variant;

static void name_fields(const SpdmMsgDesc *desc, const Variant *v,
                        const SpdmFieldSink *sink)
{
    const SpdmWireCtx ctx = {
        .multi_key_rsp = true, .has_summary = true, .has_signature = true,
        .in_the_clear = v->in_the_clear,
    };
    SpdmCoder c = spdm_coder_namer(&ctx, sink);
    SpdmMeasBlock block = { .index = 0 };
    SpdmMsg m;

    memset(&m, v->fill, sizeof(m));
    m.h = (SpdmHeader){ v->version, desc->code, v->param1, v->param2 };
    spdm_code_header(&c, &m.h);
    desc->body(&c, &m);
    if (desc->code == SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENTS)) {
        spdm_code_meas_block(&c, &block);
    }
}

void spdm_msg_field_names(uint8_t code, const SpdmFieldSink *sink)
{
    static const Variant variants[] = {
        { SPDM_VERSION_10, 1, 1, 0, false },
        { SPDM_VERSION_12, 1, 1, 0x21, false },
        { SPDM_VERSION_12, 0, 2, 0x21, true },
        { SPDM_VERSION_13, 1, 1, 0x21, false },
        { SPDM_VERSION_14, 1, 1, 0x21, true },
        { SPDM_VERSION_14, 0x80, 1, 0, false },
    };
    const SpdmMsgDesc *desc = spdm_msg_desc(code);

    for (size_t i = 0; desc && i < G_N_ELEMENTS(variants); i++) {
        name_fields(desc, &variants[i], sink);
    }
    /* Param1 is the SubCode of SLOT_MANAGEMENT, and means much elsewhere. */
    for (unsigned param1 = 0; desc && param1 <= UINT8_MAX; param1++) {
        const Variant v = { SPDM_VERSION_14, (uint8_t)param1, 1, 0x21, false };

        name_fields(desc, &v, sink);
    }
}

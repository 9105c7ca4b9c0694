/*
 * Recorded messages against our layouts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include "tests/wire/variants.h"

unsigned vec_variants;

/* The next byte that no field has covered yet; SIZE_MAX after a gap. */
static void on_field(void *opaque, const char *name, size_t offset,
                     size_t len)
{
    size_t *next = opaque;

    *next = *next == offset && name ? offset + len : SIZE_MAX;
}

/* Transport padding behind a message is left alone (spec/01 section 5). */
static void decode_padded(Vec *v, const SpdmWireCtx *ctx, SpdmBytes bytes)
{
    static const uint8_t pad[3];
    g_autoptr(GByteArray) padded = g_byte_array_new();
    size_t size = 0;
    SpdmMsg m;

    if (bytes.data[1] == SPDM_ERROR &&
        bytes.data[2] == SPDM_ERROR_VENDOR_DEFINED) {
        return; /* it has no length of its own */
    }
    g_byte_array_append(padded, bytes.data, (guint)bytes.len);
    g_byte_array_append(padded, pad, sizeof(pad));
    vec_check(v, spdm_msg_decode(ctx, vec_view(padded), &m, &size, NULL) &&
                 size == bytes.len, "padding changes the exact size");
}

bool vec_codec(Vec *v, const SpdmWireCtx *ctx, SpdmBytes bytes, SpdmMsg *m)
{
    g_autoptr(GByteArray) again = g_byte_array_new();
    size_t covered = 0, size = 0;
    const SpdmFieldSink sink = { on_field, &covered };

    if (!vec_check(v, bytes.len >= SPDM_HEADER_SIZE, "shorter than a header")
        || !spdm_msg_desc(bytes.data[1])) {
        return false;
    }
    if (!vec_check(v, spdm_msg_decode(ctx, bytes, m, &size, &sink),
                   "does not decode") ||
        !vec_check(v, size == bytes.len, "exact size differs") ||
        !vec_check(v, covered == size, "fields do not cover the message")) {
        return false;
    }
    decode_padded(v, ctx, bytes);
    vec_variants += variants_decode(ctx, bytes);
    return vec_check(v, spdm_msg_encode(ctx, m, again), "does not encode") &&
           vec_same(v, "encodes to other bytes", vec_view(again), bytes);
}

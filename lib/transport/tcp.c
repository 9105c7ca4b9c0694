/*
 * SPDM over TCP (DSP0287): a header of four bytes in front, inside records
 * too. Finding frames in the stream is the caller's, by spdm_tcp_frame_size().
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "transport/framing.h"

enum {
    HEADER_SIZE = 4,
    COUNTED = 2,             /* header bytes that PayloadLength counts */
    BINDING_VERSION = 1,
    TYPE_SPDM = 0x05,
    TYPE_SECURED = 0x06,
};

size_t spdm_tcp_frame_size(const uint8_t header[SPDM_TCP_HEADER_SIZE])
{
    size_t len = header[0] | (size_t)header[1] << 8;

    /*
     * Messages without payload (role inquiry, errors) count nothing in the
     * reference implementation; by the rule for the others it is 2.
     */
    return MAX(len, (size_t)COUNTED) + HEADER_SIZE - COUNTED;
}

static void put_header(size_t payload_len, uint8_t type, uint8_t *at)
{
    size_t len = payload_len + COUNTED;

    at[0] = (uint8_t)len;
    at[1] = (uint8_t)(len >> 8);
    at[2] = BINDING_VERSION;
    at[3] = type;
}

static bool unpack(SpdmBytes frame, SpdmFrame *out)
{
    const uint8_t *h = frame.data;

    if (frame.len <= HEADER_SIZE || spdm_tcp_frame_size(h) != frame.len ||
        h[2] != BINDING_VERSION ||
        (h[3] != TYPE_SPDM && h[3] != TYPE_SECURED)) {
        return false;
    }
    out->kind = h[3] == TYPE_SPDM ? SPDM_FRAME_PLAIN : SPDM_FRAME_SECURED;
    out->payload = SPDM_BYTES(h + HEADER_SIZE, frame.len - HEADER_SIZE);
    return true;
}

static size_t head(SpdmFrameKind kind)
{
    return HEADER_SIZE;
}

static bool finish(SpdmFrameKind kind, GByteArray *out, size_t start)
{
    size_t len = out->len - start;

    if (kind == SPDM_FRAME_DISCOVERY || len <= HEADER_SIZE ||
        len - HEADER_SIZE > UINT16_MAX - COUNTED) {
        return spdm_frame_undo(out, start);
    }
    put_header(len - HEADER_SIZE, kind == SPDM_FRAME_PLAIN ? TYPE_SPDM
                                                           : TYPE_SECURED,
               out->data + start);
    return true;
}

static bool pack(SpdmFrameKind kind, SpdmBytes payload, GByteArray *out)
{
    return spdm_frame_pack(&spdm_transport_tcp, kind, payload, out);
}

static void put_inner(size_t len, uint8_t *at)
{
    put_header(len, TYPE_SPDM, at);
}

static bool check_inner(const uint8_t *data, size_t len)
{
    return spdm_tcp_frame_size(data) == len && data[2] == BINDING_VERSION &&
           data[3] == TYPE_SPDM;
}

const SpdmTransport spdm_transport_tcp = {
    .type = SPDM_TRANSPORT_TCP,
    .name = "tcp",
    .record = {
        .inner_size = HEADER_SIZE,
        .put_inner = put_inner,
        .check_inner = check_inner,
    },
    .max_overhead = HEADER_SIZE,
    .unpack = unpack,
    .pack = pack,
    .head = head,
    .finish = finish,
};

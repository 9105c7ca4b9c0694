/*
 * SPDM over MCTP (DSP0275, DSP0276): a message type byte in front. Packets
 * and their headers are below this.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "transport/framing.h"

enum {
    /* Bit 7, the integrity check bit, is 0 for both. */
    TYPE_PLDM = 0x01,
    TYPE_SPDM = 0x05,
    TYPE_SECURED = 0x06,
    MAX_RANDOM = 32,
};

static bool unpack(SpdmBytes frame, SpdmFrame *out)
{
    if (frame.len < 2 ||
        (frame.data[0] != TYPE_SPDM && frame.data[0] != TYPE_SECURED)) {
        return false;
    }
    out->kind = frame.data[0] == TYPE_SPDM ? SPDM_FRAME_PLAIN
                                           : SPDM_FRAME_SECURED;
    out->payload = SPDM_BYTES(frame.data + 1, frame.len - 1);
    return true;
}

static size_t head(SpdmFrameKind kind)
{
    return 1;
}

static bool finish(SpdmFrameKind kind, GByteArray *out, size_t start)
{
    if (kind == SPDM_FRAME_DISCOVERY || out->len <= start + 1) {
        return spdm_frame_undo(out, start);
    }
    out->data[start] = kind == SPDM_FRAME_PLAIN ? TYPE_SPDM : TYPE_SECURED;
    return true;
}

static bool pack(SpdmFrameKind kind, SpdmBytes payload, GByteArray *out)
{
    return spdm_frame_pack(&spdm_transport_mctp, kind, payload, out);
}

/* DSP0276: what is protected is a whole MCTP message, its type in front. */
static void put_inner(size_t len, uint8_t *at)
{
    *at = TYPE_SPDM;
}

static bool check_inner(const uint8_t *data, size_t len)
{
    return data[0] == TYPE_SPDM;
}

/* DSP0276: what an application says in a session, here PLDM. */
static bool check_other(const uint8_t *data, size_t len)
{
    return data[0] == TYPE_PLDM;
}

const SpdmTransport spdm_transport_mctp = {
    .type = SPDM_TRANSPORT_MCTP,
    .name = "mctp",
    .record = {
        .sequence_size = 2,
        .max_random = MAX_RANDOM,
        .inner_size = 1,
        .put_inner = put_inner,
        .check_inner = check_inner,
        .check_other = check_other,
    },
    .max_overhead = 1,
    .unpack = unpack,
    .pack = pack,
    .head = head,
    .finish = finish,
};

/*
 * SPDM over MCTP (DSP0275, DSP0276): a message type byte in front. Packets
 * and their headers are below this.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "transport/framing.h"

enum {
    /* Bit 7, the integrity check bit, is 0 for both. */
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

static bool pack(SpdmFrameKind kind, SpdmBytes payload, GByteArray *out)
{
    uint8_t type = kind == SPDM_FRAME_PLAIN ? TYPE_SPDM : TYPE_SECURED;

    if (kind == SPDM_FRAME_DISCOVERY || payload.len == 0) {
        return false;
    }
    g_byte_array_append(out, &type, 1);
    g_byte_array_append(out, payload.data, (guint)payload.len);
    return true;
}

const SpdmTransport spdm_transport_mctp = {
    .type = SPDM_TRANSPORT_MCTP,
    .name = "mctp",
    .record = {
        .sequence_size = 2,
        .max_random = MAX_RANDOM,
        .inner_type = TYPE_SPDM,
        .has_inner_type = true,
    },
    .max_overhead = 1,
    .unpack = unpack,
    .pack = pack,
};

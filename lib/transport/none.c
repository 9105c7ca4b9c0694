/*
 * No framing: bare messages and bare records.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "transport/framing.h"

enum {
    MAJOR_MASK = 0xf0,
    MAJOR_1 = 0x10,
};

/*
 * A message starts with SPDMVersion 1.x, a record with the low byte of its
 * ReqSessionID. A requester on this transport must not choose ids whose low
 * byte is 0x10 to 0x1f: such records are taken for messages.
 */
static bool unpack(SpdmBytes frame, SpdmFrame *out)
{
    if (frame.len == 0) {
        return false;
    }
    out->kind = (frame.data[0] & MAJOR_MASK) == MAJOR_1
                ? SPDM_FRAME_PLAIN : SPDM_FRAME_SECURED;
    out->payload = frame;
    return true;
}

static bool pack(SpdmFrameKind kind, SpdmBytes payload, GByteArray *out)
{
    if (kind == SPDM_FRAME_DISCOVERY || payload.len == 0) {
        return false;
    }
    g_byte_array_append(out, payload.data, (guint)payload.len);
    return true;
}

const SpdmTransport spdm_transport_none = {
    .type = SPDM_TRANSPORT_NONE,
    .name = "none",
    .unpack = unpack,
    .pack = pack,
};

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

static size_t head(SpdmFrameKind kind)
{
    return 0;
}

static bool finish(SpdmFrameKind kind, GByteArray *out, size_t start)
{
    return (kind != SPDM_FRAME_DISCOVERY && out->len > start) ||
           spdm_frame_undo(out, start);
}

static bool pack(SpdmFrameKind kind, SpdmBytes payload, GByteArray *out)
{
    return spdm_frame_pack(&spdm_transport_none, kind, payload, out);
}

const SpdmTransport spdm_transport_none = {
    .type = SPDM_TRANSPORT_NONE,
    .name = "none",
    .unpack = unpack,
    .pack = pack,
    .head = head,
    .finish = finish,
};

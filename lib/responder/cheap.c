/*
 * What a frame would cost, told before it is processed: whoever has a thread
 * for what takes long need not hand over the rest.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/commands.h"

/* Larger ones are no short requests, whatever is in them. */
enum { CHEAP_FRAME = 2048 };

static bool chains_are_made(const SpdmResponder *r)
{
    const SpdmProvider *p = &r->provider;

    return p->ops->chains_made && p->ops->chains_made(p->opaque);
}

/* One that has no row is answered with an ERROR, or with nothing. */
static bool is_cheap_request(const SpdmResponder *r, SpdmBytes request)
{
    const SpdmCommand *cmd = request.len < SPDM_HEADER_SIZE
                             ? NULL : spdm_command(request.data[1]);

    if (!cmd) {
        return true;
    }
    return cmd->cost == SPDM_COST_CHEAP ||
           (cmd->cost == SPDM_COST_CHAINS && chains_are_made(r));
}

/*
 * Which request it is is known when it is open; it is opened once more when
 * it is processed. What does not open may be one that an older key opens.
 */
static bool is_cheap_record(SpdmResponder *r, SpdmBytes record)
{
    SpdmSession *s = spdm_conn_session(&r->conn,
                                       spdm_record_session_id(record));
    g_autoptr(GByteArray) message = g_byte_array_new();
    bool cheap;

    if (!s) {
        return true;
    }
    cheap = spdm_record_peek(s, SPDM_SENDER_REQUESTER, &r->transport->record,
                             record, message) &&
            is_cheap_request(r, spdm_array_view(message));
    spdm_wipe(message->data, message->len);
    return cheap;
}

bool spdm_responder_is_cheap(SpdmResponder *r, const uint8_t *frame,
                             size_t len)
{
    SpdmFrame f;

    if (len > CHEAP_FRAME) {
        return false;
    }
    if (!r->transport->unpack(SPDM_BYTES(frame, len), &f) ||
        f.kind == SPDM_FRAME_DISCOVERY) {
        return true;
    }
    return f.kind == SPDM_FRAME_SECURED ? is_cheap_record(r, f.payload)
                                        : is_cheap_request(r, f.payload);
}

/*
 * Encapsulated requests: the responder asks, inside its answers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

/* ENCAPSULATED_REQUEST and DELIVER_ENCAPSULATED_RESPONSE. */
void spdm_body_encap(SpdmCoder *c, SpdmMsg *m)
{
    spdm_code_message(c, "EncapsulatedMessage", &m->encap.message);
}

/*
 * The requester's slot, one byte. In 1.1 it follows the header; but the
 * reference implementation has it at offset 8 there too, and more than one
 * byte and its padding says that it is so.
 */
static void slot_number(SpdmCoder *c, const SpdmMsg *m, SpdmBytes *slot)
{
    enum { SLOT_AND_PADDING = 4 };

    if (spdm_coder_decoding(c) && m->h.version < SPDM_VERSION_12 &&
        spdm_coder_left(c) > SLOT_AND_PADDING) {
        spdm_code_reserved(c, 4);
    }
    spdm_code_bytes(c, "RequesterSlotID", slot, 1);
}

void spdm_body_encap_ack(SpdmCoder *c, SpdmMsg *m)
{
    if (m->h.version >= SPDM_VERSION_12) {
        spdm_code_u8(c, "AckRequestID", &m->encap.ack_id);
        spdm_code_reserved(c, 3);
    }
    if (m->h.param2 == SPDM_ENCAP_PRESENT) {
        spdm_code_message(c, "EncapsulatedRequest", &m->encap.message);
    } else if (m->h.param2 == SPDM_ENCAP_SLOT_NUMBER) {
        slot_number(c, m, &m->encap.message);
    }
}

/*
 * Encapsulated requests: the responder asks, inside its answers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

/* ENCAPSULATED_REQUEST and DELIVER_ENCAPSULATED_RESPONSE. */
void spdm_body_encap(SpdmCoder *c, SpdmMsg *m)
{
    spdm_code_rest(c, "EncapsulatedMessage", &m->encap.message);
}

void spdm_body_encap_ack(SpdmCoder *c, SpdmMsg *m)
{
    if (m->h.version >= SPDM_VERSION_12) {
        spdm_code_u8(c, "AckRequestID", &m->encap.ack_id);
        spdm_code_reserved(c, 3);
    }
    spdm_code_rest(c, "EncapsulatedRequest", &m->encap.message);
}

/*
 * GET_DIGESTS -> DIGESTS.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

SpdmStatus spdm_rsp_digests(SpdmTxn *t)
{
    uint8_t slots = spdm_txn_slots(t);
    GByteArray *digests = spdm_txn_array(t);

    for (uint8_t slot = 0; slot < SPDM_SLOT_COUNT; slot++) {
        uint8_t digest[SPDM_MAX_HASH];

        if (!(slots & (1u << slot))) {
            continue;
        }
        if (!spdm_txn_chain_hash(t, slot, digest)) {
            slots &= (uint8_t)~(1u << slot);
            continue;
        }
        g_byte_array_append(digests, digest, t->conn->hash->size);
    }
    if (!slots) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "no slot holds a chain");
    }
    /* SupportedSlotMask (1.3): no slot can be provisioned later. */
    t->rsp.h.param1 = t->conn->version >= SPDM_VERSION_13 ? slots : 0;
    t->rsp.h.param2 = slots;
    t->rsp.digests.digests = spdm_array_view(digests);
    return SPDM_STATUS_OK;
}

void spdm_commit_digests(SpdmTxn *t)
{
    if (!t->session) {
        spdm_conn_note_digests(t->conn, spdm_array_view(t->out));
        t->conn->state = MAX(t->conn->state, SPDM_CONN_AFTER_DIGESTS);
    }
}

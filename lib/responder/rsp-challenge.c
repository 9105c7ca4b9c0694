/*
 * CHALLENGE -> CHALLENGE_AUTH.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"
#include "responder/mut-auth.h"

/* The public key is 0xFF in the request, 0xF in the response. */
enum { SLOT_MASK = 0x0f };

SpdmStatus spdm_rsp_challenge_auth(SpdmTxn *t)
{
    SpdmMsgChallengeAuth *rsp = &t->rsp.challenge_auth;
    uint8_t slot = t->req.h.param1;
    uint8_t *hash = spdm_txn_alloc(t, t->conn->hash->size);
    SpdmStatus st = spdm_check_summary(t, t->req.h.param2);

    if (!st.failed) {
        st = spdm_txn_check_signer(t, slot, SPDM_KEY_USAGE_CHALLENGE);
    }
    if (st.failed) {
        return st;
    }
    spdm_txn_chain_hash(t, slot, hash);
    t->rsp.h.param1 = slot & SLOT_MASK;
    if (spdm_mut_auth_basic(t)) {
        t->rsp.h.param1 |= SPDM_CHALLENGE_BASIC_MUT_AUTH;
    }
    /* All slots with a chain, as in DIGESTS; reserved with a public key. */
    t->rsp.h.param2 = slot < SPDM_SLOT_COUNT ? spdm_txn_slots(t) : 0;
    rsp->cert_chain_hash = SPDM_BYTES(hash, t->conn->hash->size);
    rsp->nonce = spdm_txn_random(t, SPDM_NONCE_SIZE);
    rsp->summary_hash = spdm_measure_summary(t, t->req.h.param2);
    rsp->opaque = spdm_txn_opaque(t);
    rsp->context = t->req.challenge.context;
    return SPDM_STATUS_OK;
}

/* M1/M2 = A, B, CHALLENGE, CHALLENGE_AUTH without Signature. */
SpdmStatus spdm_finish_challenge_auth(SpdmTxn *t)
{
    g_autoptr(GByteArray) m1 = g_byte_array_new();

    if (!spdm_conn_m1(t->conn, spdm_txn_exchange(t), m1)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "M1/M2 has overflown");
    }
    return spdm_txn_sign(t, t->req.h.param1, SPDM_CONTEXT_CHALLENGE_AUTH,
                         spdm_array_view(m1));
}

void spdm_commit_challenge_auth(SpdmTxn *t)
{
    spdm_transcript_reset(&t->conn->b);
    t->conn->state = SPDM_CONN_AUTHENTICATED;
    if (t->rsp.h.param1 & SPDM_CHALLENGE_BASIC_MUT_AUTH) {
        spdm_mut_auth_begin_basic(t);
    }
}

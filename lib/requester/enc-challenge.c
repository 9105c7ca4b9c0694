/*
 * Embedded CHALLENGE -> CHALLENGE_AUTH: basic mutual authentication (spec/06
 * section 7, spec/04 section 2).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/encap.h"

enum { PUBLIC_KEY_SLOT = 0x0f };

static const SpdmReqIdentity *own_of(const SpdmRequester *rq,
                                     const SpdmEmbedded *e)
{
    return spdm_req_identity_for(rq, e->req.h.param1,
                                 SPDM_KEY_USAGE_CHALLENGE);
}

SpdmStatus spdm_enc_challenge(SpdmRequester *rq, SpdmEmbedded *e)
{
    const SpdmReqIdentity *own = own_of(rq, e);
    SpdmMsgChallengeAuth *v = &e->rsp.challenge_auth;
    GByteArray *hash = spdm_enc_array(e), *nonce = spdm_enc_array(e);
    bool raw = e->req.h.param1 == SPDM_SLOT_PUBLIC_KEY;

    if (e->req.h.param2 != SPDM_SUMMARY_NONE) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "a requester has no measurements");
    }
    if (!own) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, "the slot is empty, or "
                         "not for CHALLENGE");
    }
    g_byte_array_set_size(hash, SPDM_MAX_HASH);
    spdm_req_identity_hash(rq, own, hash->data);
    g_byte_array_set_size(nonce, SPDM_NONCE_SIZE);
    spdm_rng_fill(&rq->rng, nonce->data, nonce->len);
    e->rsp.h.param1 = raw ? PUBLIC_KEY_SLOT : own->slot;
    e->rsp.h.param2 = raw ? 0 : spdm_req_identity_slots(rq);
    v->cert_chain_hash = SPDM_BYTES(hash->data, rq->conn.hash->size);
    v->nonce = spdm_req_view(nonce);
    v->context = e->req.challenge.context;
    return SPDM_STATUS_OK;
}

SpdmStatus spdm_enc_sign_challenge(SpdmRequester *rq, SpdmEmbedded *e)
{
    g_autoptr(GByteArray) c = g_byte_array_new();
    g_autoptr(GByteArray) m1 = g_byte_array_new();

    spdm_enc_pair(e, c);
    if (!spdm_conn_mut_m1(&rq->conn, &rq->mut_b, spdm_req_view(c), m1)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "M1/M2 has overflown");
    }
    return spdm_enc_sign(rq, e, own_of(rq, e),
                         SPDM_CONTEXT_REQ_CHALLENGE_AUTH, m1);
}

void spdm_enc_commit_challenge(SpdmRequester *rq, SpdmEmbedded *e)
{
    spdm_transcript_reset(&rq->mut_b);
    rq->challenged = true;
}

/*
 * KEY_EXCHANGE -> KEY_EXCHANGE_RSP: a SIGMA handshake begins.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/kex.h"
#include "responder/ephemeral.h"
#include "responder/handlers.h"
#include "responder/mut-auth.h"

enum { SLOT_ID_MASK = 0x0f };

static SpdmStatus check_request(const SpdmTxn *t)
{
    SpdmStatus st = spdm_txn_check_signer(t, t->req.h.param2,
                                          SPDM_KEY_USAGE_KEY_EX);

    return st.failed ? st : spdm_check_summary(t, t->req.h.param1);
}

/* A fresh ephemeral for every session; only the shared secret outlives us. */
static SpdmStatus exchange_keys(SpdmTxn *t)
{
    size_t size = t->wire.rsp_exchange_size;
    uint8_t *answer = spdm_txn_alloc(t, size);
    g_autoptr(SpdmDhe) own =
        t->conn->kem ? NULL : spdm_ephemeral_take(t->r, t->conn->dhe);

    if (!spdm_kex_respond(t->conn, own, &t->r->rng,
                          t->req.key_exchange.exchange, answer, &t->ikm)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, t->conn->kem ?
                         "ExchangeData is not an encapsulation key" :
                         "ExchangeData is not a public key of the group");
    }
    t->rsp.key_exchange_rsp.exchange = SPDM_BYTES(answer, size);
    return SPDM_STATUS_OK;
}

/* SlotIDParam is of a requester known in advance, 0xF is its public key. */
static SpdmStatus ask_requester(SpdmTxn *t, SpdmMsgKeyExchangeRsp *rsp)
{
    SpdmSession *s = t->new_session;
    SpdmStatus st = spdm_mut_auth_choose(t, s);

    rsp->mut_auth_requested = s->mut_auth_requested;
    if (s->mut_auth_requested == SPDM_MUT_AUTH_WITHOUT_ENCAP) {
        rsp->slot_id_param = s->peer_slot & SLOT_ID_MASK;
    }
    return st;
}

SpdmStatus spdm_rsp_key_exchange(SpdmTxn *t)
{
    const SpdmMsgKeyExchange *req = &t->req.key_exchange;
    SpdmMsgKeyExchangeRsp *rsp = &t->rsp.key_exchange_rsp;
    SpdmNewSession ask = {
        .type = SPDM_SESSION_SIGMA,
        .req_session_id = req->req_session_id,
        .policy = req->session_policy,
        .opaque = req->opaque,
    };
    SpdmStatus st = check_request(t);

    if (!st.failed) {
        st = spdm_new_session(t, &ask, &rsp->opaque);
    }
    if (!st.failed) {
        st = ask_requester(t, rsp);
    }
    if (!st.failed) {
        st = exchange_keys(t);
    }
    if (st.failed) {
        return st;
    }
    t->new_session->slot = t->req.h.param2;
    spdm_txn_chain_hash(t, t->req.h.param2, t->new_session->ct_hash);
    spdm_transcript_copy(&t->new_session->d, &t->conn->d);
    rsp->rsp_session_id = spdm_rsp_session_id(t->new_session);
    rsp->random = spdm_txn_random(t, SPDM_NONCE_SIZE);
    rsp->summary_hash = spdm_measure_summary(t, t->req.h.param1);
    return SPDM_STATUS_OK;
}

/* Signature over TH up to it; the signature ends TH1. */
static SpdmStatus sign(SpdmTxn *t)
{
    SpdmSession *s = t->new_session;
    g_autoptr(GByteArray) th = g_byte_array_new();
    guint before = t->out->len;
    SpdmStatus st;

    spdm_transcript_append(&s->k, t->request);
    spdm_transcript_append(&s->k, spdm_array_view(t->out));
    if (!spdm_conn_th_bytes(t->conn, s, th)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "TH has overflown");
    }
    st = spdm_txn_sign(t, s->slot, SPDM_CONTEXT_KEY_EXCHANGE_RSP,
                       spdm_array_view(th));
    if (!st.failed) {
        spdm_transcript_append(&s->k, SPDM_BYTES(t->out->data + before,
                                                 t->out->len - before));
    }
    return st;
}

SpdmStatus spdm_finish_key_exchange(SpdmTxn *t)
{
    SpdmSession *s = t->new_session;
    uint8_t th1[SPDM_MAX_HASH];
    SpdmStatus st = sign(t);

    if (st.failed) {
        return st;
    }
    if (!spdm_conn_th(t->conn, s, SPDM_BYTES(NULL, 0), th1)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "TH has overflown");
    }
    spdm_session_derive_handshake(s, SPDM_BYTES(t->ikm.data, t->ikm.len),
                                  th1);
    /* With HANDSHAKE_IN_THE_CLEAR it moves to FINISH_RSP. */
    if (!s->in_the_clear) {
        spdm_transcript_append(&s->k, spdm_txn_verify_data(t, s, th1));
    }
    return SPDM_STATUS_OK;
}

void spdm_commit_key_exchange(SpdmTxn *t)
{
    SpdmSession *s = spdm_commit_new_session(t);

    /* A tap that heard of the session may have ended it. */
    if (s->phase == SPDM_SESSION_HANDSHAKE) {
        spdm_mut_auth_begin(t, s);
    }
}

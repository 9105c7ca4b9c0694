/*
 * KEY_EXCHANGE / KEY_EXCHANGE_RSP: the first half of SIGMA (DSP0274; spec/02
 * section 5, spec/04 sections 4 to 8).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmSession, spdm_session_clear)

/* A key exchange under way; nothing of it is in the connection yet. */
typedef struct KeyExchange {
    const SpdmReqSlot *slot;
    const SpdmKex *kex;
    SpdmSession *session;
    SpdmReqExchange *x;
} KeyExchange;

static bool usage(SpdmRequester *rq, const SpdmKeyExchangeParams *params)
{
    return spdm_req_session_usage(rq) &&
           spdm_req_usage(rq, spdm_conn_both(&rq->conn, SPDM_KEY_EX_CAP) &&
                          (rq->conn.dhe || rq->conn.kem) && rq->conn.asym,
                          "KEY_EX_CAP of both ends, a key exchange and a "
                          "signature algorithm were not negotiated") &&
           spdm_req_summary_usage(rq, params->summary);
}

static bool send(SpdmRequester *rq, const KeyExchange *k,
                 const SpdmKeyExchangeParams *params)
{
    SpdmMsgKeyExchange *v = &k->x->req.key_exchange;
    g_autoptr(GByteArray) opaque = g_byte_array_new();
    uint8_t random[SPDM_NONCE_SIZE];

    spdm_rng_fill(&rq->rng, random, sizeof(random));
    spdm_req_session_opaque(rq, opaque);
    k->x->crypto = true;
    k->x->ctx.has_summary = params->summary != SPDM_SUMMARY_NONE;
    k->x->req.h.param1 = params->summary;
    k->x->req.h.param2 = params->slot;
    v->req_session_id = spdm_req_session_id(rq);
    v->session_policy = rq->conn.version >= SPDM_VERSION_12
                        ? params->policy : 0;
    v->random = SPDM_BYTES(random, sizeof(random));
    v->exchange = spdm_kex_request(k->kex);
    v->opaque = spdm_req_view(opaque);
    return spdm_req_run(rq, k->x);
}

static bool check_fields(SpdmRequester *rq, const KeyExchange *k)
{
    const SpdmMsgKeyExchangeRsp *v = &k->x->rsp.key_exchange_rsp;

    return spdm_req_mut_auth_check(rq, v) &&
           spdm_req_session_accept(rq, k->session,
                                   k->x->req.key_exchange.req_session_id,
                                   v->rsp_session_id, k->x->rsp.h.param1,
                                   v->opaque);
}

/* spec/04 section 4: TH up to the signature, then the signature. */
static bool check_signature(SpdmRequester *rq, const KeyExchange *k)
{
    const SpdmMsgKeyExchangeRsp *v = &k->x->rsp.key_exchange_rsp;
    g_autoptr(GByteArray) th = g_byte_array_new();
    SpdmTranscript *t = &k->session->k;

    spdm_transcript_append(t, spdm_req_view(k->x->req_bytes));
    spdm_transcript_append(t, spdm_req_view_but(k->x->rsp_bytes,
                                                v->signature.len +
                                                v->verify_data.len));
    if (!spdm_req_check(rq, SPDM_CHECK_KEY_EXCHANGE_SIGNATURE,
                        spdm_conn_th_bytes(&rq->conn, k->session, th) &&
                        spdm_req_verify(rq, k->slot,
                                        SPDM_CONTEXT_KEY_EXCHANGE_RSP, th,
                                        v->signature),
                        "the signature does not verify")) {
        return false;
    }
    spdm_transcript_append(t, v->signature);
    return true;
}

/* Shared secret and handshake keys (spec/04 section 6 steps 1 to 5). */
static bool derive(SpdmRequester *rq, const KeyExchange *k)
{
    g_auto(SpdmSharedSecret) shared = { .len = 0 };
    uint8_t th1[SPDM_MAX_HASH];

    if (!spdm_req_check(rq, SPDM_CHECK_KEY_EXCHANGE_PUBLIC,
                        spdm_kex_finish(k->kex,
                                        k->x->rsp.key_exchange_rsp.exchange,
                                        &shared),
                        "ExchangeData is no valid public value") ||
        !spdm_conn_th(&rq->conn, k->session, SPDM_BYTES(NULL, 0), th1)) {
        return false;
    }
    spdm_session_derive_handshake(k->session,
                                  SPDM_BYTES(shared.data, shared.len), th1);
    spdm_req_secret(rq, k->session->id, rq->conn.kem ? "kem" : "dhe",
                    SPDM_BYTES(shared.data, shared.len));
    spdm_req_traffic_secrets(rq, k->session, "handshake");
    return true;
}

/* Absent when the handshake is in the clear; then FINISH_RSP has it. */
static bool check_verify_data(SpdmRequester *rq, const KeyExchange *k)
{
    SpdmBytes got = k->x->rsp.key_exchange_rsp.verify_data;
    uint8_t want[SPDM_MAX_HASH];

    if (k->session->in_the_clear) {
        return true;
    }
    if (!spdm_req_session_mac(rq, k->session, SPDM_SENDER_RESPONDER, want) ||
        !spdm_req_check(rq, SPDM_CHECK_KEY_EXCHANGE_VERIFY,
                        got.len == rq->conn.hash->size &&
                        spdm_equal_ct(got.data, want, got.len),
                        "ResponderVerifyData does not match the "
                        "transcript")) {
        return false;
    }
    spdm_transcript_append(&k->session->k, got);
    return true;
}

static void prepare(SpdmRequester *rq, const KeyExchange *k, uint8_t slot)
{
    spdm_req_session_init(rq, k->session, SPDM_SESSION_SIGMA);
    k->session->slot = slot;
    memcpy(k->session->ct_hash, k->slot->ct_hash, rq->conn.hash->size);
    spdm_transcript_copy(&k->session->d, &rq->conn.d);
}

static bool key_exchange(SpdmRequester *rq,
                         const SpdmKeyExchangeParams *params, uint32_t *id)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    g_auto(SpdmSession) session = { .phase = SPDM_SESSION_FREE };
    g_autoptr(SpdmKex) kex = NULL;
    KeyExchange k = { .session = &session, .x = &x };

    k.slot = spdm_req_signer(rq, params->slot, SPDM_KEY_USAGE_KEY_EX);
    if (!k.slot || !usage(rq, params)) {
        return false;
    }
    k.kex = kex = spdm_kex_new(&rq->conn, &rq->rng);
    prepare(rq, &k, params->slot);
    spdm_req_exchange_init(rq, &x, NULL, SPDM_KEY_EXCHANGE);
    session.session_policy = params->policy;
    if (!send(rq, &k, params) || !check_fields(rq, &k) ||
        !check_signature(rq, &k) || !derive(rq, &k) ||
        !check_verify_data(rq, &k) ||
        !spdm_req_note_summary(rq, params->summary,
                               x.rsp.key_exchange_rsp.summary_hash)) {
        return false;
    }
    *id = session.id;
    rq->authenticated = true;
    session.mut_auth_requested = x.rsp.key_exchange_rsp.mut_auth_requested;
    spdm_req_session_commit(rq, &session);
    spdm_req_mut_auth_note(rq, *id, &x.rsp.key_exchange_rsp);
    return true;
}

bool spdm_requester_key_exchange(SpdmRequester *rq,
                                 const SpdmKeyExchangeParams *params,
                                 uint32_t *session, GError **errp)
{
    *session = 0;
    spdm_req_begin(rq, SPDM_KEY_EXCHANGE, 0);
    return spdm_req_done(rq, key_exchange(rq, params, session), errp);
}

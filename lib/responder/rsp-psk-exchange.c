/*
 * PSK_EXCHANGE -> PSK_EXCHANGE_RSP: a session from a shared secret.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

static SpdmStatus refuse(const char *why)
{
    return spdm_fail(SPDM_ERROR_INVALID_REQUEST, why);
}

static SpdmStatus find_psk(SpdmTxn *t)
{
    const SpdmProvider *p = &t->r->provider;
    const SpdmMsgPskExchange *req = &t->req.psk_exchange;

    if (req->hint.len > SPDM_MAX_PSK_HINT) {
        return refuse("PSKHintLength is above 32");
    }
    if (!p->ops->psk ||
        !p->ops->psk(p->opaque, req->hint, req->opaque, t->conn->hash->bit,
                     t->ikm.data, &t->ikm.len)) {
        return refuse("no pre-shared key goes by this hint");
    }
    return SPDM_STATUS_OK;
}

/* PSK_CAP 1 means no responder context: HMAC alone must do. */
SpdmStatus spdm_rsp_psk_exchange(SpdmTxn *t)
{
    const SpdmMsgPskExchange *req = &t->req.psk_exchange;
    SpdmMsgPskExchangeRsp *rsp = &t->rsp.psk_exchange_rsp;
    SpdmNewSession ask = {
        .type = SPDM_SESSION_PSK,
        .req_session_id = req->req_session_id,
        .policy = t->req.h.param2,
        .opaque = req->opaque,
    };
    SpdmStatus st = spdm_check_summary(t, t->req.h.param1);

    if (!st.failed) {
        st = spdm_new_session(t, &ask, &rsp->opaque);
    }
    if (!st.failed) {
        st = find_psk(t);
    }
    if (st.failed) {
        return st;
    }
    rsp->rsp_session_id = spdm_rsp_session_id(t->new_session);
    rsp->summary_hash = spdm_measure_summary(t, t->req.h.param1);
    if (spdm_conn_psk_finish(t->conn)) {
        rsp->context = spdm_txn_random(t, t->conn->hash->size);
    }
    return SPDM_STATUS_OK;
}

SpdmStatus spdm_finish_psk_exchange(SpdmTxn *t)
{
    const SpdmBytes none = SPDM_BYTES(NULL, 0);
    SpdmSession *s = t->new_session;
    uint8_t th1[SPDM_MAX_HASH];
    bool ok;

    spdm_transcript_append(&s->k, spdm_txn_exchange(t));
    ok = spdm_conn_th(t->conn, s, none, th1);
    if (ok) {
        spdm_session_derive_handshake(
            s, SPDM_BYTES(t->ikm.data, t->ikm.len), th1);
        spdm_transcript_append(&s->k, spdm_txn_verify_data(t, s, th1));
        ok = spdm_conn_th(t->conn, s, none, t->th2);
    }
    return ok ? SPDM_STATUS_OK :
        spdm_fail(SPDM_ERROR_UNSPECIFIED, "TH has overflown");
}

/*
 * Without a PSK_FINISH to come this response establishes the session, unless
 * a tap that heard of it has ended it already.
 */
void spdm_commit_psk_exchange(SpdmTxn *t)
{
    SpdmSession *s = spdm_commit_new_session(t);

    if (s->phase == SPDM_SESSION_HANDSHAKE &&
        !spdm_conn_psk_finish(t->conn)) {
        spdm_establish(t, s);
    }
}

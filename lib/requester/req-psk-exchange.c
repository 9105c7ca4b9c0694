/*
 * PSK_EXCHANGE / PSK_EXCHANGE_RSP (DSP0274; spec/02 section 5, spec/04
 * section 4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmSession, spdm_session_clear)

typedef struct PskExchange {
    const SpdmPskExchangeParams *params;
    SpdmSession *session;
    SpdmReqExchange *x;
} PskExchange;

static bool usage(SpdmRequester *rq, const SpdmPskExchangeParams *params)
{
    return spdm_req_session_usage(rq) &&
           spdm_req_usage(rq, spdm_conn_psk(&rq->conn),
                          "PSK_CAP of both ends was not negotiated") &&
           spdm_req_usage(rq, params->hint.len <= SPDM_MAX_PSK_HINT,
                          "a PSK hint has at most 32 bytes") &&
           spdm_req_usage(rq, params->opaque.len <= SPDM_MAX_OPAQUE / 2,
                          "opaque data has at most 512 bytes") &&
           spdm_req_summary_usage(rq, params->summary);
}

static bool send(SpdmRequester *rq, const PskExchange *p, GByteArray *opaque)
{
    SpdmMsgPskExchange *v = &p->x->req.psk_exchange;
    uint8_t context[SPDM_MAX_HASH];

    spdm_req_session_opaque(rq, opaque);
    spdm_opaque_encode_vendor(rq->conn.version, SPDM_OPAQUE_FMT1,
                              p->params->opaque, opaque);
    spdm_rng_fill(&rq->rng, context, rq->conn.hash->size);
    p->x->crypto = true;
    p->x->ctx.has_summary = p->params->summary != SPDM_SUMMARY_NONE;
    p->x->req.h.param1 = p->params->summary;
    p->x->req.h.param2 = rq->conn.version >= SPDM_VERSION_12
                         ? p->params->policy : 0;
    v->req_session_id = spdm_req_session_id(rq);
    v->hint = p->params->hint;
    v->context = SPDM_BYTES(context, rq->conn.hash->size);
    v->opaque = spdm_req_view(opaque);
    return spdm_req_run(rq, p->x);
}

static bool check_fields(SpdmRequester *rq, const PskExchange *p)
{
    const SpdmMsgPskExchangeRsp *v = &p->x->rsp.psk_exchange_rsp;

    return spdm_req_check(rq, SPDM_CHECK_PSK_CONTEXT,
                          (v->context.len != 0) ==
                          spdm_conn_psk_finish(&rq->conn),
                          "a ResponderContext is missing, or there although "
                          "PSK_CAP says that there is none") &&
           spdm_req_session_accept(rq, p->session,
                                   p->x->req.psk_exchange.req_session_id,
                                   v->rsp_session_id, p->x->rsp.h.param1,
                                   v->opaque);
}

static bool find_secret(SpdmRequester *rq, const PskExchange *p,
                        SpdmBytes opaque, uint8_t *psk, size_t *len)
{
    const SpdmPskExchangeParams *params = p->params;

    if (params->secret.len && params->secret.len <= SPDM_MAX_PSK) {
        memcpy(psk, params->secret.data, params->secret.len);
        *len = params->secret.len;
        return true;
    }
    return spdm_req_usage(rq, params->derive &&
                          params->derive(params->user, params->hint, opaque,
                                         rq->conn.hash->bit, psk, len),
                          "there is no pre-shared key of up to 256 bytes");
}

/* Handshake keys; Salt0 and the rest are the key schedule's affair. */
static bool derive(SpdmRequester *rq, const PskExchange *p, SpdmBytes opaque)
{
    const SpdmMsgPskExchangeRsp *v = &p->x->rsp.psk_exchange_rsp;
    uint8_t th1[SPDM_MAX_HASH], psk[SPDM_MAX_PSK];
    size_t len = 0;
    bool ok;

    spdm_transcript_append(&p->session->k, spdm_req_view(p->x->req_bytes));
    spdm_transcript_append(&p->session->k, spdm_req_view_but(
        p->x->rsp_bytes, v->verify_data.len));
    ok = spdm_conn_th(&rq->conn, p->session, SPDM_BYTES(NULL, 0), th1) &&
         find_secret(rq, p, opaque, psk, &len);
    if (ok) {
        spdm_session_derive_handshake(p->session, SPDM_BYTES(psk, len), th1);
        spdm_req_secret(rq, p->session->id, "psk", SPDM_BYTES(psk, len));
        spdm_req_traffic_secrets(rq, p->session, "handshake");
    }
    spdm_wipe(psk, sizeof(psk));
    return ok;
}

static bool check_verify_data(SpdmRequester *rq, const PskExchange *p)
{
    SpdmBytes got = p->x->rsp.psk_exchange_rsp.verify_data;
    uint8_t want[SPDM_MAX_HASH];

    if (!spdm_req_session_mac(rq, p->session, SPDM_SENDER_RESPONDER, want) ||
        !spdm_req_check(rq, SPDM_CHECK_PSK_VERIFY,
                        got.len == rq->conn.hash->size &&
                        spdm_equal_ct(got.data, want, got.len),
                        "ResponderVerifyData does not match the transcript "
                        "and pre-shared key")) {
        return false;
    }
    spdm_transcript_append(&p->session->k, got);
    return true;
}

static bool psk_exchange(SpdmRequester *rq,
                         const SpdmPskExchangeParams *params, uint32_t *id)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    g_auto(SpdmSession) session = { .phase = SPDM_SESSION_FREE };
    g_autoptr(GByteArray) opaque = g_byte_array_new();
    PskExchange p = { .params = params, .session = &session, .x = &x };

    if (!usage(rq, params)) {
        return false;
    }
    spdm_req_session_init(rq, &session, SPDM_SESSION_PSK);
    session.session_policy = params->policy;
    spdm_req_exchange_init(rq, &x, NULL, SPDM_PSK_EXCHANGE);
    if (!send(rq, &p, opaque) || !check_fields(rq, &p) ||
        !derive(rq, &p, spdm_req_view(opaque)) ||
        !check_verify_data(rq, &p) ||
        !spdm_req_note_summary(rq, params->summary,
                               x.rsp.psk_exchange_rsp.summary_hash)) {
        return false;
    }
    *id = session.id;
    spdm_req_session_commit(rq, &session);
    /* spec/04 section 7: PSK_CAP 1 has no PSK_FINISH. */
    return spdm_conn_psk_finish(&rq->conn) ||
           spdm_req_session_establish(rq, spdm_conn_session(&rq->conn, *id));
}

bool spdm_requester_psk_exchange(SpdmRequester *rq,
                                 const SpdmPskExchangeParams *params,
                                 uint32_t *session, GError **errp)
{
    *session = 0;
    spdm_req_begin(rq, SPDM_PSK_EXCHANGE, 0);
    return spdm_req_done(rq, psk_exchange(rq, params, session), errp);
}

/*
 * FINISH / FINISH_RSP: the second half of SIGMA (DSP0274; spec/02 section 5,
 * spec/04 section 4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

/* TH up to FINISH's signature or header, MACed, and the MAC behind it. */
static bool append_verify_data(SpdmRequester *rq, SpdmReqExchange *x)
{
    uint8_t mac[SPDM_MAX_HASH];
    size_t h = x->session->hash->size;

    if (!spdm_req_session_mac(rq, x->session, SPDM_SENDER_REQUESTER, mac)) {
        return false;
    }
    spdm_transcript_append(&x->session->f, SPDM_BYTES(mac, h));
    g_byte_array_append(x->req_bytes, mac, (guint)h);
    return true;
}

/* Only in the clear; otherwise KEY_EXCHANGE_RSP had it. */
static bool check_verify_data(SpdmRequester *rq, const SpdmReqExchange *x)
{
    SpdmBytes got = x->rsp.finish.verify_data;
    uint8_t want[SPDM_MAX_HASH];

    if (!x->session->in_the_clear) {
        return true;
    }
    return spdm_req_session_mac(rq, x->session, SPDM_SENDER_RESPONDER,
                                want) &&
           spdm_req_check(rq, SPDM_CHECK_FINISH_VERIFY,
                          got.len == x->session->hash->size &&
                          spdm_equal_ct(got.data, want, got.len),
                          "ResponderVerifyData does not match the "
                          "transcript");
}

static bool finish(SpdmRequester *rq, uint32_t session)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    g_autoptr(GByteArray) opaque = g_byte_array_new();
    SpdmSession *s = spdm_req_session(rq, session, SPDM_SESSION_HANDSHAKE);

    if (!s || !spdm_req_usage(rq, s->type == SPDM_SESSION_SIGMA,
                              "a PSK session ends its handshake by "
                              "PSK_FINISH")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_FINISH);
    x.ctx.in_the_clear = s->in_the_clear;
    spdm_req_append_opaque(rq, opaque);
    x.req.finish.opaque = spdm_req_view(opaque); /* 1.4 */
    if (!spdm_req_mut_auth_prepare(rq, &x) || !spdm_req_encode(rq, &x)) {
        return false;
    }
    spdm_transcript_append(&s->f, spdm_req_view(x.req_bytes));
    if (!spdm_req_mut_auth_sign(rq, &x) || !append_verify_data(rq, &x) ||
        !spdm_req_exchange(rq, &x) ||
        !spdm_req_check_opaque(rq, x.rsp.finish.opaque)) {
        return false;
    }
    spdm_transcript_append(&s->f, spdm_req_view_but(
        x.rsp_bytes, x.rsp.finish.verify_data.len));
    if (!check_verify_data(rq, &x)) {
        return false;
    }
    spdm_transcript_append(&s->f, x.rsp.finish.verify_data);
    return spdm_req_session_establish(rq, s);
}

bool spdm_requester_finish(SpdmRequester *rq, uint32_t session, GError **errp)
{
    spdm_req_begin(rq, SPDM_FINISH, session);
    return spdm_req_done(rq, finish(rq, session), errp);
}

/*
 * PSK_FINISH / PSK_FINISH_RSP (DSP0274; spec/02 section 5, spec/04 section
 * 4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

static bool append_verify_data(SpdmRequester *rq, SpdmReqExchange *x)
{
    uint8_t mac[SPDM_MAX_HASH];

    spdm_transcript_append(&x->session->f, spdm_req_view(x->req_bytes));
    if (!spdm_req_session_mac(rq, x->session, SPDM_SENDER_REQUESTER, mac)) {
        return false;
    }
    g_byte_array_append(x->req_bytes, mac, x->session->hash->size);
    spdm_transcript_append(&x->session->f,
                           SPDM_BYTES(mac, x->session->hash->size));
    return true;
}

static bool psk_finish(SpdmRequester *rq, uint32_t session)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    g_autoptr(GByteArray) opaque = g_byte_array_new();
    SpdmSession *s = spdm_req_session(rq, session, SPDM_SESSION_HANDSHAKE);

    if (!s || !spdm_req_usage(rq, s->type == SPDM_SESSION_PSK,
                              "a SIGMA session ends its handshake by "
                              "FINISH")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_PSK_FINISH);
    spdm_req_append_opaque(rq, opaque);
    x.req.finish.opaque = spdm_req_view(opaque); /* 1.4 */
    if (!spdm_req_encode(rq, &x) || !append_verify_data(rq, &x) ||
        !spdm_req_exchange(rq, &x) ||
        !spdm_req_check_opaque(rq, x.rsp.finish.opaque)) {
        return false;
    }
    spdm_transcript_append(&s->f, spdm_req_view(x.rsp_bytes));
    return spdm_req_session_establish(rq, s);
}

bool spdm_requester_psk_finish(SpdmRequester *rq, uint32_t session,
                               GError **errp)
{
    spdm_req_begin(rq, SPDM_PSK_FINISH, session);
    return spdm_req_done(rq, psk_finish(rq, session), errp);
}

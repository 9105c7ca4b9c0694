/*
 * How a handshake ends: the common part of FINISH and PSK_FINISH.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/* RequesterVerifyData is the HMAC over TH up to it (DSP0274 FINISH). */
SpdmStatus spdm_check_requester_verify_data(SpdmTxn *t)
{
    const SpdmSession *s = t->session;
    SpdmBytes before = SPDM_BYTES(t->request.data,
                                  t->request.len - s->hash->size);
    uint8_t th[SPDM_MAX_HASH];
    uint8_t expected[SPDM_MAX_HASH];

    if (!spdm_conn_th(t->conn, s, before, th)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "TH has overflown");
    }
    spdm_session_verify_data(s, SPDM_SENDER_REQUESTER, th, expected);
    if (!spdm_equal_ct(t->req.finish.verify_data.data, expected,
                       s->hash->size)) {
        return spdm_fail_session(SPDM_ERROR_DECRYPT_ERROR,
                                 "RequesterVerifyData is wrong");
    }
    t->rsp.finish.opaque = spdm_txn_opaque(t); /* 1.4 */
    return SPDM_STATUS_OK;
}

SpdmStatus spdm_finish_th2(SpdmTxn *t)
{
    if (!spdm_conn_th(t->conn, t->session, spdm_txn_exchange(t), t->th2)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "TH has overflown");
    }
    return SPDM_STATUS_OK;
}

void spdm_establish(SpdmTxn *t, SpdmSession *s)
{
    spdm_session_derive_data(s, t->th2);
    spdm_responder_traffic_secrets(t->r, s, "data");
    spdm_responder_secret(t->r, s->id, "export-master",
                          SPDM_BYTES(s->export_master.data,
                                     s->export_master.len));
    s->phase = SPDM_SESSION_ESTABLISHED;
    s->last_activity_us = spdm_responder_now(t->r);
    if (t->conn->clear_session == s->id) {
        t->conn->clear_session = 0;
    }
    spdm_responder_session_event(t->r, s->id, "established");
}

/*
 * FINISH -> FINISH_RSP: a SIGMA handshake ends.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"
#include "responder/mut-auth.h"

SpdmStatus spdm_rsp_finish(SpdmTxn *t)
{
    bool has_signature = t->req.h.param1 & SPDM_FINISH_SIGNATURE;
    SpdmStatus st;

    if (has_signature != (t->session->mut_auth_requested != 0)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "FINISH is signed exactly when that was asked for");
    }
    st = spdm_mut_auth_finish(t);
    return st.failed ? st : spdm_check_requester_verify_data(t);
}

/*
 * With HANDSHAKE_IN_THE_CLEAR the responder proves its keys here and not in
 * KEY_EXCHANGE_RSP. TH2 covers all of FINISH_RSP.
 */
SpdmStatus spdm_finish_finish(SpdmTxn *t)
{
    SpdmSession *s = t->session;
    uint8_t th[SPDM_MAX_HASH];

    if (s->in_the_clear) {
        if (!spdm_conn_th(t->conn, s, spdm_txn_exchange(t), th)) {
            return spdm_fail(SPDM_ERROR_UNSPECIFIED, "TH has overflown");
        }
        spdm_txn_verify_data(t, s, th);
    }
    return spdm_finish_th2(t);
}

/* FINISH_RSP went under handshake keys; the next record does not. */
void spdm_sent_finish(SpdmTxn *t)
{
    spdm_establish(t, t->session);
}

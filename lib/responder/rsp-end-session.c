/*
 * END_SESSION -> END_SESSION_ACK.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

SpdmStatus spdm_rsp_end_session(SpdmTxn *t)
{
    return SPDM_STATUS_OK;
}

/*
 * The ACK went under the session's keys; now they go. Param1 bit 0 also asks
 * to forget the negotiated state, which only a responder with CACHE_CAP
 * keeps. Sessions that are still open need it: then it goes with the next
 * reset.
 */
void spdm_sent_end_session(SpdmTxn *t)
{
    bool forget = (t->req.h.param1 & SPDM_END_SESSION_CLEAR_STATE) &&
                  (t->conn->rsp_flags & SPDM_CACHE_CAP);

    spdm_responder_end_session(t->r, t->session, "ended: END_SESSION");
    t->conn->cache_cleared |= forget;
    if (forget && !spdm_conn_session_count(t->conn)) {
        spdm_txn_reset_conn(t, "ended: END_SESSION");
    }
}

/*
 * END_SESSION / END_SESSION_ACK (DSP0274; spec/05 section 7).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

/* As the responder: at once, or with the next reset if sessions need it. */
static void forget_negotiated(SpdmRequester *rq)
{
    rq->conn.cache_cleared = true;
    if (!spdm_conn_session_count(&rq->conn)) {
        spdm_req_reset(rq, "END_SESSION cleared the negotiated state");
    }
}

static bool end_session(SpdmRequester *rq, uint32_t session, bool clear)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmSession *s = spdm_req_session(rq, session, SPDM_SESSION_ESTABLISHED);
    bool ok;

    if (!s) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_END_SESSION);
    x.req.h.param1 = clear ? SPDM_END_SESSION_CLEAR_STATE : 0;
    ok = spdm_req_run(rq, &x);
    /* Whatever was said to it: we do not use these keys again. */
    spdm_req_end_session(rq, s, ok ? "END_SESSION" : rq->failure.why);
    if (ok && clear && (rq->conn.rsp_flags & SPDM_CACHE_CAP)) {
        forget_negotiated(rq);
    }
    return ok;
}

bool spdm_requester_end_session(SpdmRequester *rq, uint32_t session,
                                bool clear_state, GError **errp)
{
    spdm_req_begin(rq, SPDM_END_SESSION, session);
    return spdm_req_done(rq, end_session(rq, session, clear_state), errp);
}

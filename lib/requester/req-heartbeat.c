/*
 * HEARTBEAT / HEARTBEAT_ACK (DSP0274; spec/05 section 7).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

static bool heartbeat(SpdmRequester *rq, uint32_t session)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmSession *s = spdm_req_session(rq, session, SPDM_SESSION_ESTABLISHED);

    if (!s || !spdm_req_usage(rq, s->heartbeat_period,
                              "the session has no heartbeat")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_HEARTBEAT);
    return spdm_req_run(rq, &x);
}

bool spdm_requester_heartbeat(SpdmRequester *rq, uint32_t session,
                              GError **errp)
{
    spdm_req_begin(rq, SPDM_HEARTBEAT, session);
    return spdm_req_done(rq, heartbeat(rq, session), errp);
}

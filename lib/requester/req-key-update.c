/*
 * KEY_UPDATE / KEY_UPDATE_ACK, and the VerifyNewKey that follows (DSP0274;
 * spec/05 section 6).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

/* One KEY_UPDATE message; the acknowledgement repeats both parameters. */
static bool exchange(SpdmRequester *rq, SpdmReqExchange *x)
{
    return spdm_req_exchange(rq, x) &&
           spdm_req_check(rq, SPDM_CHECK_KEY_UPDATE_OPERATION,
                          x->rsp.h.param1 == x->req.h.param1,
                          "KEY_UPDATE_ACK is of another operation") &&
           spdm_req_check(rq, SPDM_CHECK_KEY_UPDATE_TAG,
                          x->rsp.h.param2 == x->req.h.param2,
                          "KEY_UPDATE_ACK has another tag");
}

static bool prepare(SpdmRequester *rq, SpdmReqExchange *x, SpdmSession *s,
                    uint8_t operation)
{
    spdm_req_exchange_init(rq, x, s, SPDM_KEY_UPDATE);
    x->req.h.param1 = operation;
    x->req.h.param2 = rq->next_tag++;
    return spdm_req_encode(rq, x);
}

/*
 * The request goes under our old keys; the answer comes under the peer's new
 * keys when both directions change. The old ones of the peer are kept until
 * then: an answer under them means that it acknowledged without doing it.
 */
static bool update(SpdmRequester *rq, SpdmSession *s, uint8_t operation)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    bool all = operation == SPDM_UPDATE_ALL_KEYS;

    if (!prepare(rq, &x, s, operation)) {
        return false;
    }
    if (all) {
        spdm_session_update_keys(s, SPDM_SENDER_RESPONDER);
    }
    if (!exchange(rq, &x) ||
        !spdm_req_check(rq, SPDM_CHECK_KEY_UPDATE_KEYS,
                        !all || s->has_backup[SPDM_SENDER_RESPONDER],
                        "the update of all keys is acknowledged under the "
                        "old key")) {
        return false;
    }
    spdm_session_drop_backup(s, SPDM_SENDER_RESPONDER);
    spdm_session_update_keys(s, SPDM_SENDER_REQUESTER);
    return true;
}

/* The first record under our new key. */
static bool verify_new_key(SpdmRequester *rq, SpdmSession *s)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };

    if (!prepare(rq, &x, s, SPDM_VERIFY_NEW_KEY) || !exchange(rq, &x)) {
        return false;
    }
    spdm_session_drop_backup(s, SPDM_SENDER_REQUESTER);
    s->key_updates++;
    return true;
}

static bool key_update(SpdmRequester *rq, uint32_t session, bool all)
{
    SpdmSession *s = spdm_req_session(rq, session, SPDM_SESSION_ESTABLISHED);

    return s &&
           spdm_req_usage(rq, spdm_conn_both(&rq->conn, SPDM_KEY_UPD_CAP),
                          "KEY_UPD_CAP of both ends was not negotiated") &&
           update(rq, s, all ? SPDM_UPDATE_ALL_KEYS : SPDM_UPDATE_KEY) &&
           verify_new_key(rq, s);
}

/*
 * Half an update is no state to go on from, so that even an ERROR which
 * would be harmless elsewhere ends the session here.
 */
bool spdm_requester_key_update(SpdmRequester *rq, uint32_t session, bool all,
                               GError **errp)
{
    SpdmSession *s;
    bool ok;

    spdm_req_begin(rq, SPDM_KEY_UPDATE, session);
    ok = key_update(rq, session, all);
    s = spdm_conn_session(&rq->conn, session);
    if (!ok && s && rq->failure.kind != SPDM_REQUESTER_ERROR_USAGE) {
        spdm_req_end_session(rq, s, rq->failure.why);
    }
    return spdm_req_done(rq, ok, errp);
}

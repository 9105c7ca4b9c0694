/*
 * KEY_UPDATE -> KEY_UPDATE_ACK.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

static SpdmStatus refuse(const char *why)
{
    return spdm_fail(SPDM_ERROR_INVALID_REQUEST, why);
}

SpdmStatus spdm_rsp_key_update(SpdmTxn *t)
{
    uint8_t op = t->req.h.param1;
    bool pending = t->session->update_pending != 0;

    if (op < SPDM_UPDATE_KEY || op > SPDM_VERIFY_NEW_KEY) {
        return refuse("KEY_UPDATE operation is not 1, 2 or 3");
    }
    if (op == SPDM_VERIFY_NEW_KEY && !pending) {
        return refuse("VerifyNewKey, but no update is pending");
    }
    if (op != SPDM_VERIFY_NEW_KEY && pending) {
        return refuse("the previous update was not verified yet");
    }
    t->rsp.h.param1 = op;
    t->rsp.h.param2 = t->req.h.param2;
    return SPDM_STATUS_OK;
}

/*
 * DSP0274 KEY_UPDATE: the request came under the old requester key, and the
 * ACK of UpdateAllKeys is the first record under the new responder key. The
 * old keys stay until VerifyNewKey shows that the requester has switched.
 */
void spdm_commit_key_update(SpdmTxn *t)
{
    SpdmSession *s = t->session;
    uint8_t op = t->req.h.param1;

    if (op == SPDM_VERIFY_NEW_KEY) {
        spdm_session_drop_backup(s, SPDM_SENDER_REQUESTER);
        spdm_session_drop_backup(s, SPDM_SENDER_RESPONDER);
        s->update_pending = 0;
        return;
    }
    spdm_session_update_keys(s, SPDM_SENDER_REQUESTER);
    if (op == SPDM_UPDATE_ALL_KEYS) {
        spdm_session_update_keys(s, SPDM_SENDER_RESPONDER);
    }
    s->update_pending = op;
    s->update_tag = t->req.h.param2;
    s->key_updates++;
}

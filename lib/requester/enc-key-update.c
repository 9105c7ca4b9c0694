/*
 * Embedded KEY_UPDATE -> KEY_UPDATE_ACK: the responder changes its own key
 * (spec/05 section 6).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/encap.h"

SpdmStatus spdm_enc_key_update(SpdmRequester *rq, SpdmEmbedded *e)
{
    bool pending = e->session->has_backup[SPDM_SENDER_RESPONDER];

    /* UpdateAllKeys is the requester's alone. */
    if (e->req.h.param1 != (pending ? SPDM_VERIFY_NEW_KEY
                                    : SPDM_UPDATE_KEY)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "not the operation that is due");
    }
    e->rsp.h.param1 = e->req.h.param1;
    e->rsp.h.param2 = e->req.h.param2;
    return SPDM_STATUS_OK;
}

/* The answer to our acknowledgement is under the new key already. */
void spdm_enc_commit_key_update(SpdmRequester *rq, SpdmEmbedded *e)
{
    if (e->req.h.param1 == SPDM_UPDATE_KEY) {
        spdm_session_update_keys(e->session, SPDM_SENDER_RESPONDER);
    } else {
        spdm_session_drop_backup(e->session, SPDM_SENDER_RESPONDER);
        e->session->key_updates++;
    }
}

/*
 * The table of embedded requests, and those that need no file of their own.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/encap-rows.h"

/* flow->request is empty at first, and UpdateKey once that is verified. */
static bool compose_key_update(SpdmTxn *t, SpdmEncapFlow *flow, SpdmMsg *m)
{
    bool begun = spdm_transcript_view(&flow->request).len != 0;

    m->h.param1 = begun ? SPDM_VERIFY_NEW_KEY : SPDM_UPDATE_KEY;
    spdm_rng_fill(&t->r->rng, &m->h.param2, 1);
    return true;
}

static SpdmStatus take_key_update(SpdmTxn *t, SpdmEncapFlow *flow,
                                  const SpdmMsg *m, SpdmBytes bytes)
{
    SpdmBytes request = spdm_transcript_view(&flow->request);

    if (m->h.param1 != request.data[2] || m->h.param2 != request.data[3]) {
        return spdm_encap_bad("KEY_UPDATE_ACK echoes another operation");
    }
    flow->code = m->h.param1 == SPDM_UPDATE_KEY ? SPDM_KEY_UPDATE : 0;
    return SPDM_STATUS_OK;
}

/*
 * DSP0277: the requester has derived the new key before it answered, so the
 * ACK that carries VerifyNewKey is the first record under it.
 */
static void commit_key_update(SpdmTxn *t, const SpdmEncapFlow *flow)
{
    if (flow->code) {
        spdm_session_update_keys(t->session, SPDM_SENDER_RESPONDER);
        t->session->key_updates++;
    } else {
        spdm_session_drop_backup(t->session, SPDM_SENDER_RESPONDER);
    }
}

static const SpdmEncapRow rows[] = {
    {
        .code = SPDM_GET_DIGESTS,
        .min_version = SPDM_VERSION_11,
        .compose = spdm_encap_get_digests,
        .take = spdm_encap_digests,
        .commit = spdm_encap_commit_digests,
    }, {
        .code = SPDM_GET_CERTIFICATE,
        .min_version = SPDM_VERSION_11,
        .compose = spdm_encap_get_certificate,
        .take = spdm_encap_certificate,
        .commit = spdm_encap_commit_certificate,
    }, {
        .code = SPDM_CHALLENGE,
        .min_version = SPDM_VERSION_11,
        .compose = spdm_encap_challenge,
        .take = spdm_encap_challenge_auth,
        .commit = spdm_encap_commit_challenge_auth,
    }, {
        .code = SPDM_KEY_UPDATE,
        .min_version = SPDM_VERSION_11,
        .compose = compose_key_update,
        .take = take_key_update,
        .commit = commit_key_update,
    }, {
        .code = SPDM_SEND_EVENT,
        .min_version = SPDM_VERSION_13,
        .compose = spdm_encap_send_event,
        .take = spdm_encap_event_ack,
        .commit = spdm_encap_commit_event_ack,
        .refused = spdm_encap_event_refused,
    }, {
        .code = SPDM_GET_ENDPOINT_INFO,
        .min_version = SPDM_VERSION_13,
        .compose = spdm_encap_get_endpoint_info,
        .take = spdm_encap_endpoint_info,
        .commit = spdm_encap_commit_endpoint_info,
        .is_signed = spdm_encap_endpoint_signed,
    },
};

const SpdmEncapRow *spdm_encap_row(uint8_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].code == code) {
            return &rows[i];
        }
    }
    return NULL;
}

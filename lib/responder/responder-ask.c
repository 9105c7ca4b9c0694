/*
 * What the responder's owner may have it ask the requester.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/encap.h"

/* Whether there is such a session; 0 is outside, *session then NULL. */
static bool find(SpdmResponder *r, uint32_t id, SpdmSession **session)
{
    *session = id ? spdm_conn_session(&r->conn, id) : NULL;
    return !id || *session;
}

static bool ask(SpdmResponder *r, uint32_t id, SpdmEncapKind kind)
{
    SpdmSession *session;

    return find(r, id, &session) &&
           spdm_encap_queue(r, session, kind, SPDM_BYTES(NULL, 0));
}

bool spdm_responder_update_key(SpdmResponder *r, uint32_t session_id)
{
    return ask(r, session_id, SPDM_ENCAP_KEY_UPDATE);
}

bool spdm_responder_ask_endpoint_info(SpdmResponder *r, uint32_t session_id)
{
    return ask(r, session_id, SPDM_ENCAP_ENDPOINT_INFO);
}

SpdmBytes spdm_responder_endpoint_info(const SpdmResponder *r,
                                       uint32_t session_id)
{
    SpdmConn *conn = (SpdmConn *)&r->conn;
    SpdmSession *s = spdm_conn_session(conn, session_id);

    if (session_id && !s) {
        return SPDM_BYTES(NULL, 0);
    }
    return spdm_transcript_view(
        &spdm_conn_encap(conn, session_id ? s : NULL)->endpoint_info);
}

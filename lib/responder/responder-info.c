/*
 * What a responder tells about itself at run time (qom-get, tools).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/responder-int.h"

static const char *meas_hash_name(const SpdmConn *conn)
{
    const SpdmHashAlg *hash = spdm_hash_by_meas_bit(conn->meas_hash);

    if (hash) {
        return hash->name;
    }
    return conn->meas_hash == SPDM_MEAS_HASH_RAW ? "raw" : "";
}

static void fill_sessions(const SpdmConn *conn, SpdmResponderInfo *info)
{
    for (unsigned i = 0; i < conn->sessions_used; i++) {
        const SpdmSession *s = &conn->sessions[i];

        if (s->phase != SPDM_SESSION_FREE) {
            spdm_session_describe(s, &info->sessions[info->session_count++]);
        }
    }
}

void spdm_responder_info(const SpdmResponder *r, SpdmResponderInfo *info)
{
    const SpdmConn *conn = &r->conn;
    const SpdmCounters *c = &r->counters;

    *info = (SpdmResponderInfo){
        .state = spdm_conn_phase(conn, NULL),
        .version = conn->version,
        .hash = conn->hash ? conn->hash->name : "",
        .asym = conn->asym ? conn->asym->name : "",
        .dhe = conn->dhe ? conn->dhe->name : "",
        .kem = conn->kem ? conn->kem->name : "",
        .aead = conn->aead ? conn->aead->name : "",
        .measurement_hash = meas_hash_name(conn),
        .requester_asym = conn->req_asym ? conn->req_asym->name : "",
        .requester_authenticated = conn->peer_authenticated,
        .requests = c->requests,
        .responses = c->responses,
        .errors = c->errors,
        .drops = c->drops,
        .sessions_opened = c->sessions_opened,
        .sessions_ended = c->sessions_ended,
        .chains_changed = c->chains_changed,
        .key_waits = r->ephemeral != NULL,
        .keys_ahead = r->ephemerals_used,
        .last_error_code = c->last_error_code,
        .last_error_request = c->last_error_request,
        .last_error = c->last_error,
    };
    fill_sessions(conn, info);
}

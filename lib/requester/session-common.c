/*
 * What KEY_EXCHANGE and PSK_EXCHANGE have in common.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"

enum {
    SECURED_10 = 0x1000,
    SECURED_11 = 0x1100,
    SECURED_STEP = 0x0100,
    SECURED_MASK = 0xff00,
    MESSAGE_VERSION_MASK = 0xf0,
    MESSAGE_VERSION_1 = 0x10,
};

bool spdm_req_session_usage(SpdmRequester *rq)
{
    const SpdmConn *c = &rq->conn;

    return spdm_req_usage(rq, c->state >= SPDM_CONN_NEGOTIATED,
                          "NEGOTIATE_ALGORITHMS comes first") &&
           spdm_req_usage(rq, spdm_conn_can_session(c) && c->hash &&
                          c->aead && c->key_schedule,
                          "sessions were not negotiated: MAC_CAP and "
                          "ENCRYPT_CAP of both ends, AEAD, key schedule") &&
           spdm_req_usage(rq, c->version < SPDM_VERSION_12 ||
                          (c->other_params & SPDM_OPAQUE_FMT1),
                          "OpaqueDataFmt1 was not negotiated") &&
           spdm_req_usage(rq, spdm_conn_session_count(c) < SPDM_MAX_SESSIONS,
                          "eight sessions are open");
}

void spdm_req_session_init(SpdmRequester *rq, SpdmSession *s,
                           SpdmSessionType type)
{
    const SpdmConn *c = &rq->conn;

    *s = (SpdmSession){
        .type = type,
        .version = c->version,
        .hash = c->hash,
        .aead = c->aead,
        .mac_only = !spdm_conn_both(c, SPDM_ENCRYPT_CAP),
        .in_the_clear = type == SPDM_SESSION_SIGMA &&
            spdm_conn_both(c, SPDM_HANDSHAKE_IN_THE_CLEAR_CAP),
    };
}

static bool id_in_use(const SpdmConn *conn, uint16_t id)
{
    for (unsigned i = 0; i < conn->sessions_used; i++) {
        const SpdmSession *s = &conn->sessions[i];

        if (s->phase != SPDM_SESSION_FREE && (uint16_t)s->id == id) {
            return true;
        }
    }
    return false;
}

/*
 * Counted down from 0xFFFF. Without framing a record starts with this id: its
 * low byte must not look like an SPDMVersion (transport/none.c).
 */
uint16_t spdm_req_session_id(SpdmRequester *rq)
{
    uint16_t id;

    do {
        id = rq->next_session_id--;
    } while (id == 0 || id_in_use(&rq->conn, id) ||
             (id & MESSAGE_VERSION_MASK) == MESSAGE_VERSION_1);
    return id;
}

/* DSP0277 1.2 and later go with SPDM 1.2 and later. */
static uint16_t secured_max(const SpdmRequester *rq)
{
    return rq->conn.version < SPDM_VERSION_12
           ? MIN(rq->cfg.secured_max, SECURED_11) : rq->cfg.secured_max;
}

void spdm_req_session_opaque(SpdmRequester *rq, GByteArray *out)
{
    uint16_t versions[SPDM_MAX_SECURED_VERSIONS];
    unsigned n = 0;

    for (uint16_t v = MAX(rq->cfg.secured_min, SECURED_10);
         v <= secured_max(rq) && n < SPDM_MAX_SECURED_VERSIONS;
         v += SECURED_STEP) {
        versions[n++] = v;
    }
    spdm_opaque_encode_supported(rq->conn.version, versions, n, out);
    if (secured_max(rq) >= SPDM_SECURED_13) {
        spdm_opaque_encode_limit(rq->conn.version, rq->cfg.aead_limit, out);
    }
    spdm_req_append_opaque(rq, out);
}

static bool accept_opaque(SpdmRequester *rq, SpdmSession *s,
                          SpdmBytes opaque)
{
    SpdmOpaque o = { .has_selected = false };
    uint16_t version;

    if (!spdm_req_check(rq, SPDM_CHECK_OPAQUE_LENGTH,
                        opaque.len <= SPDM_MAX_OPAQUE,
                        "OpaqueDataLength exceeds 1024") ||
        !spdm_req_check(rq, SPDM_CHECK_SESSION_OPAQUE,
                        spdm_opaque_parse(rq->conn.version, opaque, &o),
                        "the opaque data is malformed") ||
        !spdm_req_check(rq, SPDM_CHECK_SESSION_SELECTED, o.has_selected,
                        "no secured message version was selected")) {
        return false;
    }
    version = o.selected & SECURED_MASK;
    s->secured_version = o.selected;
    if (version >= SPDM_SECURED_13) {
        s->aead_deficit = SPDM_AEAD_LIMIT_MAX -
                          spdm_opaque_limit(&o, rq->cfg.aead_limit);
    }
    return spdm_req_check(rq, SPDM_CHECK_SESSION_OFFERED,
                          version >= rq->cfg.secured_min &&
                          version <= secured_max(rq),
                          "the secured message version selected was not "
                          "offered");
}

static bool rsp_id_is_new(const SpdmConn *conn, uint16_t rsp_id)
{
    for (unsigned i = 0; i < conn->sessions_used; i++) {
        const SpdmSession *s = &conn->sessions[i];

        if (s->phase != SPDM_SESSION_FREE && s->id >> 16 == rsp_id) {
            return false;
        }
    }
    return true;
}

bool spdm_req_session_accept(SpdmRequester *rq, SpdmSession *s,
                             uint16_t req_id, uint16_t rsp_id,
                             uint8_t heartbeat, SpdmBytes opaque)
{
    s->id = (uint32_t)rsp_id << 16 | req_id;
    s->heartbeat_period = heartbeat;
    return spdm_req_check(rq, SPDM_CHECK_SESSION_ID, rsp_id != 0,
                          "RspSessionID is 0") &&
           spdm_req_check(rq, SPDM_CHECK_SESSION_UNIQUE,
                          rsp_id_is_new(&rq->conn, rsp_id),
                          "RspSessionID is that of another session") &&
           spdm_req_check(rq, SPDM_CHECK_SESSION_HEARTBEAT, heartbeat == 0 ||
                          spdm_conn_both(&rq->conn, SPDM_HBEAT_CAP),
                          "a heartbeat was not negotiated") &&
           accept_opaque(rq, s, opaque);
}

bool spdm_req_session_mac(SpdmRequester *rq, const SpdmSession *s,
                          SpdmSender sender, uint8_t *out)
{
    uint8_t th[SPDM_MAX_HASH];

    if (!spdm_conn_th(&rq->conn, s, SPDM_BYTES(NULL, 0), th)) {
        return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                             "the transcript has grown too long");
    }
    spdm_session_verify_data(s, sender, th, out);
    return true;
}

void spdm_req_session_commit(SpdmRequester *rq, SpdmSession *s)
{
    SpdmSession *slot = spdm_conn_free_session(&rq->conn, SPDM_MAX_SESSIONS);

    g_assert(slot); /* spdm_req_session_usage() saw one */
    s->phase = SPDM_SESSION_HANDSHAKE;
    s->last_activity_us = spdm_req_now(rq);
    spdm_session_move(slot, s);
    if (slot->in_the_clear) {
        rq->conn.clear_session = slot->id;
    }
    spdm_req_session_event(rq, slot->id, "handshake");
}

bool spdm_req_session_establish(SpdmRequester *rq, SpdmSession *s)
{
    uint8_t th2[SPDM_MAX_HASH];

    if (!spdm_conn_th(&rq->conn, s, SPDM_BYTES(NULL, 0), th2)) {
        return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                             "the transcript has grown too long");
    }
    spdm_session_derive_data(s, th2);
    spdm_req_traffic_secrets(rq, s, "data");
    s->phase = SPDM_SESSION_ESTABLISHED;
    if (rq->conn.clear_session == s->id) {
        rq->conn.clear_session = 0;
    }
    spdm_req_session_event(rq, s->id, "established");
    return true;
}

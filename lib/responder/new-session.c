/*
 * How a session begins: the common part of KEY_EXCHANGE and PSK_EXCHANGE.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/opaque.h"
#include "responder/events.h"
#include "responder/handlers.h"

/* PSK sessions without responder context must do without randomness. */
static bool has_random(const SpdmTxn *t, const SpdmNewSession *ask)
{
    return ask->type == SPDM_SESSION_SIGMA || spdm_conn_psk_finish(t->conn);
}

static bool id_in_use(const SpdmTxn *t, uint16_t rsp_id)
{
    for (unsigned i = 0; i < t->conn->sessions_used; i++) {
        const SpdmSession *s = &t->conn->sessions[i];

        if (s->phase != SPDM_SESSION_FREE &&
            spdm_rsp_session_id(s) == rsp_id) {
            return true;
        }
    }
    return false;
}

/*
 * RspSessionID: unique and not 0 (DSP0277 "Session ID"). Ends, since there
 * are far fewer sessions than ids and a colliding draw is counted down.
 */
static uint16_t choose_id(SpdmTxn *t, const SpdmNewSession *ask)
{
    uint16_t id = UINT16_MAX;

    if (has_random(t, ask)) {
        spdm_rng_fill(&t->r->rng, &id, sizeof(id));
        id = GUINT16_FROM_LE(id);
    }
    while (id == 0 || id_in_use(t, id)) {
        id--;
    }
    return id;
}

/* What the two opaque data fields agree on. */
typedef struct Agreed {
    uint16_t version;
    uint8_t limit;           /* AEAD limit exponent; 64 before 1.3 */
} Agreed;

/* DSP0277 "Secured Message opaque data": agree on a version, or refuse. */
static SpdmStatus agree(SpdmTxn *t, SpdmBytes request, Agreed *agreed)
{
    const SpdmProfile *p = t->r->profile;
    SpdmOpaque opaque;

    *agreed = (Agreed){ .limit = SPDM_AEAD_LIMIT_MAX };
    if (t->conn->version >= SPDM_VERSION_12 &&
        !(t->conn->other_params & SPDM_OPAQUE_FMT1)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "sessions need OpaqueDataFmt1, not negotiated");
    }
    if (spdm_opaque_parse(t->conn->version, request, &opaque)) {
        agreed->version = spdm_opaque_choose(&opaque, p->secured_min,
                                             p->secured_max);
    }
    if (agreed->version >= SPDM_SECURED_13) {
        agreed->limit = spdm_opaque_limit(&opaque, p->aead_limit);
    }
    if (!agreed->version) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "no common secured message version in OpaqueData");
    }
    return SPDM_STATUS_OK;
}

/* SessionPolicy bit 1 (1.3): subscribe to all events. */
static bool wants_all_events(const SpdmTxn *t, const SpdmNewSession *ask)
{
    return t->conn->version >= SPDM_VERSION_13 &&
           (ask->policy & SPDM_POLICY_EVENT_ALL);
}

static SpdmStatus check_policy(const SpdmTxn *t, const SpdmNewSession *ask)
{
    if (wants_all_events(t, ask) && !(t->conn->rsp_flags & SPDM_EVENT_CAP)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "all events asked for without EVENT_CAP");
    }
    if (!spdm_conn_can_session(t->conn) || !t->conn->aead) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "sessions need MAC_CAP on both sides");
    }
    return SPDM_STATUS_OK;
}

static SpdmSession *make_session(SpdmTxn *t, const SpdmNewSession *ask)
{
    SpdmConn *conn = t->conn;
    SpdmSession *s = g_new0(SpdmSession, 1);

    s->phase = SPDM_SESSION_HANDSHAKE;
    s->type = ask->type;
    s->id = (uint32_t)choose_id(t, ask) << 16 | ask->req_session_id;
    s->mac_only = !spdm_conn_both(conn, SPDM_ENCRYPT_CAP);
    s->in_the_clear = ask->type == SPDM_SESSION_SIGMA &&
        spdm_conn_both(conn, SPDM_HANDSHAKE_IN_THE_CLEAR_CAP);
    s->version = conn->version;
    s->hash = conn->hash;
    s->aead = conn->aead;
    s->session_policy = conn->version >= SPDM_VERSION_12 ? ask->policy : 0;
    spdm_events_init(&s->events);
    if (wants_all_events(t, ask)) {
        s->events.subscribed = spdm_event_types(conn);
    }
    s->heartbeat_period = spdm_conn_both(conn, SPDM_HBEAT_CAP) ?
        t->r->profile->heartbeat_period : 0;
    return s;
}

static SpdmBytes answer_opaque(SpdmTxn *t, const Agreed *agreed)
{
    GByteArray *bytes = spdm_txn_array(t);
    uint8_t version = t->conn->version;

    spdm_opaque_encode_selected(version, agreed->version, bytes);
    if (agreed->version >= SPDM_SECURED_13) {
        spdm_opaque_encode_limit(version, t->r->profile->aead_limit, bytes);
    }
    spdm_opaque_encode_vendor(version, SPDM_OPAQUE_FMT1,
                              spdm_profile_opaque(t->r->profile), bytes);
    return spdm_array_view(bytes);
}

SpdmStatus spdm_new_session(SpdmTxn *t, const SpdmNewSession *ask,
                            SpdmBytes *opaque)
{
    Agreed agreed;
    SpdmStatus st = check_policy(t, ask);

    if (!st.failed) {
        st = agree(t, ask->opaque, &agreed);
    }
    if (st.failed) {
        return st;
    }
    if (!spdm_conn_free_session(t->conn, t->r->profile->max_sessions)) {
        return spdm_fail(SPDM_ERROR_SESSION_LIMIT_EXCEEDED,
                         "all sessions are in use");
    }
    t->new_session = make_session(t, ask);
    t->new_session->secured_version = agreed.version;
    t->new_session->aead_deficit = SPDM_AEAD_LIMIT_MAX - agreed.limit;
    t->rsp.h.param1 = t->new_session->heartbeat_period;
    *opaque = answer_opaque(t, &agreed);
    return SPDM_STATUS_OK;
}

/*
 * A plain FINISH means the latest handshake in the clear: an earlier one that
 * was not finished can never be, so its slot is given back.
 */
static void supersede_clear_session(SpdmTxn *t)
{
    SpdmSession *old = spdm_conn_session(t->conn, t->conn->clear_session);

    if (t->conn->clear_session && old) {
        spdm_responder_end_session(t->r, old,
                                   "ended: superseded in the clear");
    }
}

/* What the key schedule began with, as a key log calls it. */
static const char *ikm_label(const SpdmTxn *t, const SpdmSession *s)
{
    if (s->type == SPDM_SESSION_PSK) {
        return "psk";
    }
    return t->conn->kem ? "kem" : "dhe";
}

SpdmSession *spdm_commit_new_session(SpdmTxn *t)
{
    uint32_t id = t->new_session->id;
    SpdmSession *slot;

    if (t->new_session->in_the_clear) {
        supersede_clear_session(t);
    }
    slot = spdm_conn_free_session(t->conn, t->r->profile->max_sessions);
    spdm_session_move(slot, t->new_session);
    slot->last_activity_us = spdm_responder_now(t->r);
    if (slot->in_the_clear) {
        t->conn->clear_session = id;
    }
    t->r->counters.sessions_opened++;
    spdm_responder_secret(t->r, id, ikm_label(t, slot),
                          SPDM_BYTES(t->ikm.data, t->ikm.len));
    spdm_responder_traffic_secrets(t->r, slot, "handshake");
    spdm_responder_session_event(t->r, id, "handshake");
    return slot;
}

/*
 * Connection state, the session table, and what requests do to transcripts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/conn.h"

#include <string.h>

/* Sessions, transcripts but A, and flows under way. */
static void clear_exchanges(SpdmConn *conn)
{
    SpdmTranscript *transcripts[] = {
        &conn->b, &conn->d, &conn->l1, &conn->peer_key,
    };

    /* One that is free is wiped: GET_VERSION need not do that again. */
    for (unsigned i = 0; i < conn->sessions_used; i++) {
        if (conn->sessions[i].phase != SPDM_SESSION_FREE) {
            spdm_session_clear(&conn->sessions[i]);
        }
    }
    conn->sessions_used = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(transcripts); i++) {
        spdm_transcript_reset(transcripts[i]);
    }
    spdm_encap_clear(&conn->encap);
}

const char *spdm_conn_phase(const SpdmConn *conn, const SpdmSession *session)
{
    static const char *const names[] = {
        [SPDM_CONN_NOT_STARTED] = "not-started",
        [SPDM_CONN_AFTER_VERSION] = "after-version",
        [SPDM_CONN_AFTER_CAPABILITIES] = "after-capabilities",
        [SPDM_CONN_NEGOTIATED] = "negotiated",
        [SPDM_CONN_AFTER_DIGESTS] = "after-digests",
        [SPDM_CONN_AFTER_CERTIFICATE] = "after-certificate",
        [SPDM_CONN_AUTHENTICATED] = "authenticated",
    };

    return session ? spdm_session_phase_name(session) : names[conn->state];
}

void spdm_conn_keep_negotiated(SpdmConn *conn)
{
    clear_exchanges(conn);
    conn->state = SPDM_CONN_NEGOTIATED;
    conn->d_closed = false;
    conn->clear_session = 0;
    conn->peer_authenticated = false;
    conn->peer_slot = 0;
}

void spdm_conn_reset(SpdmConn *conn)
{
    clear_exchanges(conn);
    spdm_transcript_reset(&conn->a);
    memset(conn, 0, offsetof(SpdmConn, sessions)); /* NOT_STARTED */
    conn->clear_session = 0;
    conn->req_data_transfer_size = UINT32_MAX;
    conn->req_max_msg_size = UINT32_MAX;
    conn->rsp_data_transfer_size = UINT32_MAX;
    conn->rsp_max_msg_size = UINT32_MAX;
}

bool spdm_multi_key_fits(uint32_t flags, bool multi)
{
    uint32_t cap = flags & SPDM_MULTI_KEY_CAP_MASK;

    return cap == SPDM_MULTI_KEY_CAP_NEG ||
           multi == (cap == SPDM_MULTI_KEY_CAP_ONLY);
}

bool spdm_conn_psk(const SpdmConn *conn)
{
    return (conn->req_flags & SPDM_PSK_CAP) &&
           (conn->rsp_flags & SPDM_PSK_CAP_MASK);
}

bool spdm_conn_psk_finish(const SpdmConn *conn)
{
    return spdm_conn_psk(conn) &&
           (conn->rsp_flags & SPDM_PSK_CAP_WITH_CONTEXT);
}

static uint16_t req_exchange_size(const SpdmConn *conn)
{
    return conn->kem ? conn->kem->key_size
                     : conn->dhe ? conn->dhe->public_size : 0;
}

static uint16_t rsp_exchange_size(const SpdmConn *conn)
{
    return conn->kem ? conn->kem->ciphertext_size : req_exchange_size(conn);
}

SpdmWireCtx spdm_conn_wire_ctx(const SpdmConn *conn)
{
    return (SpdmWireCtx){
        .hash_size = conn->hash ? conn->hash->size : 0,
        .sig_size = conn->asym ? conn->asym->sig_size : 0,
        .req_sig_size = conn->req_asym ? conn->req_asym->sig_size : 0,
        .req_exchange_size = req_exchange_size(conn),
        .rsp_exchange_size = rsp_exchange_size(conn),
        .multi_key_rsp = conn->multi_key_rsp,
        .in_the_clear =
            spdm_conn_both(conn, SPDM_HANDSHAKE_IN_THE_CLEAR_CAP),
    };
}

SpdmWireCtx spdm_conn_embedded_ctx(const SpdmConn *conn)
{
    SpdmWireCtx ctx = spdm_conn_wire_ctx(conn);
    uint16_t responder_sig = ctx.sig_size;

    ctx.sig_size = ctx.req_sig_size;
    ctx.req_sig_size = responder_sig;
    ctx.multi_key_rsp = conn->multi_key_req;
    return ctx;
}

static bool says_encap(const SpdmConn *conn, uint32_t flags)
{
    uint32_t implied = conn->version == SPDM_VERSION_12 ? SPDM_MUT_AUTH_CAP
                                                        : 0;

    return (flags & (SPDM_ENCAP_CAP | implied)) != 0;
}

bool spdm_conn_can_encap(const SpdmConn *conn)
{
    return says_encap(conn, conn->req_flags) &&
           says_encap(conn, conn->rsp_flags);
}

/* spec/04 section 2: not part of a run-up to CHALLENGE. */
static bool clears_b(uint8_t code)
{
    static const uint8_t codes[] = {
        SPDM_GET_MEASUREMENTS, SPDM_KEY_EXCHANGE, SPDM_FINISH,
        SPDM_PSK_EXCHANGE, SPDM_PSK_FINISH, SPDM_KEY_UPDATE, SPDM_HEARTBEAT,
        SPDM_GET_ENCAPSULATED_REQUEST, SPDM_DELIVER_ENCAPSULATED_RESPONSE,
        SPDM_END_SESSION, SPDM_GET_MEASUREMENT_EXTENSION_LOG,
    };

    return memchr(codes, code, sizeof(codes)) != NULL;
}

/* They only carry or repeat another request, which is noted itself. */
static bool is_carrier(uint8_t code)
{
    return code == SPDM_CHUNK_SEND || code == SPDM_CHUNK_GET ||
           code == SPDM_RESPOND_IF_READY;
}

void spdm_conn_note_request(SpdmConn *conn, SpdmSession *session,
                            uint8_t code)
{
    if (is_carrier(code)) {
        return;
    }
    if (code != SPDM_GET_MEASUREMENTS) {
        spdm_transcript_reset(spdm_conn_l1(conn, session));
    }
    if (code != SPDM_GET_DIGESTS && conn->state >= SPDM_CONN_NEGOTIATED) {
        conn->d_closed = true;
    }
    if ((code == SPDM_GET_DIGESTS && !session) ||
        (clears_b(code) && conn->state < SPDM_CONN_AUTHENTICATED)) {
        spdm_transcript_reset(&conn->b);
    }
}

void spdm_conn_note_digests(SpdmConn *conn, SpdmBytes response)
{
    if (conn->multi_key_rsp && !conn->d_closed) {
        spdm_transcript_append(&conn->d, response);
        conn->d_closed = true;
    }
}

SpdmTranscript *spdm_conn_l1(SpdmConn *conn, SpdmSession *session)
{
    return session ? &session->l1 : &conn->l1;
}

SpdmEncap *spdm_conn_encap(SpdmConn *conn, SpdmSession *session)
{
    return session ? &session->encap : &conn->encap;
}

SpdmSession *spdm_conn_session(SpdmConn *conn, uint32_t id)
{
    for (unsigned i = 0; i < conn->sessions_used; i++) {
        SpdmSession *s = &conn->sessions[i];

        if (s->phase != SPDM_SESSION_FREE && s->id == id) {
            return s;
        }
    }
    return NULL;
}

SpdmSession *spdm_conn_free_session(SpdmConn *conn, unsigned limit)
{
    if (spdm_conn_session_count(conn) >= MIN(limit, SPDM_MAX_SESSIONS)) {
        return NULL;
    }
    for (unsigned i = 0; i < SPDM_MAX_SESSIONS; i++) {
        SpdmSession *s = &conn->sessions[i];

        if (s->phase == SPDM_SESSION_FREE) {
            spdm_session_clear(s);
            conn->sessions_used = MAX(conn->sessions_used, i + 1);
            return s;
        }
    }
    return NULL;
}

unsigned spdm_conn_session_count(const SpdmConn *conn)
{
    unsigned count = 0;

    for (unsigned i = 0; i < conn->sessions_used; i++) {
        count += conn->sessions[i].phase != SPDM_SESSION_FREE;
    }
    return count;
}

void spdm_conn_end_session(SpdmConn *conn, SpdmSession *session)
{
    if (conn->clear_session == session->id) {
        conn->clear_session = 0;
    }
    spdm_session_clear(session);
}

/*
 * A connection as both ends keep it: what was negotiated, the transcripts
 * outside sessions, the session table. Plain data, saved by save.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_CONN_H
#define SPDM_CORE_CONN_H

#include "core/session.h"

typedef enum SpdmConnState {
    SPDM_CONN_NOT_STARTED,
    SPDM_CONN_AFTER_VERSION,
    SPDM_CONN_AFTER_CAPABILITIES,
    SPDM_CONN_NEGOTIATED,
    SPDM_CONN_AFTER_DIGESTS,
    SPDM_CONN_AFTER_CERTIFICATE,
    SPDM_CONN_AUTHENTICATED,
} SpdmConnState;

enum { SPDM_MAX_SESSIONS = 8 };

typedef struct SpdmConn {
    SpdmConnState state;
    uint8_t version;                 /* SPDMVersion, 0 before agreed */

    uint32_t req_flags;              /* masked for the version */
    uint32_t rsp_flags;
    uint32_t declared;               /* what these were made of */
    uint16_t rsp_ext_flags;          /* 1.4; likewise */
    uint8_t req_ct_exponent;
    uint8_t rsp_ct_exponent;
    uint32_t req_data_transfer_size; /* before 1.2: UINT32_MAX, no limit */
    uint32_t req_max_msg_size;
    uint32_t rsp_data_transfer_size;
    uint32_t rsp_max_msg_size;

    const SpdmHashAlg *hash;         /* NULL: not selected, as all below */
    const SpdmAsymAlg *asym;
    const SpdmAsymAlg *req_asym;
    const SpdmDheAlg *dhe;           /* or kem, not both */
    const SpdmKemAlg *kem;           /* 1.4 */
    const SpdmAeadAlg *aead;
    uint32_t meas_hash;              /* MeasurementHashAlgo; raw is bit 0 */
    uint8_t meas_spec;
    uint8_t mel_spec;                /* MELspecificationSel, 1.3 */
    uint8_t other_params;            /* OtherParamsSelection */
    uint16_t key_schedule;
    bool cache_cleared;              /* END_SESSION: nothing to keep */
    bool resynch;                    /* the next request meets an ERROR
                                        RequestResynch */
    bool provisioned;                /* no CAPABILITIES and ALGORITHMS */
    bool multi_key_req;
    bool multi_key_rsp;

    SpdmTranscript a;                /* VCA */
    SpdmTranscript b;                /* GET_DIGESTS ... CERTIFICATE */
    SpdmTranscript d;                /* first DIGESTS, multi-key only */
    bool d_closed;                   /* too late for a DIGESTS to be D */
    SpdmTranscript l1;               /* measurements outside sessions */
    SpdmMeasWatch watch;             /* ... and what they were like */

    SpdmEncap encap;                 /* outside sessions */
    bool peer_authenticated;         /* basic mutual authentication */
    uint8_t peer_slot;               /* ... by the key of this slot */
    SpdmTranscript peer_key;         /* SubjectPublicKeyInfo of that */

    unsigned sessions_used;          /* all behind so many are free, and
                                        nobody has to look at them */
    SpdmSession sessions[SPDM_MAX_SESSIONS];
    uint32_t clear_session;          /* id of the session whose handshake is
                                        in the clear, 0 if none */
} SpdmConn;

/**
 * Back to NOT_STARTED: transcripts emptied, sessions ended and wiped. A new
 * SpdmConn is zeroed, then reset.
 */
void spdm_conn_reset(SpdmConn *conn);

/**
 * A reset, as far as a responder with CACHE_CAP is concerned: all goes but
 * what was negotiated: version, capabilities, algorithms, and the messages
 * that did it (A), which stay the beginning of every transcript.
 */
void spdm_conn_keep_negotiated(SpdmConn *conn);

/** Whether there is a negotiated state that outlives a reset (CACHE_CAP). */
static inline bool spdm_conn_caches(const SpdmConn *conn)
{
    return conn->state >= SPDM_CONN_NEGOTIATED && !conn->cache_cleared &&
           (conn->rsp_flags & SPDM_CACHE_CAP);
}

/** Whether both ends declared @flag (a single bit). */
static inline bool spdm_conn_both(const SpdmConn *conn, uint32_t flag)
{
    return (conn->req_flags & conn->rsp_flags & flag) != 0;
}

/** ENCRYPT+MAC or MAC only; false when sessions are impossible. */
static inline bool spdm_conn_can_session(const SpdmConn *conn)
{
    return spdm_conn_both(conn, SPDM_MAC_CAP);
}

/**
 * Whether a connection may have several keys at an end with these
 * CAPABILITIES flags (@multi), or a single one (DSP0274 1.3 MULTI_KEY_CAP:
 * 0 never, 1 always, 2 as the other end wishes).
 */
bool spdm_multi_key_fits(uint32_t flags, bool multi);

/** PSK_CAP of both ends allows PSK sessions / needs a PSK_FINISH. */
bool spdm_conn_psk(const SpdmConn *conn);
bool spdm_conn_psk_finish(const SpdmConn *conn);

/**
 * How far @session is, or without one the connection: "not-started" to
 * "authenticated"; static.
 */
const char *spdm_conn_phase(const SpdmConn *conn,
                            const SpdmSession *session);

/** The layout context of messages on this connection. */
SpdmWireCtx spdm_conn_wire_ctx(const SpdmConn *conn);

/**
 * The same for messages inside an encapsulation, where the roles are swapped
 * (spec/06): the requester signs and names its slots.
 */
SpdmWireCtx spdm_conn_embedded_ctx(const SpdmConn *conn);

/**
 * Whether encapsulated requests are possible: ENCAP_CAP of both, which
 * MUT_AUTH_CAP stands for in 1.2 (spec/02 section 2).
 */
bool spdm_conn_can_encap(const SpdmConn *conn);

/**
 * Rules that a request has on transcripts before it is handled (spec/04
 * sections 2 and 3): GET_DIGESTS clears B; certain requests clear B before
 * AUTHENTICATED; every request but GET_MEASUREMENTS resets the L1 of its
 * context. Both ends call this, once a request.
 */
void spdm_conn_note_request(SpdmConn *conn, SpdmSession *session,
                            uint8_t code);

/**
 * A DIGESTS response of the responder: kept as D when it is the first after
 * ALGORITHMS, nothing but GET_DIGESTS came in between, and the connection is
 * multi-key (spec/04 section 1). A session takes its copy from conn->d.
 */
void spdm_conn_note_digests(SpdmConn *conn, SpdmBytes response);

/** L1 of the session, or the one outside. */
SpdmTranscript *spdm_conn_l1(SpdmConn *conn, SpdmSession *session);

/** Encapsulated requests of the session, or those outside. */
SpdmEncap *spdm_conn_encap(SpdmConn *conn, SpdmSession *session);

/** Session with this id, or NULL. */
SpdmSession *spdm_conn_session(SpdmConn *conn, uint32_t id);

/** A free slot, wiped, or NULL; at most @limit are ever in use. */
SpdmSession *spdm_conn_free_session(SpdmConn *conn, unsigned limit);

/** Sessions in use. */
unsigned spdm_conn_session_count(const SpdmConn *conn);

/** Ends the session: keys wiped, slot free; forgets clear_session. */
void spdm_conn_end_session(SpdmConn *conn, SpdmSession *session);

/**
 * Hash of the session's TH as accumulated so far: A, [D], [Hash(Ct)], K,
 * [eD, Hash(Cm)], F, then @extra (may be empty). @out: H bytes. False when a
 * transcript is overflown. (spec/04 section 4.)
 */
bool spdm_conn_th(const SpdmConn *conn, const SpdmSession *session,
                  SpdmBytes extra, uint8_t *out);

/** M1/M2 = A, B, then @c (CHALLENGE || CHALLENGE_AUTH without signature). */
bool spdm_conn_m1(const SpdmConn *conn, SpdmBytes c, GByteArray *out);

/**
 * M1/M2 of a requester that is challenged (spec/04 section 2): [A from 1.2
 * on], the embedded GET_DIGESTS to CERTIFICATE, then @c.
 */
bool spdm_conn_mut_m1(const SpdmConn *conn, const SpdmTranscript *mut_b,
                      SpdmBytes c, GByteArray *out);

/** IL1/IL2 = A, then @pair: GET_ENDPOINT_INFO, ENDPOINT_INFO unsigned. */
bool spdm_conn_il1(const SpdmConn *conn, SpdmBytes pair, GByteArray *out);

/** L1/L2 = [A from 1.2 on], l1 of the context. */
bool spdm_conn_l1_bytes(SpdmConn *conn, SpdmSession *session,
                        GByteArray *out);

/** TH bytes themselves (KEY_EXCHANGE_RSP and FINISH signatures). */
bool spdm_conn_th_bytes(const SpdmConn *conn, const SpdmSession *session,
                        GByteArray *out);

/**
 * Bytes to sign for a transcript (spec/04 section 5): the transcript itself
 * up to 1.1; prefix || zero fill || @context || Hash(transcript) from 1.2 on.
 * The result is to be hashed once more by the signature scheme.
 */
void spdm_conn_to_be_signed(const SpdmConn *conn, const char *context,
                            SpdmBytes transcript, GByteArray *out);

/* Context strings of spec/04 section 5. */
#define SPDM_CONTEXT_CHALLENGE_AUTH "responder-challenge_auth signing"
#define SPDM_CONTEXT_MEASUREMENTS "responder-measurements signing"
#define SPDM_CONTEXT_KEY_EXCHANGE_RSP "responder-key_exchange_rsp signing"
#define SPDM_CONTEXT_FINISH "requester-finish signing"
#define SPDM_CONTEXT_ENDPOINT_INFO "responder-endpoint_info signing"
#define SPDM_CONTEXT_REQ_CHALLENGE_AUTH "requester-challenge_auth signing"
#define SPDM_CONTEXT_REQ_ENDPOINT_INFO "requester-endpoint_info signing"

/** Appends everything to @out / reads it back; versioned. */
void spdm_conn_save(const SpdmConn *conn, GByteArray *out);
bool spdm_conn_load(SpdmConn *conn, SpdmBytes *in, GError **errp);

#endif

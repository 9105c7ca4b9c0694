/*
 * A responder with a device of its own (generated keys, fake clock, seeded
 * randomness), and a small scripted requester to drive it. The requester is
 * written on wire, core and crypto, not on lib/requester: the two ends are
 * not tested by the same code.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TESTS_RESPONDER_FIXTURE_H
#define SPDM_TESTS_RESPONDER_FIXTURE_H

#include "core/conn.h"
#include "core/opaque.h"
#include "crypto/dhe.h"
#include "crypto/pk.h"
#include "responder/responder-int.h"

/** What a test sets; zero means the usual. */
typedef struct FxOptions {
    uint8_t version;             /* 1.2 */
    SpdmTransportType transport; /* none */
    uint32_t req_flags;          /* FX_REQ_FLAGS */
    uint32_t rsp_flags;          /* FX_RSP_FLAGS */
    uint32_t without;            /* flags taken from both */
    uint16_t rsp_ext_flags;      /* none */
    uint32_t hash;               /* what the requester offers: SHA-384 */
    uint32_t asym;               /* ECDSA P-384; PqcAsymAlgo's bits are
                                    above SPDM_PQC_ASYM_SHIFT */
    uint32_t rsp_asym;           /* of the profile: all of BaseAsymAlgo */
    uint16_t dhe;                /* secp384r1 */
    uint16_t kem;                /* none */
    uint16_t rsp_kem;            /* of the profile: none */
    uint16_t aead;               /* AES-256-GCM */
    uint32_t meas_hash;          /* SHA-512 */
    uint32_t data_transfer_size; /* of the requester: 0x1200 */
    uint32_t max_msg_size;       /* ... the same; CHUNK_CAP allows more */
    uint32_t rsp_transfer_size;  /* of the responder, likewise */
    uint32_t rsp_max_msg_size;
    unsigned max_sessions;       /* 8 */
    SpdmMutAuthMode mut_auth;    /* none */
    SpdmMutAuthForm mut_auth_form;
    bool basic_mut_auth;
    uint8_t peer_slot;           /* the requester's slot asked for */
    uint32_t req_asym;           /* what the requester signs with: P-384 */
    uint32_t rsp_req_asym;       /* the profile takes: those of 1.0 */
    uint8_t heartbeat;           /* 0 */
    uint8_t policy;              /* SessionPolicy: 0 */
    bool no_meas_spec;           /* no MeasurementSpecification offered */
    bool no_opaque;              /* no opaque data format offered */
    bool no_mel_spec;            /* no MELspecification offered */
    const char *seed;            /* of device and requester */
} FxOptions;

enum {
    FX_REQ_FLAGS = SPDM_CERT_CAP | SPDM_CHAL_CAP | SPDM_ENCRYPT_CAP |
                   SPDM_MAC_CAP | SPDM_KEY_EX_CAP | SPDM_PSK_CAP |
                   SPDM_HBEAT_CAP | SPDM_KEY_UPD_CAP,
    FX_RSP_FLAGS = SPDM_CERT_CAP | SPDM_CHAL_CAP | SPDM_MEAS_CAP_SIG |
                   SPDM_ENCRYPT_CAP | SPDM_MAC_CAP | SPDM_KEY_EX_CAP |
                   SPDM_PSK_CAP_WITH_CONTEXT | SPDM_HBEAT_CAP |
                   SPDM_KEY_UPD_CAP,
    FX_RANDOM_LIMIT = 1 << 20,
};

typedef struct Fx {
    FxOptions o;

    /* The device. */
    SpdmProfile profile;
    SpdmProvider provider;
    SpdmResponder *r;
    SpdmSeeded *rng;
    int64_t now_us;
    uint8_t slots;
    unsigned random_calls;
    bool sign_fails;
    bool extended;               /* has hash-extended measurement 17 */
    bool no_log;                 /* its log cannot be had */
    bool no_streams;             /* for ephemeral keys: random() it is */
    bool fresh_streams;          /* never twice the same */
    unsigned streams;            /* how many of those there were */
    const char *firmware;        /* measurement 2, NULL: the usual */
    const char *new_firmware;    /* ... after an update, NULL: the same */
    GByteArray *chain;
    bool peer_unknown;           /* nobody was provisioned */
    bool mistrust;               /* of every requester */

    /* The requester. */
    SpdmConn conn;
    SpdmSeeded *req_rng;
    uint16_t next_session_id;
    bool reload;                 /* snapshots after every chunk message */
    bool patient;                /* waits out ResponseNotReady */
    unsigned waits;              /* how often it did */
    uint8_t next_handle;
    unsigned chunks_sent;        /* CHUNK_SENDs and CHUNK_GETs so far */
    unsigned chunks_got;
    SpdmWireCtx wire;            /* of the response to come */
    SpdmWireCtx embedded;        /* ... of what is inside of it */
    GByteArray *asked;           /* the embedded request (peer.c) */
    uint8_t asked_id;            /* ... its RequestID */
    SpdmTranscript mut_b;        /* embedded messages before a CHALLENGE */
    GByteArray *sent;            /* message of the last request */
    GByteArray *answer;          /* its answer, empty if none */
    GByteArray *frame;           /* ... as it came */
    SpdmMsg rsp;                 /* ... decoded */
} Fx;

Fx *fx_new(const FxOptions *options);
void fx_free(Fx *fx);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Fx, fx_free)

/** Sends a frame; the answer's frame in fx->frame. False: dropped. */
bool fx_send_frame(Fx *fx, const uint8_t *frame, size_t len);

/** Sends a message, in a record when @s; fx->answer has the answer. */
bool fx_send(Fx *fx, SpdmSession *s, SpdmBytes message);

/**
 * As fx_send(), but what is too large for one of the ends travels in chunks,
 * once both have declared CHUNK_CAP (fixture-chunk.c).
 */
bool fx_carry(Fx *fx, SpdmSession *s, SpdmBytes message);

/** A CHUNK_SEND as it should be: chunk @seq of @large from @at on. */
void fx_make_chunk(const Fx *fx, SpdmBytes large, uint8_t handle,
                   uint32_t seq, size_t at, GByteArray *out);

/** A CHUNK_GET. */
void fx_make_chunk_get(const Fx *fx, uint8_t handle, uint32_t seq,
                       GByteArray *out);

/** Appends the record or frame that carries @message. */
void fx_wrap(Fx *fx, SpdmSession *s, SpdmBytes message, GByteArray *frame);

/** Encodes, sends, decodes to fx->rsp; false: dropped. */
bool fx_try(Fx *fx, SpdmSession *s, SpdmMsg *req);

/** As fx_try(), and the response must be the request's, not ERROR. */
void fx_ask(Fx *fx, SpdmSession *s, SpdmMsg *req);

/** A header with the agreed version. */
SpdmMsg fx_msg(const Fx *fx, uint8_t code, uint8_t param1, uint8_t param2);

/** fx->rsp must be this ERROR. */
void fx_expect_error(Fx *fx, SpdmErrorCode code);

/* Steps of the protocol; each checks what a requester checks. */
void fx_version(Fx *fx);
void fx_capabilities(Fx *fx);
void fx_algorithms(Fx *fx);
void fx_negotiate(Fx *fx);
void fx_digests(Fx *fx, SpdmSession *s);
void fx_certificate(Fx *fx, SpdmSession *s, uint32_t portion);
void fx_challenge(Fx *fx, uint8_t summary);
void fx_measurements(Fx *fx, SpdmSession *s, uint8_t attributes, uint8_t op);

void fx_endpoint_info(Fx *fx, SpdmSession *s, bool sign);

/** The requests as they are sent, for tests that change them. */
void fx_make_key_exchange(Fx *fx, SpdmDhe *dhe, uint8_t summary,
                          GByteArray *out);
void fx_make_psk_exchange(Fx *fx, uint8_t summary, GByteArray *out);
void fx_make_finish(Fx *fx, SpdmSession *s, GByteArray *out);
void fx_make_capabilities(Fx *fx, GByteArray *out);
void fx_make_algorithms(Fx *fx, GByteArray *out);

SpdmSession *fx_key_exchange(Fx *fx, uint8_t summary);
void fx_finish(Fx *fx, SpdmSession *s);
SpdmSession *fx_psk_exchange(Fx *fx, uint8_t summary);

/** A whole established session. */
SpdmSession *fx_sigma(Fx *fx);
SpdmSession *fx_psk(Fx *fx);

void fx_key_update(Fx *fx, SpdmSession *s, uint8_t op, uint8_t tag);
void fx_heartbeat(Fx *fx, SpdmSession *s);
void fx_end_session(Fx *fx, SpdmSession *s, uint8_t attributes);
void fx_vendor(Fx *fx, SpdmSession *s);

/** Forgets a session on the requester's side. */
void fx_forget(Fx *fx, SpdmSession *s);

/** Sends RESPOND_IF_READY for @code; false: dropped. */
bool fx_respond_if_ready(Fx *fx, SpdmSession *s, uint8_t code,
                         uint8_t token);

/** The responder's record of the session, or NULL. */
SpdmSession *fx_peer(Fx *fx, uint32_t id);

/** All of the responder's slots are free and zero. */
void fx_expect_wiped(Fx *fx);

SpdmResponderInfo fx_info(const Fx *fx);

#endif

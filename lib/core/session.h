/*
 * One secure session: phase, keys, transcripts. Plain data, but for the
 * keyed cipher handles, which are made again after a load.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_SESSION_H
#define SPDM_CORE_SESSION_H

#include "core/encap.h"
#include "core/events.h"
#include "core/status.h"
#include "core/transcript.h"
#include "crypto/aead.h"
#include "spdm/responder.h"

typedef enum SpdmSessionPhase {
    SPDM_SESSION_FREE,
    SPDM_SESSION_HANDSHAKE,
    SPDM_SESSION_ESTABLISHED,
} SpdmSessionPhase;

typedef enum SpdmSessionType {
    SPDM_SESSION_SIGMA,
    SPDM_SESSION_PSK,
} SpdmSessionType;

/** Who sends under a set of keys. */
typedef enum SpdmSender {
    SPDM_SENDER_REQUESTER,
    SPDM_SENDER_RESPONDER,
} SpdmSender;

/** Traffic keys of one direction: spec/04 section 6 steps 5, 8 and 9. */
typedef struct SpdmTrafficKeys {
    SpdmSecret secret;       /* handshake or data secret they come from */
    SpdmSecret key;
    uint8_t iv[SPDM_AEAD_IV_SIZE];
    uint64_t sequence;       /* of the next record */
    SpdmAead *aead;          /* made at first use, kept with the key */
} SpdmTrafficKeys;

void spdm_traffic_keys_clear(SpdmTrafficKeys *keys);

/**
 * Byte order of the sequence number inside the nonce. DSP0277 before 1.2 left
 * it open: we send little-endian until a record of the peer tells.
 */
typedef enum SpdmSequenceOrder {
    SPDM_SEQUENCE_ASSUMED_LITTLE,
    SPDM_SEQUENCE_LITTLE,
    SPDM_SEQUENCE_BIG,
} SpdmSequenceOrder;

/**
 * The measurements when L1/L2 began: whether they changed since is said with
 * the signature. Means nothing while L1/L2 is empty.
 */
typedef struct SpdmMeasWatch {
    bool changed;            /* somebody told */
    uint8_t digest[SPDM_MAX_HASH];
} SpdmMeasWatch;

typedef struct SpdmSession {
    SpdmSessionPhase phase;
    SpdmSessionType type;
    uint32_t id;             /* RspSessionID << 16 | ReqSessionID */
    uint16_t secured_version; /* DSP0277, 0x1100 is 1.1 */
    SpdmSequenceOrder sequence_order;
    uint8_t aead_deficit;    /* a key protects 2^(64 - this) records */
    bool mac_only;           /* no ENCRYPT_CAP */
    bool in_the_clear;       /* handshake messages travel unprotected */
    uint8_t version;         /* SPDMVersion, for the key schedule */
    const SpdmHashAlg *hash;
    const SpdmAeadAlg *aead;

    SpdmSecret handshake_secret; /* wiped when data keys are made */
    SpdmSecret finished[2];      /* finished_key by SpdmSender */
    SpdmSecret export_master;
    SpdmTrafficKeys keys[2];     /* by SpdmSender: in use */
    SpdmTrafficKeys backup[2];   /* before the pending KEY_UPDATE */
    bool has_backup[2];
    uint8_t update_pending;      /* KEY_UPDATE operation to be verified */
    uint8_t update_tag;

    uint8_t ct_hash[SPDM_MAX_HASH]; /* Hash(Ct), SIGMA */
    uint8_t cm_hash[SPDM_MAX_HASH]; /* Hash(Cm), mutual authentication */
    bool has_cm;
    SpdmTranscript peer_key;     /* the requester's, SubjectPublicKeyInfo */
    SpdmTranscript d;            /* DIGESTS, multi-key */
    SpdmTranscript ed;           /* encapsulated DIGESTS, multi-key */
    SpdmTranscript k;            /* KEY_EXCHANGE / PSK_EXCHANGE and RSP */
    SpdmTranscript f;            /* FINISH / PSK_FINISH and RSP */
    SpdmTranscript l1;           /* measurements in this session */
    SpdmMeasWatch watch;
    SpdmEvents events;

    uint8_t slot;                /* responder slot, SIGMA */
    uint8_t mut_auth_requested;
    uint8_t peer_slot;       /* the requester's; SPDM_SLOT_PUBLIC_KEY */
    SpdmEncap encap;
    uint8_t session_policy;
    uint8_t doomed;              /* SpdmAbortManner that its next request
                                    meets; 0: none */
    uint8_t heartbeat_period;    /* seconds, 0 = none */
    int64_t last_activity_us;    /* of the last valid record */

    uint64_t records_in;
    uint64_t records_out;
    unsigned key_updates;
} SpdmSession;

/** Wipes keys and transcripts; the slot is FREE afterwards. */
void spdm_session_clear(SpdmSession *s);

/** Moves everything from @src (left FREE) to @dst (cleared first). */
void spdm_session_move(SpdmSession *dst, SpdmSession *src);

/** "handshake" or "established"; static. */
const char *spdm_session_phase_name(const SpdmSession *s);

/** Fills a line of the session table, for people. */
void spdm_session_describe(const SpdmSession *s, SpdmSessionInfo *info);

/* Key schedule (spec/04 section 6; keysched.c). */

/**
 * Steps 1 to 5: handshake secret from the DHE secret or PSK, finished keys,
 * handshake traffic keys. @th1: H bytes. Salt0 is 0xFF.. for PSK from 1.3 on.
 */
void spdm_session_derive_handshake(SpdmSession *s, SpdmBytes ikm,
                                   const uint8_t *th1);

/**
 * Steps 6 to 8: data traffic keys and the export master secret; the handshake
 * secret and keys and the finished keys are wiped. @th2: H bytes.
 */
void spdm_session_derive_data(SpdmSession *s, const uint8_t *th2);

/**
 * Takes the direction secrets of the phase as they are (of a key log), for
 * traffic and for VerifyData.
 */
void spdm_session_set_secrets(SpdmSession *s, const SpdmSecret secrets[2]);

/** Step 9 for one direction, keeping the old keys as backup. */
void spdm_session_update_keys(SpdmSession *s, SpdmSender sender);

/** The old keys are not needed any more / are the right ones after all. */
void spdm_session_drop_backup(SpdmSession *s, SpdmSender sender);
void spdm_session_restore_backup(SpdmSession *s, SpdmSender sender);

/** HMAC(finished_key of @sender, th hash): VerifyData, H bytes. */
void spdm_session_verify_data(const SpdmSession *s, SpdmSender sender,
                              const uint8_t *th, uint8_t *out);

#endif

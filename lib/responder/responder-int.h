/*
 * A responder from the inside: what the pipeline and the handlers share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_INT_H
#define SPDM_RESPONDER_INT_H

#include "core/conn.h"
#include "core/taps.h"
#include "crypto/dhe.h"
#include "spdm/responder.h"
#include "transport/transport.h"

/**
 * A request that was answered with ResponseNotReady and waits for its
 * RESPOND_IF_READY. At most one; plain data.
 */
typedef struct SpdmDeferred {
    GByteArray *request;     /* NULL: none waits */
    uint32_t session_id;     /* of the record it came in, 0 outside */
    uint8_t code;
    uint8_t token;
    uint8_t rdt_exponent;
    int64_t ready_at_us;     /* provider time */

    uint8_t armed_code;      /* the next such request is deferred, 0: none */
    uint8_t armed_exponent;
} SpdmDeferred;

/**
 * A large message under way in chunks (DSP0274 "Large SPDM message transfer
 * mechanism"): a request that CHUNK_SEND is putting together, or a response
 * that CHUNK_GET is fetching. At most one; plain data.
 */
typedef enum SpdmTransferKind {
    SPDM_TRANSFER_NONE,
    SPDM_TRANSFER_SEND,
    SPDM_TRANSFER_GET,
} SpdmTransferKind;

typedef struct SpdmTransfer {
    SpdmTransferKind kind;
    uint32_t session_id;     /* of the records it travels in, 0 outside */
    uint8_t handle;
    uint32_t next_seq;       /* ChunkSeqNo to come */
    uint32_t total;          /* SEND: LargeMessageSize */
    uint32_t offset;         /* GET: bytes fetched */
    GByteArray *message;     /* SEND: so far. GET: whole. NULL: NONE */

    uint8_t last_handle;     /* of the latest large response */
} SpdmTransfer;

typedef struct SpdmCounters {
    uint64_t requests;
    uint64_t responses;
    uint64_t errors;
    uint64_t drops;
    uint64_t sessions_opened;
    uint64_t sessions_ended;
    uint64_t chains_changed;
    uint8_t last_error_code;
    uint8_t last_error_request;
    const char *last_error;  /* static */
} SpdmCounters;

/** Buffers that are kept, since most messages need the same again. */
typedef enum SpdmScratch {
    SPDM_SCRATCH_PLAIN,      /* what was in a record */
    SPDM_SCRATCH_OUT,        /* the response's message */
    SPDM_SCRATCH_PART,       /* the first part of it that is made apart */
    SPDM_SCRATCH,
} SpdmScratch;

struct SpdmResponder {
    const SpdmProfile *profile;
    SpdmProvider provider;
    SpdmRng rng;             /* the provider's randomness */
    const SpdmTransport *transport;
    SpdmTaps taps;
    const SpdmTap *secret_tap; /* NULL: nobody is told secrets */

    SpdmConn conn;
    SpdmDeferred deferred;
    SpdmTransfer transfer;
    unsigned generation;     /* counts resets: a tap may reset under us */
    uint64_t ephemeral_index; /* of the next ephemeral key */
    SpdmDhe *ephemeral;      /* ... if it is made already; never saved */
    const SpdmDheAlg *ephemeral_alg; /* of that */
    uint64_t ephemerals_used; /* of those that were made already */
    GByteArray *scratch[SPDM_SCRATCH]; /* room of one request at a time */
    SpdmCounters counters;
};

/** [vendor] opaque of the profile; empty if it has none. */
static inline SpdmBytes spdm_profile_opaque(const SpdmProfile *p)
{
    return p->vendor_opaque
        ? SPDM_BYTES(g_bytes_get_data(p->vendor_opaque, NULL),
                     g_bytes_get_size(p->vendor_opaque))
        : SPDM_BYTES(NULL, 0);
}

/** Provider time, microseconds. */
int64_t spdm_responder_now(const SpdmResponder *r);

/** CAPABILITIES flags that the device declares now: the profile's, unless its
 * user has changed them. */
uint32_t spdm_responder_declared(const SpdmResponder *r);

/** What of such flags, of now or before, a connection of @version has; what
 * ExtFlags and MaxSPDMmsgSize go with flags of a connection. */
uint32_t spdm_flags_of(uint32_t declared, uint8_t version);
uint16_t spdm_ext_flags_of(const SpdmResponder *r, uint32_t flags,
                           uint8_t version);
uint32_t spdm_max_msg_size_of(const SpdmResponder *r, uint32_t flags);

/** CAPABILITIES flags that this library serves and the device declares. */
uint32_t spdm_responder_flags(const SpdmResponder *r, uint8_t version);

/** ExtFlags, likewise. */
uint16_t spdm_responder_ext_flags(const SpdmResponder *r, uint8_t version);

/** MaxSPDMmsgSize of CAPABILITIES. */
uint32_t spdm_responder_max_msg_size(const SpdmResponder *r, uint8_t version);

/** Whether GET_VERSION lists @version. */
bool spdm_responder_offers(const SpdmResponder *r, uint8_t version);

/** Tells the tap that a session changed; @event as in SpdmTapContext. */
void spdm_responder_session_event(SpdmResponder *r, uint32_t session_id,
                                  const char *event);

/**
 * Tells the secret tap the traffic secrets that @s has now; @phase is
 * "handshake" or "data".
 */
void spdm_responder_traffic_secrets(SpdmResponder *r, const SpdmSession *s,
                                    const char *phase);

/** Tells it one other secret of session @id; @label as in tap.h. */
void spdm_responder_secret(SpdmResponder *r, uint32_t id, const char *label,
                           SpdmBytes secret);

/** Ends one session, telling the tap @event ("ended: ..."). */
void spdm_responder_end_session(SpdmResponder *r, SpdmSession *session,
                                const char *event);

/** The same for that with this id, or (0) all; how many there were. */
unsigned spdm_responder_end_sessions(SpdmResponder *r, uint32_t id,
                                     const char *event);

/** Ends all sessions and forgets the connection. */
void spdm_responder_reset_conn(SpdmResponder *r, const char *event);

/**
 * The next valid request of this code is answered with ResponseNotReady; the
 * answer is there 2^@rdt_exponent microseconds later (rsp-respond-if-ready.c).
 * For requests that may be deferred at all.
 */
void spdm_responder_defer(SpdmResponder *r, uint8_t code,
                          uint8_t rdt_exponent);

/** Whether spdm_responder_defer() and a request could have led to this. */
bool spdm_deferred_valid(const SpdmDeferred *d, SpdmBytes request);

/**
 * The chains in @slots (a mask) are not those they were, by SET_CERTIFICATE or
 * by a reset: counted, and told to subscribers.
 */
void spdm_responder_chains_changed(SpdmResponder *r, uint8_t slots);

/** Forgets a request that waits. */
void spdm_deferred_clear(SpdmDeferred *d);

/* chunk.c */

/** Wipes the large message under way; handles go on counting. */
void spdm_transfer_clear(SpdmTransfer *x);

/**
 * Whether chunks could have led to this on @r's connection; a saved one is
 * checked with it. @message: x->message as a view.
 */
bool spdm_transfer_valid(SpdmResponder *r, const SpdmTransfer *x,
                         SpdmBytes message);

#endif

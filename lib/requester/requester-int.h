/*
 * Inside of the requester: the state of one, and the pipeline that every
 * request goes through.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_REQUESTER_INT_H
#define SPDM_REQUESTER_INT_H

#include "core/conn.h"
#include "core/kex.h"
#include "core/opaque.h"
#include "core/secmsg.h"
#include "core/taps.h"
#include "crypto/x509.h"
#include "requester/identity.h"
#include "spdm/requester.h"
#include "transport/transport.h"

/** What is known of a responder's slot. */
typedef struct SpdmReqSlot {
    GBytes *chain;                  /* verified; NULL: none (slot 8: SPKI) */
    SpdmPublicKey *key;             /* of the leaf */
    uint8_t ct_hash[SPDM_MAX_HASH]; /* Hash(Ct) */
    bool has_digest;                /* the latest DIGESTS named it */
    uint8_t digest[SPDM_MAX_HASH];
    SpdmSlotKey info;               /* multi-key: as DIGESTS has it, too */
} SpdmReqSlot;

enum {
    SPDM_REQ_PUBLIC_KEY = SPDM_SLOT_COUNT, /* index of slot 0xFF */
    SPDM_REQ_SLOTS,
    SPDM_REQ_MAX_VERSIONS = 8,
};

/** Why the call under way failed; becomes a GError when it ends. */
typedef struct SpdmReqFailure {
    bool set;
    SpdmRequesterError kind;
    SpdmCheck check;
    uint8_t request;                /* code of the request */
    uint8_t error_code;             /* ERROR Param1 */
    char why[256];
} SpdmReqFailure;

/** A hash over all measurement blocks: told (summary) and seen (record). */
typedef struct SpdmReqSummary {
    bool told_valid;
    bool seen_valid;
    uint8_t told[SPDM_MAX_HASH];
    uint8_t seen[SPDM_MAX_HASH];
} SpdmReqSummary;

/** The mutual authentication of a session in its handshake. */
typedef struct SpdmReqMutAuth {
    uint8_t slot;                   /* of ours; SPDM_SLOT_PUBLIC_KEY */
    bool flow_pending;              /* it has to be encapsulated first */
} SpdmReqMutAuth;

struct SpdmRequester {
    SpdmRequesterConfig cfg;        /* strings are own copies */
    GPtrArray *trust;               /* GBytes of DER; NULL: any root */
    const SpdmTransport *transport;
    SpdmSeeded *seeded;             /* NULL without a seed */
    SpdmRng rng;
    SpdmTaps taps;
    const SpdmTap *secret_tap;      /* NULL: nobody is told secrets */

    GPtrArray *identities;          /* SpdmReqIdentity, ours */
    SpdmCa *ca;                     /* above the automatic ones */

    SpdmConn conn;
    SpdmReqMutAuth mut_auth[SPDM_MAX_SESSIONS]; /* as conn.sessions */
    SpdmTranscript mut_b;           /* embedded GET_DIGESTS to CERTIFICATE */
    SpdmReqSlot slots[SPDM_REQ_SLOTS];
    uint8_t slot_mask;              /* Param2 of the latest DIGESTS */
    unsigned version_count;
    uint16_t versions[SPDM_REQ_MAX_VERSIONS];
    uint16_t next_session_id;
    uint8_t next_tag;               /* of KEY_UPDATE */
    uint8_t next_handle;            /* of CHUNK_SEND */
    bool authenticated;
    bool has_supported;             /* a Supported Algorithms block came */
    SpdmMsgAlgorithms supported;
    bool challenged;                /* by a CHALLENGE that we answered */
    SpdmReqSummary summary;

    SpdmWireCtx last_ctx;           /* layout of the exchange under way */
    SpdmWireCtx embedded_ctx;       /* ... and of a message in it */
    uint32_t call_session;          /* session of the call under way */
    SpdmReqFailure failure;
#ifdef SPDM_WEAKEN
    uint64_t weak[4];               /* spdm/weaken.h; a bit for each */
#endif
};

/** One request and its answer. Clear with spdm_req_exchange_clear(). */
typedef struct SpdmReqExchange {
    SpdmSession *session;           /* NULL: outside */
    bool secured;                   /* travels in records */
    bool application;               /* ... and is not SPDM */
    bool crypto;                    /* CT applies, not only ST1 */
    SpdmWireCtx ctx;                /* layout of both messages */
    SpdmMsg req;
    SpdmMsg rsp;                    /* views rsp_bytes */
    GByteArray *req_bytes;
    GByteArray *rsp_bytes;          /* exact: padding taken off */
    bool chunked;                   /* the request went in chunks */
    bool large;                     /* the answer came in chunks */
} SpdmReqExchange;

void spdm_req_exchange_clear(SpdmReqExchange *x);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmReqExchange, spdm_req_exchange_clear)

/* Failing (check.c, requester.c). */

/**
 * True when @cond holds. Otherwise notes @check and @why (a sentence without
 * a capital) as the failure. The only way in which an answer is refused.
 */
bool spdm_req_check(SpdmRequester *rq, SpdmCheck check, bool cond,
                    const char *why);

/** Notes a failure that is no check; always false. */
bool spdm_req_fail(SpdmRequester *rq, SpdmRequesterError kind,
                   const char *format, ...) G_GNUC_PRINTF(3, 4);

/** True when @cond holds; otherwise the caller asked for what cannot be. */
bool spdm_req_usage(SpdmRequester *rq, bool cond, const char *why);

/** Start of every public call that talks; @session 0: outside. */
void spdm_req_begin(SpdmRequester *rq, uint8_t code, uint32_t session);

/**
 * End of every public call that talks: on failure ends the session, turns
 * the failure into @errp. Returns @ok.
 */
bool spdm_req_done(SpdmRequester *rq, bool ok, GError **errp);

/** As spdm_req_done(), but a failure costs nothing. */
bool spdm_req_report(SpdmRequester *rq, bool ok, GError **errp);

/* The pipeline (exchange.c, frame.c, req-respond-if-ready.c). */

/** @x for a request of this connection's version; @session NULL: outside. */
void spdm_req_exchange_init(SpdmRequester *rq, SpdmReqExchange *x,
                            SpdmSession *session, uint8_t code);

/** Encodes x->req to x->req_bytes. Tails are appended by the caller. */
bool spdm_req_encode(SpdmRequester *rq, SpdmReqExchange *x);

/** Sends x->req_bytes; returns with a checked, decoded answer, or false. */
bool spdm_req_exchange(SpdmRequester *rq, SpdmReqExchange *x);

/** spdm_req_encode() and spdm_req_exchange(). */
bool spdm_req_run(SpdmRequester *rq, SpdmReqExchange *x);

/**
 * One message out, one in: tapped, sealed, framed, sent; received, opened.
 * @reply may still carry the transport's padding.
 */
bool spdm_req_transmit(SpdmRequester *rq, const SpdmReqExchange *x,
                       SpdmBytes message, GByteArray *reply);

/**
 * spdm_req_transmit() until the answer, in x->rsp_bytes, is not Busy; its
 * header is checked.
 */
bool spdm_req_send(SpdmRequester *rq, SpdmReqExchange *x, SpdmBytes message);

/* chunk.c */

/** Whether both ends have CHUNK_CAP. */
bool spdm_req_chunking(const SpdmRequester *rq);

/** Bytes that a response may have, in chunks if need be. */
uint32_t spdm_req_room(const SpdmRequester *rq);

/** Whether x->req_bytes is more than the peer takes at once. */
bool spdm_req_is_large(const SpdmRequester *rq, const SpdmReqExchange *x);

/** Sends x->req_bytes by CHUNK_SEND; the answer is in x->rsp_bytes. */
bool spdm_req_chunk_send(SpdmRequester *rq, SpdmReqExchange *x);

/**
 * If x->rsp_bytes is ERROR LargeResponse, puts the large response, fetched by
 * CHUNK_GET, in its place.
 */
bool spdm_req_chunk_get(SpdmRequester *rq, SpdmReqExchange *x);

/** One frame out, one in, with the tap around them. */
bool spdm_req_swap_frames(SpdmRequester *rq, GByteArray *frame,
                          int64_t timeout_us, GByteArray *reply);

/**
 * Asks again (RESPOND_IF_READY) until @reply is something else than ERROR
 * ResponseNotReady. @error: the decoded ERROR, which views @reply.
 */
bool spdm_req_respond_if_ready(SpdmRequester *rq, const SpdmReqExchange *x,
                               GByteArray *reply);

/** Checks that stand before decoding, and decodes ERROR if it is one. */
bool spdm_req_check_header(SpdmRequester *rq, const SpdmReqExchange *x,
                           const GByteArray *reply);

/** Calls the tap; false when it wants the message dropped. */
bool spdm_req_tap(SpdmRequester *rq, SpdmTapEvent event, bool outgoing,
                  const SpdmReqExchange *x, GByteArray *bytes);

void spdm_req_sleep(SpdmRequester *rq, int64_t us);
int64_t spdm_req_now(SpdmRequester *rq);

/* State (requester.c, session-common.c). */

/** The session of a call in @phase; NULL (noted as usage) if there is none. */
SpdmSession *spdm_req_session(SpdmRequester *rq, uint32_t id,
                              SpdmSessionPhase phase);

/** As above, but @id 0 gives NULL and true. */
bool spdm_req_maybe_session(SpdmRequester *rq, uint32_t id,
                            SpdmSession **session);

/** Wipes it and tells the tap "ended: @why". */
void spdm_req_end_session(SpdmRequester *rq, SpdmSession *session,
                          const char *why);

/** Everything since power-on is forgotten. */
void spdm_req_reset(SpdmRequester *rq, const char *why);

/** Tells the tap of a session's new state. */
void spdm_req_session_event(SpdmRequester *rq, uint32_t id,
                            const char *event);

/** Tells the secret tap one secret of session @id, labels as in tap.h; or the
 * two direction secrets that @s has now, @phase "handshake" or "data". */
void spdm_req_secret(SpdmRequester *rq, uint32_t id, const char *label,
                     SpdmBytes secret);
void spdm_req_traffic_secrets(SpdmRequester *rq, const SpdmSession *s,
                              const char *phase);

/** The slot of this SPDM slot number; NULL when there is no such. */
SpdmReqSlot *spdm_req_slot(SpdmRequester *rq, uint8_t slot);

/** The slot if a verified key is known; notes a usage failure if not. */
SpdmReqSlot *spdm_req_known_slot(SpdmRequester *rq, uint8_t slot);

/**
 * As spdm_req_known_slot(), and the key may sign what SPDM_KEY_USAGE_* @usage
 * stands for, as far as DIGESTS told.
 */
SpdmReqSlot *spdm_req_signer(SpdmRequester *rq, uint8_t slot, uint16_t usage);

void spdm_req_slot_clear(SpdmReqSlot *slot);

/** Whether summary hashes can be asked for, or @summary is none. */
bool spdm_req_summary_usage(SpdmRequester *rq, uint8_t summary);

/** Remembers a summary hash of type @summary; compares if it can. */
bool spdm_req_note_summary(SpdmRequester *rq, uint8_t summary,
                           SpdmBytes hash);

/** Compares what was told with what was seen, once both are known. */
bool spdm_req_compare_summary(SpdmRequester *rq);

/**
 * Verifies @signature over @transcript by the key of @slot; @context as in
 * spec/04 section 5.
 */
bool spdm_req_verify(SpdmRequester *rq, const SpdmReqSlot *slot,
                     const char *context, const GByteArray *transcript,
                     SpdmBytes signature);

/* What GET_CSR, SET_CERTIFICATE and SLOT_MANAGEMENT share (req-csr.c). */

/** Param2 of GET_CSR. */
uint8_t spdm_req_csr_attributes(const SpdmCsrParams *p);

/** Whether @csr is a request signed by its own key, of @asym if not NULL. */
bool spdm_req_check_csr(SpdmRequester *rq, SpdmBytes csr,
                        const SpdmAsymAlg *asym);

/** Whether @x, which failed, did so because the responder wants a reset. */
bool spdm_req_csr_waits(SpdmRequester *rq, const SpdmReqExchange *x,
                        const SpdmCsrParams *p, SpdmProvisionResult *result);
bool spdm_req_set_waits(SpdmRequester *rq, const SpdmReqExchange *x,
                        SpdmProvisionResult *result);

/* OpaqueData (req-opaque.c). */

/** Length and format of a response's OpaqueData. */
bool spdm_req_check_opaque(SpdmRequester *rq, SpdmBytes opaque);

/** Appends the caller's opaque data in the connection's format, if any. */
void spdm_req_append_opaque(SpdmRequester *rq, GByteArray *out);

/* What SIGMA and PSK share (session-common.c). */

/** Fills a session that is to be; the connection allows sessions. */
void spdm_req_session_init(SpdmRequester *rq, SpdmSession *s,
                           SpdmSessionType type);

/** A ReqSessionID that no session uses. */
uint16_t spdm_req_session_id(SpdmRequester *rq);

/** Can there be one more session, with opaque data to agree on it? */
bool spdm_req_session_usage(SpdmRequester *rq);

/** Appends our OpaqueData: the secured message versions on offer. */
void spdm_req_session_opaque(SpdmRequester *rq, GByteArray *out);

/** Takes id, heartbeat and secured version from an EXCHANGE_RSP. */
bool spdm_req_session_accept(SpdmRequester *rq, SpdmSession *s,
                             uint16_t req_id, uint16_t rsp_id,
                             uint8_t heartbeat, SpdmBytes opaque);

/** Puts a session whose peer has proved itself into the table. */
void spdm_req_session_commit(SpdmRequester *rq, SpdmSession *s);

/** TH2 is complete: data keys, and the session is established. */
bool spdm_req_session_establish(SpdmRequester *rq, SpdmSession *s);

/** VerifyData of @sender over TH as it stands. */
bool spdm_req_session_mac(SpdmRequester *rq, const SpdmSession *s,
                          SpdmSender sender, uint8_t *out);

/* Mutual authentication (mut-auth.c, encap.c). */

/** Judges what KEY_EXCHANGE_RSP asks for; @s is not in the table yet. */
bool spdm_req_mut_auth_check(SpdmRequester *rq,
                             const SpdmMsgKeyExchangeRsp *v);

/** Notes it for session @id, which is in the table now. */
void spdm_req_mut_auth_note(SpdmRequester *rq, uint32_t id,
                            const SpdmMsgKeyExchangeRsp *v);

/**
 * Before FINISH of @x is encoded: the encapsulated flow if it is due, Cm, and
 * the fields of FINISH. True also when nothing was asked for.
 */
bool spdm_req_mut_auth_prepare(SpdmRequester *rq, SpdmReqExchange *x);

/** Appends our signature to the encoded FINISH, and it to TH. */
bool spdm_req_mut_auth_sign(SpdmRequester *rq, SpdmReqExchange *x);

/** Basic mutual authentication: CHALLENGE_AUTH asked for it. */
bool spdm_req_basic_mut_auth(SpdmRequester *rq);

/** Whether mutual authentication was negotiated, so that it may be asked. */
bool spdm_req_can_mut_auth(const SpdmRequester *rq);

/** A view of all of @array. */
static inline SpdmBytes spdm_req_view(const GByteArray *array)
{
    return SPDM_BYTES(array->data, array->len);
}

/** A view of all but the last @n bytes of @array. */
static inline SpdmBytes spdm_req_view_but(const GByteArray *array, size_t n)
{
    return SPDM_BYTES(array->data, array->len - n);
}

/** VENDOR_DEFINED_REQUEST; the payload of the answer goes to @reply. */
bool spdm_req_vendor(SpdmRequester *rq, uint32_t session,
                     const SpdmMsgVendor *message, GByteArray *reply);

#endif

/*
 * The responder: a frame goes in, a frame and a verdict come out.
 *
 * It owns no threads, timers, globals or files. One responder serves one
 * connection (one DOE mailbox, one socket). Calls on one responder must not
 * overlap; different responders are independent of each other.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_H
#define SPDM_RESPONDER_H

#include "spdm/profile.h"
#include "spdm/provider.h"
#include "spdm/tap.h"

G_BEGIN_DECLS

typedef struct SpdmResponder SpdmResponder;

/** Framing under SPDM; the rules are those of the named binding. */
typedef enum SpdmTransportType {
    SPDM_TRANSPORT_NONE,     /* bare messages and records */
    SPDM_TRANSPORT_MCTP,     /* DSP0275/0276, message-type byte first */
    SPDM_TRANSPORT_PCI_DOE,  /* PCIe 6.30, with DOE discovery */
    SPDM_TRANSPORT_TCP,      /* DSP0287, its header of 4 bytes first */
    SPDM_TRANSPORT_STORAGE,  /* DSP0286: a byte as SPSP0, then the data of a
                                SECURITY SEND or RECEIVE */
} SpdmTransportType;

/** SPDM operations of DSP0286: bits 7:2 of SPSP0. */
enum {
    SPDM_STORAGE_DISCOVERY = 1,
    SPDM_STORAGE_PENDING_INFO = 2,
    SPDM_STORAGE_MESSAGE = 5,
    SPDM_STORAGE_SECURED = 6,
};

enum { SPDM_TCP_HEADER_SIZE = 4 };

/**
 * How long the DSP0287 message is that begins with @header, header included:
 * 4 to 65537 bytes.
 */
SPDM_API size_t
spdm_tcp_frame_size(const uint8_t header[SPDM_TCP_HEADER_SIZE]);

/** What to do with the answer to a frame. */
typedef enum SpdmVerdict {
    SPDM_VERDICT_REPLY,      /* send the bytes */
    SPDM_VERDICT_DROP,       /* say nothing (silent discard) */
} SpdmVerdict;

/** Result of spdm_responder_process(); clear with spdm_reply_clear(). */
typedef struct SpdmReply {
    SpdmVerdict verdict;
    GByteArray *bytes;       /* the frame, empty unless REPLY; owned */
    int64_t delay_us;        /* hold the answer back this long (faults) */
} SpdmReply;

SPDM_API void spdm_reply_clear(SpdmReply *reply);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmReply, spdm_reply_clear)

/**
 * A responder in its power-on state. @profile is borrowed and must outlive
 * it; @provider is copied. Returns NULL with @errp set when libgcrypt is
 * missing something the profile needs.
 */
SPDM_API SpdmResponder *spdm_responder_new(const SpdmProfile *profile,
                                           const SpdmProvider *provider,
                                           SpdmTransportType transport,
                                           GError **errp);

/** Wipes all keys; NULL is allowed. */
SPDM_API void spdm_responder_free(SpdmResponder *r);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmResponder, spdm_responder_free)

/**
 * Handles one whole frame of the transport (for DOE: header, object, pad).
 * Never fails: what cannot be answered is dropped. Work and memory are
 * bounded by the profile's max_msg_size whatever the peer sends. @reply need
 * not be initialised.
 */
SPDM_API void spdm_responder_process(SpdmResponder *r, const uint8_t *frame,
                                     size_t len, SpdmReply *reply);

/**
 * Whether spdm_responder_process() would be done with this frame in some ten
 * microseconds: no signature, no key exchange, no large hash. Costs as much as
 * opening a short record, and changes nothing: a caller may process what is
 * cheap at once and give the rest to a thread. A tap that puts another request
 * in place of this one is not foreseen.
 */
SPDM_API bool spdm_responder_is_cheap(SpdmResponder *r, const uint8_t *frame,
                                      size_t len);

/**
 * Makes ahead of time what the next KEY_EXCHANGE needs: an ephemeral key of
 * the negotiated group, so that one Diffie-Hellman operation and one signature
 * are left when the request comes. Takes as long as the former (a millisecond
 * or so): call it when nothing waits, on a thread that may be late. False:
 * nothing was to be made (no algorithms yet, no session can be opened, the
 * provider has no ephemeral_random(), or it is there). What goes over the wire
 * does not depend on it. The key is not in spdm_responder_save(), and a reset
 * wipes it.
 */
SPDM_API bool spdm_responder_prepare(SpdmResponder *r);

/** Whether spdm_responder_prepare() has something to do. */
SPDM_API bool spdm_responder_can_prepare(const SpdmResponder *r);

/**
 * Platform reset (FLR, bus reset): keys wiped and all state gone. With
 * CACHE_CAP what was negotiated stays, unless END_SESSION asked to clear it:
 * the requester may go on without GET_VERSION to NEGOTIATE_ALGORITHMS, and
 * those of before stay part of the transcripts.
 */
SPDM_API void spdm_responder_reset(SpdmResponder *r);

/**
 * Ends sessions whose heartbeat is overdue. Returns when it wants to be
 * called next, provider time in microseconds, or -1 for never. Call it after
 * spdm_responder_process() and at the time it asked for.
 */
SPDM_API int64_t spdm_responder_tick(SpdmResponder *r);

/**
 * Ends a session from the responder's side, by its operator: keys wiped, slot
 * free, no message. @session_id 0 ends all. Returns how many ended.
 */
SPDM_API unsigned spdm_responder_abort(SpdmResponder *r, uint32_t session_id);

/**
 * The same for another reason than an operator's: @why is told to the tap
 * ("ended: @why"); it is copied.
 */
SPDM_API unsigned spdm_responder_end(SpdmResponder *r, uint32_t session_id,
                                     const char *why);

/** How an operator has sessions end, and what their requester sees of it. */
typedef enum SpdmAbortManner {
    SPDM_ABORT_SILENT,       /* at once; its records are discarded */
    SPDM_ABORT_ERROR,        /* the next request in it gets ERROR Unspecified,
                                and then it is over */
    SPDM_ABORT_DECRYPT_ERROR, /* likewise: ERROR DecryptError */
    SPDM_ABORT_TERMINATED,   /* ERROR RequestSessionTerminated (1.4; before:
                                Unspecified) */
    SPDM_ABORT_RESYNCH,      /* all: the next request but GET_VERSION, in a
                                session or not, gets ERROR RequestResynch, and
                                then the connection begins anew */
    SPDM_ABORT_RESET,        /* all: the function resets itself. The caller's
                                business, as the next */
    SPDM_ABORT_CLOSE,        /* all: the transport fails */
} SpdmAbortManner;

/** One abort that an operator wants. */
typedef struct SpdmAbort {
    uint32_t session_id;     /* 0: all */
    SpdmAbortManner manner;
} SpdmAbort;

/**
 * "ID" or "ID:MANNER", as a user writes it; manners are silent, error,
 * decrypt-error, terminated, resynch, reset and close. Ids are decimal, or hex
 * with 0x. The error is a line.
 */
SPDM_API bool spdm_abort_parse(const char *text, SpdmAbort *abort,
                               GError **errp);

/** "silent" ... "close"; static. */
SPDM_API const char *spdm_abort_manner_name(SpdmAbortManner manner);

/** Whether sessions are over at once, not at their next request. */
SPDM_API bool spdm_abort_is_at_once(SpdmAbortManner manner);

/**
 * Ends sessions in this manner, those of RESET and CLOSE at once: what else
 * these two mean is up to the caller. Returns how many sessions it concerns.
 */
SPDM_API unsigned spdm_responder_abort_as(SpdmResponder *r,
                                          const SpdmAbort *abort);

/** Bytes of a map of measurement indices. */
enum { SPDM_MEASUREMENT_MAP = 32 };

/**
 * Tells the responder that measurements are others than before: @indices is a
 * map of 32 bytes, bit n % 8 of byte n / 8 for measurement n. Sessions whose
 * SessionPolicy wants it (TerminationPolicy, 1.2) end. Those that subscribed
 * get a MeasurementChanged event (1.3) when their requester next fetches
 * encapsulated requests; a signature over measurements that were being read
 * says that the content changed.
 */
SPDM_API void spdm_responder_measurement_changed(SpdmResponder *r,
                                                 const uint8_t *indices);

/** The same of measurements that an update is about to change: an event
 * MeasurementPreUpdate (1.3). */
SPDM_API void spdm_responder_measurement_pending(SpdmResponder *r,
                                                 const uint8_t *indices);

/** The certificate chains of these slots (bit n: slot n) are others than
 * before: an event CertificateChanged (1.3). */
SPDM_API void spdm_responder_certificate_changed(SpdmResponder *r,
                                                 uint8_t slots);

/**
 * Has the requester update the responder's key of an established session
 * (KEY_UPDATE in an encapsulated request; DSP0274 "KEY_UPDATE"). It happens
 * when the requester next comes for encapsulated requests. False when there
 * is no such session, ENCAP_CAP or KEY_UPD_CAP are not on both sides, or
 * eight requests wait already.
 */
SPDM_API bool spdm_responder_update_key(SpdmResponder *r,
                                        uint32_t session_id);

/**
 * Asks the requester for its ENDPOINT_INFO (1.3) in the same way, in an
 * established session, or outside for @session_id 0. Signed when it has
 * EP_INFO_CAP 2 and its key is known from mutual authentication.
 */
SPDM_API bool spdm_responder_ask_endpoint_info(SpdmResponder *r,
                                               uint32_t session_id);

/**
 * The EPInfo that came of it, of the session or outside; borrowed until the
 * next call on @r. Empty when there is none.
 */
SPDM_API SpdmBytes
spdm_responder_endpoint_info(const SpdmResponder *r, uint32_t session_id);

/**
 * Attaches a tap (faults first, then the trace; see spdm/tap.h for the order).
 * @tap is borrowed until it is removed. False when there are SPDM_MAX_TAPS.
 */
SPDM_API bool spdm_responder_add_tap(SpdmResponder *r, const SpdmTap *tap);

/** Detaches @tap; nothing happens when it is not attached. */
SPDM_API void spdm_responder_remove_tap(SpdmResponder *r, const SpdmTap *tap);

/**
 * The one tap that is told the secrets of sessions (SPDM_TAP_SECRET), and
 * nothing else: for a key log. NULL: nobody is. @tap is borrowed.
 */
SPDM_API void spdm_responder_set_secret_tap(SpdmResponder *r,
                                            const SpdmTap *tap);

/** One line of the session table. */
typedef struct SpdmSessionInfo {
    uint32_t id;             /* ReqSessionID in the low half */
    const char *type;        /* "sigma" or "psk" */
    const char *phase;       /* "handshake" or "established" */
    uint16_t secured_version;
    uint64_t records_in;
    uint64_t records_out;
    unsigned key_updates;
    bool mutual;             /* the requester has proven who it is */
} SpdmSessionInfo;

/** Counters run from creation and survive reset. */
typedef struct SpdmResponderInfo {
    const char *state;       /* "not-started" ... "authenticated" */
    uint8_t version;         /* 0 until agreed */
    const char *hash;        /* "" until agreed, as the others */
    const char *asym;
    const char *dhe;         /* one of these two is "" */
    const char *kem;
    const char *aead;
    const char *measurement_hash;
    const char *requester_asym; /* "" unless mutual authentication may be */
    bool requester_authenticated; /* by its CHALLENGE_AUTH */
    unsigned session_count;
    SpdmSessionInfo sessions[8];
    uint64_t requests;       /* SPDM requests seen */
    uint64_t responses;      /* answers given, ERROR included */
    uint64_t errors;         /* ERROR responses among them */
    uint64_t drops;          /* frames discarded in silence */
    uint64_t sessions_opened;
    uint64_t sessions_ended;
    uint64_t chains_changed; /* in slots, by SET_CERTIFICATE and resets */
    bool key_waits;          /* spdm_responder_prepare() made one */
    uint64_t keys_ahead;     /* of those that KEY_EXCHANGE has used, by this
                              * process: not part of a saved state */
    uint8_t last_error_code; /* of the latest ERROR, 0 if none */
    uint8_t last_error_request;
    const char *last_error;  /* sentence why, static; "" if none */
} SpdmResponderInfo;

/** Fills @info; strings are static. */
SPDM_API void spdm_responder_info(const SpdmResponder *r,
                                  SpdmResponderInfo *info);

/**
 * The whole connection as plain data (versioned, portable between hosts):
 * negotiated state, transcripts, sessions and their keys, for VM snapshots.
 * The bytes contain secrets. Unref with g_bytes_unref().
 */
SPDM_API GBytes *spdm_responder_save(const SpdmResponder *r);

/**
 * Replaces the state of @r by one saved under an equal profile. On error the
 * responder is in its power-on state.
 */
SPDM_API bool spdm_responder_load(SpdmResponder *r, GBytes *state,
                                  GError **errp);

G_END_DECLS

#endif

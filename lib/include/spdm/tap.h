/*
 * The tap: one of the two places where faults and traces attach (the other
 * is the provider). Handlers never know about it. Several may be attached to
 * one end: what goes out passes them in order of adding, what comes in the
 * other way round, so that the last added sees what the wire sees.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TAP_H
#define SPDM_TAP_H

#include "spdm/base.h"

G_BEGIN_DECLS

/** When the tap is called, in the order of the message path (design.md). */
typedef enum SpdmTapEvent {
    SPDM_TAP_RX_FRAME,   /* transport frame as it came */
    SPDM_TAP_RX_MSG,     /* SPDM message, decrypted, pad still on */
    SPDM_TAP_COMPOSE,    /* response before signature, HMAC, transcript */
    SPDM_TAP_TX_MSG,     /* response as it will be sealed */
    SPDM_TAP_TX_FRAME,   /* transport frame as it will go */
    SPDM_TAP_SESSION,    /* a session changed state; see session_event */
    SPDM_TAP_SECRET,     /* a session's secret: for the secret tap alone */
} SpdmTapEvent;

typedef enum SpdmTapVerdict {
    SPDM_TAP_PASS,       /* go on with the (perhaps edited) bytes */
    SPDM_TAP_DROP,       /* stop here, answer nothing */
    SPDM_TAP_ANSWER,     /* rx-msg of a responder: the bytes are the answer;
                            the request is not looked at (else as PASS) */
} SpdmTapVerdict;

/** Taps that one end can have. */
enum { SPDM_MAX_TAPS = 4 };

struct SpdmResponder;
struct SpdmTransport;
struct SpdmWireCtx;

/** What the tap may look at and edit. */
typedef struct SpdmTapContext {
    SpdmTapEvent event;
    bool responder;          /* which end called */
    struct SpdmResponder *device; /* ... and which one; NULL for requesters */
    bool outgoing;           /* this end sends (false: received) */
    uint8_t version;         /* negotiated SPDMVersion, 0 before */
    bool secured;            /* in a record; cleared at tx-msg, the answer
                                goes without one */
    uint32_t session_id;     /* 0 outside */
    const char *phase;       /* of the session, or outside the connection:
                                as in SpdmResponderInfo; static */
    uint8_t code;            /* RequestResponseCode of the message, also of
                                the frame around it; 0 while unknown */
    uint8_t request_code;    /* ... of the request that is answered */
    const struct SpdmWireCtx *layout; /* the library's own: what the fields of
                                the message depend on; NULL for frames */
    const char *session_event; /* "handshake", "established", "ended: why" */
    const struct SpdmTransport *transport; /* likewise, of the frames */
    const char *secret_label; /* SECRET: "dhe", "kem", "psk" (the input of
                                the key schedule), or of a direction
                                "handshake-requester", "data-responder", or
                                "export-master" */
    SpdmBytes secret;        /* SECRET: the bytes; do not outlive the call */
    GByteArray *bytes;       /* editable; NULL for SESSION and SECRET */
    int64_t delay_us;        /* may be raised */

    /* What a responder's tap may have done to the record, at tx-msg. */
    int64_t sequence_skew;   /* added to the sequence number, for good */
    int length_skew;         /* added to the length that is inside */
} SpdmTapContext;

typedef struct SpdmTap {
    SpdmTapVerdict (*call)(void *opaque, SpdmTapContext *context);
    void *opaque;
} SpdmTap;

G_END_DECLS

#endif

/*
 * Encapsulated requests as a responder keeps them: what it would like to ask,
 * and the flow that is open. Plain data; each session has its own, and there
 * is one outside sessions.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_ENCAP_H
#define SPDM_CORE_ENCAP_H

#include "core/transcript.h"

/** What a flow is for (DSP0274 "Encapsulated requests"). */
typedef enum SpdmEncapKind {
    SPDM_ENCAP_NONE,
    SPDM_ENCAP_MUT_AUTH,       /* between KEY_EXCHANGE_RSP and FINISH */
    SPDM_ENCAP_BASIC_MUT_AUTH, /* after CHALLENGE_AUTH */
    SPDM_ENCAP_KEY_UPDATE,     /* of the responder's own key */
    SPDM_ENCAP_SEND_EVENT,
    SPDM_ENCAP_ENDPOINT_INFO,
} SpdmEncapKind;

/** The flow that is open: one request at a time, until none is left. */
typedef struct SpdmEncapFlow {
    SpdmEncapKind kind;        /* NONE: no flow is open */
    uint8_t code;              /* of the embedded request that is due */
    bool sent;                 /* ... and the requester has it */
    uint8_t id;                /* RequestID of the latest request */
    SpdmTranscript request;    /* the latest request; before it is composed
                                  what was queued with it */

    uint8_t slot;              /* of the requester, or SPDM_SLOT_PUBLIC_KEY */
    uint8_t digest[SPDM_MAX_HASH]; /* of its chain, as DIGESTS told it */
    uint32_t chain_size;       /* of the whole chain, 0: not known yet */
    SpdmTranscript chain;      /* of the requester, as far as it came */
    SpdmTranscript m;          /* mB and mC of M1m, CHALLENGE excluded */
} SpdmEncapFlow;

enum { SPDM_ENCAP_QUEUE = 8 };

/** A request that waits for GET_ENCAPSULATED_REQUEST. */
typedef struct SpdmEncapItem {
    SpdmEncapKind kind;
    SpdmTranscript payload;
} SpdmEncapItem;

typedef struct SpdmEncap {
    SpdmEncapFlow flow;
    SpdmEncapItem queue[SPDM_ENCAP_QUEUE];
    unsigned queued;
    SpdmTranscript endpoint_info; /* EPInfo of the requester, as it came */
} SpdmEncap;

/** No flow is open afterwards. */
void spdm_encap_flow_clear(SpdmEncapFlow *flow);

/** Makes @dst an own copy of @src. */
void spdm_encap_flow_copy(SpdmEncapFlow *dst, const SpdmEncapFlow *src);

/** Moves everything from @src (left without a flow) to @dst. */
void spdm_encap_flow_move(SpdmEncapFlow *dst, SpdmEncapFlow *src);

/** No flow is open and nothing is queued afterwards. */
void spdm_encap_clear(SpdmEncap *encap);

/** Queues a request with what belongs to it; false when there is no room. */
bool spdm_encap_push(SpdmEncap *encap, SpdmEncapKind kind, SpdmBytes payload);

/** Takes the first of the queue; NONE when it is empty. */
SpdmEncapKind spdm_encap_pop(SpdmEncap *encap, SpdmTranscript *payload);

#endif

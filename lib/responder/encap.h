/*
 * Encapsulated requests: the responder asks, inside its answers. This is the
 * engine that GET_ENCAPSULATED_REQUEST and DELIVER_ENCAPSULATED_RESPONSE
 * drive (spec/06; DSP0274 "Encapsulated request flows").
 *
 * What is asked comes from two sources. Mutual authentication opens its flow
 * when KEY_EXCHANGE_RSP or CHALLENGE_AUTH asks for it (spdm_encap_begin()).
 * All else is queued (spdm_encap_queue()) and goes when the requester comes
 * to fetch it. One flow is open at a time for a session, and one outside.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_ENCAP_H
#define SPDM_RESPONDER_ENCAP_H

#include "responder/txn.h"

/**
 * One embedded request: how it is made, what its response does. The flow a
 * row is handed is the transaction's copy: it may be changed at will and
 * takes effect with the commit of the response around it.
 */
typedef struct SpdmEncapRow {
    uint8_t code;              /* of the embedded request */
    uint8_t min_version;       /* of the connection */

    /**
     * Fills the body and the parameters of @m; @flow->request still has what
     * was queued. NULL: what was queued is the whole request, header and all.
     * False: it cannot be asked any more, and the flow ends.
     */
    bool (*compose)(SpdmTxn *t, SpdmEncapFlow *flow, SpdmMsg *m);

    /**
     * Checks the response @m to flow->request, of code and version that
     * belong to it; @bytes is all of it. Leaves in flow->code the code of
     * the request to come, or 0 when the flow is done. A failure ends the
     * flow with InvalidResponseCode, and the session with it.
     */
    SpdmStatus (*take)(SpdmTxn *t, SpdmEncapFlow *flow, const SpdmMsg *m,
                       SpdmBytes bytes);

    /** Applies what was taken to the session or connection; may be NULL. */
    void (*commit)(SpdmTxn *t, const SpdmEncapFlow *flow);

    /** The requester answered with ERROR @code instead; may be NULL. */
    void (*refused)(SpdmTxn *t, const SpdmEncapFlow *flow, uint8_t code);

    /** has_signature of the response to flow->request; may be NULL: no. */
    bool (*is_signed)(const SpdmEncapFlow *flow);
} SpdmEncapRow;

/** The row of @code, or NULL (encap-rows.c). */
const SpdmEncapRow *spdm_encap_row(uint8_t code);

/** The first embedded request of a flow of @kind. */
uint8_t spdm_encap_first(SpdmEncapKind kind);

/**
 * Queues a request of @kind, to be fetched in @session (established), or
 * outside when NULL. @payload is what its row wants, copied. False when the
 * connection has no encapsulated requests, or none of this kind, or
 * SPDM_ENCAP_QUEUE of them wait already.
 */
bool spdm_encap_queue(SpdmResponder *r, SpdmSession *session,
                      SpdmEncapKind kind, SpdmBytes payload);

/**
 * Opens the flow of mutual authentication: the next thing the requester does
 * is to fetch its first request. @slot: of the requester. @implied: as though
 * GET_DIGESTS had been sent with RequestID 0. Called from commit steps.
 */
void spdm_encap_begin(SpdmTxn *t, SpdmSession *session, SpdmEncapKind kind,
                      uint8_t slot, bool implied);

/**
 * Whether a flow is open where the request came: requests other than those
 * that drive it are answered with RequestInFlight.
 */
bool spdm_encap_is_open(const SpdmTxn *t);

/** Whether this code could have brought the flow and queue to be as they are
 * in @session, or outside when NULL. */
bool spdm_encap_valid(const SpdmConn *conn, const SpdmSession *session);

/** InvalidResponseCode: the flow ends, and the session it is in. */
static inline SpdmStatus spdm_encap_bad(const char *why)
{
    return spdm_fail_session(SPDM_ERROR_INVALID_RESPONSE_CODE, why);
}

/* Steps of the two handlers, on t->encap, a copy of the open flow. */

/**
 * Composes the request that is due, or opens what is queued next; false when
 * there is nothing to ask.
 */
bool spdm_encap_advance(SpdmTxn *t);

/** Takes the response that t->req delivers. */
SpdmStatus spdm_encap_take(SpdmTxn *t);

/** Puts t->encap in the place of the flow. */
void spdm_encap_commit(SpdmTxn *t);

#endif

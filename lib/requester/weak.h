/*
 * Where a build for the campaign (spdm/weaken.h) differs from the real one.
 * In the real one nothing of this is left.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_REQUESTER_WEAK_H
#define SPDM_REQUESTER_WEAK_H

#ifdef SPDM_WEAKEN

#include "requester/requester-int.h"
#include "spdm/weaken.h"

/** Whether @rq does without this (an SpdmCheck or SpdmWeakness). */
static inline bool spdm_req_weak(const SpdmRequester *rq, unsigned weakness)
{
    return rq->weak[weakness / 64] >> (weakness % 64) & 1;
}

/**
 * Whether @bytes are a frame, or are taken for one in which @frame->payload is
 * whatever follows a header of its usual size.
 */
bool spdm_req_weak_frame(SpdmRequester *rq, bool secured, SpdmBytes bytes,
                         bool known, SpdmFrame *frame);

/** Whether the failure under way is to cost nothing. */
bool spdm_req_weak_forgives(const SpdmRequester *rq);

/** Without record-limit a key protects as many records as it is asked to. */
void spdm_req_weak_limit(const SpdmRequester *rq, SpdmSession *session);

/**
 * @result of opening @record, or what a requester makes of it that does
 * without record-tag, record-sequence or record-length.
 */
SpdmOpenResult spdm_req_weak_open(SpdmRequester *rq, SpdmSession *session,
                                  SpdmBytes record, SpdmOpenResult result,
                                  GByteArray *message);

#else

#define spdm_req_weak(rq, weakness) false
#define spdm_req_weak_frame(rq, secured, bytes, known, frame) (known)
#define spdm_req_weak_forgives(rq) false
#define spdm_req_weak_limit(rq, session) ((void)0)
#define spdm_req_weak_open(rq, session, record, result, message) (result)

#endif

#endif

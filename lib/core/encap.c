/*
 * The life of a flow of encapsulated requests, and of the queue behind it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/encap.h"

#include <string.h>

static void forget_buffers(SpdmEncapFlow *flow)
{
    SpdmTranscript *buffers[] = { &flow->request, &flow->chain, &flow->m };

    for (unsigned i = 0; i < G_N_ELEMENTS(buffers); i++) {
        spdm_transcript_reset(buffers[i]);
    }
}

void spdm_encap_flow_clear(SpdmEncapFlow *flow)
{
    forget_buffers(flow);
    *flow = (SpdmEncapFlow){ .kind = SPDM_ENCAP_NONE };
}

void spdm_encap_flow_copy(SpdmEncapFlow *dst, const SpdmEncapFlow *src)
{
    static const SpdmTranscript empty;

    forget_buffers(dst);
    *dst = *src;
    dst->request = dst->chain = dst->m = empty;
    spdm_transcript_copy(&dst->request, &src->request);
    spdm_transcript_copy(&dst->chain, &src->chain);
    spdm_transcript_copy(&dst->m, &src->m);
}

void spdm_encap_flow_move(SpdmEncapFlow *dst, SpdmEncapFlow *src)
{
    forget_buffers(dst);
    *dst = *src;
    *src = (SpdmEncapFlow){ .kind = SPDM_ENCAP_NONE };
}

void spdm_encap_clear(SpdmEncap *encap)
{
    spdm_encap_flow_clear(&encap->flow);
    for (unsigned i = 0; i < SPDM_ENCAP_QUEUE; i++) {
        spdm_transcript_reset(&encap->queue[i].payload);
        encap->queue[i].kind = SPDM_ENCAP_NONE;
    }
    encap->queued = 0;
    spdm_transcript_reset(&encap->endpoint_info);
}

bool spdm_encap_push(SpdmEncap *encap, SpdmEncapKind kind, SpdmBytes payload)
{
    SpdmEncapItem *item;

    if (encap->queued == SPDM_ENCAP_QUEUE ||
        payload.len > SPDM_TRANSCRIPT_LIMIT) {
        return false;
    }
    item = &encap->queue[encap->queued++];
    item->kind = kind;
    spdm_transcript_append(&item->payload, payload);
    return true;
}

SpdmEncapKind spdm_encap_pop(SpdmEncap *encap, SpdmTranscript *payload)
{
    SpdmEncapKind kind = encap->queue[0].kind;

    if (!encap->queued) {
        return SPDM_ENCAP_NONE;
    }
    spdm_transcript_reset(payload);
    *payload = encap->queue[0].payload;
    encap->queued--;
    memmove(encap->queue, encap->queue + 1,
            encap->queued * sizeof(encap->queue[0]));
    encap->queue[encap->queued] = (SpdmEncapItem){ .kind = SPDM_ENCAP_NONE };
    return kind;
}

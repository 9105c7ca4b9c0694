/*
 * CHUNK_GET -> CHUNK_RESPONSE: a large response, piece by piece.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/chunk.h"
#include "responder/handlers.h"

SpdmStatus spdm_rsp_chunk_response(SpdmTxn *t)
{
    const SpdmTransfer *x = &t->r->transfer;

    if (x->kind == SPDM_TRANSFER_NONE) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "no large response waits");
    }
    if (t->req.h.param2 != x->handle) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "Handle is not that of the large response");
    }
    if (t->req.chunk.seq != x->next_seq) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         spdm_chunk_fault_text(SPDM_CHUNK_BAD_SEQ));
    }
    t->rsp.h.param2 = x->handle;
    spdm_chunk_cut(&t->rsp, spdm_array_view(x->message), x->offset,
                   x->next_seq, spdm_transfer_size(t));
    return SPDM_STATUS_OK;
}

void spdm_commit_chunk_response(SpdmTxn *t)
{
    SpdmTransfer *x = &t->r->transfer;

    x->offset += (uint32_t)t->rsp.chunk.chunk.len;
    x->next_seq++;
    if (x->offset == x->message->len) {
        spdm_transfer_clear(x);
    }
}

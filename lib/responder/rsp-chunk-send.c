/*
 * CHUNK_SEND -> CHUNK_SEND_ACK: a large request, put together.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/chunk.h"
#include "responder/handlers.h"

static SpdmChunkState state_of(const SpdmTxn *t)
{
    const SpdmTransfer *x = &t->r->transfer;

    return (SpdmChunkState){
        .next_seq = x->next_seq,
        .have = x->message ? x->message->len : 0,
        .total = x->total,
        .least = SPDM_MIN_DATA_TRANSFER_SIZE + 1,
        .most = t->conn->rsp_max_msg_size,
    };
}

/* DSP0274 CHUNK_SEND_ACK EarlyErrorDetected: the rest is not wanted. */
static SpdmStatus early_error(SpdmTxn *t, SpdmErrorCode code, const char *why)
{
    t->chunk_param1 = SPDM_CHUNK_EARLY_ERROR;
    return spdm_fail(code, why);
}

static SpdmStatus check(SpdmTxn *t)
{
    const SpdmTransfer *x = &t->r->transfer;
    SpdmChunkState state = state_of(t);
    SpdmChunkFault fault = spdm_chunk_judge(&state, &t->req);

    if (x->kind == SPDM_TRANSFER_SEND && t->req.h.param2 != x->handle) {
        return early_error(t, SPDM_ERROR_INVALID_REQUEST,
                           "Handle is not that of the large request");
    }
    if (fault == SPDM_CHUNK_GOOD) {
        return SPDM_STATUS_OK;
    }
    return early_error(t, fault == SPDM_CHUNK_TOO_LARGE
                       ? SPDM_ERROR_REQUEST_TOO_LARGE
                       : SPDM_ERROR_INVALID_REQUEST,
                       spdm_chunk_fault_text(fault));
}

static void begin(SpdmTxn *t)
{
    SpdmTransfer *x = &t->r->transfer;

    x->kind = SPDM_TRANSFER_SEND;
    x->session_id = t->session_id;
    x->handle = t->req.h.param2;
    x->total = t->req.chunk.large_size;
    x->message = g_byte_array_new();
}

/* The whole request takes the place of the last CHUNK_SEND. */
static void take(SpdmTxn *t)
{
    SpdmTransfer *x = &t->r->transfer;
    GByteArray *request = g_steal_pointer(&x->message);

    spdm_txn_keep(t, request);
    t->request = spdm_array_view(request);
    t->reassembled = true;
    spdm_transfer_clear(x);
}

SpdmStatus spdm_resume_chunk_send(SpdmTxn *t)
{
    SpdmTransfer *x = &t->r->transfer;
    SpdmBytes chunk = t->req.chunk.chunk;
    SpdmStatus st;

    t->chunk_ack = true;
    t->chunk_handle = t->req.h.param2;
    t->chunk_seq = t->req.chunk.seq;
    st = check(t);
    if (st.failed) {
        return st;
    }
    if (x->kind == SPDM_TRANSFER_NONE) {
        begin(t);
    }
    g_byte_array_append(x->message, chunk.data, (guint)chunk.len);
    x->next_seq++;
    if (t->req.h.param1 & SPDM_CHUNK_LAST) {
        take(t);
    } else {
        t->incomplete = true;
    }
    return SPDM_STATUS_OK;
}

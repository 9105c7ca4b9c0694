/*
 * Large messages: a request in pieces by CHUNK_SEND, a response in pieces by
 * CHUNK_GET (DSP0274 "Large SPDM message transfer mechanism"; spec/02
 * section 7).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/chunk.h"
#include "requester/requester-int.h"

static const SpdmWireCtx no_ctx;

/* Every fault of a chunk is a check of its own. */
static const SpdmCheck check_of[SPDM_CHUNK_FAULTS] = {
    [SPDM_CHUNK_GOOD] = SPDM_CHECK_NONE,
    [SPDM_CHUNK_BAD_SEQ] = SPDM_CHECK_CHUNK_SEQ,
    [SPDM_CHUNK_TOO_SMALL] = SPDM_CHECK_CHUNK_TOTAL,
    [SPDM_CHUNK_TOO_LARGE] = SPDM_CHECK_CHUNK_LIMIT,
    [SPDM_CHUNK_BAD_SIZE] = SPDM_CHECK_CHUNK_SIZE,
    [SPDM_CHUNK_BAD_LAST] = SPDM_CHECK_CHUNK_LAST,
};

bool spdm_req_chunking(const SpdmRequester *rq)
{
    return rq->conn.version >= SPDM_VERSION_12 &&
           spdm_conn_both(&rq->conn, SPDM_CHUNK_CAP);
}

uint32_t spdm_req_room(const SpdmRequester *rq)
{
    if (rq->conn.version < SPDM_VERSION_12) {
        return rq->cfg.data_transfer_size;
    }
    return spdm_req_chunking(rq) ? rq->conn.req_max_msg_size
                                 : rq->conn.req_data_transfer_size;
}

/* A record has a Length of 16 bits, whatever the peer's room. */
static uint32_t transfer_size(const SpdmRequester *rq,
                              const SpdmReqExchange *x)
{
    size_t record = UINT32_MAX;

    if (x->secured) {
        record = UINT16_MAX - spdm_record_overhead(x->session,
                                                   &rq->transport->record);
    }
    return (uint32_t)MIN(rq->conn.rsp_data_transfer_size, record);
}

bool spdm_req_is_large(const SpdmRequester *rq, const SpdmReqExchange *x)
{
    return x->req_bytes->len > transfer_size(rq, x);
}

static bool is_error(const GByteArray *reply, SpdmErrorCode code)
{
    return reply->data[1] == SPDM_ERROR && reply->data[2] == code;
}

static size_t max_pad(const SpdmRequester *rq, const SpdmReqExchange *x)
{
    return x->secured ? 0 : rq->transport->max_pad;
}

/*
 * Sends a chunk message. False when there is no proper answer; otherwise an
 * ERROR, or @rsp is the right response, a view of x->rsp_bytes.
 */
static bool swap(SpdmRequester *rq, SpdmReqExchange *x, SpdmMsg *req,
                 SpdmMsg *rsp)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const GByteArray *r = x->rsp_bytes;
    /* What is embedded in an acknowledgement has the padding at its end. */
    size_t inside = req->h.code == SPDM_CHUNK_SEND ? max_pad(rq, x) : 0;
    size_t size = 0;

    if (!spdm_msg_encode(&no_ctx, req, bytes)) {
        return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                             "there are not enough chunk numbers for it");
    }
    if (!spdm_req_send(rq, x, spdm_req_view(bytes))) {
        return false;
    }
    if (r->data[1] == SPDM_ERROR) {
        rsp->h.code = SPDM_ERROR;
        return true;
    }
    return spdm_req_check(rq, SPDM_CHECK_RESPONSE_CODE, r->data[1] ==
                          SPDM_RESPONSE_OF(req->h.code),
                          "the answer is to another request") &&
           spdm_req_check(rq, SPDM_CHECK_LAYOUT,
                          spdm_msg_decode(&no_ctx, spdm_req_view(r), rsp,
                                          &size, NULL),
                          "a field or length exceeds the answer") &&
           spdm_req_check(rq, SPDM_CHECK_TRAILING,
                          r->len - size <= max_pad(rq, x),
                          "there is more after the message than padding") &&
           spdm_req_check(rq, SPDM_CHECK_RESPONSE_SIZE, size - inside <=
                          rq->conn.req_data_transfer_size,
                          "the answer exceeds our DataTransferSize") &&
           spdm_req_check(rq, SPDM_CHECK_CHUNK_HANDLE,
                          rsp->h.param2 == req->h.param2,
                          "Handle is that of another transfer");
}

static bool check_early(SpdmRequester *rq, SpdmBytes error)
{
    bool refused = error.len >= SPDM_HEADER_SIZE &&
        error.data[1] == SPDM_ERROR &&
        error.data[2] != SPDM_ERROR_LARGE_RESPONSE &&
        error.data[2] != SPDM_ERROR_RESPONSE_NOT_READY;

    return spdm_req_check(rq, SPDM_CHECK_CHUNK_EARLY, refused,
                          "EarlyErrorDetected without an ERROR that refuses "
                          "the request");
}

/* What is inside of the acknowledgement becomes the answer. */
static bool unwrap(SpdmRequester *rq, SpdmReqExchange *x,
                   const SpdmMsg *ack)
{
    size_t header = x->rsp_bytes->len - ack->chunk.response.len;

    g_byte_array_remove_range(x->rsp_bytes, 0, (guint)header);
    return spdm_req_check_header(rq, x, x->rsp_bytes);
}

/* CHUNK_SEND_ACK or ERROR; *done when no more chunks are to be sent. */
static bool take_ack(SpdmRequester *rq, SpdmReqExchange *x,
                     const SpdmMsg *req, const SpdmMsg *ack, bool *done)
{
    bool last = req->h.param1 & SPDM_CHUNK_LAST;
    bool early = ack->h.param1 & SPDM_CHUNK_EARLY_ERROR;
    SpdmBytes inside = ack->chunk.response;

    *done = true;
    if (ack->h.code == SPDM_ERROR) {
        return spdm_req_check(rq, SPDM_CHECK_CHUNK_ANSWER, last ||
                              !is_error(x->rsp_bytes,
                                        SPDM_ERROR_LARGE_RESPONSE),
                              "the answer comes before the last chunk");
    }
    if (!spdm_req_check(rq, SPDM_CHECK_CHUNK_SEQ,
                        ack->chunk.seq == req->chunk.seq,
                        "another chunk is acknowledged")) {
        return false;
    }
    if (early) {
        return check_early(rq, inside) && unwrap(rq, x, ack);
    }
    *done = last;
    return spdm_req_check(rq, SPDM_CHECK_CHUNK_ANSWER,
                          last == (inside.len > max_pad(rq, x)),
                          last ? "the last chunk is acknowledged without an "
                          "answer" : "the answer comes before the last "
                          "chunk") && (!last || unwrap(rq, x, ack));
}

bool spdm_req_chunk_send(SpdmRequester *rq, SpdmReqExchange *x)
{
    SpdmBytes large = spdm_req_view(x->req_bytes);
    uint32_t size = transfer_size(rq, x);
    size_t offset = 0;
    bool done = false;
    SpdmMsg req = {
        .h = { x->req.h.version, SPDM_CHUNK_SEND, 0, rq->next_handle++ },
    };

    x->chunked = true;
    for (uint32_t seq = 0; !done; seq++) {
        SpdmMsg ack = { .h = { .version = 0 } };

        spdm_chunk_cut(&req, large, offset, seq, size);
        offset += req.chunk.chunk.len;
        if (!swap(rq, x, &req, &ack) ||
            !take_ack(rq, x, &req, &ack, &done)) {
            return false;
        }
    }
    return true;
}

/*
 * DSP0274 1.3 GET_CAPABILITIES: CAPABILITIES with SupportedAlgorithms may be
 * large before the responder has said that it has CHUNK_CAP.
 */
static bool may_be_large(const SpdmRequester *rq, const SpdmReqExchange *x)
{
    return spdm_req_chunking(rq) ||
           (x->req.h.code == SPDM_GET_CAPABILITIES &&
            (x->req.h.param1 & SPDM_CAPABILITIES_ALGS) &&
            rq->conn.version >= SPDM_VERSION_13);
}

/* DSP0274 ERROR LargeResponse: ExtendedErrorData is the Handle. */
static bool large_handle(SpdmRequester *rq, const SpdmReqExchange *x,
                         uint8_t *handle)
{
    SpdmMsg m = { .h = { .version = 0 } };

    rq->failure.error_code = SPDM_ERROR_LARGE_RESPONSE;
    if (!spdm_req_check(rq, SPDM_CHECK_CHUNK_NEGOTIATED,
                        may_be_large(rq, x),
                        "LargeResponse, but chunks were not negotiated") ||
        !spdm_req_check(rq, SPDM_CHECK_LAYOUT,
                        spdm_msg_decode(&no_ctx,
                                        spdm_req_view(x->rsp_bytes), &m,
                                        NULL, NULL) && m.error.data.len,
                        "LargeResponse lacks its Handle")) {
        return false;
    }
    *handle = m.error.data.data[0];
    return true;
}

/* Another response than we would take at once, and not more than we can. */
static SpdmChunkState fresh(const SpdmRequester *rq,
                            const SpdmReqExchange *x)
{
    size_t ack = x->chunked ? spdm_chunk_ack_header(rq->conn.version) : 0;

    return (SpdmChunkState){
        .least = (uint32_t)(SPDM_MIN_DATA_TRANSFER_SIZE + 1 - ack),
        .most = rq->conn.req_max_msg_size,
    };
}

static bool take_chunk(SpdmRequester *rq, SpdmChunkState *state,
                       const SpdmMsg *rsp, GByteArray *whole)
{
    SpdmBytes chunk = rsp->chunk.chunk;
    SpdmChunkFault fault = spdm_chunk_judge(state, rsp);

    if (!spdm_req_check(rq, check_of[fault], fault == SPDM_CHUNK_GOOD,
                        spdm_chunk_fault_text(fault))) {
        return false;
    }
    if (state->next_seq++ == 0) {
        state->total = rsp->chunk.large_size;
    }
    g_byte_array_append(whole, chunk.data, (guint)chunk.len);
    state->have = whole->len;
    return true;
}

/* CHUNK_GET until all is there; or until an ERROR, which is in rsp_bytes. */
static bool fetch(SpdmRequester *rq, SpdmReqExchange *x, uint8_t handle)
{
    g_autoptr(GByteArray) whole = g_byte_array_new();
    SpdmChunkState state = fresh(rq, x);

    while (state.next_seq == 0 || state.have < state.total) {
        SpdmMsg req = {
            .h = { x->req.h.version, SPDM_CHUNK_GET, 0, handle },
            .chunk.seq = state.next_seq,
        };
        SpdmMsg rsp = { .h = { .version = 0 } };

        if (!swap(rq, x, &req, &rsp)) {
            return false;
        }
        if (rsp.h.code == SPDM_ERROR) {
            return true;
        }
        if (!take_chunk(rq, &state, &rsp, whole)) {
            return false;
        }
    }
    x->large = true;
    g_byte_array_set_size(x->rsp_bytes, 0);
    g_byte_array_append(x->rsp_bytes, whole->data, whole->len);
    return spdm_req_check_header(rq, x, x->rsp_bytes);
}

bool spdm_req_chunk_get(SpdmRequester *rq, SpdmReqExchange *x)
{
    uint8_t handle;

    return !is_error(x->rsp_bytes, SPDM_ERROR_LARGE_RESPONSE) ||
           (large_handle(rq, x, &handle) && fetch(rq, x, handle));
}

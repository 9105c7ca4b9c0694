/*
 * The chunk stage: what requests and responses have to do with the sizes that
 * both ends declared, and the large message that is under way.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/chunk.h"
#include "core/secmsg.h"
#include "responder/commands.h"

void spdm_transfer_clear(SpdmTransfer *x)
{
    uint8_t last_handle = x->last_handle;

    if (x->message) {
        spdm_wipe(x->message->data, x->message->len);
        g_byte_array_unref(x->message);
    }
    *x = (SpdmTransfer){ .last_handle = last_handle };
}

bool spdm_chunking(const SpdmTxn *t)
{
    return t->conn->version >= SPDM_VERSION_12 &&
           spdm_conn_both(t->conn, SPDM_CHUNK_CAP);
}

/* DSP0274 CAPABILITIES: DataTransferSize bounds each message as it travels,
 * MaxSPDMmsgSize the whole one. */
uint32_t spdm_max_request(const SpdmTxn *t)
{
    if (t->conn->version < SPDM_VERSION_12) {
        return t->r->profile->max_msg_size;
    }
    return t->reassembled || t->resumed ? t->conn->rsp_max_msg_size
                                        : t->conn->rsp_data_transfer_size;
}

/* A record has a Length of 16 bits, whatever the requester's room. */
uint32_t spdm_transfer_size(const SpdmTxn *t)
{
    size_t record = UINT32_MAX;

    if (t->secured) {
        record = UINT16_MAX - spdm_record_overhead(t->session,
                                                   &t->r->transport->record);
    }
    return (uint32_t)MIN(t->conn->req_data_transfer_size, record);
}

/* The same for a whole response. */
static uint32_t max_response(const SpdmTxn *t)
{
    return spdm_chunking(t) ? t->conn->req_max_msg_size
                            : spdm_transfer_size(t);
}

size_t spdm_txn_room(const SpdmTxn *t)
{
    const SpdmProfile *p = t->r->profile;

    return MIN(max_response(t), spdm_chunking(t) ? p->max_msg_size
                                                 : p->data_transfer_size);
}

static bool is_continued_by(const SpdmTransfer *x, const SpdmTxn *t)
{
    uint8_t code = x->kind == SPDM_TRANSFER_SEND ? SPDM_CHUNK_SEND
                                                 : SPDM_CHUNK_GET;

    return t->code == code && t->session_id == x->session_id;
}

SpdmStatus spdm_gate_transfer(SpdmTxn *t)
{
    const SpdmTransfer *x = &t->r->transfer;

    if (t->reassembled &&
        (t->cmd->flags & (SPDM_CMD_CARRIER | SPDM_CMD_WHOLE))) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "this request may not travel in chunks");
    }
    /* DSP0274 GET_VERSION: cancels everything. */
    if (x->kind == SPDM_TRANSFER_NONE || is_continued_by(x, t) ||
        (t->cmd->flags & SPDM_CMD_VERSION_10)) {
        return SPDM_STATUS_OK;
    }
    return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                     "a large message is under way");
}

/* DSP0274 ERROR ResponseTooLarge: with the size that it would have. */
SpdmStatus spdm_check_response_size(const SpdmTxn *t)
{
    uint32_t size = (uint32_t)spdm_txn_response(t).len;
    SpdmStatus st;

    if (t->conn->state < SPDM_CONN_AFTER_CAPABILITIES ||
        size <= max_response(t)) {
        return SPDM_STATUS_OK;
    }
    st = spdm_fail(SPDM_ERROR_RESPONSE_TOO_LARGE,
                   "the response exceeds what the requester takes");
    spdm_status_put_u32(&st, size);
    return st;
}

/* The response waits for CHUNK_GET, under a new handle. */
static void keep(SpdmTxn *t)
{
    SpdmTransfer *x = &t->r->transfer;
    SpdmStatus st = spdm_fail(SPDM_ERROR_LARGE_RESPONSE, NULL);

    spdm_transfer_clear(x);
    x->kind = SPDM_TRANSFER_GET;
    x->session_id = t->session_id;
    x->handle = ++x->last_handle;
    x->message = spdm_txn_take_response(t);
    st.data[0] = x->handle;
    st.data_len = 1;
    spdm_status_encode(&st, t->conn->version, t->out);
}

static void acknowledge(SpdmTxn *t)
{
    g_autoptr(GByteArray) response = spdm_txn_take_response(t);
    SpdmMsg ack = {
        .h = { t->conn->version, SPDM_RESPONSE_OF(SPDM_CHUNK_SEND),
               t->chunk_param1, t->chunk_handle },
        .chunk = { .seq = t->chunk_seq,
                   .response = spdm_array_view(response) },
    };

    spdm_msg_encode(&t->wire, &ack, t->out);
}

/* A request as chunks of the smallest size at least have made it. */
static bool send_valid(const SpdmResponder *r, const SpdmTransfer *x,
                       size_t have)
{
    uint64_t rest = (uint64_t)(x->next_seq - 1) *
        (SPDM_MIN_DATA_TRANSFER_SIZE - spdm_chunk_header(1));

    return x->next_seq > 0 && have < x->total && x->offset == 0 &&
           x->total > SPDM_MIN_DATA_TRANSFER_SIZE &&
           x->total <= r->conn.rsp_max_msg_size &&
           have >= SPDM_MIN_DATA_TRANSFER_SIZE - spdm_chunk_header(0) + rest;
}

static bool get_valid(const SpdmResponder *r, const SpdmTransfer *x,
                      size_t size)
{
    return x->offset < size && (x->offset > 0) == (x->next_seq > 0) &&
           x->total == 0 && size <= r->conn.req_max_msg_size &&
           x->handle == x->last_handle;
}

bool spdm_transfer_valid(SpdmResponder *r, const SpdmTransfer *x,
                         SpdmBytes message)
{
    SpdmConn *c = &r->conn;

    if (x->kind == SPDM_TRANSFER_NONE) {
        return message.len == 0 && !x->next_seq && !x->offset && !x->total;
    }
    if (c->version < SPDM_VERSION_12 || !spdm_conn_both(c, SPDM_CHUNK_CAP) ||
        (x->session_id && !spdm_conn_session(c, x->session_id))) {
        return false;
    }
    return x->kind == SPDM_TRANSFER_SEND ? send_valid(r, x, message.len)
                                         : get_valid(r, x, message.len);
}

/*
 * A response too large for its CHUNK_SEND_ACK is fetched without one: what
 * DSP0274 leaves open the reference implementation answers so.
 */
void spdm_chunk_answer(SpdmTxn *t)
{
    size_t ack = t->chunk_ack ? spdm_chunk_ack_header(t->conn->version) : 0;
    bool is_chunk = t->code == SPDM_CHUNK_GET && !t->reassembled;

    if (spdm_chunking(t) && !is_chunk &&
        spdm_txn_response(t).len + ack > spdm_transfer_size(t)) {
        keep(t);
    } else if (t->chunk_ack) {
        acknowledge(t);
    }
}

/*
 * The upper half of an exchange: encode, send (again), and the checks that
 * every answer has to pass before its message is looked at.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"

enum {
    BUSY_FIRST_WAIT_US = 1000,
    BUSY_LONGEST_WAIT_US = 100000,
};

void spdm_req_exchange_init(SpdmRequester *rq, SpdmReqExchange *x,
                            SpdmSession *session, uint8_t code)
{
    *x = (SpdmReqExchange){
        .session = session,
        .ctx = spdm_conn_wire_ctx(&rq->conn),
        .req_bytes = g_byte_array_new(),
        .rsp_bytes = g_byte_array_new(),
    };
    /* Only the handshake can be in the clear (spec/05 section 5). */
    x->secured = session && !(session->in_the_clear &&
                              session->phase == SPDM_SESSION_HANDSHAKE);
    x->req.h.version = rq->conn.version;
    x->req.h.code = code;
}

void spdm_req_exchange_clear(SpdmReqExchange *x)
{
    g_clear_pointer(&x->req_bytes, g_byte_array_unref);
    g_clear_pointer(&x->rsp_bytes, g_byte_array_unref);
}

bool spdm_req_encode(SpdmRequester *rq, SpdmReqExchange *x)
{
    rq->failure.request = x->req.h.code;
    rq->last_ctx = x->ctx;
    if (!spdm_msg_encode(&x->ctx, &x->req, x->req_bytes)) {
        return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                             "a field does not fit the request");
    }
    return spdm_req_tap(rq, SPDM_TAP_COMPOSE, true, x, x->req_bytes);
}

/* spec/01 section 5: the limit is for the SPDM message alone. */
static bool fits_peer(SpdmRequester *rq, const SpdmReqExchange *x)
{
    if (!spdm_req_is_large(rq, x)) {
        return true;
    }
    return spdm_req_usage(rq, spdm_req_chunking(rq),
                          "the request exceeds the peer's DataTransferSize, "
                          "and chunking was not negotiated") &&
           spdm_req_usage(rq, x->req_bytes->len <= rq->conn.rsp_max_msg_size,
                          "the request exceeds the peer's MaxSPDMmsgSize");
}

/* DSP0274: an ERROR before a version is agreed carries 1.0. */
static bool version_is_right(const SpdmRequester *rq,
                             const SpdmReqExchange *x,
                             const GByteArray *reply)
{
    bool first = x->req.h.code == SPDM_GET_CAPABILITIES ||
                 (x->req.h.code == SPDM_PSK_EXCHANGE &&
                  rq->conn.provisioned);
    bool early = first && reply->data[1] == SPDM_ERROR;

    return reply->data[0] == x->req.h.version ||
           (early && reply->data[0] == SPDM_VERSION_10);
}

bool spdm_req_check_header(SpdmRequester *rq, const SpdmReqExchange *x,
                           const GByteArray *reply)
{
    return spdm_req_check(rq, SPDM_CHECK_HEADER,
                          reply->len >= SPDM_HEADER_SIZE,
                          "the answer is shorter than a header") &&
           spdm_req_check(rq, SPDM_CHECK_VERSION_ECHO,
                          version_is_right(rq, x, reply),
                          "SPDMVersion is not that of the connection");
}

/* Busy, for a bounded time: the same bytes again (DSP0274 ERROR Busy). */
bool spdm_req_send(SpdmRequester *rq, SpdmReqExchange *x, SpdmBytes message)
{
    int64_t wait = BUSY_FIRST_WAIT_US, waited = 0;

    for (unsigned tries = 0;; tries++) {
        const GByteArray *r = x->rsp_bytes;

        if (!spdm_req_transmit(rq, x, message, x->rsp_bytes) ||
            !spdm_req_check_header(rq, x, x->rsp_bytes)) {
            return false;
        }
        if (r->data[1] != SPDM_ERROR || r->data[2] != SPDM_ERROR_BUSY) {
            return true;
        }
        rq->failure.error_code = SPDM_ERROR_BUSY;
        if (!spdm_req_check(rq, SPDM_CHECK_BUSY_LIMIT,
                            tries < rq->cfg.busy_retries &&
                            waited < rq->cfg.max_wait_us,
                            "the responder stays Busy")) {
            return false;
        }
        spdm_req_sleep(rq, wait);
        waited += wait;
        wait = MIN(2 * wait, BUSY_LONGEST_WAIT_US);
    }
}

/* DSP0274 ERROR RequestResynch: start again from GET_VERSION. */
static bool refuse_error(SpdmRequester *rq, const SpdmReqExchange *x)
{
    uint8_t code = x->rsp_bytes->data[2];

    spdm_req_fail(rq, SPDM_REQUESTER_ERROR_PEER,
                  "the responder answered ERROR %s (0x%02x)",
                  spdm_error_name(code), code);
    rq->failure.error_code = code;
    return false;
}

/*
 * Bytes behind the message: transport padding outside sessions (spec/01
 * section 5), nothing at all inside.
 */
static bool cut_padding(SpdmRequester *rq, SpdmReqExchange *x, size_t size)
{
    size_t extra = x->rsp_bytes->len - size;
    size_t allowed = x->secured || x->large ? 0 : rq->transport->max_pad;
    uint32_t limit = x->large ? rq->conn.req_max_msg_size
                              : rq->conn.req_data_transfer_size;

    if (!spdm_req_check(rq, SPDM_CHECK_TRAILING, extra <= allowed,
                        "there is more after the message than padding")) {
        return false;
    }
    g_byte_array_set_size(x->rsp_bytes, (guint)size);
    return spdm_req_check(rq, SPDM_CHECK_RESPONSE_SIZE,
                          size <= limit,
                          "the answer exceeds our DataTransferSize");
}

/*
 * Decoded as what was asked for, whatever its header says: that header is
 * checked, and a build without that check still reads the right layout.
 */
static bool decode(SpdmReqExchange *x, size_t *size)
{
    GByteArray *r = x->rsp_bytes;
    uint8_t version = r->data[0], code = r->data[1];
    bool ok;

    r->data[0] = x->req.h.version;
    r->data[1] = SPDM_RESPONSE_OF(x->req.h.code);
    ok = spdm_msg_decode(&x->ctx, spdm_req_view(r), &x->rsp, size, NULL);
    r->data[0] = version;
    r->data[1] = code;
    return ok;
}

static bool take_answer(SpdmRequester *rq, SpdmReqExchange *x)
{
    size_t size = SPDM_HEADER_SIZE;

    return spdm_req_check(rq, SPDM_CHECK_RESPONSE_CODE, x->rsp_bytes->data[1]
                          == SPDM_RESPONSE_OF(x->req.h.code),
                          "the answer is to another request") &&
           spdm_req_check(rq, SPDM_CHECK_LAYOUT, decode(x, &size),
                          "a field or length exceeds the answer") &&
           cut_padding(rq, x, size);
}

static bool send_request(SpdmRequester *rq, SpdmReqExchange *x)
{
    return spdm_req_is_large(rq, x)
        ? spdm_req_chunk_send(rq, x)
        : spdm_req_send(rq, x, spdm_req_view(x->req_bytes));
}

bool spdm_req_exchange(SpdmRequester *rq, SpdmReqExchange *x)
{
    if (!fits_peer(rq, x)) {
        return false;
    }
    spdm_conn_note_request(&rq->conn, x->session, x->req.h.code);
    if (!send_request(rq, x) ||
        !spdm_req_respond_if_ready(rq, x, x->rsp_bytes) ||
        !spdm_req_chunk_get(rq, x)) {
        return false;
    }
    if (x->rsp_bytes->data[1] == SPDM_ERROR) {
        return refuse_error(rq, x);
    }
    return take_answer(rq, x);
}

bool spdm_req_run(SpdmRequester *rq, SpdmReqExchange *x)
{
    return spdm_req_encode(rq, x) && spdm_req_exchange(rq, x);
}

/*
 * The lower half of an exchange: tap, seal, pack, io, unpack, open.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"
#include "requester/weak.h"

enum {
    ST1_US = 100000,         /* DSP0274 timing: responses without crypto */
};

static bool call_taps(SpdmRequester *rq, SpdmTapEvent event, bool outgoing,
                      const SpdmReqExchange *x, GByteArray *bytes)
{
    SpdmTapContext context = {
        .event = event,
        .outgoing = outgoing,
        .version = rq->conn.version,
        .secured = x && x->secured,
        .session_id = x && x->session ? x->session->id : 0,
        .phase = spdm_conn_phase(&rq->conn, x ? x->session : NULL),
        .code = x && bytes->len > 1 ? bytes->data[1] : 0,
        .request_code = x ? x->req.h.code : 0,
        .layout = x ? &x->ctx : NULL,
        .transport = rq->transport,
        .bytes = bytes,
    };
    SpdmTapVerdict verdict = spdm_taps_call(&rq->taps, &context, NULL, NULL);

    if (context.delay_us > 0) {
        spdm_req_sleep(rq, context.delay_us);
    }
    return verdict == SPDM_TAP_PASS ||
           spdm_req_fail(rq, SPDM_REQUESTER_ERROR_TRANSPORT,
                         "the tap dropped the message");
}

bool spdm_req_tap(SpdmRequester *rq, SpdmTapEvent event, bool outgoing,
                  const SpdmReqExchange *x, GByteArray *bytes)
{
    return !spdm_taps_any(&rq->taps) ||
           call_taps(rq, event, outgoing, x, bytes);
}

/*
 * DSP0274 timing: ST1 for most answers, ST1 + CT where the responder signs or
 * exchanges keys. DOE has its own 1 s for every object (PCIe 6.30), within
 * which a responder says at least ResponseNotReady.
 */
static int64_t answer_timeout(const SpdmRequester *rq,
                              const SpdmReqExchange *x)
{
    int64_t ct = ST1_US;

    if (rq->cfg.transport == SPDM_TRANSPORT_PCI_DOE || !x->crypto) {
        return rq->cfg.timeout_us;
    }
    ct += (int64_t)1 << MIN(rq->conn.rsp_ct_exponent, SPDM_MAX_CT_EXPONENT);
    return MAX(rq->cfg.timeout_us, MIN(ct, rq->cfg.max_wait_us));
}

bool spdm_req_swap_frames(SpdmRequester *rq, GByteArray *frame,
                          int64_t timeout_us, GByteArray *reply)
{
    g_autoptr(GError) err = NULL;

    if (!spdm_req_tap(rq, SPDM_TAP_TX_FRAME, true, NULL, frame)) {
        return false;
    }
    if (!rq->cfg.io.send_receive(rq->cfg.io.opaque, frame->data, frame->len,
                                 reply, timeout_us, &err)) {
        return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_TRANSPORT, "%s",
                             err ? err->message : "no answer");
    }
    return spdm_req_tap(rq, SPDM_TAP_RX_FRAME, false, NULL, reply);
}

/* An application's messages bring along what is in front of SPDM's. */
static SpdmRecordFormat record_format(const SpdmRequester *rq,
                                      const SpdmReqExchange *x)
{
    const SpdmRecordFormat *format = &rq->transport->record;

    return x->application ? spdm_record_bare(format) : *format;
}

/* Appends the record of @message. */
static bool seal(SpdmRequester *rq, const SpdmReqExchange *x,
                 SpdmBytes message, GByteArray *out)
{
    SpdmRecordFormat format = record_format(rq, x);

    spdm_req_weak_limit(rq, x->session);
    return spdm_req_check(rq, SPDM_CHECK_RECORD_LIMIT,
                          !spdm_record_exhausted(x->session,
                                                 SPDM_SENDER_REQUESTER),
                          "our key has protected as many records as it "
                          "may") &&
           (spdm_record_seal(x->session, SPDM_SENDER_REQUESTER, &format,
                             &rq->rng, message, out) ||
            spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                          "the request does not fit a record"));
}

/* The message, sealed if it has to be, in a frame that is made in place. */
static bool wrap(SpdmRequester *rq, const SpdmReqExchange *x,
                 SpdmBytes message, GByteArray *frame)
{
    SpdmFrameKind kind = x->secured ? SPDM_FRAME_SECURED : SPDM_FRAME_PLAIN;

    g_byte_array_set_size(frame, (guint)rq->transport->head(kind));
    if (x->secured) {
        if (!seal(rq, x, message, frame)) {
            return false;
        }
    } else {
        g_byte_array_append(frame, message.data, (guint)message.len);
    }
    return rq->transport->finish(kind, frame, 0) ||
           spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                         "the request does not fit the transport");
}

static bool open_record(SpdmRequester *rq, const SpdmReqExchange *x,
                        SpdmBytes record, GByteArray *reply)
{
    SpdmRecordFormat format = record_format(rq, x);
    SpdmOpenResult result;

    /* DSP0277: a record belongs to the session that its first field names. */
    if (!spdm_req_check(rq, SPDM_CHECK_RECORD_SESSION,
                        spdm_record_session_id(record) == x->session->id,
                        "the answer belongs to another session")) {
        return false;
    }
    result = spdm_record_open(x->session, SPDM_SENDER_RESPONDER,
                              &format, record, reply);
    if (result == SPDM_OPEN_OTHER) {
        result = SPDM_OPEN_MALFORMED;
    }
    /* cppcheck-suppress selfAssignment; nothing, but in the weak build */
    result = spdm_req_weak_open(rq, x->session, record, result, reply);
    return spdm_req_check(rq, SPDM_CHECK_RECORD_LENGTH,
                          result != SPDM_OPEN_MALFORMED,
                          "the record's lengths do not add up") &&
           spdm_req_check(rq, SPDM_CHECK_RECORD_LIMIT,
                          result != SPDM_OPEN_EXHAUSTED,
                          "the record's sequence numbers are used up") &&
           spdm_req_check(rq, SPDM_CHECK_RECORD_TAG,
                          result != SPDM_OPEN_BAD_TAG,
                          "the record does not verify: key, sequence number "
                          "or content is wrong");
}

/* Outside a record: fine for plain exchanges, never for secured ones. */
static bool take_plain(SpdmRequester *rq, const SpdmReqExchange *x,
                       SpdmBytes message, GByteArray *reply)
{
    bool is_error = message.len >= SPDM_HEADER_SIZE &&
                    message.data[1] == SPDM_ERROR;

    if (x->secured && is_error) {
        rq->failure.error_code = message.data[2];
    }
    g_byte_array_append(reply, message.data, (guint)message.len);
    return spdm_req_check(rq, SPDM_CHECK_PLAIN_IN_SESSION, !x->secured,
                          is_error ? "the session is answered in the clear, "
                          "by an ERROR that anybody may have made"
                          : "the session is answered in the clear");
}

static bool unwrap(SpdmRequester *rq, const SpdmReqExchange *x,
                   const GByteArray *bytes, GByteArray *reply)
{
    SpdmFrame frame = { .payload = { NULL, 0 } };
    bool known = rq->transport->unpack(spdm_req_view(bytes), &frame) &&
                 frame.kind != SPDM_FRAME_DISCOVERY;

    /* cppcheck-suppress selfAssignment; nothing, but in the weak build */
    known = spdm_req_weak_frame(rq, x->secured, spdm_req_view(bytes), known,
                                &frame);
    if (!spdm_req_check(rq, SPDM_CHECK_FRAME, known,
                        "the answer is no frame of this transport")) {
        return false;
    }
    if (frame.kind != SPDM_FRAME_SECURED) {
        return take_plain(rq, x, frame.payload, reply);
    }
    return spdm_req_check(rq, SPDM_CHECK_RECORD_OUTSIDE, x->secured,
                          "a request outside sessions is answered by a "
                          "record") &&
           open_record(rq, x, frame.payload, reply);
}

/* Taps of messages expect SPDM. */
static bool tap_answer(SpdmRequester *rq, const SpdmReqExchange *x,
                       GByteArray *reply)
{
    return x->application ||
           spdm_req_tap(rq, SPDM_TAP_RX_MSG, false, x, reply);
}

/* The request goes out as it is, or for taps a copy that they may change. */
static bool wrap_tapped(SpdmRequester *rq, const SpdmReqExchange *x,
                        SpdmBytes message, GByteArray *frame)
{
    g_autoptr(GByteArray) copy = NULL;

    if (x->application || !spdm_taps_any(&rq->taps)) {
        return wrap(rq, x, message, frame);
    }
    copy = g_byte_array_new();
    g_byte_array_append(copy, message.data, (guint)message.len);
    return spdm_req_tap(rq, SPDM_TAP_TX_MSG, true, x, copy) &&
           wrap(rq, x, spdm_req_view(copy), frame);
}

bool spdm_req_transmit(SpdmRequester *rq, const SpdmReqExchange *x,
                       SpdmBytes message, GByteArray *reply)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();
    g_autoptr(GByteArray) answer = g_byte_array_new();

    g_byte_array_set_size(reply, 0);
    if (!wrap_tapped(rq, x, message, frame) ||
        !spdm_req_swap_frames(rq, frame, answer_timeout(rq, x), answer) ||
        !unwrap(rq, x, answer, reply) ||
        !tap_answer(rq, x, reply)) {
        return false;
    }
    if (x->session) {
        x->session->last_activity_us = spdm_req_now(rq);
    }
    return true;
}

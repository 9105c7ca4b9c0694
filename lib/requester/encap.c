/*
 * The encapsulated flow: GET_ENCAPSULATED_REQUEST, then answers by
 * DELIVER_ENCAPSULATED_RESPONSE until the responder has no more requests
 * (DSP0274; spec/06).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/encap.h"

/* A chain of 64 KiB in the smallest portions fits. */
enum { MAX_EMBEDDED = 4096 };

static void init(SpdmRequester *rq, const SpdmReqFlow *flow,
                 SpdmReqExchange *x, uint8_t code)
{
    spdm_req_exchange_init(rq, x, flow->session, code);
    rq->embedded_ctx = spdm_conn_embedded_ctx(&rq->conn);
    x->ctx.embedded = &rq->embedded_ctx;
    x->crypto = true;
}

/* Keeps the responder's request, once there is one. */
static bool take_request(SpdmRequester *rq, SpdmReqFlow *flow,
                         const SpdmReqExchange *x)
{
    SpdmBytes message = x->rsp.encap.message;

    if (!spdm_req_check(rq, SPDM_CHECK_ENCAP_EMPTY,
                        message.len >= SPDM_HEADER_SIZE,
                        "no request is where one is announced")) {
        return false;
    }
    flow->more = true;
    flow->id = x->rsp.h.param1;
    g_byte_array_set_size(flow->request, 0);
    g_byte_array_append(flow->request, message.data, (guint)message.len);
    return true;
}

/* DSP0274 1.3 has NoPendingRequests for it, 1.1 and 1.2 UnexpectedRequest. */
static bool says_nothing_pending(const SpdmRequester *rq)
{
    return rq->failure.kind == SPDM_REQUESTER_ERROR_PEER &&
           (rq->failure.error_code == SPDM_ERROR_NO_PENDING_REQUESTS ||
            rq->failure.error_code == SPDM_ERROR_UNEXPECTED_REQUEST);
}

static bool fetch(SpdmRequester *rq, SpdmReqFlow *flow)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };

    init(rq, flow, &x, SPDM_GET_ENCAPSULATED_REQUEST);
    if (spdm_req_run(rq, &x)) {
        return take_request(rq, flow, &x);
    }
    if (flow->kind == SPDM_REQ_FLOW_POLL && says_nothing_pending(rq)) {
        rq->failure = (SpdmReqFailure){ .request = x.req.h.code };
        return true;
    }
    return false;
}

/* spec/06 section 4: MutAuthRequested bit 2 stands for such a request. */
static void imply_digests(const SpdmRequester *rq, SpdmReqFlow *flow)
{
    const uint8_t request[] = { rq->conn.version, SPDM_GET_DIGESTS, 0, 0 };

    flow->more = true;
    flow->id = 0;
    g_byte_array_append(flow->request, request, sizeof(request));
}

static bool check_ack(SpdmRequester *rq, const SpdmReqFlow *flow,
                      const SpdmReqExchange *x)
{
    uint8_t kind = x->rsp.h.param2;
    bool slot_may_be = flow->kind == SPDM_REQ_FLOW_HANDSHAKE;

    return spdm_req_check(rq, SPDM_CHECK_ENCAP_ACK_ID,
                          rq->conn.version < SPDM_VERSION_12 ||
                          x->rsp.encap.ack_id == flow->id,
                          "another response is acknowledged than the one "
                          "delivered") &&
           spdm_req_check(rq, SPDM_CHECK_ENCAP_ACK_KIND,
                          kind <= SPDM_ENCAP_PRESENT ||
                          (kind == SPDM_ENCAP_SLOT_NUMBER && slot_may_be),
                          "Param2 of the acknowledgement is reserved, or a "
                          "slot that nobody asked for");
}

static bool take_ack(SpdmRequester *rq, SpdmReqFlow *flow,
                     const SpdmReqExchange *x)
{
    flow->more = false;
    if (!check_ack(rq, flow, x)) {
        return false;
    }
    if (x->rsp.h.param2 == SPDM_ENCAP_PRESENT) {
        return take_request(rq, flow, x);
    }
    if (x->rsp.h.param2 == SPDM_ENCAP_SLOT_NUMBER) {
        flow->slot = x->rsp.encap.message.data[0];
    }
    return true;
}

/*
 * spec/05 section 6: what acknowledges our KEY_UPDATE_ACK is the first record
 * under the responder's new key. One under the old key took the backup back.
 */
static bool check_new_key(SpdmRequester *rq, const SpdmReqFlow *flow,
                          bool was_pending)
{
    return spdm_req_check(rq, SPDM_CHECK_ENCAP_UPDATE_KEYS, !was_pending ||
                          flow->session->has_backup[SPDM_SENDER_RESPONDER],
                          "the responder announced a new key and goes on "
                          "under the old one");
}

static bool deliver(SpdmRequester *rq, SpdmReqFlow *flow)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    g_autoptr(GByteArray) answer = g_byte_array_new();
    bool pending;

    spdm_enc_answer(rq, flow, answer);
    flow->answered++;
    pending = flow->session &&
              flow->session->has_backup[SPDM_SENDER_RESPONDER];
    init(rq, flow, &x, SPDM_DELIVER_ENCAPSULATED_RESPONSE);
    x.req.h.param1 = flow->id;
    x.req.encap.message = spdm_req_view(answer);
    return spdm_req_run(rq, &x) && check_new_key(rq, flow, pending) &&
           take_ack(rq, flow, &x);
}

static bool run(SpdmRequester *rq, SpdmReqFlow *flow)
{
    spdm_transcript_reset(&rq->mut_b);
    if (flow->implied_digests) {
        imply_digests(rq, flow);
    } else if (!fetch(rq, flow)) {
        return false;
    }
    while (flow->more) {
        if (!spdm_req_check(rq, SPDM_CHECK_ENCAP_ENDLESS,
                            flow->answered < MAX_EMBEDDED,
                            "the responder does not stop asking") ||
            !deliver(rq, flow)) {
            return false;
        }
    }
    return spdm_req_check(rq, SPDM_CHECK_ENCAP_UPDATE_OPEN, !flow->session ||
                          !flow->session->has_backup[SPDM_SENDER_RESPONDER],
                          "the responder's key update ends without "
                          "VerifyNewKey");
}

bool spdm_req_flow(SpdmRequester *rq, SpdmReqFlow *flow)
{
    bool ok;

    flow->request = g_byte_array_new();
    ok = run(rq, flow);
    g_byte_array_unref(flow->request);
    flow->request = NULL;
    spdm_transcript_reset(&rq->mut_b);
    return ok;
}

static bool encapsulated(SpdmRequester *rq, uint32_t id, unsigned *answered)
{
    SpdmReqFlow flow = { .kind = SPDM_REQ_FLOW_POLL };

    flow.session = id ? spdm_conn_session(&rq->conn, id) : NULL;
    if (!spdm_req_usage(rq, !id || flow.session, "no such session") ||
        !spdm_req_usage(rq, rq->conn.state >= SPDM_CONN_NEGOTIATED &&
                        spdm_conn_can_encap(&rq->conn),
                        "encapsulation (ENCAP_CAP of both ends) was not "
                        "negotiated")) {
        return false;
    }
    if (flow.session && flow.session->phase == SPDM_SESSION_HANDSHAKE) {
        return spdm_req_mut_auth_flow(rq, flow.session, answered);
    }
    if (!spdm_req_flow(rq, &flow)) {
        return false;
    }
    *answered = flow.answered;
    return true;
}

bool spdm_requester_encapsulated(SpdmRequester *rq, uint32_t session,
                                 unsigned *answered, GError **errp)
{
    unsigned count = 0;
    bool ok;

    spdm_req_begin(rq, SPDM_GET_ENCAPSULATED_REQUEST, session);
    ok = encapsulated(rq, session, &count);
    if (answered) {
        *answered = count;
    }
    return spdm_req_done(rq, ok, errp);
}

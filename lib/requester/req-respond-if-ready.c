/*
 * RESPOND_IF_READY: waiting for an answer that takes longer (DSP0274 ERROR
 * ResponseNotReady; spec/02 section 9).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

/* ExtendedErrorData of ResponseNotReady. */
typedef struct NotReady {
    uint8_t rdt_exponent;
    uint8_t request_code;
    uint8_t token;
    uint8_t rdtm;
} NotReady;

enum {
    LONGEST_EXPONENT = 31,   /* 2^31 us is more than half an hour */
};

static bool is_not_ready(const GByteArray *reply)
{
    return reply->data[1] == SPDM_ERROR &&
           reply->data[2] == SPDM_ERROR_RESPONSE_NOT_READY;
}

static bool parse(SpdmRequester *rq, const GByteArray *reply, NotReady *nr)
{
    static const SpdmWireCtx ctx;
    SpdmMsg m;

    rq->failure.error_code = SPDM_ERROR_RESPONSE_NOT_READY;
    if (!spdm_req_check(rq, SPDM_CHECK_LAYOUT,
                        spdm_msg_decode(&ctx, spdm_req_view(reply), &m, NULL,
                                        NULL),
                        "ResponseNotReady lacks its extended data")) {
        return false;
    }
    if (m.error.data.len >= sizeof(*nr)) {
        nr->rdt_exponent = m.error.data.data[0];
        nr->request_code = m.error.data.data[1];
        nr->token = m.error.data.data[2];
        nr->rdtm = m.error.data.data[3];
    }
    return true;
}

/* DSP0274: never for GET_VERSION, and always for the request made. */
static bool check(SpdmRequester *rq, const SpdmReqExchange *x,
                  const NotReady *nr)
{
    int64_t wait = (int64_t)1 << MIN(nr->rdt_exponent, LONGEST_EXPONENT);

    return spdm_req_check(rq, SPDM_CHECK_NOT_READY_ALLOWED,
                          x->req.h.code != SPDM_GET_VERSION,
                          "GET_VERSION may not be answered by "
                          "ResponseNotReady") &&
           spdm_req_check(rq, SPDM_CHECK_NOT_READY_CODE,
                          nr->request_code == x->req.h.code,
                          "ResponseNotReady names another request") &&
           spdm_req_check(rq, SPDM_CHECK_NOT_READY_WAIT,
                          nr->rdt_exponent <= LONGEST_EXPONENT &&
                          wait <= rq->cfg.max_wait_us,
                          "the responder wants more time than we have");
}

/* The same exchange as far as keys and timing go; another message. */
static bool ask_again(SpdmRequester *rq, const SpdmReqExchange *x,
                      const NotReady *nr, GByteArray *reply)
{
    uint8_t message[SPDM_HEADER_SIZE] = {
        x->req.h.version, SPDM_RESPOND_IF_READY, x->req.h.code, nr->token,
    };

    spdm_req_sleep(rq, (int64_t)1 << MIN(nr->rdt_exponent,
                                         LONGEST_EXPONENT));
    return spdm_req_transmit(rq, x, SPDM_BYTES(message, sizeof(message)),
                             reply) &&
           spdm_req_check_header(rq, x, reply);
}

bool spdm_req_respond_if_ready(SpdmRequester *rq, const SpdmReqExchange *x,
                               GByteArray *reply)
{
    int64_t start = spdm_req_now(rq);
    NotReady nr = { .rdtm = 0 };

    for (unsigned tries = 0; is_not_ready(reply); tries++) {
        if (!parse(rq, reply, &nr) || !check(rq, x, &nr) ||
            !spdm_req_check(rq, SPDM_CHECK_NOT_READY_LIMIT,
                            tries < nr.rdtm && spdm_req_now(rq) - start <=
                            rq->cfg.max_wait_us,
                            "the answer is not ready in the time that the "
                            "responder itself had given") ||
            !ask_again(rq, x, &nr, reply)) {
            return false;
        }
    }
    return true;
}

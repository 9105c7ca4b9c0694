/*
 * VENDOR_DEFINED_REQUEST / _RESPONSE, and requests of any bytes (DSP0274;
 * spec/02 section 8).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"

static bool same_vendor(const SpdmMsgVendor *a, const SpdmMsgVendor *b)
{
    return a->vendor_id.len == b->vendor_id.len &&
           (a->vendor_id.len == 0 ||
            memcmp(a->vendor_id.data, b->vendor_id.data,
                   a->vendor_id.len) == 0);
}

static bool run(SpdmRequester *rq, SpdmReqExchange *x, GByteArray *reply)
{
    const SpdmMsgVendor *v = &x->rsp.vendor;

    if (!spdm_req_run(rq, x) ||
        !spdm_req_check(rq, SPDM_CHECK_VENDOR_STANDARD,
                        v->standard_id == x->req.vendor.standard_id,
                        "the answer is of another standards body") ||
        !spdm_req_check(rq, SPDM_CHECK_VENDOR_ID,
                        same_vendor(v, &x->req.vendor),
                        "the answer is of another vendor")) {
        return false;
    }
    g_byte_array_append(reply, v->payload.data, (guint)v->payload.len);
    return true;
}

/* The handshake is no place for it, although a responder may let it pass. */
bool spdm_req_vendor(SpdmRequester *rq, uint32_t session,
                     const SpdmMsgVendor *message, GByteArray *reply)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmSession *s;

    if (!spdm_req_maybe_session(rq, session, &s) ||
        !spdm_req_usage(rq, rq->conn.version,
                        "GET_VERSION comes first")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_VENDOR_DEFINED_REQUEST);
    x.req.vendor = *message;
    return run(rq, &x, reply);
}

bool spdm_requester_vendor(SpdmRequester *rq, uint32_t session,
                           uint16_t standard, SpdmBytes vendor_id,
                           SpdmBytes payload, GByteArray *reply,
                           GError **errp)
{
    SpdmMsgVendor message = {
        .standard_id = standard, .vendor_id = vendor_id, .payload = payload,
    };

    spdm_req_begin(rq, SPDM_VENDOR_DEFINED_REQUEST, session);
    return spdm_req_done(rq, spdm_req_vendor(rq, session, &message, reply),
                         errp);
}

static bool application(SpdmRequester *rq, uint32_t session,
                        SpdmBytes message, GByteArray *reply)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    g_autoptr(GByteArray) answer = g_byte_array_new();
    const SpdmRecordFormat *format = &rq->transport->record;
    SpdmSession *s = spdm_conn_session(&rq->conn, session);

    if (!spdm_req_usage(rq, session && s &&
                        s->phase == SPDM_SESSION_ESTABLISHED,
                        "there is no such session") ||
        !spdm_req_usage(rq, format->check_other && message.len &&
                        format->check_other(message.data, message.len),
                        "no such message travels in this transport's "
                        "records")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, 0);
    x.application = true;
    if (!spdm_req_transmit(rq, &x, message, answer)) {
        return false;
    }
    if (!answer->len || answer->data[0] != message.data[0]) {
        return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_PEER,
                             "the answer is of another protocol");
    }
    g_byte_array_append(reply, answer->data, answer->len);
    return true;
}

bool spdm_requester_application(SpdmRequester *rq, uint32_t session,
                                SpdmBytes message, GByteArray *reply,
                                GError **errp)
{
    spdm_req_begin(rq, 0, session);
    return spdm_req_done(rq, application(rq, session, message, reply), errp);
}

static bool raw(SpdmRequester *rq, uint32_t session, SpdmBytes message,
                GByteArray *reply)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    g_autoptr(GByteArray) answer = g_byte_array_new();
    SpdmSession *s = spdm_conn_session(&rq->conn, session);

    if (!spdm_req_usage(rq, !session || s, "there is no such session")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, session ? s : NULL, 0);
    x.crypto = true;
    if (!spdm_req_transmit(rq, &x, message, answer)) {
        return false;
    }
    g_byte_array_append(reply, answer->data, answer->len);
    return true;
}

/* Testers send these in any state; only a session can be lost by them. */
bool spdm_requester_raw(SpdmRequester *rq, uint32_t session,
                        SpdmBytes message, GByteArray *reply, GError **errp)
{
    SpdmSession *s;

    spdm_req_begin(rq, message.len > 1 ? message.data[1] : 0, session);
    if (raw(rq, session, message, reply)) {
        return true;
    }
    s = session ? spdm_conn_session(&rq->conn, session) : NULL;
    if (s && rq->failure.kind != SPDM_REQUESTER_ERROR_USAGE) {
        spdm_req_end_session(rq, s, rq->failure.why);
    }
    return spdm_req_report(rq, false, errp);
}

/*
 * VENDOR_DEFINED_REQUEST -> VENDOR_DEFINED_RESPONSE.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"
#include "wire/elements.h"

/* StandardID, VendorIDLen and PayloadLength, less VendorID. */
enum { OVERHEAD = SPDM_HEADER_SIZE + 2 + 1 + 2 };

/* DSP0274 1.4: the form of the response is that of the request. */
static bool is_large(const SpdmTxn *t)
{
    return t->conn->version >= SPDM_VERSION_14 &&
           (t->req.h.param1 & SPDM_VENDOR_LARGE_PAYLOAD);
}

/* What a response's payload may have, and its length can say. */
static size_t payload_room(const SpdmTxn *t, size_t id_len)
{
    size_t room = spdm_txn_room(t), overhead = OVERHEAD + id_len;

    if (is_large(t)) {
        overhead += sizeof(uint32_t);
    }
    room = room > overhead ? room - overhead : 0;
    return is_large(t) ? room : MIN(room, UINT16_MAX);
}

static SpdmVendorResult ask(SpdmTxn *t, GByteArray *reply)
{
    const SpdmProvider *p = &t->r->provider;
    const SpdmMsgVendor *req = &t->req.vendor;
    const SpdmSession *s = t->session;
    const SpdmVendorRequest request = {
        .standard = req->standard_id,
        .vendor_id = req->vendor_id,
        .payload = req->payload,
        .session_id = s ? s->id : 0,
        .established = s && s->phase == SPDM_SESSION_ESTABLISHED,
        .room = payload_room(t, req->vendor_id.len),
    };

    return p->ops->vendor ? p->ops->vendor(p->opaque, &request, reply)
                          : SPDM_VENDOR_UNSERVED;
}

static SpdmStatus refusal(const SpdmTxn *t, SpdmVendorResult result)
{
    SpdmStatus st;

    switch (result) {
    case SPDM_VENDOR_ANSWERED:
        return SPDM_STATUS_OK;
    case SPDM_VENDOR_SILENT:
        return spdm_drop("the vendor's protocol has no answer to it");
    case SPDM_VENDOR_MALFORMED:
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "the payload is not the vendor's protocol");
    case SPDM_VENDOR_NEEDS_SESSION:
        return t->session
               ? spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                           "the handshake is not over yet")
               : spdm_fail(SPDM_ERROR_SESSION_REQUIRED,
                           "the vendor's protocol needs a session");
    case SPDM_VENDOR_TOO_LARGE:
        st = spdm_fail(SPDM_ERROR_RESPONSE_TOO_LARGE,
                       "the vendor's answer exceeds what the requester "
                       "takes");
        spdm_status_put_u32(&st, (uint32_t)spdm_txn_room(t) + 1);
        return st;
    default:
        return spdm_unsupported(t->code, "nobody serves this vendor");
    }
}

SpdmStatus spdm_rsp_vendor(SpdmTxn *t)
{
    const SpdmMsgVendor *req = &t->req.vendor;
    GByteArray *reply = spdm_txn_array(t);
    SpdmStatus st;

    if (!spdm_vendor_id_valid(req->standard_id, req->vendor_id.len)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "VendorIDLen is not that of the standards body");
    }
    st = refusal(t, ask(t, reply));
    if (st.failed) {
        return st;
    }
    if (is_large(t)) {
        t->rsp.h.param1 = SPDM_VENDOR_LARGE_PAYLOAD;
    }
    t->rsp.vendor = (SpdmMsgVendor){
        .standard_id = req->standard_id,
        .vendor_id = req->vendor_id,
        .payload = spdm_array_view(reply),
    };
    return SPDM_STATUS_OK;
}

/*
 * Embedded GET_ENDPOINT_INFO -> ENDPOINT_INFO: what we are (spec/02 section
 * 8, spec/04 section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/encap.h"
#include "wire/elements.h"

enum {
    SLOT_MASK = 0x0f,
    PUBLIC_KEY_SLOT = 0x0f,
    CLASS_HEADER = 3,        /* SVH id, VendorIDLen, NumSubIDs */
};

static const SpdmReqIdentity *own_of(const SpdmRequester *rq,
                                     const SpdmEmbedded *e)
{
    uint8_t slot = e->req.h.param2 & SLOT_MASK;

    return spdm_req_identity_for(rq, slot == PUBLIC_KEY_SLOT
                                     ? SPDM_SLOT_PUBLIC_KEY : slot,
                                 SPDM_KEY_USAGE_ENDPOINT_INFO);
}

static bool wants_signature(const SpdmEmbedded *e)
{
    return e->req.get_endpoint_info.attributes & SPDM_EP_INFO_SIGNATURE;
}

static SpdmStatus check_signature(const SpdmRequester *rq,
                                  const SpdmEmbedded *e)
{
    if ((rq->conn.req_flags & SPDM_EP_INFO_CAP_MASK) !=
        SPDM_EP_INFO_CAP_SIG) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, "EP_INFO_CAP is not 2");
    }
    return own_of(rq, e) ? SPDM_STATUS_OK
           : spdm_fail(SPDM_ERROR_INVALID_REQUEST, "the slot is empty, or "
                       "not for ENDPOINT_INFO");
}

/* One device class, of the DMTF and without subordinate ids: an endpoint. */
static void put_info(SpdmEmbedded *e, GByteArray *out)
{
    SpdmDeviceClass class = { .length = CLASS_HEADER };
    SpdmCoder c = spdm_coder_writer(&e->ctx, out);
    uint8_t count = 1;

    spdm_code_device_classes(&c, &count);
    spdm_code_device_class(&c, &class);
}

SpdmStatus spdm_enc_endpoint_info(SpdmRequester *rq, SpdmEmbedded *e)
{
    SpdmMsgEndpointInfo *v = &e->rsp.endpoint_info;
    GByteArray *info = spdm_enc_array(e), *nonce = spdm_enc_array(e);

    if (e->req.h.param1 != SPDM_EP_INFO_DEVICE_CLASS) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, "an unknown SubCode");
    }
    if (wants_signature(e)) {
        SpdmStatus status = check_signature(rq, e);

        if (status.failed) {
            return status;
        }
        e->ctx.has_signature = true;
        e->rsp.h.param2 = e->req.h.param2 & SLOT_MASK;
        g_byte_array_set_size(nonce, SPDM_NONCE_SIZE);
        spdm_rng_fill(&rq->rng, nonce->data, nonce->len);
    }
    put_info(e, info);
    v->nonce = spdm_req_view(nonce);
    v->info = spdm_req_view(info);
    return SPDM_STATUS_OK;
}

SpdmStatus spdm_enc_sign_endpoint_info(SpdmRequester *rq, SpdmEmbedded *e)
{
    g_autoptr(GByteArray) pair = g_byte_array_new();
    g_autoptr(GByteArray) il1 = g_byte_array_new();

    if (!e->ctx.has_signature) {
        return SPDM_STATUS_OK;
    }
    spdm_enc_pair(e, pair);
    if (!spdm_conn_il1(&rq->conn, spdm_req_view(pair), il1)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "IL1/IL2 has overflown");
    }
    return spdm_enc_sign(rq, e, own_of(rq, e),
                         SPDM_CONTEXT_REQ_ENDPOINT_INFO, il1);
}

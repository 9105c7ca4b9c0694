/*
 * VENDOR_DEFINED_REQUEST -> VENDOR_DEFINED_RESPONSE.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"
#include "wire/elements.h"

SpdmStatus spdm_rsp_vendor(SpdmTxn *t)
{
    const SpdmProvider *p = &t->r->provider;
    const SpdmMsgVendor *req = &t->req.vendor;
    GByteArray *reply = spdm_txn_array(t);

    if (!spdm_vendor_id_valid(req->standard_id, req->vendor_id.len)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "VendorIDLen is not that of the standards body");
    }
    if (!p->ops->vendor ||
        !p->ops->vendor(p->opaque, req->standard_id, req->vendor_id,
                        req->payload, t->session != NULL, reply)) {
        return spdm_unsupported(t->code, "nobody serves this vendor");
    }
    t->rsp.vendor = (SpdmMsgVendor){
        .standard_id = req->standard_id,
        .vendor_id = req->vendor_id,
        .payload = spdm_array_view(reply),
    };
    return SPDM_STATUS_OK;
}

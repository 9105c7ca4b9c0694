/*
 * VENDOR_DEFINED_REQUEST -> VENDOR_DEFINED_RESPONSE.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/* DSP0274 "Registry or standards body ID": bit n: length n is valid. */
static const uint16_t id_lengths[] = {
    [0x0] = 1 << 0, /* DMTF */
    [0x1] = 1 << 2, /* TCG */
    [0x2] = 1 << 2, /* USB */
    [0x3] = 1 << 2, /* PCI-SIG */
    [0x4] = 1 << 4, /* IANA */
    [0x5] = 1 << 4, /* HDBaseT */
    [0x6] = 1 << 2, /* MIPI */
    [0x7] = 1 << 2, /* CXL */
    [0x8] = 1 << 2, /* JEDEC */
    [0x9] = 1 << 0, /* VESA */
    [0xa] = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 9, /* IANA CBOR */
    [0xb] = 1 << 2, /* DMTF-DSP */
};

static bool valid_id(const SpdmMsgVendor *v)
{
    return v->standard_id >= G_N_ELEMENTS(id_lengths) ||
           (v->vendor_id.len < 16 &&
            (id_lengths[v->standard_id] & (1u << v->vendor_id.len)));
}

SpdmStatus spdm_rsp_vendor(SpdmTxn *t)
{
    const SpdmProvider *p = &t->r->provider;
    const SpdmMsgVendor *req = &t->req.vendor;
    GByteArray *reply = spdm_txn_array(t);

    if (!valid_id(req)) {
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

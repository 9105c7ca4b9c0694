/*
 * The wrapper of IDE_KM and TDISP (PCIe 6.31.4; spec/08 section 2).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/req-pci-sig.h"

static const uint8_t vendor_id[] = { SPDM_VENDOR_PCI_SIG, 0 };

bool spdm_req_pci_sig(SpdmRequester *rq, uint32_t session,
                      const GByteArray *object, GByteArray *reply)
{
    const SpdmMsgVendor message = {
        .standard_id = SPDM_STANDARD_PCI_SIG,
        .vendor_id = SPDM_BYTES(vendor_id, sizeof(vendor_id)),
        .payload = SPDM_BYTES(object->data, object->len),
    };

    if (!spdm_req_vendor(rq, session, &message, reply)) {
        return false;
    }
    if (!reply->len || reply->data[0] != object->data[0]) {
        return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_PEER,
                             "the answer is of another PCI-SIG protocol");
    }
    g_byte_array_remove_index(reply, 0);
    return true;
}

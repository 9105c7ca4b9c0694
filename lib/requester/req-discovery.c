/*
 * DOE discovery from the host's side (PCIe 6.30; spec/01 section 4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

enum {
    DISCOVERY_SIZE = 4,      /* one dword each way ... */
    DISCOVERY_LONG = 8,      /* ... or two in newer revisions */
    VENDOR_PCI_SIG = 1,
    TYPE_DISCOVERY = 0,
    INDEX_COUNT = 256,
};

/* One entry; *next receives the index after it. */
static bool ask(SpdmRequester *rq, uint8_t index, uint8_t version,
                SpdmDoeEntry *entry, uint8_t *next)
{
    uint8_t request[DISCOVERY_SIZE] = { index, version };
    g_autoptr(GByteArray) frame = g_byte_array_new();
    g_autoptr(GByteArray) reply = g_byte_array_new();
    SpdmFrame f = { .kind = SPDM_FRAME_PLAIN };
    bool good;

    rq->transport->pack(SPDM_FRAME_DISCOVERY,
                        SPDM_BYTES(request, sizeof(request)), frame);
    if (!spdm_req_swap_frames(rq, frame, rq->cfg.timeout_us, reply)) {
        return false;
    }
    /* libspdm 49be7939: a short answer that was read all the same. */
    good = rq->transport->unpack(spdm_req_view(reply), &f) &&
           f.kind == SPDM_FRAME_DISCOVERY &&
           (f.payload.len == DISCOVERY_SIZE ||
            f.payload.len == DISCOVERY_LONG);
    if (!spdm_req_check(rq, SPDM_CHECK_DOE_OBJECT, good,
                        "the answer is no discovery object") ||
        f.payload.len < DISCOVERY_SIZE) {
        return false;
    }
    entry->vendor = (uint16_t)(f.payload.data[0] | f.payload.data[1] << 8);
    entry->type = f.payload.data[2];
    *next = f.payload.data[3];
    return true;
}

static bool discover(SpdmRequester *rq, uint8_t version,
                     SpdmDoeEntry *entries, unsigned max, unsigned *count)
{
    SpdmDoeEntry entry;
    uint8_t index = 0, next;

    if (!spdm_req_usage(rq, rq->cfg.transport == SPDM_TRANSPORT_PCI_DOE,
                        "discovery is a matter of PCI DOE")) {
        return false;
    }
    for (unsigned i = 0; i < INDEX_COUNT; i++) {
        if (!ask(rq, index, version, &entry, &next) ||
            !spdm_req_check(rq, SPDM_CHECK_DOE_FIRST, index != 0 ||
                            (entry.vendor == VENDOR_PCI_SIG &&
                             entry.type == TYPE_DISCOVERY),
                            "entry 0 is not discovery itself")) {
            return false;
        }
        if (*count < max) {
            entries[(*count)++] = entry;
        }
        if (next == 0) {
            return true;
        }
        if (!spdm_req_check(rq, SPDM_CHECK_DOE_NEXT, next > index,
                            "the entries go round in a circle")) {
            return false;
        }
        index = next;
    }
    return false;
}

/* No part of the SPDM connection, which is left as it is. */
bool spdm_requester_discover(SpdmRequester *rq, uint8_t version,
                             SpdmDoeEntry *entries, unsigned max,
                             unsigned *count, GError **errp)
{
    *count = 0;
    spdm_req_begin(rq, 0, 0);
    return spdm_req_report(rq, discover(rq, version, entries, max, count),
                           errp);
}

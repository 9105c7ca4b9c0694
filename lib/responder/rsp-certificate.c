/*
 * GET_CERTIFICATE -> CERTIFICATE.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/* Header, PortionLength, RemainderLength. */
enum { CERTIFICATE_FIXED = 8, SLOT_MASK = 0x0f };

/* How much of a chain one response takes to this requester. */
static size_t room(const SpdmTxn *t)
{
    return MIN(t->conn->req_data_transfer_size,
               t->r->profile->data_transfer_size) - CERTIFICATE_FIXED;
}

/* SlotSizeRequested (1.3): the storage of the slot, and no data. */
static bool size_requested(const SpdmTxn *t)
{
    return t->conn->version >= SPDM_VERSION_13 &&
           (t->req.h.param2 & SPDM_CERT_SLOT_SIZE_REQUESTED);
}

SpdmStatus spdm_rsp_certificate(SpdmTxn *t)
{
    const SpdmMsgGetCertificate *req = &t->req.get_certificate;
    SpdmMsgCertificate *rsp = &t->rsp.certificate;
    uint8_t slot = t->req.h.param1 & SLOT_MASK;
    SpdmBytes chain = spdm_txn_chain(t, slot);
    size_t left;

    if (!chain.len) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, "the slot is empty");
    }
    t->rsp.h.param1 = slot;
    if (size_requested(t)) {
        rsp->remainder_length = SPDM_MAX_CHAIN;
        return SPDM_STATUS_OK;
    }
    if (req->offset >= chain.len) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "Offset is past the end of the chain");
    }
    left = chain.len - req->offset;
    rsp->portion_length = (uint32_t)MIN(MIN(left, req->length), room(t));
    rsp->remainder_length = (uint32_t)left - rsp->portion_length;
    rsp->portion = SPDM_BYTES(chain.data + req->offset, rsp->portion_length);
    return SPDM_STATUS_OK;
}

void spdm_commit_certificate(SpdmTxn *t)
{
    if (!t->session) {
        t->conn->state = MAX(t->conn->state, SPDM_CONN_AFTER_CERTIFICATE);
    }
}

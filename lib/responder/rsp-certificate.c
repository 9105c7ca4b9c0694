/*
 * GET_CERTIFICATE -> CERTIFICATE.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/* Header, PortionLength, RemainderLength; the large form has them twice. */
enum { CERTIFICATE_FIXED = 8, CERTIFICATE_LARGE = 16, SLOT_MASK = 0x0f };

/* How much of a chain one response takes to this requester. */
static size_t room(const SpdmTxn *t)
{
    return spdm_txn_room(t) - (t->req.get_certificate.large
                               ? CERTIFICATE_LARGE : CERTIFICATE_FIXED);
}

/* SlotSizeRequested (1.3): the storage of the slot, and no data. */
static bool size_requested(const SpdmTxn *t)
{
    return t->conn->version >= SPDM_VERSION_13 &&
           (t->req.h.param2 & SPDM_CERT_SLOT_SIZE_REQUESTED);
}

/* DSP0274 1.4 GET_CERTIFICATE: which form the chain and the peer allow. */
static SpdmStatus check_form(const SpdmTxn *t, size_t chain_len)
{
    SpdmStatus st;

    if (t->req.get_certificate.large) {
        return spdm_conn_both(t->conn, SPDM_LARGE_RESP_CAP)
            ? SPDM_STATUS_OK
            : spdm_unsupported(t->code, "the large form needs LARGE_RESP_CAP "
                                        "on both sides");
    }
    if (chain_len <= SPDM_MAX_CHAIN) {
        return SPDM_STATUS_OK;
    }
    st = spdm_fail(SPDM_ERROR_DATA_TOO_LARGE,
                   "the chain is longer than 65535 bytes");
    spdm_status_put_u32(&st, (uint32_t)chain_len);
    return st;
}

/* CertificateInfo: reserved but on connections with several keys. */
static uint8_t certificate_info(const SpdmTxn *t, uint8_t slot)
{
    SpdmSlotKey key;

    return t->conn->multi_key_rsp && spdm_txn_slot_key(t, slot, &key) ?
        (uint8_t)key.model & SPDM_CERT_INFO_MODEL_MASK : 0;
}

SpdmStatus spdm_rsp_certificate(SpdmTxn *t)
{
    const SpdmMsgGetCertificate *req = &t->req.get_certificate;
    SpdmMsgCertificate *rsp = &t->rsp.certificate;
    uint8_t slot = t->req.h.param1 & SLOT_MASK;
    SpdmBytes chain = spdm_txn_chain(t, slot);
    SpdmStatus st;
    size_t left;

    if (spdm_txn_staged_slots(t) & 1u << slot) {
        return spdm_fail(SPDM_ERROR_RESET_REQUIRED,
                         "the slot's certificate chain waits for a reset");
    }
    if (!chain.len) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, "the slot is empty");
    }
    st = check_form(t, chain.len);
    if (st.failed) {
        return st;
    }
    t->rsp.h.param1 = slot | (req->large ? SPDM_CERT_LARGE_CHAIN : 0);
    t->rsp.h.param2 = certificate_info(t, slot);
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

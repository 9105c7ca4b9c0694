/*
 * GET_ENDPOINT_INFO -> ENDPOINT_INFO.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

enum { SLOT_MASK = 0x0f };

static bool is_signed(const SpdmTxn *t)
{
    return t->req.get_endpoint_info.attributes & SPDM_EP_INFO_SIGNATURE;
}

static uint8_t slot_of(const SpdmTxn *t)
{
    return spdm_slot_from_nibble(t->req.h.param2);
}

static SpdmStatus check_signing(const SpdmTxn *t)
{
    if (!is_signed(t)) {
        return SPDM_STATUS_OK;
    }
    if (!(t->conn->rsp_flags & SPDM_EP_INFO_CAP_SIG)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "signed endpoint information without EP_INFO_CAP "
                         "2");
    }
    return spdm_txn_check_signer(t, slot_of(t),
                                 SPDM_KEY_USAGE_ENDPOINT_INFO);
}

SpdmStatus spdm_rsp_endpoint_info(SpdmTxn *t)
{
    const SpdmProvider *p = &t->r->provider;
    g_autoptr(GBytes) info = NULL;
    GByteArray *copy = spdm_txn_array(t);
    SpdmStatus st = check_signing(t);

    if (st.failed) {
        return st;
    }
    if (p->ops->endpoint_info) {
        info = p->ops->endpoint_info(p->opaque, t->req.h.param1);
    }
    if (!info) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "there is no information of this SubCode");
    }
    g_byte_array_append(copy, g_bytes_get_data(info, NULL),
                        (guint)g_bytes_get_size(info));
    t->wire.has_signature = is_signed(t);
    if (is_signed(t)) {
        t->rsp.h.param2 = slot_of(t) & SLOT_MASK;
        t->rsp.endpoint_info.nonce = spdm_txn_random(t, SPDM_NONCE_SIZE);
    }
    t->rsp.endpoint_info.info = spdm_array_view(copy);
    return SPDM_STATUS_OK;
}

/* IL1/IL2: this exchange alone, without Signature. */
SpdmStatus spdm_finish_endpoint_info(SpdmTxn *t)
{
    g_autoptr(GByteArray) il1 = g_byte_array_new();

    if (!is_signed(t)) {
        return SPDM_STATUS_OK;
    }
    if (!spdm_conn_il1(t->conn, spdm_txn_exchange(t), il1)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "IL1/IL2 has overflown");
    }
    return spdm_txn_sign(t, slot_of(t), SPDM_CONTEXT_ENDPOINT_INFO,
                         spdm_array_view(il1));
}

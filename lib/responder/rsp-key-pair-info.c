/*
 * GET_KEY_PAIR_INFO -> KEY_PAIR_INFO.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

enum { PQC_SIZE = 4 };

bool spdm_txn_key_pair(const SpdmTxn *t, uint8_t id, SpdmKeyPair *pair)
{
    const SpdmProvider *p = &t->r->provider;

    *pair = (SpdmKeyPair){ .id = id };
    return id != 0 && p->ops->key_pair &&
           p->ops->key_pair(p->opaque, id, pair);
}

SpdmBytes spdm_pqc_field(SpdmTxn *t, uint32_t mask)
{
    uint8_t *bytes = spdm_txn_alloc(t, PQC_SIZE);

    for (unsigned i = 0; i < PQC_SIZE; i++) {
        bytes[i] = (uint8_t)(mask >> (8 * i));
    }
    return SPDM_BYTES(bytes, PQC_SIZE);
}

/* As long as the requester likes. */
bool spdm_read_pqc_field(SpdmBytes field, uint32_t *mask)
{
    *mask = 0;
    for (size_t i = 0; i < field.len; i++) {
        if (i >= sizeof(*mask) && field.data[i]) {
            return false;
        }
        if (i < sizeof(*mask)) {
            *mask |= (uint32_t)field.data[i] << (8 * i);
        }
    }
    return true;
}

SpdmStatus spdm_rsp_key_pair_info(SpdmTxn *t)
{
    SpdmKeyPair pair;

    if (!spdm_txn_key_pair(t, t->req.key_pair_info.key_pair_id, &pair)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "there is no key pair of this KeyPairID");
    }
    t->rsp.key_pair_info = (SpdmMsgKeyPairInfo){
        .total = pair.total,
        .key_pair_id = pair.id,
        .capabilities = pair.capabilities,
        .key_usage_caps = pair.usage_caps,
        .key_usage = pair.usage,
        .asym_caps = pair.asym_caps,
        .asym = pair.asym,
        .slot_mask = pair.slots,
        .public_key_info = pair.public_key_info,
        .pqc_caps = spdm_pqc_field(t, pair.pqc_caps),
        .pqc = spdm_pqc_field(t, pair.pqc),
    };
    return SPDM_STATUS_OK;
}

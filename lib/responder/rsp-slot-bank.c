/*
 * SLOT_MANAGEMENT SubCodes that only look: GetBankInfo, GetBankDetails,
 * GetCertificateChain.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/hash.h"
#include "responder/handlers.h"
#include "wire/elements.h"

/* Slots whose chain can be put there, or taken away. */
static uint8_t modifiable(const SpdmTxn *t, const SpdmSlotBank *b)
{
    return spdm_slot_sub_code_served(t, SPDM_SLOT_SET_CERTIFICATE) ||
           spdm_slot_sub_code_served(t, SPDM_SLOT_MANAGE_SLOT) ||
           (t->conn->rsp_flags & SPDM_SET_CERT_CAP) ? b->slots : 0;
}

SpdmStatus spdm_slot_bank_info(SpdmTxn *t, const SpdmSlotBank *unused)
{
    SpdmMsgSlotManagementRsp *rsp = &t->rsp.slot_management_resp;
    GByteArray *list = spdm_txn_array(t);
    SpdmSlotBank b;

    rsp->offset = SPDM_MGMT_STRUCT_OFFSET;
    while (rsp->bank_count < SPDM_MAX_BANKS &&
           spdm_slot_bank(t, rsp->bank_count, &b)) {
        SpdmCoder c = spdm_coder_writer(&t->wire, list);
        SpdmBankElement element = {
            .bank_id = rsp->bank_count,
            .slot_mask = b.slots,
            .modifiable = modifiable(t, &b),
        };

        spdm_code_bank_element(&c, &element);
        rsp->bank_count++;
    }
    rsp->elements = spdm_array_view(list);
    return SPDM_STATUS_OK;
}

static SpdmBytes chain_of(const SpdmTxn *t, const SpdmSlotBank *b,
                          uint8_t slot)
{
    const SpdmProvider *p = &t->r->provider;

    return b->provisioned & 1u << slot
        ? p->ops->cert_chain(p->opaque, slot, b->asym, t->conn->hash->bit)
        : SPDM_BYTES(NULL, 0);
}

static bool key_of(const SpdmTxn *t, const SpdmSlotBank *b, uint8_t slot,
                   SpdmSlotKey *key)
{
    const SpdmProvider *p = &t->r->provider;

    return b->asym && p->ops->slot_key &&
           p->ops->slot_key(p->opaque, slot, b->asym, key);
}

/* Which key it is, and of what kind, is told where there are several. */
static void tell_key(const SpdmTxn *t, const SpdmSlotBank *b,
                     SpdmSlotElement *element)
{
    SpdmSlotKey key;

    if (!key_of(t, b, element->slot_id, &key)) {
        return;
    }
    element->key_usage = key.usage;
    if (t->conn->multi_key_rsp) {
        element->key_pair_id = key.key_pair_id;
        element->certificate_info =
            element->attributes & SPDM_SLOT_PROVISIONED ?
            (uint8_t)key.model & SPDM_CERT_INFO_MODEL_MASK : 0;
    }
}

static void add_slot(SpdmTxn *t, const SpdmSlotBank *b, uint8_t slot,
                     GByteArray *list)
{
    SpdmCoder c = spdm_coder_writer(&t->wire, list);
    SpdmBytes chain = chain_of(t, b, slot);
    uint8_t digest[SPDM_MAX_HASH] = { 0 };
    SpdmSlotElement element = {
        .slot_id = slot,
        .attributes = chain.len ? SPDM_SLOT_PROVISIONED : 0,
        .slot_size = SPDM_MAX_CHAIN,
        .digest = SPDM_BYTES(digest, t->conn->hash->size),
    };

    if (chain.len) {
        spdm_hash(t->conn->hash, &chain, 1, digest);
    }
    if (!(modifiable(t, b) & 1u << slot)) {
        element.attributes |= SPDM_SLOT_WRITE_PROTECTED;
    }
    tell_key(t, b, &element);
    spdm_code_slot_element(&c, &element);
}

SpdmStatus spdm_slot_bank_details(SpdmTxn *t, const SpdmSlotBank *b)
{
    SpdmMsgSlotManagementRsp *rsp = &t->rsp.slot_management_resp;
    GByteArray *list = spdm_txn_array(t);
    bool config = b->bank.config_algo &&
                  spdm_slot_sub_code_served(t, SPDM_SLOT_MANAGE_BANK);

    *rsp = (SpdmMsgSlotManagementRsp){
        .offset = SPDM_MGMT_STRUCT_OFFSET,
        .bank_id = b->bank.id,
        .bank_attributes = (b->selected ? SPDM_BANK_SELECTED : 0) |
                           (config ? SPDM_BANK_CONFIG_ALGO : 0),
        .asym_caps = config ? b->bank.asym_caps : 0,
        .asym = b->bank.asym,
        .asym_available = config ? b->bank.asym_available : 0,
        .pqc_caps = spdm_pqc_field(t, config ? b->bank.pqc_caps : 0),
        .pqc = spdm_pqc_field(t, b->bank.pqc),
        .pqc_available = spdm_pqc_field(t, config ? b->bank.pqc_available
                                                  : 0),
    };
    for (uint8_t i = 0; i < SPDM_SLOT_COUNT; i++) {
        if (b->slots & 1u << i) {
            add_slot(t, b, i, list);
            rsp->slot_count++;
        }
    }
    rsp->elements = spdm_array_view(list);
    return SPDM_STATUS_OK;
}

SpdmStatus spdm_slot_certificate_chain(SpdmTxn *t, const SpdmSlotBank *b)
{
    uint8_t slot = t->req.slot_management.slot_id & SPDM_SLOT_ID_MASK;
    SpdmBytes chain = chain_of(t, b, slot);

    if (!chain.len) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, "the slot is empty");
    }
    t->rsp.slot_management_resp.offset = SPDM_MGMT_STRUCT_OFFSET;
    t->rsp.slot_management_resp.data = chain;
    return SPDM_STATUS_OK;
}

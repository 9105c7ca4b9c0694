/*
 * SLOT_MANAGEMENT SubCodes that change a device, or begin to: GetCSR,
 * ManageBank, ManageSlot, SetCertificate. The rules are those of GET_CSR and
 * SET_CERTIFICATE (provision.c), for any bank.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

static SpdmStatus refuse(const char *why)
{
    return spdm_fail(SPDM_ERROR_INVALID_REQUEST, why);
}

/* A bank without an algorithm, or with one that no key here can have. */
static SpdmStatus check_algorithm(const SpdmSlotBank *b)
{
    return b->asym ? SPDM_STATUS_OK
                   : refuse("the bank has no algorithm of this device");
}

/* A key of another algorithm is no key of this bank. */
static SpdmStatus check_bank_key(const SpdmTxn *t, const SpdmSlotBank *b,
                                 uint8_t id)
{
    SpdmKeyPair pair;

    return !id || !t->r->provider.ops->key_pair ||
           (spdm_txn_key_pair(t, id, &pair) && pair.asym == b->bank.asym &&
            pair.pqc == b->bank.pqc) ? SPDM_STATUS_OK :
           refuse("the key pair is of another algorithm than the bank");
}

SpdmStatus spdm_slot_csr(SpdmTxn *t, const SpdmSlotBank *b)
{
    const SpdmMsgSlotManagement *req = &t->req.slot_management;
    SpdmCsrRequest ask = {
        .asym = b->asym,
        .key_pair_id = req->key_pair_id,
        .requester_info = req->requester_info,
        .opaque = req->opaque,
    };
    SpdmStatus st = check_algorithm(b);

    if (!st.failed) {
        st = check_bank_key(t, b, req->key_pair_id);
    }
    t->rsp.slot_management_resp.offset = SPDM_MGMT_STRUCT_OFFSET;
    return st.failed ? st :
           spdm_answer_csr(t, &ask, req->attributes,
                           &t->rsp.slot_management_resp.data);
}

void spdm_commit_slot_csr(SpdmTxn *t, const SpdmSlotBank *b)
{
    spdm_commit_answered_csr(t, t->req.slot_management.attributes);
}

/* ManageBank. */

/* SelectAsymAlgo and SelectPqcAsymAlgo: one bit in all, to be had. */
static SpdmStatus check_selection(const SpdmBank *bank, uint32_t asym,
                                  uint32_t pqc)
{
    if (__builtin_popcount(asym) + __builtin_popcount(pqc) != 1) {
        return refuse("exactly one algorithm is to be selected");
    }
    if ((asym & ~bank->asym_available) || (pqc & ~bank->pqc_available)) {
        return refuse("the algorithm is not available to the bank");
    }
    return SPDM_STATUS_OK;
}

static bool is_configured(const SpdmBank *bank, uint32_t asym, uint32_t pqc)
{
    return bank->asym == asym && bank->pqc == pqc;
}

/* Whatever it does to slots 1 to 7 is done where they may be changed. */
SpdmStatus spdm_slot_manage_bank(SpdmTxn *t, const SpdmSlotBank *b)
{
    const SpdmMsgSlotManagement *req = &t->req.slot_management;
    SpdmStatus st;
    uint32_t pqc;

    if (req->operation != SPDM_MANAGE_BANK_CONFIG_ALGO) {
        return refuse("ManageBank has no such Operation");
    }
    if (!b->bank.config_algo) {
        return refuse("the algorithm of this bank cannot be configured");
    }
    if (!spdm_read_pqc_field(req->pqc, &pqc)) {
        return refuse("the algorithm is not available to the bank");
    }
    st = check_selection(&b->bank, req->asym, pqc);
    if (!st.failed && b->provisioned &&
        !is_configured(&b->bank, req->asym, pqc)) {
        st = spdm_fail(SPDM_ERROR_INVALID_STATE,
                       "slots of the bank hold certificate chains");
    }
    return st;
}

SpdmStatus spdm_finish_slot_manage_bank(SpdmTxn *t, const SpdmSlotBank *b)
{
    const SpdmMsgSlotManagement *req = &t->req.slot_management;
    const SpdmProvider *p = &t->r->provider;
    uint32_t pqc = 0;

    spdm_read_pqc_field(req->pqc, &pqc);
    return is_configured(&b->bank, req->asym, pqc) ||
           p->ops->set_bank(p->opaque, b->bank.id, req->asym, pqc)
        ? SPDM_STATUS_OK
        : spdm_fail(SPDM_ERROR_OPERATION_FAILED,
                    "the device could not store the change");
}

/* ManageSlot and SetCertificate. */

SpdmStatus spdm_slot_manage_slot(SpdmTxn *t, const SpdmSlotBank *b)
{
    return t->req.slot_management.operation == SPDM_MANAGE_SLOT_ERASE
        ? check_algorithm(b) : refuse("ManageSlot has no such Operation");
}

SpdmStatus spdm_slot_set_certificate(SpdmTxn *t, const SpdmSlotBank *b)
{
    SpdmMsgSlotManagement *req = &t->req.slot_management;
    uint8_t model = req->attributes & SPDM_SLOT_CERT_MODEL_MASK;
    SpdmStatus st = check_algorithm(b);

    if (!st.failed) {
        st = spdm_check_key_pair(t, req->key_pair_id, model);
    }
    if (!st.failed) {
        st = spdm_check_model(req->slot_id & SPDM_SLOT_ID_MASK, model);
    }
    if (!st.failed) {
        st = check_bank_key(t, b, req->key_pair_id);
    }
    return st.failed ? st
                     : spdm_check_new_chain(t, b->asym, 0, &req->chain);
}

SpdmStatus spdm_finish_slot_chain(SpdmTxn *t, const SpdmSlotBank *b)
{
    const SpdmMsgSlotManagement *req = &t->req.slot_management;
    SpdmSetCertificate ask = {
        .slot = req->slot_id & SPDM_SLOT_ID_MASK,
        .asym = b->asym,
        .key_pair_id = req->key_pair_id,
        .model = req->attributes & SPDM_SLOT_CERT_MODEL_MASK,
        .chain = req->chain,
    };

    return spdm_put_chain(t, &ask);
}

/* Who subscribed to events has a connection with one bank. */
void spdm_commit_slot_chain(SpdmTxn *t, const SpdmSlotBank *b)
{
    uint8_t slot = t->req.slot_management.slot_id & SPDM_SLOT_ID_MASK;

    if (b->selected) {
        spdm_responder_chains_changed(t->r, (uint8_t)(1u << slot));
    }
}

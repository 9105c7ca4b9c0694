/*
 * SLOT_MANAGEMENT -> SLOT_MANAGEMENT_RESP: which SubCodes there are, and what
 * holds for all of them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/* What the structure behind MgmtStructOffset has to be. */
typedef enum Address {
    NO_ADDRESS,              /* there is none */
    OF_BANK,                 /* a SlotAddress whose SlotID says nothing */
    OF_SLOT,                 /* ... and names a slot of the bank */
    OF_CHANGE,               /* ... which is to be changed */
} Address;

typedef struct SubCode {
    uint8_t code;
    uint8_t option;          /* SPDM_PROFILE_SLOT_*; 0: always there */
    Address address;
    bool (*can)(const SpdmProviderOps *ops);
    SpdmStatus (*handle)(SpdmTxn *t, const SpdmSlotBank *b);
    SpdmStatus (*finish)(SpdmTxn *t, const SpdmSlotBank *b);
    void (*commit)(SpdmTxn *t, const SpdmSlotBank *b);
} SubCode;

static bool can_csr(const SpdmProviderOps *ops)
{
    return ops->csr != NULL;
}

static bool can_set(const SpdmProviderOps *ops)
{
    return ops->set_certificate != NULL;
}

static bool can_bank(const SpdmProviderOps *ops)
{
    return ops->set_bank != NULL;
}

static SpdmStatus supported_sub_codes(SpdmTxn *t, const SpdmSlotBank *b);

static const SubCode sub_codes[] = {
    {
        .code = SPDM_SLOT_SUPPORTED_SUB_CODES,
        .address = NO_ADDRESS,
        .handle = supported_sub_codes,
    }, {
        .code = SPDM_SLOT_GET_BANK_INFO,
        .address = NO_ADDRESS,
        .handle = spdm_slot_bank_info,
    }, {
        .code = SPDM_SLOT_GET_BANK_DETAILS,
        .address = OF_BANK,
        .handle = spdm_slot_bank_details,
    }, {
        .code = SPDM_SLOT_GET_CERTIFICATE_CHAIN,
        .address = OF_SLOT,
        .handle = spdm_slot_certificate_chain,
    }, {
        .code = SPDM_SLOT_GET_CSR,
        .option = SPDM_PROFILE_SLOT_GET_CSR,
        .address = OF_BANK,
        .can = can_csr,
        .handle = spdm_slot_csr,
        .commit = spdm_commit_slot_csr,
    }, {
        .code = SPDM_SLOT_MANAGE_BANK,
        .option = SPDM_PROFILE_SLOT_MANAGE_BANK,
        .address = OF_BANK,
        .can = can_bank,
        .handle = spdm_slot_manage_bank,
        .finish = spdm_finish_slot_manage_bank,
    }, {
        .code = SPDM_SLOT_MANAGE_SLOT,
        .option = SPDM_PROFILE_SLOT_MANAGE_SLOT,
        .address = OF_CHANGE,
        .can = can_set,
        .handle = spdm_slot_manage_slot,
        .finish = spdm_finish_slot_chain,
        .commit = spdm_commit_slot_chain,
    }, {
        .code = SPDM_SLOT_SET_CERTIFICATE,
        .option = SPDM_PROFILE_SLOT_SET_CERTIFICATE,
        .address = OF_CHANGE,
        .can = can_set,
        .handle = spdm_slot_set_certificate,
        .finish = spdm_finish_slot_chain,
        .commit = spdm_commit_slot_chain,
    },
};

static const SubCode *find(uint8_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(sub_codes); i++) {
        if (sub_codes[i].code == code) {
            return &sub_codes[i];
        }
    }
    return NULL;
}

static bool served(const SpdmTxn *t, const SubCode *s)
{
    return (!s->option || (t->r->profile->slot_sub_codes & s->option)) &&
           (!s->can || s->can(t->r->provider.ops));
}

bool spdm_slot_sub_code_served(const SpdmTxn *t, uint8_t sub_code)
{
    const SubCode *s = find(sub_code);

    return (t->conn->rsp_ext_flags & SPDM_SLOT_MGMT_CAP) && s && served(t, s);
}

static SpdmStatus supported_sub_codes(SpdmTxn *t, const SpdmSlotBank *b)
{
    t->rsp.slot_management_resp.offset = SPDM_MGMT_STRUCT_OFFSET;
    for (size_t i = 0; i < G_N_ELEMENTS(sub_codes); i++) {
        if (served(t, &sub_codes[i])) {
            t->rsp.slot_management_resp.sub_codes |=
                UINT64_C(1) << sub_codes[i].code;
        }
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus refuse(const char *why)
{
    return spdm_fail(SPDM_ERROR_INVALID_REQUEST, why);
}

static SpdmStatus check_slot(const SpdmTxn *t, const SubCode *s,
                             const SpdmSlotBank *b)
{
    uint8_t slot = t->req.slot_management.slot_id & SPDM_SLOT_ID_MASK;

    if (s->address != OF_SLOT && s->address != OF_CHANGE) {
        return SPDM_STATUS_OK;
    }
    if (slot >= SPDM_SLOT_COUNT || !(b->slots & 1u << slot)) {
        return refuse("the bank has no such slot");
    }
    return s->address == OF_CHANGE ? spdm_check_slot_access(t, slot)
                                   : SPDM_STATUS_OK;
}

static SpdmStatus check_address(const SpdmTxn *t, const SubCode *s,
                                SpdmSlotBank *b)
{
    const SpdmMsgSlotManagement *req = &t->req.slot_management;

    if ((s->address == NO_ADDRESS) != (req->offset == 0)) {
        return refuse("MgmtStructOffset is not what the SubCode asks for");
    }
    if (s->address == NO_ADDRESS) {
        return SPDM_STATUS_OK;
    }
    if (req->req_length != SPDM_SLOT_ADDRESS_LENGTH) {
        return refuse("ReqLength of a SlotAddress is 8");
    }
    if (!spdm_slot_bank(t, req->bank_id, b)) {
        return refuse("there is no bank of this BankID");
    }
    return check_slot(t, s, b);
}

SpdmStatus spdm_rsp_slot_management(SpdmTxn *t)
{
    const SubCode *s = find(t->req.h.param1);
    SpdmSlotBank b = { .selected = false };
    SpdmStatus st;

    if (!s) {
        return refuse("there is no such SubCode");
    }
    if (!served(t, s)) {
        return spdm_unsupported(t->code, "the SubCode is not served");
    }
    st = check_address(t, s, &b);
    if (!st.failed && !t->conn->hash) {
        st = spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                       "no hash was negotiated");
    }
    t->rsp.h.param1 = s->code;
    return st.failed ? st : s->handle(t, &b);
}

/* Last of all that can fail: what is stored cannot be taken back. */
SpdmStatus spdm_finish_slot_management(SpdmTxn *t)
{
    const SubCode *s = find(t->req.h.param1);
    SpdmSlotBank b;

    g_assert(s);             /* its handler has found it */
    return s->finish && spdm_slot_bank(t, t->req.slot_management.bank_id, &b)
        ? s->finish(t, &b) : SPDM_STATUS_OK;
}

void spdm_commit_slot_management(SpdmTxn *t)
{
    const SubCode *s = find(t->req.h.param1);
    SpdmSlotBank b;

    g_assert(s);
    if (s->commit && spdm_slot_bank(t, t->req.slot_management.bank_id, &b)) {
        s->commit(t, &b);
    }
}

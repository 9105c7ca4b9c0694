/*
 * SLOT_MANAGEMENT / SLOT_MANAGEMENT_RESP (DSP0274 1.4): the slots of every
 * algorithm, in banks.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"
#include "wire/elements.h"

enum {
    REQUIRED = 1 << SPDM_SLOT_SUPPORTED_SUB_CODES |
               1 << SPDM_SLOT_GET_BANK_INFO | 1 << SPDM_SLOT_GET_BANK_DETAILS |
               1 << SPDM_SLOT_GET_CERTIFICATE_CHAIN,
    PQC_SIZE = 4,
};

static bool begin(SpdmRequester *rq, uint32_t session, uint8_t sub_code,
                  SpdmReqExchange *x)
{
    SpdmSession *s;

    if (!spdm_req_maybe_session(rq, session, &s) ||
        !spdm_req_usage(rq, rq->conn.state >= SPDM_CONN_NEGOTIATED &&
                        rq->conn.hash &&
                        (rq->conn.rsp_ext_flags & SPDM_SLOT_MGMT_CAP),
                        "the responder has no SLOT_MGMT_CAP, or "
                        "NEGOTIATE_ALGORITHMS is not done")) {
        return false;
    }
    spdm_req_exchange_init(rq, x, s, SPDM_SLOT_MANAGEMENT);
    x->crypto = true;
    x->req.h.param1 = sub_code;
    return true;
}

static void address(SpdmReqExchange *x, uint8_t bank, uint8_t slot)
{
    SpdmMsgSlotManagement *v = &x->req.slot_management;

    v->offset = SPDM_MGMT_STRUCT_OFFSET;
    v->req_length = SPDM_SLOT_ADDRESS_LENGTH;
    v->bank_id = bank;
    v->slot_id = slot;
}

static bool check_answer(SpdmRequester *rq, const SpdmReqExchange *x)
{
    bool changes = x->req.h.param1 >= SPDM_SLOT_MANAGE_BANK;

    return spdm_req_check(rq, SPDM_CHECK_SLOT_SUB_CODE,
                          x->rsp.h.param1 == x->req.h.param1 &&
                          (x->rsp.slot_management_resp.offset == 0) ==
                          changes,
                          "SLOT_MANAGEMENT_RESP is of another SubCode, or "
                          "not with the structure that it has");
}

static bool run(SpdmRequester *rq, SpdmReqExchange *x)
{
    return spdm_req_run(rq, x) && check_answer(rq, x);
}

/* SupportedSubCodes, GetBankInfo. */

static bool sub_codes(SpdmRequester *rq, uint32_t session, uint64_t *mask)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };

    if (!begin(rq, session, SPDM_SLOT_SUPPORTED_SUB_CODES, &x) ||
        !run(rq, &x)) {
        return false;
    }
    *mask = x.rsp.slot_management_resp.sub_codes;
    return spdm_req_check(rq, SPDM_CHECK_SLOT_SUB_CODES,
                          (*mask & REQUIRED) == REQUIRED,
                          "SubCodes that every responder has are missing");
}

bool spdm_requester_slot_sub_codes(SpdmRequester *rq, uint32_t session,
                                   uint64_t *mask, GError **errp)
{
    spdm_req_begin(rq, SPDM_SLOT_MANAGEMENT, session);
    return spdm_req_done(rq, sub_codes(rq, session, mask), errp);
}

static bool read_banks(SpdmRequester *rq, const SpdmReqExchange *x,
                       GArray *banks)
{
    const SpdmMsgSlotManagementRsp *v = &x->rsp.slot_management_resp;
    SpdmCoder c = spdm_coder_reader(&x->ctx, v->elements);
    bool good = v->bank_count <= SPDM_MAX_BANKS;

    for (unsigned i = 0; good && i < v->bank_count; i++) {
        SpdmBankElement e = { .bank_id = 0 };
        SpdmBankInfo info;

        spdm_code_bank_element(&c, &e);
        info = (SpdmBankInfo){ .id = e.bank_id, .slots = e.slot_mask,
                               .modifiable = e.modifiable };
        g_array_append_val(banks, info);
        good = e.bank_id == i && !(e.modifiable & ~e.slot_mask);
    }
    return spdm_req_check(rq, SPDM_CHECK_BANK_LIST,
                          good && spdm_coder_ok(&c) &&
                          spdm_coder_left(&c) == 0,
                          "the list of banks is malformed, has BankIDs out "
                          "of order, or modifiable slots that are none");
}

static bool bank_info(SpdmRequester *rq, uint32_t session, GArray *banks)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };

    return begin(rq, session, SPDM_SLOT_GET_BANK_INFO, &x) && run(rq, &x) &&
           read_banks(rq, &x, banks);
}

bool spdm_requester_banks(SpdmRequester *rq, uint32_t session, GArray *banks,
                          GError **errp)
{
    spdm_req_begin(rq, SPDM_SLOT_MANAGEMENT, session);
    return spdm_req_done(rq, bank_info(rq, session, banks), errp);
}

/* GetBankDetails. */

static uint32_t read_mask(SpdmBytes field)
{
    uint32_t mask = 0;

    for (size_t i = 0; i < MIN(field.len, sizeof(mask)); i++) {
        mask |= (uint32_t)field.data[i] << (8 * i);
    }
    return mask;
}

static bool is_zero(SpdmBytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (bytes.data[i]) {
            return false;
        }
    }
    return true;
}

/* A digest is there exactly where a chain is. */
static bool read_slot(SpdmCoder *c, SpdmBankDetails *d)
{
    SpdmSlotElement e = { .slot_id = 0 };
    SpdmBankSlot *slot = &d->slots[d->slot_count];
    uint8_t last = d->slot_count ? slot[-1].slot : 0;

    spdm_code_slot_element(c, &e);
    if (!spdm_coder_ok(c) || e.slot_id >= SPDM_SLOT_COUNT ||
        (d->slot_count && e.slot_id <= last) ||
        !(e.attributes & SPDM_SLOT_PROVISIONED) != is_zero(e.digest)) {
        return false;
    }
    *slot = (SpdmBankSlot){
        .slot = e.slot_id,
        .provisioned = e.attributes & SPDM_SLOT_PROVISIONED,
        .write_protected = e.attributes & SPDM_SLOT_WRITE_PROTECTED,
        .key_pair_id = e.key_pair_id,
        .model = e.certificate_info & SPDM_CERT_INFO_MODEL_MASK,
        .usage = e.key_usage,
        .size = e.slot_size,
    };
    memcpy(d->digests[d->slot_count++], e.digest.data, e.digest.len);
    return true;
}

static bool one_algorithm(uint32_t asym, uint32_t pqc)
{
    return __builtin_popcount(asym) + __builtin_popcount(pqc) <= 1;
}

static bool read_details(SpdmRequester *rq, const SpdmReqExchange *x,
                         SpdmBankDetails *d)
{
    const SpdmMsgSlotManagementRsp *v = &x->rsp.slot_management_resp;
    SpdmCoder c = spdm_coder_reader(&x->ctx, v->elements);
    bool good = v->bank_id == x->req.slot_management.bank_id &&
                v->slot_count <= SPDM_SLOT_COUNT;

    *d = (SpdmBankDetails){
        .bank = {
            .id = v->bank_id,
            .config_algo = v->bank_attributes & SPDM_BANK_CONFIG_ALGO,
            .asym_caps = v->asym_caps, .asym = v->asym,
            .asym_available = v->asym_available,
            .pqc_caps = read_mask(v->pqc_caps), .pqc = read_mask(v->pqc),
            .pqc_available = read_mask(v->pqc_available),
        },
        .selected = v->bank_attributes & SPDM_BANK_SELECTED,
        .digest_size = rq->conn.hash->size,
    };
    for (unsigned i = 0; good && i < v->slot_count; i++) {
        good = read_slot(&c, d);
    }
    return spdm_req_check(rq, SPDM_CHECK_BANK_DETAILS,
                          good && spdm_coder_left(&c) == 0 &&
                          one_algorithm(d->bank.asym, d->bank.pqc),
                          "the details are of another bank, of several "
                          "algorithms, or their slots contradict themselves");
}

static bool bank_details(SpdmRequester *rq, uint32_t session, uint8_t bank,
                         SpdmBankDetails *d)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };

    if (!begin(rq, session, SPDM_SLOT_GET_BANK_DETAILS, &x)) {
        return false;
    }
    address(&x, bank, 0);
    return run(rq, &x) && read_details(rq, &x, d);
}

bool spdm_requester_bank_details(SpdmRequester *rq, uint32_t session,
                                 uint8_t bank, SpdmBankDetails *details,
                                 GError **errp)
{
    spdm_req_begin(rq, SPDM_SLOT_MANAGEMENT, session);
    return spdm_req_done(rq, bank_details(rq, session, bank, details), errp);
}

/* GetCertificateChain. */

static GBytes *bank_chain(SpdmRequester *rq, uint32_t session, uint8_t bank,
                          uint8_t slot)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmChainPolicy policy = { .hash = rq->conn.hash };
    SpdmChainReason reason;

    if (!begin(rq, session, SPDM_SLOT_GET_CERTIFICATE_CHAIN, &x)) {
        return NULL;
    }
    address(&x, bank, slot);
    if (!run(rq, &x)) {
        return NULL;
    }
    reason = spdm_x509_verify_chain(x.rsp.slot_management_resp.data, &policy,
                                    NULL);
    return spdm_req_check(rq, SPDM_CHECK_BANK_CHAIN, reason == SPDM_CHAIN_OK,
                          spdm_chain_reason_text(reason)) ?
        g_bytes_new(x.rsp.slot_management_resp.data.data,
                    x.rsp.slot_management_resp.data.len) : NULL;
}

GBytes *spdm_requester_bank_chain(SpdmRequester *rq, uint32_t session,
                                  uint8_t bank, uint8_t slot, GError **errp)
{
    GBytes *chain;

    spdm_req_begin(rq, SPDM_SLOT_MANAGEMENT, session);
    chain = bank_chain(rq, session, bank, slot);
    spdm_req_done(rq, chain != NULL, errp);
    return chain;
}

/* GetCSR. */

static bool bank_csr(SpdmRequester *rq, uint32_t session, uint8_t bank,
                     const SpdmCsrParams *p, SpdmProvisionResult *result,
                     GByteArray *csr)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmMsgSlotManagement *v = &x.req.slot_management;

    if (!begin(rq, session, SPDM_SLOT_GET_CSR, &x)) {
        return false;
    }
    address(&x, bank, 0);
    v->key_pair_id = p->key_pair_id;
    v->attributes = spdm_req_csr_attributes(p);
    v->requester_info = p->requester_info;
    v->opaque = p->opaque;
    if (!run(rq, &x)) {
        return spdm_req_csr_waits(rq, &x, p, result);
    }
    if (!spdm_req_check_csr(rq, x.rsp.slot_management_resp.data, NULL)) {
        return false;
    }
    g_byte_array_append(csr, x.rsp.slot_management_resp.data.data,
                        (guint)x.rsp.slot_management_resp.data.len);
    return true;
}

bool spdm_requester_bank_csr(SpdmRequester *rq, uint32_t session,
                             uint8_t bank, const SpdmCsrParams *params,
                             SpdmProvisionResult *result, GByteArray *csr,
                             GError **errp)
{
    *result = (SpdmProvisionResult){ .reset_required = false };
    spdm_req_begin(rq, SPDM_SLOT_MANAGEMENT, session);
    return spdm_req_done(rq, bank_csr(rq, session, bank, params, result,
                                      csr), errp);
}

/* SetCertificate, and ManageSlot, which erases. */

static bool change_slot(SpdmRequester *rq, uint32_t session, uint8_t bank,
                        const SpdmSetCertificateParams *p,
                        SpdmProvisionResult *result)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmMsgSlotManagement *v = &x.req.slot_management;

    if (!spdm_req_usage(rq, p->slot < SPDM_SLOT_COUNT,
                        "slots are 0 to 7") ||
        !spdm_req_usage(rq, p->erase == (p->chain.len == 0),
                        "either a chain or erase") ||
        !begin(rq, session, p->erase ? SPDM_SLOT_MANAGE_SLOT
                                     : SPDM_SLOT_SET_CERTIFICATE, &x)) {
        return false;
    }
    address(&x, bank, p->slot);
    v->operation = p->erase ? SPDM_MANAGE_SLOT_ERASE : 0;
    v->key_pair_id = p->key_pair_id;
    v->attributes = p->model & SPDM_SLOT_CERT_MODEL_MASK;
    v->chain = p->chain;
    if (!run(rq, &x) && !spdm_req_set_waits(rq, &x, result)) {
        return false;
    }
    /* It may be the slot that we know, or not: the bank says it. */
    spdm_req_slot_clear(&rq->slots[p->slot]);
    return true;
}

bool spdm_requester_bank_set_certificate(
    SpdmRequester *rq, uint32_t session, uint8_t bank,
    const SpdmSetCertificateParams *params, SpdmProvisionResult *result,
    GError **errp)
{
    *result = (SpdmProvisionResult){ .reset_required = false };
    spdm_req_begin(rq, SPDM_SLOT_MANAGEMENT, session);
    return spdm_req_done(rq, change_slot(rq, session, bank, params, result),
                         errp);
}

/* ManageBank. */

static bool config_bank(SpdmRequester *rq, uint32_t session, uint8_t bank,
                        uint32_t asym, uint32_t pqc)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmMsgSlotManagement *v = &x.req.slot_management;
    uint8_t field[PQC_SIZE];

    if (!begin(rq, session, SPDM_SLOT_MANAGE_BANK, &x)) {
        return false;
    }
    for (unsigned i = 0; i < PQC_SIZE; i++) {
        field[i] = (uint8_t)(pqc >> (8 * i));
    }
    address(&x, bank, 0);
    v->operation = SPDM_MANAGE_BANK_CONFIG_ALGO;
    v->asym = asym;
    v->pqc = SPDM_BYTES(field, sizeof(field));
    return run(rq, &x);
}

bool spdm_requester_config_bank(SpdmRequester *rq, uint32_t session,
                                uint8_t bank, uint32_t asym, uint32_t pqc,
                                GError **errp)
{
    spdm_req_begin(rq, SPDM_SLOT_MANAGEMENT, session);
    return spdm_req_done(rq, config_bank(rq, session, bank, asym, pqc),
                         errp);
}

/*
 * SLOT_MANAGEMENT and SLOT_MANAGEMENT_RESP (1.4): one pair of codes, and
 * behind MgmtStructOffset a structure that Param1, the SubCode, names.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/elements.h"
#include "wire/msg.h"

enum {
    SUPPORTED_SUB_CODES_SIZE = 36,
    BANK_INFO_FIXED = 8,
    BANK_ELEMENT_SIZE = 4,
    SLOT_ELEMENT_FIXED = 16,
};

/*
 * The structure may stand anywhere behind the fixed part; what is between is
 * reserved. False: there is none.
 */
static bool code_offset(SpdmCoder *c, uint16_t *offset)
{
    spdm_code_u16(c, "MgmtStructOffset", offset);
    spdm_code_reserved(c, 2);
    if (!spdm_coder_ok(c) || !*offset) {
        return false;
    }
    if (*offset < SPDM_MGMT_STRUCT_OFFSET) {
        spdm_coder_fail(c);
        return false;
    }
    spdm_code_reserved(c, *offset - SPDM_MGMT_STRUCT_OFFSET);
    return true;
}

static void code_address(SpdmCoder *c, SpdmMsgSlotManagement *v)
{
    spdm_code_u16(c, "ReqLength", &v->req_length);
    spdm_code_reserved(c, 2);
    spdm_code_u8(c, "BankID", &v->bank_id);
    spdm_code_u8(c, "SlotID", &v->slot_id);
    spdm_code_reserved(c, 2);
}

static void code_csr_request(SpdmCoder *c, SpdmMsgSlotManagement *v)
{
    uint16_t info_len = (uint16_t)v->requester_info.len;
    uint16_t opaque_len = (uint16_t)v->opaque.len;

    spdm_code_u8(c, "KeyPairID", &v->key_pair_id);
    spdm_code_u8(c, "RequestAttributes", &v->attributes);
    spdm_code_reserved(c, 2);
    spdm_code_u16(c, "RequesterInfoLength", &info_len);
    spdm_code_u16(c, "OpaqueDataLength", &opaque_len);
    spdm_code_bytes(c, "RequesterInfo", &v->requester_info, info_len);
    spdm_code_bytes(c, "OpaqueData", &v->opaque, opaque_len);
}

static void code_operation(SpdmCoder *c, SpdmMsgSlotManagement *v)
{
    spdm_code_u8(c, "Operation", &v->operation);
    spdm_code_reserved(c, 3);
}

static void code_set_certificate(SpdmCoder *c, SpdmMsgSlotManagement *v)
{
    uint32_t len = (uint32_t)v->chain.len;

    spdm_code_u32(c, "CertLength", &len);
    spdm_code_u8(c, "CertAttributes", &v->attributes);
    spdm_code_u8(c, "KeyPairID", &v->key_pair_id);
    spdm_code_reserved(c, 2);
    spdm_code_bytes(c, "Certificate", &v->chain, len);
}

void spdm_body_slot_management(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgSlotManagement *v = &m->slot_management;

    if (!code_offset(c, &v->offset)) {
        return;
    }
    code_address(c, v);
    switch (m->h.param1) {
    case SPDM_SLOT_GET_CSR:
        code_csr_request(c, v);
        break;
    case SPDM_SLOT_MANAGE_BANK:
        code_operation(c, v);
        spdm_code_u32(c, "SelectAsymAlgo", &v->asym);
        spdm_code_sized8(c, "SelectPqcAsymAlgoLen", "SelectPqcAsymAlgo",
                         &v->pqc);
        break;
    case SPDM_SLOT_MANAGE_SLOT:
        code_operation(c, v);
        break;
    case SPDM_SLOT_SET_CERTIFICATE:
        code_set_certificate(c, v);
        break;
    default:
        break;
    }
}

/* RespLength counts the structure, itself included. */
static uint16_t resp_length(size_t fixed, SpdmBytes list)
{
    return (uint16_t)(fixed + list.len);
}

/* What is left of a structure of @length bytes that began at @start. */
static void code_list(SpdmCoder *c, const char *name, SpdmBytes *list,
                      size_t start, size_t length)
{
    size_t done = c->pos - start;

    if (length < done) {
        spdm_coder_fail(c);
        return;
    }
    spdm_code_bytes(c, name, list, length - done);
}

static void code_sub_codes(SpdmCoder *c, SpdmMsgSlotManagementRsp *v)
{
    uint16_t length = SUPPORTED_SUB_CODES_SIZE;
    size_t start = c->pos;
    SpdmBytes later = { NULL, 0 };

    spdm_code_u16(c, "RespLength", &length);
    spdm_code_reserved(c, 2);
    spdm_code_u64(c, "SubCodeBitmap", &v->sub_codes);
    spdm_code_reserved(c, SUPPORTED_SUB_CODES_SIZE - 12);
    code_list(c, "Reserved", &later, start, length);
}

static void code_bank_info(SpdmCoder *c, SpdmMsgSlotManagementRsp *v)
{
    uint16_t length = resp_length(BANK_INFO_FIXED, v->elements);
    size_t start = c->pos;

    spdm_code_u16(c, "RespLength", &length);
    spdm_code_reserved(c, 2);
    spdm_code_u8(c, "NumBankElements", &v->bank_count);
    spdm_code_reserved(c, 3);
    code_list(c, "BankElements", &v->elements, start, length);
}

/* 20 bytes, three lists with a length byte each, 4 reserved bytes. */
static size_t details_fixed(const SpdmMsgSlotManagementRsp *v)
{
    return 27 + v->pqc_caps.len + v->pqc.len + v->pqc_available.len;
}

static void code_bank_details(SpdmCoder *c, SpdmMsgSlotManagementRsp *v)
{
    uint16_t length = resp_length(details_fixed(v), v->elements);
    size_t start = c->pos;

    spdm_code_u16(c, "RespLength", &length);
    spdm_code_u8(c, "BankID", &v->bank_id);
    spdm_code_reserved(c, 1);
    spdm_code_u16(c, "NumSlotElements", &v->slot_count);
    spdm_code_u8(c, "BankAttributes", &v->bank_attributes);
    spdm_code_reserved(c, 1);
    spdm_code_u32(c, "AsymAlgoCapabilities", &v->asym_caps);
    spdm_code_u32(c, "CurrentAsymAlgo", &v->asym);
    spdm_code_u32(c, "AvailableAsymAlgo", &v->asym_available);
    spdm_code_sized8(c, "PqcAsymAlgoCapLen", "PqcAsymAlgoCapabilities",
                     &v->pqc_caps);
    spdm_code_sized8(c, "CurrentPqcAsymAlgoLen", "CurrentPqcAsymAlgo",
                     &v->pqc);
    spdm_code_sized8(c, "AvailablePqcAsymAlgoLen", "AvailablePqcAsymAlgo",
                     &v->pqc_available);
    spdm_code_reserved(c, 4);
    code_list(c, "SlotElements", &v->elements, start, length);
}

static void code_data(SpdmCoder *c, const char *len_name, const char *name,
                      SpdmBytes *data)
{
    uint32_t len = (uint32_t)data->len;

    spdm_code_u32(c, len_name, &len);
    spdm_code_reserved(c, 4);
    spdm_code_bytes(c, name, data, len);
}

void spdm_body_slot_management_resp(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgSlotManagementRsp *v = &m->slot_management_resp;

    if (!code_offset(c, &v->offset)) {
        return;
    }
    switch (m->h.param1) {
    case SPDM_SLOT_SUPPORTED_SUB_CODES:
        code_sub_codes(c, v);
        break;
    case SPDM_SLOT_GET_BANK_INFO:
        code_bank_info(c, v);
        break;
    case SPDM_SLOT_GET_BANK_DETAILS:
        code_bank_details(c, v);
        break;
    case SPDM_SLOT_GET_CERTIFICATE_CHAIN:
        code_data(c, "CCLength", "CertChain", &v->data);
        break;
    case SPDM_SLOT_GET_CSR:
        code_data(c, "CSRLength", "CSRdata", &v->data);
        break;
    default:
        break;
    }
}

/* An element of a later version may be longer: what it adds is skipped. */

void spdm_code_bank_element(SpdmCoder *c, SpdmBankElement *v)
{
    uint8_t length = BANK_ELEMENT_SIZE;

    spdm_code_u8(c, "ElementLength", &length);
    spdm_code_u8(c, "BankID", &v->bank_id);
    spdm_code_u8(c, "SlotMask", &v->slot_mask);
    spdm_code_u8(c, "ModifiableSlotMask", &v->modifiable);
    if (length < BANK_ELEMENT_SIZE) {
        spdm_coder_fail(c);
        return;
    }
    spdm_code_reserved(c, length - BANK_ELEMENT_SIZE);
}

void spdm_code_slot_element(SpdmCoder *c, SpdmSlotElement *v)
{
    uint16_t length = resp_length(SLOT_ELEMENT_FIXED, v->digest);
    size_t digest = spdm_coder_decoding(c) ? c->ctx->hash_size
                                           : v->digest.len;

    spdm_code_u16(c, "ElementLength", &length);
    spdm_code_u8(c, "SlotID", &v->slot_id);
    spdm_code_reserved(c, 1);
    spdm_code_u8(c, "SlotAttributes", &v->attributes);
    spdm_code_u8(c, "KeyPairID", &v->key_pair_id);
    spdm_code_u8(c, "CertificateInfo", &v->certificate_info);
    spdm_code_reserved(c, 1);
    spdm_code_u16(c, "KeyUsage", &v->key_usage);
    spdm_code_reserved(c, 2);
    spdm_code_u32(c, "SlotSize", &v->slot_size);
    spdm_code_bytes(c, "Digest", &v->digest, digest);
    if (length < SLOT_ELEMENT_FIXED + digest) {
        spdm_coder_fail(c);
        return;
    }
    spdm_code_reserved(c, length - SLOT_ELEMENT_FIXED - digest);
}

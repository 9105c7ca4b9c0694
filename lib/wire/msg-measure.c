/*
 * MEASUREMENTS and the DMTF measurement block.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

void spdm_body_get_measurements(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgGetMeasurements *v = &m->get_measurements;

    if (m->h.param1 & SPDM_MEAS_REQ_SIGNATURE) {
        spdm_code_bytes(c, "Nonce", &v->nonce, SPDM_NONCE_SIZE);
        if (m->h.version >= SPDM_VERSION_11) {
            spdm_code_u8(c, "SlotIDParam", &v->slot);
        }
    }
    if (m->h.version >= SPDM_VERSION_13) {
        spdm_code_bytes(c, "RequesterContext", &v->context,
                        SPDM_CONTEXT_SIZE);
    }
}

void spdm_body_measurements(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgMeasurements *v = &m->measurements;
    uint32_t record_len = (uint32_t)v->record.len;

    spdm_code_u8(c, "NumberOfBlocks", &v->block_count);
    spdm_code_u24(c, "MeasurementRecordLength", &record_len);
    spdm_code_bytes(c, "MeasurementRecord", &v->record, record_len);
    spdm_code_bytes(c, "Nonce", &v->nonce, SPDM_NONCE_SIZE);
    spdm_code_sized16(c, "OpaqueDataLength", "OpaqueData", &v->opaque);
    if (m->h.version >= SPDM_VERSION_13) {
        spdm_code_bytes(c, "RequesterContext", &v->context,
                        SPDM_CONTEXT_SIZE);
    }
    if (c->ctx->has_signature) {
        spdm_code_tail(c, "Signature", &v->signature, c->ctx->sig_size);
    }
}

enum { DMTF_VALUE_HEADER = 3 };

void spdm_code_meas_block(SpdmCoder *c, SpdmMeasBlock *b)
{
    uint16_t size = (uint16_t)(DMTF_VALUE_HEADER + b->value.len);

    spdm_code_u8(c, "Index", &b->index);
    spdm_code_u8(c, "MeasurementSpecification", &b->spec);
    spdm_code_u16(c, "MeasurementSize", &size);
    spdm_code_u8(c, "DMTFSpecMeasurementValueType", &b->value_type);
    spdm_code_sized16(c, "DMTFSpecMeasurementValueSize",
                      "DMTFSpecMeasurementValue", &b->value);
    if (size != DMTF_VALUE_HEADER + b->value.len) {
        spdm_coder_fail(c);
    }
}

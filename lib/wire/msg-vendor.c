/*
 * VENDOR_DEFINED and ERROR.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

static void payload(SpdmCoder *c, const SpdmMsg *m, SpdmBytes *v)
{
    if (m->h.version >= SPDM_VERSION_14 &&
        (m->h.param1 & SPDM_VENDOR_LARGE_PAYLOAD)) {
        spdm_code_reserved(c, 2);
        spdm_code_sized32(c, "LargePayloadLength", "Payload", v);
    } else {
        spdm_code_sized16(c, "PayloadLength", "Payload", v);
    }
}

void spdm_body_vendor(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgVendor *v = &m->vendor;
    uint8_t id_len = (uint8_t)v->vendor_id.len;

    spdm_code_u16(c, "StandardID", &v->standard_id);
    spdm_code_u8(c, "VendorIDLen", &id_len);
    spdm_code_bytes(c, "VendorID", &v->vendor_id, id_len);
    payload(c, m, &v->payload);
}

/* ExtendedErrorData by code; the rest carry none (DSP0274 ERROR table). */
static const struct {
    uint8_t code;
    uint8_t size;
} error_data_sizes[] = {
    { SPDM_ERROR_RESPONSE_TOO_LARGE, 4 },
    { SPDM_ERROR_LARGE_RESPONSE, 1 },
    { SPDM_ERROR_DATA_TOO_LARGE, 4 },
    { SPDM_ERROR_RESPONSE_NOT_READY, 4 },
};

static size_t error_data_size(const SpdmCoder *c, const SpdmMsg *m)
{
    if (!spdm_coder_decoding(c)) {
        return m->error.data.len;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(error_data_sizes); i++) {
        if (error_data_sizes[i].code == m->h.param1) {
            return error_data_sizes[i].size;
        }
    }
    if (m->h.param1 == SPDM_ERROR_VENDOR_DEFINED) {
        return MIN(spdm_coder_left(c), (size_t)SPDM_MAX_ERROR_DATA);
    }
    return 0;
}

void spdm_body_error(SpdmCoder *c, SpdmMsg *m)
{
    spdm_code_bytes(c, "ExtendedErrorData", &m->error.data,
                    error_data_size(c, m));
}

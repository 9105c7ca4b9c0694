/*
 * OpaqueData: what every response that has some must hold to, and the bytes
 * that the caller wants sent (DSP0274 "Opaque Data Field").
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

bool spdm_req_check_opaque(SpdmRequester *rq, SpdmBytes opaque)
{
    return spdm_req_check(rq, SPDM_CHECK_OPAQUE_LENGTH,
                          opaque.len <= SPDM_MAX_OPAQUE,
                          "OpaqueDataLength exceeds 1024") &&
           spdm_req_check(rq, SPDM_CHECK_OPAQUE_FORMAT,
                          spdm_opaque_allowed(rq->conn.version,
                                              rq->conn.other_params, opaque),
                          "OpaqueData has not the negotiated format");
}

void spdm_req_append_opaque(SpdmRequester *rq, GByteArray *out)
{
    size_t len = 0;
    const uint8_t *data = rq->cfg.opaque
                          ? g_bytes_get_data(rq->cfg.opaque, &len) : NULL;

    spdm_opaque_encode_vendor(rq->conn.version, rq->conn.other_params,
                              SPDM_BYTES(data, len), out);
}

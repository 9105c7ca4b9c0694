/*
 * From a failed step to an ERROR message: the one place that does it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/status.h"

#include <string.h>

SpdmStatus spdm_unsupported(uint8_t request_code, const char *why)
{
    SpdmStatus status = spdm_fail(SPDM_ERROR_UNSUPPORTED_REQUEST, why);

    status.param = request_code;
    return status;
}

SpdmStatus spdm_fail_session(SpdmErrorCode code, const char *why)
{
    SpdmStatus status = spdm_fail(code, why);

    status.end_session = true;
    return status;
}

SpdmStatus spdm_not_ready(uint8_t rdt_exponent, uint8_t request_code,
                          uint8_t token, uint8_t rdtm)
{
    SpdmStatus status = spdm_fail(SPDM_ERROR_RESPONSE_NOT_READY,
                                  "the answer takes longer");
    const uint8_t data[] = { rdt_exponent, request_code, token, rdtm };

    memcpy(status.data, data, sizeof(data));
    status.data_len = sizeof(data);
    return status;
}

void spdm_status_put_u32(SpdmStatus *status, uint32_t value)
{
    for (unsigned i = 0; i < sizeof(value); i++) {
        status->data[i] = (uint8_t)(value >> (8 * i));
    }
    status->data_len = sizeof(value);
}

/*
 * DSP0274 ERROR table: codes that came after 1.0, and what an older peer is
 * told in their place.
 */
static const struct {
    SpdmErrorCode code;
    uint8_t since;
    SpdmErrorCode instead;
} newer_codes[] = {
    { SPDM_ERROR_DECRYPT_ERROR, SPDM_VERSION_11, SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_REQUEST_IN_FLIGHT, SPDM_VERSION_11, SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_INVALID_RESPONSE_CODE, SPDM_VERSION_11,
      SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_SESSION_LIMIT_EXCEEDED, SPDM_VERSION_11,
      SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_SESSION_REQUIRED, SPDM_VERSION_12, SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_RESET_REQUIRED, SPDM_VERSION_12, SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_RESPONSE_TOO_LARGE, SPDM_VERSION_12,
      SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_REQUEST_TOO_LARGE, SPDM_VERSION_12,
      SPDM_ERROR_INVALID_REQUEST },
    { SPDM_ERROR_LARGE_RESPONSE, SPDM_VERSION_12, SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_MESSAGE_LOST, SPDM_VERSION_12, SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_INVALID_POLICY, SPDM_VERSION_13, SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_OPERATION_FAILED, SPDM_VERSION_13, SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_NO_PENDING_REQUESTS, SPDM_VERSION_13,
      SPDM_ERROR_UNEXPECTED_REQUEST },
    { SPDM_ERROR_DATA_TOO_LARGE, SPDM_VERSION_14, SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_REQUEST_SESSION_TERMINATED, SPDM_VERSION_14,
      SPDM_ERROR_UNSPECIFIED },
    { SPDM_ERROR_INVALID_STATE, SPDM_VERSION_14, SPDM_ERROR_UNSPECIFIED },
};

/* The ERROR as @version may be told it; a replaced one says nothing more. */
static SpdmStatus for_version(const SpdmStatus *status, uint8_t version)
{
    for (size_t i = 0; i < G_N_ELEMENTS(newer_codes); i++) {
        if (newer_codes[i].code == status->code &&
            version < newer_codes[i].since) {
            return spdm_fail(newer_codes[i].instead, status->why);
        }
    }
    return *status;
}

void spdm_status_encode(const SpdmStatus *status, uint8_t version,
                        GByteArray *out)
{
    static const SpdmWireCtx no_ctx;
    /* DSP0274 ERROR: before a version is agreed it carries 1.0. */
    uint8_t agreed = version ? version : SPDM_VERSION_10;
    SpdmStatus told = for_version(status, agreed);
    SpdmMsg m = {
        .h = { agreed, SPDM_ERROR, (uint8_t)told.code, told.param },
        .error.data = SPDM_BYTES(told.data, told.data_len),
    };

    spdm_msg_encode(&no_ctx, &m, out);
}

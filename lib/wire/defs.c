/*
 * Names of codes, and which flags each version defines.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/fields.h"

#include <string.h>

/* Capability tables of DSP0274, cumulative: later versions add bits. */
static const struct {
    uint8_t version;
    uint32_t request;
    uint32_t response;
} flags_by_version[] = {
    { SPDM_VERSION_14, 0x8ec3ffc6, 0xffffffff },
    { SPDM_VERSION_13, 0x0ec3ffc6, 0x3fffffff },
    { SPDM_VERSION_12, 0x0003ffc6, 0x003fffff },
    { SPDM_VERSION_11, 0x0001ffc6, 0x0001ffff },
    { SPDM_VERSION_10, 0x00000000, 0x0000003f },
};

static unsigned flags_row(uint8_t version)
{
    unsigned i = 0;

    while (i < G_N_ELEMENTS(flags_by_version) - 1 &&
           flags_by_version[i].version > version) {
        i++;
    }
    return i;
}

uint32_t spdm_request_flags_mask(uint8_t version)
{
    return flags_by_version[flags_row(version)].request;
}

uint32_t spdm_response_flags_mask(uint8_t version)
{
    return flags_by_version[flags_row(version)].response;
}

const char *spdm_code_name(uint8_t code)
{
    const SpdmMsgDesc *desc = spdm_msg_desc(code);

    return desc ? desc->name : "UNKNOWN";
}

static const struct {
    uint8_t code;
    const char *name;
} error_names[] = {
    { SPDM_ERROR_INVALID_REQUEST, "InvalidRequest" },
    { SPDM_ERROR_BUSY, "Busy" },
    { SPDM_ERROR_UNEXPECTED_REQUEST, "UnexpectedRequest" },
    { SPDM_ERROR_UNSPECIFIED, "Unspecified" },
    { SPDM_ERROR_DECRYPT_ERROR, "DecryptError" },
    { SPDM_ERROR_UNSUPPORTED_REQUEST, "UnsupportedRequest" },
    { SPDM_ERROR_REQUEST_IN_FLIGHT, "RequestInFlight" },
    { SPDM_ERROR_INVALID_RESPONSE_CODE, "InvalidResponseCode" },
    { SPDM_ERROR_SESSION_LIMIT_EXCEEDED, "SessionLimitExceeded" },
    { SPDM_ERROR_SESSION_REQUIRED, "SessionRequired" },
    { SPDM_ERROR_RESET_REQUIRED, "ResetRequired" },
    { SPDM_ERROR_RESPONSE_TOO_LARGE, "ResponseTooLarge" },
    { SPDM_ERROR_REQUEST_TOO_LARGE, "RequestTooLarge" },
    { SPDM_ERROR_LARGE_RESPONSE, "LargeResponse" },
    { SPDM_ERROR_MESSAGE_LOST, "MessageLost" },
    { SPDM_ERROR_INVALID_POLICY, "InvalidPolicy" },
    { SPDM_ERROR_DATA_TOO_LARGE, "DataTooLarge" },
    { SPDM_ERROR_VERSION_MISMATCH, "VersionMismatch" },
    { SPDM_ERROR_RESPONSE_NOT_READY, "ResponseNotReady" },
    { SPDM_ERROR_REQUEST_RESYNCH, "RequestResynch" },
    { SPDM_ERROR_OPERATION_FAILED, "OperationFailed" },
    { SPDM_ERROR_NO_PENDING_REQUESTS, "NoPendingRequests" },
    { SPDM_ERROR_REQUEST_SESSION_TERMINATED, "RequestSessionTerminated" },
    { SPDM_ERROR_INVALID_STATE, "InvalidState" },
    { SPDM_ERROR_VENDOR_DEFINED, "VendorDefined" },
};

const char *spdm_error_name(uint8_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(error_names); i++) {
        if (error_names[i].code == code) {
            return error_names[i].name;
        }
    }
    return "Reserved";
}

const char *spdm_error_name_at(unsigned i)
{
    return i < G_N_ELEMENTS(error_names) ? error_names[i].name : NULL;
}

int spdm_error_by_name(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(error_names); i++) {
        if (!strcmp(error_names[i].name, name)) {
            return error_names[i].code;
        }
    }
    return -1;
}

const char *spdm_version_name(uint8_t version)
{
    static const char *const names[] = { "1.0", "1.1", "1.2", "1.3", "1.4" };

    if (version < SPDM_VERSION_10 || version > SPDM_VERSION_14) {
        return "";
    }
    return names[version - SPDM_VERSION_10];
}

/*
 * Names of codes, and which flags each version defines.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

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

/* Names of codes whose layout is not in msg.c (yet). */
static const struct {
    uint8_t code;
    const char *name;
} other_names[] = {
    { SPDM_CHUNK_SEND, "CHUNK_SEND" },
    { SPDM_RESPONSE_OF(SPDM_CHUNK_SEND), "CHUNK_SEND_ACK" },
    { SPDM_CHUNK_GET, "CHUNK_GET" },
    { SPDM_RESPONSE_OF(SPDM_CHUNK_GET), "CHUNK_RESPONSE" },
    { SPDM_GET_ENDPOINT_INFO, "GET_ENDPOINT_INFO" },
    { SPDM_RESPONSE_OF(SPDM_GET_ENDPOINT_INFO), "ENDPOINT_INFO" },
    { SPDM_SLOT_MANAGEMENT, "SLOT_MANAGEMENT" },
    { SPDM_RESPONSE_OF(SPDM_SLOT_MANAGEMENT), "SLOT_MANAGEMENT_RESP" },
    { SPDM_GET_SUPPORTED_EVENT_TYPES, "GET_SUPPORTED_EVENT_TYPES" },
    { SPDM_RESPONSE_OF(SPDM_GET_SUPPORTED_EVENT_TYPES),
      "SUPPORTED_EVENT_TYPES" },
    { SPDM_GET_ENCAPSULATED_REQUEST, "GET_ENCAPSULATED_REQUEST" },
    { SPDM_RESPONSE_OF(SPDM_GET_ENCAPSULATED_REQUEST),
      "ENCAPSULATED_REQUEST" },
    { SPDM_DELIVER_ENCAPSULATED_RESPONSE, "DELIVER_ENCAPSULATED_RESPONSE" },
    { SPDM_RESPONSE_OF(SPDM_DELIVER_ENCAPSULATED_RESPONSE),
      "ENCAPSULATED_RESPONSE_ACK" },
    { SPDM_GET_CSR, "GET_CSR" },
    { SPDM_RESPONSE_OF(SPDM_GET_CSR), "CSR" },
    { SPDM_SET_CERTIFICATE, "SET_CERTIFICATE" },
    { SPDM_RESPONSE_OF(SPDM_SET_CERTIFICATE), "SET_CERTIFICATE_RSP" },
    { SPDM_GET_MEASUREMENT_EXTENSION_LOG, "GET_MEASUREMENT_EXTENSION_LOG" },
    { SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENT_EXTENSION_LOG),
      "MEASUREMENT_EXTENSION_LOG" },
    { SPDM_SUBSCRIBE_EVENT_TYPES, "SUBSCRIBE_EVENT_TYPES" },
    { SPDM_RESPONSE_OF(SPDM_SUBSCRIBE_EVENT_TYPES),
      "SUBSCRIBE_EVENT_TYPES_ACK" },
    { SPDM_SEND_EVENT, "SEND_EVENT" },
    { SPDM_RESPONSE_OF(SPDM_SEND_EVENT), "EVENT_ACK" },
    { SPDM_GET_KEY_PAIR_INFO, "GET_KEY_PAIR_INFO" },
    { SPDM_RESPONSE_OF(SPDM_GET_KEY_PAIR_INFO), "KEY_PAIR_INFO" },
    { SPDM_SET_KEY_PAIR_INFO, "SET_KEY_PAIR_INFO" },
    { SPDM_RESPONSE_OF(SPDM_SET_KEY_PAIR_INFO), "SET_KEY_PAIR_INFO_ACK" },
};

const char *spdm_code_name(uint8_t code)
{
    const SpdmMsgDesc *desc = spdm_msg_desc(code);

    if (desc) {
        return desc->name;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(other_names); i++) {
        if (other_names[i].code == code) {
            return other_names[i].name;
        }
    }
    return "UNKNOWN";
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

const char *spdm_version_name(uint8_t version)
{
    static const char *const names[] = { "1.0", "1.1", "1.2", "1.3", "1.4" };

    if (version < SPDM_VERSION_10 || version > SPDM_VERSION_14) {
        return "";
    }
    return names[version - SPDM_VERSION_10];
}

/*
 * Codes, flags and sizes of DSP0274 1.0 to 1.4, by the standard's names.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_WIRE_DEFS_H
#define SPDM_WIRE_DEFS_H

#include "spdm/key-pair.h"

/* RequestResponseCode; a response is its request without bit 7. */
enum {
    SPDM_GET_DIGESTS = 0x81,
    SPDM_GET_CERTIFICATE = 0x82,
    SPDM_CHALLENGE = 0x83,
    SPDM_GET_VERSION = 0x84,
    SPDM_CHUNK_SEND = 0x85,
    SPDM_CHUNK_GET = 0x86,
    SPDM_GET_ENDPOINT_INFO = 0x87,
    SPDM_SLOT_MANAGEMENT = 0x88,
    SPDM_GET_MEASUREMENTS = 0xe0,
    SPDM_GET_CAPABILITIES = 0xe1,
    SPDM_GET_SUPPORTED_EVENT_TYPES = 0xe2,
    SPDM_NEGOTIATE_ALGORITHMS = 0xe3,
    SPDM_KEY_EXCHANGE = 0xe4,
    SPDM_FINISH = 0xe5,
    SPDM_PSK_EXCHANGE = 0xe6,
    SPDM_PSK_FINISH = 0xe7,
    SPDM_HEARTBEAT = 0xe8,
    SPDM_KEY_UPDATE = 0xe9,
    SPDM_GET_ENCAPSULATED_REQUEST = 0xea,
    SPDM_DELIVER_ENCAPSULATED_RESPONSE = 0xeb,
    SPDM_END_SESSION = 0xec,
    SPDM_GET_CSR = 0xed,
    SPDM_SET_CERTIFICATE = 0xee,
    SPDM_GET_MEASUREMENT_EXTENSION_LOG = 0xef,
    SPDM_SUBSCRIBE_EVENT_TYPES = 0xf0,
    SPDM_SEND_EVENT = 0xf1,
    SPDM_GET_KEY_PAIR_INFO = 0xfc,
    SPDM_SET_KEY_PAIR_INFO = 0xfd,
    SPDM_VENDOR_DEFINED_REQUEST = 0xfe,
    SPDM_RESPOND_IF_READY = 0xff,
    SPDM_ERROR = 0x7f,
};

#define SPDM_RESPONSE_OF(request) ((uint8_t)((request) & 0x7f))

/* ERROR Param1. */
typedef enum SpdmErrorCode {
    SPDM_ERROR_INVALID_REQUEST = 0x01,
    SPDM_ERROR_BUSY = 0x03,
    SPDM_ERROR_UNEXPECTED_REQUEST = 0x04,
    SPDM_ERROR_UNSPECIFIED = 0x05,
    SPDM_ERROR_DECRYPT_ERROR = 0x06,
    SPDM_ERROR_UNSUPPORTED_REQUEST = 0x07,
    SPDM_ERROR_REQUEST_IN_FLIGHT = 0x08,
    SPDM_ERROR_INVALID_RESPONSE_CODE = 0x09,
    SPDM_ERROR_SESSION_LIMIT_EXCEEDED = 0x0a,
    SPDM_ERROR_SESSION_REQUIRED = 0x0b,
    SPDM_ERROR_RESET_REQUIRED = 0x0c,
    SPDM_ERROR_RESPONSE_TOO_LARGE = 0x0d,
    SPDM_ERROR_REQUEST_TOO_LARGE = 0x0e,
    SPDM_ERROR_LARGE_RESPONSE = 0x0f,
    SPDM_ERROR_MESSAGE_LOST = 0x10,
    SPDM_ERROR_INVALID_POLICY = 0x11,
    SPDM_ERROR_DATA_TOO_LARGE = 0x12,
    SPDM_ERROR_VERSION_MISMATCH = 0x41,
    SPDM_ERROR_RESPONSE_NOT_READY = 0x42,
    SPDM_ERROR_REQUEST_RESYNCH = 0x43,
    SPDM_ERROR_OPERATION_FAILED = 0x44,
    SPDM_ERROR_NO_PENDING_REQUESTS = 0x45,
    SPDM_ERROR_REQUEST_SESSION_TERMINATED = 0x46,
    SPDM_ERROR_INVALID_STATE = 0x47,
    SPDM_ERROR_VENDOR_DEFINED = 0xff,
} SpdmErrorCode;

/* GET_CAPABILITIES / CAPABILITIES Flags. */
enum {
    SPDM_CACHE_CAP = 1u << 0,
    SPDM_CERT_CAP = 1u << 1,
    SPDM_CHAL_CAP = 1u << 2,
    SPDM_MEAS_CAP_MASK = 3u << 3,
    SPDM_MEAS_CAP_NO_SIG = 1u << 3,
    SPDM_MEAS_CAP_SIG = 2u << 3,
    SPDM_MEAS_FRESH_CAP = 1u << 5,
    SPDM_ENCRYPT_CAP = 1u << 6,
    SPDM_MAC_CAP = 1u << 7,
    SPDM_MUT_AUTH_CAP = 1u << 8,
    SPDM_KEY_EX_CAP = 1u << 9,
    SPDM_PSK_CAP_MASK = 3u << 10,
    SPDM_PSK_CAP = 1u << 10,
    SPDM_PSK_CAP_WITH_CONTEXT = 2u << 10,
    SPDM_ENCAP_CAP = 1u << 12,
    SPDM_HBEAT_CAP = 1u << 13,
    SPDM_KEY_UPD_CAP = 1u << 14,
    SPDM_HANDSHAKE_IN_THE_CLEAR_CAP = 1u << 15,
    SPDM_PUB_KEY_ID_CAP = 1u << 16,
    SPDM_CHUNK_CAP = 1u << 17,
    SPDM_ALIAS_CERT_CAP = 1u << 18,
    SPDM_SET_CERT_CAP = 1u << 19,
    SPDM_CSR_CAP = 1u << 20,
    SPDM_CERT_INSTALL_RESET_CAP = 1u << 21,
    SPDM_EP_INFO_CAP_MASK = 3u << 22,
    SPDM_EP_INFO_CAP_NO_SIG = 1u << 22,
    SPDM_EP_INFO_CAP_SIG = 2u << 22,
    SPDM_MEL_CAP = 1u << 24,
    SPDM_EVENT_CAP = 1u << 25,
    SPDM_MULTI_KEY_CAP_MASK = 3u << 26,
    SPDM_MULTI_KEY_CAP_ONLY = 1u << 26,
    SPDM_MULTI_KEY_CAP_NEG = 2u << 26,
    SPDM_GET_KEY_PAIR_INFO_CAP = 1u << 28,
    SPDM_SET_KEY_PAIR_INFO_CAP = 1u << 29,
    SPDM_SET_KEY_PAIR_RESET_CAP = 1u << 30,
    SPDM_LARGE_RESP_CAP = (int)(1u << 31),
};

/* GET_CAPABILITIES / CAPABILITIES ExtFlags (1.4). */
enum { SPDM_SLOT_MGMT_CAP = 1 << 0 };

/* Flags an SPDM version defines for each role; others are masked off. */
uint32_t spdm_request_flags_mask(uint8_t version);
uint32_t spdm_response_flags_mask(uint8_t version);

/* AlgType of NEGOTIATE_ALGORITHMS tables. */
enum {
    SPDM_ALG_TYPE_DHE = 2,
    SPDM_ALG_TYPE_AEAD = 3,
    SPDM_ALG_TYPE_REQ_ASYM = 4,
    SPDM_ALG_TYPE_KEY_SCHEDULE = 5,
    SPDM_ALG_TYPE_REQ_PQC_ASYM = 6, /* 1.4 */
    SPDM_ALG_TYPE_KEM = 7,          /* 1.4 */
    SPDM_ALG_TYPE_COUNT = 6,
};

enum {
    SPDM_MEAS_SPEC_DMTF = 1,
    SPDM_KEY_SCHEDULE_SPDM = 1,
    SPDM_OPAQUE_FMT0 = 1,
    SPDM_OPAQUE_FMT1 = 2,
    SPDM_OTHER_PARAMS_OPAQUE_MASK = 0x0f,
    SPDM_OTHER_PARAMS_MULTI_KEY = 0x10,
    SPDM_MEAS_HASH_RAW = 1,
};

/* Measurement summary hash types (CHALLENGE, KEY_EXCHANGE, PSK_EXCHANGE). */
enum {
    SPDM_SUMMARY_NONE = 0,
    SPDM_SUMMARY_TCB = 1,
    SPDM_SUMMARY_ALL = 0xff,
};

enum {
    SPDM_MEAS_REQ_SIGNATURE = 1 << 0,
    SPDM_MEAS_REQ_RAW = 1 << 1,
    SPDM_MEAS_REQ_NEW = 1 << 2,
    SPDM_MEAS_OP_COUNT = 0,
    SPDM_MEAS_OP_ALL = 0xff,
    SPDM_MEAS_TYPE_HASH_EXTENDED = 8,  /* 1.3 */
    SPDM_MEAS_TYPE_RAW = 0x80,
    SPDM_FINISH_SIGNATURE = 1 << 0,
    SPDM_END_SESSION_CLEAR_STATE = 1 << 0,
    SPDM_CAPABILITIES_ALGS = 1 << 0, /* Param1, 1.3: with SupportedAlgorithms */
    SPDM_CERT_SLOT_SIZE_REQUESTED = 1 << 0,
    SPDM_CERT_LARGE_CHAIN = 1 << 7,  /* Param1, 1.4 */
};

/* KEY_UPDATE Param1. */
enum {
    SPDM_UPDATE_KEY = 1,
    SPDM_UPDATE_ALL_KEYS = 2,
    SPDM_VERIFY_NEW_KEY = 3,
};

enum {
    SPDM_HEADER_SIZE = 4,
    SPDM_MIN_DATA_TRANSFER_SIZE = 42,
    SPDM_MAX_CT_EXPONENT = 31,
    SPDM_MAX_ERROR_DATA = 32,
    SPDM_MAX_CHAIN = 65535,       /* in the form of two u16 */
    SPDM_MAX_LARGE_CHAIN = 1 << 20, /* in the large form; our bound */
};

/* CHUNK_SEND / CHUNK_RESPONSE Param1, CHUNK_SEND_ACK Param1. */
enum {
    SPDM_CHUNK_LAST = 1 << 0,
    SPDM_CHUNK_EARLY_ERROR = 1 << 0,
};

/* KEY_EXCHANGE_RSP MutAuthRequested. */
enum {
    SPDM_MUT_AUTH_WITHOUT_ENCAP = 1 << 0,
    SPDM_MUT_AUTH_ENCAP = 1 << 1,
    SPDM_MUT_AUTH_IMPLICIT_DIGESTS = 1 << 2,
};

/* ENCAPSULATED_RESPONSE_ACK Param2. */
enum {
    SPDM_ENCAP_ABSENT = 0,
    SPDM_ENCAP_PRESENT = 1,
    SPDM_ENCAP_SLOT_NUMBER = 2,
};

/* CHALLENGE_AUTH Param1 (1.0, 1.1): basic mutual authentication follows. */
enum { SPDM_CHALLENGE_BASIC_MUT_AUTH = 1 << 7 };

/* CertificateInfo (1.3); its values are in spdm/key-pair.h. */
enum { SPDM_CERT_INFO_MODEL_MASK = 0x07 };

/* GET_CSR Param2, SET_CERTIFICATE Param1 (1.3). */
enum {
    SPDM_CSR_MODEL_MASK = 0x07,
    SPDM_CSR_TAG_SHIFT = 3,
    SPDM_CSR_TAG_MASK = 0x38,
    SPDM_CSR_OVERWRITE = 0x80,
    SPDM_SET_CERT_SLOT_MASK = 0x0f,
    SPDM_SET_CERT_MODEL_SHIFT = 4,
    SPDM_SET_CERT_MODEL_MASK = 0x70,
    SPDM_SET_CERT_ERASE = 0x80,
};

/* GET_ENDPOINT_INFO, MELspecification, SessionPolicy, events (1.3). */
enum {
    SPDM_EP_INFO_DEVICE_CLASS = 1,
    SPDM_EP_INFO_SIGNATURE = 1 << 0,
    SPDM_MEL_SPEC_DMTF = 1,
    SPDM_POLICY_TERMINATE = 1 << 0,
    SPDM_POLICY_EVENT_ALL = 1 << 1,
    SPDM_EVENT_LOST = 1,
    SPDM_EVENT_MEASUREMENT_CHANGED = 2,
    SPDM_EVENT_MEASUREMENT_PRE_UPDATE = 3,
    SPDM_EVENT_CERTIFICATE_CHANGED = 4,
};

/* SLOT_MANAGEMENT (1.4): Param1, the SubCode. */
enum {
    SPDM_SLOT_SUPPORTED_SUB_CODES = 0x00,
    SPDM_SLOT_GET_BANK_INFO = 0x01,
    SPDM_SLOT_GET_BANK_DETAILS = 0x02,
    SPDM_SLOT_GET_CERTIFICATE_CHAIN = 0x03,
    SPDM_SLOT_GET_CSR = 0x04,
    SPDM_SLOT_MANAGE_BANK = 0x20,
    SPDM_SLOT_MANAGE_SLOT = 0x21,
    SPDM_SLOT_SET_CERTIFICATE = 0x22,
};

/* ... and what stands in its structures. */
enum {
    SPDM_MGMT_STRUCT_OFFSET = 8,      /* right behind the fixed part */
    SPDM_SLOT_ADDRESS_LENGTH = 8,     /* ReqLength */
    SPDM_SLOT_ID_MASK = 0x0f,
    SPDM_MAX_BANKS = 240,             /* BankIDs are 0 to 239 */
    SPDM_MANAGE_BANK_CONFIG_ALGO = 1, /* ManageBank Operation */
    SPDM_MANAGE_SLOT_ERASE = 1,       /* ManageSlot Operation */
    SPDM_BANK_SELECTED = 1 << 0,      /* BankAttributes */
    SPDM_BANK_CONFIG_ALGO = 1 << 1,
    SPDM_SLOT_PROVISIONED = 1 << 0,   /* SlotAttributes */
    SPDM_SLOT_WRITE_PROTECTED = 1 << 1,
    SPDM_SLOT_CERT_MODEL_MASK = 0x07, /* CertAttributes */
};

/** "KEY_EXCHANGE", "KEY_EXCHANGE_RSP", ...; "UNKNOWN" for other codes. */
const char *spdm_code_name(uint8_t code);

/** "InvalidRequest", ...; "Reserved" for other codes. */
const char *spdm_error_name(uint8_t code);

/** "1.2" for 0x12; static. */
const char *spdm_version_name(uint8_t version);

#endif

/*
 * Responders that lie, one row a lie: what is changed, where, and which check
 * of the requester has to notice. A change at compose is signed and MACed as
 * if it were true; one at tx-msg breaks signature or MAC; one at tx-frame
 * breaks the record.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "fixture.h"

typedef enum EditKind {
    EDIT_NONE,
    EDIT_SET,                /* bytes over the field */
    EDIT_XOR,                /* bytes into it */
    EDIT_OR,
    EDIT_ANDN,               /* bits of bytes taken out of it */
    EDIT_INSERT,             /* bytes in front of it */
    EDIT_DELETE,             /* the field goes */
    EDIT_TRUNCATE,           /* the message ends at field + offset */
    EDIT_EXTEND,             /* bytes at the end */
    EDIT_REPLACE,            /* the whole message is bytes */
    EDIT_DROP,               /* nothing is sent */
    EDIT_REPEAT_FIELD,       /* the field's value in the message before */
    EDIT_REPEAT_FRAME,       /* the frame before once more */
    EDIT_INSERT_ZEROS,       /* so many as the offset says, before field */
} EditKind;

typedef struct Edit {
    EditKind kind;
    SpdmTapEvent event;
    uint8_t code;            /* message that is changed (request or answer) */
    const char *field;       /* NULL: the message's start */
    unsigned nth_field;      /* of that name, from 0 */
    size_t offset;           /* within the field */
    const char *hex;
    unsigned nth;            /* message of that code, from 1; 0: every one */
} Edit;

enum { MAX_EDITS = 3 };

typedef struct Lie {
    const char *name;
    SpdmCheck check;
    RqOptions o;
    Edit edits[MAX_EDITS];
} Lie;

#define R(request) SPDM_RESPONSE_OF(SPDM_##request)
#define COMPOSE(k, c, f, h) \
    { .kind = EDIT_##k, .event = SPDM_TAP_COMPOSE, .code = c, .field = f, \
      .hex = h }
#define COMPOSE_AT(k, c, f, at, h) \
    { .kind = EDIT_##k, .event = SPDM_TAP_COMPOSE, .code = c, .field = f, \
      .offset = at, .hex = h }
#define TX(k, c, f, h) \
    { .kind = EDIT_##k, .event = SPDM_TAP_TX_MSG, .code = c, .field = f, \
      .hex = h }
#define TX_NTH(k, c, f, at, h, n) \
    { .kind = EDIT_##k, .event = SPDM_TAP_TX_MSG, .code = c, .field = f, \
      .offset = at, .hex = h, .nth = n }
#define CHUNKS(requester, responder) \
    .transfer_size = requester, .rsp_transfer_size = responder, \
    .rsp_add = SPDM_CHUNK_CAP
#define FRAME(k, c, at, h) \
    { .kind = EDIT_##k, .event = SPDM_TAP_TX_FRAME, .code = c, \
      .offset = at, .hex = h }
#define V13 .version = SPDM_VERSION_13
#define V14 .version = SPDM_VERSION_14
#define IDENTIFIED .identity = "auto", \
                   .rsp_add = SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP
#define CLEAR .req_flags = "+HANDSHAKE_IN_THE_CLEAR", \
              .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP

static const Lie lies[] = {
    /* A: versions. Messages up to ALGORITHMS carry no signature at once. */
    { "version/none", SPDM_CHECK_VERSION_COUNT, {},
      { COMPOSE(REPLACE, R(GET_VERSION), NULL, "100400000000") } },
    { "version/count-lies", SPDM_CHECK_LAYOUT, {},
      { COMPOSE(SET, R(GET_VERSION), "VersionNumberEntryCount", "09") } },
    { "version/twice", SPDM_CHECK_VERSION_DUPLICATE, {},
      { COMPOSE(REPLACE, R(GET_VERSION), NULL, "10040000000200120012") } },
    { "version/unknown-major", SPDM_CHECK_VERSION_COMMON, {},
      { COMPOSE(REPLACE, R(GET_VERSION), NULL, "1004000000010020") } },
    { "version/alpha", SPDM_CHECK_VERSION_COMMON, {},
      { COMPOSE(REPLACE, R(GET_VERSION), NULL, "1004000000010112") } },
    { "version/stripped", SPDM_CHECK_VERSION_COMMON, {},
      { COMPOSE(REPLACE, R(GET_VERSION), NULL, "1004000000010011") } },
    { "version/wrong-version-byte", SPDM_CHECK_VERSION_ECHO, {},
      { COMPOSE(SET, R(GET_VERSION), "SPDMVersion", "12") } },
    { "version/short", SPDM_CHECK_HEADER, { .doe = false },
      { COMPOSE(REPLACE, R(GET_VERSION), NULL, "100400") } },
    { "version/answer-to-another", SPDM_CHECK_RESPONSE_CODE, {},
      { COMPOSE(SET, R(GET_VERSION), "RequestResponseCode", "61") } },
    { "version/more-behind", SPDM_CHECK_TRAILING, {},
      { COMPOSE(EXTEND, R(GET_VERSION), NULL, "00000000") } },

    /* A: capabilities. */
    { "capabilities/version-byte", SPDM_CHECK_VERSION_ECHO, {},
      { COMPOSE(SET, R(GET_CAPABILITIES), "SPDMVersion", "11") } },
    { "capabilities/early-algorithms", SPDM_CHECK_RESPONSE_CODE, {},
      { COMPOSE(SET, R(GET_CAPABILITIES), "RequestResponseCode", "63") } },
    { "capabilities/ct-exponent-32", SPDM_CHECK_CAPS_CT_EXPONENT, {},
      { COMPOSE(SET, R(GET_CAPABILITIES), "CTExponent", "20") } },
    { "capabilities/ct-exponent-255", SPDM_CHECK_CAPS_CT_EXPONENT, {},
      { COMPOSE(SET, R(GET_CAPABILITIES), "CTExponent", "ff") } },
    { "capabilities/meas-3", SPDM_CHECK_CAPS_MEAS, {},
      { COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "18") } },
    { "capabilities/fresh-alone", SPDM_CHECK_CAPS_MEAS_FRESH, {},
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "18") } },
    { "capabilities/psk-3", SPDM_CHECK_CAPS_PSK, {},
      { COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "000c") } },
    { "capabilities/ep-info-3", SPDM_CHECK_CAPS_EP_INFO, { V13 },
      { COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "0000c0") } },
    { "capabilities/multi-key-3", SPDM_CHECK_CAPS_MULTI_KEY, { V13 },
      { COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "0000000c") } },
    { "capabilities/nobody-signs", SPDM_CHECK_CAPS_IDENTITY, {},
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "02") } },
    { "capabilities/cert-and-key", SPDM_CHECK_CAPS_IDENTITY_KIND, {},
      { COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "000001") } },
    { "capabilities/mut-auth-1.1", SPDM_CHECK_CAPS_MUT_AUTH,
      { .version = SPDM_VERSION_11 },
      { COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "0001"),
        COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "0010") } },
    { "capabilities/no-encrypt-no-mac", SPDM_CHECK_CAPS_SESSION_MAC, {},
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "c0") } },
    { "capabilities/no-handshake", SPDM_CHECK_CAPS_SESSION_NONE, {},
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "000e") } },
    { "capabilities/psk-in-the-clear", SPDM_CHECK_CAPS_CLEAR, {},
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "0002"),
        COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "0080") } },
    { "capabilities/sessions-of-PSK-no-encrypt-no-mac",
      SPDM_CHECK_CAPS_SESSION_MAC, {},
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "c002") } },
    { "capabilities/events-without-sessions", SPDM_CHECK_CAPS_SESSION_NONE,
      { V13 },
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "c06e"),
        COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "00000002") } },
    { "capabilities/endpoint-information-nobody-signs",
      SPDM_CHECK_CAPS_IDENTITY, { V13 },
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "3e02"),
        COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "000080") } },
    { "capabilities/mut-auth-without-use", SPDM_CHECK_CAPS_MUT_AUTH, {},
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "0402"),
        COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "0001") } },
    { "capabilities/alias-alone", SPDM_CHECK_CAPS_PROVISION, {},
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "3e02"),
        COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "000004") } },
    { "capabilities/set-cert-alone", SPDM_CHECK_CAPS_PROVISION, {},
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "3e02"),
        COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "000008") } },
    { "capabilities/install-reset-alone", SPDM_CHECK_CAPS_PROVISION, {},
      { COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "000020") } },
    { "capabilities/key-pair-reset-alone", SPDM_CHECK_CAPS_PROVISION, { V14 },
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "00000020"),
        COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "00000040") } },
    { "capabilities/multi-key-with-public-key",
      SPDM_CHECK_CAPS_MULTI_KEY_NEEDS, { V13 },
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "0200000c"),
        COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "00000114") } },
    { "capabilities/key-pairs-with-public-key",
      SPDM_CHECK_CAPS_MULTI_KEY_NEEDS, { V13 },
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "0200000c"),
        COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "00000110") } },
    { "capabilities/csr-alone", SPDM_CHECK_CAPS_PROVISION, {},
      { COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "000010") } },
    { "capabilities/multi-key-alone", SPDM_CHECK_CAPS_MULTI_KEY_NEEDS,
      { V13 },
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "00000010") } },
    { "capabilities/multi-key-and-public-key",
      SPDM_CHECK_CAPS_MULTI_KEY_NEEDS, { V13 },
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "02"),
        COMPOSE(OR, R(GET_CAPABILITIES), "Flags", "000001") } },
    { "capabilities/transfer-41", SPDM_CHECK_CAPS_TRANSFER_SIZE, {},
      { COMPOSE(SET, R(GET_CAPABILITIES), "DataTransferSize",
                "29000000") } },
    { "capabilities/message-below-transfer", SPDM_CHECK_CAPS_MESSAGE_SIZE,
      {},
      { COMPOSE(SET, R(GET_CAPABILITIES), "MaxSPDMmsgSize", "2a000000") } },
    { "capabilities/large-without-chunk", SPDM_CHECK_CAPS_NO_CHUNK, {},
      { COMPOSE(SET, R(GET_CAPABILITIES), "MaxSPDMmsgSize", "00000200") } },
    { "capabilities/block-not-asked-for", SPDM_CHECK_CAPS_UNASKED_BLOCK,
      { V13 },
      { COMPOSE(SET, R(GET_CAPABILITIES), "Param1", "01"),
        COMPOSE(EXTEND, R(GET_CAPABILITIES), NULL, "00000400") } },
    { "capabilities/block-broken", SPDM_CHECK_CAPS_BLOCK,
      { V13, .ask_supported = true, .rsp_add = SPDM_CHUNK_CAP },
      { COMPOSE_AT(SET, R(GET_CAPABILITIES), "SupportedAlgorithms", 0,
                   "09") } },
    { "capabilities/block-length-lies", SPDM_CHECK_LAYOUT,
      { V13, .ask_supported = true, .rsp_add = SPDM_CHUNK_CAP },
      { COMPOSE_AT(SET, R(GET_CAPABILITIES), "SupportedAlgorithms", 2,
                   "ff") } },
    { "capabilities/measurements-stripped", SPDM_CHECK_CAPS_POLICY,
      { .require = "MEAS_SIG" },
      { COMPOSE(ANDN, R(GET_CAPABILITIES), "Flags", "38") } },

    /* A: algorithms. Offered: SHA-384|256, P-384|P-256, and so on. */
    { "algorithms/hash-not-offered", SPDM_CHECK_ALGS_HASH_OFFERED, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "BaseHashSel", "04000000") } },
    { "algorithms/two-hashes", SPDM_CHECK_ALGS_HASH_ONE, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "BaseHashSel", "03000000") } },
    { "algorithms/no-hash", SPDM_CHECK_ALGS_HASH_NEEDED, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "BaseHashSel", "00000000") } },
    { "algorithms/asym-not-offered", SPDM_CHECK_ALGS_ASYM_OFFERED, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "BaseAsymSel", "00010000") } },
    { "algorithms/post-quantum-not-offered", SPDM_CHECK_ALGS_ASYM_OFFERED,
      { V14 },
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "PqcAsymAlgo", "02000000") } },
    { "algorithms/two-post-quantum", SPDM_CHECK_ALGS_ASYM_ONE,
      { V14, .asym = "ML-DSA-44,ML-DSA-65" },
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "PqcAsymAlgo", "03000000") } },
    { "algorithms/post-quantum-beside-classic", SPDM_CHECK_ALGS_ASYM_ONE,
      { V14, .asym = "ML-DSA-44,ECDSA-P384" },
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "BaseAsymSel", "80000000") } },
    { "algorithms/neither-post-quantum-nor-classic",
      SPDM_CHECK_ALGS_ASYM_NEEDED, { V14, .asym = "ML-DSA-44" },
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "PqcAsymAlgo", "00000000") } },
    { "algorithms/classic-above-its-bits", SPDM_CHECK_ALGS_ASYM_OFFERED,
      { V14, .asym = "ML-DSA-44,ECDSA-P384" },
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "BaseAsymSel", "00000100") } },
    { "challenge/other-post-quantum-signature",
      SPDM_CHECK_CHALLENGE_SIGNATURE, { V14, .asym = "ML-DSA-44" },
      { TX(XOR, R(CHALLENGE), "Signature", "01") } },
    { "algorithms/two-asym", SPDM_CHECK_ALGS_ASYM_ONE, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "BaseAsymSel", "90000000") } },
    { "algorithms/no-asym", SPDM_CHECK_ALGS_ASYM_NEEDED, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "BaseAsymSel", "00000000") } },
    { "algorithms/req-asym-not-offered", SPDM_CHECK_ALGS_REQ_ASYM_OFFERED,
      { IDENTIFIED },
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 2, 0, "0001", 0 } } },
    { "algorithms/two-req-asym", SPDM_CHECK_ALGS_REQ_ASYM_ONE,
      { IDENTIFIED },
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 2, 0, "9000", 0 } } },
    { "algorithms/post-quantum-for-us-not-offered",
      SPDM_CHECK_ALGS_REQ_ASYM_OFFERED,
      { IDENTIFIED, V14, .req_asym = "ML-DSA-44" },
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 3, 0, "0200", 0 } } },
    { "algorithms/two-post-quantum-for-us", SPDM_CHECK_ALGS_REQ_ASYM_ONE,
      { IDENTIFIED, V14, .req_asym = "ML-DSA-44,ML-DSA-65" },
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 3, 0, "0300", 0 } } },
    { "algorithms/post-quantum-for-us-beside-classic",
      SPDM_CHECK_ALGS_REQ_ASYM_ONE,
      { IDENTIFIED, V14, .req_asym = "ML-DSA-44,ECDSA-P384" },
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 2, 0, "8000", 0 } } },
    { "algorithms/multi-key-not-selected", SPDM_CHECK_ALGS_MULTI_KEY,
      { V13, IDENTIFIED, .req_flags = "+MULTI_KEY_ONLY" },
      { COMPOSE(ANDN, R(NEGOTIATE_ALGORITHMS), "OtherParamsSelection",
                "10") } },
    { "algorithms/dhe-not-offered", SPDM_CHECK_ALGS_DHE_OFFERED, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "AlgSupported", "2000") } },
    { "algorithms/two-dhe", SPDM_CHECK_ALGS_DHE_ONE, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "AlgSupported", "1800") } },
    { "algorithms/no-dhe", SPDM_CHECK_ALGS_DHE_NEEDED, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "AlgSupported", "0000") } },
    { "algorithms/kem-not-offered", SPDM_CHECK_ALGS_KEM_OFFERED,
      { V14, .kem = "ML-KEM-768" },
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 3, 0, "0400", 0 } } },
    { "algorithms/two-kem", SPDM_CHECK_ALGS_KEM_ONE,
      { V14, .kem = "ML-KEM-768,ML-KEM-512" },
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 3, 0, "0300", 0 } } },
    { "algorithms/kem-beside-dhe", SPDM_CHECK_ALGS_KEM_ONE,
      { V14, .kem = "ML-KEM-768" },
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "AlgSupported", "1000") } },
    { "algorithms/neither-kem-nor-dhe", SPDM_CHECK_ALGS_DHE_NEEDED,
      { V14, .kem = "ML-KEM-768" },
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 3, 0, "0000", 0 } } },
    { "key-exchange/other-ciphertext", SPDM_CHECK_KEY_EXCHANGE_VERIFY,
      { V14, .kem = "ML-KEM-768" },
      { COMPOSE(XOR, R(KEY_EXCHANGE), "ExchangeData", "01") } },
    { "key-exchange/long-ciphertext", SPDM_CHECK_LAYOUT,
      { V14, .kem = "ML-KEM-768" },
      { COMPOSE(INSERT, R(KEY_EXCHANGE), "ExchangeData", "ff") } },
    { "key-exchange/no-ciphertext", SPDM_CHECK_LAYOUT,
      { V14, .kem = "ML-KEM-768" },
      { COMPOSE(DELETE, R(KEY_EXCHANGE), "ExchangeData", "") } },
    { "algorithms/aead-not-offered", SPDM_CHECK_ALGS_AEAD_OFFERED, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 1, 0, "0400", 0 } } },
    { "algorithms/two-aead", SPDM_CHECK_ALGS_AEAD_ONE, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 1, 0, "0300", 0 } } },
    { "algorithms/no-aead", SPDM_CHECK_ALGS_AEAD_NEEDED, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 1, 0, "0000", 0 } } },
    { "algorithms/schedule-not-offered", SPDM_CHECK_ALGS_SCHEDULE_OFFERED,
      {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 2, 0, "0200", 0 } } },
    { "algorithms/no-schedule", SPDM_CHECK_ALGS_SCHEDULE_NEEDED, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS),
          "AlgSupported", 2, 0, "0000", 0 } } },
    { "algorithms/table-twice", SPDM_CHECK_ALGS_TABLES, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(NEGOTIATE_ALGORITHMS), "AlgType", 1,
          0, "02", 0 } } },
    { "algorithms/no-tables", SPDM_CHECK_ALGS_TABLES, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "Param1", "00"),
        COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "Length", "2400"),
        COMPOSE_AT(TRUNCATE, R(NEGOTIATE_ALGORITHMS), NULL, 36, "") } },
    { "algorithms/length-lies", SPDM_CHECK_LAYOUT, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "Length", "3400") } },
    { "algorithms/extended", SPDM_CHECK_ALGS_EXTENDED, {},
      { COMPOSE(INSERT, R(NEGOTIATE_ALGORITHMS), "AlgType", "00000100"),
        COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "ExtHashSelCount", "01"),
        COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "Length", "3400") } },
    { "algorithms/spec-not-offered", SPDM_CHECK_ALGS_MEAS_SPEC_OFFERED, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "MeasurementSpecificationSel",
                "02") } },
    { "algorithms/no-spec", SPDM_CHECK_ALGS_MEAS_SPEC_NEEDED, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "MeasurementSpecificationSel",
                "00") } },
    { "algorithms/two-measurement-hashes", SPDM_CHECK_ALGS_MEAS_HASH_ONE,
      {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "MeasurementHashAlgo",
                "06000000") } },
    { "algorithms/no-measurement-hash", SPDM_CHECK_ALGS_MEAS_HASH_NEEDED,
      {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "MeasurementHashAlgo",
                "00000000") } },
    { "algorithms/opaque-not-offered", SPDM_CHECK_ALGS_OPAQUE_OFFERED, {},
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "OtherParamsSelection",
                "01") } },
    { "algorithms/two-opaque", SPDM_CHECK_ALGS_OPAQUE_ONE,
      { .opaque_formats = 3 },
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "OtherParamsSelection",
                "03") } },
    { "algorithms/requester-multi-key", SPDM_CHECK_ALGS_MULTI_KEY, { V13 },
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "OtherParamsSelection",
                "12") } },
    { "algorithms/mel", SPDM_CHECK_ALGS_MEL, { V13 },
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "MELspecification", "02") } },
    { "algorithms/no-mel", SPDM_CHECK_ALGS_MEL_NEEDED, { V13 },
      { COMPOSE(SET, R(NEGOTIATE_ALGORITHMS), "MELspecification", "00") } },

    /* The log and endpoint information. The log has 177 bytes. */
    { "mel/empty-portion", SPDM_CHECK_MEL_EMPTY, { V13 },
      { COMPOSE(REPLACE, R(GET_MEASUREMENT_EXTENSION_LOG), NULL,
                "136f00000000000010000000") } },
    { "mel/longer-than-asked", SPDM_CHECK_MEL_PORTION, { V13 },
      { COMPOSE(EXTEND, R(GET_MEASUREMENT_EXTENSION_LOG), NULL, "00"),
        COMPOSE(SET, R(GET_MEASUREMENT_EXTENSION_LOG), "PortionLength",
                "51000000") } },
    { "mel/portion-lies", SPDM_CHECK_LAYOUT, { V13 },
      { COMPOSE(SET, R(GET_MEASUREMENT_EXTENSION_LOG), "PortionLength",
                "52000000") } },
    { "mel/remainder-does-not-shrink", SPDM_CHECK_MEL_REMAINDER, { V13 },
      { { .kind = EDIT_SET, .event = SPDM_TAP_COMPOSE,
          .code = R(GET_MEASUREMENT_EXTENSION_LOG),
          .field = "RemainderLength", .hex = "61000000", .nth = 2 } } },
    { "mel/endless", SPDM_CHECK_MEL_REMAINDER, { V13 },
      { COMPOSE(SET, R(GET_MEASUREMENT_EXTENSION_LOG), "RemainderLength",
                "ffffffff") } },
    { "mel/entries-length", SPDM_CHECK_MEL_ENTRIES, { V13 },
      { { .kind = EDIT_XOR, .event = SPDM_TAP_COMPOSE,
          .code = R(GET_MEASUREMENT_EXTENSION_LOG), .field = "MEL",
          .offset = 4, .hex = "01", .nth = 1 } } },
    { "mel/number-of-entries", SPDM_CHECK_MEL_ENTRIES, { V13 },
      { { .kind = EDIT_XOR, .event = SPDM_TAP_COMPOSE,
          .code = R(GET_MEASUREMENT_EXTENSION_LOG), .field = "MEL",
          .hex = "01", .nth = 1 } } },
    { "mel/value-size", SPDM_CHECK_MEL_ENTRIES, { V13 },
      { { .kind = EDIT_SET, .event = SPDM_TAP_COMPOSE,
          .code = R(GET_MEASUREMENT_EXTENSION_LOG), .field = "MEL",
          .offset = 25, .hex = "ffff", .nth = 1 } } },
    { "mel/order", SPDM_CHECK_MEL_ORDER, { V13 },
      { { .kind = EDIT_SET, .event = SPDM_TAP_COMPOSE,
          .code = R(GET_MEASUREMENT_EXTENSION_LOG), .field = "MEL",
          .offset = 16, .hex = "07", .nth = 1 } } },
    { "mel/another-log", SPDM_CHECK_MEL_EXTENDED, { V13 },
      { { .kind = EDIT_XOR, .event = SPDM_TAP_COMPOSE,
          .code = R(GET_MEASUREMENT_EXTENSION_LOG), .field = "MEL",
          .offset = 27, .hex = "01", .nth = 1 } } },
    { "events/more-groups", SPDM_CHECK_EVENT_TYPES_LIST, { V13 },
      { COMPOSE(SET, R(GET_SUPPORTED_EVENT_TYPES), "Param1", "02") } },
    { "events/no-groups", SPDM_CHECK_EVENT_TYPES_LIST, { V13 },
      { COMPOSE(SET, R(GET_SUPPORTED_EVENT_TYPES), "Param1", "00") } },
    { "events/more-types", SPDM_CHECK_EVENT_TYPES_LIST, { V13 },
      { COMPOSE_AT(SET, R(GET_SUPPORTED_EVENT_TYPES),
                   "SupportedEventGroupsList", 2, "05") } },
    { "events/list-length", SPDM_CHECK_LAYOUT, { V13 },
      { COMPOSE(SET, R(GET_SUPPORTED_EVENT_TYPES),
                "SupportedEventGroupsListLen", "ff") } },
    { "events/more-behind-the-ack", SPDM_CHECK_TRAILING, { V13 },
      { COMPOSE(EXTEND, R(SUBSCRIBE_EVENT_TYPES), NULL, "00") } },
    { "endpoint-info/slot", SPDM_CHECK_EP_INFO_SLOT, { V13 },
      { COMPOSE(SET, R(GET_ENDPOINT_INFO), "Param2", "01") } },
    { "endpoint-info/signature", SPDM_CHECK_EP_INFO_SIGNATURE, { V13 },
      { TX(XOR, R(GET_ENDPOINT_INFO), "Signature", "01") } },
    { "endpoint-info/changed-on-the-way", SPDM_CHECK_EP_INFO_SIGNATURE,
      { V13 }, { TX(XOR, R(GET_ENDPOINT_INFO), "EPInfo", "01") } },
    { "endpoint-info/another-nonce-is-signed", SPDM_CHECK_EP_INFO_SIGNATURE,
      { V13 }, { TX(XOR, R(GET_ENDPOINT_INFO), "Nonce", "01") } },
    { "endpoint-info/more-identifiers", SPDM_CHECK_EP_INFO_ELEMENTS, { V13 },
      { COMPOSE(SET, R(GET_ENDPOINT_INFO), "EPInfo", "02") } },
    { "endpoint-info/fewer-identifiers", SPDM_CHECK_EP_INFO_ELEMENTS,
      { V13 }, { COMPOSE(SET, R(GET_ENDPOINT_INFO), "EPInfo", "00") } },
    { "endpoint-info/element-length", SPDM_CHECK_EP_INFO_ELEMENTS, { V13 },
      { COMPOSE_AT(XOR, R(GET_ENDPOINT_INFO), "EPInfo", 4, "01") } },
    { "endpoint-info/sub-id-length", SPDM_CHECK_EP_INFO_ELEMENTS, { V13 },
      { COMPOSE_AT(SET, R(GET_ENDPOINT_INFO), "EPInfo", 10, "ff") } },

    /* B: a man in the middle; ends agree on what each thinks was said. */
    { "downgrade/hash", SPDM_CHECK_CHALLENGE_SIGNATURE, {},
      { TX(ANDN, R(GET_CAPABILITIES), "Flags", "004000") } },
    { "downgrade/encrypt", SPDM_CHECK_CHALLENGE_SIGNATURE, {},
      { TX(ANDN, R(GET_CAPABILITIES), "Flags", "40") } },

    /* C: identity; chains of all sorts are in test-chains.c. */
    { "digests/none", SPDM_CHECK_DIGESTS_EMPTY, {},
      { COMPOSE(REPLACE, R(GET_DIGESTS), NULL, "12010000") } },
    { "digests/not-supported", SPDM_CHECK_DIGESTS_SUPPORTED, { V13 },
      { COMPOSE(SET, R(GET_DIGESTS), "Param1", "02") } },
    { "digests/key-pair-0", SPDM_CHECK_DIGESTS_KEY_PAIR, { V13 },
      { COMPOSE(SET, R(GET_DIGESTS), "KeyPairID", "00") } },
    { "digests/reserved-model", SPDM_CHECK_DIGESTS_MODEL, { V13 },
      { COMPOSE(SET, R(GET_DIGESTS), "CertificateInfo", "04") } },
    { "digests/generic-chain-in-slot-0", SPDM_CHECK_DIGESTS_SLOT_0, { V13 },
      { COMPOSE(SET, R(GET_DIGESTS), "CertificateInfo", "03") } },
    { "digests/chain-of-no-model", SPDM_CHECK_DIGESTS_NO_CHAIN, { V13 },
      { COMPOSE(SET, R(GET_DIGESTS), "CertificateInfo", "00") } },
    { "certificate/other-model", SPDM_CHECK_CERT_INFO, { V13 },
      { COMPOSE(SET, R(GET_CERTIFICATE), "Param2", "02") } },
    { "key-pair/other", SPDM_CHECK_KEY_PAIR_ID, { V13 },
      { COMPOSE(SET, R(GET_KEY_PAIR_INFO), "KeyPairID", "02") } },
    { "key-pair/beyond-the-total", SPDM_CHECK_KEY_PAIR_ID, { V13 },
      { COMPOSE(SET, R(GET_KEY_PAIR_INFO), "TotalKeyPairs", "00") } },
    { "key-pair/usage-beyond-capabilities", SPDM_CHECK_KEY_PAIR_USAGE,
      { V13 },
      { COMPOSE(SET, R(GET_KEY_PAIR_INFO), "CurrentKeyUsage", "0080") } },
    { "key-pair/algorithm-beyond-capabilities",
      SPDM_CHECK_KEY_PAIR_ALGORITHM, { V13 },
      { COMPOSE(SET, R(GET_KEY_PAIR_INFO), "CurrentAsymAlgo",
                "01000000") } },
    { "key-pair/two-slots-of-one-key", SPDM_CHECK_KEY_PAIR_SLOTS, { V13 },
      { COMPOSE(SET, R(GET_KEY_PAIR_INFO), "AssocCertSlotMask", "03") } },
    { "digests/other-chain", SPDM_CHECK_CERT_DIGEST, {},
      { COMPOSE(XOR, R(GET_DIGESTS), "Digest", "01") } },
    { "digests/changed-later", SPDM_CHECK_DIGESTS_CHAIN, {},
      { { EDIT_XOR, SPDM_TAP_COMPOSE, R(GET_DIGESTS), "Digest", 0, 0, "01",
          2 } } },
    { "certificate/other-slot", SPDM_CHECK_CERT_SLOT, {},
      { COMPOSE(SET, R(GET_CERTIFICATE), "Param1", "01") } },
    { "certificate/large-form-not-asked-for", SPDM_CHECK_CERT_FORM,
      { V14, .req_flags = "-LARGE_RESP" },
      { COMPOSE(REPLACE, R(GET_CERTIFICATE), NULL,
                "14028000000000000100000000000000ff") } },
    { "certificate/small-form-for-a-large-one", SPDM_CHECK_CERT_FORM,
      { V14 }, { COMPOSE(REPLACE, R(GET_CERTIFICATE), NULL,
                         "1402000001000000ff") } },
    { "certificate/large-above-a-megabyte", SPDM_CHECK_CERT_REMAINDER,
      { V14 }, { COMPOSE(SET, R(GET_CERTIFICATE), "RemainderLength",
                         "00001000") } },
    { "certificate/empty", SPDM_CHECK_CERT_EMPTY, {},
      { COMPOSE(REPLACE, R(GET_CERTIFICATE), NULL, "120200000000ff00") } },
    { "certificate/more-than-asked", SPDM_CHECK_CERT_PORTION, {},
      { COMPOSE(INSERT, R(GET_CERTIFICATE), "CertChain", "30"),
        COMPOSE(SET, R(GET_CERTIFICATE), "PortionLength", "f101") } },
    { "certificate/endless", SPDM_CHECK_CERT_REMAINDER, {},
      { COMPOSE(SET, R(GET_CERTIFICATE), "RemainderLength", "0010") } },
    { "certificate/65536", SPDM_CHECK_CERT_REMAINDER, {},
      { COMPOSE(SET, R(GET_CERTIFICATE), "RemainderLength", "ffff") } },
    { "certificate/larger-later", SPDM_CHECK_CERT_REMAINDER, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(GET_CERTIFICATE), "RemainderLength",
          0, 0, "0008", 2 } } },
    { "certificate/byte-changed", SPDM_CHECK_CERT_DIGEST, {},
      { { EDIT_XOR, SPDM_TAP_COMPOSE, R(GET_CERTIFICATE), "CertChain", 0,
          300, "01", 1 } } },
    { "certificate/portion-lies", SPDM_CHECK_LAYOUT, {},
      { COMPOSE(SET, R(GET_CERTIFICATE), "PortionLength", "ff0f") } },
    { "certificate/over-transfer-size", SPDM_CHECK_RESPONSE_SIZE, {},
      { { EDIT_INSERT_ZEROS, SPDM_TAP_TX_MSG, R(GET_CERTIFICATE),
          "CertChain", 0, 5120, "", 0 },
        TX(SET, R(GET_CERTIFICATE), "PortionLength", "f015") } },

    /* D: signatures and measurements. */
    { "challenge/other-slot", SPDM_CHECK_CHALLENGE_SLOT, {},
      { COMPOSE(SET, R(CHALLENGE), "Param1", "01") } },
    { "challenge/mask", SPDM_CHECK_CHALLENGE_MASK, {},
      { COMPOSE(SET, R(CHALLENGE), "Param2", "02") } },
    { "challenge/mut-auth", SPDM_CHECK_CHALLENGE_MUT_AUTH,
      { .version = SPDM_VERSION_11 },
      { COMPOSE(OR, R(CHALLENGE), "Param1", "80") } },
    { "challenge/chain-hash", SPDM_CHECK_CHALLENGE_CHAIN, {},
      { COMPOSE(XOR, R(CHALLENGE), "CertChainHash", "01") } },
    { "challenge/context", SPDM_CHECK_CHALLENGE_CONTEXT, { V13 },
      { COMPOSE(XOR, R(CHALLENGE), "RequesterContext", "01") } },
    { "challenge/opaque-1025", SPDM_CHECK_OPAQUE_LENGTH, {},
      { COMPOSE(SET, R(CHALLENGE), "OpaqueDataLength", "0104"),
        { EDIT_EXTEND, SPDM_TAP_COMPOSE, R(CHALLENGE), NULL, 0, 1025,
          NULL, 0 } } },
    { "challenge/opaque-broken", SPDM_CHECK_OPAQUE_FORMAT, {},
      { COMPOSE(SET, R(CHALLENGE), "OpaqueDataLength", "0400"),
        COMPOSE(EXTEND, R(CHALLENGE), NULL, "01000000") } },
    { "challenge/opaque-without-a-format", SPDM_CHECK_OPAQUE_FORMAT,
      { .opaque_formats = SPDM_OPAQUE_FMT0 },
      { COMPOSE(SET, R(CHALLENGE), "OpaqueDataLength", "0400"),
        COMPOSE(EXTEND, R(CHALLENGE), NULL, "00000000") } },
    { "measurements/opaque-broken", SPDM_CHECK_OPAQUE_FORMAT, {},
      { COMPOSE(SET, R(GET_MEASUREMENTS), "OpaqueDataLength", "0400"),
        COMPOSE(EXTEND, R(GET_MEASUREMENTS), NULL, "01000000") } },
    { "finish/opaque-broken", SPDM_CHECK_OPAQUE_FORMAT, { V14 },
      { COMPOSE(SET, R(FINISH), "OpaqueDataLength", "0400"),
        COMPOSE(EXTEND, R(FINISH), NULL, "01000000") } },
    { "finish/opaque-1025", SPDM_CHECK_OPAQUE_LENGTH, { V14 },
      { COMPOSE(SET, R(FINISH), "OpaqueDataLength", "0104"),
        { EDIT_EXTEND, SPDM_TAP_COMPOSE, R(FINISH), NULL, 0, 1025,
          NULL, 0 } } },
    { "finish/opaque-length-lies", SPDM_CHECK_LAYOUT, { V14 },
      { TX(SET, R(FINISH), "OpaqueDataLength", "0100") } },
    { "challenge/opaque-length-lies", SPDM_CHECK_LAYOUT, {},
      { TX(SET, R(CHALLENGE), "OpaqueDataLength", "ffff") } },
    { "challenge/nonce-changed", SPDM_CHECK_CHALLENGE_SIGNATURE, {},
      { TX(XOR, R(CHALLENGE), "Nonce", "01") } },
    { "challenge/r", SPDM_CHECK_CHALLENGE_SIGNATURE, {},
      { TX(XOR, R(CHALLENGE), "Signature", "01") } },
    { "challenge/s", SPDM_CHECK_CHALLENGE_SIGNATURE, {},
      { { EDIT_XOR, SPDM_TAP_TX_MSG, R(CHALLENGE), "Signature", 0, 95, "01",
          0 } } },
    { "challenge/replayed", SPDM_CHECK_CHALLENGE_SIGNATURE, {},
      { { EDIT_REPEAT_FIELD, SPDM_TAP_TX_MSG, R(CHALLENGE), "Signature", 0,
          0, NULL, 2 } } },
    { "challenge/no-signature", SPDM_CHECK_LAYOUT, {},
      { TX(DELETE, R(CHALLENGE), "Signature", "") } },
    { "challenge/summary", SPDM_CHECK_MEAS_SUMMARY, {},
      { COMPOSE(XOR, R(CHALLENGE), "MeasurementSummaryHash", "01") } },
    { "measurements/signed-by-other-slot", SPDM_CHECK_MEAS_SLOT, {},
      { { EDIT_XOR, SPDM_TAP_COMPOSE, R(GET_MEASUREMENTS), "Param2", 0, 0,
          "01", 3 } } },
    { "measurements/changed", SPDM_CHECK_MEAS_CHANGED, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(GET_MEASUREMENTS), "Param2", 0, 0,
          "10", 3 } } },
    { "measurements/context", SPDM_CHECK_MEAS_CONTEXT, { V13 },
      { COMPOSE(XOR, R(GET_MEASUREMENTS), "RequesterContext", "01") } },
    { "measurements/blocks-with-count", SPDM_CHECK_MEAS_COUNT, {},
      { COMPOSE(SET, R(GET_MEASUREMENTS), "NumberOfBlocks", "01") } },
    { "measurements/number", SPDM_CHECK_MEAS_NUMBER, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(GET_MEASUREMENTS), "NumberOfBlocks",
          0, 0, "02", 2 } } },
    { "measurements/block-size", SPDM_CHECK_MEAS_RECORD, {},
      { { EDIT_XOR, SPDM_TAP_COMPOSE, R(GET_MEASUREMENTS),
          "MeasurementRecord", 0, 2, "01", 2 } } },
    { "measurements/record-length", SPDM_CHECK_LAYOUT, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(GET_MEASUREMENTS),
          "MeasurementRecordLength", 0, 0, "00ff00", 2 } } },
    { "measurements/index", SPDM_CHECK_MEAS_INDEX, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(GET_MEASUREMENTS),
          "MeasurementRecord", 0, 0, "09", 2 } } },
    { "measurements/order", SPDM_CHECK_MEAS_ORDER, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(GET_MEASUREMENTS),
          "MeasurementRecord", 0, 0, "c8", 3 } } },
    { "measurements/spec", SPDM_CHECK_MEAS_SPEC, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(GET_MEASUREMENTS),
          "MeasurementRecord", 0, 1, "02", 2 } } },
    { "measurements/raw-as-digest", SPDM_CHECK_MEAS_VALUE, {},
      { { EDIT_SET, SPDM_TAP_COMPOSE, R(GET_MEASUREMENTS),
          "MeasurementRecord", 0, 4, "06", 4 } } },
    { "measurements/value-changed", SPDM_CHECK_MEAS_SIGNATURE, {},
      { { EDIT_XOR, SPDM_TAP_TX_MSG, R(GET_MEASUREMENTS),
          "MeasurementRecord", 0, 9, "01", 3 } } },
    { "measurements/earlier-changed", SPDM_CHECK_MEAS_SIGNATURE, {},
      { { EDIT_XOR, SPDM_TAP_TX_MSG, R(GET_MEASUREMENTS),
          "MeasurementRecord", 0, 9, "01", 2 } } },
    { "measurements/value-changed-and-signed", SPDM_CHECK_MEAS_SUMMARY, {},
      { { EDIT_XOR, SPDM_TAP_COMPOSE, R(GET_MEASUREMENTS),
          "MeasurementRecord", 0, 9, "01", 3 } } },

    /* E: SIGMA. */
    { "key-exchange/id-0", SPDM_CHECK_SESSION_ID, {},
      { COMPOSE(SET, R(KEY_EXCHANGE), "RspSessionID", "0000") } },
    { "key-exchange/id-again", SPDM_CHECK_SESSION_UNIQUE, {},
      { { EDIT_REPEAT_FIELD, SPDM_TAP_COMPOSE, R(KEY_EXCHANGE),
          "RspSessionID", 0, 0, NULL, 2 } } },
    { "key-exchange/heartbeat", SPDM_CHECK_SESSION_HEARTBEAT,
      { .req_flags = "-HBEAT" },
      { COMPOSE(SET, R(KEY_EXCHANGE), "Param1", "01") } },
    { "key-exchange/mut-auth", SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH, {},
      { COMPOSE(SET, R(KEY_EXCHANGE), "MutAuthRequested", "01") } },
    { "key-exchange/mut-auth-two-bits",
      SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH_FORM, { IDENTIFIED },
      { COMPOSE(SET, R(KEY_EXCHANGE), "MutAuthRequested", "06") } },
    { "key-exchange/mut-auth-reserved-bit",
      SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH_FORM, { IDENTIFIED },
      { COMPOSE(SET, R(KEY_EXCHANGE), "MutAuthRequested", "08") } },
    { "key-exchange/mut-auth-without-encapsulation",
      SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH_ENCAP,
      { V13, IDENTIFIED, .req_flags = "-ENCAP" },
      { COMPOSE(SET, R(KEY_EXCHANGE), "MutAuthRequested", "02") } },
    { "key-exchange/mut-auth-of-a-raw-key",
      SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH_ENCAP,
      { V13, .identity = "raw",
        .rsp_add = SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP },
      { COMPOSE(SET, R(KEY_EXCHANGE), "MutAuthRequested", "04") } },
    { "key-exchange/mut-auth-of-an-empty-slot", SPDM_CHECK_KEY_EXCHANGE_SLOT,
      { IDENTIFIED },
      { COMPOSE(SET, R(KEY_EXCHANGE), "MutAuthRequested", "0101") } },
    { "key-exchange/mut-auth-of-no-raw-key", SPDM_CHECK_KEY_EXCHANGE_SLOT,
      { IDENTIFIED },
      { COMPOSE(SET, R(KEY_EXCHANGE), "MutAuthRequested", "010f") } },
    { "key-exchange/slot", SPDM_CHECK_KEY_EXCHANGE_SLOT, {},
      { COMPOSE(SET, R(KEY_EXCHANGE), "SlotIDParam", "0c") } },
    { "key-exchange/opaque-malformed", SPDM_CHECK_SESSION_OPAQUE, {},
      { COMPOSE(SET, R(KEY_EXCHANGE), "OpaqueData", "02") } },
    { "key-exchange/opaque-missing", SPDM_CHECK_SESSION_SELECTED, {},
      { COMPOSE(DELETE, R(KEY_EXCHANGE), "OpaqueData", ""),
        COMPOSE(SET, R(KEY_EXCHANGE), "OpaqueDataLength", "0000") } },
    { "key-exchange/secured-not-offered", SPDM_CHECK_SESSION_OFFERED, {},
      { COMPOSE_AT(SET, R(KEY_EXCHANGE), "OpaqueData", 10, "0014") } },
    { "key-exchange/signature", SPDM_CHECK_KEY_EXCHANGE_SIGNATURE, {},
      { TX(XOR, R(KEY_EXCHANGE), "Signature", "01") } },
    { "key-exchange/random", SPDM_CHECK_KEY_EXCHANGE_SIGNATURE, {},
      { TX(XOR, R(KEY_EXCHANGE), "RandomData", "01") } },
    { "key-exchange/off-the-curve", SPDM_CHECK_KEY_EXCHANGE_PUBLIC, {},
      { COMPOSE(XOR, R(KEY_EXCHANGE), "ExchangeData", "01") } },
    { "key-exchange/ffdhe-0", SPDM_CHECK_KEY_EXCHANGE_PUBLIC,
      { .dhe = "FFDHE2048" },
      { COMPOSE(ANDN, R(KEY_EXCHANGE), "ExchangeData", "*ff") } },
    { "key-exchange/verify-data", SPDM_CHECK_KEY_EXCHANGE_VERIFY, {},
      { TX(XOR, R(KEY_EXCHANGE), "ResponderVerifyData", "01") } },
    { "key-exchange/no-verify-data", SPDM_CHECK_LAYOUT, {},
      { TX(DELETE, R(KEY_EXCHANGE), "ResponderVerifyData", "") } },
    { "key-exchange/code", SPDM_CHECK_RESPONSE_CODE, {},
      { TX(SET, R(KEY_EXCHANGE), "RequestResponseCode", "66") } },
    { "finish/verify-data", SPDM_CHECK_FINISH_VERIFY, { CLEAR },
      { TX(XOR, R(FINISH), "ResponderVerifyData", "01") } },
    { "finish/no-verify-data", SPDM_CHECK_LAYOUT, { CLEAR },
      { TX(DELETE, R(FINISH), "ResponderVerifyData", "") } },
    { "finish/psk-finish-rsp", SPDM_CHECK_RESPONSE_CODE, {},
      { TX(SET, R(FINISH), "RequestResponseCode", "67") } },

    /* F: PSK. */
    { "psk-exchange/verify-data", SPDM_CHECK_PSK_VERIFY, {},
      { TX(XOR, R(PSK_EXCHANGE), "ResponderVerifyData", "01") } },
    { "psk-exchange/no-context", SPDM_CHECK_PSK_CONTEXT, {},
      { COMPOSE(DELETE, R(PSK_EXCHANGE), "ResponderContext", ""),
        COMPOSE(SET, R(PSK_EXCHANGE), "ContextLength", "0000") } },
    { "psk-exchange/context-length", SPDM_CHECK_LAYOUT, {},
      { TX(SET, R(PSK_EXCHANGE), "ContextLength", "00ff") } },
    { "psk-exchange/id-0", SPDM_CHECK_SESSION_ID, {},
      { COMPOSE(SET, R(PSK_EXCHANGE), "RspSessionID", "0000") } },
    { "psk-exchange/code", SPDM_CHECK_RESPONSE_CODE, {},
      { TX(SET, R(PSK_EXCHANGE), "RequestResponseCode", "64") } },
    { "psk-finish/finish-rsp", SPDM_CHECK_RESPONSE_CODE, {},
      { TX(SET, R(PSK_FINISH), "RequestResponseCode", "65") } },

    /* G: records and the life of a session. */
    { "record/tag", SPDM_CHECK_RECORD_TAG, { .doe = true },
      { FRAME(XOR, R(HEARTBEAT), 20, "01") } },
    { "record/session-id", SPDM_CHECK_RECORD_SESSION, { .doe = true },
      { FRAME(XOR, R(HEARTBEAT), 10, "01") } },
    { "record/length", SPDM_CHECK_RECORD_LENGTH, { .doe = true },
      { FRAME(XOR, R(HEARTBEAT), 13, "10") } },
    { "record/replayed", SPDM_CHECK_RECORD_TAG, { .doe = true },
      { FRAME(REPEAT_FRAME, R(HEARTBEAT), 0, NULL) } },
    { "record/sequence", SPDM_CHECK_RECORD_TAG,
      { .transport = SPDM_TRANSPORT_MCTP },
      { FRAME(XOR, R(HEARTBEAT), 5, "01") } },
    { "record/in-the-clear", SPDM_CHECK_PLAIN_IN_SESSION, { .doe = true },
      { FRAME(REPLACE, R(HEARTBEAT), 0, "010001000300000012680000") } },
    { "record/error-in-the-clear", SPDM_CHECK_PLAIN_IN_SESSION,
      { .doe = true },
      { FRAME(REPLACE, R(HEARTBEAT), 0, "0100010003000000127f0600") } },
    { "record/outside", SPDM_CHECK_RECORD_OUTSIDE, { .doe = true },
      { FRAME(SET, R(GET_DIGESTS), 2, "02") } },
    { "record/trailing", SPDM_CHECK_TRAILING, {},
      { TX(EXTEND, R(HEARTBEAT), NULL, "00") } },
    { "record/code", SPDM_CHECK_RESPONSE_CODE, {},
      { TX(SET, R(HEARTBEAT), "RequestResponseCode", "6c") } },
    { "record/version", SPDM_CHECK_VERSION_ECHO, {},
      { TX(SET, R(HEARTBEAT), "SPDMVersion", "11") } },
    { "key-update/operation", SPDM_CHECK_KEY_UPDATE_OPERATION, {},
      { TX(XOR, R(KEY_UPDATE), "Param1", "01") } },
    { "key-update/tag", SPDM_CHECK_KEY_UPDATE_TAG, {},
      { TX(XOR, R(KEY_UPDATE), "Param2", "01") } },
    { "key-update/not-done", SPDM_CHECK_KEY_UPDATE_KEYS, {},
      { { EDIT_SET, SPDM_TAP_RX_MSG, SPDM_KEY_UPDATE, "Param1", 0, 0, "01",
          1 },
        { EDIT_SET, SPDM_TAP_TX_MSG, R(KEY_UPDATE), "Param1", 0, 0, "02",
          1 } } },
    { "mutual/slot-that-is-empty", SPDM_CHECK_ENCAP_SLOT,
      { IDENTIFIED, .mutual = true },
      { { EDIT_REPLACE, SPDM_TAP_TX_MSG, R(DELIVER_ENCAPSULATED_RESPONSE),
          NULL, 0, 0, "126b00020200000005", 2 } } },
    { "mutual/slot-9", SPDM_CHECK_ENCAP_SLOT, { IDENTIFIED, .mutual = true },
      { { EDIT_REPLACE, SPDM_TAP_TX_MSG, R(DELIVER_ENCAPSULATED_RESPONSE),
          NULL, 0, 0, "126b00020200000009", 2 } } },
    { "mutual/no-slot-in-it", SPDM_CHECK_LAYOUT,
      { IDENTIFIED, .mutual = true },
      { { EDIT_REPLACE, SPDM_TAP_TX_MSG, R(DELIVER_ENCAPSULATED_RESPONSE),
          NULL, 0, 0, "126b000202000000", 2 } } },
    { "mutual/refused", SPDM_CHECK_NONE, { IDENTIFIED, .mutual = true },
      { { EDIT_REPLACE, SPDM_TAP_TX_MSG, R(DELIVER_ENCAPSULATED_RESPONSE),
          NULL, 0, 0, "127f0900", 2 } } },
    { "mutual/nothing-to-ask-after-all", SPDM_CHECK_NONE,
      { IDENTIFIED, .mutual = true },
      { TX(REPLACE, R(GET_ENCAPSULATED_REQUEST), NULL, "127f0400") } },
    { "encapsulated/nothing-in-it", SPDM_CHECK_ENCAP_EMPTY, { IDENTIFIED },
      { { EDIT_TRUNCATE, SPDM_TAP_TX_MSG, R(GET_ENCAPSULATED_REQUEST), NULL,
          0, 4, "", 0 } } },
    { "encapsulated/more-behind", SPDM_CHECK_TRAILING, { IDENTIFIED },
      { TX(EXTEND, R(GET_ENCAPSULATED_REQUEST), NULL, "00") } },
    { "encapsulated/next-is-nothing", SPDM_CHECK_ENCAP_EMPTY, { IDENTIFIED },
      { { EDIT_TRUNCATE, SPDM_TAP_TX_MSG,
          R(DELIVER_ENCAPSULATED_RESPONSE), NULL, 0, 8, "", 1 } } },
    { "encapsulated/another-is-acknowledged", SPDM_CHECK_ENCAP_ACK_ID,
      { IDENTIFIED },
      { TX(XOR, R(DELIVER_ENCAPSULATED_RESPONSE), "AckRequestID", "01") } },
    { "encapsulated/reserved-kind", SPDM_CHECK_ENCAP_ACK_KIND,
      { IDENTIFIED },
      { TX(REPLACE, R(DELIVER_ENCAPSULATED_RESPONSE), NULL,
           "126b000301000000") } },
    { "encapsulated/slot-out-of-place", SPDM_CHECK_ENCAP_ACK_KIND,
      { IDENTIFIED },
      { TX(REPLACE, R(DELIVER_ENCAPSULATED_RESPONSE), NULL,
           "126b00020100000000") } },
    { "encapsulated/endless", SPDM_CHECK_ENCAP_ENDLESS, { IDENTIFIED },
      { TX(REPLACE, R(GET_ENCAPSULATED_REQUEST), NULL, "126a000012810000"),
        TX(REPLACE, R(DELIVER_ENCAPSULATED_RESPONSE), NULL,
           "126b00010000000012810000"),
        TX(REPLACE, SPDM_ERROR, NULL, "126b00010000000012810000") } },
    { "encapsulated/key-not-changed", SPDM_CHECK_ENCAP_UPDATE_KEYS,
      { IDENTIFIED },
      { TX(SET, R(GET_ENCAPSULATED_REQUEST), "EncapsulatedMessage",
           "12e90101"),
        TX(REPLACE, R(DELIVER_ENCAPSULATED_RESPONSE), NULL,
           "126b00000100000000"),
        TX(REPLACE, SPDM_ERROR, NULL, "126b000001000000") } },
    { "encapsulated/key-not-verified", SPDM_CHECK_ENCAP_UPDATE_OPEN,
      { IDENTIFIED },
      { { EDIT_REPLACE, SPDM_TAP_TX_MSG, R(DELIVER_ENCAPSULATED_RESPONSE),
          NULL, 0, 0, "126b000001000000", 1 } } },
    { "vendor/standard", SPDM_CHECK_VENDOR_STANDARD, {},
      { TX(SET, R(VENDOR_DEFINED_REQUEST), "StandardID", "0400") } },
    { "vendor/id", SPDM_CHECK_VENDOR_ID, {},
      { TX(XOR, R(VENDOR_DEFINED_REQUEST), "VendorID", "01") } },
    { "vendor/payload-length", SPDM_CHECK_LAYOUT, {},
      { TX(SET, R(VENDOR_DEFINED_REQUEST), "PayloadLength", "ff00") } },

    /* H: errors and timing. */
    { "error/busy-for-ever", SPDM_CHECK_BUSY_LIMIT, {},
      { TX(REPLACE, R(GET_DIGESTS), NULL, "127f0300"),
        TX(REPLACE, SPDM_ERROR, NULL, "127f0300") } },
    { "error/version-byte", SPDM_CHECK_VERSION_ECHO, {},
      { TX(REPLACE, R(GET_DIGESTS), NULL, "117f0300") } },
    { "error/not-ready-to-version", SPDM_CHECK_NOT_READY_ALLOWED, {},
      { TX(REPLACE, R(GET_VERSION), NULL, "107f420001840102") } },
    { "error/not-ready-short", SPDM_CHECK_LAYOUT, {},
      { TX(REPLACE, R(GET_DIGESTS), NULL, "127f42000181") } },
    { "error/not-ready-other-code", SPDM_CHECK_NOT_READY_CODE, {},
      { TX(REPLACE, R(GET_DIGESTS), NULL, "127f420001820102") } },
    { "error/not-ready-exponent-31", SPDM_CHECK_NOT_READY_WAIT, {},
      { TX(REPLACE, R(GET_DIGESTS), NULL, "127f42001f810102") } },
    { "error/not-ready-exponent-255", SPDM_CHECK_NOT_READY_WAIT, {},
      { TX(REPLACE, R(GET_DIGESTS), NULL, "127f4200ff810102") } },
    { "error/not-ready-rdtm-0", SPDM_CHECK_NOT_READY_LIMIT, {},
      { TX(REPLACE, R(GET_DIGESTS), NULL, "127f420001810100") } },
    { "error/never-ready", SPDM_CHECK_NOT_READY_LIMIT, {},
      { TX(REPLACE, R(GET_DIGESTS), NULL, "127f420001810102"),
        TX(REPLACE, SPDM_ERROR, NULL, "127f420001810102") } },
    { "error/resynch-in-session", SPDM_CHECK_NONE, {},
      { TX(REPLACE, R(HEARTBEAT), NULL, "127f4300") } },
    { "error/resynch", SPDM_CHECK_NONE, {},
      { TX(REPLACE, R(GET_DIGESTS), NULL, "127f4300") } },
    { "error/decrypt-error", SPDM_CHECK_NONE, {},
      { TX(REPLACE, R(HEARTBEAT), NULL, "127f0600") } },
    { "error/unknown-code", SPDM_CHECK_NONE, {},
      { TX(REPLACE, R(HEARTBEAT), NULL, "127fee00") } },
    { "error/large-response", SPDM_CHECK_CHUNK_NEGOTIATED, {},
      { TX(REPLACE, R(GET_DIGESTS), NULL, "127f0f0001") } },
    { "error/in-handshake", SPDM_CHECK_NONE, {},
      { TX(REPLACE, R(FINISH), NULL, "127f0100") } },
    { "silence/heartbeat", SPDM_CHECK_NONE, {},
      { TX(DROP, R(HEARTBEAT), NULL, NULL) } },
    { "silence/end-session", SPDM_CHECK_NONE, {},
      { TX(DROP, R(END_SESSION), NULL, NULL) } },

    /*
     * I: large messages in chunks. At 64 DIGESTS comes in two, CERTIFICATE is
     * next; at 42 NEGOTIATE_ALGORITHMS goes in two.
     */
    { "chunk/large-version", SPDM_CHECK_CHUNK_NEGOTIATED, { CHUNKS(42, 42) },
      { TX(REPLACE, R(GET_VERSION), NULL, "107f0f0001") } },
    { "chunk/large-response-without-handle", SPDM_CHECK_LAYOUT,
      { CHUNKS(42, 42) },
      { TX(REPLACE, R(GET_DIGESTS), NULL, "127f0f00"),
        TX(TRUNCATE, SPDM_ERROR, "ExtendedErrorData", NULL) } },
    { "chunk/handle", SPDM_CHECK_CHUNK_HANDLE, { CHUNKS(64, 4608) },
      { TX(XOR, R(CHUNK_GET), "Param2", "01") } },
    { "chunk/handle-of-ack", SPDM_CHECK_CHUNK_HANDLE, { CHUNKS(42, 42) },
      { TX(XOR, R(CHUNK_SEND), "Param2", "80") } },
    { "chunk/seq", SPDM_CHECK_CHUNK_SEQ, { CHUNKS(64, 4608) },
      { TX_NTH(XOR, R(CHUNK_GET), "ChunkSeqNo", 0, "03", 2) } },
    { "chunk/seq-again", SPDM_CHECK_CHUNK_SEQ, { CHUNKS(64, 4608) },
      { TX_NTH(SET, R(CHUNK_GET), "ChunkSeqNo", 0, "01", 5) } },
    { "chunk/seq-of-ack", SPDM_CHECK_CHUNK_SEQ, { CHUNKS(42, 42) },
      { TX(XOR, R(CHUNK_SEND), "ChunkSeqNo", "01") } },
    { "chunk/seq-1.4", SPDM_CHECK_CHUNK_SEQ,
      { CHUNKS(64, 4608), .version = SPDM_VERSION_14 },
      { TX_NTH(XOR, R(CHUNK_GET), "ChunkSeqNo", 2, "01", 2) } },
    { "chunk/size-that-is-not-large", SPDM_CHECK_CHUNK_TOTAL,
      { CHUNKS(64, 4608) },
      { TX_NTH(SET, R(CHUNK_GET), "LargeMessageSize", 0, "2a000000", 1) } },
    { "chunk/size-above-ours", SPDM_CHECK_CHUNK_LIMIT,
      { CHUNKS(64, 4608), .message_size = 2000 },
      { TX_NTH(SET, R(CHUNK_GET), "LargeMessageSize", 0, "d1070000", 1) } },
    { "chunk/size-of-4-GiB", SPDM_CHECK_CHUNK_LIMIT, { CHUNKS(64, 4608) },
      { TX_NTH(SET, R(CHUNK_GET), "LargeMessageSize", 0, "ffffffff", 1) } },
    { "chunk/first-too-small", SPDM_CHECK_CHUNK_SIZE, { CHUNKS(64, 4608) },
      { TX_NTH(TRUNCATE, R(CHUNK_GET), "SPDMchunk", 25, NULL, 1),
        TX_NTH(SET, R(CHUNK_GET), "ChunkSize", 0, "19000000", 1) } },
    { "chunk/later-too-small", SPDM_CHECK_CHUNK_SIZE, { CHUNKS(64, 4608) },
      { TX_NTH(TRUNCATE, R(CHUNK_GET), "SPDMchunk", 29, NULL, 4),
        TX_NTH(SET, R(CHUNK_GET), "ChunkSize", 0, "1d000000", 4) } },
    { "chunk/empty-without-end", SPDM_CHECK_CHUNK_SIZE, { CHUNKS(64, 4608) },
      { TX_NTH(TRUNCATE, R(CHUNK_GET), "SPDMchunk", 0, NULL, 4),
        TX_NTH(SET, R(CHUNK_GET), "ChunkSize", 0, "00000000", 4) } },
    { "chunk/more-than-is-left", SPDM_CHECK_CHUNK_SIZE, { CHUNKS(64, 4608) },
      { TX_NTH(SET, R(CHUNK_GET), "LargeMessageSize", 0, "2b000000", 1) } },
    { "chunk/size-lies", SPDM_CHECK_LAYOUT, { CHUNKS(64, 4608) },
      { TX_NTH(SET, R(CHUNK_GET), "ChunkSize", 0, "ffffffff", 1) } },
    { "chunk/over-transfer-size", SPDM_CHECK_RESPONSE_SIZE,
      { CHUNKS(64, 4608) },
      { TX_NTH(INSERT, R(CHUNK_GET), "SPDMchunk", 0, "00", 1),
        TX_NTH(SET, R(CHUNK_GET), "ChunkSize", 0, "31000000", 1) } },
    { "chunk/last-at-first", SPDM_CHECK_CHUNK_LAST, { CHUNKS(64, 4608) },
      { TX_NTH(OR, R(CHUNK_GET), "Param1", 0, "01", 1) } },
    { "chunk/last-too-soon", SPDM_CHECK_CHUNK_LAST, { CHUNKS(64, 4608) },
      { TX_NTH(OR, R(CHUNK_GET), "Param1", 0, "01", 4) } },
    { "chunk/last-missing", SPDM_CHECK_CHUNK_LAST, { CHUNKS(64, 4608) },
      { TX(ANDN, R(CHUNK_GET), "Param1", "01") } },
    { "chunk/more-announced", SPDM_CHECK_CHUNK_LAST, { CHUNKS(64, 4608) },
      { TX_NTH(SET, R(CHUNK_GET), "LargeMessageSize", 0, "00ff0000", 1) } },
    { "chunk/code", SPDM_CHECK_RESPONSE_CODE, { CHUNKS(64, 4608) },
      { TX(SET, R(CHUNK_GET), "RequestResponseCode", "05") } },
    { "chunk/trailing", SPDM_CHECK_TRAILING, { CHUNKS(64, 4608) },
      { TX(EXTEND, R(CHUNK_GET), NULL, "00") } },
    { "chunk/early-without-error", SPDM_CHECK_CHUNK_EARLY, { CHUNKS(42, 42) },
      { TX(OR, R(CHUNK_SEND), "Param1", "01") } },
    { "chunk/early-large-response", SPDM_CHECK_CHUNK_EARLY,
      { CHUNKS(42, 42) },
      { TX(REPLACE, R(CHUNK_SEND), NULL, "120501000000127f0f0001") } },
    { "chunk/answer-too-soon", SPDM_CHECK_CHUNK_ANSWER, { CHUNKS(42, 42) },
      { TX_NTH(EXTEND, R(CHUNK_SEND), NULL, 0, "126c0000", 1) } },
    { "chunk/large-response-too-soon", SPDM_CHECK_CHUNK_ANSWER,
      { CHUNKS(42, 42) },
      { TX_NTH(REPLACE, R(CHUNK_SEND), NULL, 0, "127f0f0001", 1) } },
    { "chunk/answer-missing", SPDM_CHECK_CHUNK_ANSWER, { CHUNKS(4608, 42) },
      { TX_NTH(TRUNCATE, R(CHUNK_SEND), "ResponseToLargeRequest", 0, NULL,
               2) } },
    { "chunk/answer-of-three-bytes", SPDM_CHECK_HEADER, { CHUNKS(4608, 42) },
      { TX_NTH(TRUNCATE, R(CHUNK_SEND), "ResponseToLargeRequest", 3, NULL,
               2) } },
    { "chunk/answer-to-another", SPDM_CHECK_RESPONSE_CODE,
      { CHUNKS(4608, 42) },
      { TX_NTH(SET, R(CHUNK_SEND), "ResponseToLargeRequest", 1, "61", 2) } },
    { "chunk/early-error", SPDM_CHECK_NONE, { CHUNKS(42, 42) },
      { TX(REPLACE, R(CHUNK_SEND), NULL, "120501000000127f0100") } },
    { "chunk/error-between", SPDM_CHECK_NONE, { CHUNKS(64, 4608) },
      { TX_NTH(REPLACE, R(CHUNK_GET), NULL, 0, "127f0100", 2) } },
    { "chunk/large-response-between", SPDM_CHECK_NONE, { CHUNKS(64, 4608) },
      { TX_NTH(REPLACE, R(CHUNK_GET), NULL, 0, "127f0f0009", 2) } },
    { "chunk/nested", SPDM_CHECK_RESPONSE_CODE, { CHUNKS(42, 4608) },
      { COMPOSE(SET, R(GET_DIGESTS), "RequestResponseCode", "06") } },
    { "chunk/whole-of-another-version", SPDM_CHECK_VERSION_ECHO,
      { CHUNKS(42, 4608) },
      { COMPOSE(SET, R(GET_DIGESTS), "SPDMVersion", "11") } },
    { "chunk/padding-inside", SPDM_CHECK_TRAILING,
      { CHUNKS(42, 4608), .doe = true },
      { COMPOSE(EXTEND, R(GET_DIGESTS), NULL, "00") } },

    /* J: DOE. */
    { "doe/type", SPDM_CHECK_FRAME, { .doe = true },
      { FRAME(SET, R(GET_VERSION), 2, "09") } },
    { "doe/vendor", SPDM_CHECK_FRAME, { .doe = true },
      { FRAME(SET, R(GET_VERSION), 0, "0200") } },
    { "doe/length", SPDM_CHECK_FRAME, { .doe = true },
      { FRAME(XOR, R(GET_VERSION), 4, "01") } },
    { "doe/discovery-short", SPDM_CHECK_DOE_OBJECT, { .doe = true },
      { FRAME(REPLACE, 0, 0, "0100000002000000") } },
    { "doe/discovery-other-first", SPDM_CHECK_DOE_FIRST, { .doe = true },
      { FRAME(REPLACE, 0, 0, "010000000300000001000100") } },
    { "doe/discovery-loops", SPDM_CHECK_DOE_NEXT, { .doe = true },
      { { EDIT_REPLACE, SPDM_TAP_TX_FRAME, 0, NULL, 0, 0,
          "010000000300000001000101", 2 } } },
};

/* --- the liar ------------------------------------------------------------- */

typedef struct Liar {
    RqFixture *f;
    const Lie *lie;
    unsigned seen[MAX_EDITS];
    unsigned fired;
    uint8_t code;                /* of the message that the frame carries */
    GByteArray *last_field;      /* for EDIT_REPEAT_FIELD */
    GByteArray *last_frame;
} Liar;

/* Where a field is; by a sink, so also in a message without its tails. */
typedef struct Search {
    const char *name;
    unsigned skip;
    bool found;
    size_t offset;
    size_t len;
} Search;

static void on_field(void *opaque, const char *name, size_t offset,
                     size_t len)
{
    Search *s = opaque;

    if (!s->found && strcmp(s->name, name) == 0 && s->skip-- == 0) {
        s->found = true;
        s->offset = offset;
        s->len = len;
    }
}

static void find_field(const Liar *liar, const Edit *e,
                       const GByteArray *bytes, size_t *at, size_t *len)
{
    Search s = { .name = e->field, .skip = e->nth_field };
    SpdmFieldSink sink = { .field = on_field, .opaque = &s };
    SpdmMsg m;

    *at = e->offset;
    *len = bytes->len;
    if (!e->field) {
        return;
    }
    spdm_msg_decode(&liar->f->rq->last_ctx, spdm_req_view(bytes), &m, NULL,
                    &sink);
    g_assert_true(s.found);
    *at = s.offset + e->offset;
    *len = s.len - e->offset;
}

/* "*ff" stands for that byte all over the field. */
static GByteArray *from_hex(const char *hex, size_t len)
{
    GByteArray *out = g_byte_array_new();
    bool all = hex && hex[0] == '*';

    hex = hex ? hex + all : "";
    do {
        for (const char *h = hex; h[0] && h[1]; h += 2) {
            uint8_t byte = (uint8_t)(g_ascii_xdigit_value(h[0]) << 4 |
                                     g_ascii_xdigit_value(h[1]));

            g_byte_array_append(out, &byte, 1);
        }
    } while (all && out->len < len);
    return out;
}

static void insert(GByteArray *bytes, size_t at, const uint8_t *data,
                   size_t n)
{
    g_autoptr(GByteArray) rest = g_byte_array_new();

    g_byte_array_append(rest, bytes->data + at, bytes->len - (guint)at);
    g_byte_array_set_size(bytes, (guint)at);
    g_byte_array_append(bytes, data, (guint)n);
    g_byte_array_append(bytes, rest->data, rest->len);
}

static void change_bits(EditKind kind, uint8_t *at, const GByteArray *v)
{
    for (guint i = 0; i < v->len; i++) {
        at[i] = kind == EDIT_SET ? v->data[i] :
                kind == EDIT_XOR ? at[i] ^ v->data[i] :
                kind == EDIT_OR ? at[i] | v->data[i] : at[i] & ~v->data[i];
    }
}

static void replace(GByteArray *bytes, const uint8_t *data, size_t len)
{
    g_byte_array_set_size(bytes, 0);
    g_byte_array_append(bytes, data, (guint)len);
}

static void apply(Liar *liar, const Edit *e, GByteArray *bytes)
{
    static const uint8_t zeros[8192];
    g_autoptr(GByteArray) v = NULL;
    size_t at, len;

    find_field(liar, e, bytes, &at, &len);
    v = from_hex(e->hex, len);
    switch (e->kind) {
    case EDIT_INSERT:
        insert(bytes, at, v->data, v->len);
        break;
    case EDIT_INSERT_ZEROS:
        insert(bytes, at - e->offset, zeros, e->offset);
        break;
    case EDIT_DELETE:
        g_byte_array_remove_range(bytes, (guint)at, (guint)len);
        break;
    case EDIT_TRUNCATE:
        g_byte_array_set_size(bytes, (guint)at);
        break;
    case EDIT_EXTEND:
        g_byte_array_append(bytes, v->len ? v->data : zeros,
                            v->len ? v->len : (guint)e->offset);
        break;
    case EDIT_REPLACE:
        replace(bytes, v->data, v->len);
        break;
    case EDIT_REPEAT_FIELD:
        g_assert_cmpuint(liar->last_field->len, ==, len);
        memcpy(bytes->data + at, liar->last_field->data, len);
        break;
    case EDIT_REPEAT_FRAME:
        replace(bytes, liar->last_frame->data, liar->last_frame->len);
        break;
    default:
        g_assert_cmpuint(at + v->len, <=, bytes->len);
        change_bits(e->kind, bytes->data + at, v);
    }
}

static void remember_field(Liar *liar, const Edit *e,
                           const GByteArray *bytes)
{
    size_t at, len;

    if (e->kind == EDIT_REPEAT_FIELD) {
        find_field(liar, e, bytes, &at, &len);
        replace(liar->last_field, bytes->data + at, len);
    }
}

static bool edit_is_due(Liar *liar, unsigned i, const SpdmTapContext *c,
                        uint8_t code)
{
    const Edit *e = &liar->lie->edits[i];

    if (e->kind == EDIT_NONE || e->event != c->event || e->code != code) {
        return false;
    }
    liar->seen[i]++;
    if (e->nth && liar->seen[i] != e->nth) {
        remember_field(liar, e, c->bytes);
        return false;
    }
    return true;
}

static SpdmTapVerdict lie_call(void *opaque, SpdmTapContext *c)
{
    SpdmTapVerdict verdict = SPDM_TAP_PASS;
    Liar *liar = opaque;
    uint8_t code;

    if (!c->bytes) {
        return SPDM_TAP_PASS;
    }
    if (c->event == SPDM_TAP_RX_FRAME) {
        liar->code = 0; /* discovery, until there is a message */
    } else if (c->event != SPDM_TAP_TX_FRAME && c->bytes->len > 1) {
        liar->code = c->bytes->data[1];
    }
    code = liar->code;
    for (unsigned i = 0; i < MAX_EDITS; i++) {
        if (edit_is_due(liar, i, c, code)) {
            liar->fired++;
            if (liar->lie->edits[i].kind == EDIT_DROP) {
                verdict = SPDM_TAP_DROP;
            } else {
                apply(liar, &liar->lie->edits[i], c->bytes);
            }
        }
    }
    if (c->event == SPDM_TAP_TX_FRAME) {
        replace(liar->last_frame, c->bytes->data, c->bytes->len);
    }
    return verdict;
}

/* --- everything a requester does, until it fails -------------------------- */

static bool discover(RqFixture *f, GError **errp)
{
    SpdmDoeEntry entries[4];
    unsigned count;

    return f->cfg.transport != SPDM_TRANSPORT_PCI_DOE ||
           spdm_requester_discover(f->rq, 0, entries, 4, &count, errp);
}

/* Four MEASUREMENTS: the number, 1, all of them signed, 3 (a raw value). */
static bool measure(RqFixture *f, GError **errp)
{
    static const SpdmMeasurementQuery queries[] = {
        { .index = 0 }, { .index = 1 }, { .index = 0xff, .sign = true },
        { .index = 3 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(queries); i++) {
        if (!spdm_requester_measurements(f->rq, 0, &queries[i], NULL,
                                         errp)) {
            return false;
        }
    }
    return true;
}

/* What came with 1.3: log (in two portions), what it says of 7, ids. */
static bool ask_more(RqFixture *f, GError **errp)
{
    static const SpdmMeasurementQuery query = { .index = 7 };
    g_auto(SpdmMeasurementList) list = { .values = NULL };
    g_auto(SpdmMelLog) log = { .bytes = NULL };

    return f->o.version < SPDM_VERSION_13 ||
           (spdm_requester_measurements(f->rq, 0, &query, &list, errp) &&
            spdm_requester_mel(f->rq, 0, 80, &log, errp) &&
            spdm_requester_mel_verify(f->rq, &log, &list, errp) &&
            spdm_requester_endpoint_info(f->rq, 0, true, 0, NULL, errp));
}

static bool identify(RqFixture *f, GError **errp)
{
    return spdm_requester_digests(f->rq, 0, errp) &&
           spdm_requester_certificate(f->rq, 0, 0, 496, errp) &&
           spdm_requester_challenge(f->rq, 0, 0xff, errp) &&
           spdm_requester_challenge(f->rq, 0, 0xff, errp) &&
           measure(f, errp) && ask_more(f, errp) &&
           spdm_requester_digests(f->rq, 0, errp);
}

/* The responder changes its key: UpdateKey and VerifyNewKey. */
static bool answer(RqFixture *f, uint32_t session, GError **errp)
{
    if (!f->o.identity) {
        return true;
    }
    rq_ask(f, session, SPDM_ENCAP_KEY_UPDATE, SPDM_BYTES(NULL, 0));
    return spdm_requester_encapsulated(f->rq, session, NULL, errp);
}

static bool listen(RqFixture *f, uint32_t session, GError **errp)
{
    uint32_t types;

    return f->o.version < SPDM_VERSION_13 ||
           (spdm_requester_event_types(f->rq, session, &types, errp) &&
            spdm_requester_subscribe(f->rq, session, types, errp) &&
            spdm_requester_subscribe(f->rq, session, 0, errp));
}

static bool use(RqFixture *f, uint32_t session, GError **errp)
{
    static const uint8_t vendor[] = { 0x36, 0x1b };
    g_autoptr(GByteArray) reply = g_byte_array_new();

    return (!f->o.heartbeat ||
            spdm_requester_heartbeat(f->rq, session, errp)) &&
           listen(f, session, errp) &&
           spdm_requester_key_update(f->rq, session, true, errp) &&
           answer(f, session, errp) &&
           spdm_requester_vendor(f->rq, session, 3, SPDM_BYTES(vendor, 2),
                                 SPDM_BYTES("x", 1), reply, errp);
}

static bool sigma(RqFixture *f, uint32_t *session, GError **errp)
{
    SpdmKeyExchangeParams params = { .slot = 0 };

    return spdm_requester_key_exchange(f->rq, &params, session, errp) &&
           spdm_requester_finish(f->rq, *session, errp);
}

static bool psk(RqFixture *f, uint32_t *session, GError **errp)
{
    SpdmPskExchangeParams params = rq_psk_params();

    return spdm_requester_psk_exchange(f->rq, &params, session, errp) &&
           spdm_requester_psk_finish(f->rq, *session, errp);
}

/* The second SIGMA session is opened beside the first. */
/* Pair 1, where there are key pairs (1.3). */
static bool look_at_keys(RqFixture *f, GError **errp)
{
    SpdmKeyPair pair;

    return !(f->rq->conn.rsp_flags & SPDM_GET_KEY_PAIR_INFO_CAP) ||
           spdm_requester_key_pair(f->rq, 0, 1, &pair, NULL, errp);
}

static bool everything(RqFixture *f, GError **errp)
{
    uint32_t a, b;

    return discover(f, errp) && spdm_requester_connect(f->rq, errp) &&
           identify(f, errp) && look_at_keys(f, errp) &&
           sigma(f, &a, errp) && use(f, a, errp) &&
           sigma(f, &b, errp) &&
           spdm_requester_end_session(f->rq, a, false, errp) &&
           spdm_requester_end_session(f->rq, b, false, errp) &&
           psk(f, &a, errp) && use(f, a, errp) &&
           spdm_requester_end_session(f->rq, a, false, errp);
}

static void check_failure(const Liar *liar, const GError *err)
{
    SpdmRequesterInfo info;

    g_assert_error(err, SPDM_REQUESTER_ERROR, err->code);
    g_assert_cmpint(err->code, !=, SPDM_REQUESTER_ERROR_USAGE);
    spdm_requester_info(liar->f->rq, &info);
    g_test_message("%s", err->message);
    g_assert_cmpstr(spdm_check_name(info.failed_check), ==,
                    spdm_check_name(liar->lie->check));
    /* Only a session beside the one that failed may be left. */
    g_assert_cmpuint(info.session_count, ==,
                     liar->lie->check == SPDM_CHECK_SESSION_UNIQUE ||
                     strcmp(liar->lie->name, "silence/end-session") == 0);
}

static void test_lie(gconstpointer data)
{
    const Lie *lie = data;
    RqOptions o = lie->o;
    g_autoptr(RqFixture) f = NULL;
    g_autoptr(GError) err = NULL;
    Liar liar = { .lie = lie };
    SpdmTap tap = { .call = lie_call, .opaque = &liar };

    o.heartbeat = o.req_flags && strstr(o.req_flags, "-HBEAT") ? 0 : 5;
    if (rq_skip(&o)) {
        return;
    }
    f = rq_fixture_new(&o);
    liar.f = f;
    liar.last_field = g_byte_array_new();
    liar.last_frame = g_byte_array_new();
    spdm_responder_add_tap(f->responder, &tap);
    g_assert_false(everything(f, &err));
    g_assert_cmpuint(liar.fired, >, 0);
    check_failure(&liar, err);
    g_byte_array_unref(liar.last_field);
    g_byte_array_unref(liar.last_frame);
}

/* The same conversation without a lie succeeds, so that rows mean something. */
static void test_honest(void)
{
    static const RqOptions options[] = {
        { .heartbeat = 5 }, { .doe = true }, { V13, .doe = true },
        { .version = SPDM_VERSION_11 }, { CLEAR, .heartbeat = 5 },
        { .transport = SPDM_TRANSPORT_MCTP, .heartbeat = 5 },
        { IDENTIFIED }, { V13, IDENTIFIED, .doe = true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        g_autoptr(RqFixture) f = rq_fixture_new(&options[i]);
        g_autoptr(GError) err = NULL;

        everything(f, &err);
        g_assert_no_error(err);
    }
}

/* Busy for a while, and answers that take a while, are no lies. */
typedef struct Patience {
    unsigned left;
    const char *hex;
    GByteArray *kept;            /* the answer that is not ready yet */
} Patience;

static SpdmTapVerdict patience_call(void *opaque, SpdmTapContext *c)
{
    Patience *p = opaque;
    g_autoptr(GByteArray) error = from_hex(p->hex, 0);

    if (c->event != SPDM_TAP_TX_MSG) {
        return SPDM_TAP_PASS;
    }
    if (c->bytes->data[1] == R(CHALLENGE)) {
        replace(p->kept, c->bytes->data, c->bytes->len);
    }
    if (p->left && p->kept->len) {
        p->left--;
        replace(c->bytes, error->data, error->len);
    } else if (p->kept->len && c->bytes->data[1] == SPDM_ERROR) {
        replace(c->bytes, p->kept->data, p->kept->len);
        g_byte_array_set_size(p->kept, 0);
    }
    return SPDM_TAP_PASS;
}

static void check_patience(unsigned times, const char *hex)
{
    Patience p = { .left = times, .hex = hex, .kept = g_byte_array_new() };
    SpdmTap tap = { .call = patience_call, .opaque = &p };
    const RqOptions o = { .doe = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    int64_t before;

    spdm_responder_add_tap(f->responder, &tap);
    rq_connect(f);
    rq_identify(f);
    before = f->now_us;
    spdm_requester_challenge(f->rq, 0, 0, &err);
    g_assert_no_error(err);
    g_assert_cmpint(f->now_us, >, before);
    g_assert_cmpuint(p.left, ==, 0);
    g_byte_array_unref(p.kept);
}

static void test_not_ready_for_a_while(void)
{
    check_patience(3, "127f42000a830704");
}

/*
 * Our own policy: every check has a row that fails without it. Exceptions
 * are listed with the reason.
 */
static void test_every_check_has_a_row(void)
{
    static const SpdmCheck elsewhere[] = {
        SPDM_CHECK_RECORD_LIMIT,     /* 2^64 records */
        SPDM_CHECK_CHAIN_MALFORMED, SPDM_CHECK_CHAIN_ROOT_HASH,
        SPDM_CHECK_CHAIN_TRUST, SPDM_CHECK_CHAIN_SIGNATURE,
        SPDM_CHECK_CHAIN_EXPIRED, SPDM_CHECK_CHAIN_NOT_YET_VALID,
        SPDM_CHECK_CHAIN_EXT_KEY_USAGE, SPDM_CHECK_CHAIN_KEY_TYPE,
        SPDM_CHECK_CHAIN_CMA_NAME,   /* test-chains.c */
        SPDM_CHECK_CHAIN_CA, SPDM_CHECK_CHAIN_LEAF,
        SPDM_CHECK_CHAIN_KEY_USAGE,
        SPDM_CHECK_CHAIN_EXTENSION,  /* crypto's test-x509.c */
        SPDM_CHECK_PROVISION_RESET, SPDM_CHECK_CSR_TAG,
        SPDM_CHECK_CSR_EMPTY, SPDM_CHECK_CSR_SIGNATURE,
        SPDM_CHECK_CSR_KEY,
        SPDM_CHECK_SET_CERT_SLOT,    /* test-provision.c */
        SPDM_CHECK_SLOT_SUB_CODE, SPDM_CHECK_SLOT_SUB_CODES,
        SPDM_CHECK_BANK_LIST, SPDM_CHECK_BANK_DETAILS,
        SPDM_CHECK_BANK_CHAIN,       /* test-slots.c */
    };
    bool covered[SPDM_CHECK_COUNT] = { [SPDM_CHECK_NONE] = true };

    for (size_t i = 0; i < G_N_ELEMENTS(lies); i++) {
        covered[lies[i].check] = true;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(elsewhere); i++) {
        covered[elsewhere[i]] = true;
    }
    for (unsigned i = 0; i < SPDM_CHECK_COUNT; i++) {
        if (!covered[i]) {
            g_test_message("no row: %s", spdm_check_name((SpdmCheck)i));
            g_test_fail();
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_autofree char *path = g_strdup_printf("/requester/lie/%s",
                                                lies[i].name);

        g_test_add_data_func(path, &lies[i], test_lie);
    }
    g_test_add_func("/requester/lies/none", test_honest);
    g_test_add_func("/requester/lies/not-ready-for-a-while",
                    test_not_ready_for_a_while);
    g_test_add_func("/requester/lies/every-check-has-a-row",
                    test_every_check_has_a_row);
    return g_test_run();
}

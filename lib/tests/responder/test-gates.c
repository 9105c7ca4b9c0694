/*
 * What the responder refuses, and with which ERROR: one row for one rule of
 * spec/02, tried on every version it concerns.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"

/* How far the requester has come when it sends the row's request. */
typedef enum Stage {
    START,
    VERSION,
    CAPS,
    NEGOTIATED,
    CLEAR,                   /* handshake in the clear begun */
    SIGMA_HS,                /* in a session from here on */
    PSK_HS,
    SIGMA,
    PSK,
    UPDATING,                /* SIGMA with a KEY_UPDATE to be verified */
} Stage;

enum {
    DROP = 0xfe,             /* expected: no answer */
    V10 = SPDM_VERSION_10,
    V11 = SPDM_VERSION_11,
    V12 = SPDM_VERSION_12,
    V13 = SPDM_VERSION_13,
    V14 = SPDM_VERSION_14,
    HITC = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP,
    MEL = SPDM_MEL_CAP,
    MEL_SIZE = 16 + 3 * 11 + 12, /* the fixture's log */
    EVENT = SPDM_EVENT_CAP,
    EP_SIG = SPDM_EP_INFO_CAP_SIG,
    EP_NO_SIG = SPDM_EP_INFO_CAP_NO_SIG,
};

typedef struct Edit {
    bool on;
    int at;                  /* below 0: from the end */
    uint8_t value;
} Edit;

#define SET(at, value) { true, at, value }

typedef struct Row {
    const char *name;
    Stage stage;
    uint8_t code;
    uint8_t error;           /* ERROR expected, 0: the response */
    uint8_t first;           /* versions, 0: any the code has */
    uint8_t last;
    uint8_t p1, p2;          /* of the request */
    uint32_t without;        /* capabilities of neither side */
    uint32_t with;           /* capabilities of both sides */
    uint32_t rsp_without;    /* ... and of one */
    uint32_t rsp_with;
    uint32_t req_without;
    int grow;                /* bytes appended, or cut off */
    int insert_at;           /* ... put here; 0, and below: from the end */
    Edit edits[8];
    uint32_t transfer_size;
    unsigned max_sessions;
    uint8_t slots;           /* the device's, 0: the usual */
    bool no_heartbeat;
    bool no_meas_spec;       /* not offered */
    bool no_opaque;          /* no opaque data format offered */
    bool no_mel_spec;        /* no MELspecification offered */
    uint8_t param2;          /* of the ERROR */
} Row;

#define INVALID SPDM_ERROR_INVALID_REQUEST
#define UNEXPECTED SPDM_ERROR_UNEXPECTED_REQUEST
#define UNSUPPORTED SPDM_ERROR_UNSUPPORTED_REQUEST
#define MISMATCH SPDM_ERROR_VERSION_MISMATCH

/* What every row says; the rest by name. */
#define ROW(name_, stage_, code_, error_, ...) \
    { .name = name_, .stage = stage_, .code = code_, .error = error_, \
      ##__VA_ARGS__ }

static const Row rows[] = {
    /* Any request. */
    ROW("nothing-is-said-to-three-bytes", NEGOTIATED, SPDM_GET_DIGESTS, DROP,
        .grow = -1),
    ROW("nothing-is-said-to-three-bytes-in-a-session", SIGMA, SPDM_HEARTBEAT,
        DROP, .grow = -1),
    ROW("an-unknown-code-is-unsupported", NEGOTIATED, 0xab, UNSUPPORTED,
        .param2 = 0xab),
    ROW("an-unknown-code-is-unsupported-in-a-session", SIGMA, 0xab,
        UNSUPPORTED, .param2 = 0xab),
    ROW("a-response-code-is-unsupported", NEGOTIATED, 0x01, UNSUPPORTED,
        .param2 = 0x01),
    ROW("an-ERROR-is-unsupported", NEGOTIATED, SPDM_ERROR, UNSUPPORTED,
        .param2 = SPDM_ERROR),
    ROW("another-version-byte-mismatches", NEGOTIATED, SPDM_GET_DIGESTS,
        MISMATCH, .edits = { SET(0, 0x15) }),
    ROW("another-version-byte-mismatches-in-a-session", SIGMA, SPDM_HEARTBEAT,
        MISMATCH, .edits = { SET(0, 0x10) }),
    ROW("the-version-is-checked-before-the-code", NEGOTIATED, 0xab, MISMATCH,
        .edits = { SET(0, 0x15) }),
    ROW("a-code-of-a-later-version-is-unsupported", NEGOTIATED,
        SPDM_KEY_EXCHANGE, UNSUPPORTED, .first = V10, .last = V10,
        .param2 = SPDM_KEY_EXCHANGE),
    ROW("a-request-above-MaxSPDMmsgSize-is-too-large", NEGOTIATED,
        SPDM_VENDOR_DEFINED_REQUEST, SPDM_ERROR_REQUEST_TOO_LARGE,
        .first = V12, .grow = 0x1200),
    ROW("a-request-above-MaxSPDMmsgSize-is-invalid-before-1.2", NEGOTIATED,
        SPDM_VENDOR_DEFINED_REQUEST, INVALID, .last = V11, .grow = 0x1200),

    /* GET_VERSION. */
    ROW("GET_VERSION-has-version-1.0", START, SPDM_GET_VERSION, MISMATCH,
        .edits = { SET(0, 0x12) }),
    ROW("GET_VERSION-ignores-its-parameters", START, SPDM_GET_VERSION, 0,
        .edits = { SET(2, 0xff), SET(3, 0xff) }),
    ROW("GET_VERSION-is-always-welcome", NEGOTIATED, SPDM_GET_VERSION, 0),
    ROW("GET_VERSION-in-a-session-is-unexpected", SIGMA, SPDM_GET_VERSION,
        UNEXPECTED, .first = V12, .edits = { SET(0, 0x10) }),
    ROW("GET_VERSION-outside-ends-handshakes", CLEAR, SPDM_GET_VERSION, 0,
        .with = HITC),
    ROW("GET_VERSION-longer-than-a-header-is-invalid", START,
        SPDM_GET_VERSION, INVALID, .grow = 1),

    /* GET_CAPABILITIES. */
    ROW("GET_CAPABILITIES-before-GET_VERSION-is-unexpected", START,
        SPDM_GET_CAPABILITIES, UNEXPECTED),
    ROW("GET_CAPABILITIES-of-1.5-mismatches", VERSION, SPDM_GET_CAPABILITIES,
        MISMATCH, .first = V13, .edits = { SET(0, 0x15) }),
    ROW("GET_CAPABILITIES-again-is-unexpected", CAPS, SPDM_GET_CAPABILITIES,
        UNEXPECTED),
    ROW("GET_CAPABILITIES-after-ALGORITHMS-is-unexpected", NEGOTIATED,
        SPDM_GET_CAPABILITIES, UNEXPECTED),
    ROW("GET_CAPABILITIES-in-a-session-is-unexpected", SIGMA,
        SPDM_GET_CAPABILITIES, UNEXPECTED),
    ROW("GET_CAPABILITIES-short-by-one-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11, .grow = -1),
    ROW("GET_CAPABILITIES-long-by-one-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .grow = 1),
    ROW("GET_CAPABILITIES-with-CTExponent-32-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .edits = { SET(5, 32) }),
    ROW("GET_CAPABILITIES-with-CTExponent-31-is-fine", VERSION,
        SPDM_GET_CAPABILITIES, 0, .first = V11, .edits = { SET(5, 31) }),
    ROW("GET_CAPABILITIES-ignores-reserved-bytes", VERSION,
        SPDM_GET_CAPABILITIES, 0, .first = V11,
        .edits = { SET(3, 0xff), SET(4, 0xff), SET(6, 0xff), SET(7, 0xff) }),
    ROW("DataTransferSize-41-is-invalid", VERSION, SPDM_GET_CAPABILITIES,
        INVALID, .first = V12, .transfer_size = 41),
    ROW("DataTransferSize-42-is-fine", VERSION, SPDM_GET_CAPABILITIES, 0,
        .first = V12, .transfer_size = 42),
    ROW("DataTransferSize-above-MaxSPDMmsgSize-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V12,
        .edits = { SET(14, 1) }),
    ROW("without-CHUNK_CAP-the-two-sizes-are-equal", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V12,
        .edits = { SET(18, 1) }),
    ROW("with-CHUNK_CAP-the-two-sizes-may-differ", VERSION,
        SPDM_GET_CAPABILITIES, 0, .first = V12,
        .edits = { SET(18, 1), SET(10, 2) }),
    ROW("Supported-Algorithms-without-CHUNK_CAP-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V13,
        .edits = { SET(2, 1) }),
    ROW("Param1-is-reserved-before-1.3", VERSION, SPDM_GET_CAPABILITIES, 0,
        .first = V12, .last = V12, .edits = { SET(2, 1) }),
    ROW("PSK_CAP-2-is-invalid", VERSION, SPDM_GET_CAPABILITIES, INVALID,
        .first = V11, .edits = { SET(9, 0x08 | 0x02) }),
    ROW("PSK_CAP-3-is-invalid", VERSION, SPDM_GET_CAPABILITIES, INVALID,
        .first = V11, .edits = { SET(9, 0x0c | 0x02) }),
    ROW("PSK_CAP-alone-without-MAC-and-ENCRYPT-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .edits = { SET(8, 0), SET(9, 0x04) }),
    ROW("PSK_CAP-with-ENCRYPT-alone-is-fine", VERSION, SPDM_GET_CAPABILITIES,
        0, .first = V11, .edits = { SET(8, 0x40), SET(9, 0x04) }),
    ROW("no-capability-at-all-is-fine", VERSION, SPDM_GET_CAPABILITIES, 0,
        .first = V11, .edits = { SET(8, 0), SET(9, 0) }),
    ROW("ENCRYPT_CAP-without-KEY_EX-and-PSK-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .edits = { SET(8, 0x40), SET(9, 0) }),
    ROW("HBEAT_CAP-without-KEY_EX-and-PSK-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .edits = { SET(8, 0), SET(9, 0x20) }),
    ROW("KEY_UPD_CAP-without-KEY_EX-and-PSK-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .edits = { SET(8, 0), SET(9, 0x40) }),
    ROW("HANDSHAKE_IN_THE_CLEAR-without-KEY_EX-and-PSK-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .edits = { SET(8, 0), SET(9, 0x80) }),
    ROW("EVENT_CAP-without-KEY_EX-and-PSK-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V13,
        .edits = { SET(8, 0), SET(9, 0), SET(11, 0x02) }),
    ROW("EVENT_CAP-is-masked-before-1.3", VERSION, SPDM_GET_CAPABILITIES, 0,
        .first = V11, .last = V12,
        .edits = { SET(8, 0), SET(9, 0), SET(11, 0x02) }),
    ROW("PUB_KEY_ID_CAP-that-nothing-uses-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .edits = { SET(8, 0xc0), SET(9, 0x04), SET(10, 0x01) }),
    ROW("PUB_KEY_ID_CAP-with-KEY_EX-is-fine", VERSION, SPDM_GET_CAPABILITIES,
        0, .first = V11,
        .edits = { SET(8, 0xc0), SET(9, 0x02), SET(10, 0x01) }),
    ROW("CERT_CAP-for-signed-endpoint-information-is-fine", VERSION,
        SPDM_GET_CAPABILITIES, 0, .first = V13,
        .edits = { SET(8, 0x02), SET(9, 0), SET(10, 0x80) }),
    ROW("CERT_CAP-for-unsigned-endpoint-information-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V13,
        .edits = { SET(8, 0x02), SET(9, 0), SET(10, 0x40) }),
    ROW("MUT_AUTH_CAP-without-CERT-and-PUB_KEY_ID-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .edits = { SET(8, 0xc0), SET(9, 0x13) }),
    ROW("EP_INFO_CAP-2-without-CERT-and-PUB_KEY_ID-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V13,
        .edits = { SET(8, 0), SET(9, 0), SET(10, 0x80) }),
    ROW("EP_INFO_CAP-1-needs-no-identity", VERSION, SPDM_GET_CAPABILITIES, 0,
        .first = V13, .edits = { SET(8, 0), SET(9, 0), SET(10, 0x40) }),
    ROW("MUT_AUTH_CAP-without-CHAL-and-KEY_EX-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V13,
        .edits = { SET(8, 0x02), SET(9, 0x11), SET(10, 0x80) }),
    ROW("MUT_AUTH_CAP-with-ENCAP_CAP-is-fine", VERSION,
        SPDM_GET_CAPABILITIES, 0, .first = V11, .edits = { SET(9, 0x17) }),
    ROW("MULTI_KEY_CAP-without-CERT_CAP-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V13,
        .edits = { SET(8, 0xc0), SET(9, 0x02), SET(11, 0x04) }),
    ROW("MULTI_KEY_CAP-with-PUB_KEY_ID_CAP-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V13,
        .edits = { SET(8, 0xc0), SET(9, 0x02), SET(10, 1), SET(11, 0x08) }),
    ROW("ExtFlags-of-the-requester-are-passed-over", VERSION,
        SPDM_GET_CAPABILITIES, 0, .first = V14,
        .edits = { SET(6, 0xff), SET(7, 0xff), SET(11, 0x80) }),
    ROW("KEY_EX_CAP-without-MAC-and-ENCRYPT-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .without = SPDM_MAC_CAP | SPDM_ENCRYPT_CAP),
    ROW("MAC_CAP-without-KEY_EX-and-PSK-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .without = SPDM_KEY_EX_CAP | SPDM_PSK_CAP_MASK),
    ROW("HANDSHAKE_IN_THE_CLEAR-with-PSK-only-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11, .with = HITC,
        .without = SPDM_KEY_EX_CAP),
    ROW("CERT_CAP-with-PUB_KEY_ID_CAP-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .edits = { SET(10, 1) }),
    ROW("CERT_CAP-that-nothing-uses-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .without = SPDM_CHAL_CAP | SPDM_KEY_EX_CAP),
    ROW("CHAL_CAP-without-CERT_CAP-is-invalid", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11,
        .req_without = SPDM_CERT_CAP),
    ROW("MUT_AUTH_CAP-without-ENCAP_CAP-is-invalid-in-1.1", VERSION,
        SPDM_GET_CAPABILITIES, INVALID, .first = V11, .last = V11,
        .edits = { SET(9, 0x07) }),
    ROW("MUT_AUTH_CAP-implies-ENCAP-in-1.2", VERSION, SPDM_GET_CAPABILITIES, 0,
        .first = V12, .last = V12, .edits = { SET(9, 0x07) }),
    ROW("EP_INFO_CAP-3-is-invalid", VERSION, SPDM_GET_CAPABILITIES, INVALID,
        .first = V13, .edits = { SET(10, 0xc0) }),
    ROW("MULTI_KEY_CAP-3-is-invalid", VERSION, SPDM_GET_CAPABILITIES, INVALID,
        .first = V13, .edits = { SET(11, 0x0c) }),
    ROW("flags-of-later-versions-are-masked", VERSION, SPDM_GET_CAPABILITIES,
        0, .first = V11, .last = V12, .edits = { SET(11, 0xff) }),

    /* NEGOTIATE_ALGORITHMS. */
    ROW("NEGOTIATE_ALGORITHMS-before-CAPABILITIES-is-unexpected", VERSION,
        SPDM_NEGOTIATE_ALGORITHMS, UNEXPECTED),
    ROW("NEGOTIATE_ALGORITHMS-again-is-unexpected", NEGOTIATED,
        SPDM_NEGOTIATE_ALGORITHMS, UNEXPECTED),
    ROW("NEGOTIATE_ALGORITHMS-short-by-one-is-invalid", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .grow = -1),
    ROW("NEGOTIATE_ALGORITHMS-long-by-one-is-invalid", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .grow = 1),
    ROW("NEGOTIATE_ALGORITHMS-with-a-wrong-Length-is-invalid", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .edits = { SET(4, 31) }),
    ROW("no-common-hash-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS, INVALID,
        .edits = { SET(12, 0x80) }),
    ROW("no-common-asym-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS, INVALID,
        .edits = { SET(8, 0), SET(9, 0x70) }),
    ROW("an-asym-the-device-has-no-key-for-is-not-common", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .slots = 0x80),
    ROW("no-common-DHE-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS, INVALID,
        .first = V11, .edits = { SET(34, 0x40) }),
    ROW("no-common-AEAD-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS, INVALID,
        .first = V11, .edits = { SET(38, 0x10) }),
    ROW("no-common-key-schedule-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS,
        INVALID, .first = V11, .edits = { SET(42, 0x02) }),
    ROW("a-needed-table-left-out-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS,
        INVALID, .first = V11, .grow = -4,
        .edits = { SET(2, 2), SET(4, 40) }),
    ROW("AlgTypes-that-do-not-ascend-are-invalid", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .first = V11,
        .edits = { SET(32, 3), SET(36, 2) }),
    ROW("AlgType-twice-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS, INVALID,
        .first = V11, .edits = { SET(36, 2) }),
    ROW("AlgType-1-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS, INVALID,
        .first = V11, .edits = { SET(32, 1) }),
    ROW("AlgType-6-is-invalid-before-1.4", CAPS, SPDM_NEGOTIATE_ALGORITHMS,
        INVALID, .first = V11, .last = V13, .edits = { SET(40, 6) }),
    ROW("AlgType-8-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS, INVALID,
        .first = V11, .edits = { SET(40, 8) }),
    ROW("AlgTypes-6-and-7-are-passed-over-in-1.4", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .first = V14, .grow = 8,
        .edits = { SET(2, 5), SET(4, 52), SET(44, 6), SET(48, 7),
                   SET(45, 0x20), SET(46, 1), SET(49, 0x20), SET(50, 2) }),
    ROW("AlgSupported-0-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS, INVALID,
        .first = V11, .edits = { SET(34, 0) }),
    ROW("a-fixed-size-other-than-2-is-invalid", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .first = V11,
        .edits = { SET(33, 0x30) }),
    ROW("multi-key-without-MULTI_KEY_CAP-is-invalid", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .first = V13,
        .edits = { SET(7, 0x12) }),
    ROW("reserved-bits-of-the-base-algorithms-are-ignored", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0,
        .edits = { SET(6, 0xff), SET(10, 0xff), SET(11, 0xff), SET(13, 0xff),
                   SET(14, 0xff), SET(15, 0xff) }),
    ROW("reserved-bits-of-a-table-are-ignored", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .first = V11,
        .edits = { SET(35, 0xff), SET(39, 0xff), SET(42, 0xff),
                   SET(43, 0xff) }),
    ROW("a-key-schedule-of-reserved-bits-is-none", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .first = V11,
        .edits = { SET(42, 0xfe), SET(43, 0xff) }),
    ROW("reserved-bytes-of-NEGOTIATE_ALGORITHMS-are-ignored", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0,
        .edits = { SET(3, 0xff), SET(20, 0xff), SET(27, 0xff), SET(30, 0xff),
                   SET(16, 0x01) }),
    ROW("OtherParams-is-reserved-before-1.2", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .last = V11,
        .edits = { SET(7, 0xff) }),
    ROW("OtherParams-bits-of-1.3-are-ignored-in-1.2", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .first = V12, .last = V12,
        .edits = { SET(7, 0xf2) }),
    ROW("MELspecification-is-reserved-before-1.3", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .last = V12,
        .edits = { SET(31, 0xff) }),
    ROW("Param1-is-reserved-in-1.0", CAPS, SPDM_NEGOTIATE_ALGORITHMS, 0,
        .last = V10, .edits = { SET(2, 3) }),
    ROW("a-table-more-than-there-are-is-invalid", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .first = V11,
        .edits = { SET(2, 4) }),
    ROW("a-table-less-than-there-are-is-invalid", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .first = V11,
        .edits = { SET(2, 2) }),
    ROW("255-tables-are-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS, INVALID,
        .first = V11, .edits = { SET(2, 255) }),
    ROW("extended-algorithms-are-passed-over", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .first = V11, .grow = 12,
        .insert_at = 32, .edits = { SET(4, 56), SET(28, 2), SET(29, 1),
                                    SET(32, 7), SET(40, 7) }),
    ROW("an-extended-algorithm-of-a-table-is-passed-over", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .first = V11, .grow = 4,
        .insert_at = 36, .edits = { SET(4, 48), SET(33, 0x21),
                                    SET(36, 0xff) }),
    ROW("20-extended-algorithms-are-passed-over", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .first = V11, .grow = 80,
        .insert_at = 32, .edits = { SET(4, 124), SET(28, 12), SET(29, 8) }),
    ROW("8-extended-algorithms-are-passed-over-in-1.0", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .last = V10, .grow = 32,
        .edits = { SET(4, 64), SET(28, 4), SET(29, 4) }),
    ROW("Length-132-is-too-long", CAPS, SPDM_NEGOTIATE_ALGORITHMS, INVALID,
        .first = V11, .grow = 88, .insert_at = 32,
        .edits = { SET(4, 132), SET(28, 12), SET(29, 10) }),
    ROW("extended-algorithms-beyond-Length-are-invalid", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .edits = { SET(28, 255) }),
    ROW("PqcAsymAlgo-beside-BaseAsymAlgo-is-passed-over", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .first = V14,
        .edits = { SET(18, 0x80), SET(19, 0x80) }),
    ROW("AlgTypes-7-before-6-are-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS,
        INVALID, .first = V14, .grow = 8,
        .edits = { SET(2, 5), SET(4, 52), SET(44, 7), SET(48, 6),
                   SET(45, 0x20), SET(46, 1), SET(49, 0x20), SET(50, 2) }),
    ROW("a-fixed-size-of-0-is-invalid", CAPS, SPDM_NEGOTIATE_ALGORITHMS,
        INVALID, .first = V11, .edits = { SET(33, 0x00) }),
    ROW("an-extended-algorithm-is-passed-over-in-1.0", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, 0, .last = V10, .grow = 4,
        .edits = { SET(4, 36), SET(28, 1) }),
    ROW("21-extended-algorithms-are-too-many", CAPS,
        SPDM_NEGOTIATE_ALGORITHMS, INVALID, .first = V11, .grow = 84,
        .edits = { SET(4, 128), SET(28, 21), SET(117, 0x20),
                   SET(121, 0x20), SET(125, 0x20) }),
    ROW("Length-68-is-too-long-for-1.0", CAPS, SPDM_NEGOTIATE_ALGORITHMS,
        INVALID, .last = V10, .grow = 36,
        .edits = { SET(4, 68), SET(28, 9) }),

    /* GET_DIGESTS and GET_CERTIFICATE. */
    ROW("GET_DIGESTS-before-ALGORITHMS-is-unexpected", CAPS, SPDM_GET_DIGESTS,
        UNEXPECTED),
    ROW("GET_DIGESTS-without-CERT_CAP-is-unsupported", NEGOTIATED,
        SPDM_GET_DIGESTS, UNSUPPORTED, .rsp_without = SPDM_CERT_CAP,
        .param2 = SPDM_GET_DIGESTS),
    ROW("GET_DIGESTS-of-an-empty-device-is-unspecified", NEGOTIATED,
        SPDM_GET_DIGESTS, SPDM_ERROR_UNSPECIFIED, .slots = 0x80),
    ROW("GET_DIGESTS-in-a-handshake-is-unexpected", SIGMA_HS,
        SPDM_GET_DIGESTS, UNEXPECTED),
    ROW("GET_DIGESTS-long-by-one-is-invalid-in-a-session", SIGMA,
        SPDM_GET_DIGESTS, INVALID, .grow = 1),
    ROW("GET_DIGESTS-ignores-its-parameters", NEGOTIATED, SPDM_GET_DIGESTS, 0,
        .p1 = 0xff, .p2 = 0xff),
    ROW("GET_CERTIFICATE-before-ALGORITHMS-is-unexpected", CAPS,
        SPDM_GET_CERTIFICATE, UNEXPECTED),
    ROW("GET_CERTIFICATE-without-CERT_CAP-is-unsupported", NEGOTIATED,
        SPDM_GET_CERTIFICATE, UNSUPPORTED, .rsp_without = SPDM_CERT_CAP,
        .param2 = SPDM_GET_CERTIFICATE),
    ROW("GET_CERTIFICATE-of-slot-8-is-invalid", NEGOTIATED,
        SPDM_GET_CERTIFICATE, INVALID, .p1 = 8),
    ROW("GET_CERTIFICATE-of-an-empty-slot-is-invalid", NEGOTIATED,
        SPDM_GET_CERTIFICATE, INVALID, .p1 = 1),
    ROW("GET_CERTIFICATE-ignores-reserved-bits-of-the-slot", NEGOTIATED,
        SPDM_GET_CERTIFICATE, 0, .p1 = 0x70),
    ROW("GET_CERTIFICATE-past-the-end-is-invalid", NEGOTIATED,
        SPDM_GET_CERTIFICATE, INVALID, .edits = { SET(5, 0x40) }),
    ROW("GET_CERTIFICATE-short-by-one-is-invalid", NEGOTIATED,
        SPDM_GET_CERTIFICATE, INVALID, .grow = -1),
    ROW("GET_CERTIFICATE-long-by-one-is-invalid-in-a-session", SIGMA,
        SPDM_GET_CERTIFICATE, INVALID, .grow = 1),
    ROW("GET_CERTIFICATE-in-a-handshake-is-unexpected", PSK_HS,
        SPDM_GET_CERTIFICATE, UNEXPECTED),

    /* CHALLENGE. */
    ROW("CHALLENGE-before-ALGORITHMS-is-unexpected", CAPS, SPDM_CHALLENGE,
        UNEXPECTED),
    ROW("CHALLENGE-without-CHAL_CAP-is-unsupported", NEGOTIATED,
        SPDM_CHALLENGE, UNSUPPORTED, .rsp_without = SPDM_CHAL_CAP,
        .param2 = SPDM_CHALLENGE),
    ROW("CHALLENGE-in-a-session-is-unexpected", SIGMA, SPDM_CHALLENGE,
        UNEXPECTED),
    ROW("CHALLENGE-of-an-empty-slot-is-invalid", NEGOTIATED, SPDM_CHALLENGE,
        INVALID, .p1 = 1),
    ROW("CHALLENGE-of-slot-8-is-invalid", NEGOTIATED, SPDM_CHALLENGE, INVALID,
        .p1 = 8),
    ROW("CHALLENGE-of-a-public-key-that-is-not-there-is-invalid", NEGOTIATED,
        SPDM_CHALLENGE, INVALID, .p1 = 0xff),
    ROW("CHALLENGE-with-summary-type-2-is-invalid", NEGOTIATED,
        SPDM_CHALLENGE, INVALID, .p2 = 2),
    ROW("CHALLENGE-with-a-summary-without-MEAS_CAP-is-invalid", NEGOTIATED,
        SPDM_CHALLENGE, INVALID, .p2 = 1,
        .rsp_without = SPDM_MEAS_CAP_MASK),
    ROW("CHALLENGE-short-by-one-is-invalid", NEGOTIATED, SPDM_CHALLENGE,
        INVALID, .grow = -1),
    ROW("CHALLENGE-long-by-one-is-invalid", NEGOTIATED, SPDM_CHALLENGE,
        INVALID, .grow = 1),
    ROW("CHALLENGE_AUTH-above-DataTransferSize-is-too-large", NEGOTIATED,
        SPDM_CHALLENGE, SPDM_ERROR_RESPONSE_TOO_LARGE, .first = V12,
        .transfer_size = 128),

    /* GET_MEASUREMENTS. */
    ROW("GET_MEASUREMENTS-before-ALGORITHMS-is-unexpected", CAPS,
        SPDM_GET_MEASUREMENTS, UNEXPECTED),
    ROW("GET_MEASUREMENTS-without-MEAS_CAP-is-unsupported", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, UNSUPPORTED,
        .rsp_without = SPDM_MEAS_CAP_MASK, .param2 = SPDM_GET_MEASUREMENTS),
    ROW("GET_MEASUREMENTS-without-a-specification-is-unexpected", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, UNEXPECTED, .p2 = 0xff,
        .no_meas_spec = true),
    ROW("CHALLENGE-with-a-summary-without-a-specification-is-invalid",
        NEGOTIATED, SPDM_CHALLENGE, INVALID, .p2 = 1,
        .no_meas_spec = true),
    ROW("signed-measurements-without-MEAS_CAP-2-are-invalid", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, INVALID, .p1 = 1, .p2 = 0xff,
        .rsp_without = SPDM_MEAS_CAP_SIG, .rsp_with = SPDM_MEAS_CAP_NO_SIG),
    ROW("unsigned-measurements-with-MEAS_CAP-1-are-fine", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, 0, .p2 = 0xff,
        .rsp_without = SPDM_MEAS_CAP_SIG, .rsp_with = SPDM_MEAS_CAP_NO_SIG),
    ROW("an-index-that-is-not-there-is-invalid", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, INVALID, .p2 = 3),
    ROW("signed-measurements-of-an-empty-slot-are-invalid", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, INVALID, .first = V11, .last = V12, .p1 = 1,
        .p2 = 0xff, .edits = { SET(36, 1) }),
    ROW("signed-measurements-of-slot-15-are-invalid", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, INVALID, .first = V11, .last = V12, .p1 = 1,
        .p2 = 0xff, .edits = { SET(36, 15) }),
    ROW("signed-GET_MEASUREMENTS-short-by-one-is-invalid", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, INVALID, .p1 = 1, .p2 = 0xff, .grow = -1),
    ROW("unsigned-GET_MEASUREMENTS-needs-its-context", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, INVALID, .first = V13, .p2 = 0xff,
        .grow = -1),
    ROW("GET_MEASUREMENTS-long-by-one-is-invalid-in-a-session", SIGMA,
        SPDM_GET_MEASUREMENTS, INVALID, .p2 = 0xff, .grow = 1),
    ROW("GET_MEASUREMENTS-in-a-handshake-is-unexpected", SIGMA_HS,
        SPDM_GET_MEASUREMENTS, UNEXPECTED, .p2 = 0xff),
    ROW("GET_MEASUREMENTS-ignores-reserved-attributes", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, 0, .p1 = 0xf8, .p2 = 0xff),
    ROW("the-1.3-new-measurement-attribute-is-accepted", NEGOTIATED,
        SPDM_GET_MEASUREMENTS, 0, .first = V13, .p1 = 4, .p2 = 0xff),

    /* KEY_EXCHANGE. */
    ROW("KEY_EXCHANGE-before-ALGORITHMS-is-unexpected", CAPS,
        SPDM_KEY_EXCHANGE, UNEXPECTED, .first = V11),
    ROW("KEY_EXCHANGE-without-KEY_EX_CAP-is-unsupported", NEGOTIATED,
        SPDM_KEY_EXCHANGE, UNSUPPORTED, .first = V11,
        .rsp_without = SPDM_KEY_EX_CAP, .param2 = SPDM_KEY_EXCHANGE),
    ROW("KEY_EXCHANGE-without-the-requester's-KEY_EX_CAP-is-unsupported",
        NEGOTIATED, SPDM_KEY_EXCHANGE, UNSUPPORTED, .first = V11,
        .req_without = SPDM_KEY_EX_CAP, .param2 = SPDM_KEY_EXCHANGE),
    ROW("KEY_EXCHANGE-without-MAC_CAP-on-both-sides-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .rsp_without = SPDM_MAC_CAP),
    ROW("KEY_EXCHANGE-in-a-session-is-unexpected", SIGMA, SPDM_KEY_EXCHANGE,
        UNEXPECTED),
    ROW("KEY_EXCHANGE-in-a-handshake-is-unexpected", SIGMA_HS,
        SPDM_KEY_EXCHANGE, UNEXPECTED),
    ROW("KEY_EXCHANGE-of-an-empty-slot-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .edits = { SET(3, 1) }),
    ROW("KEY_EXCHANGE-of-slot-8-is-invalid", NEGOTIATED, SPDM_KEY_EXCHANGE,
        INVALID, .edits = { SET(3, 8) }),
    ROW("KEY_EXCHANGE-of-slot-0xFF-is-invalid", NEGOTIATED, SPDM_KEY_EXCHANGE,
        INVALID, .edits = { SET(3, 0xff) }),
    ROW("KEY_EXCHANGE-with-summary-type-2-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .edits = { SET(2, 2) }),
    ROW("KEY_EXCHANGE-with-a-summary-without-MEAS_CAP-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .rsp_without = SPDM_MEAS_CAP_MASK,
        .edits = { SET(2, 0xff) }),
    ROW("KEY_EXCHANGE-short-by-one-is-invalid", NEGOTIATED, SPDM_KEY_EXCHANGE,
        INVALID, .grow = -1),
    ROW("KEY_EXCHANGE-long-by-one-is-invalid", NEGOTIATED, SPDM_KEY_EXCHANGE,
        INVALID, .grow = 1),
    ROW("KEY_EXCHANGE-with-a-point-off-the-curve-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .edits = { SET(40, 0xff),
        SET(41, 0xff) }),
    ROW("KEY_EXCHANGE-with-no-known-secured-version-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .first = V12,
        .edits = { SET(150, 0x20), SET(152, 0x20), SET(154, 0x20) }),
    ROW("KEY_EXCHANGE-with-broken-opaque-data-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .edits = { SET(138, 9) }),
    ROW("KEY_EXCHANGE-with-1025-bytes-of-opaque-data-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .first = V12, .grow = 1025 - 20,
        .edits = { SET(136, 1025 & 0xff), SET(137, 1025 >> 8) }),
    ROW("KEY_EXCHANGE-passes-over-foreign-elements", NEGOTIATED,
        SPDM_KEY_EXCHANGE, 0, .first = V12, .grow = 8, .insert_at = 142,
        .edits = { SET(136, 28), SET(138, 2), SET(142, 3), SET(143, 2),
                   SET(144, 0x36), SET(145, 0x1b) }),
    ROW("KEY_EXCHANGE-passes-over-foreign-elements-in-1.1", NEGOTIATED,
        SPDM_KEY_EXCHANGE, 0, .last = V11, .grow = 8, .insert_at = 146,
        .edits = { SET(136, 32), SET(143, 2), SET(146, 3), SET(147, 2),
                   SET(148, 0x36), SET(149, 0x1b) }),
    ROW("KEY_EXCHANGE-with-a-foreign-element-cut-off-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .first = V12, .grow = 8,
        .insert_at = 142,
        .edits = { SET(136, 28), SET(138, 2), SET(142, 3), SET(143, 0xff) }),
    ROW("PSK_EXCHANGE-passes-over-foreign-elements", NEGOTIATED,
        SPDM_PSK_EXCHANGE, 0, .first = V12, .grow = 8, .insert_at = -16,
        .edits = { SET(10, 28), SET(-28, 2), SET(-24, 3), SET(-23, 2),
                   SET(-22, 0x36), SET(-21, 0x1b) }),
    ROW("PSK_EXCHANGE-with-1025-bytes-of-opaque-data-is-invalid", NEGOTIATED,
        SPDM_PSK_EXCHANGE, INVALID, .first = V12, .grow = 1025 - 20,
        .edits = { SET(10, 1025 & 0xff), SET(11, 1025 >> 8) }),
    ROW("FINISH-with-1025-bytes-of-opaque-data-is-invalid", SIGMA_HS,
        SPDM_FINISH, INVALID, .first = V14, .grow = 1025, .insert_at = 6,
        .edits = { SET(4, 1025 & 0xff), SET(5, 1025 >> 8) }),
    ROW("FINISH-with-broken-opaque-data-is-invalid", SIGMA_HS, SPDM_FINISH,
        INVALID, .first = V14, .grow = 4, .insert_at = 6,
        .edits = { SET(4, 4), SET(6, 1) }),
    ROW("FINISH-in-the-clear-with-broken-opaque-data-is-invalid", CLEAR,
        SPDM_FINISH, INVALID, .first = V14, .with = HITC, .grow = 4,
        .insert_at = 6, .edits = { SET(4, 4), SET(6, 1) }),
    ROW("FINISH-without-its-opaque-length-is-invalid", SIGMA_HS, SPDM_FINISH,
        INVALID, .first = V14, .grow = -2),
    ROW("PSK_FINISH-with-1025-bytes-of-opaque-data-is-invalid", PSK_HS,
        SPDM_PSK_FINISH, INVALID, .first = V14, .grow = 1025,
        .insert_at = 6, .edits = { SET(4, 1025 & 0xff), SET(5, 1025 >> 8) }),
    ROW("PSK_FINISH-with-broken-opaque-data-is-invalid", PSK_HS,
        SPDM_PSK_FINISH, INVALID, .first = V14, .grow = 4, .insert_at = 6,
        .edits = { SET(4, 4), SET(6, 1) }),
    ROW("KEY_EXCHANGE-without-OpaqueDataFmt1-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .first = V12, .no_opaque = true),
    ROW("PSK_EXCHANGE-without-OpaqueDataFmt1-is-invalid", NEGOTIATED,
        SPDM_PSK_EXCHANGE, INVALID, .first = V12, .no_opaque = true),
    ROW("KEY_EXCHANGE-asking-all-events-is-invalid", NEGOTIATED,
        SPDM_KEY_EXCHANGE, INVALID, .first = V13, .edits = { SET(6, 2) }),
    ROW("KEY_EXCHANGE-ignores-reserved-bytes", NEGOTIATED, SPDM_KEY_EXCHANGE,
        0, .edits = { SET(7, 0xff) }),
    ROW("SessionPolicy-is-reserved-in-1.1", NEGOTIATED, SPDM_KEY_EXCHANGE, 0,
        .last = V11, .edits = { SET(6, 0xff) }),
    ROW("KEY_EXCHANGE_RSP-above-DataTransferSize-is-too-large", NEGOTIATED,
        SPDM_KEY_EXCHANGE, SPDM_ERROR_RESPONSE_TOO_LARGE, .first = V12,
        .transfer_size = 256),

    /* FINISH. */
    ROW("FINISH-before-ALGORITHMS-is-unexpected", CAPS, SPDM_FINISH,
        UNEXPECTED, .first = V11),
    ROW("FINISH-outside-needs-a-session", NEGOTIATED, SPDM_FINISH,
        SPDM_ERROR_SESSION_REQUIRED),
    ROW("FINISH-in-the-clear-without-a-handshake-is-unexpected", NEGOTIATED,
        SPDM_FINISH, UNEXPECTED, .with = HITC),
    ROW("FINISH-in-an-established-session-is-unexpected", SIGMA, SPDM_FINISH,
        UNEXPECTED),
    ROW("FINISH-in-a-PSK-handshake-is-unexpected", PSK_HS, SPDM_FINISH,
        UNEXPECTED),
    ROW("FINISH-without-KEY_EX_CAP-is-unsupported", NEGOTIATED, SPDM_FINISH,
        UNSUPPORTED, .first = V11, .rsp_without = SPDM_KEY_EX_CAP,
        .param2 = SPDM_FINISH),
    ROW("FINISH-signed-though-not-asked-is-invalid", SIGMA_HS, SPDM_FINISH,
        INVALID, .edits = { SET(2, 1) }),
    ROW("FINISH-short-by-one-is-invalid", SIGMA_HS, SPDM_FINISH, INVALID,
        .grow = -1),
    ROW("FINISH-long-by-one-is-invalid", SIGMA_HS, SPDM_FINISH, INVALID,
        .grow = 1),
    ROW("FINISH-with-wrong-VerifyData-is-a-decrypt-error", SIGMA_HS,
        SPDM_FINISH, SPDM_ERROR_DECRYPT_ERROR, .edits = { SET(-1, 0x55) }),
    ROW("FINISH-in-the-clear-with-wrong-VerifyData-is-a-decrypt-error", CLEAR,
        SPDM_FINISH, SPDM_ERROR_DECRYPT_ERROR, .with = HITC,
        .edits = { SET(6, 0x55), SET(7, 0x55) }),
    ROW("FINISH-is-right-as-the-fixture-makes-it", SIGMA_HS, SPDM_FINISH, 0),
    ROW("FINISH-in-the-clear-is-right-as-the-fixture-makes-it", CLEAR,
        SPDM_FINISH, 0, .with = HITC),

    /* PSK_EXCHANGE and PSK_FINISH. */
    ROW("PSK_EXCHANGE-before-ALGORITHMS-is-unexpected", CAPS,
        SPDM_PSK_EXCHANGE, UNEXPECTED, .first = V11),
    ROW("PSK_EXCHANGE-without-PSK_CAP-is-unsupported", NEGOTIATED,
        SPDM_PSK_EXCHANGE, UNSUPPORTED, .first = V11,
        .rsp_without = SPDM_PSK_CAP_MASK, .param2 = SPDM_PSK_EXCHANGE),
    ROW("PSK_EXCHANGE-in-a-session-is-unexpected", PSK, SPDM_PSK_EXCHANGE,
        UNEXPECTED),
    ROW("PSK_EXCHANGE-short-by-one-is-invalid", NEGOTIATED, SPDM_PSK_EXCHANGE,
        INVALID, .grow = -1),
    ROW("PSK_EXCHANGE-long-by-one-is-invalid", NEGOTIATED, SPDM_PSK_EXCHANGE,
        INVALID, .grow = 1),
    ROW("PSK_EXCHANGE-with-an-unknown-hint-is-invalid", NEGOTIATED,
        SPDM_PSK_EXCHANGE, INVALID, .edits = { SET(12, 'H') }),
    ROW("PSK_EXCHANGE-with-a-hint-of-33-bytes-is-invalid", NEGOTIATED,
        SPDM_PSK_EXCHANGE, INVALID, .edits = { SET(6, 33), SET(8, 35) }),
    ROW("PSK_EXCHANGE-with-summary-type-2-is-invalid", NEGOTIATED,
        SPDM_PSK_EXCHANGE, INVALID, .edits = { SET(2, 2) }),
    ROW("PSK_EXCHANGE-with-broken-opaque-data-is-invalid", NEGOTIATED,
        SPDM_PSK_EXCHANGE, INVALID, .edits = { SET(-1, 1) }),
    ROW("PSK_EXCHANGE-ignores-nothing-it-should-not", NEGOTIATED,
        SPDM_PSK_EXCHANGE, 0),
    ROW("PSK_FINISH-outside-needs-a-session", NEGOTIATED, SPDM_PSK_FINISH,
        SPDM_ERROR_SESSION_REQUIRED),
    ROW("PSK_FINISH-never-goes-in-the-clear", CLEAR, SPDM_PSK_FINISH,
        SPDM_ERROR_SESSION_REQUIRED, .with = HITC),
    ROW("PSK_FINISH-in-a-SIGMA-handshake-is-unexpected", SIGMA_HS,
        SPDM_PSK_FINISH, UNEXPECTED),
    ROW("PSK_FINISH-in-an-established-session-is-unexpected", PSK,
        SPDM_PSK_FINISH, UNEXPECTED),
    ROW("PSK_FINISH-with-PSK_CAP-1-is-unsupported", PSK, SPDM_PSK_FINISH,
        UNSUPPORTED, .rsp_without = SPDM_PSK_CAP_MASK,
        .rsp_with = SPDM_PSK_CAP, .param2 = SPDM_PSK_FINISH),
    ROW("PSK_FINISH-short-by-one-is-invalid", PSK_HS, SPDM_PSK_FINISH,
        INVALID, .grow = -1),
    ROW("PSK_FINISH-long-by-one-is-invalid", PSK_HS, SPDM_PSK_FINISH, INVALID,
        .grow = 1),
    ROW("PSK_FINISH-with-wrong-VerifyData-is-a-decrypt-error", PSK_HS,
        SPDM_PSK_FINISH, SPDM_ERROR_DECRYPT_ERROR,
        .edits = { SET(6, 0x55), SET(7, 0x55) }),
    ROW("PSK_FINISH-is-right-as-the-fixture-makes-it", PSK_HS,
        SPDM_PSK_FINISH, 0),

    /* GET_MEASUREMENT_EXTENSION_LOG. */
    ROW("MEL-is-read", NEGOTIATED, SPDM_GET_MEASUREMENT_EXTENSION_LOG, 0,
        .first = V13, .rsp_with = MEL),
    ROW("MEL-is-read-in-a-session", SIGMA,
        SPDM_GET_MEASUREMENT_EXTENSION_LOG, 0, .first = V13,
        .rsp_with = MEL),
    ROW("MEL-came-with-1.3", NEGOTIATED, SPDM_GET_MEASUREMENT_EXTENSION_LOG,
        UNSUPPORTED, .first = V12, .last = V12, .rsp_with = MEL,
        .param2 = SPDM_GET_MEASUREMENT_EXTENSION_LOG),
    ROW("MEL-without-MEL_CAP-is-unsupported", NEGOTIATED,
        SPDM_GET_MEASUREMENT_EXTENSION_LOG, UNSUPPORTED, .first = V13,
        .param2 = SPDM_GET_MEASUREMENT_EXTENSION_LOG),
    ROW("MEL-before-ALGORITHMS-is-unexpected", CAPS,
        SPDM_GET_MEASUREMENT_EXTENSION_LOG, UNEXPECTED, .first = V13,
        .rsp_with = MEL),
    ROW("MEL-without-MELspecification-is-unexpected", NEGOTIATED,
        SPDM_GET_MEASUREMENT_EXTENSION_LOG, UNEXPECTED, .first = V13,
        .rsp_with = MEL, .no_mel_spec = true),
    ROW("MEL-in-a-handshake-is-unexpected", SIGMA_HS,
        SPDM_GET_MEASUREMENT_EXTENSION_LOG, UNEXPECTED, .first = V13,
        .rsp_with = MEL),
    ROW("MEL-at-its-last-byte-is-read", NEGOTIATED,
        SPDM_GET_MEASUREMENT_EXTENSION_LOG, 0, .first = V13, .rsp_with = MEL,
        .edits = { SET(4, MEL_SIZE - 1) }),
    ROW("MEL-at-its-end-is-invalid", NEGOTIATED,
        SPDM_GET_MEASUREMENT_EXTENSION_LOG, INVALID, .first = V13,
        .rsp_with = MEL, .edits = { SET(4, MEL_SIZE) }),
    ROW("MEL-far-past-its-end-is-invalid", NEGOTIATED,
        SPDM_GET_MEASUREMENT_EXTENSION_LOG, INVALID, .first = V13,
        .rsp_with = MEL, .edits = { SET(7, 0xff) }),
    ROW("MEL-short-by-one-is-invalid", NEGOTIATED,
        SPDM_GET_MEASUREMENT_EXTENSION_LOG, INVALID, .first = V13,
        .rsp_with = MEL, .grow = -1),
    ROW("MEL-long-by-one-is-invalid", NEGOTIATED,
        SPDM_GET_MEASUREMENT_EXTENSION_LOG, INVALID, .first = V13,
        .rsp_with = MEL, .grow = 1),

    /* GET_ENDPOINT_INFO. A signature is asked for by byte 4. */
    ROW("ENDPOINT_INFO-is-told", NEGOTIATED, SPDM_GET_ENDPOINT_INFO, 0,
        .first = V13, .rsp_with = EP_SIG, .p1 = 1),
    ROW("ENDPOINT_INFO-is-told-in-a-session", PSK, SPDM_GET_ENDPOINT_INFO, 0,
        .first = V13, .rsp_with = EP_NO_SIG, .p1 = 1),
    ROW("ENDPOINT_INFO-is-signed", NEGOTIATED, SPDM_GET_ENDPOINT_INFO, 0,
        .first = V13, .rsp_with = EP_SIG, .p1 = 1, .p2 = 2, .grow = 32,
        .edits = { SET(4, 1) }),
    ROW("ENDPOINT_INFO-came-with-1.3", NEGOTIATED, SPDM_GET_ENDPOINT_INFO,
        UNSUPPORTED, .first = V12, .last = V12, .rsp_with = EP_SIG, .p1 = 1,
        .param2 = SPDM_GET_ENDPOINT_INFO),
    ROW("ENDPOINT_INFO-without-EP_INFO_CAP-is-unsupported", NEGOTIATED,
        SPDM_GET_ENDPOINT_INFO, UNSUPPORTED, .first = V13, .p1 = 1,
        .param2 = SPDM_GET_ENDPOINT_INFO),
    ROW("ENDPOINT_INFO-before-ALGORITHMS-is-unexpected", CAPS,
        SPDM_GET_ENDPOINT_INFO, UNEXPECTED, .first = V13, .rsp_with = EP_SIG,
        .p1 = 1),
    ROW("ENDPOINT_INFO-in-a-handshake-is-unexpected", PSK_HS,
        SPDM_GET_ENDPOINT_INFO, UNEXPECTED, .first = V13, .rsp_with = EP_SIG,
        .p1 = 1),
    ROW("ENDPOINT_INFO-signed-without-EP_INFO_CAP-2-is-invalid", NEGOTIATED,
        SPDM_GET_ENDPOINT_INFO, INVALID, .first = V13, .rsp_with = EP_NO_SIG,
        .p1 = 1, .grow = 32, .edits = { SET(4, 1) }),
    ROW("ENDPOINT_INFO-signed-by-an-empty-slot-is-invalid", NEGOTIATED,
        SPDM_GET_ENDPOINT_INFO, INVALID, .first = V13, .rsp_with = EP_SIG,
        .p1 = 1, .p2 = 1, .grow = 32, .edits = { SET(4, 1) }),
    ROW("ENDPOINT_INFO-signed-by-slot-8-is-invalid", NEGOTIATED,
        SPDM_GET_ENDPOINT_INFO, INVALID, .first = V13, .rsp_with = EP_SIG,
        .p1 = 1, .p2 = 8, .grow = 32, .edits = { SET(4, 1) }),
    ROW("ENDPOINT_INFO-of-SubCode-0-is-invalid", NEGOTIATED,
        SPDM_GET_ENDPOINT_INFO, INVALID, .first = V13, .rsp_with = EP_SIG),
    ROW("ENDPOINT_INFO-of-SubCode-2-is-invalid", NEGOTIATED,
        SPDM_GET_ENDPOINT_INFO, INVALID, .first = V13, .rsp_with = EP_SIG,
        .p1 = 2),
    ROW("ENDPOINT_INFO-without-its-nonce-is-invalid", NEGOTIATED,
        SPDM_GET_ENDPOINT_INFO, INVALID, .first = V13, .rsp_with = EP_SIG,
        .p1 = 1, .grow = 31, .edits = { SET(4, 1) }),
    ROW("ENDPOINT_INFO-with-a-nonce-too-many-is-invalid", NEGOTIATED,
        SPDM_GET_ENDPOINT_INFO, INVALID, .first = V13, .rsp_with = EP_SIG,
        .p1 = 1, .grow = 32),
    ROW("ENDPOINT_INFO-short-by-one-is-invalid", NEGOTIATED,
        SPDM_GET_ENDPOINT_INFO, INVALID, .first = V13, .rsp_with = EP_SIG,
        .p1 = 1, .grow = -1),
    ROW("ENDPOINT_INFO-ignores-reserved-bits", NEGOTIATED,
        SPDM_GET_ENDPOINT_INFO, 0, .first = V13, .rsp_with = EP_SIG, .p1 = 1,
        .p2 = 0xf0, .edits = { SET(4, 0xfe), SET(5, 0xff), SET(7, 0xff) }),

    /* Events. The request subscribes to types 1 and 2 of the DMTF. */
    ROW("event-types-are-told", SIGMA, SPDM_GET_SUPPORTED_EVENT_TYPES, 0,
        .first = V13, .rsp_with = EVENT),
    ROW("event-types-outside-need-a-session", NEGOTIATED,
        SPDM_GET_SUPPORTED_EVENT_TYPES, SPDM_ERROR_SESSION_REQUIRED,
        .first = V13, .rsp_with = EVENT),
    ROW("event-types-in-a-handshake-are-unexpected", SIGMA_HS,
        SPDM_GET_SUPPORTED_EVENT_TYPES, UNEXPECTED, .first = V13,
        .rsp_with = EVENT),
    ROW("event-types-without-EVENT_CAP-are-unsupported", SIGMA,
        SPDM_GET_SUPPORTED_EVENT_TYPES, UNSUPPORTED, .first = V13,
        .param2 = SPDM_GET_SUPPORTED_EVENT_TYPES),
    ROW("event-types-came-with-1.3", SIGMA, SPDM_GET_SUPPORTED_EVENT_TYPES,
        UNSUPPORTED, .first = V12, .last = V12, .rsp_with = EVENT,
        .param2 = SPDM_GET_SUPPORTED_EVENT_TYPES),
    ROW("event-types-long-by-one-is-invalid", SIGMA,
        SPDM_GET_SUPPORTED_EVENT_TYPES, INVALID, .first = V13,
        .rsp_with = EVENT, .grow = 1),
    ROW("SUBSCRIBE-is-acknowledged", PSK, SPDM_SUBSCRIBE_EVENT_TYPES, 0,
        .first = V13, .rsp_with = EVENT, .p1 = 1),
    ROW("SUBSCRIBE-to-nothing-is-a-header", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, 0, .first = V13, .rsp_with = EVENT),
    ROW("SUBSCRIBE-to-nothing-long-by-one-is-invalid", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, INVALID, .first = V13, .rsp_with = EVENT,
        .grow = 1),
    ROW("SUBSCRIBE-outside-needs-a-session", NEGOTIATED,
        SPDM_SUBSCRIBE_EVENT_TYPES, SPDM_ERROR_SESSION_REQUIRED,
        .first = V13, .rsp_with = EVENT, .p1 = 1),
    ROW("SUBSCRIBE-in-a-handshake-is-unexpected", PSK_HS,
        SPDM_SUBSCRIBE_EVENT_TYPES, UNEXPECTED, .first = V13,
        .rsp_with = EVENT, .p1 = 1),
    ROW("SUBSCRIBE-without-EVENT_CAP-is-unsupported", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, UNSUPPORTED, .first = V13, .p1 = 1,
        .param2 = SPDM_SUBSCRIBE_EVENT_TYPES),
    ROW("SUBSCRIBE-short-by-one-is-invalid", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, INVALID, .first = V13, .rsp_with = EVENT,
        .p1 = 1, .grow = -1),
    ROW("SUBSCRIBE-long-by-one-is-invalid", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, INVALID, .first = V13, .rsp_with = EVENT,
        .p1 = 1, .grow = 1),
    ROW("SUBSCRIBE-to-two-groups-is-invalid", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, INVALID, .first = V13, .rsp_with = EVENT,
        .p1 = 2),
    ROW("SUBSCRIBE-to-another-registry-is-invalid", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, INVALID, .first = V13, .rsp_with = EVENT,
        .p1 = 1, .edits = { SET(8, 9) }),
    ROW("SUBSCRIBE-to-another-group-version-is-invalid", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, INVALID, .first = V13, .rsp_with = EVENT,
        .p1 = 1, .edits = { SET(12, 2) }),
    ROW("SUBSCRIBE-to-type-0-is-invalid", SIGMA, SPDM_SUBSCRIBE_EVENT_TYPES,
        INVALID, .first = V13, .rsp_with = EVENT, .p1 = 1,
        .edits = { SET(18, 0) }),
    ROW("SUBSCRIBE-to-type-5-is-invalid", SIGMA, SPDM_SUBSCRIBE_EVENT_TYPES,
        INVALID, .first = V13, .rsp_with = EVENT, .p1 = 1,
        .edits = { SET(18, 5) }),
    ROW("SUBSCRIBE-to-more-types-than-follow-is-invalid", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, INVALID, .first = V13, .rsp_with = EVENT,
        .p1 = 1, .edits = { SET(10, 3) }),
    ROW("SUBSCRIBE-to-fewer-types-than-follow-is-invalid", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, INVALID, .first = V13, .rsp_with = EVENT,
        .p1 = 1, .edits = { SET(10, 1) }),
    ROW("SUBSCRIBE-to-all-types-and-some-is-invalid", SIGMA,
        SPDM_SUBSCRIBE_EVENT_TYPES, INVALID, .first = V13, .rsp_with = EVENT,
        .p1 = 1, .edits = { SET(14, 1) }),

    /* HEARTBEAT, KEY_UPDATE, END_SESSION. */
    ROW("HEARTBEAT-outside-needs-a-session", NEGOTIATED, SPDM_HEARTBEAT,
        SPDM_ERROR_SESSION_REQUIRED),
    ROW("HEARTBEAT-in-a-handshake-is-unexpected", SIGMA_HS, SPDM_HEARTBEAT,
        UNEXPECTED),
    ROW("HEARTBEAT-without-HBEAT_CAP-is-unsupported", SIGMA, SPDM_HEARTBEAT,
        UNSUPPORTED, .rsp_without = SPDM_HBEAT_CAP,
        .param2 = SPDM_HEARTBEAT),
    ROW("HEARTBEAT-with-a-period-of-0-is-unexpected", SIGMA, SPDM_HEARTBEAT,
        UNEXPECTED, .no_heartbeat = true),
    ROW("HEARTBEAT-long-by-one-is-invalid", SIGMA, SPDM_HEARTBEAT, INVALID,
        .grow = 1),
    ROW("HEARTBEAT-ignores-its-parameters", SIGMA, SPDM_HEARTBEAT, 0,
        .p1 = 0xff, .p2 = 0xff),
    ROW("KEY_UPDATE-outside-needs-a-session", NEGOTIATED, SPDM_KEY_UPDATE,
        SPDM_ERROR_SESSION_REQUIRED),
    ROW("KEY_UPDATE-in-a-handshake-is-unexpected", PSK_HS, SPDM_KEY_UPDATE,
        UNEXPECTED, .p1 = 1),
    ROW("KEY_UPDATE-without-KEY_UPD_CAP-is-unsupported", SIGMA,
        SPDM_KEY_UPDATE, UNSUPPORTED, .rsp_without = SPDM_KEY_UPD_CAP,
        .p1 = 1, .param2 = SPDM_KEY_UPDATE),
    ROW("KEY_UPDATE-operation-0-is-invalid", SIGMA, SPDM_KEY_UPDATE, INVALID),
    ROW("KEY_UPDATE-operation-4-is-invalid", SIGMA, SPDM_KEY_UPDATE, INVALID,
        .p1 = 4),
    ROW("KEY_UPDATE-operation-4-is-invalid-while-updating", UPDATING,
        SPDM_KEY_UPDATE, INVALID, .p1 = 4),
    ROW("VerifyNewKey-with-nothing-pending-is-invalid", SIGMA,
        SPDM_KEY_UPDATE, INVALID, .p1 = 3),
    ROW("UpdateKey-while-one-is-pending-is-invalid", UPDATING,
        SPDM_KEY_UPDATE, INVALID, .p1 = 1),
    ROW("UpdateAllKeys-while-one-is-pending-is-invalid", UPDATING,
        SPDM_KEY_UPDATE, INVALID, .p1 = 2),
    ROW("KEY_UPDATE-long-by-one-is-invalid", SIGMA, SPDM_KEY_UPDATE, INVALID,
        .p1 = 1, .grow = 1),
    ROW("END_SESSION-outside-needs-a-session", NEGOTIATED, SPDM_END_SESSION,
        SPDM_ERROR_SESSION_REQUIRED),
    ROW("END_SESSION-in-a-handshake-is-unexpected", SIGMA_HS,
        SPDM_END_SESSION, UNEXPECTED),
    ROW("END_SESSION-long-by-one-is-invalid", PSK, SPDM_END_SESSION, INVALID,
        .grow = 1),

    /* VENDOR_DEFINED and RESPOND_IF_READY. */
    ROW("VENDOR_DEFINED-before-ALGORITHMS-is-unexpected", CAPS,
        SPDM_VENDOR_DEFINED_REQUEST, UNEXPECTED),
    ROW("VENDOR_DEFINED-that-nobody-serves-is-unsupported", NEGOTIATED,
        SPDM_VENDOR_DEFINED_REQUEST, UNSUPPORTED, .edits = { SET(4, 1) },
        .param2 = SPDM_VENDOR_DEFINED_REQUEST),
    ROW("VENDOR_DEFINED-with-a-wrong-VendorIDLen-is-invalid", NEGOTIATED,
        SPDM_VENDOR_DEFINED_REQUEST, INVALID, .edits = { SET(4, 4) }),
    ROW("VENDOR_DEFINED-short-by-one-is-invalid", NEGOTIATED,
        SPDM_VENDOR_DEFINED_REQUEST, INVALID, .grow = -1),
    ROW("VENDOR_DEFINED-long-by-one-is-invalid-in-a-session", SIGMA,
        SPDM_VENDOR_DEFINED_REQUEST, INVALID, .grow = 1),
    ROW("VENDOR_DEFINED-is-answered-in-a-handshake", SIGMA_HS,
        SPDM_VENDOR_DEFINED_REQUEST, 0),
    ROW("RESPOND_IF_READY-with-nothing-waiting-is-unexpected", NEGOTIATED,
        SPDM_RESPOND_IF_READY, UNEXPECTED, .p1 = SPDM_GET_DIGESTS),
    ROW("RESPOND_IF_READY-with-nothing-waiting-is-unexpected-in-a-session",
        SIGMA, SPDM_RESPOND_IF_READY, UNEXPECTED, .p1 = SPDM_GET_DIGESTS),
    ROW("RESPOND_IF_READY-before-ALGORITHMS-is-unexpected", CAPS,
        SPDM_RESPOND_IF_READY, UNEXPECTED),

    /* What other issues bring: not served, so said to be unsupported. */
    ROW("GET_ENCAPSULATED_REQUEST-is-unsupported", NEGOTIATED,
        SPDM_GET_ENCAPSULATED_REQUEST, UNSUPPORTED, .first = V11,
        .param2 = SPDM_GET_ENCAPSULATED_REQUEST),
    ROW("CHUNK_GET-is-unsupported", NEGOTIATED, SPDM_CHUNK_GET, UNSUPPORTED,
        .param2 = SPDM_CHUNK_GET),
};

static FxOptions options_of(const Row *row, uint8_t version)
{
    return (FxOptions){
        .version = version,
        .req_flags = (FX_REQ_FLAGS | row->with) & ~row->req_without,
        .rsp_flags = ((FX_RSP_FLAGS | row->with) & ~row->rsp_without) |
                     row->rsp_with,
        .without = row->without,
        .data_transfer_size = row->transfer_size,
        .max_sessions = row->max_sessions,
        .heartbeat = row->no_heartbeat ? 0 : 10,
        .no_meas_spec = row->no_meas_spec,
        .no_opaque = row->no_opaque,
        .no_mel_spec = row->no_mel_spec,
    };
}

static void put_header(const Fx *fx, const Row *row, GByteArray *out)
{
    const uint8_t header[] = { fx->o.version, row->code, row->p1, row->p2 };

    g_byte_array_append(out, header, sizeof(header));
}

static void put_message(Fx *fx, SpdmMsg *m, GByteArray *out)
{
    g_assert_true(spdm_msg_encode(&fx->wire, m, out));
}

static void put_key_exchange(Fx *fx, GByteArray *out)
{
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    g_autoptr(SpdmDhe) dhe =
        spdm_dhe_new(spdm_dhe_by_bit(fx->o.dhe), &rng);
    const SpdmDheAlg *selected = fx->conn.dhe;

    fx->conn.dhe = spdm_dhe_by_bit(fx->o.dhe);
    fx_make_key_exchange(fx, dhe, 0, out);
    fx->conn.dhe = selected;
}

/* A FINISH where there is no session has any VerifyData. */
static void put_finish(Fx *fx, const Row *row, SpdmSession *s,
                       GByteArray *out)
{
    bool fits = s && s->phase == SPDM_SESSION_HANDSHAKE &&
        row->code == (s->type == SPDM_SESSION_PSK ? SPDM_PSK_FINISH
                                                  : SPDM_FINISH);
    uint8_t mac[SPDM_MAX_HASH] = { 0 };

    if (fits) {
        fx_make_finish(fx, s, out);
        return;
    }
    put_header(fx, row, out);
    if (fx->o.version >= V14) {
        g_byte_array_append(out, mac, 2);
    }
    g_byte_array_append(out, mac, fx->conn.hash ? fx->conn.hash->size : 48);
}

static void put_measurements(Fx *fx, const Row *row, GByteArray *out)
{
    static const uint8_t zeros[SPDM_NONCE_SIZE];
    SpdmMsg m = fx_msg(fx, row->code, row->p1, row->p2);

    m.get_measurements.nonce = SPDM_BYTES(zeros, row->p1 & 1 ? 32 : 0);
    m.get_measurements.context = SPDM_BYTES(zeros, SPDM_CONTEXT_SIZE);
    put_message(fx, &m, out);
}

static void put_challenge(Fx *fx, const Row *row, GByteArray *out)
{
    static const uint8_t zeros[SPDM_NONCE_SIZE];
    SpdmMsg m = fx_msg(fx, row->code, row->p1, row->p2);

    m.challenge.nonce = SPDM_BYTES(zeros, SPDM_NONCE_SIZE);
    m.challenge.context = SPDM_BYTES(zeros, SPDM_CONTEXT_SIZE);
    put_message(fx, &m, out);
}

static void put_certificate(Fx *fx, const Row *row, GByteArray *out)
{
    SpdmMsg m = fx_msg(fx, row->code, row->p1, row->p2);

    m.get_certificate.length = 256;
    put_message(fx, &m, out);
}

static void put_mel(Fx *fx, const Row *row, GByteArray *out)
{
    SpdmMsg m = fx_msg(fx, row->code, row->p1, row->p2);

    m.get_mel.length = 1000;
    put_message(fx, &m, out);
}

static void put_subscribe(Fx *fx, const Row *row, GByteArray *out)
{
    static const uint8_t list[] = {
        0, 0, 2, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0,
    };
    SpdmMsg m = fx_msg(fx, row->code, row->p1, row->p2);

    m.event_types.list = SPDM_BYTES(list, sizeof(list));
    put_message(fx, &m, out);
}

static void put_vendor(Fx *fx, const Row *row, GByteArray *out)
{
    SpdmMsg m = fx_msg(fx, row->code, row->p1, row->p2);

    m.vendor = (SpdmMsgVendor){
        .standard_id = FX_VENDOR_STANDARD,
        .vendor_id = SPDM_BYTES("\x01\x00", 2),
        .payload = SPDM_BYTES("payload", 7),
    };
    put_message(fx, &m, out);
}

/* A request that is right, as the row's stage has it. */
static void put_request(Fx *fx, const Row *row, SpdmSession *s,
                        GByteArray *out)
{
    switch (row->code) {
    case SPDM_GET_CAPABILITIES:
        fx_make_capabilities(fx, out);
        break;
    case SPDM_NEGOTIATE_ALGORITHMS:
        fx_make_algorithms(fx, out);
        break;
    case SPDM_GET_CERTIFICATE:
        put_certificate(fx, row, out);
        break;
    case SPDM_CHALLENGE:
        put_challenge(fx, row, out);
        break;
    case SPDM_GET_MEASUREMENTS:
        put_measurements(fx, row, out);
        break;
    case SPDM_GET_MEASUREMENT_EXTENSION_LOG:
        put_mel(fx, row, out);
        break;
    case SPDM_SUBSCRIBE_EVENT_TYPES:
        put_subscribe(fx, row, out);
        break;
    case SPDM_GET_ENDPOINT_INFO: {
        SpdmMsg m = fx_msg(fx, row->code, row->p1, row->p2);

        put_message(fx, &m, out);
        break;
    }
    case SPDM_KEY_EXCHANGE:
        put_key_exchange(fx, out);
        break;
    case SPDM_PSK_EXCHANGE:
        fx_make_psk_exchange(fx, 0, out);
        break;
    case SPDM_FINISH:
    case SPDM_PSK_FINISH:
        put_finish(fx, row, s, out);
        break;
    case SPDM_VENDOR_DEFINED_REQUEST:
        put_vendor(fx, row, out);
        break;
    default:
        put_header(fx, row, out);
    }
}

static void apply(const Row *row, GByteArray *out)
{
    guint len = out->len;

    g_byte_array_set_size(out, (guint)((int)len + row->grow));
    if (row->grow > 0) {
        guint at = row->insert_at > 0 ? (guint)row->insert_at
                                      : (guint)((int)len + row->insert_at);

        memmove(out->data + at + row->grow, out->data + at, len - at);
        memset(out->data + at, 0, (size_t)row->grow);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(row->edits); i++) {
        const Edit *e = &row->edits[i];

        if (e->on) {
            out->data[e->at < 0 ? (int)out->len + e->at : e->at] = e->value;
        }
    }
}

static SpdmSession *go_to(Fx *fx, Stage stage)
{
    SpdmSession *s = NULL;

    if (stage >= VERSION) {
        fx_version(fx);
    }
    if (stage >= CAPS) {
        fx_capabilities(fx);
    }
    if (stage >= NEGOTIATED) {
        fx_algorithms(fx);
    }
    if (stage == CLEAR || stage == SIGMA_HS) {
        s = fx_key_exchange(fx, 0);
    } else if (stage == PSK_HS) {
        s = fx_psk_exchange(fx, 0);
    } else if (stage == SIGMA || stage == UPDATING) {
        s = fx_sigma(fx);
    } else if (stage == PSK) {
        s = fx_psk(fx);
    }
    if (stage == UPDATING) {
        fx_key_update(fx, s, SPDM_UPDATE_KEY, 7);
    }
    return s;
}

/* ERROR codes that came later have a stand-in before. */
static uint8_t expected_error(const Row *row, uint8_t version)
{
    if (row->error == SPDM_ERROR_SESSION_REQUIRED &&
        version < SPDM_VERSION_12) {
        return SPDM_ERROR_UNSPECIFIED;
    }
    return row->error;
}

static void check_answer(const Row *row, const Fx *fx, bool answered)
{
    const GByteArray *a = fx->answer;

    if (row->error == DROP) {
        g_assert_false(answered);
        return;
    }
    g_assert_true(answered);
    g_assert_cmpuint(a->len, >=, SPDM_HEADER_SIZE);
    if (!row->error) {
        g_assert_cmphex(a->data[1], ==, SPDM_RESPONSE_OF(row->code));
        return;
    }
    g_assert_cmphex(a->data[1], ==, SPDM_ERROR);
    g_assert_cmphex(a->data[0], ==,
                    row->stage >= CAPS ? fx->o.version : SPDM_VERSION_10);
    g_assert_cmpstr(spdm_error_name(a->data[2]), ==,
                    spdm_error_name(expected_error(row, fx->o.version)));
    g_assert_cmphex(a->data[3], ==, row->param2);
    g_test_message("%s", fx_info(fx).last_error);
    g_assert_cmphex(fx_info(fx).last_error_code, ==, a->data[2]);
}

static void run_row(const Row *row, uint8_t version)
{
    FxOptions o = options_of(row, version);
    g_autoptr(Fx) fx = fx_new(&o);
    g_autoptr(GByteArray) request = g_byte_array_new();
    SpdmSession *s = go_to(fx, row->stage);
    unsigned sessions = fx_info(fx).session_count;
    bool answered;

    put_request(fx, row, s, request);
    if (row->code == SPDM_GET_VERSION) {
        request->data[0] = SPDM_VERSION_10;
    }
    apply(row, request);
    if (row->slots) {
        fx->slots = row->slots == 0x80 ? 0 : row->slots;
    }
    answered = fx_send(fx, row->code == SPDM_GET_VERSION && !row->error
                       ? NULL : s, SPDM_BYTES(request->data, request->len));
    check_answer(row, fx, answered);
    if (row->error == SPDM_ERROR_DECRYPT_ERROR) {
        fx_expect_wiped(fx);
    } else if (row->error) {
        g_assert_cmpuint(fx_info(fx).session_count, ==, sessions);
    }
}

static bool is_session_stage(const Row *row)
{
    return row->stage >= CLEAR;
}

/* First version that has what the row is about. */
static uint8_t first_version(const Row *row)
{
    static const uint8_t since_11[] = {
        SPDM_KEY_EXCHANGE, SPDM_FINISH, SPDM_PSK_EXCHANGE, SPDM_PSK_FINISH,
        SPDM_HEARTBEAT, SPDM_KEY_UPDATE, SPDM_END_SESSION,
    };

    if (row->first) {
        return row->first;
    }
    return is_session_stage(row) ||
           memchr(since_11, row->code, sizeof(since_11)) ? V11 : V10;
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    uint8_t last = row->last ? row->last : V14;

    for (uint8_t v = first_version(row); v <= last; v++) {
        run_row(row, v);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/responder/gates/",
                                            rows[i].name, NULL);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}

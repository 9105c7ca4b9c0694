/*
 * The rules of every request, and shortest valid ones.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requests.h"

#include "device.h"

enum {
    V10 = SPDM_VERSION_10,
    V11 = SPDM_VERSION_11,
    V12 = SPDM_VERSION_12,
    V13 = SPDM_VERSION_13,
    V14 = SPDM_VERSION_14,
    ENCAP = SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP,
    UNEXPECTED = SPDM_ERROR_UNEXPECTED_REQUEST,
    RULE_REQ_FLAGS = FX_REQ_FLAGS | SPDM_CHUNK_CAP | ENCAP,
    RULE_RSP_FLAGS = FX_RSP_FLAGS | SPDM_CHUNK_CAP | ENCAP | SPDM_MEL_CAP |
                     SPDM_EP_INFO_CAP_SIG | SPDM_EVENT_CAP |
                     SPDM_GET_KEY_PAIR_INFO_CAP |
                     SPDM_SET_KEY_PAIR_INFO_CAP | SPDM_CSR_CAP |
                     SPDM_SET_CERT_CAP,
};

#define PARAM1_RESERVED { 2, 0xff, 0, 0 }
#define PARAM2_RESERVED { 3, 0xff, 0, 0 }
#define BOTH_RESERVED PARAM1_RESERVED, PARAM2_RESERVED
/* One group of DMTF events, type 2 of it. */
#define EVENT_LIST "12000000 00000200 01000000 00000100 00000200 0000"
#define EMPTY_DIGESTS "12010000"

static void make_capabilities(Fx *fx, SpdmSession *s, GByteArray *out)
{
    fx_make_capabilities(fx, out);
}

static void make_algorithms(Fx *fx, SpdmSession *s, GByteArray *out)
{
    fx_make_algorithms(fx, out);
}

/* Also where nothing was negotiated yet: as it would have been. */
static void make_key_exchange(Fx *fx, SpdmSession *s, GByteArray *out)
{
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    const SpdmDheAlg *alg = spdm_dhe_by_bit(fx->o.dhe);
    g_autoptr(SpdmDhe) dhe = spdm_dhe_new(alg, &rng);
    const SpdmDheAlg *selected = fx->conn.dhe;

    fx->conn.dhe = alg;
    fx_make_key_exchange(fx, dhe, SPDM_SUMMARY_NONE, out);
    fx->conn.dhe = selected;
}

static void make_psk_exchange(Fx *fx, SpdmSession *s, GByteArray *out)
{
    fx_make_psk_exchange(fx, SPDM_SUMMARY_NONE, out);
}

/* Where it is out of place its VerifyData is any. */
static void make_any_finish(Fx *fx, SpdmSession *s, uint8_t code,
                            GByteArray *out)
{
    static const uint8_t zeros[SPDM_MAX_HASH];
    const uint8_t header[] = { fx->o.version, code, 0, 0 };
    SpdmSessionType type = code == SPDM_FINISH ? SPDM_SESSION_SIGMA
                                               : SPDM_SESSION_PSK;

    if (s && s->phase == SPDM_SESSION_HANDSHAKE && s->type == type) {
        fx_make_finish(fx, s, out);
        return;
    }
    g_byte_array_append(out, header, sizeof(header));
    if (fx->o.version >= V14) {
        g_byte_array_append(out, zeros, 2);
    }
    g_byte_array_append(out, zeros,
                        (guint)spdm_hash_by_bit(fx->o.hash)->size);
}

static void make_finish(Fx *fx, SpdmSession *s, GByteArray *out)
{
    make_any_finish(fx, s, SPDM_FINISH, out);
}

static void make_psk_finish(Fx *fx, SpdmSession *s, GByteArray *out)
{
    make_any_finish(fx, s, SPDM_PSK_FINISH, out);
}

const Rule request_rules[] = {
    {
        .code = 0x81, .name = "GET_DIGESTS", .since = V10,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH,
        .rsp_caps = SPDM_CERT_CAP,
        .reserved = { BOTH_RESERVED },
    }, {
        .code = 0x82, .name = "GET_CERTIFICATE", .since = V10,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH,
        .rsp_caps = SPDM_CERT_CAP,
        .body = { "0000 0001" },
        .reserved = { { 2, 0xf0, V10, V13 }, { 2, 0x70, V14, V14 },
                      { 3, 0xff, V10, V12 }, { 3, 0xfe, V13, V14 } },
    }, {
        .code = 0x83, .name = "CHALLENGE", .since = V10,
        .earliest = STAGE_NEGOTIATED, .in = IN_OUTSIDE,
        .rsp_caps = SPDM_CHAL_CAP,
        .body = { "*32", [3] = "*32 *8" },
    }, {
        .code = 0x84, .name = "GET_VERSION", .since = V10,
        .earliest = STAGE_START, .in = IN_OUTSIDE,
        .reserved = { BOTH_RESERVED },
    }, {
        /* A first chunk of 26 bytes of a message of 100. */
        .code = 0x85, .name = "CHUNK_SEND", .since = V12,
        .earliest = STAGE_CAPS, .in = IN_BOTH | IN_HANDSHAKE,
        .rsp_caps = SPDM_CHUNK_CAP, .req_caps = SPDM_CHUNK_CAP,
        .body = { [2] = "0000 0000 1a000000 64000000 *26" },
        .reserved = { { 2, 0xfe, 0, 0 }, { 6, 0xff, V12, V13 },
                      { 7, 0xff, V12, V13 } },
    }, {
        .code = 0x86, .name = "CHUNK_GET", .since = V12,
        .earliest = STAGE_CAPS, .in = IN_BOTH | IN_HANDSHAKE,
        .rsp_caps = SPDM_CHUNK_CAP, .req_caps = SPDM_CHUNK_CAP,
        .body = { [2] = "0000", [4] = "00000000" },
        .answer = UNEXPECTED,    /* nothing to get */
        .reserved = { PARAM1_RESERVED },
    }, {
        .code = 0x87, .name = "GET_ENDPOINT_INFO", .since = V13,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH,
        .rsp_caps = SPDM_EP_INFO_CAP_MASK,
        .param1 = 1,
        .body = { [3] = "00 000000" },
        .reserved = { { 3, 0xf0, 0, 0 }, { 4, 0xfe, 0, 0 },
                      { 5, 0xff, 0, 0 }, { 7, 0xff, 0, 0 } },
    }, {
        .code = 0x88, .name = "SLOT_MANAGEMENT", .since = V14,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH,
        .param1 = 2,             /* GetBankDetails */
        .body = { [4] = "0800 0000 0800 0000 00 00 0000" },
        .reserved = { PARAM2_RESERVED, { 6, 0xff, 0, 0 }, { 7, 0xff, 0, 0 },
                      { 10, 0xff, 0, 0 }, { 11, 0xff, 0, 0 },
                      { 13, 0xff, 0, 0 }, { 14, 0xff, 0, 0 } },
    }, {
        .code = 0xe0, .name = "GET_MEASUREMENTS", .since = V10,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH,
        .rsp_caps = SPDM_MEAS_CAP_MASK,
        .body = { "", [3] = "*8" },
        .reserved = { { 2, 0xfe, V10, V11 }, { 2, 0xfc, V12, V12 },
                      { 2, 0xf8, V13, V14 } },
    }, {
        .code = 0xe1, .name = "GET_CAPABILITIES", .since = V10,
        .earliest = STAGE_VERSION, .in = IN_OUTSIDE,
        .make = make_capabilities,
        .reserved = { { 2, 0xff, V10, V12 }, { 2, 0xfe, V13, V14 },
                      PARAM2_RESERVED, { 4, 0xff, V11, V14 } },
    }, {
        .code = 0xe2, .name = "GET_SUPPORTED_EVENT_TYPES", .since = V13,
        .earliest = STAGE_NEGOTIATED, .in = IN_ESTABLISHED,
        .rsp_caps = SPDM_EVENT_CAP,
        .reserved = { BOTH_RESERVED },
    }, {
        .code = 0xe3, .name = "NEGOTIATE_ALGORITHMS", .since = V10,
        .earliest = STAGE_CAPS, .in = IN_OUTSIDE,
        .make = make_algorithms,
        .reserved = { PARAM2_RESERVED, { 20, 0xff, 0, 0 },
                      { 27, 0xff, 0, 0 }, { 30, 0xff, 0, 0 } },
    }, {
        .code = 0xe4, .name = "KEY_EXCHANGE", .since = V11,
        .earliest = STAGE_NEGOTIATED, .in = IN_OUTSIDE,
        .rsp_caps = SPDM_KEY_EX_CAP, .req_caps = SPDM_KEY_EX_CAP,
        .make = make_key_exchange,
        .reserved = { { 6, 0xff, V11, V11 }, { 6, 0xfe, V12, V12 },
                      { 6, 0xfc, V13, V14 }, { 7, 0xff, 0, 0 } },
    }, {
        .code = 0xe5, .name = "FINISH", .since = V11,
        .earliest = STAGE_NEGOTIATED, .in = IN_SIGMA_HS,
        .rsp_caps = SPDM_KEY_EX_CAP, .req_caps = SPDM_KEY_EX_CAP,
        .make = make_finish,
        .reserved = { { 2, 0xfe, 0, 0 } },
    }, {
        .code = 0xe6, .name = "PSK_EXCHANGE", .since = V11,
        .earliest = STAGE_NEGOTIATED, .in = IN_OUTSIDE,
        .rsp_caps = SPDM_PSK_CAP_MASK, .req_caps = SPDM_PSK_CAP,
        .make = make_psk_exchange,
        .reserved = { { 3, 0xff, V11, V11 }, { 3, 0xfe, V12, V12 },
                      { 3, 0xfc, V13, V14 } },
    }, {
        .code = 0xe7, .name = "PSK_FINISH", .since = V11,
        .earliest = STAGE_NEGOTIATED, .in = IN_PSK_HS,
        .rsp_caps = SPDM_PSK_CAP_WITH_CONTEXT, .req_caps = SPDM_PSK_CAP,
        .rsp_not_enough = SPDM_PSK_CAP,
        .make = make_psk_finish,
        .reserved = { BOTH_RESERVED },
    }, {
        .code = 0xe8, .name = "HEARTBEAT", .since = V11,
        .earliest = STAGE_NEGOTIATED, .in = IN_ESTABLISHED,
        .rsp_caps = SPDM_HBEAT_CAP, .req_caps = SPDM_HBEAT_CAP,
        .reserved = { BOTH_RESERVED },
    }, {
        .code = 0xe9, .name = "KEY_UPDATE", .since = V11,
        .earliest = STAGE_NEGOTIATED, .in = IN_ESTABLISHED,
        .rsp_caps = SPDM_KEY_UPD_CAP, .req_caps = SPDM_KEY_UPD_CAP,
        .param1 = 1, .param2 = 7,
    }, {
        .code = 0xea, .name = "GET_ENCAPSULATED_REQUEST", .since = V11,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH | IN_HANDSHAKE,
        .both_caps = ENCAP,
        .answer = UNEXPECTED,    /* nothing is pending */
        .answer_13 = SPDM_ERROR_NO_PENDING_REQUESTS,
        .reserved = { BOTH_RESERVED },
    }, {
        .code = 0xeb, .name = "DELIVER_ENCAPSULATED_RESPONSE", .since = V11,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH | IN_HANDSHAKE,
        .both_caps = ENCAP,
        .body = { [1] = EMPTY_DIGESTS },
        .answer = UNEXPECTED,    /* nothing was asked */
        .open_ended = true,
        .reserved = { PARAM2_RESERVED },
    }, {
        .code = 0xec, .name = "END_SESSION", .since = V11,
        .earliest = STAGE_NEGOTIATED, .in = IN_ESTABLISHED,
        .reserved = { { 2, 0xfe, 0, 0 }, PARAM2_RESERVED },
    }, {
        .code = 0xed, .name = "GET_CSR", .since = V12,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH,
        .rsp_caps = SPDM_CSR_CAP,
        .body = { [2] = "0000 0000" },
        .answer = SPDM_ERROR_UNSPECIFIED, /* the device makes none */
        .reserved = { { 2, 0xff, V12, V12 }, { 3, 0xff, V12, V12 },
                      { 3, 0x40, V13, V14 } },
    }, {
        /* A chain in form, in which no certificate is. */
        .code = 0xee, .name = "SET_CERTIFICATE", .since = V12,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH,
        .rsp_caps = SPDM_SET_CERT_CAP,
        .body = { [2] = "2800 0000 *32 *4" },
        .answer = SPDM_ERROR_UNSPECIFIED,
        .reserved = { { 2, 0xf0, V12, V12 }, { 3, 0xff, V12, V12 },
                      { 6, 0xff, 0, 0 }, { 7, 0xff, 0, 0 } },
    }, {
        .code = 0xef, .name = "GET_MEASUREMENT_EXTENSION_LOG", .since = V13,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH,
        .rsp_caps = SPDM_MEL_CAP,
        .body = { [3] = "00000000 e8030000" },
        .reserved = { BOTH_RESERVED },
    }, {
        .code = 0xf0, .name = "SUBSCRIBE_EVENT_TYPES", .since = V13,
        .earliest = STAGE_NEGOTIATED, .in = IN_ESTABLISHED,
        .rsp_caps = SPDM_EVENT_CAP,
        .param1 = 1,
        .body = { [3] = EVENT_LIST },
        .reserved = { PARAM2_RESERVED },
    }, {
        .code = 0xf1, .name = "SEND_EVENT", .since = V13,
        .earliest = STAGE_NEGOTIATED, .in = IN_ESTABLISHED,
        .body = { [3] = "00000000" },
        .not_served = "a responder sends events and receives none",
    }, {
        .code = 0xfc, .name = "GET_KEY_PAIR_INFO", .since = V13,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH,
        .rsp_caps = SPDM_GET_KEY_PAIR_INFO_CAP,
        .body = { [3] = "01" },
        .reserved = { BOTH_RESERVED },
    }, {
        /* Of key pair 1 nothing is to change. */
        .code = 0xfd, .name = "SET_KEY_PAIR_INFO", .since = V13,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH,
        .rsp_caps = SPDM_SET_KEY_PAIR_INFO_CAP,
        .body = { [3] = "01 00 0000 00000000 00",
                  [4] = "01 00 0000 00000000 00 00" },
        .reserved = { PARAM2_RESERVED, { 5, 0xff, 0, 0 } },
    }, {
        .code = 0xfe, .name = "VENDOR_DEFINED_REQUEST", .since = V10,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH | IN_HANDSHAKE,
        .body = { "0300 02 0100 0100 *1" },
        .reserved = { { 2, 0xff, V10, V13 }, { 2, 0x7f, V14, V14 },
                      PARAM2_RESERVED },
    }, {
        .code = 0xff, .name = "RESPOND_IF_READY", .since = V10,
        .earliest = STAGE_NEGOTIATED, .in = IN_BOTH | IN_HANDSHAKE,
        .param1 = 0x81,
        .answer = UNEXPECTED,    /* nothing waits */
    },
};

const size_t request_rule_count = G_N_ELEMENTS(request_rules);

const Rule *rule_of(uint8_t code)
{
    for (size_t i = 0; i < request_rule_count; i++) {
        if (request_rules[i].code == code) {
            return &request_rules[i];
        }
    }
    return NULL;
}

static bool one_key_pair(void *opaque, uint8_t id, SpdmKeyPair *pair)
{
    *pair = (SpdmKeyPair){
        .total = 1, .id = id, .usage_caps = 0xf, .usage = 1,
        .asym_caps = 0x10, .asym = 0x10,
    };
    return id <= 1;
}

static SpdmKeyPairResult set_key_pair(void *opaque,
                                      const SpdmKeyPairChange *change)
{
    return SPDM_KEY_PAIR_DONE;
}

static bool one_bank(void *opaque, uint8_t id, SpdmBank *bank)
{
    *bank = (SpdmBank){ .total = 1, .id = id, .asym = 1 << 3 };
    return id == 0;
}

Fx *rule_device(const FxOptions *o)
{
    static SpdmProviderOps ops;
    Fx *fx = fx_new(o);

    ops = device_ops;
    ops.key_pair = one_key_pair;
    ops.set_key_pair = set_key_pair;
    ops.bank = one_bank;
    fx->r->provider.ops = &ops;
    return fx;
}

/* The smallest algorithms: sessions are made by the hundred. */
FxOptions rule_options(uint8_t version, uint32_t rsp_without,
                       uint32_t req_without)
{
    return (FxOptions){
        .version = version,
        .transport = SPDM_TRANSPORT_MCTP, /* no padding, any first byte */
        .req_flags = RULE_REQ_FLAGS & ~req_without,
        .rsp_flags = RULE_RSP_FLAGS & ~rsp_without,
        .rsp_ext_flags = SPDM_SLOT_MGMT_CAP,
        .hash = 1 << 0,          /* SHA-256 */
        .asym = 0x10,            /* ECDSA P-256 */
        .req_asym = 0x10,
        .dhe = 1 << 3,           /* secp256r1 */
        .heartbeat = 10,
    };
}

bool rule_allows(const Rule *rule, Stage stage)
{
    static const unsigned at[STAGE_COUNT] = {
        IN_OUTSIDE, IN_OUTSIDE, IN_OUTSIDE, IN_OUTSIDE,
        IN_SIGMA_HS, IN_PSK_HS, IN_ESTABLISHED, IN_ESTABLISHED,
    };

    return stage >= rule->earliest && (rule->in & at[stage]);
}

Stage rule_home(const Rule *rule)
{
    Stage stage = rule->earliest;

    while (!rule_allows(rule, stage)) {
        stage++;
    }
    return stage;
}

SpdmSession *stage_go(Fx *fx, Stage stage)
{
    if (stage >= STAGE_VERSION) {
        fx_version(fx);
    }
    if (stage >= STAGE_CAPS) {
        fx_capabilities(fx);
    }
    if (stage >= STAGE_NEGOTIATED) {
        fx_algorithms(fx);
    }
    switch (stage) {
    case STAGE_SIGMA_HS:
        return fx_key_exchange(fx, SPDM_SUMMARY_NONE);
    case STAGE_PSK_HS:
        return fx_psk_exchange(fx, SPDM_SUMMARY_NONE);
    case STAGE_SIGMA:
        return fx_sigma(fx);
    case STAGE_PSK:
        return fx_psk(fx);
    default:
        return NULL;
    }
}

static void put_hex(const char *hex, GByteArray *out)
{
    while (*hex) {
        uint8_t byte = 0;
        unsigned n = 1;

        if (*hex == ' ') {
            hex++;
            continue;
        }
        if (*hex == '*') {
            n = (unsigned)strtoul(hex + 1, (char **)&hex, 10);
        } else {
            byte = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 |
                             g_ascii_xdigit_value(hex[1]));
            hex += 2;
        }
        while (n--) {
            g_byte_array_append(out, &byte, 1);
        }
    }
}

/* What is newer than the version looks as in its first version. */
static const char *body_of(const Rule *rule, uint8_t version)
{
    int i = MAX(version, rule->since) - V10;

    while (i >= 0 && !rule->body[i]) {
        i--;
    }
    return i < 0 ? "" : rule->body[i];
}

void rule_make(const Rule *rule, Fx *fx, SpdmSession *s, GByteArray *out)
{
    const uint8_t header[] = {
        rule->code == SPDM_GET_VERSION ? V10 : fx->o.version, rule->code,
        rule->param1, rule->param2,
    };

    if (rule->make) {
        rule->make(fx, s, out);
        return;
    }
    g_byte_array_append(out, header, sizeof(header));
    put_hex(body_of(rule, fx->o.version), out);
}

uint8_t rule_answer(const Rule *rule, uint8_t version)
{
    return version >= V13 && rule->answer_13 ? rule->answer_13
                                             : rule->answer;
}

void rule_mac(Fx *fx, SpdmSession *s, GByteArray *finish)
{
    uint8_t th[SPDM_MAX_HASH];
    guint head = finish->len - (guint)s->hash->size;

    g_assert_true(spdm_conn_th(&fx->conn, s,
                               SPDM_BYTES(finish->data, head), th));
    spdm_session_verify_data(s, SPDM_SENDER_REQUESTER, th,
                             finish->data + head);
}

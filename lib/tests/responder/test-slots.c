/*
 * SLOT_MANAGEMENT: a row for every rule, what reaches the device, and that it
 * tells the same story as DIGESTS. Requests are written byte by byte; the
 * device, of two banks, only notes what it is told to do.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/hash.h"
#include "crypto/x509.h"
#include "device.h"
#include "wire/elements.h"

enum {
    V14 = SPDM_VERSION_14,
    P256 = 1 << 3, P384 = 1 << 4, P521 = 1 << 5,  /* KEY_PAIR_INFO bits */
    ASYM_P256 = 0x10, ASYM_P384 = 0x80,
    RESET = SPDM_CERT_INSTALL_RESET_CAP,
};

#define INVALID SPDM_ERROR_INVALID_REQUEST
#define UNEXPECTED SPDM_ERROR_UNEXPECTED_REQUEST
#define UNSUPPORTED SPDM_ERROR_UNSUPPORTED_REQUEST
#define UNSPECIFIED SPDM_ERROR_UNSPECIFIED
#define OP_FAILED SPDM_ERROR_OPERATION_FAILED

/* The device: bank 0 is of P-256, bank 1, the negotiated one, of P-384. */

static struct {
    uint32_t banks[2];
    uint8_t slots[2];
    bool fixed;              /* banks cannot be configured */
    unsigned csrs, sets, configs;
    SpdmCsrRequest csr;
    SpdmSetCertificate set;
    gsize set_len;
    SpdmProvisionStatus says;
    bool stuck;              /* set_bank fails */
    SpdmCsrTags tags;
} dev;

static uint8_t dev_slots(void *opaque, uint32_t asym)
{
    for (unsigned i = 0; i < 2; i++) {
        if (dev.banks[i] & spdm_key_pair_algs(asym)) {
            return dev.slots[i];
        }
    }
    return 0;
}

static bool dev_slot_key(void *opaque, uint8_t slot, uint32_t asym,
                         SpdmSlotKey *key)
{
    *key = (SpdmSlotKey){
        .key_pair_id = asym == ASYM_P384 ? 2 : 1,
        .model = SPDM_CERT_MODEL_DEVICE,
        .usage = SPDM_KEY_USAGE_CHALLENGE,
    };
    return slot < 2;
}

static bool dev_key_pair(void *opaque, uint8_t id, SpdmKeyPair *pair)
{
    *pair = (SpdmKeyPair){ .total = 2, .id = id,
                           .asym = id == 2 ? P384 : P256 };
    return id == 1 || id == 2;
}

static bool dev_csr(void *opaque, const SpdmCsrRequest *ask, GByteArray *csr)
{
    dev.csrs++;
    dev.csr = *ask;
    g_byte_array_append(csr, (const uint8_t *)"request", 7);
    return true;
}

static SpdmProvisionStatus dev_set(void *opaque,
                                   const SpdmSetCertificate *ask)
{
    dev.sets++;
    dev.set = *ask;
    dev.set_len = ask->chain.len;
    return dev.says;
}

static bool dev_bank(void *opaque, uint8_t id, SpdmBank *bank)
{
    uint32_t caps = dev.fixed ? 0 : P256 | P384 | P521;

    if (id >= 2) {
        return false;
    }
    *bank = (SpdmBank){
        .total = 2, .id = id, .config_algo = !dev.fixed,
        .asym_caps = caps, .asym = dev.banks[id],
        .asym_available = caps & ~dev.banks[!id],
    };
    return true;
}

static bool dev_set_bank(void *opaque, uint8_t id, uint32_t asym,
                         uint32_t pqc)
{
    dev.configs++;
    if (!dev.stuck) {
        dev.banks[id] = asym;
    }
    return !dev.stuck;
}

static SpdmCsrTags dev_tags(void *opaque)
{
    return dev.tags;
}

static bool dev_set_tags(void *opaque, const SpdmCsrTags *tags)
{
    dev.tags = *tags;
    return true;
}

static uint8_t dev_reset(void *opaque)
{
    dev.tags.ready |= dev.tags.waiting;
    dev.tags.waiting = 0;
    return 0;
}

static SpdmProviderOps dev_ops;

static Fx *start(const FxOptions *o)
{
    Fx *fx = fx_new(o);

    memset(&dev, 0, sizeof(dev));
    dev.banks[0] = P256;
    dev.banks[1] = P384;
    dev.slots[0] = 0x03;
    dev.slots[1] = 0x05;
    dev_ops = device_ops;
    dev_ops.slots = dev_slots;
    dev_ops.slot_key = dev_slot_key;
    dev_ops.key_pair = dev_key_pair;
    dev_ops.csr = dev_csr;
    dev_ops.csr_tags = dev_tags;
    dev_ops.set_csr_tags = dev_set_tags;
    dev_ops.platform_reset = dev_reset;
    dev_ops.set_certificate = dev_set;
    dev_ops.bank = dev_bank;
    dev_ops.set_bank = dev_set_bank;
    fx->r->provider.ops = &dev_ops;
    fx_negotiate(fx);
    return fx;
}

static Fx *usual(uint32_t flags)
{
    FxOptions o = { .version = V14, .rsp_flags = FX_RSP_FLAGS | flags,
                    .rsp_ext_flags = SPDM_SLOT_MGMT_CAP };

    return start(&o);
}

static GBytes *p256, *p384, *p384_sha256;

static GBytes *make_chain(const char *alg, const char *hash)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("chain", alg);
    SpdmRng rng = spdm_seeded_rng(seeded);
    SpdmChainSpec spec = {
        .alg = spdm_asym_by_name(alg),
        .hash = spdm_hash_by_name("SHA-384"),
        .common_name = "provisioned",
        .not_before = 1577836800,
        .not_after = 253402300799,
    };
    g_autoptr(GPtrArray) der = spdm_x509_generate(&spec, &rng, NULL, NULL);

    return spdm_x509_build_chain(der, spdm_hash_by_name(hash));
}

/* Rows. */

typedef struct Row {
    const char *name;
    uint8_t sub_code;
    uint8_t error;           /* 0: the response */
    bool no_address;         /* MgmtStructOffset 0, and nothing behind */
    uint8_t offset;          /* another MgmtStructOffset than 8 */
    uint8_t req_length;      /* ... ReqLength than 8 */
    uint8_t bank, slot;
    const char *rest;        /* hexadecimal, behind the SlotAddress */
    GBytes **chain;          /* SetCertificate */
    int grow;                /* bytes appended, or cut off */
    int at;                  /* byte of the message that is inverted */
    bool in_session, trusted, multi, no_hash;
    bool empty;              /* no slot of any bank holds a chain */
    bool fixed;
    uint32_t with;           /* the responder's flags */
    uint8_t withheld;        /* SPDM_PROFILE_SLOT_* */
    bool no_cap;
    SpdmProvisionStatus says;
    bool stuck;
} Row;

#define ROW(sub, name_, error_, ...) \
    { .name = name_, .sub_code = SPDM_SLOT_ ## sub, .error = error_, \
      ##__VA_ARGS__ }

#define CONFIG(algo) "01000000" algo "00"
#define ERASE "01000000"
#define NO_CSR_KEY "0000" "0000" "00000000"

static const Row rows[] = {
    ROW(SUPPORTED_SUB_CODES, "SupportedSubCodes", 0, .no_address = true),
    ROW(SUPPORTED_SUB_CODES, "SupportedSubCodes-in-a-session", 0,
        .no_address = true, .in_session = true),
    ROW(SUPPORTED_SUB_CODES, "without-SLOT_MGMT_CAP-is-unsupported",
        UNSUPPORTED, .no_address = true, .no_cap = true),
    ROW(SUPPORTED_SUB_CODES, "SupportedSubCodes-with-a-SlotAddress-is-invalid",
        INVALID),
    ROW(SUPPORTED_SUB_CODES, "short-by-one-is-invalid", INVALID,
        .no_address = true, .grow = -1),
    ROW(SUPPORTED_SUB_CODES, "long-by-one-is-invalid", INVALID,
        .no_address = true, .grow = 1),
    { "SubCode-05-is-invalid", .sub_code = 5, .error = INVALID },
    { "SubCode-1f-is-invalid", .sub_code = 0x1f, .error = INVALID },
    { "SubCode-23-is-invalid", .sub_code = 0x23, .error = INVALID },
    { "SubCode-ff-is-invalid", .sub_code = 0xff, .error = INVALID },

    ROW(GET_BANK_INFO, "GetBankInfo", 0, .no_address = true),
    ROW(GET_BANK_INFO, "GetBankInfo-without-a-hash-is-unexpected", UNEXPECTED,
        .no_address = true, .no_hash = true),
    ROW(GET_BANK_DETAILS, "GetBankDetails", 0),
    ROW(GET_BANK_DETAILS, "GetBankDetails-of-another-bank", 0, .bank = 1),
    ROW(GET_BANK_DETAILS, "GetBankDetails-ignores-SlotID", 0, .slot = 9),
    ROW(GET_BANK_DETAILS, "GetBankDetails-of-no-bank-is-invalid", INVALID,
        .bank = 2),
    ROW(GET_BANK_DETAILS, "GetBankDetails-of-BankID-ff-is-invalid", INVALID,
        .bank = 0xff),
    ROW(GET_BANK_DETAILS, "GetBankDetails-without-SlotAddress-is-invalid",
        INVALID, .no_address = true),
    ROW(GET_BANK_DETAILS, "GetBankDetails-short-by-one-is-invalid", INVALID,
        .grow = -1),
    ROW(GET_BANK_DETAILS, "GetBankDetails-long-by-one-is-invalid", INVALID,
        .grow = 1),
    ROW(GET_BANK_DETAILS, "MgmtStructOffset-7-is-invalid", INVALID,
        .offset = 7),
    ROW(GET_BANK_DETAILS, "MgmtStructOffset-behind-the-end-is-invalid",
        INVALID, .offset = 9),
    ROW(GET_BANK_DETAILS, "MgmtStructOffset-12-leaves-bytes-between", 0,
        .offset = 12, .rest = "00000000"),
    ROW(GET_BANK_DETAILS, "ReqLength-7-is-invalid", INVALID, .req_length = 7),
    ROW(GET_BANK_DETAILS, "ReqLength-9-is-invalid", INVALID, .req_length = 9),

    ROW(GET_CERTIFICATE_CHAIN, "GetCertificateChain", 0),
    ROW(GET_CERTIFICATE_CHAIN, "GetCertificateChain-in-a-session", 0,
        .in_session = true),
    ROW(GET_CERTIFICATE_CHAIN, "GetCertificateChain-of-the-other-bank", 0,
        .bank = 1, .slot = 2),
    ROW(GET_CERTIFICATE_CHAIN, "SlotID-has-four-bits", 0, .slot = 0xf1),
    ROW(GET_CERTIFICATE_CHAIN, "GetCertificateChain-of-an-empty-slot-is-"
        "invalid", INVALID, .slot = 2),
    ROW(GET_CERTIFICATE_CHAIN, "GetCertificateChain-of-slot-8-is-invalid",
        INVALID, .slot = 8),
    ROW(GET_CERTIFICATE_CHAIN, "GetCertificateChain-of-a-slot-there-is-not-"
        "is-invalid", INVALID, .slot = 5,
        .withheld = SPDM_PROFILE_SLOT_SET_CERTIFICATE),

    ROW(GET_CSR, "GetCSR", 0, .rest = NO_CSR_KEY),
    ROW(GET_CSR, "GetCSR-ignores-SlotID", 0, .slot = 9, .rest = NO_CSR_KEY),
    ROW(GET_CSR, "GetCSR-that-is-not-served-is-unsupported", UNSUPPORTED,
        .rest = NO_CSR_KEY, .withheld = SPDM_PROFILE_SLOT_GET_CSR),
    ROW(GET_CSR, "GetCSR-short-by-one-is-invalid", INVALID,
        .rest = NO_CSR_KEY, .grow = -1),
    ROW(GET_CSR, "GetCSR-whose-RequesterInfo-is-beyond-is-invalid", INVALID,
        .rest = "00000000" "0100" "0000"),
    ROW(GET_CSR, "GetCSR-whose-RequesterInfo-is-none-is-invalid", INVALID,
        .rest = "00000000" "0100" "0000" "30"),
    ROW(GET_CSR, "GetCSR-whose-OpaqueData-is-malformed-is-invalid", INVALID,
        .rest = "00000000" "0000" "0100" "01"),
    ROW(GET_CSR, "GetCSR-with-KeyPairID-on-one-key-is-invalid", INVALID,
        .rest = "0100" "0000" "00000000"),
    ROW(GET_CSR, "GetCSR-without-KeyPairID-of-several-is-invalid", INVALID,
        .rest = "0001" "0000" "00000000", .multi = true),
    ROW(GET_CSR, "GetCSR-of-several", 0, .rest = "0101" "0000" "00000000",
        .multi = true),
    ROW(GET_CSR, "GetCSR-for-a-key-of-another-bank-is-invalid", INVALID,
        .rest = "0201" "0000" "00000000", .multi = true),
    ROW(GET_CSR, "GetCSR-for-no-key-is-invalid", INVALID,
        .rest = "0301" "0000" "00000000", .multi = true),
    ROW(GET_CSR, "GetCSR-with-a-tag-and-no-reset-is-invalid", INVALID,
        .rest = "0008" "0000" "00000000"),
    ROW(GET_CSR, "GetCSR-with-an-unknown-tag-is-unexpected", UNEXPECTED,
        .rest = "0010" "0000" "00000000", .with = RESET),

    ROW(MANAGE_BANK, "ManageBank-of-empty-slots", 0,
        .rest = CONFIG("20000000"), .empty = true),
    ROW(MANAGE_BANK, "ManageBank-to-what-it-is", 0,
        .rest = CONFIG("08000000")),
    ROW(MANAGE_BANK, "ManageBank-with-a-chain-in-it-is-InvalidState",
        SPDM_ERROR_INVALID_STATE, .rest = CONFIG("20000000")),
    ROW(MANAGE_BANK, "ManageBank-to-what-another-is-is-invalid", INVALID,
        .rest = CONFIG("10000000"), .empty = true),
    ROW(MANAGE_BANK, "ManageBank-to-what-none-can-be-is-invalid", INVALID,
        .rest = CONFIG("01000000"), .empty = true),
    ROW(MANAGE_BANK, "ManageBank-to-nothing-is-invalid", INVALID,
        .rest = CONFIG("00000000"), .empty = true),
    ROW(MANAGE_BANK, "ManageBank-to-two-is-invalid", INVALID,
        .rest = CONFIG("28000000"), .empty = true),
    ROW(MANAGE_BANK, "ManageBank-to-a-classic-and-a-PQC-one-is-invalid",
        INVALID, .rest = "01000000" "20000000" "0401000000", .empty = true),
    ROW(MANAGE_BANK, "ManageBank-to-a-PQC-one-is-invalid", INVALID,
        .rest = "01000000" "00000000" "0401000000", .empty = true),
    ROW(MANAGE_BANK, "ManageBank-to-a-PQC-one-beyond-all-is-invalid", INVALID,
        .rest = "01000000" "00000000" "050000000001", .empty = true),
    ROW(MANAGE_BANK, "ManageBank-with-a-long-PQC-field-of-zeros", 0,
        .rest = "01000000" "20000000" "050000000000", .empty = true),
    ROW(MANAGE_BANK, "ManageBank-with-another-Operation-is-invalid", INVALID,
        .rest = "02000000" "20000000" "00", .empty = true),
    ROW(MANAGE_BANK, "ManageBank-short-by-one-is-invalid", INVALID,
        .rest = CONFIG("20000000"), .empty = true, .grow = -1),
    ROW(MANAGE_BANK, "ManageBank-long-by-one-is-invalid", INVALID,
        .rest = CONFIG("20000000"), .empty = true, .grow = 1),
    ROW(MANAGE_BANK, "ManageBank-of-a-fixed-one-is-invalid", INVALID,
        .rest = CONFIG("20000000"), .empty = true, .fixed = true),
    ROW(MANAGE_BANK, "ManageBank-that-is-not-served-is-unsupported",
        UNSUPPORTED, .rest = CONFIG("20000000"), .empty = true,
        .withheld = SPDM_PROFILE_SLOT_MANAGE_BANK),
    ROW(MANAGE_BANK, "ManageBank-that-cannot-be-stored-is-OperationFailed",
        OP_FAILED, .rest = CONFIG("20000000"), .empty = true, .stuck = true),

    ROW(MANAGE_SLOT, "ManageSlot-erases-slot-0", 0, .rest = ERASE),
    ROW(MANAGE_SLOT, "ManageSlot-of-slot-1-outside-is-unexpected", UNEXPECTED,
        .rest = ERASE, .slot = 1),
    ROW(MANAGE_SLOT, "ManageSlot-of-slot-1-in-a-session", 0, .rest = ERASE,
        .slot = 1, .in_session = true),
    ROW(MANAGE_SLOT, "ManageSlot-of-slot-1-in-a-trusted-environment", 0,
        .rest = ERASE, .slot = 1, .trusted = true),
    ROW(MANAGE_SLOT, "ManageSlot-of-slot-8-is-invalid", INVALID,
        .rest = ERASE, .slot = 8, .in_session = true),
    ROW(MANAGE_SLOT, "ManageSlot-with-another-Operation-is-invalid", INVALID,
        .rest = "02000000"),
    ROW(MANAGE_SLOT, "ManageSlot-short-by-one-is-invalid", INVALID,
        .rest = ERASE, .grow = -1),
    ROW(MANAGE_SLOT, "ManageSlot-that-fails-is-OperationFailed", OP_FAILED,
        .rest = ERASE, .says = SPDM_PROVISION_FAILED),
    ROW(MANAGE_SLOT, "ManageSlot-that-is-not-served-is-unsupported",
        UNSUPPORTED, .rest = ERASE,
        .withheld = SPDM_PROFILE_SLOT_MANAGE_SLOT),
    ROW(MANAGE_SLOT, "ManageSlot-with-CERT_INSTALL_RESET_CAP-needs-a-reset",
        SPDM_ERROR_RESET_REQUIRED, .rest = ERASE, .with = RESET),

    ROW(SET_CERTIFICATE, "SetCertificate", 0, .chain = &p256),
    ROW(SET_CERTIFICATE, "SetCertificate-of-the-selected-bank", 0, .bank = 1,
        .chain = &p384),
    ROW(SET_CERTIFICATE, "SetCertificate-of-another-bank's-algorithm-is-"
        "unspecified", UNSPECIFIED, .chain = &p384),
    ROW(SET_CERTIFICATE, "SetCertificate-of-another-hash-is-unspecified",
        UNSPECIFIED, .bank = 1, .chain = &p384_sha256),
    ROW(SET_CERTIFICATE, "SetCertificate-in-slot-7-in-a-session", 0,
        .chain = &p256, .slot = 7, .in_session = true),
    ROW(SET_CERTIFICATE, "SetCertificate-in-slot-7-outside-is-unexpected",
        UNEXPECTED, .chain = &p256, .slot = 7),
    ROW(SET_CERTIFICATE, "SetCertificate-without-a-chain-is-invalid", INVALID,
        .rest = "00000000" "00000000"),
    ROW(SET_CERTIFICATE, "SetCertificate-short-by-one-is-invalid", INVALID,
        .chain = &p256, .grow = -1),
    ROW(SET_CERTIFICATE, "SetCertificate-long-by-one-is-invalid", INVALID,
        .chain = &p256, .grow = 1),
    ROW(SET_CERTIFICATE, "SetCertificate-whose-CertLength-lies-is-invalid",
        INVALID, .chain = &p256, .at = 16),
    ROW(SET_CERTIFICATE, "SetCertificate-whose-Length-lies-is-invalid",
        INVALID, .chain = &p256, .at = 24),
    ROW(SET_CERTIFICATE, "SetCertificate-with-a-wrong-RootHash-is-"
        "unspecified", UNSPECIFIED, .chain = &p256, .at = 28),
    ROW(SET_CERTIFICATE, "SetCertificate-with-a-model-on-one-key-is-invalid",
        INVALID, .chain = &p256, .at = 20),
    ROW(SET_CERTIFICATE, "SetCertificate-for-a-foreign-key-is-unspecified",
        UNSPECIFIED, .chain = &p256, .says = SPDM_PROVISION_NO_KEY),
    ROW(SET_CERTIFICATE, "SetCertificate-that-is-not-served-is-unsupported",
        UNSUPPORTED, .chain = &p256,
        .withheld = SPDM_PROFILE_SLOT_SET_CERTIFICATE),
    ROW(SET_CERTIFICATE, "SetCertificate-with-CERT_INSTALL_RESET_CAP-needs-"
        "a-reset", SPDM_ERROR_RESET_REQUIRED, .chain = &p256, .with = RESET),
};

static void put_hex(GByteArray *out, const char *hex)
{
    for (; hex && *hex; hex += 2) {
        uint8_t byte = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 |
                                 g_ascii_xdigit_value(hex[1]));

        g_byte_array_append(out, &byte, 1);
    }
}

static void put_chain(GByteArray *out, GBytes *chain, uint8_t attributes,
                      uint8_t key_pair)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(chain, &len);
    const uint8_t head[] = { (uint8_t)len, (uint8_t)(len >> 8), 0, 0,
                             attributes, key_pair, 0, 0 };

    g_byte_array_append(out, head, sizeof(head));
    g_byte_array_append(out, data, (guint)len);
}

static GByteArray *make_request(const Row *row)
{
    uint8_t offset = row->offset ? row->offset : row->no_address ? 0 : 8;
    const uint8_t head[] = { V14, SPDM_SLOT_MANAGEMENT, row->sub_code, 0,
                             offset, 0, 0, 0 };
    const uint8_t address[] = { row->req_length ? row->req_length : 8, 0, 0,
                                0, row->bank, row->slot, 0, 0 };
    GByteArray *m = g_byte_array_new();
    guint len;

    g_byte_array_append(m, head, sizeof(head));
    if (offset == 12) {
        put_hex(m, row->rest);
    }
    if (!row->no_address) {
        g_byte_array_append(m, address, sizeof(address));
    }
    if (offset != 12) {
        put_hex(m, row->rest);
    }
    if (row->chain) {
        put_chain(m, *row->chain, 0, 0);
    }
    len = m->len;
    if (row->at) {
        m->data[row->at] ^= 0x01;
    }
    g_byte_array_set_size(m, (guint)((int)len + row->grow));
    for (guint i = len; i < m->len; i++) {
        m->data[i] = 0;
    }
    return m;
}

static void send(Fx *fx, SpdmSession *s, const GByteArray *message)
{
    g_byte_array_set_size(fx->sent, 0);
    g_byte_array_append(fx->sent, message->data, message->len);
    spdm_conn_note_request(&fx->conn, s, message->data[1]);
    g_assert_true(fx_send(fx, s, SPDM_BYTES(message->data, message->len)));
}

static void expect(const Fx *fx, uint8_t sub_code, uint8_t error)
{
    const GByteArray *a = fx->answer;

    g_assert_cmpuint(a->len, >=, SPDM_HEADER_SIZE);
    if (!error) {
        g_test_message("%s", fx_info(fx).last_error);
        g_assert_cmphex(a->data[1], ==, 0x08);
        g_assert_cmphex(a->data[2], ==, sub_code);
        g_assert_cmphex(a->data[4], ==, sub_code < 0x20 ? 8 : 0);
        return;
    }
    g_assert_cmphex(a->data[1], ==, SPDM_ERROR);
    g_assert_cmpstr(spdm_error_name(a->data[2]), ==, spdm_error_name(error));
    g_assert_cmphex(a->data[3], ==, error == UNSUPPORTED ? 0x88 :
                    error == SPDM_ERROR_RESET_REQUIRED && sub_code == 4 ? 1
                    : 0);
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    FxOptions o = { .version = V14, .rsp_flags = FX_RSP_FLAGS | row->with,
                    .rsp_ext_flags = row->no_cap ? 0 : SPDM_SLOT_MGMT_CAP };
    g_autoptr(Fx) fx = start(&o);
    g_autoptr(GByteArray) m = make_request(row);
    SpdmSession *s = row->in_session ? fx_sigma(fx) : NULL;
    bool changes = row->sub_code == SPDM_SLOT_MANAGE_SLOT ||
                   row->sub_code == SPDM_SLOT_SET_CERTIFICATE;
    bool reached = !row->error || row->says || row->stuck ||
                   row->error == SPDM_ERROR_RESET_REQUIRED;

    dev.says = row->says;
    dev.stuck = row->stuck;
    dev.fixed = row->fixed;
    if (row->empty) {
        dev.slots[0] = dev.slots[1] = 0;
    }
    fx->profile.slot_sub_codes &= (uint8_t)~row->withheld;
    fx->profile.trusted_environment = row->trusted;
    fx->r->conn.multi_key_rsp = row->multi;
    if (row->no_hash) {
        fx->r->conn.hash = NULL;
    }
    send(fx, s, m);
    expect(fx, row->sub_code, row->error);
    g_assert_cmpuint(dev.sets, ==, changes && reached);
    g_assert_cmpuint(dev.csrs, ==, row->sub_code == SPDM_SLOT_GET_CSR &&
                     !row->error);
    /* Told to subscribers is what this connection can see. */
    g_assert_cmpuint(fx_info(fx).chains_changed, ==,
                     changes && !row->error && row->bank == 1);
}

/* What it says. */

static void ask(Fx *fx, const Row *row)
{
    g_autoptr(GByteArray) m = make_request(row);

    send(fx, NULL, m);
    expect(fx, row->sub_code, row->error);
}

static void test_sub_codes(void)
{
    static const Row row = { .sub_code = 0, .no_address = true };
    g_autoptr(Fx) fx = usual(0);
    const uint8_t *a;

    fx->profile.slot_sub_codes &= (uint8_t)~SPDM_PROFILE_SLOT_MANAGE_SLOT;
    ask(fx, &row);
    a = fx->answer->data;
    g_assert_cmpuint(fx->answer->len, ==, 8 + 36);
    g_assert_cmphex(a[8], ==, 36);
    g_assert_cmphex(a[12], ==, 0x1f);
    g_assert_cmphex(a[16], ==, 0x05);
    dev_ops.set_bank = NULL;
    ask(fx, &row);
    g_assert_cmphex(fx->answer->data[16], ==, 0x04);
}

static void test_banks(void)
{
    static const uint8_t all[] = { 16, 0, 0, 0, 2, 0, 0, 0,
                                   4, 0, 0xff, 0xff, 4, 1, 0xff, 0xff };
    static const uint8_t used[] = { 16, 0, 0, 0, 2, 0, 0, 0,
                                    4, 0, 0x03, 0, 4, 1, 0x05, 0 };
    static const Row row = { .sub_code = 1, .no_address = true };
    g_autoptr(Fx) fx = usual(0);

    ask(fx, &row);
    g_assert_cmpmem(fx->answer->data + 8, fx->answer->len - 8, all, 16);
    fx->profile.slot_sub_codes = 0;
    ask(fx, &row);
    g_assert_cmpmem(fx->answer->data + 8, fx->answer->len - 8, used, 16);
}

/* The digest in @slot of the answer, and the rest of its element. */
static SpdmSlotElement element(const Fx *fx, unsigned slot)
{
    SpdmWireCtx ctx = { .hash_size = 48 };
    size_t first = 8 + 20 + 3 * 5 + 4, size = 16 + 48;
    SpdmCoder c = spdm_coder_reader(&ctx, SPDM_BYTES(
        fx->answer->data + first + slot * size, size));
    SpdmSlotElement e = { .slot_id = 0 };

    g_assert_cmpuint(fx->answer->len, ==, first + 8 * size);
    spdm_code_slot_element(&c, &e);
    g_assert_true(spdm_coder_ok(&c));
    g_assert_cmpuint(spdm_coder_left(&c), ==, 0);
    return e;
}

static void test_details_are_those_of_DIGESTS(void)
{
    static const Row row = { .sub_code = 2, .bank = 1 };
    SpdmMsg digests;
    g_autoptr(Fx) fx = usual(SPDM_GET_KEY_PAIR_INFO_CAP);
    uint8_t told[48];
    SpdmSlotElement e;

    digests = fx_msg(fx, SPDM_GET_DIGESTS, 0, 0);
    fx_ask(fx, NULL, &digests);
    g_assert_cmphex(fx->rsp.h.param1, ==, 0xff);
    g_assert_cmphex(fx->rsp.h.param2, ==, 0x05);
    memcpy(told, fx->rsp.digests.digests.data + 48, 48);
    ask(fx, &row);
    g_assert_cmphex(fx->answer->data[8 + 2], ==, 1);
    g_assert_cmphex(fx->answer->data[8 + 6], ==,
                    SPDM_BANK_SELECTED | SPDM_BANK_CONFIG_ALGO);
    g_assert_cmphex(fx->answer->data[8 + 8], ==, P256 | P384 | P521);
    g_assert_cmphex(fx->answer->data[8 + 12], ==, P384);
    g_assert_cmphex(fx->answer->data[8 + 16], ==, P384 | P521);
    e = element(fx, 2);
    g_assert_cmphex(e.slot_id, ==, 2);
    g_assert_cmphex(e.attributes, ==, SPDM_SLOT_PROVISIONED);
    g_assert_cmpuint(e.slot_size, ==, 65535);
    g_assert_cmpuint(e.key_pair_id + e.certificate_info, ==, 0);
    g_assert_cmpmem(e.digest.data, e.digest.len, told, 48);
}

static void test_details_of_several_keys(void)
{
    static const Row row = { .sub_code = 2, .bank = 1 };
    g_autoptr(Fx) fx = usual(0);
    SpdmSlotElement e;

    fx->r->conn.multi_key_rsp = true;
    ask(fx, &row);
    e = element(fx, 0);
    g_assert_cmpuint(e.key_pair_id, ==, 2);
    g_assert_cmpuint(e.certificate_info, ==, SPDM_CERT_MODEL_DEVICE);
    g_assert_cmphex(e.key_usage, ==, SPDM_KEY_USAGE_CHALLENGE);
    e = element(fx, 1);
    g_assert_cmphex(e.attributes, ==, 0);
    g_assert_cmpuint(e.key_pair_id, ==, 2);
    g_assert_cmpuint(e.certificate_info, ==, SPDM_CERT_MODEL_NONE);
    e = element(fx, 7);
    g_assert_cmpuint(e.key_pair_id, ==, 0);
}

static void test_read_only_slots_are_protected(void)
{
    static const Row row = { .sub_code = 2 };
    g_autoptr(Fx) fx = usual(0);
    size_t first = 8 + 20 + 3 * 5 + 4;

    fx->profile.slot_sub_codes = 0;
    ask(fx, &row);
    g_assert_cmphex(fx->answer->data[8 + 6], ==, 0);
    g_assert_cmphex(fx->answer->data[8 + 8], ==, 0);
    g_assert_cmphex(fx->answer->data[first + 4], ==,
                    SPDM_SLOT_PROVISIONED | SPDM_SLOT_WRITE_PROTECTED);
}

static void test_device_is_told_all(void)
{
    static const Row csr = { .sub_code = 4, .rest = "0103" "0000"
                             "00000000" };
    g_autoptr(Fx) fx = usual(0);
    g_autoptr(GByteArray) m = NULL;
    Row set = { .sub_code = 0x22, .slot = 3 };
    SpdmSession *s = fx_sigma(fx);

    fx->r->conn.multi_key_rsp = true;
    ask(fx, &csr);
    g_assert_cmphex(dev.csr.asym, ==, ASYM_P256);
    g_assert_cmphex(dev.csr.key_pair_id, ==, 1);
    g_assert_cmphex(dev.csr.model, ==, 3);
    g_assert_cmpmem(fx->answer->data + 16, fx->answer->len - 16, "request",
                    7);
    m = make_request(&set);
    put_chain(m, p256, SPDM_CERT_MODEL_GENERIC, 1);
    send(fx, s, m);
    expect(fx, 0x22, 0);
    g_assert_cmphex(dev.set.asym, ==, ASYM_P256);
    g_assert_cmphex(dev.set.slot, ==, 3);
    g_assert_cmphex(dev.set.key_pair_id, ==, 1);
    g_assert_cmphex(dev.set.model, ==, SPDM_CERT_MODEL_GENERIC);
    g_assert_cmpuint(dev.set_len, ==, g_bytes_get_size(p256));
}

static void test_configured_bank_is_another(void)
{
    static const Row row = { .sub_code = 0x20, .bank = 1,
                             .rest = CONFIG("20000000") };
    static const Row details = { .sub_code = 2, .bank = 1 };
    g_autoptr(Fx) fx = usual(0);

    dev.slots[1] = 0;
    ask(fx, &row);
    g_assert_cmpuint(dev.configs, ==, 1);
    ask(fx, &details);
    g_assert_cmphex(fx->answer->data[8 + 6], ==, SPDM_BANK_CONFIG_ALGO);
    g_assert_cmphex(fx->answer->data[8 + 12], ==, P521);
    ask(fx, &row);
    g_assert_cmpuint(dev.configs, ==, 1);
}

/* One pool for both requests, and over a reset. */
static void test_tags_are_shared_with_GET_CSR(void)
{
    static const Row row = { .sub_code = 4, .rest = NO_CSR_KEY,
                             .error = SPDM_ERROR_RESET_REQUIRED };
    static const Row again = { .sub_code = 4, .rest = "0008" "0000"
                               "00000000" };
    static const uint8_t get_csr[] = { V14, SPDM_GET_CSR, 0, 0, 0, 0, 0, 0 };
    g_autoptr(GByteArray) m = g_byte_array_new();
    g_autoptr(Fx) fx = usual(RESET | SPDM_CSR_CAP | SPDM_SET_CERT_CAP);

    ask(fx, &row);
    g_byte_array_append(m, get_csr, sizeof(get_csr));
    send(fx, NULL, m);
    g_assert_cmphex(fx->answer->data[2], ==, SPDM_ERROR_RESET_REQUIRED);
    g_assert_cmphex(fx->answer->data[3], ==, 2);
    spdm_responder_reset(fx->r);
    fx_negotiate(fx);
    ask(fx, &again);
    g_assert_cmpuint(dev.csrs, ==, 1);
    g_assert_cmphex(dev.tags.ready, ==, 1 << 2);
}

static void test_large_answers_take_chunks(void)
{
    static const Row row = { .sub_code = 2 };
    FxOptions o = {
        .version = V14, .rsp_ext_flags = SPDM_SLOT_MGMT_CAP,
        .rsp_flags = FX_RSP_FLAGS, .req_flags = FX_REQ_FLAGS,
        .data_transfer_size = 128, .max_msg_size = 128,
    };
    g_autoptr(Fx) small = start(&o);
    g_autoptr(Fx) chunked = NULL;
    g_autoptr(GByteArray) m = make_request(&row);

    send(small, NULL, m);
    expect(small, 2, SPDM_ERROR_RESPONSE_TOO_LARGE);
    o.rsp_flags |= SPDM_CHUNK_CAP;
    o.req_flags |= SPDM_CHUNK_CAP;
    o.max_msg_size = 0x4000;
    chunked = start(&o);
    send(chunked, NULL, m);
    g_assert_cmphex(chunked->answer->data[2], ==, SPDM_ERROR_LARGE_RESPONSE);
}

static void test_capability_is_saved(void)
{
    static const Row row = { .sub_code = 1, .no_address = true };
    g_autoptr(Fx) fx = usual(0);
    g_autoptr(GBytes) state = spdm_responder_save(fx->r);
    g_autoptr(GError) err = NULL;

    spdm_responder_reset(fx->r);
    g_assert_true(spdm_responder_load(fx->r, state, &err));
    ask(fx, &row);
    /* A profile without it is not the one that was saved. */
    fx->profile.ext_flags = 0;
    g_assert_false(spdm_responder_load(fx->r, state, &err));
    g_assert_nonnull(strstr(err->message, "capabilities"));
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "SubCodes-are-those-that-are-served", test_sub_codes },
    { "banks-have-the-slots-there-are", test_banks },
    { "details-are-those-of-DIGESTS", test_details_are_those_of_DIGESTS },
    { "details-of-several-keys", test_details_of_several_keys },
    { "read-only-slots-are-protected", test_read_only_slots_are_protected },
    { "device-is-told-all", test_device_is_told_all },
    { "configured-bank-is-another", test_configured_bank_is_another },
    { "tags-are-shared-with-GET_CSR", test_tags_are_shared_with_GET_CSR },
    { "large-answers-take-chunks", test_large_answers_take_chunks },
    { "capability-is-saved", test_capability_is_saved },
};

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    p256 = make_chain("ECDSA-P256", "SHA-384");
    p384 = make_chain("ECDSA-P384", "SHA-384");
    p384_sha256 = make_chain("ECDSA-P384", "SHA-256");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/responder/slots/",
                                            rows[i].name, NULL);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/responder/slots/",
                                            tests[i].name, NULL);

        g_test_add_func(path, tests[i].test);
    }
    ret = g_test_run();
    g_bytes_unref(p256);
    g_bytes_unref(p384);
    g_bytes_unref(p384_sha256);
    return ret;
}

/*
 * GET_CSR and SET_CERTIFICATE: a row for every rule, and what happens across
 * resets and snapshots. The device only notes what it is told to do.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/hash.h"
#include "crypto/x509.h"
#include "device.h"

enum {
    V12 = SPDM_VERSION_12,
    V13 = SPDM_VERSION_13,
    V14 = SPDM_VERSION_14,
    RESET = SPDM_CERT_INSTALL_RESET_CAP,
    ALIAS = SPDM_ALIAS_CERT_CAP,
    PROVISION = SPDM_SET_CERT_CAP | SPDM_CSR_CAP,
    TAG_1 = 1 << SPDM_CSR_TAG_SHIFT,
    TAG_2 = 2 << SPDM_CSR_TAG_SHIFT,
};

#define INVALID SPDM_ERROR_INVALID_REQUEST
#define UNEXPECTED SPDM_ERROR_UNEXPECTED_REQUEST
#define UNSUPPORTED SPDM_ERROR_UNSUPPORTED_REQUEST
#define UNSPECIFIED SPDM_ERROR_UNSPECIFIED
#define RESET_REQUIRED SPDM_ERROR_RESET_REQUIRED

/* The device. */

static struct {
    unsigned csrs;
    SpdmCsrRequest last_csr;
    unsigned sets;
    SpdmSetCertificate last_set;
    GByteArray *chain;
    SpdmProvisionStatus says;
    bool no_csr;
    uint8_t staged;
    SpdmCsrTags tags;
    bool no_store;
} dev;

static bool dev_csr(void *opaque, const SpdmCsrRequest *ask, GByteArray *csr)
{
    dev.csrs++;
    dev.last_csr = *ask;
    g_byte_array_append(csr, (const uint8_t *)"request", 7);
    return !dev.no_csr;
}

static SpdmProvisionStatus dev_set(void *opaque,
                                   const SpdmSetCertificate *ask)
{
    dev.sets++;
    dev.last_set = *ask;
    g_byte_array_set_size(dev.chain, 0);
    if (ask->chain.len) {
        g_byte_array_append(dev.chain, ask->chain.data,
                            (guint)ask->chain.len);
    }
    if (dev.says == SPDM_PROVISION_OK && ask->at_reset) {
        dev.staged |= (uint8_t)(1u << ask->slot);
    }
    return dev.says;
}

static uint8_t dev_staged(void *opaque)
{
    return dev.staged;
}

static uint8_t dev_reset(void *opaque)
{
    uint8_t staged = dev.staged;

    dev.staged = 0;
    dev.tags.ready |= dev.tags.waiting;
    dev.tags.waiting = 0;
    return staged;
}

static SpdmCsrTags dev_tags(void *opaque)
{
    return dev.tags;
}

static bool dev_set_tags(void *opaque, const SpdmCsrTags *tags)
{
    if (!dev.no_store) {
        dev.tags = *tags;
    }
    return !dev.no_store;
}

static SpdmProviderOps dev_ops;

static Fx *start(uint8_t version, uint32_t flags, uint32_t without)
{
    FxOptions o = {
        .version = version,
        .rsp_flags = (FX_RSP_FLAGS | PROVISION | flags) & ~without,
    };
    Fx *fx = fx_new(&o);

    g_clear_pointer(&dev.chain, g_byte_array_unref);
    memset(&dev, 0, sizeof(dev));
    dev.chain = g_byte_array_new();
    dev_ops = device_ops;
    dev_ops.csr = dev_csr;
    dev_ops.set_certificate = dev_set;
    dev_ops.staged_slots = dev_staged;
    dev_ops.platform_reset = dev_reset;
    dev_ops.csr_tags = dev_tags;
    dev_ops.set_csr_tags = dev_set_tags;
    fx->r->provider.ops = &dev_ops;
    fx_negotiate(fx);
    return fx;
}

/* Things to send. */

/* SEQUENCE { 0, subject CN=x, an Ed25519 key of zeros, no attributes }. */
static const uint8_t info[] = {
    0x30, 0x3f,
    0x02, 0x01, 0x00,
    0x30, 0x0c, 0x31, 0x0a, 0x30, 0x08, 0x06, 0x03, 0x55, 0x04, 0x03,
    0x0c, 0x01, 'x',
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0xa0, 0x00,
};

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
    g_autoptr(GPtrArray) der = NULL;

    g_assert_nonnull(spec.alg);
    der = spdm_x509_generate(&spec, &rng, NULL, NULL);
    return spdm_x509_build_chain(der, spdm_hash_by_name(hash));
}

static GBytes *good, *other_alg, *other_hash;

/* Outside or in a session; Fx decodes the answer. */
static void send(Fx *fx, SpdmSession *s, const GByteArray *message)
{
    g_byte_array_set_size(fx->sent, 0);
    g_byte_array_append(fx->sent, message->data, message->len);
    spdm_conn_note_request(&fx->conn, s, message->data[1]);
    g_assert_true(fx_send(fx, s, SPDM_BYTES(message->data, message->len)));
}

static void expect(const Fx *fx, uint8_t code, uint8_t error, uint8_t param2)
{
    const GByteArray *a = fx->answer;

    g_assert_cmpuint(a->len, >=, SPDM_HEADER_SIZE);
    if (!error) {
        g_assert_cmphex(a->data[1], ==, SPDM_RESPONSE_OF(code));
        return;
    }
    g_test_message("%s", fx_info(fx).last_error);
    g_assert_cmphex(a->data[1], ==, SPDM_ERROR);
    g_assert_cmpstr(spdm_error_name(a->data[2]), ==, spdm_error_name(error));
    g_assert_cmphex(a->data[3], ==, param2);
}

static GByteArray *get_csr(const Fx *fx, uint8_t p1, uint8_t p2,
                           SpdmBytes with, SpdmBytes opaque)
{
    const uint8_t head[] = {
        fx->o.version, SPDM_GET_CSR, p1, p2, (uint8_t)with.len,
        (uint8_t)(with.len >> 8), (uint8_t)opaque.len,
        (uint8_t)(opaque.len >> 8),
    };
    GByteArray *m = g_byte_array_new();

    g_byte_array_append(m, head, sizeof(head));
    g_byte_array_append(m, with.data, (guint)with.len);
    g_byte_array_append(m, opaque.data, (guint)opaque.len);
    return m;
}

static void ask_csr(Fx *fx, uint8_t p1, uint8_t p2, uint8_t error,
                    uint8_t param2)
{
    g_autoptr(GByteArray) m = get_csr(fx, p1, p2, SPDM_BYTES(info, 0),
                                      SPDM_BYTES(info, 0));

    send(fx, NULL, m);
    expect(fx, SPDM_GET_CSR, error, param2);
}

static GByteArray *set_certificate(const Fx *fx, uint8_t p1, uint8_t p2,
                                   GBytes *chain)
{
    const uint8_t head[] = { fx->o.version, SPDM_SET_CERTIFICATE, p1, p2 };
    GByteArray *m = g_byte_array_new();
    gsize len;
    const uint8_t *data = chain ? g_bytes_get_data(chain, &len) : NULL;

    g_byte_array_append(m, head, sizeof(head));
    if (chain) {
        g_byte_array_append(m, data, (guint)len);
    }
    return m;
}

static void ask_set(Fx *fx, SpdmSession *s, uint8_t p1, GBytes *chain,
                    uint8_t error)
{
    g_autoptr(GByteArray) m = set_certificate(fx, p1, 0, chain);

    send(fx, s, m);
    expect(fx, SPDM_SET_CERTIFICATE, error, 0);
}

/* Rows. */

typedef struct Row {
    const char *name;
    uint8_t code;
    uint8_t error;           /* 0: the response */
    uint8_t first, last;     /* versions, 0: 1.2 and 1.4 */
    bool in_session;
    bool multi;              /* a connection with several keys */
    bool trusted;            /* the profile's trusted-environment */
    uint8_t p1, p2;
    uint32_t with, without;  /* the responder's flags */
    bool info;               /* GET_CSR: RequesterInfo */
    int info_edit;           /* byte of it that is inverted, from 1 */
    const char *opaque;
    bool no_opaque_format;
    GBytes **chain;          /* SET_CERTIFICATE */
    int grow;                /* bytes appended, or cut off */
    int at;                  /* byte of the message that is inverted */
    bool no_asym;
    SpdmProvisionStatus says;
    bool no_csr;
} Row;

#define CSR(name_, error_, ...) \
    { .name = "GET_CSR-" name_, .code = SPDM_GET_CSR, .error = error_, \
      ##__VA_ARGS__ }
#define SET(name_, error_, ...) \
    { .name = "SET_CERTIFICATE-" name_, .code = SPDM_SET_CERTIFICATE, \
      .error = error_, ##__VA_ARGS__ }

static const Row rows[] = {
    CSR("outside-a-session", 0),
    CSR("in-a-session", 0, .in_session = true),
    CSR("with-RequesterInfo", 0, .info = true),
    CSR("without-CSR_CAP-is-unsupported", UNSUPPORTED,
        .without = SPDM_CSR_CAP),
    CSR("short-by-one-is-invalid", INVALID, .grow = -1),
    CSR("long-by-one-is-invalid", INVALID, .grow = 1),
    CSR("with-RequesterInfo-short-by-one-is-invalid", INVALID, .info = true,
        .grow = -1),
    CSR("RequesterInfo-of-version-1-is-invalid", INVALID, .info = true,
        .info_edit = 5),
    CSR("RequesterInfo-that-is-no-SEQUENCE-is-invalid", INVALID,
        .info = true, .info_edit = 1),
    CSR("RequesterInfo-whose-length-lies-is-invalid", INVALID, .info = true,
        .info_edit = 2),
    CSR("OpaqueData-without-a-format-is-invalid", INVALID, .opaque = "01",
        .no_opaque_format = true),
    CSR("OpaqueData-that-is-malformed-is-invalid", INVALID,
        .opaque = "\x01"),
    CSR("OpaqueData-with-no-element", 0, .opaque = "\0\0\0\0"),
    CSR("KeyPairID-on-a-single-key-connection-is-invalid", INVALID,
        .first = V13, .p1 = 1),
    CSR("model-on-a-single-key-connection-is-invalid", INVALID, .first = V13,
        .p2 = 1),
    CSR("Param1-is-reserved-in-1.2", 0, .first = V12, .last = V12, .p1 = 1),
    CSR("Param2-is-reserved-in-1.2", 0, .first = V12, .last = V12,
        .p2 = 0xff),
    CSR("KeyPairID-0-of-several-is-invalid", INVALID, .first = V13,
        .multi = true, .p2 = 1),
    CSR("model-0-of-several-is-invalid", INVALID, .first = V13,
        .multi = true, .p1 = 1),
    CSR("model-4-is-invalid", INVALID, .first = V13, .multi = true, .p1 = 1,
        .p2 = 4),
    CSR("DeviceCert-of-several", 0, .first = V13, .multi = true, .p1 = 1,
        .p2 = 1),
    CSR("GenericCert-of-several", 0, .first = V13, .multi = true, .p1 = 2,
        .p2 = 3),
    CSR("AliasCert-without-ALIAS_CERT_CAP-is-invalid", INVALID, .first = V13,
        .multi = true, .p1 = 1, .p2 = 2),
    CSR("AliasCert-with-ALIAS_CERT_CAP", 0, .first = V13, .multi = true,
        .p1 = 1, .p2 = 2, .with = ALIAS),
    CSR("tag-without-CERT_INSTALL_RESET_CAP-is-invalid", INVALID,
        .first = V13, .p2 = TAG_1),
    CSR("Overwrite-alone", 0, .first = V13, .p2 = SPDM_CSR_OVERWRITE),
    CSR("Overwrite-with-a-tag-is-invalid", INVALID, .first = V13,
        .p2 = SPDM_CSR_OVERWRITE | TAG_1, .with = RESET),
    CSR("unknown-tag-is-unexpected", UNEXPECTED, .first = V13, .p2 = TAG_2,
        .with = RESET),
    CSR("that-the-device-cannot-make-is-unspecified", UNSPECIFIED,
        .no_csr = true),
    CSR("without-signatures-is-unexpected", UNEXPECTED, .no_asym = true),

    SET("of-slot-0-outside-a-session", 0, .chain = &good),
    SET("of-slot-0-in-a-session", 0, .chain = &good, .in_session = true),
    SET("of-slot-7-in-a-session", 0, .chain = &good, .in_session = true,
        .p1 = 7),
    SET("of-slot-1-outside-a-session-is-unexpected", UNEXPECTED,
        .chain = &good, .p1 = 1),
    SET("of-slot-1-in-a-trusted-environment", 0, .chain = &good, .p1 = 1,
        .trusted = true),
    SET("of-slot-8-is-invalid", INVALID, .chain = &good, .p1 = 8,
        .in_session = true),
    SET("of-slot-15-is-invalid", INVALID, .chain = &good, .p1 = 15),
    SET("without-SET_CERT_CAP-is-unsupported", UNSUPPORTED, .chain = &good,
        .without = PROVISION),
    SET("without-a-chain-is-invalid", INVALID),
    SET("short-by-one-is-invalid", INVALID, .chain = &good, .grow = -1),
    SET("long-by-one-is-invalid", INVALID, .chain = &good, .grow = 1),
    SET("whose-Length-lies-is-invalid", INVALID, .chain = &good, .at = 4),
    SET("with-a-wrong-RootHash-is-unspecified", UNSPECIFIED, .chain = &good,
        .at = 8),
    SET("with-a-broken-certificate-is-unspecified", UNSPECIFIED,
        .chain = &good, .at = -20),
    SET("of-another-algorithm-is-unspecified", UNSPECIFIED,
        .chain = &other_alg),
    SET("of-another-hash-is-unspecified", UNSPECIFIED, .chain = &other_hash),
    SET("for-a-foreign-key-is-unspecified", UNSPECIFIED, .chain = &good,
        .says = SPDM_PROVISION_NO_KEY),
    SET("that-cannot-be-stored-is-unspecified", UNSPECIFIED, .chain = &good,
        .says = SPDM_PROVISION_FAILED),
    SET("KeyPairID-on-a-single-key-connection-is-invalid", INVALID,
        .first = V13, .chain = &good, .p2 = 1),
    SET("model-on-a-single-key-connection-is-invalid", INVALID, .first = V13,
        .chain = &good, .p1 = 0x10),
    SET("Param2-and-the-model-are-reserved-in-1.2", 0, .first = V12,
        .last = V12, .chain = &good, .p1 = 0xf0, .p2 = 9),
    SET("DeviceCert-of-several", 0, .first = V13, .multi = true, .p1 = 0x10,
        .p2 = 1, .chain = &good),
    SET("GenericCert-in-slot-0-is-invalid", INVALID, .first = V13,
        .multi = true, .p1 = 0x30, .p2 = 1, .chain = &good),
    SET("GenericCert-in-slot-1", 0, .first = V13, .multi = true, .p1 = 0x31,
        .p2 = 1, .chain = &good, .in_session = true),
    SET("model-5-is-invalid", INVALID, .first = V13, .multi = true,
        .p1 = 0x50, .p2 = 1, .chain = &good),
    SET("KeyPairID-0-of-several-is-invalid", INVALID, .first = V13,
        .multi = true, .p1 = 0x10, .chain = &good),
    SET("Erase", 0, .first = V13, .p1 = SPDM_SET_CERT_ERASE),
    SET("Erase-of-slot-3-in-a-session", 0, .first = V13, .in_session = true,
        .p1 = SPDM_SET_CERT_ERASE | 3),
    SET("Erase-of-slot-3-outside-is-unexpected", UNEXPECTED, .first = V13,
        .p1 = SPDM_SET_CERT_ERASE | 3),
    SET("Erase-with-a-model-is-invalid", INVALID, .first = V13,
        .p1 = SPDM_SET_CERT_ERASE | 0x10),
    SET("Erase-with-a-chain-is-invalid", INVALID, .first = V13,
        .p1 = SPDM_SET_CERT_ERASE, .chain = &good),
    SET("Erase-that-fails-is-OperationFailed", SPDM_ERROR_OPERATION_FAILED,
        .first = V13, .p1 = SPDM_SET_CERT_ERASE,
        .says = SPDM_PROVISION_FAILED),
    SET("with-CERT_INSTALL_RESET_CAP-needs-a-reset", RESET_REQUIRED,
        .chain = &good, .with = RESET),
    SET("without-signatures-is-unexpected", UNEXPECTED, .chain = &good,
        .no_asym = true),
};

static GByteArray *make_request(const Row *row, const Fx *fx)
{
    SpdmBytes opaque = SPDM_BYTES(row->opaque, !row->opaque ? 0 :
                                  *row->opaque ? strlen(row->opaque) : 4);
    GByteArray *m = row->code == SPDM_GET_CSR ?
        get_csr(fx, row->p1, row->p2,
                SPDM_BYTES(info, row->info ? sizeof(info) : 0), opaque) :
        set_certificate(fx, row->p1, row->p2, row->chain ? *row->chain
                                                          : NULL);
    guint len = m->len;

    if (row->info_edit) {
        m->data[8 + row->info_edit - 1] ^= 0xff;
    }
    if (row->at) {
        m->data[row->at < 0 ? (int)len + row->at : row->at] ^= 0xff;
    }
    g_byte_array_set_size(m, (guint)((int)len + row->grow));
    for (guint i = len; i < m->len; i++) {
        m->data[i] = 0;
    }
    return m;
}

static void run_row(const Row *row, uint8_t version)
{
    g_autoptr(Fx) fx = start(version, row->with, row->without);
    g_autoptr(GByteArray) m = make_request(row, fx);
    SpdmSession *s = row->in_session ? fx_sigma(fx) : NULL;

    dev.says = row->says;
    dev.no_csr = row->no_csr;
    fx->r->conn.multi_key_rsp = row->multi;
    fx->profile.trusted_environment = row->trusted;
    if (row->no_opaque_format) {
        fx->r->conn.other_params = 0;
    }
    if (row->no_asym) {
        fx->r->conn.asym = NULL;
    }
    send(fx, s, m);
    expect(fx, row->code, row->error, row->error == UNSUPPORTED ? row->code
                                                                : 0);
    g_assert_cmpuint(fx_info(fx).chains_changed, ==,
                     row->code == SPDM_SET_CERTIFICATE && !row->error);
    if (row->error && !row->says && !row->no_csr &&
        row->error != RESET_REQUIRED) {
        g_assert_cmpuint(dev.csrs + dev.sets, ==, 0);
    }
}

static void test_row(gconstpointer data)
{
    static const uint8_t versions[] = { V12, V13, V14 };
    const Row *row = data;

    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        if (versions[i] >= row->first &&
            versions[i] <= (row->last ? row->last : 0xff)) {
            run_row(row, versions[i]);
        }
    }
}

/* What reaches the device. */

static void test_csr_is_told_all(void)
{
    g_autoptr(Fx) fx = start(V13, 0, 0);
    g_autoptr(GByteArray) m = get_csr(fx, 2, 3, SPDM_BYTES(info,
                                                           sizeof(info)),
                                      SPDM_BYTES("\0\0\0\0", 4));

    fx->r->conn.multi_key_rsp = true;
    send(fx, NULL, m);
    expect(fx, SPDM_GET_CSR, 0, 0);
    g_assert_cmpmem(fx->answer->data + 8, fx->answer->len - 8, "request", 7);
    g_assert_cmpuint(fx->answer->data[4], ==, 7);
    g_assert_cmpuint(dev.last_csr.key_pair_id, ==, 2);
    g_assert_cmpuint(dev.last_csr.model, ==, 3);
    g_assert_cmpuint(dev.last_csr.requester_info.len, ==, sizeof(info));
    g_assert_cmpuint(dev.last_csr.opaque.len, ==, 4);
    g_assert_cmphex(dev.last_csr.asym, ==, fx->conn.asym->bit);
}

static void test_set_is_told_all(void)
{
    g_autoptr(Fx) fx = start(V13, 0, 0);
    g_autoptr(GByteArray) m = set_certificate(fx, 0x30 | 5, 9, good);
    SpdmSession *s = fx_sigma(fx);

    fx->r->conn.multi_key_rsp = true;
    send(fx, s, m);
    expect(fx, SPDM_SET_CERTIFICATE, 0, 0);
    g_assert_cmphex(fx->answer->data[2], ==, 5);
    g_assert_cmpuint(dev.last_set.slot, ==, 5);
    g_assert_cmpuint(dev.last_set.model, ==, 3);
    g_assert_cmpuint(dev.last_set.key_pair_id, ==, 9);
    g_assert_false(dev.last_set.at_reset);
    g_assert_cmpmem(dev.chain->data, dev.chain->len,
                    g_bytes_get_data(good, NULL), g_bytes_get_size(good));
    g_assert_cmphex(dev.last_set.hash, ==, fx->conn.hash->bit);
}

/* DOE pads with up to three bytes; the chain's Length tells. */
static void test_padding(void)
{
    for (int pad = 0; pad <= 4; pad++) {
        FxOptions o = {
            .version = V12, .transport = SPDM_TRANSPORT_PCI_DOE,
            .rsp_flags = FX_RSP_FLAGS | PROVISION,
        };
        g_autoptr(Fx) fx = fx_new(&o);
        g_autoptr(GByteArray) m = NULL;

        memset(&dev.last_set, 0, sizeof(dev.last_set));
        fx->r->provider.ops = &dev_ops;
        fx_negotiate(fx);
        m = set_certificate(fx, 0, 0, good);
        while (m->len % 4 || pad == 4) {
            g_byte_array_append(m, (const uint8_t *)"\0", 1);
            if (pad == 4 && m->len % 4 == 0) {
                break;
            }
        }
        send(fx, NULL, m);
        expect(fx, SPDM_SET_CERTIFICATE,
               m->len - 4 - g_bytes_get_size(good) > 3 ? INVALID : 0, 0);
    }
}

static void test_without_provider(void)
{
    g_autoptr(Fx) fx = start(V13, 0, 0);

    fx->r->provider.ops = &device_ops;
    ask_csr(fx, 0, 0, UNSPECIFIED, 0);
    ask_set(fx, NULL, 0, good, UNSPECIFIED);
    ask_set(fx, NULL, SPDM_SET_CERT_ERASE, NULL,
            SPDM_ERROR_OPERATION_FAILED);
    spdm_responder_reset(fx->r);
}

/* CERT_INSTALL_RESET_CAP. */

static void reconnect(Fx *fx)
{
    spdm_responder_reset(fx->r);
    fx_negotiate(fx);
}

static void test_csr_after_reset_12(void)
{
    g_autoptr(Fx) fx = start(V12, RESET, 0);

    ask_csr(fx, 0, 0, RESET_REQUIRED, 0);
    ask_csr(fx, 0, 0, RESET_REQUIRED, 0);
    fx_negotiate(fx);
    ask_csr(fx, 0, 0, RESET_REQUIRED, 0);
    g_assert_cmpuint(dev.csrs, ==, 0);
    reconnect(fx);
    ask_csr(fx, 0, 0, 0, 0);
    ask_csr(fx, 0, 0, RESET_REQUIRED, 0);
}

static void test_csr_tags(void)
{
    g_autoptr(Fx) fx = start(V13, RESET, 0);

    ask_csr(fx, 0, 0, RESET_REQUIRED, 1);
    ask_csr(fx, 0, 0, RESET_REQUIRED, 2);
    ask_csr(fx, 0, TAG_1, RESET_REQUIRED, 1);
    fx_negotiate(fx);
    ask_csr(fx, 0, TAG_2, RESET_REQUIRED, 2);
    reconnect(fx);
    ask_csr(fx, 0, 3 << SPDM_CSR_TAG_SHIFT, UNEXPECTED, 0);
    ask_csr(fx, 0, TAG_2, 0, 0);
    ask_csr(fx, 0, TAG_2, UNEXPECTED, 0);
    ask_csr(fx, 0, 0, RESET_REQUIRED, 2);
    ask_csr(fx, 0, TAG_1, 0, 0);
    g_assert_cmpuint(dev.csrs, ==, 2);
}

static void test_csr_all_tags(void)
{
    g_autoptr(Fx) fx = start(V13, RESET, 0);

    for (uint8_t tag = 1; tag < 8; tag++) {
        ask_csr(fx, 0, 0, RESET_REQUIRED, tag);
    }
    ask_csr(fx, 0, 0, SPDM_ERROR_BUSY, 0);
    reconnect(fx);
    ask_csr(fx, 0, 0, SPDM_ERROR_BUSY, 0);
    ask_csr(fx, 0, SPDM_CSR_OVERWRITE, RESET_REQUIRED, 1);
    ask_csr(fx, 0, TAG_2, UNEXPECTED, 0);
    ask_csr(fx, 0, TAG_1, RESET_REQUIRED, 1);
}

/* A request that is refused gives out no tag. */
static void test_csr_refused_takes_no_tag(void)
{
    g_autoptr(Fx) fx = start(V13, RESET, 0);

    ask_csr(fx, 1, 0, INVALID, 0);
    ask_csr(fx, 0, 0, RESET_REQUIRED, 1);
}

/* A CSR that fails after the reset keeps its tag: it can be asked again. */
static void test_csr_failed_keeps_tag(void)
{
    g_autoptr(Fx) fx = start(V13, RESET, 0);

    ask_csr(fx, 0, 0, RESET_REQUIRED, 1);
    reconnect(fx);
    dev.no_csr = true;
    ask_csr(fx, 0, TAG_1, UNSPECIFIED, 0);
    dev.no_csr = false;
    ask_csr(fx, 0, TAG_1, 0, 0);
}

static void ask(Fx *fx, SpdmSession *s, uint8_t code, uint8_t p1,
                uint8_t error)
{
    SpdmMsg m = fx_msg(fx, code, p1, 0);

    m.get_certificate.length = code == SPDM_GET_CERTIFICATE ? 100 : 0;
    g_assert_true(fx_try(fx, s, &m));
    expect(fx, code, error, 0);
}

static void test_staged(void)
{
    g_autoptr(Fx) fx = start(V12, RESET, 0);

    ask_set(fx, NULL, 0, good, RESET_REQUIRED);
    g_assert_true(dev.last_set.at_reset);
    g_assert_cmpuint(fx_info(fx).chains_changed, ==, 0);
    for (int i = 0; i < 2; i++) {
        ask(fx, NULL, SPDM_GET_DIGESTS, 0, RESET_REQUIRED);
        ask(fx, NULL, SPDM_GET_CERTIFICATE, 0, RESET_REQUIRED);
        ask(fx, NULL, SPDM_GET_CERTIFICATE, 2, 0);
        fx_negotiate(fx);
    }
    reconnect(fx);
    g_assert_cmpuint(fx_info(fx).chains_changed, ==, 1);
    ask(fx, NULL, SPDM_GET_DIGESTS, 0, 0);
    ask(fx, NULL, SPDM_GET_CERTIFICATE, 0, 0);
}

/* 1.1 has no ResetRequired, and no way to have asked for it. */
static void test_staged_is_unknown_to_11(void)
{
    g_autoptr(Fx) fx = start(V12, RESET, 0);

    ask_set(fx, NULL, 0, good, RESET_REQUIRED);
    fx->o.version = SPDM_VERSION_11;
    fx_negotiate(fx);
    ask(fx, NULL, SPDM_GET_DIGESTS, 0, 0);
}

static void test_supported_slots(void)
{
    g_autoptr(Fx) fx = start(V13, 0, 0);
    g_autoptr(Fx) fixed = NULL;

    ask(fx, NULL, SPDM_GET_DIGESTS, 0, 0);
    g_assert_cmphex(fx->answer->data[2], ==, 0xff);
    g_assert_cmphex(fx->answer->data[3], ==, fx->slots);
    fixed = start(V13, 0, PROVISION);
    ask(fixed, NULL, SPDM_GET_DIGESTS, 0, 0);
    g_assert_cmphex(fixed->answer->data[2], ==, fixed->slots);
}

/* They are the device's: what the connection was does not matter. */
static void test_tags_outlive_connections(void)
{
    g_autoptr(Fx) fx = start(V13, RESET, 0);
    g_autoptr(GBytes) fresh = spdm_responder_save(fx->r);
    g_autoptr(GError) err = NULL;

    ask_csr(fx, 0, 0, RESET_REQUIRED, 1);
    reconnect(fx);
    ask_csr(fx, 0, 0, RESET_REQUIRED, 2);
    g_assert_true(spdm_responder_load(fx->r, fresh, &err));
    ask_csr(fx, 0, TAG_2, RESET_REQUIRED, 2);
    ask_csr(fx, 0, TAG_1, 0, 0);
}

/* A tag that would be forgotten is not given out. */
static void test_tag_not_stored(void)
{
    g_autoptr(Fx) fx = start(V13, RESET, 0);

    dev.no_store = true;
    ask_csr(fx, 0, 0, UNSPECIFIED, 0);
    dev.no_store = false;
    ask_csr(fx, 0, 0, RESET_REQUIRED, 1);
    dev_ops.csr_tags = NULL;
    dev_ops.set_csr_tags = NULL;
    ask_csr(fx, 0, 0, UNSPECIFIED, 0);
}

/* Each byte of RequesterInfo, changed: answered, one way or the other. */
static void test_info_fuzz(void)
{
    g_autoptr(Fx) fx = start(V13, 0, 0);

    for (size_t i = 0; i < sizeof(info); i++) {
        for (unsigned x = 1; x < 256; x = x * 2 + 1) {
            g_autoptr(GByteArray) m =
                get_csr(fx, 0, 0, SPDM_BYTES(info, sizeof(info)),
                        SPDM_BYTES(info, 0));

            m->data[8 + i] ^= (uint8_t)x;
            send(fx, NULL, m);
            g_assert_true(fx->answer->data[1] == 0x6d ||
                          fx->answer->data[2] == INVALID);
        }
        g_assert_true(spdm_csr_info_valid(SPDM_BYTES(info, i)) == false);
    }
    g_assert_true(spdm_csr_info_valid(SPDM_BYTES(info, sizeof(info))));
}

/* Each byte of a chain, changed: never stored. */
static void test_chain_fuzz(void)
{
    g_autoptr(Fx) fx = start(V13, 0, 0);
    gsize len = g_bytes_get_size(good);

    for (gsize i = 0; i < len; i += i < 120 ? 1 : 13) {
        g_autoptr(GByteArray) m = set_certificate(fx, 0, 0, good);

        if (i == 2 || i == 3) {
            continue;        /* reserved: ignored */
        }
        m->data[4 + i] ^= 0x40;
        send(fx, NULL, m);
        g_assert_cmphex(fx->answer->data[1], ==, SPDM_ERROR);
    }
    g_assert_cmpuint(dev.sets, ==, 0);
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "csr-is-told-all", test_csr_is_told_all },
    { "set-certificate-is-told-all", test_set_is_told_all },
    { "padding-is-not-of-the-chain", test_padding },
    { "a-device-that-cannot-says-so", test_without_provider },
    { "csr-after-a-reset-in-1.2", test_csr_after_reset_12 },
    { "csr-by-its-tag-after-a-reset", test_csr_tags },
    { "csr-tags-run-out-and-are-overwritten", test_csr_all_tags },
    { "csr-refused-takes-no-tag", test_csr_refused_takes_no_tag },
    { "csr-failed-keeps-its-tag", test_csr_failed_keeps_tag },
    { "chains-wait-for-a-reset", test_staged },
    { "chains-that-wait-are-nothing-to-1.1", test_staged_is_unknown_to_11 },
    { "all-slots-are-supported-with-SET_CERT", test_supported_slots },
    { "tags-outlive-connections", test_tags_outlive_connections },
    { "a-tag-is-stored-or-not-given", test_tag_not_stored },
    { "requester-info-of-any-bytes", test_info_fuzz },
    { "chains-of-any-bytes", test_chain_fuzz },
};

int main(int argc, char **argv)
{
    int ret;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    good = make_chain("ECDSA-P384", "SHA-384");
    other_alg = make_chain("ECDSA-P256", "SHA-384");
    other_hash = make_chain("ECDSA-P384", "SHA-256");
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/responder/provision/",
                                            rows[i].name, NULL);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/responder/provision/",
                                            tests[i].name, NULL);

        g_test_add_func(path, tests[i].test);
    }
    ret = g_test_run();
    g_bytes_unref(good);
    g_bytes_unref(other_alg);
    g_bytes_unref(other_hash);
    g_clear_pointer(&dev.chain, g_byte_array_unref);
    return ret;
}

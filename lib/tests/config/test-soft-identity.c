/*
 * Identities: chains from files, each way they can be wrong, and chains that
 * a device makes for itself.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soft-util.h"
#include "crypto/x509-priv.h"

#include <glib/gstdio.h>
#include <unistd.h>

enum { HOUR = 3600, YEAR = 365 * 24 * HOUR };

/* The slot of every file test; paths are relative to a directory of ours. */
#define SLOT "[slot 0]\ncert=c.pem\nkey=k.pem\n"

static int64_t now_s(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

/* What goes into c.pem and k.pem. */
typedef struct Made {
    GPtrArray *der;
    SpdmPrivateKey *key;
} Made;

static void made_clear(Made *m)
{
    g_clear_pointer(&m->der, g_ptr_array_unref);
    g_clear_pointer(&m->key, spdm_private_key_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Made, made_clear)

static Made make(const char *asym, int64_t from, int64_t to,
                 const char *cma_name)
{
    const SpdmRng rng = spdm_rng_system();
    SpdmChainSpec spec = {
        .alg = spdm_asym_by_name(asym),
        .hash = spdm_hash_by_name("SHA-384"),
        .common_name = "made by a test",
        .cma_name = cma_name,
        .not_before = now_s() + from,
        .not_after = now_s() + to,
    };
    g_autoptr(GError) err = NULL;
    Made m = { 0 };

    m.der = spdm_x509_generate(&spec, &rng, &m.key, &err);
    g_assert_no_error(err);
    return m;
}

static void write_text(const char *file, const char *text)
{
    g_assert_true(g_file_set_contents(file, text, -1, NULL));
}

/* The certificates @order names by their place, such as "012" or "10". */
static void write_chain(const Made *m, const char *order)
{
    g_autoptr(GString) pem = g_string_new(NULL);

    for (; *order; order++) {
        g_autofree char *one = spdm_x509_to_pem(
            soft_bytes(m->der->pdata[*order - '0']));

        g_string_append(pem, one);
    }
    write_text("c.pem", pem->str);
}

static void write_key(const Made *m)
{
    g_autofree char *pem = spdm_private_key_to_pem(m->key, NULL);

    write_text("k.pem", pem);
}

static void write_both(const Made *m)
{
    write_chain(m, "012");
    write_key(m);
}

/* Good files, one row for each kind of key. */
typedef struct GoodRow {
    const char *asym;
    uint32_t bit;
} GoodRow;

static const GoodRow good_rows[] = {
    { "ECDSA-P256", P256 }, { "ECDSA-P384", P384 }, { "ECDSA-P521", P521 },
    { "RSASSA-2048", RSASSA_2048 }, { "RSAPSS-2048", RSAPSS_2048 },
};

static void assert_signs(const Device *d, uint8_t slot, uint32_t asym,
                         uint32_t hash)
{
    const SpdmAsymAlg *alg = spdm_asym_by_bit(asym);
    const SpdmHashAlg *hash_alg = spdm_hash_by_bit(hash);
    SpdmBytes message = text("signed once");
    SpdmSignRequest request = { .slot = slot, .asym = asym, .hash = hash,
                                .context = "", .message = message };
    SpdmChainPolicy policy = { .hash = hash_alg, .leaf_alg = alg,
                               .now = now_s() };
    uint8_t sig[SPDM_MAX_SIGNATURE];
    g_autoptr(SpdmPublicKey) leaf = NULL;
    SpdmBytes chain = d->p.ops->cert_chain(d->p.opaque, slot, asym, hash);

    g_assert_cmpint(spdm_x509_verify_chain(chain, &policy, &leaf), ==,
                    SPDM_CHAIN_OK);
    g_assert_true(d->p.ops->sign(d->p.opaque, &request, sig));
    g_assert_true(spdm_verify(leaf, alg, hash_alg, "", &message, 1,
                              SPDM_BYTES(sig, alg->sig_size)));
}

static void test_good_files(gconstpointer data)
{
    const GoodRow *row = data;
    g_auto(Made) m = make(row->asym, -HOUR, YEAR, TEST_CMA_NAME);
    g_autofree char *profile = g_strdup_printf(
        "[algorithms]\nasym=%s\nhash=SHA-256;SHA-384;SHA-512\n"
        "[slot 5]\ncert=c.pem\nkey=k.pem\n", row->asym);
    g_auto(Device) d = { 0 };

    write_both(&m);
    d = device(profile, NULL, NULL);
    g_assert_cmphex(d.p.ops->slots(d.p.opaque, row->bit), ==, 1 << 5);
    g_assert_cmphex(d.p.ops->slots(d.p.opaque, row->bit << 1), ==, 0);
    g_assert_cmphex(d.p.ops->slots(d.p.opaque, 0), ==, 0);
    assert_signs(&d, 5, row->bit, SHA256);
    assert_signs(&d, 5, row->bit, SHA384);
    assert_signs(&d, 5, row->bit, SHA512);
}

/* Bad files: what is written, and the whole line of the error. */
static void expect_error(const char *profile, const char *want)
{
    g_autoptr(GError) err = NULL;
    g_auto(Device) d = { 0 };

    g_assert_false(device_try(&d, profile, (SpdmSoftConfig){ 0 }, NULL,
                              &err));
    g_assert_nonnull(err);
    g_assert_true(err->domain == SPDM_CONFIG_ERROR);
    g_assert_cmpstr(err->message, ==, want);
}

static void test_no_cert_file(void)
{
    g_unlink("c.pem");
    write_text("k.pem", "");
    expect_error(SLOT, "c.pem: cannot be read: Failed to open file "
                 "\342\200\234c.pem\342\200\235: No such file or directory");
}

static void test_no_key_file(void)
{
    g_auto(Made) m = make("ECDSA-P384", -HOUR, YEAR, NULL);

    write_chain(&m, "012");
    g_unlink("k.pem");
    expect_error(SLOT, "k.pem: cannot be read: Failed to open file "
                 "\342\200\234k.pem\342\200\235: No such file or directory");
}

static void test_garbage_cert(void)
{
    write_text("c.pem", "hello\n");
    write_text("k.pem", "");
    expect_error(SLOT, "c.pem: no certificate found; expected PEM blocks "
                 "\"BEGIN CERTIFICATE\", root first, leaf last");
}

static void test_garbage_key(void)
{
    g_auto(Made) m = make("ECDSA-P384", -HOUR, YEAR, NULL);
    g_autoptr(GError) err = NULL;
    g_auto(Device) d = { 0 };

    write_chain(&m, "012");
    write_text("k.pem", "hello\n");
    g_assert_false(device_try(&d, SLOT, (SpdmSoftConfig){ 0 }, NULL, &err));
    g_assert_true(g_str_has_prefix(err->message, "k.pem: "));
    g_assert_null(strchr(err->message, '\n'));
}

static void test_key_of_another(void)
{
    g_auto(Made) m = make("ECDSA-P384", -HOUR, YEAR, NULL);
    g_auto(Made) other = make("ECDSA-P384", -HOUR, YEAR, NULL);
    g_auto(Made) kind = make("ECDSA-P256", -HOUR, YEAR, NULL);

    write_chain(&m, "012");
    write_key(&other);
    expect_error(SLOT, "k.pem: is not the key of the leaf in c.pem (both are "
                 "ECDSA P-384)");
    write_key(&kind);
    expect_error(SLOT, "k.pem: is not the key of the leaf in c.pem (ECDSA "
                 "P-256, the leaf's is ECDSA P-384)");
}

static void test_key_does_not_fit(void)
{
    g_auto(Made) m = make("ECDSA-P256", -HOUR, YEAR, NULL);

    write_both(&m);
    expect_error(SLOT, "c.pem: the leaf's key, ECDSA P-256, fits none of "
                 "asym=ECDSA-P384");
}

static void test_expired(void)
{
    g_auto(Made) m = make("ECDSA-P384", -YEAR, -HOUR, NULL);

    write_both(&m);
    expect_error(SLOT, "c.pem: a certificate has expired");
}

static void test_not_yet_valid(void)
{
    g_auto(Made) m = make("ECDSA-P384", HOUR, YEAR, NULL);

    write_both(&m);
    expect_error(SLOT, "c.pem: a certificate is not valid yet");
}

static void test_no_root(void)
{
    g_auto(Made) m = make("ECDSA-P384", -HOUR, YEAR, NULL);

    write_both(&m);
    write_chain(&m, "12");
    expect_error(SLOT, "c.pem: the first certificate is not a root (issued "
                 "by itself); the chain goes from root to leaf");
}

static void test_leaf_first(void)
{
    g_auto(Made) m = make("ECDSA-P384", -HOUR, YEAR, NULL);

    write_both(&m);
    write_chain(&m, "210");
    expect_error(SLOT, "c.pem: the first certificate is issued by the "
                 "second; expected PEM blocks \"BEGIN CERTIFICATE\", root "
                 "first, leaf last");
}

static void test_missing_link(void)
{
    g_auto(Made) m = make("ECDSA-P384", -HOUR, YEAR, NULL);

    write_both(&m);
    write_chain(&m, "02");
    expect_error(SLOT, "c.pem: a certificate is not signed by the one "
                 "before it");
}

static void test_root_of_another(void)
{
    g_auto(Made) m = make("ECDSA-P384", -HOUR, YEAR, NULL);
    g_auto(Made) other = make("ECDSA-P384", -HOUR, YEAR, NULL);

    g_bytes_unref(m.der->pdata[0]);
    m.der->pdata[0] = g_bytes_ref(other.der->pdata[0]);
    write_both(&m);
    expect_error(SLOT, "c.pem: a certificate is not signed by the one "
                 "before it");
}

/* A root that signs for itself, with its key: a CA and no leaf. */
static void test_leaf_is_ca(void)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    gnutls_datum_t pem;

    gnutls_x509_privkey_init(&key);
    gnutls_x509_privkey_generate(
        key, GNUTLS_PK_ECDSA,
        GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP384R1), 0);
    gnutls_x509_crt_init(&crt);
    gnutls_x509_crt_set_version(crt, 3);
    gnutls_x509_crt_set_serial(crt, "\1", 1);
    gnutls_x509_crt_set_dn(crt, "CN=root", NULL);
    gnutls_x509_crt_set_key(crt, key);
    gnutls_x509_crt_set_basic_constraints(crt, 1, -1);
    gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN |
                                  GNUTLS_KEY_DIGITAL_SIGNATURE);
    gnutls_x509_crt_set_activation_time(crt, now_s() - HOUR);
    gnutls_x509_crt_set_expiration_time(crt, now_s() + YEAR);
    gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA384, 0);
    gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem);
    g_assert_true(g_file_set_contents("c.pem", (char *)pem.data, pem.size,
                                      NULL));
    gnutls_free(pem.data);
    gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL,
                                      GNUTLS_PKCS_PLAIN, &pem);
    g_assert_true(g_file_set_contents("k.pem", (char *)pem.data, pem.size,
                                      NULL));
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
    expect_error(SLOT, "c.pem: the leaf is a CA certificate");
}

static void test_uncovered(void)
{
    g_auto(Made) m = make("ECDSA-P384", -HOUR, YEAR, NULL);

    write_both(&m);
    expect_error("[algorithms]\nasym=ECDSA-P384;ECDSA-P256\n" SLOT,
                 "t: [algorithms] asym: no slot has a key for ECDSA-P256; "
                 "take it out or give one");
}

/* Names in the leaf: ours, nobody's, another function's. */
typedef struct NameRow {
    const char *sentence;
    const char *name;
    bool foreign;
} NameRow;

static const NameRow name_rows[] = {
    { "own-name", TEST_CMA_NAME, false },
    { "no-name", NULL, false },
    { "own-name-in-capitals",
      "Vendor=1B36:Device=0010:CC=010802:REV=02:SSVID=1AF4:SSID=1100",
      false },
    { "own-name-with-serial-number",
      TEST_CMA_NAME ":SN=0000000000000001", false },
    { "name-of-another-device",
      "Vendor=1b36:Device=0011:CC=010802:REV=02:SSVID=1af4:SSID=1100",
      true },
    { "name-that-goes-on", TEST_CMA_NAME "0", true },
};

#define FOREIGN_LINE "c.pem: the leaf names another PCI function, %s; this " \
                     "one is " TEST_CMA_NAME

static void test_name(gconstpointer data)
{
    const NameRow *row = data;
    g_auto(Made) m = make("ECDSA-P384", -HOUR, YEAR, row->name);
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *line = g_strdup_printf(FOREIGN_LINE, row->name);
    g_autoptr(GError) err = NULL;
    g_auto(Device) lax = { 0 };
    g_auto(Device) strict = { 0 };

    write_both(&m);
    g_assert_true(device_try(&lax, SLOT, (SpdmSoftConfig){ 0 }, warnings,
                             &err));
    g_assert_cmpuint(warnings->len, ==, row->foreign);
    if (row->foreign) {
        g_assert_cmpstr(warnings->pdata[0], ==, line);
    }
    g_assert_true(device_try(&strict, SLOT "[identity]\nstrict=true\n",
                             (SpdmSoftConfig){ 0 }, NULL, &err) ==
                  !row->foreign);
    if (row->foreign) {
        g_assert_cmpstr(err->message, ==, line);
    }
}

/* Automatic chains. */

#define EVERY_EC "[algorithms]\nhash=SHA-256;SHA-384;SHA-512\n" \
    "asym=ECDSA-P256;ECDSA-P384;ECDSA-P521;RSAPSS-2048;RSASSA-2048\n" \
    "[slot 0]\n[slot 3]\nasym=ECDSA-P256\n"

static void test_auto_chains(void)
{
    static const uint32_t asyms[] = { P256, P384, P521, RSASSA_2048,
                                      RSAPSS_2048 };
    g_auto(Device) d = device(EVERY_EC, NULL, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(asyms); i++) {
        g_assert_cmphex(d.p.ops->slots(d.p.opaque, asyms[i]), ==,
                        asyms[i] == P256 ? 9 : 1);
        assert_signs(&d, 0, asyms[i], SHA256);
        assert_signs(&d, 0, asyms[i], SHA384);
    }
    assert_signs(&d, 3, P256, SHA512);
    /* Two slots and four kinds of key, RSASSA and RSAPSS sharing one. */
    g_assert_cmpuint(d.soft->identities->len, ==, 5);
}

static void test_auto_name(void)
{
    g_auto(Device) d = device("[device]\nname=my card\n[slot 2]\n", NULL,
                              NULL);
    SoftIdentity *identity = soft_identity_get(d.soft, 2, P384, NULL);
    g_autofree char *name = spdm_x509_cma_name(identity->der);
    g_autofree char *subject = spdm_x509_subject(
        soft_bytes(identity->der->pdata[2]));

    g_assert_cmpuint(identity->der->len, ==, 3);
    g_assert_cmpstr(name, ==, TEST_CMA_NAME);
    g_assert_nonnull(strstr(subject, "CN=qemu-spdm my card slot 2"));
}

/* --- models --------------------------------------------------------------- */

#define MODELS \
    "[spdm]\ncapabilities=CERT;CHAL;ALIAS_CERT;MULTI_KEY_ONLY;" \
    "GET_KEY_PAIR_INFO\n[slot 0]\n[slot 1]\nmodel=alias\n" \
    "[slot 2]\nmodel=device\n[slot 5]\nmodel=generic\n"

/* DER of the object identifiers in an SPDM extension: their last byte. */
enum { HARDWARE_IDENTITY = 2, MUTABLE = 5 };

static bool says(GBytes *certificate, uint8_t oid)
{
    const uint8_t der[] = { 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x83,
                            0x1c, 0x82, 0x12, oid };
    SpdmBytes b = soft_bytes(certificate);

    return memmem(b.data, b.len, der, sizeof(der)) != NULL;
}

typedef struct ModelRow {
    const char *sentence;
    uint8_t slot;
    SpdmCertModel model;
    guint length;                /* certificates of the chain */
    int hardware;                /* which is the Device Cert; -1: none */
    int mutable;                 /* which the device issued; -1: none */
} ModelRow;

static const ModelRow model_rows[] = {
    { "an-alias-below-a-device-certificate", 0, SPDM_CERT_MODEL_ALIAS, 4, 2,
      3 },
    { "an-alias-in-another-slot", 1, SPDM_CERT_MODEL_ALIAS, 4, 2, 3 },
    { "a-device-certificate", 2, SPDM_CERT_MODEL_DEVICE, 3, 2, -1 },
    { "a-generic-certificate", 5, SPDM_CERT_MODEL_GENERIC, 3, -1, -1 },
};

static void test_model(gconstpointer data)
{
    const ModelRow *row = data;
    g_auto(Device) d = device(MODELS, "models", NULL);
    SoftIdentity *identity = soft_identity_get(d.soft, row->slot, P384, NULL);
    SpdmSlotKey key;

    g_assert_cmpuint(identity->der->len, ==, row->length);
    for (guint i = 0; i < row->length; i++) {
        GBytes *der = identity->der->pdata[i];

        g_assert_cmpint(says(der, HARDWARE_IDENTITY), ==,
                        (int)i == row->hardware);
        g_assert_cmpint(says(der, MUTABLE), ==, (int)i == row->mutable);
    }
    assert_signs(&d, row->slot, P384, SHA384);
    g_assert_true(d.p.ops->slot_key(d.p.opaque, row->slot, P384, &key));
    g_assert_cmpint(key.model, ==, row->model);
}

/* A device has one Device Cert, the same with the same seed. */
static void test_one_device_certificate(void)
{
    g_auto(Device) a = device(MODELS, "models", NULL);
    g_auto(Device) b = device(MODELS, "models", NULL);
    SoftIdentity *one = soft_identity_get(b.soft, 1, P384, NULL);
    SoftIdentity *zero = soft_identity_get(a.soft, 0, P384, NULL);
    SoftIdentity *other = soft_identity_get(a.soft, 1, P384, NULL);

    g_assert_true(g_bytes_equal(zero->der->pdata[2], other->der->pdata[2]));
    for (guint i = 0; i < 4; i++) {
        g_assert_true(g_bytes_equal(one->der->pdata[i],
                                    other->der->pdata[i]));
    }
    g_assert_false(g_bytes_equal(zero->der->pdata[3], other->der->pdata[3]));
}

static void test_no_pci_function(void)
{
    g_autoptr(SpdmProfile) p = spdm_profile_builtin("cpu", NULL);
    SpdmSoftConfig config = { .profile = p };
    g_autoptr(SpdmSoftProvider) soft = spdm_soft_provider_new(&config, NULL,
                                                              NULL);
    SoftIdentity *identity = soft_identity_get(soft, 0, P384, NULL);

    g_assert_null(spdm_x509_cma_name(identity->der));
}

static void test_chain_is_stable(void)
{
    g_auto(Device) d = device(EVERY_EC, NULL, NULL);
    SpdmBytes first = d.p.ops->cert_chain(d.p.opaque, 0, P384, SHA384);
    SpdmBytes again = d.p.ops->cert_chain(d.p.opaque, 0, P384, SHA384);
    SpdmBytes other = d.p.ops->cert_chain(d.p.opaque, 0, P384, SHA256);

    g_assert_true(first.data == again.data && first.len == again.len);
    /* RootHash is shorter, the certificates are the same. */
    g_assert_cmpuint(first.len - other.len, ==, 48 - 32);
    g_assert_true(same_bytes(
        SPDM_BYTES(first.data + 4 + 48, first.len - 4 - 48),
        SPDM_BYTES(other.data + 4 + 32, other.len - 4 - 32)));
}

static void test_nothing_there(void)
{
    g_auto(Device) d = device("", NULL, NULL);
    SpdmSignRequest request = { .slot = 1, .asym = P384, .hash = SHA384 };
    uint8_t sig[SPDM_MAX_SIGNATURE];
    void *o = d.p.opaque;

    g_assert_cmpuint(d.p.ops->cert_chain(o, 1, P384, SHA384).len, ==, 0);
    g_assert_cmpuint(d.p.ops->cert_chain(o, 0, P256, SHA384).len, ==, 0);
    g_assert_cmpuint(d.p.ops->cert_chain(o, 0, P384, 0).len, ==, 0);
    g_assert_cmpuint(d.p.ops->cert_chain(o, 0, 0, SHA384).len, ==, 0);
    g_assert_cmpuint(d.p.ops->cert_chain(o, 0xff, P384, SHA384).len, ==, 0);
    g_assert_false(d.p.ops->sign(o, &request, sig));
}

/* Byte for byte the same with the same seed, in whatever order asked. */
static void test_seeded(void)
{
    static const uint32_t asyms[] = { P256, RSAPSS_2048, P521, P384 };
    const size_t n = G_N_ELEMENTS(asyms);
    g_auto(Device) a = device(EVERY_EC, "seed", "ssd0");
    g_auto(Device) b = device(EVERY_EC, "seed", "ssd0");
    g_autofree char *roots_a = NULL, *roots_b = NULL;

    for (size_t i = 0; i < n; i++) {
        a.p.ops->cert_chain(a.p.opaque, 0, asyms[i], SHA384);
        b.p.ops->cert_chain(b.p.opaque, 0, asyms[n - 1 - i], SHA384);
    }
    for (size_t i = 0; i < n; i++) {
        SpdmSignRequest request = { .slot = 0, .asym = asyms[i],
                                    .hash = SHA384,
                                    .message = text("message") };
        size_t size = spdm_asym_by_bit(asyms[i])->sig_size;
        uint8_t x[SPDM_MAX_SIGNATURE], y[SPDM_MAX_SIGNATURE];

        g_assert_true(same_bytes(
            a.p.ops->cert_chain(a.p.opaque, 0, asyms[i], SHA384),
            b.p.ops->cert_chain(b.p.opaque, 0, asyms[i], SHA384)));
        g_assert_true(a.p.ops->sign(a.p.opaque, &request, x));
        g_assert_true(b.p.ops->sign(b.p.opaque, &request, y));
        g_assert_cmpmem(x, size, y, size);
    }
    roots_a = spdm_soft_provider_roots_pem(a.soft, NULL);
    roots_b = spdm_soft_provider_roots_pem(b.soft, NULL);
    g_assert_cmpstr(roots_a, ==, roots_b);
}

static void test_seeds_differ(void)
{
    static const char *const inputs[][2] = {
        { "seed", "ssd0" }, { "seed", "ssd1" }, { "other", "ssd0" },
        { NULL, NULL }, { NULL, NULL },
    };
    g_autoptr(GHashTable) seen = g_hash_table_new_full(
        g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
        g_auto(Device) d = device("", inputs[i][0], inputs[i][1]);
        SpdmBytes chain = d.p.ops->cert_chain(d.p.opaque, 0, P384, SHA384);

        g_assert_true(g_hash_table_add(seen, g_bytes_new(chain.data,
                                                         chain.len)));
    }
}

/* Two devices of one machine may carry one label prefix: slots differ too. */
static void test_seeded_slots_differ(void)
{
    g_auto(Device) d = device(EVERY_EC, "seed", "ssd0");
    SoftIdentity *zero = soft_identity_get(d.soft, 0, P256, NULL);
    SoftIdentity *three = soft_identity_get(d.soft, 3, P256, NULL);

    g_assert_false(g_bytes_equal(zero->der->pdata[2],
                                 three->der->pdata[2]));
}

/* Every automatic chain of a device, of whatever key, ends in one root. */
static void test_one_root(void)
{
    static const uint32_t asyms[] = { P256, P384, RSAPSS_2048 };
    g_auto(Device) d = device(
        "[algorithms]\nasym=ECDSA-P256;ECDSA-P384;RSAPSS-2048\n"
        "[slot 0]\n[slot 1]\n", NULL, NULL);
    g_autofree char *pem = spdm_soft_provider_roots_pem(d.soft, NULL);
    g_autoptr(GPtrArray) trust = spdm_x509_load_pem_chain(text(pem), "roots",
                                                          NULL);

    g_assert_cmpuint(trust->len, ==, 1);
    /* Asking for roots makes no leaf, and no RSA key. */
    g_assert_cmpuint(d.soft->identities->len, ==, 0);
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(asyms); i++) {
        SpdmChainPolicy policy = { .hash = spdm_hash_by_bit(SHA384),
                                   .leaf_alg = spdm_asym_by_bit(asyms[i / 2]),
                                   .trust = trust,
                                   .cma_name = TEST_CMA_NAME,
                                   .now = now_s() };

        g_assert_cmpint(spdm_x509_verify_chain(
            d.p.ops->cert_chain(d.p.opaque, i % 2, asyms[i / 2], SHA384),
            &policy, NULL), ==, SPDM_CHAIN_OK);
    }
}

static void test_prepare(void)
{
    g_auto(Device) d = device(
        "[algorithms]\nasym=ECDSA-P256;RSASSA-2048;RSAPSS-2048\n"
        "[slot 0]\n[slot 1]\n", NULL, NULL);

    g_assert_true(spdm_soft_provider_prepare(d.soft, NULL));
    g_assert_cmpuint(d.soft->identities->len, ==, 4);
}

/* Others may use the device between two of them. */
static void test_prepare_one(void)
{
    g_auto(Device) d = device(
        "[algorithms]\nasym=ECDSA-P256;ECDSA-P384\n"
        "[slot 0]\n[slot 1]\n", NULL, NULL);
    bool more = true;
    unsigned made = 0;

    while (more) {
        g_assert_cmpuint(d.soft->identities->len, ==, made);
        g_assert_true(d.p.ops->chains_made(d.p.opaque) == (made == 4));
        g_assert_true(spdm_soft_provider_prepare_one(d.soft, &more, NULL));
        made += more;
    }
    g_assert_cmpuint(made, ==, 4);
    soft_identity_forget(d.soft, d.soft->key_pairs->pdata[0], 0xff);
    g_assert_false(d.p.ops->chains_made(d.p.opaque));
}

/* As a thread does while others use the device. */
static void test_prepare_key_apart(void)
{
    static const char profile[] =
        "[algorithms]\nasym=ECDSA-P256;ECDSA-P384\n[slot 0]\n";
    g_auto(Device) a = device(profile, "seed", "ssd0");
    g_auto(Device) b = device(profile, "seed", "ssd0");
    unsigned keys = 0;
    bool more = true;

    while (more) {
        SpdmSoftKey *key = spdm_soft_key_wanted(a.soft);

        keys += key != NULL;
        if (key) {
            spdm_soft_key_make(key);
            g_assert_null(((SoftKeyPair *)
                           a.soft->key_pairs->pdata[keys - 1])->key);
            spdm_soft_key_keep(a.soft, key);
            g_assert_null(spdm_soft_key_wanted(a.soft));
        }
        g_assert_true(spdm_soft_provider_prepare_one(a.soft, &more, NULL));
    }
    g_assert_cmpuint(keys, ==, 2);
    g_assert_true(spdm_soft_provider_prepare(b.soft, NULL));
    for (unsigned i = 0; i < 2; i++) {
        uint32_t asym = i ? P384 : P256;

        g_assert_true(same_bytes(
            a.p.ops->cert_chain(a.p.opaque, 0, asym, SHA384),
            b.p.ops->cert_chain(b.p.opaque, 0, asym, SHA384)));
    }
}

/* It was asked for meanwhile, erased, or the device ends. */
static void test_prepare_key_too_late(void)
{
    g_auto(Device) d = device("[algorithms]\nasym=ECDSA-P384\n[slot 0]\n",
                              NULL, NULL);
    SoftKeyPair *pair = d.soft->key_pairs->pdata[0];
    SpdmSoftKey *keys[3];
    SpdmPrivateKey *own;

    for (unsigned i = 0; i < G_N_ELEMENTS(keys); i++) {
        keys[i] = spdm_soft_key_wanted(d.soft);
        spdm_soft_key_make(keys[i]);
    }
    g_assert_cmpuint(d.p.ops->cert_chain(d.p.opaque, 0, P384, SHA384).len, >,
                     0);
    own = pair->key;
    spdm_soft_key_keep(d.soft, keys[0]);
    g_assert_true(pair->key == own);
    soft_key_pair_drop(pair);
    pair->generation++;
    spdm_soft_key_keep(d.soft, keys[1]);
    g_assert_null(pair->key);
    spdm_soft_key_free(keys[2]);
}

static void test_prepare_public_key(void)
{
    g_auto(Device) d = device(
        "[spdm]\ncapabilities=PUB_KEY_ID;CHAL;KEY_EX;ENCRYPT;MAC\n"
        "[algorithms]\nasym=ECDSA-P256;ECDSA-P384\n", NULL, NULL);

    g_assert_false(d.p.ops->chains_made(d.p.opaque));
    g_assert_true(spdm_soft_provider_prepare(d.soft, NULL));
    g_assert_true(d.p.ops->chains_made(d.p.opaque));
    g_assert_cmpuint(d.soft->public_keys->len, ==, 2);
}

static void test_nothing_to_prepare(void)
{
    g_auto(Device) d = device(PSK_ONLY "[psk a]\nsecret=text:x\n", NULL,
                              NULL);

    g_assert_true(d.p.ops->chains_made(d.p.opaque));
    g_assert_true(spdm_soft_provider_prepare(d.soft, NULL));
}

static void test_roots_of_files(void)
{
    g_auto(Made) m = make("ECDSA-P384", -HOUR, YEAR, NULL);
    g_autofree char *want = spdm_x509_to_pem(soft_bytes(m.der->pdata[0]));
    g_autofree char *pem = NULL;
    g_auto(Device) d = { 0 };

    write_both(&m);
    /* The same files in two slots are one root. */
    d = device(SLOT "[slot 1]\ncert=c.pem\nkey=k.pem\n", NULL, NULL);
    pem = spdm_soft_provider_roots_pem(d.soft, NULL);
    g_assert_cmpstr(pem, ==, want);
}

static void test_no_roots(void)
{
    g_auto(Device) d = device(PSK_ONLY "[psk a]\nsecret=text:x\n", NULL,
                              NULL);
    g_autofree char *pem = spdm_soft_provider_roots_pem(d.soft, NULL);

    g_assert_cmpstr(pem, ==, "");
    g_assert_cmphex(d.p.ops->slots(d.p.opaque, P384), ==, 0);
}

static void add_files(void)
{
    static const struct {
        const char *sentence;
        GTestFunc func;
    } rows[] = {
        { "cert-file-that-is-not-there", test_no_cert_file },
        { "key-file-that-is-not-there", test_no_key_file },
        { "text-that-is-no-certificate", test_garbage_cert },
        { "text-that-is-no-key", test_garbage_key },
        { "key-of-another-leaf", test_key_of_another },
        { "key-the-slot-does-not-serve", test_key_does_not_fit },
        { "expired-chain", test_expired },
        { "chain-of-tomorrow", test_not_yet_valid },
        { "chain-without-root", test_no_root },
        { "chain-upside-down", test_leaf_first },
        { "chain-with-a-missing-link", test_missing_link },
        { "chain-under-the-root-of-another", test_root_of_another },
        { "leaf-that-is-a-ca", test_leaf_is_ca },
        { "algorithm-no-slot-can-sign-with", test_uncovered },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/soft-identity/refuses/%s",
                                                rows[i].sentence);

        g_test_add_func(path, rows[i].func);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(good_rows); i++) {
        g_autofree char *path = g_strdup_printf("/soft-identity/takes/%s",
                                                good_rows[i].asym);

        g_test_add_data_func(path, &good_rows[i], test_good_files);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(name_rows); i++) {
        g_autofree char *path = g_strdup_printf("/soft-identity/leaf-with/"
                                                "%s", name_rows[i].sentence);

        g_test_add_data_func(path, &name_rows[i], test_name);
    }
}

static void add_automatic(void)
{
    g_test_add_func("/soft-identity/automatic-chains-verify",
                    test_auto_chains);
    for (size_t i = 0; i < G_N_ELEMENTS(model_rows); i++) {
        g_autofree char *path = g_strdup_printf("/soft-identity/model/%s",
                                                model_rows[i].sentence);

        g_test_add_data_func(path, &model_rows[i], test_model);
    }
    g_test_add_func("/soft-identity/model/one-device-certificate",
                    test_one_device_certificate);
    g_test_add_func("/soft-identity/automatic-leaf-names-its-function",
                    test_auto_name);
    g_test_add_func("/soft-identity/no-name-without-a-pci-function",
                    test_no_pci_function);
    g_test_add_func("/soft-identity/a-chain-stays-what-it-is",
                    test_chain_is_stable);
    g_test_add_func("/soft-identity/no-chain-where-there-is-none",
                    test_nothing_there);
    g_test_add_func("/soft-identity/same-seed-same-bytes-in-any-order",
                    test_seeded);
    g_test_add_func("/soft-identity/other-seed-or-label-other-keys",
                    test_seeds_differ);
    g_test_add_func("/soft-identity/seeded-slots-differ",
                    test_seeded_slots_differ);
    g_test_add_func("/soft-identity/one-root-verifies-every-chain",
                    test_one_root);
    g_test_add_func("/soft-identity/prepare-makes-every-key", test_prepare);
    g_test_add_func("/soft-identity/prepare-one-at-a-time", test_prepare_one);
    g_test_add_func("/soft-identity/prepare-a-key-apart",
                    test_prepare_key_apart);
    g_test_add_func("/soft-identity/prepare-a-key-too-late",
                    test_prepare_key_too_late);
    g_test_add_func("/soft-identity/prepare-makes-keys-without-chains",
                    test_prepare_public_key);
    g_test_add_func("/soft-identity/nothing-to-prepare",
                    test_nothing_to_prepare);
    g_test_add_func("/soft-identity/a-root-of-two-slots-comes-once",
                    test_roots_of_files);
    g_test_add_func("/soft-identity/no-roots-without-keys", test_no_roots);
}

int main(int argc, char **argv)
{
    g_autofree char *dir = g_dir_make_tmp("spdm-identity-XXXXXX", NULL);
    int ret;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    g_assert_cmpint(chdir(dir), ==, 0);
    add_files();
    add_automatic();
    ret = g_test_run();
    g_unlink("c.pem");
    g_unlink("k.pem");
    g_rmdir(dir);
    return ret;
}

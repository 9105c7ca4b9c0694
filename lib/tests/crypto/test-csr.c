/*
 * Certification requests: what the requester prescribes stays, what it leaves
 * out is added, and the key is the device's.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "crypto-util.h"
#include "crypto/x509-priv.h"

#define CMA_NAME \
    "Vendor=1b36:Device=0010:CC=010802:REV=02:SSVID=1af4:SSID=1100"

static SpdmChainSpec spec_of(const char *alg)
{
    return (SpdmChainSpec){
        .alg = spdm_asym_by_name(alg),
        .hash = spdm_hash_by_name("SHA-384"),
        .common_name = "a device",
        .cma_name = CMA_NAME,
        .not_before = 1577836800,
        .not_after = 253402300799,
    };
}

static SpdmPrivateKey *key_of(const char *alg)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("csr", alg);
    SpdmRng rng = spdm_seeded_rng(seeded);
    SpdmPrivateKey *key = spdm_private_key_generate(spdm_asym_by_name(alg),
                                                    &rng, NULL);

    g_assert_nonnull(key);
    return key;
}

static gnutls_x509_crq_t parse(GBytes *der)
{
    gnutls_datum_t datum = spdm_to_datum(spdm_bytes_of(der));
    gnutls_x509_crq_t crq;

    g_assert_cmpint(gnutls_x509_crq_init(&crq), >=, 0);
    g_assert_cmpint(gnutls_x509_crq_import(crq, &datum, GNUTLS_X509_FMT_DER),
                    >=, 0);
    return crq;
}

static bool has(gnutls_x509_crq_t crq, const char *oid)
{
    gnutls_datum_t ext = { NULL, 0 };
    bool found = gnutls_x509_crq_get_extension_by_oid2(crq, oid, 0, &ext,
                                                       NULL) >= 0;

    gnutls_free(ext.data);
    return found;
}

typedef struct AlgRow {
    const char *sentence;
    const char *alg;
} AlgRow;

static const AlgRow algs[] = {
    { "ecdsa-p256", "ECDSA-P256" }, { "ecdsa-p384", "ECDSA-P384" },
    { "ecdsa-p521", "ECDSA-P521" }, { "rsassa-2048", "RSASSA-2048" },
    { "rsapss-2048", "RSAPSS-2048" }, { "ed25519", "EDDSA-ED25519" },
};

static void test_alg(gconstpointer data)
{
    const AlgRow *row = data;
    SpdmChainSpec spec = spec_of(row->alg);
    g_autoptr(SpdmPrivateKey) key = NULL;
    g_autoptr(SpdmPublicKey) own = NULL;
    g_autoptr(SpdmPublicKey) got = NULL;
    g_autoptr(GBytes) csr = NULL;
    g_autoptr(GBytes) again = NULL;
    g_autoptr(GError) err = NULL;

    if (!spec.alg) {
        g_test_skip("no such algorithm here");
        return;
    }
    key = key_of(row->alg);
    csr = spdm_csr_make(&spec, key, text(""), &err);
    g_assert_no_error(err);
    got = spdm_csr_key(view(csr), &err);
    g_assert_no_error(err);
    own = spdm_private_key_public(key);
    g_assert_true(spdm_public_key_equal(own, got));
    again = spdm_csr_make(&spec, key, text(""), &err);
    g_assert_true(g_bytes_equal(csr, again));
}

static void test_alone(void)
{
    SpdmChainSpec spec = spec_of("ECDSA-P384");
    g_autoptr(SpdmPrivateKey) key = key_of("ECDSA-P384");
    g_autoptr(GBytes) csr = spdm_csr_make(&spec, key, text(""), NULL);
    g_auto(gnutls_x509_crq_t) crq = parse(csr);
    g_autofree char *subject = spdm_csr_subject(view(csr));
    g_autofree char *pem = spdm_csr_to_pem(view(csr));
    unsigned usage = 0, ca = 1;

    g_assert_cmpstr(subject, ==, "CN=a device");
    g_assert_true(g_str_has_prefix(pem, "-----BEGIN NEW CERTIFICATE REQ"));
    g_assert_cmpint(gnutls_x509_crq_get_key_usage(crq, &usage, NULL), >=, 0);
    g_assert_cmphex(usage, ==, GNUTLS_KEY_DIGITAL_SIGNATURE);
    g_assert_cmpint(gnutls_x509_crq_get_basic_constraints(crq, NULL, &ca,
                                                          NULL), >=, 0);
    g_assert_cmpuint(ca, ==, 0);
    g_assert_true(has(crq, OID_SPDM_EXTENSION));
    g_assert_true(has(crq, "2.5.29.17"));
    g_assert_true(has(crq, "2.5.29.37"));
}

/* A request of somebody else's: its CertificationRequestInfo. */
static GBytes *their_info(void)
{
    g_autoptr(SpdmPrivateKey) key = key_of("ECDSA-P256");
    g_autoptr(SpdmPublicKey) public = spdm_private_key_public(key);
    g_auto(gnutls_pubkey_t) pubkey = spdm_x509_to_pubkey(public, NULL);
    g_auto(SpdmX509Issuer) self = { .key = key };
    SpdmChainSpec spec = spec_of("ECDSA-P256");
    g_auto(gnutls_x509_crq_t) crq = NULL;
    gnutls_datum_t der;
    SpdmBytes all, inner, info;

    g_assert_true(spdm_x509_issuer_init(&self, &spec, NULL));
    gnutls_x509_crq_init(&crq);
    gnutls_x509_crq_set_version(crq, 1);
    gnutls_x509_crq_set_dn(crq, "CN=theirs,O=an owner", NULL);
    gnutls_x509_crq_set_challenge_password(crq, "secret");
    gnutls_x509_crq_set_key_usage(crq, GNUTLS_KEY_NON_REPUDIATION);
    gnutls_x509_crq_set_pubkey(crq, pubkey);
    g_assert_cmpint(gnutls_x509_crq_privkey_sign(crq, self.signer,
                                                 self.digest, 0), >=, 0);
    g_assert_cmpint(gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_DER, &der),
                    >=, 0);
    all = SPDM_BYTES(der.data, der.size);
    g_assert_true(spdm_der_take(&all, DER_SEQUENCE, NULL, &inner));
    g_assert_true(spdm_der_take(&inner, DER_SEQUENCE, &info, NULL));
    {
        GBytes *bytes = g_bytes_new(info.data, info.len);

        gnutls_free(der.data);
        return bytes;
    }
}

static void test_requester_info(void)
{
    SpdmChainSpec spec = spec_of("ECDSA-P384");
    g_autoptr(SpdmPrivateKey) key = key_of("ECDSA-P384");
    g_autoptr(SpdmPublicKey) own = spdm_private_key_public(key);
    g_autoptr(GBytes) info = their_info();
    g_autoptr(GBytes) csr = spdm_csr_make(&spec, key, view(info), NULL);
    g_auto(gnutls_x509_crq_t) crq = parse(csr);
    g_autofree char *subject = spdm_csr_subject(view(csr));
    g_autoptr(SpdmPublicKey) got = spdm_csr_key(view(csr), NULL);
    char password[16];
    size_t len = sizeof(password);
    unsigned usage = 0;

    g_assert_true(spdm_csr_info_valid(view(info)));
    g_assert_cmpstr(subject, ==, "CN=theirs,O=an owner");
    g_assert_true(spdm_public_key_equal(own, got));
    g_assert_cmpint(gnutls_x509_crq_get_challenge_password(crq, password,
                                                           &len), >=, 0);
    g_assert_cmpstr(password, ==, "secret");
    g_assert_cmpint(gnutls_x509_crq_get_key_usage(crq, &usage, NULL), >=, 0);
    g_assert_cmphex(usage, ==, GNUTLS_KEY_NON_REPUDIATION);
    g_assert_true(has(crq, OID_SPDM_EXTENSION));
    g_assert_true(has(crq, "2.5.29.17"));
}

/* Bytes changed, missing, too many: refused or taken, never worse. */
static void test_info_survives(void)
{
    SpdmChainSpec spec = spec_of("ECDSA-P384");
    g_autoptr(SpdmPrivateKey) key = key_of("ECDSA-P384");
    g_autoptr(GBytes) info = their_info();
    SpdmBytes all = view(info);
    unsigned taken = 0;

    for (size_t i = 0; i < all.len; i++) {
        g_autofree uint8_t *copy = g_memdup2(all.data, all.len);
        g_autoptr(GBytes) csr = NULL;

        copy[i] ^= 0x21;
        if (spdm_csr_info_valid(SPDM_BYTES(copy, all.len))) {
            csr = spdm_csr_make(&spec, key, SPDM_BYTES(copy, all.len), NULL);
            taken++;
        }
        g_assert_false(spdm_csr_info_valid(SPDM_BYTES(all.data, i)));
    }
    g_assert_cmpuint(taken, >, 0);
    g_assert_cmpuint(taken, <, all.len);
}

static void test_csr_key_refuses(void)
{
    SpdmChainSpec spec = spec_of("ECDSA-P384");
    g_autoptr(SpdmPrivateKey) key = key_of("ECDSA-P384");
    g_autoptr(GBytes) csr = spdm_csr_make(&spec, key, text(""), NULL);
    SpdmBytes all = view(csr);

    for (size_t i = 4; i < all.len; i++) {
        g_autofree uint8_t *copy = g_memdup2(all.data, all.len);
        g_autoptr(SpdmPublicKey) got = NULL;

        copy[i] ^= 0x10;
        got = spdm_csr_key(SPDM_BYTES(copy, all.len), NULL);
        g_assert_null(got);
    }
    g_assert_null(spdm_csr_key(SPDM_BYTES(all.data, all.len - 1), NULL));
    g_assert_null(spdm_csr_key(text("x"), NULL));
}

static void test_other_key(void)
{
    SpdmChainSpec spec = spec_of("ECDSA-P384");
    g_autoptr(SpdmPrivateKey) key = key_of("ECDSA-P256");
    g_autoptr(GError) err = NULL;

    g_assert_null(spdm_csr_make(&spec, key, text(""), &err));
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY);
}

/* From request to chain, by a CA with keys of another kind. */
static void test_certify(void)
{
    SpdmChainSpec spec = spec_of("ECDSA-P384");
    SpdmChainSpec ca_spec = spec_of("ECDSA-P256");
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("csr", "ca");
    SpdmRng rng = spdm_seeded_rng(seeded);
    g_autoptr(SpdmPrivateKey) key = key_of("ECDSA-P384");
    g_autoptr(GBytes) csr = spdm_csr_make(&spec, key, text(""), NULL);
    g_autoptr(SpdmPublicKey) wanted = spdm_csr_key(view(csr), NULL);
    g_autoptr(SpdmCa) ca = spdm_ca_new(&ca_spec, &rng, NULL);
    g_autoptr(GPtrArray) der = spdm_ca_certify(ca, &spec, wanted, &rng,
                                               NULL);
    g_autoptr(GBytes) chain = spdm_x509_build_chain(der, spec.hash);
    SpdmChainPolicy policy = {
        .hash = spec.hash, .leaf_alg = spec.alg, .cma_name = CMA_NAME,
    };
    g_autoptr(SpdmPublicKey) leaf = NULL;

    g_assert_cmpint(spdm_x509_verify_chain(view(chain), &policy, &leaf), ==,
                    SPDM_CHAIN_OK);
    g_assert_true(spdm_public_key_equal(leaf, wanted));
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    ADD_ROWS("csr/each-algorithm", algs, test_alg);
    g_test_add_func("/crypto/csr/alone", test_alone);
    g_test_add_func("/crypto/csr/requester-info-prescribes",
                    test_requester_info);
    g_test_add_func("/crypto/csr/requester-info-of-any-bytes",
                    test_info_survives);
    g_test_add_func("/crypto/csr/other-keys-are-refused", test_other_key);
    g_test_add_func("/crypto/csr/changed-requests-have-no-key",
                    test_csr_key_refuses);
    g_test_add_func("/crypto/csr/certified", test_certify);
    return g_test_run();
}

/*
 * ML-DSA: vectors of C2SP Wycheproof (mldsa_NN_sign_seed_test.json, tests 1
 * and 3), key files, chains and certification requests; each rule broken.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gcrypt.h>

#include "crypto/hash.h"
#include "crypto/x509-priv.h"

#include "crypto-util.h"

typedef struct Row {
    const char *sentence;
    const char *name;
    const char *arc;             /* the last of the object identifier */
    size_t key_size;             /* FIPS 204 table 2 */
    size_t sig_size;
    const char *key;             /* SHA-256 of what the seed 2a.. makes */
    const char *plain;           /* ... of its signature of the message */
    const char *with_context;
} Row;

static const Row rows[] = {
    { "ML-DSA-44", "ML-DSA-44", "11", 1312, 2420,
      "d87f8ca136ac1aa55e2d6c4521680efb3a378cbb9bc0bfb446e9c60893931ea3",
      "8cd6fc03daa72e87210a4e721523e84c14f27733789075e65736744d4787fdd5",
      "17749906eeb78bc6c57e549c237b4d2a27a011edac02bd1ad7e6534795e8ceff" },
    { "ML-DSA-65", "ML-DSA-65", "12", 1952, 3309,
      "b7acce2ddb11f8cc1aa46e2bafac6eacfa2b732ef192bd636ad8d3a56d649c66",
      "39fbbb0d97a52c79844213b325af823a7f16a174e00a5b3daeb3e6e6d1c89681",
      "c32dd9c1fdb53c049ebb75d98604d27593e32f5da2b1201c9289692de6ebea2e" },
    { "ML-DSA-87", "ML-DSA-87", "13", 2592, 4627,
      "d43128fa8a8c785c1d44c9e7db538dbf9dd88fe6c8ad911a344bcec1017c6d54",
      "1ad45bd0419e694375bd38ec11d8e0c228ab9ffac2fce4adbe6218d9c949e293",
      "94d379ab53588db6ecd6789dacb30795d1a1e227775f23b4c401149604376ea2" },
};

#define SEED_HEX \
    "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a"
#define MESSAGE "Hello world"
#define CONTEXT "Context"

static const SpdmAsymAlg *row_alg(const Row *row)
{
    const SpdmAsymAlg *alg = spdm_asym_by_name(row->name);

    if (!alg) {
        g_test_skip("this libgcrypt has no ML-DSA");
    }
    return alg;
}

static void assert_sha256(SpdmBytes bytes, const char *hex)
{
    uint8_t digest[SPDM_MAX_HASH];

    spdm_hash(spdm_hash_by_name("SHA-256"), &bytes, 1, digest);
    assert_hex(digest, 32, hex);
}

/* RFC 5958 around one form of RFC 9881. */
static SpdmPrivateKey *load_pkcs8(const Row *row, const char *form,
                                  GError **errp)
{
    size_t len = strlen(form) / 2;
    g_autofree char *hex = g_strdup_printf(
        "3082%04x020100300b06096086480165030403%s0482%04x%s",
        (unsigned)(len + 20), row->arc, (unsigned)len, form);
    g_autoptr(GBytes) der = NULL;
    /* DER wants short lengths short. */
    if (len < 0x80) {
        g_free(hex);
        hex = g_strdup_printf(
            "30%02x020100300b06096086480165030403%s04%02x%s",
            (unsigned)(len + 18), row->arc, (unsigned)len, form);
    }
    der = unhex(hex);
    return spdm_private_key_load(view(der), "key.der", errp);
}

static SpdmPrivateKey *vector_key(const Row *row)
{
    g_autoptr(GError) err = NULL;
    SpdmPrivateKey *key = load_pkcs8(row, "8020" SEED_HEX, &err);

    g_assert_no_error(err);
    return key;
}

static bool sign(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
                 const char *context, const SpdmRng *rng, uint8_t *sig)
{
    SpdmBytes message = text(MESSAGE);

    return spdm_sign(key, alg, spdm_hash_by_name("SHA-384"), context,
                     &message, 1, rng, sig);
}

static bool verify(const SpdmPublicKey *key, const SpdmAsymAlg *alg,
                   const char *context, const char *message, SpdmBytes sig)
{
    SpdmBytes part = text(message);

    return spdm_verify(key, alg, spdm_hash_by_name("SHA-384"), context,
                       &part, 1, sig);
}

static void test_vectors(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = row_alg(row);
    g_autoptr(SpdmPrivateKey) key = alg ? vector_key(row) : NULL;
    g_autoptr(SpdmPublicKey) public = NULL;
    uint8_t sig[SPDM_MAX_SIGNATURE];

    if (!alg) {
        return;
    }
    public = spdm_private_key_public(key);
    g_assert_cmpuint(alg->key_bits, ==, row->key_size * 8);
    g_assert_cmpuint(alg->sig_size, ==, row->sig_size);
    g_assert_cmpstr(spdm_public_key_describe(public), ==, row->name);
    g_assert_true(sign(key, alg, NULL, NULL, sig));
    assert_sha256(SPDM_BYTES(sig, alg->sig_size), row->plain);
    g_assert_true(verify(public, alg, NULL, MESSAGE,
                         SPDM_BYTES(sig, alg->sig_size)));
    g_assert_true(sign(key, alg, CONTEXT, NULL, sig));
    assert_sha256(SPDM_BYTES(sig, alg->sig_size), row->with_context);
}

static void test_public_key(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = row_alg(row);
    g_autoptr(SpdmPrivateKey) key = alg ? vector_key(row) : NULL;
    g_autoptr(SpdmPublicKey) public = NULL;
    g_autoptr(SpdmPublicKey) again = NULL;
    g_autoptr(GBytes) spki = NULL;
    SpdmBytes der;

    if (!alg) {
        return;
    }
    public = spdm_private_key_public(key);
    spki = spdm_public_key_to_spki(public, NULL);
    der = view(spki);
    g_assert_cmpuint(der.len, ==, row->key_size + 22);
    assert_sha256(SPDM_BYTES(der.data + 22, row->key_size), row->key);
    g_assert_cmpuint(spdm_spki_algorithm(der).len, ==, 13);
    again = spdm_public_key_from_spki(der, NULL);
    g_assert_nonnull(again);
    g_assert_true(spdm_public_key_equal(public, again));
    for (size_t len = 0; len < der.len; len++) {
        g_assert_null(spdm_public_key_from_spki(SPDM_BYTES(der.data, len),
                                                NULL));
    }
}

/* A signature is of one message, context and key, and has one length. */
static void test_verify(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = row_alg(row);
    g_autoptr(SpdmPrivateKey) key = alg ? vector_key(row) : NULL;
    g_autoptr(SpdmPublicKey) public = NULL;
    uint8_t sig[SPDM_MAX_SIGNATURE + 1] = { 0 };
    SpdmBytes bytes;

    if (!alg) {
        return;
    }
    public = spdm_private_key_public(key);
    bytes = SPDM_BYTES(sig, alg->sig_size);
    g_assert_true(sign(key, alg, CONTEXT, NULL, sig));
    g_assert_true(verify(public, alg, CONTEXT, MESSAGE, bytes));
    g_assert_false(verify(public, alg, "context", MESSAGE, bytes));
    g_assert_false(verify(public, alg, NULL, MESSAGE, bytes));
    g_assert_false(verify(public, alg, CONTEXT, "Hello World", bytes));
    g_assert_false(verify(public, alg, CONTEXT, MESSAGE,
                          SPDM_BYTES(sig, alg->sig_size - 1)));
    g_assert_false(verify(public, alg, CONTEXT, MESSAGE,
                          SPDM_BYTES(sig, alg->sig_size + 1)));
    for (size_t i = 0; i < alg->sig_size; i += 97) {
        sig[i] ^= 0x10;
        g_assert_false(verify(public, alg, CONTEXT, MESSAGE, bytes));
        sig[i] ^= 0x10;
    }
    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        g_assert_true(spdm_private_key_fits(key, a) == (a == alg));
        g_assert_true(a == alg || !sign(key, a, NULL, NULL, sig));
    }
}

static void test_hedged(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = row_alg(row);
    uint8_t sigs[3][SPDM_MAX_SIGNATURE];

    if (!alg) {
        return;
    }
    for (unsigned i = 0; i < 3; i++) {
        const char *seed = i == 2 ? "another" : "one";
        g_autoptr(SpdmSeeded) seeded = spdm_seeded_new(seed, "test");
        SpdmRng rng = spdm_seeded_rng(seeded);
        g_autoptr(SpdmPrivateKey) key = vector_key(row);
        g_autoptr(SpdmPublicKey) public = spdm_private_key_public(key);

        g_assert_true(sign(key, alg, NULL, &rng, sigs[i]));
        g_assert_true(verify(public, alg, NULL, MESSAGE,
                             SPDM_BYTES(sigs[i], alg->sig_size)));
    }
    g_assert_cmpmem(sigs[0], alg->sig_size, sigs[1], alg->sig_size);
    g_assert_true(memcmp(sigs[0], sigs[2], alg->sig_size) != 0);
}

/* Made from a seed, written as PEM, and read again: the same key. */
static void test_generated(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = row_alg(row);
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("one", "test");
    SpdmRng rng = spdm_seeded_rng(seeded);
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmPrivateKey) key =
        alg ? spdm_private_key_generate(alg, &rng, &err) : NULL;
    g_autoptr(SpdmPrivateKey) again = NULL;
    g_autofree char *pem = NULL;
    uint8_t sigs[2][SPDM_MAX_SIGNATURE];

    if (!alg) {
        return;
    }
    g_assert_no_error(err);
    pem = spdm_private_key_to_pem(key, &err);
    g_assert_no_error(err);
    again = spdm_private_key_load(text(pem), "key.pem", &err);
    g_assert_no_error(err);
    g_assert_true(sign(key, alg, NULL, NULL, sigs[0]));
    g_assert_true(sign(again, alg, NULL, NULL, sigs[1]));
    g_assert_cmpmem(sigs[0], alg->sig_size, sigs[1], alg->sig_size);
}

/* The other forms of RFC 9881, and files that are not of either. */
typedef struct KeyRow {
    const char *sentence;
    const char *form;
    const char *error;           /* NULL: it is a good key */
} KeyRow;

static const KeyRow key_rows[] = {
    { "seed-alone", "8020" SEED_HEX, NULL },
    { "seed-of-31-bytes", "801f" "2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a"
      "2a2a2a2a2a2a2a2a2a2a2a",
      "key.der: the seed of an ML-DSA key has 32 bytes" },
    { "expanded-key-alone", "0404" "01020304",
      "key.der: is an expanded ML-DSA key without its seed; write it with the "
      "seed (RFC 9881)" },
    { "seed-and-another-expanded-key", "3028" "0420" SEED_HEX "0404"
      "01020304", "key.der: seed and expanded key of ML-DSA do not belong "
      "together" },
    { "seed-and-something", "8022" SEED_HEX "0000",
      "key.der: the seed of an ML-DSA key has 32 bytes" },
    { "nothing", "", "key.der: the ML-DSA private key is malformed "
      "(RFC 9881)" },
    { "more-behind-the-seed", "8020" SEED_HEX "00",
      "key.der: the ML-DSA private key is malformed (RFC 9881)" },
    { "seed-without-the-expanded-key-beside-it", "3022" "0420" SEED_HEX,
      "key.der: the ML-DSA private key is malformed (RFC 9881)" },
};

static void test_key_file(gconstpointer data)
{
    const KeyRow *row = data;
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmPrivateKey) key = load_pkcs8(&rows[0], row->form, &err);

    if (!spdm_asym_by_name("ML-DSA-44")) {
        g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY);
        g_assert_cmpstr(err->message, ==, "key.der: post-quantum signatures "
                        "take libgcrypt 1.12 or later");
        return;
    }
    g_assert_true(!key == !!row->error);
    g_assert_cmpstr(err ? err->message : NULL, ==, row->error);
}

static char *to_hex(SpdmBytes bytes)
{
    GString *hex = g_string_new(NULL);

    for (size_t i = 0; i < bytes.len; i++) {
        g_string_append_printf(hex, "%02x", bytes.data[i]);
    }
    return g_string_free(hex, FALSE);
}

/* What OpenSSL 3.5 writes unless it is told otherwise. */
static void test_key_both(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = row_alg(row);
    g_autofree uint8_t *expanded = g_malloc(8192);
    gcry_buffer_t buf = { .size = 8192, .data = expanded };
    gcry_sexp_t params, pair;
    g_autofree char *hex = NULL;
    g_autofree char *form = NULL;
    g_autoptr(SpdmPrivateKey) key = NULL;
    g_autoptr(GBytes) seed = unhex(SEED_HEX);
    g_autoptr(GError) err = NULL;

    if (!alg) {
        return;
    }
    g_assert_true(!gcry_sexp_build(&params, NULL, "(genkey (%s (S %b)))",
                                   alg->curve, 32, view(seed).data));
    g_assert_true(!gcry_pk_genkey(&pair, params));
    g_assert_true(!gcry_sexp_extract_param(pair, "private-key", "&s", &buf,
                                           NULL));
    hex = to_hex(SPDM_BYTES(expanded, buf.len));
    form = g_strdup_printf("3082%04x0420" SEED_HEX "0482%04x%s",
                           (unsigned)(buf.len + 38), (unsigned)buf.len, hex);
    key = load_pkcs8(row, form, &err);
    g_assert_no_error(err);
    g_assert_true(spdm_private_key_fits(key, alg));
    gcry_sexp_release(params);
    gcry_sexp_release(pair);
}

/* Chains. */

static SpdmChainSpec spec_of(const SpdmAsymAlg *alg)
{
    return (SpdmChainSpec){
        .alg = alg, .hash = spdm_hash_by_name("SHA-384"),
        .common_name = "qemu-spdm test", .not_before = 1600000000,
        .not_after = 4000000000,
    };
}

static SpdmChainReason judge(GPtrArray *der, const SpdmAsymAlg *alg)
{
    const SpdmHashAlg *hash = spdm_hash_by_name("SHA-384");
    g_autoptr(GBytes) chain = spdm_x509_build_chain(der, hash);
    SpdmChainPolicy policy = {
        .hash = hash, .leaf_alg = alg, .now = 1700000000,
    };
    g_autoptr(SpdmPublicKey) key = NULL;

    return spdm_x509_verify_chain(view(chain), &policy, &key);
}

/* One bit of certificate @i, @from_end bytes before its end. */
static void flip(GPtrArray *der, guint i, size_t from_end)
{
    SpdmBytes from = view(g_ptr_array_index(der, i));
    uint8_t *copy = g_memdup2(from.data, from.len);

    copy[from.len - from_end] ^= 1;
    g_bytes_unref(g_ptr_array_index(der, i));
    g_ptr_array_index(der, i) = g_bytes_new_take(copy, from.len);
}

typedef struct ChainRow {
    const char *sentence;
    const char *authority;
    const char *leaf;
} ChainRow;

static const ChainRow chain_rows[] = {
    { "all-of-44", "ML-DSA-44", "ML-DSA-44" },
    { "all-of-65", "ML-DSA-65", "ML-DSA-65" },
    { "all-of-87", "ML-DSA-87", "ML-DSA-87" },
    { "a-leaf-under-ECDSA", "ECDSA-P384", "ML-DSA-65" },
    { "an-ECDSA-leaf-under-ML-DSA", "ML-DSA-87", "ECDSA-P256" },
    { "an-SM2-leaf-under-ML-DSA", "ML-DSA-44", "SM2-P256" },
};

static GPtrArray *make_chain(const ChainRow *row, SpdmPrivateKey **key)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("one", "test");
    SpdmRng rng = spdm_seeded_rng(seeded);
    SpdmChainSpec above = spec_of(spdm_asym_by_name(row->authority));
    SpdmChainSpec spec = spec_of(spdm_asym_by_name(row->leaf));
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmCa) ca = spdm_ca_new(&above, &rng, &err);
    GPtrArray *der;

    g_assert_no_error(err);
    der = spdm_ca_issue(ca, &spec, &rng, key, &err);
    g_assert_no_error(err);
    return der;
}

static void test_chain(gconstpointer data)
{
    const ChainRow *row = data;
    const SpdmAsymAlg *leaf = spdm_asym_by_name(row->leaf);
    g_autoptr(SpdmPrivateKey) key = NULL;
    g_autoptr(SpdmPublicKey) own = NULL;
    g_autoptr(SpdmPublicKey) seen = NULL;
    g_autoptr(GPtrArray) der = NULL;

    if (!row_alg(&rows[0])) {
        return;
    }
    der = make_chain(row, &key);
    own = spdm_private_key_public(key);
    seen = spdm_x509_leaf_key(der, NULL);
    g_assert_cmpuint(der->len, ==, 3);
    g_assert_true(spdm_public_key_equal(own, seen));
    g_assert_cmpint(judge(der, leaf), ==, SPDM_CHAIN_OK);
    g_assert_cmpint(judge(der, spdm_asym_by_name("ECDSA-P521")), ==,
                    SPDM_CHAIN_KEY_TYPE);
    /* The signature of each certificate is looked at. */
    for (guint i = 0; i < der->len; i++) {
        flip(der, i, 20);
        g_assert_cmpint(judge(der, leaf), !=, SPDM_CHAIN_OK);
        flip(der, i, 20);
    }
    g_assert_cmpint(judge(der, leaf), ==, SPDM_CHAIN_OK);
}

static void test_chain_repeats(void)
{
    g_autoptr(GPtrArray) one = NULL;
    g_autoptr(GPtrArray) two = NULL;

    if (!row_alg(&rows[0])) {
        return;
    }
    one = make_chain(&chain_rows[0], NULL);
    two = make_chain(&chain_rows[0], NULL);
    for (guint i = 0; i < one->len; i++) {
        g_assert_true(g_bytes_equal(one->pdata[i], two->pdata[i]));
    }
}

/* RFC 5280 4.1.1.2: named alike inside and outside the signature. */
static void test_algorithm_twice(void)
{
    g_autoptr(SpdmPrivateKey) key = NULL;
    g_autoptr(GPtrArray) der = NULL;
    SpdmCrtParts parts;
    GBytes *leaf;

    if (!row_alg(&rows[0])) {
        return;
    }
    der = make_chain(&chain_rows[0], &key);
    leaf = g_ptr_array_index(der, 2);
    g_assert_true(spdm_x509_split(view(leaf), &parts));
    g_assert_cmpmem(parts.alg.data, parts.alg.len, parts.signature_alg.data,
                    parts.signature_alg.len);
    {
        uint8_t other[13];

        memcpy(other, parts.alg.data, sizeof(other));
        other[12]++;
        parts.signature_alg = SPDM_BYTES(other, sizeof(other));
        g_ptr_array_index(der, 2) = spdm_x509_join(&parts, parts.tbs);
    }
    g_bytes_unref(leaf);
    g_assert_cmpint(judge(der, NULL), !=, SPDM_CHAIN_OK);
}

static void test_csr(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = row_alg(row);
    g_autoptr(SpdmPrivateKey) key = alg ? vector_key(row) : NULL;
    g_autoptr(SpdmPublicKey) own = NULL;
    g_autoptr(SpdmPublicKey) seen = NULL;
    g_autoptr(GBytes) csr = NULL;
    g_autofree uint8_t *bad = NULL;
    g_autoptr(GError) err = NULL;
    SpdmChainSpec spec;
    SpdmBytes der;

    if (!alg) {
        return;
    }
    spec = spec_of(alg);
    own = spdm_private_key_public(key);
    csr = spdm_csr_make(&spec, key, SPDM_BYTES(NULL, 0), &err);
    g_assert_no_error(err);
    der = view(csr);
    seen = spdm_csr_key(der, &err);
    g_assert_no_error(err);
    g_assert_true(spdm_public_key_equal(own, seen));
    bad = g_memdup2(der.data, der.len);
    bad[der.len - 20] ^= 1;
    g_assert_null(spdm_csr_key(SPDM_BYTES(bad, der.len), &err));
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY);
    g_assert_null(spdm_csr_key(SPDM_BYTES(der.data, der.len - 1), NULL));
}

/* Whatever the library: either there, or missed in words. */
static void test_missing(void)
{
    g_assert_true((spdm_asym_by_name("ml-dsa-65") != NULL) !=
                  (spdm_missing_alg("ml-dsa-65") != NULL));
    g_assert_cmpuint(spdm_asym_pqc(spdm_asym_mask(SPDM_VERSION_13)), ==, 0);
    g_assert_cmpuint(spdm_asym_pqc(spdm_asym_mask(SPDM_VERSION_14)), ==,
                     spdm_asym_by_name("ML-DSA-65") ? 7 : 0);
    g_assert_nonnull(spdm_missing_alg("SLH-DSA-SHAKE-256f"));
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    ADD_ROWS("ml-dsa/vectors", rows, test_vectors);
    ADD_ROWS("ml-dsa/public-key", rows, test_public_key);
    ADD_ROWS("ml-dsa/verify", rows, test_verify);
    ADD_ROWS("ml-dsa/hedged-from-a-seed", rows, test_hedged);
    ADD_ROWS("ml-dsa/generated", rows, test_generated);
    ADD_ROWS("ml-dsa/key-file", key_rows, test_key_file);
    ADD_ROWS("ml-dsa/key-file-of-both-forms", rows, test_key_both);
    ADD_ROWS("ml-dsa/chain", chain_rows, test_chain);
    g_test_add_func("/crypto/ml-dsa/a-chain-repeats-with-a-seed",
                    test_chain_repeats);
    g_test_add_func("/crypto/ml-dsa/two-names-of-one-signature",
                    test_algorithm_twice);
    ADD_ROWS("ml-dsa/csr", rows, test_csr);
    g_test_add_func("/crypto/ml-dsa/there-or-missed", test_missing);
    return g_test_run();
}

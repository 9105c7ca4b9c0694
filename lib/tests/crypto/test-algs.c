/*
 * The descriptor tables against DSP0274's (spec/03-algorithms).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/algs.h"

#include "crypto-util.h"

typedef struct Row {
    const char *sentence;
    const char *name;
    uint32_t bit;
    unsigned size;
    unsigned other;
} Row;

/* size: H; other: MeasurementHashAlgo bit */
static const Row hashes[] = {
    { "SHA-256 is bit 0", "SHA-256", 1 << 0, 32, 1 << 1 },
    { "SHA-384 is bit 1", "SHA-384", 1 << 1, 48, 1 << 2 },
    { "SHA-512 is bit 2", "SHA-512", 1 << 2, 64, 1 << 3 },
    { "SHA3-256 is bit 3", "SHA3-256", 1 << 3, 32, 1 << 4 },
    { "SHA3-384 is bit 4", "SHA3-384", 1 << 4, 48, 1 << 5 },
    { "SHA3-512 is bit 5", "sha3-512", 1 << 5, 64, 1 << 6 },
    { "SM3 is bit 6", "SM3", 1 << 6, 32, 1 << 7 },
};

/* size: S; other: bits of the key */
static const Row asyms[] = {
    { "RSASSA-2048 is bit 0", "RSASSA-2048", 1 << 0, 256, 2048 },
    { "RSAPSS-2048 is bit 1", "RSAPSS-2048", 1 << 1, 256, 2048 },
    { "RSASSA-3072 is bit 2", "RSASSA-3072", 1 << 2, 384, 3072 },
    { "RSAPSS-3072 is bit 3", "RSAPSS-3072", 1 << 3, 384, 3072 },
    { "ECDSA-P256 is bit 4", "ECDSA-P256", 1 << 4, 64, 256 },
    { "RSASSA-4096 is bit 5", "RSASSA-4096", 1 << 5, 512, 4096 },
    { "RSAPSS-4096 is bit 6", "RSAPSS-4096", 1 << 6, 512, 4096 },
    { "ECDSA-P384 is bit 7", "ecdsa-p384", 1 << 7, 96, 384 },
    { "ECDSA-P521 is bit 8", "ECDSA-P521", 1 << 8, 132, 521 },
    { "SM2-P256 is bit 9", "SM2-P256", 1 << 9, 64, 256 },
    { "EDDSA-25519 is bit 10", "EdDSA-25519", 1 << 10, 64, 255 },
    { "EDDSA-448 is bit 11", "EDDSA-448", 1 << 11, 114, 448 },
};

/* size: D; other: bytes of the secret */
static const Row dhes[] = {
    { "FFDHE2048 is bit 0", "FFDHE2048", 1 << 0, 256, 256 },
    { "FFDHE3072 is bit 1", "FFDHE3072", 1 << 1, 384, 384 },
    { "FFDHE4096 is bit 2", "ffdhe4096", 1 << 2, 512, 512 },
    { "SECP256R1 is bit 3", "SECP256R1", 1 << 3, 64, 32 },
    { "SECP384R1 is bit 4", "SECP384R1", 1 << 4, 96, 48 },
    { "SECP521R1 is bit 5", "SECP521R1", 1 << 5, 132, 66 },
};

/* size: of the key */
static const Row aeads[] = {
    { "AES-128-GCM is bit 0", "AES-128-GCM", 1 << 0, 16, 0 },
    { "AES-256-GCM is bit 1", "aes-256-gcm", 1 << 1, 32, 0 },
    { "CHACHA20-POLY1305 is bit 2", "CHACHA20-POLY1305", 1 << 2, 32, 0 },
    { "SM4-GCM is bit 3", "SM4-GCM", 1 << 3, 16, 0 },
};

static void test_hash(gconstpointer data)
{
    const Row *row = data;
    const SpdmHashAlg *alg = spdm_hash_by_name(row->name);

    g_assert_nonnull(alg);
    g_assert_true(alg == spdm_hash_by_bit(row->bit));
    g_assert_true(alg == spdm_hash_by_meas_bit(row->other));
    g_assert_cmpuint(alg->size, ==, row->size);
}

static void test_asym(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = spdm_asym_by_name(row->name);

    g_assert_nonnull(alg);
    g_assert_true(alg == spdm_asym_by_bit(row->bit));
    g_assert_cmpuint(alg->sig_size, ==, row->size);
    g_assert_cmpuint(alg->key_bits, ==, row->other);
    g_assert_cmpint(alg->curve != NULL, ==, alg->kind != SPDM_KEY_RSA);
}

static void test_dhe(gconstpointer data)
{
    const Row *row = data;
    const SpdmDheAlg *alg = spdm_dhe_by_name(row->name);

    g_assert_nonnull(alg);
    g_assert_true(alg == spdm_dhe_by_bit(row->bit));
    g_assert_cmpuint(alg->public_size, ==, row->size);
    g_assert_cmpuint(alg->secret_size, ==, row->other);
    g_assert_cmpint(alg->curve != NULL, ==, alg->kind == SPDM_DHE_ECDHE);
    g_assert_cmpint(alg->prime != NULL, ==, alg->kind == SPDM_DHE_FFDHE);
}

static void test_aead(gconstpointer data)
{
    const Row *row = data;
    const SpdmAeadAlg *alg = spdm_aead_by_name(row->name);

    g_assert_nonnull(alg);
    g_assert_true(alg == spdm_aead_by_bit(row->bit));
    g_assert_cmpuint(alg->key_size, ==, row->size);
}

static void test_unknown_bits(void)
{
    static const uint32_t bits[] = { 0, 3, 0x1000, 0x80000000, 0xffffffff };

    for (size_t i = 0; i < G_N_ELEMENTS(bits); i++) {
        g_assert_null(spdm_hash_by_bit(bits[i]));
        g_assert_null(spdm_hash_by_meas_bit(bits[i]));
        g_assert_null(spdm_asym_by_bit(bits[i]));
        g_assert_null(spdm_dhe_by_bit(bits[i]));
        g_assert_null(spdm_aead_by_bit(bits[i]));
    }
    /* The raw bit stream is no hash. */
    g_assert_null(spdm_hash_by_meas_bit(1));
}

static void test_unknown_names(void)
{
    static const char *const names[] = { NULL, "", "SHA", "SHA-384 ", "none" };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_assert_null(spdm_hash_by_name(names[i]));
        g_assert_null(spdm_asym_by_name(names[i]));
        g_assert_null(spdm_dhe_by_name(names[i]));
        g_assert_null(spdm_aead_by_name(names[i]));
    }
}

static void test_masks(void)
{
    g_assert_cmphex(spdm_hash_mask(SPDM_VERSION_10), ==, 0x3f);
    g_assert_cmphex(spdm_asym_mask(SPDM_VERSION_10), ==, 0x1ff);
    g_assert_cmphex(spdm_hash_mask(SPDM_VERSION_11), ==, 0x3f);
    g_assert_cmphex(spdm_asym_mask(SPDM_VERSION_11), ==, 0x1ff);
    g_assert_cmphex(spdm_hash_mask(SPDM_VERSION_12), ==, 0x7f);
    g_assert_cmphex(spdm_asym_mask(SPDM_VERSION_12), ==, 0xfff);
    g_assert_cmphex(spdm_dhe_mask(SPDM_VERSION_11), ==, 0x3f);
    g_assert_cmphex(spdm_aead_mask(SPDM_VERSION_11), ==, 0x07);
    g_assert_cmphex(spdm_aead_mask(SPDM_VERSION_12), ==, 0x0f);
}

static void test_no_sessions_in_1_0(void)
{
    g_assert_cmphex(spdm_dhe_mask(SPDM_VERSION_10), ==, 0);
    g_assert_cmphex(spdm_aead_mask(SPDM_VERSION_10), ==, 0);
}

static void test_strongest_first(void)
{
    g_assert_cmpstr(spdm_hash_algs[0].name, ==, "SHA-512");
    g_assert_cmpstr(spdm_asym_algs[0].name, ==, "ECDSA-P521");
    g_assert_cmpstr(spdm_dhe_algs[0].name, ==, "SECP521R1");
    g_assert_cmpstr(spdm_aead_algs[0].name, ==, "AES-256-GCM");
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    ADD_ROWS("algs/hash", hashes, test_hash);
    ADD_ROWS("algs/asym", asyms, test_asym);
    ADD_ROWS("algs/dhe", dhes, test_dhe);
    ADD_ROWS("algs/aead", aeads, test_aead);
    g_test_add_func("/crypto/algs/zero, several or unknown bits find nothing",
                    test_unknown_bits);
    g_test_add_func("/crypto/algs/unknown names find nothing",
                    test_unknown_names);
    g_test_add_func("/crypto/algs/a mask has every row of its version",
                    test_masks);
    g_test_add_func("/crypto/algs/SPDM 1.0 has no session algorithms",
                    test_no_sessions_in_1_0);
    g_test_add_func("/crypto/algs/the strongest row comes first",
                    test_strongest_first);
    return g_test_run();
}

/*
 * ML-KEM: accumulated vectors, and keys and ciphertexts that are refused.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gcrypt.h>

#include "crypto-util.h"
#include "crypto/kem.h"

typedef struct Row {
    const char *sentence;
    const char *name;
    size_t key_size;             /* FIPS 203 table 3 */
    size_t ciphertext_size;
    const char *digest;
} Row;

/*
 * A hundred rounds fed from SHAKE128(""), everything that comes out hashed
 * by SHAKE128: the way of the accumulated vectors of C2SP CCTV. Go's tests
 * have the same digest of ML-KEM-768, CIRCL gives those of the other two.
 */
static const Row rows[] = {
    { "ML-KEM-512", "ML-KEM-512", 800, 768,
      "86b1b4703b8ffef6f7f3290c6dbce4ad954498a0673ded401a94828e8c519a59" },
    { "ML-KEM-768", "ML-KEM-768", 1184, 1088,
      "1114b1b6699ed191734fa339376afa7e285c9e6acf6ff0177d346696ce564415" },
    { "ML-KEM-1024", "ML-KEM-1024", 1568, 1568,
      "800018fec3e2723f73f1d657fe239b4d5d8782efaade297e8cd448e54cc2ac00" },
};

enum { ROUNDS = 100, SECRET = 32, MAX_SIZE = 1568 };

static const SpdmKemAlg *row_alg(const Row *row)
{
    const SpdmKemAlg *alg = spdm_kem_by_name(row->name);

    if (!alg) {
        g_test_skip("this libgcrypt has no ML-KEM");
    }
    return alg;
}

static void shake_fill(void *opaque, uint8_t *buf, size_t len)
{
    g_assert_true(!gcry_md_extract(opaque, GCRY_MD_SHAKE128, buf, len));
}

static gcry_md_hd_t shake_new(void)
{
    gcry_md_hd_t md;

    g_assert_true(!gcry_md_open(&md, GCRY_MD_SHAKE128, 0));
    return md;
}

static void one_round(const SpdmKemAlg *alg, const SpdmRng *rng,
                      gcry_md_hd_t out)
{
    g_autoptr(SpdmKem) kem = spdm_kem_new(alg, rng);
    uint8_t ciphertext[MAX_SIZE];
    SpdmBytes view_of = SPDM_BYTES(ciphertext, alg->ciphertext_size);
    g_auto(SpdmSharedSecret) ours = { .len = 0 };
    g_auto(SpdmSharedSecret) theirs = { .len = 0 };

    gcry_md_write(out, spdm_kem_public(kem), alg->key_size);
    g_assert_true(spdm_kem_encapsulate(
        alg, SPDM_BYTES(spdm_kem_public(kem), alg->key_size), rng,
        ciphertext, &theirs));
    gcry_md_write(out, ciphertext, alg->ciphertext_size);
    gcry_md_write(out, theirs.data, theirs.len);
    g_assert_true(spdm_kem_decapsulate(kem, view_of, &ours));
    g_assert_cmpmem(ours.data, ours.len, theirs.data, theirs.len);
    /* Any other ciphertext has a secret of its own. */
    spdm_rng_fill(rng, ciphertext, alg->ciphertext_size);
    g_assert_true(spdm_kem_decapsulate(kem, view_of, &ours));
    g_assert_cmpuint(ours.len, ==, SECRET);
    gcry_md_write(out, ours.data, ours.len);
}

static void test_accumulated(gconstpointer data)
{
    const Row *row = data;
    const SpdmKemAlg *alg = row_alg(row);
    gcry_md_hd_t in, out;
    uint8_t digest[32];
    SpdmRng rng;

    if (!alg) {
        return;
    }
    g_assert_cmpuint(alg->key_size, ==, row->key_size);
    g_assert_cmpuint(alg->ciphertext_size, ==, row->ciphertext_size);
    in = shake_new();
    out = shake_new();
    rng = (SpdmRng){ .fill = shake_fill, .opaque = in };
    for (unsigned i = 0; i < ROUNDS; i++) {
        one_round(alg, &rng, out);
    }
    g_assert_true(!gcry_md_extract(out, 0, digest, sizeof(digest)));
    assert_hex(digest, sizeof(digest), row->digest);
    gcry_md_close(in);
    gcry_md_close(out);
}

/* Each 12-bit coefficient in turn is made q, the least that is too large. */
static void check_unreduced(const SpdmKemAlg *alg, uint8_t *key,
                            const SpdmRng *rng)
{
    uint8_t ciphertext[MAX_SIZE];
    SpdmSharedSecret secret;

    for (size_t i = 0; i + 32 < alg->key_size; i += 3) {
        uint8_t kept[3] = { key[i], key[i + 1], key[i + 2] };

        key[i] = 0x01;           /* 0xd01 is 3329 */
        key[i + 1] = (kept[1] & 0xf0) | 0xd;
        g_assert_false(spdm_kem_encapsulate(
            alg, SPDM_BYTES(key, alg->key_size), rng, ciphertext, &secret));
        key[i] = kept[0];
        key[i + 1] = (kept[1] & 0x0f) | 0x10;
        key[i + 2] = 0xd0;
        g_assert_false(spdm_kem_encapsulate(
            alg, SPDM_BYTES(key, alg->key_size), rng, ciphertext, &secret));
        memcpy(key + i, kept, sizeof(kept));
    }
    g_assert_true(spdm_kem_encapsulate(alg, SPDM_BYTES(key, alg->key_size),
                                       rng, ciphertext, &secret));
}

static void test_refused(gconstpointer data)
{
    const SpdmKemAlg *alg = row_alg(data);
    SpdmRng rng = spdm_rng_system();
    g_autoptr(SpdmKem) kem = alg ? spdm_kem_new(alg, &rng) : NULL;
    uint8_t buf[MAX_SIZE + 1] = { 0 };
    uint8_t ciphertext[MAX_SIZE];
    SpdmSharedSecret secret;

    if (!alg) {
        return;
    }
    for (int off = -1; off <= 1; off += 2) {
        g_assert_false(spdm_kem_encapsulate(
            alg, SPDM_BYTES(buf, alg->key_size + off), &rng, ciphertext,
            &secret));
        g_assert_false(spdm_kem_decapsulate(
            kem, SPDM_BYTES(buf, alg->ciphertext_size + off), &secret));
    }
    g_assert_false(spdm_kem_decapsulate(kem, SPDM_BYTES(NULL, 0), &secret));
    memcpy(buf, spdm_kem_public(kem), alg->key_size);
    check_unreduced(alg, buf, &rng);
}

/* It is there or the reason is, never both. */
static void test_named(void)
{
    g_assert_true((spdm_kem_by_name("ml-kem-768") != NULL) !=
                  (spdm_missing_alg("ml-kem-768") != NULL));
    g_assert_cmphex(spdm_kem_mask(SPDM_VERSION_13), ==, 0);
    g_assert_cmphex(spdm_kem_mask(SPDM_VERSION_14), ==,
                    spdm_kem_by_name("ML-KEM-768") ? 7 : 0);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    ADD_ROWS("kem/accumulated", rows, test_accumulated);
    ADD_ROWS("kem/wrong-lengths-and-unreduced", rows, test_refused);
    g_test_add_func("/crypto/kem/served-or-named-as-missing", test_named);
    return g_test_run();
}

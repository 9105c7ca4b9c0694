/*
 * ML-KEM with libgcrypt. Its own randomness is not used, so that a seeded
 * source gives the same keys on each run.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/kem.h"

#include "crypto/gcrypt-priv.h"

enum {
    SECRET_SIZE = 32,
    SEED_SIZE = 32,          /* of rho, at the end of a key */
    KEY_COINS = 64,          /* d || z of FIPS 203 7.1 */
    CIPHER_COINS = 32,       /* m of FIPS 203 7.2 */
    Q = 3329,
};

struct SpdmKem {
    const SpdmKemAlg *alg;
    uint8_t *public;
    uint8_t *secret;
};

/* FIPS 203 table 3: 768 k + 96 bytes, where the public one has 384 k + 32. */
static size_t secret_size(const SpdmKemAlg *alg)
{
    return 2 * (alg->key_size - SEED_SIZE) + 3 * SEED_SIZE;
}

SpdmKem *spdm_kem_new(const SpdmKemAlg *alg, const SpdmRng *rng)
{
    SpdmKem *kem = g_new0(SpdmKem, 1);
    uint8_t coins[KEY_COINS];
    gcry_error_t err;

    kem->alg = alg;
    kem->public = g_malloc0(alg->key_size);
    kem->secret = g_malloc0(secret_size(alg));
    spdm_rng_fill(rng, coins, sizeof(coins));
    err = gcry_kem_genkey(alg->gcry_kem, kem->public, alg->key_size,
                          kem->secret, secret_size(alg), coins,
                          sizeof(coins));
    spdm_wipe(coins, sizeof(coins));
    g_assert(!err);
    return kem;
}

void spdm_kem_free(SpdmKem *kem)
{
    if (kem) {
        spdm_wipe(kem->secret, secret_size(kem->alg));
        g_free(kem->secret);
        g_free(kem->public);
        g_free(kem);
    }
}

const uint8_t *spdm_kem_public(const SpdmKem *kem)
{
    return kem->public;
}

bool spdm_kem_decapsulate(const SpdmKem *kem, SpdmBytes ciphertext,
                          SpdmSharedSecret *out)
{
    if (ciphertext.len != kem->alg->ciphertext_size ||
        gcry_kem_decap(kem->alg->gcry_kem, kem->secret,
                       secret_size(kem->alg), ciphertext.data,
                       ciphertext.len, out->data, SECRET_SIZE, NULL, 0)) {
        return false;
    }
    out->len = SECRET_SIZE;
    return true;
}

/* FIPS 203 7.2 "modulus check", which libgcrypt leaves to its caller. */
static bool is_reduced(SpdmBytes key)
{
    for (size_t i = 0; i + SEED_SIZE < key.len; i += 3) {
        const uint8_t *b = key.data + i;

        if ((b[0] | (b[1] & 0x0f) << 8) >= Q || (b[1] >> 4 | b[2] << 4) >= Q) {
            return false;
        }
    }
    return true;
}

bool spdm_kem_encapsulate(const SpdmKemAlg *alg, SpdmBytes key,
                          const SpdmRng *rng, uint8_t *ciphertext,
                          SpdmSharedSecret *out)
{
    uint8_t coins[CIPHER_COINS];
    gcry_error_t err;

    if (key.len != alg->key_size || !is_reduced(key)) {
        return false;
    }
    spdm_rng_fill(rng, coins, sizeof(coins));
    err = gcry_kem_encap(alg->gcry_kem, key.data, key.len, ciphertext,
                         alg->ciphertext_size, out->data, SECRET_SIZE, coins,
                         sizeof(coins));
    spdm_wipe(coins, sizeof(coins));
    out->len = SECRET_SIZE;
    return !err;
}

/*
 * AEAD with libgcrypt. The handle stays open for the life of the key: keying
 * costs more than a record.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/aead.h"

#include "crypto/gcrypt-priv.h"

struct SpdmAead {
    gcry_cipher_hd_t cipher;
};

SpdmAead *spdm_aead_new(const SpdmAeadAlg *alg, const uint8_t *key)
{
    SpdmAead *aead = g_new0(SpdmAead, 1);
    gcry_error_t err;

    err = gcry_cipher_open(&aead->cipher, alg->gcry_cipher, alg->gcry_mode,
                           0);
    g_assert(!err);
    err = gcry_cipher_setkey(aead->cipher, key, alg->key_size);
    g_assert(!err);
    return aead;
}

void spdm_aead_free(SpdmAead *aead)
{
    if (aead) {
        /* Wipes the key schedule too. */
        gcry_cipher_close(aead->cipher);
        g_free(aead);
    }
}

static void start(SpdmAead *aead, const uint8_t *iv, SpdmBytes aad)
{
    gcry_error_t err = gcry_cipher_setiv(aead->cipher, iv, SPDM_AEAD_IV_SIZE);

    g_assert(!err);
    if (aad.len > 0) {
        err = gcry_cipher_authenticate(aead->cipher, aad.data, aad.len);
        g_assert(!err);
    }
}

void spdm_aead_seal(SpdmAead *aead, const uint8_t *iv, SpdmBytes aad,
                    uint8_t *buf, size_t len, uint8_t *tag)
{
    gcry_error_t err = 0;

    start(aead, iv, aad);
    if (len > 0) {
        err = gcry_cipher_encrypt(aead->cipher, buf, len, NULL, 0);
        g_assert(!err);
    }
    err = gcry_cipher_gettag(aead->cipher, tag, SPDM_AEAD_TAG_SIZE);
    g_assert(!err);
}

bool spdm_aead_open(SpdmAead *aead, const uint8_t *iv, SpdmBytes aad,
                    SpdmBytes sealed, uint8_t *out, const uint8_t *tag)
{
    gcry_error_t err = 0;

    start(aead, iv, aad);
    if (sealed.len > 0) {
        err = out == sealed.data
            ? gcry_cipher_decrypt(aead->cipher, out, sealed.len, NULL, 0)
            : gcry_cipher_decrypt(aead->cipher, out, sealed.len,
                                  sealed.data, sealed.len);
    }
    if (err ||
        gcry_cipher_checktag(aead->cipher, tag, SPDM_AEAD_TAG_SIZE)) {
        spdm_wipe(out, sealed.len);
        return false;
    }
    return true;
}

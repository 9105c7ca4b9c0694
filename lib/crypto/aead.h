/*
 * One keyed AEAD cipher, kept for the life of its key.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_AEAD_H
#define SPDM_CRYPTO_AEAD_H

#include "crypto/secret.h"

typedef struct SpdmAead SpdmAead;

/** @key: alg->key_size bytes, copied. Never NULL. */
SpdmAead *spdm_aead_new(const SpdmAeadAlg *alg, const uint8_t *key);

/** Wipes the key schedule; NULL is allowed. */
void spdm_aead_free(SpdmAead *aead);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmAead, spdm_aead_free)

/**
 * Encrypts @len bytes in place at @buf and writes the 16-byte tag to @tag
 * (which may follow buf directly). @iv: 12 bytes. @aad may be empty, and @len
 * may be 0 (MAC-only records).
 */
void spdm_aead_seal(SpdmAead *aead, const uint8_t *iv, SpdmBytes aad,
                    uint8_t *buf, size_t len, uint8_t *tag);

/**
 * Decrypts @sealed to @out, which has room for as much and may be where it
 * is; false (and @out wiped) when the tag does not match.
 */
bool spdm_aead_open(SpdmAead *aead, const uint8_t *iv, SpdmBytes aad,
                    SpdmBytes sealed, uint8_t *out, const uint8_t *tag);

#endif

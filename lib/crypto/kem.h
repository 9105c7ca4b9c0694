/*
 * Ephemeral ML-KEM keys (FIPS 203) of one session. There are none of them
 * without a row in spdm_kem_algs[].
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_KEM_H
#define SPDM_CRYPTO_KEM_H

#include "crypto/random.h"
#include "crypto/secret.h"

typedef struct SpdmKem SpdmKem;

/** A fresh key pair; never NULL. Wiped by spdm_kem_free(). */
SpdmKem *spdm_kem_new(const SpdmKemAlg *alg, const SpdmRng *rng);

void spdm_kem_free(SpdmKem *kem);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmKem, spdm_kem_free)

/** The encapsulation key, alg->key_size bytes; borrowed. */
const uint8_t *spdm_kem_public(const SpdmKem *kem);

/**
 * The shared secret in @ciphertext. False when its length is wrong; one that
 * was tampered with gives another secret (implicit rejection).
 */
bool spdm_kem_decapsulate(const SpdmKem *kem, SpdmBytes ciphertext,
                          SpdmSharedSecret *out);

/**
 * A fresh shared secret for the owner of @key; @ciphertext receives
 * alg->ciphertext_size bytes. False when @key has a wrong length or a
 * coefficient that is not reduced (FIPS 203 7.2).
 */
bool spdm_kem_encapsulate(const SpdmKemAlg *alg, SpdmBytes key,
                          const SpdmRng *rng, uint8_t *ciphertext,
                          SpdmSharedSecret *out);

#endif

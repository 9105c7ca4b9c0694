/*
 * Ephemeral Diffie-Hellman keys (ECDHE and FFDHE) of one session.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_DHE_H
#define SPDM_CRYPTO_DHE_H

#include "crypto/random.h"
#include "crypto/secret.h"

typedef struct SpdmDhe SpdmDhe;

/** A fresh ephemeral key pair; never NULL. Wiped by spdm_dhe_free(). */
SpdmDhe *spdm_dhe_new(const SpdmDheAlg *alg, const SpdmRng *rng);

/** The pair with this private value (big-endian); NULL if out of range. */
SpdmDhe *spdm_dhe_from_private(const SpdmDheAlg *alg, SpdmBytes priv);

void spdm_dhe_free(SpdmDhe *dhe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmDhe, spdm_dhe_free)

/** ExchangeData, alg->public_size bytes: X || Y, or y padded; borrowed. */
const uint8_t *spdm_dhe_public(const SpdmDhe *dhe);

/**
 * The shared secret with the peer's ExchangeData, fixed width, leading zeros
 * kept. False when @peer has a wrong length, is not on the curve, is the
 * point at infinity, or is not 1 < y < p-1 (DSP0274 KEY_EXCHANGE).
 */
bool spdm_dhe_compute(const SpdmDhe *dhe, SpdmBytes peer,
                      SpdmSharedSecret *out);

#endif

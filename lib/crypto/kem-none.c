/*
 * ML-KEM with a libgcrypt that has none: there are no rows to call these with.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/kem.h"

SpdmKem *spdm_kem_new(const SpdmKemAlg *alg, const SpdmRng *rng)
{
    g_assert_not_reached();
}

void spdm_kem_free(SpdmKem *kem)
{
}

const uint8_t *spdm_kem_public(const SpdmKem *kem)
{
    g_assert_not_reached();
}

bool spdm_kem_decapsulate(const SpdmKem *kem, SpdmBytes ciphertext,
                          SpdmSharedSecret *out)
{
    return false;
}

bool spdm_kem_encapsulate(const SpdmKemAlg *alg, SpdmBytes key,
                          const SpdmRng *rng, uint8_t *ciphertext,
                          SpdmSharedSecret *out)
{
    return false;
}

/*
 * The insides of signing keys, for the files that make and parse them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_PK_PRIV_H
#define SPDM_CRYPTO_PK_PRIV_H

#include "crypto/gcrypt-priv.h"
#include "crypto/pk.h"

struct SpdmPublicKey {
    SpdmKeyKind kind;
    unsigned bits;        /* modulus or field size */
    const char *curve;    /* EC: libgcrypt's name; RSA: NULL */
    gcry_sexp_t sexp;     /* (public-key ...) */
    gcry_mpi_t n;         /* RSA: modulus; EC: NULL */
    GBytes *raw;          /* EC: X || Y; RSA: modulus || exponent */
    char *text;           /* spdm_public_key_describe() */
};

/*
 * @sexp holds the secret until it is released; libgcrypt wipes it then only
 * if the process set up libgcrypt's secure memory, which is not ours to do.
 */
struct SpdmPrivateKey {
    SpdmPublicKey *pub;
    gcry_sexp_t sexp;     /* (private-key ...) */
};

/** NULL unless @xy is a point of @curve. */
SpdmPublicKey *spdm_public_key_new_ec(const char *curve, SpdmBytes xy);

/**
 * NULL for moduli and exponents no honest key has (libgcrypt divides by the
 * modulus, so a peer's certificate must not bring one that is even or tiny).
 */
SpdmPublicKey *spdm_public_key_new_rsa(SpdmBytes n, SpdmBytes e);

/** NULL unless 0 < @d < order of @curve. */
SpdmPrivateKey *spdm_private_key_new_ec(const char *curve, SpdmBytes d);

/**
 * Everything else follows from the primes, which may be swapped; NULL if they
 * do not fit @e.
 */
SpdmPrivateKey *spdm_private_key_new_rsa(gcry_mpi_t p, gcry_mpi_t q,
                                         gcry_mpi_t e);

/** spdm_sign() of what @hash made the hash->size bytes at @digest from. */
bool spdm_sign_digest(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
                      const SpdmHashAlg *hash, const uint8_t *digest,
                      const SpdmRng *rng, uint8_t *sig);

/** The row of this kind and curve whose keys have @bits, or NULL. */
const SpdmAsymAlg *spdm_asym_for_key(SpdmKeyKind kind, unsigned bits);

#endif

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
    const char *curve;    /* as in the table: libgcrypt's name; RSA: NULL */
    gcry_sexp_t sexp;     /* (public-key ...) */
    gcry_mpi_t n;         /* RSA: modulus; else: NULL */
    GBytes *raw;          /* EC, SM2: X || Y; RSA: modulus || exponent;
                             EdDSA: the encoded point; ML-DSA: FIPS 204 */
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

/** NULL unless @xy is a point of @curve, which has a row. */
SpdmPublicKey *spdm_public_key_new_ec(const char *curve, SpdmBytes xy);

/** From the RFC 8032 encoding; NULL if its length is wrong for @alg. */
SpdmPublicKey *spdm_public_key_new_eddsa(const SpdmAsymAlg *alg, SpdmBytes q);

/**
 * NULL for moduli and exponents no honest key has (libgcrypt divides by the
 * modulus, so a peer's certificate must not bring one that is even or tiny).
 */
SpdmPublicKey *spdm_public_key_new_rsa(SpdmBytes n, SpdmBytes e);

/** NULL unless 0 < @d < order of @curve. */
SpdmPrivateKey *spdm_private_key_new_ec(const char *curve, SpdmBytes d);

/** From RFC 8032 octets that belong together; NULL if a length is wrong. */
SpdmPrivateKey *spdm_private_key_new_eddsa(const SpdmAsymAlg *alg,
                                           SpdmBytes q, SpdmBytes d);

/** From the FIPS 204 encoding; NULL if its length is wrong for @alg. */
SpdmPublicKey *spdm_public_key_new_ml_dsa(const SpdmAsymAlg *alg,
                                          SpdmBytes pk);

/**
 * The pair that FIPS 204 ML-DSA.KeyGen makes of 32 bytes; NULL with @errp if
 * libgcrypt will not (in FIPS mode, say).
 */
SpdmPrivateKey *spdm_private_key_new_ml_dsa(const SpdmAsymAlg *alg,
                                            SpdmBytes seed, GError **errp);

/** The pair whose private half are these octets; in pk-save-gnutls.c. */
SpdmPrivateKey *spdm_private_key_from_eddsa_seed(const SpdmAsymAlg *alg,
                                                 SpdmBytes d, GError **errp);

/**
 * Everything else follows from the primes, which may be swapped; NULL if they
 * do not fit @e.
 */
SpdmPrivateKey *spdm_private_key_new_rsa(gcry_mpi_t p, gcry_mpi_t q,
                                         gcry_mpi_t e);

/**
 * spdm_sign() of what @hash made the hash->size bytes at @digest from; for
 * schemes that sign a digest (RSA, ECDSA).
 */
bool spdm_sign_digest(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
                      const SpdmHashAlg *hash, const uint8_t *digest,
                      const SpdmRng *rng, uint8_t *sig);

/** The row of this kind whose keys have @bits, or NULL. */
const SpdmAsymAlg *spdm_asym_for_key(SpdmKeyKind kind, unsigned bits);

/** The row that has libgcrypt's curve of this name, or NULL. */
const SpdmAsymAlg *spdm_asym_for_curve(const char *curve);

/* SM2 keys, which GnuTLS 3.7 cannot read (pk-sm2.c). */

/**
 * Hash of what GB/T 32918.2 puts before the message: the signer's identifier
 * @id (up to 8191 bytes), the curve and the key. @z: 32 bytes.
 */
void spdm_sm2_z(const SpdmPublicKey *key, SpdmBytes id, uint8_t *z);

/** From DER SubjectPublicKeyInfo or PKCS#8; NULL if it is no SM2 key. */
SpdmPublicKey *spdm_sm2_from_spki(SpdmBytes der);
SpdmPrivateKey *spdm_sm2_from_pkcs8(SpdmBytes der);

/** DER SubjectPublicKeyInfo (RFC 8998: id-ecPublicKey with the curve). */
GBytes *spdm_sm2_to_spki(const SpdmPublicKey *key);

/* ML-DSA keys (RFC 9881), which it cannot read either (pk-ml-dsa.c). */

enum { SPDM_ML_DSA_SEED_SIZE = 32 };

/**
 * The name of the algorithm whose AlgorithmIdentifier (DER, without its
 * header) this is, NULL if it is not ML-DSA; static. There need be no row of
 * that name.
 */
const char *spdm_ml_dsa_name(SpdmBytes id);

/** From DER SubjectPublicKeyInfo; NULL if it is no ML-DSA key. */
SpdmPublicKey *spdm_ml_dsa_from_spki(SpdmBytes der);
GBytes *spdm_ml_dsa_to_spki(const SpdmPublicKey *key);

/**
 * Whether @der is PKCS#8 of an ML-DSA key at all. @key receives it, or @errp
 * (with @name before it) why not.
 */
bool spdm_ml_dsa_from_pkcs8(SpdmBytes der, const char *name,
                            SpdmPrivateKey **key, GError **errp);

/** PKCS#8 around the seed; wipe it. */
GByteArray *spdm_ml_dsa_to_pkcs8(const SpdmPrivateKey *key);

#endif

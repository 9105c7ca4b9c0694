/*
 * Signing keys: load (PEM through GnuTLS), generate, sign and verify with
 * libgcrypt in the encodings of DSP0274 (ECDSA and SM2 r || s, RSA
 * big-endian, EdDSA as RFC 8032 has it, ML-DSA as FIPS 204).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_PK_H
#define SPDM_CRYPTO_PK_H

#include "crypto/random.h"
#include "crypto/secret.h"

typedef struct SpdmPrivateKey SpdmPrivateKey;
typedef struct SpdmPublicKey SpdmPublicKey;

/**
 * Loads an unencrypted PEM or DER private key. @name stands in error lines
 * (normally the file's name).
 */
SpdmPrivateKey *spdm_private_key_load(SpdmBytes data, const char *name,
                                      GError **errp);

/**
 * A new key that fits @alg. All randomness comes from @rng, so a seeded rng
 * gives the same key each time (RSA too).
 */
SpdmPrivateKey *spdm_private_key_generate(const SpdmAsymAlg *alg,
                                          const SpdmRng *rng, GError **errp);
void spdm_private_key_free(SpdmPrivateKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmPrivateKey, spdm_private_key_free)

/** PKCS#8 PEM of the key; free with g_free(). */
char *spdm_private_key_to_pem(const SpdmPrivateKey *key, GError **errp);

/** Public half; the caller frees it. */
SpdmPublicKey *spdm_private_key_public(const SpdmPrivateKey *key);

/** From DER SubjectPublicKeyInfo. */
SpdmPublicKey *spdm_public_key_from_spki(SpdmBytes der, GError **errp);
void spdm_public_key_free(SpdmPublicKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmPublicKey, spdm_public_key_free)

/** DER SubjectPublicKeyInfo; unref the GBytes. */
GBytes *spdm_public_key_to_spki(const SpdmPublicKey *key, GError **errp);

/** The AlgorithmIdentifier (DER) inside; a view, empty if malformed. */
SpdmBytes spdm_spki_algorithm(SpdmBytes spki);

/** "-----BEGIN PUBLIC KEY-----", NULL on failure; g_free(). */
char *spdm_spki_to_pem(SpdmBytes spki);

/**
 * The next DER SubjectPublicKeyInfo of @in, which moves behind it: all of it
 * if it is DER, else the next PEM block. NULL when there is none.
 */
GBytes *spdm_spki_take(SpdmBytes *in);

bool spdm_public_key_equal(const SpdmPublicKey *a, const SpdmPublicKey *b);

/** Whether this key can be used with @alg (type, curve, modulus size). */
bool spdm_public_key_fits(const SpdmPublicKey *key, const SpdmAsymAlg *alg);
bool spdm_private_key_fits(const SpdmPrivateKey *key, const SpdmAsymAlg *alg);

/** "RSA 3072", "ECDSA P-384", ... for messages; static or owned by key. */
const char *spdm_public_key_describe(const SpdmPublicKey *key);

/**
 * Signs the concatenation of @parts: hashed once with @hash (RSA, ECDSA), as
 * it is (EdDSA, ML-DSA), or hashed by SM3 after the signer's Z (SM2).
 * @context is the SPDM context string of the message, which Ed448 and ML-DSA
 * sign as their own context (DSP0274 "Signature algorithm references"); NULL
 * outside SPDM. ECDSA and SM2 are deterministic (RFC 6979); RSAPSS takes its
 * salt (H bytes) from @rng, ML-DSA what hedges it (NULL: the deterministic
 * variant). @sig receives alg->sig_size bytes. False when the key does not
 * fit, or the algorithm does not go with the hash.
 */
bool spdm_sign(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
               const SpdmHashAlg *hash, const char *context,
               const SpdmBytes *parts, size_t n, const SpdmRng *rng,
               uint8_t *sig);

/** Verifies what spdm_sign() makes; false for anything else whatever. */
bool spdm_verify(const SpdmPublicKey *key, const SpdmAsymAlg *alg,
                 const SpdmHashAlg *hash, const char *context,
                 const SpdmBytes *parts, size_t n, SpdmBytes sig);

#endif

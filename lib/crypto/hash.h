/*
 * Hash, HMAC and HKDF over gathered byte ranges.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_HASH_H
#define SPDM_CRYPTO_HASH_H

#include "crypto/secret.h"

/** @out receives alg->size bytes: the hash of the @n parts concatenated. */
void spdm_hash(const SpdmHashAlg *alg, const SpdmBytes *parts, size_t n,
               uint8_t *out);

/** @out receives alg->size bytes: HMAC(key, concatenated parts). */
void spdm_hmac(const SpdmHashAlg *alg, SpdmBytes key, const SpdmBytes *parts,
               size_t n, uint8_t *out);

/**
 * HMACs with few keys: making the handle costs as much as an HMAC of a short
 * message, and so does giving it a key.
 */
typedef struct SpdmHmac SpdmHmac;
SpdmHmac *spdm_hmac_new(const SpdmHashAlg *alg);
void spdm_hmac_set_key(SpdmHmac *h, SpdmBytes key);
void spdm_hmac_run(SpdmHmac *h, const SpdmBytes *parts, size_t n,
                   uint8_t *out);

/** Wipes the key. */
void spdm_hmac_free(SpdmHmac *h);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmHmac, spdm_hmac_free)

/** As spdm_hkdf_expand(), with the key that @h has for the PRK. */
void spdm_hmac_expand(SpdmHmac *h, SpdmBytes info, size_t len,
                      SpdmSecret *out);

/** RFC 5869 HKDF-Extract(salt, ikm); out->len becomes alg->size. */
void spdm_hkdf_extract(const SpdmHashAlg *alg, SpdmBytes salt, SpdmBytes ikm,
                       SpdmSecret *out);

/** RFC 5869 HKDF-Expand(prk, info, len), len <= SPDM_MAX_HASH. */
void spdm_hkdf_expand(const SpdmHashAlg *alg, const SpdmSecret *prk,
                      SpdmBytes info, size_t len, SpdmSecret *out);

#endif

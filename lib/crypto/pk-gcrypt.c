/*
 * Signing and verifying in the encodings of DSP0274.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-priv.h"

#include <string.h>

#include "crypto/hash.h"

/*
 * One row per scheme. @data wraps a digest for libgcrypt; @rng is where a
 * salt comes from, NULL when verifying. @parse turns wire bytes of the right
 * length into a signature, NULL if they cannot be one; @store is its inverse.
 */
typedef struct SchemeOps {
    gcry_sexp_t (*data)(const SpdmHashAlg *hash, const uint8_t *digest,
                        const SpdmRng *rng);
    gcry_sexp_t (*parse)(const SpdmPublicKey *key, SpdmBytes sig);
    bool (*store)(gcry_sexp_t sig, uint8_t *out, size_t len);
} SchemeOps;

/*
 * The rfc6979 flag makes libgcrypt truncate the digest to the group order in
 * both directions, besides choosing the nonce when signing.
 */
static gcry_sexp_t ecdsa_data(const SpdmHashAlg *hash, const uint8_t *digest,
                              const SpdmRng *rng)
{
    gcry_sexp_t data = NULL;
    gcry_error_t err;

    err = gcry_sexp_build(&data, NULL,
                          "(data (flags rfc6979) (hash %s %b))",
                          hash->sexp, (int)hash->size, digest);
    g_assert(!err);
    return data;
}

/*
 * RFC 8017 9.2 wants a DigestInfo; libgcrypt 1.10 has none for SHA-3 (its
 * table says a single 0x30 there), so it is laid out here for every hash.
 */
static gcry_sexp_t rsassa_data(const SpdmHashAlg *hash, const uint8_t *digest,
                               const SpdmRng *rng)
{
    uint8_t info[] = {
        0x30, 17 + hash->size,
        0x30, 0x0d,
        0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
        hash->oid_arc,
        0x05, 0x00,
        0x04, hash->size,
    };
    uint8_t block[sizeof(info) + SPDM_MAX_HASH];
    gcry_sexp_t data = NULL;
    gcry_error_t err;

    memcpy(block, info, sizeof(info));
    memcpy(block + sizeof(info), digest, hash->size);
    err = gcry_sexp_build(&data, NULL,
                          "(data (flags pkcs1-raw) (value %b))",
                          (int)(sizeof(info) + hash->size), block);
    g_assert(!err);
    return data;
}

static gcry_sexp_t rsapss_data(const SpdmHashAlg *hash, const uint8_t *digest,
                               const SpdmRng *rng)
{
    uint8_t salt[SPDM_MAX_HASH];
    gcry_sexp_t data = NULL;
    gcry_error_t err;

    if (!rng) {
        err = gcry_sexp_build(&data, NULL,
                              "(data (flags pss) (hash %s %b)"
                              " (salt-length %u))", hash->sexp,
                              (int)hash->size, digest, (unsigned)hash->size);
        g_assert(!err);
        return data;
    }
    spdm_rng_fill(rng, salt, hash->size);
    err = gcry_sexp_build(&data, NULL,
                          "(data (flags pss) (hash %s %b) (salt-length %u)"
                          " (random-override %b))", hash->sexp,
                          (int)hash->size, digest, (unsigned)hash->size,
                          (int)hash->size, salt);
    g_assert(!err);
    return data;
}

static gcry_sexp_t ecdsa_parse(const SpdmPublicKey *key, SpdmBytes sig)
{
    size_t half = sig.len / 2;
    g_auto(gcry_mpi_t) r = spdm_mpi_read(SPDM_BYTES(sig.data, half));
    g_auto(gcry_mpi_t) s = spdm_mpi_read(SPDM_BYTES(sig.data + half, half));
    gcry_sexp_t sexp = NULL;

    if (!gcry_mpi_cmp_ui(r, 0) || !gcry_mpi_cmp_ui(s, 0)) {
        return NULL;
    }
    if (gcry_sexp_build(&sexp, NULL, "(sig-val (ecdsa (r %m) (s %m)))",
                        r, s)) {
        return NULL;
    }
    return sexp;
}

/* libgcrypt would take s + n for s: RFC 8017 8.1.2 and 8.2.2 do not. */
static gcry_sexp_t rsa_parse(const SpdmPublicKey *key, SpdmBytes sig)
{
    g_auto(gcry_mpi_t) s = spdm_mpi_read(sig);
    gcry_sexp_t sexp = NULL;

    if (!spdm_mpi_in_range(s, key->n) ||
        gcry_sexp_build(&sexp, NULL, "(sig-val (rsa (s %m)))", s)) {
        return NULL;
    }
    return sexp;
}

static bool ecdsa_store(gcry_sexp_t sig, uint8_t *out, size_t len)
{
    g_auto(gcry_mpi_t) r = NULL;
    g_auto(gcry_mpi_t) s = NULL;

    if (gcry_sexp_extract_param(sig, "sig-val!ecdsa", "rs", &r, &s, NULL)) {
        return false;
    }
    spdm_mpi_write(r, out, len / 2);
    spdm_mpi_write(s, out + len / 2, len / 2);
    return true;
}

static bool rsa_store(gcry_sexp_t sig, uint8_t *out, size_t len)
{
    g_auto(gcry_mpi_t) s = NULL;

    if (gcry_sexp_extract_param(sig, "sig-val!rsa", "s", &s, NULL)) {
        return false;
    }
    spdm_mpi_write(s, out, len);
    return true;
}

static const SchemeOps schemes[] = {
    [SPDM_SIG_RSASSA] = { rsassa_data, rsa_parse, rsa_store },
    [SPDM_SIG_RSAPSS] = { rsapss_data, rsa_parse, rsa_store },
    [SPDM_SIG_ECDSA] = { ecdsa_data, ecdsa_parse, ecdsa_store },
};

bool spdm_sign_digest(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
                      const SpdmHashAlg *hash, const uint8_t *digest,
                      const SpdmRng *rng, uint8_t *sig)
{
    const SchemeOps *ops = &schemes[alg->scheme];
    g_auto(gcry_sexp_t) data = NULL;
    g_auto(gcry_sexp_t) value = NULL;

    if (!spdm_private_key_fits(key, alg)) {
        return false;
    }
    data = ops->data(hash, digest, rng);
    return !gcry_pk_sign(&value, data, key->sexp) &&
           ops->store(value, sig, alg->sig_size);
}

bool spdm_sign(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
               const SpdmHashAlg *hash, const SpdmBytes *parts, size_t n,
               const SpdmRng *rng, uint8_t *sig)
{
    uint8_t digest[SPDM_MAX_HASH];

    spdm_hash(hash, parts, n, digest);
    return spdm_sign_digest(key, alg, hash, digest, rng, sig);
}

bool spdm_verify(const SpdmPublicKey *key, const SpdmAsymAlg *alg,
                 const SpdmHashAlg *hash, const SpdmBytes *parts, size_t n,
                 SpdmBytes sig)
{
    const SchemeOps *ops = &schemes[alg->scheme];
    uint8_t digest[SPDM_MAX_HASH];
    g_auto(gcry_sexp_t) data = NULL;
    g_auto(gcry_sexp_t) value = NULL;

    if (!spdm_public_key_fits(key, alg) || sig.len != alg->sig_size) {
        return false;
    }
    value = ops->parse(key, sig);
    if (!value) {
        return false;
    }
    spdm_hash(hash, parts, n, digest);
    data = ops->data(hash, digest, NULL);
    return !gcry_pk_verify(value, data, key->sexp);
}

/*
 * Signing and verifying in the encodings of DSP0274.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-priv.h"

#include <string.h>

#include "crypto/hash.h"
#include "crypto/secret.h"

enum { ML_DSA_RND_SIZE = 32 };    /* FIPS 204 algorithm 7 */

/* What is to be signed, from which each scheme takes what it needs. */
typedef struct Payload {
    const SpdmPublicKey *key;
    const SpdmHashAlg *hash;
    const char *context;     /* NULL: none */
    const SpdmBytes *parts;
    size_t n;
    const uint8_t *digest;   /* of @parts, which are not there; or NULL */
} Payload;

/*
 * One row per scheme. @data wraps the payload for libgcrypt, NULL if it has no
 * memory for it; @rng is where a salt comes from, NULL when verifying. @parse
 * turns wire bytes of the right length into a signature, NULL if they cannot be
 * one; @store is its inverse.
 */
typedef struct SchemeOps {
    gcry_sexp_t (*data)(const Payload *payload, const SpdmRng *rng);
    gcry_sexp_t (*parse)(const SpdmPublicKey *key, SpdmBytes sig);
    bool (*store)(gcry_sexp_t sig, uint8_t *out, size_t len);
} SchemeOps;

static void digest_of(const Payload *p, uint8_t *digest)
{
    if (p->digest) {
        memcpy(digest, p->digest, p->hash->size);
    } else {
        spdm_hash(p->hash, p->parts, p->n, digest);
    }
}

/*
 * The rfc6979 flag makes libgcrypt truncate the digest to the group order in
 * both directions, besides choosing the nonce when signing.
 */
static gcry_sexp_t ecdsa_data(const Payload *p, const SpdmRng *rng)
{
    uint8_t digest[SPDM_MAX_HASH];
    gcry_sexp_t data = NULL;

    digest_of(p, digest);
    gcry_sexp_build(&data, NULL,
                    "(data (flags rfc6979) (hash %s %b))",
                    p->hash->sexp, (int)p->hash->size, digest);
    return data;
}

/*
 * RFC 8017 9.2 wants a DigestInfo; libgcrypt 1.10 has none for SHA-3 (its
 * table says a single 0x30 there), so it is laid out here for every hash.
 */
static gcry_sexp_t rsassa_data(const Payload *p, const SpdmRng *rng)
{
    const SpdmHashAlg *hash = p->hash;
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

    memcpy(block, info, sizeof(info));
    digest_of(p, block + sizeof(info));
    gcry_sexp_build(&data, NULL,
                    "(data (flags pkcs1-raw) (value %b))",
                    (int)(sizeof(info) + hash->size), block);
    return data;
}

static gcry_sexp_t rsapss_data(const Payload *p, const SpdmRng *rng)
{
    const SpdmHashAlg *hash = p->hash;
    uint8_t digest[SPDM_MAX_HASH];
    uint8_t salt[SPDM_MAX_HASH];
    gcry_sexp_t data = NULL;

    digest_of(p, digest);
    if (!rng) {
        gcry_sexp_build(&data, NULL,
                        "(data (flags pss) (hash %s %b)"
                        " (salt-length %u))", hash->sexp,
                        (int)hash->size, digest, (unsigned)hash->size);
        return data;
    }
    spdm_rng_fill(rng, salt, hash->size);
    gcry_sexp_build(&data, NULL,
                    "(data (flags pss) (hash %s %b) (salt-length %u)"
                    " (random-override %b))", hash->sexp,
                    (int)hash->size, digest, (unsigned)hash->size,
                    (int)hash->size, salt);
    return data;
}

/* RFC 8032 "pure": the message itself, and for Ed448 the context. */
static gcry_sexp_t eddsa_data(const Payload *p, const SpdmRng *rng)
{
    const char *context = p->context ? p->context : "";
    g_autoptr(GByteArray) message = g_byte_array_new();
    gcry_sexp_t data = NULL;

    for (size_t i = 0; i < p->n; i++) {
        g_byte_array_append(message, p->parts[i].data,
                            (guint)p->parts[i].len);
    }
    gcry_sexp_build(&data, NULL, "(data (value %b) (label %b))",
                    (int)message->len, message->data,
                    (int)strlen(context), context);
    return data;
}

/*
 * FIPS 204 algorithm 2, "pure": the message behind the context, which is laid
 * out here because libgcrypt's "label" takes no empty one. Signatures are
 * hedged, or deterministic (all zeros) where there is no source of randomness.
 */
static gcry_sexp_t ml_dsa_data(const Payload *p, const SpdmRng *rng)
{
    const char *context = p->context ? p->context : "";
    const uint8_t head[] = { 0, (uint8_t)strlen(context) };
    g_autoptr(GByteArray) message = g_byte_array_new();
    uint8_t rnd[ML_DSA_RND_SIZE] = { 0 };
    gcry_sexp_t data = NULL;

    g_byte_array_append(message, head, sizeof(head));
    g_byte_array_append(message, (const uint8_t *)context, head[1]);
    for (size_t i = 0; i < p->n; i++) {
        g_byte_array_append(message, p->parts[i].data,
                            (guint)p->parts[i].len);
    }
    if (rng) {
        spdm_rng_fill(rng, rnd, sizeof(rnd));
    }
    gcry_sexp_build(&data, NULL,
                    "(data (flags raw no-prefix) (value %b)"
                    " (random-override %b))", (int)message->len,
                    message->data, (int)sizeof(rnd), rnd);
    spdm_wipe(rnd, sizeof(rnd));
    return data;
}

/*
 * GB/T 32918.2: SM3 over Z and the message, whatever the base hash is. The
 * identifier in Z is empty, as with OpenSSL and the DMTF's implementation.
 */
static gcry_sexp_t sm2_data(const Payload *p, const SpdmRng *rng)
{
    const SpdmHashAlg *sm3 = spdm_hash_by_name("SM3");
    g_autofree SpdmBytes *parts = g_new(SpdmBytes, p->n + 1);
    uint8_t z[SPDM_MAX_HASH];
    uint8_t digest[SPDM_MAX_HASH];
    gcry_sexp_t data = NULL;

    spdm_sm2_z(p->key, SPDM_BYTES(NULL, 0), z);
    parts[0] = SPDM_BYTES(z, sm3->size);
    for (size_t i = 0; i < p->n; i++) {
        parts[i + 1] = p->parts[i];
    }
    spdm_hash(sm3, parts, p->n + 1, digest);
    gcry_sexp_build(&data, NULL,
                    "(data (flags sm2 rfc6979) (hash %s %b))",
                    sm3->sexp, (int)sm3->size, digest);
    return data;
}

static gcry_sexp_t pair_parse(SpdmBytes sig, const char *format)
{
    size_t half = sig.len / 2;
    g_auto(gcry_mpi_t) r = spdm_mpi_read(SPDM_BYTES(sig.data, half));
    g_auto(gcry_mpi_t) s = spdm_mpi_read(SPDM_BYTES(sig.data + half, half));
    gcry_sexp_t sexp = NULL;

    if (!gcry_mpi_cmp_ui(r, 0) || !gcry_mpi_cmp_ui(s, 0)) {
        return NULL;
    }
    if (gcry_sexp_build(&sexp, NULL, format, r, s)) {
        return NULL;
    }
    return sexp;
}

static gcry_sexp_t ecdsa_parse(const SpdmPublicKey *key, SpdmBytes sig)
{
    return pair_parse(sig, "(sig-val (ecdsa (r %m) (s %m)))");
}

static gcry_sexp_t sm2_parse(const SpdmPublicKey *key, SpdmBytes sig)
{
    return pair_parse(sig, "(sig-val (sm2 (r %m) (s %m)))");
}

static gcry_sexp_t eddsa_parse(const SpdmPublicKey *key, SpdmBytes sig)
{
    int half = (int)(sig.len / 2);
    gcry_sexp_t sexp = NULL;

    if (gcry_sexp_build(&sexp, NULL, "(sig-val (eddsa (r %b) (s %b)))",
                        half, sig.data, half, sig.data + half)) {
        return NULL;
    }
    return sexp;
}

static gcry_sexp_t ml_dsa_parse(const SpdmPublicKey *key, SpdmBytes sig)
{
    gcry_sexp_t sexp = NULL;

    if (gcry_sexp_build(&sexp, NULL, "(sig-val (%s (s %b)))", key->curve,
                        (int)sig.len, sig.data)) {
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

static bool pair_store(gcry_sexp_t sig, const char *path, uint8_t *out,
                       size_t len)
{
    g_auto(gcry_mpi_t) r = NULL;
    g_auto(gcry_mpi_t) s = NULL;

    if (gcry_sexp_extract_param(sig, path, "rs", &r, &s, NULL)) {
        return false;
    }
    spdm_mpi_write(r, out, len / 2);
    spdm_mpi_write(s, out + len / 2, len / 2);
    return true;
}

static bool ecdsa_store(gcry_sexp_t sig, uint8_t *out, size_t len)
{
    return pair_store(sig, "sig-val!ecdsa", out, len);
}

static bool sm2_store(gcry_sexp_t sig, uint8_t *out, size_t len)
{
    return pair_store(sig, "sig-val!sm2", out, len);
}

/* Octets, not integers. */
static bool eddsa_store(gcry_sexp_t sig, uint8_t *out, size_t len)
{
    gcry_buffer_t r = { .size = len / 2, .data = out };
    gcry_buffer_t s = { .size = len / 2, .data = out + len / 2 };

    return !gcry_sexp_extract_param(sig, "sig-val!eddsa", "&rs", &r, &s,
                                    NULL) &&
           r.len == len / 2 && s.len == len / 2;
}

static bool ml_dsa_store(gcry_sexp_t sig, uint8_t *out, size_t len)
{
    gcry_buffer_t s = { .size = len, .data = out };

    return !gcry_sexp_extract_param(sig, NULL, "&s", &s, NULL) &&
           s.len == len;
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
    [SPDM_SIG_EDDSA] = { eddsa_data, eddsa_parse, eddsa_store },
    [SPDM_SIG_SM2] = { sm2_data, sm2_parse, sm2_store },
    [SPDM_SIG_ML_DSA] = { ml_dsa_data, ml_dsa_parse, ml_dsa_store },
};

static bool sign(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
                 const Payload *payload, const SpdmRng *rng, uint8_t *sig)
{
    const SchemeOps *ops = &schemes[alg->scheme];
    g_auto(gcry_sexp_t) data = NULL;
    g_auto(gcry_sexp_t) value = NULL;

    if (!spdm_private_key_fits(key, alg) ||
        !spdm_asym_takes_hash(alg, payload->hash)) {
        return false;
    }
    data = ops->data(payload, rng);
    return data && !gcry_pk_sign(&value, data, key->sexp) &&
           ops->store(value, sig, alg->sig_size);
}

bool spdm_sign_digest(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
                      const SpdmHashAlg *hash, const uint8_t *digest,
                      const SpdmRng *rng, uint8_t *sig)
{
    Payload payload = { .key = key->pub, .hash = hash, .digest = digest };

    g_assert(alg->kind == SPDM_KEY_RSA || alg->kind == SPDM_KEY_EC);
    return sign(key, alg, &payload, rng, sig);
}

bool spdm_sign(const SpdmPrivateKey *key, const SpdmAsymAlg *alg,
               const SpdmHashAlg *hash, const char *context,
               const SpdmBytes *parts, size_t n, const SpdmRng *rng,
               uint8_t *sig)
{
    Payload payload = {
        .key = key->pub, .hash = hash, .parts = parts, .n = n,
        .context = alg->has_context ? context : NULL,
    };

    return sign(key, alg, &payload, rng, sig);
}

bool spdm_verify(const SpdmPublicKey *key, const SpdmAsymAlg *alg,
                 const SpdmHashAlg *hash, const char *context,
                 const SpdmBytes *parts, size_t n, SpdmBytes sig)
{
    const SchemeOps *ops = &schemes[alg->scheme];
    Payload payload = {
        .key = key, .hash = hash, .parts = parts, .n = n,
        .context = alg->has_context ? context : NULL,
    };
    g_auto(gcry_sexp_t) data = NULL;
    g_auto(gcry_sexp_t) value = NULL;

    if (!spdm_public_key_fits(key, alg) || sig.len != alg->sig_size ||
        !spdm_asym_takes_hash(alg, hash)) {
        return false;
    }
    value = ops->parse(key, sig);
    if (!value) {
        return false;
    }
    data = ops->data(&payload, NULL);
    return data && !gcry_pk_verify(value, data, key->sexp);
}

/*
 * Signing keys as objects: making them from numbers, comparing, describing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-priv.h"

#include <string.h>

#include "crypto/secret.h"

enum {
    RSA_MIN_BITS = 1024,
    RSA_MAX_BITS = 8192,      /* bounds what a verification can cost */
    RSA_MAX_EXPONENT_BITS = 64,
    RSA_EXPONENT = 65537,
};

void spdm_public_key_free(SpdmPublicKey *key)
{
    if (key) {
        gcry_sexp_release(key->sexp);
        gcry_mpi_release(key->n);
        g_bytes_unref(key->raw);
        g_free(key->text);
        g_free(key);
    }
}

void spdm_private_key_free(SpdmPrivateKey *key)
{
    if (key) {
        gcry_sexp_release(key->sexp);
        spdm_public_key_free(key->pub);
        g_free(key);
    }
}

/* The point as libgcrypt and X9.62 write it uncompressed; g_free(). */
static uint8_t *uncompressed(SpdmBytes xy)
{
    uint8_t *q = g_malloc(1 + xy.len);

    q[0] = 0x04;
    memcpy(q + 1, xy.data, xy.len);
    return q;
}

const SpdmAsymAlg *spdm_asym_for_curve(const char *curve)
{
    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        if (g_strcmp0(a->curve, curve) == 0) {
            return a;
        }
    }
    return NULL;
}

SpdmPublicKey *spdm_public_key_new_ec(const char *curve, SpdmBytes xy)
{
    const SpdmAsymAlg *row = spdm_asym_for_curve(curve);
    g_auto(gcry_ctx_t) ec = spdm_ec_open(curve);
    g_auto(gcry_mpi_point_t) point = spdm_ec_read_point(ec, xy);
    g_auto(gcry_mpi_t) p = gcry_mpi_ec_get_mpi("p", ec, 0);
    g_autofree uint8_t *q = NULL;
    SpdmPublicKey *key;
    gcry_error_t err;

    if (!point) {
        return NULL;
    }
    g_assert(row);           /* every curve that opens has one */
    q = uncompressed(xy);
    key = g_new0(SpdmPublicKey, 1);
    key->kind = row->kind;
    key->bits = gcry_mpi_get_nbits(p);
    key->curve = row->curve;
    key->raw = g_bytes_new(xy.data, xy.len);
    key->text = row->kind == SPDM_KEY_EC
        ? g_strdup_printf("ECDSA P-%u", key->bits) : g_strdup("SM2");
    err = gcry_sexp_build(&key->sexp, NULL,
                          "(public-key (ecc (curve %s) (q %b)))",
                          curve, (int)(1 + xy.len), q);
    g_assert(!err);
    return key;
}

/* RFC 8032 5.1.5 and 5.2.5: as long as half a signature. */
SpdmPublicKey *spdm_public_key_new_eddsa(const SpdmAsymAlg *alg, SpdmBytes q)
{
    SpdmPublicKey *key;
    gcry_error_t err;

    if (q.len != alg->sig_size / 2) {
        return NULL;
    }
    key = g_new0(SpdmPublicKey, 1);
    key->kind = alg->kind;
    key->bits = alg->key_bits;
    key->curve = alg->curve;
    key->raw = g_bytes_new(q.data, q.len);
    key->text = g_strdup(alg->curve);
    err = gcry_sexp_build(&key->sexp, NULL,
                          "(public-key (ecc (curve %s) (flags eddsa)"
                          " (q %b)))", alg->curve, (int)q.len, q.data);
    g_assert(!err);
    return key;
}

SpdmPrivateKey *spdm_private_key_new_eddsa(const SpdmAsymAlg *alg,
                                           SpdmBytes q, SpdmBytes d)
{
    SpdmPrivateKey *key;
    gcry_error_t err;

    if (q.len != alg->sig_size / 2 || d.len != q.len) {
        return NULL;
    }
    key = g_new0(SpdmPrivateKey, 1);
    key->pub = spdm_public_key_new_eddsa(alg, q);
    err = gcry_sexp_build(&key->sexp, NULL,
                          "(private-key (ecc (curve %s) (flags eddsa)"
                          " (q %b) (d %b)))", alg->curve, (int)q.len, q.data,
                          (int)d.len, d.data);
    g_assert(!err);
    return key;
}

static bool rsa_plausible(gcry_mpi_t n, gcry_mpi_t e)
{
    unsigned bits = gcry_mpi_get_nbits(n);

    return bits >= RSA_MIN_BITS && bits <= RSA_MAX_BITS &&
           gcry_mpi_test_bit(n, 0) &&
           gcry_mpi_test_bit(e, 0) && gcry_mpi_cmp_ui(e, 3) >= 0 &&
           gcry_mpi_get_nbits(e) <= RSA_MAX_EXPONENT_BITS;
}

/* Fixed widths, so that equal keys have equal bytes. */
static GBytes *rsa_raw(gcry_mpi_t n, gcry_mpi_t e)
{
    size_t n_len = (gcry_mpi_get_nbits(n) + 7) / 8;
    size_t e_len = RSA_MAX_EXPONENT_BITS / 8;
    uint8_t *raw = g_malloc(n_len + e_len);

    spdm_mpi_write(n, raw, n_len);
    spdm_mpi_write(e, raw + n_len, e_len);
    return g_bytes_new_take(raw, n_len + e_len);
}

static SpdmPublicKey *public_from_rsa(gcry_mpi_t n, gcry_mpi_t e)
{
    SpdmPublicKey *key;
    gcry_error_t err;

    if (!rsa_plausible(n, e)) {
        return NULL;
    }
    key = g_new0(SpdmPublicKey, 1);
    key->kind = SPDM_KEY_RSA;
    key->bits = gcry_mpi_get_nbits(n);
    key->n = gcry_mpi_copy(n);
    key->raw = rsa_raw(n, e);
    key->text = g_strdup_printf("RSA %u", key->bits);
    err = gcry_sexp_build(&key->sexp, NULL,
                          "(public-key (rsa (n %m) (e %m)))", n, e);
    g_assert(!err);
    return key;
}

SpdmPublicKey *spdm_public_key_new_rsa(SpdmBytes n, SpdmBytes e)
{
    g_auto(gcry_mpi_t) n_mpi = spdm_mpi_read(n);
    g_auto(gcry_mpi_t) e_mpi = spdm_mpi_read(e);

    return public_from_rsa(n_mpi, e_mpi);
}

static SpdmPrivateKey *private_from_scalar(const char *curve, gcry_ctx_t ec,
                                           gcry_mpi_t d)
{
    size_t len = 2 * spdm_ec_coordinate_size(ec);
    g_autofree uint8_t *xy = g_malloc(len);
    g_autofree uint8_t *q = NULL;
    SpdmPrivateKey *key = g_new0(SpdmPrivateKey, 1);
    gcry_error_t err;

    spdm_ec_public(ec, d, xy);
    q = uncompressed(SPDM_BYTES(xy, len));
    key->pub = spdm_public_key_new_ec(curve, SPDM_BYTES(xy, len));
    err = gcry_sexp_build(&key->sexp, NULL,
                          "(private-key (ecc (curve %s) (q %b) (d %m)))",
                          curve, (int)(1 + len), q, d);
    g_assert(!err);
    return key;
}

SpdmPrivateKey *spdm_private_key_new_ec(const char *curve, SpdmBytes d)
{
    g_auto(gcry_ctx_t) ec = spdm_ec_open(curve);
    g_auto(gcry_mpi_t) order = spdm_ec_order(ec);
    g_auto(gcry_mpi_t) scalar = spdm_mpi_read_secret(d);

    if (!spdm_mpi_in_range(scalar, order)) {
        return NULL;
    }
    return private_from_scalar(curve, ec, scalar);
}

/* d = 1 / e modulo lcm(p - 1, q - 1); NULL if e has no inverse. */
static gcry_mpi_t rsa_private_exponent(gcry_mpi_t p, gcry_mpi_t q,
                                       gcry_mpi_t e)
{
    g_auto(gcry_mpi_t) p1 = gcry_mpi_new(0);
    g_auto(gcry_mpi_t) q1 = gcry_mpi_new(0);
    g_auto(gcry_mpi_t) gcd = gcry_mpi_new(0);
    g_auto(gcry_mpi_t) lcm = gcry_mpi_new(0);
    g_auto(gcry_mpi_t) d = gcry_mpi_snew(gcry_mpi_get_nbits(p) * 2);

    gcry_mpi_sub_ui(p1, p, 1);
    gcry_mpi_sub_ui(q1, q, 1);
    gcry_mpi_gcd(gcd, p1, q1);
    gcry_mpi_div(lcm, NULL, p1, gcd, 0);
    gcry_mpi_mul(lcm, lcm, q1);
    if (!gcry_mpi_invm(d, e, lcm)) {
        return NULL;
    }
    return g_steal_pointer(&d);
}

SpdmPrivateKey *spdm_private_key_new_rsa(gcry_mpi_t p, gcry_mpi_t q,
                                         gcry_mpi_t e)
{
    g_auto(gcry_mpi_t) n = gcry_mpi_new(0);
    g_auto(gcry_mpi_t) u = gcry_mpi_new(0);
    g_auto(gcry_mpi_t) d = NULL;
    g_autoptr(SpdmPublicKey) pub = NULL;
    SpdmPrivateKey *key;
    gcry_error_t err;

    /* libgcrypt's order: p < q and u = 1 / p mod q. */
    if (gcry_mpi_cmp(p, q) > 0) {
        gcry_mpi_swap(p, q);
    }
    gcry_mpi_mul(n, p, q);
    pub = public_from_rsa(n, e);
    if (!pub || !gcry_mpi_invm(u, p, q)) {
        return NULL;
    }
    d = rsa_private_exponent(p, q, e);
    if (!d) {
        return NULL;
    }
    key = g_new0(SpdmPrivateKey, 1);
    err = gcry_sexp_build(&key->sexp, NULL,
                          "(private-key (rsa (n %m) (e %m) (d %m)"
                          " (p %m) (q %m) (u %m)))", n, e, d, p, q, u);
    g_assert(!err);
    key->pub = g_steal_pointer(&pub);
    return key;
}

SpdmPublicKey *spdm_private_key_public(const SpdmPrivateKey *key)
{
    const SpdmPublicKey *from = key->pub;
    SpdmPublicKey *copy = g_new0(SpdmPublicKey, 1);
    gcry_error_t err;

    *copy = *from;
    copy->n = from->n ? gcry_mpi_copy(from->n) : NULL;
    copy->raw = g_bytes_ref(from->raw);
    copy->text = g_strdup(from->text);
    err = gcry_sexp_build(&copy->sexp, NULL, "%S", from->sexp);
    g_assert(!err);
    return copy;
}

bool spdm_public_key_equal(const SpdmPublicKey *a, const SpdmPublicKey *b)
{
    return a->kind == b->kind && a->bits == b->bits &&
           g_bytes_equal(a->raw, b->raw);
}

bool spdm_public_key_fits(const SpdmPublicKey *key, const SpdmAsymAlg *alg)
{
    return key->kind == alg->kind && key->bits == alg->key_bits;
}

bool spdm_private_key_fits(const SpdmPrivateKey *key, const SpdmAsymAlg *alg)
{
    return spdm_public_key_fits(key->pub, alg);
}

const SpdmAsymAlg *spdm_asym_for_key(SpdmKeyKind kind, unsigned bits)
{
    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        if (a->kind == kind && a->key_bits == bits) {
            return a;
        }
    }
    return NULL;
}

const char *spdm_public_key_describe(const SpdmPublicKey *key)
{
    return key->text;
}

static SpdmPrivateKey *generate_ec(const SpdmAsymAlg *alg, const SpdmRng *rng,
                                   GError **errp)
{
    g_auto(gcry_ctx_t) ec = spdm_ec_open(alg->curve);
    g_auto(gcry_mpi_t) order = spdm_ec_order(ec);
    g_auto(gcry_mpi_t) d = spdm_mpi_random_below(order, rng);

    return private_from_scalar(alg->curve, ec, d);
}

/*
 * libgcrypt's own generator cannot be fed from a given source, so primes are
 * searched here: the two top bits are set, so that a product of two has full
 * length, and p - 1 must have no factor in common with e.
 */
static gcry_mpi_t random_prime(unsigned bits, gcry_mpi_t e,
                               const SpdmRng *rng)
{
    size_t len = bits / 8;
    g_autofree uint8_t *buf = g_malloc(len);
    g_auto(gcry_mpi_t) p1 = gcry_mpi_new(bits);
    g_auto(gcry_mpi_t) gcd = gcry_mpi_new(0);

    for (;;) {
        g_auto(gcry_mpi_t) p = NULL;

        spdm_rng_fill(rng, buf, len);
        buf[0] |= 0xc0;
        buf[len - 1] |= 1;
        p = spdm_mpi_read(SPDM_BYTES(buf, len));
        spdm_wipe(buf, len);
        gcry_mpi_sub_ui(p1, p, 1);
        if (gcry_mpi_gcd(gcd, p1, e) && !gcry_prime_check(p, 0)) {
            return g_steal_pointer(&p);
        }
    }
}

/* FIPS 186-4 B.3.3: closer primes could be found from n alone. */
static bool primes_far_apart(gcry_mpi_t p, gcry_mpi_t q, unsigned bits)
{
    g_auto(gcry_mpi_t) diff = gcry_mpi_new(bits);

    gcry_mpi_sub(diff, p, q);
    return gcry_mpi_get_nbits(diff) > bits - 100;
}

static SpdmPrivateKey *generate_rsa(const SpdmAsymAlg *alg,
                                    const SpdmRng *rng, GError **errp)
{
    unsigned bits = alg->key_bits / 2;
    g_auto(gcry_mpi_t) e = gcry_mpi_set_ui(NULL, RSA_EXPONENT);
    g_auto(gcry_mpi_t) p = random_prime(bits, e, rng);
    g_auto(gcry_mpi_t) q = random_prime(bits, e, rng);

    while (!primes_far_apart(p, q, bits)) {
        gcry_mpi_release(q);
        q = random_prime(bits, e, rng);
    }
    return spdm_private_key_new_rsa(p, q, e);
}

/* Any octets are a private key (RFC 8032); loading finds its public half. */
static SpdmPrivateKey *generate_eddsa(const SpdmAsymAlg *alg,
                                      const SpdmRng *rng, GError **errp)
{
    uint8_t d[SPDM_MAX_SIGNATURE / 2];
    size_t len = alg->sig_size / 2;
    SpdmPrivateKey *key;

    spdm_rng_fill(rng, d, len);
    key = spdm_private_key_from_eddsa_seed(alg, SPDM_BYTES(d, len), errp);
    spdm_wipe(d, len);
    return key;
}

static SpdmPrivateKey *generate_ml_dsa(const SpdmAsymAlg *alg,
                                       const SpdmRng *rng, GError **errp)
{
    uint8_t seed[SPDM_ML_DSA_SEED_SIZE];
    SpdmPrivateKey *key;

    spdm_rng_fill(rng, seed, sizeof(seed));
    key = spdm_private_key_new_ml_dsa(alg, SPDM_BYTES(seed, sizeof(seed)),
                                      errp);
    spdm_wipe(seed, sizeof(seed));
    return key;
}

SpdmPrivateKey *spdm_private_key_generate(const SpdmAsymAlg *alg,
                                          const SpdmRng *rng, GError **errp)
{
    static SpdmPrivateKey *(*const generate[])(const SpdmAsymAlg *,
                                               const SpdmRng *,
                                               GError **) = {
        [SPDM_KEY_RSA] = generate_rsa,
        [SPDM_KEY_EC] = generate_ec,
        [SPDM_KEY_EDDSA] = generate_eddsa,
        [SPDM_KEY_SM2] = generate_ec,
        [SPDM_KEY_ML_DSA] = generate_ml_dsa,
    };

    return generate[alg->kind](alg, rng, errp);
}

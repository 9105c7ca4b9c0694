/*
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bare.h"

#include <string.h>

#include "crypto/dhe.h"
#include "crypto/pk-priv.h"

enum {
    NONCE = 32,
    SESSION_ID = 2,
    PREFIX = 100,            /* of what is signed, from DSP0274 1.2 on */
    IV = 12,
    TAG = 16,
    HEADER = 6,              /* of a record of DSP0277 over DOE */
    MAX_SIGNED = 512,
};

struct Bare {
    const BenchSet *set;
    const SpdmHashAlg *hash;
    const SpdmAsymAlg *asym;
    const SpdmDheAlg *dhe;
    SpdmPrivateKey *key;
    SpdmDhe *peer;
    gcry_ctx_t ec;
    gcry_mpi_point_t g;
    gcry_mpi_t p;
    gcry_mpi_t g2;
    gcry_mpi_t priv;         /* of the latest ephemeral */
    gcry_mac_hd_t mac;
    gcry_cipher_hd_t cipher[2];
};

static void must(gcry_error_t err)
{
    g_assert(!err);
}

static void open_group(Bare *b)
{
    if (b->dhe->curve) {
        must(gcry_mpi_ec_new(&b->ec, NULL, b->dhe->curve));
        b->g = gcry_mpi_ec_get_point("g", b->ec, 1);
    } else {
        must(gcry_mpi_scan(&b->p, GCRYMPI_FMT_HEX, b->dhe->prime, 0, NULL));
        b->g2 = gcry_mpi_set_ui(NULL, 2);
    }
}

Bare *bare_new(const BenchSet *set)
{
    Bare *b = g_new0(Bare, 1);
    SpdmRng rng = spdm_rng_system();
    GError *err = NULL;

    b->set = set;
    b->hash = spdm_hash_by_name(set->hash);
    b->asym = spdm_asym_by_name(set->asym);
    b->dhe = spdm_dhe_by_name(set->dhe);
    must(gcry_mac_open(&b->mac, b->hash->gcry_hmac, 0, NULL));
    for (unsigned i = 0; i < G_N_ELEMENTS(b->cipher); i++) {
        must(gcry_cipher_open(&b->cipher[i], GCRY_CIPHER_AES256,
                              GCRY_CIPHER_MODE_GCM, 0));
    }
    if (!set->psk) {
        b->key = spdm_private_key_generate(b->asym, &rng, &err);
        bench_must(b->key != NULL, &err);
        b->peer = spdm_dhe_new(b->dhe, &rng);
        open_group(b);
    }
    return b;
}

void bare_free(Bare *b)
{
    spdm_private_key_free(b->key);
    spdm_dhe_free(b->peer);
    gcry_ctx_release(b->ec);
    gcry_mpi_point_release(b->g);
    gcry_mpi_release(b->p);
    gcry_mpi_release(b->g2);
    gcry_mpi_release(b->priv);
    gcry_mac_close(b->mac);
    for (unsigned i = 0; i < G_N_ELEMENTS(b->cipher); i++) {
        gcry_cipher_close(b->cipher[i]);
    }
    g_free(b);
}

static void put(gcry_mpi_t x)
{
    uint8_t buf[SPDM_MAX_DHE];

    must(gcry_mpi_print(GCRYMPI_FMT_USG, buf, sizeof(buf), NULL, x));
}

static void ec_ephemeral(Bare *b)
{
    g_auto(gcry_mpi_point_t) q = gcry_mpi_point_new(0);
    g_auto(gcry_mpi_t) x = gcry_mpi_new(0);
    g_auto(gcry_mpi_t) y = gcry_mpi_new(0);

    gcry_mpi_ec_mul(q, b->priv, b->g, b->ec);
    g_assert(!gcry_mpi_ec_get_affine(x, y, q, b->ec));
    put(x);
    put(y);
}

static void ff_ephemeral(Bare *b)
{
    g_auto(gcry_mpi_t) y = gcry_mpi_new(0);

    gcry_mpi_powm(y, b->g2, b->priv, b->p);
    put(y);
}

void bare_ephemeral(Bare *b)
{
    uint8_t random[SPDM_MAX_DHE];
    g_auto(gcry_mpi_t) x = NULL;

    gcry_randomize(random, b->dhe->private_size, GCRY_STRONG_RANDOM);
    must(gcry_mpi_scan(&x, GCRYMPI_FMT_USG, random, b->dhe->private_size,
                       NULL));
    gcry_mpi_release(b->priv);
    b->priv = gcry_mpi_snew(b->dhe->private_size * 8);
    gcry_mpi_set(b->priv, x);
    if (b->ec) {
        ec_ephemeral(b);
    } else {
        ff_ephemeral(b);
    }
}

static void ec_shared(Bare *b, const uint8_t *peer)
{
    size_t size = b->dhe->public_size / 2;
    g_auto(gcry_mpi_t) x = NULL;
    g_auto(gcry_mpi_t) y = NULL;
    g_auto(gcry_mpi_t) one = gcry_mpi_set_ui(NULL, 1);
    g_auto(gcry_mpi_point_t) q = NULL;

    must(gcry_mpi_scan(&x, GCRYMPI_FMT_USG, peer, size, NULL));
    must(gcry_mpi_scan(&y, GCRYMPI_FMT_USG, peer + size, size, NULL));
    q = gcry_mpi_point_set(NULL, x, y, one);
    g_assert(gcry_mpi_ec_curve_point(q, b->ec));
    gcry_mpi_ec_mul(q, b->priv, q, b->ec);
    g_assert(!gcry_mpi_ec_get_affine(x, NULL, q, b->ec));
    put(x);
}

static void ff_shared(Bare *b, const uint8_t *peer)
{
    g_auto(gcry_mpi_t) y = NULL;

    must(gcry_mpi_scan(&y, GCRYMPI_FMT_USG, peer, b->dhe->public_size, NULL));
    gcry_mpi_powm(y, y, b->priv, b->p);
    put(y);
}

void bare_shared(Bare *b)
{
    if (b->ec) {
        ec_shared(b, spdm_dhe_public(b->peer));
    } else {
        ff_shared(b, spdm_dhe_public(b->peer));
    }
}

static gcry_sexp_t to_sign(const Bare *b, const uint8_t *digest)
{
    uint8_t salt[SPDM_MAX_HASH];
    gcry_sexp_t data = NULL;
    int size = b->hash->size;

    if (b->asym->scheme == SPDM_SIG_RSAPSS) {
        gcry_randomize(salt, (size_t)size, GCRY_STRONG_RANDOM);
        must(gcry_sexp_build(&data, NULL, "(data (flags pss) (hash %s %b)"
                             " (salt-length %d) (random-override %b))",
                             b->hash->sexp, size, digest, size, size, salt));
    } else {
        must(gcry_sexp_build(&data, NULL,
                             "(data (flags rfc6979) (hash %s %b))",
                             b->hash->sexp, size, digest));
    }
    return data;
}

void bare_sign(Bare *b)
{
    uint8_t digest[SPDM_MAX_HASH] = { 1 };
    g_auto(gcry_sexp_t) data = to_sign(b, digest);
    g_auto(gcry_sexp_t) value = NULL;
    g_auto(gcry_mpi_t) r = NULL;
    g_auto(gcry_mpi_t) s = NULL;
    uint8_t out[MAX_SIGNED];

    must(gcry_pk_sign(&value, data, b->key->sexp));
    if (b->asym->scheme == SPDM_SIG_RSAPSS) {
        must(gcry_sexp_extract_param(value, "sig-val!rsa", "s", &s, NULL));
    } else {
        must(gcry_sexp_extract_param(value, "sig-val!ecdsa", "rs", &r, &s,
                                     NULL));
        must(gcry_mpi_print(GCRYMPI_FMT_USG, out, sizeof(out), NULL, r));
    }
    must(gcry_mpi_print(GCRYMPI_FMT_USG, out, sizeof(out), NULL, s));
}

/* The hash as it stands, while it goes on. */
static void snapshot(gcry_md_hd_t md, int algorithm)
{
    g_auto(gcry_md_hd_t) copy = NULL;

    must(gcry_md_copy(&copy, md));
    gcry_md_read(copy, algorithm);
}

/*
 * Each byte of TH is hashed once, and read off where DSP0274 wants a value:
 * TH of the signature, TH1, TH of RequesterVerifyData, TH2.
 */
static void hash_transcript(Bare *b, size_t bytes)
{
    g_autofree uint8_t *message = g_malloc0(bytes);
    g_auto(gcry_md_hd_t) md = NULL;
    unsigned reads = b->set->psk ? 3 : 4;
    uint8_t digest[SPDM_MAX_HASH];

    must(gcry_md_open(&md, b->hash->gcry_md, 0));
    for (unsigned i = 0; i < reads; i++) {
        gcry_md_write(md, message, bytes / reads);
        snapshot(md, b->hash->gcry_md);
    }
    if (!b->set->psk) {
        gcry_md_hash_buffer(b->hash->gcry_md, digest, message,
                            MIN(bytes, PREFIX + (size_t)b->hash->size));
    }
}

/* @count HMACs with one key. */
static void macs(Bare *b, unsigned count)
{
    static const uint8_t key[SPDM_MAX_HASH], info[2 + 8 + 12];
    uint8_t out[SPDM_MAX_HASH];

    must(gcry_mac_setkey(b->mac, key, b->hash->size));
    for (unsigned i = 0; i < count; i++) {
        size_t len = b->hash->size;

        must(gcry_mac_reset(b->mac));
        must(gcry_mac_write(b->mac, info, sizeof(info)));
        must(gcry_mac_write(b->mac, key, b->hash->size));
        must(gcry_mac_read(b->mac, out, &len));
    }
}

/* Each row is a key of DSP0274's key schedule, and what is made with it. */
static void key_schedule(Bare *b)
{
    static const unsigned with_one_key[] = {
        1,                   /* salt 0: handshake secret */
        3,                   /* it: two directions, "derived" */
        3, 3,                /* those: finished, key, iv */
        1, 1,                /* finished keys: VerifyData */
        1,                   /* salt 1: master secret */
        3,                   /* it: two directions, export master */
        2, 2,                /* those: key, iv */
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(with_one_key); i++) {
        macs(b, with_one_key[i]);
    }
}

static void start(gcry_cipher_hd_t cipher)
{
    static const uint8_t key[32], iv[IV], header[HEADER];

    must(gcry_cipher_setkey(cipher, key, sizeof(key)));
    must(gcry_cipher_setiv(cipher, iv, sizeof(iv)));
    must(gcry_cipher_authenticate(cipher, header, sizeof(header)));
}

/* FINISH comes in one and FINISH_RSP goes out in another. */
static void records(Bare *b)
{
    uint8_t finish[6 + SPDM_MAX_HASH] = { 0 }, answer[6] = { 0 }, tag[TAG];

    start(b->cipher[0]);
    must(gcry_cipher_decrypt(b->cipher[0], finish, 6u + b->hash->size, NULL,
                             0));
    gcry_cipher_checktag(b->cipher[0], tag, sizeof(tag));
    start(b->cipher[1]);
    must(gcry_cipher_encrypt(b->cipher[1], answer, sizeof(answer), NULL, 0));
    must(gcry_cipher_gettag(b->cipher[1], tag, sizeof(tag)));
}

void bare_rest(Bare *b, size_t bytes)
{
    uint8_t random[NONCE + SPDM_MAX_HASH];

    gcry_randomize(random, b->set->psk ? (size_t)b->hash->size : NONCE,
                   GCRY_STRONG_RANDOM);
    gcry_randomize(random, SESSION_ID, GCRY_STRONG_RANDOM);
    hash_transcript(b, bytes);
    key_schedule(b);
    records(b);
}

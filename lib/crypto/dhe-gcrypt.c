/*
 * Ephemeral Diffie-Hellman with libgcrypt's multi-precision and curve calls:
 * gcry_pk_genkey() costs 16 times more, since it tests each key it makes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/dhe.h"

#include "crypto/gcrypt-priv.h"

#define FFDHE_GENERATOR 2

struct SpdmDhe {
    const SpdmDheAlg *alg;
    gcry_ctx_t ec;     /* ECDHE */
    gcry_mpi_t p;      /* FFDHE */
    gcry_mpi_t order;  /* of the group: 0 < priv < order */
    gcry_mpi_t priv;   /* secret; wiped when released */
    uint8_t public[SPDM_MAX_DHE];
};

/* What the two kinds of group do differently. */
typedef struct GroupOps {
    void (*open)(SpdmDhe *dhe);
    void (*derive_public)(SpdmDhe *dhe);
    bool (*compute)(const SpdmDhe *dhe, SpdmBytes peer, uint8_t *secret);
} GroupOps;

static void ecdhe_open(SpdmDhe *dhe)
{
    dhe->ec = spdm_ec_open(dhe->alg->curve);
    dhe->order = spdm_ec_order(dhe->ec);
}

static void ecdhe_derive_public(SpdmDhe *dhe)
{
    spdm_ec_public(dhe->ec, dhe->priv, dhe->public);
}

static bool ecdhe_compute(const SpdmDhe *dhe, SpdmBytes peer, uint8_t *secret)
{
    g_auto(gcry_mpi_point_t) point = spdm_ec_read_point(dhe->ec, peer);
    g_auto(gcry_mpi_point_t) shared = gcry_mpi_point_new(0);
    g_auto(gcry_mpi_t) x = gcry_mpi_snew(dhe->alg->secret_size * 8);

    if (!point) {
        return false;
    }
    gcry_mpi_ec_mul(shared, dhe->priv, point, dhe->ec);
    if (gcry_mpi_ec_get_affine(x, NULL, shared, dhe->ec)) {
        return false;
    }
    spdm_mpi_write_secret(x, secret, dhe->alg->secret_size);
    return true;
}

static void ffdhe_open(SpdmDhe *dhe)
{
    gcry_error_t err = gcry_mpi_scan(&dhe->p, GCRYMPI_FMT_HEX,
                                     dhe->alg->prime, 0, NULL);

    g_assert(!err);
    /* libgcrypt wipes what it calculates with if the modulus is secret. */
    gcry_mpi_set_flag(dhe->p, GCRYMPI_FLAG_SECURE);
    /* 2 generates the squares of a safe prime: (p - 1) / 2 elements. */
    dhe->order = gcry_mpi_new(0);
    gcry_mpi_rshift(dhe->order, dhe->p, 1);
}

static void ffdhe_derive_public(SpdmDhe *dhe)
{
    g_auto(gcry_mpi_t) g = gcry_mpi_set_ui(NULL, FFDHE_GENERATOR);
    g_auto(gcry_mpi_t) y = gcry_mpi_new(0);

    gcry_mpi_powm(y, g, dhe->priv, dhe->p);
    spdm_mpi_write(y, dhe->public, dhe->alg->public_size);
}

static bool ffdhe_compute(const SpdmDhe *dhe, SpdmBytes peer, uint8_t *secret)
{
    g_auto(gcry_mpi_t) y = spdm_mpi_read(peer);
    g_auto(gcry_mpi_t) top = gcry_mpi_new(0);
    g_auto(gcry_mpi_t) shared = gcry_mpi_snew(dhe->alg->secret_size * 8);

    gcry_mpi_sub_ui(top, dhe->p, 1);
    if (!spdm_mpi_in_range(y, top) || gcry_mpi_cmp_ui(y, 1) == 0) {
        return false;
    }
    gcry_mpi_powm(shared, y, dhe->priv, dhe->p);
    spdm_mpi_write_secret(shared, secret, dhe->alg->secret_size);
    return true;
}

static const GroupOps groups[] = {
    [SPDM_DHE_ECDHE] = { ecdhe_open, ecdhe_derive_public, ecdhe_compute },
    [SPDM_DHE_FFDHE] = { ffdhe_open, ffdhe_derive_public, ffdhe_compute },
};

static SpdmDhe *open_group(const SpdmDheAlg *alg)
{
    SpdmDhe *dhe = g_new0(SpdmDhe, 1);

    dhe->alg = alg;
    groups[alg->kind].open(dhe);
    return dhe;
}

/*
 * A fresh private value is uniform below the order or, where the order is far
 * longer than its strength needs, below 2 to the row's private size.
 */
SpdmDhe *spdm_dhe_new(const SpdmDheAlg *alg, const SpdmRng *rng)
{
    SpdmDhe *dhe = open_group(alg);
    g_auto(gcry_mpi_t) bound = gcry_mpi_set_ui(NULL, 1);

    gcry_mpi_lshift(bound, bound, alg->private_size * 8);
    if (gcry_mpi_cmp(bound, dhe->order) > 0) {
        gcry_mpi_set(bound, dhe->order);
    }
    dhe->priv = spdm_mpi_random_below(bound, rng);
    groups[alg->kind].derive_public(dhe);
    return dhe;
}

SpdmDhe *spdm_dhe_from_private(const SpdmDheAlg *alg, SpdmBytes priv)
{
    g_autoptr(SpdmDhe) dhe = open_group(alg);

    dhe->priv = spdm_mpi_read_secret(priv);
    if (!spdm_mpi_in_range(dhe->priv, dhe->order)) {
        return NULL;
    }
    groups[alg->kind].derive_public(dhe);
    return g_steal_pointer(&dhe);
}

void spdm_dhe_free(SpdmDhe *dhe)
{
    if (dhe) {
        gcry_ctx_release(dhe->ec);
        gcry_mpi_release(dhe->p);
        gcry_mpi_release(dhe->order);
        gcry_mpi_release(dhe->priv);
        g_free(dhe);
    }
}

const uint8_t *spdm_dhe_public(const SpdmDhe *dhe)
{
    return dhe->public;
}

bool spdm_dhe_compute(const SpdmDhe *dhe, SpdmBytes peer,
                      SpdmSharedSecret *out)
{
    if (peer.len != dhe->alg->public_size ||
        !groups[dhe->alg->kind].compute(dhe, peer, out->data)) {
        return false;
    }
    out->len = dhe->alg->secret_size;
    return true;
}

/*
 * What the libgcrypt files share: clean-ups, fixed-width integers, curves.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_GCRYPT_PRIV_H
#define SPDM_CRYPTO_GCRYPT_PRIV_H

#include <gcrypt.h>

#include "crypto/random.h"

/* Releasing an MPI or a point wipes its limbs, whatever memory it is in. */
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gcry_mpi_t, gcry_mpi_release, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gcry_mpi_point_t, gcry_mpi_point_release, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gcry_sexp_t, gcry_sexp_release, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gcry_ctx_t, gcry_ctx_release, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gcry_md_hd_t, gcry_md_close, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gcry_mac_hd_t, gcry_mac_close, NULL)

/** The unsigned big-endian integer in @bytes; never NULL. */
gcry_mpi_t spdm_mpi_read(SpdmBytes bytes);

/**
 * The same, marked secret: libgcrypt then takes its constant-time paths. Call
 * with bytes that are wiped afterwards.
 */
gcry_mpi_t spdm_mpi_read_secret(SpdmBytes bytes);

/** Writes @mpi big-endian into exactly @len bytes, zeros on the left. */
void spdm_mpi_write(gcry_mpi_t mpi, uint8_t *buf, size_t len);

/** The same of a secret, of which no copy is left behind. */
void spdm_mpi_write_secret(gcry_mpi_t mpi, uint8_t *buf, size_t len);

/** A secret, uniform integer with 0 < x < @bound. */
gcry_mpi_t spdm_mpi_random_below(gcry_mpi_t bound, const SpdmRng *rng);

/** Whether 0 < @x < @bound. */
bool spdm_mpi_in_range(gcry_mpi_t x, gcry_mpi_t bound);

/** The context of a curve that is in the tables; never NULL. */
gcry_ctx_t spdm_ec_open(const char *curve);

/** Bytes of one coordinate. */
size_t spdm_ec_coordinate_size(gcry_ctx_t ec);

/** Order of the base point; release it. */
gcry_mpi_t spdm_ec_order(gcry_ctx_t ec);

/** @xy receives the two coordinates of @scalar times the base point. */
void spdm_ec_public(gcry_ctx_t ec, gcry_mpi_t scalar, uint8_t *xy);

/**
 * The point X || Y, or NULL if the length is wrong, a coordinate is not
 * reduced or the point is not on the curve. The curves here have cofactor 1
 * and infinity has no such encoding, so a point returned is always usable.
 */
gcry_mpi_point_t spdm_ec_read_point(gcry_ctx_t ec, SpdmBytes xy);

#endif

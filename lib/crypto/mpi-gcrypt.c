/*
 * Fixed-width integers and curve points on top of libgcrypt's MPIs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/gcrypt-priv.h"

#include <string.h>

#include "crypto/secret.h"

gcry_mpi_t spdm_mpi_read(SpdmBytes bytes)
{
    gcry_mpi_t mpi = NULL;
    gcry_error_t err;

    err = gcry_mpi_scan(&mpi, GCRYMPI_FMT_USG, bytes.data, bytes.len, NULL);
    g_assert(!err);
    return mpi;
}

gcry_mpi_t spdm_mpi_read_secret(SpdmBytes bytes)
{
    g_auto(gcry_mpi_t) plain = spdm_mpi_read(bytes);
    gcry_mpi_t mpi = gcry_mpi_snew(bytes.len * 8);

    gcry_mpi_set(mpi, plain);
    return mpi;
}

void spdm_mpi_write(gcry_mpi_t mpi, uint8_t *buf, size_t len)
{
    size_t used = (gcry_mpi_get_nbits(mpi) + 7) / 8;
    gcry_error_t err;

    g_assert(used <= len);
    memset(buf, 0, len - used);
    if (used > 0) {
        err = gcry_mpi_print(GCRYMPI_FMT_USG, buf + len - used, used, NULL,
                             mpi);
        g_assert(!err);
    }
}

/* gcry_mpi_print() frees a copy that it has not wiped. */
void spdm_mpi_write_secret(gcry_mpi_t mpi, uint8_t *buf, size_t len)
{
    g_assert(gcry_mpi_get_nbits(mpi) <= len * 8);
    memset(buf, 0, len);
    for (unsigned bit = 0; bit < len * 8; bit++) {
        buf[len - 1 - bit / 8] |=
            (uint8_t)(!!gcry_mpi_test_bit(mpi, bit) << bit % 8);
    }
}

bool spdm_mpi_in_range(gcry_mpi_t x, gcry_mpi_t bound)
{
    return gcry_mpi_cmp_ui(x, 0) > 0 && gcry_mpi_cmp(x, bound) < 0;
}

gcry_mpi_t spdm_mpi_random_below(gcry_mpi_t bound, const SpdmRng *rng)
{
    unsigned bits = gcry_mpi_get_nbits(bound);
    size_t len = (bits + 7) / 8;
    g_autofree uint8_t *buf = g_malloc(len);

    /* Rejection keeps the distribution flat; a round succeeds with p > 1/2. */
    for (;;) {
        gcry_mpi_t x;

        spdm_rng_fill(rng, buf, len);
        buf[0] &= 0xff >> (len * 8 - bits);
        x = spdm_mpi_read_secret(SPDM_BYTES(buf, len));
        spdm_wipe(buf, len);
        if (spdm_mpi_in_range(x, bound)) {
            return x;
        }
        gcry_mpi_release(x);
    }
}

gcry_ctx_t spdm_ec_open(const char *curve)
{
    gcry_ctx_t ec = NULL;
    gcry_error_t err = gcry_mpi_ec_new(&ec, NULL, curve);

    g_assert(!err);
    return ec;
}

size_t spdm_ec_coordinate_size(gcry_ctx_t ec)
{
    g_auto(gcry_mpi_t) p = gcry_mpi_ec_get_mpi("p", ec, 0);

    return (gcry_mpi_get_nbits(p) + 7) / 8;
}

gcry_mpi_t spdm_ec_order(gcry_ctx_t ec)
{
    return gcry_mpi_ec_get_mpi("n", ec, 1);
}

void spdm_ec_public(gcry_ctx_t ec, gcry_mpi_t scalar, uint8_t *xy)
{
    g_auto(gcry_mpi_point_t) g = gcry_mpi_ec_get_point("g", ec, 1);
    g_auto(gcry_mpi_point_t) q = gcry_mpi_point_new(0);
    g_auto(gcry_mpi_t) x = gcry_mpi_new(0);
    g_auto(gcry_mpi_t) y = gcry_mpi_new(0);
    size_t size = spdm_ec_coordinate_size(ec);
    int infinity;

    gcry_mpi_ec_mul(q, scalar, g, ec);
    infinity = gcry_mpi_ec_get_affine(x, y, q, ec);
    g_assert(!infinity);
    spdm_mpi_write(x, xy, size);
    spdm_mpi_write(y, xy + size, size);
}

gcry_mpi_point_t spdm_ec_read_point(gcry_ctx_t ec, SpdmBytes xy)
{
    size_t size = spdm_ec_coordinate_size(ec);
    g_auto(gcry_mpi_t) p = gcry_mpi_ec_get_mpi("p", ec, 0);
    g_auto(gcry_mpi_t) x = NULL;
    g_auto(gcry_mpi_t) y = NULL;
    g_auto(gcry_mpi_t) one = NULL;
    g_auto(gcry_mpi_point_t) point = NULL;

    if (xy.len != 2 * size) {
        return NULL;
    }
    x = spdm_mpi_read(SPDM_BYTES(xy.data, size));
    y = spdm_mpi_read(SPDM_BYTES(xy.data + size, size));
    if (gcry_mpi_cmp(x, p) >= 0 || gcry_mpi_cmp(y, p) >= 0) {
        return NULL;
    }
    one = gcry_mpi_set_ui(NULL, 1);
    point = gcry_mpi_point_set(NULL, x, y, one);
    if (!gcry_mpi_ec_curve_point(point, ec)) {
        return NULL;
    }
    return g_steal_pointer(&point);
}

/*
 * What reading and writing keys with GnuTLS have in common.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-gnutls.h"

#include <string.h>

static const struct {
    const char *curve;
    gnutls_ecc_curve_t id;
    uint8_t oid_arc;          /* EdDSA: 1.3.101.this (RFC 8410) */
} curves[] = {
    { "NIST P-256", GNUTLS_ECC_CURVE_SECP256R1, 0 },
    { "NIST P-384", GNUTLS_ECC_CURVE_SECP384R1, 0 },
    { "NIST P-521", GNUTLS_ECC_CURVE_SECP521R1, 0 },
    { "Ed25519", GNUTLS_ECC_CURVE_ED25519, 112 },
    { "Ed448", GNUTLS_ECC_CURVE_ED448, 113 },
};

const char *spdm_pk_curve_name(gnutls_ecc_curve_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++) {
        if (curves[i].id == id) {
            return curves[i].curve;
        }
    }
    return NULL;
}

gnutls_ecc_curve_t spdm_pk_curve_id(const char *curve)
{
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++) {
        if (strcmp(curves[i].curve, curve) == 0) {
            return curves[i].id;
        }
    }
    return GNUTLS_ECC_CURVE_INVALID;
}

uint8_t spdm_pk_oid_arc(const char *curve)
{
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++) {
        if (strcmp(curves[i].curve, curve) == 0) {
            return curves[i].oid_arc;
        }
    }
    return 0;
}

void spdm_pk_fail(GError **errp, const char *name, const char *format, ...)
{
    g_autofree char *reason = NULL;
    va_list args;

    va_start(args, format);
    reason = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "%s: %s", name, reason);
}

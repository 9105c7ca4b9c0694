/*
 * What reading and writing keys with GnuTLS have in common.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_PK_GNUTLS_H
#define SPDM_CRYPTO_PK_GNUTLS_H

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "crypto/pk-priv.h"
#include "crypto/secret.h"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gnutls_x509_privkey_t,
                                gnutls_x509_privkey_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gnutls_pubkey_t, gnutls_pubkey_deinit, NULL)

/* A buffer GnuTLS allocated; wiped, since most of them hold secrets here. */
typedef struct Datum {
    gnutls_datum_t d;
} Datum;

static inline void datum_clear(Datum *datum)
{
    spdm_wipe(datum->d.data, datum->d.size);
    gnutls_free(datum->d.data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Datum, datum_clear)

/** The table's name of a curve of GnuTLS; NULL if there is none. */
const char *spdm_pk_curve_name(gnutls_ecc_curve_t id);

/** GnuTLS's number of @curve; GNUTLS_ECC_CURVE_INVALID if it has none. */
gnutls_ecc_curve_t spdm_pk_curve_id(const char *curve);

/** The last arc of an EdDSA curve's OID 1.3.101 (RFC 8410); else 0. */
uint8_t spdm_pk_oid_arc(const char *curve);

/** Sets @errp to what is wrong with the key @name. */
void spdm_pk_fail(GError **errp, const char *name, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

#endif

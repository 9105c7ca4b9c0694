/*
 * Signing keys into files and certificates: PEM, PKCS#8 and
 * SubjectPublicKeyInfo. pk-load-gnutls.c reads them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-gnutls.h"

#include <string.h>

/*
 * A copy of @mpi for GnuTLS, which takes the leading zero byte or not. False:
 * it has no memory for it.
 */
static bool datum_from_mpi(Datum *datum, gcry_mpi_t mpi)
{
    size_t len = (gcry_mpi_get_nbits(mpi) + 7) / 8;

    datum->d.data = gnutls_malloc(MAX(len, 1));
    if (!datum->d.data) {
        return false;
    }
    datum->d.size = len;
    spdm_mpi_write(mpi, datum->d.data, len);
    return true;
}

static int import_rsa(const SpdmPrivateKey *key, gnutls_x509_privkey_t to)
{
    g_auto(gcry_mpi_t) n = NULL;
    g_auto(gcry_mpi_t) e = NULL;
    g_auto(gcry_mpi_t) d = NULL;
    g_auto(gcry_mpi_t) p = NULL;
    g_auto(gcry_mpi_t) q = NULL;
    g_auto(gcry_mpi_t) u = NULL;
    g_auto(Datum) dn = { 0 };
    g_auto(Datum) de = { 0 };
    g_auto(Datum) dd = { 0 };
    g_auto(Datum) dp = { 0 };
    g_auto(Datum) dq = { 0 };
    g_auto(Datum) du = { 0 };

    if (gcry_sexp_extract_param(key->sexp, "private-key!rsa", "nedpqu",
                                &n, &e, &d, &p, &q, &u, NULL)) {
        return GNUTLS_E_INTERNAL_ERROR;
    }
    if (!datum_from_mpi(&dn, n) || !datum_from_mpi(&de, e) ||
        !datum_from_mpi(&dd, d) || !datum_from_mpi(&dp, p) ||
        !datum_from_mpi(&dq, q) || !datum_from_mpi(&du, u)) {
        return GNUTLS_E_MEMORY_ERROR;
    }
    /*
     * PKCS#1 has the inverse of the second prime modulo the first, libgcrypt
     * that of the first modulo the second: handing over the primes the other
     * way round makes u right for both.
     */
    return gnutls_x509_privkey_import_rsa_raw(to, &dn.d, &de.d, &dd.d, &dq.d,
                                              &dp.d, &du.d);
}

static int export_rsa(const SpdmPrivateKey *key, Datum *pem)
{
    g_auto(gnutls_x509_privkey_t) to = NULL;
    int err = gnutls_x509_privkey_init(&to);

    if (err >= 0) {
        err = import_rsa(key, to);
    }
    if (err >= 0) {
        err = gnutls_x509_privkey_export2_pkcs8(to, GNUTLS_X509_FMT_PEM, NULL,
                                                GNUTLS_PKCS_PLAIN, &pem->d);
    }
    return err;
}

/* DER written from its end, so that every length is known when it is due. */
typedef struct DerTail {
    uint8_t buf[384];    /* a P-521 key in PKCS#8 takes 241 */
    size_t at;
} DerTail;

static void der_clear(DerTail *der)
{
    spdm_wipe(der, sizeof(*der));
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(DerTail, der_clear)

static void der_put(DerTail *der, const void *data, size_t len)
{
    g_assert(len <= der->at);
    der->at -= len;
    memcpy(der->buf + der->at, data, len);
}

/* Puts tag and length before what was written since the position @end. */
static void der_wrap(DerTail *der, uint8_t tag, size_t end)
{
    size_t len = end - der->at;

    if (len < 0x80) {
        der_put(der, (uint8_t[]){ tag, len }, 2);
    } else if (len < 0x100) {
        der_put(der, (uint8_t[]){ tag, 0x81, len }, 3);
    } else {
        der_put(der, (uint8_t[]){ tag, 0x82, len >> 8, len & 0xff }, 4);
    }
}

/*
 * GnuTLS 3.7 drops leading zeros of the private value, which for P-521 is
 * every other key; RFC 5915 wants full width and some readers insist. So this
 * one structure is laid out here, after RFC 5958 and RFC 5915.
 */
static void write_ec(const SpdmPrivateKey *key, gcry_mpi_t d, SpdmBytes spki,
                     DerTail *der)
{
    static const uint8_t version_0[] = { 0x02, 0x01, 0x00 };
    static const uint8_t version_1[] = { 0x02, 0x01, 0x01 };
    gsize xy_len;
    const uint8_t *xy = g_bytes_get_data(key->pub->raw, &xy_len);
    size_t end = der->at, mark;
    uint8_t value[SPDM_MAX_DHE];

    der_put(der, xy, xy_len);
    der_put(der, (uint8_t[]){ 0x00, 0x04 }, 2);
    der_wrap(der, 0x03, end);
    der_wrap(der, 0xa1, end);
    mark = der->at;
    spdm_mpi_write(d, value, xy_len / 2);
    der_put(der, value, xy_len / 2);
    spdm_wipe(value, sizeof(value));
    der_wrap(der, 0x04, mark);
    der_put(der, version_1, sizeof(version_1));
    der_wrap(der, 0x30, end);
    der_wrap(der, 0x04, end);
    der_put(der, spki.data, spki.len);
    der_put(der, version_0, sizeof(version_0));
    der_wrap(der, 0x30, end);
}

/* The AlgorithmIdentifier of a SubjectPublicKeyInfo GnuTLS wrote. */
static SpdmBytes algorithm_of(GBytes *spki)
{
    gsize len;
    const uint8_t *der = g_bytes_get_data(spki, &len);
    size_t header = der[1] < 0x80 ? 2 : 2 + (der[1] & 0x7f);

    return SPDM_BYTES(der + header, 2 + der[header + 1]);
}

static int export_ec(const SpdmPrivateKey *key, Datum *pem)
{
    g_auto(DerTail) der = { .at = sizeof(der.buf) };
    g_autoptr(GBytes) spki = spdm_public_key_to_spki(key->pub, NULL);
    g_auto(gcry_mpi_t) d = NULL;
    gnutls_datum_t whole;

    if (!spki || gcry_sexp_extract_param(key->sexp, "private-key!ecc", "d",
                                         &d, NULL)) {
        return GNUTLS_E_INTERNAL_ERROR;
    }
    write_ec(key, d, algorithm_of(spki), &der);
    whole.data = der.buf + der.at;
    whole.size = sizeof(der.buf) - der.at;
    return gnutls_pem_base64_encode2("PRIVATE KEY", &whole, &pem->d);
}

/* RFC 8410: PKCS#8 whose octets are an OCTET STRING of the seed. */
static void write_eddsa(const SpdmAsymAlg *alg, SpdmBytes d, DerTail *der)
{
    static const uint8_t version_0[] = { 0x02, 0x01, 0x00 };
    const uint8_t oid[] = {
        0x06, 0x03, 0x2b, 0x65, spdm_pk_oid_arc(alg->curve),
    };
    size_t end = der->at, mark;

    der_put(der, d.data, d.len);
    der_wrap(der, 0x04, end);
    der_wrap(der, 0x04, end);
    mark = der->at;
    der_put(der, oid, sizeof(oid));
    der_wrap(der, 0x30, mark);
    der_put(der, version_0, sizeof(version_0));
    der_wrap(der, 0x30, end);
}

SpdmPrivateKey *spdm_private_key_from_eddsa_seed(const SpdmAsymAlg *alg,
                                                 SpdmBytes d, GError **errp)
{
    g_auto(DerTail) der = { .at = sizeof(der.buf) };

    write_eddsa(alg, d, &der);
    return spdm_private_key_load(SPDM_BYTES(der.buf + der.at,
                                            sizeof(der.buf) - der.at),
                                 alg->name, errp);
}

static int export_eddsa(const SpdmPrivateKey *key, Datum *pem)
{
    g_auto(DerTail) der = { .at = sizeof(der.buf) };
    uint8_t d[SPDM_MAX_SIGNATURE];
    gcry_buffer_t buf = { .size = sizeof(d), .data = d };
    gnutls_datum_t whole;

    if (gcry_sexp_extract_param(key->sexp, "private-key!ecc", "&d", &buf,
                                NULL)) {
        return GNUTLS_E_INTERNAL_ERROR;
    }
    write_eddsa(spdm_asym_for_curve(key->pub->curve), SPDM_BYTES(d, buf.len),
                &der);
    spdm_wipe(d, sizeof(d));
    whole.data = der.buf + der.at;
    whole.size = sizeof(der.buf) - der.at;
    return gnutls_pem_base64_encode2("PRIVATE KEY", &whole, &pem->d);
}

static int export_ml_dsa(const SpdmPrivateKey *key, Datum *pem)
{
    GByteArray *der = spdm_ml_dsa_to_pkcs8(key);
    gnutls_datum_t whole;
    int err;

    if (!der) {
        return GNUTLS_E_INTERNAL_ERROR;
    }
    whole = (gnutls_datum_t){ der->data, der->len };
    err = gnutls_pem_base64_encode2("PRIVATE KEY", &whole, &pem->d);
    spdm_wipe(der->data, der->len);
    g_byte_array_unref(der);
    return err;
}

char *spdm_private_key_to_pem(const SpdmPrivateKey *key, GError **errp)
{
    static int (*const export[])(const SpdmPrivateKey *, Datum *) = {
        [SPDM_KEY_RSA] = export_rsa,
        [SPDM_KEY_EC] = export_ec,
        [SPDM_KEY_EDDSA] = export_eddsa,
        [SPDM_KEY_SM2] = export_ec,
        [SPDM_KEY_ML_DSA] = export_ml_dsa,
    };
    g_auto(Datum) pem = { 0 };
    int err = export[key->pub->kind](key, &pem);

    if (err < 0) {
        spdm_pk_fail(errp, key->pub->text, "cannot be written as PEM: %s",
                     gnutls_strerror(err));
        return NULL;
    }
    return g_strndup((const char *)pem.d.data, pem.d.size);
}

static int import_public(const SpdmPublicKey *key, gnutls_pubkey_t to)
{
    gsize len;
    const uint8_t *raw = g_bytes_get_data(key->raw, &len);
    gnutls_datum_t whole = { (unsigned char *)raw, len };
    size_t first = key->kind == SPDM_KEY_EC ? len / 2 : (key->bits + 7) / 8;
    gnutls_datum_t a = { (unsigned char *)raw, first };
    gnutls_datum_t b = { (unsigned char *)raw + first, len - first };
    gnutls_ecc_curve_t curve;

    if (key->kind == SPDM_KEY_RSA) {
        return gnutls_pubkey_import_rsa_raw(to, &a, &b);
    }
    curve = spdm_pk_curve_id(key->curve);
    if (key->kind == SPDM_KEY_EDDSA) {
        return gnutls_pubkey_import_ecc_raw(to, curve, &whole, NULL);
    }
    return gnutls_pubkey_import_ecc_raw(to, curve, &a, &b);
}

GBytes *spdm_public_key_to_spki(const SpdmPublicKey *key, GError **errp)
{
    g_auto(gnutls_pubkey_t) to = NULL;
    g_auto(Datum) der = { 0 };
    int err = gnutls_pubkey_init(&to);

    if (key->kind == SPDM_KEY_SM2) {
        return spdm_sm2_to_spki(key);
    }
    if (key->kind == SPDM_KEY_ML_DSA) {
        return spdm_ml_dsa_to_spki(key);
    }
    if (err >= 0) {
        err = import_public(key, to);
    }
    if (err >= 0) {
        err = gnutls_pubkey_export2(to, GNUTLS_X509_FMT_DER, &der.d);
    }
    if (err < 0) {
        spdm_pk_fail(errp, key->text, "cannot be written as DER: %s",
                     gnutls_strerror(err));
        return NULL;
    }
    return g_bytes_new(der.d.data, der.d.size);
}

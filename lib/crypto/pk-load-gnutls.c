/*
 * Signing keys in files and certificates: PEM, PKCS#8 and
 * SubjectPublicKeyInfo, parsed and written by GnuTLS.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-priv.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <string.h>

#include "crypto/secret.h"

#define SUPPORTED "use RSA 2048, 3072 or 4096, ECDSA P-256, P-384 or P-521, " \
                  "Ed25519, Ed448, SM2 or ML-DSA"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gnutls_x509_privkey_t,
                                gnutls_x509_privkey_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gnutls_pubkey_t, gnutls_pubkey_deinit, NULL)

/* A buffer GnuTLS allocated; wiped, since most of them hold secrets here. */
typedef struct Datum {
    gnutls_datum_t d;
} Datum;

static void datum_clear(Datum *datum)
{
    spdm_wipe(datum->d.data, datum->d.size);
    gnutls_free(datum->d.data);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Datum, datum_clear)

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

static const char *curve_by_id(gnutls_ecc_curve_t id)
{
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++) {
        if (curves[i].id == id) {
            return curves[i].curve;
        }
    }
    return NULL;
}

static gnutls_ecc_curve_t curve_id(const char *curve)
{
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++) {
        if (strcmp(curves[i].curve, curve) == 0) {
            return curves[i].id;
        }
    }
    return GNUTLS_ECC_CURVE_INVALID;
}

static uint8_t eddsa_oid_arc(const char *curve)
{
    for (size_t i = 0; i < G_N_ELEMENTS(curves); i++) {
        if (strcmp(curves[i].curve, curve) == 0) {
            return curves[i].oid_arc;
        }
    }
    return 0;
}

static SpdmBytes bytes_of(const Datum *datum)
{
    return SPDM_BYTES(datum->d.data, datum->d.size);
}

static void G_GNUC_PRINTF(3, 4) fail(GError **errp, const char *name,
                                     const char *format, ...)
{
    g_autofree char *reason = NULL;
    va_list args;

    va_start(args, format);
    reason = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "%s: %s", name, reason);
}

static void fail_kind(GError **errp, const char *name, int pk, unsigned bits)
{
    fail(errp, name, "%s keys of %u bits are not supported; " SUPPORTED,
         gnutls_pk_get_name(pk), bits);
}

static bool contains(SpdmBytes data, const char *word)
{
    return data.data &&
           memmem(data.data, data.len, word, strlen(word)) != NULL;
}

/* Words for a file GnuTLS could not read as a private key. */
static void fail_unreadable(GError **errp, const char *name, SpdmBytes data,
                            int err)
{
    if (data.len == 0) {
        fail(errp, name, "is empty; a private key in PEM or DER is needed");
    } else if (err == GNUTLS_E_DECRYPTION_FAILED ||
               contains(data, "ENCRYPTED")) {
        fail(errp, name, "the private key is encrypted; remove its password");
    } else if (contains(data, "-----BEGIN") &&
               !contains(data, "PRIVATE KEY-----")) {
        fail(errp, name, "is PEM but holds no private key");
    } else {
        fail(errp, name, "cannot be read as a private key in PEM or DER"
             " (%s); " SUPPORTED, gnutls_strerror(err));
    }
}

static SpdmPrivateKey *load_ec(gnutls_x509_privkey_t from, unsigned bits,
                               const char *name, GError **errp)
{
    g_auto(Datum) x = { 0 };
    g_auto(Datum) y = { 0 };
    g_auto(Datum) d = { 0 };
    gnutls_ecc_curve_t id;
    const char *curve;
    SpdmPrivateKey *key;

    if (gnutls_x509_privkey_export_ecc_raw(from, &id, &x.d, &y.d, &d.d) < 0) {
        fail(errp, name, "the EC private key is incomplete");
        return NULL;
    }
    curve = curve_by_id(id);
    if (!curve) {
        fail(errp, name, "curve %s is not supported; " SUPPORTED,
             gnutls_ecc_curve_get_name(id));
        return NULL;
    }
    key = spdm_private_key_new_ec(curve, bytes_of(&d));
    if (!key) {
        fail(errp, name, "the private value is out of range for %s", curve);
    }
    return key;
}

static SpdmPrivateKey *load_eddsa(gnutls_x509_privkey_t from, unsigned bits,
                                  const char *name, GError **errp)
{
    g_auto(Datum) q = { 0 };
    g_auto(Datum) d = { 0 };
    gnutls_ecc_curve_t id;
    SpdmPrivateKey *key = NULL;

    if (gnutls_x509_privkey_export_ecc_raw(from, &id, &q.d, NULL, &d.d) >= 0) {
        key = spdm_private_key_new_eddsa(spdm_asym_for_curve(curve_by_id(id)),
                                         bytes_of(&q), bytes_of(&d));
    }
    if (!key) {
        fail(errp, name, "the EdDSA private key is incomplete");
    }
    return key;
}

static SpdmPrivateKey *load_rsa(gnutls_x509_privkey_t from, unsigned bits,
                                const char *name, GError **errp)
{
    g_auto(Datum) n = { 0 };
    g_auto(Datum) e = { 0 };
    g_auto(Datum) d = { 0 };
    g_auto(Datum) p = { 0 };
    g_auto(Datum) q = { 0 };
    g_auto(Datum) u = { 0 };
    g_auto(gcry_mpi_t) n_mpi = NULL;
    g_auto(gcry_mpi_t) e_mpi = NULL;
    g_auto(gcry_mpi_t) p_mpi = NULL;
    g_auto(gcry_mpi_t) q_mpi = NULL;
    g_autoptr(SpdmPrivateKey) key = NULL;

    if (!spdm_asym_for_key(SPDM_KEY_RSA, bits)) {
        fail_kind(errp, name, GNUTLS_PK_RSA, bits);
        return NULL;
    }
    if (gnutls_x509_privkey_export_rsa_raw(from, &n.d, &e.d, &d.d, &p.d,
                                           &q.d, &u.d) < 0) {
        fail(errp, name, "the RSA private key is incomplete");
        return NULL;
    }
    n_mpi = spdm_mpi_read(bytes_of(&n));
    e_mpi = spdm_mpi_read(bytes_of(&e));
    p_mpi = spdm_mpi_read(bytes_of(&p));
    q_mpi = spdm_mpi_read(bytes_of(&q));
    key = spdm_private_key_new_rsa(p_mpi, q_mpi, e_mpi);
    if (!key || gcry_mpi_cmp(key->pub->n, n_mpi) != 0) {
        fail(errp, name, "modulus, exponent and primes of the RSA key"
             " do not belong together");
        return NULL;
    }
    return g_steal_pointer(&key);
}

static SpdmPublicKey *spki_ec(gnutls_pubkey_t from)
{
    g_auto(Datum) x = { 0 };
    g_auto(Datum) y = { 0 };
    g_auto(gcry_ctx_t) ec = NULL;
    g_auto(gcry_mpi_t) x_mpi = NULL;
    g_auto(gcry_mpi_t) y_mpi = NULL;
    g_autofree uint8_t *xy = NULL;
    gnutls_ecc_curve_t id;
    size_t size;

    if (gnutls_pubkey_export_ecc_raw(from, &id, &x.d, &y.d) < 0 ||
        !curve_by_id(id)) {
        return NULL;
    }
    ec = spdm_ec_open(curve_by_id(id));
    size = spdm_ec_coordinate_size(ec);
    x_mpi = spdm_mpi_read(bytes_of(&x));
    y_mpi = spdm_mpi_read(bytes_of(&y));
    if (gcry_mpi_get_nbits(x_mpi) > size * 8 ||
        gcry_mpi_get_nbits(y_mpi) > size * 8) {
        return NULL;
    }
    xy = g_malloc(2 * size);
    spdm_mpi_write(x_mpi, xy, size);
    spdm_mpi_write(y_mpi, xy + size, size);
    return spdm_public_key_new_ec(curve_by_id(id), SPDM_BYTES(xy, 2 * size));
}

static SpdmPublicKey *spki_rsa(gnutls_pubkey_t from)
{
    g_auto(Datum) n = { 0 };
    g_auto(Datum) e = { 0 };

    if (gnutls_pubkey_export_rsa_raw(from, &n.d, &e.d) < 0) {
        return NULL;
    }
    return spdm_public_key_new_rsa(bytes_of(&n), bytes_of(&e));
}

static SpdmPublicKey *spki_eddsa(gnutls_pubkey_t from)
{
    g_auto(Datum) q = { 0 };
    gnutls_ecc_curve_t id;

    if (gnutls_pubkey_export_ecc_raw(from, &id, &q.d, NULL) < 0) {
        return NULL;
    }
    return spdm_public_key_new_eddsa(spdm_asym_for_curve(curve_by_id(id)),
                                     bytes_of(&q));
}

/* What GnuTLS does with the kinds of key it knows. */
static const struct {
    gnutls_pk_algorithm_t pk;
    SpdmPrivateKey *(*load)(gnutls_x509_privkey_t from, unsigned bits,
                            const char *name, GError **errp);
    SpdmPublicKey *(*load_public)(gnutls_pubkey_t from);
} kinds[] = {
    { GNUTLS_PK_RSA, load_rsa, spki_rsa },
    { GNUTLS_PK_ECDSA, load_ec, spki_ec },
    { GNUTLS_PK_EDDSA_ED25519, load_eddsa, spki_eddsa },
    { GNUTLS_PK_EDDSA_ED448, load_eddsa, spki_eddsa },
};

/*
 * The kinds GnuTLS 3.7 does not know: true if it is one of them, and then
 * @key or @errp. PEM may begin with "EC PARAMETERS" or the like; the key is
 * what counts.
 */
static bool load_own(const gnutls_datum_t *in, gnutls_x509_crt_fmt_t format,
                     const char *name, SpdmPrivateKey **key, GError **errp)
{
    g_auto(Datum) der = { 0 };
    SpdmBytes pkcs8 = SPDM_BYTES(in->data, in->size);

    if (format == GNUTLS_X509_FMT_PEM) {
        if (gnutls_pem_base64_decode2("PRIVATE KEY", in, &der.d) < 0) {
            return false;
        }
        pkcs8 = bytes_of(&der);
    }
    *key = spdm_sm2_from_pkcs8(pkcs8);
    return *key || spdm_ml_dsa_from_pkcs8(pkcs8, name, key, errp);
}

SpdmPrivateKey *spdm_private_key_load(SpdmBytes data, const char *name,
                                      GError **errp)
{
    gnutls_datum_t in = { (unsigned char *)data.data, data.len };
    gnutls_x509_crt_fmt_t format = contains(data, "-----BEGIN") ?
                                   GNUTLS_X509_FMT_PEM : GNUTLS_X509_FMT_DER;
    g_auto(gnutls_x509_privkey_t) from = NULL;
    SpdmPrivateKey *own;
    unsigned bits = 0;
    int err, pk;

    if (load_own(&in, format, name, &own, errp)) {
        return own;
    }
    err = gnutls_x509_privkey_init(&from);
    if (err >= 0) {
        err = gnutls_x509_privkey_import2(from, &in, format, NULL, 0);
    }
    if (err < 0) {
        fail_unreadable(errp, name, data, err);
        return NULL;
    }
    pk = gnutls_x509_privkey_get_pk_algorithm2(from, &bits);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if ((int)kinds[i].pk == pk) {
            return kinds[i].load(from, bits, name, errp);
        }
    }
    fail_kind(errp, name, pk, bits);
    return NULL;
}

/* A copy of @mpi for GnuTLS, which takes the leading zero byte or not. */
static void datum_from_mpi(Datum *datum, gcry_mpi_t mpi)
{
    size_t len = (gcry_mpi_get_nbits(mpi) + 7) / 8;

    datum->d.data = gnutls_malloc(MAX(len, 1));
    g_assert(datum->d.data);
    datum->d.size = len;
    spdm_mpi_write(mpi, datum->d.data, len);
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
    datum_from_mpi(&dn, n);
    datum_from_mpi(&de, e);
    datum_from_mpi(&dd, d);
    datum_from_mpi(&dp, p);
    datum_from_mpi(&dq, q);
    datum_from_mpi(&du, u);
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
        0x06, 0x03, 0x2b, 0x65, eddsa_oid_arc(alg->curve),
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
        fail(errp, key->pub->text, "cannot be written as PEM: %s",
             gnutls_strerror(err));
        return NULL;
    }
    return g_strndup((const char *)pem.d.data, pem.d.size);
}

SpdmPublicKey *spdm_public_key_from_spki(SpdmBytes der, GError **errp)
{
    gnutls_datum_t in = { (unsigned char *)der.data, der.len };
    g_auto(gnutls_pubkey_t) from = NULL;
    SpdmPublicKey *key = spdm_sm2_from_spki(der) ?:
                         spdm_ml_dsa_from_spki(der);
    int err = gnutls_pubkey_init(&from);
    int pk;

    if (key) {
        return key;
    }
    if (err >= 0) {
        err = gnutls_pubkey_import(from, &in, GNUTLS_X509_FMT_DER);
    }
    if (err < 0) {
        fail(errp, "public key", "is not a DER SubjectPublicKeyInfo: %s",
             gnutls_strerror(err));
        return NULL;
    }
    pk = gnutls_pubkey_get_pk_algorithm(from, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if ((int)kinds[i].pk == pk) {
            key = kinds[i].load_public(from);
        }
    }
    if (!key) {
        fail(errp, "public key", "this %s key is malformed or not supported; "
             SUPPORTED, gnutls_pk_get_name(pk));
    }
    return key;
}

static int import_public(const SpdmPublicKey *key, gnutls_pubkey_t to)
{
    gsize len;
    const uint8_t *raw = g_bytes_get_data(key->raw, &len);
    gnutls_datum_t whole = { (unsigned char *)raw, len };
    size_t first = key->kind == SPDM_KEY_EC ? len / 2 : (key->bits + 7) / 8;
    gnutls_datum_t a = { (unsigned char *)raw, first };
    gnutls_datum_t b = { (unsigned char *)raw + first, len - first };

    if (key->kind == SPDM_KEY_EDDSA) {
        return gnutls_pubkey_import_ecc_raw(to, curve_id(key->curve), &whole,
                                            NULL);
    }
    if (key->kind == SPDM_KEY_EC) {
        return gnutls_pubkey_import_ecc_raw(to, curve_id(key->curve), &a, &b);
    }
    return gnutls_pubkey_import_rsa_raw(to, &a, &b);
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
        fail(errp, key->text, "cannot be written as DER: %s",
             gnutls_strerror(err));
        return NULL;
    }
    return g_bytes_new(der.d.data, der.d.size);
}

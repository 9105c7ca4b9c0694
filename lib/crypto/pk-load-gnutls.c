/*
 * Signing keys from files and certificates: PEM, PKCS#8 and
 * SubjectPublicKeyInfo, parsed by GnuTLS. pk-save-gnutls.c writes them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-gnutls.h"

#include <string.h>

#define SUPPORTED "use RSA 2048, 3072 or 4096, ECDSA P-256, P-384 or P-521, " \
                  "Ed25519, Ed448, SM2 or ML-DSA"

static SpdmBytes bytes_of(const Datum *datum)
{
    return SPDM_BYTES(datum->d.data, datum->d.size);
}

static void fail_kind(GError **errp, const char *name, int pk, unsigned bits)
{
    spdm_pk_fail(errp, name, "%s keys of %u bits are not supported; " SUPPORTED,
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
        spdm_pk_fail(errp, name,
                     "is empty; a private key in PEM or DER is needed");
    } else if (err == GNUTLS_E_DECRYPTION_FAILED ||
               contains(data, "ENCRYPTED")) {
        spdm_pk_fail(errp, name,
                     "the private key is encrypted; remove its password");
    } else if (contains(data, "-----BEGIN") &&
               !contains(data, "PRIVATE KEY-----")) {
        spdm_pk_fail(errp, name, "is PEM but holds no private key");
    } else {
        spdm_pk_fail(errp, name, "cannot be read as a private key in PEM or DER"
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
        spdm_pk_fail(errp, name, "the EC private key is incomplete");
        return NULL;
    }
    curve = spdm_pk_curve_name(id);
    if (!curve) {
        spdm_pk_fail(errp, name, "curve %s is not supported; " SUPPORTED,
                     gnutls_ecc_curve_get_name(id));
        return NULL;
    }
    key = spdm_private_key_new_ec(curve, bytes_of(&d));
    if (!key) {
        spdm_pk_fail(errp, name, "the private value is out of range for %s",
                     curve);
    }
    return key;
}

static const SpdmAsymAlg *eddsa_of(gnutls_ecc_curve_t id)
{
    return spdm_asym_for_curve(spdm_pk_curve_name(id));
}

static SpdmPrivateKey *load_eddsa(gnutls_x509_privkey_t from, unsigned bits,
                                  const char *name, GError **errp)
{
    g_auto(Datum) q = { 0 };
    g_auto(Datum) d = { 0 };
    gnutls_ecc_curve_t id;
    SpdmPrivateKey *key = NULL;

    if (gnutls_x509_privkey_export_ecc_raw(from, &id, &q.d, NULL, &d.d) >= 0) {
        key = spdm_private_key_new_eddsa(eddsa_of(id), bytes_of(&q),
                                         bytes_of(&d));
    }
    if (!key) {
        spdm_pk_fail(errp, name, "the EdDSA private key is incomplete");
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
        spdm_pk_fail(errp, name, "the RSA private key is incomplete");
        return NULL;
    }
    n_mpi = spdm_mpi_read(bytes_of(&n));
    e_mpi = spdm_mpi_read(bytes_of(&e));
    p_mpi = spdm_mpi_read(bytes_of(&p));
    q_mpi = spdm_mpi_read(bytes_of(&q));
    key = spdm_private_key_new_rsa(p_mpi, q_mpi, e_mpi);
    if (!key || gcry_mpi_cmp(key->pub->n, n_mpi) != 0) {
        spdm_pk_fail(errp, name, "modulus, exponent and primes of the RSA key"
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
        !spdm_pk_curve_name(id)) {
        return NULL;
    }
    ec = spdm_ec_open(spdm_pk_curve_name(id));
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
    return spdm_public_key_new_ec(spdm_pk_curve_name(id),
                                  SPDM_BYTES(xy, 2 * size));
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
    return spdm_public_key_new_eddsa(eddsa_of(id), bytes_of(&q));
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
        spdm_pk_fail(errp, "public key",
                     "is not a DER SubjectPublicKeyInfo: %s",
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
        spdm_pk_fail(errp, "public key",
                     "this %s key is malformed or not supported; " SUPPORTED,
                     gnutls_pk_get_name(pk));
    }
    return key;
}

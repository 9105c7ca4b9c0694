/*
 * Certificates in and out: PEM files, DER lists, SPDM chain structures.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "crypto/hash.h"
#include "crypto/x509-priv.h"

enum {
    CHAIN_HEADER_SIZE = 4, /* DSP0274: Length u16, reserved u16 */
    CHAIN_MAX = UINT16_MAX,
    FILE_MAX = 1024 * 1024, /* GnuTLS takes lengths as unsigned int */
};

bool spdm_der_take(SpdmBytes *in, uint8_t tag, SpdmBytes *whole,
                   SpdmBytes *value)
{
    size_t header = 2;
    size_t len;

    if (in->len < header || in->data[0] != tag) {
        return false;
    }
    len = in->data[1];
    if (len & 0x80) {
        size_t n = len & 0x7f;

        if (n == 0 || n > 3 || in->len - header < n) {
            return false;
        }
        len = 0;
        for (size_t i = 0; i < n; i++) {
            len = len << 8 | in->data[header + i];
        }
        if (len < 0x80 || len >> (8 * (n - 1)) == 0) {
            return false;
        }
        header += n;
    }
    if (in->len - header < len) {
        return false;
    }
    if (whole) {
        *whole = SPDM_BYTES(in->data, header + len);
    }
    if (value) {
        *value = SPDM_BYTES(in->data + header, len);
    }
    *in = SPDM_BYTES(in->data + header + len, in->len - header - len);
    return true;
}

gnutls_x509_crt_t spdm_x509_import(SpdmBytes der)
{
    g_auto(gnutls_x509_crt_t) crt = NULL;
    gnutls_datum_t datum = spdm_to_datum(der);

    if (der.len > FILE_MAX || gnutls_x509_crt_init(&crt) < 0 ||
        gnutls_x509_crt_import(crt, &datum, GNUTLS_X509_FMT_DER) < 0) {
        return NULL;
    }
    return g_steal_pointer(&crt);
}

GBytes *spdm_x509_to_der(gnutls_x509_crt_t crt)
{
    gnutls_datum_t der;
    GBytes *bytes;

    if (gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_DER, &der) < 0) {
        return NULL;
    }
    bytes = g_bytes_new(der.data, der.size);
    gnutls_free(der.data);
    return bytes;
}

GPtrArray *spdm_x509_split_der(SpdmBytes certs)
{
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

    while (certs.len > 0) {
        SpdmBytes der;

        if (!spdm_der_take(&certs, DER_SEQUENCE, &der, NULL)) {
            return NULL;
        }
        g_ptr_array_add(list, g_bytes_new(der.data, der.len));
    }
    return list->len > 0 ? g_steal_pointer(&list) : NULL;
}

#define EXPECTED \
    "expected PEM blocks \"BEGIN CERTIFICATE\", root first, leaf last"

static GPtrArray *unusable(GError **errp, const char *name, const char *why)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "%s: %s; " EXPECTED, name, why);
    return NULL;
}

/* GnuTLS' sentence without its full stop. */
static GPtrArray *unreadable(GError **errp, const char *name, int ret)
{
    g_autofree char *why = g_strconcat("unreadable certificate: ",
                                       gnutls_strerror(ret), NULL);
    size_t len = strlen(why);

    if (why[len - 1] == '.') {
        why[len - 1] = '\0';
    }
    return unusable(errp, name, why);
}

/* DMTF's tools write chains as bare concatenated DER; take those as well. */
static GPtrArray *load_der(SpdmBytes data, const char *name, GError **errp)
{
    g_autoptr(GPtrArray) list = spdm_x509_split_der(data);

    if (!list) {
        return unusable(errp, name, "no certificate found");
    }
    for (guint i = 0; i < list->len; i++) {
        g_auto(gnutls_x509_crt_t) crt = spdm_x509_import(
            spdm_bytes_of(g_ptr_array_index(list, i)));

        if (!crt) {
            return unusable(errp, name, "DER that is not a certificate");
        }
    }
    return g_steal_pointer(&list);
}

static GPtrArray *load_pem(SpdmBytes pem, const char *name, GError **errp)
{
    g_autoptr(GPtrArray) list =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    gnutls_datum_t datum = spdm_to_datum(pem);
    gnutls_x509_crt_t *crts = NULL;
    unsigned int n = 0;
    int ret = gnutls_x509_crt_list_import2(&crts, &n, &datum,
                                           GNUTLS_X509_FMT_PEM, 0);

    if (ret < 0) {
        return unreadable(errp, name, ret);
    }
    for (unsigned int i = 0; i < n; i++) {
        GBytes *der = spdm_x509_to_der(crts[i]);

        if (der) {
            g_ptr_array_add(list, der);
        }
        gnutls_x509_crt_deinit(crts[i]);
    }
    gnutls_free(crts);
    if (list->len == 0 || list->len != n) {
        return unusable(errp, name, "a certificate cannot be encoded as DER");
    }
    return g_steal_pointer(&list);
}

/* TLS puts the leaf first, so that is what many files hold. */
static bool is_leaf_first(GPtrArray *list)
{
    g_auto(gnutls_x509_crt_t) first = NULL;
    g_auto(gnutls_x509_crt_t) second = NULL;

    if (list->len < 2) {
        return false;
    }
    first = spdm_x509_import(spdm_bytes_of(g_ptr_array_index(list, 0)));
    second = spdm_x509_import(spdm_bytes_of(g_ptr_array_index(list, 1)));
    return first && second && !gnutls_x509_crt_check_issuer(first, first) &&
           gnutls_x509_crt_check_issuer(first, second);
}

GPtrArray *spdm_x509_load_pem_chain(SpdmBytes pem, const char *name,
                                    GError **errp)
{
    g_autoptr(GPtrArray) list = NULL;

    if (pem.len == 0) {
        return unusable(errp, name, "is empty");
    }
    if (pem.len > FILE_MAX) {
        return unusable(errp, name, "is larger than 1 MiB");
    }
    list = memmem(pem.data, pem.len, "-----BEGIN ", 11)
               ? load_pem(pem, name, errp) : load_der(pem, name, errp);
    if (list && is_leaf_first(list)) {
        return unusable(errp, name, "the first certificate is issued by the "
                        "second");
    }
    return g_steal_pointer(&list);
}

GBytes *spdm_x509_build_chain(GPtrArray *der_certs, const SpdmHashAlg *hash)
{
    g_autoptr(GByteArray) chain = g_byte_array_new();
    SpdmBytes root;

    if (!der_certs || der_certs->len == 0) {
        return NULL;
    }
    root = spdm_bytes_of(g_ptr_array_index(der_certs, 0));
    g_byte_array_set_size(chain, CHAIN_HEADER_SIZE + hash->size);
    memset(chain->data, 0, CHAIN_HEADER_SIZE);
    spdm_hash(hash, &root, 1, chain->data + CHAIN_HEADER_SIZE);
    for (guint i = 0; i < der_certs->len; i++) {
        SpdmBytes der = spdm_bytes_of(g_ptr_array_index(der_certs, i));

        if (der.len > CHAIN_MAX - chain->len) {
            return NULL;
        }
        g_byte_array_append(chain, der.data, der.len);
    }
    chain->data[0] = chain->len & 0xff;
    chain->data[1] = chain->len >> 8;
    return g_byte_array_free_to_bytes(g_steal_pointer(&chain));
}

/* From the bytes, since GnuTLS' own reading would lose keys it has not. */
SpdmPublicKey *spdm_x509_public_key(gnutls_x509_crt_t crt, GError **errp)
{
    g_autoptr(GBytes) der = spdm_x509_to_der(crt);
    SpdmCrtParts parts;

    if (!der || !spdm_x509_split(spdm_bytes_of(der), &parts)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                    "the certificate's public key is unreadable");
        return NULL;
    }
    return spdm_public_key_from_spki(parts.spki, errp);
}

gnutls_x509_crt_t spdm_x509_import_leaf(GPtrArray *der_certs)
{
    if (!der_certs || der_certs->len == 0) {
        return NULL;
    }
    return spdm_x509_import(spdm_bytes_of(
        g_ptr_array_index(der_certs, der_certs->len - 1)));
}

SpdmPublicKey *spdm_x509_leaf_key(GPtrArray *der_certs, GError **errp)
{
    g_auto(gnutls_x509_crt_t) leaf = spdm_x509_import_leaf(der_certs);

    if (!leaf) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                    "the last element is not an X.509 certificate");
        return NULL;
    }
    return spdm_x509_public_key(leaf, errp);
}

/*
 * Names come from whoever made the certificate, and end on terminals and in
 * logs: bytes that are not printable ASCII become '?'.
 */
static char *printable_dn(gnutls_x509_crt_t crt,
                          int (*get)(gnutls_x509_crt_t, gnutls_datum_t *,
                                     unsigned int))
{
    gnutls_datum_t dn;
    char *text;

    if (get(crt, &dn, 0) < 0) {
        return g_strdup("(no name)");
    }
    text = g_strndup((const char *)dn.data, dn.size);
    gnutls_free(dn.data);
    for (char *p = text; *p; p++) {
        if (!g_ascii_isprint(*p)) {
            *p = '?';
        }
    }
    return text;
}

char *spdm_x509_subject(SpdmBytes der)
{
    g_auto(gnutls_x509_crt_t) crt = spdm_x509_import(der);
    g_autofree char *subject = NULL;
    g_autofree char *issuer = NULL;

    if (!crt) {
        return g_strdup("(not a certificate)");
    }
    subject = printable_dn(crt, gnutls_x509_crt_get_dn3);
    issuer = printable_dn(crt, gnutls_x509_crt_get_issuer_dn3);
    return g_strdup_printf("%s, issued by %s", subject, issuer);
}

char *spdm_x509_to_pem(SpdmBytes der)
{
    g_auto(gnutls_x509_crt_t) crt = spdm_x509_import(der);
    gnutls_datum_t pem;
    char *text;

    if (!crt || gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem) < 0) {
        return NULL;
    }
    text = g_strndup((const char *)pem.data, pem.size);
    gnutls_free(pem.data);
    return text;
}

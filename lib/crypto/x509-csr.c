/*
 * Certification requests (PKCS#10, RFC 2986): what GET_CSR answers with.
 *
 * A RequesterInfo is a CertificationRequestInfo, the part of a request that
 * is signed. Put into a request with an empty signature it is something that
 * GnuTLS reads; with the key replaced and the gaps filled GnuTLS signs it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "crypto/x509-priv.h"

#define OID_KEY_USAGE "2.5.29.15"
#define OID_SUBJECT_ALT_NAME "2.5.29.17"
#define OID_BASIC_CONSTRAINTS "2.5.29.19"
#define OID_EXT_KEY_USAGE "2.5.29.37"

/* As a GET_CSR can carry them, with what is put around it. */
enum { REQUEST_MAX = 128 * 1024, BIT_STRING = 0x03 };

/* Any signature will do for GnuTLS to read it: RSA with SHA-256, no bits. */
static const uint8_t placeholder[] = {
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01,
    0x0b, 0x05, 0x00, BIT_STRING, 0x01, 0x00,
};

static bool check(int ret, const char *what, GError **errp)
{
    return spdm_x509_check(ret, "certification request", what, errp);
}

static gnutls_x509_crq_t import(SpdmBytes der)
{
    g_auto(gnutls_x509_crq_t) crq = NULL;
    gnutls_datum_t datum = spdm_to_datum(der);

    if (der.len > REQUEST_MAX || gnutls_x509_crq_init(&crq) < 0 ||
        gnutls_x509_crq_import(crq, &datum, GNUTLS_X509_FMT_DER) < 0) {
        return NULL;
    }
    return g_steal_pointer(&crq);
}

/* SEQUENCE { info, AlgorithmIdentifier, BIT STRING }. */
static GByteArray *wrap(SpdmBytes info)
{
    size_t len = info.len + sizeof(placeholder);
    const uint8_t header[] = {
        DER_SEQUENCE, 0x83, (uint8_t)(len >> 16), (uint8_t)(len >> 8),
        (uint8_t)len,
    };
    GByteArray *der = g_byte_array_new();

    /* GnuTLS reads BER: the length need not be in its shortest form. */
    g_byte_array_append(der, header, sizeof(header));
    g_byte_array_append(der, info.data, (guint)info.len);
    g_byte_array_append(der, placeholder, sizeof(placeholder));
    return der;
}

static gnutls_x509_crq_t import_info(SpdmBytes info)
{
    g_autoptr(GByteArray) der = NULL;
    SpdmBytes rest = info;

    if (!spdm_der_take(&rest, DER_SEQUENCE, NULL, NULL) || rest.len > 0 ||
        info.len > REQUEST_MAX - 64) {
        return NULL;
    }
    der = wrap(info);
    return import(SPDM_BYTES(der->data, der->len));
}

/* Reads every attribute once, so that one which cannot be is found now. */
static bool attributes_are_good(gnutls_x509_crq_t crq)
{
    for (unsigned i = 0;; i++) {
        char oid[128];
        size_t oid_len = sizeof(oid);
        size_t len = 0;
        int ret = gnutls_x509_crq_get_attribute_info(crq, i, oid, &oid_len);

        if (ret == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return true;
        }
        if (ret < 0) {
            return false;
        }
        ret = gnutls_x509_crq_get_attribute_data(crq, i, NULL, &len);
        if (ret < 0 && ret != GNUTLS_E_SHORT_MEMORY_BUFFER) {
            return false;
        }
    }
}

/* The same for the extensions of an extensionRequest (RFC 2985 5.4.2). */
static bool extensions_are_good(gnutls_x509_crq_t crq)
{
    for (unsigned i = 0;; i++) {
        char oid[128];
        size_t oid_len = sizeof(oid);
        unsigned critical;
        int ret = gnutls_x509_crq_get_extension_info(crq, i, oid, &oid_len,
                                                     &critical);

        if (ret == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return true;
        }
        if (ret < 0) {
            return false;
        }
    }
}

bool spdm_csr_info_valid(SpdmBytes info)
{
    g_auto(gnutls_x509_crq_t) crq = import_info(info);

    /* GnuTLS counts versions from 1. */
    return crq && gnutls_x509_crq_get_version(crq) == 1 &&
           attributes_are_good(crq) && extensions_are_good(crq);
}

static bool has_subject(gnutls_x509_crq_t crq)
{
    char oid[128];
    size_t len = sizeof(oid);

    return gnutls_x509_crq_get_dn_oid(crq, 0, oid, &len) !=
           GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
}

static bool has_extension(gnutls_x509_crq_t crq, const char *oid)
{
    gnutls_datum_t ext = { NULL, 0 };
    bool found = gnutls_x509_crq_get_extension_by_oid2(crq, oid, 0, &ext,
                                                       NULL) >= 0;

    gnutls_free(ext.data);
    return found;
}

static int set_cma_name(gnutls_x509_crq_t crq, const char *name)
{
    return gnutls_x509_crq_set_subject_alt_othername(
        crq, OID_CMA_NAME, name, (unsigned)strlen(name),
        GNUTLS_FSAN_SET | GNUTLS_FSAN_ENCODE_UTF8_STRING);
}

/* spec/08 section 1: what a leaf of ours has, and the requester left out. */
static bool fill_gaps(gnutls_x509_crq_t crq, const SpdmChainSpec *spec,
                      GError **errp)
{
    const char *role = spec->requester ? OID_SPDM_REQUESTER_AUTH
                                       : OID_SPDM_RESPONDER_AUTH;

    return (has_subject(crq) ||
            check(gnutls_x509_crq_set_dn_by_oid(
                      crq, GNUTLS_OID_X520_COMMON_NAME, 0, spec->common_name,
                      (unsigned)strlen(spec->common_name)),
                  "common name", errp)) &&
           (has_extension(crq, OID_BASIC_CONSTRAINTS) ||
            check(gnutls_x509_crq_set_basic_constraints(crq, 0, -1),
                  "basicConstraints", errp)) &&
           (has_extension(crq, OID_KEY_USAGE) ||
            check(gnutls_x509_crq_set_key_usage(
                      crq, GNUTLS_KEY_DIGITAL_SIGNATURE),
                  "keyUsage", errp)) &&
           (has_extension(crq, OID_EXT_KEY_USAGE) ||
            check(gnutls_x509_crq_set_key_purpose_oid(crq, role, 0),
                  "extendedKeyUsage", errp)) &&
           (has_extension(crq, OID_SPDM_EXTENSION) ||
            check(gnutls_x509_crq_set_extension_by_oid(
                      crq, OID_SPDM_EXTENSION,
                      (void *)spdm_x509_hardware_identity,
                      HARDWARE_IDENTITY_SIZE, 0),
                  "SPDM extension", errp)) &&
           (!spec->cma_name || has_extension(crq, OID_SUBJECT_ALT_NAME) ||
            check(set_cma_name(crq, spec->cma_name), "subjectAltName",
                  errp));
}

/* From what the requester gave, or from nothing. */
static gnutls_x509_crq_t start(SpdmBytes info, GError **errp)
{
    g_auto(gnutls_x509_crq_t) crq = NULL;

    if (info.len) {
        crq = import_info(info);
        if (!crq) {
            check(GNUTLS_E_ASN1_DER_ERROR, "RequesterInfo", errp);
        }
    } else if (!check(gnutls_x509_crq_init(&crq), "allocation", errp) ||
               !check(gnutls_x509_crq_set_version(crq, 1), "version",
                      errp)) {
        return NULL;
    }
    return g_steal_pointer(&crq);
}

static bool set_key(gnutls_x509_crq_t crq, const SpdmPrivateKey *key,
                    GError **errp)
{
    g_autoptr(SpdmPublicKey) own = spdm_private_key_public(key);
    g_autoptr(SpdmPublicKey) shown = spdm_x509_is_foreign(own)
        ? spdm_x509_stand_in() : g_steal_pointer(&own);
    g_auto(gnutls_pubkey_t) pubkey = spdm_x509_to_pubkey(shown, errp);

    return pubkey && check(gnutls_x509_crq_set_pubkey(crq, pubkey),
                           "public key", errp);
}

static GBytes *export(gnutls_x509_crq_t crq, GError **errp)
{
    gnutls_datum_t der = { NULL, 0 };
    GBytes *bytes;

    if (!check(gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_DER, &der),
               "encoding", errp)) {
        return NULL;
    }
    bytes = g_bytes_new(der.data, der.size);
    gnutls_free(der.data);
    return bytes;
}

/* As put_key() of x509-generate.c does with certificates. */
static GBytes *put_key(GBytes *der, const SpdmX509Issuer *self, GError **errp)
{
    g_autoptr(GBytes) with = der;
    g_autoptr(SpdmPublicKey) own = spdm_private_key_public(self->key);
    g_autoptr(GBytes) spki = spdm_public_key_to_spki(own, errp);
    SpdmCrtParts parts;
    GBytes *out = NULL;

    if (spki && spdm_x509_split_request(spdm_bytes_of(with), &parts)) {
        parts.spki = spdm_bytes_of(spki);
        parts.signature_alg = spdm_spki_algorithm(parts.spki);
        out = spdm_x509_resign(&parts, self);
        check(out ? 0 : GNUTLS_E_PK_SIGN_FAILED, "signature", errp);
    }
    return out;
}

GBytes *spdm_csr_make(const SpdmChainSpec *spec, const SpdmPrivateKey *key,
                      SpdmBytes info, GError **errp)
{
    g_auto(SpdmX509Issuer) self = { .key = key };
    g_auto(gnutls_x509_crq_t) crq = start(info, errp);
    GBytes *der;

    if (!crq || !spdm_x509_issuer_init(&self, spec, errp) ||
        !check(spdm_private_key_fits(key, self.alg)
                   ? 0 : GNUTLS_E_UNSUPPORTED_SIGNATURE_ALGORITHM,
               spec->alg->name, errp) ||
        !set_key(crq, key, errp) || !fill_gaps(crq, spec, errp) ||
        !check(gnutls_x509_crq_privkey_sign(crq, self.signer, self.digest,
                                            0), "signature", errp)) {
        return NULL;
    }
    der = export(crq, errp);
    return der && spec->alg->kind == SPDM_KEY_ML_DSA
        ? put_key(der, &self, errp) : der;
}

/* A request for a key that GnuTLS does not know, signed by that; or NULL. */
static SpdmPublicKey *foreign_key(SpdmBytes csr)
{
    g_autoptr(SpdmPublicKey) key = NULL;
    SpdmCrtParts parts;

    if (!spdm_x509_split_request(csr, &parts)) {
        return NULL;
    }
    key = spdm_public_key_from_spki(parts.spki, NULL);
    return key && spdm_x509_signed_by(parts.tbs, parts.signature_alg,
                                      parts.signature, key)
        ? g_steal_pointer(&key) : NULL;
}

SpdmPublicKey *spdm_csr_key(SpdmBytes csr, GError **errp)
{
    g_auto(gnutls_x509_crq_t) crq = import(csr);
    g_auto(gnutls_pubkey_t) pubkey = NULL;
    gnutls_datum_t spki = { NULL, 0 };
    SpdmPublicKey *key = crq ? foreign_key(csr) : NULL;

    if (key) {
        return key;
    }
    if (!crq || gnutls_x509_crq_verify(crq, 0) < 0) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                    crq ? "the certification request is not signed by its "
                    "own key" : "not a certification request (PKCS#10, DER)");
        return NULL;
    }
    if (gnutls_pubkey_init(&pubkey) >= 0 &&
        gnutls_pubkey_import_x509_crq(pubkey, crq, 0) >= 0 &&
        gnutls_pubkey_export2(pubkey, GNUTLS_X509_FMT_DER, &spki) >= 0) {
        key = spdm_public_key_from_spki(SPDM_BYTES(spki.data, spki.size),
                                        errp);
        gnutls_free(spki.data);
        return key;
    }
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "the certification request's key is unreadable");
    return NULL;
}

char *spdm_csr_subject(SpdmBytes csr)
{
    g_auto(gnutls_x509_crq_t) crq = import(csr);
    gnutls_datum_t dn = { NULL, 0 };
    char *text;

    if (!crq || gnutls_x509_crq_get_dn3(crq, &dn, 0) < 0) {
        return NULL;
    }
    text = g_strndup((const char *)dn.data, dn.size);
    gnutls_free(dn.data);
    for (char *p = text; *p; p++) {
        *p = g_ascii_isprint(*p) ? *p : '?';
    }
    return text;
}

char *spdm_csr_to_pem(SpdmBytes csr)
{
    g_auto(gnutls_x509_crq_t) crq = import(csr);
    gnutls_datum_t pem;
    char *text;

    if (!crq || gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_PEM, &pem) < 0) {
        return NULL;
    }
    text = g_strndup((const char *)pem.data, pem.size);
    gnutls_free(pem.data);
    return text;
}

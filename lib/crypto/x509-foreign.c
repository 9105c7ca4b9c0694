/*
 * Certificates and requests signed with SM2-with-SM3 (RFC 8998) or ML-DSA
 * (RFC 9881), which GnuTLS 3.7 reads but cannot verify: the signature and the
 * rules on issuers are checked here.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gnutls/crypto.h>
#include <string.h>

#include "crypto/pk-priv.h"
#include "crypto/x509-priv.h"

/* 1.2.156.10197.1.501; NULL parameters may follow. */
static const uint8_t sm2_with_sm3[] = {
    0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75,
};

/* What stands in a certificate for a key that GnuTLS cannot put there. */
static const char stand_in_curve[] = "NIST P-256";

/* Extensions that this library or GnuTLS' path validation understands. */
static const char *const understood[] = {
    "2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.35",
    "2.5.29.37", OID_SPDM_EXTENSION,
};

/* The name of the algorithm of an AlgorithmIdentifier, NULL: GnuTLS knows. */
static const char *foreign_name(SpdmBytes whole)
{
    SpdmBytes id;

    if (!spdm_der_take(&whole, DER_SEQUENCE, NULL, &id)) {
        return NULL;
    }
    if (id.len >= sizeof(sm2_with_sm3) &&
        !memcmp(id.data, sm2_with_sm3, sizeof(sm2_with_sm3))) {
        return "SM2-P256";
    }
    return spdm_ml_dsa_name(id);
}

bool spdm_x509_is_foreign_signed(gnutls_x509_crt_t crt)
{
    g_autoptr(GBytes) der = spdm_x509_to_der(crt);
    SpdmCrtParts parts;

    return der && spdm_x509_split(spdm_bytes_of(der), &parts) &&
           foreign_name(parts.signature_alg);
}

/* SEQUENCE { r, s } as the r || s that is verified; false if it is not. */
static bool read_pair(SpdmBytes der, uint8_t *sig, size_t half)
{
    gnutls_datum_t in = spdm_to_datum(der);
    gnutls_datum_t rs[2];
    bool ok = true;

    if (gnutls_decode_rs_value(&in, &rs[0], &rs[1]) < 0) {
        return false;
    }
    memset(sig, 0, 2 * half);
    for (int i = 0; i < 2; i++) {
        const uint8_t *data = rs[i].data;
        size_t len = rs[i].size;

        while (len > 0 && data[0] == 0) {
            data++;
            len--;
        }
        ok &= len <= half;
        if (len <= half && len > 0) {
            memcpy(sig + (i + 1) * half - len, data, len);
        }
        gnutls_free(rs[i].data);
    }
    return ok;
}

bool spdm_x509_signed_by(SpdmBytes tbs, SpdmBytes algorithm,
                         SpdmBytes signature, const SpdmPublicKey *key)
{
    const SpdmAsymAlg *alg = spdm_asym_by_name(foreign_name(algorithm));
    uint8_t sig[SPDM_MAX_SIGNATURE];

    if (!alg) {
        return false;
    }
    if (alg->kind == SPDM_KEY_SM2) {
        if (!read_pair(signature, sig, alg->sig_size / 2)) {
            return false;
        }
        signature = SPDM_BYTES(sig, alg->sig_size);
    }
    return spdm_verify(key, alg, spdm_hash_by_name("SHA-256"), NULL, &tbs, 1,
                       signature);
}

static bool signature_is_good(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
    g_autoptr(SpdmPublicKey) key = spdm_x509_public_key(issuer, NULL);
    g_autoptr(GBytes) der = spdm_x509_to_der(crt);
    SpdmCrtParts parts;

    return key && der && spdm_x509_split(spdm_bytes_of(der), &parts) &&
           spdm_x509_signed_by(parts.tbs, parts.signature_alg,
                               parts.signature, key);
}

bool spdm_x509_may_issue(gnutls_x509_crt_t issuer, int below)
{
    unsigned int ca = 0, usage = 0;
    int path_len = -1;

    if (gnutls_x509_crt_get_basic_constraints(issuer, NULL, &ca,
                                              &path_len) < 0 ||
        !ca || (path_len >= 0 && below > path_len)) {
        return false;
    }
    return gnutls_x509_crt_get_key_usage(issuer, &usage, NULL) < 0 ||
           (usage & GNUTLS_KEY_KEY_CERT_SIGN);
}

static bool extensions_are_understood(gnutls_x509_crt_t crt)
{
    for (unsigned int i = 0; ; i++) {
        char oid[128];
        size_t len = sizeof(oid);
        unsigned int critical = 0;
        bool known = false;
        int ret = gnutls_x509_crt_get_extension_info(crt, i, oid, &len,
                                                     &critical);

        if (ret == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return true;
        }
        for (size_t j = 0; ret >= 0 && j < G_N_ELEMENTS(understood); j++) {
            known |= !strcmp(oid, understood[j]);
        }
        if (ret < 0 || (critical && !known)) {
            return false;
        }
    }
}

SpdmChainReason spdm_x509_verify_foreign(gnutls_x509_crt_t crt,
                                         gnutls_x509_crt_t issuer)
{
    if (!gnutls_x509_crt_check_issuer(crt, issuer) ||
        !signature_is_good(crt, issuer)) {
        return SPDM_CHAIN_SIGNATURE;
    }
    return extensions_are_understood(crt) ? SPDM_CHAIN_OK
                                          : SPDM_CHAIN_CRITICAL_EXTENSION;
}

bool spdm_x509_is_foreign(const SpdmPublicKey *key)
{
    return key->kind == SPDM_KEY_SM2 || key->kind == SPDM_KEY_ML_DSA;
}

SpdmPublicKey *spdm_x509_stand_in(void)
{
    static const uint8_t one[] = { 1 };
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_new_ec(
        stand_in_curve, SPDM_BYTES(one, sizeof(one)));

    return spdm_private_key_public(key);
}

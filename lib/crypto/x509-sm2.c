/*
 * Certificates signed with SM2-with-SM3 (RFC 8998), which GnuTLS 3.7 reads but
 * cannot verify: the signature and the rules on issuers are checked here.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gnutls/crypto.h>
#include <string.h>

#include "crypto/pk-priv.h"
#include "crypto/x509-priv.h"

/* SEQUENCE { 1.2.156.10197.1.501 }; NULL parameters may follow. */
static const uint8_t sm2_with_sm3[] = {
    0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75,
};

/* Extensions that this library or GnuTLS' path validation understands. */
static const char *const understood[] = {
    "2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19", "2.5.29.35",
    "2.5.29.37", OID_SPDM_EXTENSION,
};

static bool is_sm2_signed(GBytes *der, SpdmCrtParts *parts)
{
    SpdmBytes id;

    return spdm_x509_split(spdm_bytes_of(der), parts) &&
           spdm_der_take(&parts->signature_alg, DER_SEQUENCE, NULL, &id) &&
           id.len >= sizeof(sm2_with_sm3) &&
           !memcmp(id.data, sm2_with_sm3, sizeof(sm2_with_sm3));
}

bool spdm_x509_is_sm2_signed(gnutls_x509_crt_t crt)
{
    g_autoptr(GBytes) der = spdm_x509_to_der(crt);
    SpdmCrtParts parts;

    return der && is_sm2_signed(der, &parts);
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

static bool signature_is_good(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
    const SpdmAsymAlg *alg = spdm_asym_by_name("SM2-P256");
    g_autoptr(SpdmPublicKey) key = spdm_x509_public_key(issuer, NULL);
    g_autoptr(GBytes) der = spdm_x509_to_der(crt);
    uint8_t sig[SPDM_MAX_SIGNATURE];
    SpdmCrtParts parts;

    return key && der && is_sm2_signed(der, &parts) &&
           read_pair(parts.signature, sig, alg->sig_size / 2) &&
           spdm_verify(key, alg, spdm_hash_by_name("SM3"), NULL, &parts.tbs,
                       1, SPDM_BYTES(sig, alg->sig_size));
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

SpdmChainReason spdm_x509_verify_sm2(gnutls_x509_crt_t crt,
                                     gnutls_x509_crt_t issuer)
{
    if (!gnutls_x509_crt_check_issuer(crt, issuer) ||
        !signature_is_good(crt, issuer)) {
        return SPDM_CHAIN_SIGNATURE;
    }
    return extensions_are_understood(crt) ? SPDM_CHAIN_OK
                                          : SPDM_CHAIN_CRITICAL_EXTENSION;
}

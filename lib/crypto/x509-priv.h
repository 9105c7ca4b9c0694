/*
 * What the three X.509 files share. GnuTLS types stay behind this header.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_X509_PRIV_H
#define SPDM_CRYPTO_X509_PRIV_H

#include <gnutls/abstract.h>
#include <gnutls/x509.h>

#include "crypto/x509.h"

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gnutls_x509_crt_t, gnutls_x509_crt_deinit,
                                NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gnutls_x509_crq_t, gnutls_x509_crq_deinit,
                                NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gnutls_pubkey_t, gnutls_pubkey_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gnutls_privkey_t, gnutls_privkey_deinit, NULL)

/* OIDs of PCIe 6.31.3 and DSP0274 (id-DMTF-spdm is 1.3.6.1.4.1.412.274). */
#define OID_CMA_NAME "2.23.147"
#define OID_SPDM_RESPONDER_AUTH "1.3.6.1.4.1.412.274.3"
#define OID_SPDM_REQUESTER_AUTH "1.3.6.1.4.1.412.274.4"
#define OID_SPDM_EXTENSION "1.3.6.1.4.1.412.274.6"

enum { HARDWARE_IDENTITY_SIZE = 16 };

/**
 * DSP0274 SPDM extension: SEQUENCE OF { id-DMTF-hardware-identity }. The leaf
 * is a DeviceCert: its key is the device's own and unique to it.
 */
extern const uint8_t spdm_x509_hardware_identity[HARDWARE_IDENTITY_SIZE];

enum {
    DER_UTF8_STRING = 0x0c,
    DER_SEQUENCE = 0x30,
};

/**
 * Takes one DER element with this @tag off the front of @in: @whole is the
 * element, @value its contents (either may be NULL). False, with @in left
 * alone, when the element is not there or not wholly there, or when its length
 * is not encoded as DER wants it (X.690 10.1: definite and shortest).
 */
bool spdm_der_take(SpdmBytes *in, uint8_t tag, SpdmBytes *whole,
                   SpdmBytes *value);

/** The parsed certificate, or NULL. */
gnutls_x509_crt_t spdm_x509_import(SpdmBytes der);

/** The last certificate of a chain, parsed; NULL if there is none to parse. */
gnutls_x509_crt_t spdm_x509_import_leaf(GPtrArray *der_certs);

/**
 * The CMA otherName texts of the certificate's subjectAltName, in order; never
 * NULL. Elements are char *, freed with the array.
 */
GPtrArray *spdm_x509_cma_names(gnutls_x509_crt_t crt);

/** The certificate's key as ours; NULL with @errp if it is no use to SPDM. */
SpdmPublicKey *spdm_x509_public_key(gnutls_x509_crt_t crt, GError **errp);

/**
 * What DER of a certificate or a certification request is made of: what is
 * signed, and below it the parts around AlgorithmIdentifier (a request has
 * none there) and SubjectPublicKeyInfo; views of @der.
 */
typedef struct SpdmCrtParts {
    SpdmBytes tbs;             /* whole */
    SpdmBytes signature_alg;   /* whole AlgorithmIdentifier after tbs */
    SpdmBytes signature;       /* octets of the BIT STRING */
    SpdmBytes before_alg;
    SpdmBytes alg;             /* whole; empty in a request */
    SpdmBytes before_spki;     /* after alg */
    SpdmBytes spki;            /* whole */
    SpdmBytes after_spki;
} SpdmCrtParts;

/** What a certificate or a certification request is signed with. */
typedef struct SpdmX509Issuer {
    const SpdmPrivateKey *key; /* borrowed */
    gnutls_privkey_t signer;   /* GnuTLS' handle: calls back with digests */
    gnutls_x509_crt_t crt;     /* NULL: the certificate being made */
    const SpdmAsymAlg *alg;
    const SpdmHashAlg *hash;
    gnutls_pk_algorithm_t pk;
    gnutls_digest_algorithm_t digest;
} SpdmX509Issuer;

/**
 * Fills in all but key and crt for keys of spec->alg. @issuer must stay where
 * it is: GnuTLS keeps its address.
 */
bool spdm_x509_issuer_init(SpdmX509Issuer *issuer, const SpdmChainSpec *spec,
                           GError **errp);
void spdm_x509_issuer_clear(SpdmX509Issuer *issuer);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmX509Issuer, spdm_x509_issuer_clear)

/**
 * Signs what is to be signed of @parts, whose signature_alg is that of
 * @issuer; the whole, or NULL. parts->signature is left dangling.
 */
GBytes *spdm_x509_resign(SpdmCrtParts *parts, const SpdmX509Issuer *issuer);

/** True unless GnuTLS' @ret is an error; "cannot generate a @object: ...". */
bool spdm_x509_check(int ret, const char *object, const char *what,
                     GError **errp);

/** GnuTLS' form of a public key; NULL with @errp. */
gnutls_pubkey_t spdm_x509_to_pubkey(const SpdmPublicKey *key, GError **errp);

/** DER of the certificate; NULL if GnuTLS cannot encode it. */
GBytes *spdm_x509_to_der(gnutls_x509_crt_t crt);

/** False when it is not that. */
bool spdm_x509_split(SpdmBytes der, SpdmCrtParts *parts);
bool spdm_x509_split_request(SpdmBytes der, SpdmCrtParts *parts);

/** What is to be signed of @parts (of which a request has no alg). */
GBytes *spdm_x509_join_tbs(const SpdmCrtParts *parts);

/** @tbs with the AlgorithmIdentifier and the signature of @parts. */
GBytes *spdm_x509_join(const SpdmCrtParts *parts, SpdmBytes tbs);

/**
 * Whether @key signed @tbs with an @algorithm (whole AlgorithmIdentifier)
 * that GnuTLS 3.7 does not know; @signature as X.509 has it.
 */
bool spdm_x509_signed_by(SpdmBytes tbs, SpdmBytes algorithm,
                         SpdmBytes signature, const SpdmPublicKey *key);

/**
 * Whether @issuer signed @crt with SM2 or ML-DSA, and @crt has no critical
 * extension that nobody understands: what GnuTLS 3.7 cannot tell.
 */
SpdmChainReason spdm_x509_verify_foreign(gnutls_x509_crt_t crt,
                                         gnutls_x509_crt_t issuer);

/** Whether GnuTLS 3.7 can neither put @key into a certificate nor use it. */
bool spdm_x509_is_foreign(const SpdmPublicKey *key);

/** The key that GnuTLS is shown in the place of such a one. */
SpdmPublicKey *spdm_x509_stand_in(void);

/** Whether @issuer is a CA that may have @below CAs under it (RFC 5280). */
bool spdm_x509_may_issue(gnutls_x509_crt_t issuer, int below);

/** Whether @crt is signed with SM2-with-SM3 (RFC 8998) or ML-DSA. */
bool spdm_x509_is_foreign_signed(gnutls_x509_crt_t crt);

static inline SpdmBytes spdm_bytes_of(GBytes *bytes)
{
    size_t len;
    const uint8_t *data = g_bytes_get_data(bytes, &len);

    return SPDM_BYTES(data, len);
}

static inline gnutls_datum_t spdm_to_datum(SpdmBytes bytes)
{
    /* GnuTLS only reads; its datum type has no const. */
    return (gnutls_datum_t){ (unsigned char *)bytes.data, bytes.len };
}

#endif

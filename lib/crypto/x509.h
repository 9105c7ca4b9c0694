/*
 * X.509 through GnuTLS: reading, checking and making certificate chains.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_X509_H
#define SPDM_CRYPTO_X509_H

#include "crypto/pk.h"
#include "spdm/key-pair.h"

/** PCI identity as PCIe CMA names it in the leaf (otherName 2.23.147). */
typedef struct SpdmPciId {
    uint16_t vendor;
    uint16_t device;
    uint32_t class_code;   /* 24 bits: base, sub, programming interface */
    uint8_t revision;
    bool has_subsystem;    /* Type 0 headers only */
    uint16_t ss_vendor;
    uint16_t ss_device;
    bool has_serial;       /* Device Serial Number capability present */
    uint64_t serial;
} SpdmPciId;

/**
 * "Vendor=1b36:Device=0010:CC=010802:REV=02:SSVID=1af4:SSID=1100[:SN=...]",
 * PCIe 6.31.3. Free with g_free().
 */
char *spdm_pci_id_to_cma(const SpdmPciId *id);

/** Why a chain was refused; spdm_chain_reason_text() gives the sentence. */
typedef enum SpdmChainReason {
    SPDM_CHAIN_OK,
    SPDM_CHAIN_MALFORMED,
    SPDM_CHAIN_ROOT_HASH,
    SPDM_CHAIN_ROOT_UNTRUSTED,
    SPDM_CHAIN_SIGNATURE,
    SPDM_CHAIN_EXPIRED,
    SPDM_CHAIN_NOT_YET_VALID,
    SPDM_CHAIN_NOT_A_CA,
    SPDM_CHAIN_LEAF_IS_CA,
    SPDM_CHAIN_KEY_USAGE,
    SPDM_CHAIN_EXT_KEY_USAGE,
    SPDM_CHAIN_KEY_TYPE,
    SPDM_CHAIN_CMA_NAME,
    SPDM_CHAIN_CRITICAL_EXTENSION,
} SpdmChainReason;
const char *spdm_chain_reason_text(SpdmChainReason reason);

/**
 * DER certificates root..leaf from the certificates of a PEM file, in file
 * order; the array's elements are GBytes. @name stands in error lines. Bare
 * concatenated DER is read as well, and other PEM blocks (a key) are skipped.
 * A chain with its leaf first, as TLS has them, is an error; a list of roots
 * (SpdmChainPolicy.trust) may have any order.
 */
GPtrArray *spdm_x509_load_pem_chain(SpdmBytes pem, const char *name,
                                    GError **errp);

/**
 * Splits concatenated DER certificates (the tail of an SPDM chain); NULL when
 * the bytes are not a whole number of DER SEQUENCEs or none.
 */
GPtrArray *spdm_x509_split_der(SpdmBytes certs);

/**
 * The SPDM certificate chain structure: Length u16, reserved u16,
 * RootHash[H], certificates (DSP0274 "certificate chain"). NULL when it
 * would exceed 65535 bytes.
 */
GBytes *spdm_x509_build_chain(GPtrArray *der_certs, const SpdmHashAlg *hash);

/** What a verifier asks of a chain. Zero fields ask for nothing. */
typedef struct SpdmChainPolicy {
    const SpdmHashAlg *hash;      /* for RootHash; required */
    const SpdmAsymAlg *leaf_alg;  /* leaf key must fit */
    GPtrArray *trust;             /* GBytes of DER roots; NULL: any root */
    const char *cma_name;         /* required CMA name, NULL: not checked */
    int64_t now;                  /* seconds since 1970; <= 0: not checked */
    bool requester;               /* EKU .274.4 instead of .274.3 */
} SpdmChainPolicy;

/**
 * Checks a whole SPDM certificate chain structure against @policy (DSP0274
 * "certificate chain", PCIe 6.31.3, spec/08). The first check that fails, in
 * this order, is the reason:
 *
 *  MALFORMED      Length is that of @chain; 1 to 16 DER certificates and no
 *                 byte more; each is X.509 version 3 of at most 16 KiB with
 *                 an issuer, a serial number of up to 20 bytes and a key of
 *                 bounded size
 *  ROOT_HASH      a first certificate that issued itself hashes to RootHash
 *  ROOT_UNTRUSTED that certificate is in policy->trust; or the chain omits
 *                 its root, and RootHash is the hash of one in policy->trust
 *  SIGNATURE      each certificate is signed by the one before it, which it
 *                 names as its issuer, the first one by the root
 *  NOT_A_CA       each issuer is a CA with keyCertSign (if it has keyUsage),
 *                 and path length and name constraints hold
 *  CRITICAL_EXTENSION  GnuTLS knows all critical extensions
 *  NOT_YET_VALID, EXPIRED  policy->now lies in every validity, the root's too
 *  LEAF_IS_CA     the leaf's basicConstraints, if there, say CA=FALSE
 *  KEY_USAGE      the leaf has keyUsage with digitalSignature
 *  EXT_KEY_USAGE  the leaf is not for the opposite SPDM role alone; to have
 *                 no SPDM role at all is allowed
 *  CMA_NAME       one otherName 2.23.147 of the leaf is policy->cma_name,
 *                 in digits of either case
 *  KEY_TYPE       the leaf's key fits policy->leaf_alg
 *
 * On success @leaf_key (if not NULL) receives the leaf's key, to be freed.
 */
SpdmChainReason spdm_x509_verify_chain(SpdmBytes chain,
                                       const SpdmChainPolicy *policy,
                                       SpdmPublicKey **leaf_key);

/** Public key of the last certificate; NULL with @errp if unreadable. */
SpdmPublicKey *spdm_x509_leaf_key(GPtrArray *der_certs, GError **errp);

/** The leaf's CMA otherName text, or NULL if it has none; g_free(). */
char *spdm_x509_cma_name(GPtrArray *der_certs);

/**
 * "CN=..., issued by CN=..." of a DER certificate in printable ASCII, whatever
 * it holds; g_free().
 */
char *spdm_x509_subject(SpdmBytes der);

/** What a chain can have wrong, signed as it is, for fault plans. */
typedef enum SpdmChainFlaw {
    SPDM_CHAIN_FLAWLESS,
    SPDM_CHAIN_FLAW_KEY_USAGE,    /* the leaf may only encipher keys */
    SPDM_CHAIN_FLAW_NO_KEY_USAGE, /* the leaf has no keyUsage */
    SPDM_CHAIN_FLAW_NOT_A_CA,     /* what issued the leaf says CA=FALSE */
    SPDM_CHAIN_FLAW_NO_CONSTRAINTS, /* ... has no basicConstraints */
    SPDM_CHAIN_FLAW_NO_CERT_SIGN, /* ... may not sign certificates */
    SPDM_CHAIN_FLAW_LEAF_CA,      /* the leaf says CA=TRUE */
    SPDM_CHAIN_FLAW_EXTENSION,    /* the leaf has an unknown critical one */
} SpdmChainFlaw;

/** How to make a chain; see spdm_x509_generate(). */
typedef struct SpdmChainSpec {
    const SpdmAsymAlg *alg;    /* of the keys that are made */
    const SpdmHashAlg *hash;   /* certificate signatures; for SHA-3 they use
                                  SHA-2 of that size, as verifiers do */
    const char *common_name;   /* "qemu-spdm ssd": leaf; CAs add a suffix;
                                  at most 48 bytes */
    const char *cma_name;      /* CMA otherName, or NULL */
    bool requester;            /* EKU */
    SpdmCertModel model;       /* NONE is DEVICE. ALIAS: authorities leave
                                  room for a device CA; the leaf is mutable */
    unsigned intermediates;    /* authorities under the root, up to 14; 0: 1 */
    int64_t not_before;        /* seconds since 1970 */
    int64_t not_after;
    SpdmChainFlaw flaw;        /* 0: none */
} SpdmChainSpec;

/** A root and an intermediate that issue leaves; its key is in memory. */
typedef struct SpdmCa SpdmCa;

/**
 * What the one authority above leaves of all these algorithms signs with.
 */
const SpdmAsymAlg *spdm_ca_alg(uint32_t asym);

/**
 * Makes root and intermediate, with keys of spec->alg. All randomness from
 * @rng, so a seeded rng gives the same bytes each time.
 */
SpdmCa *spdm_ca_new(const SpdmChainSpec *spec, const SpdmRng *rng,
                    GError **errp);
void spdm_ca_free(SpdmCa *ca);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmCa, spdm_ca_free)

/**
 * A device's own authority below @above, which was made for ALIAS (DSP0274
 * AliasCert model): the Device Cert, with the hardware identity, whose key
 * issues the alias leaves. @above is not needed any more afterwards.
 */
SpdmCa *spdm_ca_new_device(const SpdmCa *above, const SpdmChainSpec *spec,
                           const SpdmRng *rng, GError **errp);

/** The root, DER; borrowed. */
GBytes *spdm_ca_root(const SpdmCa *ca);

/**
 * Makes a leaf of spec->alg, which need not be that of the authorities: the
 * chain root..leaf. @leaf_key receives the leaf's private key.
 */
GPtrArray *spdm_ca_issue(const SpdmCa *ca, const SpdmChainSpec *spec,
                         const SpdmRng *rng, SpdmPrivateKey **leaf_key,
                         GError **errp);

/** As spdm_ca_issue(), for the public half of a key that exists. */
GPtrArray *spdm_ca_certify(const SpdmCa *ca, const SpdmChainSpec *spec,
                           const SpdmPublicKey *key, const SpdmRng *rng,
                           GError **errp);

/**
 * Makes root, intermediates, (for ALIAS) device CA and leaf; all randomness
 * (keys, serials, signatures) from @rng, so a seeded rng gives the same bytes
 * each time. @leaf_key receives the leaf's private key. The CA keys are wiped.
 */
GPtrArray *spdm_x509_generate(const SpdmChainSpec *spec, const SpdmRng *rng,
                              SpdmPrivateKey **leaf_key, GError **errp);

/* Certification requests (PKCS#10, RFC 2986); x509-csr.c. */

/**
 * Whether @info is one whole DER CertificationRequestInfo of version 0: what
 * RequesterInfo of GET_CSR has to be.
 */
bool spdm_csr_info_valid(SpdmBytes info);

/**
 * A certification request for @key (which fits spec->alg), signed by it.
 * Subject and attributes are those of @info (a valid
 * CertificationRequestInfo, or empty); its subjectPKInfo is replaced. What it
 * leaves out of what DSP0274 and PCIe 6.31.3 want in a leaf is added: the
 * subject spec->common_name, keyUsage, basicConstraints, extendedKeyUsage,
 * the SPDM extension and spec->cma_name. The validity of @spec is not used.
 */
GBytes *spdm_csr_make(const SpdmChainSpec *spec, const SpdmPrivateKey *key,
                      SpdmBytes info, GError **errp);

/**
 * The public key of a DER certification request whose own signature (proof of
 * possession) is good; NULL with @errp otherwise.
 */
SpdmPublicKey *spdm_csr_key(SpdmBytes csr, GError **errp);

/** "CN=..." of a certification request, printable ASCII; NULL: none. */
char *spdm_csr_subject(SpdmBytes csr);

/** PEM of a DER certification request, NULL if it is none; g_free(). */
char *spdm_csr_to_pem(SpdmBytes csr);

/** PEM of one DER certificate, NULL if it is none; g_free(). */
char *spdm_x509_to_pem(SpdmBytes der);

#endif

/*
 * Key pairs of a device: what DSP0274 1.3 says of them in DIGESTS,
 * KEY_PAIR_INFO and SET_KEY_PAIR_INFO. The numbers are those on the wire.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_KEY_PAIR_H
#define SPDM_KEY_PAIR_H

#include "spdm/base.h"

G_BEGIN_DECLS

/** Kinds of certificate chains: CertificateInfo, SetCertModel. */
typedef enum SpdmCertModel {
    SPDM_CERT_MODEL_NONE,    /* no certificates, or not told */
    SPDM_CERT_MODEL_DEVICE,  /* the leaf is the device's own */
    SPDM_CERT_MODEL_ALIAS,   /* the device issued the leaf itself */
    SPDM_CERT_MODEL_GENERIC, /* neither; never in slot 0 */
} SpdmCertModel;

/** KeyUsageMask: what a key may sign. */
enum {
    SPDM_KEY_USAGE_KEY_EX = 1 << 0,
    SPDM_KEY_USAGE_CHALLENGE = 1 << 1,
    SPDM_KEY_USAGE_MEASUREMENT = 1 << 2,
    SPDM_KEY_USAGE_ENDPOINT_INFO = 1 << 3,
    SPDM_KEY_USAGE_STANDARDS = 1 << 14,
    SPDM_KEY_USAGE_VENDOR = 1 << 15,
    SPDM_KEY_USAGE_ALL = 0xc00f,
};

/** KEY_PAIR_INFO Capabilities: what SET_KEY_PAIR_INFO may do to a pair. */
enum {
    SPDM_KEY_PAIR_CAP_GEN = 1 << 0,
    SPDM_KEY_PAIR_CAP_ERASE = 1 << 1,
    SPDM_KEY_PAIR_CAP_CERT_ASSOC = 1 << 2,
    SPDM_KEY_PAIR_CAP_KEY_USAGE = 1 << 3,
    SPDM_KEY_PAIR_CAP_ASYM_ALGO = 1 << 4,
    SPDM_KEY_PAIR_CAP_SHAREABLE = 1 << 5,
    SPDM_KEY_PAIR_CAP_ALL = 0x3f,
};

/** SET_KEY_PAIR_INFO Param1. */
enum {
    SPDM_KEY_PAIR_CHANGE = 0,
    SPDM_KEY_PAIR_ERASE = 1,
    SPDM_KEY_PAIR_GENERATE = 2,
};

/** Whose key a slot has, for connections with several keys. */
typedef struct SpdmSlotKey {
    uint8_t key_pair_id;     /* from 1 on */
    SpdmCertModel model;     /* NONE: a key without certificates */
    uint16_t usage;          /* KeyUsageMask */
} SpdmSlotKey;

/**
 * One key pair, as KEY_PAIR_INFO shows it. Algorithms are in the bits of
 * that message (0 RSA 2048, 1 RSA 3072, 2 RSA 4096, 3 P-256, ...).
 */
typedef struct SpdmKeyPair {
    uint8_t total;           /* TotalKeyPairs: ids are 1 to this */
    uint8_t id;
    uint16_t capabilities;
    uint16_t usage_caps;
    uint16_t usage;
    uint32_t asym_caps;
    uint32_t asym;           /* 0: there is no key */
    uint32_t pqc_caps;       /* 1.4, PqcAsymAlgo bits */
    uint32_t pqc;
    uint8_t slots;           /* AssocCertSlotMask */
    SpdmBytes public_key_info; /* DER AlgorithmIdentifier; borrowed */
} SpdmKeyPair;

/** A change asked for by SET_KEY_PAIR_INFO; 0 leaves usage or algorithm. */
typedef struct SpdmKeyPairChange {
    uint8_t operation;       /* SPDM_KEY_PAIR_CHANGE, _ERASE, _GENERATE */
    uint8_t id;
    uint16_t usage;
    uint32_t asym;
    uint32_t pqc;
    uint8_t slots;           /* the associations there shall be */
    bool at_reset;           /* takes effect at the next platform_reset() */
} SpdmKeyPairChange;

/** What of a key pair has names. */
typedef enum SpdmKeyPairField {
    SPDM_KEY_PAIR_FIELD_CAPABILITIES,
    SPDM_KEY_PAIR_FIELD_USAGE,
    SPDM_KEY_PAIR_FIELD_ALGORITHM,   /* bits of AsymAlgoCapabilities, and
                                        of PqcAsymAlgo above
                                        SPDM_PQC_ASYM_SHIFT */
    SPDM_KEY_PAIR_FIELD_SLOTS,
} SpdmKeyPairField;

/** "KEY_EX+CHALLENGE": @mask by names, bits without one as 0x..; g_free(). */
SPDM_API char *spdm_key_pair_field_text(SpdmKeyPairField field,
                                        uint32_t mask);

/** The same back; false with @errp (SPDM_CONFIG_ERROR) on another name. */
SPDM_API bool spdm_key_pair_field_parse(SpdmKeyPairField field,
                                        const char *text, uint32_t *mask,
                                        GError **errp);

/** How a change went. */
typedef enum SpdmKeyPairResult {
    SPDM_KEY_PAIR_DONE,
    SPDM_KEY_PAIR_FAILED,    /* ERROR OperationFailed */
    SPDM_KEY_PAIR_RESET,     /* done at the next reset: ResetRequired */
} SpdmKeyPairResult;

G_END_DECLS

#endif

/*
 * The algorithm descriptor tables: the one place that knows algorithms by
 * name, bit, size and libgcrypt constant. Everything else passes descriptors.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_ALGS_H
#define SPDM_CRYPTO_ALGS_H

#include "spdm/base.h"

/** BaseHashAlgo row (DSP0274 NEGOTIATE_ALGORITHMS). */
typedef struct SpdmHashAlg {
    uint32_t bit;         /* BaseHashAlgo / BaseHashSel mask */
    uint32_t meas_bit;    /* MeasurementHashAlgo mask */
    const char *name;     /* "SHA-384" */
    uint8_t min_version;  /* first SPDM version that defines the bit */
    uint8_t size;         /* H, bytes */
    int gcry_md;          /* GCRY_MD_* */
    int gcry_hmac;        /* GCRY_MAC_HMAC_* */
    const char *sexp;     /* libgcrypt's name inside an S-expression */
    uint8_t oid_arc;      /* object identifier 2.16.840.1.101.3.4.2.this,
                             0: RSASSA has no DigestInfo for it */
} SpdmHashAlg;

typedef enum SpdmKeyKind {
    SPDM_KEY_RSA,
    SPDM_KEY_EC,
    SPDM_KEY_EDDSA,
    SPDM_KEY_SM2,
    SPDM_KEY_ML_DSA,
} SpdmKeyKind;

typedef enum SpdmSigScheme {
    SPDM_SIG_RSASSA,
    SPDM_SIG_RSAPSS,
    SPDM_SIG_ECDSA,
    SPDM_SIG_EDDSA,
    SPDM_SIG_SM2,
    SPDM_SIG_ML_DSA,
} SpdmSigScheme;

/** BaseAsymAlgo or PqcAsymAlgo row; those of requesters have the same bits. */
typedef struct SpdmAsymAlg {
    uint32_t bit;         /* PqcAsymAlgo: above SPDM_PQC_ASYM_SHIFT */
    const char *name;     /* "ECDSA-P384", "RSAPSS-3072" */
    uint8_t min_version;
    SpdmKeyKind kind;
    SpdmSigScheme scheme;
    uint16_t sig_size;    /* S, bytes */
    uint16_t key_bits;    /* modulus, field or (ML-DSA) public key, bits */
    const char *curve;    /* libgcrypt's name of the curve, or of ML-DSA's
                             parameters; NULL for RSA */
    bool has_context;     /* the scheme takes the SPDM context string */
} SpdmAsymAlg;

typedef enum SpdmDheKind {
    SPDM_DHE_ECDHE,
    SPDM_DHE_FFDHE,
} SpdmDheKind;

/** DHE row (AlgType 2). */
typedef struct SpdmDheAlg {
    uint16_t bit;
    const char *name;     /* "SECP384R1", "FFDHE3072" */
    uint8_t min_version;
    SpdmDheKind kind;
    uint16_t public_size; /* D, bytes of ExchangeData */
    uint16_t secret_size; /* bytes of the shared secret, leading zeros kept */
    const char *curve;    /* ECDHE: libgcrypt curve name */
    const char *prime;    /* FFDHE: RFC 7919 prime, hexadecimal */
    uint8_t private_size; /* bytes of a fresh private value */
} SpdmDheAlg;

/** KEM row (AlgType 7, 1.4). Shared secrets have 32 bytes. */
typedef struct SpdmKemAlg {
    uint16_t bit;
    const char *name;         /* "ML-KEM-768" */
    uint8_t min_version;
    uint16_t key_size;        /* encapsulation key: ExchangeData of
                                 KEY_EXCHANGE, bytes */
    uint16_t ciphertext_size; /* ... of KEY_EXCHANGE_RSP */
    int gcry_kem;             /* GCRY_KEM_* */
} SpdmKemAlg;

/** AEAD row (AlgType 3). IV is 12 bytes and the tag 16 for all of them. */
typedef struct SpdmAeadAlg {
    uint16_t bit;
    const char *name;     /* "AES-256-GCM" */
    uint8_t min_version;
    uint8_t key_size;     /* bytes */
    int gcry_cipher;      /* GCRY_CIPHER_* */
    int gcry_mode;        /* GCRY_CIPHER_MODE_* */
} SpdmAeadAlg;

enum {
    SPDM_AEAD_IV_SIZE = 12,
    SPDM_AEAD_TAG_SIZE = 16,
};

/** Tables end with a row whose name is NULL, strongest (preferred) first. */
extern const SpdmHashAlg spdm_hash_algs[];
extern const SpdmAsymAlg spdm_asym_algs[];
extern const SpdmDheAlg spdm_dhe_algs[];
extern const SpdmKemAlg spdm_kem_algs[];
extern const SpdmAeadAlg spdm_aead_algs[];

/** The row with exactly this bit, or NULL (also for 0 or several bits). */
const SpdmHashAlg *spdm_hash_by_bit(uint32_t bit);
const SpdmHashAlg *spdm_hash_by_meas_bit(uint32_t bit);
const SpdmAsymAlg *spdm_asym_by_bit(uint32_t bit);
const SpdmDheAlg *spdm_dhe_by_bit(uint32_t bit);
const SpdmKemAlg *spdm_kem_by_bit(uint32_t bit);
const SpdmAeadAlg *spdm_aead_by_bit(uint32_t bit);

/** A mask of signature algorithms as its two fields have it, and back. */
static inline uint32_t spdm_asym_base(uint32_t asym)
{
    return asym & ((UINT32_C(1) << SPDM_PQC_ASYM_SHIFT) - 1);
}

static inline uint32_t spdm_asym_pqc(uint32_t asym)
{
    return asym >> SPDM_PQC_ASYM_SHIFT;
}

static inline uint32_t spdm_asym_join(uint32_t base, uint32_t pqc)
{
    return spdm_asym_base(base) | pqc << SPDM_PQC_ASYM_SHIFT;
}

/** Whether @alg can sign what @hash made (RSASSA and SM3 do not pair). */
bool spdm_asym_takes_hash(const SpdmAsymAlg *alg, const SpdmHashAlg *hash);

/**
 * Why an algorithm that DSP0274 has and these tables have not is missing, by
 * its name (case ignored); NULL for any other name. Static.
 */
const char *spdm_missing_alg(const char *name);

/** The row of this name (case ignored), or NULL. */
const SpdmHashAlg *spdm_hash_by_name(const char *name);
const SpdmAsymAlg *spdm_asym_by_name(const char *name);
const SpdmDheAlg *spdm_dhe_by_name(const char *name);
const SpdmKemAlg *spdm_kem_by_name(const char *name);
const SpdmAeadAlg *spdm_aead_by_name(const char *name);

/** All bits of a table that SPDM @version defines and libgcrypt offers. */
uint32_t spdm_hash_mask(uint8_t version);
uint32_t spdm_asym_mask(uint8_t version);
uint16_t spdm_dhe_mask(uint8_t version);
uint16_t spdm_kem_mask(uint8_t version);
uint16_t spdm_aead_mask(uint8_t version);

/**
 * KEY_PAIR_INFO names algorithms of keys, not of signatures, by bits of its
 * own: those for a mask of signature algorithms, and all the signature
 * algorithms that keys of a mask of them serve. PqcAsymAlgo bits are the same
 * in both.
 */
uint32_t spdm_key_pair_algs(uint32_t asym);
uint32_t spdm_key_pair_asym(uint32_t algs);

/**
 * The name of bit @bit of those, with PqcAsymAlgo's above
 * SPDM_PQC_ASYM_SHIFT, NULL if it has none; static.
 */
const char *spdm_key_pair_alg_name(unsigned bit);

#endif

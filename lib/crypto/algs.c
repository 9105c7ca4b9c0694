/*
 * The algorithm descriptor tables.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/algs.h"

#include <gcrypt.h>
#include <string.h>

/* RFC 7919 appendix A.1, A.2 and A.3; the generator is 2. */
#define FFDHE2048_PRIME \
    "FFFFFFFFFFFFFFFFADF85458A2BB4A9AAFDC5620273D3CF1D8B9C583CE2D3695" \
    "A9E13641146433FBCC939DCE249B3EF97D2FE363630C75D8F681B202AEC4617A" \
    "D3DF1ED5D5FD65612433F51F5F066ED0856365553DED1AF3B557135E7F57C935" \
    "984F0C70E0E68B77E2A689DAF3EFE8721DF158A136ADE73530ACCA4F483A797A" \
    "BC0AB182B324FB61D108A94BB2C8E3FBB96ADAB760D7F4681D4F42A3DE394DF4" \
    "AE56EDE76372BB190B07A7C8EE0A6D709E02FCE1CDF7E2ECC03404CD28342F61" \
    "9172FE9CE98583FF8E4F1232EEF28183C3FE3B1B4C6FAD733BB5FCBC2EC22005" \
    "C58EF1837D1683B2C6F34A26C1B2EFFA886B423861285C97FFFFFFFFFFFFFFFF"

#define FFDHE3072_PRIME \
    "FFFFFFFFFFFFFFFFADF85458A2BB4A9AAFDC5620273D3CF1D8B9C583CE2D3695" \
    "A9E13641146433FBCC939DCE249B3EF97D2FE363630C75D8F681B202AEC4617A" \
    "D3DF1ED5D5FD65612433F51F5F066ED0856365553DED1AF3B557135E7F57C935" \
    "984F0C70E0E68B77E2A689DAF3EFE8721DF158A136ADE73530ACCA4F483A797A" \
    "BC0AB182B324FB61D108A94BB2C8E3FBB96ADAB760D7F4681D4F42A3DE394DF4" \
    "AE56EDE76372BB190B07A7C8EE0A6D709E02FCE1CDF7E2ECC03404CD28342F61" \
    "9172FE9CE98583FF8E4F1232EEF28183C3FE3B1B4C6FAD733BB5FCBC2EC22005" \
    "C58EF1837D1683B2C6F34A26C1B2EFFA886B4238611FCFDCDE355B3B6519035B" \
    "BC34F4DEF99C023861B46FC9D6E6C9077AD91D2691F7F7EE598CB0FAC186D91C" \
    "AEFE130985139270B4130C93BC437944F4FD4452E2D74DD364F2E21E71F54BFF" \
    "5CAE82AB9C9DF69EE86D2BC522363A0DABC521979B0DEADA1DBF9A42D5C4484E" \
    "0ABCD06BFA53DDEF3C1B20EE3FD59D7C25E41D2B66C62E37FFFFFFFFFFFFFFFF"

#define FFDHE4096_PRIME \
    "FFFFFFFFFFFFFFFFADF85458A2BB4A9AAFDC5620273D3CF1D8B9C583CE2D3695" \
    "A9E13641146433FBCC939DCE249B3EF97D2FE363630C75D8F681B202AEC4617A" \
    "D3DF1ED5D5FD65612433F51F5F066ED0856365553DED1AF3B557135E7F57C935" \
    "984F0C70E0E68B77E2A689DAF3EFE8721DF158A136ADE73530ACCA4F483A797A" \
    "BC0AB182B324FB61D108A94BB2C8E3FBB96ADAB760D7F4681D4F42A3DE394DF4" \
    "AE56EDE76372BB190B07A7C8EE0A6D709E02FCE1CDF7E2ECC03404CD28342F61" \
    "9172FE9CE98583FF8E4F1232EEF28183C3FE3B1B4C6FAD733BB5FCBC2EC22005" \
    "C58EF1837D1683B2C6F34A26C1B2EFFA886B4238611FCFDCDE355B3B6519035B" \
    "BC34F4DEF99C023861B46FC9D6E6C9077AD91D2691F7F7EE598CB0FAC186D91C" \
    "AEFE130985139270B4130C93BC437944F4FD4452E2D74DD364F2E21E71F54BFF" \
    "5CAE82AB9C9DF69EE86D2BC522363A0DABC521979B0DEADA1DBF9A42D5C4484E" \
    "0ABCD06BFA53DDEF3C1B20EE3FD59D7C25E41D2B669E1EF16E6F52C3164DF4FB" \
    "7930E9E4E58857B6AC7D5F42D69F6D187763CF1D5503400487F55BA57E31CC7A" \
    "7135C886EFB4318AED6A1E012D9E6832A907600A918130C46DC778F971AD0038" \
    "092999A333CB8B7A1A1DB93D7140003C2A4ECEA9F98D0ACC0A8291CDCEC97DCF" \
    "8EC9B55A7F88A46B4DB5A851F44182E1C68A007E5E655F6AFFFFFFFFFFFFFFFF"

const SpdmHashAlg spdm_hash_algs[] = {
    { 0x04, 0x08, "SHA-512", SPDM_VERSION_10, 64,
      GCRY_MD_SHA512, GCRY_MAC_HMAC_SHA512, "sha512", 3 },
    { 0x02, 0x04, "SHA-384", SPDM_VERSION_10, 48,
      GCRY_MD_SHA384, GCRY_MAC_HMAC_SHA384, "sha384", 2 },
    { 0x01, 0x02, "SHA-256", SPDM_VERSION_10, 32,
      GCRY_MD_SHA256, GCRY_MAC_HMAC_SHA256, "sha256", 1 },
    { 0x20, 0x40, "SHA3-512", SPDM_VERSION_10, 64,
      GCRY_MD_SHA3_512, GCRY_MAC_HMAC_SHA3_512, "sha3-512", 10 },
    { 0x10, 0x20, "SHA3-384", SPDM_VERSION_10, 48,
      GCRY_MD_SHA3_384, GCRY_MAC_HMAC_SHA3_384, "sha3-384", 9 },
    { 0x08, 0x10, "SHA3-256", SPDM_VERSION_10, 32,
      GCRY_MD_SHA3_256, GCRY_MAC_HMAC_SHA3_256, "sha3-256", 8 },
    { 0x40, 0x80, "SM3", SPDM_VERSION_12, 32,
      GCRY_MD_SM3, GCRY_MAC_HMAC_SM3, "sm3", 0 },
    { 0 },
};

const SpdmAsymAlg spdm_asym_algs[] = {
#ifdef SPDM_HAVE_ML_DSA
    { 0x40000, "ML-DSA-87", SPDM_VERSION_14, SPDM_KEY_ML_DSA, SPDM_SIG_ML_DSA,
      4627, 2592 * 8, "dilithium5", true },
    { 0x20000, "ML-DSA-65", SPDM_VERSION_14, SPDM_KEY_ML_DSA, SPDM_SIG_ML_DSA,
      3309, 1952 * 8, "dilithium3", true },
    { 0x10000, "ML-DSA-44", SPDM_VERSION_14, SPDM_KEY_ML_DSA, SPDM_SIG_ML_DSA,
      2420, 1312 * 8, "dilithium2", true },
#endif
    { 0x100, "ECDSA-P521", SPDM_VERSION_10, SPDM_KEY_EC, SPDM_SIG_ECDSA,
      132, 521, "NIST P-521", false },
    { 0x080, "ECDSA-P384", SPDM_VERSION_10, SPDM_KEY_EC, SPDM_SIG_ECDSA,
      96, 384, "NIST P-384", false },
    { 0x010, "ECDSA-P256", SPDM_VERSION_10, SPDM_KEY_EC, SPDM_SIG_ECDSA,
      64, 256, "NIST P-256", false },
    { 0x040, "RSAPSS-4096", SPDM_VERSION_10, SPDM_KEY_RSA, SPDM_SIG_RSAPSS,
      512, 4096, NULL, false },
    { 0x008, "RSAPSS-3072", SPDM_VERSION_10, SPDM_KEY_RSA, SPDM_SIG_RSAPSS,
      384, 3072, NULL, false },
    { 0x002, "RSAPSS-2048", SPDM_VERSION_10, SPDM_KEY_RSA, SPDM_SIG_RSAPSS,
      256, 2048, NULL, false },
    { 0x020, "RSASSA-4096", SPDM_VERSION_10, SPDM_KEY_RSA, SPDM_SIG_RSASSA,
      512, 4096, NULL, false },
    { 0x004, "RSASSA-3072", SPDM_VERSION_10, SPDM_KEY_RSA, SPDM_SIG_RSASSA,
      384, 3072, NULL, false },
    { 0x001, "RSASSA-2048", SPDM_VERSION_10, SPDM_KEY_RSA, SPDM_SIG_RSASSA,
      256, 2048, NULL, false },
    { 0x800, "EDDSA-448", SPDM_VERSION_12, SPDM_KEY_EDDSA, SPDM_SIG_EDDSA,
      114, 448, "Ed448", true },
    { 0x400, "EDDSA-25519", SPDM_VERSION_12, SPDM_KEY_EDDSA, SPDM_SIG_EDDSA,
      64, 255, "Ed25519", false },
    { 0x200, "SM2-P256", SPDM_VERSION_12, SPDM_KEY_SM2, SPDM_SIG_SM2,
      64, 256, "sm2p256v1", false },
    { 0 },
};

/*
 * A fresh FFDHE exponent has at least the bits RFC 7919 appendix A asks for
 * (225, 275, 325), rounded up: a full-size one costs ten times more and adds
 * no strength in a safe-prime group.
 */
const SpdmDheAlg spdm_dhe_algs[] = {
    { 0x20, "SECP521R1", SPDM_VERSION_11, SPDM_DHE_ECDHE, 132, 66,
      "NIST P-521", NULL, 66 },
    { 0x10, "SECP384R1", SPDM_VERSION_11, SPDM_DHE_ECDHE, 96, 48,
      "NIST P-384", NULL, 48 },
    { 0x08, "SECP256R1", SPDM_VERSION_11, SPDM_DHE_ECDHE, 64, 32,
      "NIST P-256", NULL, 32 },
    { 0x04, "FFDHE4096", SPDM_VERSION_11, SPDM_DHE_FFDHE, 512, 512,
      NULL, FFDHE4096_PRIME, 48 },
    { 0x02, "FFDHE3072", SPDM_VERSION_11, SPDM_DHE_FFDHE, 384, 384,
      NULL, FFDHE3072_PRIME, 40 },
    { 0x01, "FFDHE2048", SPDM_VERSION_11, SPDM_DHE_FFDHE, 256, 256,
      NULL, FFDHE2048_PRIME, 32 },
    { 0 },
};

const SpdmKemAlg spdm_kem_algs[] = {
#ifdef SPDM_HAVE_ML_KEM
    { 0x04, "ML-KEM-1024", SPDM_VERSION_14, 1568, 1568, GCRY_KEM_MLKEM1024 },
    { 0x02, "ML-KEM-768", SPDM_VERSION_14, 1184, 1088, GCRY_KEM_MLKEM768 },
    { 0x01, "ML-KEM-512", SPDM_VERSION_14, 800, 768, GCRY_KEM_MLKEM512 },
#endif
    { 0 },
};

const SpdmAeadAlg spdm_aead_algs[] = {
    { 0x02, "AES-256-GCM", SPDM_VERSION_11, 32,
      GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM },
    { 0x01, "AES-128-GCM", SPDM_VERSION_11, 16,
      GCRY_CIPHER_AES128, GCRY_CIPHER_MODE_GCM },
    { 0x04, "CHACHA20-POLY1305", SPDM_VERSION_11, 32,
      GCRY_CIPHER_CHACHA20, GCRY_CIPHER_MODE_POLY1305 },
    { 0x08, "SM4-GCM", SPDM_VERSION_12, 16,
      GCRY_CIPHER_SM4, GCRY_CIPHER_MODE_GCM },
    { 0 },
};

/* The last row of every table has no name, hence no bit and no match. */
#define FIND(table, condition)                      \
    do {                                            \
        for (size_t i = 0; (table)[i].name; i++) {  \
            if (condition) {                        \
                return &(table)[i];                 \
            }                                       \
        }                                           \
        return NULL;                                \
    } while (0)

const SpdmHashAlg *spdm_hash_by_bit(uint32_t bit)
{
    FIND(spdm_hash_algs, spdm_hash_algs[i].bit == bit);
}

const SpdmHashAlg *spdm_hash_by_meas_bit(uint32_t bit)
{
    FIND(spdm_hash_algs, spdm_hash_algs[i].meas_bit == bit);
}

const SpdmAsymAlg *spdm_asym_by_bit(uint32_t bit)
{
    FIND(spdm_asym_algs, spdm_asym_algs[i].bit == bit);
}

const SpdmDheAlg *spdm_dhe_by_bit(uint32_t bit)
{
    FIND(spdm_dhe_algs, spdm_dhe_algs[i].bit == bit);
}

const SpdmKemAlg *spdm_kem_by_bit(uint32_t bit)
{
    FIND(spdm_kem_algs, spdm_kem_algs[i].bit == bit);
}

const SpdmAeadAlg *spdm_aead_by_bit(uint32_t bit)
{
    FIND(spdm_aead_algs, spdm_aead_algs[i].bit == bit);
}

bool spdm_asym_takes_hash(const SpdmAsymAlg *alg, const SpdmHashAlg *hash)
{
    return alg->scheme != SPDM_SIG_RSASSA || hash->oid_arc != 0;
}

static bool same_name(const char *a, const char *b)
{
    return b && g_ascii_strcasecmp(a, b) == 0;
}

const SpdmHashAlg *spdm_hash_by_name(const char *name)
{
    FIND(spdm_hash_algs, same_name(spdm_hash_algs[i].name, name));
}

const SpdmAsymAlg *spdm_asym_by_name(const char *name)
{
    FIND(spdm_asym_algs, same_name(spdm_asym_algs[i].name, name));
}

const SpdmDheAlg *spdm_dhe_by_name(const char *name)
{
    FIND(spdm_dhe_algs, same_name(spdm_dhe_algs[i].name, name));
}

const SpdmKemAlg *spdm_kem_by_name(const char *name)
{
    FIND(spdm_kem_algs, same_name(spdm_kem_algs[i].name, name));
}

const SpdmAeadAlg *spdm_aead_by_name(const char *name)
{
    FIND(spdm_aead_algs, same_name(spdm_aead_algs[i].name, name));
}

#define NO_SM2_EXCHANGE \
    "GB/T 32918.3 wants a static key of both ends, and DSP0274 names none"
#define KEM_MISSING \
    "post-quantum key exchange takes libgcrypt 1.11.1 or later"
#define ML_DSA_MISSING "post-quantum signatures take libgcrypt 1.12 or later"
#define SLH_DSA_MISSING "libgcrypt, as of 1.12, has no SLH-DSA"

const char *spdm_missing_alg(const char *name)
{
    static const struct {
        const char *name;     /* or, ending in '-', how it begins */
        const char *why;
    } rows[] = {
        { "SM2-P256", NO_SM2_EXCHANGE },
#ifndef SPDM_HAVE_ML_KEM
        { "ML-KEM-", KEM_MISSING },
#endif
#ifndef SPDM_HAVE_ML_DSA
        { "ML-DSA-", ML_DSA_MISSING },
#endif
        { "SLH-DSA-", SLH_DSA_MISSING },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        size_t len = strlen(rows[i].name);

        if (rows[i].name[len - 1] == '-'
                ? !g_ascii_strncasecmp(name, rows[i].name, len)
                : same_name(name, rows[i].name)) {
            return rows[i].why;
        }
    }
    return NULL;
}

uint32_t spdm_hash_mask(uint8_t version)
{
    uint32_t mask = 0;

    for (const SpdmHashAlg *a = spdm_hash_algs; a->name; a++) {
        if (a->min_version <= version && !gcry_md_test_algo(a->gcry_md)) {
            mask |= a->bit;
        }
    }
    return mask;
}

/* A libgcrypt in FIPS mode, or built without, has no SM2 or EdDSA. */
static bool curve_is_there(const SpdmAsymAlg *alg)
{
    gcry_sexp_t params = gcry_pk_get_param(GCRY_PK_ECC, alg->curve);

    gcry_sexp_release(params);
    return params;
}

/* By libgcrypt's name of the parameters, whatever library is loaded now. */
static bool ml_dsa_is_there(const SpdmAsymAlg *alg)
{
    return gcry_pk_map_name(alg->curve) != 0;
}

static bool asym_is_there(const SpdmAsymAlg *alg)
{
    static bool (*const is_there[])(const SpdmAsymAlg *) = {
        [SPDM_KEY_RSA] = NULL,
        [SPDM_KEY_EC] = curve_is_there,
        [SPDM_KEY_EDDSA] = curve_is_there,
        [SPDM_KEY_SM2] = curve_is_there,
        [SPDM_KEY_ML_DSA] = ml_dsa_is_there,
    };

    return !is_there[alg->kind] || is_there[alg->kind](alg);
}

static gpointer find_asyms(gpointer unused)
{
    uint32_t mask = 0;

    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        mask |= asym_is_there(a) ? a->bit : 0;
    }
    return GUINT_TO_POINTER(mask);
}

/* libgcrypt is asked once: a curve takes it as long as many a message. */
uint32_t spdm_asym_mask(uint8_t version)
{
    static GOnce once = G_ONCE_INIT;
    uint32_t there = GPOINTER_TO_UINT(g_once(&once, find_asyms, NULL));
    uint32_t mask = 0;

    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        mask |= a->min_version <= version ? a->bit & there : 0;
    }
    return mask;
}

uint16_t spdm_dhe_mask(uint8_t version)
{
    uint16_t mask = 0;

    for (const SpdmDheAlg *a = spdm_dhe_algs; a->name; a++) {
        if (a->min_version <= version) {
            mask |= a->bit;
        }
    }
    return mask;
}

uint16_t spdm_kem_mask(uint8_t version)
{
    uint16_t mask = 0;

    for (const SpdmKemAlg *a = spdm_kem_algs; a->name; a++) {
        if (a->min_version <= version) {
            mask |= a->bit;
        }
    }
    return mask;
}

uint16_t spdm_aead_mask(uint8_t version)
{
    uint16_t mask = 0;

    /* A libgcrypt in FIPS mode has no ChaCha20. */
    for (const SpdmAeadAlg *a = spdm_aead_algs; a->name; a++) {
        if (a->min_version <= version &&
            !gcry_cipher_test_algo(a->gcry_cipher)) {
            mask |= a->bit;
        }
    }
    return mask;
}

/* DSP0274 1.3 "AsymAlgoCapabilities", bits 0 to 8: as BaseAsymAlgo bits. */
static const struct {
    const char *name;
    uint32_t asym;
} key_pair_rows[] = {
    { "RSA-2048", 0x003 },      /* RSASSA and RSAPSS */
    { "RSA-3072", 0x00c },
    { "RSA-4096", 0x060 },
    { "ECC-P256", 0x010 },
    { "ECC-P384", 0x080 },
    { "ECC-P521", 0x100 },
    { "SM2", 0x200 },
    { "Ed25519", 0x400 },
    { "Ed448", 0x800 },
};

uint32_t spdm_key_pair_algs(uint32_t asym)
{
    uint32_t algs = spdm_asym_join(0, spdm_asym_pqc(asym));

    for (size_t i = 0; i < G_N_ELEMENTS(key_pair_rows); i++) {
        algs |= asym & key_pair_rows[i].asym ? UINT32_C(1) << i : 0;
    }
    return algs;
}

uint32_t spdm_key_pair_asym(uint32_t algs)
{
    uint32_t asym = spdm_asym_join(0, spdm_asym_pqc(algs));

    for (size_t i = 0; i < G_N_ELEMENTS(key_pair_rows); i++) {
        asym |= algs & UINT32_C(1) << i ? key_pair_rows[i].asym : 0;
    }
    return asym;
}

/* DSP0274 1.4 PqcAsymAlgo: what is named need not be served. */
static const char *const pqc_names[] = {
    "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
    "SLH-DSA-SHA2-128s", "SLH-DSA-SHAKE-128s",
    "SLH-DSA-SHA2-128f", "SLH-DSA-SHAKE-128f",
    "SLH-DSA-SHA2-192s", "SLH-DSA-SHAKE-192s",
    "SLH-DSA-SHA2-192f", "SLH-DSA-SHAKE-192f",
    "SLH-DSA-SHA2-256s", "SLH-DSA-SHAKE-256s",
    "SLH-DSA-SHA2-256f", "SLH-DSA-SHAKE-256f",
};

const char *spdm_key_pair_alg_name(unsigned bit)
{
    if (bit >= SPDM_PQC_ASYM_SHIFT) {
        bit -= SPDM_PQC_ASYM_SHIFT;
        return bit < G_N_ELEMENTS(pqc_names) ? pqc_names[bit] : NULL;
    }
    return bit < G_N_ELEMENTS(key_pair_rows) ? key_pair_rows[bit].name : NULL;
}

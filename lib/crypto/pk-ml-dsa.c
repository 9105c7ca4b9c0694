/*
 * ML-DSA keys (FIPS 204, RFC 9881): what GnuTLS 3.7 does for other keys.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-priv.h"

#include <string.h>

#include "crypto/secret.h"
#include "crypto/x509-priv.h"

enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
    DER_OID = 0x06,
    DER_SEED = 0x80,      /* [0] IMPLICIT OCTET STRING */
    HEADER = 4,           /* tag and length of 256 bytes to 64 KiB */
};

/* 2.16.840.1.101.3.4.3 and the last arc, without parameters. */
static const uint8_t algorithm[] = {
    DER_OID, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03,
};

static const struct {
    const char *name;
    uint8_t arc;
} arcs[] = {
    { "ML-DSA-44", 17 }, { "ML-DSA-65", 18 }, { "ML-DSA-87", 19 },
};

const char *spdm_ml_dsa_name(SpdmBytes id)
{
    if (id.len != sizeof(algorithm) + 1 ||
        memcmp(id.data, algorithm, sizeof(algorithm))) {
        return NULL;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(arcs); i++) {
        if (arcs[i].arc == id.data[sizeof(algorithm)]) {
            return arcs[i].name;
        }
    }
    return NULL;
}

static uint8_t arc_of(const SpdmPublicKey *key)
{
    const SpdmAsymAlg *alg = spdm_asym_for_key(key->kind, key->bits);
    size_t i = 0;

    while (strcmp(arcs[i].name, alg->name)) {
        i++;
    }
    return arcs[i].arc;
}

SpdmPublicKey *spdm_public_key_new_ml_dsa(const SpdmAsymAlg *alg, SpdmBytes pk)
{
    SpdmPublicKey *key;
    gcry_error_t err;

    if (pk.len != alg->key_bits / 8u) {
        return NULL;
    }
    key = g_new0(SpdmPublicKey, 1);
    key->kind = alg->kind;
    key->bits = alg->key_bits;
    key->curve = alg->curve;
    key->raw = g_bytes_new(pk.data, pk.len);
    key->text = g_strdup(alg->name);
    err = gcry_sexp_build(&key->sexp, NULL, "(public-key (%s (p %b)))",
                          alg->curve, (int)pk.len, pk.data);
    g_assert(!err);
    return key;
}

/* What libgcrypt generated, as our two halves. */
static SpdmPrivateKey *take_pair(const SpdmAsymAlg *alg, gcry_sexp_t pair)
{
    size_t len = alg->key_bits / 8u;
    g_autofree uint8_t *pk = g_malloc(len);
    gcry_buffer_t buf = { .size = len, .data = pk };
    SpdmPrivateKey *key;

    if (gcry_sexp_extract_param(pair, "public-key", "&p", &buf, NULL) ||
        buf.len != len) {
        return NULL;
    }
    key = g_new0(SpdmPrivateKey, 1);
    key->pub = spdm_public_key_new_ml_dsa(alg, SPDM_BYTES(pk, len));
    key->sexp = gcry_sexp_find_token(pair, "private-key", 0);
    return key;
}

SpdmPrivateKey *spdm_private_key_new_ml_dsa(const SpdmAsymAlg *alg,
                                            SpdmBytes seed, GError **errp)
{
    g_auto(gcry_sexp_t) wanted = NULL;
    g_auto(gcry_sexp_t) pair = NULL;
    SpdmPrivateKey *key = NULL;
    gcry_error_t err;

    err = gcry_sexp_build(&wanted, NULL, "(genkey (%s (S %b)))", alg->curve,
                          (int)seed.len, seed.data);
    g_assert(!err);
    err = gcry_pk_genkey(&pair, wanted);
    if (!err) {
        key = take_pair(alg, pair);
    }
    if (!key) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                    "libgcrypt makes no %s key: %s", alg->name,
                    gcry_strerror(err));
    }
    return key;
}

SpdmPublicKey *spdm_ml_dsa_from_spki(SpdmBytes der)
{
    SpdmBytes spki, id, bits;
    const SpdmAsymAlg *alg;

    if (!spdm_der_take(&der, DER_SEQUENCE, NULL, &spki) || der.len ||
        !spdm_der_take(&spki, DER_SEQUENCE, NULL, &id) ||
        !spdm_der_take(&spki, DER_BIT_STRING, NULL, &bits) || spki.len ||
        bits.len < 1 || bits.data[0] != 0) {
        return NULL;
    }
    alg = spdm_asym_by_name(spdm_ml_dsa_name(id));
    return alg ? spdm_public_key_new_ml_dsa(
                     alg, SPDM_BYTES(bits.data + 1, bits.len - 1)) : NULL;
}

static void put_header(GByteArray *out, uint8_t tag, size_t len)
{
    const uint8_t header[HEADER] = {
        tag, 0x82, (uint8_t)(len >> 8), (uint8_t)len,
    };

    g_byte_array_append(out, header, HEADER);
}

static void put_algorithm(GByteArray *out, const SpdmPublicKey *key)
{
    const uint8_t header[] = { DER_SEQUENCE, sizeof(algorithm) + 1 };
    uint8_t arc = arc_of(key);

    g_byte_array_append(out, header, sizeof(header));
    g_byte_array_append(out, algorithm, sizeof(algorithm));
    g_byte_array_append(out, &arc, 1);
}

GBytes *spdm_ml_dsa_to_spki(const SpdmPublicKey *key)
{
    SpdmBytes pk = spdm_bytes_of(key->raw);
    size_t id_size = 2 + sizeof(algorithm) + 1;
    GByteArray *out = g_byte_array_new();

    put_header(out, DER_SEQUENCE, id_size + HEADER + 1 + pk.len);
    put_algorithm(out, key);
    put_header(out, DER_BIT_STRING, 1 + pk.len);
    g_byte_array_append(out, (const uint8_t[]){ 0 }, 1);
    g_byte_array_append(out, pk.data, (guint)pk.len);
    return g_byte_array_free_to_bytes(out);
}

/* RFC 9881 ML-DSA-PrivateKey: a seed, an expanded key, or both. */
typedef struct PrivateParts {
    SpdmBytes seed;
    SpdmBytes expanded;
} PrivateParts;

static bool read_parts(SpdmBytes in, PrivateParts *parts)
{
    SpdmBytes both;

    *parts = (PrivateParts){ .seed = SPDM_BYTES(NULL, 0) };
    if (spdm_der_take(&in, DER_SEED, NULL, &parts->seed) ||
        spdm_der_take(&in, DER_OCTET_STRING, NULL, &parts->expanded)) {
        return !in.len;
    }
    return spdm_der_take(&in, DER_SEQUENCE, NULL, &both) && !in.len &&
           spdm_der_take(&both, DER_OCTET_STRING, NULL, &parts->seed) &&
           spdm_der_take(&both, DER_OCTET_STRING, NULL, &parts->expanded) &&
           !both.len;
}

/* The expanded key that came along with the seed has to be of it. */
static bool expands_to(const SpdmPrivateKey *key, SpdmBytes expanded)
{
    g_autofree uint8_t *own = g_malloc0(expanded.len);
    gcry_buffer_t buf = { .size = expanded.len, .data = own };
    bool same = !gcry_sexp_extract_param(key->sexp, NULL, "&s", &buf, NULL) &&
                buf.len == expanded.len &&
                spdm_equal_ct(own, expanded.data, expanded.len);

    spdm_wipe(own, expanded.len);
    return same;
}

static SpdmPrivateKey *from_parts(const SpdmAsymAlg *alg,
                                  const PrivateParts *parts,
                                  const char **why, GError **errp)
{
    g_autoptr(SpdmPrivateKey) key = NULL;

    if (!parts->seed.len) {
        *why = "is an expanded ML-DSA key without its seed; write it with the "
               "seed (RFC 9881)";
        return NULL;
    }
    if (parts->seed.len != SPDM_ML_DSA_SEED_SIZE) {
        *why = "the seed of an ML-DSA key has 32 bytes";
        return NULL;
    }
    key = spdm_private_key_new_ml_dsa(alg, parts->seed, errp);
    if (key && parts->expanded.len && !expands_to(key, parts->expanded)) {
        *why = "seed and expanded key of ML-DSA do not belong together";
        return NULL;
    }
    return g_steal_pointer(&key);
}

bool spdm_ml_dsa_from_pkcs8(SpdmBytes der, const char *name,
                            SpdmPrivateKey **key, GError **errp)
{
    const char *why = NULL, *alg_name;
    SpdmBytes info, id, octets;
    PrivateParts parts;

    if (!spdm_der_take(&der, DER_SEQUENCE, NULL, &info) ||
        !spdm_der_take(&info, DER_INTEGER, NULL, NULL) ||
        !spdm_der_take(&info, DER_SEQUENCE, NULL, &id) ||
        !spdm_der_take(&info, DER_OCTET_STRING, NULL, &octets)) {
        return false;
    }
    alg_name = spdm_ml_dsa_name(id);
    if (!alg_name) {
        return false;
    }
    *key = NULL;
    if (!spdm_asym_by_name(alg_name)) {
        why = spdm_missing_alg(alg_name);
    } else if (!read_parts(octets, &parts)) {
        why = "the ML-DSA private key is malformed (RFC 9881)";
    } else {
        *key = from_parts(spdm_asym_by_name(alg_name), &parts, &why, errp);
        if (!*key && !why) {
            g_prefix_error(errp, "%s: ", name);
        }
    }
    if (why) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                    "%s: %s", name, why);
    }
    return true;
}

/* RFC 5958 around the seed alone, from which all follows. */
GByteArray *spdm_ml_dsa_to_pkcs8(const SpdmPrivateKey *key)
{
    static const uint8_t version[] = { DER_INTEGER, 0x01, 0x00 };
    static const uint8_t before_seed[] = {
        DER_OCTET_STRING, 2 + SPDM_ML_DSA_SEED_SIZE,
        DER_SEED, SPDM_ML_DSA_SEED_SIZE,
    };
    size_t id_size = 2 + sizeof(algorithm) + 1;
    uint8_t seed[SPDM_ML_DSA_SEED_SIZE];
    gcry_buffer_t buf = { .size = sizeof(seed), .data = seed };
    const uint8_t header[] = {
        DER_SEQUENCE, (uint8_t)(sizeof(version) + id_size +
                                sizeof(before_seed) + sizeof(seed)),
    };
    GByteArray *out;

    if (gcry_sexp_extract_param(key->sexp, NULL, "&S", &buf, NULL) ||
        buf.len != sizeof(seed)) {
        return NULL;
    }
    out = g_byte_array_sized_new(sizeof(header) + header[1]);
    g_byte_array_append(out, header, sizeof(header));
    g_byte_array_append(out, version, sizeof(version));
    put_algorithm(out, key->pub);
    g_byte_array_append(out, before_seed, sizeof(before_seed));
    g_byte_array_append(out, seed, sizeof(seed));
    spdm_wipe(seed, sizeof(seed));
    return out;
}

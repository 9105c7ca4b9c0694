/*
 * Making a chain of root, intermediate and leaf for a device without one.
 *
 * Nothing here draws on GnuTLS' own randomness, so that a seeded rng gives
 * the same bytes on each run: keys and serial numbers come from the rng, and
 * certificates are signed by libgcrypt, RSA ones with PKCS#1 v1.5 and ECDSA
 * ones with the nonces of RFC 6979.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <gnutls/crypto.h>
#include <string.h>

#include "crypto/hash.h"
#include "crypto/pk-priv.h"
#include "crypto/x509-priv.h"

enum {
    SERIAL_SIZE = 16, /* RFC 5280 4.1.2.2 allows 20 */
    NAME_MAX_SIZE = 48, /* RFC 5280 allows 64; the longest suffix takes 16 */
    KEY_ID_SIZE = 20,   /* RFC 5280 4.2.1.2 */
    KEY_ID_MAX = 64,
};

/*
 * DSP0274 SPDM extension: SEQUENCE OF { id-DMTF-hardware-identity } in a
 * Device Cert, whose key is the device's own and unique to it, and
 * id-DMTF-mutable-certificate in what the device issues itself.
 */
const uint8_t spdm_x509_hardware_identity[] = {
    0x30, 0x0e, 0x30, 0x0c, 0x06, 0x0a, 0x2b, 0x06,
    0x01, 0x04, 0x01, 0x83, 0x1c, 0x82, 0x12, 0x02,
};
static const uint8_t mutable_certificate[] = {
    0x30, 0x0e, 0x30, 0x0c, 0x06, 0x0a, 0x2b, 0x06,
    0x01, 0x04, 0x01, 0x83, 0x1c, 0x82, 0x12, 0x05,
};

/* One certificate's place in the chain. */
typedef struct Level {
    const char *suffix;
    bool ca;
    int path_len; /* CA certificates that may follow below */
} Level;

static const Level leaf_level = { "", false, -1 };

/* The Device Cert of the AliasCert model. */
static const Level device_level = { " device CA", true, 0 };

void spdm_x509_issuer_clear(SpdmX509Issuer *i)
{
    g_clear_pointer(&i->signer, gnutls_privkey_deinit);
    g_clear_pointer(&i->crt, gnutls_x509_crt_deinit);
}

static bool check(int ret, const char *what, GError **errp)
{
    return spdm_x509_check(ret, "certificate", what, errp);
}

bool spdm_x509_check(int ret, const char *object, const char *what,
                     GError **errp)
{
    if (ret >= 0) {
        return true;
    }
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "cannot generate a %s: %s: %s", object, what,
                gnutls_strerror(ret));
    return false;
}

static int key_info(gnutls_privkey_t self, unsigned int flags, void *opaque)
{
    const SpdmX509Issuer *issuer = opaque;

    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO) {
        return issuer->pk;
    }
    if (flags & GNUTLS_PRIVKEY_INFO_PK_ALGO_BITS) {
        return issuer->alg->key_bits;
    }
    return flags & GNUTLS_PRIVKEY_INFO_HAVE_SIGN_ALGO ? 1 : -1;
}

/* X.509 wants what PKCS#1 makes, or r and s as DER (RFC 3279 2.2.3). */
static int encode_signature(const SpdmAsymAlg *alg, const uint8_t *sig,
                            gnutls_datum_t *out)
{
    size_t half = alg->sig_size / 2;
    gnutls_datum_t r, s;

    if (alg->kind == SPDM_KEY_EC) {
        r = spdm_to_datum(SPDM_BYTES(sig, half));
        s = spdm_to_datum(SPDM_BYTES(sig + half, half));
        return gnutls_encode_rs_value(out, &r, &s);
    }
    out->data = gnutls_malloc(alg->sig_size);
    if (!out->data) {
        return GNUTLS_E_MEMORY_ERROR;
    }
    memcpy(out->data, sig, alg->sig_size);
    out->size = alg->sig_size;
    return 0;
}

/* Some ECDSA signature, which will not stay: r and s are 1. */
static int placeholder(gnutls_datum_t *out)
{
    static const uint8_t one[] = { 1 };
    gnutls_datum_t value = spdm_to_datum(SPDM_BYTES(one, sizeof(one)));

    return gnutls_encode_rs_value(out, &value, &value);
}

/*
 * Called back by GnuTLS with the digest of a certificate, for RSA inside a
 * DigestInfo, whose last field it is. Signing here, not in GnuTLS, makes the
 * nonces deterministic and keeps CA keys out of GnuTLS' memory.
 */
static int sign_digest(gnutls_privkey_t self, gnutls_sign_algorithm_t algo,
                       void *opaque, unsigned int flags,
                       const gnutls_datum_t *data, gnutls_datum_t *out)
{
    const SpdmX509Issuer *issuer = opaque;
    size_t len = issuer->hash->size;
    uint8_t sig[SPDM_MAX_SIGNATURE];

    if (spdm_x509_is_foreign(issuer->key->pub)) {
        return placeholder(out);
    }
    if (data->size < len ||
        !spdm_sign_digest(issuer->key, issuer->alg, issuer->hash,
                          data->data + data->size - len, NULL, sig)) {
        return GNUTLS_E_PK_SIGN_FAILED;
    }
    return encode_signature(issuer->alg, sig, out);
}

/* The same for schemes that sign data, not a digest: EdDSA. */
static int sign_data(gnutls_privkey_t self, gnutls_sign_algorithm_t algo,
                     void *opaque, unsigned int flags,
                     const gnutls_datum_t *data, gnutls_datum_t *out)
{
    const SpdmX509Issuer *issuer = opaque;
    SpdmBytes tbs = SPDM_BYTES(data->data, data->size);
    uint8_t sig[SPDM_MAX_SIGNATURE];

    if (!spdm_sign(issuer->key, issuer->alg, issuer->hash, NULL, &tbs, 1,
                   NULL, sig)) {
        return GNUTLS_E_PK_SIGN_FAILED;
    }
    return encode_signature(issuer->alg, sig, out);
}

gnutls_pubkey_t spdm_x509_to_pubkey(const SpdmPublicKey *key, GError **errp)
{
    g_autoptr(GBytes) spki = spdm_public_key_to_spki(key, errp);
    g_auto(gnutls_pubkey_t) pubkey = NULL;
    gnutls_datum_t datum;

    if (!spki) {
        return NULL;
    }
    datum = spdm_to_datum(spdm_bytes_of(spki));
    if (!check(gnutls_pubkey_init(&pubkey), "allocation", errp) ||
        !check(gnutls_pubkey_import(pubkey, &datum, GNUTLS_X509_FMT_DER),
               "public key", errp)) {
        return NULL;
    }
    return g_steal_pointer(&pubkey);
}

static bool set_key(gnutls_x509_crt_t crt, const SpdmPublicKey *key,
                    GError **errp)
{
    g_auto(gnutls_pubkey_t) pubkey = spdm_x509_to_pubkey(key, errp);

    return pubkey && check(gnutls_x509_crt_set_pubkey(crt, pubkey),
                           "public key", errp);
}

/* A serial number is positive and of the same length each time. */
static int set_serial(gnutls_x509_crt_t crt, const SpdmRng *rng)
{
    uint8_t serial[SERIAL_SIZE];

    spdm_rng_fill(rng, serial, sizeof(serial));
    serial[0] = (serial[0] & 0x7f) | 0x40;
    return gnutls_x509_crt_set_serial(crt, serial, sizeof(serial));
}

static bool set_identity(gnutls_x509_crt_t crt, const SpdmChainSpec *spec,
                         const Level *level, const SpdmRng *rng,
                         GError **errp)
{
    g_autofree char *name = g_strconcat(spec->common_name, level->suffix, NULL);

    return check(gnutls_x509_crt_set_version(crt, 3), "version", errp) &&
           check(set_serial(crt, rng), "serial number", errp) &&
           check(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME,
                                               0, name, strlen(name)),
                 "common name", errp) &&
           check(gnutls_x509_crt_set_activation_time(crt, spec->not_before),
                 "notBefore", errp) &&
           check(gnutls_x509_crt_set_expiration_time(crt, spec->not_after),
                 "notAfter", errp);
}

/* GnuTLS' key id, or one made here for a key that it has not. */
static int key_id(gnutls_x509_crt_t crt, const SpdmPublicKey *key,
                  uint8_t *id, size_t *len)
{
    SpdmBytes raw = spdm_bytes_of(key->raw);

    if (!spdm_x509_is_foreign(key)) {
        return gnutls_x509_crt_get_key_id(crt, 0, id, len);
    }
    spdm_hash(spdm_hash_by_name("SHA-256"), &raw, 1, id);
    *len = KEY_ID_SIZE;
    return 0;
}

/* Authority key id from the issuer's subject key id (RFC 5280). */
static bool set_key_ids(gnutls_x509_crt_t crt, const SpdmPublicKey *key,
                        gnutls_x509_crt_t issuer, GError **errp)
{
    uint8_t id[KEY_ID_MAX];
    size_t len = sizeof(id);

    if (!check(key_id(crt, key, id, &len), "key id", errp) ||
        !check(gnutls_x509_crt_set_subject_key_id(crt, id, len),
               "subjectKeyIdentifier", errp)) {
        return false;
    }
    len = sizeof(id);
    return check(gnutls_x509_crt_get_subject_key_id(issuer, id, &len, NULL),
                 "key id", errp) &&
           check(gnutls_x509_crt_set_authority_key_id(crt, id, len),
                 "authorityKeyIdentifier", errp);
}

/* Which certificate of a chain says what of itself; a GenericCert nothing. */
static bool set_spdm_extension(gnutls_x509_crt_t crt,
                               const SpdmChainSpec *spec, const Level *level,
                               GError **errp)
{
    bool device = level == &device_level ||
                  (!level->ca && (spec->model == SPDM_CERT_MODEL_NONE ||
                                  spec->model == SPDM_CERT_MODEL_DEVICE));
    bool alias = !level->ca && spec->model == SPDM_CERT_MODEL_ALIAS;

    return (!device && !alias) ||
           check(gnutls_x509_crt_set_extension_by_oid(
                     crt, OID_SPDM_EXTENSION,
                     alias ? mutable_certificate
                           : spdm_x509_hardware_identity,
                     HARDWARE_IDENTITY_SIZE, 0),
                 "SPDM extension", errp);
}

/* What spec/08 section 1 (PCIe 6.31.3) and DSP0274 ask of a leaf. */
static bool set_leaf_purpose(gnutls_x509_crt_t crt, const SpdmChainSpec *spec,
                             GError **errp)
{
    const char *role = spec->requester ? OID_SPDM_REQUESTER_AUTH
                                       : OID_SPDM_RESPONDER_AUTH;

    if (!check(gnutls_x509_crt_set_key_purpose_oid(crt, role, 0),
               "extendedKeyUsage", errp)) {
        return false;
    }
    return !spec->cma_name ||
           check(gnutls_x509_crt_set_subject_alt_othername(
                     crt, OID_CMA_NAME, spec->cma_name,
                     strlen(spec->cma_name),
                     GNUTLS_FSAN_SET | GNUTLS_FSAN_ENCODE_UTF8_STRING),
                 "subjectAltName", errp);
}

/* Whether a certificate of @level has the flaw that @spec wants. */
static bool has_flaw(const SpdmChainSpec *spec, const Level *level,
                     SpdmChainFlaw flaw)
{
    bool of_issuer = flaw == SPDM_CHAIN_FLAW_NOT_A_CA ||
                     flaw == SPDM_CHAIN_FLAW_NO_CONSTRAINTS ||
                     flaw == SPDM_CHAIN_FLAW_NO_CERT_SIGN;

    return spec->flaw == flaw &&
           (of_issuer ? level->ca && level->path_len == 0 : !level->ca);
}

static bool set_constraints(gnutls_x509_crt_t crt, const SpdmChainSpec *spec,
                            const Level *level, GError **errp)
{
    bool ca = has_flaw(spec, level, SPDM_CHAIN_FLAW_LEAF_CA) ||
              (level->ca &&
               !has_flaw(spec, level, SPDM_CHAIN_FLAW_NOT_A_CA));

    return has_flaw(spec, level, SPDM_CHAIN_FLAW_NO_CONSTRAINTS) ||
           check(gnutls_x509_crt_set_basic_constraints(
                     crt, ca, ca ? level->path_len : -1),
                 "basicConstraints", errp);
}

static bool set_usage(gnutls_x509_crt_t crt, const SpdmChainSpec *spec,
                      const Level *level, GError **errp)
{
    unsigned int usage = level->ca
                             ? GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN
                             : GNUTLS_KEY_DIGITAL_SIGNATURE;

    if (has_flaw(spec, level, SPDM_CHAIN_FLAW_NO_CERT_SIGN)) {
        usage = GNUTLS_KEY_CRL_SIGN;
    } else if (has_flaw(spec, level, SPDM_CHAIN_FLAW_KEY_USAGE)) {
        usage = GNUTLS_KEY_KEY_ENCIPHERMENT;
    }
    return has_flaw(spec, level, SPDM_CHAIN_FLAW_NO_KEY_USAGE) ||
           check(gnutls_x509_crt_set_key_usage(crt, usage), "keyUsage", errp);
}

/* An OID that is nobody's (DMTF's arc, an unassigned number), critical. */
static bool set_strange_extension(gnutls_x509_crt_t crt, GError **errp)
{
    static const uint8_t null[] = { 0x05, 0x00 };

    return check(gnutls_x509_crt_set_extension_by_oid(
                     crt, "1.3.6.1.4.1.412.274.999", null, sizeof(null), 1),
                 "critical extension", errp);
}

static bool set_purpose(gnutls_x509_crt_t crt, const SpdmChainSpec *spec,
                        const Level *level, GError **errp)
{
    return set_constraints(crt, spec, level, errp) &&
           set_usage(crt, spec, level, errp) &&
           set_spdm_extension(crt, spec, level, errp) &&
           (level->ca || set_leaf_purpose(crt, spec, errp)) &&
           (!has_flaw(spec, level, SPDM_CHAIN_FLAW_EXTENSION) ||
            set_strange_extension(crt, errp));
}

static GBytes *sign(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer_crt,
                    const SpdmX509Issuer *issuer, GError **errp)
{
    GBytes *der = NULL;

    if (check(gnutls_x509_crt_privkey_sign(crt, issuer_crt, issuer->signer,
                                           issuer->digest, 0),
              "signature", errp)) {
        der = spdm_x509_to_der(crt);
        check(der ? 0 : GNUTLS_E_ASN1_DER_ERROR, "encoding", errp);
    }
    return der;
}

/* Signs what is to be signed of @parts, and puts it all together. */
GBytes *spdm_x509_resign(SpdmCrtParts *parts, const SpdmX509Issuer *issuer)
{
    g_autoptr(GBytes) tbs = spdm_x509_join_tbs(parts);
    SpdmBytes part = spdm_bytes_of(tbs);
    gnutls_datum_t sig = { NULL, 0 };
    uint8_t raw[SPDM_MAX_SIGNATURE];
    GBytes *out;

    if (!spdm_sign(issuer->key, issuer->alg, issuer->hash, NULL, &part, 1,
                   NULL, raw) ||
        encode_signature(issuer->alg, raw, &sig) < 0) {
        return NULL;
    }
    parts->signature = SPDM_BYTES(sig.data, sig.size);
    out = spdm_x509_join(parts, part);
    gnutls_free(sig.data);
    return out;
}

/*
 * A key GnuTLS 3.7 cannot put into a certificate, or an issuer's it cannot
 * sign with, is exchanged for the one that stood in for it, and the signature
 * made anew. RFC 9881: ML-DSA signatures are named as their keys are.
 */
static GBytes *put_key(GBytes *der, const SpdmPublicKey *key,
                       const SpdmX509Issuer *issuer, GError **errp)
{
    g_autoptr(GBytes) with = der;
    g_autoptr(GBytes) spki = spdm_public_key_to_spki(key, errp);
    g_autoptr(GBytes) above = NULL;
    SpdmCrtParts parts;
    GBytes *out = NULL;

    if (!spki || !spdm_x509_split(spdm_bytes_of(with), &parts)) {
        return NULL;
    }
    parts.spki = spdm_bytes_of(spki);
    if (spdm_x509_is_foreign(issuer->key->pub)) {
        above = spdm_public_key_to_spki(issuer->key->pub, errp);
        if (!above) {
            return NULL;
        }
        parts.alg = spdm_spki_algorithm(spdm_bytes_of(above));
        parts.signature_alg = parts.alg;
    }
    out = spdm_x509_resign(&parts, issuer);
    check(out ? 0 : GNUTLS_E_PK_SIGN_FAILED, "signature", errp);
    return out;
}

/* One certificate for @public, signed by @issuer. */
static GBytes *make_certificate(const SpdmChainSpec *spec, const Level *level,
                                const SpdmPublicKey *key,
                                const SpdmX509Issuer *issuer,
                                const SpdmRng *rng,
                                GError **errp)
{
    bool redo = spdm_x509_is_foreign(key) ||
                spdm_x509_is_foreign(issuer->key->pub);
    g_autoptr(SpdmPublicKey) stand_in = redo ? spdm_x509_stand_in() : NULL;
    g_auto(gnutls_x509_crt_t) crt = NULL;
    gnutls_x509_crt_t issuer_crt;
    GBytes *der;

    if (!check(gnutls_x509_crt_init(&crt), "allocation", errp)) {
        return NULL;
    }
    issuer_crt = issuer->crt ?: crt;
    if (!set_identity(crt, spec, level, rng, errp) ||
        !set_key(crt, stand_in ? stand_in : key, errp) ||
        !set_key_ids(crt, key, issuer_crt, errp) ||
        !set_purpose(crt, spec, level, errp)) {
        return NULL;
    }
    der = sign(crt, issuer_crt, issuer, errp);
    return der && redo ? put_key(der, key, issuer, errp) : der;
}

/*
 * What signs certificates of keys of a scheme: PSS has a random salt, and
 * GnuTLS 3.7 has no SM2. EdDSA brings its own hash. With ML-DSA, GnuTLS gets
 * an ECDSA signature that put_key() replaces.
 */
static const struct {
    SpdmSigScheme scheme;
    uint16_t key_bits;                /* 0: any */
    SpdmSigScheme certifier;          /* with a key of the same bits */
    gnutls_pk_algorithm_t pk;
    gnutls_digest_algorithm_t digest; /* UNKNOWN: that of the chain */
} certifiers[] = {
    { SPDM_SIG_RSASSA, 0, SPDM_SIG_RSASSA, GNUTLS_PK_RSA,
      GNUTLS_DIG_UNKNOWN },
    { SPDM_SIG_RSAPSS, 0, SPDM_SIG_RSASSA, GNUTLS_PK_RSA,
      GNUTLS_DIG_UNKNOWN },
    { SPDM_SIG_ECDSA, 0, SPDM_SIG_ECDSA, GNUTLS_PK_ECDSA,
      GNUTLS_DIG_UNKNOWN },
    { SPDM_SIG_SM2, 0, SPDM_SIG_ECDSA, GNUTLS_PK_ECDSA,
      GNUTLS_DIG_UNKNOWN },
    { SPDM_SIG_EDDSA, 255, SPDM_SIG_EDDSA, GNUTLS_PK_EDDSA_ED25519,
      GNUTLS_DIG_SHA512 },
    { SPDM_SIG_EDDSA, 448, SPDM_SIG_EDDSA, GNUTLS_PK_EDDSA_ED448,
      GNUTLS_DIG_SHAKE_256 },
    { SPDM_SIG_ML_DSA, 0, SPDM_SIG_ML_DSA, GNUTLS_PK_ECDSA,
      GNUTLS_DIG_UNKNOWN },
};

static void choose_certifier(SpdmX509Issuer *issuer, const SpdmAsymAlg *alg)
{
    size_t i = 0;

    while (certifiers[i].scheme != alg->scheme ||
           (certifiers[i].key_bits &&
            certifiers[i].key_bits != alg->key_bits)) {
        i++;
        g_assert(i < G_N_ELEMENTS(certifiers));
    }
    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        if (a->scheme == certifiers[i].certifier &&
            a->key_bits == alg->key_bits) {
            issuer->alg = a;
        }
    }
    issuer->pk = certifiers[i].pk;
    issuer->digest = certifiers[i].digest;
}

/*
 * SPDM may run with SHA-3 where certificates cannot: OpenSSL before 3.2 takes
 * no ECDSA with SHA-3, and DMTF's samples stay with SHA-2. So does this.
 */
static const SpdmHashAlg *sha2_of(const SpdmHashAlg *hash)
{
    for (const SpdmHashAlg *h = spdm_hash_algs; h->name; h++) {
        if (h->size == hash->size && g_str_has_prefix(h->name, "SHA-")) {
            return h;
        }
    }
    return hash;
}

/* GnuTLS knows digests by libgcrypt's names: sha256, sha384, ... */
bool spdm_x509_issuer_init(SpdmX509Issuer *issuer, const SpdmChainSpec *spec,
                           GError **errp)
{
    choose_certifier(issuer, spec->alg);
    issuer->hash = sha2_of(spec->hash);
    if (issuer->digest == GNUTLS_DIG_UNKNOWN) {
        issuer->digest = gnutls_digest_get_id(issuer->hash->sexp);
    }
    return check(issuer->digest == GNUTLS_DIG_UNKNOWN
                     ? GNUTLS_E_UNKNOWN_HASH_ALGORITHM : 0,
                 issuer->hash->name, errp) &&
           check(gnutls_privkey_init(&issuer->signer), "allocation", errp) &&
           check(gnutls_privkey_import_ext4(issuer->signer, issuer, sign_data,
                                            sign_digest, NULL, NULL, key_info,
                                            0),
                 "signing key", errp);
}

static bool check_name(const char *name, GError **errp)
{
    size_t len = name ? strlen(name) : 0;

    if (len > 0 && len <= NAME_MAX_SIZE && g_utf8_validate(name, len, NULL)) {
        return true;
    }
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                "cannot generate a certificate: its common name must be 1 to "
                "%d bytes of UTF-8", NAME_MAX_SIZE);
    return false;
}

/* GnuTLS can use a certificate it has just signed only once it is re-read. */
static bool set_issuer(SpdmX509Issuer *issuer, GBytes *der, GError **errp)
{
    g_clear_pointer(&issuer->crt, gnutls_x509_crt_deinit);
    issuer->crt = spdm_x509_import(spdm_bytes_of(der));
    return check(issuer->crt ? 0 : GNUTLS_E_ASN1_DER_ERROR, "re-reading",
                 errp);
}

/* Not the weak end of signatures that are all post-quantum. */
const SpdmAsymAlg *spdm_ca_alg(uint32_t asym)
{
    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if (!spdm_asym_base(asym) && (asym & alg->bit)) {
            return alg;
        }
    }
    return spdm_asym_by_name("ECDSA-P384");
}

struct SpdmCa {
    SpdmX509Issuer issuer;     /* GnuTLS keeps its address */
    SpdmPrivateKey *key;       /* of the last certificate in chain */
    GPtrArray *chain;          /* root, intermediate; elements GBytes */
};

static SpdmCa *ca_start(const SpdmChainSpec *spec, GError **errp)
{
    g_autoptr(SpdmCa) ca = g_new0(SpdmCa, 1);

    ca->chain =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    if (!check_name(spec->common_name, errp) ||
        !spdm_x509_issuer_init(&ca->issuer, spec, errp)) {
        return NULL;
    }
    return g_steal_pointer(&ca);
}

/* One more authority below the last one; the root signs itself. */
static bool ca_descend(SpdmCa *ca, const SpdmChainSpec *spec,
                       const Level *level, const SpdmRng *rng, GError **errp)
{
    g_autoptr(SpdmPrivateKey) above = g_steal_pointer(&ca->key);
    g_autoptr(SpdmPublicKey) public = NULL;
    GBytes *der;

    ca->key = spdm_private_key_generate(ca->issuer.alg, rng, errp);
    if (!ca->key) {
        return false;
    }
    ca->issuer.key = above ?: ca->key;
    public = spdm_private_key_public(ca->key);
    der = make_certificate(spec, level, public, &ca->issuer, rng, errp);
    ca->issuer.key = ca->key;
    if (!der) {
        return false;
    }
    g_ptr_array_add(ca->chain, der);
    return set_issuer(&ca->issuer, der, errp);
}

/* Each of several intermediates has a name of its own. */
static bool descend_to(SpdmCa *ca, const SpdmChainSpec *spec, unsigned n,
                       unsigned below, const SpdmRng *rng, GError **errp)
{
    g_autofree char *number = n > 1 ? g_strdup_printf(" %u", n) : NULL;
    g_autofree char *suffix = g_strconcat(" intermediate CA", number, NULL);
    Level level = { suffix, true, (int)(below - n) };

    return ca_descend(ca, spec, &level, rng, errp);
}

SpdmCa *spdm_ca_new(const SpdmChainSpec *spec, const SpdmRng *rng,
                    GError **errp)
{
    unsigned count = MAX(spec->intermediates, 1u);
    bool device = spec->model == SPDM_CERT_MODEL_ALIAS;
    unsigned below = count + device;
    Level root = { " root CA", true, (int)below };
    g_autoptr(SpdmCa) ca = ca_start(spec, errp);

    if (!ca || !ca_descend(ca, spec, &root, rng, errp)) {
        return NULL;
    }
    for (unsigned n = 1; n <= count; n++) {
        if (!descend_to(ca, spec, n, below, rng, errp)) {
            return NULL;
        }
    }
    return g_steal_pointer(&ca);
}

static gpointer ref_bytes(gconstpointer bytes, gpointer unused)
{
    return g_bytes_ref((GBytes *)bytes);
}

SpdmCa *spdm_ca_new_device(const SpdmCa *above, const SpdmChainSpec *spec,
                           const SpdmRng *rng, GError **errp)
{
    g_autoptr(SpdmCa) ca = ca_start(spec, errp);
    g_autoptr(SpdmPublicKey) public = NULL;
    GBytes *der;

    if (!ca) {
        return NULL;
    }
    ca->key = spdm_private_key_generate(ca->issuer.alg, rng, errp);
    if (!ca->key) {
        return NULL;
    }
    ca->issuer.key = ca->key;
    public = spdm_private_key_public(ca->key);
    der = make_certificate(spec, &device_level, public, &above->issuer, rng,
                           errp);
    if (!der) {
        return NULL;
    }
    g_ptr_array_unref(ca->chain);
    ca->chain = g_ptr_array_copy(above->chain, ref_bytes, NULL);
    g_ptr_array_add(ca->chain, der);
    return set_issuer(&ca->issuer, der, errp) ? g_steal_pointer(&ca) : NULL;
}

void spdm_ca_free(SpdmCa *ca)
{
    if (!ca) {
        return;
    }
    spdm_x509_issuer_clear(&ca->issuer);
    g_clear_pointer(&ca->key, spdm_private_key_free);
    g_ptr_array_unref(ca->chain);
    g_free(ca);
}

GBytes *spdm_ca_root(const SpdmCa *ca)
{
    return g_ptr_array_index(ca->chain, 0);
}

GPtrArray *spdm_ca_certify(const SpdmCa *ca, const SpdmChainSpec *spec,
                           const SpdmPublicKey *key, const SpdmRng *rng,
                           GError **errp)
{
    GPtrArray *chain;
    GBytes *der;

    if (!check_name(spec->common_name, errp)) {
        return NULL;
    }
    der = make_certificate(spec, &leaf_level, key, &ca->issuer, rng, errp);
    if (!der) {
        return NULL;
    }
    chain = g_ptr_array_copy(ca->chain, ref_bytes, NULL);
    g_ptr_array_add(chain, der);
    return chain;
}

GPtrArray *spdm_ca_issue(const SpdmCa *ca, const SpdmChainSpec *spec,
                         const SpdmRng *rng, SpdmPrivateKey **leaf_key,
                         GError **errp)
{
    g_autoptr(SpdmPrivateKey) key = NULL;
    g_autoptr(SpdmPublicKey) public = NULL;
    GPtrArray *chain;

    if (!check_name(spec->common_name, errp)) {
        return NULL;
    }
    key = spdm_private_key_generate(spec->alg, rng, errp);
    if (!key) {
        return NULL;
    }
    public = spdm_private_key_public(key);
    chain = spdm_ca_certify(ca, spec, public, rng, errp);
    if (chain && leaf_key) {
        *leaf_key = g_steal_pointer(&key);
    }
    return chain;
}

GPtrArray *spdm_x509_generate(const SpdmChainSpec *spec, const SpdmRng *rng,
                              SpdmPrivateKey **leaf_key, GError **errp)
{
    g_autoptr(SpdmCa) ca = spdm_ca_new(spec, rng, errp);
    g_autoptr(SpdmCa) above = NULL;

    if (ca && spec->model == SPDM_CERT_MODEL_ALIAS) {
        above = g_steal_pointer(&ca);
        ca = spdm_ca_new_device(above, spec, rng, errp);
    }
    return ca ? spdm_ca_issue(ca, spec, rng, leaf_key, errp) : NULL;
}

/*
 * Judging a certificate chain that came from the other side. Everything in it
 * is hostile until GnuTLS has tied it to a root.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "crypto/hash.h"
#include "crypto/x509-priv.h"

enum {
    CHAIN_HEADER_SIZE = 4,
    SERIAL_MAX = 20,        /* RFC 5280 4.1.2.2 */
    KEY_BITS_MAX = 8192,    /* an RSA root may be larger than SPDM's 4096 */
    RSA_EXPONENT_MAX = 8,
    CERTIFICATES_MAX = 16,  /* also GnuTLS' own depth */
    CERTIFICATE_MAX = 16384,
};

/*
 * Our own clock (policy->now) replaces GnuTLS' time checks, and a certificate
 * without basicConstraints never signs another one.
 */
static const unsigned int verify_flags =
    GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_DISABLE_CRL_CHECKS |
    GNUTLS_VERIFY_DO_NOT_ALLOW_SAME | GNUTLS_VERIFY_DO_NOT_ALLOW_X509_V1_CA_CRT;

/* A chain under examination. */
typedef struct Chain {
    SpdmBytes root_hash;
    GPtrArray *der;            /* GBytes, first..leaf */
    GPtrArray *crts;           /* gnutls_x509_crt_t, first..leaf */
    gnutls_x509_crt_t leaf;    /* borrowed from crts */
    gnutls_x509_crt_t root;    /* crts[0], or ->trusted */
    gnutls_x509_crt_t trusted; /* the root the chain omits */
} Chain;

static void chain_clear(Chain *c)
{
    g_clear_pointer(&c->der, g_ptr_array_unref);
    g_clear_pointer(&c->crts, g_ptr_array_unref);
    g_clear_pointer(&c->trusted, gnutls_x509_crt_deinit);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Chain, chain_clear)

const char *spdm_chain_reason_text(SpdmChainReason reason)
{
    static const char *const texts[] = {
        [SPDM_CHAIN_OK] = "the chain is good",
        [SPDM_CHAIN_MALFORMED] = "the chain or a certificate is malformed",
        [SPDM_CHAIN_ROOT_HASH] = "RootHash is not the hash of the root",
        [SPDM_CHAIN_ROOT_UNTRUSTED] = "the root is not a trusted one",
        [SPDM_CHAIN_SIGNATURE] =
            "a certificate is not signed by the one before it",
        [SPDM_CHAIN_EXPIRED] = "a certificate has expired",
        [SPDM_CHAIN_NOT_YET_VALID] = "a certificate is not valid yet",
        [SPDM_CHAIN_NOT_A_CA] =
            "an issuer is not allowed to issue the certificate below it",
        [SPDM_CHAIN_LEAF_IS_CA] = "the leaf is a CA certificate",
        [SPDM_CHAIN_KEY_USAGE] = "the leaf's keyUsage lacks digitalSignature",
        [SPDM_CHAIN_EXT_KEY_USAGE] =
            "the leaf is for the opposite SPDM role only",
        [SPDM_CHAIN_KEY_TYPE] =
            "the leaf's key does not fit the negotiated algorithm",
        [SPDM_CHAIN_CMA_NAME] = "the leaf names another PCI function",
        [SPDM_CHAIN_CRITICAL_EXTENSION] =
            "a critical extension is not understood",
    };

    if ((unsigned int)reason >= G_N_ELEMENTS(texts)) {
        return "unknown reason";
    }
    return texts[reason];
}

static bool same_bytes(SpdmBytes a, SpdmBytes b)
{
    return a.len == b.len && spdm_equal_ct(a.data, b.data, a.len);
}

static bool hash_is(const SpdmHashAlg *hash, GBytes *der, SpdmBytes expected)
{
    SpdmBytes data = spdm_bytes_of(der);
    uint8_t digest[SPDM_MAX_HASH];

    spdm_hash(hash, &data, 1, digest);
    return same_bytes(SPDM_BYTES(digest, hash->size), expected);
}

/*
 * DSP0274 certificate chain: Length counts the whole structure. The two bytes
 * after it are its upper half from 1.4 on and reserved before, so they are
 * zero in any chain of up to 64 KiB.
 */
static SpdmChainReason parse_chain(Chain *c, SpdmBytes chain,
                                   const SpdmHashAlg *hash)
{
    size_t skip = CHAIN_HEADER_SIZE + hash->size;

    if (chain.len <= skip || chain.len > UINT16_MAX ||
        (chain.data[0] | chain.data[1] << 8) != (int)chain.len ||
        chain.data[2] || chain.data[3]) {
        return SPDM_CHAIN_MALFORMED;
    }
    c->root_hash = SPDM_BYTES(chain.data + CHAIN_HEADER_SIZE, hash->size);
    c->der = spdm_x509_split_der(SPDM_BYTES(chain.data + skip,
                                            chain.len - skip));
    if (!c->der || c->der->len > CERTIFICATES_MAX) {
        return SPDM_CHAIN_MALFORMED;
    }
    return SPDM_CHAIN_OK;
}

/*
 * A key whose arithmetic alone would stall the verifier is not looked at. One
 * that GnuTLS cannot read verifies nothing, and check_key() will name it.
 */
static bool key_is_bounded(gnutls_x509_crt_t crt)
{
    unsigned int bits = 0;
    gnutls_datum_t m, e;
    bool ok;

    if (gnutls_x509_crt_get_pk_algorithm(crt, &bits) >= 0 &&
        bits > KEY_BITS_MAX) {
        return false;
    }
    if (gnutls_x509_crt_get_pk_rsa_raw(crt, &m, &e) < 0) {
        return true;
    }
    ok = e.size <= RSA_EXPONENT_MAX;
    gnutls_free(m.data);
    gnutls_free(e.data);
    return ok;
}

/* What spec/08 section 1 (PCIe 6.31.3) asks of every certificate. */
static bool fields_are_good(gnutls_x509_crt_t crt)
{
    uint8_t serial[SERIAL_MAX];
    size_t serial_len = sizeof(serial);
    gnutls_datum_t issuer = { NULL, 0 };
    bool named;

    if (gnutls_x509_crt_get_version(crt) != 3 ||
        gnutls_x509_crt_get_serial(crt, serial, &serial_len) < 0 ||
        gnutls_x509_crt_get_raw_issuer_dn(crt, &issuer) < 0) {
        return false;
    }
    named = issuer.size > 2; /* more than an empty SEQUENCE */
    gnutls_free(issuer.data);
    return named && key_is_bounded(crt);
}

static SpdmChainReason import_chain(Chain *c)
{
    c->crts = g_ptr_array_new_with_free_func(
        (GDestroyNotify)gnutls_x509_crt_deinit);
    for (guint i = 0; i < c->der->len; i++) {
        SpdmBytes der = spdm_bytes_of(g_ptr_array_index(c->der, i));
        gnutls_x509_crt_t crt = NULL;

        if (der.len <= CERTIFICATE_MAX) {
            crt = spdm_x509_import(der);
        }
        if (!crt) {
            return SPDM_CHAIN_MALFORMED;
        }
        g_ptr_array_add(c->crts, crt);
        if (!fields_are_good(crt)) {
            return SPDM_CHAIN_MALFORMED;
        }
    }
    c->leaf = g_ptr_array_index(c->crts, c->crts->len - 1);
    return SPDM_CHAIN_OK;
}

static bool is_trusted(GPtrArray *trust, GBytes *der)
{
    for (guint i = 0; trust && i < trust->len; i++) {
        if (g_bytes_equal(g_ptr_array_index(trust, i), der)) {
            return true;
        }
    }
    return !trust;
}

/* The chain carries no root: RootHash says which of the trusted it means. */
static SpdmChainReason find_omitted_root(Chain *c,
                                         const SpdmChainPolicy *policy)
{
    for (guint i = 0; policy->trust && i < policy->trust->len; i++) {
        GBytes *der = g_ptr_array_index(policy->trust, i);

        if (hash_is(policy->hash, der, c->root_hash)) {
            c->root = c->trusted = spdm_x509_import(spdm_bytes_of(der));
            break;
        }
    }
    return c->root ? SPDM_CHAIN_OK : SPDM_CHAIN_ROOT_UNTRUSTED;
}

static SpdmChainReason find_root(Chain *c, const SpdmChainPolicy *policy)
{
    gnutls_x509_crt_t first = g_ptr_array_index(c->crts, 0);
    GBytes *der = g_ptr_array_index(c->der, 0);

    if (!gnutls_x509_crt_check_issuer(first, first)) {
        return find_omitted_root(c, policy);
    }
    if (!hash_is(policy->hash, der, c->root_hash)) {
        return SPDM_CHAIN_ROOT_HASH;
    }
    if (!is_trusted(policy->trust, der)) {
        return SPDM_CHAIN_ROOT_UNTRUSTED;
    }
    c->root = first;
    return SPDM_CHAIN_OK;
}

/* GnuTLS' verdict; where several things are wrong, the worst one. */
static SpdmChainReason reason_of(unsigned int status)
{
    static const struct {
        unsigned int bits;
        SpdmChainReason reason;
    } map[] = {
        { GNUTLS_CERT_SIGNATURE_FAILURE | GNUTLS_CERT_SIGNER_NOT_FOUND |
          GNUTLS_CERT_INSECURE_ALGORITHM, SPDM_CHAIN_SIGNATURE },
        { GNUTLS_CERT_SIGNER_NOT_CA | GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE,
          SPDM_CHAIN_NOT_A_CA },
        { GNUTLS_CERT_UNKNOWN_CRIT_EXTENSIONS, SPDM_CHAIN_CRITICAL_EXTENSION },
        { ~0u, SPDM_CHAIN_SIGNATURE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(map); i++) {
        if (status & map[i].bits) {
            return map[i].reason;
        }
    }
    return SPDM_CHAIN_OK;
}

/*
 * RFC 8032 5.2.7: S of an Ed448 signature is below the order, which leaves its
 * last octet 0. GnuTLS 3.7 does not look at that one.
 */
static bool is_canonical(gnutls_x509_crt_t crt)
{
    char signature[114];
    size_t len = sizeof(signature);

    if (gnutls_x509_crt_get_signature_algorithm(crt) !=
        (int)GNUTLS_SIGN_EDDSA_ED448) {
        return true;
    }
    return gnutls_x509_crt_get_signature(crt, signature, &len) == 0 &&
           len == sizeof(signature) && signature[len - 1] == 0;
}

/* @path: leaf first, each signed by the next, the last by @issuer. */
static SpdmChainReason verify_path(const gnutls_x509_crt_t *path,
                                   unsigned int n, gnutls_x509_crt_t issuer)
{
    unsigned int status = GNUTLS_CERT_INVALID;

    for (unsigned int i = 0; i < n; i++) {
        if (!is_canonical(path[i])) {
            return SPDM_CHAIN_SIGNATURE;
        }
    }
    if (gnutls_x509_crt_list_verify(path, n, &issuer, 1, NULL, 0,
                                    verify_flags, &status) < 0) {
        return SPDM_CHAIN_SIGNATURE;
    }
    return reason_of(status);
}

/* A chain with SM2 or ML-DSA in it, link by link: GnuTLS where it can. */
static SpdmChainReason verify_links(const gnutls_x509_crt_t *path,
                                    unsigned int n, gnutls_x509_crt_t issuer)
{
    SpdmChainReason reason = SPDM_CHAIN_OK;

    for (unsigned int i = 0; reason == SPDM_CHAIN_OK && i < n; i++) {
        gnutls_x509_crt_t above = i + 1 < n ? path[i + 1] : issuer;

        reason = spdm_x509_is_foreign_signed(path[i])
            ? spdm_x509_verify_foreign(path[i], above)
            : verify_path(&path[i], 1, above);
        if (reason == SPDM_CHAIN_OK &&
            !spdm_x509_may_issue(above, (int)i)) {
            reason = SPDM_CHAIN_NOT_A_CA;
        }
    }
    return reason;
}

static SpdmChainReason verify_any(const gnutls_x509_crt_t *path,
                                  unsigned int n, gnutls_x509_crt_t issuer)
{
    for (unsigned int i = 0; i < n; i++) {
        if (spdm_x509_is_foreign_signed(path[i])) {
            return verify_links(path, n, issuer);
        }
    }
    return verify_path(path, n, issuer);
}

static SpdmChainReason check_signatures(const Chain *c)
{
    gnutls_x509_crt_t path[CERTIFICATES_MAX];
    unsigned int n = 0;
    SpdmChainReason reason = SPDM_CHAIN_OK;

    for (guint i = c->crts->len; i > 0; i--) {
        path[n++] = g_ptr_array_index(c->crts, i - 1);
    }
    g_assert(n > 0);         /* what is no chain was refused before */
    if (!c->trusted) {
        /* The root came with the chain: judge it by its own signature. */
        reason = verify_any(&c->root, 1, c->root);
        n--;
    }
    if (reason == SPDM_CHAIN_OK && n > 0) {
        reason = verify_any(path, n, c->root);
    }
    return reason;
}

static SpdmChainReason check_time(gnutls_x509_crt_t crt, int64_t now)
{
    int64_t from = gnutls_x509_crt_get_activation_time(crt);
    int64_t until = gnutls_x509_crt_get_expiration_time(crt);

    if (from == -1 || until == -1) {
        return SPDM_CHAIN_MALFORMED;
    }
    if (now < from) {
        return SPDM_CHAIN_NOT_YET_VALID;
    }
    return now > until ? SPDM_CHAIN_EXPIRED : SPDM_CHAIN_OK;
}

static SpdmChainReason check_times(const Chain *c, int64_t now)
{
    SpdmChainReason reason = SPDM_CHAIN_OK;

    if (now <= 0) {
        return SPDM_CHAIN_OK;
    }
    if (c->trusted) {
        reason = check_time(c->trusted, now);
    }
    for (guint i = 0; reason == SPDM_CHAIN_OK && i < c->crts->len; i++) {
        reason = check_time(g_ptr_array_index(c->crts, i), now);
    }
    return reason;
}

/*
 * The extension is optional and may list anything; only a leaf that is meant
 * for the opposite SPDM role alone is refused (DSP0274 leaf certificate EKU).
 */
static bool role_is_good(gnutls_x509_crt_t leaf, bool requester)
{
    const char *ours = requester ? OID_SPDM_REQUESTER_AUTH
                                 : OID_SPDM_RESPONDER_AUTH;
    const char *theirs = requester ? OID_SPDM_RESPONDER_AUTH
                                   : OID_SPDM_REQUESTER_AUTH;
    bool opposite = false;

    for (unsigned int i = 0; ; i++) {
        char oid[128];
        size_t len = sizeof(oid);
        int ret = gnutls_x509_crt_get_key_purpose_oid(leaf, i, oid, &len,
                                                      NULL);

        if (ret == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
            return !opposite;
        }
        if (ret == GNUTLS_E_SHORT_MEMORY_BUFFER) {
            continue; /* some longer OID: none of ours */
        }
        if (ret < 0) {
            return false;
        }
        if (!strcmp(oid, ours) || !strcmp(oid, GNUTLS_KP_ANY)) {
            return true;
        }
        opposite |= !strcmp(oid, theirs);
    }
}

static SpdmChainReason check_leaf(gnutls_x509_crt_t leaf, bool requester)
{
    unsigned int ca = 0;
    unsigned int usage = 0;
    int ret = gnutls_x509_crt_get_basic_constraints(leaf, NULL, &ca, NULL);

    if (ret < 0 && ret != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        return SPDM_CHAIN_MALFORMED;
    }
    if (ca) {
        return SPDM_CHAIN_LEAF_IS_CA;
    }
    if (gnutls_x509_crt_get_key_usage(leaf, &usage, NULL) < 0 ||
        !(usage & GNUTLS_KEY_DIGITAL_SIGNATURE)) {
        return SPDM_CHAIN_KEY_USAGE;
    }
    if (!role_is_good(leaf, requester)) {
        return SPDM_CHAIN_EXT_KEY_USAGE;
    }
    return SPDM_CHAIN_OK;
}

/* Digits of either case, and any one of several names (PCIe 6.31.3). */
static SpdmChainReason check_cma_name(gnutls_x509_crt_t leaf,
                                      const char *wanted)
{
    g_autoptr(GPtrArray) names = NULL;

    if (!wanted) {
        return SPDM_CHAIN_OK;
    }
    names = spdm_x509_cma_names(leaf);
    for (guint i = 0; i < names->len; i++) {
        if (!g_ascii_strcasecmp(g_ptr_array_index(names, i), wanted)) {
            return SPDM_CHAIN_OK;
        }
    }
    return SPDM_CHAIN_CMA_NAME;
}

static SpdmChainReason check_key(gnutls_x509_crt_t leaf,
                                 const SpdmAsymAlg *alg, SpdmPublicKey **out)
{
    g_autoptr(SpdmPublicKey) key = NULL;

    if (!alg && !out) {
        return SPDM_CHAIN_OK;
    }
    key = spdm_x509_public_key(leaf, NULL);
    if (!key || (alg && !spdm_public_key_fits(key, alg))) {
        return SPDM_CHAIN_KEY_TYPE;
    }
    if (out) {
        *out = g_steal_pointer(&key);
    }
    return SPDM_CHAIN_OK;
}

SpdmChainReason spdm_x509_verify_chain(SpdmBytes chain,
                                       const SpdmChainPolicy *policy,
                                       SpdmPublicKey **leaf_key)
{
    g_auto(Chain) c = { 0 };
    SpdmChainReason reason = parse_chain(&c, chain, policy->hash);

    if (reason == SPDM_CHAIN_OK) {
        reason = import_chain(&c);
    }
    if (reason == SPDM_CHAIN_OK) {
        reason = find_root(&c, policy);
    }
    if (reason == SPDM_CHAIN_OK) {
        reason = check_signatures(&c);
    }
    if (reason == SPDM_CHAIN_OK) {
        reason = check_times(&c, policy->now);
    }
    if (reason == SPDM_CHAIN_OK) {
        reason = check_leaf(c.leaf, policy->requester);
    }
    if (reason == SPDM_CHAIN_OK) {
        reason = check_cma_name(c.leaf, policy->cma_name);
    }
    if (reason == SPDM_CHAIN_OK) {
        /* Last, so that a key is handed out only with a good chain. */
        reason = check_key(c.leaf, policy->leaf_alg, leaf_key);
    }
    return reason;
}

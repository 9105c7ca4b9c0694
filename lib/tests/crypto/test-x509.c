/*
 * Certificate chains: made, read, accepted and refused.
 *
 * Bad chains are synthesised with GnuTLS (struct Recipe), good ones come from
 * spdm_x509_generate() and, independently, from DMTF's emulators
 * (recordings in ../shared/vectors, where they are).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "crypto/hash.h"
#include "crypto/x509-priv.h"

#define CMA_NAME \
    "Vendor=1b36:Device=0010:CC=010802:REV=02:SSVID=1af4:SSID=1100"
#define OTHER_CMA_NAME \
    "Vendor=1b36:Device=0011:CC=010802:REV=02:SSVID=1af4:SSID=1100"

#define DAY INT64_C(86400)
#define NOON INT64_C(1700000000)
#define NEVER INT64_C(253402300799) /* the end of 9999, RFC 5280 4.1.2.5 */

static const SpdmHashAlg *sha256(void)
{
    return spdm_hash_by_name("SHA-256");
}

static GPtrArray *new_list(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
}

#define ok(call) g_assert_cmpint((call), >=, 0)

/* --- Chains synthesised with GnuTLS -------------------------------------- */

enum { ROOT, MIDDLE, LEAF, STRANGER, KEYS };

/* How a chain differs from a good one: all zero is good. */
typedef struct Recipe {
    bool not_a_ca[2];         /* basicConstraints CA=FALSE */
    bool unconstrained[3];    /* no basicConstraints at all */
    bool leaf_is_ca;
    bool root_path_len_zero;
    unsigned int middle_usage; /* instead of keyCertSign */
    unsigned int leaf_usage;   /* instead of digitalSignature */
    bool leaf_without_usage;
    const char *eku[2];       /* of the leaf */
    const char *cma[2];       /* otherNames of the leaf */
    unsigned int cma_flags;   /* instead of UTF8String */
    const char *critical;     /* OID of a critical extension of the leaf */
    int64_t from[3], until[3];
    bool forged[3];           /* signed with the stranger's key */
    bool leaf_under_root;     /* names the root, is signed by the middle */
    bool anonymous;           /* empty names */
    int version;              /* of the leaf; below 3 without extensions */
    size_t serial_size;       /* of the leaf, instead of 1 */
    bool omits_root;
    bool lies_about_root;
} Recipe;

static gnutls_x509_privkey_t test_keys[KEYS];

static void make_keys(void)
{
    for (int i = 0; i < KEYS; i++) {
        ok(gnutls_x509_privkey_init(&test_keys[i]));
        ok(gnutls_x509_privkey_generate(
            test_keys[i], GNUTLS_PK_ECDSA,
            GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0));
    }
}

static void free_keys(void)
{
    for (int i = 0; i < KEYS; i++) {
        gnutls_x509_privkey_deinit(test_keys[i]);
    }
}

static void set_ca_fields(gnutls_x509_crt_t crt, const Recipe *r, int level)
{
    unsigned int usage = GNUTLS_KEY_KEY_CERT_SIGN;

    if (!r->unconstrained[level]) {
        ok(gnutls_x509_crt_set_basic_constraints(
            crt, !r->not_a_ca[level],
            level == ROOT && r->root_path_len_zero ? 0 : -1));
    }
    if (level == MIDDLE && r->middle_usage) {
        usage = r->middle_usage;
    }
    ok(gnutls_x509_crt_set_key_usage(crt, usage));
}

static void set_leaf_names(gnutls_x509_crt_t crt, const Recipe *r)
{
    unsigned int flags = r->cma_flags ?: GNUTLS_FSAN_ENCODE_UTF8_STRING;

    ok(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME,
                                            "ssd.example", 11,
                                            GNUTLS_FSAN_SET));
    ok(gnutls_x509_crt_set_subject_alt_othername(
        crt, "1.3.6.1.4.1.412.274.1", "ACME:SSD:1", 10,
        GNUTLS_FSAN_APPEND | GNUTLS_FSAN_ENCODE_UTF8_STRING));
    for (int i = 0; i < 2 && r->cma[i]; i++) {
        ok(gnutls_x509_crt_set_subject_alt_othername(
            crt, OID_CMA_NAME, r->cma[i], strlen(r->cma[i]),
            GNUTLS_FSAN_APPEND | flags));
    }
}

static void set_leaf_fields(gnutls_x509_crt_t crt, const Recipe *r)
{
    if (!r->unconstrained[LEAF]) {
        ok(gnutls_x509_crt_set_basic_constraints(crt, r->leaf_is_ca, -1));
    }
    if (!r->leaf_without_usage) {
        ok(gnutls_x509_crt_set_key_usage(
            crt, r->leaf_usage ?: GNUTLS_KEY_DIGITAL_SIGNATURE));
    }
    for (int i = 0; i < 2 && r->eku[i]; i++) {
        ok(gnutls_x509_crt_set_key_purpose_oid(crt, r->eku[i], 0));
    }
    if (r->critical) {
        ok(gnutls_x509_crt_set_extension_by_oid(crt, r->critical, "\x05\x00",
                                                2, 1));
    }
    set_leaf_names(crt, r);
}

static gnutls_x509_crt_t new_certificate(const Recipe *r, int level)
{
    static const char *const names[] = { "root", "middle", "leaf" };
    uint8_t serial[32] = { 0x11, 0x22 };
    gnutls_x509_crt_t crt;

    ok(gnutls_x509_crt_init(&crt));
    ok(gnutls_x509_crt_set_version(
        crt, level == LEAF && r->version ? r->version : 3));
    ok(gnutls_x509_crt_set_serial(
        crt, serial, level == LEAF && r->serial_size ? r->serial_size : 1));
    if (!r->anonymous) {
        ok(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
                                         names[level], strlen(names[level])));
    }
    ok(gnutls_x509_crt_set_key(crt, test_keys[level]));
    ok(gnutls_x509_crt_set_activation_time(
        crt, r->from[level] ?: NOON - DAY));
    ok(gnutls_x509_crt_set_expiration_time(
        crt, r->until[level] ?: NOON + DAY));
    return crt;
}

static GBytes *make_certificate(const Recipe *r, int level,
                                gnutls_x509_crt_t root,
                                gnutls_x509_crt_t issuer)
{
    g_auto(gnutls_x509_crt_t) crt = new_certificate(r, level);
    int signer = level == ROOT ? ROOT : level - 1;

    if (level == LEAF && !r->version) {
        set_leaf_fields(crt, r);
    } else if (level != LEAF) {
        set_ca_fields(crt, r, level);
    }
    if (r->forged[level]) {
        signer = STRANGER;
    }
    if (level == LEAF && r->leaf_under_root) {
        issuer = root;
    }
    ok(gnutls_x509_crt_sign2(crt, issuer ?: crt, test_keys[signer],
                             GNUTLS_DIG_SHA256, 0));
    return spdm_x509_to_der(crt);
}

static GPtrArray *make_list(const Recipe *r)
{
    g_auto(gnutls_x509_crt_t) root = NULL;
    g_auto(gnutls_x509_crt_t) middle = NULL;
    GPtrArray *list = new_list();

    g_ptr_array_add(list, make_certificate(r, ROOT, NULL, NULL));
    root = spdm_x509_import(spdm_bytes_of(g_ptr_array_index(list, 0)));
    g_assert_nonnull(root);
    g_ptr_array_add(list, make_certificate(r, MIDDLE, root, root));
    middle = spdm_x509_import(spdm_bytes_of(g_ptr_array_index(list, 1)));
    g_assert_nonnull(middle);
    g_ptr_array_add(list, make_certificate(r, LEAF, root, middle));
    return list;
}

/* The chain structure; the hash stays the root's when the root is omitted. */
static GByteArray *make_chain(GPtrArray *list, const Recipe *r)
{
    g_autoptr(GBytes) whole = spdm_x509_build_chain(list, sha256());
    GByteArray *chain = g_byte_array_new();
    SpdmBytes all = spdm_bytes_of(whole);

    g_byte_array_append(chain, all.data, all.len);
    if (r->omits_root) {
        size_t root = g_bytes_get_size(g_ptr_array_index(list, 0));

        g_byte_array_remove_range(chain, 4 + 32, root);
        chain->data[0] = chain->len & 0xff;
        chain->data[1] = chain->len >> 8;
    }
    if (r->lies_about_root) {
        chain->data[4 + 31] ^= 1;
    }
    return chain;
}

/* --- One row, one chain -------------------------------------------------- */

typedef enum Trust { TRUST_ANY, TRUST_OWN, TRUST_STRANGER, TRUST_NONE } Trust;

typedef struct Row {
    const char *name;
    SpdmChainReason expected;
    Recipe recipe;
    Trust trust;
    const char *alg;
    const char *cma;
    int64_t now;
    bool requester;
} Row;

static const Row rows[] = {
    { "a good chain passes with nothing asked", SPDM_CHAIN_OK,
      .trust = TRUST_ANY },
    { "a good chain passes with everything asked", SPDM_CHAIN_OK,
      .recipe = { .cma = { CMA_NAME }, .eku = { OID_SPDM_RESPONDER_AUTH } },
      .trust = TRUST_OWN, .alg = "ECDSA-P256", .cma = CMA_NAME, .now = NOON },
    { "a leaf without basicConstraints passes", SPDM_CHAIN_OK,
      .recipe = { .unconstrained = { [LEAF] = true } } },

    { "a wrong RootHash is refused", SPDM_CHAIN_ROOT_HASH,
      .recipe = { .lies_about_root = true } },
    { "a root that is not among the trusted is refused",
      SPDM_CHAIN_ROOT_UNTRUSTED, .trust = TRUST_STRANGER },
    { "an empty trust list trusts nobody", SPDM_CHAIN_ROOT_UNTRUSTED,
      .trust = TRUST_NONE },
    { "a chain that omits its trusted root passes", SPDM_CHAIN_OK,
      .recipe = { .omits_root = true }, .trust = TRUST_OWN },
    { "a chain that omits a root nobody trusts is refused",
      SPDM_CHAIN_ROOT_UNTRUSTED, .recipe = { .omits_root = true },
      .trust = TRUST_STRANGER },
    { "a chain that omits its root is refused if there is no trust list",
      SPDM_CHAIN_ROOT_UNTRUSTED, .recipe = { .omits_root = true } },
    { "a chain that omits its root and lies about it is refused",
      SPDM_CHAIN_ROOT_UNTRUSTED,
      .recipe = { .omits_root = true, .lies_about_root = true },
      .trust = TRUST_OWN },
    { "a forged certificate under an omitted root is refused",
      SPDM_CHAIN_SIGNATURE,
      .recipe = { .omits_root = true, .forged = { [MIDDLE] = true } },
      .trust = TRUST_OWN },

    { "a root that did not sign itself is refused", SPDM_CHAIN_SIGNATURE,
      .recipe = { .forged = { [ROOT] = true } } },
    { "a forged intermediate is refused", SPDM_CHAIN_SIGNATURE,
      .recipe = { .forged = { [MIDDLE] = true } } },
    { "a forged leaf is refused", SPDM_CHAIN_SIGNATURE,
      .recipe = { .forged = { [LEAF] = true } } },
    { "a leaf that names another issuer is refused", SPDM_CHAIN_SIGNATURE,
      .recipe = { .leaf_under_root = true } },

    { "an expired root is refused", SPDM_CHAIN_EXPIRED,
      .recipe = { .until = { [ROOT] = NOON - 1 } }, .now = NOON },
    { "an expired omitted root is refused", SPDM_CHAIN_EXPIRED,
      .recipe = { .until = { [ROOT] = NOON - 1 }, .omits_root = true },
      .trust = TRUST_OWN, .now = NOON },
    { "an expired leaf is refused", SPDM_CHAIN_EXPIRED,
      .recipe = { .until = { [LEAF] = NOON - 1 } }, .now = NOON },
    { "an expired leaf passes when there is no clock", SPDM_CHAIN_OK,
      .recipe = { .until = { [LEAF] = NOON - 1 } } },
    { "a leaf that expires this second passes", SPDM_CHAIN_OK,
      .recipe = { .until = { [LEAF] = NOON } }, .now = NOON },
    { "a chain that never expires passes", SPDM_CHAIN_OK,
      .recipe = { .until = { NEVER, NEVER, NEVER } },
      .now = INT64_C(250000000000) },
    { "an intermediate of tomorrow is refused", SPDM_CHAIN_NOT_YET_VALID,
      .recipe = { .from = { [MIDDLE] = NOON + 1 } }, .now = NOON },
    { "a leaf that starts this second passes", SPDM_CHAIN_OK,
      .recipe = { .from = { [LEAF] = NOON } }, .now = NOON },

    { "a root that is no CA is refused", SPDM_CHAIN_NOT_A_CA,
      .recipe = { .not_a_ca = { [ROOT] = true } } },
    { "a root without basicConstraints is refused", SPDM_CHAIN_NOT_A_CA,
      .recipe = { .unconstrained = { [ROOT] = true } } },
    { "an intermediate that is no CA is refused", SPDM_CHAIN_NOT_A_CA,
      .recipe = { .not_a_ca = { [MIDDLE] = true } } },
    { "an intermediate without basicConstraints is refused",
      SPDM_CHAIN_NOT_A_CA,
      .recipe = { .unconstrained = { [MIDDLE] = true } } },
    { "an intermediate without keyCertSign is refused", SPDM_CHAIN_NOT_A_CA,
      .recipe = { .middle_usage = GNUTLS_KEY_DIGITAL_SIGNATURE } },
    { "a chain longer than the root's path length is refused",
      SPDM_CHAIN_NOT_A_CA, .recipe = { .root_path_len_zero = true } },
    { "a leaf that is a CA is refused", SPDM_CHAIN_LEAF_IS_CA,
      .recipe = { .leaf_is_ca = true } },

    { "a leaf without keyUsage is refused", SPDM_CHAIN_KEY_USAGE,
      .recipe = { .leaf_without_usage = true } },
    { "a leaf for key agreement only is refused", SPDM_CHAIN_KEY_USAGE,
      .recipe = { .leaf_usage = GNUTLS_KEY_KEY_AGREEMENT } },
    { "a leaf for signatures and more passes", SPDM_CHAIN_OK,
      .recipe = { .leaf_usage = GNUTLS_KEY_DIGITAL_SIGNATURE |
                                GNUTLS_KEY_NON_REPUDIATION } },

    { "a responder with a requester's leaf is refused",
      SPDM_CHAIN_EXT_KEY_USAGE,
      .recipe = { .eku = { OID_SPDM_REQUESTER_AUTH } } },
    { "a requester with a responder's leaf is refused",
      SPDM_CHAIN_EXT_KEY_USAGE,
      .recipe = { .eku = { OID_SPDM_RESPONDER_AUTH } }, .requester = true },
    { "a requester with a requester's leaf passes", SPDM_CHAIN_OK,
      .recipe = { .eku = { OID_SPDM_REQUESTER_AUTH } }, .requester = true },
    { "a leaf for both roles passes as responder", SPDM_CHAIN_OK,
      .recipe = { .eku = { OID_SPDM_REQUESTER_AUTH,
                           OID_SPDM_RESPONDER_AUTH } } },
    { "a leaf for both roles passes as requester", SPDM_CHAIN_OK,
      .recipe = { .eku = { OID_SPDM_RESPONDER_AUTH,
                           OID_SPDM_REQUESTER_AUTH } },
      .requester = true },
    { "the opposite role among other purposes is refused",
      SPDM_CHAIN_EXT_KEY_USAGE,
      .recipe = { .eku = { GNUTLS_KP_TLS_WWW_CLIENT,
                           OID_SPDM_REQUESTER_AUTH } } },
    { "the opposite role with any purpose passes", SPDM_CHAIN_OK,
      .recipe = { .eku = { OID_SPDM_REQUESTER_AUTH, GNUTLS_KP_ANY } } },
    { "a leaf for something else altogether passes", SPDM_CHAIN_OK,
      .recipe = { .eku = { GNUTLS_KP_TLS_WWW_CLIENT } } },

    { "a key on another curve is refused", SPDM_CHAIN_KEY_TYPE,
      .alg = "ECDSA-P384" },
    { "an EC key where RSA was negotiated is refused", SPDM_CHAIN_KEY_TYPE,
      .alg = "RSAPSS-3072" },

    { "a leaf without a CMA name is refused", SPDM_CHAIN_CMA_NAME,
      .cma = CMA_NAME },
    { "the CMA name of another device is refused", SPDM_CHAIN_CMA_NAME,
      .recipe = { .cma = { OTHER_CMA_NAME } }, .cma = CMA_NAME },
    { "a CMA name that only starts right is refused", SPDM_CHAIN_CMA_NAME,
      .recipe = { .cma = { CMA_NAME ":SN=0" } }, .cma = CMA_NAME },
    { "a CMA name that is not UTF8String is refused", SPDM_CHAIN_CMA_NAME,
      .recipe = { .cma = { CMA_NAME },
                  .cma_flags = GNUTLS_FSAN_ENCODE_OCTET_STRING },
      .cma = CMA_NAME },
    { "the second of two CMA names counts too", SPDM_CHAIN_OK,
      .recipe = { .cma = { OTHER_CMA_NAME, CMA_NAME } }, .cma = CMA_NAME },
    { "a CMA name in upper-case digits passes", SPDM_CHAIN_OK,
      .recipe = { .cma = { "Vendor=1B36:Device=0010:CC=010802:REV=02:"
                           "SSVID=1AF4:SSID=1100" } },
      .cma = CMA_NAME },

    { "an unknown critical extension is refused",
      SPDM_CHAIN_CRITICAL_EXTENSION, .recipe = { .critical = "1.2.3.4" } },
    { "a leaf of X.509 version 1 is refused", SPDM_CHAIN_MALFORMED,
      .recipe = { .version = 1 } },
    { "a serial number of 20 bytes passes", SPDM_CHAIN_OK,
      .recipe = { .serial_size = 20 } },
    { "a serial number of 21 bytes is refused", SPDM_CHAIN_MALFORMED,
      .recipe = { .serial_size = 21 } },
    { "certificates without an issuer are refused", SPDM_CHAIN_MALFORMED,
      .recipe = { .anonymous = true } },
};

/* A root that looks like ours and has another key. */
static GBytes *stranger_root(void)
{
    gnutls_x509_privkey_t own = test_keys[ROOT];
    GBytes *der;

    test_keys[ROOT] = test_keys[STRANGER];
    der = make_certificate(&(Recipe){}, ROOT, NULL, NULL);
    test_keys[ROOT] = own;
    return der;
}

static GPtrArray *make_trust(Trust trust, GPtrArray *own)
{
    GPtrArray *list = trust == TRUST_ANY ? NULL : new_list();

    if (trust == TRUST_STRANGER || trust == TRUST_OWN) {
        g_ptr_array_add(list, stranger_root());
    }
    if (trust == TRUST_OWN) {
        g_ptr_array_add(list, g_bytes_ref(g_ptr_array_index(own, 0)));
    }
    return list;
}

static void test_row(gconstpointer opaque)
{
    const Row *row = opaque;
    g_autoptr(GPtrArray) list = make_list(&row->recipe);
    g_autoptr(GByteArray) chain = make_chain(list, &row->recipe);
    g_autoptr(GPtrArray) trust = make_trust(row->trust, list);
    g_autoptr(SpdmPublicKey) key = NULL;
    const SpdmChainPolicy policy = {
        .hash = sha256(),
        .leaf_alg = row->alg ? spdm_asym_by_name(row->alg) : NULL,
        .trust = trust,
        .cma_name = row->cma,
        .now = row->now,
        .requester = row->requester,
    };
    SpdmChainReason reason = spdm_x509_verify_chain(
        SPDM_BYTES(chain->data, chain->len), &policy, &key);

    g_assert_cmpstr(spdm_chain_reason_text(reason), ==,
                    spdm_chain_reason_text(row->expected));
    g_assert_cmpint(reason, ==, row->expected);
    g_assert_cmpint(key != NULL, ==, row->expected == SPDM_CHAIN_OK);
}

/* --- Chains that are damaged --------------------------------------------- */

static SpdmChainReason verdict(const GByteArray *chain, const SpdmHashAlg *hash)
{
    const SpdmChainPolicy policy = { .hash = hash };

    return spdm_x509_verify_chain(SPDM_BYTES(chain->data, chain->len),
                                  &policy, NULL);
}

static void set_length(GByteArray *chain)
{
    chain->data[0] = chain->len & 0xff;
    chain->data[1] = chain->len >> 8;
}

static GByteArray *good_chain(void)
{
    const Recipe good = { .cma = { CMA_NAME } };
    g_autoptr(GPtrArray) list = make_list(&good);

    return make_chain(list, &good);
}

static void test_length_lies(void)
{
    g_autoptr(GByteArray) chain = good_chain();

    for (int change = -2; change <= 2; change++) {
        set_length(chain);
        chain->data[0] += change;
        g_assert_cmpint(verdict(chain, sha256()), ==,
                        change ? SPDM_CHAIN_MALFORMED : SPDM_CHAIN_OK);
    }
    set_length(chain);
    chain->data[2] = 1;
    g_assert_cmpint(verdict(chain, sha256()), ==, SPDM_CHAIN_MALFORMED);
}

static void test_trailing_bytes(void)
{
    static const uint8_t tails[][3] = {
        { 0x00, 0x00, 0x00 }, /* padding */
        { 0x30, 0x01, 0x00 }, /* a SEQUENCE that is no certificate */
        { 0x30, 0x80, 0x00 }, /* indefinite length */
        { 0x30, 0x84, 0xff }, /* a length of 4 bytes, not all there */
        { 0x30, 0x81, 0x00 }, /* not the shortest length */
    };

    for (size_t i = 0; i < G_N_ELEMENTS(tails); i++) {
        g_autoptr(GByteArray) chain = good_chain();

        g_byte_array_append(chain, tails[i], sizeof(tails[i]));
        set_length(chain);
        g_assert_cmpint(verdict(chain, sha256()), ==, SPDM_CHAIN_MALFORMED);
    }
}

/* Every byte offset, so every TLV boundary of every certificate too. */
static void check_truncations(const GByteArray *chain, const SpdmHashAlg *hash)
{
    for (size_t len = 0; len < chain->len; len++) {
        g_autoptr(GByteArray) cut = g_byte_array_sized_new(len);

        g_byte_array_append(cut, chain->data, len);
        g_assert_cmpint(verdict(cut, hash), ==, SPDM_CHAIN_MALFORMED);
        if (len >= 2) {
            set_length(cut);
            g_assert_cmpint(verdict(cut, hash), !=, SPDM_CHAIN_OK);
        }
    }
}

static void check_bit_flips(GByteArray *chain, const SpdmHashAlg *hash)
{
    for (size_t i = 0; i < chain->len; i++) {
        uint8_t bit = 1 << (i * 5 % 8);

        chain->data[i] ^= bit;
        if (verdict(chain, hash) == SPDM_CHAIN_OK) {
            g_error("byte %zu may have bit 0x%02x flipped", i, bit);
        }
        chain->data[i] ^= bit;
    }
    g_assert_cmpint(verdict(chain, hash), ==, SPDM_CHAIN_OK);
}

static void test_damage(void)
{
    g_autoptr(GByteArray) chain = good_chain();

    check_truncations(chain, sha256());
    check_bit_flips(chain, sha256());
}

static void test_too_many(void)
{
    const Recipe good = { 0 };
    g_autoptr(GPtrArray) list = make_list(&good);
    g_autoptr(GByteArray) chain = NULL;

    for (int i = 0; i < 100; i++) {
        g_ptr_array_insert(list, 1, g_bytes_ref(g_ptr_array_index(list, 1)));
    }
    chain = make_chain(list, &good);
    g_assert_cmpint(verdict(chain, sha256()), ==, SPDM_CHAIN_MALFORMED);
}

static void test_too_large(void)
{
    const Recipe good = { 0 };
    g_autoptr(GPtrArray) list = make_list(&good);
    g_autoptr(GBytes) chain = NULL;

    for (size_t size = 0; size <= UINT16_MAX;
         size += g_bytes_get_size(g_ptr_array_index(list, 1))) {
        g_ptr_array_insert(list, 1, g_bytes_ref(g_ptr_array_index(list, 1)));
    }
    chain = spdm_x509_build_chain(list, sha256());
    g_assert_null(chain);
}

/* An intermediate with this RSA key, properly signed by the root. */
static GBytes *make_rsa_middle(GBytes *root_der, gnutls_datum_t n,
                               gnutls_datum_t e)
{
    const Recipe good = { .version = 0 };
    g_auto(gnutls_x509_crt_t) root = spdm_x509_import(spdm_bytes_of(root_der));
    g_auto(gnutls_x509_crt_t) crt = new_certificate(&good, MIDDLE);
    g_auto(gnutls_pubkey_t) key = NULL;

    ok(gnutls_pubkey_init(&key));
    ok(gnutls_pubkey_import_rsa_raw(key, &n, &e));
    ok(gnutls_x509_crt_set_pubkey(crt, key));
    set_ca_fields(crt, &good, MIDDLE);
    ok(gnutls_x509_crt_sign2(crt, root, test_keys[ROOT], GNUTLS_DIG_SHA256,
                             0));
    return spdm_x509_to_der(crt);
}

/* Keys whose arithmetic would take minutes are not even tried. */
static void test_huge_rsa_key(void)
{
    static const struct {
        unsigned int modulus, exponent;
        SpdmChainReason expected;
    } sizes[] = {
        { 512, 3, SPDM_CHAIN_NOT_A_CA }, /* fair, but the leaf's is ECDSA */
        { 1500, 3, SPDM_CHAIN_MALFORMED },
        { 512, 512, SPDM_CHAIN_MALFORMED },
    };
    static uint8_t ones[1500];

    memset(ones, 0xff, sizeof(ones));
    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        const Recipe good = { .version = 0 };
        g_autoptr(GPtrArray) list = make_list(&good);
        g_autoptr(GByteArray) chain = NULL;
        GBytes *middle = make_rsa_middle(
            g_ptr_array_index(list, ROOT),
            (gnutls_datum_t){ ones, sizes[i].modulus },
            (gnutls_datum_t){ ones, sizes[i].exponent });

        g_bytes_unref(g_ptr_array_index(list, MIDDLE));
        g_ptr_array_index(list, MIDDLE) = middle;
        chain = make_chain(list, &good);
        g_assert_cmpint(verdict(chain, sha256()), ==, sizes[i].expected);
    }
}

/* --- DMTF's chains ------------------------------------------------------- */

typedef struct Sample {
    char *name;
    const SpdmHashAlg *hash;
    const SpdmAsymAlg *alg; /* NULL: a type of key we do not have */
    bool requester;
    GByteArray *chain;
} Sample;

static void sample_free(gpointer opaque)
{
    Sample *s = opaque;

    g_byte_array_unref(s->chain);
    g_free(s->name);
    g_free(s);
}

static GByteArray *parse_hex(const char *hex)
{
    GByteArray *bytes = g_byte_array_new();

    for (; hex[0] && hex[1]; hex += 2) {
        uint8_t byte = g_ascii_xdigit_value(hex[0]) << 4 |
                       g_ascii_xdigit_value(hex[1]);

        g_byte_array_append(bytes, &byte, 1);
    }
    return bytes;
}

/* Recordings (shared/vectors) whose chains are of a kind worth a row. */
static const struct {
    const char *name;
    const char *recording;
    const char *hash;
    const char *asym;
    bool requester;
} sources[] = {
    { "ECDSA P-256, SHA-256", "v10-doe-p256-sha256-meas-obo", "SHA-256",
      "ECDSA-P256", false },
    { "ECDSA P-384, SHA-384", "v11-doe-mut-digests-p384-clear", "SHA-384",
      "ECDSA-P384", false },
    { "ECDSA P-384 of a requester", "v11-doe-mut-woencap-p384-enchs",
      "SHA-384", "ECDSA-P384", true },
    { "ECDSA P-521, SHA-512", "v11-doe-p521-ecdh521-sha512-aes256-clear",
      "SHA-512", "ECDSA-P521", false },
    { "RSA 3072, SHA-384", "v10-mctp-rsapss3072-sha384-meas-all", "SHA-384",
      "RSAPSS-3072", false },
    { "RSA 2048, SHA-256", "v12-tcp-rsapss2048-mut-digests-rsapss3072-enchs",
      "SHA-256", "RSAPSS-2048", false },
    { "ECDSA P-384 with a SHA3-384 RootHash",
      "v12-doe-sha3384-p384-ecdh384-clear", "SHA3-384", "ECDSA-P384", false },
    { "AliasCert: four certificates", "v12-doe-aliascert-p384", "SHA-384",
      "ECDSA-P384", false },
    { "Ed25519", "v12-doe-ed25519-ecdh256-clear", "SHA-256", "EDDSA-25519",
      false },
    { "Ed448", "v12-doe-ed448-ecdh384-sha512-enchs", "SHA-512", "EDDSA-448",
      false },
};

enum { CERTIFICATE_HEADER = 8 };

/* The portions of the first CERTIFICATE run, put together. */
static GByteArray *recorded_chain(GKeyFile *file)
{
    GByteArray *chain = g_byte_array_new();

    for (int i = 1; ; i++) {
        g_autofree char *group = g_strdup_printf("message %d", i);
        g_autofree char *name = g_key_file_get_string(file, group, "name",
                                                      NULL);
        g_autofree char *hex = g_key_file_get_string(file, group, "spdm",
                                                     NULL);
        g_autoptr(GByteArray) m = NULL;

        g_assert_true(g_key_file_has_group(file, group));
        if (g_strcmp0(name, "CERTIFICATE")) {
            continue;
        }
        m = parse_hex(hex);
        g_assert_cmpuint(m->len, >, CERTIFICATE_HEADER);
        g_byte_array_append(chain, m->data + CERTIFICATE_HEADER,
                            m->data[4] | m->data[5] << 8);
        if (!m->data[6] && !m->data[7]) {
            return chain;
        }
    }
}

/* NULL when the recordings are not here. */
static Sample *read_sample(size_t i)
{
    const char *dir = g_getenv("SPDM_VECTORS");
    g_autofree char *path = g_strdup_printf(
        "%s/%s.txt", dir ? dir : SRCDIR "/../shared/vectors",
        sources[i].recording);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autofree char *hex = NULL;
    Sample *s;

    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, NULL)) {
        return NULL;
    }
    s = g_new0(Sample, 1);
    s->name = g_strdup(sources[i].name);
    s->hash = spdm_hash_by_name(sources[i].hash);
    s->alg = spdm_asym_by_name(sources[i].asym);
    s->requester = sources[i].requester;
    hex = g_key_file_get_string(file, "provisioned",
                                "requester_cert_chain_0", NULL);
    s->chain = s->requester ? parse_hex(hex) : recorded_chain(file);
    return s;
}

static void test_no_sample(gconstpointer opaque)
{
    g_test_skip("its recording is not here; SPDM_VECTORS may name the "
                "directory of recordings");
}

static void test_sample_verifies(gconstpointer opaque)
{
    const Sample *s = opaque;
    g_autoptr(SpdmPublicKey) key = NULL;
    SpdmChainPolicy policy = {
        .hash = s->hash, .leaf_alg = s->alg, .requester = s->requester,
    };
    SpdmBytes chain = SPDM_BYTES(s->chain->data, s->chain->len);
    SpdmChainReason reason = spdm_x509_verify_chain(chain, &policy, &key);

    g_assert_cmpint(reason, ==, SPDM_CHAIN_OK);
    g_assert_nonnull(key);
    policy.leaf_alg = NULL;
    g_assert_cmpint(spdm_x509_verify_chain(chain, &policy, NULL), ==,
                    SPDM_CHAIN_OK);
    /* They expire in 2033. */
    policy.now = INT64_C(2000000000);
    g_assert_cmpint(spdm_x509_verify_chain(chain, &policy, NULL), ==,
                    SPDM_CHAIN_EXPIRED);
}

static void test_sample_rebuilds(gconstpointer opaque)
{
    const Sample *s = opaque;
    size_t skip = 4 + s->hash->size;
    g_autoptr(GPtrArray) list = spdm_x509_split_der(
        SPDM_BYTES(s->chain->data + skip, s->chain->len - skip));
    g_autoptr(GBytes) chain = NULL;
    SpdmBytes bytes;

    g_assert_nonnull(list);
    chain = spdm_x509_build_chain(list, s->hash);
    bytes = spdm_bytes_of(chain);
    g_assert_cmpmem(bytes.data, bytes.len, s->chain->data, s->chain->len);
}

static void test_sample_damaged(gconstpointer opaque)
{
    const Sample *s = opaque;

    check_truncations(s->chain, s->hash);
    check_bit_flips(s->chain, s->hash);
}

static void add_sample(Sample *s)
{
    static const struct {
        const char *name;
        void (*test)(gconstpointer);
    } tests[] = {
        { "verifies", test_sample_verifies },
        { "is rebuilt from its certificates", test_sample_rebuilds },
        { "is refused when damaged", test_sample_damaged },
    };

    for (size_t j = 0; j < G_N_ELEMENTS(tests); j++) {
        g_autofree char *path = g_strdup_printf("/x509/dmtf/%s %s", s->name,
                                                tests[j].name);

        g_test_add_data_func(path, s, tests[j].test);
    }
}

static GPtrArray *add_samples(void)
{
    GPtrArray *samples = g_ptr_array_new_with_free_func(sample_free);

    for (size_t i = 0; i < G_N_ELEMENTS(sources); i++) {
        Sample *s = read_sample(i);

        if (s) {
            g_ptr_array_add(samples, s);
            add_sample(s);
        } else {
            g_autofree char *path = g_strdup_printf("/x509/dmtf/%s",
                                                    sources[i].name);

            g_test_add_data_func(path, NULL, test_no_sample);
        }
    }
    return samples;
}

/* --- Chains that we make ------------------------------------------------- */

static GPtrArray *generate(const char *seed, const SpdmChainSpec *spec,
                           SpdmPrivateKey **key)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new(seed, "x509");
    SpdmRng rng = spdm_seeded_rng(seeded);
    GError *err = NULL;
    GPtrArray *list = spdm_x509_generate(spec, &rng, key, &err);

    g_assert_no_error(err);
    g_assert_cmpint(list->len, ==, MAX(spec->intermediates, 1u) + 2 +
                                   (spec->model == SPDM_CERT_MODEL_ALIAS));
    return list;
}

static SpdmChainSpec spec_for(const SpdmAsymAlg *alg, const char *hash)
{
    return (SpdmChainSpec){
        .alg = alg,
        .hash = spdm_hash_by_name(hash),
        .common_name = "qemu-spdm test",
        .cma_name = CMA_NAME,
        .not_before = NOON - DAY,
        .not_after = NOON + DAY,
    };
}

static void check_generated(const SpdmChainSpec *spec)
{
    g_autoptr(SpdmPrivateKey) private = NULL;
    g_autoptr(GPtrArray) list = generate("good", spec, &private);
    g_autoptr(GBytes) chain = spdm_x509_build_chain(list, spec->hash);
    g_autoptr(SpdmPublicKey) leaf = NULL;
    g_autoptr(SpdmPublicKey) public = spdm_private_key_public(private);
    g_autoptr(SpdmPublicKey) read = spdm_x509_leaf_key(list, NULL);
    g_autofree char *cma = spdm_x509_cma_name(list);
    g_autoptr(GPtrArray) trust = new_list();
    SpdmChainPolicy policy = {
        .hash = spec->hash, .leaf_alg = spec->alg, .trust = trust,
        .cma_name = spec->cma_name, .now = NOON, .requester = spec->requester,
    };

    g_ptr_array_add(trust, g_bytes_ref(g_ptr_array_index(list, 0)));
    g_assert_cmpstr(spdm_chain_reason_text(spdm_x509_verify_chain(
                        spdm_bytes_of(chain), &policy, &leaf)), ==,
                    spdm_chain_reason_text(SPDM_CHAIN_OK));
    g_assert_true(spdm_public_key_equal(leaf, public));
    g_assert_true(spdm_public_key_equal(read, public));
    g_assert_cmpstr(cma, ==, spec->cma_name);

    policy.requester = !spec->requester;
    g_assert_cmpint(spdm_x509_verify_chain(spdm_bytes_of(chain), &policy,
                                           NULL), ==,
                    SPDM_CHAIN_EXT_KEY_USAGE);
}

static void test_generated(gconstpointer opaque)
{
    const SpdmAsymAlg *alg = opaque;
    SpdmChainSpec spec = spec_for(alg, "SHA-384");

    check_generated(&spec);
}

static void test_generated_hashes(gconstpointer alg)
{
    for (const SpdmHashAlg *h = spdm_hash_algs; h->name; h++) {
        SpdmChainSpec spec = spec_for(spdm_asym_by_name(alg), h->name);

        if (spdm_hash_mask(SPDM_VERSION_12) & h->bit) {
            check_generated(&spec);
        }
    }
}

static void test_generated_models(void)
{
    for (SpdmCertModel m = SPDM_CERT_MODEL_DEVICE;
         m <= SPDM_CERT_MODEL_GENERIC; m++) {
        SpdmChainSpec spec = spec_for(spdm_asym_by_name("ECDSA-P384"),
                                      "SHA-384");

        spec.model = m;
        check_generated(&spec);
        spec.intermediates = 13;
        check_generated(&spec);
    }
}

/* Authorities that were made for leaves have no room for a device's own. */
static void test_no_room_for_a_device(void)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("room", "x509");
    SpdmRng rng = spdm_seeded_rng(seeded);
    SpdmChainSpec spec = spec_for(spdm_asym_by_name("ECDSA-P384"), "SHA-384");
    SpdmChainPolicy policy = { .hash = spec.hash, .now = NOON };
    g_autoptr(SpdmCa) above = spdm_ca_new(&spec, &rng, NULL);
    g_autoptr(SpdmCa) ca = spdm_ca_new_device(above, &spec, &rng, NULL);
    g_autoptr(GPtrArray) list = spdm_ca_issue(ca, &spec, &rng, NULL, NULL);
    g_autoptr(GBytes) chain = spdm_x509_build_chain(list, spec.hash);

    g_assert_cmpint(spdm_x509_verify_chain(spdm_bytes_of(chain), &policy,
                                           NULL), ==, SPDM_CHAIN_NOT_A_CA);
}

static void test_generated_requester(void)
{
    SpdmChainSpec spec = spec_for(spdm_asym_by_name("ECDSA-P384"), "SHA-384");

    spec.requester = true;
    spec.cma_name = NULL;
    check_generated(&spec);
}

/* A chain of many authorities verifies, and is over 4 KiB. */
static void test_generated_long(void)
{
    static const unsigned counts[] = { 1, 2, 12, 14 };

    for (size_t i = 0; i < G_N_ELEMENTS(counts); i++) {
        SpdmChainSpec spec = spec_for(spdm_asym_by_name("ECDSA-P384"),
                                      "SHA-384");
        g_autoptr(GPtrArray) list = NULL;
        g_autoptr(GBytes) chain = NULL;

        spec.intermediates = counts[i];
        check_generated(&spec);
        list = generate("long", &spec, NULL);
        g_assert_cmpuint(list->len, ==, counts[i] + 2);
        chain = spdm_x509_build_chain(list, spec.hash);
        g_assert_true(counts[i] < 12 || g_bytes_get_size(chain) > 4096);
    }
}

static void test_generated_names(void)
{
    static const struct {
        size_t len;
        bool good;
    } names[] = { { 0, false }, { 1, true }, { 48, true }, { 49, false } };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("name", "x509");
        SpdmRng rng = spdm_seeded_rng(seeded);
        SpdmChainSpec spec = spec_for(spdm_asym_by_name("ECDSA-P256"),
                                      "SHA-256");
        g_autofree char *name = g_strnfill(names[i].len, 'x');
        g_autoptr(GPtrArray) list = NULL;
        g_autoptr(GError) err = NULL;

        spec.common_name = name;
        list = spdm_x509_generate(&spec, &rng, NULL, &err);
        g_assert_cmpint(list != NULL, ==, names[i].good);
        g_assert_cmpint(err == NULL, ==, names[i].good);
    }
}

static GBytes *generate_bytes(const char *seed, const char *alg)
{
    SpdmChainSpec spec = spec_for(spdm_asym_by_name(alg), "SHA-384");
    g_autoptr(SpdmPrivateKey) key = NULL;
    g_autoptr(GPtrArray) list = generate(seed, &spec, &key);

    return spdm_x509_build_chain(list, spec.hash);
}

static void test_reproducible(gconstpointer alg)
{
    g_autoptr(GBytes) a = generate_bytes("one", alg);
    g_autoptr(GBytes) b = generate_bytes("one", alg);
    g_autoptr(GBytes) c = generate_bytes("two", alg);

    g_assert_true(g_bytes_equal(a, b));
    g_assert_false(g_bytes_equal(a, c));
}

/* --- Files --------------------------------------------------------------- */

static char *list_to_pem(GPtrArray *list)
{
    GString *s = g_string_new("A comment, as openssl writes them.\n"
                              "-----BEGIN PRIVATE KEY-----\nMAA=\n"
                              "-----END PRIVATE KEY-----\n");

    for (guint i = 0; i < list->len; i++) {
        g_autofree char *pem =
            spdm_x509_to_pem(spdm_bytes_of(g_ptr_array_index(list, i)));

        g_string_append(s, pem);
    }
    return g_string_free(s, FALSE);
}

static void assert_same_list(GPtrArray *a, GPtrArray *b)
{
    g_assert_cmpint(a->len, ==, b->len);
    for (guint i = 0; i < a->len; i++) {
        g_assert_true(g_bytes_equal(g_ptr_array_index(a, i),
                                    g_ptr_array_index(b, i)));
    }
}

static void test_load_pem(void)
{
    g_autoptr(GPtrArray) list = make_list(&(Recipe){});
    g_autofree char *pem = list_to_pem(list);
    g_autoptr(GPtrArray) read = spdm_x509_load_pem_chain(
        SPDM_BYTES(pem, strlen(pem)), "chain.pem", NULL);

    g_assert_nonnull(read);
    assert_same_list(list, read);
}

static void test_load_der(void)
{
    g_autoptr(GByteArray) chain = good_chain();
    SpdmBytes der = SPDM_BYTES(chain->data + 36, chain->len - 36);
    g_autoptr(GPtrArray) split = spdm_x509_split_der(der);
    g_autoptr(GPtrArray) read = spdm_x509_load_pem_chain(der, "chain.der",
                                                         NULL);

    g_assert_nonnull(read);
    assert_same_list(split, read);
}

static void reverse(GPtrArray *list)
{
    for (guint i = 0; i < list->len / 2; i++) {
        gpointer *a = &g_ptr_array_index(list, i);
        gpointer *b = &g_ptr_array_index(list, list->len - 1 - i);
        gpointer swap = *a;

        *a = *b;
        *b = swap;
    }
}

static void test_load_leaf_first(void)
{
    g_autoptr(GPtrArray) list = make_list(&(Recipe){});
    g_autofree char *pem = NULL;
    g_autoptr(GPtrArray) read = NULL;
    g_autoptr(GError) err = NULL;

    reverse(list);
    pem = list_to_pem(list);
    read = spdm_x509_load_pem_chain(SPDM_BYTES(pem, strlen(pem)), "chain.pem",
                                    &err);
    g_assert_null(read);
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY);
    g_assert_nonnull(strstr(err->message, "issued by the second"));
}

static void test_load_roots(void)
{
    g_autoptr(GPtrArray) list = make_list(&(Recipe){});
    g_autoptr(GPtrArray) trust = make_trust(TRUST_OWN, list);
    g_autofree char *pem = list_to_pem(trust);
    g_autoptr(GPtrArray) read = spdm_x509_load_pem_chain(
        SPDM_BYTES(pem, strlen(pem)), "roots.pem", NULL);

    g_assert_nonnull(read);
    assert_same_list(trust, read);
}

typedef struct BadFile {
    const char *name;
    const char *text;
    const char *mentions;
} BadFile;

static const BadFile bad_files[] = {
    { "an empty file", "", "is empty" },
    { "a file of something else", "[device]\nkind=ssd\n",
      "no certificate found" },
    { "a cut SEQUENCE", "0\x81", "no certificate found" },
    { "DER that is no certificate", "0\x03\x02\x01\x05", "not a certificate" },
    { "PEM of a key", "-----BEGIN PRIVATE KEY-----\nMAA=\n"
      "-----END PRIVATE KEY-----\n", "unreadable certificate" },
    { "PEM without an end", "-----BEGIN CERTIFICATE-----\nMAA=\n",
      "unreadable certificate" },
    { "PEM of nonsense", "-----BEGIN CERTIFICATE-----\nMAA=\n"
      "-----END CERTIFICATE-----\n", "unreadable certificate" },
    { "PEM that is not base64", "-----BEGIN CERTIFICATE-----\n***\n"
      "-----END CERTIFICATE-----\n", "unreadable certificate" },
};

static void test_bad_file(gconstpointer opaque)
{
    const BadFile *f = opaque;
    g_autoptr(GError) err = NULL;
    g_autoptr(GPtrArray) list = spdm_x509_load_pem_chain(
        SPDM_BYTES(f->text, strlen(f->text)), "keys/chain.pem", &err);

    g_assert_null(list);
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY);
    g_assert_true(g_str_has_prefix(err->message, "keys/chain.pem: "));
    g_assert_null(strchr(err->message, '\n'));
    g_test_message("%s", err->message);
    g_assert_nonnull(strstr(err->message, f->mentions));
    g_assert_nonnull(strstr(err->message, "; expected PEM blocks"));
}

/* --- Names --------------------------------------------------------------- */

static const struct {
    SpdmPciId id;
    const char *text;
} cma_rows[] = {
    { { 0x1b36, 0x0010, 0x010802, 2, true, 0x1af4, 0x1100, .serial = 0 },
      CMA_NAME },
    { { 0x1b36, 0x0010, 0x010802, 2, .has_subsystem = false },
      "Vendor=1b36:Device=0010:CC=010802:REV=02" },
    { { 0x8086, 0x10d3, 0x020000, 0, true, 0x8086, 0, true,
        0x5254ff1234560000 },
      "Vendor=8086:Device=10d3:CC=020000:REV=00:SSVID=8086:SSID=0000"
      ":SN=5254ff1234560000" },
    { { 0xffff, 0xffff, 0xffffffff, 0xff, false, 0, 0, true, 1 },
      "Vendor=ffff:Device=ffff:CC=ffffff:REV=ff:SN=0000000000000001" },
};

static void test_cma_text(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(cma_rows); i++) {
        g_autofree char *text = spdm_pci_id_to_cma(&cma_rows[i].id);

        g_assert_cmpstr(text, ==, cma_rows[i].text);
    }
}

static void test_no_cma_name(void)
{
    g_autoptr(GPtrArray) list = make_list(&(Recipe){});
    g_autoptr(GPtrArray) empty = new_list();

    g_assert_null(spdm_x509_cma_name(list));
    g_assert_null(spdm_x509_cma_name(empty));
}

static void test_subject(void)
{
    g_autoptr(GPtrArray) list = make_list(&(Recipe){});
    g_autofree char *leaf =
        spdm_x509_subject(spdm_bytes_of(g_ptr_array_index(list, 2)));
    g_autofree char *junk = spdm_x509_subject(SPDM_BYTES("junk", 4));

    g_assert_cmpstr(leaf, ==, "CN=leaf, issued by CN=middle");
    g_assert_cmpstr(junk, ==, "(not a certificate)");
}

/* A name is the other side's text: it must not write on the terminal. */
static void test_hostile_subject(void)
{
    const char name[] = "evil\n\x1b[2J\xc3\xa9";
    g_auto(gnutls_x509_crt_t) crt = new_certificate(&(Recipe){}, LEAF);
    g_autoptr(GBytes) der = NULL;
    g_autofree char *text = NULL;

    ok(gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_ORGANIZATION_NAME, 0,
                                     name, strlen(name)));
    ok(gnutls_x509_crt_sign2(crt, crt, test_keys[LEAF], GNUTLS_DIG_SHA256, 0));
    der = spdm_x509_to_der(crt);
    text = spdm_x509_subject(spdm_bytes_of(der));
    for (const char *p = text; *p; p++) {
        g_assert_true(g_ascii_isprint(*p));
    }
}

static void test_reason_texts(void)
{
    for (int r = SPDM_CHAIN_OK; r <= SPDM_CHAIN_CRITICAL_EXTENSION; r++) {
        g_assert_nonnull(spdm_chain_reason_text(r));
    }
    g_assert_cmpstr(spdm_chain_reason_text(99), ==, "unknown reason");
}

static void add_row(const char *prefix, const char *name, const void *row,
                    void (*test)(gconstpointer))
{
    g_autofree char *path = g_strdup_printf("/x509/%s/%s", prefix, name);

    g_test_add_data_func(path, row, test);
}

static void add_tables(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        add_row("verify", rows[i].name, &rows[i], test_row);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad_files); i++) {
        add_row("load/is refused in one line", bad_files[i].name,
                &bad_files[i], test_bad_file);
    }
    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        /* RSASSA has the keys of RSAPSS, which take their time. */
        if ((spdm_asym_mask(SPDM_VERSION_12) & a->bit) &&
            (a->scheme != SPDM_SIG_RSASSA || a->key_bits == 2048)) {
            add_row("generate/a good chain", a->name, a, test_generated);
        }
    }
    add_row("generate/signed with every hash", "ECDSA-P256", "ECDSA-P256",
            test_generated_hashes);
    add_row("generate/signed with every hash", "RSAPSS-2048", "RSAPSS-2048",
            test_generated_hashes);
    add_row("generate/the same bytes from the same seed", "ECDSA-P256",
            "ECDSA-P256", test_reproducible);
    add_row("generate/the same bytes from the same seed", "ECDSA-P521",
            "ECDSA-P521", test_reproducible);
    add_row("generate/the same bytes from the same seed", "RSASSA-2048",
            "RSASSA-2048", test_reproducible);
}

static void add_functions(void)
{
    g_test_add_func("/x509/damage/a Length that lies is refused",
                    test_length_lies);
    g_test_add_func("/x509/damage/bytes after the leaf are refused",
                    test_trailing_bytes);
    g_test_add_func("/x509/damage/any cut and any flipped bit is refused",
                    test_damage);
    g_test_add_func("/x509/damage/a hundred certificates are refused",
                    test_too_many);
    g_test_add_func("/x509/damage/a huge RSA key is refused",
                    test_huge_rsa_key);
    g_test_add_func("/x509/build/64 KiB and more cannot be a chain",
                    test_too_large);
    g_test_add_func("/x509/generate/chains of many authorities",
                    test_generated_long);
    g_test_add_func("/x509/generate/models", test_generated_models);
    g_test_add_func("/x509/generate/no-room-for-a-device-certificate",
                    test_no_room_for_a_device);
    g_test_add_func("/x509/generate/a requester's chain",
                    test_generated_requester);
    g_test_add_func("/x509/generate/a name has 1 to 48 bytes",
                    test_generated_names);
    g_test_add_func("/x509/load/PEM keeps the file's order", test_load_pem);
    g_test_add_func("/x509/load/bare DER is read too", test_load_der);
    g_test_add_func("/x509/load/a leaf in front is refused",
                    test_load_leaf_first);
    g_test_add_func("/x509/load/roots may come in any order",
                    test_load_roots);
    g_test_add_func("/x509/name/CMA text of PCI identities", test_cma_text);
    g_test_add_func("/x509/name/a leaf may have no CMA name",
                    test_no_cma_name);
    g_test_add_func("/x509/name/subject and issuer", test_subject);
    g_test_add_func("/x509/name/hostile names are made printable",
                    test_hostile_subject);
    g_test_add_func("/x509/reason/every reason has a sentence",
                    test_reason_texts);
}

int main(int argc, char **argv)
{
    g_autoptr(GPtrArray) samples = NULL;
    int ret;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    make_keys();
    add_tables();
    add_functions();
    samples = add_samples();
    ret = g_test_run();
    free_keys();
    return ret;
}

/*
 * Signing keys: made, loaded, stored; signatures made, verified, refused.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-priv.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "crypto-util.h"

#define ok(call) g_assert_cmpint((call), >=, 0)

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gnutls_pubkey_t, gnutls_pubkey_deinit, NULL)
G_DEFINE_AUTO_CLEANUP_FREE_FUNC(gnutls_x509_privkey_t,
                                gnutls_x509_privkey_deinit, NULL)

static SpdmPrivateKey *seeded_key(const SpdmAsymAlg *alg, const char *seed)
{
    g_autofree char *label = g_strdup_printf("key %u", alg->key_bits);
    g_autoptr(SpdmSeeded) s = spdm_seeded_new(seed, label);
    SpdmRng rng = spdm_seeded_rng(s);
    GError *err = NULL;
    SpdmPrivateKey *key = spdm_private_key_generate(alg, &rng, &err);

    g_assert_no_error(err);
    return key;
}

/* One key per kind and size for the whole run, since RSA takes a second. */
static GHashTable *key_cache;

static const SpdmPrivateKey *key_for(const SpdmAsymAlg *alg)
{
    gpointer id = GUINT_TO_POINTER(alg->kind << 16 | alg->key_bits);
    SpdmPrivateKey *key = g_hash_table_lookup(key_cache, id);

    if (!key) {
        key = seeded_key(alg, "test-pk");
        g_hash_table_insert(key_cache, id, key);
    }
    return key;
}

/* --- RFC 6979 ------------------------------------------------------------ */

#define KEY_P256 \
    "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"
#define KEY_P384 \
    "6b9d3dad2e1b8c1c05b19875b6659f4de23c3b667bf297ba9aa47740787137d8" \
    "96d5724e4c70a825f872c9ea60d2edf5"
#define KEY_P521 \
    "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75" \
    "caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b8" \
    "3538"

/*
 * SHA-2 rows are those of RFC 6979 A.2.5 to A.2.7; SHA-3 rows come from an
 * implementation in Python integers that reproduces the others.
 */
typedef struct EcdsaRow {
    const char *sentence;
    const char *alg;
    const char *hash;
    const char *key;
    const char *message;
    const char *sig;
} EcdsaRow;

static const EcdsaRow ecdsa_rows[] = {
    { "P-256 with SHA-256 signs 'sample'", "ECDSA-P256",
      "SHA-256", KEY_P256, "sample",
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
      "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8" },
    { "P-256 with SHA-256 signs 'test'", "ECDSA-P256",
      "SHA-256", KEY_P256, "test",
      "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367"
      "019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083" },
    { "P-256 with SHA-384 signs 'sample'", "ECDSA-P256",
      "SHA-384", KEY_P256, "sample",
      "0eafea039b20e9b42309fb1d89e213057cbf973dc0cfc8f129edddc800ef7719"
      "4861f0491e6998b9455193e34e7b0d284ddd7149a74b95b9261f13abde940954" },
    { "P-256 with SHA-512 signs 'sample'", "ECDSA-P256",
      "SHA-512", KEY_P256, "sample",
      "8496a60b5e9b47c825488827e0495b0e3fa109ec4568fd3f8d1097678eb97f00"
      "2362ab1adbe2b8adf9cb9edab740ea6049c028114f2460f96554f61fae3302fe" },
    { "P-256 with SHA-512 signs 'test'", "ECDSA-P256",
      "SHA-512", KEY_P256, "test",
      "461d93f31b6540894788fd206c07cfa0cc35f46fa3c91816fff1040ad1581a04"
      "39af9f15de0db8d97e72719c74820d304ce5226e32dedae67519e840d1194e55" },
    { "P-256 with SHA3-256 signs 'sample'", "ECDSA-P256",
      "SHA3-256", KEY_P256, "sample",
      "8fedfdf147364db550f840aebfe7c26df77a9ab56c9aea20ac33e45e1aedd7ac"
      "3a5bd6183374df2517910db14e0a9cc4666ae679c4d1ebb89242fb3062db6068" },
    { "P-256 with SHA3-512 signs 'sample'", "ECDSA-P256",
      "SHA3-512", KEY_P256, "sample",
      "83efc3ac4508ed1749c9d7ae1fc1235c259cc1c6b15e9f3903736f435751fff5"
      "411aadc5274dd77051f8bfc5673a024b04a71248d995a22fa079a98fbd1fc85a" },
    { "P-384 with SHA-256 signs 'sample'", "ECDSA-P384",
      "SHA-256", KEY_P384, "sample",
      "21b13d1e013c7fa1392d03c5f99af8b30c570c6f98d4ea8e354b63a21d3daa33"
      "bde1e888e63355d92fa2b3c36d8fb2cdf3aa443fb107745bf4bd77cb38916746"
      "32068a10ca67e3d45db2266fa7d1feebefdc63eccd1ac42ec0cb8668a4fa0ab0" },
    { "P-384 with SHA-256 signs 'test'", "ECDSA-P384",
      "SHA-256", KEY_P384, "test",
      "6d6defac9ab64dabafe36c6bf510352a4cc27001263638e5b16d9bb51d451559"
      "f918eedaf2293be5b475cc8f0188636b2d46f3becbcc523d5f1a1256bf0c9b02"
      "4d879ba9e838144c8ba6baeb4b53b47d51ab373f9845c0514eefb14024787265" },
    { "P-384 with SHA-384 signs 'sample'", "ECDSA-P384",
      "SHA-384", KEY_P384, "sample",
      "94edbb92a5ecb8aad4736e56c691916b3f88140666ce9fa73d64c4ea95ad133c"
      "81a648152e44acf96e36dd1e80fabe4699ef4aeb15f178cea1fe40db2603138f"
      "130e740a19624526203b6351d0a3a94fa329c145786e679e7b82c71a38628ac8" },
    { "P-384 with SHA-512 signs 'sample'", "ECDSA-P384",
      "SHA-512", KEY_P384, "sample",
      "ed0959d5880ab2d869ae7f6c2915c6d60f96507f9cb3e047c0046861da4a799c"
      "fe30f35cc900056d7c99cd7882433709512c8cceee3890a84058ce1e22dbc219"
      "8f42323ce8aca9135329f03c068e5112dc7cc3ef3446defceb01a45c2667fdd5" },
    { "P-384 with SHA-512 signs 'test'", "ECDSA-P384",
      "SHA-512", KEY_P384, "test",
      "a0d5d090c9980faf3c2ce57b7ae951d31977dd11c775d314af55f76c676447d0"
      "6fb6495cd21b4b6e340fc236584fb277976984e59b4c77b0e8e4460dca3d9f20"
      "e07b9bb1f63beefaf576f6b2e8b224634a2092cd3792e0159ad9cee37659c736" },
    { "P-384 with SHA3-256 signs 'sample'", "ECDSA-P384",
      "SHA3-256", KEY_P384, "sample",
      "253e501c17b72b81472f96ccaeb9fe60a8a856c90b980bce161090e09b2c68f0"
      "494f834c8d551ebd39b5f7732e02e9bffd3376f6b195dbaf24b8bef22b6c5b96"
      "322af1f8e4bfb90f7538ebfc00aae8a6d036ed79e05aae8d0dce63ee31fe239e" },
    { "P-384 with SHA3-512 signs 'sample'", "ECDSA-P384",
      "SHA3-512", KEY_P384, "sample",
      "1df34bc7c03a9d25de4e4a58db9ccd260c48cf34fbb65db2692b0cc329dca707"
      "d51b0ec694dcdeb178b4a4412c3200296007cdeddee441ddec154b873aa57444"
      "307f2b79df2420849c3a3907e20ca5dfe6191458d4ca8a0f94d00998c4e4b2c0" },
    { "P-521 with SHA-256 signs 'sample'", "ECDSA-P521",
      "SHA-256", KEY_P521, "sample",
      "01511bb4d675114fe266fc4372b87682baecc01d3cc62cf2303c92b352601265"
      "9d16876e25c7c1e57648f23b73564d67f61c6f14d527d54972810421e7d87589"
      "e1a7004a171143a83163d6df460aaf61522695f207a58b95c0644d87e52aa1a3"
      "47916e4f7a72930b1bc06dbe22ce3f58264afd23704cbb63b29b931f7de6c9d9"
      "49a7ecfc" },
    { "P-521 with SHA-256 signs 'test'", "ECDSA-P521",
      "SHA-256", KEY_P521, "test",
      "000e871c4a14f993c6c7369501900c4bc1e9c7b0b4ba44e04868b30b41d80710"
      "42eb28c4c250411d0ce08cd197e4188ea4876f279f90b3d8d74a3c76e6f1e465"
      "6aa800cd52dbaa33b063c3a6cd8058a1fb0a46a4754b034fcc644766ca14da8c"
      "a5ca9fde00e88c1ad60ccba759025299079d7a427ec3cc5b619bfbc828e7769b"
      "cd694e86" },
    { "P-521 with SHA-384 signs 'sample'", "ECDSA-P521",
      "SHA-384", KEY_P521, "sample",
      "01ea842a0e17d2de4f92c15315c63ddf72685c18195c2bb95e572b9c5136ca4b"
      "4b576ad712a52be9730627d16054ba40cc0b8d3ff035b12ae75168397f5d50c6"
      "745101f21a3cee066e1961025fb048bd5fe2b7924d0cd797babe0a83b66f1e35"
      "eeaf5fde143fa85dc394a7dee766523393784484bdf3e00114a1c857cde1aa20"
      "3db65d61" },
    { "P-521 with SHA-512 signs 'sample'", "ECDSA-P521",
      "SHA-512", KEY_P521, "sample",
      "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f"
      "174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e3"
      "77fa00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b"
      "68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e4"
      "4da4a67a" },
    { "P-521 with SHA-512 signs 'test'", "ECDSA-P521",
      "SHA-512", KEY_P521, "test",
      "013e99020abf5cee7525d16b69b229652ab6bdf2affcaef38773b4b7d08725f1"
      "0cdb93482fdcc54edcee91eca4166b2a7c6265ef0ce2bd7051b7cef945babd47"
      "ee6d01fbd0013c674aa79cb39849527916ce301c66ea7ce8b80682786ad60f98"
      "f7e78a19ca69eff5c57400e3b3a0ad66ce0978214d13baf4e9ac60752f7b155e"
      "2de4dce3" },
    { "P-521 with SHA3-256 signs 'sample'", "ECDSA-P521",
      "SHA3-256", KEY_P521, "sample",
      "01c1833010518e512def7727b21486f3187dee9cd55a55d3672707913f24ecbc"
      "a53680178270f0670ddc3e652e17245eb314ca3734c25f6d0c311610b350c115"
      "6b2100f235136745a1bd49ae9872d9d6410f19f24046d5937b3542cb6316458e"
      "3e04a6da5fcb4fca3a4d25dc94615bb30fd69f31653fe0dc1158b431a9266928"
      "615124ea" },
    { "P-521 with SHA3-512 signs 'sample'", "ECDSA-P521",
      "SHA3-512", KEY_P521, "sample",
      "006a2fcedb201a3f6e83312cff85a3504918f6a3c7ff0a1213cd41ac34d095c7"
      "a8c5b3e3e6e86d0caf6b78e439d954245973b633be5d277cc2aeb65c8d2f505a"
      "967800ce469f13b972c54a6a5097fb171b4daf9ab04b2f80fe538fa5cae05096"
      "9e1f27f106bdf086c6f99d831600430211f39b96e8b97c1fe62caed53bb2b624"
      "41cbb459" },
};

static void test_rfc6979(gconstpointer data)
{
    const EcdsaRow *row = data;
    const SpdmAsymAlg *alg = spdm_asym_by_name(row->alg);
    const SpdmHashAlg *hash = spdm_hash_by_name(row->hash);
    g_autoptr(GBytes) d = unhex(row->key);
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_new_ec(alg->curve,
                                                            view(d));
    SpdmRng rng = spdm_rng_system();
    SpdmBytes message = text(row->message);
    uint8_t sig[SPDM_MAX_SIGNATURE];

    g_assert_nonnull(key);
    g_assert_true(spdm_sign(key, alg, hash, NULL, &message, 1, &rng, sig));
    assert_hex(sig, alg->sig_size, row->sig);
    g_assert_true(spdm_verify(key->pub, alg, hash, NULL, &message, 1,
                              SPDM_BYTES(sig, alg->sig_size)));
}

/* --- Every algorithm with every hash ------------------------------------- */

/* A signature over "hello" and all that is needed to verify it. */
typedef struct Signed {
    const SpdmAsymAlg *alg;
    const SpdmHashAlg *hash;
    const SpdmPrivateKey *key;
    uint8_t sig[SPDM_MAX_SIGNATURE + 1];
} Signed;

static void sign_hello(Signed *s, const SpdmAsymAlg *alg,
                       const SpdmHashAlg *hash)
{
    SpdmBytes parts[] = { text("hel"), text(""), text("lo") };
    SpdmRng rng = spdm_rng_system();

    s->alg = alg;
    s->hash = hash;
    s->key = key_for(alg);
    g_assert_true(spdm_sign(s->key, alg, hash, NULL, parts, G_N_ELEMENTS(parts),
                            &rng, s->sig));
}

static bool verify_bytes(const Signed *s, size_t len)
{
    SpdmBytes hello = text("hello");

    return spdm_verify(s->key->pub, s->alg, s->hash, NULL, &hello, 1,
                       SPDM_BYTES(s->sig, len));
}

static bool verify_hello(const Signed *s)
{
    return verify_bytes(s, s->alg->sig_size);
}

static void test_all_hashes(gconstpointer data)
{
    for (const SpdmHashAlg *h = spdm_hash_algs; h->name; h++) {
        Signed s;

        if (spdm_asym_takes_hash(data, h)) {
            sign_hello(&s, data, h);
            g_assert_true(verify_hello(&s));
        }
    }
}

/* Every seventh bit and the last byte: all of them would take minutes. */
static void test_flips(gconstpointer data)
{
    Signed s;
    size_t bits;

    sign_hello(&s, data, spdm_hash_by_name("SHA-384"));
    bits = s.alg->sig_size * 8;
    for (size_t bit = 0; bit < bits; bit += bit + 8 < bits ? 7 : 1) {
        s.sig[bit / 8] ^= 1 << bit % 8;
        g_assert_false(verify_hello(&s));
        s.sig[bit / 8] ^= 1 << bit % 8;
    }
    g_assert_true(verify_hello(&s));
}

static void test_other_message(gconstpointer data)
{
    SpdmBytes other = text("hellp");
    Signed s;

    sign_hello(&s, data, spdm_hash_by_name("SHA-256"));
    g_assert_false(spdm_verify(s.key->pub, s.alg, s.hash, NULL, &other, 1,
                               SPDM_BYTES(s.sig, s.alg->sig_size)));
    g_assert_false(spdm_verify(s.key->pub, s.alg, s.hash, NULL, NULL, 0,
                               SPDM_BYTES(s.sig, s.alg->sig_size)));
}

static void test_other_hash(gconstpointer data)
{
    Signed s;

    sign_hello(&s, data, spdm_hash_by_name("SHA-256"));
    s.hash = spdm_hash_by_name("SHA3-256");
    g_assert_false(verify_hello(&s));
    s.hash = spdm_hash_by_name("SHA-512");
    g_assert_false(verify_hello(&s));
}

static void test_other_algorithm(gconstpointer data)
{
    Signed s;

    sign_hello(&s, data, spdm_hash_by_name("SHA-256"));
    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        s.alg = a;
        g_assert_cmpint(verify_hello(&s), ==, a == data);
    }
}

static void test_other_key(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    g_autoptr(SpdmPrivateKey) other = seeded_key(alg, "another");
    Signed s;

    sign_hello(&s, alg, spdm_hash_by_name("SHA-256"));
    s.key = other;
    g_assert_false(verify_hello(&s));
}

static void test_wrong_length(gconstpointer data)
{
    Signed s;

    sign_hello(&s, data, spdm_hash_by_name("SHA-256"));
    s.sig[s.alg->sig_size] = 0;
    g_assert_false(verify_bytes(&s, 0));
    g_assert_false(verify_bytes(&s, s.alg->sig_size - 1));
    g_assert_false(verify_bytes(&s, s.alg->sig_size + 1));
}

static void test_constant_bytes(gconstpointer data)
{
    Signed s;

    sign_hello(&s, data, spdm_hash_by_name("SHA-256"));
    for (int byte = 0; byte < 256; byte += 51) {
        memset(s.sig, byte, s.alg->sig_size);
        g_assert_false(verify_hello(&s));
    }
}

static void test_key_does_not_fit(gconstpointer data)
{
    SpdmRng rng = spdm_rng_system();
    SpdmBytes hello = text("hello");
    const SpdmAsymAlg *alg = data;
    const SpdmPrivateKey *key = key_for(alg);
    uint8_t sig[SPDM_MAX_SIGNATURE];

    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        bool fits = a->kind == alg->kind && a->key_bits == alg->key_bits;

        g_assert_cmpint(spdm_private_key_fits(key, a), ==, fits);
        g_assert_cmpint(spdm_public_key_fits(key->pub, a), ==, fits);
        if (!fits) {
            g_assert_false(spdm_sign(key, a, spdm_hash_algs, NULL, &hello, 1,
                                     &rng, sig));
        }
    }
}

/* --- Hostile signatures -------------------------------------------------- */

static gcry_mpi_t order_of(const SpdmAsymAlg *alg)
{
    g_auto(gcry_ctx_t) ec = spdm_ec_open(alg->curve);

    return spdm_ec_order(ec);
}

/* Puts 0, n, then n + the old value (where it fits) in place of r and s. */
static void test_ecdsa_range(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    size_t half = alg->sig_size / 2;
    g_auto(gcry_mpi_t) n = order_of(alg);
    g_auto(gcry_mpi_t) sum = gcry_mpi_new(0);

    for (size_t at = 0; at <= half; at += half) {
        g_auto(gcry_mpi_t) old = NULL;
        Signed s;

        sign_hello(&s, alg, spdm_hash_by_name("SHA-384"));
        old = spdm_mpi_read(SPDM_BYTES(s.sig + at, half));
        memset(s.sig + at, 0, half);
        g_assert_false(verify_hello(&s));
        spdm_mpi_write(n, s.sig + at, half);
        g_assert_false(verify_hello(&s));
        gcry_mpi_add(sum, n, old);
        if (gcry_mpi_get_nbits(sum) <= half * 8) {
            spdm_mpi_write(sum, s.sig + at, half);
            g_assert_false(verify_hello(&s));
        }
        spdm_mpi_write(old, s.sig + at, half);
        g_assert_true(verify_hello(&s));
    }
}

/* s + n has the same remainder as s; a few tries find one that fits. */
static void test_rsa_range(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    SpdmBytes message = { 0 };
    gcry_mpi_t n = key_for(alg)->pub->n;
    SpdmRng rng = spdm_rng_system();
    g_auto(gcry_mpi_t) sum = gcry_mpi_new(0);
    uint8_t sig[SPDM_MAX_SIGNATURE];
    bool found = false;

    for (uint8_t i = 0; !found && i < 100; i++) {
        g_auto(gcry_mpi_t) s = NULL;

        message = SPDM_BYTES(&i, 1);
        g_assert_true(spdm_sign(key_for(alg), alg, spdm_hash_algs, NULL,
                                &message, 1, &rng, sig));
        s = spdm_mpi_read(SPDM_BYTES(sig, alg->sig_size));
        gcry_mpi_add(sum, s, n);
        if (gcry_mpi_get_nbits(sum) <= alg->key_bits) {
            spdm_mpi_write(sum, sig, alg->sig_size);
            g_assert_false(spdm_verify(key_for(alg)->pub, alg, spdm_hash_algs,
                                       NULL, &message, 1,
                                       SPDM_BYTES(sig, alg->sig_size)));
            found = true;
        }
    }
    g_assert_true(found);
}

static void test_rsa_values(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    gcry_mpi_t n = key_for(alg)->pub->n;
    g_auto(gcry_mpi_t) below = gcry_mpi_new(0);
    Signed s;

    sign_hello(&s, alg, spdm_hash_by_name("SHA-512"));
    spdm_mpi_write(n, s.sig, alg->sig_size);
    g_assert_false(verify_hello(&s));
    gcry_mpi_sub_ui(below, n, 1);
    spdm_mpi_write(below, s.sig, alg->sig_size);
    g_assert_false(verify_hello(&s));
    memset(s.sig, 0, alg->sig_size);
    s.sig[alg->sig_size - 1] = 1;
    g_assert_false(verify_hello(&s));
}

/* --- Reproducibility ----------------------------------------------------- */

static void test_seed_repeats_key(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    g_autoptr(SpdmPrivateKey) again = seeded_key(alg, "test-pk");
    g_autofree char *a = spdm_private_key_to_pem(key_for(alg), NULL);
    g_autofree char *b = spdm_private_key_to_pem(again, NULL);

    g_assert_nonnull(a);
    g_assert_cmpstr(a, ==, b);
    g_assert_true(spdm_public_key_equal(key_for(alg)->pub, again->pub));
}

static void test_seeds_differ(void)
{
    const SpdmAsymAlg *alg = spdm_asym_by_name("ECDSA-P256");
    g_autoptr(SpdmPrivateKey) other = seeded_key(alg, "another");

    g_assert_false(spdm_public_key_equal(key_for(alg)->pub, other->pub));
}

static void test_seed_repeats_signature(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    SpdmBytes hello = text("hello");
    uint8_t sigs[2][SPDM_MAX_SIGNATURE];

    for (int i = 0; i < 2; i++) {
        g_autoptr(SpdmSeeded) s = spdm_seeded_new("demo", "salt");
        SpdmRng rng = spdm_seeded_rng(s);

        g_assert_true(spdm_sign(key_for(alg), alg, spdm_hash_algs, NULL, &hello,
                                1, &rng, sigs[i]));
    }
    g_assert_cmpmem(sigs[0], alg->sig_size, sigs[1], alg->sig_size);
}

static void test_pss_salts(void)
{
    Signed a, b;

    sign_hello(&a, spdm_asym_by_name("RSAPSS-2048"), spdm_hash_algs);
    sign_hello(&b, a.alg, spdm_hash_algs);
    g_assert_true(memcmp(a.sig, b.sig, a.alg->sig_size) != 0);
}

static void test_rsa_numbers(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    const SpdmPrivateKey *key = key_for(alg);
    g_auto(gcry_mpi_t) p = NULL;
    g_auto(gcry_mpi_t) q = NULL;

    g_assert_true(!gcry_pk_testkey(key->sexp));
    g_assert_true(!gcry_sexp_extract_param(key->sexp, "private-key!rsa", "pq",
                                           &p, &q, NULL));
    g_assert_cmpuint(gcry_mpi_get_nbits(key->pub->n), ==, alg->key_bits);
    g_assert_cmpuint(gcry_mpi_get_nbits(p), ==, alg->key_bits / 2);
    g_assert_true(!gcry_prime_check(p, 0) && !gcry_prime_check(q, 0));
    g_assert_cmpint(gcry_mpi_cmp(p, q), <, 0);
    gcry_mpi_sub(q, q, p);
    g_assert_cmpuint(gcry_mpi_get_nbits(q), >, alg->key_bits / 2 - 100);
}

/* --- GnuTLS agrees ------------------------------------------------------- */

static gnutls_sign_algorithm_t gnutls_sign_of(const SpdmAsymAlg *alg)
{
    static const gnutls_sign_algorithm_t ids[] = {
        [SPDM_SIG_RSASSA] = GNUTLS_SIGN_RSA_SHA384,
        [SPDM_SIG_RSAPSS] = GNUTLS_SIGN_RSA_PSS_RSAE_SHA384,
        [SPDM_SIG_ECDSA] = GNUTLS_SIGN_ECDSA_SHA384,
    };

    return ids[alg->scheme];
}

static gnutls_datum_t gnutls_signature(const Signed *s)
{
    unsigned half = s->alg->sig_size / 2;
    gnutls_datum_t r = { (unsigned char *)s->sig, half };
    gnutls_datum_t t = { (unsigned char *)s->sig + half, half };
    gnutls_datum_t out;

    if (s->alg->kind == SPDM_KEY_EC) {
        ok(gnutls_encode_rs_value(&out, &r, &t));
        return out;
    }
    out.size = s->alg->sig_size;
    out.data = gnutls_malloc(out.size);
    memcpy(out.data, s->sig, out.size);
    return out;
}

static void test_gnutls_verifies(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    g_autoptr(GBytes) spki = NULL;
    g_auto(gnutls_pubkey_t) pub = NULL;
    gnutls_datum_t der, sig, hello = { (unsigned char *)"hello", 5 };
    GError *err = NULL;
    Signed s;

    sign_hello(&s, alg, spdm_hash_by_name("SHA-384"));
    spki = spdm_public_key_to_spki(s.key->pub, &err);
    g_assert_no_error(err);
    der.data = (unsigned char *)view(spki).data;
    der.size = view(spki).len;
    ok(gnutls_pubkey_init(&pub));
    ok(gnutls_pubkey_import(pub, &der, GNUTLS_X509_FMT_DER));
    sig = gnutls_signature(&s);
    ok(gnutls_pubkey_verify_data2(pub, gnutls_sign_of(alg), 0, &hello, &sig));
    gnutls_free(sig.data);
}

/* --- Files --------------------------------------------------------------- */

typedef struct FormRow {
    const char *sentence;
    gnutls_pk_algorithm_t pk;
    unsigned bits;
    gnutls_x509_crt_fmt_t format;
    bool pkcs8;
    const char *describe;
} FormRow;

#define CURVE(id) GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_##id)
#define PEM GNUTLS_X509_FMT_PEM
#define DER GNUTLS_X509_FMT_DER

static const FormRow form_rows[] = {
    { "P-256 in PKCS#8 PEM", GNUTLS_PK_ECDSA, CURVE(SECP256R1), PEM, true,
      "ECDSA P-256" },
    { "P-384 in PKCS#8 DER", GNUTLS_PK_ECDSA, CURVE(SECP384R1), DER, true,
      "ECDSA P-384" },
    { "P-521 in PKCS#8 PEM", GNUTLS_PK_ECDSA, CURVE(SECP521R1), PEM, true,
      "ECDSA P-521" },
    { "P-521 as EC PRIVATE KEY", GNUTLS_PK_ECDSA, CURVE(SECP521R1), PEM,
      false, "ECDSA P-521" },
    { "P-256 in RFC 5915 DER", GNUTLS_PK_ECDSA, CURVE(SECP256R1), DER, false,
      "ECDSA P-256" },
    { "RSA 2048 in PKCS#8 PEM", GNUTLS_PK_RSA, 2048, PEM, true, "RSA 2048" },
    { "RSA 3072 as RSA PRIVATE KEY", GNUTLS_PK_RSA, 3072, PEM, false,
      "RSA 3072" },
    { "RSA 2048 in PKCS#1 DER", GNUTLS_PK_RSA, 2048, DER, false,
      "RSA 2048" },
};

static GBytes *gnutls_key(const FormRow *row, const char *password)
{
    g_auto(gnutls_x509_privkey_t) key = NULL;
    gnutls_datum_t out;
    GBytes *bytes;

    ok(gnutls_x509_privkey_init(&key));
    ok(gnutls_x509_privkey_generate(key, row->pk, row->bits, 0));
    if (row->pkcs8) {
        ok(gnutls_x509_privkey_export2_pkcs8(
            key, row->format, password,
            password ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN, &out));
    } else {
        ok(gnutls_x509_privkey_export2(key, row->format, &out));
    }
    bytes = g_bytes_new(out.data, out.size);
    gnutls_free(out.data);
    return bytes;
}

static void test_load(gconstpointer data)
{
    const FormRow *row = data;
    g_autoptr(GBytes) file = gnutls_key(row, NULL);
    GError *err = NULL;
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_load(view(file), "k.pem",
                                                          &err);

    g_assert_no_error(err);
    g_assert_cmpstr(spdm_public_key_describe(key->pub), ==, row->describe);
    g_assert_true(!gcry_pk_testkey(key->sexp));
}

/* What "openssl ecparam -genkey" writes. */
static const char openssl_ec[] =
    "-----BEGIN EC PARAMETERS-----\n"
    "BggqhkjOPQMBBw==\n"
    "-----END EC PARAMETERS-----\n"
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIHVMZ1G7ogs51s2PYZy+rauplKY4dV1rwweq0HjseMlzoAoGCCqGSM49\n"
    "AwEHoUQDQgAEzdNEq28IQ8EjBSYDM9qaK7hchXKQGeNTUyV3b+ZQvWcmhJZJ69aw\n"
    "AzBTAZ0ddAoiZTF8uWxHNuNNAO6PDRFlYw==\n"
    "-----END EC PRIVATE KEY-----\n";

static void test_load_openssl_ec(void)
{
    GError *err = NULL;
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_load(text(openssl_ec),
                                                          "k.pem", &err);

    g_assert_no_error(err);
    g_assert_cmpstr(spdm_public_key_describe(key->pub), ==, "ECDSA P-256");
}

static void test_pem_round_trip(gconstpointer data)
{
    const SpdmPrivateKey *key = key_for(data);
    GError *err = NULL;
    g_autofree char *pem = spdm_private_key_to_pem(key, &err);
    g_autoptr(SpdmPrivateKey) again = NULL;
    g_autofree char *pem_again = NULL;

    g_assert_no_error(err);
    g_assert_true(g_str_has_prefix(pem, "-----BEGIN PRIVATE KEY-----\n"));
    again = spdm_private_key_load(text(pem), "k.pem", &err);
    g_assert_no_error(err);
    g_assert_true(spdm_public_key_equal(key->pub, again->pub));
    pem_again = spdm_private_key_to_pem(again, &err);
    g_assert_cmpstr(pem, ==, pem_again);
}

/* RFC 5915 wants full width: 3 bytes of zeros make readers notice. */
static void test_pem_keeps_zeros(void)
{
    static const uint8_t small[32] = { [31] = 9 };
    g_autoptr(SpdmPrivateKey) key =
        spdm_private_key_new_ec("NIST P-256", SPDM_BYTES(small, 32));
    g_autofree char *pem = spdm_private_key_to_pem(key, NULL);
    gnutls_datum_t in = { (unsigned char *)pem, strlen(pem) };
    gnutls_datum_t der;

    ok(gnutls_pem_base64_decode2("PRIVATE KEY", &in, &der));
    g_assert_nonnull(memmem(der.data, der.size, small, sizeof(small)));
    gnutls_free(der.data);
}

static void assert_refused(SpdmBytes file, const char *reason)
{
    GError *err = NULL;

    g_assert_null(spdm_private_key_load(file, "ssd.key", &err));
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY);
    g_assert_true(g_str_has_prefix(err->message, "ssd.key: "));
    g_assert_null(strchr(err->message, '\n'));
    if (!strstr(err->message, reason)) {
        g_test_message("'%s' lacks '%s'", err->message, reason);
        g_test_fail();
    }
    g_error_free(err);
}

typedef struct TextRow {
    const char *sentence;
    const char *file;
    const char *reason;
} TextRow;

static const TextRow unreadable_rows[] = {
    { "an empty file", "", "is empty" },
    { "plain text", "hello\n", "cannot be read as a private key" },
    { "a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n"
      "-----END CERTIFICATE-----\n", "holds no private key" },
    { "a password-protected key of OpenSSL", "-----BEGIN RSA PRIVATE KEY-----\n"
      "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n"
      "-----END RSA PRIVATE KEY-----\n", "is encrypted" },
    { "a PEM with nothing in it", "-----BEGIN PRIVATE KEY-----\n"
      "-----END PRIVATE KEY-----\n", "cannot be read as a private key" },
    { "a PEM cut short", "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIHVM",
      "cannot be read as a private key" },
};

static void test_unreadable(gconstpointer data)
{
    const TextRow *row = data;

    assert_refused(text(row->file), row->reason);
}

/* .describe is the reason here. */
static const FormRow unsupported_rows[] = {
    { "RSA 1024", GNUTLS_PK_RSA, 1024, PEM, true,
      "RSA keys of 1024 bits are not supported; use RSA 2048" },
    { "ECDSA P-224", GNUTLS_PK_ECDSA, CURVE(SECP224R1), PEM, true,
      "SECP224R1 is not supported" },
    { "RSA-PSS", GNUTLS_PK_RSA_PSS, 2048, PEM, true, "RSA-PSS keys" },
};

static void test_unsupported(gconstpointer data)
{
    const FormRow *row = data;
    g_autoptr(GBytes) file = gnutls_key(row, NULL);

    assert_refused(view(file), row->describe);
}

static void test_encrypted(gconstpointer data)
{
    g_autoptr(GBytes) file = gnutls_key(data, "secret");

    assert_refused(view(file), "is encrypted");
}

/* Each prefix of a DER key: no crash, and never a key. */
static void test_truncated(void)
{
    g_autoptr(GBytes) file = gnutls_key(&form_rows[4], NULL);
    SpdmBytes whole = view(file);

    for (size_t len = 1; len < whole.len; len++) {
        assert_refused(SPDM_BYTES(whole.data, len), "cannot be read");
    }
}

static void test_rsa_parts_disagree(void)
{
    g_autoptr(GBytes) file = gnutls_key(&form_rows[7], NULL);
    g_autofree uint8_t *copy = g_memdup2(view(file).data, view(file).len);

    /* Inside the modulus, the second INTEGER of RFC 8017 A.1.2. */
    copy[100] ^= 1;
    assert_refused(SPDM_BYTES(copy, view(file).len), "do not belong together");
}

static void test_private_range(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    g_auto(gcry_mpi_t) n = NULL;
    uint8_t buf[SPDM_MAX_DHE] = { 0 };

    n = order_of(alg);
    g_assert_null(spdm_private_key_new_ec(alg->curve, SPDM_BYTES(buf, 66)));
    spdm_mpi_write(n, buf, 66);
    g_assert_null(spdm_private_key_new_ec(alg->curve, SPDM_BYTES(buf, 66)));
}

/* --- SubjectPublicKeyInfo ------------------------------------------------ */

static GBytes *spki_of(const SpdmAsymAlg *alg)
{
    GError *err = NULL;
    GBytes *spki = spdm_public_key_to_spki(key_for(alg)->pub, &err);

    g_assert_no_error(err);
    return spki;
}

static void test_spki_round_trip(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    g_autoptr(GBytes) spki = spki_of(alg);
    g_autoptr(GBytes) again = NULL;
    g_autoptr(SpdmPublicKey) copy = spdm_private_key_public(key_for(alg));
    GError *err = NULL;
    g_autoptr(SpdmPublicKey) key = spdm_public_key_from_spki(view(spki), &err);

    g_assert_no_error(err);
    g_assert_true(spdm_public_key_equal(key, copy));
    g_assert_cmpstr(spdm_public_key_describe(key), ==,
                    spdm_public_key_describe(copy));
    again = spdm_public_key_to_spki(key, &err);
    g_assert_no_error(err);
    g_assert_true(g_bytes_equal(spki, again));
}

static void assert_spki_refused(SpdmBytes der)
{
    GError *err = NULL;

    g_assert_null(spdm_public_key_from_spki(der, &err));
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY);
    g_error_free(err);
}

static void test_spki_length(gconstpointer data)
{
    g_autoptr(GBytes) spki = spki_of(data);
    size_t len = view(spki).len;
    g_autofree uint8_t *longer = g_malloc0(len + 1);

    for (size_t part = 0; part < len; part++) {
        assert_spki_refused(SPDM_BYTES(view(spki).data, part));
    }
    memcpy(longer, view(spki).data, len);
    assert_spki_refused(SPDM_BYTES(longer, len + 1));
}

static void test_spki_off_curve(gconstpointer data)
{
    const SpdmAsymAlg *alg = data;
    g_autoptr(GBytes) spki = spki_of(alg);
    size_t len = view(spki).len;
    g_autofree uint8_t *copy = g_memdup2(view(spki).data, len);

    copy[len - 1] ^= 1;
    assert_spki_refused(SPDM_BYTES(copy, len));
    memset(copy + len - alg->sig_size, 0, alg->sig_size);
    assert_spki_refused(SPDM_BYTES(copy, len));
    memset(copy + len - alg->sig_size, 0xff, alg->sig_size);
    assert_spki_refused(SPDM_BYTES(copy, len));
}

/* Any one byte of a peer's key may be anything; a key or an error results. */
static void test_spki_any_byte(gconstpointer data)
{
    g_autoptr(GBytes) spki = spki_of(data);
    size_t len = view(spki).len;
    g_autofree uint8_t *copy = g_memdup2(view(spki).data, len);
    SpdmBytes hello = text("hello");
    uint8_t sig[SPDM_MAX_SIGNATURE] = { 1 };

    for (size_t i = 0; i < len; i++) {
        for (int flip = 1; flip < 256; flip <<= 1) {
            g_autoptr(SpdmPublicKey) key = NULL;

            copy[i] ^= flip;
            key = spdm_public_key_from_spki(SPDM_BYTES(copy, len), NULL);
            if (key && i < 48) {
                spdm_verify(key, data, spdm_hash_algs, NULL, &hello, 1,
                            SPDM_BYTES(sig, ((SpdmAsymAlg *)data)->sig_size));
            }
            copy[i] ^= flip;
        }
    }
}

typedef struct RsaRow {
    const char *sentence;
    unsigned bits;        /* of a modulus of ones, but for @low */
    unsigned low;         /* its last byte */
    unsigned long e;
} RsaRow;

static const RsaRow rsa_rows[] = {
    { "an even modulus", 2048, 0xfe, 65537 },
    { "no modulus", 0, 0, 65537 },
    { "a modulus of 512 bits", 512, 0xff, 65537 },
    { "a modulus of 16384 bits", 16384, 0xff, 65537 },
    { "an even exponent", 2048, 0xff, 65536 },
    { "exponent 1", 2048, 0xff, 1 },
    { "exponent 0", 2048, 0xff, 0 },
};

static void test_rsa_refused(gconstpointer data)
{
    const RsaRow *row = data;
    size_t len = row->bits / 8;
    g_autofree uint8_t *n = g_malloc(len + 1);
    uint64_t e = GUINT64_TO_BE(row->e);

    memset(n, 0xff, len);
    if (len > 0) {
        n[len - 1] = row->low;
    }
    g_assert_null(spdm_public_key_new_rsa(SPDM_BYTES(n, len),
                                          SPDM_BYTES(&e, sizeof(e))));
}

static void add_per_alg(const char *group, SpdmKeyKind first,
                        SpdmKeyKind last, GTestDataFunc func)
{
    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        g_autofree char *path = g_strdup_printf("/crypto/pk/%s/%s", group,
                                                a->name);

        if (a->kind >= first && a->kind <= last) {
            g_test_add_data_func(path, a, func);
        }
    }
}

#define ANY SPDM_KEY_RSA, SPDM_KEY_SM2
#define DIGEST SPDM_KEY_RSA, SPDM_KEY_EC
#define RSA SPDM_KEY_RSA, SPDM_KEY_RSA
#define EC SPDM_KEY_EC, SPDM_KEY_EC

static void add_signature_tests(void)
{
    ADD_ROWS("pk/RFC 6979", ecdsa_rows, test_rfc6979);
    add_per_alg("signs and verifies with every hash", ANY, test_all_hashes);
    add_per_alg("GnuTLS verifies what we sign", DIGEST, test_gnutls_verifies);
    add_per_alg("a flipped bit is refused", ANY, test_flips);
    add_per_alg("another message is refused", ANY, test_other_message);
    add_per_alg("another hash is refused", DIGEST, test_other_hash);
    add_per_alg("another algorithm is refused", ANY, test_other_algorithm);
    add_per_alg("another key is refused", ANY, test_other_key);
    add_per_alg("a wrong length is refused", ANY, test_wrong_length);
    add_per_alg("constant bytes are refused", ANY, test_constant_bytes);
    add_per_alg("a key signs only what it fits", ANY, test_key_does_not_fit);
    add_per_alg("r and s outside 1 to n - 1 are refused", EC,
                test_ecdsa_range);
    add_per_alg("s + n does not pass for s", RSA, test_rsa_range);
    add_per_alg("n, n - 1 and 1 are refused", RSA, test_rsa_values);
    add_per_alg("a seed repeats the signature", ANY,
                test_seed_repeats_signature);
    g_test_add_func("/crypto/pk/RSAPSS salts are fresh", test_pss_salts);
}

static void add_key_tests(void)
{
    add_per_alg("a seed repeats the key", ANY, test_seed_repeats_key);
    g_test_add_func("/crypto/pk/seeds give different keys", test_seeds_differ);
    add_per_alg("numbers are as FIPS 186 wants them", RSA, test_rsa_numbers);
    ADD_ROWS("pk/loads", form_rows, test_load);
    g_test_add_func("/crypto/pk/loads/EC PARAMETERS before the key",
                    test_load_openssl_ec);
    add_per_alg("PEM and back is the same key", ANY, test_pem_round_trip);
    g_test_add_func("/crypto/pk/PEM keeps leading zeros",
                    test_pem_keeps_zeros);
    ADD_ROWS("pk/refuses to load", unreadable_rows, test_unreadable);
    ADD_ROWS("pk/refuses to load", unsupported_rows, test_unsupported);
    g_test_add_data_func("/crypto/pk/refuses to load/encrypted PEM",
                         &form_rows[0], test_encrypted);
    g_test_add_data_func("/crypto/pk/refuses to load/encrypted DER",
                         &form_rows[1], test_encrypted);
    g_test_add_func("/crypto/pk/refuses to load/any prefix of a DER key",
                    test_truncated);
    g_test_add_func("/crypto/pk/refuses to load/RSA parts that disagree",
                    test_rsa_parts_disagree);
    add_per_alg("private values 0 and n are refused", EC, test_private_range);
    add_per_alg("SPKI and back is the same key", ANY, test_spki_round_trip);
    add_per_alg("SPKI of another length is refused", ANY, test_spki_length);
    add_per_alg("SPKI off the curve is refused", EC, test_spki_off_curve);
    add_per_alg("SPKI with any byte changed does no harm", ANY,
                test_spki_any_byte);
    ADD_ROWS("pk/RSA is refused with", rsa_rows, test_rsa_refused);
}

int main(int argc, char **argv)
{
    int result;

    test_begin(&argc, &argv);
    key_cache = g_hash_table_new_full(NULL, NULL, NULL,
                                      (GDestroyNotify)spdm_private_key_free);
    add_signature_tests();
    add_key_tests();
    result = g_test_run();
    g_hash_table_unref(key_cache);
    return result;
}

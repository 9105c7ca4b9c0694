/*
 * EdDSA: the test vectors of RFC 8032, and what its context changes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-priv.h"

#include "crypto-util.h"

typedef struct Row {
    const char *sentence;
    const char *alg;
    const char *context;
    const char *secret;
    const char *public;
    const char *message;
    const char *sig;
} Row;

static const Row rows[] = {
    { "Ed25519 signs RFC 8032 7.1 TEST 1", "EDDSA-25519", NULL,
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
      "",
      "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
      "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b" },
    { "Ed25519 signs RFC 8032 7.1 TEST 2", "EDDSA-25519", NULL,
      "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
      "72",
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00" },
    { "Ed25519 signs RFC 8032 7.1 TEST 3", "EDDSA-25519", NULL,
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
      "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
      "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a" },
    { "Ed448 signs RFC 8032 7.4 Blank", "EDDSA-448", NULL,
      "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3"
      "528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
      "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778"
      "edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
      "",
      "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f"
      "2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a"
      "9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4db"
      "b61149f05a7363268c71d95808ff2e652600" },
    { "Ed448 signs RFC 8032 7.4 1 octet", "EDDSA-448", NULL,
      "c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463a"
      "fbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e",
      "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c086"
      "6aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
      "03",
      "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f435"
      "2541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cb"
      "cee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0f"
      "f3348ab21aa4adafd1d234441cf807c03a00" },
    { "Ed448 signs RFC 8032 7.4 1 octet (with context)", "EDDSA-448", "foo",
      "c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463a"
      "fbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e",
      "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c086"
      "6aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
      "03",
      "d4f8f6131770dd46f40867d6fd5d5055de43541f8c5e35abbcd001b32a89f7d2"
      "151f7647f11d8ca2ae279fb842d607217fce6e042f6815ea000c85741de5c8da"
      "1144a6a1aba7f96de42505d7a7298524fda538fccbbb754f578c1cad10d54d0d"
      "5428407e85dcbc98a49155c13764e66c3c00" },
    { "Ed448 signs RFC 8032 7.4 11 octets", "EDDSA-448", NULL,
      "cd23d24f714274e744343237b93290f511f6425f98e64459ff203e8985083ffd"
      "f60500553abc0e05cd02184bdb89c4ccd67e187951267eb328",
      "dcea9e78f35a1bf3499a831b10b86c90aac01cd84b67a0109b55a36e9328b1e3"
      "65fce161d71ce7131a543ea4cb5f7e9f1d8b00696447001400",
      "0c3e544074ec63b0265e0c",
      "1f0a8888ce25e8d458a21130879b840a9089d999aaba039eaf3e3afa090a09d3"
      "89dba82c4ff2ae8ac5cdfb7c55e94d5d961a29fe0109941e00b8dbdeea6d3b05"
      "1068df7254c0cdc129cbe62db2dc957dbb47b51fd3f213fb8698f064774250a5"
      "028961c9bf8ffd973fe5d5c206492b140e00" },
};

static SpdmPrivateKey *key_of(const SpdmAsymAlg *alg, const char *secret)
{
    g_autoptr(GBytes) d = unhex(secret);
    GError *err = NULL;
    SpdmPrivateKey *key = spdm_private_key_from_eddsa_seed(alg, view(d),
                                                           &err);

    g_assert_no_error(err);
    return key;
}

static void test_rfc8032(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = spdm_asym_by_name(row->alg);
    const SpdmHashAlg *hash = spdm_hash_by_name("SHA-256");
    g_autoptr(SpdmPrivateKey) key = key_of(alg, row->secret);
    g_autoptr(GBytes) message = unhex(row->message);
    SpdmBytes part = view(message);
    SpdmRng rng = spdm_rng_system();
    uint8_t sig[SPDM_MAX_SIGNATURE];

    assert_hex(view(key->pub->raw).data, view(key->pub->raw).len,
               row->public);
    g_assert_true(spdm_sign(key, alg, hash, row->context, &part, 1, &rng,
                            sig));
    assert_hex(sig, alg->sig_size, row->sig);
    g_assert_true(spdm_verify(key->pub, alg, hash, row->context, &part, 1,
                              SPDM_BYTES(sig, alg->sig_size)));
}

/* The same bytes: the base hash has no say in EdDSA. */
static void test_no_hash(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = spdm_asym_by_name(row->alg);
    g_autoptr(SpdmPrivateKey) key = key_of(alg, row->secret);
    g_autoptr(GBytes) message = unhex(row->message);
    SpdmBytes part = view(message);
    SpdmRng rng = spdm_rng_system();

    for (const SpdmHashAlg *h = spdm_hash_algs; h->name; h++) {
        uint8_t sig[SPDM_MAX_SIGNATURE];

        g_assert_true(spdm_sign(key, alg, h, row->context, &part, 1, &rng,
                                sig));
        assert_hex(sig, alg->sig_size, row->sig);
    }
}

typedef struct ContextRow {
    const char *sentence;
    const char *alg;
    const char *signed_with;
    const char *verified_with;
    bool good;
} ContextRow;

static const ContextRow context_rows[] = {
    { "Ed448 takes the context it was made with", "EDDSA-448",
      "responder-challenge_auth signing", "responder-challenge_auth signing",
      true },
    { "Ed448 refuses another context", "EDDSA-448",
      "responder-challenge_auth signing", "responder-measurements signing",
      false },
    { "Ed448 refuses no context", "EDDSA-448",
      "responder-challenge_auth signing", NULL, false },
    { "Ed448 refuses a context where none was", "EDDSA-448", NULL,
      "responder-challenge_auth signing", false },
    { "Ed448 has no context or an empty one alike", "EDDSA-448", NULL, "",
      true },
    { "Ed25519 is pure and has no context", "EDDSA-25519",
      "responder-challenge_auth signing", NULL, true },
};

static void test_context(gconstpointer data)
{
    const ContextRow *row = data;
    const SpdmAsymAlg *alg = spdm_asym_by_name(row->alg);
    g_autoptr(SpdmSeeded) s = spdm_seeded_new("test-eddsa", "key");
    SpdmRng rng = spdm_seeded_rng(s);
    GError *err = NULL;
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_generate(alg, &rng,
                                                              &err);
    SpdmBytes hello = text("hello");
    uint8_t sig[SPDM_MAX_SIGNATURE];

    g_assert_no_error(err);
    g_assert_true(spdm_sign(key, alg, spdm_hash_algs, row->signed_with,
                            &hello, 1, &rng, sig));
    g_assert_cmpint(spdm_verify(key->pub, alg, spdm_hash_algs,
                                row->verified_with, &hello, 1,
                                SPDM_BYTES(sig, alg->sig_size)), ==,
                    row->good);
}

/* Keys that are no point: refused as keys, or never verify; no harm. */
static void test_hostile_keys(gconstpointer data)
{
    const SpdmAsymAlg *alg = spdm_asym_by_name(data);
    size_t half = alg->sig_size / 2;
    SpdmBytes hello = text("hello");
    uint8_t q[SPDM_MAX_SIGNATURE];
    uint8_t sig[SPDM_MAX_SIGNATURE] = { 1 };

    g_assert_null(spdm_public_key_new_eddsa(alg, SPDM_BYTES(q, half - 1)));
    g_assert_null(spdm_public_key_new_eddsa(alg, SPDM_BYTES(q, half + 1)));
    for (int byte = 2; byte < 256; byte++) {
        g_autoptr(SpdmPublicKey) key = NULL;

        memset(q, byte, half);
        key = spdm_public_key_new_eddsa(alg, SPDM_BYTES(q, half));
        g_assert_nonnull(key);
        g_assert_false(spdm_verify(key, alg, spdm_hash_algs, NULL, &hello, 1,
                                   SPDM_BYTES(sig, alg->sig_size)));
    }
}

/* RFC 8032 5.1.7 and 5.2.7: s is below the group order. */
static void test_large_s(gconstpointer data)
{
    const Row *row = data;
    const SpdmAsymAlg *alg = spdm_asym_by_name(row->alg);
    g_autoptr(SpdmPrivateKey) key = key_of(alg, row->secret);
    g_autoptr(GBytes) message = unhex(row->message);
    g_autoptr(GBytes) good = unhex(row->sig);
    SpdmBytes part = view(message);
    uint8_t sig[SPDM_MAX_SIGNATURE];

    memcpy(sig, view(good).data, alg->sig_size);
    memset(sig + alg->sig_size / 2, 0xff, alg->sig_size / 2);
    g_assert_false(spdm_verify(key->pub, alg, spdm_hash_algs, row->context,
                               &part, 1, SPDM_BYTES(sig, alg->sig_size)));
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    ADD_ROWS("eddsa", rows, test_rfc8032);
    ADD_ROWS("eddsa/whatever the base hash", rows, test_no_hash);
    ADD_ROWS("eddsa/refuses an s of ones", rows, test_large_s);
    ADD_ROWS("eddsa/context", context_rows, test_context);
    g_test_add_data_func("/crypto/eddsa/no point is no key/EDDSA-25519",
                         "EDDSA-25519", test_hostile_keys);
    g_test_add_data_func("/crypto/eddsa/no point is no key/EDDSA-448",
                         "EDDSA-448", test_hostile_keys);
    return g_test_run();
}

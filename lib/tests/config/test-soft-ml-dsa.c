/*
 * The soft provider with post-quantum keys: chains, key pairs, requests for
 * certificates, and what a state file keeps of them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <glib/gstdio.h>

#include "soft-util.h"

#define PQC(bits) ((uint32_t)(bits) << SPDM_PQC_ASYM_SHIFT)
#define CAPS "CERT;CHAL;SET_CERT;CSR;GET_KEY_PAIR_INFO;SET_KEY_PAIR_INFO;CHUNK"
#define PROFILE(asym, slot) \
    "[device]\nname=t\n[spdm]\ncapabilities=" CAPS "\n" \
    "[algorithms]\nasym=" asym "\n[slot 0]\nauto=true\n" slot

static bool skip(void)
{
    bool missing = !spdm_asym_pqc(spdm_asym_mask(SPDM_VERSION_14));

    if (missing) {
        g_test_skip("this libgcrypt has no ML-DSA");
    }
    return missing;
}

/* --- chains --------------------------------------------------------------- */

typedef struct ChainRow {
    const char *sentence;
    const char *profile;
    uint32_t asym;
    const char *authority;
} ChainRow;

static const ChainRow chain_rows[] = {
    { "all-post-quantum", PROFILE("ML-DSA-44", ""), PQC(1), "ML-DSA-44" },
    { "the-strongest-is-the-authority", PROFILE("ML-DSA-44;ML-DSA-87", ""),
      PQC(1), "ML-DSA-87" },
    { "beside-classic-ones", PROFILE("ML-DSA-65;ECDSA-P256", ""), PQC(2),
      "ECDSA P-384" },
    { "classic-beside-it", PROFILE("ML-DSA-65;ECDSA-P256", ""), P256,
      "ECDSA P-384" },
    { "five-authorities", PROFILE("ML-DSA-87", "[identity]\n"
      "intermediates=5\n"), PQC(4), "ML-DSA-87" },
};

/* The certificates of a chain structure made with SHA-384. */
static GPtrArray *certificates(SpdmBytes chain)
{
    g_assert_cmpuint(chain.len, >, 52);
    return spdm_x509_split_der(SPDM_BYTES(chain.data + 52, chain.len - 52));
}

static void expect_signs(Device *d, uint8_t slot, uint32_t asym)
{
    const SpdmAsymAlg *alg = spdm_asym_by_bit(asym);
    SpdmSignRequest ask = {
        .slot = slot, .asym = asym, .hash = SHA384, .context = "a context",
        .message = SPDM_BYTES("m", 1),
    };
    SpdmChainPolicy policy = { .hash = spdm_hash_by_bit(SHA384),
                               .leaf_alg = alg };
    SpdmBytes chain = d->p.ops->cert_chain(d->p.opaque, slot, asym, SHA384);
    g_autoptr(SpdmPublicKey) leaf = NULL;
    uint8_t sig[SPDM_MAX_SIGNATURE];

    g_assert_cmpint(spdm_x509_verify_chain(chain, &policy, &leaf), ==,
                    SPDM_CHAIN_OK);
    g_assert_true(d->p.ops->sign(d->p.opaque, &ask, sig));
    g_assert_true(spdm_verify(leaf, alg, policy.hash, ask.context,
                              &ask.message, 1,
                              SPDM_BYTES(sig, alg->sig_size)));
}

static void test_chain(gconstpointer data)
{
    const ChainRow *row = data;
    g_auto(Device) d = { 0 };
    g_autoptr(GPtrArray) der = NULL;
    g_autoptr(GPtrArray) root =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_autoptr(SpdmPublicKey) key = NULL;

    if (skip()) {
        return;
    }
    d = device(row->profile, "seed", "x");
    g_assert_cmphex(d.p.ops->slots(d.p.opaque, row->asym), ==, 1);
    expect_signs(&d, 0, row->asym);
    der = certificates(d.p.ops->cert_chain(d.p.opaque, 0, row->asym, SHA384));
    g_ptr_array_add(root, g_bytes_ref(g_ptr_array_index(der, 0)));
    key = spdm_x509_leaf_key(root, NULL);
    g_assert_cmpstr(spdm_public_key_describe(key), ==, row->authority);
}

/* --- key pairs ------------------------------------------------------------ */

#define PAIRS PROFILE("ML-DSA-65;ECDSA-P384", \
                      "[key-pair 1]\nasym=ML-DSA-65\nslots=0\n" \
                      "[key-pair 2]\nasym=ECDSA-P384;ML-DSA-65\n" \
                      "empty=true\n" \
                      "capabilities=GEN_KEY;ASYM_ALGO;CERT_ASSOC\n" \
                      "[key-pair 3]\nasym=ECDSA-P384\nslots=0\n")

static void test_key_pairs(void)
{
    g_auto(Device) d = { 0 };
    SpdmKeyPair pair = { 0 };
    SpdmKeyPairChange generate = {
        .operation = SPDM_KEY_PAIR_GENERATE, .id = 2, .pqc = 2,
    };

    if (skip()) {
        return;
    }
    d = device(PAIRS, "seed", "x");
    g_assert_true(d.p.ops->key_pair(d.p.opaque, 1, &pair));
    g_assert_cmphex(pair.asym, ==, 0);
    g_assert_cmphex(pair.asym_caps, ==, 0);
    g_assert_cmphex(pair.pqc, ==, 2);
    g_assert_cmphex(pair.pqc_caps, ==, 2);
    g_assert_cmpuint(pair.public_key_info.len, ==, 13);
    g_assert_true(d.p.ops->key_pair(d.p.opaque, 2, &pair));
    g_assert_cmphex(pair.asym_caps, ==, 1 << 4);
    g_assert_cmphex(pair.pqc_caps, ==, 2);
    g_assert_cmphex(pair.asym | pair.pqc, ==, 0);
    g_assert_cmpint(d.p.ops->set_key_pair(d.p.opaque, &generate), ==,
                    SPDM_KEY_PAIR_DONE);
    g_assert_true(d.p.ops->key_pair(d.p.opaque, 2, &pair));
    g_assert_cmphex(pair.asym, ==, 0);
    g_assert_cmphex(pair.pqc, ==, 2);
}

/* --- certificates from outside -------------------------------------------- */

static GBytes *certify(SpdmBytes csr)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("ca", "ca");
    SpdmRng rng = spdm_seeded_rng(seeded);
    SpdmChainSpec spec = {
        .alg = spdm_asym_by_name("ML-DSA-87"),
        .hash = spdm_hash_by_bit(SHA384),
        .common_name = "an owner",
        .not_before = 1577836800,
        .not_after = 253402300799,
    };
    g_autoptr(SpdmCa) ca = spdm_ca_new(&spec, &rng, NULL);
    g_autoptr(SpdmPublicKey) key = spdm_csr_key(csr, NULL);
    g_autoptr(GPtrArray) der = NULL;

    g_assert_nonnull(key);
    der = spdm_ca_certify(ca, &spec, key, &rng, NULL);
    return spdm_x509_build_chain(der, spec.hash);
}

static void put_chain(Device *d, uint32_t asym)
{
    SpdmCsrRequest ask = { .asym = asym, .hash = SHA384 };
    SpdmSetCertificate put = { .slot = 0, .asym = asym, .hash = SHA384 };
    g_autoptr(GByteArray) csr = g_byte_array_new();
    g_autoptr(GBytes) chain = NULL;

    g_assert_true(d->p.ops->csr(d->p.opaque, &ask, csr));
    chain = certify(SPDM_BYTES(csr->data, csr->len));
    put.chain = soft_bytes(chain);
    g_assert_cmpint(d->p.ops->set_certificate(d->p.opaque, &put), ==,
                    SPDM_PROVISION_OK);
}

/* A key from real randomness is kept with its chain. */
static void test_restart(void)
{
    g_autofree char *dir = g_dir_make_tmp("spdm-ml-dsa-XXXXXX", NULL);
    g_autofree char *file = g_build_filename(dir, "state", NULL);
    const SpdmSoftConfig config = { .seed_label = "x", .state_file = file };
    g_autoptr(GPtrArray) before = NULL;
    g_autoptr(GPtrArray) after = NULL;

    if (!skip()) {
        g_auto(Device) d = device_with(PROFILE("ML-DSA-65", ""), config);
        g_auto(Device) again = { 0 };

        put_chain(&d, PQC(2));
        expect_signs(&d, 0, PQC(2));
        before = certificates(d.p.ops->cert_chain(d.p.opaque, 0, PQC(2),
                                                  SHA384));
        again = device_with(PROFILE("ML-DSA-65", ""), config);
        expect_signs(&again, 0, PQC(2));
        after = certificates(again.p.ops->cert_chain(again.p.opaque, 0,
                                                     PQC(2), SHA384));
        g_assert_true(g_bytes_equal(before->pdata[2], after->pdata[2]));
    }
    g_unlink(file);
    g_rmdir(dir);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(chain_rows); i++) {
        g_autofree char *path = g_strdup_printf("/soft-ml-dsa/chain/%s",
                                                chain_rows[i].sentence);
        g_test_add_data_func(path, &chain_rows[i], test_chain);
    }
    g_test_add_func("/soft-ml-dsa/key-pairs", test_key_pairs);
    g_test_add_func("/soft-ml-dsa/restart-keeps-key-and-chain", test_restart);
    return g_test_run();
}

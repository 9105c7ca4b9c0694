/*
 * Chains that the user puts into slots while the device runs
 * (spdm-certificate, set-certificate).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soft-util.h"

#include <glib/gstdio.h>

#define PROFILE \
    "[device]\nname=t\n[spdm]\ncapabilities=CERT;CHAL\n" \
    "[algorithms]\nasym=ECDSA-P384;ECDSA-P256\n[slot 0]\n[slot 1]\n" \
    "asym=ECDSA-P384\n"

static char *dir;

static char *path_of(const char *name)
{
    return g_build_filename(dir, name, NULL);
}

static void save(const char *name, const char *text)
{
    g_autofree char *path = path_of(name);
    g_autoptr(GError) err = NULL;

    g_file_set_contents(path, text, -1, &err);
    g_assert_no_error(err);
}

static void save_chain(const char *name, const GPtrArray *der)
{
    g_autoptr(GString) all = g_string_new(NULL);

    for (guint i = 0; i < der->len; i++) {
        g_autofree char *pem = spdm_x509_to_pem(soft_bytes(der->pdata[i]));

        g_string_append(all, pem);
    }
    save(name, all->str);
}

/* NAME.pem and NAME.key of a CA outside. */
static void make_files(const char *name, const char *alg)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new(name, "ca");
    SpdmRng rng = spdm_seeded_rng(seeded);
    SpdmChainSpec spec = {
        .alg = spdm_asym_by_name(alg), .hash = spdm_hash_by_name("SHA-384"),
        .common_name = "an owner", .not_before = 1577836800,
        .not_after = 253402300799,
    };
    g_autoptr(SpdmPrivateKey) key = NULL;
    g_autoptr(GPtrArray) der = spdm_x509_generate(&spec, &rng, &key, NULL);
    g_autofree char *pem = spdm_private_key_to_pem(key, NULL);
    g_autofree char *chain = g_strconcat(name, ".pem", NULL);
    g_autofree char *key_name = g_strconcat(name, ".key", NULL);

    save_chain(chain, der);
    save(key_name, pem);
}

/* @text with DIR for the directory. */
static bool change(Device *d, const char *text, SpdmSoftChange *what,
                   GError **errp)
{
    g_auto(GStrv) parts = g_strsplit(text, "DIR", -1);
    g_autofree char *full = g_strjoinv(dir, parts);

    return spdm_soft_provider_set_chain(d->soft, full, NULL, what, errp);
}

static void must(Device *d, const char *text)
{
    g_autoptr(GError) err = NULL;
    SpdmSoftChange what = { .slots = 0 };

    change(d, text, &what, &err);
    g_assert_no_error(err);
    g_assert_cmphex(what.slots, ==, 1 << (text[0] - '0'));
    g_assert_cmphex(what.measurements[0], ==, 0);
}

static SpdmBytes chain_in(Device *d, uint8_t slot, uint32_t asym)
{
    return d->p.ops->cert_chain(d->p.opaque, slot, asym, SHA384);
}

static GBytes *copy_of(SpdmBytes b)
{
    return g_bytes_new(b.data, b.len);
}

/* What the slot signs verifies with its own leaf. */
static void expect_signs(Device *d, uint8_t slot, uint32_t asym)
{
    const SpdmAsymAlg *alg = spdm_asym_by_bit(asym);
    SpdmSignRequest ask = { .slot = slot, .asym = asym, .hash = SHA384,
                            .message = text("m") };
    SpdmBytes chain = chain_in(d, slot, asym);
    g_autoptr(GPtrArray) der = NULL;
    g_autoptr(SpdmPublicKey) leaf = NULL;
    uint8_t sig[SPDM_MAX_SIGNATURE];

    g_assert_cmpuint(chain.len, >, 52);
    der = spdm_x509_split_der(SPDM_BYTES(chain.data + 52, chain.len - 52));
    leaf = spdm_x509_leaf_key(der, NULL);
    g_assert_true(d->p.ops->sign(d->p.opaque, &ask, sig));
    g_assert_true(spdm_verify(leaf, alg, spdm_hash_by_bit(SHA384), NULL,
                              &ask.message, 1,
                              SPDM_BYTES(sig, alg->sig_size)));
}

typedef struct Row {
    const char *sentence;
    const char *text;
    const char *says;
} Row;

#define FORM "is not SLOT:CHAIN.pem"
static const Row refusals[] = {
    { "nothing", "", FORM }, { "a-slot-alone", "1", FORM },
    { "slot-8", "8:DIR/p384.pem", FORM }, { "no-slot", "x:erase", FORM },
    { "no-file", "1:", FORM }, { "no-key-file", "1:DIR/p384.pem:", FORM },
    { "too-much", "1:DIR/p384.pem:DIR/p384.key:x", FORM },
    { "a-file-that-is-not-there", "1:/nonexistent.pem", "cannot be read" },
    { "no-certificates", "1:DIR/p384.key", "unreadable certificate" },
    { "a-key-that-is-not-there", "1:DIR/p384.pem:/nonexistent.key",
      "/nonexistent.key: cannot be read" },
    { "another-chain's-key", "1:DIR/p384.pem:DIR/other.key",
      "is not the key of the leaf in" },
    { "a-foreign-leaf-without-its-key", "1:DIR/p384.pem",
      "none of the device's; give it as 1:" },
    { "an-algorithm-the-profile-has-not", "1:DIR/p521.pem:DIR/p521.key",
      "fits none of asym=" },
    { "a-kind-the-slot-has-no-key-of", "1:DIR/p256.pem:DIR/p256.key",
      "slot 1 has no key pair for ECDSA-P256" },
    { "erasing-what-is-empty", "5:erase", "slot 5 holds no chain" },
};

static void test_refusal(gconstpointer data)
{
    const Row *row = data;
    g_auto(Device) d = device(PROFILE, "seed", "x");
    g_autoptr(GBytes) before = copy_of(chain_in(&d, 1, P384));
    g_autoptr(GError) err = NULL;
    SpdmSoftChange what;

    g_assert_false(change(&d, row->text, &what, &err));
    g_test_message("%s", err->message);
    g_assert_nonnull(strstr(err->message, row->says));
    g_assert_null(strchr(err->message, '\n'));
    g_assert_true(same_bytes(chain_in(&d, 1, P384), soft_bytes(before)));
    expect_signs(&d, 1, P384);
}

/* At once, without a trace in the other slot or the other kind of key. */
static void test_with_key(void)
{
    g_auto(Device) d = device(PROFILE, "seed", "x");
    g_autoptr(GBytes) before = copy_of(chain_in(&d, 0, P384));
    g_autoptr(GBytes) p256 = copy_of(chain_in(&d, 0, P256));
    g_autoptr(GBytes) other = copy_of(chain_in(&d, 1, P384));

    must(&d, "0:DIR/p384.pem:DIR/p384.key");
    g_assert_false(same_bytes(chain_in(&d, 0, P384), soft_bytes(before)));
    expect_signs(&d, 0, P384);
    g_assert_true(same_bytes(chain_in(&d, 0, P256), soft_bytes(p256)));
    g_assert_true(same_bytes(chain_in(&d, 1, P384), soft_bytes(other)));
    expect_signs(&d, 1, P384);
    must(&d, "0:DIR/other.pem:DIR/other.key");
    expect_signs(&d, 0, P384);
    must(&d, "0:DIR/p256.pem:DIR/p256.key");
    expect_signs(&d, 0, P256);
}

/* The key that came along is the device's from then on. */
static void test_in_another_slot(void)
{
    g_auto(Device) d = device(PROFILE, "seed", "x");

    must(&d, "0:DIR/p384.pem:DIR/p384.key");
    must(&d, "3:DIR/p384.pem");
    expect_signs(&d, 3, P384);
    {
        g_autoptr(GError) err = NULL;
        SpdmSoftChange what;

        g_assert_false(change(&d, "0:DIR/other.pem:DIR/other.key", &what,
                              &err));
        g_assert_nonnull(strstr(err->message, "that of other slots"));
    }
    expect_signs(&d, 0, P384);
}

static void test_erase(void)
{
    g_auto(Device) d = device(PROFILE, "seed", "x");

    must(&d, "0:erase");
    g_assert_cmpuint(chain_in(&d, 0, P384).len, ==, 0);
    g_assert_cmpuint(chain_in(&d, 0, P256).len, ==, 0);
    g_assert_cmphex(d.p.ops->slots(d.p.opaque, P384), ==, 2);
    must(&d, "0:DIR/p384.pem:DIR/p384.key");
    expect_signs(&d, 0, P384);
}

static void test_no_certificates(void)
{
    g_auto(Device) d = device("[spdm]\ncapabilities=PUB_KEY_ID;CHAL\n"
                               "[algorithms]\nasym=ECDSA-P384\n", "seed",
                               "x");
    g_autoptr(GError) err = NULL;
    SpdmSoftChange what;

    g_assert_false(change(&d, "0:erase", &what, &err));
    g_assert_nonnull(strstr(err->message, "no CERT"));
}

static Device with_file(const char *seed)
{
    g_autofree char *file = path_of("state");

    return device_with(PROFILE, (SpdmSoftConfig){
        .seed = seed, .seed_label = "x", .state_file = file });
}

/* The key too, whatever else the keys are made from. */
static void test_restart(gconstpointer seed)
{
    g_auto(Device) d = with_file(seed);
    g_autofree char *file = path_of("state");
    g_autoptr(GBytes) set = NULL;
    {
        g_autoptr(GBytes) factory = d.p.ops->identity_save(d.p.opaque);
        g_autoptr(GBytes) before = copy_of(chain_in(&d, 0, P384));
        g_autoptr(GBytes) with = NULL;

        must(&d, "0:DIR/p384.pem:DIR/p384.key");
        set = copy_of(chain_in(&d, 0, P384));
        with = d.p.ops->identity_save(d.p.opaque);
        g_assert_true(d.p.ops->identity_load(d.p.opaque, soft_bytes(factory),
                                             NULL));
        expect_signs(&d, 0, P384);
        g_assert_true(!seed || same_bytes(chain_in(&d, 0, P384),
                                          soft_bytes(before)));
        g_assert_true(d.p.ops->identity_load(d.p.opaque, soft_bytes(with),
                                             NULL));
        expect_signs(&d, 0, P384);
    }
    device_clear(&d);
    d = with_file(seed);
    g_assert_true(same_bytes(chain_in(&d, 0, P384), soft_bytes(set)));
    expect_signs(&d, 0, P384);
    g_unlink(file);
}

static void test_unwritable(void)
{
    g_auto(Device) d = device(PROFILE, "seed", "x");
    g_autoptr(GBytes) before = copy_of(chain_in(&d, 0, P384));
    static const char *const texts[] = {
        "0:DIR/p384.pem:DIR/p384.key", "0:erase",
    };

    d.soft->state_file = g_strdup("/nonexistent/state");
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_autoptr(GError) err = NULL;
        SpdmSoftChange what;

        g_assert_false(change(&d, texts[i], &what, &err));
        g_assert_nonnull(strstr(err->message, "nothing has changed"));
        g_assert_true(same_bytes(chain_in(&d, 0, P384), soft_bytes(before)));
        expect_signs(&d, 0, P384);
    }
}

static void remove_files(void)
{
    g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(d))) {
        g_autofree char *path = path_of(name);

        g_unlink(path);
    }
    g_rmdir(dir);
    g_free(dir);
}

int main(int argc, char **argv)
{
    int rc;

    g_test_init(&argc, &argv, NULL);
    dir = g_dir_make_tmp("spdm-chain-XXXXXX", NULL);
    make_files("p384", "ECDSA-P384");
    make_files("other", "ECDSA-P384");
    make_files("p256", "ECDSA-P256");
    make_files("p521", "ECDSA-P521");
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path = g_strconcat("/soft-chain/refused/",
                                            refusals[i].sentence, NULL);

        g_test_add_data_func(path, &refusals[i], test_refusal);
    }
#define ADD(name, f) g_test_add_func("/soft-chain/" name, f)
    ADD("a-chain-comes-with-its-key", test_with_key);
    ADD("the-key-is-the-device's-then", test_in_another_slot);
    ADD("erase-and-set-again", test_erase);
    ADD("a-device-without-certificates", test_no_certificates);
    g_test_add_data_func("/soft-chain/kept-with-a-seed", "seed",
                         test_restart);
    g_test_add_data_func("/soft-chain/kept-without-a-seed", NULL,
                         test_restart);
    ADD("what-cannot-be-stored-has-not-happened", test_unwritable);
    rc = g_test_run();
    remove_files();
    return rc;
}

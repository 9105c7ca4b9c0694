/*
 * Whom the soft provider believes, and whom it knows in advance.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soft-util.h"

#include <glib/gstdio.h>
#include <unistd.h>

enum { HOUR = 3600, YEAR = 365 * 24 * HOUR };

#define MUTUAL \
    "[spdm]\ncapabilities=CERT;CHAL;MAC;ENCRYPT;KEY_EX;MUT_AUTH;ENCAP\n" \
    "[mutual-auth]\n"

typedef struct Made {
    GPtrArray *der;
    SpdmPrivateKey *key;
    GBytes *chain;           /* for SHA-384 */
} Made;

static void made_clear(Made *m)
{
    g_clear_pointer(&m->der, g_ptr_array_unref);
    g_clear_pointer(&m->key, spdm_private_key_free);
    g_clear_pointer(&m->chain, g_bytes_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Made, made_clear)

static Made make(bool requester, int64_t until)
{
    const SpdmRng rng = spdm_rng_system();
    int64_t now = g_get_real_time() / G_USEC_PER_SEC;
    SpdmChainSpec spec = {
        .alg = spdm_asym_by_name("ECDSA-P384"),
        .hash = spdm_hash_by_name("SHA-384"),
        .common_name = "made by a test",
        .requester = requester,
        .not_before = now - YEAR,
        .not_after = now + until,
    };
    Made m = { .der = NULL };

    m.der = spdm_x509_generate(&spec, &rng, &m.key, NULL);
    g_assert_nonnull(m.der);
    m.chain = spdm_x509_build_chain(m.der, spec.hash);
    return m;
}

static void write_text(const char *file, const char *text)
{
    g_assert_true(g_file_set_contents(file, text, -1, NULL));
}

/* Certificates @from to @to of the chain. */
static void write_certs(const char *file, const Made *m, guint from, guint to)
{
    g_autoptr(GString) pem = g_string_new(NULL);

    for (guint i = from; i <= to; i++) {
        g_autofree char *one = spdm_x509_to_pem(
            soft_bytes(m->der->pdata[i]));

        g_string_append(pem, one);
    }
    write_text(file, pem->str);
}

static bool trusts(const Device *d, const Made *m, uint32_t asym,
                   const char **why)
{
    return d->p.ops->trusts_requester(d->p.opaque, soft_bytes(m->chain), asym,
                                      SHA384, why);
}

static void refuses(const Device *d, const Made *m, uint32_t asym,
                    SpdmChainReason reason)
{
    const char *why = "";

    g_assert_false(trusts(d, m, asym, &why));
    g_assert_cmpstr(why, ==, spdm_chain_reason_text(reason));
}

static void test_trust(void)
{
    g_auto(Made) friend = make(true, YEAR);
    g_auto(Made) stranger = make(true, YEAR);
    g_auto(Device) d = { 0 };
    const char *why;

    write_certs("r.pem", &friend, 0, 0);
    d = device(MUTUAL "trust=r.pem\n", NULL, NULL);
    g_assert_true(trusts(&d, &friend, P384, &why));
    refuses(&d, &stranger, P384, SPDM_CHAIN_ROOT_UNTRUSTED);
    refuses(&d, &friend, P256, SPDM_CHAIN_KEY_TYPE);
}

/* Roots of the profile and of the configuration add up. */
static void test_two_sources(void)
{
    g_auto(Made) one = make(true, YEAR);
    g_auto(Made) other = make(true, YEAR);
    g_auto(Device) d = { 0 };
    const char *why;

    write_certs("r.pem", &one, 0, 0);
    write_certs("o.pem", &other, 0, 0);
    d = device_with(MUTUAL "trust=r.pem\n",
                    (SpdmSoftConfig){ .trust_file = "o.pem" });
    g_assert_true(trusts(&d, &one, P384, &why));
    g_assert_true(trusts(&d, &other, P384, &why));
}

/* "any" is about roots: a chain has to be sound all the same. */
static void test_any(void)
{
    g_auto(Made) stranger = make(true, YEAR);
    g_auto(Made) late = make(true, -HOUR);
    g_auto(Made) responder = make(false, YEAR);
    g_auto(Device) d = device(MUTUAL "trust=any\n", NULL, NULL);
    const char *why;

    g_assert_true(trusts(&d, &stranger, P384, &why));
    refuses(&d, &late, P384, SPDM_CHAIN_EXPIRED);
    refuses(&d, &responder, P384, SPDM_CHAIN_EXT_KEY_USAGE);
}

static void expect_error(const char *profile, const char *want)
{
    g_autoptr(GError) err = NULL;
    g_auto(Device) d = { 0 };

    g_assert_false(device_try(&d, profile, (SpdmSoftConfig){ 0 }, NULL,
                              &err));
    g_assert_nonnull(err);
    g_assert_cmpstr(err->message, ==, want);
}

static void test_nobody(void)
{
    static const char want[] =
        "t: [mutual-auth] trust: no requester would be believed; give the "
        "roots (trust=FILE.pem, or --trust of spdm-responder, or spdm-trust "
        "of a device), or trust=any";
    g_auto(Device) none = device(MUTUAL "mode=none\n", NULL, NULL);

    expect_error(MUTUAL, want);
    expect_error(MUTUAL "mode=none\nbasic=true\n", want);
    g_assert_nonnull(none.soft);
}

static void test_bad_files(void)
{
    g_auto(Made) m = make(true, YEAR);

    write_text("r.pem", "hello\n");
    expect_error(MUTUAL "trust=r.pem\n",
                 "r.pem: no certificate found; expected PEM blocks \"BEGIN "
                 "CERTIFICATE\", root first, leaf last");
    expect_error(MUTUAL "form=provisioned\npublic-key=r.pem\n",
                 "r.pem: holds no public key (PEM or DER "
                 "SubjectPublicKeyInfo)");
    write_certs("r.pem", &m, 1, 2);
    expect_error(MUTUAL "form=provisioned\ncert=r.pem\n",
                 "r.pem: the root is not a trusted one");
    g_unlink("r.pem");
    expect_error(MUTUAL "trust=r.pem\n",
                 "r.pem: cannot be read: Failed to open file "
                 "\342\200\234r.pem\342\200\235: No such file or directory");
}

static SpdmBytes known(const Device *d, uint8_t slot, uint32_t asym)
{
    return d->p.ops->requester_chain(d->p.opaque, slot, asym, SHA384);
}

static void test_known_chain(void)
{
    g_auto(Made) m = make(true, YEAR);
    g_auto(Device) d = { 0 };

    write_certs("r.pem", &m, 0, 2);
    d = device(MUTUAL "form=provisioned\ncert=r.pem\nslot=3\n", NULL, NULL);
    g_assert_true(same_bytes(known(&d, 3, P384), soft_bytes(m.chain)));
    g_assert_cmpuint(known(&d, 2, P384).len, ==, 0);
    g_assert_cmpuint(known(&d, 3, P256).len, ==, 0);
    g_assert_cmpuint(known(&d, SPDM_SLOT_PUBLIC_KEY, P384).len, ==, 0);
}

static void test_known_key(void)
{
    g_auto(Made) m = make(true, YEAR);
    g_autoptr(SpdmPublicKey) public = spdm_private_key_public(m.key);
    g_autoptr(GBytes) spki = spdm_public_key_to_spki(public, NULL);
    SpdmBytes der = soft_bytes(spki);
    g_autofree char *base64 = g_base64_encode(der.data, der.len);
    g_autofree char *pem = g_strdup_printf(
        "-----BEGIN PUBLIC KEY-----\n%s\n-----END PUBLIC KEY-----\n", base64);

    for (unsigned is_pem = 0; is_pem < 2; is_pem++) {
        g_auto(Device) d = { 0 };

        g_assert_true(g_file_set_contents(
            "r.pem", is_pem ? pem : (const char *)der.data,
            is_pem ? -1 : (gssize)der.len, NULL));
        d = device(MUTUAL "form=provisioned\npublic-key=r.pem\n", NULL,
                   NULL);
        g_assert_true(same_bytes(known(&d, SPDM_SLOT_PUBLIC_KEY, P384),
                                 der));
        g_assert_cmpuint(known(&d, 0, P384).len, ==, 0);
        g_assert_cmpuint(known(&d, SPDM_SLOT_PUBLIC_KEY, P521).len, ==, 0);
    }
}

int main(int argc, char **argv)
{
    g_autofree char *dir = g_dir_make_tmp("spdm-requester-XXXXXX", NULL);
    int ret;

    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    g_assert_cmpint(chdir(dir), ==, 0);
#define ADD(name, fn) g_test_add_func("/soft-requester/" name, fn)
    ADD("believes-those-below-its-roots", test_trust);
    ADD("roots-of-profile-and-configuration-add-up", test_two_sources);
    ADD("any-root-but-not-any-chain", test_any);
    ADD("to-believe-nobody-is-refused", test_nobody);
    ADD("bad-files-are-named", test_bad_files);
    ADD("knows-a-chain-in-advance", test_known_chain);
    ADD("knows-a-public-key-in-advance", test_known_key);
#undef ADD
    ret = g_test_run();
    g_unlink("r.pem");
    g_unlink("o.pem");
    g_rmdir(dir);
    return ret;
}

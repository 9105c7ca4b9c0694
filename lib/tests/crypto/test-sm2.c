/*
 * SM2: the sample of GB/T 32918.5, and keys and signatures of OpenSSL 3.0.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-priv.h"

#include "crypto/hash.h"
#include "crypto-util.h"

/* GB/T 32918.5 appendix A. */
static const char sample_d[] =
    "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";
static const char sample_xy[] =
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13";
static const char sample_z[] =
    "b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3";
static const char sample_e[] =
    "f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640";
static const char sample_r[] =
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3";
static const char sample_s[] =
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa";

static const SpdmAsymAlg *sm2(void)
{
    return spdm_asym_by_name("SM2-P256");
}

static void test_public(void)
{
    g_autoptr(GBytes) d = unhex(sample_d);
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_new_ec(sm2()->curve,
                                                            view(d));

    g_assert_nonnull(key);
    assert_hex(view(key->pub->raw).data, view(key->pub->raw).len, sample_xy);
    g_assert_cmpstr(spdm_public_key_describe(key->pub), ==, "SM2");
}

/* The digest that is signed, and that libgcrypt takes the sample's r and s. */
static void test_sample(void)
{
    g_autoptr(GBytes) xy = unhex(sample_xy);
    g_autoptr(GBytes) r = unhex(sample_r);
    g_autoptr(GBytes) s = unhex(sample_s);
    g_autoptr(SpdmPublicKey) key = spdm_public_key_new_ec(sm2()->curve,
                                                          view(xy));
    g_auto(gcry_sexp_t) sig = NULL;
    g_auto(gcry_sexp_t) data = NULL;
    uint8_t z[32], e[32];
    SpdmBytes parts[] = { SPDM_BYTES(z, 32), text("message digest") };

    spdm_sm2_z(key, text("1234567812345678"), z);
    assert_hex(z, sizeof(z), sample_z);
    spdm_hash(spdm_hash_by_name("SM3"), parts, 2, e);
    assert_hex(e, sizeof(e), sample_e);
    g_assert_true(!gcry_sexp_build(&data, NULL,
                                   "(data (flags sm2) (hash sm3 %b))",
                                   (int)sizeof(e), e));
    g_assert_true(!gcry_sexp_build(&sig, NULL,
                                   "(sig-val (sm2 (r %b) (s %b)))", 32,
                                   view(r).data, 32, view(s).data));
    g_assert_true(!gcry_pk_verify(sig, data, key->sexp));
}

typedef struct KeyRow {
    const char *sentence;
    const char *pem;
} KeyRow;

/* "openssl genpkey" and "openssl ecparam -genkey" write different OIDs. */
static const KeyRow key_rows[] = {
    { "with the curve as its type, after its parameters",
      "-----BEGIN SM2 PARAMETERS-----\n"
      "BggqgRzPVQGCLQ==\n"
      "-----END SM2 PARAMETERS-----\n"
      "-----BEGIN PRIVATE KEY-----\n"
      "MIGIAgEAMBQGCCqBHM9VAYItBggqgRzPVQGCLQRtMGsCAQEEIBmY6PhrgtmdQzK7\n"
      "GhNpr/DWMXnq81voFgPnuLqrQr0PoUQDQgAE2MvM8Wmpw4KNPIXs7A7BPeLvF7aD\n"
      "4kKSj4A+zpvfjckSVLY+Z8ac+dITYirVP0yZG3Li8JVH5sNLPnJ6vyzREQ==\n"
      "-----END PRIVATE KEY-----\n" },
    { "with id-ecPublicKey as its type",
      "-----BEGIN PRIVATE KEY-----\n"
      "MIGHAgEAMBMGByqGSM49AgEGCCqBHM9VAYItBG0wawIBAQQgs/Eh5QBSDiICVWJ2\n"
      "75FuS1x8LuxAC5FbowAnDltVucihRANCAATBBwLZwkloTz44P+p5HpwcsoLshrAQ\n"
      "lih3cXxNvkUWhhpLWB66KICAbo1gtTAFW1Pa9WF2QKHxjZ42/Zvqmm8O\n"
      "-----END PRIVATE KEY-----\n" },
};

static void test_load(gconstpointer data)
{
    const KeyRow *row = data;
    GError *err = NULL;
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_load(text(row->pem),
                                                          "k.pem", &err);

    g_assert_no_error(err);
    g_assert_true(spdm_private_key_fits(key, sm2()));
    g_assert_false(spdm_private_key_fits(key,
                                         spdm_asym_by_name("ECDSA-P256")));
}

/* "openssl dgst -sm3 -sign" with the first of the keys: no identifier. */
static const char openssl_sig[] =
    "2f9de283ea3c509cabc0b0c5ae728d33ecd9200f451d16626e7753968585b589"
    "65f214a08d650605d36d3a960d90cca02fd32e2d7896cf12556602a1d67adaf2";

static void test_openssl_signature(void)
{
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_load(
        text(key_rows[0].pem), "k.pem", NULL);
    g_autoptr(GBytes) sig = unhex(openssl_sig);
    SpdmBytes hello = text("hello");

    g_assert_nonnull(key);
    for (const SpdmHashAlg *h = spdm_hash_algs; h->name; h++) {
        g_assert_true(spdm_verify(key->pub, sm2(), h, "any", &hello, 1,
                                  view(sig)));
    }
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    g_test_add_func("/crypto/sm2/the sample's key pair", test_public);
    g_test_add_func("/crypto/sm2/the sample's Z, digest and signature",
                    test_sample);
    ADD_ROWS("sm2/loads a key", key_rows, test_load);
    g_test_add_func("/crypto/sm2/a signature of OpenSSL verifies",
                    test_openssl_signature);
    return g_test_run();
}

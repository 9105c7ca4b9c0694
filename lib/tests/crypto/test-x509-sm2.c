/*
 * Chains signed with SM2-with-SM3, made by OpenSSL 3.0 (openssl x509 -req
 * -sm3, valid until 2046): good ones, and each rule broken.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/x509-priv.h"

#include "crypto-util.h"

static const char root[] =
    "308201563081fda003020102020101300a06082a811ccf550183753013311130"
    "0f06035504030c08534d3220726f6f74301e170d323631313235313335363239"
    "5a170d3436303132343133353632395a30133111300f06035504030c08534d32"
    "20726f6f743059301306072a8648ce3d020106082a811ccf5501822d03420004"
    "ce580c4035f831225fa713da2e5cfaeb08a4e466517edbb5210f1a3b0626c473"
    "4c1717f072977ea9dd46985a9a152f8f6ca39ec3a4d737b66d5dfda6597e47e9"
    "a3423040300f0603551d130101ff040530030101ff300e0603551d0f0101ff04"
    "0403020204301d0603551d0e04160414184bbfab17712a4db2b70f6eefa8147c"
    "41aa0212300a06082a811ccf55018375034800304502201a650155df82644ae1"
    "5165bc272a45b2ad46a555fbd56334813910ba8d87359e02210082a0e75029eb"
    "9e7589f6dd5d530e0078b7838c668cb0b577922ec2a3d5c756b9";
static const char root_path_len_0[] =
    "3082015a30820100a003020102020101300a06082a811ccf5501837530133111"
    "300f06035504030c08534d3220726f6f74301e170d3236313132353133353632"
    "395a170d3436303132343133353632395a30133111300f06035504030c08534d"
    "3220726f6f743059301306072a8648ce3d020106082a811ccf5501822d034200"
    "04ce580c4035f831225fa713da2e5cfaeb08a4e466517edbb5210f1a3b0626c4"
    "734c1717f072977ea9dd46985a9a152f8f6ca39ec3a4d737b66d5dfda6597e47"
    "e9a345304330120603551d130101ff040830060101ff020100300e0603551d0f"
    "0101ff040403020204301d0603551d0e04160414184bbfab17712a4db2b70f6e"
    "efa8147c41aa0212300a06082a811ccf550183750348003045022100cfc9cc93"
    "f36efc6b3e3c2d86bba62b100b291b6b6a77ec9f06e123a833899a9802203eab"
    "94ec6fa4798b370365ef99aabcdbf11d0ec380491df07a6bebe291db0519";
static const char inter[] =
    "3082017a3082011fa003020102020102300a06082a811ccf5501837530133111"
    "300f06035504030c08534d3220726f6f74301e170d3236313132353133353632"
    "395a170d3436303132343133353632395a30143112301006035504030c09534d"
    "3220696e7465723059301306072a8648ce3d020106082a811ccf5501822d0342"
    "0004f4dd48153c7c79f016b58b11b14e00ba03f105492974cf795736698f0258"
    "86757a83edf5db34bc6f2a4e592cce59364b2d0fc4714c0bf3bb2c076b44176b"
    "febda3633061300f0603551d130101ff040530030101ff300e0603551d0f0101"
    "ff040403020204301d0603551d0e041604143d4caae7174e3c8b44b363c9dd05"
    "3ae69b046583301f0603551d23041830168014184bbfab17712a4db2b70f6eef"
    "a8147c41aa0212300a06082a811ccf550183750349003046022100d456a08728"
    "2ff8255a970f5a9e694385c3ec967184435787e585f6467e0b37f50221009c63"
    "9bc17a053e99e46917f53d682760d2ade20b556695d3b34ad88f56c13900";
static const char inter_no_ca[] =
    "308201763082011ca003020102020102300a06082a811ccf5501837530133111"
    "300f06035504030c08534d3220726f6f74301e170d3236313132353133353633"
    "305a170d3436303132343133353633305a30143112301006035504030c09534d"
    "3220696e7465723059301306072a8648ce3d020106082a811ccf5501822d0342"
    "0004f4dd48153c7c79f016b58b11b14e00ba03f105492974cf795736698f0258"
    "86757a83edf5db34bc6f2a4e592cce59364b2d0fc4714c0bf3bb2c076b44176b"
    "febda360305e300c0603551d130101ff04023000300e0603551d0f0101ff0404"
    "03020780301d0603551d0e041604143d4caae7174e3c8b44b363c9dd053ae69b"
    "046583301f0603551d23041830168014184bbfab17712a4db2b70f6eefa8147c"
    "41aa0212300a06082a811ccf550183750348003045022100b272d308d1267e3e"
    "fafd29e19714bf6a1ffb764aea6775ff955965593c34ad42022037a025ecca98"
    "c834e8299bd1488b2e6bc50610f0d3f1dc517eae401967d6d863";
static const char inter_no_sign[] =
    "308201793082011fa003020102020102300a06082a811ccf5501837530133111"
    "300f06035504030c08534d3220726f6f74301e170d3236313132353133353633"
    "305a170d3436303132343133353633305a30143112301006035504030c09534d"
    "3220696e7465723059301306072a8648ce3d020106082a811ccf5501822d0342"
    "0004f4dd48153c7c79f016b58b11b14e00ba03f105492974cf795736698f0258"
    "86757a83edf5db34bc6f2a4e592cce59364b2d0fc4714c0bf3bb2c076b44176b"
    "febda3633061300f0603551d130101ff040530030101ff300e0603551d0f0101"
    "ff040403020102301d0603551d0e041604143d4caae7174e3c8b44b363c9dd05"
    "3ae69b046583301f0603551d23041830168014184bbfab17712a4db2b70f6eef"
    "a8147c41aa0212300a06082a811ccf55018375034800304502207f7801dbdb8f"
    "327568cbcaed90d122cb17cfe0d454a39748dcd07ef8928b6071022100d8c81b"
    "70cd8a1ad68191cb3fb552d108b1cb85e4c421b9b8673cd4c282c97850";
static const char leaf[] =
    "308201763082011ca003020102020103300a06082a811ccf5501837530143112"
    "301006035504030c09534d3220696e746572301e170d32363131323531333536"
    "33315a170d3436303132343133353633315a30133111300f06035504030c0853"
    "4d32206c6561663059301306072a8648ce3d020106082a811ccf5501822d0342"
    "0004bd043e1cf4c66db0378bba003691936af6b8b3f72289af5dfc06a2ee8cb4"
    "c1c7342a9ce1116d6b83d2029340c4c0efd0f1d264a402e6ecd97ec12b8aca56"
    "0feda360305e300c0603551d130101ff04023000300e0603551d0f0101ff0404"
    "03020780301d0603551d0e041604149c45f6ce325461b38209643005604f64d6"
    "95ca59301f0603551d230418301680143d4caae7174e3c8b44b363c9dd053ae6"
    "9b046583300a06082a811ccf55018375034800304502202c0fa3c7db0fff6726"
    "2fcee81d78a20858f06fc967695fe95570efcd177da304022100e50664bce713"
    "dd042d2b0de138a86f969da5202c932347a5b6179f8f24441c40";
static const char leaf_critical[] =
    "308201843082012aa003020102020103300a06082a811ccf5501837530143112"
    "301006035504030c09534d3220696e746572301e170d32363131323531333536"
    "33315a170d3436303132343133353633315a30133111300f06035504030c0853"
    "4d32206c6561663059301306072a8648ce3d020106082a811ccf5501822d0342"
    "0004bd043e1cf4c66db0378bba003691936af6b8b3f72289af5dfc06a2ee8cb4"
    "c1c7342a9ce1116d6b83d2029340c4c0efd0f1d264a402e6ecd97ec12b8aca56"
    "0feda36e306c300c0603551d130101ff04023000300e0603551d0f0101ff0404"
    "03020780300c06032a03040101ff04020500301d0603551d0e041604149c45f6"
    "ce325461b38209643005604f64d695ca59301f0603551d230418301680143d4c"
    "aae7174e3c8b44b363c9dd053ae69b046583300a06082a811ccf550183750348"
    "003045022100f43717c650bd2aff9dc0b79bb07627d3b40d7f8a04b7120e04d0"
    "7fc09e6ab74002203b4e07b1338650ea759e530901b4d165ea529b98f043d571"
    "6e712192cc5e0ef9";

typedef struct Row {
    const char *sentence;
    const char *chain[3];
    SpdmChainReason reason;
    bool omit_root;           /* it is known, but not sent */
    int flip;                 /* bytes before the end of the leaf; 0: none */
} Row;

static const Row rows[] = {
    { "root, intermediate and leaf are good", { root, inter, leaf },
      SPDM_CHAIN_OK, false, 0 },
    { "so they are without the root", { root, inter, leaf },
      SPDM_CHAIN_OK, true, 0 },
    { "the leaf's signature with a bit changed", { root, inter, leaf },
      SPDM_CHAIN_SIGNATURE, false, 1 },
    { "a leaf of another issuer", { root, leaf, NULL },
      SPDM_CHAIN_SIGNATURE, false, 0 },
    { "an intermediate that is no CA", { root, inter_no_ca, leaf },
      SPDM_CHAIN_NOT_A_CA, false, 0 },
    { "an intermediate that may not sign", { root, inter_no_sign, leaf },
      SPDM_CHAIN_NOT_A_CA, false, 0 },
    { "a root that allows no intermediate", { root_path_len_0, inter, leaf },
      SPDM_CHAIN_NOT_A_CA, false, 0 },
    { "the same, when the root is not sent", { root_path_len_0, inter, leaf },
      SPDM_CHAIN_NOT_A_CA, true, 0 },
    { "a critical extension nobody knows", { root, inter, leaf_critical },
      SPDM_CHAIN_CRITICAL_EXTENSION, false, 0 },
};

static GPtrArray *new_list(void)
{
    return g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
}

/* The SPDM chain of a row; its root goes to @trust. */
static GByteArray *build(const Row *row, GPtrArray *trust)
{
    const SpdmHashAlg *sm3 = spdm_hash_by_name("SM3");
    g_autoptr(GPtrArray) list = new_list();
    g_autoptr(GBytes) chain = NULL;
    GByteArray *out = g_byte_array_new();
    size_t root_len;

    for (size_t i = 0; i < 3 && row->chain[i]; i++) {
        g_ptr_array_add(list, unhex(row->chain[i]));
    }
    g_ptr_array_add(trust, g_bytes_ref(list->pdata[0]));
    chain = spdm_x509_build_chain(list, sm3);
    g_byte_array_append(out, view(chain).data, (guint)view(chain).len);
    if (row->omit_root) {
        root_len = g_bytes_get_size(list->pdata[0]);
        g_byte_array_remove_range(out, 4 + sm3->size, (guint)root_len);
        out->data[0] = (uint8_t)out->len;
        out->data[1] = (uint8_t)(out->len >> 8);
    }
    if (row->flip) {
        out->data[out->len - (guint)row->flip] ^= 1;
    }
    return out;
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GPtrArray) trust = new_list();
    g_autoptr(GByteArray) chain = build(row, trust);
    g_autoptr(SpdmPublicKey) key = NULL;
    SpdmChainPolicy policy = {
        .hash = spdm_hash_by_name("SM3"),
        .leaf_alg = spdm_asym_by_name("SM2-P256"),
        .trust = trust,
    };
    SpdmChainReason reason = spdm_x509_verify_chain(
        SPDM_BYTES(chain->data, chain->len), &policy, &key);

    g_assert_cmpstr(spdm_chain_reason_text(reason), ==,
                    spdm_chain_reason_text(row->reason));
    g_assert_cmpint(key != NULL, ==, row->reason == SPDM_CHAIN_OK);
}

/* Every bit: nothing is good, and nothing is touched that should not be. */
static void test_damage(void)
{
    g_autoptr(GPtrArray) trust = new_list();
    g_autoptr(GByteArray) chain = build(&rows[0], trust);
    SpdmChainPolicy policy = {
        .hash = spdm_hash_by_name("SM3"), .trust = trust,
    };

    for (guint i = 0; i < chain->len; i++) {
        chain->data[i] ^= 1 << i % 8;
        g_assert_cmpint(spdm_x509_verify_chain(
                            SPDM_BYTES(chain->data, chain->len), &policy,
                            NULL), !=, SPDM_CHAIN_OK);
        chain->data[i] ^= 1 << i % 8;
    }
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    ADD_ROWS("x509-sm2", rows, test_row);
    g_test_add_func("/crypto/x509-sm2/any flipped bit is refused",
                    test_damage);
    return g_test_run();
}

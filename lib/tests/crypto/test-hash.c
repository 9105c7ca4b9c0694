/*
 * Hash, HMAC and HKDF. SHA-2 rows are from FIPS 180-4, RFC 4231 and RFC 5869;
 * SHA-3 rows are the same inputs through Python's hashlib and cryptography,
 * as are those of SM3 that are not from GB/T 32905.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/hash.h"

#include "crypto-util.h"

typedef struct HashRow {
    const char *sentence;
    const char *alg;
    const char *message;
    const char *digest;
} HashRow;

static const HashRow hash_rows[] = {
    { "SHA-256 of abc", "SHA-256", "abc",
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
    { "SHA-256 of nothing", "SHA-256", "",
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
    { "SHA-384 of abc", "SHA-384", "abc",
      "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
      "8086072ba1e7cc2358baeca134c825a7" },
    { "SHA-384 of nothing", "SHA-384", "",
      "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da"
      "274edebfe76f65fbd51ad2f14898b95b" },
    { "SHA-512 of abc", "SHA-512", "abc",
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" },
    { "SHA-512 of nothing", "SHA-512", "",
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
      "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e" },
    { "SHA3-256 of abc", "SHA3-256", "abc",
      "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532" },
    { "SHA3-256 of nothing", "SHA3-256", "",
      "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a" },
    { "SHA3-384 of abc", "SHA3-384", "abc",
      "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b2"
      "98d88cea927ac7f539f1edf228376d25" },
    { "SHA3-384 of nothing", "SHA3-384", "",
      "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2a"
      "c3713831264adb47fb6bd1e058d5f004" },
    { "SHA3-512 of abc", "SHA3-512", "abc",
      "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e"
      "10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0" },
    { "SHA3-512 of nothing", "SHA3-512", "",
      "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a6"
      "15b2123af1f5f94c11e3e9402c3ac558f500199d95b6d3e301758586281dcd26" },
    { "SM3 of abc (GB/T 32905 A.1)", "SM3", "abc",
      "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0" },
    { "SM3 of a whole block (GB/T 32905 A.2)", "SM3",
      "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd",
      "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732" },
    { "SM3 of nothing", "SM3", "",
      "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b" },
};

typedef struct HmacRow {
    const char *sentence;
    const char *alg;
    uint8_t key_byte;     /* the key is key_size of these */
    size_t key_size;
    const char *message;
    const char *mac;
} HmacRow;

static const HmacRow hmac_rows[] = {
    { "SM3 with a short key", "SM3", 0x0b, 20, "Hi There",
      "51b00d1fb49832bfb01c3ce27848e59f871d9ba938dc563b338ca964755cce70" },
    { "SM3 with a key longer than a block", "SM3", 0xaa, 131,
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "b4fd844e13342002f0b2e0690ea7741f1497d993a70494cea601e657bedf67a0" },
    { "SM3 with an empty key and message", "SM3", 0x00, 0, "",
      "0d23f72ba15e9c189a879aefc70996b06091de6e64d31b7a84004356dd915261" },
    { "SHA-256 with a short key", "SHA-256", 0x0b, 20,
      "Hi There",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    { "SHA-256 with a key longer than a block", "SHA-256", 0xaa, 131,
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
    { "SHA-256 with an empty key and message", "SHA-256", 0x00, 0,
      "",
      "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad" },
    { "SHA-384 with a short key", "SHA-384", 0x0b, 20,
      "Hi There",
      "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59c"
      "faea9ea9076ede7f4af152e8b2fa9cb6" },
    { "SHA-384 with a key longer than a block", "SHA-384", 0xaa, 131,
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c6"
      "0c2ef6ab4030fe8296248df163f44952" },
    { "SHA-384 with an empty key and message", "SHA-384", 0x00, 0,
      "",
      "6c1f2ee938fad2e24bd91298474382ca218c75db3d83e114b3d4367776d14d35"
      "51289e75e8209cd4b792302840234adc" },
    { "SHA-512 with a short key", "SHA-512", 0x0b, 20,
      "Hi There",
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde"
      "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854" },
    { "SHA-512 with a key longer than a block", "SHA-512", 0xaa, 131,
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f352"
      "6b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598" },
    { "SHA-512 with an empty key and message", "SHA-512", 0x00, 0,
      "",
      "b936cee86c9f87aa5d3c6f2e84cb5a4239a5fe50480a6ec66b70ab5b1f4ac673"
      "0c6c515421b327ec1d69402e53dfb49ad7381eb067b338fd7b0cb22247225d47" },
    { "SHA3-256 with a short key", "SHA3-256", 0x0b, 20,
      "Hi There",
      "ba85192310dffa96e2a3a40e69774351140bb7185e1202cdcc917589f95e16bb" },
    { "SHA3-256 with a key longer than a block", "SHA3-256", 0xaa, 200,
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "49ad92b02124fdac9627ae45e008a696182ab6bfb8470457777c744aeb9df06f" },
    { "SHA3-256 with an empty key and message", "SHA3-256", 0x00, 0,
      "",
      "e841c164e5b4f10c9f3985587962af72fd607a951196fc92fb3a5251941784ea" },
    { "SHA3-384 with a short key", "SHA3-384", 0x0b, 20,
      "Hi There",
      "68d2dcf7fd4ddd0a2240c8a437305f61fb7334cfb5d0226e1bc27dc10a2e723a"
      "20d370b47743130e26ac7e3d532886bd" },
    { "SHA3-384 with a key longer than a block", "SHA3-384", 0xaa, 200,
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "3e7b62d091d75f484892bc2ed26d7b0ed37c9529f0227197cc8522971eb6f721"
      "5dd4e0cc6ea306987e0cbfe914f3a916" },
    { "SHA3-384 with an empty key and message", "SHA3-384", 0x00, 0,
      "",
      "adca89f07bbfbeaf58880c1572379ea2416568fd3b66542bd42599c57c4567e6"
      "ae086299ea216c6f3e7aef90b6191d24" },
    { "SHA3-512 with a short key", "SHA3-512", 0x0b, 20,
      "Hi There",
      "eb3fbd4b2eaab8f5c504bd3a41465aacec15770a7cabac531e482f860b5ec7ba"
      "47ccb2c6f2afce8f88d22b6dc61380f23a668fd3888bb80537c0a0b86407689e" },
    { "SHA3-512 with a key longer than a block", "SHA3-512", 0xaa, 200,
      "Test Using Larger Than Block-Size Key - Hash Key First",
      "fafc7b7fe3332ce153966b27f6586fa5b49ec5d8dff3d7fd26a011451ca4c9de"
      "437913879159d9c5181a9a6f377ef18b48399756decea695b04fe90a9d3b93d1" },
    { "SHA3-512 with an empty key and message", "SHA3-512", 0x00, 0,
      "",
      "cbcf45540782d4bc7387fbbf7d30b3681d6d66cc435cafd82546b0fce96b367e"
      "a79662918436fba442e81a01d0f9592dfcd30f7a7a8f1475693d30be4150ca84" },
};

typedef struct HkdfRow {
    const char *sentence;
    const char *alg;
    const char *salt;
    const char *ikm;
    const char *info;
    const char *prk;
    const char *okm;
} HkdfRow;

static const HkdfRow hkdf_rows[] = {
    { "RFC 5869 test case 1", "SHA-256",
      "000102030405060708090a0b0c",
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "f0f1f2f3f4f5f6f7f8f9",
      "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
      "34007208d5b887185865" },
    { "RFC 5869 test case 3, no salt and no info", "SHA-256",
      "",
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "",
      "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
      "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
      "9d201395faa4b61a96c8" },
    { "SHA-256 expands to more than it hashes", "SHA-256",
      "000102030405060708090a0b0c",
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "f0f1f2f3f4f5f6f7f8f9",
      "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"
      "34007208d5b887185865b4b0a85a993b89b9b65683d60f0106d28fff039d0b6f" },
    { "SHA-384 expands to more than it hashes", "SHA-384",
      "000102030405060708090a0b0c",
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "f0f1f2f3f4f5f6f7f8f9",
      "704b39990779ce1dc548052c7dc39f303570dd13fb39f7acc564680bef80e8de"
      "c70ee9a7e1f3e293ef68eceb072a5ade",
      "9b5097a86038b805309076a44b3a9f38063e25b516dcbf369f394cfab43685f7"
      "48b6457763e4f0204fc5d95d1da3e62587b22eb8943d0fab6bb631a2fe9df1a6" },
    { "SHA-512 expands to what it hashes", "SHA-512",
      "000102030405060708090a0b0c",
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "f0f1f2f3f4f5f6f7f8f9",
      "665799823737ded04a88e47e54a5890bb2c3d247c7a4254a8e61350723590a26"
      "c36238127d8661b88cf80ef802d57e2f7cebcf1e00e083848be19929c61b4237",
      "832390086cda71fb47625bb5ceb168e4c8e26a1a16ed34d9fc7fe92c14815793"
      "38da362cb8d9f925d7cbcce0dff7098769cf15959867d571c1715450cb530137" },
    { "SHA3-256 expands to more than it hashes", "SHA3-256",
      "000102030405060708090a0b0c",
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "f0f1f2f3f4f5f6f7f8f9",
      "7d4194836f7a113a44677abc825640ade07af1c1d69a9a4b109b280a8fe54ef0",
      "0c5160501d65021deaf2c14f5abce04c5bd2635abceeba61c2edb6e8ed726749"
      "00557728f2c9f2c4c179d6076659d9e57811332b92a07bf6612275f5a82f00a2" },
    { "SHA3-384 expands to more than it hashes", "SHA3-384",
      "000102030405060708090a0b0c",
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "f0f1f2f3f4f5f6f7f8f9",
      "7855bc9300a4db532c9cab2593796e1a4bbb77a24d417e66822beaa36fabd412"
      "515dcf388810adf27fa23d3d7def84ca",
      "138d8521e5a346a9cb770f762b9c04d9ca317409fb6a3ef9cb905228385589ae"
      "883bbe8b07b009f0e08b5dfe5922f645757f5c7485723581b353f9cfabd6757d" },
    { "SHA3-512 expands to what it hashes", "SHA3-512",
      "000102030405060708090a0b0c",
      "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
      "f0f1f2f3f4f5f6f7f8f9",
      "e1c543094f64f3d6c6658a94a94e3818ba13d0b3e77074b80f88f32e6b8433b7"
      "03536cb500753967fae2ea977e11e4dd4f45389807cdf255b395e46807c87d5d",
      "40e9f17e9bf2ef99425c2b23ccdf20a018ea5513f9ae68e1ea8c626deb57dfa4"
      "d56c27ccf2a2a24488a51e93231829f776f8b8830647d925b8eebe08d63fb711" },
};

static void test_hash(gconstpointer data)
{
    const HashRow *row = data;
    const SpdmHashAlg *alg = spdm_hash_by_name(row->alg);
    SpdmBytes message = text(row->message);
    uint8_t out[SPDM_MAX_HASH];

    spdm_hash(alg, &message, 1, out);
    assert_hex(out, alg->size, row->digest);
}

static void test_hash_parts(void)
{
    SpdmBytes parts[] = { text("a"), text(""), { NULL, 0 }, text("bc") };
    uint8_t out[SPDM_MAX_HASH];

    spdm_hash(spdm_hash_by_name(hash_rows[0].alg), parts,
              G_N_ELEMENTS(parts), out);
    assert_hex(out, 32, hash_rows[0].digest);
}

static void test_hash_no_parts(void)
{
    uint8_t out[SPDM_MAX_HASH];

    spdm_hash(spdm_hash_by_name(hash_rows[1].alg), NULL, 0, out);
    assert_hex(out, 32, hash_rows[1].digest);
}

static void test_hmac(gconstpointer data)
{
    const HmacRow *row = data;
    const SpdmHashAlg *alg = spdm_hash_by_name(row->alg);
    size_t half = strlen(row->message) / 2;
    SpdmBytes parts[] = { SPDM_BYTES(row->message, half),
                          text(row->message + half) };
    uint8_t key[256];
    uint8_t out[SPDM_MAX_HASH];

    memset(key, row->key_byte, sizeof(key));
    spdm_hmac(alg, SPDM_BYTES(key, row->key_size), parts, 2, out);
    assert_hex(out, alg->size, row->mac);
}

static void test_hkdf(gconstpointer data)
{
    const HkdfRow *row = data;
    const SpdmHashAlg *alg = spdm_hash_by_name(row->alg);
    g_autoptr(GBytes) salt = unhex(row->salt);
    g_autoptr(GBytes) ikm = unhex(row->ikm);
    g_autoptr(GBytes) info = unhex(row->info);
    size_t len = strlen(row->okm) / 2;
    g_auto(SpdmSecret) prk = { 0 };
    g_auto(SpdmSecret) okm = { 0 };

    spdm_hkdf_extract(alg, view(salt), view(ikm), &prk);
    assert_hex(prk.data, prk.len, row->prk);
    spdm_hkdf_expand(alg, &prk, view(info), len, &okm);
    assert_hex(okm.data, okm.len, row->okm);
}

static void test_expand_in_place(void)
{
    const HkdfRow *row = &hkdf_rows[0];
    g_autoptr(GBytes) info = unhex(row->info);
    g_autoptr(GBytes) prk = unhex(row->prk);
    g_auto(SpdmSecret) secret = { .len = 32 };

    memcpy(secret.data, view(prk).data, 32);
    spdm_hkdf_expand(spdm_hash_by_name(row->alg), &secret, view(info), 42,
                     &secret);
    assert_hex(secret.data, secret.len, row->okm);
}

static void test_expand_nothing_left(void)
{
    g_auto(SpdmSecret) prk = { .len = 32 };
    SpdmSecret out;

    memset(&out, 0xee, sizeof(out));
    spdm_hkdf_expand(spdm_hash_by_name("SHA-256"), &prk, text("iv"), 12, &out);
    g_assert_cmpuint(out.len, ==, 12);
    for (size_t i = 12; i < sizeof(out.data); i++) {
        g_assert_cmpuint(out.data[i], ==, 0);
    }
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    ADD_ROWS("hash", hash_rows, test_hash);
    ADD_ROWS("hmac", hmac_rows, test_hmac);
    ADD_ROWS("hkdf", hkdf_rows, test_hkdf);
    g_test_add_func("/crypto/hash/parts are hashed as one message",
                    test_hash_parts);
    g_test_add_func("/crypto/hash/no parts are the empty message",
                    test_hash_no_parts);
    g_test_add_func("/crypto/hkdf/a secret may expand into itself",
                    test_expand_in_place);
    g_test_add_func("/crypto/hkdf/bytes beyond the length are cleared",
                    test_expand_nothing_left);
    return g_test_run();
}

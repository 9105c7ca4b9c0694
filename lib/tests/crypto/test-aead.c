/*
 * AEAD: known answers, and records that were tampered with.
 *
 * The known answers come from the GCM proposal (McGrew, Viega), RFC 8439, RFC
 * 8998 and,
 * where neither has one, from Python's cryptography.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/aead.h"

#include "crypto-util.h"

typedef struct Row {
    const char *sentence;
    const char *alg;
    const char *key;
    const char *iv;
    const char *aad;
    const char *plain;
    const char *sealed;   /* cipher text and tag */
} Row;

static const Row rows[] = {
    { "AES-128-GCM seals test case 4 of its authors", "AES-128-GCM",
      "feffe9928665731c6d6a8f9467308308",
      "cafebabefacedbaddecaf888",
      "feedfacedeadbeeffeedfacedeadbeefabaddad2",
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
      "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc"
      "3221a5db94fae95ae7121a47" },
    { "AES-256-GCM seals test case 16 of its authors", "AES-256-GCM",
      "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
      "cafebabefacedbaddecaf888",
      "feedfacedeadbeeffeedfacedeadbeefabaddad2",
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
      "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece"
      "0f4e1768cddf8853bb2d551b" },
    { "CHACHA20-POLY1305 seals RFC 8439 2.8.2", "CHACHA20-POLY1305",
      "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
      "070000004041424344454647",
      "50515253c0c1c2c3c4c5c6c7",
      "4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
      "73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
      "6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
      "637265656e20776f756c642062652069742e",
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
      "3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
      "92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
      "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd060"
      "0691" },
    { "SM4-GCM seals RFC 8998 A.1", "SM4-GCM",
      "0123456789abcdeffedcba9876543210",
      "00001234567800000000abcd",
      "feedfacedeadbeeffeedfacedeadbeefabaddad2",
      "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccdddddddddddddddd"
      "eeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
      "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
      "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
      "83de3541e4c2b58177e065a9bf7b62ec" },
    { "AES-256-GCM seals nothing at all", "AES-256-GCM",
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
      "0102030405060708090a0b0c",
      "",
      "",
      "2de03dae663071831859ef8b9da935f6" },
    { "AES-256-GCM seals only associated data", "AES-256-GCM",
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
      "0102030405060708090a0b0c",
      "686561646572",
      "",
      "0f01d1b2c4c5317a731432f771062c7c" },
    { "AES-256-GCM seals a message without associated data", "AES-256-GCM",
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
      "0102030405060708090a0b0c",
      "",
      "3031323334353637383961626364656621",
      "35db68e6d8a1c6b1749b022573778f4e63fab0620b0e4448ba471f55e159c77a"
      "25" },
    { "AES-128-GCM seals nothing at all", "AES-128-GCM",
      "000102030405060708090a0b0c0d0e0f",
      "0102030405060708090a0b0c",
      "",
      "",
      "93e3cc7525121b934ef608c1537c1159" },
    { "AES-128-GCM seals only associated data", "AES-128-GCM",
      "000102030405060708090a0b0c0d0e0f",
      "0102030405060708090a0b0c",
      "686561646572",
      "",
      "2184b59881697b9119571bfb8bfc5219" },
    { "AES-128-GCM seals a message without associated data", "AES-128-GCM",
      "000102030405060708090a0b0c0d0e0f",
      "0102030405060708090a0b0c",
      "",
      "3031323334353637383961626364656621",
      "36345a1507c069f200656c27cebc0853e0cbdc37e20e936b94aa7591033a1b72"
      "f6" },
    { "CHACHA20-POLY1305 seals nothing at all", "CHACHA20-POLY1305",
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
      "0102030405060708090a0b0c",
      "",
      "",
      "6839e5424d65f4dfd0eb78eaa1469df2" },
    { "CHACHA20-POLY1305 seals only associated data", "CHACHA20-POLY1305",
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
      "0102030405060708090a0b0c",
      "686561646572",
      "",
      "e1b59420a202fa84cba3c40eaa8e53c7" },
    { "CHACHA20-POLY1305 seals a message without associated data",
      "CHACHA20-POLY1305",
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
      "0102030405060708090a0b0c",
      "",
      "3031323334353637383961626364656621",
      "54b976593d67928470d02425b7c5e9689f863e23150dae6ac81512a885c699fb"
      "c2" },
};

/* A row unpacked, with a cipher and a buffer for the record and its tag. */
typedef struct Record {
    SpdmAead *aead;
    GBytes *key, *iv, *aad, *plain, *sealed;
    size_t len;
    uint8_t buf[256];
} Record;

static void record_init(Record *r, const Row *row)
{
    r->key = unhex(row->key);
    r->iv = unhex(row->iv);
    r->aad = unhex(row->aad);
    r->plain = unhex(row->plain);
    r->sealed = unhex(row->sealed);
    r->aead = spdm_aead_new(spdm_aead_by_name(row->alg), view(r->key).data);
    r->len = view(r->plain).len;
    g_assert_cmpuint(r->len + SPDM_AEAD_TAG_SIZE, <=, sizeof(r->buf));
}

static void record_clear(Record *r)
{
    spdm_aead_free(r->aead);
    g_bytes_unref(r->key);
    g_bytes_unref(r->iv);
    g_bytes_unref(r->aad);
    g_bytes_unref(r->plain);
    g_bytes_unref(r->sealed);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Record, record_clear)

static void record_seal(Record *r)
{
    if (r->len > 0) {
        memcpy(r->buf, view(r->plain).data, r->len);
    }
    spdm_aead_seal(r->aead, view(r->iv).data, view(r->aad), r->buf, r->len,
                   r->buf + r->len);
}

static bool record_open(Record *r)
{
    return spdm_aead_open(r->aead, view(r->iv).data, view(r->aad),
                          SPDM_BYTES(r->buf, r->len), r->buf,
                          r->buf + r->len);
}

static void assert_sealed(const Record *r)
{
    g_assert_cmpmem(r->buf, r->len + SPDM_AEAD_TAG_SIZE,
                    view(r->sealed).data, view(r->sealed).len);
}

static void test_seal_and_open(gconstpointer data)
{
    g_auto(Record) r = { 0 };

    record_init(&r, data);
    record_seal(&r);
    assert_sealed(&r);
    g_assert_true(record_open(&r));
    g_assert_cmpmem(r.buf, r.len, view(r.plain).data, view(r.plain).len);
}

static void test_one_handle_many_records(gconstpointer data)
{
    g_auto(Record) r = { 0 };

    record_init(&r, data);
    for (int i = 0; i < 3; i++) {
        record_seal(&r);
        assert_sealed(&r);
        r.buf[r.len] ^= 1;
        g_assert_false(record_open(&r));
    }
}

/* Each bit of cipher text and tag, then one of nonce and associated data. */
static void test_flips(gconstpointer data)
{
    uint8_t zero[sizeof(((Record *)0)->buf)] = { 0 };
    g_auto(Record) r = { 0 };
    size_t total;

    record_init(&r, data);
    total = r.len + SPDM_AEAD_TAG_SIZE;
    for (size_t bit = 0; bit < total * 8; bit++) {
        memcpy(r.buf, view(r.sealed).data, total);
        r.buf[bit / 8] ^= 1 << bit % 8;
        g_assert_false(record_open(&r));
        g_assert_cmpmem(r.buf, r.len, zero, r.len);
    }
}

static void test_other_aad(gconstpointer data)
{
    g_auto(Record) r = { 0 };

    record_init(&r, data);
    record_seal(&r);
    g_bytes_unref(r.aad);
    r.aad = g_bytes_new("other", 5);
    g_assert_false(record_open(&r));
}

static void test_other_iv(gconstpointer data)
{
    g_auto(Record) r = { 0 };

    record_init(&r, data);
    record_seal(&r);
    g_bytes_unref(r.iv);
    r.iv = g_bytes_new("another nonce", SPDM_AEAD_IV_SIZE);
    g_assert_false(record_open(&r));
}

static void test_free_null(void)
{
    spdm_aead_free(NULL);
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    ADD_ROWS("aead/seals and opens", rows, test_seal_and_open);
    ADD_ROWS("aead/one handle serves many records", rows,
             test_one_handle_many_records);
    ADD_ROWS("aead/any flipped bit is refused and wiped", rows, test_flips);
    ADD_ROWS("aead/other associated data is refused", rows, test_other_aad);
    ADD_ROWS("aead/another nonce is refused", rows, test_other_iv);
    g_test_add_func("/crypto/aead/freeing no cipher is harmless",
                    test_free_null);
    return g_test_run();
}

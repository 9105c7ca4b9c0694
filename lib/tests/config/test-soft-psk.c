/*
 * Pre-shared keys: which one a hint stands for, and the derived one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soft-util.h"

#define ONE "[psk one]\nsecret=text:1\n"
#define TWO "[psk two]\nhint=hex:00ff\nsecret=hex:32\n"
#define EMPTY "[psk e]\nhint=hex:\nsecret=text:e\n"
#define DERIVED "[psk-derived]\ndevice-secret=text:secret\n"

/* @want: the key as text; "derived"; NULL when there must be none. */
typedef struct Row {
    const char *sentence;
    const char *profile;
    SpdmBytes hint;
    const char *want;
} Row;

static const Row rows[] = {
    { "a-hint-finds-its-key", PSK_ONLY ONE TWO, { (uint8_t *)"one", 3 },
      "1" },
    { "a-hint-may-be-binary", PSK_ONLY ONE TWO, { (uint8_t *)"\0\xff", 2 },
      "2" },
    { "an-unknown-hint-finds-none", PSK_ONLY ONE TWO,
      { (uint8_t *)"on", 2 }, NULL },
    { "a-longer-hint-finds-none", PSK_ONLY ONE, { (uint8_t *)"one\0", 4 },
      NULL },
    { "an-empty-hint-finds-the-only-key", PSK_ONLY ONE, { NULL, 0 }, "1" },
    { "an-empty-hint-finds-none-among-two", PSK_ONLY ONE TWO, { NULL, 0 },
      NULL },
    { "an-empty-hint-of-a-key-goes-first", PSK_ONLY ONE EMPTY, { NULL, 0 },
      "e" },
    { "an-unknown-hint-derives", PSK_ONLY ONE DERIVED,
      { (uint8_t *)"x", 1 }, "derived" },
    { "an-empty-hint-derives", PSK_ONLY ONE DERIVED, { NULL, 0 },
      "derived" },
    { "the-table-goes-before-derivation", PSK_ONLY ONE DERIVED,
      { (uint8_t *)"one", 3 }, "1" },
};

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_auto(Device) d = device(row->profile, "seed", "psk");
    uint8_t psk[SPDM_MAX_PSK], derived[SPDM_MAX_PSK];
    size_t len = 0, derived_len = 0;
    bool found = d.p.ops->psk(d.p.opaque, row->hint, text("opaque"), SHA256,
                              psk, &len);

    g_assert_true(found == (row->want != NULL));
    if (found && !strcmp(row->want, "derived")) {
        g_assert_true(spdm_psk_derive(SHA256, text("secret"), row->hint,
                                      text("opaque"), derived,
                                      &derived_len));
        g_assert_cmpmem(psk, len, derived, derived_len);
    } else if (found) {
        g_assert_cmpmem(psk, len, row->want, strlen(row->want));
    }
    /* A device without random numbers can do this (PSK_CAP 1). */
    g_assert_cmpuint(d.p.ops->random_tell(d.p.opaque), ==, 0);
}

/* Computed with Python's hmac and the formula of docs/profiles.rst. */
static void test_known_answers(void)
{
    static const uint8_t opaque[] = {
        0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x07, 0x00,
        0x01, 0x01, 0x02, 0x00, 0x10, 0x00, 0x11, 0x00,
    };
    static const uint8_t want[] = {
        0x04, 0x98, 0x6d, 0x94, 0xdc, 0xd9, 0xd8, 0x99,
        0x3f, 0x9b, 0x52, 0x27, 0xb9, 0xc7, 0xf7, 0xcd,
        0x13, 0x11, 0x15, 0x28, 0xa7, 0x16, 0x2c, 0x5e,
        0x8a, 0x9f, 0x10, 0xe5, 0xb5, 0xab, 0x12, 0x66,
    };
    static const uint8_t want_empty[] = {
        0x4c, 0xd5, 0x56, 0x05, 0xb6, 0xe4, 0x89, 0x30,
        0xfa, 0xed, 0x80, 0x41, 0xb2, 0x3e, 0x01, 0xd3,
        0x26, 0x3c, 0xaf, 0xa0, 0x2d, 0xe5, 0xdb, 0x1f,
        0x9c, 0xe0, 0x0f, 0x23, 0x6a, 0x9b, 0x05, 0xe9,
        0x36, 0x00, 0xd7, 0x45, 0x84, 0xc9, 0xab, 0x91,
        0xc3, 0x9b, 0x0d, 0x88, 0x9e, 0x6d, 0xcd, 0x61,
    };
    SpdmBytes secret = text("qemu-spdm webcam test device secret");
    uint8_t psk[SPDM_MAX_HASH];
    size_t len;

    g_assert_true(spdm_psk_derive(SHA256, secret, text("cam"),
                                  SPDM_BYTES(opaque, sizeof(opaque)), psk,
                                  &len));
    g_assert_cmpmem(psk, len, want, sizeof(want));
    g_assert_true(spdm_psk_derive(SHA384, secret, SPDM_BYTES(NULL, 0),
                                  SPDM_BYTES(NULL, 0), psk, &len));
    g_assert_cmpmem(psk, len, want_empty, sizeof(want_empty));
}

/* The lengths inside keep hint and opaque data apart. */
static void test_every_input_counts(void)
{
    static const char *const inputs[][3] = {
        { "secret", "ab", "c" }, { "secret", "a", "bc" },
        { "secret", "abc", "" }, { "secret", "", "abc" },
        { "other", "ab", "c" }, { "secret", "ab", "d" },
    };
    g_autoptr(GHashTable) seen = g_hash_table_new_full(
        g_bytes_hash, g_bytes_equal, (GDestroyNotify)g_bytes_unref, NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(inputs); i++) {
        uint8_t psk[SPDM_MAX_HASH];
        size_t len;

        g_assert_true(spdm_psk_derive(SHA512, text(inputs[i][0]),
                                      text(inputs[i][1]),
                                      text(inputs[i][2]), psk, &len));
        g_assert_cmpuint(len, ==, 64);
        g_assert_true(g_hash_table_add(seen, g_bytes_new(psk, len)));
    }
}

static void test_refusals(void)
{
    uint8_t psk[SPDM_MAX_HASH];
    static uint8_t large[65536];
    size_t len;

    g_assert_false(spdm_psk_derive(0, text("s"), text(""), text(""), psk,
                                   &len));
    g_assert_false(spdm_psk_derive(SHA256 | SHA384, text("s"), text(""),
                                   text(""), psk, &len));
    g_assert_false(spdm_psk_derive(SHA256, text("s"), text(""),
                                   SPDM_BYTES(large, sizeof(large)), psk,
                                   &len));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/soft-psk/%s",
                                                rows[i].sentence);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/soft-psk/derived-keys-have-known-answers",
                    test_known_answers);
    g_test_add_func("/soft-psk/every-input-counts", test_every_input_counts);
    g_test_add_func("/soft-psk/no-key-without-hash-or-beyond-16-bits",
                    test_refusals);
    return g_test_run();
}

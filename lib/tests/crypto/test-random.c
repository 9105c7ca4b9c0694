/*
 * Randomness, wiping and comparing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/random.h"

#include "crypto/secret.h"

#include "crypto-util.h"

static void seeded_bytes(const char *seed, const char *label, uint8_t *buf,
                         size_t len)
{
    g_autoptr(SpdmSeeded) s = spdm_seeded_new(seed, label);
    SpdmRng rng = spdm_seeded_rng(s);

    spdm_rng_fill(&rng, buf, len);
    g_assert_cmpuint(spdm_seeded_tell(s), ==, len);
}

/* From Python's cryptography: ChaCha20, key SHA-256("demo\0keys"). */
static void test_known_stream(void)
{
    uint8_t buf[80];

    seeded_bytes("demo", "keys", buf, sizeof(buf));
    assert_hex(buf, sizeof(buf),
               "e1d5555d9d122838749a5131c6583a842a698d5bd262c05f11a9c59a4367"
               "b104e167d2aaeb8ede7490118f8ec1977b789558326791b4a1bc43faf21c"
               "dccf7b395c2bd195423e0a1deae729d6611048ec");
}

static void test_labels_and_seeds(void)
{
    uint8_t a[32], b[32];

    seeded_bytes("demo", "keys", a, sizeof(a));
    seeded_bytes("demo", "nonces", b, sizeof(b));
    g_assert_true(memcmp(a, b, sizeof(a)) != 0);
    seeded_bytes("demok", "eys", b, sizeof(b));
    g_assert_true(memcmp(a, b, sizeof(a)) != 0);
    seeded_bytes("demo", "keys", b, sizeof(b));
    g_assert_cmpmem(a, sizeof(a), b, sizeof(b));
}

static void test_pieces(void)
{
    static const size_t pieces[] = { 1, 0, 63, 64, 65, 7, 100 };
    g_autoptr(SpdmSeeded) s = spdm_seeded_new("demo", "keys");
    SpdmRng rng = spdm_seeded_rng(s);
    uint8_t whole[300], part[300];
    size_t at = 0;

    seeded_bytes("demo", "keys", whole, sizeof(whole));
    for (size_t i = 0; i < G_N_ELEMENTS(pieces); i++) {
        spdm_rng_fill(&rng, part + at, pieces[i]);
        at += pieces[i];
    }
    g_assert_cmpuint(at, ==, sizeof(whole));
    g_assert_cmpmem(whole, at, part, at);
}

static void test_seek(void)
{
    static const size_t offsets[] = { 0, 1, 63, 64, 65, 128, 199 };
    uint8_t whole[300];

    seeded_bytes("demo", "keys", whole, sizeof(whole));
    for (size_t i = 0; i < G_N_ELEMENTS(offsets); i++) {
        g_autoptr(SpdmSeeded) s = spdm_seeded_new("demo", "keys");
        SpdmRng rng = spdm_seeded_rng(s);
        uint8_t buf[100];

        spdm_rng_fill(&rng, buf, 17);
        spdm_seeded_seek(s, offsets[i]);
        g_assert_cmpuint(spdm_seeded_tell(s), ==, offsets[i]);
        spdm_rng_fill(&rng, buf, sizeof(buf));
        g_assert_cmpmem(buf, sizeof(buf), whole + offsets[i], sizeof(buf));
        g_assert_cmpuint(spdm_seeded_tell(s), ==, offsets[i] + sizeof(buf));
    }
}

/* A snapshot's offset is a number from a file: any must do. */
static void test_seek_far(void)
{
    g_autoptr(SpdmSeeded) s = spdm_seeded_new("demo", "keys");
    SpdmRng rng = spdm_seeded_rng(s);
    uint64_t edge = (UINT64_C(1) << 32) * 64;
    uint8_t before[128], after[64];

    spdm_seeded_seek(s, edge - 64);
    spdm_rng_fill(&rng, before, sizeof(before));
    spdm_seeded_seek(s, edge);
    spdm_rng_fill(&rng, after, sizeof(after));
    g_assert_cmpmem(before + 64, 64, after, 64);
    spdm_seeded_seek(s, UINT64_MAX);
    g_assert_cmpuint(spdm_seeded_tell(s), ==, UINT64_MAX);
}

static void test_system(void)
{
    SpdmRng rng = spdm_rng_system();
    uint8_t a[32] = { 0 }, b[32] = { 0 };

    spdm_rng_fill(&rng, a, sizeof(a));
    spdm_rng_fill(&rng, b, sizeof(b));
    g_assert_true(memcmp(a, b, sizeof(a)) != 0);
    spdm_rng_fill(&rng, a, 0);
}

static void test_init_again(void)
{
    g_autoptr(GError) err = NULL;

    g_assert_true(spdm_crypto_init(&err));
    g_assert_no_error(err);
}

static void test_wipe(void)
{
    SpdmSecret s;
    uint8_t zero[sizeof(s)] = { 0 };

    memset(&s, 0x5a, sizeof(s));
    spdm_secret_clear(&s);
    g_assert_cmpmem(&s, sizeof(s), zero, sizeof(zero));
    spdm_wipe(NULL, 0);
}

static void test_equal(void)
{
    uint8_t a[48] = { 0 }, b[48] = { 0 };

    g_assert_true(spdm_equal_ct(a, b, sizeof(a)));
    for (size_t i = 0; i < sizeof(a) * 8; i++) {
        b[i / 8] ^= 1 << i % 8;
        g_assert_false(spdm_equal_ct(a, b, sizeof(a)));
        b[i / 8] = 0;
    }
    g_assert_true(spdm_equal_ct(NULL, NULL, 0));
}

int main(int argc, char **argv)
{
    test_begin(&argc, &argv);
    g_test_add_func("/crypto/random/a seeded stream is ChaCha20",
                    test_known_stream);
    g_test_add_func("/crypto/random/seeds and labels give their own streams",
                    test_labels_and_seeds);
    g_test_add_func("/crypto/random/pieces are the stream in pieces",
                    test_pieces);
    g_test_add_func("/crypto/random/seek continues where it points",
                    test_seek);
    g_test_add_func("/crypto/random/seek goes beyond 32 bits of blocks",
                    test_seek_far);
    g_test_add_func("/crypto/random/the system generator gives fresh bytes",
                    test_system);
    g_test_add_func("/crypto/random/initialising twice is harmless",
                    test_init_again);
    g_test_add_func("/crypto/secret/clearing leaves zeros", test_wipe);
    g_test_add_func("/crypto/secret/every bit makes unequal", test_equal);
    return g_test_run();
}

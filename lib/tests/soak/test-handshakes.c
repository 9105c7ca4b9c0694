/*
 * Handshake after handshake in one process: what is allocated at a quiet
 * point is the same, whatever the number of them.
 *
 * SPDM_SOAK is how many (scripts/test --soak: 100000); there are few without.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../responder/fixture.h"

#include <malloc.h>
#include <unistd.h>

enum {
    FEW = 150, WARM_UP = 12, GROUP = 50,
    LIMBS = 64,              /* a key kept ahead may have leading zeros */
};

/* The sanitizers and valgrind have a heap of their own. */
static bool heap_is_counted(void)
{
    size_t before = mallinfo2().uordblks;
    void *block = malloc(5000);
    size_t after = mallinfo2().uordblks;

    /* What is freed at once, the compiler would not allocate. */
    memset(block, 1, 5000);
    g_test_message("%p", block);
    free(block);
    return after >= before + 5000;
}

static unsigned how_many(void)
{
    const char *text = g_getenv("SPDM_SOAK");
    unsigned n = text ? (unsigned)g_ascii_strtoull(text, NULL, 10) : 0;

    return MAX(n, (unsigned)FEW);
}

static size_t resident_kib(void)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) words = NULL;

    g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL,
                                      NULL));
    words = g_strsplit(text, " ", 3);
    return g_ascii_strtoull(words[1], NULL, 10) *
           (size_t)sysconf(_SC_PAGESIZE) / 1024;
}

/* What a requester does, and some of what it should not. */
static void one_handshake(Fx *fx, unsigned i)
{
    bool psk = i % 2;
    SpdmSession *s;

    if (i % 5 == 0) {
        fx_negotiate(fx);
        fx_digests(fx, NULL);
        fx_certificate(fx, NULL, 0x1000);
    }
    if (i % 7 == 6) {
        s = psk ? fx_psk_exchange(fx, 0) : fx_key_exchange(fx, 0);
        g_assert_cmpuint(spdm_responder_abort(fx->r, 0), ==, 1);
        fx_forget(fx, s);
        return;
    }
    s = psk ? fx_psk(fx) : fx_sigma(fx);
    fx_key_update(fx, s, SPDM_UPDATE_ALL_KEYS, (uint8_t)i);
    fx_key_update(fx, s, SPDM_VERIFY_NEW_KEY, (uint8_t)(i + 1));
    fx_end_session(fx, s, 0);
}

static void test_flat(void)
{
    const FxOptions options = {
        .transport = SPDM_TRANSPORT_MCTP,
        .hash = 1 << 0, .asym = 1 << 4, .dhe = 1 << 3,
    };
    g_autoptr(Fx) fx = NULL;
    unsigned n = how_many();
    size_t bytes, rss, halfway = 0;

    if (!heap_is_counted()) {
        g_test_skip("this heap is not glibc's");
        return;
    }
    fx = fx_new(&options);
    for (unsigned i = 0; i < WARM_UP * GROUP / 10; i++) {
        one_handshake(fx, i);
    }
    fx_negotiate(fx);
    bytes = mallinfo2().uordblks;
    rss = resident_kib();
    for (unsigned i = 0; i < n; i++) {
        one_handshake(fx, i);
        if (i == n / 2) {
            halfway = resident_kib();
        }
        if ((i + 1) % GROUP == 0) {
            fx_negotiate(fx);
            g_assert_cmpuint(mallinfo2().uordblks, <=, bytes + LIMBS);
            g_assert_cmpuint(mallinfo2().uordblks + LIMBS, >=, bytes);
        }
    }
    fx_expect_wiped(fx);
    g_test_message("%u handshakes: %zu bytes allocated before and after; "
                   "%zu KiB resident before, %zu halfway, %zu after", n, bytes,
                   rss, halfway, resident_kib());
    /* Pages of the heap may come, not with the number of handshakes. */
    g_assert_cmpuint(resident_kib(), <=, rss + 1024);
}

int main(int argc, char **argv)
{
    /*
     * Before anything is allocated: no pools of GLib (before 2.76), and no
     * cache of glibc, whose blocks count as allocated.
     */
    if (!g_getenv("G_SLICE") && g_setenv("G_SLICE", "always-malloc", TRUE) &&
        g_setenv("GLIBC_TUNABLES", "glibc.malloc.tcache_count=0", TRUE)) {
        execv("/proc/self/exe", argv);
    }
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/soak/handshakes leave the heap as it was",
                    test_flat);
    return g_test_run();
}

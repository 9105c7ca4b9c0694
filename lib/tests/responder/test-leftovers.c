/*
 * What is left of ephemeral keys made ahead of time: they are in memory while
 * they wait, and nowhere once they were used or became useless.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* What is looked for must not be found because it is looked for. */
enum { MASK = 0xa5, PIECE = 1 << 20, MUCH = 1 << 28, WINDOW = 12 };

/* Of a private key, whose length is that of its curve. */
typedef struct Wanted {
    uint8_t masked[SPDM_MAX_DHE];
    size_t len;
} Wanted;

/*
 * As the fixture's device draws it: the first bytes of a stream. That they are
 * no number below the order is as good as impossible for P-384.
 */
static Wanted next_key(const Fx *fx)
{
    g_autofree char *label = g_strdup_printf(
        "ephemeral/%" G_GUINT64_FORMAT "/0", fx->r->ephemeral_index);
    g_autoptr(SpdmSeeded) stream = spdm_seeded_new(fx->o.seed, label);
    SpdmRng rng = spdm_seeded_rng(stream);
    Wanted w = { .len = fx->conn.dhe->private_size };

    spdm_rng_fill(&rng, w.masked, w.len);
    for (size_t i = 0; i < w.len; i++) {
        w.masked[i] ^= MASK;
    }
    return w;
}

/* Part of it at @at; backwards: libgcrypt's numbers begin with their end. */
static bool is_there(const Wanted *w, const uint8_t *at)
{
    size_t from = w->len / 2;
    bool ahead = true, back = true;

    for (size_t i = 0; i < WINDOW && (ahead || back); i++) {
        uint8_t byte = at[i] ^ MASK;

        ahead = ahead && byte == w->masked[from + i];
        back = back && byte == w->masked[from - 1 - i];
    }
    return ahead || back;
}

static bool is_in_piece(const Wanted *w, const uint8_t *piece, size_t len)
{
    for (size_t i = 0; i + WINDOW <= len; i++) {
        if (is_there(w, piece + i)) {
            return true;
        }
    }
    return false;
}

/* Pieces overlap, so that none cuts the key. */
static bool is_in_map(const Wanted *w, int memory, uint8_t *piece,
                      uint64_t from, uint64_t to)
{
    for (; from + WINDOW < to; from += PIECE - SPDM_MAX_DHE) {
        ssize_t n = pread(memory, piece, MIN(PIECE, to - from), (off_t)from);

        if (n > 0 && is_in_piece(w, piece, (size_t)n)) {
            return true;
        }
    }
    return false;
}

/* Of this process, but for where the search itself puts what it reads. */
static bool is_in_memory(const Wanted *w)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    uint8_t *piece = mmap(NULL, PIECE, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    uint64_t from, to;
    char rights[5], line[512];
    bool found = false;

    g_assert_true(maps && memory >= 0 && piece != MAP_FAILED);
    while (!found && fgets(line, sizeof(line), maps)) {
        if (sscanf(line, "%" G_GINT64_MODIFIER "x-%" G_GINT64_MODIFIER
                   "x %4s", &from, &to, rights) == 3 &&
            rights[1] == 'w' && rights[3] == 'p' && to - from < MUCH) {
            found = is_in_map(w, memory, piece, from, to);
        }
    }
    munmap(piece, PIECE);
    close(memory);
    fclose(maps);
    return found;
}

static Fx *prepared(Wanted *w)
{
    Fx *fx = fx_new(NULL);

    fx_negotiate(fx);
    *w = next_key(fx);
    g_assert_false(is_in_memory(w));
    g_assert_true(spdm_responder_prepare(fx->r));
    g_assert_true(is_in_memory(w));
    return fx;
}

static void test_used(void)
{
    Wanted w;
    g_autoptr(Fx) fx = prepared(&w);
    SpdmSession *s = fx_key_exchange(fx, 0);

    g_assert_false(is_in_memory(&w));
    fx_finish(fx, s);
    fx_end_session(fx, s, 0);
    g_assert_false(is_in_memory(&w));
}

static void test_made_at_once(void)
{
    g_autoptr(Fx) fx = fx_new(NULL);
    Wanted w;

    fx_negotiate(fx);
    w = next_key(fx);
    fx_key_exchange(fx, 0);
    g_assert_false(is_in_memory(&w));
}

static void test_reset(void)
{
    Wanted w;
    g_autoptr(Fx) fx = prepared(&w);

    spdm_responder_reset(fx->r);
    g_assert_false(is_in_memory(&w));
}

static void test_another_group(void)
{
    Wanted w;
    g_autoptr(Fx) fx = prepared(&w);

    /* Whose key begins as this one does: the stream is the same. */
    fx->o.dhe = 1 << 3;
    fx_negotiate(fx);
    fx_key_exchange(fx, 0);
    g_assert_false(is_in_memory(&w));
}

static void test_snapshot(void)
{
    Wanted w;
    g_autoptr(Fx) fx = prepared(&w);
    g_autoptr(GBytes) state = spdm_responder_save(fx->r);

    g_assert_true(spdm_responder_load(fx->r, state, NULL));
    g_assert_false(is_in_memory(&w));
}

static void test_freed(void)
{
    Wanted w;

    fx_free(prepared(&w));
    g_assert_false(is_in_memory(&w));
}

static const struct {
    const char *name;
    void (*test)(void);
} rows[] = {
    { "none once it was used, nor when the session has ended", test_used },
    { "none of one that was made when it was needed", test_made_at_once },
    { "none after a reset", test_reset },
    { "none after another group was used", test_another_group },
    { "none in a snapshot, and after one was loaded", test_snapshot },
    { "none of a responder that is gone", test_freed },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat(
            "/leftovers/of an ephemeral key made ahead: ", rows[i].name,
            NULL);

        g_test_add_func(path, rows[i].test);
    }
    return g_test_run();
}

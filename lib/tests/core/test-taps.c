/*
 * Several taps on one end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/taps.h"
#include "core-util.h"

enum { MOST = SPDM_MAX_TAPS + 1 };

typedef struct Probe {
    SpdmTap tap;
    char name;
    GString *heard;              /* names, in order of being called */
    SpdmTapVerdict verdict;
    SpdmTaps *taps;
    const SpdmTap *removes;      /* while being called */
} Probe;

typedef struct Probes {
    SpdmTaps taps;
    Probe probe[MOST];
    GString *heard;
} Probes;

static SpdmTapVerdict hear(void *opaque, SpdmTapContext *context)
{
    Probe *p = opaque;

    g_string_append_c(p->heard, p->name);
    if (p->removes) {
        spdm_taps_remove(p->taps, p->removes);
    }
    return p->verdict;
}

static void probes_init(Probes *p)
{
    *p = (Probes){ .heard = g_string_new(NULL) };
    for (unsigned i = 0; i < MOST; i++) {
        p->probe[i] = (Probe){
            .tap = { hear, &p->probe[i] }, .name = (char)('a' + i),
            .heard = p->heard, .taps = &p->taps,
        };
    }
    for (unsigned i = 0; i < 3; i++) {
        g_assert_true(spdm_taps_add(&p->taps, &p->probe[i].tap));
    }
}

static void probes_clear(Probes *p)
{
    g_string_free(p->heard, TRUE);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Probes, probes_clear)

static void assert_heard(Probes *p, SpdmTapEvent event, const char *names,
                         SpdmTapVerdict verdict)
{
    SpdmTapContext context = { .event = event };

    g_string_truncate(p->heard, 0);
    g_assert_cmpint(spdm_taps_call(&p->taps, &context, NULL, NULL), ==,
                    verdict);
    g_assert_cmpstr(p->heard->str, ==, names);
}

static void test_order(void)
{
    static const struct {
        SpdmTapEvent event;
        const char *names;
    } rows[] = {
        { SPDM_TAP_RX_FRAME, "cba" },
        { SPDM_TAP_RX_MSG, "cba" },
        { SPDM_TAP_COMPOSE, "abc" },
        { SPDM_TAP_TX_MSG, "abc" },
        { SPDM_TAP_TX_FRAME, "abc" },
        { SPDM_TAP_SESSION, "abc" },
    };
    g_auto(Probes) p;

    probes_init(&p);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        assert_heard(&p, rows[i].event, rows[i].names, SPDM_TAP_PASS);
    }
}

static void test_drop(void)
{
    g_auto(Probes) p;

    probes_init(&p);
    p.probe[1].verdict = SPDM_TAP_DROP;
    assert_heard(&p, SPDM_TAP_TX_MSG, "ab", SPDM_TAP_DROP);
    assert_heard(&p, SPDM_TAP_RX_MSG, "cb", SPDM_TAP_DROP);
}

static void test_table_of_taps(void)
{
    g_auto(Probes) p;

    probes_init(&p);
    g_assert_true(spdm_taps_add(&p.taps, &p.probe[3].tap));
    g_assert_true(spdm_taps_add(&p.taps, &p.probe[0].tap));
    g_assert_false(spdm_taps_add(&p.taps, &p.probe[4].tap));
    assert_heard(&p, SPDM_TAP_TX_MSG, "abcd", SPDM_TAP_PASS);
    spdm_taps_remove(&p.taps, &p.probe[1].tap);
    spdm_taps_remove(&p.taps, &p.probe[1].tap);
    assert_heard(&p, SPDM_TAP_TX_MSG, "acd", SPDM_TAP_PASS);
    g_assert_true(spdm_taps_add(&p.taps, &p.probe[4].tap));
    assert_heard(&p, SPDM_TAP_TX_MSG, "acde", SPDM_TAP_PASS);
}

static void test_removed_meanwhile(void)
{
    g_auto(Probes) p;

    probes_init(&p);
    p.probe[0].removes = &p.probe[1].tap;
    assert_heard(&p, SPDM_TAP_TX_MSG, "ac", SPDM_TAP_PASS);
    p.probe[0].removes = &p.probe[0].tap;
    assert_heard(&p, SPDM_TAP_TX_MSG, "ac", SPDM_TAP_PASS);
    assert_heard(&p, SPDM_TAP_TX_MSG, "c", SPDM_TAP_PASS);
}

static bool gone(const void *opaque)
{
    const Probes *p = opaque;

    return p->heard->len >= 2;
}

static void test_gone(void)
{
    SpdmTapContext context = { .event = SPDM_TAP_TX_MSG };
    g_auto(Probes) p;

    probes_init(&p);
    g_assert_cmpint(spdm_taps_call(&p.taps, &context, gone, &p), ==,
                    SPDM_TAP_DROP);
    g_assert_cmpstr(p.heard->str, ==, "ab");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/taps/what goes out passes in order of adding, what "
                    "comes in the other way round", test_order);
    g_test_add_func("/taps/the first that does not pass ends it", test_drop);
    g_test_add_func("/taps/there are at most four, each once",
                    test_table_of_taps);
    g_test_add_func("/taps/one that is removed meanwhile is not called",
                    test_removed_meanwhile);
    g_test_add_func("/taps/a message whose session is gone goes no further",
                    test_gone);
    return g_test_run();
}

/*
 * What an open session takes in a responder, in bytes: its place in the table
 * of sessions, and heap for transcripts and ciphers, which are in use.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <malloc.h>

#include "bench.h"
#include "core/session.h"

enum { SESSIONS = 8 };       /* as many as a responder can have */

/* What is asked of the system, or from the heap and in use. */
static double heap_bytes(void)
{
    struct mallinfo2 m = mallinfo2();

    return (double)m.uordblks + (double)m.hblkhd;
}

/* The requester forgets its half: what is left is the responder's. */
static void open_session(BenchWorld *w)
{
    uint32_t id = bench_exchange(w);
    GError *err = NULL;

    bench_finish(w, id);
    bench_must(spdm_requester_heartbeat(w->rq, id, &err), &err);
    spdm_requester_forget_session(w->rq, id);
}

static void measure(const BenchSet *set, unsigned runs)
{
    g_autofree char *name = g_strdup_printf("session.%s", set->name);

    for (unsigned i = 0; i < runs; i++) {
        g_autoptr(BenchWorld) w = bench_world_new(set, SESSIONS);
        double before;

        bench_connect(w);
        if (!set->psk) {
            bench_identify(w);
        }
        open_session(w);     /* what is made once is made */
        before = heap_bytes();
        for (unsigned n = 1; n < SESSIONS; n++) {
            open_session(w);
        }
        bench_row(name, "B", (heap_bytes() - before) / (SESSIONS - 1) +
                  (double)sizeof(SpdmSession));
    }
}

/* An idle responder with its connection, provider and profile apart. */
static void measure_responder(void)
{
    g_autoptr(BenchWorld) w = bench_world_new(&bench_sets[0], SESSIONS);
    SpdmProvider provider = spdm_soft_provider(w->soft);
    double before = heap_bytes();
    GError *err = NULL;
    g_autoptr(SpdmResponder) r = spdm_responder_new(
        w->profile, &provider, SPDM_TRANSPORT_PCI_DOE, &err);

    bench_must(r != NULL, &err);
    bench_row("responder", "B", heap_bytes() - before);
}

/* memory [--runs N] */
int main(int argc, char **argv)
{
    unsigned runs = bench_option(argc, argv, "runs", 5);

    for (const BenchSet *set = bench_sets; set->name; set++) {
        if (bench_chosen(argc, argv, set->name)) {
            measure(set, runs);
        }
    }
    measure_responder();
    return 0;
}

/*
 * What a handshake costs the responder, beside the bare operations in it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <stdio.h>

#include "bare.h"

typedef struct Spent {
    double all;              /* from GET_VERSION to FINISH_RSP */
    double session;          /* from KEY_EXCHANGE on */
    double ahead;            /* ... while idle before it */
    double answer;           /* of KEY_EXCHANGE alone */
    size_t bytes;            /* of the session's messages */
} Spent;

/* What @w has spent since @before. */
static double since(const BenchWorld *w, double before)
{
    return w->spent_us - before;
}

/* The idle time between two requests. */
static void idle(BenchWorld *w)
{
    double begin = bench_cpu_us();

    spdm_responder_prepare(w->responder);
    w->spent_us += bench_cpu_us() - begin - bench_clock_us();
}

static Spent handshake(BenchWorld *w, bool ahead)
{
    double begin = w->spent_us, exchange;
    Spent s = { .all = 0 };
    size_t seen;
    uint32_t id;

    bench_connect(w);
    if (!w->set->psk) {
        bench_identify(w);
    }
    exchange = w->spent_us;
    if (ahead) {
        idle(w);
        s.ahead = since(w, exchange);
    }
    seen = w->seen;
    id = bench_exchange(w);
    s.answer = since(w, exchange) - s.ahead;
    bench_finish(w, id);
    s.session = since(w, exchange);
    s.all = since(w, begin);
    s.bytes = w->seen - seen;
    bench_end(w, id);
    return s;
}

typedef struct Floor {
    double ephemeral;
    double answer;           /* shared secret and signature */
    double rest;
} Floor;

static Floor floor_of(Bare *b, const BenchSet *set, size_t bytes)
{
    Floor f = { .ephemeral = 0 };
    double begin = bench_cpu_us(), clock = bench_clock_us();

    if (!set->psk) {
        bare_ephemeral(b);
        f.ephemeral = bench_cpu_us() - begin - clock;
        begin = bench_cpu_us();
        bare_shared(b);
        bare_sign(b);
        f.answer = bench_cpu_us() - begin - clock;
        begin = bench_cpu_us();
    }
    bare_rest(b, bytes);
    f.rest = bench_cpu_us() - begin - clock;
    return f;
}

static void row(const char *what, const BenchSet *set, double value,
                double floor)
{
    g_autofree char *name = g_strdup_printf("%s.%s", what, set->name);

    bench_row_over(name, "us", value, floor);
}

static void measure(BenchWorld *w, Bare *b)
{
    Spent s = handshake(w, false);
    Floor f = floor_of(b, w->set, s.bytes);
    double all = f.ephemeral + f.answer + f.rest;

    row("session", w->set, s.session, all);
    row("connection", w->set, s.all, all);
    if (!w->set->psk) {
        row("answer", w->set, s.answer, f.answer);
        s = handshake(w, true);
        f = floor_of(b, w->set, s.bytes);
        row("answer-ahead", w->set, s.answer, f.answer);
    }
}

static void measure_set(const BenchSet *set, unsigned runs)
{
    g_autoptr(BenchWorld) w = bench_world_new(set, 4);
    g_autoptr(Bare) b = bare_new(set);

    w->timed = true;
    /* Tables that libgcrypt makes at first use are no part of it. */
    handshake(w, false);
    floor_of(b, set, 1);
    for (unsigned i = 0; i < runs; i++) {
        measure(w, b);
    }
}

/* handshake [--runs N] [SET...] */
int main(int argc, char **argv)
{
    unsigned runs = bench_option(argc, argv, "runs", 200);

    for (const BenchSet *set = bench_sets; set->name; set++) {
        if (bench_chosen(argc, argv, set->name)) {
            measure_set(set, runs);
        }
    }
    return 0;
}

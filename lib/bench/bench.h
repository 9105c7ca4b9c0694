/*
 * What the programs of the bench share: a clock, rows of output, and a device
 * with a requester in one process.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_BENCH_H
#define SPDM_BENCH_H

#include "crypto/algs.h"
#include "spdm/requester.h"
#include "spdm/soft-provider.h"

/** CPU time of this thread, microseconds. */
double bench_cpu_us(void);

/** ... and what asking for it takes, which is no small part of some runs. */
double bench_clock_us(void);

/** One run of one figure on stdout, as bench/provider.py reads it. */
void bench_row(const char *figure, const char *unit, double value);
void bench_row_over(const char *figure, const char *unit, double value,
                    double floor);

/** The number behind "--@name", or @usual. Exits on other words. */
unsigned bench_option(int argc, char **argv, const char *name,
                      unsigned usual);

/** Whether @word, or nothing but options, is on the command line. */
bool bench_chosen(int argc, char **argv, const char *word);

/** Exits with the error, which must not happen here. */
void bench_must(bool ok, GError **err);

/** Algorithms by their names in the tables, and what they are called here. */
typedef struct BenchSet {
    const char *name;
    const char *hash;
    const char *asym;
    const char *dhe;
    bool psk;                    /* PSK_EXCHANGE instead of KEY_EXCHANGE */
} BenchSet;

/** Ended by a row without a name. */
extern const BenchSet bench_sets[];

#define BENCH_PSK "a key shared for the bench"

/** A device, its keys made, and a requester that has not connected yet. */
typedef struct BenchWorld {
    const BenchSet *set;
    SpdmProfile *profile;
    SpdmSoftProvider *soft;
    SpdmResponder *responder;
    SpdmRequester *rq;
    bool timed;                  /* whether to count: */
    double spent_us;             /* CPU time inside the responder */
    size_t seen;                 /* bytes of requests and answers */
} BenchWorld;

BenchWorld *bench_world_new(const BenchSet *set, unsigned max_sessions);
void bench_world_free(BenchWorld *w);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(BenchWorld, bench_world_free)

/* Steps; each ends the program if it fails. */
void bench_connect(BenchWorld *w);
void bench_identify(BenchWorld *w);      /* DIGESTS and CERTIFICATE */
uint32_t bench_exchange(BenchWorld *w);  /* KEY_ or PSK_EXCHANGE */
void bench_finish(BenchWorld *w, uint32_t session);
void bench_end(BenchWorld *w, uint32_t session);

#endif

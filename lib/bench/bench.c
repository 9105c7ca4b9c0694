/*
 * The clock, the output and the options of the bench's programs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

double bench_cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double bench_clock_us(void)
{
    enum { ASKED = 1000 };
    static double each;

    if (each == 0) {
        double begin = bench_cpu_us();

        for (unsigned i = 1; i < ASKED; i++) {
            bench_cpu_us();
        }
        each = (bench_cpu_us() - begin) / ASKED;
    }
    return each;
}

void bench_row(const char *figure, const char *unit, double value)
{
    printf("{\"figure\": \"%s\", \"unit\": \"%s\", \"value\": %.6g}\n",
           figure, unit, value);
}

void bench_row_over(const char *figure, const char *unit, double value,
                    double floor)
{
    printf("{\"figure\": \"%s\", \"unit\": \"%s\", \"value\": %.6g, "
           "\"floor\": %.6g}\n", figure, unit, value, floor);
}

unsigned bench_option(int argc, char **argv, const char *name, unsigned usual)
{
    g_autofree char *option = g_strdup_printf("--%s", name);
    guint64 n;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], option) != 0) {
            continue;
        }
        if (i + 1 < argc &&
            g_ascii_string_to_unsigned(argv[i + 1], 10, 1, 1000000000, &n,
                                       NULL)) {
            return (unsigned)n;
        }
        fprintf(stderr, "%s wants a number from 1 on\n", option);
        exit(2);
    }
    return usual;
}

bool bench_chosen(int argc, char **argv, const char *word)
{
    bool all = true;

    for (int i = 1; i < argc; i++) {
        if (g_str_has_prefix(argv[i], "--")) {
            i++;
        } else if (strcmp(argv[i], word) == 0) {
            return true;
        } else {
            all = false;
        }
    }
    return all;
}

void bench_must(bool ok, GError **err)
{
    if (!ok) {
        fprintf(stderr, "%s\n", *err ? (*err)->message : "failed");
        exit(1);
    }
}

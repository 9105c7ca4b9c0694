/*
 * The driver: campaigns for as long as wanted, or (LLVMFuzzerTestOneInput)
 * one input at a time.
 *
 *   hostile [--seconds N] [--seed N] [--profile NAME] [--rounds N]
 *
 * Without --seconds it runs --rounds of each world, so that a seed always
 * does the same.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile.h"

#include <inttypes.h>
#include <stdio.h>

static gint64 seconds, seed = 1, rounds = 1;
static char *only;

static const GOptionEntry options[] = {
    { "seconds", 0, 0, G_OPTION_ARG_INT64, &seconds, "stop after N", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT64, &seed, "first seed", "N" },
    { "rounds", 0, 0, G_OPTION_ARG_INT64, &rounds, "through all", "N" },
    { "profile", 0, 0, G_OPTION_ARG_STRING, &only, "this one only", "NAME" },
    { NULL }
};

/* Enough of each kind that a round takes a minute or so. */
static uint64_t run(const HostileConfig *config)
{
    g_autoptr(Hostile) h = hostile_new(config);

    if (config->seed == (uint64_t)seed) {
        hostile_fields(h);
        hostile_growth(h, 20000);
        hostile_snapshot_bytes(h, 13);
    }
    hostile_requests(h, 2000);
    hostile_snapshots(h, 2000);
    hostile_responses(h, 200);
    hostile_chains(h, 1000);
    hostile_files(h, 500);
    return hostile_cases(h);
}

static bool time_is_up(gint64 start)
{
    return seconds && g_get_monotonic_time() - start >
                      seconds * G_USEC_PER_SEC;
}

static void round_of(uint64_t round_seed, gint64 start)
{
    static const uint32_t without[] = { 0, 1u << 6 /* ENCRYPT */ };

    for (const char *const *name = spdm_profile_builtin_names(); *name;
         name++) {
        for (unsigned i = 0; i < 12 && !time_is_up(start); i++) {
            HostileConfig config = {
                .profile = *name,
                .transport = (SpdmTransportType)(i % 3),
                .version = (uint8_t)(SPDM_VERSION_13 -
                                     (i + i / 6 + round_seed) % 3),
                .without = without[i / 3 % 2],
                .seed = round_seed,
                .chunks = i % 4 == 3 ? 64 : 0,
            };

            if (only && g_strcmp0(only, *name)) {
                continue;
            }
            if (*name[0] == 'c') {
                config.version = MAX(config.version, SPDM_VERSION_12);
            }
            printf("%s transport %d version 0x%02x without 0x%x "
                   "chunks %u seed %" PRIu64 ": ", *name, config.transport,
                   config.version, config.without, config.chunks,
                   config.seed);
            fflush(stdout);
            printf("%" PRIu64 " cases\n", run(&config));
        }
    }
}

#ifdef SPDM_LIBFUZZER

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const HostileConfig config = {
        .profile = "nic", .transport = SPDM_TRANSPORT_PCI_DOE, .seed = 1,
    };
    static Hostile *h;

    if (!h) {
        h = hostile_new(&config);
    }
    hostile_input(h, data, len);
    return 0;
}

#else

int main(int argc, char **argv)
{
    g_autoptr(GOptionContext) context = g_option_context_new(NULL);
    g_autoptr(GError) err = NULL;
    gint64 start = g_get_monotonic_time();

    g_option_context_add_main_entries(context, options, NULL);
    if (!g_option_context_parse(context, &argc, &argv, &err)) {
        fprintf(stderr, "hostile: %s\n", err->message);
        return 2;
    }
    for (uint64_t i = 0; seconds ? !time_is_up(start)
                                 : i < (uint64_t)rounds; i++) {
        round_of((uint64_t)seed + i, start);
    }
    return 0;
}

#endif

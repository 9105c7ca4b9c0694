/*
 * The worlds of the fuzzers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/worlds.h"

#define WORLD(name) "lib/fuzz/worlds/" name ".ini"

/* P-256 and pre-shared keys: what is looked for is not in the arithmetic. */
static const HostileConfig configs[] = {
    { WORLD("keys"), SPDM_TRANSPORT_PCI_DOE, SPDM_VERSION_14, 0, 1, 0,
      true },
    { WORLD("mutual"), SPDM_TRANSPORT_MCTP, SPDM_VERSION_14, 0, 2, 0, true },
    { WORLD("psk"), SPDM_TRANSPORT_PCI_DOE, SPDM_VERSION_13, 0, 3, 0, true },
    { WORLD("reset"), SPDM_TRANSPORT_TCP, SPDM_VERSION_12, 0, 4, 0, true },
    { WORLD("keys"), SPDM_TRANSPORT_NONE, SPDM_VERSION_13, 0, 5, 64, true },
    { WORLD("mutual"), SPDM_TRANSPORT_STORAGE, SPDM_VERSION_11, 0, 6, 0,
      true },
    { WORLD("psk"), SPDM_TRANSPORT_MCTP, SPDM_VERSION_12, SPDM_ENCRYPT_CAP,
      7, 0, true },
    { WORLD("mutual"), SPDM_TRANSPORT_PCI_DOE, SPDM_VERSION_10, 0, 8, 0,
      true },
};

G_STATIC_ASSERT(G_N_ELEMENTS(configs) <= MAX_WORLDS);

unsigned fuzz_world_count(void)
{
    return G_N_ELEMENTS(configs);
}

Hostile *fuzz_world(unsigned i)
{
    static Hostile *worlds[G_N_ELEMENTS(configs)];

    i %= G_N_ELEMENTS(configs);
    if (!worlds[i]) {
        worlds[i] = hostile_new(&configs[i]);
        hostile_cheapen(worlds[i]);
    }
    return worlds[i];
}

void fuzz_world_restore(Hostile *h)
{
    h->what = "input";
    h->random = h->config.seed;
    h->now_us = INT64_C(1000) * G_USEC_PER_SEC;
    h->lie = LIE_NONE;
    h->lie_at = UINT_MAX;
}

const Moment *fuzz_moment(Hostile *h, FuzzInput *in)
{
    return hostile_moment(h, fuzz_int(in, 2) % h->moments->len);
}

GByteArray *fuzz_start(unsigned world, unsigned moment)
{
    GByteArray *input = g_byte_array_new();

    fuzz_put_int(input, world, 1);
    fuzz_put_int(input, moment, 2);
    return input;
}

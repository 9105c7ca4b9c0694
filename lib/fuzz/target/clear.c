/*
 * Requests to the responder before sessions and beside them: messages and
 * frames of any kind, at any moment of a connection.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/script.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    FuzzInput in = { data, len };
    Hostile *h = fuzz_world(fuzz_int(&in, 1));
    const Moment *m = fuzz_moment(h, &in);

    if (m->session == 0) {
        fuzz_play(h, m, false, in);
    }
    return 0;
}

void fuzz_seeds(const FuzzSeeds *seeds)
{
    fuzz_seed_scripts(seeds, false);
}

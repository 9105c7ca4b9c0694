/*
 * A hostile device: the requester's walk with an answer that lies.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile-int.h"

enum { HONEST_EVERY = 32 };

void hostile_responses(Hostile *h, unsigned n)
{
    unsigned whole;

    hostile_honest(h);
    whole = h->exchanges;
    h->what = "responses";
    for (unsigned i = 0; i < n; i++) {
        h->cases++;
        h->lie_at = hostile_below(h, whole);
        h->lie = LIE_COMPOSE + hostile_below(h, LIE_COUNT - LIE_COMPOSE);
        hostile_walk(h, false);
        h->lie_at = UINT_MAX;
        if (i % HONEST_EVERY == 0) {
            hostile_honest(h);
        }
    }
    hostile_honest(h);
}

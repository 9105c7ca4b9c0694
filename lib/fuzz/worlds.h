/*
 * The worlds of the fuzzers: each made once, when an input first names it,
 * and put back for every input.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FUZZ_WORLDS_H
#define SPDM_FUZZ_WORLDS_H

#include "fuzz/fuzz.h"
#include "fuzz/hostile-int.h"

enum { MAX_WORLDS = 16 };

/** How many there are, MAX_WORLDS at most. */
unsigned fuzz_world_count(void);

/** World @i modulo their number; its device signs no more, but quickly. */
Hostile *fuzz_world(unsigned i);

/** As it was before any input: same time, same random numbers. */
void fuzz_world_restore(Hostile *h);

/** A moment, by two bytes of an input. */
const Moment *fuzz_moment(Hostile *h, FuzzInput *in);

/** How an input begins that goes to moment @moment of world @world. */
GByteArray *fuzz_start(unsigned world, unsigned moment);

#endif

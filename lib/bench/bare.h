/*
 * The floor of a handshake: the operations of libgcrypt that a responder
 * cannot do without, called directly, with all that can be made once made.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_BENCH_BARE_H
#define SPDM_BENCH_BARE_H

#include "bench.h"

typedef struct Bare Bare;

/** A key of @set's algorithm is made, and what a peer would send. */
Bare *bare_new(const BenchSet *set);
void bare_free(Bare *b);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Bare, bare_free)

/** A new ephemeral key, as its public value. */
void bare_ephemeral(Bare *b);

/** The secret shared with the peer, whose value is checked first. */
void bare_shared(Bare *b);

/** A signature over a digest. */
void bare_sign(Bare *b);

/**
 * The rest of a handshake with @bytes of messages in its transcript: nonce,
 * hashes, HMACs of the key schedule, and the two records of FINISH.
 */
void bare_rest(Bare *b, size_t bytes);

#endif

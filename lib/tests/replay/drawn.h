/*
 * Randomness as it was recorded: what is to be drawn next, in order.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TEST_DRAWN_H
#define SPDM_TEST_DRAWN_H

#include "crypto/random.h"

typedef struct Drawn {
    GPtrArray *next;         /* GBytes */
    SpdmSeeded *rest;        /* for what the recording does not know */
} Drawn;

void drawn_init(Drawn *drawn);
void drawn_clear(Drawn *drawn);

/** @bytes are drawn after all that was added before; empty ones are not. */
void drawn_add(Drawn *drawn, SpdmBytes bytes);

/** Forgets what was not drawn. */
void drawn_restart(Drawn *drawn);

/** SpdmProviderOps.random, SpdmRequesterIo.random; @opaque is a Drawn. */
void drawn_fill(void *opaque, void *buf, size_t len);

#endif

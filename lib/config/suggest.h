/*
 * Finds the valid name that is nearest to what somebody typed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CONFIG_SUGGEST_H
#define SPDM_CONFIG_SUGGEST_H

#include <glib.h>

/** Start with { .word = ... }, then try every candidate. */
typedef struct SpdmNearest {
    const char *word;
    const char *best;      /* borrowed from the candidates; NULL: none yet */
    unsigned distance;
} SpdmNearest;

/** Single-character edits from @a to @b; case is ignored. */
unsigned spdm_edit_distance(const char *a, const char *b);

/** Keeps @candidate if it is nearer than all before; the first of equals. */
void spdm_nearest_try(SpdmNearest *nearest, const char *candidate);

#endif

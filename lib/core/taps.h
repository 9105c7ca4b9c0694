/*
 * The taps attached to one end, and the order they are called in.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_TAPS_H
#define SPDM_CORE_TAPS_H

#include "spdm/tap.h"

typedef struct SpdmTaps {
    const SpdmTap *list[SPDM_MAX_TAPS]; /* borrowed; in order of adding */
    unsigned count;
} SpdmTaps;

/** False when there are SPDM_MAX_TAPS already; adding twice is once. */
bool spdm_taps_add(SpdmTaps *taps, const SpdmTap *tap);

/** Whether anybody listens. */
static inline bool spdm_taps_any(const SpdmTaps *taps)
{
    return taps->count > 0;
}

/** Does nothing when @tap is not attached. */
void spdm_taps_remove(SpdmTaps *taps, const SpdmTap *tap);

/**
 * Calls the taps one after the other: the last added is next to the wire. The
 * first that does not pass ends it, and so does @gone (may be NULL) when it
 * says that what the message belongs to is not there any more. Taps may be
 * added and removed meanwhile.
 */
SpdmTapVerdict spdm_taps_call(SpdmTaps *taps, SpdmTapContext *context,
                              bool (*gone)(const void *opaque),
                              const void *opaque);

#endif

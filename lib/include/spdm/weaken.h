/*
 * A requester with one of its checks taken away, for the campaign to show
 * that it notices. Only in a build made for that (meson -Dweaken=true, which
 * defines SPDM_WEAKEN); never installed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_WEAKEN_H
#define SPDM_WEAKEN_H

#include "spdm/requester.h"

G_BEGIN_DECLS

/** Carelessness that is no check of check.h left out. */
typedef enum SpdmWeakness {
    SPDM_WEAK_NONE,
    SPDM_WEAK_RECORD_SEQUENCE = SPDM_CHECK_COUNT, /* replays are believed */
    SPDM_WEAK_SESSION_AFTER_ERROR, /* no failure ends a session */
    SPDM_WEAK_RESYNCH,             /* RequestResynch costs nothing */
    SPDM_WEAK_COUNT,
} SpdmWeakness;

/**
 * "version-echo", ..., all of check.h and what is above, from @i 1 on; NULL
 * behind the last. Static.
 */
SPDM_API const char *spdm_weakness_name(unsigned i);

/**
 * From now on @rq does without @name, and without what it did without before;
 * false when there is no such check.
 */
SPDM_API bool spdm_requester_weaken(SpdmRequester *rq, const char *name);

G_END_DECLS

#endif

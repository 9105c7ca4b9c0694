/*
 * How long a device kept the big lock, and with it the vCPUs: a trace event,
 * and no clock is read unless it is on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_SPDM_HELD_H
#define HW_SPDM_HELD_H

#include "qemu/timer.h"
#include "trace.h"

static inline int64_t spdm_held_begin(void)
{
    return trace_event_get_state_backends(TRACE_SPDM_HELD) ? get_clock() : 0;
}

/* @what is done; @begin is what spdm_held_begin() returned. */
static inline void spdm_held_end(const char *name, const char *what,
                                 int64_t begin)
{
    if (begin) {
        trace_spdm_held(name, what, get_clock() - begin);
    }
}

#endif

/*
 * A few threads that the devices share.
 *
 * Most devices are idle most of the time, and a thread for each would cost
 * every one of them a stack and a heap. One is always free, up to a limit,
 * and those that are too many end after a while.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_SPDM_WORKERS_H
#define HW_SPDM_WORKERS_H

/* Zeroed but for run and opaque; lives until run() is called. */
typedef struct SpdmWork {
    void (*run)(void *opaque);
    void *opaque;
    GList link;
} SpdmWork;

/* Once, with the big lock held, before any work. */
void spdm_workers_start(void);

/*
 * Has run() called once, on some thread and without the big lock; before that
 * @work must not be given again. @spare: work that nobody waits for. It leaves
 * half of the host's processors alone, and a thread for the rest.
 */
void spdm_workers_run(SpdmWork *work, bool spare);

#endif

/*
 * As much of QEMU as the engine and its workers call: the big lock, bottom
 * halves that one thread runs, threads, and what is to be done at exit.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_SPDM_TESTS_MACHINE_H
#define HW_SPDM_TESTS_MACHINE_H

/* Starts the main loop. */
void machine_start(void);

/* The big lock. */
void machine_lock(void);
void machine_unlock(void);
void machine_wait(GCond *cond);

/* Without the lock: others get it. */
void machine_breathe(void);

/* Until *@counter, which the lock guards, has grown by @more. */
void machine_await(const uint64_t *counter, uint64_t more);

/* What QEMU does before exit(). */
void machine_exit(void);

#endif

/*
 * Preloaded into a QEMU that is tested: tells how much is allocated.
 *
 * HEAP_SIZE_FD=N   a connected socket; for each byte that comes over it the
 *                  bytes that are allocated at the moment go back, as text
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *tell(void *opaque)
{
    int fd = (int)(intptr_t)opaque;
    char line[32];

    while (read(fd, line, 1) == 1) {
        struct mallinfo2 now = mallinfo2();
        int len = snprintf(line, sizeof(line), "%zu\n",
                           now.uordblks + now.hblkhd);

        if (write(fd, line, (size_t)len) != len) {
            break;
        }
    }
    return NULL;
}

/* QEMU's wrapper is a shell script, which has to leave it to QEMU. */
static void __attribute__((constructor)) begin(void)
{
    const char *text = getenv("HEAP_SIZE_FD");
    int fd = text ? atoi(text) : -1;
    sigset_t all, before;
    pthread_t thread;

    if (fd < 0 || strncmp(program_invocation_short_name, "qemu-system", 11)) {
        return;
    }
    unsetenv("HEAP_SIZE_FD");
    sigfillset(&all);
    /* Signals are QEMU's main thread's. */
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ||
        pthread_sigmask(SIG_SETMASK, &all, &before) != 0 ||
        pthread_create(&thread, NULL, tell, (void *)(intptr_t)fd) != 0) {
        abort();
    }
    pthread_detach(thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
}

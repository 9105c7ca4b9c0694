/*
 * Preloaded into a program that is tested: calls that change files fail, or
 * are the last the program makes.
 *
 * FAIL_FILES=WORD   concerns files whose name has WORD in it
 * FAIL_FROM=N       the N'th of their calls and all later ones, from 1
 * FAIL_HOW=ERRNO    fail with it; "kill": SIGKILL before the call; "short":
 *                   writes take one byte each; "wait": the call waits as long
 *                   as the file of FAIL_WHILE is there
 * FAIL_CALL=NAME    only calls of this name count and fail
 * FAIL_WHILE=PATH   only while that file is there
 * FAIL_LOG=PATH     gets the name of each call that counts, a line each
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

/* open() and open64() are two functions here. */
#undef _FILE_OFFSET_BITS

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

enum { FILES = 1024 };

static bool ours[FILES];     /* by file descriptor */
static unsigned calls;

static const struct {
    const char *name;
    int value;
} errors[] = {
    { "ENOSPC", ENOSPC }, { "EIO", EIO }, { "EROFS", EROFS },
    { "EACCES", EACCES }, { "EDQUOT", EDQUOT },
};

static bool named(const char *path)
{
    const char *word = getenv("FAIL_FILES");

    return word && path && strstr(path, word);
}

static void *next(const char *name)
{
    void *call = dlsym(RTLD_NEXT, name);

    if (!call) {
        abort();
    }
    return call;
}

static void note(const char *name)
{
    const char *log = getenv("FAIL_LOG");
    int (*real_open)(const char *, int, ...) = next("open");
    ssize_t (*real_write)(int, const void *, size_t) = next("write");
    int fd = log ? real_open(log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;

    if (fd >= 0) {
        ssize_t done = real_write(fd, name, strlen(name));

        done += real_write(fd, "\n", 1);
        if (done < 2) {
            abort();
        }
        close(fd);
    }
}

/* Whether the call is to fail; errno says how. */
static bool fails(const char *name)
{
    const char *from = getenv("FAIL_FROM"), *how = getenv("FAIL_HOW");
    const char *only = getenv("FAIL_CALL"), *lasts = getenv("FAIL_WHILE");

    if ((only && strcmp(only, name) != 0) ||
        (lasts && access(lasts, F_OK) != 0)) {
        return false;
    }
    note(name);
    if (++calls < (from ? strtoul(from, NULL, 10) : 1) || !how) {
        return false;
    }
    if (strcmp(how, "kill") == 0) {
        kill(getpid(), SIGKILL);
    }
    while (strcmp(how, "wait") == 0 && lasts && access(lasts, F_OK) == 0) {
        usleep(10000);
    }
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        if (strcmp(how, errors[i].name) == 0) {
            errno = errors[i].value;
            return true;
        }
    }
    return false;
}

static int opened(const char *path, int flags, int fd)
{
    if (fd >= 0 && fd < FILES) {
        ours[fd] = named(path) && (flags & O_ACCMODE) != O_RDONLY;
    }
    return fd;
}

static bool is_ours(int fd)
{
    return fd >= 0 && fd < FILES && ours[fd];
}

#define OPEN(NAME)                                                       \
    EXPORT int NAME(const char *path, int flags, ...)                    \
    {                                                                    \
        int (*real)(const char *, int, ...) = next(#NAME);               \
        va_list args;                                                    \
        mode_t mode;                                                     \
                                                                         \
        va_start(args, flags);                                           \
        mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;               \
        va_end(args);                                                    \
        if ((flags & O_ACCMODE) != O_RDONLY && named(path) &&            \
            fails("open")) {                                             \
            return -1;                                                   \
        }                                                                \
        return opened(path, flags, real(path, flags, mode));             \
    }

OPEN(open)
OPEN(open64)

EXPORT ssize_t write(int fd, const void *data, size_t len)
{
    ssize_t (*real)(int, const void *, size_t) = next("write");
    const char *how = getenv("FAIL_HOW");

    if (is_ours(fd)) {
        if (fails("write")) {
            return -1;
        }
        len = len && how && strcmp(how, "short") == 0 ? 1 : len;
    }
    return real(fd, data, len);
}

#define OF_FD(NAME)                                                      \
    EXPORT int NAME(int fd)                                              \
    {                                                                    \
        int (*real)(int) = next(#NAME);                                  \
                                                                         \
        return is_ours(fd) && fails(#NAME) ? -1 : real(fd);              \
    }

OF_FD(fsync)
OF_FD(fdatasync)

/* What close() says, GLib believes; it has closed all the same. */
EXPORT int close(int fd)
{
    int (*real)(int) = next("close");
    bool failed = is_ours(fd) && fails("close");
    int error = errno, result;

    if (fd >= 0 && fd < FILES) {
        ours[fd] = false;
    }
    result = real(fd);
    if (failed) {
        errno = error;
        return -1;
    }
    return result;
}

EXPORT int rename(const char *from, const char *to)
{
    int (*real)(const char *, const char *) = next("rename");

    return named(to) && fails("rename") ? -1 : real(from, to);
}

/*
 * A file that records are written to: whole, at once, never waiting.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "spdm/trace.h"

struct SpdmTraceFile {
    char *path;
    int fd;
    bool regular;            /* can be cut back to whole records */
    off_t size;              /* of whole records */
    GByteArray *rest;        /* of a record that a pipe took in part */
    void (*trouble)(void *opaque, const char *line);
    void *opaque;
    bool told;
};

static bool fail(GError **errp, const char *path, const char *why)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE, "%s: %s",
                path, why);
    return false;
}

/* O_NONBLOCK: opening a FIFO must not wait for its reader. */
static bool open_it(SpdmTraceFile *f, GError **errp)
{
    struct stat st;

    f->fd = open(f->path, O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC |
                 O_NOCTTY, 0600);
    if (f->fd < 0) {
        return fail(errp, f->path, errno == ENXIO
                    ? "a FIFO that nobody reads; start its reader first"
                    : g_strerror(errno));
    }
    if (fstat(f->fd, &st) < 0) {
        return fail(errp, f->path, g_strerror(errno));
    }
    f->regular = S_ISREG(st.st_mode);
    if (f->regular && flock(f->fd, LOCK_EX | LOCK_NB) < 0) {
        return fail(errp, f->path, "another trace is being written to it; "
                    "each needs a file of its own");
    }
    if (f->regular && ftruncate(f->fd, 0) < 0) {
        return fail(errp, f->path, g_strerror(errno));
    }
    return true;
}

SpdmTraceFile *
spdm_trace_file_new(const char *path,
                    void (*trouble)(void *opaque, const char *line),
                    void *opaque, GError **errp)
{
    g_autoptr(SpdmTraceFile) f = g_new0(SpdmTraceFile, 1);

    f->path = g_strdup(path);
    f->rest = g_byte_array_new();
    f->trouble = trouble;
    f->opaque = opaque;
    return open_it(f, errp) ? g_steal_pointer(&f) : NULL;
}

void spdm_trace_file_free(SpdmTraceFile *f)
{
    if (f) {
        if (f->fd >= 0) {
            close(f->fd);
        }
        g_byte_array_unref(f->rest);
        g_free(f->path);
        g_free(f);
    }
}

/* Once: a full disk stays full for long, and a log is a disk too. */
static void tell(SpdmTraceFile *f, int error)
{
    g_autofree char *line = NULL;

    if (f->told || !f->trouble) {
        return;
    }
    f->told = true;
    line = g_strdup_printf("%s: %s; records are lost", f->path,
                           error == EAGAIN ? "its reader does not keep up"
                                           : g_strerror(error));
    f->trouble(f->opaque, line);
}

/* As much as goes without waiting. */
static size_t put(SpdmTraceFile *f, const uint8_t *data, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = write(f->fd, data + done, len - done);

        if (n > 0) {
            done += (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            tell(f, n == 0 ? ENOSPC : errno);
            break;
        }
    }
    return done;
}

/* A disk that is full has taken part of a record: it is taken back. */
static bool put_regular(SpdmTraceFile *f, const uint8_t *data, size_t len)
{
    if (put(f, data, len) == len) {
        f->size += (off_t)len;
        return true;
    }
    if (ftruncate(f->fd, f->size) == 0) {
        lseek(f->fd, f->size, SEEK_SET);
    }
    return false;
}

/* What a pipe has begun to take, it gets to the end before anything else. */
static bool put_stream(SpdmTraceFile *f, const uint8_t *data, size_t len)
{
    size_t done = put(f, f->rest->data, f->rest->len);

    if (done) {
        g_byte_array_remove_range(f->rest, 0, (guint)done);
    }
    if (f->rest->len) {
        return false;
    }
    done = put(f, data, len);
    if (done && done < len) {
        g_byte_array_append(f->rest, data + done, (guint)(len - done));
    }
    return done > 0;
}

static bool file_write(void *opaque, const uint8_t *data, size_t len)
{
    SpdmTraceFile *f = opaque;

    return f->regular ? put_regular(f, data, len) : put_stream(f, data, len);
}

SpdmTraceSink spdm_trace_file_sink(SpdmTraceFile *f)
{
    return (SpdmTraceSink){ .write = file_write, .opaque = f };
}

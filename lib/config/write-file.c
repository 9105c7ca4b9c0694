/*
 * A file that a user names may be a FIFO or a device, which is written to and
 * not replaced.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "spdm/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATIENCE_MS = 1000 };

/* Why it cannot be written to the end; NULL: it was. */
static const char *write_to_end(int fd, const char *data, size_t len)
{
    struct pollfd p = { .fd = fd, .events = POLLOUT };

    while (len) {
        ssize_t n = write(fd, data, len);

        if (n > 0) {
            data += n;
            len -= (size_t)n;
        } else if (n < 0 && errno != EINTR && errno != EAGAIN) {
            return g_strerror(errno);
        } else if (poll(&p, 1, PATIENCE_MS) == 0) {
            return "its reader does not read";
        }
    }
    return NULL;
}

/* O_NONBLOCK: opening a FIFO must not wait for its reader. */
static bool write_stream(const char *path, const char *data, size_t len,
                         GError **errp)
{
    int fd = open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    const char *why;

    if (fd >= 0) {
        why = write_to_end(fd, data, len);
        close(fd);
    } else {
        why = errno == ENXIO ? "a FIFO that nobody reads"
                             : g_strerror(errno);
    }
    if (why) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE,
                    "Failed to write to file “%s”: %s", path, why);
    }
    return !why;
}

bool spdm_write_file(const char *path, const char *data, gssize len,
                     GError **errp)
{
    size_t size = len < 0 ? strlen(data) : (size_t)len;
    struct stat st;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
        !S_ISDIR(st.st_mode)) {
        return write_stream(path, data, size, errp);
    }
    return g_file_set_contents(path, data, len, errp);
}

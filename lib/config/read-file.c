/*
 * A file that a user names may be a FIFO, or what never ends.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "spdm/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    PATIENCE_MS = 1000,
    STREAM_LIMIT = 16 << 20,
    PIECE = 4096,
};

static bool bad_stream(const char *path, const char *why, GError **errp)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE,
                "Failed to read from file “%s”: %s", path, why);
    return false;
}

/* Why it cannot be read to its end; NULL: it was. */
static const char *read_to_end(int fd, GByteArray *out)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };
    uint8_t piece[PIECE];

    while (out->len < STREAM_LIMIT) {
        int ready = poll(&p, 1, PATIENCE_MS);
        ssize_t n = ready > 0 ? read(fd, piece, sizeof(piece)) : -1;

        if (ready == 0) {
            return "nobody writes to it";
        }
        if (n == 0) {
            return NULL;
        }
        if (n > 0) {
            g_byte_array_append(out, piece, (guint)n);
        } else if (errno != EINTR && errno != EAGAIN) {
            return g_strerror(errno);
        }
    }
    return "it does not end";
}

static bool read_stream(const char *path, char **data, gsize *len,
                        GError **errp)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    const char *why;

    if (fd < 0) {
        return bad_stream(path, g_strerror(errno), errp);
    }
    why = read_to_end(fd, bytes);
    close(fd);
    if (why) {
        return bad_stream(path, why, errp);
    }
    if (len) {
        *len = bytes->len;
    }
    g_byte_array_append(bytes, (const uint8_t *)"", 1);
    *data = (char *)g_byte_array_free(g_steal_pointer(&bytes), FALSE);
    return true;
}

bool spdm_read_file(const char *path, char **data, gsize *len, GError **errp)
{
    struct stat st;

    if (stat(path, &st) == 0 && !S_ISREG(st.st_mode) &&
        !S_ISDIR(st.st_mode)) {
        return read_stream(path, data, len, errp);
    }
    return g_file_get_contents(path, data, len, errp);
}

/*
 * sd_notify(3): a datagram to the socket that NOTIFY_SOCKET names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "responder/notify.h"

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_systemd(const char *state)
{
    const char *path = g_getenv("NOTIFY_SOCKET");
    struct sockaddr_un addr = { .sun_family = AF_UNIX };
    socklen_t len;
    int fd;

    if (!path || !*path || strlen(path) >= sizeof(addr.sun_path)) {
        return;
    }
    strcpy(addr.sun_path, path);
    len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (*path == '@') {
        addr.sun_path[0] = 0; /* an abstract name */
    }
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        /* Nobody listens: then nobody waits for it. */
        (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
                     (struct sockaddr *)&addr, len);
        close(fd);
    }
}

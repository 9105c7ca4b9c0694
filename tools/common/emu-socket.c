/*
 * Frames of the DMTF emulators' socket protocol.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "common/emu-socket.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static const uint32_t transports[] = {
    [SPDM_TRANSPORT_NONE] = EMU_NONE,
    [SPDM_TRANSPORT_MCTP] = EMU_MCTP,
    [SPDM_TRANSPORT_PCI_DOE] = EMU_PCI_DOE,
    [SPDM_TRANSPORT_TCP] = EMU_TCP,
    [SPDM_TRANSPORT_STORAGE] = EMU_NVME,
};

uint32_t emu_transport(SpdmTransportType type)
{
    return transports[type];
}

bool emu_transport_type(uint32_t number, SpdmTransportType *type)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(transports); i++) {
        if (transports[i] == number) {
            *type = (SpdmTransportType)i;
            return true;
        }
    }
    return false;
}

static void set_errno(GError **errp, const char *what)
{
    int saved = errno;

    g_set_error(errp, G_FILE_ERROR, g_file_error_from_errno(saved), "%s: %s",
                what, g_strerror(saved));
}

void emu_no_delay(int fd)
{
    int on = 1;

    /* Fails on Unix sockets, which do not need it. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* The address of a Unix socket, or false when the path is too long. */
static bool unix_address(const char *path, struct sockaddr_un *addr,
                         GError **errp)
{
    *addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(addr->sun_path)) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_NAMETOOLONG,
                    "%s: too long for a Unix socket", path);
        return false;
    }
    strcpy(addr->sun_path, path);
    return true;
}

static int connect_unix(const char *path, GError **errp)
{
    struct sockaddr_un addr;
    int fd;

    if (!unix_address(path, &addr, errp)) {
        return -1;
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
        set_errno(errp, path);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

static int connect_first(const struct addrinfo *list)
{
    for (const struct addrinfo *a = list; a; a = a->ai_next) {
        int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC,
                        a->ai_protocol);

        if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0) {
            return fd;
        }
        if (fd >= 0) {
            int saved = errno;

            close(fd);
            errno = saved;
        }
    }
    return -1;
}

static int connect_tcp(const char *address, GError **errp)
{
    struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *list = NULL;
    const char *colon = strrchr(address, ':');
    g_autofree char *host = NULL;
    int fd, rc;

    if (!colon) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "%s: neither HOST:PORT nor unix:PATH", address);
        return -1;
    }
    host = g_strndup(address, (gsize)(colon - address));
    rc = getaddrinfo(host, colon + 1, &hints, &list);
    if (rc) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_NOENT, "%s: %s",
                    address, gai_strerror(rc));
        return -1;
    }
    fd = connect_first(list);
    if (fd < 0) {
        set_errno(errp, address);
    }
    freeaddrinfo(list);
    return fd;
}

int emu_connect(const char *address, GError **errp)
{
    int fd = g_str_has_prefix(address, "unix:")
             ? connect_unix(address + strlen("unix:"), errp)
             : connect_tcp(address, errp);

    if (fd >= 0) {
        emu_no_delay(fd);
    }
    return fd;
}

static int listen_on(int fd, const struct sockaddr *addr, socklen_t len,
                     const char *name, GError **errp)
{
    int on = 1;

    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    }
    if (fd < 0 || bind(fd, addr, len) < 0 || listen(fd, BACKLOG) < 0) {
        set_errno(errp, name);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

int emu_listen_port(unsigned *port, GError **errp)
{
    struct sockaddr_in addr = {
        .sin_family = AF_INET,
        .sin_port = htons((uint16_t)*port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    socklen_t len = sizeof(addr);
    g_autofree char *name = g_strdup_printf("127.0.0.1:%u", *port);
    int fd = listen_on(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
                       (struct sockaddr *)&addr, len, name, errp);

    if (fd >= 0 && getsockname(fd, (struct sockaddr *)&addr, &len) == 0) {
        *port = ntohs(addr.sin_port);
    }
    return fd;
}

int emu_listen_unix(const char *path, GError **errp)
{
    struct sockaddr_un addr;
    struct stat st;

    if (!unix_address(path, &addr, errp)) {
        return -1;
    }
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
        unlink(path);
    }
    return listen_on(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0),
                     (struct sockaddr *)&addr, sizeof(addr), path, errp);
}

static void put_be32(uint8_t *at, uint32_t v)
{
    at[0] = (uint8_t)(v >> 24);
    at[1] = (uint8_t)(v >> 16);
    at[2] = (uint8_t)(v >> 8);
    at[3] = (uint8_t)v;
}

static uint32_t get_be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

void emu_put(GByteArray *out, uint32_t command, uint32_t transport,
             const void *payload, size_t len)
{
    uint8_t header[EMU_HEADER_SIZE];

    put_be32(header, command);
    put_be32(header + 4, transport);
    put_be32(header + 8, (uint32_t)len);
    g_byte_array_append(out, header, sizeof(header));
    if (len) {
        g_byte_array_append(out, payload, (guint)len);
    }
}

size_t emu_frame_size(const uint8_t *header)
{
    uint32_t len = get_be32(header + 8);

    return len > EMU_MAX_PAYLOAD ? 0 : EMU_HEADER_SIZE + (size_t)len;
}

void emu_parse(const uint8_t *bytes, size_t len, EmuFrame *frame)
{
    frame->command = get_be32(bytes);
    frame->transport = get_be32(bytes + 4);
    g_byte_array_set_size(frame->payload, 0);
    g_byte_array_append(frame->payload, bytes + EMU_HEADER_SIZE,
                        (guint)(len - EMU_HEADER_SIZE));
}

bool emu_send(int fd, uint32_t command, uint32_t transport,
              const uint8_t *payload, size_t len, GError **errp)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();

    emu_put(frame, command, transport, payload, len);
    return emu_write(fd, frame->data, frame->len, errp);
}

bool emu_write(int fd, const uint8_t *bytes, size_t len, GError **errp)
{
    size_t sent = 0;

    while (sent < len) {
        ssize_t n = send(fd, bytes + sent, len - sent, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR) {
            set_errno(errp, "cannot send");
            return false;
        }
        sent += n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* True when there is something to read before @deadline (< 0: never ends). */
static bool wait_readable(int fd, int64_t deadline, GError **errp)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    for (;;) {
        int64_t left = deadline < 0 ? -1 : deadline - g_get_monotonic_time();
        int timeout = deadline < 0 ? -1 : (int)(MAX(left, 0) + 999) / 1000;
        int n = poll(&p, 1, timeout);

        if (n > 0) {
            return true;
        }
        if (n < 0 && errno != EINTR) {
            set_errno(errp, "cannot wait for an answer");
            return false;
        }
        if (n == 0) {
            g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_AGAIN,
                        "no answer in time");
            return false;
        }
    }
}

void emu_quick_ack(int fd)
{
    int on = 1;

    (void)setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

bool emu_read(int fd, uint8_t *buf, size_t len, int64_t deadline, bool *eof,
              GError **errp)
{
    size_t have = 0;

    while (have < len) {
        ssize_t n;

        if (!wait_readable(fd, deadline, errp)) {
            return false;
        }
        n = recv(fd, buf + have, len - have, 0);
        emu_quick_ack(fd);
        if (n == 0) {
            if (eof) {
                *eof = true;
            }
            g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_PIPE,
                        "the other side closed the connection");
            return false;
        }
        if (n < 0 && errno != EINTR) {
            set_errno(errp, "cannot receive");
            return false;
        }
        have += n > 0 ? (size_t)n : 0;
    }
    return true;
}

bool emu_receive(int fd, int64_t timeout_us, EmuFrame *frame, bool *eof,
                 GError **errp)
{
    int64_t deadline = timeout_us < 0 ? -1
                       : g_get_monotonic_time() + timeout_us;
    uint8_t header[EMU_HEADER_SIZE];
    uint32_t len;

    if (!emu_read(fd, header, sizeof(header), deadline, eof, errp)) {
        return false;
    }
    frame->command = get_be32(header);
    frame->transport = get_be32(header + 4);
    len = get_be32(header + 8);
    if (len > EMU_MAX_PAYLOAD) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "a frame of %u bytes is too long", len);
        return false;
    }
    g_byte_array_set_size(frame->payload, len);
    return emu_read(fd, frame->payload->data, len, deadline, eof, errp);
}

bool emu_pending(int fd)
{
    struct pollfd p = { .fd = fd, .events = POLLIN };

    return poll(&p, 1, 0) > 0;
}

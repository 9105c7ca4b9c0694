/*
 * Who is connected to the control socket. A client is read no further while it
 * has an answer to fetch, and a line has a limit: what one sends and does not
 * read waits in the kernel, not here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "responder/control.h"

#include <errno.h>
#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    MAX_LINE = 64 * 1024,
    MAX_CLIENTS = 16,
    OTHERS_MASK = 0177,      /* umask(2): no access for anybody else */
};

typedef struct ControlClient {
    Control *control;
    int fd;
    GString *in;
    GString *out;
    guint source;
} ControlClient;

struct Control {
    Server *server;
    char *path;
    int listener;
    guint source;
    GPtrArray *clients;      /* ControlClient, owned */
};

static void watch(ControlClient *c);

static void client_free_control(gpointer opaque)
{
    ControlClient *c = opaque;

    if (c->source) {
        g_source_remove(c->source);
    }
    close(c->fd);
    g_string_free(c->in, TRUE);
    g_string_free(c->out, TRUE);
    g_free(c);
}

/* False: the socket is gone. */
static bool flush(ControlClient *c)
{
    while (c->out->len) {
        ssize_t n = send(c->fd, c->out->str, c->out->len,
                         MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        g_string_erase(c->out, 0, n);
    }
    return true;
}

static bool too_long(ControlClient *c)
{
    if (c->in->len <= MAX_LINE) {
        return false;
    }
    g_string_assign(c->out, "{\"ok\":false,\"error\":\"the line is longer "
                            "than 65536 bytes\"}\n");
    flush(c);
    return true;
}

/* The lines that are there, as long as their answers can be sent. */
static bool work(ControlClient *c)
{
    const char *end = NULL;

    while (!c->out->len &&
           (end = memchr(c->in->str, '\n', c->in->len)) != NULL) {
        size_t len = (size_t)(end - c->in->str);

        control_answer(c->control->server, c->in->str, len, c->out);
        g_string_erase(c->in, 0, (gssize)len + 1);
        if (!flush(c)) {
            return false;
        }
    }
    return c->out->len || !too_long(c);
}

static bool receive(ControlClient *c)
{
    char buf[4096];
    ssize_t n = recv(c->fd, buf, sizeof(buf), MSG_DONTWAIT);

    if (n > 0) {
        g_string_append_len(c->in, buf, n);
    }
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static gboolean on_event(gint fd, GIOCondition condition, gpointer opaque)
{
    ControlClient *c = opaque;

    c->source = 0;
    if ((c->out->len ? flush(c) : receive(c)) && work(c)) {
        watch(c);
    } else {
        g_ptr_array_remove_fast(c->control->clients, c);
    }
    return G_SOURCE_REMOVE;
}

static void watch(ControlClient *c)
{
    c->source = g_unix_fd_add(c->fd, c->out->len ? G_IO_OUT : G_IO_IN,
                              on_event, c);
}

static gboolean on_connect(gint listener, GIOCondition condition,
                           gpointer opaque)
{
    Control *control = opaque;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    ControlClient *c;

    if (fd < 0) {
        server_accept_failed();
        return G_SOURCE_CONTINUE;
    }
    if (control->clients->len >= MAX_CLIENTS) {
        close(fd);
        return G_SOURCE_CONTINUE;
    }
    c = g_new0(ControlClient, 1);
    c->control = control;
    c->fd = fd;
    c->in = g_string_new(NULL);
    c->out = g_string_new(NULL);
    g_ptr_array_add(control->clients, c);
    watch(c);
    return G_SOURCE_CONTINUE;
}

Control *control_new(Server *s, const char *path, GError **errp)
{
    mode_t before = umask(OTHERS_MASK);
    int listener = emu_listen_unix(path, errp);
    Control *control;

    umask(before);
    if (listener < 0) {
        return NULL;
    }
    control = g_new0(Control, 1);
    control->server = s;
    control->path = g_strdup(path);
    control->listener = listener;
    control->clients = g_ptr_array_new_with_free_func(client_free_control);
    control->source = g_unix_fd_add(listener, G_IO_IN, on_connect, control);
    return control;
}

void control_free(Control *control)
{
    if (control) {
        g_source_remove(control->source);
        g_ptr_array_unref(control->clients);
        close(control->listener);
        unlink(control->path);
        g_free(control->path);
        g_free(control);
    }
}

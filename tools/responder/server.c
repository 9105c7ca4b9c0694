/*
 * Listening, accepting, and the end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "responder/server.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "responder/control.h"
#include "responder/notify.h"
#include "spdm/file.h"

static bool start_listening(Server *s, GError **errp)
{
    unsigned port = (unsigned)s->opt.port;

    s->listener = s->opt.unix_path
                  ? emu_listen_unix(s->opt.unix_path, errp)
                  : emu_listen_port(&port, errp);
    s->address = s->opt.unix_path
                 ? g_strdup_printf("unix:%s", s->opt.unix_path)
                 : g_strdup_printf("127.0.0.1:%u", port);
    return s->listener >= 0;
}

/*
 * Out of descriptors: the connection stays in the queue, and asking again at
 * once would only burn the processor.
 */
void server_accept_failed(void)
{
    if (errno == EMFILE || errno == ENFILE) {
        g_usleep(10000);
    }
}

static gboolean on_connect(gint listener, GIOCondition condition,
                           gpointer opaque)
{
    Server *s = opaque;
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

    if (fd < 0) {
        server_accept_failed();
        return G_SOURCE_CONTINUE;
    }
    if (s->clients->len >= (guint)s->opt.max_clients) {
        s->refused++;
        close(fd);
    } else {
        g_ptr_array_add(s->clients, client_new(s, fd));
    }
    return G_SOURCE_CONTINUE;
}

static bool start_control(Server *s, GError **errp)
{
    if (s->opt.control) {
        s->control = control_new(s, s->opt.control, errp);
    }
    return s->control || !s->opt.control;
}

static gboolean on_signal(gpointer opaque)
{
    Server *s = opaque;

    g_main_loop_quit(s->loop);
    return G_SOURCE_CONTINUE;
}

static bool say_ready(Server *s, GError **errp)
{
    g_autofree char *line = g_strdup_printf("%s\n", s->address);

    if (s->opt.ready_file &&
        !spdm_write_file(s->opt.ready_file, line, -1, errp)) {
        return false;
    }
    printf("listening on %s\n", s->address);
    fflush(stdout);
    notify_systemd("READY=1");
    return true;
}

/*
 * The sockets are in an epoll set, which alone is in the main loop: that looks
 * at all it has each time round, and a thousand sockets there would make each
 * message as dear as a thousand. One at a time, since a client may go, and
 * take others along, while it is served; and not for ever.
 */
static gboolean on_sockets(gint fd, GIOCondition condition, gpointer opaque)
{
    enum { AT_ONCE = 64 };
    struct epoll_event event;

    for (unsigned i = 0; i < AT_ONCE &&
         epoll_wait(fd, &event, 1, 0) == 1; i++) {
        client_ready(event.data.ptr);
    }
    return G_SOURCE_CONTINUE;
}

void server_wait(Server *s, Client *c, bool to_write)
{
    struct epoll_event event = {
        .events = (to_write ? EPOLLOUT : EPOLLIN) | EPOLLONESHOT,
        .data.ptr = c,
    };

    if (epoll_ctl(s->sockets, EPOLL_CTL_MOD, c->fd, &event) != 0 &&
        errno == ENOENT) {
        epoll_ctl(s->sockets, EPOLL_CTL_ADD, c->fd, &event);
    }
}

/* All are asked, since most have moved on: that is once in a heartbeat. */
static gboolean on_tick(gpointer opaque)
{
    Server *s = opaque;
    int64_t next = -1;

    s->tick_source = 0;
    for (guint i = 0; i < s->clients->len; i++) {
        const Client *c = s->clients->pdata[i];
        int64_t at = c->responder ? spdm_responder_tick(c->responder) : -1;

        next = next < 0 || (at >= 0 && at < next) ? at : next;
    }
    server_tick_at(s, next);
    return G_SOURCE_REMOVE;
}

void server_tick_at(Server *s, int64_t when)
{
    int64_t left = when - g_get_monotonic_time();

    if (when < 0 || (s->tick_source && s->tick_at <= when)) {
        return;
    }
    if (s->tick_source) {
        g_source_remove(s->tick_source);
    }
    s->tick_at = when;
    s->tick_source = g_timeout_add((guint)(MAX(left, 0) / 1000 + 1), on_tick,
                                   s);
}

bool server_open(Server *s, GError **errp)
{
    s->listener = -1;
    s->sockets = epoll_create1(EPOLL_CLOEXEC);
    s->loop = g_main_loop_new(NULL, FALSE);
    s->clients = g_ptr_array_new_with_free_func((GDestroyNotify)client_free);
    g_unix_fd_add(s->sockets, G_IO_IN, on_sockets, s);
    return trace_files_open(&s->opt.trace, "spdm-responder", errp) &&
           device_open(&s->device, &s->opt, errp);
}

bool server_start(Server *s, GError **errp)
{
    if (!server_open(s, errp) || !start_listening(s, errp) ||
        !start_control(s, errp)) {
        return false;
    }
    g_unix_fd_add(s->listener, G_IO_IN, on_connect, s);
    g_unix_signal_add(SIGTERM, on_signal, s);
    g_unix_signal_add(SIGINT, on_signal, s);
    g_unix_signal_add(SIGHUP, on_signal, s);
    return say_ready(s, errp);
}

void server_run(Server *s)
{
    g_main_loop_run(s->loop);
    notify_systemd("STOPPING=1");
    if (s->opt.verbose || s->refused) {
        fprintf(stderr, "spdm-responder: %" G_GUINT64_FORMAT " clients served"
                ", %" G_GUINT64_FORMAT " refused by --max-clients\n",
                s->served + s->clients->len, s->refused);
    }
}

void server_remove(Server *s, Client *c)
{
    s->served++;
    g_ptr_array_remove_fast(s->clients, c);
    if (s->opt.once) {
        g_main_loop_quit(s->loop);
    }
}

/* Others are still at work: they are not to suffer from one. */
void server_shutdown(Server *s)
{
    if (!s->opt.keep_running && s->clients->len <= 1) {
        g_main_loop_quit(s->loop);
    }
}

void server_clear(Server *s)
{
    g_clear_pointer(&s->control, control_free);
    g_clear_pointer(&s->clients, g_ptr_array_unref);
    for (unsigned i = 0; i < CLIENT_TRANSPORTS; i++) {
        g_clear_pointer(&s->parked[i], spdm_responder_free);
        g_clear_pointer(&s->parked_traces[i], spdm_trace_free);
    }
    if (s->sockets >= 0) {
        close(s->sockets);
    }
    if (s->listener >= 0) {
        close(s->listener);
        if (s->opt.unix_path) {
            unlink(s->opt.unix_path);
        }
        if (s->opt.ready_file) {
            unlink(s->opt.ready_file);
        }
    }
    device_clear(&s->device);
    g_clear_pointer(&s->loop, g_main_loop_unref);
    g_free(s->address);
    options_clear(&s->opt);
}

/*
 * A client's socket. At most one frame is worked on, and no other is looked
 * at before its answer has gone: what a client sends and does not fetch waits
 * in the kernel, not here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "responder/server.h"

enum {
    CHUNK = 64 * 1024,
    DIALECT_BYTES = 4,       /* enough to tell which */
};

static void watch(Client *c);

void client_say(const Client *c, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    if (!c->server->opt.verbose) {
        return;
    }
    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    fprintf(stderr, "spdm-responder: client %" G_GUINT64_FORMAT ": %s\n",
            c->id, text);
}

static void stop_waiting(guint *source)
{
    if (*source) {
        g_source_remove(*source);
        *source = 0;
    }
}

/* For the device a client that has gone is a reset; CACHE_CAP outlives it. */
static void keep_negotiated(Client *c)
{
    SpdmResponderInfo info;

    if (!c->responder) {
        return;
    }
    spdm_responder_reset(c->responder);
    spdm_responder_info(c->responder, &info);
    if (info.version) {
        client_park(c);
    }
}

void client_free(Client *c)
{
    keep_negotiated(c);
    stop_waiting(&c->prepare_source);
    stop_waiting(&c->delay_source);
    close(c->fd);
    spdm_responder_free(c->responder);
    spdm_trace_free(c->trace);
    storage_clear(&c->storage);
    spdm_faults_set_fired(c->server->device.faults, NULL, NULL);
    spdm_fault_orders_clear(&c->orders);
    g_byte_array_unref(c->in);
    g_byte_array_unref(c->out);
    g_free(c);
}

/* A responder has one transport: another one is another connection. */
static bool want_responder(Client *c, SpdmTransportType transport,
                           GError **errp)
{
    SpdmResponder **parked = &c->server->parked[transport];

    if (c->responder && c->transport == transport) {
        return true;
    }
    g_clear_pointer(&c->responder, spdm_responder_free);
    g_clear_pointer(&c->trace, spdm_trace_free);
    c->transport = transport;
    if (*parked) {
        c->responder = g_steal_pointer(parked);
        c->trace = g_steal_pointer(&c->server->parked_traces[transport]);
        return true;
    }
    c->responder = device_responder(&c->server->device, transport, errp);
    c->trace = c->responder ? trace_files_trace(&c->server->opt.trace,
                                                transport, c->id) : NULL;
    if (c->trace) {
        spdm_trace_attach(c->trace, c->responder);
    }
    return c->responder != NULL;
}

void client_park(Client *c)
{
    if (c->responder) {
        SpdmResponder **parked = &c->server->parked[c->transport];

        SpdmTrace **trace = &c->server->parked_traces[c->transport];

        g_clear_pointer(parked, spdm_responder_free);
        g_clear_pointer(trace, spdm_trace_free);
        *parked = g_steal_pointer(&c->responder);
        *trace = g_steal_pointer(&c->trace);
    }
}

static void say_state(const Client *c)
{
    SpdmResponderInfo info;

    if (c->server->opt.verbose) {
        spdm_responder_info(c->responder, &info);
        client_say(c, "%s, version 0x%02x, %u sessions, %" G_GUINT64_FORMAT
                   " requests, %" G_GUINT64_FORMAT " errors, last: %s",
                   info.state, info.version, info.session_count,
                   info.requests, info.errors,
                   *info.last_error ? info.last_error : "none");
    }
}

static void make_changes(Client *c, const GPtrArray *texts)
{
    for (guint i = 0; texts && i < texts->len; i++) {
        g_autoptr(GError) err = NULL;

        if (!server_assign(c->server, g_ptr_array_index(texts, i), &err)) {
            client_say(c, "fault plan: %s", err->message);
        }
    }
}

static void fault_fired(void *opaque, const SpdmFaultFired *what)
{
    Client *c = opaque;
    client_say(c, "fault %s: %s", what->rule, what->action);
    if (c->trace) {
        spdm_trace_fault(c->trace, what->rule, what->action, what->at,
                         what->message);
    }
}

/*
 * What a fault plan has the device do: a reset as by FLR; a device that is
 * unplugged closes its connection. False: it has.
 */
static bool obey_faults(Client *c)
{
    SpdmFaultOrders *o = &c->orders;

    spdm_fault_orders_clear(o);
    spdm_faults_take(c->server->device.faults, o);
    make_changes(c, o->changes);
    if (o->reset) {
        spdm_responder_reset(c->responder);
        spdm_faults_reset(c->server->device.faults);
    }
    c->leaving |= o->unplug || o->surprise;
    return o->unplug != SPDM_FAULT_NOW && o->surprise != SPDM_FAULT_NOW;
}

/* Nobody waits for anything: the key of the next KEY_EXCHANGE is made. */
static gboolean on_idle(gpointer opaque)
{
    Client *c = opaque;

    c->prepare_source = 0;
    if (c->responder) {
        spdm_responder_prepare(c->responder);
    }
    return G_SOURCE_REMOVE;
}

static void prepare_later(Client *c)
{
    if (!c->prepare_source && spdm_responder_can_prepare(c->responder)) {
        c->prepare_source = g_idle_add_full(G_PRIORITY_LOW, on_idle, c,
                                            NULL);
    }
}

bool client_process(Client *c, SpdmTransportType transport,
                    const uint8_t *frame, size_t len, SpdmReply *reply,
                    bool *failed)
{
    g_autoptr(GError) err = NULL;

    *failed = !want_responder(c, transport, &err);
    if (*failed) {
        client_say(c, "%s", err->message);
        return false;
    }
    spdm_faults_set_fired(c->server->device.faults, fault_fired, c);
    spdm_responder_process(c->responder, frame, len, reply);
    *failed = !obey_faults(c);
    /* Heartbeats run out also while nothing is heard. */
    server_tick_at(c->server, spdm_responder_tick(c->responder));
    prepare_later(c);
    say_state(c);
    return !*failed && reply->verdict == SPDM_VERDICT_REPLY;
}

static gboolean on_delay_over(gpointer opaque)
{
    Client *c = opaque;

    c->delay_source = 0;
    watch(c);
    return G_SOURCE_REMOVE;
}

void client_send(Client *c, const GByteArray *bytes, int64_t delay_us)
{
    g_byte_array_append(c->out, bytes->data, bytes->len);
    if (delay_us > 0 && !c->delay_source) {
        c->delay_source = g_timeout_add((guint)MIN((delay_us + 999) / 1000,
                                                   (int64_t)G_MAXINT),
                                        on_delay_over, c);
    }
}

/* The third byte is DSP0287's BindingVersion; no emulator command has it 1. */
static const Dialect *which(const uint8_t *first)
{
    return first[2] == 1 ? &dialect_tcp : &dialect_emulator;
}

/* The whole frame at the start of c->in: its size; 0 when there is none yet. */
static bool frame_size(Client *c, size_t *size)
{
    *size = 0;
    if (!c->dialect && c->in->len >= DIALECT_BYTES) {
        c->dialect = which(c->in->data);
        client_say(c, "speaks %s", c->dialect->name);
    }
    if (!c->dialect || c->in->len < c->dialect->header_size) {
        return true;
    }
    *size = c->dialect->frame_size(c->in->data);
    if (*size == 0) {
        client_say(c, "a frame that cannot be");
        return false;
    }
    *size = *size <= c->in->len ? *size : 0;
    return true;
}

/* False: the client is done. */
static bool consume(Client *c)
{
    size_t size;

    while (!c->out->len && !c->delay_source) {
        bool more;

        if (!frame_size(c, &size)) {
            return false;
        }
        if (!size) {
            return true;
        }
        more = c->dialect->take(c, c->in->data, size);
        g_byte_array_remove_range(c->in, 0, (guint)size);
        if (!more || c->leaving) {
            return false;
        }
    }
    return true;
}

/* False: the socket is gone. */
static bool flush(Client *c)
{
    while (c->out->len && !c->delay_source) {
        ssize_t n = send(c->fd, c->out->data, c->out->len,
                         MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n < 0) {
            return errno == EAGAIN || errno == EINTR;
        }
        g_byte_array_remove_range(c->out, 0, (guint)n);
    }
    return true;
}

/* Works while there is work; false: the client is done. */
static bool work(Client *c)
{
    bool more;

    do {
        guint before = c->in->len;

        more = consume(c);
        if (!flush(c) || !more) {
            return false;
        }
        more = c->in->len != before && !c->out->len;
    } while (more);
    return true;
}

static void write_some(Client *c)
{
    c->writing = false;
    if (flush(c)) {
        watch(c);
    } else {
        server_remove(c->server, c);
    }
}

static void read_some(Client *c)
{
    /* One room for all: a thousand of their own would never be in a cache. */
    uint8_t bytes[CHUNK];
    ssize_t n = recv(c->fd, bytes, sizeof(bytes), MSG_DONTWAIT);

    c->reading = false;
    if (n > 0) {
        g_byte_array_append(c->in, bytes, (guint)n);
    }
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
        client_say(c, "has gone");
        server_remove(c->server, c);
    } else {
        watch(c);
    }
}

void client_ready(Client *c)
{
    if (c->writing) {
        write_some(c);
    } else {
        read_some(c);
    }
}

/* Goes on with what can go on; waits for what has to be waited for. */
static void watch(Client *c)
{
    if (!work(c)) {
        server_remove(c->server, c);
        return;
    }
    if (c->delay_source) {
        return;
    }
    if (c->out->len && !c->writing) {
        c->writing = true;
        c->reading = false;
        server_wait(c->server, c, true);
    } else if (!c->out->len && !c->reading) {
        c->reading = true;
        if (c->in->len) {
            /* The rest of a frame may wait for it; an answer takes it along. */
            emu_quick_ack(c->fd);
        }
        server_wait(c->server, c, false);
    }
}

Client *client_new(Server *server, int fd)
{
    Client *c = g_new0(Client, 1);

    c->server = server;
    c->id = ++server->accepted;
    c->fd = fd;
    c->in = g_byte_array_new();
    c->out = g_byte_array_new();
    emu_no_delay(fd);
    c->reading = true;
    server_wait(server, c, false);
    client_say(c, "connected");
    return c;
}

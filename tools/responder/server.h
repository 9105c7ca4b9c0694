/*
 * The listening socket and its clients. Everything happens in one thread, on
 * GLib's main loop: a client that waits, or is made to wait, waits alone.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_RESPONDER_SERVER_H
#define TOOLS_RESPONDER_SERVER_H

#include "responder/client.h"
#include "responder/device.h"

typedef struct Control Control;

struct Server {
    Options opt;
    Device device;
    GMainLoop *loop;
    int listener;
    int sockets;                 /* epoll: those of the clients */
    guint tick_source;           /* the one timer for all heartbeats */
    int64_t tick_at;             /* when it runs out, monotonic us */
    char *address;               /* "127.0.0.1:2323", "unix:PATH" */
    GPtrArray *clients;          /* owned */
    Control *control;            /* NULL without --control */
    uint64_t accepted;           /* clients there ever were */
    uint64_t served;             /* clients that have gone */
    uint64_t refused;            /* ... and that were too many */

    /* A connection that its client wants continued, for each transport. */
    SpdmResponder *parked[CLIENT_TRANSPORTS];
    SpdmTrace *parked_traces[CLIENT_TRANSPORTS];
};

/** A server of @s->opt that nobody can connect to yet; false with @errp. */
bool server_open(Server *s, GError **errp);

/** ... that listens, and says so; false with @errp. */
bool server_start(Server *s, GError **errp);

/** Until a signal or a client ends it. */
void server_run(Server *s);

/** Closes all; @s can be freed. */
void server_clear(Server *s);

/** Waits once for the client's socket, to write or to read. */
void server_wait(Server *s, Client *c, bool to_write);

/** A responder wants to be ticked then (monotonic us); -1: never. */
void server_tick_at(Server *s, int64_t when);

/** A client has gone: it is freed. */
void server_remove(Server *s, Client *c);

/** accept() failed: does not let the loop run in circles about it. */
void server_accept_failed(void);

/** A change of the device, "KIND=TEXT"; all clients' responders are told
 * (control-commands.c). */
bool server_assign(Server *s, const char *assignment, GError **errp);

/** A client asked for the end; others that are at work are spared it. */
void server_shutdown(Server *s);

#endif

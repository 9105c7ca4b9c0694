/*
 * One client: its socket, what came in and has to go out, its responder.
 * What the bytes mean is its dialect's.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_RESPONDER_CLIENT_H
#define TOOLS_RESPONDER_CLIENT_H

#include "common/emu-socket.h"
#include "responder/storage.h"
#include "spdm/fault.h"
#include "spdm/trace.h"

typedef struct Server Server;
typedef struct Client Client;

enum { CLIENT_TRANSPORTS = SPDM_TRANSPORT_STORAGE + 1 };

/** A way to speak on a stream. */
typedef struct Dialect {
    const char *name;
    size_t header_size;

    /** Bytes of the frame that starts with this header; 0: refuse it. */
    size_t (*frame_size)(const uint8_t *header);

    /** Takes one whole frame. False: this client is done. */
    bool (*take)(Client *c, const uint8_t *frame, size_t len);
} Dialect;

/** The emulators' and QEMU's: a header of 12 bytes. */
extern const Dialect dialect_emulator;

/** DSP0287, nothing around it. */
extern const Dialect dialect_tcp;

struct Client {
    Server *server;
    uint64_t id;                 /* from 1 on, never again */
    int fd;
    const Dialect *dialect;      /* NULL before it has said anything */
    GByteArray *in;
    GByteArray *out;
    bool reading;                /* the socket is waited for, to read */
    bool writing;                /* ... or to write, never both */
    guint delay_source;          /* 0: not waited for, as the other */
    guint prepare_source;        /* idle: an ephemeral key is to be made */

    SpdmResponder *responder;    /* NULL before the first message */
    SpdmTrace *trace;            /* of it; NULL: nothing is recorded */
    SpdmTransportType transport; /* of the responder */
    Storage storage;
    SpdmFaultOrders orders;      /* of a fault plan, with the latest answer */
    bool leaving;                /* the device is unplugged */
};

/** Takes over @fd. */
/** What it waited for on its socket is there. */
void client_ready(Client *c);

Client *client_new(Server *server, int fd);

/** Closes the socket, wipes the responder. */
void client_free(Client *c);

/** Sends what @bytes hold, @delay_us later. */
void client_send(Client *c, const GByteArray *bytes, int64_t delay_us);

/**
 * Has the client's responder answer a frame of @transport. False: there is
 * no answer, *failed says whether the client must go.
 */
bool client_process(Client *c, SpdmTransportType transport,
                    const uint8_t *frame, size_t len, SpdmReply *reply,
                    bool *failed);

/** Keeps the connection for a client to come (CONTINUE). */
void client_park(Client *c);

/** Says what happens, with --verbose. */
void client_say(const Client *c, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

#endif

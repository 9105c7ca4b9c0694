/*
 * The socket protocol of the DMTF emulators: frames of a 12-byte header
 * (command, transport type, payload length, all big-endian) and a payload.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_EMU_SOCKET_H
#define TOOLS_EMU_SOCKET_H

#include "spdm/responder.h"

/* Commands. */
enum {
    EMU_NORMAL = 0x0001,
    EMU_CONTINUE = 0xfffd,
    EMU_SHUTDOWN = 0xfffe,
    EMU_UNKNOWN = 0xffff,
    EMU_TEST = 0xdead,
};

/* Transport types. */
enum {
    EMU_NONE = 0,
    EMU_MCTP = 1,
    EMU_PCI_DOE = 2,
};

/* Larger than any data object; a longer frame is refused. */
enum { EMU_MAX_PAYLOAD = 2 * 1024 * 1024 };

typedef struct EmuFrame {
    uint32_t command;
    uint32_t transport;
    GByteArray *payload;     /* owned; emptied by emu_receive() */
} EmuFrame;

/** The number on the socket for our transport type. */
uint32_t emu_transport(SpdmTransportType type);

/** The other way round; false when there is none of that number. */
bool emu_transport_type(uint32_t number, SpdmTransportType *type);

/** Connects to "HOST:PORT" or "unix:PATH"; -1 on error. */
int emu_connect(const char *address, GError **errp);

/** Listens on 127.0.0.1:@port (0: any free one, *port is set); -1. */
int emu_listen_port(unsigned *port, GError **errp);

/** Listens on a Unix socket; a stale one of that name is removed; -1. */
int emu_listen_unix(const char *path, GError **errp);

/** Turns off Nagle's algorithm where there is one. */
void emu_no_delay(int fd);

/** One frame in one write. */
bool emu_send(int fd, uint32_t command, uint32_t transport,
              const uint8_t *payload, size_t len, GError **errp);

/**
 * One frame. @timeout_us < 0 waits for ever. False with @errp: timeout, end
 * of file (*eof, if not NULL), or a frame that is too long.
 */
bool emu_receive(int fd, int64_t timeout_us, EmuFrame *frame, bool *eof,
                 GError **errp);

/** Whether something can be read at once. */
bool emu_pending(int fd);

#endif

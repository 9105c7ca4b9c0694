/*
 * The socket protocol of the DMTF emulators: frames of a 12-byte header
 * (command, transport type, payload length, all big-endian) and a payload.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_EMU_SOCKET_H
#define TOOLS_EMU_SOCKET_H

#include "spdm/responder.h"

/* Commands; those of storage are QEMU's. */
enum {
    EMU_NORMAL = 0x0001,
    EMU_IF_SEND = 0x0002,
    EMU_IF_RECV = 0x0003,
    EMU_ACK_STATUS = 0x0004,
    EMU_OOB_KEY_UPDATE = 0x8001,
    EMU_OOB_ENDPOINT_INFO = 0x8002,
    EMU_CONTINUE = 0xfffd,
    EMU_SHUTDOWN = 0xfffe,
    EMU_UNKNOWN = 0xffff,
    EMU_TEST = 0xdead,
};

/*
 * Transport types of EMU_NORMAL. QEMU's 3 is SCSI and its 4 NVMe, but with the
 * storage commands only.
 */
enum {
    EMU_NONE = 0,
    EMU_MCTP = 1,
    EMU_PCI_DOE = 2,
    EMU_TCP = 3,
    EMU_NVME = 4,
};

enum { EMU_HEADER_SIZE = 12 };

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

/**
 * Acknowledges what was received: the emulators write a header in four pieces,
 * and without this each piece waits 40 ms for the one before.
 */
void emu_quick_ack(int fd);

/** Appends a frame. */
void emu_put(GByteArray *out, uint32_t command, uint32_t transport,
             const void *payload, size_t len);

/** Size of the frame that starts with @header; 0: too long. */
size_t emu_frame_size(const uint8_t *header);

/** Takes a whole frame of @len bytes apart. */
void emu_parse(const uint8_t *bytes, size_t len, EmuFrame *frame);

/** All of @len bytes. */
bool emu_write(int fd, const uint8_t *bytes, size_t len, GError **errp);

/**
 * Exactly @len bytes before @deadline (monotonic time, < 0: whenever). *eof,
 * if not NULL, is set when the other side closed.
 */
bool emu_read(int fd, uint8_t *buf, size_t len, int64_t deadline, bool *eof,
              GError **errp);

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

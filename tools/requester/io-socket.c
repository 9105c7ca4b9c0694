/*
 * A responder behind the DMTF emulators' socket protocol.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/tool-io.h"

#include <string.h>
#include <unistd.h>

#include "common/emu-socket.h"

typedef struct SocketIo {
    ToolIo io;
    int fd;
    bool shutdown;               /* tell the responder to stop, at the end */
    int64_t timeout_us;
    EmuFrame frame;
} SocketIo;

/* An answer that came too late answers nothing any more. */
static void drain(SocketIo *s, int64_t timeout_us)
{
    while (emu_pending(s->fd) &&
           emu_receive(s->fd, timeout_us, &s->frame, NULL, NULL)) {
    }
}

/* One command out, one frame in, which has to be an answer to it. */
static bool command(SocketIo *s, uint32_t number, const uint8_t *payload,
                    size_t len, uint32_t answer, int64_t timeout_us,
                    GError **errp)
{
    uint32_t transport = emu_transport(s->io.transport);

    if ((number && !emu_send(s->fd, number, transport, payload, len, errp)) ||
        !emu_receive(s->fd, timeout_us, &s->frame, NULL, errp)) {
        return false;
    }
    if (s->frame.command != answer || s->frame.transport != transport) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "the peer answered command 0x%x, transport %u",
                    s->frame.command, s->frame.transport);
        return false;
    }
    return true;
}

static bool send_receive(ToolIo *io, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us, GError **errp)
{
    SocketIo *s = (SocketIo *)io;

    drain(s, timeout_us);
    if (!command(s, EMU_NORMAL, frame, len, EMU_NORMAL, timeout_us, errp)) {
        return false;
    }
    g_byte_array_append(reply, s->frame.payload->data, s->frame.payload->len);
    return true;
}

/* QEMU's header of a storage command: SECP, SPSP, length of the data. */
static void storage_header(uint8_t spsp0, size_t len, GByteArray *out)
{
    const uint8_t header[] = {
        0xe8, spsp0, 0, (uint8_t)len, (uint8_t)(len >> 8),
        (uint8_t)(len >> 16), (uint8_t)(len >> 24),
    };

    g_byte_array_append(out, header, sizeof(header));
}

static bool storage_command(SocketIo *s, uint32_t number,
                            const GByteArray *data, int64_t timeout_us,
                            GError **errp)
{
    const GByteArray *status = s->frame.payload;

    if (!command(s, number, data->data, data->len, EMU_ACK_STATUS, timeout_us,
                 errp)) {
        return false;
    }
    if (status->len != 2 || status->data[0] || status->data[1]) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "the device refuses %s",
                    number == EMU_IF_SEND ? "SECURITY SEND"
                                          : "SECURITY RECEIVE: no answer");
        return false;
    }
    return true;
}

/* DSP0286: the request by one command, its answer by another. */
static bool storage_send_receive(ToolIo *io, const uint8_t *frame, size_t len,
                                 GByteArray *reply, int64_t timeout_us,
                                 GError **errp)
{
    enum { ROOM = 0x100000 };
    SocketIo *s = (SocketIo *)io;
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(GByteArray) in = g_byte_array_new();

    drain(s, timeout_us);
    storage_header(frame[0], len - 1, out);
    g_byte_array_append(out, frame + 1, (guint)len - 1);
    storage_header(frame[0], ROOM, in);
    if (!storage_command(s, EMU_IF_SEND, out, timeout_us, errp) ||
        !storage_command(s, EMU_IF_RECV, in, timeout_us, errp) ||
        !command(s, 0, NULL, 0, EMU_IF_RECV, timeout_us, errp)) {
        return false;
    }
    g_byte_array_append(reply, frame, 1);
    g_byte_array_append(reply, s->frame.payload->data, s->frame.payload->len);
    return true;
}

/* The emulators send the id as it lies in a little-endian host's memory. */
static bool out_of_band(ToolIo *io, uint32_t what, uint32_t session,
                        GError **errp)
{
    SocketIo *s = (SocketIo *)io;
    const uint8_t id[] = {
        (uint8_t)session, (uint8_t)(session >> 8), (uint8_t)(session >> 16),
        (uint8_t)(session >> 24),
    };

    drain(s, s->timeout_us);
    return command(s, what, id, what == EMU_OOB_KEY_UPDATE ? sizeof(id) : 0,
                   what, s->timeout_us, errp);
}

static void socket_free(ToolIo *io)
{
    SocketIo *s = (SocketIo *)io;

    if (s->fd >= 0) {
        emu_send(s->fd, s->shutdown ? EMU_SHUTDOWN : EMU_CONTINUE,
                 emu_transport(io->transport), NULL, 0, NULL);
        emu_receive(s->fd, 100000, &s->frame, NULL, NULL);
        close(s->fd);
    }
    g_byte_array_unref(s->frame.payload);
    g_free(s);
}

/* The emulators greet each other, except without a transport. */
static bool greet(SocketIo *s, int64_t timeout_us, GError **errp)
{
    static const char hello[] = "Client Hello!"; /* its NUL is sent too */

    if (s->io.transport == SPDM_TRANSPORT_NONE) {
        return true;
    }
    if (!emu_send(s->fd, EMU_TEST, emu_transport(s->io.transport),
                  (const uint8_t *)hello, sizeof(hello), errp) ||
        !emu_receive(s->fd, timeout_us, &s->frame, NULL, errp)) {
        return false;
    }
    if (s->frame.command != EMU_TEST) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "the peer does not speak the emulator protocol");
        return false;
    }
    return true;
}

ToolIo *tool_io_socket(const char *address, SpdmTransportType transport,
                       int64_t timeout_us, bool shutdown, GError **errp)
{
    SocketIo *s = g_new0(SocketIo, 1);
    g_autoptr(ToolIo) io = &s->io;

    s->io = (ToolIo){
        .send_receive = transport == SPDM_TRANSPORT_STORAGE
                        ? storage_send_receive : send_receive,
        .out_of_band = out_of_band,
        .free = socket_free,
        .transport = transport,
    };
    s->shutdown = shutdown;
    s->timeout_us = timeout_us;
    s->frame.payload = g_byte_array_new();
    s->fd = emu_connect(address, errp);
    if (s->fd < 0 || !greet(s, timeout_us, errp)) {
        g_prefix_error(errp, "responder at ");
        return NULL;
    }
    return g_steal_pointer(&io);
}

void tool_io_free(ToolIo *io)
{
    if (io) {
        g_free(io->cma_name);
        g_free(io->cma_name_serial);
        io->free(io);
    }
}

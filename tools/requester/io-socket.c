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
    EmuFrame frame;
} SocketIo;

static bool send_receive(ToolIo *io, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us, GError **errp)
{
    SocketIo *s = (SocketIo *)io;
    uint32_t transport = emu_transport(io->transport);

    /* An answer that came too late answers nothing any more. */
    while (emu_pending(s->fd) &&
           emu_receive(s->fd, timeout_us, &s->frame, NULL, NULL)) {
    }
    if (!emu_send(s->fd, EMU_NORMAL, transport, frame, len, errp) ||
        !emu_receive(s->fd, timeout_us, &s->frame, NULL, errp)) {
        return false;
    }
    if (s->frame.command != EMU_NORMAL || s->frame.transport != transport) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "the peer answered command 0x%x, transport %u",
                    s->frame.command, s->frame.transport);
        return false;
    }
    g_byte_array_append(reply, s->frame.payload->data, s->frame.payload->len);
    return true;
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
        .send_receive = send_receive,
        .free = socket_free,
        .transport = transport,
    };
    s->shutdown = shutdown;
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

/*
 * A responder behind SPDM over TCP as DSP0287 has it, without the emulators'
 * frames around it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/tool-io.h"

#include <string.h>
#include <unistd.h>

#include "common/emu-socket.h"

typedef struct StreamIo {
    ToolIo io;
    int fd;
} StreamIo;

enum { ERRORS_FROM = 0xc0 };

/* DSP0287 "Error messages". */
static const char *error_text(uint8_t type)
{
    static const char *const texts[] = {
        "the message is too large", "this is not supported",
        "it cannot be a requester", "it cannot be a responder",
    };
    unsigned i = (unsigned)type - ERRORS_FROM;

    return i < G_N_ELEMENTS(texts) ? texts[i] : "of an unknown kind";
}

static bool send_receive(ToolIo *io, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us, GError **errp)
{
    StreamIo *s = (StreamIo *)io;
    int64_t deadline = g_get_monotonic_time() + timeout_us;
    guint before = reply->len;
    uint8_t *header;
    size_t size;

    if (!emu_write(s->fd, frame, len, errp)) {
        return false;
    }
    g_byte_array_set_size(reply, before + SPDM_TCP_HEADER_SIZE);
    if (!emu_read(s->fd, reply->data + before, SPDM_TCP_HEADER_SIZE, deadline,
                  NULL, errp)) {
        return false;
    }
    header = reply->data + before;
    if (header[3] >= ERRORS_FROM) {
        g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "the peer answered with an error of TCP binding: %s",
                    error_text(header[3]));
        return false;
    }
    size = spdm_tcp_frame_size(header);
    g_byte_array_set_size(reply, before + (guint)size);
    return emu_read(s->fd, reply->data + before + SPDM_TCP_HEADER_SIZE,
                    size - SPDM_TCP_HEADER_SIZE, deadline, NULL, errp);
}

static void stream_free(ToolIo *io)
{
    StreamIo *s = (StreamIo *)io;

    if (s->fd >= 0) {
        close(s->fd);
    }
    g_free(s);
}

ToolIo *tool_io_stream(const char *address, GError **errp)
{
    StreamIo *s = g_new0(StreamIo, 1);
    g_autoptr(ToolIo) io = &s->io;

    s->io = (ToolIo){
        .send_receive = send_receive,
        .free = stream_free,
        .transport = SPDM_TRANSPORT_TCP,
    };
    s->fd = emu_connect(address, errp);
    if (s->fd < 0) {
        g_prefix_error(errp, "responder at ");
        return NULL;
    }
    return g_steal_pointer(&io);
}

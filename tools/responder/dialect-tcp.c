/*
 * SPDM over TCP as DSP0287 has it. The client connected, and so it is the
 * requester: it may ask for the roles to be changed, and is told that we
 * cannot.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "responder/client.h"

enum {
    BINDING_VERSION = 1,
    TYPE_SPDM = 0x05,
    TYPE_SECURED = 0x06,
    ROLE_INQUIRY = 0xbf,
    ERROR_NOT_SUPPORTED = 0xc1,
    ERROR_NO_REQUESTER = 0xc2,
};

/* As the reference implementation has it: nothing is counted. */
static void send_error(Client *c, uint8_t type)
{
    const uint8_t error[] = { 0, 0, BINDING_VERSION, type };
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    g_byte_array_append(bytes, error, sizeof(error));
    client_send(c, bytes, 0);
}

/* A fault plan has frames sent more than once. */
static void send_again(Client *c)
{
    const GPtrArray *frames = c->orders.frames;

    for (guint i = 0; frames && i < frames->len; i++) {
        g_autoptr(GByteArray) bytes = g_bytes_unref_to_array(
            g_bytes_ref(g_ptr_array_index(frames, i)));

        client_send(c, bytes, 0);
    }
}

static bool take(Client *c, const uint8_t *frame, size_t len)
{
    g_auto(SpdmReply) reply = { .bytes = NULL };
    bool failed = false;

    if (frame[3] == ROLE_INQUIRY) {
        send_error(c, ERROR_NO_REQUESTER);
    } else if (frame[3] != TYPE_SPDM && frame[3] != TYPE_SECURED) {
        send_error(c, ERROR_NOT_SUPPORTED);
    } else if (client_process(c, SPDM_TRANSPORT_TCP, frame, len, &reply,
                              &failed)) {
        client_send(c, reply.bytes, reply.delay_us);
        send_again(c);
    }
    return !failed;
}

static size_t frame_size(const uint8_t *header)
{
    return header[2] == BINDING_VERSION ? spdm_tcp_frame_size(header) : 0;
}

const Dialect dialect_tcp = {
    .name = "SPDM over TCP (DSP0287)",
    .header_size = SPDM_TCP_HEADER_SIZE,
    .frame_size = frame_size,
    .take = take,
};

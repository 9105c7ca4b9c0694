/*
 * The socket protocol of the DMTF emulators, and what QEMU's spdm_port adds
 * to it: the commands of a storage device.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "responder/server.h"

#include <string.h>

static bool reply_with(Client *c, const EmuFrame *f, uint32_t command,
                       const void *payload, size_t len, int64_t delay_us)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    emu_put(bytes, command, f->transport, payload, len);
    client_send(c, bytes, delay_us);
    return true;
}

/* A fault plan has frames sent more than once. */
static void send_again(Client *c, const EmuFrame *f)
{
    const GPtrArray *frames = c->orders.frames;

    for (guint i = 0; frames && i < frames->len; i++) {
        gsize len;
        const void *data = g_bytes_get_data(g_ptr_array_index(frames, i),
                                            &len);

        reply_with(c, f, EMU_NORMAL, data, len, 0);
    }
}

/* A dropped message has no answer at all: the client's patience ends. */
static bool normal(Client *c, const EmuFrame *f)
{
    g_auto(SpdmReply) reply = { .bytes = NULL };
    SpdmTransportType type;
    bool failed = false;

    if (!emu_transport_type(f->transport, &type)) {
        client_say(c, "transport type %u is not served", f->transport);
        return false;
    }
    if (client_process(c, type, f->payload->data, f->payload->len, &reply,
                       &failed)) {
        reply_with(c, f, EMU_NORMAL, reply.bytes->data, reply.bytes->len,
                   reply.delay_us);
        send_again(c, f);
    }
    return !failed;
}

static bool greet(Client *c, const EmuFrame *f)
{
    static const char hello[] = "Server Hello!"; /* its NUL is sent too */

    return reply_with(c, f, EMU_TEST, hello, sizeof(hello), 0);
}

/* The connection is kept for who comes next; this socket is done. */
static bool carry_on(Client *c, const EmuFrame *f)
{
    client_park(c);
    reply_with(c, f, EMU_CONTINUE, NULL, 0, 0);
    return false;
}

static bool shut_down(Client *c, const EmuFrame *f)
{
    server_shutdown(c->server);
    reply_with(c, f, EMU_SHUTDOWN, NULL, 0, 0);
    return false;
}

/* QEMU waits for a status, big-endian; then, for IF-RECV, for the data. */
static bool send_status(Client *c, const EmuFrame *f, uint16_t status,
                        int64_t delay_us)
{
    const uint8_t be[] = { (uint8_t)(status >> 8), (uint8_t)status };

    return reply_with(c, f, EMU_ACK_STATUS, be, sizeof(be), delay_us);
}

static bool if_send(Client *c, const EmuFrame *f)
{
    g_auto(SpdmReply) reply = { .bytes = NULL };
    GByteArray *data = f->payload;
    StorageCommand command;
    bool failed = false;
    uint16_t status;

    if (!storage_parse(data->data, data->len, &command)) {
        return send_status(c, f, STORAGE_INVALID_FIELD, 0);
    }
    status = storage_check_send(&command, data->len);
    if (status == STORAGE_OK) {
        /* The byte before the data becomes the SPSP0 of the frame. */
        uint8_t *frame = data->data + STORAGE_HEADER_SIZE - 1;

        *frame = command.spsp0;
        client_process(c, SPDM_TRANSPORT_STORAGE, frame,
                       data->len - STORAGE_HEADER_SIZE + 1, &reply, &failed);
        if (failed) {
            return false;
        }
        storage_put(&c->storage, &reply);
    }
    return send_status(c, f, status, reply.delay_us);
}

static bool if_recv(Client *c, const EmuFrame *f)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    uint16_t status = STORAGE_INVALID_FIELD;
    StorageCommand command;

    if (storage_parse(f->payload->data, f->payload->len, &command)) {
        status = storage_fetch(&c->storage, &command, out);
    }
    send_status(c, f, status, 0);
    if (status == STORAGE_OK) {
        reply_with(c, f, EMU_IF_RECV, out->data, out->len, 0);
    }
    return true;
}

/* Where no session is named: the one that there is, or outside. */
static uint32_t latest_session(const SpdmResponder *r)
{
    SpdmResponderInfo info;
    uint32_t id = 0;

    spdm_responder_info(r, &info);
    for (unsigned i = 0; i < info.session_count; i++) {
        if (strcmp(info.sessions[i].phase, "established") == 0) {
            id = info.sessions[i].id;
        }
    }
    return id;
}

/*
 * The session that is meant, in the byte order of its host: little-endian.
 * The emulators' requester names it for KEY_UPDATE only.
 */
static uint32_t session_id(const Client *c, const EmuFrame *f)
{
    uint32_t id = 0;

    if (!f->payload->len) {
        return latest_session(c->responder);
    }
    for (guint i = 0; i < MIN(f->payload->len, sizeof(id)); i++) {
        id |= (uint32_t)f->payload->data[i] << (8 * i);
    }
    return id;
}

/* Asked behind SPDM's back; the requester comes for it with its next step. */
static bool oob_key_update(Client *c, const EmuFrame *f)
{
    if (!c->responder ||
        !spdm_responder_update_key(c->responder, session_id(c, f))) {
        client_say(c, "there is no session to update the key of");
    }
    return reply_with(c, f, f->command, NULL, 0, 0);
}

static bool oob_endpoint_info(Client *c, const EmuFrame *f)
{
    if (!c->responder ||
        !spdm_responder_ask_endpoint_info(c->responder, session_id(c, f))) {
        client_say(c, "this requester has no endpoint information");
    }
    return reply_with(c, f, f->command, NULL, 0, 0);
}

static const struct {
    uint32_t command;
    bool (*take)(Client *c, const EmuFrame *f);
} commands[] = {
    { EMU_NORMAL, normal }, { EMU_TEST, greet }, { EMU_CONTINUE, carry_on },
    { EMU_SHUTDOWN, shut_down }, { EMU_IF_SEND, if_send },
    { EMU_IF_RECV, if_recv }, { EMU_OOB_KEY_UPDATE, oob_key_update },
    { EMU_OOB_ENDPOINT_INFO, oob_endpoint_info },
};

static bool take(Client *c, const uint8_t *bytes, size_t len)
{
    g_autoptr(GByteArray) payload = g_byte_array_new();
    EmuFrame f = { .payload = payload };

    emu_parse(bytes, len, &f);
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (commands[i].command == f.command) {
            return commands[i].take(c, &f);
        }
    }
    return reply_with(c, &f, EMU_UNKNOWN, NULL, 0, 0);
}

const Dialect dialect_emulator = {
    .name = "the emulators' protocol",
    .header_size = EMU_HEADER_SIZE,
    .frame_size = emu_frame_size,
    .take = take,
};

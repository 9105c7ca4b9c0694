/*
 * DSP0286 as a storage device answers it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "responder/storage.h"

#include <string.h>

enum {
    SECP_SPDM = 0xe8,
    OPERATION_SHIFT = 2,
    CONNECTION_MASK = 3,
    BINDING_VERSION = 0x1000,
    DISCOVERY_SIZE = 32,
    PENDING_INFO_SIZE = 12,
};

bool storage_parse(const uint8_t *data, size_t len, StorageCommand *command)
{
    if (len < STORAGE_HEADER_SIZE) {
        return false;
    }
    *command = (StorageCommand){
        .protocol = data[0],
        .spsp0 = data[1],
        .spsp1 = data[2],
        .length = data[3] | (uint32_t)data[4] << 8 |
                  (uint32_t)data[5] << 16 | (uint32_t)data[6] << 24,
    };
    return true;
}

static uint8_t operation(const StorageCommand *command)
{
    return command->spsp0 >> OPERATION_SHIFT;
}

/* One connection: its ID is 0. */
static bool is_ours(const StorageCommand *command)
{
    return command->protocol == SECP_SPDM && command->spsp1 == 0 &&
           (command->spsp0 & CONNECTION_MASK) == 0;
}

static bool is_message(const StorageCommand *command)
{
    return operation(command) == SPDM_STORAGE_MESSAGE ||
           operation(command) == SPDM_STORAGE_SECURED;
}

uint16_t storage_check_send(const StorageCommand *command, size_t len)
{
    return is_ours(command) && is_message(command) &&
           command->length == len - STORAGE_HEADER_SIZE
           ? STORAGE_OK : STORAGE_INVALID_FIELD;
}

void storage_put(Storage *s, const SpdmReply *reply)
{
    storage_clear(s);
    /* A fault may have cut it down to nothing, SPSP0 and all. */
    if (reply->verdict == SPDM_VERDICT_REPLY && reply->bytes->len) {
        s->pending = g_byte_array_ref(reply->bytes);
    }
}

void storage_clear(Storage *s)
{
    g_clear_pointer(&s->pending, g_byte_array_unref);
}

static void put_le16(uint8_t *at, uint32_t v)
{
    at[0] = (uint8_t)v;
    at[1] = (uint8_t)(v >> 8);
}

/* DSP0286 discovery: no further connections, the four operations. */
static void discovery(GByteArray *out)
{
    uint8_t data[DISCOVERY_SIZE] = { 0 };

    put_le16(data, sizeof(data));
    put_le16(data + 2, BINDING_VERSION);
    data[8] = 1 << SPDM_STORAGE_DISCOVERY | 1 << SPDM_STORAGE_PENDING_INFO |
              1 << SPDM_STORAGE_MESSAGE | 1 << SPDM_STORAGE_SECURED;
    g_byte_array_append(out, data, sizeof(data));
}

static void pending_info(const Storage *s, GByteArray *out)
{
    uint8_t data[PENDING_INFO_SIZE] = { 0 };
    uint32_t len = s->pending ? s->pending->len - 1 : 0;

    put_le16(data, sizeof(data));
    put_le16(data + 2, BINDING_VERSION);
    data[4] = s->pending != NULL;
    put_le16(data + 8, len);
    put_le16(data + 10, len >> 16);
    g_byte_array_append(out, data, sizeof(data));
}

/* The answer lies behind its SPSP0 byte, which must be that of the command. */
static bool fetch_message(Storage *s, const StorageCommand *command,
                          GByteArray *out)
{
    if (!s->pending || s->pending->data[0] != command->spsp0 ||
        s->pending->len - 1 > command->length) {
        return false;
    }
    g_byte_array_append(out, s->pending->data + 1, s->pending->len - 1);
    storage_clear(s);
    return true;
}

uint16_t storage_fetch(Storage *s, const StorageCommand *command,
                       GByteArray *out)
{
    guint before = out->len;
    bool ok = is_ours(command);

    if (ok && operation(command) == SPDM_STORAGE_DISCOVERY) {
        discovery(out);
    } else if (ok && operation(command) == SPDM_STORAGE_PENDING_INFO) {
        pending_info(s, out);
    } else {
        ok = ok && is_message(command) && fetch_message(s, command, out);
    }
    if (ok && out->len - before > command->length) {
        g_byte_array_set_size(out, before + command->length);
    }
    return ok ? STORAGE_OK : STORAGE_INVALID_FIELD;
}

/*
 * PLDM type 0 (DSP0240): SetTID, GetTID, GetPLDMVersion, GetPLDMTypes,
 * GetPLDMCommands.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pldm/pldm.h"

#include "wire/codec.h"

enum {
    HEADER_SIZE = 3,
    REQUEST = 1 << 7,        /* Rq */
    DATAGRAM = 1 << 6,       /* D: nobody waits for an answer */
    INSTANCE_MASK = 0x1f,
    TYPE_MASK = 0x3f,        /* the header version above it is 0 */

    TYPE_CONTROL = 0,
    VERSION_100 = 0xf1f0f000, /* 1.0.0 */
    TYPES_SIZE = 8,
    COMMANDS_SIZE = 32,
    FIRST_PART = 1,
    START_AND_END = 5,
    TID_RESERVED = 0xff,
};

typedef enum Completion {
    SUCCESS = 0x00,
    ERROR_INVALID_DATA = 0x02,
    ERROR_INVALID_LENGTH = 0x03,
    ERROR_UNSUPPORTED_PLDM_CMD = 0x05,
    ERROR_INVALID_PLDM_TYPE = 0x20,

    /* Of one command each. */
    INVALID_DATA_TRANSFER_HANDLE = 0x80,
    INVALID_TRANSFER_OPERATION_FLAG = 0x81,
    INVALID_PLDM_TYPE_IN_REQUEST_DATA = 0x83,
    INVALID_PLDM_VERSION_IN_REQUEST_DATA = 0x84,
} Completion;

/* CRC-32 of IEEE 802.3, over what is a few bytes. */
static uint32_t crc32(const uint8_t *data, size_t len)
{
    uint32_t crc = UINT32_MAX;

    for (size_t i = 0; i < len; i++) {
        crc ^= data[i];
        for (unsigned bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
        }
    }
    return ~crc;
}

static Completion set_tid(SpdmPldm *p, SpdmCoder *in, SpdmCoder *out)
{
    uint8_t tid = 0;

    spdm_code_u8(in, "TID", &tid);
    if (tid == 0 || tid == TID_RESERVED) {
        return ERROR_INVALID_DATA;
    }
    p->tid = tid;
    return SUCCESS;
}

static Completion get_tid(SpdmPldm *p, SpdmCoder *in, SpdmCoder *out)
{
    spdm_code_u8(out, "TID", &p->tid);
    return SUCCESS;
}

static Completion get_version(SpdmPldm *p, SpdmCoder *in, SpdmCoder *out)
{
    static const uint8_t version[] = { 0x00, 0xf0, 0xf0, 0xf1 };
    uint32_t handle = 0, number = VERSION_100;
    uint32_t sum = crc32(version, sizeof(version));
    uint8_t flag = 0, type = 0, transfer = START_AND_END;

    spdm_code_u32(in, "DataTransferHandle", &handle);
    spdm_code_u8(in, "TransferOperationFlag", &flag);
    spdm_code_u8(in, "PLDMType", &type);
    if (type != TYPE_CONTROL) {
        return INVALID_PLDM_TYPE_IN_REQUEST_DATA;
    }
    if (flag != FIRST_PART) {
        return flag ? INVALID_TRANSFER_OPERATION_FLAG
                    : INVALID_DATA_TRANSFER_HANDLE;
    }
    handle = 0;
    spdm_code_u32(out, "NextDataTransferHandle", &handle);
    spdm_code_u8(out, "TransferFlag", &transfer);
    spdm_code_u32(out, "Version", &number);
    spdm_code_u32(out, "Checksum", &sum);
    return SUCCESS;
}

static Completion get_types(SpdmPldm *p, SpdmCoder *in, SpdmCoder *out)
{
    static const uint8_t types[TYPES_SIZE] = { 1 << TYPE_CONTROL };
    SpdmBytes view = SPDM_BYTES(types, sizeof(types));

    spdm_code_bytes(out, "PLDMTypes", &view, sizeof(types));
    return SUCCESS;
}

static Completion get_commands(SpdmPldm *p, SpdmCoder *in, SpdmCoder *out);

typedef struct Command {
    uint8_t code;
    uint8_t size;            /* of the request's body, exactly */
    const char *name;
    Completion (*answer)(SpdmPldm *p, SpdmCoder *in, SpdmCoder *out);
} Command;

static const Command commands[] = {
    { 1, 1, "SetTID", set_tid },
    { 2, 0, "GetTID", get_tid },
    { 3, 6, "GetPLDMVersion", get_version },
    { 4, 0, "GetPLDMTypes", get_types },
    { 5, 5, "GetPLDMCommands", get_commands },
};

static Completion get_commands(SpdmPldm *p, SpdmCoder *in, SpdmCoder *out)
{
    uint8_t mask[COMMANDS_SIZE] = { 0 };
    SpdmBytes view = SPDM_BYTES(mask, sizeof(mask));
    uint32_t version = 0;
    uint8_t type = 0;

    spdm_code_u8(in, "PLDMType", &type);
    spdm_code_u32(in, "Version", &version);
    if (type != TYPE_CONTROL) {
        return INVALID_PLDM_TYPE_IN_REQUEST_DATA;
    }
    if (version != VERSION_100) {
        return INVALID_PLDM_VERSION_IN_REQUEST_DATA;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        mask[commands[i].code / 8] |= (uint8_t)(1u << commands[i].code % 8);
    }
    spdm_code_bytes(out, "PLDMCommands", &view, sizeof(mask));
    return SUCCESS;
}

static const Command *find(uint8_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (commands[i].code == code) {
            return &commands[i];
        }
    }
    return NULL;
}

/* The response's body but for its completion code. */
static Completion answer(SpdmPldm *p, SpdmBytes request, GByteArray *body)
{
    static const SpdmWireCtx no_ctx;
    SpdmBytes data = SPDM_BYTES(request.data + HEADER_SIZE,
                                request.len - HEADER_SIZE);
    SpdmCoder in = spdm_coder_reader(&no_ctx, data);
    SpdmCoder out = spdm_coder_writer(&no_ctx, body);
    const Command *command;

    if ((request.data[1] & TYPE_MASK) != TYPE_CONTROL) {
        return ERROR_INVALID_PLDM_TYPE;
    }
    command = find(request.data[2]);
    if (!command) {
        return ERROR_UNSUPPORTED_PLDM_CMD;
    }
    return data.len == command->size ? command->answer(p, &in, &out)
                                     : ERROR_INVALID_LENGTH;
}

bool spdm_pldm_answer(SpdmPldm *p, SpdmBytes request, GByteArray *reply)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    uint8_t head[HEADER_SIZE + 1];

    /* DSP0240 PLDM base: header version 0, a request with a response. */
    if (request.len < HEADER_SIZE || (request.data[1] & ~TYPE_MASK) ||
        (request.data[0] & (REQUEST | DATAGRAM)) != REQUEST) {
        return false;
    }
    head[0] = request.data[0] & INSTANCE_MASK;
    head[1] = request.data[1];
    head[2] = request.data[2];
    head[3] = (uint8_t)answer(p, request, body);
    g_byte_array_append(reply, head, sizeof(head));
    g_byte_array_append(reply, body->data, body->len);
    return true;
}

const char *spdm_pldm_command_name(uint8_t type, uint8_t command)
{
    const Command *found = find(command);

    return (type & TYPE_MASK) == TYPE_CONTROL && found ? found->name : NULL;
}

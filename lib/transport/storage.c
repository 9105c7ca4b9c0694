/*
 * SPDM to Storage (DSP0286): what a SECURITY SEND or RECEIVE carries, behind
 * one byte that stands for the command's SPSP0 field. A record lies behind a
 * reserved word and has a descriptor in front of the message inside.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "transport/framing.h"

#include <string.h>

enum {
    OPERATION_SHIFT = 2,     /* SPSP0: operation, then connection ID */
    CONNECTION_MASK = 3,
    WORD = 4,
    MAX_PAD = WORD - 1,      /* transfers are whole dwords */
    MAX_RANDOM = 32,

    /* Secured message: NumDescriptors, 3 reserved, then one descriptor. */
    DESCRIPTOR_AT = 4,
    DESCRIPTOR_SIZE = 16,
    INNER_SIZE = DESCRIPTOR_AT + DESCRIPTOR_SIZE,
    TYPE_SPDM = 4,
    LENGTH_AT = DESCRIPTOR_AT + 4,
    OFFSET_AT = DESCRIPTOR_AT + 8,

    /* Reserved word, SessionID, SequenceNumber, Length, inner length. */
    BEFORE_INNER = 4 + 4 + 2 + 2 + 2,
};

static void put_le32(uint8_t *at, size_t v)
{
    for (unsigned i = 0; i < WORD; i++) {
        at[i] = (uint8_t)(v >> (8 * i));
    }
}

static size_t get_le32(const uint8_t *at)
{
    return at[0] | (size_t)at[1] << 8 | (size_t)at[2] << 16 |
           (size_t)at[3] << 24;
}

static bool unpack(SpdmBytes frame, SpdmFrame *out)
{
    size_t head = 1;

    if (frame.len < 1 || (frame.data[0] & CONNECTION_MASK) != 0) {
        return false;
    }
    switch (frame.data[0] >> OPERATION_SHIFT) {
    case SPDM_STORAGE_MESSAGE:
        out->kind = SPDM_FRAME_PLAIN;
        break;
    case SPDM_STORAGE_SECURED:
        out->kind = SPDM_FRAME_SECURED;
        head += WORD;
        break;
    default:
        return false;
    }
    if (frame.len <= head) {
        return false;
    }
    out->payload = SPDM_BYTES(frame.data + head, frame.len - head);
    return true;
}

/* SPSP0, and before a record the reserved word. */
static size_t head(SpdmFrameKind kind)
{
    return kind == SPDM_FRAME_SECURED ? 1 + WORD : 1;
}

static bool finish(SpdmFrameKind kind, GByteArray *out, size_t start)
{
    static const uint8_t zeros[WORD];
    uint8_t operation = kind == SPDM_FRAME_PLAIN ? SPDM_STORAGE_MESSAGE
                                                 : SPDM_STORAGE_SECURED;
    size_t len = out->len - start - head(kind);

    if (kind == SPDM_FRAME_DISCOVERY || len == 0) {
        return spdm_frame_undo(out, start);
    }
    out->data[start] = (uint8_t)(operation << OPERATION_SHIFT);
    memset(out->data + start + 1, 0, head(kind) - 1);
    g_byte_array_append(out, zeros, (WORD - len % WORD) % WORD);
    return true;
}

static bool pack(SpdmFrameKind kind, SpdmBytes payload, GByteArray *out)
{
    return spdm_frame_pack(&spdm_transport_storage, kind, payload, out);
}

static void put_inner(size_t len, uint8_t *at)
{
    memset(at, 0, INNER_SIZE);
    at[0] = 1;
    at[DESCRIPTOR_AT + 1] = TYPE_SPDM;
    put_le32(at + LENGTH_AT, len);
    put_le32(at + OFFSET_AT, BEFORE_INNER + INNER_SIZE);
}

/*
 * One descriptor of an SPDM message that follows it. Its offset is not looked
 * at: implementations count it from different places.
 */
static bool check_inner(const uint8_t *data, size_t len)
{
    return data[0] == 1 && data[DESCRIPTOR_AT + 1] == TYPE_SPDM &&
           get_le32(data + LENGTH_AT) == len - INNER_SIZE;
}

const SpdmTransport spdm_transport_storage = {
    .type = SPDM_TRANSPORT_STORAGE,
    .name = "storage",
    .record = {
        .sequence_size = 2,
        .max_random = MAX_RANDOM,
        .inner_size = INNER_SIZE,
        .put_inner = put_inner,
        .check_inner = check_inner,
    },
    .max_pad = MAX_PAD,
    .max_overhead = 1 + WORD + MAX_PAD,
    .unpack = unpack,
    .pack = pack,
    .head = head,
    .finish = finish,
};

/*
 * CHUNK_SEND, CHUNK_GET and their answers: Large SPDM messages in pieces.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

/* ChunkSeqNo: 1.4 made it 32 bits wide. */
static void sequence_number(SpdmCoder *c, const SpdmMsg *m, uint32_t *seq)
{
    uint16_t number = (uint16_t)*seq;

    if (m->h.version >= SPDM_VERSION_14) {
        spdm_code_u32(c, "ChunkSeqNo", seq);
        return;
    }
    if (*seq > UINT16_MAX) {
        spdm_coder_fail(c);
    }
    spdm_code_u16(c, "ChunkSeqNo", &number);
    *seq = number;
}

/* CHUNK_SEND and CHUNK_RESPONSE. */
void spdm_body_chunk(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgChunk *v = &m->chunk;
    uint32_t size = (uint32_t)v->chunk.len;

    sequence_number(c, m, &v->seq);
    if (m->h.version < SPDM_VERSION_14) {
        spdm_code_reserved(c, 2);
    }
    spdm_code_u32(c, "ChunkSize", &size);
    if (v->seq == 0) {
        spdm_code_u32(c, "LargeMessageSize", &v->large_size);
    }
    spdm_code_bytes(c, "SPDMchunk", &v->chunk, size);
}

void spdm_body_chunk_get(SpdmCoder *c, SpdmMsg *m)
{
    sequence_number(c, m, &m->chunk.seq);
}

void spdm_body_chunk_send_ack(SpdmCoder *c, SpdmMsg *m)
{
    sequence_number(c, m, &m->chunk.seq);
    spdm_code_message(c, "ResponseToLargeRequest", &m->chunk.response);
}

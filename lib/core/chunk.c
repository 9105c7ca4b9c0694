/*
 * Chunks: cut up, and judged.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/chunk.h"

/* Header, ChunkSeqNo (2 + 2 reserved, or 4 from 1.4 on), ChunkSize; with
 * ChunkSeqNo 0 LargeMessageSize. */
enum { CHUNK_HEADER = 12, FIRST_CHUNK_HEADER = 16 };

size_t spdm_chunk_header(uint32_t seq)
{
    return seq ? CHUNK_HEADER : FIRST_CHUNK_HEADER;
}

size_t spdm_chunk_ack_header(uint8_t version)
{
    return SPDM_HEADER_SIZE + (version >= SPDM_VERSION_14 ? 4 : 2);
}

void spdm_chunk_cut(SpdmMsg *m, SpdmBytes large, size_t offset, uint32_t seq,
                    uint32_t transfer_size)
{
    size_t left = large.len - offset;
    size_t size = MIN(left, transfer_size - spdm_chunk_header(seq));

    m->h.param1 = size == left ? SPDM_CHUNK_LAST : 0;
    m->chunk.seq = seq;
    m->chunk.large_size = seq ? 0 : (uint32_t)large.len;
    m->chunk.chunk = SPDM_BYTES(large.data + offset, size);
}

/* DSP0274: all but the last fill at least a MinDataTransferSize. */
static bool size_is_good(const SpdmMsg *m, uint32_t left)
{
    size_t least = m->h.param1 & SPDM_CHUNK_LAST ? 1 :
        SPDM_MIN_DATA_TRANSFER_SIZE - spdm_chunk_header(m->chunk.seq);

    return m->chunk.chunk.len >= least && m->chunk.chunk.len <= left;
}

SpdmChunkFault spdm_chunk_judge(const SpdmChunkState *s, const SpdmMsg *m)
{
    const SpdmMsgChunk *v = &m->chunk;
    bool last = m->h.param1 & SPDM_CHUNK_LAST;
    uint32_t total = s->next_seq ? s->total : v->large_size;

    if (v->seq != s->next_seq) {
        return SPDM_CHUNK_BAD_SEQ;
    }
    if (total < s->least) {
        return SPDM_CHUNK_TOO_SMALL;
    }
    if (total > s->most) {
        return SPDM_CHUNK_TOO_LARGE;
    }
    if (!size_is_good(m, total - s->have)) {
        return SPDM_CHUNK_BAD_SIZE;
    }
    if (last != (v->chunk.len == total - s->have) || (last && !v->seq)) {
        return SPDM_CHUNK_BAD_LAST;
    }
    return SPDM_CHUNK_GOOD;
}

const char *spdm_chunk_fault_text(SpdmChunkFault fault)
{
    static const char *const texts[SPDM_CHUNK_FAULTS] = {
        [SPDM_CHUNK_GOOD] = "the chunk is good",
        [SPDM_CHUNK_BAD_SEQ] = "ChunkSeqNo is not the one that is next",
        [SPDM_CHUNK_TOO_SMALL] = "LargeMessageSize is that of a message "
                                 "which needs no chunks",
        [SPDM_CHUNK_TOO_LARGE] = "LargeMessageSize exceeds MaxSPDMmsgSize",
        [SPDM_CHUNK_BAD_SIZE] = "ChunkSize is too small, or more than is "
                                "left of the message",
        [SPDM_CHUNK_BAD_LAST] = "LastChunk is not with the last byte, or "
                                "with the first chunk",
    };

    return texts[fault];
}

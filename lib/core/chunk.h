/*
 * Chunks of Large SPDM messages (DSP0274 "Large SPDM message transfer
 * mechanism"): the sizes, how a message is cut up, and the rules a chunk has
 * to follow. CHUNK_SEND and CHUNK_RESPONSE have the same, so both ends share
 * them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_CHUNK_H
#define SPDM_CORE_CHUNK_H

#include "wire/msg.h"

/** Bytes of CHUNK_SEND or CHUNK_RESPONSE in front of SPDMchunk. */
size_t spdm_chunk_header(uint32_t seq);

/** Bytes of CHUNK_SEND_ACK in front of the embedded message. */
size_t spdm_chunk_ack_header(uint8_t version);

/**
 * Fills m->chunk and Param1 with chunk @seq of @large, which begins at
 * @offset, for a receiver of @transfer_size (at least 42). Header version,
 * code and Handle are the caller's.
 */
void spdm_chunk_cut(SpdmMsg *m, SpdmBytes large, size_t offset, uint32_t seq,
                    uint32_t transfer_size);

/** What is wrong with a chunk. */
typedef enum SpdmChunkFault {
    SPDM_CHUNK_GOOD,
    SPDM_CHUNK_BAD_SEQ,      /* not the number that is next */
    SPDM_CHUNK_TOO_SMALL,    /* LargeMessageSize that needs no chunks */
    SPDM_CHUNK_TOO_LARGE,    /* LargeMessageSize above MaxSPDMmsgSize */
    SPDM_CHUNK_BAD_SIZE,     /* ChunkSize too small, or past the end */
    SPDM_CHUNK_BAD_LAST,     /* LastChunk not exactly with the last byte */
    SPDM_CHUNK_FAULTS,
} SpdmChunkFault;

/** A message that is being put together. */
typedef struct SpdmChunkState {
    uint32_t next_seq;
    uint32_t have;           /* bytes so far */
    uint32_t total;          /* LargeMessageSize, once seq 0 was there */
    uint32_t least;          /* bounds of LargeMessageSize */
    uint32_t most;
} SpdmChunkState;

/**
 * Judges CHUNK_SEND or CHUNK_RESPONSE @m as the next chunk of @s. SPDMchunk
 * may be appended when it is good, and only then.
 */
SpdmChunkFault spdm_chunk_judge(const SpdmChunkState *s, const SpdmMsg *m);

/** The fault as a sentence, static. */
const char *spdm_chunk_fault_text(SpdmChunkFault fault);

#endif

/*
 * Recorded chunks: judged by the rules of both ends, put together, and the
 * large message cut up again into the same chunks (spec/02 section 7).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/chunk.h"
#include "vector.h"

/* The very chunk that we would have sent in its place. */
static void cut_again(Vec *v, const char *group, const SpdmMsg *m,
                      SpdmBytes recorded)
{
    g_autoptr(GByteArray) large = vec_hex(v, group, "spdm");
    g_autoptr(GByteArray) again = g_byte_array_new();
    bool sent = m->h.code == SPDM_CHUNK_SEND;
    SpdmWireCtx ctx = vec_ctx(v, false, SPDM_BYTES(NULL, 0));
    SpdmMsg ours = { .h = m->h };

    if (!vec_check(v, large && large->len > v->chunk.have,
                   "no such large message")) {
        return;
    }
    spdm_chunk_cut(&ours, vec_view(large), v->chunk.have, m->chunk.seq,
                   sent ? v->conn.rsp_data_transfer_size
                        : v->conn.req_data_transfer_size);
    vec_check(v, spdm_msg_encode(&ctx, &ours, again),
              "our chunk does not encode");
    vec_same(v, "cut again", vec_view(again), recorded);
}

static void begin(Vec *v, const SpdmMsg *m)
{
    if (m->chunk.seq == 0) {
        v->chunk = (SpdmChunkState){
            .total = m->chunk.large_size,
            .least = SPDM_MIN_DATA_TRANSFER_SIZE + 1,
            .most = m->h.code == SPDM_CHUNK_SEND ? v->conn.rsp_max_msg_size
                                                 : v->conn.req_max_msg_size,
        };
        g_byte_array_set_size(v->chunks, 0);
    }
}

bool vec_add_chunk(Vec *v, SpdmBytes bytes)
{
    g_autofree char *group = g_strdup_printf("large %u", v->larges + 1);
    SpdmWireCtx ctx = vec_ctx(v, false, SPDM_BYTES(NULL, 0));
    SpdmMsg m;

    if (!vec_codec(v, &ctx, bytes, &m)) {
        return false;
    }
    begin(v, &m);
    if (!vec_check(v, spdm_chunk_judge(&v->chunk, &m) == SPDM_CHUNK_GOOD,
                   "the chunk is not good")) {
        return false;
    }
    cut_again(v, group, &m, bytes);
    vec_put(v->chunks, m.chunk.chunk);
    v->chunk.have = v->chunks->len;
    v->chunk.next_seq++;
    if (!(m.h.param1 & SPDM_CHUNK_LAST)) {
        return false;
    }
    v->at.large = ++v->larges;
    vec_check(v, v->chunks->len >= SPDM_HEADER_SIZE &&
                 v->chunks->data[VEC_CODE] == vec_int(v, group, "code"),
              "code");
    return vec_same_hex(v, group, "spdm", vec_view(v->chunks));
}

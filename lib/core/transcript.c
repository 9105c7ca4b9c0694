/*
 * Bounded byte buffers of messages.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/transcript.h"

void spdm_transcript_append(SpdmTranscript *t, SpdmBytes bytes)
{
    size_t have = t->bytes ? t->bytes->len : 0;

    if (t->overflown || bytes.len > SPDM_TRANSCRIPT_LIMIT - have) {
        /* Part of a transcript is worth nothing: give the memory back. */
        spdm_transcript_reset(t);
        t->overflown = true;
        return;
    }
    if (bytes.len == 0) {
        return;
    }
    if (!t->bytes) {
        t->bytes = g_byte_array_new();
    }
    g_byte_array_append(t->bytes, bytes.data, (guint)bytes.len);
}

void spdm_transcript_reset(SpdmTranscript *t)
{
    g_clear_pointer(&t->bytes, g_byte_array_unref);
    t->overflown = false;
}

SpdmBytes spdm_transcript_view(const SpdmTranscript *t)
{
    return t->bytes ? SPDM_BYTES(t->bytes->data, t->bytes->len)
                    : SPDM_BYTES(NULL, 0);
}

void spdm_transcript_copy(SpdmTranscript *dst, const SpdmTranscript *src)
{
    if (dst == src) {
        return;
    }
    spdm_transcript_reset(dst);
    spdm_transcript_append(dst, spdm_transcript_view(src));
    dst->overflown = src->overflown;
}

/*
 * Transcripts: bounded byte buffers, so that they can be saved, replayed and
 * looked at. Past the bound a transcript is "overflown" until it is reset, and
 * nothing can be signed over it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_TRANSCRIPT_H
#define SPDM_CORE_TRANSCRIPT_H

#include "crypto/hash.h"

/* Certificates of 64 KiB in small portions, with their requests, fit. */
enum { SPDM_TRANSCRIPT_LIMIT = 256 * 1024 };

typedef struct SpdmTranscript {
    GByteArray *bytes;       /* NULL is the same as empty */
    bool overflown;
} SpdmTranscript;

void spdm_transcript_append(SpdmTranscript *t, SpdmBytes bytes);

/** Empties it and gives the memory back. */
void spdm_transcript_reset(SpdmTranscript *t);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmTranscript, spdm_transcript_reset)

SpdmBytes spdm_transcript_view(const SpdmTranscript *t);

/** Makes @dst an own copy of @src. */
void spdm_transcript_copy(SpdmTranscript *dst, const SpdmTranscript *src);

#endif

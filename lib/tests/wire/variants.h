/*
 * A message off by one, at every field: cut before, at and behind its start,
 * a byte too many, a byte too few, an integer one higher or lower.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TESTS_WIRE_VARIANTS_H
#define SPDM_TESTS_WIRE_VARIANTS_H

#include "wire/msg.h"

/** Where fields begin; the last entry is the message's end. */
typedef struct Variants {
    GArray *fields;
    GByteArray *message;
} Variants;

/** Of a copy of @message, laid out by @ctx as far as it decodes. */
void variants_init(Variants *v, const SpdmWireCtx *ctx, SpdmBytes message);
void variants_clear(Variants *v);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Variants, variants_clear)

/** How many there are, those included that do not apply. */
unsigned variants_count(const Variants *v);

/**
 * Puts the @k-th one into @out; what was done ("a byte too few in Nonce"), or
 * NULL when it does not apply to the field. g_free().
 */
char *variant_make(const Variants *v, unsigned k, GByteArray *out);

/**
 * Decodes a copy of exactly @bytes, and looks at every byte of every field,
 * so that sanitizers see reads outside of it. What decodes has to lie within
 * the bytes, and what of it can be encoded has no more of them.
 */
void variant_decode(const SpdmWireCtx *ctx, SpdmBytes bytes);

/** variant_decode() of all variants; returns their number. */
unsigned variants_decode(const SpdmWireCtx *ctx, SpdmBytes message);

#endif

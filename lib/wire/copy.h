/*
 * Copying of payloads.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_WIRE_COPY_H
#define SPDM_WIRE_COPY_H

#include "spdm/base.h"

/** Copies @from (which may be empty) to @to; they do not overlap. */
void spdm_copy(uint8_t *to, SpdmBytes from);

/** Appends @from, which is none of it, to @array. */
void spdm_append(GByteArray *array, SpdmBytes from);

/** Leaves the first @len bytes of @array, which has as many or more. */
static inline void spdm_array_cut(GByteArray *array, size_t len)
{
    array->len = (guint)len; /* g_byte_array_set_size(), in a line */
}

#endif

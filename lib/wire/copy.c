/*
 * Copying in pieces. From 2 KiB on glibc copies with "rep movsb", which AMD's
 * Zen 3 does up to twenty times slower than loads and stores when the two
 * buffers lie unluckily in their pages: a copy of 4 KiB then takes as long as
 * AES-GCM over it. memcpy() of less is the fast one, on any processor.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/copy.h"

#include <string.h>

enum { PIECE = 1984 };

void spdm_copy(uint8_t *to, SpdmBytes from)
{
    while (from.len) {
        /* Volatile: or gcc sees the bound and puts in "rep movsq". */
        volatile size_t piece = MIN(from.len, PIECE);
        size_t len = piece;

        memcpy(to, from.data, len);
        to += len;
        from.data += len;
        from.len -= len;
    }
}

void spdm_append(GByteArray *array, SpdmBytes from)
{
    guint at = array->len;

    g_byte_array_set_size(array, at + (guint)from.len);
    spdm_copy(array->data + at, from);
}

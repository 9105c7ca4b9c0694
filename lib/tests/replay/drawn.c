/*
 * Recorded randomness.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "drawn.h"

#include <string.h>

void drawn_init(Drawn *drawn)
{
    drawn->next = g_ptr_array_new_with_free_func((GDestroyNotify)
                                                 g_bytes_unref);
    drawn->rest = spdm_seeded_new("replay", "rest");
}

void drawn_clear(Drawn *drawn)
{
    g_ptr_array_unref(drawn->next);
    spdm_seeded_free(drawn->rest);
}

void drawn_add(Drawn *drawn, SpdmBytes bytes)
{
    if (bytes.len) {
        g_ptr_array_add(drawn->next, g_bytes_new(bytes.data, bytes.len));
    }
}

void drawn_restart(Drawn *drawn)
{
    g_ptr_array_set_size(drawn->next, 0);
}

/* A recorded number may be shorter than the room for it: it is on its right. */
void drawn_fill(void *opaque, void *buf, size_t len)
{
    Drawn *drawn = opaque;
    SpdmRng rest = spdm_seeded_rng(drawn->rest);
    gsize have = 0;
    const uint8_t *next = NULL;

    if (drawn->next->len) {
        next = g_bytes_get_data(drawn->next->pdata[0], &have);
    }
    if (!next || have > len) {
        spdm_rng_fill(&rest, buf, len);
        return;
    }
    memset(buf, 0, len);
    memcpy((uint8_t *)buf + len - have, next, have);
    g_ptr_array_remove_index(drawn->next, 0);
}

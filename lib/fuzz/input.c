/*
 * Inputs of a coverage-guided fuzzer.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile-int.h"

enum {
    PATCH = 0x80,            /* in the first byte: snapshot, not frames */
    FRAME = 0x40,            /* in a length: a frame, not a message */
    PATCH_SIZE = 3,
};

/* Offset and new value of bytes of a snapshot, which is then used. */
static void patch(Hostile *h, const Moment *m, SpdmBytes in)
{
    g_autoptr(GByteArray) bytes = hostile_state_of(m);

    for (; in.len >= PATCH_SIZE; in.data += PATCH_SIZE) {
        size_t at = in.data[0] | (size_t)in.data[1] << 8;

        if (at < bytes->len) {
            bytes->data[at] = in.data[2];
        }
        in.len -= PATCH_SIZE;
    }
    hostile_damaged(h, m, bytes);
}

static void frames(Hostile *h, SpdmBytes in)
{
    while (in.len >= 2) {
        uint8_t high = in.data[1];
        size_t n = MIN((size_t)(in.data[0] | (high & 0x3f) << 8),
                       in.len - 2);
        SpdmBytes bytes = SPDM_BYTES(in.data + 2, n);

        if (high & FRAME) {
            hostile_send_frame(h, bytes);
        } else {
            hostile_send(h, h->r->conn.sessions[high >> 7].id, bytes);
        }
        in = SPDM_BYTES(bytes.data + n, in.len - 2 - n);
    }
}

void hostile_input(Hostile *h, const uint8_t *data, size_t len)
{
    const Moment *m;

    h->what = "input";
    if (len < 1) {
        return;
    }
    m = hostile_moment(h, (data[0] & ~PATCH) % h->moments->len);
    hostile_go_to(h, m);
    if (data[0] & PATCH) {
        patch(h, m, SPDM_BYTES(data + 1, len - 1));
    } else {
        frames(h, SPDM_BYTES(data + 1, len - 1));
    }
}

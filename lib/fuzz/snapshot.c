/*
 * Hostile snapshots: a migration stream is not to be trusted.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile-int.h"

#include <string.h>

enum { USES = 6, HONEST_EVERY = 64, FRONT = 160 };

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

/* Whoever sends the stream knows the keys in it, as in hostile_send(). */
static void use(Hostile *h, const Moment *at)
{
    for (unsigned i = 0; i < USES; i++) {
        const Moment *m = i == 0 ? at : hostile_moment(
            h, hostile_below(h, h->moments->len));
        const SpdmSession *s =
            &h->r->conn.sessions[hostile_below(h, SPDM_MAX_SESSIONS)];
        uint32_t session = hostile_below(h, 2) ? m->session : s->id;
        SpdmResponderInfo info;
        g_autoptr(GBytes) again = NULL;

        hostile_send(h, session, view(m->message));
        spdm_responder_info(h->r, &info);
        again = spdm_responder_save(h->r);
    }
    h->now_us += hostile_below(h, 100) * G_USEC_PER_SEC;
    spdm_responder_tick(h->r);
    spdm_responder_abort(h->r, 0);
}

void hostile_damaged(Hostile *h, const Moment *m, GByteArray *bytes)
{
    g_autoptr(GBytes) state = NULL;
    g_autoptr(GError) err = NULL;

    h->cases++;
    g_byte_array_set_size(h->input, 0);
    g_byte_array_append(h->input, bytes->data, bytes->len);
    state = g_bytes_new(bytes->data, bytes->len);
    if (spdm_responder_load(h->r, state, &err)) {
        use(h, m);
        return;
    }
    hostile_check(h, err != NULL, "a load that fails without a reason");
    hostile_check(h, h->r->conn.state == SPDM_CONN_NOT_STARTED &&
                  spdm_conn_session_count(&h->r->conn) == 0,
                  "a load that fails leaves something behind");
}

GByteArray *hostile_state_of(const Moment *m)
{
    GByteArray *bytes = g_byte_array_new();

    g_byte_array_append(bytes, g_bytes_get_data(m->state, NULL),
                        (guint)g_bytes_get_size(m->state));
    return bytes;
}

/* Half of the damage where little stands for much: in front. */
static void damage(Hostile *h, GByteArray *bytes)
{
    unsigned n = 1 + hostile_below(h, 3);

    if (hostile_below(h, 2)) {
        hostile_mutate(h, bytes);
        return;
    }
    for (unsigned i = 0; i < n; i++) {
        guint front = MIN(bytes->len, FRONT);
        guint at = hostile_below(h, front);

        bytes->data[at] = hostile_below(h, 2) ?
            (uint8_t)hostile_random(h) :
            bytes->data[at] ^ (uint8_t)(1 << hostile_below(h, 8));
    }
}

void hostile_snapshots(Hostile *h, unsigned n)
{
    h->what = "snapshots";
    for (unsigned i = 0; i < n; i++) {
        const Moment *m = hostile_moment(
            h, hostile_below(h, h->moments->len));
        g_autoptr(GByteArray) bytes = hostile_state_of(m);

        damage(h, bytes);
        hostile_damaged(h, m, bytes);
        if (i % HONEST_EVERY == 0) {
            hostile_honest(h);
        }
    }
    hostile_honest(h);
}

void hostile_snapshot_bytes(Hostile *h, unsigned every)
{
    static const uint8_t changes[] = { 1, 2, 3, 4, 6, 0x7f, 0x80,
                                       0xff };

    h->what = "snapshot bytes";
    for (guint i = 0; i < h->moments->len; i += every) {
        const Moment *m = hostile_moment(h, i);
        g_autoptr(GByteArray) bytes = hostile_state_of(m);

        for (guint at = 0; at < bytes->len; at++) {
            uint8_t was = bytes->data[at];

            for (unsigned j = 0; j < G_N_ELEMENTS(changes); j++) {
                bytes->data[at] = was ^ changes[j];
                hostile_damaged(h, m, bytes);
            }
            bytes->data[at] = was;
        }
    }
    hostile_honest(h);
}

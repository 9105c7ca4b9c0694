/*
 * What an input does to a responder.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/script.h"

enum {
    MAX_STEPS = 12,
    FOLLOWERS = 3,           /* messages of the walk behind a seed's first */
};

typedef enum Step {
    STEP_MESSAGE,            /* where the walk was: outside, in its session */
    STEP_ELSEWHERE,          /* ... in another session, or outside */
    STEP_FRAME,              /* as it is */
    STEP_LATER,              /* time passes */
    STEP_EVENT,              /* something happens to the device */
    STEP_COUNT,
} Step;

static void happen(Hostile *h, uint8_t what, uint32_t session)
{
    static const uint8_t map[SPDM_MEASUREMENT_MAP] = { 0xff };
    g_autoptr(GBytes) state = NULL;

    switch (what % 8) {
    case 0:
        spdm_responder_reset(h->r);
        break;
    case 1:
        spdm_responder_abort(h->r, what & 0x80 ? session : 0);
        break;
    case 2:
        spdm_responder_measurement_changed(h->r, map);
        break;
    case 3:
        spdm_responder_measurement_pending(h->r, map);
        break;
    case 4:
        spdm_responder_certificate_changed(h->r, what >> 3);
        break;
    case 5:
        spdm_responder_update_key(h->r, session);
        break;
    case 6:
        spdm_responder_ask_endpoint_info(h->r, what & 0x80 ? session : 0);
        spdm_responder_endpoint_info(h->r, session);
        break;
    default:
        state = spdm_responder_save(h->r);
        hostile_check(h, spdm_responder_load(h->r, state, NULL),
                      "a state that was saved does not load");
        break;
    }
}

static uint32_t elsewhere(const Hostile *h, uint8_t which)
{
    return which & 0x80 ? 0
                        : h->r->conn.sessions[which % SPDM_MAX_SESSIONS].id;
}

static void step(Hostile *h, uint32_t session, bool in_session,
                 FuzzInput *in)
{
    uint8_t kind = (uint8_t)fuzz_int(in, 1);
    SpdmBytes bytes;

    switch ((Step)(kind % STEP_COUNT)) {
    case STEP_MESSAGE:
    default:
        bytes = fuzz_take(in, fuzz_int(in, 2));
        hostile_send(h, session, bytes);
        break;
    case STEP_ELSEWHERE:
        kind = (uint8_t)fuzz_int(in, 1);
        bytes = fuzz_take(in, fuzz_int(in, 2));
        hostile_send(h, in_session ? elsewhere(h, kind) : 0, bytes);
        break;
    case STEP_FRAME:
        bytes = fuzz_take(in, fuzz_int(in, 2));
        hostile_send_frame(h, bytes);
        break;
    case STEP_LATER:
        h->now_us += (int64_t)1 << (fuzz_int(in, 1) % 32);
        spdm_responder_tick(h->r);
        break;
    case STEP_EVENT:
        happen(h, (uint8_t)fuzz_int(in, 1), session);
        break;
    }
}

/* Whatever happened: what is kept can be shown, saved, and loaded again. */
static void check_after(Hostile *h)
{
    g_autoptr(GBytes) state = spdm_responder_save(h->r);
    SpdmResponderInfo info;

    spdm_responder_info(h->r, &info);
    hostile_check(h, info.session_count <= h->profile->max_sessions,
                  "too many sessions");
    hostile_check(h, spdm_responder_load(h->r, state, NULL),
                  "a state that was saved does not load");
}

void fuzz_play(Hostile *h, const Moment *at, bool in_session, FuzzInput in)
{
    uint8_t first = in.len ? in.data[0] : 0;

    fuzz_world_restore(h);
    hostile_go_to(h, at);
    for (unsigned i = 0; i < MAX_STEPS && in.len; i++) {
        step(h, at->session, in_session, &in);
    }
    if (first & 0x80) {
        check_after(h);
    }
}

static void put_message(GByteArray *input, Step step_of,
                        const GByteArray *bytes)
{
    fuzz_put_int(input, step_of, 1);
    fuzz_put_int(input, bytes->len, 2);
    fuzz_put(input, fuzz_view(bytes));
}

/* The walk from here on, as far as it stays where it is. */
static void seed_moment(const FuzzSeeds *seeds, Hostile *h, unsigned world,
                        unsigned i)
{
    const Moment *m = hostile_moment(h, i);
    g_autoptr(GByteArray) alone = fuzz_start(world, i);
    g_autoptr(GByteArray) input = fuzz_start(world, i);

    put_message(alone, STEP_MESSAGE, m->message);
    fuzz_seed(seeds, fuzz_view(alone));
    put_message(input, STEP_MESSAGE, m->message);
    for (unsigned j = i + 1; j < MIN(i + FOLLOWERS, h->moments->len); j++) {
        const Moment *next = hostile_moment(h, j);

        if (next->session != m->session) {
            break;
        }
        put_message(input, STEP_MESSAGE, next->message);
    }
    fuzz_seed(seeds, fuzz_view(input));
}

static void seed_frame(const FuzzSeeds *seeds, Hostile *h, unsigned world,
                       unsigned i)
{
    const Moment *m = hostile_moment(h, i);
    g_autoptr(GByteArray) input = fuzz_start(world, i);

    put_message(input, STEP_FRAME, m->frame);
    fuzz_seed(seeds, fuzz_view(input));
}

/* Something happens, and the walk goes on as if nothing had. */
static void seed_event(const FuzzSeeds *seeds, Hostile *h, unsigned world,
                       unsigned i)
{
    const Moment *m = hostile_moment(h, i);
    g_autoptr(GByteArray) input = fuzz_start(world, i);

    fuzz_put_int(input, STEP_EVENT, 1);
    fuzz_put_int(input, i, 1);
    put_message(input, STEP_MESSAGE, m->message);
    fuzz_put_int(input, STEP_LATER, 1);
    fuzz_put_int(input, i, 1);
    put_message(input, STEP_MESSAGE, m->message);
    fuzz_seed(seeds, fuzz_view(input));
}

void fuzz_seed_scripts(const FuzzSeeds *seeds, bool in_session)
{
    for (unsigned world = 0; world < fuzz_world_count(); world++) {
        Hostile *h = fuzz_world(world);

        for (unsigned i = 0; i < h->moments->len; i++) {
            if ((hostile_moment(h, i)->session != 0) == in_session) {
                seed_moment(seeds, h, world, i);
                seed_frame(seeds, h, world, i);
                seed_event(seeds, h, world, i);
            }
        }
    }
}

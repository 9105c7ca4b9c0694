/*
 * Faults act from inside a tap, and secrets do not outlive their use.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../responder/fixture.h"

#include <string.h>

typedef struct Watch {
    SpdmTap tap;
    Fx *fx;
    const char *abort_at;    /* kills all sessions at this session event */
    unsigned frames;         /* answers on their way */
} Watch;

static SpdmTapVerdict watch(void *opaque, SpdmTapContext *context)
{
    Watch *w = opaque;

    if (context->event == SPDM_TAP_TX_FRAME) {
        w->frames++;
    }
    if (context->event == SPDM_TAP_SESSION && w->abort_at &&
        !strcmp(context->session_event, w->abort_at)) {
        spdm_responder_abort(w->fx->r, 0);
    }
    return SPDM_TAP_PASS;
}

static void attach(Watch *w, Fx *fx)
{
    *w = (Watch){ .tap = { watch, w }, .fx = fx };
    spdm_responder_add_tap(fx->r, &w->tap);
}

/* The reset that the request itself asks for is not one behind its back. */
static void test_end_session_is_answered(void)
{
    g_autoptr(Fx) fx = fx_new(&(FxOptions){
        .rsp_flags = FX_RSP_FLAGS | SPDM_CACHE_CAP });
    SpdmSession *s;
    Watch w;

    fx_negotiate(fx);
    s = fx_sigma(fx);
    attach(&w, fx);
    fx_end_session(fx, s, SPDM_END_SESSION_CLEAR_STATE);
    g_assert_cmpuint(w.frames, ==, 1);
    g_assert_cmpstr(fx_info(fx).state, ==, "not-started");
}

/* Every session event is a moment at which somebody may abort. */
static void abort_at(const char *event, uint32_t rsp_flags)
{
    g_autoptr(Fx) fx = fx_new(&(FxOptions){ .rsp_flags = rsp_flags });
    g_autoptr(GByteArray) request = g_byte_array_new();
    Watch w;

    fx_negotiate(fx);
    attach(&w, fx);
    w.abort_at = event;
    fx_make_psk_exchange(fx, 0, request);
    fx_send(fx, NULL, SPDM_BYTES(request->data, request->len));
    fx_expect_wiped(fx);
    spdm_responder_remove_tap(fx->r, &w.tap);
    fx_negotiate(fx);
    fx_psk(fx);
}

static void test_abort_at_handshake(void)
{
    abort_at("handshake", FX_RSP_FLAGS);
    abort_at("handshake", FX_RSP_FLAGS - SPDM_PSK_CAP_WITH_CONTEXT +
             SPDM_PSK_CAP);
}

static void test_abort_at_established(void)
{
    abort_at("established", FX_RSP_FLAGS - SPDM_PSK_CAP_WITH_CONTEXT +
             SPDM_PSK_CAP);
}

static void test_finished_keys_are_wiped(void)
{
    static const SpdmSecret none;
    g_autoptr(Fx) fx = fx_new(NULL);
    const SpdmSession *peers[2];

    fx_negotiate(fx);
    peers[0] = fx_peer(fx, fx_sigma(fx)->id);
    peers[1] = fx_peer(fx, fx_psk(fx)->id);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_cmpint(peers[i]->phase, ==, SPDM_SESSION_ESTABLISHED);
        g_assert_cmpmem(&peers[i]->finished[0], sizeof(none), &none,
                        sizeof(none));
        g_assert_cmpmem(&peers[i]->finished[1], sizeof(none), &none,
                        sizeof(none));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hostile/END_SESSION-that-clears-state-is-answered-"
                    "while-a-tap-listens", test_end_session_is_answered);
    g_test_add_func("/hostile/a-tap-may-abort-when-a-handshake-begins",
                    test_abort_at_handshake);
    g_test_add_func("/hostile/a-tap-may-abort-when-a-session-is-established",
                    test_abort_at_established);
    g_test_add_func("/hostile/finished-keys-do-not-outlive-the-handshake",
                    test_finished_keys_are_wiped);
    return g_test_run();
}

/*
 * The life of sessions: many at once, handshakes in the clear, key updates,
 * and every way to end, after which nothing is left of the keys.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

static const uint8_t session_versions[] = {
    SPDM_VERSION_11, SPDM_VERSION_12, SPDM_VERSION_13, SPDM_VERSION_14,
};

static Fx *negotiated(FxOptions o)
{
    Fx *fx = fx_new(&o);

    fx_negotiate(fx);
    return fx;
}

/* Runs @body for 1.1 to 1.4. */
static void on_versions(void (*body)(Fx *fx), FxOptions o)
{
    for (size_t i = 0; i < G_N_ELEMENTS(session_versions); i++) {
        g_autoptr(Fx) fx = NULL;

        o.version = session_versions[i];
        fx = negotiated(o);
        body(fx);
    }
}

static void expect_limit(Fx *fx)
{
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    g_autoptr(SpdmDhe) dhe = spdm_dhe_new(fx->conn.dhe, &rng);
    g_autoptr(GByteArray) request = g_byte_array_new();

    fx_make_key_exchange(fx, dhe, 0, request);
    g_assert_true(fx_send(fx, NULL, SPDM_BYTES(request->data,
                                               request->len)));
    g_assert_cmphex(fx->answer->data[2], ==,
                    SPDM_ERROR_SESSION_LIMIT_EXCEEDED);
}

static void mixed(Fx *fx)
{
    SpdmSession *s[8];

    for (unsigned i = 0; i < 8; i++) {
        s[i] = i % 2 ? fx_psk(fx) : fx_sigma(fx);
        for (unsigned j = 0; j < i; j++) {
            g_assert_cmphex(s[i]->id >> 16, !=, s[j]->id >> 16);
        }
    }
    g_assert_cmpuint(fx_info(fx).session_count, ==, 8);
    expect_limit(fx);
    for (unsigned i = 0; i < 8; i++) {
        fx_vendor(fx, s[7 - i]);
    }
    fx_end_session(fx, s[3], 0);
    s[3] = fx_sigma(fx);
    expect_limit(fx);
    for (unsigned i = 0; i < 8; i++) {
        fx_heartbeat(fx, s[i]);
        fx_end_session(fx, s[i], 0);
    }
    fx_expect_wiped(fx);
    g_assert_cmpuint(fx_info(fx).sessions_opened, ==, 9);
    g_assert_cmpuint(fx_info(fx).sessions_ended, ==, 9);
}

static void test_mixed(void)
{
    on_versions(mixed, (FxOptions){ .heartbeat = 7 });
}

static void test_interleaved_handshakes(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .max_sessions = 4 });
    SpdmSession *a = fx_key_exchange(fx, SPDM_SUMMARY_ALL);
    SpdmSession *b = fx_psk_exchange(fx, SPDM_SUMMARY_TCB);
    SpdmSession *c = fx_key_exchange(fx, SPDM_SUMMARY_NONE);

    fx_finish(fx, c);
    fx_finish(fx, b);
    fx_finish(fx, a);
    fx_vendor(fx, a);
    fx_vendor(fx, b);
    fx_vendor(fx, c);
}

static void in_the_clear(Fx *fx)
{
    SpdmSession *a = fx_sigma(fx);
    SpdmSession *b = fx_psk(fx);
    SpdmSession *c = fx_sigma(fx);

    fx_vendor(fx, a);
    fx_vendor(fx, b);
    fx_vendor(fx, c);
    fx_end_session(fx, a, 0);
    fx_end_session(fx, c, 0);
    fx_end_session(fx, b, 0);
    fx_expect_wiped(fx);
}

static void test_in_the_clear(void)
{
    FxOptions o = {
        .req_flags = FX_REQ_FLAGS | SPDM_HANDSHAKE_IN_THE_CLEAR_CAP,
        .rsp_flags = FX_RSP_FLAGS | SPDM_HANDSHAKE_IN_THE_CLEAR_CAP,
    };

    for (int t = SPDM_TRANSPORT_NONE; t <= SPDM_TRANSPORT_PCI_DOE; t++) {
        o.transport = (SpdmTransportType)t;
        on_versions(in_the_clear, o);
    }
}

/* Only one side says HANDSHAKE_IN_THE_CLEAR: it is not used. */
static void test_half_in_the_clear(void)
{
    on_versions(in_the_clear, (FxOptions){
        .rsp_flags = FX_RSP_FLAGS | SPDM_HANDSHAKE_IN_THE_CLEAR_CAP });
    on_versions(in_the_clear, (FxOptions){
        .req_flags = FX_REQ_FLAGS | SPDM_HANDSHAKE_IN_THE_CLEAR_CAP });
}

static void test_superseded(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){
        .req_flags = FX_REQ_FLAGS | SPDM_HANDSHAKE_IN_THE_CLEAR_CAP,
        .rsp_flags = FX_RSP_FLAGS | SPDM_HANDSHAKE_IN_THE_CLEAR_CAP });
    SpdmSession *first = fx_key_exchange(fx, 0);
    uint32_t id = first->id;
    SpdmSession *second = fx_key_exchange(fx, 0);

    g_assert_null(fx_peer(fx, id));
    g_assert_cmpuint(fx_info(fx).session_count, ==, 1);
    fx_finish(fx, second);
    fx_vendor(fx, second);
}

/* A handshake in the clear has keys, but no records yet. */
static void test_record_in_clear_handshake(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){
        .req_flags = FX_REQ_FLAGS | SPDM_HANDSHAKE_IN_THE_CLEAR_CAP,
        .rsp_flags = FX_RSP_FLAGS | SPDM_HANDSHAKE_IN_THE_CLEAR_CAP });
    SpdmSession *s = fx_key_exchange(fx, 0);
    g_autoptr(GByteArray) finish = g_byte_array_new();

    fx_make_finish(fx, s, finish);
    s->in_the_clear = false;
    g_assert_true(fx_send(fx, s, SPDM_BYTES(finish->data, finish->len)));
    g_assert_cmphex(fx->answer->data[2], ==,
                    SPDM_ERROR_UNEXPECTED_REQUEST);
}

static void end_both(Fx *fx)
{
    SpdmSession *a = fx_sigma(fx);
    SpdmSession *b = fx_psk(fx);

    fx_vendor(fx, a);
    fx_vendor(fx, b);
    fx_end_session(fx, b, 0);
    fx_end_session(fx, a, 0);
    fx_expect_wiped(fx);
}

static void test_mac_only(void)
{
    FxOptions o = { .without = SPDM_ENCRYPT_CAP };

    for (int t = SPDM_TRANSPORT_NONE; t <= SPDM_TRANSPORT_PCI_DOE; t++) {
        o.transport = (SpdmTransportType)t;
        on_versions(end_both, o);
    }
}

/* PSK_CAP 1: the responder has no random number generator at all. */
static void test_psk_without_random(void)
{
    for (int t = SPDM_TRANSPORT_NONE; t <= SPDM_TRANSPORT_PCI_DOE; t++) {
        g_autoptr(Fx) fx = negotiated((FxOptions){
            .transport = (SpdmTransportType)t,
            .rsp_flags = SPDM_MEAS_CAP_NO_SIG | SPDM_ENCRYPT_CAP |
                         SPDM_MAC_CAP | SPDM_PSK_CAP | SPDM_KEY_UPD_CAP,
            .req_flags = FX_REQ_FLAGS });
        SpdmSession *a = fx_psk(fx);
        SpdmSession *b = fx_psk(fx);

        g_assert_cmphex(a->id, !=, b->id);
        fx_vendor(fx, a);
        fx_measurements(fx, a, 0, SPDM_MEAS_OP_ALL);
        fx_key_update(fx, b, SPDM_UPDATE_ALL_KEYS, 1);
        fx_key_update(fx, b, SPDM_VERIFY_NEW_KEY, 2);
        fx_vendor(fx, b);
        fx_end_session(fx, a, 0);
        fx_end_session(fx, b, 0);
        g_assert_cmpuint(fx->random_calls, ==, 0);
    }
}

/* Ends. */

static void test_abort_one(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *a = fx_sigma(fx);
    SpdmSession *b = fx_psk(fx);
    g_autoptr(GByteArray) frame = g_byte_array_new();

    g_assert_cmpuint(spdm_responder_abort(fx->r, a->id), ==, 1);
    g_assert_cmpuint(spdm_responder_abort(fx->r, a->id), ==, 0);
    fx_wrap(fx, a, SPDM_BYTES("\x12\xe8\0\0", 4), frame);
    g_assert_false(fx_send_frame(fx, frame->data, frame->len));
    fx_vendor(fx, b);
    g_assert_cmpuint(spdm_responder_abort(fx->r, 0), ==, 1);
    fx_expect_wiped(fx);
}

static void open_some(Fx *fx)
{
    fx_sigma(fx);
    fx_psk(fx);
    fx_key_exchange(fx, 0);
    fx_key_update(fx, fx_sigma(fx), SPDM_UPDATE_ALL_KEYS, 1);
}

static void test_get_version_ends_all(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });

    open_some(fx);
    fx_version(fx);
    fx_expect_wiped(fx);
    g_assert_cmpuint(fx_info(fx).sessions_ended, ==, 4);
    fx_capabilities(fx);
    fx_algorithms(fx);
    end_both(fx);
}

static void test_reset_ends_all(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });

    open_some(fx);
    spdm_responder_reset(fx->r);
    fx_expect_wiped(fx);
    g_assert_cmpstr(fx_info(fx).state, ==, "not-started");
    fx_negotiate(fx);
    end_both(fx);
}

/* The ERROR comes under the session's keys, and then they are gone. */
static void test_bad_record(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_sigma(fx);
    const SpdmTransport *t = spdm_transport(fx->o.transport);
    g_autoptr(GByteArray) frame = g_byte_array_new();

    fx_wrap(fx, s, SPDM_BYTES("\x12\xe8\0\0", 4), frame);
    frame->data[frame->len - 1] ^= 1;
    g_assert_true(fx_send_frame(fx, frame->data, frame->len));
    g_assert_cmpint(spdm_record_open(s, SPDM_SENDER_RESPONDER, &t->record,
                                     SPDM_BYTES(fx->frame->data,
                                                fx->frame->len),
                                     fx->answer), ==, SPDM_OPEN_OK);
    g_assert_cmphex(fx->answer->data[2], ==, SPDM_ERROR_DECRYPT_ERROR);
    fx_expect_wiped(fx);
}

static void test_unknown_session(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_sigma(fx);
    g_autoptr(GByteArray) frame = g_byte_array_new();

    s->id ^= 1;
    fx_wrap(fx, s, SPDM_BYTES("\x12\xe8\0\0", 4), frame);
    g_assert_false(fx_send_frame(fx, frame->data, frame->len));
    g_assert_cmpuint(fx_info(fx).session_count, ==, 1);
}

static void test_record_cut_short(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_sigma(fx);
    g_autoptr(GByteArray) frame = g_byte_array_new();

    fx_wrap(fx, s, SPDM_BYTES("\x12\xe8\0\0", 4), frame);
    for (guint len = 0; len < frame->len; len++) {
        g_assert_false(fx_send_frame(fx, frame->data, len));
    }
    g_assert_cmpuint(fx_info(fx).session_count, ==, 1);
    g_assert_true(fx_send_frame(fx, frame->data, frame->len));
}

static void test_clear_state(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){
        .rsp_flags = FX_RSP_FLAGS | SPDM_CACHE_CAP });
    SpdmSession *a = fx_sigma(fx);
    SpdmSession *b = fx_sigma(fx);

    fx_end_session(fx, a, SPDM_END_SESSION_CLEAR_STATE);
    fx_vendor(fx, b);
    fx_end_session(fx, b, 0);
    g_assert_cmpstr(fx_info(fx).state, ==, "negotiated");
    a = fx_sigma(fx);
    fx_end_session(fx, a, SPDM_END_SESSION_CLEAR_STATE);
    g_assert_cmpstr(fx_info(fx).state, ==, "not-started");
    fx_expect_wiped(fx);
}

static void test_clear_state_without_cache(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *a = fx_sigma(fx);

    fx_end_session(fx, a, SPDM_END_SESSION_CLEAR_STATE);
    g_assert_cmpstr(fx_info(fx).state, ==, "negotiated");
}

/* Heartbeat, on a clock of our own. */

static void test_heartbeat_expiry(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .heartbeat = 3 });
    int64_t start = fx->now_us;
    SpdmSession *a = fx_sigma(fx);
    uint32_t id;

    g_assert_cmpint(a->heartbeat_period, ==, 3);
    g_assert_cmpint(spdm_responder_tick(fx->r), ==, start + 6000000);
    fx->now_us = start + 5999999;
    fx_vendor(fx, a);
    g_assert_cmpint(spdm_responder_tick(fx->r), ==, start + 11999999);
    id = fx_psk(fx)->id;
    fx->now_us = start + 11999998;
    fx_heartbeat(fx, a);
    fx->now_us++;
    g_assert_cmpint(spdm_responder_tick(fx->r), ==, start + 17999998);
    g_assert_null(fx_peer(fx, id));
    g_assert_nonnull(fx_peer(fx, a->id));
    fx->now_us = start + 17999998;
    g_assert_cmpint(spdm_responder_tick(fx->r), ==, -1);
    fx_expect_wiped(fx);
}

/* Whoever forgets the tick still does not get a dead session answered. */
static void test_heartbeat_without_tick(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .heartbeat = 1 });
    SpdmSession *a = fx_sigma(fx);
    g_autoptr(GByteArray) frame = g_byte_array_new();

    fx->now_us += 2000000;
    fx_wrap(fx, a, SPDM_BYTES("\x12\xe8\0\0", 4), frame);
    g_assert_false(fx_send_frame(fx, frame->data, frame->len));
    fx_expect_wiped(fx);
}

static void test_no_heartbeat(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .heartbeat = 3,
        .without = SPDM_HBEAT_CAP });
    SpdmSession *a = fx_sigma(fx);

    g_assert_cmpuint(a->heartbeat_period, ==, 0);
    g_assert_cmpint(spdm_responder_tick(fx->r), ==, -1);
}

/* KEY_UPDATE with an ACK that never arrives. */
static void lost_ack(uint8_t op)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .heartbeat = 3 });
    SpdmSession *s = fx_sigma(fx);
    const uint8_t update[] = { 0x12, SPDM_KEY_UPDATE, op, 9 };
    g_autoptr(GByteArray) frame = g_byte_array_new();

    fx_wrap(fx, s, SPDM_BYTES(update, sizeof(update)), frame);
    g_assert_true(fx_send_frame(fx, frame->data, frame->len));
    if (op == SPDM_UPDATE_KEY) {
        s->keys[SPDM_SENDER_RESPONDER].sequence++;
    }
    /* Not seen: the requester goes on with its old keys. */
    fx_heartbeat(fx, s);
    fx_key_update(fx, s, op, 10);
    fx_key_update(fx, s, SPDM_VERIFY_NEW_KEY, 11);
    fx_heartbeat(fx, s);
    g_assert_cmpuint(fx_info(fx).sessions[0].key_updates, ==, 2);
    fx_end_session(fx, s, 0);
    fx_expect_wiped(fx);
}

static void test_lost_ack_one(void)
{
    lost_ack(SPDM_UPDATE_KEY);
}

static void test_lost_ack_all(void)
{
    lost_ack(SPDM_UPDATE_ALL_KEYS);
}

static void test_many_updates(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_psk(fx);

    for (uint8_t i = 0; i < 20; i++) {
        fx_key_update(fx, s, i % 2 ? SPDM_UPDATE_KEY : SPDM_UPDATE_ALL_KEYS,
                      i);
        fx_key_update(fx, s, SPDM_VERIFY_NEW_KEY, (uint8_t)(i + 100));
        fx_vendor(fx, s);
    }
    /* After VerifyNewKey the old keys are nowhere. */
    g_assert_false(fx_peer(fx, s->id)->has_backup[0]);
    g_assert_false(fx_peer(fx, s->id)->has_backup[1]);
}

/* Sequence numbers are used once: at the end the session ends, unsaid. */
static void used_up(SpdmSender sender)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_sigma(fx);
    const uint8_t message[] = { 0x12, SPDM_GET_DIGESTS, 0, 0 };
    g_autoptr(GByteArray) frame = g_byte_array_new();

    fx_wrap(fx, s, SPDM_BYTES(message, sizeof(message)), frame);
    fx_peer(fx, s->id)->keys[sender].sequence = UINT64_MAX;
    g_assert_false(fx_send_frame(fx, frame->data, frame->len));
    fx_expect_wiped(fx);
}

static void test_used_up(void)
{
    used_up(SPDM_SENDER_REQUESTER);
    used_up(SPDM_SENDER_RESPONDER);
}

/* A device whose key fails answers, and keeps nothing. */
static void test_signing_fails(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    g_autoptr(SpdmDhe) dhe = spdm_dhe_new(fx->conn.dhe, &rng);
    g_autoptr(GByteArray) request = g_byte_array_new();

    fx->sign_fails = true;
    fx_make_key_exchange(fx, dhe, 0, request);
    g_assert_true(fx_send(fx, NULL, SPDM_BYTES(request->data,
                                               request->len)));
    g_assert_cmphex(fx->answer->data[2], ==, SPDM_ERROR_UNSPECIFIED);
    fx_expect_wiped(fx);
    fx->sign_fails = false;
    end_both(fx);
}

/* The handshake secrets are gone once the data keys are there. */
static void test_handshake_secret_wiped(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_sigma(fx);
    static const SpdmSecret none;

    g_assert_cmpmem(&fx_peer(fx, s->id)->handshake_secret, sizeof(none),
                    &none, sizeof(none));
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "eight-sessions-mixed-and-not-a-ninth", test_mixed },
    { "handshakes-may-interleave", test_interleaved_handshakes },
    { "handshake-in-the-clear", test_in_the_clear },
    { "handshake-in-the-clear-needs-both-sides", test_half_in_the_clear },
    { "a-newer-clear-handshake-takes-the-place-of-an-older",
      test_superseded },
    { "a-clear-handshake-has-no-records", test_record_in_clear_handshake },
    { "mac-only-records", test_mac_only },
    { "psk-without-context-needs-no-randomness", test_psk_without_random },
    { "abort-ends-one-or-all", test_abort_one },
    { "GET_VERSION-ends-all", test_get_version_ends_all },
    { "platform-reset-ends-all", test_reset_ends_all },
    { "a-record-that-does-not-open-ends-its-session", test_bad_record },
    { "a-record-of-an-unknown-session-is-dropped", test_unknown_session },
    { "a-record-cut-short-is-dropped-and-harms-nothing",
      test_record_cut_short },
    { "END_SESSION-clears-the-state-with-the-last-session",
      test_clear_state },
    { "END_SESSION-clears-no-state-without-CACHE_CAP",
      test_clear_state_without_cache },
    { "heartbeat-expires-after-two-periods", test_heartbeat_expiry },
    { "heartbeat-expires-without-a-tick-too", test_heartbeat_without_tick },
    { "no-heartbeat-without-HBEAT_CAP", test_no_heartbeat },
    { "UpdateKey-with-a-lost-ACK", test_lost_ack_one },
    { "UpdateAllKeys-with-a-lost-ACK", test_lost_ack_all },
    { "many-key-updates", test_many_updates },
    { "used-up-sequence-numbers-end-the-session", test_used_up },
    { "a-failing-signing-key-leaves-no-session", test_signing_fails },
    { "handshake-secrets-are-wiped", test_handshake_secret_wiped },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/responder/sessions/",
                                            tests[i].name, NULL);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}

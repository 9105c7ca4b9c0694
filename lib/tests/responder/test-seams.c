/*
 * The seams: tap, ResponseNotReady, snapshots, seeds, framing, and what a
 * peer may throw at them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"

static Fx *negotiated(FxOptions o)
{
    Fx *fx = fx_new(&o);

    fx_negotiate(fx);
    return fx;
}

/* A tap that does one thing to one message. */
typedef struct Probe {
    SpdmTap tap;
    Fx *fx;
    SpdmTapEvent event;
    uint8_t code;            /* of the message; 0: frames */
    int at;                  /* byte to flip, -1: none */
    bool drop;
    bool abort;              /* kills all sessions */
    bool reset;
    int64_t delay_us;
    unsigned fired;
    GString *sessions;       /* session events, one a line */
    GByteArray *wire;        /* all frames, both ways */
} Probe;

static void act(Probe *p, SpdmTapContext *c)
{
    p->fired++;
    if (p->at >= 0) {
        c->bytes->data[p->at] ^= 0x5a;
    }
    if (p->abort) {
        spdm_responder_abort(p->fx->r, 0);
    }
    if (p->reset) {
        spdm_responder_reset(p->fx->r);
    }
    c->delay_us += p->delay_us;
}

static SpdmTapVerdict call(void *opaque, SpdmTapContext *c)
{
    Probe *p = opaque;

    g_assert_true(c->responder);
    if (c->event == SPDM_TAP_SESSION) {
        g_string_append_printf(p->sessions, "%s\n", c->session_event);
        return SPDM_TAP_PASS;
    }
    if (c->event == SPDM_TAP_RX_FRAME || c->event == SPDM_TAP_TX_FRAME) {
        g_byte_array_append(p->wire, c->bytes->data, c->bytes->len);
    }
    if (c->event != p->event ||
        (p->code && (c->bytes->len < 2 || c->bytes->data[1] != p->code))) {
        return SPDM_TAP_PASS;
    }
    act(p, c);
    return p->drop ? SPDM_TAP_DROP : SPDM_TAP_PASS;
}

static void probe_clear(Probe *p)
{
    spdm_responder_remove_tap(p->fx->r, &p->tap);
    g_string_free(p->sessions, TRUE);
    g_byte_array_unref(p->wire);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Probe, probe_clear)

/* @p stays where it is as long as it is attached. */
static void attach(Probe *p, Fx *fx, SpdmTapEvent event, uint8_t code)
{
    *p = (Probe){ .fx = fx, .event = event, .code = code, .at = -1 };
    p->tap = (SpdmTap){ call, p };
    p->sessions = g_string_new(NULL);
    p->wire = g_byte_array_new();
    spdm_responder_add_tap(fx->r, &p->tap);
}

static const SpdmTapEvent events[] = {
    SPDM_TAP_RX_FRAME, SPDM_TAP_RX_MSG, SPDM_TAP_COMPOSE, SPDM_TAP_TX_MSG,
    SPDM_TAP_TX_FRAME,
};

/* The lie of compose is signed as if it were true. */
static void test_compose_is_signed(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    g_auto(Probe) p;

    attach(&p, fx, SPDM_TAP_COMPOSE, SPDM_RESPONSE_OF(SPDM_CHALLENGE));
    p.at = 4 + 48;           /* the nonce */
    fx_challenge(fx, SPDM_SUMMARY_NONE);
    g_assert_cmpuint(p.fired, ==, 1);
    probe_clear(&p);
    attach(&p, fx, SPDM_TAP_COMPOSE, SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE));
    p.at = 8;                /* RandomData */
    fx_vendor(fx, fx_sigma(fx));
    g_assert_cmpuint(p.fired, ==, 1);
}

/* The lie of tx-msg comes after the signature and breaks it. */
static void test_tx_msg_breaks(void)
{
    g_autoptr(Fx) a = negotiated((FxOptions){ .version = 0 });
    g_autoptr(Fx) b = negotiated((FxOptions){ .version = 0 });
    g_auto(Probe) p;
    SpdmMsg req = fx_msg(a, SPDM_CHALLENGE, 0, 0);
    uint8_t nonce[SPDM_NONCE_SIZE] = { 1 };

    req.challenge.nonce = SPDM_BYTES(nonce, sizeof(nonce));
    attach(&p, a, SPDM_TAP_TX_MSG, SPDM_RESPONSE_OF(SPDM_CHALLENGE));
    p.at = 4 + 48;
    fx_ask(a, NULL, &req);
    fx_ask(b, NULL, &req);
    g_assert_cmpuint(a->answer->len, ==, b->answer->len);
    g_assert_cmphex(a->answer->data[52], ==, b->answer->data[52] ^ 0x5a);
    b->answer->data[52] ^= 0x5a;
    g_assert_cmpmem(a->answer->data, a->answer->len, b->answer->data,
                    b->answer->len);
}

static void test_drop_anywhere(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
        g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
        SpdmMsg req = fx_msg(fx, SPDM_GET_DIGESTS, 0, 0);
        g_auto(Probe) p;

        attach(&p, fx, events[i], 0);
        p.drop = true;
        g_assert_false(fx_try(fx, NULL, &req));
        g_assert_cmpuint(p.fired, ==, 1);
        g_assert_cmpuint(fx_info(fx).drops, ==, 1);
    }
}

/* A session that is killed, or all of it reset, in the midst of anything. */
static void killed_midway(SpdmTapEvent event, bool reset, uint8_t stage)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = stage == 0 ? fx_key_exchange(fx, 0) : fx_sigma(fx);
    g_autoptr(GByteArray) message = g_byte_array_new();
    g_autoptr(GByteArray) frame = g_byte_array_new();
    const uint8_t end[] = { 0x12, SPDM_END_SESSION, 0, 0 };
    g_auto(Probe) p;

    if (stage == 0) {
        fx_make_finish(fx, s, message);
    } else {
        g_byte_array_append(message, end, sizeof(end));
    }
    fx_wrap(fx, s, SPDM_BYTES(message->data, message->len), frame);
    attach(&p, fx, event, 0);
    p.abort = !reset;
    p.reset = reset;
    fx_send_frame(fx, frame->data, frame->len);
    g_assert_cmpuint(p.fired, ==, 1);
    fx_expect_wiped(fx);
}

static void test_killed_midway(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
        for (uint8_t stage = 0; stage < 2; stage++) {
            killed_midway(events[i], false, stage);
            killed_midway(events[i], true, stage);
        }
    }
}

/* A reset while a connection is being made does not half make it. */
static void test_reset_during_negotiation(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(events); i++) {
        g_autoptr(Fx) fx = fx_new(NULL);
        g_autoptr(GByteArray) caps = g_byte_array_new();
        g_auto(Probe) p;

        fx_version(fx);
        fx_make_capabilities(fx, caps);
        attach(&p, fx, events[i], 0);
        p.reset = true;
        fx_send_frame(fx, caps->data, caps->len);
        g_assert_cmpstr(fx_info(fx).state, ==, "not-started");
        g_assert_cmpuint(fx_info(fx).version, ==, 0);
    }
}

static void test_delay(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    const uint8_t message[] = { 0x12, SPDM_GET_DIGESTS, 0, 0 };
    g_auto(SpdmReply) reply;
    g_auto(Probe) p;

    attach(&p, fx, SPDM_TAP_TX_FRAME, 0);
    p.delay_us = 1234;
    spdm_responder_process(fx->r, message, sizeof(message), &reply);
    g_assert_cmpint(reply.verdict, ==, SPDM_VERDICT_REPLY);
    g_assert_cmpint(reply.delay_us, ==, 1234);
}

static void test_session_events(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    g_auto(Probe) p;

    attach(&p, fx, SPDM_TAP_SESSION, 0);
    fx_end_session(fx, fx_sigma(fx), 0);
    fx_psk_exchange(fx, 0);
    fx_version(fx);
    g_assert_cmpstr(p.sessions->str, ==,
                    "handshake\nestablished\nended: END_SESSION\n"
                    "handshake\nended: GET_VERSION\n");
}

/* ResponseNotReady. */

static void use_and_end(Fx *fx, SpdmSession *s)
{
    fx_vendor(fx, s);
    fx_end_session(fx, s, 0);
}

static void deferred_flow(Fx *fx, uint8_t code)
{
    unsigned before = fx->waits;

    spdm_responder_defer(fx->r, code, 10);
    if (code == SPDM_GET_DIGESTS) {
        fx_digests(fx, NULL);
    } else if (code == SPDM_GET_CERTIFICATE) {
        fx_certificate(fx, NULL, 1000);
    } else if (code == SPDM_CHALLENGE) {
        fx_challenge(fx, SPDM_SUMMARY_ALL);
    } else if (code == SPDM_GET_MEASUREMENTS) {
        fx_measurements(fx, NULL, 0, 1);
        fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 2);
    } else {
        use_and_end(fx, fx_sigma(fx));
        use_and_end(fx, fx_psk(fx));
    }
    g_assert_cmpuint(fx->waits, ==, before + 1);
}

/* The transcripts hold the original request once, and its response. */
static void test_deferred_flows(void)
{
    static const uint8_t codes[] = {
        SPDM_GET_DIGESTS, SPDM_GET_CERTIFICATE, SPDM_CHALLENGE,
        SPDM_GET_MEASUREMENTS, SPDM_KEY_EXCHANGE, SPDM_FINISH,
        SPDM_PSK_EXCHANGE, SPDM_PSK_FINISH, SPDM_VENDOR_DEFINED_REQUEST,
    };

    for (int t = SPDM_TRANSPORT_NONE; t <= SPDM_TRANSPORT_PCI_DOE; t++) {
        g_autoptr(Fx) fx = negotiated((FxOptions){
            .transport = (SpdmTransportType)t });

        fx->patient = true;
        fx_digests(fx, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
            deferred_flow(fx, codes[i]);
        }
    }
}

/* The second of two unsigned measurements waits: L1 keeps the first. */
static void test_deferred_keeps_l1(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });

    fx->patient = true;
    fx_measurements(fx, NULL, 0, 1);
    spdm_responder_defer(fx->r, SPDM_GET_MEASUREMENTS, 3);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 2);
    g_assert_cmpuint(fx->waits, ==, 1);
}

static uint8_t defer_digests(Fx *fx, SpdmSession *s)
{
    SpdmMsg req = fx_msg(fx, SPDM_GET_DIGESTS, 0, 0);

    spdm_responder_defer(fx->r, SPDM_GET_DIGESTS, 10);
    g_assert_true(fx_try(fx, s, &req));
    fx_expect_error(fx, SPDM_ERROR_RESPONSE_NOT_READY);
    g_assert_cmpuint(fx->rsp.error.data.data[0], ==, 10);
    g_assert_cmphex(fx->rsp.error.data.data[1], ==, SPDM_GET_DIGESTS);
    return fx->rsp.error.data.data[2];
}

static void test_respond_if_ready_rules(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_sigma(fx);
    uint8_t token = defer_digests(fx, NULL);

    fx_respond_if_ready(fx, NULL, SPDM_GET_DIGESTS, token);
    fx_expect_error(fx, SPDM_ERROR_RESPONSE_NOT_READY);
    fx->now_us += 1024;
    fx_respond_if_ready(fx, NULL, SPDM_GET_DIGESTS, (uint8_t)(token + 1));
    fx_expect_error(fx, SPDM_ERROR_INVALID_REQUEST);
    fx_respond_if_ready(fx, NULL, SPDM_CHALLENGE, token);
    fx_expect_error(fx, SPDM_ERROR_INVALID_REQUEST);
    fx_respond_if_ready(fx, s, SPDM_GET_DIGESTS, token);
    fx_expect_error(fx, SPDM_ERROR_UNEXPECTED_REQUEST);
    fx_respond_if_ready(fx, NULL, SPDM_GET_DIGESTS, token);
    g_assert_cmphex(fx->rsp.h.code, ==, SPDM_RESPONSE_OF(SPDM_GET_DIGESTS));
    fx_respond_if_ready(fx, NULL, SPDM_GET_DIGESTS, token);
    fx_expect_error(fx, SPDM_ERROR_UNEXPECTED_REQUEST);
}

static void test_deferred_in_session(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_sigma(fx);
    uint8_t token = defer_digests(fx, s);

    fx->now_us += 1024;
    fx_respond_if_ready(fx, NULL, SPDM_GET_DIGESTS, token);
    fx_expect_error(fx, SPDM_ERROR_UNEXPECTED_REQUEST);
    fx_respond_if_ready(fx, s, SPDM_GET_DIGESTS, token);
    g_assert_cmphex(fx->rsp.h.code, ==, SPDM_RESPONSE_OF(SPDM_GET_DIGESTS));
}

/* Another request gives the waiting one up, GET_VERSION too. */
static void test_deferred_given_up(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    uint8_t token = defer_digests(fx, NULL);

    fx_measurements(fx, NULL, 0, 1);
    fx->now_us += 1024;
    fx_respond_if_ready(fx, NULL, SPDM_GET_DIGESTS, token);
    fx_expect_error(fx, SPDM_ERROR_UNEXPECTED_REQUEST);
    token = defer_digests(fx, NULL);
    fx_negotiate(fx);
    fx->now_us += 1024;
    fx_respond_if_ready(fx, NULL, SPDM_GET_DIGESTS, token);
    fx_expect_error(fx, SPDM_ERROR_UNEXPECTED_REQUEST);
}

/* The next session of the same id knows nothing of it. */
static void test_deferred_ends_with_session(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    SpdmSession *s = fx_sigma(fx);

    defer_digests(fx, s);
    g_assert_nonnull(fx->r->deferred.request);
    spdm_responder_abort(fx->r, s->id);
    g_assert_null(fx->r->deferred.request);
}

/* GET_VERSION and its followers are answered at once or not at all. */
static void test_never_deferred(void)
{
    g_autoptr(Fx) fx = fx_new(NULL);

    spdm_responder_defer(fx->r, SPDM_GET_VERSION, 5);
    fx_version(fx);
    spdm_responder_defer(fx->r, SPDM_GET_CAPABILITIES, 5);
    fx_capabilities(fx);
    spdm_responder_defer(fx->r, SPDM_NEGOTIATE_ALGORITHMS, 5);
    fx_algorithms(fx);
}

/* Snapshots. */

static Fx *snapshot(const Fx *fx)
{
    g_autoptr(GBytes) state = spdm_responder_save(fx->r);
    g_autoptr(GError) err = NULL;
    Fx *copy = fx_new(&fx->o);

    copy->now_us = fx->now_us;
    g_assert_true(spdm_responder_load(copy->r, state, &err));
    g_assert_no_error(err);
    return copy;
}

/* Both responders answer the same frame with the same bytes. */
static void both_answer(Fx *fx, Fx *copy, SpdmSession *s, SpdmBytes message)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();
    bool a, b;

    fx_wrap(fx, s, message, frame);
    copy->now_us = fx->now_us;
    a = fx_send_frame(fx, frame->data, frame->len);
    b = fx_send_frame(copy, frame->data, frame->len);
    g_assert_true(a);
    g_assert_true(b);
    g_assert_cmpmem(fx->frame->data, fx->frame->len, copy->frame->data,
                    copy->frame->len);
}

static void test_snapshot_mid_session(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .heartbeat = 9,
        .transport = SPDM_TRANSPORT_MCTP });
    SpdmSession *open = fx_sigma(fx);
    SpdmSession *psk = fx_psk(fx);
    SpdmSession *half = fx_key_exchange(fx, SPDM_SUMMARY_ALL);
    g_autoptr(GByteArray) finish = g_byte_array_new();
    g_autoptr(Fx) copy = NULL;

    fx_key_update(fx, psk, SPDM_UPDATE_KEY, 3);
    fx_measurements(fx, open, 0, 1);
    copy = snapshot(fx);
    g_assert_cmpuint(fx_info(copy).session_count, ==, 3);
    fx_make_finish(fx, half, finish);
    both_answer(fx, copy, half, SPDM_BYTES(finish->data, finish->len));
    both_answer(fx, copy, psk, SPDM_BYTES("\x12\xe9\x03\x04", 4));
    both_answer(fx, copy, open, SPDM_BYTES("\x12\xe0\x00\xff", 4));
    both_answer(fx, copy, open, SPDM_BYTES("\x12\xe8\0\0", 4));
    both_answer(fx, copy, NULL, SPDM_BYTES("\x12\xe0\x00\xff", 4));
    g_assert_cmpint(spdm_responder_tick(fx->r), ==,
                    spdm_responder_tick(copy->r));
    both_answer(fx, copy, open, SPDM_BYTES("\x12\xec\0\0", 4));
}

static void test_snapshot_of_deferred(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    g_autoptr(Fx) copy = NULL;
    uint8_t token = defer_digests(fx, NULL);
    const uint8_t ready[] = { 0x12, 0xff, SPDM_GET_DIGESTS, token };

    copy = snapshot(fx);
    both_answer(fx, copy, NULL, SPDM_BYTES(ready, sizeof(ready)));
    fx->now_us += 1024;
    both_answer(fx, copy, NULL, SPDM_BYTES(ready, sizeof(ready)));
    g_assert_cmphex(copy->frame->data[1], ==,
                    SPDM_RESPONSE_OF(SPDM_GET_DIGESTS));
}

static void expect_load_fails(Fx *fx, const uint8_t *data, size_t len)
{
    g_autoptr(GBytes) state = g_bytes_new(data, len);
    g_autoptr(GError) err = NULL;

    g_assert_false(spdm_responder_load(fx->r, state, &err));
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE);
    g_assert_cmpstr(fx_info(fx).state, ==, "not-started");
    fx_expect_wiped(fx);
}

static void test_snapshot_damaged(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    g_autoptr(Fx) other = fx_new(NULL);
    g_autoptr(GBytes) state = NULL;
    g_autoptr(GByteArray) longer = g_byte_array_new();
    const uint8_t *data;
    size_t len;

    fx_psk(fx);
    state = spdm_responder_save(fx->r);
    data = g_bytes_get_data(state, &len);
    for (size_t i = 0; i < len; i++) {
        expect_load_fails(other, data, i);
    }
    g_byte_array_append(longer, data, (guint)len);
    g_byte_array_append(longer, data, 1);
    expect_load_fails(other, longer->data, longer->len);
}

static void test_snapshot_of_another_profile(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    g_autoptr(Fx) other = fx_new(&(FxOptions){ .max_sessions = 2 });
    g_autoptr(GBytes) state = spdm_responder_save(fx->r);
    size_t len;
    const uint8_t *data = g_bytes_get_data(state, &len);

    expect_load_fails(other, data, len);
    fx_negotiate(other);
}

/* A request that is right, of those with the most inside. */
static void make_right(Fx *fx, unsigned kind, GByteArray *message)
{
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    g_autoptr(SpdmDhe) dhe =
        spdm_dhe_new(spdm_dhe_by_bit(fx->o.dhe), &rng);

    if (kind == 0) {
        fx_make_capabilities(fx, message);
    } else if (kind == 1) {
        fx_make_algorithms(fx, message);
    } else if (kind == 2) {
        fx_make_psk_exchange(fx, 0, message);
    } else {
        fx_make_key_exchange(fx, dhe, 0, message);
    }
}

/* Whatever a snapshot says, loading it and going on does no harm. */
static void test_snapshot_of_noise(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    g_autoptr(Fx) other = fx_new(NULL);
    SpdmSession *s = fx_sigma(fx);
    SpdmSession *half = fx_psk_exchange(fx, 0);
    g_autoptr(GBytes) state = spdm_responder_save(fx->r);
    g_autoptr(GByteArray) frame = g_byte_array_new();
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autoptr(GByteArray) message = g_byte_array_new();
    g_autoptr(GByteArray) finish = g_byte_array_new();
    g_autoptr(GByteArray) exchange = g_byte_array_new();
    const uint8_t challenge[36] = { 0x12, SPDM_CHALLENGE, 0, 0xff };
    size_t len;
    const uint8_t *data = g_bytes_get_data(state, &len);

    fx_wrap(fx, s, SPDM_BYTES("\x12\xe8\0\0", 4), frame);
    fx_make_finish(fx, half, message);
    fx_wrap(fx, half, SPDM_BYTES(message->data, message->len), finish);
    make_right(fx, 3, exchange);
    for (size_t i = 0; i < len; i++) {
        g_autoptr(GBytes) noisy = NULL;

        g_byte_array_set_size(bytes, 0);
        g_byte_array_append(bytes, data, (guint)len);
        bytes->data[i] ^= 0x41;
        noisy = g_bytes_new(bytes->data, bytes->len);
        spdm_responder_load(other->r, noisy, NULL);
        fx_send_frame(other, frame->data, frame->len);
        fx_send_frame(other, finish->data, finish->len);
        fx_send_frame(other, challenge, sizeof(challenge));
        if (i % 16 == 0) {
            fx_send_frame(other, exchange->data, exchange->len);
        }
    }
}

/* Seeds. */

static void whole_life(Fx *fx, Probe *p)
{
    SpdmSession *s;

    attach(p, fx, SPDM_TAP_SESSION, 0);
    fx_negotiate(fx);
    fx_digests(fx, NULL);
    fx_certificate(fx, NULL, 0xffff);
    fx_challenge(fx, SPDM_SUMMARY_ALL);
    s = fx_sigma(fx);
    fx_psk(fx);
    fx_measurements(fx, s, SPDM_MEAS_REQ_SIGNATURE, SPDM_MEAS_OP_ALL);
    fx_key_update(fx, s, SPDM_UPDATE_ALL_KEYS, 1);
    fx_end_session(fx, s, 0);
}

static void test_seeded_runs_are_equal(void)
{
    FxOptions o = { .transport = SPDM_TRANSPORT_MCTP, .seed = "one" };
    g_autoptr(Fx) a = fx_new(&o);
    g_autoptr(Fx) b = fx_new(&o);
    g_autoptr(Fx) c = NULL;
    g_auto(Probe) pa, pb, pc;

    o.seed = "another";
    c = fx_new(&o);
    whole_life(a, &pa);
    whole_life(b, &pb);
    whole_life(c, &pc);
    g_assert_cmpmem(pa.wire->data, pa.wire->len, pb.wire->data,
                    pb.wire->len);
    g_assert_cmpint(memcmp(pa.wire->data, pc.wire->data,
                           MIN(pa.wire->len, pc.wire->len)), !=, 0);
}

/* Every session has an ephemeral and random data of its own. */
static void test_ephemerals_are_fresh(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = 0 });
    g_autoptr(GByteArray) first = g_byte_array_new();

    fx_key_exchange(fx, 0);
    g_byte_array_append(first, fx->answer->data, fx->answer->len);
    fx_key_exchange(fx, 0);
    g_assert_cmpint(memcmp(first->data + 8, fx->answer->data + 8, 32), !=, 0);
    g_assert_cmpint(memcmp(first->data + 40, fx->answer->data + 40, 96), !=,
                    0);
}

/* Framing. */

static void test_doe_discovery(void)
{
    g_autoptr(Fx) fx = fx_new(&(FxOptions){
        .transport = SPDM_TRANSPORT_PCI_DOE });
    uint8_t object[] = { 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0 };

    for (uint8_t i = 0; i < 3; i++) {
        object[8] = i;
        g_assert_true(fx_send_frame(fx, object, sizeof(object)));
        g_assert_cmpuint(fx->frame->len, ==, 12);
        g_assert_cmpuint(fx->frame->data[10], ==, i);
        g_assert_cmpuint(fx->frame->data[11], ==, (i + 1) % 3);
    }
    object[8] = 3;
    g_assert_false(fx_send_frame(fx, object, sizeof(object)));
    g_assert_cmpuint(fx_info(fx).requests, ==, 0);
    g_assert_cmpuint(fx_info(fx).drops, ==, 1);
}

/* Up to three bytes of padding outside sessions, and not one more. */
static void test_doe_padding(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){
        .transport = SPDM_TRANSPORT_PCI_DOE });
    const uint8_t digests[] = { 1, 0, 1, 0, 4, 0, 0, 0, 0x12, 0x81, 0, 0,
                                0, 0, 0, 0 };
    uint8_t certificate[] = { 1, 0, 1, 0, 4, 0, 0, 0, 0x12, 0x82, 0, 0,
                              0, 0, 0xff, 0 };
    uint8_t vendor[] = { 1, 0, 1, 0, 6, 0, 0, 0, 0x12, 0xfe, 0, 0,
                         3, 0, 2, 1, 0, 2, 0, 7, 7, 0xee, 0xee, 0xee };

    g_assert_true(fx_send_frame(fx, digests, sizeof(digests)));
    g_assert_cmphex(fx->frame->data[9], ==, SPDM_ERROR);
    g_assert_true(fx_send_frame(fx, certificate, sizeof(certificate)));
    g_assert_cmphex(fx->frame->data[9], ==, 0x02);
    g_assert_true(fx_send_frame(fx, vendor, sizeof(vendor)));
    g_assert_cmphex(fx->frame->data[9], ==, 0x7e);
}

/* The padding of a request is in no transcript. */
static void test_padding_is_not_signed(void)
{
    g_autoptr(Fx) fx = negotiated((FxOptions){ .version = SPDM_VERSION_11,
        .transport = SPDM_TRANSPORT_PCI_DOE });

    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 1);
    g_assert_cmpuint(fx->sent->len % 4, !=, 0);
}

/* Frames that are noise, or nearly right: answered or dropped. */
static void throw_noise(Fx *fx, GRand *rand, const GByteArray *good)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();
    guint flips = (guint)g_rand_int_range(rand, 0, 4);

    g_byte_array_append(frame, good->data, good->len);
    for (guint i = 0; i < flips; i++) {
        guint at = (guint)g_rand_int_range(rand, 0, (gint32)frame->len);

        frame->data[at] = (uint8_t)g_rand_int(rand);
    }
    if (g_rand_boolean(rand)) {
        g_byte_array_set_size(frame, (guint)g_rand_int_range(
                                  rand, 0, (gint32)frame->len + 1));
    }
    fx_send_frame(fx, frame->data, frame->len);
}

static void noise_on(SpdmTransportType transport, guint32 seed)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    g_autoptr(Fx) fx = negotiated((FxOptions){ .transport = transport,
        .version = (uint8_t)(SPDM_VERSION_11 + seed % 3) });
    g_autoptr(Fx) clean = negotiated((FxOptions){ .transport = transport });
    g_auto(Probe) p;
    GByteArray *frame = g_byte_array_new();

    /* Everything a clean life sends is a seed for noise. */
    attach(&p, clean, SPDM_TAP_RX_FRAME, 0);
    fx_digests(clean, NULL);
    g_byte_array_append(frame, p.wire->data, p.wire->len);
    for (unsigned i = 0; i < 2000; i++) {
        uint8_t code = (uint8_t)(0x80 | g_rand_int(rand));
        GByteArray *good = g_byte_array_new();
        uint8_t message[200] = { fx->o.version, code };

        for (unsigned j = 2; j < sizeof(message); j++) {
            message[j] = (uint8_t)(g_rand_int(rand) & g_rand_int(rand) &
                                   g_rand_int(rand));
        }
        fx_wrap(fx, NULL, SPDM_BYTES(message, 4 + i % 190), good);
        throw_noise(fx, rand, good);
        throw_noise(fx, rand, frame);
        g_byte_array_unref(good);
    }
    g_byte_array_unref(frame);
    fx_negotiate(fx);
    fx_vendor(fx, fx_sigma(fx));
}

static void test_noise(void)
{
    for (int t = SPDM_TRANSPORT_NONE; t <= SPDM_TRANSPORT_PCI_DOE; t++) {
        for (guint32 seed = 0; seed < 6; seed++) {
            noise_on((SpdmTransportType)t, seed);
        }
    }
}

/* How far the responder is when a nearly right request of @kind comes. */
static void step_to(Fx *fx, unsigned kind)
{
    fx_version(fx);
    if (kind >= 1) {
        fx_capabilities(fx);
    }
    if (kind >= 2) {
        fx_algorithms(fx);
    }
}

static void test_nearly_right(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(11);
    g_autoptr(Fx) fx = negotiated((FxOptions){
        .version = SPDM_VERSION_13 });

    for (unsigned i = 0; i < 1200; i++) {
        g_autoptr(GByteArray) message = g_byte_array_new();

        step_to(fx, i % 4);
        make_right(fx, i % 4, message);
        throw_noise(fx, rand, message);
    }
    fx_negotiate(fx);
    fx_vendor(fx, fx_sigma(fx));
}

/* Right messages in a session, with bytes of the inside turned about. */
static void test_noise_in_session(void)
{
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);
    g_autoptr(Fx) fx = negotiated((FxOptions){ .heartbeat = 4 });
    SpdmSession *s = fx_sigma(fx);

    for (unsigned i = 0; i < 4000; i++) {
        uint8_t message[64] = { 0x12, (uint8_t)(0x80 | g_rand_int(rand)) };

        for (unsigned j = 2; j < sizeof(message); j++) {
            message[j] = (uint8_t)(g_rand_int(rand) & g_rand_int(rand));
        }
        if (message[1] == SPDM_END_SESSION ||
            message[1] == SPDM_KEY_UPDATE) {
            continue;
        }
        g_assert_true(fx_send(fx, s, SPDM_BYTES(message, 4 + i % 60)));
    }
    fx_vendor(fx, s);
}

static void test_empty_frame(void)
{
    g_autoptr(Fx) fx = fx_new(NULL);

    g_assert_false(fx_send_frame(fx, NULL, 0));
    fx_negotiate(fx);
}

static void test_info(void)
{
    g_autoptr(Fx) fx = fx_new(&(FxOptions){ .version = 0 });
    SpdmResponderInfo info = fx_info(fx);
    SpdmSession *s;

    g_assert_cmpstr(info.state, ==, "not-started");
    g_assert_cmpstr(info.hash, ==, "");
    g_assert_cmpstr(info.last_error, ==, "");
    fx_negotiate(fx);
    fx_key_exchange(fx, 0);
    s = fx_psk(fx);
    fx_vendor(fx, s);
    info = fx_info(fx);
    g_assert_cmphex(info.version, ==, SPDM_VERSION_12);
    g_assert_cmpuint(info.session_count, ==, 2);
    g_assert_cmpstr(info.sessions[0].type, ==, "sigma");
    g_assert_cmpstr(info.sessions[0].phase, ==, "handshake");
    g_assert_cmpstr(info.sessions[1].type, ==, "psk");
    g_assert_cmpstr(info.sessions[1].phase, ==, "established");
    g_assert_cmphex(info.sessions[1].secured_version, ==, 0x1200);
    g_assert_cmpuint(info.sessions[1].records_in, ==, 2);
    g_assert_cmpuint(info.sessions[1].records_out, ==, 2);
    g_assert_cmpuint(info.requests, ==, 7);
    g_assert_cmpuint(info.responses, ==, 7);
    g_assert_cmpuint(info.errors, ==, 0);
}

static void test_missing_algorithms(void)
{
    g_autoptr(Fx) fx = fx_new(NULL);
    SpdmProfile profile = fx->profile;
    g_autoptr(GError) err = NULL;

    profile.hash = 1u << 30;
    g_assert_null(spdm_responder_new(&profile, &fx->provider,
                                     SPDM_TRANSPORT_NONE, &err));
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE);
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "tap/compose-edits-are-truthfully-signed", test_compose_is_signed },
    { "tap/tx-msg-edits-break-the-signature", test_tx_msg_breaks },
    { "tap/drops-anywhere", test_drop_anywhere },
    { "tap/may-kill-the-session-it-looks-at", test_killed_midway },
    { "tap/may-reset-during-negotiation", test_reset_during_negotiation },
    { "tap/delays-the-answer", test_delay },
    { "tap/hears-of-sessions", test_session_events },
    { "not-ready/every-request-that-may-wait", test_deferred_flows },
    { "not-ready/is-no-error-to-l1", test_deferred_keeps_l1 },
    { "not-ready/rules-of-RESPOND_IF_READY", test_respond_if_ready_rules },
    { "not-ready/stays-in-its-session", test_deferred_in_session },
    { "not-ready/another-request-gives-it-up", test_deferred_given_up },
    { "not-ready/ends-with-its-session", test_deferred_ends_with_session },
    { "not-ready/never-for-the-first-three", test_never_deferred },
    { "snapshot/goes-on-byte-identical", test_snapshot_mid_session },
    { "snapshot/holds-a-waiting-request", test_snapshot_of_deferred },
    { "snapshot/cut-anywhere-is-refused", test_snapshot_damaged },
    { "snapshot/of-another-profile-is-refused",
      test_snapshot_of_another_profile },
    { "snapshot/of-noise-does-no-harm", test_snapshot_of_noise },
    { "seed/two-runs-are-byte-identical", test_seeded_runs_are_equal },
    { "seed/ephemerals-are-fresh", test_ephemerals_are_fresh },
    { "frame/doe-discovery", test_doe_discovery },
    { "frame/doe-padding", test_doe_padding },
    { "frame/padding-is-not-signed", test_padding_is_not_signed },
    { "frame/noise-is-answered-or-dropped", test_noise },
    { "frame/requests-nearly-right", test_nearly_right },
    { "frame/noise-in-a-session-is-answered", test_noise_in_session },
    { "frame/empty", test_empty_frame },
    { "info", test_info },
    { "libgcrypt-without-the-algorithms", test_missing_algorithms },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/responder/seams/",
                                            tests[i].name, NULL);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}

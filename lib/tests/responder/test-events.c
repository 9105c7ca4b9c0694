/*
 * Events: who is told of what, in which order, and what is lost.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"

enum {
    LOST = 1 << 1, CHANGED = 1 << 2, PENDING = 1 << 3, CERT = 1 << 4,
    ALL = LOST | CHANGED | PENDING | CERT,
    EVENT_SIZE = 4 + 4 + 2 + 2 + 2, /* without EventDetail */
};

static const uint8_t map_3[32] = { 1 << 3 };

static FxOptions with_events(uint8_t version)
{
    return (FxOptions){
        .version = version,
        .req_flags = FX_REQ_FLAGS | SPDM_ENCAP_CAP,
        .rsp_flags = FX_RSP_FLAGS | SPDM_ENCAP_CAP | SPDM_EVENT_CAP,
    };
}

static Fx *negotiated(FxOptions o)
{
    Fx *fx = fx_new(&o);

    fx_negotiate(fx);
    return fx;
}

/* Sends bytes with the agreed version in front; false: an ERROR came. */
static bool ask(Fx *fx, SpdmSession *s, const uint8_t *tail, size_t len)
{
    g_autoptr(GByteArray) message = g_byte_array_new();

    g_byte_array_append(message, &fx->o.version, 1);
    g_byte_array_append(message, tail, (guint)len);
    g_assert_true(fx_send(fx, s, SPDM_BYTES(message->data, message->len)));
    g_assert_cmpuint(fx->answer->len, >=, SPDM_HEADER_SIZE);
    return fx->answer->data[1] != SPDM_ERROR;
}

static void expect(const Fx *fx, SpdmErrorCode code)
{
    g_assert_cmphex(fx->answer->data[1], ==, SPDM_ERROR);
    g_assert_cmpstr(spdm_error_name(fx->answer->data[2]), ==,
                    spdm_error_name(code));
}

static void subscribe(Fx *fx, SpdmSession *s, unsigned types)
{
    uint8_t m[3 + 4 + 10 + 4 * 4] = { SPDM_SUBSCRIBE_EVENT_TYPES, 1, 0 };
    unsigned n = 0;

    for (uint8_t i = 1; i <= 4; i++) {
        if (types & 1u << i) {
            m[17 + 4 * n++] = i;
        }
    }
    m[3] = (uint8_t)(10 + 4 * n);
    m[9] = (uint8_t)n;
    m[11] = SPDM_EVENT_GROUP_VERSION;
    g_assert_true(ask(fx, s, m, 17 + 4 * n));
    g_assert_cmphex(fx->answer->data[1], ==, 0x70);
    g_assert_cmpuint(fx->answer->len, ==, SPDM_HEADER_SIZE);
}

/* A SEND_EVENT that was fetched: fx->answer, taken apart. */
typedef struct Sent {
    uint8_t id;
    unsigned count;
    const uint8_t *at;           /* first event */
    const uint8_t *end;
} Sent;

static Sent take(Fx *fx, size_t at, uint8_t id)
{
    const uint8_t *m = fx->answer->data + at;

    g_assert_cmpuint(fx->answer->len, >, at + 8);
    g_assert_cmphex(m[0], ==, fx->o.version);
    g_assert_cmphex(m[1], ==, SPDM_SEND_EVENT);
    return (Sent){ .id = id, .count = m[4], .at = m + 8,
                   .end = fx->answer->data + fx->answer->len };
}

static bool fetch(Fx *fx, SpdmSession *s, Sent *sent)
{
    static const uint8_t m[] = { SPDM_GET_ENCAPSULATED_REQUEST, 0, 0 };

    if (!ask(fx, s, m, sizeof(m))) {
        return false;
    }
    *sent = take(fx, 4, fx->answer->data[2]);
    return true;
}

static void expect_nothing(Fx *fx, SpdmSession *s)
{
    Sent sent;

    g_assert_false(fetch(fx, s, &sent));
    expect(fx, SPDM_ERROR_NO_PENDING_REQUESTS);
}

/* True when the ACK brings another SEND_EVENT. */
static bool acknowledge(Fx *fx, SpdmSession *s, Sent *sent)
{
    const uint8_t m[] = { SPDM_DELIVER_ENCAPSULATED_RESPONSE, sent->id, 0,
                          fx->o.version, 0x71, 0, 0 };

    g_assert_true(ask(fx, s, m, sizeof(m)));
    if (fx->answer->data[3] != 1) {
        return false;
    }
    *sent = take(fx, 8, fx->answer->data[2]);
    return true;
}

/* The next event of @sent is this one. */
static void expect_event(Sent *sent, uint32_t instance, uint8_t type,
                         const void *detail, uint8_t len)
{
    const uint8_t *m = sent->at;

    g_assert_cmpint(sent->end - m, >=, EVENT_SIZE + len);
    g_assert_cmpuint(m[0] | m[1] << 8, ==, instance);
    g_assert_cmpuint(m[2] | m[3] | m[4] | m[5] | m[6] | m[7], ==, 0);
    g_assert_cmpuint(m[8] | m[9], ==, 0); /* DMTF, no vendor id */
    g_assert_cmpuint(m[10], ==, type);
    g_assert_cmpuint(m[12], ==, len);
    g_assert_cmpmem(m + EVENT_SIZE, len, detail, len);
    sent->at += EVENT_SIZE + len;
}

static void change(Fx *fx, unsigned times)
{
    for (unsigned i = 0; i < times; i++) {
        spdm_responder_measurement_changed(fx->r, map_3);
    }
}

static void test_supported(void)
{
    static const uint8_t m[] = { SPDM_GET_SUPPORTED_EVENT_TYPES, 0, 0 };
    static const uint8_t list[] = {
        26, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0, 0, 0, 0,
        1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0,
    };
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));

    g_assert_true(ask(fx, fx_sigma(fx), m, sizeof(m)));
    g_assert_cmphex(fx->answer->data[1], ==, 0x62);
    g_assert_cmpuint(fx->answer->data[2], ==, 1);
    g_assert_cmpmem(fx->answer->data + 4, fx->answer->len - 4, list,
                    sizeof(list));
}

static void test_told(void)
{
    static const uint8_t slots = 0x05;

    for (uint8_t v = SPDM_VERSION_13; v <= SPDM_VERSION_14; v++) {
        g_autoptr(Fx) fx = negotiated(with_events(v));
        SpdmSession *s = v == SPDM_VERSION_13 ? fx_sigma(fx) : fx_psk(fx);
        Sent sent;

        expect_nothing(fx, s);
        change(fx, 1);
        expect_nothing(fx, s);
        subscribe(fx, s, ALL);
        expect_nothing(fx, s);
        change(fx, 1);
        spdm_responder_measurement_pending(fx->r, map_3);
        spdm_responder_certificate_changed(fx->r, slots);
        g_assert_true(fetch(fx, s, &sent));
        g_assert_cmpuint(sent.count, ==, 3);
        expect_event(&sent, 0, 2, map_3, 32);
        expect_event(&sent, 1, 3, map_3, 32);
        expect_event(&sent, 2, 4, &slots, 1);
        g_assert_true(sent.at == sent.end);
        g_assert_false(acknowledge(fx, s, &sent));
        expect_nothing(fx, s);
        change(fx, 1);
        g_assert_true(fetch(fx, s, &sent));
        expect_event(&sent, 3, 2, map_3, 32);
    }
}

/* What was fetched and not acknowledged is fetched again, as it was. */
static void test_fetched_again(void)
{
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx);
    Sent sent;

    subscribe(fx, s, ALL);
    change(fx, 1);
    g_assert_true(fetch(fx, s, &sent));
    change(fx, 1);
    g_assert_true(fetch(fx, s, &sent));
    g_assert_cmpuint(sent.count, ==, 1);
    expect_event(&sent, 0, 2, map_3, 32);
    /* The one that came meanwhile travels with the ACK. */
    g_assert_true(acknowledge(fx, s, &sent));
    g_assert_cmpuint(sent.count, ==, 1);
    expect_event(&sent, 1, 2, map_3, 32);
    g_assert_false(acknowledge(fx, s, &sent));
    expect_nothing(fx, s);
}

static void test_chosen_types(void)
{
    static const uint8_t none[] = { SPDM_SUBSCRIBE_EVENT_TYPES, 0, 0 };
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx), *other = fx_sigma(fx);
    static const uint8_t slots = 0x02;
    Sent sent;

    subscribe(fx, s, CERT);
    change(fx, 1);
    expect_nothing(fx, s);
    spdm_responder_certificate_changed(fx->r, slots);
    expect_nothing(fx, other);
    /* Another choice forgets what it does not want. */
    subscribe(fx, s, CHANGED);
    expect_nothing(fx, s);
    change(fx, 1);
    g_assert_true(ask(fx, s, none, sizeof(none)));
    expect_nothing(fx, s);
    subscribe(fx, s, CERT);
    spdm_responder_certificate_changed(fx->r, slots);
    g_assert_true(fetch(fx, s, &sent));
    g_assert_cmpuint(sent.count, ==, 1);
}

/* All types of the group, by its attribute. */
static void test_all_by_attribute(void)
{
    static const uint8_t m[] = {
        SPDM_SUBSCRIBE_EVENT_TYPES, 1, 0, 10, 0, 0, 0,
        0, 0, 0, 0, 1, 0, 1, 0, 0, 0,
    };
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx);

    g_assert_true(ask(fx, s, m, sizeof(m)));
    g_assert_cmphex(fx_peer(fx, s->id)->events.subscribed, ==, ALL);
}

static void test_overflow(void)
{
    static const uint8_t lost[] = { 0xff, 0xff, 0xff, 0xff, 8, 0, 0, 0 };
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx);
    Sent sent;

    subscribe(fx, s, ALL);
    change(fx, SPDM_EVENT_QUEUE + 1);
    change(fx, 2);
    g_assert_true(fetch(fx, s, &sent));
    g_assert_cmpuint(sent.count, ==, 3);
    expect_event(&sent, 9, 1, lost, sizeof(lost));
    expect_event(&sent, 10, 2, map_3, 32);
    expect_event(&sent, 11, 2, map_3, 32);
    g_assert_false(acknowledge(fx, s, &sent));
}

/* What is in flight is not lost, and EventLost counts it as told. */
static void test_overflow_in_flight(void)
{
    static const uint8_t lost[] = { 1, 0, 0, 0, 8, 0, 0, 0 };
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx);
    Sent sent;

    subscribe(fx, s, ALL);
    change(fx, 2);
    g_assert_true(fetch(fx, s, &sent));
    g_assert_cmpuint(sent.count, ==, 2);
    change(fx, SPDM_EVENT_QUEUE - 1);
    g_assert_cmpuint(fx_peer(fx, s->id)->events.count, ==, 3);
    g_assert_true(acknowledge(fx, s, &sent));
    g_assert_cmpuint(sent.count, ==, 1);
    expect_event(&sent, 9, 1, lost, sizeof(lost));
    g_assert_false(acknowledge(fx, s, &sent));
    g_assert_cmpuint(fx_peer(fx, s->id)->events.acked, ==, 9);
}

/* Who does not want EventLost is not told; others go on after the gap. */
static void test_overflow_untold(void)
{
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx);
    Sent sent;

    subscribe(fx, s, CHANGED);
    change(fx, SPDM_EVENT_QUEUE + 1);
    expect_nothing(fx, s);
    change(fx, 1);
    g_assert_true(fetch(fx, s, &sent));
    g_assert_cmpuint(sent.count, ==, 1);
    expect_event(&sent, 9, 2, map_3, 32);
}

/* A list has no gap: what is behind one goes in the next message. */
static void test_gap(void)
{
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx);
    SpdmEvents *events = &fx_peer(fx, s->id)->events;
    Sent sent;

    subscribe(fx, s, ALL);
    change(fx, 1);
    events->next = 7;
    change(fx, 1);
    g_assert_true(fetch(fx, s, &sent));
    g_assert_cmpuint(sent.count, ==, 1);
    g_assert_false(acknowledge(fx, s, &sent));
    g_assert_true(fetch(fx, s, &sent));
    expect_event(&sent, 7, 2, map_3, 32);
}

static void test_small_room(void)
{
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx);
    Sent sent;

    subscribe(fx, s, ALL);
    fx->r->conn.req_data_transfer_size = 16 + EVENT_SIZE + 32;
    change(fx, 2);
    for (uint32_t i = 0; i < 2; i++) {
        g_assert_true(fetch(fx, s, &sent));
        g_assert_cmpuint(sent.count, ==, 1);
        expect_event(&sent, i, 2, map_3, 32);
        g_assert_false(acknowledge(fx, s, &sent));
    }
    expect_nothing(fx, s);
    /* Where there is no room for one, nothing is said. */
    fx->r->conn.req_data_transfer_size--;
    change(fx, 1);
    expect_nothing(fx, s);
}

static void test_refused(void)
{
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx);
    uint8_t m[] = { SPDM_DELIVER_ENCAPSULATED_RESPONSE, 0, 0,
                    SPDM_VERSION_13, SPDM_ERROR,
                    SPDM_ERROR_UNSUPPORTED_REQUEST, SPDM_SEND_EVENT };
    Sent sent;

    subscribe(fx, s, ALL);
    change(fx, 2);
    g_assert_true(fetch(fx, s, &sent));
    m[1] = sent.id;
    g_assert_true(ask(fx, s, m, sizeof(m)));
    expect_nothing(fx, s);
    g_assert_cmpuint(fx_info(fx).session_count, ==, 1);
}

static void test_wrong_ack(void)
{
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx);
    uint8_t m[] = { SPDM_DELIVER_ENCAPSULATED_RESPONSE, 0, 0,
                    SPDM_VERSION_13, 0x70, 0, 0 };
    Sent sent;

    subscribe(fx, s, ALL);
    change(fx, 1);
    g_assert_true(fetch(fx, s, &sent));
    m[1] = sent.id;
    g_assert_false(ask(fx, s, m, sizeof(m)));
    expect(fx, SPDM_ERROR_INVALID_RESPONSE_CODE);
    g_assert_cmpuint(fx_info(fx).session_count, ==, 0);
}

/* SessionPolicy bit 1: subscribed to all from the start. */
static void test_policy_all(void)
{
    FxOptions o = with_events(SPDM_VERSION_13);
    g_autoptr(Fx) fx = NULL;
    SpdmSession *sessions[2];
    Sent sent;

    o.policy = SPDM_POLICY_EVENT_ALL;
    fx = negotiated(o);
    sessions[0] = fx_sigma(fx);
    sessions[1] = fx_psk(fx);
    change(fx, 1);
    for (unsigned i = 0; i < 2; i++) {
        g_assert_true(fetch(fx, sessions[i], &sent));
        expect_event(&sent, 0, 2, map_3, 32);
    }
}

/* SessionPolicy bit 0: a change of measurements ends the session. */
static void test_policy_terminate(void)
{
    for (uint8_t v = SPDM_VERSION_12; v <= SPDM_VERSION_13; v++) {
        FxOptions o = { .version = v, .policy = SPDM_POLICY_TERMINATE };
        g_autoptr(Fx) fx = negotiated(o);

        fx_sigma(fx);
        fx->o.policy = 0;
        fx_sigma(fx);
        spdm_responder_measurement_pending(fx->r, map_3);
        g_assert_cmpuint(fx_info(fx).session_count, ==, 2);
        change(fx, 1);
        g_assert_cmpuint(fx_info(fx).session_count, ==, 1);
    }
}

/* A change in between that is no difference any more is said all the same. */
static void test_content_changed(void)
{
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_12));

    fx_measurements(fx, NULL, 0, 1);
    change(fx, 1);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 1);
    g_assert_cmphex(fx->rsp.h.param2, ==, 0x10);
    fx_measurements(fx, NULL, 0, 1);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, 1);
    g_assert_cmphex(fx->rsp.h.param2, ==, 0x20);
}

static void reload(Fx *fx)
{
    g_autoptr(GBytes) state = spdm_responder_save(fx->r);
    g_autoptr(GError) err = NULL;

    spdm_responder_load(fx->r, state, &err);
    g_assert_no_error(err);
}

static void test_snapshot(void)
{
    g_autoptr(Fx) fx = negotiated(with_events(SPDM_VERSION_13));
    SpdmSession *s = fx_sigma(fx);
    Sent sent;

    subscribe(fx, s, ALL);
    change(fx, 2);
    reload(fx);
    g_assert_true(fetch(fx, s, &sent));
    g_assert_cmpuint(sent.count, ==, 2);
    reload(fx);
    change(fx, 1);
    g_assert_true(acknowledge(fx, s, &sent));
    expect_event(&sent, 2, 2, map_3, 32);
    reload(fx);
    g_assert_false(acknowledge(fx, s, &sent));
    expect_nothing(fx, s);
}

/* A device without encapsulation has nobody to tell. */
static void test_without_encapsulation(void)
{
    FxOptions o = with_events(SPDM_VERSION_13);
    g_autoptr(Fx) fx = NULL;
    SpdmSession *s;

    o.without = SPDM_ENCAP_CAP;
    fx = negotiated(o);
    s = fx_sigma(fx);
    subscribe(fx, s, ALL);
    change(fx, 20);
    g_assert_cmpuint(fx_peer(fx, s->id)->encap.queued, ==, 0);
    fx_vendor(fx, s);
}

static const struct {
    const char *name;
    void (*test)(void);
} tests[] = {
    { "supported-types-of-the-DMTF", test_supported },
    { "subscribers-are-told-in-order", test_told },
    { "fetched-again-until-acknowledged", test_fetched_again },
    { "only-what-was-subscribed", test_chosen_types },
    { "all-types-by-attribute", test_all_by_attribute },
    { "overflow-is-told-by-EventLost", test_overflow },
    { "overflow-spares-what-is-in-flight", test_overflow_in_flight },
    { "overflow-without-EventLost", test_overflow_untold },
    { "a-list-has-no-gap", test_gap },
    { "one-at-a-time-where-there-is-no-more-room", test_small_room },
    { "an-ERROR-to-SEND_EVENT-ends-it", test_refused },
    { "another-answer-to-SEND_EVENT-ends-the-session", test_wrong_ack },
    { "policy-event-all", test_policy_all },
    { "policy-termination", test_policy_terminate },
    { "content-changed-and-back", test_content_changed },
    { "events-survive-snapshots", test_snapshot },
    { "without-encapsulation-nobody-is-told", test_without_encapsulation },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/responder/events/",
                                            tests[i].name, NULL);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}

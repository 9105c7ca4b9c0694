/*
 * Encapsulated requests: who may fetch and deliver when, what is refused
 * while one is in flight, and the requests that need no authentication.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "peer.h"

#include "responder/encap.h"

enum {
    MUTUAL = SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP,
    HITC = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP,
    P256 = 0x10,
};

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static FxOptions options(uint8_t version, uint32_t more)
{
    return (FxOptions){
        .version = version,
        .req_flags = FX_REQ_FLAGS | MUTUAL | more,
        .rsp_flags = FX_RSP_FLAGS | MUTUAL | (more & ~(uint32_t)
                     SPDM_EP_INFO_CAP_MASK),
        .req_asym = P256,
        .heartbeat = 5,
    };
}

static Fx *negotiated(FxOptions o)
{
    Fx *fx = fx_new(&o);

    fx_negotiate(fx);
    return fx;
}

static void try_header(Fx *fx, SpdmSession *s, uint8_t code, uint8_t param1)
{
    SpdmMsg req = fx_msg(fx, code, param1, 0);

    if (code == SPDM_GET_VERSION) {
        req.h.version = SPDM_VERSION_10;
    }
    g_assert_true(fx_try(fx, s, &req));
}

/* Nothing to fetch. */

static void nothing_pending(Fx *fx, SpdmSession *s)
{
    try_header(fx, s, SPDM_GET_ENCAPSULATED_REQUEST, 0);
    fx_expect_error(fx, fx->o.version >= SPDM_VERSION_13 ?
                    SPDM_ERROR_NO_PENDING_REQUESTS :
                    SPDM_ERROR_UNEXPECTED_REQUEST);
    peer_deliver(fx, s, 0, SPDM_BYTES("\x12\x01\x00\x00", 4));
    fx_expect_error(fx, SPDM_ERROR_UNEXPECTED_REQUEST);
}

static void test_nothing_pending(void)
{
    for (uint8_t v = SPDM_VERSION_11; v <= SPDM_VERSION_14; v++) {
        g_autoptr(Fx) fx = negotiated(options(v, 0));
        g_autoptr(Fx) clear = negotiated(options(v, HITC));

        nothing_pending(fx, NULL);
        nothing_pending(fx, fx_key_exchange(fx, 0));
        nothing_pending(fx, fx_psk_exchange(fx, 0));
        nothing_pending(fx, fx_psk(fx));
        nothing_pending(clear, fx_key_exchange(clear, 0));
    }
}

static void test_without_capability(void)
{
    FxOptions o = { .version = SPDM_VERSION_12 };
    g_autoptr(Fx) fx = negotiated(o);

    try_header(fx, NULL, SPDM_GET_ENCAPSULATED_REQUEST, 0);
    fx_expect_error(fx, SPDM_ERROR_UNSUPPORTED_REQUEST);
    g_assert_cmphex(fx->rsp.h.param2, ==, SPDM_GET_ENCAPSULATED_REQUEST);
    g_assert_false(spdm_responder_update_key(fx->r, fx_sigma(fx)->id));
}

/* RequestInFlight. */

static const uint8_t blocked[] = {
    SPDM_GET_DIGESTS, SPDM_HEARTBEAT, SPDM_KEY_UPDATE, SPDM_FINISH,
    SPDM_END_SESSION, SPDM_VENDOR_DEFINED_REQUEST, 0xab,
};

static void all_blocked(Fx *fx, SpdmSession *s)
{
    for (size_t i = 0; i < G_N_ELEMENTS(blocked); i++) {
        const uint8_t header[] = { fx->o.version, blocked[i], 0, 0 };

        g_assert_true(fx_send(fx, s, SPDM_BYTES(header, sizeof(header))));
        g_assert_cmphex(fx->answer->data[1], ==, SPDM_ERROR);
        g_assert_cmphex(fx->answer->data[2], ==,
                        SPDM_ERROR_REQUEST_IN_FLIGHT);
    }
}

static FxOptions asking(uint8_t version, uint32_t more)
{
    FxOptions o = options(version, more);

    o.mut_auth = SPDM_MUT_AUTH_REQUIRED;
    o.basic_mut_auth = true;
    return o;
}

static void test_blocked_in_session(void)
{
    g_autoptr(Fx) fx = negotiated(asking(SPDM_VERSION_12, 0));
    SpdmSession *psk = fx_psk(fx);
    SpdmSession *s = fx_key_exchange(fx, 0);

    all_blocked(fx, s);
    peer_fetch(fx, s);
    all_blocked(fx, s);
    /* Other sessions, and the outside, do not wait for this one. */
    fx_heartbeat(fx, psk);
    fx_digests(fx, NULL);
    peer_answer_all(fx, s);
    fx_finish(fx, s);
}

static void test_blocked_in_the_clear(void)
{
    g_autoptr(Fx) fx = negotiated(asking(SPDM_VERSION_12, HITC));
    SpdmSession *s = fx_key_exchange(fx, 0);

    all_blocked(fx, NULL);
    peer_flow(fx, s);
    fx_finish(fx, s);
    fx_digests(fx, NULL);
}

static void test_blocked_outside(void)
{
    g_autoptr(Fx) fx = negotiated(asking(SPDM_VERSION_12, 0));

    fx_challenge(fx, SPDM_SUMMARY_NONE);
    all_blocked(fx, NULL);
    peer_flow(fx, NULL);
    fx_digests(fx, NULL);
}

static void test_GET_VERSION_aborts(void)
{
    g_autoptr(Fx) fx = negotiated(asking(SPDM_VERSION_12, HITC));

    fx_challenge(fx, SPDM_SUMMARY_NONE);
    peer_fetch(fx, NULL);
    fx_negotiate(fx);
    fx_digests(fx, NULL);
    fx_key_exchange(fx, 0);
    fx_negotiate(fx);
    fx_expect_wiped(fx);
    nothing_pending(fx, NULL);
}

/* Fetching and delivering. */

static void test_lost_request_comes_again(void)
{
    g_autoptr(Fx) fx = negotiated(asking(SPDM_VERSION_12, 0));
    SpdmSession *s = fx_key_exchange(fx, 0);
    g_autoptr(GByteArray) first = g_byte_array_new();

    peer_fetch(fx, s);
    g_byte_array_append(first, fx->answer->data, fx->answer->len);
    peer_fetch(fx, s);
    g_assert_cmpmem(first->data, first->len, fx->answer->data,
                    fx->answer->len);
    peer_answer_all(fx, s);
    fx_finish(fx, s);
}

static void test_wrong_deliveries(void)
{
    g_autoptr(Fx) fx = negotiated(asking(SPDM_VERSION_12, 0));
    SpdmSession *s = fx_key_exchange(fx, 0);
    g_autoptr(GByteArray) out = g_byte_array_new();

    peer_deliver(fx, s, 0, SPDM_BYTES("\x12\x01\x00\x00", 4));
    fx_expect_error(fx, SPDM_ERROR_UNEXPECTED_REQUEST);
    peer_fetch(fx, s);
    peer_answer(fx, s, out);
    for (unsigned id = 0; id < 256; id += 2) {
        peer_deliver(fx, s, (uint8_t)id, view(out));
        fx_expect_error(fx, SPDM_ERROR_INVALID_REQUEST);
    }
    for (size_t len = 0; len < SPDM_HEADER_SIZE; len++) {
        peer_deliver(fx, s, 1, SPDM_BYTES(out->data, len));
        fx_expect_error(fx, SPDM_ERROR_INVALID_REQUEST);
    }
    /* None of that has harmed the flow. */
    peer_fetch(fx, s);
    peer_answer_all(fx, s);
    fx_finish(fx, s);
}

/* KEY_UPDATE of the responder's key. */

static void test_key_update(void)
{
    for (uint8_t v = SPDM_VERSION_11; v <= SPDM_VERSION_14; v++) {
        FxOptions o = options(v, 0);
        g_autoptr(Fx) fx = NULL;
        SpdmSession *s;

        fx = negotiated(o);
        s = fx_sigma(fx);
        for (unsigned i = 0; i < 3; i++) {
            g_assert_true(spdm_responder_update_key(fx->r, s->id));
            fx_heartbeat(fx, s);
            peer_fetch(fx, s);
            peer_answer_all(fx, s);
            fx_heartbeat(fx, s);
        }
        g_assert_cmpuint(fx_peer(fx, s->id)->key_updates, ==, 3);
        fx_key_update(fx, s, SPDM_UPDATE_ALL_KEYS, 1);
        fx_key_update(fx, s, SPDM_VERIFY_NEW_KEY, 2);
        nothing_pending(fx, s);
    }
}

/* What waits follows in the ACK; RequestIDs go on. */
static void test_queue(void)
{
    FxOptions o = options(SPDM_VERSION_12, 0);
    g_autoptr(Fx) fx = NULL;
    SpdmSession *s;

    fx = negotiated(o);
    s = fx_psk(fx);
    for (unsigned i = 0; i < SPDM_ENCAP_QUEUE; i++) {
        g_assert_true(spdm_responder_update_key(fx->r, s->id));
    }
    g_assert_false(spdm_responder_update_key(fx->r, s->id));
    peer_fetch(fx, s);
    peer_answer_all(fx, s);
    g_assert_cmpuint(fx->asked_id, ==, 0);
    g_assert_cmpuint(fx_peer(fx, s->id)->key_updates, ==, SPDM_ENCAP_QUEUE);
    fx_heartbeat(fx, s);
    nothing_pending(fx, s);
}

static void test_queue_of_whom(void)
{
    g_autoptr(Fx) fx = negotiated(options(SPDM_VERSION_13, 0));
    SpdmSession *s = fx_key_exchange(fx, 0);

    g_assert_false(spdm_responder_update_key(fx->r, 0));
    g_assert_false(spdm_responder_update_key(fx->r, s->id));
    g_assert_false(spdm_responder_update_key(fx->r, 0x12345678));
    g_assert_false(spdm_responder_ask_endpoint_info(fx->r, 0));
    fx_finish(fx, s);
    g_assert_true(spdm_responder_update_key(fx->r, s->id));
}

static void test_key_update_refused(void)
{
    FxOptions o = options(SPDM_VERSION_12, 0);
    const uint8_t error[] = { SPDM_VERSION_12, SPDM_ERROR,
                              SPDM_ERROR_UNSUPPORTED_REQUEST,
                              SPDM_KEY_UPDATE };
    g_autoptr(Fx) fx = NULL;
    SpdmSession *s;

    fx = negotiated(o);
    s = fx_sigma(fx);
    g_assert_true(spdm_responder_update_key(fx->r, s->id));
    peer_fetch(fx, s);
    peer_deliver(fx, s, 1, SPDM_BYTES(error, sizeof(error)));
    g_assert_cmphex(fx->rsp.h.param2, ==, SPDM_ENCAP_ABSENT);
    fx_heartbeat(fx, s);
    g_assert_cmpuint(fx_peer(fx, s->id)->key_updates, ==, 0);
}

static void test_key_update_echo(void)
{
    g_autoptr(Fx) fx = negotiated(options(SPDM_VERSION_12, 0));
    SpdmSession *s = fx_sigma(fx);
    uint8_t ack[] = { SPDM_VERSION_12, SPDM_RESPONSE_OF(SPDM_KEY_UPDATE), 1,
                      0 };

    g_assert_true(spdm_responder_update_key(fx->r, s->id));
    peer_fetch(fx, s);
    ack[3] = fx->asked->data[3] ^ 1;
    peer_deliver(fx, s, 1, SPDM_BYTES(ack, sizeof(ack)));
    fx_expect_error(fx, SPDM_ERROR_INVALID_RESPONSE_CODE);
    fx_expect_wiped(fx);
}

/* ENDPOINT_INFO: signed once the requester's key is known. */

static void ask_info(Fx *fx, SpdmSession *s, bool is_signed)
{
    uint32_t id = s ? s->id : 0;
    SpdmBytes info;

    g_assert_true(spdm_responder_ask_endpoint_info(fx->r, id));
    peer_fetch(fx, s);
    g_assert_cmpuint(fx->asked->data[4], ==, is_signed);
    peer_answer_all(fx, s);
    info = spdm_responder_endpoint_info(fx->r, id);
    g_assert_cmpmem(FX_PEER_INFO, strlen(FX_PEER_INFO), info.data, info.len);
}

static void test_endpoint_info(void)
{
    FxOptions o = asking(SPDM_VERSION_13, SPDM_EP_INFO_CAP_SIG);
    g_autoptr(Fx) fx = negotiated(o);
    SpdmSession *s;

    ask_info(fx, NULL, false);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
    peer_flow(fx, NULL);
    ask_info(fx, NULL, true);
    s = fx_key_exchange(fx, 0);
    peer_flow(fx, s);
    fx_finish(fx, s);
    ask_info(fx, s, true);
    g_assert_cmpuint(spdm_responder_endpoint_info(fx->r, 77).len, ==, 0);
}

static void test_endpoint_info_forged(void)
{
    g_autoptr(Fx) fx = negotiated(asking(SPDM_VERSION_13,
                                         SPDM_EP_INFO_CAP_SIG));
    g_autoptr(GByteArray) out = g_byte_array_new();
    SpdmSession *s = fx_key_exchange(fx, 0);

    peer_flow(fx, s);
    fx_finish(fx, s);
    g_assert_true(spdm_responder_ask_endpoint_info(fx->r, s->id));
    peer_fetch(fx, s);
    peer_answer(fx, s, out);
    out->data[out->len - 1] ^= 1;
    peer_deliver(fx, s, 1, view(out));
    fx_expect_error(fx, SPDM_ERROR_INVALID_RESPONSE_CODE);
    fx_expect_wiped(fx);
}

/* Whatever is delivered, and however long, is survived and answered. */
static void test_any_length(void)
{
    for (size_t len = 0; len < 200; len++) {
        g_autoptr(Fx) fx = negotiated(asking(SPDM_VERSION_12, 0));
        g_autoptr(GByteArray) out = g_byte_array_new();
        SpdmSession *s = fx_key_exchange(fx, 0);
        size_t whole;

        peer_fetch(fx, s);
        peer_answer(fx, s, out);
        whole = out->len;
        g_byte_array_set_size(out, (guint)len);
        if (len > whole) {
            memset(out->data + whole, 0, len - whole);
        }
        g_assert_true(peer_deliver(fx, s, 1, view(out)));
        g_assert_true((fx->rsp.h.code == SPDM_ERROR) == (len != whole));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, fn) g_test_add_func("/responder/encap/" name, fn)
    ADD("nothing-pending-is-said-so", test_nothing_pending);
    ADD("without-ENCAP_CAP-it-is-unsupported", test_without_capability);
    ADD("a-flow-blocks-its-session-and-no-other", test_blocked_in_session);
    ADD("a-flow-in-the-clear-blocks-plain-requests",
        test_blocked_in_the_clear);
    ADD("a-flow-outside-blocks-plain-requests", test_blocked_outside);
    ADD("GET_VERSION-aborts-a-flow", test_GET_VERSION_aborts);
    ADD("a-request-that-was-lost-comes-again", test_lost_request_comes_again);
    ADD("a-wrong-RequestID-or-a-short-response-is-invalid",
        test_wrong_deliveries);
    ADD("KEY_UPDATE-of-the-responders-key", test_key_update);
    ADD("eight-requests-wait-and-follow-one-another", test_queue);
    ADD("only-an-established-session-has-a-queue", test_queue_of_whom);
    ADD("KEY_UPDATE-that-is-refused-changes-nothing",
        test_key_update_refused);
    ADD("KEY_UPDATE_ACK-of-another-tag-ends-the-session",
        test_key_update_echo);
    ADD("ENDPOINT_INFO-is-signed-once-the-key-is-known",
        test_endpoint_info);
    ADD("ENDPOINT_INFO-that-is-forged-ends-the-session",
        test_endpoint_info_forged);
    ADD("a-response-of-any-length-is-answered", test_any_length);
#undef ADD
    return g_test_run();
}

/*
 * Which frames may be processed where nobody must wait: one row a rule.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"

#include <string.h>

enum { LIMIT = 2048, DEAR = false, CHEAP = true };

typedef enum Where { OUTSIDE, IN_SIGMA, IN_PSK } Where;

typedef struct Row {
    const char *name;
    Where where;
    uint8_t code;
    bool cheap;
    bool unmade;             /* chains are still to be made */
    size_t size;             /* of the message, 0: 16 */
} Row;

#define ROW(name_, where_, code_, cost_, ...) \
    { .name = name_, .where = where_, .code = code_, .cheap = cost_, \
      __VA_ARGS__ }

static const Row rows[] = {
    ROW("GET_VERSION",
        OUTSIDE, SPDM_GET_VERSION, CHEAP),
    ROW("GET_VERSION while chains are being made",
        OUTSIDE, SPDM_GET_VERSION, CHEAP, .unmade = true),
    ROW("GET_CAPABILITIES",
        OUTSIDE, SPDM_GET_CAPABILITIES, CHEAP),
    ROW("NEGOTIATE_ALGORITHMS",
        OUTSIDE, SPDM_NEGOTIATE_ALGORITHMS, CHEAP),
    ROW("NEGOTIATE_ALGORITHMS may make the key it looks for",
        OUTSIDE, SPDM_NEGOTIATE_ALGORITHMS, DEAR, .unmade = true),
    ROW("GET_CERTIFICATE",
        OUTSIDE, SPDM_GET_CERTIFICATE, CHEAP),
    ROW("GET_CERTIFICATE of a chain to be made",
        OUTSIDE, SPDM_GET_CERTIFICATE, DEAR, .unmade = true),
    ROW("GET_CERTIFICATE in a session",
        IN_SIGMA, SPDM_GET_CERTIFICATE, CHEAP),
    ROW("GET_DIGESTS hashes every chain",
        OUTSIDE, SPDM_GET_DIGESTS, DEAR),
    ROW("CHALLENGE",
        OUTSIDE, SPDM_CHALLENGE, DEAR),
    ROW("GET_MEASUREMENTS",
        OUTSIDE, SPDM_GET_MEASUREMENTS, DEAR),
    ROW("GET_MEASUREMENTS in a session",
        IN_SIGMA, SPDM_GET_MEASUREMENTS, DEAR),
    ROW("KEY_EXCHANGE",
        OUTSIDE, SPDM_KEY_EXCHANGE, DEAR),
    ROW("FINISH",
        IN_SIGMA, SPDM_FINISH, DEAR),
    ROW("PSK_EXCHANGE",
        OUTSIDE, SPDM_PSK_EXCHANGE, DEAR),
    ROW("PSK_FINISH",
        IN_PSK, SPDM_PSK_FINISH, DEAR),
    ROW("CHUNK_SEND may bring any request",
        OUTSIDE, SPDM_CHUNK_SEND, DEAR),
    ROW("CHUNK_GET fetches what is there",
        OUTSIDE, SPDM_CHUNK_GET, CHEAP),
    ROW("RESPOND_IF_READY may bring any request",
        OUTSIDE, SPDM_RESPOND_IF_READY, DEAR),
    ROW("VENDOR_DEFINED_REQUEST is somebody else's",
        IN_SIGMA, SPDM_VENDOR_DEFINED_REQUEST, DEAR),
    ROW("HEARTBEAT",
        IN_SIGMA, SPDM_HEARTBEAT, CHEAP),
    ROW("HEARTBEAT in a PSK session",
        IN_PSK, SPDM_HEARTBEAT, CHEAP),
    ROW("KEY_UPDATE",
        IN_SIGMA, SPDM_KEY_UPDATE, CHEAP),
    ROW("END_SESSION",
        IN_SIGMA, SPDM_END_SESSION, CHEAP),
    ROW("SET_CERTIFICATE",
        IN_SIGMA, SPDM_SET_CERTIFICATE, DEAR),
    ROW("GET_CSR",
        IN_SIGMA, SPDM_GET_CSR, DEAR),
    ROW("GET_KEY_PAIR_INFO may make the key",
        IN_SIGMA, SPDM_GET_KEY_PAIR_INFO, DEAR),
    ROW("an unknown code is an ERROR",
        OUTSIDE, 0xd3, CHEAP),
    ROW("an unknown code in a session",
        IN_SIGMA, 0xd3, CHEAP),
    ROW("less than a header is dropped",
        OUTSIDE, SPDM_CHALLENGE, CHEAP, .size = 1),
    ROW("a large request",
        OUTSIDE, SPDM_GET_VERSION, DEAR, .size = LIMIT),
    ROW("a large record",
        IN_SIGMA, SPDM_HEARTBEAT, DEAR, .size = LIMIT),
};

static SpdmProviderOps ops;
static bool made;

static bool chains_made(void *opaque)
{
    return made;
}

static Fx *cheap_fx(SpdmTransportType transport)
{
    FxOptions o = { .transport = transport };
    Fx *fx = fx_new(&o);

    ops = device_ops;
    ops.chains_made = chains_made;
    fx->r->provider.ops = &ops;
    made = true;
    return fx;
}

static SpdmSession *go_to(Fx *fx, Where where)
{
    fx_negotiate(fx);
    return where == IN_SIGMA ? fx_sigma(fx) :
           where == IN_PSK ? fx_psk(fx) : NULL;
}

static bool is_cheap(Fx *fx, const GByteArray *frame)
{
    return spdm_responder_is_cheap(fx->r, frame->data, frame->len);
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(Fx) fx = cheap_fx(SPDM_TRANSPORT_PCI_DOE);
    SpdmSession *s = go_to(fx, row->where);
    size_t size = row->size ? row->size : 16;
    g_autofree uint8_t *message = g_malloc0(size);
    g_autoptr(GByteArray) frame = g_byte_array_new();
    SpdmResponderInfo before = fx_info(fx), after;

    message[0] = fx->o.version;
    if (size > 1) {
        message[1] = row->code;
    }
    made = !row->unmade;
    fx_wrap(fx, s, SPDM_BYTES(message, size), frame);
    g_assert_true(is_cheap(fx, frame) == row->cheap);
    after = fx_info(fx);
    g_assert_cmpmem(&after, sizeof(after), &before, sizeof(before));
}

/* Without the question nobody knows that chains are there. */
static void test_no_answer(void)
{
    g_autoptr(Fx) fx = cheap_fx(SPDM_TRANSPORT_NONE);
    uint8_t message[8] = { 0x12, SPDM_GET_CERTIFICATE };

    ops.chains_made = NULL;
    g_assert_false(spdm_responder_is_cheap(fx->r, message, sizeof(message)));
    message[1] = SPDM_GET_CAPABILITIES;
    g_assert_true(spdm_responder_is_cheap(fx->r, message, sizeof(message)));
}

/* A record that was looked into opens as if it had not been. */
static void test_asking_changes_nothing(void)
{
    g_autoptr(Fx) fx = cheap_fx(SPDM_TRANSPORT_PCI_DOE);
    SpdmSession *s = go_to(fx, IN_SIGMA);
    SpdmSession *peer = fx_peer(fx, s->id);
    uint8_t message[] = { fx->o.version, SPDM_HEARTBEAT, 0, 0 };

    for (unsigned i = 0; i < 3; i++) {
        g_autoptr(GByteArray) frame = g_byte_array_new();
        uint64_t records = peer->records_in;

        fx_wrap(fx, s, SPDM_BYTES(message, sizeof(message)), frame);
        g_assert_true(is_cheap(fx, frame));
        g_assert_true(is_cheap(fx, frame));
        g_assert_cmpuint(peer->records_in, ==, records);
        g_assert_true(fx_send_frame(fx, frame->data, frame->len));
        g_assert_cmpuint(peer->records_in, ==, records + 1);
        s->keys[SPDM_SENDER_RESPONDER].sequence++;
    }
}

/* It may be one of before a KEY_UPDATE, or end the session. */
static void test_record_that_does_not_open(void)
{
    g_autoptr(Fx) fx = cheap_fx(SPDM_TRANSPORT_PCI_DOE);
    SpdmSession *s = go_to(fx, IN_SIGMA);
    g_autoptr(GByteArray) frame = g_byte_array_new();
    uint8_t message[] = { fx->o.version, SPDM_HEARTBEAT, 0, 0 };

    fx_wrap(fx, s, SPDM_BYTES(message, sizeof(message)), frame);
    frame->data[frame->len - 5] ^= 1;
    g_assert_false(is_cheap(fx, frame));
    g_assert_cmpuint(fx_info(fx).session_count, ==, 1);
}

static void test_record_of_nobody(void)
{
    g_autoptr(Fx) fx = cheap_fx(SPDM_TRANSPORT_PCI_DOE);
    SpdmSession *s = go_to(fx, IN_SIGMA);
    g_autoptr(GByteArray) frame = g_byte_array_new();
    uint8_t message[] = { fx->o.version, SPDM_FINISH, 0, 0 };

    fx_wrap(fx, s, SPDM_BYTES(message, sizeof(message)), frame);
    spdm_responder_abort(fx->r, 0);
    g_assert_true(is_cheap(fx, frame));
}

/* Every beginning of a record, and noise; ASan watches. */
static void test_cut_anywhere(void)
{
    g_autoptr(Fx) fx = cheap_fx(SPDM_TRANSPORT_PCI_DOE);
    SpdmSession *s = go_to(fx, IN_SIGMA);
    g_autoptr(GByteArray) frame = g_byte_array_new();
    uint8_t message[] = { fx->o.version, SPDM_HEARTBEAT, 0, 0 };

    fx_wrap(fx, s, SPDM_BYTES(message, sizeof(message)), frame);
    for (guint len = 0; len < frame->len; len++) {
        g_autofree uint8_t *cut = g_memdup2(frame->data, len);

        spdm_responder_is_cheap(fx->r, cut, len);
    }
    g_assert_true(is_cheap(fx, frame));
}

static void test_discovery(void)
{
    static const uint8_t discovery[] = { 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0 };
    static const uint8_t other[] = { 1, 0, 0x77, 0, 3, 0, 0, 0, 0, 0, 0, 0 };
    g_autoptr(Fx) fx = cheap_fx(SPDM_TRANSPORT_PCI_DOE);

    g_assert_true(spdm_responder_is_cheap(fx->r, discovery,
                                          sizeof(discovery)));
    g_assert_true(spdm_responder_is_cheap(fx->r, other, sizeof(other)));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/cheap/rows/%s",
                                                rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/cheap/chains of which nothing is known",
                    test_no_answer);
    g_test_add_func("/cheap/asking changes nothing",
                    test_asking_changes_nothing);
    g_test_add_func("/cheap/a record that does not open",
                    test_record_that_does_not_open);
    g_test_add_func("/cheap/a record of no session", test_record_of_nobody);
    g_test_add_func("/cheap/a record cut anywhere", test_cut_anywhere);
    g_test_add_func("/cheap/DOE discovery, and an unknown object",
                    test_discovery);
    return g_test_run();
}

/*
 * A third party that has a capture and a key log says what is wrong, and who
 * stopped. Each row is a connection with one lie in it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "../requester/fixture.h"
#include "spdm/trace-read.h"
#include "spdm/trace.h"

typedef enum Flow {
    FLOW_ALL = 0,            /* chain, challenge, measurements, SIGMA, end */
    FLOW_SIGMA,              /* chain, SIGMA */
    FLOW_PSK,
    FLOW_REFUSED,            /* a measurement that there is not, between */
    FLOW_SIGMA_AGAIN,        /* whatever came of it, GET_VERSION again */
} Flow;

/* A change to one message on its way. */
typedef struct Row {
    const char *sentence;
    Flow flow;
    bool mctp;
    SpdmTapEvent at;
    uint8_t code;            /* of the message; 0: no lie */
    int offset;              /* from its start; negative: from its end */
    uint8_t flip;
    int cut;                 /* bytes off the end; negative: drop it */
    bool requester;          /* the lie is the requester's */
    bool no_keys;            /* the observer has no key log */
    const char *verdict;     /* of the end; NULL: nothing is wrong */
    const char *where;       /* message that it stands at */
} Row;

enum {
    KEX_RSP = SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE),
    H = 48,                  /* SHA-384 */
};

static const Row rows[] = {
    { "nothing is found in an honest connection", .flow = FLOW_ALL },
    { "nor over MCTP", .flow = FLOW_ALL, .mctp = true },
    { "nor in an honest PSK session", .flow = FLOW_PSK },
    { "a bit of ResponderVerifyData", .flow = FLOW_SIGMA,
      .at = SPDM_TAP_TX_MSG, .code = KEX_RSP, .offset = -1, .flip = 1,
      .verdict = "the requester stopped here: ResponderVerifyData does not "
                 "match the transcript", .where = "KEY_EXCHANGE_RSP" },
    { "and then it begins anew", .flow = FLOW_SIGMA_AGAIN,
      .at = SPDM_TAP_TX_MSG, .code = KEX_RSP, .offset = -1, .flip = 1,
      .verdict = "the requester stopped here: ResponderVerifyData does not "
                 "match the transcript", .where = "KEY_EXCHANGE_RSP" },
    { "a bit of a signature of KEY_EXCHANGE_RSP", .flow = FLOW_SIGMA,
      .at = SPDM_TAP_TX_MSG, .code = KEX_RSP, .offset = -H - 1, .flip = 1,
      .verdict = "the requester stopped here: the Signature of "
                 "KEY_EXCHANGE_RSP is not", .where = "KEY_EXCHANGE_RSP" },
    { "a random number changed after it was signed", .flow = FLOW_SIGMA,
      .at = SPDM_TAP_TX_MSG, .code = KEX_RSP, .offset = 8, .flip = 1,
      .verdict = "the requester stopped here: the Signature of "
                 "KEY_EXCHANGE_RSP is not", .where = "KEY_EXCHANGE_RSP" },
    { "and without a key log", .flow = FLOW_SIGMA, .no_keys = true,
      .at = SPDM_TAP_TX_MSG, .code = KEX_RSP, .offset = 8, .flip = 1,
      .verdict = "the requester stopped here: the Signature of "
                 "KEY_EXCHANGE_RSP is not", .where = "KEY_EXCHANGE_RSP" },
    { "a bit of the Signature of CHALLENGE_AUTH", .flow = FLOW_ALL,
      .at = SPDM_TAP_TX_MSG, .code = SPDM_RESPONSE_OF(SPDM_CHALLENGE),
      .offset = -1, .flip = 1,
      .verdict = "the Signature of CHALLENGE_AUTH is not",
      .where = "CHALLENGE_AUTH" },
    { "another CertChainHash", .flow = FLOW_ALL,
      .at = SPDM_TAP_COMPOSE, .code = SPDM_RESPONSE_OF(SPDM_CHALLENGE),
      .offset = 4, .flip = 1, .verdict = "CertChainHash is not that",
      .where = "CHALLENGE_AUTH" },
    { "a bit of the Signature of MEASUREMENTS", .flow = FLOW_ALL,
      .at = SPDM_TAP_TX_MSG, .code = SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENTS),
      .offset = -1, .flip = 1, .verdict = "the Signature of MEASUREMENTS is",
      .where = "MEASUREMENTS" },
    { "a measurement changed after it was signed", .flow = FLOW_ALL,
      .at = SPDM_TAP_TX_MSG, .code = SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENTS),
      .offset = 20, .flip = 1,
      .verdict = "the Signature of MEASUREMENTS is not",
      .where = "MEASUREMENTS" },
    { "a digest of another chain", .flow = FLOW_SIGMA,
      .at = SPDM_TAP_TX_MSG, .code = SPDM_RESPONSE_OF(SPDM_GET_DIGESTS),
      .offset = 4, .flip = 1,
      .verdict = "the digest in DIGESTS is not that of the certificate chain",
      .where = "CERTIFICATE" },
    { "a chain with a bit changed", .flow = FLOW_SIGMA,
      .at = SPDM_TAP_TX_MSG, .code = SPDM_RESPONSE_OF(SPDM_GET_CERTIFICATE),
      .offset = -20, .flip = 1, .verdict = "the requester stopped here: ",
      .where = "CERTIFICATE" },
    { "a hash that was not offered", .flow = FLOW_SIGMA,
      .at = SPDM_TAP_TX_MSG,
      .code = SPDM_RESPONSE_OF(SPDM_NEGOTIATE_ALGORITHMS),
      .offset = 19, .flip = 0x80,
      .verdict = "it selects BaseHashAlgo 0x80000000, which was not offered",
      .where = "ALGORITHMS" },
    { "another SPDMVersion", .flow = FLOW_SIGMA, .at = SPDM_TAP_TX_MSG,
      .code = SPDM_RESPONSE_OF(SPDM_GET_DIGESTS), .offset = 0, .flip = 1,
      .verdict = "its SPDMVersion is 1.3, but 1.2 was agreed on",
      .where = "DIGESTS" },
    { "another code", .flow = FLOW_SIGMA, .at = SPDM_TAP_TX_MSG,
      .code = SPDM_RESPONSE_OF(SPDM_GET_DIGESTS), .offset = 1, .flip = 3,
      .verdict = "the requester stopped here: it does not answer "
                 "GET_DIGESTS", .where = "CERTIFICATE" },
    { "a message cut short", .flow = FLOW_SIGMA, .at = SPDM_TAP_TX_MSG,
      .code = KEX_RSP, .cut = 8,
      .verdict = "it does not have the layout of a KEY_EXCHANGE_RSP",
      .where = "KEY_EXCHANGE_RSP" },
    { "no answer", .flow = FLOW_SIGMA, .at = SPDM_TAP_TX_MSG,
      .code = KEX_RSP, .cut = -1,
      .verdict = "no answer came: the trace ends here",
      .where = "KEY_EXCHANGE" },
    { "a PSK responder with a bit of its VerifyData wrong",
      .flow = FLOW_PSK, .at = SPDM_TAP_TX_MSG,
      .code = SPDM_RESPONSE_OF(SPDM_PSK_EXCHANGE), .offset = -1, .flip = 1,
      .verdict = "the requester stopped here: ResponderVerifyData does not "
                 "match the transcript", .where = "PSK_EXCHANGE_RSP" },
    { "RequesterVerifyData that is wrong", .flow = FLOW_SIGMA,
      .at = SPDM_TAP_TX_MSG, .code = SPDM_FINISH, .offset = -1, .flip = 1,
      .requester = true,
      .verdict = "the responder stopped here: RequesterVerifyData does not "
                 "match the transcript", .where = "ERROR" },
    { "VerifyData of a PSK requester that is wrong", .flow = FLOW_PSK,
      .at = SPDM_TAP_TX_MSG, .code = SPDM_PSK_FINISH, .offset = -1,
      .flip = 1, .requester = true,
      .verdict = "the responder stopped here: RequesterVerifyData does not "
                 "match the transcript", .where = "ERROR" },
    { "a request cut short", .flow = FLOW_SIGMA, .at = SPDM_TAP_TX_MSG,
      .code = SPDM_KEY_EXCHANGE, .cut = 20, .requester = true,
      .verdict = "the responder stopped here: it does not have the layout of "
                 "a KEY_EXCHANGE", .where = "ERROR" },
    { "a record altered on its way to the requester", .flow = FLOW_SIGMA,
      .at = SPDM_TAP_TX_FRAME, .code = SPDM_RESPONSE_OF(SPDM_FINISH),
      .offset = 16, .flip = 1,
      .verdict = "the requester stopped here: the record does not open",
      .where = "record" },
    { "a record altered on its way to the responder", .flow = FLOW_SIGMA,
      .at = SPDM_TAP_TX_FRAME, .code = SPDM_FINISH, .offset = 16, .flip = 1,
      .requester = true,
      .verdict = "the responder stopped here: the record does not open",
      .where = "ERROR" },
    { "what a responder refuses", .flow = FLOW_SIGMA, .at = SPDM_TAP_TX_MSG,
      .code = SPDM_KEY_EXCHANGE, .offset = 3, .flip = 5, .requester = true,
      .verdict = "the responder refused KEY_EXCHANGE: InvalidRequest",
      .where = "ERROR" },
};

/* --- the lie ------------------------------------------------------------- */

typedef struct Liar {
    SpdmTap tap;
    const Row *row;
    bool done;
} Liar;

/* A requester's tap is not told what is in a frame: the first record. */
static bool is_it(const Row *row, const SpdmTapContext *c)
{
    enum { DOE_TYPE = 2, SECURED = 2 };

    if (row->requester && row->at == SPDM_TAP_TX_FRAME) {
        return c->bytes && c->bytes->data[DOE_TYPE] == SECURED;
    }
    return c->code == row->code;
}

static SpdmTapVerdict lie(void *opaque, SpdmTapContext *c)
{
    Liar *l = opaque;
    const Row *row = l->row;
    size_t at;

    if (c->event != row->at || !is_it(row, c) || l->done) {
        return SPDM_TAP_PASS;
    }
    l->done = true;
    if (row->cut < 0) {
        return SPDM_TAP_DROP;
    }
    g_byte_array_set_size(c->bytes, c->bytes->len - (guint)row->cut);
    at = row->offset < 0 ? c->bytes->len - (size_t)-row->offset
                         : (size_t)row->offset;
    c->bytes->data[at] ^= row->flip;
    return SPDM_TAP_PASS;
}

/* --- flows: each call may fail, as a lie will have it --------------------- */

static bool connect(RqFixture *f)
{
    return spdm_requester_connect(f->rq, NULL) &&
           spdm_requester_digests(f->rq, 0, NULL) &&
           spdm_requester_certificate(f->rq, 0, 0, 0, NULL);
}

static bool sigma(RqFixture *f)
{
    const SpdmKeyExchangeParams params = { .slot = 0 };
    uint32_t id;

    return spdm_requester_key_exchange(f->rq, &params, &id, NULL) &&
           spdm_requester_finish(f->rq, id, NULL) &&
           spdm_requester_end_session(f->rq, id, false, NULL);
}

static bool psk(RqFixture *f)
{
    const SpdmPskExchangeParams params = rq_psk_params();
    uint32_t id;

    return spdm_requester_psk_exchange(f->rq, &params, &id, NULL) &&
           spdm_requester_psk_finish(f->rq, id, NULL) &&
           spdm_requester_heartbeat(f->rq, id, NULL) &&
           spdm_requester_end_session(f->rq, id, false, NULL);
}

static bool attest(RqFixture *f)
{
    const SpdmMeasurementQuery query = { .index = 0xff, .sign = true };

    return spdm_requester_challenge(f->rq, 0, 0, NULL) &&
           spdm_requester_measurements(f->rq, 0, &query, NULL, NULL);
}

static bool measure(RqFixture *f, uint8_t index, bool sign)
{
    const SpdmMeasurementQuery query = { .index = index, .sign = sign };

    return spdm_requester_measurements(f->rq, 0, &query, NULL, NULL);
}

static bool run(RqFixture *f, Flow flow)
{
    switch (flow) {
    case FLOW_ALL:
        return connect(f) && attest(f) && sigma(f);
    case FLOW_SIGMA:
        return connect(f) && sigma(f);
    case FLOW_PSK:
        return spdm_requester_connect(f->rq, NULL) && psk(f);
    case FLOW_REFUSED:
        return connect(f) && measure(f, 1, false) && !measure(f, 99, false) &&
               measure(f, 0xff, true);
    case FLOW_SIGMA_AGAIN:
        return !(connect(f) && sigma(f)) &&
               !spdm_requester_connect(f->rq, NULL);
    }
    return false;
}

/* --- a capture of it ----------------------------------------------------- */

static bool keep(void *opaque, const uint8_t *data, size_t len)
{
    g_byte_array_append(opaque, data, (guint)len);
    return true;
}

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static void record(const Row *row, GByteArray *pcap, GByteArray *keylog)
{
    SpdmTransportType transport = row->mctp ? SPDM_TRANSPORT_MCTP
                                            : SPDM_TRANSPORT_PCI_DOE;
    g_autoptr(RqFixture) f = rq_fixture_new(&(RqOptions){
        .version = SPDM_VERSION_12, .transport = transport,
        .heartbeat = 20 });
    const SpdmTraceConfig config = {
        .device = "dev", .transport = transport, .pcap = { keep, pcap },
        .keylog = { keep, keylog },
    };
    g_autoptr(SpdmTrace) trace = NULL;
    Liar liar = { .tap = { .call = lie, .opaque = &liar }, .row = row };

    if (row->code && row->requester) {
        spdm_requester_add_tap(f->rq, &liar.tap);
    } else if (row->code) {
        spdm_responder_add_tap(f->responder, &liar.tap);
    }
    trace = spdm_trace_new(&config);
    spdm_trace_attach(trace, f->responder);
    g_assert_true(run(f, row->flow) == !row->code);
    g_assert_true(liar.done || !row->code);
    rq_fixture_free(g_steal_pointer(&f));
}

/* The last message that went wrong. */
static const SpdmEntry *worst(const SpdmObserver *o)
{
    const GPtrArray *entries = spdm_observer_entries(o);

    for (guint i = entries->len; i-- > 0; ) {
        const SpdmEntry *e = g_ptr_array_index(entries, i);

        if (e->bad) {
            return e;
        }
    }
    return NULL;
}

static void check_honest(const SpdmObserver *o)
{
    const GPtrArray *entries = spdm_observer_entries(o);
    unsigned held = 0;

    for (guint i = 0; i < entries->len; i++) {
        const SpdmEntry *e = g_ptr_array_index(entries, i);

        g_assert_null(e->finding);
        g_assert_null(e->verdict);
        g_assert_true(e->opened && e->fields && e->fields->len >= 4);
        held += e->holds != NULL;
    }
    g_assert_cmpuint(held, >=, 2);
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) pcap = g_byte_array_new();
    g_autoptr(GByteArray) keylog = g_byte_array_new();
    g_autoptr(SpdmObserver) o = spdm_observer_new();
    g_autoptr(GError) err = NULL;
    const SpdmEntry *e;

    record(row, pcap, keylog);
    if (!row->no_keys) {
        spdm_observer_keys(o, view(keylog), "keys", &err);
        g_assert_no_error(err);
    }
    spdm_observer_pcap(o, view(pcap), &err);
    g_assert_no_error(err);
    spdm_observer_end(o);
    if (!row->verdict) {
        check_honest(o);
        return;
    }
    e = worst(o);
    g_assert_nonnull(e);
    g_test_message("%s: %s", e->name, e->verdict);
    g_assert_nonnull(strstr(e->verdict, row->verdict));
    g_assert_cmpstr(e->name, ==, row->where);
}

/* No byte of a capture that is changed does an observer any harm. */
static void test_rubbish(void)
{
    g_autoptr(GByteArray) pcap = g_byte_array_new();
    g_autoptr(GByteArray) keylog = g_byte_array_new();
    g_autoptr(GRand) rand = g_rand_new_with_seed(7);

    record(&rows[0], pcap, keylog);
    for (unsigned i = 0; i < 150; i++) {
        g_autoptr(SpdmObserver) o = spdm_observer_new();
        g_autofree uint8_t *copy = g_memdup2(pcap->data, pcap->len);

        for (unsigned k = 0; k < 4; k++) {
            copy[g_rand_int_range(rand, 24, (gint32)pcap->len)] ^=
                (uint8_t)g_rand_int_range(rand, 1, 256);
        }
        spdm_observer_keys(o, view(keylog), "keys", NULL);
        spdm_observer_pcap(o, SPDM_BYTES(copy, pcap->len), NULL);
        spdm_observer_end(o);
        g_assert_cmpuint(spdm_observer_entries(o)->len, <=, pcap->len);
    }
}

/* A rule that acted is named where it did harm. */
static void test_fault_is_named(void)
{
    static const uint8_t get_version[] = { 0x10, 0x84, 0, 0 };
    static const uint8_t version[] = { 0x10, 4, 0, 0, 0, 0 };
    g_autoptr(SpdmObserver) o = spdm_observer_new();
    const SpdmEntry *e;

    spdm_observer_message(o, 1, true, false, 0, SPDM_BYTES(get_version, 4));
    spdm_observer_event(o, SPDM_ENTRY_FAULT, 2, 0, "empty", "set VERSION");
    spdm_observer_message(o, 3, false, false, 0, SPDM_BYTES(version, 6));
    spdm_observer_end(o);
    e = worst(o);
    g_assert_cmpstr(e->verdict, ==, "the requester stopped here: it lists no "
                    "version (the doing of rule \"empty\")");
}

/* An ERROR is no part of L1/L2, and ends it. */
static void test_refused(void)
{
    static const Row row = { .flow = FLOW_REFUSED };
    g_autoptr(GByteArray) pcap = g_byte_array_new();
    g_autoptr(GByteArray) keylog = g_byte_array_new();
    g_autoptr(SpdmObserver) o = spdm_observer_new();
    const GPtrArray *entries = spdm_observer_entries(o);
    const SpdmEntry *last;

    record(&row, pcap, keylog);
    spdm_observer_pcap(o, view(pcap), NULL);
    spdm_observer_end(o);
    for (guint i = 0; i < entries->len; i++) {
        g_assert_null(((SpdmEntry *)g_ptr_array_index(entries, i))->finding);
    }
    last = g_ptr_array_index(entries, entries->len - 1);
    g_assert_cmpstr(last->name, ==, "MEASUREMENTS");
    g_assert_cmpstr(last->holds, ==, "Signature");
    g_assert_cmpstr(worst(o)->verdict, ==,
                    "the responder refused GET_MEASUREMENTS: InvalidRequest");
}

/* Believing a lie is said as well. */
static void test_believed(void)
{
    static const uint8_t get_version[] = { 0x10, 0x84, 0, 0 };
    static const uint8_t version[] = { 0x10, 4, 0, 0, 0, 0 };
    static const uint8_t get_capabilities[] = { 0x10, 0xe1, 0, 0 };
    g_autoptr(SpdmObserver) o = spdm_observer_new();

    spdm_observer_message(o, 1, true, false, 0, SPDM_BYTES(get_version, 4));
    spdm_observer_message(o, 2, false, false, 0, SPDM_BYTES(version, 6));
    spdm_observer_message(o, 3, true, false, 0,
                          SPDM_BYTES(get_capabilities, 4));
    spdm_observer_end(o);
    g_assert_cmpstr(((SpdmEntry *)g_ptr_array_index(
                        spdm_observer_entries(o), 1))->verdict, ==,
                    "the requester went on all the same, although it lists "
                    "no version");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/observer/%s",
                                                rows[i].sentence);

        g_test_add_data_func(g_strdelimit(path, " ", '-'), &rows[i],
                             test_row);
    }
    g_test_add_func("/observer/a-rule-that-acted-is-named",
                    test_fault_is_named);
    g_test_add_func("/observer/a-refused-measurement-is-no-part-of-L1",
                    test_refused);
    g_test_add_func("/observer/a-lie-that-is-believed-is-said",
                    test_believed);
    g_test_add_func("/observer/rubbish-is-survived", test_rubbish);
    return g_test_run();
}

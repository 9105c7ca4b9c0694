/*
 * Requests off by one byte at every field, sent where the request itself is
 * right. They are answered or dropped; the responder goes on.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requests.h"

#include "peer.h"

#include "tests/wire/variants.h"

/** A request, its place, and the way back to it. */
typedef struct Place {
    Fx *fx;
    SpdmSession *s;
    uint64_t sequence;           /* of the requester's next record */
    GBytes *state;               /* the responder's */
    GByteArray *request;
} Place;

static unsigned requests_sent;

static void place_clear(Place *p)
{
    fx_free(p->fx);
    g_bytes_unref(p->state);
    g_byte_array_unref(p->request);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static void keep(Place *p)
{
    p->state = spdm_responder_save(p->fx->r);
    if (p->s) {
        p->sequence = p->s->keys[SPDM_SENDER_REQUESTER].sequence;
    }
}

static void go_back(Place *p)
{
    g_autoptr(GError) err = NULL;

    g_assert_true(spdm_responder_load(p->fx->r, p->state, &err));
    g_assert_no_error(err);
    if (p->s) {
        p->s->keys[SPDM_SENDER_REQUESTER].sequence = p->sequence;
    }
}

/* Copies of exactly what is sent, so that sanitizers see reads behind it. */
static bool send_exactly(Place *p, const GByteArray *frame)
{
    g_autofree uint8_t *copy = g_memdup2(frame->data, frame->len);

    requests_sent++;
    return fx_send_frame(p->fx, copy, frame->len);
}

/* Outside of sessions the answer is to what was asked, or an ERROR. */
static void check_answer(const Place *p, const GByteArray *request)
{
    const SpdmTransport *transport = spdm_transport(p->fx->o.transport);
    SpdmFrame frame;

    g_assert_true(transport->unpack(SPDM_BYTES(p->fx->frame->data,
                                               p->fx->frame->len), &frame));
    if (frame.kind != SPDM_FRAME_PLAIN) {
        return;
    }
    g_assert_cmpuint(frame.payload.len, >=, SPDM_HEADER_SIZE);
    g_assert_cmphex(frame.payload.data[0] & 0xf0, ==, 0x10);
    if (frame.payload.data[1] != SPDM_ERROR) {
        g_assert_cmphex(frame.payload.data[1], ==,
                        SPDM_RESPONSE_OF(request->data[1]));
    }
}

static void send_variant(Place *p, const GByteArray *request)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();

    fx_wrap(p->fx, p->s, SPDM_BYTES(request->data, request->len), frame);
    if (send_exactly(p, frame)) {
        check_answer(p, request);
    }
}

/* It still does what it always has to. */
static void expect_alive(Place *p)
{
    static const uint8_t get_version[] = {
        SPDM_VERSION_10, SPDM_GET_VERSION, 0, 0,
    };

    g_assert_true(fx_send(p->fx, NULL, SPDM_BYTES(get_version,
                                                  sizeof(get_version))));
    g_assert_cmphex(p->fx->answer->data[1], ==,
                    SPDM_RESPONSE_OF(SPDM_GET_VERSION));
    fx_expect_wiped(p->fx);
}

static void survive(Place *p)
{
    SpdmWireCtx embedded = spdm_conn_embedded_ctx(&p->fx->conn);
    SpdmWireCtx wire = spdm_conn_wire_ctx(&p->fx->conn);
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_auto(Variants) v = { .fields = NULL };
    SpdmBytes request = SPDM_BYTES(p->request->data, p->request->len);

    wire.embedded = &embedded;
    variants_init(&v, &wire, request);
    g_assert_cmpuint(v.fields->len, >=, 5);
    for (unsigned k = 0; k < variants_count(&v); k++) {
        g_autofree char *what = variant_make(&v, k, out);

        if (what && out->len) {
            g_test_message("%s", what);
            send_variant(p, out);
            expect_alive(p);
            go_back(p);
        }
    }
    /* The one that is right is still answered. */
    send_variant(p, p->request);
}

/* --- shortest requests ---------------------------------------------------- */

typedef struct Row {
    const Rule *rule;
    uint8_t version;
    SpdmTransportType transport;
} Row;

static void test_row(gconstpointer data)
{
    const Row *row = data;
    FxOptions o = rule_options(row->version, 0, 0);
    g_auto(Place) p = { .request = g_byte_array_new() };

    o.transport = row->transport;
    p.fx = rule_device(&o);
    p.s = stage_go(p.fx, rule_home(row->rule));
    rule_make(row->rule, p.fx, p.s, p.request);
    keep(&p);
    survive(&p);
}

/* --- longer ones ---------------------------------------------------------- */

typedef struct Longer {
    const char *sentence;
    uint8_t first;
    Stage stage;
    bool mutual;
    uint32_t transfer_size;      /* of the requester */
    void (*make)(Place *p);
} Longer;

static void put(Place *p, SpdmMsg m)
{
    SpdmWireCtx wire = spdm_conn_wire_ctx(&p->fx->conn);

    g_assert_true(spdm_msg_encode(&wire, &m, p->request));
}

static void signed_measurements(Place *p)
{
    static const uint8_t zeros[SPDM_NONCE_SIZE];
    SpdmMsg m = fx_msg(p->fx, SPDM_GET_MEASUREMENTS,
                       SPDM_MEAS_REQ_SIGNATURE, 0xff);

    m.get_measurements.nonce = SPDM_BYTES(zeros, SPDM_NONCE_SIZE);
    m.get_measurements.context = SPDM_BYTES(zeros, SPDM_CONTEXT_SIZE);
    put(p, m);
}

static void signed_endpoint_info(Place *p)
{
    static const uint8_t zeros[SPDM_NONCE_SIZE];
    SpdmMsg m = fx_msg(p->fx, SPDM_GET_ENDPOINT_INFO,
                       SPDM_EP_INFO_DEVICE_CLASS, 0);

    m.get_endpoint_info.attributes = SPDM_EP_INFO_SIGNATURE;
    m.get_endpoint_info.nonce = SPDM_BYTES(zeros, SPDM_NONCE_SIZE);
    put(p, m);
}

/* A VENDOR_DEFINED_REQUEST of 100 bytes. */
static void second_chunk(Place *p)
{
    uint8_t large[100] = {
        p->fx->o.version, SPDM_VENDOR_DEFINED_REQUEST, 0, 0, 3, 0, 2, 1, 0,
        89, 0,
    };
    SpdmBytes whole = SPDM_BYTES(large, sizeof(large));
    g_autoptr(GByteArray) first = g_byte_array_new();

    fx_make_chunk(p->fx, whole, 1, 0, 0, first);
    g_assert_true(fx_send(p->fx, p->s, SPDM_BYTES(first->data, first->len)));
    g_assert_cmphex(p->fx->answer->data[1], ==,
                    SPDM_RESPONSE_OF(SPDM_CHUNK_SEND));
    fx_make_chunk(p->fx, whole, 1, 1,
                  p->fx->profile.data_transfer_size - 16, p->request);
}

static void chunk_of_a_response(Place *p)
{
    SpdmMsg m = fx_msg(p->fx, SPDM_GET_CERTIFICATE, 0, 0);
    g_autoptr(GByteArray) ask = g_byte_array_new();
    SpdmWireCtx wire = spdm_conn_wire_ctx(&p->fx->conn);

    m.get_certificate.length = 800;
    g_assert_true(spdm_msg_encode(&wire, &m, ask));
    g_assert_true(fx_send(p->fx, p->s, SPDM_BYTES(ask->data, ask->len)));
    g_assert_cmphex(p->fx->answer->data[2], ==, SPDM_ERROR_LARGE_RESPONSE);
    fx_make_chunk_get(p->fx, p->fx->answer->data[4], 0, p->request);
}

/* An answer to what the responder asks in the flow of a handshake. */
static void delivery(Place *p, unsigned answered)
{
    g_autoptr(GByteArray) response = g_byte_array_new();
    uint8_t header[] = { p->fx->o.version,
                         SPDM_DELIVER_ENCAPSULATED_RESPONSE, 0, 0 };

    peer_fetch(p->fx, p->s);
    while (answered--) {
        g_byte_array_set_size(response, 0);
        peer_answer(p->fx, p->s, response);
        g_assert_true(peer_deliver(p->fx, p->s, p->fx->asked_id,
                                   SPDM_BYTES(response->data,
                                              response->len)));
    }
    g_byte_array_set_size(response, 0);
    peer_answer(p->fx, p->s, response);
    header[2] = p->fx->asked_id;
    g_byte_array_append(p->request, header, sizeof(header));
    g_byte_array_append(p->request, response->data, response->len);
}

static void delivered_digests(Place *p)
{
    delivery(p, 0);
}

static void delivered_certificate(Place *p)
{
    delivery(p, 1);
}

static void signed_finish(Place *p)
{
    peer_flow(p->fx, p->s);
    fx_make_finish(p->fx, p->s, p->request);
}

static const Longer longer[] = {
    { "a signed GET_MEASUREMENTS", SPDM_VERSION_10, STAGE_NEGOTIATED, false,
      0, signed_measurements },
    { "a signed GET_ENDPOINT_INFO", SPDM_VERSION_13, STAGE_NEGOTIATED, false,
      0, signed_endpoint_info },
    { "a second CHUNK_SEND", SPDM_VERSION_12, STAGE_NEGOTIATED, false, 64,
      second_chunk },
    { "CHUNK_GET of a certificate", SPDM_VERSION_12, STAGE_NEGOTIATED, false,
      200, chunk_of_a_response },
    { "CHUNK_GET of a certificate in a session", SPDM_VERSION_12,
      STAGE_SIGMA, false, 200, chunk_of_a_response },
    { "delivered DIGESTS", SPDM_VERSION_11, STAGE_SIGMA_HS, true, 0,
      delivered_digests },
    { "delivered CERTIFICATE", SPDM_VERSION_11, STAGE_SIGMA_HS, true, 0,
      delivered_certificate },
    { "a signed FINISH", SPDM_VERSION_11, STAGE_SIGMA_HS, true, 0,
      signed_finish },
};

static void test_longer(gconstpointer data)
{
    const Longer *row = data;

    for (uint8_t v = row->first; v <= SPDM_VERSION_14; v++) {
        FxOptions o = rule_options(v, 0, 0);
        g_auto(Place) p = { .request = g_byte_array_new() };

        o.mut_auth = row->mutual ? SPDM_MUT_AUTH_REQUIRED
                                 : SPDM_MUT_AUTH_NONE;
        o.data_transfer_size = row->transfer_size;
        o.max_msg_size = 0x1200;
        o.rsp_transfer_size = row->make == second_chunk ? 64 : 0;
        o.rsp_max_msg_size = 0x1200;
        p.fx = rule_device(&o);
        p.s = stage_go(p.fx, row->stage);
        row->make(&p);
        keep(&p);
        survive(&p);
    }
}

int main(int argc, char **argv)
{
    static const SpdmTransportType transports[] = {
        SPDM_TRANSPORT_MCTP, SPDM_TRANSPORT_PCI_DOE,
    };
    g_autofree Row *rows = g_new0(Row, request_rule_count * RULE_VERSIONS *
                                       G_N_ELEMENTS(transports));
    Row *row = rows;
    int result;

    g_test_init(&argc, &argv, NULL);
    for (size_t t = 0; t < G_N_ELEMENTS(transports); t++) {
        for (size_t i = 0; i < request_rule_count; i++) {
            const Rule *rule = &request_rules[i];

            for (uint8_t v = rule->since; v <= SPDM_VERSION_14; v++) {
                g_autofree char *path = g_strdup_printf(
                    "/responder/survives/%s %s off by one over %s",
                    spdm_version_name(v), rule->name,
                    spdm_transport(transports[t])->name);

                *row = (Row){ rule, v, transports[t] };
                g_test_add_data_func(path, row++, test_row);
            }
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(longer); i++) {
        g_autofree char *path = g_strdup_printf(
            "/responder/survives/%s off by one", longer[i].sentence);

        g_test_add_data_func(path, &longer[i], test_longer);
    }
    result = g_test_run();
    g_print("# %u requests off by one sent\n", requests_sent);
    return result;
}

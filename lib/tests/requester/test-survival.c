/*
 * Responses off by one byte at every field: before they are signed (a lie of
 * an honest key) and after (a broken one). The requester refuses or survives
 * them; a refused handshake leaves no session, and both ends connect anew.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

#include "tests/wire/variants.h"

typedef bool (*Call)(RqFixture *f, uint32_t *session, GError **errp);

/** What the requester has done before. */
typedef enum Before {
    NOTHING,
    CONNECTED,
    IDENTIFIED,
    SIGMA_BEGUN,
    SIGMA,
    PSK_BEGUN,
} Before;

typedef struct Step {
    const char *name;            /* of the response */
    uint8_t code;
    uint8_t first;               /* version */
    Before before;
    bool sealed;                 /* signature or MAC over all of it */
    Call call;
    RqOptions o;
} Step;

/** Changes one response. */
typedef struct Changer {
    RqFixture *f;
    uint8_t code;
    SpdmTapEvent event;
    unsigned k;                  /* which variant */
    bool armed;
    bool done;                   /* the response was there */
    unsigned count;              /* of variants */
    char *what;                  /* was done, NULL: nothing */
} Changer;

static unsigned responses_changed;
static unsigned responses_refused;

static SpdmTapVerdict change(void *opaque, SpdmTapContext *c)
{
    Changer *ch = opaque;
    g_auto(Variants) v = { .fields = NULL };
    g_autoptr(GByteArray) out = g_byte_array_new();

    if (!ch->armed || ch->done || c->event != ch->event || !c->bytes ||
        c->bytes->len < SPDM_HEADER_SIZE || c->bytes->data[1] != ch->code) {
        return SPDM_TAP_PASS;
    }
    ch->done = true;
    variants_init(&v, &ch->f->rq->last_ctx,
                  SPDM_BYTES(c->bytes->data, c->bytes->len));
    ch->count = variants_count(&v);
    ch->what = variant_make(&v, ch->k, out);
    if (ch->what) {
        g_byte_array_set_size(c->bytes, 0);
        g_byte_array_append(c->bytes, out->data, out->len);
    }
    return SPDM_TAP_PASS;
}

/* --- the steps ------------------------------------------------------------ */

static bool version(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_connect(f->rq, errp);
}

static bool digests(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_digests(f->rq, *s, errp);
}

static bool certificate(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_digests(f->rq, *s, errp) &&
           spdm_requester_certificate(f->rq, *s, 0, 0, errp);
}

static bool challenge(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_challenge(f->rq, 0, 0xff, errp);
}

static bool measurements(RqFixture *f, uint32_t *s, GError **errp)
{
    const SpdmMeasurementQuery query = { .index = 0xff };
    g_auto(SpdmMeasurementList) list = { .values = NULL };

    return spdm_requester_measurements(f->rq, *s, &query, &list, errp);
}

static bool signed_measurements(RqFixture *f, uint32_t *s, GError **errp)
{
    const SpdmMeasurementQuery query = { .index = 0xff, .sign = true };
    g_auto(SpdmMeasurementList) list = { .values = NULL };

    return spdm_requester_measurements(f->rq, *s, &query, &list, errp);
}

static bool mel(RqFixture *f, uint32_t *s, GError **errp)
{
    g_auto(SpdmMelLog) log = { .bytes = NULL };

    return spdm_requester_mel(f->rq, *s, 0, &log, errp);
}

static bool endpoint_info(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_endpoint_info(f->rq, *s, true, 0, NULL, errp);
}

static bool key_exchange(RqFixture *f, uint32_t *s, GError **errp)
{
    const SpdmKeyExchangeParams params = { .summary = 0xff };

    return spdm_requester_key_exchange(f->rq, &params, s, errp);
}

static bool finish(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_finish(f->rq, *s, errp);
}

static bool psk_exchange(RqFixture *f, uint32_t *s, GError **errp)
{
    const SpdmPskExchangeParams params = rq_psk_params();

    return spdm_requester_psk_exchange(f->rq, &params, s, errp);
}

static bool psk_finish(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_psk_finish(f->rq, *s, errp);
}

static bool heartbeat(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_heartbeat(f->rq, *s, errp);
}

static bool key_update(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_key_update(f->rq, *s, true, errp);
}

static bool end_session(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_end_session(f->rq, *s, false, errp);
}

static bool event_types(RqFixture *f, uint32_t *s, GError **errp)
{
    uint32_t types;

    return spdm_requester_event_types(f->rq, *s, &types, errp);
}

static bool subscribe(RqFixture *f, uint32_t *s, GError **errp)
{
    return spdm_requester_subscribe(f->rq, *s, 1 << 2, errp);
}

static bool vendor(RqFixture *f, uint32_t *s, GError **errp)
{
    static const uint8_t id[] = { 0x36, 0x1b };
    g_autoptr(GByteArray) reply = g_byte_array_new();

    return spdm_requester_vendor(f->rq, *s, 3, SPDM_BYTES(id, 2),
                                 SPDM_BYTES("x", 1), reply, errp);
}

/* A KEY_UPDATE that the responder asks for. */
static bool encapsulated(RqFixture *f, uint32_t *s, GError **errp)
{
    rq_ask(f, *s, SPDM_ENCAP_KEY_UPDATE, SPDM_BYTES(NULL, 0));
    return spdm_requester_encapsulated(f->rq, *s, NULL, errp);
}

#define R(request) SPDM_RESPONSE_OF(SPDM_##request)
#define V10 SPDM_VERSION_10
#define V11 SPDM_VERSION_11
#define V12 SPDM_VERSION_12
#define V13 SPDM_VERSION_13
#define KNOWN { .identity = "auto", \
                .rsp_add = SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP }
#define CLEAR { .req_flags = "+HANDSHAKE_IN_THE_CLEAR", \
                .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP }
#define CHUNKS { .transfer_size = 200, .message_size = 0x2000, \
                 .rsp_transfer_size = 42, .rsp_add = SPDM_CHUNK_CAP }

static const Step steps[] = {
    { "VERSION", R(GET_VERSION), V10, NOTHING, false, version, {} },
    { "CAPABILITIES", R(GET_CAPABILITIES), V10, NOTHING, false, version,
      {} },
    { "ALGORITHMS", R(NEGOTIATE_ALGORITHMS), V10, NOTHING, false, version,
      {} },
    { "DIGESTS", R(GET_DIGESTS), V10, CONNECTED, false, digests, {} },
    { "CERTIFICATE", R(GET_CERTIFICATE), V10, CONNECTED, false, certificate,
      {} },
    { "CHALLENGE_AUTH", R(CHALLENGE), V10, IDENTIFIED, true, challenge, {} },
    { "unsigned MEASUREMENTS", R(GET_MEASUREMENTS), V10, CONNECTED, false,
      measurements, {} },
    { "signed MEASUREMENTS", R(GET_MEASUREMENTS), V10, IDENTIFIED, true,
      signed_measurements, {} },
    { "MEASUREMENT_EXTENSION_LOG", R(GET_MEASUREMENT_EXTENSION_LOG), V13,
      CONNECTED, false, mel, {} },
    { "signed ENDPOINT_INFO", R(GET_ENDPOINT_INFO), V13, IDENTIFIED, true,
      endpoint_info, {} },
    { "KEY_EXCHANGE_RSP", R(KEY_EXCHANGE), V11, IDENTIFIED, true,
      key_exchange, {} },
    { "FINISH_RSP", R(FINISH), V11, SIGMA_BEGUN, false, finish, {} },
    { "KEY_EXCHANGE_RSP in the clear", R(KEY_EXCHANGE), V11, IDENTIFIED,
      true, key_exchange, CLEAR },
    { "FINISH_RSP in the clear", R(FINISH), V11, SIGMA_BEGUN, true, finish,
      CLEAR },
    { "PSK_EXCHANGE_RSP", R(PSK_EXCHANGE), V11, CONNECTED, true,
      psk_exchange, {} },
    { "PSK_FINISH_RSP", R(PSK_FINISH), V11, PSK_BEGUN, false, psk_finish,
      {} },
    { "HEARTBEAT_ACK", R(HEARTBEAT), V11, SIGMA, false, heartbeat, {} },
    { "KEY_UPDATE_ACK", R(KEY_UPDATE), V11, SIGMA, false, key_update, {} },
    { "END_SESSION_ACK", R(END_SESSION), V11, SIGMA, false, end_session,
      {} },
    { "SUPPORTED_EVENT_TYPES", R(GET_SUPPORTED_EVENT_TYPES), V13, SIGMA,
      false, event_types, {} },
    { "SUBSCRIBE_EVENT_TYPES_ACK", R(SUBSCRIBE_EVENT_TYPES), V13, SIGMA,
      false, subscribe, {} },
    { "VENDOR_DEFINED_RESPONSE", R(VENDOR_DEFINED_REQUEST), V10, CONNECTED,
      false, vendor, {} },
    { "ENCAPSULATED_REQUEST", R(GET_ENCAPSULATED_REQUEST), V11, SIGMA, false,
      encapsulated, KNOWN },
    { "ENCAPSULATED_RESPONSE_ACK", R(DELIVER_ENCAPSULATED_RESPONSE), V11,
      SIGMA, false, encapsulated, KNOWN },
    { "CHUNK_RESPONSE", R(CHUNK_GET), V12, CONNECTED, false, certificate,
      CHUNKS },
    { "CHUNK_SEND_ACK", R(CHUNK_SEND), V12, IDENTIFIED, false, key_exchange,
      CHUNKS },
    { "ERROR LargeResponse", SPDM_ERROR, V12, CONNECTED, false, certificate,
      CHUNKS },
};

/* --- one response --------------------------------------------------------- */

static void go_to(RqFixture *f, Before before, uint32_t *session)
{
    g_autoptr(GError) err = NULL;

    *session = 0;
    if (before >= CONNECTED) {
        rq_connect(f);
    }
    if (before >= IDENTIFIED && before != PSK_BEGUN) {
        rq_identify(f);
    }
    if (before == SIGMA) {
        *session = rq_sigma(f);
    } else if (before == SIGMA_BEGUN) {
        key_exchange(f, session, &err);
    } else if (before == PSK_BEGUN) {
        psk_exchange(f, session, &err);
    }
    g_assert_no_error(err);
}

/* Only the peer's ERROR in an established session does not end it. */
static void check_refused(const Step *step, const Changer *ch,
                          const GError *err)
{
    SpdmRequesterInfo info;

    g_assert_error(err, SPDM_REQUESTER_ERROR, err->code);
    g_assert_cmpint(err->code, !=, SPDM_REQUESTER_ERROR_USAGE);
    spdm_requester_info(ch->f->rq, &info);
    if (step->before != SIGMA || info.failed_check != SPDM_CHECK_NONE) {
        g_assert_cmpuint(info.session_count, ==, 0);
    }
    responses_refused++;
}

static void try_variant(const Step *step, Changer *ch)
{
    g_autoptr(GError) err = NULL;
    uint32_t session;
    bool ok;

    ch->armed = ch->done = false;
    g_clear_pointer(&ch->what, g_free);
    go_to(ch->f, step->before, &session);
    ch->armed = true;
    ok = step->call(ch->f, &session, &err);
    ch->armed = false;
    g_assert_true(ch->done);
    if (!ch->what) {
        g_assert_no_error(err);
        return;
    }
    responses_changed++;
    g_test_message("%s: %s", ch->what, ok ? "taken" : err->message);
    if (!ok) {
        check_refused(step, ch, err);
    }
    if (step->sealed && ch->event == SPDM_TAP_TX_MSG) {
        g_assert_false(ok);
    }
}

static void try_all(const Step *step, uint8_t version, SpdmTapEvent event)
{
    RqOptions o = step->o;
    g_autoptr(RqFixture) f = NULL;
    Changer ch = { .code = step->code, .event = event, .count = 1 };
    SpdmTap tap = { .call = change, .opaque = &ch };

    o.version = version;
    o.heartbeat = 5;
    o.hash = "SHA-256";
    o.asym = "ECDSA-P256";
    o.dhe = "SECP256R1";
    ch.f = f = rq_fixture_new(&o);
    spdm_responder_add_tap(f->responder, &tap);
    for (ch.k = 0; ch.k < ch.count; ch.k++) {
        try_variant(step, &ch);
    }
    g_clear_pointer(&ch.what, g_free);
    rq_connect(f);
    rq_identify(f);
}

typedef struct Row {
    const Step *step;
    uint8_t version;
} Row;

/* Without signature and MAC it is the same before and after. */
static void test_row(gconstpointer data)
{
    const Row *row = data;

    if (row->step->sealed) {
        try_all(row->step, row->version, SPDM_TAP_COMPOSE);
    }
    try_all(row->step, row->version, SPDM_TAP_TX_MSG);
}

/* The first layout of each, that of 1.2, and the latest. */
static bool is_tried(const Step *step, uint8_t version)
{
    return version == step->first || version == V12 ||
           version == SPDM_VERSION_14;
}

int main(int argc, char **argv)
{
    g_autofree Row *rows = g_new0(Row, 5 * G_N_ELEMENTS(steps));
    Row *row = rows;
    int result;

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(steps); i++) {
        for (uint8_t v = steps[i].first; v <= SPDM_VERSION_14; v++) {
            g_autofree char *path = g_strdup_printf(
                "/requester/survives/%s %s off by one", spdm_version_name(v),
                steps[i].name);

            if (is_tried(&steps[i], v)) {
                *row = (Row){ &steps[i], v };
                g_test_add_data_func(path, row++, test_row);
            }
        }
    }
    result = g_test_run();
    g_print("# %u responses off by one, %u of them refused\n",
            responses_changed, responses_refused);
    return result;
}

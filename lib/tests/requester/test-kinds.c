/*
 * Sessions of every kind, on every version and transport: heartbeat, both
 * key updates, measurements, vendor messages and opaque data in each; and the
 * AEAD limit of secured messages 1.3.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "fixture.h"
#include "responder/responder-int.h"

typedef struct Kind {
    const char *name;
    bool psk;
    RqOptions o;
} Kind;

#define IN_THE_CLEAR .req_flags = "+HANDSHAKE_IN_THE_CLEAR", \
                     .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP
#define NO_CONTEXT .rsp_drop = SPDM_PSK_CAP_MASK, .rsp_add = SPDM_PSK_CAP

static const Kind kinds[] = {
    { "SIGMA", false, { .heartbeat = 5 } },
    { "SIGMA-in-the-clear", false, { .heartbeat = 5, IN_THE_CLEAR } },
    { "SIGMA-MAC-only", false, { .heartbeat = 5, .req_flags = "-ENCRYPT" } },
    { "SIGMA-MAC-only-in-the-clear", false,
      { .heartbeat = 5, .req_flags = "-ENCRYPT,+HANDSHAKE_IN_THE_CLEAR",
        .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP } },
    { "PSK", true, { .heartbeat = 5 } },
    { "PSK-where-SIGMA-is-in-the-clear", true,
      { .heartbeat = 5, IN_THE_CLEAR } },
    { "PSK-MAC-only", true, { .heartbeat = 5, .req_flags = "-ENCRYPT" } },
    { "PSK-without-context", true, { .heartbeat = 5, NO_CONTEXT } },
    { "PSK-without-context-MAC-only", true,
      { .heartbeat = 5, .req_flags = "-ENCRYPT", NO_CONTEXT } },
};

static const uint8_t pci_vendor[] = { 0x36, 0x1b };

static void echo(RqFixture *f, uint32_t session)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    g_autoptr(GError) err = NULL;

    spdm_requester_vendor(f->rq, session, 3, SPDM_BYTES(pci_vendor, 2),
                          SPDM_BYTES("ping", 4), reply, &err);
    g_assert_no_error(err);
    g_assert_cmpmem(reply->data, reply->len, "ping", 4);
}

static void measure(RqFixture *f, uint32_t session)
{
    const SpdmMeasurementQuery query = { .index = 0xff, .sign = true };
    g_auto(SpdmMeasurementList) list = { .values = NULL };
    g_autoptr(GError) err = NULL;

    spdm_requester_measurements(f->rq, session, &query, &list, &err);
    g_assert_no_error(err);
    g_assert_true(list.verified);
}

static void update(RqFixture *f, uint32_t session, bool all)
{
    g_autoptr(GError) err = NULL;

    spdm_requester_key_update(f->rq, session, all, &err);
    g_assert_no_error(err);
}

static void beat(RqFixture *f, uint32_t session)
{
    g_autoptr(GError) err = NULL;

    f->now_us += 4 * G_USEC_PER_SEC;
    spdm_requester_heartbeat(f->rq, session, &err);
    g_assert_no_error(err);
}

static SpdmSession *session_of(SpdmConn *conn, uint32_t id)
{
    SpdmSession *s = spdm_conn_session(conn, id);

    g_assert_nonnull(s);
    return s;
}

/* Both ends hold the same kind of session, and it is the row's. */
static void check_kind(RqFixture *f, const Kind *kind, uint32_t session)
{
    const SpdmSession *ends[] = {
        session_of(&f->rq->conn, session),
        session_of(&f->responder->conn, session),
    };
    bool mac_only = kind->o.req_flags && strstr(kind->o.req_flags, "-ENC");
    bool clear = !kind->psk && kind->o.req_flags &&
                 strstr(kind->o.req_flags, "CLEAR");

    for (unsigned i = 0; i < G_N_ELEMENTS(ends); i++) {
        g_assert_cmpint(ends[i]->mac_only, ==, mac_only);
        g_assert_cmpint(ends[i]->in_the_clear, ==, clear);
        g_assert_cmpint(ends[i]->type, ==, kind->psk ? SPDM_SESSION_PSK
                                                     : SPDM_SESSION_SIGMA);
        g_assert_cmpuint(ends[i]->heartbeat_period, ==, 5);
        g_assert_cmphex(ends[i]->version, ==, f->o.version);
    }
}

/* Beats keep it; twice the period without one ends it at the responder. */
static void expire(RqFixture *f, uint32_t session)
{
    f->now_us += 9 * G_USEC_PER_SEC;
    spdm_responder_tick(f->responder);
    session_of(&f->responder->conn, session);
    f->now_us += G_USEC_PER_SEC;
    spdm_responder_tick(f->responder);
    g_assert_null(spdm_conn_session(&f->responder->conn, session));
    g_assert_true(spdm_requester_forget_session(f->rq, session));
}

static void use(RqFixture *f, const Kind *kind)
{
    g_autoptr(GError) err = NULL;
    uint32_t session = kind->psk ? rq_psk(f) : rq_sigma(f);

    check_kind(f, kind, session);
    beat(f, session);
    for (unsigned i = 0; i < 3; i++) {
        update(f, session, i != 1);
        echo(f, session);
        beat(f, session);
    }
    measure(f, session);
    g_assert_cmpuint(session_of(&f->responder->conn,
                                session)->key_updates, ==, 3);
    spdm_requester_end_session(f->rq, session, false, &err);
    g_assert_no_error(err);
    expire(f, kind->psk ? rq_psk(f) : rq_sigma(f));
    g_assert_cmpuint(f->drops, ==, 0);
}

static void test_kind(gconstpointer data)
{
    const Kind *kind = data;

    for (uint8_t v = SPDM_VERSION_11; v <= SPDM_VERSION_14; v++) {
        for (int t = SPDM_TRANSPORT_NONE; t <= SPDM_TRANSPORT_PCI_DOE; t++) {
            RqOptions o = kind->o;
            g_autoptr(RqFixture) f = NULL;

            o.version = v;
            o.transport = (SpdmTransportType)t;
            f = rq_fixture_new(&o);
            rq_connect(f);
            rq_identify(f);
            use(f, kind);
        }
    }
}

/* --- opaque data ---------------------------------------------------------- */

/* Both ends send opaque data wherever they can, in the format of the row. */
static void speak_opaquely(RqFixture *f)
{
    f->profile->vendor_opaque = g_bytes_new_static("device", 6);
    f->rq->cfg.opaque = g_bytes_new_static("requester", 9);
}

static bool all_of(const GByteArray *bytes, const char *what)
{
    return memmem(bytes->data, bytes->len, what, strlen(what)) != NULL;
}

typedef struct Heard {
    SpdmTap tap;
    GHashTable *codes;       /* of messages that carried our words */
} Heard;

static SpdmTapVerdict hear(void *opaque, SpdmTapContext *c)
{
    Heard *h = opaque;

    if (c->event == SPDM_TAP_COMPOSE &&
        (all_of(c->bytes, "device") || all_of(c->bytes, "requester"))) {
        g_hash_table_add(h->codes, GUINT_TO_POINTER(c->bytes->data[1]));
    }
    return SPDM_TAP_PASS;
}

static void check_heard(const Heard *h, uint8_t version, bool sessions)
{
    static const struct {
        uint8_t code;
        uint8_t since;
        bool session;
    } rows[] = {
        { SPDM_RESPONSE_OF(SPDM_CHALLENGE), SPDM_VERSION_10, false },
        { SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENTS), SPDM_VERSION_10, false },
        { SPDM_KEY_EXCHANGE, SPDM_VERSION_11, true },
        { SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE), SPDM_VERSION_11, true },
        { SPDM_PSK_EXCHANGE, SPDM_VERSION_11, true },
        { SPDM_RESPONSE_OF(SPDM_PSK_EXCHANGE), SPDM_VERSION_11, true },
        { SPDM_FINISH, SPDM_VERSION_14, true },
        { SPDM_RESPONSE_OF(SPDM_FINISH), SPDM_VERSION_14, true },
        { SPDM_PSK_FINISH, SPDM_VERSION_14, true },
        { SPDM_RESPONSE_OF(SPDM_PSK_FINISH), SPDM_VERSION_14, true },
    };
    unsigned expected = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        bool has = version >= rows[i].since && (sessions || !rows[i].session);

        g_assert_cmpint(g_hash_table_contains(
            h->codes, GUINT_TO_POINTER(rows[i].code)), ==, has);
        expected += has;
    }
    g_assert_cmpuint(g_hash_table_size(h->codes), ==, expected);
}

static void talk(RqFixture *f, bool sessions, Heard *h)
{
    g_autoptr(GError) err = NULL;

    h->tap = (SpdmTap){ .call = hear, .opaque = h };
    spdm_responder_add_tap(f->responder, &h->tap);
    spdm_requester_add_tap(f->rq, &h->tap);
    speak_opaquely(f);
    rq_connect(f);
    rq_identify(f);
    spdm_requester_challenge(f->rq, 0, 0, &err);
    g_assert_no_error(err);
    measure(f, 0);
    if (sessions) {
        measure(f, rq_sigma(f));
        measure(f, rq_psk(f));
    }
}

static void run_opaque(uint8_t version, uint8_t formats, bool sessions)
{
    const RqOptions o = { .version = version, .opaque_formats = formats };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    Heard h = { .codes = g_hash_table_new(NULL, NULL) };

    f->profile->opaque_formats = SPDM_OPAQUE_FMT0 | SPDM_OPAQUE_FMT1;
    talk(f, sessions, &h);
    check_heard(&h, version, sessions);
    g_hash_table_unref(h.codes);
}

static void test_opaque(void)
{
    run_opaque(SPDM_VERSION_10, SPDM_OPAQUE_FMT1, false);
    run_opaque(SPDM_VERSION_11, SPDM_OPAQUE_FMT1, true);
    for (uint8_t v = SPDM_VERSION_12; v <= SPDM_VERSION_14; v++) {
        run_opaque(v, SPDM_OPAQUE_FMT1, true);
        run_opaque(v, SPDM_OPAQUE_FMT0 | SPDM_OPAQUE_FMT1, true);
        run_opaque(v, SPDM_OPAQUE_FMT0, false);
    }
}

/* No format in common: nobody sends any. */
static void test_no_opaque(void)
{
    const RqOptions o = { .version = SPDM_VERSION_13,
                          .opaque_formats = SPDM_OPAQUE_FMT0 };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    Heard h = { .codes = g_hash_table_new(NULL, NULL) };

    f->profile->opaque_formats = SPDM_OPAQUE_FMT1;
    talk(f, false, &h);
    g_assert_cmpuint(g_hash_table_size(h.codes), ==, 0);
    g_hash_table_unref(h.codes);
}

/* --- the AEAD limit ------------------------------------------------------- */

typedef struct Limit {
    const char *name;
    uint8_t ours;
    uint8_t theirs;
    uint16_t secured;        /* highest that the requester offers */
    unsigned records;        /* of data keys until the session ends, or 0 */
} Limit;

static const Limit limits[] = {
    { "the-requester's", 3, 64, 0x1300, 8 },
    { "the-responder's", 64, 2, 0x1300, 4 },
    { "the-lower-of-both", 5, 4, 0x1300, 16 },
    { "none", 64, 64, 0x1300, 0 },
    { "none-before-secured-messages-1.3", 2, 2, 0x1200, 0 },
};

static void test_limit(gconstpointer data)
{
    const Limit *row = data;
    const RqOptions o = { .version = SPDM_VERSION_12 };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    g_autoptr(GByteArray) reply = g_byte_array_new();
    uint32_t session;

    f->rq->cfg.aead_limit = row->ours;
    f->rq->cfg.secured_max = row->secured;
    f->profile->aead_limit = row->theirs;
    rq_connect(f);
    rq_identify(f);
    session = rq_sigma(f);
    g_assert_cmphex(session_of(&f->responder->conn,
                               session)->secured_version, ==, row->secured);
    for (unsigned i = 0; i < (row->records ? row->records : 40); i++) {
        echo(f, session);
    }
    if (!row->records) {
        return;
    }
    g_assert_false(spdm_requester_vendor(
        f->rq, session, 3, SPDM_BYTES(pci_vendor, 2), SPDM_BYTES("x", 1),
        reply, &err));
    g_assert_nonnull(strstr(err->message, "as many records as it may"));
    g_assert_null(spdm_conn_session(&f->rq->conn, session));
}

/* New keys have a count of their own. */
static void test_limit_and_update(void)
{
    const RqOptions o = { .version = SPDM_VERSION_14 };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    uint32_t session;

    f->profile->aead_limit = 3;
    rq_connect(f);
    rq_identify(f);
    session = rq_sigma(f);
    for (unsigned i = 0; i < 20; i++) {
        for (unsigned j = 0; j < 5; j++) {
            echo(f, session);
        }
        update(f, session, true);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *path = g_strconcat("/requester/kinds/",
                                            kinds[i].name, NULL);

        g_test_add_data_func(path, &kinds[i], test_kind);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(limits); i++) {
        g_autofree char *path = g_strconcat("/requester/aead-limit/",
                                            limits[i].name, NULL);

        g_test_add_data_func(path, &limits[i], test_limit);
    }
    g_test_add_func("/requester/aead-limit/is-for-each-key",
                    test_limit_and_update);
    g_test_add_func("/requester/opaque-data-in-every-form", test_opaque);
    g_test_add_func("/requester/no-opaque-data-without-a-format",
                    test_no_opaque);
    return g_test_run();
}

/*
 * Connection rules: sessions, capabilities, what requests do to transcripts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core-util.h"
#include "crypto/random.h"

/* What a request leaves of B, and of L1 outside and in a session. */
typedef struct Row {
    const char *sentence;
    uint8_t code;
    SpdmConnState state;
    bool in_session;
    bool keeps_b;
    bool keeps_l1;
    bool keeps_session_l1;
} Row;

#define EARLY SPDM_CONN_AFTER_CERTIFICATE
#define LATE SPDM_CONN_AUTHENTICATED

static const Row rows[] = {
    { "GET_DIGESTS starts B anew", SPDM_GET_DIGESTS, EARLY,
      false, false, false, true },
    { "GET_DIGESTS starts B anew after CHALLENGE", SPDM_GET_DIGESTS, LATE,
      false, false, false, true },
    { "GET_DIGESTS in a session is not B's", SPDM_GET_DIGESTS, LATE,
      true, true, true, false },
    { "GET_CERTIFICATE goes on with B", SPDM_GET_CERTIFICATE, EARLY,
      false, true, false, true },
    { "CHALLENGE keeps B", SPDM_CHALLENGE, EARLY,
      false, true, false, true },
    { "GET_MEASUREMENTS clears B and keeps L1", SPDM_GET_MEASUREMENTS, EARLY,
      false, false, true, true },
    { "GET_MEASUREMENTS after CHALLENGE keeps B", SPDM_GET_MEASUREMENTS,
      LATE, false, true, true, true },
    { "GET_MEASUREMENTS in a session keeps its L1", SPDM_GET_MEASUREMENTS,
      LATE, true, true, true, true },
    { "HEARTBEAT ends the session's L1 only", SPDM_HEARTBEAT, LATE,
      true, true, true, false },
    { "HEARTBEAT clears B before CHALLENGE", SPDM_HEARTBEAT, EARLY,
      true, false, true, false },
    { "KEY_EXCHANGE clears B", SPDM_KEY_EXCHANGE, EARLY,
      false, false, false, true },
    { "KEY_EXCHANGE after CHALLENGE keeps B", SPDM_KEY_EXCHANGE, LATE,
      false, true, false, true },
    { "FINISH clears B", SPDM_FINISH, EARLY, true, false, true, false },
    { "PSK_EXCHANGE clears B", SPDM_PSK_EXCHANGE, EARLY,
      false, false, false, true },
    { "PSK_FINISH clears B", SPDM_PSK_FINISH, EARLY,
      true, false, true, false },
    { "KEY_UPDATE clears B", SPDM_KEY_UPDATE, EARLY,
      true, false, true, false },
    { "END_SESSION clears B", SPDM_END_SESSION, EARLY,
      true, false, true, false },
    { "GET_ENCAPSULATED_REQUEST clears B", SPDM_GET_ENCAPSULATED_REQUEST,
      EARLY, false, false, false, true },
    { "DELIVER_ENCAPSULATED_RESPONSE clears B",
      SPDM_DELIVER_ENCAPSULATED_RESPONSE, EARLY,
      false, false, false, true },
    { "GET_MEASUREMENT_EXTENSION_LOG clears B",
      SPDM_GET_MEASUREMENT_EXTENSION_LOG, EARLY,
      false, false, false, true },
    { "VENDOR_DEFINED_REQUEST keeps B", SPDM_VENDOR_DEFINED_REQUEST, EARLY,
      false, true, false, true },
    { "CHUNK_SEND only carries another request", SPDM_CHUNK_SEND, EARLY,
      false, true, true, true },
    { "CHUNK_GET only fetches the rest of a response", SPDM_CHUNK_GET,
      EARLY, true, true, true, true },
    { "RESPOND_IF_READY only repeats a request", SPDM_RESPOND_IF_READY,
      EARLY, false, true, true, true },
};

static void fill_conn(SpdmConn *conn, uint8_t version)
{
    memset(conn, 0, sizeof(*conn));
    spdm_conn_reset(conn);
    conn->version = version;
    conn->state = SPDM_CONN_NEGOTIATED;
    conn->hash = spdm_hash_by_name("SHA-384");
    conn->asym = spdm_asym_by_name("ECDSA-P384");
    spdm_transcript_append(&conn->a, text("[A]"));
}

static bool kept(const SpdmTranscript *t)
{
    return spdm_transcript_view(t).len > 0;
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_auto(SpdmConn) conn;
    SpdmSession *s;

    fill_conn(&conn, SPDM_VERSION_12);
    conn.state = row->state;
    s = spdm_conn_free_session(&conn, 1);
    fill_session(s, SPDM_SESSION_SIGMA, SPDM_VERSION_12);
    spdm_transcript_append(&conn.b, text("[B]"));
    spdm_transcript_append(&conn.l1, text("[L1]"));
    spdm_transcript_append(&s->l1, text("[session L1]"));
    spdm_conn_note_request(&conn, row->in_session ? s : NULL, row->code);
    g_assert_cmpint(kept(&conn.b), ==, row->keeps_b);
    g_assert_cmpint(kept(&conn.l1), ==, row->keeps_l1);
    g_assert_cmpint(kept(&s->l1), ==, row->keeps_session_l1);
    g_assert_true(kept(&conn.a));
}

static void test_d(void)
{
    g_auto(SpdmConn) conn;

    fill_conn(&conn, SPDM_VERSION_13);
    conn.multi_key_rsp = true;
    spdm_conn_note_request(&conn, NULL, SPDM_GET_DIGESTS);
    spdm_conn_note_digests(&conn, text("first"));
    spdm_conn_note_request(&conn, NULL, SPDM_GET_DIGESTS);
    spdm_conn_note_digests(&conn, text("second"));
    assert_bytes(spdm_transcript_view(&conn.d), text("first"));
}

static void test_d_window(void)
{
    g_auto(SpdmConn) conn;

    fill_conn(&conn, SPDM_VERSION_13);
    conn.multi_key_rsp = true;
    spdm_conn_note_request(&conn, NULL, SPDM_GET_CERTIFICATE);
    spdm_conn_note_request(&conn, NULL, SPDM_GET_DIGESTS);
    spdm_conn_note_digests(&conn, text("too late"));
    g_assert_false(kept(&conn.d));
}

/* The requests that negotiate come before the window. */
static void test_d_after_negotiation(void)
{
    g_auto(SpdmConn) conn;

    fill_conn(&conn, SPDM_VERSION_13);
    conn.state = SPDM_CONN_AFTER_CAPABILITIES;
    spdm_conn_note_request(&conn, NULL, SPDM_NEGOTIATE_ALGORITHMS);
    conn.state = SPDM_CONN_NEGOTIATED;
    conn.multi_key_rsp = true;
    spdm_conn_note_request(&conn, NULL, SPDM_GET_DIGESTS);
    spdm_conn_note_digests(&conn, text("digests"));
    g_assert_true(kept(&conn.d));
}

static void test_d_single_key(void)
{
    g_auto(SpdmConn) conn;

    fill_conn(&conn, SPDM_VERSION_13);
    spdm_conn_note_digests(&conn, text("digests"));
    g_assert_false(kept(&conn.d));
}

static void test_sessions(void)
{
    g_auto(SpdmConn) conn;
    SpdmSession *s;

    fill_conn(&conn, SPDM_VERSION_12);
    g_assert_null(spdm_conn_free_session(&conn, 0));
    for (unsigned i = 0; i < SPDM_MAX_SESSIONS; i++) {
        g_assert_null(spdm_conn_free_session(&conn, i));
        s = spdm_conn_free_session(&conn, 100);
        g_assert_nonnull(s);
        fill_session(s, SPDM_SESSION_SIGMA, SPDM_VERSION_12);
        s->id = i + 1;
        g_assert_cmpuint(spdm_conn_session_count(&conn), ==, i + 1);
    }
    g_assert_null(spdm_conn_free_session(&conn, 100));
    g_assert_true(spdm_conn_session(&conn, 3) == &conn.sessions[2]);
    g_assert_null(spdm_conn_session(&conn, 99));
    g_assert_null(spdm_conn_session(&conn, 0));
    spdm_conn_end_session(&conn, &conn.sessions[2]);
    g_assert_null(spdm_conn_session(&conn, 3));
    g_assert_true(spdm_conn_free_session(&conn, 8) == &conn.sessions[2]);
}

static void test_clear_session(void)
{
    g_auto(SpdmConn) conn;
    SpdmSession *s;

    fill_conn(&conn, SPDM_VERSION_12);
    for (unsigned i = 1; i <= 2; i++) {
        s = spdm_conn_free_session(&conn, 8);
        fill_session(s, SPDM_SESSION_SIGMA, SPDM_VERSION_12);
        s->id = i;
    }
    conn.clear_session = 2;
    spdm_conn_end_session(&conn, spdm_conn_session(&conn, 1));
    g_assert_cmpuint(conn.clear_session, ==, 2);
    spdm_conn_end_session(&conn, spdm_conn_session(&conn, 2));
    g_assert_cmpuint(conn.clear_session, ==, 0);
}

static void test_reset(void)
{
    SpdmConn conn, fresh;

    fill_conn(&conn, SPDM_VERSION_12);
    for (unsigned i = 0; i <= 4; i++) {
        fill_established(spdm_conn_free_session(&conn, SPDM_MAX_SESSIONS));
    }
    spdm_transcript_append(&conn.b, text("b"));
    conn.d_closed = true;
    spdm_conn_reset(&conn);
    memset(&fresh, 0, sizeof(fresh));
    spdm_conn_reset(&fresh);
    g_assert_cmpint(conn.state, ==, SPDM_CONN_NOT_STARTED);
    g_assert_cmphex(conn.req_data_transfer_size, ==, UINT32_MAX);
    g_assert_cmpuint(spdm_conn_session_count(&conn), ==, 0);
    g_assert_false(kept(&conn.a) || kept(&conn.b) || conn.d_closed);
    g_assert_cmpint(conn.sessions[4].keys[0].key.data[0], ==,
                    fresh.sessions[4].keys[0].key.data[0]);
}

typedef struct PskRow {
    uint32_t req, rsp;
    bool psk, finish;
} PskRow;

static void test_psk(void)
{
    static const PskRow psk_rows[] = {
        { 0, 0, false, false },
        { SPDM_PSK_CAP, 0, false, false },
        { 0, SPDM_PSK_CAP, false, false },
        { SPDM_PSK_CAP, SPDM_PSK_CAP, true, false },
        { SPDM_PSK_CAP, SPDM_PSK_CAP_WITH_CONTEXT, true, true },
        { 0, SPDM_PSK_CAP_WITH_CONTEXT, false, false },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(psk_rows); i++) {
        const SpdmConn conn = {
            .req_flags = psk_rows[i].req, .rsp_flags = psk_rows[i].rsp,
        };

        g_assert_cmpint(spdm_conn_psk(&conn), ==, psk_rows[i].psk);
        g_assert_cmpint(spdm_conn_psk_finish(&conn), ==, psk_rows[i].finish);
    }
}

static void test_wire_ctx(void)
{
    SpdmConn conn = { .state = SPDM_CONN_NOT_STARTED };
    SpdmWireCtx ctx = spdm_conn_wire_ctx(&conn);

    g_assert_cmpuint(ctx.hash_size, ==, 0);
    g_assert_cmpuint(ctx.req_exchange_size, ==, 0);
    g_assert_cmpuint(ctx.rsp_exchange_size, ==, 0);
    conn.hash = spdm_hash_by_name("SHA-512");
    conn.asym = spdm_asym_by_name("ECDSA-P521");
    conn.req_asym = spdm_asym_by_name("RSAPSS-3072");
    conn.dhe = spdm_dhe_by_name("SECP384R1");
    conn.multi_key_rsp = true;
    conn.req_flags = conn.rsp_flags = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP;
    ctx = spdm_conn_wire_ctx(&conn);
    g_assert_cmpuint(ctx.hash_size, ==, 64);
    g_assert_cmpuint(ctx.sig_size, ==, 132);
    g_assert_cmpuint(ctx.req_sig_size, ==, 384);
    g_assert_cmpuint(ctx.req_exchange_size, ==, 96);
    g_assert_cmpuint(ctx.rsp_exchange_size, ==, 96);
    g_assert_true(ctx.multi_key_rsp && ctx.in_the_clear);
    g_assert_false(ctx.has_summary || ctx.has_signature);
    conn.req_flags = 0;
    g_assert_false(spdm_conn_wire_ctx(&conn).in_the_clear);
}

static const struct {
    const char *sentence;
    void (*test)(void);
} tests[] = {
    { "D is the first DIGESTS", test_d },
    { "D is empty when GET_DIGESTS was skipped", test_d_window },
    { "negotiation does not close D's window", test_d_after_negotiation },
    { "without multi-key there is no D", test_d_single_key },
    { "sessions are found by id, up to a limit", test_sessions },
    { "the session in the clear is forgotten when it ends",
      test_clear_session },
    { "a reset connection is a new one", test_reset },
    { "PSK needs both ends, PSK_FINISH a context", test_psk },
    { "layouts follow what was negotiated", test_wire_ctx },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/conn/request/%s",
                                                rows[i].sentence);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strdup_printf("/conn/%s",
                                                tests[i].sentence);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}

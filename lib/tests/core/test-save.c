/*
 * Saved connections: there and back, and refused when they are not whole.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core-util.h"
#include "crypto/random.h"

static const SpdmRecordFormat doe = { .sequence_size = 0 };

/* Every field has a value that is not its default. */
static void fill_conn(SpdmConn *conn)
{
    memset(conn, 0, sizeof(*conn));
    spdm_conn_reset(conn);
    conn->state = SPDM_CONN_AUTHENTICATED;
    conn->version = SPDM_VERSION_12;
    conn->req_flags = 0x12345678;
    conn->rsp_flags = 0x9abcdef0;
    conn->declared = 0x55aa55aa;
    conn->req_ct_exponent = 10;
    conn->rsp_ct_exponent = 11;
    conn->req_data_transfer_size = 1000;
    conn->req_max_msg_size = 2000;
    conn->rsp_data_transfer_size = 3000;
    conn->rsp_max_msg_size = 4000;
    conn->hash = spdm_hash_by_name("SHA-384");
    conn->asym = spdm_asym_by_name("ECDSA-P384");
    conn->req_asym = spdm_asym_by_name("RSAPSS-3072");
    conn->dhe = spdm_dhe_by_name("SECP384R1");
    conn->aead = spdm_aead_by_name("AES-256-GCM");
    conn->meas_hash = 4;
    conn->meas_spec = 1;
    conn->other_params = 2;
    conn->key_schedule = 1;
    conn->multi_key_req = conn->multi_key_rsp = true;
    spdm_transcript_append(&conn->a, text("A"));
    spdm_transcript_append(&conn->b, text("BB"));
    spdm_transcript_append(&conn->d, text("DDD"));
    conn->d_closed = true;
    conn->resynch = true;
    spdm_transcript_append(&conn->l1, text("LLLL"));
}

/* One established, with an update pending, and one in its handshake. */
static void fill_sessions(SpdmConn *conn)
{
    static const uint8_t th1[SPDM_MAX_HASH] = { 1 };
    SpdmSession *s = &conn->sessions[2];

    conn->sessions_used = SPDM_MAX_SESSIONS;
    fill_established(s);
    s->keys[0].sequence = 7;
    spdm_session_update_keys(s, SPDM_SENDER_REQUESTER);
    s->update_pending = SPDM_UPDATE_KEY;
    s->update_tag = 9;
    s->sequence_order = SPDM_SEQUENCE_BIG;
    s->aead_deficit = 24;
    s->slot = 3;
    s->session_policy = 1;
    s->doomed = SPDM_ABORT_TERMINATED;
    s->heartbeat_period = 5;
    s->last_activity_us = -1;
    s->records_in = 8;
    s->records_out = 9;
    s->key_updates = 1;
    s = &conn->sessions[5];
    fill_session(s, SPDM_SESSION_SIGMA, SPDM_VERSION_12);
    spdm_session_derive_handshake(s, text("another secret"), th1);
    s->id = 0xfffefffd;
    s->in_the_clear = true;
    s->mut_auth_requested = 1;
    s->has_cm = true;
    memset(s->ct_hash, 't', sizeof(s->ct_hash));
    memset(s->cm_hash, 'm', sizeof(s->cm_hash));
    spdm_transcript_append(&s->k, text("K"));
    spdm_transcript_append(&s->ed, text("eD"));
    s->l1.overflown = true;
    conn->clear_session = s->id;
}

static GByteArray *saved(void)
{
    GByteArray *state = g_byte_array_new();
    g_auto(SpdmConn) conn;

    fill_conn(&conn);
    fill_sessions(&conn);
    spdm_conn_save(&conn, state);
    return state;
}

static void test_there_and_back(void)
{
    g_autoptr(GByteArray) state = saved();
    g_autoptr(GByteArray) again = g_byte_array_new();
    g_auto(SpdmConn) conn = { .state = SPDM_CONN_NOT_STARTED };
    SpdmBytes in = view(state);

    g_assert_true(spdm_conn_load(&conn, &in, NULL));
    g_assert_cmpuint(in.len, ==, 0);
    spdm_conn_save(&conn, again);
    assert_bytes(view(again), view(state));
    g_assert_cmpint(conn.state, ==, SPDM_CONN_AUTHENTICATED);
    g_assert_true(conn.dhe == spdm_dhe_by_name("SECP384R1"));
    g_assert_cmpuint(spdm_conn_session_count(&conn), ==, 2);
    g_assert_cmpuint(conn.sessions[2].backup[0].sequence, ==, 7);
    g_assert_cmpint(conn.sessions[2].last_activity_us, ==, -1);
    g_assert_true(conn.sessions[5].l1.overflown);
    assert_bytes(spdm_transcript_view(&conn.sessions[5].ed), text("eD"));
}

static void test_fresh(void)
{
    g_autoptr(GByteArray) state = g_byte_array_new();
    g_auto(SpdmConn) conn = { .state = SPDM_CONN_NOT_STARTED };
    SpdmBytes in;

    spdm_conn_reset(&conn);
    spdm_conn_save(&conn, state);
    fill_conn(&conn);
    in = view(state);
    g_assert_true(spdm_conn_load(&conn, &in, NULL));
    g_assert_cmpint(conn.state, ==, SPDM_CONN_NOT_STARTED);
    g_assert_null(conn.hash);
}

static void test_goes_on(void)
{
    g_autoptr(GByteArray) state = g_byte_array_new();
    g_autoptr(GByteArray) record = g_byte_array_new();
    g_autoptr(GByteArray) message = g_byte_array_new();
    SpdmRng rng = spdm_rng_system();
    g_auto(SpdmConn) conn, copy = { .state = SPDM_CONN_NOT_STARTED };
    SpdmBytes in;

    fill_conn(&conn);
    fill_established(spdm_conn_free_session(&conn, SPDM_MAX_SESSIONS));
    g_assert_true(spdm_record_seal(&conn.sessions[0], SPDM_SENDER_RESPONDER,
                                   &doe, &rng, text("before"), record));
    spdm_conn_save(&conn, state);
    in = view(state);
    g_assert_true(spdm_conn_load(&copy, &in, NULL));
    g_byte_array_set_size(record, 0);
    g_assert_true(spdm_record_seal(&conn.sessions[0], SPDM_SENDER_RESPONDER,
                                   &doe, &rng, text("after"), record));
    g_assert_cmpint(spdm_record_open(&copy.sessions[0],
                                     SPDM_SENDER_RESPONDER, &doe,
                                     view(record), message), ==,
                    SPDM_OPEN_OK);
    assert_bytes(view(message), text("after"));
}

static void test_more_behind(void)
{
    g_autoptr(GByteArray) state = saved();
    g_auto(SpdmConn) conn = { .state = SPDM_CONN_NOT_STARTED };
    SpdmBytes in;

    g_byte_array_append(state, (const uint8_t *)"more", 4);
    in = view(state);
    g_assert_true(spdm_conn_load(&conn, &in, NULL));
    assert_bytes(in, text("more"));
}

static void test_truncated(void)
{
    g_autoptr(GByteArray) state = saved();
    g_auto(SpdmConn) conn = { .state = SPDM_CONN_NOT_STARTED };

    for (guint len = 0; len < state->len; len++) {
        g_autofree uint8_t *exact = g_memdup2(state->data, len);
        SpdmBytes in = SPDM_BYTES(exact, len);
        g_autoptr(GError) err = NULL;

        g_assert_false(spdm_conn_load(&conn, &in, &err));
        g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE);
        g_assert_null(strchr(err->message, '\n'));
        g_assert_cmpint(conn.state, ==, SPDM_CONN_NOT_STARTED);
        g_assert_cmpuint(in.len, ==, len);
    }
}

/* What loads in spite of the damage must be usable all the same. */
static void use(SpdmConn *conn)
{
    static const uint8_t garbage[64];
    g_autoptr(GByteArray) out = g_byte_array_new();
    uint8_t hash[SPDM_MAX_HASH];

    for (unsigned i = 0; i < SPDM_MAX_SESSIONS; i++) {
        SpdmSession *s = &conn->sessions[i];

        if (s->phase != SPDM_SESSION_FREE) {
            spdm_record_open(s, SPDM_SENDER_REQUESTER, &doe,
                             SPDM_BYTES(garbage, sizeof(garbage)), out);
            spdm_conn_th(conn, s, text(""), hash);
            spdm_session_update_keys(s, SPDM_SENDER_REQUESTER);
        }
    }
    spdm_conn_save(conn, out);
}

static void test_damaged(void)
{
    g_autoptr(GByteArray) state = saved();
    g_auto(SpdmConn) conn = { .state = SPDM_CONN_NOT_STARTED };

    for (guint i = 0; i < 8 * state->len; i++) {
        SpdmBytes in = view(state);

        state->data[i / 8] ^= (uint8_t)(1u << i % 8);
        if (spdm_conn_load(&conn, &in, NULL)) {
            use(&conn);
        }
        state->data[i / 8] ^= (uint8_t)(1u << i % 8);
    }
}

/* Rows: a state that cannot be, however it came about. */
static void two_alike(SpdmConn *conn)
{
    conn->sessions[5].id = conn->sessions[2].id;
    conn->clear_session = 0;
}

static void other_version(SpdmConn *conn)
{
    conn->sessions[2].version = SPDM_VERSION_13;
}

static void no_version(SpdmConn *conn)
{
    conn->version = 0;
}

static void no_such_session(SpdmConn *conn)
{
    conn->clear_session = 1;
}

static void other_hash(SpdmConn *conn)
{
    conn->hash = spdm_hash_by_name("SHA-256");
}

static void session_too_early(SpdmConn *conn)
{
    conn->state = SPDM_CONN_AFTER_CAPABILITIES;
}

static void no_algorithm(SpdmConn *conn)
{
    conn->rsp_flags |= SPDM_CHAL_CAP;
    conn->asym = NULL;
}

static const struct {
    const char *sentence;
    void (*spoil)(SpdmConn *conn);
} spoilt[] = {
    { "two sessions of one id", two_alike },
    { "a session of another version", other_version },
    { "sessions before a version", no_version },
    { "a session of another hash", other_hash },
    { "a session before algorithms", session_too_early },
    { "a capability without its algorithm", no_algorithm },
    { "a session in the clear that is not there", no_such_session },
};

static void test_spoilt(gconstpointer data)
{
    void (*const *spoil)(SpdmConn *conn) = data;
    g_autoptr(GByteArray) state = g_byte_array_new();
    g_auto(SpdmConn) conn;
    SpdmBytes in;

    fill_conn(&conn);
    fill_sessions(&conn);
    (*spoil)(&conn);
    spdm_conn_save(&conn, state);
    in = view(state);
    g_assert_false(spdm_conn_load(&conn, &in, NULL));
}

static void test_format(void)
{
    g_autoptr(GByteArray) state = saved();
    g_autoptr(GError) err = NULL;
    g_auto(SpdmConn) conn = { .state = SPDM_CONN_NOT_STARTED };
    SpdmBytes in = view(state);

    state->data[4]++; /* the format follows the magic */
    g_assert_false(spdm_conn_load(&conn, &in, &err));
    g_assert_nonnull(strstr(err->message, "format"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    g_test_add_func("/save/everything comes back", test_there_and_back);
    g_test_add_func("/save/a fresh connection replaces a used one",
                    test_fresh);
    g_test_add_func("/save/a session goes on after a load", test_goes_on);
    g_test_add_func("/save/bytes behind the state are left alone",
                    test_more_behind);
    g_test_add_func("/save/every shorter length is refused in words",
                    test_truncated);
    g_test_add_func("/save/any flipped bit is refused or harmless",
                    test_damaged);
    g_test_add_func("/save/another format is refused", test_format);
    for (unsigned i = 0; i < G_N_ELEMENTS(spoilt); i++) {
        g_autofree char *path = g_strdup_printf("/save/refused/%s",
                                                spoilt[i].sentence);

        g_test_add_data_func(path, &spoilt[i].spoil, test_spoilt);
    }
    return g_test_run();
}

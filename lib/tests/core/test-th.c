/*
 * Transcripts put together; their values are compared by test-vectors.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core-util.h"
#include "crypto/random.h"

/* Digests as letters, so that a TH reads as a string. */
typedef struct Th {
    SpdmConn conn;
    SpdmSession *s;
} Th;

static void th_init(Th *t, SpdmSessionType type)
{
    memset(t, 0, sizeof(*t));
    spdm_conn_reset(&t->conn);
    t->conn.version = SPDM_VERSION_13;
    t->conn.hash = spdm_hash_by_name("SHA-256");
    spdm_transcript_append(&t->conn.a, text("<A>"));
    t->s = spdm_conn_free_session(&t->conn, 1);
    fill_session(t->s, type, SPDM_VERSION_13);
    t->s->hash = t->conn.hash;
    memset(t->s->ct_hash, 't', SPDM_MAX_HASH);
    memset(t->s->cm_hash, 'm', SPDM_MAX_HASH);
    spdm_transcript_append(&t->s->k, text("<K>"));
}

static void th_clear(Th *t)
{
    spdm_conn_reset(&t->conn);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Th, th_clear)

#define CT "tttttttttttttttttttttttttttttttt"
#define CM "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm"

/* The bytes, and the hash with something behind them. */
static void assert_th(const Th *t, const char *want)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_autofree char *extended = g_strconcat(want, "extra", NULL);
    SpdmBytes whole = text(extended);
    uint8_t got[SPDM_MAX_HASH], hash[SPDM_MAX_HASH];

    g_assert_true(spdm_conn_th_bytes(&t->conn, t->s, bytes));
    assert_bytes(view(bytes), text(want));
    g_assert_true(spdm_conn_th(&t->conn, t->s, text("extra"), got));
    spdm_hash(t->s->hash, &whole, 1, hash);
    g_assert_cmpmem(got, t->s->hash->size, hash, t->s->hash->size);
}

static void test_sigma(void)
{
    g_auto(Th) t;

    th_init(&t, SPDM_SESSION_SIGMA);
    assert_th(&t, "<A>" CT "<K>");
    spdm_transcript_append(&t.s->f, text("<F>"));
    assert_th(&t, "<A>" CT "<K><F>");
}

static void test_multi_key(void)
{
    g_auto(Th) t;

    th_init(&t, SPDM_SESSION_SIGMA);
    spdm_transcript_append(&t.s->d, text("<D>"));
    assert_th(&t, "<A><D>" CT "<K>");
}

static void test_mutual(void)
{
    g_auto(Th) t;

    th_init(&t, SPDM_SESSION_SIGMA);
    spdm_transcript_append(&t.s->ed, text("<eD>"));
    assert_th(&t, "<A>" CT "<K>");
    t.s->has_cm = true;
    spdm_transcript_append(&t.s->f, text("<F>"));
    assert_th(&t, "<A>" CT "<K><eD>" CM "<F>");
}

static void test_psk(void)
{
    g_auto(Th) t;

    th_init(&t, SPDM_SESSION_PSK);
    spdm_transcript_append(&t.s->d, text("<D>"));
    spdm_transcript_append(&t.s->f, text("<F>"));
    assert_th(&t, "<A><K><F>");
}

static void test_overflown(void)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    uint8_t hash[SPDM_MAX_HASH];
    g_auto(Th) t;

    th_init(&t, SPDM_SESSION_SIGMA);
    t.s->k.overflown = true;
    g_assert_false(spdm_conn_th(&t.conn, t.s, text(""), hash));
    g_assert_false(spdm_conn_th_bytes(&t.conn, t.s, out));
    t.conn.b.overflown = true;
    g_assert_false(spdm_conn_m1(&t.conn, text("c"), out));
    t.conn.l1.overflown = true;
    g_assert_false(spdm_conn_l1_bytes(&t.conn, NULL, out));
    g_assert_cmpuint(out->len, ==, 0);
}

static void test_m1(void)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_auto(Th) t;

    th_init(&t, SPDM_SESSION_SIGMA);
    g_assert_true(spdm_conn_m1(&t.conn, text("<C>"), out));
    assert_bytes(view(out), text("<A><C>"));
    g_byte_array_set_size(out, 0);
    spdm_transcript_append(&t.conn.b, text("<B>"));
    g_assert_true(spdm_conn_m1(&t.conn, text("<C>"), out));
    assert_bytes(view(out), text("<A><B><C>"));
}

static void assert_l1(Th *t, uint8_t version, SpdmSession *s,
                      const char *want)
{
    g_autoptr(GByteArray) out = g_byte_array_new();

    t->conn.version = version;
    g_assert_true(spdm_conn_l1_bytes(&t->conn, s, out));
    assert_bytes(view(out), text(want));
}

static void test_l1(void)
{
    g_auto(Th) t;

    th_init(&t, SPDM_SESSION_SIGMA);
    spdm_transcript_append(&t.conn.l1, text("<outside>"));
    spdm_transcript_append(&t.s->l1, text("<inside>"));
    assert_l1(&t, SPDM_VERSION_10, NULL, "<outside>");
    assert_l1(&t, SPDM_VERSION_11, t.s, "<inside>");
    assert_l1(&t, SPDM_VERSION_12, NULL, "<A><outside>");
    assert_l1(&t, SPDM_VERSION_13, t.s, "<A><inside>");
}

typedef struct Context {
    const char *context;
    unsigned zeros;
} Context;

static const Context contexts[] = {
    { SPDM_CONTEXT_CHALLENGE_AUTH, 4 },
    { SPDM_CONTEXT_MEASUREMENTS, 6 },
    { SPDM_CONTEXT_KEY_EXCHANGE_RSP, 2 },
    { SPDM_CONTEXT_FINISH, 12 },
};

static void test_to_be_signed(gconstpointer data)
{
    const Context *row = data;
    static const uint8_t zeros[36];
    g_autoptr(GByteArray) out = g_byte_array_new();
    SpdmBytes transcript = text("transcript");
    uint8_t hash[SPDM_MAX_HASH];
    SpdmConn conn = {
        .version = SPDM_VERSION_12, .hash = spdm_hash_by_name("SHA-384"),
    };

    spdm_conn_to_be_signed(&conn, row->context, transcript, out);
    g_assert_cmpuint(out->len, ==, 100 + 48);
    for (unsigned i = 0; i < 4; i++) {
        g_assert_cmpmem(out->data + 16 * i, 16, "dmtf-spdm-v1.2.*", 16);
    }
    g_assert_cmpmem(out->data + 64, row->zeros, zeros, row->zeros);
    g_assert_cmpmem(out->data + 64 + row->zeros, 36 - row->zeros,
                    row->context, strlen(row->context));
    spdm_hash(conn.hash, &transcript, 1, hash);
    g_assert_cmpmem(out->data + 100, 48, hash, 48);
}

static void test_to_be_signed_before_12(void)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    SpdmConn conn = {
        .version = SPDM_VERSION_11, .hash = spdm_hash_by_name("SHA-384"),
    };

    spdm_conn_to_be_signed(&conn, SPDM_CONTEXT_FINISH, text("transcript"),
                           out);
    assert_bytes(view(out), text("transcript"));
}

static const struct {
    const char *sentence;
    void (*test)(void);
} tests[] = {
    { "TH of SIGMA is A, Ct, K, F", test_sigma },
    { "multi-key puts D before Ct", test_multi_key },
    { "mutual authentication puts eD and Cm before F", test_mutual },
    { "TH of PSK has no certificates", test_psk },
    { "nothing is made of an overflown transcript", test_overflown },
    { "M1 is A, B, C", test_m1 },
    { "L1 has A from 1.2 on", test_l1 },
    { "up to 1.1 the transcript itself is signed",
      test_to_be_signed_before_12 },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strdup_printf("/th/%s", tests[i].sentence);

        g_test_add_func(path, tests[i].test);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(contexts); i++) {
        g_autofree char *path = g_strdup_printf(
            "/th/the prefix ends with its context/%s", contexts[i].context);

        g_test_add_data_func(path, &contexts[i], test_to_be_signed);
    }
    return g_test_run();
}

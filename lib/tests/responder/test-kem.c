/*
 * Key exchange by KEM (1.4) at the responder: what is selected, and
 * encapsulation keys that are refused.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "core/kex.h"
#include "fixture.h"

static bool skip(void)
{
    bool missing = !spdm_kem_mask(SPDM_VERSION_14);

    if (missing) {
        g_test_skip("this libgcrypt has no ML-KEM");
    }
    return missing;
}

/* --- selection ------------------------------------------------------------ */

typedef struct Selection {
    const char *sentence;
    uint16_t offered;            /* KEM */
    uint16_t allowed;            /* by the profile */
    bool no_dhe;                 /* the profile takes no DHE group */
    uint16_t kem;                /* selected; 0: DHE, ... */
    bool refused;                /* or ERROR InvalidRequest */
} Selection;

static const Selection selections[] = {
    { "the-strongest-common-one", 7, 7, false, 4, false },
    { "the-only-common-one", 3, 6, false, 2, false },
    { "DHE-where-the-profile-has-no-KEM", 7, 0, false, 0, false },
    { "DHE-where-no-KEM-is-common", 1, 6, false, 0, false },
    { "DHE-where-only-unknown-KEMs-are-offered", 0xfff8, 7, false, 0, false },
    { "KEM-where-the-profile-has-no-DHE", 2, 2, true, 2, false },
    { "neither-is-refused", 1, 2, true, 0, true },
};

static void ask_algorithms(Fx *fx)
{
    g_autoptr(GByteArray) request = g_byte_array_new();

    fx_version(fx);
    fx_capabilities(fx);
    fx_make_algorithms(fx, request);
    fx_send(fx, NULL, SPDM_BYTES(request->data, request->len));
}

static void test_selection(gconstpointer data)
{
    const Selection *row = data;
    const FxOptions o = { .version = SPDM_VERSION_14, .kem = row->offered,
                          .rsp_kem = row->allowed };
    g_autoptr(Fx) fx = NULL;

    if (skip()) {
        return;
    }
    fx = fx_new(&o);
    if (row->no_dhe) {
        fx->profile.dhe = 0;
    }
    if (row->refused) {
        ask_algorithms(fx);
        g_assert_cmphex(fx->answer->data[1], ==, SPDM_ERROR);
        g_assert_cmphex(fx->answer->data[2], ==, SPDM_ERROR_INVALID_REQUEST);
        return;
    }
    fx_version(fx);
    fx_capabilities(fx);
    fx_algorithms(fx);
    g_assert_cmphex(fx->conn.kem ? fx->conn.kem->bit : 0, ==, row->kem);
    g_assert_true(!fx->conn.dhe == (row->kem != 0));
    g_assert_true(fx->r->conn.kem == fx->conn.kem);
    g_assert_true(fx->r->conn.dhe == fx->conn.dhe);
}

/* With any libgcrypt: the table is one of 1.4, and may go unanswered. */
static void test_table(void)
{
    for (uint8_t v = SPDM_VERSION_11; v <= SPDM_VERSION_14; v++) {
        const FxOptions o = { .version = v, .kem = 7 };
        g_autoptr(Fx) fx = fx_new(&o);

        ask_algorithms(fx);
        g_assert_cmphex(fx->answer->data[1], ==, v >= SPDM_VERSION_14 ?
                        SPDM_RESPONSE_OF(SPDM_NEGOTIATE_ALGORITHMS)
                        : SPDM_ERROR);
    }
}

/* --- KEY_EXCHANGE --------------------------------------------------------- */

typedef struct Exchange {
    const char *sentence;
    int longer;                  /* than an encapsulation key */
    bool unreduced;
    bool ok;
} Exchange;

static const Exchange exchanges[] = {
    { "a-key", 0, false, true },
    { "a-coefficient-that-is-not-reduced", 0, true, false },
    { "a-byte-short", -1, false, false },
    { "a-byte-long", 1, false, false },
    { "no-key-at-all", -1184, false, false },
};

static void put_key_exchange(Fx *fx, const Exchange *row, GByteArray *out)
{
    static const uint16_t versions[] = { 0x1200 };
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    g_autoptr(SpdmKex) kex = spdm_kex_new(&fx->conn, &rng);
    SpdmBytes key = spdm_kex_request(kex);
    g_autoptr(GByteArray) opaque = g_byte_array_new();
    g_autofree uint8_t *data = g_malloc0(key.len + 1);
    uint8_t random[SPDM_NONCE_SIZE] = { 1 };
    SpdmMsg m = fx_msg(fx, SPDM_KEY_EXCHANGE, 0, 0);
    SpdmWireCtx wire = spdm_conn_wire_ctx(&fx->conn);

    memcpy(data, key.data, key.len);
    if (row->unreduced) {
        data[0] = data[1] = 0xff;
    }
    wire.req_exchange_size = (uint16_t)(key.len + row->longer);
    spdm_opaque_encode_supported(fx->o.version, versions, 1, opaque);
    m.key_exchange = (SpdmMsgKeyExchange){
        .req_session_id = 1,
        .random = SPDM_BYTES(random, sizeof(random)),
        .exchange = SPDM_BYTES(data, wire.req_exchange_size),
        .opaque = SPDM_BYTES(opaque->data, opaque->len),
    };
    g_assert_true(spdm_msg_encode(&wire, &m, out));
}

static void test_exchange(gconstpointer data)
{
    const Exchange *row = data;
    const FxOptions o = { .version = SPDM_VERSION_14, .kem = 2,
                          .rsp_kem = 2 };
    g_autoptr(GByteArray) request = g_byte_array_new();
    g_autoptr(Fx) fx = NULL;

    if (skip()) {
        return;
    }
    fx = fx_new(&o);
    fx_negotiate(fx);
    put_key_exchange(fx, row, request);
    fx_send(fx, NULL, SPDM_BYTES(request->data, request->len));
    if (row->ok) {
        g_assert_cmphex(fx->answer->data[1], ==,
                        SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE));
        g_assert_cmpuint(fx_info(fx).session_count, ==, 1);
    } else {
        g_assert_cmphex(fx->answer->data[1], ==, SPDM_ERROR);
        g_assert_cmphex(fx->answer->data[2], ==, SPDM_ERROR_INVALID_REQUEST);
        fx_expect_wiped(fx);
    }
}

/* --- snapshots ------------------------------------------------------------ */

static bool reloads(SpdmConn *from)
{
    g_autoptr(GByteArray) state = g_byte_array_new();
    SpdmConn conn = { .state = SPDM_CONN_NOT_STARTED };
    SpdmBytes in;
    bool ok;

    spdm_conn_save(from, state);
    in = SPDM_BYTES(state->data, state->len);
    ok = spdm_conn_load(&conn, &in, NULL) && conn.kem == from->kem;
    spdm_conn_reset(&conn);
    return ok;
}

static void test_snapshot(void)
{
    const FxOptions o = { .version = SPDM_VERSION_14, .kem = 2,
                          .rsp_kem = 2 };
    g_autoptr(Fx) fx = NULL;
    SpdmConn *conn;

    if (skip()) {
        return;
    }
    fx = fx_new(&o);
    fx_negotiate(fx);
    conn = &fx->r->conn;
    g_assert_true(reloads(conn));
    conn->dhe = spdm_dhe_by_name("SECP384R1");
    g_assert_false(reloads(conn));
    conn->dhe = NULL;
    conn->version = SPDM_VERSION_13;
    g_assert_false(reloads(conn));
}

#define ADD_ROWS(rows, func)                                            \
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {                   \
        g_autofree char *path = g_strdup_printf(                        \
            "/responder/kem/" #rows "/%s", (rows)[i].sentence);         \
        g_test_add_data_func(path, &(rows)[i], func);                   \
    }

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS(selections, test_selection);
    ADD_ROWS(exchanges, test_exchange);
    g_test_add_func("/responder/kem/table-of-1.4-only", test_table);
    g_test_add_func("/responder/kem/snapshot", test_snapshot);
    return g_test_run();
}

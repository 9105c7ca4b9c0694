/*
 * Post-quantum signatures (1.4) at the responder: which of both fields is
 * selected from, for each end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

#define PQC(bits) ((uint32_t)(bits) << SPDM_PQC_ASYM_SHIFT)

enum { P384 = 0x80, P256 = 0x10 };

static bool skip(void)
{
    bool missing = !spdm_asym_pqc(spdm_asym_mask(SPDM_VERSION_14));

    if (missing) {
        g_test_skip("this libgcrypt has no ML-DSA");
    }
    return missing;
}

typedef struct Selection {
    const char *sentence;
    uint32_t offered;
    uint32_t allowed;            /* by the profile */
    uint32_t selected;           /* 0: ERROR InvalidRequest */
} Selection;

static const Selection selections[] = {
    { "the-strongest-common-one", PQC(7), PQC(3), PQC(2) },
    { "the-only-common-one", PQC(5), PQC(6), PQC(4) },
    { "post-quantum-before-classic", PQC(1) | P384, PQC(7) | P384, PQC(1) },
    { "classic-where-the-profile-has-no-other", PQC(7) | P384, P384 | P256,
      P384 },
    { "classic-where-no-other-is-common", PQC(1) | P256, PQC(6) | P256,
      P256 },
    { "classic-where-only-unknown-ones-are-offered", PQC(0xfff8) | P384,
      PQC(7) | P384, P384 },
    { "neither-is-refused", PQC(1) | P384, PQC(2) | P256, 0 },
};

static Fx *ask(const FxOptions *o, bool refused)
{
    Fx *fx = fx_new(o);
    g_autoptr(GByteArray) request = g_byte_array_new();

    fx_version(fx);
    fx_capabilities(fx);
    if (!refused) {
        fx_algorithms(fx);
        return fx;
    }
    fx_make_algorithms(fx, request);
    fx_send(fx, NULL, SPDM_BYTES(request->data, request->len));
    g_assert_cmphex(fx->answer->data[1], ==, SPDM_ERROR);
    g_assert_cmphex(fx->answer->data[2], ==, SPDM_ERROR_INVALID_REQUEST);
    return fx;
}

static uint32_t bit_of(const SpdmAsymAlg *alg)
{
    return alg ? alg->bit : 0;
}

/* What the device signs with: BaseAsymSel or PqcAsymSel. */
static void test_responder(gconstpointer data)
{
    const Selection *row = data;
    const FxOptions o = { .version = SPDM_VERSION_14, .asym = row->offered,
                          .rsp_asym = row->allowed };
    g_autoptr(Fx) fx = NULL;

    if (skip()) {
        return;
    }
    fx = ask(&o, !row->selected);
    g_assert_cmphex(bit_of(fx->conn.asym), ==, row->selected);
    g_assert_true(fx->r->conn.asym == fx->conn.asym);
}

/* What the requester signs with: AlgTypes 4 and 6. */
static void test_requester(gconstpointer data)
{
    const Selection *row = data;
    const FxOptions o = {
        .version = SPDM_VERSION_14,
        .req_flags = FX_REQ_FLAGS | SPDM_MUT_AUTH_CAP,
        .rsp_flags = FX_RSP_FLAGS | SPDM_MUT_AUTH_CAP,
        .mut_auth = SPDM_MUT_AUTH_REQUIRED, .req_asym = row->offered,
        .rsp_req_asym = row->allowed,
    };
    g_autoptr(Fx) fx = NULL;

    if (skip()) {
        return;
    }
    fx = ask(&o, !row->selected);
    g_assert_cmphex(bit_of(fx->conn.req_asym), ==, row->selected);
    g_assert_true(fx->r->conn.req_asym == fx->conn.req_asym);
}

/*
 * With any libgcrypt: bits of BaseAsymAlgo where the mask inside has those of
 * PqcAsymAlgo mean nothing, nor does the reserved field of 1.3.
 */
static void test_upper_bits(void)
{
    for (uint8_t v = SPDM_VERSION_10; v <= SPDM_VERSION_14; v++) {
        const FxOptions o = { .version = v, .asym = P384,
                              .rsp_asym = PQC(7) | P384 };
        g_autoptr(Fx) fx = fx_new(&o);
        g_autoptr(GByteArray) request = g_byte_array_new();

        fx_version(fx);
        fx_capabilities(fx);
        fx_make_algorithms(fx, request);
        request->data[10] = 0x07;         /* BaseAsymAlgo bits 18:16 */
        if (v < SPDM_VERSION_14) {
            request->data[16] = 0x07;     /* PqcAsymAlgo of 1.4 */
        }
        fx_send(fx, NULL, SPDM_BYTES(request->data, request->len));
        g_assert_cmphex(fx->answer->data[1], ==,
                        SPDM_RESPONSE_OF(SPDM_NEGOTIATE_ALGORITHMS));
        g_assert_cmphex(fx->r->conn.asym->bit, ==, P384);
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
    ok = spdm_conn_load(&conn, &in, NULL) && conn.asym == from->asym;
    spdm_conn_reset(&conn);
    return ok;
}

static void test_snapshot(void)
{
    const FxOptions o = { .version = SPDM_VERSION_14, .asym = PQC(2),
                          .rsp_asym = PQC(2) };
    g_autoptr(Fx) fx = NULL;
    SpdmConn *conn;

    if (skip()) {
        return;
    }
    fx = ask(&o, false);
    conn = &fx->r->conn;
    g_assert_true(reloads(conn));
    conn->version = SPDM_VERSION_13;
    g_assert_false(reloads(conn));
}

#define ADD_ROWS(what, func)                                            \
    for (size_t i = 0; i < G_N_ELEMENTS(selections); i++) {             \
        g_autofree char *path = g_strdup_printf(                        \
            "/responder/ml-dsa/" what "/%s", selections[i].sentence);   \
        g_test_add_data_func(path, &selections[i], func);               \
    }

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS("responder", test_responder);
    ADD_ROWS("requester", test_requester);
    g_test_add_func("/responder/ml-dsa/bits-above", test_upper_bits);
    g_test_add_func("/responder/ml-dsa/snapshot", test_snapshot);
    return g_test_run();
}

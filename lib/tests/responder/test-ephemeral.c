/*
 * Ephemeral keys made ahead of time: the same bytes, each used once, none in
 * a snapshot.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

#include <string.h>

/* ExchangeData of the response to one more KEY_EXCHANGE. */
static GBytes *exchange_data(Fx *fx)
{
    const SpdmBytes *e = &fx->rsp.key_exchange_rsp.exchange;

    fx_key_exchange(fx, 0);
    return g_bytes_new(e->data, e->len);
}

static Fx *negotiated(const FxOptions *options)
{
    Fx *fx = fx_new(options);

    fx_negotiate(fx);
    return fx;
}

static const struct {
    const char *name;
    FxOptions options;
} groups[] = {
    { "P-384", { .version = 0 } },
    { "P-256", { .dhe = 1 << 3 } },
    { "P-521, which is drawn again at times", { .dhe = 1 << 5 } },
    { "FFDHE2048", { .dhe = 1 << 0 } },
};

static void test_same_bytes(gconstpointer data)
{
    const FxOptions *options = data;
    g_autoptr(Fx) at_once = negotiated(options);
    g_autoptr(Fx) ahead = negotiated(options);

    for (unsigned i = 0; i < 3; i++) {
        g_autoptr(GByteArray) first = g_byte_array_new();

        fx_key_exchange(at_once, 0);
        g_byte_array_append(first, at_once->answer->data,
                            at_once->answer->len);
        g_assert_true(spdm_responder_prepare(ahead->r));
        fx_key_exchange(ahead, 0);
        g_assert_cmpmem(first->data, first->len, ahead->answer->data,
                        ahead->answer->len);
    }
}

static void test_each_is_used_once(void)
{
    g_autoptr(Fx) fx = negotiated(NULL);
    g_autoptr(GBytes) first = NULL, second = NULL;

    g_assert_true(spdm_responder_prepare(fx->r));
    first = exchange_data(fx);
    g_assert_null(fx->r->ephemeral);
    second = exchange_data(fx);
    g_assert_false(g_bytes_equal(first, second));
}

static void test_one_waits(void)
{
    g_autoptr(Fx) fx = negotiated(NULL);

    g_assert_true(spdm_responder_can_prepare(fx->r));
    g_assert_true(spdm_responder_prepare(fx->r));
    g_assert_false(spdm_responder_can_prepare(fx->r));
    g_assert_false(spdm_responder_prepare(fx->r));
}

static void test_the_session_works(void)
{
    g_autoptr(Fx) fx = negotiated(NULL);
    SpdmSession *s;

    g_assert_true(spdm_responder_prepare(fx->r));
    s = fx_key_exchange(fx, 0);
    fx_finish(fx, s);
    fx_vendor(fx, s);
}

static void test_bad_point_uses_it_up(void)
{
    g_autoptr(Fx) fx = negotiated(NULL);
    g_autoptr(GByteArray) m = g_byte_array_new();
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    g_autoptr(SpdmDhe) dhe = spdm_dhe_new(fx->conn.dhe, &rng);
    uint64_t index = fx->r->ephemeral_index;

    g_assert_true(spdm_responder_prepare(fx->r));
    fx_make_key_exchange(fx, dhe, 0, m);
    /* ExchangeData is behind 8 bytes of fields and RandomData. */
    m->data[8 + SPDM_NONCE_SIZE] ^= 1;
    g_assert_true(fx_send(fx, NULL, SPDM_BYTES(m->data, m->len)));
    g_assert_cmphex(fx->answer->data[1], ==, SPDM_ERROR);
    g_assert_null(fx->r->ephemeral);
    g_assert_cmpuint(fx->r->ephemeral_index, ==, index + 1);
}

/* ... and the same connection takes up another one. */
static void test_another_group(void)
{
    g_autoptr(Fx) fx = negotiated(NULL);

    g_assert_true(spdm_responder_prepare(fx->r));
    fx->o.dhe = 1 << 3;
    fx_negotiate(fx);
    g_assert_true(spdm_responder_can_prepare(fx->r));
    fx_finish(fx, fx_key_exchange(fx, 0));
    g_assert_null(fx->r->ephemeral);
}

static void test_nothing_to_prepare(gconstpointer data)
{
    g_autoptr(Fx) fx = fx_new(data);

    g_assert_false(spdm_responder_prepare(fx->r));
    fx_version(fx);
    fx_capabilities(fx);
    g_assert_false(spdm_responder_prepare(fx->r));
}

static void test_without_key_exchange(void)
{
    const FxOptions options = { .without = SPDM_KEY_EX_CAP };
    g_autoptr(Fx) fx = negotiated(&options);

    g_assert_false(spdm_responder_prepare(fx->r));
}

static void test_without_streams(void)
{
    g_autoptr(Fx) fx = negotiated(NULL);

    fx->no_streams = true;
    g_assert_false(spdm_responder_prepare(fx->r));
    fx_finish(fx, fx_key_exchange(fx, 0));
}

/* A provider that changes its mind (a fault plan) is obeyed. */
static void test_streams_are_withdrawn(void)
{
    g_autoptr(Fx) plain = negotiated(NULL);
    g_autoptr(Fx) fx = negotiated(NULL);
    g_autoptr(GBytes) prepared = exchange_data(plain);
    g_autoptr(GBytes) other = NULL;

    g_assert_true(spdm_responder_prepare(fx->r));
    fx->no_streams = true;
    other = exchange_data(fx);
    g_assert_false(g_bytes_equal(prepared, other));
    g_assert_null(fx->r->ephemeral);
}

static void test_no_room_for_a_session(void)
{
    const FxOptions options = { .max_sessions = 1 };
    g_autoptr(Fx) fx = negotiated(&options);
    SpdmSession *s = fx_key_exchange(fx, 0);

    g_assert_false(spdm_responder_prepare(fx->r));
    fx_finish(fx, s);
    fx_end_session(fx, s, 0);
    g_assert_true(spdm_responder_prepare(fx->r));
}

static void test_snapshot_has_none(void)
{
    g_autoptr(Fx) fx = negotiated(NULL);
    g_autoptr(GBytes) before = spdm_responder_save(fx->r), after = NULL;

    g_assert_true(spdm_responder_prepare(fx->r));
    after = spdm_responder_save(fx->r);
    g_assert_true(g_bytes_equal(before, after));
}

static void load(Fx *fx, GBytes *state)
{
    g_autoptr(GError) err = NULL;

    spdm_responder_load(fx->r, state, &err);
    g_assert_no_error(err);
    g_assert_null(fx->r->ephemeral);
}

/* The requester of the fixture goes on as if nothing had happened. */
static GBytes *data_after_load(bool fresh, bool prepared_before)
{
    g_autoptr(Fx) fx = negotiated(NULL);
    g_autoptr(GBytes) state = NULL;

    fx->fresh_streams = fresh;
    if (prepared_before) {
        g_assert_true(spdm_responder_prepare(fx->r));
    }
    state = spdm_responder_save(fx->r);
    load(fx, state);
    return exchange_data(fx);
}

static void test_snapshot_with_a_seed(void)
{
    g_autoptr(Fx) fx = negotiated(NULL);
    g_autoptr(GBytes) through = exchange_data(fx);
    g_autoptr(GBytes) plain = data_after_load(false, false);
    g_autoptr(GBytes) prepared = data_after_load(false, true);

    g_assert_true(g_bytes_equal(through, plain));
    g_assert_true(g_bytes_equal(through, prepared));
}

/* One state, two lives: neither has the other's key. */
static void test_snapshot_without_a_seed(void)
{
    g_autoptr(Fx) fx = negotiated(NULL);
    g_autoptr(GBytes) state = NULL, first = NULL, second = NULL;
    const uint8_t *made;

    fx->fresh_streams = true;
    g_assert_true(spdm_responder_prepare(fx->r));
    state = spdm_responder_save(fx->r);
    made = spdm_dhe_public(fx->r->ephemeral);
    first = g_bytes_new(made, fx->conn.dhe->public_size);
    load(fx, state);
    second = exchange_data(fx);
    g_assert_false(g_bytes_equal(first, second));
}

static void test_reset_wipes(void)
{
    g_autoptr(Fx) fx = negotiated(NULL);

    g_assert_true(spdm_responder_prepare(fx->r));
    spdm_responder_reset(fx->r);
    g_assert_null(fx->r->ephemeral);
    g_assert_false(spdm_responder_can_prepare(fx->r));
}

int main(int argc, char **argv)
{
    static const FxOptions usual;

    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
        g_autofree char *name = g_strdup_printf(
            "/ephemeral/the bytes do not tell when it was made: %s",
            groups[i].name);

        g_test_add_data_func(name, &groups[i].options, test_same_bytes);
    }
    g_test_add_data_func("/ephemeral/nothing is made before ALGORITHMS",
                         &usual, test_nothing_to_prepare);
    g_test_add_func("/ephemeral/each key is used once",
                    test_each_is_used_once);
    g_test_add_func("/ephemeral/one waits at most", test_one_waits);
    g_test_add_func("/ephemeral/a session from one works",
                    test_the_session_works);
    g_test_add_func("/ephemeral/a point off the curve uses it up",
                    test_bad_point_uses_it_up);
    g_test_add_func("/ephemeral/one of another group is not used",
                    test_another_group);
    g_test_add_func("/ephemeral/nothing is made without KEY_EX_CAP",
                    test_without_key_exchange);
    g_test_add_func("/ephemeral/nothing is made without streams",
                    test_without_streams);
    g_test_add_func("/ephemeral/none is used once streams are withdrawn",
                    test_streams_are_withdrawn);
    g_test_add_func("/ephemeral/nothing is made when sessions are full",
                    test_no_room_for_a_session);
    g_test_add_func("/ephemeral/a snapshot has none of it",
                    test_snapshot_has_none);
    g_test_add_func("/ephemeral/with a seed a snapshot changes nothing",
                    test_snapshot_with_a_seed);
    g_test_add_func("/ephemeral/without a seed a snapshot brings another",
                    test_snapshot_without_a_seed);
    g_test_add_func("/ephemeral/a reset wipes it", test_reset_wipes);
    return g_test_run();
}

/*
 * Aborts by the operator, in every manner.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

#include <string.h>

/* What the tap is told of sessions. */
typedef struct Told {
    SpdmTap tap;
    GString *events;
} Told;

static SpdmTapVerdict told_call(void *opaque, SpdmTapContext *c)
{
    Told *t = opaque;

    if (c->event == SPDM_TAP_SESSION) {
        g_string_append_printf(t->events, "%s\n", c->session_event);
    }
    return SPDM_TAP_PASS;
}

static Told *told_new(Fx *fx)
{
    Told *t = g_new0(Told, 1);

    t->tap = (SpdmTap){ told_call, t };
    t->events = g_string_new(NULL);
    g_assert_true(spdm_responder_add_tap(fx->r, &t->tap));
    return t;
}

static void told_free(Told *t)
{
    g_string_free(t->events, TRUE);
    g_free(t);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Told, told_free)

static unsigned abort_by(Fx *fx, uint32_t id, SpdmAbortManner manner)
{
    const SpdmAbort how = { id, manner };

    return spdm_responder_abort_as(fx->r, &how);
}

static Fx *negotiated(uint8_t version)
{
    Fx *fx = fx_new(&(FxOptions){ .version = version });

    fx_negotiate(fx);
    return fx;
}

/* --- at the next request -------------------------------------------------- */

typedef struct Row {
    const char *sentence;
    uint8_t version;
    SpdmAbortManner manner;
    SpdmErrorCode code;
    const char *why;
} Row;

static const Row rows[] = {
    { "error", SPDM_VERSION_12, SPDM_ABORT_ERROR, SPDM_ERROR_UNSPECIFIED,
      "by the operator, with ERROR Unspecified" },
    { "decrypt-error", SPDM_VERSION_12, SPDM_ABORT_DECRYPT_ERROR,
      SPDM_ERROR_DECRYPT_ERROR, "by the operator, with ERROR DecryptError" },
    { "terminated", SPDM_VERSION_14, SPDM_ABORT_TERMINATED,
      SPDM_ERROR_REQUEST_SESSION_TERMINATED,
      "by the operator, with ERROR RequestSessionTerminated" },
    { "terminated-before-1.4", SPDM_VERSION_12, SPDM_ABORT_TERMINATED,
      SPDM_ERROR_UNSPECIFIED,
      "by the operator, with ERROR RequestSessionTerminated" },
};

static void expect_told(Fx *fx, SpdmSession *s, SpdmErrorCode code)
{
    SpdmMsg m = fx_msg(fx, SPDM_HEARTBEAT, 0, 0);

    g_assert_true(fx_try(fx, s, &m));
    fx_expect_error(fx, code);
}

/* The other session does not notice; this one is over behind the ERROR. */
static void test_next_request(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(Fx) fx = negotiated(row->version);
    g_autoptr(Told) told = told_new(fx);
    SpdmSession *a = fx_sigma(fx);
    SpdmSession *b = fx_psk(fx);
    uint32_t id = a->id;

    g_assert_cmpuint(abort_by(fx, id, row->manner), ==, 1);
    g_assert_cmpuint(fx_info(fx).session_count, ==, 2);
    fx_vendor(fx, b);
    expect_told(fx, a, row->code);
    g_assert_null(fx_peer(fx, id));
    g_assert_nonnull(strstr(told->events->str, row->why));
    fx_vendor(fx, b);
    fx_end_session(fx, b, 0);
    fx_expect_wiped(fx);
}

/* What waits for the next request is saved with the rest. */
static void test_saved(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(Fx) fx = negotiated(row->version);
    SpdmSession *s = fx_sigma(fx);
    g_autoptr(GBytes) state = NULL;
    g_autoptr(GError) err = NULL;

    abort_by(fx, 0, row->manner);
    state = spdm_responder_save(fx->r);
    g_assert_true(spdm_responder_load(fx->r, state, &err));
    g_assert_no_error(err);
    expect_told(fx, s, row->code);
    fx_expect_wiped(fx);
}

static void test_in_handshake(void)
{
    g_autoptr(Fx) fx = negotiated(SPDM_VERSION_12);
    SpdmSession *s = fx_key_exchange(fx, 0);
    g_autoptr(GByteArray) finish = g_byte_array_new();

    g_assert_cmpuint(abort_by(fx, s->id, SPDM_ABORT_DECRYPT_ERROR), ==, 1);
    fx_make_finish(fx, s, finish);
    g_assert_true(fx_send(fx, s, SPDM_BYTES(finish->data, finish->len)));
    g_assert_cmphex(fx->answer->data[1], ==, SPDM_ERROR);
    g_assert_cmphex(fx->answer->data[2], ==, SPDM_ERROR_DECRYPT_ERROR);
    fx_expect_wiped(fx);
}

/* A heartbeat's end is one all the same. */
static void test_silent_overtakes(void)
{
    g_autoptr(Fx) fx = negotiated(SPDM_VERSION_12);
    SpdmSession *s = fx_sigma(fx);

    abort_by(fx, s->id, SPDM_ABORT_ERROR);
    g_assert_cmpuint(abort_by(fx, s->id, SPDM_ABORT_SILENT), ==, 1);
    fx_expect_wiped(fx);
}

/* --- all of them ---------------------------------------------------------- */

static void test_resynch_in_session(void)
{
    g_autoptr(Fx) fx = negotiated(SPDM_VERSION_12);
    g_autoptr(Told) told = told_new(fx);
    SpdmSession *a = fx_sigma(fx);

    fx_psk(fx);
    g_assert_cmpuint(abort_by(fx, 0, SPDM_ABORT_RESYNCH), ==, 2);
    expect_told(fx, a, SPDM_ERROR_REQUEST_RESYNCH);
    fx_expect_wiped(fx);
    g_assert_cmpstr(fx_info(fx).state, ==, "not-started");
    g_assert_nonnull(strstr(told->events->str, "with ERROR RequestResynch"));
    fx_negotiate(fx);
    fx_sigma(fx);
}

static void test_resynch_outside(void)
{
    g_autoptr(Fx) fx = negotiated(SPDM_VERSION_12);
    SpdmMsg m = fx_msg(fx, SPDM_GET_DIGESTS, 0, 0);
    g_autoptr(GBytes) state = NULL;

    g_assert_cmpuint(abort_by(fx, 0, SPDM_ABORT_RESYNCH), ==, 0);
    state = spdm_responder_save(fx->r);
    g_assert_true(spdm_responder_load(fx->r, state, NULL));
    g_assert_true(fx_try(fx, NULL, &m));
    fx_expect_error(fx, SPDM_ERROR_REQUEST_RESYNCH);
    fx_negotiate(fx);
    fx_digests(fx, NULL);
}

/* What it asks for is not refused. */
static void test_resynch_and_get_version(void)
{
    g_autoptr(Fx) fx = negotiated(SPDM_VERSION_12);

    abort_by(fx, 0, SPDM_ABORT_RESYNCH);
    fx_negotiate(fx);
    fx_sigma(fx);
}

static void test_nothing_to_resynch(void)
{
    g_autoptr(Fx) fx = fx_new(&(FxOptions){ .version = SPDM_VERSION_12 });

    abort_by(fx, 0, SPDM_ABORT_RESYNCH);
    fx_negotiate(fx);
}

static void test_at_once(gconstpointer data)
{
    SpdmAbortManner manner = (SpdmAbortManner)GPOINTER_TO_INT(data);
    g_autoptr(Fx) fx = negotiated(SPDM_VERSION_12);
    g_autoptr(Told) told = told_new(fx);

    fx_sigma(fx);
    fx_psk(fx);
    g_assert_true(spdm_abort_is_at_once(manner));
    g_assert_cmpuint(abort_by(fx, 0, manner), ==, 2);
    fx_expect_wiped(fx);
    g_assert_nonnull(strstr(told->events->str,
                            "ended: aborted by the operator, "));
}

/* --- as it is written ----------------------------------------------------- */

static void test_parse(void)
{
    static const struct {
        const char *text;
        uint32_t id;
        SpdmAbortManner manner;
    } good[] = {
        { "0", 0, SPDM_ABORT_SILENT },
        { "65537", 65537, SPDM_ABORT_SILENT },
        { "0xffff0001:error", 0xffff0001, SPDM_ABORT_ERROR },
        { "1:silent", 1, SPDM_ABORT_SILENT },
        { "1:decrypt-error", 1, SPDM_ABORT_DECRYPT_ERROR },
        { "1:terminated", 1, SPDM_ABORT_TERMINATED },
        { "0:resynch", 0, SPDM_ABORT_RESYNCH },
        { "0:reset", 0, SPDM_ABORT_RESET },
        { "0:close", 0, SPDM_ABORT_CLOSE },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(good); i++) {
        SpdmAbort abort;
        g_autoptr(GError) err = NULL;

        g_assert_true(spdm_abort_parse(good[i].text, &abort, &err));
        g_assert_no_error(err);
        g_assert_cmphex(abort.session_id, ==, good[i].id);
        g_assert_cmpint(abort.manner, ==, good[i].manner);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *text;
        const char *says;
    } bad[] = {
        { "", "ID is" }, { ":error", "ID is" }, { "x", "ID is" },
        { "-1", "ID is" }, { "4294967296", "ID is" }, { "0x", "ID is" },
        { "1 ", "ID is" }, { "1:", "manners are" },
        { "1:quiet", "manners are silent, error, decrypt-error" },
        { "1:error:x", "manners are" },
        { "1:resynch", "of all sessions" }, { "1:reset", "of all sessions" },
        { "1:close", "of all sessions" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        SpdmAbort abort;
        g_autoptr(GError) err = NULL;

        g_assert_false(spdm_abort_parse(bad[i].text, &abort, &err));
        g_test_message("%s", err->message);
        g_assert_nonnull(strstr(err->message, bad[i].says));
        g_assert_null(strchr(err->message, '\n'));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/aborts/next-request/",
                                            rows[i].sentence, NULL);
        g_autofree char *saved = g_strconcat("/aborts/saved/",
                                             rows[i].sentence, NULL);

        g_test_add_data_func(path, &rows[i], test_next_request);
        g_test_add_data_func(saved, &rows[i], test_saved);
    }
#define ADD(name, f) g_test_add_func("/aborts/" name, f)
    ADD("a-handshake-ends-too", test_in_handshake);
    ADD("silence-overtakes-what-waits", test_silent_overtakes);
    ADD("resynch-in-a-session-ends-all", test_resynch_in_session);
    ADD("resynch-outside-sessions", test_resynch_outside);
    ADD("resynch-is-settled-by-get-version", test_resynch_and_get_version);
    ADD("nothing-to-resynch", test_nothing_to_resynch);
#define AT_ONCE(name, manner) \
    g_test_add_data_func("/aborts/at-once/" name, GINT_TO_POINTER(manner), \
                         test_at_once)
    AT_ONCE("silent", SPDM_ABORT_SILENT);
    AT_ONCE("reset", SPDM_ABORT_RESET);
    AT_ONCE("close", SPDM_ABORT_CLOSE);
    ADD("text-that-is-one", test_parse);
    ADD("text-that-is-none", test_refused);
    return g_test_run();
}

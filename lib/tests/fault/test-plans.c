/*
 * The plans of configs/faults, one row each: what our requester makes of it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "spdm/trace-read.h"
#include "world.h"

/** How it ends. */
typedef enum Verdict {
    REFUSED,                     /* by a check of the requester */
    ERRORED,                     /* the responder says ERROR */
    UNANSWERED,                  /* the transport fails */
    COPED,                       /* legal, or not to be noticed */
} Verdict;

typedef struct Row {
    const char *plan;
    Verdict verdict;
    SpdmCheck check;
    const char *why;             /* part of the error of the transport */
    RqOptions o;
} Row;

#define CHECK(c) REFUSED, SPDM_CHECK_##c, NULL
#define ERROR_ ERRORED, SPDM_CHECK_NONE, NULL
#define LOST(text) UNANSWERED, SPDM_CHECK_NONE, text
#define FINE COPED, SPDM_CHECK_NONE, NULL
#define TRUSTING .trust = "device"
#define CHUNKS .transfer_size = 64, .rsp_transfer_size = 4608, \
               .rsp_add = SPDM_CHUNK_CAP
#define MUTUAL .identity = "auto", .mutual = true, \
               .rsp_add = SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP

static const Row rows[] = {
    { "a-version-none", CHECK(VERSION_COUNT), {} },
    { "a-version-count-lies", CHECK(LAYOUT), {} },
    { "a-capabilities-ct-exponent", CHECK(CAPS_CT_EXPONENT), {} },
    { "a-capabilities-contradict", CHECK(CAPS_MEAS), {} },
    { "a-algorithms-not-offered", CHECK(ALGS_HASH_OFFERED), {} },
    { "a-algorithms-two", CHECK(ALGS_HASH_ONE), {} },
    { "a-algorithms-too-early", CHECK(RESPONSE_CODE), {} },

    { "b-strip-encrypt-mitm", CHECK(CHALLENGE_SIGNATURE), {} },
    { "b-strip-measurements", CHECK(CAPS_POLICY), { .require = "MEAS_SIG" } },
    { "b-strip-newest-version-mitm", CHECK(CHALLENGE_SIGNATURE), {} },
    { "b-weakest-aead-mitm", CHECK(CHALLENGE_SIGNATURE), {} },

    { "c-digest-wrong", CHECK(CERT_DIGEST), {} },
    { "c-chain-unknown-root", CHECK(CHAIN_TRUST), { TRUSTING } },
    { "c-chain-other-device", CHECK(CHAIN_CMA_NAME),
      { .cma_name = "Vendor=1b36:Device=0010:CC=010802:REV=02:SSVID=1af4:"
                    "SSID=1100" } },
    { "c-chain-expired", CHECK(CHAIN_EXPIRED), {} },
    { "c-chain-key-usage", CHECK(CHAIN_KEY_USAGE), {} },
    { "c-chain-no-constraints", CHECK(CHAIN_CA), {} },
    { "c-chain-critical-extension", CHECK(CHAIN_EXTENSION), {} },
    { "c-chain-length-lies", CHECK(CHAIN_MALFORMED), {} },
    { "c-chain-root-hash", CHECK(CHAIN_ROOT_HASH), {} },
    { "c-certificate-endless", CHECK(CERT_REMAINDER), {} },
    { "c-certificate-empty", CHECK(CERT_EMPTY), {} },

    { "d-signature-flipped", CHECK(CHALLENGE_SIGNATURE), {} },
    { "d-signature-zero", CHECK(CHALLENGE_SIGNATURE), {} },
    { "d-sign-context", CHECK(CHALLENGE_SIGNATURE), {} },
    { "d-sign-stale", CHECK(CHALLENGE_SIGNATURE), {} },
    { "d-key-other", CHECK(CHALLENGE_SIGNATURE), {} },
    { "d-measurement-block-size", CHECK(MEAS_RECORD), {} },
    { "d-measurement-record-length", CHECK(LAYOUT), {} },
    { "d-measurement-value", FINE, {} },
    { "d-opaque-length", CHECK(LAYOUT), {} },
    { "d-summary-wrong", CHECK(MEAS_SUMMARY), {} },

    { "e-exchange-off-curve", CHECK(KEY_EXCHANGE_PUBLIC), {} },
    { "e-exchange-zero", CHECK(KEY_EXCHANGE_PUBLIC), {} },
    { "e-exchange-ones", CHECK(KEY_EXCHANGE_PUBLIC), {} },
    { "e-leading-zero", FINE, { .dhe = "SECP256R1" } },
    { "e-verify-data", CHECK(KEY_EXCHANGE_VERIFY), {} },
    { "e-verify-data-missing", CHECK(LAYOUT), {} },
    { "e-mut-auth-unasked", CHECK(KEY_EXCHANGE_MUT_AUTH), {} },

    { "f-psk-wrong", CHECK(PSK_VERIFY), {} },
    { "f-psk-verify-data", CHECK(PSK_VERIFY), {} },
    { "f-psk-other-handshake", CHECK(RESPONSE_CODE), {} },
    { "f-finish-other-handshake", CHECK(RESPONSE_CODE), {} },
    { "f-psk-context-length", CHECK(LAYOUT), {} },

    { "g-tag-flipped", CHECK(RECORD_TAG), {} },
    { "g-record-replayed", CHECK(RECORD_TAG), {} },
    { "g-sequence-skipped", CHECK(RECORD_TAG), {} },
    { "g-answer-in-the-clear", CHECK(PLAIN_IN_SESSION), {} },
    { "g-inner-length", CHECK(RECORD_LENGTH), {} },
    { "g-key-update-not-done", CHECK(KEY_UPDATE_KEYS), {} },
    { "g-heartbeat-unanswered", LOST("no answer"), {} },
    { "g-session-killed", LOST("no answer"), {} },

    { "h-busy-for-ever", CHECK(BUSY_LIMIT), {} },
    { "h-busy-twice", FINE, {} },
    { "h-resynch-in-session", ERROR_, {} },
    { "h-error-other-version", CHECK(VERSION_ECHO), {} },
    { "h-not-ready-for-ever", CHECK(NOT_READY_WAIT), {} },
    { "h-large-response-not-negotiated", CHECK(CHUNK_NEGOTIATED), {} },
    { "h-late", LOST("no answer"), {} },
    { "h-answered-twice", CHECK(RESPONSE_CODE), {} },

    { "i-chunk-handle", CHECK(CHUNK_HANDLE), { CHUNKS } },
    { "i-chunk-sequence", CHECK(CHUNK_SEQ), { CHUNKS } },
    { "i-chunk-total", CHECK(CHUNK_LIMIT), { CHUNKS } },
    { "i-chunk-size", CHECK(LAYOUT), { CHUNKS } },
    { "i-chunk-last-missing", CHECK(CHUNK_LAST), { CHUNKS } },

    { "j-busy-at-probe", LOST("Busy"), { .doe = true } },
    { "j-busy-for-ever", LOST("Busy"), { .doe = true } },
    { "j-busy-a-while", FINE, { .doe = true } },
    { "j-error", LOST("DOE Error"), { .doe = true } },
    { "j-never-ready", LOST("no answer"), { .doe = true } },
    { "j-ready-lost", LOST("Ready went away"), { .doe = true } },
    { "j-length-zero", LOST("Ready went away"), { .doe = true } },
    { "j-wrong-type", CHECK(FRAME), { .doe = true } },
    { "j-discovery-loops", CHECK(DOE_NEXT), { .doe = true } },
    { "j-discovery-ends-early", FINE, { .doe = true } },
    { "j-abort-ignored", LOST("Abort does not help"), { .doe = true } },
    { "j-all-ones", LOST("all ones"), { .doe = true } },

    { "k-reset-at-finish", LOST("no answer"), { .doe = true } },
    { "k-reset-in-session", LOST("no answer"), { .doe = true } },
    { "k-surprise-in-session", LOST("all ones"), { .doe = true } },
    { "k-measurement-changes", CHECK(MEAS_SUMMARY), { .doe = true } },
    { "k-firmware-version-changes", FINE, { .doe = true } },
    { "k-swapped", CHECK(CHALLENGE_SIGNATURE), { .doe = true } },
    { "k-certificate-erased", FINE, { .doe = true } },
    { "k-certificate-gone", ERROR_, { .doe = true } },
    { "k-capabilities-go", FINE, { .doe = true } },

    { "l-no-request", CHECK(ENCAP_EMPTY), { MUTUAL } },
    { "l-not-allowed", ERROR_, { MUTUAL } },
    { "l-no-such-slot", CHECK(ENCAP_SLOT), { MUTUAL } },
    { "l-wrong-id", CHECK(ENCAP_ACK_ID), { MUTUAL } },
};

/* --- what spdm-trace would say of it -------------------------------------- */

/* Feeds an observer as events of the device do (lib/trace/events.c). */
typedef struct Watch {
    SpdmTap tap;
    SpdmObserver *o;
    int64_t us;
} Watch;

static SpdmTapVerdict watch_call(void *opaque, SpdmTapContext *c)
{
    Watch *w = opaque;
    bool requester = c->responder != c->outgoing;

    if (c->event == SPDM_TAP_RX_MSG || c->event == SPDM_TAP_TX_MSG) {
        spdm_observer_message(w->o, ++w->us, requester, c->secured,
                              c->session_id,
                              SPDM_BYTES(c->bytes->data, c->bytes->len));
    } else if (c->event == SPDM_TAP_SESSION &&
               g_str_has_prefix(c->session_event, "ended")) {
        spdm_observer_event(w->o, SPDM_ENTRY_SESSION, ++w->us, c->session_id,
                            "ended", c->session_event);
    }
    return SPDM_TAP_PASS;
}

static void watch_fired(void *opaque, const SpdmFaultFired *what)
{
    Watch *w = opaque;
    g_autofree char *text = g_strdup_printf("%s%s%s", what->action,
                                            *what->message ? " " : "",
                                            what->message);

    spdm_observer_event(w->o, SPDM_ENTRY_FAULT, ++w->us, what->session_id,
                        what->rule, text);
}

static Watch *watch_new(World *w)
{
    Watch *watch = g_new0(Watch, 1);

    watch->o = spdm_observer_new();
    watch->tap = (SpdmTap){ watch_call, watch };
    g_assert_true(spdm_responder_add_tap(w->f->responder, &watch->tap));
    spdm_faults_set_fired(w->faults, watch_fired, watch);
    return watch;
}

static void watch_free(Watch *watch, World *w)
{
    spdm_faults_set_fired(w->faults, NULL, NULL);
    spdm_responder_remove_tap(w->f->responder, &watch->tap);
    spdm_observer_free(watch->o);
    g_free(watch);
}

/* The sentence about a rule: what it did, and what came of it. */
static bool is_explained(const Watch *watch, const char *rule)
{
    const GPtrArray *entries = spdm_observer_entries(watch->o);
    g_autofree char *name = g_strdup_printf("rule \"%s\" ", rule);
    bool found = false;

    for (guint i = 0; i < entries->len; i++) {
        const SpdmEntry *e = entries->pdata[i];

        if (e->kind == SPDM_ENTRY_FAULT && !strcmp(e->name, rule)) {
            g_test_message("%s", e->verdict);
            g_assert_nonnull(e->verdict);
            g_assert_true(g_str_has_prefix(e->verdict, name));
            g_assert_nonnull(strstr(e->verdict, e->text));
            g_assert_nonnull(strstr(e->verdict, "the requester "));
            found = true;
        }
    }
    return found;
}

/* All that have fired but at start, when nobody watched yet. */
static void expect_explained(const Watch *watch, const World *w,
                             const char *plan)
{
    spdm_observer_end(watch->o);
    for (unsigned i = 0; i < spdm_faults_rules(w->faults); i++) {
        SpdmFaultCount c = spdm_faults_count(w->faults, i);
        bool seen = is_explained(watch, c.rule);

        g_test_message("%s: %s", plan, c.rule);
        g_assert_true(seen || g_str_has_prefix(plan, "j-"));
    }
}

static Verdict verdict_of(const GError *err, const SpdmRequesterInfo *info)
{
    if (!err) {
        return COPED;
    }
    if (info->failed_check != SPDM_CHECK_NONE) {
        return REFUSED;
    }
    return err->code == SPDM_REQUESTER_ERROR_PEER ? ERRORED : UNANSWERED;
}

static void test_row(gconstpointer data)
{
    static const char *const names[] = { "refused", "errored", "unanswered",
                                         "coped" };
    const Row *row = data;
    RqOptions o = row->o;
    g_autoptr(World) w = NULL;
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;
    Watch *watch;

    o.heartbeat = 5;
    w = world_new(&o, row->plan);
    watch = watch_new(w);
    world_everything(w, &err);
    g_test_message("%s", err ? err->message : "succeeded");
    spdm_requester_info(w->f->rq, &info);
    g_assert_cmpstr(names[verdict_of(err, &info)], ==, names[row->verdict]);
    g_assert_cmpstr(spdm_check_name(info.failed_check), ==,
                    spdm_check_name(row->check));
    if (row->why) {
        g_assert_nonnull(strstr(err->message, row->why));
    }
    g_assert_cmpuint(info.session_count, ==, 0);
    g_assert_true(world_all_fired(w));
    expect_explained(watch, w, row->plan);
    watch_free(watch, w);
    g_assert_true(world_usable(w));
}

/* The same without a plan succeeds: rows mean something. */
static void test_honest(void)
{
    static const RqOptions options[] = {
        { .heartbeat = 5 }, { .heartbeat = 5, .doe = true },
        { .heartbeat = 5, CHUNKS }, { .heartbeat = 5, MUTUAL },
        { .heartbeat = 5, TRUSTING },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(options); i++) {
        g_autoptr(World) w = world_new(&options[i], NULL);
        g_autoptr(GError) err = NULL;

        world_everything(w, &err);
        g_assert_no_error(err);
    }
}

/* Every plan has a row, and every letter some plans. */
static void test_every_plan(void)
{
    g_autoptr(GDir) dir = g_dir_open(SRCDIR "/configs/faults", 0, NULL);
    unsigned letters[26] = { 0 };
    const char *name;

    g_assert_nonnull(dir);
    while ((name = g_dir_read_name(dir))) {
        bool found = false;

        for (size_t i = 0; i < G_N_ELEMENTS(rows) && !found; i++) {
            g_autofree char *file = g_strconcat(rows[i].plan, ".ini", NULL);

            found = !strcmp(file, name);
        }
        g_test_message("%s", name);
        g_assert_true(found);
        letters[name[0] - 'a']++;
    }
    for (char c = 'a'; c <= 'l'; c++) {
        g_assert_cmpuint(letters[c - 'a'], >=, 3);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/plans/", rows[i].plan, NULL);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/plans/none", test_honest);
    g_test_add_func("/plans/each-has-a-row", test_every_plan);
    return g_test_run();
}

/*
 * Every generic violation for every request and every version gets the ERROR
 * that DSP0274 names. The expected values come from requests.c, which knows
 * nothing of the responder's command table.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requests.h"

#include "responder/commands.h"

enum {
    DROP = 0xfe,                 /* expected: no answer */
    INVALID = SPDM_ERROR_INVALID_REQUEST,
    UNEXPECTED = SPDM_ERROR_UNEXPECTED_REQUEST,
    UNSUPPORTED = SPDM_ERROR_UNSUPPORTED_REQUEST,
    MISMATCH = SPDM_ERROR_VERSION_MISMATCH,
    HITC = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP,
};

/** One request on its way. */
typedef struct Try {
    const Rule *rule;
    Fx *fx;
    SpdmSession *s;
    Stage stage;
    GByteArray *m;
} Try;

static unsigned requests_sent;

static void try_clear(Try *t)
{
    if (t->fx) {
        fx_free(t->fx);
        g_byte_array_unref(t->m);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Try, try_clear)

static void make_anew(Try *t)
{
    g_byte_array_set_size(t->m, 0);
    rule_make(t->rule, t->fx, t->s, t->m);
}

/* A right request, where the stage has it. */
static Try try_at(const Rule *rule, FxOptions o, Stage stage)
{
    Try t = {
        .rule = rule, .fx = rule_device(&o), .stage = stage,
        .m = g_byte_array_new(),
    };

    t.s = stage_go(t.fx, stage);
    make_anew(&t);
    return t;
}

static Try try_home(const Rule *rule, uint8_t version)
{
    return try_at(rule, rule_options(version, 0, 0), rule_home(rule));
}

static void expect_error(const Try *t, uint8_t error)
{
    const uint8_t *a = t->fx->answer->data;
    uint8_t code = t->m->data[1];

    g_assert_cmphex(a[1], ==, SPDM_ERROR);
    g_assert_cmphex(a[0], ==, t->stage >= STAGE_CAPS ? t->fx->o.version
                                                     : SPDM_VERSION_10);
    g_assert_cmpstr(spdm_error_name(a[2]), ==, spdm_error_name(error));
    g_assert_cmphex(a[3], ==, error == UNSUPPORTED ? code : 0);
    g_assert_cmpuint(t->fx->answer->len, ==, SPDM_HEADER_SIZE);
}

/* @error: DROP, an ERROR, or 0 for the response. */
static void expect(const Try *t, uint8_t error)
{
    bool answered;

    requests_sent++;
    answered = fx_send(t->fx, t->s, SPDM_BYTES(t->m->data, t->m->len));
    g_assert_cmpint(answered, ==, error != DROP);
    if (!answered) {
        return;
    }
    g_assert_cmpuint(t->fx->answer->len, >=, SPDM_HEADER_SIZE);
    if (error) {
        expect_error(t, error);
    } else {
        g_assert_cmphex(t->fx->answer->data[1], ==,
                        SPDM_RESPONSE_OF(t->rule->code));
    }
}

/* The violation has left nothing behind: the right request is answered. */
static void expect_right(Try *t)
{
    make_anew(t);
    expect(t, rule_answer(t->rule, t->fx->o.version));
}

static bool is_in_session(Stage stage)
{
    return stage >= STAGE_SIGMA_HS;
}

static bool has_sessions(uint8_t version)
{
    return version >= SPDM_VERSION_11;
}

/* --- what may be violated ------------------------------------------------- */

static bool always(const Rule *rule, uint8_t version)
{
    return true;
}

static bool is_newer(const Rule *rule, uint8_t version)
{
    return version < rule->since || rule->not_served;
}

static bool exists(const Rule *rule, uint8_t version)
{
    return !is_newer(rule, version);
}

/* CAPABILITIES and ALGORITHMS a second time are violations. */
static bool is_once(const Rule *rule)
{
    return rule->code == SPDM_GET_CAPABILITIES ||
           rule->code == SPDM_NEGOTIATE_ALGORITHMS;
}

static bool is_right(const Rule *rule, Stage stage, uint8_t version)
{
    return rule_allows(rule, stage) &&
           (stage == rule_home(rule) || !is_once(rule)) &&
           (!is_in_session(stage) || has_sessions(version));
}

/* Where the right answer is an ERROR, its reason is the same everywhere. */
static void check_right(const Rule *rule, uint8_t version)
{
    g_autofree char *reason = NULL;

    for (Stage stage = STAGE_START; stage < STAGE_COUNT; stage++) {
        if (is_right(rule, stage, version)) {
            g_auto(Try) t = try_at(rule, rule_options(version, 0, 0), stage);

            expect_right(&t);
            if (!reason) {
                reason = g_strdup(fx_info(t.fx).last_error);
            }
            g_assert_cmpstr(fx_info(t.fx).last_error, ==, reason);
        }
    }
}

static void check_dropped(const Rule *rule, uint8_t version)
{
    g_auto(Try) t = try_home(rule, version);

    for (guint len = SPDM_HEADER_SIZE - 1; len > 0; len--) {
        g_byte_array_set_size(t.m, len);
        expect(&t, DROP);
    }
    expect_right(&t);
}

static bool is_version_of(const Rule *rule, uint8_t byte, uint8_t version)
{
    if (rule->code == SPDM_GET_VERSION) {
        return byte == SPDM_VERSION_10;
    }
    return rule->code == SPDM_GET_CAPABILITIES
        ? byte >= SPDM_VERSION_10 && byte <= SPDM_VERSION_14
        : byte == version;
}

static void check_version(const Rule *rule, uint8_t version)
{
    static const uint8_t bytes[] = {
        0x00, 0x01, 0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x20, 0x21,
        0xff,
    };
    g_auto(Try) t = try_home(rule, version);

    for (size_t i = 0; i < G_N_ELEMENTS(bytes); i++) {
        if (!is_version_of(rule, bytes[i], version)) {
            t.m->data[0] = bytes[i];
            expect(&t, MISMATCH);
        }
    }
    expect_right(&t);
}

/* Also before negotiation, and where it would not be allowed anyway. */
static void check_newer(const Rule *rule, uint8_t version)
{
    for (Stage stage = STAGE_START; stage < STAGE_COUNT; stage++) {
        if (!is_in_session(stage) || has_sessions(version)) {
            g_auto(Try) t = try_at(rule, rule_options(version, 0, 0), stage);

            expect(&t, UNSUPPORTED);
        }
    }
}

static bool needs_caps(const Rule *rule, uint8_t version)
{
    return exists(rule, version) &&
           (rule->rsp_caps || rule->req_caps || rule->both_caps);
}

/* Without the capability there may be no session to be in. */
static Stage stage_without(const Rule *rule)
{
    Stage stage = rule_home(rule);

    return stage == STAGE_SIGMA_HS || stage == STAGE_PSK_HS
           ? STAGE_NEGOTIATED : stage;
}

static void expect_unsupported(const Rule *rule, FxOptions o, Stage stage)
{
    g_auto(Try) t = try_at(rule, o, stage);

    expect(&t, UNSUPPORTED);
}

static void check_caps(const Rule *rule, uint8_t version)
{
    uint32_t rsp = rule->rsp_caps | rule->both_caps;
    uint32_t req = rule->req_caps | rule->both_caps;
    Stage stage = stage_without(rule);

    if (rule->rsp_caps & SPDM_PSK_CAP_MASK) {
        rsp = SPDM_PSK_CAP_MASK;
    }
    if (rsp) {
        expect_unsupported(rule, rule_options(version, rsp, 0), stage);
    }
    if (req) {
        expect_unsupported(rule, rule_options(version, 0, req), stage);
    }
    if (rule->rsp_not_enough) {
        FxOptions o = rule_options(version, rsp, 0);

        o.rsp_flags |= rule->rsp_not_enough;
        expect_unsupported(rule, o, STAGE_PSK);
    }
}

/* MEAS, EP_INFO, PSK: two bits, of which the lesser is enough. */
static bool has_lesser(const Rule *rule, uint8_t version)
{
    return exists(rule, version) &&
           (rule->rsp_caps & (rule->rsp_caps - 1));
}

static void check_lesser(const Rule *rule, uint8_t version)
{
    FxOptions o = rule_options(version, rule->rsp_caps, 0);
    g_auto(Try) t = { .rule = NULL };

    o.rsp_flags |= rule->rsp_caps & ~(rule->rsp_caps - 1);
    t = try_at(rule, o, rule_home(rule));
    expect_right(&t);
}

static bool has_early(const Rule *rule, uint8_t version)
{
    return exists(rule, version) && rule->earliest > STAGE_START;
}

static void check_early(const Rule *rule, uint8_t version)
{
    for (Stage stage = STAGE_START; stage < rule->earliest; stage++) {
        g_auto(Try) t = try_at(rule, rule_options(version, 0, 0), stage);

        expect(&t, UNEXPECTED);
    }
}

static bool is_done_once(const Rule *rule, uint8_t version)
{
    return is_once(rule);
}

static void check_repeated(const Rule *rule, uint8_t version)
{
    for (Stage stage = rule->earliest + 1; stage <= STAGE_NEGOTIATED;
         stage++) {
        g_auto(Try) t = try_at(rule, rule_options(version, 0, 0), stage);

        expect(&t, UNEXPECTED);
    }
}

static bool in_sessions(const Rule *rule, uint8_t version)
{
    return exists(rule, version) && has_sessions(version);
}

static void check_phase(const Rule *rule, uint8_t version)
{
    for (Stage stage = STAGE_SIGMA_HS; stage < STAGE_COUNT; stage++) {
        if (!rule_allows(rule, stage)) {
            g_auto(Try) t = try_at(rule, rule_options(version, 0, 0), stage);
            unsigned sessions = fx_info(t.fx).session_count;

            expect(&t, UNEXPECTED);
            g_assert_cmpuint(fx_info(t.fx).session_count, ==, sessions);
        }
    }
}

static bool is_session_only(const Rule *rule, uint8_t version)
{
    return exists(rule, version) && !(rule->in & IN_OUTSIDE);
}

/* ERROR SessionRequired came with 1.2. */
static void check_outside(const Rule *rule, uint8_t version)
{
    uint8_t error = version >= SPDM_VERSION_12 ? SPDM_ERROR_SESSION_REQUIRED
                                               : SPDM_ERROR_UNSPECIFIED;
    g_auto(Try) t = try_at(rule, rule_options(version, 0, 0),
                           STAGE_NEGOTIATED);

    expect(&t, error);
    t.s = fx_psk(t.fx); /* one that is there is not meant */
    t.s = NULL;
    expect(&t, error);
}

static bool may_be_clear(const Rule *rule, uint8_t version)
{
    return rule->code == SPDM_FINISH && exists(rule, version);
}

/* With HANDSHAKE_IN_THE_CLEAR it is the session that is missing. */
static void check_clear(const Rule *rule, uint8_t version)
{
    FxOptions o = rule_options(version, 0, 0);
    g_auto(Try) t = { .rule = NULL };

    o.req_flags |= HITC;
    o.rsp_flags |= HITC;
    t = try_at(rule, o, STAGE_NEGOTIATED);
    expect(&t, UNEXPECTED);
}

static bool has_size(const Rule *rule, uint8_t version)
{
    return exists(rule, version) && !rule->open_ended;
}

static void check_short(const Rule *rule, uint8_t version)
{
    g_auto(Try) t = try_home(rule, version);

    for (guint len = t.m->len; len-- > SPDM_HEADER_SIZE;) {
        g_byte_array_set_size(t.m, len);
        expect(&t, INVALID);
    }
    expect_right(&t);
}

static void check_long(const Rule *rule, uint8_t version)
{
    static const uint8_t zero;
    g_auto(Try) t = try_home(rule, version);

    for (unsigned more = 1; more <= 5; more++) {
        g_byte_array_append(t.m, &zero, 1);
        expect(&t, INVALID);
    }
    expect_right(&t);
}

static bool has_padding(const Rule *rule, uint8_t version)
{
    return has_size(rule, version) && !is_in_session(rule_home(rule));
}

/* A data object is filled up to a multiple of 4, and not beyond. */
static void check_padding(const Rule *rule, uint8_t version)
{
    static const uint8_t zeros[8];
    FxOptions o = rule_options(version, 0, 0);
    g_auto(Try) t = { .rule = NULL };

    o.transport = SPDM_TRANSPORT_PCI_DOE;
    t = try_at(rule, o, rule_home(rule));
    g_byte_array_append(t.m, zeros, 4);
    expect(&t, INVALID);
    make_anew(&t);
    g_byte_array_append(t.m, zeros, (4 - t.m->len % 4) % 4);
    expect(&t, rule_answer(rule, version));
}

static bool has_reserved(const Rule *rule, uint8_t version)
{
    return exists(rule, version) && rule->reserved[0].mask;
}

static void set_reserved(Try *t, const Reserved *r)
{
    uint8_t v = t->fx->o.version;

    if (r->mask && (!r->first || (v >= r->first && v <= r->last))) {
        g_assert_cmpuint(r->at, <, t->m->len);
        t->m->data[r->at] |= r->mask;
    }
}

static void check_reserved(const Rule *rule, uint8_t version)
{
    g_auto(Try) t = try_home(rule, version);

    for (unsigned i = 0; i < MAX_RESERVED; i++) {
        set_reserved(&t, &rule->reserved[i]);
    }
    if (rule->code == SPDM_FINISH || rule->code == SPDM_PSK_FINISH) {
        rule_mac(t.fx, t.s, t.m);
    }
    expect(&t, rule_answer(rule, version));
}

/* One violation is named, the first in DSP0274's order. */
static void check_order(const Rule *rule, uint8_t version)
{
    g_auto(Try) t = try_at(rule, rule_options(version, 0, 0),
                           has_sessions(version) ? STAGE_SIGMA_HS
                                                 : STAGE_NEGOTIATED);

    g_byte_array_set_size(t.m, SPDM_HEADER_SIZE);
    t.m->data[0] = 0x15;
    expect(&t, MISMATCH);
    t.m->data[0] = rule->code == SPDM_GET_VERSION ? SPDM_VERSION_10
                                                  : version;
    if (is_newer(rule, version)) {
        expect(&t, UNSUPPORTED);
    } else if (!is_right(rule, t.stage, version)) {
        expect(&t, UNEXPECTED);
    }
}

typedef struct Kind {
    const char *sentence;
    bool (*applies)(const Rule *rule, uint8_t version);
    void (*check)(const Rule *rule, uint8_t version);
} Kind;

static const Kind kinds[] = {
    { "is answered wherever it is right", exists, check_right },
    { "below 4 bytes is dropped", exists, check_dropped },
    { "of another version gets VersionMismatch", exists, check_version },
    { "that is not of this version gets UnsupportedRequest", is_newer,
      check_newer },
    { "without its capability gets UnsupportedRequest", needs_caps,
      check_caps },
    { "is content with the lesser capability", has_lesser, check_lesser },
    { "too early gets UnexpectedRequest", has_early, check_early },
    { "done already gets UnexpectedRequest", is_done_once,
      check_repeated },
    { "in a wrong phase of a session gets UnexpectedRequest", in_sessions,
      check_phase },
    { "outside a session gets SessionRequired", is_session_only,
      check_outside },
    { "without a handshake in the clear gets UnexpectedRequest",
      may_be_clear, check_clear },
    { "cut short anywhere gets InvalidRequest", has_size, check_short },
    { "longer than its fields gets InvalidRequest", has_size, check_long },
    { "may have a transport's padding and no more", has_padding,
      check_padding },
    { "may have reserved bits set", has_reserved, check_reserved },
    { "with several violations is told the first", always, check_order },
};

typedef struct Case {
    const Rule *rule;
    const Kind *kind;
    uint8_t version;
} Case;

static void test_case(gconstpointer data)
{
    const Case *c = data;

    c->kind->check(c->rule, c->version);
}

/* --- the 256 codes -------------------------------------------------------- */

static void test_every_command_has_a_rule(void)
{
    for (unsigned code = 0; code <= 0xff; code++) {
        const Rule *rule = rule_of((uint8_t)code);
        bool served = spdm_command((uint8_t)code) != NULL;

        if (served && (!rule || rule->not_served)) {
            g_test_message("request %02x has a row in responder/commands.c, "
                           "but requests.c does not say what DSP0274 wants "
                           "of it", code);
            g_test_fail();
        } else if (!served && rule && !rule->not_served) {
            g_test_message("%s is a request of DSP0274, but "
                           "responder/commands.c has no row for it",
                           rule->name);
            g_test_fail();
        } else if (rule) {
            g_assert_cmpstr(rule->name, ==, spdm_code_name(rule->code));
        }
    }
}

static void test_unknown_codes(gconstpointer data)
{
    uint8_t version = (uint8_t)GPOINTER_TO_UINT(data);
    Rule rule = { .name = "none" };

    for (Stage stage = STAGE_START; stage < STAGE_COUNT; stage++) {
        g_auto(Try) t = { .rule = NULL };

        if (is_in_session(stage) && !has_sessions(version)) {
            break;
        }
        t = try_at(&rule, rule_options(version, 0, 0), stage);
        for (unsigned code = 0; code <= 0xff; code++) {
            if (!rule_of((uint8_t)code)) {
                t.m->data[1] = (uint8_t)code;
                expect(&t, UNSUPPORTED);
            }
        }
    }
}

static unsigned add_cases(Case *cases, uint8_t version, const Kind *kind)
{
    unsigned n = 0;

    for (size_t i = 0; i < request_rule_count; i++) {
        const Rule *rule = &request_rules[i];
        g_autofree char *path = g_strdup_printf(
            "/responder/violations/%s/%s %s", spdm_version_name(version),
            rule->name, kind->sentence);

        if (kind->applies(rule, version)) {
            cases[n] = (Case){ rule, kind, version };
            g_test_add_data_func(path, &cases[n++], test_case);
        }
    }
    return n;
}

int main(int argc, char **argv)
{
    size_t most = request_rule_count * G_N_ELEMENTS(kinds) * RULE_VERSIONS;
    g_autofree Case *cases = g_new0(Case, most);
    unsigned n = 0;
    int result;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions();
    g_test_add_func("/responder/violations/every command has a rule",
                    test_every_command_has_a_rule);
    for (uint8_t v = SPDM_VERSION_10; v <= SPDM_VERSION_14; v++) {
        g_autofree char *path = g_strdup_printf(
            "/responder/violations/%s/a code of no request gets "
            "UnsupportedRequest", spdm_version_name(v));

        for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
            n += add_cases(cases + n, v, &kinds[i]);
        }
        g_test_add_data_func(path, GUINT_TO_POINTER(v), test_unknown_codes);
    }
    result = g_test_run();
    g_print("# %u rows of %zu requests in %d versions; %u requests sent\n",
            n, request_rule_count, RULE_VERSIONS, requests_sent);
    return result;
}

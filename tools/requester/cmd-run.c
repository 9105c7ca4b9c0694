/*
 * run: any sequence of requests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "common/emu-socket.h"
#include "requester/tool.h"

enum {
    WAIT_POLL_MS = 10,
    WAIT_LIMIT_MS = 10 * 60 * 1000,
};

/* "name:key=value,word": taken apart. */
typedef struct Step {
    const char *name;
    GHashTable *args;            /* key to value; a bare word has "" */
    const char *first;           /* the first argument as it stands */
    bool must_fail;
} Step;

typedef struct Run {
    Tool *t;
    GArray *sessions;            /* uint32_t, in the order of opening */
    uint32_t session;            /* that the step at hand acts in */
} Run;

static const char *arg(const Step *s, const char *key)
{
    return g_hash_table_lookup(s->args, key);
}

static unsigned arg_number(const Step *s, const char *key, unsigned standard)
{
    const char *value = arg(s, key);

    return value ? (unsigned)strtoul(value, NULL, 0) : standard;
}

static bool do_version(Run *r, const Step *s, GError **errp)
{
    return spdm_requester_version(r->t->rq, errp);
}

static bool do_capabilities(Run *r, const Step *s, GError **errp)
{
    return spdm_requester_capabilities(r->t->rq, errp);
}

static bool do_algorithms(Run *r, const Step *s, GError **errp)
{
    return spdm_requester_algorithms(r->t->rq, errp);
}

static bool do_connect(Run *r, const Step *s, GError **errp)
{
    return tool_connect(r->t, errp);
}

static bool do_discover(Run *r, const Step *s, GError **errp)
{
    return tool_discover_doe(r->t, errp);
}

static bool do_digests(Run *r, const Step *s, GError **errp)
{
    return spdm_requester_digests(r->t->rq, r->session, errp);
}

static bool do_certificate(Run *r, const Step *s, GError **errp)
{
    return spdm_requester_certificate(
        r->t->rq, r->session,
        (uint8_t)arg_number(s, "slot", (unsigned)r->t->opt.slot),
        (uint16_t)arg_number(s, "portion", (unsigned)r->t->opt.portion),
        errp);
}

static bool summary_of(Run *r, const Step *s, uint8_t *summary, GError **errp)
{
    const char *text = arg(s, "summary");

    return options_summary(text ? text : r->t->opt.summary, summary, errp);
}

static bool do_challenge(Run *r, const Step *s, GError **errp)
{
    uint8_t summary;

    return summary_of(r, s, &summary, errp) &&
           spdm_requester_challenge(
               r->t->rq,
               (uint8_t)arg_number(s, "slot", (unsigned)r->t->opt.slot),
               summary, errp);
}

static bool do_measurements(Run *r, const Step *s, GError **errp)
{
    const char *index = arg(s, "index");
    SpdmMeasurementQuery query = {
        .index = !index || strcmp(index, "all") == 0 ? 0xff :
                 strcmp(index, "count") == 0 ? 0 :
                 (uint8_t)arg_number(s, "index", 0),
        .sign = arg(s, "sign") != NULL,
        .raw = arg(s, "raw") != NULL,
        .fresh = arg(s, "fresh") != NULL,
        .slot = (uint8_t)arg_number(s, "slot", (unsigned)r->t->opt.slot),
    };

    return tool_measure(r->t, r->session, &query, errp);
}

static bool do_key_pairs(Run *r, const Step *s, GError **errp)
{
    return tool_key_pairs(r->t, r->session, errp);
}

static bool do_set_key_pair(Run *r, const Step *s, GError **errp)
{
    ToolKeyPairWords words = {
        .id = arg(s, "id"), .op = arg(s, "op"), .usage = arg(s, "usage"),
        .asym = arg(s, "asym"), .slots = arg(s, "slots"),
    };

    return tool_set_key_pair(r->t, r->session, &words, errp);
}

static bool do_mel(Run *r, const Step *s, GError **errp)
{
    return tool_read_log(r->t, r->session, arg_number(s, "portion", 0), errp);
}

static bool do_endpoint_info(Run *r, const Step *s, GError **errp)
{
    return tool_endpoint_info(r->t, r->session, arg(s, "sign") != NULL, errp);
}

static bool do_events(Run *r, const Step *s, GError **errp)
{
    return tool_events(r->t, r->session, arg(s, "types"),
                       arg_number(s, "ms", 0) / 1000.0, errp);
}

static bool do_key_exchange(Run *r, const Step *s, GError **errp)
{
    SpdmKeyExchangeParams params = {
        .slot = (uint8_t)arg_number(s, "slot", (unsigned)r->t->opt.slot),
        .policy = (uint8_t)arg_number(s, "policy", 0),
    };
    uint32_t session;

    if (!summary_of(r, s, &params.summary, errp) ||
        !spdm_requester_key_exchange(r->t->rq, &params, &session, errp)) {
        return false;
    }
    g_array_append_val(r->sessions, session);
    return true;
}

static bool do_psk_exchange(Run *r, const Step *s, GError **errp)
{
    uint32_t session;

    if (!tool_exchange_keys(r->t, true, &session, errp)) {
        return false;
    }
    g_array_append_val(r->sessions, session);
    return true;
}

static bool do_finish(Run *r, const Step *s, GError **errp)
{
    return spdm_requester_finish(r->t->rq, r->session, errp);
}

static bool do_psk_finish(Run *r, const Step *s, GError **errp)
{
    return spdm_requester_psk_finish(r->t->rq, r->session, errp);
}

static bool do_heartbeat(Run *r, const Step *s, GError **errp)
{
    return spdm_requester_heartbeat(r->t->rq, r->session, errp);
}

static bool do_key_update(Run *r, const Step *s, GError **errp)
{
    return spdm_requester_key_update(r->t->rq, r->session,
                                     arg(s, "all") != NULL, errp);
}

static bool do_vendor(Run *r, const Step *s, GError **errp)
{
    const char *text = arg(s, "text");

    return tool_echo(r->t, r->session, text ? text : "hello", errp);
}

static bool do_ide_km(Run *r, const Step *s, GError **errp)
{
    return tool_ide_keys(r->t, r->session, (uint8_t)arg_number(s, "port", 0),
                         (uint8_t)arg_number(s, "stream", 0),
                         arg(s, "stop") != NULL, errp);
}

static bool do_tdisp(Run *r, const Step *s, GError **errp)
{
    return tool_tdisp(r->t, r->session, arg(s, "function"),
                      (uint8_t)arg_number(s, "stream", 0),
                      arg(s, "stop") != NULL, errp);
}

static bool do_pldm(Run *r, const Step *s, GError **errp)
{
    return tool_pldm(r->t, r->session, errp);
}

static bool do_end_session(Run *r, const Step *s, GError **errp)
{
    tool_report_session(r->t, r->session, "ended by END_SESSION");
    return spdm_requester_end_session(r->t->rq, r->session,
                                      arg(s, "clear") != NULL, errp);
}

static bool ask_to_ask(Run *r, const char *what, GError **errp)
{
    ToolIo *io = r->t->io;
    bool info = strcmp(what, "endpoint-info") == 0;

    if (!info && *what && strcmp(what, "key-update") != 0) {
        return tool_fail(errp, TOOL_USAGE, "oob is key-update or "
                         "endpoint-info, not \"%s\"", what);
    }
    if (!io->out_of_band) {
        return tool_fail(errp, TOOL_USAGE, "oob needs --connect: only the "
                         "emulators' socket has a way beside SPDM");
    }
    return io->out_of_band(io, info ? EMU_OOB_ENDPOINT_INFO
                                    : EMU_OOB_KEY_UPDATE, r->session, errp);
}

static bool do_encapsulated(Run *r, const Step *s, GError **errp)
{
    const char *what = arg(s, "oob");

    return (!what || ask_to_ask(r, what, errp)) &&
           tool_encapsulated(r->t, r->session, errp);
}

static bool do_forget(Run *r, const Step *s, GError **errp)
{
    return spdm_requester_forget_session(r->t->rq, r->session) ||
           tool_fail(errp, TOOL_USAGE, "no session to forget");
}

static bool do_sleep(Run *r, const Step *s, GError **errp)
{
    g_usleep(1000ul * arg_number(s, "ms", 0));
    return true;
}

/* From now on: what has ended is known by no answer, which need not cost. */
static bool do_timeout(Run *r, const Step *s, GError **errp)
{
    r->t->timeout_us = 1000LL * arg_number(s, "ms", 0);
    return true;
}

/*
 * Creates the file, as a sign that it has come so far, and goes on when
 * somebody removes it: whoever changes the device at that moment.
 */
static bool do_wait(Run *r, const Step *s, GError **errp)
{
    const char *file = arg(s, "file");
    unsigned left = WAIT_LIMIT_MS / WAIT_POLL_MS;

    if (!file || !*file) {
        return tool_fail(errp, TOOL_USAGE, "wait needs file=PATH");
    }
    if (!g_file_set_contents(file, "", 0, errp)) {
        return false;
    }
    tool_say(r->t, "waiting until %s is removed", file);
    while (left && g_file_test(file, G_FILE_TEST_EXISTS)) {
        g_usleep(WAIT_POLL_MS * 1000ul);
        left--;
    }
    return left || tool_fail(errp, TOOL_UNEXPECTED,
                             "wait: nobody removed %s", file);
}

static bool do_doe_abort(Run *r, const Step *s, GError **errp)
{
    static const uint8_t discovery[] = { 1, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0 };

    if (!r->t->io->abandon) {
        return tool_fail(errp, TOOL_USAGE, "there is no DOE mailbox here");
    }
    return r->t->io->abandon(r->t->io, discovery, sizeof(discovery), errp);
}

/* ERROR is a failure here too, so that "!raw:..." says something. */
static bool do_raw(Run *r, const Step *s, GError **errp)
{
    g_autofree char *hex = g_strconcat("hex:", s->first ? s->first : "",
                                       NULL);
    g_autoptr(GBytes) bytes = options_bytes(hex, errp);
    g_autoptr(GByteArray) reply = g_byte_array_new();
    uint32_t session = arg(s, "session") ? r->session : 0;

    if (!bytes ||
        !spdm_requester_raw(r->t->rq, session,
                            SPDM_BYTES(g_bytes_get_data(bytes, NULL),
                                       g_bytes_get_size(bytes)),
                            reply, errp)) {
        return false;
    }
    return reply->len < 2 || reply->data[1] != 0x7f ||
           tool_fail(errp, TOOL_PROTOCOL, "raw: the responder answered ERROR "
                     "0x%02x", reply->len > 2 ? reply->data[2] : 0);
}

static const struct {
    const char *name;
    bool (*run)(Run *r, const Step *s, GError **errp);
    const char *args;            /* those it takes, beside session */
    bool outside;                /* outside unless session= says otherwise */
} requests[] = {
    { "version", do_version, "", true },
    { "capabilities", do_capabilities, "", true },
    { "algorithms", do_algorithms, "", true },
    { "connect", do_connect, "", true },
    { "discover", do_discover, "", true },
    { "digests", do_digests, "", false },
    { "certificate", do_certificate, "slot portion", false },
    { "challenge", do_challenge, "slot summary", true },
    { "measurements", do_measurements, "index sign raw fresh slot", false },
    { "key-pairs", do_key_pairs, "", false },
    { "set-key-pair", do_set_key_pair, "id op usage asym slots", false },
    { "mel", do_mel, "portion", false },
    { "endpoint-info", do_endpoint_info, "sign", false },
    { "events", do_events, "types ms", false },
    { "key-exchange", do_key_exchange, "slot summary policy", true },
    { "finish", do_finish, "", false },
    { "psk-exchange", do_psk_exchange, "", true },
    { "psk-finish", do_psk_finish, "", false },
    { "heartbeat", do_heartbeat, "", false },
    { "key-update", do_key_update, "all update", false },
    { "encapsulated", do_encapsulated, "oob", false },
    { "vendor", do_vendor, "text", false },
    { "ide-km", do_ide_km, "port stream stop", false },
    { "tdisp", do_tdisp, "function stream stop", false },
    { "pldm", do_pldm, "", false },
    { "end-session", do_end_session, "clear", false },
    { "forget", do_forget, "", false },
    { "sleep", do_sleep, "ms", true },
    { "timeout", do_timeout, "ms", true },
    { "wait", do_wait, "file", true },
    { "doe-abort", do_doe_abort, "", true },
    { "raw", do_raw, NULL, false },
};

/* Splits @word in place. */
static void parse(char *word, Step *s)
{
    char *colon, *next;

    *s = (Step){ .must_fail = word[0] == '!' };
    s->name = word + s->must_fail;
    s->args = g_hash_table_new(g_str_hash, g_str_equal);
    colon = strchr(word, ':');
    if (!colon) {
        return;
    }
    *colon = '\0';
    s->first = next = colon + 1;
    while (next && *next) {
        char *item = next, *equals;

        next = strchr(item, ',');
        if (next) {
            *next++ = '\0';
        }
        equals = strchr(item, '=');
        if (equals) {
            *equals = '\0';
        }
        g_hash_table_insert(s->args, item, equals ? equals + 1
                                                  : (char *)"");
    }
}

static bool args_are_known(const Step *s, const char *known, GError **errp)
{
    g_auto(GStrv) names = known ? g_strsplit(known, " ", -1) : NULL;
    GHashTableIter iter;
    gpointer key;

    g_hash_table_iter_init(&iter, s->args);
    while (names && g_hash_table_iter_next(&iter, &key, NULL)) {
        if (strcmp(key, "session") != 0 &&
            !g_strv_contains((const char *const *)names, key)) {
            return tool_fail(errp, TOOL_USAGE, "%s takes no \"%s\"; it takes "
                             "session %s", s->name, (char *)key, known);
        }
    }
    return true;
}

/* 0 is outside, N the Nth opened, and the latest one if nothing is said. */
static bool choose_session(Run *r, const Step *s, bool outside,
                           GError **errp)
{
    unsigned n = arg_number(s, "session", outside ? 0 : r->sessions->len);
    SpdmRequesterInfo info;

    spdm_requester_info(r->t->rq, &info);
    if (n > r->sessions->len) {
        return tool_fail(errp, TOOL_USAGE, "%s: session %u was not opened",
                         s->name, n);
    }
    if (!arg(s, "session") && info.session_count == 0) {
        n = 0;
    }
    r->session = n ? g_array_index(r->sessions, uint32_t, n - 1) : 0;
    return true;
}

static bool run_step(Run *r, const Step *s, GError **errp)
{
    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        if (strcmp(requests[i].name, s->name) == 0) {
            return args_are_known(s, requests[i].args, errp) &&
                   choose_session(r, s, requests[i].outside, errp) &&
                   requests[i].run(r, s, errp);
        }
    }
    return tool_fail(errp, TOOL_USAGE, "\"%s\" is no request; see --help",
                     s->name);
}

static bool is_usage(const GError *err)
{
    return tool_exit_code(err) == TOOL_USAGE &&
           err->domain == TOOL_ERROR;
}

static bool run_word(Run *r, const char *word, GError **errp)
{
    g_autofree char *copy = g_strdup(word);
    GError *err = NULL;
    bool ok;
    Step s;

    parse(copy, &s);
    ok = run_step(r, &s, &err);
    g_hash_table_unref(s.args);
    if (s.must_fail && !ok && !is_usage(err)) {
        ladder_flush(&r->t->ladder);
        tool_say(r->t, "failed as it has to: %s", err->message);
        g_error_free(err);
        return true;
    }
    if (!ok) {
        g_propagate_error(errp, err);
        return false;
    }
    return !s.must_fail || tool_fail(errp, TOOL_UNEXPECTED,
                                     "%s should have failed", word + 1);
}

bool cmd_run(Tool *t, char **words, GError **errp)
{
    Run r = { .t = t };
    bool ok = true;

    if (!*words) {
        return tool_fail(errp, TOOL_USAGE, "run needs requests; see --help");
    }
    r.sessions = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (; ok && *words; words++) {
        ok = run_word(&r, *words, errp);
    }
    g_array_unref(r.sessions);
    return ok;
}

/*
 * The text of plans: what is refused and how, and what it does to bytes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "spdm/fault.h"
#include "transport/transport.h"
#include "wire/fields.h"

typedef struct Mistake {
    const char *sentence;
    const char *text;
    const char *error;
} Mistake;

#define RULE(on, rest) "[rule r]\non = " on "\n" rest
#define CHALLENGE_AUTH RULE("tx-msg", "message = CHALLENGE_AUTH\n")

static const Mistake mistakes[] = {
    { "a section is misspelt", "[rules a]\non = tx-msg\n",
      "p.ini:1: [rules a]: \"rules a\" is no section of a plan; the nearest "
      "is rule NAME" },
    { "a key of a rule is misspelt", RULE("tx-msg", "mesage = VERSION\n"),
      "p.ini:3: [rule r] mesage: \"mesage\" is no key of a rule; the nearest "
      "is message" },
    { "an action is misspelt", RULE("tx-msg", "trunkate = 4\n"),
      "p.ini:3: [rule r] trunkate: \"trunkate\" is no key of a rule; the "
      "nearest is truncate" },
    { "an event is misspelt", RULE("tx-mesg", "drop = true\n"),
      "p.ini:2: [rule r] on: \"tx-mesg\" is no event; the nearest is tx-msg" },
    { "a message is misspelt", RULE("tx-msg", "message = CHALENGE_AUTH\n"),
      "p.ini:3: [rule r] message: \"CHALENGE_AUTH\" is no message; the "
      "nearest is CHALLENGE_AUTH" },
    { "a field is misspelt", CHALLENGE_AUTH "set = Signatur[0]=1\n",
      "p.ini:4: [rule r] set: \"Signatur\" is no field of CHALLENGE_AUTH; "
      "the nearest is Signature" },
    { "a field is of another message", CHALLENGE_AUTH "set = PSKHint=1\n",
      "p.ini:4: [rule r] set: \"PSKHint\" is no field of CHALLENGE_AUTH; the "
      "nearest is Param1" },
    { "a field is of no message", RULE("tx-msg", "set = Signatures=1\n"),
      "p.ini:3: [rule r] set: \"Signatures\" is no field of any message; the "
      "nearest is Signature" },
    { "a field of a message is wanted in a frame",
      RULE("tx-frame", "set = Signature=1\n"),
      "p.ini:3: [rule r] set: \"Signature\" is no field of a frame; the "
      "nearest is Length" },
    { "a signature is edited before it is made",
      RULE("compose", "message = CHALLENGE_AUTH\nset = Signature=1\n"),
      "p.ini:4: [rule r] set: Signature is not made yet at compose; edit it "
      "with on = tx-msg" },
    { "an ERROR code is misspelt", RULE("rx-msg", "error = Bussy\n"),
      "p.ini:3: [rule r] error: \"Bussy\" is no ERROR code; the nearest is "
      "Busy" },
    { "a mailbox cannot do that", RULE("tx-frame", "doe = bussy:20ms\n"),
      "p.ini:3: [rule r] doe: \"bussy\" is no fault of a DOE mailbox; the "
      "nearest is busy" },
    { "a time has no unit", RULE("tx-msg", "delay = 20\n"),
      "p.ini:3: [rule r] delay: \"20\" is no time such as 20us, 1200ms, 5s" },
    { "a value is none", CHALLENGE_AUTH "set = Nonce=abc\n",
      "p.ini:4: [rule r] set: \"abc\" is no value: a number, be:N, hex:..., "
      "text:..., zeros, ones, random or previous" },
    { "hex digits are odd", CHALLENGE_AUTH "set = Nonce=hex:abc\n",
      "p.ini:4: [rule r] set: \"c\" is no row of pairs of hex digits" },
    { "an edit has no value", CHALLENGE_AUTH "set = Nonce\n",
      "p.ini:4: [rule r] set: \"Nonce\" is not TARGET=VALUE; ..." },
    { "an index has no end", CHALLENGE_AUTH "set = Nonce[1=0\n",
      "p.ini:4: [rule r] set: \"Nonce[1\" ends without ]" },
    { "an index ends before it begins", CHALLENGE_AUTH "set = Nonce[4:4]=0\n",
      "p.ini:4: [rule r] set: \"4\" is no number from 5 to 1048576" },
    { "bytes to append have no length", CHALLENGE_AUTH "extend = zeros\n",
      "p.ini:4: [rule r] extend: \"zeros\" does not say how many bytes: "
      "hex:..., text:..., zeros:N, ones:N or random:N" },
    { "a rule has no event", "[rule r]\ndrop = true\n",
      "p.ini:1: [rule r]: has no \"on\": it says at which event the rule "
      "looks" },
    { "a rule has no action", RULE("tx-msg", ""),
      "p.ini:1: [rule r]: does nothing: it has no action" },
    { "a rule has no name", "[rule ]\non = tx-msg\n",
      "p.ini:1: [rule ]: a rule has a name: [rule flip-signature]" },
    { "a response is received", RULE("rx-msg", "message = VERSION\n"
                                     "drop = true\n"),
      "p.ini:3: [rule r] message: a responder receives requests; a response "
      "is seen at compose, tx-msg, tx-frame" },
    { "a request is sent", RULE("tx-msg", "message = GET_VERSION\n"
                                "drop = true\n"),
      "p.ini:3: [rule r] message: a responder sends responses; a request is "
      "seen at rx-msg, and \"request\" says which one is answered" },
    { "ERROR is composed", RULE("compose", "message = ERROR\ndrop = true\n"),
      "p.ini:3: [rule r] message: ERROR is not composed; edit it with on = "
      "tx-msg" },
    { "discovery is a message",
      RULE("tx-msg", "message = DOE_DISCOVERY\ndrop = true\n"),
      "p.ini:3: [rule r] message: DOE discovery is no SPDM message; it is "
      "seen with on = rx-frame or tx-frame" },
    { "a message comes at start",
      RULE("start", "message = VERSION\ndoe = error\n"),
      "p.ini:3: [rule r] message: there is no message at start" },
    { "an action does not fit its event", RULE("start", "drop = true\n"),
      "p.ini:3: [rule r] drop: not possible with on = start; it is with "
      "rx-frame, rx-msg, compose, tx-msg, tx-frame" },
    { "a frame is duplicated as a message",
      RULE("tx-msg", "duplicate = true\n"),
      "p.ini:3: [rule r] duplicate: not possible with on = tx-msg; it is "
      "with tx-frame" },
    { "what is dropped is edited",
      CHALLENGE_AUTH "drop = true\nset = Param1=1\n",
      "p.ini:5: [rule r] set: does nothing beside drop" },
    { "nth and every exclude each other",
      RULE("tx-msg", "nth = 1\nevery = 2\ndrop = true\n"),
      "p.ini:4: [rule r] every: nth, every and probability: only one of "
      "them" },
    { "a phase of sessions is wanted outside",
      RULE("tx-msg", "session = none\nphase = handshake\ndrop = true\n"),
      "p.ini:4: [rule r] phase: that is a phase of sessions, and session = "
      "none excludes them" },
    { "nth counts from 1", RULE("tx-msg", "nth = 0\ndrop = true\n"),
      "p.ini:3: [rule r] nth: \"0\" is no number from 1 to 4294967295" },
    { "a probability is above 1",
      RULE("tx-msg", "probability = 1.5\ndrop = true\n"),
      "p.ini:3: [rule r] probability: \"1.5\" is no probability: above 0, at "
      "most 1" },
    { "a request is replayed", RULE("tx-msg", "replay = CHALLENGE\n"),
      "p.ini:3: [rule r] replay: CHALLENGE is no response" },
    { "false is said", RULE("tx-msg", "drop = false\n"),
      "p.ini:3: [rule r] drop: \"false\" is not true; leave the key out for "
      "false" },
    { "a key of [provider] is misspelt", "[provider]\nchian = other\n",
      "p.ini:2: [provider] chian: \"chian\" is no key of [provider]; the "
      "nearest is chain" },
    { "a chain is misspelt", "[provider]\nchain = expird\n",
      "p.ini:2: [provider] chain: \"expird\" is no chain; the nearest is "
      "expired" },
    { "a field of a chain is misspelt", "[provider]\nchain-set = Lenght=1\n",
      "p.ini:2: [provider] chain-set: \"Lenght\" is no field of a "
      "certificate chain; the nearest is Length" },
    { "a slot is out of range", "[provider]\nkey = slot 8\n",
      "p.ini:2: [provider] key: \"8\" is no number from 0 to 7" },
    { "a key stands twice", RULE("tx-msg", "drop = true\ndrop = true\n"),
      "p.ini:4: [rule r] drop: stands in line 3 already; keep one" },
    { "a line is none", RULE("tx-msg", "drop\n"),
      "p.ini:3: \"drop\" is none of [section], key=value below a section, # "
      "comment" },
};

static void test_mistake(gconstpointer data)
{
    const Mistake *m = data;
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmFaultPlan) plan = spdm_fault_plan_parse(m->text, "p.ini",
                                                          &err);

    g_assert_null(plan);
    g_assert_cmpstr(err->message, ==, m->error);
}

static void test_no_file(void)
{
    g_autoptr(GError) err = NULL;

    g_assert_null(spdm_fault_plan_load("/nonexistent/plan.ini", &err));
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE);
    g_assert_nonnull(strstr(err->message, "/nonexistent/plan.ini"));
}

/* --- what is done to bytes ------------------------------------------------ */

static GByteArray *from_hex(const char *hex)
{
    GByteArray *bytes = g_byte_array_new();

    for (; hex[0] && hex[1]; hex += 2) {
        uint8_t byte = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 |
                                 g_ascii_xdigit_value(hex[1]));

        g_byte_array_append(bytes, &byte, 1);
    }
    return bytes;
}

static char *to_hex(const GByteArray *bytes)
{
    GString *hex = g_string_new(NULL);

    for (guint i = 0; i < bytes->len; i++) {
        g_string_append_printf(hex, "%02x", bytes->data[i]);
    }
    return g_string_free(hex, FALSE);
}

/* CAPABILITIES of 1.2: CTExponent at 5, Flags at 8. */
#define CAPS "12610000000c0000f6fb01000012000000120000"

typedef struct EditRow {
    const char *action;
    const char *after;           /* NULL: nothing happens, nothing fires */
} EditRow;

static const EditRow edits[] = {
    { "set = CTExponent=32", "1261000000200000f6fb01000012000000120000" },
    { "set = Flags=0x01020304", "12610000000c0000040302010012000000120000" },
    { "set = Flags=be:0x01020304",
      "12610000000c0000010203040012000000120000" },
    { "set = Flags[1]=0", "12610000000c0000f60001000012000000120000" },
    { "set = Flags[1:3]=hex:aabb",
      "12610000000c0000f6aabb000012000000120000" },
    { "set = Flags=hex:aa", "12610000000c0000aafb01000012000000120000" },
    { "set = Flags=hex:0102030405", NULL },
    { "set = Flags[4]=1", NULL },
    { "set = Flags=-1", "12610000000c0000ffffffff0012000000120000" },
    { "set = @5=0x20", "1261000000200000f6fb01000012000000120000" },
    { "set = @-1=0xff", "12610000000c0000f6fb010000120000001200ff" },
    { "set = @20=1", NULL },
    { "set = @21=1", NULL },
    { "set = @-21=1", NULL },
    { "set = Reserved#2=ones", "12610000000cfffff6fb01000012000000120000" },
    { "set = Reserved#3=ones", NULL },
    { "set = SupportedAlgorithms=ones", NULL },
    { "xor = Flags=0x40", "12610000000c0000b6fb01000012000000120000" },
    { "or = Flags=0x09", "12610000000c0000fffb01000012000000120000" },
    { "clear = Flags=0xf6", "12610000000c000000fb01000012000000120000" },
    { "add = DataTransferSize=1",
      "12610000000c0000f6fb01000112000000120000" },
    { "add = DataTransferSize=-1",
      "12610000000c0000f6fb0100ff11000000120000" },
    { "add = Param1=-1", "1261ff00000c0000f6fb01000012000000120000" },
    { "insert = Flags=hex:aabb",
      "12610000000c0000aabbf6fb01000012000000120000" },
    { "delete = Flags", "12610000000c00000012000000120000" },
    { "delete = Flags[1:3]", "12610000000c0000f6000012000000120000" },
    { "splice = Flags=hex:aa", "12610000000c0000aa0012000000120000" },
    { "splice = Flags=zeros:6",
      "12610000000c00000000000000000012000000120000" },
    { "truncate = Flags", "12610000000c0000" },
    { "truncate = 6", "12610000000c" },
    { "truncate = -1", "12610000000c0000f6fb010000120000001200" },
    { "truncate = 20", NULL },
    { "extend = hex:ff", CAPS "ff" },
    { "extend = text:ab", CAPS "6162" },
    { "replace = hex:12 7f 03 00", "127f0300" },
    { "set = Param1=1; Param2=2", "12610102000c0000f6fb01000012000000120000" },
    { "set = Param1=1; @99=2", "12610100000c0000f6fb01000012000000120000" },
    { "swap = ALGORITHMS", "12630000000c0000f6fb01000012000000120000" },
    { "error = Busy", "127f0300" },
    { "error = 0x99, 7, 01 02", "127f99070102" },
    { "set = Flags=previous", NULL },
};

static void test_edit(gconstpointer data)
{
    const EditRow *row = data;
    g_autofree char *text = g_strdup_printf(
        "[rule r]\non = tx-msg\nmessage = CAPABILITIES\n%s\n", row->action);
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmFaults) f = spdm_faults_new();
    g_autoptr(GByteArray) bytes = from_hex(CAPS);
    g_autofree char *after = NULL;
    const SpdmWireCtx layout = { .hash_size = 48 };
    SpdmTapContext c = {
        .event = SPDM_TAP_TX_MSG, .responder = true, .outgoing = true,
        .version = SPDM_VERSION_12, .code = bytes->data[1],
        .layout = &layout, .bytes = bytes,
    };
    SpdmFaultPlan *plan = spdm_fault_plan_parse(text, "p", &err);

    g_assert_no_error(err);
    spdm_faults_set_plan(f, plan);
    spdm_faults_tap(f)->call(spdm_faults_tap(f)->opaque, &c);
    after = to_hex(bytes);
    g_assert_cmpstr(after, ==, row->after ? row->after : CAPS);
    g_assert_cmpuint(spdm_faults_count(f, 0).matched, ==, 1);
    g_assert_cmpuint(spdm_faults_count(f, 0).fired, ==, row->after != NULL);
}

/* --- how often ------------------------------------------------------------ */

typedef struct CountRow {
    const char *sentence;
    const char *selector;
    const char *fires;           /* of ten messages, 'x' for each that did */
} CountRow;

static const CountRow counting[] = {
    { "without a count each time", "", "xxxxxxxxxx" },
    { "nth once", "nth = 3\n", "..x......." },
    { "every n-th", "every = 3\n", "..x..x..x." },
    { "a limit ends it", "limit = 2\n", "xx........" },
    { "a limit counts what fired", "every = 2\nlimit = 2\n", ".x.x......" },
    { "a probability is the same for a seed", "probability = 0.5\n",
      "xx..xxxxxx" },
    { "other messages do not count", "message = VERSION\n", ".........." },
    { "another version", "version = 1.3\n", ".........." },
    { "this version", "version = 1.2\n", "xxxxxxxxxx" },
    { "only inside sessions", "session = inside\n", ".........." },
    { "only outside", "session = none\n", "xxxxxxxxxx" },
    { "another phase", "phase = negotiated\n", ".........." },
    { "this phase", "phase = after-version\n", "xxxxxxxxxx" },
    { "another request", "request = GET_VERSION\n", ".........." },
    { "this request", "request = GET_CAPABILITIES\n", "xxxxxxxxxx" },
};

static void run_ten(SpdmFaults *f, char *fires)
{
    const SpdmWireCtx layout = { .hash_size = 48 };

    for (unsigned i = 0; i < 10; i++) {
        g_autoptr(GByteArray) bytes = from_hex(CAPS);
        SpdmTapContext c = {
            .event = SPDM_TAP_TX_MSG, .version = SPDM_VERSION_12,
            .code = bytes->data[1], .request_code = SPDM_GET_CAPABILITIES,
            .phase = "after-version", .layout = &layout, .bytes = bytes,
        };

        spdm_faults_tap(f)->call(spdm_faults_tap(f)->opaque, &c);
        fires[i] = bytes->data[2] ? 'x' : '.';
    }
    fires[10] = '\0';
}

static SpdmFaults *counting_faults(const char *selector)
{
    g_autofree char *text = g_strdup_printf(
        "[plan]\nseed = 7\n[rule r]\non = tx-msg\nset = Param1=1\n%s",
        selector);
    g_autoptr(GError) err = NULL;
    SpdmFaults *f = spdm_faults_new();

    spdm_faults_set_plan(f, spdm_fault_plan_parse(text, "p", &err));
    g_assert_no_error(err);
    return f;
}

static void test_count(gconstpointer data)
{
    const CountRow *row = data;
    g_autoptr(SpdmFaults) f = counting_faults(row->selector);
    char fires[11];

    run_ten(f, fires);
    g_assert_cmpstr(fires, ==, row->fires);
}

static void test_saved(void)
{
    g_autoptr(SpdmFaults) f = counting_faults("probability = 0.5\n");
    g_autoptr(SpdmFaults) g = counting_faults("probability = 0.5\n");
    g_autoptr(SpdmFaults) other = spdm_faults_new();
    g_autoptr(GBytes) state = NULL;
    g_autoptr(GError) err = NULL;
    g_autofree char *a = NULL;
    g_autofree char *b = NULL;
    char fires[11], again[11];

    run_ten(f, fires);
    state = spdm_faults_save(f);
    g_assert_true(spdm_faults_load(g, state, &err));
    a = spdm_faults_counts_json(f);
    b = spdm_faults_counts_json(g);
    g_assert_cmpstr(a, ==, b);
    run_ten(f, fires);
    run_ten(g, again);
    g_assert_cmpstr(fires, ==, again);
    g_assert_false(spdm_faults_load(other, state, &err));
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE);
}

/* Every prefix of a state, and one byte more, is refused. */
static void test_damaged(void)
{
    g_autoptr(SpdmFaults) f = counting_faults("");
    g_autoptr(GBytes) state = spdm_faults_save(f);
    gsize len = g_bytes_get_size(state);

    for (gsize i = 0; i < len; i++) {
        g_autoptr(GBytes) part = g_bytes_new_from_bytes(state, 0, i);

        g_assert_false(spdm_faults_load(f, part, NULL));
    }
    g_assert_true(spdm_faults_load(f, state, NULL));
}

static void test_json(void)
{
    g_autoptr(SpdmFaults) f = counting_faults("nth = 2\n");
    g_autofree char *none = NULL;
    g_autofree char *text = NULL;
    char fires[11];

    run_ten(f, fires);
    text = spdm_faults_counts_json(f);
    g_assert_cmpstr(text, ==, "{\"plan\": \"p\", \"seed\": 7, \"rules\": "
                    "[{\"name\": \"r\", \"line\": 3, \"matched\": 10, "
                    "\"fired\": 1}]}");
    spdm_faults_set_plan(f, NULL);
    none = spdm_faults_counts_json(f);
    g_assert_cmpstr(none, ==, "{\"plan\": null, \"seed\": 0, \"rules\": []}");
}

static void on_fired(void *opaque, const SpdmFaultFired *what)
{
    g_string_append_printf(opaque, "%s|%s|%s|%s\n", what->rule, what->action,
                           what->at, what->message);
}

static void test_fired(void)
{
    g_autoptr(SpdmFaults) f = counting_faults("nth = 2\n");
    GString *told = g_string_new(NULL);
    char fires[11];

    spdm_faults_set_fired(f, on_fired, told);
    run_ten(f, fires);
    g_assert_cmpstr(told->str, ==, "r|set = Param1=1|tx-msg|CAPABILITIES\n");
    g_string_free(told, TRUE);
}

/* docs/faults.rst holds what the tables say. */
static void test_docs(void)
{
    g_autofree char *docs = NULL;
    g_autoptr(GError) err = NULL;

    g_file_get_contents(SRCDIR "/docs/faults.rst", &docs, NULL, &err);
    g_assert_no_error(err);
    for (int fields = 0; fields < 2; fields++) {
        g_autofree char *reference = spdm_fault_reference(fields);
        g_auto(GStrv) lines = g_strsplit(reference, "\n", -1);

        for (unsigned i = 0; lines[i]; i++) {
            if (!strstr(docs, lines[i])) {
                g_test_message("docs/faults.rst lacks: %s", lines[i]);
            }
        }
        g_assert_nonnull(strstr(docs, reference));
    }
}

#define ADD_ROWS(rows, prefix, name, function) \
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) { \
        g_autofree char *path = g_strconcat(prefix, (rows)[i].name, NULL); \
        g_test_add_data_func(path, &(rows)[i], function); \
    }

int main(int argc, char **argv)
{
    /* For whoever writes docs/faults.rst. */
    if (argc > 1 && g_str_has_prefix(argv[1], "--reference")) {
        g_autofree char *text = spdm_fault_reference(
            !strcmp(argv[1], "--reference=fields"));

        g_print("%s", text);
        return 0;
    }
    g_test_init(&argc, &argv, NULL);
    ADD_ROWS(mistakes, "/plan/refused when ", sentence, test_mistake)
    ADD_ROWS(edits, "/plan/edit/", action, test_edit)
    ADD_ROWS(counting, "/plan/counting/", sentence, test_count)
    g_test_add_func("/plan/a file that is not there", test_no_file);
    g_test_add_func("/plan/counters survive a snapshot", test_saved);
    g_test_add_func("/plan/a damaged state is refused", test_damaged);
    g_test_add_func("/plan/counters as JSON", test_json);
    g_test_add_func("/plan/who asks is told of each rule that fires",
                    test_fired);
    g_test_add_func("/plan/docs have every key and every field", test_docs);
    return g_test_run();
}

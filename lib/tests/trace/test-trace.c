/*
 * What a trace writes of real connections.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "../requester/fixture.h"
#include "trace/keylog.h"
#include "trace/pcap.h"
#include "spdm/trace.h"

/* A sink that keeps everything, or (with room for so many) not. */
typedef struct Heap {
    GByteArray *bytes;
    unsigned records;
    int room;                /* records that it takes; negative: all */
} Heap;

typedef struct Tr {
    RqFixture *f;
    SpdmTrace *trace;
    Heap events, pcap, keylog;
    uint64_t limit;
    int64_t now;
} Tr;

static bool heap_write(void *opaque, const uint8_t *data, size_t len)
{
    Heap *h = opaque;

    if (h->room == 0) {
        return false;
    }
    h->room -= h->room > 0;
    h->records++;
    g_byte_array_append(h->bytes, data, (guint)len);
    return true;
}

static void heap_init(Heap *h)
{
    *h = (Heap){ .bytes = g_byte_array_new(), .room = -1 };
}

static int64_t tr_now(void *opaque)
{
    return ((Tr *)opaque)->now++;
}

static void tr_attach(Tr *t)
{
    SpdmTraceConfig config = {
        .device = "dev \"0\"",
        .transport = t->f->o.doe ? SPDM_TRANSPORT_PCI_DOE
                                 : t->f->o.transport,
        .events = { heap_write, &t->events },
        .pcap = { heap_write, &t->pcap },
        .keylog = { heap_write, &t->keylog },
        .pcap_name = "x.pcap",
        .limit = t->limit,
        .now_us = tr_now,
        .opaque = t,
    };

    t->trace = spdm_trace_new(&config);
    spdm_trace_attach(t->trace, t->f->responder);
}

static void tr_init(Tr *t, const RqOptions *options)
{
    *t = (Tr){ .f = rq_fixture_new(options), .now = 1700000000000001 };
    heap_init(&t->events);
    heap_init(&t->pcap);
    heap_init(&t->keylog);
}

static void tr_end(Tr *t)
{
    g_clear_pointer(&t->f, rq_fixture_free);
    g_clear_pointer(&t->trace, spdm_trace_free);
}

static void tr_clear(Tr *t)
{
    tr_end(t);
    g_byte_array_unref(t->events.bytes);
    g_byte_array_unref(t->pcap.bytes);
    g_byte_array_unref(t->keylog.bytes);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tr, tr_clear)

static SpdmBytes view(const Heap *h)
{
    return SPDM_BYTES(h->bytes->data, h->bytes->len);
}

static bool says(const Heap *h, const char *text)
{
    return g_strstr_len((const char *)h->bytes->data, (gssize)h->bytes->len,
                        text) != NULL;
}

static unsigned count_lines(const Heap *h, const char *text)
{
    g_autofree char *all = g_strndup((char *)h->bytes->data, h->bytes->len);
    g_auto(GStrv) lines = g_strsplit(all, "\n", -1);
    unsigned count = 0;

    for (char **line = lines; *line; line++) {
        count += strstr(*line, text) != NULL;
    }
    return count;
}

static void talk(Tr *t)
{
    rq_connect(t->f);
    rq_identify(t->f);
    rq_sigma(t->f);
}

static void test_events(void)
{
    g_auto(Tr) t;

    tr_init(&t, &(RqOptions){ .doe = true });
    tr_attach(&t);
    talk(&t);
    spdm_responder_abort(t.f->responder, 0);
    spdm_trace_fault(t.trace, "flip", "xor", "tx-msg", "VERSION");
    spdm_trace_doe(t.trace, "abort", "by the requester");
    spdm_trace_note(t.trace, "tab\there");
    g_assert_cmpuint(count_lines(&t.events, "{\"event\":\""), ==,
                     t.events.records);
    g_assert_cmpuint(count_lines(&t.events, "\"device\":\"dev \\\"0\\\"\""),
                     ==, t.events.records);
    g_assert_true(says(&t.events, "\"event\":\"begin\""));
    g_assert_true(says(&t.events, "\"name\":\"KEY_EXCHANGE_RSP\""));
    g_assert_true(says(&t.events, "\"state\":\"handshake\""));
    g_assert_true(says(&t.events, "\"state\":\"established\""));
    g_assert_true(says(&t.events, "\"state\":\"ended\""));
    g_assert_true(says(&t.events, "\"who\":\"operator\""));
    g_assert_true(says(&t.events, "\"rule\":\"flip\""));
    g_assert_true(says(&t.events, "tab\\u0009here"));
}

/* The pad of a DOE object is no part of the message. */
static void test_messages_are_exact(void)
{
    g_auto(Tr) t;

    tr_init(&t, &(RqOptions){ .doe = true, .version = SPDM_VERSION_11 });
    tr_attach(&t);
    rq_connect(t.f);
    g_assert_true(says(&t.events, "\"name\":\"VERSION\""));
    g_assert_true(says(&t.events, "\"size\":4,\"version\":\"1.0\",\"code\":132,"
                       "\"name\":\"GET_VERSION\",\"text\":\"\","
                       "\"hex\":\"10840000\""));
}

static void test_unopened_record(void)
{
    static const uint8_t record[] = {
        1, 0, 2, 0, 8, 0, 0, 0, 0xff, 0xff, 1, 0, 17, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    };
    g_auto(Tr) t;
    g_auto(SpdmReply) reply;

    tr_init(&t, &(RqOptions){ .doe = true });
    tr_attach(&t);
    spdm_responder_process(t.f->responder, record, sizeof(record), &reply);
    rq_connect(t.f);
    g_assert_cmpuint(count_lines(&t.events, "did not open"), ==, 1);
    g_assert_true(says(&t.events, "\"session\":\"0001ffff\""));
}

/* An event log has an end, and says so. */
static void test_limit(void)
{
    g_auto(Tr) t;

    tr_init(&t, &(RqOptions){ .doe = true });
    t.limit = 3000;
    tr_attach(&t);
    talk(&t);
    talk(&t);
    tr_end(&t);
    g_assert_cmpuint(t.events.bytes->len, <=, t.limit);
    g_assert_cmpuint(t.pcap.bytes->len, <=, t.limit);
    g_assert_cmpuint(count_lines(&t.events, "\"event\":\"lost\""), ==, 2);
    g_assert_true(says(&t.events, "nothing more is recorded"));
}

/* What a reader missed is told it when it reads again. */
static void test_lost(void)
{
    g_auto(Tr) t;

    tr_init(&t, &(RqOptions){ .doe = true });
    t.events.room = 3;
    tr_attach(&t);
    rq_connect(t.f);
    g_assert_cmpuint(t.events.records, ==, 3);
    t.events.room = -1;
    rq_identify(t.f);
    g_assert_true(says(&t.events, "\"lost\":4,"));
    g_assert_cmpuint(count_lines(&t.events, "\"event\":\"lost\""), ==, 1);
}

static unsigned packets(const Heap *h, SpdmTransportType transport)
{
    g_autoptr(GError) err = NULL;
    SpdmPacket packet;
    unsigned count = 0;
    int64_t last = 0;
    SpdmPcap p;

    g_assert_true(spdm_pcap_open(&p, view(h), &err));
    g_assert_cmpint(p.transport, ==, transport);
    while (spdm_pcap_next(&p, &packet, &err)) {
        g_assert_cmpuint(packet.frame.len, ==, packet.size);
        g_assert_cmpint(packet.us, >, last);
        g_assert_true(!packet.known || packet.requester == (count % 2 == 0));
        last = packet.us;
        count++;
    }
    g_assert_no_error(err);
    return count;
}

static void capture(SpdmTransportType transport)
{
    g_auto(Tr) t;

    tr_init(&t, &(RqOptions){ .transport = transport });
    tr_attach(&t);
    talk(&t);
    g_assert_cmpuint(packets(&t.pcap, transport), ==, 2 * t.f->frames);
    g_assert_cmpuint(t.pcap.records, ==, 2 * t.f->frames + 1);
}

static void test_capture_doe(void)
{
    capture(SPDM_TRANSPORT_PCI_DOE);
}

static void test_capture_mctp(void)
{
    capture(SPDM_TRANSPORT_MCTP);
}

static void test_no_link_type(void)
{
    g_auto(Tr) t;

    tr_init(&t, &(RqOptions){ .transport = SPDM_TRANSPORT_TCP });
    tr_attach(&t);
    rq_connect(t.f);
    g_assert_cmpuint(t.pcap.records, ==, 0);
    g_assert_cmpuint(t.events.records, >, 0);
}

static const SpdmKeyLogEntry *entry(const GArray *log, SpdmSecretKind kind)
{
    for (guint i = 0; i < log->len; i++) {
        const SpdmKeyLogEntry *e = &g_array_index(log, SpdmKeyLogEntry, i);

        if (e->kind == kind) {
            return e;
        }
    }
    return NULL;
}

/* The secrets are those that the requester came to. */
static void test_keylog(void)
{
    g_autoptr(GArray) log = NULL;
    g_autoptr(GError) err = NULL;
    const SpdmSession *s;
    const SpdmKeyLogEntry *e;
    g_auto(Tr) t;

    tr_init(&t, &(RqOptions){ .doe = true });
    tr_attach(&t);
    talk(&t);
    log = spdm_keylog_parse(view(&t.keylog), "keys", &err);
    g_assert_no_error(err);
    g_assert_cmpuint(log->len, ==, 6);
    s = &t.f->rq->conn.sessions[0];
    for (unsigned i = 0; i < 2; i++) {
        e = entry(log, (SpdmSecretKind)(SPDM_SECRET_DATA_REQ + i));
        g_assert_cmpuint(e->session, ==, s->id);
        g_assert_cmpmem(e->secret.data, e->secret.len,
                        s->keys[i].secret.data, s->keys[i].secret.len);
    }
    g_assert_nonnull(entry(log, SPDM_SECRET_DHE));
    g_assert_true(says(&t.keylog, "# spdm_dump -r x.pcap --dhe_secret "));
}

/* Every secret so far is in the command line of each session. */
static void test_command_line(void)
{
    g_auto(Tr) t;

    tr_init(&t, &(RqOptions){ .doe = true });
    tr_attach(&t);
    rq_connect(t.f);
    rq_identify(t.f);
    rq_sigma(t.f);
    rq_sigma(t.f);
    g_assert_cmpuint(count_lines(&t.keylog, "# spdm_dump"), ==, 2);
    g_assert_cmpuint(count_lines(&t.keylog, "--dhe_secret"), ==, 2);
}

static const struct {
    const char *sentence;
    const char *text;
    const char *why;         /* NULL: it is one */
} keylog_rows[] = {
    { "nothing", "", NULL },
    { "comments and blank lines", "# dhe\n\n", NULL },
    { "a line", "psk 0001ffff 00ff\n", NULL },
    { "a line that is cut", "psk 0001ffff 00ff\npsk 0001", NULL },
    { "two words", "psk 0001ffff\n", "line 1 is not" },
    { "four words", "psk 1 00 00\n", "line 1 is not" },
    { "an unknown label", "\nkey 1 00\n", "line 2 has a label" },
    { "a session that is none", "psk x 00\n", "line 1 has a session" },
    { "a session too large", "psk 100000000 00\n", "line 1 has a session" },
    { "half a byte", "psk 1 000\n", "not hex" },
    { "no hex", "psk 1 0x00\n", "not hex" },
    { "no secret", "psk 1 \n", "not hex" },
};

static void test_keylog_row(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    SpdmBytes text = SPDM_BYTES(keylog_rows[i].text,
                                strlen(keylog_rows[i].text));
    g_autoptr(GError) err = NULL;
    g_autoptr(GArray) log = spdm_keylog_parse(text, "keys", &err);

    if (keylog_rows[i].why) {
        g_assert_null(log);
        g_assert_nonnull(strstr(err->message, keylog_rows[i].why));
    } else {
        g_assert_no_error(err);
    }
}

/* At every length a capture is a shorter one, or the reason is told. */
static void test_cut_capture(void)
{
    g_autoptr(GError) err = NULL;
    SpdmPacket packet;
    g_auto(Tr) t;
    SpdmPcap p;

    tr_init(&t, &(RqOptions){ .doe = true });
    tr_attach(&t);
    rq_connect(t.f);
    for (size_t len = 0; len <= t.pcap.bytes->len; len++) {
        g_clear_error(&err);
        if (spdm_pcap_open(&p, SPDM_BYTES(t.pcap.bytes->data, len), &err)) {
            while (spdm_pcap_next(&p, &packet, &err)) {
                g_assert_true(packet.frame.data + packet.frame.len <=
                              t.pcap.bytes->data + len);
            }
        }
        g_assert_true(err || p.left.len == 0);
    }
    g_assert_no_error(err);
}

/* Secrets go to a key log, and to nothing else. */
static void test_secrets_are_not_events(void)
{
    g_autoptr(GArray) log = NULL;
    g_auto(Tr) t;

    tr_init(&t, &(RqOptions){ .doe = true });
    tr_attach(&t);
    talk(&t);
    log = spdm_keylog_parse(view(&t.keylog), "keys", NULL);
    for (guint i = 0; i < log->len; i++) {
        const SpdmKeyLogEntry *e = &g_array_index(log, SpdmKeyLogEntry, i);
        g_autoptr(GString) hex = g_string_new(NULL);

        for (size_t k = 0; k < e->secret.len; k++) {
            g_string_append_printf(hex, "%02x", e->secret.data[k]);
        }
        g_assert_true(says(&t.keylog, hex->str));
        g_assert_false(says(&t.events, hex->str));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace/events-tell-of-messages-sessions-and-faults",
                    test_events);
    g_test_add_func("/trace/a-message-is-told-without-its-padding",
                    test_messages_are_exact);
    g_test_add_func("/trace/a-record-that-does-not-open-is-told",
                    test_unopened_record);
    g_test_add_func("/trace/what-is-over-the-limit-is-said-to-be-lost",
                    test_limit);
    g_test_add_func("/trace/what-a-sink-refuses-is-said-to-be-lost",
                    test_lost);
    g_test_add_func("/trace/secrets-are-in-no-event",
                    test_secrets_are_not_events);
    g_test_add_func("/trace/a-capture-of-DOE-has-every-frame",
                    test_capture_doe);
    g_test_add_func("/trace/a-capture-of-MCTP-says-who-sent-what",
                    test_capture_mctp);
    g_test_add_func("/trace/TCP-has-events-and-no-capture",
                    test_no_link_type);
    g_test_add_func("/trace/a-capture-cut-anywhere-is-survived",
                    test_cut_capture);
    g_test_add_func("/trace/a-key-log-has-the-secrets-of-a-session",
                    test_keylog);
    g_test_add_func("/trace/a-key-log-has-the-command-line",
                    test_command_line);
    for (size_t i = 0; i < G_N_ELEMENTS(keylog_rows); i++) {
        g_autofree char *path = g_strdup_printf(
            "/trace/a-key-log-of-%s-is-%s", keylog_rows[i].sentence,
            keylog_rows[i].why ? "refused" : "read");

        g_test_add_data_func(g_strdelimit(path, " ", '-'),
                             GSIZE_TO_POINTER(i), test_keylog_row);
    }
    return g_test_run();
}

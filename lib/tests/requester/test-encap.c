/*
 * Requests that the responder makes: what it is answered, in every version,
 * transport and place; and what a requester refuses to answer.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "fixture.h"
#include "responder/responder-int.h"

#define CAN_ASK .identity = "auto", \
                .rsp_add = SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP

static const SpdmBytes nothing;

typedef struct Row {
    const char *name;
    RqOptions o;
} Row;

static const Row rows[] = {
    { "1.1", { CAN_ASK, .version = 0x11, .doe = true } },
    { "1.2", { CAN_ASK, .version = 0x12, .doe = true } },
    { "1.3", { CAN_ASK, .version = 0x13, .doe = true } },
    { "1.4", { CAN_ASK, .version = 0x14, .doe = true } },
    { "1.1-mctp", { CAN_ASK, .version = 0x11,
                    .transport = SPDM_TRANSPORT_MCTP } },
    { "1.3-mctp", { CAN_ASK, .version = 0x13,
                    .transport = SPDM_TRANSPORT_MCTP } },
    { "1.3-none", { CAN_ASK, .version = 0x13 } },
    { "mac-only", { CAN_ASK, .version = 0x13, .doe = true,
                    .req_flags = "-ENCRYPT" } },
};

/* EventCount and two DMTF events, instances 7 and 8. */
static const uint8_t two_events[] = {
    0x13, SPDM_SEND_EVENT, 0, 0, 2, 0, 0, 0,
    7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0x01,
    8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 8, 0, 1, 0, 0, 0, 2, 0, 0, 0,
};

static SpdmBytes events_of(RqFixture *f, uint8_t *buf)
{
    memcpy(buf, two_events, sizeof(two_events));
    buf[0] = f->rq->conn.version;
    return SPDM_BYTES(buf, sizeof(two_events));
}

/* A responder that has events says so: this one may be made to send any. */
static void connect_to_notifier(RqFixture *f)
{
    rq_connect(f);
    rq_identify(f);
    f->rq->conn.rsp_flags |= SPDM_EVENT_CAP;
}

static unsigned poll_session(RqFixture *f, uint32_t session)
{
    g_autoptr(GError) err = NULL;
    unsigned answered = 99;

    spdm_requester_encapsulated(f->rq, session, &answered, &err);
    g_assert_no_error(err);
    return answered;
}

static void check_alive(RqFixture *f, uint32_t session)
{
    static const uint8_t pci[] = { 0x36, 0x1b };
    g_autoptr(GByteArray) reply = g_byte_array_new();
    g_autoptr(GError) err = NULL;

    spdm_requester_vendor(f->rq, session, 3, SPDM_BYTES(pci, 2),
                          SPDM_BYTES("ping", 4), reply, &err);
    g_assert_no_error(err);
    g_assert_cmpmem(reply->data, reply->len, "ping", 4);
}

/* The responder's key is new after it, in both ends alike. */
static void check_key_update(RqFixture *f, uint32_t session)
{
    SpdmSession *ours = spdm_conn_session(&f->rq->conn, session);
    SpdmSession *theirs = spdm_conn_session(&f->responder->conn, session);
    g_autoptr(GByteArray) before = g_byte_array_new();
    const SpdmSecret *key = &ours->keys[SPDM_SENDER_RESPONDER].key;

    g_byte_array_append(before, key->data, (guint)key->len);
    g_assert_true(rq_ask(f, session, SPDM_ENCAP_KEY_UPDATE, nothing));
    g_assert_cmpuint(poll_session(f, session), ==, 2);
    g_assert_cmpint(memcmp(before->data, key->data, key->len), !=, 0);
    g_assert_cmpmem(key->data, key->len,
                    theirs->keys[SPDM_SENDER_RESPONDER].key.data,
                    theirs->keys[SPDM_SENDER_RESPONDER].key.len);
    g_assert_false(ours->has_backup[SPDM_SENDER_RESPONDER]);
    check_alive(f, session);
}

static void check_events(RqFixture *f, uint32_t session)
{
    uint8_t buf[sizeof(two_events)];

    g_array_set_size(f->events, 0);
    g_assert_true(rq_ask(f, session, SPDM_ENCAP_SEND_EVENT,
                         events_of(f, buf)));
    g_assert_cmpuint(poll_session(f, session), ==, 1);
    g_assert_cmpuint(f->events->len, ==, 2);
    g_assert_cmpuint(g_array_index(f->events, uint32_t, 0), ==, 7);
    g_assert_cmpuint(g_array_index(f->events, uint32_t, 1), ==, 8);
}

static void check_polls(RqFixture *f, uint32_t session)
{
    g_assert_cmpuint(poll_session(f, session), ==, 0);
    check_key_update(f, session);
    if (f->rq->conn.version >= SPDM_VERSION_13) {
        check_events(f, session);
        g_assert_true(rq_ask(f, session, SPDM_ENCAP_ENDPOINT_INFO, nothing));
        g_assert_cmpuint(poll_session(f, session), ==, 1);
    }
    g_assert_true(rq_ask(f, session, SPDM_ENCAP_KEY_UPDATE, nothing));
    g_assert_true(rq_ask(f, session, SPDM_ENCAP_KEY_UPDATE, nothing));
    g_assert_cmpuint(poll_session(f, session), >=, 2);
    while (poll_session(f, session)) {
        continue;
    }
    check_alive(f, session);
}

static void test_polls(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(RqFixture) f = rq_fixture_new(&row->o);
    g_autoptr(GError) err = NULL;
    uint32_t sessions[2];

    connect_to_notifier(f);
    sessions[0] = rq_sigma(f);
    sessions[1] = rq_psk(f);
    for (size_t i = 0; i < G_N_ELEMENTS(sessions); i++) {
        check_polls(f, sessions[i]);
    }
    spdm_requester_key_update(f->rq, sessions[0], true, &err);
    g_assert_no_error(err);
    check_key_update(f, sessions[0]);
}

/* --- mutual authentication ------------------------------------------------ */

#define ENCAPSULATED .mutual = true, \
                     .form = SPDM_MUT_AUTH_FORM_ENCAPSULATED
#define IMPLICIT .mutual = true, .form = SPDM_MUT_AUTH_FORM_IMPLICIT_DIGESTS
#define KNOWN .mutual = true, .form = SPDM_MUT_AUTH_FORM_PROVISIONED
#define FLAGS .rsp_add = SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP
#define CLEAR .req_flags = "+HANDSHAKE_IN_THE_CLEAR", \
              .rsp_add = SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP | \
                         SPDM_HANDSHAKE_IN_THE_CLEAR_CAP
#define MCTP .transport = SPDM_TRANSPORT_MCTP
#define AUTO .identity = "auto"

static const Row mutual_rows[] = {
    { "1.1-encap", { ENCAPSULATED, AUTO, FLAGS, .version = 0x11,
                     .doe = true } },
    { "1.1-implicit-clear", { IMPLICIT, AUTO, CLEAR, .version = 0x11,
                              .doe = true } },
    { "1.1-known-mctp", { KNOWN, AUTO, FLAGS, .version = 0x11, MCTP } },
    { "1.2-encap-clear", { ENCAPSULATED, AUTO, CLEAR, .doe = true } },
    { "1.2-implicit-mctp", { IMPLICIT, AUTO, FLAGS, MCTP } },
    { "1.2-known", { KNOWN, AUTO, FLAGS, .doe = true } },
    { "1.2-known-clear", { KNOWN, AUTO, CLEAR } },
    { "1.3-encap-mctp-clear", { ENCAPSULATED, AUTO, CLEAR, .version = 0x13,
                                MCTP } },
    { "1.3-implicit", { IMPLICIT, AUTO, FLAGS, .version = 0x13 } },
    { "1.3-known", { KNOWN, AUTO, FLAGS, .version = 0x13, .doe = true } },
    { "1.4-encap", { ENCAPSULATED, AUTO, FLAGS, .version = 0x14,
                     .doe = true } },
    { "1.4-implicit-clear", { IMPLICIT, AUTO, CLEAR, .version = 0x14 } },
    { "1.4-known-mctp", { KNOWN, AUTO, FLAGS, .version = 0x14, MCTP } },
    { "slot-3-encap", { ENCAPSULATED, .identity = "files", FLAGS,
                        .doe = true } },
    { "slot-3-encap-1.1", { ENCAPSULATED, .identity = "files", FLAGS,
                            .version = 0x11, .doe = true } },
    { "slot-3-known", { KNOWN, .identity = "files", FLAGS } },
    { "raw-key", { KNOWN, .identity = "raw", FLAGS, .version = 0x13 } },
    { "small-portions", { ENCAPSULATED, AUTO, FLAGS, .doe = true,
                          .transfer_size = 512 } },
    { "ml-dsa-44-encap", { ENCAPSULATED, AUTO, FLAGS, .version = 0x14,
                           .doe = true, .req_asym = "ML-DSA-44" } },
    { "ml-dsa-87-implicit", { IMPLICIT, AUTO, FLAGS, .version = 0x14,
                              .req_asym = "ML-DSA-87" } },
    { "ml-dsa-65-known-clear", { KNOWN, AUTO, CLEAR, .version = 0x14,
                                 .req_asym = "ML-DSA-65" } },
    { "ml-dsa-on-both-sides", { ENCAPSULATED, .identity = "files", FLAGS,
                                .version = 0x14, .doe = true,
                                .transfer_size = 8192,
                                .asym = "ML-DSA-65",
                                .req_asym = "ML-DSA-87" } },
    { "ml-dsa-raw-key", { KNOWN, .identity = "raw", FLAGS, .version = 0x14,
                          .req_asym = "ML-DSA-44" } },
    { "in-sha-512", { ENCAPSULATED, AUTO, FLAGS, .hash = "SHA-512" } },
};

static void check_mutual(RqFixture *f, uint32_t session)
{
    SpdmSessionInfo info;
    SpdmResponderInfo device;

    g_assert_true(spdm_requester_session_info(f->rq, session, &info, NULL));
    g_assert_true(info.mutual);
    spdm_responder_info(f->responder, &device);
    g_assert_true(device.sessions[0].mutual);
}

/* FINISH goes through the flow by itself, or after it was gone through. */
static void test_mutual(gconstpointer data)
{
    const Row *row = data;
    SpdmKeyExchangeParams params = { .slot = 0 };
    g_autoptr(RqFixture) f = NULL;
    g_autoptr(GError) err = NULL;
    uint32_t session;
    bool flow = row->o.form != SPDM_MUT_AUTH_FORM_PROVISIONED;

    if (rq_skip(&row->o)) {
        return;
    }
    f = rq_fixture_new(&row->o);
    rq_connect(f);
    rq_identify(f);
    session = rq_sigma(f);
    check_mutual(f, session);
    check_alive(f, session);
    spdm_requester_end_session(f->rq, session, false, &err);
    g_assert_no_error(err);
    spdm_requester_key_exchange(f->rq, &params, &session, &err);
    g_assert_no_error(err);
    g_assert_cmpint(spdm_requester_encapsulated(f->rq, session, NULL, NULL),
                    ==, flow);
    spdm_requester_finish(f->rq, session, &err);
    g_assert_no_error(err);
    check_mutual(f, session);
    check_alive(f, session);
}

static const Row basic_rows[] = {
    { "1.1", { AUTO, FLAGS, .basic = true, .version = 0x11, .doe = true } },
    { "1.1-mctp", { AUTO, FLAGS, .basic = true, .version = 0x11, MCTP } },
    { "1.1-slot-3", { FLAGS, .identity = "files", .basic = true,
                      .version = 0x11, .doe = true } },
    { "1.1-raw-key", { FLAGS, .identity = "raw", .basic = true,
                       .version = 0x11 } },
    { "1.1-small-portions", { AUTO, FLAGS, .basic = true, .version = 0x11,
                              .transfer_size = 512 } },
};

static void test_basic(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(RqFixture) f = rq_fixture_new(&row->o);
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;
    SpdmResponderInfo device;

    rq_connect(f);
    rq_identify(f);
    spdm_requester_challenge(f->rq, 0, 0, &err);
    g_assert_no_error(err);
    spdm_requester_info(f->rq, &info);
    g_assert_true(info.authenticated && info.challenged);
    spdm_responder_info(f->responder, &device);
    g_assert_true(device.requester_authenticated);
    check_alive(f, rq_sigma(f));
}

/* --- embedded requests that are refused ---------------------------------- */

/*
 * Whatever is queued as an event goes out as it is: so a responder asks for
 * anything. What it is answered is in DELIVER_ENCAPSULATED_RESPONSE.
 */
typedef struct Refusal {
    const char *name;
    const char *request;     /* hexadecimal */
    const char *answer;
    const char *flags;       /* change of ours */
} Refusal;

static const Refusal refusals[] = {
    { "another-version-is-a-mismatch", "12810000", "137f4100", NULL },
    { "a-response-is-not-answered", "13010000", "137f0701", NULL },
    { "an-unknown-code-is-not-answered", "13900000", "137f0790", NULL },
    { "measurements-are-not-ours", "13e0000100000000", "137f07e0", NULL },
    { "end-session-is-not-the-responders", "13ec0000", "137f07ec", NULL },
    { "challenge-belongs-outside", "13830000000000000000000000000000"
      "0000000000000000000000000000000000000000" "0000000000000000",
      "137f0400", NULL },
    { "no-certificates-without-the-capability", "13810000", "137f0781",
      "-CERT,-CHAL,-MUT_AUTH,-EP_INFO_SIG" },
    { "no-endpoint-info-without-the-capability", "1387010000000000",
      "137f0787", "-EP_INFO_SIG" },
    { "unknown-sub-code", "1387020000000000", "137f0100", NULL },
    { "no-signature-without-the-capability", "1387010001000000"
      "0000000000000000000000000000000000000000000000000000000000000000",
      "137f0100", "+EP_INFO_NO_SIG" },
    { "signature-of-an-empty-slot", "1387010501000000"
      "0000000000000000000000000000000000000000000000000000000000000000",
      "137f0100", NULL },
    { "endpoint-info-cut-short", "13870100010000", "137f0100", NULL },
    { "certificate-of-an-empty-slot", "138201000000ff00", "137f0100", NULL },
    { "certificate-past-the-end", "13820000ffff0100", "137f0100", NULL },
    { "certificate-request-cut-short", "13820000000000", "137f0100", NULL },
    { "update-of-all-keys", "13e90200", "137f0100", NULL },
    { "verification-of-nothing", "13e90300", "137f0100", NULL },
    { "update-without-the-capability", "13e90100", "137f07e9", "-KEY_UPD" },
    { "no-event", "13f1000000000000", "137f0100", NULL },
    { "fewer-events-than-counted", "13f1000002000000"
      "0700000000000000" "0000" "0400" "0100" "01", "137f0100", NULL },
    { "more-than-the-events", "13f1000001000000"
      "0700000000000000" "0000" "0400" "0100" "0100", "137f0100", NULL },
    { "instances-with-a-gap", "13f1000002000000"
      "0700000000000000" "0000" "0400" "0100" "01"
      "0900000000000000" "0000" "0400" "0100" "01", "137f0100", NULL },
    { "detail-of-another-size", "13f1000001000000"
      "0700000000000000" "0000" "0400" "0200" "0101", "137f0100", NULL },
};

static GByteArray *from_hex(const char *hex)
{
    GByteArray *out = g_byte_array_new();

    for (; hex[0]; hex += 2) {
        uint8_t byte = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 |
                                 g_ascii_xdigit_value(hex[1]));

        g_byte_array_append(out, &byte, 1);
    }
    return out;
}

/* What was delivered last, without the header around it. */
static SpdmTapVerdict keep_delivered(void *opaque, SpdmTapContext *c)
{
    GByteArray *kept = opaque;

    if (c->event == SPDM_TAP_TX_MSG && c->bytes->len > SPDM_HEADER_SIZE &&
        c->bytes->data[1] == SPDM_DELIVER_ENCAPSULATED_RESPONSE) {
        g_byte_array_set_size(kept, 0);
        g_byte_array_append(kept, c->bytes->data + SPDM_HEADER_SIZE,
                            c->bytes->len - SPDM_HEADER_SIZE);
    }
    return SPDM_TAP_PASS;
}

static bool deliver(RqFixture *f, uint32_t session, SpdmBytes request,
                    GByteArray *delivered)
{
    SpdmTap tap = { .call = keep_delivered, .opaque = delivered };
    bool ok;

    spdm_requester_add_tap(f->rq, &tap);
    g_assert_true(rq_ask(f, session, SPDM_ENCAP_SEND_EVENT, request));
    ok = spdm_requester_encapsulated(f->rq, session, NULL, NULL);
    spdm_requester_remove_tap(f->rq, &tap);
    return ok;
}

static void test_refusal(gconstpointer data)
{
    const Refusal *row = data;
    const RqOptions o = { CAN_ASK, .version = 0x13, .doe = true,
                          .req_flags = row->flags };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GByteArray) request = from_hex(row->request);
    g_autoptr(GByteArray) want = from_hex(row->answer);
    g_autoptr(GByteArray) got = g_byte_array_new();

    connect_to_notifier(f);
    deliver(f, rq_sigma(f), spdm_req_view(request), got);
    g_assert_cmpmem(got->data, got->len, want->data, want->len);
    g_assert_cmpuint(f->events->len, ==, 0);
}

/*
 * Every length of every embedded request is answered; what is behind a whole
 * one is refused, as behind any message.
 */
static void test_any_length(void)
{
    static const char *const requests[] = {
        "13810000ffff", "138200000000ffffffff", "13820000000000000000000000"
        "000000ff", "138701000100000000000000000000000000000000000000000000"
        "0000000000000000000000", "13e90100ff", "13f100000100000007000000"
        "00000000000004000100010000",
    };
    const RqOptions o = { CAN_ASK, .version = 0x13, .doe = true };

    for (size_t i = 0; i < G_N_ELEMENTS(requests); i++) {
        g_autoptr(GByteArray) request = from_hex(requests[i]);
        g_autoptr(RqFixture) f = rq_fixture_new(&o);

        connect_to_notifier(f);
        for (guint len = SPDM_HEADER_SIZE; len <= request->len; len++) {
            g_autoptr(GByteArray) got = g_byte_array_new();
            uint32_t session = rq_sigma(f);

            if (!deliver(f, session, SPDM_BYTES(request->data, len), got) &&
                !got->len) {
                SpdmRequesterInfo info;

                spdm_requester_info(f->rq, &info);
                g_assert_cmpint(info.failed_check, ==, SPDM_CHECK_TRAILING);
            }
            spdm_requester_forget_session(f->rq, session);
            spdm_responder_abort(f->responder, session);
        }
    }
}

/* --- who we are ----------------------------------------------------------- */

static void test_roots(void)
{
    const RqOptions o = { CAN_ASK, .seed = "one" };
    const RqOptions raw = { .identity = "raw" };
    g_autoptr(RqFixture) a = rq_fixture_new(&o);
    g_autoptr(RqFixture) b = rq_fixture_new(&o);
    g_autoptr(RqFixture) c = rq_fixture_new(&raw);
    g_autofree char *roots_a = spdm_requester_own_roots(a->rq);
    g_autofree char *roots_b = spdm_requester_own_roots(b->rq);
    g_autofree char *none = spdm_requester_own_roots(c->rq);

    g_assert_true(g_str_has_prefix(roots_a, "-----BEGIN CERTIFICATE-----"));
    g_assert_cmpstr(roots_a, ==, roots_b);
    g_assert_cmpstr(none, ==, "");
}

typedef struct BadIdentity {
    const char *says;
    uint8_t slots[2];
    unsigned count;
    bool other_key;
    bool no_chain;
    bool no_key;
    const char *flags;
} BadIdentity;

static const BadIdentity bad_identities[] = {
    { "x: slots are 0 to 7*", .slots = { 8 }, .count = 1 },
    { "x: its slot has an identity already", .slots = { 2, 2 }, .count = 2 },
    { "x: the private key is not that of the leaf", .count = 1,
      .other_key = true },
    { "x: *", .count = 1, .no_chain = true },
    { "x: *", .count = 1, .no_key = true },
    { "requester: a raw key * exclude each other",
      .slots = { 1, SPDM_SLOT_PUBLIC_KEY }, .count = 2 },
    { "requester: the flags MUT_AUTH*", .flags = "+MUT_AUTH" },
    { "requester: the flags MUT_AUTH*", .flags = "+CHAL" },
};

static void test_bad_identity(gconstpointer data)
{
    const BadIdentity *row = data;
    const RqOptions files = { .identity = "files" };
    g_autoptr(RqFixture) f = rq_fixture_new(&files);
    g_autoptr(SpdmRequester) rq = NULL;
    g_autoptr(GError) err = NULL;
    SpdmRequesterIdentity ids[2] = { { .name = "x" }, { .name = "x" } };
    SpdmRequesterConfig c = f->cfg;
    SpdmRng rng = spdm_rng_system();
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_generate(
        spdm_asym_by_name("ECDSA-P384"), &rng, NULL);
    g_autofree char *other = spdm_private_key_to_pem(key, NULL);

    spdm_requester_config_init(&c);
    c.io = f->cfg.io;
    for (unsigned i = 0; i < row->count; i++) {
        ids[i].slot = row->slots[i];
        ids[i].chain = row->no_chain ? nothing : f->identity.chain;
        ids[i].key = row->no_key ? nothing : row->other_key
                     ? SPDM_BYTES(other, strlen(other)) : f->identity.key;
    }
    spdm_requester_config_identify(&c, ids, row->count);
    if (row->flags) {
        spdm_requester_config_offer(&c, "flags", row->flags, &err);
        g_assert_no_error(err);
    }
    rq = spdm_requester_new(&c, &err);
    g_assert_null(rq);
    g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY);
    g_test_message("%s", err->message);
    g_assert_true(g_pattern_match_simple(row->says, err->message));
}

/* Nothing of it is offered by a requester that nobody is. */
static void test_nobody(void)
{
    const RqOptions o = { .version = 0x13, .doe = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;

    rq_connect(f);
    spdm_requester_info(f->rq, &info);
    g_assert_cmpuint(info.req_flags & (SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP |
                                       SPDM_CERT_CAP | SPDM_CHAL_CAP), ==, 0);
    g_assert_cmpstr(info.req_asym, ==, "");
    g_assert_false(spdm_requester_encapsulated(f->rq, 0, NULL, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/requester/encap/poll/%s",
                                                rows[i].name);

        g_test_add_data_func(path, &rows[i], test_polls);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(mutual_rows); i++) {
        g_autofree char *path = g_strdup_printf("/requester/mutual/%s",
                                                mutual_rows[i].name);

        g_test_add_data_func(path, &mutual_rows[i], test_mutual);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(basic_rows); i++) {
        g_autofree char *path = g_strdup_printf("/requester/basic/%s",
                                                basic_rows[i].name);

        g_test_add_data_func(path, &basic_rows[i], test_basic);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path = g_strdup_printf("/requester/encap/refuse/%s",
                                                refusals[i].name);

        g_test_add_data_func(path, &refusals[i], test_refusal);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad_identities); i++) {
        g_autofree char *path =
            g_strdup_printf("/requester/identity/bad/%zu", i);

        g_test_add_data_func(path, &bad_identities[i], test_bad_identity);
    }
    g_test_add_func("/requester/encap/any-length", test_any_length);
    g_test_add_func("/requester/identity/roots", test_roots);
    g_test_add_func("/requester/identity/nobody", test_nobody);
    return g_test_run();
}

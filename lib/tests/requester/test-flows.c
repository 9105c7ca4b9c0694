/*
 * Honest connections: every version, transport and kind of session, and what
 * a requester refuses to do by itself.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "fixture.h"
#include "responder/responder-int.h"

static const uint8_t pci_vendor[] = { 0x36, 0x1b };

static void check_echo(RqFixture *f, uint32_t session)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    g_autoptr(GError) err = NULL;

    spdm_requester_vendor(f->rq, session, 3, SPDM_BYTES(pci_vendor, 2),
                          SPDM_BYTES("ping", 4), reply, &err);
    g_assert_no_error(err);
    g_assert_cmpmem(reply->data, reply->len, "ping", 4);
}

static void check_measurements(RqFixture *f, uint32_t session)
{
    static const SpdmMeasurementQuery queries[] = {
        { .index = 0 }, { .index = 1 }, { .index = 2, .raw = true },
        { .index = 0xff, .sign = true }, { .index = 0, .sign = true },
        { .index = 253, .sign = true, .raw = true, .fresh = true },
    };

    /* The hash-extended one is shown from 1.3 on. */
    unsigned whole = f->rq->conn.version >= SPDM_VERSION_13 ? 9 : 8;

    for (size_t i = 0; i < G_N_ELEMENTS(queries); i++) {
        g_auto(SpdmMeasurementList) list = { .values = NULL };
        g_autoptr(GError) err = NULL;

        spdm_requester_measurements(f->rq, session, &queries[i], &list, &err);
        g_assert_no_error(err);
        g_assert_cmpint(list.verified, ==, queries[i].sign);
        g_assert_cmpuint(list.values->len, ==, queries[i].index == 0 ? 0 :
                         queries[i].index == 0xff ? whole : 1);
    }
}

/* Read in every size of portion, and by what it makes of measurement 7. */
static void check_log(RqFixture *f, uint32_t session)
{
    static const uint32_t portions[] = { 0, 1, 16, 17, 1 << 20 };
    static const SpdmMeasurementQuery query = { .index = 7 };
    g_auto(SpdmMeasurementList) list = { .values = NULL };
    g_autoptr(GError) err = NULL;

    spdm_requester_measurements(f->rq, session, &query, &list, &err);
    g_assert_no_error(err);
    for (size_t i = 0; i < G_N_ELEMENTS(portions); i++) {
        g_auto(SpdmMelLog) log = { .bytes = NULL };
        const SpdmMelValue *second;

        spdm_requester_mel(f->rq, session, portions[i], &log, &err);
        g_assert_no_error(err);
        g_assert_cmpuint(log.entries->len, ==, 3);
        second = g_ptr_array_index(log.entries, 1);
        g_assert_cmpuint(second->index, ==, 2);
        g_assert_cmpuint(second->measurement, ==, 7);
        g_assert_cmpuint(second->type, ==, 9);
        g_assert_true(second->raw);
        g_assert_true(spdm_requester_mel_verify(f->rq, &log, &list, &err));
    }
}

static void check_endpoint_info(RqFixture *f, uint32_t session)
{
    for (unsigned sign = 0; sign <= 1; sign++) {
        g_auto(SpdmEndpointInfo) info = { .bytes = NULL };
        g_autoptr(GError) err = NULL;
        const SpdmDeviceClassId *id;

        spdm_requester_endpoint_info(f->rq, session, sign, 0, &info, &err);
        g_assert_no_error(err);
        g_assert_true(info.verified == (sign != 0));
        g_assert_cmpuint(info.classes->len, ==, 1);
        id = g_ptr_array_index(info.classes, 0);
        g_assert_cmpstr(spdm_standard_name(id->standard), ==, "PCI-SIG");
        g_assert_cmpmem(g_bytes_get_data(id->vendor_id, NULL),
                        g_bytes_get_size(id->vendor_id), pci_vendor, 2);
        g_assert_cmpuint(id->sub_ids->len, ==, 4);
    }
}

static void check_events(RqFixture *f, uint32_t session)
{
    SpdmSession *peer = spdm_conn_session(&f->responder->conn, session);
    g_autoptr(GError) err = NULL;
    uint32_t types = 0;

    spdm_requester_event_types(f->rq, session, &types, &err);
    g_assert_no_error(err);
    g_assert_cmphex(types, ==, 0x1e);
    spdm_requester_subscribe(f->rq, session, 1 << 2 | 1 << 4, &err);
    g_assert_no_error(err);
    g_assert_cmphex(peer->events.subscribed, ==, 0x14);
    spdm_requester_subscribe(f->rq, session, (uint32_t)SPDM_ALL_EVENT_TYPES,
                             &err);
    g_assert_no_error(err);
    g_assert_cmphex(peer->events.subscribed, ==, 0x1e);
    spdm_requester_subscribe(f->rq, session, 0, &err);
    g_assert_no_error(err);
    g_assert_cmphex(peer->events.subscribed, ==, 0);
    /* A type that there is not. */
    g_assert_false(spdm_requester_subscribe(f->rq, session, 1 << 9, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_PEER);
}

static void use_session(RqFixture *f, uint32_t session)
{
    g_autoptr(GError) err = NULL;
    SpdmSessionInfo info;

    for (unsigned i = 0; i < 3; i++) {
        spdm_requester_key_update(f->rq, session, i != 1, &err);
        g_assert_no_error(err);
        check_echo(f, session);
    }
    spdm_requester_session_info(f->rq, session, &info, NULL);
    g_assert_cmpuint(info.key_updates, ==, 3);
    if (f->o.heartbeat) {
        spdm_requester_heartbeat(f->rq, session, &err);
        g_assert_no_error(err);
    }
}

static void end_session(RqFixture *f, uint32_t session)
{
    g_autoptr(GError) err = NULL;
    SpdmSessionInfo info;

    spdm_requester_end_session(f->rq, session, false, &err);
    g_assert_no_error(err);
    g_assert_false(spdm_requester_session_info(f->rq, session, &info, NULL));
}

static unsigned open_sessions(RqFixture *f)
{
    SpdmResponderInfo info;

    spdm_responder_info(f->responder, &info);
    return info.session_count;
}

/* --- whole connections ---------------------------------------------------- */

typedef struct Flow {
    const char *name;
    RqOptions o;
} Flow;

#define CHUNKS(requester, responder) \
    .transfer_size = requester, .rsp_transfer_size = responder, \
    .rsp_add = SPDM_CHUNK_CAP

static const Flow flows[] = {
    { "1.0", { .version = 0x10, .doe = true } },
    { "1.1", { .version = 0x11, .doe = true } },
    { "1.2", { .version = 0x12, .doe = true } },
    { "1.3", { .version = 0x13, .doe = true } },
    { "1.4", { .version = 0x14, .doe = true } },
    { "1.0-mctp", { .version = 0x10, .transport = SPDM_TRANSPORT_MCTP } },
    { "1.1-mctp", { .version = 0x11, .transport = SPDM_TRANSPORT_MCTP } },
    { "1.2-mctp", { .version = 0x12, .transport = SPDM_TRANSPORT_MCTP } },
    { "1.3-mctp", { .version = 0x13, .transport = SPDM_TRANSPORT_MCTP } },
    { "1.4-mctp", { .version = 0x14, .transport = SPDM_TRANSPORT_MCTP } },
    { "1.4-without-LARGE_RESP", { .version = 0x14, .doe = true,
                                  .req_flags = "-LARGE_RESP" } },
    { "1.1-none", { .version = 0x11 } },
    { "1.3-none", { .version = 0x13 } },
    { "1.4-none", { .version = 0x14 } },
    { "1.1-clear", { .version = 0x11, .doe = true,
                     .req_flags = "+HANDSHAKE_IN_THE_CLEAR",
                     .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP } },
    { "1.2-clear", { .doe = true, .req_flags = "+HANDSHAKE_IN_THE_CLEAR",
                     .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP } },
    { "1.3-clear", { .version = 0x13, .doe = true,
                     .req_flags = "+HANDSHAKE_IN_THE_CLEAR",
                     .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP } },
    { "1.4-clear", { .version = 0x14, .doe = true,
                     .req_flags = "+HANDSHAKE_IN_THE_CLEAR",
                     .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP } },
    { "mac-only", { .doe = true, .req_flags = "-ENCRYPT" } },
    { "mac-only-mctp", { .req_flags = "-ENCRYPT",
                         .transport = SPDM_TRANSPORT_MCTP } },
    { "psk-no-context", { .version = 0x13, .doe = true,
                          .rsp_drop = SPDM_PSK_CAP_MASK,
                          .rsp_add = SPDM_PSK_CAP } },
    { "psk-no-context-1.4", { .version = 0x14, .doe = true,
                              .rsp_drop = SPDM_PSK_CAP_MASK,
                              .rsp_add = SPDM_PSK_CAP } },
    { "psk-no-context-1.1", { .version = 0x11, .doe = true,
                              .rsp_drop = SPDM_PSK_CAP_MASK,
                              .rsp_add = SPDM_PSK_CAP } },
    { "heartbeat", { .doe = true, .heartbeat = 5 } },
    { "trust", { .doe = true, .trust = "device" } },
    { "cma-name", { .doe = true, .cma_name = "Vendor=1B36:Device=0010:"
                    "CC=010802:REV=02:SSVID=1af4:SSID=1100" } },
    { "cma-name-serial", { .doe = true, .cma_name = "Vendor=0000",
                           .cma_name_serial = "Vendor=1b36:Device=0010:"
                           "CC=010802:REV=02:SSVID=1af4:SSID=1100" } },
    { "ffdhe", { .doe = true, .dhe = "FFDHE2048" } },
    { "chacha", { .doe = true, .aead = "CHACHA20-POLY1305" } },
    { "rsapss", { .doe = true, .asym = "RSAPSS-2048", .hash = "SHA-512" } },
    { "p521", { .doe = true, .asym = "ECDSA-P521", .dhe = "SECP521R1" } },
    { "kem-512", { .version = 0x14, .doe = true, .kem = "ML-KEM-512" } },
    { "kem-768", { .version = 0x14, .doe = true, .kem = "ML-KEM-768" } },
    { "kem-1024", { .version = 0x14, .kem = "ML-KEM-1024" } },
    { "kem-1024-clear", { .version = 0x14, .kem = "ML-KEM-1024",
                          .req_flags = "+HANDSHAKE_IN_THE_CLEAR",
                          .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP } },
    { "kem-768-chunks-of-42", { CHUNKS(42, 42), .version = 0x14,
                                .doe = true, .kem = "ML-KEM-768" } },
    { "kem-1024-chunks-of-1024", { CHUNKS(1024, 1024), .version = 0x14,
                                   .transport = SPDM_TRANSPORT_MCTP,
                                   .kem = "ML-KEM-1024" } },
    { "ml-dsa-44", { .version = 0x14, .doe = true, .asym = "ML-DSA-44" } },
    { "ml-dsa-65", { .version = 0x14, .asym = "ML-DSA-65",
                     .transfer_size = 8192 } },
    { "ml-dsa-87", { .version = 0x14, .doe = true, .asym = "ML-DSA-87",
                     .transfer_size = 8192, .hash = "SHA-512" } },
    { "ml-dsa-goes-first", { .version = 0x14, .doe = true,
                             .asym = "ECDSA-P384,ML-DSA-44,ECDSA-P256" } },
    { "ml-dsa-87-kem-1024-chunks", { CHUNKS(4608, 4608), .version = 0x14,
                                     .doe = true, .asym = "ML-DSA-87",
                                     .kem = "ML-KEM-1024",
                                     .trust = "device" } },
    { "ml-dsa-65-clear", { .version = 0x14, .asym = "ML-DSA-65",
                           .transfer_size = 8192,
                           .req_flags = "+HANDSHAKE_IN_THE_CLEAR",
                           .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP } },
    { "ml-dsa-65-chunks-of-1024", { CHUNKS(1024, 1024), .version = 0x14,
                                    .transport = SPDM_TRANSPORT_MCTP,
                                    .asym = "ML-DSA-65" } },
    { "small-transfer", { .doe = true, .transfer_size = 1024 } },
    { "chunks-of-42", { CHUNKS(42, 42), .doe = true } },
    { "chunks-of-42-1.3", { CHUNKS(42, 42), .version = 0x13 } },
    { "chunks-of-42-1.4", { CHUNKS(42, 42), .version = 0x14, .doe = true } },
    { "chunks-of-42-mctp", { CHUNKS(42, 42), .version = 0x13,
                             .transport = SPDM_TRANSPORT_MCTP } },
    { "chunks-of-42-clear", { CHUNKS(42, 42) |
                              SPDM_HANDSHAKE_IN_THE_CLEAR_CAP, .doe = true,
                              .req_flags = "+HANDSHAKE_IN_THE_CLEAR" } },
    { "chunks-of-43", { CHUNKS(43, 43), .doe = true } },
    { "chunks-of-44", { CHUNKS(44, 44), .doe = true } },
    { "chunks-of-47", { CHUNKS(47, 47), .version = 0x14, .doe = true } },
    { "chunks-of-48", { CHUNKS(48, 48), .version = 0x14, .doe = true } },
    { "chunks-of-64", { CHUNKS(64, 64), .version = 0x13, .doe = true } },
    { "chunks-of-1024", { CHUNKS(1024, 1024), .version = 0x13 } },
    { "chunks-to-the-responder", { CHUNKS(4608, 42), .doe = true } },
    { "chunks-to-the-requester", { CHUNKS(42, 4608), .doe = true } },
    { "chunks-mac-only", { CHUNKS(42, 43), .doe = true,
                           .req_flags = "-ENCRYPT" } },
    { "chunks-of-a-requester-only", { .transfer_size = 1024,
                                      .message_size = 4096 } },
    { "chunks-of-a-responder-only", { CHUNKS(1024, 1024),
                                      .req_flags = "-CHUNK" } },
};

static void test_flow(gconstpointer data)
{
    const Flow *flow = data;
    g_autoptr(RqFixture) f = NULL;
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;
    uint32_t session;

    if (rq_skip(&flow->o)) {
        return;
    }
    f = rq_fixture_new(&flow->o);
    rq_connect(f);
    rq_identify(f);
    spdm_requester_challenge(f->rq, 0, 0xff, &err);
    g_assert_no_error(err);
    check_measurements(f, 0);
    spdm_requester_info(f->rq, &info);
    g_assert_true(info.authenticated);
    if (flow->o.asym && strstr(flow->o.asym, "ML-DSA")) {
        g_assert_true(g_str_has_prefix(info.asym, "ML-DSA"));
    }
    g_assert_cmpstr(info.kem, ==, flow->o.kem ? flow->o.kem : "");
    g_assert_true(!*info.dhe == (*info.kem || info.version < 0x11));
    g_assert_cmpuint(info.version, ==, flow->o.version ? flow->o.version
                                                       : SPDM_VERSION_12);
    if (flow->o.version == SPDM_VERSION_10) {
        return;
    }
    session = rq_sigma(f);
    check_measurements(f, session);
    if (info.version >= SPDM_VERSION_13) {
        check_log(f, 0);
        check_log(f, session);
        check_events(f, session);
        check_endpoint_info(f, 0);
        check_endpoint_info(f, session);
    }
    use_session(f, session);
    end_session(f, session);
    session = rq_psk(f);
    use_session(f, session);
    end_session(f, session);
    g_assert_cmpuint(open_sessions(f), ==, 0);
    g_assert_cmpuint(f->drops, ==, 0);
}

/* --- particular ones ------------------------------------------------------ */

/* KEY_EXCHANGE straight after NEGOTIATE_ALGORITHMS, with a chain kept. */
static void test_known_chain(void)
{
    const RqOptions o = { .doe = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GBytes) chain = NULL;
    g_autoptr(GError) err = NULL;
    unsigned before;

    rq_connect(f);
    rq_identify(f);
    chain = g_bytes_ref(spdm_requester_chain(f->rq, 0));
    rq_connect(f);
    g_assert_null(spdm_requester_chain(f->rq, 0));
    before = f->frames;
    spdm_requester_set_chain(f->rq, 0, g_bytes_get_data(chain, NULL),
                             g_bytes_get_size(chain), &err);
    g_assert_no_error(err);
    end_session(f, rq_sigma(f));
    g_assert_cmpuint(f->frames - before, ==, 3);
}

static void test_many_sessions(void)
{
    const RqOptions o = { .version = 0x13, .doe = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    SpdmPskExchangeParams params = rq_psk_params();
    uint32_t sessions[8], more;

    rq_connect(f);
    rq_identify(f);
    for (unsigned i = 0; i < G_N_ELEMENTS(sessions); i++) {
        sessions[i] = i % 2 ? rq_psk(f) : rq_sigma(f);
    }
    g_assert_false(spdm_requester_psk_exchange(f->rq, &params, &more, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE);
    for (unsigned i = 0; i < G_N_ELEMENTS(sessions); i++) {
        check_echo(f, sessions[7 - i]);
        use_session(f, sessions[i]);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(sessions); i++) {
        end_session(f, sessions[i]);
    }
    g_assert_cmpuint(open_sessions(f), ==, 0);
}

static void test_version_ends_sessions(void)
{
    const RqOptions o = { .doe = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    SpdmSessionInfo info;
    uint32_t session;

    rq_connect(f);
    rq_identify(f);
    session = rq_sigma(f);
    rq_connect(f);
    g_assert_false(spdm_requester_session_info(f->rq, session, &info, NULL));
    g_assert_false(spdm_requester_heartbeat(f->rq, session, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE);
    g_assert_cmpuint(open_sessions(f), ==, 0);
}

/* The responder kills it in silence: no answer, and our keys go too. */
static void test_silent_kill(void)
{
    const RqOptions o = { .doe = true, .heartbeat = 5 };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    SpdmSessionInfo info;
    uint32_t session;

    rq_connect(f);
    rq_identify(f);
    session = rq_sigma(f);
    spdm_responder_abort(f->responder, session);
    g_assert_false(spdm_requester_heartbeat(f->rq, session, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_TRANSPORT);
    g_assert_false(spdm_requester_session_info(f->rq, session, &info, NULL));
    end_session(f, rq_sigma(f));
}

/* An ERROR that does no harm leaves an established session alone. */
static void test_harmless_error(void)
{
    const RqOptions o = { .doe = true };
    const SpdmMeasurementQuery query = { .index = 99 };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    uint32_t session;

    rq_connect(f);
    rq_identify(f);
    session = rq_sigma(f);
    g_assert_false(spdm_requester_measurements(f->rq, session, &query, NULL,
                                               &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_PEER);
    check_echo(f, session);
    end_session(f, session);
}

static void test_discovery(void)
{
    const RqOptions o = { .doe = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    SpdmDoeEntry entries[4];
    unsigned count;

    spdm_requester_discover(f->rq, 0, entries, 4, &count, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(count, ==, 3);
    g_assert_cmpuint(entries[2].type, ==, 2);
}

static void test_seeded(void)
{
    const RqOptions o = { .doe = true, .seed = "one" };
    g_autoptr(RqFixture) a = rq_fixture_new(&o);
    g_autoptr(RqFixture) b = rq_fixture_new(&o);
    SpdmSession *s, *t;

    rq_connect(a);
    rq_connect(b);
    rq_identify(a);
    rq_identify(b);
    s = spdm_conn_session(&a->rq->conn, rq_sigma(a));
    t = spdm_conn_session(&b->rq->conn, rq_sigma(b));
    g_assert_cmpuint(s->id, ==, t->id);
    g_assert_cmpmem(s->keys[0].key.data, s->keys[0].key.len,
                    t->keys[0].key.data, t->keys[0].key.len);
}

/* After a failure no byte of a session's keys is left in memory. */
static void test_keys_are_wiped(void)
{
    const RqOptions o = { .doe = true };
    static const SpdmSession zero;
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    SpdmSession *s;
    uint32_t id;

    rq_connect(f);
    rq_identify(f);
    id = rq_sigma(f);
    s = spdm_conn_session(&f->rq->conn, id);
    g_assert_true(spdm_requester_forget_session(f->rq, id));
    g_assert_cmpmem(s, sizeof(*s), &zero, sizeof(zero));
    g_assert_false(spdm_requester_forget_session(f->rq, id));
}

/* An older version than the policy needs is no way around the policy. */
static void test_policy_and_version(void)
{
    const RqOptions o = { .version = SPDM_VERSION_10, .require = "KEY_EX" };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;

    g_assert_false(spdm_requester_connect(f->rq, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_VERIFY);
    spdm_requester_info(f->rq, &info);
    g_assert_cmpint(info.failed_check, ==, SPDM_CHECK_CAPS_POLICY);
    g_assert_cmpuint(info.version, ==, 0);
}

/* --- calls out of place --------------------------------------------------- */

static void test_out_of_order(void)
{
    const RqOptions o = { .doe = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    SpdmKeyExchangeParams kx = { .slot = 0 };
    SpdmPskExchangeParams psk = rq_psk_params();
    SpdmMeasurementQuery query = { .index = 1 };
    GError *errs[11] = { NULL };
    uint32_t session;

    spdm_requester_capabilities(f->rq, &errs[0]);
    spdm_requester_algorithms(f->rq, &errs[1]);
    spdm_requester_digests(f->rq, 0, &errs[2]);
    spdm_requester_certificate(f->rq, 0, 0, 0, &errs[3]);
    spdm_requester_challenge(f->rq, 0, 0, &errs[4]);
    spdm_requester_measurements(f->rq, 0, &query, NULL, &errs[5]);
    spdm_requester_key_exchange(f->rq, &kx, &session, &errs[6]);
    spdm_requester_psk_exchange(f->rq, &psk, &session, &errs[7]);
    spdm_requester_finish(f->rq, 1, &errs[8]);
    spdm_requester_psk_finish(f->rq, 1, &errs[9]);
    spdm_requester_certificate(f->rq, 0, 9, 0, &errs[10]);
    for (size_t i = 0; i < G_N_ELEMENTS(errs); i++) {
        g_assert_error(errs[i], SPDM_REQUESTER_ERROR,
                       SPDM_REQUESTER_ERROR_USAGE);
        g_clear_error(&errs[i]);
    }
    g_assert_cmpuint(f->frames, ==, 0);
}

typedef struct BadOffer {
    const char *kind;
    const char *names;
    const char *says;
} BadOffer;

static const BadOffer bad_offers[] = {
    { "hash", "SHA-385", "\"SHA-385\" is no hash; valid are: SHA-512*" },
    { "asym", "RSA", "\"RSA\" is no asym*" },
    { "dhe", "FFDHE", "*FFDHE2048*" },
    { "aead", "AES", "*CHACHA20-POLY1305*" },
    { "version", "1.5", "\"1.5\" is no version; valid are: 1.0 to 1.4*" },
    { "version", "1.3-1.1", "*range*" },
    { "version", "", "*is no version*" },
    { "secured", "1.4", "*1.0 to 1.3*" },
    { "flags", "+KEYEX", "\"KEYEX\" is no flag*" },
    { "dhe", "SM2-P256", "*not served*GB/T 32918.3*" },
#ifndef SPDM_HAVE_ML_KEM
    { "kem", "ML-KEM-768", "*not served*libgcrypt 1.11.1*" },
    { "kem", "ML-KEM", "\"ML-KEM\" is no kem; valid are: none*" },
#else
    { "kem", "ML-KEM", "*valid are: ML-KEM-1024, ML-KEM-768, ML-KEM-512" },
    { "dhe", "ML-KEM-768", "\"ML-KEM-768\" is no dhe*" },
#endif
#ifndef SPDM_HAVE_ML_DSA
    { "asym", "ML-DSA-65", "*not served*libgcrypt 1.12*" },
    { "req-asym", "ML-DSA-65", "*not served*libgcrypt 1.12*" },
#else
    { "asym", "ML-DSA-66", "*valid are: ML-DSA-87, ML-DSA-65, ML-DSA-44, "
      "ECDSA-P521*" },
#endif
    { "asym", "SLH-DSA-SHA2-128s", "*not served*no SLH-DSA" },
    { "colour", "red", "*is no kind of offer*" },
};

static void test_bad_offers(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(bad_offers); i++) {
        g_autoptr(GError) err = NULL;
        SpdmRequesterConfig c;

        spdm_requester_config_init(&c);
        g_assert_false(spdm_requester_config_offer(&c, bad_offers[i].kind,
                                                   bad_offers[i].names,
                                                   &err));
        g_assert_true(g_pattern_match_simple(bad_offers[i].says,
                                             err->message));
    }
}

static void test_flags_by_name(void)
{
    g_autofree char *text = NULL;
    SpdmRequesterConfig c;

    spdm_requester_config_init(&c);
    g_assert_true(spdm_requester_config_offer(
        &c, "flags", "+MEAS_SIG,-PSK,+handshake_in_the_clear", NULL));
    text = spdm_flags_describe(c.flags);
    g_assert_cmpstr(text, ==, "MEAS_SIG,ENCRYPT,MAC,KEY_EX,HBEAT,KEY_UPD,"
                              "HANDSHAKE_IN_THE_CLEAR,CHUNK,LARGE_RESP");
}

static void test_check_names(void)
{
    for (unsigned i = SPDM_CHECK_NONE + 1; i < SPDM_CHECK_COUNT; i++) {
        SpdmCheck check = SPDM_CHECK_NONE;

        g_assert_true(spdm_check_by_name(spdm_check_name((SpdmCheck)i),
                                         &check));
        g_assert_cmpuint(check, ==, i);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(flows); i++) {
        g_autofree char *path = g_strdup_printf("/requester/flow/%s",
                                                flows[i].name);

        g_test_add_data_func(path, &flows[i], test_flow);
    }
    g_test_add_func("/requester/known-chain", test_known_chain);
    g_test_add_func("/requester/many-sessions", test_many_sessions);
    g_test_add_func("/requester/version-ends-sessions",
                    test_version_ends_sessions);
    g_test_add_func("/requester/silent-kill", test_silent_kill);
    g_test_add_func("/requester/harmless-error", test_harmless_error);
    g_test_add_func("/requester/discovery", test_discovery);
    g_test_add_func("/requester/seeded", test_seeded);
    g_test_add_func("/requester/keys-are-wiped", test_keys_are_wiped);
    g_test_add_func("/requester/policy-and-version",
                    test_policy_and_version);
    g_test_add_func("/requester/out-of-order", test_out_of_order);
    g_test_add_func("/requester/bad-offers", test_bad_offers);
    g_test_add_func("/requester/flags-by-name", test_flags_by_name);
    g_test_add_func("/requester/check-names", test_check_names);
    return g_test_run();
}

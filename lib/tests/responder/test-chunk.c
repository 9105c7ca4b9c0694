/*
 * Large messages at the responder: sizes at their boundaries, what breaks a
 * transfer, and what leaves no trace in transcripts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"

enum {
    V12 = SPDM_VERSION_12,
    V13 = SPDM_VERSION_13,
    V14 = SPDM_VERSION_14,
    CHUNK = SPDM_CHUNK_CAP,
    WHOLE = 0x4000,          /* MaxSPDMmsgSize of both */
};

static FxOptions sizes(uint8_t version, uint32_t req, uint32_t rsp)
{
    return (FxOptions){
        .version = version,
        .req_flags = FX_REQ_FLAGS | CHUNK,
        .rsp_flags = FX_RSP_FLAGS | CHUNK,
        .data_transfer_size = req,
        .rsp_transfer_size = rsp,
        .max_msg_size = WHOLE,
        .rsp_max_msg_size = WHOLE,
        .heartbeat = 5,
    };
}

/* --- everything works at every size --------------------------------------- */

static void attest(Fx *fx)
{
    fx_digests(fx, NULL);
    fx_certificate(fx, NULL, 0xffff);
    fx_challenge(fx, SPDM_SUMMARY_ALL);
    fx_measurements(fx, NULL, 0, 1);
    fx_measurements(fx, NULL, SPDM_MEAS_REQ_SIGNATURE, SPDM_MEAS_OP_ALL);
}

static void use(Fx *fx, SpdmSession *s)
{
    fx_digests(fx, s);
    fx_certificate(fx, s, 777);
    fx_measurements(fx, s, SPDM_MEAS_REQ_SIGNATURE, SPDM_MEAS_OP_ALL);
    fx_vendor(fx, s);
    fx_key_update(fx, s, SPDM_UPDATE_ALL_KEYS, 3);
    fx_key_update(fx, s, SPDM_VERIFY_NEW_KEY, 4);
    fx_heartbeat(fx, s);
}

static void everything_on(Fx *fx)
{
    SpdmSession *sigma, *psk;

    fx_negotiate(fx);
    attest(fx);
    sigma = fx_sigma(fx);
    use(fx, sigma);
    psk = fx_psk(fx);
    use(fx, psk);
    fx_end_session(fx, sigma, 0);
    fx_end_session(fx, psk, 0);
    fx_expect_wiped(fx);
    if (fx->o.data_transfer_size < 1000) {
        g_assert_cmpuint(fx->chunks_got, >, 0);
    }
    if (fx->o.rsp_transfer_size <= 64) {
        g_assert_cmpuint(fx->chunks_sent, >, 0);
    }
    g_assert_cmpint(fx->r->transfer.kind, ==, SPDM_TRANSFER_NONE);
    g_assert_null(fx->r->transfer.message);
}

static void everything(FxOptions o)
{
    g_autoptr(Fx) fx = fx_new(&o);

    everything_on(fx);
}

static const uint32_t transfer_sizes[] = {
    42, 43, 44, 47, 48, 49, 63, 64, 65, 127, 256, 1024, 0x1200,
};

static void test_sizes(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(transfer_sizes); i++) {
        uint32_t size = transfer_sizes[i];

        everything(sizes(V12, size, size));
        everything(sizes(V13, size, 0x1200));
        everything(sizes(V13, 0x1200, size));
        everything(sizes(V14, size, size));
    }
}

static void test_transports(void)
{
    for (int t = SPDM_TRANSPORT_NONE; t <= SPDM_TRANSPORT_PCI_DOE; t++) {
        for (uint32_t size = 42; size < 50; size++) {
            FxOptions o = sizes(V13, size, 91 - size);

            o.transport = (SpdmTransportType)t;
            everything(o);
        }
    }
}

/* FINISH and FINISH_RSP in chunks outside records. */
static void test_in_the_clear(void)
{
    FxOptions o = sizes(V12, 42, 42);

    o.req_flags |= SPDM_HANDSHAKE_IN_THE_CLEAR_CAP;
    o.rsp_flags |= SPDM_HANDSHAKE_IN_THE_CLEAR_CAP;
    everything(o);
}

static void test_snapshots(void)
{
    for (uint8_t version = V12; version <= V14; version++) {
        FxOptions o = sizes(version, 300, 42);
        g_autoptr(Fx) fx = fx_new(&o);

        fx->reload = true;
        everything_on(fx);
    }
}

/* --- boundaries ----------------------------------------------------------- */

enum { VENDOR_FIXED = 11 };

/* An echo whose request and response have @size bytes; @s may be NULL. */
static void echo(Fx *fx, SpdmSession *s, size_t size)
{
    g_autofree uint8_t *payload = g_malloc(size);
    SpdmMsg req = fx_msg(fx, SPDM_VENDOR_DEFINED_REQUEST, 0, 0);

    memset(payload, 0xa5, size);
    req.vendor = (SpdmMsgVendor){
        .standard_id = FX_VENDOR_STANDARD,
        .vendor_id = SPDM_BYTES("\x01\x00", 2),
        .payload = SPDM_BYTES(payload, size - VENDOR_FIXED),
    };
    g_assert_true(fx_try(fx, s, &req));
    g_assert_cmpuint(fx->sent->len, ==, size);
    if (fx->rsp.h.code != SPDM_ERROR) {
        g_assert_cmpuint(fx->answer->len, ==, size);
        g_assert_cmpmem(fx->answer->data + VENDOR_FIXED, size - VENDOR_FIXED,
                        payload, size - VENDOR_FIXED);
    }
}

static Fx *negotiated(FxOptions o)
{
    Fx *fx = fx_new(&o);

    fx_negotiate(fx);
    fx->chunks_sent = fx->chunks_got = 0;
    return fx;
}

/* Requests and responses of one byte less, as many, and one more. */
static void test_response_boundary(void)
{
    static const struct {
        size_t size;
        unsigned chunks;
    } rows[] = {
        { 99, 0 }, { 100, 0 }, { 101, 2 }, { 84 + 88, 2 }, { 84 + 89, 3 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Fx) fx = negotiated(sizes(V12, 100, 0x1200));

        echo(fx, NULL, rows[i].size);
        g_assert_cmpuint(fx->chunks_got, ==, rows[i].chunks);
    }
}

static void test_request_boundary(void)
{
    static const struct {
        size_t size;
        unsigned chunks;
    } rows[] = {
        { 99, 0 }, { 100, 0 }, { 101, 2 }, { 84 + 88, 2 }, { 84 + 89, 3 },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(Fx) fx = negotiated(sizes(V13, 0x1200, 100));

        echo(fx, NULL, rows[i].size);
        g_assert_cmpuint(fx->chunks_sent, ==, rows[i].chunks);
        g_assert_cmpuint(fx->chunks_got, ==, 0);
    }
}

/* A response fits the requester, its CHUNK_SEND_ACK does not. */
static void test_ack_boundary(void)
{
    for (uint8_t version = V12; version <= V14; version++) {
        size_t header = version == V14 ? 8 : 6;
        g_autoptr(Fx) fx = negotiated(sizes(version, 100, 60));

        echo(fx, NULL, 100 - header);
        g_assert_cmpuint(fx->chunks_got, ==, 0);
        echo(fx, NULL, 100 - header + 1);
        g_assert_cmpuint(fx->chunks_got, ==, 2);
        echo(fx, NULL, 101);
        g_assert_cmpuint(fx->chunks_got, ==, 4);
    }
}

/* MaxSPDMmsgSize of the requester bounds what is kept for it. */
static void test_response_too_large(void)
{
    FxOptions o = sizes(V12, 64, 64);
    g_autoptr(Fx) fx = NULL;
    SpdmSession *s;

    o.max_msg_size = 1000;
    fx = negotiated(o);
    s = fx_sigma(fx);
    echo(fx, s, 1000);
    g_assert_cmphex(fx->rsp.h.code, ==,
                    SPDM_RESPONSE_OF(SPDM_VENDOR_DEFINED_REQUEST));
    echo(fx, s, 1001);
    fx_expect_error(fx, SPDM_ERROR_RESPONSE_TOO_LARGE);
    g_assert_cmpmem(fx->rsp.error.data.data, 4, "\xe9\x03\0\0", 4);
    g_assert_cmpint(fx->r->transfer.kind, ==, SPDM_TRANSFER_NONE);
    fx_heartbeat(fx, s);
}

/* A chain comes as large as both MaxSPDMmsgSizes allow, not the transfer. */
static void test_portions(void)
{
    static const struct {
        uint32_t requester;
        uint32_t responder;
        size_t portion;
    } rows[] = {
        { 700, 0x4000, 692 }, { 0x4000, 700, 692 },
        { 0x4000, 0x4000, 4 + 48 + FX_CHAIN_BODY },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        FxOptions o = sizes(V12, 64, 64);
        g_autoptr(Fx) fx = NULL;
        SpdmMsg req;

        o.max_msg_size = rows[i].requester;
        o.rsp_max_msg_size = rows[i].responder;
        fx = negotiated(o);
        req = fx_msg(fx, SPDM_GET_CERTIFICATE, 0, 0);
        req.get_certificate.length = 0xffff;
        fx_ask(fx, NULL, &req);
        g_assert_cmpuint(fx->rsp.certificate.portion.len, ==,
                         rows[i].portion);
    }
}

/* RESPOND_IF_READY brings the response of a request that came in chunks. */
static void test_not_ready(void)
{
    g_autoptr(Fx) fx = negotiated(sizes(V12, 64, 64));
    SpdmSession *s = fx_sigma(fx);

    fx->patient = true;
    spdm_responder_defer(fx->r, SPDM_VENDOR_DEFINED_REQUEST, 10);
    echo(fx, s, 500);
    g_assert_cmpuint(fx->waits, ==, 1);
    g_assert_cmphex(fx->rsp.h.code, ==,
                    SPDM_RESPONSE_OF(SPDM_VENDOR_DEFINED_REQUEST));
}

/* Each large response has a handle of its own. */
static void test_handles(void)
{
    g_autoptr(Fx) fx = negotiated(sizes(V12, 64, 64));
    uint8_t handle = fx->r->transfer.last_handle;

    for (unsigned i = 0; i < 300; i++) {
        echo(fx, NULL, 65);
        g_assert_cmphex(fx->r->transfer.last_handle, ==, ++handle);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/responder/chunk/everything-works-at-every-size",
                    test_sizes);
    g_test_add_func("/responder/chunk/everything-works-on-every-transport",
                    test_transports);
    g_test_add_func("/responder/chunk/a-handshake-in-the-clear-works",
                    test_in_the_clear);
    g_test_add_func("/responder/chunk/a-snapshot-at-every-chunk-works",
                    test_snapshots);
    g_test_add_func("/responder/chunk/a-response-is-cut-up-above-the-limit",
                    test_response_boundary);
    g_test_add_func("/responder/chunk/a-request-is-put-together",
                    test_request_boundary);
    g_test_add_func("/responder/chunk/an-answer-that-fits-without-its-ACK",
                    test_ack_boundary);
    g_test_add_func("/responder/chunk/a-response-above-MaxSPDMmsgSize",
                    test_response_too_large);
    g_test_add_func("/responder/chunk/portions-follow-MaxSPDMmsgSize",
                    test_portions);
    g_test_add_func("/responder/chunk/ResponseNotReady-to-a-large-request",
                    test_not_ready);
    g_test_add_func("/responder/chunk/handles-are-new", test_handles);
    return g_test_run();
}

/*
 * What is said inside sessions and is not SPDM: IDE_KM, TDISP, PLDM, from the
 * requester to the device and back.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "fixture.h"
#include "responder/responder-int.h"
#include "spdm/requester-pcie.h"

enum { FUNCTION = 0xbeef };

static const SpdmBytes fresh;

static RqFixture *connected(SpdmTransportType transport, uint32_t *session)
{
    const RqOptions options = {
        .version = SPDM_VERSION_14, .transport = transport,
    };
    RqFixture *f = rq_fixture_new(&options);

    rq_connect(f);
    rq_identify(f);
    *session = rq_sigma(f);
    return f;
}

static void program(RqFixture *f, uint32_t session)
{
    static const uint8_t ifv[8] = { [4] = 1 };
    g_autoptr(GError) err = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(spdm_ide_sub_streams); i++) {
        SpdmIdeAddress at = { 0, spdm_ide_sub_streams[i], 1 };
        uint8_t status = 0xff;

        spdm_requester_ide_key_prog(f->rq, session, &at, fresh,
                                    SPDM_BYTES(ifv, 8), &status, &err);
        g_assert_no_error(err);
        g_assert_cmpuint(status, ==, 0);
        spdm_requester_ide_key_set(f->rq, session, &at, false, &err);
        g_assert_no_error(err);
    }
}

static uint8_t state_of(RqFixture *f, uint32_t session)
{
    g_autoptr(GError) err = NULL;
    uint8_t state = 0xff;

    spdm_requester_tdisp_state(f->rq, session, FUNCTION, &state, &err);
    g_assert_no_error(err);
    return state;
}

static void lock(RqFixture *f, uint32_t session, uint8_t *nonce)
{
    const SpdmTdispLock ask = { .flags = 7, .mmio_offset = 0xd0000000 };
    g_autoptr(GError) err = NULL;

    spdm_requester_tdisp_lock(f->rq, session, FUNCTION, &ask, nonce, &err);
    g_assert_no_error(err);
}

static void test_life(gconstpointer data)
{
    uint32_t session;
    g_autoptr(RqFixture) f = connected(GPOINTER_TO_UINT(data), &session);
    g_autoptr(GByteArray) report = g_byte_array_new();
    g_autoptr(GError) err = NULL;
    SpdmTdispCapabilities caps;
    SpdmIdeQuery q = { .registers = NULL };
    uint8_t nonce[32];

    spdm_requester_ide_query(f->rq, session, 1, &q, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(q.max_port, ==, 1);
    g_clear_pointer(&q.registers, g_bytes_unref);
    program(f, session);
    spdm_requester_tdisp_version(f->rq, session, FUNCTION, &err);
    g_assert_no_error(err);
    spdm_requester_tdisp_capabilities(f->rq, session, FUNCTION, &caps, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(caps.lock_flags, ==, 7);
    lock(f, session, nonce);
    spdm_requester_tdisp_report(f->rq, session, FUNCTION, report, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(report->len, >, 20);
    spdm_requester_tdisp_start(f->rq, session, FUNCTION, nonce, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(state_of(f, session), ==, 2);
    spdm_requester_tdisp_stop(f->rq, session, FUNCTION, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(state_of(f, session), ==, 0);
}

/* END_SESSION of the locking session is seen by the next. */
static void test_session_end(void)
{
    uint32_t session;
    g_autoptr(RqFixture) f = connected(SPDM_TRANSPORT_PCI_DOE, &session);
    g_autoptr(GError) err = NULL;
    uint8_t nonce[32];

    program(f, session);
    lock(f, session, nonce);
    spdm_requester_end_session(f->rq, session, false, &err);
    g_assert_no_error(err);
    session = rq_sigma(f);
    g_assert_cmpuint(state_of(f, session), ==, 3);
    spdm_responder_reset(f->responder);
    rq_connect(f);
    rq_identify(f);
    g_assert_cmpuint(state_of(f, rq_sigma(f)), ==, 0);
}

/* A snapshot in the middle: the new responder goes on. */
static void test_snapshot(void)
{
    uint32_t session;
    g_autoptr(RqFixture) f = connected(SPDM_TRANSPORT_PCI_DOE, &session);
    g_autoptr(GBytes) state = NULL;
    g_autoptr(GError) err = NULL;
    uint8_t nonce[32];

    program(f, session);
    lock(f, session, nonce);
    state = spdm_responder_save(f->responder);
    spdm_responder_reset(f->responder);
    g_assert_true(spdm_responder_load(f->responder, state, &err));
    g_assert_no_error(err);
    g_assert_cmpuint(state_of(f, session), ==, 1);
    spdm_requester_tdisp_start(f->rq, session, FUNCTION, nonce, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(state_of(f, session), ==, 2);
}

static void refused(const GError *err, int code, const char *part)
{
    g_assert_error(err, SPDM_REQUESTER_ERROR, code);
    g_assert_nonnull(strstr(err->message, part));
}

static void test_errors(void)
{
    uint32_t session;
    g_autoptr(RqFixture) f = connected(SPDM_TRANSPORT_PCI_DOE, &session);
    const SpdmTdispLock ask = { .flags = 7 };
    const SpdmIdeAddress nowhere = { 0, 0, 9 };
    g_autoptr(GError) err = NULL;
    uint8_t nonce[32], status = 0;

    spdm_requester_ide_key_prog(f->rq, session, &nowhere, fresh,
                                SPDM_BYTES("ifv.ifv.", 8), &status, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(status, ==, 2);
    g_assert_false(spdm_requester_tdisp_lock(f->rq, session, FUNCTION, &ask,
                                             nonce, &err));
    refused(err, SPDM_REQUESTER_ERROR_PEER, "INVALID_DEVICE_CONFIGURATION");
}

/* DSP0274 1.4: a large payload is answered by one. */
static void test_large(void)
{
    static const uint8_t query[] = {
        0x14, 0xfe, 0x80, 0, 3, 0, 2, 1, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 1,
    };
    static const uint8_t head[] = {
        0x14, 0x7e, 0x80, 0, 3, 0, 2, 1, 0, 0, 0, 96, 0, 0, 0, 0, 1, 0, 1,
    };
    uint32_t session;
    g_autoptr(RqFixture) f = connected(SPDM_TRANSPORT_PCI_DOE, &session);
    g_autoptr(GByteArray) reply = g_byte_array_new();
    g_autoptr(GError) err = NULL;

    spdm_requester_raw(f->rq, session, SPDM_BYTES(query, sizeof(query)),
                       reply, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(reply->len, ==, 15 + 96);
    g_assert_cmpmem(reply->data, sizeof(head), head, sizeof(head));
}

static void test_outside(void)
{
    const RqOptions options = { .transport = SPDM_TRANSPORT_PCI_DOE };
    g_autoptr(RqFixture) f = rq_fixture_new(&options);
    g_autoptr(GError) err = NULL;
    uint8_t state;

    rq_connect(f);
    g_assert_false(spdm_requester_tdisp_state(f->rq, 0, FUNCTION, &state,
                                              &err));
    refused(err, SPDM_REQUESTER_ERROR_PEER, "SessionRequired");
}

static void test_pldm(void)
{
    static const uint8_t get_tid[] = { 1, 0x80, 0, 2 };
    static const uint8_t answer[] = { 1, 0, 0, 2, 0, 1 };
    uint32_t session;
    g_autoptr(RqFixture) f = connected(SPDM_TRANSPORT_MCTP, &session);
    g_autoptr(GByteArray) reply = g_byte_array_new();
    g_autoptr(GError) err = NULL;

    spdm_requester_application(f->rq, session, SPDM_BYTES(get_tid, 4), reply,
                               &err);
    g_assert_no_error(err);
    g_assert_cmpmem(reply->data, reply->len, answer, sizeof(answer));
    /* SPDM goes on as before. */
    spdm_requester_end_session(f->rq, session, false, &err);
    g_assert_no_error(err);
}

static void test_pldm_elsewhere(void)
{
    static const uint8_t get_tid[] = { 1, 0x80, 0, 2 };
    uint32_t session;
    g_autoptr(RqFixture) f = connected(SPDM_TRANSPORT_PCI_DOE, &session);
    g_autoptr(GByteArray) reply = g_byte_array_new();
    g_autoptr(GError) err = NULL;

    g_assert_false(spdm_requester_application(f->rq, session,
                                              SPDM_BYTES(get_tid, 4), reply,
                                              &err));
    refused(err, SPDM_REQUESTER_ERROR_USAGE, "no such message");
}

/* What is no PLDM request is not answered, and the session lives. */
static void test_pldm_silence(void)
{
    static const uint8_t response[] = { 1, 0x00, 0, 2 };
    uint32_t session;
    g_autoptr(RqFixture) f = connected(SPDM_TRANSPORT_MCTP, &session);
    g_autoptr(GByteArray) reply = g_byte_array_new();
    unsigned drops = f->drops;

    g_assert_false(spdm_requester_application(f->rq, session,
                                              SPDM_BYTES(response, 4), reply,
                                              NULL));
    g_assert_cmpuint(f->drops, ==, drops + 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_data_func("/apps/tdisp/over-doe",
                         GUINT_TO_POINTER(SPDM_TRANSPORT_PCI_DOE), test_life);
    g_test_add_data_func("/apps/tdisp/over-mctp",
                         GUINT_TO_POINTER(SPDM_TRANSPORT_MCTP), test_life);
    g_test_add_data_func("/apps/tdisp/over-tcp",
                         GUINT_TO_POINTER(SPDM_TRANSPORT_TCP), test_life);
    g_test_add_func("/apps/tdisp/session-end", test_session_end);
    g_test_add_func("/apps/tdisp/in-a-snapshot", test_snapshot);
    g_test_add_func("/apps/tdisp/errors", test_errors);
    g_test_add_func("/apps/tdisp/outside", test_outside);
    g_test_add_func("/apps/ide-km/large-payload", test_large);
    g_test_add_func("/apps/pldm/over-mctp", test_pldm);
    g_test_add_func("/apps/pldm/elsewhere", test_pldm_elsewhere);
    g_test_add_func("/apps/pldm/silence", test_pldm_silence);
    return g_test_run();
}

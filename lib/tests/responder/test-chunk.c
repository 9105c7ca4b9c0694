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

static void everything(FxOptions o)
{
    g_autoptr(Fx) fx = fx_new(&o);
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
    if (o.data_transfer_size < 1000) {
        g_assert_cmpuint(fx->chunks_got, >, 0);
    }
    if (o.rsp_transfer_size <= 64) {
        g_assert_cmpuint(fx->chunks_sent, >, 0);
    }
    g_assert_cmpint(fx->r->transfer.kind, ==, SPDM_TRANSFER_NONE);
    g_assert_null(fx->r->transfer.message);
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

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/responder/chunk/everything-works-at-every-size",
                    test_sizes);
    g_test_add_func("/responder/chunk/everything-works-on-every-transport",
                    test_transports);
    g_test_add_func("/responder/chunk/a-handshake-in-the-clear-works",
                    test_in_the_clear);
    return g_test_run();
}

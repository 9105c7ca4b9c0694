/*
 * What the responder answers when all goes well, on every version and
 * transport.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

static const uint8_t versions[] = {
    SPDM_VERSION_10, SPDM_VERSION_11, SPDM_VERSION_12, SPDM_VERSION_13,
    SPDM_VERSION_14,
};

/* Runs @body on every version from @first on, and every transport. */
static void everywhere(uint8_t first, void (*body)(Fx *fx), FxOptions o)
{
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        for (int transport = SPDM_TRANSPORT_NONE;
             transport <= SPDM_TRANSPORT_PCI_DOE && versions[i] >= first;
             transport++) {
            g_autoptr(Fx) fx = NULL;

            o.version = versions[i];
            o.transport = (SpdmTransportType)transport;
            fx = fx_new(&o);
            fx_negotiate(fx);
            body(fx);
        }
    }
}

static void attest(Fx *fx)
{
    fx_digests(fx, NULL);
    fx_certificate(fx, NULL, 0xffff);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
    fx_challenge(fx, SPDM_SUMMARY_TCB);
    fx_challenge(fx, SPDM_SUMMARY_ALL);
    g_assert_cmpstr(fx_info(fx).state, ==, "authenticated");
}

static void test_attestation(void)
{
    everywhere(SPDM_VERSION_10, attest, (FxOptions){ .version = 0 });
}

static void sessions(Fx *fx)
{
    SpdmSession *sigma = fx_sigma(fx);
    SpdmSession *psk = fx_psk(fx);
    SpdmSession *both[] = { sigma, psk };

    for (unsigned i = 0; i < 2; i++) {
        fx_digests(fx, both[i]);
        fx_certificate(fx, both[i], 777);
        fx_measurements(fx, both[i], SPDM_MEAS_REQ_SIGNATURE,
                        SPDM_MEAS_OP_ALL);
        fx_vendor(fx, both[i]);
        fx_key_update(fx, both[i], SPDM_UPDATE_KEY, 1);
        fx_key_update(fx, both[i], SPDM_VERIFY_NEW_KEY, 2);
        fx_key_update(fx, both[i], SPDM_UPDATE_ALL_KEYS, 3);
        fx_key_update(fx, both[i], SPDM_VERIFY_NEW_KEY, 4);
        fx_heartbeat(fx, both[i]);
    }
    fx_end_session(fx, sigma, 0);
    fx_heartbeat(fx, psk);
    fx_end_session(fx, psk, 0);
    fx_expect_wiped(fx);
}

static void test_sessions(void)
{
    everywhere(SPDM_VERSION_11, sessions, (FxOptions){ .heartbeat = 5 });
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/responder/attestation-on-every-version-and-transport",
                    test_attestation);
    g_test_add_func("/responder/sigma-and-psk-on-every-version-and-transport",
                    test_sessions);
    return g_test_run();
}

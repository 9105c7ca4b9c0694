/*
 * The flows of a requester whose device is fuzzed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/flows.h"

enum { PORTION = 600 };      /* bytes of CERTIFICATE */

static bool psk(FuzzEnds *e, uint32_t *session)
{
    static const char secret[] = "a key that the fuzzer knows";
    SpdmPskExchangeParams params = {
        .hint = SPDM_BYTES("fuzz", 4),
        .secret = SPDM_BYTES(secret, sizeof(secret) - 1),
    };

    return spdm_requester_connect(e->rq, NULL) &&
           spdm_requester_psk_exchange(e->rq, &params, session, NULL) &&
           spdm_requester_psk_finish(e->rq, *session, NULL);
}

static void measure(FuzzEnds *e, uint32_t session)
{
    static const uint8_t indices[] = { 0, 1, 0xff };

    for (size_t i = 0; i < G_N_ELEMENTS(indices); i++) {
        SpdmMeasurementQuery query = { .index = indices[i],
                                       .sign = i == 2 && !session };
        g_auto(SpdmMeasurementList) list = { .values = NULL };

        spdm_requester_measurements(e->rq, session, &query, &list, NULL);
    }
}

static void logs(FuzzEnds *e, uint32_t session)
{
    g_auto(SpdmMelLog) log = { .bytes = NULL };
    g_auto(SpdmEndpointInfo) info = { .bytes = NULL };

    spdm_requester_mel(e->rq, session, 40, &log, NULL);
    spdm_requester_endpoint_info(e->rq, session, false, 0, &info, NULL);
}

static void provision(FuzzEnds *e, uint32_t session)
{
    const SpdmCsrParams ask = { .key_pair_id = 0 };
    const SpdmSetCertificateParams set = { .slot = 1, .erase = true };
    g_autoptr(GByteArray) csr = g_byte_array_new();
    SpdmProvisionResult result;
    SpdmKeyPair pair;

    spdm_requester_csr(e->rq, session, &ask, &result, csr, NULL);
    spdm_requester_set_certificate(e->rq, session, &set, &result, NULL);
    spdm_requester_key_pair(e->rq, session, 1, &pair, NULL, NULL);
}

static void banks(FuzzEnds *e, uint32_t session)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(SpdmBankInfo));
    g_autoptr(GBytes) chain = NULL;
    SpdmBankDetails details;
    uint64_t mask;

    spdm_requester_slot_sub_codes(e->rq, session, &mask, NULL);
    spdm_requester_banks(e->rq, session, list, NULL);
    spdm_requester_bank_details(e->rq, session, 0, &details, NULL);
    chain = spdm_requester_bank_chain(e->rq, session, 0, 0, NULL);
}

static void events(FuzzEnds *e, uint32_t session)
{
    static const uint8_t changed[SPDM_MEASUREMENT_MAP] = { 2 };
    uint32_t types;

    spdm_requester_event_types(e->rq, session, &types, NULL);
    spdm_requester_subscribe(e->rq, session, (uint32_t)SPDM_ALL_EVENT_TYPES,
                             NULL);
    spdm_responder_measurement_changed(e->r, changed);
    spdm_responder_update_key(e->r, session);
    spdm_responder_ask_endpoint_info(e->r, session);
    spdm_requester_encapsulated(e->rq, session, NULL, NULL);
}

static void vendor(FuzzEnds *e, uint32_t session)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();

    spdm_requester_vendor(e->rq, session, 3, SPDM_BYTES("\x36\x1b", 2),
                          SPDM_BYTES("hello", 5), reply, NULL);
}

static void flow_connect(FuzzEnds *e)
{
    SpdmDoeEntry entries[4];
    unsigned count;

    spdm_requester_discover(e->rq, 2, entries, 4, &count, NULL);
    spdm_requester_connect(e->rq, NULL);
}

static void flow_identify(FuzzEnds *e)
{
    if (spdm_requester_connect(e->rq, NULL)) {
        spdm_requester_digests(e->rq, 0, NULL);
        spdm_requester_certificate(e->rq, 0, 0, PORTION, NULL);
        spdm_requester_challenge(e->rq, 0, SPDM_SUMMARY_ALL, NULL);
    }
}

static void flow_outside(FuzzEnds *e)
{
    if (spdm_requester_connect(e->rq, NULL)) {
        spdm_responder_defer(e->r, SPDM_GET_MEASUREMENTS, 12);
        measure(e, 0);
        logs(e, 0);
        provision(e, 0);
        banks(e, 0);
        vendor(e, 0);
    }
}

static void flow_sigma(FuzzEnds *e)
{
    SpdmKeyExchangeParams params = { .summary = SPDM_SUMMARY_TCB };
    uint32_t session;

    if (spdm_requester_connect(e->rq, NULL) &&
        spdm_requester_digests(e->rq, 0, NULL) &&
        spdm_requester_certificate(e->rq, 0, 0, 0, NULL) &&
        spdm_requester_key_exchange(e->rq, &params, &session, NULL)) {
        spdm_requester_finish(e->rq, session, NULL);
    }
}

static void flow_psk(FuzzEnds *e)
{
    uint32_t session;

    if (psk(e, &session)) {
        spdm_requester_heartbeat(e->rq, session, NULL);
        spdm_requester_key_update(e->rq, session, true, NULL);
        vendor(e, session);
        spdm_requester_end_session(e->rq, session, false, NULL);
    }
}

static void flow_session(FuzzEnds *e)
{
    uint32_t session;

    if (psk(e, &session)) {
        spdm_requester_digests(e->rq, session, NULL);
        measure(e, session);
        logs(e, session);
        provision(e, session);
        banks(e, session);
    }
}

static void flow_events(FuzzEnds *e)
{
    uint32_t session;

    if (psk(e, &session)) {
        events(e, session);
    }
}

/* Who we are is looked at, and costs most, where something is signed. */
static const struct {
    void (*play)(FuzzEnds *e);
    bool signs;
} flows[] = {
    { flow_connect, false }, { flow_psk, false }, { flow_outside, false },
    { flow_session, false }, { flow_events, true }, { flow_identify, true },
    { flow_sigma, true },
};

G_STATIC_ASSERT(G_N_ELEMENTS(flows) <= MAX_FLOWS);

unsigned fuzz_flow_count(void)
{
    return G_N_ELEMENTS(flows);
}

bool fuzz_flow_signs(unsigned i)
{
    return flows[i].signs;
}

void fuzz_flow(unsigned i, FuzzEnds *ends)
{
    flows[i].play(ends);
}

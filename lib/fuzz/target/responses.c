/*
 * Responses to the requester: one flow of it, against a device that answers
 * as it should, and, from a given exchange on, as the input has it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/worlds.h"

enum { FUZZED = 8, MAX_EXCHANGES = 64, PORTION = 600 };

/* How the bytes of an input get into an answer. */
typedef enum How {
    HOW_FRAME,               /* instead of the frame */
    HOW_MESSAGE,             /* instead of the message; sealed as it should */
    HOW_PATCH,               /* bytes of the message, by offset; signed if it
                                is to be */
    HOW_COUNT,
} How;

typedef struct Game {
    Hostile *h;
    SpdmRequester *rq;
    FuzzInput in;
    unsigned exchanges;
    unsigned at;             /* the first that is not honest */
    unsigned fuzzed;
    How how;
    GPtrArray *seeds;        /* GByteArray, while seeds are made */
    unsigned world;
    unsigned flow;
} Game;

static bool mine(const Game *g)
{
    return g->exchanges > g->at && g->in.len && g->fuzzed < FUZZED;
}

static void replace(GByteArray *bytes, SpdmBytes with)
{
    g_byte_array_set_size(bytes, 0);
    fuzz_put(bytes, with);
}

static void patch(Game *g, GByteArray *bytes)
{
    unsigned n = fuzz_int(&g->in, 1) % 8;

    for (unsigned i = 0; i < n && bytes->len; i++) {
        uint32_t at = fuzz_int(&g->in, 2);

        bytes->data[at % bytes->len] = (uint8_t)fuzz_int(&g->in, 1);
    }
}

static void seed(Game *g, const GByteArray *message)
{
    GByteArray *input = g_byte_array_new();

    fuzz_put_int(input, g->world, 1);
    fuzz_put_int(input, g->flow, 1);
    fuzz_put_int(input, g->exchanges - 1, 1);
    fuzz_put_int(input, HOW_MESSAGE, 1);
    fuzz_put_int(input, message->len, 2);
    fuzz_put(input, fuzz_view(message));
    g_ptr_array_add(g->seeds, input);
}

static SpdmTapVerdict tap(void *opaque, SpdmTapContext *context)
{
    Game *g = opaque;

    if (g->seeds && context->event == SPDM_TAP_TX_MSG) {
        seed(g, context->bytes);
    }
    if (!mine(g)) {
        return SPDM_TAP_PASS;
    }
    if (context->event == SPDM_TAP_COMPOSE && g->how == HOW_PATCH) {
        g->fuzzed++;
        patch(g, context->bytes);
    } else if (context->event == SPDM_TAP_TX_MSG && g->how == HOW_MESSAGE) {
        g->fuzzed++;
        replace(context->bytes, fuzz_take(&g->in, fuzz_int(&g->in, 2)));
    } else if (context->event == SPDM_TAP_TX_FRAME && g->how == HOW_FRAME) {
        g->fuzzed++;
        replace(context->bytes, fuzz_take(&g->in, fuzz_int(&g->in, 2)));
    }
    return SPDM_TAP_PASS;
}

static bool send_receive(void *opaque, const uint8_t *frame, size_t len,
                         GByteArray *answer, int64_t timeout_us,
                         GError **errp)
{
    Game *g = opaque;
    g_auto(SpdmReply) reply;

    fuzz_check(g->exchanges < MAX_EXCHANGES * 16,
               "the requester never ends");
    g->h->now_us += 100;
    g->exchanges++;
    spdm_responder_process(g->h->r, frame, len, &reply);
    fuzz_put(answer, fuzz_view(reply.bytes));
    if (!answer->len || g->exchanges >= MAX_EXCHANGES) {
        g_set_error(errp, SPDM_REQUESTER_ERROR,
                    SPDM_REQUESTER_ERROR_TRANSPORT, "no answer");
        return false;
    }
    return true;
}

static void sleep_us(void *opaque, int64_t us)
{
    ((Game *)opaque)->h->now_us += us;
}

static int64_t now_us(void *opaque)
{
    return ((Game *)opaque)->h->now_us;
}

static SpdmRequester *new_requester(Game *g)
{
    static const SpdmRequesterIdentity identity = { .automatic = true };
    const HostileConfig *c = &g->h->config;
    g_autoptr(GError) err = NULL;
    SpdmRequesterConfig config;
    SpdmRequester *rq;

    spdm_requester_config_init(&config);
    config.transport = c->transport;
    config.io = (SpdmRequesterIo){
        .send_receive = send_receive, .sleep_us = sleep_us,
        .now_us = now_us, .opaque = g,
    };
    config.seed = "fuzz";
    config.asym = g->h->profile->asym;
    config.min_version = config.max_version = c->version;
    config.flags &= ~c->without;
    if (g->h->profile->flags & SPDM_PROFILE_MUT_AUTH) {
        spdm_requester_config_identify(&config, &identity, 1);
    }
    if (c->chunks) {
        config.data_transfer_size = c->chunks;
    }
    rq = spdm_requester_new(&config, &err);
    if (!rq) {
        fuzz_fail(err->message);
    }
    return rq;
}

/* --- flows ---------------------------------------------------------------- */

static bool psk(Game *g, uint32_t *session)
{
    static const char secret[] = "a key that the fuzzer knows";
    SpdmPskExchangeParams params = {
        .hint = SPDM_BYTES("fuzz", 4),
        .secret = SPDM_BYTES(secret, sizeof(secret) - 1),
    };

    return spdm_requester_connect(g->rq, NULL) &&
           spdm_requester_psk_exchange(g->rq, &params, session, NULL) &&
           spdm_requester_psk_finish(g->rq, *session, NULL);
}

static void measure(Game *g, uint32_t session)
{
    static const uint8_t indices[] = { 0, 1, 0xff };

    for (size_t i = 0; i < G_N_ELEMENTS(indices); i++) {
        SpdmMeasurementQuery query = { .index = indices[i],
                                       .sign = i == 2 && !session };
        g_auto(SpdmMeasurementList) list = { .values = NULL };

        spdm_requester_measurements(g->rq, session, &query, &list, NULL);
    }
}

static void logs(Game *g, uint32_t session)
{
    g_auto(SpdmMelLog) log = { .bytes = NULL };
    g_auto(SpdmEndpointInfo) info = { .bytes = NULL };

    spdm_requester_mel(g->rq, session, 40, &log, NULL);
    spdm_requester_endpoint_info(g->rq, session, false, 0, &info, NULL);
}

static void provision(Game *g, uint32_t session)
{
    const SpdmCsrParams ask = { .key_pair_id = 0 };
    const SpdmSetCertificateParams set = { .slot = 1, .erase = true };
    g_autoptr(GByteArray) csr = g_byte_array_new();
    SpdmProvisionResult result;
    SpdmKeyPair pair;

    spdm_requester_csr(g->rq, session, &ask, &result, csr, NULL);
    spdm_requester_set_certificate(g->rq, session, &set, &result, NULL);
    spdm_requester_key_pair(g->rq, session, 1, &pair, NULL, NULL);
}

static void banks(Game *g, uint32_t session)
{
    g_autoptr(GArray) list = g_array_new(FALSE, FALSE, sizeof(SpdmBankInfo));
    g_autoptr(GBytes) chain = NULL;
    SpdmBankDetails details;
    uint64_t mask;

    spdm_requester_slot_sub_codes(g->rq, session, &mask, NULL);
    spdm_requester_banks(g->rq, session, list, NULL);
    spdm_requester_bank_details(g->rq, session, 0, &details, NULL);
    chain = spdm_requester_bank_chain(g->rq, session, 0, 0, NULL);
}

static void events(Game *g, uint32_t session)
{
    static const uint8_t changed[SPDM_MEASUREMENT_MAP] = { 2 };
    uint32_t types;

    spdm_requester_event_types(g->rq, session, &types, NULL);
    spdm_requester_subscribe(g->rq, session, (uint32_t)SPDM_ALL_EVENT_TYPES,
                             NULL);
    spdm_responder_measurement_changed(g->h->r, changed);
    spdm_responder_update_key(g->h->r, session);
    spdm_responder_ask_endpoint_info(g->h->r, session);
    spdm_requester_encapsulated(g->rq, session, NULL, NULL);
}

static void vendor(Game *g, uint32_t session)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();

    spdm_requester_vendor(g->rq, session, 3, SPDM_BYTES("\x36\x1b", 2),
                          SPDM_BYTES("hello", 5), reply, NULL);
}

static void flow_connect(Game *g)
{
    SpdmDoeEntry entries[4];
    unsigned count;

    spdm_requester_discover(g->rq, 2, entries, 4, &count, NULL);
    spdm_requester_connect(g->rq, NULL);
}

static void flow_identify(Game *g)
{
    if (spdm_requester_connect(g->rq, NULL)) {
        spdm_requester_digests(g->rq, 0, NULL);
        spdm_requester_certificate(g->rq, 0, 0, PORTION, NULL);
        spdm_requester_challenge(g->rq, 0, SPDM_SUMMARY_ALL, NULL);
    }
}

static void flow_outside(Game *g)
{
    if (spdm_requester_connect(g->rq, NULL)) {
        spdm_responder_defer(g->h->r, SPDM_GET_MEASUREMENTS, 12);
        measure(g, 0);
        logs(g, 0);
        provision(g, 0);
        banks(g, 0);
        vendor(g, 0);
    }
}

static void flow_sigma(Game *g)
{
    SpdmKeyExchangeParams params = { .summary = SPDM_SUMMARY_TCB };
    uint32_t session;

    if (spdm_requester_connect(g->rq, NULL) &&
        spdm_requester_digests(g->rq, 0, NULL) &&
        spdm_requester_certificate(g->rq, 0, 0, 0, NULL) &&
        spdm_requester_key_exchange(g->rq, &params, &session, NULL)) {
        spdm_requester_finish(g->rq, session, NULL);
    }
}

static void flow_psk(Game *g)
{
    uint32_t session;

    if (psk(g, &session)) {
        spdm_requester_heartbeat(g->rq, session, NULL);
        spdm_requester_key_update(g->rq, session, true, NULL);
        vendor(g, session);
        spdm_requester_end_session(g->rq, session, false, NULL);
    }
}

static void flow_session(Game *g)
{
    uint32_t session;

    if (psk(g, &session)) {
        spdm_requester_digests(g->rq, session, NULL);
        measure(g, session);
        logs(g, session);
        provision(g, session);
        banks(g, session);
    }
}

static void flow_events(Game *g)
{
    uint32_t session;

    if (psk(g, &session)) {
        events(g, session);
    }
}

static void (*const flows[])(Game *) = {
    flow_connect, flow_psk, flow_outside, flow_session, flow_events,
    flow_identify, flow_sigma,
};

static void play(Game *g)
{
    SpdmTap t = { tap, g };
    SpdmRequesterInfo info;

    fuzz_world_restore(g->h);
    hostile_be_genuine(g->h);
    hostile_go_to(g->h, hostile_moment(g->h, 0));
    g->rq = new_requester(g);
    spdm_responder_add_tap(g->h->r, &t);
    flows[g->flow % G_N_ELEMENTS(flows)](g);
    spdm_responder_remove_tap(g->h->r, &t);
    spdm_requester_info(g->rq, &info);
    fuzz_check(info.session_count <= 8, "too many sessions");
    spdm_requester_free(g->rq);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    Game g = { .in = { data, len } };

    g.h = fuzz_world(fuzz_int(&g.in, 1));
    g.flow = fuzz_int(&g.in, 1);
    g.at = fuzz_int(&g.in, 1);
    g.how = (How)(fuzz_int(&g.in, 1) % HOW_COUNT);
    play(&g);
    return 0;
}

void fuzz_seeds(const FuzzSeeds *seeds)
{
    g_autoptr(GPtrArray) inputs =
        g_ptr_array_new_with_free_func((GDestroyNotify)g_byte_array_unref);

    for (unsigned world = 0; world < fuzz_world_count(); world++) {
        for (unsigned flow = 0; flow < G_N_ELEMENTS(flows); flow++) {
            Game g = { .h = fuzz_world(world), .flow = flow, .world = world,
                       .seeds = inputs, .at = UINT_MAX };

            play(&g);
        }
    }
    for (guint i = 0; i < inputs->len; i++) {
        fuzz_seed(seeds, fuzz_view(g_ptr_array_index(inputs, i)));
    }
}

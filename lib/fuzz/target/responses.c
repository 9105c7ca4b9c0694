/*
 * Responses to the requester: one flow of it, against a device that answers
 * as it should, and, from a given exchange on, as the input has it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk.h"
#include "crypto/random.h"
#include "crypto/x509.h"
#include "fuzz/flows.h"

enum { FUZZED = 8, MAX_EXCHANGES = 64 };

/* How the bytes of an input get into an answer. */
typedef enum How {
    HOW_FRAME,               /* instead of the frame */
    HOW_MESSAGE,             /* instead of the message; sealed as it should */
    HOW_PATCH,               /* bytes of the message, by offset; signed if it
                                is to be */
    HOW_COUNT,
} How;

/* An exchange of a flow with a device that is honest throughout. */
typedef struct Exchange {
    GBytes *state;           /* of the device, before it */
    GBytes *frame;
    GBytes *answer;
} Exchange;

typedef struct Game {
    Hostile *h;
    SpdmRequester *rq;
    FuzzInput in;
    GPtrArray *honest;       /* Exchange: the flow as it is when not fuzzed */
    bool recording;          /* ... which is being found out */
    bool live;               /* the device takes part from here on */
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
    } else if ((context->event == SPDM_TAP_TX_MSG &&
                g->how == HOW_MESSAGE) ||
               (context->event == SPDM_TAP_TX_FRAME && g->how == HOW_FRAME)) {
        g->fuzzed++;
        replace(context->bytes, fuzz_take(&g->in, fuzz_int(&g->in, 2)));
    }
    return SPDM_TAP_PASS;
}

static void exchange_free(Exchange *e)
{
    g_bytes_unref(e->state);
    g_bytes_unref(e->frame);
    g_bytes_unref(e->answer);
    g_free(e);
}

/*
 * Where the input changes nothing yet, both sides do what they always do: the
 * device need not work it out again, which takes most of the time.
 */
static bool as_ever(Game *g, SpdmBytes frame, GByteArray *answer)
{
    unsigned n = g->exchanges;
    const Exchange *e;

    if (g->live || g->recording) {
        return false;
    }
    fuzz_check(n < g->honest->len, "an honest flow is not what it was");
    e = g_ptr_array_index(g->honest, n);
    fuzz_check(g_bytes_get_size(e->frame) == frame.len &&
               !memcmp(fuzz_bytes(e->frame).data, frame.data, frame.len),
               "an honest flow is not what it was");
    if (n < g->at || !g->in.len) {
        fuzz_put(answer, fuzz_bytes(e->answer));
        return true;
    }
    fuzz_check(spdm_responder_load(g->h->r, e->state, NULL),
               "a state that was saved does not load");
    g->live = true;
    return false;
}

static void process(Game *g, SpdmBytes frame, GByteArray *answer)
{
    g_autoptr(GBytes) state = g->recording ? spdm_responder_save(g->h->r)
                                           : NULL;
    g_auto(SpdmReply) reply;

    spdm_responder_process(g->h->r, frame.data, frame.len, &reply);
    fuzz_put(answer, fuzz_view(reply.bytes));
    if (state) {
        Exchange *e = g_new0(Exchange, 1);

        e->state = g_steal_pointer(&state);
        e->frame = g_bytes_new(frame.data, frame.len);
        e->answer = g_bytes_new(answer->data, answer->len);
        g_ptr_array_add(g->honest, e);
    }
}

static bool send_receive(void *opaque, const uint8_t *frame, size_t len,
                         GByteArray *answer, int64_t timeout_us,
                         GError **errp)
{
    Game *g = opaque;
    bool known;

    fuzz_check(g->exchanges < MAX_EXCHANGES * 16,
               "the requester never ends");
    g->h->now_us += 100;
    known = as_ever(g, SPDM_BYTES(frame, len), answer);
    g->exchanges++;
    if (!known) {
        process(g, SPDM_BYTES(frame, len), answer);
    }
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

/* Who the requester is: made once, as it takes longer than an input. */
static const SpdmRequesterIdentity *who(void)
{
    static SpdmRequesterIdentity identity;
    SpdmChainSpec spec = {
        .alg = spdm_asym_by_name("ECDSA-P256"),
        .hash = spdm_hash_by_name("SHA-256"),
        .common_name = "fuzz", .requester = true, .not_after = INT32_MAX,
    };
    g_autoptr(GPtrArray) der = NULL;
    g_autoptr(SpdmPrivateKey) key = NULL;
    GByteArray *chain;
    SpdmSeeded *seeded;
    SpdmRng rng;
    char *pem;

    if (!identity.chain.len) {
        seeded = spdm_seeded_new("fuzz", "who");
        rng = spdm_seeded_rng(seeded);
        der = spdm_x509_generate(&spec, &rng, &key, NULL);
        spdm_seeded_free(seeded);
        fuzz_check(der != NULL, "no identity for the requester");
        chain = g_byte_array_new();
        for (guint i = 0; i < der->len; i++) {
            fuzz_put(chain, fuzz_bytes(g_ptr_array_index(der, i)));
        }
        pem = spdm_private_key_to_pem(key, NULL);
        identity.chain.len = chain->len;
        identity.chain.data = g_byte_array_free(chain, FALSE);
        identity.key = SPDM_BYTES(pem, strlen(pem));
    }
    return &identity;
}

static SpdmRequester *new_requester(Game *g, bool signs)
{
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
    if (signs && (g->h->profile->flags & SPDM_PROFILE_MUT_AUTH)) {
        spdm_requester_config_identify(&config, who(), 1);
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

static void play_once(Game *g)
{
    unsigned flow = g->flow % fuzz_flow_count();
    FuzzEnds ends;
    SpdmTap t = { tap, g };
    SpdmRequesterInfo info;

    fuzz_world_restore(g->h);
    hostile_be_genuine(g->h);
    hostile_go_to(g->h, hostile_moment(g->h, 0));
    g->rq = new_requester(g, fuzz_flow_signs(flow));
    ends = (FuzzEnds){ g->rq, g->h->r };
    spdm_responder_add_tap(g->h->r, &t);
    fuzz_flow(flow, &ends);
    spdm_responder_remove_tap(g->h->r, &t);
    spdm_requester_info(g->rq, &info);
    fuzz_check(info.session_count <= 8, "too many sessions");
    spdm_requester_free(g->rq);
}

static GPtrArray *honest_flow(const Game *of)
{
    static GPtrArray *known[MAX_WORLDS][MAX_FLOWS];
    unsigned world = of->world % fuzz_world_count();
    unsigned flow = of->flow % fuzz_flow_count();
    Game g = { .h = of->h, .flow = flow, .at = UINT_MAX, .recording = true };

    if (!known[world][flow]) {
        g.honest = known[world][flow] =
            g_ptr_array_new_with_free_func((GDestroyNotify)exchange_free);
        play_once(&g);
    }
    return known[world][flow];
}

static void play(Game *g)
{
    g->honest = honest_flow(g);
    play_once(g);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    Game g = { .in = { data, len } };

    g.world = fuzz_int(&g.in, 1);
    g.h = fuzz_world(g.world);
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
        for (unsigned flow = 0; flow < fuzz_flow_count(); flow++) {
            Game g = { .h = fuzz_world(world), .flow = flow, .world = world,
                       .seeds = inputs, .at = UINT_MAX, .live = true };

            play_once(&g);
        }
    }
    for (guint i = 0; i < inputs->len; i++) {
        fuzz_seed(seeds, fuzz_view(g_ptr_array_index(inputs, i)));
    }
}

/*
 * A world: the device under attack, its honest requester, and the record of
 * their walk.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile-int.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto/random.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ASAN 1              /* clang */
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1              /* GCC */
#endif
#ifdef HAS_ASAN
#include <sanitizer/asan_interface.h>
#endif

enum { MAX_WALK = 4000, MAX_DUMP = 512 };

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static void set(GByteArray *to, SpdmBytes bytes)
{
    g_byte_array_set_size(to, 0);
    if (bytes.len) {
        g_byte_array_append(to, bytes.data, (guint)bytes.len);
    }
}

void hostile_fail(const Hostile *h, const char *why)
{
    fprintf(stderr, "hostile: %s\n  %s, case %" PRIu64 ", profile %s, "
            "transport %d, version 0x%02x, seed %" PRIu64 "\n  state %d, "
            "bytes (%u):", why, h->what, h->cases, h->config.profile,
            h->config.transport, h->config.version, h->config.seed,
            h->r ? (int)h->r->conn.state : -1, h->input->len);
    for (guint i = 0; i < MIN(h->input->len, MAX_DUMP); i++) {
        fprintf(stderr, " %02x", h->input->data[i]);
    }
    fprintf(stderr, "\n");
    abort();
}

#ifdef HAS_ASAN

/* GLib's arrays have slack, where a read too far would go unseen. */
static void poison_slack(Hostile *h, GByteArray *a)
{
    Slack *slack;

    if (a->len && h->slack_count < G_N_ELEMENTS(h->slack)) {
        slack = &h->slack[h->slack_count++];
        *slack = (Slack){ a->data, malloc_usable_size(a->data) };
        ASAN_POISON_MEMORY_REGION(a->data + a->len, slack->size - a->len);
    }
}

/* The responder keeps its arrays for the next request. */
static void heal_slack(Hostile *h)
{
    for (unsigned i = 0; i < h->slack_count; i++) {
        const Slack *slack = &h->slack[i];

        if (!__asan_address_is_poisoned(slack->data)) { /* or it was freed */
            ASAN_UNPOISON_MEMORY_REGION(slack->data, slack->size);
        }
    }
    h->slack_count = 0;
}

#else

static void poison_slack(Hostile *h, GByteArray *a)
{
}

static void heal_slack(Hostile *h)
{
}

#endif

/* The device's end: nothing reads behind what came; lies are made here. */
static SpdmTapVerdict rsp_tap(void *opaque, SpdmTapContext *context)
{
    Hostile *h = opaque;
    bool now = h->lie != LIE_NONE && h->exchanges == h->lie_at;

    switch (context->event) {
    case SPDM_TAP_RX_FRAME:
        heal_slack(h);
        poison_slack(h, context->bytes);
        break;
    case SPDM_TAP_RX_MSG:
        poison_slack(h, context->bytes);
        break;
    case SPDM_TAP_COMPOSE:
        if (now && h->lie == LIE_COMPOSE) {
            hostile_mutate(h, context->bytes);
        }
        break;
    case SPDM_TAP_TX_MSG:
        set(h->answered, view(context->bytes));
        if (now && h->lie == LIE_MESSAGE) {
            hostile_mutate(h, context->bytes);
        }
        break;
    default:
        break;
    }
    return SPDM_TAP_PASS;
}

static SpdmTapVerdict req_tap(void *opaque, SpdmTapContext *context)
{
    Hostile *h = opaque;

    if (context->event == SPDM_TAP_TX_MSG) {
        set(h->message, view(context->bytes));
        h->session = context->secured ? context->session_id : 0;
    } else if (context->event == SPDM_TAP_RX_FRAME ||
               context->event == SPDM_TAP_RX_MSG) {
        g_free(spdm_requester_describe(h->rq, context->bytes->data,
                                       context->bytes->len));
    }
    return SPDM_TAP_PASS;
}

static void moment_free(Moment *m)
{
    g_bytes_unref(m->state);
    g_byte_array_unref(m->message);
    g_byte_array_unref(m->answer);
    g_byte_array_unref(m->frame);
    g_free(m);
}

static void record(Hostile *h, SpdmBytes frame)
{
    Moment *m = g_new0(Moment, 1);

    m->state = spdm_responder_save(h->r);
    m->session = h->session;
    m->message = g_byte_array_new();
    m->frame = g_byte_array_new();
    m->answer = g_byte_array_new();
    set(m->message, view(h->message));
    set(m->frame, frame);
    g_ptr_array_add(h->moments, m);
}

/* What the hostile device makes of an answer on the wire. */
static void lie(Hostile *h, GByteArray *reply)
{
    if (h->lie == LIE_FRAME && reply->len) {
        hostile_mutate(h, reply);
    } else if (h->lie == LIE_DROP) {
        g_byte_array_set_size(reply, 0);
    } else if (h->lie == LIE_REPLAY) {
        set(reply, view(h->earlier));
    }
}

static bool send_receive(void *opaque, const uint8_t *frame, size_t len,
                         GByteArray *answer, int64_t timeout_us,
                         GError **errp)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    Hostile *h = opaque;
    g_auto(SpdmReply) reply;

    h->now_us += 100;
    if (h->recording) {
        record(h, SPDM_BYTES(frame, len));
    }
    hostile_check(h, h->exchanges < MAX_WALK, "the requester never ends");
    g_byte_array_set_size(h->answered, 0);
    spdm_responder_process(h->r, frame, len, &reply);
    if (h->recording) {
        set(((Moment *)hostile_moment(h, h->moments->len - 1))->answer,
            view(h->answered));
    }
    set(bytes, view(reply.bytes));
    if (h->exchanges++ == h->lie_at) {
        h->exchanges--;
        lie(h, bytes);
        h->exchanges++;
    } else if (!hostile_below(h, 3)) {
        set(h->earlier, view(bytes));
    }
    set(h->input, view(bytes));
    set(answer, view(bytes));
    if (!bytes->len) {
        g_set_error(errp, SPDM_REQUESTER_ERROR,
                    SPDM_REQUESTER_ERROR_TRANSPORT, "no answer");
    }
    return bytes->len != 0;
}

static int64_t now_us(void *opaque)
{
    return ((Hostile *)opaque)->now_us;
}

static void sleep_us(void *opaque, int64_t us)
{
    Hostile *h = opaque;

    hostile_check(h, us >= 0 && us <= INT64_C(3600) * G_USEC_PER_SEC,
                  "the requester sleeps for an hour");
    h->now_us += us;
}

/* RSA keys take seconds to make; they are not what is looked for here. */
static SpdmRequesterConfig requester_config(Hostile *h)
{
    static const SpdmRequesterIdentity identity = { .automatic = true };
    SpdmRequesterConfig c;
    uint8_t version = h->config.version ? h->config.version
                                        : h->profile->max_version;

    spdm_requester_config_init(&c);
    c.transport = h->config.transport;
    c.io = (SpdmRequesterIo){
        .send_receive = send_receive, .sleep_us = sleep_us,
        .now_us = now_us, .opaque = h,
    };
    c.seed = "honest";
    c.min_version = c.max_version = version;
    c.flags = (c.flags | SPDM_HANDSHAKE_IN_THE_CLEAR_CAP) &
              ~h->config.without;
    if (h->profile->flags & SPDM_PROFILE_MUT_AUTH) {
        spdm_requester_config_identify(&c, &identity, 1);
        c.req_asym = h->profile->req_asym;
    }
    if (h->config.chunks) {
        c.data_transfer_size = h->config.chunks;
    }
    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        c.asym |= a->kind == SPDM_KEY_EC ? a->bit : 0;
    }
    return c;
}

static void die(const char *what, const GError *err)
{
    fprintf(stderr, "hostile: %s: %s\n", what, err->message);
    abort();
}

static void make_ends(Hostile *h)
{
    g_autoptr(GError) err = NULL;
    SpdmSoftConfig soft = {
        .profile = h->profile, .seed = "device", .now_us = now_us,
        .opaque = h,
    };
    SpdmRequesterConfig rq;
    SpdmProvider provider;

    h->soft = spdm_soft_provider_new(&soft, NULL, &err);
    if (!h->soft) {
        die("provider", err);
    }
    provider = spdm_soft_provider(h->soft);
    h->ops = *provider.ops;
    provider.ops = &h->ops;
    h->r = spdm_responder_new(h->profile, &provider, h->config.transport,
                              &err);
    if (!h->r) {
        die("responder", err);
    }
    rq = requester_config(h);
    h->rq = spdm_requester_new(&rq, &err);
    if (!h->rq) {
        die("requester", err);
    }
    h->rsp_tap = (SpdmTap){ rsp_tap, h };
    h->req_tap = (SpdmTap){ req_tap, h };
    spdm_responder_add_tap(h->r, &h->rsp_tap);
    spdm_requester_add_tap(h->rq, &h->req_tap);
}

static SpdmProfile *load_profile(const char *name, GError **errp)
{
    g_autofree char *path = g_build_filename(SRCDIR, name, NULL);

    return strchr(name, '/') ? spdm_profile_load(path, errp)
                             : spdm_profile_builtin(name, errp);
}

/* The bytes that a signature has take its place. */
static bool sign_nothing(void *opaque, const SpdmSignRequest *request,
                         uint8_t *sig)
{
    memset(sig, 0x5a, spdm_asym_by_bit(request->asym)->sig_size);
    return true;
}

void hostile_cheapen(Hostile *h)
{
    h->ops.sign = sign_nothing;
}

void hostile_be_genuine(Hostile *h)
{
    h->ops.sign = spdm_soft_provider(h->soft).ops->sign;
}

Hostile *hostile_new(const HostileConfig *config)
{
    Hostile *h = g_new0(Hostile, 1);
    g_autoptr(GError) err = NULL;

    h->config = *config;
    h->random = config->seed;
    h->now_us = G_USEC_PER_SEC;
    h->what = "the walk";
    h->lie_at = UINT_MAX;
    h->input = g_byte_array_new();
    h->message = g_byte_array_new();
    h->earlier = g_byte_array_new();
    h->answered = g_byte_array_new();
    h->moments = g_ptr_array_new_with_free_func((GDestroyNotify)moment_free);
    h->profile = load_profile(config->profile, &err);
    if (!h->profile) {
        die(config->profile, err);
    }
    if (config->chunks) {
        h->profile->flags |= SPDM_CHUNK_CAP;
        h->profile->data_transfer_size = config->chunks;
        h->profile->max_msg_size = 0x20000;
    }
    make_ends(h);
    h->recording = true;
    hostile_honest(h);
    h->recording = false;
    return h;
}

void hostile_free(Hostile *h)
{
    spdm_requester_free(h->rq);
    spdm_responder_free(h->r);
    spdm_soft_provider_free(h->soft);
    spdm_profile_free(h->profile);
    g_ptr_array_unref(h->moments);
    g_byte_array_unref(h->earlier);
    g_byte_array_unref(h->answered);
    g_byte_array_unref(h->message);
    g_byte_array_unref(h->input);
    g_free(h);
}

uint64_t hostile_cases(const Hostile *h)
{
    return h->cases;
}

void hostile_honest(Hostile *h)
{
    h->lie = LIE_NONE;
    hostile_walk(h, true);
}

const Moment *hostile_moment(const Hostile *h, unsigned i)
{
    return g_ptr_array_index(h->moments, i);
}

void hostile_go_to(Hostile *h, const Moment *m)
{
    g_autoptr(GError) err = NULL;

    if (!spdm_responder_load(h->r, m->state, &err)) {
        hostile_fail(h, err->message);
    }
}

/*
 * Ways around the usual order of messages: answers that are not ready at
 * first, negotiated state that outlives a reset (CACHE_CAP), and PSK sessions
 * right after VERSION.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "config/profile-int.h"
#include "fixture.h"
#include "responder/commands.h"

enum { FIRST_REQUEST = 0x80, EXPONENT = 15 };

static const uint8_t pci_vendor[] = { 0x36, 0x1b };

static void echo(RqFixture *f, uint32_t session)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    g_autoptr(GError) err = NULL;

    spdm_requester_vendor(f->rq, session, 3, SPDM_BYTES(pci_vendor, 2),
                          SPDM_BYTES("ping", 4), reply, &err);
    g_assert_no_error(err);
    g_assert_cmpmem(reply->data, reply->len, "ping", 4);
}

static void challenge(RqFixture *f)
{
    g_autoptr(GError) err = NULL;

    spdm_requester_challenge(f->rq, 0, 0xff, &err);
    g_assert_no_error(err);
}

static void measure(RqFixture *f, uint32_t session)
{
    const SpdmMeasurementQuery query = { .index = 0xff, .sign = true };
    g_autoptr(GError) err = NULL;

    spdm_requester_measurements(f->rq, session, &query, NULL, &err);
    g_assert_no_error(err);
}

static void identify_in(RqFixture *f, uint32_t session)
{
    g_autoptr(GError) err = NULL;

    spdm_requester_digests(f->rq, session, &err);
    g_assert_no_error(err);
    spdm_requester_certificate(f->rq, session, 0, 0, &err);
    g_assert_no_error(err);
}

static void use(RqFixture *f, uint32_t session)
{
    g_autoptr(GError) err = NULL;

    echo(f, session);
    spdm_requester_key_update(f->rq, session, true, &err);
    g_assert_no_error(err);
    echo(f, session);
}

static void end(RqFixture *f, uint32_t session, bool clear)
{
    g_autoptr(GError) err = NULL;

    spdm_requester_end_session(f->rq, session, clear, &err);
    g_assert_no_error(err);
}

static const char *state_of(const RqFixture *f)
{
    SpdmResponderInfo info;

    spdm_responder_info(f->responder, &info);
    return info.state;
}

/* --- not ready at first --------------------------------------------------- */

typedef struct Waits {
    SpdmTap tap;
    uint8_t code;            /* of the request that is put off */
    unsigned outside;        /* times that it was, outside sessions */
    unsigned inside;
} Waits;

static SpdmTapVerdict count_waits(void *opaque, SpdmTapContext *c)
{
    Waits *w = opaque;
    const uint8_t *m = c->bytes ? c->bytes->data : NULL;

    if (c->event == SPDM_TAP_TX_MSG && m[1] == SPDM_ERROR &&
        m[2] == SPDM_ERROR_RESPONSE_NOT_READY) {
        g_assert_cmpuint(m[4], ==, EXPONENT);
        g_assert_cmphex(m[5], ==, w->code);
        g_assert_cmpuint(m[7], >=, 2);
        w->inside += c->secured;
        w->outside += !c->secured;
    }
    return SPDM_TAP_PASS;
}

static void everything(RqFixture *f)
{
    uint32_t sigma, psk;

    rq_connect(f);
    rq_identify(f);
    challenge(f);
    measure(f, 0);
    echo(f, 0);
    sigma = rq_sigma(f);
    psk = rq_psk(f);
    identify_in(f, sigma);
    measure(f, psk);
    use(f, sigma);
    use(f, psk);
    end(f, sigma, false);
    end(f, psk, false);
}

/* Where the requests that everything() makes may be put off. */
static const struct {
    uint8_t code;
    bool outside;
    bool inside;
} deferred[] = {
    { SPDM_GET_DIGESTS, true, true },
    { SPDM_GET_CERTIFICATE, true, true },
    { SPDM_CHALLENGE, true, false },
    { SPDM_GET_MEASUREMENTS, true, true },
    { SPDM_KEY_EXCHANGE, true, false },
    { SPDM_FINISH, false, true },
    { SPDM_PSK_EXCHANGE, true, false },
    { SPDM_PSK_FINISH, false, true },
    { SPDM_VENDOR_DEFINED_REQUEST, true, true },
};

static void test_put_off(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);

    for (uint8_t v = SPDM_VERSION_11; v <= SPDM_VERSION_14; v++) {
        const RqOptions o = { .version = v, .doe = true };
        g_autoptr(RqFixture) f = rq_fixture_new(&o);
        Waits w = { .code = deferred[i].code };
        int64_t start = f->now_us;

        w.tap = (SpdmTap){ .call = count_waits, .opaque = &w };
        spdm_responder_add_tap(f->responder, &w.tap);
        f->profile->not_ready[w.code - FIRST_REQUEST] = EXPONENT + 1;
        everything(f);
        g_assert_cmpint(w.outside > 0, ==, deferred[i].outside);
        g_assert_cmpint(w.inside > 0, ==, deferred[i].inside);
        g_assert_cmpint(f->now_us - start, ==,
                        (int64_t)(w.outside + w.inside) << EXPONENT);
        g_assert_cmpuint(f->drops, ==, 0);
    }
}

static void test_put_off_in_the_clear(void)
{
    const RqOptions o = {
        .doe = true, .req_flags = "+HANDSHAKE_IN_THE_CLEAR",
        .rsp_add = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP,
    };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);

    f->profile->not_ready[SPDM_FINISH - FIRST_REQUEST] = EXPONENT + 1;
    rq_connect(f);
    rq_identify(f);
    use(f, rq_sigma(f));
    g_assert_cmpint(f->now_us, ==, G_USEC_PER_SEC + (1 << EXPONENT));
}

/* 2^23 us are more than the 5 s that the requester has. */
static void test_put_off_for_too_long(void)
{
    const RqOptions o = { .doe = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;

    f->profile->not_ready[SPDM_CHALLENGE - FIRST_REQUEST] = 24;
    rq_connect(f);
    rq_identify(f);
    g_assert_false(spdm_requester_challenge(f->rq, 0, 0, &err));
    spdm_requester_info(f->rq, &info);
    g_assert_cmpint(info.failed_check, ==, SPDM_CHECK_NOT_READY_WAIT);
}

static bool has_name(uint8_t code)
{
    SpdmName n;

    for (size_t i = 0; spdm_name_deferrable(i, &n); i++) {
        if (n.value == code) {
            g_assert_cmpstr(n.name, ==, spdm_code_name(code));
            return true;
        }
    }
    return false;
}

/* Each has a name; names of requests that are not served are there before. */
static void test_deferrable_names(void)
{
    for (unsigned code = FIRST_REQUEST; code <= UINT8_MAX; code++) {
        const SpdmCommand *cmd = spdm_command((uint8_t)code);

        g_test_message("code 0x%02x", code);
        if (cmd && (cmd->flags & SPDM_CMD_DEFERRABLE)) {
            g_assert_true(has_name((uint8_t)code));
        }
    }
}

/* --- negotiated state that outlives a reset ------------------------------- */

#define CACHE .doe = true, .rsp_add = SPDM_CACHE_CAP

static void resume(RqFixture *f)
{
    g_autoptr(GError) err = NULL;

    spdm_responder_reset(f->responder);
    spdm_requester_resume(f->rq, &err);
    g_assert_no_error(err);
}

static void test_resume(void)
{
    for (uint8_t v = SPDM_VERSION_11; v <= SPDM_VERSION_14; v++) {
        const RqOptions o = { .version = v, CACHE };
        g_autoptr(RqFixture) f = rq_fixture_new(&o);
        unsigned frames;

        rq_connect(f);
        rq_identify(f);
        end(f, rq_sigma(f), false);
        for (unsigned i = 0; i < 3; i++) {
            resume(f);
            g_assert_cmpstr(state_of(f), ==, "negotiated");
            frames = f->frames;
            use(f, rq_sigma(f));    /* the chain is still known */
            g_assert_cmpuint(f->frames - frames, ==, 6);
            use(f, rq_psk(f));
            rq_identify(f);
            challenge(f);
            measure(f, 0);
        }
        g_assert_cmpuint(f->drops, ==, 0);
    }
}

/* A new connection is a new one, and can be kept again. */
static void test_get_version_starts_anew(void)
{
    const RqOptions o = { CACHE };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);

    rq_connect(f);
    resume(f);
    rq_connect(f);
    rq_identify(f);
    challenge(f);
    resume(f);
    use(f, rq_psk(f));
}

static void test_nothing_to_resume(void)
{
    const RqOptions o = { .doe = true };
    const RqOptions cache = { CACHE };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(RqFixture) early = rq_fixture_new(&cache);
    g_autoptr(GError) err = NULL;

    rq_connect(f);
    spdm_responder_reset(f->responder);
    g_assert_cmpstr(state_of(f), ==, "not-started");
    g_assert_false(spdm_requester_resume(f->rq, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE);
    g_clear_error(&err);
    g_assert_null(spdm_requester_save_negotiated(f->rq, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE);
    g_clear_error(&err);
    g_assert_false(spdm_requester_resume(early->rq, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE);
}

/* END_SESSION with bit 0 set, at once and while another session is open. */
static void test_cleared(void)
{
    const RqOptions o = { CACHE };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    uint32_t first, second;

    rq_connect(f);
    end(f, rq_psk(f), true);
    g_assert_cmpstr(state_of(f), ==, "not-started");
    g_assert_false(spdm_requester_resume(f->rq, &err));
    g_clear_error(&err);

    rq_connect(f);
    first = rq_psk(f);
    second = rq_psk(f);
    end(f, first, true);
    use(f, second);
    spdm_responder_reset(f->responder);
    g_assert_cmpstr(state_of(f), ==, "not-started");
    g_assert_false(spdm_requester_resume(f->rq, &err));
}

static void test_bit_0_needs_cache(void)
{
    const RqOptions o = { .doe = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);

    rq_connect(f);
    end(f, rq_psk(f), true);
    g_assert_cmpstr(state_of(f), ==, "negotiated");
    use(f, rq_psk(f));
}

static SpdmRequester *another(RqFixture *f)
{
    g_autoptr(GError) err = NULL;
    SpdmRequester *rq = spdm_requester_new(&f->cfg, &err);

    g_assert_no_error(err);
    return rq;
}

static void test_kept_for_another_run(void)
{
    const RqOptions o = { .version = SPDM_VERSION_14, CACHE };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GBytes) state = NULL;
    g_autoptr(GError) err = NULL;

    rq_connect(f);
    state = spdm_requester_save_negotiated(f->rq, &err);
    g_assert_no_error(err);
    spdm_requester_free(f->rq);
    spdm_responder_reset(f->responder);
    f->rq = another(f);
    spdm_requester_load_negotiated(f->rq, state, &err);
    g_assert_no_error(err);
    rq_identify(f);
    challenge(f);
    use(f, rq_sigma(f));
    use(f, rq_psk(f));
}

/* At any shorter length, with any byte changed: refused, or still sound. */
static void test_kept_and_damaged(void)
{
    const RqOptions o = { CACHE };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GBytes) state = NULL;
    const uint8_t *data;
    size_t len;

    rq_connect(f);
    state = spdm_requester_save_negotiated(f->rq, NULL);
    data = g_bytes_get_data(state, &len);
    for (size_t i = 0; i <= len + 1; i++) {
        g_autofree uint8_t *copy = g_malloc0(len + 1);
        g_autoptr(GBytes) bad = NULL;

        memcpy(copy, data, len);
        bad = g_bytes_new(copy, i);
        g_assert_cmpint(spdm_requester_load_negotiated(f->rq, bad, NULL), ==,
                        i == len);
    }
    for (size_t i = 0; i < len; i++) {
        g_autofree uint8_t *copy = g_memdup2(data, len);
        g_autoptr(GBytes) bad = NULL;

        copy[i] ^= 0xff;
        bad = g_bytes_new(copy, len);
        if (spdm_requester_load_negotiated(f->rq, bad, NULL)) {
            spdm_requester_digests(f->rq, 0, NULL);
        }
    }
}

static void test_kept_and_not_offered_now(void)
{
    const RqOptions o = { CACHE, .hash = "SHA-384" };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GBytes) state = NULL;
    g_autoptr(GError) err = NULL;

    rq_connect(f);
    state = spdm_requester_save_negotiated(f->rq, NULL);
    f->rq->cfg.hash = 1; /* SHA-256 */
    g_assert_false(spdm_requester_load_negotiated(f->rq, state, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE);
}

static void reload(RqFixture *f)
{
    g_autoptr(GBytes) state = spdm_responder_save(f->responder);
    g_autoptr(GError) err = NULL;

    spdm_responder_load(f->responder, state, &err);
    g_assert_no_error(err);
}

static void test_kept_through_a_snapshot(void)
{
    const RqOptions o = { CACHE };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);

    rq_connect(f);
    rq_identify(f);
    resume(f);
    reload(f);
    use(f, rq_sigma(f));
}

/* --- PSK right after VERSION ---------------------------------------------- */

static SpdmProvisionedPeer peer_of(const RqFixture *f)
{
    return (SpdmProvisionedPeer){
        .version = f->o.version, .flags = f->profile->flags,
        .hash = 1 << 1, .aead = 1 << 1,
    };
}

static RqFixture *provisioned(RqOptions o)
{
    RqFixture *f;

    o.version = o.version ? o.version : SPDM_VERSION_12;
    f = rq_fixture_new(&o);
    f->profile->provisioned = (SpdmProfileProvisioned){
        .version = o.version, .flags = f->cfg.flags,
        .hash = 1 << 1, .aead = 1 << 1,
    };
    return f;
}

static void go_quick(RqFixture *f)
{
    SpdmProvisionedPeer peer = peer_of(f);
    g_autoptr(GError) err = NULL;

    spdm_requester_version(f->rq, &err);
    g_assert_no_error(err);
    spdm_requester_provision(f->rq, &peer, &err);
    g_assert_no_error(err);
}

static bool psk_fails(RqFixture *f, SpdmPskExchangeParams params)
{
    g_autoptr(GError) err = NULL;
    uint32_t session;

    return !spdm_requester_psk_exchange(f->rq, &params, &session, &err);
}

static void test_quick(void)
{
    for (uint8_t v = SPDM_VERSION_11; v <= SPDM_VERSION_14; v++) {
        for (int context = 0; context < 2; context++) {
            g_autoptr(RqFixture) f = provisioned((RqOptions){
                .version = v, .doe = true, .rsp_drop = SPDM_PSK_CAP_MASK,
                .rsp_add = context ? SPDM_PSK_CAP_WITH_CONTEXT
                                   : SPDM_PSK_CAP });
            uint32_t session;

            go_quick(f);
            session = rq_psk(f);
            g_assert_cmpuint(f->frames, ==, 2 + context);
            use(f, session);
            reload(f);
            use(f, session);
            use(f, rq_psk(f));
            end(f, session, false);
            rq_connect(f);          /* the usual way is open */
            rq_identify(f);
            use(f, rq_sigma(f));
        }
    }
}

static void test_quick_not_ready(void)
{
    g_autoptr(RqFixture) f = provisioned((RqOptions){ .doe = true });

    f->profile->not_ready[SPDM_PSK_EXCHANGE - FIRST_REQUEST] = EXPONENT + 1;
    go_quick(f);
    use(f, rq_psk(f));
}

/* What fails leaves the connection where VERSION was. */
static void test_quick_fails(void)
{
    g_autoptr(RqFixture) f = provisioned((RqOptions){ .doe = true });
    SpdmPskExchangeParams params = rq_psk_params();

    params.hint = SPDM_BYTES("nobody", 6);
    go_quick(f);
    g_assert_true(psk_fails(f, params));
    g_assert_cmpstr(state_of(f), ==, "after-version");
    use(f, rq_psk(f));
}

static void test_not_provisioned(void)
{
    const RqOptions o = { .doe = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    SpdmRequesterInfo info;

    f->o.version = SPDM_VERSION_12;
    go_quick(f);
    g_assert_true(psk_fails(f, rq_psk_params()));
    spdm_requester_info(f->rq, &info);
    g_assert_cmphex(info.error_code, ==, SPDM_ERROR_UNEXPECTED_REQUEST);
}

static void test_other_version_provisioned(void)
{
    g_autoptr(RqFixture) f = provisioned((RqOptions){ .doe = true });
    SpdmRequesterInfo info;

    f->profile->provisioned.version = SPDM_VERSION_13;
    go_quick(f);
    g_assert_true(psk_fails(f, rq_psk_params()));
    spdm_requester_info(f->rq, &info);
    g_assert_cmphex(info.error_code, ==, SPDM_ERROR_UNEXPECTED_REQUEST);
    rq_connect(f);
    use(f, rq_psk(f));
}

/* Nothing but PSK_EXCHANGE may come so early. */
static void test_only_psk_is_quick(void)
{
    static const uint8_t codes[] = {
        SPDM_GET_DIGESTS, SPDM_CHALLENGE, SPDM_GET_MEASUREMENTS,
        SPDM_KEY_EXCHANGE, SPDM_VENDOR_DEFINED_REQUEST,
    };
    g_autoptr(RqFixture) f = provisioned((RqOptions){ .version = 0 });

    for (size_t i = 0; i < G_N_ELEMENTS(codes); i++) {
        const uint8_t request[] = { SPDM_VERSION_12, codes[i], 0, 0 };
        g_autoptr(GByteArray) reply = g_byte_array_new();

        spdm_requester_version(f->rq, NULL);
        g_assert_true(spdm_requester_raw(f->rq, 0, SPDM_BYTES(request, 4),
                                         reply, NULL));
        g_assert_cmphex(reply->data[2], ==, SPDM_ERROR_UNEXPECTED_REQUEST);
    }
}

static void test_provision_usage(void)
{
    g_autoptr(RqFixture) f = provisioned((RqOptions){ .doe = true });
    SpdmProvisionedPeer peer = peer_of(f), bad[4];

    g_assert_false(spdm_requester_provision(f->rq, &peer, NULL));
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        bad[i] = peer;
    }
    bad[0].version = SPDM_VERSION_10;
    bad[1].hash = 3;
    bad[2].aead = 0;
    bad[3].flags &= ~(uint32_t)SPDM_PSK_CAP_MASK;
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        spdm_requester_version(f->rq, NULL);
        g_assert_false(spdm_requester_provision(f->rq, &bad[i], NULL));
    }
    g_assert_true(spdm_requester_provision(f->rq, &peer, NULL));
    g_assert_false(spdm_requester_provision(f->rq, &peer, NULL));
}

/* --- the Supported Algorithms block --------------------------------------- */

static void test_supported(void)
{
    for (uint8_t v = SPDM_VERSION_12; v <= SPDM_VERSION_14; v++) {
        const RqOptions o = { .version = v, .doe = true,
                              .rsp_add = SPDM_CHUNK_CAP,
                              .ask_supported = true };
        g_autoptr(RqFixture) f = rq_fixture_new(&o);
        SpdmRequesterInfo info;

        rq_connect(f);
        spdm_requester_info(f->rq, &info);
        g_assert_cmpint(info.has_supported, ==, v >= SPDM_VERSION_13);
        if (info.has_supported) {
            g_assert_cmphex(info.supported_hash, ==, f->profile->hash);
            g_assert_cmphex(info.supported_asym, ==, f->profile->asym);
        }
        rq_identify(f);
        challenge(f);               /* the block is part of A */
        use(f, rq_sigma(f));
    }
}

/* CAPABILITIES itself is a large response then. */
static void test_supported_in_chunks(void)
{
    static const uint32_t sizes[] = { 42, 43, 60, 61, 66, 67, 68, 69, 70,
                                      80, 82, 83, 84, 86, 88, 90 };

    for (size_t i = 0; i < G_N_ELEMENTS(sizes); i++) {
        for (uint8_t v = SPDM_VERSION_13; v <= SPDM_VERSION_14; v++) {
            const RqOptions o = { .version = v, .doe = true,
                                  .rsp_add = SPDM_CHUNK_CAP,
                                  .ask_supported = true,
                                  .transfer_size = sizes[i],
                                  .message_size = 8192 };
            g_autoptr(RqFixture) f = rq_fixture_new(&o);
            SpdmRequesterInfo info;

            rq_connect(f);
            spdm_requester_info(f->rq, &info);
            g_assert_true(info.has_supported);
            g_assert_cmphex(info.supported_hash, ==, f->profile->hash);
            rq_identify(f);
            challenge(f);           /* whole, it is part of A */
        }
    }
}

/* A requester that cannot take the whole is told the rest. */
static void test_supported_too_large(void)
{
    const RqOptions o = { .version = SPDM_VERSION_14, .doe = true,
                          .rsp_add = SPDM_CHUNK_CAP, .ask_supported = true,
                          .transfer_size = 42, .message_size = 60 };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;

    g_assert_true(spdm_requester_version(f->rq, &err));
    g_assert_true(spdm_requester_capabilities(f->rq, &err));
    g_assert_no_error(err);
    spdm_requester_info(f->rq, &info);
    g_assert_false(info.has_supported);
}

static void test_supported_needs_chunks(void)
{
    const RqOptions o = { .version = SPDM_VERSION_14, .doe = true,
                          .rsp_drop = SPDM_CHUNK_CAP,
                          .ask_supported = true };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    SpdmRequesterInfo info;

    rq_connect(f);
    spdm_requester_info(f->rq, &info);
    g_assert_false(info.has_supported);
}

static const struct {
    const char *name;
    void (*run)(void);
} tests[] = {
    { "supported-algorithms/are-told", test_supported },
    { "supported-algorithms/are-told-in-chunks", test_supported_in_chunks },
    { "supported-algorithms/too-large-for-us-are-left-out",
      test_supported_too_large },
    { "supported-algorithms/need-CHUNK_CAP", test_supported_needs_chunks },
    { "not-ready/in-the-clear", test_put_off_in_the_clear },
    { "not-ready/for-too-long", test_put_off_for_too_long },
    { "not-ready/names-are-those-of-the-command-table",
      test_deferrable_names },
    { "cache/resumed-after-a-reset", test_resume },
    { "cache/GET_VERSION-starts-anew", test_get_version_starts_anew },
    { "cache/nothing-to-resume", test_nothing_to_resume },
    { "cache/END_SESSION-clears-it", test_cleared },
    { "cache/bit-0-means-nothing-without-it", test_bit_0_needs_cache },
    { "cache/kept-for-another-run", test_kept_for_another_run },
    { "cache/kept-and-damaged", test_kept_and_damaged },
    { "cache/kept-and-not-offered-now", test_kept_and_not_offered_now },
    { "cache/kept-through-a-snapshot", test_kept_through_a_snapshot },
    { "quick-psk/on-every-version", test_quick },
    { "quick-psk/not-ready-at-first", test_quick_not_ready },
    { "quick-psk/that-fails-undoes-itself", test_quick_fails },
    { "quick-psk/not-provisioned-is-unexpected", test_not_provisioned },
    { "quick-psk/another-version-is-unexpected",
      test_other_version_provisioned },
    { "quick-psk/nothing-else-is-quick", test_only_psk_is_quick },
    { "quick-psk/usage", test_provision_usage },
};

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(deferred); i++) {
        g_autofree char *path = g_strconcat("/requester/not-ready/",
                                            spdm_code_name(deferred[i].code),
                                            NULL);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_put_off);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strconcat("/requester/", tests[i].name,
                                            NULL);

        g_test_add_func(path, tests[i].run);
    }
    return g_test_run();
}

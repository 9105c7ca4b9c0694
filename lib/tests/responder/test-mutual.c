/*
 * Mutual authentication: every form on every version and transport, and what
 * a requester that does it wrong is told.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "peer.h"

enum {
    MUTUAL = SPDM_MUT_AUTH_CAP | SPDM_ENCAP_CAP,
    HITC = SPDM_HANDSHAKE_IN_THE_CLEAR_CAP,
    P256 = 0x10,
};

static const uint8_t versions[] = {
    SPDM_VERSION_11, SPDM_VERSION_12, SPDM_VERSION_13, SPDM_VERSION_14,
};

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static FxOptions mutual(uint8_t version, SpdmMutAuthForm form)
{
    return (FxOptions){
        .version = version,
        .req_flags = FX_REQ_FLAGS | MUTUAL,
        .rsp_flags = FX_RSP_FLAGS | MUTUAL,
        .req_asym = P256,
        .mut_auth = SPDM_MUT_AUTH_REQUIRED,
        .mut_auth_form = form,
    };
}

static Fx *negotiated(const FxOptions *o)
{
    Fx *fx = fx_new(o);

    fx_negotiate(fx);
    return fx;
}

static bool is_mutual(Fx *fx, const SpdmSession *s)
{
    SpdmResponderInfo info = fx_info(fx);

    g_assert_cmpuint(info.session_count, ==, 1);
    g_assert_cmphex(info.sessions[0].id, ==, s->id);
    return info.sessions[0].mutual;
}

/* Forms. */

static void run_form(FxOptions o)
{
    static const uint8_t requested[] = {
        [SPDM_MUT_AUTH_FORM_ENCAPSULATED] = SPDM_MUT_AUTH_ENCAP,
        [SPDM_MUT_AUTH_FORM_IMPLICIT_DIGESTS] =
            SPDM_MUT_AUTH_IMPLICIT_DIGESTS,
        [SPDM_MUT_AUTH_FORM_PROVISIONED] = SPDM_MUT_AUTH_WITHOUT_ENCAP,
    };
    g_autoptr(Fx) fx = negotiated(&o);
    SpdmSession *s = fx_key_exchange(fx, SPDM_SUMMARY_NONE);

    g_assert_cmphex(s->mut_auth_requested, ==, requested[o.mut_auth_form]);
    peer_flow(fx, s);
    g_assert_cmpuint(s->peer_slot, ==, o.peer_slot);
    fx_finish(fx, s);
    g_assert_true(is_mutual(fx, s));
    g_assert_cmpstr(fx_info(fx).requester_asym, ==, "ECDSA-P256");
    fx_vendor(fx, s);
    fx_end_session(fx, s, 0);
    fx_expect_wiped(fx);
}

static void test_forms(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        for (unsigned form = 0; form < 3; form++) {
            for (unsigned t = 0; t <= SPDM_TRANSPORT_PCI_DOE; t++) {
                FxOptions o = mutual(versions[i], (SpdmMutAuthForm)form);

                o.transport = (SpdmTransportType)t;
                o.peer_slot = i % 2 ? FX_PEER_SLOT : 0;
                run_form(o);
                o.req_flags |= HITC;
                o.rsp_flags |= HITC;
                run_form(o);
            }
        }
    }
}

static void test_public_key(void)
{
    FxOptions o = mutual(SPDM_VERSION_13, SPDM_MUT_AUTH_FORM_PROVISIONED);
    g_autoptr(Fx) fx = NULL;
    SpdmSession *s;

    o.req_flags = (o.req_flags & ~(uint32_t)SPDM_CERT_CAP) |
                  SPDM_PUB_KEY_ID_CAP;
    fx = negotiated(&o);
    s = fx_key_exchange(fx, SPDM_SUMMARY_NONE);
    g_assert_cmphex(s->mut_auth_requested, ==, SPDM_MUT_AUTH_WITHOUT_ENCAP);
    g_assert_cmphex(s->peer_slot, ==, SPDM_SLOT_PUBLIC_KEY);
    fx_finish(fx, s);
    g_assert_true(is_mutual(fx, s));
}

/* PUB_KEY_ID excludes the encapsulated forms: the key must be known. */
static void test_public_key_instead_of_a_chain(void)
{
    FxOptions o = mutual(SPDM_VERSION_12, SPDM_MUT_AUTH_FORM_ENCAPSULATED);
    g_autoptr(Fx) fx = NULL;

    o.req_flags = (o.req_flags & ~(uint32_t)SPDM_CERT_CAP) |
                  SPDM_PUB_KEY_ID_CAP;
    fx = negotiated(&o);
    g_assert_cmphex(fx_key_exchange(fx, 0)->peer_slot, ==,
                    SPDM_SLOT_PUBLIC_KEY);
}

/* Who cannot. */

static void try_key_exchange(Fx *fx)
{
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    g_autoptr(SpdmDhe) dhe = spdm_dhe_new(fx->conn.dhe, &rng);

    g_byte_array_set_size(fx->sent, 0);
    fx_make_key_exchange(fx, dhe, 0, fx->sent);
    g_assert_true(fx_send(fx, NULL, view(fx->sent)));
    g_assert_true(spdm_msg_decode(&fx->wire, view(fx->answer), &fx->rsp,
                                  NULL, NULL));
}

static void cannot(Fx *fx)
{
    uint8_t expected = fx->o.version >= SPDM_VERSION_13 ?
        SPDM_ERROR_INVALID_POLICY : SPDM_ERROR_UNSPECIFIED;

    fx_negotiate(fx);
    try_key_exchange(fx);
    fx_expect_error(fx, expected);
    fx_expect_wiped(fx);
}

static void test_required_but_impossible(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        FxOptions o = mutual(versions[i], SPDM_MUT_AUTH_FORM_ENCAPSULATED);
        g_autoptr(Fx) unable = NULL;
        g_autoptr(Fx) stranger = NULL;

        o.req_flags = FX_REQ_FLAGS;
        unable = fx_new(&o);
        cannot(unable);

        o = mutual(versions[i], SPDM_MUT_AUTH_FORM_PROVISIONED);
        stranger = fx_new(&o);
        stranger->peer_unknown = true;
        cannot(stranger);
    }
}

static void test_optional_and_impossible(void)
{
    FxOptions o = mutual(SPDM_VERSION_12, SPDM_MUT_AUTH_FORM_ENCAPSULATED);
    g_autoptr(Fx) fx = NULL;

    o.req_flags = FX_REQ_FLAGS;
    o.mut_auth = SPDM_MUT_AUTH_OPTIONAL;
    fx = negotiated(&o);
    g_assert_false(is_mutual(fx, fx_sigma(fx)));
}

/* 1.3 needs ENCAP_CAP, 1.2 has MUT_AUTH_CAP stand for it. */
static void test_without_ENCAP_CAP(void)
{
    FxOptions o = mutual(SPDM_VERSION_12, SPDM_MUT_AUTH_FORM_ENCAPSULATED);
    g_autoptr(Fx) implied = NULL;
    g_autoptr(Fx) missing = NULL;

    o.req_flags &= ~(uint32_t)SPDM_ENCAP_CAP;
    implied = negotiated(&o);
    g_assert_cmphex(fx_key_exchange(implied, 0)->mut_auth_requested, ==,
                    SPDM_MUT_AUTH_ENCAP);
    o.version = SPDM_VERSION_13;
    missing = fx_new(&o);
    missing->peer_unknown = true;
    cannot(missing);
}

static void test_psk_is_never_mutual(void)
{
    FxOptions o = mutual(SPDM_VERSION_12, SPDM_MUT_AUTH_FORM_ENCAPSULATED);
    g_autoptr(Fx) fx = negotiated(&o);

    g_assert_false(is_mutual(fx, fx_psk(fx)));
}

/* What a requester delivers wrong: each ends flow and session. */

typedef struct Lie {
    const char *name;
    uint8_t code;            /* of the response that lies */
    int at;                  /* the byte, from the end if below 0 */
    uint8_t value;           /* xor */
    int grow;                /* bytes appended or cut off */
} Lie;

static const Lie lies[] = {
    { "another-code", SPDM_GET_DIGESTS, 1, 0x03, 0 },
    { "another-version", SPDM_GET_DIGESTS, 0, 0x01, 0 },
    { "DIGESTS-without-the-slot", SPDM_GET_DIGESTS, 3, 0x03, 0 },
    { "DIGESTS-of-another-chain", SPDM_GET_DIGESTS, 4, 0x01, 0 },
    { "DIGESTS-short-by-one", SPDM_GET_DIGESTS, 2, 0, -1 },
    { "CERTIFICATE-of-another-slot", SPDM_GET_CERTIFICATE, 2, 0x01, 0 },
    { "CERTIFICATE-with-another-portion", SPDM_GET_CERTIFICATE, 5, 0x01, 0 },
    { "CERTIFICATE-without-remainder", SPDM_GET_CERTIFICATE, 6, 0xff, 0 },
    { "CERTIFICATE-short-by-one", SPDM_GET_CERTIFICATE, 2, 0, -1 },
    { "certificates-that-are-damaged", SPDM_GET_CERTIFICATE, -9, 0x01, 0 },
};

static void tell(GByteArray *message, const Lie *lie)
{
    size_t at = lie->at < 0 ? message->len - (size_t)-lie->at
                            : (size_t)lie->at;

    message->data[at] ^= lie->value;
    g_byte_array_set_size(message, (guint)((int)message->len + lie->grow));
}

/* Answers truly but for the first response that @lie is about. */
static void answer_with(Fx *fx, SpdmSession *s, const Lie *lie)
{
    bool told = false;

    peer_fetch(fx, s);
    do {
        g_autoptr(GByteArray) out = g_byte_array_new();
        bool now = !told && fx->asked->data[1] == lie->code;

        peer_answer(fx, s, out);
        if (now) {
            tell(out, lie);
            told = true;
        }
        g_assert_true(peer_deliver(fx, s, fx->asked_id, view(out)));
    } while (fx->rsp.h.code != SPDM_ERROR &&
             fx->rsp.h.param2 == SPDM_ENCAP_PRESENT);
    g_assert_true(told);
}

static void test_lie(gconstpointer data)
{
    for (unsigned clear = 0; clear < 2; clear++) {
        FxOptions o = mutual(SPDM_VERSION_12,
                             SPDM_MUT_AUTH_FORM_ENCAPSULATED);
        g_autoptr(Fx) fx = NULL;
        SpdmSession *s;

        o.req_flags |= clear ? HITC : 0;
        o.rsp_flags |= clear ? HITC : 0;
        fx = negotiated(&o);
        s = fx_key_exchange(fx, 0);
        answer_with(fx, s, data);
        fx_expect_error(fx, SPDM_ERROR_INVALID_RESPONSE_CODE);
        g_assert_null(fx_peer(fx, s->id));
        fx_expect_wiped(fx);
    }
}

static void deliver_error(Fx *fx, SpdmSession *s, uint8_t code)
{
    /* ResponseNotReady has four more bytes. */
    const uint8_t error[] = { fx->o.version, SPDM_ERROR, code, 0,
                              10, SPDM_GET_DIGESTS, 1, 2 };
    size_t len = code == SPDM_ERROR_RESPONSE_NOT_READY ? 8 : 4;

    peer_fetch(fx, s);
    g_assert_true(peer_deliver(fx, s, fx->asked_id,
                               SPDM_BYTES(error, len)));
}

static void test_requester_says_error(void)
{
    FxOptions o = mutual(SPDM_VERSION_12, SPDM_MUT_AUTH_FORM_ENCAPSULATED);
    g_autoptr(Fx) fx = negotiated(&o);
    SpdmSession *s = fx_key_exchange(fx, 0);

    deliver_error(fx, s, SPDM_ERROR_UNSUPPORTED_REQUEST);
    fx_expect_error(fx, SPDM_ERROR_INVALID_RESPONSE_CODE);
    fx_expect_wiped(fx);
}

/* The flow ends in peace, but then nobody can sign FINISH. */
static void test_requester_is_not_ready(void)
{
    FxOptions o = mutual(SPDM_VERSION_12, SPDM_MUT_AUTH_FORM_ENCAPSULATED);
    g_autoptr(Fx) fx = negotiated(&o);
    SpdmSession *s = fx_key_exchange(fx, 0);

    deliver_error(fx, s, SPDM_ERROR_RESPONSE_NOT_READY);
    g_assert_cmphex(fx->rsp.h.code, ==, SPDM_RESPONSE_OF(
                    SPDM_DELIVER_ENCAPSULATED_RESPONSE));
    g_assert_cmpuint(fx->rsp.h.param2, ==, SPDM_ENCAP_ABSENT);
    g_byte_array_set_size(fx->sent, 0);
    fx_make_finish(fx, s, fx->sent);
    g_assert_true(fx_send(fx, s, view(fx->sent)));
    g_assert_true(spdm_msg_decode(&fx->wire, view(fx->answer), &fx->rsp,
                                  NULL, NULL));
    fx_expect_error(fx, SPDM_ERROR_DECRYPT_ERROR);
    fx_expect_wiped(fx);
}

static void test_root_is_not_trusted(void)
{
    FxOptions o = mutual(SPDM_VERSION_12, SPDM_MUT_AUTH_FORM_ENCAPSULATED);
    g_autoptr(Fx) fx = negotiated(&o);
    SpdmSession *s = fx_key_exchange(fx, 0);
    Lie truth = { "", SPDM_GET_CERTIFICATE, 0, 0, 0 };

    fx->mistrust = true;
    answer_with(fx, s, &truth);
    fx_expect_error(fx, SPDM_ERROR_INVALID_RESPONSE_CODE);
    g_assert_cmpstr(fx_info(fx).last_error, ==, FX_MISTRUST);
    fx_expect_wiped(fx);
}

/* FINISH. */

typedef struct BadFinish {
    const char *name;
    int at;
    uint8_t value;           /* xor */
    uint8_t error;
    bool ends;               /* the session */
} BadFinish;

static const BadFinish bad_finishes[] = {
    { "says-it-is-unsigned", 2, 0x01, SPDM_ERROR_INVALID_REQUEST, false },
    { "of-another-slot", 3, 0x01, SPDM_ERROR_INVALID_REQUEST, false },
    { "with-a-wrong-signature", 5, 0x01, SPDM_ERROR_DECRYPT_ERROR, true },
    { "whose-signature-ends-wrong", -49, 1, SPDM_ERROR_DECRYPT_ERROR, true },
    { "with-a-wrong-HMAC", -1, 0x01, SPDM_ERROR_DECRYPT_ERROR, true },
};

static void test_bad_finish(gconstpointer data)
{
    const BadFinish *row = data;

    for (size_t i = 0; i < G_N_ELEMENTS(versions) - 1; i++) {
        FxOptions o = mutual(versions[i], SPDM_MUT_AUTH_FORM_ENCAPSULATED);
        g_autoptr(Fx) fx = negotiated(&o);
        SpdmSession *s = fx_key_exchange(fx, 0);
        size_t at;

        peer_flow(fx, s);
        g_byte_array_set_size(fx->sent, 0);
        fx_make_finish(fx, s, fx->sent);
        at = row->at < 0 ? fx->sent->len - (size_t)-row->at
                         : (size_t)row->at;
        fx->sent->data[at] ^= row->value;
        g_assert_true(fx_send(fx, s, view(fx->sent)));
        g_assert_true(spdm_msg_decode(&fx->wire, view(fx->answer), &fx->rsp,
                                      NULL, NULL));
        fx_expect_error(fx, row->error);
        g_assert_true(!fx_peer(fx, s->id) == row->ends);
    }
}

/* All is right but Cm, which the requester takes for another chain. */
static void test_finish_over_another_chain(void)
{
    FxOptions o = mutual(SPDM_VERSION_12, SPDM_MUT_AUTH_FORM_PROVISIONED);
    g_autoptr(Fx) fx = negotiated(&o);
    SpdmSession *s = fx_key_exchange(fx, 0);

    s->has_cm = true;
    memset(s->cm_hash, 0x55, sizeof(s->cm_hash));
    g_byte_array_set_size(fx->sent, 0);
    fx_make_finish(fx, s, fx->sent);
    g_assert_true(fx_send(fx, s, view(fx->sent)));
    g_assert_true(spdm_msg_decode(&fx->wire, view(fx->answer), &fx->rsp,
                                  NULL, NULL));
    fx_expect_error(fx, SPDM_ERROR_DECRYPT_ERROR);
    fx_expect_wiped(fx);
}

/* CHALLENGE. */

static void test_basic(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(versions); i++) {
        for (unsigned t = 0; t <= SPDM_TRANSPORT_PCI_DOE; t++) {
            FxOptions o = mutual(versions[i],
                                 SPDM_MUT_AUTH_FORM_ENCAPSULATED);
            g_autoptr(Fx) fx = NULL;

            o.transport = (SpdmTransportType)t;
            o.basic_mut_auth = true;
            o.peer_slot = i % 2 ? FX_PEER_SLOT : 0;
            fx = negotiated(&o);
            fx_challenge(fx, SPDM_SUMMARY_NONE);
            g_assert_true(fx->rsp.h.param1 & SPDM_CHALLENGE_BASIC_MUT_AUTH);
            g_assert_false(fx_info(fx).requester_authenticated);
            peer_flow(fx, NULL);
            g_assert_cmpuint(fx->rsp.h.param2, ==, SPDM_ENCAP_ABSENT);
            g_assert_true(fx_info(fx).requester_authenticated);
        }
    }
}

static const Lie basic_lies[] = {
    { "of-another-slot", SPDM_CHALLENGE, 2, 0x01, 0 },
    { "without-the-slots-bit", SPDM_CHALLENGE, 3, 0x01, 0 },
    { "of-another-chain", SPDM_CHALLENGE, 4, 0x01, 0 },
    { "with-another-RequesterContext", SPDM_CHALLENGE, -65, 0x01, 0 },
    { "with-a-wrong-signature", SPDM_CHALLENGE, -1, 0x01, 0 },
    { "short-by-one", SPDM_CHALLENGE, 0, 0, -1 },
};

/* There is no session to end: the connection goes on, unauthenticated. */
static void test_basic_lie(gconstpointer data)
{
    FxOptions o = mutual(SPDM_VERSION_13, SPDM_MUT_AUTH_FORM_ENCAPSULATED);
    g_autoptr(Fx) fx = NULL;

    o.basic_mut_auth = true;
    fx = negotiated(&o);
    fx_challenge(fx, SPDM_SUMMARY_NONE);
    answer_with(fx, NULL, data);
    fx_expect_error(fx, SPDM_ERROR_INVALID_RESPONSE_CODE);
    g_assert_false(fx_info(fx).requester_authenticated);
    fx_digests(fx, NULL);
}

/* A snapshot after each step, and the rest on what was loaded. */
static void reload(Fx *fx)
{
    g_autoptr(GBytes) state = spdm_responder_save(fx->r);
    g_autoptr(GBytes) again = NULL;
    g_autoptr(GError) err = NULL;

    g_assert_true(spdm_responder_load(fx->r, state, &err));
    g_assert_no_error(err);
    again = spdm_responder_save(fx->r);
    g_assert_true(g_bytes_equal(state, again));
}

static void test_snapshots(void)
{
    FxOptions o = mutual(SPDM_VERSION_12, SPDM_MUT_AUTH_FORM_ENCAPSULATED);
    g_autoptr(Fx) fx = negotiated(&o);
    SpdmSession *s = fx_key_exchange(fx, 0);

    reload(fx);
    peer_fetch(fx, s);
    do {
        g_autoptr(GByteArray) out = g_byte_array_new();

        reload(fx);
        peer_answer(fx, s, out);
        g_assert_true(peer_deliver(fx, s, fx->asked_id, view(out)));
    } while (fx->rsp.h.param2 == SPDM_ENCAP_PRESENT);
    reload(fx);
    fx_finish(fx, s);
    reload(fx);
    g_assert_true(is_mutual(fx, s));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, fn) g_test_add_func("/responder/mutual/" name, fn)
    ADD("each-form-on-every-version-and-transport", test_forms);
    ADD("a-public-key-that-was-provisioned", test_public_key);
    ADD("PUB_KEY_ID-takes-the-place-of-a-chain",
        test_public_key_instead_of_a_chain);
    ADD("required-but-impossible-is-InvalidPolicy",
        test_required_but_impossible);
    ADD("optional-and-impossible-is-one-way", test_optional_and_impossible);
    ADD("1.2-implies-ENCAP-and-1.3-does-not", test_without_ENCAP_CAP);
    ADD("a-PSK-session-is-never-mutual", test_psk_is_never_mutual);
    ADD("an-ERROR-of-the-requester-ends-the-session",
        test_requester_says_error);
    ADD("a-requester-that-is-not-ready-cannot-FINISH",
        test_requester_is_not_ready);
    ADD("an-untrusted-root-is-refused-and-told", test_root_is_not_trusted);
    ADD("a-FINISH-over-another-chain-is-refused",
        test_finish_over_another_chain);
    ADD("basic-on-every-version-and-transport", test_basic);
    ADD("a-snapshot-between-any-two-steps", test_snapshots);
#undef ADD
    for (size_t i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_autofree char *path = g_strdup_printf(
            "/responder/mutual/refuses-%s", lies[i].name);

        g_test_add_data_func(path, &lies[i], test_lie);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad_finishes); i++) {
        g_autofree char *path = g_strdup_printf(
            "/responder/mutual/refuses-a-FINISH-%s", bad_finishes[i].name);

        g_test_add_data_func(path, &bad_finishes[i], test_bad_finish);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(basic_lies); i++) {
        g_autofree char *path = g_strdup_printf(
            "/responder/mutual/refuses-a-CHALLENGE_AUTH-%s",
            basic_lies[i].name);

        g_test_add_data_func(path, &basic_lies[i], test_basic_lie);
    }
    return g_test_run();
}

/*
 * From a certification request to a device that authenticates with the chain:
 * both ends, in and outside sessions, and what a requester refuses.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

#include <string.h>

enum { PROVISION = SPDM_SET_CERT_CAP | SPDM_CSR_CAP };

/* The CA outside. */
static GBytes *certify(const RqFixture *f, const GByteArray *csr)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("ca", "ca");
    SpdmRng rng = spdm_seeded_rng(seeded);
    SpdmChainSpec spec = {
        .alg = spdm_asym_by_name("ECDSA-P256"),
        .hash = spdm_hash_by_name("SHA-256"),
        .common_name = "an owner",
        .not_before = 1577836800,
        .not_after = 253402300799,
    };
    g_autoptr(SpdmCa) ca = spdm_ca_new(&spec, &rng, NULL);
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmPublicKey) key = spdm_csr_key(SPDM_BYTES(csr->data,
                                                           csr->len), &err);
    g_autoptr(GPtrArray) der = NULL;

    g_assert_no_error(err);
    der = spdm_ca_certify(ca, &spec, key, &rng, NULL);
    return spdm_x509_build_chain(der, f->rq->conn.hash);
}

static SpdmProvisionResult ask_csr(RqFixture *f, uint32_t session,
                                   const SpdmCsrParams *params,
                                   GByteArray *csr)
{
    static const SpdmCsrParams none;
    g_autoptr(GError) err = NULL;
    SpdmProvisionResult result;

    spdm_requester_csr(f->rq, session, params ? params : &none, &result, csr,
                       &err);
    g_assert_no_error(err);
    return result;
}

static SpdmProvisionResult set_chain(RqFixture *f, uint32_t session,
                                     uint8_t slot, GBytes *chain)
{
    SpdmSetCertificateParams params = { .slot = slot, .erase = !chain };
    g_autoptr(GError) err = NULL;
    SpdmProvisionResult result;

    if (chain) {
        params.chain = SPDM_BYTES(g_bytes_get_data(chain, NULL),
                                  g_bytes_get_size(chain));
    }
    spdm_requester_set_certificate(f->rq, session, &params, &result, &err);
    g_assert_no_error(err);
    return result;
}

/* GET_DIGESTS shows it, GET_CERTIFICATE serves it, CHALLENGE proves it. */
static void expect_chain(RqFixture *f, uint8_t slot, GBytes *chain)
{
    g_autoptr(GError) err = NULL;

    spdm_requester_digests(f->rq, 0, &err);
    g_assert_no_error(err);
    g_assert_true(spdm_requester_slots(f->rq) & 1u << slot);
    spdm_requester_certificate(f->rq, 0, slot, 0, &err);
    g_assert_no_error(err);
    g_assert_true(g_bytes_equal(spdm_requester_chain(f->rq, slot), chain));
    spdm_requester_challenge(f->rq, slot, 0xff, &err);
    g_assert_no_error(err);
}

static void test_flow(gconstpointer version)
{
    RqOptions o = { .rsp_drop = SPDM_MULTI_KEY_CAP_MASK,
                    .rsp_add = PROVISION,
                    .version = (uint8_t)GPOINTER_TO_UINT(version) };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GByteArray) csr = g_byte_array_new();
    g_autoptr(GBytes) chain = NULL;
    uint32_t session;

    rq_connect(f);
    rq_identify(f);
    ask_csr(f, 0, NULL, csr);
    chain = certify(f, csr);
    set_chain(f, 0, 0, chain);
    g_assert_null(spdm_requester_chain(f->rq, 0));
    expect_chain(f, 0, chain);
    session = rq_sigma(f);
    set_chain(f, session, 3, chain);
    g_byte_array_set_size(csr, 0);
    ask_csr(f, session, NULL, csr);
    g_assert_cmpuint(csr->len, >, 0);
    expect_chain(f, 3, chain);
    if (o.version >= SPDM_VERSION_13) {
        set_chain(f, session, 3, NULL);
        spdm_requester_digests(f->rq, session, NULL);
        g_assert_false(spdm_requester_slots(f->rq) & 1u << 3);
    }
}

/* ERROR in a session costs nothing: it can be tried again there. */
static void test_refused_in_session(void)
{
    RqOptions o = { .rsp_drop = SPDM_MULTI_KEY_CAP_MASK,
                    .rsp_add = PROVISION,
                    .version = SPDM_VERSION_13 };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    SpdmSetCertificateParams params = {
        .slot = 2, .chain = SPDM_BYTES("\x06\0\0\0xx", 6),
    };
    g_autoptr(GError) err = NULL;
    SpdmProvisionResult result;
    SpdmSessionInfo info;
    uint32_t session;

    rq_connect(f);
    rq_identify(f);
    session = rq_sigma(f);
    g_assert_false(spdm_requester_set_certificate(f->rq, session, &params,
                                                  &result, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_PEER);
    g_assert_true(spdm_requester_session_info(f->rq, session, &info, NULL));
}

static void test_reset(void)
{
    RqOptions o = { .rsp_drop = SPDM_MULTI_KEY_CAP_MASK,
                    .version = SPDM_VERSION_13,
                    .rsp_add = PROVISION | SPDM_CERT_INSTALL_RESET_CAP };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GByteArray) csr = g_byte_array_new();
    g_autoptr(GBytes) chain = NULL;
    SpdmProvisionResult result;
    SpdmCsrParams again = { .tag = 0 };

    rq_connect(f);
    result = ask_csr(f, 0, NULL, csr);
    g_assert_true(result.reset_required);
    g_assert_cmpuint(result.tag, ==, 1);
    g_assert_cmpuint(csr->len, ==, 0);
    spdm_responder_reset(f->responder);
    rq_connect(f);
    again.tag = result.tag;
    result = ask_csr(f, 0, &again, csr);
    g_assert_false(result.reset_required);
    chain = certify(f, csr);
    rq_identify(f);
    result = set_chain(f, rq_sigma(f), 1, chain);
    g_assert_true(result.reset_required);
    g_assert_false(spdm_requester_digests(f->rq, 0, NULL));
    spdm_responder_reset(f->responder);
    rq_connect(f);
    expect_chain(f, 1, chain);
}

/* Lies: bytes of the answer set before it is sent. */

typedef struct Lie {
    const char *name;
    SpdmCheck check;
    bool set;                /* SET_CERTIFICATE, not GET_CSR */
    const char *answer;      /* hex, instead of the true one; NULL: */
    int at;                  /* byte of it that is inverted */
    uint32_t rsp_add;
} Lie;

static const Lie lies[] = {
    { "csr-without-a-byte", SPDM_CHECK_CSR_EMPTY, false,
      "136d000000000000", 0, 0 },
    { "csr-that-is-none", SPDM_CHECK_CSR_SIGNATURE, false,
      "136d00000200000030" "00", 0, 0 },
    { "csr-shorter-than-its-length", SPDM_CHECK_LAYOUT, false,
      "136d00000400000030" "00", 0, 0 },
    { "csr-signed-by-another-key", SPDM_CHECK_CSR_SIGNATURE, false, NULL,
      100, 0 },
    { "csr-with-a-broken-signature", SPDM_CHECK_CSR_SIGNATURE, false, NULL,
      -10, 0 },
    { "csr-for-a-key-of-another-algorithm", SPDM_CHECK_CSR_KEY, false,
      "P-256", 0, 0 },
    { "reset-out-of-the-blue", SPDM_CHECK_PROVISION_RESET, false,
      "137f0c01", 0, 0 },
    { "reset-without-a-tag", SPDM_CHECK_CSR_TAG, false, "137f0c00", 0,
      SPDM_CERT_INSTALL_RESET_CAP },
    { "reset-with-tag-8", SPDM_CHECK_CSR_TAG, false, "137f0c08", 0,
      SPDM_CERT_INSTALL_RESET_CAP },
    { "set-certificate-of-another-slot", SPDM_CHECK_SET_CERT_SLOT, true,
      "136e0100", 0, 0 },
    { "set-certificate-reset-out-of-the-blue", SPDM_CHECK_PROVISION_RESET,
      true, "137f0c00", 0, 0 },
};

/* A CSR that is good, for a key that was not negotiated. */
static void other_csr(GByteArray *b)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("other", "key");
    SpdmRng rng = spdm_seeded_rng(seeded);
    SpdmChainSpec spec = {
        .alg = spdm_asym_by_name("ECDSA-P256"),
        .hash = spdm_hash_by_name("SHA-256"),
        .common_name = "other",
    };
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_generate(spec.alg, &rng,
                                                              NULL);
    g_autoptr(GBytes) csr = spdm_csr_make(&spec, key, SPDM_BYTES("", 0),
                                          NULL);
    gsize len;
    const uint8_t *der = g_bytes_get_data(csr, &len);

    g_byte_array_set_size(b, 8);
    b->data[4] = (uint8_t)len;
    b->data[5] = (uint8_t)(len >> 8);
    g_byte_array_append(b, der, (guint)len);
}

static SpdmTapVerdict tell_lie(void *opaque, SpdmTapContext *context)
{
    const Lie *lie = opaque;
    GByteArray *b = context->bytes;

    if (context->event != SPDM_TAP_TX_MSG) {
        return SPDM_TAP_PASS;
    }
    if (!lie->answer) {
        b->data[lie->at < 0 ? (int)b->len + lie->at : lie->at] ^= 0x04;
        return SPDM_TAP_PASS;
    }
    if (lie->check == SPDM_CHECK_CSR_KEY) {
        other_csr(b);
        return SPDM_TAP_PASS;
    }
    g_byte_array_set_size(b, (guint)strlen(lie->answer) / 2);
    for (guint i = 0; i < b->len; i++) {
        b->data[i] = (uint8_t)(
            g_ascii_xdigit_value(lie->answer[2 * i]) << 4 |
            g_ascii_xdigit_value(lie->answer[2 * i + 1]));
    }
    return SPDM_TAP_PASS;
}

static void test_lie(gconstpointer data)
{
    const Lie *lie = data;
    RqOptions o = { .rsp_drop = SPDM_MULTI_KEY_CAP_MASK,
                    .version = SPDM_VERSION_13,
                    .rsp_add = PROVISION | lie->rsp_add };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    SpdmTap tap = { .call = tell_lie, .opaque = (void *)lie };
    g_autoptr(GByteArray) csr = g_byte_array_new();
    SpdmCsrParams ask = { .tag = 0 };
    SpdmSetCertificateParams set = { .slot = 0, .erase = true };
    g_autoptr(GError) err = NULL;
    SpdmProvisionResult result;
    SpdmRequesterInfo info;
    bool ok;

    rq_connect(f);
    spdm_responder_add_tap(f->responder, &tap);
    ok = lie->set ? spdm_requester_set_certificate(f->rq, 0, &set, &result,
                                                   &err)
                  : spdm_requester_csr(f->rq, 0, &ask, &result, csr, &err);
    g_assert_false(ok);
    g_assert_cmpuint(csr->len, ==, 0);
    spdm_requester_info(f->rq, &info);
    g_test_message("%s", err->message);
    g_assert_nonnull(strstr(err->message, spdm_check_name(lie->check)));
}

/* Calls that cannot be: usage, and nothing is sent. */
static void test_usage(void)
{
    RqOptions o = { .rsp_drop = SPDM_MULTI_KEY_CAP_MASK,
                    .rsp_add = PROVISION,
                    .version = SPDM_VERSION_12 };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GByteArray) csr = g_byte_array_new();
    static const SpdmCsrParams csrs[] = {
        { .key_pair_id = 1 }, { .model = 1 }, { .tag = 1 },
        { .overwrite = true },
    };
    static const SpdmSetCertificateParams sets[] = {
        { .slot = 8, .chain = { (const uint8_t *)"x", 1 } },
        { .erase = true }, { .slot = 0 },
        { .model = 1, .chain = { (const uint8_t *)"x", 1 } },
    };
    SpdmProvisionResult result;
    unsigned frames;

    rq_connect(f);
    frames = f->frames;
    for (size_t i = 0; i < G_N_ELEMENTS(csrs); i++) {
        g_autoptr(GError) err = NULL;

        spdm_requester_csr(f->rq, 0, &csrs[i], &result, csr, &err);
        g_assert_error(err, SPDM_REQUESTER_ERROR,
                       SPDM_REQUESTER_ERROR_USAGE);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
        g_autoptr(GError) err = NULL;

        spdm_requester_set_certificate(f->rq, 0, &sets[i], &result, &err);
        g_assert_error(err, SPDM_REQUESTER_ERROR,
                       SPDM_REQUESTER_ERROR_USAGE);
    }
    g_assert_cmpuint(f->frames, ==, frames);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned v = SPDM_VERSION_12; v <= SPDM_VERSION_14; v++) {
        g_autofree char *path = g_strdup_printf(
            "/requester/provision/csr-to-challenge/1.%u", v & 15);

        g_test_add_data_func(path, GUINT_TO_POINTER(v), test_flow);
    }
    g_test_add_func("/requester/provision/a-refusal-costs-no-session",
                    test_refused_in_session);
    g_test_add_func("/requester/provision/after-a-reset", test_reset);
    g_test_add_func("/requester/provision/usage", test_usage);
    for (size_t i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_autofree char *path = g_strconcat("/requester/provision/lie/",
                                            lies[i].name, NULL);

        g_test_add_data_func(path, &lies[i], test_lie);
    }
    return g_test_run();
}

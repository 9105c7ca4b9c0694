/*
 * Chains that another device, a forger or a careless maker would present;
 * DIGESTS always agree with them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "fixture.h"

#define OUR_NAME "Vendor=1b36:Device=0010:CC=010802:REV=02:SSVID=1af4:" \
                 "SSID=1100"

enum { YEAR = 365 * 24 * 60 * 60 };

typedef struct Forgery {
    const char *name;
    SpdmCheck check;             /* NONE: it has to be accepted */
    RqOptions o;
    const char *alg;             /* of the chain; NULL: ECDSA-P384 */
    const char *cma_name;        /* of the leaf */
    int64_t begins;              /* seconds from now */
    int64_t ends;
    bool requester;              /* EKU of the other role */
    int flip;                    /* this byte; < 0 from the end; 0: none */
} Forgery;

static const Forgery forgeries[] = {
    { .name = "honest", .ends = YEAR },
    { .name = "honest-named", .ends = YEAR, .cma_name = OUR_NAME,
      .o = { .cma_name = OUR_NAME } },
    { .name = "other-device", .check = SPDM_CHECK_CHAIN_CMA_NAME,
      .ends = YEAR, .o = { .cma_name = OUR_NAME },
      .cma_name = "Vendor=1b36:Device=0011:CC=010802:REV=02:SSVID=1af4:"
                  "SSID=1100" },
    { .name = "no-name", .check = SPDM_CHECK_CHAIN_CMA_NAME, .ends = YEAR,
      .o = { .cma_name = OUR_NAME } },
    { .name = "expired", .check = SPDM_CHECK_CHAIN_EXPIRED,
      .begins = -2 * YEAR, .ends = -YEAR },
    { .name = "not-yet-valid", .check = SPDM_CHECK_CHAIN_NOT_YET_VALID,
      .begins = YEAR, .ends = 2 * YEAR },
    { .name = "unknown-root", .check = SPDM_CHECK_CHAIN_TRUST, .ends = YEAR,
      .o = { .trust = "device" } },
    { .name = "requester-leaf", .check = SPDM_CHECK_CHAIN_EXT_KEY_USAGE,
      .ends = YEAR, .requester = true },
    { .name = "other-key-type", .check = SPDM_CHECK_CHAIN_KEY_TYPE,
      .ends = YEAR, .alg = "ECDSA-P256" },
    { .name = "header-length", .check = SPDM_CHECK_CHAIN_MALFORMED,
      .ends = YEAR, .flip = 1 },
    { .name = "root-hash", .check = SPDM_CHECK_CHAIN_ROOT_HASH,
      .ends = YEAR, .flip = 10 },
    { .name = "leaf-signature", .check = SPDM_CHECK_CHAIN_SIGNATURE,
      .ends = YEAR, .flip = -1 },
};

static GBytes *flip_byte(GBytes *chain, int where)
{
    g_autoptr(GByteArray) bytes = g_bytes_unref_to_array(chain);

    if (where) {
        bytes->data[where < 0 ? (int)bytes->len + where : where] ^= 1;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

static void present(RqFixture *f, const Forgery *forgery)
{
    int64_t now = f->cfg.wall_time;
    SpdmRng rng = spdm_rng_system();
    g_autoptr(GPtrArray) certs = NULL;
    g_autoptr(GError) err = NULL;
    SpdmPrivateKey *key = NULL;
    SpdmChainSpec spec = {
        .alg = spdm_asym_by_name(forgery->alg ? forgery->alg
                                              : "ECDSA-P384"),
        .hash = spdm_hash_by_name("SHA-384"),
        .common_name = "forgery",
        .cma_name = forgery->cma_name,
        .requester = forgery->requester,
        .not_before = now + forgery->begins - 1,
        .not_after = now + forgery->ends,
    };

    certs = spdm_x509_generate(&spec, &rng, &key, &err);
    g_assert_no_error(err);
    rq_fixture_set_chain(f, flip_byte(spdm_x509_build_chain(certs,
                                                            spec.hash),
                                      forgery->flip), key);
}

static void test_forgery(gconstpointer data)
{
    const Forgery *forgery = data;
    g_autoptr(RqFixture) f = rq_fixture_new(&forgery->o);
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;

    present(f, forgery);
    rq_connect(f);
    spdm_requester_digests(f->rq, 0, &err);
    g_assert_no_error(err);
    if (forgery->check == SPDM_CHECK_NONE) {
        rq_identify(f);
        rq_sigma(f);
        return;
    }
    g_assert_false(spdm_requester_certificate(f->rq, 0, 0, 0, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_VERIFY);
    spdm_requester_info(f->rq, &info);
    g_assert_cmpstr(spdm_check_name(info.failed_check), ==,
                    spdm_check_name(forgery->check));
    g_assert_null(spdm_requester_chain(f->rq, 0));
    g_clear_error(&err);
    g_assert_false(spdm_requester_challenge(f->rq, 0, 0, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE);
}

/* A whole chain, and a key that is not its leaf's. */
static void test_stolen_chain(void)
{
    g_autoptr(RqFixture) f = rq_fixture_new(NULL);
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;

    present(f, &forgeries[0]);
    spdm_private_key_free(f->chain_key);
    f->chain_key = NULL; /* the device signs with its own */
    rq_connect(f);
    rq_identify(f);
    g_assert_false(spdm_requester_challenge(f->rq, 0, 0, &err));
    spdm_requester_info(f->rq, &info);
    g_assert_cmpint(info.failed_check, ==, SPDM_CHECK_CHALLENGE_SIGNATURE);
    g_assert_false(info.authenticated);
}

/* The certificate changes under us: the old one is not used any more. */
static void test_replaced_chain(void)
{
    g_autoptr(RqFixture) f = rq_fixture_new(NULL);
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;

    rq_connect(f);
    rq_identify(f);
    present(f, &forgeries[0]);
    g_assert_false(spdm_requester_digests(f->rq, 0, &err));
    spdm_requester_info(f->rq, &info);
    g_assert_cmpint(info.failed_check, ==, SPDM_CHECK_DIGESTS_CHAIN);
    g_assert_null(spdm_requester_chain(f->rq, 0));
    rq_identify(f);
    rq_sigma(f);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(forgeries); i++) {
        g_autofree char *path = g_strdup_printf("/requester/chain/%s",
                                                forgeries[i].name);

        g_test_add_data_func(path, &forgeries[i], test_forgery);
    }
    g_test_add_func("/requester/chain/stolen", test_stolen_chain);
    g_test_add_func("/requester/chain/replaced", test_replaced_chain);
    return g_test_run();
}

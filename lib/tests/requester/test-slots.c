/*
 * SLOT_MANAGEMENT from the asking end, against the library's own responder:
 * a chain into a bank that was not negotiated, and what a requester refuses.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fixture.h"

#include <string.h>

enum { ECC_P256 = 1 << 3, ECC_P384 = 1 << 4 };

static RqFixture *start(void)
{
    RqOptions o = { .version = SPDM_VERSION_14,
                    .rsp_drop = SPDM_MULTI_KEY_CAP_MASK,
                    .rsp_ext_flags = SPDM_SLOT_MGMT_CAP };
    RqFixture *f = rq_fixture_new(&o);

    rq_connect(f);
    return f;
}

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
    g_autoptr(SpdmPublicKey) key = spdm_csr_key(SPDM_BYTES(csr->data,
                                                           csr->len), NULL);
    g_autoptr(GPtrArray) der = NULL;

    g_assert_nonnull(key);
    der = spdm_ca_certify(ca, &spec, key, &rng, NULL);
    return spdm_x509_build_chain(der, f->rq->conn.hash);
}

static GArray *banks_of(RqFixture *f)
{
    GArray *banks = g_array_new(FALSE, FALSE, sizeof(SpdmBankInfo));
    g_autoptr(GError) err = NULL;

    spdm_requester_banks(f->rq, 0, banks, &err);
    g_assert_no_error(err);
    return banks;
}

static SpdmBankDetails details_of(RqFixture *f, uint8_t bank)
{
    g_autoptr(GError) err = NULL;
    SpdmBankDetails d;

    spdm_requester_bank_details(f->rq, 0, bank, &d, &err);
    g_assert_no_error(err);
    return d;
}

static uint8_t bank_for(RqFixture *f, uint32_t asym)
{
    g_autoptr(GArray) banks = banks_of(f);

    for (guint i = 0; i < banks->len; i++) {
        if (details_of(f, (uint8_t)i).bank.asym == asym) {
            return (uint8_t)i;
        }
    }
    g_assert_not_reached();
}

static void test_selected_bank_is_that_of_DIGESTS(void)
{
    g_autoptr(RqFixture) f = start();
    g_autoptr(GError) err = NULL;
    uint64_t mask = 0;
    SpdmBankDetails d;

    spdm_requester_slot_sub_codes(f->rq, 0, &mask, &err);
    g_assert_no_error(err);
    g_assert_cmphex(mask, ==, UINT64_C(0x70000001f));
    rq_identify(f);
    d = details_of(f, bank_for(f, ECC_P384));
    g_assert_true(d.selected);
    g_assert_cmpuint(d.slot_count, ==, 8);
    g_assert_true(d.slots[0].provisioned);
    g_assert_false(d.slots[7].provisioned);
    g_assert_cmpmem(d.digests[0], d.digest_size, f->rq->slots[0].ct_hash,
                    f->rq->conn.hash->size);
    g_assert_false(details_of(f, bank_for(f, ECC_P256)).selected);
}

static void put_chain(RqFixture *f, uint8_t bank, GBytes *chain, bool erase)
{
    SpdmSetCertificateParams set = {
        .erase = erase,
        .chain = SPDM_BYTES(g_bytes_get_data(chain, NULL),
                            erase ? 0 : g_bytes_get_size(chain)),
    };
    g_autoptr(GError) err = NULL;
    SpdmProvisionResult result;

    spdm_requester_bank_set_certificate(f->rq, 0, bank, &set, &result, &err);
    g_assert_no_error(err);
}

static void test_chain_into_another_bank(void)
{
    static const SpdmCsrParams ask;
    g_autoptr(RqFixture) f = start();
    uint8_t bank = bank_for(f, ECC_P256);
    g_autoptr(GByteArray) csr = g_byte_array_new();
    g_autoptr(GError) err = NULL;
    g_autoptr(GBytes) chain = NULL;
    g_autoptr(GBytes) back = NULL;
    SpdmProvisionResult result;

    spdm_requester_bank_csr(f->rq, 0, bank, &ask, &result, csr, &err);
    g_assert_no_error(err);
    chain = certify(f, csr);
    put_chain(f, bank, chain, false);
    back = spdm_requester_bank_chain(f->rq, 0, bank, 0, &err);
    g_assert_no_error(err);
    g_assert_true(g_bytes_equal(chain, back));
    put_chain(f, bank, chain, true);
    g_assert_false(details_of(f, bank).slots[0].provisioned);
    g_assert_null(spdm_requester_bank_chain(f->rq, 0, bank, 0, NULL));
    /* The negotiated bank is as it was. */
    g_assert_true(details_of(f, bank_for(f, ECC_P384)).slots[0].provisioned);
}

static void test_bank_is_not_configured_under_chains(void)
{
    g_autoptr(RqFixture) f = start();
    uint8_t bank = bank_for(f, ECC_P256);
    g_autoptr(GError) err = NULL;

    spdm_requester_config_bank(f->rq, 0, bank, ECC_P256, 0, &err);
    g_assert_no_error(err);
    g_assert_false(spdm_requester_config_bank(f->rq, 0, bank, ECC_P384, 0,
                                              &err));
    g_assert_nonnull(strstr(err->message, "InvalidRequest"));
}

static void test_usage(void)
{
    RqOptions o = { .version = SPDM_VERSION_14 };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    uint64_t mask;

    rq_connect(f);
    g_assert_false(spdm_requester_slot_sub_codes(f->rq, 0, &mask, &err));
    g_assert_nonnull(strstr(err->message, "SLOT_MGMT_CAP"));
}

/* Lies: bytes of the answer that are inverted before it is sent. */

typedef struct Lie {
    const char *name;
    SpdmCheck check;
    uint8_t ask;             /* SubCode */
    int at;
    uint8_t bits;
} Lie;

static const Lie lies[] = {
    { "a-CSR-for-a-chain", SPDM_CHECK_SLOT_SUB_CODE, 3, 2, 0x07 },
    { "no-SubCode-there-is", SPDM_CHECK_TRAILING, 1, 2, 0x04 },
    { "no-structure", SPDM_CHECK_TRAILING, 0, 4, 0x08 },
    { "no-GetBankInfo", SPDM_CHECK_SLOT_SUB_CODES, 0, 12, 0x02 },
    { "BankID-out-of-order", SPDM_CHECK_BANK_LIST, 1, 17, 0x01 },
    { "fewer-banks-than-listed", SPDM_CHECK_BANK_LIST, 1, 12, 0x01 },
    { "modifiable-slots-that-are-none", SPDM_CHECK_BANK_LIST, 1, 18, 0x01 },
    { "details-of-another-bank", SPDM_CHECK_BANK_DETAILS, 2, 10, 0x01 },
    { "two-algorithms", SPDM_CHECK_BANK_DETAILS, 2, 21, 0x80 },
    { "fewer-slots-than-listed", SPDM_CHECK_BANK_DETAILS, 2, 12, 0x01 },
    { "more-slots-than-there-are", SPDM_CHECK_BANK_DETAILS, 2, 13, 0x01 },
    { "chain-with-a-broken-signature", SPDM_CHECK_BANK_CHAIN, 3, -10, 0x04 },
    { "chain-beyond-the-answer", SPDM_CHECK_LAYOUT, 3, 11, 0x80 },
};

static SpdmTapVerdict tell_lie(void *opaque, SpdmTapContext *context)
{
    const Lie *lie = opaque;
    GByteArray *b = context->bytes;

    if (context->event == SPDM_TAP_TX_MSG) {
        b->data[lie->at < 0 ? (int)b->len + lie->at : lie->at] ^= lie->bits;
    }
    return SPDM_TAP_PASS;
}

static bool ask(RqFixture *f, uint8_t sub_code, GError **errp)
{
    g_autoptr(GArray) banks = g_array_new(FALSE, FALSE,
                                          sizeof(SpdmBankInfo));
    g_autoptr(GBytes) chain = NULL;
    SpdmBankDetails d;
    uint64_t mask;

    switch (sub_code) {
    case 0:
        return spdm_requester_slot_sub_codes(f->rq, 0, &mask, errp);
    case 1:
        return spdm_requester_banks(f->rq, 0, banks, errp);
    case 2:
        return spdm_requester_bank_details(f->rq, 0, 0, &d, errp);
    default:
        chain = spdm_requester_bank_chain(f->rq, 0, 0, 0, errp);
        return chain != NULL;
    }
}

static void test_lie(gconstpointer data)
{
    const Lie *lie = data;
    g_autoptr(RqFixture) f = start();
    SpdmTap tap = { .call = tell_lie, .opaque = (void *)lie };
    g_autoptr(GError) err = NULL;

    g_assert_true(ask(f, lie->ask, NULL));
    spdm_responder_add_tap(f->responder, &tap);
    g_assert_false(ask(f, lie->ask, &err));
    g_test_message("%s", err->message);
    g_assert_nonnull(strstr(err->message, spdm_check_name(lie->check)));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, f) g_test_add_func("/requester/slots/" name, f)
    ADD("selected-bank-is-that-of-DIGESTS",
        test_selected_bank_is_that_of_DIGESTS);
    ADD("a-chain-into-another-bank", test_chain_into_another_bank);
    ADD("no-algorithm-that-another-bank-has",
        test_bank_is_not_configured_under_chains);
    ADD("usage", test_usage);
    for (size_t i = 0; i < G_N_ELEMENTS(lies); i++) {
        g_autofree char *path = g_strconcat("/requester/slots/lie/",
                                            lies[i].name, NULL);

        g_test_add_data_func(path, &lies[i], test_lie);
    }
    return g_test_run();
}

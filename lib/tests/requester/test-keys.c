/*
 * Several keys, key pairs, and a public key in place of certificates: our
 * requester and our responder with the soft provider's keys, and requests
 * that the responder has to refuse.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "fixture.h"
#include "responder/responder-int.h"

#define V13 .version = SPDM_VERSION_13

enum {
    MULTI = SPDM_MULTI_KEY_CAP_MASK,
    PAIRS = SPDM_GET_KEY_PAIR_INFO_CAP | SPDM_SET_KEY_PAIR_INFO_CAP,
};

/* --- negotiation ---------------------------------------------------------- */

typedef struct Negotiation {
    const char *sentence;
    uint32_t cap;                /* the responder's MULTI_KEY_CAP */
    bool wish;                   /* the requester's, if it is left to it */
    uint8_t version;
    bool want;
} Negotiation;

static const Negotiation negotiations[] = {
    { "without-the-capability", 0, true, SPDM_VERSION_13, false },
    { "only-several", SPDM_MULTI_KEY_CAP_ONLY, false, SPDM_VERSION_13,
      true },
    { "negotiable-and-wished", SPDM_MULTI_KEY_CAP_NEG, true,
      SPDM_VERSION_13, true },
    { "negotiable-and-not-wished", SPDM_MULTI_KEY_CAP_NEG, false,
      SPDM_VERSION_13, false },
    { "not-before-1.3", SPDM_MULTI_KEY_CAP_ONLY, true, SPDM_VERSION_12,
      false },
    { "in-1.4-as-well", SPDM_MULTI_KEY_CAP_NEG, true, SPDM_VERSION_14,
      true },
};

static void test_negotiation(gconstpointer data)
{
    const Negotiation *row = data;
    const RqOptions o = {
        .version = row->version, .rsp_drop = MULTI, .rsp_add = row->cap,
    };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);

    f->rq->cfg.multi_key = row->wish;
    rq_connect(f);
    g_assert_cmpint(f->rq->conn.multi_key_rsp, ==, row->want);
    g_assert_cmpint(f->responder->conn.multi_key_rsp, ==, row->want);
    g_assert_cmpint(f->rq->conn.multi_key_req, ==,
                    f->responder->conn.multi_key_req);
    rq_identify(f);
    rq_sigma(f);
}

/* --- requests as bytes ---------------------------------------------------- */

static void ask(RqFixture *f, const uint8_t *request, size_t len,
                GByteArray *reply)
{
    g_autoptr(GError) err = NULL;

    g_byte_array_set_size(reply, 0);
    spdm_requester_raw(f->rq, 0, SPDM_BYTES(request, len), reply, &err);
    g_assert_no_error(err);
    g_assert_cmpuint(reply->len, >=, 4);
}

static void expect_error(RqFixture *f, const uint8_t *request, size_t len,
                         SpdmErrorCode code)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();

    ask(f, request, len, reply);
    g_assert_cmphex(reply->data[1], ==, SPDM_ERROR);
    g_assert_cmpstr(spdm_error_name(reply->data[2]), ==,
                    spdm_error_name(code));
}

typedef struct BadBit {
    const char *sentence;
    uint32_t cap;
    uint8_t other_params;
} BadBit;

static const BadBit bad_bits[] = {
    { "several-keys-of-a-responder-with-one", 0, 0x12 },
    { "one-key-of-a-responder-with-several", SPDM_MULTI_KEY_CAP_ONLY, 0x02 },
};

static void test_bad_bit(gconstpointer data)
{
    const BadBit *row = data;
    const RqOptions o = { V13, .rsp_drop = MULTI, .rsp_add = row->cap };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    uint8_t request[32] = { 0x13, SPDM_NEGOTIATE_ALGORITHMS, 0, 0, 32, 0, 1 };

    request[7] = row->other_params;
    request[8] = 0x80;
    request[12] = 2;
    spdm_requester_version(f->rq, &err);
    g_assert_no_error(err);
    spdm_requester_capabilities(f->rq, &err);
    g_assert_no_error(err);
    expect_error(f, request, sizeof(request), SPDM_ERROR_INVALID_REQUEST);
}

/* --- usage ---------------------------------------------------------------- */

/* Slot 1 signs measurements and nothing else. */
static bool frugal_slot_key(void *opaque, uint8_t slot, uint32_t asym,
                            SpdmSlotKey *key)
{
    RqFixture *f = opaque;
    SpdmProvider soft = spdm_soft_provider(f->soft);
    bool ok = soft.ops->slot_key(soft.opaque, slot, asym, key);

    key->usage = slot == 1 ? SPDM_KEY_USAGE_MEASUREMENT : key->usage;
    return ok;
}

static void test_usage(void)
{
    static const uint8_t challenge[44] = { 0x13, SPDM_CHALLENGE, 1, 0 };
    const RqOptions o = { V13 };
    const SpdmMeasurementQuery query = { .index = 0xff, .sign = true,
                                         .slot = 1 };
    const SpdmKeyExchangeParams params = { .slot = 1 };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    uint32_t session;
    SpdmSlotKey key;

    f->ops.slot_key = frugal_slot_key;
    rq_connect(f);
    rq_identify(f);
    spdm_requester_certificate(f->rq, 0, 1, 0, &err);
    g_assert_no_error(err);
    g_assert_true(spdm_requester_slot_key(f->rq, 1, &key));
    g_assert_cmphex(key.usage, ==, SPDM_KEY_USAGE_MEASUREMENT);
    g_assert_cmpint(key.model, ==, SPDM_CERT_MODEL_DEVICE);
    spdm_requester_measurements(f->rq, 0, &query, NULL, &err);
    g_assert_no_error(err);
    g_assert_false(spdm_requester_challenge(f->rq, 1, 0, &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE);
    g_clear_error(&err);
    g_assert_false(spdm_requester_key_exchange(f->rq, &params, &session,
                                               &err));
    g_assert_error(err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE);
    expect_error(f, challenge, sizeof(challenge),
                 SPDM_ERROR_INVALID_REQUEST);
}

/* --- key pairs ------------------------------------------------------------ */

static RqFixture *with_pairs(void)
{
    const RqOptions o = { V13 };
    RqFixture *f = rq_fixture_new(&o);

    rq_connect(f);
    return f;
}

static SpdmKeyPair get(RqFixture *f, uint8_t id)
{
    g_autoptr(GBytes) info = NULL;
    g_autoptr(GError) err = NULL;
    SpdmKeyPair pair;

    spdm_requester_key_pair(f->rq, 0, id, &pair, &info, &err);
    g_assert_no_error(err);
    g_assert_cmpint(g_bytes_get_size(info) == 0, ==, pair.asym == 0);
    return pair;
}

/* One request of SET_KEY_PAIR_INFO, and how it is answered. */
typedef struct SetRow {
    const char *sentence;
    SpdmKeyPairChange c;
    uint8_t error;               /* 0: done */
} SetRow;

/* gpu: pairs of slot 0 are P-521, P-384, P-256 first; one kind each. */
static const SetRow sets[] = {
    { "pair-0-is-none", { 0, 0, 0, 0, 0, 1, false },
      SPDM_ERROR_INVALID_REQUEST },
    { "pair-255-is-none", { 0, 255, 0, 0, 0, 1, false },
      SPDM_ERROR_INVALID_REQUEST },
    { "operation-3-is-reserved", { 3, 2, 0, 0, 0, 1, false },
      SPDM_ERROR_INVALID_REQUEST },
    { "usage-beyond-what-it-can", { 0, 2, 0x8000, 0, 0, 1, false },
      SPDM_ERROR_INVALID_REQUEST },
    { "algorithm-beyond-what-it-can", { 0, 2, 0, 1 << 3, 0, 1, false },
      SPDM_ERROR_INVALID_REQUEST },
    { "several-algorithms", { 0, 2, 0, 3 << 3, 0, 1, false },
      SPDM_ERROR_INVALID_REQUEST },
    { "several-slots-of-a-key-that-is-not-shareable",
      { 0, 2, 0, 0, 0, 3, false },
      SPDM_ERROR_INVALID_REQUEST },
    { "erased-while-a-slot-has-it", { 1, 2, 0, 0, 0, 0, false },
      SPDM_ERROR_OPERATION_FAILED },
    { "generated-while-a-slot-has-it", { 2, 2, 0, 0, 0, 0, false },
      SPDM_ERROR_OPERATION_FAILED },
    { "slot-that-has-another-key-of-the-kind", { 0, 2, 0, 0, 0, 2, false },
      SPDM_ERROR_OPERATION_FAILED },
    { "slot-that-the-device-has-not", { 0, 2, 0, 0, 0, 0x80, false },
      SPDM_ERROR_OPERATION_FAILED },
    { "as-it-is-already", { 0, 2, 0, 1 << 4, 0, 1, false }, 0 },
    { "another-usage", { 0, 2, SPDM_KEY_USAGE_CHALLENGE, 0, 0, 1, false }, 0 },
    { "no-slot", { 0, 2, 0, 0, 0, 0, false }, 0 },
};

static void test_set(gconstpointer data)
{
    const SetRow *row = data;
    g_autoptr(RqFixture) f = with_pairs();
    g_autoptr(GError) err = NULL;
    SpdmRequesterInfo info;
    bool ok = spdm_requester_set_key_pair(f->rq, 0, &row->c, &err);

    spdm_requester_info(f->rq, &info);
    g_assert_cmpstr(info.error_name, ==,
                    row->error ? spdm_error_name(row->error) : "");
    g_assert_cmpint(ok, ==, row->error == 0);
    if (ok) {
        SpdmKeyPair pair = get(f, row->c.id);

        g_assert_cmphex(pair.slots, ==, row->c.slots);
        g_assert_true(!row->c.usage || pair.usage == row->c.usage);
    } else if (row->c.id == 2) {
        g_assert_cmphex(get(f, 2).slots, ==, 1);
    }
}

static void set(RqFixture *f, SpdmKeyPairChange c)
{
    g_autoptr(GError) err = NULL;

    spdm_requester_set_key_pair(f->rq, 0, &c, &err);
    g_assert_no_error(err);
}

/* Taken from its slot, erased, made anew, put back: another identity. */
static void test_life_of_a_key(void)
{
    g_autoptr(RqFixture) f = with_pairs();
    g_autoptr(GBytes) before = NULL;
    g_autoptr(GError) err = NULL;
    SpdmSlotKey key;

    rq_identify(f);
    before = g_bytes_ref(spdm_requester_chain(f->rq, 0));
    set(f, (SpdmKeyPairChange){ .id = 2 });
    set(f, (SpdmKeyPairChange){ .operation = SPDM_KEY_PAIR_ERASE, .id = 2 });
    g_assert_cmphex(get(f, 2).asym, ==, 0);
    /* Nothing but slot 1 is left for this algorithm. */
    rq_connect(f);
    spdm_requester_digests(f->rq, 0, &err);
    g_assert_no_error(err);
    g_assert_cmphex(spdm_requester_slots(f->rq), ==, 2);
    set(f, (SpdmKeyPairChange){ .operation = SPDM_KEY_PAIR_GENERATE,
                                .id = 2, .slots = 1,
                                .usage = SPDM_KEY_USAGE_KEY_EX });
    g_assert_cmphex(get(f, 2).asym, ==, 1 << 4);
    rq_connect(f);
    rq_identify(f);
    g_assert_false(g_bytes_equal(before, spdm_requester_chain(f->rq, 0)));
    g_assert_true(spdm_requester_slot_key(f->rq, 0, &key));
    g_assert_cmpuint(key.key_pair_id, ==, 2);
    g_assert_cmphex(key.usage, ==, SPDM_KEY_USAGE_KEY_EX);
    rq_sigma(f);
}

/* What GET_KEY_PAIR_INFO looks like, and one byte less or more. */
static void test_get(void)
{
    static const uint8_t requests[][6] = {
        { 0x13, SPDM_GET_KEY_PAIR_INFO, 0, 0, 1 },
        { 0x13, SPDM_GET_KEY_PAIR_INFO, 0, 0, 0 },
    };
    g_autoptr(RqFixture) f = with_pairs();
    g_autoptr(GByteArray) reply = g_byte_array_new();

    ask(f, requests[0], 5, reply);
    g_assert_cmphex(reply->data[1], ==, 0x7c);
    g_assert_cmpuint(reply->data[5], ==, 1);
    /* P-521: bit 5; its AlgorithmIdentifier is 18 bytes (spec/03). */
    g_assert_cmphex(reply->data[16], ==, 1 << 5);
    g_assert_cmpuint(reply->data[20], ==, 18);
    g_assert_cmphex(reply->data[22], ==, 1);
    g_assert_cmpuint(reply->len, ==, 23 + 16 + 2);
    expect_error(f, requests[0], 4, SPDM_ERROR_INVALID_REQUEST);
    expect_error(f, requests[0], 6, SPDM_ERROR_INVALID_REQUEST);
    expect_error(f, requests[1], 5, SPDM_ERROR_INVALID_REQUEST);
}

/* Each length of SET_KEY_PAIR_INFO but the right one is refused. */
static void test_set_lengths(void)
{
    static const uint8_t request[16] = {
        0x13, SPDM_SET_KEY_PAIR_INFO, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1,
    };
    g_autoptr(RqFixture) f = with_pairs();
    g_autoptr(GByteArray) reply = g_byte_array_new();

    for (size_t len = 4; len <= sizeof(request); len++) {
        if (len == 13) {
            ask(f, request, len, reply);
            g_assert_cmphex(reply->data[1], ==, 0x7d);
            g_assert_cmpuint(reply->len, ==, 4);
        } else {
            expect_error(f, request, len, SPDM_ERROR_INVALID_REQUEST);
        }
    }
}

static void test_not_declared(void)
{
    static const uint8_t get_info[5] = { 0x13, SPDM_GET_KEY_PAIR_INFO, 0, 0,
                                         1 };
    static const uint8_t set_info[13] = { 0x13, SPDM_SET_KEY_PAIR_INFO, 0, 0,
                                          1 };
    const RqOptions o = { V13, .rsp_drop = PAIRS | MULTI };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);

    rq_connect(f);
    expect_error(f, get_info, sizeof(get_info),
                 SPDM_ERROR_UNSUPPORTED_REQUEST);
    expect_error(f, set_info, sizeof(set_info),
                 SPDM_ERROR_UNSUPPORTED_REQUEST);
}

/* --- a public key in place of certificates -------------------------------- */

#define PUBLIC .rsp_drop = SPDM_CERT_CAP | MULTI | PAIRS, \
               .rsp_add = SPDM_PUB_KEY_ID_CAP

static void test_public_key(gconstpointer data)
{
    const RqOptions o = { .version = GPOINTER_TO_UINT(data), PUBLIC };
    const SpdmMeasurementQuery query = {
        .index = 0xff, .sign = true, .slot = SPDM_SLOT_PUBLIC_KEY,
    };
    const SpdmKeyExchangeParams params = { .slot = SPDM_SLOT_PUBLIC_KEY };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(GError) err = NULL;
    g_autofree char *pem = spdm_soft_provider_roots_pem(f->soft, &err);
    uint32_t session;

    g_assert_no_error(err);
    rq_connect(f);
    spdm_requester_set_public_key(f->rq, (const uint8_t *)pem, strlen(pem),
                                  &err);
    g_assert_no_error(err);
    spdm_requester_challenge(f->rq, SPDM_SLOT_PUBLIC_KEY, 0xff, &err);
    g_assert_no_error(err);
    spdm_requester_measurements(f->rq, 0, &query, NULL, &err);
    g_assert_no_error(err);
    spdm_requester_key_exchange(f->rq, &params, &session, &err);
    g_assert_no_error(err);
    spdm_requester_finish(f->rq, session, &err);
    g_assert_no_error(err);
    spdm_requester_measurements(f->rq, session, &query, NULL, &err);
    g_assert_no_error(err);
    g_assert_false(spdm_requester_digests(f->rq, 0, &err));
}

/* Slot 0 is none; the key of another device verifies nothing. */
static void test_wrong_public_key(void)
{
    static const uint8_t challenge[36] = { 0x12, SPDM_CHALLENGE, 0, 0 };
    const RqOptions o = { PUBLIC };
    g_autoptr(RqFixture) f = rq_fixture_new(&o);
    g_autoptr(SpdmPrivateKey) key = NULL;
    g_autoptr(SpdmPublicKey) public = NULL;
    g_autoptr(GBytes) spki = NULL;
    g_autoptr(GError) err = NULL;
    SpdmRng rng = spdm_rng_system();
    SpdmRequesterInfo info;

    rq_connect(f);
    expect_error(f, challenge, sizeof(challenge),
                 SPDM_ERROR_INVALID_REQUEST);
    key = spdm_private_key_generate(f->rq->conn.asym, &rng, &err);
    public = spdm_private_key_public(key);
    spki = spdm_public_key_to_spki(public, &err);
    spdm_requester_set_public_key(f->rq, g_bytes_get_data(spki, NULL),
                                  g_bytes_get_size(spki), &err);
    g_assert_no_error(err);
    g_assert_false(spdm_requester_challenge(f->rq, SPDM_SLOT_PUBLIC_KEY, 0,
                                            &err));
    spdm_requester_info(f->rq, &info);
    g_assert_cmpint(info.failed_check, ==, SPDM_CHECK_CHALLENGE_CHAIN);
}

/* --- names ---------------------------------------------------------------- */

typedef struct FieldRow {
    const char *sentence;
    SpdmKeyPairField field;
    const char *text;
    uint32_t mask;
    const char *shown;           /* NULL: the text is refused */
} FieldRow;

static const FieldRow field_rows[] = {
    { "usage", SPDM_KEY_PAIR_FIELD_USAGE, "KEY_EX+vendor", 0x8001,
      "KEY_EX+VENDOR" },
    { "capabilities", SPDM_KEY_PAIR_FIELD_CAPABILITIES, "SHAREABLE+GEN_KEY",
      0x21, "GEN_KEY+SHAREABLE" },
    { "algorithms", SPDM_KEY_PAIR_FIELD_ALGORITHM, "RSA-4096+Ed448", 0x104,
      "RSA-4096+Ed448" },
    { "slots", SPDM_KEY_PAIR_FIELD_SLOTS, "7+0", 0x81, "0+7" },
    { "nothing", SPDM_KEY_PAIR_FIELD_SLOTS, "none", 0, "none" },
    { "bits-without-a-name", SPDM_KEY_PAIR_FIELD_ALGORITHM,
      "SM2+0x80000200", 0x80000240, "SM2+0x200+0x80000000" },
    { "not-an-unknown-name", SPDM_KEY_PAIR_FIELD_USAGE, "KEY_EX+SIGN", 0,
      NULL },
    { "not-slot-8", SPDM_KEY_PAIR_FIELD_SLOTS, "8", 0, NULL },
    { "not-an-empty-name", SPDM_KEY_PAIR_FIELD_SLOTS, "1+", 0, NULL },
    { "not-more-than-32-bits", SPDM_KEY_PAIR_FIELD_USAGE, "0x100000000", 0,
      NULL },
};

static void test_field(gconstpointer data)
{
    const FieldRow *row = data;
    g_autoptr(GError) err = NULL;
    g_autofree char *shown = NULL;
    uint32_t mask;

    if (!spdm_key_pair_field_parse(row->field, row->text, &mask, &err)) {
        g_assert_null(row->shown);
        g_assert_nonnull(strstr(err->message, "valid are: none"));
        return;
    }
    g_assert_nonnull(row->shown);
    g_assert_cmphex(mask, ==, row->mask);
    shown = spdm_key_pair_field_text(row->field, mask);
    g_assert_cmpstr(shown, ==, row->shown);
}

static void add(const char *group, const char *sentence, gconstpointer data,
                GTestDataFunc func)
{
    g_autofree char *path = g_strdup_printf("/keys/%s/%s", group, sentence);

    g_test_add_data_func(path, data, func);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(negotiations); i++) {
        add("negotiation", negotiations[i].sentence, &negotiations[i],
            test_negotiation);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(bad_bits); i++) {
        add("refuses", bad_bits[i].sentence, &bad_bits[i], test_bad_bit);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(sets); i++) {
        add("set", sets[i].sentence, &sets[i], test_set);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(field_rows); i++) {
        add("names", field_rows[i].sentence, &field_rows[i], test_field);
    }
    for (unsigned v = SPDM_VERSION_11; v <= SPDM_VERSION_14; v++) {
        add("public-key-in", spdm_version_name((uint8_t)v),
            GUINT_TO_POINTER(v), test_public_key);
    }
    g_test_add_func("/keys/usage-is-minded-by-both-ends", test_usage);
    g_test_add_func("/keys/taken-erased-made-anew-put-back",
                    test_life_of_a_key);
    g_test_add_func("/keys/key-pair-info-has-the-layout", test_get);
    g_test_add_func("/keys/set-key-pair-info-has-one-length",
                    test_set_lengths);
    g_test_add_func("/keys/requests-need-their-capability",
                    test_not_declared);
    g_test_add_func("/keys/another-public-key-is-noticed",
                    test_wrong_public_key);
    return g_test_run();
}

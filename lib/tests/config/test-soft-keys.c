/*
 * Key pairs that change at run time: what SET_KEY_PAIR_INFO may do beside
 * provisioned chains, at once and at a reset, and that it outlives restarts
 * and snapshots. Tags of GET_CSR, which outlive them too.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soft-util.h"

#include <glib/gstdio.h>

#define PROFILE \
    "[device]\nname=t\n[spdm]\n" \
    "capabilities=CERT;CHAL;SET_CERT;CSR;CERT_INSTALL_RESET;MULTI_KEY_NEG;" \
    "GET_KEY_PAIR_INFO;SET_KEY_PAIR_INFO;SET_KEY_PAIR_RESET\n" \
    "[algorithms]\nasym=ECDSA-P384;ECDSA-P256\n" \
    "[slot 0]\n[slot 1]\n[slot 2]\n" \
    PAIR("1") "slots=0\n" PAIR("2") "slots=1\n" PAIR("3") "slots=none\n" \
    "empty=true\n[key-pair 4]\nasym=ECDSA-P256\nslots=0\n" \
    "[key-pair 5]\nasym=ECDSA-P256\nslots=2\n"
#define PAIR(n) \
    "[key-pair " n "]\nasym=ECDSA-P384;ECDSA-P256\n" \
    "usage-capabilities=CHALLENGE;KEY_EX\n" \
    "capabilities=GEN_KEY;ERASABLE;CERT_ASSOC;KEY_USAGE;ASYM_ALGO\n"

enum { ALG_P256 = 1 << 3, ALG_P384 = 1 << 4 };
enum { ERASE = SPDM_KEY_PAIR_ERASE, GENERATE = SPDM_KEY_PAIR_GENERATE };
enum { DONE = SPDM_KEY_PAIR_DONE, FAILED = SPDM_KEY_PAIR_FAILED,
       RESET = SPDM_KEY_PAIR_RESET };

typedef struct World {
    char *dir;
    char *file;
    const char *seed;
    Device d;
} World;

static void start(World *w)
{
    w->d = device_with(PROFILE, (SpdmSoftConfig){
        .seed = w->seed, .seed_label = "x", .state_file = w->file });
}

static void restart(World *w)
{
    device_clear(&w->d);
    start(w);
}

static void world_init(World *w, const char *seed)
{
    g_autoptr(GError) err = NULL;

    w->dir = g_dir_make_tmp("spdm-keys-XXXXXX", &err);
    g_assert_no_error(err);
    w->file = g_build_filename(w->dir, "state", NULL);
    w->seed = seed;
    start(w);
}

static void world_clear(World *w)
{
    device_clear(&w->d);
    g_unlink(w->file);
    g_rmdir(w->dir);
    g_free(w->file);
    g_free(w->dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(World, world_clear)

static int set(World *w, SpdmKeyPairChange c)
{
    return w->d.p.ops->set_key_pair(w->d.p.opaque, &c);
}

static uint8_t reset(World *w)
{
    return w->d.p.ops->platform_reset(w->d.p.opaque);
}

static SpdmKeyPair get(World *w, uint8_t id)
{
    SpdmKeyPair pair = { .id = 0 };

    g_assert_true(w->d.p.ops->key_pair(w->d.p.opaque, id, &pair));
    return pair;
}

/* DER of the public key; NULL: there is none. */
static GBytes *key_of(World *w, uint8_t id)
{
    SoftKeyPair *pair = soft_key_pair_by_id(w->d.soft, id);

    return soft_key_pair_make(w->d.soft, pair, NULL) ?
           g_bytes_new(soft_bytes(pair->spki).data,
                       soft_bytes(pair->spki).len) : NULL;
}

static bool has_key(World *w, uint8_t id, GBytes *key)
{
    g_autoptr(GBytes) now = key_of(w, id);

    return now && g_bytes_equal(now, key);
}

/* A chain for pair @id, as a CA outside would make it, into @slot. */
static GBytes *chain_for(World *w, uint8_t id)
{
    SoftKeyPair *pair = soft_key_pair_by_id(w->d.soft, id);
    const SpdmAsymAlg *alg = soft_key_pair_alg(pair);
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("ca", "ca");
    SpdmRng rng = spdm_seeded_rng(seeded);
    SpdmChainSpec spec = {
        .alg = alg, .hash = spdm_hash_by_name("SHA-384"),
        .common_name = "an owner", .not_before = 1577836800,
        .not_after = 253402300799,
    };
    g_autoptr(SpdmCa) ca = spdm_ca_new(&spec, &rng, NULL);
    g_autoptr(SpdmPublicKey) key = NULL;
    g_autoptr(GPtrArray) der = NULL;

    g_assert_true(soft_key_pair_make(w->d.soft, pair, NULL));
    key = spdm_private_key_public(pair->key);
    der = spdm_ca_certify(ca, &spec, key, &rng, NULL);
    return spdm_x509_build_chain(der, spdm_hash_by_bit(SHA384));
}

static void put(World *w, uint8_t slot, uint8_t id, bool at_reset)
{
    g_autoptr(GBytes) chain = chain_for(w, id);
    SpdmSetCertificate ask = {
        .slot = slot, .asym = P384, .hash = SHA384, .key_pair_id = id,
        .model = SPDM_CERT_MODEL_DEVICE, .chain = soft_bytes(chain),
        .at_reset = at_reset,
    };

    g_assert_cmpint(w->d.p.ops->set_certificate(w->d.p.opaque, &ask), ==,
                    SPDM_PROVISION_OK);
}

static void erase_slot(World *w, uint8_t slot)
{
    SpdmSetCertificate ask = { .slot = slot, .asym = P384, .hash = SHA384 };

    g_assert_cmpint(w->d.p.ops->set_certificate(w->d.p.opaque, &ask), ==,
                    SPDM_PROVISION_OK);
}

static SpdmBytes chain_in(World *w, uint8_t slot)
{
    return w->d.p.ops->cert_chain(w->d.p.opaque, slot, P384, SHA384);
}

/* --- beside provisioned chains -------------------------------------------- */

/* One request, while slot 2 has (or is going to have) a chain for pair 2. */
typedef struct Row {
    const char *sentence;
    bool staged;
    SpdmKeyPairChange c;
    int result;
} Row;

static const Row rows[] = {
    { "a-key-with-a-chain-is-not-erased", false,
      { .id = 2, .operation = ERASE }, FAILED },
    { "a-key-with-a-chain-is-not-made-anew", false,
      { .id = 2, .operation = GENERATE, .slots = 4 }, FAILED },
    { "a-key-with-a-chain-keeps-its-algorithm", false,
      { .id = 2, .asym = ALG_P256, .slots = 4 }, FAILED },
    { "a-key-is-not-taken-from-its-chain", false, { .id = 2, .slots = 0 },
      FAILED },
    { "a-slot-with-a-chain-gets-no-other-key", false,
      { .id = 1, .slots = 5 }, FAILED },
    { "a-key-with-a-chain-may-lose-another-slot", false,
      { .id = 2, .slots = 4 }, DONE },
    { "a-key-with-a-chain-may-change-its-usage", false,
      { .id = 2, .slots = 6, .usage = SPDM_KEY_USAGE_CHALLENGE }, DONE },
    { "a-key-of-a-chain-to-come-is-not-erased", true,
      { .id = 2, .operation = ERASE }, FAILED },
    { "a-key-of-a-chain-to-come-may-change-its-usage", true,
      { .id = 2, .slots = 2, .usage = SPDM_KEY_USAGE_CHALLENGE }, DONE },
};

static void test_row(gconstpointer data)
{
    const Row *row = data;
    g_auto(World) w = { NULL };
    g_autoptr(GBytes) key = NULL;

    world_init(&w, "seed");
    put(&w, 2, 2, row->staged);
    key = key_of(&w, 2);
    g_assert_cmphex(get(&w, 2).slots, ==, row->staged ? 2 : 6);
    if (row->staged) {
        set(&w, (SpdmKeyPairChange){ .id = 2, .slots = 0 });
    }
    g_assert_cmpint(set(&w, row->c), ==, row->result);
    g_assert_true(has_key(&w, 2, key));
    if (row->result == DONE) {
        g_assert_cmphex(get(&w, 2).slots, ==, row->c.slots);
    }
}

/* SET_CERTIFICATE Erase first, then the key. */
static void test_erased_slot_frees_the_key(void)
{
    g_auto(World) w = { NULL };
    SpdmSlotKey key;

    world_init(&w, "seed");
    put(&w, 1, 2, false);
    erase_slot(&w, 1);
    g_assert_cmphex(get(&w, 2).slots, ==, 0);
    g_assert_true(w.d.p.ops->slot_key(w.d.p.opaque, 1, P384, &key));
    g_assert_cmpint(key.model, ==, SPDM_CERT_MODEL_NONE);
    g_assert_cmpint(set(&w, (SpdmKeyPairChange){ .id = 2,
                                                 .operation = ERASE }), ==,
                    DONE);
    g_assert_cmphex(get(&w, 2).asym, ==, 0);
    g_assert_cmpint(set(&w, (SpdmKeyPairChange){
        .id = 2, .operation = GENERATE, .asym = ALG_P384, .slots = 2 }), ==,
        DONE);
    g_assert_cmphex(get(&w, 2).slots, ==, 2);
    g_assert_cmpuint(chain_in(&w, 1).len, >, 0);
    g_assert_true(w.d.p.ops->slot_key(w.d.p.opaque, 1, P384, &key));
    g_assert_cmpint(key.model, ==, SPDM_CERT_MODEL_DEVICE);
}

/* A key that was kept for its chain does not come again as the new one. */
static void test_generated_is_new(void)
{
    g_auto(World) w = { NULL };
    g_autoptr(GBytes) before = NULL;

    world_init(&w, NULL);
    put(&w, 1, 2, false);
    before = key_of(&w, 2);
    erase_slot(&w, 1);
    g_assert_cmpint(set(&w, (SpdmKeyPairChange){
        .id = 2, .operation = GENERATE, .slots = 2 }), ==, DONE);
    g_assert_false(has_key(&w, 2, before));
    restart(&w);
    g_assert_false(has_key(&w, 2, before));
}

/* --- restarts and snapshots ----------------------------------------------- */

static void change_all(World *w)
{
    g_assert_cmpint(set(w, (SpdmKeyPairChange){
        .id = 3, .operation = GENERATE, .asym = ALG_P384, .slots = 4,
        .usage = SPDM_KEY_USAGE_CHALLENGE }), ==, DONE);
    g_assert_cmpint(set(w, (SpdmKeyPairChange){ .id = 2 }), ==, DONE);
    g_assert_cmpint(set(w, (SpdmKeyPairChange){
        .id = 2, .operation = ERASE }), ==, DONE);
}

static void expect_changed(World *w, GBytes *key)
{
    g_assert_true(has_key(w, 3, key));
    g_assert_cmphex(get(w, 3).slots, ==, 4);
    g_assert_cmphex(get(w, 3).usage, ==, SPDM_KEY_USAGE_CHALLENGE);
    g_assert_cmphex(get(w, 3).asym, ==, ALG_P384);
    g_assert_cmphex(get(w, 2).asym, ==, 0);
    g_assert_cmphex(get(w, 2).slots, ==, 0);
    g_assert_cmpuint(chain_in(w, 2).len, >, 0);
    g_assert_cmpuint(chain_in(w, 1).len, ==, 0);
}

static void test_restart(gconstpointer seed)
{
    g_auto(World) w = { NULL };
    g_autoptr(GBytes) key = NULL;

    world_init(&w, seed);
    change_all(&w);
    key = key_of(&w, 3);
    expect_changed(&w, key);
    for (unsigned i = 0; i < 2; i++) {
        restart(&w);
        expect_changed(&w, key);
    }
}

static void load(World *w, GBytes *state)
{
    g_autoptr(GError) err = NULL;

    w->d.p.ops->identity_load(w->d.p.opaque, soft_bytes(state), &err);
    g_assert_no_error(err);
}

/* Back and forth, in this process and in another with the same file. */
static void test_snapshot(gconstpointer seed)
{
    g_auto(World) w = { NULL };
    g_autoptr(GBytes) before = NULL, with = NULL, key = NULL, first = NULL;

    world_init(&w, seed);
    first = key_of(&w, 2);
    before = w.d.p.ops->identity_save(w.d.p.opaque);
    change_all(&w);
    key = key_of(&w, 3);
    with = w.d.p.ops->identity_save(w.d.p.opaque);
    load(&w, before);
    g_assert_cmphex(get(&w, 3).asym, ==, 0);
    g_assert_cmphex(get(&w, 2).slots, ==, 2);
    g_assert_true(!seed || has_key(&w, 2, first));
    g_assert_cmpuint(chain_in(&w, 2).len, ==, 0);
    load(&w, with);
    expect_changed(&w, key);
    restart(&w);
    expect_changed(&w, key);
}

/* A state of keys that a profile could not have is another profile's. */
static void test_foreign_state(void)
{
    static const char other[] =
        "[device]\nname=t\n[spdm]\ncapabilities=CERT;CHAL\n"
        "[algorithms]\nasym=ECDSA-P384\n[slot 0]\n";
    g_auto(World) w = { NULL };
    g_auto(Device) d = device(other, "seed", "x");
    g_autoptr(GBytes) state = NULL;
    g_autoptr(GError) err = NULL;

    world_init(&w, "seed");
    change_all(&w);
    state = w.d.p.ops->identity_save(w.d.p.opaque);
    g_assert_false(d.p.ops->identity_load(d.p.opaque, soft_bytes(state),
                                          &err));
    g_assert_nonnull(strstr(err->message, "of another"));
    g_assert_cmpuint(d.p.ops->cert_chain(d.p.opaque, 0, P384, SHA384).len, >,
                     0);
}

static void test_unwritable(void)
{
    g_auto(World) w = { NULL };
    g_autoptr(GBytes) key = NULL;
    g_autofree char *good = NULL;

    world_init(&w, NULL);
    key = key_of(&w, 1);
    good = g_steal_pointer(&w.d.soft->state_file);
    w.d.soft->state_file = g_strdup("/nonexistent/state");
    g_assert_cmpint(set(&w, (SpdmKeyPairChange){ .id = 1 }), ==, FAILED);
    g_assert_cmpint(set(&w, (SpdmKeyPairChange){
        .id = 3, .operation = GENERATE, .asym = ALG_P384, .slots = 4 }), ==,
        FAILED);
    g_assert_cmpint(set(&w, (SpdmKeyPairChange){
        .id = 2, .operation = ERASE, .at_reset = true }), ==, FAILED);
    g_assert_cmphex(get(&w, 1).slots, ==, 1);
    g_assert_true(has_key(&w, 1, key));
    g_assert_cmphex(get(&w, 3).asym, ==, 0);
    g_assert_cmphex(w.d.p.ops->slots(w.d.p.opaque, P384), ==, 3);
    g_assert_cmphex(reset(&w), ==, 0);
    g_free(w.d.soft->state_file);
    w.d.soft->state_file = g_steal_pointer(&good);
}

/* --- at a reset ----------------------------------------------------------- */

static int at_reset(World *w, SpdmKeyPairChange c)
{
    c.at_reset = true;
    return set(w, c);
}

static void test_waits_for_reset(gconstpointer data)
{
    bool by_restart = data != NULL;
    g_auto(World) w = { NULL };

    world_init(&w, "seed");
    g_assert_cmpint(at_reset(&w, (SpdmKeyPairChange){
        .id = 3, .operation = GENERATE, .asym = ALG_P256 }), ==, RESET);
    g_assert_cmpint(at_reset(&w, (SpdmKeyPairChange){
        .id = 3, .operation = GENERATE, .asym = ALG_P384, .slots = 4 }), ==,
        RESET);
    g_assert_cmphex(get(&w, 3).asym, ==, 0);
    g_assert_cmpuint(chain_in(&w, 2).len, ==, 0);
    if (by_restart) {
        restart(&w);
    } else {
        g_assert_cmphex(reset(&w), ==, 4);
    }
    g_assert_cmphex(get(&w, 3).asym, ==, ALG_P384);
    g_assert_cmphex(get(&w, 3).slots, ==, 4);
    g_assert_cmpuint(chain_in(&w, 2).len, >, 0);
    g_assert_cmphex(reset(&w), ==, 0);
}

/* Judged by how things will be then, not by how they are. */
static void test_swap_at_reset(void)
{
    g_auto(World) w = { NULL };

    world_init(&w, "seed");
    g_assert_cmpint(at_reset(&w, (SpdmKeyPairChange){ .id = 1, .slots = 2 }),
                    ==, FAILED);
    g_assert_cmpint(at_reset(&w, (SpdmKeyPairChange){ .id = 2 }), ==, RESET);
    g_assert_cmpint(at_reset(&w, (SpdmKeyPairChange){ .id = 1, .slots = 2 }),
                    ==, RESET);
    g_assert_cmpint(at_reset(&w, (SpdmKeyPairChange){ .id = 2, .slots = 1 }),
                    ==, RESET);
    g_assert_cmphex(get(&w, 1).slots, ==, 1);
    g_assert_cmphex(reset(&w), ==, 3);
    g_assert_cmphex(get(&w, 1).slots, ==, 2);
    g_assert_cmphex(get(&w, 2).slots, ==, 1);
}

/* A chain that comes meanwhile is not left without its key, nor is what
 * relied on the key's going let through. */
static void test_overtaken_by_a_chain(void)
{
    g_auto(World) w = { NULL };
    g_autoptr(GBytes) key = NULL;

    world_init(&w, "seed");
    key = key_of(&w, 2);
    at_reset(&w, (SpdmKeyPairChange){ .id = 2 });
    at_reset(&w, (SpdmKeyPairChange){ .id = 1, .slots = 2 });
    put(&w, 1, 2, false);
    g_assert_cmphex(reset(&w), ==, 0);
    g_assert_true(has_key(&w, 2, key));
    g_assert_cmphex(get(&w, 1).slots, ==, 1);
    g_assert_cmphex(get(&w, 2).slots, ==, 2);
}

/* --- tags ----------------------------------------------------------------- */

static void test_tags(void)
{
    g_auto(World) w = { NULL };
    SpdmCsrTags tags = { .waiting = 0x06, .ready = 0x08 };

    world_init(&w, "seed");
    g_assert_true(w.d.p.ops->set_csr_tags(w.d.p.opaque, &tags));
    restart(&w);
    tags = w.d.p.ops->csr_tags(w.d.p.opaque);
    g_assert_cmphex(tags.ready, ==, 0x0e);
    g_assert_cmphex(tags.waiting, ==, 0);
    tags = (SpdmCsrTags){ .waiting = 0x10, .ready = 0x02 };
    g_assert_true(w.d.p.ops->set_csr_tags(w.d.p.opaque, &tags));
    reset(&w);
    restart(&w);
    tags = w.d.p.ops->csr_tags(w.d.p.opaque);
    g_assert_cmphex(tags.ready, ==, 0x12);
    /* What no responder says is refused with the file. */
    tags = (SpdmCsrTags){ .waiting = 0x02, .ready = 0x02 };
    g_assert_true(w.d.p.ops->set_csr_tags(w.d.p.opaque, &tags));
    {
        g_autoptr(GBytes) state = w.d.p.ops->identity_save(w.d.p.opaque);
        g_autoptr(GError) err = NULL;

        tags = (SpdmCsrTags){ 0 };
        g_assert_true(w.d.p.ops->set_csr_tags(w.d.p.opaque, &tags));
        g_assert_false(w.d.p.ops->identity_load(w.d.p.opaque,
                                                soft_bytes(state), &err));
        g_assert_nonnull(strstr(err->message, "CSRTrackingTags"));
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, f) g_test_add_func("/soft-keys/" name, f)
#define ADD_DATA(name, data, f) \
    g_test_add_data_func("/soft-keys/" name, data, f)
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat("/soft-keys/", rows[i].sentence,
                                            NULL);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    ADD("an-erased-slot-frees-its-key", test_erased_slot_frees_the_key);
    ADD("a-generated-key-is-a-new-one", test_generated_is_new);
    ADD_DATA("changes-outlive-a-restart-with-a-seed", "seed", test_restart);
    ADD_DATA("changes-outlive-a-restart-without-a-seed", NULL, test_restart);
    ADD_DATA("a-snapshot-has-them-with-a-seed", "seed", test_snapshot);
    ADD_DATA("a-snapshot-has-them-without-a-seed", NULL, test_snapshot);
    ADD("a-state-of-other-keys-is-refused", test_foreign_state);
    ADD("what-cannot-be-stored-has-not-happened", test_unwritable);
    ADD_DATA("a-reset-makes-it-true", NULL, test_waits_for_reset);
    ADD_DATA("a-restart-is-a-reset", "restart", test_waits_for_reset);
    ADD("slots-are-swapped-in-one-reset", test_swap_at_reset);
    ADD("a-chain-that-comes-meanwhile-wins", test_overtaken_by_a_chain);
    ADD("tags-outlive-restarts-and-ripen", test_tags);
    return g_test_run();
}

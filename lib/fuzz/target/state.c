/*
 * Saved state: what a VM snapshot or a state file brings is not to be
 * trusted, and what was taken is used.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/worlds.h"
#include "spdm/fault.h"

enum { MAX_PATCHES = 16, PATCH_SIZE = 3 };

typedef enum Kind {
    KIND_PATCH,              /* a responder's, with bytes changed */
    KIND_WHOLE,              /* a responder's, all of it given */
    KIND_IDENTITY,           /* of the provider: provisioned slots */
    KIND_VENDOR,             /* ... IDE streams, interfaces */
    KIND_REQUESTER,          /* what was negotiated */
    KIND_FAULTS,             /* counters of a plan */
    KIND_COUNT,
} Kind;

static void patch(Hostile *h, const Moment *m, FuzzInput *in)
{
    g_autoptr(GByteArray) bytes = hostile_state_of(m);

    for (unsigned i = 0; i < MAX_PATCHES && in->len >= PATCH_SIZE; i++) {
        uint32_t at = fuzz_int(in, 2);
        uint8_t value = (uint8_t)fuzz_int(in, 1);

        if (at < bytes->len) {
            bytes->data[at] = value;
        }
    }
    hostile_damaged(h, m, bytes);
}

static void whole(Hostile *h, const Moment *m, FuzzInput *in)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    fuzz_put(bytes, fuzz_take(in, in->len));
    if (bytes->len) {
        hostile_damaged(h, m, bytes);
    }
}

/* A provider refuses, or can be asked for all that it took. */
static void identity(Hostile *h, FuzzInput *in)
{
    SpdmProvider p = h->r->provider;
    g_autoptr(GError) err = NULL;
    bool ok = p.ops->identity_load(p.opaque, fuzz_take(in, in->len), &err);

    fuzz_check_error(ok, err);
    if (ok) {
        g_autoptr(GBytes) again = p.ops->identity_save(p.opaque);

        for (uint8_t slot = 0; slot < SPDM_SLOT_COUNT; slot++) {
            p.ops->cert_chain(p.opaque, slot, h->profile->asym,
                              h->profile->hash);
        }
        p.ops->slots(p.opaque, h->profile->asym);
        p.ops->staged_slots(p.opaque);
        fuzz_check(p.ops->identity_load(p.opaque, fuzz_bytes(again), NULL),
                   "an identity that was saved does not load");
    }
}

static void vendor(Hostile *h, FuzzInput *in)
{
    SpdmProvider p = h->r->provider;
    uint32_t sessions[] = { h->r->conn.sessions[0].id,
                            h->r->conn.sessions[1].id };
    g_autoptr(GError) err = NULL;
    bool ok = p.ops->vendor_load(p.opaque, fuzz_take(in, in->len), sessions,
                                 2, &err);

    fuzz_check_error(ok, err);
    if (ok) {
        g_autoptr(GBytes) again = p.ops->vendor_save(p.opaque);

        fuzz_check(!again || p.ops->vendor_load(p.opaque, fuzz_bytes(again),
                                                sessions, 2, NULL),
                   "what was saved for a vendor does not load");
    }
}

static void requester(Hostile *h, FuzzInput *in)
{
    SpdmBytes bytes = fuzz_take(in, in->len);
    g_autoptr(GBytes) state = g_bytes_new(bytes.data, bytes.len);
    g_autoptr(GError) err = NULL;
    bool ok = spdm_requester_load_negotiated(h->rq, state, &err);
    SpdmRequesterInfo info;

    fuzz_check_error(ok, err);
    spdm_requester_info(h->rq, &info);
    if (ok) {
        spdm_requester_digests(h->rq, 0, NULL);
        spdm_requester_resume(h->rq, NULL);
    }
}

static void faults(FuzzInput *in)
{
    static const char plan[] =
        "[plan]\nname=fuzz\n[one]\nmessage=VERSION\nchance=50\n"
        "drop=true\n[two]\nmessage=DIGESTS\ndrop=true\n";
    g_autoptr(SpdmFaults) f = spdm_faults_new();
    SpdmBytes bytes = fuzz_take(in, in->len);
    g_autoptr(GBytes) state = g_bytes_new(bytes.data, bytes.len);
    g_autoptr(GError) err = NULL;
    g_autofree char *counts = NULL;
    bool ok;

    spdm_faults_set_plan(f, spdm_fault_plan_parse(plan, "fuzz", NULL));
    ok = spdm_faults_load(f, state, &err);
    fuzz_check_error(ok, err);
    counts = spdm_faults_counts_json(f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    FuzzInput in = { data, len };
    Hostile *h = fuzz_world(fuzz_int(&in, 1));
    const Moment *m = fuzz_moment(h, &in);
    Kind kind = (Kind)(fuzz_int(&in, 1) % KIND_COUNT);

    fuzz_world_restore(h);
    switch (kind) {
    case KIND_PATCH:
    default:
        patch(h, m, &in);
        break;
    case KIND_WHOLE:
        whole(h, m, &in);
        break;
    case KIND_IDENTITY:
        hostile_go_to(h, m);
        identity(h, &in);
        break;
    case KIND_VENDOR:
        hostile_go_to(h, m);
        vendor(h, &in);
        break;
    case KIND_REQUESTER:
        hostile_go_to(h, m);
        requester(h, &in);
        break;
    case KIND_FAULTS:
        faults(&in);
        break;
    }
    return 0;
}

static void seed(const FuzzSeeds *seeds, unsigned world, unsigned moment,
                 Kind kind, SpdmBytes rest)
{
    g_autoptr(GByteArray) input = fuzz_start(world, moment);

    fuzz_put_int(input, kind, 1);
    fuzz_put(input, rest);
    fuzz_seed(seeds, fuzz_view(input));
}

static void seed_saved(const FuzzSeeds *seeds, unsigned world,
                       unsigned moment, Kind kind, GBytes *saved)
{
    if (saved) {
        seed(seeds, world, moment, kind, fuzz_bytes(saved));
        g_bytes_unref(saved);
    }
}

/* Each state as it is, and with a byte changed somewhere in front. */
static void seed_moment(const FuzzSeeds *seeds, Hostile *h, unsigned world,
                        unsigned i)
{
    const Moment *m = hostile_moment(h, i);
    SpdmProvider p = h->r->provider;
    const uint8_t change[] = { (uint8_t)(7 * i), 0, (uint8_t)i };

    seed(seeds, world, i, KIND_PATCH, SPDM_BYTES(change, sizeof(change)));
    if (i % 8 != world) {
        return;
    }
    seed(seeds, world, i, KIND_WHOLE, fuzz_bytes(m->state));
    hostile_go_to(h, m);
    seed_saved(seeds, world, i, KIND_IDENTITY,
               p.ops->identity_save(p.opaque));
    seed_saved(seeds, world, i, KIND_VENDOR, p.ops->vendor_save(p.opaque));
}

void fuzz_seeds(const FuzzSeeds *seeds)
{
    g_autoptr(SpdmFaults) none = spdm_faults_new();

    for (unsigned world = 0; world < fuzz_world_count(); world++) {
        Hostile *h = fuzz_world(world);

        fuzz_world_restore(h);
        for (unsigned i = 0; i < h->moments->len; i++) {
            seed_moment(seeds, h, world, i);
        }
        hostile_go_to(h, hostile_moment(h, 0));
        if (spdm_requester_connect(h->rq, NULL)) {
            seed_saved(seeds, world, 0, KIND_REQUESTER,
                       spdm_requester_save_negotiated(h->rq, NULL));
        }
    }
    seed_saved(seeds, 0, 0, KIND_FAULTS, spdm_faults_save(none));
}

/*
 * Making a state that was read true: all of it, or nothing.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-state-int.h"

typedef SoftStateReader Reader;

/* Kept keys are in place by now, so that chains find them. */
static bool check_keys(Reader *r)
{
    for (guint i = 0; i < r->provisioned->len; i++) {
        const SoftProvisioned *p = r->provisioned->pdata[i];
        SoftKeyPair *own = p->chain ? soft_key_pair_by_id(r->soft, p->pair)
                                    : NULL;
        bool made = own && soft_key_pair_make(r->soft, own, NULL);
        g_autoptr(SpdmPublicKey) leaf =
            p->chain ? spdm_x509_leaf_key(p->chain->der, NULL) : NULL;
        g_autoptr(SpdmPublicKey) key =
            made ? spdm_private_key_public(own->key) : NULL;

        if (p->chain && (!leaf || !key ||
                         !spdm_public_key_equal(leaf, key))) {
            return soft_refuse_state(r, "the chain of slot %u is for a key "
                                     "that this device does not have; it is "
                                     "of another device, profile or seed",
                                     p->slot);
        }
    }
    return true;
}

/* Key pairs, chains and kept keys as they were, in case of a refusal. */
typedef struct Before {
    SpdmSoftProvider *soft;
    GPtrArray *kept;
    GPtrArray *provisioned;
    struct {
        SoftPairState state;
        SpdmPrivateKey *key;
        GBytes *spki;
    } pairs[UINT8_MAX];
} Before;

static Before *before_new(SpdmSoftProvider *soft)
{
    Before *before = g_new0(Before, 1);

    before->soft = soft;
    before->kept = soft->kept;
    before->provisioned = soft->provisioned;
    for (guint i = 0; i < soft->key_pairs->len; i++) {
        SoftKeyPair *pair = soft->key_pairs->pdata[i];

        before->pairs[i].state = soft_pair_state(pair);
        before->pairs[i].key = pair->key;
        before->pairs[i].spki = pair->spki;
    }
    return before;
}

static const SoftPairState *wanted_state(const Reader *r, guint i)
{
    for (guint n = 0; n < r->pairs->len; n++) {
        const SoftPairState *s = &g_array_index(r->pairs, SoftPairState, n);

        if (s->id == i + 1) {
            return s;
        }
    }
    return &g_array_index(r->soft->initial, SoftPairState, i);
}

/*
 * Whether @pair is to have another key than it has: one that is kept, or the
 * one that it came with. One from real randomness that nobody kept stays: it
 * cannot be had again.
 */
static bool is_outdated(const SpdmSoftProvider *soft, const SoftKeyPair *pair,
                        const SpdmPrivateKey *now, bool was_kept)
{
    const SpdmAsymAlg *alg = soft_key_pair_alg(pair);
    g_autoptr(SpdmPrivateKey) kept =
        now && alg ? soft_kept_key(soft, pair, alg) : NULL;
    g_autoptr(SpdmPublicKey) own = NULL;
    g_autoptr(SpdmPublicKey) other = NULL;

    if (!kept) {
        return was_kept && (pair->origin || soft->seed);
    }
    own = spdm_private_key_public(now);
    other = spdm_private_key_public(kept);
    return !spdm_public_key_equal(own, other);
}

static bool is_kept(const GPtrArray *kept, uint8_t pair)
{
    for (guint i = 0; i < kept->len; i++) {
        const SoftKept *k = kept->pdata[i];

        if (k->pair == pair) {
            return true;
        }
    }
    return false;
}

static void take_over(Reader *r, const Before *before)
{
    SpdmSoftProvider *soft = r->soft;

    soft->kept = g_ptr_array_ref(r->kept);
    soft->provisioned = g_ptr_array_ref(r->provisioned);
    for (guint i = 0; i < soft->key_pairs->len; i++) {
        SoftKeyPair *pair = soft->key_pairs->pdata[i];
        const SoftPairState *state = wanted_state(r, i);
        bool other = soft_pair_other_key(pair, state);

        soft_pair_set(pair, state);
        if (other || is_outdated(soft, pair, pair->key,
                                 is_kept(before->kept, pair->id))) {
            pair->key = NULL;
            pair->spki = NULL;
        }
    }
}

static void free_key(SpdmPrivateKey *key, GBytes *spki, SoftKeyPair *of)
{
    SoftKeyPair old = { .origin = of->origin, .key = key, .spki = spki };

    soft_key_pair_drop(&old);
}

/* Frees @before; what is not to be is freed with it. */
static void settle(Before *before, bool good)
{
    SpdmSoftProvider *soft = before->soft;
    GPtrArray **no_kept = good ? &before->kept : &soft->kept;
    GPtrArray **no_chains = good ? &before->provisioned : &soft->provisioned;

    for (guint i = 0; i < soft->key_pairs->len; i++) {
        SoftKeyPair *pair = soft->key_pairs->pdata[i];
        SpdmPrivateKey *key = before->pairs[i].key;
        GBytes *spki = before->pairs[i].spki;
        bool other = pair->key != key;

        if (good) {
            soft_identity_forget(soft, pair, other ? UINT8_MAX
                                                   : (uint8_t)~pair->slots);
        } else {
            soft_pair_set(pair, &before->pairs[i].state);
        }
        if (other && good) {
            free_key(key, spki, pair);
        } else if (other) {
            soft_key_pair_drop(pair);
        }
        if (!good) {
            pair->key = key;
            pair->spki = spki;
        }
    }
    g_ptr_array_unref(*no_kept);
    g_ptr_array_unref(*no_chains);
    if (!good) {
        soft->kept = before->kept;
        soft->provisioned = before->provisioned;
    }
    g_free(before);
}

static void swap_banks(Reader *r)
{
    GArray *banks = r->soft->banks;

    r->soft->banks = r->banks;
    r->banks = banks;
}

bool soft_state_install(Reader *r)
{
    Before *before = before_new(r->soft);
    bool good;

    take_over(r, before);
    good = check_keys(r);
    settle(before, good);
    if (good) {
        r->soft->tags = r->tags;
        swap_banks(r);
        g_array_set_size(r->soft->staged, 0);
        g_array_append_vals(r->soft->staged, r->staged->data,
                            r->staged->len);
    }
    return good;
}

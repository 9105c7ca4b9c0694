/*
 * SET_KEY_PAIR_INFO: keys that are erased, made anew, given to other slots, at
 * once or (SET_KEY_PAIR_RESET_CAP) at a reset.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/soft-int.h"

SoftPairState soft_pair_state(const SoftKeyPair *pair)
{
    return (SoftPairState){
        .id = pair->id,
        .alg = pair->alg,
        .usage = pair->usage,
        .slots = pair->slots,
        .empty = pair->empty,
        .generation = pair->generation,
    };
}

void soft_pair_set(SoftKeyPair *pair, const SoftPairState *state)
{
    pair->alg = state->alg;
    pair->usage = state->usage;
    pair->slots = state->slots;
    pair->empty = state->empty;
    pair->generation = state->generation;
}

bool soft_pair_other_key(const SoftKeyPair *pair, const SoftPairState *state)
{
    return pair->alg != state->alg || pair->empty != state->empty ||
           pair->generation != state->generation;
}

/* --- which slots there are for a key -------------------------------------- */

static SoftPairState *find_staged(const SpdmSoftProvider *soft, uint8_t id)
{
    for (guint i = 0; i < soft->staged->len; i++) {
        SoftPairState *s = &g_array_index(soft->staged, SoftPairState, i);

        if (s->id == id) {
            return s;
        }
    }
    return NULL;
}

/* As it is going to be, if nothing else is asked for. */
static SoftPairState next_state(const SpdmSoftProvider *soft,
                                const SoftKeyPair *pair)
{
    const SoftPairState *staged = find_staged(soft, pair->id);
    SoftPairState now = soft_pair_state(pair);

    now.slots = soft_pair_slots(soft, pair);
    return staged ? *staged : now;
}

/* A slot that is there, and will have no other key of this kind. */
static bool slot_is_free(const SpdmSoftProvider *soft,
                         const SoftKeyPair *self, uint8_t slot, uint32_t alg)
{
    const SpdmProfileSlot *s = &soft->config.profile->slots[slot];

    if (!s->automatic && !s->cert_file) {
        return false;
    }
    for (guint i = 0; i < soft->key_pairs->len; i++) {
        const SoftKeyPair *pair = soft->key_pairs->pdata[i];
        SoftPairState next = next_state(soft, pair);

        if (pair != self && (next.slots & 1u << slot) && next.alg == alg) {
            return false;
        }
    }
    return true;
}

bool soft_pair_fits(const SpdmSoftProvider *soft, const SoftKeyPair *pair,
                    uint8_t slots, uint32_t alg)
{
    for (uint8_t i = 0; i < SPDM_SLOT_COUNT; i++) {
        if ((slots & 1u << i) && !slot_is_free(soft, pair, i, alg)) {
            return false;
        }
    }
    return true;
}

/*
 * DSP0274 SET_KEY_PAIR_INFO: a key is not taken from under its certificates.
 * Those that SET_CERTIFICATE put there are erased by SET_CERTIFICATE alone.
 */
static bool is_allowed(const SpdmSoftProvider *soft, const SoftKeyPair *pair,
                       const SoftPairState *next)
{
    uint8_t slots = soft_pair_slots(soft, pair);
    uint8_t given = next->slots & (uint8_t)~slots;

    if (soft_pair_other_key(pair, next) &&
        (slots || soft_pair_chains(soft, pair, true))) {
        return false;
    }
    if (soft_pair_chains(soft, pair, false) & ~next->slots) {
        return false;
    }
    return !given || (!next->empty &&
                      soft_pair_fits(soft, pair, given, next->alg));
}

/* --- what a request asks for ---------------------------------------------- */

static void erased(const SoftKeyPair *pair, SoftPairState *next)
{
    next->alg = 0;
    next->slots = 0;
    next->empty = true;
}

static bool generated(const SoftKeyPair *pair, const SpdmKeyPairChange *c,
                      SoftPairState *next)
{
    uint32_t wanted = spdm_asym_join(c->asym, c->pqc);

    next->alg = wanted ? wanted : pair->alg ? pair->alg : pair->algs;
    next->empty = false;
    next->generation++;
    return next->alg && !(next->alg & (next->alg - 1));
}

/* Another algorithm makes another key: the old one is gone then. */
static void changed(const SoftKeyPair *pair, const SpdmKeyPairChange *c,
                    SoftPairState *next)
{
    uint32_t wanted = spdm_asym_join(c->asym, c->pqc);

    if (wanted && wanted != pair->alg) {
        next->alg = wanted;
        next->empty = true;
    }
}

static bool next_of(const SpdmSoftProvider *soft, const SoftKeyPair *pair,
                    const SpdmKeyPairChange *c, SoftPairState *next)
{
    *next = soft_pair_state(pair);
    next->slots = c->slots;
    next->usage = c->usage ? c->usage : pair->usage;
    if (c->operation == SPDM_KEY_PAIR_ERASE) {
        erased(pair, next);
    } else if (c->operation == SPDM_KEY_PAIR_GENERATE) {
        if (!generated(pair, c, next)) {
            return false;
        }
    } else {
        changed(pair, c, next);
    }
    return is_allowed(soft, pair, next);
}

/* --- doing it ------------------------------------------------------------- */

/* All that is put back when the state file cannot be written. */
typedef struct Before {
    SoftPairState state;
    SpdmPrivateKey *key;
    GBytes *spki;
    GPtrArray *kept;
    GPtrArray *provisioned;
} Before;

static void put_back(SpdmSoftProvider *soft, SoftKeyPair *pair,
                     Before *before)
{
    if (pair->key != before->key) {
        soft_key_pair_drop(pair);
    }
    soft_pair_set(pair, &before->state);
    pair->key = before->key;
    pair->spki = before->spki;
    g_ptr_array_unref(soft->kept);
    g_ptr_array_unref(soft->provisioned);
    soft->kept = before->kept;
    soft->provisioned = before->provisioned;
}

static void let_go(SpdmSoftProvider *soft, SoftKeyPair *pair, Before *before)
{
    bool other = pair->key != before->key || pair->empty;
    SoftKeyPair old = { .origin = pair->origin, .key = before->key,
                        .spki = before->spki };

    soft_identity_forget(soft, pair, other ? UINT8_MAX
                                           : (uint8_t)~pair->slots);
    if (other) {
        soft_key_pair_drop(&old);
    }
    g_ptr_array_unref(before->kept);
    g_ptr_array_unref(before->provisioned);
}

/* The new key is there, and kept if it could not be made again. */
static bool make_key(SpdmSoftProvider *soft, SoftKeyPair *pair)
{
    return pair->empty ||
           (soft_key_pair_make(soft, pair, NULL) &&
            soft_keep_key(soft, pair, spdm_key_pair_asym(pair->alg)));
}

/* False: nothing has changed. */
static bool commit(SpdmSoftProvider *soft, SoftKeyPair *pair,
                   const SoftPairState *next)
{
    uint8_t given = next->slots & (uint8_t)~soft_pair_slots(soft, pair);
    bool other = soft_pair_other_key(pair, next);
    Before before = {
        .state = soft_pair_state(pair), .key = pair->key, .spki = pair->spki,
        .kept = soft->kept, .provisioned = soft->provisioned,
    };

    soft->kept = soft_kept_without(soft, other ? pair->id : 0);
    soft->provisioned = soft_provisioned_unerased(
        soft, given, spdm_key_pair_asym(next->alg));
    soft_pair_set(pair, next);
    if (other) {
        pair->key = NULL;
        pair->spki = NULL;
    }
    if ((other && !make_key(soft, pair)) || !soft_state_write(soft, NULL)) {
        put_back(soft, pair, &before);
        return false;
    }
    let_go(soft, pair, &before);
    return true;
}

/* Until the reset all is as it was, and another request takes its place. */
static bool stage(SpdmSoftProvider *soft, const SoftPairState *next)
{
    SoftPairState *place = find_staged(soft, next->id);
    SoftPairState before = place ? *place : *next;
    SoftPairState staged = *next;

    staged.staged = true;
    if (place) {
        *place = staged;
    } else {
        g_array_append_val(soft->staged, staged);
    }
    if (soft_state_write(soft, NULL)) {
        return true;
    }
    if (place) {
        *place = before;
    } else {
        g_array_set_size(soft->staged, soft->staged->len - 1);
    }
    return false;
}

SpdmKeyPairResult soft_key_pair_set(SpdmSoftProvider *soft,
                                    const SpdmKeyPairChange *c)
{
    SoftKeyPair *pair = soft_key_pair_by_id(soft, c->id);
    SoftPairState next;

    if (!pair || !next_of(soft, pair, c, &next)) {
        return SPDM_KEY_PAIR_FAILED;
    }
    if (c->at_reset) {
        return stage(soft, &next) ? SPDM_KEY_PAIR_RESET
                                  : SPDM_KEY_PAIR_FAILED;
    }
    return commit(soft, pair, &next) ? SPDM_KEY_PAIR_DONE
                                     : SPDM_KEY_PAIR_FAILED;
}

/*
 * What a chain that the key was given meanwhile has made impossible, and what
 * relied on that: one that takes a slot from another, for instance.
 */
static void drop_impossible(SpdmSoftProvider *soft)
{
    bool again;

    do {
        again = false;
        for (guint i = soft->staged->len; i > 0; i--) {
            const SoftPairState *next = &g_array_index(soft->staged,
                                                       SoftPairState, i - 1);

            if (!is_allowed(soft, soft_key_pair_by_id(soft, next->id),
                            next)) {
                g_array_remove_index(soft->staged, i - 1);
                again = true;
            }
        }
    } while (again);
}

/* What cannot be made or stored now waits for the reset after this. */
uint8_t soft_apply_staged_pairs(SpdmSoftProvider *soft)
{
    uint8_t changed = 0;

    drop_impossible(soft);
    for (guint i = soft->staged->len; i > 0; i--) {
        SoftPairState next = g_array_index(soft->staged, SoftPairState,
                                           i - 1);
        SoftKeyPair *pair = soft_key_pair_by_id(soft, next.id);
        uint8_t before = pair->slots;

        if (commit(soft, pair, &next)) {
            changed |= before ^ next.slots;
            g_array_remove_index(soft->staged, i - 1);
        }
    }
    return changed;
}

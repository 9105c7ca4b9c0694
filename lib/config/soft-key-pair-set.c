/*
 * SET_KEY_PAIR_INFO: keys that are erased, made anew, given to other slots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/soft-int.h"

static bool holds(const SoftKeyPair *pair, uint8_t slot, uint32_t alg)
{
    return (pair->slots & 1u << slot) && pair->alg == alg;
}

/* A slot that is there, and has no other key of this kind. */
static bool slot_is_free(const SpdmSoftProvider *soft,
                         const SoftKeyPair *self, uint8_t slot, uint32_t alg)
{
    const SpdmProfileSlot *s = &soft->config.profile->slots[slot];

    if (!s->automatic && !s->cert_file) {
        return false;
    }
    for (guint i = 0; i < soft->key_pairs->len; i++) {
        const SoftKeyPair *pair = soft->key_pairs->pdata[i];

        if (pair != self && holds(pair, slot, alg)) {
            return false;
        }
    }
    return true;
}

static bool slots_are_free(const SpdmSoftProvider *soft,
                           const SoftKeyPair *pair, uint8_t slots,
                           uint32_t alg)
{
    for (uint8_t i = 0; i < SPDM_SLOT_COUNT; i++) {
        if ((slots & 1u << i) && !slot_is_free(soft, pair, i, alg)) {
            return false;
        }
    }
    return true;
}

/* What is left of a key that a slot no longer has: nothing. */
static void forget_key(SpdmSoftProvider *soft, SoftKeyPair *pair)
{
    soft_identity_forget(soft, pair, UINT8_MAX);
    g_clear_pointer(&pair->key, spdm_private_key_free);
    g_clear_pointer(&pair->spki, g_bytes_unref);
    pair->empty = true;
}

static void take_rest(SpdmSoftProvider *soft, SoftKeyPair *pair,
                      const SpdmKeyPairChange *c)
{
    soft_identity_forget(soft, pair, (uint8_t)~c->slots);
    pair->slots = c->slots;
    pair->usage = c->usage ? c->usage : pair->usage;
}

static SpdmKeyPairResult erase(SpdmSoftProvider *soft, SoftKeyPair *pair)
{
    if (pair->slots) {
        return SPDM_KEY_PAIR_FAILED;
    }
    forget_key(soft, pair);
    pair->alg = 0;
    return SPDM_KEY_PAIR_DONE;
}

static SpdmKeyPairResult generate(SpdmSoftProvider *soft, SoftKeyPair *pair,
                                  const SpdmKeyPairChange *c)
{
    uint32_t wanted = spdm_asym_join(c->asym, c->pqc);
    uint32_t alg = wanted ? wanted : pair->alg ? pair->alg : pair->algs;

    if (pair->slots || (alg & (alg - 1)) ||
        !slots_are_free(soft, pair, c->slots, alg)) {
        return SPDM_KEY_PAIR_FAILED;
    }
    forget_key(soft, pair);
    pair->alg = alg;
    pair->empty = false;
    pair->generation++;
    if (!soft_key_pair_make(soft, pair, NULL)) {
        return SPDM_KEY_PAIR_FAILED;
    }
    take_rest(soft, pair, c);
    return SPDM_KEY_PAIR_DONE;
}

/* Another algorithm makes another key: the old one is gone then. */
static SpdmKeyPairResult change(SpdmSoftProvider *soft, SoftKeyPair *pair,
                                const SpdmKeyPairChange *c)
{
    uint32_t wanted = spdm_asym_join(c->asym, c->pqc);
    bool other_alg = wanted && wanted != pair->alg;

    if (other_alg && (pair->slots || c->slots)) {
        return SPDM_KEY_PAIR_FAILED;
    }
    if ((c->slots & ~pair->slots) &&
        (pair->empty || !slots_are_free(soft, pair, c->slots, pair->alg))) {
        return SPDM_KEY_PAIR_FAILED;
    }
    if (other_alg) {
        forget_key(soft, pair);
        pair->alg = wanted;
    }
    take_rest(soft, pair, c);
    return SPDM_KEY_PAIR_DONE;
}

SpdmKeyPairResult soft_key_pair_set(SpdmSoftProvider *soft,
                                    const SpdmKeyPairChange *c)
{
    SoftKeyPair *pair = soft_key_pair_by_id(soft, c->id);

    if (!pair) {
        return SPDM_KEY_PAIR_FAILED;
    }
    if (c->operation == SPDM_KEY_PAIR_ERASE) {
        return erase(soft, pair);
    }
    return c->operation == SPDM_KEY_PAIR_GENERATE ? generate(soft, pair, c)
                                                  : change(soft, pair, c);
}

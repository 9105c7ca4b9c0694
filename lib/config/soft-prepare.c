/*
 * Keys and chains before anybody asks for them, one at a time.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"

/* What there is to make: the chain of a slot, or the key of PUB_KEY_ID. */
typedef struct Missing {
    const SpdmAsymAlg *alg;
    uint8_t slot;            /* or SPDM_SLOT_PUBLIC_KEY */
} Missing;

static bool missing_for(const SpdmSoftProvider *soft, const SpdmAsymAlg *alg,
                        Missing *missing)
{
    uint8_t slots = soft_identity_slots(soft, alg->bit) &
                    (uint8_t)~soft_identity_made(soft, alg->bit);

    *missing = (Missing){ alg, SPDM_SLOT_PUBLIC_KEY };
    for (uint8_t i = 0; i < SPDM_SLOT_COUNT; i++) {
        if (slots & 1u << i) {
            missing->slot = i;
            return true;
        }
    }
    return soft_public_key_wanted(soft, alg->bit);
}

static bool find_missing(const SpdmSoftProvider *soft, Missing *missing)
{
    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if ((soft->config.profile->asym & alg->bit) &&
            missing_for(soft, alg, missing)) {
            return true;
        }
    }
    return false;
}

bool soft_chains_made(const SpdmSoftProvider *soft)
{
    Missing missing;

    return !find_missing(soft, &missing);
}

/* --- a key alone ---------------------------------------------------------- */

struct SpdmSoftKey {
    const SpdmAsymAlg *alg;
    SpdmSeeded *stream;      /* NULL: real randomness */
    SpdmPrivateKey *key;     /* NULL: not made, or in vain */
    SoftPairState pair;      /* as it was */
};

SpdmSoftKey *spdm_soft_key_wanted(SpdmSoftProvider *soft)
{
    const SoftKeyPair *pair;
    SpdmSoftKey *key;
    Missing missing;

    if (!find_missing(soft, &missing) ||
        missing.slot == SPDM_SLOT_PUBLIC_KEY) {
        return NULL;
    }
    pair = soft_key_pair_of(soft, missing.slot, missing.alg->bit);
    if (!soft_key_pair_makes_key(soft, pair)) {
        return NULL;
    }
    key = g_new0(SpdmSoftKey, 1);
    key->alg = soft_key_pair_alg(pair);
    key->stream = soft_key_pair_stream(soft, pair);
    key->pair = soft_pair_state(pair);
    return key;
}

void spdm_soft_key_make(SpdmSoftKey *key)
{
    SpdmRng rng = key->stream ? spdm_seeded_rng(key->stream)
                              : spdm_rng_system();

    key->key = spdm_private_key_generate(key->alg, &rng, NULL);
}

/* The device may have made it itself, or have another in its place. */
void spdm_soft_key_keep(SpdmSoftProvider *soft, SpdmSoftKey *key)
{
    SoftKeyPair *pair = soft_key_pair_by_id(soft, key->pair.id);

    if (pair && soft_key_pair_makes_key(soft, pair) &&
        !soft_pair_other_key(pair, &key->pair)) {
        pair->key = g_steal_pointer(&key->key);
    }
    spdm_soft_key_free(key);
}

void spdm_soft_key_free(SpdmSoftKey *key)
{
    g_clear_pointer(&key->stream, spdm_seeded_free);
    g_clear_pointer(&key->key, spdm_private_key_free);
    g_free(key);
}

/* --- all that is missing -------------------------------------------------- */

bool spdm_soft_provider_prepare_one(SpdmSoftProvider *soft, bool *more,
                                    GError **errp)
{
    Missing missing;

    *more = find_missing(soft, &missing);
    if (!*more) {
        return true;
    }
    return missing.slot == SPDM_SLOT_PUBLIC_KEY ?
        soft_public_key_pair(soft, missing.alg->bit, errp) != NULL :
        soft_identity_get(soft, missing.slot, missing.alg->bit, errp) != NULL;
}

bool spdm_soft_provider_prepare(SpdmSoftProvider *soft, GError **errp)
{
    bool more = true;

    while (more) {
        if (!spdm_soft_provider_prepare_one(soft, &more, errp)) {
            return false;
        }
    }
    return true;
}

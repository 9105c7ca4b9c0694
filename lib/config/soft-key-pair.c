/*
 * Key pairs: which there are, whose slots they serve, what they may sign. A
 * profile without [key-pair N] has one for each slot and kind of key.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"
#include "config/profile-int.h"

/* @stream is taken. */
static SoftKeyPair *key_pair_new(uint32_t algs, char *stream)
{
    SoftKeyPair *pair = g_new0(SoftKeyPair, 1);

    pair->algs = algs;
    pair->alg = algs;
    pair->stream = stream;
    return pair;
}

void soft_key_pair_free(SoftKeyPair *pair)
{
    if (pair) {
        soft_key_pair_drop(pair);
        spdm_private_key_free(pair->origin);
        g_free(pair->stream);
        g_free(pair);
    }
}

void soft_key_pair_drop(SoftKeyPair *pair)
{
    if (pair->key != pair->origin) {
        spdm_private_key_free(pair->key);
    }
    pair->key = NULL;
    g_clear_pointer(&pair->spki, g_bytes_unref);
}

/* All that the device's capabilities have a use for. */
static uint16_t usual_usage(uint32_t flags)
{
    return (flags & CAP_KEY_EX ? SPDM_KEY_USAGE_KEY_EX : 0) |
           (flags & CAP_CHAL ? SPDM_KEY_USAGE_CHALLENGE : 0) |
           ((flags & CAP_MEAS) == CAP_MEAS_SIG ? SPDM_KEY_USAGE_MEASUREMENT
                                               : 0) |
           ((flags & CAP_EP_INFO) == CAP_EP_INFO_SIG ?
            SPDM_KEY_USAGE_ENDPOINT_INFO : 0);
}

static void add(SpdmSoftProvider *soft, SoftKeyPair *pair)
{
    pair->id = (uint8_t)(soft->key_pairs->len + 1);
    if (!pair->usage) {
        pair->usage = usual_usage(soft->config.profile->flags);
    }
    pair->usage_caps |= pair->usage;
    g_ptr_array_add(soft->key_pairs, pair);
}

/* The strongest of @algs, as in the table of algorithms. */
static uint32_t strongest(uint32_t algs)
{
    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        uint32_t bit = spdm_key_pair_algs(alg->bit);

        if (algs & bit) {
            return bit;
        }
    }
    return 0;
}

static uint16_t automatic_capabilities(uint32_t flags)
{
    return flags & CAP_SET_KEY_PAIR_INFO ?
        SPDM_KEY_PAIR_CAP_GEN | SPDM_KEY_PAIR_CAP_ERASE |
        SPDM_KEY_PAIR_CAP_CERT_ASSOC | SPDM_KEY_PAIR_CAP_KEY_USAGE : 0;
}

/* One for each kind of key. */
static void add_automatic(SpdmSoftProvider *soft, uint8_t slot)
{
    const SpdmProfile *profile = soft->config.profile;
    uint32_t left = spdm_key_pair_algs(profile->slots[slot].asym);
    uint32_t bit;

    while ((bit = strongest(left))) {
        SoftKeyPair *pair = key_pair_new(bit, g_strdup_printf("slot %u",
                                                              slot));

        pair->capabilities = automatic_capabilities(profile->flags);
        pair->slots = (uint8_t)(1u << slot);
        add(soft, pair);
        left &= ~bit;
    }
}

static void add_from_profile(SpdmSoftProvider *soft,
                             const SpdmProfileKeyPair *from)
{
    uint32_t algs = spdm_key_pair_algs(from->asym);
    SoftKeyPair *pair = key_pair_new(algs, g_strdup_printf("key pair %u",
                                                           from->number));

    pair->alg = from->empty ? 0 : strongest(algs);
    pair->empty = from->empty;
    pair->capabilities = from->capabilities;
    pair->usage = from->usage;
    pair->usage_caps = from->usage_caps;
    pair->slots = from->slots;
    add(soft, pair);
}

void soft_key_pairs_add(SpdmSoftProvider *soft)
{
    const SpdmProfile *profile = soft->config.profile;

    for (guint i = 0; i < profile->key_pairs->len; i++) {
        add_from_profile(soft, profile->key_pairs->pdata[i]);
    }
    for (uint8_t i = 0; !profile->key_pairs->len && i < SPDM_SLOT_COUNT;
         i++) {
        if (profile->slots[i].automatic) {
            add_automatic(soft, i);
        }
    }
}

SoftKeyPair *soft_key_pair_add_loaded(SpdmSoftProvider *soft, uint8_t slot,
                                      SpdmPrivateKey *key)
{
    const SpdmAsymAlg *alg = spdm_asym_algs;
    SoftKeyPair *pair;

    while (alg->name && !spdm_private_key_fits(key, alg)) {
        alg++;
    }
    pair = key_pair_new(spdm_key_pair_algs(alg->bit), NULL);
    pair->origin = key;
    pair->slots = (uint8_t)(1u << slot);
    add(soft, pair);
    return pair;
}

SoftKeyPair *soft_key_pair_by_id(const SpdmSoftProvider *soft, uint8_t id)
{
    return id && id <= soft->key_pairs->len ?
        soft->key_pairs->pdata[id - 1] : NULL;
}

SoftKeyPair *soft_key_pair_of(const SpdmSoftProvider *soft, uint8_t slot,
                              uint32_t asym)
{
    uint32_t bit = soft_has_bank(soft, asym) ? spdm_key_pair_algs(asym) : 0;

    for (guint i = 0; i < soft->key_pairs->len; i++) {
        SoftKeyPair *pair = soft->key_pairs->pdata[i];

        if ((pair->slots & 1u << slot) && (pair->alg & bit)) {
            return pair;
        }
    }
    return NULL;
}

static bool has_public_key(const SpdmSoftProvider *soft, uint32_t bit)
{
    return (soft->config.profile->flags & CAP_PUB_KEY_ID) && bit;
}

static SoftKeyPair *find_public_key(const SpdmSoftProvider *soft,
                                    uint32_t bit)
{
    for (guint i = 0; i < soft->public_keys->len; i++) {
        SoftKeyPair *pair = soft->public_keys->pdata[i];

        if (pair->alg == bit) {
            return pair;
        }
    }
    return NULL;
}

bool soft_public_key_wanted(const SpdmSoftProvider *soft, uint32_t asym)
{
    uint32_t bit = spdm_key_pair_algs(asym);
    const SoftKeyPair *pair = find_public_key(soft, bit);

    return has_public_key(soft, bit) &&
           (pair ? !pair->spki : !soft->config.profile->public_key_file);
}

/* PUB_KEY_ID: one key for each kind, made at first use. */
SoftKeyPair *soft_public_key_pair(SpdmSoftProvider *soft, uint32_t asym,
                                  GError **errp)
{
    uint32_t bit = spdm_key_pair_algs(asym);
    SoftKeyPair *pair;

    if (!has_public_key(soft, bit)) {
        return NULL;
    }
    pair = find_public_key(soft, bit);
    if (pair) {
        return soft_key_pair_make(soft, pair, errp) ? pair : NULL;
    }
    if (soft->config.profile->public_key_file) {
        return NULL;    /* the file's key is of another kind */
    }
    pair = key_pair_new(bit, g_strdup("public key"));
    g_ptr_array_add(soft->public_keys, pair);
    return soft_key_pair_make(soft, pair, errp) ? pair : NULL;
}

const SpdmAsymAlg *soft_key_pair_alg(const SoftKeyPair *pair)
{
    uint32_t asym = pair->empty ? 0 : spdm_key_pair_asym(pair->alg);

    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if (alg->bit & asym) {
            return alg;
        }
    }
    return NULL;
}

/*
 * Each key has a stream of its own: what it becomes does not depend on which
 * algorithm a guest happened to ask for first. RSASSA and RSAPSS share a key
 * and so a stream.
 */
static char *stream_label(const SoftKeyPair *pair, const SpdmAsymAlg *alg)
{
    return g_strdup_printf("%s/%s %u/%u", pair->stream,
                           alg->curve ? alg->curve : "RSA", alg->key_bits,
                           pair->generation);
}

SpdmSeeded *soft_key_pair_stream(const SpdmSoftProvider *soft,
                                 const SoftKeyPair *pair)
{
    const SpdmAsymAlg *alg = soft_key_pair_alg(pair);
    g_autofree char *label = NULL;

    g_assert(alg);              /* an empty pair makes no key */
    label = stream_label(pair, alg);
    return soft_stream(soft, label);
}

bool soft_key_pair_makes_key(const SpdmSoftProvider *soft,
                             const SoftKeyPair *pair)
{
    const SpdmAsymAlg *alg = soft_key_pair_alg(pair);
    g_autoptr(SpdmPrivateKey) kept = alg ? soft_kept_key(soft, pair, alg)
                                         : NULL;

    return alg && !pair->key && !pair->origin && !kept;
}

bool soft_key_pair_make(SpdmSoftProvider *soft, SoftKeyPair *pair,
                        GError **errp)
{
    const SpdmAsymAlg *alg = soft_key_pair_alg(pair);
    g_autoptr(SpdmPublicKey) public = NULL;

    if (!pair->key && alg) {
        g_autoptr(SpdmSeeded) stream = soft_key_pair_stream(soft, pair);
        SpdmRng rng = stream ? spdm_seeded_rng(stream) : soft->rng;

        pair->key = soft_kept_key(soft, pair, alg);
        if (!pair->key) {
            pair->key = pair->origin ? pair->origin :
                        spdm_private_key_generate(alg, &rng, errp);
        }
    }
    if (pair->key && !pair->spki) {
        public = spdm_private_key_public(pair->key);
        pair->spki = spdm_public_key_to_spki(public, errp);
    }
    return pair->spki != NULL;
}

bool soft_public_key_load(SpdmSoftProvider *soft, GError **errp)
{
    const char *file = soft->config.profile->public_key_file;
    uint32_t wanted = soft->config.profile->asym;
    SoftKeyPair *pair;

    if (!file) {
        return true;
    }
    pair = key_pair_new(0, NULL);
    g_ptr_array_add(soft->public_keys, pair);
    pair->key = pair->origin = soft_load_key(file, errp);
    if (!pair->key) {
        return false;
    }
    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if ((alg->bit & wanted) && spdm_private_key_fits(pair->key, alg)) {
            pair->alg = pair->algs = spdm_key_pair_algs(alg->bit);
            return soft_key_pair_make(soft, pair, errp);
        }
    }
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "%s: the key fits none of the asym of [algorithms]", file);
    return false;
}

SpdmPrivateKey *soft_signing_key(SpdmSoftProvider *soft, uint8_t slot,
                                 uint32_t asym)
{
    SoftKeyPair *pair = slot == SPDM_SLOT_PUBLIC_KEY ?
        soft_public_key_pair(soft, asym, NULL) : NULL;

    pair = pair ? pair : soft_slot_pair(soft, slot, asym);
    return pair ? pair->key : NULL;
}

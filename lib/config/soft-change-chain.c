/*
 * "1:chain.pem:key.pem" and "1:erase": another chain in a slot, as a user
 * writes it while the device runs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/soft-int.h"

#include <string.h>

/* --- what is wanted ------------------------------------------------------- */

typedef struct Wanted {
    uint8_t slot;
    const char *chain_file;
    const char *key_file;    /* NULL: the key is the device's */
    SoftIdentity *chain;
    const SpdmAsymAlg *alg;  /* of the leaf */
    SpdmPublicKey *leaf;
    SpdmPrivateKey *key;     /* of key_file */
    SoftKeyPair *pair;       /* whose key the leaf's is, or becomes */
} Wanted;

static void wanted_clear(Wanted *w)
{
    soft_identity_free(w->chain);
    spdm_public_key_free(w->leaf);
    spdm_private_key_free(w->key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Wanted, wanted_clear)

/* The lowest algorithm of the profile that the leaf's key fits. */
static bool find_alg(const SpdmSoftProvider *soft, Wanted *w, GError **errp)
{
    uint32_t asym = soft->config.profile->asym;
    g_autofree char *names = spdm_names_of(spdm_name_asym, asym);

    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        if ((asym & a->bit) && spdm_public_key_fits(w->leaf, a)) {
            w->alg = a;
            return true;
        }
    }
    return soft_refuse(errp,
                       "%s: the leaf's key, %s, fits none of asym=%s of the "
                       "profile", w->chain_file,
                       spdm_public_key_describe(w->leaf), names);
}

static bool read_chain(SpdmSoftProvider *soft, Wanted *w,
                       GPtrArray *warnings, GError **errp)
{
    w->chain = soft_identity_new(w->slot);
    if (!soft_load_chain(w->chain, w->chain_file, errp)) {
        return false;
    }
    w->leaf = spdm_x509_leaf_key(w->chain->der, errp);
    if (!w->leaf) {
        g_prefix_error(errp, "%s: ", w->chain_file);
        return false;
    }
    return soft_check_chain(w->chain, w->chain_file, soft->config.profile,
                            errp) &&
           soft_check_name(soft, w->chain, w->chain_file, warnings, errp) &&
           find_alg(soft, w, errp);
}

static bool is_key(const SpdmPrivateKey *key, const SpdmPublicKey *leaf)
{
    g_autoptr(SpdmPublicKey) own = spdm_private_key_public(key);

    return spdm_public_key_equal(own, leaf);
}

/* Any pair of the device: a request for it may have had any slot in mind. */
static bool find_pair(SpdmSoftProvider *soft, Wanted *w, GError **errp)
{
    g_assert(w->alg);        /* that of the leaf, which was read before */
    for (guint i = 0; i < soft->key_pairs->len; i++) {
        SoftKeyPair *pair = soft->key_pairs->pdata[i];

        if ((pair->alg & spdm_key_pair_algs(w->alg->bit)) &&
            soft_key_pair_make(soft, pair, NULL) &&
            is_key(pair->key, w->leaf)) {
            w->pair = pair;
            return true;
        }
    }
    return soft_refuse(errp,
                       "%s: the leaf's key is none of the device's; give it "
                       "as %u:%s:KEY.pem", w->chain_file, w->slot,
                       w->chain_file);
}

/* A key pair is not taken from the chains of other slots. */
static bool take_pair(SpdmSoftProvider *soft, Wanted *w, GError **errp)
{
    uint8_t bit = (uint8_t)(1u << w->slot);

    g_assert(w->alg);
    w->pair = soft_key_pair_of(soft, w->slot, w->alg->bit);
    if (!w->pair) {
        return soft_refuse(errp,
                           "slot %u has no key pair for %s, which %s could "
                           "become", w->slot, w->alg->name, w->key_file);
    }
    if ((soft_pair_slots(soft, w->pair) |
         soft_pair_chains(soft, w->pair, true)) & ~bit) {
        return soft_refuse(errp,
                           "key pair %u of slot %u is that of other slots, "
                           "too, and cannot become %s", w->pair->id, w->slot,
                           w->key_file);
    }
    return true;
}

static bool read_key(SpdmSoftProvider *soft, Wanted *w, GError **errp)
{
    w->key = soft_load_key(w->key_file, errp);
    if (!w->key) {
        return false;
    }
    if (!is_key(w->key, w->leaf)) {
        return soft_refuse(errp, "%s: is not the key of the leaf in %s",
                           w->key_file, w->chain_file);
    }
    return take_pair(soft, w, errp);
}

/* --- doing it ------------------------------------------------------------- */

static SoftProvisioned entry_of(const SpdmSoftProvider *soft,
                                const Wanted *w)
{
    SpdmCertModel model = soft->config.profile->slots[w->slot].model;

    g_assert(w->pair && w->alg);
    return (SoftProvisioned){
        .slot = w->slot,
        .pair = w->pair->id,
        .model = model ? model : SPDM_CERT_MODEL_DEVICE,
        .asym = soft_key_kind(w->alg->bit),
    };
}

static bool keep(SpdmSoftProvider *soft, Wanted *w)
{
    char *pem;

    if (!w->key) {
        return soft_keep_key(soft, w->pair, w->alg->bit);
    }
    pem = spdm_private_key_to_pem(w->key, NULL);
    if (pem) {
        g_ptr_array_add(soft->kept, soft_kept_new(
            w->pair->id, soft_key_kind(w->alg->bit), pem));
    }
    return pem != NULL;
}

/* A key that came along takes the place of the pair's. */
static void become(SpdmSoftProvider *soft, Wanted *w)
{
    if (w->key) {
        soft_identity_forget(soft, w->pair, UINT8_MAX);
        soft_key_pair_drop(w->pair);
        w->pair->key = g_steal_pointer(&w->key);
        w->pair->empty = false;
    }
}

static bool not_stored(GError **errp)
{
    return soft_refuse(errp,
                       "the change could not be stored in the state file; "
                       "nothing has changed");
}

static bool install(SpdmSoftProvider *soft, Wanted *w, GError **errp)
{
    g_autoptr(GPtrArray) kept = soft->kept;
    g_autoptr(GPtrArray) provisioned = soft->provisioned;
    SoftProvisioned entry = entry_of(soft, w);
    bool empty = w->pair->empty;

    soft->kept = soft_kept_without(soft, w->key ? w->pair->id : 0);
    soft->provisioned = soft_provisioned_without(provisioned, &entry);
    g_ptr_array_add(soft->provisioned, soft_provisioned_new(
        &entry, g_steal_pointer(&w->chain)));
    w->pair->empty = empty && !w->key;
    if (keep(soft, w) && soft_state_write(soft, NULL)) {
        become(soft, w);
        return true;
    }
    w->pair->empty = empty;
    g_ptr_array_unref(soft->kept);
    g_ptr_array_unref(soft->provisioned);
    soft->kept = g_steal_pointer(&kept);
    soft->provisioned = g_steal_pointer(&provisioned);
    return not_stored(errp);
}

static bool set_chain(SpdmSoftProvider *soft, Wanted *w, GPtrArray *warnings,
                      GError **errp)
{
    return read_chain(soft, w, warnings, errp) &&
           (w->key_file ? read_key(soft, w, errp)
                        : find_pair(soft, w, errp)) &&
           install(soft, w, errp);
}

/* For every kind of key that has a chain there. */
static bool erase(SpdmSoftProvider *soft, uint8_t slot, GError **errp)
{
    GPtrArray *before = g_ptr_array_ref(soft->provisioned);
    bool any = false, ok;

    for (const SpdmAsymAlg *a = spdm_asym_algs; a->name; a++) {
        SoftProvisioned entry = { .slot = slot,
                                  .asym = soft_key_kind(a->bit) };
        GPtrArray *table;

        if (!(soft_slots(soft, a->bit) & 1u << slot)) {
            continue;
        }
        table = soft_provisioned_without(soft->provisioned, &entry);
        g_ptr_array_add(table, soft_provisioned_new(&entry, NULL));
        g_ptr_array_unref(soft->provisioned);
        soft->provisioned = table;
        any = true;
    }
    ok = any && soft_state_write(soft, NULL);
    if (!ok) {
        g_ptr_array_unref(soft->provisioned);
        soft->provisioned = g_steal_pointer(&before);
    }
    g_clear_pointer(&before, g_ptr_array_unref);
    return ok || (any ? not_stored(errp) :
                  soft_refuse(errp, "slot %u holds no chain", slot));
}

static bool apply(SpdmSoftProvider *soft, Wanted *w, GPtrArray *warnings,
                  GError **errp)
{
    if (!(soft->config.profile->flags & CAP_CERT)) {
        return soft_refuse(errp,
                           "the device has no certificates: its profile has "
                           "no CERT among its capabilities");
    }
    return strcmp(w->chain_file, "erase") == 0 && !w->key_file ?
           erase(soft, w->slot, errp) : set_chain(soft, w, warnings, errp);
}

bool spdm_soft_provider_set_chain(SpdmSoftProvider *soft, const char *text,
                                  GPtrArray *warnings, SpdmSoftChange *change,
                                  GError **errp)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 4);
    guint n = g_strv_length(parts);
    g_auto(Wanted) w = { .slot = 0 };
    uint32_t slot;

    if (n < 2 || n > 3 || !*parts[1] || (n == 3 && !*parts[2]) ||
        !spdm_parse_uint(parts[0], &slot) || slot >= SPDM_SLOT_COUNT) {
        return soft_refuse(errp, "\"%s\" is not SLOT:CHAIN.pem, "
                           "SLOT:CHAIN.pem:KEY.pem or SLOT:erase, with a "
                           "slot from 0 to 7", text);
    }
    w.slot = (uint8_t)slot;
    w.chain_file = parts[1];
    w.key_file = parts[2];
    *change = (SpdmSoftChange){ .slots = (uint8_t)(1u << slot) };
    return apply(soft, &w, warnings, errp);
}

/*
 * What GET_CSR and SET_CERTIFICATE do to a device: a table laid over the
 * slots as the profile made them.
 *
 * An entry is for one slot and one kind of key. A slot that serves several
 * signature algorithms holds a chain for each, and a connection, which has
 * agreed on one, sees and changes that one alone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"

#include <string.h>

uint32_t soft_key_kind(uint32_t asym)
{
    const SpdmAsymAlg *alg = spdm_asym_by_bit(asym & -asym);

    for (const SpdmAsymAlg *a = spdm_asym_algs; alg && a->name; a++) {
        if (a->kind == alg->kind && a->key_bits == alg->key_bits) {
            return a->bit;
        }
    }
    return 0;
}

/* The table. */

static void provisioned_clear(gpointer data)
{
    SoftProvisioned *p = data;

    soft_identity_free(p->chain);
}

static void provisioned_unref(gpointer data)
{
    g_rc_box_release_full(data, provisioned_clear);
}

GPtrArray *soft_provisioned_table(void)
{
    return g_ptr_array_new_with_free_func(provisioned_unref);
}

SoftProvisioned *soft_provisioned_new(const SoftProvisioned *what,
                                      SoftIdentity *chain)
{
    SoftProvisioned *p = g_rc_box_new(SoftProvisioned);

    *p = *what;
    p->chain = chain;
    return p;
}

GPtrArray *soft_provisioned_without(const GPtrArray *table,
                                    const SoftProvisioned *like)
{
    GPtrArray *copy = soft_provisioned_table();

    for (guint i = 0; i < table->len; i++) {
        SoftProvisioned *p = table->pdata[i];

        if (p->slot != like->slot || p->asym != like->asym ||
            p->staged != like->staged) {
            g_ptr_array_add(copy, g_rc_box_acquire(p));
        }
    }
    return copy;
}

static const SoftProvisioned *find(const SpdmSoftProvider *soft,
                                   uint8_t slot, uint32_t asym)
{
    uint32_t kind = soft_has_bank(soft, asym) ? soft_key_kind(asym) : 0;

    for (guint i = 0; kind && i < soft->provisioned->len; i++) {
        const SoftProvisioned *p = soft->provisioned->pdata[i];

        if (p->slot == slot && p->asym == kind && !p->staged) {
            return p;
        }
    }
    return NULL;
}

/* Kept keys. */

static void kept_clear(gpointer data)
{
    SoftKept *kept = data;

    spdm_wipe(kept->pem, strlen(kept->pem));
    g_free(kept->pem);
}

static void kept_unref(gpointer data)
{
    g_rc_box_release_full(data, kept_clear);
}

GPtrArray *soft_kept_table(void)
{
    return g_ptr_array_new_with_free_func(kept_unref);
}

SoftKept *soft_kept_new(uint8_t pair, uint32_t asym, char *pem)
{
    SoftKept *kept = g_rc_box_new(SoftKept);

    *kept = (SoftKept){ .pair = pair, .asym = asym, .pem = pem };
    return kept;
}

GPtrArray *soft_kept_without(const SpdmSoftProvider *soft, uint8_t pair)
{
    GPtrArray *copy = soft_kept_table();

    for (guint i = 0; i < soft->kept->len; i++) {
        SoftKept *kept = soft->kept->pdata[i];

        if (kept->pair != pair) {
            g_ptr_array_add(copy, g_rc_box_acquire(kept));
        }
    }
    return copy;
}

static const SoftKept *find_kept(const SpdmSoftProvider *soft, uint8_t pair,
                                 uint32_t asym)
{
    for (guint i = 0; i < soft->kept->len; i++) {
        const SoftKept *kept = soft->kept->pdata[i];

        if (kept->pair == pair && kept->asym == soft_key_kind(asym)) {
            return kept;
        }
    }
    return NULL;
}

SpdmPrivateKey *soft_kept_key(const SpdmSoftProvider *soft,
                              const SoftKeyPair *pair,
                              const SpdmAsymAlg *alg)
{
    const SoftKept *kept = find_kept(soft, pair->id, alg->bit);

    return kept ? spdm_private_key_load(SPDM_BYTES(kept->pem,
                                                   strlen(kept->pem)),
                                        "kept key", NULL) : NULL;
}

/*
 * Certificates outlive a process, and so must their keys: those of files and
 * of seeds come again, those from real randomness do not.
 */
bool soft_keep_key(SpdmSoftProvider *soft, const SoftKeyPair *pair,
                   uint32_t asym)
{
    char *pem;

    if (!pair->stream || soft->seed || find_kept(soft, pair->id, asym)) {
        return true;
    }
    pem = spdm_private_key_to_pem(pair->key, NULL);
    if (pem) {
        g_ptr_array_add(soft->kept, soft_kept_new(pair->id,
                                                  soft_key_kind(asym), pem));
    }
    return pem != NULL;
}

/* As above, and on disk; asking again and again writes nothing more. */
static bool keep_and_write(SpdmSoftProvider *soft, const SoftKeyPair *pair,
                           uint32_t asym)
{
    guint before = soft->kept->len;

    if (!soft_keep_key(soft, pair, asym)) {
        return false;
    }
    if (soft->kept->len == before || soft_state_write(soft, NULL)) {
        return true;
    }
    g_ptr_array_set_size(soft->kept, (gint)before);
    return false;
}

/* What the slots hold. */

uint8_t soft_slots(const SpdmSoftProvider *soft, uint32_t asym)
{
    uint8_t mask = soft_identity_slots(soft, asym);

    for (uint8_t i = 0; i < SPDM_SLOT_COUNT; i++) {
        const SoftProvisioned *p = find(soft, i, asym);

        if (p) {
            mask &= (uint8_t)~(1u << i);
            mask |= p->chain ? (uint8_t)(1u << i) : 0;
        }
    }
    return mask;
}

/* What the slot holds now; NULL: it is empty. */
static SoftIdentity *held(SpdmSoftProvider *soft, uint8_t slot, uint32_t asym)
{
    const SoftProvisioned *p = find(soft, slot, asym);

    return p ? p->chain : soft_identity_get(soft, slot, asym, NULL);
}

GBytes *soft_chain(SpdmSoftProvider *soft, uint8_t slot, uint32_t asym,
                   uint32_t hash)
{
    SoftIdentity *identity = held(soft, slot, asym);

    return identity ? soft_identity_chain(identity, hash) : NULL;
}

GBytes *soft_chain_digest(SpdmSoftProvider *soft, uint8_t slot,
                          uint32_t asym, uint32_t hash)
{
    SoftIdentity *identity = held(soft, slot, asym);

    return identity ? soft_identity_digest(identity, hash) : NULL;
}

SoftKeyPair *soft_slot_pair(SpdmSoftProvider *soft, uint8_t slot,
                            uint32_t asym)
{
    const SoftProvisioned *p = find(soft, slot, asym);
    SoftKeyPair *pair = soft_key_pair_by_id(soft, p ? p->pair : 0);
    SoftIdentity *identity;

    if (p) {
        return p->chain && pair && soft_key_pair_make(soft, pair, NULL) ?
               pair : NULL;
    }
    identity = soft_identity_get(soft, slot, asym, NULL);
    return identity && soft_key_pair_make(soft, identity->pair, NULL) ?
           identity->pair : NULL;
}

/* A connection with one key names no model: the profile's, or else Device. */
SpdmCertModel soft_slot_model(const SpdmSoftProvider *soft, uint8_t slot,
                              uint32_t asym)
{
    const SoftProvisioned *p = find(soft, slot, asym);
    SpdmCertModel own = soft_identity_model(soft, slot, asym);

    if (!p) {
        return own;
    }
    if (!p->chain) {
        return SPDM_CERT_MODEL_NONE;
    }
    return p->model ? p->model : own ? own : SPDM_CERT_MODEL_DEVICE;
}

uint8_t soft_pair_slots(const SpdmSoftProvider *soft, const SoftKeyPair *pair)
{
    uint32_t asym = spdm_key_pair_asym(pair->alg);
    uint8_t slots = soft_has_bank(soft, asym) ? pair->slots : 0;

    for (guint i = 0; soft_has_bank(soft, asym) &&
                      i < soft->provisioned->len; i++) {
        const SoftProvisioned *p = soft->provisioned->pdata[i];

        if (p->staged || p->asym != soft_key_kind(asym)) {
            continue;
        }
        slots &= (uint8_t)~(1u << p->slot);
        slots |= p->chain && p->pair == pair->id ? 1u << p->slot : 0;
    }
    return slots;
}

uint8_t soft_pair_chains(const SpdmSoftProvider *soft,
                         const SoftKeyPair *pair, bool staged)
{
    uint8_t slots = 0;

    for (guint i = 0; i < soft->provisioned->len; i++) {
        const SoftProvisioned *p = soft->provisioned->pdata[i];

        if (p->chain && p->pair == pair->id && (staged || !p->staged)) {
            slots |= (uint8_t)(1u << p->slot);
        }
    }
    return slots;
}

GPtrArray *soft_provisioned_unerased(const SpdmSoftProvider *soft,
                                     uint8_t slots, uint32_t asym)
{
    GPtrArray *copy = soft_provisioned_table();

    for (guint i = 0; i < soft->provisioned->len; i++) {
        SoftProvisioned *p = soft->provisioned->pdata[i];

        if (p->chain || p->staged || !(slots & 1u << p->slot) ||
            p->asym != soft_key_kind(asym)) {
            g_ptr_array_add(copy, g_rc_box_acquire(p));
        }
    }
    return copy;
}

/* GET_CSR. */

/* A device that does not number its keys means the first that there is. */
static SoftKeyPair *csr_pair(SpdmSoftProvider *soft, uint8_t key_pair_id,
                             uint32_t asym)
{
    uint8_t slots = soft_identity_slots(soft, asym);
    SoftKeyPair *pair = key_pair_id ? soft_key_pair_by_id(soft, key_pair_id) :
        slots ? soft_key_pair_of(soft, (uint8_t)__builtin_ctz(slots), asym) :
        NULL;

    return pair && soft_has_bank(soft, asym) &&
           (pair->alg & spdm_key_pair_algs(asym)) &&
           soft_key_pair_make(soft, pair, NULL) ? pair : NULL;
}

bool soft_csr(SpdmSoftProvider *soft, const SpdmCsrRequest *ask,
              GByteArray *csr)
{
    const SpdmAsymAlg *alg = spdm_asym_by_bit(ask->asym);
    SoftKeyPair *pair = csr_pair(soft, ask->key_pair_id, ask->asym);
    g_autofree char *name = g_strdup_printf("qemu-spdm %s",
                                            soft->config.profile->name);
    g_autoptr(GBytes) der = NULL;
    SpdmChainSpec spec;

    if (!pair || !alg) {
        return false;
    }
    spec = soft_identity_spec(soft, alg, name);
    der = spdm_csr_make(&spec, pair->key, ask->requester_info, NULL);
    if (!der || !keep_and_write(soft, pair, ask->asym)) {
        return false;
    }
    g_byte_array_append(csr, soft_bytes(der).data, soft_bytes(der).len);
    return true;
}

/* SET_CERTIFICATE. */

static bool is_key_of(const SoftKeyPair *pair, const SpdmPublicKey *leaf)
{
    g_autoptr(SpdmPublicKey) own =
        pair ? spdm_private_key_public(pair->key) : NULL;

    return own && spdm_public_key_equal(own, leaf);
}

/* The key that a CSR was for, or that the slot came with. */
static SoftKeyPair *find_key(SpdmSoftProvider *soft,
                             const SpdmSetCertificate *ask,
                             const SpdmPublicKey *leaf)
{
    SoftKeyPair *pair = csr_pair(soft, ask->key_pair_id, ask->asym);

    if (!is_key_of(pair, leaf) && !ask->key_pair_id) {
        pair = soft_key_pair_of(soft, ask->slot, ask->asym);
        pair = pair && soft_key_pair_make(soft, pair, NULL) ? pair : NULL;
    }
    return is_key_of(pair, leaf) ? pair : NULL;
}

/* The certificates after Length, reserved and RootHash. */
static GPtrArray *certificates(const SpdmSetCertificate *ask)
{
    size_t header = 4 + (size_t)spdm_hash_by_bit(ask->hash)->size;

    return ask->chain.len <= header ? NULL :
           spdm_x509_split_der(SPDM_BYTES(ask->chain.data + header,
                                          ask->chain.len - header));
}

static SoftProvisioned *make_entry(SpdmSoftProvider *soft,
                                   const SpdmSetCertificate *ask)
{
    SoftProvisioned what = {
        .slot = ask->slot,
        .model = ask->model,
        .asym = soft_key_kind(ask->asym),
        .staged = ask->at_reset,
    };
    g_autoptr(SoftIdentity) chain = soft_identity_new(ask->slot);
    g_autoptr(SpdmPublicKey) leaf = NULL;
    SoftKeyPair *key;

    if (!ask->chain.len) {
        return soft_provisioned_new(&what, NULL);
    }
    chain->der = certificates(ask);
    leaf = chain->der ? spdm_x509_leaf_key(chain->der, NULL) : NULL;
    key = leaf ? find_key(soft, ask, leaf) : NULL;
    if (!key || !soft_keep_key(soft, key, ask->asym)) {
        return NULL;
    }
    what.pair = key->id;
    return soft_provisioned_new(&what, g_steal_pointer(&chain));
}

/* The table is replaced, written, and on failure put back. */
bool soft_provisioned_replace(SpdmSoftProvider *soft, GPtrArray *table)
{
    g_autoptr(GPtrArray) before = soft->provisioned;

    soft->provisioned = table;
    if (soft_state_write(soft, NULL)) {
        return true;
    }
    g_ptr_array_unref(table);
    soft->provisioned = g_steal_pointer(&before);
    return false;
}

SpdmProvisionStatus soft_set_certificate(SpdmSoftProvider *soft,
                                         const SpdmSetCertificate *ask)
{
    SoftProvisioned *entry = make_entry(soft, ask);
    GPtrArray *table;

    if (!entry) {
        return SPDM_PROVISION_NO_KEY;
    }
    table = soft_provisioned_without(soft->provisioned, entry);
    g_ptr_array_add(table, entry);
    return soft_provisioned_replace(soft, table) ? SPDM_PROVISION_OK
                                                 : SPDM_PROVISION_FAILED;
}

/* Reset. */

uint8_t soft_staged_slots(const SpdmSoftProvider *soft)
{
    uint8_t mask = 0;

    for (guint i = 0; i < soft->provisioned->len; i++) {
        const SoftProvisioned *p = soft->provisioned->pdata[i];

        mask |= p->staged ? (uint8_t)(1u << p->slot) : 0;
    }
    return mask;
}

static SoftProvisioned *first_staged(const SpdmSoftProvider *soft)
{
    for (guint i = 0; i < soft->provisioned->len; i++) {
        SoftProvisioned *p = soft->provisioned->pdata[i];

        if (p->staged) {
            return p;
        }
    }
    return NULL;
}

uint8_t soft_apply_staged(SpdmSoftProvider *soft)
{
    uint8_t changed = soft_staged_slots(soft);
    SoftProvisioned *staged;

    while ((staged = first_staged(soft))) {
        SoftProvisioned replaced = *staged;
        GPtrArray *table;

        replaced.staged = false;
        table = soft_provisioned_without(soft->provisioned, &replaced);
        staged->staged = false;
        g_ptr_array_unref(soft->provisioned);
        soft->provisioned = table;
    }
    return changed;
}

/* DSP0274 GET_CSR: the request is made again after the reset. */
static bool ripen_tags(SpdmSoftProvider *soft)
{
    bool any = soft->tags.waiting != 0;

    soft->tags.ready |= soft->tags.waiting;
    soft->tags.waiting = 0;
    return any;
}

/*
 * When the file cannot be written it still says "staged" and "waiting", which
 * a restart makes true: nothing is lost. Chains come first: a key that has got
 * one is not erased any more.
 */
uint8_t soft_platform_reset(SpdmSoftProvider *soft)
{
    bool ripe = ripen_tags(soft);
    uint8_t changed = soft_apply_staged(soft);
    bool pairs = soft->staged->len > 0;

    changed |= soft_apply_staged_pairs(soft);
    if (changed || ripe || pairs) {
        soft_state_write(soft, NULL);
    }
    return changed;
}

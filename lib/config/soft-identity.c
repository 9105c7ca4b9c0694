/*
 * Keys and chains: read from the files of a slot, or made at first use.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"
#include "config/profile-int.h"
#include "crypto/hash.h"
#include "spdm/file.h"

#include <string.h>

/* Seconds since 1970. */
enum { DAY = 24 * 60 * 60 };
static const int64_t seeded_not_before = 1577836800;      /* 2020-01-01 */
static const int64_t seeded_not_after = 253402300799;     /* 9999-12-31 */
static const int64_t validity = INT64_C(20) * 365 * DAY;

static int64_t now_s(void)
{
    return g_get_real_time() / G_USEC_PER_SEC;
}

SoftIdentity *soft_identity_new(uint8_t slot)
{
    SoftIdentity *identity = g_new0(SoftIdentity, 1);

    identity->slot = slot;
    identity->chains = g_hash_table_new_full(
        NULL, NULL, NULL, (GDestroyNotify)g_bytes_unref);
    identity->digests = g_hash_table_new_full(
        NULL, NULL, NULL, (GDestroyNotify)g_bytes_unref);
    return identity;
}

void soft_identity_free(SoftIdentity *identity)
{
    if (!identity) {
        return;
    }
    g_clear_pointer(&identity->der, g_ptr_array_unref);
    g_hash_table_unref(identity->chains);
    g_hash_table_unref(identity->digests);
    g_free(identity);
}

GBytes *soft_identity_chain(SoftIdentity *identity, uint32_t hash)
{
    const SpdmHashAlg *alg = spdm_hash_by_bit(hash);
    GBytes *chain = g_hash_table_lookup(identity->chains,
                                        GUINT_TO_POINTER(hash));

    if (!chain && alg) {
        chain = spdm_x509_build_chain(identity->der, alg);
        if (chain) {
            g_hash_table_insert(identity->chains, GUINT_TO_POINTER(hash),
                                chain);
        }
    }
    return chain;
}

GBytes *soft_identity_digest(SoftIdentity *identity, uint32_t hash)
{
    const SpdmHashAlg *alg = spdm_hash_by_bit(hash);
    GBytes *chain = soft_identity_chain(identity, hash);
    GBytes *digest = g_hash_table_lookup(identity->digests,
                                         GUINT_TO_POINTER(hash));
    uint8_t bytes[SPDM_MAX_HASH];
    SpdmBytes whole;

    if (!digest && chain) {
        whole = soft_bytes(chain);
        spdm_hash(alg, &whole, 1, bytes);
        digest = g_bytes_new(bytes, alg->size);
        g_hash_table_insert(identity->digests, GUINT_TO_POINTER(hash),
                            digest);
    }
    return digest;
}

/* Slots from files. */

static bool bad_file(GError **errp, const char *file, const char *format,
                     ...) G_GNUC_PRINTF(3, 4);

static bool bad_file(GError **errp, const char *file, const char *format,
                     ...)
{
    g_autofree char *why = NULL;
    va_list args;

    va_start(args, format);
    why = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                "%s: %s", file, why);
    return false;
}

static bool read_file(const char *path, char **text, gsize *len,
                      GError **errp)
{
    g_autoptr(GError) local = NULL;

    if (spdm_read_file(path, text, len, &local)) {
        return true;
    }
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE,
                "%s: cannot be read: %s", path, local->message);
    return false;
}

bool soft_load_chain(SoftIdentity *identity, const char *path, GError **errp)
{
    g_autofree char *text = NULL;
    gsize len;

    if (!read_file(path, &text, &len, errp)) {
        return false;
    }
    identity->der = spdm_x509_load_pem_chain(SPDM_BYTES(text, len), path,
                                             errp);
    return identity->der != NULL;
}

SpdmPrivateKey *soft_load_key(const char *path, GError **errp)
{
    g_autofree char *text = NULL;
    SpdmPrivateKey *key;
    gsize len;

    if (!read_file(path, &text, &len, errp)) {
        return NULL;
    }
    key = spdm_private_key_load(SPDM_BYTES(text, len), path, errp);
    spdm_wipe(text, len);
    return key;
}

static bool other_key(GError **errp, const SpdmProfileSlot *slot,
                      const SpdmPublicKey *own, const SpdmPublicKey *leaf)
{
    const char *is = spdm_public_key_describe(own);
    const char *want = spdm_public_key_describe(leaf);
    bool alike = !strcmp(is, want);

    return bad_file(errp, slot->key_file,
                    "is not the key of the leaf in %s (%s%s%s)",
                    slot->cert_file, alike ? "both are " : is,
                    alike ? "" : ", the leaf's is ", want);
}

static bool check_key(const SoftIdentity *identity,
                      const SpdmPrivateKey *key,
                      const SpdmProfileSlot *slot, GError **errp)
{
    g_autoptr(SpdmPublicKey) leaf = spdm_x509_leaf_key(identity->der, errp);
    g_autoptr(SpdmPublicKey) own = NULL;
    g_autofree char *names = NULL;

    if (!leaf) {
        g_prefix_error(errp, "%s: ", slot->cert_file);
        return false;
    }
    own = spdm_private_key_public(key);
    if (!spdm_public_key_equal(leaf, own)) {
        return other_key(errp, slot, own, leaf);
    }
    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if ((slot->asym & alg->bit) && spdm_public_key_fits(leaf, alg)) {
            return true;
        }
    }
    names = spdm_names_of(spdm_name_asym, slot->asym);
    return bad_file(errp, slot->cert_file,
                    "the leaf's key, %s, fits none of asym=%s",
                    spdm_public_key_describe(leaf), names);
}

bool soft_check_chain(SoftIdentity *identity, const char *file,
                      const SpdmProfile *profile, GError **errp)
{
    uint32_t hash = profile->hash & -profile->hash;
    SpdmChainPolicy policy = {
        .hash = spdm_hash_by_bit(hash),
        .now = now_s(),
    };
    GBytes *chain = soft_identity_chain(identity, hash);
    SpdmChainReason reason;

    if (!chain) {
        return bad_file(errp, file, "the chain is longer than 65535 bytes");
    }
    reason = spdm_x509_verify_chain(soft_bytes(chain), &policy, NULL);
    if (reason == SPDM_CHAIN_ROOT_UNTRUSTED) {
        return bad_file(errp, file, "the first certificate is not a root "
                        "(issued by itself); the chain goes from root to "
                        "leaf");
    }
    if (reason != SPDM_CHAIN_OK) {
        return bad_file(errp, file, "%s", spdm_chain_reason_text(reason));
    }
    return true;
}

/* A leaf that adds a serial number to our name is ours. */
static bool is_own_name(const char *own, const char *name)
{
    size_t len = strlen(own);

    return g_ascii_strncasecmp(own, name, len) == 0 &&
           (!name[len] || g_ascii_strncasecmp(name + len, ":SN=", 4) == 0);
}

bool soft_check_name(SpdmSoftProvider *soft, const SoftIdentity *identity,
                     const char *file, GPtrArray *warnings, GError **errp)
{
    g_autofree char *name = spdm_x509_cma_name(identity->der);
    g_autofree char *line = NULL;

    if (!name || !soft->cma_name || is_own_name(soft->cma_name, name)) {
        return true;
    }
    line = g_strdup_printf("the leaf names another PCI function, %s; this "
                           "one is %s", name, soft->cma_name);
    if (soft->config.profile->strict_identity) {
        return bad_file(errp, file, "%s", line);
    }
    if (warnings) {
        g_ptr_array_add(warnings, g_strdup_printf("%s: %s", file, line));
    }
    return true;
}

static bool load_slot(SpdmSoftProvider *soft, uint8_t number,
                      GPtrArray *warnings, GError **errp)
{
    const SpdmProfile *profile = soft->config.profile;
    const SpdmProfileSlot *slot = &profile->slots[number];
    g_autoptr(SoftIdentity) identity = soft_identity_new(number);
    g_autoptr(SpdmPrivateKey) key = NULL;

    if (!soft_load_chain(identity, slot->cert_file, errp)) {
        return false;
    }
    key = soft_load_key(slot->key_file, errp);
    if (!key || !check_key(identity, key, slot, errp) ||
        !soft_check_chain(identity, slot->cert_file, profile, errp) ||
        !soft_check_name(soft, identity, slot->cert_file, warnings, errp)) {
        return false;
    }
    identity->pair = soft_key_pair_add_loaded(soft, number,
                                              g_steal_pointer(&key));
    g_ptr_array_add(soft->identities, g_steal_pointer(&identity));
    return true;
}

bool soft_identity_load(SpdmSoftProvider *soft, GPtrArray *warnings,
                        GError **errp)
{
    for (uint8_t i = 0; i < SPDM_SLOT_COUNT; i++) {
        if (soft->config.profile->slots[i].cert_file &&
            !load_slot(soft, i, warnings, errp)) {
            return false;
        }
    }
    return true;
}

/* What is there already. */

void soft_identity_forget(SpdmSoftProvider *soft, const SoftKeyPair *pair,
                          uint8_t slots)
{
    for (guint i = soft->identities->len; i > 0; i--) {
        SoftIdentity *identity = soft->identities->pdata[i - 1];

        if (identity->pair == pair && (slots & 1u << identity->slot)) {
            g_ptr_array_remove_index(soft->identities, i - 1);
        }
    }
}

static SoftIdentity *find(const SpdmSoftProvider *soft, uint8_t slot,
                          const SoftKeyPair *pair)
{
    for (guint i = 0; i < soft->identities->len; i++) {
        SoftIdentity *identity = soft->identities->pdata[i];

        if (identity->slot == slot && identity->pair == pair) {
            return identity;
        }
    }
    return NULL;
}

uint8_t soft_identity_slots(const SpdmSoftProvider *soft, uint32_t asym)
{
    const SpdmProfile *profile = soft->config.profile;
    uint8_t mask = 0;

    for (uint8_t i = 0; i < SPDM_SLOT_COUNT; i++) {
        const SpdmProfileSlot *slot = &profile->slots[i];
        const SoftKeyPair *pair = soft_key_pair_of(soft, i, asym);

        if ((slot->asym & asym) && pair &&
            (slot->automatic || find(soft, i, pair))) {
            mask |= 1 << i;
        }
    }
    return mask;
}

uint8_t soft_identity_made(const SpdmSoftProvider *soft, uint32_t asym)
{
    uint8_t mask = 0;

    for (uint8_t i = 0; i < SPDM_SLOT_COUNT; i++) {
        const SoftKeyPair *pair = soft_key_pair_of(soft, i, asym);

        if (pair && find(soft, i, pair)) {
            mask |= (uint8_t)(1u << i);
        }
    }
    return mask;
}

SpdmCertModel soft_identity_model(const SpdmSoftProvider *soft, uint8_t slot,
                                  uint32_t asym)
{
    return soft_identity_slots(soft, asym) & 1 << slot ?
        soft->config.profile->slots[slot].model : SPDM_CERT_MODEL_NONE;
}

/* Automatic slots. */

/* Certificates are signed with the hash that matches their keys. */
static const SpdmHashAlg *certificate_hash(const SpdmAsymAlg *alg)
{
    static const struct {
        uint16_t key_bits;
        const char *hash;
    } rows[] = {
        { 256, "SHA-256" }, { 384, "SHA-384" }, { 521, "SHA-512" },
        { 2048, "SHA-256" }, { 3072, "SHA-384" }, { 4096, "SHA-384" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].key_bits == alg->key_bits) {
            return spdm_hash_by_name(rows[i].hash);
        }
    }
    return spdm_hash_by_name("SHA-384");
}

SpdmSeeded *soft_stream(const SpdmSoftProvider *soft, const char *what)
{
    g_autofree char *label = NULL;

    if (!soft->seed) {
        return NULL;
    }
    label = g_strdup_printf("%s/%s", soft->seed_label, what);
    return spdm_seeded_new(soft->seed, label);
}

/* A day back: the guest's clock may be behind ours. */
SpdmChainSpec soft_identity_spec(const SpdmSoftProvider *soft,
                                 const SpdmAsymAlg *alg, const char *name)
{
    return (SpdmChainSpec){
        .alg = alg,
        .hash = certificate_hash(alg),
        .common_name = name,
        .cma_name = soft->cma_name,
        .intermediates = soft->config.profile->intermediates,
        .not_before = soft->seed ? seeded_not_before : now_s() - DAY,
        .not_after = soft->seed ? seeded_not_after : now_s() + validity,
    };
}

static bool has_alias(const SpdmSoftProvider *soft)
{
    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        const SpdmProfileSlot *slot = &soft->config.profile->slots[i];

        if (slot->automatic && slot->model == SPDM_CERT_MODEL_ALIAS) {
            return true;
        }
    }
    return false;
}

static const SpdmAsymAlg *authority_alg(const SpdmSoftProvider *soft)
{
    return spdm_ca_alg(soft->config.profile->asym);
}

/*
 * One root for a device, whatever its leaves are: a guest has one certificate
 * to trust, and it is there before any (slow) RSA key is.
 */
SpdmCa *soft_identity_ca(SpdmSoftProvider *soft, GError **errp)
{
    g_autoptr(SpdmSeeded) stream = NULL;
    g_autofree char *name = NULL;
    SpdmChainSpec spec;
    SpdmRng rng;

    if (soft->ca) {
        return soft->ca;
    }
    stream = soft_stream(soft, "CA");
    rng = stream ? spdm_seeded_rng(stream) : soft->rng;
    name = g_strdup_printf("qemu-spdm %s", soft->config.profile->name);
    spec = soft_identity_spec(soft, authority_alg(soft), name);
    spec.model = has_alias(soft) ? SPDM_CERT_MODEL_ALIAS
                                 : SPDM_CERT_MODEL_DEVICE;
    soft->ca = spdm_ca_new(&spec, &rng, errp);
    return soft->ca;
}

/* One Device Cert for a device, whatever aliases it issues. */
static SpdmCa *device_ca(SpdmSoftProvider *soft, GError **errp)
{
    SpdmCa *above = soft_identity_ca(soft, errp);
    g_autoptr(SpdmSeeded) stream = soft_stream(soft, "device CA");
    SpdmRng rng = stream ? spdm_seeded_rng(stream) : soft->rng;
    g_autofree char *name = g_strdup_printf("qemu-spdm %s",
                                            soft->config.profile->name);
    SpdmChainSpec spec = soft_identity_spec(soft, authority_alg(soft), name);

    if (above && !soft->device_ca) {
        spec.model = SPDM_CERT_MODEL_ALIAS;
        soft->device_ca = spdm_ca_new_device(above, &spec, &rng, errp);
    }
    return soft->device_ca;
}

/* Serial numbers: they come again with the key that they are for. */
static SpdmSeeded *leaf_stream(const SpdmSoftProvider *soft, uint8_t slot,
                               const SoftKeyPair *pair)
{
    g_autofree char *what =
        g_strdup_printf("slot %u/certificate %u/%u/%u", slot, pair->id,
                        pair->alg, pair->generation);

    return soft_stream(soft, what);
}

static char *leaf_name(const SpdmSoftProvider *soft, uint8_t slot)
{
    const char *name = soft->config.profile->name;

    return slot ? g_strdup_printf("qemu-spdm %s slot %u", name, slot)
                : g_strdup_printf("qemu-spdm %s", name);
}

static SoftIdentity *generate(SpdmSoftProvider *soft, uint8_t slot,
                              SoftKeyPair *pair, GError **errp)
{
    SpdmCertModel model = soft->config.profile->slots[slot].model;
    SpdmCa *ca = model == SPDM_CERT_MODEL_ALIAS ? device_ca(soft, errp) :
                 soft_identity_ca(soft, errp);
    g_autoptr(SpdmSeeded) stream = leaf_stream(soft, slot, pair);
    SpdmRng rng = stream ? spdm_seeded_rng(stream) : soft->rng;
    g_autoptr(SoftIdentity) identity = soft_identity_new(slot);
    g_autoptr(SpdmPublicKey) public = NULL;
    g_autofree char *name = leaf_name(soft, slot);
    SpdmChainSpec spec = soft_identity_spec(soft, soft_key_pair_alg(pair),
                                            name);

    if (!ca || !soft_key_pair_make(soft, pair, errp)) {
        return NULL;
    }
    spec.model = model;
    public = spdm_private_key_public(pair->key);
    identity->pair = pair;
    identity->der = spdm_ca_certify(ca, &spec, public, &rng, errp);
    if (!identity->der) {
        return NULL;
    }
    g_ptr_array_add(soft->identities, identity);
    return g_steal_pointer(&identity);
}

SoftIdentity *soft_identity_get(SpdmSoftProvider *soft, uint8_t slot,
                                uint32_t asym, GError **errp)
{
    const SpdmAsymAlg *alg = spdm_asym_by_bit(asym);
    SoftIdentity *identity;
    SoftKeyPair *pair;

    if (slot >= SPDM_SLOT_COUNT ||
        !(soft_identity_slots(soft, asym) & 1 << slot)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                    "slot %u has no key for %s", slot,
                    alg ? alg->name : "this algorithm");
        return NULL;
    }
    pair = soft_key_pair_of(soft, slot, asym);
    identity = find(soft, slot, pair);
    return identity ? identity : generate(soft, slot, pair, errp);
}

/*
 * The soft provider: a profile, its keys, and somebody's clock.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/soft-int.h"

#include "crypto/secret.h"
#include "wire/copy.h"

#include <string.h>

static void op_random(void *opaque, void *buf, size_t len)
{
    SpdmSoftProvider *soft = opaque;

    spdm_rng_fill(&soft->rng, buf, len);
}

static int64_t op_now_us(void *opaque)
{
    SpdmSoftProvider *soft = opaque;

    return soft->config.now_us ? soft->config.now_us(soft->config.opaque) :
                                 g_get_monotonic_time();
}

static uint8_t op_slots(void *opaque, uint32_t asym)
{
    return soft_slots(opaque, asym);
}

static SpdmBytes op_cert_chain(void *opaque, uint8_t slot, uint32_t asym,
                               uint32_t hash)
{
    GBytes *chain = soft_chain(opaque, slot, asym, hash);

    return chain ? soft_bytes(chain) : SPDM_BYTES(NULL, 0);
}

static bool op_chain_hash(void *opaque, uint8_t slot, uint32_t asym,
                          uint32_t hash, uint8_t *out)
{
    GBytes *digest = soft_chain_digest(opaque, slot, asym, hash);

    if (digest) {
        memcpy(out, soft_bytes(digest).data, soft_bytes(digest).len);
    }
    return digest;
}

static bool op_chains_made(void *opaque)
{
    return soft_chains_made(opaque);
}

static bool op_slot_key(void *opaque, uint8_t slot, uint32_t asym,
                        SpdmSlotKey *key)
{
    const SoftKeyPair *pair = soft_slot_pair(opaque, slot, asym);

    pair = pair ? pair : soft_key_pair_of(opaque, slot, asym);
    if (pair) {
        *key = (SpdmSlotKey){
            .key_pair_id = pair->id,
            .model = soft_slot_model(opaque, slot, asym),
            .usage = pair->usage,
        };
    }
    return pair != NULL;
}

static SpdmBytes op_public_key(void *opaque, uint32_t asym)
{
    const SoftKeyPair *pair = soft_public_key_pair(opaque, asym, NULL);

    return pair ? soft_bytes(pair->spki) : SPDM_BYTES(NULL, 0);
}

static bool op_key_pair(void *opaque, uint8_t id, SpdmKeyPair *out)
{
    SpdmSoftProvider *soft = opaque;
    SoftKeyPair *pair = soft_key_pair_by_id(soft, id);
    bool made = pair && soft_key_pair_make(soft, pair, NULL);

    out->total = (uint8_t)soft->key_pairs->len;
    if (!pair) {
        return false;
    }
    out->id = id;
    out->capabilities = pair->capabilities;
    out->usage_caps = pair->usage_caps;
    out->usage = pair->usage;
    out->asym_caps = spdm_asym_base(pair->algs);
    out->asym = spdm_asym_base(pair->alg);
    out->pqc_caps = spdm_asym_pqc(pair->algs);
    out->pqc = spdm_asym_pqc(pair->alg);
    out->slots = soft_pair_slots(soft, pair);
    if (made) {
        out->public_key_info = spdm_spki_algorithm(soft_bytes(pair->spki));
    }
    return true;
}

static SpdmKeyPairResult op_set_key_pair(void *opaque,
                                         const SpdmKeyPairChange *change)
{
    return soft_key_pair_set(opaque, change);
}

static bool op_sign(void *opaque, const SpdmSignRequest *request,
                    uint8_t *sig)
{
    SpdmSoftProvider *soft = opaque;
    const SpdmHashAlg *hash = spdm_hash_by_bit(request->hash);
    const SpdmPrivateKey *key = soft_signing_key(soft, request->slot,
                                                 request->asym);

    return key && hash &&
           spdm_sign(key, spdm_asym_by_bit(request->asym), hash,
                     request->context, &request->message, 1, &soft->rng,
                     sig);
}

static GPtrArray *op_measurements(void *opaque)
{
    return soft_measure(opaque, false);
}

static GPtrArray *op_new_measurements(void *opaque)
{
    return soft_measure(opaque, true);
}

static GPtrArray *op_mel(void *opaque)
{
    return soft_mel(opaque);
}

static GBytes *op_endpoint_info(void *opaque, uint8_t sub_code)
{
    return soft_endpoint_info(opaque, sub_code);
}

static bool op_psk(void *opaque, SpdmBytes hint, SpdmBytes opaque_data,
                   uint32_t hash, uint8_t *psk, size_t *len)
{
    SpdmSoftProvider *soft = opaque;

    if (soft->pcie && spdm_pcie_psk(soft->pcie, hint, psk, len)) {
        return true;
    }
    return soft_psk(soft, hint, opaque_data, hash, psk, len);
}

/* What is saved has IDE keys in it. */
static void wipe_and_free(gpointer opaque)
{
    GByteArray *state = opaque;

    spdm_wipe(state->data, state->len);
    g_byte_array_unref(state);
}

/* PCI-SIG's protocols as they are on the bus now. */
static SpdmVendorResult ask_pcie(SpdmSoftProvider *soft,
                                 const SpdmVendorRequest *request,
                                 GByteArray *reply)
{
    SpdmPciFunction function = { .known = false };

    if (soft->config.pci_function) {
        soft->config.pci_function(soft->config.opaque, &function);
    }
    spdm_pcie_set_function(soft->pcie, &function);
    return spdm_pcie_vendor(soft->pcie, request, reply);
}

/* The echo service: whatever is said comes back, to whomever it was said. */
static SpdmVendorResult op_vendor(void *opaque,
                                  const SpdmVendorRequest *request,
                                  GByteArray *reply)
{
    SpdmSoftProvider *soft = opaque;
    SpdmVendorResult result = SPDM_VENDOR_UNSERVED;

    if (soft->pcie && spdm_pcie_is_for(request)) {
        result = ask_pcie(soft, request, reply);
    }
    if (result != SPDM_VENDOR_UNSERVED ||
        !soft->config.profile->vendor_echo) {
        return result;
    }
    spdm_append(reply, request->payload);
    return SPDM_VENDOR_ANSWERED;
}

static bool op_application(void *opaque, SpdmBytes message, GByteArray *reply)
{
    SpdmSoftProvider *soft = opaque;
    SpdmBytes pldm = SPDM_BYTES(message.data + 1, message.len - 1);

    if (!soft->config.profile->pldm || message.data[0] != SPDM_MCTP_PLDM) {
        return false;
    }
    g_byte_array_append(reply, message.data, 1);
    return spdm_pldm_answer(&soft->pldm, pldm, reply);
}

static void op_session_ended(void *opaque, uint32_t session_id)
{
    SpdmSoftProvider *soft = opaque;

    if (soft->pcie) {
        spdm_pcie_session_ended(soft->pcie, session_id);
    }
}

/* The TID, and all of the PCIe device. */
static GBytes *op_vendor_save(void *opaque)
{
    SpdmSoftProvider *soft = opaque;
    g_autoptr(GBytes) pcie = soft->pcie ? spdm_pcie_save(soft->pcie) : NULL;
    GByteArray *out = g_byte_array_new();

    g_byte_array_append(out, &soft->pldm.tid, 1);
    if (pcie) {
        g_byte_array_append(out, g_bytes_get_data(pcie, NULL),
                            (guint)g_bytes_get_size(pcie));
    }
    return g_bytes_new_with_free_func(out->data, out->len, wipe_and_free,
                                      out);
}

static bool op_vendor_load(void *opaque, SpdmBytes state,
                           const uint32_t *sessions, unsigned session_count,
                           GError **errp)
{
    SpdmSoftProvider *soft = opaque;
    SpdmBytes pcie;

    if (!state.len) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved device: has no Terminus ID");
        return false;
    }
    soft->pldm.tid = state.data[0];
    pcie = SPDM_BYTES(state.data + 1, state.len - 1);
    if (soft->pcie) {
        return spdm_pcie_load(soft->pcie, pcie, sessions, session_count,
                              errp);
    }
    if (pcie.len) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved device: has IDE streams or a TDI, and this "
                    "profile none");
    }
    return pcie.len == 0;
}

static bool op_trusts_requester(void *opaque, SpdmBytes chain, uint32_t asym,
                                uint32_t hash, const char **why)
{
    return soft_requester_trusts(opaque, chain, asym, hash, why);
}

static SpdmBytes op_requester_chain(void *opaque, uint8_t slot,
                                    uint32_t asym, uint32_t hash)
{
    return soft_requester_chain(opaque, slot, asym, hash);
}

static bool op_csr(void *opaque, const SpdmCsrRequest *ask, GByteArray *csr)
{
    return soft_csr(opaque, ask, csr);
}

static SpdmProvisionStatus op_set_certificate(void *opaque,
                                              const SpdmSetCertificate *ask)
{
    return soft_set_certificate(opaque, ask);
}

static bool op_bank(void *opaque, uint8_t id, SpdmBank *bank)
{
    return soft_bank(opaque, id, bank);
}

static bool op_set_bank(void *opaque, uint8_t id, uint32_t asym,
                        uint32_t pqc)
{
    return soft_set_bank(opaque, id, asym, pqc);
}

static uint8_t op_staged_slots(void *opaque)
{
    return soft_staged_slots(opaque);
}

static SpdmCsrTags op_csr_tags(void *opaque)
{
    SpdmSoftProvider *soft = opaque;

    return soft->tags;
}

static bool op_set_csr_tags(void *opaque, const SpdmCsrTags *tags)
{
    SpdmSoftProvider *soft = opaque;
    SpdmCsrTags before = soft->tags;

    /* A requester may ask all day: what is on disk is not written again. */
    if (before.waiting == tags->waiting && before.ready == tags->ready) {
        return true;
    }
    soft->tags = *tags;
    if (soft_state_write(soft, NULL)) {
        return true;
    }
    soft->tags = before;
    return false;
}

static uint8_t op_platform_reset(void *opaque)
{
    SpdmSoftProvider *soft = opaque;

    if (soft->pcie) {
        spdm_pcie_reset(soft->pcie);
    }
    soft->pldm.tid = soft->config.profile->pldm_tid;
    return soft_platform_reset(soft);
}

static GBytes *op_identity_save(void *opaque)
{
    return soft_state_save(opaque);
}

static bool op_identity_load(void *opaque, SpdmBytes state, GError **errp)
{
    return soft_state_load(opaque, state, "snapshot", errp) &&
           soft_state_write(opaque, errp);
}

static uint32_t op_flags(void *opaque)
{
    return ((const SpdmSoftProvider *)opaque)->flags;
}

static bool op_flags_possible(void *opaque, uint32_t flags)
{
    return soft_flags_possible(opaque, flags);
}

static GBytes *op_user_save(void *opaque)
{
    return soft_user_save(opaque);
}

static bool op_user_load(void *opaque, SpdmBytes state, GError **errp)
{
    return soft_user_load(opaque, state, errp);
}

static bool op_ephemeral_random(void *opaque, uint64_t index, uint64_t offset,
                                void *buf, size_t len)
{
    SpdmSoftProvider *soft = opaque;
    g_autoptr(SpdmSeeded) stream = NULL;
    g_autofree char *label = NULL;
    SpdmRng rng;

    if (len == 0) {
        return true;
    }
    if (!soft->stream) {
        spdm_rng_fill(&soft->rng, buf, len);
        return true;
    }
    label = g_strdup_printf("%s/ephemeral/%" G_GUINT64_FORMAT,
                            soft->seed_label, index);
    stream = spdm_seeded_new(soft->seed, label);
    spdm_seeded_seek(stream, offset);
    rng = spdm_seeded_rng(stream);
    spdm_rng_fill(&rng, buf, len);
    return true;
}

static uint64_t op_random_tell(void *opaque)
{
    SpdmSoftProvider *soft = opaque;

    return soft->stream ? spdm_seeded_tell(soft->stream) : 0;
}

static void op_random_seek(void *opaque, uint64_t position)
{
    SpdmSoftProvider *soft = opaque;

    if (soft->stream) {
        spdm_seeded_seek(soft->stream, position);
    }
}

static const SpdmProviderOps soft_ops = {
    .random = op_random,
    .now_us = op_now_us,
    .slots = op_slots,
    .cert_chain = op_cert_chain,
    .chain_hash = op_chain_hash,
    .chains_made = op_chains_made,
    .slot_key = op_slot_key,
    .public_key = op_public_key,
    .key_pair = op_key_pair,
    .set_key_pair = op_set_key_pair,
    .sign = op_sign,
    .measurements = op_measurements,
    .new_measurements = op_new_measurements,
    .mel = op_mel,
    .endpoint_info = op_endpoint_info,
    .psk = op_psk,
    .vendor = op_vendor,
    .application = op_application,
    .session_ended = op_session_ended,
    .vendor_save = op_vendor_save,
    .vendor_load = op_vendor_load,
    .csr = op_csr,
    .set_certificate = op_set_certificate,
    .bank = op_bank,
    .set_bank = op_set_bank,
    .staged_slots = op_staged_slots,
    .csr_tags = op_csr_tags,
    .set_csr_tags = op_set_csr_tags,
    .platform_reset = op_platform_reset,
    .identity_save = op_identity_save,
    .identity_load = op_identity_load,
    .flags = op_flags,
    .flags_possible = op_flags_possible,
    .user_save = op_user_save,
    .user_load = op_user_load,
    .ephemeral_random = op_ephemeral_random,
    .random_tell = op_random_tell,
    .random_seek = op_random_seek,
    .trusts_requester = op_trusts_requester,
    .requester_chain = op_requester_chain,
};

SpdmProvider spdm_soft_provider(SpdmSoftProvider *soft)
{
    return (SpdmProvider){ .ops = &soft_ops, .opaque = soft };
}

static char *own_cma_name(const SpdmPciName *pci)
{
    SpdmPciId id = {
        .vendor = pci->vendor,
        .device = pci->device,
        .class_code = pci->class_code,
        .revision = pci->revision,
        .has_subsystem = true,
        .ss_vendor = pci->ss_vendor,
        .ss_device = pci->ss_device,
    };

    return pci->vendor ? spdm_pci_id_to_cma(&id) : NULL;
}

/* Whatever the profile accepts, some slot must be able to sign. */
static bool check_coverage(const SpdmSoftProvider *soft, GError **errp)
{
    const SpdmProfile *p = soft->config.profile;

    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if ((p->asym & alg->bit) && !(p->flags & CAP_PUB_KEY_ID) &&
            soft_has_bank(soft, alg->bit) &&
            !soft_identity_slots(soft, alg->bit)) {
            g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_IDENTITY,
                        "%s: [algorithms] asym: no slot has a key for %s; "
                        "take it out or give one", p->path ? p->path :
                        p->name, alg->name);
            return false;
        }
    }
    return true;
}

/* From here on key pairs change. */
static void note_initial(SpdmSoftProvider *soft)
{
    for (guint i = 0; i < soft->key_pairs->len; i++) {
        SoftPairState state = soft_pair_state(soft->key_pairs->pdata[i]);

        g_array_append_val(soft->initial, state);
    }
}

SpdmSoftProvider *spdm_soft_provider_new(const SpdmSoftConfig *config,
                                         GPtrArray *warnings, GError **errp)
{
    g_autoptr(SpdmSoftProvider) soft = NULL;

    if (!spdm_crypto_init(errp)) {
        return NULL;
    }
    soft = g_new0(SpdmSoftProvider, 1);
    soft->config = *config;
    soft->seed = g_strdup(config->seed);
    soft->seed_label = g_strdup(config->seed_label ? config->seed_label : "");
    soft->cma_name = own_cma_name(&config->pci);
    soft->identities = g_ptr_array_new_with_free_func(
        (GDestroyNotify)soft_identity_free);
    soft->key_pairs = g_ptr_array_new_with_free_func(
        (GDestroyNotify)soft_key_pair_free);
    soft->public_keys = g_ptr_array_new_with_free_func(
        (GDestroyNotify)soft_key_pair_free);
    soft->kept = soft_kept_table();
    soft->provisioned = soft_provisioned_table();
    soft->banks = soft_banks_new(config->profile);
    soft->initial = g_array_new(FALSE, FALSE, sizeof(SoftPairState));
    soft->staged = g_array_new(FALSE, FALSE, sizeof(SoftPairState));
    soft->state_file = g_strdup(config->state_file ? config->state_file :
                                config->profile->state_file);
    if (soft->seed) {
        soft->stream = spdm_seeded_new(soft->seed, soft->seed_label);
        soft->rng = spdm_seeded_rng(soft->stream);
    } else {
        soft->rng = spdm_rng_system();
    }
    soft->pldm.tid = config->profile->pldm_tid;
    soft->flags = config->profile->flags;
    soft->psks = soft_psk_of_profile(config->profile);
    soft->pcie = spdm_pcie_new(config->profile, &soft->rng);
    soft_key_pairs_add(soft);
    if (!soft_identity_load(soft, warnings, errp) ||
        !soft_public_key_load(soft, errp) ||
        !check_coverage(soft, errp) ||
        !soft_requester_load(soft, errp)) {
        return NULL;
    }
    note_initial(soft);
    if (!soft_state_read(soft, errp)) {
        return NULL;
    }
    return g_steal_pointer(&soft);
}

void spdm_soft_provider_free(SpdmSoftProvider *soft)
{
    if (!soft) {
        return;
    }
    spdm_pcie_free(soft->pcie);
    g_array_unref(soft->banks);
    g_array_unref(soft->initial);
    g_array_unref(soft->staged);
    g_ptr_array_unref(soft->provisioned);
    g_ptr_array_unref(soft->kept);
    g_ptr_array_unref(soft->identities);
    g_free(soft->state_file);
    for (size_t i = 0; i < G_N_ELEMENTS(soft->changed); i++) {
        g_clear_pointer(&soft->changed[i], g_bytes_unref);
        g_clear_pointer(&soft->pending[i], g_bytes_unref);
    }
    soft_requester_clear(&soft->requester);
    g_ptr_array_unref(soft->psks);
    g_ptr_array_unref(soft->key_pairs);
    g_ptr_array_unref(soft->public_keys);
    spdm_ca_free(soft->device_ca);
    spdm_ca_free(soft->ca);
    g_clear_pointer(&soft->stream, spdm_seeded_free);
    g_free(soft->cma_name);
    g_free(soft->seed_label);
    g_free(soft->seed);
    g_free(soft);
}

/* What a guest is given instead of roots to trust. */
static char *public_keys_pem(SpdmSoftProvider *soft, GError **errp)
{
    g_autoptr(GString) pem = g_string_new(NULL);

    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if (soft->config.profile->asym & alg->bit) {
            soft_public_key_pair(soft, alg->bit, NULL);
        }
    }
    for (guint i = 0; i < soft->public_keys->len; i++) {
        const SoftKeyPair *pair = soft->public_keys->pdata[i];
        g_autofree char *text = spdm_spki_to_pem(soft_bytes(pair->spki));

        g_string_append(pem, text);
    }
    return g_strdup(pem->str);
}

static void add_root(GBytes *root, GHashTable *seen, GString *pem)
{
    g_autofree char *text = NULL;

    if (g_hash_table_add(seen, root)) {
        text = spdm_x509_to_pem(soft_bytes(root));
        g_string_append(pem, text);
    }
}

/* Nothing but the roots is made here: leaves may be slow. */
char *spdm_soft_provider_roots_pem(SpdmSoftProvider *soft, GError **errp)
{
    g_autoptr(GHashTable) seen = g_hash_table_new(g_bytes_hash,
                                                  g_bytes_equal);
    g_autoptr(GString) pem = g_string_new(NULL);

    if (soft->config.profile->flags & CAP_PUB_KEY_ID) {
        return public_keys_pem(soft, errp);
    }
    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        if (soft->config.profile->slots[i].automatic) {
            if (!soft_identity_ca(soft, errp)) {
                return NULL;
            }
            add_root(spdm_ca_root(soft->ca), seen, pem);
        }
    }
    for (guint i = 0; i < soft->identities->len; i++) {
        SoftIdentity *identity = soft->identities->pdata[i];

        add_root(g_ptr_array_index(identity->der, 0), seen, pem);
    }
    return g_strdup(pem->str);
}

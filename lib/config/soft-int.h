/*
 * Inside of the soft provider.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CONFIG_SOFT_INT_H
#define SPDM_CONFIG_SOFT_INT_H

#include "crypto/x509.h"
#include "pcie/pcie.h"
#include "pldm/pldm.h"
#include "spdm/soft-provider.h"

/** A key pair (DSP0274 1.3); algorithms are bits of KEY_PAIR_INFO. */
typedef struct SoftKeyPair {
    uint8_t id;          /* from 1 on; 0: the one of PUB_KEY_ID */
    uint16_t capabilities;
    uint16_t usage_caps;
    uint16_t usage;
    uint32_t algs;       /* what the key could be */
    uint32_t alg;        /* what it is, 0 after an erasure */
    uint8_t slots;       /* mask: whose leaf it is */
    bool empty;          /* there is no key, nor will there be by itself */
    uint32_t generation; /* how often a key was generated anew */
    char *stream;        /* randomness it is made from, with a seed */
    SpdmPrivateKey *origin; /* of a file; NULL: made from the stream */
    SpdmPrivateKey *key; /* NULL: not made yet */
    GBytes *spki;        /* made with soft_key_pair_make() */
} SoftKeyPair;

/** What changes of a key pair at run time, beside the key itself. */
typedef struct SoftPairState {
    uint8_t id;
    uint32_t alg;
    uint16_t usage;
    uint8_t slots;       /* as SET_KEY_PAIR_INFO gave it them */
    bool empty;
    uint32_t generation;
    bool staged;         /* waits for a reset */
} SoftPairState;

/** The chain of a slot for one of its keys. */
typedef struct SoftIdentity {
    uint8_t slot;
    SoftKeyPair *pair;   /* borrowed */
    GPtrArray *der;      /* GBytes, root..leaf */
    GHashTable *chains;  /* BaseHash bit -> GBytes, SPDM chain structure */
    GHashTable *digests; /* ... and its digest */
} SoftIdentity;

/**
 * What SET_CERTIFICATE left in a slot for one kind of key, in place of what
 * the slot came with. Reference counted (g_rc_box), so that the table of them
 * can be replaced whole and put back.
 */
typedef struct SoftProvisioned {
    uint8_t slot;
    uint8_t pair;        /* id of the key pair whose leaf it is */
    uint8_t model;       /* as SET_CERTIFICATE had it */
    uint32_t asym;       /* soft_key_kind() */
    bool staged;         /* waits for a reset */
    SoftIdentity *chain; /* without a key; NULL: erased */
} SoftProvisioned;

/** A key that could not be made again, and so is kept. Reference counted. */
typedef struct SoftKept {
    uint8_t pair;        /* its id */
    uint32_t asym;       /* soft_key_kind() */
    char *pem;           /* PKCS#8; wiped when freed */
} SoftKept;

/** What is known of requesters (soft-requester.c). */
typedef struct SoftRequester {
    GPtrArray *trust;        /* GBytes, DER roots */
    SoftIdentity *known;     /* its chain, in advance; without key */
    GBytes *public_key;      /* its SubjectPublicKeyInfo, in advance */
} SoftRequester;

struct SpdmSoftProvider {
    SpdmSoftConfig config;
    char *seed;          /* NULL: real randomness */
    char *seed_label;
    char *cma_name;      /* NULL: not a PCI function */
    SpdmSeeded *stream;  /* NULL: real randomness */
    SpdmRng rng;
    SpdmCa *ca;          /* of automatic slots; made at first use */
    SpdmCa *device_ca;   /* below it, of alias slots; likewise */
    GPtrArray *key_pairs;    /* SoftKeyPair, by id */
    GPtrArray *public_keys;  /* SoftKeyPair of PUB_KEY_ID */
    GPtrArray *identities;
    GPtrArray *kept;     /* SoftKept */
    GPtrArray *provisioned; /* SoftProvisioned */
    GArray *banks;       /* uint32_t by BankID: what its keys are, a bit of
                            KEY_PAIR_INFO */
    GArray *initial;     /* SoftPairState, as the profile has them */
    GArray *staged;      /* SoftPairState of SET_KEY_PAIR_INFO at a reset */
    SpdmCsrTags tags;
    char *state_file;    /* NULL: provisioned slots end with us */
    bool state_told;     /* ... that it cannot be written */
    GBytes *changed[UINT8_MAX + 1]; /* measurements set at run time */
    GBytes *pending[UINT8_MAX + 1]; /* ... and those to come */
    GPtrArray *psks;     /* SpdmProfilePsk, as they are now */
    uint32_t flags;      /* CAPABILITIES.Flags, likewise */
    SoftRequester requester;
    SpdmPcie *pcie;      /* NULL: no IDE, no TDISP */
    SpdmPldm pldm;
};

/** Randomness for @what alone; NULL without a seed. */
SpdmSeeded *soft_stream(const SpdmSoftProvider *soft, const char *what);

/** What a user wrote is wrong, in words; false. In soft-change.c. */
bool soft_refuse(GError **errp, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/** Bytes of @b, borrowed. */
static inline SpdmBytes soft_bytes(GBytes *b)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(b, &len);

    return SPDM_BYTES(data, len);
}

/** An identity of @slot without key and chain. */
SoftIdentity *soft_identity_new(uint8_t slot);
void soft_key_pair_free(SoftKeyPair *pair);

/** Takes over the key of a slot that has files. */
SoftKeyPair *soft_key_pair_add_loaded(SpdmSoftProvider *soft, uint8_t slot,
                                      SpdmPrivateKey *key);

/** The pairs of [key-pair N], or else of automatic slots; not made yet. */
void soft_key_pairs_add(SpdmSoftProvider *soft);

/** Pair @id, or NULL. */
SoftKeyPair *soft_key_pair_by_id(const SpdmSoftProvider *soft, uint8_t id);

/** The key of @pair is made when it is next asked for. */
void soft_key_pair_drop(SoftKeyPair *pair);

SoftPairState soft_pair_state(const SoftKeyPair *pair);

/** Whether @state wants another key than @pair has. */
bool soft_pair_other_key(const SoftKeyPair *pair, const SoftPairState *state);

/** Sets the fields of @pair, and no more. */
void soft_pair_set(SoftKeyPair *pair, const SoftPairState *state);

/** Whether @pair may have @slots, as things are and are going to be. */
bool soft_pair_fits(const SpdmSoftProvider *soft, const SoftKeyPair *pair,
                    uint8_t slots, uint32_t alg);

/** The algorithm of its key; NULL: there is no key. */
const SpdmAsymAlg *soft_key_pair_alg(const SoftKeyPair *pair);

/** See SpdmProviderOps.set_key_pair (soft-key-pair-set.c). */
SpdmKeyPairResult soft_key_pair_set(SpdmSoftProvider *soft,
                                    const SpdmKeyPairChange *change);

/** What was staged takes effect, as far as it still can; returns the slots
 * that change. */
uint8_t soft_apply_staged_pairs(SpdmSoftProvider *soft);

/** Drops the chains that @slots have for @pair. */
void soft_identity_forget(SpdmSoftProvider *soft, const SoftKeyPair *pair,
                          uint8_t slots);

/** The pair of @slot that signs with this BaseAsymSel, or NULL. */
SoftKeyPair *soft_key_pair_of(const SpdmSoftProvider *soft, uint8_t slot,
                              uint32_t asym);

/** Whether soft_key_pair_make() would generate a key. */
bool soft_key_pair_makes_key(const SpdmSoftProvider *soft,
                             const SoftKeyPair *pair);

/** What its key is made from; NULL without a seed. */
SpdmSeeded *soft_key_pair_stream(const SpdmSoftProvider *soft,
                                 const SoftKeyPair *pair);

/** Makes key and spki of @pair if they are not there. */
bool soft_key_pair_make(SpdmSoftProvider *soft, SoftKeyPair *pair,
                        GError **errp);

/** The pair of PUB_KEY_ID for this BaseAsymSel, made if new, or NULL. */
SoftKeyPair *soft_public_key_pair(SpdmSoftProvider *soft, uint32_t asym,
                                  GError **errp);

/** Whether that would make one. */
bool soft_public_key_wanted(const SpdmSoftProvider *soft, uint32_t asym);

/** Reads the key that the profile names for PUB_KEY_ID. */
bool soft_public_key_load(SpdmSoftProvider *soft, GError **errp);

/** The key that signs for @slot (or SPDM_SLOT_PUBLIC_KEY), or NULL. */
SpdmPrivateKey *soft_signing_key(SpdmSoftProvider *soft, uint8_t slot,
                                 uint32_t asym);

/** Reads a private key from a PEM or DER file. */
SpdmPrivateKey *soft_load_key(const char *path, GError **errp);

void soft_identity_free(SoftIdentity *identity);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SoftIdentity, soft_identity_free)

/** Reads and checks the files of every slot that names some. */
bool soft_identity_load(SpdmSoftProvider *soft, GPtrArray *warnings,
                        GError **errp);

/* Chains from files; each error is a line that begins with the file. */

/** PEM or DER, root first. */
bool soft_load_chain(SoftIdentity *identity, const char *path, GError **errp);

/** It verifies, now. */
bool soft_check_chain(SoftIdentity *identity, const char *file,
                      const SpdmProfile *profile, GError **errp);

/** The leaf names this PCI function, or none: an error or a warning. */
bool soft_check_name(SpdmSoftProvider *soft, const SoftIdentity *identity,
                     const char *file, GPtrArray *warnings, GError **errp);

/** Slots that came with a key for @asym, as a mask; makes nothing. */
uint8_t soft_identity_slots(const SpdmSoftProvider *soft, uint32_t asym);

/** What kind of chain @slot has for @asym; NONE if it has none. */
SpdmCertModel soft_identity_model(const SpdmSoftProvider *soft, uint8_t slot,
                                  uint32_t asym);

/** Slots whose identity for @asym is there already, as a mask. */
uint8_t soft_identity_made(const SpdmSoftProvider *soft, uint32_t asym);

/** Whether all of them are, and the keys of PUB_KEY_ID. */
bool soft_chains_made(const SpdmSoftProvider *soft);

/** The identity of @slot for @asym, made now if it is automatic and new. */
SoftIdentity *soft_identity_get(SpdmSoftProvider *soft, uint8_t slot,
                                uint32_t asym, GError **errp);

/** The authority above all automatic slots, made now if it is new. */
SpdmCa *soft_identity_ca(SpdmSoftProvider *soft, GError **errp);

/** The SPDM chain structure; NULL if it cannot be built. Borrowed. */
GBytes *soft_identity_chain(SoftIdentity *identity, uint32_t hash);

/** Its digest, made once: the chain stays as it is. Borrowed. */
GBytes *soft_identity_digest(SoftIdentity *identity, uint32_t hash);

/** As in certificates and requests of this device; @name is borrowed. */
SpdmChainSpec soft_identity_spec(const SpdmSoftProvider *soft,
                                 const SpdmAsymAlg *alg, const char *name);

/* Provisioned slots (soft-provision.c). */

/** Lowest BaseAsym bit of those that share keys with @asym. */
uint32_t soft_key_kind(uint32_t asym);

/** Slots that hold a chain for @asym now, as a mask. */
uint8_t soft_slots(const SpdmSoftProvider *soft, uint32_t asym);

/** The chain in @slot; NULL: empty. Borrowed. */
GBytes *soft_chain(SpdmSoftProvider *soft, uint8_t slot, uint32_t asym,
                   uint32_t hash);

/** The digest of that, borrowed likewise. */
GBytes *soft_chain_digest(SpdmSoftProvider *soft, uint8_t slot,
                          uint32_t asym, uint32_t hash);

/** The pair behind the chain in @slot, its key made; NULL: empty. */
SoftKeyPair *soft_slot_pair(SpdmSoftProvider *soft, uint8_t slot,
                            uint32_t asym);

/** What the chain in @slot is; NONE: there is none. */
SpdmCertModel soft_slot_model(const SpdmSoftProvider *soft, uint8_t slot,
                              uint32_t asym);

/** Slots whose chain is for @pair, as things are now. */
uint8_t soft_pair_slots(const SpdmSoftProvider *soft,
                        const SoftKeyPair *pair);

/** Those of them that were provisioned; @staged: or are going to be. */
uint8_t soft_pair_chains(const SpdmSoftProvider *soft,
                         const SoftKeyPair *pair, bool staged);

/** The table without what says that @slots are erased for this kind of key;
 * the caller's. */
GPtrArray *soft_provisioned_unerased(const SpdmSoftProvider *soft,
                                     uint8_t slots, uint32_t asym);

/* See SpdmProviderOps. */
bool soft_csr(SpdmSoftProvider *soft, const SpdmCsrRequest *ask,
              GByteArray *csr);
SpdmProvisionStatus soft_set_certificate(SpdmSoftProvider *soft,
                                         const SpdmSetCertificate *ask);
uint8_t soft_staged_slots(const SpdmSoftProvider *soft);
uint8_t soft_platform_reset(SpdmSoftProvider *soft);

/** What was staged takes effect; returns the slots that change. */
uint8_t soft_apply_staged(SpdmSoftProvider *soft);

GPtrArray *soft_provisioned_table(void);

/** Makes @table what is provisioned; false (and unmade) if not stored. */
bool soft_provisioned_replace(SpdmSoftProvider *soft, GPtrArray *table);

/* Banks of slots (soft-bank.c). */

/** As the profile has them. */
GArray *soft_banks_new(const SpdmProfile *profile);

/** Whether some bank is for keys of this BaseAsymSel. */
bool soft_has_bank(const SpdmSoftProvider *soft, uint32_t asym);

/** Whether @banks could have become of those of @soft. */
bool soft_banks_valid(const SpdmSoftProvider *soft, const GArray *banks);

/* See SpdmProviderOps. */
bool soft_bank(const SpdmSoftProvider *soft, uint8_t id, SpdmBank *bank);
bool soft_set_bank(SpdmSoftProvider *soft, uint8_t id, uint32_t asym,
                   uint32_t pqc);

GPtrArray *soft_kept_table(void);

/** Takes @pem. */
SoftKept *soft_kept_new(uint8_t pair, uint32_t asym, char *pem);

/** A copy of the table without the keys of @pair. */
GPtrArray *soft_kept_without(const SpdmSoftProvider *soft, uint8_t pair);

/** Keeps the key of @pair, if it cannot be made again. */
bool soft_keep_key(SpdmSoftProvider *soft, const SoftKeyPair *pair,
                   uint32_t asym);

/** The kept key of @pair, or NULL; the caller's. */
SpdmPrivateKey *soft_kept_key(const SpdmSoftProvider *soft,
                              const SoftKeyPair *pair,
                              const SpdmAsymAlg *alg);

/** A copy of @table without what @like stands in the place of. */
GPtrArray *soft_provisioned_without(const GPtrArray *table,
                                    const SoftProvisioned *like);

/** NULL @chain: erased. Takes it. */
SoftProvisioned *soft_provisioned_new(const SoftProvisioned *what,
                                      SoftIdentity *chain);

/* The same as bytes, in a file or a snapshot (soft-state.c). */
GBytes *soft_state_save(const SpdmSoftProvider *soft);

/** Replaces what is provisioned; @name stands in error lines. */
bool soft_state_load(SpdmSoftProvider *soft, SpdmBytes state,
                     const char *name, GError **errp);

/** Reads the state file, if there is one; what was staged takes effect. */
bool soft_state_read(SpdmSoftProvider *soft, GError **errp);

/** Replaces the state file, if there is to be one. */
bool soft_state_write(SpdmSoftProvider *soft, GError **errp);

/** What of a config space counts as configuration; see docs/profiles.rst. */
GBytes *soft_measure_config_space(GBytes *config_space);

/**
 * Elements are SpdmMeasurement, by index; the caller's. @pending: as they
 * will be.
 */
GPtrArray *soft_measure(const SpdmSoftProvider *soft, bool pending);

/** See SpdmProviderOps.mel and .endpoint_info. */
GPtrArray *soft_mel(const SpdmSoftProvider *soft);
GBytes *soft_endpoint_info(const SpdmSoftProvider *soft, uint8_t sub_code);

/** See SpdmProviderOps.psk. */
bool soft_psk(const SpdmSoftProvider *soft, SpdmBytes hint,
              SpdmBytes opaque_data, uint32_t hash, uint8_t *psk,
              size_t *len);

/** Pre-shared keys: none, or a copy of the profile's. */
GPtrArray *soft_psk_table(void);
GPtrArray *soft_psk_of_profile(const SpdmProfile *profile);

/** False for one that a profile could not have either, or a hint again. */
bool soft_psk_add(GPtrArray *psks, SpdmBytes hint, SpdmBytes secret);

/* See spdm_soft_setters. */
bool soft_set_psk(SpdmSoftProvider *soft, const char *text,
                  GPtrArray *warnings, SpdmSoftChange *change, GError **errp);
bool soft_set_capabilities(SpdmSoftProvider *soft, const char *text,
                           GPtrArray *warnings, SpdmSoftChange *change,
                           GError **errp);

/** Whether the device could have these CAPABILITIES flags. */
bool soft_flags_possible(const SpdmSoftProvider *soft, uint32_t flags);

/** Whether measurement @index could have a value of @len bytes. */
bool soft_measurement_fits(const SpdmSoftProvider *soft, unsigned index,
                           size_t len, GError **errp);

/* What a user has changed, as bytes (soft-user.c). */
GBytes *soft_user_save(const SpdmSoftProvider *soft);
bool soft_user_load(SpdmSoftProvider *soft, SpdmBytes state, GError **errp);

/**
 * Reads the roots of requesters, and what is known of one in advance. The
 * profile's trust and that of the configuration add up.
 */
bool soft_requester_load(SpdmSoftProvider *soft, GError **errp);
void soft_requester_clear(SoftRequester *requester);

/** See SpdmProviderOps.trusts_requester and .requester_chain. */
bool soft_requester_trusts(const SpdmSoftProvider *soft, SpdmBytes chain,
                           uint32_t asym, uint32_t hash, const char **why);
SpdmBytes soft_requester_chain(const SpdmSoftProvider *soft, uint8_t slot,
                               uint32_t asym, uint32_t hash);

#endif

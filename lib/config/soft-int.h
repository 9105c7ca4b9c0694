/*
 * Inside of the soft provider.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CONFIG_SOFT_INT_H
#define SPDM_CONFIG_SOFT_INT_H

#include "crypto/x509.h"
#include "spdm/soft-provider.h"

/** A key and its chain: one per slot file, or per slot and kind of key. */
typedef struct SoftIdentity {
    uint8_t slot;
    SpdmPrivateKey *key;
    GPtrArray *der;      /* GBytes, root..leaf */
    GHashTable *chains;  /* BaseHash bit -> GBytes, SPDM chain structure */
} SoftIdentity;

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
    GPtrArray *identities;
    GBytes *changed[UINT8_MAX + 1]; /* measurements set at run time */
    GBytes *pending[UINT8_MAX + 1]; /* ... and those to come */
    SoftRequester requester;
};

/** Bytes of @b, borrowed. */
static inline SpdmBytes soft_bytes(GBytes *b)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(b, &len);

    return SPDM_BYTES(data, len);
}

/** An identity of @slot without key and chain. */
SoftIdentity *soft_identity_new(uint8_t slot);
void soft_identity_free(SoftIdentity *identity);

/** Reads and checks the files of every slot that names some. */
bool soft_identity_load(SpdmSoftProvider *soft, GPtrArray *warnings,
                        GError **errp);

/** Slots that can sign with @asym, as a mask; makes nothing. */
uint8_t soft_identity_slots(const SpdmSoftProvider *soft, uint32_t asym);

/** The identity of @slot for @asym, made now if it is automatic and new. */
SoftIdentity *soft_identity_get(SpdmSoftProvider *soft, uint8_t slot,
                                uint32_t asym, GError **errp);

/** The authority above all automatic slots, made now if it is new. */
SpdmCa *soft_identity_ca(SpdmSoftProvider *soft, GError **errp);

/** The SPDM chain structure; NULL if it cannot be built. Borrowed. */
GBytes *soft_identity_chain(SoftIdentity *identity, uint32_t hash);

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
bool soft_psk(const SpdmProfile *profile, SpdmBytes hint,
              SpdmBytes opaque_data, uint32_t hash, uint8_t *psk,
              size_t *len);

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

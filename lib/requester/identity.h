/*
 * Who we are: keys and chains for a responder that authenticates us.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_REQUESTER_IDENTITY_H
#define SPDM_REQUESTER_IDENTITY_H

#include "crypto/x509.h"
#include "spdm/requester.h"

/** One slot of ours. */
typedef struct SpdmReqIdentity {
    uint8_t slot;            /* 0 to 7, or SPDM_SLOT_PUBLIC_KEY */
    bool automatic;
    uint8_t key_pair_id;     /* multi-key: 1, 2, ... */
    uint8_t cert_model;
    uint16_t key_usage;
    SpdmPrivateKey *key;     /* automatic: of the algorithm last chosen */
    GPtrArray *der;          /* root..leaf; NULL for a raw key */

    /*
     * What Cm is on this connection: the SPDM chain structure, or the raw
     * key's SubjectPublicKeyInfo. NULL: the key does not fit what was
     * negotiated.
     */
    GBytes *cm;
} SpdmReqIdentity;

/** Reads the config's identities; errors name file and reason. */
bool spdm_req_identity_load(SpdmRequester *rq,
                            const SpdmRequesterConfig *config,
                            GError **errp);

/** ReqBaseAsymAlg: what our keys can sign with, as a mask. */
uint32_t spdm_req_identity_asym(const SpdmRequester *rq, uint8_t version);

/**
 * Hash and ReqBaseAsymAlg are negotiated: prepares every identity that fits
 * them. False (noted as usage) when an automatic one cannot be made.
 */
bool spdm_req_identity_choose(SpdmRequester *rq);

/** The identity of @slot that can be used on this connection, or NULL. */
const SpdmReqIdentity *spdm_req_identity(const SpdmRequester *rq,
                                         uint8_t slot);

/** As above; the key may also be used so (1.3 multi-key). */
const SpdmReqIdentity *spdm_req_identity_for(const SpdmRequester *rq,
                                             uint8_t slot, uint16_t usage);

/** Slots 0 to 7 with such an identity, as a mask. */
uint8_t spdm_req_identity_slots(const SpdmRequester *rq);

/** Hash(Cm), H bytes. */
void spdm_req_identity_hash(const SpdmRequester *rq,
                            const SpdmReqIdentity *identity, uint8_t *out);

/**
 * Signs @transcript (spec/04 section 5) and appends the signature to @out;
 * false when the key fails.
 */
bool spdm_req_identity_sign(SpdmRequester *rq,
                            const SpdmReqIdentity *identity,
                            const char *context, SpdmBytes transcript,
                            GByteArray *out);

/** A view of Cm. */
static inline SpdmBytes
spdm_req_identity_cm(const SpdmReqIdentity *identity)
{
    return SPDM_BYTES(g_bytes_get_data(identity->cm, NULL),
                      g_bytes_get_size(identity->cm));
}

#endif

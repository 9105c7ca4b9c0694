/*
 * The engine from the inside.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FAULT_ENGINE_H
#define SPDM_FAULT_ENGINE_H

#include "crypto/x509.h"
#include "fault/plan.h"

/** Why a session ends that a rule ends. */
#define FAULT_ENDS "aborted by the fault plan"

/** A rule at work. */
typedef struct FaultRun {
    uint64_t matched;
    uint64_t fired;
    GByteArray *kept;        /* the message before; NULL: none */
} FaultRun;

/** A chain that is not the device's, and its key; made at first use. */
typedef struct FaultIdentity {
    uint32_t asym;
    GPtrArray *der;          /* GBytes, root..leaf */
    SpdmPrivateKey *key;
} FaultIdentity;

/** The provider that lies. */
typedef struct FaultProvider {
    SpdmProvider inner;
    uint64_t asked;          /* for something that there is a lie about */
    uint64_t told;           /* lies among the answers */
    unsigned told_of;        /* since the last frame came: a bit a kind */
    GPtrArray *identities;   /* FaultIdentity */
    GBytes *chain;           /* as it was told last */
    bool has_nonce;
    uint8_t nonce[SPDM_NONCE_SIZE];
    bool has_signature;
    uint8_t signature[SPDM_MAX_SIGNATURE];
    uint8_t *scalar;         /* of the ephemeral key to come; NULL: any */
    size_t scalar_len;
} FaultProvider;

enum {
    FAULT_KEPT_MAX = 65536,  /* a longer message is not kept */
    FAULT_ORDERS_MAX = 16,   /* frames and measurements that wait */
};

struct SpdmFaults {
    SpdmFaultPlan *plan;     /* NULL: none */
    GArray *runs;            /* FaultRun, as plan->rules */
    uint64_t rng;
    bool lying;
    SpdmTap tap;
    SpdmResponder *ending_of; /* NULL: no session ends behind the answer */
    uint32_t ending;
    SpdmFaultOrders orders;
    FaultProvider provider;
    SpdmProviderOps ops;     /* of it, less what the device has not */
    void (*fired)(void *opaque, const SpdmFaultFired *what);
    void *fired_opaque;
};

/** Bytes of a target. */
typedef struct FaultRegion {
    size_t at;
    size_t len;
} FaultRegion;

/**
 * Where things are: the fields of what is edited, of a message, a frame or
 * something else.
 */
typedef struct FaultPlace {
    void (*fields)(const void *opaque, SpdmBytes bytes,
                   const SpdmFieldSink *sink);
    const void *opaque;
} FaultPlace;

/** False when @target is not in @bytes. */
bool fault_find(const FaultPlace *place, SpdmBytes bytes,
                const FaultTarget *target, FaultRegion *region);

/**
 * Edits @bytes (FAULT_SET to FAULT_REPLACE). @before: the message that
 * "previous" means, may be NULL; @rng as in SpdmFaults. False, and nothing
 * has changed, when the target is not there or the value does not fit.
 */
bool fault_edit(const FaultAction *a, const FaultPlace *place,
                GByteArray *bytes, const GByteArray *before, uint64_t *rng);

/** The bytes of a value that says how many it has. */
void fault_value_append(const FaultValue *v, uint64_t *rng, GByteArray *out);

/** The next number of a stream: every seed gives another. */
uint64_t fault_random(uint64_t *rng);

SpdmTapVerdict fault_tap(void *opaque, SpdmTapContext *c);

/** Fires the rules with on = start. */
void fault_start(SpdmFaults *f);

/** One action; false when it had no effect. */
bool fault_act(SpdmFaults *f, const FaultAction *a, const FaultRun *run,
               SpdmTapContext *c, SpdmTapVerdict *verdict);

/** Finds an ephemeral key whose secret with this KEY_EXCHANGE begins with 0;
 * false when it is none, or nothing of the kind. */
void fault_provider_choose(SpdmFaults *f, const SpdmTapContext *c);
void fault_provider_clear(FaultProvider *p);

#endif

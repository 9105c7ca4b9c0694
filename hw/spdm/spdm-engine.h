/*
 * One responder, and who runs it.
 *
 * Crypto must not keep the vCPU or the big lock waiting, and calls on a
 * responder must not overlap.  The engine takes one frame at a time from the
 * main thread, has a worker run the responder, and hands the result back in a
 * bottom half.  What the library calls cheap is answered at once instead, when
 * nothing else is under way.  All functions are for the main thread (or a vCPU
 * in its place) with the big lock held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_SPDM_ENGINE_H
#define HW_SPDM_ENGINE_H

#include "spdm/responder.h"
#include "spdm/fault.h"
#include "spdm/soft-provider.h"
#include "spdm-tracer.h"

typedef struct SpdmEngine SpdmEngine;

typedef struct SpdmEngineResult {
    uint64_t generation;
    GBytes *reply;              /* NULL: silent discard; borrowed */
    int64_t delay_us;           /* hold the reply back this long */
    const SpdmFaultOrders *orders; /* of a fault plan */
} SpdmEngineResult;

typedef struct SpdmEngineConfig {
    SpdmProfile *profile;       /* becomes the engine's */
    SpdmPciName pci;
    const char *trust;          /* PEM roots of requesters; NULL: none */
    const char *seed;           /* NULL: real randomness */
    const char *seed_label;
    const char *state_file;     /* NULL: the profile's, if it has one */
    SpdmTracer *tracer;         /* becomes the engine's; NULL: none */
    bool run_inline;            /* no thread: done() runs within submit() */

    /* A frame was processed. */
    void (*done)(void *opaque, const SpdmEngineResult *result);
    /* Call spdm_engine_tick() at this time of the virtual clock; -1: never. */
    void (*tick_at)(void *opaque, int64_t time_us);
    /* Config space, function and time as the responder shall see them. */
    GBytes *(*config_space)(void *opaque);
    void (*pci_function)(void *opaque, SpdmPciFunction *function);
    int64_t (*now_us)(void *opaque);
    void *opaque;
} SpdmEngineConfig;

/* Takes profile and tracer even when it fails.  Warnings are told at once. */
SpdmEngine *spdm_engine_new(const SpdmEngineConfig *config, Error **errp);

/*
 * No callback comes after this.  A running job is not waited for: the
 * engine frees itself when it ends.
 */
void spdm_engine_release(SpdmEngine *e);

/* Takes @frame.  A frame that was submitted before and not begun is lost. */
void spdm_engine_submit(SpdmEngine *e, uint64_t generation, GBytes *frame);

/* Forgets a frame that is not begun yet. */
void spdm_engine_cancel(SpdmEngine *e);

/* Platform reset; comes before every frame submitted later. */
void spdm_engine_reset(SpdmEngine *e);

void spdm_engine_tick(SpdmEngine *e);

/*
 * Makes the keys and chains that a guest would wait for at first use, where
 * nobody waits. Nothing when running inline. After spdm_engine_roots_pem().
 */
void spdm_engine_prepare(SpdmEngine *e);

/*
 * The operator ends a session; waits for a running job first. False: there is
 * no such session.
 */
bool spdm_engine_abort(SpdmEngine *e, const SpdmAbort *abort, Error **errp);

/* All sessions end at once, recorded as "@why"; likewise. */
void spdm_engine_end_sessions(SpdmEngine *e, const char *why);

/* The user changes the device; waits for a running job first. */
bool spdm_engine_change(SpdmEngine *e, const SpdmSoftSetter *setter,
                        const char *text, Error **errp);

/*
 * Another fault plan (taken), or NULL for none; waits for a running job first.
 * @orders are those of rules at start; clear them.
 */
void spdm_engine_set_faults(SpdmEngine *e, SpdmFaultPlan *plan,
                            SpdmFaultOrders *orders);

/* Counters of its rules as JSON; g_free(). */
char *spdm_engine_fault_counts(SpdmEngine *e);

/* The function was reset: rules at start are carried out again. */
void spdm_engine_reset_faults(SpdmEngine *e, SpdmFaultOrders *orders);

/* For snapshots: NULL without a plan. False: it was saved under another. */
GBytes *spdm_engine_save_faults(SpdmEngine *e);
bool spdm_engine_load_faults(SpdmEngine *e, GBytes *state, Error **errp);

/* Root certificates for a guest to trust, PEM; NULL on error. */
char *spdm_engine_roots_pem(SpdmEngine *e, Error **errp);

/* As of the last job's end. */
void spdm_engine_info(SpdmEngine *e, SpdmResponderInfo *info);

/* Who answered, since the device was made. */
typedef struct SpdmEngineWork {
    uint64_t at_once;           /* the vCPU, within its write */
    uint64_t by_worker;
} SpdmEngineWork;

void spdm_engine_work(SpdmEngine *e, SpdmEngineWork *work);

/* Waits for the running job, and delivers its result now. */
void spdm_engine_settle(SpdmEngine *e);

/* For snapshots, with the VM stopped and the engine settled. */
GBytes *spdm_engine_save(SpdmEngine *e);
bool spdm_engine_load(SpdmEngine *e, GBytes *state, Error **errp);

#endif

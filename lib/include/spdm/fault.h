/*
 * Faults: a responder that misbehaves on command. A plan (docs/faults.rst)
 * says what is done to which message; the engine does it through a tap and a
 * provider that lies, so the responder itself knows nothing of it.
 *
 * Attach the engine before any trace. After every spdm_responder_process()
 * take the orders that are for the owner of the transport, and carry them
 * out. Calls on one engine must not overlap each other, nor those on the
 * responder it is attached to.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FAULT_H
#define SPDM_FAULT_H

#include "spdm/doe-mailbox.h"
#include "spdm/responder.h"

G_BEGIN_DECLS

/* ------------------------------------------------------------------ plans */

/** A plan as it was read; never changes. */
typedef struct SpdmFaultPlan SpdmFaultPlan;

/** Reads a plan. The error is one line: file, line, key, what is wrong. */
SPDM_API SpdmFaultPlan *spdm_fault_plan_load(const char *path, GError **errp);

/** The same from a text; @name stands for the file in errors. */
SPDM_API SpdmFaultPlan *spdm_fault_plan_parse(const char *text,
                                              const char *name,
                                              GError **errp);

SPDM_API void spdm_fault_plan_free(SpdmFaultPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmFaultPlan, spdm_fault_plan_free)

/** [plan] name, or the file's name; borrowed. */
SPDM_API const char *spdm_fault_plan_name(const SpdmFaultPlan *plan);

/**
 * The reference for people: every key of a plan, or (@fields) every field of
 * every message, as the tables of docs/faults.rst; g_free().
 */
SPDM_API char *spdm_fault_reference(bool fields);

/* ----------------------------------------------------------------- engine */

typedef struct SpdmFaults SpdmFaults;

/** An engine without a plan: it does nothing. */
SPDM_API SpdmFaults *spdm_faults_new(void);

/** Only after the responders it is attached to; NULL is allowed. */
SPDM_API void spdm_faults_free(SpdmFaults *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmFaults, spdm_faults_free)

/**
 * Another plan (taken), or NULL for none, at once: counters are 0, and what
 * the plan before had armed is forgotten. Rules with on = start fire now.
 */
SPDM_API void spdm_faults_set_plan(SpdmFaults *f, SpdmFaultPlan *plan);

/** The plan in force, borrowed; NULL: none. */
SPDM_API const SpdmFaultPlan *spdm_faults_plan(const SpdmFaults *f);

/**
 * What @inner says, and the lies of [provider]: give it to
 * spdm_responder_new(). @inner is copied; valid as long as @f.
 */
SPDM_API SpdmProvider spdm_faults_provider(SpdmFaults *f,
                                           const SpdmProvider *inner);

/**
 * Attaches the engine to @r, until @r is freed. It can be attached to several
 * responders of one device: rules count what comes to all of them. False when
 * @r has no tap left.
 */
SPDM_API bool spdm_faults_attach(SpdmFaults *f, SpdmResponder *r);

/** The tap alone, for a requester or to call it by hand; borrowed. */
SPDM_API const SpdmTap *spdm_faults_tap(SpdmFaults *f);

/** Tell the engine of a reset of the function: rules on = start fire. */
SPDM_API void spdm_faults_reset(SpdmFaults *f);

/* --------------------------------------------------------------- counters */

typedef struct SpdmFaultCount {
    const char *rule;        /* name; borrowed from the plan */
    unsigned line;           /* of the plan's file */
    uint64_t matched;        /* messages that its selectors chose */
    uint64_t fired;          /* times that it changed something */
} SpdmFaultCount;

/** How many rules the plan has; 0 without one. */
SPDM_API unsigned spdm_faults_rules(const SpdmFaults *f);

/** Counters of rule @i, in the plan's order. */
SPDM_API SpdmFaultCount spdm_faults_count(const SpdmFaults *f, unsigned i);

/**
 * {"plan": NAME or null, "seed": N, "rules": [{"name", "line", "matched",
 * "fired"}, ...]}; g_free().
 */
SPDM_API char *spdm_faults_counts_json(const SpdmFaults *f);

/** A rule has fired; strings are valid during the call. */
typedef struct SpdmFaultFired {
    const char *rule;
    const char *action;      /* as in the plan, "set = Param1=1; ..." */
    const char *at;          /* event, as "on" has it */
    const char *message;     /* name; "" for none */
    uint32_t session_id;
} SpdmFaultFired;

/** Has @fired told of every rule that fires; NULL: nobody. */
SPDM_API void
spdm_faults_set_fired(SpdmFaults *f,
                      void (*fired)(void *opaque, const SpdmFaultFired *what),
                      void *opaque);

/**
 * Counters and the state of probabilities as plain data, for VM snapshots;
 * g_bytes_unref(). Messages kept for replay are not saved: a rule that needs
 * one waits until there is one again.
 */
SPDM_API GBytes *spdm_faults_save(const SpdmFaults *f);

/** Takes them up under the same plan; false, and all 0, for another one. */
SPDM_API bool spdm_faults_load(SpdmFaults *f, GBytes *state, GError **errp);

/* ----------------------------------------------------------------- orders */

/** What a DOE mailbox is to do wrong; see "doe" in docs/faults.rst. */
typedef enum SpdmDoeFault {
    SPDM_DOE_BUSY = 1 << 0,
    SPDM_DOE_ERROR = 1 << 1,
    SPDM_DOE_NEVER_READY = 1 << 2,
    SPDM_DOE_READY_LOST = 1 << 3,
    SPDM_DOE_NO_INTERRUPT = 1 << 4,
    SPDM_DOE_EARLY_INTERRUPT = 1 << 5,
    SPDM_DOE_ABORT_IGNORED = 1 << 6,
    SPDM_DOE_ABORT_SLOW = 1 << 7,
    SPDM_DOE_ONES = 1 << 8,
} SpdmDoeFault;

typedef struct SpdmDoeOrders {
    unsigned faults;         /* of SpdmDoeFault */
    int64_t busy_us;         /* BUSY: so long; -1: until Abort */
    unsigned ready_dwords;   /* READY_LOST: after so many were read */
    unsigned abort_reads;    /* ABORT_SLOW: done at that read of Status */
} SpdmDoeOrders;

/** When something is done to the function. */
typedef enum SpdmFaultWhen {
    SPDM_FAULT_NOT,
    SPDM_FAULT_NOW,          /* instead of an answer */
    SPDM_FAULT_AFTER,        /* once the answer is there */
} SpdmFaultWhen;

/** What the owner of transport and device has to do. */
typedef struct SpdmFaultOrders {
    SpdmDoeOrders doe;
    SpdmFaultWhen reset;     /* spdm_responder_reset(), as an FLR does */
    SpdmFaultWhen unplug;    /* the device asks to be removed */
    SpdmFaultWhen surprise;  /* the device is gone: all reads are ones */
    GPtrArray *frames;       /* GBytes: sent after the answer; or NULL */
    GPtrArray *changes;      /* char *: for spdm_soft_provider_assign(); or
                                NULL */
} SpdmFaultOrders;

/**
 * Moves the orders that have come together to @orders, which has to be
 * cleared. Right after spdm_responder_process(): a session that ends behind
 * the answer ends here.
 */
SPDM_API void spdm_faults_take(SpdmFaults *f, SpdmFaultOrders *orders);
SPDM_API void spdm_fault_orders_clear(SpdmFaultOrders *orders);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmFaultOrders, spdm_fault_orders_clear)

/* ------------------------------------------------- registers of a mailbox */

/**
 * Stands between the host's accesses and a mailbox, and shows registers that
 * are not true. The mailbox does not know.
 */
typedef struct SpdmFaultDoe SpdmFaultDoe;

SPDM_API SpdmFaultDoe *spdm_fault_doe_new(void);
SPDM_API void spdm_fault_doe_free(SpdmFaultDoe *d);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmFaultDoe, spdm_fault_doe_free)

/** Adds faults; BUSY counts from @now_us. Before the answer is completed. */
SPDM_API void spdm_fault_doe_arm(SpdmFaultDoe *d, const SpdmDoeOrders *orders,
                                 int64_t now_us);

/** A reset, or another plan: all is true again. */
SPDM_API void spdm_fault_doe_clear(SpdmFaultDoe *d);

/** As doe_mailbox_read(). */
SPDM_API uint32_t spdm_fault_doe_read(SpdmFaultDoe *d, DoeMailbox *mb,
                                      unsigned offset, unsigned size,
                                      int64_t now_us);

/**
 * As doe_mailbox_write(). True when the interrupt has to be sent now, before
 * there is anything to be ready.
 */
SPDM_API bool spdm_fault_doe_write(SpdmFaultDoe *d, DoeMailbox *mb,
                                   unsigned offset, uint32_t value,
                                   unsigned size, int64_t now_us);

/**
 * An object that nobody asked for: Ready is set for it once the answer of the
 * mailbox was read. Abort and the next Go end it; one at a time.
 */
SPDM_API void spdm_fault_doe_offer(SpdmFaultDoe *d, GBytes *object);

/** Whether an interrupt of the mailbox is kept from the host. */
SPDM_API bool spdm_fault_doe_mutes(const SpdmFaultDoe *d);

G_END_DECLS

#endif

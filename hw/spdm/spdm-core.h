/*
 * What makes a PCI device an SPDM device: state behind the instance of its
 * parent type, a DOE capability, and a responder.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_SPDM_CORE_H
#define HW_SPDM_CORE_H

#include "qemu/timer.h"
#include "hw/pci/pci.h"
#include "hw/qdev-properties.h"
#include "spdm/doe-mailbox.h"
#include "spdm-engine.h"

#define SPDM_PROPERTY_COUNT 15

/*
 * One of our types.  The instance of a parent is private to the parent, so
 * its size is asked for at run time and SpdmCore put behind it; that is why
 * properties cannot be a constant array.
 */
typedef struct SpdmKind {
    const char *type;
    const char *parent;
    const char *desc;
    const char *profile;        /* built in, unless spdm-profile says else */
    /* May set defaults before the parent's realize; may be NULL. */
    void (*prepare)(PCIDevice *dev);

    ObjectClass *klass;
    size_t core_offset;
    Property properties[SPDM_PROPERTY_COUNT];
    void (*parent_realize)(PCIDevice *dev, Error **errp);
    PCIUnregisterFunc *parent_exit;
    DeviceReset parent_reset;
} SpdmKind;

/* An answer that is held back on purpose. */
typedef struct SpdmHeld {
    QEMUTimer *timer;
    GBytes *reply;              /* NULL when none is held */
    uint64_t generation;
} SpdmHeld;

/* State in the form that a snapshot has; empty between snapshots. */
typedef struct SpdmSaved {
    uint8_t *mailbox;
    uint32_t mailbox_len;
    uint8_t *responder;
    uint32_t responder_len;
    uint8_t *reply;
    uint32_t reply_len;
    uint8_t *faults;
    uint32_t faults_len;
    uint64_t reply_generation;
    int64_t reply_at;           /* microseconds; -1: none is held */
} SpdmSaved;

typedef struct SpdmCore {
    /* properties */
    char *profile;
    char *identity_out;
    char *seed;
    char *state_file;
    char *trust;
    char *events;
    char *pcap;
    char *keylog;
    char *faults;               /* fault plan; NULL: none */
    uint32_t trace_limit;       /* MiB */
    bool strict;
    bool run_inline;
    uint8_t doe_version;
    uint16_t doe_vector;
    uint32_t doe_timeout;

    const SpdmKind *kind;
    PCIDevice *dev;
    char *name;                 /* for messages, and to tell seeds apart */
    uint16_t doe;               /* offset of the capability */
    bool vector_in_use;
    PCIConfigReadFunc *parent_read;
    PCIConfigWriteFunc *parent_write;

    DoeMailbox *mailbox;        /* NULL until realized */
    SpdmFaultDoe *fault_doe;    /* between the guest and the mailbox */
    bool gone;                  /* pulled without a word, by a fault plan */
    SpdmEngine *engine;
    SpdmTracer *tracer;         /* the engine's; NULL: nothing is recorded */
    QEMUTimer *tick;
    QEMUTimer *timeout;
    SpdmHeld held;
    VMChangeStateEntry *vm_state;
    SpdmSaved saved;
} SpdmCore;

/* Registers @kind, which lives as long as the process. */
void spdm_register_kind(SpdmKind *kind);

/* Of an instance of one of our types. */
SpdmCore *spdm_core_of(Object *obj);

int64_t spdm_core_now_us(void);

/* spdm-properties.c */
void spdm_add_properties(SpdmKind *kind);
SpdmProfile *spdm_load_profile(SpdmCore *core, Error **errp);
bool spdm_write_identity(SpdmCore *core, Error **errp);
SpdmTracer *spdm_open_tracer(SpdmCore *core, Error **errp);

/* spdm-fault.c: a plan at work */
void spdm_fault_add_properties(ObjectClass *klass);
bool spdm_fault_start(SpdmCore *core, Error **errp);
void spdm_fault_stop(SpdmCore *core);
void spdm_fault_reset(SpdmCore *core);
void spdm_fault_close(SpdmCore *core);
/* Before the answer is there, and behind it.  False: there is none. */
bool spdm_fault_before(SpdmCore *core, const SpdmFaultOrders *orders);
void spdm_fault_after(SpdmCore *core, const SpdmFaultOrders *orders);

/* spdm-mailbox.c: from registers to responder and back */
bool spdm_mailbox_start(SpdmCore *core, SpdmProfile *profile, Error **errp);
void spdm_mailbox_stop(SpdmCore *core);
void spdm_mailbox_reset(SpdmCore *core);
uint32_t spdm_mailbox_read(SpdmCore *core, unsigned offset, unsigned size);
void spdm_mailbox_write(SpdmCore *core, unsigned offset, uint32_t value,
                        unsigned size);
void spdm_mailbox_hold(SpdmCore *core, uint64_t generation, GBytes *reply,
                       int64_t at_us);

/* spdm-status.c, spdm-vmstate.c */
void spdm_add_status(ObjectClass *klass);
void spdm_vmstate_register(SpdmCore *core);
void spdm_vmstate_unregister(SpdmCore *core);

/* One per type. */
void spdm_ssd_register(void);
void spdm_nic_register(void);
void spdm_gpu_register(void);
void spdm_endpoint_register(void);

#endif

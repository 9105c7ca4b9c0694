/*
 * From the DOE registers to the responder and back, and every clock and
 * reset on the way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/msi.h"
#include "hw/pci/msix.h"
#include "sysemu/cpu-timers.h"
#include "spdm-core.h"
#include "spdm-held.h"

/* Header, record overhead and pad around the largest SPDM message. */
#define OBJECT_OVERHEAD 256

/* A tick that asks for itself at once must not keep the main loop busy. */
#define TICK_FLOOR_US 1000

int64_t spdm_core_now_us(void)
{
    return qemu_clock_get_us(QEMU_CLOCK_VIRTUAL);
}

/* In the recorded events, if there are any. */
static void tell(SpdmCore *core, const char *what, const char *text)
{
    if (core->tracer) {
        spdm_trace_doe(spdm_tracer_trace(core->tracer), what, text);
    }
}

/* --- what the engine asks ------------------------------------------------- */

static int64_t engine_now(void *opaque)
{
    return spdm_core_now_us();
}

/*
 * The live config space, less the bits that hardware flips by itself: the
 * write-1-to-clear ones and the INTx state.  The measurement stays the same
 * until software changes the configuration.
 */
static GBytes *engine_config_space(void *opaque)
{
    PCIDevice *dev = ((SpdmCore *)opaque)->dev;
    size_t size = pci_config_size(dev);
    uint8_t *copy = g_malloc(size);

    /* In words: the vCPU waits. */
    for (size_t i = 0; i < size; i += sizeof(uint64_t)) {
        stq_he_p(copy + i, ldq_he_p(dev->config + i) &
                           ~ldq_he_p(dev->w1cmask + i));
    }
    copy[PCI_STATUS] &= ~PCI_STATUS_INTERRUPT;
    return g_bytes_new_take(copy, size);
}

/* QEMU puts all buses of a machine in segment 0. */
static void engine_pci_function(void *opaque, SpdmPciFunction *f)
{
    PCIDevice *dev = ((SpdmCore *)opaque)->dev;

    *f = (SpdmPciFunction) {
        .known = true,
        .requester_id = pci_requester_id(dev),
        .command = pci_get_word(dev->config + PCI_COMMAND),
    };
    if (msix_present(dev)) {
        f->msix_control = pci_get_word(dev->config + dev->msix_cap +
                                       PCI_MSIX_FLAGS);
    }
    for (unsigned i = 0; i < SPDM_PCI_BARS; i++) {
        const PCIIORegion *r = &dev->io_regions[i];

        if (r->size && !(r->type & PCI_BASE_ADDRESS_SPACE_IO)) {
            f->bars[i].size = r->size;
            f->bars[i].address = r->addr == PCI_BAR_UNMAPPED ? 0 : r->addr;
            f->bars[i].msix_table = msix_present(dev) &&
                (pci_get_long(dev->config + dev->msix_cap + PCI_MSIX_TABLE) &
                 PCI_MSIX_FLAGS_BIRMASK) == i;
        }
    }
}

/* --- what the engine says ------------------------------------------------- */

static void drop_held(SpdmCore *core)
{
    timer_del(core->held.timer);
    g_clear_pointer(&core->held.reply, g_bytes_unref);
}

static void finish(SpdmCore *core, uint64_t generation, DoeOutcome outcome,
                   GBytes *reply)
{
    if (!doe_mailbox_complete(core->mailbox, generation, outcome, reply)) {
        trace_spdm_doe_late(core->name, generation);
        tell(core, "late", "the answer to an aborted object is discarded");
        return;
    }
    timer_del(core->timeout);
    if (outcome == DOE_REPLY) {
        trace_spdm_doe_ready(core->name, generation, g_bytes_get_size(reply));
    } else {
        trace_spdm_doe_drop(core->name, generation);
        tell(core, "drop", "the object is discarded in silence");
    }
}

static void held_expired(void *opaque)
{
    SpdmCore *core = opaque;
    g_autoptr(GBytes) reply = g_steal_pointer(&core->held.reply);

    finish(core, core->held.generation, DOE_REPLY, reply);
}

void spdm_mailbox_hold(SpdmCore *core, uint64_t generation, GBytes *reply,
                       int64_t at_us)
{
    drop_held(core);
    core->held.generation = generation;
    core->held.reply = g_bytes_ref(reply);
    timer_mod(core->held.timer, at_us);
}

static void answer(SpdmCore *core, const SpdmEngineResult *result)
{
    if (!result->reply) {
        finish(core, result->generation, DOE_DROP, NULL);
    } else if (result->delay_us > 0) {
        spdm_mailbox_hold(core, result->generation, result->reply,
                          spdm_core_now_us() + result->delay_us);
    } else {
        finish(core, result->generation, DOE_REPLY, result->reply);
    }
}

static void engine_done(void *opaque, const SpdmEngineResult *result)
{
    SpdmCore *core = opaque;

    if (spdm_fault_before(core, result->orders)) {
        answer(core, result);
        spdm_fault_after(core, result->orders);
    }
}

static void engine_tick_at(void *opaque, int64_t time_us)
{
    SpdmCore *core = opaque;

    if (time_us < 0) {
        timer_del(core->tick);
    } else {
        timer_mod(core->tick,
                  MAX(time_us, spdm_core_now_us() + TICK_FLOOR_US));
    }
}

static void tick_expired(void *opaque)
{
    SpdmCore *core = opaque;
    int64_t begin = spdm_held_begin();

    spdm_engine_tick(core->engine);
    spdm_held_end(core->name, "tick", begin);
}

static void timeout_expired(void *opaque)
{
    SpdmCore *core = opaque;
    DoeMailboxInfo info;

    doe_mailbox_info(core->mailbox, &info);
    if (doe_mailbox_complete(core->mailbox, info.generation, DOE_ERROR,
                             NULL)) {
        trace_spdm_doe_timeout(core->name, info.generation);
        tell(core, "error", "no answer within spdm-doe-timeout");
        spdm_engine_cancel(core->engine);
        drop_held(core);
    }
}

/* --- what the mailbox says ------------------------------------------------ */

static void mailbox_submit(void *opaque, uint64_t generation, GBytes *object)
{
    SpdmCore *core = opaque;

    trace_spdm_doe_go(core->name, generation, g_bytes_get_size(object));
    if (core->doe_timeout) {
        timer_mod(core->timeout,
                  spdm_core_now_us() + core->doe_timeout * (int64_t)1000);
    }
    spdm_engine_submit(core->engine, generation, object);
}

static void mailbox_cancel(void *opaque)
{
    SpdmCore *core = opaque;

    trace_spdm_doe_cancel(core->name);
    timer_del(core->timeout);
    drop_held(core);
    spdm_engine_cancel(core->engine);
}

uint32_t spdm_mailbox_read(SpdmCore *core, unsigned offset, unsigned size)
{
    return spdm_fault_doe_read(core->fault_doe, core->mailbox, offset, size,
                               spdm_core_now_us());
}

static void mailbox_interrupt(void *opaque);

static void write_register(SpdmCore *core, unsigned offset, uint32_t value,
                           unsigned size)
{
    if (spdm_fault_doe_write(core->fault_doe, core->mailbox, offset, value,
                             size, spdm_core_now_us())) {
        mailbox_interrupt(core);
    }
}

/* A write of the guest; what came of it is recorded. */
void spdm_mailbox_write(SpdmCore *core, unsigned offset, uint32_t value,
                        unsigned size)
{
    DoeMailboxInfo before, after;

    if (!core->tracer) {
        write_register(core, offset, value, size);
        return;
    }
    doe_mailbox_info(core->mailbox, &before);
    write_register(core, offset, value, size);
    doe_mailbox_info(core->mailbox, &after);
    if (after.aborts != before.aborts) {
        tell(core, "abort", "by the requester");
    }
    if (after.errors != before.errors) {
        tell(core, "error", after.error_reason);
    }
}

/* How many MSI vectors there are is the guest's choice. */
static void mailbox_interrupt(void *opaque)
{
    SpdmCore *core = opaque;
    PCIDevice *dev = core->dev;

    if (spdm_fault_doe_mutes(core->fault_doe)) {
        return;
    }
    if (msix_enabled(dev)) {
        msix_notify(dev, core->doe_vector);
    } else if (msi_enabled(dev)) {
        unsigned count = msi_nr_vectors_allocated(dev);

        msi_notify(dev, core->doe_vector < count ? core->doe_vector : 0);
    }
}

/* --- life ----------------------------------------------------------------- */

static SpdmPciName pci_name(PCIDevice *dev)
{
    const uint8_t *c = dev->config;

    return (SpdmPciName) {
        .vendor = pci_get_word(c + PCI_VENDOR_ID),
        .device = pci_get_word(c + PCI_DEVICE_ID),
        .class_code = pci_get_long(c + PCI_CLASS_REVISION) >> 8,
        .revision = pci_get_byte(c + PCI_REVISION_ID),
        .ss_vendor = pci_get_word(c + PCI_SUBSYSTEM_VENDOR_ID),
        .ss_device = pci_get_word(c + PCI_SUBSYSTEM_ID),
    };
}

static DoeMailbox *make_mailbox(SpdmCore *core, uint32_t max_message)
{
    DoeMailboxConfig config = {
        .max_object = (size_t)max_message + OBJECT_OVERHEAD,
        .interrupt_support = msix_present(core->dev) ||
                             msi_present(core->dev),
        .vector = core->doe_vector,
        .submit = mailbox_submit,
        .cancel = mailbox_cancel,
        .interrupt = mailbox_interrupt,
        .opaque = core,
    };

    return doe_mailbox_new(&config);
}

static QEMUTimer *make_timer(SpdmCore *core, QEMUTimerCB *cb)
{
    return timer_new_us(QEMU_CLOCK_VIRTUAL, cb, core);
}

bool spdm_mailbox_start(SpdmCore *core, SpdmProfile *profile, Error **errp)
{
    ERRP_GUARD();
    SpdmTracer *tracer = spdm_open_tracer(core, errp);
    SpdmEngineConfig config = {
        .profile = profile,
        .pci = pci_name(core->dev),
        .seed = core->seed,
        .trust = core->trust,
        .seed_label = core->name,
        .state_file = core->state_file,
        .tracer = tracer,
        /* With icount, time is counted in instructions: no thread fits. */
        .run_inline = core->run_inline || icount_enabled(),
        .done = engine_done,
        .tick_at = engine_tick_at,
        .config_space = engine_config_space,
        .pci_function = engine_pci_function,
        .now_us = engine_now,
        .opaque = core,
    };
    uint32_t max_message = profile->max_msg_size;

    if (*errp) {
        spdm_profile_free(profile);
        return false;
    }
    core->engine = spdm_engine_new(&config, errp);
    if (!core->engine) {
        return false;
    }
    core->tracer = tracer;
    core->tick = make_timer(core, tick_expired);
    core->timeout = make_timer(core, timeout_expired);
    core->held.timer = make_timer(core, held_expired);
    core->mailbox = make_mailbox(core, max_message);
    return spdm_fault_start(core, errp);
}

void spdm_mailbox_stop(SpdmCore *core)
{
    if (!core->engine) {
        return;
    }
    drop_held(core);
    g_clear_pointer(&core->mailbox, doe_mailbox_free);
    spdm_fault_stop(core);
    core->tracer = NULL;
    g_clear_pointer(&core->engine, spdm_engine_release);
    g_clear_pointer(&core->tick, timer_free);
    g_clear_pointer(&core->timeout, timer_free);
    g_clear_pointer(&core->held.timer, timer_free);
}

void spdm_mailbox_reset(SpdmCore *core)
{
    if (!core->engine) {
        return;
    }
    trace_spdm_reset(core->name);
    tell(core, "reset", "mailbox and responder are as new");
    doe_mailbox_reset(core->mailbox);
    timer_del(core->tick);
    spdm_engine_reset(core->engine);
    spdm_fault_reset(core);
}

/*
 * A fault plan at work on the device: spdm-faults, spdm-fault-counts, and
 * what a plan wants that neither responder nor mailbox can do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qapi/error.h"
#include "spdm-core.h"

/* --- orders --------------------------------------------------------------- */

/* The guest is asked first, as with device_del. */
static void unplug(SpdmCore *core)
{
    Error *err = NULL;

    qdev_unplug(DEVICE(core->dev), &err);
    if (err) {
        warn_reportf_err(err, "%s: fault plan: ", core->name);
    }
}

/* Until the host writes Abort, as a mailbox that has failed. */
void spdm_fault_close(SpdmCore *core)
{
    const SpdmDoeOrders error = { .faults = SPDM_DOE_ERROR };

    spdm_fault_doe_arm(core->fault_doe, &error, spdm_core_now_us());
}

static void obey(SpdmCore *core, const SpdmFaultOrders *o,
                 SpdmFaultWhen when)
{
    if (o->surprise == when) {
        core->gone = true;
        spdm_engine_end_sessions(core->engine, "unplugged by surprise");
    }
    if (o->reset == when) {
        spdm_mailbox_reset(core);
    }
    if (o->unplug == when) {
        unplug(core);
    }
}

bool spdm_fault_before(SpdmCore *core, const SpdmFaultOrders *o)
{
    spdm_fault_doe_arm(core->fault_doe, &o->doe, spdm_core_now_us());
    for (guint i = 0; o->frames && i < o->frames->len; i++) {
        spdm_fault_doe_offer(core->fault_doe,
                             g_ptr_array_index(o->frames, i));
    }
    obey(core, o, SPDM_FAULT_NOW);
    /* The mailbox of a function that was reset waits for no answer. */
    return o->reset != SPDM_FAULT_NOW;
}

void spdm_fault_after(SpdmCore *core, const SpdmFaultOrders *o)
{
    obey(core, o, SPDM_FAULT_AFTER);
}

/* Rules at start: there is no answer that they could come before. */
static void obey_start(SpdmCore *core, const SpdmFaultOrders *o)
{
    if (spdm_fault_before(core, o)) {
        spdm_fault_after(core, o);
    }
}

/* --- life ----------------------------------------------------------------- */

static bool set_plan(SpdmCore *core, const char *path, Error **errp)
{
    g_autoptr(GError) err = NULL;
    g_auto(SpdmFaultOrders) orders = { 0 };
    SpdmFaultPlan *plan = NULL;

    if (path && *path) {
        plan = spdm_fault_plan_load(path, &err);
        if (!plan) {
            error_setg(errp, "%s: spdm-faults: %s", core->name, err->message);
            return false;
        }
    }
    core->gone = false;
    spdm_fault_doe_clear(core->fault_doe);
    spdm_engine_set_faults(core->engine, plan, &orders);
    obey_start(core, &orders);
    return true;
}

bool spdm_fault_start(SpdmCore *core, Error **errp)
{
    core->fault_doe = spdm_fault_doe_new();
    return !core->faults || set_plan(core, core->faults, errp);
}

void spdm_fault_stop(SpdmCore *core)
{
    g_clear_pointer(&core->fault_doe, spdm_fault_doe_free);
    core->gone = false;
}

void spdm_fault_reset(SpdmCore *core)
{
    g_auto(SpdmFaultOrders) orders = { 0 };

    core->gone = false;
    spdm_fault_doe_clear(core->fault_doe);
    if (!core->faults) {
        return;                 /* do not wait for the engine */
    }
    spdm_engine_reset_faults(core->engine, &orders);
    obey_start(core, &orders);
}

/* --- properties ----------------------------------------------------------- */

static char *get_faults(Object *obj, Error **errp)
{
    SpdmCore *core = spdm_core_of(obj);

    return g_strdup(core->faults ? core->faults : "");
}

/* Before the device is realized only noted; a bad plan changes nothing. */
static void set_faults(Object *obj, const char *value, Error **errp)
{
    SpdmCore *core = spdm_core_of(obj);

    if (core->mailbox && !set_plan(core, value, errp)) {
        return;
    }
    g_free(core->faults);
    core->faults = value && *value ? g_strdup(value) : NULL;
}

static char *get_counts(Object *obj, Error **errp)
{
    SpdmCore *core = spdm_core_of(obj);

    if (!core->mailbox) {
        error_setg(errp, "the device is not realized");
        return NULL;
    }
    return spdm_engine_fault_counts(core->engine);
}

void spdm_fault_add_properties(ObjectClass *klass)
{
    object_class_property_add_str(klass, "spdm-faults", get_faults,
                                  set_faults);
    object_class_property_set_description(klass, "spdm-faults",
                                          "fault plan (file), also at run "
                                          "time; empty: none");
    object_class_property_add_str(klass, "spdm-fault-counts", get_counts,
                                  NULL);
    object_class_property_set_description(klass, "spdm-fault-counts",
                                          "read-only: how often rules of the "
                                          "plan matched and fired, as JSON");
}

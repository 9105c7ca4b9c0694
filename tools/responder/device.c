/*
 * Profile and keys of the device that is served.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "responder/device.h"

#include <stdio.h>
#include <string.h>

#include "spdm/file.h"

/* What a stand-alone device calls itself: QEMU's own NVMe controller. */
static const SpdmPciName endpoint_name = {
    .vendor = 0x1b36, .device = 0x0010, .class_code = 0x010802,
    .revision = 0x02, .ss_vendor = 0x1af4, .ss_device = 0x1100,
};

static bool load_profile(Device *d, const Options *o, GError **errp)
{
    const char *name = o->profile ? o->profile : "ssd";

    d->profile = strpbrk(name, "/.") ? spdm_profile_load(name, errp)
                                     : spdm_profile_builtin(name, errp);
    return d->profile != NULL;
}

static bool write_identity(Device *d, const Options *o, GError **errp)
{
    g_autofree char *pem = NULL;

    if (!o->identity_out) {
        return true;
    }
    pem = spdm_soft_provider_roots_pem(d->soft, errp);
    return pem && spdm_write_file(o->identity_out, pem, -1, errp);
}

static void say(void *opaque, const char *line)
{
    fprintf(stderr, "spdm-responder: %s\n", line);
}

static bool load_identity(Device *d, const Options *o, GError **errp)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    SpdmSoftConfig config = {
        .profile = d->profile,
        .pci = endpoint_name,
        .trust_file = o->trust,
        .seed = o->seed,
        .seed_label = "spdm-responder",
        .state_file = o->state_file,
        .trouble = say,
    };

    d->soft = spdm_soft_provider_new(&config, warnings, errp);
    for (guint i = 0; i < warnings->len; i++) {
        say(NULL, g_ptr_array_index(warnings, i));
    }
    /* An RSA key takes longer than a client waits: none is made later. */
    return d->soft && write_identity(d, o, errp) &&
           spdm_soft_provider_prepare(d->soft, errp);
}

bool device_set_faults(Device *d, const char *path, GError **errp)
{
    SpdmFaultPlan *plan = path ? spdm_fault_plan_load(path, errp) : NULL;

    if (path && !plan) {
        return false;
    }
    spdm_faults_set_plan(d->faults, plan);
    return true;
}

bool device_open(Device *d, const Options *o, GError **errp)
{
    d->faults = spdm_faults_new();
    return load_profile(d, o, errp) &&
           device_set_faults(d, o->faults, errp) &&
           load_identity(d, o, errp);
}

void device_clear(Device *d)
{
    g_clear_pointer(&d->faults, spdm_faults_free);
    g_clear_pointer(&d->soft, spdm_soft_provider_free);
    g_clear_pointer(&d->profile, spdm_profile_free);
}

SpdmResponder *device_responder(const Device *d, SpdmTransportType transport,
                                GError **errp)
{
    SpdmProvider soft = spdm_soft_provider(d->soft);
    SpdmProvider provider = spdm_faults_provider(d->faults, &soft);
    SpdmResponder *r = spdm_responder_new(d->profile, &provider, transport,
                                          errp);

    /* Before any trace, which sees what the wire sees. */
    if (r) {
        spdm_faults_attach(d->faults, r);
    }
    return r;
}

/*
 * Properties that a user sets, and the files they name.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qapi/error.h"
#include "chardev/char.h"
#include "sysemu/replay.h"
#include "spdm-core.h"
#include "spdm/file.h"

/* Offsets are from SpdmCore here; the kind moves them behind its parent. */
static const Property spdm_properties[] = {
    DEFINE_PROP_STRING("spdm-profile", SpdmCore, profile),
    DEFINE_PROP_STRING("spdm-identity-out", SpdmCore, identity_out),
    DEFINE_PROP_STRING("spdm-seed", SpdmCore, seed),
    DEFINE_PROP_STRING("spdm-state-file", SpdmCore, state_file),
    DEFINE_PROP_STRING("spdm-trust", SpdmCore, trust),
    DEFINE_PROP_STRING("spdm-events", SpdmCore, events),
    DEFINE_PROP_STRING("spdm-pcap", SpdmCore, pcap),
    DEFINE_PROP_STRING("spdm-keylog", SpdmCore, keylog),
    DEFINE_PROP_UINT32("spdm-trace-limit", SpdmCore, trace_limit, 256),
    DEFINE_PROP_BOOL("spdm-strict", SpdmCore, strict, false),
    DEFINE_PROP_BOOL("spdm-inline", SpdmCore, run_inline, false),
    DEFINE_PROP_UINT8("spdm-doe-version", SpdmCore, doe_version, 1),
    DEFINE_PROP_UINT16("spdm-doe-vector", SpdmCore, doe_vector, 0),
    DEFINE_PROP_UINT32("spdm-doe-timeout", SpdmCore, doe_timeout, 0),
    DEFINE_PROP_END_OF_LIST(),
};

QEMU_BUILD_BUG_ON(ARRAY_SIZE(spdm_properties) != SPDM_PROPERTY_COUNT);

static const char *const spdm_descriptions[SPDM_PROPERTY_COUNT][2] = {
    { "spdm-profile", "built-in profile, or path of an INI file" },
    { "spdm-identity-out", "file that gets the root certificates (PEM)" },
    { "spdm-seed", "makes keys, nonces and ids reproducible; NOT secret" },
    { "spdm-state-file", "file of its own that keeps provisioned slots" },
    { "spdm-trust", "PEM file of requester roots, for a profile with mutual "
                    "authentication" },
    { "spdm-events", "chardev or file that gets JSON lines, one an event" },
    { "spdm-pcap", "file that gets a packet capture of the DOE objects" },
    { "spdm-keylog", "file that gets the secrets the capture is read with" },
    { "spdm-trace-limit", "MiB of events, and of packets, at most; 0 = any" },
    { "spdm-strict", "refuse a certificate that names another device" },
    { "spdm-inline", "do crypto in the vCPU's thread (always with icount)" },
    { "spdm-doe-version", "version of the DOE capability, 1 or 2" },
    { "spdm-doe-vector", "MSI/MSI-X vector of the DOE interrupt" },
    { "spdm-doe-timeout", "set DOE Error after so many ms, 0 = never" },
};

void spdm_add_properties(SpdmKind *kind)
{
    memcpy(kind->properties, spdm_properties, sizeof(spdm_properties));
    for (Property *p = kind->properties; p->name; p++) {
        p->offset += kind->core_offset;
    }
    device_class_set_props(DEVICE_CLASS(kind->klass), kind->properties);
    for (int i = 0; spdm_descriptions[i][0]; i++) {
        object_class_property_set_description(kind->klass,
                                              spdm_descriptions[i][0],
                                              spdm_descriptions[i][1]);
    }
}

static bool check_numbers(SpdmCore *core, Error **errp)
{
    if (core->doe_version < 1 || core->doe_version > 2) {
        error_setg(errp, "%s: spdm-doe-version=%u, but it can be 1 or 2",
                   core->name, core->doe_version);
        return false;
    }
    return true;
}

/*
 * A replay repeats what the guest got from outside. What a device makes up
 * itself has to be the same, too, and what it tells a chardev would come at
 * another moment, which a replay takes for an error of the record.
 */
static bool check_replay(SpdmCore *core, Error **errp)
{
    if (replay_mode == REPLAY_MODE_NONE) {
        return true;
    }
    if (!core->seed) {
        error_setg(errp, "%s: record/replay needs spdm-seed=TEXT, else a "
                   "replay has other keys and nonces", core->name);
        return false;
    }
    if (core->events && qemu_chr_find(core->events)) {
        error_setg(errp, "%s: spdm-events=%s is a chardev, but with "
                   "record/replay it has to be a file", core->name,
                   core->events);
        return false;
    }
    return true;
}

/* "ssd" is built in; "./ssd.ini" and "my.ini" are files. */
SpdmProfile *spdm_load_profile(SpdmCore *core, Error **errp)
{
    const char *name = core->profile ? core->profile : core->kind->profile;
    g_autoptr(GError) err = NULL;
    SpdmProfile *profile;

    if (!check_numbers(core, errp) || !check_replay(core, errp)) {
        return NULL;
    }
    profile = strpbrk(name, "/.") ? spdm_profile_load(name, &err)
                                  : spdm_profile_builtin(name, &err);
    if (!profile) {
        error_setg(errp, "%s: %s", core->name, err->message);
        return NULL;
    }
    profile->strict_identity |= core->strict;
    return profile;
}

bool spdm_write_identity(SpdmCore *core, Error **errp)
{
    g_autofree char *pem = NULL;
    g_autoptr(GError) err = NULL;

    if (!core->identity_out) {
        return true;
    }
    pem = spdm_engine_roots_pem(core->engine, errp);
    if (!pem) {
        return false;
    }
    if (!spdm_write_file(core->identity_out, pem, -1, &err)) {
        error_setg(errp, "%s: spdm-identity-out: %s", core->name,
                   err->message);
        return false;
    }
    return true;
}

SpdmTracer *spdm_open_tracer(SpdmCore *core, Error **errp)
{
    SpdmTracerConfig config = {
        .name = core->name,
        .events = core->events,
        .pcap = core->pcap,
        .keylog = core->keylog,
        .limit_mib = core->trace_limit,
    };

    return spdm_tracer_new(&config, errp);
}

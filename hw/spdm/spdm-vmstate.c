/*
 * Snapshots: the mailbox, the connection and an answer that is held back, in
 * a section of their own beside the parent's.  The stream then holds session
 * keys, as the guest's own memory does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/units.h"
#include "qapi/error.h"
#include "migration/vmstate.h"
#include "sysemu/runstate.h"
#include "spdm-core.h"

static void saved_clear(SpdmSaved *s)
{
    if (s->responder) {
        explicit_bzero(s->responder, s->responder_len);
    }
    g_free(s->mailbox);
    g_free(s->responder);
    g_free(s->reply);
    g_free(s->faults);
    *s = (SpdmSaved) { .reply_at = -1 };
}

static void put(uint8_t **data, uint32_t *len, GBytes *bytes)
{
    gsize n;
    const void *from = g_bytes_get_data(bytes, &n);

    *data = g_memdup2(from, n);
    *len = n;
}

static GBytes *get(uint8_t **data, uint32_t len)
{
    return g_bytes_new_take(g_steal_pointer(data), len);
}

static int core_pre_save(void *opaque)
{
    SpdmCore *core = opaque;
    SpdmSaved *s = &core->saved;
    g_autoptr(GBytes) responder = spdm_engine_save(core->engine);
    g_autoptr(GBytes) mailbox = doe_mailbox_save(core->mailbox);
    g_autoptr(GBytes) faults = spdm_engine_save_faults(core->engine);

    saved_clear(s);
    if (faults) {
        put(&s->faults, &s->faults_len, faults);
    }
    put(&s->responder, &s->responder_len, responder);
    put(&s->mailbox, &s->mailbox_len, mailbox);
    if (core->held.reply) {
        put(&s->reply, &s->reply_len, core->held.reply);
        s->reply_generation = core->held.generation;
        s->reply_at = timer_expire_time_ns(core->held.timer) / SCALE_US;
    }
    return 0;
}

static int core_post_save(void *opaque)
{
    saved_clear(&((SpdmCore *)opaque)->saved);
    return 0;
}

static int core_pre_load(void *opaque)
{
    saved_clear(&((SpdmCore *)opaque)->saved);
    return 0;
}

static bool load_mailbox(SpdmCore *core, Error **errp)
{
    SpdmSaved *s = &core->saved;
    g_autoptr(GBytes) mailbox = get(&s->mailbox, s->mailbox_len);
    g_autoptr(GError) err = NULL;

    if (!doe_mailbox_load(core->mailbox, mailbox, &err)) {
        error_setg(errp, "%s", err->message);
        return false;
    }
    if (s->reply_at >= 0) {
        g_autoptr(GBytes) reply = get(&s->reply, s->reply_len);

        spdm_mailbox_hold(core, s->reply_generation, reply, s->reply_at);
    }
    return true;
}

/* Under another plan the counters begin anew; that is no reason to fail. */
static void load_faults(SpdmCore *core)
{
    SpdmSaved *s = &core->saved;
    g_autoptr(GBytes) state = NULL;
    Error *err = NULL;

    if (!s->faults_len) {
        return;
    }
    state = get(&s->faults, s->faults_len);
    if (!spdm_engine_load_faults(core->engine, state, &err)) {
        warn_reportf_err(err, "%s: ", core->name);
    }
}

static int core_post_load(void *opaque, int version_id)
{
    SpdmCore *core = opaque;
    SpdmSaved *s = &core->saved;
    g_autoptr(GBytes) responder = get(&s->responder, s->responder_len);
    Error *err = NULL;

    if (!spdm_engine_load(core->engine, responder, &err) ||
        !load_mailbox(core, &err)) {
        error_reportf_err(err, "%s: ", core->name);
        saved_clear(s);
        return -EINVAL;
    }
    load_faults(core);
    saved_clear(s);
    spdm_engine_tick(core->engine);     /* sets its timer again */
    return 0;
}

/*
 * Asked before anything is allocated: the stream may be damaged, or somebody
 * else's. A connection is at most the transcripts of eight sessions.
 */
static bool lengths_are_sane(void *opaque, int version_id)
{
    const SpdmSaved *s = &((SpdmCore *)opaque)->saved;

    return s->mailbox_len <= 4 * DOE_OBJECT_MAX &&
           s->responder_len <= 32 * MiB && s->reply_len <= DOE_OBJECT_MAX;
}

/* A plan has at most 256 rules. */
static bool faults_are_sane(void *opaque, int version_id)
{
    return ((SpdmCore *)opaque)->saved.faults_len <= 64 * KiB;
}

static bool faults_needed(void *opaque)
{
    return ((SpdmCore *)opaque)->saved.faults_len > 0;
}

static const VMStateDescription vmstate_faults = {
    .name = "spdm/faults",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = faults_needed,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32(saved.faults_len, SpdmCore),
        VMSTATE_VALIDATE("lengths are sane", faults_are_sane),
        VMSTATE_VBUFFER_ALLOC_UINT32(saved.faults, SpdmCore, 0, NULL,
                                     saved.faults_len),
        VMSTATE_END_OF_LIST()
    }
};

static const VMStateDescription vmstate_spdm = {
    .name = "spdm",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = core_pre_save,
    .post_save = core_post_save,
    .pre_load = core_pre_load,
    .post_load = core_post_load,
    .fields = (VMStateField[]) {
        VMSTATE_UINT32(saved.mailbox_len, SpdmCore),
        VMSTATE_UINT32(saved.responder_len, SpdmCore),
        VMSTATE_UINT32(saved.reply_len, SpdmCore),
        VMSTATE_VALIDATE("lengths are sane", lengths_are_sane),
        VMSTATE_VBUFFER_ALLOC_UINT32(saved.mailbox, SpdmCore, 0, NULL,
                                     saved.mailbox_len),
        VMSTATE_VBUFFER_ALLOC_UINT32(saved.responder, SpdmCore, 0, NULL,
                                     saved.responder_len),
        VMSTATE_INT64(saved.reply_at, SpdmCore),
        VMSTATE_UINT64(saved.reply_generation, SpdmCore),
        VMSTATE_VBUFFER_ALLOC_UINT32(saved.reply, SpdmCore, 0, NULL,
                                     saved.reply_len),
        VMSTATE_END_OF_LIST()
    },
    .subsections = (const VMStateDescription *[]) {
        &vmstate_faults,
        NULL
    }
};

/*
 * An answer that comes while the state is being saved could raise an
 * interrupt in a controller that is saved already.  So none is left under
 * way when the VM has stopped.
 */
static void vm_state_changed(void *opaque, bool running, RunState state)
{
    SpdmCore *core = opaque;

    if (!running) {
        spdm_engine_settle(core->engine);
    }
}

void spdm_vmstate_register(SpdmCore *core)
{
    core->saved.reply_at = -1;
    vmstate_register(VMSTATE_IF(core->dev), VMSTATE_INSTANCE_ID_ANY,
                     &vmstate_spdm, core);
    core->vm_state = qemu_add_vm_change_state_handler(vm_state_changed, core);
}

void spdm_vmstate_unregister(SpdmCore *core)
{
    if (!core->vm_state) {
        return;
    }
    qemu_del_vm_change_state_handler(g_steal_pointer(&core->vm_state));
    vmstate_unregister(VMSTATE_IF(core->dev), &vmstate_spdm, core);
    saved_clear(&core->saved);
}

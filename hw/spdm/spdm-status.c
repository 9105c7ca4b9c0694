/*
 * spdm-status: what a device is doing, for qom-get.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/visitor.h"
#include "spdm-core.h"

static bool put_str(Visitor *v, const char *name, const char *value,
                    Error **errp)
{
    char *s = (char *)(value ? value : "");

    return visit_type_str(v, name, &s, errp);
}

static bool put_u64(Visitor *v, const char *name, uint64_t value,
                    Error **errp)
{
    return visit_type_uint64(v, name, &value, errp);
}

static bool put_bool(Visitor *v, const char *name, bool value, Error **errp)
{
    return visit_type_bool(v, name, &value, errp);
}

static bool put_version(Visitor *v, uint8_t version, Error **errp)
{
    char text[8] = "";

    if (version) {
        snprintf(text, sizeof(text), "%d.%d", version >> 4, version & 15);
    }
    return put_str(v, "version", text, errp);
}

static bool put_session(Visitor *v, const SpdmSessionInfo *s, Error **errp)
{
    bool ok;

    if (!visit_start_struct(v, NULL, NULL, 0, errp)) {
        return false;
    }
    ok = put_u64(v, "id", s->id, errp) &&
         put_str(v, "type", s->type, errp) &&
         put_str(v, "phase", s->phase, errp) &&
         put_u64(v, "secured-version", s->secured_version, errp) &&
         put_u64(v, "records-in", s->records_in, errp) &&
         put_u64(v, "records-out", s->records_out, errp) &&
         put_u64(v, "key-updates", s->key_updates, errp) &&
         put_bool(v, "mutual", s->mutual, errp) &&
         visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
    return ok;
}

static bool put_sessions(Visitor *v, const SpdmResponderInfo *info,
                         Error **errp)
{
    bool ok;

    if (!visit_start_list(v, "sessions", NULL, 0, errp)) {
        return false;
    }
    ok = true;
    for (unsigned i = 0; ok && i < info->session_count; i++) {
        ok = put_session(v, &info->sessions[i], errp);
    }
    ok = ok && visit_check_list(v, errp);
    visit_end_list(v, NULL);
    return ok;
}

static bool put_connection(Visitor *v, const SpdmResponderInfo *info,
                           Error **errp)
{
    return put_str(v, "state", info->state, errp) &&
           put_version(v, info->version, errp) &&
           put_str(v, "hash", info->hash, errp) &&
           put_str(v, "asym", info->asym, errp) &&
           put_str(v, "dhe", info->dhe, errp) &&
           put_str(v, "kem", info->kem, errp) &&
           put_str(v, "aead", info->aead, errp) &&
           put_str(v, "measurement-hash", info->measurement_hash, errp) &&
           put_str(v, "requester-asym", info->requester_asym, errp) &&
           put_bool(v, "requester-authenticated",
                    info->requester_authenticated, errp) &&
           put_sessions(v, info, errp);
}

static bool put_counters(Visitor *v, const SpdmResponderInfo *info,
                         Error **errp)
{
    return put_u64(v, "requests", info->requests, errp) &&
           put_u64(v, "responses", info->responses, errp) &&
           put_u64(v, "errors", info->errors, errp) &&
           put_u64(v, "drops", info->drops, errp) &&
           put_u64(v, "sessions-opened", info->sessions_opened, errp) &&
           put_u64(v, "sessions-ended", info->sessions_ended, errp) &&
           put_str(v, "last-error", info->last_error, errp) &&
           put_u64(v, "last-error-code", info->last_error_code, errp) &&
           put_u64(v, "last-error-request", info->last_error_request, errp);
}

static bool put_mailbox(Visitor *v, const SpdmCore *core, Error **errp)
{
    DoeMailboxInfo info;
    bool ok;

    doe_mailbox_info(core->mailbox, &info);
    if (!visit_start_struct(v, "mailbox", NULL, 0, errp)) {
        return false;
    }
    ok = put_u64(v, "offset", core->doe, errp) &&
         put_bool(v, "busy", info.busy, errp) &&
         put_bool(v, "ready", info.ready, errp) &&
         put_bool(v, "error", info.error, errp) &&
         put_str(v, "error-reason", info.error_reason, errp) &&
         put_u64(v, "inbound", info.inbound, errp) &&
         put_u64(v, "outbound", info.outbound, errp) &&
         put_u64(v, "objects", info.objects, errp) &&
         put_u64(v, "replies", info.replies, errp) &&
         put_u64(v, "drops", info.drops, errp) &&
         put_u64(v, "errors", info.errors, errp) &&
         put_u64(v, "aborts", info.aborts, errp) &&
         visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
    return ok;
}

/* Which of it a guest has waited for, and which not. */
static bool put_work(Visitor *v, const SpdmCore *core,
                     const SpdmResponderInfo *info, Error **errp)
{
    SpdmEngineWork work;
    bool ok;

    spdm_engine_work(core->engine, &work);
    if (!visit_start_struct(v, "work", NULL, 0, errp)) {
        return false;
    }
    ok = put_u64(v, "at-once", work.at_once, errp) &&
         put_u64(v, "by-worker", work.by_worker, errp) &&
         put_bool(v, "key-waits", info->key_waits, errp) &&
         put_u64(v, "keys-ahead", info->keys_ahead, errp) &&
         visit_check_struct(v, errp);
    visit_end_struct(v, NULL);
    return ok;
}

static void get_status(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    SpdmCore *core = spdm_core_of(obj);
    SpdmResponderInfo info;

    if (!core->mailbox) {
        error_setg(errp, "the device is not realized");
        return;
    }
    spdm_engine_info(core->engine, &info);
    if (!visit_start_struct(v, name, NULL, 0, errp)) {
        return;
    }
    if (put_connection(v, &info, errp) && put_counters(v, &info, errp) &&
        put_mailbox(v, core, errp) && put_work(v, core, &info, errp)) {
        visit_check_struct(v, errp);
    }
    visit_end_struct(v, NULL);
}

/* A number is a session's id; text may have a manner behind it. */
static bool take_abort(Visitor *v, const char *name, char **text,
                       Error **errp)
{
    uint32_t id;

    if (visit_type_uint32(v, name, &id, NULL)) {
        *text = g_strdup_printf("%" PRIu32, id);
        return true;
    }
    return visit_type_str(v, name, text, errp);
}

static void set_abort(Object *obj, Visitor *v, const char *name,
                      void *opaque, Error **errp)
{
    SpdmCore *core = spdm_core_of(obj);
    g_autoptr(GError) err = NULL;
    g_autofree char *text = NULL;
    SpdmAbort abort;

    if (!take_abort(v, name, &text, errp)) {
        return;
    }
    if (!core->mailbox) {
        error_setg(errp, "the device is not realized");
        return;
    }
    if (!spdm_abort_parse(text, &abort, &err)) {
        error_setg(errp, "%s", err->message);
        return;
    }
    if (!spdm_engine_abort(core->engine, &abort, errp)) {
        return;
    }
    if (abort.manner == SPDM_ABORT_RESET) {
        spdm_mailbox_reset(core);
    } else if (abort.manner == SPDM_ABORT_CLOSE) {
        spdm_fault_close(core);
    }
}

static void set_change(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    SpdmCore *core = spdm_core_of(obj);
    g_autofree char *text = NULL;

    if (!visit_type_str(v, name, &text, errp)) {
        return;
    }
    if (!core->mailbox) {
        error_setg(errp, "the device is not realized");
        return;
    }
    spdm_engine_change(core->engine, opaque, text, errp);
}

/* "spdm-measurement" and its like: write-only, and at run time. */
static void add_setters(ObjectClass *klass)
{
    for (const SpdmSoftSetter *s = spdm_soft_setters; s->name; s++) {
        g_autofree char *name = g_strconcat("spdm-", s->name, NULL);
        g_autofree char *about = g_strconcat("write ", s->about, NULL);

        object_class_property_add(klass, name, "str", NULL, set_change, NULL,
                                  (void *)s);
        object_class_property_set_description(klass, name, about);
    }
}

void spdm_add_status(ObjectClass *klass)
{
    spdm_fault_add_properties(klass);
    add_setters(klass);
    object_class_property_add(klass, "spdm-abort", "str", NULL, set_abort,
                              NULL, NULL);
    object_class_property_set_description(klass, "spdm-abort",
                                          "write ID[:MANNER] (ID 0: all): "
                                          "the device ends a session");

    object_class_property_add(klass, "spdm-status", "SpdmStatus", get_status,
                              NULL, NULL, NULL);
    object_class_property_set_description(klass, "spdm-status",
                                          "read-only: connection, sessions, "
                                          "counters, mailbox");
}

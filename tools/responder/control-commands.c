/*
 * What can be asked for on the control socket.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "common/json-read.h"
#include "responder/control.h"

#include <string.h>

bool control_refuse(GError **errp, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_propagate_error(errp, g_error_new_valist(
        G_FILE_ERROR, G_FILE_ERROR_INVAL, format, args));
    va_end(args);
    return false;
}

/* --- arguments ------------------------------------------------------------ */

bool control_uint(GHashTable *arguments, const char *name, int64_t max,
                  int64_t def, int64_t *value, GError **errp)
{
    GVariant *v = g_hash_table_lookup(arguments, name);

    *value = def;
    if (!v) {
        return true;
    }
    *value = g_variant_is_of_type(v, G_VARIANT_TYPE_INT64)
             ? g_variant_get_int64(v) : -1;
    return (*value >= 0 && *value <= max) ||
           control_refuse(errp, "\"%s\" is a number from 0 to %"
                          G_GINT64_FORMAT, name, max);
}

const char *control_string(GHashTable *arguments, const char *name,
                           GError **errp)
{
    GVariant *v = g_hash_table_lookup(arguments, name);

    if (!v || !g_variant_is_of_type(v, G_VARIANT_TYPE_STRING)) {
        control_refuse(errp, "\"%s\" is missing, or no string", name);
        return NULL;
    }
    return g_variant_get_string(v, NULL);
}

/* --- whom a command is for ------------------------------------------------ */

typedef struct Target {
    int64_t client;          /* 0: all, and the connections kept for others */
    unsigned found;
} Target;

static bool get_target(GHashTable *arguments, Target *target, GError **errp)
{
    *target = (Target){ .client = 0 };
    return control_uint(arguments, "client", INT64_MAX, 0, &target->client,
                        errp);
}

static bool is_meant(Target *target, const Client *c)
{
    bool meant = !target->client || (uint64_t)target->client == c->id;

    target->found += meant;
    return meant;
}

static bool check_found(const Target *target, GError **errp)
{
    return !target->client || target->found ||
           control_refuse(errp, "there is no client %" G_GINT64_FORMAT,
                          target->client);
}

/* Calls @each with every responder that is meant. */
static void for_each(Server *s, Target *target,
                     void (*each)(SpdmResponder *r, void *opaque),
                     void *opaque)
{
    for (guint i = 0; i < s->clients->len; i++) {
        Client *c = s->clients->pdata[i];

        if (is_meant(target, c) && c->responder) {
            each(c->responder, opaque);
        }
    }
    for (unsigned i = 0; !target->client && i < CLIENT_TRANSPORTS; i++) {
        if (s->parked[i]) {
            each(s->parked[i], opaque);
        }
    }
}

/* --- info ---------------------------------------------------------------- */

static void put_version(Json *j, uint8_t version)
{
    char text[8] = "";

    if (version) {
        g_snprintf(text, sizeof(text), "%u.%u", version >> 4, version & 15);
    }
    json_string(j, "version", text);
}

static void put_session(Json *j, const SpdmSessionInfo *s)
{
    json_begin(j, NULL, '{');
    json_int(j, "id", s->id);
    json_string(j, "type", s->type);
    json_string(j, "phase", s->phase);
    json_int(j, "records-in", (int64_t)s->records_in);
    json_int(j, "records-out", (int64_t)s->records_out);
    json_int(j, "key-updates", s->key_updates);
    json_bool(j, "mutual", s->mutual);
    json_end(j, '}');
}

/* The names are those of spdm-status in QEMU. */
static void put_responder(Json *j, const SpdmResponder *r)
{
    SpdmResponderInfo info;

    spdm_responder_info(r, &info);
    json_string(j, "state", info.state);
    put_version(j, info.version);
    json_string(j, "hash", info.hash);
    json_string(j, "asym", info.asym);
    json_string(j, "dhe", info.dhe);
    json_string(j, "kem", info.kem);
    json_string(j, "aead", info.aead);
    json_begin(j, "sessions", '[');
    for (unsigned i = 0; i < info.session_count; i++) {
        put_session(j, &info.sessions[i]);
    }
    json_end(j, ']');
    json_int(j, "requests", (int64_t)info.requests);
    json_int(j, "responses", (int64_t)info.responses);
    json_int(j, "errors", (int64_t)info.errors);
    json_int(j, "drops", (int64_t)info.drops);
    json_int(j, "sessions-opened", (int64_t)info.sessions_opened);
    json_int(j, "sessions-ended", (int64_t)info.sessions_ended);
    json_string(j, "last-error", info.last_error);
}

static void put_clients(Json *j, const Server *s)
{
    json_begin(j, "clients", '[');
    for (guint i = 0; i < s->clients->len; i++) {
        const Client *c = s->clients->pdata[i];

        json_begin(j, NULL, '{');
        json_int(j, "client", (int64_t)c->id);
        if (c->responder) {
            put_responder(j, c->responder);
        }
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_parked(Json *j, const Server *s)
{
    json_begin(j, "kept", '[');
    for (unsigned i = 0; i < CLIENT_TRANSPORTS; i++) {
        if (s->parked[i]) {
            json_begin(j, NULL, '{');
            put_responder(j, s->parked[i]);
            json_end(j, '}');
        }
    }
    json_end(j, ']');
}

static bool run_info(Server *s, GHashTable *arguments, Json *answer,
                     GError **errp)
{
    json_string(answer, "address", s->address);
    json_string(answer, "profile", s->device.profile->name);
    json_int(answer, "served", (int64_t)s->served);
    json_int(answer, "refused", (int64_t)s->refused);
    put_clients(answer, s);
    put_parked(answer, s);
    return true;
}

/* --- what changes the device ---------------------------------------------- */

static void tell(SpdmResponder *r, void *opaque)
{
    spdm_soft_change_tell(opaque, r);
}

static bool change(Server *s, const SpdmSoftSetter *setter, const char *text,
                   GPtrArray *warnings, GError **errp)
{
    Target all = { .client = 0 };
    SpdmSoftChange change;

    if (!setter->set(s->device.soft, text, warnings, &change, errp)) {
        return false;
    }
    for_each(s, &all, tell, &change);
    return true;
}

bool server_assign(Server *s, const char *assignment, GError **errp)
{
    Target all = { .client = 0 };
    SpdmSoftChange change_made;

    if (!spdm_soft_provider_assign(s->device.soft, assignment, &change_made,
                                   errp)) {
        return false;
    }
    for_each(s, &all, tell, &change_made);
    return true;
}

static bool run_setter(Server *s, const SpdmSoftSetter *setter,
                       GHashTable *arguments, Json *answer, GError **errp)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    const char *value = control_string(arguments, "value", errp);

    if (!value || !change(s, setter, value, warnings, errp)) {
        return false;
    }
    json_begin(answer, "warnings", '[');
    for (guint i = 0; i < warnings->len; i++) {
        json_string(answer, NULL, warnings->pdata[i]);
    }
    json_end(answer, ']');
    return true;
}

/* --- fault plans ---------------------------------------------------------- */

static bool run_faults(Server *s, GHashTable *arguments, Json *answer,
                       GError **errp)
{
    const char *file = control_string(arguments, "file", errp);

    return file && device_set_faults(&s->device, *file ? file : NULL, errp);
}

static bool run_fault_counts(Server *s, GHashTable *arguments, Json *answer,
                             GError **errp)
{
    const SpdmFaults *f = s->device.faults;

    json_string(answer, "plan", spdm_faults_plan(f)
                ? spdm_fault_plan_name(spdm_faults_plan(f)) : "");
    json_begin(answer, "rules", '[');
    for (unsigned i = 0; i < spdm_faults_rules(f); i++) {
        SpdmFaultCount count = spdm_faults_count(f, i);

        json_begin(answer, NULL, '{');
        json_string(answer, "name", count.rule);
        json_int(answer, "line", count.line);
        json_int(answer, "matched", (int64_t)count.matched);
        json_int(answer, "fired", (int64_t)count.fired);
        json_end(answer, '}');
    }
    json_end(answer, ']');
    return true;
}

typedef struct Ended {
    const SpdmAbort *abort;
    unsigned count;
} Ended;

static void abort_sessions(SpdmResponder *r, void *opaque)
{
    Ended *e = opaque;

    e->count += spdm_responder_abort_as(r, e->abort);
    if (e->abort->manner == SPDM_ABORT_RESET) {
        spdm_responder_reset(r);
    }
}

/* Backwards: who goes leaves the list. */
static void close_clients(Server *s, const Target *target)
{
    for (guint i = s->clients->len; i-- > 0; ) {
        Client *c = s->clients->pdata[i];

        if (!target->client || (uint64_t)target->client == c->id) {
            server_remove(s, c);
        }
    }
}

/* "session" and "manner" as one would write them for spdm-abort. */
static bool get_abort(GHashTable *arguments, SpdmAbort *abort, GError **errp)
{
    const char *manner = "silent";
    g_autofree char *text = NULL;
    int64_t session;

    if (!control_uint(arguments, "session", UINT32_MAX, 0, &session, errp)) {
        return false;
    }
    if (g_hash_table_contains(arguments, "manner")) {
        manner = control_string(arguments, "manner", errp);
    }
    text = g_strdup_printf("%" G_GINT64_FORMAT ":%s", session, manner);
    return manner && spdm_abort_parse(text, abort, errp);
}

static bool run_abort(Server *s, GHashTable *arguments, Json *answer,
                      GError **errp)
{
    SpdmAbort abort;
    Ended ended = { .abort = &abort };
    Target target;

    if (!get_target(arguments, &target, errp) ||
        !get_abort(arguments, &abort, errp)) {
        return false;
    }
    for_each(s, &target, abort_sessions, &ended);
    if (!check_found(&target, errp)) {
        return false;
    }
    if (abort.session_id && !ended.count) {
        return control_refuse(errp, "there is no session 0x%08x",
                              abort.session_id);
    }
    json_int(answer, spdm_abort_is_at_once(abort.manner) ? "ended" : "ending",
             ended.count);
    if (abort.manner == SPDM_ABORT_CLOSE) {
        close_clients(s, &target);
    }
    return true;
}

static void reset(SpdmResponder *r, void *opaque)
{
    spdm_responder_reset(r);
}

/* What the device has staged takes effect even if nobody is connected. */
static bool run_reset(Server *s, GHashTable *arguments, Json *answer,
                      GError **errp)
{
    Target all = { .client = 0 };
    SpdmProvider provider = spdm_soft_provider(s->device.soft);

    provider.ops->platform_reset(provider.opaque);
    for_each(s, &all, reset, NULL);
    spdm_faults_reset(s->device.faults);
    return true;
}

static bool run_quit(Server *s, GHashTable *arguments, Json *answer,
                     GError **errp)
{
    g_main_loop_quit(s->loop);
    return true;
}

static bool run_commands(Server *s, GHashTable *arguments, Json *answer,
                         GError **errp)
{
    json_begin(answer, "commands", '[');
    for (const ControlCommand *c = control_commands; c->name; c++) {
        json_string(answer, NULL, c->name);
    }
    json_end(answer, ']');
    return true;
}

const ControlCommand control_commands[] = {
    { "commands", { NULL }, .run = run_commands },
    { "info", { NULL }, .run = run_info },
    { "set-measurement", { "value" }, .setter = "measurement" },
    { "set-firmware-version", { "value" }, .setter = "firmware-version" },
    { "set-certificate", { "value" }, .setter = "certificate" },
    { "set-psk", { "value" }, .setter = "psk" },
    { "set-capabilities", { "value" }, .setter = "capabilities" },
    { "set-faults", { "file" }, .run = run_faults },
    { "fault-counts", { NULL }, .run = run_fault_counts },
    { "abort", { "client", "session", "manner" }, .run = run_abort },
    { "reset", { NULL }, .run = run_reset },
    { "quit", { NULL }, .run = run_quit },
    { .name = NULL },
};

/* --- one line ------------------------------------------------------------ */

static const ControlCommand *find(const char *name)
{
    const ControlCommand *c = control_commands;

    while (c->name && strcmp(c->name, name) != 0) {
        c++;
    }
    return c->name ? c : NULL;
}

static bool check_arguments(const ControlCommand *command,
                            GHashTable *arguments, GError **errp)
{
    const char *name;
    GHashTableIter i;

    g_hash_table_iter_init(&i, arguments);
    while (g_hash_table_iter_next(&i, (gpointer *)&name, NULL)) {
        if (!g_strv_contains(command->arguments, name)) {
            g_autofree char *known = g_strjoinv(
                ", ", (char **)command->arguments);

            return control_refuse(errp, "%s has no \"%s\"; it has %s",
                                  command->name, name, *known ? known :
                                  "no arguments");
        }
    }
    return true;
}

static bool run(Server *s, const char *line, size_t len, Json *answer,
                GError **errp)
{
    g_autoptr(GHashTable) arguments = json_read_object(line, len, errp);
    g_autofree char *name = NULL;
    const ControlCommand *command;

    if (!arguments) {
        return false;
    }
    name = g_strdup(control_string(arguments, "command", errp));
    if (!name) {
        return false;
    }
    g_hash_table_remove(arguments, "command");
    command = find(name);
    if (!command) {
        return control_refuse(errp, "there is no command \"%s\"; "
                              "\"commands\" lists them", name);
    }
    if (!check_arguments(command, arguments, errp)) {
        return false;
    }
    return command->setter
        ? run_setter(s, spdm_soft_setter(command->setter), arguments, answer,
                     errp)
        : command->run(s, arguments, answer, errp);
}

static void put_error(GString *out, const char *why)
{
    Json j;

    json_init(&j);
    json_begin(&j, NULL, '{');
    json_bool(&j, "ok", false);
    json_string(&j, "error", why);
    json_end(&j, '}');
    g_string_append(out, j.text->str);
    json_clear(&j);
}

void control_answer(Server *s, const char *line, size_t len, GString *out)
{
    g_autoptr(GError) err = NULL;
    Json answer;

    json_init(&answer);
    json_begin(&answer, NULL, '{');
    json_bool(&answer, "ok", true);
    if (run(s, line, len, &answer, &err)) {
        json_end(&answer, '}');
        g_string_append(out, answer.text->str);
    } else {
        put_error(out, err->message);
    }
    g_string_append_c(out, '\n');
    json_clear(&answer);
}

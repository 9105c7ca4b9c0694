/*
 * What a device asks of us, and the events it sends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/tool.h"

static const char *event_name(const SpdmRequesterEvent *e)
{
    static const char *const names[] = {
        "reserved", "EventLost", "MeasurementChanged", "MeasurementPreUpdate",
        "CertificateChanged",
    };

    return e->registry == 0 && e->type < G_N_ELEMENTS(names) ? names[e->type]
                                                             : "other";
}

static char *to_hex(SpdmBytes bytes)
{
    GString *out = g_string_new(NULL);

    for (size_t i = 0; i < bytes.len; i++) {
        g_string_append_printf(out, "%02x", bytes.data[i]);
    }
    return g_string_free(out, FALSE);
}

void tool_on_event(void *opaque, const SpdmRequesterEvent *e)
{
    g_autofree char *detail = to_hex(e->detail);
    Tool *t = opaque;
    Json *j = &t->events;

    tool_say(t, "event %u: registry %u, type %u (%s) %s", e->instance,
             e->registry, e->type, event_name(e), detail);
    json_begin(j, NULL, '{');
    json_int(j, "session", e->session);
    json_int(j, "instance", e->instance);
    json_int(j, "registry", e->registry);
    json_int(j, "type", e->type);
    json_string(j, "name", event_name(e));
    json_string(j, "detail", detail);
    json_end(j, '}');
}

bool tool_encapsulated(Tool *t, uint32_t session, GError **errp)
{
    unsigned answered;

    if (!spdm_requester_encapsulated(t->rq, session, &answered, errp)) {
        return false;
    }
    tool_say(t, answered ? "answered %u encapsulated requests"
                         : "%u encapsulated requests were pending", answered);
    t->answered += answered;
    return true;
}

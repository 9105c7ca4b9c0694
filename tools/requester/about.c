/*
 * What a device tells about itself beside measurements: the measurement
 * extension log, endpoint information, events.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "requester/tool.h"

enum { POLL_US = 100000 };

static bool slot_is_known(const Tool *t)
{
    return spdm_requester_chain(t->rq, (uint8_t)t->opt.slot) != NULL;
}

static bool verify_value(Tool *t, uint32_t session, const SpdmMelLog *log,
                         uint8_t index, GError **errp)
{
    bool sign = tool_peer_has(t, "MEAS_SIG") && slot_is_known(t);
    SpdmMeasurementQuery query = { .index = index, .sign = sign,
                                   .slot = (uint8_t)t->opt.slot };
    g_auto(SpdmMeasurementList) list = { .values = NULL };

    if (!spdm_requester_measurements(t->rq, session, &query, &list, errp) ||
        !spdm_requester_mel_verify(t->rq, log, &list, errp)) {
        return false;
    }
    tool_say(t, "measurement %u is what the log makes of it%s", index,
             sign ? ", signed" : "");
    return true;
}

/* Each measurement that the log extends, against what the log makes of it. */
static bool verify_log(Tool *t, uint32_t session, const SpdmMelLog *log,
                       GError **errp)
{
    bool done[UINT8_MAX + 1] = { false };

    for (guint i = 0; i < log->entries->len; i++) {
        const SpdmMelValue *v = g_ptr_array_index(log->entries, i);

        if (!done[v->measurement] &&
            !verify_value(t, session, log, v->measurement, errp)) {
            return false;
        }
        done[v->measurement] = true;
    }
    return true;
}

bool tool_read_log(Tool *t, uint32_t session, unsigned portion, GError **errp)
{
    g_auto(SpdmMelLog) log = { .bytes = NULL };

    if (!spdm_requester_mel(t->rq, session, portion, &log, errp)) {
        return false;
    }
    for (guint i = 0; i < log.entries->len; i++) {
        const SpdmMelValue *v = g_ptr_array_index(log.entries, i);
        g_autofree char *shown = tool_show_value(v->value);

        tool_say(t, "log %3u: extends measurement %u, %s %s", v->index,
                 v->measurement, spdm_measurement_type_name(v->type), shown);
    }
    return verify_log(t, session, &log, errp);
}

static void say_class(Tool *t, const SpdmDeviceClassId *id)
{
    g_autofree char *vendor = tool_show_value(id->vendor_id);
    g_autoptr(GString) subs = g_string_new(NULL);

    for (guint i = 0; i < id->sub_ids->len; i++) {
        g_autofree char *sub = tool_show_value(
            g_ptr_array_index(id->sub_ids, i));

        g_string_append_printf(subs, " %s", sub);
    }
    tool_say(t, "device class: %s %s,%s", spdm_standard_name(id->standard),
             vendor, subs->str);
}

bool tool_endpoint_info(Tool *t, uint32_t session, bool sign, GError **errp)
{
    g_auto(SpdmEndpointInfo) info = { .bytes = NULL };

    if (!spdm_requester_endpoint_info(t->rq, session, sign,
                                      (uint8_t)t->opt.slot, &info, errp)) {
        return false;
    }
    for (guint i = 0; i < info.classes->len; i++) {
        say_class(t, g_ptr_array_index(info.classes, i));
    }
    if (info.verified) {
        tool_say(t, "endpoint information signed, signature good");
    }
    return true;
}

/* "all", "none", or numbers of DMTF types with + between them. */
static bool parse_types(const char *text, uint32_t *types, GError **errp)
{
    g_auto(GStrv) words = g_strsplit(text ? text : "all", "+", -1);

    *types = 0;
    for (char **w = words; *w; w++) {
        guint64 n;

        if (strcmp(*w, "all") == 0) {
            *types = (uint32_t)SPDM_ALL_EVENT_TYPES;
        } else if (g_ascii_string_to_unsigned(*w, 10, 1, 31, &n, NULL)) {
            *types |= 1u << n;
        } else if (strcmp(*w, "none") != 0) {
            return tool_fail(errp, TOOL_USAGE, "event types are all, none, "
                             "or numbers with + between them, not \"%s\"",
                             *w);
        }
    }
    return true;
}

bool tool_events(Tool *t, uint32_t session, const char *types, double seconds,
                 GError **errp)
{
    int64_t end = g_get_monotonic_time() +
                  (int64_t)(seconds * G_USEC_PER_SEC);
    uint32_t supported, wanted;
    unsigned answered;

    if (!parse_types(types, &wanted, errp) ||
        !spdm_requester_event_types(t->rq, session, &supported, errp)) {
        return false;
    }
    tool_say(t, "event types of the DMTF: mask %#x", supported);
    if (!spdm_requester_subscribe(t->rq, session, wanted, errp)) {
        return false;
    }
    while (spdm_requester_encapsulated(t->rq, session, &answered, errp)) {
        int64_t left = end - g_get_monotonic_time();

        t->answered += answered;
        if (left <= 0) {
            return true;
        }
        g_usleep((gulong)MIN(left, POLL_US));
    }
    return false;
}

bool cmd_mel(Tool *t, char **words, GError **errp)
{
    return tool_connect(t, errp) &&
           (!tool_peer_has(t, "CERT") || tool_identify(t, errp)) &&
           tool_read_log(t, 0, (unsigned)MAX(t->opt.portion, 0), errp);
}

bool cmd_endpoint_info(Tool *t, char **words, GError **errp)
{
    if (!tool_connect(t, errp)) {
        return false;
    }
    if (!tool_peer_has(t, "EP_INFO_SIG")) {
        return tool_endpoint_info(t, 0, false, errp);
    }
    return tool_identify(t, errp) && tool_endpoint_info(t, 0, true, errp);
}

bool cmd_events(Tool *t, char **words, GError **errp)
{
    uint32_t session;
    bool psk;

    if (!tool_connect(t, errp)) {
        return false;
    }
    psk = tool_wants_psk(t);
    return (psk || tool_identify(t, errp)) &&
           tool_open(t, psk, &session, errp) &&
           tool_events(t, session, t->opt.subscribe, t->opt.seconds, errp) &&
           spdm_requester_end_session(t->rq, session, false, errp);
}

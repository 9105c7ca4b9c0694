/*
 * session: open one, use it, end it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "requester/tool.h"

static bool heartbeats(Tool *t, uint32_t session, GError **errp)
{
    for (int i = 0; i < t->opt.heartbeat; i++) {
        if (!spdm_requester_heartbeat(t->rq, session, errp)) {
            return false;
        }
    }
    return true;
}

static bool update_keys(Tool *t, uint32_t session, GError **errp)
{
    const char *what = t->opt.key_update;

    if (!what) {
        return true;
    }
    if (strcmp(what, "all") != 0 && strcmp(what, "update") != 0) {
        return tool_fail(errp, TOOL_USAGE, "--key-update is update or all");
    }
    return spdm_requester_key_update(t->rq, session,
                                     strcmp(what, "all") == 0, errp);
}

/* A requester speaks at least once in a heartbeat period (DSP0274). */
static bool hold(Tool *t, uint32_t session, GError **errp)
{
    int64_t end = g_get_monotonic_time() +
                  (int64_t)(t->opt.hold * G_USEC_PER_SEC);
    SpdmSessionInfo info;
    uint8_t period = 0;
    int64_t left;

    spdm_requester_session_info(t->rq, session, &info, &period);
    while ((left = end - g_get_monotonic_time()) > 0) {
        int64_t step = period ? period * G_USEC_PER_SEC / 2 : left;

        g_usleep((gulong)MIN(left, step));
        if (period && !spdm_requester_heartbeat(t->rq, session, errp)) {
            return false;
        }
    }
    return true;
}

static bool use(Tool *t, uint32_t session, GError **errp)
{
    return heartbeats(t, session, errp) && update_keys(t, session, errp) &&
           (!t->opt.vendor_echo ||
            tool_echo(t, session, t->opt.vendor_echo, errp)) &&
           (!t->opt.measurements || tool_measure_all(t, session, errp)) &&
           (!t->opt.encapsulated || tool_encapsulated(t, session, errp)) &&
           hold(t, session, errp);
}

static bool end(Tool *t, uint32_t session, GError **errp)
{
    if (t->opt.no_end) {
        tool_report_session(t, session, "left open");
        return true;
    }
    tool_report_session(t, session, "ended by END_SESSION");
    return spdm_requester_end_session(t->rq, session, false, errp);
}

bool cmd_session(Tool *t, char **words, GError **errp)
{
    uint32_t session;
    bool psk;

    if (*words || (t->opt.sigma && t->opt.psk)) {
        return tool_fail(errp, TOOL_USAGE, "session takes --sigma or --psk, "
                         "and no words after it");
    }
    if (!tool_connect(t, errp)) {
        return false;
    }
    psk = tool_wants_psk(t);
    if ((!psk && !tool_identify(t, errp)) ||
        !tool_open(t, psk, &session, errp)) {
        return false;
    }
    if (!use(t, session, errp)) {
        tool_report_session(t, session, "failed");
        return false;
    }
    return end(t, session, errp);
}

/*
 * discover and attest: what the device is, and whether that is true.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/tool.h"

static void say_negotiated(Tool *t)
{
    SpdmRequesterInfo info;
    g_autofree char *flags = NULL;
    g_autoptr(GString) versions = g_string_new(NULL);

    spdm_requester_info(t->rq, &info);
    flags = spdm_flags_describe(info.rsp_flags);
    for (unsigned i = 0; i < info.version_count; i++) {
        g_string_append_printf(versions, " %u.%u", info.versions[i] >> 12,
                               info.versions[i] >> 8 & 0xf);
    }
    tool_say(t, "versions:%s; agreed on %s", versions->str,
             info.version_name);
    tool_say(t, "capabilities: %s", flags);
    tool_say(t, "algorithms: %s %s %s %s, measurements %s",
             *info.hash ? info.hash : "no hash",
             *info.asym ? info.asym : "no signatures",
             *info.dhe ? info.dhe : *info.kem ? info.kem : "no DHE",
             *info.aead ? info.aead : "no AEAD",
             *info.measurement_hash ? info.measurement_hash : "none");
}

static bool no_more_words(char **words, GError **errp)
{
    return !*words || tool_fail(errp, TOOL_USAGE,
                                "\"%s\" after the command", *words);
}

bool cmd_discover(Tool *t, char **words, GError **errp)
{
    if (!no_more_words(words, errp) || !tool_discover_doe(t, errp) ||
        !tool_connect(t, errp)) {
        return false;
    }
    say_negotiated(t);
    return true;
}

static bool challenge(Tool *t, GError **errp)
{
    uint8_t summary;

    if (!options_summary(t->opt.summary, &summary, errp)) {
        return false;
    }
    if (!t->opt.summary && (tool_peer_has(t, "MEAS_SIG") ||
                            tool_peer_has(t, "MEAS_NO_SIG"))) {
        summary = 0xff;
    }
    if (!spdm_requester_challenge(t->rq, (uint8_t)t->opt.slot, summary,
                                  errp)) {
        return false;
    }
    tool_say(t, "challenge answered, signature good");
    return true;
}

bool cmd_attest(Tool *t, char **words, GError **errp)
{
    if (!no_more_words(words, errp) || !tool_connect(t, errp)) {
        return false;
    }
    if (!tool_peer_has(t, "CERT")) {
        return tool_fail(errp, TOOL_VERIFY, "the device has no certificates "
                         "to attest with (PSK only?)");
    }
    if (!tool_identify(t, errp) ||
        (tool_peer_has(t, "CHAL") && !challenge(t, errp))) {
        return false;
    }
    if ((tool_peer_has(t, "MEAS_SIG") || tool_peer_has(t, "MEAS_NO_SIG")) &&
        !tool_measure_all(t, 0, errp)) {
        return false;
    }
    t->attested = true;
    tool_say(t, "attested%s", t->cfg.trust_pem ? "" :
             " (but any root was believed: use --trust)");
    return true;
}

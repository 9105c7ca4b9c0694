/*
 * abort: open sessions and kill them in one manner after the other; after
 * each the device has to serve a new connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "requester/tool.h"

typedef struct Manner {
    const char *name;
    const char *text;
    bool handshake;              /* kills in the handshake already */
    bool (*kill)(Tool *t, bool psk, uint32_t session, GError **errp);
    bool (*applies)(const Tool *t);
} Manner;

/* The call has to fail, and not for want of a session to make it in. */
static bool must_fail(bool ok, GError **why, GError **errp)
{
    if (ok) {
        return tool_fail(errp, TOOL_UNEXPECTED, "the device went on as if "
                         "nothing had happened");
    }
    if (g_error_matches(*why, SPDM_REQUESTER_ERROR,
                        SPDM_REQUESTER_ERROR_USAGE)) {
        g_propagate_error(errp, g_steal_pointer(why));
        return false;
    }
    g_clear_error(why);
    return true;
}

static bool by_end_session(Tool *t, bool psk, uint32_t session, GError **errp)
{
    return spdm_requester_end_session(t->rq, session, false, errp);
}

static bool by_get_version(Tool *t, bool psk, uint32_t session, GError **errp)
{
    return spdm_requester_version(t->rq, errp);
}

static bool by_bad_finish(Tool *t, bool psk, uint32_t session, GError **errp)
{
    g_autoptr(GError) why = NULL;

    t->ladder.break_next = true;
    return must_fail(tool_finish(t, psk, session, &why), &why, errp);
}

static bool by_bad_record(Tool *t, bool psk, uint32_t session, GError **errp)
{
    g_autoptr(GError) why = NULL;

    t->ladder.break_record = true;
    return must_fail(spdm_requester_end_session(t->rq, session, false, &why),
                     &why, errp);
}

/* Twice the period without a word: the responder's side ends it. */
static bool by_heartbeat(Tool *t, bool psk, uint32_t session, GError **errp)
{
    g_autoptr(GError) why = NULL;
    SpdmSessionInfo info;
    uint8_t period = 0;

    spdm_requester_session_info(t->rq, session, &info, &period);
    if (!period) {
        return tool_fail(errp, TOOL_USAGE, "the session has no heartbeat");
    }
    ladder_note(&t->ladder, "silent for %u s", 2 * period + 1);
    g_usleep((2u * period + 1) * G_USEC_PER_SEC);
    return must_fail(spdm_requester_heartbeat(t->rq, session, &why), &why,
                     errp);
}

/*
 * The answer dies in the mailbox, and with it the sequence number: our side
 * cannot know where the other one is, and gives the session up.
 */
static bool by_doe_abort(Tool *t, bool psk, uint32_t session, GError **errp)
{
    static const uint8_t get_version[] = {
        1, 0, 1, 0, 3, 0, 0, 0, 0x10, 0x84, 0, 0,
    };

    if (!t->io->abandon(t->io, get_version, sizeof(get_version), errp)) {
        return false;
    }
    ladder_note(&t->ladder, "DOE Abort in the middle of an exchange");
    spdm_requester_forget_session(t->rq, session);
    return true;
}

static bool always(const Tool *t)
{
    return true;
}

static bool has_mailbox(const Tool *t)
{
    return t->io->abandon != NULL;
}

static const Manner manners[] = {
    { "end-session", "END_SESSION", false, by_end_session, always },
    { "get-version", "GET_VERSION resets the connection", false,
      by_get_version, always },
    { "bad-finish", "FINISH with a wrong MAC", true, by_bad_finish, always },
    { "bad-record", "a record with a wrong tag", false, by_bad_record,
      always },
    { "doe-abort", "DOE Abort", false, by_doe_abort, has_mailbox },
    { "heartbeat", "silence past the heartbeat", false, by_heartbeat,
      always },
};

static bool open_for(Tool *t, const Manner *m, bool psk, uint32_t *session,
                     GError **errp)
{
    if (!psk && !spdm_requester_chain(t->rq, (uint8_t)t->opt.slot) &&
        !tool_identify(t, errp)) {
        return false;
    }
    return m->handshake ? tool_exchange_keys(t, psk, session, errp)
                        : tool_open(t, psk, session, errp);
}

static bool is_established(Tool *t, uint32_t session)
{
    SpdmSessionInfo info;

    return spdm_requester_session_info(t->rq, session, &info, NULL) &&
           strcmp(info.phase, "established") == 0;
}

static bool abort_by(Tool *t, const Manner *m, GError **errp)
{
    g_autofree char *outcome = g_strdup_printf("aborted: %s", m->name);
    SpdmRequesterInfo info;
    uint32_t session;
    bool psk;

    tool_say(t, "--- abort by %s", m->text);
    if (!tool_connect(t, errp)) {
        return false;
    }
    psk = tool_wants_psk(t);
    if (!open_for(t, m, psk, &session, errp)) {
        return false;
    }
    if (m->handshake && is_established(t, session)) {
        tool_say(t, "(no PSK_FINISH with this device: left out)");
        return spdm_requester_end_session(t->rq, session, false, errp);
    }
    tool_report_session(t, session, outcome);
    if (!m->kill(t, psk, session, errp)) {
        return false;
    }
    spdm_requester_info(t->rq, &info);
    if (info.session_count) {
        return tool_fail(errp, TOOL_UNEXPECTED, "a session is still there");
    }
    tool_say(t, "session %08x is gone, its keys are wiped", session);
    return true;
}

static const Manner *find(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(manners); i++) {
        if (strcmp(manners[i].name, name) == 0) {
            return &manners[i];
        }
    }
    return NULL;
}

/* All but the one that has to wait for a heartbeat to be missed. */
static bool abort_all(Tool *t, GError **errp)
{
    for (size_t i = 0; i < G_N_ELEMENTS(manners); i++) {
        if (manners[i].kill != by_heartbeat && manners[i].applies(t) &&
            !abort_by(t, &manners[i], errp)) {
            return false;
        }
    }
    return true;
}

static bool abort_list(Tool *t, const char *names, GError **errp)
{
    g_auto(GStrv) list = g_strsplit(names, ",", -1);

    for (char **name = list; *name; name++) {
        const Manner *m = find(*name);

        if (!m || !m->applies(t)) {
            return tool_fail(errp, TOOL_USAGE, "--by %s: no such manner%s",
                             *name, m ? " on this transport" : "; see "
                             "--help-session");
        }
        if (!abort_by(t, m, errp)) {
            return false;
        }
    }
    return true;
}

bool cmd_abort(Tool *t, char **words, GError **errp)
{
    bool all = !t->opt.by || strcmp(t->opt.by, "all") == 0;

    if (*words) {
        return tool_fail(errp, TOOL_USAGE, "\"%s\" after the command: use "
                         "--by", *words);
    }
    if (!(all ? abort_all(t, errp) : abort_list(t, t->opt.by, errp))) {
        return false;
    }
    tool_say(t, "--- and the device serves a new connection");
    return tool_connect(t, errp);
}

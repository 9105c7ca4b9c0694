/*
 * Sessions that end because somebody at the device wants it: at once, or with
 * what their requester hears at its next request.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

#include <string.h>

typedef struct Manner {
    const char *name;
    const char *why;         /* event of a session that ends so */
    bool at_once;
    bool all;                /* it leaves no session untouched */
    SpdmErrorCode code;      /* else: what the next request gets */
} Manner;

static const Manner manners[] = {
    [SPDM_ABORT_SILENT] = {
        "silent", "aborted by the operator, without a word",
        .at_once = true },
    [SPDM_ABORT_ERROR] = {
        "error", "aborted by the operator, with ERROR Unspecified",
        .code = SPDM_ERROR_UNSPECIFIED },
    [SPDM_ABORT_DECRYPT_ERROR] = {
        "decrypt-error",
        "aborted by the operator, with ERROR DecryptError",
        .code = SPDM_ERROR_DECRYPT_ERROR },
    [SPDM_ABORT_TERMINATED] = {
        "terminated",
        "aborted by the operator, with ERROR RequestSessionTerminated",
        .code = SPDM_ERROR_REQUEST_SESSION_TERMINATED },
    [SPDM_ABORT_RESYNCH] = {
        "resynch",
        "aborted by the operator, with ERROR RequestResynch",
        .all = true, .code = SPDM_ERROR_REQUEST_RESYNCH },
    [SPDM_ABORT_RESET] = {
        "reset", "aborted by the operator, by a function reset",
        .at_once = true, .all = true },
    [SPDM_ABORT_CLOSE] = {
        "close", "aborted by the operator, with a transport failure",
        .at_once = true, .all = true },
};

const char *spdm_abort_manner_name(SpdmAbortManner manner)
{
    return manners[manner].name;
}

bool spdm_abort_is_at_once(SpdmAbortManner manner)
{
    return manners[manner].at_once;
}

/* --- as a user writes it -------------------------------------------------- */

static bool refuse(const char *text, const char *why, GError **errp)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                "\"%s\" is not ID or ID:MANNER: %s", text, why);
    return false;
}

static bool parse_id(const char *text, uint32_t *id)
{
    bool hex = g_str_has_prefix(text, "0x");
    guint64 value;

    if (!g_ascii_string_to_unsigned(hex ? text + 2 : text, hex ? 16 : 10, 0,
                                    UINT32_MAX, &value, NULL)) {
        return false;
    }
    *id = (uint32_t)value;
    return true;
}

bool spdm_abort_parse(const char *text, SpdmAbort *abort, GError **errp)
{
    g_auto(GStrv) parts = g_strsplit(text, ":", 2);
    const char *manner = parts[0] && parts[1] ? parts[1] : "silent";
    size_t i = 0;

    if (!parts[0] || !parse_id(parts[0], &abort->session_id)) {
        return refuse(text, "ID is that of a session, or 0 for all", errp);
    }
    while (i < G_N_ELEMENTS(manners) && strcmp(manners[i].name, manner)) {
        i++;
    }
    if (i == G_N_ELEMENTS(manners)) {
        return refuse(text, "manners are silent, error, decrypt-error, "
                      "terminated, resynch, reset and close", errp);
    }
    if (manners[i].all && abort->session_id) {
        return refuse(text, "this manner is of all sessions, ID 0", errp);
    }
    abort->manner = (SpdmAbortManner)i;
    return true;
}

/* --- at once -------------------------------------------------------------- */

unsigned spdm_responder_end(SpdmResponder *r, uint32_t session_id,
                            const char *why)
{
    g_autofree char *event = g_strdup_printf("ended: %s", why);

    return spdm_responder_end_sessions(r, session_id, event);
}

unsigned spdm_responder_abort(SpdmResponder *r, uint32_t session_id)
{
    return spdm_responder_end(r, session_id, manners[SPDM_ABORT_SILENT].why);
}

/* --- with the next request ------------------------------------------------ */

static unsigned doom(SpdmResponder *r, const SpdmAbort *abort)
{
    bool resynch = abort->manner == SPDM_ABORT_RESYNCH;
    unsigned count = 0;

    for (unsigned i = 0; i < r->conn.sessions_used; i++) {
        SpdmSession *s = &r->conn.sessions[i];

        if (s->phase != SPDM_SESSION_FREE &&
            (!abort->session_id || s->id == abort->session_id)) {
            s->doomed = resynch ? s->doomed : (uint8_t)abort->manner;
            count++;
        }
    }
    /* A connection that is not begun begins with GET_VERSION anyway. */
    r->conn.resynch |= resynch && r->conn.state > SPDM_CONN_NOT_STARTED;
    return count;
}

unsigned spdm_responder_abort_as(SpdmResponder *r, const SpdmAbort *abort)
{
    const Manner *m = &manners[abort->manner];

    return m->at_once ? spdm_responder_end(r, abort->session_id, m->why)
                      : doom(r, abort);
}

/* FINISH of a handshake in the clear comes without a record. */
static SpdmSession *session_of(const SpdmTxn *t)
{
    bool finish = !t->secured && t->code == SPDM_FINISH;

    return finish && t->conn->clear_session
        ? spdm_conn_session(t->conn, t->conn->clear_session) : t->session;
}

/* DSP0274 ERROR RequestResynch; GET_VERSION is what that asks for. */
SpdmStatus spdm_gate_operator(SpdmTxn *t)
{
    SpdmSession *s = session_of(t);
    SpdmStatus st = SPDM_STATUS_OK;

    if (t->conn->resynch && t->code != SPDM_GET_VERSION) {
        st = spdm_fail(SPDM_ERROR_REQUEST_RESYNCH,
                       manners[SPDM_ABORT_RESYNCH].why);
        st.reset_conn = true;
    } else if (s && s->doomed) {
        t->session = s;
        st = spdm_fail_session(manners[s->doomed].code,
                               manners[s->doomed].why);
    }
    return st;
}

/*
 * Why a connection ended where it did, in a sentence: from what the messages
 * prove, and from what each end did next.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "trace/observer.h"

static void verdict(SpdmEntry *e, bool bad, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

static void verdict(SpdmEntry *e, bool bad, const char *format, ...)
{
    va_list args;

    if (e && !e->verdict) {
        va_start(args, format);
        e->verdict = g_strdup_vprintf(format, args);
        va_end(args);
        e->bad = bad;
    }
}

/* A session whose handshake is not over; NULL: none. */
static const SpdmSession *in_handshake(const SpdmObserver *o)
{
    for (unsigned i = 0; i < o->conn.sessions_used; i++) {
        if (o->conn.sessions[i].phase == SPDM_SESSION_HANDSHAKE) {
            return &o->conn.sessions[i];
        }
    }
    return NULL;
}

static bool gives_up(uint8_t code)
{
    return code == SPDM_GET_VERSION || code == SPDM_END_SESSION;
}

/* The requester has made nothing of a response that it need not believe. */
static void stopped(SpdmObserver *o)
{
    verdict(o->doubtful, true, "the requester stopped here: %s",
            o->doubtful->finding);
    o->doubtful = NULL;
}

/* A handshake that is broken off although nothing is wrong with it. */
static void abandoned(SpdmObserver *o, SpdmEntry *e)
{
    const SpdmSession *s = in_handshake(o);

    if (s && e) {
        verdict(e, true, "the requester broke off the handshake of session "
                "%08x here: all that can be checked holds, so what it did "
                "not accept is its own policy (a root, a measurement)",
                s->id);
    }
}

static char *doing_of(const SpdmObserver *o)
{
    return o->fault ? g_strdup_printf(" (the doing of rule \"%s\")", o->fault)
                    : g_strdup("");
}

static void unanswered(SpdmObserver *o, SpdmEntry *e, const char *end)
{
    g_autofree char *doing = doing_of(o);

    if (o->mailbox) {
        verdict(e, true, "no answer came%s; the mailbox: %s%s", end,
                o->mailbox, doing);
    } else if (e->session && e->session == o->ended) {
        verdict(e, true, "no answer came%s; its session had been ended by "
                "the %s", end, o->ended_by);
    } else {
        verdict(e, true, "no answer came%s%s", end, doing);
    }
}

/* The chain was read, and that was all. */
static void no_further(SpdmEntry *e)
{
    if (e->code == SPDM_RESPONSE_OF(SPDM_GET_CERTIFICATE)) {
        verdict(e, true, "the requester went no further than this chain: all "
                "that can be checked holds, so what it did not accept, if "
                "anything, is its own policy (the root, the name, the time)");
    }
}

/* Before the request that is looked at has any effect. */
void spdm_explain_request(SpdmObserver *o)
{
    uint8_t code = o->entry->code;
    SpdmEntry *before = NULL;

    for (guint i = o->entries->len; i-- > 0 && !before; ) {
        SpdmEntry *e = g_ptr_array_index(o->entries, i);

        before = e != o->entry && e->kind == SPDM_ENTRY_MESSAGE ? e : NULL;
    }
    if (o->doubtful && gives_up(code)) {
        stopped(o);
    } else if (o->doubtful) {
        verdict(o->doubtful, true, "the requester went on all the same, "
                "although %s", o->doubtful->finding);
        o->doubtful = NULL;
    } else if (code == SPDM_GET_VERSION && before && !before->verdict) {
        abandoned(o, before);
        no_further(before);
    }
    if (before && before->requester) {
        unanswered(o, before, "");
    }
}

static void refused(SpdmObserver *o, uint8_t code)
{
    const SpdmEntry *q = o->request_entry;
    g_autofree char *doing = doing_of(o);

    if (q && q->finding) {
        verdict(o->entry, true, "the responder stopped here: %s",
                q->finding);
    } else if (!q && code == SPDM_ERROR_DECRYPT_ERROR) {
        verdict(o->entry, true, "the responder stopped here: a record did not "
                "open for it%s", doing);
    } else {
        verdict(o->entry, true, "the responder refused %s: %s%s",
                q && q->name ? q->name : "it", spdm_error_name(code), doing);
    }
}

/* After the response that is looked at has had its effect. */
void spdm_explain_response(SpdmObserver *o, bool error, uint8_t code)
{
    SpdmEntry *q = o->request_entry;
    g_autofree char *doing = NULL;
    char *finding = o->entry->finding;

    if (error) {
        refused(o, code);
    } else if (q && q->finding) {
        verdict(q, true, "the responder went on all the same, although %s",
                q->finding);
    }
    if (finding) {
        doing = doing_of(o);
        o->entry->finding = g_strconcat(finding, doing, NULL);
        g_free(finding);
        o->doubtful = o->entry;
    }
    o->request_entry = NULL;
}

/* --- who was it? ---------------------------------------------------------- */

/* Whether something has been said already of why session @id ends. */
static bool is_explained(const SpdmObserver *o, uint32_t id)
{
    for (guint i = o->entries->len; i-- > 0; ) {
        const SpdmEntry *e = o->entries->pdata[i];

        if (e->kind == SPDM_ENTRY_SESSION && e->session == id &&
            strcmp(e->name, "ended")) {
            return false;        /* of an earlier one, at best */
        }
        if ((e->kind == SPDM_ENTRY_MESSAGE && e->bad && e->verdict) ||
            e->kind == SPDM_ENTRY_FAULT) {
            return true;
        }
    }
    return false;
}

static bool is_end(const char *who)
{
    return !strcmp(who, "requester") || !strcmp(who, "responder");
}

/* By one of the two it follows from messages, as far as they show it. */
void spdm_explain_abort(SpdmObserver *o, SpdmEntry *e)
{
    o->ended = e->session;
    g_free(o->ended_by);
    o->ended_by = g_strdup(e->name);
    if (!is_end(e->name) || !is_explained(o, e->session)) {
        g_autofree char *same = g_strdup_printf("aborted by the %s, ",
                                                e->name);
        bool stutters = g_str_has_prefix(e->text, same);

        verdict(e, true, "the %s ended session %08x%s%s", e->name,
                e->session, stutters ? ", " : ": ",
                e->text + (stutters ? strlen(same) : 0));
    }
}

/* What the next message from one end was, from @i on; NULL: none. */
static const SpdmEntry *next_message(const SpdmObserver *o, guint i,
                                     bool requester, guint *at)
{
    for (; i < o->entries->len; i++) {
        const SpdmEntry *e = o->entries->pdata[i];

        if (e->kind == SPDM_ENTRY_MESSAGE && e->requester == requester) {
            *at = i;
            return e;
        }
    }
    *at = o->entries->len;
    return NULL;
}

static char *went_on(const SpdmEntry *next)
{
    if (!next) {
        return g_strdup("the requester said nothing more");
    }
    if (next->code == SPDM_GET_VERSION || next->code == SPDM_END_SESSION) {
        return g_strdup_printf("the requester stopped, and said %s",
                               next->name);
    }
    return g_strdup_printf("the requester went on with %s",
                           next->name ? next->name : "a record");
}

/* The answer before @i, if that is what was acted on: its frame (tx-frame). */
static const SpdmEntry *framed(const SpdmObserver *o, guint i)
{
    const SpdmEntry *fault = o->entries->pdata[i];

    while (i-- > 0) {
        const SpdmEntry *e = o->entries->pdata[i];

        if (e->kind == SPDM_ENTRY_MESSAGE) {
            return !e->requester && e->name &&
                   g_str_has_suffix(fault->text, e->name) ? e : NULL;
        }
    }
    return NULL;
}

/* A rule's action, the answer it was about, and what the requester did. */
static void explain_fault(SpdmObserver *o, guint i)
{
    SpdmEntry *e = o->entries->pdata[i];
    guint at_answer = 0, at_next;
    const SpdmEntry *before = framed(o, i);
    const SpdmEntry *answer = before ? before
                              : next_message(o, i + 1, false, &at_answer);
    const SpdmEntry *next = next_message(o, i + 1, true, &at_next);
    g_autofree char *then = went_on(next);
    const char *of = !strcmp(e->name, "[provider]") ? "lied about" : "did";
    bool gave_up = !next || next->code == SPDM_GET_VERSION;

    if (!before && (!answer || at_answer > at_next)) {
        verdict(e, gave_up, "rule \"%s\" %s \"%s\": no answer came of it, "
                "and %s", e->name, of, e->text, then);
    } else if (answer->finding) {
        verdict(e, gave_up, "rule \"%s\" %s \"%s\": the answer cannot be "
                "believed, %s; %s", e->name, of, e->text, answer->finding,
                then);
    } else {
        verdict(e, gave_up, "rule \"%s\" %s \"%s\": the answer was %s, and %s",
                e->name, of, e->text, answer->name ? answer->name
                : "a record", then);
    }
}

static void explain_faults(SpdmObserver *o)
{
    for (guint i = 0; i < o->entries->len; i++) {
        const SpdmEntry *e = o->entries->pdata[i];

        if (e->kind == SPDM_ENTRY_FAULT) {
            explain_fault(o, i);
        }
    }
}

void spdm_explain_end(SpdmObserver *o)
{
    SpdmEntry *last = o->last;

    if (o->doubtful) {
        stopped(o);
    } else if (last && last->requester) {
        unanswered(o, last, ": the trace ends here");
    } else {
        abandoned(o, last);
    }
    explain_faults(o);
}

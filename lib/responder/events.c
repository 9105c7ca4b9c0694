/*
 * Changes of the device while it runs: sessions that may not survive them
 * end, and those that subscribed are told.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/events.h"
#include "responder/encap-rows.h"
#include "wire/elements.h"

enum { COUNT_OFFSET = SPDM_HEADER_SIZE, COUNT_END = COUNT_OFFSET + 4 };

/* EventCount of a SEND_EVENT that we made. */
static unsigned count_of(const SpdmTranscript *request)
{
    SpdmBytes bytes = spdm_transcript_view(request);

    return bytes.len >= COUNT_END ? bytes.data[COUNT_OFFSET] : 0;
}

unsigned spdm_events_in_flight(const SpdmSession *s)
{
    const SpdmEncapFlow *flow = &s->encap.flow;

    return flow->kind == SPDM_ENCAP_SEND_EVENT && flow->sent
           ? MIN(count_of(&flow->request), s->events.count) : 0;
}

static bool is_waiting(const SpdmEncap *encap)
{
    for (unsigned i = 0; i < encap->queued; i++) {
        if (encap->queue[i].kind == SPDM_ENCAP_SEND_EVENT) {
            return true;
        }
    }
    return false;
}

/* One SEND_EVENT waits however many events there are: it takes them all. */
static void ask_to_send(SpdmResponder *r, SpdmSession *s)
{
    if (!is_waiting(&s->encap)) {
        spdm_encap_queue(r, s, SPDM_ENCAP_SEND_EVENT, SPDM_BYTES(NULL, 0));
    }
}

static void raise_event(SpdmResponder *r, uint8_t type, const uint8_t *detail)
{
    for (unsigned i = 0; i < r->conn.sessions_used; i++) {
        SpdmSession *s = &r->conn.sessions[i];

        if (s->phase == SPDM_SESSION_ESTABLISHED &&
            spdm_events_raise(&s->events, type, detail,
                              spdm_events_in_flight(s))) {
            ask_to_send(r, s);
        }
    }
}

/* DSP0274 KEY_EXCHANGE SessionPolicy, TerminationPolicy (1.2). */
static void end_by_policy(SpdmResponder *r)
{
    for (unsigned i = 0; i < r->conn.sessions_used; i++) {
        SpdmSession *s = &r->conn.sessions[i];

        if (s->phase != SPDM_SESSION_FREE &&
            (s->session_policy & SPDM_POLICY_TERMINATE)) {
            spdm_responder_end_session(r, s, "ended: measurements changed, "
                                             "by its SessionPolicy");
        }
    }
}

void spdm_responder_measurement_changed(SpdmResponder *r,
                                        const uint8_t *indices)
{
    end_by_policy(r);
    r->conn.watch.changed = true;
    for (unsigned i = 0; i < r->conn.sessions_used; i++) {
        SpdmSession *s = &r->conn.sessions[i];

        /* A free slot stays all zero. */
        if (s->phase != SPDM_SESSION_FREE) {
            s->watch.changed = true;
        }
    }
    raise_event(r, SPDM_EVENT_MEASUREMENT_CHANGED, indices);
}

void spdm_responder_measurement_pending(SpdmResponder *r,
                                        const uint8_t *indices)
{
    raise_event(r, SPDM_EVENT_MEASUREMENT_PRE_UPDATE, indices);
}

void spdm_responder_certificate_changed(SpdmResponder *r, uint8_t slots)
{
    raise_event(r, SPDM_EVENT_CERTIFICATE_CHANGED, &slots);
}

/* --- SEND_EVENT as an embedded request ------------------------------------ */

/* SEND_EVENT and what is around it: an ACK, from 1.2 on 8 bytes. */
enum { SEND_EVENT_FIXED = 8 + COUNT_END };

static void append_event(SpdmCoder *c, const SpdmEvent *event)
{
    SpdmEventItem item = {
        .instance = event->instance,
        .type = event->type,
        .detail = SPDM_BYTES(event->detail,
                             spdm_event_detail_size(event->type)),
    };

    spdm_code_event(c, &item);
}

/* Those that the delivery under way acknowledges are still in the queue. */
static unsigned acknowledged_now(const SpdmTxn *t)
{
    return t->encap_row && t->encap_row->code == SPDM_SEND_EVENT
           ? count_of(&t->encap_taken.request) : 0;
}

/* DSP0274 SEND_EVENT: EventInstanceIDs of a list have no gap. */
bool spdm_encap_send_event(SpdmTxn *t, SpdmEncapFlow *flow, SpdmMsg *m)
{
    const SpdmEvents *events = &t->session->events;
    unsigned first = acknowledged_now(t);
    size_t room = spdm_txn_room(t);
    GByteArray *list = spdm_txn_array(t);
    SpdmCoder c = spdm_coder_writer(NULL, list);

    for (unsigned i = first; i < events->count; i++) {
        guint before = list->len;

        if (i > first && events->queue[i].instance !=
                         events->queue[i - 1].instance + 1) {
            break;
        }
        append_event(&c, &events->queue[i]);
        if (list->len + SEND_EVENT_FIXED > room) {
            g_byte_array_set_size(list, before);
            break;
        }
        m->send_event.count++;
    }
    m->send_event.events = spdm_array_view(list);
    return m->send_event.count > 0;
}

SpdmStatus spdm_encap_event_ack(SpdmTxn *t, SpdmEncapFlow *flow,
                                const SpdmMsg *m, SpdmBytes bytes)
{
    flow->code = 0;
    return SPDM_STATUS_OK;
}

static void forget_sent(SpdmTxn *t, const SpdmEncapFlow *flow)
{
    spdm_events_acknowledge(&t->session->events, count_of(&flow->request));
}

/* What did not go in one message goes in the next. */
void spdm_encap_commit_event_ack(SpdmTxn *t, const SpdmEncapFlow *flow)
{
    bool goes_on = t->encap.code == SPDM_SEND_EVENT;

    forget_sent(t, flow);
    if (t->session->events.count && !goes_on) {
        ask_to_send(t->r, t->session);
    }
}

/* Whoever refuses events once would refuse them again. */
void spdm_encap_event_refused(SpdmTxn *t, const SpdmEncapFlow *flow,
                              uint8_t code)
{
    forget_sent(t, flow);
}

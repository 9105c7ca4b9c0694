/*
 * The tap that writes traces.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "trace/trace-int.h"

#include "crypto/secret.h"
#include "trace/pcap.h"

static int64_t host_now(void *opaque)
{
    return g_get_real_time();
}

int64_t spdm_trace_now(const SpdmTrace *t)
{
    return t->now_us(t->opaque);
}

/*
 * The peer decides how much there is to tell, so there is a limit. At the
 * limit the events say so themselves (events.c); a capture cannot.
 */
bool spdm_trace_put(SpdmTrace *t, SpdmTraceOut *o, const void *data,
                    size_t len)
{
    bool fits = !o->full && (!t->limit || o->bytes + len <= t->limit);

    if (!fits || !o->sink.write(o->sink.opaque, data, len)) {
        o->full |= !fits;
        o->lost++;
        return false;
    }
    o->bytes += len;
    return true;
}

static void put_packet(SpdmTrace *t, const SpdmTapContext *c)
{
    g_autoptr(GByteArray) record = g_byte_array_new();
    bool requester = c->responder != c->outgoing;

    spdm_pcap_put_frame(t->transport->type, spdm_trace_now(t), requester,
                        SPDM_BYTES(c->bytes->data, c->bytes->len), record);
    spdm_trace_put(t, &t->pcap, record->data, record->len);
}

static void on_frame(SpdmTrace *t, const SpdmTapContext *c)
{
    if (spdm_trace_wants(&t->pcap)) {
        put_packet(t, c);
    }
    if (spdm_trace_wants(&t->events)) {
        spdm_trace_event_frame(t, c);
    }
}

static SpdmTapVerdict trace_call(void *opaque, SpdmTapContext *c)
{
    SpdmTrace *t = opaque;

    g_mutex_lock(&t->lock);
    switch (c->event) {
    case SPDM_TAP_RX_FRAME:
    case SPDM_TAP_TX_FRAME:
        on_frame(t, c);
        break;
    case SPDM_TAP_RX_MSG:
    case SPDM_TAP_TX_MSG:
        if (spdm_trace_wants(&t->events)) {
            spdm_trace_event_message(t, c);
        }
        break;
    case SPDM_TAP_SESSION:
        if (spdm_trace_wants(&t->events)) {
            spdm_trace_event_session(t, c);
        }
        break;
    case SPDM_TAP_SECRET:
        spdm_trace_keylog_secret(t, c);
        break;
    case SPDM_TAP_COMPOSE:
        break;
    }
    g_mutex_unlock(&t->lock);
    return SPDM_TAP_PASS;
}

static void begin_pcap(SpdmTrace *t, bool begun)
{
    g_autoptr(GByteArray) header = g_byte_array_new();

    if (!begun) {
        spdm_pcap_put_header(t->transport->type, header);
        spdm_trace_put(t, &t->pcap, header->data, header->len);
    }
}

bool spdm_trace_has_pcap(SpdmTransportType transport)
{
    return spdm_pcap_link_type(transport) != 0;
}

SpdmTrace *spdm_trace_new(const SpdmTraceConfig *config)
{
    SpdmTrace *t = g_new0(SpdmTrace, 1);

    g_mutex_init(&t->lock);
    t->device = g_strdup(config->device ? config->device : "");
    t->connection = config->connection;
    t->pcap_name = g_strdup(config->pcap_name);
    t->transport = spdm_transport(config->transport);
    t->limit = config->limit;
    t->now_us = config->now_us ? config->now_us : host_now;
    t->opaque = config->opaque;
    t->events.sink = config->events;
    t->keylog.sink = config->keylog;
    if (spdm_trace_has_pcap(config->transport)) {
        t->pcap.sink = config->pcap;
    }
    t->tap = (SpdmTap){
        .call = trace_call,
        .opaque = t,
    };
    if (spdm_trace_wants(&t->events)) {
        spdm_trace_event_begin(t);
    }
    if (spdm_trace_wants(&t->pcap)) {
        begin_pcap(t, config->pcap_begun);
    }
    if (spdm_trace_wants(&t->keylog)) {
        spdm_trace_keylog_begin(t);
    }
    return t;
}

void spdm_trace_free(SpdmTrace *t)
{
    if (!t) {
        return;
    }
    if (spdm_trace_wants(&t->events)) {
        spdm_trace_event_end(t);
    }
    if (t->command) {
        spdm_wipe(t->command->str, t->command->len);
        g_string_free(t->command, TRUE);
    }
    g_mutex_clear(&t->lock);
    g_free(t->device);
    g_free(t->pcap_name);
    g_free(t);
}

void spdm_trace_attach(SpdmTrace *t, SpdmResponder *r)
{
    spdm_responder_add_tap(r, &t->tap);
    if (spdm_trace_wants(&t->keylog)) {
        spdm_responder_set_secret_tap(r, &t->tap);
    }
}

void spdm_trace_attach_requester(SpdmTrace *t, SpdmRequester *rq)
{
    spdm_requester_add_tap(rq, &t->tap);
    if (spdm_trace_wants(&t->keylog)) {
        spdm_requester_set_secret_tap(rq, &t->tap);
    }
}

/*
 * A trace that is being written.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TRACE_INT_H
#define SPDM_TRACE_INT_H

#include "spdm/trace.h"
#include "transport/transport.h"

/** A sink, and what it has had. */
typedef struct SpdmTraceOut {
    SpdmTraceSink sink;
    uint64_t bytes;
    uint64_t lost;           /* records since the last that went */
    bool full;               /* the limit is reached */
} SpdmTraceOut;

struct SpdmTrace {
    SpdmTap tap;
    GMutex lock;             /* a device's mailbox and its responder may be
                                on different threads of the caller */
    char *device;
    uint64_t connection;     /* 0: is not told */
    char *pcap_name;
    const SpdmTransport *transport;
    uint64_t limit;
    int64_t (*now_us)(void *opaque);
    void *opaque;

    SpdmTraceOut events;
    SpdmTraceOut pcap;
    SpdmTraceOut keylog;

    uint64_t seq;            /* of messages */
    size_t record_size;      /* of a record that came and did not open yet */
    uint32_t record_session;

    GString *command;        /* options of spdm_dump so far */
    unsigned secrets;        /* ... that many */
};

static inline bool spdm_trace_wants(const SpdmTraceOut *o)
{
    return o->sink.write != NULL;
}

int64_t spdm_trace_now(const SpdmTrace *t);

/** Writes a record if the limit allows; false: it is lost. */
bool spdm_trace_put(SpdmTrace *t, SpdmTraceOut *o, const void *data,
                    size_t len);

/* events.c */

void spdm_trace_event_begin(SpdmTrace *t);
void spdm_trace_event_message(SpdmTrace *t, const SpdmTapContext *c);
void spdm_trace_event_session(SpdmTrace *t, const SpdmTapContext *c);
void spdm_trace_event_end(SpdmTrace *t);

/** A frame as it came or went: only DOE discovery is an event. */
void spdm_trace_event_frame(SpdmTrace *t, const SpdmTapContext *c);

/* keylog.c */

void spdm_trace_keylog_begin(SpdmTrace *t);
void spdm_trace_keylog_secret(SpdmTrace *t, const SpdmTapContext *c);

#endif

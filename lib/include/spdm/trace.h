/*
 * Traces: what went over the wire, as events (JSON lines), as a packet
 * capture and as a key log that lets it be decrypted; and the reading of them
 * again, with everything checked that the messages prove.
 *
 * Records leave through sinks of the caller: the library opens no files of
 * its own accord (SpdmTraceFile is a sink on one, for callers that want it).
 * Formats are described in docs/tracing.rst. A trace may be told of things
 * from any thread.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TRACE_H
#define SPDM_TRACE_H

#include "spdm/requester.h"
#include "spdm/responder.h"

G_BEGIN_DECLS

/** Where records go: a whole line, a whole packet. */
typedef struct SpdmTraceSink {
    /** Takes one record; false: it is lost, and the sink tells its user why.
     * Never waits. NULL: this kind of record is not wanted. */
    bool (*write)(void *opaque, const uint8_t *data, size_t len);
    void *opaque;
} SpdmTraceSink;

/** Most bytes of a record that any of this writes. */
enum { SPDM_TRACE_RECORD_MAX = 128 * 1024 };

/** What a trace writes, and where to. Copied, but for what opaques mean. */
typedef struct SpdmTraceConfig {
    const char *device;          /* name in events, "ssd0" */
    uint64_t connection;         /* which of the device, in events; 0: the
                                    only one */
    SpdmTransportType transport; /* of the tap's frames */
    SpdmTraceSink events;
    SpdmTraceSink pcap;          /* DOE and MCTP only */
    bool pcap_begun;             /* its file header is there already */
    SpdmTraceSink keylog;
    const char *pcap_name;       /* in the key log's command lines */
    uint64_t limit;              /* bytes of events, and of packets; 0: none */
    int64_t (*now_us)(void *opaque); /* since 1970; NULL: the host's clock */
    void *opaque;
} SpdmTraceConfig;

typedef struct SpdmTrace SpdmTrace;

/** Begins with what is first in each: pcap header, "begin" event, comment. */
SPDM_API SpdmTrace *spdm_trace_new(const SpdmTraceConfig *config);

/** Says what was lost, if anything. NULL is allowed. */
SPDM_API void spdm_trace_free(SpdmTrace *t);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmTrace, spdm_trace_free)

/**
 * Has @r, which @t outlives, be traced. After the faults' tap was added: the
 * trace is to see what the wire sees.
 */
SPDM_API void spdm_trace_attach(SpdmTrace *t, SpdmResponder *r);

/** The same for a requester, whose own view of the connection it is. */
SPDM_API void spdm_trace_attach_requester(SpdmTrace *t, SpdmRequester *rq);

/** Whether a capture can be made of this transport (it has a link type). */
SPDM_API bool spdm_trace_has_pcap(SpdmTransportType transport);

/** A rule of a fault plan acted: at which event, on which message. */
SPDM_API void spdm_trace_fault(SpdmTrace *t, const char *rule,
                               const char *action, const char *event,
                               const char *message);

/** What happened to the mailbox: "abort", "error", "reset", with a text. */
SPDM_API void spdm_trace_doe(SpdmTrace *t, const char *what,
                             const char *text);

/** Anything else that the reader should know. */
SPDM_API void spdm_trace_note(SpdmTrace *t, const char *text);

/* --- sinks on files ------------------------------------------------------ */

typedef struct SpdmTraceFile SpdmTraceFile;

/**
 * Opens @path for records, emptied. A record is written whole, at once and
 * unbuffered, so that all of them survive a process that is killed. Never
 * waits: a FIFO that nobody reads is refused, and what a reader does not
 * fetch is lost. @trouble is called, once, with a line that says what stands
 * in the way of writing. NULL with @errp when the file cannot be written, or
 * another one writes it.
 */
SPDM_API SpdmTraceFile *
spdm_trace_file_new(const char *path,
                    void (*trouble)(void *opaque, const char *line),
                    void *opaque, GError **errp);
SPDM_API void spdm_trace_file_free(SpdmTraceFile *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmTraceFile, spdm_trace_file_free)

SPDM_API SpdmTraceSink spdm_trace_file_sink(SpdmTraceFile *file);

G_END_DECLS

#endif

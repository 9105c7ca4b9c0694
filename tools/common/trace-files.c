/*
 * Files that traffic is recorded in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "common/trace-files.h"

#include <stdio.h>

static void say(void *opaque, const char *line)
{
    const TraceFiles *f = opaque;

    fprintf(stderr, "%s: %s\n", f->device, line);
}

static bool open_one(TraceFiles *f, const char *name, SpdmTraceFile **file,
                     GError **errp)
{
    if (name) {
        *file = spdm_trace_file_new(name, say, f, errp);
    }
    return *file || !name;
}

bool trace_files_open(TraceFiles *f, const char *device, GError **errp)
{
    f->device = device;
    return open_one(f, f->events_name, &f->events, errp) &&
           open_one(f, f->pcap_name, &f->pcap, errp) &&
           open_one(f, f->keylog_name, &f->keylog, errp);
}

static SpdmTraceSink sink(SpdmTraceFile *file)
{
    return file ? spdm_trace_file_sink(file)
                : (SpdmTraceSink){ .write = NULL };
}

/* Whether packets of @transport may go into the one capture that there is. */
static bool takes_packets(TraceFiles *f, SpdmTransportType transport)
{
    bool fits = spdm_trace_has_pcap(transport) &&
                (!f->pcap_begun || f->pcap_transport == transport);

    if (f->pcap && !fits && !f->pcap_told) {
        f->pcap_told = true;
        say(f, "the capture leaves out a client: it holds PCI DOE or MCTP, "
            "whichever comes first");
    }
    return f->pcap && fits;
}

SpdmTrace *trace_files_trace(TraceFiles *f, SpdmTransportType transport,
                             uint64_t connection)
{
    bool packets = takes_packets(f, transport);
    SpdmTraceConfig config = {
        .device = f->device,
        .connection = connection,
        .transport = transport,
        .events = sink(f->events),
        .pcap = sink(packets ? f->pcap : NULL),
        .pcap_begun = f->pcap_begun,
        .keylog = sink(f->keylog),
        .pcap_name = packets ? f->pcap_name : NULL,
    };

    if (!f->events && !f->pcap && !f->keylog) {
        return NULL;
    }
    if (packets) {
        f->pcap_begun = true;
        f->pcap_transport = transport;
    }
    return spdm_trace_new(&config);
}

void trace_files_clear(TraceFiles *f)
{
    g_clear_pointer(&f->events, spdm_trace_file_free);
    g_clear_pointer(&f->pcap, spdm_trace_file_free);
    g_clear_pointer(&f->keylog, spdm_trace_file_free);
    g_clear_pointer(&f->events_name, g_free);
    g_clear_pointer(&f->pcap_name, g_free);
    g_clear_pointer(&f->keylog_name, g_free);
}

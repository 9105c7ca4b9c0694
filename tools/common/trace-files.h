/*
 * --events, --pcap and --keylog: files that traffic is recorded in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_TRACE_FILES_H
#define TOOLS_TRACE_FILES_H

#include "spdm/trace.h"

typedef struct TraceFiles {
    /* Names from the command line; NULL: not wanted. */
    char *events_name;
    char *pcap_name;
    char *keylog_name;
    const char *device;          /* who records, in events and warnings */

    SpdmTraceFile *events;
    SpdmTraceFile *pcap;
    SpdmTraceFile *keylog;
    SpdmTransportType pcap_transport; /* of the first one that was traced */
    bool pcap_begun;
    bool pcap_told;              /* ... that others are not in it */
} TraceFiles;

/** Opens what is named; false with @errp. @device is borrowed. */
bool trace_files_open(TraceFiles *f, const char *device, GError **errp);

/**
 * A trace of one connection, of its own number (0: there is only one), to
 * these files; NULL if nothing is wanted. Free it before them. A capture has
 * one transport: that of the first.
 */
SpdmTrace *trace_files_trace(TraceFiles *f, SpdmTransportType transport,
                             uint64_t connection);

void trace_files_clear(TraceFiles *f);

#endif

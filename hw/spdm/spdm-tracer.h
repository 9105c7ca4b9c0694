/*
 * What a device records of its traffic, and where to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_SPDM_TRACER_H
#define HW_SPDM_TRACER_H

#include "spdm/trace.h"

typedef struct SpdmTracer SpdmTracer;

typedef struct SpdmTracerConfig {
    const char *name;           /* of the device */
    const char *events;         /* id of a chardev, or a file; NULL: none */
    const char *pcap;           /* files; NULL: none */
    const char *keylog;
    uint32_t limit_mib;         /* of events, and of packets; 0: none */
} SpdmTracerConfig;

/* Opens all that is named. NULL with @errp, or when nothing is named. */
SpdmTracer *spdm_tracer_new(const SpdmTracerConfig *config, Error **errp);

SpdmTrace *spdm_tracer_trace(SpdmTracer *tracer);

/*
 * On the main thread: gives the chardev back and closes the files. What is
 * traced afterwards is lost; the engine may still be about to.
 */
void spdm_tracer_close(SpdmTracer *tracer);

/* From any thread, after spdm_tracer_close(). NULL is allowed. */
void spdm_tracer_free(SpdmTracer *tracer);

#endif

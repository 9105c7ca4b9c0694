/*
 * Framing under SPDM: how a transport carries messages, records and (DOE)
 * discovery objects.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TRANSPORT_TRANSPORT_H
#define SPDM_TRANSPORT_TRANSPORT_H

#include "core/secmsg.h"
#include "spdm/responder.h"

typedef enum SpdmFrameKind {
    SPDM_FRAME_PLAIN,        /* an SPDM message, perhaps padded */
    SPDM_FRAME_SECURED,      /* a record, perhaps padded */
    SPDM_FRAME_DISCOVERY,    /* DOE discovery, answered by the framing */
} SpdmFrameKind;

typedef struct SpdmFrame {
    SpdmFrameKind kind;
    SpdmBytes payload;       /* views the frame */
} SpdmFrame;

typedef struct SpdmTransport {
    SpdmTransportType type;
    const char *name;        /* "pci-doe", "mctp", "none", "tcp", ... */
    SpdmRecordFormat record;
    uint8_t max_pad;         /* pad bytes that may follow a plain message */
    size_t max_overhead;     /* bytes a frame adds at most, pad included */

    /** False when the frame is not of this transport (silent discard). */
    bool (*unpack)(SpdmBytes frame, SpdmFrame *out);

    /** Appends a frame; false when the payload is too long. */
    bool (*pack)(SpdmFrameKind kind, SpdmBytes payload, GByteArray *out);

    /*
     * The same around a payload that is made in place: @out gets head(kind)
     * bytes of room at @start, then the payload, and finish() makes a frame
     * of it. False, and all from @start on is gone, when it cannot be one.
     */
    size_t (*head)(SpdmFrameKind kind);
    bool (*finish)(SpdmFrameKind kind, GByteArray *out, size_t start);
} SpdmTransport;

/** Static description of a type. */
const SpdmTransport *spdm_transport(SpdmTransportType type);

/**
 * Answers a DOE discovery request: @payload is the object after its header
 * (one dword), @out receives the response's payload. False: silent discard
 * (length wrong, index out of range).
 */
bool spdm_doe_discovery(SpdmBytes payload, GByteArray *out);

#endif

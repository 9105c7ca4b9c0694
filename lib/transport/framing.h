/*
 * The rows of spdm_transport(), one a file.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TRANSPORT_FRAMING_H
#define SPDM_TRANSPORT_FRAMING_H

#include "transport/transport.h"

/** pack() by means of head() and finish(). */
bool spdm_frame_pack(const SpdmTransport *transport, SpdmFrameKind kind,
                     SpdmBytes payload, GByteArray *out);

/** What finish() returns when there can be no such frame. */
bool spdm_frame_undo(GByteArray *out, size_t start);

extern const SpdmTransport spdm_transport_none;
extern const SpdmTransport spdm_transport_mctp;
extern const SpdmTransport spdm_transport_doe;
extern const SpdmTransport spdm_transport_tcp;
extern const SpdmTransport spdm_transport_storage;

#endif

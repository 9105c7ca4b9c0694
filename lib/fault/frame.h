/*
 * Fields of frames: what is around messages.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FAULT_FRAME_H
#define SPDM_FAULT_FRAME_H

#include "transport/transport.h"
#include "wire/codec.h"

/**
 * Tells @sink the fields of @frame: header of the transport, header and tag
 * of a record, entry of DOE discovery, or the message as one.
 */
void fault_frame_fields(const SpdmTransport *transport, SpdmBytes frame,
                        const SpdmFieldSink *sink);

/** Names that fault_frame_fields() can have for a message of this code. */
void fault_frame_names(int message, const SpdmFieldSink *sink);

/** Whether @frame is DOE discovery. */
bool fault_frame_is_discovery(const SpdmTransport *transport,
                              SpdmBytes frame);

/** RequestResponseCode of a message that travels in the clear; 0: none. */
uint8_t fault_frame_code(const SpdmTransport *transport, SpdmBytes frame);

#endif

/*
 * The rows of spdm_transport(), one a file.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TRANSPORT_FRAMING_H
#define SPDM_TRANSPORT_FRAMING_H

#include "transport/transport.h"

extern const SpdmTransport spdm_transport_none;
extern const SpdmTransport spdm_transport_mctp;
extern const SpdmTransport spdm_transport_doe;
extern const SpdmTransport spdm_transport_tcp;
extern const SpdmTransport spdm_transport_storage;

#endif

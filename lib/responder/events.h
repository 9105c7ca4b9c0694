/*
 * Events: from what happens to the device to SEND_EVENT in each session that
 * asked for it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_EVENTS_H
#define SPDM_RESPONDER_EVENTS_H

#include "responder/txn.h"

/** DMTF event types that this connection can have, bit n for type n. */
uint8_t spdm_event_types(const SpdmConn *conn);

/** How many events of the session's queue the requester has, but has not
 * acknowledged. */
unsigned spdm_events_in_flight(const SpdmSession *s);

#endif

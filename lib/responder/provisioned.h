/*
 * Provisioned instead of negotiated: the quick way to a PSK session.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_PROVISIONED_H
#define SPDM_RESPONDER_PROVISIONED_H

#include "responder/txn.h"

/** CAPABILITIES flags of a connection that is provisioned. */
uint32_t spdm_provisioned_flags(uint32_t declared, uint8_t version);

/**
 * Makes the connection what the profile provisions, if the request is a
 * PSK_EXCHANGE right after VERSION and of that version. True if it did.
 */
bool spdm_provisioned_adopt(SpdmTxn *t);

/** The PSK_EXCHANGE failed: back to where VERSION was. */
void spdm_provisioned_undo(SpdmConn *conn);

#endif

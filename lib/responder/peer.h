/*
 * The requester as somebody to be authenticated: its chain, its key, its
 * signatures.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_PEER_H
#define SPDM_RESPONDER_PEER_H

#include "responder/txn.h"

/** What was provisioned of the requester; an empty view: nothing. */
SpdmBytes spdm_peer_provisioned(const SpdmTxn *t, uint8_t slot);

/** Whether the provider believes the requester's @chain. */
SpdmStatus spdm_peer_check_chain(SpdmTxn *t, SpdmBytes chain);

/**
 * Appends the DER SubjectPublicKeyInfo of what the requester has in @slot:
 * of the leaf of the chain @what, or @what itself for a public key.
 */
bool spdm_peer_key(const SpdmConn *conn, uint8_t slot, SpdmBytes what,
                   SpdmTranscript *key);

/** Whether @signature is the requester's, made with @key, of @transcript. */
bool spdm_peer_signed(const SpdmTxn *t, const SpdmTranscript *key,
                      const char *context, SpdmBytes transcript,
                      SpdmBytes signature);

/**
 * Binds @session to the requester of @what (its chain, or its public key):
 * Hash(Cm), and the key that FINISH is to be signed with.
 */
void spdm_peer_bind(SpdmTxn *t, SpdmSession *session, uint8_t slot,
                    SpdmBytes what);

#endif

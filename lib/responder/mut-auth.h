/*
 * Whether a requester is asked to authenticate itself, and how.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_MUT_AUTH_H
#define SPDM_RESPONDER_MUT_AUTH_H

#include "responder/txn.h"

/**
 * What KEY_EXCHANGE_RSP asks: sets mut_auth_requested and peer_slot of the
 * session that begins. An ERROR when the profile insists and it cannot be.
 */
SpdmStatus spdm_mut_auth_choose(const SpdmTxn *t, SpdmSession *s);

/** Begins what was chosen: binds the identity, or opens the flow. */
void spdm_mut_auth_begin(SpdmTxn *t, SpdmSession *s);

/** Checks slot and Signature of FINISH. */
SpdmStatus spdm_mut_auth_finish(const SpdmTxn *t);

/** Whether CHALLENGE_AUTH announces basic mutual authentication. */
bool spdm_mut_auth_basic(const SpdmTxn *t);

/** Opens the flow that CHALLENGE_AUTH has announced. */
void spdm_mut_auth_begin_basic(SpdmTxn *t);

#endif

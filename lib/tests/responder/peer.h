/*
 * The fixture's requester as somebody who is authenticated: its identity, and
 * the embedded responses it gives.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TESTS_RESPONDER_PEER_H
#define SPDM_TESTS_RESPONDER_PEER_H

#include "device.h"

enum {
    FX_PEER_PORTION = 400,       /* of its chain, per CERTIFICATE */
    FX_PEER_SLOT = 2,            /* beside slot 0 it has a chain here */
};

#define FX_PEER_INFO "what a requester is"

/** Its chain for the negotiated hash, and the key of the leaf; borrowed. */
SpdmBytes peer_chain(const SpdmAsymAlg *alg, const SpdmHashAlg *hash);
SpdmPrivateKey *peer_key(const SpdmAsymAlg *alg);

/** Signs for the requester; appends the signature. */
void peer_sign(Fx *fx, const char *context, SpdmBytes transcript,
               GByteArray *out);

/** Appends the Signature of FINISH, whose bytes so far are @out. */
void peer_sign_finish(Fx *fx, SpdmSession *s, GByteArray *out);

/** What FINISH says of the requester: Cm, if the session is mutual. */
void peer_bind(Fx *fx, SpdmSession *s);

/** Sends GET_ENCAPSULATED_REQUEST and keeps the request it brings. */
void peer_fetch(Fx *fx, SpdmSession *s);

/** The response to the request that was kept. */
void peer_answer(Fx *fx, SpdmSession *s, GByteArray *out);

/** Delivers @response under @id; false: dropped. Keeps the next request. */
bool peer_deliver(Fx *fx, SpdmSession *s, uint8_t id, SpdmBytes response);

/** Answers the request that was kept, and all that follow. */
void peer_answer_all(Fx *fx, SpdmSession *s);

/** A flow as KEY_EXCHANGE_RSP or CHALLENGE_AUTH asked for, if it did. */
void peer_flow(Fx *fx, SpdmSession *s);

#endif

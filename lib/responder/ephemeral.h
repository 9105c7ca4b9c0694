/*
 * The ephemeral key of the next KEY_EXCHANGE.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_EPHEMERAL_H
#define SPDM_RESPONDER_EPHEMERAL_H

#include "responder/responder-int.h"

/** For a new responder: where its indices begin. */
void spdm_ephemeral_init(SpdmResponder *r);

/** A key for one exchange: the prepared one, or made now. Free it. */
SpdmDhe *spdm_ephemeral_take(SpdmResponder *r, const SpdmDheAlg *alg);

/** Wipes the prepared one, if there is one; its index comes again. */
void spdm_ephemeral_drop(SpdmResponder *r);

#endif

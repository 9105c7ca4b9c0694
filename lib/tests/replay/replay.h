/*
 * A recorded connection gone through once more, with one end of ours.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TEST_REPLAY_H
#define SPDM_TEST_REPLAY_H

#include "drawn.h"
#include "fields.h"
#include "recording.h"

/** What a responder, or a requester, is free to say otherwise. */
extern const FreeField served_free[];
extern const FreeField asked_free[];

/** Recorded requests to our responder. */
void replay_served(Recording *rec, Tally *tally);

/** Recorded responses to our requester. */
void replay_asked(Recording *rec, Tally *tally);

/**
 * From here on private keys are those of the recording: what is signed gets
 * the signature that goes with message @message, and what a key exchange
 * draws is what the session had that @message opens. @sender: this end. NULL:
 * there are none.
 */
void keys_of(const Recording *rec, unsigned message, SpdmSender sender);

#endif

/*
 * What an input does to a responder: messages, frames, and what else befalls
 * a device, one after the other.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FUZZ_SCRIPT_H
#define SPDM_FUZZ_SCRIPT_H

#include "fuzz/worlds.h"

/** Plays @in from @at on; @in_session: records have the right keys. */
void fuzz_play(Hostile *h, const Moment *at, bool in_session, FuzzInput in);

/** Inputs of what the honest walk sent, message by message and in pairs. */
void fuzz_seed_scripts(const FuzzSeeds *seeds, bool in_session);

#endif

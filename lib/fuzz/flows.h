/*
 * The flows of a requester whose device is fuzzed.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FUZZ_FLOWS_H
#define SPDM_FUZZ_FLOWS_H

#include "fuzz/worlds.h"

enum { MAX_FLOWS = 8 };

typedef struct FuzzEnds {
    SpdmRequester *rq;
    SpdmResponder *r;        /* to which things happen meanwhile */
} FuzzEnds;

/** How many there are, MAX_FLOWS at most. */
unsigned fuzz_flow_count(void);

/** Whether the requester may be asked to sign in flow @i. */
bool fuzz_flow_signs(unsigned i);

/** Plays flow @i, until it ends or fails. */
void fuzz_flow(unsigned i, FuzzEnds *ends);

#endif

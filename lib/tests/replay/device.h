/*
 * The device of a recording: its profile, and a provider made of what the
 * messages tell.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TEST_REPLAY_DEVICE_H
#define SPDM_TEST_REPLAY_DEVICE_H

#include "replay.h"

#include "spdm/responder.h"

typedef struct Device {
    const Recording *rec;
    unsigned at;             /* number of the response to come */
    GByteArray *answer;      /* ... whole, as recorded */
    Drawn drawn;
    SpdmProfile profile;
    uint8_t version;         /* that was agreed */
    GPtrArray *measurements; /* SpdmMeasurement, by index */
    GPtrArray *mel;          /* SpdmMelEntry */
    GByteArray *public_key;  /* of the responder */
    GByteArray *known;       /* what is known of the requester */
} Device;

void device_init(Device *d, const Recording *rec);
void device_clear(Device *d);

extern const SpdmProviderOps device_ops;

#endif

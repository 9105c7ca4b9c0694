/*
 * Names of what KEY_PAIR_INFO says in bits (DSP0274 1.3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_WIRE_KEY_PAIR_NAMES_H
#define SPDM_WIRE_KEY_PAIR_NAMES_H

#include "spdm/key-pair.h"

typedef struct SpdmBitName {
    const char *name;            /* NULL ends a table */
    uint32_t bit;
} SpdmBitName;

extern const SpdmBitName spdm_key_usage_names[];
extern const SpdmBitName spdm_key_pair_capability_names[];

#endif

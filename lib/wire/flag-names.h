/*
 * Names of the Flags in GET_CAPABILITIES and CAPABILITIES.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_WIRE_FLAG_NAMES_H
#define SPDM_WIRE_FLAG_NAMES_H

#include <stdint.h>

/** A field of two bits has a name for each value. */
typedef struct SpdmFlagName {
    const char *name;            /* DSP0274's without _CAP; NULL ends */
    uint32_t value;
    uint32_t mask;
} SpdmFlagName;

extern const SpdmFlagName spdm_flag_names[];

#endif

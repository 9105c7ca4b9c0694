/*
 * PLDM messaging control and discovery (DSP0240), as a terminus that has
 * nothing else: what a device on MCTP answers inside a session (DSP0276).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_PLDM_PLDM_H
#define SPDM_PLDM_PLDM_H

#include "spdm/base.h"

/** MCTP message type of PLDM. */
enum { SPDM_MCTP_PLDM = 0x01 };

/** Plain data. */
typedef struct SpdmPldm {
    uint8_t tid;             /* Terminus ID */
} SpdmPldm;

/**
 * Appends the answer to @request (PLDM header and body, without the MCTP
 * type). False: there is none, for it is no request.
 */
bool spdm_pldm_answer(SpdmPldm *p, SpdmBytes request, GByteArray *reply);

/** "GetTID" of a control command; NULL for others. */
const char *spdm_pldm_command_name(uint8_t type, uint8_t command);

#endif

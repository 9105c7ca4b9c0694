/*
 * Opaque data of KEY_EXCHANGE and PSK_EXCHANGE that agrees on the secured
 * message version (DSP0277; spec/05 section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_OPAQUE_H
#define SPDM_CORE_OPAQUE_H

#include "wire/msg.h"

enum { SPDM_MAX_SECURED_VERSIONS = 16 };

/** What the opaque data of a session request or response said. */
typedef struct SpdmOpaque {
    unsigned version_count;  /* supported version list (request) */
    uint16_t versions[SPDM_MAX_SECURED_VERSIONS];
    bool has_selected;       /* selected version (response) */
    uint16_t selected;
    bool has_aead_limit;     /* DSP0277 1.3 */
    uint8_t aead_limit;      /* exponent, at most 64 */
    unsigned foreign;        /* elements of other vendors, passed over */
} SpdmOpaque;

/**
 * Parses opaque data in the form of this SPDM version (general format with
 * the DMTF spec id in 1.1, OpaqueDataFmt1 from 1.2 on). False when malformed,
 * or when a list or selection occurs twice. No bytes at all are well-formed
 * and say nothing.
 */
bool spdm_opaque_parse(uint8_t version, SpdmBytes bytes, SpdmOpaque *o);

/** Appends a supported version list, @count versions such as 0x1100. */
void spdm_opaque_encode_supported(uint8_t version, const uint16_t *versions,
                                  unsigned count, GByteArray *out);

/** Appends a selected version. */
void spdm_opaque_encode_selected(uint8_t version, uint16_t selected,
                                 GByteArray *out);

/** Highest of the list within [min, max] (major.minor), 0 for none. */
uint16_t spdm_opaque_choose(const SpdmOpaque *o, uint16_t min, uint16_t max);

#endif

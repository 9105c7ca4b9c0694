/*
 * Opaque data, in the form of the SPDM version: the general format in 1.1,
 * OpaqueDataFmt0 (any bytes) or OpaqueDataFmt1 (elements) from 1.2 on. In
 * KEY_EXCHANGE and PSK_EXCHANGE it agrees on the secured message version
 * (DSP0277; spec/05 section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_OPAQUE_H
#define SPDM_CORE_OPAQUE_H

#include "wire/msg.h"

enum {
    SPDM_MAX_SECURED_VERSIONS = 16,
    SPDM_AEAD_LIMIT_MAX = 64,    /* exponent: what holds without a limit */
    SPDM_SECURED_13 = 0x1300,    /* DSP0277 that has the limit */
};

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

/**
 * Whether @bytes may stand as opaque data of a message: any form before 1.2,
 * elements when OpaqueDataFmt1 is among the negotiated @formats, anything
 * with OpaqueDataFmt0, and nothing but nothing with neither.
 */
bool spdm_opaque_allowed(uint8_t version, uint8_t formats, SpdmBytes bytes);

/*
 * Each of these appends one element to @out, opaque data under construction;
 * empty at first. Elements may be put together.
 */

/** A supported version list, @count versions such as 0x1100. */
void spdm_opaque_encode_supported(uint8_t version, const uint16_t *versions,
                                  unsigned count, GByteArray *out);

/** A selected version. */
void spdm_opaque_encode_selected(uint8_t version, uint16_t selected,
                                 GByteArray *out);

/** An AEAD limit (DSP0277 1.3); 64 is what silence means and adds nothing. */
void spdm_opaque_encode_limit(uint8_t version, uint8_t exponent,
                              GByteArray *out);

/**
 * @data as an element of PCI-SIG vendor 1b36, or as it is where @formats has
 * only OpaqueDataFmt0. Without data or format nothing is added.
 */
void spdm_opaque_encode_vendor(uint8_t version, uint8_t formats,
                               SpdmBytes data, GByteArray *out);

/** The lower of our AEAD limit exponent and the one in @o. */
uint8_t spdm_opaque_limit(const SpdmOpaque *o, uint8_t own);

/** Highest of the list within [min, max] (major.minor), 0 for none. */
uint16_t spdm_opaque_choose(const SpdmOpaque *o, uint16_t min, uint16_t max);

#endif

/*
 * Types that every part of the library and its users share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_BASE_H
#define SPDM_BASE_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

/* Public symbols; everything else is hidden (QEMU loads us beside its own). */
#define SPDM_API __attribute__((visibility("default")))

/** A view of bytes owned by somebody else; never freed through this type. */
typedef struct SpdmBytes {
    const uint8_t *data;
    size_t len;
} SpdmBytes;

#define SPDM_BYTES(ptr, n) \
    ((SpdmBytes){ .data = (const uint8_t *)(ptr), .len = (n) })

/** SPDMVersion byte of DSP0274: major in the high nibble, minor in the low. */
enum {
    SPDM_VERSION_10 = 0x10,
    SPDM_VERSION_11 = 0x11,
    SPDM_VERSION_12 = 0x12,
    SPDM_VERSION_13 = 0x13,
    SPDM_VERSION_14 = 0x14,
};

/** Slots of DSP0274: certificate slots 0 to 7, 0xFF a provisioned key. */
enum {
    SPDM_SLOT_COUNT = 8,
    SPDM_SLOT_PUBLIC_KEY = 0xff,
};

/**
 * DSP0274 1.4 selects a signature algorithm from BaseAsymAlgo or from
 * PqcAsymAlgo. In this library both are one mask: a PqcAsymAlgo bit stands
 * this many bits above its place, where BaseAsymAlgo has none.
 */
enum { SPDM_PQC_ASYM_SHIFT = 16 };

/** Request codes are 0x80 to 0xFF. */
enum { SPDM_REQUEST_CODES = 0x80 };

/** Largest sizes, in bytes, of negotiated quantities. */
enum {
    SPDM_MAX_HASH = 64,
    SPDM_MAX_SIGNATURE = 4627,
    SPDM_MAX_DHE = 512,
    SPDM_NONCE_SIZE = 32,
    SPDM_CONTEXT_SIZE = 8,
    SPDM_MAX_OPAQUE = 1024,
    SPDM_MAX_PSK_HINT = 32,
    SPDM_MAX_PSK = 256,
};

/**
 * Domain of configuration errors (profiles, keys, chains, plans). A message
 * is one line: file, key, what is wrong, what would be right. Protocol errors
 * never use GError; see core/status.h.
 */
typedef enum SpdmConfigError {
    SPDM_CONFIG_ERROR_FILE,     /* cannot be read */
    SPDM_CONFIG_ERROR_UNKNOWN,  /* unknown section, key or name */
    SPDM_CONFIG_ERROR_VALUE,    /* value out of range or contradictory */
    SPDM_CONFIG_ERROR_IDENTITY, /* key, certificate or chain is unusable */
} SpdmConfigError;

#define SPDM_CONFIG_ERROR (spdm_config_error_quark())
SPDM_API GQuark spdm_config_error_quark(void);

G_END_DECLS

#endif

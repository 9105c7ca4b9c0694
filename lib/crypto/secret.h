/*
 * Secrets wipe themselves: declare them g_auto(), or clear them by hand.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_SECRET_H
#define SPDM_CRYPTO_SECRET_H

#include "crypto/algs.h"

/** A secret of the key schedule: H bytes or an AEAD key. Plain data. */
typedef struct SpdmSecret {
    uint8_t data[SPDM_MAX_HASH];
    size_t len;
} SpdmSecret;

/** A DHE shared secret or a PSK: input of HKDF-Extract. Plain data. */
typedef struct SpdmSharedSecret {
    uint8_t data[SPDM_MAX_DHE];
    size_t len;
} SpdmSharedSecret;

/** Overwrites @len bytes at @ptr in a way no optimiser removes. */
void spdm_wipe(void *ptr, size_t len);

/**
 * Overwrites what functions that have returned left below on the stack: hashes
 * and ciphers leave copies there, and so does the compiler. Call it when a
 * key has been made, in the function that had it made.
 */
void spdm_wipe_stack(void);

/** Compares in a time that depends on @len only. */
bool spdm_equal_ct(const void *a, const void *b, size_t len);

static inline void spdm_secret_clear(SpdmSecret *s)
{
    spdm_wipe(s, sizeof(*s));
}

static inline void spdm_shared_secret_clear(SpdmSharedSecret *s)
{
    spdm_wipe(s, sizeof(*s));
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmSecret, spdm_secret_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SpdmSharedSecret, spdm_shared_secret_clear)

#endif

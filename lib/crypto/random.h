/*
 * Sources of randomness: libgcrypt's, or a seeded stream for runs that must
 * be byte-identical.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CRYPTO_RANDOM_H
#define SPDM_CRYPTO_RANDOM_H

#include "spdm/base.h"

/** Where randomness comes from; fill() never fails. */
typedef struct SpdmRng {
    void (*fill)(void *opaque, uint8_t *buf, size_t len);
    void *opaque;
} SpdmRng;

static inline void spdm_rng_fill(const SpdmRng *rng, void *buf, size_t len)
{
    rng->fill(rng->opaque, buf, len);
}

/**
 * Initialises libgcrypt unless somebody in the process already did
 * (GCRYCTL_INITIALIZATION_FINISHED_P); never touches secure memory settings.
 * Call before any other crypto function. Idempotent and thread safe.
 * Returns false with @errp set when the libgcrypt is too old.
 */
bool spdm_crypto_init(GError **errp);

/** libgcrypt's strong generator. */
SpdmRng spdm_rng_system(void);

/**
 * A deterministic stream: ChaCha20 keyed with SHA-256(seed || 0 || label).
 * Different labels give independent streams. Not for production secrets.
 * Free with spdm_seeded_free(). Plain state can be saved: spdm_seeded_tell()
 * returns the bytes handed out so far, spdm_seeded_seek() continues there.
 */
typedef struct SpdmSeeded SpdmSeeded;
SpdmSeeded *spdm_seeded_new(const char *seed, const char *label);
void spdm_seeded_free(SpdmSeeded *s);
SpdmRng spdm_seeded_rng(SpdmSeeded *s);
uint64_t spdm_seeded_tell(const SpdmSeeded *s);
void spdm_seeded_seek(SpdmSeeded *s, uint64_t offset);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmSeeded, spdm_seeded_free)

#endif

/*
 * Initialisation of libgcrypt, its generator, and the seeded stream.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/random.h"

#include <string.h>

#include "crypto/gcrypt-priv.h"
#include "crypto/secret.h"

#define NEED_GCRYPT "1.10.0"

enum {
    CHACHA_BLOCK = 64,
    CHACHA_KEY = 32,
    CHACHA_STATE_IV = 16, /* block counter and nonce, as libgcrypt takes it */
};

struct SpdmSeeded {
    gcry_cipher_hd_t stream;
    uint64_t offset;
};

/*
 * The settings belong to whoever initialises libgcrypt first, which inside
 * QEMU may be another library: then nothing is changed here.
 */
static gpointer init_once(gpointer unused)
{
    if (!gcry_control(GCRYCTL_INITIALIZATION_FINISHED_P)) {
        gcry_check_version(NULL);
        gcry_control(GCRYCTL_DISABLE_SECMEM, 0);
        gcry_control(GCRYCTL_INITIALIZATION_FINISHED, 0);
    }
    return NULL;
}

bool spdm_crypto_init(GError **errp)
{
    static GOnce once = G_ONCE_INIT;

    g_once(&once, init_once, NULL);
    if (!gcry_check_version(NEED_GCRYPT)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "libgcrypt %s is too old, %s or later is needed",
                    gcry_check_version(NULL), NEED_GCRYPT);
        return false;
    }
    return true;
}

static void system_fill(void *opaque, uint8_t *buf, size_t len)
{
    gcry_randomize(buf, len, GCRY_STRONG_RANDOM);
}

SpdmRng spdm_rng_system(void)
{
    return (SpdmRng){ .fill = system_fill };
}

SpdmSeeded *spdm_seeded_new(const char *seed, const char *label)
{
    SpdmSeeded *s = g_new0(SpdmSeeded, 1);
    uint8_t key[CHACHA_KEY];
    gcry_buffer_t parts[] = {
        /* The seed's own NUL is the 0 between seed and label. */
        { .data = (void *)seed, .len = strlen(seed) + 1 },
        { .data = (void *)label, .len = strlen(label) },
    };
    gcry_error_t err;

    err = gcry_md_hash_buffers(GCRY_MD_SHA256, 0, key, parts,
                               G_N_ELEMENTS(parts));
    g_assert(!err);
    err = gcry_cipher_open(&s->stream, GCRY_CIPHER_CHACHA20,
                           GCRY_CIPHER_MODE_STREAM, 0);
    g_assert(!err);
    err = gcry_cipher_setkey(s->stream, key, sizeof(key));
    g_assert(!err);
    spdm_wipe(key, sizeof(key));
    spdm_seeded_seek(s, 0);
    return s;
}

void spdm_seeded_free(SpdmSeeded *s)
{
    if (s) {
        gcry_cipher_close(s->stream);
        g_free(s);
    }
}

static void seeded_fill(void *opaque, uint8_t *buf, size_t len)
{
    SpdmSeeded *s = opaque;
    gcry_error_t err;

    if (len == 0) {
        return;
    }
    memset(buf, 0, len);
    err = gcry_cipher_encrypt(s->stream, buf, len, NULL, 0);
    g_assert(!err);
    s->offset += len;
}

SpdmRng spdm_seeded_rng(SpdmSeeded *s)
{
    return (SpdmRng){ .fill = seeded_fill, .opaque = s };
}

uint64_t spdm_seeded_tell(const SpdmSeeded *s)
{
    return s->offset;
}

void spdm_seeded_seek(SpdmSeeded *s, uint64_t offset)
{
    uint64_t block = GUINT64_TO_LE(offset / CHACHA_BLOCK);
    uint8_t iv[CHACHA_STATE_IV] = { 0 };
    uint8_t skip[CHACHA_BLOCK];
    gcry_error_t err;

    memcpy(iv, &block, sizeof(block));
    err = gcry_cipher_setiv(s->stream, iv, sizeof(iv));
    g_assert(!err);
    seeded_fill(s, skip, offset % CHACHA_BLOCK);
    s->offset = offset;
}

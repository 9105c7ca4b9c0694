/*
 * The key schedule of DSP0274 (spec/04 section 6), on HKDF of the base hash.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/session.h"

#include <string.h>

#include "crypto/hash.h"

#define BIN_STR_PREFIX "spdm1.X "

enum {
    MAX_LABEL = 12,
    MAX_INFO = 2 + sizeof(BIN_STR_PREFIX) - 1 + MAX_LABEL + SPDM_MAX_HASH,
};

static const char *const hs_labels[] = {
    [SPDM_SENDER_REQUESTER] = "req hs data",
    [SPDM_SENDER_RESPONDER] = "rsp hs data",
};
static const char *const app_labels[] = {
    [SPDM_SENDER_REQUESTER] = "req app data",
    [SPDM_SENDER_RESPONDER] = "rsp app data",
};

static const SpdmBytes no_context;

/* BinConcat: the length asked for, "spdm1.X ", label, context. */
static size_t bin_concat(uint8_t version, size_t len, const char *label,
                         SpdmBytes context, uint8_t *info)
{
    size_t n = 0, label_len = strlen(label);

    info[n++] = (uint8_t)len;
    info[n++] = (uint8_t)(len >> 8);
    memcpy(info + n, BIN_STR_PREFIX, sizeof(BIN_STR_PREFIX) - 1);
    info[n + 6] = (uint8_t)('0' + (version & 0xf));
    n += sizeof(BIN_STR_PREFIX) - 1;
    g_assert(label_len <= MAX_LABEL && context.len <= SPDM_MAX_HASH);
    memcpy(info + n, label, label_len);
    n += label_len;
    if (context.len) {
        memcpy(info + n, context.data, context.len);
    }
    return n + context.len;
}

/* HKDF-Expand(key of @h, BinConcat(len, label, context), len). */
static void expand(const SpdmSession *s, SpdmHmac *h, const char *label,
                   SpdmBytes context, size_t len, SpdmSecret *out)
{
    uint8_t info[MAX_INFO];
    size_t n = bin_concat(s->version, len, label, context, info);

    spdm_hmac_expand(h, SPDM_BYTES(info, n), len, out);
}

static void use(SpdmHmac *h, const SpdmSecret *secret)
{
    spdm_hmac_set_key(h, SPDM_BYTES(secret->data, secret->len));
}

/* HKDF-Extract(salt, ikm). */
static void extract(const SpdmSession *s, SpdmHmac *h, SpdmBytes salt,
                    SpdmBytes ikm, SpdmSecret *out)
{
    spdm_hmac_set_key(h, salt);
    spdm_hmac_run(h, &ikm, 1, out->data);
    out->len = s->hash->size;
}

/*
 * Step 5: key and IV of keys->secret, which @h has; the sequence number starts
 * anew.
 */
static void derive_key_iv(const SpdmSession *s, SpdmHmac *h,
                          SpdmTrafficKeys *keys)
{
    g_auto(SpdmSecret) iv = { .len = 0 };

    expand(s, h, "key", no_context, s->aead->key_size, &keys->key);
    expand(s, h, "iv", no_context, SPDM_AEAD_IV_SIZE, &iv);
    memcpy(keys->iv, iv.data, SPDM_AEAD_IV_SIZE);
    keys->sequence = 0;
    g_clear_pointer(&keys->aead, spdm_aead_free);
}

/* Step 1: zeros, but ones for PSK from 1.3 on. */
static void first_salt(const SpdmSession *s, uint8_t *salt)
{
    bool ones = s->type == SPDM_SESSION_PSK && s->version >= SPDM_VERSION_13;

    memset(salt, ones ? 0xff : 0, s->hash->size);
}

/* Steps 4 and 5, when the secrets of both directions are there. */
static void derive_from_secrets(SpdmSession *s, SpdmHmac *h)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(s->keys); i++) {
        use(h, &s->keys[i].secret);
        expand(s, h, "finished", no_context, s->hash->size, &s->finished[i]);
        derive_key_iv(s, h, &s->keys[i]);
    }
}

void spdm_session_derive_handshake(SpdmSession *s, SpdmBytes ikm,
                                   const uint8_t *th1)
{
    SpdmBytes context = SPDM_BYTES(th1, s->hash->size);
    g_autoptr(SpdmHmac) h = spdm_hmac_new(s->hash);
    size_t size = s->hash->size;
    uint8_t salt[SPDM_MAX_HASH];

    first_salt(s, salt);
    extract(s, h, SPDM_BYTES(salt, size), ikm, &s->handshake_secret);
    use(h, &s->handshake_secret);
    for (unsigned i = 0; i < G_N_ELEMENTS(s->keys); i++) {
        expand(s, h, hs_labels[i], context, size, &s->keys[i].secret);
    }
    derive_from_secrets(s, h);
    spdm_wipe_stack();
}

void spdm_session_set_secrets(SpdmSession *s, const SpdmSecret secrets[2])
{
    g_autoptr(SpdmHmac) h = spdm_hmac_new(s->hash);

    for (unsigned i = 0; i < G_N_ELEMENTS(s->keys); i++) {
        s->keys[i].secret = secrets[i];
    }
    derive_from_secrets(s, h);
    spdm_wipe_stack();
}

/* Step 6: from the handshake secret to the master secret. */
static void derive_master(const SpdmSession *s, SpdmHmac *h,
                          SpdmSecret *master)
{
    static const uint8_t zeros[SPDM_MAX_HASH];
    g_auto(SpdmSecret) salt = { .len = 0 };
    size_t size = s->hash->size;

    use(h, &s->handshake_secret);
    expand(s, h, "derived", no_context, size, &salt);
    extract(s, h, SPDM_BYTES(salt.data, salt.len), SPDM_BYTES(zeros, size),
            master);
}

void spdm_session_derive_data(SpdmSession *s, const uint8_t *th2)
{
    SpdmBytes context = SPDM_BYTES(th2, s->hash->size);
    g_auto(SpdmSecret) master = { .len = 0 };
    g_autoptr(SpdmHmac) h = spdm_hmac_new(s->hash);
    size_t size = s->hash->size;

    derive_master(s, h, &master);
    use(h, &master);
    expand(s, h, "exp master", context, size, &s->export_master);
    for (unsigned i = 0; i < G_N_ELEMENTS(s->keys); i++) {
        spdm_traffic_keys_clear(&s->keys[i]);
        expand(s, h, app_labels[i], context, size, &s->keys[i].secret);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(s->keys); i++) {
        use(h, &s->keys[i].secret);
        derive_key_iv(s, h, &s->keys[i]);
    }
    spdm_secret_clear(&s->handshake_secret);
    for (unsigned i = 0; i < G_N_ELEMENTS(s->finished); i++) {
        spdm_secret_clear(&s->finished[i]);
    }
    spdm_wipe_stack();
}

void spdm_session_update_keys(SpdmSession *s, SpdmSender sender)
{
    SpdmTrafficKeys *keys = &s->keys[sender];
    g_autoptr(SpdmHmac) h = spdm_hmac_new(s->hash);

    spdm_session_drop_backup(s, sender);
    s->backup[sender] = *keys;
    s->has_backup[sender] = true;
    keys->aead = NULL; /* went with the backup */
    use(h, &s->backup[sender].secret);
    expand(s, h, "traffic upd", no_context, s->hash->size, &keys->secret);
    use(h, &keys->secret);
    derive_key_iv(s, h, keys);
    spdm_wipe_stack();
}

void spdm_session_verify_data(const SpdmSession *s, SpdmSender sender,
                              const uint8_t *th, uint8_t *out)
{
    const SpdmSecret *key = &s->finished[sender];
    SpdmBytes parts[] = { SPDM_BYTES(th, s->hash->size) };

    spdm_hmac(s->hash, SPDM_BYTES(key->data, key->len), parts,
              G_N_ELEMENTS(parts), out);
    spdm_wipe_stack();
}

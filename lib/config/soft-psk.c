/*
 * Pre-shared keys: a table of hints, or derived from a device secret.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/soft-int.h"
#include "crypto/hash.h"
#include "crypto/secret.h"

#include <string.h>

static bool same(SpdmBytes a, GBytes *b)
{
    SpdmBytes other = soft_bytes(b);

    return a.len == other.len &&
           (!a.len || memcmp(a.data, other.data, a.len) == 0);
}

/* Their number when there is none. */
static guint index_of(const GPtrArray *psks, SpdmBytes hint)
{
    guint i = 0;

    while (i < psks->len &&
           !same(hint, ((const SpdmProfilePsk *)psks->pdata[i])->hint)) {
        i++;
    }
    return i;
}

/*
 * The key a hint stands for. A requester that knows of one key only may
 * leave the hint empty (DSP0274 PSK_EXCHANGE), so a table of one serves that.
 */
static const SpdmProfilePsk *find(const SpdmSoftProvider *soft,
                                  SpdmBytes hint)
{
    const GPtrArray *psks = soft->psks;
    guint i = index_of(psks, hint);

    if (i < psks->len) {
        return psks->pdata[i];
    }
    return !hint.len && psks->len == 1 &&
           !soft->config.profile->psk_device_secret ? psks->pdata[0] : NULL;
}

bool spdm_psk_derive(uint32_t hash, SpdmBytes device_secret, SpdmBytes hint,
                     SpdmBytes opaque_data, uint8_t *psk, size_t *len)
{
    static const char label[] = "qemu-spdm psk";     /* its NUL counts */
    const SpdmHashAlg *alg = spdm_hash_by_bit(hash);
    uint8_t hint_len[2] = { hint.len & 0xff, hint.len >> 8 };
    uint8_t opaque_len[2] = { opaque_data.len & 0xff, opaque_data.len >> 8 };
    const SpdmBytes parts[] = {
        SPDM_BYTES(label, sizeof(label)), SPDM_BYTES(hint_len, 2), hint,
        SPDM_BYTES(opaque_len, 2), opaque_data,
    };

    if (!alg || hint.len > UINT16_MAX || opaque_data.len > UINT16_MAX) {
        return false;
    }
    spdm_hmac(alg, device_secret, parts, G_N_ELEMENTS(parts), psk);
    *len = alg->size;
    return true;
}

bool soft_psk(const SpdmSoftProvider *soft, SpdmBytes hint,
              SpdmBytes opaque_data, uint32_t hash, uint8_t *psk,
              size_t *len)
{
    const SpdmProfile *profile = soft->config.profile;
    const SpdmProfilePsk *row = find(soft, hint);
    SpdmBytes secret;

    if (row) {
        secret = soft_bytes(row->secret);
        memcpy(psk, secret.data, secret.len);
        *len = secret.len;
        return true;
    }
    return profile->psk_device_secret &&
           spdm_psk_derive(hash, soft_bytes(profile->psk_device_secret),
                           hint, opaque_data, psk, len);
}

/* --- the table, as it is now ---------------------------------------------- */

static void psk_free(gpointer data)
{
    SpdmProfilePsk *psk = data;

    g_bytes_unref(psk->hint);
    g_bytes_unref(psk->secret);
    g_free(psk);
}

GPtrArray *soft_psk_table(void)
{
    return g_ptr_array_new_with_free_func(psk_free);
}

static void wipe_and_free(gpointer data)
{
    GByteArray *secret = data;

    spdm_wipe(secret->data, secret->len);
    g_byte_array_unref(secret);
}

/* Wiped with the last reference. */
static GBytes *secret_new(SpdmBytes secret)
{
    GByteArray *copy = g_byte_array_sized_new((guint)secret.len);

    g_byte_array_append(copy, secret.data, (guint)secret.len);
    return g_bytes_new_with_free_func(copy->data, copy->len, wipe_and_free,
                                      copy);
}

bool soft_psk_add(GPtrArray *psks, SpdmBytes hint, SpdmBytes secret)
{
    SpdmProfilePsk *psk;

    if (hint.len > SPDM_MAX_PSK_HINT || !secret.len ||
        secret.len > SPDM_MAX_PSK || index_of(psks, hint) < psks->len) {
        return false;
    }
    psk = g_new0(SpdmProfilePsk, 1);
    psk->hint = g_bytes_new(hint.data, hint.len);
    psk->secret = secret_new(secret);
    g_ptr_array_add(psks, psk);
    return true;
}

GPtrArray *soft_psk_of_profile(const SpdmProfile *profile)
{
    GPtrArray *psks = soft_psk_table();

    for (guint i = 0; i < profile->psks->len; i++) {
        const SpdmProfilePsk *psk = profile->psks->pdata[i];

        soft_psk_add(psks, soft_bytes(psk->hint), soft_bytes(psk->secret));
    }
    return psks;
}

/* --- as a user writes it -------------------------------------------------- */

static bool parse_hint(const char *text, GBytes **hint, GError **errp)
{
    *hint = spdm_parse_value(text);
    if (!*hint || g_bytes_get_size(*hint) > SPDM_MAX_PSK_HINT) {
        return soft_refuse(errp,
                           "a hint is text:... or hex:..., at most %u bytes",
                           SPDM_MAX_PSK_HINT);
    }
    return true;
}

/* What is wrong with it is told without it: it may be in a log. */
static bool parse_secret(const char *text, GBytes **secret, GError **errp)
{
    *secret = spdm_parse_value(text);
    if (!*secret || !g_bytes_get_size(*secret) ||
        g_bytes_get_size(*secret) > SPDM_MAX_PSK) {
        return soft_refuse(errp,
                           "a key is text:... or hex:..., 1 to %u bytes, or "
                           "remove", SPDM_MAX_PSK);
    }
    return true;
}

bool soft_set_psk(SpdmSoftProvider *soft, const char *text,
                  GPtrArray *warnings, SpdmSoftChange *change, GError **errp)
{
    /* cppcheck-suppress invalidLifetime; it takes g_auto() for a block */
    g_auto(GStrv) parts = g_strsplit(text, "=", 2);
    g_autoptr(GBytes) hint = NULL;
    g_autoptr(GBytes) secret = NULL;
    bool remove, known;
    guint i;

    if (!parts[0] || !parts[1]) {
        return soft_refuse(errp,
                           "write HINT=KEY or HINT=remove, with a HINT of "
                           "text:... or hex:...");
    }
    remove = !strcmp(parts[1], "remove");
    if (!parse_hint(parts[0], &hint, errp) ||
        (!remove && !parse_secret(parts[1], &secret, errp))) {
        return false;
    }
    i = index_of(soft->psks, soft_bytes(hint));
    known = i < soft->psks->len;
    if (remove && !known) {
        return soft_refuse(errp, "%s: there is no key of this hint", parts[0]);
    }
    if (known) {
        g_ptr_array_remove_index(soft->psks, i);
    }
    if (!remove) {
        soft_psk_add(soft->psks, soft_bytes(hint), soft_bytes(secret));
    }
    *change = (SpdmSoftChange){ .pending = false };
    return true;
}

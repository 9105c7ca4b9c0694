/*
 * Pre-shared keys: a table of hints, or derived from a device secret.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"
#include "crypto/hash.h"

#include <string.h>

static bool same(SpdmBytes a, GBytes *b)
{
    SpdmBytes other = soft_bytes(b);

    return a.len == other.len &&
           (!a.len || memcmp(a.data, other.data, a.len) == 0);
}

/*
 * The key a hint stands for. A requester that knows of one key only may
 * leave the hint empty (DSP0274 PSK_EXCHANGE), so a table of one serves that.
 */
static const SpdmProfilePsk *find(const SpdmProfile *profile, SpdmBytes hint)
{
    const GPtrArray *psks = profile->psks;

    for (guint i = 0; i < psks->len; i++) {
        const SpdmProfilePsk *psk = psks->pdata[i];

        if (same(hint, psk->hint)) {
            return psk;
        }
    }
    return !hint.len && psks->len == 1 && !profile->psk_device_secret ?
           psks->pdata[0] : NULL;
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

bool soft_psk(const SpdmProfile *profile, SpdmBytes hint,
              SpdmBytes opaque_data, uint32_t hash, uint8_t *psk,
              size_t *len)
{
    const SpdmProfilePsk *row = find(profile, hint);
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

/*
 * Hash, HMAC and HKDF with libgcrypt.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/hash.h"

#include <string.h>

#include "crypto/gcrypt-priv.h"

void spdm_hash(const SpdmHashAlg *alg, const SpdmBytes *parts, size_t n,
               uint8_t *out)
{
    g_auto(gcry_md_hd_t) md = NULL;
    gcry_error_t err = gcry_md_open(&md, alg->gcry_md, 0);

    g_assert(!err);
    for (size_t i = 0; i < n; i++) {
        gcry_md_write(md, parts[i].data, parts[i].len);
    }
    memcpy(out, gcry_md_read(md, alg->gcry_md), alg->size);
}

struct SpdmHmac {
    const SpdmHashAlg *alg;
    gcry_mac_hd_t mac;
    bool used;               /* since it got its key */
};

SpdmHmac *spdm_hmac_new(const SpdmHashAlg *alg)
{
    SpdmHmac *h = g_new0(SpdmHmac, 1);
    gcry_error_t err = gcry_mac_open(&h->mac, alg->gcry_hmac, 0, NULL);

    g_assert(!err);
    h->alg = alg;
    return h;
}

void spdm_hmac_free(SpdmHmac *h)
{
    if (h) {
        gcry_mac_close(h->mac);
        g_free(h);
    }
}

void spdm_hmac_set_key(SpdmHmac *h, SpdmBytes key)
{
    gcry_error_t err = gcry_mac_setkey(h->mac, key.data, key.len);

    g_assert(!err);
    h->used = false;
}

void spdm_hmac_run(SpdmHmac *h, const SpdmBytes *parts, size_t n,
                   uint8_t *out)
{
    size_t len = h->alg->size;
    gcry_error_t err = h->used ? gcry_mac_reset(h->mac) : 0;

    for (size_t i = 0; i < n && !err; i++) {
        err = gcry_mac_write(h->mac, parts[i].data, parts[i].len);
    }
    if (!err) {
        err = gcry_mac_read(h->mac, out, &len);
    }
    /* A MAC of less would be one of something else. */
    g_assert(!err && len == h->alg->size);
    h->used = true;
}

void spdm_hmac(const SpdmHashAlg *alg, SpdmBytes key, const SpdmBytes *parts,
               size_t n, uint8_t *out)
{
    g_autoptr(SpdmHmac) h = spdm_hmac_new(alg);

    spdm_hmac_set_key(h, key);
    spdm_hmac_run(h, parts, n, out);
}

void spdm_hkdf_extract(const SpdmHashAlg *alg, SpdmBytes salt, SpdmBytes ikm,
                       SpdmSecret *out)
{
    spdm_hmac(alg, salt, &ikm, 1, out->data);
    out->len = alg->size;
}

void spdm_hkdf_expand(const SpdmHashAlg *alg, const SpdmSecret *prk,
                      SpdmBytes info, size_t len, SpdmSecret *out)
{
    g_autoptr(SpdmHmac) h = spdm_hmac_new(alg);

    spdm_hmac_set_key(h, SPDM_BYTES(prk->data, prk->len));
    spdm_hmac_expand(h, info, len, out);
}

/* RFC 5869 2.3: T(i) = HMAC(prk, T(i-1) || info || i), OKM = T(1) || ... */
void spdm_hmac_expand(SpdmHmac *h, SpdmBytes info, size_t len,
                      SpdmSecret *out)
{
    const SpdmHashAlg *alg = h->alg;
    g_auto(SpdmSecret) okm = { .len = len };
    uint8_t t[SPDM_MAX_HASH];
    uint8_t count = 0;
    size_t done = 0;

    g_assert(len <= SPDM_MAX_HASH);
    while (done < len) {
        SpdmBytes parts[] = {
            SPDM_BYTES(t, count > 0 ? alg->size : 0),
            info,
            SPDM_BYTES(&count, 1),
        };
        size_t take = MIN(len - done, alg->size);

        count++;
        spdm_hmac_run(h, parts, G_N_ELEMENTS(parts), t);
        memcpy(okm.data + done, t, take);
        done += take;
    }
    spdm_wipe(t, sizeof(t));
    /* Last, since @out may be @prk. */
    *out = okm;
}

/*
 * Certificates taken apart and put together again: for keys that GnuTLS
 * cannot put into one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/x509-priv.h"

enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_VERSION = 0xa0,        /* [0] EXPLICIT */
};

/* RFC 5280 4.1. */
static bool split_tbs(SpdmBytes tbs, SpdmCrtParts *parts)
{
    static const uint8_t before[] = {
        DER_VERSION, DER_INTEGER, DER_SEQUENCE, DER_SEQUENCE, DER_SEQUENCE,
        DER_SEQUENCE, /* version, serial, algorithm, issuer, times, subject */
    };
    SpdmBytes all, rest;

    if (!spdm_der_take(&tbs, DER_SEQUENCE, NULL, &all)) {
        return false;
    }
    rest = all;
    for (size_t i = 0; i < G_N_ELEMENTS(before); i++) {
        if (!spdm_der_take(&rest, before[i], NULL, NULL)) {
            return false;
        }
    }
    parts->before_spki = SPDM_BYTES(all.data, all.len - rest.len);
    if (!spdm_der_take(&rest, DER_SEQUENCE, &parts->spki, NULL)) {
        return false;
    }
    parts->after_spki = rest;
    return true;
}

bool spdm_x509_split(SpdmBytes der, SpdmCrtParts *parts)
{
    SpdmBytes in, bits;

    if (!spdm_der_take(&der, DER_SEQUENCE, NULL, &in) ||
        !spdm_der_take(&in, DER_SEQUENCE, &parts->tbs, NULL) ||
        !spdm_der_take(&in, DER_SEQUENCE, &parts->signature_alg, NULL) ||
        !spdm_der_take(&in, DER_BIT_STRING, NULL, &bits) ||
        bits.len < 1 || bits.data[0] != 0) {
        return false;
    }
    parts->signature = SPDM_BYTES(bits.data + 1, bits.len - 1);
    return split_tbs(parts->tbs, parts);
}

static void put(GByteArray *out, SpdmBytes bytes)
{
    g_byte_array_append(out, bytes.data, (guint)bytes.len);
}

/* Certificates are between 256 bytes and 64 KiB; signatures may be short. */
static void put_header(GByteArray *out, uint8_t tag, size_t len)
{
    const uint8_t header[] = { tag, 0x82, (uint8_t)(len >> 8), (uint8_t)len };

    g_assert(len <= UINT16_MAX);
    if (len < 0x80) {
        put(out, SPDM_BYTES(((uint8_t[]){ tag, (uint8_t)len }), 2));
    } else if (len < 0x100) {
        put(out, SPDM_BYTES(((uint8_t[]){ tag, 0x81, (uint8_t)len }), 3));
    } else {
        put(out, SPDM_BYTES(header, sizeof(header)));
    }
}

GBytes *spdm_x509_replace_spki(SpdmBytes der, SpdmBytes spki)
{
    GByteArray *out = g_byte_array_new();
    SpdmCrtParts parts;
    bool ok = spdm_x509_split(der, &parts);

    g_assert(ok);
    put_header(out, DER_SEQUENCE, parts.before_spki.len + spki.len +
               parts.after_spki.len);
    put(out, parts.before_spki);
    put(out, spki);
    put(out, parts.after_spki);
    return g_byte_array_free_to_bytes(out);
}

GBytes *spdm_x509_replace_tbs(SpdmBytes der, SpdmBytes tbs,
                              SpdmBytes signature)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    GByteArray *out = g_byte_array_new();
    SpdmCrtParts parts;
    bool ok = spdm_x509_split(der, &parts);

    g_assert(ok);
    put(body, tbs);
    put(body, parts.signature_alg);
    put_header(body, DER_BIT_STRING, 1 + signature.len);
    g_byte_array_append(body, (const uint8_t[]){ 0 }, 1);
    put(body, signature);
    put_header(out, DER_SEQUENCE, body->len);
    g_byte_array_append(out, body->data, body->len);
    return g_byte_array_free_to_bytes(out);
}

/*
 * Certificates and requests taken apart and put together again: for keys and
 * signatures that GnuTLS cannot put into one.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/x509-priv.h"

enum {
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_VERSION = 0xa0,        /* [0] EXPLICIT */
};

static bool take_all(SpdmBytes *in, const uint8_t *tags, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!spdm_der_take(in, tags[i], NULL, NULL)) {
            return false;
        }
    }
    return true;
}

static SpdmBytes between(SpdmBytes from, SpdmBytes to)
{
    return SPDM_BYTES(from.data, from.len - to.len);
}

/* RFC 5280 4.1. */
static bool split_tbs(SpdmBytes all, SpdmCrtParts *parts)
{
    static const uint8_t before_alg[] = { DER_VERSION, DER_INTEGER };
    static const uint8_t before_spki[] = {
        DER_SEQUENCE, DER_SEQUENCE, DER_SEQUENCE, /* issuer, times, subject */
    };
    SpdmBytes rest = all;

    if (!take_all(&rest, before_alg, G_N_ELEMENTS(before_alg))) {
        return false;
    }
    parts->before_alg = between(all, rest);
    if (!spdm_der_take(&rest, DER_SEQUENCE, &parts->alg, NULL)) {
        return false;
    }
    all = rest;
    if (!take_all(&rest, before_spki, G_N_ELEMENTS(before_spki))) {
        return false;
    }
    parts->before_spki = between(all, rest);
    if (!spdm_der_take(&rest, DER_SEQUENCE, &parts->spki, NULL)) {
        return false;
    }
    parts->after_spki = rest;
    return true;
}

/* RFC 2986 4.1: version and subject. */
static bool split_info(SpdmBytes all, SpdmCrtParts *parts)
{
    static const uint8_t before_spki[] = { DER_INTEGER, DER_SEQUENCE };
    SpdmBytes rest = all;

    parts->before_alg = parts->alg = SPDM_BYTES(NULL, 0);
    if (!take_all(&rest, before_spki, G_N_ELEMENTS(before_spki))) {
        return false;
    }
    parts->before_spki = between(all, rest);
    if (!spdm_der_take(&rest, DER_SEQUENCE, &parts->spki, NULL)) {
        return false;
    }
    parts->after_spki = rest;
    return true;
}

static bool split(SpdmBytes der, SpdmCrtParts *parts,
                  bool (*split_signed)(SpdmBytes, SpdmCrtParts *))
{
    SpdmBytes in, bits, whole, content;

    if (!spdm_der_take(&der, DER_SEQUENCE, NULL, &in) ||
        !spdm_der_take(&in, DER_SEQUENCE, &parts->tbs, NULL) ||
        !spdm_der_take(&in, DER_SEQUENCE, &parts->signature_alg, NULL) ||
        !spdm_der_take(&in, DER_BIT_STRING, NULL, &bits) ||
        bits.len < 1 || bits.data[0] != 0) {
        return false;
    }
    parts->signature = SPDM_BYTES(bits.data + 1, bits.len - 1);
    whole = parts->tbs;
    return spdm_der_take(&whole, DER_SEQUENCE, NULL, &content) &&
           split_signed(content, parts);
}

bool spdm_x509_split(SpdmBytes der, SpdmCrtParts *parts)
{
    return split(der, parts, split_tbs);
}

bool spdm_x509_split_request(SpdmBytes der, SpdmCrtParts *parts)
{
    return split(der, parts, split_info);
}

static void put(GByteArray *out, SpdmBytes bytes)
{
    g_byte_array_append(out, bytes.data, (guint)bytes.len);
}

/* A request may carry as much of the requester's as a GET_CSR can bring. */
static void put_header(GByteArray *out, uint8_t tag, size_t len)
{
    const uint8_t length[] = {
        (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len,
    };
    size_t n = len < 0x100 ? 1 : len < 0x10000 ? 2 : 3;

    g_assert(len < 0x1000000);
    g_byte_array_append(out, &tag, 1);
    if (len >= 0x80) {
        g_byte_array_append(out, (const uint8_t[]){ 0x80 | (uint8_t)n }, 1);
    }
    g_byte_array_append(out, length + sizeof(length) - n, (guint)n);
}

GBytes *spdm_x509_join_tbs(const SpdmCrtParts *parts)
{
    const SpdmBytes list[] = {
        parts->before_alg, parts->alg, parts->before_spki, parts->spki,
        parts->after_spki,
    };
    GByteArray *out = g_byte_array_new();
    size_t len = 0;

    for (size_t i = 0; i < G_N_ELEMENTS(list); i++) {
        len += list[i].len;
    }
    put_header(out, DER_SEQUENCE, len);
    for (size_t i = 0; i < G_N_ELEMENTS(list); i++) {
        put(out, list[i]);
    }
    return g_byte_array_free_to_bytes(out);
}

GBytes *spdm_x509_join(const SpdmCrtParts *parts, SpdmBytes tbs)
{
    g_autoptr(GByteArray) body = g_byte_array_new();
    GByteArray *out = g_byte_array_new();

    put(body, tbs);
    put(body, parts->signature_alg);
    put_header(body, DER_BIT_STRING, 1 + parts->signature.len);
    g_byte_array_append(body, (const uint8_t[]){ 0 }, 1);
    put(body, parts->signature);
    put_header(out, DER_SEQUENCE, body->len);
    g_byte_array_append(out, body->data, body->len);
    return g_byte_array_free_to_bytes(out);
}

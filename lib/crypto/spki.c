/*
 * SubjectPublicKeyInfo: what stands for a key without certificates.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "crypto/x509-priv.h"

static const char pem_begin[] = "-----BEGIN PUBLIC KEY-----";
static const char pem_end[] = "-----END PUBLIC KEY-----";

SpdmBytes spdm_spki_algorithm(SpdmBytes spki)
{
    SpdmBytes content, whole;

    if (!spdm_der_take(&spki, DER_SEQUENCE, NULL, &content) ||
        !spdm_der_take(&content, DER_SEQUENCE, &whole, NULL)) {
        return SPDM_BYTES(NULL, 0);
    }
    return whole;
}

char *spdm_spki_to_pem(SpdmBytes spki)
{
    gnutls_datum_t der = spdm_to_datum(spki);
    gnutls_datum_t pem;
    char *text;

    if (gnutls_pem_base64_encode2("PUBLIC KEY", &der, &pem) < 0) {
        return NULL;
    }
    text = g_strndup((const char *)pem.data, pem.size);
    gnutls_free(pem.data);
    return text;
}

static GBytes *decode(const char *begin, size_t len)
{
    gnutls_datum_t pem = { (unsigned char *)begin, (unsigned)len };
    gnutls_datum_t der;
    GBytes *bytes;

    if (gnutls_pem_base64_decode2("PUBLIC KEY", &pem, &der) < 0) {
        return NULL;
    }
    bytes = g_bytes_new(der.data, der.size);
    gnutls_free(der.data);
    return bytes;
}

GBytes *spdm_spki_take(SpdmBytes *in)
{
    const char *text = (const char *)in->data;
    const char *begin, *end;
    GBytes *bytes;
    size_t used;

    if (in->len && in->data[0] == DER_SEQUENCE) {
        bytes = g_bytes_new(in->data, in->len);
        *in = SPDM_BYTES(NULL, 0);
        return bytes;
    }
    begin = in->len ? g_strstr_len(text, (gssize)in->len, pem_begin) : NULL;
    used = begin ? (size_t)(begin - text) : 0;
    end = begin ? g_strstr_len(begin, (gssize)(in->len - used), pem_end)
                : NULL;
    if (!end) {
        return NULL;
    }
    end += strlen(pem_end);
    bytes = decode(begin, (size_t)(end - begin));
    used = (size_t)(end - text);
    *in = SPDM_BYTES(in->data + used, in->len - used);
    return bytes;
}

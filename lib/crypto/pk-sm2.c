/*
 * SM2 keys (GB/T 32918, RFC 8998): what GnuTLS 3.7 does for other keys.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/pk-priv.h"

#include <string.h>

#include "crypto/hash.h"
#include "crypto/x509-priv.h"

enum {
    COORDINATE = 32,
    DER_INTEGER = 0x02,
    DER_BIT_STRING = 0x03,
    DER_OCTET_STRING = 0x04,
};

#define OID_EC 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01
#define OID_SM2 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x82, 0x2d

/*
 * The contents of the AlgorithmIdentifier: RFC 8998 has id-ecPublicKey and
 * the curve; OpenSSL 3.0 writes the curve in both places.
 */
static const uint8_t algorithm_ec[] = { OID_EC, OID_SM2 };
static const uint8_t algorithm_sm2[] = { OID_SM2, OID_SM2 };

/* a, b, Gx and Gy of GB/T 32918.5, which Z hashes before the key. */
static const uint8_t curve[4 * COORDINATE] = {
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc,
    0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34,
    0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7,
    0xf3, 0x97, 0x89, 0xf5, 0x15, 0xab, 0x8f, 0x92,
    0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93,
    0x32, 0xc4, 0xae, 0x2c, 0x1f, 0x19, 0x81, 0x19,
    0x5f, 0x99, 0x04, 0x46, 0x6a, 0x39, 0xc9, 0x94,
    0x8f, 0xe3, 0x0b, 0xbf, 0xf2, 0x66, 0x0b, 0xe1,
    0x71, 0x5a, 0x45, 0x89, 0x33, 0x4c, 0x74, 0xc7,
    0xbc, 0x37, 0x36, 0xa2, 0xf4, 0xf6, 0x77, 0x9c,
    0x59, 0xbd, 0xce, 0xe3, 0x6b, 0x69, 0x21, 0x53,
    0xd0, 0xa9, 0x87, 0x7c, 0xc6, 0x2a, 0x47, 0x40,
    0x02, 0xdf, 0x32, 0xe5, 0x21, 0x39, 0xf0, 0xa0,
};

static const char *curve_name(void)
{
    return spdm_asym_by_name("SM2-P256")->curve;
}

void spdm_sm2_z(const SpdmPublicKey *key, SpdmBytes id, uint8_t *z)
{
    const uint8_t id_bits[] = {
        (uint8_t)(id.len * 8 >> 8), (uint8_t)(id.len * 8),
    };
    SpdmBytes parts[] = {
        SPDM_BYTES(id_bits, sizeof(id_bits)),
        id,
        SPDM_BYTES(curve, sizeof(curve)),
        spdm_bytes_of(key->raw),
    };

    spdm_hash(spdm_hash_by_name("SM3"), parts, G_N_ELEMENTS(parts), z);
}

/* Takes the AlgorithmIdentifier off @in; whether it is SM2's. */
static bool take_algorithm(SpdmBytes *in)
{
    SpdmBytes id;

    return spdm_der_take(in, DER_SEQUENCE, NULL, &id) &&
           ((id.len == sizeof(algorithm_ec) &&
             !memcmp(id.data, algorithm_ec, id.len)) ||
            (id.len == sizeof(algorithm_sm2) &&
             !memcmp(id.data, algorithm_sm2, id.len)));
}

SpdmPublicKey *spdm_sm2_from_spki(SpdmBytes der)
{
    SpdmBytes spki, bits;

    /* No unused bits, uncompressed. */
    if (!spdm_der_take(&der, DER_SEQUENCE, NULL, &spki) || der.len ||
        !take_algorithm(&spki) ||
        !spdm_der_take(&spki, DER_BIT_STRING, NULL, &bits) || spki.len ||
        bits.len != 2 + 2 * COORDINATE || bits.data[0] != 0x00 ||
        bits.data[1] != 0x04) {
        return NULL;
    }
    return spdm_public_key_new_ec(curve_name(),
                                  SPDM_BYTES(bits.data + 2, 2 * COORDINATE));
}

/* RFC 5958 OneAsymmetricKey around RFC 5915 ECPrivateKey. */
SpdmPrivateKey *spdm_sm2_from_pkcs8(SpdmBytes der)
{
    SpdmBytes info, octets, key, d;

    if (!spdm_der_take(&der, DER_SEQUENCE, NULL, &info) ||
        !spdm_der_take(&info, DER_INTEGER, NULL, NULL) ||
        !take_algorithm(&info) ||
        !spdm_der_take(&info, DER_OCTET_STRING, NULL, &octets) ||
        !spdm_der_take(&octets, DER_SEQUENCE, NULL, &key) ||
        !spdm_der_take(&key, DER_INTEGER, NULL, NULL) ||
        !spdm_der_take(&key, DER_OCTET_STRING, NULL, &d) ||
        d.len != COORDINATE) {
        return NULL;
    }
    return spdm_private_key_new_ec(curve_name(), d);
}

GBytes *spdm_sm2_to_spki(const SpdmPublicKey *key)
{
    static const uint8_t head[] = {
        DER_SEQUENCE, 0x59,
        DER_SEQUENCE, sizeof(algorithm_ec), OID_EC, OID_SM2,
        DER_BIT_STRING, 0x42, 0x00, 0x04,
    };
    SpdmBytes xy = spdm_bytes_of(key->raw);
    GByteArray *out = g_byte_array_new();

    g_byte_array_append(out, head, sizeof(head));
    g_byte_array_append(out, xy.data, (guint)xy.len);
    return g_byte_array_free_to_bytes(out);
}

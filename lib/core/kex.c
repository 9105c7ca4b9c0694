/*
 * Key exchange by DHE or KEM.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/kex.h"

#include <string.h>

#include "crypto/kem.h"

/* One of the two. */
struct SpdmKex {
    SpdmDhe *dhe;
    SpdmKem *kem;
    SpdmBytes request;
};

SpdmKex *spdm_kex_new(const SpdmConn *conn, const SpdmRng *rng)
{
    SpdmKex *kex = g_new0(SpdmKex, 1);

    if (conn->kem) {
        kex->kem = spdm_kem_new(conn->kem, rng);
        kex->request = SPDM_BYTES(spdm_kem_public(kex->kem),
                                  conn->kem->key_size);
    } else {
        kex->dhe = spdm_dhe_new(conn->dhe, rng);
        kex->request = SPDM_BYTES(spdm_dhe_public(kex->dhe),
                                  conn->dhe->public_size);
    }
    return kex;
}

void spdm_kex_free(SpdmKex *kex)
{
    if (kex) {
        spdm_dhe_free(kex->dhe);
        spdm_kem_free(kex->kem);
        g_free(kex);
    }
}

SpdmBytes spdm_kex_request(const SpdmKex *kex)
{
    return kex->request;
}

bool spdm_kex_finish(const SpdmKex *kex, SpdmBytes response,
                     SpdmSharedSecret *out)
{
    return kex->kem ? spdm_kem_decapsulate(kex->kem, response, out)
                    : spdm_dhe_compute(kex->dhe, response, out);
}

bool spdm_kex_respond(const SpdmConn *conn, const SpdmDhe *own,
                      const SpdmRng *rng, SpdmBytes request,
                      uint8_t *response, SpdmSharedSecret *out)
{
    if (conn->kem) {
        return spdm_kem_encapsulate(conn->kem, request, rng, response, out);
    }
    memcpy(response, spdm_dhe_public(own), conn->dhe->public_size);
    return spdm_dhe_compute(own, request, out);
}

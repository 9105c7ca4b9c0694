/*
 * The key exchange of KEY_EXCHANGE, whatever was negotiated for it: both ends
 * of Diffie-Hellman, or (1.4) encapsulating and decapsulating.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_KEX_H
#define SPDM_CORE_KEX_H

#include "core/conn.h"
#include "crypto/dhe.h"

/** What a requester holds between KEY_EXCHANGE and its response. */
typedef struct SpdmKex SpdmKex;

/** A fresh one for the algorithm of @conn, which has one. */
SpdmKex *spdm_kex_new(const SpdmConn *conn, const SpdmRng *rng);
void spdm_kex_free(SpdmKex *kex);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmKex, spdm_kex_free)

/** ExchangeData of KEY_EXCHANGE; a view of @kex. */
SpdmBytes spdm_kex_request(const SpdmKex *kex);

/**
 * The shared secret from the ExchangeData of KEY_EXCHANGE_RSP; false if that
 * is no public value of the group, or no ciphertext.
 */
bool spdm_kex_finish(const SpdmKex *kex, SpdmBytes response,
                     SpdmSharedSecret *out);

/**
 * The responder's half at once: takes the ExchangeData of KEY_EXCHANGE,
 * writes that of the response (as many bytes as the wire context says) and
 * the secret. False if @request is no public value, or no encapsulation key.
 * @own: a fresh key of @conn's group, NULL for a KEM.
 */
bool spdm_kex_respond(const SpdmConn *conn, const SpdmDhe *own,
                      const SpdmRng *rng, SpdmBytes request,
                      uint8_t *response, SpdmSharedSecret *out);

#endif

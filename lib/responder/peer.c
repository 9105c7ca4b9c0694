/*
 * Who the requester is, and whether it proves it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/peer.h"

#include "crypto/x509.h"
#include "responder/encap.h"

enum { CHAIN_HEADER_SIZE = 4 };

SpdmBytes spdm_peer_provisioned(const SpdmTxn *t, uint8_t slot)
{
    const SpdmProvider *p = &t->r->provider;

    if (!p->ops->requester_chain || !t->conn->req_asym) {
        return SPDM_BYTES(NULL, 0);
    }
    return p->ops->requester_chain(p->opaque, slot, t->conn->req_asym->bit,
                                   t->conn->hash->bit);
}

SpdmStatus spdm_peer_check_chain(SpdmTxn *t, SpdmBytes chain)
{
    const SpdmProvider *p = &t->r->provider;
    const char *why = "nothing says whom to trust";

    if (!p->ops->trusts_requester ||
        !p->ops->trusts_requester(p->opaque, chain, t->conn->req_asym->bit,
                                  t->conn->hash->bit, &why)) {
        return spdm_encap_bad(why);
    }
    return SPDM_STATUS_OK;
}

/* Header and RootHash stand before the certificates (spec/02 section 3). */
static SpdmPublicKey *leaf_key(const SpdmConn *conn, SpdmBytes chain)
{
    size_t skip = CHAIN_HEADER_SIZE + conn->hash->size;
    g_autoptr(GPtrArray) der = NULL;

    if (chain.len <= skip) {
        return NULL;
    }
    der = spdm_x509_split_der(SPDM_BYTES(chain.data + skip,
                                         chain.len - skip));
    return der ? spdm_x509_leaf_key(der, NULL) : NULL;
}

bool spdm_peer_key(const SpdmConn *conn, uint8_t slot, SpdmBytes what,
                   SpdmTranscript *key)
{
    g_autoptr(SpdmPublicKey) leaf = NULL;
    g_autoptr(GBytes) spki = NULL;

    spdm_transcript_reset(key);
    if (slot == SPDM_SLOT_PUBLIC_KEY) {
        spdm_transcript_append(key, what);
        return true;
    }
    leaf = leaf_key(conn, what);
    spki = leaf ? spdm_public_key_to_spki(leaf, NULL) : NULL;
    if (!spki) {
        return false;
    }
    spdm_transcript_append(key, SPDM_BYTES(g_bytes_get_data(spki, NULL),
                                           g_bytes_get_size(spki)));
    return true;
}

bool spdm_peer_signed(const SpdmTxn *t, const SpdmTranscript *key,
                      const char *context, SpdmBytes transcript,
                      SpdmBytes signature)
{
    g_autoptr(SpdmPublicKey) public =
        spdm_public_key_from_spki(spdm_transcript_view(key), NULL);
    g_autoptr(GByteArray) message = g_byte_array_new();
    SpdmBytes part;

    if (!public || !t->conn->req_asym) {
        return false;
    }
    spdm_conn_to_be_signed(t->conn, context, transcript, message);
    part = spdm_array_view(message);
    return spdm_verify(public, t->conn->req_asym, t->conn->hash, context,
                       &part, 1, signature);
}

void spdm_peer_bind(SpdmTxn *t, SpdmSession *session, uint8_t slot,
                    SpdmBytes what)
{
    session->peer_slot = slot;
    session->has_cm = spdm_peer_key(t->conn, slot, what, &session->peer_key);
    spdm_hash(t->conn->hash, &what, 1, session->cm_hash);
}

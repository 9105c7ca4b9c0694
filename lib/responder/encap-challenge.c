/*
 * CHALLENGE, embedded: basic mutual authentication (DSP0274 1.1; deprecated
 * in 1.2). M1m is made of the embedded messages alone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/encap-rows.h"
#include "responder/peer.h"

enum { SLOT_MASK = 0x0f, NONCE_OFFSET = SPDM_HEADER_SIZE };

/* Param2: no measurement summary, a requester has none. */
bool spdm_encap_challenge(SpdmTxn *t, SpdmEncapFlow *flow, SpdmMsg *m)
{
    m->h.param1 = flow->slot;
    m->challenge.nonce = spdm_txn_random(t, SPDM_NONCE_SIZE);
    if (t->conn->version >= SPDM_VERSION_13) {
        m->challenge.context = spdm_txn_random(t, SPDM_CONTEXT_SIZE);
    }
    return true;
}

/* The chain it showed, or the public key that was provisioned. */
static SpdmBytes identity(const SpdmTxn *t, const SpdmEncapFlow *flow)
{
    return flow->slot == SPDM_SLOT_PUBLIC_KEY ?
        spdm_peer_provisioned(t, flow->slot) :
        spdm_transcript_view(&flow->chain);
}

/* Param1 names the slot, 0xF for a public key; Param2 has its bit. */
static bool slot_fits(const SpdmEncapFlow *flow, const SpdmMsg *m)
{
    bool public_key = flow->slot == SPDM_SLOT_PUBLIC_KEY;

    return (m->h.param1 & SLOT_MASK) == (flow->slot & SLOT_MASK) &&
           (public_key || (m->h.param2 & (1u << flow->slot)));
}

/* RequesterContext comes back as it was (1.3). */
static bool context_fits(const SpdmEncapFlow *flow, SpdmBytes context)
{
    SpdmBytes request = spdm_transcript_view(&flow->request);
    size_t at = NONCE_OFFSET + SPDM_NONCE_SIZE;

    return request.len < at ||
           (request.len - at == context.len &&
            (!context.len ||
             memcmp(request.data + at, context.data, context.len) == 0));
}

static bool hash_fits(const SpdmTxn *t, SpdmBytes identity, SpdmBytes hash)
{
    uint8_t own[SPDM_MAX_HASH];

    spdm_hash(t->conn->hash, &identity, 1, own);
    return hash.len == t->conn->hash->size &&
           memcmp(own, hash.data, hash.len) == 0;
}

static bool is_signed(const SpdmTxn *t, const SpdmEncapFlow *flow,
                      SpdmBytes bytes, SpdmBytes signature,
                      SpdmBytes identity)
{
    g_auto(SpdmTranscript) key = { .bytes = NULL };
    g_autoptr(GByteArray) c = g_byte_array_new();
    g_autoptr(GByteArray) m1 = g_byte_array_new();
    SpdmBytes request = spdm_transcript_view(&flow->request);

    g_byte_array_append(c, request.data, (guint)request.len);
    g_byte_array_append(c, bytes.data, (guint)(bytes.len - signature.len));
    return spdm_conn_mut_m1(t->conn, &flow->m, spdm_array_view(c), m1) &&
           spdm_peer_key(t->conn, flow->slot, identity, &key) &&
           spdm_peer_signed(t, &key, SPDM_CONTEXT_REQ_CHALLENGE_AUTH,
                            spdm_array_view(m1), signature);
}

SpdmStatus spdm_encap_challenge_auth(SpdmTxn *t, SpdmEncapFlow *flow,
                                     const SpdmMsg *m, SpdmBytes bytes)
{
    const SpdmMsgChallengeAuth *v = &m->challenge_auth;
    SpdmBytes who = identity(t, flow);

    if (!slot_fits(flow, m) || !context_fits(flow, v->context)) {
        return spdm_encap_bad("the requester answers another CHALLENGE");
    }
    if (!who.len || !hash_fits(t, who, v->cert_chain_hash)) {
        return spdm_encap_bad("CertChainHash is not that of the chain the "
                              "requester showed");
    }
    if (!is_signed(t, flow, bytes, v->signature, who)) {
        return spdm_encap_bad("the requester's CHALLENGE_AUTH is not signed "
                              "by its key");
    }
    flow->code = 0;
    return SPDM_STATUS_OK;
}

void spdm_encap_commit_challenge_auth(SpdmTxn *t, const SpdmEncapFlow *flow)
{
    SpdmConn *conn = t->conn;

    conn->peer_slot = flow->slot;
    conn->peer_authenticated = spdm_peer_key(conn, flow->slot,
                                             identity(t, flow),
                                             &conn->peer_key);
}

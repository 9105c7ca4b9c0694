/*
 * GET_DIGESTS and GET_CERTIFICATE, embedded: the requester's certificate
 * chain comes in portions, and is judged when it is whole.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/encap-rows.h"
#include "responder/peer.h"

enum {
    DELIVER_SIZE = SPDM_HEADER_SIZE,
    CERTIFICATE_FIXED = 8,
    LARGE_CERTIFICATE_FIXED = 16,
    SLOT_MASK = 0x0f,
    CHAIN_HEADER_SIZE = 4,
};

/* What M1m of the challenge to come is made of. */
static void note(SpdmEncapFlow *flow, SpdmBytes response)
{
    if (flow->kind == SPDM_ENCAP_BASIC_MUT_AUTH) {
        spdm_transcript_append(&flow->m,
                               spdm_transcript_view(&flow->request));
        spdm_transcript_append(&flow->m, response);
    }
}

bool spdm_encap_get_digests(SpdmTxn *t, SpdmEncapFlow *flow, SpdmMsg *m)
{
    return true;
}

/* KeyUsageMask (1.3 multi-key): the key must be for what it is asked. */
static bool usage_fits(const SpdmEncapFlow *flow, const SpdmMsgDigests *v,
                       unsigned index)
{
    uint16_t wanted = flow->kind == SPDM_ENCAP_MUT_AUTH ?
        SPDM_KEY_USAGE_KEY_EX : SPDM_KEY_USAGE_CHALLENGE;

    return !v->key_usages.len ||
           (v->key_usages.data[2 * index] & wanted);
}

SpdmStatus spdm_encap_digests(SpdmTxn *t, SpdmEncapFlow *flow,
                              const SpdmMsg *m, SpdmBytes bytes)
{
    const SpdmMsgDigests *v = &m->digests;
    size_t h = t->conn->hash->size;
    unsigned below = m->h.param2 & ((1u << flow->slot) - 1);
    unsigned index = (unsigned)__builtin_popcount(below);

    if (!(m->h.param2 & (1u << flow->slot))) {
        return spdm_encap_bad("the requester has no chain in the slot");
    }
    if (!usage_fits(flow, v, index)) {
        return spdm_encap_bad("the key of the requester's slot is for "
                              "other uses");
    }
    memcpy(flow->digest, v->digests.data + index * h, h);
    flow->code = SPDM_GET_CERTIFICATE;
    note(flow, bytes);
    return SPDM_STATUS_OK;
}

/* eD of TH (1.3): the DIGESTS of this session. */
void spdm_encap_commit_digests(SpdmTxn *t, const SpdmEncapFlow *flow)
{
    if (flow->kind == SPDM_ENCAP_MUT_AUTH && t->conn->multi_key_req) {
        spdm_transcript_reset(&t->session->ed);
        spdm_transcript_append(&t->session->ed, t->req.encap.message);
    }
}

static bool is_large(const SpdmConn *conn)
{
    return conn->version >= SPDM_VERSION_14 &&
           spdm_conn_both(conn, (uint32_t)SPDM_LARGE_RESP_CAP);
}

/* A DELIVER_ENCAPSULATED_RESPONSE of what we take as one message. */
static uint32_t room(const SpdmTxn *t)
{
    const SpdmConn *conn = t->conn;
    uint32_t fixed = DELIVER_SIZE + (is_large(conn) ? LARGE_CERTIFICATE_FIXED
                                                    : CERTIFICATE_FIXED);
    uint32_t whole = conn->rsp_data_transfer_size;

    if (conn->version < SPDM_VERSION_12) {
        whole = t->r->profile->max_msg_size;
    } else if (spdm_conn_both(conn, SPDM_CHUNK_CAP)) {
        whole = conn->rsp_max_msg_size;
    }
    return MAX(whole, fixed + 1) - fixed;
}

bool spdm_encap_get_certificate(SpdmTxn *t, SpdmEncapFlow *flow, SpdmMsg *m)
{
    bool large = is_large(t->conn);
    uint32_t have = (uint32_t)spdm_transcript_view(&flow->chain).len;

    m->h.param1 = flow->slot | (large ? SPDM_CERT_LARGE_CHAIN : 0);
    m->get_certificate.offset = have;
    m->get_certificate.length = MIN(room(t),
                                    large ? UINT32_MAX : UINT16_MAX);
    return true;
}

static uint32_t asked_length(const SpdmTxn *t, const SpdmEncapFlow *flow)
{
    SpdmWireCtx wire = spdm_conn_embedded_ctx(t->conn);
    SpdmMsg m;

    if (!spdm_msg_decode(&wire, spdm_transcript_view(&flow->request), &m,
                         NULL, NULL)) {
        return 0;
    }
    return m.get_certificate.length;
}

/* The first portion settles the size; each brings something. */
static bool portion_fits(const SpdmTxn *t, const SpdmEncapFlow *flow,
                         const SpdmMsg *m)
{
    const SpdmMsgCertificate *v = &m->certificate;
    uint64_t have = spdm_transcript_view(&flow->chain).len;
    uint64_t total = have + v->portion_length + v->remainder_length;
    uint64_t least = CHAIN_HEADER_SIZE + t->conn->hash->size;

    return (m->h.param1 & SLOT_MASK) == flow->slot && v->portion_length &&
           v->portion_length <= asked_length(t, flow) &&
           total > least && total <= SPDM_TRANSCRIPT_LIMIT &&
           (!flow->chain_size || total == flow->chain_size);
}

static SpdmStatus judge(SpdmTxn *t, const SpdmEncapFlow *flow)
{
    SpdmBytes chain = spdm_transcript_view(&flow->chain);
    uint8_t hash[SPDM_MAX_HASH];

    spdm_hash(t->conn->hash, &chain, 1, hash);
    if (memcmp(hash, flow->digest, t->conn->hash->size) != 0) {
        return spdm_encap_bad("the requester's chain is not that of its "
                              "DIGESTS");
    }
    return spdm_peer_check_chain(t, chain);
}

static bool is_whole(const SpdmEncapFlow *flow)
{
    return spdm_transcript_view(&flow->chain).len == flow->chain_size;
}

SpdmStatus spdm_encap_certificate(SpdmTxn *t, SpdmEncapFlow *flow,
                                  const SpdmMsg *m, SpdmBytes bytes)
{
    const SpdmMsgCertificate *v = &m->certificate;

    if (!portion_fits(t, flow, m)) {
        return spdm_encap_bad("the portion of the requester's chain does "
                              "not fit the rest of it");
    }
    spdm_transcript_append(&flow->chain, v->portion);
    flow->chain_size = v->remainder_length +
        (uint32_t)spdm_transcript_view(&flow->chain).len;
    note(flow, bytes);
    if (!is_whole(flow)) {
        return SPDM_STATUS_OK;
    }
    flow->code = flow->kind == SPDM_ENCAP_BASIC_MUT_AUTH ? SPDM_CHALLENGE
                                                         : 0;
    return judge(t, flow);
}

/* FINISH is to be signed by the key of this chain. */
void spdm_encap_commit_certificate(SpdmTxn *t, const SpdmEncapFlow *flow)
{
    if (flow->kind == SPDM_ENCAP_MUT_AUTH && is_whole(flow)) {
        spdm_peer_bind(t, t->session, flow->slot,
                       spdm_transcript_view(&flow->chain));
    }
}

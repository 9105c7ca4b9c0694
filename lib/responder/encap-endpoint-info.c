/*
 * GET_ENDPOINT_INFO, embedded (1.3): what the requester says of itself,
 * signed where it can and we know its key.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/encap-rows.h"
#include "responder/peer.h"

enum { SLOT_MASK = 0x0f, ATTRIBUTES_OFFSET = SPDM_HEADER_SIZE };

/* The key that authenticated the requester here, or none (empty). */
static const SpdmTranscript *known_key(const SpdmTxn *t)
{
    return t->session && t->session->has_cm ? &t->session->peer_key
                                            : &t->conn->peer_key;
}

static uint8_t known_slot(const SpdmTxn *t)
{
    return t->session && t->session->has_cm ? t->session->peer_slot
                                            : t->conn->peer_slot;
}

bool spdm_encap_endpoint_signed(const SpdmEncapFlow *flow)
{
    SpdmBytes request = spdm_transcript_view(&flow->request);

    return request.len > ATTRIBUTES_OFFSET &&
           (request.data[ATTRIBUTES_OFFSET] & SPDM_EP_INFO_SIGNATURE);
}

bool spdm_encap_get_endpoint_info(SpdmTxn *t, SpdmEncapFlow *flow,
                                  SpdmMsg *m)
{
    m->h.param1 = SPDM_EP_INFO_DEVICE_CLASS;
    if ((t->conn->req_flags & SPDM_EP_INFO_CAP_SIG) &&
        spdm_transcript_view(known_key(t)).len) {
        m->h.param2 = known_slot(t) & SLOT_MASK;
        m->get_endpoint_info.attributes = SPDM_EP_INFO_SIGNATURE;
        m->get_endpoint_info.nonce = spdm_txn_random(t, SPDM_NONCE_SIZE);
    }
    return true;
}

static bool is_true(const SpdmTxn *t, const SpdmEncapFlow *flow,
                    SpdmBytes bytes, SpdmBytes signature)
{
    g_autoptr(GByteArray) pair = g_byte_array_new();
    g_autoptr(GByteArray) il1 = g_byte_array_new();
    SpdmBytes request = spdm_transcript_view(&flow->request);

    g_byte_array_append(pair, request.data, (guint)request.len);
    g_byte_array_append(pair, bytes.data,
                        (guint)(bytes.len - signature.len));
    return spdm_conn_il1(t->conn, spdm_array_view(pair), il1) &&
           spdm_peer_signed(t, known_key(t), SPDM_CONTEXT_REQ_ENDPOINT_INFO,
                            spdm_array_view(il1), signature);
}

SpdmStatus spdm_encap_endpoint_info(SpdmTxn *t, SpdmEncapFlow *flow,
                                    const SpdmMsg *m, SpdmBytes bytes)
{
    if (spdm_encap_endpoint_signed(flow) &&
        !is_true(t, flow, bytes, m->endpoint_info.signature)) {
        return spdm_encap_bad("the requester's ENDPOINT_INFO is not signed "
                              "by its key");
    }
    /* Kept in the flow until the commit. */
    spdm_transcript_reset(&flow->chain);
    spdm_transcript_append(&flow->chain, m->endpoint_info.info);
    flow->code = 0;
    return SPDM_STATUS_OK;
}

void spdm_encap_commit_endpoint_info(SpdmTxn *t, const SpdmEncapFlow *flow)
{
    spdm_transcript_copy(
        &spdm_conn_encap(t->conn, t->session)->endpoint_info,
        &flow->chain);
}

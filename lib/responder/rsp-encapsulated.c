/*
 * GET_ENCAPSULATED_REQUEST -> ENCAPSULATED_REQUEST, and
 * DELIVER_ENCAPSULATED_RESPONSE -> ENCAPSULATED_RESPONSE_ACK.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/encap.h"
#include "responder/handlers.h"

/* Handlers work on a copy of the flow, which commit puts in its place. */
static SpdmEncapFlow *own_flow(SpdmTxn *t)
{
    spdm_encap_flow_copy(&t->encap,
                         &spdm_conn_encap(t->conn, t->session)->flow);
    return &t->encap;
}

/* A request that was sent already is what a requester that lost it gets. */
SpdmStatus spdm_rsp_encapsulated_request(SpdmTxn *t)
{
    SpdmEncapFlow *flow = own_flow(t);

    if (!flow->sent && !spdm_encap_advance(t)) {
        return spdm_fail(SPDM_ERROR_NO_PENDING_REQUESTS,
                         "there is nothing to ask the requester");
    }
    t->rsp.h.param1 = flow->id;
    t->rsp.encap.message = spdm_transcript_view(&flow->request);
    return SPDM_STATUS_OK;
}

static SpdmStatus check_delivery(const SpdmTxn *t, const SpdmEncapFlow *flow)
{
    if (!flow->sent) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "no encapsulated request waits for a response");
    }
    if (t->req.h.param1 != flow->id) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "RequestID is not that of the request under way");
    }
    if (t->req.encap.message.len < SPDM_HEADER_SIZE) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "the embedded response is shorter than a header");
    }
    return SPDM_STATUS_OK;
}

/* DSP0274 ENCAPSULATED_RESPONSE_ACK: a slot but 0 is told the requester. */
static void end_flow(SpdmTxn *t, const SpdmEncapFlow *flow)
{
    if (flow->kind == SPDM_ENCAP_MUT_AUTH && flow->slot && t->encap_row) {
        uint8_t *slot = spdm_txn_alloc(t, 1);

        *slot = flow->slot;
        t->rsp.h.param2 = SPDM_ENCAP_SLOT_NUMBER;
        t->rsp.encap.message = SPDM_BYTES(slot, 1);
    }
}

SpdmStatus spdm_rsp_encapsulated_response_ack(SpdmTxn *t)
{
    SpdmEncapFlow *flow = own_flow(t);
    SpdmStatus st = check_delivery(t, flow);

    if (!st.failed) {
        st = spdm_encap_take(t);
    }
    if (st.failed) {
        return st;
    }
    t->rsp.encap.ack_id = t->req.h.param1;
    if (!spdm_encap_advance(t)) {
        end_flow(t, flow);
        return SPDM_STATUS_OK;
    }
    t->rsp.h.param1 = flow->id;
    t->rsp.h.param2 = SPDM_ENCAP_PRESENT;
    t->rsp.encap.message = spdm_transcript_view(&flow->request);
    return SPDM_STATUS_OK;
}

/* After InvalidResponseCode there is no flow; its session ends as well. */
void spdm_failed_encapsulated(SpdmTxn *t, const SpdmStatus *st)
{
    if (!st->drop && st->code == SPDM_ERROR_INVALID_RESPONSE_CODE) {
        spdm_encap_flow_clear(&spdm_conn_encap(t->conn, t->session)->flow);
    }
}

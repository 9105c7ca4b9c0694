/*
 * Embedded GET_CERTIFICATE -> CERTIFICATE, a portion of a chain of ours
 * (spec/02 section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/encap.h"

enum {
    SLOT_MASK = 0x0f,
    LARGE_FORM = 0x80,
    SMALL_HEADER = 8,
    LARGE_HEADER = 16,
    CERT_INFO_MASK = 0x07,
};

/* DSP0274 1.4 DataTooLarge: the chain's size, for the large form. */
static SpdmStatus too_large(uint32_t size)
{
    SpdmStatus status = spdm_fail(SPDM_ERROR_DATA_TOO_LARGE,
                                  "the chain needs the large form");

    for (unsigned i = 0; i < sizeof(size); i++) {
        status.data[i] = (uint8_t)(size >> 8 * i);
    }
    status.data_len = sizeof(size);
    return status;
}

static SpdmStatus check(const SpdmRequester *rq, const SpdmEmbedded *e,
                        size_t size)
{
    const SpdmMsgGetCertificate *q = &e->req.get_certificate;

    /* The reference implementation asks by this flag of ours alone. */
    if (q->large && !(rq->conn.req_flags & SPDM_LARGE_RESP_CAP)) {
        return spdm_unsupported(SPDM_GET_CERTIFICATE, "the large form was "
                                "not negotiated");
    }
    if (!q->large && size > SPDM_MAX_CHAIN) {
        return too_large((uint32_t)size);
    }
    return q->offset < size ? SPDM_STATUS_OK
           : spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                       "Offset is past the end of the chain");
}

/*
 * DELIVER_ENCAPSULATED_RESPONSE around it has to fit the responder, in chunks
 * if need be.
 */
static uint32_t room(const SpdmRequester *rq, bool large)
{
    bool chunks = spdm_req_chunking(rq);
    uint32_t size = chunks
        ? MIN(rq->conn.rsp_max_msg_size, rq->cfg.max_msg_size)
        : MIN(rq->conn.rsp_data_transfer_size, rq->cfg.data_transfer_size);

    size -= SPDM_HEADER_SIZE;

    return large ? size - LARGE_HEADER
                 : MIN(size - SMALL_HEADER, UINT16_MAX);
}

static bool size_requested(const SpdmRequester *rq, const SpdmEmbedded *e)
{
    return rq->conn.version >= SPDM_VERSION_13 &&
           (e->req.h.param2 & SPDM_CERT_SLOT_SIZE_REQUESTED);
}

SpdmStatus spdm_enc_certificate(SpdmRequester *rq, SpdmEmbedded *e)
{
    const SpdmMsgGetCertificate *q = &e->req.get_certificate;
    SpdmMsgCertificate *v = &e->rsp.certificate;
    const SpdmReqIdentity *own =
        spdm_req_identity(rq, e->req.h.param1 & SLOT_MASK);
    SpdmStatus status;
    SpdmBytes chain;
    uint32_t left;

    if (!own) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, "the slot is empty");
    }
    chain = spdm_req_identity_cm(own);
    e->rsp.h.param1 = e->req.h.param1 & (q->large ? LARGE_FORM | SLOT_MASK
                                                  : SLOT_MASK);
    e->rsp.h.param2 = rq->conn.multi_key_req
                      ? own->cert_model & CERT_INFO_MASK : 0;
    v->large = q->large;
    if (size_requested(rq, e)) {
        v->remainder_length = (uint32_t)chain.len; /* and no more storage */
        return SPDM_STATUS_OK;
    }
    status = check(rq, e, chain.len);
    if (status.failed) {
        return status;
    }
    left = (uint32_t)chain.len - q->offset;
    v->portion_length = MIN(MIN(left, q->length), room(rq, q->large));
    v->remainder_length = left - v->portion_length;
    v->portion = SPDM_BYTES(chain.data + q->offset, v->portion_length);
    return SPDM_STATUS_OK;
}

void spdm_enc_commit_certificate(SpdmRequester *rq, SpdmEmbedded *e)
{
    spdm_transcript_append(&rq->mut_b, e->request);
    spdm_transcript_append(&rq->mut_b, spdm_req_view(e->out));
}

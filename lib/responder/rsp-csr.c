/*
 * GET_CSR -> CSR.
 *
 * A device that declares CERT_INSTALL_RESET_CAP answers the first time with
 * ResetRequired; the request is made again after the reset. From 1.3 on a
 * CSRTrackingTag tells such requests apart. Tags outlive the connection.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

enum { TAGS = 8 };           /* 1 to 7; 0 stands for "none yet" */

/* What 1.2 has no fields for is nothing that a requester asked for. */
static uint8_t param1(const SpdmTxn *t)
{
    return t->conn->version >= SPDM_VERSION_13 ? t->req.h.param1 : 0;
}

static uint8_t param2(const SpdmTxn *t)
{
    return t->conn->version >= SPDM_VERSION_13 ? t->req.h.param2 : 0;
}

static uint8_t model_of(const SpdmTxn *t)
{
    return param2(t) & SPDM_CSR_MODEL_MASK;
}

static uint8_t tag_of(const SpdmTxn *t)
{
    return (param2(t) & SPDM_CSR_TAG_MASK) >> SPDM_CSR_TAG_SHIFT;
}

static bool overwrites(const SpdmTxn *t)
{
    return param2(t) & SPDM_CSR_OVERWRITE;
}

static bool needs_reset(const SpdmTxn *t)
{
    return t->conn->rsp_flags & SPDM_CERT_INSTALL_RESET_CAP;
}

static SpdmStatus check_tag(const SpdmTxn *t)
{
    if (tag_of(t) && overwrites(t)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "Overwrite is for requests without a "
                         "CSRTrackingTag");
    }
    if (tag_of(t) && !needs_reset(t)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "there are no CSRTrackingTags without "
                         "CERT_INSTALL_RESET_CAP");
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus reset_required(uint8_t tag)
{
    SpdmStatus st = spdm_fail(SPDM_ERROR_RESET_REQUIRED,
                              "a CSR is made at a reset");

    st.param = tag;
    return st;
}

/* An ERROR commits nothing, and this one gives out the tag: done at once. */
static SpdmStatus give_tag(SpdmResponder *r, bool overwrite)
{
    uint8_t used;

    if (overwrite) {
        r->csr_waiting = r->csr_ready = 0;
    }
    used = r->csr_waiting | r->csr_ready;
    for (uint8_t tag = 1; tag < TAGS; tag++) {
        if (!(used & 1u << tag)) {
            r->csr_waiting |= (uint8_t)(1u << tag);
            return reset_required(tag);
        }
    }
    return spdm_fail(SPDM_ERROR_BUSY, "all CSRTrackingTags are in use");
}

static SpdmStatus wait_for_reset(SpdmTxn *t)
{
    SpdmResponder *r = t->r;
    uint8_t bit = (uint8_t)(1u << tag_of(t));

    if (t->conn->version >= SPDM_VERSION_13 && !tag_of(t)) {
        return give_tag(r, overwrites(t));
    }
    if (r->csr_ready & bit) {
        return SPDM_STATUS_OK;
    }
    if (tag_of(t) && !(r->csr_waiting & bit)) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "no CSR waits under this CSRTrackingTag");
    }
    r->csr_waiting |= bit;
    return reset_required(tag_of(t));
}

SpdmStatus spdm_rsp_csr(SpdmTxn *t)
{
    const SpdmMsgGetCsr *req = &t->req.get_csr;
    SpdmCsrRequest ask;
    SpdmStatus st = check_tag(t);

    if (!st.failed) {
        st = spdm_check_key_pair(t, param1(t), model_of(t));
    }
    if (!st.failed) {
        st = spdm_check_csr_request(t, req->requester_info, req->opaque,
                                    &ask);
    }
    if (!st.failed && needs_reset(t)) {
        st = wait_for_reset(t);
    }
    if (st.failed) {
        return st;
    }
    ask.key_pair_id = param1(t);
    ask.model = model_of(t);
    return spdm_make_csr(t, &ask, &t->rsp.csr.csr);
}

/* The tag is free again. */
void spdm_commit_csr(SpdmTxn *t)
{
    t->r->csr_ready &= (uint8_t)~(1u << tag_of(t));
}

/*
 * GET_CSR -> CSR.
 *
 * A device that declares CERT_INSTALL_RESET_CAP answers the first time with
 * ResetRequired; the request is made again after the reset. From 1.3 on a
 * CSRTrackingTag tells such requests apart. Tags are the device's, and outlive
 * the connection. SLOT_MANAGEMENT GetCSR (1.4) takes its tags from the same
 * pool.
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

static uint8_t tag_of(uint8_t attributes)
{
    return (attributes & SPDM_CSR_TAG_MASK) >> SPDM_CSR_TAG_SHIFT;
}

static bool overwrites(uint8_t attributes)
{
    return attributes & SPDM_CSR_OVERWRITE;
}

static bool needs_reset(const SpdmTxn *t)
{
    return t->conn->rsp_flags & SPDM_CERT_INSTALL_RESET_CAP;
}

static SpdmStatus check_tag(const SpdmTxn *t, uint8_t attributes)
{
    if (tag_of(attributes) && overwrites(attributes)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "Overwrite is for requests without a "
                         "CSRTrackingTag");
    }
    if (tag_of(attributes) && !needs_reset(t)) {
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

static SpdmCsrTags get_tags(const SpdmTxn *t)
{
    const SpdmProvider *p = &t->r->provider;

    return p->ops->csr_tags ? p->ops->csr_tags(p->opaque)
                            : (SpdmCsrTags){ .waiting = 0 };
}

static bool set_tags(const SpdmTxn *t, const SpdmCsrTags *tags)
{
    const SpdmProvider *p = &t->r->provider;

    return p->ops->set_csr_tags && p->ops->set_csr_tags(p->opaque, tags);
}

/* An ERROR commits nothing, and this one gives out the tag: done at once. */
static SpdmStatus give(const SpdmTxn *t, SpdmCsrTags *tags, uint8_t tag)
{
    tags->waiting |= (uint8_t)(1u << tag);
    return set_tags(t, tags) ? reset_required(tag) :
        spdm_fail(SPDM_ERROR_UNSPECIFIED,
                  "the device could not store the CSRTrackingTag");
}

static SpdmStatus give_free(const SpdmTxn *t, SpdmCsrTags *tags,
                            bool overwrite)
{
    uint8_t used;

    if (overwrite) {
        *tags = (SpdmCsrTags){ .waiting = 0 };
    }
    used = tags->waiting | tags->ready;
    for (uint8_t tag = 1; tag < TAGS; tag++) {
        if (!(used & 1u << tag)) {
            return give(t, tags, tag);
        }
    }
    return spdm_fail(SPDM_ERROR_BUSY, "all CSRTrackingTags are in use");
}

static SpdmStatus wait_for_reset(const SpdmTxn *t, uint8_t attributes)
{
    SpdmCsrTags tags = get_tags(t);
    uint8_t tag = tag_of(attributes);
    uint8_t bit = (uint8_t)(1u << tag);

    if (t->conn->version >= SPDM_VERSION_13 && !tag) {
        return give_free(t, &tags, overwrites(attributes));
    }
    if (tags.ready & bit) {
        return SPDM_STATUS_OK;
    }
    if (tag && !(tags.waiting & bit)) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "no CSR waits under this CSRTrackingTag");
    }
    return give(t, &tags, tag);
}

SpdmStatus spdm_answer_csr(SpdmTxn *t, SpdmCsrRequest *ask,
                           uint8_t attributes, SpdmBytes *csr)
{
    SpdmStatus st = check_tag(t, attributes);

    ask->model = attributes & SPDM_CSR_MODEL_MASK;
    ask->hash = t->conn->hash->bit;
    if (!st.failed) {
        st = spdm_check_csr(t, ask);
    }
    if (!st.failed && needs_reset(t)) {
        st = wait_for_reset(t, attributes);
    }
    return st.failed ? st : spdm_make_csr(t, ask, csr);
}

void spdm_commit_answered_csr(SpdmTxn *t, uint8_t attributes)
{
    SpdmCsrTags tags = get_tags(t);
    uint8_t bit = (uint8_t)(1u << tag_of(attributes));

    if (tags.ready & bit) {
        tags.ready &= (uint8_t)~bit;
        set_tags(t, &tags);
    }
}

SpdmStatus spdm_rsp_csr(SpdmTxn *t)
{
    const SpdmMsgGetCsr *req = &t->req.get_csr;
    SpdmCsrRequest ask = {
        .key_pair_id = param1(t),
        .requester_info = req->requester_info,
        .opaque = req->opaque,
    };

    if (!t->conn->asym) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "no signature algorithm was negotiated");
    }
    ask.asym = t->conn->asym->bit;
    return spdm_answer_csr(t, &ask, param2(t), &t->rsp.csr.csr);
}

/* The tag is free again. */
void spdm_commit_csr(SpdmTxn *t)
{
    spdm_commit_answered_csr(t, param2(t));
}

/*
 * Embedded requests and who answers them: a small responder inside the
 * requester. What holds for all of them is checked here, once.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/encap.h"

/* Where a request may be embedded. */
enum {
    OUTSIDE = 1 << 0,
    HANDSHAKE = 1 << 1,
    ESTABLISHED = 1 << 2,
};

/** One embedded request. Capabilities: at least one bit of each mask. */
typedef struct EncRow {
    uint8_t code;
    uint8_t min_version;
    unsigned where;
    uint32_t own_caps;       /* 0: none needed */
    uint32_t rsp_caps;
    SpdmStatus (*answer)(SpdmRequester *rq, SpdmEmbedded *e);
    SpdmStatus (*sign)(SpdmRequester *rq, SpdmEmbedded *e);
    void (*commit)(SpdmRequester *rq, SpdmEmbedded *e);
} EncRow;

static const EncRow rows[] = {
    { SPDM_GET_DIGESTS, SPDM_VERSION_11, OUTSIDE | HANDSHAKE | ESTABLISHED,
      SPDM_CERT_CAP, 0, spdm_enc_digests, NULL, spdm_enc_commit_digests },
    { SPDM_GET_CERTIFICATE, SPDM_VERSION_11,
      OUTSIDE | HANDSHAKE | ESTABLISHED, SPDM_CERT_CAP, 0,
      spdm_enc_certificate, NULL, spdm_enc_commit_certificate },
    { SPDM_CHALLENGE, SPDM_VERSION_11, OUTSIDE, SPDM_CHAL_CAP, 0,
      spdm_enc_challenge, spdm_enc_sign_challenge,
      spdm_enc_commit_challenge },
    { SPDM_GET_ENDPOINT_INFO, SPDM_VERSION_13, OUTSIDE | ESTABLISHED,
      SPDM_EP_INFO_CAP_MASK, 0, spdm_enc_endpoint_info,
      spdm_enc_sign_endpoint_info, NULL },
    { SPDM_KEY_UPDATE, SPDM_VERSION_11, ESTABLISHED, SPDM_KEY_UPD_CAP,
      SPDM_KEY_UPD_CAP, spdm_enc_key_update, NULL,
      spdm_enc_commit_key_update },
    { SPDM_SEND_EVENT, SPDM_VERSION_13, ESTABLISHED, 0, SPDM_EVENT_CAP,
      spdm_enc_send_event, NULL, spdm_enc_commit_send_event },
};

static bool has_caps(uint32_t flags, uint32_t wanted)
{
    return !wanted || (flags & wanted);
}

/* NULL when nobody here answers it (spec/02 section 1, rule 4). */
static const EncRow *row_of(const SpdmRequester *rq, uint8_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const EncRow *row = &rows[i];

        if (row->code == code && rq->conn.version >= row->min_version &&
            has_caps(rq->conn.req_flags, row->own_caps) &&
            has_caps(rq->conn.rsp_flags, row->rsp_caps)) {
            return row;
        }
    }
    return NULL;
}

static unsigned place(const SpdmSession *s)
{
    return !s ? OUTSIDE : s->phase == SPDM_SESSION_HANDSHAKE ? HANDSHAKE
                                                             : ESTABLISHED;
}

static bool decode(SpdmEmbedded *e)
{
    size_t size = 0;

    return spdm_msg_decode(&e->ctx, e->request, &e->req, &size, NULL) &&
           size == e->request.len;
}

/* The order of spec/02 section 1. */
static SpdmStatus gate(const SpdmRequester *rq, SpdmEmbedded *e,
                       const EncRow *row)
{
    if (e->request.data[0] != rq->conn.version) {
        return spdm_fail(SPDM_ERROR_VERSION_MISMATCH, "another version");
    }
    if (!row) {
        return spdm_unsupported(e->request.data[1],
                                "not answered by a requester");
    }
    if (!(row->where & place(e->session))) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST, "out of place");
    }
    if (!decode(e)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, "malformed");
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus respond(SpdmRequester *rq, SpdmEmbedded *e,
                          const EncRow *row)
{
    SpdmStatus status;

    e->rsp.h.version = rq->conn.version;
    e->rsp.h.code = SPDM_RESPONSE_OF(row->code);
    status = row->answer(rq, e);
    if (status.failed) {
        return status;
    }
    if (!spdm_msg_encode(&e->ctx, &e->rsp, e->out)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "the answer has no place "
                         "for a field");
    }
    return row->sign ? row->sign(rq, e) : SPDM_STATUS_OK;
}

void spdm_enc_answer(SpdmRequester *rq, const SpdmReqFlow *flow,
                     GByteArray *out)
{
    SpdmEmbedded e = {
        .session = flow->session,
        .ctx = spdm_conn_embedded_ctx(&rq->conn),
        .request = spdm_req_view(flow->request),
        .out = out,
    };
    const EncRow *row = row_of(rq, e.request.data[1]);
    SpdmStatus status = gate(rq, &e, row);

    if (row && !status.failed) {
        status = respond(rq, &e, row);
    }
    if (!row || status.failed) {
        g_byte_array_set_size(out, 0);
        spdm_status_encode(&status, rq->conn.version, out);
    } else if (row->commit) {
        row->commit(rq, &e);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(e.scratch); i++) {
        g_clear_pointer(&e.scratch[i], g_byte_array_unref);
    }
}

GByteArray *spdm_enc_array(SpdmEmbedded *e)
{
    size_t i = 0;

    while (e->scratch[i]) {
        i++;
        g_assert(i < G_N_ELEMENTS(e->scratch));
    }
    return e->scratch[i] = g_byte_array_new();
}

void spdm_enc_pair(const SpdmEmbedded *e, GByteArray *both)
{
    g_byte_array_append(both, e->request.data, (guint)e->request.len);
    g_byte_array_append(both, e->out->data, e->out->len);
}

SpdmStatus spdm_enc_sign(SpdmRequester *rq, SpdmEmbedded *e,
                         const SpdmReqIdentity *identity,
                         const char *context, const GByteArray *transcript)
{
    return spdm_req_identity_sign(rq, identity, context,
                                  spdm_req_view(transcript), e->out)
           ? SPDM_STATUS_OK
           : spdm_fail(SPDM_ERROR_UNSPECIFIED, "the signing key failed");
}

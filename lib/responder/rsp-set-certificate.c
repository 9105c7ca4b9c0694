/*
 * SET_CERTIFICATE -> SET_CERTIFICATE_RSP.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

static uint8_t slot_of(const SpdmTxn *t)
{
    return t->req.h.param1 & SPDM_SET_CERT_SLOT_MASK;
}

/* What 1.2 has no fields for is nothing that a requester asked for. */
static bool erases(const SpdmTxn *t)
{
    return t->conn->version >= SPDM_VERSION_13 &&
           (t->req.h.param1 & SPDM_SET_CERT_ERASE);
}

static uint8_t model_of(const SpdmTxn *t)
{
    return t->conn->version < SPDM_VERSION_13 ? 0 :
           (t->req.h.param1 & SPDM_SET_CERT_MODEL_MASK) >>
           SPDM_SET_CERT_MODEL_SHIFT;
}

static uint8_t key_pair_of(const SpdmTxn *t)
{
    return t->conn->version < SPDM_VERSION_13 ? 0 : t->req.h.param2;
}

/* Erase says nothing else; only padding may follow. */
static SpdmStatus check_erase(SpdmTxn *t)
{
    size_t pad = t->secured ? 0 : t->r->transport->max_pad;

    if (model_of(t)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "a model is for a chain, not for Erase");
    }
    if (t->req.set_certificate.chain.len > pad) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "Erase comes without a certificate chain");
    }
    t->req.set_certificate.chain.len = 0;
    return SPDM_STATUS_OK;
}

static SpdmStatus check_chain(SpdmTxn *t)
{
    size_t pad = t->secured ? 0 : t->r->transport->max_pad;
    SpdmStatus st = spdm_check_key_pair(t, key_pair_of(t), model_of(t));

    if (!st.failed) {
        st = spdm_check_model(slot_of(t), model_of(t));
    }
    return st.failed ? st :
           spdm_check_new_chain(t, t->conn->asym->bit, pad,
                                &t->req.set_certificate.chain);
}

SpdmStatus spdm_rsp_set_certificate(SpdmTxn *t)
{
    SpdmStatus st = spdm_check_slot_access(t, slot_of(t));

    t->rsp.h.param1 = slot_of(t);
    if (!st.failed && !t->conn->asym) {
        st = spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                       "no signature algorithm was negotiated");
    }
    if (st.failed) {
        return st;
    }
    return erases(t) ? check_erase(t) : check_chain(t);
}

/* Last of all that can fail: what is stored cannot be taken back. */
SpdmStatus spdm_finish_set_certificate(SpdmTxn *t)
{
    SpdmSetCertificate ask = {
        .slot = slot_of(t),
        .asym = t->conn->asym->bit,
        .key_pair_id = erases(t) ? 0 : key_pair_of(t),
        .model = model_of(t),
        .chain = t->req.set_certificate.chain,
    };

    return spdm_put_chain(t, &ask);
}

void spdm_commit_set_certificate(SpdmTxn *t)
{
    spdm_responder_chains_changed(t->r, (uint8_t)(1u << slot_of(t)));
}

/*
 * Giving a device an identity: what GET_CSR, SET_CERTIFICATE and
 * SLOT_MANAGEMENT have in common.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/opaque.h"
#include "crypto/x509.h"
#include "responder/handlers.h"

enum { CHAIN_HEADER_SIZE = 4 };

SpdmStatus spdm_check_key_pair(const SpdmTxn *t, uint8_t key_pair_id,
                               uint8_t model)
{
    if (!t->conn->multi_key_rsp) {
        return !key_pair_id && !model ? SPDM_STATUS_OK :
            spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                      "KeyPairID and model are for connections with several "
                      "keys");
    }
    if (!key_pair_id || model < SPDM_CERT_MODEL_DEVICE ||
        model > SPDM_CERT_MODEL_GENERIC) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "a connection with several keys needs KeyPairID and "
                         "a model from 1 to 3");
    }
    if (model == SPDM_CERT_MODEL_ALIAS &&
        !(t->conn->rsp_flags & SPDM_ALIAS_CERT_CAP)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "the AliasCert model needs ALIAS_CERT_CAP");
    }
    return SPDM_STATUS_OK;
}

/* Opaque data has a form only once one was agreed on (1.2 OtherParams). */
static bool opaque_is_good(const SpdmTxn *t, SpdmBytes opaque)
{
    uint8_t formats = t->conn->other_params & SPDM_OTHER_PARAMS_OPAQUE_MASK;
    SpdmOpaque parsed;

    if (!opaque.len || formats == SPDM_OPAQUE_FMT0) {
        return true;
    }
    return formats && spdm_opaque_parse(t->conn->version, opaque, &parsed);
}

SpdmStatus spdm_check_model(uint8_t slot, uint8_t model)
{
    return slot != 0 || model != SPDM_CERT_MODEL_GENERIC ? SPDM_STATUS_OK :
           spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                     "slot 0 is not for the GenericCert model");
}

/* Those with a chain, or all that can get one. */
uint8_t spdm_existing_slots(const SpdmTxn *t, uint8_t provisioned)
{
    return (t->conn->rsp_flags & SPDM_SET_CERT_CAP) ||
           spdm_slot_sub_code_served(t, SPDM_SLOT_SET_CERTIFICATE)
        ? UINT8_MAX : provisioned;
}

static SpdmStatus check_csr_request(const SpdmTxn *t, SpdmBytes info,
                                    SpdmBytes opaque)
{
    if (!opaque_is_good(t, opaque)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "OpaqueData is malformed, or of no agreed format");
    }
    if (info.len && !spdm_csr_info_valid(info)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "RequesterInfo is no CertificationRequestInfo");
    }
    return SPDM_STATUS_OK;
}

SpdmStatus spdm_check_csr(const SpdmTxn *t, const SpdmCsrRequest *ask)
{
    SpdmStatus st = spdm_check_key_pair(t, ask->key_pair_id, ask->model);

    return st.failed ? st
                     : check_csr_request(t, ask->requester_info,
                                         ask->opaque);
}

SpdmStatus spdm_make_csr(SpdmTxn *t, const SpdmCsrRequest *ask,
                         SpdmBytes *csr)
{
    const SpdmProvider *p = &t->r->provider;
    GByteArray *out = spdm_txn_array(t);

    if (!p->ops->csr || !p->ops->csr(p->opaque, ask, out)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED,
                         "the device could not make the CSR");
    }
    if (out->len > UINT16_MAX) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED,
                         "the CSR is longer than 65535 bytes");
    }
    *csr = spdm_array_view(out);
    return SPDM_STATUS_OK;
}

/* DSP0274 SET_CERTIFICATE: only slot 0 is for trusted environments. */
SpdmStatus spdm_check_slot_access(const SpdmTxn *t, uint8_t slot)
{
    if (slot >= SPDM_SLOT_COUNT) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST, "slots are 0 to 7");
    }
    if (slot && !t->session && !t->r->profile->trusted_environment) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "slots 1 to 7 are changed in a session only");
    }
    return SPDM_STATUS_OK;
}

/* Length, as u16 and, for large chains of 1.4, as u32. */
static uint32_t length_field(const SpdmTxn *t, SpdmBytes chain)
{
    uint32_t low = chain.data[0] | (uint32_t)chain.data[1] << 8;
    uint32_t high = chain.data[2] | (uint32_t)chain.data[3] << 8;

    return t->conn->version >= SPDM_VERSION_14 &&
           spdm_conn_both(t->conn, SPDM_LARGE_RESP_CAP) ? low | high << 16
                                                        : low;
}

/* A structure says its own length: what follows it can be padding only. */
static bool trim(const SpdmTxn *t, size_t pad, SpdmBytes *chain)
{
    size_t len;

    if (chain->len <= CHAIN_HEADER_SIZE + (size_t)t->conn->hash->size) {
        return false;
    }
    len = length_field(t, *chain);
    if (len > chain->len || chain->len - len > pad) {
        return false;
    }
    chain->len = len;
    return true;
}

SpdmStatus spdm_check_new_chain(const SpdmTxn *t, uint32_t asym, size_t pad,
                                SpdmBytes *chain)
{
    SpdmChainPolicy policy = {
        .hash = t->conn->hash,
        .leaf_alg = spdm_asym_by_bit(asym),
    };
    SpdmChainReason reason;

    if (!trim(t, pad, chain)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "the certificate chain structure is too short, or "
                         "its Length is not that of the message");
    }
    if (chain->len > SPDM_MAX_CHAIN) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "a slot has room for 65535 bytes");
    }
    reason = spdm_x509_verify_chain(*chain, &policy, NULL);
    return reason == SPDM_CHAIN_OK ? SPDM_STATUS_OK :
        spdm_fail(SPDM_ERROR_UNSPECIFIED, spdm_chain_reason_text(reason));
}

/* DSP0274: OperationFailed says (1.3) that a slot was not erased. */
static SpdmStatus explain(const SpdmTxn *t, const SpdmSetCertificate *ask,
                          SpdmProvisionStatus status)
{
    if (status == SPDM_PROVISION_NO_KEY) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED,
                         "the leaf's key is none of the device's");
    }
    return spdm_fail(!ask->chain.len && t->conn->version >= SPDM_VERSION_13
                     ? SPDM_ERROR_OPERATION_FAILED : SPDM_ERROR_UNSPECIFIED,
                     "the device could not store the change");
}

SpdmStatus spdm_put_chain(SpdmTxn *t, const SpdmSetCertificate *ask)
{
    const SpdmProvider *p = &t->r->provider;
    SpdmSetCertificate full = *ask;
    SpdmProvisionStatus status = SPDM_PROVISION_FAILED;

    full.hash = t->conn->hash->bit;
    full.at_reset = (t->conn->rsp_flags & SPDM_CERT_INSTALL_RESET_CAP) != 0;
    if (p->ops->set_certificate) {
        status = p->ops->set_certificate(p->opaque, &full);
    }
    if (status != SPDM_PROVISION_OK) {
        return explain(t, ask, status);
    }
    return full.at_reset ? spdm_fail(SPDM_ERROR_RESET_REQUIRED,
                                     "the change takes effect at a reset")
                         : SPDM_STATUS_OK;
}

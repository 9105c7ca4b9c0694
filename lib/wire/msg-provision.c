/*
 * GET_CSR, CSR and SET_CERTIFICATE: giving a device an identity.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

void spdm_body_get_csr(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgGetCsr *v = &m->get_csr;
    uint16_t info_len = (uint16_t)v->requester_info.len;
    uint16_t opaque_len = (uint16_t)v->opaque.len;

    spdm_code_u16(c, "RequesterInfoLength", &info_len);
    spdm_code_u16(c, "OpaqueDataLength", &opaque_len);
    spdm_code_bytes(c, "RequesterInfo", &v->requester_info, info_len);
    spdm_code_bytes(c, "OpaqueData", &v->opaque, opaque_len);
}

void spdm_body_csr(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgCsr *v = &m->csr;
    uint16_t len = (uint16_t)v->csr.len;

    spdm_code_u16(c, "CSRLength", &len);
    spdm_code_reserved(c, 2);
    spdm_code_bytes(c, "CSRdata", &v->csr, len);
}

void spdm_body_set_certificate(SpdmCoder *c, SpdmMsg *m)
{
    spdm_code_rest(c, "CertChain", &m->set_certificate.chain);
}

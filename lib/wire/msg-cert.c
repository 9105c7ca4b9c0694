/*
 * DIGESTS, CERTIFICATE and CHALLENGE_AUTH: who the device is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

void spdm_body_digests(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgDigests *v = &m->digests;

    v->count = (unsigned)__builtin_popcount(m->h.param2);
    spdm_code_bytes(c, "Digest", &v->digests,
                    (size_t)v->count * c->ctx->hash_size);
    if (m->h.version >= SPDM_VERSION_13 && c->ctx->multi_key_rsp) {
        spdm_code_bytes(c, "KeyPairID", &v->key_pair_ids, v->count);
        spdm_code_bytes(c, "CertificateInfo", &v->cert_infos, v->count);
        spdm_code_bytes(c, "KeyUsageMask", &v->key_usages,
                        2 * (size_t)v->count);
    }
}

static bool is_large(const SpdmMsg *m)
{
    return m->h.version >= SPDM_VERSION_14 &&
           (m->h.param1 & SPDM_CERT_LARGE_CHAIN);
}

/* Two u16, or (1.4 large form) two zero u16 and then two u32. */
static void length_pair(SpdmCoder *c, const SpdmMsg *m, const char *name_a,
                        uint32_t *a, const char *name_b, uint32_t *b)
{
    uint16_t short_a = (uint16_t)*a;
    uint16_t short_b = (uint16_t)*b;

    if (is_large(m)) {
        spdm_code_reserved(c, 4);
        spdm_code_u32(c, name_a, a);
        spdm_code_u32(c, name_b, b);
        return;
    }
    if (*a > UINT16_MAX || *b > UINT16_MAX) {
        spdm_coder_fail(c);
    }
    spdm_code_u16(c, name_a, &short_a);
    spdm_code_u16(c, name_b, &short_b);
    *a = short_a;
    *b = short_b;
}

void spdm_body_get_certificate(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgGetCertificate *v = &m->get_certificate;

    v->large = is_large(m);
    length_pair(c, m, "Offset", &v->offset, "Length", &v->length);
}

void spdm_body_certificate(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgCertificate *v = &m->certificate;

    v->large = is_large(m);
    length_pair(c, m, "PortionLength", &v->portion_length,
                "RemainderLength", &v->remainder_length);
    spdm_code_bytes(c, "CertChain", &v->portion, v->portion_length);
}

static void requester_context(SpdmCoder *c, SpdmMsg *m, SpdmBytes *v)
{
    if (m->h.version >= SPDM_VERSION_13) {
        spdm_code_bytes(c, "RequesterContext", v, SPDM_CONTEXT_SIZE);
    }
}

void spdm_body_challenge(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgChallenge *v = &m->challenge;

    spdm_code_bytes(c, "Nonce", &v->nonce, SPDM_NONCE_SIZE);
    requester_context(c, m, &v->context);
}

void spdm_body_challenge_auth(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgChallengeAuth *v = &m->challenge_auth;

    spdm_code_bytes(c, "CertChainHash", &v->cert_chain_hash,
                    c->ctx->hash_size);
    spdm_code_bytes(c, "Nonce", &v->nonce, SPDM_NONCE_SIZE);
    if (c->ctx->has_summary) {
        spdm_code_bytes(c, "MeasurementSummaryHash", &v->summary_hash,
                        c->ctx->hash_size);
    }
    spdm_code_sized16(c, "OpaqueDataLength", "OpaqueData", &v->opaque);
    requester_context(c, m, &v->context);
    spdm_code_tail(c, "Signature", &v->signature, c->ctx->sig_size);
}

/*
 * KEY_EXCHANGE, FINISH, PSK_EXCHANGE, PSK_FINISH: how sessions begin.
 * (HEARTBEAT, KEY_UPDATE and END_SESSION are headers only.)
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

void spdm_body_key_exchange(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgKeyExchange *v = &m->key_exchange;

    spdm_code_u16(c, "ReqSessionID", &v->req_session_id);
    spdm_code_u8(c, "SessionPolicy", &v->session_policy);
    spdm_code_reserved(c, 1);
    spdm_code_bytes(c, "RandomData", &v->random, SPDM_NONCE_SIZE);
    spdm_code_bytes(c, "ExchangeData", &v->exchange,
                    c->ctx->req_exchange_size);
    spdm_code_sized16(c, "OpaqueDataLength", "OpaqueData", &v->opaque);
}

void spdm_body_key_exchange_rsp(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgKeyExchangeRsp *v = &m->key_exchange_rsp;

    spdm_code_u16(c, "RspSessionID", &v->rsp_session_id);
    spdm_code_u8(c, "MutAuthRequested", &v->mut_auth_requested);
    spdm_code_u8(c, "SlotIDParam", &v->slot_id_param);
    spdm_code_bytes(c, "RandomData", &v->random, SPDM_NONCE_SIZE);
    spdm_code_bytes(c, "ExchangeData", &v->exchange,
                    c->ctx->rsp_exchange_size);
    if (c->ctx->has_summary) {
        spdm_code_bytes(c, "MeasurementSummaryHash", &v->summary_hash,
                        c->ctx->hash_size);
    }
    spdm_code_sized16(c, "OpaqueDataLength", "OpaqueData", &v->opaque);
    spdm_code_tail(c, "Signature", &v->signature, c->ctx->sig_size);
    if (!c->ctx->in_the_clear) {
        spdm_code_tail(c, "ResponderVerifyData", &v->verify_data,
                       c->ctx->hash_size);
    }
}

/* 1.4 gave all four finishing messages opaque data. */
static void finish_opaque(SpdmCoder *c, SpdmMsg *m)
{
    if (m->h.version >= SPDM_VERSION_14) {
        spdm_code_sized16(c, "OpaqueDataLength", "OpaqueData",
                          &m->finish.opaque);
    }
}

void spdm_body_finish(SpdmCoder *c, SpdmMsg *m)
{
    finish_opaque(c, m);
    if (m->h.param1 & SPDM_FINISH_SIGNATURE) {
        spdm_code_tail(c, "Signature", &m->finish.signature,
                       c->ctx->req_sig_size);
    }
    spdm_code_tail(c, "RequesterVerifyData", &m->finish.verify_data,
                   c->ctx->hash_size);
}

void spdm_body_finish_rsp(SpdmCoder *c, SpdmMsg *m)
{
    finish_opaque(c, m);
    if (c->ctx->in_the_clear) {
        spdm_code_tail(c, "ResponderVerifyData", &m->finish.verify_data,
                       c->ctx->hash_size);
    }
}

void spdm_body_psk_finish(SpdmCoder *c, SpdmMsg *m)
{
    finish_opaque(c, m);
    spdm_code_tail(c, "RequesterVerifyData", &m->finish.verify_data,
                   c->ctx->hash_size);
}

void spdm_body_psk_finish_rsp(SpdmCoder *c, SpdmMsg *m)
{
    finish_opaque(c, m);
}

/* A length that is coded apart from its bytes. */
static void length_of(SpdmCoder *c, const char *name, const SpdmBytes *v,
                      uint16_t *len)
{
    *len = (uint16_t)v->len;
    spdm_code_u16(c, name, len);
}

void spdm_body_psk_exchange(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgPskExchange *v = &m->psk_exchange;
    uint16_t hint_len, context_len, opaque_len;

    spdm_code_u16(c, "ReqSessionID", &v->req_session_id);
    length_of(c, "PSKHintLength", &v->hint, &hint_len);
    length_of(c, "ContextLength", &v->context, &context_len);
    length_of(c, "OpaqueDataLength", &v->opaque, &opaque_len);
    spdm_code_bytes(c, "PSKHint", &v->hint, hint_len);
    spdm_code_bytes(c, "RequesterContext", &v->context, context_len);
    spdm_code_bytes(c, "OpaqueData", &v->opaque, opaque_len);
}

void spdm_body_psk_exchange_rsp(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgPskExchangeRsp *v = &m->psk_exchange_rsp;
    uint16_t context_len, opaque_len;

    spdm_code_u16(c, "RspSessionID", &v->rsp_session_id);
    spdm_code_reserved(c, 2);
    length_of(c, "ContextLength", &v->context, &context_len);
    length_of(c, "OpaqueDataLength", &v->opaque, &opaque_len);
    if (c->ctx->has_summary) {
        spdm_code_bytes(c, "MeasurementSummaryHash", &v->summary_hash,
                        c->ctx->hash_size);
    }
    spdm_code_bytes(c, "ResponderContext", &v->context, context_len);
    spdm_code_bytes(c, "OpaqueData", &v->opaque, opaque_len);
    spdm_code_tail(c, "ResponderVerifyData", &v->verify_data,
                   c->ctx->hash_size);
}

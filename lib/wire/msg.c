/*
 * The table of messages, and decoding and encoding of whole ones.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/fields.h"

#include <string.h>

void spdm_body_none(SpdmCoder *c, SpdmMsg *m)
{
}

/* A row is at its code. */
#define ROW(c, n, f) [c] = { c, n, f }
#define RSP(c, n, f) ROW(SPDM_RESPONSE_OF(c), n, f)

static const SpdmMsgDesc descs[] = {
    ROW(SPDM_GET_VERSION, "GET_VERSION", spdm_body_none),
    RSP(SPDM_GET_VERSION, "VERSION", spdm_body_version),
    ROW(SPDM_GET_CAPABILITIES, "GET_CAPABILITIES",
      spdm_body_get_capabilities),
    RSP(SPDM_GET_CAPABILITIES, "CAPABILITIES", spdm_body_capabilities),
    ROW(SPDM_NEGOTIATE_ALGORITHMS, "NEGOTIATE_ALGORITHMS",
      spdm_body_negotiate_algorithms),
    RSP(SPDM_NEGOTIATE_ALGORITHMS, "ALGORITHMS", spdm_body_algorithms),
    ROW(SPDM_GET_DIGESTS, "GET_DIGESTS", spdm_body_none),
    RSP(SPDM_GET_DIGESTS, "DIGESTS", spdm_body_digests),
    ROW(SPDM_GET_CERTIFICATE, "GET_CERTIFICATE", spdm_body_get_certificate),
    RSP(SPDM_GET_CERTIFICATE, "CERTIFICATE", spdm_body_certificate),
    ROW(SPDM_CHALLENGE, "CHALLENGE", spdm_body_challenge),
    RSP(SPDM_CHALLENGE, "CHALLENGE_AUTH", spdm_body_challenge_auth),
    ROW(SPDM_GET_MEASUREMENTS, "GET_MEASUREMENTS",
      spdm_body_get_measurements),
    RSP(SPDM_GET_MEASUREMENTS, "MEASUREMENTS", spdm_body_measurements),
    ROW(SPDM_KEY_EXCHANGE, "KEY_EXCHANGE", spdm_body_key_exchange),
    RSP(SPDM_KEY_EXCHANGE, "KEY_EXCHANGE_RSP", spdm_body_key_exchange_rsp),
    ROW(SPDM_FINISH, "FINISH", spdm_body_finish),
    RSP(SPDM_FINISH, "FINISH_RSP", spdm_body_finish_rsp),
    ROW(SPDM_PSK_EXCHANGE, "PSK_EXCHANGE", spdm_body_psk_exchange),
    RSP(SPDM_PSK_EXCHANGE, "PSK_EXCHANGE_RSP", spdm_body_psk_exchange_rsp),
    ROW(SPDM_PSK_FINISH, "PSK_FINISH", spdm_body_psk_finish),
    RSP(SPDM_PSK_FINISH, "PSK_FINISH_RSP", spdm_body_psk_finish_rsp),
    ROW(SPDM_HEARTBEAT, "HEARTBEAT", spdm_body_none),
    RSP(SPDM_HEARTBEAT, "HEARTBEAT_ACK", spdm_body_none),
    ROW(SPDM_KEY_UPDATE, "KEY_UPDATE", spdm_body_none),
    RSP(SPDM_KEY_UPDATE, "KEY_UPDATE_ACK", spdm_body_none),
    ROW(SPDM_END_SESSION, "END_SESSION", spdm_body_none),
    RSP(SPDM_END_SESSION, "END_SESSION_ACK", spdm_body_none),
    ROW(SPDM_CHUNK_SEND, "CHUNK_SEND", spdm_body_chunk),
    RSP(SPDM_CHUNK_SEND, "CHUNK_SEND_ACK", spdm_body_chunk_send_ack),
    ROW(SPDM_CHUNK_GET, "CHUNK_GET", spdm_body_chunk_get),
    RSP(SPDM_CHUNK_GET, "CHUNK_RESPONSE", spdm_body_chunk),
    ROW(SPDM_GET_ENCAPSULATED_REQUEST, "GET_ENCAPSULATED_REQUEST",
      spdm_body_none),
    RSP(SPDM_GET_ENCAPSULATED_REQUEST, "ENCAPSULATED_REQUEST",
        spdm_body_encap),
    ROW(SPDM_DELIVER_ENCAPSULATED_RESPONSE, "DELIVER_ENCAPSULATED_RESPONSE",
      spdm_body_encap),
    RSP(SPDM_DELIVER_ENCAPSULATED_RESPONSE, "ENCAPSULATED_RESPONSE_ACK",
        spdm_body_encap_ack),
    ROW(SPDM_GET_CSR, "GET_CSR", spdm_body_get_csr),
    RSP(SPDM_GET_CSR, "CSR", spdm_body_csr),
    ROW(SPDM_SET_CERTIFICATE, "SET_CERTIFICATE", spdm_body_set_certificate),
    RSP(SPDM_SET_CERTIFICATE, "SET_CERTIFICATE_RSP", spdm_body_none),
    ROW(SPDM_GET_MEASUREMENT_EXTENSION_LOG, "GET_MEASUREMENT_EXTENSION_LOG",
      spdm_body_get_mel),
    RSP(SPDM_GET_MEASUREMENT_EXTENSION_LOG, "MEASUREMENT_EXTENSION_LOG",
        spdm_body_mel),
    ROW(SPDM_GET_KEY_PAIR_INFO, "GET_KEY_PAIR_INFO",
      spdm_body_get_key_pair_info),
    RSP(SPDM_GET_KEY_PAIR_INFO, "KEY_PAIR_INFO", spdm_body_key_pair_info),
    ROW(SPDM_SET_KEY_PAIR_INFO, "SET_KEY_PAIR_INFO",
      spdm_body_set_key_pair_info),
    RSP(SPDM_SET_KEY_PAIR_INFO, "SET_KEY_PAIR_INFO_ACK", spdm_body_none),
    ROW(SPDM_GET_ENDPOINT_INFO, "GET_ENDPOINT_INFO",
      spdm_body_get_endpoint_info),
    RSP(SPDM_GET_ENDPOINT_INFO, "ENDPOINT_INFO", spdm_body_endpoint_info),
    ROW(SPDM_GET_SUPPORTED_EVENT_TYPES, "GET_SUPPORTED_EVENT_TYPES",
      spdm_body_none),
    RSP(SPDM_GET_SUPPORTED_EVENT_TYPES, "SUPPORTED_EVENT_TYPES",
        spdm_body_supported_event_types),
    ROW(SPDM_SUBSCRIBE_EVENT_TYPES, "SUBSCRIBE_EVENT_TYPES",
      spdm_body_subscribe_event_types),
    RSP(SPDM_SUBSCRIBE_EVENT_TYPES, "SUBSCRIBE_EVENT_TYPES_ACK",
        spdm_body_none),
    ROW(SPDM_SEND_EVENT, "SEND_EVENT", spdm_body_send_event),
    RSP(SPDM_SEND_EVENT, "EVENT_ACK", spdm_body_none),
    ROW(SPDM_SLOT_MANAGEMENT, "SLOT_MANAGEMENT", spdm_body_slot_management),
    RSP(SPDM_SLOT_MANAGEMENT, "SLOT_MANAGEMENT_RESP",
        spdm_body_slot_management_resp),
    ROW(SPDM_VENDOR_DEFINED_REQUEST, "VENDOR_DEFINED_REQUEST",
      spdm_body_vendor),
    RSP(SPDM_VENDOR_DEFINED_REQUEST, "VENDOR_DEFINED_RESPONSE",
        spdm_body_vendor),
    ROW(SPDM_RESPOND_IF_READY, "RESPOND_IF_READY", spdm_body_none),
    ROW(SPDM_ERROR, "ERROR", spdm_body_error),
};

G_STATIC_ASSERT(G_N_ELEMENTS(descs) == UINT8_MAX + 1);

const SpdmMsgDesc *spdm_msg_desc(uint8_t code)
{
    return descs[code].body ? &descs[code] : NULL;
}

/* Each request is followed by its response. */
const char *spdm_code_name_at(unsigned i)
{
    for (unsigned n = 0; n < G_N_ELEMENTS(descs); n++) {
        unsigned request = 0x80 | n >> 1;
        const SpdmMsgDesc *desc =
            &descs[n & 1 ? SPDM_RESPONSE_OF(request) : request];

        if (desc->body && i-- == 0) {
            return desc->name;
        }
    }
    return NULL;
}

int spdm_code_by_name(const char *name)
{
    for (size_t i = 0; i < G_N_ELEMENTS(descs); i++) {
        if (descs[i].body && !strcmp(descs[i].name, name)) {
            return descs[i].code;
        }
    }
    return -1;
}

bool spdm_msg_decode(const SpdmWireCtx *ctx, SpdmBytes bytes, SpdmMsg *m,
                     size_t *size, const SpdmFieldSink *sink)
{
    SpdmCoder c = spdm_coder_reader(ctx, bytes);
    const SpdmMsgDesc *desc;

    c.sink = sink;
    memset(m, 0, sizeof(*m));
    spdm_code_header(&c, &m->h);
    desc = spdm_msg_desc(m->h.code);
    if (!spdm_coder_ok(&c) || !desc) {
        return false;
    }
    desc->body(&c, m);
    if (size) {
        *size = c.pos;
    }
    return spdm_coder_ok(&c);
}

void spdm_code_message(SpdmCoder *c, const char *name, SpdmBytes *v)
{
    size_t size;
    SpdmMsg inner;

    if (spdm_coder_decoding(c) && c->ctx->embedded && spdm_coder_ok(c) &&
        spdm_msg_decode(c->ctx->embedded,
                        SPDM_BYTES(c->in + c->pos, spdm_coder_left(c)),
                        &inner, &size, NULL)) {
        spdm_code_bytes(c, name, v, size);
    } else {
        spdm_code_rest(c, name, v);
    }
}

bool spdm_msg_encode(const SpdmWireCtx *ctx, SpdmMsg *m, GByteArray *out)
{
    SpdmCoder c = spdm_coder_quick_writer(ctx, out);
    const SpdmMsgDesc *desc = spdm_msg_desc(m->h.code);

    spdm_code_header(&c, &m->h);
    if (desc) {
        desc->body(&c, m);
    }
    if (!desc || !spdm_coder_ok(&c)) {
        c.pos = 0;
    }
    spdm_coder_end(&c);
    return c.pos != 0;
}

/*
 * Messages embedded in the encapsulation flow: roles are swapped.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

enum { REQUEST_PAYLOAD = 4 };

/* The responder's own key: new from its next record on. */
static void update_by_responder(Vec *v, SpdmSession *s, SpdmBytes embedded)
{
    if (!vec_check(v, s != NULL, "KEY_UPDATE outside a session")) {
        return;
    }
    if (embedded.data[VEC_PARAM1] == SPDM_UPDATE_KEY) {
        vec_update(v, s, SPDM_SENDER_RESPONDER);
    } else {
        spdm_session_drop_backup(s, SPDM_SENDER_RESPONDER);
    }
}

/* The responder's embedded request, in ENCAPSULATED_REQUEST or an ACK. */
static void embedded_request(Vec *v, const VecExchange *x, SpdmBytes embedded)
{
    SpdmWireCtx ctx = vec_ctx(v, true, embedded);
    SpdmMsg m;

    g_byte_array_set_size(v->encap_request, 0);
    vec_put(v->encap_request, embedded);
    if (embedded.len < SPDM_HEADER_SIZE) {
        return;
    }
    vec_codec(v, &ctx, embedded, &m);
    if (embedded.data[VEC_CODE] == SPDM_GET_DIGESTS) {
        g_byte_array_set_size(v->mut_b, 0);
    } else if (embedded.data[VEC_CODE] == SPDM_KEY_UPDATE) {
        update_by_responder(v, x->s, embedded);
    }
}

void vec_encapsulated_request(Vec *v, const VecExchange *x)
{
    embedded_request(v, x,
                     SPDM_BYTES(x->rsp.data + REQUEST_PAYLOAD,
                                x->rsp.len - REQUEST_PAYLOAD));
}

/* spec/06: byte 4 up to 1.1, byte 8 from 1.2 on; Param2 1 says there is one. */
void vec_encapsulated_ack(Vec *v, const VecExchange *x)
{
    size_t at = v->conn.version < SPDM_VERSION_12 ? 4 : 8;
    bool more = x->rsp.data[VEC_PARAM2] == 1 && x->rsp.len > at;

    embedded_request(v, x, more ? SPDM_BYTES(x->rsp.data + at,
                                             x->rsp.len - at)
                                : SPDM_BYTES(NULL, 0));
}

/* M1m = [A from 1.2 on], mB, mC. */
static void embedded_challenge_auth(Vec *v, SpdmBytes req, SpdmBytes rsp)
{
    VecSignature sig = {
        .signer = SPDM_SENDER_REQUESTER,
        .operation = "CHALLENGE_AUTH",
        .transcript = "MUT_M1M2",
        .context = SPDM_CONTEXT_REQ_CHALLENGE_AUTH,
        .slot = req.data[VEC_PARAM1],
        .signature = SPDM_BYTES(rsp.data + rsp.len - v->req_sig_size,
                                v->req_sig_size),
        .offset = rsp.len - v->req_sig_size,
    };
    const SpdmTranscript mut_b = { .bytes = v->mut_b };
    g_autoptr(GByteArray) c = g_byte_array_new();
    g_autoptr(GByteArray) m1 = g_byte_array_new();

    vec_put(c, req);
    vec_put(c, vec_without_tail(rsp, v->req_sig_size));
    vec_check(v, spdm_conn_mut_m1(&v->conn, &mut_b, vec_view(c), m1),
              "M1/M2 of the requester");
    vec_signature(v, &sig, vec_view(m1));
}

static void embedded_digests(Vec *v, SpdmSession *s, SpdmBytes rsp)
{
    if (!s && v->conn.clear_session) {
        s = spdm_conn_session(&v->conn, v->conn.clear_session);
    }
    if (s && v->conn.multi_key_req &&
        spdm_transcript_view(&s->ed).len == 0) {
        spdm_transcript_append(&s->ed, rsp);
    }
}

void vec_embedded_response(Vec *v, SpdmSession *s, SpdmBytes rsp)
{
    SpdmBytes req = vec_view(v->encap_request);
    SpdmWireCtx ctx = vec_ctx(v, true, req);
    SpdmMsg m;

    vec_codec(v, &ctx, rsp, &m);
    if (v->failed) {
        return;
    }
    switch (rsp.data[VEC_CODE]) {
    case SPDM_RESPONSE_OF(SPDM_GET_DIGESTS):
        embedded_digests(v, s, rsp);
        vec_put(v->mut_b, req);
        vec_put(v->mut_b, rsp);
        break;
    case SPDM_RESPONSE_OF(SPDM_GET_CERTIFICATE):
        vec_take_portion(v, SPDM_SENDER_REQUESTER, req, &m);
        vec_put(v->mut_b, req);
        vec_put(v->mut_b, rsp);
        break;
    case SPDM_RESPONSE_OF(SPDM_CHALLENGE):
        embedded_challenge_auth(v, req, rsp);
        break;
    case SPDM_RESPONSE_OF(SPDM_GET_ENDPOINT_INFO):
        vec_endpoint_info(v, SPDM_SENDER_REQUESTER, req, rsp, s ? s->id : 0);
        break;
    default:
        break;
    }
}


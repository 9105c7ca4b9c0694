/*
 * Recorded messages that make a session, step by step as an end would do it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include <string.h>

#include "core/opaque.h"

static void append(SpdmTranscript *t, SpdmBytes message, size_t begin,
                   size_t end)
{
    spdm_transcript_append(t, SPDM_BYTES(message.data + begin, end - begin));
}

static void take_th(Vec *v, const SpdmSession *s, uint8_t *th)
{
    static const SpdmBytes nothing;

    vec_check(v, spdm_conn_th(&v->conn, s, nothing, th), "TH overflown");
}

static SpdmSession *open_session(Vec *v, SpdmSessionType type,
                                 uint16_t req_id, uint16_t rsp_id)
{
    SpdmSession *s = spdm_conn_free_session(&v->conn, SPDM_MAX_SESSIONS);

    if (!vec_check(v, s && v->sessions < VEC_MAX_SESSIONS,
                   "too many sessions")) {
        return NULL;
    }
    s->phase = SPDM_SESSION_HANDSHAKE;
    s->type = type;
    s->id = (uint32_t)rsp_id << 16 | req_id;
    s->version = v->conn.version;
    s->hash = v->conn.hash;
    s->aead = v->conn.aead;
    s->mac_only = !spdm_conn_both(&v->conn, SPDM_ENCRYPT_CAP);
    spdm_transcript_copy(&s->d, &v->conn.d);
    v->session[v->sessions++] = (VecSession){ .id = s->id };
    return s;
}

/* Both opaque fields mean what the file says, and are written alike by us. */
static void check_opaque(Vec *v, SpdmSession *s, SpdmBytes req, SpdmBytes rsp)
{
    g_autoptr(GByteArray) supported = g_byte_array_new();
    g_autoptr(GByteArray) selected = g_byte_array_new();
    uint8_t version = v->conn.version;
    SpdmOpaque asked, told;

    if (!vec_check(v, spdm_opaque_parse(version, req, &asked) &&
                      asked.version_count && !asked.has_selected,
                   "opaque data of the request") ||
        !vec_check(v, spdm_opaque_parse(version, rsp, &told) &&
                      told.has_selected && !told.version_count,
                   "opaque data of the response")) {
        return;
    }
    s->secured_version = told.selected;
    vec_check(v, spdm_opaque_choose(&asked, told.selected, told.selected) ==
                 told.selected, "selected version was not offered");
    spdm_opaque_encode_supported(version, asked.versions,
                                 asked.version_count, supported);
    spdm_opaque_encode_selected(version, told.selected, selected);
    if (!asked.foreign && !asked.has_aead_limit) {
        vec_same(v, "supported versions", vec_view(supported), req);
    }
    if (!told.foreign && !told.has_aead_limit) {
        vec_same(v, "selected version", vec_view(selected), rsp);
    }
    s->aead_deficit = SPDM_AEAD_LIMIT_MAX -
        spdm_opaque_limit(&told, spdm_opaque_limit(&asked,
                                                   SPDM_AEAD_LIMIT_MAX));
}

/* The pair of messages that we are at. */
static void check_numbers(Vec *v, const SpdmSession *s, const char *request,
                          const char *response)
{
    g_autofree char *group = vec_session_group(v, s->id);

    vec_check(v, vec_int(v, group, request) == v->request_at.number,
              request);
    vec_check(v, vec_int(v, group, response) == v->at.number, response);
}

/* What the [session] group says about it. */
static void check_session(Vec *v, const char *group, const SpdmSession *s)
{
    bool sigma = s->type == SPDM_SESSION_SIGMA;
    uint32_t id_le = GUINT32_TO_LE(s->id);
    g_autofree char *type = vec_text(v, group, "type");
    g_autofree char *protection = vec_text(v, group, "protection");
    g_autofree char *secured = vec_text(v, group, "secured_message_version");
    g_autofree char *ours = g_strdup_printf(
        "%u.%u", s->secured_version >> 12, s->secured_version >> 8 & 0xfu);

    vec_same_hex(v, group, "session_id", SPDM_BYTES(&id_le, sizeof(id_le)));
    vec_check(v, strcmp(type, sigma ? "DHE" : "PSK") == 0, "session type");
    vec_check(v, strcmp(protection, s->mac_only ? "MAC_ONLY" : "ENC_MAC")
                 == 0, "protection");
    vec_check(v, strcmp(secured, ours) == 0, "secured message version");
    check_numbers(v, s, "key_exchange_message", "key_exchange_rsp_message");
    if (sigma) {
        vec_check(v, vec_int(v, group, "responder_slot") == s->slot,
                  "responder_slot");
        vec_check(v, vec_int(v, group, "mut_auth_requested") ==
                     s->mut_auth_requested, "mut_auth_requested");
    }
}

/* TH1 is there: secrets of the handshake. */
static void derive_handshake(Vec *v, const char *group, SpdmSession *s,
                             SpdmBytes ikm)
{
    uint8_t th1[SPDM_MAX_HASH];

    take_th(v, s, th1);
    vec_same_hex(v, group, "th1_hash", SPDM_BYTES(th1, s->hash->size));
    spdm_session_derive_handshake(s, ikm, th1);
    vec_handshake_keys(v, group, s);
}

/* TH2 is there: on to the data keys. */
static void establish(Vec *v, SpdmSession *s)
{
    g_autofree char *group = vec_session_group(v, s->id);
    uint8_t th2[SPDM_MAX_HASH];

    take_th(v, s, th2);
    vec_same_hex(v, group, "th2_hash", SPDM_BYTES(th2, s->hash->size));
    spdm_session_derive_data(s, th2);
    s->phase = SPDM_SESSION_ESTABLISHED;
    if (v->conn.clear_session == s->id) {
        v->conn.clear_session = 0;
    }
    vec_data_keys(v, s, SPDM_SENDER_REQUESTER);
    vec_data_keys(v, s, SPDM_SENDER_RESPONDER);
    vec_same_hex(v, group, "export_master_secret",
                 vec_secret(&s->export_master));
}

/* HMAC over what K and F hold now; then it belongs to them too. */
static void verify_data(Vec *v, SpdmSession *s, SpdmSender by,
                        SpdmTranscript *t, SpdmBytes message,
                        SpdmBytes value)
{
    uint8_t th[SPDM_MAX_HASH];

    take_th(v, s, th);
    vec_hmac(v, s, by, th, value, (size_t)(value.data - message.data));
    spdm_transcript_append(t, value);
}

/* Signature over what K and F hold now; then it belongs to them too. */
static void signature(Vec *v, SpdmSession *s, VecSignature sig,
                      SpdmTranscript *t, SpdmBytes message)
{
    g_autoptr(GByteArray) th = g_byte_array_new();

    vec_check(v, spdm_conn_th_bytes(&v->conn, s, th), "TH overflown");
    sig.transcript = "TH";
    sig.session = s->id;
    sig.offset = (size_t)(sig.signature.data - message.data);
    vec_signature(v, &sig, vec_view(th));
    spdm_transcript_append(t, sig.signature);
}

static void finish_key_exchange(Vec *v, SpdmSession *s, SpdmBytes rsp,
                                SpdmMsgKeyExchangeRsp *m, SpdmBytes secret)
{
    g_autofree char *group = vec_session_group(v, s->id);
    VecSignature sig = {
        .signer = SPDM_SENDER_RESPONDER,
        .operation = "KEY_EXCHANGE_RSP",
        .context = SPDM_CONTEXT_KEY_EXCHANGE_RSP,
        .slot = s->slot,
        .signature = m->signature,
    };

    signature(v, s, sig, &s->k, rsp);
    derive_handshake(v, group, s, secret);
    if (s->in_the_clear) {
        v->conn.clear_session = s->id;
    } else {
        verify_data(v, s, SPDM_SENDER_RESPONDER, &s->k, rsp,
                    m->verify_data);
    }
}

void vec_key_exchange(Vec *v, SpdmBytes req, SpdmBytes rsp, SpdmMsg *m)
{
    SpdmWireCtx ctx = vec_ctx(v, false, req);
    SpdmMsgKeyExchangeRsp *a = &m->key_exchange_rsp;
    g_autoptr(GByteArray) secret = g_byte_array_new();
    g_autofree char *group = NULL;
    SpdmSession *s;
    SpdmMsg q;

    spdm_msg_decode(&ctx, req, &q, NULL, NULL);
    s = open_session(v, SPDM_SESSION_SIGMA, q.key_exchange.req_session_id,
                     a->rsp_session_id);
    if (!s) {
        return;
    }
    group = vec_session_group(v, s->id);
    s->slot = q.h.param2;
    s->mut_auth_requested = a->mut_auth_requested;
    s->in_the_clear = ctx.in_the_clear;
    vec_identity_hash(v, SPDM_SENDER_RESPONDER, s->slot, s->ct_hash);
    check_opaque(v, s, q.key_exchange.opaque, a->opaque);
    check_session(v, group, s);
    vec_dhe(v, group, q.key_exchange.exchange, a->exchange, secret);
    append(&s->k, req, 0, req.len);
    append(&s->k, rsp, 0, (size_t)(a->signature.data - rsp.data));
    finish_key_exchange(v, s, rsp, a, vec_view(secret));
}

void vec_psk_exchange(Vec *v, SpdmBytes req, SpdmBytes rsp, SpdmMsg *m)
{
    SpdmWireCtx ctx = vec_ctx(v, false, req);
    SpdmMsgPskExchangeRsp *a = &m->psk_exchange_rsp;
    g_autoptr(GByteArray) psk = NULL;
    g_autofree char *group = NULL;
    SpdmSession *s;
    SpdmMsg q;

    spdm_msg_decode(&ctx, req, &q, NULL, NULL);
    s = open_session(v, SPDM_SESSION_PSK, q.psk_exchange.req_session_id,
                     a->rsp_session_id);
    if (!s) {
        return;
    }
    group = vec_session_group(v, s->id);
    psk = vec_hex(v, group, "psk");
    vec_same_hex(v, group, "psk_hint", q.psk_exchange.hint);
    check_opaque(v, s, q.psk_exchange.opaque, a->opaque);
    check_session(v, group, s);
    append(&s->k, req, 0, req.len);
    append(&s->k, rsp, 0, (size_t)(a->verify_data.data - rsp.data));
    derive_handshake(v, group, s, vec_view(psk));
    verify_data(v, s, SPDM_SENDER_RESPONDER, &s->k, rsp, a->verify_data);
    if (!spdm_conn_psk_finish(&v->conn)) {
        establish(v, s);
    }
}

/* spec/04 section 4: Cm is there when mutual authentication was asked for. */
static void take_cm(Vec *v, SpdmSession *s, unsigned slot)
{
    g_autofree char *group = vec_session_group(v, s->id);

    if (s->mut_auth_requested) {
        s->has_cm = true;
        vec_identity_hash(v, SPDM_SENDER_REQUESTER, slot, s->cm_hash);
        vec_check(v, vec_int(v, group, "requester_slot") == slot,
                  "requester_slot");
    }
}

void vec_finish(Vec *v, SpdmSession *s, SpdmBytes req, SpdmBytes rsp,
                SpdmMsg *m)
{
    SpdmWireCtx ctx = vec_ctx(v, false, req);
    VecSignature sig = {
        .signer = SPDM_SENDER_REQUESTER,
        .operation = "FINISH",
        .context = SPDM_CONTEXT_FINISH,
    };
    VecPlace at = v->at;
    SpdmBytes tail;
    SpdmMsg q;

    spdm_msg_decode(&ctx, req, &q, NULL, NULL);
    check_numbers(v, s, "finish_message", "finish_rsp_message");
    vec_check(v, ((q.h.param1 & SPDM_FINISH_SIGNATURE) != 0) ==
                 (s->mut_auth_requested != 0), "FINISH signature flag");
    take_cm(v, s, q.h.param2);
    tail = q.finish.signature.len ? q.finish.signature
                                  : q.finish.verify_data;
    append(&s->f, req, 0, (size_t)(tail.data - req.data));
    v->at = v->request_at;
    if (q.finish.signature.len) {
        sig.slot = q.h.param2;
        sig.signature = q.finish.signature;
        signature(v, s, sig, &s->f, req);
    }
    verify_data(v, s, SPDM_SENDER_REQUESTER, &s->f, req,
                q.finish.verify_data);
    v->at = at;
    append(&s->f, rsp, 0, rsp.len - m->finish.verify_data.len);
    if (s->in_the_clear) {
        verify_data(v, s, SPDM_SENDER_RESPONDER, &s->f, rsp,
                    m->finish.verify_data);
    }
    establish(v, s);
}

void vec_psk_finish(Vec *v, SpdmSession *s, SpdmBytes req, SpdmBytes rsp,
                    SpdmMsg *m)
{
    SpdmWireCtx ctx = vec_ctx(v, false, req);
    VecPlace at = v->at;
    SpdmMsg q;

    spdm_msg_decode(&ctx, req, &q, NULL, NULL);
    check_numbers(v, s, "finish_message", "finish_rsp_message");
    append(&s->f, req, 0, (size_t)(q.finish.verify_data.data - req.data));
    v->at = v->request_at;
    verify_data(v, s, SPDM_SENDER_REQUESTER, &s->f, req,
                q.finish.verify_data);
    v->at = at;
    append(&s->f, rsp, 0, rsp.len);
    establish(v, s);
}

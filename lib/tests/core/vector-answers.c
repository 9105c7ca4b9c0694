/*
 * Recorded responses: what each does to the connection.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include "crypto/x509.h"

#include <string.h>

enum {
    MEAS_SLOT_OFFSET = 36,
    EP_INFO_ATTRIBUTES = 4,
    EP_INFO_SIGNATURE = 1,
};

static void advance(Vec *v, SpdmConnState state)
{
    v->conn.state = MAX(v->conn.state, state);
}

static void append_pair(SpdmTranscript *t, const VecExchange *x)
{
    spdm_transcript_append(t, x->req);
    spdm_transcript_append(t, x->rsp);
}

static void on_version(Vec *v, const VecExchange *x)
{
    append_pair(&v->conn.a, x);
    v->conn.state = SPDM_CONN_AFTER_VERSION;
}

static void take_sizes(SpdmConn *conn, const SpdmMsgCapabilities *req,
                       const SpdmMsgCapabilities *rsp)
{
    if (conn->version >= SPDM_VERSION_12) {
        conn->req_data_transfer_size = req->data_transfer_size;
        conn->req_max_msg_size = req->max_msg_size;
        conn->rsp_data_transfer_size = rsp->data_transfer_size;
        conn->rsp_max_msg_size = rsp->max_msg_size;
    }
}

static void on_capabilities(Vec *v, const VecExchange *x)
{
    SpdmWireCtx ctx = vec_ctx(v, false, x->req);
    g_autofree char *version = vec_text(v, "connection", "spdm_version");
    SpdmConn *conn = &v->conn;
    SpdmMsg q;

    spdm_msg_decode(&ctx, x->req, &q, NULL, NULL);
    append_pair(&conn->a, x);
    conn->version = x->m->h.version;
    vec_check(v, strcmp(spdm_version_name(conn->version), version) == 0,
              "SPDM version");
    vec_check(v, q.capabilities.flags ==
                 vec_int(v, "connection", "requester_capabilities"),
              "requester capabilities");
    vec_check(v, x->m->capabilities.flags ==
                 vec_int(v, "connection", "responder_capabilities"),
              "responder capabilities");
    conn->req_flags = q.capabilities.flags &
                      spdm_request_flags_mask(conn->version);
    conn->rsp_flags = x->m->capabilities.flags &
                      spdm_response_flags_mask(conn->version);
    vec_check(v, spdm_conn_both(conn, SPDM_HANDSHAKE_IN_THE_CLEAR_CAP) ==
                 g_key_file_get_boolean(v->file, "connection",
                                        "handshake_in_the_clear", NULL),
              "handshake in the clear");
    take_sizes(conn, &q.capabilities, &x->m->capabilities);
    conn->state = SPDM_CONN_AFTER_CAPABILITIES;
}

static uint16_t selected(const SpdmMsgAlgorithms *a, uint8_t type)
{
    for (unsigned i = 0; i < a->table_count; i++) {
        if (a->tables[i].type == type) {
            return a->tables[i].supported;
        }
    }
    return 0;
}

/* Names in the file are those of the algorithms that the bits select. */
static void check_names(Vec *v)
{
    const SpdmConn *c = &v->conn;

    if (c->hash) {
        vec_same_name(v, "base_hash", c->hash->name);
        vec_check(v, c->hash->size ==
                     vec_int(v, "connection", "base_hash_size"),
                  "base_hash_size");
    }
    if (c->asym) {
        vec_same_name(v, "base_asym", c->asym->name);
        vec_check(v, c->asym->sig_size == v->sig_size, "signature size");
    }
    if (c->req_asym) {
        vec_same_name(v, "requester_asym", c->req_asym->name);
        vec_check(v, c->req_asym->sig_size == v->req_sig_size,
                  "requester_signature_size");
    }
    if (c->dhe) {
        vec_same_name(v, "dhe", c->dhe->name);
    }
    if (c->aead) {
        vec_same_name(v, "aead", c->aead->name);
    }
}

/* DSP0274 1.3: each side's bit decides for the other. */
static void take_multi_key(Vec *v, const SpdmMsg *q, const SpdmMsg *m)
{
    SpdmConn *c = &v->conn;

    if (c->version >= SPDM_VERSION_13) {
        c->multi_key_rsp =
            (q->algorithms.other_params & SPDM_OTHER_PARAMS_MULTI_KEY) != 0;
        c->multi_key_req =
            (m->algorithms.other_params & SPDM_OTHER_PARAMS_MULTI_KEY) != 0;
    }
    vec_check(v, c->multi_key_rsp ==
                 g_key_file_get_boolean(v->file, "connection",
                                        "multi_key_responder", NULL),
              "responder multi-key");
    vec_check(v, c->multi_key_req ==
                 g_key_file_get_boolean(v->file, "connection",
                                        "multi_key_requester", NULL),
              "requester multi-key");
}

static void on_algorithms(Vec *v, const VecExchange *x)
{
    SpdmWireCtx ctx = vec_ctx(v, false, x->req);
    const SpdmMsgAlgorithms *a = &x->m->algorithms;
    SpdmConn *c = &v->conn;
    SpdmMsg q;

    spdm_msg_decode(&ctx, x->req, &q, NULL, NULL);
    append_pair(&c->a, x);
    c->hash = spdm_hash_by_bit(a->base_hash);
    c->asym = spdm_asym_by_bit(a->base_asym);
    c->req_asym = spdm_asym_by_bit(selected(a, SPDM_ALG_TYPE_REQ_ASYM));
    c->dhe = spdm_dhe_by_bit(selected(a, SPDM_ALG_TYPE_DHE));
    c->aead = spdm_aead_by_bit(selected(a, SPDM_ALG_TYPE_AEAD));
    c->key_schedule = selected(a, SPDM_ALG_TYPE_KEY_SCHEDULE);
    c->meas_spec = a->measurement_spec;
    c->meas_hash = a->measurement_hash;
    c->other_params = a->other_params;
    check_names(v);
    vec_check(v, c->meas_spec ==
                 vec_int(v, "connection", "measurement_specification"),
              "measurement_specification");
    vec_check(v, a->mel_spec == vec_int(v, "connection", "mel_specification"),
              "mel_specification");
    vec_check(v, c->key_schedule == vec_int(v, "connection", "key_schedule"),
              "key schedule");
    vec_check(v, c->other_params == vec_int(v, "connection", "other_params"),
              "other params");
    take_multi_key(v, &q, x->m);
    c->state = SPDM_CONN_NEGOTIATED;
}

static void on_digests(Vec *v, const VecExchange *x)
{
    spdm_conn_note_digests(&v->conn, x->rsp);
    if (!x->s) {
        append_pair(&v->conn.b, x);
        advance(v, SPDM_CONN_AFTER_DIGESTS);
    }
}

/* A portion of a chain; the first one starts it anew. */
void vec_take_portion(Vec *v, SpdmSender who, SpdmBytes req,
                         const SpdmMsg *m)
{
    SpdmWireCtx ctx = vec_ctx(v, who == SPDM_SENDER_REQUESTER, req);
    GByteArray **chain;
    SpdmMsg q;

    if (!spdm_msg_decode(&ctx, req, &q, NULL, NULL)) {
        vec_check(v, false, "CERTIFICATE without its request");
        return;
    }
    if (m->certificate.portion.len == 0) {
        return; /* the size of a slot was asked for (1.3) */
    }
    chain = &v->chain[who][(q.h.param1 & VEC_SLOT_MASK) % VEC_SLOTS];
    if (q.get_certificate.offset == 0) {
        g_clear_pointer(chain, g_byte_array_unref);
        *chain = g_byte_array_new();
    }
    if (*chain && (*chain)->len == q.get_certificate.offset) {
        vec_put(*chain, m->certificate.portion);
    }
}

static void on_certificate(Vec *v, const VecExchange *x)
{
    vec_take_portion(v, SPDM_SENDER_RESPONDER, x->req, x->m);
    if (!x->s) {
        append_pair(&v->conn.b, x);
        advance(v, SPDM_CONN_AFTER_CERTIFICATE);
    }
}

static void on_challenge_auth(Vec *v, const VecExchange *x)
{
    VecSignature sig = {
        .signer = SPDM_SENDER_RESPONDER,
        .operation = "CHALLENGE_AUTH",
        .transcript = "M1M2",
        .context = SPDM_CONTEXT_CHALLENGE_AUTH,
        .slot = x->req.data[VEC_PARAM1],
        .signature = x->m->challenge_auth.signature,
        .offset = x->rsp.len - v->sig_size,
    };
    g_autoptr(GByteArray) c = g_byte_array_new();
    g_autoptr(GByteArray) m1 = g_byte_array_new();

    vec_put(c, x->req);
    vec_put(c, vec_without_tail(x->rsp, v->sig_size));
    vec_check(v, spdm_conn_m1(&v->conn, vec_view(c), m1), "M1 overflown");
    vec_signature(v, &sig, vec_view(m1));
    spdm_transcript_reset(&v->conn.b);
    v->conn.state = SPDM_CONN_AUTHENTICATED;
}

/* Slot of a signed GET_MEASUREMENTS; 1.0 has slot 0 only. */
static unsigned measurement_slot(SpdmBytes req)
{
    unsigned slot = req.len > MEAS_SLOT_OFFSET
                    ? req.data[MEAS_SLOT_OFFSET] & VEC_SLOT_MASK : 0;

    return slot == VEC_SLOT_MASK ? SPDM_SLOT_PUBLIC_KEY : slot;
}

static void on_measurements(Vec *v, const VecExchange *x)
{
    bool is_signed = x->req.data[VEC_PARAM1] & SPDM_MEAS_REQ_SIGNATURE;
    size_t tail = is_signed ? v->sig_size : 0;
    SpdmTranscript *l1 = spdm_conn_l1(&v->conn, x->s);
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    VecSignature sig = {
        .signer = SPDM_SENDER_RESPONDER,
        .operation = "MEASUREMENTS",
        .transcript = "L1L2",
        .context = SPDM_CONTEXT_MEASUREMENTS,
        .slot = measurement_slot(x->req),
        .session = x->s ? x->s->id : 0,
        .signature = x->m->measurements.signature,
        .offset = x->rsp.len - tail,
    };

    spdm_transcript_append(l1, x->req);
    spdm_transcript_append(l1, vec_without_tail(x->rsp, tail));
    if (is_signed) {
        vec_check(v, spdm_conn_l1_bytes(&v->conn, x->s, bytes),
                  "L1 overflown");
        vec_signature(v, &sig, vec_view(bytes));
        spdm_transcript_reset(l1);
    }
}

static void on_key_exchange(Vec *v, const VecExchange *x)
{
    vec_key_exchange(v, x->req, x->rsp, x->m);
}

static void on_psk_exchange(Vec *v, const VecExchange *x)
{
    vec_psk_exchange(v, x->req, x->rsp, x->m);
}

/* With the handshake in the clear, "the latest session" is meant. */
static SpdmSession *handshake_session(Vec *v, const VecExchange *x)
{
    SpdmSession *s = x->s ? x->s : spdm_conn_session(&v->conn,
                                                     v->conn.clear_session);

    return vec_check(v, s && s->phase == SPDM_SESSION_HANDSHAKE,
                     "no session is in its handshake") ? s : NULL;
}

static void on_finish(Vec *v, const VecExchange *x)
{
    SpdmSession *s = handshake_session(v, x);

    if (s) {
        vec_finish(v, s, x->req, x->rsp, x->m);
    }
}

static void on_psk_finish(Vec *v, const VecExchange *x)
{
    SpdmSession *s = handshake_session(v, x);

    if (s) {
        vec_psk_finish(v, s, x->req, x->rsp, x->m);
    }
}

static void on_end_session(Vec *v, const VecExchange *x)
{
    if (vec_check(v, x->s != NULL, "END_SESSION outside a session")) {
        spdm_conn_end_session(&v->conn, x->s);
    }
}

/* IL1/IL2: made here, since the library has no ENDPOINT_INFO. */
void vec_endpoint_info(Vec *v, SpdmSender who, SpdmBytes req,
                          SpdmBytes rsp, uint32_t session)
{
    bool rsp_signs = who == SPDM_SENDER_RESPONDER;
    size_t tail = rsp_signs ? v->sig_size : v->req_sig_size;
    g_autoptr(GByteArray) pair = g_byte_array_new();
    g_autoptr(GByteArray) il1 = g_byte_array_new();
    VecSignature sig = {
        .signer = who,
        .operation = "ENDPOINT_INFO",
        .transcript = rsp_signs ? "IL1IL2" : "MUT_IL1IL2",
        .context = rsp_signs ? SPDM_CONTEXT_ENDPOINT_INFO
                             : SPDM_CONTEXT_REQ_ENDPOINT_INFO,
        .session = session,
    };

    if (req.len <= EP_INFO_ATTRIBUTES ||
        !(req.data[EP_INFO_ATTRIBUTES] & EP_INFO_SIGNATURE)) {
        return;
    }
    sig.slot = req.data[VEC_PARAM2] & VEC_SLOT_MASK;
    sig.slot = sig.slot == VEC_SLOT_MASK ? SPDM_SLOT_PUBLIC_KEY : sig.slot;
    sig.offset = rsp.len - tail;
    sig.signature = SPDM_BYTES(rsp.data + sig.offset, tail);
    vec_put(pair, req);
    vec_put(pair, vec_without_tail(rsp, tail));
    vec_check(v, spdm_conn_il1(&v->conn, vec_view(pair), il1), "IL1/IL2");
    vec_signature(v, &sig, vec_view(il1));
}

static void on_endpoint_info(Vec *v, const VecExchange *x)
{
    vec_endpoint_info(v, SPDM_SENDER_RESPONDER, x->req, x->rsp,
                  x->s ? x->s->id : 0);
}

/* What a CSR proves is that its own key signed it. */
static void on_csr(Vec *v, const VecExchange *x)
{
    g_autoptr(SpdmPublicKey) key = spdm_csr_key(x->m->csr.csr, NULL);

    vec_check(v, key != NULL, "a CSR's own signature");
}

static const struct {
    uint8_t request;
    void (*answered)(Vec *v, const VecExchange *x);
} rows[] = {
    { SPDM_GET_VERSION, on_version },
    { SPDM_GET_CAPABILITIES, on_capabilities },
    { SPDM_NEGOTIATE_ALGORITHMS, on_algorithms },
    { SPDM_GET_DIGESTS, on_digests },
    { SPDM_GET_CERTIFICATE, on_certificate },
    { SPDM_CHALLENGE, on_challenge_auth },
    { SPDM_GET_MEASUREMENTS, on_measurements },
    { SPDM_KEY_EXCHANGE, on_key_exchange },
    { SPDM_FINISH, on_finish },
    { SPDM_PSK_EXCHANGE, on_psk_exchange },
    { SPDM_PSK_FINISH, on_psk_finish },
    { SPDM_END_SESSION, on_end_session },
    { SPDM_GET_ENDPOINT_INFO, on_endpoint_info },
    { SPDM_GET_CSR, on_csr },
    { SPDM_GET_ENCAPSULATED_REQUEST, vec_encapsulated_request },
    { SPDM_DELIVER_ENCAPSULATED_RESPONSE, vec_encapsulated_ack },
};

void vec_answered(Vec *v, const VecExchange *x)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].request == x->req.data[VEC_CODE]) {
            rows[i].answered(v, x);
        }
    }
}

/*
 * The recorded messages in their order, as both ends see them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include <string.h>

#define CONTEXT_ENDPOINT_INFO "responder-endpoint_info signing"
#define CONTEXT_REQ_ENDPOINT_INFO "requester-endpoint_info signing"
#define CONTEXT_REQ_CHALLENGE_AUTH "requester-challenge_auth signing"

enum {
    CODE = 1,
    PARAM1 = 2,
    PARAM2 = 3,
    ENCAP_REQUEST_PAYLOAD = 4,
    LAST_CHUNK = 1,
    SLOT_MASK = 0x0f,
    MEAS_SLOT_OFFSET = 36,
    EP_INFO_ATTRIBUTES = 4,
    EP_INFO_SIGNATURE = 1,
};

/* spec/04: whether the request asks for something that moves fields. */
static bool wants_summary(SpdmBytes request)
{
    switch (request.len >= SPDM_HEADER_SIZE ? request.data[CODE] : 0) {
    case SPDM_CHALLENGE:
        return request.data[PARAM2] != 0;
    case SPDM_KEY_EXCHANGE:
    case SPDM_PSK_EXCHANGE:
        return request.data[PARAM1] != 0;
    default:
        return false;
    }
}

SpdmWireCtx vec_ctx(Vec *v, bool swapped, SpdmBytes request)
{
    SpdmWireCtx ctx = spdm_conn_wire_ctx(&v->conn);

    ctx.sig_size = swapped ? v->req_sig_size : v->sig_size;
    ctx.req_sig_size = v->req_sig_size;
    if (swapped) {
        ctx.multi_key_rsp = v->conn.multi_key_req;
    }
    ctx.has_summary = wants_summary(request);
    ctx.has_signature = request.len >= SPDM_HEADER_SIZE &&
        request.data[CODE] == SPDM_GET_MEASUREMENTS &&
        (request.data[PARAM1] & SPDM_MEAS_REQ_SIGNATURE);
    return ctx;
}

static void put(GByteArray *out, SpdmBytes bytes)
{
    if (bytes.len) {
        g_byte_array_append(out, bytes.data, (guint)bytes.len);
    }
}

static void set(GByteArray *out, SpdmBytes bytes)
{
    g_byte_array_set_size(out, 0);
    put(out, bytes);
}

static SpdmBytes without_tail(SpdmBytes bytes, size_t tail)
{
    return SPDM_BYTES(bytes.data, bytes.len - tail);
}

static void advance(Vec *v, SpdmConnState state)
{
    v->conn.state = MAX(v->conn.state, state);
}

/* One exchange outside what the codec and records check already. */
typedef struct Exchange {
    SpdmBytes req;
    SpdmBytes rsp;
    SpdmMsg *m;              /* the response, decoded */
    SpdmSession *s;          /* in which it is, or NULL */
} Exchange;

static void append_pair(SpdmTranscript *t, const Exchange *x)
{
    spdm_transcript_append(t, x->req);
    spdm_transcript_append(t, x->rsp);
}

static void on_version(Vec *v, const Exchange *x)
{
    append_pair(&v->conn.a, x);
    v->conn.state = SPDM_CONN_AFTER_VERSION;
}

static void on_capabilities(Vec *v, const Exchange *x)
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

static void on_algorithms(Vec *v, const Exchange *x)
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

static void on_digests(Vec *v, const Exchange *x)
{
    spdm_conn_note_digests(&v->conn, x->rsp);
    if (!x->s) {
        append_pair(&v->conn.b, x);
        advance(v, SPDM_CONN_AFTER_DIGESTS);
    }
}

/* A portion of a chain; the first one starts it anew. */
static void take_portion(Vec *v, SpdmSender who, SpdmBytes req,
                         const SpdmMsg *m)
{
    SpdmWireCtx ctx = vec_ctx(v, who == SPDM_SENDER_REQUESTER, req);
    GByteArray **chain;
    SpdmMsg q;

    if (!spdm_msg_decode(&ctx, req, &q, NULL, NULL)) {
        vec_check(v, false, "CERTIFICATE without its request");
        return;
    }
    chain = &v->chain[who][(q.h.param1 & SLOT_MASK) % VEC_SLOTS];
    if (q.get_certificate.offset == 0) {
        g_clear_pointer(chain, g_byte_array_unref);
        *chain = g_byte_array_new();
    }
    if (*chain && (*chain)->len == q.get_certificate.offset) {
        put(*chain, m->certificate.portion);
    }
}

static void on_certificate(Vec *v, const Exchange *x)
{
    take_portion(v, SPDM_SENDER_RESPONDER, x->req, x->m);
    if (!x->s) {
        append_pair(&v->conn.b, x);
        advance(v, SPDM_CONN_AFTER_CERTIFICATE);
    }
}

static void on_challenge_auth(Vec *v, const Exchange *x)
{
    VecSignature sig = {
        .signer = SPDM_SENDER_RESPONDER,
        .operation = "CHALLENGE_AUTH",
        .transcript = "M1M2",
        .context = SPDM_CONTEXT_CHALLENGE_AUTH,
        .slot = x->req.data[PARAM1],
        .signature = x->m->challenge_auth.signature,
        .offset = x->rsp.len - v->sig_size,
    };
    g_autoptr(GByteArray) c = g_byte_array_new();
    g_autoptr(GByteArray) m1 = g_byte_array_new();

    put(c, x->req);
    put(c, without_tail(x->rsp, v->sig_size));
    vec_check(v, spdm_conn_m1(&v->conn, vec_view(c), m1), "M1 overflown");
    vec_signature(v, &sig, vec_view(m1));
    spdm_transcript_reset(&v->conn.b);
    v->conn.state = SPDM_CONN_AUTHENTICATED;
}

/* Slot of a signed GET_MEASUREMENTS; 1.0 has slot 0 only. */
static unsigned measurement_slot(SpdmBytes req)
{
    unsigned slot = req.len > MEAS_SLOT_OFFSET
                    ? req.data[MEAS_SLOT_OFFSET] & SLOT_MASK : 0;

    return slot == SLOT_MASK ? SPDM_SLOT_PUBLIC_KEY : slot;
}

static void on_measurements(Vec *v, const Exchange *x)
{
    bool is_signed = x->req.data[PARAM1] & SPDM_MEAS_REQ_SIGNATURE;
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
    spdm_transcript_append(l1, without_tail(x->rsp, tail));
    if (is_signed) {
        vec_check(v, spdm_conn_l1_bytes(&v->conn, x->s, bytes),
                  "L1 overflown");
        vec_signature(v, &sig, vec_view(bytes));
        spdm_transcript_reset(l1);
    }
}

static void on_key_exchange(Vec *v, const Exchange *x)
{
    vec_key_exchange(v, x->req, x->rsp, x->m);
}

static void on_psk_exchange(Vec *v, const Exchange *x)
{
    vec_psk_exchange(v, x->req, x->rsp, x->m);
}

/* With the handshake in the clear, "the latest session" is meant. */
static SpdmSession *handshake_session(Vec *v, const Exchange *x)
{
    SpdmSession *s = x->s ? x->s : spdm_conn_session(&v->conn,
                                                     v->conn.clear_session);

    return vec_check(v, s && s->phase == SPDM_SESSION_HANDSHAKE,
                     "no session is in its handshake") ? s : NULL;
}

static void on_finish(Vec *v, const Exchange *x)
{
    SpdmSession *s = handshake_session(v, x);

    if (s) {
        vec_finish(v, s, x->req, x->rsp, x->m);
    }
}

static void on_psk_finish(Vec *v, const Exchange *x)
{
    SpdmSession *s = handshake_session(v, x);

    if (s) {
        vec_psk_finish(v, s, x->req, x->rsp, x->m);
    }
}

static void on_end_session(Vec *v, const Exchange *x)
{
    if (vec_check(v, x->s != NULL, "END_SESSION outside a session")) {
        spdm_conn_end_session(&v->conn, x->s);
    }
}

/* IL1/IL2: made here, since the library has no ENDPOINT_INFO. */
static void endpoint_info(Vec *v, SpdmSender who, SpdmBytes req,
                          SpdmBytes rsp, uint32_t session)
{
    bool rsp_signs = who == SPDM_SENDER_RESPONDER;
    size_t tail = rsp_signs ? v->sig_size : v->req_sig_size;
    g_autoptr(GByteArray) il1 = g_byte_array_new();
    VecSignature sig = {
        .signer = who,
        .operation = "ENDPOINT_INFO",
        .transcript = rsp_signs ? "IL1IL2" : "MUT_IL1IL2",
        .context = rsp_signs ? CONTEXT_ENDPOINT_INFO
                             : CONTEXT_REQ_ENDPOINT_INFO,
        .session = session,
    };

    if (req.len <= EP_INFO_ATTRIBUTES ||
        !(req.data[EP_INFO_ATTRIBUTES] & EP_INFO_SIGNATURE)) {
        return;
    }
    sig.slot = req.data[PARAM2] & SLOT_MASK;
    sig.slot = sig.slot == SLOT_MASK ? SPDM_SLOT_PUBLIC_KEY : sig.slot;
    sig.offset = rsp.len - tail;
    sig.signature = SPDM_BYTES(rsp.data + sig.offset, tail);
    put(il1, spdm_transcript_view(&v->conn.a));
    put(il1, req);
    put(il1, without_tail(rsp, tail));
    vec_signature(v, &sig, vec_view(il1));
}

static void on_endpoint_info(Vec *v, const Exchange *x)
{
    endpoint_info(v, SPDM_SENDER_RESPONDER, x->req, x->rsp,
                  x->s ? x->s->id : 0);
}

/* spec/05 section 6, seen from both ends at once. */
static void update_on_request(Vec *v, SpdmSession *s, SpdmBytes req)
{
    if (!vec_check(v, s != NULL, "KEY_UPDATE outside a session")) {
        return;
    }
    switch (req.data[PARAM1]) {
    case SPDM_UPDATE_ALL_KEYS:
        vec_update(v, s, SPDM_SENDER_RESPONDER);
        /* fall through */
    case SPDM_UPDATE_KEY:
        vec_update(v, s, SPDM_SENDER_REQUESTER);
        break;
    default:
        spdm_session_drop_backup(s, SPDM_SENDER_REQUESTER);
        spdm_session_drop_backup(s, SPDM_SENDER_RESPONDER);
        break;
    }
}

/* The responder's own key: new from its next record on. */
static void update_by_responder(Vec *v, SpdmSession *s, SpdmBytes embedded)
{
    if (!vec_check(v, s != NULL, "KEY_UPDATE outside a session")) {
        return;
    }
    if (embedded.data[PARAM1] == SPDM_UPDATE_KEY) {
        vec_update(v, s, SPDM_SENDER_RESPONDER);
    } else {
        spdm_session_drop_backup(s, SPDM_SENDER_RESPONDER);
    }
}

/* The responder's embedded request, in ENCAPSULATED_REQUEST or an ACK. */
static void embedded_request(Vec *v, const Exchange *x, SpdmBytes embedded)
{
    SpdmWireCtx ctx = vec_ctx(v, true, embedded);
    SpdmMsg m;

    set(v->encap_request, embedded);
    if (embedded.len < SPDM_HEADER_SIZE) {
        return;
    }
    vec_codec(v, &ctx, embedded, &m);
    if (embedded.data[CODE] == SPDM_GET_DIGESTS) {
        g_byte_array_set_size(v->mut_b, 0);
    } else if (embedded.data[CODE] == SPDM_KEY_UPDATE) {
        update_by_responder(v, x->s, embedded);
    }
}

static void on_encapsulated_request(Vec *v, const Exchange *x)
{
    embedded_request(v, x,
                     SPDM_BYTES(x->rsp.data + ENCAP_REQUEST_PAYLOAD,
                                x->rsp.len - ENCAP_REQUEST_PAYLOAD));
}

/* spec/06: byte 4 up to 1.1, byte 8 from 1.2 on; Param2 1 says there is one. */
static void on_encapsulated_ack(Vec *v, const Exchange *x)
{
    size_t at = v->conn.version < SPDM_VERSION_12 ? 4 : 8;
    bool more = x->rsp.data[PARAM2] == 1 && x->rsp.len > at;

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
        .context = CONTEXT_REQ_CHALLENGE_AUTH,
        .slot = req.data[PARAM1],
        .signature = SPDM_BYTES(rsp.data + rsp.len - v->req_sig_size,
                                v->req_sig_size),
        .offset = rsp.len - v->req_sig_size,
    };
    g_autoptr(GByteArray) m1 = g_byte_array_new();

    if (v->conn.version >= SPDM_VERSION_12) {
        put(m1, spdm_transcript_view(&v->conn.a));
    }
    put(m1, vec_view(v->mut_b));
    put(m1, req);
    put(m1, without_tail(rsp, v->req_sig_size));
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

static void embedded_response(Vec *v, SpdmSession *s, SpdmBytes rsp)
{
    SpdmBytes req = vec_view(v->encap_request);
    SpdmWireCtx ctx = vec_ctx(v, true, req);
    SpdmMsg m;

    vec_codec(v, &ctx, rsp, &m);
    switch (rsp.data[CODE]) {
    case SPDM_RESPONSE_OF(SPDM_GET_DIGESTS):
        embedded_digests(v, s, rsp);
        put(v->mut_b, req);
        put(v->mut_b, rsp);
        break;
    case SPDM_RESPONSE_OF(SPDM_GET_CERTIFICATE):
        take_portion(v, SPDM_SENDER_REQUESTER, req, &m);
        put(v->mut_b, req);
        put(v->mut_b, rsp);
        break;
    case SPDM_RESPONSE_OF(SPDM_CHALLENGE):
        embedded_challenge_auth(v, req, rsp);
        break;
    case SPDM_RESPONSE_OF(SPDM_GET_ENDPOINT_INFO):
        endpoint_info(v, SPDM_SENDER_REQUESTER, req, rsp, s ? s->id : 0);
        break;
    default:
        break;
    }
}

static const struct {
    uint8_t request;
    void (*answered)(Vec *v, const Exchange *x);
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
    { SPDM_GET_ENCAPSULATED_REQUEST, on_encapsulated_request },
    { SPDM_DELIVER_ENCAPSULATED_RESPONSE, on_encapsulated_ack },
};

/* An ERROR ends what its request began. */
static void on_error(Vec *v, const Exchange *x)
{
    if (x->req.data[CODE] == SPDM_GET_MEASUREMENTS) {
        spdm_transcript_reset(spdm_conn_l1(&v->conn, x->s));
    } else if (x->req.data[CODE] == SPDM_KEY_UPDATE && x->s) {
        vec_check(v, false, "KEY_UPDATE was refused");
    }
}

/* The answer to v->request, whole. */
static void answered(Vec *v, uint32_t session, SpdmBytes rsp)
{
    SpdmBytes req = vec_view(v->request);
    SpdmWireCtx ctx = vec_ctx(v, false, req);
    SpdmMsg m = { .h = { .version = 0 } };
    Exchange x = {
        .req = req, .rsp = rsp, .m = &m,
        .s = session ? spdm_conn_session(&v->conn, session) : NULL,
    };

    if (!vec_check(v, req.len > 0, "a response without a request") ||
        (!vec_codec(v, &ctx, rsp, &m) && v->failed)) {
        return;
    }
    if (rsp.data[CODE] == SPDM_ERROR) {
        on_error(v, &x);
    } else if (vec_check(v, rsp.data[CODE] ==
                            SPDM_RESPONSE_OF(req.data[CODE]) &&
                            session == v->request_session,
                         "not the response to the request")) {
        for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
            if (rows[i].request == req.data[CODE]) {
                rows[i].answered(v, &x);
            }
        }
    }
    g_byte_array_set_size(v->request, 0);
}

/* A whole request. */
static void asked(Vec *v, uint32_t session, SpdmBytes req)
{
    SpdmSession *s = session ? spdm_conn_session(&v->conn, session) : NULL;
    SpdmWireCtx ctx = vec_ctx(v, false, SPDM_BYTES(NULL, 0));
    SpdmMsg m;

    if (!vec_codec(v, &ctx, req, &m) && v->failed) {
        return;
    }
    set(v->request, req);
    v->request_session = session;
    v->request_at = v->at;
    spdm_conn_note_request(&v->conn, s, req.data[CODE]);
    if (req.data[CODE] == SPDM_GET_VERSION) {
        spdm_conn_reset(&v->conn);
    } else if (req.data[CODE] == SPDM_KEY_UPDATE) {
        update_on_request(v, s, req);
    } else if (req.data[CODE] == SPDM_DELIVER_ENCAPSULATED_RESPONSE &&
               req.len >= 2 * SPDM_HEADER_SIZE) {
        v->at.base = SPDM_HEADER_SIZE;
        embedded_response(v, s, SPDM_BYTES(req.data + SPDM_HEADER_SIZE,
                                           req.len - SPDM_HEADER_SIZE));
    }
}

static uint32_t get_u32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

/*
 * spec/02 section 7: adds a chunk; true when the large message is whole, and
 * then compared with the file's.
 */
static bool add_chunk(Vec *v, SpdmBytes chunk)
{
    bool last = chunk.data[PARAM1] & LAST_CHUNK;
    g_autofree char *group = g_strdup_printf("large %u", v->larges + 1);
    size_t at = 12;

    if (!vec_check(v, chunk.len > at, "a chunk is short")) {
        return false;
    }
    if (get_u32(chunk.data + 4) == 0) {
        v->chunks_total = get_u32(chunk.data + at);
        at += 4;
        g_byte_array_set_size(v->chunks, 0);
    }
    if (!vec_check(v, chunk.len - at == get_u32(chunk.data + 8),
                   "ChunkSize")) {
        return false;
    }
    put(v->chunks, SPDM_BYTES(chunk.data + at, chunk.len - at));
    if (!last) {
        return false;
    }
    v->at.large = ++v->larges;
    vec_check(v, v->chunks->len == v->chunks_total &&
                 v->chunks_total >= SPDM_HEADER_SIZE, "LargeMessageSize");
    vec_check(v, v->failed ||
                 v->chunks->data[CODE] == vec_int(v, group, "code"), "code");
    return vec_same_hex(v, group, "spdm", vec_view(v->chunks));
}

static void on_request(Vec *v, uint32_t session, SpdmBytes bytes)
{
    SpdmSession *s = session ? spdm_conn_session(&v->conn, session) : NULL;

    switch (bytes.data[CODE]) {
    case SPDM_CHUNK_SEND:
        spdm_conn_note_request(&v->conn, s, bytes.data[CODE]);
        if (add_chunk(v, bytes)) {
            asked(v, session, vec_view(v->chunks));
        }
        break;
    case SPDM_CHUNK_GET:
        spdm_conn_note_request(&v->conn, s, bytes.data[CODE]);
        break;
    default:
        asked(v, session, bytes);
        break;
    }
}

static void on_response(Vec *v, uint32_t session, SpdmBytes bytes)
{
    size_t at = v->conn.version < SPDM_VERSION_14 ? 6 : 8;

    if (bytes.data[CODE] == SPDM_RESPONSE_OF(SPDM_CHUNK_SEND)) {
        if (v->request->len && bytes.len > at) {
            v->at.base = at;
            on_response(v, session, SPDM_BYTES(bytes.data + at,
                                               bytes.len - at));
        }
    } else if (bytes.data[CODE] == SPDM_RESPONSE_OF(SPDM_CHUNK_GET)) {
        if (add_chunk(v, bytes)) {
            answered(v, session, vec_view(v->chunks));
        }
    } else if (bytes.data[CODE] == SPDM_ERROR &&
               bytes.data[PARAM1] == SPDM_ERROR_LARGE_RESPONSE) {
        return;
    } else {
        answered(v, session, bytes);
    }
}

/* Saved and loaded between any two messages, nothing changes. */
static void save_and_load(Vec *v)
{
    g_autoptr(GByteArray) state = g_byte_array_new();
    g_autoptr(GByteArray) again = g_byte_array_new();
    g_autoptr(GError) err = NULL;
    SpdmBytes in;

    spdm_conn_save(&v->conn, state);
    in = vec_view(state);
    if (vec_check(v, spdm_conn_load(&v->conn, &in, &err),
                  err ? err->message : "does not load")) {
        vec_check(v, in.len == 0, "load leaves bytes over");
        spdm_conn_save(&v->conn, again);
        vec_same(v, "saved again", vec_view(again), vec_view(state));
    }
}

/* The SPDM message in @body: a record, or the message itself. */
static uint32_t unwrap(Vec *v, const char *group, bool secured,
                       GByteArray *body)
{
    unsigned number = vec_int(v, group, "session");
    VecSession *vs;

    if (!secured) {
        return 0;
    }
    if (!vec_check(v, number > 0 && number <= v->sessions,
                   "a record of no session")) {
        return 0;
    }
    vs = &v->session[number - 1];
    g_byte_array_set_size(body, 0);
    vec_record(v, group, vs, body);
    return vs->id;
}

static void check_header(Vec *v, const char *group, SpdmBytes spdm)
{
    g_autofree char *name = vec_text(v, group, "name");

    vec_check(v, spdm.data[CODE] == vec_int(v, group, "code"), "code");
    vec_check(v, strcmp(spdm_code_name(spdm.data[CODE]), name) == 0, "name");
}

/* The TCP binding has a header inside records too: the message ends them. */
static SpdmBytes spdm_of(Vec *v, const char *group, bool secured,
                         const GByteArray *body)
{
    g_autoptr(GByteArray) spdm = vec_hex(v, group, "spdm");
    SpdmBytes view = vec_view(body);

    if (!vec_check(v, spdm && spdm->len >= SPDM_HEADER_SIZE &&
                      spdm->len <= view.len, "message is too short")) {
        return SPDM_BYTES(NULL, 0);
    }
    if (secured && !v->transport) {
        view = SPDM_BYTES(view.data + view.len - spdm->len, spdm->len);
    }
    vec_same(v, "message", view, vec_view(spdm));
    return view;
}

static void replay_spdm(Vec *v, const char *group)
{
    bool secured = g_key_file_get_boolean(v->file, group, "secured", NULL);
    g_autoptr(GByteArray) body = vec_hex(v, group,
                                         secured ? "record" : "spdm");
    g_autofree char *from = vec_text(v, group, "from");
    uint32_t session;
    SpdmBytes spdm;

    if (!vec_check(v, body != NULL, "neither spdm nor record")) {
        return;
    }
    vec_frame(v, group, secured, vec_view(body));
    session = unwrap(v, group, secured, body);
    if (v->failed || vec_has(v, group, "application")) {
        return;
    }
    spdm = spdm_of(v, group, secured, body);
    if (v->failed) {
        return;
    }
    check_header(v, group, spdm);
    if (strcmp(from, "requester") == 0) {
        on_request(v, session, spdm);
    } else {
        on_response(v, session, spdm);
    }
    save_and_load(v);
}

/* Every group of the file has been met. */
static void check_all_met(Vec *v)
{
    const struct {
        const char *kind;
        unsigned met;
    } kinds[] = {
        { "session", v->sessions }, { "signature", v->signatures },
        { "hmac", v->hmacs }, { "large", v->larges },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autofree char *next = g_strdup_printf("%s %u", kinds[i].kind,
                                                kinds[i].met + 1);

        vec_check(v, !g_key_file_has_group(v->file, next), next);
    }
    for (unsigned i = 0; i < 2 * v->sessions; i++) {
        g_autofree char *group = g_strdup_printf("session %u", i / 2 + 1);
        g_autofree char *key = g_strdup_printf(
            "%s_data_secret_%u", i % 2 ? "response" : "request",
            v->session[i / 2].generation[i % 2] + 1);

        vec_check(v, !vec_has(v, group, key), key);
    }
}

void vec_replay(Vec *v)
{
    for (unsigned n = 1; !v->failed; n++) {
        g_autofree char *group = g_strdup_printf("message %u", n);

        if (!g_key_file_has_group(v->file, group)) {
            check_all_met(v);
            return;
        }
        v->at = (VecPlace){ .number = n };
        if (vec_has(v, group, "layer")) {
            vec_discovery(v, group);
        } else {
            replay_spdm(v, group);
        }
    }
}

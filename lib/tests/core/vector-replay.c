/*
 * The recorded messages in their order, as both ends see them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include <string.h>

/* spec/04: whether the request asks for something that moves fields. */
static bool wants_summary(SpdmBytes request)
{
    switch (request.len >= SPDM_HEADER_SIZE ? request.data[VEC_CODE] : 0) {
    case SPDM_CHALLENGE:
        return request.data[VEC_PARAM2] != 0;
    case SPDM_KEY_EXCHANGE:
    case SPDM_PSK_EXCHANGE:
        return request.data[VEC_PARAM1] != 0;
    default:
        return false;
    }
}

static bool wants_signature(SpdmBytes request)
{
    enum { EP_INFO_ATTRIBUTES = 4 };

    switch (request.len > SPDM_HEADER_SIZE ? request.data[VEC_CODE] : 0) {
    case SPDM_GET_MEASUREMENTS:
        return request.data[VEC_PARAM1] & SPDM_MEAS_REQ_SIGNATURE;
    case SPDM_GET_ENDPOINT_INFO:
        return request.data[EP_INFO_ATTRIBUTES] & SPDM_EP_INFO_SIGNATURE;
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
    ctx.has_signature = wants_signature(request);
    return ctx;
}

/* spec/05 section 6, seen from both ends at once. */
static void update_on_request(Vec *v, SpdmSession *s, SpdmBytes req)
{
    if (!vec_check(v, s != NULL, "KEY_UPDATE outside a session")) {
        return;
    }
    switch (req.data[VEC_PARAM1]) {
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

/* Whether the next message, whatever carries it, is an ERROR. */
static bool refused_next(Vec *v)
{
    g_autofree char *group = g_strdup_printf("message %u", v->at.number + 1);

    return vec_int(v, group, "code") == SPDM_ERROR;
}

/* An ERROR ends what its request began. */
static void on_error(Vec *v, const VecExchange *x)
{
    if (x->req.data[VEC_CODE] == SPDM_GET_MEASUREMENTS) {
        spdm_transcript_reset(spdm_conn_l1(&v->conn, x->s));
    }
}

/* The answer to v->request, whole. */
static void answered(Vec *v, uint32_t session, SpdmBytes rsp)
{
    SpdmBytes req = vec_view(v->request);
    SpdmWireCtx inner = vec_ctx(v, true, vec_view(v->encap_request));
    SpdmWireCtx ctx = vec_ctx(v, false, req);
    SpdmMsg m = { .h = { .version = 0 } };
    VecExchange x = {
        .req = req, .rsp = rsp, .m = &m,
        .s = session ? spdm_conn_session(&v->conn, session) : NULL,
    };

    ctx.embedded = &inner;
    if (!vec_check(v, req.len > 0, "a response without a request") ||
        (!vec_codec(v, &ctx, rsp, &m) && v->failed)) {
        return;
    }
    if (rsp.data[VEC_CODE] == SPDM_ERROR) {
        on_error(v, &x);
    } else if (vec_check(v, rsp.data[VEC_CODE] ==
                            SPDM_RESPONSE_OF(req.data[VEC_CODE]) &&
                            session == v->request_session,
                         "not the response to the request")) {
        vec_answered(v, &x);
    }
    g_byte_array_set_size(v->request, 0);
}

/* A whole request. */
static void asked(Vec *v, uint32_t session, SpdmBytes req)
{
    SpdmSession *s = session ? spdm_conn_session(&v->conn, session) : NULL;
    SpdmWireCtx inner = vec_ctx(v, true, vec_view(v->encap_request));
    SpdmWireCtx ctx = vec_ctx(v, false, SPDM_BYTES(NULL, 0));
    uint8_t code = req.data[VEC_CODE];
    SpdmMsg m;

    ctx.embedded = &inner;
    if (!vec_codec(v, &ctx, req, &m) && v->failed) {
        return;
    }
    g_byte_array_set_size(v->request, 0);
    vec_put(v->request, req);
    v->request_session = session;
    v->request_at = v->at;
    spdm_conn_note_request(&v->conn, s, code);
    if (code == SPDM_GET_VERSION) {
        spdm_conn_reset(&v->conn);
    } else if (code == SPDM_KEY_UPDATE && !refused_next(v)) {
        update_on_request(v, s, req);
    } else if (code == SPDM_DELIVER_ENCAPSULATED_RESPONSE &&
               req.len >= 2 * SPDM_HEADER_SIZE) {
        v->at.base = SPDM_HEADER_SIZE;
        vec_embedded_response(v, s, SPDM_BYTES(req.data + SPDM_HEADER_SIZE,
                                           req.len - SPDM_HEADER_SIZE));
    }
}

static void on_request(Vec *v, uint32_t session, SpdmBytes bytes)
{
    SpdmSession *s = session ? spdm_conn_session(&v->conn, session) : NULL;

    switch (bytes.data[VEC_CODE]) {
    case SPDM_CHUNK_SEND:
        spdm_conn_note_request(&v->conn, s, bytes.data[VEC_CODE]);
        if (vec_add_chunk(v, bytes)) {
            asked(v, session, vec_view(v->chunks));
        }
        break;
    case SPDM_CHUNK_GET:
    case SPDM_RESPOND_IF_READY:
        spdm_conn_note_request(&v->conn, s, bytes.data[VEC_CODE]);
        break;
    default:
        asked(v, session, bytes);
        break;
    }
}

/* ERRORs after which the response comes all the same. */
static bool to_be_continued(SpdmBytes rsp)
{
    return rsp.data[VEC_CODE] == SPDM_ERROR &&
           (rsp.data[VEC_PARAM1] == SPDM_ERROR_LARGE_RESPONSE ||
            rsp.data[VEC_PARAM1] == SPDM_ERROR_RESPONSE_NOT_READY);
}

static void on_response(Vec *v, uint32_t session, SpdmBytes bytes)
{
    size_t at = v->conn.version < SPDM_VERSION_14 ? 6 : 8;
    SpdmWireCtx ctx = vec_ctx(v, false, SPDM_BYTES(NULL, 0));
    SpdmMsg m;

    if (bytes.data[VEC_CODE] == SPDM_RESPONSE_OF(SPDM_CHUNK_SEND)) {
        if (v->request->len && bytes.len > at) {
            v->at.base = at;
            on_response(v, session, SPDM_BYTES(bytes.data + at,
                                               bytes.len - at));
        }
    } else if (bytes.data[VEC_CODE] == SPDM_RESPONSE_OF(SPDM_CHUNK_GET)) {
        if (vec_add_chunk(v, bytes)) {
            answered(v, session, vec_view(v->chunks));
        }
    } else if (to_be_continued(bytes)) {
        vec_codec(v, &ctx, bytes, &m);
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

    if (v->conn.state >= SPDM_CONN_NEGOTIATED && !v->conn.asym) {
        return; /* not ours, and rightly refused */
    }
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

    vec_check(v, spdm.data[VEC_CODE] == vec_int(v, group, "code"), "code");
    vec_check(v, strcmp(spdm_code_name(spdm.data[VEC_CODE]), name) == 0,
              "name");
}

static SpdmBytes spdm_of(Vec *v, const char *group, const GByteArray *body)
{
    g_autoptr(GByteArray) spdm = vec_hex(v, group, "spdm");
    SpdmBytes view = vec_view(body);

    if (!vec_check(v, spdm && spdm->len >= SPDM_HEADER_SIZE,
                   "message is too short")) {
        return SPDM_BYTES(NULL, 0);
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
    spdm = spdm_of(v, group, body);
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

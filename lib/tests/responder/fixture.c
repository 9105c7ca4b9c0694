/*
 * The fixture: transport of messages, and the requester's steps.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"
#include "peer.h"

static const SpdmBytes none;

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static void append(GByteArray *a, SpdmBytes bytes)
{
    if (bytes.len) {
        g_byte_array_append(a, bytes.data, (guint)bytes.len);
    }
}

static FxOptions with_defaults(const FxOptions *options)
{
    FxOptions o = options ? *options : (FxOptions){ .version = 0 };

    o.version = o.version ? o.version : SPDM_VERSION_12;
    o.req_flags = (o.req_flags ? o.req_flags : FX_REQ_FLAGS) & ~o.without;
    o.rsp_flags = (o.rsp_flags ? o.rsp_flags : FX_RSP_FLAGS) & ~o.without;
    o.hash = o.hash ? o.hash : 1 << 1;
    o.req_asym = o.req_asym ? o.req_asym : 0x80;
    o.asym = o.asym ? o.asym : 0x80;
    o.dhe = o.dhe ? o.dhe : 1 << 4;
    o.aead = o.aead ? o.aead : 1 << 1;
    o.meas_hash = o.meas_hash ? o.meas_hash : 1 << 3;
    o.data_transfer_size = o.data_transfer_size ? o.data_transfer_size
                                                : 0x1200;
    o.max_msg_size = MAX(o.max_msg_size, o.data_transfer_size);
    o.rsp_transfer_size = o.rsp_transfer_size ? o.rsp_transfer_size : 0x1200;
    o.rsp_max_msg_size = MAX(o.rsp_max_msg_size, o.rsp_transfer_size);
    o.max_sessions = o.max_sessions ? o.max_sessions : 8;
    o.seed = o.seed ? o.seed : "seed";
    return o;
}

static void make_profile(Fx *fx)
{
    fx->profile = (SpdmProfile){
        .name = (char *)"test",
        .min_version = SPDM_VERSION_10,
        .max_version = SPDM_VERSION_14,
        .flags = fx->o.rsp_flags,
        .ext_flags = fx->o.rsp_ext_flags,
        .slot_sub_codes = 0xf,
        .ct_exponent = 14,
        .data_transfer_size = fx->o.rsp_transfer_size,
        .max_msg_size = fx->o.rsp_max_msg_size,
        .max_sessions = fx->o.max_sessions,
        .heartbeat_period = fx->o.heartbeat,
        .hash = 0x7f,
        .asym = fx->o.rsp_asym ? fx->o.rsp_asym : 0xfff,
        .mut_auth = fx->o.mut_auth,
        .mut_auth_form = fx->o.mut_auth_form,
        .basic_mut_auth = fx->o.basic_mut_auth,
        .requester_slot = fx->o.peer_slot,
        .req_asym = fx->o.rsp_req_asym ? fx->o.rsp_req_asym : 0x1ff,
        .dhe = 0x3f,
        .kem = fx->o.rsp_kem,
        .aead = 0x0f,
        .measurement_hash = fx->o.meas_hash,
        .opaque_formats = SPDM_OPAQUE_FMT0 | SPDM_OPAQUE_FMT1,
        .secured_min = 0x1000,
        .secured_max = 0x1200,
        .aead_limit = 64,
    };
}

Fx *fx_new(const FxOptions *options)
{
    Fx *fx = g_new0(Fx, 1);
    g_autoptr(GError) err = NULL;

    fx->o = with_defaults(options);
    make_profile(fx);
    g_assert_true(spdm_crypto_init(&err));
    fx->rng = spdm_seeded_new(fx->o.seed, "device");
    fx->req_rng = spdm_seeded_new(fx->o.seed, "requester");
    fx->provider = (SpdmProvider){ &device_ops, fx };
    fx->slots = 0x05;
    fx->now_us = 1000000;
    fx->chain = g_byte_array_new();
    fx->sent = g_byte_array_new();
    fx->answer = g_byte_array_new();
    fx->frame = g_byte_array_new();
    fx->asked = g_byte_array_new();
    fx->next_session_id = 0x1001;
    spdm_conn_reset(&fx->conn);
    fx->r = spdm_responder_new(&fx->profile, &fx->provider, fx->o.transport,
                               &err);
    g_assert_no_error(err);
    return fx;
}

void fx_free(Fx *fx)
{
    spdm_responder_free(fx->r);
    spdm_conn_reset(&fx->conn);
    spdm_seeded_free(fx->rng);
    spdm_seeded_free(fx->req_rng);
    g_byte_array_unref(fx->chain);
    g_byte_array_unref(fx->sent);
    g_byte_array_unref(fx->answer);
    g_byte_array_unref(fx->frame);
    g_byte_array_unref(fx->asked);
    spdm_transcript_reset(&fx->mut_b);
    g_free(fx);
}

bool fx_send_frame(Fx *fx, const uint8_t *frame, size_t len)
{
    g_auto(SpdmReply) reply;

    spdm_responder_process(fx->r, frame, len, &reply);
    g_byte_array_set_size(fx->frame, 0);
    append(fx->frame, view(reply.bytes));
    return reply.verdict == SPDM_VERDICT_REPLY;
}

static bool is_secured(const SpdmSession *s)
{
    return s && !(s->in_the_clear && s->phase == SPDM_SESSION_HANDSHAKE);
}

void fx_wrap(Fx *fx, SpdmSession *s, SpdmBytes message, GByteArray *frame)
{
    const SpdmTransport *transport = spdm_transport(fx->o.transport);
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    g_autoptr(GByteArray) record = g_byte_array_new();

    if (!is_secured(s)) {
        g_assert_true(transport->pack(SPDM_FRAME_PLAIN, message, frame));
        return;
    }
    g_assert_true(spdm_record_seal(s, SPDM_SENDER_REQUESTER,
                                   &transport->record, &rng, message,
                                   record));
    g_assert_true(transport->pack(SPDM_FRAME_SECURED, view(record), frame));
}

/* A request in a record is answered in a record of the same session. */
static void unwrap(Fx *fx, SpdmSession *s)
{
    const SpdmTransport *transport = spdm_transport(fx->o.transport);
    SpdmFrame frame;

    g_byte_array_set_size(fx->answer, 0);
    g_assert_true(transport->unpack(view(fx->frame), &frame));
    if (is_secured(s)) {
        g_assert_cmpint(frame.kind, ==, SPDM_FRAME_SECURED);
        g_assert_cmpint(spdm_record_open(s, SPDM_SENDER_RESPONDER,
                                         &transport->record, frame.payload,
                                         fx->answer), ==, SPDM_OPEN_OK);
    } else {
        g_assert_cmpint(frame.kind, ==, SPDM_FRAME_PLAIN);
        append(fx->answer, frame.payload);
    }
}

bool fx_send(Fx *fx, SpdmSession *s, SpdmBytes message)
{
    g_autoptr(GByteArray) frame = g_byte_array_new();

    fx_wrap(fx, s, message, frame);
    if (!fx_send_frame(fx, frame->data, frame->len)) {
        g_byte_array_set_size(fx->answer, 0);
        return false;
    }
    unwrap(fx, s);
    return true;
}

/* Decodes fx->answer and takes the padding off it. */
static void decode_answer(Fx *fx)
{
    size_t size;

    g_assert_true(spdm_msg_decode(&fx->wire, view(fx->answer), &fx->rsp,
                                  &size, NULL));
    g_assert_cmpuint(fx->answer->len - size, <=,
                     spdm_transport(fx->o.transport)->max_pad);
    g_byte_array_set_size(fx->answer, (guint)size);
}

bool fx_respond_if_ready(Fx *fx, SpdmSession *s, uint8_t code, uint8_t token)
{
    const uint8_t message[] = {
        fx->o.version, SPDM_RESPOND_IF_READY, code, token,
    };

    if (!fx_carry(fx, s, SPDM_BYTES(message, sizeof(message)))) {
        return false;
    }
    decode_answer(fx);
    return true;
}

/* Lets RDT pass and asks for the response, if that is what it takes. */
static void wait_until_ready(Fx *fx, SpdmSession *s)
{
    const uint8_t *data = fx->rsp.error.data.data;

    if (fx->patient && fx->rsp.h.code == SPDM_ERROR &&
        fx->rsp.h.param1 == SPDM_ERROR_RESPONSE_NOT_READY) {
        g_assert_cmphex(data[1], ==, fx->sent->data[1]);
        g_assert_cmpuint(data[3], >=, 2);
        fx->now_us += INT64_C(1) << data[0];
        fx->waits++;
        g_assert_true(fx_respond_if_ready(fx, s, data[1], data[2]));
    }
}

static bool send_sent(Fx *fx, SpdmSession *s)
{
    spdm_conn_note_request(&fx->conn, s, fx->sent->data[1]);
    if (!fx_carry(fx, s, view(fx->sent))) {
        return false;
    }
    decode_answer(fx);
    wait_until_ready(fx, s);
    return true;
}

bool fx_try(Fx *fx, SpdmSession *s, SpdmMsg *req)
{
    SpdmWireCtx wire = spdm_conn_wire_ctx(&fx->conn);

    fx->wire.hash_size = wire.hash_size;
    fx->wire.sig_size = wire.sig_size;
    fx->wire.req_exchange_size = wire.req_exchange_size;
    fx->wire.rsp_exchange_size = wire.rsp_exchange_size;
    fx->wire.in_the_clear = wire.in_the_clear;
    fx->embedded = spdm_conn_embedded_ctx(&fx->conn);
    fx->wire.embedded = &fx->embedded;
    g_byte_array_set_size(fx->sent, 0);
    g_assert_true(spdm_msg_encode(&fx->wire, req, fx->sent));
    return send_sent(fx, s);
}

void fx_ask(Fx *fx, SpdmSession *s, SpdmMsg *req)
{
    g_assert_true(fx_try(fx, s, req));
    g_assert_cmphex(fx->rsp.h.code, ==, SPDM_RESPONSE_OF(req->h.code));
    g_assert_cmphex(fx->rsp.h.version, ==, req->h.version);
}

/* As fx_ask(), for a message that is bytes already. */
static void ask_bytes(Fx *fx, SpdmSession *s)
{
    SpdmWireCtx wire = spdm_conn_wire_ctx(&fx->conn);

    wire.has_summary = fx->wire.has_summary;
    fx->wire = wire;
    g_assert_true(send_sent(fx, s));
    g_assert_cmphex(fx->rsp.h.code, ==,
                    SPDM_RESPONSE_OF(fx->sent->data[1]));
}

SpdmMsg fx_msg(const Fx *fx, uint8_t code, uint8_t param1, uint8_t param2)
{
    return (SpdmMsg){ .h = { fx->o.version, code, param1, param2 } };
}

void fx_expect_error(Fx *fx, SpdmErrorCode code)
{
    g_assert_cmphex(fx->rsp.h.code, ==, SPDM_ERROR);
    g_assert_cmpstr(spdm_error_name(fx->rsp.h.param1), ==,
                    spdm_error_name(code));
}

static void record_a(Fx *fx)
{
    spdm_transcript_append(&fx->conn.a, view(fx->sent));
    spdm_transcript_append(&fx->conn.a, view(fx->answer));
}

static void record_b(Fx *fx, SpdmSession *s)
{
    if (!s) {
        spdm_transcript_append(&fx->conn.b, view(fx->sent));
        spdm_transcript_append(&fx->conn.b, view(fx->answer));
    }
}

void fx_version(Fx *fx)
{
    SpdmMsg req = fx_msg(fx, SPDM_GET_VERSION, 0, 0);

    req.h.version = SPDM_VERSION_10;
    spdm_conn_reset(&fx->conn);
    fx_ask(fx, NULL, &req);
    g_assert_cmpuint(fx->rsp.version.count, ==, 5);
    g_assert_cmphex(fx->rsp.version.entries[0], ==, 0x1000);
    g_assert_cmphex(fx->rsp.version.entries[4], ==, 0x1400);
    record_a(fx);
    fx->conn.state = SPDM_CONN_AFTER_VERSION;
}

static SpdmMsg capabilities(const Fx *fx)
{
    SpdmMsg m = fx_msg(fx, SPDM_GET_CAPABILITIES, 0, 0);

    m.capabilities = (SpdmMsgCapabilities){
        .ct_exponent = 12,
        .flags = fx->o.req_flags,
        .data_transfer_size = fx->o.data_transfer_size,
        .max_msg_size = fx->o.max_msg_size,
    };
    return m;
}

void fx_make_capabilities(Fx *fx, GByteArray *out)
{
    SpdmMsg m = capabilities(fx);

    g_assert_true(spdm_msg_encode(&fx->wire, &m, out));
}

void fx_capabilities(Fx *fx)
{
    SpdmMsg req = capabilities(fx);
    SpdmConn *conn = &fx->conn;

    fx_ask(fx, NULL, &req);
    record_a(fx);
    conn->version = fx->o.version;
    conn->req_flags = fx->o.version == SPDM_VERSION_10 ? 0 :
        fx->o.req_flags & spdm_request_flags_mask(fx->o.version);
    conn->rsp_flags = fx->rsp.capabilities.flags;
    g_assert_cmphex(conn->rsp_flags, ==, fx->o.rsp_flags &
                    spdm_response_flags_mask(fx->o.version));
    g_assert_cmpuint(fx->rsp.capabilities.ct_exponent, ==, 14);
    if (fx->o.version >= SPDM_VERSION_12) {
        g_assert_cmpuint(fx->rsp.capabilities.data_transfer_size, ==,
                         fx->profile.data_transfer_size);
        g_assert_cmpuint(fx->rsp.capabilities.max_msg_size, ==,
                         fx->profile.max_msg_size);
    }
    conn->state = SPDM_CONN_AFTER_CAPABILITIES;
}

static SpdmMsg algorithms(const Fx *fx)
{
    const FxOptions *o = &fx->o;
    SpdmMsg m = fx_msg(fx, SPDM_NEGOTIATE_ALGORITHMS, 3, 0);
    SpdmAlgTable key_schedule = { SPDM_ALG_TYPE_KEY_SCHEDULE, 0x20,
                                  SPDM_KEY_SCHEDULE_SPDM };

    m.algorithms = (SpdmMsgAlgorithms){
        .measurement_spec = o->no_meas_spec ? 0 : SPDM_MEAS_SPEC_DMTF,
        .other_params = o->version < SPDM_VERSION_12 || o->no_opaque ?
            0 : SPDM_OPAQUE_FMT1,
        .mel_spec = o->version >= SPDM_VERSION_13 && !o->no_mel_spec ?
            SPDM_MEL_SPEC_DMTF : 0,
        .base_asym = spdm_asym_base(o->asym),
        .pqc_asym = spdm_asym_pqc(o->asym),
        .base_hash = o->hash,
        .tables = {
            { SPDM_ALG_TYPE_DHE, 0x20, o->dhe },
            { SPDM_ALG_TYPE_AEAD, 0x20, o->aead },
        },
    };
    if ((o->req_flags & SPDM_MUT_AUTH_CAP) && spdm_asym_base(o->req_asym)) {
        m.algorithms.tables[m.h.param1 - 1] = (SpdmAlgTable){
            SPDM_ALG_TYPE_REQ_ASYM, 0x20,
            (uint16_t)spdm_asym_base(o->req_asym),
        };
        m.h.param1++;
    }
    m.algorithms.tables[m.h.param1 - 1] = key_schedule;
    if ((o->req_flags & SPDM_MUT_AUTH_CAP) && spdm_asym_pqc(o->req_asym)) {
        m.algorithms.tables[m.h.param1++] = (SpdmAlgTable){
            SPDM_ALG_TYPE_REQ_PQC_ASYM, 0x20,
            (uint16_t)spdm_asym_pqc(o->req_asym),
        };
    }
    if (o->kem) {
        m.algorithms.tables[m.h.param1++] = (SpdmAlgTable){
            SPDM_ALG_TYPE_KEM, 0x20, o->kem,
        };
    }
    if (o->version == SPDM_VERSION_10) {
        m.h.param1 = 0;
    }
    return m;
}

void fx_make_algorithms(Fx *fx, GByteArray *out)
{
    SpdmMsg m = algorithms(fx);

    g_assert_true(spdm_msg_encode(&fx->wire, &m, out));
}

static uint16_t table(const SpdmMsg *m, uint8_t type)
{
    for (unsigned i = 0; i < m->algorithms.table_count; i++) {
        if (m->algorithms.tables[i].type == type) {
            return m->algorithms.tables[i].supported;
        }
    }
    return 0;
}

void fx_algorithms(Fx *fx)
{
    SpdmMsg req = algorithms(fx);
    SpdmConn *conn = &fx->conn;
    const SpdmMsgAlgorithms *rsp = &fx->rsp.algorithms;

    fx_ask(fx, NULL, &req);
    record_a(fx);
    g_assert_cmpuint(rsp->length, ==, fx->answer->len);
    conn->hash = spdm_hash_by_bit(rsp->base_hash);
    conn->asym = spdm_asym_by_bit(spdm_asym_join(rsp->base_asym,
                                                 rsp->pqc_asym));
    conn->dhe = spdm_dhe_by_bit(table(&fx->rsp, SPDM_ALG_TYPE_DHE));
    conn->kem = spdm_kem_by_bit(table(&fx->rsp, SPDM_ALG_TYPE_KEM));
    conn->aead = spdm_aead_by_bit(table(&fx->rsp, SPDM_ALG_TYPE_AEAD));
    conn->req_asym = spdm_asym_by_bit(
        spdm_asym_join(table(&fx->rsp, SPDM_ALG_TYPE_REQ_ASYM),
                       table(&fx->rsp, SPDM_ALG_TYPE_REQ_PQC_ASYM)));
    conn->meas_hash = rsp->measurement_hash;
    conn->meas_spec = rsp->measurement_spec;
    conn->mel_spec = rsp->mel_spec;
    conn->other_params = rsp->other_params;
    conn->state = SPDM_CONN_NEGOTIATED;
}

void fx_negotiate(Fx *fx)
{
    fx_version(fx);
    fx_capabilities(fx);
    fx_algorithms(fx);
}

static SpdmBytes chain_of(Fx *fx, uint8_t slot)
{
    return device_ops.cert_chain(fx, slot, fx->conn.asym->bit,
                                 fx->conn.hash->bit);
}

static void chain_hash(Fx *fx, uint8_t slot, uint8_t *out)
{
    SpdmBytes chain = chain_of(fx, slot);

    spdm_hash(fx->conn.hash, &chain, 1, out);
}

void fx_digests(Fx *fx, SpdmSession *s)
{
    SpdmMsg req = fx_msg(fx, SPDM_GET_DIGESTS, 0, 0);
    uint8_t hash[SPDM_MAX_HASH];
    size_t h = fx->conn.hash->size;

    fx_ask(fx, s, &req);
    record_b(fx, s);
    g_assert_cmphex(fx->rsp.h.param2, ==, fx->slots);
    chain_hash(fx, 0, hash);
    g_assert_cmpmem(hash, h, fx->rsp.digests.digests.data, h);
    chain_hash(fx, 2, hash);
    g_assert_cmpmem(hash, h, fx->rsp.digests.digests.data + h, h);
}

void fx_certificate(Fx *fx, SpdmSession *s, uint32_t portion)
{
    g_autoptr(GByteArray) got = g_byte_array_new();
    SpdmBytes chain;

    do {
        SpdmMsg req = fx_msg(fx, SPDM_GET_CERTIFICATE, 0, 0);

        req.get_certificate.offset = got->len;
        req.get_certificate.length = portion;
        fx_ask(fx, s, &req);
        record_b(fx, s);
        g_assert_cmpuint(fx->rsp.certificate.portion.len, <=, portion);
        g_assert_cmpuint(fx->answer->len, <=, fx->o.max_msg_size);
        append(got, fx->rsp.certificate.portion);
    } while (fx->rsp.certificate.remainder_length);
    chain = chain_of(fx, 0);
    g_assert_cmpmem(got->data, got->len, chain.data, chain.len);
}

static SpdmBytes random_bytes(Fx *fx, uint8_t *buf, size_t len)
{
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);

    spdm_rng_fill(&rng, buf, len);
    return SPDM_BYTES(buf, len);
}

static void verify(Fx *fx, const char *context, SpdmBytes transcript,
                   SpdmBytes signature)
{
    g_autoptr(SpdmPublicKey) key =
        spdm_private_key_public(device_key(fx->conn.asym));
    g_autoptr(GByteArray) message = g_byte_array_new();
    SpdmBytes m;

    spdm_conn_to_be_signed(&fx->conn, context, transcript, message);
    m = view(message);
    g_assert_cmpuint(signature.len, ==, fx->conn.asym->sig_size);
    g_assert_true(spdm_verify(key, fx->conn.asym, fx->conn.hash, context, &m,
                              1, signature));
}

/* The answer without its last @tail bytes, behind the request. */
static GByteArray *exchange(Fx *fx, size_t tail)
{
    GByteArray *both = g_byte_array_new();

    append(both, view(fx->sent));
    append(both, SPDM_BYTES(fx->answer->data, fx->answer->len - tail));
    return both;
}

void fx_challenge(Fx *fx, uint8_t summary)
{
    g_autoptr(GByteArray) m1 = g_byte_array_new();
    g_autoptr(GByteArray) c = NULL;
    SpdmMsg req = fx_msg(fx, SPDM_CHALLENGE, 0, summary);
    uint8_t nonce[SPDM_NONCE_SIZE], hash[SPDM_MAX_HASH];

    req.challenge.nonce = random_bytes(fx, nonce, sizeof(nonce));
    if (fx->o.version >= SPDM_VERSION_13) {
        req.challenge.context = SPDM_BYTES("context8", SPDM_CONTEXT_SIZE);
    }
    fx->wire.has_summary = summary != 0;
    fx_ask(fx, NULL, &req);
    g_assert_cmphex(fx->rsp.h.param1, ==, fx->o.basic_mut_auth ?
                    SPDM_CHALLENGE_BASIC_MUT_AUTH : 0);
    g_assert_cmphex(fx->rsp.h.param2, ==, fx->slots);
    chain_hash(fx, 0, hash);
    g_assert_cmpmem(hash, fx->conn.hash->size,
                    fx->rsp.challenge_auth.cert_chain_hash.data,
                    fx->conn.hash->size);
    g_assert_cmpmem(req.challenge.context.data, req.challenge.context.len,
                    fx->rsp.challenge_auth.context.data,
                    fx->rsp.challenge_auth.context.len);
    c = exchange(fx, fx->conn.asym->sig_size);
    g_assert_true(spdm_conn_m1(&fx->conn, view(c), m1));
    verify(fx, SPDM_CONTEXT_CHALLENGE_AUTH, view(m1),
           fx->rsp.challenge_auth.signature);
    spdm_transcript_reset(&fx->conn.b);
    fx->conn.state = SPDM_CONN_AUTHENTICATED;
}

static void check_l1(Fx *fx, SpdmSession *s, bool is_signed)
{
    SpdmTranscript *l1 = spdm_conn_l1(&fx->conn, s);
    g_autoptr(GByteArray) pair =
        exchange(fx, is_signed ? fx->conn.asym->sig_size : 0);
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    spdm_transcript_append(l1, view(pair));
    if (is_signed) {
        g_assert_true(spdm_conn_l1_bytes(&fx->conn, s, bytes));
        verify(fx, SPDM_CONTEXT_MEASUREMENTS, view(bytes),
               fx->rsp.measurements.signature);
        spdm_transcript_reset(l1);
    }
}

void fx_measurements(Fx *fx, SpdmSession *s, uint8_t attributes, uint8_t op)
{
    bool is_signed = attributes & SPDM_MEAS_REQ_SIGNATURE;
    SpdmMsg req = fx_msg(fx, SPDM_GET_MEASUREMENTS, attributes, op);
    uint8_t nonce[SPDM_NONCE_SIZE];

    if (is_signed) {
        req.get_measurements.nonce = random_bytes(fx, nonce, sizeof(nonce));
    }
    if (fx->o.version >= SPDM_VERSION_13) {
        req.get_measurements.context = SPDM_BYTES("context8",
                                                  SPDM_CONTEXT_SIZE);
    }
    fx->wire.has_signature = is_signed;
    fx_ask(fx, s, &req);
    check_l1(fx, s, is_signed);
}

void fx_endpoint_info(Fx *fx, SpdmSession *s, bool sign)
{
    SpdmMsg req = fx_msg(fx, SPDM_GET_ENDPOINT_INFO,
                         SPDM_EP_INFO_DEVICE_CLASS, 0);
    g_autoptr(GByteArray) il1 = g_byte_array_new();
    g_autoptr(GByteArray) pair = NULL;
    uint8_t nonce[SPDM_NONCE_SIZE];

    req.get_endpoint_info.attributes = sign ? SPDM_EP_INFO_SIGNATURE : 0;
    req.get_endpoint_info.nonce = random_bytes(fx, nonce, sizeof(nonce));
    fx->wire.has_signature = sign;
    fx_ask(fx, s, &req);
    g_assert_cmpmem(fx->rsp.endpoint_info.info.data,
                    fx->rsp.endpoint_info.info.len, FX_EP_INFO,
                    strlen(FX_EP_INFO));
    if (sign) {
        pair = exchange(fx, fx->conn.asym->sig_size);
        append(il1, spdm_transcript_view(&fx->conn.a));
        append(il1, view(pair));
        verify(fx, SPDM_CONTEXT_ENDPOINT_INFO, view(il1),
               fx->rsp.endpoint_info.signature);
    }
}

static void append_versions(const Fx *fx, GByteArray *out)
{
    static const uint16_t versions[] = { 0x1000, 0x1100, 0x1200 };

    spdm_opaque_encode_supported(fx->o.version, versions, 3, out);
}

void fx_make_key_exchange(Fx *fx, SpdmDhe *dhe, uint8_t summary,
                          GByteArray *out)
{
    g_autoptr(GByteArray) opaque = g_byte_array_new();
    SpdmMsg m = fx_msg(fx, SPDM_KEY_EXCHANGE, summary, 0);
    SpdmWireCtx wire = spdm_conn_wire_ctx(&fx->conn);
    uint8_t random[SPDM_NONCE_SIZE];

    append_versions(fx, opaque);
    m.key_exchange = (SpdmMsgKeyExchange){
        .req_session_id = fx->next_session_id++,
        .session_policy = fx->o.policy,
        .random = random_bytes(fx, random, sizeof(random)),
        .exchange = SPDM_BYTES(spdm_dhe_public(dhe),
                               fx->conn.dhe->public_size),
        .opaque = view(opaque),
    };
    g_assert_true(spdm_msg_encode(&wire, &m, out));
}

void fx_make_psk_exchange(Fx *fx, uint8_t summary, GByteArray *out)
{
    g_autoptr(GByteArray) opaque = g_byte_array_new();
    SpdmMsg m = fx_msg(fx, SPDM_PSK_EXCHANGE, summary, fx->o.policy);
    uint8_t context[SPDM_MAX_HASH];

    append_versions(fx, opaque);
    m.psk_exchange = (SpdmMsgPskExchange){
        .req_session_id = fx->next_session_id++,
        .hint = SPDM_BYTES(FX_PSK_HINT, strlen(FX_PSK_HINT)),
        .context = random_bytes(fx, context, sizeof(context)),
        .opaque = view(opaque),
    };
    g_assert_true(spdm_msg_encode(&fx->wire, &m, out));
}

static SpdmSession *new_session(Fx *fx, SpdmSessionType type,
                                uint16_t rsp_id, SpdmBytes opaque)
{
    SpdmConn *conn = &fx->conn;
    SpdmSession *s = spdm_conn_free_session(conn, SPDM_MAX_SESSIONS);
    SpdmOpaque o;

    g_assert_nonnull(s);
    g_assert_cmpuint(rsp_id, !=, 0);
    g_assert_true(spdm_opaque_parse(conn->version, opaque, &o));
    g_assert_true(o.has_selected);
    g_assert_cmphex(o.selected, ==, 0x1200);
    s->phase = SPDM_SESSION_HANDSHAKE;
    s->type = type;
    s->id = (uint32_t)rsp_id << 16 | (uint16_t)(fx->next_session_id - 1);
    s->secured_version = o.selected;
    s->mac_only = !spdm_conn_both(conn, SPDM_ENCRYPT_CAP);
    s->in_the_clear = type == SPDM_SESSION_SIGMA &&
        spdm_conn_both(conn, SPDM_HANDSHAKE_IN_THE_CLEAR_CAP);
    s->version = conn->version;
    s->hash = conn->hash;
    s->aead = conn->aead;
    s->heartbeat_period = fx->rsp.h.param1;
    return s;
}

static void expect_verify_data(const SpdmSession *s, const uint8_t *th,
                               SpdmBytes got)
{
    uint8_t expected[SPDM_MAX_HASH];

    spdm_session_verify_data(s, SPDM_SENDER_RESPONDER, th, expected);
    g_assert_cmpmem(expected, s->hash->size, got.data, got.len);
}

/* Signature, TH1, keys, VerifyData, as DSP0274 orders them. */
static void check_key_exchange_rsp(Fx *fx, SpdmSession *s, SpdmDhe *dhe)
{
    const SpdmMsgKeyExchangeRsp *rsp = &fx->rsp.key_exchange_rsp;
    size_t tail = fx->conn.asym->sig_size + rsp->verify_data.len;
    g_autoptr(GByteArray) k = exchange(fx, tail);
    g_autoptr(GByteArray) th = g_byte_array_new();
    g_auto(SpdmSharedSecret) secret = { .len = 0 };
    uint8_t th1[SPDM_MAX_HASH];

    s->mut_auth_requested = rsp->mut_auth_requested;
    s->peer_slot = rsp->slot_id_param == 0xf ? SPDM_SLOT_PUBLIC_KEY
                                             : rsp->slot_id_param;
    chain_hash(fx, 0, s->ct_hash);
    spdm_transcript_append(&s->k, view(k));
    g_assert_true(spdm_conn_th_bytes(&fx->conn, s, th));
    verify(fx, SPDM_CONTEXT_KEY_EXCHANGE_RSP, view(th), rsp->signature);
    spdm_transcript_append(&s->k, rsp->signature);
    g_assert_true(spdm_conn_th(&fx->conn, s, none, th1));
    g_assert_true(spdm_dhe_compute(dhe, rsp->exchange, &secret));
    spdm_session_derive_handshake(s, SPDM_BYTES(secret.data, secret.len),
                                  th1);
    if (!s->in_the_clear) {
        expect_verify_data(s, th1, rsp->verify_data);
        spdm_transcript_append(&s->k, rsp->verify_data);
    }
}

SpdmSession *fx_key_exchange(Fx *fx, uint8_t summary)
{
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    g_autoptr(SpdmDhe) dhe = spdm_dhe_new(fx->conn.dhe, &rng);
    SpdmSession *s;

    g_byte_array_set_size(fx->sent, 0);
    fx_make_key_exchange(fx, dhe, summary, fx->sent);
    fx->wire.has_summary = summary != 0;
    ask_bytes(fx, NULL);
    s = new_session(fx, SPDM_SESSION_SIGMA,
                    fx->rsp.key_exchange_rsp.rsp_session_id,
                    fx->rsp.key_exchange_rsp.opaque);
    check_key_exchange_rsp(fx, s, dhe);
    return s;
}

void fx_make_finish(Fx *fx, SpdmSession *s, GByteArray *out)
{
    uint8_t code = s->type == SPDM_SESSION_PSK ? SPDM_PSK_FINISH
                                               : SPDM_FINISH;
    bool mutual = s->mut_auth_requested != 0;
    const uint8_t header[] = { fx->o.version, code, mutual, s->peer_slot };
    uint8_t th[SPDM_MAX_HASH], mac[SPDM_MAX_HASH];

    g_byte_array_append(out, header, sizeof(header));
    if (fx->o.version >= SPDM_VERSION_14) {
        const uint8_t no_opaque[] = { 0, 0 };

        g_byte_array_append(out, no_opaque, sizeof(no_opaque));
    }
    if (mutual) {
        peer_bind(fx, s);
        peer_sign_finish(fx, s, out);
    }
    g_assert_true(spdm_conn_th(&fx->conn, s, view(out), th));
    spdm_session_verify_data(s, SPDM_SENDER_REQUESTER, th, mac);
    g_byte_array_append(out, mac, s->hash->size);
}

void fx_finish(Fx *fx, SpdmSession *s)
{
    uint8_t th[SPDM_MAX_HASH];
    g_autoptr(GByteArray) f = NULL;

    g_byte_array_set_size(fx->sent, 0);
    fx_make_finish(fx, s, fx->sent);
    ask_bytes(fx, s);
    if (s->in_the_clear) {
        g_autoptr(GByteArray) head = exchange(fx, s->hash->size);

        g_assert_true(spdm_conn_th(&fx->conn, s, view(head), th));
        expect_verify_data(s, th, fx->rsp.finish.verify_data);
    }
    f = exchange(fx, 0);
    g_assert_true(spdm_conn_th(&fx->conn, s, view(f), th));
    spdm_session_derive_data(s, th);
    s->phase = SPDM_SESSION_ESTABLISHED;
}

SpdmSession *fx_psk_exchange(Fx *fx, uint8_t summary)
{
    const SpdmMsgPskExchangeRsp *rsp = &fx->rsp.psk_exchange_rsp;
    uint8_t th[SPDM_MAX_HASH];
    g_autoptr(GByteArray) k = NULL;
    SpdmSession *s;

    g_byte_array_set_size(fx->sent, 0);
    fx_make_psk_exchange(fx, summary, fx->sent);
    fx->wire.has_summary = summary != 0;
    ask_bytes(fx, NULL);
    s = new_session(fx, SPDM_SESSION_PSK, rsp->rsp_session_id, rsp->opaque);
    k = exchange(fx, s->hash->size);
    spdm_transcript_append(&s->k, view(k));
    g_assert_true(spdm_conn_th(&fx->conn, s, none, th));
    spdm_session_derive_handshake(s, SPDM_BYTES(FX_PSK, strlen(FX_PSK)), th);
    expect_verify_data(s, th, rsp->verify_data);
    spdm_transcript_append(&s->k, rsp->verify_data);
    if (!spdm_conn_psk_finish(&fx->conn)) {
        g_assert_cmpuint(rsp->context.len, ==, 0);
        g_assert_true(spdm_conn_th(&fx->conn, s, none, th));
        spdm_session_derive_data(s, th);
        s->phase = SPDM_SESSION_ESTABLISHED;
    } else {
        g_assert_cmpuint(rsp->context.len, ==, s->hash->size);
    }
    return s;
}

SpdmSession *fx_sigma(Fx *fx)
{
    SpdmSession *s = fx_key_exchange(fx, SPDM_SUMMARY_NONE);

    fx_finish(fx, s);
    return s;
}

SpdmSession *fx_psk(Fx *fx)
{
    SpdmSession *s = fx_psk_exchange(fx, SPDM_SUMMARY_NONE);

    if (s->phase == SPDM_SESSION_HANDSHAKE) {
        fx_finish(fx, s);
    }
    return s;
}

/* The requester's side of spec/05 section 6. */
void fx_key_update(Fx *fx, SpdmSession *s, uint8_t op, uint8_t tag)
{
    const SpdmTransport *transport = spdm_transport(fx->o.transport);
    SpdmMsg req = fx_msg(fx, SPDM_KEY_UPDATE, op, tag);
    g_autoptr(GByteArray) frame = g_byte_array_new();
    SpdmFrame got;

    g_byte_array_set_size(fx->sent, 0);
    g_assert_true(spdm_msg_encode(&fx->wire, &req, fx->sent));
    fx_wrap(fx, s, view(fx->sent), frame);
    if (op == SPDM_UPDATE_ALL_KEYS) {
        spdm_session_update_keys(s, SPDM_SENDER_RESPONDER);
    }
    g_assert_true(fx_send_frame(fx, frame->data, frame->len));
    g_assert_true(transport->unpack(view(fx->frame), &got));
    g_assert_cmpint(spdm_record_open(s, SPDM_SENDER_RESPONDER,
                                     &transport->record, got.payload,
                                     fx->answer), ==, SPDM_OPEN_OK);
    decode_answer(fx);
    g_assert_cmphex(fx->rsp.h.code, ==, SPDM_RESPONSE_OF(SPDM_KEY_UPDATE));
    g_assert_cmpuint(fx->rsp.h.param1, ==, op);
    g_assert_cmpuint(fx->rsp.h.param2, ==, tag);
    if (op != SPDM_VERIFY_NEW_KEY) {
        spdm_session_update_keys(s, SPDM_SENDER_REQUESTER);
    }
}

void fx_heartbeat(Fx *fx, SpdmSession *s)
{
    SpdmMsg req = fx_msg(fx, SPDM_HEARTBEAT, 0, 0);

    fx_ask(fx, s, &req);
}

void fx_vendor(Fx *fx, SpdmSession *s)
{
    SpdmMsg req = fx_msg(fx, SPDM_VENDOR_DEFINED_REQUEST, 0, 0);

    req.vendor = (SpdmMsgVendor){
        .standard_id = FX_VENDOR_STANDARD,
        .vendor_id = SPDM_BYTES("\x01\x00", 2),
        .payload = SPDM_BYTES("payload", 7),
    };
    fx_ask(fx, s, &req);
    g_assert_cmpmem("payload", 7, fx->rsp.vendor.payload.data,
                    fx->rsp.vendor.payload.len);
}

void fx_forget(Fx *fx, SpdmSession *s)
{
    spdm_conn_end_session(&fx->conn, s);
}

void fx_end_session(Fx *fx, SpdmSession *s, uint8_t attributes)
{
    SpdmMsg req = fx_msg(fx, SPDM_END_SESSION, attributes, 0);
    uint32_t id = s->id;

    fx_ask(fx, s, &req);
    g_assert_null(fx_peer(fx, id));
    fx_forget(fx, s);
}

SpdmSession *fx_peer(Fx *fx, uint32_t id)
{
    return spdm_conn_session(&fx->r->conn, id);
}

void fx_expect_wiped(Fx *fx)
{
    static const uint8_t zeros[sizeof(fx->r->conn.sessions)];

    g_assert_cmpmem(fx->r->conn.sessions, sizeof(fx->r->conn.sessions),
                    zeros, sizeof(zeros));
    g_assert_cmpuint(fx_info(fx).session_count, ==, 0);
}

SpdmResponderInfo fx_info(const Fx *fx)
{
    SpdmResponderInfo info;

    spdm_responder_info(fx->r, &info);
    return info;
}

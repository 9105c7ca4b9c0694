/*
 * Recorded responses, given once more to a requester of ours, which is made
 * to ask what was asked: its requests must be those of the recording, to the
 * last byte of the frame, and it must be content with every answer. Its
 * randomness and its signatures are the recorded ones. Where a field is free,
 * the recorded request is laid into its mouth.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "replay.h"

#include <string.h>

#include "crypto/x509.h"
#include "requester/requester-int.h"

enum { CODE = 1, PARAM1 = 2, PARAM2 = 3 };

typedef struct Asked {
    const Recording *rec;
    SpdmRequester *rq;
    Tally *tally;
    Drawn drawn;
    unsigned at;             /* number of the request to come */
    unsigned opened;         /* sessions so far */
    GByteArray *offered;     /* NEGOTIATE_ALGORITHMS of ours that has fewer
                                tables than the recorded one; NULL: has not */
} Asked;

const FreeField asked_free[] = {
    { SPDM_NEGOTIATE_ALGORITHMS, "BaseAsymAlgo",
      "ours offers the algorithms that it has" },
    { SPDM_NEGOTIATE_ALGORITHMS, "BaseHashAlgo", "the same" },
    { SPDM_NEGOTIATE_ALGORITHMS, "PqcAsymAlgo", "the same" },
    { SPDM_NEGOTIATE_ALGORITHMS, "AlgSupported", "the same" },
    { SPDM_GET_CERTIFICATE, "Length", "as much as fits" },
    { SPDM_GET_CERTIFICATE, "LargeLength", "the same" },
    { SPDM_NEGOTIATE_ALGORITHMS, "tables",
      "of kinds that ours has no algorithm for; none was selected" },
    { SPDM_KEY_EXCHANGE, "OpaqueDataLength",
      "ours offers secured messages 1.2 from SPDM 1.2 on" },
    { SPDM_KEY_EXCHANGE, "OpaqueData", "the same" },
    { SPDM_PSK_EXCHANGE, "OpaqueDataLength", "the same" },
    { SPDM_PSK_EXCHANGE, "OpaqueData", "the same" },
    { SPDM_END_SESSION, "Param1",
      "ours would have to start again where the emulator goes on" },
    { SPDM_RESPONSE_OF(SPDM_GET_DIGESTS), "Digest",
      "of the requester's slots whose chains are not in the recording" },
    { SPDM_RESPONSE_OF(SPDM_GET_DIGESTS), "Param1",
      "which slots could hold a chain (1.3)" },
    { SPDM_RESPONSE_OF(SPDM_GET_ENDPOINT_INFO), "EPInfoLength",
      "what kind of endpoint the requester is" },
    { SPDM_RESPONSE_OF(SPDM_GET_ENDPOINT_INFO), "EPInfo", "the same" },
    { SPDM_PSK_EXCHANGE, "ContextLength",
      "its size is the requester's choice" },
    { SPDM_PSK_EXCHANGE, "RequesterContext", "the same" },
    { 0, NULL, NULL },
};

static void add_dummy(Drawn *drawn, size_t len)
{
    g_autofree uint8_t *zeros = g_malloc0(len);

    drawn_add(drawn, SPDM_BYTES(zeros, len));
}

/* @bytes, or as many that were drawn and not used in this version. */
static void add_or_dummy(Drawn *drawn, SpdmBytes bytes, size_t len)
{
    if (bytes.len) {
        drawn_add(drawn, bytes);
    } else {
        add_dummy(drawn, len);
    }
}

/* What is drawn for an answer to the responder's own request. */
static void foresee_embedded(Asked *p, SpdmBytes answer)
{
    SpdmWireCtx ctx = rec_ctx(p->rec, true, SPDM_BYTES(NULL, 0));
    SpdmMsg m;

    ctx.has_signature = true;
    if (answer.len < SPDM_HEADER_SIZE ||
        !spdm_msg_decode(&ctx, answer, &m, NULL, NULL)) {
        return;
    }
    if (m.h.code == SPDM_RESPONSE_OF(SPDM_CHALLENGE)) {
        drawn_add(&p->drawn, m.challenge_auth.nonce);
    } else if (m.h.code == SPDM_RESPONSE_OF(SPDM_GET_ENDPOINT_INFO)) {
        drawn_add(&p->drawn, m.endpoint_info.nonce);
    }
}

static void foresee_request(Asked *p, const SpdmMsg *m)
{
    switch (m->h.code) {
    case SPDM_CHALLENGE:
        drawn_add(&p->drawn, m->challenge.nonce);
        add_or_dummy(&p->drawn, m->challenge.context, SPDM_CONTEXT_SIZE);
        break;
    case SPDM_GET_MEASUREMENTS:
        add_or_dummy(&p->drawn, m->get_measurements.nonce, SPDM_NONCE_SIZE);
        add_or_dummy(&p->drawn, m->get_measurements.context,
                     SPDM_CONTEXT_SIZE);
        break;
    case SPDM_GET_ENDPOINT_INFO:
        drawn_add(&p->drawn, m->get_endpoint_info.nonce);
        break;
    case SPDM_KEY_EXCHANGE:
        drawn_add(&p->drawn, m->key_exchange.random);
        p->rq->next_session_id = m->key_exchange.req_session_id;
        break;
    case SPDM_PSK_EXCHANGE:
        add_dummy(&p->drawn, rec_ctx(p->rec, false,
                                     SPDM_BYTES(NULL, 0)).hash_size);
        p->rq->next_session_id = m->psk_exchange.req_session_id;
        break;
    case SPDM_KEY_UPDATE:
        p->rq->next_tag = m->h.param2;
        break;
    case SPDM_DELIVER_ENCAPSULATED_RESPONSE:
        foresee_embedded(p, m->encap.message);
        break;
    default:
        break;
    }
}

/* Before the request of message p->at is made. */
static void foresee(Asked *p)
{
    g_autoptr(GByteArray) request = rec_begun(p->rec, p->at);
    g_autoptr(GByteArray) raw = rec_hex_of(p->rec, "message", p->at, "spdm");
    g_autoptr(GByteArray) padding = rec_padding(p->rec, p->at);
    uint8_t len = (uint8_t)(padding->len - 1);
    SpdmWireCtx ctx = rec_ctx(p->rec, false, SPDM_BYTES(NULL, 0));
    SpdmMsg m;

    keys_of(p->rec, p->at, SPDM_SENDER_REQUESTER);
    drawn_restart(&p->drawn);
    if (raw->len > PARAM2 && raw->data[CODE] == SPDM_CHUNK_SEND) {
        p->rq->next_handle = raw->data[PARAM2];
    }
    if (request->len &&
        spdm_msg_decode(&ctx, rec_view(request), &m, NULL, NULL)) {
        foresee_request(p, &m);
    }
    if (padding->len) {
        drawn_add(&p->drawn, SPDM_BYTES(&len, 1));
        drawn_add(&p->drawn, rec_view(padding));
    }
}

/* --- what it says, and what it is told ----------------------------------- */

/* TH has the requester's DIGESTS, of which we know one chain only. */
static void correct_digests(Asked *p, uint32_t session, SpdmBytes deliver)
{
    SpdmSession *s = spdm_conn_session(&p->rq->conn, session);
    SpdmWireCtx ctx = rec_ctx(p->rec, false, SPDM_BYTES(NULL, 0));
    SpdmMsg m;

    if (s && spdm_transcript_view(&s->ed).len &&
        spdm_msg_decode(&ctx, deliver, &m, NULL, NULL) &&
        m.encap.message.len > CODE && m.encap.message.data[CODE] ==
        SPDM_RESPONSE_OF(SPDM_GET_DIGESTS)) {
        spdm_transcript_reset(&s->ed);
        spdm_transcript_append(&s->ed, m.encap.message);
    }
}

static uint16_t table(const SpdmMsgAlgorithms *v, uint8_t type)
{
    for (unsigned i = 0; i < v->table_count; i++) {
        if (v->tables[i].type == type) {
            return v->tables[i].supported;
        }
    }
    return 0;
}

/* Tables for which there is no algorithm here are left out by both sides. */
static bool lacks_tables(const GByteArray *own, const GByteArray *recorded)
{
    return own->data[CODE] == SPDM_NEGOTIATE_ALGORITHMS &&
           own->data[PARAM1] < recorded->data[PARAM1];
}

static bool offers(const GByteArray *request, uint8_t type)
{
    SpdmWireCtx ctx = { .hash_size = 0 };
    SpdmMsg m;

    return spdm_msg_decode(&ctx, rec_view(request), &m, NULL, NULL) &&
           table(&m.algorithms, type);
}

/* ALGORITHMS with the tables that ours has offered only. */
static void cut_tables(const Asked *p, GByteArray *bytes)
{
    SpdmWireCtx ctx = { .hash_size = 0 };
    unsigned kept = 0;
    SpdmMsg m;

    g_assert_true(spdm_msg_decode(&ctx, rec_view(bytes), &m, NULL, NULL));
    for (unsigned i = 0; i < m.algorithms.table_count; i++) {
        if (offers(p->offered, m.algorithms.tables[i].type)) {
            m.algorithms.tables[kept++] = m.algorithms.tables[i];
        } else {
            g_assert_cmphex(m.algorithms.tables[i].supported, ==, 0);
        }
    }
    m.h.param1 = (uint8_t)kept;
    m.algorithms.table_count = (uint8_t)kept;
    g_byte_array_set_size(bytes, 0);
    g_assert_true(spdm_msg_encode(&ctx, &m, bytes));
}

static bool compare_with(Asked *p, const SpdmWireCtx *ctx,
                         const GByteArray *own, const GByteArray *recorded)
{
    if (lacks_tables(own, recorded)) {
        p->offered = g_byte_array_new();
        g_byte_array_append(p->offered, own->data, own->len);
        tally_free(p->tally, "NEGOTIATE_ALGORITHMS", "tables");
        return true;
    }
    return fields_compare(ctx, rec_view(own), rec_view(recorded), asked_free,
                          p->tally);
}

static void compare(Asked *p, SpdmTapContext *context)
{
    g_autoptr(GByteArray) recorded = rec_begun(p->rec, p->at);
    SpdmWireCtx inner = rec_ctx(p->rec, true, SPDM_BYTES(NULL, 0));
    SpdmWireCtx ctx = rec_ctx(p->rec, false, SPDM_BYTES(NULL, 0));

    inner.has_signature = true;
    ctx.embedded = &inner;
    if (recorded->len && compare_with(p, &ctx, context->bytes, recorded)) {
        g_byte_array_set_size(recorded, recorded->len - (guint)
                              fields_tail(&ctx, rec_view(recorded)));
        g_byte_array_set_size(context->bytes, 0);
        g_byte_array_append(context->bytes, recorded->data, recorded->len);
        correct_digests(p, context->session_id, rec_view(recorded));
    }
}

static SpdmTapVerdict listen(void *opaque, SpdmTapContext *context)
{
    Asked *p = opaque;

    if (context->event == SPDM_TAP_COMPOSE) {
        compare(p, context);
    } else if (context->event == SPDM_TAP_RX_MSG && p->offered &&
               context->bytes->data[CODE] ==
               SPDM_RESPONSE_OF(SPDM_NEGOTIATE_ALGORITHMS)) {
        cut_tables(p, context->bytes);
    }
    return SPDM_TAP_PASS;
}

static void draw(void *opaque, void *buf, size_t len)
{
    drawn_fill(&((Asked *)opaque)->drawn, buf, len);
}

static bool give(void *opaque, const uint8_t *frame, size_t len,
                 GByteArray *reply, int64_t timeout_us, GError **errp)
{
    Asked *p = opaque;
    g_autoptr(GByteArray) expected = rec_frame(p->rec, p->at);
    g_autoptr(GByteArray) answer = rec_frame(p->rec, p->at + 1);

    if (len != expected->len || memcmp(frame, expected->data, len) != 0) {
        g_set_error(errp, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE,
                    "message %u is another (%zu bytes, recorded %u)", p->at,
                    len, expected->len);
        return false;
    }
    if (p->drawn.next->len) {
        g_test_message("message %u: recorded randomness was not drawn",
                       p->at);
        g_test_fail();
    }
    g_byte_array_append(reply, answer->data, answer->len);
    p->at += 2;
    foresee(p);
    return true;
}

/* --- how it is made to ask ----------------------------------------------- */

typedef struct Call {
    Asked *p;
    uint32_t session;        /* 0: outside */
    SpdmMsg m;               /* the request */
    GError *err;
} Call;

static bool ask_version(Call *c)
{
    return spdm_requester_version(c->p->rq, &c->err);
}

static bool ask_capabilities(Call *c)
{
    return spdm_requester_capabilities(c->p->rq, &c->err);
}

static bool know_chains(Call *c)
{
    const RecIdentity *id = &c->p->rec->identity[SPDM_SENDER_RESPONDER];
    g_autoptr(GByteArray) first = rec_find(c->p->rec, SPDM_GET_CERTIFICATE);

    for (uint8_t slot = 0; !first->len && slot < REC_SLOTS; slot++) {
        if (id->fetched & (1u << slot) &&
            !spdm_requester_set_chain(c->p->rq, slot, id->chain[slot]->data,
                                      id->chain[slot]->len, &c->err)) {
            return false;
        }
    }
    return true;
}

/* What was cut away is part of all transcripts. */
static void restore_vca(Asked *p)
{
    static const uint8_t codes[] = {
        SPDM_GET_VERSION, SPDM_GET_CAPABILITIES, SPDM_NEGOTIATE_ALGORITHMS,
    };
    SpdmTranscript *a = &p->rq->conn.a;

    spdm_transcript_reset(a);
    for (unsigned i = 0; i < G_N_ELEMENTS(codes); i++) {
        g_autoptr(GByteArray) request = rec_find(p->rec, codes[i]);
        g_autoptr(GByteArray) response =
            rec_find(p->rec, SPDM_RESPONSE_OF(codes[i]));

        spdm_transcript_append(a, rec_view(request));
        spdm_transcript_append(a, rec_view(response));
    }
}

/* What was known in advance. */
static bool ask_algorithms(Call *c)
{
    g_autoptr(GByteArray) key = rec_hex(c->p->rec, "provisioned",
                                        "responder_public_key");

    if (!spdm_requester_algorithms(c->p->rq, &c->err)) {
        return false;
    }
    if (c->p->offered) {
        restore_vca(c->p);
    }
    return know_chains(c) &&
           (!key->len || spdm_requester_set_public_key(
                             c->p->rq, key->data, key->len, &c->err));
}

static bool ask_digests(Call *c)
{
    return spdm_requester_digests(c->p->rq, c->session, &c->err);
}

static bool ask_certificate(Call *c)
{
    return spdm_requester_certificate(c->p->rq, c->session,
                                      c->m.h.param1 & 0xf, 0, &c->err);
}

static bool ask_challenge(Call *c)
{
    return spdm_requester_challenge(c->p->rq, c->m.h.param1, c->m.h.param2,
                                    &c->err);
}

static bool ask_measurements(Call *c)
{
    SpdmMeasurementQuery query = {
        .index = c->m.h.param2,
        .sign = c->m.h.param1 & SPDM_MEAS_REQ_SIGNATURE,
        .raw = c->m.h.param1 & SPDM_MEAS_REQ_RAW,
        .fresh = c->m.h.param1 & SPDM_MEAS_REQ_NEW,
        .slot = c->m.get_measurements.slot,
    };

    return spdm_requester_measurements(c->p->rq, c->session, &query, NULL,
                                       &c->err);
}

static bool ask_mel(Call *c)
{
    return spdm_requester_mel(c->p->rq, c->session, c->m.get_mel.length,
                              NULL, &c->err);
}

static bool ask_endpoint_info(Call *c)
{
    return spdm_requester_endpoint_info(
        c->p->rq, c->session,
        c->m.get_endpoint_info.attributes & SPDM_EP_INFO_SIGNATURE,
        c->m.h.param2, NULL, &c->err);
}

static bool ask_key_pair(Call *c)
{
    SpdmKeyPair pair;

    return spdm_requester_key_pair(c->p->rq, c->session,
                                   c->m.key_pair_info.key_pair_id, &pair,
                                   NULL, &c->err);
}

static bool ask_csr(Call *c)
{
    SpdmCsrParams params = {
        .key_pair_id = c->m.h.param1,
        .model = c->m.h.param2 & 7,
        .requester_info = c->m.get_csr.requester_info,
        .opaque = c->m.get_csr.opaque,
    };
    g_autoptr(GByteArray) csr = g_byte_array_new();
    SpdmProvisionResult result;

    return spdm_requester_csr(c->p->rq, c->session, &params, &result, csr,
                              &c->err);
}

/* The recorded ends were told of the other byte order. */
static bool know_order(const Call *c)
{
    g_autofree char *group = g_strdup_printf("session %u", c->p->opened);
    g_autofree char *order = rec_text(c->p->rec, group,
                                      "sequence_number_endian");

    if (strcmp(order, "big") == 0) {
        spdm_conn_session(&c->p->rq->conn, c->session)->sequence_order =
            SPDM_SEQUENCE_BIG;
    }
    return true;
}

static bool ask_key_exchange(Call *c)
{
    SpdmKeyExchangeParams params = {
        .slot = c->m.h.param2, .summary = c->m.h.param1,
        .policy = c->m.key_exchange.session_policy,
    };

    c->p->opened++;
    return spdm_requester_key_exchange(c->p->rq, &params, &c->session,
                                       &c->err) && know_order(c);
}

static bool ask_finish(Call *c)
{
    return spdm_requester_finish(c->p->rq, c->session, &c->err);
}

static bool ask_psk_exchange(Call *c)
{
    unsigned session = ++c->p->opened;
    g_autoptr(GByteArray) secret = rec_hex_of(c->p->rec, "session", session,
                                              "psk");
    SpdmPskExchangeParams params = {
        .hint = c->m.psk_exchange.hint, .secret = rec_view(secret),
        .summary = c->m.h.param1, .policy = c->m.h.param2,
    };

    return spdm_requester_psk_exchange(c->p->rq, &params, &c->session,
                                       &c->err);
}

static bool ask_psk_finish(Call *c)
{
    return spdm_requester_psk_finish(c->p->rq, c->session, &c->err);
}

static bool ask_heartbeat(Call *c)
{
    return spdm_requester_heartbeat(c->p->rq, c->session, &c->err);
}

static bool ask_key_update(Call *c)
{
    return spdm_requester_key_update(c->p->rq, c->session, c->m.h.param1 ==
                                     SPDM_UPDATE_ALL_KEYS, &c->err);
}

static bool ask_end_session(Call *c)
{
    g_autoptr(GByteArray) next = rec_begun(c->p->rec, c->p->at + 2);
    bool goes_on = next->len > CODE && next->data[CODE] != SPDM_GET_VERSION;

    return spdm_requester_end_session(
        c->p->rq, c->session, !goes_on &&
        (c->m.h.param1 & SPDM_END_SESSION_CLEAR_STATE), &c->err);
}

static bool ask_encapsulated(Call *c)
{
    return spdm_requester_encapsulated(c->p->rq, c->session, NULL, &c->err);
}

static bool ask_vendor(Call *c)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();

    return spdm_requester_vendor(c->p->rq, c->session,
                                 c->m.vendor.standard_id,
                                 c->m.vendor.vendor_id, c->m.vendor.payload,
                                 reply, &c->err);
}

static const struct {
    uint8_t code;
    bool (*ask)(Call *call);
} calls[] = {
    { SPDM_GET_VERSION, ask_version },
    { SPDM_GET_CAPABILITIES, ask_capabilities },
    { SPDM_NEGOTIATE_ALGORITHMS, ask_algorithms },
    { SPDM_GET_DIGESTS, ask_digests },
    { SPDM_GET_CERTIFICATE, ask_certificate },
    { SPDM_CHALLENGE, ask_challenge },
    { SPDM_GET_MEASUREMENTS, ask_measurements },
    { SPDM_GET_MEASUREMENT_EXTENSION_LOG, ask_mel },
    { SPDM_GET_ENDPOINT_INFO, ask_endpoint_info },
    { SPDM_GET_KEY_PAIR_INFO, ask_key_pair },
    { SPDM_GET_CSR, ask_csr },
    { SPDM_KEY_EXCHANGE, ask_key_exchange },
    { SPDM_FINISH, ask_finish },
    { SPDM_PSK_EXCHANGE, ask_psk_exchange },
    { SPDM_PSK_FINISH, ask_psk_finish },
    { SPDM_HEARTBEAT, ask_heartbeat },
    { SPDM_KEY_UPDATE, ask_key_update },
    { SPDM_END_SESSION, ask_end_session },
    { SPDM_GET_ENCAPSULATED_REQUEST, ask_encapsulated },
    { SPDM_DELIVER_ENCAPSULATED_RESPONSE, ask_encapsulated },
    { SPDM_VENDOR_DEFINED_REQUEST, ask_vendor },
};

/* A record's session, or the one whose handshake is in the clear. */
static uint32_t session_of(const Asked *p)
{
    unsigned number = rec_int_of(p->rec, "message", p->at, "session");
    SpdmSession *s;

    if (number) {
        return rec_session_id(p->rec, number);
    }
    s = spdm_conn_session(&p->rq->conn, rec_session_id(p->rec, p->opened));
    return s && s->phase == SPDM_SESSION_HANDSHAKE ? s->id : 0;
}

static bool dispatch(Call *c)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(calls); i++) {
        if (calls[i].code == c->m.h.code) {
            return calls[i].ask(c);
        }
    }
    g_set_error(&c->err, SPDM_REQUESTER_ERROR, SPDM_REQUESTER_ERROR_USAGE,
                "nobody asks %s", spdm_code_name(c->m.h.code));
    return false;
}

/* What was refused then is refused now. */
static bool was_refused(const Asked *p, unsigned n)
{
    g_autoptr(GByteArray) answer = rec_whole(p->rec, n + 1);

    return answer->len > CODE && answer->data[CODE] == SPDM_ERROR;
}

static void stop(Asked *p, const char *why)
{
    p->tally->why_not = g_strdup_printf("ends at message %u: %s", p->at, why);
}

static void ask(Asked *p)
{
    SpdmWireCtx ctx = rec_ctx(p->rec, false, SPDM_BYTES(NULL, 0));
    g_autoptr(GByteArray) request = rec_begun(p->rec, p->at);
    Call c = { .p = p };
    unsigned n = p->at;
    bool ok;

    if (!spdm_msg_decode(&ctx, rec_view(request), &c.m, NULL, NULL)) {
        g_test_fail();
        stop(p, "the request has no layout");
        return;
    }
    c.session = session_of(p);
    ok = dispatch(&c);
    if (ok != was_refused(p, n) && p->at > n) {
        g_clear_error(&c.err);
        return;
    }
    g_test_message("message %u: %s", n, c.err ? c.err->message : "accepted");
    g_test_fail();
    stop(p, c.err ? c.err->message : "it was refused in the recording");
    g_clear_error(&c.err);
}

static void pass_over(Asked *p)
{
    SpdmSession *s = spdm_conn_session(
        &p->rq->conn, rec_session_id(p->rec, rec_int_of(p->rec, "message",
                                                        p->at, "session")));

    if (s) {
        s->keys[SPDM_SENDER_REQUESTER].sequence++;
        s->keys[SPDM_SENDER_RESPONDER].sequence++;
        p->tally->foreign++;
    }
    p->at += 2;
    foresee(p);
}

/* --- how it is made ------------------------------------------------------ */

static void offer_algorithms(const Recording *rec, SpdmRequesterConfig *c)
{
    g_autoptr(GByteArray) bytes = rec_find(rec, SPDM_NEGOTIATE_ALGORITHMS);
    SpdmWireCtx ctx = { .hash_size = 0 };
    SpdmMsg m;

    g_assert_true(spdm_msg_decode(&ctx, rec_view(bytes), &m, NULL, NULL));
    c->hash = m.algorithms.base_hash;
    c->asym = m.algorithms.base_asym;
    c->dhe = table(&m.algorithms, SPDM_ALG_TYPE_DHE);
    c->aead = table(&m.algorithms, SPDM_ALG_TYPE_AEAD);
    c->req_asym = table(&m.algorithms, SPDM_ALG_TYPE_REQ_ASYM);
    c->opaque_formats = m.algorithms.other_params &
                        SPDM_OTHER_PARAMS_OPAQUE_MASK;
    c->multi_key = m.algorithms.other_params & SPDM_OTHER_PARAMS_MULTI_KEY;
}

static void offer_secured(const Recording *rec, SpdmRequesterConfig *c)
{
    g_autoptr(GByteArray) sigma = rec_find(rec, SPDM_KEY_EXCHANGE);
    g_autoptr(GByteArray) psk = rec_find(rec, SPDM_PSK_EXCHANGE);
    SpdmWireCtx ctx = rec_ctx(rec, false, SPDM_BYTES(NULL, 0));
    SpdmOpaque o = { .version_count = 0 };
    SpdmMsg m;

    if (sigma->len) {
        g_assert_true(spdm_msg_decode(&ctx, rec_view(sigma), &m, NULL,
                                      NULL));
        spdm_opaque_parse(m.h.version, m.key_exchange.opaque, &o);
    } else if (psk->len) {
        g_assert_true(spdm_msg_decode(&ctx, rec_view(psk), &m, NULL, NULL));
        spdm_opaque_parse(m.h.version, m.psk_exchange.opaque, &o);
    }
    if (o.version_count) {
        c->secured_min = o.versions[0];
        c->secured_max = o.versions[o.version_count - 1];
    }
}

static void offer_capabilities(const Recording *rec, SpdmRequesterConfig *c)
{
    g_autoptr(GByteArray) bytes = rec_find(rec, SPDM_GET_CAPABILITIES);
    SpdmWireCtx ctx = { .hash_size = 0 };
    SpdmMsg m;

    g_assert_true(spdm_msg_decode(&ctx, rec_view(bytes), &m, NULL, NULL));
    c->min_version = c->max_version = m.h.version;
    c->ct_exponent = m.capabilities.ct_exponent;
    c->ask_supported = m.h.param1;
    if (m.h.version >= SPDM_VERSION_12) {
        c->data_transfer_size = m.capabilities.data_transfer_size;
        c->max_msg_size = m.capabilities.max_msg_size;
    }
    c->flags = 0;
}

/* Certificates of @chain (an SPDM structure); NULL: something in its place. */
static GPtrArray *certificates(const Recording *rec, const GByteArray *chain)
{
    size_t head = SPDM_HEADER_SIZE +
                  rec_ctx(rec, false, SPDM_BYTES(NULL, 0)).hash_size;
    GPtrArray *none;

    if (chain && chain->len > head) {
        return spdm_x509_split_der(SPDM_BYTES(chain->data + head,
                                              chain->len - head));
    }
    none = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    g_ptr_array_add(none, g_bytes_new_static("none", 4));
    return none;
}

/* Its slots, with the recorded chains; keys are in keys.c. */
static void be_who_it_was(Asked *p)
{
    const RecIdentity *own = &p->rec->identity[SPDM_SENDER_REQUESTER];

    for (uint8_t slot = 0; slot < REC_SLOTS; slot++) {
        SpdmReqIdentity *id;

        /* Without any it would not offer to be authenticated. */
        if (slot && !own->chain[slot]) {
            continue;
        }
        id = g_new0(SpdmReqIdentity, 1);
        id->slot = slot;
        id->key_pair_id = own->key[slot].key_pair_id;
        id->cert_model = (uint8_t)own->key[slot].model;
        id->key_usage = own->has_digests ? own->key[slot].usage
                                         : SPDM_KEY_USAGE_ALL;
        id->der = certificates(p->rec, own->chain[slot]);
        g_ptr_array_add(p->rq->identities, id);
    }
}

static SpdmTransportType transport_of(const Recording *rec)
{
    g_autofree char *name = rec_text(rec, "vector", "transport");

    return strcmp(name, "TCP") == 0 ? SPDM_TRANSPORT_TCP :
           strcmp(name, "MCTP") == 0 ? SPDM_TRANSPORT_MCTP
                                     : SPDM_TRANSPORT_PCI_DOE;
}

static void make(Asked *p)
{
    g_autoptr(GError) err = NULL;
    SpdmRequesterConfig config;

    spdm_requester_config_init(&config);
    config.transport = transport_of(p->rec);
    config.io = (SpdmRequesterIo){
        .send_receive = give, .random = draw, .opaque = p,
    };
    offer_capabilities(p->rec, &config);
    offer_algorithms(p->rec, &config);
    offer_secured(p->rec, &config);
    p->rq = spdm_requester_new(&config, &err);
    g_assert_no_error(err);
    p->rq->cfg.flags = rec_int(p->rec, "connection",
                               "requester_capabilities");
    be_who_it_was(p);
}

void replay_asked(Recording *rec, Tally *tally)
{
    Asked p = { .rec = rec, .tally = tally, .at = 1 };
    SpdmTap tap = { listen, &p };

    drawn_init(&p.drawn);
    make(&p);
    spdm_requester_add_tap(p.rq, &tap);
    foresee(&p);
    while (p.at < rec->messages && !tally->why_not) {
        if (rec_is_spdm(rec, p.at)) {
            ask(&p);
        } else {
            pass_over(&p);
        }
    }
    keys_of(NULL, 0, SPDM_SENDER_RESPONDER);
    spdm_requester_free(p.rq);
    g_clear_pointer(&p.offered, g_byte_array_unref);
    drawn_clear(&p.drawn);
}

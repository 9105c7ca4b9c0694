/*
 * The requester's identity and its embedded responses.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "peer.h"

#include "crypto/x509.h"

enum { MAX_ALGS = 16, CHAIN_FROM = 1577836800 };

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static void append(GByteArray *a, SpdmBytes bytes)
{
    g_byte_array_append(a, bytes.data, (guint)bytes.len);
}

typedef struct Identity {
    const SpdmAsymAlg *alg;
    SpdmPrivateKey *key;
    GPtrArray *der;
    GBytes *chain;
    const SpdmHashAlg *hash;
} Identity;

/* Made once for each algorithm. */
static Identity *identity(const SpdmAsymAlg *alg)
{
    static Identity all[MAX_ALGS];
    SpdmSeeded *seeded;
    SpdmRng rng;
    SpdmChainSpec spec = {
        .alg = alg,
        .hash = spdm_hash_by_name("SHA-384"),
        .common_name = "requester",
        .requester = true,
        .not_before = CHAIN_FROM,
        .not_after = INT64_C(253402300799),
    };
    unsigned i = 0;

    while (all[i].alg && all[i].alg != alg) {
        i++;
    }
    if (!all[i].alg) {
        seeded = spdm_seeded_new("requester", "identity");
        rng = spdm_seeded_rng(seeded);
        all[i].alg = alg;
        all[i].der = spdm_x509_generate(&spec, &rng, &all[i].key, NULL);
        g_assert_nonnull(all[i].der);
        spdm_seeded_free(seeded);
    }
    return &all[i];
}

SpdmBytes peer_chain(const SpdmAsymAlg *alg, const SpdmHashAlg *hash)
{
    Identity *id = identity(alg);

    if (id->hash != hash) {
        g_clear_pointer(&id->chain, g_bytes_unref);
        id->chain = spdm_x509_build_chain(id->der, hash);
        id->hash = hash;
    }
    return SPDM_BYTES(g_bytes_get_data(id->chain, NULL),
                      g_bytes_get_size(id->chain));
}

SpdmPrivateKey *peer_key(const SpdmAsymAlg *alg)
{
    return identity(alg)->key;
}

static SpdmBytes own_chain(const Fx *fx)
{
    return peer_chain(fx->conn.req_asym, fx->conn.hash);
}

void peer_sign(Fx *fx, const char *context, SpdmBytes transcript,
               GByteArray *out)
{
    const SpdmAsymAlg *alg = fx->conn.req_asym;
    SpdmRng rng = spdm_seeded_rng(fx->req_rng);
    g_autoptr(GByteArray) message = g_byte_array_new();
    uint8_t sig[SPDM_MAX_SIGNATURE];
    SpdmBytes part;

    spdm_conn_to_be_signed(&fx->conn, context, transcript, message);
    part = view(message);
    g_assert_true(spdm_sign(peer_key(alg), alg, fx->conn.hash, context, &part,
                            1, &rng, sig));
    g_byte_array_append(out, sig, alg->sig_size);
}

void peer_bind(Fx *fx, SpdmSession *s)
{
    SpdmBytes who = own_chain(fx);
    g_autoptr(SpdmPublicKey) public = NULL;
    g_autoptr(GBytes) spki = NULL;

    if (!s->mut_auth_requested || s->has_cm) {
        return;
    }
    if (s->peer_slot == SPDM_SLOT_PUBLIC_KEY) {
        public = spdm_private_key_public(peer_key(fx->conn.req_asym));
        spki = spdm_public_key_to_spki(public, NULL);
        who = SPDM_BYTES(g_bytes_get_data(spki, NULL),
                         g_bytes_get_size(spki));
    }
    spdm_hash(fx->conn.hash, &who, 1, s->cm_hash);
    s->has_cm = true;
}

void peer_sign_finish(Fx *fx, SpdmSession *s, GByteArray *out)
{
    g_autoptr(GByteArray) th = g_byte_array_new();

    g_assert_true(spdm_conn_th_bytes(&fx->conn, s, th));
    append(th, view(out));
    peer_sign(fx, SPDM_CONTEXT_FINISH, view(th), out);
}

static bool has_code(const GByteArray *message, uint8_t code)
{
    return message->len >= SPDM_HEADER_SIZE && message->data[1] == code;
}

/* What came embedded in the answer is the request to be answered next. */
static void keep_request(Fx *fx)
{
    g_byte_array_set_size(fx->asked, 0);
    if (fx->rsp.h.code != SPDM_ERROR) {
        append(fx->asked, fx->rsp.encap.message);
        fx->asked_id = fx->rsp.h.param1;
    }
}

void peer_fetch(Fx *fx, SpdmSession *s)
{
    SpdmMsg req = fx_msg(fx, SPDM_GET_ENCAPSULATED_REQUEST, 0, 0);

    fx_ask(fx, s, &req);
    keep_request(fx);
}

bool peer_deliver(Fx *fx, SpdmSession *s, uint8_t id, SpdmBytes response)
{
    SpdmMsg req = fx_msg(fx, SPDM_DELIVER_ENCAPSULATED_RESPONSE, id, 0);

    req.encap.message = response;
    if (!fx_try(fx, s, &req)) {
        return false;
    }
    if (fx->rsp.h.code != SPDM_ERROR) {
        g_assert_cmphex(fx->rsp.h.code, ==,
                        SPDM_RESPONSE_OF(req.h.code));
        g_assert_cmpuint(fx->rsp.encap.ack_id, ==,
                         fx->o.version >= SPDM_VERSION_12 ? id : 0);
    }
    keep_request(fx);
    return true;
}

/* Responses, each with the request it answers. */

static void digests(Fx *fx, SpdmSession *s, const SpdmMsg *req, SpdmMsg *rsp)
{
    static uint8_t both[2 * SPDM_MAX_HASH];
    size_t h = fx->conn.hash->size;
    SpdmBytes chain = own_chain(fx);

    spdm_hash(fx->conn.hash, &chain, 1, both);
    memcpy(both + h, both, h);
    rsp->h.param2 = 1 | 1 << FX_PEER_SLOT;
    rsp->digests.digests = SPDM_BYTES(both, 2 * h);
}

static void certificate(Fx *fx, SpdmSession *s, const SpdmMsg *req,
                        SpdmMsg *rsp)
{
    uint32_t at = req->get_certificate.offset;
    SpdmBytes chain = own_chain(fx);
    uint32_t len = MIN(req->get_certificate.length, FX_PEER_PORTION);

    g_assert_cmpuint(at, <, chain.len);
    len = (uint32_t)MIN(len, chain.len - at);
    rsp->h.param1 = req->h.param1;
    rsp->certificate.portion_length = len;
    rsp->certificate.remainder_length = (uint32_t)(chain.len - at) - len;
    rsp->certificate.portion = SPDM_BYTES(chain.data + at, len);
}

static void challenge_auth(Fx *fx, SpdmSession *s, const SpdmMsg *req,
                           SpdmMsg *rsp)
{
    static uint8_t hash[SPDM_MAX_HASH];
    SpdmBytes chain = own_chain(fx);

    g_assert_cmpuint(req->h.param2, ==, 0);
    spdm_hash(fx->conn.hash, &chain, 1, hash);
    rsp->h.param1 = req->h.param1;
    rsp->h.param2 = (uint8_t)(1 << req->h.param1);
    rsp->challenge_auth.cert_chain_hash = SPDM_BYTES(hash,
                                                     fx->conn.hash->size);
    rsp->challenge_auth.nonce = req->challenge.nonce;
    rsp->challenge_auth.context = req->challenge.context;
}

/* DSP0277: the requester has the new key before it answers. */
static void key_update_ack(Fx *fx, SpdmSession *s, const SpdmMsg *req,
                           SpdmMsg *rsp)
{
    rsp->h.param1 = req->h.param1;
    rsp->h.param2 = req->h.param2;
    if (req->h.param1 == SPDM_UPDATE_KEY) {
        spdm_session_update_keys(s, SPDM_SENDER_RESPONDER);
    } else {
        g_assert_cmpuint(req->h.param1, ==, SPDM_VERIFY_NEW_KEY);
        spdm_session_drop_backup(s, SPDM_SENDER_RESPONDER);
    }
}

static void event_ack(Fx *fx, SpdmSession *s, const SpdmMsg *req,
                      SpdmMsg *rsp)
{
}

static void endpoint_info(Fx *fx, SpdmSession *s, const SpdmMsg *req,
                          SpdmMsg *rsp)
{
    rsp->h.param2 = req->h.param2;
    rsp->endpoint_info.nonce = req->get_endpoint_info.nonce;
    rsp->endpoint_info.info = SPDM_BYTES(FX_PEER_INFO,
                                         strlen(FX_PEER_INFO));
}

static const struct {
    uint8_t code;
    void (*fill)(Fx *fx, SpdmSession *s, const SpdmMsg *req, SpdmMsg *rsp);
} answers[] = {
    { SPDM_GET_DIGESTS, digests },
    { SPDM_GET_CERTIFICATE, certificate },
    { SPDM_CHALLENGE, challenge_auth },
    { SPDM_KEY_UPDATE, key_update_ack },
    { SPDM_SEND_EVENT, event_ack },
    { SPDM_GET_ENDPOINT_INFO, endpoint_info },
};

/* The signature behind a response, and what the next one is about. */
static void sign_answer(Fx *fx, bool endpoint_signed, GByteArray *out)
{
    g_autoptr(GByteArray) pair = g_byte_array_new();
    g_autoptr(GByteArray) transcript = g_byte_array_new();

    append(pair, view(fx->asked));
    append(pair, view(out));
    if (has_code(fx->asked, SPDM_CHALLENGE)) {
        g_assert_true(spdm_conn_mut_m1(&fx->conn, &fx->mut_b, view(pair),
                                       transcript));
        peer_sign(fx, SPDM_CONTEXT_REQ_CHALLENGE_AUTH, view(transcript),
                  out);
        spdm_transcript_reset(&fx->mut_b);
    } else if (endpoint_signed) {
        g_assert_true(spdm_conn_il1(&fx->conn, view(pair), transcript));
        peer_sign(fx, SPDM_CONTEXT_REQ_ENDPOINT_INFO, view(transcript), out);
    } else {
        spdm_transcript_append(&fx->mut_b, view(pair));
    }
}

void peer_answer(Fx *fx, SpdmSession *s, GByteArray *out)
{
    SpdmWireCtx wire = spdm_conn_embedded_ctx(&fx->conn);
    SpdmMsg req, rsp;
    unsigned i = 0;

    g_assert_true(spdm_msg_decode(&wire, view(fx->asked), &req, NULL, NULL));
    g_assert_cmphex(req.h.version, ==, fx->o.version);
    while (answers[i].code != req.h.code) {
        i++;
        g_assert_cmpuint(i, <, G_N_ELEMENTS(answers));
    }
    rsp = fx_msg(fx, SPDM_RESPONSE_OF(req.h.code), 0, 0);
    answers[i].fill(fx, s, &req, &rsp);
    wire.has_signature = req.h.code == SPDM_GET_ENDPOINT_INFO &&
        (req.get_endpoint_info.attributes & SPDM_EP_INFO_SIGNATURE);
    g_assert_true(spdm_msg_encode(&wire, &rsp, out));
    if (req.h.code == SPDM_GET_DIGESTS) {
        spdm_transcript_reset(&fx->mut_b);
    }
    sign_answer(fx, wire.has_signature, out);
}

void peer_answer_all(Fx *fx, SpdmSession *s)
{
    uint8_t ack;

    do {
        g_autoptr(GByteArray) out = g_byte_array_new();

        peer_answer(fx, s, out);
        g_assert_true(peer_deliver(fx, s, fx->asked_id, view(out)));
        g_assert_cmphex(fx->rsp.h.code, ==, SPDM_RESPONSE_OF(
                        SPDM_DELIVER_ENCAPSULATED_RESPONSE));
        ack = fx->rsp.h.param2;
    } while (ack == SPDM_ENCAP_PRESENT);
    if (ack == SPDM_ENCAP_SLOT_NUMBER) {
        s->peer_slot = fx->rsp.encap.message.data[0];
    }
}

/* RequestID 0 and GET_DIGESTS are as though they had been received. */
static void imply_digests(Fx *fx)
{
    const uint8_t get_digests[] = { fx->o.version, SPDM_GET_DIGESTS, 0, 0 };

    g_byte_array_set_size(fx->asked, 0);
    g_byte_array_append(fx->asked, get_digests, sizeof(get_digests));
    fx->asked_id = 0;
}

void peer_flow(Fx *fx, SpdmSession *s)
{
    uint8_t form = s ? s->mut_auth_requested : SPDM_MUT_AUTH_ENCAP;

    if (form == SPDM_MUT_AUTH_IMPLICIT_DIGESTS) {
        imply_digests(fx);
    } else if (form == SPDM_MUT_AUTH_ENCAP) {
        peer_fetch(fx, s);
        g_assert_cmpuint(fx->asked_id, ==, 1);
    } else {
        return;
    }
    peer_answer_all(fx, s);
}

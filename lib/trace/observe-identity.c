/*
 * What answers do to a connection, and whether what they claim holds: from
 * VERSION to MEASUREMENTS.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "crypto/x509.h"
#include "trace/observer.h"

enum { SLOT_MASK = 0x0f };

static void append_pair(SpdmTranscript *t, const SpdmPair *p)
{
    spdm_transcript_append(t, p->req);
    spdm_transcript_append(t, p->rsp);
}

static SpdmBytes without(SpdmBytes message, SpdmBytes tail)
{
    return SPDM_BYTES(message.data, message.len - tail.len);
}

/* --- negotiation --------------------------------------------------------- */

static void on_version(SpdmObserver *o, const SpdmPair *p)
{
    append_pair(&o->conn.a, p);
    o->conn.state = SPDM_CONN_AFTER_VERSION;
    if (p->m->version.count == 0) {
        spdm_observer_finding(o, "it lists no version");
    }
}

static void on_capabilities(SpdmObserver *o, const SpdmPair *p)
{
    SpdmConn *c = &o->conn;

    append_pair(&c->a, p);
    c->version = p->m->h.version;
    c->req_flags = p->q->capabilities.flags &
                   spdm_request_flags_mask(c->version);
    c->rsp_flags = p->m->capabilities.flags &
                   spdm_response_flags_mask(c->version);
    c->state = SPDM_CONN_AFTER_CAPABILITIES;
    if (p->m->h.version != p->q->h.version) {
        spdm_observer_finding(o, "its SPDMVersion is not that of the "
                              "request");
    }
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

/* One of what was offered, or nothing. */
static void check_choice(SpdmObserver *o, uint32_t offer, uint32_t choice,
                         const char *what)
{
    if (choice & ~offer) {
        spdm_observer_finding(o, "it selects %s %#x, which was not offered",
                              what, choice & ~offer);
    } else if (choice & (choice - 1)) {
        spdm_observer_finding(o, "it selects more than one %s", what);
    }
}

static void check_choices(SpdmObserver *o, const SpdmMsgAlgorithms *q,
                          const SpdmMsgAlgorithms *a)
{
    static const struct {
        uint8_t type;
        const char *what;
    } tables[] = {
        { SPDM_ALG_TYPE_DHE, "DHE group" }, { SPDM_ALG_TYPE_AEAD, "AEAD" },
        { SPDM_ALG_TYPE_REQ_ASYM, "ReqBaseAsymAlg" },
        { SPDM_ALG_TYPE_REQ_PQC_ASYM, "ReqPqcAsymAlg" },
        { SPDM_ALG_TYPE_KEM, "KEM" },
        { SPDM_ALG_TYPE_KEY_SCHEDULE, "key schedule" },
    };

    check_choice(o, q->base_asym, a->base_asym, "BaseAsymAlgo");
    check_choice(o, q->pqc_asym, a->pqc_asym, "PqcAsymAlgo");
    check_choice(o, q->base_hash, a->base_hash, "BaseHashAlgo");
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        check_choice(o, selected(q, tables[i].type),
                     selected(a, tables[i].type), tables[i].what);
    }
}

static void on_algorithms(SpdmObserver *o, const SpdmPair *p)
{
    const SpdmMsgAlgorithms *q = &p->q->algorithms;
    const SpdmMsgAlgorithms *a = &p->m->algorithms;
    SpdmConn *c = &o->conn;

    append_pair(&c->a, p);
    c->hash = spdm_hash_by_bit(a->base_hash);
    c->asym = spdm_asym_by_bit(spdm_asym_join(a->base_asym, a->pqc_asym));
    c->req_asym = spdm_asym_by_bit(
        spdm_asym_join(selected(a, SPDM_ALG_TYPE_REQ_ASYM),
                       selected(a, SPDM_ALG_TYPE_REQ_PQC_ASYM)));
    c->dhe = spdm_dhe_by_bit(selected(a, SPDM_ALG_TYPE_DHE));
    c->kem = spdm_kem_by_bit(selected(a, SPDM_ALG_TYPE_KEM));
    c->aead = spdm_aead_by_bit(selected(a, SPDM_ALG_TYPE_AEAD));
    c->other_params = a->other_params;
    if (c->version >= SPDM_VERSION_13) {
        c->multi_key_rsp = q->other_params & SPDM_OTHER_PARAMS_MULTI_KEY;
        c->multi_key_req = a->other_params & SPDM_OTHER_PARAMS_MULTI_KEY;
    }
    c->state = SPDM_CONN_NEGOTIATED;
    check_choices(o, q, a);
}

/* --- certificates -------------------------------------------------------- */

/* The digest of a slot against the chain that it is of. */
static void compare_digest(SpdmObserver *o, unsigned slot)
{
    const GByteArray *chain = o->chains[SPDM_SENDER_RESPONDER][slot];
    uint8_t digest[SPDM_MAX_HASH];
    SpdmBytes bytes;

    if (chain && o->conn.hash && (o->digest_mask & 1u << slot)) {
        bytes = spdm_bytes_of(chain);
        spdm_hash(o->conn.hash, &bytes, 1, digest);
        spdm_observer_check(o, !memcmp(digest, o->digests[slot],
                                       o->conn.hash->size),
                            "digest",
                            "the digest in DIGESTS is not that of the "
                            "certificate chain");
    }
}

static void on_digests(SpdmObserver *o, const SpdmPair *p)
{
    const SpdmMsgDigests *d = &p->m->digests;
    size_t size = o->conn.hash ? o->conn.hash->size : 0;
    unsigned n = 0;

    spdm_conn_note_digests(&o->conn, p->rsp);
    if (!p->s) {
        append_pair(&o->conn.b, p);
    }
    o->digest_mask = p->m->h.param2;
    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        if (o->digest_mask & 1u << i && (n + 1) * size <= d->digests.len) {
            memcpy(o->digests[i], d->digests.data + n++ * size, size);
        }
    }
}

static GByteArray *take_portion(SpdmObserver *o, SpdmSender who,
                                const SpdmMsg *q, const SpdmMsg *m)
{
    unsigned slot = (q->h.param1 & SLOT_MASK) % SPDM_SLOT_COUNT;
    GByteArray **chain = &o->chains[who][slot];
    SpdmBytes portion = m->certificate.portion;

    if (portion.len == 0) {
        return NULL;             /* the size of a slot was asked for (1.3) */
    }
    if (q->get_certificate.offset == 0) {
        g_clear_pointer(chain, g_byte_array_unref);
        *chain = g_byte_array_new();
    }
    if (!*chain || (*chain)->len != q->get_certificate.offset ||
        (*chain)->len + portion.len > SPDM_MAX_LARGE_CHAIN) {
        return NULL;
    }
    g_byte_array_append(*chain, portion.data, (guint)portion.len);
    return m->certificate.remainder_length ? NULL : *chain;
}

/*
 * All that a chain says by itself. Whether its root is trusted, and what time
 * it is, the requester alone knows.
 */
static void check_chain(SpdmObserver *o, const GByteArray *chain)
{
    const SpdmChainPolicy policy = {
        .hash = o->conn.hash,
        .leaf_alg = o->conn.asym,
    };
    SpdmChainReason reason;

    if (policy.hash && policy.leaf_alg) {
        reason = spdm_x509_verify_chain(spdm_bytes_of(chain), &policy, NULL);
        spdm_observer_check(o, reason == SPDM_CHAIN_OK, "chain",
                            spdm_chain_reason_text(reason));
    }
}

static void on_certificate(SpdmObserver *o, const SpdmPair *p)
{
    GByteArray *whole = take_portion(o, SPDM_SENDER_RESPONDER, p->q, p->m);

    if (!p->s) {
        append_pair(&o->conn.b, p);
    }
    if (whole) {
        check_chain(o, whole);
        compare_digest(o, (p->q->h.param1 & SLOT_MASK) % SPDM_SLOT_COUNT);
    }
}

/* --- signatures ---------------------------------------------------------- */

static SpdmPublicKey *leaf_key(const SpdmObserver *o, SpdmSender signer,
                               unsigned slot)
{
    const GByteArray *chain = slot < SPDM_SLOT_COUNT ? o->chains[signer][slot]
                                                     : NULL;
    size_t head = 4u + (o->conn.hash ? o->conn.hash->size : 0);
    g_autoptr(GPtrArray) certs = NULL;

    if (!chain || chain->len <= head) {
        return NULL;
    }
    certs = spdm_x509_split_der(SPDM_BYTES(chain->data + head,
                                           chain->len - head));
    return certs ? spdm_x509_leaf_key(certs, NULL) : NULL;
}

void spdm_observe_signature(SpdmObserver *o, SpdmSender signer, unsigned slot,
                            const char *context, SpdmBytes transcript,
                            SpdmBytes signature, const char *name)
{
    const SpdmAsymAlg *alg = signer == SPDM_SENDER_RESPONDER
                             ? o->conn.asym : o->conn.req_asym;
    g_autoptr(SpdmPublicKey) key = leaf_key(o, signer, slot);
    g_autoptr(GByteArray) input = g_byte_array_new();
    g_autofree char *wrong = NULL;
    SpdmBytes part;

    if (!key || !alg || !o->conn.hash) {
        return;                  /* whose key it is was not seen */
    }
    spdm_conn_to_be_signed(&o->conn, context, transcript, input);
    part = spdm_bytes_of(input);
    wrong = g_strdup_printf("the Signature of %s is not that of slot %u's "
                            "key over the transcript", name, slot);
    spdm_observer_check(o, spdm_public_key_fits(key, alg) &&
                        spdm_verify(key, alg, o->conn.hash, context, &part,
                                    1, signature),
                        "Signature", wrong);
}

static void check_chain_hash(SpdmObserver *o, unsigned slot, SpdmBytes hash)
{
    const GByteArray *chain = slot < SPDM_SLOT_COUNT
                              ? o->chains[SPDM_SENDER_RESPONDER][slot] : NULL;
    uint8_t digest[SPDM_MAX_HASH];
    SpdmBytes bytes;

    if (chain && o->conn.hash && hash.len == o->conn.hash->size) {
        bytes = spdm_bytes_of(chain);
        spdm_hash(o->conn.hash, &bytes, 1, digest);
        spdm_observer_check(o, !memcmp(digest, hash.data, hash.len),
                            "CertChainHash",
                            "CertChainHash is not that of the slot's chain");
    }
}

static void on_challenge_auth(SpdmObserver *o, const SpdmPair *p)
{
    const SpdmMsgChallengeAuth *v = &p->m->challenge_auth;
    unsigned slot = p->q->h.param1;
    SpdmBytes signed_part = without(p->rsp, v->signature);
    g_autoptr(GByteArray) c = g_byte_array_new();
    g_autoptr(GByteArray) m1 = g_byte_array_new();

    check_chain_hash(o, slot, v->cert_chain_hash);
    g_byte_array_append(c, p->req.data, (guint)p->req.len);
    g_byte_array_append(c, signed_part.data, (guint)signed_part.len);
    if (spdm_conn_m1(&o->conn, spdm_bytes_of(c), m1)) {
        spdm_observe_signature(o, SPDM_SENDER_RESPONDER, slot,
                               SPDM_CONTEXT_CHALLENGE_AUTH,
                               spdm_bytes_of(m1), v->signature,
                               "CHALLENGE_AUTH");
    }
    spdm_transcript_reset(&o->conn.b);
    o->conn.state = SPDM_CONN_AUTHENTICATED;
}

static void on_measurements(SpdmObserver *o, const SpdmPair *p)
{
    const SpdmMsgMeasurements *v = &p->m->measurements;
    SpdmTranscript *l1 = spdm_conn_l1(&o->conn, p->s);
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    spdm_transcript_append(l1, p->req);
    spdm_transcript_append(l1, without(p->rsp, v->signature));
    if (!v->signature.len) {
        return;
    }
    if (spdm_conn_l1_bytes(&o->conn, p->s, bytes)) {
        spdm_observe_signature(o, SPDM_SENDER_RESPONDER,
                               p->q->get_measurements.slot & SLOT_MASK,
                               SPDM_CONTEXT_MEASUREMENTS,
                               spdm_bytes_of(bytes), v->signature,
                               "MEASUREMENTS");
    }
    spdm_transcript_reset(l1);
}

/* --- the rest ------------------------------------------------------------ */

static void on_end_session(SpdmObserver *o, const SpdmPair *p)
{
    if (p->s) {
        o->seen[p->s - o->conn.sessions] = (SpdmObserved){ .keyed = false };
        spdm_conn_end_session(&o->conn, p->s);
    }
}

static void take_encap(SpdmObserver *o, const SpdmPair *p)
{
    SpdmBytes inner = p->m->encap.message;
    bool ack = p->m->h.code ==
               SPDM_RESPONSE_OF(SPDM_DELIVER_ENCAPSULATED_RESPONSE);

    g_byte_array_set_size(o->encap_request, 0);
    if (inner.len < SPDM_HEADER_SIZE ||
        (ack && p->m->h.param2 != SPDM_ENCAP_PRESENT)) {
        return;
    }
    g_byte_array_append(o->encap_request, inner.data, (guint)inner.len);
    if (inner.data[1] == SPDM_KEY_UPDATE) {
        spdm_observe_key_update(o, p->s, inner.data[2], true);
    }
}

static void embedded_digests(SpdmObserver *o, SpdmSession *s, SpdmBytes rsp)
{
    s = spdm_observe_handshake(o, s);
    if (s && o->conn.multi_key_req &&
        spdm_transcript_view(&s->ed).len == 0) {
        spdm_transcript_append(&s->ed, rsp);
    }
}

void spdm_observe_embedded(SpdmObserver *o, SpdmSession *s, SpdmBytes rsp)
{
    SpdmBytes req = spdm_bytes_of(o->encap_request);
    SpdmWireCtx ctx = spdm_observer_ctx(o, req, true);
    SpdmMsg q, m;

    if (!spdm_msg_decode(&ctx, rsp, &m, NULL, NULL) ||
        !spdm_msg_decode(&ctx, req, &q, NULL, NULL)) {
        return;
    }
    if (m.h.code == SPDM_RESPONSE_OF(SPDM_GET_CERTIFICATE)) {
        take_portion(o, SPDM_SENDER_REQUESTER, &q, &m);
    } else if (m.h.code == SPDM_RESPONSE_OF(SPDM_GET_DIGESTS)) {
        embedded_digests(o, s, rsp);
    }
}

static const struct {
    uint8_t request;
    void (*answered)(SpdmObserver *o, const SpdmPair *p);
} rows[] = {
    { SPDM_GET_VERSION, on_version },
    { SPDM_GET_CAPABILITIES, on_capabilities },
    { SPDM_NEGOTIATE_ALGORITHMS, on_algorithms },
    { SPDM_GET_DIGESTS, on_digests },
    { SPDM_GET_CERTIFICATE, on_certificate },
    { SPDM_CHALLENGE, on_challenge_auth },
    { SPDM_GET_MEASUREMENTS, on_measurements },
    { SPDM_KEY_EXCHANGE, spdm_observe_key_exchange },
    { SPDM_PSK_EXCHANGE, spdm_observe_psk_exchange },
    { SPDM_FINISH, spdm_observe_finish },
    { SPDM_PSK_FINISH, spdm_observe_finish },
    { SPDM_END_SESSION, on_end_session },
    { SPDM_GET_ENCAPSULATED_REQUEST, take_encap },
    { SPDM_DELIVER_ENCAPSULATED_RESPONSE, take_encap },
};

void spdm_observe_answer(SpdmObserver *o, const SpdmPair *p)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        if (rows[i].request == p->q->h.code) {
            rows[i].answered(o, p);
        }
    }
}

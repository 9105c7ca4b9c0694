/*
 * Sessions as an observer follows them: with the secrets of a key log, as
 * both ends do it, from the messages that are on the wire.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "core/opaque.h"
#include "trace/observer.h"

static const SpdmBytes nothing;

static SpdmObserved *seen_of(SpdmObserver *o, const SpdmSession *s)
{
    return &o->seen[s - o->conn.sessions];
}

bool spdm_observe_keyed(const SpdmObserver *o, const SpdmSession *s)
{
    return o->seen[s - o->conn.sessions].keyed;
}

SpdmSession *spdm_observe_handshake(SpdmObserver *o, SpdmSession *s)
{
    return s || !o->conn.clear_session
           ? s : spdm_conn_session(&o->conn, o->conn.clear_session);
}

/* --- secrets ------------------------------------------------------------- */

/* Session ids come again: the first that was not used yet. */
static SpdmKeyLogEntry *secret_of(SpdmObserver *o, SpdmSecretKind kind,
                                  uint32_t session)
{
    for (guint i = 0; o->keys && i < o->keys->len; i++) {
        SpdmKeyLogEntry *e = &g_array_index(o->keys, SpdmKeyLogEntry, i);

        if (e->kind == kind && e->session == session && !e->used) {
            e->used = true;
            return e;
        }
    }
    return NULL;
}

/* The pair of direction secrets of a phase, by the responder's account. */
static bool logged_pair(SpdmObserver *o, const SpdmSession *s,
                        SpdmSecretKind requester, SpdmSecret pair[2])
{
    for (unsigned i = 0; i < 2; i++) {
        const SpdmKeyLogEntry *e = secret_of(
            o, (SpdmSecretKind)(requester + i), s->id);

        if (!e || e->secret.len != s->hash->size) {
            return false;
        }
        memcpy(pair[i].data, e->secret.data, e->secret.len);
        pair[i].len = e->secret.len;
    }
    return true;
}

/* Takes what was logged where the transcript gives nothing, or compares. */
static void settle(SpdmObserver *o, SpdmSession *s, bool derived,
                   SpdmSecretKind requester)
{
    SpdmSecret pair[2] = { { .len = 0 } };
    bool logged = logged_pair(o, s, requester, pair);

    if (derived && logged &&
        memcmp(pair[1].data, s->keys[1].secret.data, pair[1].len) != 0) {
        spdm_observer_finding(o, "the responder's keys are not those of the "
                              "transcript on the wire: it was altered after "
                              "it was signed, or on its way");
    } else if (!derived && logged) {
        spdm_session_set_secrets(s, pair);
    }
    seen_of(o, s)->keyed = derived || logged;
    spdm_wipe(pair, sizeof(pair));
}

/* --- how a session begins ------------------------------------------------ */

static SpdmSession *open_session(SpdmObserver *o, SpdmSessionType type,
                                 uint16_t req_id, uint16_t rsp_id)
{
    uint32_t id = (uint32_t)rsp_id << 16 | req_id;
    SpdmSession *s = spdm_conn_session(&o->conn, id);

    if (s) {
        spdm_conn_end_session(&o->conn, s);
    }
    s = spdm_conn_free_session(&o->conn, SPDM_MAX_SESSIONS);
    if (!s || !o->conn.hash || !o->conn.aead) {
        return NULL;
    }
    *seen_of(o, s) = (SpdmObserved){ .keyed = false };
    s->phase = SPDM_SESSION_HANDSHAKE;
    s->type = type;
    s->id = id;
    s->version = o->conn.version;
    s->hash = o->conn.hash;
    s->aead = o->conn.aead;
    s->mac_only = !spdm_conn_both(&o->conn, SPDM_ENCRYPT_CAP);
    spdm_transcript_copy(&s->d, &o->conn.d);
    return s;
}

static void take_opaque(SpdmObserver *o, SpdmSession *s, SpdmBytes bytes)
{
    SpdmOpaque opaque;

    if (!spdm_opaque_parse(o->conn.version, bytes, &opaque) ||
        !opaque.has_selected) {
        spdm_observer_finding(o, "its OpaqueData selects no secured message "
                              "version");
        return;
    }
    s->secured_version = opaque.selected;
}

static bool hash_chain(SpdmObserver *o, SpdmSender who, unsigned slot,
                       uint8_t *out)
{
    const GByteArray *chain = slot < SPDM_SLOT_COUNT ? o->chains[who][slot]
                                                     : NULL;
    SpdmBytes bytes;

    if (!chain) {
        return false;
    }
    bytes = spdm_bytes_of(chain);
    spdm_hash(o->conn.hash, &bytes, 1, out);
    return true;
}

/* With TH1 of the wire and the logged secret, the keys of the handshake. */
static void begin_handshake(SpdmObserver *o, SpdmSession *s,
                            const SpdmKeyLogEntry *secret)
{
    uint8_t th1[SPDM_MAX_HASH];
    bool derived = secret && seen_of(o, s)->th_known &&
                   spdm_conn_th(&o->conn, s, nothing, th1);

    if (derived) {
        spdm_session_derive_handshake(
            s, SPDM_BYTES(secret->secret.data, secret->secret.len), th1);
    }
    settle(o, s, derived, SPDM_SECRET_HANDSHAKE_REQ);
}

/*
 * VerifyData over what K and F hold now; then it belongs to them too. @name
 * is "ResponderVerifyData" or the requester's.
 */
static void check_verify_data(SpdmObserver *o, SpdmSession *s, SpdmSender by,
                              SpdmTranscript *t, SpdmBytes value)
{
    static const char *const names[] = {
        [SPDM_SENDER_REQUESTER] = "RequesterVerifyData",
        [SPDM_SENDER_RESPONDER] = "ResponderVerifyData",
    };
    uint8_t th[SPDM_MAX_HASH], expected[SPDM_MAX_HASH];
    g_autofree char *wrong = NULL;
    const SpdmObserved *seen = seen_of(o, s);

    if (seen->keyed && seen->th_known && s->finished[by].len &&
        value.len == s->hash->size &&
        spdm_conn_th(&o->conn, s, nothing, th)) {
        spdm_session_verify_data(s, by, th, expected);
        wrong = g_strdup_printf("%s does not match the transcript",
                                names[by]);
        spdm_observer_check(o, !memcmp(expected, value.data, value.len),
                            names[by], wrong);
    }
    spdm_transcript_append(t, value);
}

static void append_until(SpdmTranscript *t, SpdmBytes message, SpdmBytes tail)
{
    spdm_transcript_append(t, SPDM_BYTES(message.data, tail.len
        ? (size_t)(tail.data - message.data) : message.len));
}

static void check_signature(SpdmObserver *o, const SpdmSession *s,
                            SpdmBytes signature)
{
    g_autoptr(GByteArray) th = g_byte_array_new();

    if (seen_of(o, s)->th_known && spdm_conn_th_bytes(&o->conn, s, th)) {
        spdm_observe_signature(o, SPDM_SENDER_RESPONDER, s->slot,
                               SPDM_CONTEXT_KEY_EXCHANGE_RSP,
                               spdm_bytes_of(th), signature,
                               "KEY_EXCHANGE_RSP");
    }
}

void spdm_observe_key_exchange(SpdmObserver *o, const SpdmPair *p)
{
    const SpdmMsgKeyExchangeRsp *v = &p->m->key_exchange_rsp;
    SpdmSession *s = open_session(o, SPDM_SESSION_SIGMA,
                                  p->q->key_exchange.req_session_id,
                                  v->rsp_session_id);
    const SpdmKeyLogEntry *secret;

    if (!s) {
        return;
    }
    s->slot = p->q->h.param2;
    s->mut_auth_requested = v->mut_auth_requested;
    s->in_the_clear = spdm_conn_both(&o->conn,
                                     SPDM_HANDSHAKE_IN_THE_CLEAR_CAP);
    seen_of(o, s)->th_known = hash_chain(o, SPDM_SENDER_RESPONDER, s->slot,
                                         s->ct_hash);
    take_opaque(o, s, v->opaque);
    spdm_transcript_append(&s->k, p->req);
    append_until(&s->k, p->rsp, v->signature);
    check_signature(o, s, v->signature);
    spdm_transcript_append(&s->k, v->signature);
    secret = secret_of(o, o->conn.kem ? SPDM_SECRET_KEM : SPDM_SECRET_DHE,
                       s->id);
    begin_handshake(o, s, secret);
    if (s->in_the_clear) {
        o->conn.clear_session = s->id;
    } else {
        check_verify_data(o, s, SPDM_SENDER_RESPONDER, &s->k,
                          v->verify_data);
    }
}

/* TH2 is complete: data keys. */
static void establish(SpdmObserver *o, SpdmSession *s)
{
    SpdmObserved *seen = seen_of(o, s);
    uint8_t th2[SPDM_MAX_HASH];
    bool derived = s->handshake_secret.len && seen->th_known &&
                   spdm_conn_th(&o->conn, s, nothing, th2);

    if (derived) {
        spdm_session_derive_data(s, th2);
    }
    settle(o, s, derived, SPDM_SECRET_DATA_REQ);
    s->phase = SPDM_SESSION_ESTABLISHED;
    if (o->conn.clear_session == s->id) {
        o->conn.clear_session = 0;
    }
}

void spdm_observe_psk_exchange(SpdmObserver *o, const SpdmPair *p)
{
    const SpdmMsgPskExchangeRsp *v = &p->m->psk_exchange_rsp;
    SpdmSession *s = open_session(o, SPDM_SESSION_PSK,
                                  p->q->psk_exchange.req_session_id,
                                  v->rsp_session_id);

    if (!s) {
        return;
    }
    seen_of(o, s)->th_known = true;
    take_opaque(o, s, v->opaque);
    spdm_transcript_append(&s->k, p->req);
    append_until(&s->k, p->rsp, v->verify_data);
    begin_handshake(o, s, secret_of(o, SPDM_SECRET_PSK, s->id));
    check_verify_data(o, s, SPDM_SENDER_RESPONDER, &s->k, v->verify_data);
    if (!spdm_conn_psk_finish(&o->conn)) {
        establish(o, s);
    }
}

/* --- how a handshake ends ------------------------------------------------ */

/* spec/04 section 4: Cm is there when mutual authentication was asked for. */
static void take_cm(SpdmObserver *o, SpdmSession *s, unsigned slot)
{
    if (s->mut_auth_requested) {
        s->has_cm = true;
        seen_of(o, s)->th_known &= hash_chain(o, SPDM_SENDER_REQUESTER, slot,
                                              s->cm_hash);
    }
}

void spdm_observe_finish_request(SpdmObserver *o, SpdmSession *s,
                                 SpdmBytes req, const SpdmMsg *q)
{
    const SpdmMsgFinish *v = &q->finish;
    g_autoptr(GByteArray) th = g_byte_array_new();

    if (!s || s->phase != SPDM_SESSION_HANDSHAKE) {
        return;
    }
    spdm_transcript_reset(&s->f);
    take_cm(o, s, q->h.param2);
    append_until(&s->f, req, v->signature.len ? v->signature
                                              : v->verify_data);
    if (v->signature.len) {
        if (seen_of(o, s)->th_known &&
            spdm_conn_th_bytes(&o->conn, s, th)) {
            spdm_observe_signature(o, SPDM_SENDER_REQUESTER, q->h.param2,
                                   SPDM_CONTEXT_FINISH, spdm_bytes_of(th),
                                   v->signature, "FINISH");
        }
        spdm_transcript_append(&s->f, v->signature);
    }
    check_verify_data(o, s, SPDM_SENDER_REQUESTER, &s->f, v->verify_data);
}

void spdm_observe_finish(SpdmObserver *o, const SpdmPair *p)
{
    SpdmSession *s = spdm_observe_handshake(o, p->s);
    SpdmBytes verify_data = p->m->finish.verify_data;

    if (!s || s->phase != SPDM_SESSION_HANDSHAKE) {
        return;
    }
    append_until(&s->f, p->rsp, verify_data);
    if (verify_data.len) {
        check_verify_data(o, s, SPDM_SENDER_RESPONDER, &s->f, verify_data);
    }
    establish(o, s);
}

/*
 * spec/05 section 6, seen from both ends at once. Should the update be
 * refused, the record that says so opens with the keys of before, which puts
 * them back.
 */
void spdm_observe_key_update(SpdmObserver *o, SpdmSession *s,
                             uint8_t operation, bool by_responder)
{
    if (!s || !spdm_observe_keyed(o, s)) {
        return;
    }
    if (operation == SPDM_UPDATE_ALL_KEYS || by_responder) {
        if (operation != SPDM_VERIFY_NEW_KEY) {
            spdm_session_update_keys(s, SPDM_SENDER_RESPONDER);
        }
    }
    if (!by_responder && (operation == SPDM_UPDATE_KEY ||
                          operation == SPDM_UPDATE_ALL_KEYS)) {
        spdm_session_update_keys(s, SPDM_SENDER_REQUESTER);
    }
    if (operation == SPDM_VERIFY_NEW_KEY) {
        spdm_session_drop_backup(s, SPDM_SENDER_REQUESTER);
        spdm_session_drop_backup(s, SPDM_SENDER_RESPONDER);
    }
}

/*
 * The pipeline: frame, record, message, answer, record, frame.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/ephemeral.h"
#include "responder/handlers.h"

int64_t spdm_responder_now(const SpdmResponder *r)
{
    return r->provider.ops->now_us(r->provider.opaque);
}

bool spdm_responder_offers(const SpdmResponder *r, uint8_t version)
{
    return version >= r->profile->min_version &&
           version <= r->profile->max_version;
}

static void fill_random(void *opaque, uint8_t *buf, size_t len)
{
    const SpdmResponder *r = opaque;

    r->provider.ops->random(r->provider.opaque, buf, len);
}

/* Profiles are checked for everything but what libgcrypt offers. */
static bool check_algorithms(const SpdmProfile *p, GError **errp)
{
    uint8_t version = p->max_version;
    const char *missing = NULL;

    if (p->hash && !(p->hash & spdm_hash_mask(version))) {
        missing = "hash";
    } else if (p->asym && !(p->asym & spdm_asym_mask(version))) {
        missing = "asym";
    } else if (p->dhe && !(p->dhe & spdm_dhe_mask(version))) {
        missing = "dhe";
    } else if (p->kem && !(p->kem & spdm_kem_mask(version))) {
        missing = "kem";
    } else if (p->aead && !(p->aead & spdm_aead_mask(version))) {
        missing = "aead";
    }
    if (missing) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "profile %s: libgcrypt has none of its '%s' algorithms",
                    p->name, missing);
    }
    return !missing;
}

SpdmResponder *spdm_responder_new(const SpdmProfile *profile,
                                  const SpdmProvider *provider,
                                  SpdmTransportType transport, GError **errp)
{
    SpdmResponder *r;

    if (!spdm_crypto_init(errp) || !check_algorithms(profile, errp)) {
        return NULL;
    }
    r = g_new0(SpdmResponder, 1);
    r->profile = profile;
    r->provider = *provider;
    r->rng = (SpdmRng){ .fill = fill_random, .opaque = r };
    r->transport = spdm_transport(transport);
    r->counters.last_error = "";
    spdm_conn_reset(&r->conn);
    spdm_ephemeral_init(r);
    return r;
}

void spdm_responder_free(SpdmResponder *r)
{
    if (r) {
        spdm_conn_reset(&r->conn);
        spdm_deferred_clear(&r->deferred);
        spdm_transfer_clear(&r->transfer);
        spdm_ephemeral_drop(r);
        for (unsigned i = 0; i < G_N_ELEMENTS(r->scratch); i++) {
            g_clear_pointer(&r->scratch[i], g_byte_array_unref);
        }
        spdm_wipe(r, sizeof(*r));
        g_free(r);
    }
}

bool spdm_responder_add_tap(SpdmResponder *r, const SpdmTap *tap)
{
    return spdm_taps_add(&r->taps, tap);
}

void spdm_responder_remove_tap(SpdmResponder *r, const SpdmTap *tap)
{
    spdm_taps_remove(&r->taps, tap);
}

void spdm_responder_set_secret_tap(SpdmResponder *r, const SpdmTap *tap)
{
    r->secret_tap = tap;
}

void spdm_responder_session_event(SpdmResponder *r, uint32_t session_id,
                                  const char *event)
{
    SpdmTapContext context = {
        .event = SPDM_TAP_SESSION,
        .responder = true,
        .version = r->conn.version,
        .session_id = session_id,
        .session_event = event,
    };

    spdm_taps_call(&r->taps, &context, NULL, NULL);
}

void spdm_responder_secret(SpdmResponder *r, uint32_t id, const char *label,
                           SpdmBytes secret)
{
    SpdmTapContext context = {
        .event = SPDM_TAP_SECRET,
        .responder = true,
        .version = r->conn.version,
        .session_id = id,
        .secret_label = label,
        .secret = secret,
    };

    if (r->secret_tap) {
        r->secret_tap->call(r->secret_tap->opaque, &context);
    }
}

void spdm_responder_traffic_secrets(SpdmResponder *r, const SpdmSession *s,
                                    const char *phase)
{
    static const char *const senders[] = {
        [SPDM_SENDER_REQUESTER] = "requester",
        [SPDM_SENDER_RESPONDER] = "responder",
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(senders); i++) {
        const SpdmSecret *secret = &s->keys[i].secret;
        char label[32];

        g_snprintf(label, sizeof(label), "%s-%s", phase, senders[i]);
        spdm_responder_secret(r, s->id, label,
                              SPDM_BYTES(secret->data, secret->len));
    }
}

void spdm_responder_end_session(SpdmResponder *r, SpdmSession *session,
                                const char *event)
{
    uint32_t id = session->id;

    /* Session ids come again: nothing of this one may wait for the next. */
    if (r->deferred.session_id == id) {
        spdm_deferred_clear(&r->deferred);
    }
    if (r->transfer.session_id == id) {
        spdm_transfer_clear(&r->transfer);
    }
    spdm_conn_end_session(&r->conn, session);
    r->counters.sessions_ended++;
    if (r->provider.ops->session_ended) {
        r->provider.ops->session_ended(r->provider.opaque, id);
    }
    spdm_responder_session_event(r, id, event);
}

unsigned spdm_responder_end_sessions(SpdmResponder *r, uint32_t id,
                                     const char *event)
{
    unsigned count = 0;

    for (unsigned i = 0; i < r->conn.sessions_used; i++) {
        SpdmSession *s = &r->conn.sessions[i];

        if (s->phase != SPDM_SESSION_FREE && (!id || s->id == id)) {
            spdm_responder_end_session(r, s, event);
            count++;
        }
    }
    return count;
}

/* What does not belong to the negotiated state; sessions are ended. */
static void clear_rest(SpdmResponder *r)
{
    spdm_deferred_clear(&r->deferred);
    spdm_transfer_clear(&r->transfer);
    r->transfer.last_handle = 0;
    r->generation++;
}

void spdm_responder_reset_conn(SpdmResponder *r, const char *event)
{
    spdm_responder_end_sessions(r, 0, event);
    spdm_conn_reset(&r->conn);
    clear_rest(r);
}

void spdm_responder_chains_changed(SpdmResponder *r, uint8_t slots)
{
    r->counters.chains_changed += (unsigned)__builtin_popcount(slots);
    if (slots) {
        spdm_responder_certificate_changed(r, slots);
    }
}

/* DSP0274 GET_CSR, SET_CERTIFICATE, SET_KEY_PAIR_INFO: what waited for a reset
 * is done. */
static void finish_provisioning(SpdmResponder *r)
{
    const SpdmProvider *p = &r->provider;

    if (p->ops->platform_reset) {
        spdm_responder_chains_changed(r, p->ops->platform_reset(p->opaque));
    }
}

/*
 * DSP0274 CACHE_CAP: the negotiated state outlives a reset, if anything; but
 * not when the device has other capabilities now.
 */
void spdm_responder_reset(SpdmResponder *r)
{
    spdm_ephemeral_drop(r);
    if (!spdm_conn_caches(&r->conn) ||
        r->conn.declared != spdm_responder_declared(r)) {
        spdm_responder_reset_conn(r, "ended: platform reset");
    } else {
        spdm_responder_end_sessions(r, 0, "ended: platform reset");
        spdm_conn_keep_negotiated(&r->conn);
        clear_rest(r);
    }
    finish_provisioning(r);
}

/* DSP0274 HEARTBEAT: overdue at twice the period; -1 for no limit. */
static int64_t deadline(const SpdmSession *s)
{
    if (s->phase != SPDM_SESSION_ESTABLISHED || !s->heartbeat_period) {
        return -1;
    }
    return s->last_activity_us + 2 * G_USEC_PER_SEC * s->heartbeat_period;
}

static int64_t tick(SpdmResponder *r, int64_t now)
{
    int64_t next = -1;

    for (unsigned i = 0; i < r->conn.sessions_used; i++) {
        SpdmSession *s = &r->conn.sessions[i];
        int64_t due = deadline(s);

        if (due < 0) {
            continue;
        }
        if (due <= now) {
            spdm_responder_end_session(r, s, "ended: no heartbeat");
        } else if (next < 0 || due < next) {
            next = due;
        }
    }
    return next;
}

int64_t spdm_responder_tick(SpdmResponder *r)
{
    return tick(r, spdm_responder_now(r));
}

/*
 * DSP0277: a record of an unknown session is discarded; one that does not
 * open ends its session, and the requester is told under its keys.
 */
static SpdmStatus open_record(SpdmTxn *t, SpdmBytes record,
                              SpdmBytes *message)
{
    uint32_t id = spdm_record_session_id(record);
    SpdmSession *s = spdm_conn_session(t->conn, id);
    SpdmOpenResult result;

    if (!id || !s) {
        return spdm_drop("a record of an unknown session");
    }
    t->session = s;
    t->session_id = id;
    t->secured = true;
    result = spdm_record_open_view(s, SPDM_SENDER_REQUESTER,
                                   &t->r->transport->record, record,
                                   t->plain, message);
    if (result == SPDM_OPEN_OK || result == SPDM_OPEN_OTHER) {
        t->application = result == SPDM_OPEN_OTHER;
        s->last_activity_us = t->now_us;
        return SPDM_STATUS_OK;
    }
    if (result == SPDM_OPEN_BAD_TAG) {
        return spdm_fail_session(SPDM_ERROR_DECRYPT_ERROR,
                                 "a record does not open");
    }
    if (result == SPDM_OPEN_EXHAUSTED) {
        spdm_responder_end_session(t->r, s, "ended: records used up");
    }
    return spdm_drop("a record is malformed or one too many");
}

/* The message of a frame that is not discovery. */
static SpdmStatus receive(SpdmTxn *t, const SpdmFrame *frame,
                          SpdmBytes *message)
{
    if (frame->kind == SPDM_FRAME_SECURED) {
        return open_record(t, frame->payload, message);
    }
    *message = frame->payload;
    return SPDM_STATUS_OK;
}

/*
 * @message is in t->plain, or in the frame. Only for taps, which may change
 * it, it becomes all of t->plain: most messages are never copied.
 */
static bool tap_request(SpdmTxn *t, SpdmBytes *message)
{
    bool passed;

    if (!spdm_taps_any(&t->r->taps)) {
        return true;
    }
    if (t->secured) {
        spdm_array_keep(t->plain, *message);
    } else {
        g_byte_array_append(t->plain, message->data, (guint)message->len);
    }
    passed = spdm_txn_tap(t, SPDM_TAP_RX_MSG, t->plain);
    *message = spdm_array_view(t->plain);
    return passed;
}

/* One request message, or a chunk of one. */
static SpdmStatus serve(SpdmTxn *t, SpdmBytes message)
{
    t->code = message.len > 1 ? message.data[1] : 0;
    if (!tap_request(t, &message)) {
        return spdm_drop("dropped by the tap");
    }
    if (t->answered) {
        g_byte_array_append(t->out, message.data, (guint)message.len);
        return SPDM_STATUS_OK;
    }
    if (message.len < SPDM_HEADER_SIZE) {
        return spdm_drop("shorter than a header");
    }
    t->r->counters.requests++;
    t->request = message;
    return spdm_dispatch(t);
}

/* DSP0276: the application's own message, which knows nothing of SPDM. */
static SpdmStatus serve_application(SpdmTxn *t, SpdmBytes message)
{
    const SpdmProvider *p = &t->r->provider;

    if (t->session->phase != SPDM_SESSION_ESTABLISHED ||
        !p->ops->application ||
        !p->ops->application(p->opaque, message, t->out)) {
        return spdm_drop("no application answers in this session");
    }
    t->r->counters.requests++;
    return SPDM_STATUS_OK;
}

static void compose_error(SpdmTxn *t, const SpdmStatus *st)
{
    SpdmCounters *c = &t->r->counters;

    g_byte_array_set_size(t->out, (guint)t->head);
    spdm_status_encode(st, t->conn->version, t->out);
    c->errors++;
    c->last_error_code = spdm_txn_response(t).data[2];
    c->last_error_request = t->code;
    c->last_error = st->why;
}

/* A PSK responder without context does without random padding, too. */
static SpdmRecordFormat record_format(const SpdmTxn *t)
{
    SpdmRecordFormat format = t->r->transport->record;

    if (t->session->type == SPDM_SESSION_PSK &&
        !spdm_conn_psk_finish(t->conn)) {
        format.max_random = 0;
    }
    format.length_skew = t->length_skew;
    return t->application ? spdm_record_bare(&format) : format;
}

/* The record of the response, at @start of @frame. */
static bool seal_record(SpdmTxn *t, GByteArray *frame, size_t start)
{
    SpdmRecordFormat format = record_format(t);

    return t->head
        ? spdm_record_seal_in_place(t->session, SPDM_SENDER_RESPONDER,
                                    &format, &t->r->rng, frame, start)
        : spdm_record_seal(t->session, SPDM_SENDER_RESPONDER, &format,
                           &t->r->rng, spdm_array_view(t->out), frame);
}

/* Puts the payload in a frame; false when it cannot be protected. */
static bool seal(SpdmTxn *t, SpdmFrameKind kind, GByteArray *frame)
{
    if (!t->secured) {
        g_assert(t->out);               /* only records are made in place */
        g_byte_array_append(frame, t->out->data, t->out->len);
        return true;
    }
    t->session->keys[SPDM_SENDER_RESPONDER].sequence +=
        (uint64_t)t->sequence_skew;
    if (seal_record(t, frame, t->r->transport->head(kind))) {
        return true;
    }
    spdm_responder_end_session(t->r, t->session, "ended: records used up");
    return false;
}

/* Key changes and ends that wait until the answer is sealed. */
static void after_sending(SpdmTxn *t, const SpdmStatus *st)
{
    if (t->generation != t->r->generation) {
        return;
    }
    if (st->reset_conn) {
        spdm_txn_reset_conn(t, st->why);
        return;
    }
    if (!t->session || t->session->phase == SPDM_SESSION_FREE) {
        return;
    }
    if (st->end_session) {
        spdm_responder_end_session(t->r, t->session, st->why);
    } else if (!st->failed && t->cmd && t->cmd->sent) {
        t->cmd->sent(t);
    }
}

/*
 * The payload of a frame is made behind its head, which is filled in later;
 * perhaps the response is there already. Room for all of it is made at once.
 */
static void begin_frame(SpdmTxn *t, SpdmFrameKind kind, SpdmReply *reply)
{
    enum { MOST_OVERHEAD = 128 };    /* of frame and record; else it grows */
    guint head = (guint)t->r->transport->head(kind);

    if (t->head) {
        reply->bytes = g_steal_pointer(&t->out);
    } else {
        reply->bytes = g_byte_array_sized_new(head + t->out->len +
                                              MOST_OVERHEAD);
        g_byte_array_set_size(reply->bytes, head);
    }
}

static bool send_frame(SpdmTxn *t, SpdmFrameKind kind, SpdmReply *reply)
{
    if (!t->r->transport->finish(kind, reply->bytes, 0) ||
        !spdm_txn_tap(t, SPDM_TAP_TX_FRAME, reply->bytes)) {
        return false;
    }
    reply->verdict = SPDM_VERDICT_REPLY;
    reply->delay_us = t->delay_us;
    return true;
}

/* What is lost on its way (tap, used up keys) was sent all the same. */
static bool answer(SpdmTxn *t, const SpdmStatus *st, SpdmReply *reply)
{
    SpdmFrameKind kind;
    bool sealed;

    if (st->drop) {
        return false;
    }
    if (st->failed) {
        compose_error(t, st);
    }
    if (!t->answered) {
        spdm_chunk_answer(t);
    }
    sealed = spdm_txn_tap(t, SPDM_TAP_TX_MSG, t->out);
    kind = t->secured ? SPDM_FRAME_SECURED : SPDM_FRAME_PLAIN;
    begin_frame(t, kind, reply);
    sealed = sealed && seal(t, kind, reply->bytes);
    after_sending(t, st);
    if (!sealed || !send_frame(t, kind, reply)) {
        return false;
    }
    t->r->counters.responses++;
    return true;
}

/* The way back has no chunks, and changes no keys. */
static bool answer_application(SpdmTxn *t, SpdmReply *reply)
{
    begin_frame(t, SPDM_FRAME_SECURED, reply);
    if (!seal(t, SPDM_FRAME_SECURED, reply->bytes) ||
        !send_frame(t, SPDM_FRAME_SECURED, reply)) {
        return false;
    }
    t->r->counters.responses++;
    return true;
}

static bool discover(SpdmTxn *t, SpdmBytes payload, SpdmReply *reply)
{
    begin_frame(t, SPDM_FRAME_DISCOVERY, reply);
    return spdm_doe_discovery(payload, reply->bytes) &&
           send_frame(t, SPDM_FRAME_DISCOVERY, reply);
}

/* What came, or for taps a copy that they may change. */
static bool tap_frame(SpdmTxn *t, GByteArray **copy, SpdmBytes *bytes)
{
    bool passed;

    if (!spdm_taps_any(&t->r->taps)) {
        return true;
    }
    *copy = g_byte_array_new();
    if (bytes->len) {
        g_byte_array_append(*copy, bytes->data, (guint)bytes->len);
    }
    passed = spdm_txn_tap(t, SPDM_TAP_RX_FRAME, *copy);
    *bytes = spdm_array_view(*copy);
    return passed;
}

/* False when there is no answer. */
static bool process(SpdmTxn *t, SpdmBytes bytes, SpdmReply *reply)
{
    g_autoptr(GByteArray) copy = NULL;
    SpdmBytes message;
    SpdmFrame frame;
    SpdmStatus st;

    if (!tap_frame(t, &copy, &bytes) ||
        !t->r->transport->unpack(bytes, &frame)) {
        return false;
    }
    if (frame.kind == SPDM_FRAME_DISCOVERY) {
        return discover(t, frame.payload, reply);
    }
    st = receive(t, &frame, &message);
    if (!st.failed && t->application) {
        st = spdm_gate_operator(t);
        t->application = !st.failed;    /* what it gets is SPDM's ERROR */
    }
    if (!st.failed && t->application) {
        st = serve_application(t, message);
        return !st.failed && answer_application(t, reply);
    }
    if (!st.failed) {
        st = serve(t, message);
    }
    return answer(t, &st, reply);
}

void spdm_responder_process(SpdmResponder *r, const uint8_t *frame,
                            size_t len, SpdmReply *reply)
{
    int64_t now = spdm_responder_now(r);
    g_auto(SpdmTxn) t;

    *reply = (SpdmReply){ .verdict = SPDM_VERDICT_DROP };
    tick(r, now);
    spdm_txn_init(&t, r, now);
    if (!process(&t, SPDM_BYTES(frame, len), reply)) {
        spdm_reply_clear(reply);
        reply->bytes = g_byte_array_new();
        r->counters.drops++;
    }
}

void spdm_reply_clear(SpdmReply *reply)
{
    g_clear_pointer(&reply->bytes, g_byte_array_unref);
}

/*
 * A connection as bytes and back, for VM snapshots: one function of a coder
 * for each structure serves both ways. What is read may be hostile: every
 * value is checked before anything uses it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/conn.h"
#include "core/opaque.h"

#include <string.h>

/* Nobody's clock is there yet, and deadlines after it can be computed. */
#define MAX_TIME_US (INT64_MAX / 2)

enum {
    MAGIC = 0x4d445053,      /* "SPDM" */
    FORMAT = 7,              /* counts up with every change of this file */
};

/* Reads are refused from @limit on. */
static void code_below(SpdmCoder *c, uint32_t *v, uint32_t limit)
{
    spdm_code_u32(c, "Value", v);
    if (*v >= limit) {
        spdm_coder_fail(c);
        *v = 0;
    }
}

static void code_bool(SpdmCoder *c, bool *v)
{
    uint32_t n = *v;

    code_below(c, &n, 2);
    *v = n != 0;
}

/* Enumerations, whose size C leaves open. */
#define CODE_ENUM(c, v, last) do {          \
    uint32_t n_ = (uint32_t)*(v);           \
    code_below(c, &n_, (uint32_t)(last) + 1); \
    *(v) = n_;                              \
} while (0)

/* Algorithm descriptors travel as their bits; 0 is "not selected". */
#define DEFINE_CODE_ALG(name, Type, by_bit)                         \
    static void name(SpdmCoder *c, const Type **alg)                \
    {                                                               \
        uint32_t bit = *alg ? (*alg)->bit : 0;                      \
                                                                    \
        spdm_code_u32(c, #Type, &bit);                              \
        *alg = bit ? by_bit(bit) : NULL;                            \
        if (bit && !*alg) {                                         \
            spdm_coder_fail(c);                                     \
        }                                                           \
    }

DEFINE_CODE_ALG(code_hash, SpdmHashAlg, spdm_hash_by_bit)
DEFINE_CODE_ALG(code_asym, SpdmAsymAlg, spdm_asym_by_bit)
DEFINE_CODE_ALG(code_dhe, SpdmDheAlg, spdm_dhe_by_bit)
DEFINE_CODE_ALG(code_kem, SpdmKemAlg, spdm_kem_by_bit)
DEFINE_CODE_ALG(code_aead, SpdmAeadAlg, spdm_aead_by_bit)

static void code_raw(SpdmCoder *c, uint8_t *data, size_t len)
{
    SpdmBytes view = SPDM_BYTES(data, len);

    spdm_code_bytes(c, "Bytes", &view, len);
    if (spdm_coder_decoding(c) && spdm_coder_ok(c) && len) {
        memcpy(data, view.data, len);
    }
}

/* A secret of exactly @size bytes, or (unless @needed) none at all. */
static void code_secret(SpdmCoder *c, SpdmSecret *s, size_t size, bool needed)
{
    uint32_t len = (uint32_t)s->len;

    code_below(c, &len, SPDM_MAX_HASH + 1);
    if (len != size && (needed || len != 0)) {
        spdm_coder_fail(c);
        len = 0;
    }
    code_raw(c, s->data, len);
    s->len = len;
}

static void code_transcript(SpdmCoder *c, SpdmTranscript *t)
{
    SpdmBytes view = spdm_transcript_view(t);
    uint32_t len = (uint32_t)view.len;

    code_bool(c, &t->overflown);
    code_below(c, &len, SPDM_TRANSCRIPT_LIMIT + 1);
    spdm_code_bytes(c, "Transcript", &view, len);
    if (spdm_coder_decoding(c) && spdm_coder_ok(c) && !t->overflown) {
        spdm_transcript_append(t, view);
    }
}

static void code_watch(SpdmCoder *c, SpdmMeasWatch *w)
{
    code_bool(c, &w->changed);
    code_raw(c, w->digest, sizeof(w->digest));
}

/* The cipher handle is made again at first use. */
static void code_keys(SpdmCoder *c, const SpdmSession *s, SpdmTrafficKeys *k,
                      bool needed)
{
    code_secret(c, &k->secret, s->hash->size, needed);
    code_secret(c, &k->key, s->aead->key_size, needed);
    code_raw(c, k->iv, sizeof(k->iv));
    spdm_code_u64(c, "SequenceNumber", &k->sequence);
}

static void code_session_keys(SpdmCoder *c, SpdmSession *s)
{
    size_t h = s->hash->size;
    bool handshake = s->phase == SPDM_SESSION_HANDSHAKE;

    code_secret(c, &s->handshake_secret, h, handshake);
    code_secret(c, &s->export_master, h, !handshake);
    for (unsigned i = 0; i < G_N_ELEMENTS(s->keys); i++) {
        code_secret(c, &s->finished[i], h, handshake);
        code_keys(c, s, &s->keys[i], true);
        code_bool(c, &s->has_backup[i]);
        if (s->has_backup[i]) {
            code_keys(c, s, &s->backup[i], true);
        }
    }
    spdm_code_u8(c, "UpdatePending", &s->update_pending);
    spdm_code_u8(c, "UpdateTag", &s->update_tag);
    if (s->update_pending > SPDM_VERIFY_NEW_KEY) {
        spdm_coder_fail(c);
    }
}

/* What is with the requester is a whole request of the code that is due. */
static bool flow_fits(const SpdmEncapFlow *f)
{
    SpdmBytes request = spdm_transcript_view(&f->request);

    return !f->sent || (request.len >= SPDM_HEADER_SIZE &&
                        request.data[1] == f->code);
}

static void code_flow(SpdmCoder *c, SpdmEncapFlow *f)
{
    CODE_ENUM(c, &f->kind, SPDM_ENCAP_ENDPOINT_INFO);
    if (f->kind == SPDM_ENCAP_NONE) {
        return;
    }
    spdm_code_u8(c, "Code", &f->code);
    code_bool(c, &f->sent);
    spdm_code_u8(c, "RequestID", &f->id);
    code_transcript(c, &f->request);
    spdm_code_u8(c, "Slot", &f->slot);
    code_raw(c, f->digest, sizeof(f->digest));
    spdm_code_u32(c, "ChainSize", &f->chain_size);
    code_transcript(c, &f->chain);
    code_transcript(c, &f->m);
    if (!flow_fits(f)) {
        spdm_coder_fail(c);
    }
}

static void code_encap(SpdmCoder *c, SpdmEncap *e)
{
    uint32_t queued = e->queued;

    code_flow(c, &e->flow);
    code_below(c, &queued, SPDM_ENCAP_QUEUE + 1);
    e->queued = queued;
    for (unsigned i = 0; i < e->queued && spdm_coder_ok(c); i++) {
        CODE_ENUM(c, &e->queue[i].kind, SPDM_ENCAP_ENDPOINT_INFO);
        code_transcript(c, &e->queue[i].payload);
    }
    code_transcript(c, &e->endpoint_info);
}

static void code_session_transcripts(SpdmCoder *c, SpdmSession *s)
{
    code_raw(c, s->ct_hash, sizeof(s->ct_hash));
    code_raw(c, s->cm_hash, sizeof(s->cm_hash));
    code_bool(c, &s->has_cm);
    code_transcript(c, &s->peer_key);
    code_transcript(c, &s->d);
    code_transcript(c, &s->ed);
    code_transcript(c, &s->k);
    code_transcript(c, &s->f);
    code_transcript(c, &s->l1);
    code_watch(c, &s->watch);
}

static void code_session_rest(SpdmCoder *c, SpdmSession *s)
{
    uint64_t activity = (uint64_t)s->last_activity_us;
    uint32_t updates = s->key_updates;

    spdm_code_u8(c, "Slot", &s->slot);
    spdm_code_u8(c, "MutAuthRequested", &s->mut_auth_requested);
    spdm_code_u8(c, "PeerSlot", &s->peer_slot);
    code_encap(c, &s->encap);
    spdm_code_u8(c, "SessionPolicy", &s->session_policy);
    spdm_code_u8(c, "Doomed", &s->doomed);
    if (s->doomed > SPDM_ABORT_TERMINATED) {
        spdm_coder_fail(c);
    }
    spdm_code_u8(c, "HeartbeatPeriod", &s->heartbeat_period);
    spdm_code_u64(c, "LastActivity", &activity);
    spdm_code_u64(c, "RecordsIn", &s->records_in);
    spdm_code_u64(c, "RecordsOut", &s->records_out);
    spdm_code_u32(c, "KeyUpdates", &updates);
    s->last_activity_us = (int64_t)activity;
    s->key_updates = updates;
}

static void code_session_head(SpdmCoder *c, SpdmSession *s)
{
    CODE_ENUM(c, &s->type, SPDM_SESSION_PSK);
    spdm_code_u32(c, "SessionID", &s->id);
    spdm_code_u16(c, "SecuredVersion", &s->secured_version);
    CODE_ENUM(c, &s->sequence_order, SPDM_SEQUENCE_BIG);
    spdm_code_u8(c, "AEADDeficit", &s->aead_deficit);
    code_bool(c, &s->mac_only);
    code_bool(c, &s->in_the_clear);
    spdm_code_u8(c, "SPDMVersion", &s->version);
    code_hash(c, &s->hash);
    code_aead(c, &s->aead);
    if (!s->hash || !s->aead || s->id == 0) {
        spdm_coder_fail(c);
    }
}

static void code_events(SpdmCoder *c, SpdmEvents *e)
{
    uint32_t count = e->count;

    spdm_code_u8(c, "Subscribed", &e->subscribed);
    spdm_code_u32(c, "NextEvent", &e->next);
    spdm_code_u32(c, "AckedEvent", &e->acked);
    code_below(c, &count, SPDM_EVENT_QUEUE + 1);
    e->count = count;
    for (unsigned i = 0; i < count; i++) {
        spdm_code_u32(c, "EventInstanceID", &e->queue[i].instance);
        spdm_code_u8(c, "EventTypeID", &e->queue[i].type);
        code_raw(c, e->queue[i].detail, sizeof(e->queue[i].detail));
    }
    if (!spdm_events_valid(e)) {
        spdm_coder_fail(c);
    }
}

static void code_session(SpdmCoder *c, SpdmSession *s)
{
    CODE_ENUM(c, &s->phase, SPDM_SESSION_ESTABLISHED);
    if (s->phase == SPDM_SESSION_FREE) {
        return;
    }
    code_session_head(c, s);
    if (spdm_coder_ok(c)) {
        code_session_keys(c, s);
        code_session_transcripts(c, s);
        code_session_rest(c, s);
        code_events(c, &s->events);
    }
}

static void code_negotiated(SpdmCoder *c, SpdmConn *conn)
{
    CODE_ENUM(c, &conn->state, SPDM_CONN_AUTHENTICATED);
    spdm_code_u8(c, "SPDMVersion", &conn->version);
    spdm_code_u32(c, "RequesterFlags", &conn->req_flags);
    spdm_code_u32(c, "ResponderFlags", &conn->rsp_flags);
    spdm_code_u32(c, "Declared", &conn->declared);
    spdm_code_u16(c, "ResponderExtFlags", &conn->rsp_ext_flags);
    spdm_code_u8(c, "RequesterCTExponent", &conn->req_ct_exponent);
    spdm_code_u8(c, "ResponderCTExponent", &conn->rsp_ct_exponent);
    spdm_code_u32(c, "Size", &conn->req_data_transfer_size);
    spdm_code_u32(c, "Size", &conn->req_max_msg_size);
    spdm_code_u32(c, "Size", &conn->rsp_data_transfer_size);
    spdm_code_u32(c, "Size", &conn->rsp_max_msg_size);
    code_hash(c, &conn->hash);
    code_asym(c, &conn->asym);
    code_asym(c, &conn->req_asym);
    code_dhe(c, &conn->dhe);
    code_kem(c, &conn->kem);
    code_aead(c, &conn->aead);
    spdm_code_u32(c, "MeasurementHash", &conn->meas_hash);
    spdm_code_u8(c, "MeasurementSpec", &conn->meas_spec);
    spdm_code_u8(c, "MELSpec", &conn->mel_spec);
    spdm_code_u8(c, "OtherParams", &conn->other_params);
    spdm_code_u16(c, "KeySchedule", &conn->key_schedule);
    code_bool(c, &conn->multi_key_req);
    code_bool(c, &conn->multi_key_rsp);
}

static void code_conn(SpdmCoder *c, SpdmConn *conn)
{
    uint32_t magic = MAGIC, format = FORMAT;

    spdm_code_u32(c, "Magic", &magic);
    spdm_code_u32(c, "Format", &format);
    if (magic != MAGIC || format != FORMAT) {
        spdm_coder_fail(c);
        return;
    }
    code_negotiated(c, conn);
    code_bool(c, &conn->cache_cleared);
    code_bool(c, &conn->resynch);
    code_bool(c, &conn->provisioned);
    code_transcript(c, &conn->a);
    code_transcript(c, &conn->b);
    code_transcript(c, &conn->d);
    code_bool(c, &conn->d_closed);
    code_transcript(c, &conn->l1);
    code_encap(c, &conn->encap);
    code_bool(c, &conn->peer_authenticated);
    spdm_code_u8(c, "PeerSlot", &conn->peer_slot);
    code_transcript(c, &conn->peer_key);
    code_watch(c, &conn->watch);
    for (unsigned i = 0; i < SPDM_MAX_SESSIONS && spdm_coder_ok(c); i++) {
        code_session(c, &conn->sessions[i]);
    }
    spdm_code_u32(c, "ClearSession", &conn->clear_session);
}

/* spec/03 section 2: capabilities that cannot be without an algorithm. */
static bool algorithms_fit(const SpdmConn *conn)
{
    const uint32_t signing = SPDM_CERT_CAP | SPDM_CHAL_CAP |
                             SPDM_KEY_EX_CAP | SPDM_MEAS_CAP_SIG;
    const uint32_t hashing = signing | SPDM_MEAS_CAP_MASK |
                             SPDM_PSK_CAP_MASK;

    if (conn->state < SPDM_CONN_NEGOTIATED) {
        return true;
    }
    return (conn->hash || !(conn->rsp_flags & hashing)) &&
           (conn->asym || !(conn->rsp_flags & signing)) &&
           (!conn->asym || conn->version >= conn->asym->min_version) &&
           (!conn->req_asym ||
            conn->version >= conn->req_asym->min_version) &&
           (conn->dhe || conn->kem ||
            !spdm_conn_both(conn, SPDM_KEY_EX_CAP)) &&
           (!conn->kem ||
            (!conn->dhe && conn->version >= conn->kem->min_version)) &&
           (conn->aead ||
            !spdm_conn_both(conn, SPDM_ENCRYPT_CAP | SPDM_MAC_CAP));
}

/* Ids are unique, and a session is what its connection agreed on. */
static bool session_fits(SpdmConn *conn, const SpdmSession *s)
{
    return s->phase == SPDM_SESSION_FREE ||
           (conn->state >= SPDM_CONN_NEGOTIATED &&
            spdm_conn_session(conn, s->id) == s &&
            s->version == conn->version && s->hash == conn->hash &&
            s->aead == conn->aead &&
            s->aead_deficit <= SPDM_AEAD_LIMIT_MAX &&
            s->last_activity_us <= MAX_TIME_US);
}

/* A plain FINISH is for a SIGMA handshake that was agreed to be plain. */
static bool clear_session_fits(SpdmConn *conn)
{
    const SpdmSession *s = spdm_conn_session(conn, conn->clear_session);

    return conn->clear_session == 0 ||
           (s && s->phase == SPDM_SESSION_HANDSHAKE &&
            s->type == SPDM_SESSION_SIGMA && s->in_the_clear);
}

/* What later code takes for granted about the whole. */
static bool consistent(SpdmConn *conn)
{
    bool version_ok = conn->version >= SPDM_VERSION_10 &&
                      conn->version <= SPDM_VERSION_14;

    if ((conn->state > SPDM_CONN_AFTER_VERSION && !version_ok) ||
        !algorithms_fit(conn)) {
        return false;
    }
    for (unsigned i = 0; i < SPDM_MAX_SESSIONS; i++) {
        if (!session_fits(conn, &conn->sessions[i])) {
            return false;
        }
    }
    return conn->req_data_transfer_size >= SPDM_MIN_DATA_TRANSFER_SIZE &&
           clear_session_fits(conn);
}

static const SpdmWireCtx no_ctx;

void spdm_conn_save(const SpdmConn *conn, GByteArray *out)
{
    SpdmCoder c = spdm_coder_writer(&no_ctx, out);
    /* The coder wants variables; buffers stay @conn's. */
    SpdmConn copy = *conn;

    code_conn(&c, &copy);
    g_assert(spdm_coder_ok(&c));
    spdm_wipe(&copy, sizeof(copy));
}

bool spdm_conn_load(SpdmConn *conn, SpdmBytes *in, GError **errp)
{
    SpdmCoder c = spdm_coder_reader(&no_ctx, *in);

    spdm_conn_reset(conn);
    conn->sessions_used = SPDM_MAX_SESSIONS;
    code_conn(&c, conn);
    if (!spdm_coder_ok(&c) || !consistent(conn)) {
        spdm_conn_reset(conn);
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "saved connection: damaged, or not of format %d, at "
                    "byte %zu", FORMAT, c.pos);
        return false;
    }
    *in = SPDM_BYTES(in->data + c.pos, in->len - c.pos);
    return true;
}

/*
 * The engine of encapsulated requests: which one is due, and what becomes of
 * the flow when its response was delivered.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/encap.h"

/* Kinds that exist in all sessions, and what both ends must have declared. */
static const struct {
    SpdmEncapKind kind;
    uint8_t first;             /* code of the first embedded request */
    uint32_t both_caps;
    uint32_t req_caps;
    bool in_session;           /* nowhere else */
} kinds[] = {
    { .kind = SPDM_ENCAP_MUT_AUTH, .first = SPDM_GET_DIGESTS },
    { .kind = SPDM_ENCAP_BASIC_MUT_AUTH, .first = SPDM_GET_DIGESTS },
    { .kind = SPDM_ENCAP_KEY_UPDATE, .first = SPDM_KEY_UPDATE,
      .both_caps = SPDM_KEY_UPD_CAP, .in_session = true },
    { .kind = SPDM_ENCAP_SEND_EVENT, .first = SPDM_SEND_EVENT,
      .in_session = true },
    { .kind = SPDM_ENCAP_ENDPOINT_INFO, .first = SPDM_GET_ENDPOINT_INFO,
      .req_caps = SPDM_EP_INFO_CAP_MASK },
};

static size_t kind_row(SpdmEncapKind kind)
{
    size_t i = 0;

    while (kinds[i].kind != kind) {
        i++;
        g_assert(i < G_N_ELEMENTS(kinds));
    }
    return i;
}

uint8_t spdm_encap_first(SpdmEncapKind kind)
{
    return kinds[kind_row(kind)].first;
}

static bool has_caps(const SpdmConn *conn, size_t i)
{
    const SpdmEncapRow *row = spdm_encap_row(kinds[i].first);

    return spdm_conn_can_encap(conn) && conn->version >= row->min_version &&
           (!kinds[i].both_caps || spdm_conn_both(conn, kinds[i].both_caps)) &&
           (!kinds[i].req_caps || (conn->req_flags & kinds[i].req_caps));
}

bool spdm_encap_queue(SpdmResponder *r, SpdmSession *session,
                      SpdmEncapKind kind, SpdmBytes payload)
{
    SpdmConn *conn = &r->conn;
    size_t i = kind_row(kind);
    bool here = session ? session->phase == SPDM_SESSION_ESTABLISHED
                        : !kinds[i].in_session;

    return conn->state >= SPDM_CONN_NEGOTIATED && here &&
           has_caps(conn, i) &&
           spdm_encap_push(spdm_conn_encap(conn, session), kind, payload);
}

bool spdm_encap_is_open(const SpdmTxn *t)
{
    const SpdmConn *conn = t->conn;

    if (t->secured) {
        return t->session->encap.flow.kind != SPDM_ENCAP_NONE;
    }
    for (unsigned i = 0; i < conn->sessions_used && conn->clear_session; i++) {
        const SpdmSession *s = &conn->sessions[i];

        if (s->id == conn->clear_session && s->encap.flow.kind) {
            return true;
        }
    }
    return conn->encap.flow.kind != SPDM_ENCAP_NONE;
}

void spdm_encap_begin(SpdmTxn *t, SpdmSession *session, SpdmEncapKind kind,
                      uint8_t slot, bool implied)
{
    SpdmEncapFlow *flow = &spdm_conn_encap(t->conn, session)->flow;
    const uint8_t get_digests[] = { t->conn->version, SPDM_GET_DIGESTS, 0,
                                    0 };

    spdm_encap_flow_clear(flow);
    flow->kind = kind;
    flow->code = spdm_encap_first(kind);
    flow->slot = slot;
    if (slot == SPDM_SLOT_PUBLIC_KEY) {
        flow->code = SPDM_CHALLENGE; /* no chain to ask for */
    }
    if (implied) {
        spdm_transcript_append(&flow->request,
                               SPDM_BYTES(get_digests, sizeof(get_digests)));
        flow->sent = true;
    }
}

/* Where each kind is at home, and what it needs there. */
static bool is_at_home(const SpdmConn *conn, const SpdmSession *s,
                       SpdmEncapKind kind)
{
    if (kind == SPDM_ENCAP_MUT_AUTH) {
        return s && s->phase == SPDM_SESSION_HANDSHAKE &&
               s->mut_auth_requested && conn->req_asym;
    }
    if (kind == SPDM_ENCAP_BASIC_MUT_AUTH) {
        return !s && conn->req_asym && conn->hash;
    }
    return s ? s->phase == SPDM_SESSION_ESTABLISHED
             : !kinds[kind_row(kind)].in_session;
}

static bool flow_is_valid(const SpdmConn *conn, const SpdmSession *s,
                          const SpdmEncapFlow *flow)
{
    bool slot_ok = flow->slot < SPDM_SLOT_COUNT ||
                   (flow->slot == SPDM_SLOT_PUBLIC_KEY &&
                    flow->code == SPDM_CHALLENGE);

    return flow->kind == SPDM_ENCAP_NONE ||
           (is_at_home(conn, s, flow->kind) && slot_ok &&
            spdm_encap_row(flow->code));
}

bool spdm_encap_valid(const SpdmConn *conn, const SpdmSession *s)
{
    const SpdmEncap *encap = s ? &s->encap : &conn->encap;

    for (unsigned i = 0; i < encap->queued; i++) {
        SpdmEncapKind kind = encap->queue[i].kind;

        if (kind < SPDM_ENCAP_KEY_UPDATE || !is_at_home(conn, s, kind)) {
            return false;
        }
    }
    return flow_is_valid(conn, s, &encap->flow);
}

/* RequestID 0 stays with the GET_DIGESTS that is only implied. */
static uint8_t next_id(uint8_t id)
{
    return id == UINT8_MAX ? 1 : (uint8_t)(id + 1);
}

/* Makes the request that is due; false when it cannot be asked. */
static bool compose(SpdmTxn *t, SpdmEncapFlow *flow)
{
    const SpdmEncapRow *row = spdm_encap_row(flow->code);
    SpdmWireCtx wire = spdm_conn_embedded_ctx(t->conn);
    SpdmMsg m = { .h = { t->conn->version, flow->code, 0, 0 } };
    GByteArray *bytes = spdm_txn_array(t);

    if (row->compose) {
        if (!row->compose(t, flow, &m) ||
            !spdm_msg_encode(&wire, &m, bytes)) {
            return false;
        }
        spdm_transcript_reset(&flow->request);
        spdm_transcript_append(&flow->request, spdm_array_view(bytes));
    }
    flow->id = next_id(flow->id);
    flow->sent = true;
    return true;
}

/* The next of the queue becomes the open flow; RequestIDs go on. */
static bool open_queued(SpdmTxn *t, SpdmEncapFlow *flow)
{
    const SpdmEncap *encap = spdm_conn_encap(t->conn, t->session);
    uint8_t id = flow->id;
    const SpdmEncapItem *item;

    if (t->encap_popped == encap->queued) {
        return false;
    }
    if (t->encap_row && !t->encap_taken.kind) {
        spdm_encap_flow_move(&t->encap_taken, flow);
    }
    item = &encap->queue[t->encap_popped++];
    spdm_encap_flow_clear(flow);
    flow->kind = item->kind;
    flow->code = spdm_encap_first(item->kind);
    flow->id = id;
    spdm_transcript_copy(&flow->request, &item->payload);
    return true;
}

bool spdm_encap_advance(SpdmTxn *t)
{
    SpdmEncapFlow *flow = &t->encap;

    while (flow->code || open_queued(t, flow)) {
        if (compose(t, flow)) {
            return true;
        }
        flow->code = 0;
    }
    return false;
}

/* A requester that says ERROR has not failed; but it is not authenticated. */
static SpdmStatus take_error(SpdmTxn *t, const SpdmEncapRow *row,
                             const SpdmMsg *m)
{
    SpdmEncapFlow *flow = &t->encap;
    bool authenticates = flow->kind == SPDM_ENCAP_MUT_AUTH ||
                         flow->kind == SPDM_ENCAP_BASIC_MUT_AUTH;

    if (authenticates && m->h.param1 != SPDM_ERROR_RESPONSE_NOT_READY) {
        return spdm_encap_bad("the requester refuses to be authenticated");
    }
    if (row->refused) {
        row->refused(t, flow, m->h.param1);
    }
    flow->code = 0;
    return SPDM_STATUS_OK;
}

static bool decode(SpdmTxn *t, const SpdmEncapRow *row, SpdmMsg *m)
{
    SpdmWireCtx wire = spdm_conn_embedded_ctx(t->conn);
    SpdmBytes bytes = t->req.encap.message;
    size_t size;

    wire.has_signature = row->is_signed && row->is_signed(&t->encap);
    return spdm_msg_decode(&wire, bytes, m, &size, NULL) &&
           size == bytes.len && m->h.version == t->conn->version;
}

SpdmStatus spdm_encap_take(SpdmTxn *t)
{
    SpdmEncapFlow *flow = &t->encap;
    const SpdmEncapRow *row = spdm_encap_row(flow->code);
    SpdmStatus st;
    SpdmMsg m;

    if (!decode(t, row, &m)) {
        return spdm_encap_bad("the embedded response is malformed");
    }
    flow->sent = false;
    if (m.h.code == SPDM_ERROR) {
        return take_error(t, row, &m);
    }
    if (m.h.code != SPDM_RESPONSE_OF(flow->code)) {
        return spdm_encap_bad("the embedded response is to another request");
    }
    st = row->take(t, flow, &m, t->req.encap.message);
    t->encap_row = st.failed ? NULL : row;
    /* cppcheck-suppress returnDanglingLifetime; a status has copies only */
    return st;
}

void spdm_encap_commit(SpdmTxn *t)
{
    SpdmEncap *encap = spdm_conn_encap(t->conn, t->session);
    const SpdmEncapFlow *taken = t->encap_taken.kind ? &t->encap_taken
                                                     : &t->encap;
    g_auto(SpdmTranscript) payload = { .bytes = NULL };

    for (unsigned i = 0; i < t->encap_popped; i++) {
        spdm_encap_pop(encap, &payload);
    }
    if (t->encap_row && t->encap_row->commit) {
        t->encap_row->commit(t, taken);
    }
    if (t->encap.code) {
        spdm_encap_flow_move(&encap->flow, &t->encap);
    } else {
        spdm_encap_flow_clear(&encap->flow);
    }
}

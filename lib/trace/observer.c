/*
 * Watching a connection: from frames to messages, from messages to pairs of
 * request and response.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "trace/observer.h"

#include <string.h>

#include "core/chunk.h"
#include "core/describe.h"
#include "trace/pcap.h"

enum {
    MAX_LARGE = 1 << 20,
    EP_INFO_ATTRIBUTES = 4,
};

/* --- entries ------------------------------------------------------------- */

static void entry_free(gpointer data)
{
    SpdmEntry *e = data;

    g_clear_pointer(&e->fields, g_ptr_array_unref);
    g_free(e->holds);
    g_free(e->finding);
    g_free(e->name);
    g_free(e->text);
    g_free(e->verdict);
    g_free(e);
}

static SpdmEntry *add(SpdmObserver *o, SpdmEntryKind kind, int64_t us,
                      uint32_t session)
{
    SpdmEntry *e = g_new0(SpdmEntry, 1);

    e->kind = kind;
    e->us = us;
    e->session = session;
    g_ptr_array_add(o->entries, e);
    return e;
}

void spdm_observer_finding(SpdmObserver *o, const char *format, ...)
{
    va_list args;

    if (o->entry && !o->entry->finding) {
        va_start(args, format);
        o->entry->finding = g_strdup_vprintf(format, args);
        va_end(args);
    }
}

void spdm_observer_check(SpdmObserver *o, bool ok, const char *what,
                         const char *wrong)
{
    char *before = o->entry->holds;

    if (!ok) {
        spdm_observer_finding(o, "%s", wrong);
        return;
    }
    o->entry->holds = before ? g_strconcat(before, ", ", what, NULL)
                             : g_strdup(what);
    g_free(before);
}

/* --- life ---------------------------------------------------------------- */

SpdmObserver *spdm_observer_new(void)
{
    SpdmObserver *o = g_new0(SpdmObserver, 1);

    spdm_crypto_init(NULL);
    o->entries = g_ptr_array_new_with_free_func(entry_free);
    o->request = g_byte_array_new();
    o->large = g_byte_array_new();
    o->encap_request = g_byte_array_new();
    o->transport = spdm_transport(SPDM_TRANSPORT_NONE);
    spdm_conn_reset(&o->conn);
    return o;
}

static void forget_chains(SpdmObserver *o)
{
    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        g_clear_pointer(&o->chains[0][i], g_byte_array_unref);
        g_clear_pointer(&o->chains[1][i], g_byte_array_unref);
    }
}

void spdm_observer_free(SpdmObserver *o)
{
    if (o) {
        forget_chains(o);
        spdm_conn_reset(&o->conn);
        g_clear_pointer(&o->keys, g_array_unref);
        g_ptr_array_unref(o->entries);
        g_byte_array_unref(o->request);
        g_byte_array_unref(o->large);
        g_byte_array_unref(o->encap_request);
        g_free(o->fault);
        g_free(o->ended_by);
        g_free(o->mailbox);
        g_free(o);
    }
}

bool spdm_observer_keys(SpdmObserver *o, SpdmBytes text, const char *name,
                        GError **errp)
{
    g_clear_pointer(&o->keys, g_array_unref);
    o->keys = spdm_keylog_parse(text, name, errp);
    return o->keys != NULL;
}

const GPtrArray *spdm_observer_entries(const SpdmObserver *o)
{
    return o->entries;
}

char *spdm_observer_dump_options(const SpdmObserver *o)
{
    GString *out = g_string_new(NULL);

    for (guint i = 0; o->keys && i < o->keys->len; i++) {
        const SpdmKeyLogEntry *e = &g_array_index(o->keys, SpdmKeyLogEntry,
                                                  i);
        const char *option = spdm_secret_dump_option(e->kind);

        if (option) {
            g_string_append_printf(out, "%s%s ", out->len ? " " : "",
                                   option);
            for (size_t k = 0; k < e->secret.len; k++) {
                g_string_append_printf(out, "%02x", e->secret.data[k]);
            }
        }
    }
    return g_string_free(out, FALSE);
}

char *spdm_observer_summary(const SpdmObserver *o)
{
    const SpdmConn *c = &o->conn;
    GString *out = g_string_new(NULL);
    const char *names[] = {
        c->asym ? c->asym->name : NULL, c->hash ? c->hash->name : NULL,
        c->dhe ? c->dhe->name : NULL, c->kem ? c->kem->name : NULL,
        c->aead ? c->aead->name : NULL,
    };

    if (c->version) {
        g_string_append_printf(out, "SPDM %s", spdm_version_name(c->version));
    }
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i]) {
            g_string_append_printf(out, "%s%s", out->len ? ", " : "",
                                   names[i]);
        }
    }
    return g_string_free(out, FALSE);
}

/* --- layouts ------------------------------------------------------------- */

static bool asks_summary(SpdmBytes q)
{
    switch (q.len >= SPDM_HEADER_SIZE ? q.data[1] : 0) {
    case SPDM_CHALLENGE:
        return q.data[3] != 0;
    case SPDM_KEY_EXCHANGE:
    case SPDM_PSK_EXCHANGE:
        return q.data[2] != 0;
    default:
        return false;
    }
}

static bool asks_signature(SpdmBytes q)
{
    switch (q.len >= SPDM_HEADER_SIZE ? q.data[1] : 0) {
    case SPDM_GET_MEASUREMENTS:
        return q.data[2] & SPDM_MEAS_REQ_SIGNATURE;
    case SPDM_GET_ENDPOINT_INFO:
        return q.len > EP_INFO_ATTRIBUTES &&
               (q.data[EP_INFO_ATTRIBUTES] & SPDM_EP_INFO_SIGNATURE);
    default:
        return false;
    }
}

SpdmWireCtx spdm_observer_ctx(SpdmObserver *o, SpdmBytes request,
                              bool embedded)
{
    SpdmWireCtx ctx = embedded ? spdm_conn_embedded_ctx(&o->conn)
                               : spdm_conn_wire_ctx(&o->conn);

    ctx.has_summary = asks_summary(request);
    ctx.has_signature = asks_signature(request);
    return ctx;
}

/* --- pairs --------------------------------------------------------------- */

static void set_request(SpdmObserver *o, SpdmBytes req, uint32_t session)
{
    g_byte_array_set_size(o->request, 0);
    if (req.len) { /* a record that is closed is a request all the same */
        g_byte_array_append(o->request, req.data, (guint)req.len);
    }
    o->request_session = session;
    o->request_entry = o->entry;
}

static SpdmSession *session_of(SpdmObserver *o, uint32_t id)
{
    return id ? spdm_conn_session(&o->conn, id) : NULL;
}

/* What a request changes before its answer is there. */
static void note_request(SpdmObserver *o, SpdmSession *s, SpdmBytes req,
                         const SpdmMsg *q)
{
    spdm_conn_note_request(&o->conn, s, q->h.code);
    switch (q->h.code) {
    case SPDM_GET_VERSION:
        spdm_conn_reset(&o->conn);
        memset(o->seen, 0, sizeof(o->seen));
        o->has_offer = false;
        o->digest_mask = 0;
        break;
    case SPDM_FINISH:
    case SPDM_PSK_FINISH:
        spdm_observe_finish_request(o, spdm_observe_handshake(o, s), req, q);
        break;
    case SPDM_KEY_UPDATE:
        spdm_observe_key_update(o, s, q->h.param1, false);
        break;
    case SPDM_DELIVER_ENCAPSULATED_RESPONSE:
        spdm_observe_embedded(o, s, q->encap.message);
        break;
    default:
        break;
    }
}

/* A whole request; false when it does not decode. */
static void asked(SpdmObserver *o, uint32_t session, SpdmBytes req)
{
    SpdmWireCtx inner = spdm_observer_ctx(o, spdm_bytes_of(o->encap_request),
                                          true);
    SpdmWireCtx ctx = spdm_observer_ctx(o, SPDM_BYTES(NULL, 0), false);
    size_t size;
    SpdmMsg q;

    ctx.embedded = &inner;
    if (!spdm_msg_decode(&ctx, req, &q, &size, NULL)) {
        spdm_observer_finding(o, "it does not have the layout of a %s",
                              spdm_code_name(req.data[1]));
        set_request(o, req, session);
        return;
    }
    req.len = size;
    set_request(o, req, session);
    note_request(o, session_of(o, session), req, &q);
}

/* The answer to o->request, whole. */
static void answered(SpdmObserver *o, uint32_t session, SpdmBytes rsp)
{
    SpdmBytes req = spdm_bytes_of(o->request);
    SpdmWireCtx inner = spdm_observer_ctx(o, spdm_bytes_of(o->encap_request),
                                          true);
    SpdmWireCtx ctx = spdm_observer_ctx(o, req, false);
    SpdmPair p = { .req = req, .s = session_of(o, session) };
    SpdmMsg q, m;
    size_t size;

    ctx.embedded = &inner;
    if (!spdm_msg_decode(&ctx, rsp, &m, &size, NULL)) {
        spdm_observer_finding(o, "it does not have the layout of a %s",
                              spdm_code_name(rsp.data[1]));
        return;
    }
    if (rsp.data[1] != SPDM_RESPONSE_OF(req.data[1])) {
        spdm_observer_finding(o, "it does not answer %s",
                              spdm_code_name(req.data[1]));
        return;
    }
    if (!spdm_msg_decode(&ctx, req, &q, NULL, NULL)) {
        return;
    }
    p.rsp = SPDM_BYTES(rsp.data, size);
    p.q = &q;
    p.m = &m;
    spdm_observe_answer(o, &p);
}

/* SPDMVersion of all but VERSION and ERROR is the negotiated one. */
static void check_version(SpdmObserver *o, SpdmBytes rsp)
{
    if (o->conn.version && rsp.data[0] != o->conn.version &&
        rsp.data[1] != SPDM_ERROR &&
        rsp.data[1] != SPDM_RESPONSE_OF(SPDM_GET_VERSION)) {
        spdm_observer_finding(o, "its SPDMVersion is %s, but %s was agreed "
                              "on", spdm_version_name(rsp.data[0]),
                              spdm_version_name(o->conn.version));
    }
}

/* --- chunks -------------------------------------------------------------- */

/* Adds a chunk; true when that was the last. */
static bool add_chunk(SpdmObserver *o, SpdmBytes message)
{
    SpdmWireCtx ctx = spdm_observer_ctx(o, SPDM_BYTES(NULL, 0), false);
    SpdmMsg m;

    if (!spdm_msg_decode(&ctx, message, &m, NULL, NULL)) {
        return false;
    }
    if (m.chunk.seq == 0) {
        g_byte_array_set_size(o->large, 0);
    }
    if (o->large->len + m.chunk.chunk.len <= MAX_LARGE &&
        m.chunk.chunk.len) {
        g_byte_array_append(o->large, m.chunk.chunk.data,
                            (guint)m.chunk.chunk.len);
    }
    return (m.h.param1 & SPDM_CHUNK_LAST) &&
           o->large->len >= SPDM_HEADER_SIZE;
}

static void on_request(SpdmObserver *o, uint32_t session, SpdmBytes req)
{
    SpdmSession *s = session_of(o, session);

    switch (req.data[1]) {
    case SPDM_CHUNK_SEND:
        spdm_conn_note_request(&o->conn, s, req.data[1]);
        if (add_chunk(o, req)) {
            asked(o, session, spdm_bytes_of(o->large));
        }
        break;
    case SPDM_CHUNK_GET:
    case SPDM_RESPOND_IF_READY:
        spdm_conn_note_request(&o->conn, s, req.data[1]);
        break;
    default:
        asked(o, session, req);
        break;
    }
}

/* ERRORs after which the answer comes all the same. */
static bool is_interim(SpdmBytes rsp)
{
    return rsp.data[1] == SPDM_ERROR &&
           (rsp.data[2] == SPDM_ERROR_LARGE_RESPONSE ||
            rsp.data[2] == SPDM_ERROR_RESPONSE_NOT_READY ||
            rsp.data[2] == SPDM_ERROR_BUSY);
}

static void on_response(SpdmObserver *o, uint32_t session, SpdmBytes rsp);

static void on_chunk_ack(SpdmObserver *o, uint32_t session, SpdmBytes rsp)
{
    size_t at = spdm_chunk_ack_header(o->conn.version);

    if (o->request->len && rsp.len >= at + SPDM_HEADER_SIZE) {
        on_response(o, session, SPDM_BYTES(rsp.data + at, rsp.len - at));
    }
}

static void on_response(SpdmObserver *o, uint32_t session, SpdmBytes rsp)
{
    check_version(o, rsp);
    if (rsp.data[1] == SPDM_RESPONSE_OF(SPDM_CHUNK_SEND)) {
        on_chunk_ack(o, session, rsp);
    } else if (rsp.data[1] == SPDM_RESPONSE_OF(SPDM_CHUNK_GET)) {
        if (add_chunk(o, rsp) && o->request->len) {
            answered(o, session, spdm_bytes_of(o->large));
        }
    } else if (is_interim(rsp)) {
        return;
    } else if (!o->request->len) {
        spdm_observer_finding(o, "nothing was asked for it");
    } else if (rsp.data[1] != SPDM_ERROR) {
        answered(o, session, rsp);
        g_byte_array_set_size(o->request, 0);
    }
}

/* --- messages ------------------------------------------------------------ */

static void describe(SpdmObserver *o, SpdmEntry *e, SpdmBytes message)
{
    SpdmBytes request = spdm_bytes_of(o->request);
    SpdmWireCtx inner = spdm_observer_ctx(o, spdm_bytes_of(o->encap_request),
                                          true);
    SpdmWireCtx ctx = spdm_observer_ctx(o, e->requester ? SPDM_BYTES(NULL, 0)
                                                        : request, false);
    g_autoptr(GString) text = g_string_new(NULL);
    size_t size, skip;
    SpdmMsg m;

    ctx.embedded = &inner;
    if (spdm_msg_decode(&ctx, message, &m, &size, NULL)) {
        e->size = size;
    }
    spdm_describe(&ctx, message, text);
    e->code = message.data[1];
    e->name = g_strdup(spdm_code_name(message.data[1]));
    skip = MIN(strlen(e->name) + 1, text->len);
    e->text = g_strdup(text->str + skip);
    e->fields = spdm_entry_fields(&ctx, SPDM_BYTES(message.data, e->size));
}

/* An ERROR ends what its request began (spec/04 section 3: L1). */
static void on_error(SpdmObserver *o, uint32_t session)
{
    SpdmSession *s = session_of(o, session);

    if (o->request->len > 1 &&
        o->request->data[1] == SPDM_GET_MEASUREMENTS) {
        spdm_transcript_reset(spdm_conn_l1(&o->conn, s));
    }
    g_byte_array_set_size(o->request, 0);
}

static void take(SpdmObserver *o, SpdmEntry *e, SpdmBytes message)
{
    bool is_error;

    o->entry = e;
    o->last = e;
    e->size = message.len;
    e->opened = true;
    if (message.len < SPDM_HEADER_SIZE) {
        e->name = g_strdup("?");
        e->text = g_strdup("shorter than a header");
        spdm_observer_finding(o, "it is shorter than a header");
    } else {
        describe(o, e, message);
        if (e->requester) {
            spdm_explain_request(o);
            on_request(o, e->session, message);
        } else {
            is_error = message.data[1] == SPDM_ERROR && !is_interim(message);
            on_response(o, e->session, message);
            spdm_explain_response(o, is_error, message.data[2]);
            if (is_error) {
                on_error(o, e->session);
            }
        }
    }
    o->entry = NULL;
    g_clear_pointer(&o->fault, g_free);
    g_clear_pointer(&o->mailbox, g_free);
}

void spdm_observer_message(SpdmObserver *o, int64_t us, bool requester,
                           bool secured, uint32_t session, SpdmBytes message)
{
    SpdmEntry *e = add(o, SPDM_ENTRY_MESSAGE, us, session);

    e->requester = requester;
    e->secured = secured;
    take(o, e, message);
}

static void forget_session(SpdmObserver *o, uint32_t id)
{
    SpdmSession *s = session_of(o, id);

    if (s) {
        o->seen[s - o->conn.sessions] = (SpdmObserved){ .keyed = false };
        spdm_conn_end_session(&o->conn, s);
    }
}

/* Of discovery nothing follows. */
static void note_mailbox(SpdmObserver *o, const SpdmEntry *e)
{
    if (strcmp(e->name, "discovery")) {
        g_free(o->mailbox);
        o->mailbox = *e->text ? g_strdup_printf("%s, %s", e->name, e->text)
                              : g_strdup(e->name);
    }
}

void spdm_observer_event(SpdmObserver *o, SpdmEntryKind kind, int64_t us,
                         uint32_t session, const char *name, const char *text)
{
    SpdmEntry *e = add(o, kind, us, session);

    e->name = g_strdup(name);
    e->text = g_strdup(text ? text : "");
    if (kind == SPDM_ENTRY_ABORT) {
        e->bad = true;
        spdm_explain_abort(o, e);
        forget_session(o, session);
    } else if (kind == SPDM_ENTRY_FAULT) {
        g_free(o->fault);
        o->fault = g_strdup(name);
    } else if (kind == SPDM_ENTRY_DOE) {
        note_mailbox(o, e);
    }
}

void spdm_observer_end(SpdmObserver *o)
{
    spdm_explain_end(o);
}

/* --- frames -------------------------------------------------------------- */

/* A try that fails leaves no trace: the record may be the other end's. */
static bool try_open(SpdmObserver *o, SpdmSession *s, SpdmSender sender,
                     SpdmBytes record, GByteArray *message)
{
    uint64_t sequence = s->keys[sender].sequence;
    uint64_t backup = s->backup[sender].sequence;

    if (spdm_record_open(s, sender, &o->transport->record, record,
                         message) == SPDM_OPEN_OK) {
        return true;
    }
    s->keys[sender].sequence = sequence;
    s->backup[sender].sequence = backup;
    return false;
}

/* Opens a record, and so finds out who sent it when that is not known. */
static bool open_record(SpdmObserver *o, SpdmSession *s, bool known,
                        bool *requester, SpdmBytes record,
                        GByteArray *message)
{
    SpdmSender first = *requester ? SPDM_SENDER_REQUESTER
                                  : SPDM_SENDER_RESPONDER;
    SpdmSender other = *requester ? SPDM_SENDER_RESPONDER
                                  : SPDM_SENDER_REQUESTER;

    if (try_open(o, s, first, record, message)) {
        return true;
    }
    if (!known && try_open(o, s, other, record, message)) {
        *requester = !*requester;
        return true;
    }
    /* DSP0277: a record that does not open uses its number all the same. */
    s->keys[first].sequence++;
    return false;
}

static void on_record(SpdmObserver *o, const SpdmPacket *packet,
                      bool requester, SpdmBytes record)
{
    uint32_t id = spdm_record_session_id(record);
    SpdmSession *s = session_of(o, id);
    bool keyed = s && spdm_observe_keyed(o, s);
    g_autoptr(GByteArray) message = g_byte_array_new();
    bool opened = keyed && open_record(o, s, packet->known, &requester,
                                       record, message);
    SpdmEntry *e = add(o, SPDM_ENTRY_MESSAGE, packet->us, id);

    e->requester = requester;
    e->secured = true;
    o->last_requester = requester;
    if (opened) {
        take(o, e, spdm_bytes_of(message));
        return;
    }
    if (s && !keyed) {
        s->phase = SPDM_SESSION_ESTABLISHED; /* as far as can be told */
    }
    e->size = record.len;
    e->name = g_strdup("record");
    e->text = g_strdup(keyed ? "does not open" : "its keys are not known");
    o->entry = e;
    o->last = e;
    if (keyed) {
        spdm_observer_finding(o, "the record does not open with the keys of "
                              "its session: tag or sequence number is wrong");
    }
    if (requester) {
        spdm_explain_request(o);
        set_request(o, SPDM_BYTES(NULL, 0), id);
    } else {
        spdm_explain_response(o, false, 0);
    }
    o->entry = NULL;
}

static void on_discovery(SpdmObserver *o, const SpdmPacket *packet,
                         bool requester, SpdmBytes payload)
{
    g_autofree char *text = NULL;

    if (payload.len < 4) {
        text = g_strdup("shorter than an entry");
    } else if (requester) {
        text = g_strdup_printf("asks for entry %u", payload.data[0]);
    } else {
        text = g_strdup_printf("vendor %04x, type %u, next entry %u",
                               payload.data[0] | payload.data[1] << 8,
                               payload.data[2], payload.data[3]);
    }
    spdm_observer_event(o, SPDM_ENTRY_DOE, packet->us, 0, "discovery", text);
    o->last_requester = requester;
}

static void on_packet(SpdmObserver *o, const SpdmPacket *packet)
{
    bool requester = packet->known ? packet->requester
                                   : !o->any || !o->last_requester;
    SpdmFrame frame;

    if (!o->transport->unpack(packet->frame, &frame)) {
        g_autofree char *text = g_strdup_printf(
            "a packet of %zu bytes that is no frame of %s", packet->size,
            o->transport->name);

        spdm_observer_event(o, SPDM_ENTRY_NOTE, packet->us, 0, "note", text);
        return;
    }
    if (frame.kind == SPDM_FRAME_DISCOVERY) {
        on_discovery(o, packet, requester, frame.payload);
    } else if (frame.kind == SPDM_FRAME_SECURED) {
        on_record(o, packet, requester, frame.payload);
    } else {
        if (!packet->known && frame.payload.len > 1) {
            requester = frame.payload.data[1] >= SPDM_REQUEST_CODES;
        }
        o->last_requester = requester;
        spdm_observer_message(o, packet->us, requester, false, 0,
                              frame.payload);
    }
    o->any = true;
}

bool spdm_observer_is_pcap(SpdmBytes bytes)
{
    return spdm_pcap_is(bytes);
}

bool spdm_observer_pcap(SpdmObserver *o, SpdmBytes bytes, GError **errp)
{
    GError *err = NULL;
    SpdmPacket packet;
    SpdmPcap p;

    if (!spdm_pcap_open(&p, bytes, errp)) {
        return false;
    }
    o->transport = spdm_transport(p.transport);
    while (spdm_pcap_next(&p, &packet, &err)) {
        on_packet(o, &packet);
    }
    if (err) {
        g_propagate_error(errp, err);
        return false;
    }
    return true;
}

/*
 * Reading recorded connections.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "recording.h"

#include <string.h>

#include "core/conn.h"

enum { CODE = 1, PARAM1 = 2, PARAM2 = 3, SLOT_MASK = 0x0f };

GByteArray *rec_hex(const Recording *rec, const char *group, const char *key)
{
    g_autofree char *text = rec_text(rec, group, key);
    GByteArray *out = g_byte_array_new();

    for (const char *c = text; c[0] && c[1]; c += 2) {
        uint8_t byte = (uint8_t)(g_ascii_xdigit_value(c[0]) << 4 |
                                 g_ascii_xdigit_value(c[1]));

        g_byte_array_append(out, &byte, 1);
    }
    return out;
}

char *rec_text(const Recording *rec, const char *group, const char *key)
{
    char *text = g_key_file_get_string(rec->file, group, key, NULL);

    return text ? text : g_strdup("");
}

unsigned rec_int(const Recording *rec, const char *group, const char *key)
{
    g_autofree char *text = rec_text(rec, group, key);

    return (unsigned)g_ascii_strtoull(text, NULL, 0);
}

bool rec_has(const Recording *rec, const char *group, const char *key)
{
    return g_key_file_has_key(rec->file, group, key, NULL);
}

static char *group_of(const char *kind, unsigned n)
{
    return g_strdup_printf("%s %u", kind, n);
}

GByteArray *rec_hex_of(const Recording *rec, const char *kind, unsigned n,
                       const char *key)
{
    g_autofree char *group = group_of(kind, n);

    return rec_hex(rec, group, key);
}

unsigned rec_int_of(const Recording *rec, const char *kind, unsigned n,
                    const char *key)
{
    g_autofree char *group = group_of(kind, n);

    return rec_int(rec, group, key);
}

bool rec_has_of(const Recording *rec, const char *kind, unsigned n,
                const char *key)
{
    g_autofree char *group = group_of(kind, n);

    return rec_has(rec, group, key);
}

static bool has_group(const Recording *rec, const char *kind, unsigned n)
{
    g_autofree char *group = group_of(kind, n);

    return g_key_file_has_group(rec->file, group);
}

static void append(GByteArray *out, SpdmBytes bytes)
{
    if (bytes.len) {
        g_byte_array_append(out, bytes.data, (guint)bytes.len);
    }
}

GByteArray *rec_frame(const Recording *rec, unsigned n)
{
    bool secured = rec_has_of(rec, "message", n, "record");
    g_autoptr(GByteArray) body = rec_hex_of(rec, "message", n,
                                            secured ? "record" : "spdm");
    g_autoptr(GByteArray) suffix = rec_hex_of(rec, "message", n,
                                              "transport_suffix");
    GByteArray *out = rec_hex_of(rec, "message", n, "transport_prefix");

    append(out, rec_view(body));
    append(out, rec_view(suffix));
    return out;
}

bool rec_is_spdm(const Recording *rec, unsigned n)
{
    return rec_has_of(rec, "message", n, "spdm");
}

/* --- large messages ------------------------------------------------------ */

/* First and last chunk of [large @n]. */
static void chunks_of(const Recording *rec, unsigned n, unsigned *first,
                      unsigned *last)
{
    g_autofree char *group = group_of("large", n);
    g_autofree char *text = rec_text(rec, group, "chunks");
    g_auto(GStrv) list = g_strsplit(text, " ", -1);
    guint count = g_strv_length(list);

    *first = count ? (unsigned)atoi(list[0]) : 0;
    *last = count ? (unsigned)atoi(list[count - 1]) : 0;
}

static bool is_request(unsigned n)
{
    return n % 2 == 1;
}

/*
 * A large response is announced by an ERROR, to which CHUNK_GET and its first
 * chunk are the next two messages.
 */
static unsigned announced_at(unsigned first)
{
    return first - 2;
}

/* The large message that is complete (request) or announced at message @n. */
static unsigned large_at(const Recording *rec, unsigned n, bool begun)
{
    for (unsigned i = 1; has_group(rec, "large", i); i++) {
        unsigned first, last;

        chunks_of(rec, i, &first, &last);
        if (is_request(n) ? n == (begun ? first : last)
                          : !is_request(first) && n == announced_at(first)) {
            return i;
        }
    }
    return 0;
}

/* What a CHUNK_SEND_ACK has in it; nothing while the request goes on. */
static GByteArray *acknowledged(const Recording *rec, GByteArray *ack)
{
    SpdmWireCtx ctx = rec_ctx(rec, false, SPDM_BYTES(NULL, 0));
    GByteArray *out = g_byte_array_new();
    SpdmMsg m;

    if (spdm_msg_decode(&ctx, rec_view(ack), &m, NULL, NULL)) {
        append(out, m.chunk.response);
    }
    return out;
}

static GByteArray *whole(const Recording *rec, unsigned n, bool begun)
{
    unsigned large = large_at(rec, n, begun);
    g_autoptr(GByteArray) spdm = rec_hex_of(rec, "message", n, "spdm");
    uint8_t code = spdm->len > CODE ? spdm->data[CODE] : 0;

    if (large) {
        return rec_hex_of(rec, "large", large, "spdm");
    }
    if (code == SPDM_CHUNK_SEND) {
        return g_byte_array_new();
    }
    if (code == SPDM_RESPONSE_OF(SPDM_CHUNK_SEND)) {
        return acknowledged(rec, spdm);
    }
    return g_steal_pointer(&spdm);
}

GByteArray *rec_whole(const Recording *rec, unsigned n)
{
    return whole(rec, n, false);
}

GByteArray *rec_begun(const Recording *rec, unsigned n)
{
    return whole(rec, n, true);
}

/* --- layout -------------------------------------------------------------- */

static bool is_true(const Recording *rec, const char *key)
{
    return g_key_file_get_boolean(rec->file, "connection", key, NULL);
}

static void asked_for(SpdmWireCtx *ctx, SpdmBytes request)
{
    enum { EP_INFO_ATTRIBUTES = 4 };

    if (request.len < SPDM_HEADER_SIZE) {
        return;
    }
    switch (request.data[CODE]) {
    case SPDM_CHALLENGE:
        ctx->has_summary = request.data[PARAM2] != 0;
        break;
    case SPDM_KEY_EXCHANGE:
    case SPDM_PSK_EXCHANGE:
        ctx->has_summary = request.data[PARAM1] != 0;
        break;
    case SPDM_GET_MEASUREMENTS:
        ctx->has_signature = request.data[PARAM1] & SPDM_MEAS_REQ_SIGNATURE;
        break;
    case SPDM_GET_ENDPOINT_INFO:
        ctx->has_signature = request.len > EP_INFO_ATTRIBUTES &&
            (request.data[EP_INFO_ATTRIBUTES] & SPDM_EP_INFO_SIGNATURE);
        break;
    default:
        break;
    }
}

SpdmWireCtx rec_ctx(const Recording *rec, bool swapped, SpdmBytes request)
{
    g_autoptr(GByteArray) public = rec_hex(rec, "session 1",
                                           "requester_dhe_public");
    uint16_t rsp = (uint16_t)rec_int(rec, "connection", "signature_size");
    uint16_t req = (uint16_t)rec_int(rec, "connection",
                                     "requester_signature_size");
    SpdmWireCtx ctx = {
        .hash_size = (uint16_t)rec_int(rec, "connection", "base_hash_size"),
        .sig_size = swapped ? req : rsp,
        .req_sig_size = req,
        .req_exchange_size = (uint16_t)public->len,
        .rsp_exchange_size = (uint16_t)public->len,
        .multi_key_rsp = rec->multi_key[swapped ? SPDM_SENDER_REQUESTER
                                                : SPDM_SENDER_RESPONDER],
        .in_the_clear = is_true(rec, "handshake_in_the_clear"),
    };

    asked_for(&ctx, request);
    return ctx;
}

GByteArray *rec_find(const Recording *rec, uint8_t code)
{
    for (unsigned n = 1; n <= rec->messages; n++) {
        g_autoptr(GByteArray) m = rec_whole(rec, n);

        if (m->len > CODE && m->data[CODE] == code) {
            return g_steal_pointer(&m);
        }
    }
    return g_byte_array_new();
}

/* --- what is drawn, signed, opened --------------------------------------- */

GByteArray *rec_signature(const Recording *rec, unsigned n)
{
    for (unsigned i = 1; has_group(rec, "signature", i); i++) {
        unsigned at = rec_int_of(rec, "signature", i, "message");
        unsigned large = rec_int_of(rec, "signature", i, "large");

        if (at == n || (large && large == large_at(rec, n, true))) {
            return rec_hex_of(rec, "signature", i, "signature");
        }
    }
    return g_byte_array_new();
}

unsigned rec_opens(const Recording *rec, unsigned n)
{
    static const char *const keys[] = {
        "key_exchange_message", "key_exchange_rsp_message",
    };

    for (unsigned i = 1; has_group(rec, "session", i); i++) {
        for (unsigned k = 0; k < G_N_ELEMENTS(keys); k++) {
            unsigned at = rec_int_of(rec, "session", i, keys[k]), first, last;
            unsigned large = large_at(rec, n, true);

            if (large) {
                chunks_of(rec, large, &first, &last);
            }
            if (at == n || (large && at == last)) {
                return i;
            }
        }
    }
    return 0;
}

uint32_t rec_session_id(const Recording *rec, unsigned session)
{
    g_autoptr(GByteArray) bytes = rec_hex_of(rec, "session", session,
                                             "session_id");
    uint32_t id = 0;

    for (guint i = 0; i < bytes->len; i++) {
        id |= (uint32_t)bytes->data[i] << (8 * i);
    }
    return id;
}

GByteArray *rec_padding(const Recording *rec, unsigned n)
{
    enum { LENGTH = 2 };
    g_autoptr(GByteArray) plain = rec_hex_of(rec, "message", n, "plaintext");
    unsigned session = rec_int_of(rec, "message", n, "session");
    g_autofree char *group = group_of("session", session);
    g_autofree char *protection = rec_text(rec, group, "protection");
    GByteArray *out = g_byte_array_new();
    size_t used = LENGTH;

    if (strcmp(protection, "ENC_MAC") == 0 && plain->len >= LENGTH) {
        used += plain->data[0] | (size_t)plain->data[1] << 8;
        append(out, SPDM_BYTES(plain->data + used, plain->len - used));
    }
    return out;
}

/* --- identities ---------------------------------------------------------- */

static void take_digests(Recording *rec, SpdmSender who, const SpdmMsg *m)
{
    RecIdentity *id = &rec->identity[who];
    unsigned i = 0;

    id->has_digests = true;
    id->supported = m->h.param1;
    id->provisioned = m->h.param2;
    for (unsigned slot = 0; rec->multi_key[who] && slot < REC_SLOTS; slot++) {
        if (id->provisioned & (1u << slot)) {
            id->key[slot] = (SpdmSlotKey){
                .key_pair_id = m->digests.key_pair_ids.data[i],
                .model = m->digests.cert_infos.data[i] &
                         SPDM_CERT_INFO_MODEL_MASK,
                .usage = (uint16_t)(m->digests.key_usages.data[2 * i] |
                         m->digests.key_usages.data[2 * i + 1] << 8),
            };
            i++;
        }
    }
}

static void take_portion(Recording *rec, SpdmSender who, const SpdmMsg *q,
                         const SpdmMsg *m)
{
    GByteArray **chain =
        &rec->identity[who].chain[(q->h.param1 & SLOT_MASK) % REC_SLOTS];

    if (m->certificate.portion.len == 0) {
        return;
    }
    if (q->get_certificate.offset == 0) {
        g_clear_pointer(chain, g_byte_array_unref);
        *chain = g_byte_array_new();
    }
    append(*chain, m->certificate.portion);
}

static void take_answer(Recording *rec, SpdmSender who, SpdmBytes request,
                        SpdmBytes response)
{
    SpdmWireCtx ctx = rec_ctx(rec, who == SPDM_SENDER_REQUESTER, request);
    SpdmMsg q, m;

    if (response.len < SPDM_HEADER_SIZE ||
        !spdm_msg_decode(&ctx, response, &m, NULL, NULL)) {
        return;
    }
    if (m.h.code == SPDM_RESPONSE_OF(SPDM_GET_DIGESTS)) {
        take_digests(rec, who, &m);
    } else if (m.h.code == SPDM_RESPONSE_OF(SPDM_GET_CERTIFICATE) &&
               spdm_msg_decode(&ctx, request, &q, NULL, NULL)) {
        take_portion(rec, who, &q, &m);
    }
}

/* What an encapsulation carries, into @out. */
static void unwrap(const Recording *rec, const GByteArray *carrier,
                   GByteArray *out)
{
    SpdmWireCtx ctx = rec_ctx(rec, false, SPDM_BYTES(NULL, 0));
    SpdmMsg m;

    g_byte_array_set_size(out, 0);
    if (spdm_msg_decode(&ctx, rec_view(carrier), &m, NULL, NULL)) {
        append(out, m.encap.message);
    }
}

static void learn_identities(Recording *rec)
{
    g_autoptr(GByteArray) embedded = g_byte_array_new();
    g_autoptr(GByteArray) delivered = g_byte_array_new();

    for (unsigned n = 1; n < rec->messages; n += 2) {
        g_autoptr(GByteArray) request = rec_whole(rec, n);
        g_autoptr(GByteArray) response = rec_whole(rec, n + 1);

        if (request->len < SPDM_HEADER_SIZE ||
            response->len < SPDM_HEADER_SIZE) {
            continue;
        }
        if (request->data[CODE] == SPDM_DELIVER_ENCAPSULATED_RESPONSE) {
            unwrap(rec, request, delivered);
            take_answer(rec, SPDM_SENDER_REQUESTER, rec_view(embedded),
                        rec_view(delivered));
        }
        if (request->data[CODE] == SPDM_DELIVER_ENCAPSULATED_RESPONSE ||
            request->data[CODE] == SPDM_GET_ENCAPSULATED_REQUEST) {
            unwrap(rec, response, embedded);
        } else {
            take_answer(rec, SPDM_SENDER_RESPONDER, rec_view(request),
                        rec_view(response));
        }
    }
}

static void learn_provisioned(Recording *rec, SpdmSender who,
                              const char *prefix)
{
    for (unsigned slot = 0; slot < REC_SLOTS; slot++) {
        g_autofree char *key = g_strdup_printf("%s_cert_chain_%u", prefix,
                                               slot);
        GByteArray **chain = &rec->identity[who].chain[slot];

        if (rec_has(rec, "provisioned", key) && !*chain) {
            *chain = rec_hex(rec, "provisioned", key);
        }
    }
}

/* A slot that nobody fetched has some chain, too. */
static void share_chains(Recording *rec, SpdmSender who)
{
    RecIdentity *id = &rec->identity[who];
    GByteArray *known = NULL;

    for (unsigned slot = 0; slot < REC_SLOTS; slot++) {
        known = known ? known : id->chain[slot];
        id->fetched |= id->chain[slot] ? (uint8_t)(1u << slot) : 0;
    }
    for (unsigned slot = 0; slot < REC_SLOTS; slot++) {
        if (known && !id->chain[slot] &&
            (id->provisioned & (1u << slot))) {
            id->chain[slot] = g_byte_array_ref(known);
        }
    }
}

Recording *recording_load(const char *path)
{
    g_autoptr(Recording) rec = g_new0(Recording, 1);
    g_autoptr(GError) err = NULL;

    rec->file = g_key_file_new();
    if (!g_key_file_load_from_file(rec->file, path, 0, &err)) {
        g_test_message("%s: %s", path, err->message);
        g_test_fail();
        return NULL;
    }
    while (has_group(rec, "message", rec->messages + 1)) {
        rec->messages++;
    }
    rec->multi_key[SPDM_SENDER_REQUESTER] =
        is_true(rec, "multi_key_requester");
    rec->multi_key[SPDM_SENDER_RESPONDER] =
        is_true(rec, "multi_key_responder");
    learn_identities(rec);
    learn_provisioned(rec, SPDM_SENDER_REQUESTER, "requester");
    learn_provisioned(rec, SPDM_SENDER_RESPONDER, "responder");
    share_chains(rec, SPDM_SENDER_RESPONDER);
    share_chains(rec, SPDM_SENDER_REQUESTER);
    return g_steal_pointer(&rec);
}

void recording_free(Recording *rec)
{
    for (unsigned who = 0; rec && who < 2; who++) {
        for (unsigned slot = 0; slot < REC_SLOTS; slot++) {
            g_clear_pointer(&rec->identity[who].chain[slot],
                            g_byte_array_unref);
        }
    }
    if (rec) {
        g_key_file_unref(rec->file);
        g_free(rec);
    }
}

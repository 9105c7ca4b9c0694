/*
 * Recorded requests, served once more: each goes to a responder whose
 * randomness and signatures are those of the recording, and what it answers
 * must be the recording, to the last byte of the frame. What it composes is
 * compared first, field by field; where a field is free, the recorded message
 * is laid into its mouth, so that all that is computed of it goes on.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"

#include <string.h>

#include "crypto/x509.h"
#include "responder/responder-int.h"

enum { CODE = 1, PARAM1 = 2, ERROR_DATA = 4 };

typedef struct Served {
    Device device;
    SpdmResponder *r;
    Tally *tally;
    bool composed;           /* ... something, and it was compared */
} Served;

/* Or of which the recording does not tell enough. */
const FreeField served_free[] = {
    { SPDM_RESPONSE_OF(SPDM_GET_CAPABILITIES), "Flags",
      "no CACHE_CAP where the emulator forgot nothing when told to" },
    { SPDM_RESPONSE_OF(SPDM_GET_DIGESTS), "Digest",
      "of slots whose chains are not in the recording" },
    { SPDM_RESPONSE_OF(SPDM_GET_DIGESTS), "Param1",
      "which slots could hold a chain (1.3) is the device's affair" },
    { SPDM_RESPONSE_OF(SPDM_PSK_EXCHANGE), "RspSessionID",
      "without a responder context ours draws nothing" },
    { SPDM_RESPONSE_OF(SPDM_PSK_EXCHANGE), "ContextLength",
      "its size is the responder's choice" },
    { SPDM_RESPONSE_OF(SPDM_PSK_EXCHANGE), "ResponderContext", "the same" },
    { SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENTS), "MeasurementRecord",
      "of values that are recorded as digests; the emulator has types of 1.3 "
      "in older versions, ours has not" },
    { SPDM_RESPONSE_OF(SPDM_CHALLENGE), "MeasurementSummaryHash",
      "of such values" },
    { SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE), "MeasurementSummaryHash",
      "the same" },
    { SPDM_RESPONSE_OF(SPDM_PSK_EXCHANGE), "MeasurementSummaryHash",
      "the same" },
    { 0, NULL, NULL },
};

/* Free in slots only that nobody fetched the chain of. */
static bool check_digests(const Recording *rec, const SpdmWireCtx *ctx,
                          SpdmBytes own, SpdmBytes recorded)
{
    const RecIdentity *id = &rec->identity[SPDM_SENDER_RESPONDER];
    size_t size = ctx->hash_size, at = SPDM_HEADER_SIZE;

    for (unsigned slot = 0; slot < REC_SLOTS; slot++) {
        if (!(recorded.data[3] & (1u << slot))) {
            continue;
        }
        if (id->fetched & (1u << slot) &&
            memcmp(own.data + at, recorded.data + at, size) != 0) {
            g_test_message("the digest of slot %u is another", slot);
            g_test_fail();
            return false;
        }
        at += size;
    }
    return true;
}

/* Free in values only that are not recorded as they are. */
static bool check_record(const Served *p, const SpdmWireCtx *ctx,
                         SpdmBytes own, SpdmBytes recorded)
{
    SpdmMsg a, b;
    SpdmCoder ours, theirs;

    if (!spdm_msg_decode(ctx, own, &a, NULL, NULL) ||
        !spdm_msg_decode(ctx, recorded, &b, NULL, NULL)) {
        return false;
    }
    ours = spdm_coder_reader(ctx, a.measurements.record);
    theirs = spdm_coder_reader(ctx, b.measurements.record);
    for (unsigned i = 0; i < b.measurements.block_count; i++) {
        SpdmMeasBlock x, y;

        spdm_code_meas_block(&ours, &x);
        spdm_code_meas_block(&theirs, &y);
        if (!spdm_coder_ok(&ours) || !spdm_coder_ok(&theirs) ||
            x.index != y.index || x.value.len != y.value.len ||
            (x.value_type != y.value_type &&
             p->device.version >= SPDM_VERSION_13) ||
            ((y.value_type & SPDM_MEAS_TYPE_RAW) &&
             memcmp(x.value.data, y.value.data, y.value.len) != 0)) {
            g_test_message("measurement %u is another", y.index);
            g_test_fail();
            return false;
        }
    }
    return true;
}

static bool check_free(const Served *p, const SpdmWireCtx *ctx,
                       const GByteArray *own, SpdmBytes recorded)
{
    g_autoptr(GByteArray) whole = g_byte_array_new();

    g_byte_array_append(whole, own->data, own->len);
    g_byte_array_set_size(whole, own->len +
                          (guint)fields_tail(ctx, recorded));
    if (whole->len != recorded.len) {
        return true; /* a difference of another kind, which will be seen */
    }
    switch (recorded.data[CODE]) {
    case SPDM_RESPONSE_OF(SPDM_GET_DIGESTS):
        return check_digests(p->device.rec, ctx, rec_view(whole), recorded);
    case SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENTS):
        return check_record(p, ctx, rec_view(whole), recorded);
    default:
        return true;
    }
}

static SpdmTapVerdict compare(void *opaque, SpdmTapContext *context)
{
    Served *p = opaque;
    const Device *d = &p->device;
    SpdmBytes recorded = rec_view(d->answer);
    g_autoptr(GByteArray) request = NULL;
    SpdmWireCtx ctx;

    if (context->event != SPDM_TAP_COMPOSE || !recorded.len) {
        return SPDM_TAP_PASS;
    }
    request = rec_whole(d->rec, d->at - 1);
    ctx = rec_ctx(d->rec, false, rec_view(request));
    p->composed = true;
    if (check_free(p, &ctx, context->bytes, recorded) &&
        fields_compare(&ctx, rec_view(context->bytes), recorded, served_free,
                       p->tally)) {
        g_byte_array_set_size(context->bytes, 0);
        g_byte_array_append(context->bytes, recorded.data,
                            (guint)(recorded.len -
                                    fields_tail(&ctx, recorded)));
    }
    return SPDM_TAP_PASS;
}

/* --- what is drawn on the way to the recorded answer --------------------- */

static void foresee_embedded(Drawn *drawn, SpdmBytes m)
{
    if (m.len < SPDM_HEADER_SIZE) {
        return;
    }
    if (m.data[CODE] == SPDM_KEY_UPDATE) {
        drawn_add(drawn, SPDM_BYTES(m.data + 3, 1));
    } else if (m.data[CODE] == SPDM_CHALLENGE) {
        size_t context = 4 + SPDM_NONCE_SIZE;

        drawn_add(drawn, SPDM_BYTES(m.data + 4, SPDM_NONCE_SIZE));
        drawn_add(drawn, SPDM_BYTES(m.data + context, m.len - context));
    } else if (m.data[CODE] == SPDM_GET_ENDPOINT_INFO && m.len > 8) {
        drawn_add(drawn, SPDM_BYTES(m.data + 8, SPDM_NONCE_SIZE));
    }
}

/* PSK_CAP 1 has no randomness at all. */
static void foresee_session(Drawn *drawn, uint16_t id, SpdmBytes random,
                            SpdmBytes drawn_of_it)
{
    uint8_t bytes[] = { (uint8_t)id, (uint8_t)(id >> 8) };

    if (random.len) {
        drawn_add(drawn, SPDM_BYTES(bytes, sizeof(bytes)));
        drawn_add(drawn, drawn_of_it);
    }
}

static void foresee_message(Drawn *drawn, const SpdmMsg *m)
{
    switch (m->h.code) {
    case SPDM_RESPONSE_OF(SPDM_CHALLENGE):
        drawn_add(drawn, m->challenge_auth.nonce);
        break;
    case SPDM_RESPONSE_OF(SPDM_GET_MEASUREMENTS):
        drawn_add(drawn, m->measurements.nonce);
        break;
    case SPDM_RESPONSE_OF(SPDM_GET_ENDPOINT_INFO):
        drawn_add(drawn, m->endpoint_info.nonce);
        break;
    case SPDM_RESPONSE_OF(SPDM_KEY_EXCHANGE):
        foresee_session(drawn, m->key_exchange_rsp.rsp_session_id,
                        m->key_exchange_rsp.random,
                        m->key_exchange_rsp.random);
        break;
    case SPDM_RESPONSE_OF(SPDM_PSK_EXCHANGE):
        /* The context has another size than ours. */
        foresee_session(drawn, m->psk_exchange_rsp.rsp_session_id,
                        m->psk_exchange_rsp.context, SPDM_BYTES(NULL, 0));
        break;
    case SPDM_RESPONSE_OF(SPDM_GET_ENCAPSULATED_REQUEST):
    case SPDM_RESPONSE_OF(SPDM_DELIVER_ENCAPSULATED_RESPONSE):
        foresee_embedded(drawn, m->encap.message);
        break;
    default:
        break;
    }
}

/* DSP0276: RandomData of 1 to 32 bytes, whose number is drawn before. */
static void foresee_padding(Drawn *drawn, const Recording *rec, unsigned n)
{
    g_autoptr(GByteArray) padding = rec_padding(rec, n);
    uint8_t len = (uint8_t)(padding->len - 1);

    if (padding->len) {
        drawn_add(drawn, SPDM_BYTES(&len, 1));
        drawn_add(drawn, rec_view(padding));
    }
}

static void foresee(Served *p)
{
    Device *d = &p->device;
    g_autoptr(GByteArray) request = rec_whole(d->rec, d->at - 1);
    g_autoptr(GByteArray) error = rec_hex_of(d->rec, "message", d->at,
                                             "spdm");
    SpdmWireCtx ctx = rec_ctx(d->rec, false, rec_view(request));
    SpdmMsg m;

    drawn_restart(&d->drawn);
    if (d->answer->len &&
        spdm_msg_decode(&ctx, rec_view(d->answer), &m, NULL, NULL)) {
        foresee_message(&d->drawn, &m);
    }
    foresee_padding(&d->drawn, d->rec, d->at);
    if (error->len > ERROR_DATA && error->data[CODE] == SPDM_ERROR &&
        error->data[PARAM1] == SPDM_ERROR_LARGE_RESPONSE) {
        p->r->transfer.last_handle = (uint8_t)(error->data[ERROR_DATA] - 1);
    }
}

/* --- the responder's own requests ---------------------------------------- */

static uint8_t embedded_code(const Served *p)
{
    SpdmWireCtx ctx = rec_ctx(p->device.rec, false, SPDM_BYTES(NULL, 0));
    SpdmMsg m;

    return spdm_msg_decode(&ctx, rec_view(p->device.answer), &m, NULL,
                           NULL) && m.encap.message.len > CODE
           ? m.encap.message.data[CODE] : 0;
}

/* The emulator's responder knows the requester's key without asking. */
static void know_requester(Served *p, SpdmSession *s)
{
    const RecIdentity *id = &p->device.rec->identity[SPDM_SENDER_REQUESTER];
    SpdmTranscript *key = s ? &s->peer_key : &p->r->conn.peer_key;
    SpdmChainPolicy policy = {
        .hash = p->r->conn.hash, .leaf_alg = p->r->conn.req_asym,
        .requester = true,
    };
    SpdmPublicKey *public = NULL;
    GBytes *spki;

    if (spdm_transcript_view(key).len || !id->chain[0] ||
        spdm_x509_verify_chain(rec_view(id->chain[0]), &policy, &public) !=
        SPDM_CHAIN_OK) {
        return;
    }
    spki = spdm_public_key_to_spki(public, NULL);
    spdm_transcript_append(key, SPDM_BYTES(g_bytes_get_data(spki, NULL),
                                           g_bytes_get_size(spki)));
    if (s) {
        s->has_cm = true;
    }
    g_bytes_unref(spki);
    spdm_public_key_free(public);
}

/* What the recorded responder wanted when it was asked what it wants. */
static void want(Served *p, unsigned n)
{
    g_autoptr(GByteArray) request = rec_whole(p->device.rec, n);
    SpdmResponderInfo info;
    uint32_t id;

    if (request->len <= CODE ||
        request->data[CODE] != SPDM_GET_ENCAPSULATED_REQUEST) {
        return;
    }
    spdm_responder_info(p->r, &info);
    id = rec_has_of(p->device.rec, "message", n, "record") &&
         info.session_count ? info.sessions[0].id : 0;
    if (embedded_code(p) == SPDM_KEY_UPDATE) {
        g_assert_true(spdm_responder_update_key(p->r, id));
    } else if (embedded_code(p) == SPDM_GET_ENDPOINT_INFO) {
        know_requester(p, id ? spdm_conn_session(&p->r->conn, id) : NULL);
        g_assert_true(spdm_responder_ask_endpoint_info(p->r, id));
    }
}

/* --- exchanges ----------------------------------------------------------- */

static bool differ(const GByteArray *a, const GByteArray *b)
{
    return a->len != b->len || memcmp(a->data, b->data, a->len) != 0;
}

static void judge(Served *p, const GByteArray *got, const GByteArray *want)
{
    if (differ(got, want)) {
        g_test_message("message %u: another frame (%u bytes, recorded %u)",
                       p->device.at, got->len, want->len);
        g_test_fail();
        p->tally->why_not = g_strdup_printf("message %u is another",
                                            p->device.at);
    } else if (p->device.drawn.next->len) {
        g_test_message("message %u: recorded randomness was not drawn",
                       p->device.at);
        g_test_fail();
    } else if (!p->composed) {
        p->tally->equal++;
    }
}

/* An application's record moves the counters of both directions. */
static void pass_over(Served *p, unsigned n)
{
    unsigned session = rec_int_of(p->device.rec, "message", n, "session");
    SpdmSession *s = spdm_conn_session(
        &p->r->conn, rec_session_id(p->device.rec, session));

    if (s) {
        s->keys[SPDM_SENDER_REQUESTER].sequence++;
        s->keys[SPDM_SENDER_RESPONDER].sequence++;
        p->tally->foreign++;
    }
}

/* A session that ours numbered itself has the recorded number from here on. */
static void number_session(Served *p)
{
    unsigned opened = rec_opens(p->device.rec, p->device.at);
    uint32_t id = rec_session_id(p->device.rec, opened);

    for (unsigned i = 0; opened && i < SPDM_MAX_SESSIONS; i++) {
        SpdmSession *s = &p->r->conn.sessions[i];

        if (s->phase != SPDM_SESSION_FREE && s->id >> 16 == UINT16_MAX) {
            s->id = id;
        }
    }
}

static void exchange(Served *p, unsigned n)
{
    Device *d = &p->device;
    g_autoptr(GByteArray) request = rec_frame(d->rec, n);
    g_autoptr(GByteArray) expected = rec_frame(d->rec, n + 1);
    g_auto(SpdmReply) reply = { .bytes = NULL };

    g_clear_pointer(&d->answer, g_byte_array_unref);
    d->at = n + 1;
    d->answer = rec_whole(d->rec, n + 1);
    p->composed = false;
    keys_of(d->rec, d->at, SPDM_SENDER_RESPONDER);
    foresee(p);
    want(p, n);
    spdm_responder_process(p->r, request->data, request->len, &reply);
    number_session(p);
    judge(p, reply.bytes, expected);
}

static SpdmTransportType transport_of(const Recording *rec)
{
    g_autofree char *name = rec_text(rec, "vector", "transport");

    return strcmp(name, "TCP") == 0 ? SPDM_TRANSPORT_TCP :
           strcmp(name, "MCTP") == 0 ? SPDM_TRANSPORT_MCTP
                                     : SPDM_TRANSPORT_PCI_DOE;
}

void replay_served(Recording *rec, Tally *tally)
{
    Served p = { .tally = tally };
    SpdmTap tap = { compare, &p };
    SpdmProvider provider = { &device_ops, &p.device };
    g_autoptr(GError) err = NULL;

    device_init(&p.device, rec);
    p.r = spdm_responder_new(&p.device.profile, &provider,
                             transport_of(rec), &err);
    g_assert_no_error(err);
    spdm_responder_add_tap(p.r, &tap);
    for (unsigned n = 1; n < rec->messages && !tally->why_not; n += 2) {
        if (rec_is_spdm(rec, n)) {
            exchange(&p, n);
        } else {
            pass_over(&p, n);
        }
    }
    keys_of(NULL, 0, SPDM_SENDER_RESPONDER);
    spdm_responder_free(p.r);
    device_clear(&p.device);
}

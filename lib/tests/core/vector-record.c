/*
 * Frames and records.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include <string.h>

static GByteArray *wire_of(Vec *v, const char *group, SpdmBytes body)
{
    g_autoptr(GByteArray) prefix = vec_hex(v, group, "transport_prefix");
    g_autoptr(GByteArray) suffix = vec_hex(v, group, "transport_suffix");
    GByteArray *wire = g_byte_array_new();

    if (prefix) {
        g_byte_array_append(wire, prefix->data, prefix->len);
    }
    g_byte_array_append(wire, body.data, (guint)body.len);
    if (suffix) {
        g_byte_array_append(wire, suffix->data, suffix->len);
    }
    return wire;
}

void vec_frame(Vec *v, const char *group, bool secured, SpdmBytes body)
{
    SpdmFrameKind kind = secured ? SPDM_FRAME_SECURED : SPDM_FRAME_PLAIN;
    g_autoptr(GByteArray) wire = wire_of(v, group, body);
    g_autoptr(GByteArray) again = g_byte_array_new();
    SpdmFrame frame;

    if (!vec_check(v, v->transport->unpack(vec_view(wire), &frame),
                   "frame is refused") ||
        !vec_check(v, frame.kind == kind, "frame is of another kind") ||
        !vec_check(v, frame.payload.len >= body.len &&
                      frame.payload.len <= body.len + 3,
                   "payload is not body and padding")) {
        return;
    }
    vec_same(v, "payload", SPDM_BYTES(frame.payload.data, body.len), body);
    vec_check(v, v->transport->pack(kind, body, again), "does not pack");
    vec_same(v, "packs to another frame", vec_view(again), vec_view(wire));
    vec_check(v, again->len <= body.len + v->transport->max_overhead,
              "frame adds more than max_overhead");
}

/* A request's answer is compared with the next message. */
static void answer_discovery(Vec *v, SpdmBytes payload)
{
    g_autofree char *next = g_strdup_printf("message %u", v->at.number + 1);
    g_autoptr(GByteArray) answer = g_byte_array_new();
    g_autoptr(GByteArray) wire = g_byte_array_new();

    vec_check(v, spdm_doe_discovery(payload, answer), "discovery index");
    vec_check(v, v->transport->pack(SPDM_FRAME_DISCOVERY, vec_view(answer),
                                    wire), "discovery does not pack");
    vec_same_hex(v, next, "transport", vec_view(wire));
}

void vec_discovery(Vec *v, const char *group)
{
    g_autoptr(GByteArray) wire = vec_hex(v, group, "transport");
    g_autofree char *from = vec_text(v, group, "from");
    SpdmFrame frame;

    if (vec_check(v, v->transport->unpack(vec_view(wire), &frame) &&
                     frame.kind == SPDM_FRAME_DISCOVERY,
                  "not a discovery object") &&
        strcmp(from, "requester") == 0) {
        answer_discovery(v, frame.payload);
    }
}

/* The session with cipher handles and transcripts of its own. */
static SpdmSession probe_of(const SpdmSession *s)
{
    SpdmSession probe = *s;

    probe.d = probe.ed = probe.k = probe.f = probe.l1 =
        (SpdmTranscript){ .bytes = NULL };
    for (unsigned i = 0; i < G_N_ELEMENTS(probe.keys); i++) {
        probe.keys[i].aead = NULL;
        probe.backup[i].aead = NULL;
    }
    return probe;
}

/* One bit of every byte in turn, and every truncation to the last one. */
static void try_damage(Vec *v, const SpdmSession *s, SpdmSender sender,
                       const SpdmRecordFormat *format, GByteArray *record)
{
    g_autoptr(GByteArray) out = g_byte_array_new();

    for (guint i = 0; i < record->len && !v->failed; i++) {
        SpdmSession probe = probe_of(s);
        uint8_t bit = (uint8_t)(1u << i % 8);

        record->data[i] ^= bit;
        vec_check(v, spdm_record_open(&probe, sender, format,
                                      vec_view(record), out) != SPDM_OPEN_OK,
                  "a record with a flipped bit opens");
        record->data[i] ^= bit;
        vec_check(v, spdm_record_open(&probe, sender, format,
                                      SPDM_BYTES(record->data, i), out) ==
                     SPDM_OPEN_MALFORMED, "a truncated record opens");
        spdm_session_clear(&probe);
    }
}

/* A generator that repeats the recorded RandomData. */
typedef struct Replay {
    SpdmBytes random;
    bool told_length;
} Replay;

static void replay_fill(void *opaque, uint8_t *buf, size_t len)
{
    Replay *r = opaque;

    if (!r->told_length && len == 1) {
        *buf = (uint8_t)(r->random.len - 1);
        r->told_length = true;
        return;
    }
    g_assert_cmpuint(len, ==, r->random.len);
    memcpy(buf, r->random.data, len);
}

/* What follows the application data in the plaintext. */
static SpdmBytes random_of(const SpdmSession *s, SpdmBytes plaintext)
{
    size_t used;

    if (s->mac_only || plaintext.len < 2) {
        return SPDM_BYTES(NULL, 0);
    }
    used = 2u + plaintext.data[0] + (plaintext.data[1] << 8);
    return used > plaintext.len
           ? SPDM_BYTES(NULL, 0)
           : SPDM_BYTES(plaintext.data + used, plaintext.len - used);
}

/* @s has just opened the record: one step back, and seal. */
static void seal_again(Vec *v, const char *group, const SpdmSession *s,
                       SpdmSender sender, SpdmRecordFormat format,
                       SpdmBytes message)
{
    g_autoptr(GByteArray) plaintext = vec_hex(v, group, "plaintext");
    Replay replay = { .random = random_of(s, vec_view(plaintext)) };
    const SpdmRng rng = { replay_fill, &replay };
    g_autoptr(GByteArray) out = g_byte_array_new();
    SpdmSession probe = probe_of(s);

    if (replay.random.len == 0) {
        format.max_random = 0;
    }
    probe.keys[sender].sequence--;
    if (vec_check(v, spdm_record_seal(&probe, sender, &format, &rng, message,
                                      out), "does not seal")) {
        vec_same_hex(v, group, "record", vec_view(out));
    }
    vec_check(v, out->len <= message.len + spdm_record_overhead(s, &format),
              "a record adds more than its overhead");
    spdm_session_clear(&probe);
}

/* The file's view of where the session is, against ours. */
static void check_state(Vec *v, const char *group, const VecSession *vs,
                        const SpdmSession *s, SpdmSender sender)
{
    bool handshake = s->phase == SPDM_SESSION_HANDSHAKE;
    g_autofree char *phase = vec_text(v, group, "phase");

    vec_check(v, strcmp(phase, handshake ? "handshake" : "data") == 0,
              "the session is in another phase");
    vec_check(v, vec_int(v, group, "key_generation") ==
                 (handshake ? 0 : vs->generation[sender]),
              "the keys are of another generation");
    vec_check(v, vec_int(v, group, "sequence_number") ==
                 s->keys[sender].sequence, "another sequence number");
}

/* Other protocols' messages in MCTP records have a type byte of their own. */
static SpdmRecordFormat record_format(Vec *v, const char *group)
{
    SpdmRecordFormat format = v->transport->record;

    if (vec_has(v, group, "application")) {
        format.inner_size = 0;
        format.put_inner = NULL;
        format.check_inner = NULL;
    }
    return format;
}

static SpdmBytes application_of(const SpdmSession *s, SpdmBytes plaintext)
{
    return s->mac_only || plaintext.len < 2
           ? plaintext
           : SPDM_BYTES(plaintext.data + 2,
                        plaintext.len - 2 - random_of(s, plaintext).len);
}

/*
 * The nonce that just served: at number 0 both byte orders are the same, and
 * later the session knows which it is.
 */
static void check_nonce(Vec *v, const char *group, const SpdmSession *s,
                        SpdmSender sender)
{
    const SpdmTrafficKeys *keys = &s->keys[sender];
    uint64_t used = keys->sequence - 1;
    bool big = s->sequence_order == SPDM_SEQUENCE_BIG;
    uint8_t nonce[SPDM_AEAD_IV_SIZE];

    memcpy(nonce, keys->iv, sizeof(nonce));
    for (unsigned i = 0; i < sizeof(used); i++) {
        nonce[big ? sizeof(nonce) - 1 - i : i] ^= (uint8_t)(used >> 8 * i);
    }
    vec_same_hex(v, group, "nonce", SPDM_BYTES(nonce, sizeof(nonce)));
}

/* What came out is the end of the recorded application data. */
static void check_plaintext(Vec *v, const char *group, const SpdmSession *s,
                            const SpdmRecordFormat *format,
                            const GByteArray *out)
{
    g_autoptr(GByteArray) plaintext = vec_hex(v, group, "plaintext");
    SpdmBytes app = application_of(s, vec_view(plaintext));
    size_t inner = format->inner_size;

    vec_check(v, s->mac_only ||
                 (plaintext->len >= 2 && plaintext->data[0] +
                  (plaintext->data[1] << 8) == (int)(out->len + inner)),
              "inner length");
    if (vec_check(v, app.len >= inner &&
                     (!inner || format->check_inner(app.data, app.len)),
                  "plaintext has no message header")) {
        vec_same(v, "plaintext", vec_view(out),
                 SPDM_BYTES(app.data + inner, app.len - inner));
    }
}

void vec_record(Vec *v, const char *group, VecSession *vs, GByteArray *out)
{
    g_autoptr(GByteArray) record = vec_hex(v, group, "record");
    g_autofree char *from = vec_text(v, group, "from");
    SpdmSender sender = strcmp(from, "requester") == 0
                        ? SPDM_SENDER_REQUESTER : SPDM_SENDER_RESPONDER;
    SpdmRecordFormat format = record_format(v, group);
    SpdmSession *s = spdm_conn_session(&v->conn, vs->id);

    if (!vec_check(v, s != NULL, "the session is not open") ||
        !vec_check(v, record != NULL, "no record")) {
        return;
    }
    check_state(v, group, vs, s, sender);
    vec_check(v, spdm_record_session_id(vec_view(record)) == vs->id,
              "another session id");
    try_damage(v, s, sender, &format, record);
    if (vec_check(v, spdm_record_open(s, sender, &format, vec_view(record),
                                      out) == SPDM_OPEN_OK,
                  "the record does not open")) {
        check_nonce(v, group, s, sender);
        check_plaintext(v, group, s, &format, out);
        seal_again(v, group, s, sender, format, vec_view(out));
    }
}

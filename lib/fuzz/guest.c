/*
 * A hostile guest: requests, records and frames that no requester sends.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile-int.h"

#include <malloc.h>
#include <string.h>

enum {
    MAX_BURST = 8,
    HONEST_EVERY = 64,
    FRAME_FRONT = 16,
    MAX_ANSWER = 1 << 18,
    /* Transcripts double as they grow, and the one replaced is still there. */
    MAX_GROWTH = 4 * SPDM_TRANSCRIPT_LIMIT,
};

static SpdmBytes view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static GByteArray *copy_of(const GByteArray *a)
{
    GByteArray *b = g_byte_array_new();

    g_byte_array_append(b, a->data, a->len);
    return b;
}

/* Slots that are free hold nothing, and there are never too many. */
static void check_sessions(const Hostile *h)
{
    static const SpdmSession zero;
    const SpdmConn *conn = &h->r->conn;
    unsigned used = 0;

    for (unsigned i = 0; i < SPDM_MAX_SESSIONS; i++) {
        const SpdmSession *s = &conn->sessions[i];

        if (s->phase == SPDM_SESSION_FREE) {
            /* Padding is wiped, too. */
            /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-*) */
            hostile_check(h, !memcmp(s, &zero, sizeof(zero)),
                          "a free session slot is not wiped");
        } else {
            used++;
        }
    }
    hostile_check(h, used <= h->profile->max_sessions,
                  "more sessions than the profile allows");
    hostile_check(h, conn->clear_session == 0 ||
                  spdm_conn_session((SpdmConn *)conn, conn->clear_session),
                  "the handshake in the clear is of no session");
}

/* An answer is a frame of the transport, and small. */
static void check_answer(const Hostile *h, const SpdmReply *reply)
{
    SpdmFrame frame;

    if (reply->verdict == SPDM_VERDICT_DROP) {
        hostile_check(h, reply->bytes->len == 0, "a dropped answer");
        return;
    }
    hostile_check(h, reply->bytes->len && reply->bytes->len <= MAX_ANSWER,
                  "an answer without end");
    hostile_check(h, h->r->transport->unpack(view(reply->bytes), &frame),
                  "an answer that is no frame");
}

void hostile_send_frame(Hostile *h, SpdmBytes frame)
{
    g_auto(SpdmReply) reply;

    h->cases++;
    g_byte_array_set_size(h->input, 0);
    if (frame.len) {
        g_byte_array_append(h->input, frame.data, (guint)frame.len);
    }
    h->now_us += 10;
    spdm_responder_process(h->r, h->input->data, h->input->len, &reply);
    check_answer(h, &reply);
    check_sessions(h);
    spdm_responder_tick(h->r);
}

/* @session's next record, as the guest that owns the keys makes it. */
static bool seal(Hostile *h, uint32_t session, SpdmBytes message,
                 GByteArray *record)
{
    const SpdmSession *s = spdm_conn_session(&h->r->conn, session);
    SpdmRng rng = spdm_rng_system();
    SpdmRecordFormat format = h->r->transport->record;
    SpdmSession mine;
    bool ok;

    if (!s) {
        return false;
    }
    mine = *s;
    mine.keys[SPDM_SENDER_REQUESTER].aead = NULL;
    format.max_random = 0;
    ok = spdm_record_seal(&mine, SPDM_SENDER_REQUESTER, &format, &rng,
                          message, record);
    spdm_traffic_keys_clear(&mine.keys[SPDM_SENDER_REQUESTER]);
    return ok;
}

void hostile_send(Hostile *h, uint32_t session, SpdmBytes message)
{
    g_autoptr(GByteArray) record = g_byte_array_new();
    g_autoptr(GByteArray) frame = g_byte_array_new();
    bool secured = session && seal(h, session, message, record);

    if (h->r->transport->pack(secured ? SPDM_FRAME_SECURED
                                      : SPDM_FRAME_PLAIN,
                              secured ? view(record) : message, frame)) {
        hostile_send_frame(h, view(frame));
    }
}

/* A mask of the slots with established sessions. */
static unsigned established(const Hostile *h)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < SPDM_MAX_SESSIONS; i++) {
        if (h->r->conn.sessions[i].phase == SPDM_SESSION_ESTABLISHED) {
            mask |= 1u << i;
        }
    }
    return mask;
}

/* What was really sent to establish a session, byte for byte. */
static bool is_honest(const Hostile *h, uint8_t code, SpdmBytes message)
{
    for (guint i = 0; i < h->moments->len; i++) {
        const GByteArray *m = hostile_moment(h, i)->message;

        if (m->data[1] == code && message.len >= m->len &&
            message.len - m->len <= h->r->transport->max_pad &&
            !memcmp(m->data, message.data, m->len)) {
            return true;
        }
    }
    return false;
}

/* Nobody gets a session without the proof that the walk gave for it. */
static void send_unproven(Hostile *h, uint32_t session, SpdmBytes message)
{
    unsigned before = established(h);

    hostile_send(h, session, message);
    if (established(h) & ~before) {
        hostile_check(h, is_honest(h, SPDM_FINISH, message) ||
                      is_honest(h, SPDM_PSK_FINISH, message) ||
                      (message.data[1] == SPDM_PSK_EXCHANGE &&
                       !spdm_conn_psk_finish(&h->r->conn)) ||
                      message.data[1] == SPDM_RESPOND_IF_READY,
                      "a session without its proof");
    }
}

/* Mostly where it belongs; or outside, in any session, in none there is. */
static uint32_t choose_session(Hostile *h, uint32_t right)
{
    const SpdmSession *s;

    switch (hostile_below(h, 8)) {
    case 0:
        return 0;
    case 1:
        s = &h->r->conn.sessions[hostile_below(h, SPDM_MAX_SESSIONS)];
        return s->phase == SPDM_SESSION_FREE ? right : s->id;
    default:
        return right;
    }
}

static const Moment *any_moment(Hostile *h)
{
    return hostile_moment(h, hostile_below(h, h->moments->len));
}

static void hostile_message(Hostile *h, const Moment *at)
{
    const Moment *m = hostile_below(h, 2) ? at : any_moment(h);
    g_autoptr(GByteArray) bytes = copy_of(m->message);

    if (hostile_below(h, 16)) {
        hostile_mutate(h, bytes);
    }
    if (hostile_below(h, 32) == 0 && bytes->len > 1) {
        bytes->data[1] = (uint8_t)hostile_random(h);
    }
    send_unproven(h, choose_session(h, m->session), view(bytes));
}

static void hostile_frame(Hostile *h, const Moment *at)
{
    const Moment *m = hostile_below(h, 2) ? at : any_moment(h);
    g_autoptr(GByteArray) bytes = copy_of(m->frame);

    hostile_mutate(h, bytes);
    hostile_send_frame(h, view(bytes));
}

void hostile_requests(Hostile *h, unsigned n)
{
    h->what = "requests";
    for (unsigned i = 0; i < n; i++) {
        const Moment *m = any_moment(h);
        unsigned burst = 1 + hostile_below(h, MAX_BURST);

        hostile_go_to(h, m);
        for (unsigned j = 0; j < burst; j++) {
            if (hostile_below(h, 4)) {
                hostile_message(h, m);
            } else {
                hostile_frame(h, m);
            }
        }
        /* What a guest leaves behind can be saved, and loaded again. */
        if (!hostile_below(h, 4)) {
            g_autoptr(GBytes) state = spdm_responder_save(h->r);

            hostile_check(h, spdm_responder_load(h->r, state, NULL),
                          "a state that was saved does not load");
        }
        if (i % HONEST_EVERY == 0) {
            hostile_honest(h);
        }
    }
    hostile_honest(h);
}

/* Field by field. */

typedef void (*Bend)(GByteArray *b, HostileField f);

static void cut_before(GByteArray *b, HostileField f)
{
    g_byte_array_set_size(b, (guint)f.offset);
}

static void cut_inside(GByteArray *b, HostileField f)
{
    g_byte_array_set_size(b, (guint)(f.offset + f.len - 1));
}

static void zeros(GByteArray *b, HostileField f)
{
    memset(b->data + f.offset, 0, f.len);
}

static void ones(GByteArray *b, HostileField f)
{
    memset(b->data + f.offset, 0xff, f.len);
}

static void one_more(GByteArray *b, HostileField f)
{
    b->data[f.offset]++;
}

static void one_less(GByteArray *b, HostileField f)
{
    b->data[f.offset]--;
}

static void top_bit(GByteArray *b, HostileField f)
{
    b->data[f.offset + f.len - 1] ^= 0x80;
}

static void lengthen(GByteArray *b, HostileField f)
{
    guint len = b->len;

    g_byte_array_set_size(b, len + 1 + (guint)f.offset);
    memset(b->data + len, 0, b->len - len);
}

static void bend_all(Hostile *h, const Moment *m, HostileField f)
{
    static const Bend bends[] = {
        cut_before, cut_inside, zeros, ones, one_more, one_less, top_bit,
        lengthen,
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(bends); i++) {
        g_autoptr(GByteArray) bytes = copy_of(m->message);

        hostile_go_to(h, m);
        bends[i](bytes, f);
        send_unproven(h, m->session, view(bytes));
        if (m->session) {
            hostile_go_to(h, m);
            send_unproven(h, 0, view(bytes));
        }
    }
}

/* Headers of transport and record: each byte, and all cut off before it. */
static void bend_frame(Hostile *h, const Moment *m)
{
    static const uint8_t values[] = { 0, 1, 0x11, 0xff };
    guint front = MIN(m->frame->len, FRAME_FRONT);

    for (guint i = 0; i < front * G_N_ELEMENTS(values); i++) {
        g_autoptr(GByteArray) bytes = copy_of(m->frame);

        hostile_go_to(h, m);
        bytes->data[i / G_N_ELEMENTS(values)] =
            values[i % G_N_ELEMENTS(values)];
        hostile_send_frame(h, view(bytes));
        if (i % G_N_ELEMENTS(values) == 0) {
            g_byte_array_set_size(bytes, i / G_N_ELEMENTS(values));
            hostile_send_frame(h, view(bytes));
        }
    }
}

void hostile_fields(Hostile *h)
{
    HostileField fields[HOSTILE_MAX_FIELDS];

    h->what = "fields";
    for (guint i = 0; i < h->moments->len; i++) {
        const Moment *m = hostile_moment(h, i);
        unsigned n;

        hostile_go_to(h, m);
        n = hostile_fields_of(h, view(m->message), fields);
        for (unsigned j = 0; j < n; j++) {
            bend_all(h, m, fields[j]);
        }
        if (m->session) {
            bend_frame(h, m);
        }
    }
    hostile_honest(h);
}

/* Growth. */

/* Large blocks are mapped, and counted apart. */
static size_t memory_used(void)
{
    struct mallinfo2 m = mallinfo2();

    return m.uordblks + m.hblkhd;
}

static bool is_cheap(uint8_t code)
{
    return code != SPDM_KEY_EXCHANGE && code != SPDM_CHALLENGE &&
           code != SPDM_FINISH && code != SPDM_PSK_FINISH &&
           code != SPDM_END_SESSION;
}

/* Signed measurements become unsigned, portions tiny. */
static void cheapen(const Hostile *h, GByteArray *b)
{
    HostileField fields[HOSTILE_MAX_FIELDS];
    unsigned n = hostile_fields_of(h, view(b), fields);

    if (b->data[1] == SPDM_GET_MEASUREMENTS && (b->data[2] & 1)) {
        /* Nonce and SlotIDParam go, RequesterContext stays. */
        b->data[2] &= (uint8_t)~1;
        g_byte_array_remove_range(b, SPDM_HEADER_SIZE, SPDM_NONCE_SIZE +
                                  (b->data[0] >= SPDM_VERSION_11));
    } else if (b->data[1] == SPDM_GET_CERTIFICATE) {
        memset(b->data + fields[n - 1].offset, 0, fields[n - 1].len);
        b->data[fields[n - 1].offset] = 1;
    }
}

static void repeat(Hostile *h, const Moment *m, unsigned n)
{
    g_autoptr(GByteArray) bytes = copy_of(m->message);
    size_t before;

    hostile_go_to(h, m);
    cheapen(h, bytes);
    hostile_send(h, m->session, view(bytes));
    before = memory_used();
    for (unsigned i = 0; i < n; i++) {
        hostile_send(h, m->session, view(bytes));
        hostile_check(h, memory_used() <= before + MAX_GROWTH,
                      "memory grows with repeated requests");
    }
}

void hostile_repeat(Hostile *h, uint8_t code, unsigned n)
{
    h->what = "repeated requests";
    for (guint i = 0; i < h->moments->len; i++) {
        const Moment *m = hostile_moment(h, i);

        if (m->message->data[1] == code) {
            repeat(h, m, n);
            break;
        }
    }
    hostile_honest(h);
}

void hostile_growth(Hostile *h, unsigned n)
{
    h->what = "growth";
    for (guint i = 0; i < h->moments->len; i++) {
        const Moment *m = hostile_moment(h, i);

        if (is_cheap(m->message->data[1])) {
            repeat(h, m, n);
        }
    }
    hostile_honest(h);
}

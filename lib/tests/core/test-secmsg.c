/*
 * Records, rule by rule (DSP0277), and against a hostile peer.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core-util.h"

#define REQ SPDM_SENDER_REQUESTER
#define RSP SPDM_SENDER_RESPONDER

enum {
    TAG = SPDM_AEAD_TAG_SIZE,
    DOE_HEADER = 6,
};

static const SpdmRecordFormat doe = { .sequence_size = 0 };
static void put_five(size_t len, uint8_t *at)
{
    *at = 5;
}

static bool check_five(const uint8_t *data, size_t len)
{
    return data[0] == 5;
}

static const SpdmRecordFormat mctp = {
    .sequence_size = 2, .max_random = 32, .inner_size = 1,
    .put_inner = put_five, .check_inner = check_five,
};
static const SpdmRecordFormat wide = { .sequence_size = 8 };

/* Both ends of one session. */
typedef struct Pair {
    SpdmSession us;
    SpdmSession peer;
    SpdmRng rng;
    GByteArray *record;
    GByteArray *message;
} Pair;

static void pair_init(Pair *p)
{
    fill_established(&p->us);
    fill_peer(&p->peer, &p->us);
    p->rng = spdm_rng_system();
    p->record = g_byte_array_new();
    p->message = g_byte_array_new();
}

static void pair_clear(Pair *p)
{
    spdm_session_clear(&p->us);
    spdm_session_clear(&p->peer);
    g_byte_array_unref(p->record);
    g_byte_array_unref(p->message);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Pair, pair_clear)

/* The peer seals as requester; the record replaces the one before. */
static bool peer_seals(Pair *p, const SpdmRecordFormat *format,
                       const char *message)
{
    g_byte_array_set_size(p->record, 0);
    return spdm_record_seal(&p->peer, REQ, format, &p->rng, text(message),
                            p->record);
}

static SpdmOpenResult we_open(Pair *p, const SpdmRecordFormat *format)
{
    return spdm_record_open(&p->us, REQ, format, view(p->record),
                            p->message);
}

static void assert_opens(Pair *p, const SpdmRecordFormat *format,
                         const char *message)
{
    g_assert_true(peer_seals(p, format, message));
    g_assert_cmpint(we_open(p, format), ==, SPDM_OPEN_OK);
    assert_bytes(view(p->message), text(message));
}

/* A record of our making: any plaintext, any lengths, a good tag. */
static void forge(Pair *p, const SpdmRecordFormat *format,
                  const char *plaintext_hex)
{
    g_autoptr(GByteArray) plain = hex(plaintext_hex);
    SpdmTrafficKeys *keys = &p->peer.keys[REQ];
    g_autoptr(SpdmAead) aead = spdm_aead_new(p->peer.aead, keys->key.data);
    size_t header = 4 + format->sequence_size;
    uint8_t nonce[SPDM_AEAD_IV_SIZE];

    memcpy(nonce, keys->iv, sizeof(nonce));
    g_assert_true(peer_seals(p, format, ""));
    for (unsigned i = 0; i < 8; i++) {
        nonce[i] ^= (uint8_t)((keys->sequence - 1) >> 8 * i);
    }
    g_byte_array_set_size(p->record, (guint)header + 2 + plain->len + TAG);
    p->record->data[header] = (uint8_t)(plain->len + TAG);
    p->record->data[header + 1] = (uint8_t)((plain->len + TAG) >> 8);
    memcpy(p->record->data + header + 2, plain->data, plain->len);
    spdm_aead_seal(aead, nonce, SPDM_BYTES(p->record->data, header + 2),
                   p->record->data + header + 2, plain->len,
                   p->record->data + header + 2 + plain->len);
}

typedef struct RoundTrip {
    const char *sentence;
    const SpdmRecordFormat *format;
    const char *aead;
    bool mac_only;
} RoundTrip;

static const RoundTrip round_trips[] = {
    { "DOE, AES-256-GCM", &doe, "AES-256-GCM", false },
    { "DOE, AES-128-GCM", &doe, "AES-128-GCM", false },
    { "DOE, ChaCha20-Poly1305", &doe, "CHACHA20-POLY1305", false },
    { "DOE, MAC only", &doe, "AES-256-GCM", true },
    { "DOE, ChaCha20-Poly1305, MAC only", &doe, "CHACHA20-POLY1305", true },
    { "MCTP, AES-256-GCM", &mctp, "AES-256-GCM", false },
    { "MCTP, ChaCha20-Poly1305", &mctp, "CHACHA20-POLY1305", false },
    { "MCTP, MAC only", &mctp, "AES-128-GCM", true },
    { "8 bytes of sequence number", &wide, "AES-256-GCM", false },
};

static void set_algorithms(SpdmSession *s, const RoundTrip *row)
{
    s->aead = spdm_aead_by_name(row->aead);
    s->mac_only = row->mac_only;
    for (unsigned i = 0; i < 2; i++) {
        s->keys[i].key.len = s->aead->key_size;
    }
}

static void test_round_trip(gconstpointer data)
{
    const RoundTrip *row = data;
    g_auto(Pair) p;

    pair_init(&p);
    set_algorithms(&p.us, row);
    set_algorithms(&p.peer, row);
    for (unsigned i = 0; i < 300; i++) {
        assert_opens(&p, row->format, i % 2 ? "HEARTBEAT" : "");
        g_assert_cmpuint(p.us.keys[REQ].sequence, ==, i + 1);
        g_assert_cmpuint(p.record->len, <=, p.message->len +
                         spdm_record_overhead(&p.us, row->format));
    }
    g_assert_cmpuint(p.peer.records_out, ==, 300);
    g_assert_cmpuint(p.us.records_in, ==, 300);
}

/* Header by header: id, sequence number, length. */
static void test_layout(void)
{
    g_autoptr(GByteArray) head = hex("feff fdff 0100");
    g_auto(Pair) p;

    pair_init(&p);
    g_assert_true(peer_seals(&p, &doe, "ping"));
    g_assert_cmpuint(p.record->len, ==, DOE_HEADER + 2 + 4 + TAG);
    g_assert_cmpmem(p.record->data, 6, "\xfe\xff\xfd\xff\x16\x00", 6);
    g_assert_true(peer_seals(&p, &mctp, "ping"));
    g_assert_cmpmem(p.record->data, 6, head->data, 6);
    g_assert_cmpuint(p.record->data[6], >=, 2 + 1 + 4 + 1 + TAG);
    g_assert_cmpuint(p.record->data[6], <=, 2 + 1 + 4 + 32 + TAG);
    g_assert_cmphex(spdm_record_session_id(view(p.record)), ==, p.us.id);
    g_assert_cmphex(spdm_record_session_id(SPDM_BYTES(p.record->data, 3)),
                    ==, 0);
}

static void test_mac_only_layout(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    p.peer.mac_only = true;
    g_assert_true(peer_seals(&p, &doe, "ping"));
    g_assert_cmpuint(p.record->len, ==, DOE_HEADER + 4 + TAG);
    g_assert_cmpmem(p.record->data + DOE_HEADER, 4, "ping", 4);
    g_assert_true(peer_seals(&p, &mctp, "ping"));
    g_assert_cmpuint(p.record->len, ==, 8 + 1 + 4 + TAG);
    g_assert_cmpmem(p.record->data + 8, 5, "\5ping", 5);
}

static void test_random_padding(void)
{
    unsigned least = 1000, most = 0;
    g_auto(Pair) p;

    pair_init(&p);
    for (unsigned i = 0; i < 2000; i++) {
        unsigned pad;

        g_assert_true(peer_seals(&p, &mctp, "ping"));
        pad = p.record->len - (8 + 2 + 1 + 4 + TAG);
        least = MIN(least, pad);
        most = MAX(most, pad);
    }
    g_assert_cmpuint(least, ==, 1);
    g_assert_cmpuint(most, ==, 32);
}

static void test_padding_is_no_message(void)
{
    static const uint8_t pad[3];
    g_auto(Pair) p;

    pair_init(&p);
    g_assert_true(peer_seals(&p, &doe, "ping"));
    g_byte_array_append(p.record, pad, sizeof(pad));
    g_assert_cmpint(we_open(&p, &doe), ==, SPDM_OPEN_OK);
    assert_bytes(view(p.message), text("ping"));
}

/* Longest that the u16 length can say; one more is refused. */
static void test_longest(void)
{
    g_autofree char *message = g_strnfill(65535, 'x');
    g_auto(Pair) p;

    pair_init(&p);
    g_assert_false(peer_seals(&p, &doe, message));
    g_assert_cmpuint(p.record->len, ==, 0);
    g_assert_cmpuint(p.peer.keys[REQ].sequence, ==, 0);
    message[65535 - 2 - TAG + 1] = '\0';
    g_assert_false(peer_seals(&p, &doe, message));
    message[65535 - 2 - TAG] = '\0';
    assert_opens(&p, &doe, message);
    g_assert_false(peer_seals(&p, &mctp, message));
    message[65535 - 2 - TAG - 1] = '\0';
    assert_opens(&p, &mctp, message);
}

static void test_truncations(gconstpointer data)
{
    const SpdmRecordFormat *format = data;
    g_auto(Pair) p;

    pair_init(&p);
    g_assert_true(peer_seals(&p, format, "ping"));
    for (guint len = 0; len < p.record->len; len++) {
        g_autofree uint8_t *exact = g_memdup2(p.record->data, len);

        g_assert_cmpint(spdm_record_open(&p.us, REQ, format,
                                         SPDM_BYTES(exact, len), p.message),
                        ==, SPDM_OPEN_MALFORMED);
    }
    g_assert_cmpuint(p.us.keys[REQ].sequence, ==, 0);
    g_assert_cmpint(we_open(&p, format), ==, SPDM_OPEN_OK);
}

/* Records whose plaintext contradicts itself, under a good tag. */
typedef struct Forgery {
    const char *sentence;
    const SpdmRecordFormat *format;
    const char *plaintext;
    bool opens;
} Forgery;

static const Forgery forgeries[] = {
    { "an inner length of exactly the rest", &doe, "0200 aabb", true },
    { "an inner length of nothing", &doe, "0000", true },
    { "an inner length one too long", &doe, "0300 aabb", false },
    { "an inner length far too long", &doe, "ffff aabb", false },
    { "random data on DOE is passed over", &doe, "0100 aabbcc", true },
    { "MCTP without random data", &mctp, "0300 05aabb", true },
    { "MCTP with more random data than we send", &mctp,
      "0200 05aa 0000000000000000000000000000000000000000000000000000"
      "00000000000000000000000000000000", true },
    { "MCTP with another message type", &mctp, "0300 01aabb", false },
    { "MCTP without a message type", &mctp, "0000", false },
};

static void test_forgery(gconstpointer data)
{
    const Forgery *row = data;
    g_auto(Pair) p;

    pair_init(&p);
    forge(&p, row->format, row->plaintext);
    g_assert_cmpint(we_open(&p, row->format), ==,
                    row->opens ? SPDM_OPEN_OK : SPDM_OPEN_MALFORMED);
    /* It was the peer's doing, so its sequence number is used. */
    g_assert_cmpuint(p.us.keys[REQ].sequence, ==, 1);
    if (!row->opens) {
        g_assert_cmpuint(p.message->len, ==, 0);
    }
}

/* Length fields that leave no room for what has to be there. */
static void test_short_lengths(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    g_assert_true(peer_seals(&p, &doe, "ping"));
    for (uint8_t len = 0; len < 2 + TAG; len++) {
        p.record->data[4] = len;
        g_assert_cmpint(we_open(&p, &doe), ==, SPDM_OPEN_MALFORMED);
    }
    p.us.mac_only = true;
    p.record->data[4] = TAG - 1;
    g_assert_cmpint(we_open(&p, &doe), ==, SPDM_OPEN_MALFORMED);
    g_assert_cmpuint(p.us.keys[REQ].sequence, ==, 0);
}

static void test_other_session(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    g_assert_true(peer_seals(&p, &doe, "ping"));
    p.record->data[0] ^= 1;
    g_assert_cmpint(we_open(&p, &doe), ==, SPDM_OPEN_MALFORMED);
    g_assert_cmpuint(p.us.keys[REQ].sequence, ==, 0);
}

static void test_bad_tag(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    g_assert_true(peer_seals(&p, &doe, "ping"));
    p.record->data[p.record->len - 1] ^= 1;
    g_assert_cmpint(we_open(&p, &doe), ==, SPDM_OPEN_BAD_TAG);
    g_assert_cmpuint(p.message->len, ==, 0);
    g_assert_cmpuint(p.us.keys[REQ].sequence, ==, 1);
    g_assert_cmpuint(p.us.records_in, ==, 0);
    /* The peer's next record has the next number. */
    assert_opens(&p, &doe, "pong");
}

static void test_replay(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    assert_opens(&p, &doe, "ping");
    g_assert_cmpint(we_open(&p, &doe), ==, SPDM_OPEN_BAD_TAG);
}

static void test_wrong_sequence(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    assert_opens(&p, &mctp, "ping");
    g_assert_cmpint(we_open(&p, &mctp), ==, SPDM_OPEN_BAD_TAG);
    g_assert_cmpuint(p.us.keys[REQ].sequence, ==, 1);
    assert_opens(&p, &mctp, "pong");
}

static void test_direction(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    g_assert_true(peer_seals(&p, &doe, "ping"));
    g_assert_cmpint(spdm_record_open(&p.us, RSP, &doe, view(p.record),
                                     p.message), ==, SPDM_OPEN_BAD_TAG);
}

static void test_last_sequence(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    p.us.keys[REQ].sequence = p.peer.keys[REQ].sequence = UINT64_MAX - 1;
    assert_opens(&p, &mctp, "the last one");
    g_assert_false(peer_seals(&p, &mctp, "one more"));
    p.peer.keys[REQ].sequence--;
    g_assert_true(peer_seals(&p, &mctp, "the last one again"));
    g_assert_cmpint(we_open(&p, &mctp), ==, SPDM_OPEN_EXHAUSTED);
    g_assert_cmphex(p.us.keys[REQ].sequence, ==, UINT64_MAX);
}

static void test_limit(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    p.us.aead_deficit = p.peer.aead_deficit = 62;
    for (unsigned i = 0; i < 4; i++) {
        assert_opens(&p, &doe, "ping");
    }
    g_assert_false(peer_seals(&p, &doe, "ping"));
    p.peer.aead_deficit = 0;
    g_assert_true(peer_seals(&p, &doe, "ping"));
    g_assert_cmpint(we_open(&p, &doe), ==, SPDM_OPEN_EXHAUSTED);
}

static void set_secured_version(Pair *p, uint16_t version)
{
    p->us.secured_version = p->peer.secured_version = version;
}

static void test_big_endian_peer(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    set_secured_version(&p, 0x1100);
    p.peer.sequence_order = SPDM_SEQUENCE_BIG;
    assert_opens(&p, &mctp, "zero is zero");
    g_assert_cmpint(p.us.sequence_order, ==, SPDM_SEQUENCE_ASSUMED_LITTLE);
    assert_opens(&p, &mctp, "one tells");
    g_assert_cmpint(p.us.sequence_order, ==, SPDM_SEQUENCE_BIG);
    assert_opens(&p, &mctp, "two follows");
    /* And what we send, the peer opens. */
    for (unsigned i = 0; i < 3; i++) {
        g_byte_array_set_size(p.record, 0);
        g_assert_true(spdm_record_seal(&p.us, RSP, &mctp, &p.rng,
                                       text("ack"), p.record));
        g_assert_cmpint(spdm_record_open(&p.peer, RSP, &mctp,
                                         view(p.record), p.message), ==,
                        SPDM_OPEN_OK);
    }
    /* From now on nothing else will do. */
    p.peer.sequence_order = SPDM_SEQUENCE_LITTLE;
    g_assert_true(peer_seals(&p, &mctp, "another mind"));
    g_assert_cmpint(we_open(&p, &mctp), ==, SPDM_OPEN_BAD_TAG);
}

static void test_little_endian_peer(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    set_secured_version(&p, 0x1000);
    assert_opens(&p, &mctp, "zero");
    assert_opens(&p, &mctp, "one");
    g_assert_cmpint(p.us.sequence_order, ==, SPDM_SEQUENCE_LITTLE);
    p.peer.sequence_order = SPDM_SEQUENCE_BIG;
    g_assert_true(peer_seals(&p, &mctp, "another mind"));
    g_assert_cmpint(we_open(&p, &mctp), ==, SPDM_OPEN_BAD_TAG);
}

static void test_big_endian_refused(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    p.peer.sequence_order = SPDM_SEQUENCE_BIG;
    assert_opens(&p, &mctp, "zero");
    g_assert_true(peer_seals(&p, &mctp, "one"));
    g_assert_cmpint(we_open(&p, &mctp), ==, SPDM_OPEN_BAD_TAG);
}

static void test_lost_ack(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    assert_opens(&p, &doe, "KEY_UPDATE");
    spdm_session_update_keys(&p.us, REQ);
    spdm_session_update_keys(&p.us, RSP);
    p.us.update_pending = SPDM_UPDATE_ALL_KEYS;
    /* The peer knows nothing of it, and goes on under the old key. */
    assert_opens(&p, &doe, "KEY_UPDATE again");
    g_assert_false(p.us.has_backup[REQ]);
    g_assert_false(p.us.has_backup[RSP]);
    g_assert_cmpuint(p.us.update_pending, ==, 0);
    g_assert_cmpmem(p.us.keys[RSP].key.data, 32, p.peer.keys[RSP].key.data,
                    32);
    assert_opens(&p, &doe, "and on");
}

static void test_new_key(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    assert_opens(&p, &mctp, "KEY_UPDATE");
    spdm_session_update_keys(&p.us, REQ);
    spdm_session_update_keys(&p.peer, REQ);
    assert_opens(&p, &mctp, "VerifyNewKey");
    g_assert_true(p.us.has_backup[REQ]);
    g_assert_cmpuint(p.us.keys[REQ].sequence, ==, 1);
}

static void test_old_key_after_verify(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    spdm_session_update_keys(&p.us, REQ);
    spdm_session_drop_backup(&p.us, REQ);
    g_assert_true(peer_seals(&p, &doe, "under the old key"));
    g_assert_cmpint(we_open(&p, &doe), ==, SPDM_OPEN_BAD_TAG);
}

static void test_garbage_with_backup(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    spdm_session_update_keys(&p.us, REQ);
    g_assert_true(peer_seals(&p, &doe, "ping"));
    p.record->data[p.record->len - 1] ^= 1;
    g_assert_cmpint(we_open(&p, &doe), ==, SPDM_OPEN_BAD_TAG);
    g_assert_true(p.us.has_backup[REQ]);
}

static void test_appends(void)
{
    g_auto(Pair) p;
    SpdmBytes tail;

    pair_init(&p);
    g_byte_array_append(p.record, (const uint8_t *)"in front", 8);
    g_assert_true(spdm_record_seal(&p.peer, REQ, &doe, &p.rng, text("ping"),
                                   p.record));
    g_assert_cmpmem(p.record->data, 8, "in front", 8);
    tail = SPDM_BYTES(p.record->data + 8, p.record->len - 8);
    g_assert_cmpint(spdm_record_open(&p.us, REQ, &doe, tail, p.message), ==,
                    SPDM_OPEN_OK);
}

static void test_in_place(void)
{
    static const SpdmRecordFormat *const formats[] = { &doe, &mctp, &wide };

    for (unsigned i = 0; i < G_N_ELEMENTS(formats); i++) {
        g_auto(Pair) p;
        SpdmBytes record;

        pair_init(&p);
        g_byte_array_append(p.record, (const uint8_t *)"in front", 8);
        g_byte_array_set_size(p.record, (guint)(
            8 + spdm_record_head(&p.peer, formats[i])));
        g_byte_array_append(p.record, (const uint8_t *)"just here", 9);
        g_assert_true(spdm_record_seal_in_place(&p.peer, REQ, formats[i],
                                                &p.rng, p.record, 8));
        g_assert_cmpmem(p.record->data, 8, "in front", 8);
        record = SPDM_BYTES(p.record->data + 8, p.record->len - 8);
        g_assert_cmpint(spdm_record_open(&p.us, REQ, formats[i], record,
                                         p.message), ==, SPDM_OPEN_OK);
        g_assert_cmpmem(p.message->data, p.message->len, "just here", 9);
    }
}

static void test_in_place_too_long(void)
{
    g_auto(Pair) p;

    pair_init(&p);
    g_byte_array_set_size(p.record, UINT16_MAX);
    g_assert_false(spdm_record_seal_in_place(&p.peer, REQ, &doe, &p.rng,
                                             p.record, 0));
    g_assert_cmpuint(p.record->len, ==, UINT16_MAX);
    g_assert_cmpuint(p.peer.keys[REQ].sequence, ==, 0);
}

static const struct {
    const char *sentence;
    void (*test)(void);
} tests[] = {
    { "a record is id, sequence number, length, data, tag", test_layout },
    { "MAC-only records have neither inner length nor random data",
      test_mac_only_layout },
    { "MCTP records get 1 to 32 bytes of random data", test_random_padding },
    { "transport padding is passed over", test_padding_is_no_message },
    { "the longest message is sealed and one more byte refused",
      test_longest },
    { "a length too short for its tag is malformed", test_short_lengths },
    { "a record of another session is malformed", test_other_session },
    { "a bad tag uses up a sequence number", test_bad_tag },
    { "a record does not open twice", test_replay },
    { "another sequence number on the wire is refused", test_wrong_sequence },
    { "a record does not open in the other direction", test_direction },
    { "the all-ones sequence number is never used", test_last_sequence },
    { "the AEAD limit ends a key", test_limit },
    { "a big-endian peer of 1.1 is found out at number 1",
      test_big_endian_peer },
    { "a little-endian peer of 1.0 is settled at number 1",
      test_little_endian_peer },
    { "from 1.2 on a big-endian peer is refused", test_big_endian_refused },
    { "a lost KEY_UPDATE_ACK undoes the update", test_lost_ack },
    { "the new key serves and the old one is kept", test_new_key },
    { "after VerifyNewKey the old key is gone", test_old_key_after_verify },
    { "garbage does not undo an update", test_garbage_with_backup },
    { "sealing appends", test_appends },
    { "a message sealed in place opens",
      test_in_place },
    { "a message that is too long to be sealed in place is left alone",
      test_in_place_too_long },
};

static void add(const char *group, const char *sentence,
                gconstpointer data, GTestDataFunc test)
{
    g_autofree char *path = g_strdup_printf("/secmsg/%s/%s", group, sentence);

    g_test_add_data_func(path, data, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_assert_true(spdm_crypto_init(NULL));
    for (unsigned i = 0; i < G_N_ELEMENTS(round_trips); i++) {
        add("round trip", round_trips[i].sentence, &round_trips[i],
            test_round_trip);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(forgeries); i++) {
        add("under a good tag", forgeries[i].sentence, &forgeries[i],
            test_forgery);
    }
    add("truncated anywhere", "DOE", &doe, test_truncations);
    add("truncated anywhere", "MCTP", &mctp, test_truncations);
    add("truncated anywhere", "8 bytes of sequence number", &wide,
        test_truncations);
    for (unsigned i = 0; i < G_N_ELEMENTS(tests); i++) {
        g_autofree char *path = g_strdup_printf("/secmsg/%s",
                                                tests[i].sentence);

        g_test_add_func(path, tests[i].test);
    }
    return g_test_run();
}

/*
 * Records of DSP0277 (spec/05 sections 1 and 2).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/secmsg.h"

#include <string.h>

#include "wire/copy.h"

enum {
    SESSION_ID_SIZE = 4,
    LENGTH_SIZE = 2,
    MAX_SEQUENCE_SIZE = 8,
    SEQUENCE_BYTES = 8,      /* of the counter, inside the nonce */
    SECURED_VERSION_12 = 0x1200,
    SECURED_VERSION_MASK = 0xff00,
};

static uint8_t *put_le(uint8_t *at, uint64_t v, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        at[i] = (uint8_t)(v >> (8 * i));
    }
    return at + len;
}

static uint64_t get_le(const uint8_t *at, size_t len)
{
    uint64_t v = 0;

    for (size_t i = 0; i < len; i++) {
        v |= (uint64_t)at[i] << (8 * i);
    }
    return v;
}

/* Bytes in front of what is encrypted or (MAC only) of the data. */
static size_t header_size(const SpdmRecordFormat *format)
{
    return SESSION_ID_SIZE + format->sequence_size + LENGTH_SIZE;
}

/* The inner length, which MAC-only records do not have. */
static size_t inner_size(const SpdmSession *s)
{
    return s->mac_only ? 0 : LENGTH_SIZE;
}

/*
 * spec/05 section 2: IV xor counter, little-endian at its start. A big-endian
 * peer (DSP0277 1.0, 1.1) has it right-aligned at the end.
 */
static void make_nonce(const SpdmTrafficKeys *keys, bool big, uint8_t *nonce)
{
    uint8_t *at = big ? nonce + SPDM_AEAD_IV_SIZE - SEQUENCE_BYTES : nonce;
    uint64_t counter = big ? GUINT64_TO_BE(keys->sequence)
                           : GUINT64_TO_LE(keys->sequence);
    uint64_t part;

    memcpy(nonce, keys->iv, SPDM_AEAD_IV_SIZE);
    memcpy(&part, at, sizeof(part));
    part ^= counter;
    memcpy(at, &part, sizeof(part));
}

/* spec/05 section 2: at the AEAD limit, and never with the all-ones value. */
static bool exhausted(const SpdmSession *s, const SpdmTrafficKeys *keys)
{
    if (s->aead_deficit == 0) {
        return keys->sequence == UINT64_MAX;
    }
    return keys->sequence >= UINT64_C(1) << (64 - s->aead_deficit);
}

bool spdm_record_exhausted(const SpdmSession *s, SpdmSender sender)
{
    return exhausted(s, &s->keys[sender]);
}

/* The keyed cipher is made at first use and stays with the key. */
static SpdmAead *cipher(const SpdmSession *s, SpdmTrafficKeys *keys)
{
    if (!keys->aead) {
        keys->aead = spdm_aead_new(s->aead, keys->key.data);
    }
    return keys->aead;
}

uint32_t spdm_record_session_id(SpdmBytes record)
{
    return record.len < SESSION_ID_SIZE
           ? 0 : (uint32_t)get_le(record.data, SESSION_ID_SIZE);
}

size_t spdm_record_head(const SpdmSession *s, const SpdmRecordFormat *format)
{
    return header_size(format) + inner_size(s) + format->inner_size;
}

size_t spdm_record_overhead(const SpdmSession *s,
                            const SpdmRecordFormat *format)
{
    return spdm_record_head(s, format) +
           (s->mac_only ? 0 : format->max_random) + SPDM_AEAD_TAG_SIZE;
}

/* 1 to max_random bytes for a transport that asks for them (DSP0276). */
static size_t choose_random(const SpdmSession *s,
                            const SpdmRecordFormat *format,
                            const SpdmRng *rng, size_t room)
{
    uint8_t byte;

    if (s->mac_only || format->max_random == 0) {
        return 0;
    }
    spdm_rng_fill(rng, &byte, 1);
    return MIN(1u + byte % format->max_random, room);
}

/* The lengths of a record that is made. */
typedef struct Layout {
    size_t header;           /* in front of what is sealed */
    size_t message;
    size_t random;
    size_t body;             /* between header and tag */
} Layout;

/* False: its length has no 16 bits. */
static bool plan_record(const SpdmSession *s, const SpdmRecordFormat *format,
                        const SpdmRng *rng, size_t len, Layout *l)
{
    size_t fixed = inner_size(s) + format->inner_size;

    if (len > UINT16_MAX - fixed - SPDM_AEAD_TAG_SIZE) {
        return false;
    }
    l->header = header_size(format);
    l->message = len;
    l->random = choose_random(s, format, rng, UINT16_MAX - fixed -
                              SPDM_AEAD_TAG_SIZE - len);
    l->body = fixed + len + l->random;
    return true;
}

/* The fields in front, up to the inner length; where they end. */
static uint8_t *put_header(const SpdmSession *s, uint64_t sequence,
                           const SpdmRecordFormat *format, const Layout *l,
                           uint8_t *at)
{
    size_t inner = l->message + format->inner_size +
                   (size_t)format->length_skew;

    at = put_le(at, s->id, SESSION_ID_SIZE);
    at = put_le(at, sequence, format->sequence_size);
    at = put_le(at, l->body + SPDM_AEAD_TAG_SIZE, LENGTH_SIZE);
    return put_le(at, inner, inner_size(s));
}

/* ENC_MAC: header | sealed data | tag. MAC only: all of it is AAD. */
static void seal_record(SpdmSession *s, SpdmTrafficKeys *keys,
                        const Layout *l, uint8_t *record)
{
    size_t len = l->header + l->body;
    size_t aad_len = s->mac_only ? len : l->header;
    uint8_t nonce[SPDM_AEAD_IV_SIZE];

    make_nonce(keys, s->sequence_order == SPDM_SEQUENCE_BIG, nonce);
    spdm_aead_seal(cipher(s, keys), nonce, SPDM_BYTES(record, aad_len),
                   record + aad_len, len - aad_len, record + len);
}

bool spdm_record_seal_in_place(SpdmSession *s, SpdmSender sender,
                               const SpdmRecordFormat *format,
                               const SpdmRng *rng, GByteArray *out,
                               size_t start)
{
    SpdmTrafficKeys *keys = &s->keys[sender];
    size_t begin = start + spdm_record_head(s, format);
    uint8_t *record, *inner;
    Layout l;

    if (exhausted(s, keys) ||
        !plan_record(s, format, rng, out->len - begin, &l)) {
        return false;
    }
    g_byte_array_set_size(out, (guint)(start + l.header + l.body +
                                       SPDM_AEAD_TAG_SIZE));
    record = out->data + start;
    inner = put_header(s, keys->sequence, format, &l, record);
    if (format->put_inner) {
        format->put_inner(l.message, inner);
    }
    if (l.random) {
        spdm_rng_fill(rng, out->data + begin + l.message, l.random);
    }
    seal_record(s, keys, &l, record);
    keys->sequence++;
    s->records_out++;
    return true;
}

bool spdm_record_seal(SpdmSession *s, SpdmSender sender,
                      const SpdmRecordFormat *format, const SpdmRng *rng,
                      SpdmBytes message, GByteArray *out)
{
    size_t start = out->len, begin = start + spdm_record_head(s, format);

    /* Room for all of the record at once. */
    g_byte_array_set_size(out, (guint)(start + message.len +
                                       spdm_record_overhead(s, format)));
    spdm_copy(out->data + begin, message);
    spdm_array_cut(out, begin + message.len);
    if (spdm_record_seal_in_place(s, sender, format, rng, out, start)) {
        return true;
    }
    spdm_array_cut(out, start);
    return false;
}

void spdm_array_keep(GByteArray *array, SpdmBytes view)
{
    size_t begin = view.len ? (size_t)(view.data - array->data) : 0;

    g_byte_array_set_size(array, (guint)(begin + view.len));
    if (begin) {
        g_byte_array_remove_range(array, 0, (guint)begin);
    }
}

/* A record taken apart; views into it. */
typedef struct Record {
    uint64_t sequence;       /* its low bytes, as sent */
    SpdmBytes header;
    SpdmBytes body;          /* between header and tag */
    const uint8_t *tag;
} Record;

static bool split_record(const SpdmSession *s, const SpdmRecordFormat *format,
                         SpdmBytes bytes, Record *r)
{
    size_t header_len = header_size(format);
    size_t min_len = inner_size(s) + SPDM_AEAD_TAG_SIZE;
    size_t len;

    if (bytes.len < header_len ||
        spdm_record_session_id(bytes) != s->id) {
        return false;
    }
    len = (size_t)get_le(bytes.data + header_len - LENGTH_SIZE, LENGTH_SIZE);
    if (len < min_len || len > bytes.len - header_len) {
        return false;
    }
    r->sequence = get_le(bytes.data + SESSION_ID_SIZE, format->sequence_size);
    r->header = SPDM_BYTES(bytes.data, header_len);
    r->body = SPDM_BYTES(bytes.data + header_len, len - SPDM_AEAD_TAG_SIZE);
    r->tag = r->body.data + r->body.len;
    return true;
}

static bool sequence_matches(const SpdmTrafficKeys *keys, const Record *r,
                             const SpdmRecordFormat *format)
{
    unsigned bits = 8u * MIN(format->sequence_size, MAX_SEQUENCE_SIZE);
    uint64_t mask = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;

    return (keys->sequence & mask) == r->sequence;
}

/*
 * One try in one byte order; @plain receives the body in the clear, straight
 * from the record.
 */
static bool open_as(SpdmSession *s, SpdmTrafficKeys *keys, const Record *r,
                    bool big, GByteArray *plain)
{
    SpdmBytes aad = r->header;
    uint8_t nonce[SPDM_AEAD_IV_SIZE];

    make_nonce(keys, big, nonce);
    g_byte_array_set_size(plain, (guint)r->body.len);
    if (!s->mac_only) {
        return spdm_aead_open(cipher(s, keys), nonce, aad, r->body,
                              plain->data, r->tag);
    }
    if (r->body.len) {
        memcpy(plain->data, r->body.data, r->body.len);
    }
    aad.len += r->body.len; /* the body follows the header */
    return spdm_aead_open(cipher(s, keys), nonce, aad, SPDM_BYTES(NULL, 0),
                          NULL, r->tag);
}

/*
 * Before DSP0277 1.2 the order is the peer's: at sequence number 0 both are
 * the same, after that a record that opens one way only settles it.
 */
static bool open_any_order(SpdmSession *s, SpdmTrafficKeys *keys,
                           const Record *r, GByteArray *plain)
{
    bool open_question =
        (s->secured_version & SECURED_VERSION_MASK) < SECURED_VERSION_12 &&
        s->sequence_order == SPDM_SEQUENCE_ASSUMED_LITTLE &&
        keys->sequence != 0;

    if (open_as(s, keys, r, s->sequence_order == SPDM_SEQUENCE_BIG, plain)) {
        if (open_question) {
            s->sequence_order = SPDM_SEQUENCE_LITTLE;
        }
        return true;
    }
    if (open_question && open_as(s, keys, r, true, plain)) {
        s->sequence_order = SPDM_SEQUENCE_BIG;
        return true;
    }
    return false;
}

/* A record that reaches the cipher uses its sequence number, right or wrong. */
static SpdmOpenResult open_with(SpdmSession *s, SpdmTrafficKeys *keys,
                                const SpdmRecordFormat *format,
                                const Record *r, GByteArray *plain)
{
    bool ok;

    if (exhausted(s, keys)) {
        return SPDM_OPEN_EXHAUSTED;
    }
    if (!sequence_matches(keys, r, format)) {
        return SPDM_OPEN_BAD_TAG;
    }
    ok = open_any_order(s, keys, r, plain);
    keys->sequence++;
    return ok ? SPDM_OPEN_OK : SPDM_OPEN_BAD_TAG;
}

/*
 * spec/05 section 6: the peer never saw our KEY_UPDATE_ACK and goes on with
 * the old keys, so the whole update is undone.
 */
static void undo_update(SpdmSession *s)
{
    spdm_session_restore_backup(s, SPDM_SENDER_REQUESTER);
    spdm_session_restore_backup(s, SPDM_SENDER_RESPONDER);
    s->update_pending = 0;
}

/* @message becomes where the message is in @plain. */
static SpdmOpenResult find_message(const SpdmSession *s,
                                   const SpdmRecordFormat *format,
                                   const GByteArray *plain,
                                   SpdmBytes *message)
{
    SpdmOpenResult result = SPDM_OPEN_OK;
    size_t begin = inner_size(s);
    size_t len = plain->len;

    if (!s->mac_only) {
        len = (size_t)get_le(plain->data, LENGTH_SIZE);
    }
    if (len > plain->len - begin || len < format->inner_size) {
        return SPDM_OPEN_MALFORMED;
    }
    if (!format->check_inner ||
        format->check_inner(plain->data + begin, len)) {
        begin += format->inner_size;
        len -= format->inner_size;
    } else if (format->check_other &&
               format->check_other(plain->data + begin, len)) {
        result = SPDM_OPEN_OTHER;
    } else {
        return SPDM_OPEN_MALFORMED;
    }
    *message = SPDM_BYTES(plain->data + begin, len);
    return result;
}

SpdmOpenResult spdm_record_open_view(SpdmSession *s, SpdmSender sender,
                                     const SpdmRecordFormat *format,
                                     SpdmBytes record, GByteArray *plain,
                                     SpdmBytes *message)
{
    SpdmOpenResult result;
    Record r;

    *message = SPDM_BYTES(NULL, 0);
    if (!split_record(s, format, record, &r)) {
        return SPDM_OPEN_MALFORMED;
    }
    result = open_with(s, &s->keys[sender], format, &r, plain);
    if (result == SPDM_OPEN_BAD_TAG && s->has_backup[sender]) {
        result = open_with(s, &s->backup[sender], format, &r, plain);
        if (result == SPDM_OPEN_OK) {
            undo_update(s);
        }
    }
    if (result == SPDM_OPEN_OK) {
        result = find_message(s, format, plain, message);
    }
    s->records_in += result == SPDM_OPEN_OK || result == SPDM_OPEN_OTHER;
    return result;
}

SpdmOpenResult spdm_record_open(SpdmSession *s, SpdmSender sender,
                                const SpdmRecordFormat *format,
                                SpdmBytes record, GByteArray *message)
{
    SpdmBytes view;
    SpdmOpenResult result = spdm_record_open_view(s, sender, format, record,
                                                  message, &view);

    spdm_array_keep(message, view);
    return result;
}

bool spdm_record_peek(SpdmSession *s, SpdmSender sender,
                      const SpdmRecordFormat *format, SpdmBytes record,
                      GByteArray *message)
{
    SpdmTrafficKeys *keys = &s->keys[sender];
    bool big = s->sequence_order == SPDM_SEQUENCE_BIG;
    SpdmBytes view;
    Record r;

    if (!split_record(s, format, record, &r) || exhausted(s, keys) ||
        !sequence_matches(keys, &r, format) ||
        !open_as(s, keys, &r, big, message) ||
        find_message(s, format, message, &view) != SPDM_OPEN_OK) {
        return false;
    }
    spdm_array_keep(message, view);
    return true;
}

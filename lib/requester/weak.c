/*
 * What a careless requester makes of records that do not verify, and the
 * names of the ways to be careless. Empty but for the campaign's build.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/weak.h"

#ifdef SPDM_WEAKEN

#include <string.h>

enum {
    RECORD_HEADER = 4,       /* session id; then sequence number and length */
    LENGTH_SIZE = 2,
    DOE_HEADER = 8,
};

G_STATIC_ASSERT(SPDM_WEAK_COUNT <=
                64 * G_N_ELEMENTS(((SpdmRequester *)0)->weak));

static const char *const other_names[] = {
    [SPDM_WEAK_RECORD_SEQUENCE - SPDM_CHECK_COUNT] = "record-sequence",
    [SPDM_WEAK_SESSION_AFTER_ERROR - SPDM_CHECK_COUNT] =
        "session-after-error",
    [SPDM_WEAK_RESYNCH - SPDM_CHECK_COUNT] = "resynch",
};

const char *spdm_weakness_name(unsigned i)
{
    if (i < SPDM_CHECK_COUNT) {
        return spdm_check_name((SpdmCheck)i);
    }
    return i < SPDM_WEAK_COUNT ? other_names[i - SPDM_CHECK_COUNT] : NULL;
}

bool spdm_requester_weaken(SpdmRequester *rq, const char *name)
{
    for (unsigned i = 1; i < SPDM_WEAK_COUNT; i++) {
        if (strcmp(spdm_weakness_name(i), name) == 0) {
            rq->weak[i / 64] |= UINT64_C(1) << (i % 64);
            return true;
        }
    }
    return false;
}

bool spdm_req_weak_frame(SpdmRequester *rq, bool secured, SpdmBytes bytes,
                         bool known, SpdmFrame *frame)
{
    if (!known && spdm_req_weak(rq, SPDM_CHECK_FRAME) &&
        rq->cfg.transport == SPDM_TRANSPORT_PCI_DOE &&
        bytes.len >= DOE_HEADER) {
        frame->kind = secured ? SPDM_FRAME_SECURED : SPDM_FRAME_PLAIN;
        frame->payload = SPDM_BYTES(bytes.data + DOE_HEADER,
                                    bytes.len - DOE_HEADER);
        return true;
    }
    return known;
}

bool spdm_req_weak_forgives(const SpdmRequester *rq)
{
    return spdm_req_weak(rq, SPDM_WEAK_SESSION_AFTER_ERROR) ||
           (spdm_req_weak(rq, SPDM_WEAK_RESYNCH) &&
            rq->failure.error_code == SPDM_ERROR_REQUEST_RESYNCH);
}

void spdm_req_weak_limit(const SpdmRequester *rq, SpdmSession *session)
{
    if (spdm_req_weak(rq, SPDM_CHECK_RECORD_LIMIT)) {
        session->aead_deficit = 0;
    }
}

/* A record as it lies on the wire, its lengths believed as far as they go. */
typedef struct LooseRecord {
    SpdmBytes header;
    SpdmBytes body;
    uint8_t tag[SPDM_AEAD_TAG_SIZE];
} LooseRecord;

static bool take_apart(const SpdmRequester *rq, SpdmBytes record,
                       LooseRecord *r)
{
    size_t header = RECORD_HEADER + LENGTH_SIZE +
                    rq->transport->record.sequence_size;
    size_t len;

    if (record.len < header + SPDM_AEAD_TAG_SIZE) {
        return false;
    }
    len = (size_t)record.data[header - 2] | (size_t)record.data[header - 1]
                                            << 8;
    len = MIN(len, record.len - header);
    if (len < SPDM_AEAD_TAG_SIZE) {
        return false;
    }
    r->header = SPDM_BYTES(record.data, header);
    r->body = SPDM_BYTES(record.data + header, len - SPDM_AEAD_TAG_SIZE);
    memcpy(r->tag, r->body.data + r->body.len, SPDM_AEAD_TAG_SIZE);
    return true;
}

/* Little-endian, as every peer of a campaign has it. */
static void make_nonce(const SpdmTrafficKeys *keys, uint64_t sequence,
                       uint8_t *nonce)
{
    memcpy(nonce, keys->iv, SPDM_AEAD_IV_SIZE);
    for (unsigned i = 0; i < sizeof(sequence); i++) {
        nonce[i] ^= (uint8_t)(sequence >> (8 * i));
    }
}

/*
 * The body in the clear, whatever its tag: the ciphers are stream ciphers, so
 * that sealing what is sealed opens it. True when the tag is right.
 */
static bool decrypt(const SpdmSession *s, const SpdmTrafficKeys *keys,
                    uint64_t sequence, const LooseRecord *r,
                    GByteArray *plain)
{
    g_autoptr(SpdmAead) aead = spdm_aead_new(s->aead, keys->key.data);
    g_autofree uint8_t *again = g_malloc(r->body.len);
    uint8_t nonce[SPDM_AEAD_IV_SIZE], tag[SPDM_AEAD_TAG_SIZE];
    SpdmBytes aad = r->header;

    make_nonce(keys, sequence, nonce);
    g_byte_array_set_size(plain, 0);
    g_byte_array_append(plain, r->body.data, (guint)r->body.len);
    if (s->mac_only) {
        aad.len += r->body.len;
        return spdm_aead_open(aead, nonce, aad, SPDM_BYTES(NULL, 0), NULL,
                              r->tag);
    }
    spdm_aead_seal(aead, nonce, aad, plain->data, plain->len, tag);
    return spdm_aead_open(aead, nonce, aad, r->body, again, r->tag);
}

/* The inner length is believed as far as there are bytes. */
static void strip(const SpdmRequester *rq, const SpdmSession *s,
                  GByteArray *plain)
{
    size_t begin = rq->transport->record.inner_size, len;

    if (!s->mac_only && plain->len >= LENGTH_SIZE) {
        begin += LENGTH_SIZE;
        len = plain->data[0] | (size_t)plain->data[1] << 8;
        g_byte_array_set_size(plain, (guint)MIN(plain->len,
                                                len + LENGTH_SIZE));
    }
    if (begin <= plain->len) {
        g_byte_array_remove_range(plain, 0, (guint)begin);
    }
}

/* An earlier record that this end has opened already once more. */
static bool is_replay(const SpdmSession *s, const SpdmTrafficKeys *keys,
                      const LooseRecord *r, GByteArray *message)
{
    for (uint64_t n = 0; n < keys->sequence; n++) {
        if (decrypt(s, keys, n, r, message)) {
            return true;
        }
    }
    return false;
}

SpdmOpenResult spdm_req_weak_open(SpdmRequester *rq, SpdmSession *session,
                                  SpdmBytes record, SpdmOpenResult result,
                                  GByteArray *message)
{
    const SpdmTrafficKeys *keys = &session->keys[SPDM_SENDER_RESPONDER];
    uint64_t sequence = keys->sequence ? keys->sequence - 1 : 0;
    LooseRecord r;

    if (result == SPDM_OPEN_OK || !take_apart(rq, record, &r)) {
        return result;
    }
    if (spdm_req_weak(rq, SPDM_WEAK_RECORD_SEQUENCE)) {
        if (!is_replay(session, keys, &r, message)) {
            g_byte_array_set_size(message, 0);
            return result;
        }
    } else if (spdm_req_weak(rq, SPDM_CHECK_RECORD_TAG) ||
               spdm_req_weak(rq, SPDM_CHECK_RECORD_LENGTH)) {
        if (!decrypt(session, keys, sequence, &r, message) &&
            !spdm_req_weak(rq, SPDM_CHECK_RECORD_TAG)) {
            g_byte_array_set_size(message, 0);
            return result;
        }
    } else {
        return result;
    }
    strip(rq, session, message);
    return SPDM_OPEN_OK;
}

#endif

/*
 * GET_CERTIFICATE / CERTIFICATE, and judging the chain (DSP0274; spec/02
 * section 3, spec/08 section 1).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"

enum {
    CERTIFICATE_HEADER = 8,
    CERTIFICATE_LARGE_HEADER = 16,
    SLOT_MASK = 0x0f,
};

/* What is asked of one slot; the same for all portions. */
typedef struct ChainQuery {
    SpdmSession *session;
    uint8_t slot;
    bool large;              /* 1.4: offsets and lengths of 32 bits */
} ChainQuery;

/* Every reason of the verifier is a check of its own. */
static const SpdmCheck check_of[] = {
    [SPDM_CHAIN_OK] = SPDM_CHECK_NONE,
    [SPDM_CHAIN_MALFORMED] = SPDM_CHECK_CHAIN_MALFORMED,
    [SPDM_CHAIN_ROOT_HASH] = SPDM_CHECK_CHAIN_ROOT_HASH,
    [SPDM_CHAIN_ROOT_UNTRUSTED] = SPDM_CHECK_CHAIN_TRUST,
    [SPDM_CHAIN_SIGNATURE] = SPDM_CHECK_CHAIN_SIGNATURE,
    [SPDM_CHAIN_EXPIRED] = SPDM_CHECK_CHAIN_EXPIRED,
    [SPDM_CHAIN_NOT_YET_VALID] = SPDM_CHECK_CHAIN_NOT_YET_VALID,
    [SPDM_CHAIN_NOT_A_CA] = SPDM_CHECK_CHAIN_CA,
    [SPDM_CHAIN_LEAF_IS_CA] = SPDM_CHECK_CHAIN_LEAF,
    [SPDM_CHAIN_KEY_USAGE] = SPDM_CHECK_CHAIN_KEY_USAGE,
    [SPDM_CHAIN_EXT_KEY_USAGE] = SPDM_CHECK_CHAIN_EXT_KEY_USAGE,
    [SPDM_CHAIN_KEY_TYPE] = SPDM_CHECK_CHAIN_KEY_TYPE,
    [SPDM_CHAIN_CMA_NAME] = SPDM_CHECK_CHAIN_CMA_NAME,
    [SPDM_CHAIN_CRITICAL_EXTENSION] = SPDM_CHECK_CHAIN_EXTENSION,
};

static SpdmPublicKey *leaf_key(const SpdmRequester *rq, SpdmBytes chain)
{
    size_t header = SPDM_HEADER_SIZE + rq->conn.hash->size;
    g_autoptr(GPtrArray) certs = NULL;

    if (chain.len <= header) {
        return NULL;
    }
    certs = spdm_x509_split_der(SPDM_BYTES(chain.data + header,
                                           chain.len - header));
    return certs ? spdm_x509_leaf_key(certs, NULL) : NULL;
}

/* PCIe 6.31.3: a function with a serial number may have it in its name. */
static SpdmChainReason verify(const SpdmRequester *rq, SpdmBytes chain,
                              SpdmPublicKey **key)
{
    SpdmChainPolicy policy = {
        .hash = rq->conn.hash,
        .leaf_alg = rq->conn.asym,
        .trust = rq->trust,
        .cma_name = rq->cfg.cma_name,
        .now = rq->cfg.wall_time,
    };
    SpdmChainReason reason = spdm_x509_verify_chain(chain, &policy, key);

    if (reason == SPDM_CHAIN_CMA_NAME && rq->cfg.cma_name_serial) {
        policy.cma_name = rq->cfg.cma_name_serial;
        reason = spdm_x509_verify_chain(chain, &policy, key);
    }
    return reason;
}

/* A verified chain, or false with the verifier's reason noted. */
static bool judge(SpdmRequester *rq, SpdmBytes chain, SpdmPublicKey **key)
{
    SpdmChainReason reason = verify(rq, chain, key);

    if (!spdm_req_check(rq, check_of[reason], reason == SPDM_CHAIN_OK,
                        spdm_chain_reason_text(reason))) {
        return false;
    }
    if (!*key) { /* only in a build with the check taken away */
        *key = leaf_key(rq, chain);
    }
    return *key || spdm_req_fail(rq, SPDM_REQUESTER_ERROR_VERIFY,
                                 "the leaf has no key of ours");
}

static void remember(SpdmRequester *rq, SpdmReqSlot *slot, SpdmBytes content,
                     SpdmPublicKey *key)
{
    g_clear_pointer(&slot->chain, g_bytes_unref);
    g_clear_pointer(&slot->key, spdm_public_key_free);
    slot->chain = g_bytes_new(content.data, content.len);
    slot->key = key;
    spdm_hash(rq->conn.hash, &content, 1, slot->ct_hash);
}

/* The digest first: it is cheap, and says which slot is meant. */
static bool take_chain(SpdmRequester *rq, SpdmReqSlot *slot, SpdmBytes chain)
{
    SpdmPublicKey *key = NULL;
    uint8_t hash[SPDM_MAX_HASH];

    spdm_hash(rq->conn.hash, &chain, 1, hash);
    if (!spdm_req_check(rq, SPDM_CHECK_CERT_DIGEST, !slot->has_digest ||
                        memcmp(hash, slot->digest, rq->conn.hash->size) == 0,
                        "the chain is not the one that DIGESTS announced") ||
        !judge(rq, chain, &key)) {
        return false;
    }
    remember(rq, slot, chain, key);
    return true;
}

static uint64_t max_chain(const SpdmMsgCertificate *v)
{
    return v->large ? SPDM_MAX_LARGE_CHAIN : SPDM_MAX_CHAIN;
}

/* DSP0274 1.3 CertificateInfo; reserved on connections with one key. */
static bool info_is_right(const SpdmRequester *rq, const SpdmReqExchange *x)
{
    const SpdmReqSlot *slot = &rq->slots[x->req.h.param1 & SLOT_MASK];

    return !rq->conn.multi_key_rsp || !slot->has_digest ||
           (x->rsp.h.param2 & SPDM_CERT_INFO_MODEL_MASK) ==
           (uint8_t)slot->info.model;
}

static bool check_portion(SpdmRequester *rq, const SpdmReqExchange *x,
                          size_t have, size_t total)
{
    const SpdmMsgCertificate *v = &x->rsp.certificate;
    uint64_t sum = (uint64_t)have + v->portion_length + v->remainder_length;

    return spdm_req_check(rq, SPDM_CHECK_CERT_SLOT,
                          ((x->rsp.h.param1 ^ x->req.h.param1) &
                           SLOT_MASK) == 0,
                          "CERTIFICATE is of another slot") &&
           spdm_req_check(rq, SPDM_CHECK_CERT_FORM,
                          v->large == x->req.get_certificate.large,
                          "CERTIFICATE has not the form that was asked "
                          "for") &&
           spdm_req_check(rq, SPDM_CHECK_CERT_INFO, info_is_right(rq, x),
                          "CertificateInfo is not that of DIGESTS") &&
           spdm_req_check(rq, SPDM_CHECK_CERT_EMPTY, v->portion_length > 0,
                          "a portion of the chain is empty") &&
           spdm_req_check(rq, SPDM_CHECK_CERT_PORTION, v->portion_length <=
                          x->req.get_certificate.length,
                          "a portion is longer than was asked for") &&
           /* The first answer fixes the total (spec/02 section 3). */
           spdm_req_check(rq, SPDM_CHECK_CERT_REMAINDER,
                          total ? sum == total : sum <= max_chain(v),
                          "portions and remainders do not add up");
}

/* One portion from chain->len on; *left receives the remainder. */
static bool get_portion(SpdmRequester *rq, const ChainQuery *q,
                        uint32_t length, size_t total, GByteArray *chain,
                        uint32_t *left)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    const SpdmMsgCertificate *v = &x.rsp.certificate;

    spdm_req_exchange_init(rq, &x, q->session, SPDM_GET_CERTIFICATE);
    x.req.h.param1 = q->slot | (q->large ? SPDM_CERT_LARGE_CHAIN : 0);
    x.req.get_certificate.large = q->large;
    x.req.get_certificate.offset = chain->len;
    x.req.get_certificate.length = length;
    if (!spdm_req_run(rq, &x) || !check_portion(rq, &x, chain->len, total)) {
        return false;
    }
    g_byte_array_append(chain, v->portion.data, (guint)v->portion.len);
    *left = v->remainder_length;
    if (!q->session) {
        spdm_transcript_append(&rq->conn.b, spdm_req_view(x.req_bytes));
        spdm_transcript_append(&rq->conn.b, spdm_req_view(x.rsp_bytes));
    }
    return true;
}

/* The most that one answer brings, without asking for less on purpose. */
static uint32_t largest_portion(const SpdmRequester *rq, const ChainQuery *q)
{
    uint32_t size = spdm_req_room(rq);

    return q->large ? size - CERTIFICATE_LARGE_HEADER
                    : MIN(size - CERTIFICATE_HEADER, UINT16_MAX);
}

static bool get_chain(SpdmRequester *rq, const ChainQuery *q,
                      uint32_t portion, GByteArray *chain)
{
    uint32_t most = largest_portion(rq, q);
    uint32_t length = portion ? MIN(portion, most) : most;
    uint32_t left = 0;
    size_t total = 0;

    do {
        if (!get_portion(rq, q, total ? MIN(length, left) : length,
                         total, chain, &left)) {
            return false;
        }
        total = total ? total : chain->len + left;
    } while (left);
    return true;
}

static bool get_certificate(SpdmRequester *rq, uint32_t session,
                            uint8_t slot, uint16_t portion)
{
    g_autoptr(GByteArray) chain = g_byte_array_new();
    ChainQuery q = {
        .slot = slot,
        .large = spdm_conn_both(&rq->conn, SPDM_LARGE_RESP_CAP),
    };

    if (!spdm_req_usage(rq, slot < SPDM_SLOT_COUNT, "slots are 0 to 7") ||
        !spdm_req_maybe_session(rq, session, &q.session) ||
        !spdm_req_usage(rq, rq->conn.hash &&
                        (rq->conn.rsp_flags & SPDM_CERT_CAP),
                        "the responder has no certificates, or "
                        "NEGOTIATE_ALGORITHMS is not done") ||
        !get_chain(rq, &q, portion, chain) ||
        !take_chain(rq, &rq->slots[slot], spdm_req_view(chain))) {
        return false;
    }
    if (!q.session) {
        rq->conn.state = MAX(rq->conn.state, SPDM_CONN_AFTER_CERTIFICATE);
    }
    return true;
}

bool spdm_requester_certificate(SpdmRequester *rq, uint32_t session,
                                uint8_t slot, uint16_t portion, GError **errp)
{
    spdm_req_begin(rq, SPDM_GET_CERTIFICATE, session);
    return spdm_req_done(rq, get_certificate(rq, session, slot, portion),
                         errp);
}

bool spdm_requester_set_chain(SpdmRequester *rq, uint8_t slot,
                              const uint8_t *chain, size_t len, GError **errp)
{
    spdm_req_begin(rq, SPDM_GET_CERTIFICATE, 0);
    return spdm_req_done(rq,
        spdm_req_usage(rq, slot < SPDM_SLOT_COUNT, "slots are 0 to 7") &&
        spdm_req_usage(rq, rq->conn.hash,
                       "NEGOTIATE_ALGORITHMS comes first") &&
        take_chain(rq, &rq->slots[slot], SPDM_BYTES(chain, len)), errp);
}

/* The first key in @keys that fits the negotiated algorithm, and its DER. */
static SpdmPublicKey *fitting_key(const SpdmRequester *rq, SpdmBytes keys,
                                  GBytes **spki)
{
    GBytes *der;

    while ((der = spdm_spki_take(&keys))) {
        SpdmPublicKey *key = spdm_public_key_from_spki(
            SPDM_BYTES(g_bytes_get_data(der, NULL), g_bytes_get_size(der)),
            NULL);

        if (key && spdm_public_key_fits(key, rq->conn.asym)) {
            *spki = der;
            return key;
        }
        spdm_public_key_free(key);
        g_bytes_unref(der);
    }
    return NULL;
}

/* What PUB_KEY_ID_CAP stands for: the key was given to us beforehand. */
static bool set_public_key(SpdmRequester *rq, SpdmBytes keys)
{
    g_autoptr(GBytes) spki = NULL;
    SpdmPublicKey *key;

    if (!spdm_req_usage(rq, rq->conn.hash && rq->conn.asym,
                        "NEGOTIATE_ALGORITHMS comes first")) {
        return false;
    }
    key = fitting_key(rq, keys, &spki);
    if (!spdm_req_check(rq, SPDM_CHECK_CHAIN_KEY_TYPE, key,
                        "the public key does not fit the negotiated "
                        "algorithm")) {
        return false;
    }
    remember(rq, &rq->slots[SPDM_REQ_PUBLIC_KEY],
             SPDM_BYTES(g_bytes_get_data(spki, NULL),
                        g_bytes_get_size(spki)), key);
    return true;
}

bool spdm_requester_set_public_key(SpdmRequester *rq, const uint8_t *spki,
                                   size_t len, GError **errp)
{
    spdm_req_begin(rq, SPDM_GET_CERTIFICATE, 0);
    return spdm_req_done(rq, set_public_key(rq, SPDM_BYTES(spki, len)),
                         errp);
}

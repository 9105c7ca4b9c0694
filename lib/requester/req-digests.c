/*
 * GET_DIGESTS / DIGESTS (DSP0274; spec/02 section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"

static bool all_zero(const uint8_t *p, size_t len)
{
    while (len && *p == 0) {
        p++;
        len--;
    }
    return len == 0;
}

/* A multi-key slot that holds a key without a certificate says zeros. */
static bool fits_chain(const SpdmRequester *rq, const SpdmReqSlot *slot,
                       const uint8_t *digest)
{
    size_t h = rq->conn.hash->size;

    return !slot->chain || memcmp(slot->ct_hash, digest, h) == 0 ||
           (rq->conn.multi_key_rsp && all_zero(digest, h));
}

/* What a multi-key DIGESTS says of the @i'th slot that it lists. */
static SpdmSlotKey slot_info(const SpdmMsgDigests *v, unsigned i)
{
    return (SpdmSlotKey){
        .key_pair_id = v->key_pair_ids.data[i],
        .model = v->cert_infos.data[i] & SPDM_CERT_INFO_MODEL_MASK,
        .usage = (uint16_t)(v->key_usages.data[2 * i] |
                            v->key_usages.data[2 * i + 1] << 8),
    };
}

/* DSP0274 1.3 "DIGESTS", additional fields of connections with keys. */
static bool check_info(SpdmRequester *rq, unsigned slot,
                       const SpdmSlotKey *info, const uint8_t *digest)
{
    bool empty = all_zero(digest, rq->conn.hash->size);

    return spdm_req_check(rq, SPDM_CHECK_DIGESTS_KEY_PAIR,
                          info->key_pair_id != 0,
                          "a provisioned slot has KeyPairID 0") &&
           spdm_req_check(rq, SPDM_CHECK_DIGESTS_MODEL,
                          info->model <= SPDM_CERT_MODEL_GENERIC,
                          "CertificateInfo has a reserved value") &&
           spdm_req_check(rq, SPDM_CHECK_DIGESTS_SLOT_0,
                          slot != 0 ||
                          info->model != SPDM_CERT_MODEL_GENERIC,
                          "slot 0 has a generic certificate chain") &&
           spdm_req_check(rq, SPDM_CHECK_DIGESTS_NO_CHAIN,
                          empty == (info->model == SPDM_CERT_MODEL_NONE),
                          "a digest and CertificateInfo do not agree on "
                          "whether there is a chain");
}

static bool check_infos(SpdmRequester *rq, const SpdmReqExchange *x)
{
    const SpdmMsgDigests *v = &x->rsp.digests;
    size_t h = rq->conn.hash->size;
    unsigned n = 0;

    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        if (rq->conn.multi_key_rsp && (x->rsp.h.param2 & 1u << i)) {
            SpdmSlotKey info = slot_info(v, n);

            if (!check_info(rq, i, &info, v->digests.data + n * h)) {
                return false;
            }
            n++;
        }
    }
    return true;
}

static bool take_digests(SpdmRequester *rq, const SpdmReqExchange *x)
{
    const uint8_t *at = x->rsp.digests.digests.data;
    size_t h = rq->conn.hash->size;
    unsigned n = 0;

    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        SpdmReqSlot *slot = &rq->slots[i];

        slot->has_digest = x->rsp.h.param2 & 1u << i;
        if (!slot->has_digest) {
            continue;
        }
        if (!spdm_req_check(rq, SPDM_CHECK_DIGESTS_CHAIN,
                            fits_chain(rq, slot, at),
                            "a digest is not that of the chain which the "
                            "slot held before")) {
            spdm_req_slot_clear(slot); /* whoever it was is not there */
            return false;
        }
        memcpy(slot->digest, at, h);
        if (rq->conn.multi_key_rsp) {
            slot->info = slot_info(&x->rsp.digests, n);
        }
        at += h;
        n++;
    }
    rq->slot_mask = x->rsp.h.param2;
    return true;
}

/* Param1 says from 1.3 on which slots there can be. */
static bool check_masks(SpdmRequester *rq, const SpdmReqExchange *x)
{
    uint8_t supported = rq->conn.version >= SPDM_VERSION_13
                        ? x->rsp.h.param1 : UINT8_MAX;

    return spdm_req_check(rq, SPDM_CHECK_DIGESTS_EMPTY, x->rsp.h.param2,
                          "no slot holds a certificate chain") &&
           spdm_req_check(rq, SPDM_CHECK_DIGESTS_SUPPORTED,
                          !(x->rsp.h.param2 & ~supported),
                          "a slot is provisioned that is not supported");
}

static void commit(SpdmRequester *rq, const SpdmReqExchange *x)
{
    SpdmConn *c = &rq->conn;

    if (x->session) {
        return;
    }
    spdm_transcript_append(&c->b, spdm_req_view(x->req_bytes));
    spdm_transcript_append(&c->b, spdm_req_view(x->rsp_bytes));
    spdm_conn_note_digests(c, spdm_req_view(x->rsp_bytes));
    c->state = MAX(c->state, SPDM_CONN_AFTER_DIGESTS);
}

static bool get_digests(SpdmRequester *rq, uint32_t session)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmSession *s;

    if (!spdm_req_maybe_session(rq, session, &s) ||
        !spdm_req_usage(rq, rq->conn.hash &&
                        (rq->conn.rsp_flags & SPDM_CERT_CAP),
                        "the responder has no certificates, or "
                        "NEGOTIATE_ALGORITHMS is not done")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_GET_DIGESTS);
    if (!spdm_req_run(rq, &x) || !check_masks(rq, &x) ||
        !check_infos(rq, &x) || !take_digests(rq, &x)) {
        return false;
    }
    commit(rq, &x);
    return true;
}

bool spdm_requester_digests(SpdmRequester *rq, uint32_t session,
                            GError **errp)
{
    spdm_req_begin(rq, SPDM_GET_DIGESTS, session);
    return spdm_req_done(rq, get_digests(rq, session), errp);
}

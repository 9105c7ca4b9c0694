/*
 * GET_KEY_PAIR_INFO / KEY_PAIR_INFO and SET_KEY_PAIR_INFO (DSP0274 1.3;
 * spec/02 section 8).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

enum { PQC_SIZE = 4 };

static uint32_t read_mask(SpdmBytes field)
{
    uint32_t mask = 0;

    for (size_t i = 0; i < MIN(field.len, sizeof(mask)); i++) {
        mask |= (uint32_t)field.data[i] << (8 * i);
    }
    return mask;
}

static bool subset(uint32_t v, uint32_t of)
{
    return (v & ~of) == 0;
}

static bool one_algorithm(const SpdmKeyPair *pair)
{
    return !(pair->asym && pair->pqc) && !(pair->asym & (pair->asym - 1)) &&
           !(pair->pqc & (pair->pqc - 1));
}

static SpdmKeyPair pair_of(const SpdmReqExchange *x)
{
    const SpdmMsgKeyPairInfo *v = &x->rsp.key_pair_info;

    return (SpdmKeyPair){
        .total = v->total,
        .id = v->key_pair_id,
        .capabilities = v->capabilities,
        .usage_caps = v->key_usage_caps,
        .usage = v->key_usage,
        .asym_caps = v->asym_caps,
        .asym = v->asym,
        .pqc_caps = read_mask(v->pqc_caps),
        .pqc = read_mask(v->pqc),
        .slots = v->slot_mask,
        .public_key_info = v->public_key_info,
    };
}

static bool check_pair(SpdmRequester *rq, const SpdmReqExchange *x,
                       const SpdmKeyPair *pair)
{
    bool several = pair->slots & (pair->slots - 1);

    return spdm_req_check(rq, SPDM_CHECK_KEY_PAIR_ID,
                          pair->id == x->req.key_pair_info.key_pair_id &&
                          pair->id <= pair->total,
                          "KEY_PAIR_INFO is of another key pair") &&
           spdm_req_check(rq, SPDM_CHECK_KEY_PAIR_USAGE,
                          subset(pair->usage, pair->usage_caps),
                          "a key is used for what it is not capable of") &&
           spdm_req_check(rq, SPDM_CHECK_KEY_PAIR_ALGORITHM,
                          subset(pair->asym, pair->asym_caps) &&
                          subset(pair->pqc, pair->pqc_caps) &&
                          one_algorithm(pair),
                          "a key's algorithm is not one that it is capable "
                          "of") &&
           spdm_req_check(rq, SPDM_CHECK_KEY_PAIR_SLOTS, !several ||
                          (pair->capabilities & SPDM_KEY_PAIR_CAP_SHAREABLE),
                          "a key that is not shareable is that of several "
                          "slots");
}

static bool get_info(SpdmRequester *rq, uint32_t session, uint8_t id,
                     SpdmKeyPair *pair, GBytes **public_key_info)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmSession *s;

    if (!spdm_req_maybe_session(rq, session, &s) ||
        !spdm_req_usage(rq, rq->conn.state >= SPDM_CONN_NEGOTIATED &&
                        (rq->conn.rsp_flags & SPDM_GET_KEY_PAIR_INFO_CAP),
                        "the responder has no GET_KEY_PAIR_INFO_CAP, or "
                        "NEGOTIATE_ALGORITHMS is not done")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_GET_KEY_PAIR_INFO);
    x.req.key_pair_info.key_pair_id = id;
    if (!spdm_req_run(rq, &x)) {
        return false;
    }
    *pair = pair_of(&x);
    *public_key_info = g_bytes_new(pair->public_key_info.data,
                                   pair->public_key_info.len);
    pair->public_key_info = SPDM_BYTES(NULL, 0);
    return check_pair(rq, &x, pair);
}

bool spdm_requester_key_pair(SpdmRequester *rq, uint32_t session, uint8_t id,
                             SpdmKeyPair *pair, GBytes **public_key_info,
                             GError **errp)
{
    g_autoptr(GBytes) info = NULL;
    bool ok;

    spdm_req_begin(rq, SPDM_GET_KEY_PAIR_INFO, session);
    ok = get_info(rq, session, id, pair, &info);
    if (public_key_info) {
        *public_key_info = ok ? g_steal_pointer(&info) : NULL;
    }
    return spdm_req_done(rq, ok, errp);
}

static bool set_info(SpdmRequester *rq, uint32_t session,
                     const SpdmKeyPairChange *c)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmMsgSetKeyPairInfo *v = &x.req.set_key_pair_info;
    uint8_t pqc[PQC_SIZE];
    SpdmSession *s;

    if (!spdm_req_maybe_session(rq, session, &s) ||
        !spdm_req_usage(rq, rq->conn.state >= SPDM_CONN_NEGOTIATED &&
                        (rq->conn.rsp_flags & SPDM_SET_KEY_PAIR_INFO_CAP),
                        "the responder has no SET_KEY_PAIR_INFO_CAP, or "
                        "NEGOTIATE_ALGORITHMS is not done")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_SET_KEY_PAIR_INFO);
    x.crypto = true;
    for (unsigned i = 0; i < PQC_SIZE; i++) {
        pqc[i] = (uint8_t)(c->pqc >> (8 * i));
    }
    x.req.h.param1 = c->operation;
    v->key_pair_id = c->id;
    v->key_usage = c->usage;
    v->asym = c->asym;
    v->slot_mask = c->slots;
    v->pqc = SPDM_BYTES(pqc, c->pqc ? PQC_SIZE : 0);
    return spdm_req_run(rq, &x);
}

bool spdm_requester_set_key_pair(SpdmRequester *rq, uint32_t session,
                                 const SpdmKeyPairChange *change,
                                 GError **errp)
{
    spdm_req_begin(rq, SPDM_SET_KEY_PAIR_INFO, session);
    return spdm_req_done(rq, set_info(rq, session, change), errp);
}

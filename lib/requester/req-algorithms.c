/*
 * NEGOTIATE_ALGORITHMS / ALGORITHMS (DSP0274; spec/02 section 2, spec/03).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

enum {
    ALG_COUNT_FIXED = 0x20,  /* two fixed bytes, no extended algorithms */
};

static bool zero_or_one_bit(uint32_t v)
{
    return (v & (v - 1)) == 0;
}

static bool subset(uint32_t v, uint32_t of)
{
    return (v & ~of) == 0;
}

static uint32_t offered(uint32_t wanted, uint32_t have)
{
    return wanted ? wanted & have : have;
}

static void offer_table(SpdmReqExchange *x, uint8_t type, uint16_t mask)
{
    SpdmMsgAlgorithms *v = &x->req.algorithms;

    if (mask) {
        v->tables[x->req.h.param1++] = (SpdmAlgTable){
            .type = type, .count = ALG_COUNT_FIXED, .supported = mask,
        };
    }
}

/* DSP0274 1.3 ResponderMultiKeyConn: ours to say if MULTI_KEY_CAP is 2. */
static bool wants_multi_key(const SpdmRequester *rq)
{
    uint32_t flags = rq->conn.rsp_flags;

    return spdm_multi_key_fits(flags, true) &&
           (rq->cfg.multi_key || !spdm_multi_key_fits(flags, false));
}

/* ReqBaseAsymAlg and ReqPqcAsymAlg: if we can be authenticated. */
static uint32_t own_asym(const SpdmRequester *rq)
{
    return rq->conn.req_flags & SPDM_MUT_AUTH_CAP
           ? offered(rq->cfg.req_asym,
                     spdm_req_identity_asym(rq, rq->conn.version)) : 0;
}

static void fill_request(SpdmRequester *rq, SpdmReqExchange *x)
{
    SpdmMsgAlgorithms *v = &x->req.algorithms;
    uint8_t version = rq->conn.version;
    uint32_t asym = offered(rq->cfg.asym, spdm_asym_mask(version));
    uint32_t own = own_asym(rq);

    v->measurement_spec = SPDM_MEAS_SPEC_DMTF;
    v->base_asym = spdm_asym_base(asym);
    v->pqc_asym = spdm_asym_pqc(asym);
    v->base_hash = offered(rq->cfg.hash, spdm_hash_mask(version));
    if (version >= SPDM_VERSION_13) {
        v->mel_spec = SPDM_MEL_SPEC_DMTF;
    }
    if (version >= SPDM_VERSION_12) {
        v->other_params = rq->cfg.opaque_formats;
    }
    if (wants_multi_key(rq)) {
        v->other_params |= SPDM_OTHER_PARAMS_MULTI_KEY;
    }
    if (version < SPDM_VERSION_11) {
        return;
    }
    offer_table(x, SPDM_ALG_TYPE_DHE, (uint16_t)
                offered(rq->cfg.dhe, spdm_dhe_mask(version)));
    offer_table(x, SPDM_ALG_TYPE_AEAD, (uint16_t)
                offered(rq->cfg.aead, spdm_aead_mask(version)));
    offer_table(x, SPDM_ALG_TYPE_REQ_ASYM, (uint16_t)spdm_asym_base(own));
    offer_table(x, SPDM_ALG_TYPE_KEY_SCHEDULE, SPDM_KEY_SCHEDULE_SPDM);
    offer_table(x, SPDM_ALG_TYPE_REQ_PQC_ASYM, (uint16_t)spdm_asym_pqc(own));
    offer_table(x, SPDM_ALG_TYPE_KEM, (uint16_t)
                offered(rq->cfg.kem, spdm_kem_mask(version)));
}

/* The selection for @type in @m; tables are few. */
static uint16_t table_of(const SpdmMsg *m, uint8_t type)
{
    for (unsigned i = 0; i < MIN(m->h.param1, SPDM_MAX_ALG_TABLES); i++) {
        if (m->algorithms.tables[i].type == type) {
            return m->algorithms.tables[i].supported;
        }
    }
    return 0;
}

/* DSP0274: the same tables in the same order, each once. */
static bool same_tables(const SpdmReqExchange *x)
{
    const SpdmMsgAlgorithms *rsp = &x->rsp.algorithms;

    if (rsp->table_count != x->req.h.param1) {
        return false;
    }
    for (unsigned i = 0; i < rsp->table_count; i++) {
        if (rsp->tables[i].type != x->req.algorithms.tables[i].type ||
            rsp->tables[i].count != ALG_COUNT_FIXED) {
            return false;
        }
    }
    return true;
}

static bool check_form(SpdmRequester *rq, const SpdmReqExchange *x)
{
    const SpdmMsgAlgorithms *v = &x->rsp.algorithms;

    return spdm_req_check(rq, SPDM_CHECK_ALGS_EXTENDED, v->ext_count == 0,
                          "an extended algorithm was selected") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_TABLES, same_tables(x),
                          "the tables are not those of the request");
}

static bool check_base(SpdmRequester *rq, const SpdmReqExchange *x)
{
    const SpdmMsgAlgorithms *q = &x->req.algorithms, *r = &x->rsp.algorithms;
    uint32_t f = rq->conn.rsp_flags;
    bool signs = (f & (SPDM_CERT_CAP | SPDM_CHAL_CAP | SPDM_KEY_EX_CAP |
                       SPDM_PUB_KEY_ID_CAP)) ||
                 (f & SPDM_MEAS_CAP_MASK) == SPDM_MEAS_CAP_SIG;
    bool hashes = signs || (f & (SPDM_MEAS_CAP_MASK | SPDM_PSK_CAP_MASK));

    return spdm_req_check(rq, SPDM_CHECK_ALGS_HASH_OFFERED,
                          subset(r->base_hash, q->base_hash),
                          "a hash was selected that was not offered") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_HASH_ONE,
                          zero_or_one_bit(r->base_hash),
                          "several hashes were selected") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_HASH_NEEDED,
                          !hashes || r->base_hash,
                          "no hash was selected, and one is needed") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_ASYM_OFFERED,
                          subset(r->base_asym, q->base_asym) &&
                          subset(r->pqc_asym, q->pqc_asym),
                          "a signature algorithm was selected that was not "
                          "offered") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_ASYM_ONE,
                          zero_or_one_bit(r->base_asym) &&
                          zero_or_one_bit(r->pqc_asym) &&
                          !(r->base_asym && r->pqc_asym),
                          "several signature algorithms were selected") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_ASYM_NEEDED,
                          !signs || r->base_asym || r->pqc_asym,
                          "no signature algorithm was selected, and one is "
                          "needed");
}

/* DSP0274 1.4: a DHE group or a KEM, never both. */
static bool check_key_exchange(SpdmRequester *rq, const SpdmReqExchange *x)
{
    uint16_t dhe = table_of(&x->rsp, SPDM_ALG_TYPE_DHE);
    uint16_t kem = table_of(&x->rsp, SPDM_ALG_TYPE_KEM);

    return spdm_req_check(rq, SPDM_CHECK_ALGS_DHE_OFFERED,
                          subset(dhe, table_of(&x->req, SPDM_ALG_TYPE_DHE)),
                          "a DHE group was selected that was not offered") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_DHE_ONE, zero_or_one_bit(dhe),
                          "several DHE groups were selected") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_KEM_OFFERED,
                          subset(kem, table_of(&x->req, SPDM_ALG_TYPE_KEM)),
                          "a KEM was selected that was not offered") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_KEM_ONE,
                          zero_or_one_bit(kem) && !(dhe && kem),
                          "several KEMs were selected, or one beside a DHE "
                          "group") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_DHE_NEEDED, dhe || kem ||
                          !spdm_conn_both(&rq->conn, SPDM_KEY_EX_CAP),
                          "no DHE group or KEM was selected, and one is "
                          "needed");
}

static bool check_aead(SpdmRequester *rq, const SpdmReqExchange *x)
{
    uint16_t aead = table_of(&x->rsp, SPDM_ALG_TYPE_AEAD);

    return spdm_req_check(rq, SPDM_CHECK_ALGS_AEAD_OFFERED,
                          subset(aead, table_of(&x->req,
                                                SPDM_ALG_TYPE_AEAD)),
                          "an AEAD was selected that was not offered") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_AEAD_ONE,
                          zero_or_one_bit(aead),
                          "several AEADs were selected") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_AEAD_NEEDED, aead ||
                          !spdm_conn_both(&rq->conn, SPDM_MAC_CAP |
                                          SPDM_ENCRYPT_CAP),
                          "no AEAD was selected, and one is needed");
}

/* None is fine: the responder does without mutual authentication. */
static bool check_own_asym(SpdmRequester *rq, const SpdmReqExchange *x)
{
    uint16_t selected = table_of(&x->rsp, SPDM_ALG_TYPE_REQ_ASYM);
    uint16_t pqc = table_of(&x->rsp, SPDM_ALG_TYPE_REQ_PQC_ASYM);

    return spdm_req_check(rq, SPDM_CHECK_ALGS_REQ_ASYM_OFFERED,
                          subset(selected, table_of(&x->req,
                                                    SPDM_ALG_TYPE_REQ_ASYM)) &&
                          subset(pqc, table_of(&x->req,
                                               SPDM_ALG_TYPE_REQ_PQC_ASYM)),
                          "a signature algorithm was selected for us that "
                          "was not offered") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_REQ_ASYM_ONE,
                          zero_or_one_bit(selected) && zero_or_one_bit(pqc) &&
                          !(selected && pqc),
                          "several signature algorithms were selected for "
                          "us");
}

static bool check_schedule(SpdmRequester *rq, const SpdmReqExchange *x)
{
    uint16_t schedule = table_of(&x->rsp, SPDM_ALG_TYPE_KEY_SCHEDULE);
    bool sessions = spdm_conn_both(&rq->conn, SPDM_KEY_EX_CAP) ||
                    spdm_conn_psk(&rq->conn);

    return spdm_req_check(rq, SPDM_CHECK_ALGS_SCHEDULE_OFFERED,
                          subset(schedule,
                                 table_of(&x->req,
                                          SPDM_ALG_TYPE_KEY_SCHEDULE)),
                          "a key schedule was selected that was not "
                          "offered") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_SCHEDULE_NEEDED,
                          !sessions || schedule,
                          "no key schedule was selected, and one is "
                          "needed");
}

static bool check_measurements(SpdmRequester *rq, const SpdmReqExchange *x)
{
    const SpdmMsgAlgorithms *r = &x->rsp.algorithms;
    bool needed = rq->conn.rsp_flags & SPDM_MEAS_CAP_MASK;

    return spdm_req_check(rq, SPDM_CHECK_ALGS_MEAS_SPEC_OFFERED,
                          subset(r->measurement_spec, SPDM_MEAS_SPEC_DMTF),
                          "a measurement specification was selected that "
                          "was not offered") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_MEAS_SPEC_NEEDED,
                          !needed || r->measurement_spec,
                          "no measurement specification was selected, and "
                          "MEAS_CAP is set") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_MEAS_HASH_ONE,
                          zero_or_one_bit(r->measurement_hash),
                          "several measurement hashes were selected") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_MEAS_HASH_NEEDED,
                          !r->measurement_spec == !r->measurement_hash,
                          "measurement specification and hash do not go "
                          "together");
}

/* RequesterMultiKeyConnSel. */
static bool says_multi_key(const SpdmReqExchange *x)
{
    return x->rsp.algorithms.other_params & SPDM_OTHER_PARAMS_MULTI_KEY;
}

static bool check_others(SpdmRequester *rq, const SpdmReqExchange *x)
{
    const SpdmMsgAlgorithms *q = &x->req.algorithms, *r = &x->rsp.algorithms;
    uint8_t formats = r->other_params & SPDM_OTHER_PARAMS_OPAQUE_MASK;

    if (rq->conn.version < SPDM_VERSION_12) {
        return true; /* reserved before */
    }
    return spdm_req_check(rq, SPDM_CHECK_ALGS_OPAQUE_OFFERED,
                          subset(formats, q->other_params),
                          "an opaque data format was selected that was not "
                          "offered") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_OPAQUE_ONE,
                          zero_or_one_bit(formats),
                          "several opaque data formats were selected") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_MULTI_KEY,
                          rq->conn.version < SPDM_VERSION_13 ||
                          spdm_multi_key_fits(rq->conn.req_flags,
                                              says_multi_key(x)),
                          "RequesterMultiKeyConnSel is not what our "
                          "MULTI_KEY_CAP allows") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_MEL,
                          subset(r->mel_spec, q->mel_spec),
                          "a measurement log was selected that was not "
                          "offered") &&
           spdm_req_check(rq, SPDM_CHECK_ALGS_MEL_NEEDED, r->mel_spec ||
                          !(rq->conn.rsp_flags & SPDM_MEL_CAP),
                          "no measurement log was selected, and MEL_CAP is "
                          "set");
}

static void commit(SpdmRequester *rq, const SpdmReqExchange *x)
{
    const SpdmMsgAlgorithms *r = &x->rsp.algorithms;
    SpdmConn *c = &rq->conn;

    c->hash = spdm_hash_by_bit(r->base_hash);
    c->asym = spdm_asym_by_bit(spdm_asym_join(r->base_asym, r->pqc_asym));
    c->req_asym = spdm_asym_by_bit(
        spdm_asym_join(table_of(&x->rsp, SPDM_ALG_TYPE_REQ_ASYM),
                       table_of(&x->rsp, SPDM_ALG_TYPE_REQ_PQC_ASYM)));
    c->dhe = spdm_dhe_by_bit(table_of(&x->rsp, SPDM_ALG_TYPE_DHE));
    c->kem = spdm_kem_by_bit(table_of(&x->rsp, SPDM_ALG_TYPE_KEM));
    c->aead = spdm_aead_by_bit(table_of(&x->rsp, SPDM_ALG_TYPE_AEAD));
    c->key_schedule = table_of(&x->rsp, SPDM_ALG_TYPE_KEY_SCHEDULE);
    c->meas_hash = r->measurement_hash;
    c->meas_spec = r->measurement_spec;
    c->mel_spec = c->version >= SPDM_VERSION_13 ? r->mel_spec : 0;
    c->other_params = c->version >= SPDM_VERSION_12 ? r->other_params : 0;
    c->multi_key_rsp = wants_multi_key(rq);
    c->multi_key_req = c->version >= SPDM_VERSION_13 && says_multi_key(x);
    c->state = SPDM_CONN_NEGOTIATED;
    spdm_transcript_append(&c->a, spdm_req_view(x->req_bytes));
    spdm_transcript_append(&c->a, spdm_req_view(x->rsp_bytes));
}

static bool negotiate_algorithms(SpdmRequester *rq)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };

    if (!spdm_req_usage(rq, rq->conn.state == SPDM_CONN_AFTER_CAPABILITIES,
                        "comes directly after GET_CAPABILITIES")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, NULL, SPDM_NEGOTIATE_ALGORITHMS);
    fill_request(rq, &x);
    if (!spdm_req_run(rq, &x) || !check_form(rq, &x) ||
        !check_base(rq, &x) || !check_key_exchange(rq, &x) ||
        !check_aead(rq, &x) ||
        !check_own_asym(rq, &x) || !check_schedule(rq, &x) ||
        !check_measurements(rq, &x) || !check_others(rq, &x)) {
        return false;
    }
    commit(rq, &x);
    return !rq->conn.req_asym || spdm_req_identity_choose(rq);
}

bool spdm_requester_algorithms(SpdmRequester *rq, GError **errp)
{
    spdm_req_begin(rq, SPDM_NEGOTIATE_ALGORITHMS, 0);
    return spdm_req_done(rq, negotiate_algorithms(rq), errp);
}

/*
 * NEGOTIATE_ALGORITHMS -> ALGORITHMS.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/* DSP0274 NEGOTIATE_ALGORITHMS: limits of Length and extended entries. */
enum {
    MAX_LENGTH_10 = 64,
    MAX_LENGTH = 128,
    MAX_EXT_10 = 8,
    MAX_EXT = 20,
};

static SpdmStatus refuse(const char *why)
{
    return spdm_fail(SPDM_ERROR_INVALID_REQUEST, why);
}

static uint8_t last_table(uint8_t version)
{
    return version >= SPDM_VERSION_14 ? SPDM_ALG_TYPE_KEM
                                      : SPDM_ALG_TYPE_KEY_SCHEDULE;
}

static SpdmStatus check_tables(const SpdmTxn *t, const SpdmMsgAlgorithms *v)
{
    uint8_t previous = SPDM_ALG_TYPE_DHE - 1;

    for (unsigned i = 0; i < v->table_count; i++) {
        const SpdmAlgTable *table = &v->tables[i];

        if (table->type <= previous ||
            table->type > last_table(t->conn->version)) {
            return refuse("AlgTypes must ascend from 2 to 5, 7 in 1.4");
        }
        if (!table->supported) {
            return refuse("AlgSupported is empty");
        }
        previous = table->type;
    }
    return SPDM_STATUS_OK;
}

/* OtherParamsSupport: ResponderMultiKeyConn (1.3). */
static bool asks_multi_key(const SpdmMsgAlgorithms *v)
{
    return v->other_params & SPDM_OTHER_PARAMS_MULTI_KEY;
}

static SpdmStatus check_request(const SpdmTxn *t)
{
    const SpdmMsgAlgorithms *v = &t->req.algorithms;
    bool is_10 = t->conn->version == SPDM_VERSION_10;

    if (v->length > (is_10 ? MAX_LENGTH_10 : MAX_LENGTH)) {
        return refuse("Length is above the limit");
    }
    if (v->ext_count > (is_10 ? MAX_EXT_10 : MAX_EXT)) {
        return refuse("too many extended algorithms");
    }
    if (t->conn->version >= SPDM_VERSION_13 &&
        !spdm_multi_key_fits(t->conn->rsp_flags, asks_multi_key(v))) {
        return refuse("ResponderMultiKeyConn is not what our MULTI_KEY_CAP "
                      "allows");
    }
    return check_tables(t, v);
}

/*
 * Each select function returns the first row of its table, strongest first,
 * that both ends and the version have; 0 for none.
 */
static uint32_t select_hash(const SpdmTxn *t, uint32_t offered)
{
    uint32_t mask = offered & t->r->profile->hash &
                    spdm_hash_mask(t->conn->version);

    for (const SpdmHashAlg *alg = spdm_hash_algs; alg->name; alg++) {
        if (alg->bit & mask) {
            return alg->bit;
        }
    }
    return 0;
}

/* In certificates, or as the public key that the requester was given. */
static bool has_key(const SpdmTxn *t, uint32_t asym)
{
    const SpdmProvider *p = &t->r->provider;

    if (t->conn->rsp_flags & SPDM_PUB_KEY_ID_CAP) {
        return p->ops->public_key && p->ops->public_key(p->opaque, asym).len;
    }
    return p->ops->slots(p->opaque, asym);
}

/*
 * Also, the device must have a key for it, and it goes with the hash. Rows of
 * PqcAsymAlgo come first, and one row is all that is selected (1.4).
 */
static uint32_t select_asym(const SpdmTxn *t, uint32_t offered,
                            const SpdmHashAlg *hash)
{
    uint32_t mask = offered & t->r->profile->asym &
                    spdm_asym_mask(t->conn->version);

    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if ((alg->bit & mask) && hash && spdm_asym_takes_hash(alg, hash) &&
            has_key(t, alg->bit)) {
            return alg->bit;
        }
    }
    return 0;
}

static uint16_t select_dhe(const SpdmTxn *t, uint16_t offered)
{
    uint16_t mask = offered & t->r->profile->dhe &
                    spdm_dhe_mask(t->conn->version);

    for (const SpdmDheAlg *alg = spdm_dhe_algs; alg->name; alg++) {
        if (alg->bit & mask) {
            return alg->bit;
        }
    }
    return 0;
}

static uint16_t select_kem(const SpdmTxn *t, uint16_t offered)
{
    uint16_t mask = offered & t->r->profile->kem &
                    spdm_kem_mask(t->conn->version);

    for (const SpdmKemAlg *alg = spdm_kem_algs; alg->name; alg++) {
        if (alg->bit & mask) {
            return alg->bit;
        }
    }
    return 0;
}

static uint16_t select_aead(const SpdmTxn *t, uint16_t offered)
{
    uint16_t mask = offered & t->r->profile->aead &
                    spdm_aead_mask(t->conn->version);

    for (const SpdmAeadAlg *alg = spdm_aead_algs; alg->name; alg++) {
        if (alg->bit & mask) {
            return alg->bit;
        }
    }
    return 0;
}

static uint32_t select_requester(const SpdmTxn *t, uint32_t offered)
{
    uint32_t mask = offered & t->r->profile->req_asym &
                    spdm_asym_mask(t->conn->version);

    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if (alg->bit & mask) {
            return alg->bit;
        }
    }
    return 0;
}

static uint16_t select_req_asym(const SpdmTxn *t, uint16_t offered)
{
    return (uint16_t)select_requester(t, offered);
}

static uint16_t select_req_pqc_asym(const SpdmTxn *t, uint16_t offered)
{
    return (uint16_t)spdm_asym_pqc(
        select_requester(t, spdm_asym_join(0, offered)));
}

static uint16_t select_key_schedule(const SpdmTxn *t, uint16_t offered)
{
    return offered & SPDM_KEY_SCHEDULE_SPDM;
}

static bool needs_exchange(const SpdmConn *c)
{
    return spdm_conn_both(c, SPDM_KEY_EX_CAP);
}

static bool needs_aead(const SpdmConn *c)
{
    return spdm_conn_both(c, SPDM_ENCRYPT_CAP | SPDM_MAC_CAP);
}

static bool needs_req_asym(const SpdmConn *c)
{
    return spdm_conn_both(c, SPDM_MUT_AUTH_CAP);
}

static bool needs_key_schedule(const SpdmConn *c)
{
    return spdm_conn_both(c, SPDM_KEY_EX_CAP) || spdm_conn_psk(c);
}

/*
 * DSP0274 1.4: of a post-quantum algorithm and a classic one for the same
 * purpose exactly one is selected. The profile allows the former explicitly,
 * so that goes first, and the latter is for want of it.
 */
static const struct {
    uint8_t type;
    uint8_t for_want_of;    /* table above this one; 0: none */
    bool optional;          /* another table is for want of this one */
    bool (*needed)(const SpdmConn *conn);
    uint16_t (*select)(const SpdmTxn *t, uint16_t offered);
} tables[] = {
    { SPDM_ALG_TYPE_KEM, 0, true, needs_exchange, select_kem },
    { SPDM_ALG_TYPE_DHE, SPDM_ALG_TYPE_KEM, false, needs_exchange,
      select_dhe },
    { SPDM_ALG_TYPE_AEAD, 0, false, needs_aead, select_aead },
    { SPDM_ALG_TYPE_REQ_PQC_ASYM, 0, true, needs_req_asym,
      select_req_pqc_asym },
    { SPDM_ALG_TYPE_REQ_ASYM, SPDM_ALG_TYPE_REQ_PQC_ASYM, false,
      needs_req_asym, select_req_asym },
    { SPDM_ALG_TYPE_KEY_SCHEDULE, 0, false, needs_key_schedule,
      select_key_schedule },
};

static SpdmAlgTable *find_table(SpdmMsgAlgorithms *v, uint8_t type)
{
    for (unsigned i = 0; i < v->table_count; i++) {
        if (v->tables[i].type == type) {
            return &v->tables[i];
        }
    }
    return NULL;
}

static uint16_t selected(SpdmMsgAlgorithms *v, uint8_t type)
{
    const SpdmAlgTable *table = find_table(v, type);

    return table ? table->supported : 0;
}

/* The response repeats the request's tables with a selection each. */
static bool select_tables(SpdmTxn *t, SpdmMsgAlgorithms *rsp)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tables); i++) {
        SpdmAlgTable *table = find_table(rsp, tables[i].type);
        bool needed = tables[i].needed(t->conn) &&
                      !selected(rsp, tables[i].for_want_of);

        if (table) {
            table->count = 0x20;
            table->supported = needed ?
                tables[i].select(t, table->supported) : 0;
        }
        if (needed && !tables[i].optional &&
            (!table || !table->supported)) {
            return false;
        }
    }
    return true;
}

static uint8_t select_opaque_format(const SpdmTxn *t)
{
    uint8_t both = t->req.algorithms.other_params &
                   t->r->profile->opaque_formats;

    if (t->conn->version < SPDM_VERSION_12) {
        return 0;
    }
    return both & SPDM_OPAQUE_FMT1 ? SPDM_OPAQUE_FMT1
                                   : both & SPDM_OPAQUE_FMT0;
}

/* RequesterMultiKeyConnSel (1.3): a requester that leaves it to us may. */
static uint8_t select_multi_key(const SpdmTxn *t)
{
    return spdm_multi_key_fits(t->conn->req_flags, true) ?
        SPDM_OTHER_PARAMS_MULTI_KEY : 0;
}

static bool select_bases(SpdmTxn *t, SpdmMsgAlgorithms *rsp)
{
    const SpdmMsgAlgorithms *req = &t->req.algorithms;
    uint32_t caps = t->conn->rsp_flags;
    bool signs = caps & (SPDM_CERT_CAP | SPDM_CHAL_CAP | SPDM_KEY_EX_CAP |
                         SPDM_MEAS_CAP_SIG | SPDM_EP_INFO_CAP_SIG);
    bool hashes = signs || (caps & (SPDM_MEAS_CAP_MASK | SPDM_PSK_CAP_MASK));
    uint32_t asym;

    rsp->base_hash = hashes ? select_hash(t, req->base_hash) : 0;
    asym = signs ? select_asym(t, spdm_asym_join(req->base_asym,
                                                 req->pqc_asym),
                               spdm_hash_by_bit(rsp->base_hash)) : 0;
    rsp->base_asym = spdm_asym_base(asym);
    rsp->pqc_asym = spdm_asym_pqc(asym);
    if ((caps & SPDM_MEAS_CAP_MASK) &&
        (req->measurement_spec & SPDM_MEAS_SPEC_DMTF)) {
        rsp->measurement_spec = SPDM_MEAS_SPEC_DMTF;
        rsp->measurement_hash = t->r->profile->measurement_hash;
    }
    if (t->conn->version >= SPDM_VERSION_13 && (caps & SPDM_MEL_CAP)) {
        rsp->mel_spec = req->mel_spec & SPDM_MEL_SPEC_DMTF;
    }
    return (!hashes || rsp->base_hash) && (!signs || asym);
}

SpdmStatus spdm_rsp_algorithms(SpdmTxn *t)
{
    const SpdmMsgAlgorithms *req = &t->req.algorithms;
    SpdmMsgAlgorithms *rsp = &t->rsp.algorithms;
    SpdmStatus st = check_request(t);

    if (st.failed) {
        return st;
    }
    t->rsp.h.param1 = req->table_count;
    rsp->table_count = req->table_count;
    memcpy(rsp->tables, req->tables, sizeof(rsp->tables));
    rsp->other_params = select_opaque_format(t) | select_multi_key(t);
    if (!select_bases(t, rsp) || !select_tables(t, rsp)) {
        return refuse("no algorithm in common where one is needed");
    }
    return SPDM_STATUS_OK;
}

void spdm_commit_algorithms(SpdmTxn *t)
{
    SpdmMsgAlgorithms *v = &t->rsp.algorithms;
    SpdmConn *conn = t->conn;

    conn->hash = spdm_hash_by_bit(v->base_hash);
    conn->asym = spdm_asym_by_bit(spdm_asym_join(v->base_asym, v->pqc_asym));
    conn->dhe = spdm_dhe_by_bit(selected(v, SPDM_ALG_TYPE_DHE));
    conn->kem = spdm_kem_by_bit(selected(v, SPDM_ALG_TYPE_KEM));
    conn->aead = spdm_aead_by_bit(selected(v, SPDM_ALG_TYPE_AEAD));
    conn->req_asym = spdm_asym_by_bit(
        spdm_asym_join(selected(v, SPDM_ALG_TYPE_REQ_ASYM),
                       selected(v, SPDM_ALG_TYPE_REQ_PQC_ASYM)));
    conn->key_schedule = selected(v, SPDM_ALG_TYPE_KEY_SCHEDULE);
    conn->meas_spec = v->measurement_spec;
    conn->mel_spec = v->mel_spec;
    conn->meas_hash = v->measurement_hash;
    conn->other_params = v->other_params;
    conn->multi_key_req = v->other_params & SPDM_OTHER_PARAMS_MULTI_KEY;
    conn->multi_key_rsp = conn->version >= SPDM_VERSION_13 &&
                          asks_multi_key(&t->req.algorithms);
    conn->state = SPDM_CONN_NEGOTIATED;
}

/*
 * GET_MEASUREMENTS / MEASUREMENTS (DSP0274; spec/02 section 4, spec/04
 * section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"

enum {
    SLOT_MASK = 0x0f,
    PUBLIC_KEY_SLOT = 0x0f,
    CHANGED_SHIFT = 4,
    CHANGED_MASK = 3,
    CHANGED_NO_DETECTION = 0,
    CHANGED_NOT = 2,
    INDEX_LAST = 0xfe,
};

static void free_value(gpointer data)
{
    SpdmMeasurementValue *v = data;

    g_bytes_unref(v->value);
    g_free(v);
}

void spdm_measurement_list_clear(SpdmMeasurementList *list)
{
    g_clear_pointer(&list->values, g_ptr_array_unref);
    *list = (SpdmMeasurementList){ .values = NULL };
}

const char *spdm_measurement_type_name(uint8_t type)
{
    static const char *const names[] = {
        "immutable ROM", "mutable firmware", "hardware configuration",
        "firmware configuration", "manifest", "device mode",
        "firmware version", "secure version number", "hash-extended",
        "informational", "structured manifest",
    };

    return type < G_N_ELEMENTS(names) ? names[type] : "reserved type";
}

static void keep_block(SpdmMeasurementList *list, const SpdmMeasBlock *b)
{
    SpdmMeasurementValue *v = g_new(SpdmMeasurementValue, 1);

    *v = (SpdmMeasurementValue){
        .index = b->index,
        .type = b->value_type & (uint8_t)~SPDM_MEAS_TYPE_RAW,
        .raw = b->value_type & SPDM_MEAS_TYPE_RAW,
        .value = g_bytes_new(b->value.data, b->value.len),
    };
    g_ptr_array_add(list->values, v);
}

static bool check_block(SpdmRequester *rq, const SpdmMeasBlock *b,
                        uint8_t asked, uint8_t last)
{
    const SpdmHashAlg *hash = spdm_hash_by_meas_bit(rq->conn.meas_hash);
    bool raw = b->value_type & SPDM_MEAS_TYPE_RAW;

    return spdm_req_check(rq, SPDM_CHECK_MEAS_INDEX, b->index > 0 &&
                          b->index <= INDEX_LAST &&
                          (asked == SPDM_MEAS_OP_ALL || b->index == asked),
                          "a measurement block has an index that was not "
                          "asked for") &&
           spdm_req_check(rq, SPDM_CHECK_MEAS_ORDER, b->index > last,
                          "measurement blocks are not in ascending order") &&
           spdm_req_check(rq, SPDM_CHECK_MEAS_SPEC,
                          b->spec == SPDM_MEAS_SPEC_DMTF,
                          "a measurement block is not of the DMTF "
                          "specification") &&
           spdm_req_check(rq, SPDM_CHECK_MEAS_VALUE,
                          raw || (hash && b->value.len == hash->size),
                          "a measured digest is not as long as the "
                          "measurement hash");
}

/*
 * spec/02 section 4: blocks fill the record exactly (libspdm 96a7a396), and
 * there are as many as NumberOfBlocks says.
 */
static bool parse_record(SpdmRequester *rq, const SpdmMsgMeasurements *v,
                         uint8_t asked, SpdmMeasurementList *list)
{
    static const SpdmWireCtx ctx;
    SpdmCoder c = spdm_coder_reader(&ctx, v->record);
    unsigned count = 0;
    uint8_t last = 0;

    while (spdm_coder_ok(&c) && spdm_coder_left(&c)) {
        SpdmMeasBlock b = { .index = 0 };

        spdm_code_meas_block(&c, &b);
        if (!spdm_coder_ok(&c)) {
            break;
        }
        if (!check_block(rq, &b, asked, last)) {
            return false;
        }
        last = b.index;
        count++;
        keep_block(list, &b);
    }
    return spdm_req_check(rq, SPDM_CHECK_MEAS_RECORD, spdm_coder_ok(&c),
                          "measurement blocks do not fill the record") &&
           spdm_req_check(rq, SPDM_CHECK_MEAS_NUMBER,
                          count == v->block_count &&
                          (asked == SPDM_MEAS_OP_ALL || count == 1),
                          "NumberOfBlocks is not the number of blocks");
}

static bool take_record(SpdmRequester *rq, const SpdmReqExchange *x,
                        SpdmMeasurementList *list)
{
    const SpdmMsgMeasurements *v = &x->rsp.measurements;
    uint8_t asked = x->req.h.param2;

    if (asked == SPDM_MEAS_OP_COUNT) {
        list->total = x->rsp.h.param1;
        return spdm_req_check(rq, SPDM_CHECK_MEAS_COUNT,
                              v->block_count == 0 && v->record.len == 0,
                              "measurements come where only their number "
                              "was asked for");
    }
    if (!parse_record(rq, v, asked, list)) {
        return false;
    }
    if (asked == SPDM_MEAS_OP_ALL && !(x->req.h.param1 & SPDM_MEAS_REQ_RAW)) {
        spdm_hash(rq->conn.hash, &v->record, 1, rq->summary.seen);
        rq->summary.seen_valid = true;
        return spdm_req_compare_summary(rq);
    }
    return true;
}

/* Param2 of a signed answer: slot, and (1.2) whether something moved. */
static bool check_params(SpdmRequester *rq, const SpdmReqExchange *x,
                         SpdmMeasurementList *list)
{
    uint8_t want = x->req.get_measurements.slot & SLOT_MASK;
    uint8_t changed = x->rsp.h.param2 >> CHANGED_SHIFT & CHANGED_MASK;

    if (!(x->req.h.param1 & SPDM_MEAS_REQ_SIGNATURE)) {
        return true;
    }
    list->content_changed = rq->conn.version >= SPDM_VERSION_12 ? changed : 0;
    return spdm_req_check(rq, SPDM_CHECK_MEAS_SLOT,
                          rq->conn.version < SPDM_VERSION_11 ||
                          (x->rsp.h.param2 & SLOT_MASK) == want,
                          "MEASUREMENTS are signed by another slot") &&
           spdm_req_check(rq, SPDM_CHECK_MEAS_CHANGED,
                          list->content_changed == CHANGED_NO_DETECTION ||
                          list->content_changed == CHANGED_NOT,
                          "measurements changed while they were read");
}

static bool check_rest(SpdmRequester *rq, const SpdmReqExchange *x)
{
    const SpdmMsgMeasurements *v = &x->rsp.measurements;
    const SpdmBytes *context = &x->req.get_measurements.context;

    return spdm_req_check_opaque(rq, v->opaque) &&
           spdm_req_check(rq, SPDM_CHECK_MEAS_CONTEXT, v->context.len == 0 ||
                          memcmp(v->context.data, context->data,
                                 v->context.len) == 0,
                          "RequesterContext is not ours");
}

static bool signature_is_good(SpdmRequester *rq, const SpdmReqExchange *x,
                              const SpdmReqSlot *slot)
{
    g_autoptr(GByteArray) l1 = g_byte_array_new();

    return spdm_conn_l1_bytes(&rq->conn, x->session, l1) &&
           spdm_req_verify(rq, slot, SPDM_CONTEXT_MEASUREMENTS, l1,
                           x->rsp.measurements.signature);
}

/* L1 grows by the pair; a signature ends it, good or bad. */
static bool check_signature(SpdmRequester *rq, const SpdmReqExchange *x,
                            const SpdmReqSlot *slot,
                            SpdmMeasurementList *list)
{
    SpdmTranscript *l1 = spdm_conn_l1(&rq->conn, x->session);

    spdm_transcript_append(l1, spdm_req_view(x->req_bytes));
    spdm_transcript_append(l1, spdm_req_view_but(
        x->rsp_bytes, x->rsp.measurements.signature.len));
    if (!slot) {
        return true;
    }
    if (!spdm_req_check(rq, SPDM_CHECK_MEAS_SIGNATURE,
                        signature_is_good(rq, x, slot),
                        "the signature does not verify")) {
        return false;
    }
    spdm_transcript_reset(l1);
    list->verified = true;
    return true;
}

static bool usage(SpdmRequester *rq, const SpdmMeasurementQuery *q)
{
    uint32_t meas = rq->conn.rsp_flags & SPDM_MEAS_CAP_MASK;

    return spdm_req_usage(rq, rq->conn.hash && meas,
                          "the responder has no MEAS_CAP, or "
                          "NEGOTIATE_ALGORITHMS is not done") &&
           spdm_req_usage(rq, !q->sign || meas == SPDM_MEAS_CAP_SIG,
                          "the responder does not sign measurements") &&
           spdm_req_usage(rq, !q->sign || q->slot == 0 ||
                          rq->conn.version >= SPDM_VERSION_11,
                          "SPDM 1.0 signs by slot 0 only");
}

static void fill_request(SpdmRequester *rq, SpdmReqExchange *x,
                         const SpdmMeasurementQuery *q, uint8_t *nonce,
                         uint8_t *context)
{
    uint8_t version = rq->conn.version;

    spdm_rng_fill(&rq->rng, nonce, SPDM_NONCE_SIZE);
    spdm_rng_fill(&rq->rng, context, SPDM_CONTEXT_SIZE);
    x->crypto = q->sign;
    x->ctx.has_signature = q->sign;
    x->req.h.param1 = (q->sign ? SPDM_MEAS_REQ_SIGNATURE : 0) |
        (q->raw && version >= SPDM_VERSION_12 ? SPDM_MEAS_REQ_RAW : 0) |
        (q->fresh && version >= SPDM_VERSION_13 ? SPDM_MEAS_REQ_NEW : 0);
    x->req.h.param2 = q->index;
    x->req.get_measurements.nonce = SPDM_BYTES(nonce, SPDM_NONCE_SIZE);
    x->req.get_measurements.slot = q->slot == SPDM_SLOT_PUBLIC_KEY
                                   ? PUBLIC_KEY_SLOT : q->slot;
    x->req.get_measurements.context = SPDM_BYTES(context,
                                                 SPDM_CONTEXT_SIZE);
}

static bool get_measurements(SpdmRequester *rq, uint32_t session,
                             const SpdmMeasurementQuery *q,
                             SpdmMeasurementList *list)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    uint8_t nonce[SPDM_NONCE_SIZE], context[SPDM_CONTEXT_SIZE];
    const SpdmReqSlot *slot = NULL;
    SpdmSession *s;

    if (!spdm_req_maybe_session(rq, session, &s) || !usage(rq, q)) {
        return false;
    }
    if (q->sign) {
        slot = spdm_req_signer(rq, q->slot, SPDM_KEY_USAGE_MEASUREMENT);
        if (!slot) {
            return false;
        }
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_GET_MEASUREMENTS);
    fill_request(rq, &x, q, nonce, context);
    return spdm_req_run(rq, &x) && check_params(rq, &x, list) &&
           check_rest(rq, &x) && check_signature(rq, &x, slot, list) &&
           take_record(rq, &x, list);
}

bool spdm_requester_measurements(SpdmRequester *rq, uint32_t session,
                                 const SpdmMeasurementQuery *query,
                                 SpdmMeasurementList *list, GError **errp)
{
    g_auto(SpdmMeasurementList) found = {
        .values = g_ptr_array_new_with_free_func(free_value),
    };
    SpdmSession *s = spdm_conn_session(&rq->conn, session);
    bool ok;

    spdm_req_begin(rq, SPDM_GET_MEASUREMENTS, session);
    ok = get_measurements(rq, session, query, &found);
    if (!ok) {
        /* The peer resets it at ERROR, and of a lie we keep nothing. */
        spdm_transcript_reset(spdm_conn_l1(&rq->conn, session ? s : NULL));
    } else if (list) {
        *list = found;
        found = (SpdmMeasurementList){ .values = NULL };
    }
    return spdm_req_done(rq, ok, errp);
}

/*
 * GET_MEASUREMENTS -> MEASUREMENTS.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

enum { SLOT_MASK = 0x0f, MAX_RECORD = 0xffffff };

/* Param2 bits 5:4 of a signed response from 1.2 on. */
enum { CONTENT_CHANGED = 1 << 4, CONTENT_NOT_CHANGED = 2 << 4 };

static bool is_signed(const SpdmTxn *t)
{
    return t->req.h.param1 & SPDM_MEAS_REQ_SIGNATURE;
}

static uint8_t slot_of(const SpdmTxn *t)
{
    return spdm_slot_from_nibble(t->req.get_measurements.slot);
}

static SpdmStatus check_request(const SpdmTxn *t)
{
    if (!t->conn->meas_spec || !t->conn->meas_hash) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "no measurement specification was negotiated");
    }
    if (!is_signed(t)) {
        return SPDM_STATUS_OK;
    }
    if (!(t->conn->rsp_flags & SPDM_MEAS_CAP_SIG)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "signed measurements without MEAS_CAP 2");
    }
    return spdm_txn_check_signer(t, slot_of(t), SPDM_KEY_USAGE_MEASUREMENT);
}

static SpdmStatus fill_record(SpdmTxn *t)
{
    SpdmMsgMeasurements *rsp = &t->rsp.measurements;
    GByteArray *record = spdm_txn_array(t);
    const SpdmMeasureQuery query = {
        .index = t->req.h.param2,
        .raw = t->conn->version >= SPDM_VERSION_12 &&
               (t->req.h.param1 & SPDM_MEAS_REQ_RAW),
        .pending = t->conn->version >= SPDM_VERSION_13 &&
                   (t->req.h.param1 & SPDM_MEAS_REQ_NEW),
    };
    unsigned count;

    if (query.index == SPDM_MEAS_OP_COUNT) {
        t->rsp.h.param1 = (uint8_t)spdm_measure_count(t);
        return SPDM_STATUS_OK;
    }
    count = spdm_measure(t, &query, record);
    if (!count && query.index != SPDM_MEAS_OP_ALL) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "there is no measurement of this index");
    }
    if (record->len > MAX_RECORD) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED,
                         "the measurements exceed one record");
    }
    rsp->block_count = (uint8_t)count;
    rsp->record = spdm_array_view(record);
    return SPDM_STATUS_OK;
}

/*
 * The nonce is sent with unsigned measurements too (1.0 on). A device that
 * signs nothing, and has no responder context, may have no random numbers.
 */
static SpdmBytes make_nonce(SpdmTxn *t)
{
    if (!t->conn->asym && !(t->conn->rsp_flags & SPDM_PSK_CAP_WITH_CONTEXT)) {
        return SPDM_BYTES(spdm_txn_alloc(t, SPDM_NONCE_SIZE),
                          SPDM_NONCE_SIZE);
    }
    return spdm_txn_random(t, SPDM_NONCE_SIZE);
}

static SpdmMeasWatch *watch_of(SpdmTxn *t)
{
    return t->session ? &t->session->watch : &t->conn->watch;
}

static bool begins_l1(SpdmTxn *t)
{
    return spdm_transcript_view(spdm_conn_l1(t->conn, t->session)).len == 0;
}

/*
 * DSP0274 MEASUREMENTS "content changed": whether what this signature is over
 * is still so. The first read of L1/L2 noted what everything was like then.
 */
static uint8_t content_changed(SpdmTxn *t)
{
    const SpdmMeasWatch *watch = watch_of(t);
    uint8_t now[SPDM_MAX_HASH];

    if (t->conn->version < SPDM_VERSION_12) {
        return 0;
    }
    if (begins_l1(t)) {
        return CONTENT_NOT_CHANGED;
    }
    spdm_measure_digest(t, now);
    return watch->changed ||
           memcmp(now, watch->digest, t->conn->hash->size) != 0
           ? CONTENT_CHANGED : CONTENT_NOT_CHANGED;
}

SpdmStatus spdm_rsp_measurements(SpdmTxn *t)
{
    SpdmMsgMeasurements *rsp = &t->rsp.measurements;
    SpdmStatus st = check_request(t);

    if (!st.failed) {
        st = fill_record(t);
    }
    if (st.failed) {
        return st;
    }
    t->wire.has_signature = is_signed(t);
    if (is_signed(t)) {
        t->rsp.h.param2 = (slot_of(t) & SLOT_MASK) | content_changed(t);
    }
    rsp->nonce = make_nonce(t);
    rsp->opaque = spdm_txn_opaque(t);
    rsp->context = t->req.get_measurements.context;
    return SPDM_STATUS_OK;
}

/* L1/L2: all exchanges since the last reset, this one without Signature. */
SpdmStatus spdm_finish_measurements(SpdmTxn *t)
{
    g_autoptr(GByteArray) l1 = g_byte_array_new();
    SpdmBytes exchange = spdm_txn_exchange(t);

    if (!is_signed(t)) {
        return SPDM_STATUS_OK;
    }
    if (!spdm_conn_l1_bytes(t->conn, t->session, l1)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "L1/L2 has overflown");
    }
    g_byte_array_append(l1, exchange.data, (guint)exchange.len);
    return spdm_txn_sign(t, slot_of(t), SPDM_CONTEXT_MEASUREMENTS,
                         spdm_array_view(l1));
}

void spdm_commit_measurements(SpdmTxn *t)
{
    SpdmTranscript *l1 = spdm_conn_l1(t->conn, t->session);

    if (is_signed(t)) {
        spdm_transcript_reset(l1);
        return;
    }
    if (begins_l1(t)) {
        watch_of(t)->changed = false;
        spdm_measure_digest(t, watch_of(t)->digest);
    }
    spdm_transcript_append(l1, spdm_txn_exchange(t));
}

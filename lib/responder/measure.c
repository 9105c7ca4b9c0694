/*
 * Measurement blocks, and the summary hash over them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/*
 * What the device has for this connection: types that came with 1.3 are not
 * shown to older versions. @pending: as they will be after an update, where
 * the device knows.
 */
static GPtrArray *measurements(const SpdmTxn *t, bool pending)
{
    const SpdmProvider *p = &t->r->provider;
    GPtrArray *all = pending && p->ops->new_measurements
                     ? p->ops->new_measurements(p->opaque)
                     : p->ops->measurements(p->opaque);

    for (guint i = all->len; t->conn->version < SPDM_VERSION_13 && i--;) {
        const SpdmMeasurement *m = g_ptr_array_index(all, i);

        if (m->type >= SPDM_MEAS_TYPE_HASH_EXTENDED) {
            g_ptr_array_remove_index(all, i);
        }
    }
    return all;
}

static SpdmBytes bytes_of(GBytes *raw)
{
    return raw ? SPDM_BYTES(g_bytes_get_data(raw, NULL),
                            g_bytes_get_size(raw)) : SPDM_BYTES(NULL, 0);
}

/*
 * DSP0274 "DMTF specification for the Measurement field": bit 7 of the type
 * tells a raw bit stream from a digest. A hash-extended measurement is a
 * digest always.
 */
static void append_block(const SpdmTxn *t, const SpdmMeasurement *m,
                         bool raw, GByteArray *record)
{
    const SpdmHashAlg *hash = spdm_hash_by_meas_bit(t->conn->meas_hash);
    SpdmBytes value = bytes_of(m->raw);
    SpdmMeasBlock block = {
        .index = m->index,
        .spec = SPDM_MEAS_SPEC_DMTF,
        .value_type = m->type,
        .value = value,
    };
    SpdmCoder c = spdm_coder_writer(NULL, record);
    uint8_t digest[SPDM_MAX_HASH];

    if (m->type == SPDM_MEAS_TYPE_HASH_EXTENDED && hash) {
        spdm_mel_extend(t, m->index, hash, digest);
        block.value = SPDM_BYTES(digest, hash->size);
    } else if (raw || m->raw_only || !hash) {
        block.value_type |= SPDM_MEAS_TYPE_RAW;
    } else {
        spdm_hash(hash, &value, 1, digest);
        block.value = SPDM_BYTES(digest, hash->size);
    }
    spdm_code_meas_block(&c, &block);
}

unsigned spdm_measure(const SpdmTxn *t, const SpdmMeasureQuery *query,
                      GByteArray *record)
{
    g_autoptr(GPtrArray) all = measurements(t, query->pending);
    unsigned count = 0;

    for (unsigned i = 0; i < all->len; i++) {
        const SpdmMeasurement *m = g_ptr_array_index(all, i);

        if (query->index == SPDM_MEAS_OP_ALL || query->index == m->index) {
            append_block(t, m, query->raw, record);
            count++;
        }
    }
    return count;
}

unsigned spdm_measure_count(const SpdmTxn *t)
{
    g_autoptr(GPtrArray) all = measurements(t, false);

    return all->len;
}

void spdm_measure_digest(const SpdmTxn *t, uint8_t *out)
{
    static const SpdmMeasureQuery everything = {
        .index = SPDM_MEAS_OP_ALL, .raw = true,
    };
    g_autoptr(GByteArray) record = g_byte_array_new();
    SpdmBytes view;

    spdm_measure(t, &everything, record);
    view = spdm_array_view(record);
    spdm_hash(t->conn->hash, &view, 1, out);
}

SpdmStatus spdm_check_summary(const SpdmTxn *t, uint8_t type)
{
    if (type == SPDM_SUMMARY_NONE) {
        return SPDM_STATUS_OK;
    }
    if (type != SPDM_SUMMARY_TCB && type != SPDM_SUMMARY_ALL) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "the measurement summary type is not 0, 1 or 0xFF");
    }
    if (!t->conn->meas_spec) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "a measurement summary, but no measurements "
                         "were negotiated");
    }
    return SPDM_STATUS_OK;
}

SpdmBytes spdm_measure_summary(SpdmTxn *t, uint8_t type)
{
    g_autoptr(GByteArray) blocks = g_byte_array_new();
    g_autoptr(GPtrArray) all = NULL;
    uint8_t *hash;
    SpdmBytes view;

    t->wire.has_summary = type != SPDM_SUMMARY_NONE;
    if (!t->wire.has_summary) {
        return SPDM_BYTES(NULL, 0);
    }
    all = measurements(t, false);
    for (unsigned i = 0; i < all->len; i++) {
        const SpdmMeasurement *m = g_ptr_array_index(all, i);

        if (type == SPDM_SUMMARY_ALL || m->tcb) {
            append_block(t, m, false, blocks);
        }
    }
    hash = spdm_txn_alloc(t, t->conn->hash->size);
    view = spdm_array_view(blocks);
    spdm_hash(t->conn->hash, &view, 1, hash);
    return SPDM_BYTES(hash, t->conn->hash->size);
}

/*
 * GET_MEASUREMENT_EXTENSION_LOG -> MEASUREMENT_EXTENSION_LOG, and the
 * measurements that follow from the log.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"
#include "wire/elements.h"

/* Header, PortionLength, RemainderLength. */
enum { MEL_FIXED = 12 };

static GPtrArray *entries_of(const SpdmTxn *t)
{
    const SpdmProvider *p = &t->r->provider;

    return p->ops->mel ? p->ops->mel(p->opaque) : NULL;
}

/* MELIndex counts from 1 in the order of the log. */
static SpdmMelItem item_of(const GPtrArray *entries, guint i)
{
    const SpdmMelEntry *entry = g_ptr_array_index(entries, i);

    return (SpdmMelItem){
        .index = i + 1,
        .meas_index = entry->meas_index,
        .value_type = entry->type | SPDM_MEAS_TYPE_RAW,
        .value = SPDM_BYTES(g_bytes_get_data(entry->raw, NULL),
                            g_bytes_get_size(entry->raw)),
    };
}

/* The whole log; false when the device has none now. */
static bool encode_log(const SpdmTxn *t, GByteArray *out)
{
    g_autoptr(GPtrArray) entries = entries_of(t);
    g_autoptr(GByteArray) body = g_byte_array_new();
    SpdmCoder items = spdm_coder_writer(NULL, body);
    SpdmCoder c = spdm_coder_writer(NULL, out);
    SpdmMelHead head;

    if (!entries) {
        return false;
    }
    for (guint i = 0; i < entries->len; i++) {
        SpdmMelItem item = item_of(entries, i);

        spdm_code_mel_item(&items, &item);
    }
    head = (SpdmMelHead){ .count = entries->len, .length = body->len };
    spdm_code_mel_head(&c, &head);
    g_byte_array_append(out, body->data, body->len);
    return spdm_coder_ok(&items);
}

/*
 * DSP0274 "Hash-extend measurements": the value is zero at first, then for
 * each entry the hash over the value so far and the entry as it is logged.
 */
void spdm_mel_extend(const SpdmTxn *t, uint8_t index,
                     const SpdmHashAlg *hash, uint8_t *out)
{
    g_autoptr(GPtrArray) entries = entries_of(t);

    memset(out, 0, hash->size);
    for (guint i = 0; entries && i < entries->len; i++) {
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        SpdmCoder c = spdm_coder_writer(NULL, bytes);
        SpdmMelItem item = item_of(entries, i);
        SpdmBytes parts[2];

        if (item.meas_index == index) {
            spdm_code_mel_item(&c, &item);
            parts[0] = SPDM_BYTES(out, hash->size);
            parts[1] = spdm_array_view(bytes);
            spdm_hash(hash, parts, G_N_ELEMENTS(parts), out);
        }
    }
}

SpdmStatus spdm_rsp_mel(SpdmTxn *t)
{
    const SpdmMsgGetMel *req = &t->req.get_mel;
    SpdmMsgMel *rsp = &t->rsp.mel;
    GByteArray *log = spdm_txn_array(t);
    size_t room = spdm_txn_room(t) - MEL_FIXED, left;

    if (!t->conn->mel_spec) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "no MELspecification was negotiated");
    }
    if (!encode_log(t, log)) {
        return spdm_fail(SPDM_ERROR_OPERATION_FAILED,
                         "the log cannot be had now");
    }
    if (req->offset >= log->len) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "Offset is past the end of the log");
    }
    left = log->len - req->offset;
    rsp->portion_length = (uint32_t)MIN(MIN(left, req->length), room);
    rsp->remainder_length = (uint32_t)left - rsp->portion_length;
    rsp->portion = SPDM_BYTES(log->data + req->offset, rsp->portion_length);
    return SPDM_STATUS_OK;
}

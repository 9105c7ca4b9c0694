/*
 * GET_MEASUREMENT_EXTENSION_LOG / MEASUREMENT_EXTENSION_LOG (DSP0274 1.3;
 * spec/02 section 4), and what the log makes of hash-extended measurements.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"
#include "wire/elements.h"

enum {
    MEL_FIXED = 12,          /* header, PortionLength, RemainderLength */
    MAX_LOG = 1 << 20,       /* a peer's log is held no longer than this */
};

static void free_value(gpointer data)
{
    SpdmMelValue *v = data;

    g_bytes_unref(v->value);
    g_free(v);
}

void spdm_mel_log_clear(SpdmMelLog *log)
{
    g_clear_pointer(&log->bytes, g_bytes_unref);
    g_clear_pointer(&log->entries, g_ptr_array_unref);
}

static bool check_portion(SpdmRequester *rq, const SpdmReqExchange *x,
                          size_t have, size_t total)
{
    const SpdmMsgMel *v = &x->rsp.mel;
    uint64_t sum = (uint64_t)have + v->portion_length + v->remainder_length;

    return spdm_req_check(rq, SPDM_CHECK_MEL_EMPTY, v->portion_length > 0,
                          "a portion of the log is empty") &&
           spdm_req_check(rq, SPDM_CHECK_MEL_PORTION,
                          v->portion_length <= x->req.get_mel.length,
                          "a portion is longer than was asked for") &&
           /* The first answer fixes the total. */
           spdm_req_check(rq, SPDM_CHECK_MEL_REMAINDER,
                          total ? sum == total : sum <= MAX_LOG,
                          "portions and remainders do not add up, or to "
                          "more than 1 MiB");
}

static bool get_portion(SpdmRequester *rq, SpdmSession *s, uint32_t length,
                        size_t total, GByteArray *log, uint32_t *left)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    const SpdmMsgMel *v = &x.rsp.mel;

    spdm_req_exchange_init(rq, &x, s, SPDM_GET_MEASUREMENT_EXTENSION_LOG);
    x.req.get_mel.offset = log->len;
    x.req.get_mel.length = length;
    if (!spdm_req_run(rq, &x) || !check_portion(rq, &x, log->len, total)) {
        return false;
    }
    g_byte_array_append(log, v->portion.data, (guint)v->portion.len);
    *left = v->remainder_length;
    return true;
}

static bool get_log(SpdmRequester *rq, SpdmSession *s, uint32_t portion,
                    GByteArray *log)
{
    uint32_t most = spdm_req_room(rq) - MEL_FIXED;
    uint32_t length = portion ? MIN(portion, most) : most;
    uint32_t left = 0;
    size_t total = 0;

    do {
        if (!get_portion(rq, s, total ? MIN(length, left) : length, total,
                         log, &left)) {
            return false;
        }
        total = total ? total : log->len + left;
    } while (left);
    return true;
}

static void keep_entry(GPtrArray *entries, const SpdmMelItem *item)
{
    SpdmMelValue *v = g_new(SpdmMelValue, 1);

    *v = (SpdmMelValue){
        .index = item->index,
        .measurement = item->meas_index,
        .type = item->value_type & (uint8_t)~SPDM_MEAS_TYPE_RAW,
        .raw = item->value_type & SPDM_MEAS_TYPE_RAW,
        .value = g_bytes_new(item->value.data, item->value.len),
    };
    g_ptr_array_add(entries, v);
}

/* Entries fill the log exactly, as many as its head says. */
static bool parse_log(SpdmRequester *rq, SpdmBytes log, GPtrArray *entries)
{
    static const SpdmWireCtx ctx;
    SpdmCoder c = spdm_coder_reader(&ctx, log);
    SpdmMelHead head;
    uint32_t last = 0;

    spdm_code_mel_head(&c, &head);
    if (!spdm_req_check(rq, SPDM_CHECK_MEL_ENTRIES, spdm_coder_ok(&c) &&
                        head.length == spdm_coder_left(&c),
                        "MELEntriesLength is not that of the log")) {
        return false;
    }
    while (spdm_coder_left(&c)) {
        SpdmMelItem item = { .index = 0 };

        spdm_code_mel_item(&c, &item);
        if (!spdm_coder_ok(&c)) {
            break;
        }
        if (!spdm_req_check(rq, SPDM_CHECK_MEL_ORDER, item.index > last,
                            "entries are not in ascending order")) {
            return false;
        }
        last = item.index;
        keep_entry(entries, &item);
    }
    return spdm_req_check(rq, SPDM_CHECK_MEL_ENTRIES, spdm_coder_ok(&c) &&
                          entries->len == head.count,
                          "entries do not fill the log, or are not as many "
                          "as it says");
}

static bool get_mel(SpdmRequester *rq, uint32_t session, uint32_t portion,
                    SpdmMelLog *found)
{
    g_autoptr(GByteArray) log = g_byte_array_new();
    SpdmSession *s;

    if (!spdm_req_maybe_session(rq, session, &s) ||
        !spdm_req_usage(rq, rq->conn.mel_spec,
                        "no measurement extension log was negotiated") ||
        !get_log(rq, s, portion, log) ||
        !parse_log(rq, spdm_req_view(log), found->entries)) {
        return false;
    }
    found->bytes = g_byte_array_free_to_bytes(g_steal_pointer(&log));
    return true;
}

bool spdm_requester_mel(SpdmRequester *rq, uint32_t session,
                        uint32_t portion, SpdmMelLog *log, GError **errp)
{
    g_auto(SpdmMelLog) found = {
        .entries = g_ptr_array_new_with_free_func(free_value),
    };
    bool ok;

    spdm_req_begin(rq, SPDM_GET_MEASUREMENT_EXTENSION_LOG, session);
    ok = get_mel(rq, session, portion, &found);
    if (ok && log) {
        *log = found;
        found = (SpdmMelLog){ .bytes = NULL };
    }
    return spdm_req_done(rq, ok, errp);
}

/* The entry as it stands in the log: that is what is hashed. */
static void encode_entry(const SpdmMelValue *v, GByteArray *out)
{
    SpdmCoder c = spdm_coder_writer(NULL, out);
    SpdmMelItem item = {
        .index = v->index,
        .meas_index = v->measurement,
        .value_type = v->type | (v->raw ? SPDM_MEAS_TYPE_RAW : 0),
        .value = SPDM_BYTES(g_bytes_get_data(v->value, NULL),
                            g_bytes_get_size(v->value)),
    };

    spdm_code_mel_item(&c, &item);
}

/* DSP0274 "Hash-extend measurements": zeros, extended entry by entry. */
static void extend(const SpdmHashAlg *hash, const SpdmMelLog *log,
                   uint8_t index, uint8_t *out)
{
    memset(out, 0, hash->size);
    for (guint i = 0; i < log->entries->len; i++) {
        const SpdmMelValue *v = g_ptr_array_index(log->entries, i);
        g_autoptr(GByteArray) bytes = g_byte_array_new();
        SpdmBytes parts[2];

        if (v->measurement == index) {
            encode_entry(v, bytes);
            parts[0] = SPDM_BYTES(out, hash->size);
            parts[1] = spdm_req_view(bytes);
            spdm_hash(hash, parts, G_N_ELEMENTS(parts), out);
        }
    }
}

static bool is_extended(SpdmRequester *rq, const SpdmMelLog *log,
                        const SpdmMeasurementValue *m)
{
    const SpdmHashAlg *hash = spdm_hash_by_meas_bit(rq->conn.meas_hash);
    uint8_t want[SPDM_MAX_HASH];

    if (!hash || m->raw || g_bytes_get_size(m->value) != hash->size) {
        return false;
    }
    extend(hash, log, m->index, want);
    return memcmp(want, g_bytes_get_data(m->value, NULL), hash->size) == 0;
}

bool spdm_requester_mel_verify(SpdmRequester *rq, const SpdmMelLog *log,
                               const SpdmMeasurementList *list,
                               GError **errp)
{
    bool ok = true;

    spdm_req_begin(rq, SPDM_GET_MEASUREMENT_EXTENSION_LOG, 0);
    for (guint i = 0; ok && i < list->values->len; i++) {
        const SpdmMeasurementValue *m = g_ptr_array_index(list->values, i);

        ok = spdm_req_check(rq, SPDM_CHECK_MEL_EXTENDED,
                            m->type != SPDM_MEAS_TYPE_HASH_EXTENDED ||
                            is_extended(rq, log, m),
                            "a hash-extended measurement is not what the "
                            "log makes of it");
    }
    return spdm_req_report(rq, ok, errp);
}

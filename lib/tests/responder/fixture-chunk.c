/*
 * The scripted requester's chunks, cut and joined by hand.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"

enum { LAST = 1 };

static void put_le(GByteArray *out, uint32_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)(value >> (8 * i));

        g_byte_array_append(out, &byte, 1);
    }
}

static uint32_t get_le(const GByteArray *a, size_t at, unsigned size)
{
    uint32_t value = 0;

    g_assert_cmpuint(at + size, <=, a->len);
    for (unsigned i = 0; i < size; i++) {
        value |= (uint32_t)a->data[at + i] << (8 * i);
    }
    return value;
}

static void put_header(const Fx *fx, uint8_t code, uint8_t param1,
                       uint8_t param2, GByteArray *out)
{
    const uint8_t header[] = { fx->o.version, code, param1, param2 };

    g_byte_array_append(out, header, sizeof(header));
}

static unsigned seq_size(const Fx *fx)
{
    return fx->o.version >= SPDM_VERSION_14 ? 4 : 2;
}

void fx_make_chunk(const Fx *fx, SpdmBytes large, uint8_t handle,
                   uint32_t seq, size_t at, GByteArray *out)
{
    size_t room = fx->o.rsp_transfer_size - (seq ? 12 : 16);
    size_t size = MIN(room, large.len - at);

    put_header(fx, SPDM_CHUNK_SEND, at + size == large.len ? LAST : 0,
               handle, out);
    put_le(out, seq, 4); /* 16 bits, and 16 reserved, before 1.4 */
    put_le(out, (uint32_t)size, 4);
    if (seq == 0) {
        put_le(out, (uint32_t)large.len, 4);
    }
    g_byte_array_append(out, large.data + at, (guint)size);
}

void fx_make_chunk_get(const Fx *fx, uint8_t handle, uint32_t seq,
                       GByteArray *out)
{
    put_header(fx, SPDM_CHUNK_GET, 0, handle, out);
    put_le(out, seq, seq_size(fx));
}

static bool can_chunk(const Fx *fx)
{
    return fx->conn.state >= SPDM_CONN_AFTER_CAPABILITIES &&
           fx->o.version >= SPDM_VERSION_12 &&
           (fx->o.req_flags & fx->o.rsp_flags & SPDM_CHUNK_CAP);
}

/* What is under way survives a snapshot at any moment. */
static void reload(Fx *fx)
{
    g_autoptr(GBytes) state = spdm_responder_save(fx->r);
    g_autoptr(GBytes) again = NULL;
    g_autoptr(GError) err = NULL;

    g_assert_true(spdm_responder_load(fx->r, state, &err));
    g_assert_no_error(err);
    again = spdm_responder_save(fx->r);
    g_assert_true(g_bytes_equal(state, again));
}

/* No message on its way is larger than we said; padding aside. */
static bool send_part(Fx *fx, SpdmSession *s, const GByteArray *part)
{
    g_assert_cmpuint(part->len, <=, fx->o.rsp_transfer_size);
    if (!fx_send(fx, s, SPDM_BYTES(part->data, part->len))) {
        return false;
    }
    if (fx->reload) {
        reload(fx);
    }
    g_assert_cmpuint(fx->answer->len, <=, fx->o.data_transfer_size +
                     spdm_transport(fx->o.transport)->max_pad);
    return true;
}

static bool is_error(const Fx *fx, SpdmErrorCode code)
{
    return fx->answer->data[1] == SPDM_ERROR && fx->answer->data[2] == code;
}

/* The acknowledgement's header is taken off: what is left is the answer. */
static void check_ack(Fx *fx, uint8_t handle, uint32_t seq, bool last)
{
    unsigned header = SPDM_HEADER_SIZE + seq_size(fx);
    size_t pad = spdm_transport(fx->o.transport)->max_pad;

    if (last && is_error(fx, SPDM_ERROR_LARGE_RESPONSE)) {
        return;
    }
    g_assert_cmphex(fx->answer->data[1], ==,
                    SPDM_RESPONSE_OF(SPDM_CHUNK_SEND));
    g_assert_cmphex(fx->answer->data[2], ==, 0);
    g_assert_cmphex(fx->answer->data[3], ==, handle);
    g_assert_cmpuint(get_le(fx->answer, 4, seq_size(fx)), ==, seq);
    if (last) {
        g_byte_array_remove_range(fx->answer, 0, header);
        g_assert_cmpuint(fx->answer->len, >=, SPDM_HEADER_SIZE);
    } else {
        g_assert_cmpuint(fx->answer->len, <=, header + pad);
    }
}

static bool send_chunks(Fx *fx, SpdmSession *s, SpdmBytes large)
{
    uint8_t handle = fx->next_handle++;
    size_t at = 0;

    g_assert_cmpuint(large.len, <=, fx->o.rsp_max_msg_size);
    for (uint32_t seq = 0; at < large.len; seq++) {
        g_autoptr(GByteArray) part = g_byte_array_new();

        fx_make_chunk(fx, large, handle, seq, at, part);
        at += part->len - (seq ? 12 : 16);
        if (!send_part(fx, s, part)) {
            return false;
        }
        fx->chunks_sent++;
        check_ack(fx, handle, seq, at == large.len);
    }
    return true;
}

/* One CHUNK_RESPONSE; true when it was the last. */
static bool take_chunk(Fx *fx, uint8_t handle, uint32_t seq,
                       uint32_t *total, GByteArray *whole)
{
    const GByteArray *a = fx->answer;
    size_t header = seq ? 12 : 16;
    uint32_t size = get_le(a, 8, 4);
    bool last = a->data[2] & LAST;

    g_assert_cmphex(a->data[1], ==, SPDM_RESPONSE_OF(SPDM_CHUNK_GET));
    g_assert_cmphex(a->data[3], ==, handle);
    g_assert_cmpuint(get_le(a, 4, 4), ==, seq);
    if (seq == 0) {
        *total = get_le(a, 12, 4);
        g_assert_cmpuint(*total, <=, fx->o.max_msg_size);
    }
    g_assert_cmpuint(header + size, <=, a->len);
    g_assert_true(last || header + size >= SPDM_MIN_DATA_TRANSFER_SIZE);
    g_byte_array_append(whole, a->data + header, size);
    g_assert_true(last == (whole->len == *total));
    g_assert_true(seq || !last);
    return last;
}

static bool get_chunks(Fx *fx, SpdmSession *s)
{
    g_autoptr(GByteArray) whole = g_byte_array_new();
    uint8_t handle = fx->answer->data[4];
    uint32_t total = 0;
    bool last = false;

    for (uint32_t seq = 0; !last; seq++) {
        g_autoptr(GByteArray) part = g_byte_array_new();

        fx_make_chunk_get(fx, handle, seq, part);
        if (!send_part(fx, s, part)) {
            return false;
        }
        fx->chunks_got++;
        last = take_chunk(fx, handle, seq, &total, whole);
    }
    g_byte_array_set_size(fx->answer, 0);
    g_byte_array_append(fx->answer, whole->data, whole->len);
    return true;
}

bool fx_carry(Fx *fx, SpdmSession *s, SpdmBytes message)
{
    bool large = can_chunk(fx) && message.len > fx->o.rsp_transfer_size;

    if (!(large ? send_chunks(fx, s, message) : fx_send(fx, s, message))) {
        return false;
    }
    return !can_chunk(fx) || !is_error(fx, SPDM_ERROR_LARGE_RESPONSE) ||
           get_chunks(fx, s);
}

/*
 * Chunks that break a rule of DSP0274 "Large SPDM message transfer
 * mechanism": one row for one rule, with the ERROR and what is left.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "device.h"

enum {
    V12 = SPDM_VERSION_12,
    V14 = SPDM_VERSION_14,
    INVALID = SPDM_ERROR_INVALID_REQUEST,
    UNEXPECTED = SPDM_ERROR_UNEXPECTED_REQUEST,
    UNSUPPORTED = SPDM_ERROR_UNSUPPORTED_REQUEST,
    TOO_LARGE = SPDM_ERROR_REQUEST_TOO_LARGE,
    TRANSFER = 128,          /* DataTransferSize of the responder */
    REQ_TRANSFER = 200,      /* ... of the requester */
    WHOLE = 1000,            /* MaxSPDMmsgSize of both */
    FIXED = 11,              /* of VENDOR_DEFINED_REQUEST */
    LAST = 1,
};

/* --- CHUNK_SEND ----------------------------------------------------------- */

typedef struct Part {
    uint32_t size;           /* ChunkSize; a part of nothing is the end */
    uint32_t seq;
    uint8_t param1;          /* LastChunk */
    uint8_t handle;
    uint32_t total;          /* LargeMessageSize, with seq 0 */
    uint32_t size_lie;       /* ChunkSize, if it is another */
    int grow;                /* bytes behind the chunk */
} Part;

typedef enum Outcome {
    GOOD,                    /* acknowledged; with the last, answered */
    EARLY,                   /* EarlyErrorDetected, and the ERROR */
    BARE,                    /* the ERROR alone */
} Outcome;

typedef struct SendRow {
    const char *name;
    Outcome outcome;         /* of the last part; GOOD of those before */
    uint8_t error;
    Part parts[4];
} SendRow;

static const SendRow send_rows[] = {
    { "two-chunks-are-good", GOOD, 0,
      { { .size = 100, .total = 150 },
        { .size = 50, .seq = 1, .param1 = LAST } } },
    { "the-last-chunk-may-have-one-byte", GOOD, 0,
      { { .size = 100, .total = 101 },
        { .size = 1, .seq = 1, .param1 = LAST } } },
    { "43-bytes-are-a-large-message", GOOD, 0,
      { { .size = 26, .total = 43 },
        { .size = 17, .seq = 1, .param1 = LAST } } },
    { "MaxSPDMmsgSize-bytes-are-welcome", GOOD, 0,
      { { .size = 112, .total = WHOLE } } },
    { "reserved-bits-of-Param1-are-ignored", GOOD, 0,
      { { .size = 100, .param1 = 0xfe, .total = 150 },
        { .size = 50, .seq = 1, .param1 = 0xff } } },
    { "42-bytes-are-no-large-message", EARLY, INVALID,
      { { .size = 26, .total = 42 } } },
    { "no-bytes-are-no-large-message", EARLY, INVALID,
      { { .size = 26, .total = 0 } } },
    { "more-than-MaxSPDMmsgSize-is-too-large", EARLY, TOO_LARGE,
      { { .size = 112, .total = WHOLE + 1 } } },
    { "4-GiB-are-too-large", EARLY, TOO_LARGE,
      { { .size = 112, .total = UINT32_MAX } } },
    { "the-first-chunk-has-26-bytes", GOOD, 0,
      { { .size = 26, .total = 150 } } },
    { "the-first-chunk-has-no-less", EARLY, INVALID,
      { { .size = 25, .total = 150 } } },
    { "a-chunk-between-has-30-bytes", GOOD, 0,
      { { .size = 100, .total = 150 }, { .size = 30, .seq = 1 } } },
    { "a-chunk-between-has-no-less", EARLY, INVALID,
      { { .size = 100, .total = 150 }, { .size = 29, .seq = 1 } } },
    { "the-first-chunk-is-never-the-last", EARLY, INVALID,
      { { .size = 100, .param1 = LAST, .total = 100 } } },
    { "the-first-chunk-is-not-the-whole", EARLY, INVALID,
      { { .size = 100, .total = 100 } } },
    { "the-first-chunk-is-not-more", EARLY, INVALID,
      { { .size = 100, .total = 99 } } },
    { "the-last-chunk-comes-not-too-soon", EARLY, INVALID,
      { { .size = 100, .total = 150 },
        { .size = 49, .seq = 1, .param1 = LAST } } },
    { "the-last-chunk-says-so", EARLY, INVALID,
      { { .size = 100, .total = 150 }, { .size = 50, .seq = 1 } } },
    { "the-last-chunk-is-not-more-than-is-left", EARLY, INVALID,
      { { .size = 100, .total = 150 },
        { .size = 51, .seq = 1, .param1 = LAST } } },
    { "a-chunk-between-is-not-more-than-is-left", EARLY, INVALID,
      { { .size = 100, .total = 150 }, { .size = 51, .seq = 1 } } },
    { "the-last-chunk-is-not-empty", EARLY, INVALID,
      { { .size = 100, .total = 150 },
        { .seq = 1, .param1 = LAST } } },
    { "the-first-number-is-0", EARLY, INVALID, { { .size = 100, .seq = 1 } } },
    { "no-number-is-left-out", EARLY, INVALID,
      { { .size = 100, .total = 250 }, { .size = 50, .seq = 2 } } },
    { "no-number-comes-again", EARLY, INVALID,
      { { .size = 100, .total = 250 },
        { .size = 50, .seq = 1 },
        { .size = 50, .seq = 1 } } },
    { "a-transfer-begins-once", EARLY, INVALID,
      { { .size = 100, .total = 250 }, { .size = 100, .total = 250 } } },
    { "a-transfer-has-one-handle", EARLY, INVALID,
      { { .size = 100, .handle = 7, .total = 150 },
        { .size = 50, .seq = 1, .param1 = LAST, .handle = 8 } } },
    { "any-handle-will-do", GOOD, 0,
      { { .size = 100, .handle = 255, .total = 150 },
        { .size = 50, .seq = 1, .param1 = LAST, .handle = 255 } } },
    { "ChunkSize-is-not-more-than-there-is", BARE, INVALID,
      { { .size = 100, .total = 150, .size_lie = 101 } } },
    { "ChunkSize-of-4-GiB-is-invalid", BARE, INVALID,
      { { .size = 100, .total = 150 },
        { .size = 50, .seq = 1, .param1 = LAST, .size_lie = UINT32_MAX } } },
    { "nothing-is-behind-a-chunk", BARE, INVALID,
      { { .size = 100, .total = 150 },
        { .size = 50, .seq = 1, .param1 = LAST, .grow = 1 } } },
    { "a-chunk-fits-DataTransferSize", GOOD, 0,
      { { .size = 112, .total = 300 }, { .size = 116, .seq = 1 } } },
    { "the-first-chunk-above-DataTransferSize-is-too-large", BARE, TOO_LARGE,
      { { .size = 113, .total = 300 } } },
    { "a-chunk-above-DataTransferSize-is-too-large", BARE, TOO_LARGE,
      { { .size = 112, .total = 300 }, { .size = 117, .seq = 1 } } },
};

static FxOptions chunking(uint8_t version)
{
    return (FxOptions){
        .version = version,
        .req_flags = FX_REQ_FLAGS | SPDM_CHUNK_CAP,
        .rsp_flags = FX_RSP_FLAGS | SPDM_CHUNK_CAP,
        .data_transfer_size = REQ_TRANSFER,
        .rsp_transfer_size = TRANSFER,
        .max_msg_size = WHOLE,
        .rsp_max_msg_size = WHOLE,
        .heartbeat = 5,
    };
}

static Fx *negotiated(uint8_t version)
{
    FxOptions o = chunking(version);
    Fx *fx = fx_new(&o);

    fx_negotiate(fx);
    return fx;
}

/* An echo of @size bytes. */
static GByteArray *large_request(Fx *fx, size_t size)
{
    GByteArray *out = g_byte_array_new();
    g_autofree uint8_t *payload = g_malloc0(size);
    SpdmMsg m = fx_msg(fx, SPDM_VENDOR_DEFINED_REQUEST, 0, 0);

    m.vendor = (SpdmMsgVendor){
        .standard_id = FX_VENDOR_STANDARD,
        .vendor_id = SPDM_BYTES("\x01\x00", 2),
        .payload = SPDM_BYTES(payload, size - FIXED),
    };
    g_assert_true(spdm_msg_encode(&fx->wire, &m, out));
    return out;
}

static void put_u32(GByteArray *out, uint32_t value)
{
    const uint8_t bytes[] = {
        (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16),
        (uint8_t)(value >> 24),
    };

    g_byte_array_append(out, bytes, sizeof(bytes));
}

static void make_part(const Fx *fx, const Part *p, const GByteArray *large,
                      size_t at, GByteArray *out)
{
    const uint8_t header[] = {
        fx->o.version, SPDM_CHUNK_SEND, p->param1, p->handle,
    };
    guint end;

    g_byte_array_append(out, header, sizeof(header));
    put_u32(out, p->seq);
    put_u32(out, p->size_lie ? p->size_lie : p->size);
    if (p->seq == 0) {
        put_u32(out, p->total);
    }
    g_byte_array_append(out, large->data + at, p->size);
    end = out->len;
    g_byte_array_set_size(out, (guint)((int)end + p->grow));
    memset(out->data + end, 0, out->len - end);
}

static bool is_end(const SendRow *row, unsigned i)
{
    const Part *p = &row->parts[i];

    return i == G_N_ELEMENTS(row->parts) || (!p->size && !p->seq);
}

static size_t ack_header(const Fx *fx)
{
    return fx->o.version == V14 ? 8 : 6;
}

static void expect_ack(const Fx *fx, const Part *p, bool early)
{
    const uint8_t *a = fx->answer->data;

    g_assert_cmpuint(fx->answer->len, >=, ack_header(fx));
    g_assert_cmphex(a[0], ==, fx->o.version);
    g_assert_cmphex(a[1], ==, SPDM_RESPONSE_OF(SPDM_CHUNK_SEND));
    g_assert_cmphex(a[2], ==, early);
    g_assert_cmphex(a[3], ==, p->handle);
    g_assert_cmphex(a[4] | a[5] << 8, ==, p->seq);
}

static void expect_error(const Fx *fx, size_t at, uint8_t error)
{
    const uint8_t *a = fx->answer->data + at;

    g_assert_cmpuint(fx->answer->len, >=, at + SPDM_HEADER_SIZE);
    g_assert_cmphex(a[1], ==, SPDM_ERROR);
    g_assert_cmpstr(spdm_error_name(a[2]), ==, spdm_error_name(error));
    g_assert_cmphex(fx_info(fx).last_error_code, ==, error);
}

static void expect_outcome(const Fx *fx, const SendRow *row, const Part *p)
{
    if (row->outcome == BARE) {
        expect_error(fx, 0, row->error);
    } else {
        expect_ack(fx, p, row->outcome == EARLY);
        if (row->outcome == EARLY) {
            expect_error(fx, ack_header(fx), row->error);
        }
    }
}

static bool under_way(const Fx *fx)
{
    return fx->r->transfer.kind != SPDM_TRANSFER_NONE;
}

/* Outside sessions, or in one. */
static void run_send_row(const SendRow *row, uint8_t version, bool inside)
{
    g_autoptr(Fx) fx = negotiated(version);
    g_autoptr(GByteArray) large = large_request(fx, 300);
    SpdmSession *s = inside ? fx_sigma(fx) : NULL;
    const Part *p = NULL;
    size_t at = 0;

    large->data[9] = (uint8_t)(row->parts[0].total - FIXED);
    large->data[10] = (uint8_t)((row->parts[0].total - FIXED) >> 8);
    for (unsigned i = 0; !is_end(row, i); i++) {
        g_autoptr(GByteArray) out = g_byte_array_new();

        if (p) {
            expect_ack(fx, p, false);
            g_assert_cmpuint(fx->answer->len, ==, ack_header(fx));
        }
        p = &row->parts[i];
        make_part(fx, p, large, at, out);
        at += p->size;
        g_assert_true(fx_send(fx, s, SPDM_BYTES(out->data, out->len)));
    }
    expect_outcome(fx, row, p);
    g_assert_true(under_way(fx) == (row->outcome == GOOD &&
                                    !(p->param1 & LAST)));
    if (row->outcome != GOOD) {
        fx_digests(fx, s);
    }
}

static void test_send_row(gconstpointer data)
{
    for (uint8_t version = V12; version <= V14; version++) {
        run_send_row(data, version, false);
        run_send_row(data, version, true);
    }
}

/* --- what may travel in chunks -------------------------------------------- */

static const struct {
    const char *name;
    uint8_t version;
    uint8_t code;
    uint8_t error;
} inner_rows[] = {
    { "GET_VERSION", 0x10, SPDM_GET_VERSION, INVALID },
    { "GET_CAPABILITIES", 0, SPDM_GET_CAPABILITIES, INVALID },
    { "CHUNK_SEND", 0, SPDM_CHUNK_SEND, INVALID },
    { "CHUNK_GET", 0, SPDM_CHUNK_GET, INVALID },
    { "RESPOND_IF_READY", 0, SPDM_RESPOND_IF_READY, INVALID },
    { "an-unknown-code", 0, 0xab, UNSUPPORTED },
    { "a-response", 0, 0x01, UNSUPPORTED },
    { "another-version", 0x11, SPDM_GET_DIGESTS,
      SPDM_ERROR_VERSION_MISMATCH },
    { "GET_DIGESTS-with-more-behind", 0, SPDM_GET_DIGESTS, INVALID },
    { "HEARTBEAT-outside", 0, SPDM_HEARTBEAT, SPDM_ERROR_SESSION_REQUIRED },
};

/* An error of the whole is embedded, and is no early one. */
static void test_inner_row(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    g_autoptr(Fx) fx = negotiated(V12);
    g_autoptr(GByteArray) large = large_request(fx, 150);
    static const Part parts[] = {
        { .size = 100, .total = 150 },
        { .size = 50, .seq = 1, .param1 = LAST },
    };

    large->data[0] = inner_rows[i].version ? inner_rows[i].version : V12;
    large->data[1] = inner_rows[i].code;
    for (unsigned k = 0; k < 2; k++) {
        g_autoptr(GByteArray) out = g_byte_array_new();

        make_part(fx, &parts[k], large, 100 * k, out);
        g_assert_true(fx_send(fx, NULL, SPDM_BYTES(out->data, out->len)));
        expect_ack(fx, &parts[k], false);
    }
    expect_error(fx, ack_header(fx), inner_rows[i].error);
    g_assert_false(under_way(fx));
    fx_digests(fx, NULL);
}

/* --- order ---------------------------------------------------------------- */

typedef enum Way {
    IDLE,
    SENDING,                 /* chunk 0 of a request is there */
    GETTING,                 /* a response waits, chunk 0 was fetched */
} Way;

typedef struct OrderRow {
    const char *name;
    Way way;
    bool in_session;         /* the transfer */
    bool other_place;        /* the message: not there */
    uint8_t error;           /* 0: answered */
    uint8_t len;
    uint8_t message[24];     /* @0 is the version, unless 0x10 */
} OrderRow;

#define CHUNK_1 SPDM_CHUNK_SEND, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0
#define GET(handle, seq) SPDM_CHUNK_GET, 0, handle, seq, 0

static const OrderRow order_rows[] = {
    { "another-request-while-sending-is-unexpected", SENDING, false, false,
      UNEXPECTED, 4, { 0, SPDM_GET_DIGESTS } },
    { "another-request-while-getting-is-unexpected", GETTING, false, false,
      UNEXPECTED, 4, { 0, SPDM_GET_DIGESTS } },
    { "another-request-while-sending-is-unexpected-in-a-session", SENDING,
      true, false, UNEXPECTED, 4, { 0, SPDM_HEARTBEAT } },
    { "another-request-while-getting-is-unexpected-in-a-session", GETTING,
      true, false, UNEXPECTED, 4, { 0, SPDM_END_SESSION } },
    { "a-request-of-another-version-ends-it-too", SENDING, false, false,
      SPDM_ERROR_VERSION_MISMATCH, 4, { 0x11, SPDM_GET_DIGESTS } },
    { "an-unknown-request-ends-it-too", GETTING, false, false, UNSUPPORTED,
      4, { 0, 0xab } },
    { "GET_VERSION-while-sending-is-welcome", SENDING, false, false, 0, 4,
      { 0x10, SPDM_GET_VERSION } },
    { "GET_VERSION-while-getting-is-welcome", GETTING, false, false, 0, 4,
      { 0x10, SPDM_GET_VERSION } },
    { "GET_VERSION-ends-a-transfer-in-a-session", GETTING, true, true, 0, 4,
      { 0x10, SPDM_GET_VERSION } },
    { "CHUNK_GET-while-sending-is-unexpected", SENDING, false, false,
      UNEXPECTED, 6, { 0, GET(1, 0) } },
    { "CHUNK_SEND-while-getting-is-unexpected", GETTING, false, false,
      UNEXPECTED, 12, { 0, CHUNK_1 } },
    { "CHUNK_GET-with-nothing-to-get-is-unexpected", IDLE, false, false,
      UNEXPECTED, 6, { 0, GET(1, 0) } },
    { "CHUNK_GET-in-its-turn-is-answered", GETTING, false, false, 0, 6,
      { 0, GET(1, 1) } },
    { "CHUNK_GET-of-another-handle-is-invalid", GETTING, false, false,
      INVALID, 6, { 0, GET(2, 1) } },
    { "CHUNK_GET-once-more-is-invalid", GETTING, false, false, INVALID, 6,
      { 0, GET(1, 0) } },
    { "CHUNK_GET-ahead-is-invalid", GETTING, false, false, INVALID, 6,
      { 0, GET(1, 2) } },
    { "CHUNK_GET-short-by-one-is-invalid", GETTING, false, false, INVALID, 5,
      { 0, GET(1, 1) } },
    { "CHUNK_GET-long-by-one-is-invalid", GETTING, false, false, INVALID, 7,
      { 0, GET(1, 1) } },
    { "CHUNK_SEND-without-ChunkSize-is-invalid", SENDING, false, false,
      INVALID, 11, { 0, CHUNK_1 } },
    { "a-response-of-a-session-is-not-given-outside", GETTING, true, true,
      UNEXPECTED, 6, { 0, GET(1, 1) } },
    { "a-request-of-a-session-does-not-go-on-outside", SENDING, true, true,
      UNEXPECTED, 12, { 0, CHUNK_1 } },
    { "a-response-from-outside-is-not-given-in-a-session", GETTING, false,
      true, UNEXPECTED, 6, { 0, GET(1, 1) } },
    { "a-request-from-outside-does-not-go-on-in-a-session", SENDING, false,
      true, UNEXPECTED, 12, { 0, CHUNK_1 } },
};

/* Handle 1 both ways. */
static void begin(Fx *fx, SpdmSession *s, Way way)
{
    g_autoptr(GByteArray) large = large_request(fx, 600);
    g_autoptr(GByteArray) part = g_byte_array_new();
    SpdmBytes view = SPDM_BYTES(large->data, large->len);

    if (way == SENDING) {
        fx_make_chunk(fx, view, 1, 0, 0, part);
        g_assert_true(fx_send(fx, s, SPDM_BYTES(part->data, part->len)));
    } else if (way == GETTING) {
        for (uint32_t seq = 0, at = 0; at < large->len; seq++) {
            g_byte_array_set_size(part, 0);
            fx_make_chunk(fx, view, 1, seq, at, part);
            at += part->len - (seq ? 12 : 16);
            g_assert_true(fx_send(fx, s,
                                  SPDM_BYTES(part->data, part->len)));
        }
        g_assert_cmpmem(fx->answer->data + 1, 4, "\x7f\x0f\0\1", 4);
        g_byte_array_set_size(part, 0);
        fx_make_chunk_get(fx, 1, 0, part);
        g_assert_true(fx_send(fx, s, SPDM_BYTES(part->data, part->len)));
    }
    g_assert_true(under_way(fx) == (way != IDLE));
}

/* Handles begin with 1, whatever sessions took. */
static void fresh_handles(Fx *fx)
{
    g_assert_false(under_way(fx));
    fx->r->transfer.last_handle = 0;
}

static void test_order_row(gconstpointer data)
{
    const OrderRow *row = data;
    g_autoptr(Fx) fx = negotiated(V12);
    SpdmSession *session = fx_sigma(fx);
    SpdmSession *where = row->in_session ? session : NULL;
    SpdmSession *other = row->in_session ? NULL : session;
    uint8_t message[sizeof(row->message)];
    bool goes_on = row->way == GETTING && !row->error &&
                   row->message[1] == SPDM_CHUNK_GET;

    fresh_handles(fx);
    begin(fx, where, row->way);
    memcpy(message, row->message, sizeof(message));
    message[0] = message[0] ? message[0] : V12;
    g_assert_true(fx_send(fx, row->other_place ? other : where,
                          SPDM_BYTES(message, row->len)));
    if (row->error) {
        expect_error(fx, 0, row->error);
    } else {
        g_assert_cmphex(fx->answer->data[1], ==,
                        SPDM_RESPONSE_OF(message[1]));
    }
    g_assert_true(under_way(fx) == goes_on);
    if (row->error) {
        fx_digests(fx, where);
    }
}

/* --- particular ones ------------------------------------------------------ */

/* DSP0274: ChunkSeqNo does not wrap; 1.4 has 32 bits of it. */
static void test_wrap(void)
{
    for (uint8_t version = V12; version <= V14; version++) {
        g_autoptr(Fx) fx = negotiated(version);
        g_autoptr(GByteArray) large = large_request(fx, 600);
        Part parts[] = {
            { .size = 100, .total = 600 },
            { .size = 30, .seq = 0xffff },
            { .size = 30, .seq = version == V14 ? 0x10000 : 0 },
        };

        for (unsigned i = 0; i < G_N_ELEMENTS(parts); i++) {
            g_autoptr(GByteArray) out = g_byte_array_new();

            make_part(fx, &parts[i], large, 0, out);
            g_assert_true(fx_send(fx, NULL,
                                  SPDM_BYTES(out->data, out->len)));
            if (i == 0) {
                fx->r->transfer.next_seq = 0xffff;
            }
        }
        g_assert_cmphex(fx->answer->data[2], ==, version != V14);
        g_assert_true(under_way(fx) == (version == V14));
    }
}

static void test_wrap_of_response(void)
{
    for (uint8_t version = V12; version <= V14; version++) {
        g_autoptr(Fx) fx = negotiated(version);
        g_autoptr(GByteArray) get = g_byte_array_new();

        fresh_handles(fx);
        begin(fx, NULL, GETTING);
        fx->r->transfer.next_seq = 0x10000;
        fx_make_chunk_get(fx, 1, 0x10000, get);
        g_assert_true(fx_send(fx, NULL, SPDM_BYTES(get->data, get->len)));
        if (version == V14) {
            g_assert_cmphex(fx->answer->data[1], ==, 0x06);
            g_assert_cmphex(fx->answer->data[6], ==, 0x01);
        } else {
            expect_error(fx, 0, INVALID);
        }
    }
}

static void expect_code(Fx *fx, uint8_t version, uint8_t code, uint8_t error)
{
    const uint8_t message[] = { version, code, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0 };

    g_assert_true(fx_send(fx, NULL, SPDM_BYTES(message, code == SPDM_CHUNK_GET
                                               ? 6 : 12)));
    expect_error(fx, 0, error);
}

/* CHUNK_CAP of both ends, 1.2, and CAPABILITIES behind us. */
static void test_not_negotiated(void)
{
    static const uint8_t codes[] = { SPDM_CHUNK_SEND, SPDM_CHUNK_GET };

    for (unsigned i = 0; i < G_N_ELEMENTS(codes); i++) {
        for (unsigned k = 0; k < 4; k++) {
            FxOptions o = chunking(k == 2 ? SPDM_VERSION_11 : V12);
            g_autoptr(Fx) fx = NULL;

            o.req_flags &= ~(k == 0 ? SPDM_CHUNK_CAP : 0u);
            o.rsp_flags &= ~(k == 1 ? SPDM_CHUNK_CAP : 0u);
            if (k < 3) {
                o.data_transfer_size = o.max_msg_size = WHOLE;
                o.rsp_transfer_size = o.rsp_max_msg_size = WHOLE;
            }
            fx = fx_new(&o);
            fx_version(fx);
            if (k < 3) {
                fx_capabilities(fx);
                fx_algorithms(fx);
            }
            expect_code(fx, o.version, codes[i],
                        k == 3 ? UNEXPECTED : UNSUPPORTED);
        }
    }
}

/* Whatever ends the session ends what is under way in it. */
static void test_ends(void)
{
    for (Way way = SENDING; way <= GETTING; way++) {
        for (unsigned how = 0; how < 4; how++) {
            g_autoptr(Fx) fx = negotiated(V12);
            SpdmSession *s = fx_sigma(fx);

            fresh_handles(fx);
            begin(fx, s, way);
            if (how == 0) {
                spdm_responder_abort(fx->r, s->id);
            } else if (how == 1) {
                spdm_responder_reset(fx->r);
            } else if (how == 2) {
                fx->now_us += 11 * G_USEC_PER_SEC;
                spdm_responder_tick(fx->r);
            } else {
                fx_version(fx);
            }
            g_assert_false(under_way(fx));
            g_assert_null(fx->r->transfer.message);
        }
    }
}

/* A transfer outside goes on when some session ends. */
static void test_other_session_ends(void)
{
    g_autoptr(Fx) fx = negotiated(V12);
    SpdmSession *s = fx_sigma(fx);

    fresh_handles(fx);
    begin(fx, NULL, GETTING);
    spdm_responder_abort(fx->r, s->id);
    g_assert_true(under_way(fx));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(send_rows); i++) {
        g_autofree char *path = g_strconcat("/responder/chunk-send/",
                                            send_rows[i].name, NULL);

        g_test_add_data_func(path, &send_rows[i], test_send_row);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(inner_rows); i++) {
        g_autofree char *path = g_strconcat("/responder/not-in-chunks/",
                                            inner_rows[i].name, NULL);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_inner_row);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(order_rows); i++) {
        g_autofree char *path = g_strconcat("/responder/chunk-order/",
                                            order_rows[i].name, NULL);

        g_test_add_data_func(path, &order_rows[i], test_order_row);
    }
    g_test_add_func("/responder/chunk-rules/numbers-of-requests-do-not-wrap",
                    test_wrap);
    g_test_add_func("/responder/chunk-rules/numbers-of-responses-do-not-wrap",
                    test_wrap_of_response);
    g_test_add_func("/responder/chunk-rules/chunks-are-negotiated",
                    test_not_negotiated);
    g_test_add_func("/responder/chunk-rules/a-transfer-ends-with-its-session",
                    test_ends);
    g_test_add_func("/responder/chunk-rules/and-not-with-another",
                    test_other_session_ends);
    return g_test_run();
}

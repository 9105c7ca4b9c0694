/*
 * Layouts of messages, byte by byte, from DSP0274's tables.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "variants.h"

#include <string.h>

/* H=32, S=64, D=64: the smallest set, so that rows stay readable. */
static const SpdmWireCtx plain = {
    .hash_size = 32, .sig_size = 64, .req_sig_size = 64,
    .req_exchange_size = 64, .rsp_exchange_size = 64,
};
static const SpdmWireCtx summary = {
    .hash_size = 32, .sig_size = 64, .req_sig_size = 64,
    .req_exchange_size = 64, .rsp_exchange_size = 64,
    .has_summary = true, .has_signature = true,
};
static const SpdmWireCtx clear = {
    .hash_size = 32, .sig_size = 64, .req_sig_size = 64,
    .req_exchange_size = 64, .rsp_exchange_size = 64,
    .in_the_clear = true,
};
static const SpdmWireCtx multi_key = {
    .hash_size = 32, .sig_size = 64, .multi_key_rsp = true,
};

/*
 * A row is a message as hex. "*N" stands for N bytes that count up from 1, so
 * that a misplaced field cannot look right.
 */
typedef struct Row {
    const char *sentence;
    const SpdmWireCtx *ctx;
    const char *hex;
} Row;

static const Row well_formed[] = {
    { "GET_VERSION is a header", &plain, "10840000" },
    { "VERSION lists its entries", &plain, "10040000 0003 0010 0011 1012" },
    { "VERSION may be empty", &plain, "10040000 0000" },
    { "GET_CAPABILITIES of 1.0 is a header", &plain, "10e10000" },
    { "GET_CAPABILITIES of 1.1 has 12 bytes", &plain,
      "11e10000 000c0000 c6760000" },
    { "GET_CAPABILITIES of 1.2 has 20 bytes", &plain,
      "12e10000 000c0000 c6760000 00120000 00120000" },
    { "CAPABILITIES of 1.0 has 12 bytes", &plain,
      "10610000 000c0000 17000000" },
    { "CAPABILITIES of 1.3 has 20 bytes", &plain,
      "13610000 000c0000 f7760000 00120000 00120000" },
    { "CAPABILITIES of 1.3 may carry a Supported Algorithms block", &plain,
      "13610100 000c0000 f7760200 00120000 00120000 "
      "00001e00 0102 90000000 07000000 00000000 *8 00000000" },
    { "NEGOTIATE_ALGORITHMS of 1.0 has no tables", &plain,
      "10e30000 2000 01 00 90000000 03000000 00000000 0000000000000000 "
      "00 00 0000" },
    { "NEGOTIATE_ALGORITHMS of 1.2 has four tables", &plain,
      "12e30400 3000 01 02 90000000 03000000 00000000 0000000000000000 "
      "00 00 0000 02201b00 03200600 0420ff0f 05200100" },
    { "ALGORITHMS repeats the tables", &plain,
      "12630400 3400 01 02 04000000 80000000 02000000 00000000 "
      "00000000000000 00 00 00 0000 02201000 03200200 04200000 05200100" },
    { "ALGORITHMS of 1.3 has the MEL specification", &plain,
      "13630000 2400 01 02 04000000 80000000 02000000 00000000 "
      "00000000000000 01 00 00 0000" },
    { "GET_DIGESTS is a header", &plain, "12810000" },
    { "DIGESTS has one digest for every bit of the slot mask", &plain,
      "12010005 *64" },
    { "multi-key DIGESTS of 1.3 has ids, kinds and usages", &multi_key,
      "13010303 *64 0102 0101 01000200" },
    { "GET_CERTIFICATE has offset and length", &plain, "12820300 0004 ff0f" },
    { "CERTIFICATE carries a portion", &plain, "12020300 0500 1000 *5" },
    { "CERTIFICATE may be empty", &plain, "12020300 0000 0000" },
    { "large GET_CERTIFICATE of 1.4 has 32-bit lengths", &plain,
      "14828000 00000000 00000100 00000200" },
    { "large CERTIFICATE of 1.4 has 32-bit lengths", &plain,
      "14028000 00000000 03000000 00000100 *3" },
    { "CHALLENGE has a nonce", &plain, "12830001 *32" },
    { "CHALLENGE of 1.3 has a context", &plain, "13830001 *32 *8" },
    { "CHALLENGE_AUTH without a summary", &plain,
      "12030001 *32 *32 0000 *64" },
    { "CHALLENGE_AUTH with summary and opaque data", &summary,
      "12030001 *32 *32 *32 0300 *3 *64" },
    { "CHALLENGE_AUTH of 1.3 echoes the context", &summary,
      "13030001 *32 *32 *32 0000 *8 *64" },
    { "unsigned GET_MEASUREMENTS is a header", &plain, "12e000ff" },
    { "signed GET_MEASUREMENTS of 1.0 has no slot", &plain, "10e001ff *32" },
    { "signed GET_MEASUREMENTS of 1.1 has a slot", &plain,
      "11e001ff *32 03" },
    { "unsigned GET_MEASUREMENTS of 1.3 has a context", &plain,
      "13e000ff *8" },
    { "signed GET_MEASUREMENTS of 1.3 has 45 bytes", &plain,
      "13e001ff *32 03 *8" },
    { "unsigned MEASUREMENTS has a nonce", &plain,
      "12600000 01 070000 *7 *32 0000" },
    { "signed MEASUREMENTS ends with the signature", &summary,
      "12600000 01 070000 *7 *32 0200 *2 *64" },
    { "MEASUREMENTS of 1.3 echoes the context", &summary,
      "13600000 00 000000 *32 0000 *8 *64" },
    { "KEY_EXCHANGE", &plain, "12e4ff00 ffff 00 00 *32 *64 1000 *16" },
    { "KEY_EXCHANGE_RSP with summary", &summary,
      "12640000 feff 00 00 *32 *64 *32 0c00 *12 *64 *32" },
    { "KEY_EXCHANGE_RSP in the clear has no verify data", &clear,
      "12640000 feff 00 00 *32 *64 0c00 *12 *64" },
    { "FINISH without a signature", &plain, "12e50000 *32" },
    { "FINISH with a signature", &plain, "12e50100 *64 *32" },
    { "FINISH of 1.4 has opaque data", &plain, "14e50000 0400 *4 *32" },
    { "FINISH_RSP is a header", &plain, "12650000" },
    { "FINISH_RSP in the clear has verify data", &clear, "12650000 *32" },
    { "PSK_EXCHANGE puts its lengths first", &plain,
      "12e60000 ffff 0300 0500 0700 *3 *5 *7" },
    { "PSK_EXCHANGE_RSP with context", &summary,
      "12660000 feff 0000 0500 0700 *32 *5 *7 *32" },
    { "PSK_EXCHANGE_RSP without context", &plain,
      "12660000 feff 0000 0000 0000 *32" },
    { "PSK_FINISH", &plain, "12e70000 *32" },
    { "PSK_FINISH_RSP", &plain, "12670000" },
    { "HEARTBEAT", &plain, "12e80000" },
    { "HEARTBEAT_ACK", &plain, "12680000" },
    { "KEY_UPDATE", &plain, "12e90207" },
    { "KEY_UPDATE_ACK", &plain, "12690207" },
    { "END_SESSION", &plain, "12ec0100" },
    { "END_SESSION_ACK", &plain, "126c0000" },
    { "VENDOR_DEFINED_REQUEST", &plain, "12fe0000 0300 02 0100 0500 *5" },
    { "VENDOR_DEFINED_RESPONSE", &plain, "127e0000 0000 00 0000" },
    { "RESPOND_IF_READY", &plain, "12ff8301" },
    { "ERROR without data", &plain, "127f0100" },
    { "ERROR ResponseNotReady has four bytes", &plain, "127f4200 04830102" },
    { "ERROR LargeResponse has a handle", &plain, "127f0f00 07" },
    { "ERROR ResponseTooLarge has a size", &plain, "127f0d00 00200000" },
    { "a first CHUNK_SEND says the size of all", &plain,
      "12850000 0000 0000 1a000000 64000000 *26" },
    { "a last CHUNK_SEND", &plain, "12850100 0100 0000 05000000 *5" },
    { "CHUNK_SEND of 1.4 counts with 32 bits", &plain,
      "14850007 01000100 05000000 *5" },
    { "CHUNK_RESPONSE", &plain, "12060001 0000 0000 1a000000 64000000 *26" },
    { "CHUNK_GET", &plain, "12860001 0100" },
    { "CHUNK_GET of 1.4 counts with 32 bits", &plain, "14860001 01000100" },
    { "GET_ENCAPSULATED_REQUEST", &plain, "12ea0000" },
    { "ENCAPSULATED_RESPONSE_ACK with nothing in it", &plain,
      "126b0000 01 000000" },
    { "ENCAPSULATED_RESPONSE_ACK of 1.1 with nothing in it", &plain,
      "116b0000" },
    { "ENCAPSULATED_RESPONSE_ACK with a slot", &plain,
      "126b0002 01 000000 03" },
    { "GET_CSR", &plain, "12ed0000 0300 0200 *3 *2" },
    { "CSR", &plain, "126d0000 0300 0000 *3" },
    { "SET_CERTIFICATE_RSP", &plain, "126e0300" },
    { "GET_MEASUREMENT_EXTENSION_LOG", &plain,
      "13ef0000 00000000 00010000" },
    { "MEASUREMENT_EXTENSION_LOG", &plain,
      "136f0000 03000000 05000000 *3" },
    { "GET_KEY_PAIR_INFO", &plain, "13fc0000 01" },
    { "KEY_PAIR_INFO", &plain,
      "137c0000 02 01 3f00 0f00 0100 90000000 10000000 0300 01 *3" },
    { "KEY_PAIR_INFO of 1.4 has post-quantum algorithms", &plain,
      "147c0000 02 01 3f00 0f00 0100 90000000 10000000 0300 01 *3 "
      "04 *4 04 *4" },
    { "SET_KEY_PAIR_INFO", &plain, "13fd0000 01 00 0100 10000000 01" },
    { "SET_KEY_PAIR_INFO of 1.4 has a post-quantum algorithm", &plain,
      "14fd0000 01 00 0100 10000000 01 04 *4" },
    { "SET_KEY_PAIR_INFO that erases", &plain, "13fd0100 01" },
    { "SET_KEY_PAIR_INFO_ACK", &plain, "137d0000" },
    { "GET_ENDPOINT_INFO", &plain, "13870100 00 000000" },
    { "signed GET_ENDPOINT_INFO has a nonce", &plain,
      "13870100 01 000000 *32" },
    { "ENDPOINT_INFO", &plain, "13070000 00000000 03000000 *3" },
    { "signed ENDPOINT_INFO ends with the signature", &summary,
      "13070000 00000000 *32 03000000 *3 *64" },
    { "GET_SUPPORTED_EVENT_TYPES", &plain, "13e20000" },
    { "SUPPORTED_EVENT_TYPES", &plain, "13620100 12000000 *18" },
    { "SUBSCRIBE_EVENT_TYPES", &plain, "13f00100 12000000 *18" },
    { "SUBSCRIBE_EVENT_TYPES that takes all back", &plain, "13f00000" },
    { "SUBSCRIBE_EVENT_TYPES_ACK", &plain, "13700000" },
    { "EVENT_ACK", &plain, "13710000" },
    { "SLOT_MANAGEMENT without a structure", &plain, "14880000 0000 0000" },
    { "SLOT_MANAGEMENT with a SlotAddress", &plain,
      "14880300 0800 0000 0800 0000 02 03 0000" },
    { "a structure of SLOT_MANAGEMENT may stand further behind", &plain,
      "14880300 0c00 0000 00000000 0800 0000 02 03 0000" },
    { "SLOT_MANAGEMENT of an unknown SubCode", &plain,
      "14887700 0800 0000 0800 0000 02 03 0000" },
    { "SLOT_MANAGEMENT GetCSR", &plain,
      "14880400 0800 0000 0800 0000 02 00 0000 01 0a 0000 0300 0500 *3 *5" },
    { "SLOT_MANAGEMENT ManageBank", &plain,
      "14882000 0800 0000 0800 0000 02 00 0000 01 000000 80000000 04 *4" },
    { "SLOT_MANAGEMENT ManageSlot", &plain,
      "14882100 0800 0000 0800 0000 02 03 0000 01 000000" },
    { "SLOT_MANAGEMENT SetCertificate", &plain,
      "14882200 0800 0000 0800 0000 02 03 0000 05000000 01 04 0000 *5" },
    { "SLOT_MANAGEMENT_RESP without a structure", &plain,
      "14082200 0000 0000" },
    { "SLOT_MANAGEMENT_RESP SupportedSubCodes", &plain,
      "14080000 0800 0000 2400 0000 *8 "
      "000000000000000000000000000000000000000000000000" },
    { "SLOT_MANAGEMENT_RESP GetBankInfo", &plain,
      "14080100 0800 0000 1000 0000 02 000000 04000303 04010702" },
    { "SLOT_MANAGEMENT_RESP GetBankDetails", &plain,
      "14080200 0800 0000 5700 01 00 0100 03 00 *4 *4 *4 04 *4 04 *4 04 *4 "
      "00000000 3000 02 00 01 03 01 00 0f00 0000 ffff0000 *32" },
    { "SLOT_MANAGEMENT_RESP GetCertificateChain", &plain,
      "14080300 0800 0000 05000000 00000000 *5" },
    { "SLOT_MANAGEMENT_RESP GetCSR", &plain,
      "14080400 0800 0000 05000000 00000000 *5" },
};

/* What ends with another message, or with whatever is left. */
static const Row open_ended[] = {
    { "CHUNK_SEND_ACK with a response", &plain, "12050007 0000 127f0100" },
    { "CHUNK_SEND_ACK of 1.4", &plain, "14050007 00000100 14010000" },
    { "ENCAPSULATED_REQUEST", &plain, "126a0100 12e001ff *32 00" },
    { "DELIVER_ENCAPSULATED_RESPONSE", &plain, "12eb0100 12010001 *32" },
    { "ENCAPSULATED_RESPONSE_ACK with a request", &plain,
      "126b0201 01 000000 12820000 0000 0004" },
    { "ENCAPSULATED_RESPONSE_ACK of 1.1 with a request", &plain,
      "116b0201 11820000 0000 0004" },
    { "SET_CERTIFICATE", &plain, "12ee0000 4800 0000 *32 *36" },
    { "SEND_EVENT", &plain,
      "13f10000 01000000 01000000 00000000 0000 0400 0100 *1" },
};

static const Row malformed[] = {
    { "an unknown code", &plain, "12800000" },
    { "Length longer than the message", &plain,
      "10e30000 2400 01 00 90000000 03000000 00000000 0000000000000000 "
      "00 00 0000 *4" },
    { "Length shorter than its parts", &plain,
      "12e30100 2000 01 02 90000000 03000000 00000000 0000000000000000 "
      "00 00 0000 02201b00" },
    { "a table whose fixed part is not two bytes", &plain,
      "12e30100 2400 01 02 90000000 03000000 00000000 0000000000000000 "
      "00 00 0000 02301b00" },
    { "more tables than there are types", &plain, "12e30900 4400 *100" },
    { "a Supported Algorithms block shorter than its own header", &plain,
      "13610100 000c0000 f7760200 00120000 00120000 00000300 *32" },
    { "a certificate portion beyond the message", &plain,
      "12020300 0600 1000 *5" },
    { "opaque data beyond the message", &plain,
      "12e4ff00 ffff 00 00 *32 *64 ffff *16" },
    { "a measurement record beyond the message", &plain,
      "12600000 01 ffffff *7 *32 0000" },
    { "a PSK hint beyond the message", &plain,
      "12e60000 ffff ffff 0500 0700 *3 *5 *7" },
    { "a vendor id beyond the message", &plain, "12fe0000 0300 ff 0100" },
    { "a structure inside the fixed part of SLOT_MANAGEMENT", &plain,
      "14880300 0700 0000 0800 0000 02 03 0000" },
    { "a structure behind the end of SLOT_MANAGEMENT", &plain,
      "14880300 ffff 0000 0800 0000 02 03 0000" },
    { "a certificate beyond the message", &plain,
      "14882200 0800 0000 0800 0000 02 03 0000 ffffffff 01 04 0000 *5" },
    { "a RespLength shorter than its structure", &plain,
      "14080100 0800 0000 0700 0000 00 000000" },
    { "a RespLength beyond the message", &plain,
      "14080100 0800 0000 0900 0000 00 000000" },
    { "a RespLength that ends inside the reserved bytes of SubCodes", &plain,
      "14080000 0800 0000 2300 0000 *8 "
      "000000000000000000000000000000000000000000000000" },
};

static unsigned variants_tried;

static void append_hex(GByteArray *out, const char *hex)
{
    while (*hex) {
        if (*hex == ' ') {
            hex++;
        } else if (*hex == '*') {
            unsigned n = (unsigned)strtoul(hex + 1, (char **)&hex, 10);

            for (unsigned i = 1; i <= n; i++) {
                uint8_t b = (uint8_t)i;

                g_byte_array_append(out, &b, 1);
            }
        } else {
            uint8_t b = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 |
                                  g_ascii_xdigit_value(hex[1]));

            g_byte_array_append(out, &b, 1);
            hex += 2;
        }
    }
}

static GByteArray *from_hex(const char *hex)
{
    GByteArray *out = g_byte_array_new();

    append_hex(out, hex);
    return out;
}

/* Decodes a copy of exactly @len bytes, so that ASan sees any overrun. */
static bool decode_prefix(const Row *row, const GByteArray *bytes, size_t len,
                          size_t *size)
{
    g_autofree uint8_t *copy = g_memdup2(bytes->data, len);
    SpdmMsg m;

    return spdm_msg_decode(row->ctx, SPDM_BYTES(copy, len), &m, size, NULL);
}

static void test_round_trip(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) bytes = from_hex(row->hex);
    g_autoptr(GByteArray) again = g_byte_array_new();
    SpdmMsg m;
    size_t size;

    g_assert_true(spdm_msg_decode(row->ctx,
                                  SPDM_BYTES(bytes->data, bytes->len), &m,
                                  &size, NULL));
    g_assert_cmpuint(size, ==, bytes->len);
    g_assert_true(spdm_msg_encode(row->ctx, &m, again));
    /* Reserved bytes come back as zero; the row for them says *8. */
    if (!strstr(row->sentence, "Supported Algorithms")) {
        g_assert_cmpmem(again->data, again->len, bytes->data, bytes->len);
    }
}

static void test_short_by_any(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) bytes = from_hex(row->hex);

    for (size_t len = 0; len < bytes->len; len++) {
        g_assert_false(decode_prefix(row, bytes, len, NULL));
    }
}

static void test_padding(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) bytes = from_hex(row->hex);
    size_t exact = bytes->len;

    for (unsigned pad = 1; pad <= 3; pad++) {
        size_t size = 0;

        append_hex(bytes, "00");
        g_assert_true(decode_prefix(row, bytes, bytes->len, &size));
        g_assert_cmpuint(size, ==, exact);
    }
}

typedef struct Cover {
    size_t next;
    unsigned named;
} Cover;

static void cover_field(void *opaque, const char *name, size_t offset,
                        size_t len)
{
    Cover *cover = opaque;

    g_assert_nonnull(name);
    g_assert_cmpuint(offset, ==, cover->next);
    g_assert_cmpuint(len, >, 0);
    cover->next = offset + len;
    cover->named++;
}

static void test_fields_cover(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) bytes = from_hex(row->hex);
    Cover cover = { 0 };
    SpdmFieldSink sink = { cover_field, &cover };
    SpdmMsg m;

    g_assert_true(spdm_msg_decode(row->ctx,
                                  SPDM_BYTES(bytes->data, bytes->len), &m,
                                  NULL, &sink));
    g_assert_cmpuint(cover.next, ==, bytes->len);
    g_assert_cmpuint(cover.named, >=, 4);
}

static void test_off_by_one(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) bytes = from_hex(row->hex);
    SpdmBytes message = SPDM_BYTES(bytes->data, bytes->len);
    SpdmWireCtx nested = *row->ctx;
    unsigned n = variants_decode(row->ctx, message);

    nested.embedded = row->ctx;
    n += variants_decode(&nested, message);
    /* A header alone has 4 fields and an end. */
    g_assert_cmpuint(n, >=, 2 * (4 * 6 + 1));
    variants_tried += n;
}

static bool any_row_is(uint8_t code, const Row *group, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        g_autoptr(GByteArray) bytes = from_hex(group[i].hex);

        if (bytes->data[1] == code) {
            return true;
        }
    }
    return false;
}

static void test_every_message_has_a_row(void)
{
    for (unsigned code = 0; code <= 0xff; code++) {
        const SpdmMsgDesc *desc = spdm_msg_desc((uint8_t)code);

        if (desc &&
            !any_row_is(desc->code, well_formed, G_N_ELEMENTS(well_formed)) &&
            !any_row_is(desc->code, open_ended, G_N_ELEMENTS(open_ended))) {
            g_test_message("%s has a layout and no row here", desc->name);
            g_test_fail();
        }
    }
}

static void test_malformed(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) bytes = from_hex(row->hex);

    g_assert_false(decode_prefix(row, bytes, bytes->len, NULL));
}

static void test_key_exchange_rsp_fields(void)
{
    g_autoptr(GByteArray) bytes = from_hex(
        "12640500 feff 02 01 *32 *64 *32 0c00 *12 *64 *32");
    SpdmMsg m;

    g_assert_true(spdm_msg_decode(&summary,
                                  SPDM_BYTES(bytes->data, bytes->len), &m,
                                  NULL, NULL));
    g_assert_cmpuint(m.h.param1, ==, 5);
    g_assert_cmpuint(m.key_exchange_rsp.rsp_session_id, ==, 0xfffe);
    g_assert_cmpuint(m.key_exchange_rsp.mut_auth_requested, ==, 2);
    g_assert_cmpuint(m.key_exchange_rsp.slot_id_param, ==, 1);
    g_assert_true(m.key_exchange_rsp.random.data == bytes->data + 8);
    g_assert_true(m.key_exchange_rsp.exchange.data == bytes->data + 40);
    g_assert_cmpuint(m.key_exchange_rsp.opaque.len, ==, 12);
    g_assert_true(m.key_exchange_rsp.verify_data.data ==
                  bytes->data + bytes->len - 32);
}

static void test_tail_left_out(void)
{
    g_autoptr(GByteArray) bytes = from_hex(
        "12640000 feff 00 00 *32 *64 0c00 *12 *64 *32");
    g_autoptr(GByteArray) again = g_byte_array_new();
    SpdmMsg m;

    g_assert_true(spdm_msg_decode(&plain,
                                  SPDM_BYTES(bytes->data, bytes->len), &m,
                                  NULL, NULL));
    m.key_exchange_rsp.signature = SPDM_BYTES(NULL, 0);
    m.key_exchange_rsp.verify_data = SPDM_BYTES(NULL, 0);
    g_assert_true(spdm_msg_encode(&plain, &m, again));
    g_assert_cmpmem(again->data, again->len, bytes->data,
                    bytes->len - 64 - 32);
}

static void test_wrong_field_size_refused(void)
{
    static const uint8_t nonce[31];
    g_autoptr(GByteArray) out = from_hex("aa");
    SpdmMsg m = { .h = { 0x12, SPDM_CHALLENGE, 0, 0 },
                  .challenge = { .nonce = SPDM_BYTES(nonce, 31) } };

    g_assert_false(spdm_msg_encode(&plain, &m, out));
    g_assert_cmpuint(out->len, ==, 1);
}

static const struct {
    const char *sentence;
    const char *hex;
    bool ok;
} blocks[] = {
    { "a digest block", "01 01 2300 00 2000 *32", true },
    { "a raw block", "fe 01 1300 85 1000 *16", true },
    { "a block whose two sizes disagree", "01 01 2400 00 2000 *33", false },
    { "a block longer than the record", "01 01 2300 00 2000 *31", false },
    { "a block shorter than its header", "01 01 0200 00 0000", false },
};

static void test_block(gconstpointer data)
{
    size_t i = GPOINTER_TO_SIZE(data);
    g_autoptr(GByteArray) bytes = from_hex(blocks[i].hex);
    SpdmCoder c = spdm_coder_reader(&plain,
                                    SPDM_BYTES(bytes->data, bytes->len));
    SpdmMeasBlock b = { 0 };

    spdm_code_meas_block(&c, &b);
    g_assert_cmpint(spdm_coder_ok(&c), ==, blocks[i].ok);
}

static const struct {
    uint8_t version;
    uint32_t request, response;
} masks[] = {
    { 0x10, 0, 0x3f },
    { 0x11, 0x1ffc6, 0x1ffff },
    { 0x12, 0x3ffc6, 0x3fffff },
    { 0x13, 0x0ec3ffc6, 0x3fffffff },
};

static void test_flag_masks(void)
{
    for (size_t i = 0; i < G_N_ELEMENTS(masks); i++) {
        g_assert_cmphex(spdm_request_flags_mask(masks[i].version), ==,
                        masks[i].request);
        g_assert_cmphex(spdm_response_flags_mask(masks[i].version), ==,
                        masks[i].response);
    }
}

static void test_names(void)
{
    g_assert_cmpstr(spdm_code_name(0xe4), ==, "KEY_EXCHANGE");
    g_assert_cmpstr(spdm_code_name(0x64), ==, "KEY_EXCHANGE_RSP");
    g_assert_cmpstr(spdm_code_name(0x6b), ==, "ENCAPSULATED_RESPONSE_ACK");
    g_assert_cmpstr(spdm_code_name(0x99), ==, "UNKNOWN");
    g_assert_cmpstr(spdm_error_name(0x42), ==, "ResponseNotReady");
    g_assert_cmpstr(spdm_error_name(0x02), ==, "Reserved");
    g_assert_cmpstr(spdm_version_name(0x13), ==, "1.3");
}

static void add_rows(const char *group, const Row *rows, size_t n,
                     GTestDataFunc func)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("/wire/%s/%s", group,
                                                rows[i].sentence);

        g_test_add_data_func(path, &rows[i], func);
    }
}

int main(int argc, char **argv)
{
    size_t n = G_N_ELEMENTS(well_formed);
    size_t n_open = G_N_ELEMENTS(open_ended);
    int result;

    g_test_init(&argc, &argv, NULL);
    add_rows("decodes and encodes back", well_formed, n, test_round_trip);
    add_rows("is refused short by any number", well_formed, n,
             test_short_by_any);
    add_rows("has its exact size despite padding", well_formed, n,
             test_padding);
    add_rows("names every byte once", well_formed, n, test_fields_cover);
    add_rows("survives being off by one", well_formed, n, test_off_by_one);
    add_rows("decodes and encodes back", open_ended, n_open,
             test_round_trip);
    add_rows("names every byte once", open_ended, n_open, test_fields_cover);
    add_rows("survives being off by one", open_ended, n_open,
             test_off_by_one);
    g_test_add_func("/wire/every message has a row",
                    test_every_message_has_a_row);
    add_rows("refuses", malformed, G_N_ELEMENTS(malformed), test_malformed);
    g_test_add_func("/wire/KEY_EXCHANGE_RSP puts fields where DSP0274 says",
                    test_key_exchange_rsp_fields);
    g_test_add_func("/wire/signature and verify data may be left out",
                    test_tail_left_out);
    g_test_add_func("/wire/a field of a wrong size is not encoded",
                    test_wrong_field_size_refused);
    for (size_t i = 0; i < G_N_ELEMENTS(blocks); i++) {
        g_autofree char *path = g_strdup_printf("/wire/measurement block/%s",
                                                blocks[i].sentence);

        g_test_add_data_func(path, GSIZE_TO_POINTER(i), test_block);
    }
    g_test_add_func("/wire/flags are masked by version", test_flag_masks);
    g_test_add_func("/wire/codes have their standard names", test_names);
    result = g_test_run();
    g_print("# %u messages off by one decoded\n", variants_tried);
    return result;
}

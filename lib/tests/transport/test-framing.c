/*
 * Frames of DOE, MCTP, TCP, storage and no transport at all, and DOE
 * discovery.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "transport/transport.h"

#include <string.h>

static GByteArray *hex(const char *digits)
{
    GByteArray *out = g_byte_array_new();

    while (*digits) {
        uint8_t byte;

        if (*digits == ' ') {
            digits++;
            continue;
        }
        byte = (uint8_t)(g_ascii_xdigit_value(digits[0]) << 4 |
                         g_ascii_xdigit_value(digits[1]));
        g_byte_array_append(out, &byte, 1);
        digits += 2;
    }
    return out;
}

static SpdmBytes view(const GByteArray *bytes)
{
    return SPDM_BYTES(bytes->data, bytes->len);
}

/* A frame and what is in it, pad included. */
typedef struct Row {
    const char *sentence;
    SpdmTransportType type;
    const char *frame;
    SpdmFrameKind kind;
    const char *payload;
} Row;

#define DOE SPDM_TRANSPORT_PCI_DOE
#define MCTP SPDM_TRANSPORT_MCTP
#define NONE SPDM_TRANSPORT_NONE
#define TCP SPDM_TRANSPORT_TCP
#define STORAGE SPDM_TRANSPORT_STORAGE

static const Row whole[] = {
    { "DOE type 1 is a message", DOE, "01000100 03000000 10840000",
      SPDM_FRAME_PLAIN, "10840000" },
    { "DOE type 2 is a record", DOE, "01000200 03000000 feffffff",
      SPDM_FRAME_SECURED, "feffffff" },
    { "DOE type 0 is discovery", DOE, "01000000 03000000 00000000",
      SPDM_FRAME_DISCOVERY, "00000000" },
    { "MCTP type 5 is a message", MCTP, "05 10840000",
      SPDM_FRAME_PLAIN, "10840000" },
    { "MCTP type 6 is a record", MCTP, "06 feffffff",
      SPDM_FRAME_SECURED, "feffffff" },
    { "TCP type 5 is a message", TCP, "06000105 10840000",
      SPDM_FRAME_PLAIN, "10840000" },
    { "TCP type 6 is a record", TCP, "06000106 feffffff",
      SPDM_FRAME_SECURED, "feffffff" },
    { "storage operation 5 is a message", STORAGE, "14 10840000",
      SPDM_FRAME_PLAIN, "10840000" },
    { "storage operation 6 is a record", STORAGE, "18 00000000 feffffff",
      SPDM_FRAME_SECURED, "feffffff" },
    { "a bare message", NONE, "10840000", SPDM_FRAME_PLAIN, "10840000" },
    { "a bare message of 1.4", NONE, "14810000",
      SPDM_FRAME_PLAIN, "14810000" },
    { "a bare record", NONE, "feffffff", SPDM_FRAME_SECURED, "feffffff" },
};

static const Row refused[] = {
    { "DOE, nothing", DOE, "", 0, NULL },
    { "DOE, a part of a header", DOE, "01000100 030000", 0, NULL },
    { "DOE, a header alone", DOE, "01000100 02000000", 0, NULL },
    { "DOE, another vendor", DOE, "02000100 03000000 10840000", 0, NULL },
    { "DOE, another vendor's high byte", DOE, "01010100 03000000 10840000",
      0, NULL },
    { "DOE, an unknown type", DOE, "01000300 03000000 10840000", 0, NULL },
    { "DOE, a reserved byte", DOE, "01000101 03000000 10840000", 0, NULL },
    { "DOE, a length too long", DOE, "01000100 04000000 10840000", 0, NULL },
    { "DOE, a length too short", DOE, "01000100 03000000 10840000 00000000",
      0, NULL },
    { "DOE, length 0 of a short object", DOE, "01000100 00000000 10840000",
      0, NULL },
    { "DOE, reserved length bits", DOE, "01000100 03000400 10840000",
      0, NULL },
    { "DOE, reserved length bits on top", DOE, "01000100 03000080 10840000",
      0, NULL },
    { "DOE, not a number of dwords", DOE, "01000100 03000000 108400", 0,
      NULL },
    { "MCTP, nothing", MCTP, "", 0, NULL },
    { "MCTP, a type alone", MCTP, "05", 0, NULL },
    { "MCTP, another type", MCTP, "01 10840000", 0, NULL },
    { "MCTP, an integrity check", MCTP, "85 10840000", 0, NULL },
    { "TCP, nothing", TCP, "", 0, NULL },
    { "TCP, a header alone", TCP, "02000105", 0, NULL },
    { "TCP, a length too short", TCP, "05000105 10840000", 0, NULL },
    { "TCP, a length too long", TCP, "07000105 10840000", 0, NULL },
    { "TCP, another binding version", TCP, "06000205 10840000", 0, NULL },
    { "TCP, role inquiry is no SPDM message", TCP, "060001bf 10840000", 0,
      NULL },
    { "storage, nothing", STORAGE, "", 0, NULL },
    { "storage, no data", STORAGE, "14", 0, NULL },
    { "storage, another connection", STORAGE, "15 10840000", 0, NULL },
    { "storage, discovery is no frame", STORAGE, "04 10840000", 0, NULL },
    { "storage, an unknown operation", STORAGE, "1c 10840000", 0, NULL },
    { "storage, no record behind its word", STORAGE, "18 00000000", 0,
      NULL },
    { "no transport, nothing", NONE, "", 0, NULL },
};

static void test_whole(gconstpointer data)
{
    const Row *row = data;
    const SpdmTransport *t = spdm_transport(row->type);
    g_autoptr(GByteArray) bytes = hex(row->frame);
    g_autoptr(GByteArray) payload = hex(row->payload);
    g_autoptr(GByteArray) again = g_byte_array_new();
    SpdmFrame frame;

    g_assert_true(t->unpack(view(bytes), &frame));
    g_assert_cmpint(frame.kind, ==, row->kind);
    g_assert_cmpmem(frame.payload.data, frame.payload.len,
                    payload->data, payload->len);
    g_assert_true(t->pack(row->kind, view(payload), again));
    g_assert_cmpmem(again->data, again->len, bytes->data, bytes->len);
}

static void test_refused(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) bytes = hex(row->frame);
    g_autofree uint8_t *exact = g_memdup2(bytes->data, bytes->len);
    SpdmFrame frame;

    g_assert_false(spdm_transport(row->type)->unpack(
        SPDM_BYTES(exact, bytes->len), &frame));
}

static void test_doe_pads(void)
{
    static const char *const frames[] = {
        "01000100 03000000 aa000000", "01000100 03000000 aaaa0000",
        "01000100 03000000 aaaaaa00", "01000100 03000000 aaaaaaaa",
        "01000100 04000000 aaaaaaaa aa000000",
    };
    const SpdmTransport *t = spdm_transport(DOE);
    uint8_t payload[5];

    memset(payload, 0xaa, sizeof(payload));
    for (unsigned i = 0; i < G_N_ELEMENTS(frames); i++) {
        g_autoptr(GByteArray) want = hex(frames[i]);
        g_autoptr(GByteArray) out = g_byte_array_new();

        g_assert_true(t->pack(SPDM_FRAME_PLAIN, SPDM_BYTES(payload, i + 1),
                              out));
        g_assert_cmpmem(out->data, out->len, want->data, want->len);
        g_assert_cmpuint(out->len, <=, i + 1 + t->max_overhead);
        g_assert_cmpuint(out->len - 8 - (i + 1), <=, t->max_pad);
    }
}

static void test_doe_largest(void)
{
    const SpdmTransport *t = spdm_transport(DOE);
    size_t most = (1u << 20) - 8;
    g_autofree uint8_t *payload = g_malloc0(most + 1);
    g_autoptr(GByteArray) out = g_byte_array_new();
    SpdmFrame frame;

    g_assert_false(t->pack(SPDM_FRAME_PLAIN, SPDM_BYTES(payload, most + 1),
                           out));
    g_assert_cmpuint(out->len, ==, 0);
    g_assert_true(t->pack(SPDM_FRAME_PLAIN, SPDM_BYTES(payload, most), out));
    g_assert_cmpmem(out->data, 8, "\1\0\1\0\0\0\0\0", 8);
    g_assert_true(t->unpack(view(out), &frame));
    g_assert_cmpuint(frame.payload.len, ==, most);
}

static void test_nothing_to_pack(void)
{
    static const SpdmTransportType types[] = { DOE, MCTP, NONE, TCP,
                                               STORAGE };
    g_autoptr(GByteArray) out = g_byte_array_new();
    SpdmBytes one = SPDM_BYTES("x", 1);

    for (unsigned i = 0; i < G_N_ELEMENTS(types); i++) {
        const SpdmTransport *t = spdm_transport(types[i]);

        g_assert_cmpint(t->type, ==, types[i]);
        g_assert_false(t->pack(SPDM_FRAME_PLAIN, SPDM_BYTES(NULL, 0), out));
        g_assert_cmpint(t->pack(SPDM_FRAME_DISCOVERY, one, out), ==,
                        types[i] == DOE);
    }
}

/* In front of a message of 4 bytes there is @want, and never @other. */
static void inner_is(const SpdmTransport *t, const char *want,
                     const char *other)
{
    g_autoptr(GByteArray) good = hex(want);
    g_autoptr(GByteArray) bad = hex(other);
    g_autofree uint8_t *out = g_malloc(good->len);

    g_assert_cmpuint(t->record.inner_size, ==, good->len);
    t->record.put_inner(4, out);
    g_assert_cmpmem(out, good->len, good->data, good->len);
    g_byte_array_set_size(good, good->len + 4);
    g_byte_array_set_size(bad, bad->len + 4);
    g_assert_true(t->record.check_inner(good->data, good->len));
    g_assert_false(t->record.check_inner(bad->data, bad->len));
}

/* From a header alone; nothing counted is what the reference sends (BF). */
static void test_tcp_frame_size(void)
{
    g_assert_cmpuint(spdm_tcp_frame_size((const uint8_t[]){ 6, 0, 1, 5 }),
                     ==, 8);
    g_assert_cmpuint(spdm_tcp_frame_size((const uint8_t[]){ 2, 0, 1, 0xbf }),
                     ==, 4);
    g_assert_cmpuint(spdm_tcp_frame_size((const uint8_t[]){ 0, 0, 1, 0xbf }),
                     ==, 4);
    g_assert_cmpuint(
        spdm_tcp_frame_size((const uint8_t[]){ 255, 255, 1, 5 }), ==, 65537);
}

static void test_record_formats(void)
{
    const SpdmTransport *t = spdm_transport(DOE);

    g_assert_cmpstr(t->name, ==, "pci-doe");
    g_assert_cmpuint(t->record.sequence_size + t->record.max_random, ==, 0);
    g_assert_cmpuint(t->record.inner_size, ==, 0);
    t = spdm_transport(MCTP);
    g_assert_cmpstr(t->name, ==, "mctp");
    g_assert_cmpuint(t->record.sequence_size, ==, 2);
    g_assert_cmpuint(t->record.max_random, ==, 32);
    inner_is(t, "05", "04");
    g_assert_cmpuint(t->max_pad, ==, 0);
    t = spdm_transport(TCP);
    g_assert_cmpstr(t->name, ==, "tcp");
    g_assert_cmpuint(t->record.sequence_size + t->record.max_random, ==, 0);
    inner_is(t, "06000105", "06000106");
    inner_is(t, "06000105", "05000105");
    inner_is(t, "06000105", "06000205");
    t = spdm_transport(STORAGE);
    g_assert_cmpstr(t->name, ==, "storage");
    g_assert_cmpuint(t->record.sequence_size, ==, 2);
    inner_is(t, "01000000 00040000 04000000 22000000 00000000",
             "02000000 00040000 04000000 22000000 00000000");
    inner_is(t, "01000000 00040000 04000000 22000000 00000000",
             "01000000 00010000 04000000 22000000 00000000");
    inner_is(t, "01000000 00040000 04000000 22000000 00000000",
             "01000000 00040000 05000000 22000000 00000000");
    t = spdm_transport(NONE);
    g_assert_cmpstr(t->name, ==, "none");
    g_assert_cmpuint(t->max_overhead, ==, 0);
}

/* Request and response dwords; no response: silence. */
typedef struct Discovery {
    const char *sentence;
    const char *request;
    const char *response;
} Discovery;

static const Discovery discoveries[] = {
    { "index 0 is discovery itself", "00000000", "01000001" },
    { "index 1 is CMA-SPDM", "01000000", "01000102" },
    { "index 2 is secured CMA-SPDM, the last", "02000000", "01000200" },
    { "version 2 is answered alike", "01020000", "01000102" },
    { "index 3 is not there", "03000000", NULL },
    { "index 255 is not there", "ff000000", NULL },
    { "no dword", "", NULL },
    { "half a dword", "0000", NULL },
    { "two dwords", "00000000 00000000", NULL },
};

static void test_discovery(gconstpointer data)
{
    const Discovery *row = data;
    g_autoptr(GByteArray) request = hex(row->request);
    g_autoptr(GByteArray) want = hex(row->response ? row->response : "");
    g_autoptr(GByteArray) out = g_byte_array_new();

    g_assert_cmpint(spdm_doe_discovery(view(request), out), ==,
                    row->response != NULL);
    g_assert_cmpmem(out->data, out->len, want->data, want->len);
}

static void add(const char *group, const char *sentence, gconstpointer data,
                GTestDataFunc test)
{
    g_autofree char *path = g_strdup_printf("/framing/%s/%s", group,
                                            sentence);

    g_test_add_data_func(path, data, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(whole); i++) {
        add("there and back", whole[i].sentence, &whole[i], test_whole);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(refused); i++) {
        add("refused", refused[i].sentence, &refused[i], test_refused);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(discoveries); i++) {
        add("discovery", discoveries[i].sentence, &discoveries[i],
            test_discovery);
    }
    g_test_add_func("/framing/DOE pads to a dword with zeros",
                    test_doe_pads);
    g_test_add_func("/framing/DOE's largest object has length 0",
                    test_doe_largest);
    g_test_add_func("/framing/an empty payload is not packed",
                    test_nothing_to_pack);
    g_test_add_func("/framing/the size of a TCP message is in its header",
                    test_tcp_frame_size);
    g_test_add_func("/framing/each transport has its record format",
                    test_record_formats);
    return g_test_run();
}

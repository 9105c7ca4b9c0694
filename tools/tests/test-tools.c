/*
 * JSON and frames of the emulator socket.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/emu-socket.h"
#include "common/json.h"
#include "common/json-read.h"
#include "responder/storage.h"

static void test_json(void)
{
    static const uint8_t bytes[] = { 0x00, 0xff };
    Json j, list;

    json_init(&list);
    json_int(&list, NULL, -1);
    json_int(&list, NULL, INT64_MAX);
    json_init(&j);
    json_begin(&j, NULL, '{');
    json_string(&j, "a\"b", "c\\d\n\x01\x7f");
    json_string(&j, "bad", "\xff!");
    json_string(&j, "none", NULL);
    json_bool(&j, "yes", true);
    json_hex(&j, "hex", bytes, sizeof(bytes));
    json_begin(&j, "list", '[');
    json_raw(&j, NULL, &list);
    json_end(&j, ']');
    json_begin(&j, "empty", '{');
    json_end(&j, '}');
    json_end(&j, '}');
    g_assert_cmpstr(j.text->str, ==,
                    "{\"a\\\"b\":\"c\\\\d\\u000a\\u0001\\u007f\","
                    "\"bad\":\"\xef\xbf\xbd!\",\"none\":null,\"yes\":true,"
                    "\"hex\":\"00ff\",\"list\":[-1,9223372036854775807],"
                    "\"empty\":{}}");
    json_clear(&j);
    json_clear(&list);
}

static void test_json_read(void)
{
    static const char text[] =
        " { \"a\" : \"\\u00e9\\n\\\"\\ud83d\\ude00\", \"n\":-42,"
        "\"yes\":true, \"no\" :false,\"none\":null } ";
    g_autoptr(GError) err = NULL;
    g_autoptr(GHashTable) o = json_read_object(text, strlen(text), &err);

    g_assert_no_error(err);
    g_assert_cmpuint(g_hash_table_size(o), ==, 4);
    g_assert_cmpstr(g_variant_get_string(g_hash_table_lookup(o, "a"), NULL),
                    ==, "\xc3\xa9\n\"\xf0\x9f\x98\x80");
    g_assert_cmpint(g_variant_get_int64(g_hash_table_lookup(o, "n")), ==,
                    -42);
    g_assert_true(g_variant_get_boolean(g_hash_table_lookup(o, "yes")));
    g_assert_false(g_variant_get_boolean(g_hash_table_lookup(o, "no")));
}

/* Each is refused, as is each beginning of a good one. */
static void test_json_refused(void)
{
    static const char *const bad[] = {
        "", "{", "[]", "\"a\"", "{} x", "{\"a\"}", "{\"a\":}",
        "{\"a\":1,}", "{a:1}", "{\"a\":1.5}", "{\"a\":1e3}", "{\"a\":01x}",
        "{\"a\":--1}", "{\"a\":-}", "{\"a\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
        "{\"a\":{}}", "{\"a\":[1]}", "{\"a\":truth}", "{\"a\":1 2}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\ud800\"}", "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\\udc00\"}", "{\"a\":\"\xff\"}",
    };
    static const char good[] = "{\"a\":\"\\ud83d\\ude00\",\"b\":true}";

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_null(json_read_object(bad[i], strlen(bad[i]), &err));
        g_assert_nonnull(err);
    }
    for (size_t len = 0; len < strlen(good); len++) {
        g_autofree char *part = g_memdup2(good, len);

        g_assert_null(json_read_object(part ? part : "", len, NULL));
    }
    g_assert_null(json_read_object("{}\0", 3, NULL));
}

/* json-glib would refuse it too, and leak: it is never asked. */
static void test_json_half_a_pair(void)
{
    static const char *const bad[] = {
        "{\"a\":\"\\ud83d\\u\"}", "{\"a\":\"\\ud800\\u0041\"}",
        "{\"a\":\"\\udc00\"}", "{\"a\":\"\\ud83d\\\\\\ude00\"}",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_null(json_read_object(bad[i], strlen(bad[i]), &err));
        g_assert_nonnull(strstr(err->message, "half of a surrogate pair"));
    }
}

static void check_frame(int fd, EmuFrame *frame)
{
    g_autoptr(GError) err = NULL;
    bool eof = false;

    emu_receive(fd, 1000000, frame, &eof, &err);
    g_assert_no_error(err);
    g_assert_cmphex(frame->command, ==, EMU_NORMAL);
    g_assert_cmpuint(frame->transport, ==, EMU_MCTP);
}

static void test_frames(void)
{
    static const uint8_t wire[] = {
        0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 5, 0x10, 0x84,
    };
    EmuFrame frame = { .payload = g_byte_array_new() };
    g_autoptr(GError) err = NULL;
    uint8_t sent[sizeof(wire)];
    bool eof = false;
    int fd[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), ==, 0);
    g_assert_true(emu_send(fd[0], EMU_NORMAL, EMU_MCTP, wire + 12, 3, NULL));
    g_assert_cmpint(read(fd[1], sent, sizeof(sent)), ==, sizeof(wire));
    g_assert_cmpmem(sent, sizeof(sent), wire, sizeof(wire));
    g_assert_false(emu_pending(fd[1]));
    /* In pieces, as the emulators write it. */
    for (size_t i = 0; i < sizeof(wire); i++) {
        g_assert_cmpint(write(fd[0], wire + i, 1), ==, 1);
    }
    check_frame(fd[1], &frame);
    g_assert_cmpmem(frame.payload->data, frame.payload->len, wire + 12, 3);
    g_assert_false(emu_receive(fd[1], 1000, &frame, &eof, &err));
    g_assert_false(eof);
    g_clear_error(&err);
    close(fd[0]);
    g_assert_false(emu_receive(fd[1], 1000, &frame, &eof, &err));
    g_assert_true(eof);
    close(fd[1]);
    g_byte_array_unref(frame.payload);
}

static void test_frame_too_long(void)
{
    static const uint8_t wire[] = { 0, 0, 0, 1, 0, 0, 0, 1, 0x7f, 0, 0, 0 };
    EmuFrame frame = { .payload = g_byte_array_new() };
    g_autoptr(GError) err = NULL;
    int fd[2];

    g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), ==, 0);
    g_assert_cmpint(write(fd[0], wire, sizeof(wire)), ==, sizeof(wire));
    g_assert_false(emu_receive(fd[1], 1000000, &frame, NULL, &err));
    g_assert_nonnull(strstr(err->message, "too long"));
    g_assert_cmpuint(frame.payload->len, ==, 0);
    close(fd[0]);
    close(fd[1]);
    g_byte_array_unref(frame.payload);
}

static void test_bad_addresses(void)
{
    static const char *const addresses[] = {
        "nowhere", "unix:/nonexistent/socket", "127.0.0.1:0",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(addresses); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_cmpint(emu_connect(addresses[i], &err), ==, -1);
        g_assert_nonnull(err);
    }
}

/* A fault plan may leave nothing of a frame, not even its SPSP0 byte. */
static void test_storage_nothing_left(void)
{
    static const uint8_t receive[] = {
        0xe8, SPDM_STORAGE_MESSAGE << 2, 0, 64, 0, 0, 0,
    };
    static const uint8_t info[] = {
        0xe8, SPDM_STORAGE_PENDING_INFO << 2, 0, 64, 0, 0, 0,
    };
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_auto(SpdmReply) reply = {
        .verdict = SPDM_VERDICT_REPLY, .bytes = g_byte_array_new(),
    };
    Storage s = { .pending = NULL };
    StorageCommand command;

    storage_put(&s, &reply);
    g_assert_true(storage_parse(receive, sizeof(receive), &command));
    g_assert_cmpuint(storage_fetch(&s, &command, out), !=, STORAGE_OK);
    g_assert_true(storage_parse(info, sizeof(info), &command));
    g_assert_cmpuint(storage_fetch(&s, &command, out), ==, STORAGE_OK);
    g_assert_cmpuint(out->len, ==, 12);
    g_assert_cmpuint(out->data[4], ==, 0);
    storage_clear(&s);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/tools/json", test_json);
    g_test_add_func("/tools/json/read", test_json_read);
    g_test_add_func("/tools/json/refused", test_json_refused);
    g_test_add_func("/tools/json/half of a surrogate pair is refused",
                    test_json_half_a_pair);
    g_test_add_func("/tools/socket/frames", test_frames);
    g_test_add_func("/tools/socket/too-long", test_frame_too_long);
    g_test_add_func("/tools/socket/bad-addresses", test_bad_addresses);
    g_test_add_func("/tools/storage/a-frame-cut-down-to-nothing",
                    test_storage_nothing_left);
    return g_test_run();
}

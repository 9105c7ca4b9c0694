/*
 * From status to ERROR message.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core-util.h"

typedef struct Row {
    const char *sentence;
    SpdmErrorCode code;
    uint8_t version;
    const char *hex;
} Row;

static const Row rows[] = {
    { "before a version is agreed ERROR is of 1.0",
      SPDM_ERROR_INVALID_REQUEST, 0, "107f0100" },
    { "VersionMismatch is as old as SPDM",
      SPDM_ERROR_VERSION_MISMATCH, 0, "107f4100" },
    { "Busy is told to 1.0", SPDM_ERROR_BUSY, 0x10, "107f0300" },
    { "DecryptError is Unspecified for 1.0",
      SPDM_ERROR_DECRYPT_ERROR, 0x10, "107f0500" },
    { "DecryptError is told to 1.1",
      SPDM_ERROR_DECRYPT_ERROR, 0x11, "117f0600" },
    { "SessionRequired is Unspecified for 1.1",
      SPDM_ERROR_SESSION_REQUIRED, 0x11, "117f0500" },
    { "SessionRequired is told to 1.2",
      SPDM_ERROR_SESSION_REQUIRED, 0x12, "127f0b00" },
    { "RequestTooLarge is InvalidRequest for 1.1",
      SPDM_ERROR_REQUEST_TOO_LARGE, 0x11, "117f0100" },
    { "NoPendingRequests is UnexpectedRequest for 1.2",
      SPDM_ERROR_NO_PENDING_REQUESTS, 0x12, "127f0400" },
    { "NoPendingRequests is told to 1.3",
      SPDM_ERROR_NO_PENDING_REQUESTS, 0x13, "137f4500" },
    { "InvalidPolicy is Unspecified for 1.2",
      SPDM_ERROR_INVALID_POLICY, 0x12, "127f0500" },
    { "OperationFailed is Unspecified for 1.2",
      SPDM_ERROR_OPERATION_FAILED, 0x12, "127f0500" },
    { "DataTooLarge is Unspecified for 1.3",
      SPDM_ERROR_DATA_TOO_LARGE, 0x13, "137f0500" },
};

static void assert_encodes(SpdmStatus status, uint8_t version,
                           const char *digits)
{
    g_autoptr(GByteArray) out = g_byte_array_new();
    g_autoptr(GByteArray) want = hex(digits);

    spdm_status_encode(&status, version, out);
    assert_bytes(view(out), view(want));
}

static void test_row(gconstpointer data)
{
    const Row *row = data;

    assert_encodes(spdm_fail(row->code, "why"), row->version, row->hex);
}

static void test_unsupported(void)
{
    assert_encodes(spdm_unsupported(0xe4, "why"), 0x12, "127f07e4");
}

static void test_not_ready(void)
{
    assert_encodes(spdm_not_ready(10, 0xe0, 7, 2), 0x12,
                   "127f4200 0ae00702");
}

static void test_data_goes_with_the_code(void)
{
    SpdmStatus status = spdm_fail(SPDM_ERROR_LARGE_RESPONSE, "why");

    status.param = 9;
    status.data[0] = 0x55;
    status.data_len = 1;
    assert_encodes(status, 0x12, "127f0f09 55");
    assert_encodes(status, 0x11, "117f0500");
}

static void test_constructors(void)
{
    g_assert_false(SPDM_STATUS_OK.failed);
    g_assert_true(spdm_drop("why").drop);
    g_assert_true(spdm_fail_session(SPDM_ERROR_DECRYPT_ERROR, "why")
                  .end_session);
    g_assert_false(spdm_fail(SPDM_ERROR_BUSY, "why").end_session);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/status/%s",
                                                rows[i].sentence);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    g_test_add_func("/status/UnsupportedRequest names the request",
                    test_unsupported);
    g_test_add_func("/status/ResponseNotReady carries its four bytes",
                    test_not_ready);
    g_test_add_func("/status/a replaced code loses its data",
                    test_data_goes_with_the_code);
    g_test_add_func("/status/constructors say what they mean",
                    test_constructors);
    return g_test_run();
}

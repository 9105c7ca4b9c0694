/*
 * PLDM control, message by message.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "pldm/pldm.h"

#include <string.h>

typedef struct Row {
    const char *name;
    const char *request;     /* hex */
    const char *answer;      /* hex; NULL: there is none */
    uint8_t tid;             /* afterwards; 0: as before */
} Row;

#define ZEROS_31 "00000000000000000000000000000000000000000000000000000000" \
                 "000000"

static const Row rows[] = {
    /* As the DMTF emulators say it. */
    { "GetTID", "800002", "0000020001", 0 },
    { "GetTID-keeps-the-instance", "9f0002", "1f00020001", 0 },
    { "SetTID", "80000107", "00000100", 7 },
    { "SetTID-of-a-reserved-id", "80000100", "00000102", 0 },
    { "SetTID-of-the-other-reserved-id", "800001ff", "00000102", 0 },
    { "GetPLDMVersion", "800003 00000000 01 00",
      "00000300 00000000 05 00f0f0f1 fb8f864a", 0 },
    { "GetPLDMVersion-of-another-type", "800003 00000000 01 02",
      "00000383", 0 },
    { "GetPLDMVersion-of-a-next-part", "800003 00000000 00 00", "00000380", 0 },
    { "GetPLDMVersion-of-no-part", "800003 00000000 02 00", "00000381", 0 },
    { "GetPLDMTypes", "800004", "00000400 0100000000000000", 0 },
    { "GetPLDMCommands", "800005 00 00f0f0f1", "00000500 3e" ZEROS_31, 0 },
    { "GetPLDMCommands-of-another-type", "800005 02 00f0f0f1", "00000583", 0 },
    { "GetPLDMCommands-of-another-version", "800005 00 00f0f0f2",
      "00000584", 0 },
    { "a-command-too-long", "80000200", "00000203", 0 },
    { "SetTID-too-short", "800001", "00000103", 0 },
    { "SetTID-too-long", "8000010700", "00000103", 0 },
    { "GetPLDMVersion-too-short", "800003 00000000 01", "00000303", 0 },
    { "GetPLDMVersion-too-long", "800003 00000000 01 0000", "00000303", 0 },
    { "GetPLDMTypes-too-long", "80000400", "00000403", 0 },
    { "GetPLDMCommands-too-short", "800005 00 00f0f0", "00000503", 0 },
    { "GetPLDMCommands-too-long", "800005 00 00f0f0f100", "00000503", 0 },
    { "an-unknown-command", "800006", "00000605", 0 },
    { "another-type", "800202", "00020220", 0 },
    { "shorter-than-a-header", "8000", NULL, 0 },
    { "nothing", "", NULL, 0 },
    { "a-response", "000002", NULL, 0 },
    { "a-datagram", "c00002", NULL, 0 },
    { "another-header-version", "804002", NULL, 0 },
};

static GByteArray *unhex(const char *s)
{
    GByteArray *out = g_byte_array_new();

    for (; *s; s++) {
        uint8_t byte;

        if (*s != ' ') {
            byte = (uint8_t)(g_ascii_xdigit_value(s[0]) << 4 |
                             g_ascii_xdigit_value(s[1]));
            g_byte_array_append(out, &byte, 1);
            s++;
        }
    }
    return out;
}

static void test_row(gconstpointer data)
{
    const Row *row = data;
    SpdmPldm pldm = { .tid = 1 };
    g_autoptr(GByteArray) request = unhex(row->request);
    g_autoptr(GByteArray) reply = g_byte_array_new();
    g_autoptr(GByteArray) want = unhex(row->answer ? row->answer : "");

    g_assert_cmpint(spdm_pldm_answer(&pldm, SPDM_BYTES(request->data,
                                                       request->len), reply),
                    ==, row->answer != NULL);
    g_assert_cmpmem(reply->data, reply->len, want->data, want->len);
    g_assert_cmpuint(pldm.tid, ==, row->tid ? row->tid : 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strdup_printf("/pldm/%s", rows[i].name);

        g_test_add_data_func(path, &rows[i], test_row);
    }
    return g_test_run();
}

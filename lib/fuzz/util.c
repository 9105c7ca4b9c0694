/*
 * What the targets share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/fuzz.h"

void fuzz_seed_kind(const FuzzSeeds *seeds, uint8_t kind, SpdmBytes rest)
{
    g_autoptr(GByteArray) input = g_byte_array_new();

    fuzz_put_int(input, kind, 1);
    fuzz_put(input, rest);
    fuzz_seed(seeds, fuzz_view(input));
}

void fuzz_seed_files(const FuzzSeeds *seeds, const char *directory)
{
    g_autofree char *path = g_build_filename(SRCDIR, directory, NULL);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    const char *name;

    while (dir && (name = g_dir_read_name(dir))) {
        g_autofree char *file = g_build_filename(path, name, NULL);
        g_autofree char *text = NULL;
        gsize len;

        if (g_file_get_contents(file, &text, &len, NULL)) {
            fuzz_seed(seeds, SPDM_BYTES(text, len));
        }
    }
}

void fuzz_check_error(bool ok, const GError *err)
{
    fuzz_check(ok == (err == NULL), "a result and its error disagree");
    if (err && (!*err->message || strpbrk(err->message, "\r\n\033") ||
                !g_utf8_validate(err->message, -1, NULL))) {
        g_printerr("%s\n", err->message);
        fuzz_fail("an error is not one line");
    }
}

/*
 * What the tests of lib/crypto share: hexadecimal in, rows in a table out.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef TEST_CRYPTO_UTIL_H
#define TEST_CRYPTO_UTIL_H

#include <string.h>

#include "crypto/random.h"

/* The bytes of an even number of hexadecimal digits. */
static inline GBytes *unhex(const char *hex)
{
    size_t len = strlen(hex) / 2;
    uint8_t *data = g_malloc(len + 1);

    g_assert_cmpuint(strlen(hex) % 2, ==, 0);
    for (size_t i = 0; i < len; i++) {
        int high = g_ascii_xdigit_value(hex[2 * i]);
        int low = g_ascii_xdigit_value(hex[2 * i + 1]);

        g_assert_true(high >= 0 && low >= 0);
        data[i] = high << 4 | low;
    }
    return g_bytes_new_take(data, len);
}

static inline SpdmBytes view(GBytes *bytes)
{
    gsize len;
    const void *data = g_bytes_get_data(bytes, &len);

    return SPDM_BYTES(data, len);
}

static inline SpdmBytes text(const char *s)
{
    return SPDM_BYTES(s, strlen(s));
}

static inline void assert_hex(const void *data, size_t len, const char *hex)
{
    g_autoptr(GBytes) want = unhex(hex);

    g_assert_cmpmem(data, len, view(want).data, view(want).len);
}

/* Adds one test per row; every row type starts with its sentence. */
#define ADD_ROWS(group, rows, func)                                     \
    for (size_t row_ = 0; row_ < G_N_ELEMENTS(rows); row_++) {          \
        g_autofree char *path_ =                                        \
            g_strdup_printf("/crypto/%s/%s", group,                     \
                            (rows)[row_].sentence);                     \
        g_test_add_data_func(path_, &(rows)[row_], func);               \
    }

static inline void test_begin(int *argc, char ***argv)
{
    GError *err = NULL;

    g_test_init(argc, argv, NULL);
    spdm_crypto_init(&err);
    g_assert_no_error(err);
}

#endif

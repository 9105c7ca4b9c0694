/*
 * Wiping and comparing of secrets.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/secret.h"

#include <string.h>

void spdm_wipe(void *ptr, size_t len)
{
    if (len > 0) {
        explicit_bzero(ptr, len);
    }
}

bool spdm_equal_ct(const void *a, const void *b, size_t len)
{
    /* Volatile, so that no compiler may stop at the first difference. */
    const volatile uint8_t *x = a, *y = b;
    uint8_t diff = 0;

    for (size_t i = 0; i < len; i++) {
        diff |= x[i] ^ y[i];
    }
    return diff == 0;
}

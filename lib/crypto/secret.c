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

enum { STACK_BELOW = 8192 };   /* libgcrypt goes down 5000 bytes and more */

#if defined(__has_attribute)
#if __has_attribute(zero_call_used_regs)
#define ZERO_REGISTERS __attribute__((zero_call_used_regs("all")))
#endif
#endif
#ifndef ZERO_REGISTERS
#define ZERO_REGISTERS
#endif

/*
 * A frame of its own, where those of before were; never a caller's. Keys that
 * were copied are in vector registers, too, and the dynamic linker puts those
 * on the stack when a function is called for the first time.
 */
void G_GNUC_NO_INLINE ZERO_REGISTERS spdm_wipe_stack(void)
{
    uint8_t below[STACK_BELOW];

    explicit_bzero(below, sizeof(below));
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

/*
 * Fuzzers: each file of lib/fuzz/target and tools/fuzz takes one input at a
 * time, from libFuzzer, from AFL++, or from files (driver.c).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FUZZ_FUZZ_H
#define SPDM_FUZZ_FUZZ_H

#include <stdlib.h>
#include <string.h>

#include "spdm/base.h"

/** Takes one input; what it finds ends the process. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/** Where seeds go. */
typedef struct FuzzSeeds {
    void (*put)(void *opaque, SpdmBytes input);
    void *opaque;
} FuzzSeeds;

/** Writes the inputs that a target starts from: what is right, of each kind. */
void fuzz_seeds(const FuzzSeeds *seeds);

/** What must never happen has happened. */
G_NORETURN static inline void fuzz_fail(const char *why)
{
    g_printerr("fuzz: %s\n", why);
    abort();
}

static inline void fuzz_check(bool ok, const char *why)
{
    if (!ok) {
        fuzz_fail(why);
    }
}

/** The rest of an input, taken from the front; zeros behind its end. */
typedef struct FuzzInput {
    const uint8_t *data;
    size_t len;
} FuzzInput;

static inline SpdmBytes fuzz_take(FuzzInput *in, size_t len)
{
    SpdmBytes bytes = { in->data, MIN(len, in->len) };

    if (bytes.len) {
        in->data += bytes.len;
        in->len -= bytes.len;
    }
    return bytes;
}

/** A little-endian integer of @size bytes. */
static inline uint32_t fuzz_int(FuzzInput *in, size_t size)
{
    SpdmBytes bytes = fuzz_take(in, size);
    uint32_t value = 0;

    for (size_t i = 0; i < bytes.len; i++) {
        value |= (uint32_t)bytes.data[i] << (8 * i);
    }
    return value;
}

static inline void fuzz_put_int(GByteArray *out, uint32_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        uint8_t byte = (uint8_t)(value >> (8 * i));

        g_byte_array_append(out, &byte, 1);
    }
}

static inline void fuzz_put(GByteArray *out, SpdmBytes bytes)
{
    if (bytes.len) {
        g_byte_array_append(out, bytes.data, (guint)bytes.len);
    }
}

static inline SpdmBytes fuzz_view(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

static inline SpdmBytes fuzz_bytes(GBytes *bytes)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(bytes, &len);

    return SPDM_BYTES(data, len);
}

static inline void fuzz_seed(const FuzzSeeds *seeds, SpdmBytes input)
{
    seeds->put(seeds->opaque, input);
}

/** A byte that says which kind of input it is, then the input. */
void fuzz_seed_kind(const FuzzSeeds *seeds, uint8_t kind, SpdmBytes rest);

/** The files of a directory of the source tree. */
void fuzz_seed_files(const FuzzSeeds *seeds, const char *directory);

/** An error of a user's mistake is one line. */
void fuzz_check_error(bool ok, const GError *err);

#endif

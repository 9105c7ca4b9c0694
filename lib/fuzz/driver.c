/*
 * The driver of a target where libFuzzer is not: it replays files, or is run
 * by AFL++.
 *
 *   fuzz-TARGET [--no-seeds] [FILE|DIRECTORY]...  the seeds, then these
 *   fuzz-TARGET --seeds DIRECTORY                 writes the seeds
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/fuzz.h"

#include <stdio.h>
#include <unistd.h>

#ifdef __AFL_COMPILER
__AFL_FUZZ_INIT();
#endif

static unsigned replayed;

/* A block of its own size: a read behind it is seen. */
static void run(void *opaque, SpdmBytes input)
{
    g_autofree uint8_t *copy = g_memdup2(input.data, input.len);

    LLVMFuzzerTestOneInput(copy, input.len);
    replayed++;
}

static void write_seed(void *opaque, SpdmBytes input)
{
    const char *directory = opaque;
    g_autofree char *hash = g_compute_checksum_for_data(
        G_CHECKSUM_SHA1, input.data, input.len);
    g_autofree char *path = g_build_filename(directory, hash, NULL);
    g_autoptr(GError) err = NULL;

    if (!g_file_set_contents(path, (const char *)input.data,
                             (gssize)input.len, &err)) {
        fuzz_fail(err->message);
    }
}

static void run_file(const char *path)
{
    g_autofree char *data = NULL;
    gsize len;

    if (!g_file_get_contents(path, &data, &len, NULL)) {
        g_printerr("fuzz: %s cannot be read\n", path);
        exit(2);
    }
    run(NULL, SPDM_BYTES(data, len));
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In the order of their names, so that a failure comes again. */
static void run_path(const char *path)
{
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    const char *name;

    if (!dir) {
        run_file(path);
        return;
    }
    while ((name = g_dir_read_name(dir))) {
        g_ptr_array_add(names, g_build_filename(path, name, NULL));
    }
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len; i++) {
        run_path(g_ptr_array_index(names, i));
    }
}

#ifdef __AFL_COMPILER

static void run_afl(void)
{
    const FuzzSeeds own = { run, NULL };
    const uint8_t *shared;

    /*
     * What is the same for many inputs (keys, chains, connections) is made
     * before the fork, or the first of each would take longer than it may.
     */
    fuzz_seeds(&own);
    __AFL_INIT();
    shared = __AFL_FUZZ_TESTCASE_BUF;
    while (__AFL_LOOP(10000)) {
        run(NULL, SPDM_BYTES(shared, (size_t)__AFL_FUZZ_TESTCASE_LEN));
    }
}

#else

static void run_afl(void)
{
}

#endif

int main(int argc, char **argv)
{
    FuzzSeeds own = { run, NULL };
    int i = 1;

    if (getenv("__AFL_SHM_ID")) {
        run_afl();
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "--seeds") == 0) {
        FuzzSeeds seeds = { write_seed, argv[2] };

        fuzz_seeds(&seeds);
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "--no-seeds") == 0) {
        i++;
    } else {
        fuzz_seeds(&own);
    }
    for (; i < argc; i++) {
        run_path(argv[i]);
    }
    printf("%u inputs\n", replayed);
    return 0;
}

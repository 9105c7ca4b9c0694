/*
 * Recorded connections of the reference emulators, one row a file.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include <string.h>

#include "crypto/random.h"

/* Without the hash nothing in the file can be recomputed. */
static char *unsupported(Vec *v)
{
    g_autofree char *hash = vec_text(v, "connection", "base_hash");
    GString *plain = g_string_new(hash);

    /* Theirs: SHA_256, SHA3_384; ours: SHA-256, SHA3-384. */
    g_string_replace(plain, "_", "-", 0);
    if (spdm_hash_by_name(plain->str)) {
        g_string_free(plain, TRUE);
        return NULL;
    }
    g_string_assign(plain, "the hash ");
    g_string_append_printf(plain, "%s is not in our tables", hash);
    return g_string_free(plain, FALSE);
}

/* A row that leaves out its signatures must not look like a whole one. */
static void report_left_out(Vec *v)
{
    g_autofree char *all = NULL;

    if (v->failed || v->left_out->len == 0) {
        return;
    }
    g_ptr_array_add(v->left_out, NULL);
    all = g_strjoinv("; ", (char **)v->left_out->pdata);
    g_test_message("not checked: %s", all);
    if (strstr(all, "signatures")) {
        g_autofree char *why = g_strdup_printf("all but: %s", all);

        g_test_skip(why);
    }
}

static void test_vector(gconstpointer path)
{
    g_autoptr(Vec) v = vec_load(path);
    g_autofree char *why = v ? unsupported(v) : NULL;

    if (!v) {
        return;
    }
    if (why) {
        g_test_skip(why);
        return;
    }
    vec_replay(v);
    report_left_out(v);
}

static void test_absent(void)
{
    g_test_skip("no vectors: neither SPDM_VECTORS nor shared/vectors "
                "beside the source names a directory of them");
}

/* Paths of the *.txt in @dir, by name; empty when there is no such. */
static GPtrArray *list(const char *dir)
{
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    GDir *d = g_dir_open(dir, 0, NULL);
    const char *name;

    while (d && (name = g_dir_read_name(d))) {
        if (g_str_has_suffix(name, ".txt")) {
            g_ptr_array_add(paths, g_build_filename(dir, name, NULL));
        }
    }
    g_clear_pointer(&d, g_dir_close);
    return paths;
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_row(const char *path)
{
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *row = NULL;

    base[strlen(base) - strlen(".txt")] = '\0';
    row = g_strdup_printf("/vectors/%s", base);
    g_test_add_data_func_full(row, g_strdup(path), test_vector, g_free);
}

int main(int argc, char **argv)
{
    const char *dir = g_getenv("SPDM_VECTORS");
    g_autoptr(GPtrArray) paths = NULL;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions(); /* a bad file does not hide others */
    g_assert_true(spdm_crypto_init(NULL));
    paths = list(dir ? dir : SRCDIR "/../shared/vectors");
    g_ptr_array_sort(paths, by_name);
    for (guint i = 0; i < paths->len; i++) {
        add_row(paths->pdata[i]);
    }
    if (paths->len == 0) {
        g_test_add_func("/vectors/none", test_absent);
    }
    return g_test_run();
}

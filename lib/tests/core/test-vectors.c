/*
 * Recorded connections of the reference emulators, one row a file.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "vector.h"

#include <string.h>

#include "crypto/random.h"

/* Without these nothing, or no session, in the file can be recomputed. */
static bool knows_hash(Vec *v)
{
    const SpdmHashAlg *alg = spdm_hash_algs;

    while (alg->name && !vec_is_named(v, "base_hash", alg->name)) {
        alg++;
    }
    return alg->name != NULL;
}

static bool knows_dhe(Vec *v)
{
    const SpdmDheAlg *alg = spdm_dhe_algs;

    while (alg->name && !vec_is_named(v, "dhe", alg->name)) {
        alg++;
    }
    return alg->name || vec_is_named(v, "dhe", "NONE");
}

static bool knows_aead(Vec *v)
{
    const SpdmAeadAlg *alg = spdm_aead_algs;

    while (alg->name && !vec_is_named(v, "aead", alg->name)) {
        alg++;
    }
    return alg->name || vec_is_named(v, "aead", "NONE");
}

static char *unsupported(Vec *v)
{
    static const struct {
        const char *key;
        bool (*known)(Vec *v);
    } kinds[] = {
        { "base_hash", knows_hash }, { "dhe", knows_dhe },
        { "aead", knows_aead },
    };

    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (!kinds[i].known(v)) {
            g_autofree char *name = vec_text(v, "connection", kinds[i].key);

            return g_strdup_printf("%s=%s is not in our tables",
                                   kinds[i].key, name);
        }
    }
    return NULL;
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
    int result;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions(); /* a bad file does not hide others */
    g_assert_true(spdm_crypto_init(NULL));
    paths = list(dir && *dir ? dir : SRCDIR "/../shared/vectors");
    g_ptr_array_sort(paths, by_name);
    for (guint i = 0; i < paths->len; i++) {
        add_row(paths->pdata[i]);
    }
    if (paths->len == 0) {
        g_test_add_func("/vectors/none", test_absent);
    }
    result = g_test_run();
    g_print("# %u recorded messages off by one decoded\n", vec_variants);
    return result;
}

/*
 * Recorded connections of the reference emulators, three rows a file: as
 * somebody sees them who knows all secrets, and with either end of ours in
 * the place of the recorded one. A table of them all comes at the end.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../core/vector.h"
#include "replay.h"

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

/* One file; what came of it, for the table. */
typedef struct File {
    char *path;
    char *name;
    char *came[3];           /* by role; NULL: it did not run */
} File;

static void observe(gconstpointer data)
{
    File *f = (File *)data;
    g_autoptr(Vec) v = vec_load(f->path);
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
    f->came[0] = g_strdup(v->failed ? "FAILED" : "good");
}

static void replay(File *f, unsigned role,
                   void (*run)(Recording *rec, Tally *tally))
{
    g_autoptr(Recording) rec = recording_load(f->path);
    Tally tally = { .equal = 0 };

    if (rec) {
        run(rec, &tally);
        f->came[role] = tally_text(&tally);
        g_test_message("%s", f->came[role]);
        if (tally.why_not && !g_test_failed()) {
            g_test_skip(tally.why_not);
        }
        tally_clear(&tally);
    }
}

static void serve(gconstpointer f)
{
    replay((File *)f, 1, replay_served);
}

static void ask(gconstpointer f)
{
    replay((File *)f, 2, replay_asked);
}

static const struct {
    const char *name;
    GTestDataFunc run;
} roles[] = {
    { "observer", observe },
    { "responder", serve },
    { "requester", ask },
};

static void test_absent(void)
{
    g_test_skip("no vectors: neither SPDM_VECTORS nor shared/vectors "
                "beside the source names a directory of them");
}

static void file_free(gpointer data)
{
    File *f = data;

    for (unsigned i = 0; i < G_N_ELEMENTS(f->came); i++) {
        g_free(f->came[i]);
    }
    g_free(f->path);
    g_free(f->name);
    g_free(f);
}

static gint by_name(gconstpointer a, gconstpointer b)
{
    return strcmp((*(File *const *)a)->name, (*(File *const *)b)->name);
}

/* The *.txt in @dir, by name; empty when there is no such. */
static GPtrArray *list(const char *dir)
{
    GPtrArray *files = g_ptr_array_new_with_free_func(file_free);
    GDir *d = g_dir_open(dir, 0, NULL);
    const char *name;

    while (d && (name = g_dir_read_name(d))) {
        if (g_str_has_suffix(name, ".txt")) {
            File *f = g_new0(File, 1);

            f->path = g_build_filename(dir, name, NULL);
            f->name = g_strndup(name, strlen(name) - strlen(".txt"));
            g_ptr_array_add(files, f);
        }
    }
    g_clear_pointer(&d, g_dir_close);
    g_ptr_array_sort(files, by_name);
    return files;
}

static void add_rows(File *f)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(roles); i++) {
        g_autofree char *row = g_strdup_printf("/vectors/%s/%s",
                                               roles[i].name, f->name);

        g_test_add_data_func(row, f, roles[i].run);
    }
}

static void print_free(const char *whose, const FreeField *free)
{
    const char *why = "";

    g_print("# Free fields of the %s:\n", whose);
    for (; free->code; free++) {
        why = strcmp(free->why, "the same") == 0 ? why : free->why;
        g_print("#     %s.%s: %s\n", spdm_code_name(free->code), free->field,
                why);
    }
}

static void print_table(const GPtrArray *files)
{
    for (guint i = 0; i < files->len; i++) {
        const File *f = files->pdata[i];

        g_print("# %s\n", f->name);
        for (unsigned k = 0; k < G_N_ELEMENTS(f->came); k++) {
            g_print("#     %-9s  %s\n", roles[k].name,
                    f->came[k] ? f->came[k] : "not run");
        }
    }
    print_free("responder", served_free);
    print_free("requester", asked_free);
    g_print("# %u recorded messages off by one decoded\n", vec_variants);
}

int main(int argc, char **argv)
{
    const char *dir = g_getenv("SPDM_VECTORS");
    g_autoptr(GPtrArray) files = NULL;
    int result;

    g_test_init(&argc, &argv, NULL);
    g_test_set_nonfatal_assertions(); /* a bad file does not hide others */
    g_assert_true(spdm_crypto_init(NULL));
    files = list(dir && *dir ? dir : SRCDIR "/../shared/vectors");
    for (guint i = 0; i < files->len; i++) {
        add_rows(files->pdata[i]);
    }
    if (files->len == 0) {
        g_test_add_func("/vectors/none", test_absent);
    }
    result = g_test_run();
    print_table(files);
    return result;
}

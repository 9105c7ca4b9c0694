/*
 * Files that records are written to: nothing that is wrong with one makes its
 * writer wait, and its user is told once.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "spdm/trace.h"

enum { RECORD = 1000 };

typedef struct Fx {
    char *dir;
    char *path;
    SpdmTraceFile *file;
    unsigned told;
    char *line;
} Fx;

static void trouble(void *opaque, const char *line)
{
    Fx *fx = opaque;

    fx->told++;
    g_free(fx->line);
    fx->line = g_strdup(line);
}

static void fx_init(Fx *fx)
{
    *fx = (Fx){ .dir = g_dir_make_tmp("spdm-trace-XXXXXX", NULL) };
    g_assert_nonnull(fx->dir);
    fx->path = g_build_filename(fx->dir, "file", NULL);
}

static void fx_clear(Fx *fx)
{
    spdm_trace_file_free(fx->file);
    g_unlink(fx->path);
    g_rmdir(fx->dir);
    g_free(fx->line);
    g_free(fx->path);
    g_free(fx->dir);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fx, fx_clear)

static void fx_open(Fx *fx, const char *path)
{
    g_autoptr(GError) err = NULL;

    fx->file = spdm_trace_file_new(path, trouble, fx, &err);
    g_assert_no_error(err);
}

static bool put(Fx *fx, uint8_t byte, size_t len)
{
    SpdmTraceSink sink = spdm_trace_file_sink(fx->file);
    g_autofree uint8_t *record = g_malloc(len);

    memset(record, byte, len);
    return sink.write(sink.opaque, record, len);
}

static void refused(const char *path, const char *why)
{
    g_autoptr(GError) err = NULL;

    g_assert_null(spdm_trace_file_new(path, NULL, NULL, &err));
    g_assert_nonnull(err);
    g_assert_nonnull(strstr(err->message, why));
    g_assert_nonnull(strstr(err->message, path));
    g_assert_null(strchr(err->message, '\n'));
}

static void test_written_at_once(void)
{
    g_auto(Fx) fx;
    g_autofree char *text = NULL;
    gsize len;

    fx_init(&fx);
    fx_open(&fx, fx.path);
    g_assert_true(put(&fx, 'a', RECORD));
    g_assert_true(put(&fx, 'b', 1));
    g_assert_true(g_file_get_contents(fx.path, &text, &len, NULL));
    g_assert_cmpuint(len, ==, RECORD + 1);
}

static void test_emptied(void)
{
    g_auto(Fx) fx;
    struct stat st;

    fx_init(&fx);
    g_assert_true(g_file_set_contents(fx.path, "of yesterday", -1, NULL));
    fx_open(&fx, fx.path);
    g_assert_cmpint(g_stat(fx.path, &st), ==, 0);
    g_assert_cmpint(st.st_size, ==, 0);
}

static void test_private(void)
{
    g_auto(Fx) fx;
    struct stat st;

    fx_init(&fx);
    fx_open(&fx, fx.path);
    g_assert_cmpint(g_stat(fx.path, &st), ==, 0);
    g_assert_cmpuint(st.st_mode & 0777, ==, 0600);
}

static void test_one_writer(void)
{
    g_auto(Fx) fx;

    fx_init(&fx);
    fx_open(&fx, fx.path);
    g_assert_true(put(&fx, 'a', 1));
    refused(fx.path, "another trace");
    g_assert_true(put(&fx, 'a', 1));
}

static void test_no_directory(void)
{
    refused("/nowhere/file", "No such file");
}

static void test_a_directory(void)
{
    refused("/", "directory");
}

static void test_fifo_without_reader(void)
{
    g_auto(Fx) fx;

    fx_init(&fx);
    g_assert_cmpint(mkfifo(fx.path, 0600), ==, 0);
    refused(fx.path, "start its reader first");
}

static void test_disk_full(void)
{
    g_auto(Fx) fx;

    fx_init(&fx);
    fx_open(&fx, "/dev/full");
    g_assert_false(put(&fx, 'a', RECORD));
    g_assert_false(put(&fx, 'a', RECORD));
    g_assert_cmpuint(fx.told, ==, 1);
    g_assert_nonnull(strstr(fx.line, "No space left"));
}

/* In a child, since the limit of a process is for good. */
static void fill_in_child(const char *path)
{
    struct rlimit limit = { 2 * RECORD + 10, 2 * RECORD + 10 };
    Fx fx = { .told = 0 };

    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &limit);
    fx.file = spdm_trace_file_new(path, trouble, &fx, NULL);
    _exit(fx.file && put(&fx, 'a', RECORD) && put(&fx, 'b', RECORD) &&
          !put(&fx, 'c', RECORD) && put(&fx, 'd', 10) && fx.told == 1
          ? 0 : 1);
}

static void test_whole_records_only(void)
{
    g_auto(Fx) fx;
    g_autofree char *text = NULL;
    gsize len;
    int status;
    pid_t pid;

    fx_init(&fx);
    pid = fork();
    if (pid == 0) {
        fill_in_child(fx.path);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    g_assert_cmpint(status, ==, 0);
    g_assert_true(g_file_get_contents(fx.path, &text, &len, NULL));
    g_assert_cmpuint(len, ==, 2 * RECORD + 10);
    g_assert_cmpint(text[len - 1], ==, 'd');
}

/* What was begun is gone on with when there is room again. */
static void test_slow_reader(void)
{
    g_auto(Fx) fx;
    g_autofree uint8_t *got = g_malloc(1 << 20);
    unsigned taken = 0;
    ssize_t n, len = 0;
    int reader;

    fx_init(&fx);
    g_assert_cmpint(mkfifo(fx.path, 0600), ==, 0);
    reader = open(fx.path, O_RDONLY | O_NONBLOCK);
    g_assert_cmpint(reader, >=, 0);
    fx_open(&fx, fx.path);
    while (put(&fx, (uint8_t)('a' + taken), 10 * RECORD)) {
        taken++;
    }
    g_assert_cmpuint(taken, >, 1);
    g_assert_cmpuint(fx.told, ==, 1);
    g_assert_nonnull(strstr(fx.line, "does not keep up"));
    while ((n = read(reader, got + len, (1 << 20) - (size_t)len)) > 0) {
        len += n;
    }
    g_assert_true(put(&fx, 'z', 10));
    while ((n = read(reader, got + len, (1 << 20) - (size_t)len)) > 0) {
        len += n;
    }
    g_assert_cmpint(len, ==, taken * 10 * RECORD + 10);
    g_assert_cmpint(got[len - 11], ==, 'a' + taken - 1);
    g_assert_cmpint(got[len - 10], ==, 'z');
    close(reader);
}

static void test_reader_gone(void)
{
    g_auto(Fx) fx;
    int reader;

    fx_init(&fx);
    signal(SIGPIPE, SIG_IGN);
    g_assert_cmpint(mkfifo(fx.path, 0600), ==, 0);
    reader = open(fx.path, O_RDONLY | O_NONBLOCK);
    fx_open(&fx, fx.path);
    close(reader);
    g_assert_false(put(&fx, 'a', 1));
    g_assert_false(put(&fx, 'a', 1));
    g_assert_cmpuint(fx.told, ==, 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/trace-file/a-record-is-there-as-soon-as-it-is-written",
                    test_written_at_once);
    g_test_add_func("/trace-file/what-was-there-is-gone", test_emptied);
    g_test_add_func("/trace-file/nobody-else-may-read-it", test_private);
    g_test_add_func("/trace-file/a-second-writer-is-refused",
                    test_one_writer);
    g_test_add_func("/trace-file/a-directory-that-is-not-there-is-refused",
                    test_no_directory);
    g_test_add_func("/trace-file/a-directory-is-refused", test_a_directory);
    g_test_add_func("/trace-file/a-FIFO-that-nobody-reads-is-refused",
                    test_fifo_without_reader);
    g_test_add_func("/trace-file/a-full-disk-is-told-of-once",
                    test_disk_full);
    g_test_add_func("/trace-file/a-full-disk-holds-whole-records-only",
                    test_whole_records_only);
    g_test_add_func("/trace-file/a-slow-reader-loses-whole-records",
                    test_slow_reader);
    g_test_add_func("/trace-file/a-reader-that-has-gone-is-told-of-once",
                    test_reader_gone);
    return g_test_run();
}

/*
 * Calls of libgcrypt fail, one after another, in a responder that opens
 * sessions, and then the allocations that it makes itself. What has no other
 * reason to fail than memory ends the process, as g_malloc() does: mostly
 * libgcrypt itself, else an assertion. What could fail for another reason is
 * answered with ERROR. Neither is ever followed by a response that claims
 * something else, and nothing is left of what an ERROR interrupted.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../responder/fixture.h"

#include <gcrypt.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWERED = 10, NEVER_CAME = 11, LEFT_BEHIND = 12 };

/* What fails: there are some thousand allocations, and a part will do. */
typedef enum Kind { CALL, ALLOCATION, KINDS } Kind;
enum { MOST_CALLS = 2000, MOST_ALLOCATIONS = 150 };

static bool armed;           /* inside of the responder */
static unsigned left[KINDS]; /* until one fails; 0: none will */
static bool failed;
static unsigned *count;      /* by kind; shared with the processes below */

static bool fails_now(Kind kind)
{
    if (!armed) {
        return false;
    }
    count[kind]++;
    if (!left[kind] || --left[kind]) {
        return false;
    }
    failed = true;
    return true;
}

/* The linker has --wrap for these: see meson.build. */
#define WRAP(NAME, PARAMETERS, ...)                                       \
    gcry_error_t __real_##NAME PARAMETERS;                                \
    gcry_error_t __wrap_##NAME PARAMETERS;                                \
    gcry_error_t __wrap_##NAME PARAMETERS                                 \
    {                                                                     \
        return fails_now(CALL) ? gcry_error(GPG_ERR_ENOMEM)                   \
                           : __real_##NAME(__VA_ARGS__);                  \
    }

WRAP(gcry_md_open, (gcry_md_hd_t *h, int algo, unsigned flags), h, algo,
     flags)
WRAP(gcry_mac_open, (gcry_mac_hd_t *h, int algo, unsigned flags,
                     gcry_ctx_t ctx), h, algo, flags, ctx)
WRAP(gcry_cipher_open, (gcry_cipher_hd_t *h, int algo, int mode,
                        unsigned flags), h, algo, mode, flags)
WRAP(gcry_md_setkey, (gcry_md_hd_t h, const void *key, size_t len), h, key,
     len)
WRAP(gcry_mac_setkey, (gcry_mac_hd_t h, const void *key, size_t len), h, key,
     len)
WRAP(gcry_mac_write, (gcry_mac_hd_t h, const void *buf, size_t len), h, buf,
     len)
WRAP(gcry_mac_read, (gcry_mac_hd_t h, void *buf, size_t *len), h, buf, len)
WRAP(gcry_cipher_setkey, (gcry_cipher_hd_t h, const void *key, size_t len),
     h, key, len)
WRAP(gcry_cipher_setiv, (gcry_cipher_hd_t h, const void *iv, size_t len), h,
     iv, len)
WRAP(gcry_cipher_authenticate, (gcry_cipher_hd_t h, const void *aad,
                                size_t len), h, aad, len)
WRAP(gcry_cipher_encrypt, (gcry_cipher_hd_t h, void *out, size_t size,
                           const void *in, size_t len), h, out, size, in,
     len)
WRAP(gcry_cipher_decrypt, (gcry_cipher_hd_t h, void *out, size_t size,
                           const void *in, size_t len), h, out, size, in,
     len)
WRAP(gcry_cipher_gettag, (gcry_cipher_hd_t h, void *tag, size_t len), h, tag,
     len)
WRAP(gcry_mpi_scan, (gcry_mpi_t *mpi, enum gcry_mpi_format format,
                     const void *buf, size_t len, size_t *scanned), mpi,
     format, buf, len, scanned)
WRAP(gcry_mpi_ec_new, (gcry_ctx_t *ctx, gcry_sexp_t key, const char *curve),
     ctx, key, curve)
WRAP(gcry_pk_sign, (gcry_sexp_t *sig, gcry_sexp_t data, gcry_sexp_t key),
     sig, data, key)
WRAP(gcry_pk_verify, (gcry_sexp_t sig, gcry_sexp_t data, gcry_sexp_t key),
     sig, data, key)

/* libgcrypt's own, by gcry_set_allocation_handler(). */

static void *try_malloc(size_t size)
{
    return fails_now(ALLOCATION) ? NULL : malloc(size);
}

static void *try_realloc(void *block, size_t size)
{
    return fails_now(ALLOCATION) ? NULL : realloc(block, size);
}

/* There with AddressSanitizer. */
extern int __lsan_do_recoverable_leak_check(void) __attribute__((weak));

void __real_spdm_responder_process(SpdmResponder *r, const uint8_t *frame,
                                   size_t len, SpdmReply *reply);
void __wrap_spdm_responder_process(SpdmResponder *r, const uint8_t *frame,
                                   size_t len, SpdmReply *reply);

void __wrap_spdm_responder_process(SpdmResponder *r, const uint8_t *frame,
                                   size_t len, SpdmReply *reply)
{
    uint64_t errors = r->counters.errors;

    armed = true;
    __real_spdm_responder_process(r, frame, len, reply);
    armed = false;
    if (!failed) {
        return;
    }
    /* Whatever comes now must not be taken for a success. */
    if (reply->verdict != SPDM_VERDICT_REPLY ||
        r->counters.errors != errors + 1) {
        _exit(1);               /* no assertion: that is expected, too */
    }
    _exit(__lsan_do_recoverable_leak_check &&
          __lsan_do_recoverable_leak_check() ? LEFT_BEHIND : ANSWERED);
}

typedef void Play(Fx *fx);

static void play_sigma(Fx *fx)
{
    SpdmSession *s = fx_sigma(fx);

    fx_key_update(fx, s, SPDM_UPDATE_ALL_KEYS, 1);
    fx_end_session(fx, s, 0);
}

static void play_psk(Fx *fx)
{
    SpdmSession *s = fx_psk(fx);

    fx_key_update(fx, s, SPDM_UPDATE_ALL_KEYS, 1);
    fx_end_session(fx, s, 0);
}

static void play_attest(Fx *fx)
{
    fx_digests(fx, NULL);
    fx_certificate(fx, NULL, 0x1000);
    fx_challenge(fx, 0xff);
    fx_measurements(fx, NULL, 1, 0xff);
}

/* In a process of its own; what became of it. */
static int with_failure(Play *play, Kind kind, unsigned number)
{
    pid_t pid = fork();
    int status;

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        const struct rlimit no_core = { 0, 0 };
        g_autoptr(Fx) fx = fx_new(NULL);

        setrlimit(RLIMIT_CORE, &no_core);
        if (!freopen("/dev/null", "w", stderr) ||
            !freopen("/dev/null", "w", stdout)) {
            _exit(1);
        }
        fx_negotiate(fx);
        left[kind] = number;
        memset(count, 0, KINDS * sizeof(*count));
        play(fx);
        _exit(NEVER_CAME);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void fails_everywhere(Play *play, Kind kind, unsigned most)
{
    unsigned aborted = 0, answered = 0;
    unsigned step, all;

    g_assert_cmpint(with_failure(play, kind, 0), ==, NEVER_CAME);
    all = count[kind];
    step = all / most + 1;
    for (unsigned n = 1; n <= all; n += step) {
        int how = with_failure(play, kind, n);

        if (how != -SIGABRT && how != ANSWERED) {
            g_test_message("the %uth that fails leads to %d", n, how);
            g_test_fail();
        }
        aborted += how == -SIGABRT;
        answered += how == ANSWERED;
    }
    g_test_message("%u of %u failed: %u ended the process, %u were answered "
                   "with ERROR", aborted + answered, all, aborted, answered);
    g_assert_cmpuint(all, >, 5);
}

static const struct {
    const char *name;
    Play *play;
} plays[] = {
    { "a SIGMA session", play_sigma },
    { "a PSK session", play_psk },
    { "an attestation", play_attest },
};

static void test_calls(gconstpointer play)
{
    fails_everywhere(*(Play *const *)play, CALL, MOST_CALLS);
}

static void test_allocations(gconstpointer play)
{
    fails_everywhere(*(Play *const *)play, ALLOCATION, MOST_ALLOCATIONS);
}

static void add(const char *what, const char *name, Play *const *play,
                GTestDataFunc test)
{
    g_autofree char *path = g_strdup_printf(
        "/failures/no %s that fails in %s is followed by a wrong answer",
        what, name);

    g_test_add_data_func(path, play, test);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    gcry_set_allocation_handler(try_malloc, try_malloc, NULL, try_realloc,
                                free);
    count = mmap(NULL, KINDS * sizeof(*count), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    g_assert_true(count != MAP_FAILED);
    for (size_t i = 0; i < G_N_ELEMENTS(plays); i++) {
        add("call", plays[i].name, &plays[i].play, test_calls);
        add("allocation of libgcrypt", plays[i].name, &plays[i].play,
            test_allocations);
    }
    return g_test_run();
}

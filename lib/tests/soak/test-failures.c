/*
 * Calls of libgcrypt fail, one after another, in a responder that opens
 * sessions. A call that makes something out of memory ends the process with
 * an assertion, as g_malloc() does; one that could fail for another reason is
 * answered with ERROR. Neither is ever followed by a response that claims
 * something else, and after an ERROR nothing is left and all works.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "../responder/fixture.h"

#include <gcrypt.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WELL = 0, ANSWERED = 10, NEVER_CAME = 11, LIMIT = 400 };

static bool armed;           /* inside of the responder */
static unsigned left;        /* calls until one fails; 0: none will */
static bool failed;

static bool fails_now(void)
{
    if (!armed || !left || --left) {
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
        return fails_now() ? gcry_error(GPG_ERR_ENOMEM)                   \
                           : __real_##NAME(__VA_ARGS__);                  \
    }

WRAP(gcry_md_open, (gcry_md_hd_t *h, int algo, unsigned flags), h, algo,
     flags)
WRAP(gcry_mac_open, (gcry_mac_hd_t *h, int algo, unsigned flags,
                     gcry_ctx_t ctx), h, algo, flags, ctx)
WRAP(gcry_cipher_open, (gcry_cipher_hd_t *h, int algo, int mode,
                        unsigned flags), h, algo, mode, flags)
WRAP(gcry_mpi_ec_new, (gcry_ctx_t *ctx, gcry_sexp_t key, const char *curve),
     ctx, key, curve)
WRAP(gcry_pk_sign, (gcry_sexp_t *sig, gcry_sexp_t data, gcry_sexp_t key),
     sig, data, key)
WRAP(gcry_pk_verify, (gcry_sexp_t sig, gcry_sexp_t data, gcry_sexp_t key),
     sig, data, key)

void __real_spdm_responder_process(SpdmResponder *r, const uint8_t *frame,
                                   size_t len, SpdmReply *reply);
void __wrap_spdm_responder_process(SpdmResponder *r, const uint8_t *frame,
                                   size_t len, SpdmReply *reply);

void __wrap_spdm_responder_process(SpdmResponder *r, const uint8_t *frame,
                                   size_t len, SpdmReply *reply)
{
    armed = true;
    __real_spdm_responder_process(r, frame, len, reply);
    armed = false;
    if (!failed) {
        return;
    }
    /* Whatever comes now must not be taken for a success. */
    g_assert_cmpint(reply->verdict, ==, SPDM_VERDICT_REPLY);
    g_assert_cmpuint(reply->bytes->len, >=, 4);
    _exit(reply->bytes->data[1] == SPDM_ERROR ? ANSWERED : 1);
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
static int with_failure(Play *play, unsigned number)
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
        left = number;
        play(fx);
        _exit(NEVER_CAME);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void fails_everywhere(Play *play)
{
    unsigned aborted = 0, answered = 0, n = 1;
    int how = with_failure(play, 0);

    g_assert_cmpint(how, ==, NEVER_CAME);
    while ((how = with_failure(play, n)) != NEVER_CAME) {
        g_assert_cmpuint(n, <, LIMIT);
        g_assert_true(how == -SIGABRT || how == ANSWERED);
        aborted += how == -SIGABRT;
        answered += how == ANSWERED;
        n++;
    }
    g_test_message("%u calls: %u ended the process, %u were answered with "
                   "ERROR", n - 1, aborted, answered);
    g_assert_cmpuint(n, >, 5);
}

static void test_sigma(void)
{
    fails_everywhere(play_sigma);
}

static void test_psk(void)
{
    fails_everywhere(play_psk);
}

static void test_attest(void)
{
    fails_everywhere(play_attest);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/failures/no call that fails in a SIGMA session is "
                    "followed by a wrong answer", test_sigma);
    g_test_add_func("/failures/no call that fails in a PSK session is "
                    "followed by a wrong answer", test_psk);
    g_test_add_func("/failures/no call that fails in an attestation is "
                    "followed by a wrong answer", test_attest);
    return g_test_run();
}

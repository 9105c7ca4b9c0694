/*
 * Memory that GnuTLS cannot have, one allocation after another: what is asked
 * of certificates and keys is refused, or right all the same; and nothing is
 * left of it.
 *
 * What libgcrypt cannot have is test-failures.c's. What GLib cannot have ends
 * the process, as in all of QEMU.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/x509.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LIMIT = 2000, NOT_BEFORE = 1577836800 };
enum { WELL = 10, REFUSED, NEVER_CAME };
#define NOT_AFTER INT64_C(253402300799)

static unsigned left;        /* allocations until one fails; 0: none will */
static bool failed;

static bool fails_now(void)
{
    if (!left || --left) {
        return false;
    }
    failed = true;
    return true;
}

/*
 * gnutls_x509_privkey_import_rsa_raw() forgets an ASN.1 structure when there is
 * no memory to go on. What we forget ourselves is more than that: a handle.
 */
const char *__lsan_default_suppressions(void);

const char *__lsan_default_suppressions(void)
{
    return "leak:libtasn1.so\n";
}

static void *try_malloc(size_t size)
{
    return fails_now() ? NULL : malloc(size);
}

static void *try_calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : calloc(n, size);
}

static void *try_realloc(void *block, size_t size)
{
    return fails_now() ? NULL : realloc(block, size);
}

/* --- what is made once ---------------------------------------------------- */

static struct {
    GPtrArray *certs;        /* DER, root first */
    SpdmPrivateKey *key;     /* of the leaf */
    GBytes *chain;           /* as DSP0274 has it */
    GBytes *forged;          /* ... with another signature of the leaf */
    GBytes *csr;
    char *certs_pem;
    char *key_pem;
    SpdmPrivateKey *rsa;
    SpdmCa *ca;
} world;

static const SpdmChainSpec *spec(void)
{
    static SpdmChainSpec s = {
        .common_name = "memory", .cma_name = "Vendor=1b36:Device=0010",
        .not_before = NOT_BEFORE, .not_after = NOT_AFTER,
    };

    s.alg = spdm_asym_by_name("ECDSA-P256");
    s.hash = spdm_hash_by_name("SHA-256");
    return &s;
}

static SpdmBytes view(GBytes *bytes)
{
    return SPDM_BYTES(g_bytes_get_data(bytes, NULL), g_bytes_get_size(bytes));
}

static GBytes *forge(GBytes *chain)
{
    SpdmBytes from = view(chain);
    uint8_t *copy = g_memdup2(from.data, from.len);

    copy[from.len - 1] ^= 1;
    return g_bytes_new_take(copy, from.len);
}

static char *certs_to_pem(GPtrArray *certs)
{
    GString *pem = g_string_new(NULL);

    for (guint i = 0; i < certs->len; i++) {
        g_autofree char *one = spdm_x509_to_pem(
            view(g_ptr_array_index(certs, i)));

        g_string_append(pem, one);
    }
    return g_string_free(pem, FALSE);
}

static void world_make(void)
{
    SpdmRng rng = spdm_rng_system();
    g_autoptr(GError) err = NULL;

    world.certs = spdm_x509_generate(spec(), &rng, &world.key, &err);
    g_assert_no_error(err);
    world.chain = spdm_x509_build_chain(world.certs, spec()->hash);
    world.forged = forge(world.chain);
    world.csr = spdm_csr_make(spec(), world.key, SPDM_BYTES(NULL, 0), &err);
    g_assert_no_error(err);
    world.certs_pem = certs_to_pem(world.certs);
    world.key_pem = spdm_private_key_to_pem(world.key, &err);
    g_assert_no_error(err);
    world.rsa = spdm_private_key_generate(spdm_asym_by_name("RSASSA-2048"),
                                          &rng, &err);
    g_assert_no_error(err);
    world.ca = spdm_ca_new(spec(), &rng, &err);
    g_assert_no_error(err);
}

static void world_clear(void)
{
    g_ptr_array_unref(world.certs);
    spdm_private_key_free(world.key);
    g_bytes_unref(world.chain);
    g_bytes_unref(world.forged);
    g_bytes_unref(world.csr);
    g_free(world.certs_pem);
    g_free(world.key_pem);
    spdm_private_key_free(world.rsa);
    spdm_ca_free(world.ca);
}

/* --- what is tried -------------------------------------------------------- */

static SpdmChainReason verify(GBytes *chain)
{
    g_autoptr(SpdmPublicKey) key = NULL;
    g_autoptr(GPtrArray) trust = g_ptr_array_new();
    const SpdmChainPolicy policy = {
        .hash = spec()->hash, .leaf_alg = spec()->alg, .trust = trust,
        .cma_name = spec()->cma_name, .now = NOT_BEFORE + 1,
    };

    g_ptr_array_add(trust, g_ptr_array_index(world.certs, 0));
    return spdm_x509_verify_chain(view(chain), &policy, &key);
}

static bool fits(GPtrArray *certs)
{
    g_autoptr(GBytes) chain = spdm_x509_build_chain(certs, spec()->hash);
    const SpdmChainPolicy policy = {
        .hash = spec()->hash, .leaf_alg = spec()->alg,
        .cma_name = spec()->cma_name, .now = NOT_BEFORE + 1,
    };

    return spdm_x509_verify_chain(view(chain), &policy, NULL) ==
           SPDM_CHAIN_OK;
}

/* The error, as all functions below: what else there is must be right. */
static void a_chain_is_made(GError **errp)
{
    SpdmRng rng = spdm_rng_system();
    g_autoptr(SpdmPrivateKey) key = NULL;
    g_autoptr(GPtrArray) certs = spdm_x509_generate(spec(), &rng, &key, errp);

    left = 0;
    g_assert_true(!certs || (key && fits(certs)));
}

static void a_key_is_certified(GError **errp)
{
    SpdmRng rng = spdm_rng_system();
    g_autoptr(SpdmPublicKey) public = spdm_private_key_public(world.key);
    g_autoptr(GPtrArray) certs = spdm_ca_certify(world.ca, spec(), public,
                                                 &rng, errp);

    left = 0;
    g_assert_true(!certs || fits(certs));
}

static void a_good_chain_is_verified(GError **errp)
{
    SpdmChainReason reason = verify(world.chain);

    if (reason != SPDM_CHAIN_OK) {
        g_set_error_literal(errp, G_FILE_ERROR, 0,
                            spdm_chain_reason_text(reason));
    }
}

static void a_forged_chain_is_verified(GError **errp)
{
    g_assert_cmpint(verify(world.forged), !=, SPDM_CHAIN_OK);
    if (failed) {
        g_set_error_literal(errp, G_FILE_ERROR, 0, "as it should be");
    }
}

static void a_chain_is_read(GError **errp)
{
    g_autoptr(GPtrArray) certs = spdm_x509_load_pem_chain(
        SPDM_BYTES(world.certs_pem, strlen(world.certs_pem)), "f", errp);

    left = 0;
    g_assert_true(!certs || fits(certs));
}

static void a_key_is_read(GError **errp)
{
    g_autoptr(SpdmPrivateKey) key = spdm_private_key_load(
        SPDM_BYTES(world.key_pem, strlen(world.key_pem)), "f", errp);
    g_autofree char *pem = NULL;

    left = 0;
    if (key) {
        pem = spdm_private_key_to_pem(key, NULL);
        g_assert_cmpstr(pem, ==, world.key_pem);
    }
}

static void a_key_is_written(GError **errp)
{
    g_autofree char *pem = spdm_private_key_to_pem(world.key, errp);

    g_assert_true(!pem || !strcmp(pem, world.key_pem));
}

static void an_rsa_key_is_written(GError **errp)
{
    g_autofree char *pem = spdm_private_key_to_pem(world.rsa, errp);

    g_assert_true(!pem || strstr(pem, "END PRIVATE KEY"));
}

static void a_request_is_made(GError **errp)
{
    g_autoptr(GBytes) csr = spdm_csr_make(spec(), world.key,
                                          SPDM_BYTES(NULL, 0), errp);
    g_autoptr(SpdmPublicKey) key = NULL;

    left = 0;
    if (csr) {
        key = spdm_csr_key(view(csr), NULL);
        g_assert_nonnull(key);
    }
}

static void a_request_is_read(GError **errp)
{
    g_autoptr(SpdmPublicKey) key = spdm_csr_key(view(world.csr), errp);
}

/* --- the rows ------------------------------------------------------------- */

typedef struct Row {
    const char *name;
    void (*try)(GError **errp);
    bool ends;               /* see below */
} Row;

/*
 * In a process of its own, at whose end sanitizers and valgrind look for what
 * is left: they make another exit status of it.
 */
static void try_and_exit(const Row *row, unsigned number)
{
    const struct rlimit no_core = { 0, 0 };
    g_autoptr(GError) err = NULL;

    setrlimit(RLIMIT_CORE, &no_core);
    if (!freopen("/dev/null", "w", stdout) ||
        (row->ends && !freopen("/dev/null", "w", stderr))) {
        _exit(1);
    }
    left = number;
    row->try(&err);
    left = 0;
    g_assert_true(failed || !err);
    number = !failed ? NEVER_CAME : err ? REFUSED : WELL;
    g_clear_error(&err);
    exit((int)number);
}

static int outcome(const Row *row, unsigned number)
{
    pid_t pid = fork();
    int status;

    g_assert_cmpint(pid, >=, 0);
    if (pid == 0) {
        try_and_exit(row, number);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

/*
 * Inside of gnutls_x509_crt_list_verify(), GnuTLS 3.7 frees or uses what it
 * had no memory for, in two places: that ends the process, before any answer.
 */
static void each_fails(gconstpointer data)
{
    const Row *row = data;
    unsigned count[NEVER_CAME + 1] = { 0 };
    unsigned ended = 0, n = 0;
    int how;

    do {
        how = outcome(row, ++n);
        if (how == WELL || how == REFUSED || how == NEVER_CAME) {
            count[how]++;
        } else {
            g_assert_true(row->ends);
            ended++;
        }
        g_assert_cmpuint(n, <, LIMIT);
    } while (how != NEVER_CAME);
    g_test_message("%u allocations: %u refusals, %u were done without, %u "
                   "ended the process", n - 1, count[REFUSED], count[WELL],
                   ended);
    g_assert_cmpuint(count[REFUSED], >, 0);
    g_assert_cmpuint(ended, <, count[REFUSED]);
}

static const Row rows[] = {
    { "a chain is made", a_chain_is_made, false },
    { "a key is certified", a_key_is_certified, false },
    { "a good chain is verified", a_good_chain_is_verified, true },
    { "a forged chain is never believed", a_forged_chain_is_verified, true },
    { "a chain is read", a_chain_is_read, false },
    { "a key is read", a_key_is_read, false },
    { "a key is written", a_key_is_written, false },
    { "an RSA key is written", an_rsa_key_is_written, false },
    { "a request is made", a_request_is_made, false },
    { "a request is read", a_request_is_read, false },
};

int main(int argc, char **argv)
{
    int status;

    g_test_init(&argc, &argv, NULL);
    gnutls_malloc = try_malloc;
    gnutls_calloc = try_calloc;
    gnutls_realloc = try_realloc;
    g_assert_true(spdm_crypto_init(NULL));
    world_make();
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autofree char *path = g_strconcat(
            "/memory/", rows[i].name, " with any allocation failing", NULL);

        g_test_add_data_func(path, &rows[i], each_fails);
    }
    status = g_test_run();
    world_clear();
    return status;
}

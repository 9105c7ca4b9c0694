/*
 * Preloaded by scripts/bench, in QEMU and in the guest: how long a program is
 * inside libgcrypt and GnuTLS, and inside config space. The sums are in the
 * file that BENCH_CLOCK names, which may be read at any time: four u64, each
 * time in nanoseconds followed by how often.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <dlfcn.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <gnutls/x509.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

typedef struct Sum {
    _Atomic uint64_t ns;
    _Atomic uint64_t calls;
} Sum;

static struct {
    Sum crypto;
    Sum config;
} nowhere, *sums = &nowhere;

/* GnuTLS and libgcrypt may call what is wrapped here; the outermost counts. */
static __thread unsigned depth;

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void add(Sum *sum, uint64_t begin)
{
    sum->ns += now() - begin;
    sum->calls++;
}

static __attribute__((constructor)) void open_sums(void)
{
    const char *path = getenv("BENCH_CLOCK");
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    void *at;

    if (fd >= 0 && ftruncate(fd, sizeof(*sums)) == 0) {
        at = mmap(NULL, sizeof(*sums), PROT_READ | PROT_WRITE, MAP_SHARED,
                  fd, 0);
        sums = at == MAP_FAILED ? sums : at;
    }
    if (fd >= 0) {
        close(fd);
    }
    /* cppcheck-suppress memleak; the mapping is what the sums are in */
}

/* The plug-in's libraries are not in the scope that RTLD_NEXT looks at. */
static void *real(const char *library, const char *name)
{
    void *lib = dlopen(library, RTLD_LAZY | RTLD_LOCAL);
    void *at = lib ? dlsym(lib, name) : dlsym(RTLD_NEXT, name);

    if (!at) {
        abort();
    }
    /* cppcheck-suppress resourceLeak; it stays loaded, for what is in it */
    return at;
}

/* NOLINTBEGIN(bugprone-macro-parentheses): the arguments are declarations */

/* The call is @before next @args, and then @after. */
#define WRAP(library, sum, type, name, params, args, before, after) \
    type name params \
    { \
        static __typeof__(&name) next; \
        uint64_t begin; \
        if (!next) { \
            next = (__typeof__(next))real(library, #name); \
        } \
        begin = depth++ ? 0 : now(); \
        before next args; \
        if (--depth == 0) { \
            add(&sums->sum, begin); \
        } \
        after; \
    }

#define GCRY(type, name, params, args) \
    WRAP("libgcrypt.so.20", crypto, type, name, params, args, \
         type result =, return result)
#define GCRY_VOID(name, params, args) \
    WRAP("libgcrypt.so.20", crypto, void, name, params, args, , )
#define TLS(name, params, args) \
    WRAP("libgnutls.so.30", crypto, int, name, params, args, \
         int result =, return result)
#define LIBC(type, name, params, args) \
    WRAP("libc.so.6", config, type, name, params, args, \
         type result =, return result)

/* NOLINTEND(bugprone-macro-parentheses) */

GCRY(gcry_error_t, gcry_pk_sign,
     (gcry_sexp_t *r, gcry_sexp_t d, gcry_sexp_t k), (r, d, k))
GCRY(gcry_error_t, gcry_pk_verify,
     (gcry_sexp_t s, gcry_sexp_t d, gcry_sexp_t k), (s, d, k))
GCRY(gcry_error_t, gcry_pk_genkey, (gcry_sexp_t *r, gcry_sexp_t p), (r, p))
GCRY(gcry_error_t, gcry_mpi_ec_new,
     (gcry_ctx_t *c, gcry_sexp_t k, const char *n), (c, k, n))
GCRY_VOID(gcry_mpi_ec_mul,
          (gcry_mpi_point_t w, gcry_mpi_t n, gcry_mpi_point_t u,
           gcry_ctx_t c), (w, n, u, c))
GCRY_VOID(gcry_mpi_powm,
          (gcry_mpi_t w, gcry_mpi_t b, gcry_mpi_t e, gcry_mpi_t m),
          (w, b, e, m))
GCRY_VOID(gcry_randomize,
          (void *buf, size_t len, enum gcry_random_level level),
          (buf, len, level))
GCRY_VOID(gcry_md_write, (gcry_md_hd_t h, const void *data, size_t len),
          (h, data, len))
GCRY(gcry_error_t, gcry_md_open,
     (gcry_md_hd_t *h, int algo, unsigned int flags), (h, algo, flags))
GCRY(unsigned char *, gcry_md_read, (gcry_md_hd_t h, int algo), (h, algo))
GCRY(gcry_error_t, gcry_md_hash_buffers,
     (int algo, unsigned int flags, void *digest, const gcry_buffer_t *iov,
      int count), (algo, flags, digest, iov, count))
GCRY(gcry_error_t, gcry_mac_open,
     (gcry_mac_hd_t *h, int algo, unsigned int flags, gcry_ctx_t c),
     (h, algo, flags, c))
GCRY(gcry_error_t, gcry_mac_setkey,
     (gcry_mac_hd_t h, const void *key, size_t len), (h, key, len))
GCRY(gcry_error_t, gcry_mac_write,
     (gcry_mac_hd_t h, const void *data, size_t len), (h, data, len))
GCRY(gcry_error_t, gcry_mac_read,
     (gcry_mac_hd_t h, void *out, size_t *len), (h, out, len))
GCRY(gcry_error_t, gcry_cipher_open,
     (gcry_cipher_hd_t *h, int algo, int mode, unsigned int flags),
     (h, algo, mode, flags))
GCRY(gcry_error_t, gcry_cipher_setkey,
     (gcry_cipher_hd_t h, const void *key, size_t len), (h, key, len))
GCRY(gcry_error_t, gcry_cipher_encrypt,
     (gcry_cipher_hd_t h, void *out, size_t out_len, const void *in,
      size_t in_len), (h, out, out_len, in, in_len))
GCRY(gcry_error_t, gcry_cipher_decrypt,
     (gcry_cipher_hd_t h, void *out, size_t out_len, const void *in,
      size_t in_len), (h, out, out_len, in, in_len))

TLS(gnutls_x509_crt_import,
    (gnutls_x509_crt_t c, const gnutls_datum_t *d, gnutls_x509_crt_fmt_t f),
    (c, d, f))
TLS(gnutls_x509_crt_list_verify,
    (const gnutls_x509_crt_t *c, unsigned int n, const gnutls_x509_crt_t *ca,
     unsigned int m, const gnutls_x509_crl_t *crl, unsigned int k,
     unsigned int f, unsigned int *v), (c, n, ca, m, crl, k, f, v))

/* A dword at a time is config space; spdm-requester reads nothing else so. */
LIBC(ssize_t, pread64, (int fd, void *buf, size_t len, off64_t at),
     (fd, buf, len, at))
LIBC(ssize_t, pwrite64, (int fd, const void *buf, size_t len, off64_t at),
     (fd, buf, len, at))

/*
 * What the cryptographic libraries have said is remembered. An input to the
 * requester has an honest beginning: the same chains and signatures are
 * verified and the same points multiplied, each time with the same result, and
 * that took most of the time. These stand in front of the libraries' own
 * functions, in this program only.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <dlfcn.h>
#include <gcrypt.h>
#include <glib.h>
#include <gnutls/x509.h>
#include <string.h>

enum { MAX_KNOWN = 4096 };

static void *real(const char *name)
{
    void *function = dlsym(RTLD_NEXT, name);

    g_assert(function);
    return function;
}

/* Of one function: what it was asked, as a digest, and GBytes that it said. */
static GBytes *known(GHashTable **table, const char *question)
{
    if (!*table) {
        *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free,
                                       (GDestroyNotify)g_bytes_unref);
    }
    return g_hash_table_lookup(*table, question);
}

static void remember(GHashTable *table, const char *question,
                     const void *answer, size_t len)
{
    if (g_hash_table_size(table) >= MAX_KNOWN) {
        g_hash_table_remove_all(table);
    }
    g_hash_table_insert(table, g_strdup(question), g_bytes_new(answer, len));
}

/* --- gcry_pk_verify() ----------------------------------------------------- */

static void ask_sexp(GChecksum *sum, gcry_sexp_t sexp)
{
    size_t len = gcry_sexp_sprint(sexp, GCRYSEXP_FMT_CANON, NULL, 0);
    g_autofree char *text = g_malloc(len);

    len = gcry_sexp_sprint(sexp, GCRYSEXP_FMT_CANON, text, len);
    g_checksum_update(sum, (const guchar *)&len, sizeof(len));
    g_checksum_update(sum, (const guchar *)text, (gssize)len);
}

gcry_error_t gcry_pk_verify(gcry_sexp_t sigval, gcry_sexp_t data,
                            gcry_sexp_t pkey)
{
    static GHashTable *table;
    static gcry_error_t (*verify)(gcry_sexp_t, gcry_sexp_t, gcry_sexp_t);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gcry_error_t err;
    GBytes *said;

    ask_sexp(sum, sigval);
    ask_sexp(sum, data);
    ask_sexp(sum, pkey);
    said = known(&table, g_checksum_get_string(sum));
    if (said) {
        return *(const gcry_error_t *)g_bytes_get_data(said, NULL);
    }
    if (!verify) {
        *(void **)&verify = real("gcry_pk_verify");
    }
    err = verify(sigval, data, pkey);
    remember(table, g_checksum_get_string(sum), &err, sizeof(err));
    return err;
}

/* --- gcry_mpi_ec_mul() ---------------------------------------------------- */

static void ask_mpi(GChecksum *sum, gcry_mpi_t mpi)
{
    g_autofree unsigned char *bytes = NULL;
    size_t len = (gcry_mpi_get_nbits(mpi) + 7) / 8;

    bytes = g_malloc(len + 1);
    gcry_mpi_print(GCRYMPI_FMT_USG, bytes, len, &len, mpi);
    g_checksum_update(sum, (const guchar *)&len, sizeof(len));
    g_checksum_update(sum, bytes, (gssize)len);
}

typedef struct Coordinates {
    gcry_mpi_t x, y, z;
} Coordinates;

static Coordinates coordinates_of(gcry_mpi_point_t point)
{
    Coordinates c = {
        gcry_mpi_new(0), gcry_mpi_new(0), gcry_mpi_new(0),
    };

    gcry_mpi_point_get(c.x, c.y, c.z, point);
    return c;
}

static void coordinates_clear(Coordinates *c)
{
    gcry_mpi_release(c->x);
    gcry_mpi_release(c->y);
    gcry_mpi_release(c->z);
}

static void ask_point(GChecksum *sum, gcry_mpi_point_t point)
{
    Coordinates c = coordinates_of(point);

    ask_mpi(sum, c.x);
    ask_mpi(sum, c.y);
    ask_mpi(sum, c.z);
    coordinates_clear(&c);
}

static void set_point(gcry_mpi_point_t to, gcry_mpi_point_t from)
{
    Coordinates c = coordinates_of(from);

    gcry_mpi_point_set(to, c.x, c.y, c.z);
    coordinates_clear(&c);
}

/* A curve is known by its field. */
static char *ask_product(gcry_mpi_t n, gcry_mpi_point_t u, gcry_ctx_t ctx)
{
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    gcry_mpi_t p = gcry_mpi_ec_get_mpi("p", ctx, 0);

    ask_mpi(sum, p);
    gcry_mpi_release(p);
    ask_mpi(sum, n);
    ask_point(sum, u);
    return g_strdup(g_checksum_get_string(sum));
}

void gcry_mpi_ec_mul(gcry_mpi_point_t w, gcry_mpi_t n, gcry_mpi_point_t u,
                     gcry_ctx_t ctx)
{
    static GHashTable *table;
    static void (*mul)(gcry_mpi_point_t, gcry_mpi_t, gcry_mpi_point_t,
                       gcry_ctx_t);
    g_autofree char *question = ask_product(n, u, ctx);
    gcry_mpi_point_t said;

    if (!table) {
        table = g_hash_table_new_full(
            g_str_hash, g_str_equal, g_free,
            (GDestroyNotify)gcry_mpi_point_release);
        *(void **)&mul = real("gcry_mpi_ec_mul");
    }
    said = g_hash_table_lookup(table, question);
    if (said) {
        set_point(w, said);
        return;
    }
    mul(w, n, u, ctx);
    if (g_hash_table_size(table) >= MAX_KNOWN) {
        g_hash_table_remove_all(table);
    }
    g_hash_table_insert(table, g_steal_pointer(&question),
                        gcry_mpi_point_copy(w));
}

/* --- gnutls_x509_crt_list_verify() ---------------------------------------- */

typedef struct Verified {
    int ret;
    unsigned status;
} Verified;

static void ask_list(GChecksum *sum, const gnutls_x509_crt_t *list,
                     unsigned count)
{
    g_checksum_update(sum, (const guchar *)&count, sizeof(count));
    for (unsigned i = 0; i < count; i++) {
        gnutls_datum_t der = { NULL, 0 };

        if (!gnutls_x509_crt_export2(list[i], GNUTLS_X509_FMT_DER, &der)) {
            g_checksum_update(sum, (const guchar *)&der.size,
                              sizeof(der.size));
            g_checksum_update(sum, der.data, der.size);
            gnutls_free(der.data);
        }
    }
}

int gnutls_x509_crt_list_verify(const gnutls_x509_crt_t *cert_list,
                                unsigned cert_count,
                                const gnutls_x509_crt_t *ca_list,
                                unsigned ca_count,
                                const gnutls_x509_crl_t *crl_list,
                                unsigned crl_count, unsigned flags,
                                unsigned *status)
{
    static GHashTable *table;
    static int (*verify)(const gnutls_x509_crt_t *, unsigned,
                         const gnutls_x509_crt_t *, unsigned,
                         const gnutls_x509_crl_t *, unsigned, unsigned,
                         unsigned *);
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    Verified v = { .ret = 0 };
    GBytes *said;

    ask_list(sum, cert_list, cert_count);
    ask_list(sum, ca_list, ca_count);
    g_checksum_update(sum, (const guchar *)&flags, sizeof(flags));
    said = known(&table, g_checksum_get_string(sum));
    if (said) {
        v = *(const Verified *)g_bytes_get_data(said, NULL);
        *status = v.status;
        return v.ret;
    }
    if (!verify) {
        *(void **)&verify = real("gnutls_x509_crt_list_verify");
    }
    v.ret = verify(cert_list, cert_count, ca_list, ca_count, crl_list,
                   crl_count, flags, status);
    v.status = *status;
    remember(table, g_checksum_get_string(sum), &v, sizeof(v));
    return v.ret;
}

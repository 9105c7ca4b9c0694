/*
 * Provisioned slots of the soft provider: what they serve, what they refuse,
 * and that they survive restarts, crashes and snapshots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/hash.h"
#include "soft-util.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROFILE \
    "[device]\nname=t\n[spdm]\n" \
    "capabilities=CERT;CHAL;SET_CERT;CSR\n" \
    "[algorithms]\nasym=ECDSA-P384;ECDSA-P256\n[slot 0]\nauto=true\n" \
    "[slot 1]\nauto=true\n"

/* A place for state files; removed with the files in it. */
typedef struct Place {
    char *dir;
    char *file;
} Place;

static Place place_new(void)
{
    g_autoptr(GError) err = NULL;
    Place p = { .dir = g_dir_make_tmp("spdm-state-XXXXXX", &err) };

    g_assert_no_error(err);
    p.file = g_build_filename(p.dir, "state", NULL);
    return p;
}

static unsigned files_in(const Place *p)
{
    g_autoptr(GDir) dir = g_dir_open(p->dir, 0, NULL);
    unsigned n = 0;

    while (g_dir_read_name(dir)) {
        n++;
    }
    return n;
}

static void place_clear(Place *p)
{
    GDir *dir = g_dir_open(p->dir, 0, NULL);
    const char *name;

    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(p->dir, name, NULL);

        g_unlink(path);
    }
    g_dir_close(dir);
    g_rmdir(p->dir);
    g_free(p->dir);
    g_free(p->file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

static Device with_file(const Place *p, const char *seed)
{
    return device_with(PROFILE, (SpdmSoftConfig){
        .seed = seed, .seed_label = "x", .state_file = p ? p->file : NULL });
}

/* The CA outside. */

static GBytes *certify(SpdmBytes csr, uint32_t hash)
{
    g_autoptr(SpdmSeeded) seeded = spdm_seeded_new("ca", "ca");
    SpdmRng rng = spdm_seeded_rng(seeded);
    SpdmChainSpec spec = {
        .alg = spdm_asym_by_name("ECDSA-P256"),
        .hash = spdm_hash_by_name("SHA-256"),
        .common_name = "an owner",
        .not_before = 1577836800,
        .not_after = 253402300799,
    };
    g_autoptr(SpdmCa) ca = spdm_ca_new(&spec, &rng, NULL);
    g_autoptr(SpdmPublicKey) key = spdm_csr_key(csr, NULL);
    g_autoptr(GPtrArray) der = NULL;

    g_assert_nonnull(key);
    der = spdm_ca_certify(ca, &spec, key, &rng, NULL);
    return spdm_x509_build_chain(der, spdm_hash_by_bit(hash));
}

static GBytes *ask_chain(Device *d, uint32_t asym)
{
    SpdmCsrRequest ask = { .asym = asym, .hash = SHA384 };
    g_autoptr(GByteArray) csr = g_byte_array_new();

    g_assert_true(d->p.ops->csr(d->p.opaque, &ask, csr));
    return certify(SPDM_BYTES(csr->data, csr->len), SHA384);
}

static SpdmProvisionStatus put(Device *d, uint8_t slot, uint32_t asym,
                               GBytes *chain, bool at_reset)
{
    SpdmSetCertificate ask = {
        .slot = slot, .asym = asym, .hash = SHA384, .at_reset = at_reset,
        .chain = chain ? soft_bytes(chain) : SPDM_BYTES(NULL, 0),
    };

    return d->p.ops->set_certificate(d->p.opaque, &ask);
}

static SpdmBytes chain_of(Device *d, uint8_t slot, uint32_t asym)
{
    return d->p.ops->cert_chain(d->p.opaque, slot, asym, SHA384);
}

static bool holds(Device *d, uint8_t slot, uint32_t asym, GBytes *chain)
{
    return same_bytes(chain_of(d, slot, asym), soft_bytes(chain));
}

/* The slot's key signs for the slot's leaf. */
static void expect_signs(Device *d, uint8_t slot, uint32_t asym)
{
    SpdmSignRequest ask = {
        .slot = slot, .asym = asym, .hash = SHA384, .message = text("m"),
    };
    SpdmBytes chain = chain_of(d, slot, asym);
    g_autoptr(GPtrArray) der = NULL;
    g_autoptr(SpdmPublicKey) leaf = NULL;
    uint8_t sig[SPDM_MAX_SIGNATURE];

    g_assert_cmpuint(chain.len, >, 52);
    der = spdm_x509_split_der(SPDM_BYTES(chain.data + 52, chain.len - 52));
    leaf = spdm_x509_leaf_key(der, NULL);
    g_assert_true(d->p.ops->sign(d->p.opaque, &ask, sig));
    g_assert_true(spdm_verify(leaf, spdm_asym_by_bit(asym),
                              spdm_hash_by_bit(SHA384), NULL, &ask.message,
                              1, SPDM_BYTES(sig,
                              spdm_asym_by_bit(asym)->sig_size)));
}

static uint8_t slots(Device *d, uint32_t asym)
{
    return d->p.ops->slots(d->p.opaque, asym);
}

/* Without a file. */

static void test_served_at_once(void)
{
    g_auto(Device) d = with_file(NULL, "seed");
    g_autoptr(GBytes) chain = ask_chain(&d, P384);

    g_assert_cmpint(put(&d, 5, P384, chain, false), ==, SPDM_PROVISION_OK);
    g_assert_cmphex(slots(&d, P384), ==, 0x23);
    g_assert_cmphex(slots(&d, P256), ==, 0x03);
    g_assert_true(holds(&d, 5, P384, chain));
    expect_signs(&d, 5, P384);
    g_assert_cmpint(put(&d, 0, P384, chain, false), ==, SPDM_PROVISION_OK);
    g_assert_true(holds(&d, 0, P384, chain));
    expect_signs(&d, 0, P384);
    expect_signs(&d, 0, P256);
}

static void test_own_key_of_the_slot(void)
{
    g_auto(Device) d = with_file(NULL, "seed");
    g_autoptr(GBytes) before = g_bytes_new(chain_of(&d, 1, P384).data,
                                           chain_of(&d, 1, P384).len);

    g_assert_cmpint(put(&d, 1, P384, before, false), ==, SPDM_PROVISION_OK);
    expect_signs(&d, 1, P384);
    g_assert_cmpint(put(&d, 2, P384, before, false), ==,
                    SPDM_PROVISION_NO_KEY);
    g_assert_cmphex(slots(&d, P384), ==, 0x03);
}

static void test_foreign_key(void)
{
    g_auto(Device) d = with_file(NULL, "seed");
    g_auto(Device) other = with_file(NULL, "other");
    g_autoptr(GBytes) chain = ask_chain(&other, P384);

    g_assert_cmpint(put(&d, 0, P384, chain, false), ==,
                    SPDM_PROVISION_NO_KEY);
    g_assert_false(holds(&d, 0, P384, chain));
}

static void test_erase(void)
{
    g_auto(Device) d = with_file(NULL, "seed");
    SpdmSignRequest sign = { .slot = 1, .asym = P384, .hash = SHA384,
                             .message = text("m") };
    uint8_t sig[SPDM_MAX_SIGNATURE];
    g_autoptr(GBytes) chain = ask_chain(&d, P384);

    g_assert_cmpint(put(&d, 1, P384, NULL, false), ==, SPDM_PROVISION_OK);
    g_assert_cmphex(slots(&d, P384), ==, 0x01);
    g_assert_cmphex(slots(&d, P256), ==, 0x03);
    g_assert_cmpuint(chain_of(&d, 1, P384).len, ==, 0);
    g_assert_false(d.p.ops->sign(d.p.opaque, &sign, sig));
    g_assert_cmpint(put(&d, 1, P384, chain, false), ==, SPDM_PROVISION_OK);
    expect_signs(&d, 1, P384);
}

static void test_staged(void)
{
    g_auto(Device) d = with_file(NULL, "seed");
    g_autoptr(GBytes) chain = ask_chain(&d, P384);

    g_assert_cmpint(put(&d, 1, P384, chain, true), ==, SPDM_PROVISION_OK);
    g_assert_cmpint(put(&d, 4, P384, chain, true), ==, SPDM_PROVISION_OK);
    g_assert_cmphex(d.p.ops->staged_slots(d.p.opaque), ==, 0x12);
    g_assert_false(holds(&d, 1, P384, chain));
    g_assert_cmphex(slots(&d, P384), ==, 0x03);
    g_assert_cmphex(d.p.ops->platform_reset(d.p.opaque), ==, 0x12);
    g_assert_cmphex(d.p.ops->staged_slots(d.p.opaque), ==, 0);
    g_assert_true(holds(&d, 1, P384, chain));
    g_assert_cmphex(slots(&d, P384), ==, 0x13);
    g_assert_cmphex(d.p.ops->platform_reset(d.p.opaque), ==, 0);
}

static void test_rootless_hashes(void)
{
    g_auto(Device) d = with_file(NULL, "seed");
    g_autoptr(GBytes) chain = ask_chain(&d, P384);
    SpdmChainPolicy policy = { .hash = spdm_hash_by_bit(SHA256) };

    put(&d, 1, P384, chain, false);
    g_assert_cmpint(spdm_x509_verify_chain(
        d.p.ops->cert_chain(d.p.opaque, 1, P384, SHA256), &policy, NULL), ==,
        SPDM_CHAIN_OK);
}

/* With a file. */

static void test_restart(gconstpointer data)
{
    const char *seed = data;
    g_auto(Place) p = place_new();
    g_autoptr(GBytes) chain = NULL;
    g_autoptr(GBytes) late = NULL;
    GStatBuf st;
    {
        g_auto(Device) d = with_file(&p, seed);

        chain = ask_chain(&d, P384);
        late = ask_chain(&d, P256);
        g_assert_cmpint(put(&d, 1, P384, chain, false), ==,
                        SPDM_PROVISION_OK);
        g_assert_cmpint(put(&d, 0, P384, NULL, false), ==,
                        SPDM_PROVISION_OK);
        g_assert_cmpint(put(&d, 6, P384, chain, true), ==,
                        SPDM_PROVISION_OK);
    }
    g_assert_cmpint(g_stat(p.file, &st), ==, 0);
    g_assert_cmphex(st.st_mode & 0777, ==, 0600);
    for (int i = 0; i < 2; i++) {
        g_auto(Device) d = with_file(&p, seed);

        g_assert_cmphex(slots(&d, P384), ==, 0x42);
        g_assert_true(holds(&d, 1, P384, chain));
        g_assert_true(holds(&d, 6, P384, chain));
        expect_signs(&d, 1, P384);
        /* A CSR from before the restart is for a key that is still here. */
        g_assert_cmpint(put(&d, 2, P256, late, false), ==,
                        SPDM_PROVISION_OK);
        expect_signs(&d, 2, P256);
    }
    g_assert_cmpuint(files_in(&p), ==, 1);
}

/* A guest that asks for CSRs all day is no reason to write all day. */
static void test_csr_writes_once(void)
{
    g_auto(Place) p = place_new();
    g_auto(Device) d = with_file(&p, NULL);
    g_autoptr(GBytes) first = ask_chain(&d, P256);
    g_autoptr(GBytes) again = NULL;

    g_assert_true(g_file_test(p.file, G_FILE_TEST_EXISTS));
    g_unlink(p.file);
    again = ask_chain(&d, P256);
    g_assert_false(g_file_test(p.file, G_FILE_TEST_EXISTS));
    g_assert_cmpint(put(&d, 1, P256, again, false), ==, SPDM_PROVISION_OK);
    g_assert_true(g_file_test(p.file, G_FILE_TEST_EXISTS));
}

/* ... and one that could not be written is written the next time. */
static void test_csr_writes_later(void)
{
    g_auto(Place) p = place_new();
    g_auto(Device) d = with_file(&p, NULL);
    SpdmCsrRequest ask = { .asym = P256, .hash = SHA384 };
    g_autoptr(GByteArray) csr = g_byte_array_new();

    g_assert_cmpint(g_mkdir(p.file, 0700), ==, 0);
    g_assert_false(d.p.ops->csr(d.p.opaque, &ask, csr));
    g_assert_cmpuint(csr->len, ==, 0);
    g_assert_cmpint(g_rmdir(p.file), ==, 0);
    g_assert_true(d.p.ops->csr(d.p.opaque, &ask, csr));
    g_assert_true(g_file_test(p.file, G_FILE_TEST_EXISTS));
}

static bool refuses(const Place *p, const char *seed, GError **errp)
{
    g_auto(Device) d = { .soft = NULL };

    return !device_try(&d, PROFILE, (SpdmSoftConfig){
        .seed = seed, .seed_label = "x", .state_file = p->file }, NULL,
        errp);
}

static GBytes *write_state(const Place *p, const char *seed)
{
    g_auto(Device) d = with_file(p, seed);
    g_autoptr(GBytes) chain = ask_chain(&d, P384);
    char *bytes;
    gsize len;

    g_assert_cmpint(put(&d, 1, P384, chain, false), ==, SPDM_PROVISION_OK);
    g_assert_true(g_file_get_contents(p->file, &bytes, &len, NULL));
    return g_bytes_new_take(bytes, len);
}

/* Damage at every byte, and a cut at every byte: refused, in words. */
static void test_damage(void)
{
    g_auto(Place) p = place_new();
    g_autoptr(GBytes) state = write_state(&p, NULL);
    gsize len = g_bytes_get_size(state);

    for (gsize i = 0; i < len; i++) {
        g_autofree uint8_t *copy = g_memdup2(g_bytes_get_data(state, NULL),
                                             len);
        g_autoptr(GError) err = NULL;

        copy[i] ^= 1u << (i % 8);
        g_file_set_contents(p.file, (char *)copy, (gssize)len, NULL);
        g_assert_true(refuses(&p, NULL, &err));
        g_assert_nonnull(strstr(err->message, p.file));
        g_assert_nonnull(strstr(err->message, "damaged"));
    }
    for (gsize i = 0; i < len; i += 7) {
        g_file_set_contents(p.file, g_bytes_get_data(state, NULL),
                            (gssize)i, NULL);
        g_assert_true(refuses(&p, NULL, NULL));
    }
}

/*
 * The same with a checksum that fits: the reader itself has to hold. Some
 * bytes (a slot, a model, a KeyPairID) may well be others.
 */
static void test_forged(void)
{
    g_auto(Place) p = place_new();
    g_autoptr(GBytes) state = write_state(&p, NULL);
    gsize len = g_bytes_get_size(state) - 32;
    unsigned taken = 0;

    for (gsize i = 0; i < len; i++) {
        g_autofree uint8_t *copy = g_memdup2(g_bytes_get_data(state, NULL),
                                             len + 32);
        SpdmBytes all = SPDM_BYTES(copy, len);

        copy[i] ^= 1u << (i % 8);
        spdm_hash(spdm_hash_by_name("SHA-256"), &all, 1, copy + len);
        g_file_set_contents(p.file, (char *)copy, (gssize)len + 32, NULL);
        taken += !refuses(&p, NULL, NULL);
    }
    g_assert_cmpuint(taken, >, 0);
    g_assert_cmpuint(taken, <, len / 4);
}

typedef struct BadFile {
    const char *name;
    const char *says;
    void (*make)(const Place *p);
    const char *seed;
} BadFile;

static void make_empty(const Place *p)
{
    g_file_set_contents(p->file, "", 0, NULL);
}

static void make_directory(const Place *p)
{
    g_mkdir(p->file, 0700);
}

static void make_text(const Place *p)
{
    g_autofree char *text = g_strnfill(200, 'x');

    g_file_set_contents(p->file, text, -1, NULL);
}

/* No keys, no entries; what comes after them is of later formats. */
static void make_format(const Place *p, uint8_t format)
{
    uint8_t bytes[10 + 32] = { 'Q', 'S', 'I', 'S', format };
    SpdmBytes all = SPDM_BYTES(bytes, 10);

    spdm_hash(spdm_hash_by_name("SHA-256"), &all, 1, bytes + 10);
    g_file_set_contents(p->file, (char *)bytes, sizeof(bytes), NULL);
}

static void make_format_4(const Place *p)
{
    make_format(p, 4);
}

static void make_huge(const Place *p)
{
    FILE *f = fopen(p->file, "w");

    g_assert_cmpint(fseek(f, 1l << 30, SEEK_SET), ==, 0);
    fputc('x', f);
    fclose(f);
}

static void test_first_format(void)
{
    g_auto(Place) p = place_new();
    g_auto(Device) d = { NULL };

    make_format(&p, 1);
    d = with_file(&p, "seed");
    g_assert_cmphex(slots(&d, P384), ==, 0x03);
}

static void make_foreign(const Place *p)
{
    g_autoptr(GBytes) state = write_state(p, "another seed");
}

static const BadFile bad_files[] = {
    { "an-empty-file", "damaged", make_empty, NULL },
    { "a-directory", "no regular file", make_directory, NULL },
    { "some-text", "damaged", make_text, NULL },
    { "a-later-format", "is of format 4; this version reads 3",
      make_format_4, NULL },
    { "a-huge-file", "larger than any state is", make_huge, NULL },
    { "another-device's", "another device, profile or seed", make_foreign,
      "this seed" },
};

static void test_bad_file(gconstpointer data)
{
    const BadFile *row = data;
    g_auto(Place) p = place_new();
    g_autoptr(GError) err = NULL;

    row->make(&p);
    g_assert_true(refuses(&p, row->seed, &err));
    g_test_message("%s", err->message);
    g_assert_nonnull(strstr(err->message, row->says));
    g_assert_null(strchr(err->message, '\n'));
    g_rmdir(p.file);
}

static void test_no_directory(void)
{
    g_auto(Place) p = place_new();
    g_autofree char *file = g_build_filename(p.dir, "none", "state", NULL);
    Place inner = { .dir = p.dir, .file = file };
    g_autoptr(GError) err = NULL;

    g_assert_true(refuses(&inner, NULL, &err));
    g_assert_nonnull(strstr(err->message, "the state file cannot be made"));
}

/* What cannot be stored has not happened. */
static void test_unwritable(void)
{
    g_auto(Place) p = place_new();
    g_auto(Device) d = with_file(&p, "seed");
    g_autoptr(GBytes) chain = ask_chain(&d, P384);

    g_unlink(p.file);
    g_mkdir(p.file, 0700); /* no rename over a directory, even for root */
    g_assert_cmpint(put(&d, 1, P384, chain, false), ==,
                    SPDM_PROVISION_FAILED);
    g_assert_false(holds(&d, 1, P384, chain));
    g_assert_cmpint(put(&d, 1, P384, NULL, false), ==,
                    SPDM_PROVISION_FAILED);
    g_assert_cmphex(slots(&d, P384), ==, 0x03);
    g_rmdir(p.file);
    g_assert_cmpint(put(&d, 1, P384, chain, false), ==, SPDM_PROVISION_OK);
}

/*
 * A crash before each system call of the change: the child is stopped there
 * and killed. Returns false once the child came through.
 */
static bool crash_at(Device *d, GBytes *chain, unsigned syscalls)
{
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0) {
            _exit(77);
        }
        raise(SIGSTOP);
        put(d, 1, P384, chain, false);
        _exit(0);
    }
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    for (unsigned i = 0; WIFSTOPPED(status) && i < syscalls; i++) {
        ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    }
    if (!WIFSTOPPED(status)) {
        return false;
    }
    kill(pid, SIGKILL);
    g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
    return true;
}

static void test_crash(void)
{
    g_auto(Place) p = place_new();
    g_autoptr(GBytes) before = write_state(&p, "seed");
    g_auto(Device) d = with_file(&p, "seed");
    g_autoptr(GBytes) own = g_bytes_new(chain_of(&d, 0, P384).data,
                                        chain_of(&d, 0, P384).len);
    unsigned old = 0, new = 0;

    for (unsigned n = 0; crash_at(&d, own, n); n++) {
        g_auto(Device) after = with_file(&p, "seed");

        g_file_set_contents(p.file, g_bytes_get_data(before, NULL),
                            (gssize)g_bytes_get_size(before), NULL);
        if (holds(&after, 1, P384, own)) {
            new++;
        } else {
            expect_signs(&after, 1, P384);
            old++;
            g_assert_cmpuint(new, ==, 0);
        }
        g_assert_cmpuint(n, <, 1000);
    }
    if (old + new == 0) {
        g_test_skip("no process may be traced here");
        return;
    }
    g_assert_cmpuint(old, >, 3);
    g_assert_cmpuint(new, >, 1);
    g_test_message("%u crashes left the old state, %u the new", old, new);
}

/* Snapshots. */

static void test_snapshot(gconstpointer data)
{
    const char *seed = data;
    g_auto(Place) p = place_new();
    g_auto(Device) d = with_file(&p, seed);
    g_autoptr(GBytes) chain = ask_chain(&d, P384);
    g_autoptr(GBytes) factory = NULL;
    g_autoptr(GBytes) with = NULL;
    g_autoptr(GBytes) without = d.p.ops->identity_save(d.p.opaque);
    g_autoptr(GError) err = NULL;

    factory = g_bytes_new(chain_of(&d, 0, P384).data,
                          chain_of(&d, 0, P384).len);
    put(&d, 1, P384, chain, false);
    with = d.p.ops->identity_save(d.p.opaque);
    g_assert_true(d.p.ops->identity_load(d.p.opaque, soft_bytes(without),
                                         &err));
    g_assert_false(holds(&d, 1, P384, chain));
    g_assert_true(holds(&d, 0, P384, factory));
    g_assert_true(d.p.ops->identity_load(d.p.opaque, soft_bytes(with),
                                         &err));
    g_assert_true(holds(&d, 1, P384, chain));
    g_assert_true(holds(&d, 0, P384, factory));
    expect_signs(&d, 0, P384);
    expect_signs(&d, 1, P384);
    {
        g_auto(Device) again = with_file(&p, seed);

        g_assert_true(holds(&again, 1, P384, chain));
    }
}

static void test_bad_snapshot(void)
{
    g_auto(Device) d = with_file(NULL, "seed");
    g_auto(Device) other = with_file(NULL, "other");
    g_autoptr(GBytes) chain = ask_chain(&d, P384);
    g_autoptr(GBytes) theirs_chain = ask_chain(&other, P384);
    g_autoptr(GBytes) theirs = NULL;
    g_autoptr(GError) err = NULL;

    put(&d, 1, P384, chain, false);
    put(&other, 1, P384, theirs_chain, false);
    theirs = other.p.ops->identity_save(other.p.opaque);
    g_assert_false(d.p.ops->identity_load(d.p.opaque, soft_bytes(theirs),
                                          &err));
    g_assert_nonnull(strstr(err->message, "another device"));
    g_assert_true(holds(&d, 1, P384, chain));
    g_assert_false(d.p.ops->identity_load(d.p.opaque, text("no"), NULL));
    g_assert_true(holds(&d, 1, P384, chain));
}

/* Banks. */

#define BANKS \
    "[device]\nname=t\n[spdm]\ncapabilities=CERT;CHAL\n" \
    "extended-capabilities=SLOT_MGMT\n" \
    "[algorithms]\nasym=ECDSA-P384;ECDSA-P256;ECDSA-P521\n" \
    "[slot 0]\nauto=true\n[slot 1]\nauto=true\n"
#define TWO_BANKS BANKS "[slot-management]\nbanks=ECDSA-P384;ECDSA-P256\n"

enum { BANK_P256 = 1 << 3, BANK_P384 = 1 << 4,
       BANK_P521 = 1 << 5 };

static SpdmBank bank_of(Device *d, uint8_t id)
{
    SpdmBank bank = { .id = id };

    g_assert_true(d->p.ops->bank(d->p.opaque, id, &bank));
    return bank;
}

static Device with_banks(const char *profile, const Place *p)
{
    return device_with(profile, (SpdmSoftConfig){
        .seed = "seed", .seed_label = "x",
        .state_file = p ? p->file : NULL });
}

static void test_a_bank_for_each_kind_of_key(void)
{
    g_auto(Device) d = with_banks(BANKS, NULL);
    SpdmBank bank = bank_of(&d, 0);

    g_assert_cmpuint(bank.total, ==, 3);
    g_assert_cmphex(bank.asym, ==, BANK_P256);
    g_assert_cmphex(bank.asym_caps, ==, BANK_P256 | BANK_P384 | BANK_P521);
    g_assert_cmphex(bank.asym_available, ==, BANK_P256);
    g_assert_cmphex(bank_of(&d, 1).asym, ==, BANK_P384);
    g_assert_cmphex(bank_of(&d, 2).asym, ==, BANK_P521);
    g_assert_false(d.p.ops->bank(d.p.opaque, 3, &bank));
    g_assert_false(d.p.ops->set_bank(d.p.opaque, 0, BANK_P384, 0));
    g_assert_false(d.p.ops->set_bank(d.p.opaque, 3, BANK_P521, 0));
}

static void test_no_bank_no_slots(void)
{
    g_auto(Device) d = with_banks(TWO_BANKS, NULL);
    SpdmCsrRequest csr = { .asym = P521, .hash = SHA384 };
    g_autoptr(GByteArray) out = g_byte_array_new();
    SpdmSlotKey key;

    g_assert_cmpuint(bank_of(&d, 0).total, ==, 2);
    g_assert_cmphex(bank_of(&d, 1).asym_available, ==,
                    BANK_P384 | BANK_P521);
    g_assert_cmphex(slots(&d, P384), ==, 0x03);
    g_assert_cmphex(slots(&d, P521), ==, 0);
    g_assert_cmpuint(chain_of(&d, 0, P521).len, ==, 0);
    g_assert_false(d.p.ops->slot_key(d.p.opaque, 0, P521, &key));
    g_assert_false(d.p.ops->csr(d.p.opaque, &csr, out));
}

/* A bank that became another is empty, can be filled, and stays so. */
static void test_bank_moves(void)
{
    g_auto(Place) p = place_new();
    g_autoptr(GBytes) chain = NULL;
    g_autoptr(GBytes) snapshot = NULL;
    {
        g_auto(Device) d = with_banks(TWO_BANKS, &p);

        g_assert_true(d.p.ops->set_bank(d.p.opaque, 1, BANK_P521, 0));
        g_assert_cmphex(slots(&d, P521), ==, 0);
        g_assert_cmphex(slots(&d, P384), ==, 0);
        g_assert_cmphex(slots(&d, P256), ==, 0x03);
        g_assert_cmphex(bank_of(&d, 0).asym_available, ==,
                        BANK_P256 | BANK_P384);
        chain = ask_chain(&d, P521);
        g_assert_cmpint(put(&d, 4, P521, chain, false), ==,
                        SPDM_PROVISION_OK);
        expect_signs(&d, 4, P521);
        snapshot = d.p.ops->identity_save(d.p.opaque);
    }
    for (int i = 0; i < 2; i++) {
        g_auto(Device) d = with_banks(TWO_BANKS, i ? NULL : &p);

        g_assert_true(!i || d.p.ops->identity_load(
            d.p.opaque, soft_bytes(snapshot), NULL));
        g_assert_cmphex(bank_of(&d, 1).asym, ==, BANK_P521);
        g_assert_cmphex(slots(&d, P521), ==, 0x10);
        g_assert_true(holds(&d, 4, P521, chain));
        expect_signs(&d, 4, P521);
        /* Back again: what came with the device does not. */
        g_assert_true(d.p.ops->set_bank(d.p.opaque, 1, BANK_P384, 0));
        g_assert_cmphex(slots(&d, P384) | slots(&d, P521), ==, 0);
    }
}

static void test_foreign_banks(void)
{
    g_auto(Device) two = with_banks(TWO_BANKS, NULL);
    g_auto(Device) all = with_banks(BANKS, NULL);
    g_autoptr(GBytes) state = two.p.ops->identity_save(two.p.opaque);
    g_autoptr(GError) err = NULL;

    g_assert_false(all.p.ops->identity_load(all.p.opaque, soft_bytes(state),
                                            &err));
    g_assert_nonnull(strstr(err->message, "banks"));
    g_assert_cmpuint(bank_of(&all, 0).total, ==, 3);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
#define ADD(name, f) g_test_add_func("/soft-provision/" name, f)
    ADD("chains-are-served-at-once", test_served_at_once);
    ADD("a-slot's-own-key-is-good", test_own_key_of_the_slot);
    ADD("a-foreign-key-is-not", test_foreign_key);
    ADD("erase-and-set-again", test_erase);
    ADD("staged-until-a-reset", test_staged);
    ADD("under-another-hash-too", test_rootless_hashes);
    g_test_add_data_func("/soft-provision/restart-with-a-seed", "seed",
                         test_restart);
    g_test_add_data_func("/soft-provision/restart-without-a-seed", NULL,
                         test_restart);
    ADD("the-first-format-is-read", test_first_format);
    ADD("asking-again-for-a-csr-writes-nothing", test_csr_writes_once);
    ADD("what-could-not-be-written-is-written-next-time",
        test_csr_writes_later);
    ADD("damage-at-every-byte-is-refused", test_damage);
    ADD("forged-at-every-byte-is-survived", test_forged);
    for (size_t i = 0; i < G_N_ELEMENTS(bad_files); i++) {
        g_autofree char *path = g_strconcat("/soft-provision/refused/",
                                            bad_files[i].name, NULL);

        g_test_add_data_func(path, &bad_files[i], test_bad_file);
    }
    ADD("refused/a-directory-that-is-not-there", test_no_directory);
    ADD("what-cannot-be-stored-has-not-happened", test_unwritable);
    ADD("a-crash-leaves-the-old-or-the-new", test_crash);
    g_test_add_data_func("/soft-provision/snapshot-with-a-seed", "seed",
                         test_snapshot);
    g_test_add_data_func("/soft-provision/snapshot-without-a-seed", NULL,
                         test_snapshot);
    ADD("a-bad-snapshot-changes-nothing", test_bad_snapshot);
    ADD("a-bank-for-each-kind-of-key", test_a_bank_for_each_kind_of_key);
    ADD("no-bank-no-slots", test_no_bank_no_slots);
    ADD("a-bank-that-became-another-is-empty", test_bank_moves);
    ADD("the-banks-of-another-profile-are-refused", test_foreign_banks);
    return g_test_run();
}

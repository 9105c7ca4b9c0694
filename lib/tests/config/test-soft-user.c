/*
 * What a user changes of the device while it runs: firmware version,
 * pre-shared keys, capabilities; and that snapshots have it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soft-util.h"

#include "config/profile-int.h"

#define PROFILE \
    "[device]\nname=t\n[spdm]\ncapabilities=CERT;CHAL;MEAS_SIG;ENCRYPT;MAC;" \
    "KEY_EX;PSK;HBEAT;KEY_UPD\n" \
    "[algorithms]\nasym=ECDSA-P384\n[slot 0]\n" \
    "[measurement 1]\ntype=firmware\nvalue=text:image\n" \
    "[measurement 3]\ntype=firmware-version\nvalue=text:1.0.0\n" \
    "[psk one]\nsecret=text:first\n"
#define DUMB "[spdm]\ncapabilities=CERT;CHAL\n[algorithms]\n" \
    "asym=ECDSA-P384\n[slot 0]\n"

static bool set(Device *d, const char *kind, const char *value,
                SpdmSoftChange *change, GError **errp)
{
    const SpdmSoftSetter *setter = spdm_soft_setter(kind);

    g_assert_nonnull(setter);
    return setter->set(d->soft, value, NULL, change, errp);
}

static SpdmSoftChange must(Device *d, const char *kind, const char *value)
{
    g_autoptr(GError) err = NULL;
    SpdmSoftChange change = { .slots = 0xff };

    set(d, kind, value, &change, &err);
    g_assert_no_error(err);
    g_assert_cmphex(change.slots, ==, 0);
    return change;
}

static uint32_t flags(const Device *d)
{
    return d->p.ops->flags(d->p.opaque);
}

/* NULL: unknown. */
static char *key_of(Device *d, const char *hint)
{
    uint8_t key[SPDM_MAX_PSK];
    size_t len;

    return d->p.ops->psk(d->p.opaque, text(hint), SPDM_BYTES(NULL, 0), SHA384,
                         key, &len) ? g_strndup((char *)key, len) : NULL;
}

static void expect_key(Device *d, const char *hint, const char *wanted)
{
    g_autofree char *key = key_of(d, hint);

    g_assert_cmpstr(key, ==, wanted);
}

static void expect_version(Device *d, const char *wanted, bool pending)
{
    g_autoptr(GPtrArray) all = pending
        ? d->p.ops->new_measurements(d->p.opaque)
        : d->p.ops->measurements(d->p.opaque);
    const SpdmMeasurement *m = all->pdata[1];

    g_assert_cmpuint(m->index, ==, 3);
    g_assert_true(same_bytes(soft_bytes(m->raw), text(wanted)));
}

/* --- one kind each -------------------------------------------------------- */

static void test_version(void)
{
    g_auto(Device) d = device(PROFILE, "seed", "x");
    SpdmSoftChange change = must(&d, "firmware-version", "2.0.0");

    g_assert_cmphex(change.measurements[0], ==, 1 << 3);
    g_assert_false(change.pending);
    expect_version(&d, "2.0.0", false);
    change = must(&d, "firmware-version", "pending:3.0.0");
    g_assert_true(change.pending);
    expect_version(&d, "2.0.0", false);
    expect_version(&d, "3.0.0", true);
}

static void test_psk(void)
{
    g_auto(Device) d = device(PROFILE, "seed", "x");

    expect_key(&d, "one", "first");
    must(&d, "psk", "text:two=text:a=b");
    expect_key(&d, "two", "a=b");
    must(&d, "psk", "text:one=hex:6e6577");
    expect_key(&d, "one", "new");
    must(&d, "psk", "text:two=remove");
    expect_key(&d, "two", NULL);
    /* The only one is known without a hint. */
    expect_key(&d, "", "new");
    must(&d, "psk", "hex:6f6e65=remove");
    expect_key(&d, "one", NULL);
    expect_key(&d, "", NULL);
}

static void test_capabilities(void)
{
    g_auto(Device) d = device(PROFILE, "seed", "x");
    uint32_t before = flags(&d);

    must(&d, "capabilities", "-HBEAT;-KEY_UPD");
    g_assert_cmphex(flags(&d), ==,
                    before & ~(uint32_t)(CAP_HBEAT | CAP_KEY_UPD));
    must(&d, "capabilities", "+MEAS_NO_SIG");
    g_assert_cmphex(flags(&d) & CAP_MEAS, ==, CAP_MEAS_NO_SIG);
    must(&d, "capabilities", "+CHUNK; +ENCAP");
    g_assert_cmphex(flags(&d) & (CAP_CHUNK | CAP_ENCAP), ==,
                    CAP_CHUNK | CAP_ENCAP);
    must(&d, "capabilities", "CERT;CHAL");
    g_assert_cmphex(flags(&d), ==, CAP_CERT | CAP_CHAL);
    must(&d, "capabilities", "none");
    g_assert_cmphex(flags(&d), ==, 0);
    must(&d, "capabilities", "profile");
    g_assert_cmphex(flags(&d), ==, before);
}

static void test_psk_without_keys(void)
{
    g_auto(Device) d = device(DUMB, "seed", "x");
    g_autoptr(GError) err = NULL;
    SpdmSoftChange change;

    g_assert_false(set(&d, "capabilities", "+PSK;+MAC", &change, &err));
    g_assert_nonnull(strstr(err->message, "set one first"));
    must(&d, "psk", "text:late=text:key");
    g_clear_error(&err);
    g_assert_false(set(&d, "capabilities", "+KEY_EX;+MAC", &change, &err));
    g_assert_nonnull(strstr(err->message, "KEY_EX needs at least one"));
}

/* --- refusals ------------------------------------------------------------- */

typedef struct Row {
    const char *sentence;
    const char *profile;
    const char *kind;
    const char *value;
    const char *says;
} Row;

static const Row refusals[] = {
    { "no-version", PROFILE, "firmware-version", "", "[pending:]VERSION" },
    { "no-pending-version", PROFILE, "firmware-version", "pending:",
      "[pending:]VERSION" },
    { "a-device-without-a-version", DUMB, "firmware-version", "2",
      "0 measurements of type=firmware-version" },
    { "no-key", PROFILE, "psk", "text:one", "HINT=KEY" },
    { "a-bare-hint", PROFILE, "psk", "one=text:x", "text:... or hex:..." },
    { "a-bare-key", PROFILE, "psk", "text:one=new", "a key is text:" },
    { "an-empty-key", PROFILE, "psk", "text:one=text:", "1 to" },
    { "odd-hex", PROFILE, "psk", "text:one=hex:123", "a key is text:" },
    { "a-hint-of-33-bytes", PROFILE, "psk",
      "text:abcdefghijklmnopqrstuvwxyz0123456=text:x", "at most 32 bytes" },
    { "a-hint-nobody-has", PROFILE, "psk", "text:two=remove",
      "there is no key of this hint" },
    { "no-capability", PROFILE, "capabilities", "", "a list of names" },
    { "an-unknown-capability", PROFILE, "capabilities", "CERT;CHALL",
      "CHAL" },
    { "an-unknown-one-less", PROFILE, "capabilities", "-CHALL", "CHAL" },
    { "mixed-forms", PROFILE, "capabilities", "-CHAL;CERT", "no + or -" },
    { "session-without-mac", PROFILE, "capabilities", "-MAC", "need MAC" },
    { "chal-without-cert", PROFILE, "capabilities", "CHAL",
      "CHAL signs and so needs CERT" },
    { "measurements-from-nowhere", DUMB, "capabilities", "+MEAS_SIG",
      "MEAS_SIG is not among the profile's" },
    { "two-of-one-field", PROFILE, "capabilities",
      "CERT;CHAL;MEAS_SIG;MEAS_NO_SIG", "MEAS_NO_SIG" },
};

static void test_refusal(gconstpointer data)
{
    const Row *row = data;
    g_auto(Device) d = device(row->profile, "seed", "x");
    g_autoptr(GBytes) before = d.p.ops->user_save(d.p.opaque);
    g_autoptr(GBytes) after = NULL;
    g_autoptr(GError) err = NULL;
    SpdmSoftChange change;

    g_assert_false(set(&d, row->kind, row->value, &change, &err));
    g_test_message("%s", err->message);
    g_assert_nonnull(strstr(err->message, row->says));
    g_assert_null(strchr(err->message, '\n'));
    after = d.p.ops->user_save(d.p.opaque);
    g_assert_true(g_bytes_equal(before, after));
}

/* --- snapshots ------------------------------------------------------------ */

static GBytes *changed_state(void)
{
    g_auto(Device) d = device(PROFILE, "seed", "x");

    must(&d, "firmware-version", "2.0.0");
    must(&d, "firmware-version", "pending:3.0.0");
    must(&d, "measurement", "1:text:image 2");
    must(&d, "psk", "text:two=text:second");
    must(&d, "psk", "text:one=remove");
    must(&d, "capabilities", "-HBEAT");
    return d.p.ops->user_save(d.p.opaque);
}

static void test_saved(void)
{
    g_auto(Device) d = device(PROFILE, "seed", "x");
    g_autoptr(GBytes) state = changed_state();
    g_autoptr(GBytes) again = NULL;
    g_autoptr(GError) err = NULL;

    must(&d, "psk", "text:three=text:third");
    g_assert_true(d.p.ops->user_load(d.p.opaque, soft_bytes(state), &err));
    g_assert_no_error(err);
    expect_version(&d, "2.0.0", false);
    expect_version(&d, "3.0.0", true);
    expect_key(&d, "two", "second");
    expect_key(&d, "one", NULL);
    expect_key(&d, "three", NULL);
    g_assert_cmphex(flags(&d) & CAP_HBEAT, ==, 0);
    again = d.p.ops->user_save(d.p.opaque);
    g_assert_true(g_bytes_equal(state, again));
}

static void expect_not_loaded(Device *d, SpdmBytes state)
{
    g_autoptr(GBytes) before = d->p.ops->user_save(d->p.opaque);
    g_autoptr(GBytes) after = NULL;
    g_autoptr(GError) err = NULL;

    g_assert_false(d->p.ops->user_load(d->p.opaque, state, &err));
    g_assert_nonnull(err);
    after = d->p.ops->user_save(d->p.opaque);
    g_assert_true(g_bytes_equal(before, after));
}

static void test_damaged(void)
{
    g_auto(Device) d = device(PROFILE, "seed", "x");
    g_autoptr(GBytes) state = changed_state();
    SpdmBytes all = soft_bytes(state);
    g_autofree uint8_t *longer = g_malloc0(all.len + 1);

    for (size_t len = 0; len < all.len; len++) {
        expect_not_loaded(&d, SPDM_BYTES(all.data, len));
    }
    memcpy(longer, all.data, all.len);
    expect_not_loaded(&d, SPDM_BYTES(longer, all.len + 1));
    /* Whatever a byte becomes: taken or not, and never half. */
    for (size_t i = 0; i < all.len; i++) {
        memcpy(longer, all.data, all.len);
        longer[i] ^= 0x81;
        d.p.ops->user_load(d.p.opaque, SPDM_BYTES(longer, all.len), NULL);
        g_assert_true(soft_flags_possible(d.soft, flags(&d)));
    }
}

static void test_of_another_device(void)
{
    g_auto(Device) d = device(DUMB, "seed", "x");
    g_autoptr(GBytes) state = changed_state();

    expect_not_loaded(&d, soft_bytes(state));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(refusals); i++) {
        g_autofree char *path = g_strconcat("/soft-user/refused/",
                                            refusals[i].sentence, NULL);

        g_test_add_data_func(path, &refusals[i], test_refusal);
    }
#define ADD(name, f) g_test_add_func("/soft-user/" name, f)
    ADD("firmware-version", test_version);
    ADD("psk-added-replaced-removed", test_psk);
    ADD("capabilities", test_capabilities);
    ADD("psk-capability-needs-a-key", test_psk_without_keys);
    ADD("snapshots-have-it", test_saved);
    ADD("damaged-snapshots-are-refused", test_damaged);
    ADD("another-device's-snapshot-is-refused", test_of_another_device);
    return g_test_run();
}

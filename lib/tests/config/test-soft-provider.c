/*
 * The rest of the provider: randomness, clock, vendor echo.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soft-util.h"

static void test_seeded_random(void)
{
    g_auto(Device) a = device("", "seed", "nic0");
    g_auto(Device) b = device("", "seed", "nic0");
    g_auto(Device) c = device("", "seed", "nic1");
    uint8_t x[100], y[100], z[100];

    a.p.ops->random(a.p.opaque, x, 100);
    b.p.ops->random(b.p.opaque, y, 60);
    b.p.ops->random(b.p.opaque, y + 60, 40);
    c.p.ops->random(c.p.opaque, z, 100);
    g_assert_cmpmem(x, 100, y, 100);
    g_assert_cmpint(memcmp(x, z, 100), !=, 0);
}

/* Chains have streams of their own, so that nonces do not depend on them. */
static void test_chains_draw_elsewhere(void)
{
    g_auto(Device) d = device("", "seed", "nic0");

    d.p.ops->cert_chain(d.p.opaque, 0, P384, SHA384);
    g_assert_cmpuint(d.p.ops->random_tell(d.p.opaque), ==, 0);
}

static void test_seek(void)
{
    g_auto(Device) a = device("", "seed", "nic0");
    g_auto(Device) b = device("", "seed", "nic0");
    uint8_t x[32], y[32];

    a.p.ops->random(a.p.opaque, x, 7);
    g_assert_cmpuint(a.p.ops->random_tell(a.p.opaque), ==, 7);
    b.p.ops->random_seek(b.p.opaque, a.p.ops->random_tell(a.p.opaque));
    a.p.ops->random(a.p.opaque, x, sizeof(x));
    b.p.ops->random(b.p.opaque, y, sizeof(y));
    g_assert_cmpmem(x, sizeof(x), y, sizeof(y));
}

static void test_real_random(void)
{
    g_auto(Device) a = device("", NULL, "nic0");
    g_auto(Device) b = device("", NULL, "nic0");
    uint8_t x[32] = { 0 }, y[32] = { 0 };

    a.p.ops->random(a.p.opaque, x, sizeof(x));
    b.p.ops->random(b.p.opaque, y, sizeof(y));
    g_assert_cmpint(memcmp(x, y, sizeof(x)), !=, 0);
    g_assert_cmpuint(a.p.ops->random_tell(a.p.opaque), ==, 0);
    a.p.ops->random_seek(a.p.opaque, 1);
}

/* The caller's strings and config need not outlive the call. */
static void test_seed_is_copied(void)
{
    char seed[] = "seed", label[] = "nic0";
    g_auto(Device) a = device("", seed, label);
    g_auto(Device) b = device("", "seed", "nic0");

    memset(seed, 'x', 4);
    memset(label, 'x', 4);
    g_assert_true(same_bytes(
        a.p.ops->cert_chain(a.p.opaque, 0, P384, SHA384),
        b.p.ops->cert_chain(b.p.opaque, 0, P384, SHA384)));
}

static int64_t fixed_clock(void *opaque)
{
    return *(int64_t *)opaque;
}

static void test_clock(void)
{
    int64_t now = 12345;
    g_auto(Device) d = device_with("", (SpdmSoftConfig){
        .now_us = fixed_clock, .opaque = &now });
    g_auto(Device) host = device("", NULL, NULL);
    int64_t before = g_get_monotonic_time();

    g_assert_cmpint(d.p.ops->now_us(d.p.opaque), ==, 12345);
    now++;
    g_assert_cmpint(d.p.ops->now_us(d.p.opaque), ==, 12346);
    g_assert_cmpint(host.p.ops->now_us(host.p.opaque), >=, before);
}

static void test_vendor(void)
{
    g_auto(Device) echo = device("[vendor]\necho=true\n", NULL, NULL);
    g_auto(Device) mute = device("", NULL, NULL);
    g_autoptr(GByteArray) reply = g_byte_array_new();
    const SpdmVendorRequest ping = {
        .standard = 3, .vendor_id = text("\1"), .payload = text("ping"),
        .room = 64,
    };
    const SpdmVendorRequest empty = { .standard = 0, .room = 64 };

    g_assert_cmpint(echo.p.ops->vendor(echo.p.opaque, &ping, reply), ==,
                    SPDM_VENDOR_ANSWERED);
    g_assert_cmpmem(reply->data, reply->len, "ping", 4);
    g_assert_cmpint(echo.p.ops->vendor(echo.p.opaque, &empty, reply), ==,
                    SPDM_VENDOR_ANSWERED);
    g_assert_cmpuint(reply->len, ==, 4);
    g_assert_cmpint(mute.p.ops->vendor(mute.p.opaque, &ping, reply), ==,
                    SPDM_VENDOR_UNSERVED);
    g_assert_cmpuint(reply->len, ==, 4);
}

/* Every built-in profile makes a provider, and its preferred chain. */
static void test_builtin(gconstpointer data)
{
    g_autoptr(GError) err = NULL;
    g_autoptr(SpdmProfile) p = spdm_profile_builtin(data, &err);
    SpdmSoftConfig config = { .profile = p, .pci = test_pci,
                              .seed = "seed" };
    g_autoptr(SpdmSoftProvider) soft = NULL;
    SpdmProvider provider;
    g_autoptr(GPtrArray) all = NULL;

    g_assert_no_error(err);
    soft = spdm_soft_provider_new(&config, NULL, &err);
    g_assert_no_error(err);
    provider = spdm_soft_provider(soft);
    all = provider.ops->measurements(provider.opaque);
    g_assert_cmpuint(all->len, >=, 5);
    g_assert_true((p->asym != 0) ==
                  (provider.ops->cert_chain(provider.opaque, 0, P384,
                                            SHA384).len != 0));
}

int main(int argc, char **argv)
{
    const char *const *names = spdm_profile_builtin_names();

    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/soft-provider/seeded-random-repeats-itself",
                    test_seeded_random);
    g_test_add_func("/soft-provider/chains-leave-the-stream-alone",
                    test_chains_draw_elsewhere);
    g_test_add_func("/soft-provider/seeded-random-continues-after-seek",
                    test_seek);
    g_test_add_func("/soft-provider/unseeded-random-differs",
                    test_real_random);
    g_test_add_func("/soft-provider/seed-and-label-are-copied",
                    test_seed_is_copied);
    g_test_add_func("/soft-provider/clock-is-the-callers", test_clock);
    g_test_add_func("/soft-provider/vendor-echo-only-if-asked",
                    test_vendor);
    for (size_t i = 0; names[i]; i++) {
        g_autofree char *path = g_strdup_printf("/soft-provider/serves/%s",
                                                names[i]);

        g_test_add_data_func(path, names[i], test_builtin);
    }
    return g_test_run();
}

/*
 * Measurements: what the profile says, and what of a config space counts.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "soft-util.h"

/* A function with two BARs, PM (40h) and MSI-X (50h), AER and DOE. */
static const struct {
    uint16_t at;
    uint8_t value;
} image[] = {
    { 0x00, 0x36 }, { 0x01, 0x1b }, { 0x02, 0x10 },         /* ids */
    { 0x04, 0x07 }, { 0x05, 0x04 }, { 0x06, 0x10 },         /* command... */
    { 0x08, 0x02 }, { 0x09, 0x02 }, { 0x0a, 0x08 }, { 0x0b, 0x01 },
    { 0x0c, 0x10 },                                         /* cache line */
    { 0x10, 0x04 }, { 0x12, 0xbf }, { 0x13, 0xfe }, { 0x14, 0x01 },
    { 0x18, 0x01 }, { 0x19, 0xc0 },                         /* I/O BAR */
    { 0x2c, 0xf4 }, { 0x2d, 0x1a }, { 0x2f, 0x11 },         /* subsystem */
    { 0x30, 0x01 }, { 0x32, 0xc0 },                         /* ROM */
    { 0x34, 0x40 }, { 0x3c, 0x0b }, { 0x3d, 0x01 },
    { 0x40, 0x01 }, { 0x41, 0x50 }, { 0x44, 0x08 },         /* PM */
    { 0x50, 0x11 }, { 0x52, 0x40 },                         /* MSI-X */
    { 0x100, 0x01 }, { 0x102, 0x02 }, { 0x103, 0x15 },      /* AER > 150h */
    { 0x104, 0x55 },
    { 0x150, 0x2e }, { 0x152, 0x01 },                       /* DOE, last */
    { 0x158, 0xaa },
};

static const uint8_t measured[] = {
    0x36, 0x1b, 0x10, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x02, 0x02, 0x08, 0x01, 0x00, 0x00, 0x00, 0x00,
    0x04, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0xf4, 0x1a, 0x00, 0x11,
    0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
    0x01, 0x50, 0x11, 0x00,
    0x01, 0x00, 0x02, 0x15, 0x2e, 0x00, 0x01, 0x00,
};

enum { SPACE = 4096 };

static void fill(uint8_t *space)
{
    memset(space, 0, SPACE);
    for (size_t i = 0; i < G_N_ELEMENTS(image); i++) {
        space[image[i].at] = image[i].value;
    }
}

static void test_layout(void)
{
    uint8_t space[SPACE];
    g_autoptr(GBytes) in = NULL, out = NULL;

    fill(space);
    in = g_bytes_new_static(space, SPACE);
    out = soft_measure_config_space(in);
    g_assert_cmpmem(measured, sizeof(measured), g_bytes_get_data(out, NULL),
                    g_bytes_get_size(out));
}

/* Another value of one byte, and whether the measurement is another one. */
typedef struct ByteRow {
    const char *sentence;
    uint16_t at;
    uint8_t value;
    bool changes;
} ByteRow;

static const ByteRow byte_rows[] = {
    { "vendor-id-counts", 0x00, 0x37, true },
    { "device-id-counts", 0x03, 0x01, true },
    { "revision-counts", 0x08, 0x03, true },
    { "class-counts", 0x0b, 0x02, true },
    { "header-type-counts", 0x0e, 0x80, true },
    { "bar-width-counts", 0x10, 0x00, true },
    { "bar-prefetch-counts", 0x10, 0x0c, true },
    { "bar-kind-counts", 0x18, 0x00, true },
    { "subsystem-counts", 0x2e, 0x01, true },
    { "interrupt-pin-counts", 0x3d, 0x02, true },
    { "capability-id-counts", 0x50, 0x05, true },
    { "missing-capability-counts", 0x41, 0x00, true },
    { "extended-capability-id-counts", 0x150, 0x30, true },
    { "extended-capability-version-counts", 0x152, 0x02, true },
    { "missing-extended-capability-counts", 0x103, 0x00, true },
    { "command-does-not-count", 0x04, 0x00, false },
    { "interrupt-disable-does-not-count", 0x05, 0x00, false },
    { "status-does-not-count", 0x07, 0xf9, false },
    { "cache-line-size-does-not-count", 0x0c, 0x08, false },
    { "latency-timer-does-not-count", 0x0d, 0x40, false },
    { "bist-does-not-count", 0x0f, 0x80, false },
    { "bar-address-does-not-count", 0x12, 0x55, false },
    { "bar-upper-half-does-not-count", 0x14, 0x08, false },
    { "io-bar-address-does-not-count", 0x19, 0x10, false },
    { "rom-bar-does-not-count", 0x30, 0x00, false },
    { "interrupt-line-does-not-count", 0x3c, 0xff, false },
    { "power-state-does-not-count", 0x44, 0x0b, false },
    { "msix-enable-does-not-count", 0x53, 0x80, false },
    { "error-status-does-not-count", 0x104, 0x00, false },
    { "doe-control-does-not-count", 0x158, 0x00, false },
};

static void test_byte(gconstpointer data)
{
    const ByteRow *row = data;
    uint8_t space[SPACE];
    g_autoptr(GBytes) in = NULL, out = NULL;

    fill(space);
    g_assert_cmphex(space[row->at], !=, row->value);
    space[row->at] = row->value;
    in = g_bytes_new_static(space, SPACE);
    out = soft_measure_config_space(in);
    g_assert_true(row->changes == (g_bytes_get_size(out) !=
                                   sizeof(measured) ||
                                   memcmp(g_bytes_get_data(out, NULL),
                                          measured, sizeof(measured))));
}

static void test_bridge(void)
{
    uint8_t space[SPACE], other[SPACE];
    g_autoptr(GBytes) a = NULL, b = NULL, x = NULL, y = NULL;

    fill(space);
    space[0x0e] = 1;
    memcpy(other, space, SPACE);
    memset(other + 0x18, 0x5a, 0x34 - 0x18);    /* buses and windows */
    memset(other + 0x38, 0x5a, 4);              /* ROM */
    other[0x3e] = 3;                            /* bridge control */
    a = g_bytes_new_static(space, SPACE);
    b = g_bytes_new_static(other, SPACE);
    x = soft_measure_config_space(a);
    y = soft_measure_config_space(b);
    g_assert_true(g_bytes_equal(x, y));
}

/* Lists that loop, leave the space or begin nowhere end by themselves. */
static void test_hostile_lists(void)
{
    uint8_t space[SPACE];

    fill(space);
    space[0x51] = 0x40;                         /* MSI-X back to PM */
    space[0x153] = 0x10;                        /* DOE back to AER */
    for (size_t len = 0; len <= SPACE; len += len < 0x200 ? 1 : 509) {
        g_autofree uint8_t *copy = g_memdup2(space, len);
        g_autoptr(GBytes) in = g_bytes_new_static(copy, len);
        g_autoptr(GBytes) out = soft_measure_config_space(in);

        g_assert_cmpuint(g_bytes_get_size(out), >=, 64);
        g_assert_cmpuint(g_bytes_get_size(out), <=, 64 + 96 + 4 * 480);
    }
}

static GBytes *live_space(void *opaque)
{
    return g_bytes_new(opaque, SPACE);
}

static GBytes *no_space(void *opaque)
{
    return NULL;
}

static SpdmMeasurement *nth(GPtrArray *all, guint i)
{
    g_assert_cmpuint(i, <, all->len);
    return all->pdata[i];
}

static void test_profile_values(void)
{
    uint8_t space[SPACE];
    g_auto(Device) d = device_with(
        "[measurement 200]\ntype=firmware\nvalue=text:fw\n"
        "[measurement 7]\ntype=hardware-config\nsource=config-space\n"
        "[measurement 254]\ntype=device-mode\n"
        "value=hex:00010203 04050607 08090a0b 0c0d0e0f\n",
        (SpdmSoftConfig){ .config_space = live_space, .opaque = space });
    g_autoptr(GPtrArray) all = NULL;

    fill(space);
    all = d.p.ops->measurements(d.p.opaque);
    g_assert_cmpuint(all->len, ==, 3);
    g_assert_cmpuint(nth(all, 0)->index, ==, 7);
    g_assert_cmpuint(nth(all, 0)->type, ==, 2);
    g_assert_cmpmem(g_bytes_get_data(nth(all, 0)->raw, NULL),
                    g_bytes_get_size(nth(all, 0)->raw), measured,
                    sizeof(measured));
    g_assert_cmpuint(nth(all, 1)->index, ==, 200);
    g_assert_true(nth(all, 1)->tcb && !nth(all, 1)->raw_only);
    g_assert_cmpmem(g_bytes_get_data(nth(all, 1)->raw, NULL),
                    g_bytes_get_size(nth(all, 1)->raw), "fw", 2);
    g_assert_cmpuint(nth(all, 2)->index, ==, 254);
    g_assert_cmpuint(nth(all, 2)->type, ==, 5);
    g_assert_true(nth(all, 2)->raw_only);
    g_assert_cmpuint(g_bytes_get_size(nth(all, 2)->raw), ==, 16);
}

static void test_live(void)
{
    uint8_t space[SPACE];
    g_auto(Device) d = device_with(
        "[measurement 1]\ntype=hardware-config\nsource=config-space\n",
        (SpdmSoftConfig){ .config_space = live_space, .opaque = space });
    g_autoptr(GPtrArray) before = NULL, after = NULL;

    fill(space);
    before = d.p.ops->measurements(d.p.opaque);
    space[0x2e] = 0x77;
    after = d.p.ops->measurements(d.p.opaque);
    g_assert_false(g_bytes_equal(nth(before, 0)->raw, nth(after, 0)->raw));
}

/* Ids alone make a header where there is no config space. */
static void test_without_space(void)
{
    static const char profile[] =
        "[measurement 1]\ntype=hardware-config\nsource=config-space\n";
    g_auto(Device) none = device(profile, NULL, NULL);
    g_auto(Device) null = device_with(
        profile, (SpdmSoftConfig){ .config_space = no_space });
    g_autoptr(GPtrArray) a = none.p.ops->measurements(none.p.opaque);
    g_autoptr(GPtrArray) b = null.p.ops->measurements(null.p.opaque);
    const uint8_t *raw = g_bytes_get_data(nth(a, 0)->raw, NULL);

    g_assert_true(g_bytes_equal(nth(a, 0)->raw, nth(b, 0)->raw));
    g_assert_cmpuint(g_bytes_get_size(nth(a, 0)->raw), ==, 64);
    g_assert_cmpmem(raw, 4, "\x36\x1b\x10\x00", 4);
    g_assert_cmpmem(raw + 8, 4, "\x02\x02\x08\x01", 4);
    g_assert_cmpmem(raw + 0x2c, 4, "\xf4\x1a\x00\x11", 4);
}

/* What a user writes while the device runs. */
static void test_change(void)
{
    static const char *const bad[] = {
        "", "1", "1:", "1:new", "x:text:new", "1:hex:0", "7:text:new",
        "2:text:live", "3:hex:00", "256:text:new", "pending:1",
    };
    g_auto(Device) d = device(
        "[measurement 1]\ntype=firmware\nvalue=text:old\n"
        "[measurement 2]\ntype=hardware-config\nsource=config-space\n"
        "[measurement 3]\ntype=secure-version-number\n"
        "value=hex:0100000000000000\n", NULL, NULL);
    SpdmSoftProvider *soft = d.p.opaque;
    g_autoptr(GPtrArray) now = NULL, later = NULL;
    SpdmSoftChange change;

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) err = NULL;

        g_assert_false(spdm_soft_provider_change(soft, bad[i], &change,
                                                 &err));
        g_assert_nonnull(err);
    }
    g_assert_true(spdm_soft_provider_change(soft, "pending:1:text:next",
                                            &change, NULL));
    g_assert_true(change.pending);
    g_assert_cmphex(change.measurements[0], ==, 1 << 1);
    now = d.p.ops->measurements(d.p.opaque);
    later = d.p.ops->new_measurements(d.p.opaque);
    g_assert_cmpuint(g_bytes_get_size(nth(now, 0)->raw), ==, 3);
    g_assert_cmpuint(g_bytes_get_size(nth(later, 0)->raw), ==, 4);
    g_ptr_array_unref(g_steal_pointer(&later));
    g_assert_true(spdm_soft_provider_change(soft, "1:hex:00 01", &change,
                                            NULL));
    g_assert_false(change.pending);
    later = d.p.ops->new_measurements(d.p.opaque);
    g_assert_cmpmem(g_bytes_get_data(nth(later, 0)->raw, NULL),
                    g_bytes_get_size(nth(later, 0)->raw), "\0\1", 2);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/soft-measure/config-space-layout", test_layout);
    for (size_t i = 0; i < G_N_ELEMENTS(byte_rows); i++) {
        g_autofree char *path = g_strdup_printf("/soft-measure/%s",
                                                byte_rows[i].sentence);

        g_test_add_data_func(path, &byte_rows[i], test_byte);
    }
    g_test_add_func("/soft-measure/bridge-windows-do-not-count",
                    test_bridge);
    g_test_add_func("/soft-measure/hostile-lists-end", test_hostile_lists);
    g_test_add_func("/soft-measure/profile-values-come-by-index",
                    test_profile_values);
    g_test_add_func("/soft-measure/config-space-is-read-live", test_live);
    g_test_add_func("/soft-measure/ids-make-a-header-without-config-space",
                    test_without_space);
    g_test_add_func("/soft-measure/values-change-at-run-time", test_change);
    return g_test_run();
}

/*
 * Version lists and selections in opaque data; bytes from DSP0277.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/opaque.h"
#include "core-util.h"

typedef struct Row {
    const char *sentence;
    uint8_t version;
    const char *hex;
    unsigned count;          /* of versions understood */
    uint16_t first;
    uint16_t selected;       /* 0: none */
} Row;

static const Row good[] = {
    { "1.2 supporting 1.0 and 1.1", 0x12,
      "01000000 00000700 01010200 10001100", 2, 0x1000, 0 },
    { "1.2 supporting only 1.1", 0x12,
      "01000000 00000500 01010100 11000000", 1, 0x1100, 0 },
    { "1.2 selecting 1.1", 0x12, "01000000 00000400 01000011", 0, 0, 0x1100 },
    { "1.1 supporting 1.1", 0x11,
      "46544d44 01010000 00000500 01010100 11000000", 1, 0x1100, 0 },
    { "1.1 selecting 1.1", 0x11,
      "46544d44 01010000 00000400 01000011", 0, 0, 0x1100 },
    { "nothing at all", 0x12, "", 0, 0, 0 },
    { "no elements", 0x12, "00000000", 0, 0, 0 },
    { "an element of another vendor is passed over", 0x12,
      "02000000 03021b36 0200aabb 00000400 01000012", 0, 0, 0x1200 },
    { "vendor bytes count for the padding", 0x12,
      "02000000 04010501 00aa0000 00000400 01000012", 0, 0, 0x1200 },
    { "an unknown kind of ours is passed over", 0x12,
      "02000000 00000200 01070000 00000400 01000012", 0, 0, 0x1200 },
    { "another data version is passed over", 0x12,
      "01000000 00000400 02000011", 0, 0, 0 },
    { "a limit beside the list", 0x12,
      "02000000 00000500 01010100 13000000 00000300 01021400",
      1, 0x1300, 0 },
    { "reserved bytes of the header are not looked at", 0x12,
      "01aabbcc 00000400 01000011", 0, 0, 0x1100 },
};

static const Row bad[] = {
    { "a header cut off", 0x12, "010000", 0, 0, 0 },
    { "fewer elements than the header says", 0x12,
      "02000000 00000400 01000011", 0, 0, 0 },
    { "more bytes than elements", 0x12,
      "01000000 00000400 01000011 00000000", 0, 0, 0 },
    { "padding left out", 0x12, "01000000 00000500 01010100 11", 0, 0, 0 },
    { "padding not zero", 0x12, "01000000 00000500 01010100 11000100",
      0, 0, 0 },
    { "data longer than what is there", 0x12, "01000000 0000ff00 01000011",
      0, 0, 0 },
    { "a vendor id longer than what is there", 0x12,
      "01000000 03ff0400 01000011", 0, 0, 0 },
    { "an id beyond the registries", 0x12, "01000000 0c000400 01000011",
      0, 0, 0 },
    { "our element without its kind", 0x12, "01000000 00000100 01000000",
      0, 0, 0 },
    { "an empty list", 0x12, "01000000 00000300 01010000", 0, 0, 0 },
    { "a list longer than its element", 0x12,
      "01000000 00000500 01010200 11000000", 0, 0, 0 },
    { "a list shorter than its element", 0x12,
      "01000000 00000700 01010100 10001100", 0, 0, 0 },
    { "a list of 17", 0x12,
      "01000000 00002500 010111"
      "001000100010001000100010001000100010"
      "00100010001000100010001000100010000000",
      0, 0, 0 },
    { "two lists", 0x12,
      "02000000 00000500 01010100 11000000 00000500 01010100 11000000",
      0, 0, 0 },
    { "two selections", 0x12,
      "02000000 00000400 01000011 00000400 01000012", 0, 0, 0 },
    { "two limits", 0x12,
      "02000000 00000300 01021400 00000300 01021400", 0, 0, 0 },
    { "a limit above 64", 0x12, "01000000 00000300 01024100", 0, 0, 0 },
    { "another spec id in 1.1", 0x11,
      "46544d45 01010000 00000400 01000011", 0, 0, 0 },
    { "another opaque version in 1.1", 0x11,
      "46544d44 02010000 00000400 01000011", 0, 0, 0 },
    { "the form of 1.2 in 1.1", 0x11, "01000000 00000400 01000011", 0, 0, 0 },
};

static void test_good(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) bytes = hex(row->hex);
    SpdmOpaque o;

    g_assert_true(spdm_opaque_parse(row->version, view(bytes), &o));
    g_assert_cmpuint(o.version_count, ==, row->count);
    if (row->count) {
        g_assert_cmphex(o.versions[0], ==, row->first);
    }
    g_assert_cmpint(o.has_selected, ==, row->selected != 0);
    g_assert_cmphex(o.selected, ==, row->selected);
}

static void test_bad(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) bytes = hex(row->hex);
    SpdmOpaque o;

    g_assert_false(spdm_opaque_parse(row->version, view(bytes), &o));
}

/* From one byte on: nothing at all is well-formed. */
static void test_prefixes(gconstpointer data)
{
    const Row *row = data;
    g_autoptr(GByteArray) bytes = hex(row->hex);
    SpdmOpaque o;

    for (guint len = 1; len < bytes->len; len++) {
        g_autofree uint8_t *exact = g_memdup2(bytes->data, len);

        g_assert_false(spdm_opaque_parse(row->version,
                                         SPDM_BYTES(exact, len), &o));
    }
}

static void assert_encodes(GByteArray *out, const char *digits)
{
    g_autoptr(GByteArray) want = hex(digits);

    assert_bytes(view(out), view(want));
    g_byte_array_set_size(out, 0);
}

static void test_encode(void)
{
    static const uint16_t versions[] = { 0x1000, 0x1100, 0x1200 };
    g_autoptr(GByteArray) out = g_byte_array_new();

    spdm_opaque_encode_supported(0x12, versions, 2, out);
    assert_encodes(out, "01000000 00000700 01010200 10001100");
    spdm_opaque_encode_supported(0x13, versions, 3, out);
    assert_encodes(out, "01000000 00000900 01010300 10001100 12000000");
    spdm_opaque_encode_supported(0x11, versions + 1, 1, out);
    assert_encodes(out, "46544d44 01010000 00000500 01010100 11000000");
    spdm_opaque_encode_selected(0x12, 0x1100, out);
    assert_encodes(out, "01000000 00000400 01000011");
    spdm_opaque_encode_selected(0x11, 0x1100, out);
    assert_encodes(out, "46544d44 01010000 00000400 01000011");
}

static void test_choose(void)
{
    const SpdmOpaque o = {
        .version_count = 4, .versions = { 0x1000, 0x1210, 0x1100, 0x1300 },
    };
    const SpdmOpaque none = { .version_count = 0 };

    g_assert_cmphex(spdm_opaque_choose(&o, 0x1000, 0x1300), ==, 0x1300);
    g_assert_cmphex(spdm_opaque_choose(&o, 0x1000, 0x1200), ==, 0x1210);
    g_assert_cmphex(spdm_opaque_choose(&o, 0x1000, 0x1100), ==, 0x1100);
    g_assert_cmphex(spdm_opaque_choose(&o, 0x1400, 0x1400), ==, 0);
    g_assert_cmphex(spdm_opaque_choose(&none, 0x1000, 0x1300), ==, 0);
}

static void test_encode_together(void)
{
    static const uint16_t versions[] = { 0x1300 };
    const SpdmBytes data = SPDM_BYTES("data", 4);
    g_autoptr(GByteArray) out = g_byte_array_new();

    spdm_opaque_encode_supported(0x12, versions, 1, out);
    spdm_opaque_encode_limit(0x12, 20, out);
    spdm_opaque_encode_vendor(0x12, SPDM_OPAQUE_FMT1, data, out);
    assert_encodes(out, "03000000 00000500 01010100 13000000 00000300 "
                   "01021400 0302361b 0400 64617461 0000");
    spdm_opaque_encode_limit(0x12, 64, out);
    spdm_opaque_encode_vendor(0x12, 0, data, out);
    spdm_opaque_encode_vendor(0x12, 3, SPDM_BYTES(NULL, 0), out);
    assert_encodes(out, "");
    spdm_opaque_encode_vendor(0x13, SPDM_OPAQUE_FMT0, data, out);
    assert_encodes(out, "64617461");
    spdm_opaque_encode_vendor(0x11, 0, data, out);
    assert_encodes(out, "46544d44 01010000 0302361b 0400 64617461 0000");
}

static void test_allowed(void)
{
    static const struct {
        uint8_t version;
        uint8_t formats;
        const char *hex;
        bool allowed;
    } rows[] = {
        { 0x10, 0, "ff", true }, { 0x11, 0, "ff", true },
        { 0x12, 0, "", true }, { 0x12, 0, "00000000", false },
        { 0x12, 1, "ff", true }, { 0x12, 2, "ff", false },
        { 0x12, 2, "00000000", true }, { 0x14, 2, "01000000", false },
        { 0x14, 2, "01000000 03023661 0000 0000", true },
        { 0x14, 1, "01000000", true },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        g_autoptr(GByteArray) bytes = hex(rows[i].hex);

        g_assert_cmpint(spdm_opaque_allowed(rows[i].version, rows[i].formats,
                                            view(bytes)), ==,
                        rows[i].allowed);
    }
}

static void test_lower_limit(void)
{
    const SpdmOpaque silent = { .version_count = 0 };
    const SpdmOpaque told = { .has_aead_limit = true, .aead_limit = 20 };
    const SpdmOpaque zero = { .has_aead_limit = true };

    g_assert_cmpuint(spdm_opaque_limit(&silent, 64), ==, 64);
    g_assert_cmpuint(spdm_opaque_limit(&silent, 7), ==, 7);
    g_assert_cmpuint(spdm_opaque_limit(&told, 64), ==, 20);
    g_assert_cmpuint(spdm_opaque_limit(&told, 19), ==, 19);
    g_assert_cmpuint(spdm_opaque_limit(&zero, 64), ==, 0);
}

static void test_limit(void)
{
    g_autoptr(GByteArray) bytes = hex("01000000 00000300 01024000");
    SpdmOpaque o;

    g_assert_true(spdm_opaque_parse(0x13, view(bytes), &o));
    g_assert_true(o.has_aead_limit);
    g_assert_cmpuint(o.aead_limit, ==, 64);
}

static void add_rows(const char *group, const Row *rows, size_t n,
                     GTestDataFunc test)
{
    for (size_t i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("/opaque/%s/%s", group,
                                                rows[i].sentence);

        g_test_add_data_func(path, &rows[i], test);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    add_rows("understood", good, G_N_ELEMENTS(good), test_good);
    add_rows("refused at any shorter length", good, G_N_ELEMENTS(good),
             test_prefixes);
    add_rows("refused", bad, G_N_ELEMENTS(bad), test_bad);
    g_test_add_func("/opaque/we write what DSP0277 shows", test_encode);
    g_test_add_func("/opaque/elements go together", test_encode_together);
    g_test_add_func("/opaque/what may stand in a message", test_allowed);
    g_test_add_func("/opaque/the lower limit holds", test_lower_limit);
    g_test_add_func("/opaque/the highest version in range is chosen",
                    test_choose);
    g_test_add_func("/opaque/a limit of 64 is the most", test_limit);
    return g_test_run();
}

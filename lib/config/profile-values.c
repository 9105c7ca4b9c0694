/*
 * From the text of a key to the field it fills.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/suggest.h"
#include "crypto/algs.h"

#include <string.h>

static void field_set(void *field, uint8_t size, uint32_t value)
{
    uint8_t u8 = value;
    uint16_t u16 = value;

    memcpy(field, size == 1 ? (void *)&u8 : size == 2 ? (void *)&u16 :
           (void *)&value, size);
}

uint32_t spdm_field_get(const void *field, uint8_t size)
{
    uint8_t u8;
    uint16_t u16;
    uint32_t u32;

    switch (size) {
    case 1:
        memcpy(&u8, field, 1);
        return u8;
    case 2:
        memcpy(&u16, field, 2);
        return u16;
    default:
        memcpy(&u32, field, 4);
        return u32;
    }
}

static bool bad_value(const ProfileReader *r, const char *text,
                      const char *want)
{
    return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                 "\"%s\" is not %s", text, want);
}

/* A name that goes into certificates: printable, no separators of a DN. */
bool spdm_parse_name(ProfileReader *r, const ProfileKey *key,
                     const char *text, void *field)
{
    static const char extra[] = " -_.";
    size_t len = strlen(text);
    char **name = field;

    for (const char *c = text; *c; c++) {
        if (!g_ascii_isalnum(*c) && !strchr(extra, *c)) {
            len = 0;
        }
    }
    if (len < key->min || len > key->max) {
        g_autofree char *want = g_strdup_printf(
            "%u to %u letters, digits, blanks, '-', '_', '.'",
            key->min, key->max);

        return bad_value(r, text, want);
    }
    g_free(*name);
    *name = g_strdup(text);
    return true;
}

bool spdm_parse_path(ProfileReader *r, const ProfileKey *key,
                     const char *text, void *field)
{
    char **path = field;

    if (!*text) {
        return bad_value(r, text, "the name of a file");
    }
    g_free(*path);
    *path = r->dir && !g_path_is_absolute(text) ?
            g_build_filename(r->dir, text, NULL) : g_strdup(text);
    return true;
}

bool spdm_parse_uint(const char *text, uint32_t *out)
{
    bool hex = g_ascii_strncasecmp(text, "0x", 2) == 0;
    guint64 value;

    if (!g_ascii_string_to_unsigned(text + (hex ? 2 : 0), hex ? 16 : 10, 0,
                                    UINT32_MAX, &value, NULL)) {
        return false;
    }
    *out = value;
    return true;
}

bool spdm_parse_number(ProfileReader *r, const ProfileKey *key,
                       const char *text, void *field)
{
    uint32_t value;

    if (!spdm_parse_uint(text, &value) || value < key->min ||
        value > key->max) {
        g_autofree char *want = g_strdup_printf("a number from %u to %u",
                                                key->min, key->max);

        return bad_value(r, text, want);
    }
    field_set(field, key->size, value);
    return true;
}

static bool bad_name(const ProfileReader *r, SpdmNameAt names,
                     const char *text)
{
    g_autoptr(GString) valid = g_string_new(NULL);
    SpdmNearest nearest = { .word = text };
    SpdmName n;

    for (size_t i = 0; names(i, &n); i++) {
        spdm_nearest_try(&nearest, n.name);
        if (!n.unserved) {
            g_string_append_printf(valid, "%s%s", valid->len ? ", " : "",
                                   n.name);
        }
    }
    if (!nearest.best) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_UNKNOWN,
                                     "\"%s\" is no name; this libgcrypt has "
                                     "none of them, so it can only be none",
                                     text);
    }
    return spdm_profile_complain(r, SPDM_CONFIG_ERROR_UNKNOWN,
                                 "\"%s\" is none of %s; the nearest is %s",
                                 text, valid->str, nearest.best);
}

static bool find_name(const ProfileReader *r, SpdmNameAt names,
                      const char *text, SpdmName *out)
{
    const char *missing;

    for (size_t i = 0; names(i, out); i++) {
        if (g_ascii_strcasecmp(out->name, text) != 0) {
            continue;
        }
        if (out->unserved) {
            return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                         "%s is not served by this version",
                                         out->name);
        }
        return true;
    }
    missing = spdm_missing_alg(text);
    if (missing) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "%s is not served by this version: %s",
                                     text, missing);
    }
    return bad_name(r, names, text);
}

bool spdm_parse_choice(ProfileReader *r, const ProfileKey *key,
                       const char *text, void *field)
{
    SpdmName n;

    if (!find_name(r, key->names, text, &n)) {
        return false;
    }
    field_set(field, key->size, n.value);
    return true;
}

/* Two names for one field of bits, such as PSK and PSK_WITH_CONTEXT. */
static bool add_name(const ProfileReader *r, SpdmNameAt names,
                     const SpdmName *n, uint32_t *value)
{
    uint32_t before = *value & n->mask;

    if (before && before != n->value) {
        g_autofree char *other = spdm_names_of(names, before);

        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "%s and %s exclude each other", other,
                                     n->name);
    }
    *value |= n->value;
    return true;
}

bool spdm_parse_list(ProfileReader *r, const ProfileKey *key,
                     const char *text, void *field)
{
    g_auto(GStrv) words = g_strsplit(text, ";", -1);
    uint32_t value = 0;
    SpdmName n;

    if (!*text) {
        return bad_value(r, text, "a list of names, or none");
    }
    for (size_t i = 0; words[i] && strcmp(text, "none") != 0; i++) {
        const char *word = g_strstrip(words[i]);

        if (!*word) {
            continue;       /* GKeyFile lists may end with a ';' */
        }
        if (!find_name(r, key->names, word, &n) ||
            !add_name(r, key->names, &n, &value)) {
            return false;
        }
    }
    field_set(field, key->size, value);
    return true;
}

/* NULL when @hex is not pairs of digits; blanks and ':' may part them. */
GBytes *spdm_decode_hex(const char *hex)
{
    g_autoptr(GByteArray) out = g_byte_array_new();

    while (*hex) {
        uint8_t byte;

        if (*hex == ' ' || *hex == ':') {
            hex++;
            continue;
        }
        if (!g_ascii_isxdigit(hex[0]) || !g_ascii_isxdigit(hex[1])) {
            return NULL;
        }
        byte = g_ascii_xdigit_value(hex[0]) << 4 |
               g_ascii_xdigit_value(hex[1]);
        g_byte_array_append(out, &byte, 1);
        hex += 2;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

/* Secrets come this way: a message never repeats the value. */
GBytes *spdm_parse_value(const char *text)
{
    if (g_str_has_prefix(text, "text:")) {
        return g_bytes_new(text + strlen("text:"),
                           strlen(text + strlen("text:")));
    }
    return g_str_has_prefix(text, "hex:")
           ? spdm_decode_hex(text + strlen("hex:")) : NULL;
}

bool spdm_parse_bytes(ProfileReader *r, const ProfileKey *key,
                      const char *text, void *field)
{
    g_autoptr(GBytes) bytes = NULL;
    GBytes **out = field;

    bytes = spdm_parse_value(text);
    if (!bytes) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "is neither text:... nor hex:... with "
                                     "pairs of hexadecimal digits");
    }
    if (g_bytes_get_size(bytes) < key->min ||
        g_bytes_get_size(bytes) > key->max) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "is %zu bytes long, not %u to %u",
                                     g_bytes_get_size(bytes), key->min,
                                     key->max);
    }
    g_clear_pointer(out, g_bytes_unref);
    *out = g_steal_pointer(&bytes);
    return true;
}

static void unref_bytes(gpointer data)
{
    g_bytes_unref(data);
}

/* "hex:...;text:..." into an array; each element within min and max. */
bool spdm_parse_bytes_list(ProfileReader *r, const ProfileKey *key,
                           const char *text, void *field)
{
    g_auto(GStrv) words = g_strsplit(text, ";", -1);
    GPtrArray **out = field;

    g_clear_pointer(out, g_ptr_array_unref);
    *out = g_ptr_array_new_with_free_func(unref_bytes);
    for (size_t i = 0; words[i]; i++) {
        GBytes *bytes = NULL;

        if (!spdm_parse_bytes(r, key, g_strstrip(words[i]), &bytes)) {
            return false;
        }
        g_ptr_array_add(*out, bytes);
    }
    return true;
}

/* "1.1" or "1.0-1.2" into two uint16_t, the lower first. */
bool spdm_parse_secured(ProfileReader *r, const ProfileKey *key,
                        const char *text, void *field)
{
    g_auto(GStrv) ends = g_strsplit(text, "-", 2);
    uint16_t *range = field;
    SpdmName low, high;

    if (!ends[0] || !find_name(r, key->names, g_strstrip(ends[0]), &low) ||
        !find_name(r, key->names, g_strstrip(ends[ends[1] ? 1 : 0]), &high)) {
        return ends[0] ? false : bad_value(r, text, "a version or a range");
    }
    if (low.value > high.value) {
        return bad_value(r, text, "a range from lower to higher");
    }
    range[0] = low.value;
    range[1] = high.value;
    return true;
}

/* "CHALLENGE:16". An empty one is none: GKeyFile lists may end with a ';'. */
static bool parse_not_ready_item(ProfileReader *r, const ProfileKey *key,
                                 const char *item, uint8_t *exponents)
{
    g_auto(GStrv) parts = g_strsplit(item, ":", 2);
    uint32_t exponent;
    SpdmName n;

    if (!parts[0]) {
        return true;
    }
    if (!find_name(r, key->names, parts[0], &n)) {
        return false;
    }
    if (!parts[1] || !spdm_parse_uint(parts[1], &exponent) ||
        exponent > key->max) {
        return bad_value(r, item, "a request, ':' and an "
                         "RDTExponent from 0 to 31");
    }
    exponents[n.value - 0x80] = (uint8_t)(exponent + 1);
    return true;
}

/* "CHALLENGE:16;KEY_EXCHANGE:18" into RDTExponent + 1 by request code. */
bool spdm_parse_not_ready(ProfileReader *r, const ProfileKey *key,
                          const char *text, void *field)
{
    g_auto(GStrv) items = g_strsplit(text, ";", -1);
    uint8_t *exponents = field;

    memset(exponents, 0, SPDM_REQUEST_CODES);
    for (size_t i = 0; items[i] && strcmp(text, "none") != 0; i++) {
        if (!parse_not_ready_item(r, key, g_strstrip(items[i]), exponents)) {
            return false;
        }
    }
    return true;
}

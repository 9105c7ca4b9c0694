/*
 * A small JSON reader (RFC 8259), strict, without recursion.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "common/json-read.h"

#include <stdbool.h>
#include <string.h>

typedef struct In {
    const char *at;
    const char *end;
} In;

static bool refuse(GError **errp, const char *why)
{
    g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "not a JSON object: %s", why);
    return false;
}

static void skip_space(In *in)
{
    while (in->at < in->end && strchr(" \t\r\n", *in->at)) {
        in->at++;
    }
}

/* Whether the next thing is @c; it is taken. */
static bool take(In *in, char c)
{
    skip_space(in);
    if (in->at == in->end || *in->at != c) {
        return false;
    }
    in->at++;
    return true;
}

static bool read_hex4(In *in, gunichar *c)
{
    *c = 0;
    for (unsigned i = 0; i < 4; i++, in->at++) {
        int digit = in->at < in->end ? g_ascii_xdigit_value(*in->at) : -1;

        if (digit < 0) {
            return false;
        }
        *c = *c << 4 | (gunichar)digit;
    }
    return true;
}

/* \uXXXX, two of them above U+FFFF; U+0000 is in no string of ours. */
static bool read_unicode(In *in, GString *out)
{
    gunichar c, low;

    if (!read_hex4(in, &c)) {
        return false;
    }
    if (c >= 0xd800 && c < 0xdc00) {
        if (in->end - in->at < 2 || in->at[0] != '\\' || in->at[1] != 'u') {
            return false;
        }
        in->at += 2;
        if (!read_hex4(in, &low) || low < 0xdc00 || low > 0xdfff) {
            return false;
        }
        c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
    }
    if (!c || !g_unichar_validate(c)) {
        return false;
    }
    g_string_append_unichar(out, c);
    return true;
}

static bool read_escape(In *in, GString *out)
{
    static const char escapes[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    char c = in->at < in->end ? *in->at++ : 0;
    const char *found;

    if (c == 'u') {
        return read_unicode(in, out);
    }
    found = c ? strchr(escapes, c) : NULL;
    if (found) {
        g_string_append_c(out, meanings[found - escapes]);
    }
    return found != NULL;
}

/* NULL: there is none, or it is malformed. */
static char *read_string(In *in)
{
    g_autoptr(GString) out = g_string_new(NULL);

    if (!take(in, '"')) {
        return NULL;
    }
    while (in->at < in->end && *in->at != '"') {
        unsigned char c = (unsigned char)*in->at++;

        if (c < 0x20 || (c == '\\' && !read_escape(in, out))) {
            return NULL;
        }
        if (c != '\\') {
            g_string_append_c(out, (char)c);
        }
    }
    return take(in, '"') ? g_strdup(out->str) : NULL;
}

static bool is_word(In *in, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(in->end - in->at) < len || strncmp(in->at, word, len)) {
        return false;
    }
    in->at += len;
    return true;
}

/* Whole numbers of 64 bits; what JSON has beyond is refused. */
static GVariant *read_number(In *in)
{
    char digits[24];
    size_t len = 0;
    gint64 value;

    while (in->at + len < in->end && len < sizeof(digits) - 1 &&
           (g_ascii_isdigit(in->at[len]) || (!len && *in->at == '-'))) {
        digits[len] = in->at[len];
        len++;
    }
    digits[len] = 0;
    if (!g_ascii_string_to_signed(digits, 10, G_MININT64, G_MAXINT64, &value,
                                  NULL)) {
        return NULL;
    }
    in->at += len;
    return g_variant_new_int64(value);
}

/* *value is NULL for null. */
static bool read_value(In *in, GVariant **value)
{
    char *string;

    *value = NULL;
    skip_space(in);
    if (in->at < in->end && *in->at == '"') {
        string = read_string(in);
        *value = string ? g_variant_new_take_string(string) : NULL;
    } else if (is_word(in, "null")) {
        return true;
    } else if (is_word(in, "true")) {
        *value = g_variant_new_boolean(TRUE);
    } else if (is_word(in, "false")) {
        *value = g_variant_new_boolean(FALSE);
    } else {
        *value = read_number(in);
    }
    return *value != NULL;
}

static bool read_member(In *in, GHashTable *object, GHashTable *names,
                        GError **errp)
{
    char *name = read_string(in);
    GVariant *value;

    if (!name) {
        return refuse(errp, "a name in quotes is missing");
    }
    if (!g_hash_table_add(names, name)) {
        return refuse(errp, "a name comes twice");
    }
    if (!take(in, ':')) {
        return refuse(errp, "a colon is missing behind a name");
    }
    if (!read_value(in, &value)) {
        return refuse(errp, "a value is no string, whole number, true, false "
                            "or null");
    }
    if (value) {
        g_hash_table_insert(object, g_strdup(name),
                            g_variant_ref_sink(value));
    }
    return true;
}

static bool read_members(In *in, GHashTable *object, GError **errp)
{
    g_autoptr(GHashTable) names = g_hash_table_new_full(
        g_str_hash, g_str_equal, g_free, NULL);

    if (!take(in, '{')) {
        return refuse(errp, "it does not begin with {");
    }
    if (take(in, '}')) {
        return true;
    }
    do {
        if (!read_member(in, object, names, errp)) {
            return false;
        }
    } while (take(in, ','));
    return take(in, '}') || refuse(errp, "} is missing");
}

GHashTable *json_read_object(const char *text, size_t len, GError **errp)
{
    g_autoptr(GHashTable) object = g_hash_table_new_full(
        g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_variant_unref);
    In in = { .at = text, .end = text + len };

    if (!g_utf8_validate_len(text, len, NULL)) {
        refuse(errp, "it is not UTF-8");
        return NULL;
    }
    if (!read_members(&in, object, errp)) {
        return NULL;
    }
    skip_space(&in);
    if (in.at != in.end) {
        refuse(errp, "something follows the }");
        return NULL;
    }
    return g_steal_pointer(&object);
}

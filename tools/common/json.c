/*
 * A small JSON writer: what is written is valid, and UTF-8.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "common/json.h"

#include <string.h>

void json_init(Json *j)
{
    *j = (Json){ .text = g_string_new(NULL) };
}

void json_clear(Json *j)
{
    g_string_free(j->text, TRUE);
    j->text = NULL;
}

/* RFC 8259 section 7. */
static void append_escaped(GString *out, const char *s)
{
    g_string_append_c(out, '"');
    for (; *s; s++) {
        unsigned char c = (unsigned char)*s;

        if (c == '"' || c == '\\') {
            g_string_append_printf(out, "\\%c", c);
        } else if (c < 0x20 || c == 0x7f) {
            g_string_append_printf(out, "\\u%04x", c);
        } else {
            g_string_append_c(out, (char)c);
        }
    }
    g_string_append_c(out, '"');
}

static void start_value(Json *j, const char *key)
{
    if (j->needs_comma) {
        g_string_append_c(j->text, ',');
    }
    if (key) {
        append_escaped(j->text, key);
        g_string_append_c(j->text, ':');
    }
    j->needs_comma = true;
}

void json_begin(Json *j, const char *key, char bracket)
{
    start_value(j, key);
    g_string_append_c(j->text, bracket);
    j->needs_comma = false;
}

void json_end(Json *j, char bracket)
{
    g_string_append_c(j->text, bracket);
    j->needs_comma = true;
}

void json_string(Json *j, const char *key, const char *value)
{
    g_autofree char *valid = NULL;

    if (!value) {
        json_null(j, key);
        return;
    }
    valid = g_utf8_make_valid(value, -1);
    start_value(j, key);
    append_escaped(j->text, valid);
}

void json_int(Json *j, const char *key, int64_t value)
{
    start_value(j, key);
    g_string_append_printf(j->text, "%" G_GINT64_FORMAT, value);
}

void json_bool(Json *j, const char *key, bool value)
{
    start_value(j, key);
    g_string_append(j->text, value ? "true" : "false");
}

void json_null(Json *j, const char *key)
{
    start_value(j, key);
    g_string_append(j->text, "null");
}

void json_hex(Json *j, const char *key, const uint8_t *data, size_t len)
{
    start_value(j, key);
    g_string_append_c(j->text, '"');
    for (size_t i = 0; i < len; i++) {
        g_string_append_printf(j->text, "%02x", data[i]);
    }
    g_string_append_c(j->text, '"');
}

void json_raw(Json *j, const char *key, const Json *value)
{
    start_value(j, key);
    g_string_append_len(j->text, value->text->str,
                        (gssize)value->text->len);
}

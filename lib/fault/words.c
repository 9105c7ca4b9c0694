/*
 * Words and numbers of a plan, and errors that help.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/plan.h"

#include <string.h>

bool fault_complain(const FaultReader *r, const char *format, ...)
{
    g_autofree char *text = NULL;
    unsigned line = spdm_ini_lines_find(r->lines, r->section, r->key);
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(r->errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                "%s:%u: [%s]%s%s: %s", r->file, line, r->section,
                r->key ? " " : "", r->key ? r->key : "", text);
    return false;
}

bool fault_unknown(const FaultReader *r, const char *what, const char *word,
                   const char *(*name_at)(const void *list, unsigned i),
                   const void *list)
{
    g_autofree char *shown = g_utf8_make_valid(word, -1);
    SpdmNearest nearest = { .word = word };
    const char *name;

    for (unsigned i = 0; (name = name_at(list, i)); i++) {
        spdm_nearest_try(&nearest, name);
    }
    return fault_complain(r, "\"%s\" is no %s; the nearest is %s", shown,
                          what, nearest.best);
}

static const char *word_at(const void *list, unsigned i)
{
    return ((const char *const *)list)[i];
}

bool fault_unknown_word(const FaultReader *r, const char *what,
                        const char *word, const char *const *words)
{
    return fault_unknown(r, what, word, word_at, words);
}

int fault_choose(const FaultReader *r, const char *what, const char *word,
                 const char *const *words)
{
    for (int i = 0; words[i]; i++) {
        if (!strcmp(words[i], word)) {
            return i;
        }
    }
    fault_unknown_word(r, what, word, words);
    return -1;
}

static bool parse_unsigned(const char *text, uint64_t *out)
{
    bool hex = !g_ascii_strncasecmp(text, "0x", 2);

    return g_ascii_string_to_unsigned(text + (hex ? 2 : 0), hex ? 16 : 10, 0,
                                      UINT64_MAX, out, NULL);
}

bool fault_integer(const FaultReader *r, const char *text, int64_t *out)
{
    bool minus = text[0] == '-';
    uint64_t value;

    if (!parse_unsigned(text + (minus || text[0] == '+'), &value) ||
        value > INT64_MAX) {
        return fault_complain(r, "\"%s\" is no whole number", text);
    }
    *out = minus ? -(int64_t)value : (int64_t)value;
    return true;
}

bool fault_number(const FaultReader *r, const char *text, uint64_t min,
                  uint64_t max, uint64_t *out)
{
    if (!parse_unsigned(text, out) || *out < min || *out > max) {
        return fault_complain(r, "\"%s\" is no number from %" G_GUINT64_FORMAT
                              " to %" G_GUINT64_FORMAT, text, min, max);
    }
    return true;
}

bool fault_duration(const FaultReader *r, const char *text, int64_t *us)
{
    static const struct {
        const char *suffix;
        int64_t factor;
    } units[] = {
        { "us", 1 }, { "ms", 1000 }, { "s", G_USEC_PER_SEC },
        { "h", INT64_C(3600000000) },
    };
    enum { MOST_US = 1000000 };

    for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
        g_autofree char *digits = NULL;
        uint64_t value;

        if (!g_str_has_suffix(text, units[i].suffix)) {
            continue;
        }
        digits = g_strndup(text, strlen(text) - strlen(units[i].suffix));
        if (parse_unsigned(digits, &value) && value <= MOST_US) {
            *us = (int64_t)value * units[i].factor;
            return true;
        }
    }
    return fault_complain(r, "\"%s\" is no time such as 20us, 1200ms, 5s",
                          text);
}

bool fault_yes(const FaultReader *r, const char *text)
{
    return !strcmp(text, "true") || !strcmp(text, "yes") ||
           fault_complain(r, "\"%s\" is not true; leave the key out for "
                          "false", text);
}

GBytes *fault_hex(const FaultReader *r, const char *text)
{
    g_autoptr(GByteArray) bytes = g_byte_array_new();

    while (*text) {
        int high = g_ascii_xdigit_value(text[0]);
        int low = high < 0 ? -1 : g_ascii_xdigit_value(text[1]);
        uint8_t byte;

        if (g_ascii_isspace(*text)) {
            text++;
            continue;
        }
        if (low < 0) {
            fault_complain(r, "\"%s\" is no row of pairs of hex digits",
                           text);
            return NULL;
        }
        byte = (uint8_t)(high << 4 | low);
        g_byte_array_append(bytes, &byte, 1);
        text += 2;
    }
    return g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

static const char *message_at(const void *list, unsigned i)
{
    return spdm_code_name_at(i);
}

bool fault_message(const FaultReader *r, const char *text, int *code)
{
    *code = spdm_code_by_name(text);
    if (!strcmp(text, FAULT_DISCOVERY_NAME)) {
        *code = FAULT_DISCOVERY;
    }
    return *code != -1 || fault_unknown(r, "message", text, message_at, NULL);
}

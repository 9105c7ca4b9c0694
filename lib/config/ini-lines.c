/*
 * An index of the lines of an INI text.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/ini-lines.h"
#include "spdm/file.h"

#include <string.h>

struct SpdmIniLines {
    GHashTable *at;     /* "section\nkey" or "section\n" -> line number */
};

static char *place(const char *section, const char *key)
{
    return g_strdup_printf("%s\n%s", section, key ? key : "");
}

unsigned spdm_ini_lines_find(const SpdmIniLines *lines, const char *section,
                             const char *key)
{
    g_autofree char *name = place(section, key);

    return GPOINTER_TO_UINT(g_hash_table_lookup(lines->at, name));
}

static bool note(SpdmIniLines *lines, const char *file, unsigned number,
                 const char *section, const char *key, GError **errp)
{
    unsigned first = spdm_ini_lines_find(lines, section, key);

    if (first) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "%s:%u: [%s]%s%s: stands in line %u already; keep one",
                    file, number, section, key ? " " : "", key ? key : "",
                    first);
        return false;
    }
    g_hash_table_insert(lines->at, place(section, key),
                        GUINT_TO_POINTER(number));
    return true;
}

static bool bad_line(const char *file, unsigned number, const char *line,
                     GError **errp)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                "%s:%u: \"%s\" is none of [section], key=value below a "
                "section, # comment", file, number, line);
    return false;
}

/* @line is stripped and may be cut up; @section follows the text. */
static bool scan(SpdmIniLines *lines, const char *file, unsigned number,
                 char *line, char **section, GError **errp)
{
    size_t len = strlen(line);
    char *equals;

    if (!len || line[0] == '#') {
        return true;
    }
    if (line[0] == '[' && line[len - 1] == ']') {
        g_free(*section);
        *section = g_strndup(line + 1, len - 2);
        return note(lines, file, number, *section, NULL, errp);
    }
    equals = strchr(line, '=');
    if (!*section || !equals || equals == line) {
        return bad_line(file, number, line, errp);
    }
    *equals = '\0';
    return note(lines, file, number, *section, g_strchomp(line), errp);
}

SpdmIniLines *spdm_ini_lines_new(const char *text, const char *file,
                                 GError **errp)
{
    g_autoptr(SpdmIniLines) lines = g_new0(SpdmIniLines, 1);
    g_auto(GStrv) split = g_strsplit(text, "\n", -1);
    g_autofree char *section = NULL;

    lines->at = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (unsigned i = 0; split[i]; i++) {
        if (!scan(lines, file, i + 1, g_strstrip(split[i]), &section, errp)) {
            return NULL;
        }
    }
    return g_steal_pointer(&lines);
}

char *spdm_ini_read(const char *path, const char *what, GError **errp)
{
    g_autofree char *text = NULL;
    g_autoptr(GError) err = NULL;
    gsize len;

    if (!spdm_read_file(path, &text, &len, &err)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE,
                    "%s: cannot be read: %s", what, err->message);
        return NULL;
    }
    if (strlen(text) != len) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_FILE,
                    "%s: byte %zu is 0, so this is no text file", what,
                    strlen(text) + 1);
        return NULL;
    }
    return g_steal_pointer(&text);
}

void spdm_ini_propagate_error(GError **errp, GError *err)
{
    char *shown = g_utf8_make_valid(err->message, -1);

    for (char *c = shown; *c; c++) {
        if (g_ascii_iscntrl(*c)) {
            *c = '?';
        }
    }
    g_free(err->message);
    err->message = shown;
    g_propagate_error(errp, err);
}

void spdm_ini_lines_free(SpdmIniLines *lines)
{
    if (lines) {
        g_hash_table_unref(lines->at);
        g_free(lines);
    }
}

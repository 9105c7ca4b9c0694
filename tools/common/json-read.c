/*
 * Commands as JSON objects, read by json-glib.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "common/json-read.h"

#include <json-glib/json-glib.h>
#include <stdbool.h>
#include <string.h>

/* A command is flat; json-glib recurses, and no client picks how deep. */
enum { MOST_BRACKETS = 32 };

enum { ESCAPE = 6 };            /* length of \uXXXX */

static bool refuse(GError **errp, const char *why)
{
    g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "not a JSON object: %s", why);
    return false;
}

/* json-glib quotes what it does not like, as it is: it may move a cursor. */
static bool refuse_as(GError **errp, const GError *why)
{
    g_autofree char *shown = g_utf8_make_valid(why->message, -1);

    for (char *c = shown; *c; c++) {
        *c = g_ascii_iscntrl(*c) ? '?' : *c;
    }
    return refuse(errp, shown);
}

static bool is_shallow(const char *text, size_t len)
{
    unsigned brackets = 0;

    for (size_t i = 0; i < len; i++) {
        brackets += text[i] == '{' || text[i] == '[';
    }
    return brackets <= MOST_BRACKETS;
}

/* Of the escape at @text; -1: there is none. */
static int code_unit(const char *text, size_t len)
{
    int unit = 0;

    if (len < ESCAPE || text[0] != '\\' || text[1] != 'u') {
        return -1;
    }
    for (size_t i = 2; i < ESCAPE; i++) {
        int digit = g_ascii_xdigit_value(text[i]);

        if (digit < 0) {
            return -1;
        }
        unit = unit << 4 | digit;
    }
    return unit;
}

/*
 * RFC 8259 section 7: of a surrogate pair there are both halves. json-glib
 * wants that, too, but forgets a string when it says so, and a client may send
 * as many as it likes.
 */
static bool pairs_are_whole(const char *text, size_t len)
{
    enum { HIGH = 0xd800, LOW = 0xdc00, END = 0xe000 };

    for (size_t i = 0; i < len; i++) {
        int unit = code_unit(text + i, len - i), other = -1;

        if (unit < HIGH || unit >= END) {
            i += text[i] == '\\';
            continue;
        }
        i += ESCAPE;
        if (unit < LOW) {
            other = code_unit(text + i, len - i);
        }
        if (other < LOW || other >= END) {
            return false;
        }
        i += ESCAPE - 1;
    }
    return true;
}

/* NULL: neither string, whole number nor boolean. */
static GVariant *value_of(JsonNode *node)
{
    GType type = json_node_get_value_type(node);

    if (!JSON_NODE_HOLDS_VALUE(node)) {
        return NULL;
    }
    if (type == G_TYPE_STRING &&
        g_utf8_validate(json_node_get_string(node), -1, NULL)) {
        return g_variant_new_string(json_node_get_string(node));
    }
    if (type == G_TYPE_INT64) {
        return g_variant_new_int64(json_node_get_int(node));
    }
    return type == G_TYPE_BOOLEAN
               ? g_variant_new_boolean(json_node_get_boolean(node))
               : NULL;
}

static bool read_members(JsonObject *from, GHashTable *to, GError **errp)
{
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init(&iter, from);
    while (json_object_iter_next(&iter, &name, &node)) {
        GVariant *value = value_of(node);

        if (value) {
            g_hash_table_insert(to, g_strdup(name),
                                g_variant_ref_sink(value));
        } else if (!JSON_NODE_HOLDS_NULL(node)) {
            return refuse(errp, "a value is no string, whole number, true, "
                                "false or null");
        }
    }
    return true;
}

GHashTable *json_read_object(const char *text, size_t len, GError **errp)
{
    g_autoptr(GHashTable) object = g_hash_table_new_full(
        g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_variant_unref);
    g_autoptr(JsonParser) parser = json_parser_new();
    g_autoptr(GError) why = NULL;
    JsonNode *root;

    if (!g_utf8_validate_len(text, len, NULL)) {
        refuse(errp, "it is not UTF-8");
        return NULL;
    }
    if (!is_shallow(text, len)) {
        refuse(errp, "it has too many brackets");
        return NULL;
    }
    if (!pairs_are_whole(text, len)) {
        refuse(errp, "an escape \\u is half of a surrogate pair");
        return NULL;
    }
    if (!json_parser_load_from_data(parser, text, (gssize)len, &why)) {
        refuse_as(errp, why);
        return NULL;
    }
    root = json_parser_get_root(parser);
    if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
        refuse(errp, "it does not begin with {");
        return NULL;
    }
    if (!read_members(json_node_get_object(root), object, errp)) {
        return NULL;
    }
    return g_steal_pointer(&object);
}

/*
 * Reads one JSON object of strings, whole numbers, booleans and
 * nulls, which is all that a command is made of.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_JSON_READ_H
#define TOOLS_JSON_READ_H

#include <glib.h>

/**
 * The object in @text, @len bytes of UTF-8: names to GVariant of type "s", "x"
 * or "b"; a member that is null is as one that is not there. NULL with @errp
 * for anything else. The table is the caller's.
 */
GHashTable *json_read_object(const char *text, size_t len, GError **errp);

#endif

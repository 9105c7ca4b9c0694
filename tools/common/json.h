/*
 * A small JSON writer.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include "spdm/base.h"

typedef struct Json {
    GString *text;
    bool needs_comma;
} Json;

void json_init(Json *j);
void json_clear(Json *j);

/* @key is NULL inside arrays. */
void json_begin(Json *j, const char *key, char bracket);
void json_end(Json *j, char bracket);
void json_string(Json *j, const char *key, const char *value);
void json_int(Json *j, const char *key, int64_t value);
void json_bool(Json *j, const char *key, bool value);
void json_null(Json *j, const char *key);
void json_hex(Json *j, const char *key, const uint8_t *data, size_t len);

/** The finished text of another writer. */
void json_raw(Json *j, const char *key, const Json *value);

#endif

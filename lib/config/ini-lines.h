/*
 * Line numbers for GKeyFile, which keeps none and lets the last of two equal
 * keys win in silence.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CONFIG_INI_LINES_H
#define SPDM_CONFIG_INI_LINES_H

#include "spdm/base.h"

typedef struct SpdmIniLines SpdmIniLines;

/**
 * Notes where each section and key stands. NULL with @errp set when a line is
 * neither section, key nor comment, or when a section or key comes twice.
 */
SpdmIniLines *spdm_ini_lines_new(const char *text, const char *file,
                                 GError **errp);
void spdm_ini_lines_free(SpdmIniLines *lines);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SpdmIniLines, spdm_ini_lines_free)

/** Line of @key, or of the section when @key is NULL; 0 if there is none. */
unsigned spdm_ini_lines_find(const SpdmIniLines *lines, const char *section,
                             const char *key);

/**
 * The text of a file, g_free(); NULL with @errp when it cannot be read, or has
 * a NUL, behind which nothing would be looked at. @what stands in front.
 */
char *spdm_ini_read(const char *path, const char *what, GError **errp);

/**
 * Hands on an error that may quote the text, in one line that a terminal
 * shows: what is no UTF-8, or would move the cursor, becomes something that
 * is and does not.
 */
void spdm_ini_propagate_error(GError **errp, GError *err);

#endif

/*
 * Reading and writing the files that a user names.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FILE_H
#define SPDM_FILE_H

#include "spdm/base.h"

G_BEGIN_DECLS

/**
 * As g_file_get_contents(), and never for ever: a FIFO that nobody writes to
 * is refused after a second, and so is what does not end (devices). @data is
 * for g_free() and has a NUL behind it; @len may be NULL.
 */
SPDM_API bool spdm_read_file(const char *path, char **data, gsize *len,
                             GError **errp);

/**
 * As g_file_set_contents(), for a regular file or one that is not there yet.
 * Anything else (a FIFO, a device) is written to, not replaced; one whose
 * reader is not there, or does not read for a second, is refused.
 */
SPDM_API bool spdm_write_file(const char *path, const char *data, gssize len,
                              GError **errp);

G_END_DECLS

#endif

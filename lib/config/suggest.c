/*
 * Nearest name by edit distance.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/suggest.h"

#include <string.h>

/* Valid names are shorter; what is typed beyond this cannot matter. */
enum { MAX_WORD = 64 };

static unsigned char fold(char c)
{
    return c == '_' ? '-' : (unsigned char)g_ascii_tolower(c);
}

unsigned spdm_edit_distance(const char *a, const char *b)
{
    size_t la = MIN(strlen(a), MAX_WORD), lb = MIN(strlen(b), MAX_WORD);
    unsigned row[MAX_WORD + 1];

    for (size_t j = 0; j <= lb; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= la; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            unsigned replace = diagonal + (fold(a[i - 1]) != fold(b[j - 1]));
            unsigned edit = MIN(row[j], row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = MIN(replace, edit);
        }
    }
    return row[lb];
}

void spdm_nearest_try(SpdmNearest *nearest, const char *candidate)
{
    unsigned distance = spdm_edit_distance(nearest->word, candidate);

    if (!nearest->best || distance < nearest->distance) {
        nearest->best = candidate;
        nearest->distance = distance;
    }
}

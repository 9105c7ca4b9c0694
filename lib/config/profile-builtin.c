/*
 * The built-in profiles: configs/NAME.ini, embedded by embed.py.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/suggest.h"

#include <string.h>

const char *const *spdm_profile_builtin_names(void)
{
    return spdm_builtin_profile_names;
}

SpdmProfile *spdm_profile_builtin(const char *name, GError **errp)
{
    SpdmNearest nearest = { .word = name };
    g_autofree char *names = NULL;

    for (const SpdmBuiltinProfile *b = spdm_builtin_profiles; b->name; b++) {
        if (!strcmp(b->name, name)) {
            return spdm_profile_parse(b->text, name, errp);
        }
        spdm_nearest_try(&nearest, b->name);
    }
    names = g_strjoinv(", ", (char **)spdm_builtin_profile_names);
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_UNKNOWN,
                "profile \"%s\" is none of %s; the nearest is %s", name,
                names, nearest.best);
    return NULL;
}

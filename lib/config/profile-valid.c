/*
 * What may stand at a key, for people and programs that ask.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"

#include <string.h>

static SpdmNameAt names_at(const char *key)
{
    for (const ProfileSection *s = spdm_profile_sections; s->name; s++) {
        for (const ProfileKey *k = s->keys; k->name; k++) {
            if (k->names && strcmp(k->name, key) == 0) {
                return k->names;
            }
        }
    }
    return NULL;
}

char **spdm_profile_valid_names(const char *key)
{
    g_autoptr(GPtrArray) out = g_ptr_array_new();
    SpdmNameAt names = names_at(key);
    SpdmName n;

    for (size_t i = 0; names && names(i, &n); i++) {
        if (!n.unserved) {
            g_ptr_array_add(out, g_strdup(n.name));
        }
    }
    g_ptr_array_add(out, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&out), FALSE);
}

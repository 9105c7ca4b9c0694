/*
 * What KEY_PAIR_INFO says in bits, by names: for tools.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "crypto/algs.h"
#include "wire/defs.h"
#include "wire/key-pair-names.h"

/* NULL: the bit has no name. */
static const char *name_in(const SpdmBitName *names, uint32_t bit)
{
    while (names->name && names->bit != bit) {
        names++;
    }
    return names->name;
}

static const char *capability_name(unsigned bit)
{
    return name_in(spdm_key_pair_capability_names, UINT32_C(1) << bit);
}

static const char *usage_name(unsigned bit)
{
    return name_in(spdm_key_usage_names, UINT32_C(1) << bit);
}

static const char *slot_name(unsigned bit)
{
    static const char *const names[SPDM_SLOT_COUNT] = {
        "0", "1", "2", "3", "4", "5", "6", "7",
    };

    return bit < SPDM_SLOT_COUNT ? names[bit] : NULL;
}

static const struct {
    const char *what;
    const char *(*name)(unsigned bit);
} fields[] = {
    [SPDM_KEY_PAIR_FIELD_CAPABILITIES] = { "capability", capability_name },
    [SPDM_KEY_PAIR_FIELD_USAGE] = { "usage", usage_name },
    [SPDM_KEY_PAIR_FIELD_ALGORITHM] = { "algorithm", spdm_key_pair_alg_name },
    [SPDM_KEY_PAIR_FIELD_SLOTS] = { "slot", slot_name },
};

enum { MASK_BITS = 32 };

char *spdm_key_pair_field_text(SpdmKeyPairField field, uint32_t mask)
{
    GString *out = g_string_new(NULL);

    for (unsigned i = 0; i < MASK_BITS; i++) {
        const char *name = fields[field].name(i);

        if (!(mask & UINT32_C(1) << i)) {
            continue;
        }
        g_string_append(out, out->len ? "+" : "");
        if (name) {
            g_string_append(out, name);
        } else {
            g_string_append_printf(out, "%#x", UINT32_C(1) << i);
        }
    }
    return g_string_free(out->len ? out : g_string_append(out, "none"),
                         FALSE);
}

static bool add_name(SpdmKeyPairField field, const char *name, uint32_t *mask)
{
    guint64 number;

    for (unsigned i = 0; i < MASK_BITS; i++) {
        const char *known = fields[field].name(i);

        if (known && g_ascii_strcasecmp(known, name) == 0) {
            *mask |= UINT32_C(1) << i;
            return true;
        }
    }
    if (strcmp(name, "none") == 0) {
        return true;
    }
    if (!g_str_has_prefix(name, "0x") ||
        !g_ascii_string_to_unsigned(name + 2, 16, 0, UINT32_MAX, &number,
                                    NULL)) {
        return false;
    }
    *mask |= (uint32_t)number;
    return true;
}

static void refuse(SpdmKeyPairField field, const char *name, GError **errp)
{
    g_autoptr(GString) valid = g_string_new("none");

    for (unsigned i = 0; i < MASK_BITS; i++) {
        const char *known = fields[field].name(i);

        if (known) {
            g_string_append_printf(valid, ", %s", known);
        }
    }
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_UNKNOWN,
                "\"%s\" is no %s of a key pair; valid are: %s, or bits as "
                "0x..", name, fields[field].what, valid->str);
}

bool spdm_key_pair_field_parse(SpdmKeyPairField field, const char *text,
                               uint32_t *mask, GError **errp)
{
    g_auto(GStrv) names = g_strsplit(text, "+", -1);

    *mask = 0;
    for (char **name = names; *name; name++) {
        if (!add_name(field, *name, mask)) {
            refuse(field, *name, errp);
            return false;
        }
    }
    return true;
}

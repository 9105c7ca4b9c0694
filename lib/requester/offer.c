/*
 * What is offered, by names: for tools and configuration.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"
#include "wire/flag-names.h"

/* The @i'th name of a kind and its bit; false past the end. */
typedef bool (*NameAt)(size_t i, const char **name, uint32_t *bit);

#define ALG_NAME_AT(kind)                                                   \
    static bool kind##_at(size_t i, const char **name, uint32_t *bit)      \
    {                                                                       \
        *name = spdm_##kind##_algs[i].name;                                 \
        *bit = spdm_##kind##_algs[i].bit;                                   \
        return *name != NULL;                                               \
    }

ALG_NAME_AT(hash)
ALG_NAME_AT(asym)
ALG_NAME_AT(dhe)
ALG_NAME_AT(kem)
ALG_NAME_AT(aead)

static bool refuse(GError **errp, const char *kind, const char *name,
                   const char *valid)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_UNKNOWN,
                "\"%s\" is no %s; valid are: %s", name, kind, valid);
    return false;
}

static bool refuse_name(GError **errp, const char *kind, const char *name,
                        NameAt at)
{
    g_autoptr(GString) valid = g_string_new(NULL);
    const char *missing = spdm_missing_alg(name);
    const char *other;
    uint32_t bit;

    if (missing) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "%s %s is not served by this version: %s", kind, name,
                    missing);
        return false;
    }
    for (size_t i = 0; at(i, &other, &bit); i++) {
        g_string_append_printf(valid, "%s%s", i ? ", " : "", other);
    }
    return refuse(errp, kind, name,
                  valid->len ? valid->str : "none, with this libgcrypt");
}

static bool add_name(NameAt at, const char *name, uint32_t *mask)
{
    const char *other;
    uint32_t bit;

    for (size_t i = 0; at(i, &other, &bit); i++) {
        if (g_ascii_strcasecmp(other, name) == 0) {
            *mask |= bit;
            return true;
        }
    }
    return false;
}

static bool offer_algs(const char *kind, NameAt at, const char *names,
                       uint32_t *mask, GError **errp)
{
    g_auto(GStrv) list = g_strsplit(names, ",", -1);

    *mask = 0;
    for (char **name = list; *name; name++) {
        if (!add_name(at, g_strstrip(*name), mask)) {
            return refuse_name(errp, kind, *name, at);
        }
    }
    return true;
}

static bool offer_alg_mask(SpdmRequesterConfig *c, const char *kind,
                           const char *names, bool *known, GError **errp)
{
    static const struct {
        const char *kind;
        NameAt at;
    } kinds[] = {
        { "hash", hash_at }, { "asym", asym_at }, { "req-asym", asym_at },
        { "dhe", dhe_at }, { "kem", kem_at }, { "aead", aead_at },
    };
    uint32_t masks[] = {
        c->hash, c->asym, c->req_asym, c->dhe, c->kem, c->aead,
    };
    bool ok = true;

    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        if (strcmp(kind, kinds[i].kind) == 0) {
            *known = true;
            ok = offer_algs(kind, kinds[i].at, names, &masks[i], errp);
        }
    }
    c->hash = masks[0];
    c->asym = masks[1];
    c->req_asym = masks[2];
    c->dhe = (uint16_t)masks[3];
    c->kem = (uint16_t)masks[4];
    c->aead = (uint16_t)masks[5];
    return ok;
}

/* "1.2" as 0x12, 0 if it is no version. */
static unsigned parse_version(const char *text)
{
    if (text[0] == '1' && text[1] == '.' && g_ascii_isdigit(text[2]) &&
        text[3] == '\0') {
        return 0x10u + (unsigned)(text[2] - '0');
    }
    return 0;
}

/* "1.2" or "1.1-1.3", within [lowest, highest]. */
static bool offer_range(const char *kind, const char *text, unsigned lowest,
                        unsigned highest, unsigned *min, unsigned *max,
                        GError **errp)
{
    g_auto(GStrv) ends = g_strsplit(text, "-", 2);
    unsigned from = ends[0] ? parse_version(ends[0]) : 0;
    unsigned to = ends[0] && ends[1] ? parse_version(ends[1]) : from;

    if (from < lowest || to > highest || from > to) {
        g_autofree char *valid = g_strdup_printf("1.%u to 1.%u, or a range "
                                                 "as 1.1-1.2", lowest & 0xf,
                                                 highest & 0xf);
        return refuse(errp, kind, text, valid);
    }
    *min = from;
    *max = to;
    return true;
}

static bool set_flag(const char *name, bool on, uint32_t *flags)
{
    for (size_t i = 0; spdm_flag_names[i].name; i++) {
        if (g_ascii_strcasecmp(spdm_flag_names[i].name, name) == 0) {
            *flags = (*flags & ~spdm_flag_names[i].mask) |
                     (on ? spdm_flag_names[i].value : 0);
            return true;
        }
    }
    return false;
}

/* "A,B" is all of it; "+A,-B" changes what was there. */
static bool offer_flags(const char *names, uint32_t *flags, GError **errp)
{
    g_auto(GStrv) list = g_strsplit(names, ",", -1);
    bool change = names[0] == '+' || names[0] == '-';
    uint32_t mask = change ? *flags : 0;

    for (char **item = list; *item; item++) {
        char *name = g_strstrip(*item);
        bool on = name[0] != '-';

        name += name[0] == '+' || name[0] == '-';
        if (*name && !set_flag(name, on, &mask)) {
            return refuse(errp, "flag", name,
                          "CERT, CHAL, MEAS_SIG, ENCRYPT, MAC, KEY_EX, PSK, "
                          "HBEAT, KEY_UPD, HANDSHAKE_IN_THE_CLEAR and others "
                          "of DSP0274");
        }
    }
    *flags = mask;
    return true;
}

static bool offer_version(SpdmRequesterConfig *c, const char *names,
                          GError **errp)
{
    unsigned min, max;

    if (!offer_range("version", names, SPDM_VERSION_10, SPDM_VERSION_14,
                     &min, &max, errp)) {
        return false;
    }
    c->min_version = (uint8_t)min;
    c->max_version = (uint8_t)max;
    return true;
}

static bool offer_secured(SpdmRequesterConfig *c, const char *names,
                          GError **errp)
{
    unsigned min, max;

    if (!offer_range("secured message version", names, SPDM_VERSION_10,
                     SPDM_VERSION_13, &min, &max, errp)) {
        return false;
    }
    c->secured_min = (uint16_t)(min << 8);
    c->secured_max = (uint16_t)(max << 8);
    return true;
}

bool spdm_requester_config_offer(SpdmRequesterConfig *config,
                                 const char *kind, const char *names,
                                 GError **errp)
{
    bool known = false;
    bool ok = offer_alg_mask(config, kind, names, &known, errp);

    if (known) {
        return ok;
    }
    if (strcmp(kind, "version") == 0) {
        return offer_version(config, names, errp);
    }
    if (strcmp(kind, "secured") == 0) {
        return offer_secured(config, names, errp);
    }
    if (strcmp(kind, "flags") == 0) {
        return offer_flags(names, &config->flags, errp);
    }
    return refuse(errp, "kind of offer", kind,
                  "hash, asym, req-asym, dhe, kem, aead, version, secured, "
                  "flags");
}

bool spdm_requester_config_require(SpdmRequesterConfig *config,
                                   const char *names, GError **errp)
{
    return offer_flags(names, &config->required_flags, errp);
}

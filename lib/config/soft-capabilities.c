/*
 * Capabilities that a user takes away from the device, or gives it, while it
 * runs: "CERT;CHAL;MEAS_SIG" is the whole of them, "-KEY_EX;-MAC" and
 * "+CHUNK" change those there are, "profile" are those it came with.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/soft-int.h"

#include <string.h>

/* What a device has only when its profile says how: never added later. */
static const uint32_t rooted[] = {
    CAP_CERT, CAP_PUB_KEY_ID, CAP_ALIAS_CERT, CAP_MEAS, CAP_MEL,
    CAP_MUT_AUTH, CAP_MULTI_KEY, CAP_GET_KEY_PAIR_INFO,
    CAP_SET_KEY_PAIR_INFO, CAP_SET_KEY_PAIR_RESET, CAP_CERT_INSTALL_RESET,
};

/* A reader that is at "capabilities" of no file. */
typedef struct Place {
    ProfileReader r;
    SpdmProfile copy;        /* shallow */
    SpdmIniLines *lines;
    GKeyFile *keys;
} Place;

#define FILE_NAME "capabilities"

static void place_init(Place *p, const SpdmSoftProvider *soft, GError **errp)
{
    *p = (Place){ .copy = *soft->config.profile };
    p->lines = spdm_ini_lines_new("", FILE_NAME, NULL);
    p->keys = g_key_file_new();
    p->r = (ProfileReader){
        .profile = &p->copy, .keys = p->keys, .lines = p->lines,
        .file = FILE_NAME, .section = "spdm", .key = "capabilities",
        .errp = errp,
    };
}

static void place_clear(Place *p)
{
    spdm_ini_lines_free(p->lines);
    g_key_file_unref(p->keys);
}

/* Errors are about the value; where it stands is clear. */
static void shorten(GError **errp)
{
    static const char prefix[] = FILE_NAME ": [spdm] capabilities: ";

    if (errp && *errp && g_str_has_prefix((*errp)->message, prefix)) {
        char *rest = g_strdup((*errp)->message + strlen(prefix));

        g_free((*errp)->message);
        (*errp)->message = rest;
    }
}

static bool complain(const Place *p, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

static bool complain(const Place *p, const char *format, ...)
{
    g_autofree char *text = NULL;
    va_list args;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    return spdm_profile_complain(&p->r, SPDM_CONFIG_ERROR_VALUE, "%s", text);
}

static bool check_rooted(const Place *p, const SpdmProfile *profile,
                         uint32_t flags)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rooted); i++) {
        if ((flags & rooted[i]) && !(profile->flags & rooted[i])) {
            g_autofree char *name = spdm_names_of(spdm_name_capability,
                                                  flags & rooted[i]);

            return complain(p, "%s is not among the profile's, which has to "
                            "say more of it: name it there", name);
        }
    }
    return true;
}

static bool check(Place *p, const SpdmSoftProvider *soft, uint32_t flags)
{
    const SpdmProfile *profile = soft->config.profile;
    g_autoptr(GPtrArray) some = g_ptr_array_new();

    g_ptr_array_add(some, NULL);
    p->copy.flags = flags;
    /* Pre-shared keys come and go: that there are none is no contradiction. */
    p->copy.psks = some;
    if (!(flags & CAP_CHUNK)) {
        p->copy.max_msg_size = p->copy.data_transfer_size;
    }
    return check_rooted(p, profile, flags) && spdm_profile_check(&p->r);
}

bool soft_flags_possible(const SpdmSoftProvider *soft, uint32_t flags)
{
    Place p;
    bool ok;

    place_init(&p, soft, NULL);
    ok = check(&p, soft, flags);
    place_clear(&p);
    return ok;
}

static bool parse_names(Place *p, const char *text, uint32_t *flags)
{
    const ProfileKey key = {
        .name = "capabilities", .size = sizeof(*flags),
        .names = spdm_name_capability,
    };

    return spdm_parse_list(&p->r, &key, text, flags);
}

/* "+NAME" and "-NAME": a field of two bits has one name at a time. */
static bool parse_change(Place *p, const char *word, uint32_t *flags)
{
    uint32_t bits = 0, mask = 0;
    SpdmName n;

    if (!strchr("+-", *word) || !parse_names(p, word + 1, &bits)) {
        return *word && strchr("+-", *word) ? false :
               complain(p, "\"%s\" has no + or - in front, as others have",
                        word);
    }
    for (size_t i = 0; spdm_name_capability(i, &n); i++) {
        mask |= (bits & n.mask) == n.value ? n.mask : 0;
    }
    *flags = *word == '+' ? (*flags & ~mask) | bits : *flags & ~bits;
    return true;
}

static bool parse(Place *p, const SpdmSoftProvider *soft, const char *text,
                  uint32_t *flags)
{
    g_auto(GStrv) words = g_strsplit(text, ";", -1);

    *flags = soft->config.profile->flags;
    if (!strcmp(text, "profile")) {
        return true;
    }
    if (*text != '+' && *text != '-') {
        return parse_names(p, text, flags);
    }
    *flags = soft->flags;
    for (size_t i = 0; words[i]; i++) {
        const char *word = g_strstrip(words[i]);

        if (*word && !parse_change(p, word, flags)) {
            return false;
        }
    }
    return true;
}

/* A device that comes to do PSK needs a key to do it with. */
static bool check_psk(const Place *p, const SpdmSoftProvider *soft,
                      uint32_t flags)
{
    return !(flags & CAP_PSK) || (soft->flags & CAP_PSK) ||
           soft->psks->len || soft->config.profile->psk_device_secret ||
           complain(p, "PSK needs a pre-shared key: set one first");
}

bool soft_set_capabilities(SpdmSoftProvider *soft, const char *text,
                           GPtrArray *warnings, SpdmSoftChange *change,
                           GError **errp)
{
    GError *err = NULL;
    uint32_t flags;
    bool ok;
    Place p;

    place_init(&p, soft, &err);
    ok = parse(&p, soft, text, &flags) && check(&p, soft, flags) &&
         check_psk(&p, soft, flags);
    place_clear(&p);
    if (ok) {
        soft->flags = flags;
        *change = (SpdmSoftChange){ .pending = false };
    } else {
        shorten(&err);
        g_propagate_error(errp, err);
    }
    return ok;
}

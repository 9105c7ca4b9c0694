/*
 * Reads a profile: every section and key by the table in profile-keys.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "config/suggest.h"

#include <string.h>

static void complain(const ProfileReader *r, SpdmConfigError code,
                     const char *section, const char *key,
                     const char *format, va_list args)
{
    g_autofree char *what = g_strdup_vprintf(format, args);
    unsigned line = key ? spdm_ini_lines_find(r->lines, section, key) : 0;
    g_autofree char *place = NULL;

    if (!line) {
        line = spdm_ini_lines_find(r->lines, section, NULL);
    }
    place = line ? g_strdup_printf("%s:%u", r->file, line) :
                   g_strdup(r->file);
    g_set_error(r->errp, SPDM_CONFIG_ERROR, code, "%s: [%s]%s%s: %s", place,
                section, key ? " " : "", key ? key : "", what);
}

bool spdm_profile_complain(const ProfileReader *r, SpdmConfigError code,
                           const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain(r, code, r->section, r->key, format, args);
    va_end(args);
    return false;
}

bool spdm_profile_complain_at(ProfileReader *r, const char *section,
                              const char *key, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    complain(r, SPDM_CONFIG_ERROR_VALUE, section, key, format, args);
    va_end(args);
    return false;
}

bool spdm_profile_given(const ProfileReader *r, const char *section,
                        const char *key)
{
    return key ? g_key_file_has_key(r->keys, section, key, NULL) :
                 g_key_file_has_group(r->keys, section);
}

/* "slot 3": the row of "slot", with @argument at "3". */
static const ProfileSection *find_section(const char *group,
                                          const char **argument)
{
    size_t len = strcspn(group, " ");

    *argument = group[len] ? group + len + 1 : NULL;
    for (const ProfileSection *s = spdm_profile_sections; s->name; s++) {
        if (strlen(s->name) == len && !strncmp(s->name, group, len) &&
            !s->argument == !*argument) {
            return s;
        }
    }
    return NULL;
}

static bool unknown_section(ProfileReader *r, const char *group)
{
    g_autofree char *word = g_strndup(group, strcspn(group, " "));
    SpdmNearest nearest = { .word = word };
    const ProfileSection *best = NULL;

    for (const ProfileSection *s = spdm_profile_sections; s->name; s++) {
        spdm_nearest_try(&nearest, s->name);
        best = nearest.best == s->name ? s : best;
    }
    g_assert(best);          /* the nearest of a table that is not empty */
    return spdm_profile_complain(r, SPDM_CONFIG_ERROR_UNKNOWN,
                                 "unknown section; the nearest is [%s%s%s]",
                                 best->name, best->argument ? " " : "",
                                 best->argument ? best->argument : "");
}

static const ProfileKey *find_key(const ProfileSection *section,
                                  const char *name)
{
    for (const ProfileKey *k = section->keys; k->name; k++) {
        if (!strcmp(k->name, name)) {
            return k;
        }
    }
    return NULL;
}

/* A key that is right elsewhere is more help than one that looks alike. */
static bool unknown_key(ProfileReader *r, const ProfileSection *section,
                        const char *name)
{
    SpdmNearest nearest = { .word = name };

    for (const ProfileSection *s = spdm_profile_sections; s->name; s++) {
        if (find_key(s, name)) {
            return spdm_profile_complain(
                r, SPDM_CONFIG_ERROR_UNKNOWN,
                "unknown here; it belongs in [%s%s%s]", s->name,
                s->argument ? " " : "", s->argument ? s->argument : "");
        }
    }
    for (const ProfileKey *k = section->keys; k->name; k++) {
        spdm_nearest_try(&nearest, k->name);
    }
    return spdm_profile_complain(r, SPDM_CONFIG_ERROR_UNKNOWN,
                                 "unknown key; the nearest is %s",
                                 nearest.best);
}

static bool check_group_names(ProfileReader *r, const char *group)
{
    g_auto(GStrv) keys = g_key_file_get_keys(r->keys, group, NULL, NULL);
    const ProfileSection *section;
    const char *argument;

    r->section = group;
    r->key = NULL;
    section = find_section(group, &argument);
    if (!section) {
        return unknown_section(r, group);
    }
    for (size_t i = 0; keys && keys[i]; i++) {
        r->key = keys[i];
        if (!find_key(section, keys[i])) {
            return unknown_key(r, section, keys[i]);
        }
    }
    return true;
}

/* The text of a key as the file has it, or what stands for it; or NULL. */
static char *key_text(ProfileReader *r, const ProfileKey *key, bool given)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *text = NULL;

    if (!given) {
        return g_strdup(key->fallback);
    }
    /* An unknown escape comes back as it stands, with the error set. */
    text = g_key_file_get_string(r->keys, r->section, key->name, &err);
    if (err) {
        spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                              "is not UTF-8 or has an unknown \\ escape");
        return NULL;
    }
    return g_strdup(g_strstrip(text));
}

static bool unwanted(const ProfileReader *r, uint32_t wanted_by)
{
    g_autoptr(GString) names = g_string_new(NULL);
    SpdmName n;

    for (size_t i = 0; spdm_name_capability(i, &n); i++) {
        if (n.value & wanted_by) {
            g_string_append_printf(names, "%s%s", names->len ? ", " : "",
                                   n.name);
        }
    }
    return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                 "nothing uses it: capabilities name none "
                                 "of %s", names->str);
}

/* Whether the capabilities and the value agree that the key has a use. */
static bool check_use(ProfileReader *r, const ProfileKey *key, void *field)
{
    bool set;

    if (!key->wanted_by) {
        return true;
    }
    set = spdm_field_get(field, key->size) != 0;
    if (!(r->profile->flags & key->wanted_by)) {
        return !set || unwanted(r, key->wanted_by);
    }
    if (set || key->may_be_none || key->parse == spdm_parse_number) {
        return true;
    }
    return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                 "none will not do: capabilities need at "
                                 "least one");
}

static bool read_key(ProfileReader *r, const ProfileKey *key, void *object)
{
    bool given = spdm_profile_given(r, r->section, key->name);
    void *field = (uint8_t *)object + key->offset;
    g_autofree char *text = NULL;

    r->key = key->name;
    if (!given && key->required) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "is missing");
    }
    if (!given && key->wanted_by &&
        !(r->profile->flags & key->wanted_by)) {
        return true;
    }
    text = key_text(r, key, given);
    if (!text) {
        return !given;
    }
    return key->parse(r, key, text, field) && check_use(r, key, field);
}

static bool read_section(ProfileReader *r, const ProfileSection *section,
                         const char *group)
{
    bool given = spdm_profile_given(r, group, NULL);
    const char *argument = NULL;
    void *object;

    r->section = group;
    r->key = NULL;
    if (given && section->wanted_by &&
        !(r->profile->flags & section->wanted_by)) {
        return unwanted(r, section->wanted_by);
    }
    find_section(group, &argument);
    object = section->open(r, argument);
    if (!object) {
        return false;
    }
    for (const ProfileKey *k = section->keys; k->name; k++) {
        if ((given || k->fallback) && !read_key(r, k, object)) {
            return false;
        }
    }
    r->key = NULL;
    return !section->close || section->close(r, object);
}

/* MaxSPDMmsgSize unless said otherwise: the longest chain, and room. */
enum { CHUNK_MAX_MESSAGE = 0x20000 };

/* Values that other keys' meaning depends on, settled once [spdm] is read. */
static void settle_spdm(ProfileReader *r)
{
    SpdmProfile *p = r->profile;

    if (p->max_version == SPDM_VERSION_10 &&
        !spdm_profile_given(r, "spdm", "capabilities")) {
        p->flags &= CAP_VERSION_10;
        p->heartbeat_period = 0;
    }
    if (!spdm_profile_given(r, "spdm", "max-spdm-msg-size")) {
        p->max_msg_size = p->flags & CAP_CHUNK
            ? MAX(p->data_transfer_size, CHUNK_MAX_MESSAGE)
            : p->data_transfer_size;
    }
}

/* Sections come in the table's order: later ones lean on earlier ones. */
static bool read_sections(ProfileReader *r, char **groups)
{
    for (const ProfileSection *s = spdm_profile_sections; s->name; s++) {
        if (!s->argument && !read_section(r, s, s->name)) {
            return false;
        }
        for (size_t i = 0; s->argument && groups[i]; i++) {
            const char *argument;

            if (find_section(groups[i], &argument) == s &&
                !read_section(r, s, groups[i])) {
                return false;
            }
        }
        if (!strcmp(s->name, "spdm")) {
            settle_spdm(r);
        }
    }
    return true;
}

static bool read_profile(ProfileReader *r)
{
    g_auto(GStrv) groups = g_key_file_get_groups(r->keys, NULL);

    for (size_t i = 0; groups[i]; i++) {
        if (!check_group_names(r, groups[i])) {
            return false;
        }
    }
    return read_sections(r, groups) && spdm_profile_complete(r) &&
           spdm_profile_check(r);
}

static void measurement_free(gpointer data)
{
    SpdmProfileMeasurement *m = data;

    g_clear_pointer(&m->value, g_bytes_unref);
    g_free(m);
}

static void psk_free(gpointer data)
{
    SpdmProfilePsk *psk = data;

    g_clear_pointer(&psk->hint, g_bytes_unref);
    g_clear_pointer(&psk->secret, g_bytes_unref);
    g_free(psk);
}

static SpdmProfile *profile_new(void)
{
    SpdmProfile *profile = g_new0(SpdmProfile, 1);

    profile->measurements = g_ptr_array_new_with_free_func(measurement_free);
    profile->mel = g_ptr_array_new_with_free_func(spdm_profile_mel_free);
    profile->device_classes = g_ptr_array_new_with_free_func(
        spdm_profile_device_class_free);
    profile->key_pairs = g_ptr_array_new_with_free_func(g_free);
    profile->psks = g_ptr_array_new_with_free_func(psk_free);
    return profile;
}

void spdm_profile_free(SpdmProfile *profile)
{
    if (!profile) {
        return;
    }
    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        g_free(profile->slots[i].cert_file);
        g_free(profile->slots[i].key_file);
    }
    g_clear_pointer(&profile->measurements, g_ptr_array_unref);
    g_clear_pointer(&profile->mel, g_ptr_array_unref);
    g_clear_pointer(&profile->device_classes, g_ptr_array_unref);
    g_clear_pointer(&profile->key_pairs, g_ptr_array_unref);
    g_clear_pointer(&profile->psks, g_ptr_array_unref);
    g_clear_pointer(&profile->psk_device_secret, g_bytes_unref);
    g_free(profile->requester_cert_file);
    g_free(profile->requester_key_file);
    g_free(profile->trust_file);
    g_free(profile->public_key_file);
    g_clear_pointer(&profile->vendor_opaque, g_bytes_unref);
    g_clear_pointer(&profile->pcie.device_info, g_bytes_unref);
    g_free(profile->state_file);
    g_free(profile->name);
    g_free(profile->path);
    g_free(profile);
}

static SpdmProfile *parse_text(const char *text, const char *file,
                               const char *dir, GError **errp)
{
    g_autoptr(SpdmIniLines) lines = spdm_ini_lines_new(text, file, errp);
    g_autoptr(SpdmProfile) profile = NULL;
    g_autoptr(GKeyFile) keys = g_key_file_new();
    g_autoptr(GError) local = NULL;
    ProfileReader r;

    if (!lines) {
        return NULL;
    }
    /* Translations are kept so that key[xx] is seen and refused. */
    if (!g_key_file_load_from_data(keys, text, strlen(text),
                                   G_KEY_FILE_KEEP_TRANSLATIONS, &local)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "%s: %s", file, local->message);
        return NULL;
    }
    profile = profile_new();
    r = (ProfileReader){ .profile = profile, .keys = keys, .lines = lines,
                         .file = file, .dir = dir, .errp = errp };
    return read_profile(&r) ? g_steal_pointer(&profile) : NULL;
}

static SpdmProfile *parse(const char *text, const char *file,
                          const char *dir, GError **errp)
{
    GError *err = NULL;
    SpdmProfile *profile = parse_text(text, file, dir, &err);

    if (!profile) {
        spdm_ini_propagate_error(errp, err);
    }
    return profile;
}

SpdmProfile *spdm_profile_parse(const char *text, const char *name,
                                GError **errp)
{
    return parse(text, name, NULL, errp);
}

SpdmProfile *spdm_profile_load(const char *path, GError **errp)
{
    g_autofree char *dir = g_path_get_dirname(path);
    g_autofree char *text = spdm_ini_read(path, path, errp);
    SpdmProfile *profile;

    if (!text) {
        return NULL;
    }
    profile = parse(text, path, dir, errp);
    if (profile) {
        profile->path = g_strdup(path);
    }
    return profile;
}

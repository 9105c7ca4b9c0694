/*
 * Inside of the profile loader: reader, names, and the table of keys.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CONFIG_PROFILE_INT_H
#define SPDM_CONFIG_PROFILE_INT_H

#include "config/ini-lines.h"
#include "spdm/profile.h"

/* CAPABILITIES.Flags of a responder (spec/02, section 2). */
enum {
    CAP_CACHE = 1u << 0,
    CAP_CERT = 1u << 1,
    CAP_CHAL = 1u << 2,
    CAP_MEAS_NO_SIG = 1u << 3,
    CAP_MEAS_SIG = 2u << 3,
    CAP_MEAS = 3u << 3,
    CAP_MEAS_FRESH = 1u << 5,
    CAP_ENCRYPT = 1u << 6,
    CAP_MAC = 1u << 7,
    CAP_MUT_AUTH = SPDM_PROFILE_MUT_AUTH,
    CAP_KEY_EX = 1u << 9,
    CAP_PSK_NO_CONTEXT = 1u << 10,
    CAP_PSK_WITH_CONTEXT = 2u << 10,
    CAP_PSK = 3u << 10,
    CAP_ENCAP = 1u << 12,
    CAP_HBEAT = 1u << 13,
    CAP_KEY_UPD = 1u << 14,
    CAP_HITC = 1u << 15,
    CAP_PUB_KEY_ID = 1u << 16,
    CAP_CHUNK = 1u << 17,
    CAP_ALIAS_CERT = 1u << 18,
    CAP_SET_CERT = 1u << 19,
    CAP_CSR = 1u << 20,
    CAP_CERT_INSTALL_RESET = 1u << 21,
    CAP_MULTI_KEY_ONLY = 1u << 26,
    CAP_MULTI_KEY_NEG = 2u << 26,
    CAP_MULTI_KEY = 3u << 26,
    CAP_GET_KEY_PAIR_INFO = 1u << 28,
    CAP_SET_KEY_PAIR_INFO = 1u << 29,
    CAP_SET_KEY_PAIR_RESET = 1u << 30,
    CAP_LARGE_RESP = (int)(1u << 31),
    CAP_EP_INFO_NO_SIG = 1u << 22,
    CAP_EP_INFO_SIG = 2u << 22,
    CAP_EP_INFO = 3u << 22,
    CAP_MEL = 1u << 24,
    CAP_EVENT = 1u << 25,
    CAP_IDENTITY = CAP_CERT | CAP_PUB_KEY_ID,
    CAP_SESSION = CAP_KEY_EX | CAP_PSK,
    CAP_VERSION_10 = 0x3f,       /* all that SPDM 1.0 defines */
};

/* "qemu-spdm NAME slot N" has to fit the common name of a certificate. */
enum { PROFILE_NAME_MAX = 30 };

/** One valid name of a value, and what it means. */
typedef struct SpdmName {
    const char *name;
    uint32_t value;
    uint32_t mask;        /* the bits that this name decides */
    uint8_t min_version;  /* first SPDM version that has it; 0: all */
    bool unserved;        /* defined by SPDM, not served by this library */
} SpdmName;

/** The @i'th name of a set; false past the end. */
typedef bool (*SpdmNameAt)(size_t i, SpdmName *out);

bool spdm_name_version(size_t i, SpdmName *out);
bool spdm_name_capability(size_t i, SpdmName *out);
bool spdm_name_ext_capability(size_t i, SpdmName *out);
bool spdm_name_slot_sub_code(size_t i, SpdmName *out);
bool spdm_name_hash(size_t i, SpdmName *out);
bool spdm_name_asym(size_t i, SpdmName *out);
bool spdm_name_dhe(size_t i, SpdmName *out);
bool spdm_name_kem(size_t i, SpdmName *out);
bool spdm_name_aead(size_t i, SpdmName *out);
bool spdm_name_measurement_hash(size_t i, SpdmName *out);
bool spdm_name_measurement_type(size_t i, SpdmName *out);
bool spdm_name_measurement_source(size_t i, SpdmName *out);
bool spdm_name_opaque_format(size_t i, SpdmName *out);
bool spdm_name_lock_flag(size_t i, SpdmName *out);
bool spdm_name_interface_info(size_t i, SpdmName *out);
bool spdm_name_standard(size_t i, SpdmName *out);
bool spdm_name_secured(size_t i, SpdmName *out);
bool spdm_name_mutual_mode(size_t i, SpdmName *out);
bool spdm_name_mutual_form(size_t i, SpdmName *out);
bool spdm_name_slot(size_t i, SpdmName *out);
bool spdm_name_key_usage(size_t i, SpdmName *out);
bool spdm_name_key_pair_capability(size_t i, SpdmName *out);
bool spdm_name_cert_model(size_t i, SpdmName *out);
bool spdm_name_bool(size_t i, SpdmName *out);
bool spdm_name_deferrable(size_t i, SpdmName *out);

/** "A;B" of the names that @value consists of; g_free(). */
char *spdm_names_of(SpdmNameAt names, uint32_t value);

/** A profile while it is being read. */
typedef struct ProfileReader {
    SpdmProfile *profile;
    GKeyFile *keys;
    SpdmIniLines *lines;
    const char *file;     /* stands in messages */
    const char *dir;      /* relative paths start here; NULL: as given */
    const char *section;  /* where we are, for messages */
    const char *key;      /* NULL: the section as a whole */
    unsigned number;      /* N of [slot N], [measurement N] */
    GError **errp;
} ProfileReader;

/** Sets the error with its place in front; always false. */
bool spdm_profile_complain(const ProfileReader *r, SpdmConfigError code,
                           const char *format, ...) G_GNUC_PRINTF(3, 4);

/** The same for a value at another place than the reader's. */
bool spdm_profile_complain_at(ProfileReader *r, const char *section,
                              const char *key, const char *format, ...)
    G_GNUC_PRINTF(4, 5);

/** Whether the file itself says something there. */
bool spdm_profile_given(const ProfileReader *r, const char *section,
                        const char *key);

typedef struct ProfileKey ProfileKey;

/** Turns @text into the field at @field; complains otherwise. */
typedef bool (*ProfileParse)(ProfileReader *r, const ProfileKey *key,
                             const char *text, void *field);

struct ProfileKey {
    const char *name;
    ProfileParse parse;
    uint16_t offset;      /* of the field in the section's object */
    uint8_t size;         /* of the field, bytes */
    uint32_t min, max;    /* range of a number, or of a length */
    SpdmNameAt names;     /* valid names, if it is made of names */
    const char *fallback; /* text that stands when the file is silent */
    bool required;        /* must be given where its section is */
    uint32_t wanted_by;   /* useless without one of these flags; 0: never */
    bool may_be_none;     /* ... and they do not need it either */
};

typedef struct ProfileSection {
    const char *name;
    const char *argument; /* "N" or "NAME"; NULL: there is only one */
    const ProfileKey *keys;
    uint32_t wanted_by;   /* as above */

    /** The object its keys fill; NULL after complaining. */
    void *(*open)(ProfileReader *r, const char *argument);
    /** Looks at the whole object; may be NULL. */
    bool (*close)(ProfileReader *r, void *object);
} ProfileSection;

/** In the order they are read, ends with a NULL name. */
extern const ProfileSection spdm_profile_sections[];

bool spdm_parse_name(ProfileReader *r, const ProfileKey *key,
                     const char *text, void *field);
bool spdm_parse_path(ProfileReader *r, const ProfileKey *key,
                     const char *text, void *field);
bool spdm_parse_number(ProfileReader *r, const ProfileKey *key,
                       const char *text, void *field);
bool spdm_parse_choice(ProfileReader *r, const ProfileKey *key,
                       const char *text, void *field);
bool spdm_parse_list(ProfileReader *r, const ProfileKey *key,
                     const char *text, void *field);
bool spdm_parse_bytes(ProfileReader *r, const ProfileKey *key,
                      const char *text, void *field);
bool spdm_parse_bytes_list(ProfileReader *r, const ProfileKey *key,
                           const char *text, void *field);
bool spdm_parse_secured(ProfileReader *r, const ProfileKey *key,
                        const char *text, void *field);
bool spdm_parse_not_ready(ProfileReader *r, const ProfileKey *key,
                          const char *text, void *field);

bool spdm_parse_trust(ProfileReader *r, const ProfileKey *key,
                      const char *text, void *field);

/** See ProfileSection.close; of [mutual-auth]. */
bool spdm_close_mutual(ProfileReader *r, void *object);

/** Bytes of pairs of digits, blanks and ':' between them; NULL: it is not. */
GBytes *spdm_decode_hex(const char *hex);

/** Bytes of "text:..." or "hex:..."; NULL: it is neither. */
GBytes *spdm_parse_value(const char *text);

/** A whole number in decimal or 0x hexadecimal; false if it is none. */
bool spdm_parse_uint(const char *text, uint32_t *out);

/** Reads an integer field of @size bytes. */
uint32_t spdm_field_get(const void *field, uint8_t size);

/* profile-log.c: sections of what a device tells about itself. */
extern const ProfileKey spdm_mel_keys[];
void *spdm_open_mel(ProfileReader *r, const char *argument);
bool spdm_close_mel(ProfileReader *r, void *object);
void spdm_profile_mel_free(gpointer data);

extern const ProfileKey spdm_endpoint_info_keys[];
void *spdm_open_endpoint_info(ProfileReader *r, const char *argument);
bool spdm_close_endpoint_info(ProfileReader *r, void *object);
void spdm_profile_device_class_free(gpointer data);

/** N of "[section N]" to r->number. */
bool spdm_read_number(ProfileReader *r, const char *argument, unsigned min,
                      unsigned max);

/** What is left to say once all keys are read: defaults of whole sections. */
bool spdm_profile_complete(ProfileReader *r);

/** Refuses what contradicts itself; see docs/profiles.rst. */
bool spdm_profile_check(ProfileReader *r);

/** configs/NAME.ini as it was when the library was built. */
typedef struct SpdmBuiltinProfile {
    const char *name;
    const char *text;
} SpdmBuiltinProfile;
extern const SpdmBuiltinProfile spdm_builtin_profiles[];
extern const char *const spdm_builtin_profile_names[];

#endif

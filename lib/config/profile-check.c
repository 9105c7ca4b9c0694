/*
 * A profile as a whole: what silence stands for, and what contradicts itself.
 * The rules are those by which a requester refuses a CAPABILITIES response
 * (DSP0274 GET_CAPABILITIES; spec/02, section 2), so that a device which
 * breaks them does so through a fault plan and never by accident.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"

#include <string.h>

#include "crypto/algs.h"

enum { HASH_EXTENDED = 8, RAW_ONLY = 1 };

/* Bytes of a signed answer without signature and KEM ciphertext, amply. */
enum { AROUND_SIGNATURE = 1024 };

/* If one of the flags in @has is set, one of those in @needs must be. */
typedef struct Rule {
    uint32_t has;
    uint32_t needs;
    const char *why;
} Rule;

static const Rule rules[] = {
    { CAP_MEAS_FRESH, CAP_MEAS, "MEAS_FRESH needs MEAS_SIG or MEAS_NO_SIG" },
    { CAP_CHAL, CAP_IDENTITY, "CHAL signs and so needs CERT or PUB_KEY_ID" },
    { CAP_MEAS_SIG & ~CAP_MEAS_NO_SIG, CAP_IDENTITY,
      "MEAS_SIG signs and so needs CERT or PUB_KEY_ID; unsigned is "
      "MEAS_NO_SIG" },
    { CAP_KEY_EX, CAP_IDENTITY,
      "KEY_EX signs and so needs CERT or PUB_KEY_ID; without keys it is "
      "PSK" },
    { CAP_ALIAS_CERT, CAP_CERT, "ALIAS_CERT needs CERT" },
    { CAP_SET_CERT, CAP_CERT, "SET_CERT needs CERT" },
    { CAP_CSR, CAP_SET_CERT,
      "CSR needs SET_CERT, to give back what was signed" },
    { CAP_CERT_INSTALL_RESET, CAP_SET_CERT,
      "CERT_INSTALL_RESET needs SET_CERT" },
    { CAP_MEL, CAP_MEAS, "MEL needs MEAS_SIG or MEAS_NO_SIG" },
    { CAP_EP_INFO_SIG, CAP_IDENTITY,
      "EP_INFO_SIG signs and so needs CERT or PUB_KEY_ID; unsigned is "
      "EP_INFO_NO_SIG" },
    { CAP_CERT, CAP_CHAL | CAP_KEY_EX | CAP_MEAS_SIG | CAP_EP_INFO_SIG,
      "CERT needs one that signs: CHAL, KEY_EX, MEAS_SIG or EP_INFO_SIG" },
    { CAP_PUB_KEY_ID, CAP_CHAL | CAP_KEY_EX | CAP_MEAS_SIG | CAP_EP_INFO_SIG,
      "PUB_KEY_ID needs one that signs: CHAL, KEY_EX, MEAS_SIG or "
      "EP_INFO_SIG" },
    { CAP_MULTI_KEY, CAP_CERT, "MULTI_KEY needs CERT" },
    { CAP_MULTI_KEY, CAP_GET_KEY_PAIR_INFO,
      "MULTI_KEY needs GET_KEY_PAIR_INFO" },
    { CAP_SET_KEY_PAIR_INFO, CAP_GET_KEY_PAIR_INFO,
      "SET_KEY_PAIR_INFO needs GET_KEY_PAIR_INFO" },
    { CAP_SET_KEY_PAIR_RESET, CAP_SET_KEY_PAIR_INFO,
      "SET_KEY_PAIR_RESET needs SET_KEY_PAIR_INFO" },
    { CAP_SESSION, CAP_MAC, "KEY_EX and PSK need MAC" },
    { CAP_ENCRYPT, CAP_MAC, "ENCRYPT needs MAC" },
    { CAP_MAC, CAP_SESSION, "MAC needs a session: KEY_EX or PSK" },
    { CAP_HBEAT, CAP_SESSION, "HBEAT needs a session: KEY_EX or PSK" },
    { CAP_MUT_AUTH, CAP_KEY_EX | CAP_CHAL,
      "MUT_AUTH needs KEY_EX or CHAL, which ask for it" },
    { CAP_KEY_UPD, CAP_SESSION, "KEY_UPD needs a session: KEY_EX or PSK" },
    { CAP_EVENT, CAP_SESSION, "EVENT needs a session: KEY_EX or PSK" },
    { CAP_EVENT, CAP_ENCAP, "EVENT needs ENCAP, through which events go" },
    { CAP_HITC, CAP_KEY_EX,
      "HANDSHAKE_IN_THE_CLEAR needs KEY_EX; PSK has no such handshake" },
};

static bool check_rules(ProfileReader *r)
{
    uint32_t flags = r->profile->flags;

    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        if ((flags & rules[i].has) && !(flags & rules[i].needs)) {
            return spdm_profile_complain_at(r, "spdm", "capabilities", "%s",
                                            rules[i].why);
        }
    }
    return true;
}

/* DSP0274 PUB_KEY_ID_CAP: the only key, and without certificates. */
static bool check_public_key(ProfileReader *r)
{
    const uint32_t other = CAP_CERT | CAP_MULTI_KEY | CAP_GET_KEY_PAIR_INFO |
                           CAP_SET_KEY_PAIR_INFO;
    uint32_t flags = r->profile->flags;

    if ((flags & CAP_PUB_KEY_ID) && (flags & other)) {
        return spdm_profile_complain_at(
            r, "spdm", "capabilities",
            "PUB_KEY_ID excludes CERT, MULTI_KEY_ONLY, MULTI_KEY_NEG, "
            "GET_KEY_PAIR_INFO and SET_KEY_PAIR_INFO");
    }
    return true;
}

static bool check_slot_management(ProfileReader *r)
{
    return !r->profile->ext_flags || (r->profile->flags & CAP_CERT) ||
           spdm_profile_complain_at(r, "spdm", "extended-capabilities",
                                    "SLOT_MGMT needs CERT in capabilities");
}

static bool check_sizes(ProfileReader *r)
{
    SpdmProfile *p = r->profile;

    if (p->max_msg_size < p->data_transfer_size) {
        return spdm_profile_complain_at(
            r, "spdm", "max-spdm-msg-size",
            "%u is less than the data-transfer-size, %u", p->max_msg_size,
            p->data_transfer_size);
    }
    if (p->max_msg_size != p->data_transfer_size && !(p->flags & CAP_CHUNK)) {
        return spdm_profile_complain_at(
            r, "spdm", "max-spdm-msg-size",
            "%u is not the data-transfer-size, %u; that takes CHUNK among "
            "the capabilities", p->max_msg_size, p->data_transfer_size);
    }
    return true;
}

/*
 * Post-quantum signatures are longer than what many devices, and requesters,
 * take at once: without chunks every signed answer would be ResponseTooLarge.
 */
static bool check_length(ProfileReader *r, const char *section,
                         uint32_t asym)
{
    const SpdmProfile *p = r->profile;
    unsigned around = AROUND_SIGNATURE;

    for (const SpdmKemAlg *kem = spdm_kem_algs; kem->name; kem++) {
        if (p->kem & kem->bit) {
            around = MAX(around, (unsigned)AROUND_SIGNATURE +
                                 kem->ciphertext_size);
        }
    }
    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if ((asym & alg->bit) && spdm_asym_pqc(alg->bit) &&
            !(p->flags & CAP_CHUNK) &&
            alg->sig_size + around > p->data_transfer_size) {
            return spdm_profile_complain_at(
                r, section, "asym",
                "signatures of %s have %u bytes: with a data-transfer-size "
                "of %u that takes CHUNK among the capabilities", alg->name,
                alg->sig_size, p->data_transfer_size);
        }
    }
    return true;
}

static bool check_signatures(ProfileReader *r)
{
    return check_length(r, "algorithms", r->profile->asym) &&
           check_length(r, "mutual-auth", r->profile->req_asym);
}

/* Names that SPDM defines only after max-version can never be negotiated. */
static bool check_since(ProfileReader *r, const char *section,
                        const char *key, SpdmNameAt names, uint32_t value)
{
    uint8_t max = r->profile->max_version;
    SpdmName n;

    for (size_t i = 0; names(i, &n); i++) {
        if (n.min_version > max && (value & n.mask) == n.value && n.value) {
            return spdm_profile_complain_at(
                r, section, key,
                "%s is defined from SPDM %u.%u on, max-version is %u.%u",
                n.name, n.min_version >> 4, n.min_version & 15, max >> 4,
                max & 15);
        }
    }
    return true;
}

static bool check_versions(ProfileReader *r)
{
    SpdmProfile *p = r->profile;

    if (p->min_version > p->max_version) {
        return spdm_profile_complain_at(r, "spdm", "min-version",
                                        "is higher than max-version");
    }
    if ((p->flags & CAP_SESSION) && p->secured_min > 0x1100 &&
        p->max_version < SPDM_VERSION_12) {
        return spdm_profile_complain_at(
            r, "algorithms", "secured-versions",
            "1.2 needs SPDM 1.2, max-version is lower; add 1.1");
    }
    return check_since(r, "spdm", "capabilities", spdm_name_capability,
                       p->flags) &&
           check_since(r, "spdm", "extended-capabilities",
                       spdm_name_ext_capability, p->ext_flags) &&
           check_since(r, "algorithms", "hash", spdm_name_hash, p->hash) &&
           check_since(r, "algorithms", "asym", spdm_name_asym, p->asym) &&
           check_since(r, "algorithms", "dhe", spdm_name_dhe, p->dhe) &&
           check_since(r, "algorithms", "kem", spdm_name_kem, p->kem) &&
           check_since(r, "mutual-auth", "asym", spdm_name_asym,
                       p->req_asym) &&
           check_since(r, "algorithms", "aead", spdm_name_aead, p->aead);
}

/* Extending is hashing; and who reads the value wants the log. */
static bool check_extended(ProfileReader *r,
                           const SpdmProfileMeasurement *m)
{
    g_autofree char *section = g_strdup_printf("measurement %u", m->index);

    if (m->type != HASH_EXTENDED) {
        return true;
    }
    if (!(r->profile->flags & CAP_MEL)) {
        return spdm_profile_complain_at(r, section, "type",
                                        "hash-extended needs MEL in "
                                        "capabilities");
    }
    if (r->profile->measurement_hash == RAW_ONLY) {
        return spdm_profile_complain_at(r, "algorithms", "measurement-hash",
                                        "measurement %u is hash-extended; "
                                        "raw has no hash", m->index);
    }
    return true;
}

static bool is_extended(const SpdmProfile *p, uint8_t index)
{
    for (guint i = 0; i < p->measurements->len; i++) {
        const SpdmProfileMeasurement *m = p->measurements->pdata[i];

        if (m->index == index && m->type == HASH_EXTENDED) {
            return true;
        }
    }
    return false;
}

static bool check_log(ProfileReader *r)
{
    const SpdmProfile *p = r->profile;

    for (guint i = 0; i < p->measurements->len; i++) {
        if (!check_extended(r, p->measurements->pdata[i])) {
            return false;
        }
    }
    for (guint i = 0; i < p->mel->len; i++) {
        const SpdmProfileMel *entry = p->mel->pdata[i];

        if (!is_extended(p, entry->measurement)) {
            g_autofree char *section = g_strdup_printf("mel %u",
                                                       entry->number);

            return spdm_profile_complain_at(
                r, section, "measurement", "there is no [measurement %u] of "
                "type=hash-extended", entry->measurement);
        }
    }
    return true;
}

static bool check_secrets(ProfileReader *r)
{
    SpdmProfile *p = r->profile;

    if ((p->flags & CAP_PSK) && !p->psks->len && !p->psk_device_secret) {
        return spdm_profile_complain_at(r, "spdm", "capabilities",
                                        "PSK needs a section [psk NAME] or "
                                        "[psk-derived]");
    }
    return true;
}

static bool check_exchange(ProfileReader *r)
{
    const SpdmProfile *p = r->profile;

    if ((p->flags & CAP_KEY_EX) && !p->dhe && !p->kem) {
        return spdm_profile_complain_at(r, "algorithms", "dhe",
                                        "none will not do: KEY_EX needs at "
                                        "least one, or a kem");
    }
    if ((p->flags & CAP_KEY_EX) && !p->dhe &&
        p->min_version < SPDM_VERSION_14) {
        return spdm_profile_complain_at(r, "algorithms", "dhe",
                                        "none needs min-version=1.4: before "
                                        "it there is no kem");
    }
    return true;
}

/* From 1.2 on DSP0277's version list travels in this format. */
static bool check_opaque(ProfileReader *r)
{
    SpdmProfile *p = r->profile;

    if ((p->flags & CAP_SESSION) && p->max_version >= SPDM_VERSION_12 &&
        !(p->opaque_formats & 2)) {
        return spdm_profile_complain_at(r, "algorithms", "opaque-formats",
                                        "sessions need OpaqueDataFmt1 from "
                                        "SPDM 1.2 on");
    }
    return true;
}

/* KeyPairIDs count from 1 without a gap (DSP0274 1.3 TotalKeyPairs). */
static bool check_key_pair(ProfileReader *r, const SpdmProfileKeyPair *pair,
                           unsigned number)
{
    g_autofree char *section = g_strdup_printf("key-pair %u", pair->number);

    if (pair->number != number) {
        return spdm_profile_complain_at(r, section, NULL,
                                        "there is no [key-pair %u] before it",
                                        number);
    }
    if (pair->slots & ~r->profile->auto_slots) {
        return spdm_profile_complain_at(r, section, "slots",
                                        "names a slot that is not automatic");
    }
    return true;
}

static bool check_key_pairs(ProfileReader *r)
{
    const GPtrArray *pairs = r->profile->key_pairs;
    unsigned without = r->profile->auto_slots;

    for (guint i = 0; i < pairs->len; i++) {
        const SpdmProfileKeyPair *pair = pairs->pdata[i];

        if (!check_key_pair(r, pair, i + 1)) {
            return false;
        }
        without &= ~(unsigned)pair->slots;
    }
    return !pairs->len || !without ||
           spdm_profile_complain_at(r, "spdm", "capabilities",
                                    "no [key-pair N] has slot %d in its "
                                    "slots", __builtin_ctz(without));
}

/* A chain of 16 certificates has a root, a device CA and a leaf, too. */
enum { MAX_ABOVE_DEVICE_CA = 13 };

enum { MAX_PQC_AUTHORITIES = 5 };

/*
 * DSP0274 1.3 CertificateInfo tells of each slot what it has, where several
 * keys were agreed; elsewhere ALIAS_CERT_CAP tells it of all. Slot 0 is the
 * device's identity either way, and so is never generic.
 */
static const char *model_mistake(const SpdmProfile *p, unsigned slot)
{
    bool alias = p->flags & CAP_ALIAS_CERT;
    SpdmCertModel usual = alias ? SPDM_CERT_MODEL_ALIAS
                                : SPDM_CERT_MODEL_DEVICE;
    SpdmCertModel model = p->slots[slot].model;

    if (slot == 0 && model == SPDM_CERT_MODEL_GENERIC) {
        return "slot 0 is device or alias; generic is for slots 1 to 7";
    }
    if (model == SPDM_CERT_MODEL_ALIAS && !alias) {
        return "alias needs ALIAS_CERT in capabilities";
    }
    if (slot == 0 && model != usual) {
        return "slot 0 is alias where capabilities name ALIAS_CERT";
    }
    return model == usual || (p->flags & CAP_MULTI_KEY) ? NULL :
           "differs from what ALIAS_CERT says of the whole device; needs "
           "MULTI_KEY_ONLY or MULTI_KEY_NEG, which tell it of each slot";
}

/* 65535 bytes are eight certificates of ML-DSA-87. */
static bool check_authorities(ProfileReader *r)
{
    const SpdmProfile *p = r->profile;

    if (p->auto_slots && p->asym && !spdm_asym_base(p->asym) &&
        p->intermediates > MAX_PQC_AUTHORITIES) {
        return spdm_profile_complain_at(r, "identity", "intermediates",
                                        "at most %d of post-quantum "
                                        "signatures, or the chain is too "
                                        "long", MAX_PQC_AUTHORITIES);
    }
    return true;
}

static bool check_models(ProfileReader *r)
{
    SpdmProfile *p = r->profile;

    if ((p->flags & CAP_ALIAS_CERT) && p->auto_slots &&
        p->intermediates > MAX_ABOVE_DEVICE_CA) {
        return spdm_profile_complain_at(r, "identity", "intermediates",
                                        "with ALIAS_CERT at most %d: one "
                                        "more is the device's own",
                                        MAX_ABOVE_DEVICE_CA);
    }
    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        const char *mistake = p->slots[i].model == SPDM_CERT_MODEL_NONE ?
                              NULL : model_mistake(p, i);

        if (mistake) {
            g_autofree char *section = g_strdup_printf("slot %u", i);

            return spdm_profile_complain_at(r, section, "model", "%s",
                                            mistake);
        }
    }
    return true;
}

bool spdm_profile_check(ProfileReader *r)
{
    return check_rules(r) && check_public_key(r) && check_versions(r) &&
           check_slot_management(r) &&
           check_sizes(r) && check_exchange(r) && check_opaque(r) &&
           check_signatures(r) && check_log(r) && check_secrets(r) &&
           check_authorities(r) && check_models(r) &&
           check_key_pairs(r);
}

static gint by_index(gconstpointer a, gconstpointer b)
{
    const SpdmProfileMeasurement *const *left = a, *const *right = b;

    return (int)(*left)->index - (int)(*right)->index;
}

static gint by_key_pair_number(gconstpointer a, gconstpointer b)
{
    const SpdmProfileKeyPair *const *left = a, *const *right = b;

    return (int)(*left)->number - (int)(*right)->number;
}

static gint by_mel_number(gconstpointer a, gconstpointer b)
{
    const SpdmProfileMel *const *left = a, *const *right = b;

    return (int)(*left)->number - (int)(*right)->number;
}

static gint by_class_number(gconstpointer a, gconstpointer b)
{
    const SpdmProfileDeviceClass *const *left = a, *const *right = b;

    return (int)(*left)->number - (int)(*right)->number;
}

/* A device that measures measures something: the five of "endpoint". */
static bool default_measurements(ProfileReader *r)
{
    g_autoptr(SpdmProfile) endpoint = NULL;

    if (!(r->profile->flags & CAP_MEAS) || r->profile->measurements->len) {
        return true;
    }
    endpoint = spdm_profile_builtin("endpoint", r->errp);
    if (!endpoint) {
        return false;
    }
    g_ptr_array_unref(r->profile->measurements);
    r->profile->measurements = g_steal_pointer(&endpoint->measurements);
    return true;
}

static void default_slot(SpdmProfile *p)
{
    bool any = p->auto_slots;

    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        any |= p->slots[i].cert_file != NULL;
    }
    if (!any && (p->flags & CAP_CERT)) {
        p->auto_slots = 1;
        p->slots[0].automatic = true;
        p->slots[0].asym = p->asym;
    }
}

static void default_models(SpdmProfile *p)
{
    for (unsigned i = 0; i < SPDM_SLOT_COUNT; i++) {
        SpdmProfileSlot *slot = &p->slots[i];

        if (slot->model == SPDM_CERT_MODEL_NONE &&
            (slot->automatic || slot->cert_file)) {
            slot->model = p->flags & CAP_ALIAS_CERT ? SPDM_CERT_MODEL_ALIAS
                                                    : SPDM_CERT_MODEL_DEVICE;
        }
    }
}

static char *stem(const char *file)
{
    char *name = g_path_get_basename(file);

    if (g_str_has_suffix(name, ".ini")) {
        name[strlen(name) - strlen(".ini")] = '\0';
    }
    /* The name goes into certificates, which take less than file systems. */
    g_strcanon(name, G_CSET_A_2_Z G_CSET_a_2_z G_CSET_DIGITS " -_.", '-');
    if (strlen(name) > PROFILE_NAME_MAX) {
        name[PROFILE_NAME_MAX] = '\0';
    }
    return name;
}

bool spdm_profile_complete(ProfileReader *r)
{
    SpdmProfile *p = r->profile;

    if (!p->name) {
        p->name = stem(r->file);
    }
    default_slot(p);
    default_models(p);
    if (!default_measurements(r)) {
        return false;
    }
    g_ptr_array_sort(p->measurements, by_index);
    g_ptr_array_sort(p->mel, by_mel_number);
    g_ptr_array_sort(p->device_classes, by_class_number);
    g_ptr_array_sort(p->key_pairs, by_key_pair_number);
    return true;
}

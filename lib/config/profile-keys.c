/*
 * The table of sections and keys: all that may stand in a profile. It is the
 * source of docs/profiles.rst; a test compares the two.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"

#include <string.h>

#define FIELD(type, member) \
    .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

/* What DOE can carry in one object: 2^18 dwords less headers and tag. */
enum { MAX_MESSAGE = 0x100000 - 64 };

static const ProfileKey device_keys[] = {
    { .name = "name", .parse = spdm_parse_name, FIELD(SpdmProfile, name),
      .min = 1, .max = PROFILE_NAME_MAX },
    { 0 }
};

static const ProfileKey spdm_keys[] = {
    { .name = "min-version", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, min_version), .names = spdm_name_version,
      .fallback = "1.0" },
    { .name = "max-version", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, max_version), .names = spdm_name_version,
      .fallback = "1.4" },
    { .name = "capabilities", .parse = spdm_parse_list,
      FIELD(SpdmProfile, flags), .names = spdm_name_capability,
      .fallback = "CERT;CHAL;MEAS_SIG;MEAS_FRESH;ENCRYPT;MAC;KEY_EX;HBEAT;"
                  "KEY_UPD" },
    { .name = "extended-capabilities", .parse = spdm_parse_list,
      FIELD(SpdmProfile, ext_flags), .names = spdm_name_ext_capability,
      .fallback = "none" },
    { .name = "ct-exponent", .parse = spdm_parse_number,
      FIELD(SpdmProfile, ct_exponent), .max = 31, .fallback = "20" },
    { .name = "data-transfer-size", .parse = spdm_parse_number,
      FIELD(SpdmProfile, data_transfer_size), .min = 42, .max = MAX_MESSAGE,
      .fallback = "4608" },
    { .name = "max-spdm-msg-size", .parse = spdm_parse_number,
      FIELD(SpdmProfile, max_msg_size), .min = 42, .max = MAX_MESSAGE },
    { .name = "max-sessions", .parse = spdm_parse_number,
      FIELD(SpdmProfile, max_sessions), .min = 1, .max = 8,
      .fallback = "4" },
    { .name = "heartbeat-period", .parse = spdm_parse_number,
      FIELD(SpdmProfile, heartbeat_period), .max = 255, .fallback = "20",
      .wanted_by = CAP_HBEAT },
    { .name = "respond-if-ready", .parse = spdm_parse_not_ready,
      .offset = offsetof(SpdmProfile, not_ready),
      .size = SPDM_REQUEST_CODES, .names = spdm_name_deferrable, .max = 31 },
    { 0 }
};

static const ProfileKey algorithm_keys[] = {
    { .name = "hash", .parse = spdm_parse_list, FIELD(SpdmProfile, hash),
      .names = spdm_name_hash, .fallback = "SHA-384;SHA-256",
      .wanted_by = CAP_IDENTITY | CAP_MEAS | CAP_SESSION },
    { .name = "asym", .parse = spdm_parse_list, FIELD(SpdmProfile, asym),
      .names = spdm_name_asym, .fallback = "ECDSA-P384",
      .wanted_by = CAP_IDENTITY },
    { .name = "dhe", .parse = spdm_parse_list, FIELD(SpdmProfile, dhe),
      .names = spdm_name_dhe, .fallback = "SECP384R1;SECP256R1",
      .wanted_by = CAP_KEY_EX, .may_be_none = true },
    { .name = "kem", .parse = spdm_parse_list, FIELD(SpdmProfile, kem),
      .names = spdm_name_kem, .fallback = "none",
      .wanted_by = CAP_KEY_EX, .may_be_none = true },
    { .name = "aead", .parse = spdm_parse_list, FIELD(SpdmProfile, aead),
      .names = spdm_name_aead, .fallback = "AES-256-GCM;AES-128-GCM",
      .wanted_by = CAP_ENCRYPT | CAP_MAC },
    { .name = "measurement-hash", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, measurement_hash),
      .names = spdm_name_measurement_hash, .fallback = "SHA-384",
      .wanted_by = CAP_MEAS },
    { .name = "opaque-formats", .parse = spdm_parse_list,
      FIELD(SpdmProfile, opaque_formats), .names = spdm_name_opaque_format,
      .fallback = "OpaqueDataFmt1" },
    { .name = "secured-versions", .parse = spdm_parse_secured,
      .offset = offsetof(SpdmProfile, secured_min),
      .size = 2 * sizeof(uint16_t), .names = spdm_name_secured,
      .fallback = "1.0-1.3", .wanted_by = CAP_SESSION },
    { .name = "aead-limit", .parse = spdm_parse_number,
      FIELD(SpdmProfile, aead_limit), .min = 1, .max = 64, .fallback = "64",
      .wanted_by = CAP_SESSION },
    { 0 }
};

static const ProfileKey slot_keys[] = {
    { .name = "cert", .parse = spdm_parse_path,
      FIELD(SpdmProfileSlot, cert_file) },
    { .name = "key", .parse = spdm_parse_path,
      FIELD(SpdmProfileSlot, key_file) },
    { .name = "auto", .parse = spdm_parse_choice,
      FIELD(SpdmProfileSlot, automatic), .names = spdm_name_bool },
    { .name = "asym", .parse = spdm_parse_list, FIELD(SpdmProfileSlot, asym),
      .names = spdm_name_asym },
    { .name = "model", .parse = spdm_parse_choice,
      FIELD(SpdmProfileSlot, model), .names = spdm_name_cert_model },
    { 0 }
};

static const ProfileKey key_pair_keys[] = {
    { .name = "asym", .parse = spdm_parse_list,
      FIELD(SpdmProfileKeyPair, asym), .names = spdm_name_asym,
      .required = true },
    { .name = "slots", .parse = spdm_parse_list,
      FIELD(SpdmProfileKeyPair, slots), .names = spdm_name_slot,
      .fallback = "none" },
    { .name = "usage", .parse = spdm_parse_list,
      FIELD(SpdmProfileKeyPair, usage), .names = spdm_name_key_usage },
    { .name = "usage-capabilities", .parse = spdm_parse_list,
      FIELD(SpdmProfileKeyPair, usage_caps), .names = spdm_name_key_usage },
    { .name = "capabilities", .parse = spdm_parse_list,
      FIELD(SpdmProfileKeyPair, capabilities),
      .names = spdm_name_key_pair_capability, .fallback = "none" },
    { .name = "empty", .parse = spdm_parse_choice,
      FIELD(SpdmProfileKeyPair, empty), .names = spdm_name_bool,
      .fallback = "false" },
    { 0 }
};

static const ProfileKey public_key_keys[] = {
    { .name = "private-key", .parse = spdm_parse_path,
      FIELD(SpdmProfile, public_key_file) },
    { 0 }
};

static const ProfileKey identity_keys[] = {
    { .name = "strict", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, strict_identity), .names = spdm_name_bool,
      .fallback = "false" },
    { .name = "intermediates", .parse = spdm_parse_number,
      FIELD(SpdmProfile, intermediates), .min = 1, .max = 14,
      .fallback = "1" },
    { .name = "state-file", .parse = spdm_parse_path,
      FIELD(SpdmProfile, state_file) },
    { .name = "trusted-environment", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, trusted_environment), .names = spdm_name_bool,
      .fallback = "false" },
    { 0 }
};

static const ProfileKey slot_management_keys[] = {
    { .name = "sub-codes", .parse = spdm_parse_list,
      FIELD(SpdmProfile, slot_sub_codes), .names = spdm_name_slot_sub_code,
      .fallback = "GetCSR;ManageBank;ManageSlot;SetCertificate" },
    { .name = "banks", .parse = spdm_parse_list,
      FIELD(SpdmProfile, bank_asym), .names = spdm_name_asym },
    { 0 }
};

static const ProfileKey measurement_keys[] = {
    { .name = "type", .parse = spdm_parse_choice,
      FIELD(SpdmProfileMeasurement, type),
      .names = spdm_name_measurement_type, .required = true },
    { .name = "source", .parse = spdm_parse_choice,
      FIELD(SpdmProfileMeasurement, source),
      .names = spdm_name_measurement_source, .fallback = "value" },
    { .name = "value", .parse = spdm_parse_bytes,
      FIELD(SpdmProfileMeasurement, value), .max = 2048 },
    { .name = "raw-only", .parse = spdm_parse_choice,
      FIELD(SpdmProfileMeasurement, raw_only), .names = spdm_name_bool },
    { .name = "tcb", .parse = spdm_parse_choice,
      FIELD(SpdmProfileMeasurement, tcb), .names = spdm_name_bool },
    { 0 }
};

static const ProfileKey psk_keys[] = {
    { .name = "hint", .parse = spdm_parse_bytes, FIELD(SpdmProfilePsk, hint),
      .max = SPDM_MAX_PSK_HINT },
    { .name = "secret", .parse = spdm_parse_bytes,
      FIELD(SpdmProfilePsk, secret), .min = 1, .max = SPDM_MAX_PSK,
      .required = true },
    { 0 }
};

static const ProfileKey psk_derived_keys[] = {
    { .name = "device-secret", .parse = spdm_parse_bytes,
      FIELD(SpdmProfile, psk_device_secret), .min = 1, .max = SPDM_MAX_PSK,
      .required = true },
    { 0 }
};

static const ProfileKey mutual_keys[] = {
    { .name = "mode", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, mut_auth), .names = spdm_name_mutual_mode,
      .fallback = "optional" },
    { .name = "form", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, mut_auth_form), .names = spdm_name_mutual_form,
      .fallback = "encapsulated" },
    { .name = "basic", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, basic_mut_auth), .names = spdm_name_bool,
      .fallback = "false" },
    { .name = "slot", .parse = spdm_parse_number,
      FIELD(SpdmProfile, requester_slot), .max = SPDM_SLOT_COUNT - 1,
      .fallback = "0" },
    { .name = "asym", .parse = spdm_parse_list,
      FIELD(SpdmProfile, req_asym), .names = spdm_name_asym,
      .fallback = "ECDSA-P521;ECDSA-P384;ECDSA-P256;RSAPSS-4096;"
                  "RSAPSS-3072;RSAPSS-2048;RSASSA-4096;RSASSA-3072;"
                  "RSASSA-2048" },
    { .name = "trust", .parse = spdm_parse_trust,
      FIELD(SpdmProfile, trust_file) },
    { .name = "cert", .parse = spdm_parse_path,
      FIELD(SpdmProfile, requester_cert_file) },
    { .name = "public-key", .parse = spdm_parse_path,
      FIELD(SpdmProfile, requester_key_file) },
    { 0 }
};

static const ProfileKey provisioned_keys[] = {
    { .name = "version", .parse = spdm_parse_choice,
      FIELD(SpdmProfileProvisioned, version), .names = spdm_name_version,
      .required = true },
    { .name = "requester-capabilities", .parse = spdm_parse_list,
      FIELD(SpdmProfileProvisioned, flags), .names = spdm_name_capability,
      .fallback = "ENCRYPT;MAC;PSK;HBEAT;KEY_UPD" },
    { .name = "hash", .parse = spdm_parse_choice,
      FIELD(SpdmProfileProvisioned, hash), .names = spdm_name_hash,
      .required = true },
    { .name = "aead", .parse = spdm_parse_choice,
      FIELD(SpdmProfileProvisioned, aead), .names = spdm_name_aead,
      .required = true },
    { 0 }
};

static const ProfileKey pcie_keys[] = {
    { .name = "ide", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, pcie.ide), .names = spdm_name_bool,
      .fallback = "false" },
    { .name = "ide-ports", .parse = spdm_parse_number,
      FIELD(SpdmProfile, pcie.ide_ports), .min = 1, .max = 8,
      .fallback = "1" },
    { .name = "ide-streams", .parse = spdm_parse_number,
      FIELD(SpdmProfile, pcie.ide_streams), .min = 1, .max = 8,
      .fallback = "4" },
    { .name = "tdisp", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, pcie.tdisp), .names = spdm_name_bool,
      .fallback = "false" },
    { .name = "cxl", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, pcie.cxl), .names = spdm_name_bool,
      .fallback = "false" },
    { .name = "lock-flags", .parse = spdm_parse_list,
      FIELD(SpdmProfile, pcie.lock_flags), .names = spdm_name_lock_flag,
      .fallback = "NO_FW_UPDATE;CACHE_LINE_SIZE;LOCK_MSIX" },
    { .name = "interface-info", .parse = spdm_parse_list,
      FIELD(SpdmProfile, pcie.interface_info),
      .names = spdm_name_interface_info, .fallback = "NO_FW_UPDATE;DMA" },
    { .name = "device-info", .parse = spdm_parse_bytes,
      FIELD(SpdmProfile, pcie.device_info), .max = 1024 },
    { 0 }
};

/* Both are spoken in sessions only (PCIe 6.33.3, 11.3). */
static bool close_pcie(ProfileReader *r, void *object)
{
    const SpdmProfile *p = object;

    if ((p->pcie.ide || p->pcie.tdisp || p->pcie.cxl) &&
        !(p->flags & CAP_SESSION)) {
        return spdm_profile_complain_at(r, r->section,
                                        p->pcie.ide ? "ide" :
                                        p->pcie.tdisp ? "tdisp" : "cxl",
                                        "needs a session: KEY_EX or PSK");
    }
    return true;
}

static const ProfileKey mctp_keys[] = {
    { .name = "pldm", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, pldm), .names = spdm_name_bool,
      .fallback = "true" },
    { .name = "tid", .parse = spdm_parse_number,
      FIELD(SpdmProfile, pldm_tid), .min = 0, .max = 254, .fallback = "1" },
    { 0 }
};

static const ProfileKey vendor_keys[] = {
    { .name = "echo", .parse = spdm_parse_choice,
      FIELD(SpdmProfile, vendor_echo), .names = spdm_name_bool,
      .fallback = "false" },
    { .name = "opaque", .parse = spdm_parse_bytes,
      FIELD(SpdmProfile, vendor_opaque), .max = 512 },
    { 0 }
};

static void *open_profile(ProfileReader *r, const char *argument)
{
    return r->profile;
}

bool spdm_read_number(ProfileReader *r, const char *argument, unsigned min,
                      unsigned max)
{
    uint32_t number;

    if (!spdm_parse_uint(argument, &number) || number < min ||
        number > max) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "\"%s\" is not a number from %u to %u",
                                     argument, min, max);
    }
    r->number = number;
    return true;
}

static void *open_slot(ProfileReader *r, const char *argument)
{
    SpdmProfileSlot *slot;

    if (!spdm_read_number(r, argument, 0, SPDM_SLOT_COUNT - 1)) {
        return NULL;
    }
    slot = &r->profile->slots[r->number];
    if (slot->asym) {
        /* [slot 1] and [slot 0x1] are one slot. */
        spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                              "slot %u has a section already", r->number);
        return NULL;
    }
    slot->asym = r->profile->asym;
    return slot;
}

static bool close_slot(ProfileReader *r, void *object)
{
    SpdmProfileSlot *slot = object;
    bool said = spdm_profile_given(r, r->section, "auto");
    bool automatic = said ? slot->automatic : !slot->cert_file;

    if (!slot->cert_file != !slot->key_file) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "cert and key go together; %s is "
                                     "missing", slot->cert_file ? "key" :
                                     "cert");
    }
    if (automatic == (slot->cert_file != NULL)) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "wants either cert and key or "
                                     "auto=true");
    }
    if (!slot->asym || (slot->asym & ~r->profile->asym)) {
        return spdm_profile_complain_at(r, r->section, "asym",
                                        "is no selection from the asym of "
                                        "[algorithms]");
    }
    slot->automatic = automatic;
    r->profile->auto_slots |= automatic ? 1 << r->number : 0;
    return true;
}

static bool close_slot_management(ProfileReader *r, void *object)
{
    const SpdmProfile *p = object;
    bool banks = spdm_profile_given(r, r->section, "banks");

    if ((banks || spdm_profile_given(r, r->section, "sub-codes")) &&
        !p->ext_flags) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "has no use without SLOT_MGMT in the "
                                     "extended-capabilities of [spdm]");
    }
    if (banks && (!p->bank_asym || (p->bank_asym & ~p->asym))) {
        return spdm_profile_complain_at(r, r->section, "banks",
                                        "is no selection from the asym of "
                                        "[algorithms]");
    }
    return true;
}

static SpdmProfileKeyPair *find_key_pair(const SpdmProfile *profile,
                                         unsigned number)
{
    for (guint i = 0; i < profile->key_pairs->len; i++) {
        SpdmProfileKeyPair *pair = profile->key_pairs->pdata[i];

        if (pair->number == number) {
            return pair;
        }
    }
    return NULL;
}

static void *open_key_pair(ProfileReader *r, const char *argument)
{
    SpdmProfileKeyPair *pair;

    if (!spdm_read_number(r, argument, 1, UINT8_MAX)) {
        return NULL;
    }
    if (find_key_pair(r->profile, r->number)) {
        spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                              "key pair %u has a section already",
                              r->number);
        return NULL;
    }
    pair = g_new0(SpdmProfileKeyPair, 1);
    pair->number = (uint8_t)r->number;
    g_ptr_array_add(r->profile->key_pairs, pair);
    return pair;
}

static bool close_key_pair(ProfileReader *r, void *object)
{
    const SpdmProfileKeyPair *pair = object;
    bool several = pair->slots & (pair->slots - 1);

    if (!pair->asym || (pair->asym & ~r->profile->asym)) {
        return spdm_profile_complain_at(r, r->section, "asym",
                                        "is no selection from the asym of "
                                        "[algorithms]");
    }
    if (several && !(pair->capabilities & SPDM_KEY_PAIR_CAP_SHAREABLE)) {
        return spdm_profile_complain_at(r, r->section, "slots",
                                        "several slots need SHAREABLE in "
                                        "capabilities");
    }
    if (pair->empty && pair->slots) {
        return spdm_profile_complain_at(r, r->section, "slots",
                                        "no slot can have a key pair that "
                                        "is empty");
    }
    return true;
}

static SpdmProfileMeasurement *find_measurement(const SpdmProfile *profile,
                                                unsigned index)
{
    for (guint i = 0; i < profile->measurements->len; i++) {
        SpdmProfileMeasurement *m = profile->measurements->pdata[i];

        if (m->index == index) {
            return m;
        }
    }
    return NULL;
}

static void *open_measurement(ProfileReader *r, const char *argument)
{
    SpdmProfileMeasurement *m;

    if (!spdm_read_number(r, argument, 1, 0xfe)) {
        return NULL;
    }
    if (r->number >= 0xf0 && r->number < 0xfd) {
        spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                              "DSP0274 reserves 240 to 252; 253 is the "
                              "manifest, 254 the device mode");
        return NULL;
    }
    if (find_measurement(r->profile, r->number)) {
        spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                              "measurement %u has a section already",
                              r->number);
        return NULL;
    }
    m = g_new0(SpdmProfileMeasurement, 1);
    m->index = r->number;
    g_ptr_array_add(r->profile->measurements, m);
    return m;
}

enum { ROM = 0, FIRMWARE = 1, MANIFEST = 4, DEVICE_MODE = 5,
       FIRMWARE_VERSION = 6, SVN = 7, HASH_EXTENDED = 8, INFORMATIONAL = 9,
       STRUCTURED_MANIFEST = 10 };

static bool check_measurement_value(ProfileReader *r,
                                    const SpdmProfileMeasurement *m)
{
    bool live = m->source == SPDM_MEASUREMENT_CONFIG_SPACE;
    bool extended = m->type == HASH_EXTENDED;
    size_t fixed = m->type == DEVICE_MODE ? 16 : m->type == SVN ? 8 : 0;

    if (extended && (live || m->value || m->raw_only)) {
        return spdm_profile_complain_at(r, r->section, "type",
                                        "hash-extended is made of the [mel "
                                        "N] that name it: no value, source "
                                        "or raw-only");
    }
    if (!extended && live == (m->value != NULL)) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "wants either value or "
                                     "source=config-space");
    }
    if (fixed && (live || g_bytes_get_size(m->value) != fixed)) {
        return spdm_profile_complain_at(r, r->section, "value",
                                        "a %s is %zu bytes", fixed == 16 ?
                                        "device-mode" :
                                        "secure-version-number", fixed);
    }
    return true;
}

static bool check_measurement_index(ProfileReader *r,
                                    const SpdmProfileMeasurement *m)
{
    bool manifest = m->type == MANIFEST || m->type == STRUCTURED_MANIFEST;

    if (m->index == 0xfd && !manifest) {
        return spdm_profile_complain_at(r, r->section, "type",
                                        "index 253 is kept for a manifest");
    }
    if (m->index == 0xfe && m->type != DEVICE_MODE) {
        return spdm_profile_complain_at(r, r->section, "type",
                                        "index 254 is kept for device-mode");
    }
    if (m->type >= HASH_EXTENDED &&
        r->profile->max_version < SPDM_VERSION_13) {
        return spdm_profile_complain_at(r, r->section, "type",
                                        "is defined from SPDM 1.3 on; "
                                        "max-version is lower");
    }
    return true;
}

static bool close_measurement(ProfileReader *r, void *object)
{
    SpdmProfileMeasurement *m = object;
    bool must = m->type == DEVICE_MODE || m->type == SVN;

    if (!check_measurement_value(r, m) || !check_measurement_index(r, m)) {
        return false;
    }
    if (!spdm_profile_given(r, r->section, "raw-only")) {
        m->raw_only = must || m->type == FIRMWARE_VERSION;
    }
    if (!spdm_profile_given(r, r->section, "tcb")) {
        m->tcb = m->type == ROM || m->type == FIRMWARE;
    }
    if (must && !m->raw_only) {
        return spdm_profile_complain_at(r, r->section, "raw-only",
                                        "DSP0274 has this type as a raw bit "
                                        "stream only");
    }
    return true;
}

static void *open_psk(ProfileReader *r, const char *argument)
{
    SpdmProfilePsk *psk = g_new0(SpdmProfilePsk, 1);

    g_ptr_array_add(r->profile->psks, psk);
    return psk;
}

/* The section's name is the hint unless one is given. */
static bool default_hint(ProfileReader *r, SpdmProfilePsk *psk)
{
    const char *name = strchr(r->section, ' ') + 1;

    if (strlen(name) > SPDM_MAX_PSK_HINT) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "the name is longer than a hint, %u "
                                     "bytes; give a hint",
                                     SPDM_MAX_PSK_HINT);
    }
    psk->hint = g_bytes_new(name, strlen(name));
    return true;
}

static bool close_psk(ProfileReader *r, void *object)
{
    SpdmProfilePsk *psk = object;
    GPtrArray *all = r->profile->psks;

    if (!psk->hint && !default_hint(r, psk)) {
        return false;
    }
    for (guint i = 0; i + 1 < all->len; i++) {
        SpdmProfilePsk *other = all->pdata[i];

        if (g_bytes_equal(other->hint, psk->hint)) {
            return spdm_profile_complain_at(r, r->section, "hint",
                                            "another [psk NAME] has the "
                                            "same hint");
        }
    }
    return true;
}

static void *open_provisioned(ProfileReader *r, const char *argument)
{
    return &r->profile->provisioned;
}

/* It has to be what could have been negotiated, too. */
static bool close_provisioned(ProfileReader *r, void *object)
{
    const SpdmProfile *p = r->profile;
    const SpdmProfileProvisioned *v = object;

    if (!v->version) {
        return true;
    }
    if (v->version < MAX(p->min_version, SPDM_VERSION_11) ||
        v->version > p->max_version) {
        return spdm_profile_complain_at(r, r->section, "version",
                                        "is not from min-version (1.1 at "
                                        "least) to max-version");
    }
    if (!(v->hash & p->hash)) {
        return spdm_profile_complain_at(r, r->section, "hash",
                                        "is none of [algorithms] hash");
    }
    if (!(v->aead & p->aead)) {
        return spdm_profile_complain_at(r, r->section, "aead",
                                        "is none of [algorithms] aead");
    }
    if (!(v->flags & CAP_PSK_NO_CONTEXT) || !(v->flags & CAP_MAC)) {
        return spdm_profile_complain_at(r, r->section,
                                        "requester-capabilities",
                                        "a PSK session takes PSK and MAC");
    }
    return true;
}

const ProfileSection spdm_profile_sections[] = {
    { .name = "device", .keys = device_keys, .open = open_profile },
    { .name = "spdm", .keys = spdm_keys, .open = open_profile },
    { .name = "algorithms", .keys = algorithm_keys, .open = open_profile },
    { .name = "slot", .argument = "N", .keys = slot_keys,
      .open = open_slot, .close = close_slot, .wanted_by = CAP_CERT },
    { .name = "key-pair", .argument = "N", .keys = key_pair_keys,
      .open = open_key_pair, .close = close_key_pair,
      .wanted_by = CAP_GET_KEY_PAIR_INFO },
    { .name = "public-key", .keys = public_key_keys, .open = open_profile,
      .wanted_by = CAP_PUB_KEY_ID },
    { .name = "identity", .keys = identity_keys, .open = open_profile,
      .wanted_by = CAP_CERT },
    { .name = "slot-management", .keys = slot_management_keys,
      .open = open_profile, .close = close_slot_management,
      .wanted_by = CAP_CERT },
    { .name = "measurement", .argument = "N", .keys = measurement_keys,
      .open = open_measurement, .close = close_measurement,
      .wanted_by = CAP_MEAS },
    { .name = "mel", .argument = "N", .keys = spdm_mel_keys,
      .open = spdm_open_mel, .close = spdm_close_mel, .wanted_by = CAP_MEL },
    { .name = "endpoint-info", .argument = "N",
      .keys = spdm_endpoint_info_keys, .open = spdm_open_endpoint_info,
      .close = spdm_close_endpoint_info, .wanted_by = CAP_EP_INFO },
    { .name = "psk", .argument = "NAME", .keys = psk_keys,
      .open = open_psk, .close = close_psk, .wanted_by = CAP_PSK },
    { .name = "psk-derived", .keys = psk_derived_keys,
      .open = open_profile, .wanted_by = CAP_PSK },
    { .name = "mutual-auth", .keys = mutual_keys, .open = open_profile,
      .close = spdm_close_mutual, .wanted_by = SPDM_PROFILE_MUT_AUTH },
    { .name = "provisioned", .keys = provisioned_keys,
      .open = open_provisioned, .close = close_provisioned,
      .wanted_by = CAP_PSK },
    { .name = "pcie", .keys = pcie_keys, .open = open_profile,
      .close = close_pcie },
    { .name = "mctp", .keys = mctp_keys, .open = open_profile },
    { .name = "vendor", .keys = vendor_keys, .open = open_profile },
    { 0 }
};

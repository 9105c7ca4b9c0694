/*
 * The names that may stand in a profile.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "crypto/algs.h"
#include "wire/key-pair-names.h"
#include "wire/msg.h"

#include <string.h>

#define BIT_ROW(n, bit, since) \
    { .name = (n), .value = (bit), .mask = (bit), .min_version = (since) }
#define FIELD_ROW(n, bits, field, since) \
    { .name = (n), .value = (bits), .mask = (field), .min_version = (since) }
#define LATER_ROW(n, bit, since) \
    { .name = (n), .value = (bit), .mask = (bit), .min_version = (since), \
      .unserved = true }

/* Names of DSP0274 without _CAP; a field of two bits has a name per value. */
static const SpdmName capabilities[] = {
    BIT_ROW("CACHE", CAP_CACHE, SPDM_VERSION_10),
    BIT_ROW("CERT", CAP_CERT, SPDM_VERSION_10),
    BIT_ROW("CHAL", CAP_CHAL, SPDM_VERSION_10),
    FIELD_ROW("MEAS_NO_SIG", CAP_MEAS_NO_SIG, CAP_MEAS, SPDM_VERSION_10),
    FIELD_ROW("MEAS_SIG", CAP_MEAS_SIG, CAP_MEAS, SPDM_VERSION_10),
    BIT_ROW("MEAS_FRESH", CAP_MEAS_FRESH, SPDM_VERSION_10),
    BIT_ROW("ENCRYPT", CAP_ENCRYPT, SPDM_VERSION_11),
    BIT_ROW("MAC", CAP_MAC, SPDM_VERSION_11),
    BIT_ROW("MUT_AUTH", CAP_MUT_AUTH, SPDM_VERSION_11),
    BIT_ROW("KEY_EX", CAP_KEY_EX, SPDM_VERSION_11),
    FIELD_ROW("PSK", CAP_PSK_NO_CONTEXT, CAP_PSK, SPDM_VERSION_11),
    FIELD_ROW("PSK_WITH_CONTEXT", CAP_PSK_WITH_CONTEXT, CAP_PSK,
              SPDM_VERSION_11),
    BIT_ROW("ENCAP", CAP_ENCAP, SPDM_VERSION_11),
    BIT_ROW("HBEAT", CAP_HBEAT, SPDM_VERSION_11),
    BIT_ROW("KEY_UPD", CAP_KEY_UPD, SPDM_VERSION_11),
    BIT_ROW("HANDSHAKE_IN_THE_CLEAR", CAP_HITC, SPDM_VERSION_11),
    BIT_ROW("CHUNK", CAP_CHUNK, SPDM_VERSION_12),
    BIT_ROW("ALIAS_CERT", CAP_ALIAS_CERT, SPDM_VERSION_12),
    BIT_ROW("SET_CERT", CAP_SET_CERT, SPDM_VERSION_12),
    BIT_ROW("CSR", CAP_CSR, SPDM_VERSION_12),
    BIT_ROW("CERT_INSTALL_RESET", CAP_CERT_INSTALL_RESET, SPDM_VERSION_12),
    BIT_ROW("PUB_KEY_ID", CAP_PUB_KEY_ID, SPDM_VERSION_11),
    FIELD_ROW("EP_INFO_NO_SIG", CAP_EP_INFO_NO_SIG, CAP_EP_INFO,
              SPDM_VERSION_13),
    FIELD_ROW("EP_INFO_SIG", CAP_EP_INFO_SIG, CAP_EP_INFO, SPDM_VERSION_13),
    BIT_ROW("MEL", CAP_MEL, SPDM_VERSION_13),
    BIT_ROW("EVENT", CAP_EVENT, SPDM_VERSION_13),
    FIELD_ROW("MULTI_KEY_ONLY", CAP_MULTI_KEY_ONLY, CAP_MULTI_KEY,
              SPDM_VERSION_13),
    FIELD_ROW("MULTI_KEY_NEG", CAP_MULTI_KEY_NEG, CAP_MULTI_KEY,
              SPDM_VERSION_13),
    BIT_ROW("GET_KEY_PAIR_INFO", CAP_GET_KEY_PAIR_INFO, SPDM_VERSION_13),
    BIT_ROW("SET_KEY_PAIR_INFO", CAP_SET_KEY_PAIR_INFO, SPDM_VERSION_13),
    BIT_ROW("SET_KEY_PAIR_RESET", CAP_SET_KEY_PAIR_RESET, SPDM_VERSION_14),
    BIT_ROW("LARGE_RESP", CAP_LARGE_RESP, SPDM_VERSION_14),
};

/* Those of ExtFlags, which came with 1.4. */
static const SpdmName ext_capabilities[] = {
    BIT_ROW("SLOT_MGMT", SPDM_SLOT_MGMT_CAP, SPDM_VERSION_14),
};

/* SubCodes of SLOT_MANAGEMENT that a device need not have. */
static const SpdmName slot_sub_codes[] = {
    BIT_ROW("GetCSR", SPDM_PROFILE_SLOT_GET_CSR, 0),
    BIT_ROW("ManageBank", SPDM_PROFILE_SLOT_MANAGE_BANK, 0),
    BIT_ROW("ManageSlot", SPDM_PROFILE_SLOT_MANAGE_SLOT, 0),
    BIT_ROW("SetCertificate", SPDM_PROFILE_SLOT_SET_CERTIFICATE, 0),
};

static const SpdmName versions[] = {
    { .name = "1.0", .value = SPDM_VERSION_10 },
    { .name = "1.1", .value = SPDM_VERSION_11 },
    { .name = "1.2", .value = SPDM_VERSION_12 },
    { .name = "1.3", .value = SPDM_VERSION_13 },
    { .name = "1.4", .value = SPDM_VERSION_14 },
};

/* DSP0277; the value is a whole version, not a bit. */
static const SpdmName secured[] = {
    { .name = "1.0", .value = 0x1000 },
    { .name = "1.1", .value = 0x1100 },
    { .name = "1.2", .value = 0x1200 },
    { .name = "1.3", .value = 0x1300 },
};

/* DMTFSpecMeasurementValueType bits 6:0. */
static const SpdmName measurement_types[] = {
    { .name = "immutable-rom", .value = 0 },
    { .name = "firmware", .value = 1 },
    { .name = "hardware-config", .value = 2 },
    { .name = "firmware-config", .value = 3 },
    { .name = "manifest", .value = 4 },
    { .name = "device-mode", .value = 5 },
    { .name = "firmware-version", .value = 6 },
    { .name = "secure-version-number", .value = 7 },
    { .name = "hash-extended", .value = 8, .min_version = SPDM_VERSION_13 },
    { .name = "informational", .value = 9, .min_version = SPDM_VERSION_13 },
    { .name = "structured-manifest", .value = 10,
      .min_version = SPDM_VERSION_13 },
};

static const SpdmName sources[] = {
    { .name = "value", .value = SPDM_MEASUREMENT_VALUE },
    { .name = "config-space", .value = SPDM_MEASUREMENT_CONFIG_SPACE },
};

/* DSP0274 "Registry or standards body ID". */
static const SpdmName standards[] = {
    { .name = "DMTF", .value = 0 },
    { .name = "TCG", .value = 1 },
    { .name = "USB", .value = 2 },
    { .name = "PCI-SIG", .value = 3 },
    { .name = "IANA", .value = 4 },
    { .name = "HDBaseT", .value = 5 },
    { .name = "MIPI", .value = 6 },
    { .name = "CXL", .value = 7 },
    { .name = "JEDEC", .value = 8 },
    { .name = "VESA", .value = 9 },
    { .name = "IANA-CBOR", .value = 10 },
    { .name = "DMTF-DSP", .value = 11 },
};

/*
 * Requests that are answered at once, always: DSP0274 forbids ResponseNotReady
 * for them, or they carry and repeat others, or end what it would wait in.
 */
static const uint8_t prompt[] = {
    SPDM_GET_VERSION, SPDM_GET_CAPABILITIES, SPDM_NEGOTIATE_ALGORITHMS,
    SPDM_RESPOND_IF_READY, SPDM_CHUNK_SEND, SPDM_CHUNK_GET,
    SPDM_GET_ENCAPSULATED_REQUEST, SPDM_HEARTBEAT, SPDM_KEY_UPDATE,
    SPDM_END_SESSION,
};

static const SpdmName opaque_formats[] = {
    BIT_ROW("OpaqueDataFmt0", 1, 0),
    BIT_ROW("OpaqueDataFmt1", 2, 0),
};

/* Flags of LOCK_INTERFACE_REQUEST (PCIe 11.3.8). */
static const SpdmName lock_flags[] = {
    BIT_ROW("NO_FW_UPDATE", 1 << 0, 0),
    BIT_ROW("CACHE_LINE_SIZE", 1 << 1, 0),
    BIT_ROW("LOCK_MSIX", 1 << 2, 0),
    BIT_ROW("BIND_P2P", 1 << 3, 0),
    BIT_ROW("ALL_REQUEST_REDIRECT", 1 << 4, 0),
};

/* INTERFACE_INFO of a TDI report (PCIe 11.3.11). */
static const SpdmName interface_infos[] = {
    BIT_ROW("NO_FW_UPDATE", 1 << 0, 0),
    BIT_ROW("DMA", 1 << 1, 0),
    BIT_ROW("DMA_PASID", 1 << 2, 0),
    BIT_ROW("ATS", 1 << 3, 0),
    BIT_ROW("PRS", 1 << 4, 0),
};

static const SpdmName mutual_modes[] = {
    { .name = "none", .value = SPDM_MUT_AUTH_NONE },
    { .name = "optional", .value = SPDM_MUT_AUTH_OPTIONAL },
    { .name = "required", .value = SPDM_MUT_AUTH_REQUIRED },
};

static const SpdmName mutual_forms[] = {
    { .name = "encapsulated", .value = SPDM_MUT_AUTH_FORM_ENCAPSULATED },
    { .name = "implicit-digests",
      .value = SPDM_MUT_AUTH_FORM_IMPLICIT_DIGESTS },
    { .name = "provisioned", .value = SPDM_MUT_AUTH_FORM_PROVISIONED },
};

static const SpdmName slots[] = {
    BIT_ROW("0", 1 << 0, 0), BIT_ROW("1", 1 << 1, 0),
    BIT_ROW("2", 1 << 2, 0), BIT_ROW("3", 1 << 3, 0),
    BIT_ROW("4", 1 << 4, 0), BIT_ROW("5", 1 << 5, 0),
    BIT_ROW("6", 1 << 6, 0), BIT_ROW("7", 1 << 7, 0),
};

static const SpdmName cert_models[] = {
    { .name = "device", .value = SPDM_CERT_MODEL_DEVICE },
    { .name = "alias", .value = SPDM_CERT_MODEL_ALIAS },
    { .name = "generic", .value = SPDM_CERT_MODEL_GENERIC },
};

static const SpdmName bools[] = {
    { .name = "true", .value = true },
    { .name = "false", .value = false },
};

#define ROW_AT(rows, i, out) row_at(rows, G_N_ELEMENTS(rows), i, out)

static bool row_at(const SpdmName *rows, size_t n, size_t i, SpdmName *out)
{
    if (i >= n) {
        return false;
    }
    *out = rows[i];
    return true;
}

bool spdm_name_version(size_t i, SpdmName *out)
{
    return ROW_AT(versions, i, out);
}

bool spdm_name_capability(size_t i, SpdmName *out)
{
    return ROW_AT(capabilities, i, out);
}

bool spdm_name_ext_capability(size_t i, SpdmName *out)
{
    return ROW_AT(ext_capabilities, i, out);
}

bool spdm_name_slot_sub_code(size_t i, SpdmName *out)
{
    return ROW_AT(slot_sub_codes, i, out);
}

bool spdm_name_measurement_type(size_t i, SpdmName *out)
{
    return ROW_AT(measurement_types, i, out);
}

bool spdm_name_measurement_source(size_t i, SpdmName *out)
{
    return ROW_AT(sources, i, out);
}

bool spdm_name_standard(size_t i, SpdmName *out)
{
    return ROW_AT(standards, i, out);
}

bool spdm_name_opaque_format(size_t i, SpdmName *out)
{
    return ROW_AT(opaque_formats, i, out);
}

bool spdm_name_lock_flag(size_t i, SpdmName *out)
{
    return ROW_AT(lock_flags, i, out);
}

bool spdm_name_interface_info(size_t i, SpdmName *out)
{
    return ROW_AT(interface_infos, i, out);
}

bool spdm_name_secured(size_t i, SpdmName *out)
{
    return ROW_AT(secured, i, out);
}

bool spdm_name_mutual_mode(size_t i, SpdmName *out)
{
    return ROW_AT(mutual_modes, i, out);
}

bool spdm_name_mutual_form(size_t i, SpdmName *out)
{
    return ROW_AT(mutual_forms, i, out);
}

bool spdm_name_slot(size_t i, SpdmName *out)
{
    return ROW_AT(slots, i, out);
}

bool spdm_name_deferrable(size_t i, SpdmName *out)
{
    for (unsigned code = 0x80; code <= UINT8_MAX; code++) {
        const SpdmMsgDesc *desc = spdm_msg_desc((uint8_t)code);

        if (desc && !memchr(prompt, (int)code, sizeof(prompt)) && i-- == 0) {
            *out = (SpdmName){ .name = desc->name, .value = code };
            return true;
        }
    }
    return false;
}

bool spdm_name_cert_model(size_t i, SpdmName *out)
{
    return ROW_AT(cert_models, i, out);
}

bool spdm_name_bool(size_t i, SpdmName *out)
{
    return ROW_AT(bools, i, out);
}

static bool bit_name(const char *name, uint32_t bit, uint8_t since,
                     SpdmName *out)
{
    *out = (SpdmName)BIT_ROW(name, bit, since);
    return name != NULL;
}

bool spdm_name_key_usage(size_t i, SpdmName *out)
{
    const SpdmBitName *row = &spdm_key_usage_names[i];

    return bit_name(row->name, row->bit, 0, out);
}

bool spdm_name_key_pair_capability(size_t i, SpdmName *out)
{
    const SpdmBitName *row = &spdm_key_pair_capability_names[i];

    return bit_name(row->name, row->bit, 0, out);
}

bool spdm_name_hash(size_t i, SpdmName *out)
{
    const SpdmHashAlg *alg = &spdm_hash_algs[i];

    return bit_name(alg->name, alg->bit, alg->min_version, out);
}

bool spdm_name_asym(size_t i, SpdmName *out)
{
    const SpdmAsymAlg *alg = &spdm_asym_algs[i];

    return bit_name(alg->name, alg->bit, alg->min_version, out);
}

bool spdm_name_dhe(size_t i, SpdmName *out)
{
    const SpdmDheAlg *alg = &spdm_dhe_algs[i];

    return bit_name(alg->name, alg->bit, alg->min_version, out);
}

bool spdm_name_kem(size_t i, SpdmName *out)
{
    const SpdmKemAlg *alg = &spdm_kem_algs[i];

    return bit_name(alg->name, alg->bit, alg->min_version, out);
}

bool spdm_name_aead(size_t i, SpdmName *out)
{
    const SpdmAeadAlg *alg = &spdm_aead_algs[i];

    return bit_name(alg->name, alg->bit, alg->min_version, out);
}

/* Measurements may also be given only as they are, without a hash. */
bool spdm_name_measurement_hash(size_t i, SpdmName *out)
{
    static const SpdmName raw = BIT_ROW("raw", 1, 0);
    const SpdmHashAlg *alg;

    if (i == 0) {
        *out = raw;
        return true;
    }
    alg = &spdm_hash_algs[i - 1];
    return bit_name(alg->name, alg->meas_bit, alg->min_version, out);
}

char *spdm_names_of(SpdmNameAt names, uint32_t value)
{
    GString *text = g_string_new(NULL);
    SpdmName n;

    for (size_t i = 0; names(i, &n); i++) {
        if (n.mask && (value & n.mask) == n.value) {
            g_string_append_printf(text, "%s%s", text->len ? ";" : "",
                                   n.name);
        }
    }
    return g_string_free(text, FALSE);
}

/*
 * Measurements: values of the profile, and the live config space.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"

#include <string.h>

enum { DEVICE_MODE = 5, SVN = 7, MAX_VALUE = 2048 };

/* Offsets of a PCI configuration header (PCIe 7.5.1). */
enum {
    HEADER_SIZE = 0x40,
    VENDOR_ID = 0x00,
    COMMAND = 0x04,
    STATUS = 0x06,
    REVISION = 0x08,
    CLASS_CODE = 0x09,
    CACHE_LINE_SIZE = 0x0c,
    HEADER_TYPE = 0x0e,
    BIST = 0x0f,
    BAR_0 = 0x10,
    SUBSYSTEM_VENDOR_ID = 0x2c,
    ROM_BAR = 0x30,
    CAPABILITIES = 0x34,
    INTERRUPT_LINE = 0x3c,
    EXTENDED = 0x100,
    /* Type 1: everything between BAR 1 and the capability pointer is bus
     * numbers and windows, which software assigns. */
    BRIDGE_BARS = 2,
    BRIDGE_WINDOWS = 0x18,
    BRIDGE_ROM_BAR = 0x38,
    BRIDGE_CONTROL = 0x3e,
    /* A list that is longer than the space has room for is a loop. */
    MAX_CAPABILITIES = (0x100 - HEADER_SIZE) / 4,
    MAX_EXTENDED = (0x1000 - EXTENDED) / 8,
};

/* Keeps what a BAR is (I/O or memory, width, prefetch), not where it is. */
static void mask_bars(uint8_t *header, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint8_t *bar = header + BAR_0 + 4 * i;
        bool io = bar[0] & 1;
        bool wide = !io && (bar[0] & 6) == 4;

        bar[0] &= io ? 0x3 : 0xf;
        memset(bar + 1, 0, 3);
        if (wide && i + 1 < count) {
            memset(bar + 4, 0, 4);
            i++;
        }
    }
}

static void mask_header(uint8_t *header)
{
    bool bridge = (header[HEADER_TYPE] & 0x7f) == 1;

    memset(header + COMMAND, 0, 4);             /* and STATUS */
    memset(header + CACHE_LINE_SIZE, 0, 2);     /* and latency timer */
    header[BIST] = 0;
    header[INTERRUPT_LINE] = 0;
    if (bridge) {
        mask_bars(header, BRIDGE_BARS);
        memset(header + BRIDGE_WINDOWS, 0, CAPABILITIES - BRIDGE_WINDOWS);
        memset(header + BRIDGE_ROM_BAR, 0, 4);
        memset(header + BRIDGE_CONTROL, 0, 2);
    } else {
        mask_bars(header, 6);
        memset(header + ROM_BAR, 0, 4);
    }
}

/* Capability ID and next pointer of each, in list order. */
static void add_capabilities(GByteArray *out, SpdmBytes cs)
{
    size_t at = cs.len >= 0x100 ? cs.data[CAPABILITIES] & 0xfc : 0;

    for (unsigned n = 0; at >= HEADER_SIZE && n < MAX_CAPABILITIES; n++) {
        g_byte_array_append(out, cs.data + at, 2);
        at = cs.data[at + 1] & 0xfc;
    }
}

/* The 4-byte header of each extended capability, in list order. */
static void add_extended(GByteArray *out, SpdmBytes cs)
{
    size_t at = EXTENDED;

    for (unsigned n = 0; at >= EXTENDED && at + 4 <= cs.len &&
         n < MAX_EXTENDED; n++) {
        const uint8_t *header = cs.data + at;

        if (!header[0] && !header[1] && !header[2] && !header[3]) {
            break;              /* an empty list */
        }
        g_byte_array_append(out, header, 4);
        at = (header[2] >> 4 | header[3] << 4) & 0xffc;
    }
}

GBytes *soft_measure_config_space(GBytes *config_space)
{
    SpdmBytes cs = soft_bytes(config_space);
    GByteArray *out = g_byte_array_new();
    uint8_t header[HEADER_SIZE] = { 0 };

    if (cs.len) {
        memcpy(header, cs.data, MIN(cs.len, HEADER_SIZE));
    }
    mask_header(header);
    g_byte_array_append(out, header, sizeof(header));
    add_capabilities(out, cs);
    add_extended(out, cs);
    return g_byte_array_free_to_bytes(out);
}

static void put_le16(uint8_t *at, uint16_t value)
{
    at[0] = value & 0xff;
    at[1] = value >> 8;
}

/* Where nobody has a config space, its header is what the names make it. */
static GBytes *header_of(const SpdmPciName *pci)
{
    uint8_t header[HEADER_SIZE] = { 0 };

    put_le16(header + VENDOR_ID, pci->vendor);
    put_le16(header + VENDOR_ID + 2, pci->device);
    header[REVISION] = pci->revision;
    put_le16(header + CLASS_CODE, pci->class_code & 0xffff);
    header[CLASS_CODE + 2] = pci->class_code >> 16 & 0xff;
    put_le16(header + SUBSYSTEM_VENDOR_ID, pci->ss_vendor);
    put_le16(header + SUBSYSTEM_VENDOR_ID + 2, pci->ss_device);
    return g_bytes_new(header, sizeof(header));
}

static GBytes *live_value(const SpdmSoftConfig *config)
{
    g_autoptr(GBytes) cs = NULL;

    if (config->config_space) {
        cs = config->config_space(config->opaque);
    }
    if (!cs) {
        cs = header_of(&config->pci);
    }
    return soft_measure_config_space(cs);
}

void spdm_measurement_free(SpdmMeasurement *m)
{
    if (m) {
        g_clear_pointer(&m->raw, g_bytes_unref);
        g_free(m);
    }
}

void spdm_mel_entry_free(SpdmMelEntry *entry)
{
    if (entry) {
        g_clear_pointer(&entry->raw, g_bytes_unref);
        g_free(entry);
    }
}

/* What the user said last, else what the profile says; NULL: computed. */
static GBytes *value_of(const SpdmSoftProvider *soft,
                        const SpdmProfileMeasurement *row, bool pending)
{
    GBytes *value = pending ? soft->pending[row->index] : NULL;

    value = value ? value : soft->changed[row->index];
    value = value ? value : row->value;
    if (row->source == SPDM_MEASUREMENT_CONFIG_SPACE) {
        return live_value(&soft->config);
    }
    return value ? g_bytes_ref(value) : NULL;
}

GPtrArray *soft_measure(const SpdmSoftProvider *soft, bool pending)
{
    const GPtrArray *rows = soft->config.profile->measurements;
    GPtrArray *all = g_ptr_array_new_with_free_func(
        (GDestroyNotify)spdm_measurement_free);

    for (guint i = 0; i < rows->len; i++) {
        const SpdmProfileMeasurement *row = rows->pdata[i];
        SpdmMeasurement *m = g_new0(SpdmMeasurement, 1);

        m->index = row->index;
        m->type = row->type;
        m->raw_only = row->raw_only;
        m->tcb = row->tcb;
        m->raw = value_of(soft, row, pending);
        g_ptr_array_add(all, m);
    }
    return all;
}

GPtrArray *soft_mel(const SpdmSoftProvider *soft)
{
    const GPtrArray *rows = soft->config.profile->mel;
    GPtrArray *all = g_ptr_array_new_with_free_func(
        (GDestroyNotify)spdm_mel_entry_free);

    for (guint i = 0; i < rows->len; i++) {
        const SpdmProfileMel *row = rows->pdata[i];
        SpdmMelEntry *entry = g_new0(SpdmMelEntry, 1);

        entry->meas_index = row->measurement;
        entry->type = row->type;
        entry->raw = g_bytes_ref(row->value);
        g_ptr_array_add(all, entry);
    }
    return all;
}

static const SpdmProfileMeasurement *find_row(const SpdmSoftProvider *soft,
                                              unsigned index)
{
    const GPtrArray *rows = soft->config.profile->measurements;

    for (guint i = 0; i < rows->len; i++) {
        const SpdmProfileMeasurement *row = rows->pdata[i];

        if (row->index == index) {
            return row;
        }
    }
    return NULL;
}

/* What a profile could not say of this measurement either; NULL: nothing. */
static const char *refusal(const SpdmProfileMeasurement *row, size_t len)
{
    if (!row) {
        return "the profile has no such measurement";
    }
    if (row->source == SPDM_MEASUREMENT_CONFIG_SPACE) {
        return "it follows the config space by itself";
    }
    if (!row->value) {
        return "it follows the measurement extension log by itself";
    }
    if (len > MAX_VALUE) {
        return "a value has at most 2048 bytes";
    }
    if ((row->type == DEVICE_MODE || row->type == SVN) &&
        len != g_bytes_get_size(row->value)) {
        return "a value of its type has a fixed size: device mode 16 bytes, "
               "secure version number 8";
    }
    return NULL;
}

bool soft_measurement_fits(const SpdmSoftProvider *soft, unsigned index,
                           size_t len, GError **errp)
{
    const char *why = refusal(find_row(soft, index), len);

    if (why) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "measurement %u: %s", index, why);
    }
    return !why;
}

bool spdm_soft_provider_set_measurement(SpdmSoftProvider *soft,
                                        unsigned index, SpdmBytes value,
                                        bool pending, GError **errp)
{
    GBytes **place;

    if (!soft_measurement_fits(soft, index, value.len, errp)) {
        return false;
    }
    place = pending ? &soft->pending[index] : &soft->changed[index];
    g_clear_pointer(&soft->pending[index], g_bytes_unref);
    g_clear_pointer(place, g_bytes_unref);
    *place = g_bytes_new(value.data, value.len);
    return true;
}

/*
 * Sections of what a device tells about itself beside measurements: entries
 * of the measurement extension log, device class identifiers.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/profile-int.h"
#include "wire/elements.h"

#define FIELD(type, member) \
    .offset = offsetof(type, member), .size = sizeof(((type *)0)->member)

enum { MAX_MEASUREMENT = 0xef, HASH_EXTENDED = 8 };

const ProfileKey spdm_mel_keys[] = {
    { .name = "measurement", .parse = spdm_parse_number,
      FIELD(SpdmProfileMel, measurement), .min = 1, .max = MAX_MEASUREMENT,
      .required = true },
    { .name = "type", .parse = spdm_parse_choice,
      FIELD(SpdmProfileMel, type), .names = spdm_name_measurement_type,
      .fallback = "informational" },
    { .name = "value", .parse = spdm_parse_bytes,
      FIELD(SpdmProfileMel, value), .min = 1, .max = 2048,
      .required = true },
    { 0 }
};

static bool is_numbered(const GPtrArray *all, unsigned number)
{
    for (guint i = 0; i < all->len; i++) {
        /* Both kinds of object begin with their number. */
        if (*(const uint8_t *)all->pdata[i] == number) {
            return true;
        }
    }
    return false;
}

static bool new_number(ProfileReader *r, const GPtrArray *all,
                       const char *argument)
{
    if (!spdm_read_number(r, argument, 1, UINT8_MAX)) {
        return false;
    }
    if (is_numbered(all, r->number)) {
        return spdm_profile_complain(r, SPDM_CONFIG_ERROR_VALUE,
                                     "number %u has a section already",
                                     r->number);
    }
    return true;
}

void *spdm_open_mel(ProfileReader *r, const char *argument)
{
    SpdmProfileMel *entry;

    if (!new_number(r, r->profile->mel, argument)) {
        return NULL;
    }
    entry = g_new0(SpdmProfileMel, 1);
    entry->number = (uint8_t)r->number;
    g_ptr_array_add(r->profile->mel, entry);
    return entry;
}

bool spdm_close_mel(ProfileReader *r, void *object)
{
    const SpdmProfileMel *entry = object;

    return entry->type != HASH_EXTENDED ||
           spdm_profile_complain_at(r, r->section, "type",
                                    "an entry extends a measurement of this "
                                    "type; it is not one itself");
}

void spdm_profile_mel_free(gpointer data)
{
    SpdmProfileMel *entry = data;

    g_clear_pointer(&entry->value, g_bytes_unref);
    g_free(entry);
}

/* IDElemLength is one byte: ids are short. */
const ProfileKey spdm_endpoint_info_keys[] = {
    { .name = "standard", .parse = spdm_parse_choice,
      FIELD(SpdmProfileDeviceClass, standard), .names = spdm_name_standard,
      .required = true },
    { .name = "vendor-id", .parse = spdm_parse_bytes,
      FIELD(SpdmProfileDeviceClass, vendor_id), .max = 16 },
    { .name = "sub-ids", .parse = spdm_parse_bytes_list,
      FIELD(SpdmProfileDeviceClass, sub_ids), .min = 1, .max = 200 },
    { 0 }
};

void *spdm_open_endpoint_info(ProfileReader *r, const char *argument)
{
    SpdmProfileDeviceClass *id;

    if (!new_number(r, r->profile->device_classes, argument)) {
        return NULL;
    }
    id = g_new0(SpdmProfileDeviceClass, 1);
    id->number = (uint8_t)r->number;
    g_ptr_array_add(r->profile->device_classes, id);
    return id;
}

/* What stands behind IDElemLength: the SVH, NumSubIDs, and each SubID. */
static size_t element_size(const SpdmProfileDeviceClass *id)
{
    size_t size = 3 + (id->vendor_id ? g_bytes_get_size(id->vendor_id) : 0);

    for (guint i = 0; id->sub_ids && i < id->sub_ids->len; i++) {
        size += 1 + g_bytes_get_size(id->sub_ids->pdata[i]);
    }
    return size;
}

bool spdm_close_endpoint_info(ProfileReader *r, void *object)
{
    const SpdmProfileDeviceClass *id = object;
    size_t len = id->vendor_id ? g_bytes_get_size(id->vendor_id) : 0;

    if (!spdm_vendor_id_valid(id->standard, len)) {
        return spdm_profile_complain_at(r, r->section, "vendor-id",
                                        "%zu bytes is not the length that "
                                        "this standard has", len);
    }
    if (element_size(id) > UINT8_MAX) {
        return spdm_profile_complain_at(r, r->section, "sub-ids",
                                        "the whole identifier is %zu bytes, "
                                        "more than 255", element_size(id));
    }
    return true;
}

void spdm_profile_device_class_free(gpointer data)
{
    SpdmProfileDeviceClass *id = data;

    g_clear_pointer(&id->vendor_id, g_bytes_unref);
    g_clear_pointer(&id->sub_ids, g_ptr_array_unref);
    g_free(id);
}

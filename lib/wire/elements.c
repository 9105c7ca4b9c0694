/*
 * Structures inside messages.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/elements.h"

/* DSP0274 "Registry or standards body ID": bit n: length n is valid. */
static const uint16_t id_lengths[] = {
    [0x0] = 1 << 0, /* DMTF */
    [0x1] = 1 << 2, /* TCG */
    [0x2] = 1 << 2, /* USB */
    [0x3] = 1 << 2, /* PCI-SIG */
    [0x4] = 1 << 4, /* IANA */
    [0x5] = 1 << 4, /* HDBaseT */
    [0x6] = 1 << 2, /* MIPI */
    [0x7] = 1 << 2, /* CXL */
    [0x8] = 1 << 2, /* JEDEC */
    [0x9] = 1 << 0, /* VESA */
    [0xa] = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5 | 1 << 9, /* IANA CBOR */
    [0xb] = 1 << 2, /* DMTF-DSP */
};

bool spdm_vendor_id_valid(uint16_t standard, size_t len)
{
    return standard >= G_N_ELEMENTS(id_lengths) ||
           (len < 16 && (id_lengths[standard] & (1u << len)));
}

void spdm_code_svh(SpdmCoder *c, SpdmSvh *v)
{
    spdm_code_u8(c, "ID", &v->id);
    spdm_code_sized8(c, "VendorIDLen", "VendorID", &v->vendor);
}

void spdm_code_mel_head(SpdmCoder *c, SpdmMelHead *v)
{
    spdm_code_u32(c, "NumberOfEntries", &v->count);
    spdm_code_u32(c, "MELEntriesLength", &v->length);
    spdm_code_reserved(c, 8);
}

void spdm_code_mel_item(SpdmCoder *c, SpdmMelItem *v)
{
    spdm_code_u32(c, "MELIndex", &v->index);
    spdm_code_u8(c, "MeasurementIndex", &v->meas_index);
    spdm_code_reserved(c, 3);
    spdm_code_u8(c, "DMTFSpecMeasurementValueType", &v->value_type);
    spdm_code_sized16(c, "DMTFSpecMeasurementValueSize",
                      "DMTFSpecMeasurementValue", &v->value);
}

void spdm_code_device_classes(SpdmCoder *c, uint8_t *count)
{
    spdm_code_u8(c, "NumIdentifiers", count);
    spdm_code_reserved(c, 3);
}

void spdm_code_device_class(SpdmCoder *c, SpdmDeviceClass *v)
{
    spdm_code_u8(c, "IDElemLength", &v->length);
    spdm_code_svh(c, &v->svh);
    spdm_code_u8(c, "NumSubIDs", &v->sub_count);
}

void spdm_code_sub_id(SpdmCoder *c, SpdmBytes *v)
{
    spdm_code_sized8(c, "SubIDLen", "SubIdentifier", v);
}

void spdm_code_event_group(SpdmCoder *c, SpdmEventGroup *v)
{
    spdm_code_svh(c, &v->svh);
    spdm_code_u16(c, "EventTypeCount", &v->type_count);
    spdm_code_u16(c, "EventGroupVersion", &v->version);
    spdm_code_u32(c, "Attributes", &v->attributes);
}

void spdm_code_event_type(SpdmCoder *c, uint16_t *type)
{
    spdm_code_u16(c, "EventTypeID", type);
    spdm_code_reserved(c, 2);
}

void spdm_code_event(SpdmCoder *c, SpdmEventItem *v)
{
    spdm_code_u32(c, "EventInstanceID", &v->instance);
    spdm_code_reserved(c, 4);
    spdm_code_svh(c, &v->svh);
    spdm_code_u16(c, "EventTypeID", &v->type);
    spdm_code_sized16(c, "EventDetailLen", "EventDetail", &v->detail);
}

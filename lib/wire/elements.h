/*
 * Structures inside messages: what a measurement extension log, endpoint
 * information and lists of events are made of (DSP0274 1.3). As in msg.h one
 * function of a coder reads and writes each.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_WIRE_ELEMENTS_H
#define SPDM_WIRE_ELEMENTS_H

#include "wire/codec.h"

/** Standards body or vendor-defined header (SVH), the form with a u8 id. */
typedef struct SpdmSvh {
    uint8_t id;
    SpdmBytes vendor;
} SpdmSvh;

void spdm_code_svh(SpdmCoder *c, SpdmSvh *v);

/** Whether DSP0274 "Registry or standards body ID" has this VendorIDLen. */
bool spdm_vendor_id_valid(uint16_t standard, size_t len);

/** Head of a DMTF measurement extension log; entries follow. */
typedef struct SpdmMelHead {
    uint32_t count;
    uint32_t length;             /* of all entries, bytes */
} SpdmMelHead;

enum { SPDM_MEL_HEAD_SIZE = 16 };

void spdm_code_mel_head(SpdmCoder *c, SpdmMelHead *v);

/** One entry of it. */
typedef struct SpdmMelItem {
    uint32_t index;              /* MELIndex */
    uint8_t meas_index;          /* measurement that it extends */
    uint8_t value_type;          /* bit 7: raw bit stream */
    SpdmBytes value;
} SpdmMelItem;

void spdm_code_mel_item(SpdmCoder *c, SpdmMelItem *v);

/** Head of EPInfo of SubCode 1; that many identifiers follow. */
void spdm_code_device_classes(SpdmCoder *c, uint8_t *count);

/** A device class identifier: the SVH, then sub_count subordinate ids. */
typedef struct SpdmDeviceClass {
    uint8_t length;              /* IDElemLength: of all that follows it */
    SpdmSvh svh;
    uint8_t sub_count;
} SpdmDeviceClass;

void spdm_code_device_class(SpdmCoder *c, SpdmDeviceClass *v);
void spdm_code_sub_id(SpdmCoder *c, SpdmBytes *v);

/** A group of event types; type_count of them follow. */
typedef struct SpdmEventGroup {
    SpdmSvh svh;
    uint16_t type_count;
    uint16_t version;
    uint32_t attributes;
} SpdmEventGroup;

void spdm_code_event_group(SpdmCoder *c, SpdmEventGroup *v);
void spdm_code_event_type(SpdmCoder *c, uint16_t *type);

/** One event of SEND_EVENT. */
typedef struct SpdmEventItem {
    uint32_t instance;           /* EventInstanceID */
    SpdmSvh svh;
    uint16_t type;
    SpdmBytes detail;
} SpdmEventItem;

void spdm_code_event(SpdmCoder *c, SpdmEventItem *v);

/** A bank in BankInfo of SLOT_MANAGEMENT_RESP (1.4). */
typedef struct SpdmBankElement {
    uint8_t bank_id;
    uint8_t slot_mask;           /* slots there are */
    uint8_t modifiable;          /* ... and those of them that can change */
} SpdmBankElement;

void spdm_code_bank_element(SpdmCoder *c, SpdmBankElement *v);

/** A slot in BankDetails; its digest has the length of the connection's. */
typedef struct SpdmSlotElement {
    uint8_t slot_id;
    uint8_t attributes;          /* SPDM_SLOT_PROVISIONED, ... */
    uint8_t key_pair_id;
    uint8_t certificate_info;
    uint16_t key_usage;
    uint32_t slot_size;          /* room for a chain, bytes */
    SpdmBytes digest;            /* H bytes, zeros without a chain */
} SpdmSlotElement;

void spdm_code_slot_element(SpdmCoder *c, SpdmSlotElement *v);

#endif

/*
 * EPInfo of ENDPOINT_INFO: the profile's device class identifiers, or one made
 * of the function's PCI ids.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"
#include "wire/elements.h"

enum { EP_INFO_DEVICE_CLASS = 1, STANDARD_PCI_SIG = 3 };

static SpdmBytes maybe_bytes(GBytes *b)
{
    return b ? soft_bytes(b) : SPDM_BYTES(NULL, 0);
}

/* The length is known once the rest has been written. */
static void add_class(SpdmCoder *c, const SpdmSvh *svh,
                      const SpdmBytes *sub_ids, unsigned count)
{
    SpdmDeviceClass id = { .svh = *svh, .sub_count = (uint8_t)count };
    guint at = c->out->len;

    spdm_code_device_class(c, &id);
    for (unsigned i = 0; i < count; i++) {
        SpdmBytes sub_id = sub_ids[i];

        spdm_code_sub_id(c, &sub_id);
    }
    c->out->data[at] = (uint8_t)(c->out->len - at - 1);
}

static void add_profile_class(SpdmCoder *c, const SpdmProfileDeviceClass *id)
{
    SpdmSvh svh = { id->standard, maybe_bytes(id->vendor_id) };
    SpdmBytes sub_ids[UINT8_MAX];
    unsigned count = id->sub_ids ? id->sub_ids->len : 0;

    for (unsigned i = 0; i < count; i++) {
        sub_ids[i] = soft_bytes(id->sub_ids->pdata[i]);
    }
    add_class(c, &svh, sub_ids, count);
}

static void put_le16(uint8_t *at, uint16_t value)
{
    at[0] = value & 0xff;
    at[1] = value >> 8;
}

/*
 * Who made it, what it is, which one: PCI-SIG's vendor, then as they stand in
 * config space: revision and class, device, subsystem vendor, subsystem. It
 * comes to whole dwords, as some requesters take no DOE padding behind it.
 */
static void add_pci_class(SpdmCoder *c, const SpdmPciName *pci)
{
    uint8_t vendor[2], device[2], ss_vendor[2], ss_device[2];
    const uint8_t class_code[] = {
        pci->revision, pci->class_code & 0xff, pci->class_code >> 8 & 0xff,
        pci->class_code >> 16 & 0xff,
    };
    const SpdmSvh svh = { STANDARD_PCI_SIG,
                          SPDM_BYTES(vendor, sizeof(vendor)) };
    const SpdmBytes sub_ids[] = {
        SPDM_BYTES(class_code, sizeof(class_code)),
        SPDM_BYTES(device, sizeof(device)),
        SPDM_BYTES(ss_vendor, sizeof(ss_vendor)),
        SPDM_BYTES(ss_device, sizeof(ss_device)),
    };

    put_le16(vendor, pci->vendor);
    put_le16(device, pci->device);
    put_le16(ss_vendor, pci->ss_vendor);
    put_le16(ss_device, pci->ss_device);
    add_class(c, &svh, sub_ids, G_N_ELEMENTS(sub_ids));
}

GBytes *soft_endpoint_info(const SpdmSoftProvider *soft, uint8_t sub_code)
{
    const GPtrArray *classes = soft->config.profile->device_classes;
    bool pci = !classes->len && soft->config.pci.vendor;
    uint8_t count = (uint8_t)(pci ? 1 : classes->len);
    GByteArray *out;
    SpdmCoder c;

    if (sub_code != EP_INFO_DEVICE_CLASS) {
        return NULL;
    }
    out = g_byte_array_new();
    c = spdm_coder_writer(NULL, out);
    spdm_code_device_classes(&c, &count);
    for (guint i = 0; i < classes->len; i++) {
        add_profile_class(&c, classes->pdata[i]);
    }
    if (pci) {
        add_pci_class(&c, &soft->config.pci);
    }
    return g_byte_array_free_to_bytes(out);
}

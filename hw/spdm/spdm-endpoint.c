/*
 * spdm-endpoint: a bare PCIe function that can pose as anything.
 *
 * Its parent, "spdm-bare-function", has no function but its registers: ids,
 * power management, FLR, and MSI-X in BAR 0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/msix.h"
#include "migration/vmstate.h"
#include "spdm-core.h"

#define TYPE_BARE "spdm-bare-function"
OBJECT_DECLARE_SIMPLE_TYPE(BareFunction, BARE)

#define BARE_DEVICE_ID 0x5bd0
#define BARE_CLASS 0x120000     /* processing accelerator */
#define BARE_VECTORS 2

struct BareFunction {
    PCIDevice pci;
    uint16_t vendor;
    uint16_t device;
    uint16_t ss_vendor;
    uint16_t ss_device;
    uint32_t class_code;
    uint8_t revision;
};

static void set_ids(BareFunction *b)
{
    uint8_t *config = b->pci.config;

    pci_config_set_vendor_id(config, b->vendor);
    pci_config_set_device_id(config, b->device);
    pci_config_set_revision(config, b->revision);
    pci_config_set_prog_interface(config, b->class_code & 0xff);
    pci_config_set_class(config, b->class_code >> 8);
    pci_set_word(config + PCI_SUBSYSTEM_VENDOR_ID, b->ss_vendor);
    pci_set_word(config + PCI_SUBSYSTEM_ID, b->ss_device);
}

/* No_Soft_Reset is 0: coming back from D3hot is a reset. */
static bool add_power_management(PCIDevice *dev, Error **errp)
{
    int at = pci_add_capability(dev, PCI_CAP_ID_PM, 0, PCI_PM_SIZEOF, errp);

    if (at < 0) {
        return false;
    }
    pci_set_word(dev->config + at + PCI_PM_PMC, PCI_PM_CAP_VER_1_2);
    pci_set_word(dev->wmask + at + PCI_PM_CTRL, PCI_PM_CTRL_STATE_MASK);
    return true;
}

static void bare_realize(PCIDevice *dev, Error **errp)
{
    BareFunction *b = BARE(dev);

    if (b->class_code > 0xffffff) {
        error_setg(errp, "class-code=0x%x, but it has 24 bits",
                   b->class_code);
        return;
    }
    set_ids(b);
    if (!add_power_management(dev, errp)) {
        return;
    }
    if (pcie_endpoint_cap_init(dev, 0) < 0) {
        error_setg(errp, "no room for the PCI Express capability");
        return;
    }
    pcie_cap_flr_init(dev);
    if (msix_init_exclusive_bar(dev, BARE_VECTORS, 0, errp) < 0) {
        pcie_cap_exit(dev);
    }
}

static void bare_exit(PCIDevice *dev)
{
    msix_uninit_exclusive_bar(dev);
    pcie_cap_exit(dev);
}

static void bare_write_config(PCIDevice *dev, uint32_t addr, uint32_t value,
                              int len)
{
    pci_default_write_config(dev, addr, value, len);
    pcie_cap_flr_write_config(dev, addr, value, len);
}

static void bare_reset(DeviceState *qdev)
{
    PCIDevice *dev = PCI_DEVICE(qdev);
    uint8_t pm = pci_find_capability(dev, PCI_CAP_ID_PM);

    pci_word_test_and_clear_mask(dev->config + pm + PCI_PM_CTRL,
                                 PCI_PM_CTRL_STATE_MASK);
}

static const VMStateDescription vmstate_bare = {
    .name = TYPE_BARE,
    .version_id = 1,
    .minimum_version_id = 1,
    .fields = (VMStateField[]) {
        VMSTATE_PCI_DEVICE(pci, BareFunction),
        VMSTATE_MSIX(pci, BareFunction),
        VMSTATE_END_OF_LIST()
    }
};

static Property bare_properties[] = {
    DEFINE_PROP_UINT16("vendor-id", BareFunction, vendor, PCI_VENDOR_ID_QEMU),
    DEFINE_PROP_UINT16("device-id", BareFunction, device, BARE_DEVICE_ID),
    DEFINE_PROP_UINT16("subsystem-vendor-id", BareFunction, ss_vendor,
                       PCI_SUBVENDOR_ID_REDHAT_QUMRANET),
    DEFINE_PROP_UINT16("subsystem-id", BareFunction, ss_device,
                       PCI_SUBDEVICE_ID_QEMU),
    DEFINE_PROP_UINT32("class-code", BareFunction, class_code, BARE_CLASS),
    DEFINE_PROP_UINT8("revision", BareFunction, revision, 0),
    DEFINE_PROP_END_OF_LIST(),
};

static const char *const bare_descriptions[][2] = {
    { "vendor-id", "PCI vendor id" },
    { "device-id", "PCI device id" },
    { "subsystem-vendor-id", "PCI subsystem vendor id" },
    { "subsystem-id", "PCI subsystem id" },
    { "class-code", "class, subclass and interface (24 bits)" },
    { "revision", "revision id" },
};

static void bare_class_init(ObjectClass *klass, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(klass);
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);

    pc->realize = bare_realize;
    pc->exit = bare_exit;
    pc->config_write = bare_write_config;
    pc->vendor_id = PCI_VENDOR_ID_QEMU;
    pc->device_id = BARE_DEVICE_ID;
    pc->class_id = BARE_CLASS >> 8;
    dc->vmsd = &vmstate_bare;
    dc->reset = bare_reset;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
    device_class_set_props(dc, bare_properties);
    for (size_t i = 0; i < ARRAY_SIZE(bare_descriptions); i++) {
        object_class_property_set_description(klass, bare_descriptions[i][0],
                                              bare_descriptions[i][1]);
    }
}

static const TypeInfo bare_info = {
    .name = TYPE_BARE,
    .parent = TYPE_PCI_DEVICE,
    .abstract = true,
    .instance_size = sizeof(BareFunction),
    .class_init = bare_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_PCIE_DEVICE },
        { }
    },
};

static SpdmKind spdm_endpoint = {
    .type = "spdm-endpoint",
    .parent = TYPE_BARE,
    .desc = "PCIe function with settable ids and SPDM over DOE",
    .profile = "endpoint",
};

void spdm_endpoint_register(void)
{
    type_register_static(&bare_info);
    spdm_register_kind(&spdm_endpoint);
}

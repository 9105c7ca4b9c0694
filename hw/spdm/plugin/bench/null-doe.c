/*
 * bench-null-doe: the mailbox that does nothing. It takes an object, whatever
 * it is, and has an answer of as many dwords as it was told at once: what
 * config space costs, and no device can do without. For scripts/bench alone,
 * which preloads it beside the plug-in; it is in no build that is installed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/module.h"
#include "qemu/range.h"
#include "qapi/error.h"
#include "hw/pci/pci.h"
#include "hw/qdev-properties.h"
#include "spdm/doe-mailbox.h"

#define TYPE_NULL_DOE "bench-null-doe"
OBJECT_DECLARE_SIMPLE_TYPE(NullDoe, NULL_DOE)

#define NULL_CLASS 0x1200       /* as spdm-endpoint */
#define NULL_AT 0x100
#define MAX_DWORDS 64

struct NullDoe {
    PCIDevice pci;
    uint32_t dwords;            /* of an answer, header included */
    uint32_t in[MAX_DWORDS];
    uint32_t written;
    uint32_t left;              /* dwords that can be read */
};

static uint32_t answer_dword(const NullDoe *n)
{
    uint32_t at = n->dwords - n->left;

    return !n->left ? 0 : at == 0 ? 0x00010001 : at == 1 ? n->dwords : at;
}

static uint32_t null_read(PCIDevice *dev, uint32_t addr, int len)
{
    NullDoe *n = NULL_DOE(dev);
    uint32_t value = pci_default_read_config(dev, addr, len);

    if (addr == NULL_AT + DOE_REG_STATUS) {
        return n->left ? DOE_STATUS_READY : 0;
    }
    return addr == NULL_AT + DOE_REG_READ ? answer_dword(n) : value;
}

static void null_write(PCIDevice *dev, uint32_t addr, uint32_t value, int len)
{
    NullDoe *n = NULL_DOE(dev);

    pci_default_write_config(dev, addr, value, len);
    if (addr == NULL_AT + DOE_REG_WRITE) {
        n->in[n->written++ % MAX_DWORDS] = value;
    } else if (addr == NULL_AT + DOE_REG_CONTROL) {
        n->left = value & DOE_CONTROL_GO ? n->dwords : 0;
        n->written = 0;
    } else if (addr == NULL_AT + DOE_REG_READ && n->left) {
        n->left--;
    }
}

static void null_realize(PCIDevice *dev, Error **errp)
{
    if (pcie_endpoint_cap_init(dev, 0) < 0) {
        error_setg(errp, "no room for the PCI Express capability");
        return;
    }
    pcie_add_capability(dev, DOE_CAP_ID, 1, NULL_AT, DOE_CAP_SIZE);
}

static void null_exit(PCIDevice *dev)
{
    pcie_cap_exit(dev);
}

static Property null_properties[] = {
    DEFINE_PROP_UINT32("dwords", NullDoe, dwords, 7),
    DEFINE_PROP_END_OF_LIST(),
};

static void null_class_init(ObjectClass *klass, void *data)
{
    PCIDeviceClass *pc = PCI_DEVICE_CLASS(klass);

    pc->realize = null_realize;
    pc->exit = null_exit;
    pc->config_read = null_read;
    pc->config_write = null_write;
    pc->vendor_id = PCI_VENDOR_ID_QEMU;
    pc->device_id = 0x5bd1;
    pc->class_id = NULL_CLASS;
    device_class_set_props(DEVICE_CLASS(klass), null_properties);
}

static const TypeInfo null_info = {
    .name = TYPE_NULL_DOE,
    .parent = TYPE_PCI_DEVICE,
    .instance_size = sizeof(NullDoe),
    .class_init = null_class_init,
    .interfaces = (InterfaceInfo[]) {
        { INTERFACE_PCIE_DEVICE },
        { }
    },
};

static void null_register(void)
{
    type_register_static(&null_info);
}

type_init(null_register)

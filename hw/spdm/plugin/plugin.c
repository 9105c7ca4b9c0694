/*
 * The plug-in proper, loaded by preload.c into a QEMU of the right version:
 * makes sure that objects have the layout it was compiled for, and registers
 * its types.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/module.h"
#include "hw/pci/pci.h"
#include "hw/qdev-core.h"
#include "../spdm-types.h"

static void check_size(const char *type, size_t ours)
{
    size_t theirs = object_type_get_instance_size(type);

    if (theirs != ours) {
        fprintf(stderr, "qemu-spdm: this QEMU does not fit the plug-in: "
                "a %s has %zu bytes there, %zu here; build the plug-in "
                "anew with scripts/build\n", type, theirs, ours);
        exit(1);
    }
}

/* A class's size cannot be asked for, but what is in a known one is known. */
static void check_class(void)
{
    ObjectClass *klass = object_class_by_name("e1000e");
    PCIDeviceClass *pc;

    if (!klass) {
        return;
    }
    pc = PCI_DEVICE_CLASS(klass);
    if (pc->vendor_id != PCI_VENDOR_ID_INTEL || pc->device_id != 0x10d3 ||
        pc->class_id != PCI_CLASS_NETWORK_ETHERNET || !pc->realize) {
        fprintf(stderr, "qemu-spdm: this QEMU does not fit the plug-in: "
                "its PCI classes have another layout; build the plug-in "
                "anew with scripts/build\n");
        exit(1);
    }
}

static void second_round(void)
{
    check_size(TYPE_OBJECT, sizeof(Object));
    check_size(TYPE_DEVICE, sizeof(DeviceState));
    check_size(TYPE_PCI_DEVICE, sizeof(PCIDevice));
    check_class();
    spdm_register_types();
}

/*
 * Our constructors run before QEMU's, so that this is the first type_init()
 * of all; a missing parent would abort.  Hence a second round.
 */
static void first_round(void)
{
    register_module_init(second_round, MODULE_INIT_QOM);
}

type_init(first_round)

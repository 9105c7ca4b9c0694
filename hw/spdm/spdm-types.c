/*
 * Registration, shared by the plug-in and the build inside QEMU's tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qom/object.h"
#include "spdm-core.h"
#include "spdm-types.h"

static const struct {
    const char *parent;
    void (*make)(void);
} spdm_types[] = {
    { "nvme", spdm_ssd_register },
    { "e1000e", spdm_nic_register },
    { "bochs-display", spdm_gpu_register },
    { TYPE_PCI_DEVICE, spdm_endpoint_register },
};

void spdm_register_types(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(spdm_types); i++) {
        if (object_class_by_name(spdm_types[i].parent)) {
            spdm_types[i].make();
        }
    }
}

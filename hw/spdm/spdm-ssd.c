/*
 * spdm-ssd: an NVMe disk that speaks SPDM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "spdm-core.h"

/* nvme insists on a serial number; a test disk need not have one in mind. */
static void give_serial(PCIDevice *dev)
{
    g_autofree char *serial = object_property_get_str(OBJECT(dev), "serial",
                                                      NULL);

    if (!serial || !*serial) {
        object_property_set_str(OBJECT(dev), "serial", "SPDM-SSD", NULL);
    }
}

static SpdmKind spdm_ssd = {
    .type = "spdm-ssd",
    .parent = "nvme",
    .desc = "NVMe disk with SPDM over DOE",
    .profile = "ssd",
    .prepare = give_serial,
};

void spdm_ssd_register(void)
{
    spdm_register_kind(&spdm_ssd);
}

/*
 * spdm-nic: an Intel 82574L network card that speaks SPDM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "spdm-core.h"

static SpdmKind spdm_nic = {
    .type = "spdm-nic",
    .parent = "e1000e",
    .desc = "Intel 82574L network card with SPDM over DOE",
    .profile = "nic",
};

void spdm_nic_register(void)
{
    spdm_register_kind(&spdm_nic);
}

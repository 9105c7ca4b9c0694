/*
 * spdm-gpu: a Bochs display adapter that speaks SPDM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "spdm-core.h"

static SpdmKind spdm_gpu = {
    .type = "spdm-gpu",
    .parent = "bochs-display",
    .desc = "Bochs display adapter with SPDM over DOE",
    .profile = "gpu",
};

void spdm_gpu_register(void)
{
    spdm_register_kind(&spdm_gpu);
}

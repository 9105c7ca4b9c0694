/*
 * In QEMU's own tree: register when every parent is there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/module.h"
#include "../spdm-types.h"

/* A second round, which comes after every type_init() of the first. */
static void spdm_types_first_round(void)
{
    register_module_init(spdm_register_types, MODULE_INIT_QOM);
}

type_init(spdm_types_first_round)

/*
 * Registration, shared by the plug-in and the build inside QEMU's tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef HW_SPDM_TYPES_H
#define HW_SPDM_TYPES_H

/*
 * Registers our types whose parents this QEMU has.  To be called when all
 * other types are registered: a parent's instance size is asked for.
 */
void spdm_register_types(void);

#endif

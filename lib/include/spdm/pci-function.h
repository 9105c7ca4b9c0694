/*
 * What a PCI function looks like from its bus.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_PCI_FUNCTION_H
#define SPDM_PCI_FUNCTION_H

#include "spdm/base.h"

G_BEGIN_DECLS

enum { SPDM_PCI_BARS = 6 };

/** A BAR, as the guest has set it. */
typedef struct SpdmPciBar {
    uint64_t address;              /* 0: none yet */
    uint64_t size;                 /* bytes; 0: there is no such BAR */
    bool msix_table;               /* MSI-X table or PBA are in it */
} SpdmPciBar;

typedef struct SpdmPciFunction {
    bool known;                    /* false: on no bus, the rest is 0 */
    uint8_t segment;
    uint16_t requester_id;         /* bus 15:8, device 7:3, function 2:0 */
    uint16_t command;              /* Command register */
    uint16_t msix_control;         /* Message Control, 0: no MSI-X */
    SpdmPciBar bars[SPDM_PCI_BARS]; /* memory BARs by index */
} SpdmPciFunction;

G_END_DECLS

#endif

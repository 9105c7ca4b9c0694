/*
 * The table of transports.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "transport/framing.h"

const SpdmTransport *spdm_transport(SpdmTransportType type)
{
    static const SpdmTransport *const transports[] = {
        [SPDM_TRANSPORT_NONE] = &spdm_transport_none,
        [SPDM_TRANSPORT_MCTP] = &spdm_transport_mctp,
        [SPDM_TRANSPORT_PCI_DOE] = &spdm_transport_doe,
        [SPDM_TRANSPORT_TCP] = &spdm_transport_tcp,
        [SPDM_TRANSPORT_STORAGE] = &spdm_transport_storage,
    };

    return transports[type];
}

/*
 * The table of transports, and what they have in common.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "transport/framing.h"

#include <string.h>

bool spdm_frame_undo(GByteArray *out, size_t start)
{
    g_byte_array_set_size(out, (guint)start);
    return false;
}

bool spdm_frame_pack(const SpdmTransport *transport, SpdmFrameKind kind,
                     SpdmBytes payload, GByteArray *out)
{
    size_t start = out->len, at = start + transport->head(kind);

    g_byte_array_set_size(out, (guint)(at + payload.len));
    if (payload.len) {
        memcpy(out->data + at, payload.data, payload.len);
    }
    return transport->finish(kind, out, start);
}

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

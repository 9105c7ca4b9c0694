/*
 * IDE_KM and TDISP objects in a few words, for ladders and traces.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/pci-sig.h"

static void describe_ide_km(SpdmCoder *c, GString *out)
{
    SpdmIdeKm m = { 0 };
    const char *name;

    spdm_code_ide_km(c, &m);
    name = spdm_ide_object_name(m.object);
    g_string_append_printf(out, "IDE_KM %s", name ? name : "?");
    if (!spdm_coder_ok(c)) {
        return;
    }
    if (m.object == SPDM_IDE_QUERY || m.object == SPDM_IDE_QUERY_RESP) {
        g_string_append_printf(out, " port %u", m.port);
        return;
    }
    name = spdm_ide_sub_stream_name(m.sub_stream);
    g_string_append_printf(out, " stream %u port %u %s", m.stream, m.port,
                           name ? name : "reserved");
    if (m.object == SPDM_IDE_KP_ACK) {
        g_string_append_printf(out, " status %u", m.status);
    }
}

static void describe_tdisp(SpdmCoder *c, GString *out)
{
    SpdmTdisp m = { 0 };
    const char *name;

    spdm_code_tdisp(c, &m);
    name = spdm_tdisp_name(m.type);
    g_string_append_printf(out, "TDISP %s", name ? name : "?");
    if (!spdm_coder_ok(c)) {
        return;
    }
    if (m.type == SPDM_TDISP_DEVICE_INTERFACE_STATE) {
        name = spdm_tdi_state_name(m.state);
        g_string_append_printf(out, " %s", name ? name : "?");
    } else if (m.type == SPDM_TDISP_ERROR) {
        name = spdm_tdisp_error_name(m.error);
        g_string_append_printf(out, " %s", name ? name : "?");
    } else if (m.type == SPDM_TDISP_DEVICE_INTERFACE_REPORT) {
        g_string_append_printf(out, " %u, %u remain", m.length, m.remainder);
    } else if (m.type == SPDM_TDISP_LOCK_INTERFACE) {
        g_string_append_printf(out, " flags %#x stream %u", m.lock_flags,
                               m.stream);
    }
}

void spdm_describe_pci_sig(SpdmBytes payload, GString *out)
{
    static const SpdmWireCtx no_ctx;
    SpdmCoder c = spdm_coder_reader(&no_ctx, payload);
    uint8_t protocol = UINT8_MAX;

    spdm_code_u8(&c, "ProtocolID", &protocol);
    if (protocol == SPDM_PROTOCOL_IDE_KM) {
        describe_ide_km(&c, out);
    } else if (protocol == SPDM_PROTOCOL_TDISP) {
        describe_tdisp(&c, out);
    }
}

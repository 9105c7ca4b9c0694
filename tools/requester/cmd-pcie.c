/*
 * ide-km, tdisp and pldm: what hosts say to a device inside a session.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "requester/tool.h"
#include "spdm/requester-pcie.h"

enum { NONCE_SIZE = 32 };

static const char *stream_state(uint32_t status)
{
    return (status & 0xf) == 2 ? "secure" : "insecure";
}

static uint32_t get_le32(const uint8_t *at)
{
    return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The selective streams, in an image without link streams (PCIe 7.9.26). */
static void show_streams(Tool *t, const SpdmIdeQuery *q)
{
    enum { FIRST = 2, DWORDS = 5, CONTROL = 1, STATUS = 2, LINK = 1 };
    gsize len;
    const uint8_t *data = g_bytes_get_data(q->registers, &len);

    if (len < 4 * FIRST || (get_le32(data) & LINK)) {
        return;
    }
    for (gsize at = 4 * FIRST; at + 4 * DWORDS <= len; at += 4 * DWORDS) {
        uint32_t control = get_le32(data + at + 4 * CONTROL);

        if (control & 1) {
            tool_say(t, "IDE stream %u: %s", control >> 24,
                     stream_state(get_le32(data + at + 4 * STATUS)));
        }
    }
}

static bool show_port(Tool *t, uint32_t session, uint8_t port, GError **errp)
{
    SpdmIdeQuery q = { .registers = NULL };

    if (!spdm_requester_ide_query(t->rq, session, port, &q, errp)) {
        return false;
    }
    tool_say(t, "IDE port %u of %u: %04x:%02x:%02x.%u, %zu registers", port,
             q.max_port + 1u, q.segment, q.bus, q.dev_func >> 3,
             q.dev_func & 7, g_bytes_get_size(q.registers) / 4);
    show_streams(t, &q);
    g_bytes_unref(q.registers);
    return true;
}

static bool program(Tool *t, uint32_t session, const SpdmIdeAddress *at,
                    GError **errp)
{
    static const uint8_t ifv[8] = { [4] = 1 };
    uint8_t status;

    if (!spdm_requester_ide_key_prog(t->rq, session, at,
                                     SPDM_BYTES(NULL, 0),
                                     SPDM_BYTES(ifv, sizeof(ifv)), &status,
                                     errp)) {
        return false;
    }
    return status == 0 ||
           tool_fail(errp, TOOL_PROTOCOL, "KP_ACK of %s: status %u",
                     spdm_ide_sub_stream_text(at->sub_stream), status);
}

bool tool_ide_keys(Tool *t, uint32_t session, uint8_t port, uint8_t stream,
                   bool stop, GError **errp)
{
    if (!show_port(t, session, port, errp)) {
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(spdm_ide_sub_streams); i++) {
        SpdmIdeAddress at = { stream, spdm_ide_sub_streams[i], port };

        if ((!stop && !program(t, session, &at, errp)) ||
            !spdm_requester_ide_key_set(t->rq, session, &at, stop, errp)) {
            return false;
        }
    }
    return show_port(t, session, port, errp);
}

/* On a bus the interface is called by its Requester ID. */
static uint32_t function_id(const Tool *t, const char *text)
{
    const char *device = t->opt.device ? t->opt.device : "";
    unsigned segment = 0, bus, dev, function;

    if (text) {
        return (uint32_t)strtoul(text, NULL, 0);
    }
    /* NOLINTBEGIN(cert-err34-c): so few digits always fit */
    if (sscanf(device, "%8x:%2x:%2x.%1u", &segment, &bus, &dev,
               &function) != 4 &&
        sscanf(device, "%2x:%2x.%1u", &bus, &dev, &function) != 3) {
        return 0;
    }
    /* NOLINTEND(cert-err34-c) */
    return (segment ? 1u << 24 | (segment & 0xff) << 16 : 0) |
           (bus & 0xff) << 8 | (dev & 0x1f) << 3 | (function & 7);
}

static bool show_state(Tool *t, uint32_t session, uint32_t function,
                       GError **errp)
{
    uint8_t state;

    if (!spdm_requester_tdisp_state(t->rq, session, function, &state, errp)) {
        return false;
    }
    tool_say(t, "TDI %04x: %s", function, spdm_tdi_state_text(state));
    return true;
}

static bool lock_and_start(Tool *t, uint32_t session, uint32_t function,
                           uint8_t stream, GError **errp)
{
    g_autoptr(GByteArray) report = g_byte_array_new();
    SpdmTdispCapabilities caps = { .lock_flags = 0 };
    SpdmTdispLock lock = { .stream = stream };
    uint8_t nonce[NONCE_SIZE];

    if (!spdm_requester_tdisp_version(t->rq, session, function, errp) ||
        !spdm_requester_tdisp_capabilities(t->rq, session, function, &caps,
                                           errp) ||
        !show_state(t, session, function, errp)) {
        return false;
    }
    lock.flags = caps.lock_flags;
    if (!spdm_requester_tdisp_lock(t->rq, session, function, &lock, nonce,
                                   errp) ||
        !show_state(t, session, function, errp) ||
        !spdm_requester_tdisp_report(t->rq, session, function, report,
                                     errp)) {
        return false;
    }
    tool_say(t, "TDI report: %u bytes", report->len);
    return spdm_requester_tdisp_start(t->rq, session, function, nonce,
                                      errp) &&
           show_state(t, session, function, errp);
}

bool tool_tdisp(Tool *t, uint32_t session, const char *function,
                uint8_t stream, bool stop, GError **errp)
{
    uint32_t id = function_id(t, function);

    if (!stop) {
        return lock_and_start(t, session, id, stream, errp);
    }
    return spdm_requester_tdisp_stop(t->rq, session, id, errp) &&
           show_state(t, session, id, errp);
}

/* PLDM control (DSP0240): type, then header with Rq set, then no body. */
bool tool_pldm(Tool *t, uint32_t session, GError **errp)
{
    enum { TYPE = 1, GET_TID = 2, CODE_AT = 4, SIZE = 6 };
    static const uint8_t get_tid[] = { TYPE, 0x80, 0, GET_TID };
    g_autoptr(GByteArray) reply = g_byte_array_new();

    if (!spdm_requester_application(t->rq, session,
                                    SPDM_BYTES(get_tid, sizeof(get_tid)),
                                    reply, errp)) {
        return false;
    }
    if (reply->len != SIZE || reply->data[CODE_AT] != 0) {
        return tool_fail(errp, TOOL_PROTOCOL,
                         "GetTID: %u bytes, completion code %u", reply->len,
                         reply->len > CODE_AT ? reply->data[CODE_AT] : 0);
    }
    tool_say(t, "PLDM Terminus ID %u", reply->data[SIZE - 1]);
    return true;
}

static bool open_session(Tool *t, char **words, uint32_t *session,
                         GError **errp)
{
    bool psk;

    if (*words || (t->opt.sigma && t->opt.psk)) {
        return tool_fail(errp, TOOL_USAGE, "ide-km and tdisp take --sigma or "
                         "--psk, and no words after them");
    }
    if (!tool_connect(t, errp)) {
        return false;
    }
    psk = tool_wants_psk(t);
    return (psk || tool_identify(t, errp)) &&
           tool_open(t, psk, session, errp);
}

static bool end_session(Tool *t, uint32_t session, bool ok, GError **errp)
{
    if (!ok) {
        tool_report_session(t, session, "failed");
        return false;
    }
    tool_report_session(t, session, "ended by END_SESSION");
    return spdm_requester_end_session(t->rq, session, false, errp);
}

bool cmd_ide_km(Tool *t, char **words, GError **errp)
{
    uint8_t port = (uint8_t)t->opt.ide_port;
    uint8_t stream = (uint8_t)t->opt.ide_stream;
    uint32_t session;

    return open_session(t, words, &session, errp) &&
           end_session(t, session,
                       tool_ide_keys(t, session, port, stream, false, errp) &&
                       tool_ide_keys(t, session, port, stream, true, errp),
                       errp);
}

/* The keys first: a device with IDE locks no interface without them. */
static bool whole_tdisp(Tool *t, uint32_t session, GError **errp)
{
    uint8_t port = (uint8_t)t->opt.ide_port;
    uint8_t stream = (uint8_t)t->opt.ide_stream;
    const char *function = t->opt.function;

    return (t->opt.no_ide ||
            tool_ide_keys(t, session, port, stream, false, errp)) &&
           tool_tdisp(t, session, function, stream, false, errp) &&
           tool_tdisp(t, session, function, stream, true, errp) &&
           (t->opt.no_ide ||
            tool_ide_keys(t, session, port, stream, true, errp));
}

bool cmd_tdisp(Tool *t, char **words, GError **errp)
{
    uint32_t session;

    return open_session(t, words, &session, errp) &&
           end_session(t, session, whole_tdisp(t, session, errp), errp);
}

/*
 * TDISP (PCIe chapter 11; spec/08 section 4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/req-pci-sig.h"
#include "spdm/requester-pcie.h"

static const SpdmWireCtx no_ctx;

const char *spdm_tdi_state_text(uint8_t state)
{
    const char *name = spdm_tdi_state_name(state);

    return name ? name : "unknown";
}

static bool refuse(SpdmRequester *rq, const SpdmTdisp *m)
{
    const char *name = spdm_tdisp_error_name(m->error);

    return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_PEER,
                         "the device answered TDISP_ERROR %s (0x%x, 0x%x)",
                         name ? name : "?", m->error, m->error_data);
}

/* @reply keeps what the answer's views show. */
static bool talk(SpdmRequester *rq, uint32_t session, SpdmTdisp *ask,
                 SpdmTdisp *m, GByteArray *reply)
{
    g_autoptr(GByteArray) object = g_byte_array_new();
    static const uint8_t protocol = SPDM_PROTOCOL_TDISP;
    SpdmCoder out, in;
    uint8_t wanted = ask->type & ~SPDM_TDISP_REQUEST;

    ask->version = SPDM_TDISP_VERSION_10;
    g_byte_array_append(object, &protocol, 1);
    out = spdm_coder_writer(&no_ctx, object);
    spdm_code_tdisp(&out, ask);
    if (!spdm_req_pci_sig(rq, session, object, reply)) {
        return false;
    }
    in = spdm_coder_reader(&no_ctx, spdm_req_view(reply));
    spdm_code_tdisp(&in, m);
    if (!spdm_coder_ok(&in) || spdm_coder_left(&in) ||
        m->version != SPDM_TDISP_VERSION_10 || m->function != ask->function ||
        (m->type != wanted && m->type != SPDM_TDISP_ERROR)) {
        return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_PEER,
                             "the answer is no %s of this interface",
                             spdm_tdisp_name(wanted));
    }
    return m->type == wanted || refuse(rq, m);
}

/* An exchange of which nothing but its success matters, or a few numbers. */
static bool simple(SpdmRequester *rq, uint32_t session, SpdmTdisp *ask,
                   SpdmTdisp *m, GByteArray *reply, GError **errp)
{
    spdm_req_begin(rq, SPDM_VENDOR_DEFINED_REQUEST, session);
    return spdm_req_done(rq, talk(rq, session, ask, m, reply), errp);
}

static bool version(SpdmRequester *rq, uint32_t session, uint32_t function)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    SpdmTdisp ask = { .type = SPDM_TDISP_GET_VERSION, .function = function };
    SpdmTdisp m = { 0 };

    if (!talk(rq, session, &ask, &m, reply)) {
        return false;
    }
    return (m.versions.len && memchr(m.versions.data, SPDM_TDISP_VERSION_10,
                                     m.versions.len)) ||
           spdm_req_fail(rq, SPDM_REQUESTER_ERROR_PEER,
                         "the device has no TDISP 1.0");
}

bool spdm_requester_tdisp_version(SpdmRequester *rq, uint32_t session,
                                  uint32_t function, GError **errp)
{
    spdm_req_begin(rq, SPDM_VENDOR_DEFINED_REQUEST, session);
    return spdm_req_done(rq, version(rq, session, function), errp);
}

bool spdm_requester_tdisp_capabilities(SpdmRequester *rq, uint32_t session,
                                       uint32_t function,
                                       SpdmTdispCapabilities *out,
                                       GError **errp)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    SpdmTdisp ask = { .type = SPDM_TDISP_GET_CAPABILITIES,
                      .function = function };
    SpdmTdisp m = { 0 };

    if (!simple(rq, session, &ask, &m, reply, errp)) {
        return false;
    }
    *out = (SpdmTdispCapabilities){
        .dsm_caps = m.caps, .lock_flags = m.lock_flags,
        .addr_width = m.addr_width,
    };
    return true;
}

bool spdm_requester_tdisp_lock(SpdmRequester *rq, uint32_t session,
                               uint32_t function, const SpdmTdispLock *lock,
                               uint8_t *nonce, GError **errp)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    SpdmTdisp m = { 0 }, ask = {
        .type = SPDM_TDISP_LOCK_INTERFACE, .function = function,
        .lock_flags = lock->flags, .stream = lock->stream,
        .mmio_offset = lock->mmio_offset,
    };

    if (!simple(rq, session, &ask, &m, reply, errp)) {
        return false;
    }
    memcpy(nonce, m.nonce.data, SPDM_TDISP_NONCE_SIZE);
    return true;
}

/* A device cannot keep us asking: each portion has at least a byte. */
static bool report(SpdmRequester *rq, uint32_t session, uint32_t function,
                   GByteArray *out)
{
    enum { PORTION = 256 };
    guint begin = out->len;
    SpdmTdisp m = { .remainder = 1 };

    while (m.remainder) {
        g_autoptr(GByteArray) reply = g_byte_array_new();
        SpdmTdisp ask = {
            .type = SPDM_TDISP_GET_DEVICE_INTERFACE_REPORT,
            .function = function, .offset = (uint16_t)(out->len - begin),
            .length = PORTION,
        };

        if (!talk(rq, session, &ask, &m, reply)) {
            return false;
        }
        if (!m.length || m.length > PORTION ||
            ask.offset + m.length + m.remainder > UINT16_MAX) {
            return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_PEER,
                                 "a report's portions do not add up");
        }
        g_byte_array_append(out, m.report.data, (guint)m.report.len);
    }
    return true;
}

bool spdm_requester_tdisp_report(SpdmRequester *rq, uint32_t session,
                                 uint32_t function, GByteArray *out,
                                 GError **errp)
{
    spdm_req_begin(rq, SPDM_VENDOR_DEFINED_REQUEST, session);
    return spdm_req_done(rq, report(rq, session, function, out), errp);
}

bool spdm_requester_tdisp_state(SpdmRequester *rq, uint32_t session,
                                uint32_t function, uint8_t *state,
                                GError **errp)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    SpdmTdisp ask = { .type = SPDM_TDISP_GET_DEVICE_INTERFACE_STATE,
                      .function = function };
    SpdmTdisp m = { 0 };
    bool ok = simple(rq, session, &ask, &m, reply, errp);

    *state = m.state;
    return ok;
}

bool spdm_requester_tdisp_start(SpdmRequester *rq, uint32_t session,
                                uint32_t function, const uint8_t *nonce,
                                GError **errp)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    SpdmTdisp m = { 0 }, ask = {
        .type = SPDM_TDISP_START_INTERFACE, .function = function,
        .nonce = SPDM_BYTES(nonce, SPDM_TDISP_NONCE_SIZE),
    };

    return simple(rq, session, &ask, &m, reply, errp);
}

bool spdm_requester_tdisp_stop(SpdmRequester *rq, uint32_t session,
                               uint32_t function, GError **errp)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    SpdmTdisp ask = { .type = SPDM_TDISP_STOP_INTERFACE,
                      .function = function };
    SpdmTdisp m = { 0 };

    return simple(rq, session, &ask, &m, reply, errp);
}

/*
 * IDE_KM (PCIe 6.33.3; spec/08 section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/secret.h"
#include "requester/req-pci-sig.h"
#include "spdm/requester-pcie.h"

static const SpdmWireCtx no_ctx;

const uint8_t spdm_ide_sub_streams[6] = {
    0x00, 0x10, 0x20, SPDM_IDE_TX, 0x10 | SPDM_IDE_TX, 0x20 | SPDM_IDE_TX,
};

const char *spdm_ide_sub_stream_text(uint8_t sub_stream)
{
    const char *name = spdm_ide_sub_stream_name(sub_stream);

    return name ? name : "reserved";
}

/* @reply keeps what the answer's views show. */
static bool talk(SpdmRequester *rq, uint32_t session, SpdmIdeKm *ask,
                 uint8_t answer, SpdmIdeKm *m, GByteArray *reply)
{
    g_autoptr(GByteArray) object = g_byte_array_new();
    static const uint8_t protocol = SPDM_PROTOCOL_IDE_KM;
    SpdmCoder out, in;

    g_byte_array_append(object, &protocol, 1);
    out = spdm_coder_writer(&no_ctx, object);
    spdm_code_ide_km(&out, ask);
    if (!spdm_req_pci_sig(rq, session, object, reply)) {
        return false;
    }
    in = spdm_coder_reader(&no_ctx, spdm_req_view(reply));
    spdm_code_ide_km(&in, m);
    return (spdm_coder_ok(&in) && !spdm_coder_left(&in) &&
            m->object == answer) ||
           spdm_req_fail(rq, SPDM_REQUESTER_ERROR_PEER,
                         "the answer is no %s", spdm_ide_object_name(answer));
}

static bool same_key(SpdmRequester *rq, const SpdmIdeKm *a,
                     const SpdmIdeKm *b)
{
    return (a->stream == b->stream && a->sub_stream == b->sub_stream &&
            a->port == b->port) ||
           spdm_req_fail(rq, SPDM_REQUESTER_ERROR_PEER,
                         "%s is about another key",
                         spdm_ide_object_name(b->object));
}

static bool query(SpdmRequester *rq, uint32_t session, uint8_t port,
                  SpdmIdeQuery *out)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    SpdmIdeKm ask = { .object = SPDM_IDE_QUERY, .port = port }, m = { 0 };

    if (!talk(rq, session, &ask, SPDM_IDE_QUERY_RESP, &m, reply)) {
        return false;
    }
    if (m.port != port || m.registers.len % 4) {
        return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_PEER,
                             "QUERY_RESP is of another port, or has no whole "
                             "registers");
    }
    *out = (SpdmIdeQuery){
        .dev_func = m.dev_func, .bus = m.bus, .segment = m.segment,
        .max_port = m.max_port,
        .registers = g_bytes_new(m.registers.data, m.registers.len),
    };
    return true;
}

bool spdm_requester_ide_query(SpdmRequester *rq, uint32_t session,
                              uint8_t port, SpdmIdeQuery *out, GError **errp)
{
    spdm_req_begin(rq, SPDM_VENDOR_DEFINED_REQUEST, session);
    return spdm_req_done(rq, query(rq, session, port, out), errp);
}

static bool key_prog(SpdmRequester *rq, uint32_t session,
                     const SpdmIdeAddress *at, SpdmBytes key, SpdmBytes ifv,
                     uint8_t *status)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    SpdmIdeKm m = { 0 }, ask = {
        .object = SPDM_IDE_KEY_PROG, .stream = at->stream,
        .sub_stream = at->sub_stream, .port = at->port, .key = key,
        .ifv = ifv,
    };

    uint8_t fresh[SPDM_IDE_KEY_SIZE];
    bool ok;

    if (!key.len) {
        spdm_rng_fill(&rq->rng, fresh, sizeof(fresh));
        ask.key = SPDM_BYTES(fresh, sizeof(fresh));
    }
    ok = spdm_req_usage(rq, ask.key.len == SPDM_IDE_KEY_SIZE &&
                        ifv.len == SPDM_IDE_IFV_SIZE,
                        "an IDE key has 32 bytes and its IFV 8") &&
         talk(rq, session, &ask, SPDM_IDE_KP_ACK, &m, reply) &&
         same_key(rq, &ask, &m);
    spdm_wipe(fresh, sizeof(fresh));
    *status = m.status;
    return ok;
}

bool spdm_requester_ide_key_prog(SpdmRequester *rq, uint32_t session,
                                 const SpdmIdeAddress *at, SpdmBytes key,
                                 SpdmBytes ifv, uint8_t *status,
                                 GError **errp)
{
    spdm_req_begin(rq, SPDM_VENDOR_DEFINED_REQUEST, session);
    return spdm_req_done(rq, key_prog(rq, session, at, key, ifv, status),
                         errp);
}

static bool key_set(SpdmRequester *rq, uint32_t session,
                    const SpdmIdeAddress *at, bool stop)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();
    SpdmIdeKm m = { 0 }, ask = {
        .object = stop ? SPDM_IDE_K_SET_STOP : SPDM_IDE_K_SET_GO,
        .stream = at->stream, .sub_stream = at->sub_stream,
        .port = at->port,
    };

    return talk(rq, session, &ask, SPDM_IDE_K_GOSTOP_ACK, &m, reply) &&
           same_key(rq, &ask, &m);
}

bool spdm_requester_ide_key_set(SpdmRequester *rq, uint32_t session,
                                const SpdmIdeAddress *at, bool stop,
                                GError **errp)
{
    spdm_req_begin(rq, SPDM_VENDOR_DEFINED_REQUEST, session);
    return spdm_req_done(rq, key_set(rq, session, at, stop), errp);
}

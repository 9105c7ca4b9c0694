/*
 * GET_ENDPOINT_INFO / ENDPOINT_INFO (DSP0274 1.3; spec/02 section 8, spec/04
 * section 3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"
#include "wire/elements.h"

enum { SLOT_MASK = 0x0f };

static void unref_bytes(gpointer data)
{
    g_bytes_unref(data);
}

static void free_class(gpointer data)
{
    SpdmDeviceClassId *id = data;

    g_bytes_unref(id->vendor_id);
    g_ptr_array_unref(id->sub_ids);
    g_free(id);
}

void spdm_endpoint_info_clear(SpdmEndpointInfo *info)
{
    g_clear_pointer(&info->bytes, g_bytes_unref);
    g_clear_pointer(&info->classes, g_ptr_array_unref);
}

const char *spdm_standard_name(uint16_t standard)
{
    static const char *const names[] = {
        "DMTF", "TCG", "USB", "PCI-SIG", "IANA", "HDBaseT", "MIPI", "CXL",
        "JEDEC", "VESA", "IANA-CBOR", "DMTF-DSP",
    };

    return standard < G_N_ELEMENTS(names) ? names[standard] : "reserved";
}

/* One identifier of @c to @classes; false when its parts do not fill it. */
static bool take_class(SpdmCoder *c, GPtrArray *classes)
{
    SpdmDeviceClass wire = { .length = 0 };
    SpdmDeviceClassId *id = g_new0(SpdmDeviceClassId, 1);
    size_t end;

    spdm_code_device_class(c, &wire);
    /* The length byte is passed; SVH and NumSubIDs are behind it. */
    end = spdm_coder_left(c) + 3 + wire.svh.vendor.len;
    id->standard = wire.svh.id;
    id->vendor_id = g_bytes_new(wire.svh.vendor.data, wire.svh.vendor.len);
    id->sub_ids = g_ptr_array_new_with_free_func(unref_bytes);
    g_ptr_array_add(classes, id);
    for (unsigned i = 0; i < wire.sub_count && spdm_coder_ok(c); i++) {
        SpdmBytes sub = { .len = 0 };

        spdm_code_sub_id(c, &sub);
        g_ptr_array_add(id->sub_ids, g_bytes_new(sub.data, sub.len));
    }
    return spdm_coder_ok(c) && end - spdm_coder_left(c) == wire.length;
}

static bool parse_info(SpdmBytes info, GPtrArray *classes)
{
    static const SpdmWireCtx ctx;
    SpdmCoder c = spdm_coder_reader(&ctx, info);
    uint8_t count = 0;

    spdm_code_device_classes(&c, &count);
    for (unsigned i = 0; i < count && spdm_coder_ok(&c); i++) {
        if (!take_class(&c, classes)) {
            return false;
        }
    }
    return spdm_coder_ok(&c) && spdm_coder_left(&c) == 0;
}

static bool signature_is_good(SpdmRequester *rq, const SpdmReqExchange *x,
                              const SpdmReqSlot *slot)
{
    SpdmBytes signature = x->rsp.endpoint_info.signature;
    g_autoptr(GByteArray) both = g_byte_array_new();
    g_autoptr(GByteArray) il1 = g_byte_array_new();

    g_byte_array_append(both, x->req_bytes->data, x->req_bytes->len);
    g_byte_array_append(both, x->rsp_bytes->data,
                        x->rsp_bytes->len - (guint)signature.len);
    return spdm_conn_il1(&rq->conn, spdm_req_view(both), il1) &&
           spdm_req_verify(rq, slot, SPDM_CONTEXT_ENDPOINT_INFO, il1,
                           signature);
}

static bool usage(SpdmRequester *rq, bool sign)
{
    uint32_t cap = rq->conn.rsp_flags & SPDM_EP_INFO_CAP_MASK;

    return spdm_req_usage(rq, rq->conn.state >= SPDM_CONN_NEGOTIATED && cap,
                          "the responder has no EP_INFO_CAP, or "
                          "NEGOTIATE_ALGORITHMS is not done") &&
           spdm_req_usage(rq, !sign || cap == SPDM_EP_INFO_CAP_SIG,
                          "the responder does not sign endpoint "
                          "information");
}

static bool take_answer(SpdmRequester *rq, const SpdmReqExchange *x,
                        const SpdmReqSlot *slot, SpdmEndpointInfo *found)
{
    SpdmBytes info = x->rsp.endpoint_info.info;

    if (slot && (!spdm_req_check(rq, SPDM_CHECK_EP_INFO_SLOT,
                                 (x->rsp.h.param2 & SLOT_MASK) ==
                                 x->req.h.param2,
                                 "ENDPOINT_INFO is signed by another slot") ||
                 !spdm_req_check(rq, SPDM_CHECK_EP_INFO_SIGNATURE,
                                 signature_is_good(rq, x, slot),
                                 "the signature does not verify"))) {
        return false;
    }
    found->verified = slot != NULL;
    found->bytes = g_bytes_new(info.data, info.len);
    return spdm_req_check(rq, SPDM_CHECK_EP_INFO_ELEMENTS,
                          parse_info(info, found->classes),
                          "device class identifiers do not fill EPInfo");
}

static bool get_info(SpdmRequester *rq, uint32_t session, bool sign,
                     uint8_t number, SpdmEndpointInfo *found)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    const SpdmReqSlot *slot = NULL;
    uint8_t nonce[SPDM_NONCE_SIZE];
    SpdmSession *s;

    if (!spdm_req_maybe_session(rq, session, &s) || !usage(rq, sign)) {
        return false;
    }
    if (sign) {
        slot = spdm_req_known_slot(rq, number);
        if (!slot) {
            return false;
        }
        spdm_rng_fill(&rq->rng, nonce, sizeof(nonce));
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_GET_ENDPOINT_INFO);
    x.crypto = sign;
    x.ctx.has_signature = sign;
    x.req.h.param1 = SPDM_EP_INFO_DEVICE_CLASS;
    x.req.h.param2 = sign ? number & SLOT_MASK : 0;
    x.req.get_endpoint_info.attributes = sign ? SPDM_EP_INFO_SIGNATURE : 0;
    x.req.get_endpoint_info.nonce = SPDM_BYTES(nonce, sizeof(nonce));
    return spdm_req_run(rq, &x) && take_answer(rq, &x, slot, found);
}

bool spdm_requester_endpoint_info(SpdmRequester *rq, uint32_t session,
                                  bool sign, uint8_t slot,
                                  SpdmEndpointInfo *info, GError **errp)
{
    g_auto(SpdmEndpointInfo) found = {
        .classes = g_ptr_array_new_with_free_func(free_class),
    };
    bool ok;

    spdm_req_begin(rq, SPDM_GET_ENDPOINT_INFO, session);
    ok = get_info(rq, session, sign, slot, &found);
    if (ok && info) {
        *info = found;
        found = (SpdmEndpointInfo){ .bytes = NULL };
    }
    return spdm_req_done(rq, ok, errp);
}

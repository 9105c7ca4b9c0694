/*
 * GET_SUPPORTED_EVENT_TYPES and SUBSCRIBE_EVENT_TYPES (DSP0274 1.3; spec/02
 * section 8). The events themselves come as encapsulated SEND_EVENTs.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"
#include "wire/elements.h"

enum { STANDARD_DMTF = 0, ATTRIBUTE_ALL = 1, MASK_BITS = 32 };

/* One group of the list; its types to @types when it is the DMTF's. */
static void take_group(SpdmCoder *c, uint32_t *types)
{
    SpdmEventGroup group = { .version = 0 };
    bool ours;

    spdm_code_event_group(c, &group);
    ours = group.svh.id == STANDARD_DMTF && group.svh.vendor.len == 0 &&
           group.version == SPDM_EVENT_GROUP_VERSION;
    for (unsigned i = 0; i < group.type_count && spdm_coder_ok(c); i++) {
        uint16_t type = 0;

        spdm_code_event_type(c, &type);
        if (ours && spdm_coder_ok(c) && type < MASK_BITS) {
            *types |= 1u << type;
        }
    }
}

static bool take_list(SpdmRequester *rq, const SpdmReqExchange *x,
                      uint32_t *types)
{
    static const SpdmWireCtx ctx;
    SpdmCoder c = spdm_coder_reader(&ctx, x->rsp.event_types.list);

    for (unsigned i = 0; i < x->rsp.h.param1 && spdm_coder_ok(&c); i++) {
        take_group(&c, types);
    }
    return spdm_req_check(rq, SPDM_CHECK_EVENT_TYPES_LIST,
                          spdm_coder_ok(&c) && spdm_coder_left(&c) == 0,
                          "event groups do not fill their list");
}

static SpdmSession *usage(SpdmRequester *rq, uint32_t session)
{
    SpdmSession *s = spdm_req_session(rq, session, SPDM_SESSION_ESTABLISHED);

    return s && spdm_req_usage(rq, rq->conn.version >= SPDM_VERSION_13 &&
                               (rq->conn.rsp_flags & SPDM_EVENT_CAP),
                               "the responder has no EVENT_CAP") ? s : NULL;
}

static bool event_types(SpdmRequester *rq, uint32_t session, uint32_t *types)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    SpdmSession *s = usage(rq, session);

    if (!s) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_GET_SUPPORTED_EVENT_TYPES);
    return spdm_req_run(rq, &x) && take_list(rq, &x, types);
}

bool spdm_requester_event_types(SpdmRequester *rq, uint32_t session,
                                uint32_t *types, GError **errp)
{
    uint32_t found = 0;
    bool ok;

    spdm_req_begin(rq, SPDM_GET_SUPPORTED_EVENT_TYPES, session);
    ok = event_types(rq, session, &found);
    if (ok) {
        *types = found;
    }
    return spdm_req_done(rq, ok, errp);
}

/* The DMTF's group with those types; all of them is an attribute. */
static void put_list(uint32_t types, GByteArray *list)
{
    bool all = types == (uint32_t)SPDM_ALL_EVENT_TYPES;
    SpdmCoder c = spdm_coder_writer(NULL, list);
    SpdmEventGroup group = {
        .svh = { .id = STANDARD_DMTF },
        .version = SPDM_EVENT_GROUP_VERSION,
        .attributes = all ? ATTRIBUTE_ALL : 0,
    };

    for (uint16_t i = 0; i < MASK_BITS && !all; i++) {
        group.type_count += (types & 1u << i) != 0;
    }
    spdm_code_event_group(&c, &group);
    for (uint16_t i = 0; i < MASK_BITS && !all; i++) {
        if (types & 1u << i) {
            spdm_code_event_type(&c, &i);
        }
    }
}

static bool subscribe(SpdmRequester *rq, uint32_t session, uint32_t types)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    g_autoptr(GByteArray) list = g_byte_array_new();
    SpdmSession *s = usage(rq, session);

    if (!s) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, s, SPDM_SUBSCRIBE_EVENT_TYPES);
    if (types) {
        put_list(types, list);
        x.req.h.param1 = 1;
        x.req.event_types.list = spdm_req_view(list);
    }
    return spdm_req_run(rq, &x);
}

bool spdm_requester_subscribe(SpdmRequester *rq, uint32_t session,
                              uint32_t types, GError **errp)
{
    spdm_req_begin(rq, SPDM_SUBSCRIBE_EVENT_TYPES, session);
    return spdm_req_done(rq, subscribe(rq, session, types), errp);
}

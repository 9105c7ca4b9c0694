/*
 * GET_SUPPORTED_EVENT_TYPES -> SUPPORTED_EVENT_TYPES, and
 * SUBSCRIBE_EVENT_TYPES -> SUBSCRIBE_EVENT_TYPES_ACK: the DMTF's group is the
 * one that there is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/events.h"
#include "responder/handlers.h"
#include "wire/elements.h"

/* SUBSCRIBE_EVENT_TYPES group attributes, bit 0: all types of the group. */
enum { STANDARD_DMTF = 0, ATTRIBUTE_ALL = 1 };

uint8_t spdm_event_types(const SpdmConn *conn)
{
    uint32_t caps = conn->rsp_flags;
    uint8_t types = 1u << SPDM_EVENT_LOST;

    if (conn->version < SPDM_VERSION_13 || !(caps & SPDM_EVENT_CAP)) {
        return 0;
    }
    if (caps & SPDM_MEAS_CAP_MASK) {
        types |= 1u << SPDM_EVENT_MEASUREMENT_CHANGED |
                 1u << SPDM_EVENT_MEASUREMENT_PRE_UPDATE;
    }
    if (caps & SPDM_CERT_CAP) {
        types |= 1u << SPDM_EVENT_CERTIFICATE_CHANGED;
    }
    return types;
}

SpdmStatus spdm_rsp_event_types(SpdmTxn *t)
{
    GByteArray *list = spdm_txn_array(t);
    uint8_t types = spdm_event_types(t->conn);
    SpdmCoder c = spdm_coder_writer(NULL, list);
    SpdmEventGroup group = {
        .svh = { .id = STANDARD_DMTF },
        .version = SPDM_EVENT_GROUP_VERSION,
    };

    for (uint16_t i = 0; i < SPDM_EVENT_TYPES; i++) {
        group.type_count += (types & 1u << i) != 0;
    }
    spdm_code_event_group(&c, &group);
    for (uint16_t i = 0; i < SPDM_EVENT_TYPES; i++) {
        if (types & 1u << i) {
            spdm_code_event_type(&c, &i);
        }
    }
    t->rsp.h.param1 = 1;
    t->rsp.event_types.list = spdm_array_view(list);
    return SPDM_STATUS_OK;
}

static SpdmStatus refuse(const char *why)
{
    return spdm_fail(SPDM_ERROR_INVALID_REQUEST, why);
}

/* The types of one group to @types. */
static SpdmStatus read_types(SpdmCoder *c, const SpdmEventGroup *group,
                             uint8_t supported, uint8_t *types)
{
    if (group->attributes & ATTRIBUTE_ALL) {
        *types = supported;
        return group->type_count ? refuse("all types, and some by name")
                                 : SPDM_STATUS_OK;
    }
    for (unsigned i = 0; i < group->type_count; i++) {
        uint16_t type = 0;

        spdm_code_event_type(c, &type);
        if (!spdm_coder_ok(c)) {
            break;
        }
        if (type >= SPDM_EVENT_TYPES || !(supported & 1u << type)) {
            return refuse("an event type that is not supported");
        }
        *types |= 1u << type;
    }
    return SPDM_STATUS_OK;
}

/* One group at most can be right: there is one. */
static SpdmStatus read_list(SpdmTxn *t, uint8_t *types)
{
    static const SpdmWireCtx ctx;
    SpdmCoder c = spdm_coder_reader(&ctx, t->req.event_types.list);
    SpdmEventGroup group = { .version = 0 };
    SpdmStatus st;

    spdm_code_event_group(&c, &group);
    if (!spdm_coder_ok(&c) || group.svh.id != STANDARD_DMTF ||
        group.svh.vendor.len || t->req.h.param1 != 1) {
        return refuse("an event group other than the DMTF's");
    }
    if (group.version != SPDM_EVENT_GROUP_VERSION) {
        return refuse("EventGroupVersion is not 1");
    }
    st = read_types(&c, &group, spdm_event_types(t->conn), types);
    if (!st.failed && (!spdm_coder_ok(&c) || spdm_coder_left(&c))) {
        return refuse("event types do not fill SubscribeList");
    }
    return st;
}

SpdmStatus spdm_rsp_subscribe(SpdmTxn *t)
{
    t->event_types = 0;
    return t->req.h.param1 ? read_list(t, &t->event_types) : SPDM_STATUS_OK;
}

void spdm_commit_subscribe(SpdmTxn *t)
{
    spdm_events_subscribe(&t->session->events, t->event_types,
                          spdm_events_in_flight(t->session));
}

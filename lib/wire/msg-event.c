/*
 * GET_ENDPOINT_INFO, events, and the measurement extension log (1.3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

void spdm_body_get_endpoint_info(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgGetEndpointInfo *v = &m->get_endpoint_info;

    spdm_code_u8(c, "RequestAttributes", &v->attributes);
    spdm_code_reserved(c, 3);
    if (v->attributes & SPDM_EP_INFO_SIGNATURE) {
        spdm_code_bytes(c, "Nonce", &v->nonce, SPDM_NONCE_SIZE);
    }
}

void spdm_body_endpoint_info(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgEndpointInfo *v = &m->endpoint_info;

    spdm_code_reserved(c, 4);
    if (c->ctx->has_signature) {
        spdm_code_bytes(c, "Nonce", &v->nonce, SPDM_NONCE_SIZE);
    }
    spdm_code_sized32(c, "EPInfoLength", "EPInfo", &v->info);
    if (c->ctx->has_signature) {
        spdm_code_tail(c, "Signature", &v->signature, c->ctx->sig_size);
    }
}

void spdm_body_supported_event_types(SpdmCoder *c, SpdmMsg *m)
{
    spdm_code_sized32(c, "SupportedEventGroupsListLen",
                      "SupportedEventGroupsList", &m->event_types.list);
}

/* No groups: unsubscribes from all, and ends with the header. */
void spdm_body_subscribe_event_types(SpdmCoder *c, SpdmMsg *m)
{
    if (m->h.param1) {
        spdm_code_sized32(c, "SubscribeListLen", "SubscribeList",
                          &m->event_types.list);
    }
}

void spdm_body_send_event(SpdmCoder *c, SpdmMsg *m)
{
    spdm_code_u32(c, "EventCount", &m->send_event.count);
    spdm_code_rest(c, "EventsList", &m->send_event.events);
}

void spdm_body_get_mel(SpdmCoder *c, SpdmMsg *m)
{
    spdm_code_u32(c, "Offset", &m->get_mel.offset);
    spdm_code_u32(c, "Length", &m->get_mel.length);
}

void spdm_body_mel(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgMel *v = &m->mel;

    spdm_code_u32(c, "PortionLength", &v->portion_length);
    spdm_code_u32(c, "RemainderLength", &v->remainder_length);
    spdm_code_bytes(c, "MEL", &v->portion, v->portion_length);
}

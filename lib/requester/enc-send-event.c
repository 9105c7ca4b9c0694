/*
 * Embedded SEND_EVENT -> EVENT_ACK: events go to whoever listens (spec/02
 * section 8).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/encap.h"
#include "wire/elements.h"

/* DSP0274 1.3: EventDetail of the DMTF's own events. */
static bool detail_fits(const SpdmEventItem *item)
{
    static const size_t sizes[] = {
        [SPDM_EVENT_LOST] = 8,
        [SPDM_EVENT_MEASUREMENT_CHANGED] = 32,
        [SPDM_EVENT_MEASUREMENT_PRE_UPDATE] = 32,
        [SPDM_EVENT_CERTIFICATE_CHANGED] = 1,
    };

    return item->svh.id != 0 || item->type == 0 ||
           item->type >= G_N_ELEMENTS(sizes) ||
           item->detail.len == sizes[item->type];
}

/* Instance ids go up by one, and the list is what was sent, to the byte. */
static bool walk(SpdmEmbedded *e,
                 void (*each)(SpdmRequester *rq, const SpdmEmbedded *e,
                              const SpdmEventItem *item), SpdmRequester *rq)
{
    SpdmCoder c = spdm_coder_reader(&e->ctx, e->req.send_event.events);
    uint32_t instance = 0;

    for (uint32_t i = 0; i < e->req.send_event.count; i++) {
        SpdmEventItem item = { .instance = 0 };

        spdm_code_event(&c, &item);
        if (!spdm_coder_ok(&c) || !detail_fits(&item) ||
            (i && item.instance != instance + 1)) {
            return false;
        }
        instance = item.instance;
        if (each) {
            each(rq, e, &item);
        }
    }
    return e->req.send_event.count && spdm_coder_left(&c) == 0;
}

SpdmStatus spdm_enc_send_event(SpdmRequester *rq, SpdmEmbedded *e)
{
    return walk(e, NULL, rq) ? SPDM_STATUS_OK
           : spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                       "the list of events does not hold");
}

static void tell(SpdmRequester *rq, const SpdmEmbedded *e,
                 const SpdmEventItem *item)
{
    const SpdmRequesterEvent event = {
        .session = e->session->id,
        .instance = item->instance,
        .registry = item->svh.id,
        .vendor_id = item->svh.vendor,
        .type = item->type,
        .detail = item->detail,
    };

    rq->cfg.event(rq->cfg.event_opaque, &event);
}

void spdm_enc_commit_send_event(SpdmRequester *rq, SpdmEmbedded *e)
{
    if (rq->cfg.event) {
        walk(e, tell, rq);
    }
}

/*
 * The queue of events of one session.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/events.h"

#include <string.h>

static const size_t detail_sizes[SPDM_EVENT_TYPES] = {
    [SPDM_EVENT_LOST] = 8,
    [SPDM_EVENT_MEASUREMENT_CHANGED] = 32,
    [SPDM_EVENT_MEASUREMENT_PRE_UPDATE] = 32,
    [SPDM_EVENT_CERTIFICATE_CHANGED] = 1,
};

size_t spdm_event_detail_size(uint16_t type)
{
    return type < SPDM_EVENT_TYPES ? detail_sizes[type] : 0;
}

void spdm_events_init(SpdmEvents *events)
{
    *events = (SpdmEvents){ .acked = SPDM_EVENT_NONE_ACKED };
}

static bool wants(const SpdmEvents *events, uint8_t type)
{
    return events->subscribed & 1u << type;
}

void spdm_events_subscribe(SpdmEvents *events, uint8_t types,
                           unsigned in_flight)
{
    unsigned kept = MIN(in_flight, events->count);

    events->subscribed = types;
    for (unsigned i = kept; i < events->count; i++) {
        if (wants(events, events->queue[i].type)) {
            events->queue[kept++] = events->queue[i];
        }
    }
    events->count = kept;
}

static void push(SpdmEvents *events, uint8_t type, const uint8_t *detail)
{
    SpdmEvent *event = &events->queue[events->count++];

    *event = (SpdmEvent){ .instance = events->next++, .type = type };
    memcpy(event->detail, detail, spdm_event_detail_size(type));
}

static void put_u32(uint8_t *at, uint32_t v)
{
    v = GUINT32_TO_LE(v);
    memcpy(at, &v, sizeof(v));
}

/*
 * DSP0274 EventLost: the last that was acknowledged, the last that is lost.
 * What is in flight will be acknowledged before this one is read.
 */
static void lose(SpdmEvents *events, unsigned in_flight)
{
    unsigned kept = MIN(in_flight, SPDM_EVENT_QUEUE - 1);
    uint8_t detail[SPDM_EVENT_MAX_DETAIL] = { 0 };

    put_u32(detail, kept ? events->queue[kept - 1].instance : events->acked);
    put_u32(detail + 4, events->next++);
    events->count = kept;
    if (wants(events, SPDM_EVENT_LOST)) {
        push(events, SPDM_EVENT_LOST, detail);
    }
}

bool spdm_events_raise(SpdmEvents *events, uint8_t type,
                       const uint8_t *detail, unsigned in_flight)
{
    if (!wants(events, type)) {
        return false;
    }
    if (events->count == SPDM_EVENT_QUEUE) {
        lose(events, in_flight);
    } else {
        push(events, type, detail);
    }
    return events->count > 0;
}

void spdm_events_acknowledge(SpdmEvents *events, unsigned n)
{
    n = MIN(n, events->count);
    if (!n) {
        return;
    }
    events->acked = events->queue[n - 1].instance;
    events->count -= n;
    memmove(events->queue, events->queue + n,
            events->count * sizeof(events->queue[0]));
}

bool spdm_events_valid(const SpdmEvents *events)
{
    if (events->count > SPDM_EVENT_QUEUE ||
        events->subscribed >= 1u << SPDM_EVENT_TYPES ||
        (events->subscribed & 1)) {
        return false;
    }
    for (unsigned i = 0; i < events->count; i++) {
        if (!spdm_event_detail_size(events->queue[i].type)) {
            return false;
        }
    }
    return true;
}

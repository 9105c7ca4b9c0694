/*
 * What a session's requester wants to hear of, and what waits to be told
 * (DSP0274 1.3 "Event mechanism"). Plain data, bounded.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CORE_EVENTS_H
#define SPDM_CORE_EVENTS_H

#include "wire/defs.h"

enum {
    SPDM_EVENT_QUEUE = 8,
    SPDM_EVENT_MAX_DETAIL = 32,
    SPDM_EVENT_TYPES = 5,        /* 0 is none */
    SPDM_EVENT_GROUP_VERSION = 1,
};

/** No event was acknowledged yet: the id before the first. */
#define SPDM_EVENT_NONE_ACKED UINT32_MAX

typedef struct SpdmEvent {
    uint32_t instance;           /* EventInstanceID */
    uint8_t type;                /* of the DMTF group */
    uint8_t detail[SPDM_EVENT_MAX_DETAIL];
} SpdmEvent;

typedef struct SpdmEvents {
    uint8_t subscribed;          /* bit n: DMTF type n */
    uint32_t next;               /* EventInstanceID to come; the first is 0 */
    uint32_t acked;              /* the latest that was acknowledged */
    unsigned count;
    SpdmEvent queue[SPDM_EVENT_QUEUE]; /* oldest first */
} SpdmEvents;

/** Bytes of EventDetail of a DMTF type; 0 for others. */
size_t spdm_event_detail_size(uint16_t type);

/** Nothing subscribed, nothing queued. */
void spdm_events_init(SpdmEvents *events);

/**
 * From now on these types. What waits of others is forgotten, but for the
 * first @in_flight events, which the requester has already.
 */
void spdm_events_subscribe(SpdmEvents *events, uint8_t types,
                           unsigned in_flight);

/**
 * Something happened; @detail has the size of its type. When there is no room
 * all but the first @in_flight events are lost, and EventLost says so. True
 * when an event is queued.
 */
bool spdm_events_raise(SpdmEvents *events, uint8_t type,
                       const uint8_t *detail, unsigned in_flight);

/** The first @n events were acknowledged. */
void spdm_events_acknowledge(SpdmEvents *events, unsigned n);

/** Whether the functions above could have led to this. */
bool spdm_events_valid(const SpdmEvents *events);

#endif

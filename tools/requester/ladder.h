/*
 * What went over the wire, for people (one line a message) and for machines
 * (one JSON object an exchange).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_REQUESTER_LADDER_H
#define TOOLS_REQUESTER_LADDER_H

#include <stdio.h>

#include "common/json.h"
#include "spdm/requester.h"

/** One request and what became of it. */
typedef struct LadderStep {
    char *request;               /* NULL: no step under way */
    char *response;              /* NULL: none came */
    uint8_t response_code;
    uint32_t session;
    bool secured;
    size_t request_size;
    size_t response_size;
    size_t request_frame;        /* bytes on the transport */
    size_t response_frame;
    int64_t at_us;               /* since the start */
    int64_t frame_at_us;
    int64_t us;                  /* from frame to frame */
} LadderStep;

typedef struct Ladder {
    SpdmTap tap;                 /* attach this to the requester */
    const SpdmRequester *rq;
    FILE *out;                   /* NULL: nothing for people */
    Json steps;                  /* elements of an array */
    LadderStep step;
    int64_t start_us;
    bool break_next;             /* flip a bit of the next message's end */
    bool break_record;           /* of the next frame's end */
} Ladder;

/** @rq may be set later. */
void ladder_init(Ladder *l, FILE *out);
void ladder_clear(Ladder *l);

/** Ends the exchange under way, if one was left without an answer. */
void ladder_flush(Ladder *l);

/** A line between messages. */
void ladder_note(Ladder *l, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif

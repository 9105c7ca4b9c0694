/*
 * A world from the inside.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_FUZZ_HOSTILE_INT_H
#define SPDM_FUZZ_HOSTILE_INT_H

#include "fuzz/hostile.h"
#include "responder/responder-int.h"
#include "spdm/soft-provider.h"

/** An exchange of the honest walk: what was sent, and in which state. */
typedef struct Moment {
    GBytes *state;           /* of the responder, before */
    uint32_t session;        /* of the record, 0 outside */
    GByteArray *message;     /* the request */
    GByteArray *frame;       /* ... as it went */
    GByteArray *answer;      /* message of the answer; empty if dropped */
} Moment;

/** What the hostile device does to one answer. */
typedef enum Lie {
    LIE_NONE,
    LIE_COMPOSE,             /* signed and sealed like the truth */
    LIE_MESSAGE,             /* sealed like the truth */
    LIE_FRAME,
    LIE_DROP,
    LIE_REPLAY,              /* an earlier answer again */
    LIE_COUNT,
} Lie;

/** The requester on its honest walk. */
typedef struct Walk {
    Hostile *h;
    SpdmRequesterInfo info;
    uint32_t sigma;          /* session ids, 0 for none */
    uint32_t psk;
    GError *err;             /* of the latest step */
} Walk;

/** What of an array a sanitizer was told to let nobody touch. */
typedef struct Slack {
    uint8_t *data;
    size_t size;
} Slack;

struct Hostile {
    HostileConfig config;
    SpdmProfile *profile;
    SpdmSoftProvider *soft;
    SpdmProviderOps ops;     /* of it, and of the responder */
    SpdmResponder *r;
    SpdmRequester *rq;
    SpdmTap req_tap;
    SpdmTap rsp_tap;
    int64_t now_us;
    uint64_t random;         /* state of the generator of cases */
    uint64_t cases;
    const char *what;        /* the campaign, for the report */
    GByteArray *input;       /* the last bytes sent, for the report */

    bool recording;
    GPtrArray *moments;
    GByteArray *message;     /* of the requester, on its way */
    uint32_t session;
    GByteArray *answered;    /* the message of the latest answer */

    unsigned exchanges;      /* of the requester's walk */
    unsigned lie_at;
    Lie lie;
    GByteArray *earlier;     /* an answer to replay */
    Slack slack[4];          /* of the latest request */
    unsigned slack_count;
};

/* world.c */

/** Ends the process with all that is needed to see it again. */
G_NORETURN void hostile_fail(const Hostile *h, const char *why);

static inline void hostile_check(const Hostile *h, bool ok, const char *why)
{
    if (!ok) {
        hostile_fail(h, why);
    }
}

/** From here on signatures of the device are quick, and wrong. */
void hostile_cheapen(Hostile *h);

/** ... and from here on right again. */
void hostile_be_genuine(Hostile *h);

/* walk-full.c: what is not refused is done, nothing is insisted on. */
void hostile_walk_outside(Walk *w);
void hostile_walk_session(Walk *w, uint32_t session);
void hostile_walk_shortcuts(Walk *w);

/** The requester does all it can; false at the first failure if @strict. */
bool hostile_walk(Hostile *h, bool strict);

/** Hands a frame to the responder and checks answer and state after. */
void hostile_send_frame(Hostile *h, SpdmBytes frame);

/** A message outside sessions, or (with our copy of the keys) in one. */
void hostile_send(Hostile *h, uint32_t session, SpdmBytes message);

/** Back to a moment of the walk. */
const Moment *hostile_moment(const Hostile *h, unsigned i);
void hostile_go_to(Hostile *h, const Moment *m);

/* snapshot.c */

/** A moment's snapshot, to be damaged. */
GByteArray *hostile_state_of(const Moment *m);

/** Loads what may be damaged and, when it is taken, uses it. */
void hostile_damaged(Hostile *h, const Moment *m, GByteArray *bytes);

/* mutate.c */

uint64_t hostile_random(Hostile *h);
unsigned hostile_below(Hostile *h, unsigned n);

/** Changes the message or frame in one to four ways. */
void hostile_mutate(Hostile *h, GByteArray *bytes);

typedef struct HostileField {
    size_t offset;
    size_t len;
} HostileField;

enum { HOSTILE_MAX_FIELDS = 128 };

/** Fields of a request in the responder's present state. */
unsigned hostile_fields_of(const Hostile *h, SpdmBytes message,
                           HostileField *fields);

#endif

/*
 * An observer from the inside: a connection as neither end keeps it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TRACE_OBSERVER_H
#define SPDM_TRACE_OBSERVER_H

#include "core/conn.h"
#include "spdm/trace-read.h"
#include "trace/keylog.h"
#include "transport/transport.h"

/** How much is known of a session; index as conn.sessions. */
typedef struct SpdmObserved {
    bool keyed;              /* its traffic keys are known */
    bool th_known;           /* and so is what TH is made of */
} SpdmObserved;

struct SpdmObserver {
    GPtrArray *entries;
    GArray *keys;            /* SpdmKeyLogEntry; NULL: no key log */
    const SpdmTransport *transport;

    SpdmConn conn;
    SpdmObserved seen[SPDM_MAX_SESSIONS];
    bool has_offer;
    SpdmMsgAlgorithms offer; /* of NEGOTIATE_ALGORITHMS */
    GByteArray *chains[2][SPDM_SLOT_COUNT]; /* by SpdmSender */
    uint8_t digests[SPDM_SLOT_COUNT][SPDM_MAX_HASH];
    uint8_t digest_mask;

    GByteArray *request;     /* the one that is to be answered; empty: none */
    uint32_t request_session;
    SpdmEntry *request_entry;
    GByteArray *large;       /* a message in chunks, so far */
    GByteArray *encap_request;

    SpdmEntry *entry;        /* the message that is looked at */
    SpdmEntry *doubtful;     /* a response with a finding: what of it? */
    SpdmEntry *last;         /* message that there was */
    char *fault;             /* rule that acted since the last message */
    char *mailbox;           /* what happened to it, likewise; or NULL */
    uint32_t ended;          /* session that somebody aborted last */
    char *ended_by;          /* ... and who; NULL: nobody */
    bool last_requester;     /* who sent the last frame */
    bool any;                /* ... of which there was one */
};

/** A pair of messages whose answer came. */
typedef struct SpdmPair {
    SpdmBytes req;
    SpdmBytes rsp;
    SpdmMsg *q;              /* both decoded */
    SpdmMsg *m;
    SpdmSession *s;          /* NULL: outside */
} SpdmPair;

static inline SpdmBytes spdm_bytes_of(const GByteArray *a)
{
    return SPDM_BYTES(a->data, a->len);
}

/** Says what is wrong with the message that is looked at; the first counts. */
void spdm_observer_finding(SpdmObserver *o, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/** Notes that something of it was verified, or (@ok false) finds @wrong. */
void spdm_observer_check(SpdmObserver *o, bool ok, const char *what,
                         const char *wrong);

/** Layouts of messages that are sent now; embedded: with roles swapped. */
SpdmWireCtx spdm_observer_ctx(SpdmObserver *o, SpdmBytes request,
                              bool embedded);

/* observe-identity.c: version to measurements */
void spdm_observe_answer(SpdmObserver *o, const SpdmPair *p);
void spdm_observe_embedded(SpdmObserver *o, SpdmSession *s, SpdmBytes rsp);

/** Verifies a signature if the signer's chain was seen. */
void spdm_observe_signature(SpdmObserver *o, SpdmSender signer, unsigned slot,
                            const char *context, SpdmBytes transcript,
                            SpdmBytes signature, const char *name);

/* observe-session.c */
void spdm_observe_key_exchange(SpdmObserver *o, const SpdmPair *p);
void spdm_observe_psk_exchange(SpdmObserver *o, const SpdmPair *p);
void spdm_observe_finish_request(SpdmObserver *o, SpdmSession *s,
                                 SpdmBytes req, const SpdmMsg *q);
void spdm_observe_finish(SpdmObserver *o, const SpdmPair *p);
void spdm_observe_key_update(SpdmObserver *o, SpdmSession *s,
                             uint8_t operation, bool by_responder);

/** The session that FINISH means: its record's, or the one in the clear. */
SpdmSession *spdm_observe_handshake(SpdmObserver *o, SpdmSession *s);

bool spdm_observe_keyed(const SpdmObserver *o, const SpdmSession *s);

/* explain.c */
void spdm_explain_request(SpdmObserver *o);
void spdm_explain_response(SpdmObserver *o, bool error, uint8_t code);
void spdm_explain_end(SpdmObserver *o);
void spdm_explain_abort(SpdmObserver *o, SpdmEntry *e);

/* fields.c */
GPtrArray *spdm_entry_fields(const SpdmWireCtx *ctx, SpdmBytes message);

#endif

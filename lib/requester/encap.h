/*
 * Encapsulation: for a while the roles are swapped, and the requester answers
 * (DSP0274 "Encapsulated request flows"; spec/06).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_REQUESTER_ENCAP_H
#define SPDM_REQUESTER_ENCAP_H

#include "requester/requester-int.h"

typedef enum SpdmReqFlowKind {
    SPDM_REQ_FLOW_POLL,      /* what the responder wants, if anything */
    SPDM_REQ_FLOW_HANDSHAKE, /* mutual authentication of a session */
    SPDM_REQ_FLOW_BASIC,     /* after CHALLENGE_AUTH */
} SpdmReqFlowKind;

/** One run of GET_ENCAPSULATED_REQUEST and what follows. */
typedef struct SpdmReqFlow {
    SpdmSession *session;    /* NULL: outside */
    SpdmReqFlowKind kind;
    bool implied_digests;    /* as if GET_DIGESTS had been asked already */
    uint8_t slot;            /* in: without a choice; out: chosen */
    unsigned answered;       /* requests */

    /* While it runs. */
    bool more;               /* there is a request to answer */
    uint8_t id;              /* its RequestID */
    GByteArray *request;
} SpdmReqFlow;

/**
 * Runs it to its end: false with the failure noted. A POLL to which the
 * responder has nothing to say has answered 0.
 */
bool spdm_req_flow(SpdmRequester *rq, SpdmReqFlow *flow);

/** The flow of a session in its handshake, ahead of FINISH. */
bool spdm_req_mut_auth_flow(SpdmRequester *rq, SpdmSession *s,
                            unsigned *answered);

/** One embedded request under way; handlers fill @rsp. */
typedef struct SpdmEmbedded {
    SpdmSession *session;    /* of the flow, NULL: outside */
    SpdmWireCtx ctx;         /* layout of both messages */
    SpdmBytes request;
    SpdmMsg req;             /* views request */
    SpdmMsg rsp;
    GByteArray *out;         /* the answer */
    GByteArray *scratch[4];  /* what rsp views; by the handler */
} SpdmEmbedded;

/** A new buffer that lives as long as @e; at most four. */
GByteArray *spdm_enc_array(SpdmEmbedded *e);

/** The request, then the answer as far as it is encoded. */
void spdm_enc_pair(const SpdmEmbedded *e, GByteArray *both);

/** Signs @transcript by @identity and appends the signature to e->out. */
SpdmStatus spdm_enc_sign(SpdmRequester *rq, SpdmEmbedded *e,
                         const SpdmReqIdentity *identity,
                         const char *context, const GByteArray *transcript);

/**
 * The handlers. answer_*: checks the request and fills e->rsp, or fails.
 * sign_*: appends to the encoded answer. commit_*: the answer is whole.
 */
SpdmStatus spdm_enc_digests(SpdmRequester *rq, SpdmEmbedded *e);
void spdm_enc_commit_digests(SpdmRequester *rq, SpdmEmbedded *e);
SpdmStatus spdm_enc_certificate(SpdmRequester *rq, SpdmEmbedded *e);
void spdm_enc_commit_certificate(SpdmRequester *rq, SpdmEmbedded *e);
SpdmStatus spdm_enc_challenge(SpdmRequester *rq, SpdmEmbedded *e);
SpdmStatus spdm_enc_sign_challenge(SpdmRequester *rq, SpdmEmbedded *e);
void spdm_enc_commit_challenge(SpdmRequester *rq, SpdmEmbedded *e);
SpdmStatus spdm_enc_key_update(SpdmRequester *rq, SpdmEmbedded *e);
void spdm_enc_commit_key_update(SpdmRequester *rq, SpdmEmbedded *e);
SpdmStatus spdm_enc_send_event(SpdmRequester *rq, SpdmEmbedded *e);
void spdm_enc_commit_send_event(SpdmRequester *rq, SpdmEmbedded *e);
SpdmStatus spdm_enc_endpoint_info(SpdmRequester *rq, SpdmEmbedded *e);
SpdmStatus spdm_enc_sign_endpoint_info(SpdmRequester *rq, SpdmEmbedded *e);

/** Answers flow->request into @out; an embedded ERROR is an answer too. */
void spdm_enc_answer(SpdmRequester *rq, const SpdmReqFlow *flow,
                     GByteArray *out);

#endif

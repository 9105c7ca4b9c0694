/*
 * The requester against our own responder, in one process: a built-in
 * profile with seeded keys, a clock that only waiting moves, and room for a
 * tap on the responder that lies.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TESTS_REQUESTER_FIXTURE_H
#define SPDM_TESTS_REQUESTER_FIXTURE_H

#include "requester/requester-int.h"
#include "spdm/soft-provider.h"

/** What a test sets; zero means the usual. */
typedef struct RqOptions {
    uint8_t version;             /* 1.2 */
    SpdmTransportType transport; /* of both: none */
    bool doe;                    /* PCI DOE instead */
    const char *req_flags;       /* change of the requester's, "+A,-B" */
    uint32_t rsp_drop;           /* flags taken from the profile's */
    uint32_t rsp_add;            /* and then put to them */
    uint16_t rsp_ext_flags;      /* ExtFlags of the profile */
    const char *hash;            /* offers, by name */
    const char *asym;            /* post-quantum: the profile takes it, too */
    const char *req_asym;        /* what an identity signs with */
    const char *dhe;
    const char *kem;             /* also what the profile takes; NULL: none */
    const char *aead;
    const char *require;
    const char *trust;           /* "device": the right root */
    const char *cma_name;
    const char *cma_name_serial;
    uint8_t opaque_formats;      /* of the requester */
    bool ask_supported;          /* Supported Algorithms */
    uint8_t heartbeat;           /* seconds; 0: none */
    uint32_t transfer_size;      /* of the requester */
    uint32_t message_size;
    uint32_t rsp_transfer_size;  /* of the responder */
    uint32_t rsp_message_size;
    const char *seed;            /* of the requester */
    const char *identity;        /* of the requester: "auto", "raw", "files"
                                    (slot 3); NULL: it has none */
    bool mutual;                 /* KEY_EXCHANGE asks who we are, */
    SpdmMutAuthForm form;        /* ... in this form */
    bool basic;                  /* CHALLENGE does */
} RqOptions;

typedef struct RqFixture {
    RqOptions o;
    SpdmProfile *profile;
    SpdmSoftProvider *soft;
    SpdmProvider provider;
    SpdmProviderOps ops;         /* provider.ops, for tests to change */
    SpdmResponder *responder;
    SpdmRequesterConfig cfg;
    SpdmRequester *rq;
    int64_t now_us;
    unsigned frames;             /* sent by the requester */
    unsigned drops;              /* of them not answered */

    /* Decorated provider: another chain in slot 0. */
    GBytes *chain;
    SpdmPrivateKey *chain_key;

    /* Identity of the requester, as PEM, and what it was told. */
    SpdmRequesterIdentity identity;
    char *own_chain;
    char *own_key;
    GArray *events;              /* EventInstanceID, uint32_t */
} RqFixture;

/** True, and the test is skipped, if libgcrypt lacks what @options name. */
bool rq_skip(const RqOptions *options);

RqFixture *rq_fixture_new(const RqOptions *options);
void rq_fixture_free(RqFixture *f);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(RqFixture, rq_fixture_free)

/** Slot 0 presents @chain (taken) and signs with @key (taken). */
void rq_fixture_set_chain(RqFixture *f, GBytes *chain, SpdmPrivateKey *key);

/** Calls that have to succeed. */
void rq_connect(RqFixture *f);
void rq_identify(RqFixture *f);
uint32_t rq_sigma(RqFixture *f);
uint32_t rq_psk(RqFixture *f);

/**
 * The responder would like something: @kind as in core/encap.h, in @session
 * or (0) outside; @message for SEND_EVENT. False: it cannot ask for it.
 */
bool rq_ask(RqFixture *f, uint32_t session, SpdmEncapKind kind,
            SpdmBytes message);

/** The pre-shared key of the fixture's profile. */
SpdmPskExchangeParams rq_psk_params(void);

#endif

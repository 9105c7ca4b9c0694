/*
 * The command table: one row for every request the responder answers. What
 * can be said of a request without looking inside it is said here, and
 * checked by dispatch.c; a handler never checks it again.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_COMMANDS_H
#define SPDM_RESPONDER_COMMANDS_H

#include "responder/txn.h"

/** Where a request may arrive. */
enum {
    SPDM_AT_OUTSIDE = 1 << 0,         /* no session */
    SPDM_AT_SIGMA_HANDSHAKE = 1 << 1, /* protected by handshake keys */
    SPDM_AT_PSK_HANDSHAKE = 1 << 2,
    SPDM_AT_ESTABLISHED = 1 << 3,
    SPDM_AT_CLEAR = 1 << 4,           /* plain, for the session whose
                                         handshake is in the clear */
    SPDM_AT_HANDSHAKE = SPDM_AT_SIGMA_HANDSHAKE | SPDM_AT_PSK_HANDSHAKE,
    SPDM_AT_BOTH = SPDM_AT_OUTSIDE | SPDM_AT_ESTABLISHED,
};

enum {
    SPDM_CMD_VERSION_10 = 1 << 0,     /* SPDMVersion is always 1.0 */
    SPDM_CMD_VERSION_CHOSEN = 1 << 1, /* its SPDMVersion becomes agreed */
    SPDM_CMD_ONCE = 1 << 2,           /* in exactly this state */
    SPDM_CMD_DEFERRABLE = 1 << 3,     /* ResponseNotReady is allowed */
    SPDM_CMD_L1 = 1 << 4,             /* an ERROR resets L1/L2 */
    SPDM_CMD_CARRIER = 1 << 5,        /* carries or repeats another request:
                                         may not travel in chunks itself */
    SPDM_CMD_WHOLE = 1 << 6,          /* may not travel in chunks */
    SPDM_CMD_ENCAP = 1 << 7,          /* needs encapsulated requests */
    SPDM_CMD_IN_FLOW = 1 << 8,        /* allowed while one is in flight, as
                                         carriers are */
};

/** Transcript that takes request and response; sessions have their own. */
typedef enum SpdmRecordRule {
    SPDM_RECORD_NONE,
    SPDM_RECORD_A,
    SPDM_RECORD_B,                    /* outside sessions only */
} SpdmRecordRule;

/**
 * What an answer takes at most. CHEAP: no signature, no key exchange, no hash
 * over certificates, transcripts or measurements, nothing of the provider but
 * time and random bytes.
 */
typedef enum SpdmCost {
    SPDM_COST_DEAR,
    SPDM_COST_CHAINS,                 /* cheap when chains are made */
    SPDM_COST_CHEAP,
} SpdmCost;

typedef struct SpdmCommand {
    uint8_t code;
    uint8_t min_version;
    SpdmConnState state;              /* earliest */
    uint32_t rsp_caps;                /* any of these, 0: none needed */
    uint32_t req_caps;
    uint16_t rsp_ext_caps;            /* the same of ExtFlags (1.4) */
    uint8_t where;
    uint16_t flags;
    SpdmRecordRule record;
    SpdmCost cost;
    uint16_t opaque;                  /* where in SpdmMsg the request has
                                         OpaqueData, 0: nowhere */

    /** Checks the request and fills t->rsp. */
    SpdmStatus (*handle)(SpdmTxn *t);
    /** Appends Signature and VerifyData to t->out; may be NULL. */
    SpdmStatus (*finish)(SpdmTxn *t);
    /** Applies what is pending; cannot fail; may be NULL. */
    void (*commit)(SpdmTxn *t);
    /** After the answer was sealed: key changes, ends; may be NULL. */
    void (*sent)(SpdmTxn *t);
    /** What an ERROR changes; may be NULL. */
    void (*failed)(SpdmTxn *t, const SpdmStatus *st);
    /** Puts another request in place of this one; instead of the others. */
    SpdmStatus (*resume)(SpdmTxn *t);
} SpdmCommand;

/** The row of @code, or NULL. */
const SpdmCommand *spdm_command(uint8_t code);

/* chunk.c: the stage between records and gates, and back. */

/** Whether both ends declared CHUNK_CAP. */
bool spdm_chunking(const SpdmTxn *t);

/** Bytes that a request may have, given how it came. */
uint32_t spdm_max_request(const SpdmTxn *t);

/** Bytes of one message on its way to the requester. */
uint32_t spdm_transfer_size(const SpdmTxn *t);

/** A large message under way leaves no room for other requests. */
SpdmStatus spdm_gate_transfer(SpdmTxn *t);

/** ResponseTooLarge when t->out can reach the requester in no way. */
SpdmStatus spdm_check_response_size(const SpdmTxn *t);

/**
 * The way out: t->out goes into a CHUNK_SEND_ACK if its request came in
 * chunks; one too large for the requester is kept for CHUNK_GET, and
 * ERROR LargeResponse takes its place.
 */
void spdm_chunk_answer(SpdmTxn *t);

/**
 * Gates, decodes, handles and commits t->request; t->out receives the
 * response. On failure nothing was changed but what an ERROR changes.
 */
SpdmStatus spdm_dispatch(SpdmTxn *t);

#endif

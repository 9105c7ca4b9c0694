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
};

/** Transcript that takes request and response; sessions have their own. */
typedef enum SpdmRecordRule {
    SPDM_RECORD_NONE,
    SPDM_RECORD_A,
    SPDM_RECORD_B,                    /* outside sessions only */
} SpdmRecordRule;

typedef struct SpdmCommand {
    uint8_t code;
    uint8_t min_version;
    SpdmConnState state;              /* earliest */
    uint32_t rsp_caps;                /* any of these, 0: none needed */
    uint32_t req_caps;
    uint8_t where;
    uint8_t flags;
    SpdmRecordRule record;

    /** Checks the request and fills t->rsp. */
    SpdmStatus (*handle)(SpdmTxn *t);
    /** Appends Signature and VerifyData to t->out; may be NULL. */
    SpdmStatus (*finish)(SpdmTxn *t);
    /** Applies what is pending; cannot fail; may be NULL. */
    void (*commit)(SpdmTxn *t);
    /** After the answer was sealed: key changes, ends; may be NULL. */
    void (*sent)(SpdmTxn *t);
    /** Puts another request in place of this one; instead of the others. */
    SpdmStatus (*resume)(SpdmTxn *t);
} SpdmCommand;

/** The row of @code, or NULL. */
const SpdmCommand *spdm_command(uint8_t code);

/**
 * Gates, decodes, handles and commits t->request; t->out receives the
 * response. On failure nothing was changed but what an ERROR changes.
 */
SpdmStatus spdm_dispatch(SpdmTxn *t);

#endif

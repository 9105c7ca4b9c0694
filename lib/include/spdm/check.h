/*
 * Every check that a requester makes of what it receives, by name. One check
 * is one call in lib/requester; a test-only build takes one away at a time
 * and asks whether the campaign notices.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_CHECK_H
#define SPDM_CHECK_H

#include "spdm/base.h"

G_BEGIN_DECLS

typedef enum SpdmCheck {
    SPDM_CHECK_NONE,

    /* One exchange, whatever the message. */
    SPDM_CHECK_FRAME,              /* a frame of this transport */
    SPDM_CHECK_PLAIN_IN_SESSION,   /* a session is answered in records */
    SPDM_CHECK_RECORD_OUTSIDE,     /* and nothing else is */
    SPDM_CHECK_RECORD_SESSION,     /* the record's session id */
    SPDM_CHECK_RECORD_LENGTH,
    SPDM_CHECK_RECORD_TAG,
    SPDM_CHECK_RECORD_LIMIT,       /* sequence number used up */
    SPDM_CHECK_HEADER,             /* four bytes at least */
    SPDM_CHECK_VERSION_ECHO,
    SPDM_CHECK_RESPONSE_CODE,
    SPDM_CHECK_LAYOUT,             /* fields and lengths within the message */
    SPDM_CHECK_TRAILING,           /* nothing behind it but padding */
    SPDM_CHECK_RESPONSE_SIZE,      /* within our DataTransferSize */
    SPDM_CHECK_BUSY_LIMIT,
    SPDM_CHECK_NOT_READY_ALLOWED,
    SPDM_CHECK_NOT_READY_CODE,     /* names the request that we made */
    SPDM_CHECK_NOT_READY_WAIT,     /* within our bound */
    SPDM_CHECK_NOT_READY_LIMIT,    /* RDTM, and still not ready */

    /* Large messages in chunks. */
    SPDM_CHECK_CHUNK_NEGOTIATED,   /* LargeResponse, and both CHUNK_CAP */
    SPDM_CHECK_CHUNK_HANDLE,
    SPDM_CHECK_CHUNK_SEQ,          /* the next ChunkSeqNo, no other */
    SPDM_CHECK_CHUNK_TOTAL,        /* LargeMessageSize of a large message */
    SPDM_CHECK_CHUNK_LIMIT,        /* ... within our MaxSPDMmsgSize */
    SPDM_CHECK_CHUNK_SIZE,         /* the least there may be, no more than
                                      is left: the end comes nearer */
    SPDM_CHECK_CHUNK_LAST,         /* LastChunk with the last byte */
    SPDM_CHECK_CHUNK_EARLY,        /* EarlyErrorDetected has an ERROR */
    SPDM_CHECK_CHUNK_ANSWER,       /* with the last CHUNK_SEND_ACK only */

    SPDM_CHECK_VERSION_COUNT,
    SPDM_CHECK_VERSION_DUPLICATE,
    SPDM_CHECK_VERSION_COMMON,

    SPDM_CHECK_CAPS_CT_EXPONENT,
    SPDM_CHECK_CAPS_MEAS,
    SPDM_CHECK_CAPS_MEAS_FRESH,
    SPDM_CHECK_CAPS_PSK,
    SPDM_CHECK_CAPS_EP_INFO,
    SPDM_CHECK_CAPS_MULTI_KEY,
    SPDM_CHECK_CAPS_IDENTITY,      /* something signs, nothing identifies */
    SPDM_CHECK_CAPS_IDENTITY_KIND, /* CERT and PUB_KEY_ID both */
    SPDM_CHECK_CAPS_SESSION_MAC,   /* sessions without ENCRYPT and MAC */
    SPDM_CHECK_CAPS_SESSION_NONE,  /* session features without sessions */
    SPDM_CHECK_CAPS_CLEAR,         /* in the clear without KEY_EX */
    SPDM_CHECK_CAPS_MUT_AUTH,
    SPDM_CHECK_CAPS_PROVISION,     /* ALIAS, SET_CERT, CSR, INSTALL_RESET */
    SPDM_CHECK_CAPS_MULTI_KEY_NEEDS,
    SPDM_CHECK_CAPS_TRANSFER_SIZE,
    SPDM_CHECK_CAPS_MESSAGE_SIZE,
    SPDM_CHECK_CAPS_NO_CHUNK,
    SPDM_CHECK_CAPS_UNASKED_BLOCK, /* SupportedAlgorithms not asked for */
    SPDM_CHECK_CAPS_BLOCK,         /* ... or broken */
    SPDM_CHECK_CAPS_POLICY,        /* what our policy requires is missing */

    SPDM_CHECK_ALGS_TABLES,        /* other tables than ours */
    SPDM_CHECK_ALGS_EXTENDED,
    SPDM_CHECK_ALGS_HASH_OFFERED,
    SPDM_CHECK_ALGS_HASH_ONE,
    SPDM_CHECK_ALGS_HASH_NEEDED,
    SPDM_CHECK_ALGS_ASYM_OFFERED,
    SPDM_CHECK_ALGS_ASYM_ONE,
    SPDM_CHECK_ALGS_ASYM_NEEDED,
    SPDM_CHECK_ALGS_REQ_ASYM_OFFERED,
    SPDM_CHECK_ALGS_REQ_ASYM_ONE,
    SPDM_CHECK_ALGS_DHE_OFFERED,
    SPDM_CHECK_ALGS_DHE_ONE,
    SPDM_CHECK_ALGS_DHE_NEEDED,
    SPDM_CHECK_ALGS_KEM_OFFERED,
    SPDM_CHECK_ALGS_KEM_ONE,       /* or one beside a DHE group */
    SPDM_CHECK_ALGS_AEAD_OFFERED,
    SPDM_CHECK_ALGS_AEAD_ONE,
    SPDM_CHECK_ALGS_AEAD_NEEDED,
    SPDM_CHECK_ALGS_SCHEDULE_OFFERED,
    SPDM_CHECK_ALGS_SCHEDULE_NEEDED,
    SPDM_CHECK_ALGS_MEAS_SPEC_OFFERED,
    SPDM_CHECK_ALGS_MEAS_SPEC_NEEDED,
    SPDM_CHECK_ALGS_MEAS_HASH_ONE,
    SPDM_CHECK_ALGS_MEAS_HASH_NEEDED,
    SPDM_CHECK_ALGS_OPAQUE_OFFERED,
    SPDM_CHECK_ALGS_OPAQUE_ONE,
    SPDM_CHECK_ALGS_MULTI_KEY,
    SPDM_CHECK_ALGS_MEL,
    SPDM_CHECK_ALGS_MEL_NEEDED,

    SPDM_CHECK_DIGESTS_EMPTY,
    SPDM_CHECK_DIGESTS_SUPPORTED,  /* a slot that is not supported */
    SPDM_CHECK_DIGESTS_KEY_PAIR,
    SPDM_CHECK_DIGESTS_MODEL,
    SPDM_CHECK_DIGESTS_SLOT_0,
    SPDM_CHECK_DIGESTS_NO_CHAIN,
    SPDM_CHECK_DIGESTS_CHAIN,      /* not of the chain that we hold */

    SPDM_CHECK_CERT_SLOT,
    SPDM_CHECK_CERT_FORM,          /* large where small was asked for */
    SPDM_CHECK_CERT_INFO,
    SPDM_CHECK_CERT_EMPTY,         /* a portion without a byte */
    SPDM_CHECK_CERT_PORTION,       /* more than we asked for */
    SPDM_CHECK_CERT_REMAINDER,     /* does not add up */
    SPDM_CHECK_CERT_DIGEST,

    SPDM_CHECK_CHAIN_MALFORMED,
    SPDM_CHECK_CHAIN_ROOT_HASH,
    SPDM_CHECK_CHAIN_TRUST,
    SPDM_CHECK_CHAIN_SIGNATURE,
    SPDM_CHECK_CHAIN_EXPIRED,
    SPDM_CHECK_CHAIN_NOT_YET_VALID,
    SPDM_CHECK_CHAIN_CA,
    SPDM_CHECK_CHAIN_LEAF,
    SPDM_CHECK_CHAIN_KEY_USAGE,
    SPDM_CHECK_CHAIN_EXT_KEY_USAGE,
    SPDM_CHECK_CHAIN_KEY_TYPE,
    SPDM_CHECK_CHAIN_CMA_NAME,
    SPDM_CHECK_CHAIN_EXTENSION,

    SPDM_CHECK_CHALLENGE_SLOT,
    SPDM_CHECK_CHALLENGE_MASK,
    SPDM_CHECK_CHALLENGE_MUT_AUTH,
    SPDM_CHECK_CHALLENGE_CHAIN,    /* CertChainHash */
    SPDM_CHECK_CHALLENGE_CONTEXT,
    SPDM_CHECK_CHALLENGE_SIGNATURE,

    SPDM_CHECK_OPAQUE_LENGTH,
    SPDM_CHECK_OPAQUE_FORMAT,      /* that was not negotiated, or broken */

    SPDM_CHECK_MEAS_SLOT,
    SPDM_CHECK_MEAS_CONTEXT,
    SPDM_CHECK_MEAS_COUNT,         /* blocks where only a count was asked */
    SPDM_CHECK_MEAS_RECORD,        /* blocks do not fill the record */
    SPDM_CHECK_MEAS_NUMBER,        /* NumberOfBlocks */
    SPDM_CHECK_MEAS_INDEX,
    SPDM_CHECK_MEAS_ORDER,
    SPDM_CHECK_MEAS_SPEC,
    SPDM_CHECK_MEAS_VALUE,         /* a digest of another size */
    SPDM_CHECK_MEAS_CHANGED,
    SPDM_CHECK_MEAS_SUMMARY,       /* against a summary hash seen before */
    SPDM_CHECK_MEAS_SIGNATURE,

    SPDM_CHECK_MEL_EMPTY,          /* a portion without a byte */
    SPDM_CHECK_MEL_PORTION,        /* more than we asked for */
    SPDM_CHECK_MEL_REMAINDER,      /* does not add up, or is boundless */
    SPDM_CHECK_MEL_ENTRIES,        /* do not fill the log */
    SPDM_CHECK_MEL_ORDER,          /* MELIndex must ascend */
    SPDM_CHECK_MEL_EXTENDED,       /* against a hash-extended measurement */

    SPDM_CHECK_EP_INFO_SLOT,
    SPDM_CHECK_EP_INFO_ELEMENTS,   /* identifiers do not fill EPInfo */
    SPDM_CHECK_EP_INFO_SIGNATURE,

    SPDM_CHECK_EVENT_TYPES_LIST,   /* groups do not fill the list */

    SPDM_CHECK_SESSION_ID,
    SPDM_CHECK_SESSION_UNIQUE,
    SPDM_CHECK_SESSION_HEARTBEAT,
    SPDM_CHECK_SESSION_OPAQUE,
    SPDM_CHECK_SESSION_SELECTED,   /* no secured message version selected */
    SPDM_CHECK_SESSION_OFFERED,    /* one that we did not offer */

    SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH, /* asked for but not negotiated */
    SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH_FORM, /* two or reserved bits */
    SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH_ENCAP, /* no encapsulation for it */
    SPDM_CHECK_KEY_EXCHANGE_SLOT,
    SPDM_CHECK_KEY_EXCHANGE_SIGNATURE,
    SPDM_CHECK_KEY_EXCHANGE_PUBLIC,
    SPDM_CHECK_KEY_EXCHANGE_VERIFY,
    SPDM_CHECK_FINISH_VERIFY,

    SPDM_CHECK_PSK_CONTEXT,
    SPDM_CHECK_PSK_VERIFY,

    SPDM_CHECK_KEY_PAIR_ID,
    SPDM_CHECK_KEY_PAIR_USAGE,     /* not among its capabilities, as below */
    SPDM_CHECK_KEY_PAIR_ALGORITHM,
    SPDM_CHECK_KEY_PAIR_SLOTS,     /* several, and not shareable */

    SPDM_CHECK_KEY_UPDATE_OPERATION,
    SPDM_CHECK_KEY_UPDATE_TAG,
    SPDM_CHECK_KEY_UPDATE_KEYS,    /* acknowledged but not done */

    SPDM_CHECK_ENCAP_EMPTY,        /* no request where one is announced */
    SPDM_CHECK_ENCAP_ACK_ID,       /* acknowledges another response */
    SPDM_CHECK_ENCAP_ACK_KIND,     /* Param2 reserved, or out of place */
    SPDM_CHECK_ENCAP_SLOT,         /* a slot of ours that is empty */
    SPDM_CHECK_ENCAP_ENDLESS,
    SPDM_CHECK_ENCAP_UPDATE_KEYS,  /* announced but not done */
    SPDM_CHECK_ENCAP_UPDATE_OPEN,  /* never verified */

    SPDM_CHECK_PROVISION_RESET,    /* ResetRequired, not CERT_INSTALL_RESET */
    SPDM_CHECK_CSR_TAG,
    SPDM_CHECK_CSR_EMPTY,
    SPDM_CHECK_CSR_SIGNATURE,      /* no PKCS#10 signed by its own key */
    SPDM_CHECK_CSR_KEY,
    SPDM_CHECK_SET_CERT_SLOT,
    SPDM_CHECK_SLOT_SUB_CODE,      /* not the one that was asked for */
    SPDM_CHECK_SLOT_SUB_CODES,
    SPDM_CHECK_BANK_LIST,
    SPDM_CHECK_BANK_DETAILS,
    SPDM_CHECK_BANK_CHAIN,

    SPDM_CHECK_VENDOR_STANDARD,
    SPDM_CHECK_VENDOR_ID,

    SPDM_CHECK_DOE_OBJECT,         /* not a discovery object */
    SPDM_CHECK_DOE_FIRST,          /* entry 0 must be discovery */
    SPDM_CHECK_DOE_NEXT,           /* the index must grow */

    SPDM_CHECK_COUNT,
} SpdmCheck;

/** "version-echo", "challenge-signature", ...; "none". Static. */
SPDM_API const char *spdm_check_name(SpdmCheck check);

/** False when there is no check of this name. */
SPDM_API bool spdm_check_by_name(const char *name, SpdmCheck *check);

/**
 * Whether a failure means that identity, integrity or policy did not hold
 * (a signature, a MAC, a chain), rather than that the answer was no answer.
 */
SPDM_API bool spdm_check_is_verification(SpdmCheck check);

G_END_DECLS

#endif

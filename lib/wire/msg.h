/*
 * Every message as a struct, and its layout as one function of a coder.
 *
 * Views (SpdmBytes) of a decoded message point into the decoded bytes. In an
 * encoded message Signature and VerifyData may be left empty: they are
 * appended once the transcript before them is known.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_WIRE_MSG_H
#define SPDM_WIRE_MSG_H

#include "wire/codec.h"

enum { SPDM_MAX_VERSION_ENTRIES = 255 };

typedef struct SpdmMsgVersion {
    uint8_t count;
    uint16_t entries[SPDM_MAX_VERSION_ENTRIES];
} SpdmMsgVersion;

/** GET_CAPABILITIES and CAPABILITIES. */
typedef struct SpdmMsgCapabilities {
    uint8_t ct_exponent;
    uint16_t ext_flags;          /* 1.4 */
    uint32_t flags;
    uint32_t data_transfer_size; /* 1.2 */
    uint32_t max_msg_size;       /* 1.2 */
    SpdmBytes supported_algs;    /* 1.3 response, Param1 bit 0 */
} SpdmMsgCapabilities;

typedef struct SpdmAlgTable {
    uint8_t type;
    uint8_t count;               /* AlgCount as on the wire */
    uint16_t supported;          /* or selected */
} SpdmAlgTable;

enum { SPDM_MAX_ALG_TABLES = 8 };

/** NEGOTIATE_ALGORITHMS and ALGORITHMS; see the codec for the differences. */
typedef struct SpdmMsgAlgorithms {
    uint16_t length;
    uint8_t measurement_spec;
    uint8_t other_params;
    uint32_t measurement_hash;   /* ALGORITHMS only */
    uint32_t base_asym;
    uint32_t base_hash;
    uint32_t pqc_asym;           /* 1.4 */
    uint8_t mel_spec;            /* 1.3 */
    uint8_t ext_asym_count;
    uint8_t ext_hash_count;
    unsigned ext_count;          /* all extended algorithms, decoded */
    uint8_t table_count;         /* = Param1 */
    SpdmAlgTable tables[SPDM_MAX_ALG_TABLES];
} SpdmMsgAlgorithms;

typedef struct SpdmMsgDigests {
    unsigned count;              /* = bits of Param2 */
    SpdmBytes digests;           /* count x H, ascending slot */
    SpdmBytes key_pair_ids;      /* multi-key only: count bytes */
    SpdmBytes cert_infos;        /* multi-key only: count bytes */
    SpdmBytes key_usages;        /* multi-key only: 2 x count bytes */
} SpdmMsgDigests;

typedef struct SpdmMsgGetCertificate {
    bool large;                  /* 1.4, Param1 bit 7 */
    uint32_t offset;
    uint32_t length;
} SpdmMsgGetCertificate;

typedef struct SpdmMsgCertificate {
    bool large;
    uint32_t portion_length;
    uint32_t remainder_length;
    SpdmBytes portion;
} SpdmMsgCertificate;

typedef struct SpdmMsgChallenge {
    SpdmBytes nonce;
    SpdmBytes context;           /* 1.3 */
} SpdmMsgChallenge;

typedef struct SpdmMsgChallengeAuth {
    SpdmBytes cert_chain_hash;
    SpdmBytes nonce;
    SpdmBytes summary_hash;      /* ctx->has_summary */
    SpdmBytes opaque;
    SpdmBytes context;           /* 1.3 */
    SpdmBytes signature;         /* tail */
} SpdmMsgChallengeAuth;

typedef struct SpdmMsgGetMeasurements {
    SpdmBytes nonce;             /* signature asked for */
    uint8_t slot;                /* 1.1, signature asked for */
    SpdmBytes context;           /* 1.3 */
} SpdmMsgGetMeasurements;

typedef struct SpdmMsgMeasurements {
    uint8_t block_count;
    SpdmBytes record;
    SpdmBytes nonce;
    SpdmBytes opaque;
    SpdmBytes context;           /* 1.3 */
    SpdmBytes signature;         /* tail, ctx->has_signature */
} SpdmMsgMeasurements;

typedef struct SpdmMsgKeyExchange {
    uint16_t req_session_id;
    uint8_t session_policy;      /* 1.2 */
    SpdmBytes random;
    SpdmBytes exchange;
    SpdmBytes opaque;
} SpdmMsgKeyExchange;

typedef struct SpdmMsgKeyExchangeRsp {
    uint16_t rsp_session_id;
    uint8_t mut_auth_requested;
    uint8_t slot_id_param;
    SpdmBytes random;
    SpdmBytes exchange;
    SpdmBytes summary_hash;      /* ctx->has_summary */
    SpdmBytes opaque;
    SpdmBytes signature;         /* tail */
    SpdmBytes verify_data;       /* tail, unless in the clear */
} SpdmMsgKeyExchangeRsp;

/** FINISH, FINISH_RSP, PSK_FINISH and PSK_FINISH_RSP. */
typedef struct SpdmMsgFinish {
    SpdmBytes opaque;            /* 1.4 */
    SpdmBytes signature;         /* FINISH with Param1 bit 0; tail */
    SpdmBytes verify_data;       /* tail; FINISH_RSP only in the clear */
} SpdmMsgFinish;

typedef struct SpdmMsgPskExchange {
    uint16_t req_session_id;
    SpdmBytes hint;
    SpdmBytes context;
    SpdmBytes opaque;
} SpdmMsgPskExchange;

typedef struct SpdmMsgPskExchangeRsp {
    uint16_t rsp_session_id;
    SpdmBytes summary_hash;      /* ctx->has_summary */
    SpdmBytes context;
    SpdmBytes opaque;
    SpdmBytes verify_data;       /* tail */
} SpdmMsgPskExchangeRsp;

/** CHUNK_SEND, CHUNK_GET, CHUNK_RESPONSE and CHUNK_SEND_ACK; see msg-chunk.c
 * for which field is in which. Param2 is the Handle. */
typedef struct SpdmMsgChunk {
    uint32_t seq;                /* u16 before 1.4 */
    uint32_t large_size;         /* SEND and RESPONSE of seq 0 only */
    SpdmBytes chunk;             /* SEND, RESPONSE */
    SpdmBytes response;          /* SEND_ACK: embedded message or empty */
} SpdmMsgChunk;

/**
 * ENCAPSULATED_REQUEST, DELIVER_ENCAPSULATED_RESPONSE and
 * ENCAPSULATED_RESPONSE_ACK, whose Param2 says what is in it.
 */
typedef struct SpdmMsgEncap {
    uint8_t ack_id;              /* ACK from 1.2 on: AckRequestID */
    SpdmBytes message;           /* embedded message, or the slot number */
} SpdmMsgEncap;

typedef struct SpdmMsgGetCsr {
    SpdmBytes requester_info;    /* DER CertificationRequestInfo, or empty */
    SpdmBytes opaque;
} SpdmMsgGetCsr;

typedef struct SpdmMsgCsr {
    SpdmBytes csr;               /* PKCS#10, DER */
} SpdmMsgCsr;

/** The chain structure says its own length: padding may follow it. */
typedef struct SpdmMsgSetCertificate {
    SpdmBytes chain;             /* empty: Erase */
} SpdmMsgSetCertificate;

typedef struct SpdmMsgGetMel {
    uint32_t offset;
    uint32_t length;
} SpdmMsgGetMel;

typedef struct SpdmMsgMel {
    uint32_t portion_length;
    uint32_t remainder_length;
    SpdmBytes portion;
} SpdmMsgMel;

typedef struct SpdmMsgKeyPairInfo {
    uint8_t total;
    uint8_t key_pair_id;         /* also all of GET_KEY_PAIR_INFO */
    uint16_t capabilities;
    uint16_t key_usage_caps;
    uint16_t key_usage;
    uint32_t asym_caps;
    uint32_t asym;
    uint8_t slot_mask;           /* AssocCertSlotMask */
    SpdmBytes public_key_info;   /* DER AlgorithmIdentifier */
    SpdmBytes pqc_caps;          /* 1.4 */
    SpdmBytes pqc;               /* 1.4 */
} SpdmMsgKeyPairInfo;

typedef struct SpdmMsgSetKeyPairInfo {
    uint8_t key_pair_id;
    uint16_t key_usage;          /* these but for Param1 = erase */
    uint32_t asym;
    uint8_t slot_mask;
    SpdmBytes pqc;               /* 1.4 */
} SpdmMsgSetKeyPairInfo;

typedef struct SpdmMsgGetEndpointInfo {
    uint8_t attributes;          /* bit 0: signature requested */
    SpdmBytes nonce;             /* with bit 0 */
} SpdmMsgGetEndpointInfo;

typedef struct SpdmMsgEndpointInfo {
    SpdmBytes nonce;             /* ctx->has_signature */
    SpdmBytes info;
    SpdmBytes signature;         /* tail, ctx->has_signature */
} SpdmMsgEndpointInfo;

/** SUPPORTED_EVENT_TYPES and SUBSCRIBE_EVENT_TYPES: Param1 groups. */
typedef struct SpdmMsgEventTypes {
    SpdmBytes list;
} SpdmMsgEventTypes;

typedef struct SpdmMsgSendEvent {
    uint32_t count;
    SpdmBytes events;
} SpdmMsgSendEvent;

/** SLOT_MANAGEMENT (1.4): Param1, the SubCode, says which of these. */
typedef struct SpdmMsgSlotManagement {
    uint16_t offset;             /* MgmtStructOffset, 0: no structure */
    uint16_t req_length;         /* SlotAddress: of itself */
    uint8_t bank_id;
    uint8_t slot_id;             /* bits 3:0 */
    uint8_t operation;           /* ManageBank, ManageSlot */
    uint32_t asym;               /* ManageBank */
    SpdmBytes pqc;               /* ManageBank */
    uint8_t key_pair_id;         /* GetCSR, SetCertificate */
    uint8_t attributes;          /* GetCSR, SetCertificate */
    SpdmBytes requester_info;    /* GetCSR */
    SpdmBytes opaque;            /* GetCSR */
    SpdmBytes chain;             /* SetCertificate */
} SpdmMsgSlotManagement;

/** SLOT_MANAGEMENT_RESP, likewise. */
typedef struct SpdmMsgSlotManagementRsp {
    uint16_t offset;             /* MgmtStructOffset, 0: no structure */
    uint64_t sub_codes;          /* SupportedSubCodes: bit n for SubCode n */
    uint8_t bank_count;          /* GetBankInfo */
    uint8_t bank_id;             /* GetBankDetails, as what follows */
    uint16_t slot_count;
    uint8_t bank_attributes;
    uint32_t asym_caps;
    uint32_t asym;
    uint32_t asym_available;
    SpdmBytes pqc_caps;
    SpdmBytes pqc;
    SpdmBytes pqc_available;
    SpdmBytes elements;          /* SpdmBankElement or SpdmSlotElement */
    SpdmBytes data;              /* GetCertificateChain, GetCSR */
} SpdmMsgSlotManagementRsp;

/** VENDOR_DEFINED_REQUEST and _RESPONSE. */
/** Param1 of VENDOR_DEFINED (1.4): the payload's length has 32 bits. */
enum { SPDM_VENDOR_LARGE_PAYLOAD = 0x80 };

typedef struct SpdmMsgVendor {
    uint16_t standard_id;
    SpdmBytes vendor_id;
    SpdmBytes payload;
} SpdmMsgVendor;

typedef struct SpdmMsgError {
    SpdmBytes data;              /* ExtendedErrorData, to the message's end */
} SpdmMsgError;

typedef struct SpdmMsg {
    SpdmHeader h;
    union {
        SpdmMsgVersion version;
        SpdmMsgCapabilities capabilities;
        SpdmMsgAlgorithms algorithms;
        SpdmMsgDigests digests;
        SpdmMsgGetCertificate get_certificate;
        SpdmMsgCertificate certificate;
        SpdmMsgChallenge challenge;
        SpdmMsgChallengeAuth challenge_auth;
        SpdmMsgGetMeasurements get_measurements;
        SpdmMsgMeasurements measurements;
        SpdmMsgKeyExchange key_exchange;
        SpdmMsgKeyExchangeRsp key_exchange_rsp;
        SpdmMsgFinish finish;
        SpdmMsgPskExchange psk_exchange;
        SpdmMsgPskExchangeRsp psk_exchange_rsp;
        SpdmMsgChunk chunk;
        SpdmMsgEncap encap;
        SpdmMsgGetCsr get_csr;
        SpdmMsgCsr csr;
        SpdmMsgSetCertificate set_certificate;
        SpdmMsgGetMel get_mel;
        SpdmMsgMel mel;
        SpdmMsgKeyPairInfo key_pair_info;
        SpdmMsgSetKeyPairInfo set_key_pair_info;
        SpdmMsgGetEndpointInfo get_endpoint_info;
        SpdmMsgEndpointInfo endpoint_info;
        SpdmMsgEventTypes event_types;
        SpdmMsgSendEvent send_event;
        SpdmMsgSlotManagement slot_management;
        SpdmMsgSlotManagementRsp slot_management_resp;
        SpdmMsgVendor vendor;
        SpdmMsgError error;
    };
} SpdmMsg;

/** Body of one message, after the 4-byte header. */
typedef void (*SpdmBodyCodec)(SpdmCoder *c, SpdmMsg *m);

void spdm_body_none(SpdmCoder *c, SpdmMsg *m);
void spdm_body_version(SpdmCoder *c, SpdmMsg *m);
void spdm_body_get_capabilities(SpdmCoder *c, SpdmMsg *m);
void spdm_body_capabilities(SpdmCoder *c, SpdmMsg *m);
void spdm_body_negotiate_algorithms(SpdmCoder *c, SpdmMsg *m);
void spdm_body_algorithms(SpdmCoder *c, SpdmMsg *m);
void spdm_body_digests(SpdmCoder *c, SpdmMsg *m);
void spdm_body_get_certificate(SpdmCoder *c, SpdmMsg *m);
void spdm_body_certificate(SpdmCoder *c, SpdmMsg *m);
void spdm_body_challenge(SpdmCoder *c, SpdmMsg *m);
void spdm_body_challenge_auth(SpdmCoder *c, SpdmMsg *m);
void spdm_body_get_measurements(SpdmCoder *c, SpdmMsg *m);
void spdm_body_measurements(SpdmCoder *c, SpdmMsg *m);
void spdm_body_key_exchange(SpdmCoder *c, SpdmMsg *m);
void spdm_body_key_exchange_rsp(SpdmCoder *c, SpdmMsg *m);
void spdm_body_finish(SpdmCoder *c, SpdmMsg *m);
void spdm_body_finish_rsp(SpdmCoder *c, SpdmMsg *m);
void spdm_body_psk_exchange(SpdmCoder *c, SpdmMsg *m);
void spdm_body_psk_exchange_rsp(SpdmCoder *c, SpdmMsg *m);
void spdm_body_psk_finish(SpdmCoder *c, SpdmMsg *m);
void spdm_body_psk_finish_rsp(SpdmCoder *c, SpdmMsg *m);
void spdm_body_chunk(SpdmCoder *c, SpdmMsg *m);
void spdm_body_chunk_get(SpdmCoder *c, SpdmMsg *m);
void spdm_body_chunk_send_ack(SpdmCoder *c, SpdmMsg *m);
void spdm_body_encap(SpdmCoder *c, SpdmMsg *m);
void spdm_body_encap_ack(SpdmCoder *c, SpdmMsg *m);
void spdm_body_get_csr(SpdmCoder *c, SpdmMsg *m);
void spdm_body_csr(SpdmCoder *c, SpdmMsg *m);
void spdm_body_set_certificate(SpdmCoder *c, SpdmMsg *m);
void spdm_body_get_mel(SpdmCoder *c, SpdmMsg *m);
void spdm_body_mel(SpdmCoder *c, SpdmMsg *m);
void spdm_body_get_key_pair_info(SpdmCoder *c, SpdmMsg *m);
void spdm_body_key_pair_info(SpdmCoder *c, SpdmMsg *m);
void spdm_body_set_key_pair_info(SpdmCoder *c, SpdmMsg *m);
void spdm_body_get_endpoint_info(SpdmCoder *c, SpdmMsg *m);
void spdm_body_endpoint_info(SpdmCoder *c, SpdmMsg *m);
void spdm_body_supported_event_types(SpdmCoder *c, SpdmMsg *m);
void spdm_body_subscribe_event_types(SpdmCoder *c, SpdmMsg *m);
void spdm_body_send_event(SpdmCoder *c, SpdmMsg *m);
void spdm_body_slot_management(SpdmCoder *c, SpdmMsg *m);
void spdm_body_slot_management_resp(SpdmCoder *c, SpdmMsg *m);
void spdm_body_vendor(SpdmCoder *c, SpdmMsg *m);
void spdm_body_error(SpdmCoder *c, SpdmMsg *m);

/** One row for every code that this library can lay out. */
typedef struct SpdmMsgDesc {
    uint8_t code;
    const char *name;
    SpdmBodyCodec body;
} SpdmMsgDesc;

/** The row of @code, or NULL. */
const SpdmMsgDesc *spdm_msg_desc(uint8_t code);

/**
 * Decodes @bytes as the message its header names. Bytes behind the message
 * are left alone (transport padding): *size, if not NULL, receives the exact
 * size. False when too short, contradictory, or of an unknown code. @sink may
 * be NULL.
 */
bool spdm_msg_decode(const SpdmWireCtx *ctx, SpdmBytes bytes, SpdmMsg *m,
                     size_t *size, const SpdmFieldSink *sink);

/**
 * Appends the message m->h.code names to @out. False (and @out as before)
 * when a field does not fit its place: a programming error on our side.
 */
bool spdm_msg_encode(const SpdmWireCtx *ctx, SpdmMsg *m, GByteArray *out);

/**
 * A message inside a message, laid out by ctx->embedded: decoding takes
 * exactly it, or all that is left where it cannot be parsed.
 */
void spdm_code_message(SpdmCoder *c, const char *name, SpdmBytes *v);

/** One measurement block (DMTF measurement specification). */
typedef struct SpdmMeasBlock {
    uint8_t index;
    uint8_t spec;
    uint8_t value_type;          /* bit 7: raw bit stream */
    SpdmBytes value;
} SpdmMeasBlock;

/** Reads or writes one block. */
void spdm_code_meas_block(SpdmCoder *c, SpdmMeasBlock *b);

#endif

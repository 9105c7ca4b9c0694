/*
 * Handlers and their later steps, by message; see commands.c.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_RESPONDER_HANDLERS_H
#define SPDM_RESPONDER_HANDLERS_H

#include "responder/commands.h"

/* abort.c */

/** What the operator has in store for this request. */
SpdmStatus spdm_gate_operator(SpdmTxn *t);

/* rsp-version.c */
SpdmStatus spdm_rsp_version(SpdmTxn *t);
void spdm_commit_version(SpdmTxn *t);

/* rsp-capabilities.c */
SpdmStatus spdm_rsp_capabilities(SpdmTxn *t);
void spdm_commit_capabilities(SpdmTxn *t);

/* supported-algs.c */

/** The Supported Algorithms block of this responder, for t->req's version. */
SpdmBytes spdm_supported_algs(SpdmTxn *t);

/* rsp-algorithms.c */
SpdmStatus spdm_rsp_algorithms(SpdmTxn *t);
void spdm_commit_algorithms(SpdmTxn *t);

/* rsp-digests.c, rsp-certificate.c */
SpdmStatus spdm_rsp_digests(SpdmTxn *t);
void spdm_commit_digests(SpdmTxn *t);
SpdmStatus spdm_rsp_certificate(SpdmTxn *t);
void spdm_commit_certificate(SpdmTxn *t);

/* rsp-challenge.c */
SpdmStatus spdm_rsp_challenge_auth(SpdmTxn *t);
SpdmStatus spdm_finish_challenge_auth(SpdmTxn *t);
void spdm_commit_challenge_auth(SpdmTxn *t);

/* rsp-chunk-send.c, rsp-chunk-get.c */
SpdmStatus spdm_resume_chunk_send(SpdmTxn *t);
SpdmStatus spdm_rsp_chunk_response(SpdmTxn *t);
void spdm_commit_chunk_response(SpdmTxn *t);

/* rsp-measurements.c */
SpdmStatus spdm_rsp_measurements(SpdmTxn *t);
SpdmStatus spdm_finish_measurements(SpdmTxn *t);
void spdm_commit_measurements(SpdmTxn *t);

/* rsp-mel.c */
SpdmStatus spdm_rsp_mel(SpdmTxn *t);

/**
 * The value of hash-extended measurement @index (hash->size bytes): zeros,
 * extended by each entry of the log that names it.
 */
void spdm_mel_extend(const SpdmTxn *t, uint8_t index,
                     const SpdmHashAlg *hash, uint8_t *out);

/* rsp-endpoint-info.c */
SpdmStatus spdm_rsp_endpoint_info(SpdmTxn *t);
SpdmStatus spdm_finish_endpoint_info(SpdmTxn *t);

/* rsp-key-exchange.c, rsp-finish.c */
SpdmStatus spdm_rsp_key_exchange(SpdmTxn *t);
SpdmStatus spdm_finish_key_exchange(SpdmTxn *t);
void spdm_commit_key_exchange(SpdmTxn *t);
SpdmStatus spdm_rsp_finish(SpdmTxn *t);
SpdmStatus spdm_finish_finish(SpdmTxn *t);
void spdm_sent_finish(SpdmTxn *t);

/* rsp-psk-exchange.c, rsp-psk-finish.c */
SpdmStatus spdm_rsp_psk_exchange(SpdmTxn *t);
SpdmStatus spdm_finish_psk_exchange(SpdmTxn *t);
void spdm_commit_psk_exchange(SpdmTxn *t);
SpdmStatus spdm_rsp_psk_finish(SpdmTxn *t);

/* rsp-heartbeat.c, rsp-key-update.c, rsp-end-session.c */
SpdmStatus spdm_rsp_heartbeat(SpdmTxn *t);
SpdmStatus spdm_rsp_key_update(SpdmTxn *t);
void spdm_commit_key_update(SpdmTxn *t);
SpdmStatus spdm_rsp_end_session(SpdmTxn *t);
void spdm_sent_end_session(SpdmTxn *t);

/* rsp-encapsulated.c */
SpdmStatus spdm_rsp_encapsulated_request(SpdmTxn *t);
SpdmStatus spdm_rsp_encapsulated_response_ack(SpdmTxn *t);
void spdm_failed_encapsulated(SpdmTxn *t, const SpdmStatus *st);

/* rsp-event-types.c */
SpdmStatus spdm_rsp_event_types(SpdmTxn *t);
SpdmStatus spdm_rsp_subscribe(SpdmTxn *t);
void spdm_commit_subscribe(SpdmTxn *t);

/* rsp-key-pair-info.c, rsp-set-key-pair-info.c */
SpdmStatus spdm_rsp_key_pair_info(SpdmTxn *t);
SpdmStatus spdm_rsp_set_key_pair_info(SpdmTxn *t);

/** Key pair @id of the provider; false when there is none. */
bool spdm_txn_key_pair(const SpdmTxn *t, uint8_t id, SpdmKeyPair *pair);

/* rsp-csr.c, rsp-set-certificate.c */
SpdmStatus spdm_rsp_csr(SpdmTxn *t);
void spdm_commit_csr(SpdmTxn *t);

/**
 * The CSR for @ask, whose model and hash are filled in here; @attributes as in
 * Param2 of GET_CSR.
 */
SpdmStatus spdm_answer_csr(SpdmTxn *t, SpdmCsrRequest *ask,
                           uint8_t attributes, SpdmBytes *csr);
void spdm_commit_answered_csr(SpdmTxn *t, uint8_t attributes);
SpdmStatus spdm_rsp_set_certificate(SpdmTxn *t);
SpdmStatus spdm_finish_set_certificate(SpdmTxn *t);
void spdm_commit_set_certificate(SpdmTxn *t);

/* rsp-slot-management.c */
SpdmStatus spdm_rsp_slot_management(SpdmTxn *t);
SpdmStatus spdm_finish_slot_management(SpdmTxn *t);
void spdm_commit_slot_management(SpdmTxn *t);

/** Whether this connection may use the SubCode. */
bool spdm_slot_sub_code_served(const SpdmTxn *t, uint8_t sub_code);

/* slot-bank.c: a bank as a connection sees it. */

typedef struct SpdmSlotBank {
    SpdmBank bank;
    uint32_t asym;           /* BaseAsymAlgo bit to ask the provider with */
    bool selected;           /* of the negotiated algorithm */
    uint8_t provisioned;     /* slots with a chain, as a mask */
    uint8_t slots;           /* slots there are */
} SpdmSlotBank;

/** Bank @id; false when there is none. */
bool spdm_slot_bank(const SpdmTxn *t, uint8_t id, SpdmSlotBank *bank);

/* rsp-slot-bank.c, rsp-slot-change.c: by SubCode. */
SpdmStatus spdm_slot_bank_info(SpdmTxn *t, const SpdmSlotBank *b);
SpdmStatus spdm_slot_bank_details(SpdmTxn *t, const SpdmSlotBank *b);
SpdmStatus spdm_slot_certificate_chain(SpdmTxn *t, const SpdmSlotBank *b);
SpdmStatus spdm_slot_csr(SpdmTxn *t, const SpdmSlotBank *b);
void spdm_commit_slot_csr(SpdmTxn *t, const SpdmSlotBank *b);
SpdmStatus spdm_slot_manage_bank(SpdmTxn *t, const SpdmSlotBank *b);
SpdmStatus spdm_finish_slot_manage_bank(SpdmTxn *t, const SpdmSlotBank *b);
SpdmStatus spdm_slot_manage_slot(SpdmTxn *t, const SpdmSlotBank *b);
SpdmStatus spdm_slot_set_certificate(SpdmTxn *t, const SpdmSlotBank *b);
SpdmStatus spdm_finish_slot_chain(SpdmTxn *t, const SpdmSlotBank *b);
void spdm_commit_slot_chain(SpdmTxn *t, const SpdmSlotBank *b);

/* rsp-vendor.c */
SpdmStatus spdm_rsp_vendor(SpdmTxn *t);

/* rsp-respond-if-ready.c */
SpdmStatus spdm_resume_deferred(SpdmTxn *t);

/** ResponseNotReady when somebody asked for it; else OK. */
SpdmStatus spdm_defer(SpdmTxn *t);

/* new-session.c: what KEY_EXCHANGE and PSK_EXCHANGE share. */

/** What both requests carry, by other names. */
typedef struct SpdmNewSession {
    SpdmSessionType type;
    uint16_t req_session_id;
    uint8_t policy;
    SpdmBytes opaque;
} SpdmNewSession;

/**
 * Begins a session in the transaction: room, ids, secured message version.
 * @opaque receives the response's opaque data.
 */
SpdmStatus spdm_new_session(SpdmTxn *t, const SpdmNewSession *ask,
                            SpdmBytes *opaque);
static inline uint16_t spdm_rsp_session_id(const SpdmSession *s)
{
    return (uint16_t)(s->id >> 16);
}


/** Moves the pending session into the table: its handshake begins. */
SpdmSession *spdm_commit_new_session(SpdmTxn *t);

/* end-handshake.c: what FINISH and PSK_FINISH share. */

/** Compares RequesterVerifyData; an ERROR of it ends the session. */
SpdmStatus spdm_check_requester_verify_data(SpdmTxn *t);

/** Computes t->th2 over all of request and response. */
SpdmStatus spdm_finish_th2(SpdmTxn *t);

/** Switches @s to the data keys made from t->th2: it is established. */
void spdm_establish(SpdmTxn *t, SpdmSession *s);

/** @mask as a PqcAsymAlgo field (1.4). */
SpdmBytes spdm_pqc_field(SpdmTxn *t, uint32_t mask);

/** Such a field of a request; false on bits beyond all that are known. */
bool spdm_read_pqc_field(SpdmBytes field, uint32_t *mask);

/* provision.c: what GET_CSR, SET_CERTIFICATE and SLOT_MANAGEMENT share. */

/**
 * KeyPairID and certificate model (1.3): both needed on a connection with
 * several keys, both zero on others.
 */
SpdmStatus spdm_check_key_pair(const SpdmTxn *t, uint8_t key_pair_id,
                               uint8_t model);

/** GenericCert is not for slot 0. */
SpdmStatus spdm_check_model(uint8_t slot, uint8_t model);

/** Slots that exist, of which those in @provisioned are in use. */
uint8_t spdm_existing_slots(const SpdmTxn *t, uint8_t provisioned);

/** Fields common to all requests for a CSR. */
SpdmStatus spdm_check_csr(const SpdmTxn *t, const SpdmCsrRequest *ask);

/** The provider's CSR as a view that lives as long as the transaction. */
SpdmStatus spdm_make_csr(SpdmTxn *t, const SpdmCsrRequest *ask,
                         SpdmBytes *csr);

/** Whether @slot may be changed where this request came from. */
SpdmStatus spdm_check_slot_access(const SpdmTxn *t, uint8_t slot);

/**
 * Takes up to @pad bytes of transport padding off a certificate chain
 * structure and checks it: by itself, and as one for BaseAsymAlgo @asym and
 * the negotiated hash.
 */
SpdmStatus spdm_check_new_chain(const SpdmTxn *t, uint32_t asym, size_t pad,
                                SpdmBytes *chain);

/**
 * Has the provider put a chain (or nothing) into a slot; the hash is the
 * connection's. ResetRequired when that takes effect at the next reset only.
 */
SpdmStatus spdm_put_chain(SpdmTxn *t, const SpdmSetCertificate *ask);

/* measure.c */

typedef struct SpdmMeasureQuery {
    uint8_t index;           /* SPDM_MEAS_OP_ALL: all */
    bool raw;                /* as raw bit streams */
    bool pending;            /* as they will be after an update */
} SpdmMeasureQuery;

/** Appends the blocks asked for to @record; returns how many. */
unsigned spdm_measure(const SpdmTxn *t, const SpdmMeasureQuery *query,
                      GByteArray *record);

/** Hash of all that is measured now, H bytes: equal while nothing changed. */
void spdm_measure_digest(const SpdmTxn *t, uint8_t *out);

/** How many measurement blocks the device has. */
unsigned spdm_measure_count(const SpdmTxn *t);

/** Checks a requested summary type against what was negotiated. */
SpdmStatus spdm_check_summary(const SpdmTxn *t, uint8_t type);

/**
 * The measurement summary hash of @type (empty for none); sets
 * t->wire.has_summary. DSP0274 CHALLENGE_AUTH MeasurementSummaryHash.
 */
SpdmBytes spdm_measure_summary(SpdmTxn *t, uint8_t type);

#endif

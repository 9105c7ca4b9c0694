/*
 * The table of checks, and the one place where a check fails.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"
#include "requester/weak.h"

typedef struct CheckRow {
    const char *name;
    bool verification;
} CheckRow;

/* P: the answer is no proper answer. V: identity, integrity, policy. */
#define P(id, text) [SPDM_CHECK_##id] = { text, false }
#define V(id, text) [SPDM_CHECK_##id] = { text, true }

static const CheckRow checks[] = {
    P(NONE, "none"),
    P(FRAME, "frame"),
    V(PLAIN_IN_SESSION, "plain-in-session"),
    P(RECORD_OUTSIDE, "record-outside"),
    V(RECORD_SESSION, "record-session"),
    V(RECORD_LENGTH, "record-length"),
    V(RECORD_TAG, "record-tag"),
    V(RECORD_LIMIT, "record-limit"),
    P(HEADER, "header"),
    P(VERSION_ECHO, "version-echo"),
    P(RESPONSE_CODE, "response-code"),
    P(LAYOUT, "layout"),
    P(TRAILING, "trailing"),
    P(RESPONSE_SIZE, "response-size"),
    P(BUSY_LIMIT, "busy-limit"),
    P(NOT_READY_ALLOWED, "not-ready-allowed"),
    P(NOT_READY_CODE, "not-ready-code"),
    P(NOT_READY_WAIT, "not-ready-wait"),
    P(NOT_READY_LIMIT, "not-ready-limit"),
    P(CHUNK_NEGOTIATED, "chunk-negotiated"),
    P(CHUNK_HANDLE, "chunk-handle"),
    P(CHUNK_SEQ, "chunk-seq"),
    P(CHUNK_TOTAL, "chunk-total"),
    P(CHUNK_LIMIT, "chunk-limit"),
    P(CHUNK_SIZE, "chunk-size"),
    P(CHUNK_LAST, "chunk-last"),
    P(CHUNK_EARLY, "chunk-early"),
    P(CHUNK_ANSWER, "chunk-answer"),
    P(VERSION_COUNT, "version-count"),
    P(VERSION_DUPLICATE, "version-duplicate"),
    P(VERSION_COMMON, "version-common"),
    P(CAPS_CT_EXPONENT, "caps-ct-exponent"),
    P(CAPS_MEAS, "caps-meas"),
    P(CAPS_MEAS_FRESH, "caps-meas-fresh"),
    P(CAPS_PSK, "caps-psk"),
    P(CAPS_EP_INFO, "caps-ep-info"),
    P(CAPS_MULTI_KEY, "caps-multi-key"),
    P(CAPS_IDENTITY, "caps-identity"),
    P(CAPS_IDENTITY_KIND, "caps-identity-kind"),
    P(CAPS_SESSION_MAC, "caps-session-mac"),
    P(CAPS_SESSION_NONE, "caps-session-none"),
    P(CAPS_CLEAR, "caps-clear"),
    P(CAPS_MUT_AUTH, "caps-mut-auth"),
    P(CAPS_PROVISION, "caps-provision"),
    P(CAPS_MULTI_KEY_NEEDS, "caps-multi-key-needs"),
    P(CAPS_TRANSFER_SIZE, "caps-transfer-size"),
    P(CAPS_MESSAGE_SIZE, "caps-message-size"),
    P(CAPS_NO_CHUNK, "caps-no-chunk"),
    P(CAPS_UNASKED_BLOCK, "caps-unasked-block"),
    P(CAPS_BLOCK, "caps-block"),
    V(CAPS_POLICY, "caps-policy"),
    P(ALGS_TABLES, "algs-tables"),
    P(ALGS_EXTENDED, "algs-extended"),
    P(ALGS_HASH_OFFERED, "algs-hash-offered"),
    P(ALGS_HASH_ONE, "algs-hash-one"),
    P(ALGS_HASH_NEEDED, "algs-hash-needed"),
    P(ALGS_ASYM_OFFERED, "algs-asym-offered"),
    P(ALGS_ASYM_ONE, "algs-asym-one"),
    P(ALGS_ASYM_NEEDED, "algs-asym-needed"),
    P(ALGS_REQ_ASYM_OFFERED, "algs-req-asym-offered"),
    P(ALGS_REQ_ASYM_ONE, "algs-req-asym-one"),
    P(ALGS_DHE_OFFERED, "algs-dhe-offered"),
    P(ALGS_DHE_ONE, "algs-dhe-one"),
    P(ALGS_DHE_NEEDED, "algs-dhe-needed"),
    P(ALGS_KEM_OFFERED, "algs-kem-offered"),
    P(ALGS_KEM_ONE, "algs-kem-one"),
    P(ALGS_AEAD_OFFERED, "algs-aead-offered"),
    P(ALGS_AEAD_ONE, "algs-aead-one"),
    P(ALGS_AEAD_NEEDED, "algs-aead-needed"),
    P(ALGS_SCHEDULE_OFFERED, "algs-schedule-offered"),
    P(ALGS_SCHEDULE_NEEDED, "algs-schedule-needed"),
    P(ALGS_MEAS_SPEC_OFFERED, "algs-meas-spec-offered"),
    P(ALGS_MEAS_SPEC_NEEDED, "algs-meas-spec-needed"),
    P(ALGS_MEAS_HASH_ONE, "algs-meas-hash-one"),
    P(ALGS_MEAS_HASH_NEEDED, "algs-meas-hash-needed"),
    P(ALGS_OPAQUE_OFFERED, "algs-opaque-offered"),
    P(ALGS_OPAQUE_ONE, "algs-opaque-one"),
    P(ALGS_MULTI_KEY, "algs-multi-key"),
    P(ALGS_MEL, "algs-mel"),
    P(ALGS_MEL_NEEDED, "algs-mel-needed"),
    P(DIGESTS_EMPTY, "digests-empty"),
    P(DIGESTS_SUPPORTED, "digests-supported"),
    P(DIGESTS_KEY_PAIR, "digests-key-pair"),
    P(DIGESTS_MODEL, "digests-model"),
    P(DIGESTS_SLOT_0, "digests-slot-0"),
    P(DIGESTS_NO_CHAIN, "digests-no-chain"),
    V(DIGESTS_CHAIN, "digests-chain"),
    P(CERT_SLOT, "cert-slot"),
    P(CERT_FORM, "cert-form"),
    P(CERT_INFO, "cert-info"),
    P(CERT_EMPTY, "cert-empty"),
    P(CERT_PORTION, "cert-portion"),
    P(CERT_REMAINDER, "cert-remainder"),
    V(CERT_DIGEST, "cert-digest"),
    V(CHAIN_MALFORMED, "chain-malformed"),
    V(CHAIN_ROOT_HASH, "chain-root-hash"),
    V(CHAIN_TRUST, "chain-trust"),
    V(CHAIN_SIGNATURE, "chain-signature"),
    V(CHAIN_EXPIRED, "chain-expired"),
    V(CHAIN_NOT_YET_VALID, "chain-not-yet-valid"),
    V(CHAIN_CA, "chain-ca"),
    V(CHAIN_LEAF, "chain-leaf"),
    V(CHAIN_KEY_USAGE, "chain-key-usage"),
    V(CHAIN_EXT_KEY_USAGE, "chain-ext-key-usage"),
    V(CHAIN_KEY_TYPE, "chain-key-type"),
    V(CHAIN_CMA_NAME, "chain-cma-name"),
    V(CHAIN_EXTENSION, "chain-extension"),
    P(CHALLENGE_SLOT, "challenge-slot"),
    P(CHALLENGE_MASK, "challenge-mask"),
    P(CHALLENGE_MUT_AUTH, "challenge-mut-auth"),
    V(CHALLENGE_CHAIN, "challenge-chain"),
    V(CHALLENGE_CONTEXT, "challenge-context"),
    V(CHALLENGE_SIGNATURE, "challenge-signature"),
    P(OPAQUE_LENGTH, "opaque-length"),
    P(OPAQUE_FORMAT, "opaque-format"),
    P(MEAS_SLOT, "meas-slot"),
    V(MEAS_CONTEXT, "meas-context"),
    P(MEAS_COUNT, "meas-count"),
    P(MEAS_RECORD, "meas-record"),
    P(MEAS_NUMBER, "meas-number"),
    P(MEAS_INDEX, "meas-index"),
    P(MEAS_ORDER, "meas-order"),
    P(MEAS_SPEC, "meas-spec"),
    P(MEAS_VALUE, "meas-value"),
    V(MEAS_CHANGED, "meas-changed"),
    V(MEAS_SUMMARY, "meas-summary"),
    V(MEAS_SIGNATURE, "meas-signature"),
    P(MEL_EMPTY, "mel-empty"),
    P(MEL_PORTION, "mel-portion"),
    P(MEL_REMAINDER, "mel-remainder"),
    P(MEL_ENTRIES, "mel-entries"),
    P(MEL_ORDER, "mel-order"),
    V(MEL_EXTENDED, "mel-extended"),
    P(EP_INFO_SLOT, "ep-info-slot"),
    P(EP_INFO_ELEMENTS, "ep-info-elements"),
    V(EP_INFO_SIGNATURE, "ep-info-signature"),
    P(EVENT_TYPES_LIST, "event-types-list"),
    P(SESSION_ID, "session-id"),
    P(SESSION_UNIQUE, "session-unique"),
    P(SESSION_HEARTBEAT, "session-heartbeat"),
    P(SESSION_OPAQUE, "session-opaque"),
    P(SESSION_SELECTED, "session-selected"),
    P(SESSION_OFFERED, "session-offered"),
    P(KEY_EXCHANGE_MUT_AUTH, "key-exchange-mut-auth"),
    P(KEY_EXCHANGE_MUT_AUTH_FORM, "key-exchange-mut-auth-form"),
    P(KEY_EXCHANGE_MUT_AUTH_ENCAP, "key-exchange-mut-auth-encap"),
    P(KEY_EXCHANGE_SLOT, "key-exchange-slot"),
    V(KEY_EXCHANGE_SIGNATURE, "key-exchange-signature"),
    V(KEY_EXCHANGE_PUBLIC, "key-exchange-public"),
    V(KEY_EXCHANGE_VERIFY, "key-exchange-verify"),
    V(FINISH_VERIFY, "finish-verify"),
    P(PSK_CONTEXT, "psk-context"),
    V(PSK_VERIFY, "psk-verify"),
    P(KEY_PAIR_ID, "key-pair-id"),
    P(KEY_PAIR_USAGE, "key-pair-usage"),
    P(KEY_PAIR_ALGORITHM, "key-pair-algorithm"),
    P(KEY_PAIR_SLOTS, "key-pair-slots"),
    P(KEY_UPDATE_OPERATION, "key-update-operation"),
    P(KEY_UPDATE_TAG, "key-update-tag"),
    V(KEY_UPDATE_KEYS, "key-update-keys"),
    P(ENCAP_EMPTY, "encap-empty"),
    P(ENCAP_ACK_ID, "encap-ack-id"),
    P(ENCAP_ACK_KIND, "encap-ack-kind"),
    P(ENCAP_SLOT, "encap-slot"),
    P(ENCAP_ENDLESS, "encap-endless"),
    V(ENCAP_UPDATE_KEYS, "encap-update-keys"),
    V(ENCAP_UPDATE_OPEN, "encap-update-open"),
    P(PROVISION_RESET, "provision-reset"),
    P(CSR_TAG, "csr-tag"),
    P(CSR_EMPTY, "csr-empty"),
    V(CSR_SIGNATURE, "csr-signature"),
    V(CSR_KEY, "csr-key"),
    P(SET_CERT_SLOT, "set-certificate-slot"),
    P(SLOT_SUB_CODE, "slot-sub-code"),
    P(SLOT_SUB_CODES, "slot-sub-codes"),
    P(BANK_LIST, "bank-list"),
    P(BANK_DETAILS, "bank-details"),
    V(BANK_CHAIN, "bank-chain"),
    P(VENDOR_STANDARD, "vendor-standard"),
    P(VENDOR_ID, "vendor-id"),
    P(DOE_OBJECT, "doe-object"),
    P(DOE_FIRST, "doe-first"),
    P(DOE_NEXT, "doe-next"),
};

G_STATIC_ASSERT(G_N_ELEMENTS(checks) == SPDM_CHECK_COUNT);

const char *spdm_check_name(SpdmCheck check)
{
    return (unsigned)check < SPDM_CHECK_COUNT ? checks[check].name : "none";
}

bool spdm_check_by_name(const char *name, SpdmCheck *check)
{
    for (unsigned i = SPDM_CHECK_NONE + 1; i < SPDM_CHECK_COUNT; i++) {
        if (strcmp(checks[i].name, name) == 0) {
            *check = (SpdmCheck)i;
            return true;
        }
    }
    return false;
}

bool spdm_check_is_verification(SpdmCheck check)
{
    return (unsigned)check < SPDM_CHECK_COUNT && checks[check].verification;
}

bool spdm_req_check(SpdmRequester *rq, SpdmCheck check, bool cond,
                    const char *why)
{
    if (cond || spdm_req_weak(rq, check)) {
        return true;
    }
    spdm_req_fail(rq, checks[check].verification ?
                  SPDM_REQUESTER_ERROR_VERIFY : SPDM_REQUESTER_ERROR_PROTOCOL,
                  "%s (%s)", why, checks[check].name);
    rq->failure.check = check;
    return false;
}

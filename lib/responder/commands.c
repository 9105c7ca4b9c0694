/*
 * The command table.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/encap.h"
#include "responder/handlers.h"

static const SpdmCommand commands[] = {
    {
        .code = SPDM_GET_VERSION,
        .min_version = SPDM_VERSION_10,
        .state = SPDM_CONN_NOT_STARTED,
        .where = SPDM_AT_OUTSIDE,
        .flags = SPDM_CMD_VERSION_10 | SPDM_CMD_WHOLE | SPDM_CMD_IN_FLOW,
        .record = SPDM_RECORD_A,
        .handle = spdm_rsp_version,
        .commit = spdm_commit_version,
    }, {
        .code = SPDM_GET_CAPABILITIES,
        .min_version = SPDM_VERSION_10,
        .state = SPDM_CONN_AFTER_VERSION,
        .where = SPDM_AT_OUTSIDE,
        .flags = SPDM_CMD_VERSION_CHOSEN | SPDM_CMD_ONCE | SPDM_CMD_WHOLE,
        .record = SPDM_RECORD_A,
        .handle = spdm_rsp_capabilities,
        .commit = spdm_commit_capabilities,
    }, {
        .code = SPDM_NEGOTIATE_ALGORITHMS,
        .min_version = SPDM_VERSION_10,
        .state = SPDM_CONN_AFTER_CAPABILITIES,
        .where = SPDM_AT_OUTSIDE,
        .flags = SPDM_CMD_ONCE,
        .record = SPDM_RECORD_A,
        .handle = spdm_rsp_algorithms,
        .commit = spdm_commit_algorithms,
    }, {
        .code = SPDM_GET_DIGESTS,
        .min_version = SPDM_VERSION_10,
        .state = SPDM_CONN_NEGOTIATED,
        .rsp_caps = SPDM_CERT_CAP,
        .where = SPDM_AT_BOTH,
        .flags = SPDM_CMD_DEFERRABLE,
        .record = SPDM_RECORD_B,
        .handle = spdm_rsp_digests,
        .commit = spdm_commit_digests,
    }, {
        .code = SPDM_GET_CERTIFICATE,
        .min_version = SPDM_VERSION_10,
        .state = SPDM_CONN_NEGOTIATED,
        .rsp_caps = SPDM_CERT_CAP,
        .where = SPDM_AT_BOTH,
        .flags = SPDM_CMD_DEFERRABLE,
        .record = SPDM_RECORD_B,
        .handle = spdm_rsp_certificate,
        .commit = spdm_commit_certificate,
    }, {
        .code = SPDM_CHALLENGE,
        .min_version = SPDM_VERSION_10,
        .state = SPDM_CONN_NEGOTIATED,
        .rsp_caps = SPDM_CHAL_CAP,
        .where = SPDM_AT_OUTSIDE,
        .flags = SPDM_CMD_DEFERRABLE,
        .handle = spdm_rsp_challenge_auth,
        .finish = spdm_finish_challenge_auth,
        .commit = spdm_commit_challenge_auth,
    }, {
        .code = SPDM_CHUNK_SEND,
        .min_version = SPDM_VERSION_12,
        .state = SPDM_CONN_AFTER_CAPABILITIES,
        .rsp_caps = SPDM_CHUNK_CAP,
        .req_caps = SPDM_CHUNK_CAP,
        .where = SPDM_AT_BOTH | SPDM_AT_HANDSHAKE,
        .flags = SPDM_CMD_CARRIER,
        .resume = spdm_resume_chunk_send,
    }, {
        .code = SPDM_CHUNK_GET,
        .min_version = SPDM_VERSION_12,
        .state = SPDM_CONN_AFTER_CAPABILITIES,
        .rsp_caps = SPDM_CHUNK_CAP,
        .req_caps = SPDM_CHUNK_CAP,
        .where = SPDM_AT_BOTH | SPDM_AT_HANDSHAKE,
        .flags = SPDM_CMD_CARRIER,
        .handle = spdm_rsp_chunk_response,
        .commit = spdm_commit_chunk_response,
    }, {
        .code = SPDM_GET_MEASUREMENTS,
        .min_version = SPDM_VERSION_10,
        .state = SPDM_CONN_NEGOTIATED,
        .rsp_caps = SPDM_MEAS_CAP_MASK,
        .where = SPDM_AT_BOTH,
        .flags = SPDM_CMD_DEFERRABLE | SPDM_CMD_L1,
        .handle = spdm_rsp_measurements,
        .finish = spdm_finish_measurements,
        .commit = spdm_commit_measurements,
    }, {
        .code = SPDM_KEY_EXCHANGE,
        .min_version = SPDM_VERSION_11,
        .state = SPDM_CONN_NEGOTIATED,
        .rsp_caps = SPDM_KEY_EX_CAP,
        .req_caps = SPDM_KEY_EX_CAP,
        .where = SPDM_AT_OUTSIDE,
        .flags = SPDM_CMD_DEFERRABLE,
        .handle = spdm_rsp_key_exchange,
        .finish = spdm_finish_key_exchange,
        .commit = spdm_commit_key_exchange,
    }, {
        .code = SPDM_FINISH,
        .min_version = SPDM_VERSION_11,
        .state = SPDM_CONN_NEGOTIATED,
        .rsp_caps = SPDM_KEY_EX_CAP,
        .req_caps = SPDM_KEY_EX_CAP,
        .where = SPDM_AT_SIGMA_HANDSHAKE | SPDM_AT_CLEAR,
        .flags = SPDM_CMD_DEFERRABLE,
        .handle = spdm_rsp_finish,
        .finish = spdm_finish_finish,
        .sent = spdm_sent_finish,
    }, {
        .code = SPDM_PSK_EXCHANGE,
        .min_version = SPDM_VERSION_11,
        .state = SPDM_CONN_NEGOTIATED,
        .rsp_caps = SPDM_PSK_CAP_MASK,
        .req_caps = SPDM_PSK_CAP,
        .where = SPDM_AT_OUTSIDE,
        .flags = SPDM_CMD_DEFERRABLE,
        .handle = spdm_rsp_psk_exchange,
        .finish = spdm_finish_psk_exchange,
        .commit = spdm_commit_psk_exchange,
    }, {
        /* Without responder context there is no PSK_FINISH. */
        .code = SPDM_PSK_FINISH,
        .min_version = SPDM_VERSION_11,
        .state = SPDM_CONN_NEGOTIATED,
        .rsp_caps = SPDM_PSK_CAP_WITH_CONTEXT,
        .req_caps = SPDM_PSK_CAP,
        .where = SPDM_AT_PSK_HANDSHAKE,
        .flags = SPDM_CMD_DEFERRABLE,
        .handle = spdm_rsp_psk_finish,
        .finish = spdm_finish_th2,
        .sent = spdm_sent_finish,
    }, {
        .code = SPDM_HEARTBEAT,
        .min_version = SPDM_VERSION_11,
        .state = SPDM_CONN_NEGOTIATED,
        .rsp_caps = SPDM_HBEAT_CAP,
        .req_caps = SPDM_HBEAT_CAP,
        .where = SPDM_AT_ESTABLISHED,
        .handle = spdm_rsp_heartbeat,
    }, {
        .code = SPDM_KEY_UPDATE,
        .min_version = SPDM_VERSION_11,
        .state = SPDM_CONN_NEGOTIATED,
        .rsp_caps = SPDM_KEY_UPD_CAP,
        .req_caps = SPDM_KEY_UPD_CAP,
        .where = SPDM_AT_ESTABLISHED,
        .handle = spdm_rsp_key_update,
        .commit = spdm_commit_key_update,
    }, {
        .code = SPDM_GET_ENCAPSULATED_REQUEST,
        .min_version = SPDM_VERSION_11,
        .state = SPDM_CONN_NEGOTIATED,
        .where = SPDM_AT_BOTH | SPDM_AT_HANDSHAKE | SPDM_AT_CLEAR,
        .flags = SPDM_CMD_ENCAP | SPDM_CMD_IN_FLOW,
        .handle = spdm_rsp_encapsulated_request,
        .commit = spdm_encap_commit,
    }, {
        .code = SPDM_DELIVER_ENCAPSULATED_RESPONSE,
        .min_version = SPDM_VERSION_11,
        .state = SPDM_CONN_NEGOTIATED,
        .where = SPDM_AT_BOTH | SPDM_AT_HANDSHAKE | SPDM_AT_CLEAR,
        .flags = SPDM_CMD_ENCAP | SPDM_CMD_IN_FLOW | SPDM_CMD_DEFERRABLE,
        .handle = spdm_rsp_encapsulated_response_ack,
        .commit = spdm_encap_commit,
        .failed = spdm_failed_encapsulated,
    }, {
        .code = SPDM_END_SESSION,
        .min_version = SPDM_VERSION_11,
        .state = SPDM_CONN_NEGOTIATED,
        .where = SPDM_AT_ESTABLISHED,
        .handle = spdm_rsp_end_session,
        .sent = spdm_sent_end_session,
    }, {
        .code = SPDM_VENDOR_DEFINED_REQUEST,
        .min_version = SPDM_VERSION_10,
        .state = SPDM_CONN_NEGOTIATED,
        .where = SPDM_AT_BOTH | SPDM_AT_HANDSHAKE,
        .flags = SPDM_CMD_DEFERRABLE,
        .handle = spdm_rsp_vendor,
    }, {
        .code = SPDM_RESPOND_IF_READY,
        .min_version = SPDM_VERSION_10,
        .state = SPDM_CONN_NEGOTIATED,
        .where = SPDM_AT_BOTH | SPDM_AT_HANDSHAKE,
        .flags = SPDM_CMD_CARRIER,
        .resume = spdm_resume_deferred,
    },
};

const SpdmCommand *spdm_command(uint8_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(commands); i++) {
        if (commands[i].code == code) {
            return &commands[i];
        }
    }
    return NULL;
}

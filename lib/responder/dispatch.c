/*
 * From a request message to a committed response: gates in a fixed order,
 * decoding, the handler, its later steps. Generic errors are answered here
 * and nowhere else.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/opaque.h"
#include "responder/encap.h"
#include "responder/handlers.h"
#include "responder/provisioned.h"

/* DSP0274 "Version encoding": the version byte of every request. */
static SpdmStatus gate_version(SpdmTxn *t)
{
    uint8_t version = t->request.data[0];
    unsigned flags = t->cmd ? t->cmd->flags : 0;
    bool ok;

    if (flags & SPDM_CMD_VERSION_10) {
        ok = version == SPDM_VERSION_10;
    } else if ((flags & SPDM_CMD_VERSION_CHOSEN) || !t->conn->version) {
        ok = spdm_responder_offers(t->r, version);
    } else {
        ok = version == t->conn->version;
    }
    return ok ? SPDM_STATUS_OK :
        spdm_fail(SPDM_ERROR_VERSION_MISMATCH,
                  "the SPDMVersion byte is not the agreed version");
}

/*
 * DSP0274 ERROR RequestInFlight: the requester owes the response to an
 * encapsulated request. Only what moves the flow, or ends it, gets through,
 * and what carries such a request.
 */
static SpdmStatus gate_in_flight(SpdmTxn *t)
{
    unsigned flags = t->cmd ? t->cmd->flags : 0;

    if ((flags & (SPDM_CMD_IN_FLOW | SPDM_CMD_CARRIER)) ||
        !spdm_encap_is_open(t)) {
        return SPDM_STATUS_OK;
    }
    return spdm_fail(SPDM_ERROR_REQUEST_IN_FLIGHT,
                     "an encapsulated request comes first");
}

/* Without CAPABILITIES behind us nothing is known of the other side. */
static bool caps_allow(const SpdmTxn *t)
{
    const SpdmCommand *cmd = t->cmd;

    if (t->conn->state < SPDM_CONN_AFTER_CAPABILITIES) {
        return true;
    }
    if ((cmd->flags & SPDM_CMD_ENCAP) && !spdm_conn_can_encap(t->conn)) {
        return false;
    }
    return (!cmd->rsp_caps || (t->conn->rsp_flags & cmd->rsp_caps)) &&
           (!cmd->rsp_ext_caps ||
            (t->conn->rsp_ext_flags & cmd->rsp_ext_caps)) &&
           (!cmd->req_caps || (t->conn->req_flags & cmd->req_caps));
}

static SpdmStatus gate_known(SpdmTxn *t)
{
    if (!t->cmd) {
        return spdm_unsupported(t->code, "the request code is not served");
    }
    if (t->cmd->min_version > t->request.data[0]) {
        return spdm_unsupported(t->code,
                                "the request is newer than the version");
    }
    if (!caps_allow(t)) {
        return spdm_unsupported(t->code,
                                "a capability for it was not declared");
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus gate_state(SpdmTxn *t)
{
    SpdmConnState state = t->conn->state;

    if (state < t->cmd->state) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "the connection is not that far yet");
    }
    if (state > t->cmd->state && (t->cmd->flags & SPDM_CMD_ONCE)) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "this was settled already; GET_VERSION starts anew");
    }
    return SPDM_STATUS_OK;
}

/*
 * FINISH of a handshake in the
 * clear travels outside records and names no session: the latest is meant.
 * So is it by encapsulation, unless a flow outside sessions is open.
 */
static bool means_clear(const SpdmTxn *t)
{
    bool outside = (t->cmd->where & SPDM_AT_OUTSIDE) &&
                   t->conn->encap.flow.kind != SPDM_ENCAP_NONE;

    return (t->cmd->where & SPDM_AT_CLEAR) && t->conn->clear_session &&
           !outside;
}

/* Where the request is, as one of SPDM_AT_*. */
static unsigned position(SpdmTxn *t)
{
    SpdmSession *s = t->session;

    if (!t->secured) {
        if (means_clear(t)) {
            t->session = spdm_conn_session(t->conn, t->conn->clear_session);
            return SPDM_AT_CLEAR;
        }
        return SPDM_AT_OUTSIDE;
    }
    if (s->phase == SPDM_SESSION_ESTABLISHED) {
        return SPDM_AT_ESTABLISHED;
    }
    if (s->in_the_clear) {
        return 0;
    }
    return s->type == SPDM_SESSION_PSK ? SPDM_AT_PSK_HANDSHAKE
                                       : SPDM_AT_SIGMA_HANDSHAKE;
}

static SpdmStatus gate_where(SpdmTxn *t)
{
    if (position(t) & t->cmd->where) {
        return SPDM_STATUS_OK;
    }
    if (t->secured) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "not allowed in this phase of a session");
    }
    if ((t->cmd->where & SPDM_AT_CLEAR) &&
        spdm_conn_both(t->conn, SPDM_HANDSHAKE_IN_THE_CLEAR_CAP)) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "no handshake in the clear is under way");
    }
    return spdm_fail(SPDM_ERROR_SESSION_REQUIRED,
                     "allowed in a session only");
}

/* Padding of the transport is only known by what the message needs. */
static size_t max_pad(const SpdmTxn *t)
{
    return t->secured || t->resumed || t->reassembled
        ? 0 : t->r->transport->max_pad;
}

static SpdmStatus gate_size(SpdmTxn *t)
{
    if (t->request.len > spdm_max_request(t) + max_pad(t)) {
        return spdm_fail(SPDM_ERROR_REQUEST_TOO_LARGE,
                         "the request is larger than DataTransferSize, or "
                         "in chunks than MaxSPDMmsgSize");
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus gate(SpdmTxn *t)
{
    static SpdmStatus (*const gates[])(SpdmTxn *t) = {
        spdm_gate_operator, gate_version, gate_in_flight, gate_known,
        spdm_gate_transfer, gate_state, gate_where, gate_size,
    };

    for (size_t i = 0; i < G_N_ELEMENTS(gates); i++) {
        SpdmStatus st = gates[i](t);

        if (st.failed) {
            return st;
        }
    }
    return SPDM_STATUS_OK;
}

/* From here on t->request is exactly the message. */
static SpdmStatus decode(SpdmTxn *t)
{
    size_t size;

    t->wire = spdm_conn_wire_ctx(t->conn);
    /* Without padding all that is left is the embedded message. */
    if (max_pad(t)) {
        t->embedded = spdm_conn_embedded_ctx(t->conn);
        t->wire.embedded = &t->embedded;
    }
    if (!spdm_msg_decode(&t->wire, t->request, &t->req, &size, NULL)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "the request is too short or contradicts itself");
    }
    if (t->request.len - size > max_pad(t)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "the request is longer than its fields");
    }
    t->request.len = size;
    return SPDM_STATUS_OK;
}

/* DSP0274 "Opaque Data Field": at most 1024 bytes, in the agreed format. */
static SpdmStatus check_opaque(const SpdmTxn *t)
{
    SpdmBytes opaque;

    if (!t->cmd->opaque) {
        return SPDM_STATUS_OK;
    }
    memcpy(&opaque, (const uint8_t *)&t->req + t->cmd->opaque,
           sizeof(opaque));
    if (opaque.len > SPDM_MAX_OPAQUE) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "OpaqueDataLength is above 1024");
    }
    if (!spdm_opaque_allowed(t->conn->version, t->conn->other_params,
                             opaque)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "OpaqueData has not the negotiated format");
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus admit(SpdmTxn *t)
{
    SpdmStatus st;

    t->code = t->request.data[1];
    t->cmd = spdm_command(t->code);
    st = gate(t);
    if (!st.failed) {
        st = decode(t);
    }
    return st.failed ? st : check_opaque(t);
}

/* Nobody will look into the response of one that ends with the handler. */
static bool may_be_in_place(const SpdmTxn *t)
{
    return t->secured && !t->cmd->finish && !spdm_taps_any(&t->r->taps);
}

static SpdmStatus compose(SpdmTxn *t)
{
    SpdmStatus st;

    t->rsp.h.version = t->req.h.version;
    t->rsp.h.code = SPDM_RESPONSE_OF(t->code);
    st = t->cmd->handle(t);
    if (st.failed) {
        return st;
    }
    if (may_be_in_place(t)) {
        spdm_txn_make_in_place(t);
    }
    if (!spdm_msg_encode(&t->wire, &t->rsp, t->out)) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED,
                         "the response has no encoding");
    }
    if (!spdm_txn_tap(t, SPDM_TAP_COMPOSE, t->out)) {
        return spdm_drop("dropped by the tap");
    }
    return t->cmd->finish ? t->cmd->finish(t) : SPDM_STATUS_OK;
}

static void record(SpdmTxn *t)
{
    SpdmTranscript *transcript = NULL;

    if (t->cmd->record == SPDM_RECORD_A) {
        transcript = &t->conn->a;
    } else if (t->cmd->record == SPDM_RECORD_B && !t->session) {
        transcript = &t->conn->b;
    }
    if (transcript) {
        spdm_transcript_append(transcript, t->request);
        spdm_transcript_append(transcript, spdm_array_view(t->out));
    }
}

static SpdmStatus run(SpdmTxn *t)
{
    SpdmStatus st;

    spdm_conn_note_request(t->conn, t->session, t->code);
    st = compose(t);
    if (!st.failed) {
        st = spdm_check_response_size(t);
    }
    if (st.failed) {
        return st;
    }
    /* GET_VERSION empties what its exchange is the first entry of. */
    if (t->cmd->commit) {
        t->cmd->commit(t);
    }
    record(t);
    return SPDM_STATUS_OK;
}

static SpdmStatus dispatch(SpdmTxn *t)
{
    SpdmStatus st = admit(t);

    if (!st.failed && t->cmd->resume) {
        st = t->cmd->resume(t);
        if (st.failed || t->incomplete) {
            return st;
        }
        st = admit(t);
    }
    if (!st.failed) {
        st = spdm_defer(t);
        if (st.failed) {
            return st;
        }
        st = run(t);
    }
    /* DSP0274 GET_MEASUREMENTS: an ERROR starts L1/L2 anew. */
    if (st.failed && t->cmd && (t->cmd->flags & SPDM_CMD_L1)) {
        spdm_transcript_reset(spdm_conn_l1(t->conn, t->session));
    }
    if (st.failed && t->cmd && t->cmd->failed) {
        t->cmd->failed(t, &st);
    }
    return st;
}

SpdmStatus spdm_dispatch(SpdmTxn *t)
{
    bool quick = spdm_provisioned_adopt(t);
    SpdmStatus st = dispatch(t);

    /* One that is only not ready yet comes back. */
    if (quick && st.failed && st.code != SPDM_ERROR_RESPONSE_NOT_READY) {
        spdm_provisioned_undo(t->conn);
    }
    /* DSP0274 "Large SPDM message transfer": an ERROR ends the transfer. */
    if (st.failed) {
        spdm_transfer_clear(&t->r->transfer);
    }
    return st;
}

/*
 * GET_CAPABILITIES / CAPABILITIES, and what flags may stand together
 * (DSP0274; spec/02 section 2).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

enum {
    MEAS_RESERVED = SPDM_MEAS_CAP_MASK,
    PSK_RESERVED = SPDM_PSK_CAP_MASK,
    EP_INFO_RESERVED = SPDM_EP_INFO_CAP_MASK,
    MULTI_KEY_RESERVED = SPDM_MULTI_KEY_CAP_MASK,
    BLOCK_LENGTH_AT = 4,     /* where its Length is, behind a header's half */
};

static bool field_is(uint32_t flags, uint32_t mask, uint32_t value)
{
    return (flags & mask) == value;
}

/* Two-bit fields whose value 3 is reserved. */
static bool check_reserved(SpdmRequester *rq, uint32_t f)
{
    return spdm_req_check(rq, SPDM_CHECK_CAPS_MEAS,
                          !field_is(f, SPDM_MEAS_CAP_MASK, MEAS_RESERVED),
                          "MEAS_CAP has the reserved value 3") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_PSK,
                          !field_is(f, SPDM_PSK_CAP_MASK, PSK_RESERVED),
                          "PSK_CAP has the reserved value 3") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_EP_INFO,
                          !field_is(f, SPDM_EP_INFO_CAP_MASK,
                                    EP_INFO_RESERVED),
                          "EP_INFO_CAP has the reserved value 3") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_MULTI_KEY,
                          !field_is(f, SPDM_MULTI_KEY_CAP_MASK,
                                    MULTI_KEY_RESERVED),
                          "MULTI_KEY_CAP has the reserved value 3") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_MEAS_FRESH,
                          !(f & SPDM_MEAS_FRESH_CAP) ||
                          (f & SPDM_MEAS_CAP_MASK),
                          "MEAS_FRESH_CAP without MEAS_CAP");
}

static bool check_identity(SpdmRequester *rq, uint32_t f)
{
    bool signs = (f & (SPDM_CHAL_CAP | SPDM_KEY_EX_CAP)) ||
                 field_is(f, SPDM_MEAS_CAP_MASK, SPDM_MEAS_CAP_SIG) ||
                 field_is(f, SPDM_EP_INFO_CAP_MASK, SPDM_EP_INFO_CAP_SIG);
    bool mut_auth_fits = (f & (SPDM_CHAL_CAP | SPDM_KEY_EX_CAP)) &&
        (rq->conn.version != SPDM_VERSION_11 || (f & SPDM_ENCAP_CAP));

    return spdm_req_check(rq, SPDM_CHECK_CAPS_IDENTITY, !signs ||
                          (f & (SPDM_CERT_CAP | SPDM_PUB_KEY_ID_CAP)),
                          "something is signed, but neither CERT_CAP nor "
                          "PUB_KEY_ID_CAP says by whom") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_IDENTITY_KIND,
                          !(f & SPDM_CERT_CAP) || !(f & SPDM_PUB_KEY_ID_CAP),
                          "CERT_CAP and PUB_KEY_ID_CAP exclude each other") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_MUT_AUTH,
                          !(f & SPDM_MUT_AUTH_CAP) || mut_auth_fits,
                          "MUT_AUTH_CAP without what it needs");
}

static bool check_sessions(SpdmRequester *rq, uint32_t f)
{
    bool sessions = f & (SPDM_KEY_EX_CAP | SPDM_PSK_CAP_MASK);
    uint32_t features = SPDM_MAC_CAP | SPDM_ENCRYPT_CAP |
                        SPDM_HANDSHAKE_IN_THE_CLEAR_CAP | SPDM_HBEAT_CAP |
                        SPDM_KEY_UPD_CAP | SPDM_EVENT_CAP;

    return spdm_req_check(rq, SPDM_CHECK_CAPS_SESSION_MAC, !sessions ||
                          (f & (SPDM_MAC_CAP | SPDM_ENCRYPT_CAP)),
                          "sessions without MAC_CAP and ENCRYPT_CAP") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_SESSION_NONE,
                          sessions || !(f & features),
                          "features of sessions without KEY_EX_CAP and "
                          "PSK_CAP") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_CLEAR, !sessions ||
                          !(f & SPDM_HANDSHAKE_IN_THE_CLEAR_CAP) ||
                          (f & SPDM_KEY_EX_CAP),
                          "HANDSHAKE_IN_THE_CLEAR_CAP without KEY_EX_CAP");
}

/* Flags of 1.2 and later about certificates that can be changed. */
static bool check_provision(SpdmRequester *rq, uint32_t f)
{
    bool alias = !(f & (SPDM_ALIAS_CERT_CAP | SPDM_SET_CERT_CAP)) ||
                 (f & SPDM_CERT_CAP);
    bool csr = !(f & SPDM_CSR_CAP) || (f & SPDM_SET_CERT_CAP);
    bool reset = !(f & SPDM_CERT_INSTALL_RESET_CAP) ||
                 (f & (SPDM_CSR_CAP | SPDM_SET_CERT_CAP));
    bool pair_reset = !(f & SPDM_SET_KEY_PAIR_RESET_CAP) ||
                      (f & SPDM_SET_KEY_PAIR_INFO_CAP);
    bool pairs = (f & SPDM_CERT_CAP) && (f & SPDM_GET_KEY_PAIR_INFO_CAP);
    uint32_t not_with_raw = SPDM_MULTI_KEY_CAP_MASK |
                            SPDM_GET_KEY_PAIR_INFO_CAP |
                            SPDM_SET_KEY_PAIR_INFO_CAP;

    return spdm_req_check(rq, SPDM_CHECK_CAPS_PROVISION,
                          alias && csr && reset && pair_reset,
                          "ALIAS_CERT, SET_CERT, CSR, CERT_INSTALL_RESET or "
                          "SET_KEY_PAIR_RESET without what it needs") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_MULTI_KEY_NEEDS,
                          (!(f & SPDM_MULTI_KEY_CAP_MASK) || pairs) &&
                          (!(f & SPDM_PUB_KEY_ID_CAP) ||
                           !(f & not_with_raw)),
                          "MULTI_KEY_CAP without, or PUB_KEY_ID_CAP with, "
                          "what goes with several keys");
}

static bool check_sizes(SpdmRequester *rq, const SpdmMsgCapabilities *v)
{
    if (rq->conn.version < SPDM_VERSION_12) {
        return true;
    }
    return spdm_req_check(rq, SPDM_CHECK_CAPS_TRANSFER_SIZE,
                          v->data_transfer_size >=
                          SPDM_MIN_DATA_TRANSFER_SIZE,
                          "DataTransferSize is less than 42") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_MESSAGE_SIZE,
                          v->data_transfer_size <= v->max_msg_size,
                          "DataTransferSize exceeds MaxSPDMmsgSize") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_NO_CHUNK,
                          (v->flags & SPDM_CHUNK_CAP) ||
                          v->data_transfer_size == v->max_msg_size,
                          "MaxSPDMmsgSize needs chunks, and CHUNK_CAP is "
                          "not set");
}

/* The block is NEGOTIATE_ALGORITHMS from its third byte on. */
static bool decode_block(SpdmRequester *rq, SpdmBytes block)
{
    static const SpdmWireCtx no_ctx;
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    uint8_t header[] = {
        rq->conn.version, SPDM_NEGOTIATE_ALGORITHMS,
    };
    uint16_t length = (uint16_t)(block.len + sizeof(header));
    size_t size;
    SpdmMsg m;

    g_byte_array_append(bytes, header, sizeof(header));
    g_byte_array_append(bytes, block.data, (guint)block.len);
    bytes->data[BLOCK_LENGTH_AT] = (uint8_t)length;
    bytes->data[BLOCK_LENGTH_AT + 1] = (uint8_t)(length >> 8);
    if (!spdm_msg_decode(&no_ctx, spdm_req_view(bytes), &m, &size, NULL) ||
        size != bytes->len) {
        return false;
    }
    rq->supported = m.algorithms;
    rq->has_supported = true;
    return true;
}

static bool take_block(SpdmRequester *rq, const SpdmReqExchange *x)
{
    SpdmBytes block = x->rsp.capabilities.supported_algs;

    return spdm_req_check(rq, SPDM_CHECK_CAPS_BLOCK, block.len == 0 ||
                          decode_block(rq, block),
                          "SupportedAlgorithms contradict themselves");
}

static bool check_capabilities(SpdmRequester *rq, const SpdmReqExchange *x,
                               uint32_t f)
{
    const SpdmMsgCapabilities *v = &x->rsp.capabilities;

    /* CVE-2023-32690: an exponent that is used as a shift count. */
    return spdm_req_check(rq, SPDM_CHECK_CAPS_CT_EXPONENT,
                          v->ct_exponent <= SPDM_MAX_CT_EXPONENT,
                          "CTExponent exceeds 31") &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_UNASKED_BLOCK,
                          rq->conn.version < SPDM_VERSION_13 ||
                          !(x->rsp.h.param1 & SPDM_CAPABILITIES_ALGS) ||
                          (x->req.h.param1 & SPDM_CAPABILITIES_ALGS),
                          "SupportedAlgorithms were not asked for") &&
           take_block(rq, x) &&
           check_reserved(rq, f) && check_identity(rq, f) &&
           check_sessions(rq, f) && check_provision(rq, f) &&
           check_sizes(rq, v) &&
           spdm_req_check(rq, SPDM_CHECK_CAPS_POLICY,
                          (f & rq->cfg.required_flags) ==
                          rq->cfg.required_flags,
                          "capabilities that our policy requires are "
                          "missing");
}

static void fill_request(SpdmRequester *rq, SpdmReqExchange *x)
{
    SpdmMsgCapabilities *v = &x->req.capabilities;

    v->ct_exponent = rq->cfg.ct_exponent;
    if (rq->cfg.ask_supported && rq->conn.version >= SPDM_VERSION_13 &&
        (rq->cfg.flags & SPDM_CHUNK_CAP)) {
        x->req.h.param1 = SPDM_CAPABILITIES_ALGS;
    }
    v->flags = rq->cfg.flags & spdm_request_flags_mask(rq->conn.version);
    v->data_transfer_size = rq->cfg.data_transfer_size;
    v->max_msg_size = v->flags & SPDM_CHUNK_CAP
        ? rq->cfg.max_msg_size : rq->cfg.data_transfer_size;
}

/* What we have said of ourselves; a large answer to it keeps to it already. */
static void commit_own(SpdmRequester *rq, const SpdmReqExchange *x)
{
    const SpdmMsgCapabilities *v = &x->req.capabilities;
    SpdmConn *c = &rq->conn;

    c->req_flags = v->flags;
    c->req_ct_exponent = v->ct_exponent;
    if (c->version >= SPDM_VERSION_12) {
        c->req_data_transfer_size = v->data_transfer_size;
        c->req_max_msg_size = v->max_msg_size;
    }
}

static void commit(SpdmRequester *rq, const SpdmReqExchange *x)
{
    const SpdmMsgCapabilities *v = &x->rsp.capabilities;
    SpdmConn *c = &rq->conn;

    c->rsp_flags = v->flags & spdm_response_flags_mask(c->version);
    c->rsp_ext_flags = c->version >= SPDM_VERSION_14 ? v->ext_flags : 0;
    c->rsp_ct_exponent = v->ct_exponent;
    if (c->version >= SPDM_VERSION_12) {
        c->rsp_data_transfer_size = v->data_transfer_size;
        c->rsp_max_msg_size = v->max_msg_size;
    }
    c->state = SPDM_CONN_AFTER_CAPABILITIES;
    spdm_transcript_append(&c->a, spdm_req_view(x->req_bytes));
    spdm_transcript_append(&c->a, spdm_req_view(x->rsp_bytes));
}

static bool get_capabilities(SpdmRequester *rq)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    uint32_t flags;

    if (!spdm_req_usage(rq, rq->conn.state == SPDM_CONN_AFTER_VERSION,
                        "comes directly after GET_VERSION")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, NULL, SPDM_GET_CAPABILITIES);
    fill_request(rq, &x);
    commit_own(rq, &x);
    if (!spdm_req_run(rq, &x)) {
        return false;
    }
    flags = x.rsp.capabilities.flags &
            spdm_response_flags_mask(rq->conn.version);
    if (!check_capabilities(rq, &x, flags)) {
        return false;
    }
    commit(rq, &x);
    return true;
}

bool spdm_requester_capabilities(SpdmRequester *rq, GError **errp)
{
    spdm_req_begin(rq, SPDM_GET_CAPABILITIES, 0);
    return spdm_req_done(rq, get_capabilities(rq), errp);
}

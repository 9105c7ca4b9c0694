/*
 * GET_CAPABILITIES -> CAPABILITIES.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/* What some file in this directory serves; the rest is never declared. */
enum {
    SERVED_FLAGS = SPDM_CACHE_CAP | SPDM_CERT_CAP | SPDM_CHAL_CAP |
                   SPDM_MEAS_CAP_MASK | SPDM_MEAS_FRESH_CAP |
                   SPDM_ENCRYPT_CAP | SPDM_MAC_CAP | SPDM_MUT_AUTH_CAP |
                   SPDM_KEY_EX_CAP | SPDM_ENCAP_CAP |
                   SPDM_PSK_CAP_MASK | SPDM_HBEAT_CAP | SPDM_KEY_UPD_CAP |
                   SPDM_HANDSHAKE_IN_THE_CLEAR_CAP | SPDM_PUB_KEY_ID_CAP |
                   SPDM_CHUNK_CAP | SPDM_ALIAS_CERT_CAP | SPDM_SET_CERT_CAP |
                   SPDM_CSR_CAP | SPDM_CERT_INSTALL_RESET_CAP |
                   SPDM_EP_INFO_CAP_MASK | SPDM_MEL_CAP | SPDM_EVENT_CAP |
                   SPDM_MULTI_KEY_CAP_MASK | SPDM_GET_KEY_PAIR_INFO_CAP |
                   SPDM_SET_KEY_PAIR_INFO_CAP | SPDM_SET_KEY_PAIR_RESET_CAP |
                   SPDM_LARGE_RESP_CAP,
};

uint32_t spdm_responder_declared(const SpdmResponder *r)
{
    const SpdmProvider *p = &r->provider;

    return p->ops->flags ? p->ops->flags(p->opaque) : r->profile->flags;
}

uint32_t spdm_flags_of(uint32_t declared, uint8_t version)
{
    return declared & SERVED_FLAGS & spdm_response_flags_mask(version);
}

uint32_t spdm_responder_flags(const SpdmResponder *r, uint8_t version)
{
    return spdm_flags_of(spdm_responder_declared(r), version);
}

uint16_t spdm_responder_ext_flags(const SpdmResponder *r, uint8_t version)
{
    return spdm_ext_flags_of(r, spdm_responder_flags(r, version), version);
}

uint16_t spdm_ext_flags_of(const SpdmResponder *r, uint32_t flags,
                           uint8_t version)
{
    bool served = version >= SPDM_VERSION_14 && r->provider.ops->bank &&
                  (flags & SPDM_CERT_CAP);

    return served ? r->profile->ext_flags & SPDM_SLOT_MGMT_CAP : 0;
}

/* DSP0274 CAPABILITIES: without CHUNK_CAP the two sizes are equal. */
uint32_t spdm_max_msg_size_of(const SpdmResponder *r, uint32_t flags)
{
    return flags & SPDM_CHUNK_CAP ? r->profile->max_msg_size
                                  : r->profile->data_transfer_size;
}

uint32_t spdm_responder_max_msg_size(const SpdmResponder *r, uint8_t version)
{
    return spdm_max_msg_size_of(r, spdm_responder_flags(r, version));
}

static bool any(uint32_t flags, uint32_t bits)
{
    return (flags & bits) != 0;
}

static bool psk_reserved(uint32_t f)
{
    return any(f, SPDM_PSK_CAP_WITH_CONTEXT);
}

static bool session_unprotected(uint32_t f)
{
    return any(f, SPDM_KEY_EX_CAP | SPDM_PSK_CAP_MASK) &&
           !any(f, SPDM_MAC_CAP | SPDM_ENCRYPT_CAP);
}

static bool protection_without_session(uint32_t f)
{
    return !any(f, SPDM_KEY_EX_CAP | SPDM_PSK_CAP_MASK) &&
           any(f, SPDM_MAC_CAP | SPDM_ENCRYPT_CAP | SPDM_HBEAT_CAP |
                  SPDM_HANDSHAKE_IN_THE_CLEAR_CAP | SPDM_KEY_UPD_CAP);
}

static bool clear_with_psk_only(uint32_t f)
{
    return any(f, SPDM_HANDSHAKE_IN_THE_CLEAR_CAP) &&
           !any(f, SPDM_KEY_EX_CAP);
}

static bool cert_and_public_key(uint32_t f)
{
    return any(f, SPDM_CERT_CAP) && any(f, SPDM_PUB_KEY_ID_CAP);
}

static bool identity_without_use(uint32_t f)
{
    return any(f, SPDM_CERT_CAP | SPDM_PUB_KEY_ID_CAP) &&
           !any(f, SPDM_CHAL_CAP | SPDM_KEY_EX_CAP | SPDM_EP_INFO_CAP_SIG);
}

static bool use_without_identity(uint32_t f)
{
    return !any(f, SPDM_CERT_CAP | SPDM_PUB_KEY_ID_CAP) &&
           any(f, SPDM_CHAL_CAP | SPDM_MUT_AUTH_CAP | SPDM_EP_INFO_CAP_SIG);
}

static bool mut_auth_without_use(uint32_t f)
{
    return any(f, SPDM_MUT_AUTH_CAP) &&
           !any(f, SPDM_CHAL_CAP | SPDM_KEY_EX_CAP);
}

static bool mut_auth_without_encap(uint32_t f)
{
    return any(f, SPDM_MUT_AUTH_CAP) && !any(f, SPDM_ENCAP_CAP);
}

static bool ep_info_reserved(uint32_t f)
{
    return (f & SPDM_EP_INFO_CAP_MASK) == SPDM_EP_INFO_CAP_MASK;
}

static bool multi_key_reserved(uint32_t f)
{
    return (f & SPDM_MULTI_KEY_CAP_MASK) == SPDM_MULTI_KEY_CAP_MASK;
}

static bool multi_key_without_cert(uint32_t f)
{
    return any(f, SPDM_MULTI_KEY_CAP_MASK) &&
           (!any(f, SPDM_CERT_CAP) || any(f, SPDM_PUB_KEY_ID_CAP));
}

static bool event_without_session(uint32_t f)
{
    return any(f, SPDM_EVENT_CAP) &&
           !any(f, SPDM_KEY_EX_CAP | SPDM_PSK_CAP_MASK);
}

/* DSP0274 "Flag fields definitions for the Requester": what contradicts. */
static const struct {
    uint8_t first;
    uint8_t last;
    bool (*broken)(uint32_t flags);
    const char *why;
} rules[] = {
    { SPDM_VERSION_11, 0xff, psk_reserved, "PSK_CAP 2 and 3 are reserved" },
    { SPDM_VERSION_11, 0xff, session_unprotected,
      "KEY_EX_CAP or PSK_CAP without MAC_CAP and ENCRYPT_CAP" },
    { SPDM_VERSION_11, 0xff, protection_without_session,
      "session capabilities without KEY_EX_CAP and PSK_CAP" },
    { SPDM_VERSION_11, 0xff, clear_with_psk_only,
      "HANDSHAKE_IN_THE_CLEAR_CAP without KEY_EX_CAP" },
    { SPDM_VERSION_11, 0xff, cert_and_public_key,
      "CERT_CAP and PUB_KEY_ID_CAP exclude each other" },
    { SPDM_VERSION_11, 0xff, identity_without_use,
      "CERT_CAP or PUB_KEY_ID_CAP that nothing uses" },
    { SPDM_VERSION_11, 0xff, use_without_identity,
      "authentication without CERT_CAP and PUB_KEY_ID_CAP" },
    { SPDM_VERSION_11, 0xff, mut_auth_without_use,
      "MUT_AUTH_CAP without CHAL_CAP and KEY_EX_CAP" },
    { SPDM_VERSION_11, SPDM_VERSION_11, mut_auth_without_encap,
      "MUT_AUTH_CAP without ENCAP_CAP" },
    { SPDM_VERSION_13, 0xff, ep_info_reserved, "EP_INFO_CAP 3 is reserved" },
    { SPDM_VERSION_13, 0xff, multi_key_reserved,
      "MULTI_KEY_CAP 3 is reserved" },
    { SPDM_VERSION_13, 0xff, multi_key_without_cert,
      "MULTI_KEY_CAP needs CERT_CAP" },
    { SPDM_VERSION_13, 0xff, event_without_session,
      "EVENT_CAP without KEY_EX_CAP and PSK_CAP" },
};

static SpdmStatus check_flags(uint8_t version, uint32_t flags)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++) {
        if (version >= rules[i].first && version <= rules[i].last &&
            rules[i].broken(flags)) {
            return spdm_fail(SPDM_ERROR_INVALID_REQUEST, rules[i].why);
        }
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus check_sizes(const SpdmMsg *req, uint32_t flags)
{
    uint32_t transfer = req->capabilities.data_transfer_size;
    uint32_t whole = req->capabilities.max_msg_size;

    if (req->h.version < SPDM_VERSION_12) {
        return SPDM_STATUS_OK;
    }
    if (transfer < SPDM_MIN_DATA_TRANSFER_SIZE || transfer > whole) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "DataTransferSize is below 42 or above "
                         "MaxSPDMmsgSize");
    }
    if (!(flags & SPDM_CHUNK_CAP) && transfer != whole) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "without CHUNK_CAP MaxSPDMmsgSize must equal "
                         "DataTransferSize");
    }
    if ((req->h.param1 & SPDM_CAPABILITIES_ALGS) &&
        req->h.version >= SPDM_VERSION_13 && !(flags & SPDM_CHUNK_CAP)) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "Supported Algorithms asked for without CHUNK_CAP");
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus check_request(const SpdmMsg *req)
{
    uint32_t flags = req->capabilities.flags &
                     spdm_request_flags_mask(req->h.version);
    SpdmStatus st = SPDM_STATUS_OK;

    if (req->h.version < SPDM_VERSION_11) {
        return st;
    }
    if (req->capabilities.ct_exponent > SPDM_MAX_CT_EXPONENT) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "CTExponent is above 31");
    }
    st = check_flags(req->h.version, flags);
    return st.failed ? st : check_sizes(req, flags);
}

enum { CAPABILITIES_FIXED = 20 };

/*
 * DSP0274 1.3: the block is for requesters that ask for it, with CHUNK_CAP on
 * both sides (the request was checked): where it takes too little at a time,
 * CAPABILITIES is a large response. One that cannot take it at all gets
 * CAPABILITIES without.
 */
static void add_supported_algs(SpdmTxn *t)
{
    SpdmMsgCapabilities *rsp = &t->rsp.capabilities;
    SpdmBytes block;

    if (t->req.h.version < SPDM_VERSION_13 ||
        !(t->req.h.param1 & SPDM_CAPABILITIES_ALGS) ||
        !(rsp->flags & SPDM_CHUNK_CAP)) {
        return;
    }
    block = spdm_supported_algs(t);
    if (CAPABILITIES_FIXED + block.len <= t->req.capabilities.max_msg_size) {
        t->rsp.h.param1 = SPDM_CAPABILITIES_ALGS;
        rsp->supported_algs = block;
    }
}

SpdmStatus spdm_rsp_capabilities(SpdmTxn *t)
{
    const SpdmProfile *p = t->r->profile;
    SpdmStatus st = check_request(&t->req);

    if (st.failed) {
        return st;
    }
    t->rsp.capabilities = (SpdmMsgCapabilities){
        .ct_exponent = p->ct_exponent,
        .flags = spdm_responder_flags(t->r, t->req.h.version),
        .ext_flags = spdm_responder_ext_flags(t->r, t->req.h.version),
        .data_transfer_size = p->data_transfer_size,
        .max_msg_size = spdm_responder_max_msg_size(t->r,
                                                    t->req.h.version),
    };
    add_supported_algs(t);
    return SPDM_STATUS_OK;
}

void spdm_commit_capabilities(SpdmTxn *t)
{
    const SpdmMsgCapabilities *req = &t->req.capabilities;
    const SpdmMsgCapabilities *rsp = &t->rsp.capabilities;
    SpdmConn *conn = t->conn;
    uint8_t version = t->req.h.version;
    bool sized = version >= SPDM_VERSION_12;

    conn->version = version;
    conn->req_flags = req->flags & spdm_request_flags_mask(version);
    conn->rsp_flags = rsp->flags;
    conn->declared = spdm_responder_declared(t->r);
    conn->rsp_ext_flags = rsp->ext_flags;
    conn->req_ct_exponent = req->ct_exponent;
    conn->rsp_ct_exponent = rsp->ct_exponent;
    conn->req_data_transfer_size = sized ? req->data_transfer_size
                                         : UINT32_MAX;
    conn->req_max_msg_size = sized ? req->max_msg_size : UINT32_MAX;
    conn->rsp_data_transfer_size = rsp->data_transfer_size;
    conn->rsp_max_msg_size = rsp->max_msg_size;
    conn->state = SPDM_CONN_AFTER_CAPABILITIES;
}

/*
 * Mutual authentication, our half of it: what a responder may ask for, and
 * what goes into FINISH (DSP0274; spec/06 sections 1 to 4, 9).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/encap.h"

enum {
    SLOT_MASK = 0x0f,
    PUBLIC_KEY_SLOT = 0x0f,
    ENCAPSULATED = SPDM_MUT_AUTH_ENCAP | SPDM_MUT_AUTH_IMPLICIT_DIGESTS,
};

bool spdm_req_can_mut_auth(const SpdmRequester *rq)
{
    return spdm_conn_both(&rq->conn, SPDM_MUT_AUTH_CAP) && rq->conn.req_asym;
}

static bool is_known_form(uint8_t requested)
{
    return requested == 0 || requested == SPDM_MUT_AUTH_WITHOUT_ENCAP ||
           requested == SPDM_MUT_AUTH_ENCAP ||
           requested == SPDM_MUT_AUTH_IMPLICIT_DIGESTS;
}

/*
 * SlotIDParam bits 3:0, as FINISH writes it. A requester with PUB_KEY_ID_CAP
 * has no slots: what the reference implementation sends it, 0, can only mean
 * the raw key as well.
 */
static uint8_t named_slot(const SpdmRequester *rq,
                          const SpdmMsgKeyExchangeRsp *v)
{
    uint8_t slot = v->slot_id_param & SLOT_MASK;
    bool raw = slot == PUBLIC_KEY_SLOT ||
               (slot == 0 && (rq->conn.req_flags & SPDM_PUB_KEY_ID_CAP));

    return raw ? SPDM_SLOT_PUBLIC_KEY : slot;
}

/* An encapsulated flow names the slot at its end: spdm_req_mut_auth_slot(). */
static bool slot_fits(const SpdmRequester *rq, const SpdmMsgKeyExchangeRsp *v)
{
    if (!v->mut_auth_requested) {
        return v->slot_id_param == 0;
    }
    return (v->mut_auth_requested & ENCAPSULATED) ||
           spdm_req_identity_for(rq, named_slot(rq, v),
                                 SPDM_KEY_USAGE_KEY_EX);
}

bool spdm_req_mut_auth_check(SpdmRequester *rq,
                             const SpdmMsgKeyExchangeRsp *v)
{
    bool encapsulated = v->mut_auth_requested & ENCAPSULATED;
    bool can = spdm_conn_can_encap(&rq->conn) &&
               (rq->conn.req_flags & SPDM_CERT_CAP);

    return spdm_req_check(rq, SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH_FORM,
                          is_known_form(v->mut_auth_requested),
                          "MutAuthRequested has reserved bits, or two") &&
           spdm_req_check(rq, SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH,
                          !v->mut_auth_requested || spdm_req_can_mut_auth(rq),
                          "mutual authentication is asked for, which was "
                          "not negotiated") &&
           spdm_req_check(rq, SPDM_CHECK_KEY_EXCHANGE_MUT_AUTH_ENCAP,
                          !encapsulated || can,
                          "our certificate is to be asked for inside the "
                          "responder's answers, and encapsulation or "
                          "CERT_CAP was not negotiated") &&
           spdm_req_check(rq, SPDM_CHECK_KEY_EXCHANGE_SLOT,
                          slot_fits(rq, v),
                          "SlotIDParam names no slot of ours that can be "
                          "used");
}

static SpdmReqMutAuth *of_session(SpdmRequester *rq, const SpdmSession *s)
{
    return &rq->mut_auth[s - rq->conn.sessions];
}

void spdm_req_mut_auth_note(SpdmRequester *rq, uint32_t id,
                            const SpdmMsgKeyExchangeRsp *v)
{
    SpdmSession *s = spdm_conn_session(&rq->conn, id);

    *of_session(rq, s) = (SpdmReqMutAuth){
        .slot = named_slot(rq, v),
        .flow_pending = (v->mut_auth_requested & ENCAPSULATED) != 0,
    };
}

/* The slot that the flow ended with, or the one named before. */
static bool flow(SpdmRequester *rq, SpdmSession *s, unsigned *answered)
{
    SpdmReqMutAuth *m = of_session(rq, s);
    SpdmReqFlow f = {
        .session = s,
        .kind = SPDM_REQ_FLOW_HANDSHAKE,
        .implied_digests = s->mut_auth_requested ==
                           SPDM_MUT_AUTH_IMPLICIT_DIGESTS,
        .slot = m->slot,
    };

    if (!spdm_req_flow(rq, &f) ||
        !spdm_req_check(rq, SPDM_CHECK_ENCAP_SLOT,
                        spdm_req_identity_for(rq, f.slot,
                                              SPDM_KEY_USAGE_KEY_EX) != NULL,
                        "the responder chose a slot of ours that cannot be "
                        "used")) {
        return false;
    }
    m->slot = f.slot;
    m->flow_pending = false;
    *answered = f.answered;
    return true;
}

bool spdm_req_mut_auth_flow(SpdmRequester *rq, SpdmSession *s,
                            unsigned *answered)
{
    return spdm_req_usage(rq, of_session(rq, s)->flow_pending,
                          "the handshake has no encapsulated flow to go "
                          "through") &&
           flow(rq, s, answered);
}

bool spdm_req_mut_auth_prepare(SpdmRequester *rq, SpdmReqExchange *x)
{
    SpdmSession *s = x->session;
    SpdmReqMutAuth *m = of_session(rq, s);
    unsigned answered;

    if (!s->mut_auth_requested) {
        return true;
    }
    if (m->flow_pending && !flow(rq, s, &answered)) {
        return false;
    }
    x->req.h.param1 = SPDM_FINISH_SIGNATURE;
    x->req.h.param2 = m->slot;
    spdm_req_identity_hash(rq, spdm_req_identity(rq, m->slot), s->cm_hash);
    s->has_cm = true;
    return true;
}

bool spdm_req_mut_auth_sign(SpdmRequester *rq, SpdmReqExchange *x)
{
    SpdmSession *s = x->session;
    g_autoptr(GByteArray) th = g_byte_array_new();
    guint header = x->req_bytes->len;

    if (!s->mut_auth_requested) {
        return true;
    }
    if (!spdm_conn_th_bytes(&rq->conn, s, th) ||
        !spdm_req_identity_sign(rq, spdm_req_identity(rq, x->req.h.param2),
                                SPDM_CONTEXT_FINISH, spdm_req_view(th),
                                x->req_bytes)) {
        return spdm_req_fail(rq, SPDM_REQUESTER_ERROR_USAGE,
                             "our key cannot sign the transcript");
    }
    spdm_transcript_append(&s->f, SPDM_BYTES(x->req_bytes->data + header,
                                             x->req_bytes->len - header));
    return true;
}

bool spdm_req_basic_mut_auth(SpdmRequester *rq)
{
    SpdmReqFlow f = { .kind = SPDM_REQ_FLOW_BASIC };

    return spdm_req_flow(rq, &f);
}

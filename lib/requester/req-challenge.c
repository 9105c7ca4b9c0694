/*
 * CHALLENGE / CHALLENGE_AUTH (DSP0274; spec/02 section 3, spec/04 section 2).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include <string.h>

#include "requester/requester-int.h"

enum {
    SLOT_MASK = 0x0f,
    PUBLIC_KEY_SLOT = 0x0f,
};

/* DSP0274 1.2 deprecated it, but responders go on to ask. */
static bool basic_mut_auth_fits(const SpdmRequester *rq)
{
    return spdm_req_can_mut_auth(rq) && spdm_conn_can_encap(&rq->conn) &&
           (rq->conn.req_flags & SPDM_CHAL_CAP);
}

static bool check_slot(SpdmRequester *rq, const SpdmReqExchange *x,
                       uint8_t slot)
{
    bool raw = slot == SPDM_SLOT_PUBLIC_KEY;
    uint8_t want = raw ? PUBLIC_KEY_SLOT : slot;

    return spdm_req_check(rq, SPDM_CHECK_CHALLENGE_SLOT,
                          (x->rsp.h.param1 & SLOT_MASK) == want,
                          "CHALLENGE_AUTH is of another slot") &&
           spdm_req_check(rq, SPDM_CHECK_CHALLENGE_MASK, raw ||
                          (x->rsp.h.param2 & 1u << slot),
                          "the slot is not in CHALLENGE_AUTH's slot mask") &&
           spdm_req_check(rq, SPDM_CHECK_CHALLENGE_MUT_AUTH,
                          !(x->rsp.h.param1 & SPDM_CHALLENGE_BASIC_MUT_AUTH)
                          || basic_mut_auth_fits(rq),
                          "mutual authentication is asked for, which was "
                          "not negotiated");
}

static bool check_content(SpdmRequester *rq, const SpdmReqExchange *x,
                          const SpdmReqSlot *slot)
{
    const SpdmMsgChallengeAuth *v = &x->rsp.challenge_auth;
    const SpdmBytes *context = &x->req.challenge.context;

    return spdm_req_check(rq, SPDM_CHECK_CHALLENGE_CHAIN,
                          memcmp(v->cert_chain_hash.data, slot->ct_hash,
                                 rq->conn.hash->size) == 0,
                          "CertChainHash is not that of the slot's chain") &&
           spdm_req_check_opaque(rq, v->opaque) &&
           spdm_req_check(rq, SPDM_CHECK_CHALLENGE_CONTEXT,
                          v->context.len == 0 ||
                          memcmp(v->context.data, context->data,
                                 v->context.len) == 0,
                          "RequesterContext is not ours");
}

static bool signature_is_good(SpdmRequester *rq, const SpdmReqExchange *x,
                              const SpdmReqSlot *slot)
{
    g_autoptr(GByteArray) c = g_byte_array_new();
    g_autoptr(GByteArray) m1 = g_byte_array_new();
    SpdmBytes signature = x->rsp.challenge_auth.signature;
    SpdmBytes unsigned_part = spdm_req_view_but(x->rsp_bytes, signature.len);

    g_byte_array_append(c, x->req_bytes->data, x->req_bytes->len);
    g_byte_array_append(c, unsigned_part.data, (guint)unsigned_part.len);
    return spdm_conn_m1(&rq->conn, spdm_req_view(c), m1) &&
           spdm_req_verify(rq, slot, SPDM_CONTEXT_CHALLENGE_AUTH, m1,
                           signature);
}

static bool check_answer(SpdmRequester *rq, const SpdmReqExchange *x,
                         const SpdmReqSlot *known, uint8_t slot)
{
    return check_slot(rq, x, slot) && check_content(rq, x, known) &&
           spdm_req_check(rq, SPDM_CHECK_CHALLENGE_SIGNATURE,
                          signature_is_good(rq, x, known),
                          "the signature does not verify") &&
           spdm_req_note_summary(rq, x->req.h.param2,
                                 x->rsp.challenge_auth.summary_hash);
}

static bool challenge(SpdmRequester *rq, uint8_t slot, uint8_t summary)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    uint8_t nonce[SPDM_NONCE_SIZE], context[SPDM_CONTEXT_SIZE];
    const SpdmReqSlot *known = spdm_req_signer(rq, slot,
                                               SPDM_KEY_USAGE_CHALLENGE);

    if (!known || !spdm_req_summary_usage(rq, summary) ||
        !spdm_req_usage(rq, rq->conn.rsp_flags & SPDM_CHAL_CAP,
                        "the responder has no CHAL_CAP")) {
        return false;
    }
    spdm_req_exchange_init(rq, &x, NULL, SPDM_CHALLENGE);
    spdm_rng_fill(&rq->rng, nonce, sizeof(nonce));
    spdm_rng_fill(&rq->rng, context, sizeof(context));
    x.crypto = true;
    x.ctx.has_summary = summary != SPDM_SUMMARY_NONE;
    x.req.h.param1 = slot;
    x.req.h.param2 = summary;
    x.req.challenge.nonce = SPDM_BYTES(nonce, sizeof(nonce));
    x.req.challenge.context = SPDM_BYTES(context, sizeof(context));
    if (!spdm_req_run(rq, &x) || !check_answer(rq, &x, known, slot)) {
        return false;
    }
    spdm_transcript_reset(&rq->conn.b);
    rq->conn.state = SPDM_CONN_AUTHENTICATED;
    rq->authenticated = true;
    return !(x.rsp.h.param1 & SPDM_CHALLENGE_BASIC_MUT_AUTH) ||
           spdm_req_basic_mut_auth(rq);
}

bool spdm_requester_challenge(SpdmRequester *rq, uint8_t slot,
                              uint8_t summary, GError **errp)
{
    spdm_req_begin(rq, SPDM_CHALLENGE, 0);
    return spdm_req_done(rq, challenge(rq, slot, summary), errp);
}

/*
 * ResponseNotReady, and RESPOND_IF_READY -> the response of the original.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/*
 * WTMax is RDT x RDTM (DSP0274 ERROR ResponseNotReady); the reference
 * requester refuses an RDTM of 1.
 */
enum { RDTM = 8, MAX_RDT_EXPONENT = 31, FIRST_REQUEST = 0x80 };

void spdm_responder_defer(SpdmResponder *r, uint8_t code,
                          uint8_t rdt_exponent)
{
    r->deferred.armed_code = code;
    r->deferred.armed_exponent = MIN(rdt_exponent, MAX_RDT_EXPONENT);
}

void spdm_deferred_clear(SpdmDeferred *d)
{
    g_clear_pointer(&d->request, g_byte_array_unref);
}

bool spdm_deferred_valid(const SpdmDeferred *d, SpdmBytes request)
{
    const SpdmCommand *cmd = spdm_command(d->code);

    if (d->armed_exponent > MAX_RDT_EXPONENT ||
        d->rdt_exponent > MAX_RDT_EXPONENT) {
        return false;
    }
    return request.len == 0 ||
           (request.len >= SPDM_HEADER_SIZE && request.data[1] == d->code &&
            cmd && (cmd->flags & SPDM_CMD_DEFERRABLE));
}

static SpdmStatus not_ready(const SpdmDeferred *d)
{
    return spdm_not_ready(d->rdt_exponent, d->code, d->token, RDTM);
}

static SpdmStatus keep(SpdmTxn *t, uint8_t exponent)
{
    SpdmDeferred *d = &t->r->deferred;

    spdm_deferred_clear(d);
    d->request = g_byte_array_new();
    g_byte_array_append(d->request, t->request.data, (guint)t->request.len);
    d->session_id = t->session_id;
    d->code = t->code;
    d->token++;
    d->rdt_exponent = exponent;
    d->ready_at_us = spdm_responder_now(t->r) +
                     (INT64_C(1) << d->rdt_exponent);
    return not_ready(d);
}

/*
 * A requester that goes on with something else in the same place has given
 * up on the request that waits.
 */
SpdmStatus spdm_defer(SpdmTxn *t)
{
    SpdmDeferred *d = &t->r->deferred;
    uint8_t by_profile;

    if (t->resumed) {
        return SPDM_STATUS_OK;
    }
    if (d->session_id == t->session_id) {
        spdm_deferred_clear(d);
    }
    if (!(t->cmd->flags & SPDM_CMD_DEFERRABLE)) {
        return SPDM_STATUS_OK;
    }
    if (d->armed_code == t->code) {
        d->armed_code = 0;
        return keep(t, d->armed_exponent);
    }
    by_profile = t->r->profile->not_ready[t->code - FIRST_REQUEST];
    return by_profile ? keep(t, by_profile - 1) : SPDM_STATUS_OK;
}

/* The original request takes the place of RESPOND_IF_READY. */
static void take(SpdmTxn *t)
{
    GByteArray *request = g_steal_pointer(&t->r->deferred.request);

    spdm_txn_keep(t, request);
    t->request = spdm_array_view(request);
    t->resumed = true;
}

SpdmStatus spdm_resume_deferred(SpdmTxn *t)
{
    const SpdmDeferred *d = &t->r->deferred;

    if (!d->request || d->session_id != t->session_id) {
        return spdm_fail(SPDM_ERROR_UNEXPECTED_REQUEST,
                         "no request of this session waits");
    }
    if (t->req.h.param1 != d->code || t->req.h.param2 != d->token) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "another request or token waits");
    }
    if (spdm_responder_now(t->r) < d->ready_at_us) {
        return not_ready(d);
    }
    take(t);
    return SPDM_STATUS_OK;
}

/*
 * The honest walk: once through everything that requester and device share.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/hostile-int.h"

enum { SMALL_PORTION = 700, DEFER_EXPONENT = 12 };

static bool has(const Walk *w, uint32_t flags)
{
    return (w->info.rsp_flags & flags) != 0;
}

static bool both(const Walk *w, uint32_t flags)
{
    return (w->info.req_flags & w->info.rsp_flags & flags) != 0;
}

/* The device asks for time before its next answer to @code. */
static void defer(Walk *w, uint8_t code)
{
    spdm_responder_defer(w->h->r, code, DEFER_EXPONENT);
}

static bool connect_step(Walk *w)
{
    bool ok = spdm_requester_connect(w->h->rq, &w->err);

    spdm_requester_info(w->h->rq, &w->info);
    return ok;
}

static bool attest(Walk *w)
{
    SpdmRequester *rq = w->h->rq;

    if (!has(w, SPDM_CERT_CAP)) {
        return true;
    }
    defer(w, SPDM_GET_DIGESTS);
    return spdm_requester_digests(rq, 0, &w->err) &&
           spdm_requester_certificate(rq, 0, 0, SMALL_PORTION, &w->err) &&
           (!has(w, SPDM_CHAL_CAP) ||
            spdm_requester_challenge(rq, 0, has(w, SPDM_MEAS_CAP_MASK) ?
                                     SPDM_SUMMARY_ALL : 0, &w->err));
}

static bool measure(Walk *w, uint32_t session)
{
    static const uint8_t indices[] = { 0, 1, 0xff };

    for (unsigned i = 0; i < G_N_ELEMENTS(indices) &&
         has(w, SPDM_MEAS_CAP_MASK); i++) {
        SpdmMeasurementQuery query = {
            .index = indices[i],
            .sign = has(w, SPDM_MEAS_CAP_SIG) && i == 2,
            .raw = i == 2,
        };

        if (!spdm_requester_measurements(w->h->rq, session, &query, NULL,
                                         &w->err)) {
            return false;
        }
    }
    return true;
}

static bool measure_outside(Walk *w)
{
    return measure(w, 0);
}

static bool vendor(Walk *w, uint32_t session)
{
    g_autoptr(GByteArray) reply = g_byte_array_new();

    return spdm_requester_vendor(w->h->rq, session, 3,
                                 SPDM_BYTES("\x36\x1b", 2),
                                 SPDM_BYTES("hello", 5), reply, &w->err);
}

static bool vendor_outside(Walk *w)
{
    return vendor(w, 0);
}

static bool more_outside(Walk *w)
{
    hostile_walk_outside(w);
    return true;
}

static bool more_in_sessions(Walk *w)
{
    hostile_walk_session(w, w->sigma);
    hostile_walk_session(w, w->psk);
    return true;
}

static bool shortcuts(Walk *w)
{
    hostile_walk_shortcuts(w);
    return true;
}

static bool open_sigma(Walk *w)
{
    SpdmKeyExchangeParams params = {
        .summary = has(w, SPDM_MEAS_CAP_MASK) ? SPDM_SUMMARY_TCB : 0,
    };

    if (w->info.version < SPDM_VERSION_11 || !both(w, SPDM_KEY_EX_CAP)) {
        return true;
    }
    return spdm_requester_key_exchange(w->h->rq, &params, &w->sigma,
                                       &w->err);
}

static bool derive(void *user, SpdmBytes hint, SpdmBytes opaque,
                   uint32_t hash, uint8_t *psk, size_t *len)
{
    const Hostile *h = user;
    GBytes *secret = h->profile->psk_device_secret;

    return spdm_psk_derive(hash, SPDM_BYTES(g_bytes_get_data(secret, NULL),
                                            g_bytes_get_size(secret)),
                           hint, opaque, psk, len);
}

/* A requester that is being authenticated does nothing else meanwhile. */
static bool finish_at_once(Walk *w)
{
    return !(w->h->profile->flags & SPDM_MUT_AUTH_CAP) || !w->sigma ||
           spdm_requester_finish(w->h->rq, w->sigma, &w->err);
}

static bool open_psk(Walk *w)
{
    Hostile *h = w->h;
    SpdmPskExchangeParams params = {
        .hint = SPDM_BYTES("guest", 5), .derive = derive, .user = h,
    };

    if (w->info.version < SPDM_VERSION_11 ||
        !has(w, SPDM_PSK_CAP_MASK) ||
        !(w->info.req_flags & SPDM_PSK_CAP)) {
        return true;
    }
    if (h->profile->psks->len) {
        const SpdmProfilePsk *psk = g_ptr_array_index(h->profile->psks, 0);

        params.hint = SPDM_BYTES(g_bytes_get_data(psk->hint, NULL),
                                 g_bytes_get_size(psk->hint));
        params.secret = SPDM_BYTES(g_bytes_get_data(psk->secret, NULL),
                                   g_bytes_get_size(psk->secret));
    }
    return spdm_requester_psk_exchange(h->rq, &params, &w->psk, &w->err);
}

static bool finish_psk(Walk *w)
{
    return !w->psk || !has(w, SPDM_PSK_CAP_WITH_CONTEXT) ||
           spdm_requester_psk_finish(w->h->rq, w->psk, &w->err);
}

static bool finish_sigma(Walk *w)
{
    if (!w->sigma || w->h->profile->flags & SPDM_MUT_AUTH_CAP) {
        return true;
    }
    defer(w, SPDM_FINISH);
    return spdm_requester_finish(w->h->rq, w->sigma, &w->err);
}

static bool use(Walk *w, uint32_t session)
{
    SpdmRequester *rq = w->h->rq;

    if (!session) {
        return true;
    }
    return (!has(w, SPDM_CERT_CAP) ||
            (spdm_requester_digests(rq, session, &w->err) &&
             spdm_requester_certificate(rq, session, 0, 0, &w->err))) &&
           measure(w, session) && vendor(w, session) &&
           (!both(w, SPDM_HBEAT_CAP) ||
            spdm_requester_heartbeat(rq, session, &w->err)) &&
           (!both(w, SPDM_KEY_UPD_CAP) ||
            (spdm_requester_key_update(rq, session, false, &w->err) &&
             spdm_requester_key_update(rq, session, true, &w->err)));
}

static bool use_sigma(Walk *w)
{
    return use(w, w->sigma);
}

static bool use_psk(Walk *w)
{
    return use(w, w->psk);
}

/* What was done to the device may have ended them. */
static void end_if_there(Walk *w)
{
    SpdmRequester *rq = w->h->rq;

    spdm_requester_end_session(rq, w->sigma, false, NULL);
    spdm_requester_end_session(rq, w->psk, true, NULL);
}

static bool end(Walk *w)
{
    SpdmRequester *rq = w->h->rq;

    if (w->h->config.full) {
        end_if_there(w);
        return true;
    }
    return (!w->sigma || spdm_requester_end_session(rq, w->sigma, false,
                                                    &w->err)) &&
           (!w->psk || spdm_requester_end_session(rq, w->psk, true,
                                                  &w->err));
}

bool hostile_walk(Hostile *h, bool strict)
{
    static bool (*const steps[])(Walk *) = {
        connect_step, attest, measure_outside, vendor_outside, more_outside,
        open_sigma, finish_at_once, open_psk, finish_psk, finish_sigma,
        use_sigma, use_psk, more_in_sessions, end, shortcuts,
    };
    Walk w = { .h = h };
    bool ok = true;

    h->exchanges = 0;
    for (unsigned i = 0; i < G_N_ELEMENTS(steps); i++) {
        if (!steps[i](&w)) {
            ok = false;
            if (strict) {
                hostile_fail(h, w.err ? w.err->message : "a step failed");
            }
            g_clear_error(&w.err);
        }
    }
    return ok;
}

/*
 * GET_VERSION / VERSION (DSP0274; spec/02 section 2).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

enum {
    MAJOR_MINOR_SHIFT = 8,
    ALPHA_MASK = 0x0f,
};

static bool has_duplicate(const SpdmMsgVersion *v)
{
    for (unsigned i = 0; i < v->count; i++) {
        for (unsigned j = 0; j < i; j++) {
            if (v->entries[i] == v->entries[j]) {
                return true;
            }
        }
    }
    return false;
}

/* The highest version of both; an alpha version is no release of any. */
static uint8_t choose(const SpdmRequester *rq, const SpdmMsgVersion *v)
{
    uint8_t best = 0;

    for (unsigned i = 0; i < v->count; i++) {
        uint8_t version = (uint8_t)(v->entries[i] >> MAJOR_MINOR_SHIFT);

        if (version >= rq->cfg.min_version &&
            version <= rq->cfg.max_version && version > best &&
            !(v->entries[i] & ALPHA_MASK)) {
            best = version;
        }
    }
    return best;
}

static void remember(SpdmRequester *rq, const SpdmMsgVersion *v)
{
    rq->version_count = MIN(v->count, SPDM_REQ_MAX_VERSIONS);
    for (unsigned i = 0; i < rq->version_count; i++) {
        rq->versions[i] = v->entries[i];
    }
}

static bool get_version(SpdmRequester *rq)
{
    g_auto(SpdmReqExchange) x = { .session = NULL };
    const SpdmMsgVersion *v = &x.rsp.version;
    uint8_t version;

    spdm_req_exchange_init(rq, &x, NULL, SPDM_GET_VERSION);
    x.req.h.version = SPDM_VERSION_10;
    if (!spdm_req_run(rq, &x)) {
        return false;
    }
    remember(rq, v);
    version = choose(rq, v);
    if (!spdm_req_check(rq, SPDM_CHECK_VERSION_COUNT, v->count > 0,
                        "VERSION lists no version") ||
        !spdm_req_check(rq, SPDM_CHECK_VERSION_DUPLICATE, !has_duplicate(v),
                        "VERSION lists a version twice") ||
        !spdm_req_check(rq, SPDM_CHECK_VERSION_COMMON, version != 0,
                        "no version of the responder is one of ours")) {
        return false;
    }
    rq->conn.version = version;
    rq->conn.state = SPDM_CONN_AFTER_VERSION;
    spdm_transcript_append(&rq->conn.a, spdm_req_view(x.req_bytes));
    spdm_transcript_append(&rq->conn.a, spdm_req_view(x.rsp_bytes));
    return true;
}

bool spdm_requester_version(SpdmRequester *rq, GError **errp)
{
    spdm_req_begin(rq, SPDM_GET_VERSION, 0);
    spdm_req_reset(rq, "the requester starts again with GET_VERSION");
    return spdm_req_done(rq, get_version(rq), errp);
}

bool spdm_requester_connect(SpdmRequester *rq, GError **errp)
{
    return spdm_requester_version(rq, errp) &&
           spdm_requester_capabilities(rq, errp) &&
           spdm_requester_algorithms(rq, errp);
}

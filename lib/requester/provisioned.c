/*
 * A responder whose capabilities and algorithms are provisioned: PSK_EXCHANGE
 * right after VERSION (DSP0274 PSK_EXCHANGE).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/requester-int.h"

static bool is_listed(const SpdmRequester *rq, uint8_t version)
{
    for (unsigned i = 0; i < rq->version_count; i++) {
        if (rq->versions[i] >> 8 == version) {
            return version >= SPDM_VERSION_11 &&
                   version >= rq->cfg.min_version &&
                   version <= rq->cfg.max_version;
        }
    }
    return false;
}

static bool usage(SpdmRequester *rq, const SpdmProvisionedPeer *peer)
{
    return spdm_req_usage(rq, rq->conn.state == SPDM_CONN_AFTER_VERSION,
                          "provisioning comes directly after GET_VERSION") &&
           spdm_req_usage(rq, is_listed(rq, peer->version),
                          "VERSION does not list the provisioned version, "
                          "or it is none of ours") &&
           spdm_req_usage(rq, spdm_hash_by_bit(peer->hash) &&
                          spdm_aead_by_bit(peer->aead),
                          "one hash and one AEAD have to be provisioned") &&
           spdm_req_usage(rq, (peer->flags & SPDM_PSK_CAP_MASK) &&
                          (peer->flags & SPDM_MAC_CAP),
                          "a PSK session takes PSK_CAP and MAC_CAP");
}

static void adopt(SpdmRequester *rq, const SpdmProvisionedPeer *peer)
{
    SpdmConn *c = &rq->conn;

    c->version = peer->version;
    c->req_flags = rq->cfg.flags & spdm_request_flags_mask(c->version);
    c->rsp_flags = peer->flags & spdm_response_flags_mask(c->version);
    c->req_data_transfer_size = rq->cfg.data_transfer_size;
    c->hash = spdm_hash_by_bit(peer->hash);
    c->aead = spdm_aead_by_bit(peer->aead);
    c->key_schedule = SPDM_KEY_SCHEDULE_SPDM;
    c->other_params = c->version >= SPDM_VERSION_12 ? SPDM_OPAQUE_FMT1 : 0;
    c->provisioned = true;
    c->state = SPDM_CONN_NEGOTIATED;
}

bool spdm_requester_provision(SpdmRequester *rq,
                              const SpdmProvisionedPeer *peer, GError **errp)
{
    bool ok;

    spdm_req_begin(rq, SPDM_GET_CAPABILITIES, 0);
    ok = usage(rq, peer);
    if (ok) {
        adopt(rq, peer);
    }
    return spdm_req_report(rq, ok, errp);
}

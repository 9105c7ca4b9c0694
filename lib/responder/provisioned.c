/*
 * PSK_EXCHANGE right after VERSION: version, capabilities and algorithms that
 * GET_CAPABILITIES and NEGOTIATE_ALGORITHMS would agree on are provisioned at
 * both ends (DSP0274 PSK_EXCHANGE, "Symmetric Key Provisioning"). A is then
 * GET_VERSION and VERSION alone.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/provisioned.h"

/* What a PSK session can do without certificates. */
enum {
    USABLE_FLAGS = SPDM_ENCRYPT_CAP | SPDM_MAC_CAP | SPDM_PSK_CAP_MASK |
                   SPDM_HBEAT_CAP | SPDM_KEY_UPD_CAP,
};

uint32_t spdm_provisioned_flags(uint32_t declared, uint8_t version)
{
    return spdm_flags_of(declared, version) & USABLE_FLAGS;
}

static bool applies(const SpdmTxn *t)
{
    const SpdmProfileProvisioned *v = &t->r->profile->provisioned;
    const uint8_t *request = t->request.data;

    return v->version && t->conn->state == SPDM_CONN_AFTER_VERSION &&
           !t->secured && request[0] == v->version &&
           request[1] == SPDM_PSK_EXCHANGE;
}

bool spdm_provisioned_adopt(SpdmTxn *t)
{
    const SpdmProfile *p = t->r->profile;
    const SpdmProfileProvisioned *v = &p->provisioned;
    SpdmConn *c = t->conn;

    if (!applies(t)) {
        return false;
    }
    c->version = v->version;
    c->req_flags = v->flags & spdm_request_flags_mask(v->version);
    c->declared = spdm_responder_declared(t->r);
    c->rsp_flags = spdm_provisioned_flags(c->declared, v->version);
    c->rsp_ct_exponent = p->ct_exponent;
    c->rsp_data_transfer_size = p->data_transfer_size;
    c->rsp_max_msg_size = spdm_responder_max_msg_size(t->r, v->version);
    c->hash = spdm_hash_by_bit(v->hash);
    c->aead = spdm_aead_by_bit(v->aead);
    c->key_schedule = SPDM_KEY_SCHEDULE_SPDM;
    c->other_params = v->version >= SPDM_VERSION_12 ? SPDM_OPAQUE_FMT1 : 0;
    c->provisioned = true;
    c->state = SPDM_CONN_NEGOTIATED;
    return true;
}

void spdm_provisioned_undo(SpdmConn *conn)
{
    SpdmTranscript a = conn->a;

    conn->a = (SpdmTranscript){ .overflown = false };
    spdm_conn_reset(conn);
    conn->a = a;
    conn->state = SPDM_CONN_AFTER_VERSION;
}

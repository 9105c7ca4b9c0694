/*
 * Mutual authentication in KEY_EXCHANGE and CHALLENGE (spec/06): the choice
 * of the form, and the signature that proves the requester.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/mut-auth.h"

#include "responder/encap.h"
#include "responder/peer.h"

static bool has_public_key_only(const SpdmTxn *t)
{
    return t->conn->req_flags & SPDM_PUB_KEY_ID_CAP;
}

static bool is_provisioned(const SpdmTxn *t, uint8_t slot)
{
    return spdm_peer_provisioned(t, slot).len != 0;
}

/* Nothing is fetched: the identity must be here already. */
static bool choose_provisioned(const SpdmTxn *t, SpdmSession *s)
{
    uint8_t slot = t->r->profile->requester_slot;

    if (has_public_key_only(t) || !is_provisioned(t, slot)) {
        slot = SPDM_SLOT_PUBLIC_KEY;
    }
    if (!is_provisioned(t, slot)) {
        return false;
    }
    s->mut_auth_requested = SPDM_MUT_AUTH_WITHOUT_ENCAP;
    s->peer_slot = slot;
    return true;
}

static bool can_fetch(const SpdmTxn *t)
{
    return spdm_conn_can_encap(t->conn) && !has_public_key_only(t);
}

static bool choose(const SpdmTxn *t, SpdmSession *s)
{
    const SpdmProfile *p = t->r->profile;

    if (!spdm_conn_both(t->conn, SPDM_MUT_AUTH_CAP) || !t->conn->req_asym) {
        return false;
    }
    if (p->mut_auth_form == SPDM_MUT_AUTH_FORM_PROVISIONED ||
        !can_fetch(t)) {
        return choose_provisioned(t, s);
    }
    s->mut_auth_requested =
        p->mut_auth_form == SPDM_MUT_AUTH_FORM_IMPLICIT_DIGESTS ?
        SPDM_MUT_AUTH_IMPLICIT_DIGESTS : SPDM_MUT_AUTH_ENCAP;
    s->peer_slot = p->requester_slot;
    return true;
}

SpdmStatus spdm_mut_auth_choose(const SpdmTxn *t, SpdmSession *s)
{
    SpdmMutAuthMode mode = t->r->profile->mut_auth;

    if (mode == SPDM_MUT_AUTH_NONE || choose(t, s) ||
        mode == SPDM_MUT_AUTH_OPTIONAL) {
        return SPDM_STATUS_OK;
    }
    return spdm_fail(SPDM_ERROR_INVALID_POLICY,
                     "mutual authentication is required, and this requester "
                     "cannot do it");
}

void spdm_mut_auth_begin(SpdmTxn *t, SpdmSession *s)
{
    if (s->mut_auth_requested == SPDM_MUT_AUTH_WITHOUT_ENCAP) {
        spdm_peer_bind(t, s, s->peer_slot,
                       spdm_peer_provisioned(t, s->peer_slot));
    } else if (s->mut_auth_requested) {
        spdm_encap_begin(t, s, SPDM_ENCAP_MUT_AUTH, s->peer_slot,
                         s->mut_auth_requested ==
                         SPDM_MUT_AUTH_IMPLICIT_DIGESTS);
    }
}

/* TH-finish-sig ends with FINISH up to its Signature (spec/04 section 4). */
static bool is_signed(const SpdmTxn *t)
{
    const SpdmSession *s = t->session;
    SpdmBytes signature = t->req.finish.signature;
    size_t before = t->request.len - s->hash->size - signature.len;
    g_autoptr(GByteArray) th = g_byte_array_new();

    if (!s->has_cm || !spdm_conn_th_bytes(t->conn, s, th)) {
        return false;
    }
    g_byte_array_append(th, t->request.data, (guint)before);
    return spdm_peer_signed(t, &s->peer_key, SPDM_CONTEXT_FINISH,
                            spdm_array_view(th), signature);
}

SpdmStatus spdm_mut_auth_finish(const SpdmTxn *t)
{
    if (!t->session->mut_auth_requested) {
        return SPDM_STATUS_OK;
    }
    if (t->req.h.param2 != t->session->peer_slot) {
        return spdm_fail(SPDM_ERROR_INVALID_REQUEST,
                         "FINISH names another slot than was settled");
    }
    if (!is_signed(t)) {
        return spdm_fail_session(SPDM_ERROR_DECRYPT_ERROR,
                                 "FINISH is not signed by the requester's "
                                 "key");
    }
    return SPDM_STATUS_OK;
}

/* Deprecated in 1.2, but done there by those who do it (1.3 as well). */
bool spdm_mut_auth_basic(const SpdmTxn *t)
{
    return t->r->profile->basic_mut_auth &&
           t->conn->version >= SPDM_VERSION_11 &&
           spdm_conn_both(t->conn, SPDM_MUT_AUTH_CAP) &&
           spdm_conn_can_encap(t->conn) && t->conn->req_asym &&
           (!has_public_key_only(t) ||
            is_provisioned(t, SPDM_SLOT_PUBLIC_KEY));
}

void spdm_mut_auth_begin_basic(SpdmTxn *t)
{
    uint8_t slot = has_public_key_only(t) ? SPDM_SLOT_PUBLIC_KEY
                                          : t->r->profile->requester_slot;

    spdm_encap_begin(t, NULL, SPDM_ENCAP_BASIC_MUT_AUTH, slot, false);
}

/*
 * Embedded GET_DIGESTS -> DIGESTS of our slots (spec/02 section 3, spec/06
 * section 6).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "requester/encap.h"

static void put_u8(GByteArray *out, uint8_t v)
{
    g_byte_array_append(out, &v, 1);
}

SpdmStatus spdm_enc_digests(SpdmRequester *rq, SpdmEmbedded *e)
{
    GByteArray *digests = spdm_enc_array(e), *pairs = spdm_enc_array(e);
    GByteArray *models = spdm_enc_array(e), *usages = spdm_enc_array(e);
    SpdmMsgDigests *v = &e->rsp.digests;

    for (uint8_t slot = 0; slot < SPDM_SLOT_COUNT; slot++) {
        const SpdmReqIdentity *own = spdm_req_identity(rq, slot);
        uint8_t digest[SPDM_MAX_HASH];

        if (!own) {
            continue;
        }
        spdm_req_identity_hash(rq, own, digest);
        g_byte_array_append(digests, digest, rq->conn.hash->size);
        put_u8(pairs, own->key_pair_id);
        put_u8(models, own->cert_model);
        put_u8(usages, (uint8_t)own->key_usage);
        put_u8(usages, (uint8_t)(own->key_usage >> 8));
    }
    e->rsp.h.param2 = spdm_req_identity_slots(rq);
    if (!e->rsp.h.param2) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "no slot holds a chain");
    }
    if (rq->conn.version >= SPDM_VERSION_13) {
        e->rsp.h.param1 = e->rsp.h.param2; /* SupportedSlotMask */
    }
    v->digests = spdm_req_view(digests);
    v->key_pair_ids = spdm_req_view(pairs);
    v->cert_infos = spdm_req_view(models);
    v->key_usages = spdm_req_view(usages);
    return SPDM_STATUS_OK;
}

/* spec/04: mB starts anew, and eD is the first DIGESTS of a session. */
void spdm_enc_commit_digests(SpdmRequester *rq, SpdmEmbedded *e)
{
    SpdmSession *s = e->session;

    spdm_transcript_reset(&rq->mut_b);
    spdm_transcript_append(&rq->mut_b, e->request);
    spdm_transcript_append(&rq->mut_b, spdm_req_view(e->out));
    if (s && s->phase == SPDM_SESSION_HANDSHAKE && rq->conn.multi_key_req &&
        !spdm_transcript_view(&s->ed).len) {
        spdm_transcript_append(&s->ed, spdm_req_view(e->out));
    }
}

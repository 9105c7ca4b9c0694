/*
 * The Supported Algorithms block of CAPABILITIES (DSP0274 1.3): what
 * NEGOTIATE_ALGORITHMS may choose from, in that request's layout without its
 * first two bytes; Length counts from the block's start.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

enum {
    HEADER_BYTES = 2,        /* of the request's header, not in the block */
    LENGTH_AT = 2,           /* in the block */
    ONE_VALUE = 0x20,        /* AlgCount: two bytes, nothing extended */
};

/* Of what the profile lists only that which the device has a key for. */
static uint32_t asym_with_keys(const SpdmTxn *t)
{
    const SpdmProvider *p = &t->r->provider;
    uint32_t mask = t->r->profile->asym & spdm_asym_mask(t->req.h.version);

    for (const SpdmAsymAlg *alg = spdm_asym_algs; alg->name; alg++) {
        if ((alg->bit & mask) && !p->ops->slots(p->opaque, alg->bit)) {
            mask &= ~alg->bit;
        }
    }
    return mask;
}

static void add_table(SpdmMsg *m, uint8_t type, uint32_t supported)
{
    if (supported) {
        m->algorithms.tables[m->h.param1++] = (SpdmAlgTable){
            .type = type, .count = ONE_VALUE,
            .supported = (uint16_t)supported,
        };
    }
}

static void add_tables(const SpdmTxn *t, SpdmMsg *m)
{
    const SpdmProfile *p = t->r->profile;
    uint32_t flags = spdm_responder_flags(t->r, m->h.version);
    uint32_t req_asym = flags & SPDM_MUT_AUTH_CAP ?
        p->req_asym & spdm_asym_mask(m->h.version) : 0;
    bool sessions = flags & (SPDM_KEY_EX_CAP | SPDM_PSK_CAP_MASK);

    if (flags & SPDM_KEY_EX_CAP) {
        add_table(m, SPDM_ALG_TYPE_DHE,
                  p->dhe & spdm_dhe_mask(m->h.version));
    }
    if (sessions) {
        add_table(m, SPDM_ALG_TYPE_AEAD,
                  p->aead & spdm_aead_mask(m->h.version));
    }
    add_table(m, SPDM_ALG_TYPE_REQ_ASYM, spdm_asym_base(req_asym));
    if (sessions) {
        add_table(m, SPDM_ALG_TYPE_KEY_SCHEDULE, SPDM_KEY_SCHEDULE_SPDM);
    }
    add_table(m, SPDM_ALG_TYPE_REQ_PQC_ASYM, spdm_asym_pqc(req_asym));
    if (flags & SPDM_KEY_EX_CAP) {
        add_table(m, SPDM_ALG_TYPE_KEM,
                  p->kem & spdm_kem_mask(m->h.version));
    }
}

SpdmBytes spdm_supported_algs(SpdmTxn *t)
{
    static const SpdmWireCtx no_ctx;
    GByteArray *out = spdm_txn_array(t);
    const SpdmProfile *p = t->r->profile;
    uint32_t asym = asym_with_keys(t);
    SpdmMsg m = {
        .h = { t->req.h.version, SPDM_NEGOTIATE_ALGORITHMS, 0, 0 },
        .algorithms = {
            .measurement_spec = p->flags & SPDM_MEAS_CAP_MASK
                                ? SPDM_MEAS_SPEC_DMTF : 0,
            .other_params = p->opaque_formats,
            .base_asym = spdm_asym_base(asym),
            .pqc_asym = spdm_asym_pqc(asym),
            .base_hash = p->hash & spdm_hash_mask(t->req.h.version),
        },
    };

    add_tables(t, &m);
    spdm_msg_encode(&no_ctx, &m, out);
    g_byte_array_remove_range(out, 0, HEADER_BYTES);
    out->data[LENGTH_AT] = (uint8_t)out->len;
    out->data[LENGTH_AT + 1] = (uint8_t)(out->len >> 8);
    return spdm_array_view(out);
}

/*
 * SET_KEY_PAIR_INFO -> SET_KEY_PAIR_INFO_ACK.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

static SpdmStatus refuse(const char *why)
{
    return spdm_fail(SPDM_ERROR_INVALID_REQUEST, why);
}

static bool one_bit(uint32_t mask)
{
    return mask && !(mask & (mask - 1));
}

/* DSP0274 1.3 SET_KEY_PAIR_INFO: the capability of each operation. */
static SpdmStatus check_operation(const SpdmKeyPair *pair,
                                  const SpdmKeyPairChange *c)
{
    if (c->operation > SPDM_KEY_PAIR_GENERATE) {
        return refuse("the operation is reserved");
    }
    if (c->operation == SPDM_KEY_PAIR_ERASE &&
        !(pair->capabilities & SPDM_KEY_PAIR_CAP_ERASE)) {
        return refuse("this key cannot be erased");
    }
    if (c->operation == SPDM_KEY_PAIR_GENERATE &&
        !(pair->capabilities & SPDM_KEY_PAIR_CAP_GEN)) {
        return refuse("this key cannot be generated");
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus check_usage(const SpdmKeyPair *pair,
                              const SpdmKeyPairChange *c)
{
    if (c->usage & ~pair->usage_caps) {
        return refuse("DesiredKeyUsage is not among KeyUsageCapabilities");
    }
    if (c->usage && c->usage != pair->usage &&
        !(pair->capabilities & SPDM_KEY_PAIR_CAP_KEY_USAGE)) {
        return refuse("the usage of this key cannot be changed");
    }
    return SPDM_STATUS_OK;
}

/* One key has one algorithm, classic or (1.4) post-quantum. */
static SpdmStatus check_algorithm(const SpdmKeyPair *pair,
                                  const SpdmKeyPairChange *c)
{
    bool same = c->asym == pair->asym && c->pqc == pair->pqc;
    bool only = c->asym == pair->asym_caps && c->pqc == pair->pqc_caps;

    if (!c->asym && !c->pqc) {
        return SPDM_STATUS_OK;
    }
    if ((c->asym & ~pair->asym_caps) || (c->pqc & ~pair->pqc_caps)) {
        return refuse("the desired algorithm is not among the key's");
    }
    if ((c->asym && c->pqc) || !one_bit(c->asym | c->pqc)) {
        return refuse("several algorithms are desired for one key");
    }
    if (!same && !only &&
        !(pair->capabilities & SPDM_KEY_PAIR_CAP_ASYM_ALGO)) {
        return refuse("the algorithm of this key cannot be changed");
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus check_slots(const SpdmKeyPair *pair,
                              const SpdmKeyPairChange *c)
{
    if (c->slots != pair->slots &&
        !(pair->capabilities & SPDM_KEY_PAIR_CAP_CERT_ASSOC)) {
        return refuse("the slots of this key cannot be changed");
    }
    if (c->slots && !one_bit(c->slots) &&
        !(pair->capabilities & SPDM_KEY_PAIR_CAP_SHAREABLE)) {
        return refuse("this key cannot be that of several slots");
    }
    return SPDM_STATUS_OK;
}

static SpdmStatus check_change(const SpdmKeyPair *pair,
                               const SpdmKeyPairChange *c)
{
    static SpdmStatus (*const checks[])(const SpdmKeyPair *,
                                        const SpdmKeyPairChange *) = {
        check_operation, check_usage, check_algorithm, check_slots,
    };
    /* An erasure says nothing of what comes after it. */
    size_t n = c->operation == SPDM_KEY_PAIR_ERASE ? 1
                                                   : G_N_ELEMENTS(checks);

    for (size_t i = 0; i < n; i++) {
        SpdmStatus st = checks[i](pair, c);

        if (st.failed) {
            return st;
        }
    }
    return SPDM_STATUS_OK;
}

/*
 * The change is the provider's, not the connection's: it is made here. Slots
 * that get or lose the key have other chains then.
 */
static SpdmStatus apply(SpdmTxn *t, const SpdmKeyPair *before,
                        const SpdmKeyPairChange *c)
{
    const SpdmProvider *p = &t->r->provider;

    if (!p->ops->set_key_pair) {
        return spdm_unsupported(t->code, "keys cannot be changed");
    }
    switch (p->ops->set_key_pair(p->opaque, c)) {
    case SPDM_KEY_PAIR_DONE:
        spdm_responder_chains_changed(t->r, before->slots ^ c->slots);
        return SPDM_STATUS_OK;
    case SPDM_KEY_PAIR_RESET:
        return spdm_fail(SPDM_ERROR_RESET_REQUIRED,
                         "the change is made at the next reset");
    case SPDM_KEY_PAIR_FAILED:
        break;
    }
    return spdm_fail(SPDM_ERROR_OPERATION_FAILED,
                     "the slots of the key do not allow the change");
}

/* 1.3 has no capability that would tell of it before, but the same ERROR. */
SpdmStatus spdm_rsp_set_key_pair_info(SpdmTxn *t)
{
    const SpdmMsgSetKeyPairInfo *req = &t->req.set_key_pair_info;
    SpdmKeyPairChange c = {
        .operation = t->req.h.param1,
        .id = req->key_pair_id,
        .usage = req->key_usage,
        .asym = req->asym,
        .slots = req->slot_mask,
        .at_reset = (t->r->profile->flags & SPDM_SET_KEY_PAIR_RESET_CAP) != 0,
    };
    SpdmKeyPair pair;
    SpdmStatus st;

    if (!spdm_txn_key_pair(t, c.id, &pair)) {
        return refuse("there is no key pair of this KeyPairID");
    }
    if (!spdm_read_pqc_field(req->pqc, &c.pqc)) {
        return refuse("the desired algorithm is not among the key's");
    }
    st = check_change(&pair, &c);
    return st.failed ? st : apply(t, &pair, &c);
}

/*
 * Banks of certificate slots (DSP0274 1.4) as a connection sees them. They are
 * views of what the provider has for each algorithm, so that GET_DIGESTS,
 * SET_CERTIFICATE and SLOT_MANAGEMENT never tell different stories.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

static uint32_t algorithm(const SpdmBank *bank)
{
    return spdm_asym_join(bank->asym, bank->pqc);
}

static bool is_selected(const SpdmTxn *t, const SpdmBank *bank)
{
    return t->conn->asym &&
           (algorithm(bank) & spdm_key_pair_algs(t->conn->asym->bit));
}

/* A key serves several algorithms: RSA those of both paddings. */
static uint32_t asym_of(const SpdmTxn *t, const SpdmBank *bank)
{
    uint32_t asym = spdm_key_pair_asym(algorithm(bank)) & t->r->profile->asym;

    return is_selected(t, bank) ? t->conn->asym->bit : asym & -asym;
}

/* Keys without certificates make a slot one of several keys, too. */
static uint8_t slots_with_keys(const SpdmTxn *t, uint32_t asym)
{
    const SpdmProvider *p = &t->r->provider;
    SpdmSlotKey key;
    uint8_t mask = 0;

    for (uint8_t i = 0; i < SPDM_SLOT_COUNT; i++) {
        if (t->conn->multi_key_rsp && p->ops->slot_key &&
            p->ops->slot_key(p->opaque, i, asym, &key)) {
            mask |= (uint8_t)(1u << i);
        }
    }
    return mask;
}

bool spdm_slot_bank(const SpdmTxn *t, uint8_t id, SpdmSlotBank *b)
{
    const SpdmProvider *p = &t->r->provider;

    *b = (SpdmSlotBank){ .bank = { .id = id } };
    if (!p->ops->bank || !p->ops->bank(p->opaque, id, &b->bank)) {
        return false;
    }
    b->selected = is_selected(t, &b->bank);
    b->asym = asym_of(t, &b->bank);
    b->slots = 0;
    if (b->asym) {
        b->provisioned = p->ops->slots(p->opaque, b->asym);
        b->slots = slots_with_keys(t, b->asym);
    }
    b->slots = spdm_existing_slots(t, b->slots | b->provisioned);
    return true;
}

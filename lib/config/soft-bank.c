/*
 * Banks of certificate slots (DSP0274 1.4): one for each kind of key that the
 * profile gives one. What a bank's slots hold is found by its algorithm, like
 * everything else about slots; an algorithm without a bank has no slots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "config/soft-int.h"

static uint32_t alg_of(const GArray *banks, guint id)
{
    return g_array_index(banks, uint32_t, id);
}

GArray *soft_banks_new(const SpdmProfile *profile)
{
    uint32_t algs = spdm_key_pair_algs(profile->bank_asym ? profile->bank_asym
                                                          : profile->asym);
    GArray *banks = g_array_new(FALSE, FALSE, sizeof(uint32_t));

    for (uint32_t left = algs; left; left &= left - 1) {
        uint32_t alg = left & -left;

        g_array_append_val(banks, alg);
    }
    return banks;
}

/* Algorithms of all banks but @id. */
static uint32_t others(const GArray *banks, guint id)
{
    uint32_t algs = 0;

    for (guint i = 0; i < banks->len; i++) {
        algs |= i != id ? alg_of(banks, i) : 0;
    }
    return algs;
}

bool soft_has_bank(const SpdmSoftProvider *soft, uint32_t asym)
{
    return spdm_key_pair_algs(asym) & others(soft->banks, soft->banks->len);
}

/* What ManageBank can choose from. */
static uint32_t capable(const SpdmSoftProvider *soft)
{
    const SpdmProfile *profile = soft->config.profile;

    return profile->slot_sub_codes & SPDM_PROFILE_SLOT_MANAGE_BANK ?
           spdm_key_pair_algs(profile->asym) : 0;
}

bool soft_banks_valid(const SpdmSoftProvider *soft, const GArray *banks)
{
    uint32_t algs = spdm_key_pair_algs(soft->config.profile->asym);

    if (banks->len != soft->banks->len) {
        return false;
    }
    for (guint i = 0; i < banks->len; i++) {
        uint32_t alg = alg_of(banks, i);

        if (!alg || (alg & (alg - 1)) || (alg & ~algs) ||
            (alg & others(banks, i))) {
            return false;
        }
    }
    return true;
}

bool soft_bank(const SpdmSoftProvider *soft, uint8_t id, SpdmBank *bank)
{
    uint32_t available, alg;

    if (id >= soft->banks->len) {
        return false;
    }
    available = capable(soft) & ~others(soft->banks, id);
    alg = alg_of(soft->banks, id);
    *bank = (SpdmBank){
        .total = (uint8_t)soft->banks->len,
        .id = id,
        .config_algo = capable(soft) != 0,
        .asym_caps = spdm_asym_base(capable(soft)),
        .asym = spdm_asym_base(alg),
        .asym_available = spdm_asym_base(available),
        .pqc_caps = spdm_asym_pqc(capable(soft)),
        .pqc = spdm_asym_pqc(alg),
        .pqc_available = spdm_asym_pqc(available),
    };
    return true;
}

/*
 * DSP0274 1.4 ManageBank: all slots begin empty, those that a device of this
 * profile comes with included. So do those of the old algorithm, should it
 * ever come back to a bank.
 */
static GPtrArray *emptied(const SpdmSoftProvider *soft, uint32_t alg,
                          uint32_t old)
{
    uint32_t asym = spdm_key_pair_asym(alg);
    uint32_t kind = soft_key_kind(asym & -asym);
    uint32_t old_asym = spdm_key_pair_asym(old);
    uint32_t old_kind = soft_key_kind(old_asym & -old_asym);
    GPtrArray *table = soft_provisioned_table();

    for (guint i = 0; i < soft->provisioned->len; i++) {
        SoftProvisioned *p = soft->provisioned->pdata[i];

        if (p->asym != kind && !(p->asym == old_kind && p->staged)) {
            g_ptr_array_add(table, g_rc_box_acquire(p));
        }
    }
    for (uint8_t slot = 0; slot < SPDM_SLOT_COUNT; slot++) {
        SoftProvisioned erased = { .slot = slot, .asym = kind };

        g_ptr_array_add(table, soft_provisioned_new(&erased, NULL));
    }
    return table;
}

bool soft_set_bank(SpdmSoftProvider *soft, uint8_t id, uint32_t asym,
                   uint32_t pqc)
{
    uint32_t wanted = spdm_asym_join(asym, pqc);
    uint32_t *alg;
    uint32_t old;

    if (id >= soft->banks->len || !wanted || (wanted & (wanted - 1)) ||
        (wanted & ~capable(soft)) || (wanted & others(soft->banks, id))) {
        return false;
    }
    alg = &g_array_index(soft->banks, uint32_t, id);
    old = *alg;
    *alg = wanted;
    if (soft_provisioned_replace(soft, emptied(soft, wanted, old))) {
        return true;
    }
    *alg = old;
    return false;
}

/*
 * GET_DIGESTS -> DIGESTS.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "responder/handlers.h"

/* The lists of DIGESTS, one entry a provisioned slot. */
typedef struct Lists {
    GByteArray *digests;
    GByteArray *ids;
    GByteArray *infos;
    GByteArray *usages;
    uint8_t slots;
} Lists;

static Lists lists_new(SpdmTxn *t)
{
    return (Lists){
        .digests = spdm_txn_array(t),
        .ids = spdm_txn_array(t),
        .infos = spdm_txn_array(t),
        .usages = spdm_txn_array(t),
    };
}

/* DSP0274 1.3 "DIGESTS": several keys are told apart by these. */
static void add_key(Lists *lists, const SpdmSlotKey *key)
{
    uint8_t info = (uint8_t)key->model & SPDM_CERT_INFO_MODEL_MASK;
    uint8_t usage[2] = { (uint8_t)key->usage, (uint8_t)(key->usage >> 8) };

    g_byte_array_append(lists->ids, &key->key_pair_id, 1);
    g_byte_array_append(lists->infos, &info, 1);
    g_byte_array_append(lists->usages, usage, sizeof(usage));
}

/*
 * A slot with a key and no certificates is provisioned, too, on connections
 * with several keys; its digest is all zeros.
 */
static void add_slot(SpdmTxn *t, Lists *lists, uint8_t slot)
{
    bool multi = t->conn->multi_key_rsp;
    uint8_t digest[SPDM_MAX_HASH] = { 0 };
    bool has_chain = spdm_txn_chain_hash(t, slot, digest);
    SpdmSlotKey key = { .key_pair_id = 0 };

    if (multi ? !spdm_txn_slot_key(t, slot, &key) : !has_chain) {
        return;
    }
    if (!has_chain) {
        key.model = SPDM_CERT_MODEL_NONE;
    }
    g_byte_array_append(lists->digests, digest, t->conn->hash->size);
    if (multi) {
        add_key(lists, &key);
    }
    lists->slots |= (uint8_t)(1u << slot);
}

/* SupportedSlotMask (1.3). */
static uint8_t supported_slots(const SpdmTxn *t, uint8_t provisioned)
{
    return t->conn->version < SPDM_VERSION_13 ? 0 :
           spdm_existing_slots(t, provisioned);
}

SpdmStatus spdm_rsp_digests(SpdmTxn *t)
{
    SpdmMsgDigests *rsp = &t->rsp.digests;
    Lists lists = lists_new(t);

    if (spdm_txn_staged_slots(t)) {
        return spdm_fail(SPDM_ERROR_RESET_REQUIRED,
                         "a certificate chain waits for a reset");
    }
    for (uint8_t slot = 0; slot < SPDM_SLOT_COUNT; slot++) {
        add_slot(t, &lists, slot);
    }
    if (!lists.slots) {
        return spdm_fail(SPDM_ERROR_UNSPECIFIED, "no slot holds a chain");
    }
    t->rsp.h.param1 = supported_slots(t, lists.slots);
    t->rsp.h.param2 = lists.slots;
    rsp->digests = spdm_array_view(lists.digests);
    rsp->key_pair_ids = spdm_array_view(lists.ids);
    rsp->cert_infos = spdm_array_view(lists.infos);
    rsp->key_usages = spdm_array_view(lists.usages);
    return SPDM_STATUS_OK;
}

void spdm_commit_digests(SpdmTxn *t)
{
    if (!t->session) {
        spdm_conn_note_digests(t->conn, spdm_array_view(t->out));
        t->conn->state = MAX(t->conn->state, SPDM_CONN_AFTER_DIGESTS);
    }
}

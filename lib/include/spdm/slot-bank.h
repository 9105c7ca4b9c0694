/*
 * Banks of certificate slots: what DSP0274 1.4 SLOT_MANAGEMENT says of a
 * device. All slots of a bank are for keys of one algorithm; a connection
 * works with the bank of the algorithm that it negotiated.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_SLOT_BANK_H
#define SPDM_SLOT_BANK_H

#include "spdm/base.h"

G_BEGIN_DECLS

/**
 * One bank. Algorithms are in the bits of KEY_PAIR_INFO (see
 * spdm/key-pair.h); pqc in those of PqcAsymAlgo.
 */
typedef struct SpdmBank {
    uint8_t total;           /* BankIDs are 0 to this less 1 */
    uint8_t id;
    bool config_algo;        /* ManageBank may change the algorithm */
    uint32_t asym_caps;      /* 0 unless config_algo */
    uint32_t asym;           /* at most one bit, of asym and pqc together */
    uint32_t asym_available; /* asym_caps without what other banks have */
    uint32_t pqc_caps;
    uint32_t pqc;
    uint32_t pqc_available;
} SpdmBank;

/** A slot of a bank, as GetBankDetails shows it to a requester. */
typedef struct SpdmBankSlot {
    uint8_t slot;            /* 0 to 7 */
    bool provisioned;        /* has a certificate chain */
    bool write_protected;
    uint8_t key_pair_id;     /* 0: not told */
    uint8_t model;           /* SpdmCertModel, 0: not told */
    uint16_t usage;          /* SPDM_KEY_USAGE_* */
    uint32_t size;           /* room for a chain, bytes */
} SpdmBankSlot;

G_END_DECLS

#endif

/*
 * GET_KEY_PAIR_INFO, KEY_PAIR_INFO and SET_KEY_PAIR_INFO (1.3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/msg.h"

void spdm_body_get_key_pair_info(SpdmCoder *c, SpdmMsg *m)
{
    spdm_code_u8(c, "KeyPairID", &m->key_pair_info.key_pair_id);
}

void spdm_body_key_pair_info(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgKeyPairInfo *v = &m->key_pair_info;
    uint16_t info_len = (uint16_t)v->public_key_info.len;

    spdm_code_u8(c, "TotalKeyPairs", &v->total);
    spdm_code_u8(c, "KeyPairID", &v->key_pair_id);
    spdm_code_u16(c, "Capabilities", &v->capabilities);
    spdm_code_u16(c, "KeyUsageCapabilities", &v->key_usage_caps);
    spdm_code_u16(c, "CurrentKeyUsage", &v->key_usage);
    spdm_code_u32(c, "AsymAlgoCapabilities", &v->asym_caps);
    spdm_code_u32(c, "CurrentAsymAlgo", &v->asym);
    spdm_code_u16(c, "PublicKeyInfoLen", &info_len);
    spdm_code_u8(c, "AssocCertSlotMask", &v->slot_mask);
    spdm_code_bytes(c, "PublicKeyInfo", &v->public_key_info, info_len);
    if (m->h.version >= SPDM_VERSION_14) {
        spdm_code_sized8(c, "PqcAsymAlgoCapLen", "PqcAsymAlgoCapabilities",
                         &v->pqc_caps);
        spdm_code_sized8(c, "CurrentPqcAsymAlgoLen", "CurrentPqcAsymAlgo",
                         &v->pqc);
    }
}

void spdm_body_set_key_pair_info(SpdmCoder *c, SpdmMsg *m)
{
    SpdmMsgSetKeyPairInfo *v = &m->set_key_pair_info;

    spdm_code_u8(c, "KeyPairID", &v->key_pair_id);
    if (m->h.param1 == SPDM_KEY_PAIR_ERASE) {
        return;
    }
    spdm_code_reserved(c, 1);
    spdm_code_u16(c, "DesiredKeyUsage", &v->key_usage);
    spdm_code_u32(c, "DesiredAsymAlgo", &v->asym);
    spdm_code_u8(c, "DesiredAssocCertSlotMask", &v->slot_mask);
    if (m->h.version >= SPDM_VERSION_14) {
        spdm_code_sized8(c, "DesiredPqcAsymAlgoLen", "DesiredPqcAsymAlgo",
                         &v->pqc);
    }
}

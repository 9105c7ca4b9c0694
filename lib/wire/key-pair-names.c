/*
 * Names of what KEY_PAIR_INFO says in bits (DSP0274 1.3).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/key-pair-names.h"

const SpdmBitName spdm_key_usage_names[] = {
    { "KEY_EX", SPDM_KEY_USAGE_KEY_EX },
    { "CHALLENGE", SPDM_KEY_USAGE_CHALLENGE },
    { "MEASUREMENT", SPDM_KEY_USAGE_MEASUREMENT },
    { "ENDPOINT_INFO", SPDM_KEY_USAGE_ENDPOINT_INFO },
    { "STANDARDS", SPDM_KEY_USAGE_STANDARDS },
    { "VENDOR", SPDM_KEY_USAGE_VENDOR },
    { NULL, 0 },
};

const SpdmBitName spdm_key_pair_capability_names[] = {
    { "GEN_KEY", SPDM_KEY_PAIR_CAP_GEN },
    { "ERASABLE", SPDM_KEY_PAIR_CAP_ERASE },
    { "CERT_ASSOC", SPDM_KEY_PAIR_CAP_CERT_ASSOC },
    { "KEY_USAGE", SPDM_KEY_PAIR_CAP_KEY_USAGE },
    { "ASYM_ALGO", SPDM_KEY_PAIR_CAP_ASYM_ALGO },
    { "SHAREABLE", SPDM_KEY_PAIR_CAP_SHAREABLE },
    { NULL, 0 },
};

/*
 * Names of the Flags in GET_CAPABILITIES and CAPABILITIES.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/flag-names.h"

#include "spdm/requester.h"
#include "wire/defs.h"

const SpdmFlagName spdm_flag_names[] = {
    { "CACHE", SPDM_CACHE_CAP, SPDM_CACHE_CAP },
    { "CERT", SPDM_CERT_CAP, SPDM_CERT_CAP },
    { "CHAL", SPDM_CHAL_CAP, SPDM_CHAL_CAP },
    { "MEAS_NO_SIG", SPDM_MEAS_CAP_NO_SIG, SPDM_MEAS_CAP_MASK },
    { "MEAS_SIG", SPDM_MEAS_CAP_SIG, SPDM_MEAS_CAP_MASK },
    { "MEAS_FRESH", SPDM_MEAS_FRESH_CAP, SPDM_MEAS_FRESH_CAP },
    { "ENCRYPT", SPDM_ENCRYPT_CAP, SPDM_ENCRYPT_CAP },
    { "MAC", SPDM_MAC_CAP, SPDM_MAC_CAP },
    { "MUT_AUTH", SPDM_MUT_AUTH_CAP, SPDM_MUT_AUTH_CAP },
    { "KEY_EX", SPDM_KEY_EX_CAP, SPDM_KEY_EX_CAP },
    { "PSK", SPDM_PSK_CAP, SPDM_PSK_CAP_MASK },
    { "PSK_WITH_CONTEXT", SPDM_PSK_CAP_WITH_CONTEXT, SPDM_PSK_CAP_MASK },
    { "ENCAP", SPDM_ENCAP_CAP, SPDM_ENCAP_CAP },
    { "HBEAT", SPDM_HBEAT_CAP, SPDM_HBEAT_CAP },
    { "KEY_UPD", SPDM_KEY_UPD_CAP, SPDM_KEY_UPD_CAP },
    { "HANDSHAKE_IN_THE_CLEAR", SPDM_HANDSHAKE_IN_THE_CLEAR_CAP,
      SPDM_HANDSHAKE_IN_THE_CLEAR_CAP },
    { "PUB_KEY_ID", SPDM_PUB_KEY_ID_CAP, SPDM_PUB_KEY_ID_CAP },
    { "CHUNK", SPDM_CHUNK_CAP, SPDM_CHUNK_CAP },
    { "ALIAS_CERT", SPDM_ALIAS_CERT_CAP, SPDM_ALIAS_CERT_CAP },
    { "SET_CERT", SPDM_SET_CERT_CAP, SPDM_SET_CERT_CAP },
    { "CSR", SPDM_CSR_CAP, SPDM_CSR_CAP },
    { "CERT_INSTALL_RESET", SPDM_CERT_INSTALL_RESET_CAP,
      SPDM_CERT_INSTALL_RESET_CAP },
    { "EP_INFO_NO_SIG", 1u << 22, SPDM_EP_INFO_CAP_MASK },
    { "EP_INFO_SIG", SPDM_EP_INFO_CAP_SIG, SPDM_EP_INFO_CAP_MASK },
    { "MEL", SPDM_MEL_CAP, SPDM_MEL_CAP },
    { "EVENT", SPDM_EVENT_CAP, SPDM_EVENT_CAP },
    { "MULTI_KEY_ONLY", 1u << 26, SPDM_MULTI_KEY_CAP_MASK },
    { "MULTI_KEY_NEG", 2u << 26, SPDM_MULTI_KEY_CAP_MASK },
    { "GET_KEY_PAIR_INFO", SPDM_GET_KEY_PAIR_INFO_CAP,
      SPDM_GET_KEY_PAIR_INFO_CAP },
    { "SET_KEY_PAIR_INFO", SPDM_SET_KEY_PAIR_INFO_CAP,
      SPDM_SET_KEY_PAIR_INFO_CAP },
    { "SET_KEY_PAIR_RESET", SPDM_SET_KEY_PAIR_RESET_CAP,
      SPDM_SET_KEY_PAIR_RESET_CAP },
    { "LARGE_RESP", 1u << 31, 1u << 31 },
    { NULL, 0, 0 },
};

char *spdm_flags_describe(uint32_t flags)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; spdm_flag_names[i].name; i++) {
        const SpdmFlagName *f = &spdm_flag_names[i];

        if ((flags & f->mask) == f->value) {
            g_string_append_printf(text, "%s%s", text->len ? "," : "",
                                   f->name);
        }
    }
    return g_string_free(text, FALSE);
}

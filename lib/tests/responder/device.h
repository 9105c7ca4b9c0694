/*
 * The fixture's device, as the fixture sees it.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TESTS_RESPONDER_DEVICE_H
#define SPDM_TESTS_RESPONDER_DEVICE_H

#include "fixture.h"

enum {
    FX_CHAIN_BODY = 1500,
    FX_VENDOR_STANDARD = 3,  /* PCI-SIG */
    FX_EXTENDED = 17,        /* index of the hash-extended measurement */
};

#define FX_PSK_HINT "hint"
#define FX_PSK "a shared secret"
#define FX_MISTRUST "the root is not a trusted one"
#define FX_EP_INFO "endpoint information"

extern const SpdmProviderOps device_ops;

SpdmPrivateKey *device_key(const SpdmAsymAlg *alg);

#endif

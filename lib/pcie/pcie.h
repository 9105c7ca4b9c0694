/*
 * What a PCIe device has beside SPDM: IDE streams, keyed by IDE_KM, and an
 * interface (TDI) that TDISP locks and starts. A model: states, keys and
 * registers are kept as a device keeps them, and no link is encrypted.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_PCIE_PCIE_H
#define SPDM_PCIE_PCIE_H

#include "crypto/random.h"
#include "spdm/pci-function.h"
#include "spdm/profile.h"
#include "spdm/provider.h"

typedef struct SpdmPcie SpdmPcie;

/** @profile and @rng outlive it. NULL when the profile has neither. */
SpdmPcie *spdm_pcie_new(const SpdmProfile *profile, const SpdmRng *rng);

/** Wipes all keys. */
void spdm_pcie_free(SpdmPcie *p);

/** The function as it is now; @function.known false: it is on no bus. */
void spdm_pcie_set_function(SpdmPcie *p, const SpdmPciFunction *function);

/** Whether @request is PCI-SIG's or CXL's: for spdm_pcie_vendor(). */
bool spdm_pcie_is_for(const SpdmVendorRequest *request);

/** See SpdmProviderOps.vendor. */
SpdmVendorResult spdm_pcie_vendor(SpdmPcie *p,
                                  const SpdmVendorRequest *request,
                                  GByteArray *reply);

/**
 * The PSK that @hint stands for among those of CXL TSP; false: it is none. @psk
 * has room for SPDM_MAX_PSK bytes, *@len receives their number.
 */
bool spdm_pcie_psk(const SpdmPcie *p, SpdmBytes hint, uint8_t *psk,
                   size_t *len);

/**
 * TDIs that were locked in the session go to ERROR; streams keep their keys
 * (PCIe 6.33.3), but no TDI may be locked to them any more.
 */
void spdm_pcie_session_ended(SpdmPcie *p, uint32_t session_id);

/** A conventional reset: no keys, no streams, CONFIG_UNLOCKED. */
void spdm_pcie_reset(SpdmPcie *p);

/* See SpdmProviderOps.vendor_save and .vendor_load. */
GBytes *spdm_pcie_save(const SpdmPcie *p);
bool spdm_pcie_load(SpdmPcie *p, SpdmBytes state, const uint32_t *sessions,
                    unsigned session_count, GError **errp);

#endif

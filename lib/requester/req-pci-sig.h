/*
 * Objects of PCI-SIG's protocols in VENDOR_DEFINED messages.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_REQUESTER_REQ_PCI_SIG_H
#define SPDM_REQUESTER_REQ_PCI_SIG_H

#include "requester/requester-int.h"
#include "wire/pci-sig.h"

/**
 * Sends @object (its protocol byte in front) and appends the answer, whose
 * protocol is checked and taken off, to @reply. Notes failures as all calls
 * below spdm_req_begin() do.
 */
bool spdm_req_pci_sig(SpdmRequester *rq, uint32_t session,
                      const GByteArray *object, GByteArray *reply);

#endif

/*
 * The device that PCI-SIG's protocols talk to.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "crypto/secret.h"
#include "pcie/pcie-int.h"

SpdmPcie *spdm_pcie_new(const SpdmProfile *profile, const SpdmRng *rng)
{
    SpdmPcie *p;

    if (!profile->pcie.ide && !profile->pcie.tdisp && !profile->pcie.cxl) {
        return NULL;
    }
    p = g_new0(SpdmPcie, 1);
    p->profile = &profile->pcie;
    p->rng = rng;
    return p;
}

void spdm_pcie_free(SpdmPcie *p)
{
    if (p) {
        spdm_wipe(p, sizeof(*p));
        g_free(p);
    }
}

void spdm_pcie_set_function(SpdmPcie *p, const SpdmPciFunction *function)
{
    p->function = *function;
}

void spdm_pcie_session_ended(SpdmPcie *p, uint32_t session_id)
{
    /* PCIe 11.2: a TDI is bound to the session that locked it. */
    if (p->tdi.session_id == session_id) {
        tdi_fail(p);
    }
    ide_session_ended(p, session_id);
    cxl_session_ended(p, session_id);
}

void spdm_pcie_reset(SpdmPcie *p)
{
    tdi_stop(p);
    ide_reset(p);
    spdm_wipe(&p->cxl, sizeof(p->cxl));
}

/* 0: not one of PCI-SIG's ids. */
static unsigned vendor_of(const SpdmVendorRequest *request)
{
    const SpdmBytes *id = &request->vendor_id;

    return request->standard == SPDM_STANDARD_PCI_SIG && id->len == 2
           ? id->data[0] | (unsigned)id->data[1] << 8 : 0;
}

bool spdm_pcie_is_for(const SpdmVendorRequest *request)
{
    unsigned vendor = vendor_of(request);

    return vendor == SPDM_VENDOR_PCI_SIG || vendor == SPDM_VENDOR_CXL;
}

typedef SpdmVendorResult Protocol(SpdmPcie *p,
                                  const SpdmVendorRequest *request,
                                  SpdmBytes object, GByteArray *reply);

/* NULL: the device does not speak it. */
static Protocol *protocol(const SpdmPcie *p, unsigned vendor, uint8_t id)
{
    static Protocol *const cxl[] = { pcie_cxl_ide_km, pcie_cxl_tsp };

    if (vendor == SPDM_VENDOR_CXL) {
        return p->profile->cxl && id < G_N_ELEMENTS(cxl) ? cxl[id] : NULL;
    }
    if (id == SPDM_PROTOCOL_IDE_KM && p->profile->ide) {
        return pcie_ide_km;
    }
    return id == SPDM_PROTOCOL_TDISP && p->profile->tdisp ? pcie_tdisp : NULL;
}

/* PCIe 6.33.3, 11.3: both are spoken inside secured sessions only. */
SpdmVendorResult spdm_pcie_vendor(SpdmPcie *p,
                                  const SpdmVendorRequest *request,
                                  GByteArray *reply)
{
    SpdmBytes payload = request->payload;
    Protocol *speak;

    if (!payload.len) {
        return SPDM_VENDOR_MALFORMED;
    }
    speak = protocol(p, vendor_of(request), payload.data[0]);
    if (!speak) {
        return SPDM_VENDOR_UNSERVED;
    }
    if (!request->established) {
        return SPDM_VENDOR_NEEDS_SESSION;
    }
    g_byte_array_append(reply, payload.data, 1);
    return speak(p, request, SPDM_BYTES(payload.data + 1, payload.len - 1),
                 reply);
}

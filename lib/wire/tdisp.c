/*
 * Layouts of TDISP objects (PCIe chapter 11; spec/08 section 4).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "wire/pci-sig.h"

static void nothing(SpdmCoder *c, SpdmTdisp *m)
{
}

static void version(SpdmCoder *c, SpdmTdisp *m)
{
    spdm_code_sized8(c, "VersionNumCount", "VersionNumEntry", &m->versions);
}

static void get_capabilities(SpdmCoder *c, SpdmTdisp *m)
{
    spdm_code_u32(c, "TSMCaps", &m->caps);
}

static void capabilities(SpdmCoder *c, SpdmTdisp *m)
{
    spdm_code_u32(c, "DSMCaps", &m->caps);
    spdm_code_bytes(c, "ReqMsgsSupported", &m->req_msgs,
                    SPDM_TDISP_REQ_MSGS_SIZE);
    spdm_code_u16(c, "LockInterfaceFlagsSupported", &m->lock_flags);
    spdm_code_reserved(c, 3);
    spdm_code_u8(c, "DevAddrWidth", &m->addr_width);
    spdm_code_u8(c, "NumReqThis", &m->num_req_this);
    spdm_code_u8(c, "NumReqAll", &m->num_req_all);
}

static void lock(SpdmCoder *c, SpdmTdisp *m)
{
    spdm_code_u16(c, "Flags", &m->lock_flags);
    spdm_code_u8(c, "DefaultStreamID", &m->stream);
    spdm_code_reserved(c, 1);
    spdm_code_u64(c, "MMIOReportingOffset", &m->mmio_offset);
    spdm_code_u64(c, "BindP2PAddressMask", &m->p2p_mask);
}

static void nonce(SpdmCoder *c, SpdmTdisp *m)
{
    spdm_code_bytes(c, "StartInterfaceNonce", &m->nonce,
                    SPDM_TDISP_NONCE_SIZE);
}

static void get_report(SpdmCoder *c, SpdmTdisp *m)
{
    spdm_code_u16(c, "Offset", &m->offset);
    spdm_code_u16(c, "Length", &m->length);
}

static void report(SpdmCoder *c, SpdmTdisp *m)
{
    spdm_code_u16(c, "PortionLength", &m->length);
    spdm_code_u16(c, "RemainderLength", &m->remainder);
    spdm_code_bytes(c, "ReportBytes", &m->report, m->length);
}

static void state(SpdmCoder *c, SpdmTdisp *m)
{
    spdm_code_u8(c, "TDIState", &m->state);
}

static void error(SpdmCoder *c, SpdmTdisp *m)
{
    SpdmBytes extended = SPDM_BYTES(NULL, 0);

    spdm_code_u32(c, "ErrorCode", &m->error);
    spdm_code_u32(c, "ErrorData", &m->error_data);
    spdm_code_rest(c, "ExtendedErrorData", &extended);
}

typedef struct Type {
    uint8_t code;
    const char *name;
    void (*body)(SpdmCoder *c, SpdmTdisp *m);
} Type;

static const Type types[] = {
    { SPDM_TDISP_VERSION, "TDISP_VERSION", version },
    { SPDM_TDISP_CAPABILITIES, "TDISP_CAPABILITIES", capabilities },
    { SPDM_TDISP_LOCK_INTERFACE_RESPONSE, "LOCK_INTERFACE_RESPONSE", nonce },
    { SPDM_TDISP_DEVICE_INTERFACE_REPORT, "DEVICE_INTERFACE_REPORT",
      report },
    { SPDM_TDISP_DEVICE_INTERFACE_STATE, "DEVICE_INTERFACE_STATE", state },
    { SPDM_TDISP_START_INTERFACE_RESPONSE, "START_INTERFACE_RESPONSE",
      nothing },
    { SPDM_TDISP_STOP_INTERFACE_RESPONSE, "STOP_INTERFACE_RESPONSE",
      nothing },
    { SPDM_TDISP_ERROR, "TDISP_ERROR", error },
    { SPDM_TDISP_GET_VERSION, "GET_TDISP_VERSION", nothing },
    { SPDM_TDISP_GET_CAPABILITIES, "GET_TDISP_CAPABILITIES",
      get_capabilities },
    { SPDM_TDISP_LOCK_INTERFACE, "LOCK_INTERFACE_REQUEST", lock },
    { SPDM_TDISP_GET_DEVICE_INTERFACE_REPORT, "GET_DEVICE_INTERFACE_REPORT",
      get_report },
    { SPDM_TDISP_GET_DEVICE_INTERFACE_STATE, "GET_DEVICE_INTERFACE_STATE",
      nothing },
    { SPDM_TDISP_START_INTERFACE, "START_INTERFACE_REQUEST", nonce },
    { SPDM_TDISP_STOP_INTERFACE, "STOP_INTERFACE_REQUEST", nothing },
};

static const Type *find(uint8_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (types[i].code == code) {
            return &types[i];
        }
    }
    return NULL;
}

void spdm_code_tdisp_header(SpdmCoder *c, SpdmTdisp *m)
{
    spdm_code_u8(c, "TDISPVersion", &m->version);
    spdm_code_u8(c, "MessageType", &m->type);
    spdm_code_reserved(c, 2);
    spdm_code_u32(c, "FunctionID", &m->function);
    spdm_code_reserved(c, 8);
}

void spdm_code_tdisp(SpdmCoder *c, SpdmTdisp *m)
{
    const Type *type;

    spdm_code_tdisp_header(c, m);
    type = find(m->type);
    if (type) {
        type->body(c, m);
    }
}

bool spdm_tdisp_request_served(uint8_t type)
{
    return type > SPDM_TDISP_REQUEST && find(type);
}

const char *spdm_tdisp_name(uint8_t type)
{
    const Type *found = find(type);

    return found ? found->name : NULL;
}

const char *spdm_tdi_state_name(uint8_t value)
{
    static const char *const names[] = {
        [SPDM_TDI_CONFIG_UNLOCKED] = "CONFIG_UNLOCKED",
        [SPDM_TDI_CONFIG_LOCKED] = "CONFIG_LOCKED",
        [SPDM_TDI_RUN] = "RUN",
        [SPDM_TDI_ERROR] = "ERROR",
    };

    return value < G_N_ELEMENTS(names) ? names[value] : NULL;
}

const char *spdm_tdisp_error_name(uint32_t value)
{
    static const struct {
        uint32_t error;
        const char *name;
    } names[] = {
        { SPDM_TDISP_INVALID_REQUEST, "INVALID_REQUEST" },
        { 0x03, "BUSY" },
        { SPDM_TDISP_INVALID_INTERFACE_STATE, "INVALID_INTERFACE_STATE" },
        { 0x05, "UNSPECIFIED" },
        { SPDM_TDISP_UNSUPPORTED_REQUEST, "UNSUPPORTED_REQUEST" },
        { SPDM_TDISP_VERSION_MISMATCH, "VERSION_MISMATCH" },
        { 0xff, "VENDOR_SPECIFIC_ERROR" },
        { SPDM_TDISP_INVALID_INTERFACE, "INVALID_INTERFACE" },
        { SPDM_TDISP_INVALID_NONCE, "INVALID_NONCE" },
        { 0x103, "INSUFFICIENT_ENTROPY" },
        { SPDM_TDISP_INVALID_DEVICE_CONFIGURATION,
          "INVALID_DEVICE_CONFIGURATION" },
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].error == value) {
            return names[i].name;
        }
    }
    return NULL;
}

void spdm_code_tdi_report(SpdmCoder *c, SpdmTdiReport *r)
{
    spdm_code_u16(c, "InterfaceInfo", &r->interface_info);
    spdm_code_reserved(c, 2);
    spdm_code_u16(c, "MSIXMessageControl", &r->msix_control);
    spdm_code_u16(c, "LNRControl", &r->lnr_control);
    spdm_code_u32(c, "TPHControl", &r->tph_control);
    spdm_code_u32(c, "MMIORangeCount", &r->range_count);
}

void spdm_code_mmio_range(SpdmCoder *c, SpdmMmioRange *range)
{
    spdm_code_u64(c, "FirstPage", &range->first_page);
    spdm_code_u32(c, "NumberOfPages", &range->pages);
    spdm_code_u16(c, "RangeAttributes", &range->attributes);
    spdm_code_u16(c, "RangeID", &range->id);
}

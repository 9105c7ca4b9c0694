/*
 * What travels in VENDOR_DEFINED messages of PCI-SIG: IDE_KM (PCIe 6.33.3)
 * and TDISP (PCIe chapter 11). spec/08.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_WIRE_PCI_SIG_H
#define SPDM_WIRE_PCI_SIG_H

#include "wire/codec.h"

/** Who they are for: StandardID 3, VendorID, and the first payload byte. */
enum {
    SPDM_STANDARD_PCI_SIG = 3,
    SPDM_VENDOR_PCI_SIG = 0x0001,
    SPDM_VENDOR_CXL = 0x1e98,
    SPDM_PROTOCOL_IDE_KM = 0,
    SPDM_PROTOCOL_TDISP = 1,
};

typedef enum SpdmIdeObject {
    SPDM_IDE_QUERY = 0,
    SPDM_IDE_QUERY_RESP,
    SPDM_IDE_KEY_PROG,
    SPDM_IDE_KP_ACK,
    SPDM_IDE_K_SET_GO,
    SPDM_IDE_K_SET_STOP,
    SPDM_IDE_K_GOSTOP_ACK,
} SpdmIdeObject;

enum {
    SPDM_IDE_KEY_SIZE = 32,
    SPDM_IDE_IFV_SIZE = 8,

    /* KeySubStream */
    SPDM_IDE_KEY_SET_1 = 1 << 0,
    SPDM_IDE_TX = 1 << 1,
    SPDM_IDE_SUB_STREAM_SHIFT = 4, /* 0 PR, 1 NPR, 2 CPL */
};

/** Status of KP_ACK. */
typedef enum SpdmIdeStatus {
    SPDM_IDE_OK,
    SPDM_IDE_INCORRECT_LENGTH,
    SPDM_IDE_UNSUPPORTED_PORT,
    SPDM_IDE_UNSUPPORTED_VALUE,
    SPDM_IDE_FAILURE,
} SpdmIdeStatus;

/** An IDE_KM object; fields that it does not have are not touched. */
typedef struct SpdmIdeKm {
    uint8_t object;
    uint8_t stream;
    uint8_t sub_stream;      /* KeySubStream */
    uint8_t port;
    uint8_t status;
    uint8_t dev_func;
    uint8_t bus;
    uint8_t segment;
    uint8_t max_port;
    SpdmBytes key;
    SpdmBytes ifv;
    SpdmBytes registers;     /* of the IDE extended capability, from 04h */
} SpdmIdeKm;

/** Fails for an object that is none of SPDM_IDE_*. */
void spdm_code_ide_km(SpdmCoder *c, SpdmIdeKm *m);

/** The first 7 bytes of KEY_PROG, which has more behind them. */
void spdm_code_ide_km_address(SpdmCoder *c, SpdmIdeKm *m);

/** "KEY_PROG", or NULL. */
const char *spdm_ide_object_name(uint8_t object);

/** "K0 Tx NPR" of a KeySubStream; static, NULL for a reserved value. */
const char *spdm_ide_sub_stream_name(uint8_t sub_stream);

typedef enum SpdmTdispCode {
    SPDM_TDISP_VERSION = 0x01,
    SPDM_TDISP_CAPABILITIES,
    SPDM_TDISP_LOCK_INTERFACE_RESPONSE,
    SPDM_TDISP_DEVICE_INTERFACE_REPORT,
    SPDM_TDISP_DEVICE_INTERFACE_STATE,
    SPDM_TDISP_START_INTERFACE_RESPONSE,
    SPDM_TDISP_STOP_INTERFACE_RESPONSE,
    SPDM_TDISP_ERROR = 0x7f,
    SPDM_TDISP_REQUEST = 0x80, /* + code of its response */
    SPDM_TDISP_GET_VERSION,
    SPDM_TDISP_GET_CAPABILITIES,
    SPDM_TDISP_LOCK_INTERFACE,
    SPDM_TDISP_GET_DEVICE_INTERFACE_REPORT,
    SPDM_TDISP_GET_DEVICE_INTERFACE_STATE,
    SPDM_TDISP_START_INTERFACE,
    SPDM_TDISP_STOP_INTERFACE,
} SpdmTdispCode;

typedef enum SpdmTdispError {
    SPDM_TDISP_INVALID_REQUEST = 0x01,
    SPDM_TDISP_INVALID_INTERFACE_STATE = 0x04,
    SPDM_TDISP_UNSUPPORTED_REQUEST = 0x07,
    SPDM_TDISP_VERSION_MISMATCH = 0x41,
    SPDM_TDISP_INVALID_INTERFACE = 0x101,
    SPDM_TDISP_INVALID_NONCE = 0x102,
    SPDM_TDISP_INVALID_DEVICE_CONFIGURATION = 0x104,
} SpdmTdispError;

typedef enum SpdmTdiState {
    SPDM_TDI_CONFIG_UNLOCKED,
    SPDM_TDI_CONFIG_LOCKED,
    SPDM_TDI_RUN,
    SPDM_TDI_ERROR,
} SpdmTdiState;

enum {
    SPDM_TDISP_VERSION_10 = 0x10,
    SPDM_TDISP_HEADER_SIZE = 16,
    SPDM_TDISP_NONCE_SIZE = 32,
    SPDM_TDISP_REQ_MSGS_SIZE = 16,

    /* FunctionID */
    SPDM_FUNCTION_SEGMENT_SHIFT = 16,
    SPDM_FUNCTION_SEGMENT_VALID = 1 << 24,
};

/** A TDISP object; fields that it does not have are not touched. */
typedef struct SpdmTdisp {
    uint8_t version;
    uint8_t type;
    uint32_t function;       /* FunctionID */
    SpdmBytes versions;
    uint32_t caps;           /* TSMCaps or DSMCaps */
    SpdmBytes req_msgs;      /* REQ_MSGS_SIZE: ReqMsgsSupported */
    uint16_t lock_flags;     /* Flags, or those supported */
    uint8_t addr_width;
    uint8_t num_req_this;
    uint8_t num_req_all;
    uint8_t stream;          /* DefaultStreamID */
    uint64_t mmio_offset;
    uint64_t p2p_mask;
    SpdmBytes nonce;         /* NONCE_SIZE */
    uint16_t offset;
    uint16_t length;         /* or portion of a report */
    uint16_t remainder;
    SpdmBytes report;        /* the portion */
    uint8_t state;
    uint32_t error;
    uint32_t error_data;
} SpdmTdisp;

/** The header alone, 16 bytes. */
void spdm_code_tdisp_header(SpdmCoder *c, SpdmTdisp *m);

/** Header and body; a type that is not served has its header only. */
void spdm_code_tdisp(SpdmCoder *c, SpdmTdisp *m);

/** Whether the layout of this request is known. */
bool spdm_tdisp_request_served(uint8_t type);

/** "LOCK_INTERFACE_REQUEST", "CONFIG_LOCKED", "INVALID_NONCE"; or NULL. */
const char *spdm_tdisp_name(uint8_t type);
const char *spdm_tdi_state_name(uint8_t state);
const char *spdm_tdisp_error_name(uint32_t error);

/** An MMIO range of a TDI report. */
typedef struct SpdmMmioRange {
    uint64_t first_page;     /* in pages of 4 KiB, reporting offset added */
    uint32_t pages;
    uint16_t attributes;
    uint16_t id;             /* here: the BAR */
} SpdmMmioRange;

/** All of a report before its ranges, and what comes behind them. */
typedef struct SpdmTdiReport {
    uint16_t interface_info;
    uint16_t msix_control;
    uint16_t lnr_control;
    uint32_t tph_control;
    uint32_t range_count;
} SpdmTdiReport;

void spdm_code_tdi_report(SpdmCoder *c, SpdmTdiReport *report);
void spdm_code_mmio_range(SpdmCoder *c, SpdmMmioRange *range);

/** Appends what is worth telling of a payload of PCI-SIG's VENDOR_DEFINED. */
void spdm_describe_pci_sig(SpdmBytes payload, GString *out);

#endif

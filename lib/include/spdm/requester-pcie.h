/*
 * IDE_KM and TDISP from the requester's end: what a host's security manager
 * says to a device, in VENDOR_DEFINED messages of an established session.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_REQUESTER_PCIE_H
#define SPDM_REQUESTER_PCIE_H

#include "spdm/requester.h"

G_BEGIN_DECLS

/** Which key of which stream (PCIe 6.33.3). */
typedef struct SpdmIdeAddress {
    uint8_t stream;                /* StreamID */
    uint8_t sub_stream;            /* KeySubStream: bit 0 key set, bit 1 Tx,
                                      bits 7:4 PR 0, NPR 1, CPL 2 */
    uint8_t port;                  /* PortIndex */
} SpdmIdeAddress;

/** KeySubStream of the six keys that a stream's key set 0 consists of. */
SPDM_API extern const uint8_t spdm_ide_sub_streams[6];

/** "K0 Rx PR"; "reserved" for what is none. Static. */
SPDM_API const char *spdm_ide_sub_stream_text(uint8_t sub_stream);

typedef struct SpdmIdeQuery {
    uint8_t dev_func;
    uint8_t bus;
    uint8_t segment;
    uint8_t max_port;
    GBytes *registers;             /* IDE extended capability from 04h;
                                      g_bytes_unref() */
} SpdmIdeQuery;

/** QUERY of @port. */
SPDM_API bool spdm_requester_ide_query(SpdmRequester *rq, uint32_t session,
                                       uint8_t port, SpdmIdeQuery *out,
                                       GError **errp);

/**
 * KEY_PROG: @key 32 bytes, or none for a random one; @ifv 8. *@status receives
 * that of KP_ACK: 0, or why the device does not take it.
 */
SPDM_API bool spdm_requester_ide_key_prog(SpdmRequester *rq, uint32_t session,
                                          const SpdmIdeAddress *at,
                                          SpdmBytes key, SpdmBytes ifv,
                                          uint8_t *status, GError **errp);

/** K_SET_GO, or (@stop) K_SET_STOP. */
SPDM_API bool spdm_requester_ide_key_set(SpdmRequester *rq, uint32_t session,
                                         const SpdmIdeAddress *at, bool stop,
                                         GError **errp);

/** GET_TDISP_VERSION: whether 1.0 is there is checked. */
SPDM_API bool spdm_requester_tdisp_version(SpdmRequester *rq,
                                           uint32_t session,
                                           uint32_t function, GError **errp);

typedef struct SpdmTdispCapabilities {
    uint32_t dsm_caps;
    uint16_t lock_flags;           /* LockInterfaceFlagsSupported */
    uint8_t addr_width;
} SpdmTdispCapabilities;

/** GET_TDISP_CAPABILITIES; @function is the FunctionID, here as below. */
SPDM_API bool
spdm_requester_tdisp_capabilities(SpdmRequester *rq, uint32_t session,
                                  uint32_t function,
                                  SpdmTdispCapabilities *out, GError **errp);

typedef struct SpdmTdispLock {
    uint16_t flags;
    uint8_t stream;                /* DefaultStreamID */
    uint64_t mmio_offset;          /* MMIOReportingOffset */
} SpdmTdispLock;

/** LOCK_INTERFACE_REQUEST; @nonce receives 32 bytes. */
SPDM_API bool spdm_requester_tdisp_lock(SpdmRequester *rq, uint32_t session,
                                        uint32_t function,
                                        const SpdmTdispLock *lock,
                                        uint8_t *nonce, GError **errp);

/** GET_DEVICE_INTERFACE_REPORT until nothing remains; appended to @report. */
SPDM_API bool spdm_requester_tdisp_report(SpdmRequester *rq, uint32_t session,
                                          uint32_t function,
                                          GByteArray *report, GError **errp);

/** GET_DEVICE_INTERFACE_STATE: 0 unlocked, 1 locked, 2 run, 3 error. */
SPDM_API bool spdm_requester_tdisp_state(SpdmRequester *rq, uint32_t session,
                                         uint32_t function, uint8_t *state,
                                         GError **errp);

/** START_INTERFACE_REQUEST; @nonce: that of the lock, 32 bytes. */
SPDM_API bool spdm_requester_tdisp_start(SpdmRequester *rq, uint32_t session,
                                         uint32_t function,
                                         const uint8_t *nonce, GError **errp);

/** STOP_INTERFACE_REQUEST. */
SPDM_API bool spdm_requester_tdisp_stop(SpdmRequester *rq, uint32_t session,
                                        uint32_t function, GError **errp);

/** "CONFIG_LOCKED"; "unknown". Static. */
SPDM_API const char *spdm_tdi_state_text(uint8_t state);

G_END_DECLS

#endif

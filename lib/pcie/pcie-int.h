/*
 * Inside of the PCIe model.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_PCIE_PCIE_INT_H
#define SPDM_PCIE_PCIE_INT_H

#include "pcie/pcie.h"
#include "wire/pci-sig.h"

enum {
    IDE_KEY_SETS = 2,        /* K0, K1 */
    IDE_DIRECTIONS = 2,      /* Rx, Tx */
    IDE_SUB_STREAMS = 3,     /* PR, NPR, CPL */
    IDE_MAX_PORTS = 8,
    IDE_MAX_STREAMS = 8,     /* of a port */
};

typedef enum IdeKeyState {
    IDE_KEY_EMPTY,
    IDE_KEY_PROGRAMMED,
    IDE_KEY_ACTIVE,          /* at most one set of a direction's sub-stream */
} IdeKeyState;

/** The key of one key set, direction and sub-stream. Plain data. */
typedef struct IdeKey {
    IdeKeyState state;
    uint32_t session_id;     /* that programmed it; 0: it is over */
    uint8_t key[SPDM_IDE_KEY_SIZE];
    uint8_t ifv[SPDM_IDE_IFV_SIZE];
} IdeKey;

/** A selective IDE stream of a port. Plain data. */
typedef struct IdeStream {
    bool used;
    uint8_t id;
    IdeKey keys[IDE_KEY_SETS][IDE_DIRECTIONS][IDE_SUB_STREAMS];
} IdeStream;

/** A TEE device interface. Plain data. */
typedef struct Tdi {
    uint8_t state;           /* SpdmTdiState */
    uint32_t session_id;     /* LOCKED, RUN: that locked it */
    uint32_t function_id;    /* ... as it was called then */
    bool has_nonce;          /* LOCKED, not started */
    uint8_t nonce[SPDM_TDISP_NONCE_SIZE];
    uint16_t flags;
    uint8_t port;            /* of the default stream, with IDE */
    uint8_t stream;
    uint64_t mmio_offset;
    SpdmPciFunction function; /* as it was when it was locked */
} Tdi;

enum {
    CXL_IV_SIZE = 12,
    CXL_SECONDARY_SESSIONS = 1,
    CXL_PSKS = 4,
    CXL_PSK_SIZE = 32,
    CXL_CONFIGURATION_SIZE = 192,
};

/** Keys (and their IVs) of a direction of a CXL link. Plain data. */
typedef struct CxlKeys {
    bool is_pending;         /* programmed, not gone to yet */
    bool is_active;
    uint8_t pending[SPDM_IDE_KEY_SIZE + CXL_IV_SIZE];
    uint8_t active[SPDM_IDE_KEY_SIZE + CXL_IV_SIZE];
} CxlKeys;

/** What a CXL device has beside a PCIe one. Plain data. */
typedef struct Cxl {
    CxlKeys keys[IDE_MAX_PORTS][IDE_DIRECTIONS];
    uint32_t session_id;     /* TSP: that set the configuration; 0: none */
    bool locked;
    uint8_t psk_valid;       /* bit n: PSK n */
    uint8_t psks[CXL_PSKS][CXL_PSK_SIZE];
    uint8_t configuration[CXL_CONFIGURATION_SIZE]; /* as it was set */
} Cxl;

struct SpdmPcie {
    const SpdmProfilePcie *profile;
    const SpdmRng *rng;
    SpdmPciFunction function;
    IdeStream streams[IDE_MAX_PORTS][IDE_MAX_STREAMS];
    Tdi tdi;
    Cxl cxl;
};

/** An object behind its protocol byte; fills @reply behind the same. */
SpdmVendorResult pcie_ide_km(SpdmPcie *p, const SpdmVendorRequest *request,
                             SpdmBytes object, GByteArray *reply);
SpdmVendorResult pcie_tdisp(SpdmPcie *p, const SpdmVendorRequest *request,
                            SpdmBytes object, GByteArray *reply);

SpdmVendorResult pcie_cxl_ide_km(SpdmPcie *p,
                                 const SpdmVendorRequest *request,
                                 SpdmBytes object, GByteArray *reply);
SpdmVendorResult pcie_cxl_tsp(SpdmPcie *p, const SpdmVendorRequest *request,
                              SpdmBytes object, GByteArray *reply);

/** The configuration is unlocked and its PSKs are wiped, if it was its. */
void cxl_session_ended(SpdmPcie *p, uint32_t session_id);

/* Streams (ide.c). */

/** Stream @id of @port; NULL: it has no keys. */
IdeStream *ide_stream(SpdmPcie *p, uint8_t port, uint8_t id);

/** The same, made if there is a free one; NULL: there is none. */
IdeStream *ide_stream_make(SpdmPcie *p, uint8_t port, uint8_t id);

/** Wipes it if no key is left, and tells the TDI if it is not secure. */
void ide_stream_changed(SpdmPcie *p, IdeStream *stream);

/** Whether every sub-stream has an active key, in both directions. */
bool ide_is_secure(const IdeStream *stream);

/** A port with a secure stream @id whose active keys are all of @session_id. */
bool ide_find_secure(SpdmPcie *p, uint8_t id, uint32_t session_id,
                     uint8_t *port);

/** Registers of the IDE extended capability of @port, from offset 04h. */
void ide_registers(const SpdmPcie *p, uint8_t port, GByteArray *out);
size_t ide_registers_size(const SpdmPcie *p);

void ide_reset(SpdmPcie *p);
void ide_session_ended(SpdmPcie *p, uint32_t session_id);

/* The interface (tdi.c). */

static inline bool tdi_is_bound(const Tdi *tdi)
{
    return tdi->state == SPDM_TDI_CONFIG_LOCKED || tdi->state == SPDM_TDI_RUN;
}

/** Why a lock is not possible; 0: it is. */
uint32_t tdi_check_lock(SpdmPcie *p, const SpdmTdisp *m, uint32_t session_id,
                        uint8_t *port);
void tdi_lock(SpdmPcie *p, const SpdmTdisp *m, uint32_t session_id,
              uint8_t port);
void tdi_start(SpdmPcie *p);

/** Purges it and unlocks the configuration. */
void tdi_stop(SpdmPcie *p);

/** To ERROR, if it is locked or runs. */
void tdi_fail(SpdmPcie *p);

/**
 * What has happened to the function since it was locked: ERROR if it lost its
 * place, its BARs or its bus access.
 */
void tdi_watch(SpdmPcie *p);

/** The TDI report; the caller's. */
GByteArray *tdi_report(const SpdmPcie *p);

#endif

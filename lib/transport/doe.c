/*
 * Data objects of PCIe DOE and the discovery protocol (PCIe 6.30, spec/01
 * sections 3 to 5).
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "transport/framing.h"

#include <string.h>

enum {
    DWORD = 4,
    HEADER_SIZE = 8,
    VENDOR_PCI_SIG = 1,
    MAX_DWORDS = 1 << 18,    /* length 0 stands for it */
};

/* Data object types of vendor 1. */
enum {
    TYPE_DISCOVERY = 0,
    TYPE_CMA = 1,
    TYPE_SECURED_CMA = 2,
    TYPE_COUNT,
};

static const uint8_t type_of[] = {
    [SPDM_FRAME_PLAIN] = TYPE_CMA,
    [SPDM_FRAME_SECURED] = TYPE_SECURED_CMA,
    [SPDM_FRAME_DISCOVERY] = TYPE_DISCOVERY,
};

static bool kind_of(uint8_t type, SpdmFrameKind *kind)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(type_of); i++) {
        if (type_of[i] == type) {
            *kind = (SpdmFrameKind)i;
            return true;
        }
    }
    return false;
}

/* Bytes that the length field stands for; 0 when reserved bits are set. */
static size_t object_size(const uint8_t *field)
{
    uint32_t dwords = field[0] | (uint32_t)field[1] << 8 |
                      (uint32_t)field[2] << 16 | (uint32_t)field[3] << 24;

    if (dwords >= MAX_DWORDS) {
        return 0;
    }
    return DWORD * (size_t)(dwords ? dwords : MAX_DWORDS);
}

/* The receiver check of spec/01 section 3, in its order. */
static bool unpack(SpdmBytes frame, SpdmFrame *out)
{
    const uint8_t *h = frame.data;

    if (frame.len <= HEADER_SIZE) {
        return false;
    }
    if (h[0] != VENDOR_PCI_SIG || h[1] != 0 || !kind_of(h[2], &out->kind) ||
        h[3] != 0 || object_size(h + 4) != frame.len) {
        return false;
    }
    out->payload = SPDM_BYTES(h + HEADER_SIZE, frame.len - HEADER_SIZE);
    return true;
}

static size_t head(SpdmFrameKind kind)
{
    return HEADER_SIZE;
}

static bool finish(SpdmFrameKind kind, GByteArray *out, size_t start)
{
    static const uint8_t zeros[DWORD];
    size_t len = out->len - start;
    size_t dwords = (len + DWORD - 1) / DWORD;

    if (len <= HEADER_SIZE || dwords > MAX_DWORDS) {
        return spdm_frame_undo(out, start);
    }
    /* 18 bits: a whole 2^18 dwords become the 0 that stands for them. */
    memcpy(out->data + start, (const uint8_t[]){
        VENDOR_PCI_SIG, 0, type_of[kind], 0, (uint8_t)dwords,
        (uint8_t)(dwords >> 8), (dwords >> 16) & 3, 0 }, HEADER_SIZE);
    if (DWORD * dwords > len) {
        g_byte_array_append(out, zeros, (guint)(DWORD * dwords - len));
    }
    return true;
}

static bool pack(SpdmFrameKind kind, SpdmBytes payload, GByteArray *out)
{
    return spdm_frame_pack(&spdm_transport_doe, kind, payload, out);
}

/*
 * Entries are discovery, CMA-SPDM and secured CMA-SPDM, at the index of their
 * type. The version byte is the host's affair and not looked at. There is no
 * entry to describe beyond the last one: like the reference, say nothing.
 */
bool spdm_doe_discovery(SpdmBytes payload, GByteArray *out)
{
    uint8_t entry[DWORD] = { VENDOR_PCI_SIG, 0 };

    if (payload.len != DWORD || payload.data[0] >= TYPE_COUNT) {
        return false;
    }
    entry[2] = payload.data[0];
    entry[3] = (uint8_t)((payload.data[0] + 1) % TYPE_COUNT);
    g_byte_array_append(out, entry, sizeof(entry));
    return true;
}

const SpdmTransport spdm_transport_doe = {
    .type = SPDM_TRANSPORT_PCI_DOE,
    .name = "pci-doe",
    .max_pad = DWORD - 1,
    .max_overhead = HEADER_SIZE + DWORD - 1,
    .unpack = unpack,
    .pack = pack,
    .head = head,
    .finish = finish,
};

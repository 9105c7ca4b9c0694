/*
 * Packet captures in the classic format.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "trace/pcap.h"

#include <string.h>

enum {
    MAGIC_US = 0xa1b2c3d4u,
    MAGIC_NS = 0xa1b23c4du,
    VERSION_MAJOR = 2,
    VERSION_MINOR = 4,
    FILE_HEADER = 24,
    PACKET_HEADER = 16,
    LINK_TYPE_MASK = 0x03ffffff,
    MAX_PACKET = 1 << 20,    /* more than any object that DOE has */
};

/* DSP0236 transport header: a message that is one packet. */
enum {
    MCTP_HEADER = 4,
    MCTP_VERSION = 1,
    MCTP_WHOLE = 0xc0,       /* SOM, EOM */
    MCTP_TAG_OWNER = 0x08,   /* set by who asks */
    MCTP_EID_REQUESTER = 8,  /* 0 to 7 are reserved */
    MCTP_EID_RESPONDER = 9,
};

static const struct {
    SpdmTransportType transport;
    uint32_t link_type;
} links[] = {
    { SPDM_TRANSPORT_MCTP, SPDM_LINKTYPE_MCTP },
    { SPDM_TRANSPORT_PCI_DOE, SPDM_LINKTYPE_PCI_DOE },
};

uint32_t spdm_pcap_link_type(SpdmTransportType transport)
{
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        if (links[i].transport == transport) {
            return links[i].link_type;
        }
    }
    return 0;
}

/* Native byte order: spdm_dump knows no other. */
static void put32(GByteArray *out, uint32_t v)
{
    g_byte_array_append(out, (const uint8_t *)&v, sizeof(v));
}

static void put16(GByteArray *out, uint16_t v)
{
    g_byte_array_append(out, (const uint8_t *)&v, sizeof(v));
}

void spdm_pcap_put_header(SpdmTransportType transport, GByteArray *out)
{
    put32(out, MAGIC_US);
    put16(out, VERSION_MAJOR);
    put16(out, VERSION_MINOR);
    put32(out, 0);           /* time zone: UTC */
    put32(out, 0);           /* accuracy of time stamps: not told */
    put32(out, SPDM_PCAP_SNAPLEN);
    put32(out, spdm_pcap_link_type(transport));
}

static size_t put_mctp(bool requester, GByteArray *out)
{
    uint8_t header[MCTP_HEADER] = {
        MCTP_VERSION,
        requester ? MCTP_EID_RESPONDER : MCTP_EID_REQUESTER,
        requester ? MCTP_EID_REQUESTER : MCTP_EID_RESPONDER,
        requester ? MCTP_WHOLE | MCTP_TAG_OWNER : MCTP_WHOLE,
    };

    g_byte_array_append(out, header, sizeof(header));
    return sizeof(header);
}

void spdm_pcap_put_frame(SpdmTransportType transport, int64_t us,
                         bool requester, SpdmBytes frame, GByteArray *out)
{
    size_t extra = transport == SPDM_TRANSPORT_MCTP ? MCTP_HEADER : 0;
    size_t kept = MIN(frame.len + extra, (size_t)SPDM_PCAP_SNAPLEN);

    put32(out, (uint32_t)(us / G_USEC_PER_SEC));
    put32(out, (uint32_t)(us % G_USEC_PER_SEC));
    put32(out, (uint32_t)kept);
    put32(out, (uint32_t)(frame.len + extra));
    if (extra) {
        put_mctp(requester, out);
    }
    if (kept > extra) {
        g_byte_array_append(out, frame.data, (guint)(kept - extra));
    }
}

/* --- reading ------------------------------------------------------------- */

static uint32_t get32(const SpdmPcap *p, const uint8_t *at)
{
    uint32_t v;

    memcpy(&v, at, sizeof(v));
    return p->swapped ? GUINT32_SWAP_LE_BE(v) : v;
}

static bool take_magic(SpdmPcap *p, SpdmBytes bytes)
{
    uint32_t magic;

    if (bytes.len < sizeof(magic)) {
        return false;
    }
    memcpy(&magic, bytes.data, sizeof(magic));
    p->swapped = magic == GUINT32_SWAP_LE_BE(MAGIC_US) ||
                 magic == GUINT32_SWAP_LE_BE(MAGIC_NS);
    magic = p->swapped ? GUINT32_SWAP_LE_BE(magic) : magic;
    p->nanoseconds = magic == MAGIC_NS;
    return magic == MAGIC_US || magic == MAGIC_NS;
}

bool spdm_pcap_is(SpdmBytes bytes)
{
    SpdmPcap p;

    return take_magic(&p, bytes);
}

static bool fail(GError **errp, const char *format, unsigned long number)
{
    g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE, format,
                number);
    return false;
}

bool spdm_pcap_open(SpdmPcap *p, SpdmBytes bytes, GError **errp)
{
    uint32_t type;

    *p = (SpdmPcap){ .swapped = false };
    if (!take_magic(p, bytes) || bytes.len < FILE_HEADER) {
        return fail(errp, "it is no pcap capture, or its header of %lu bytes "
                    "is cut", FILE_HEADER);
    }
    type = get32(p, bytes.data + 20) & LINK_TYPE_MASK;
    for (size_t i = 0; i < G_N_ELEMENTS(links); i++) {
        if (links[i].link_type == type) {
            p->transport = links[i].transport;
            p->left = SPDM_BYTES(bytes.data + FILE_HEADER,
                                 bytes.len - FILE_HEADER);
            return true;
        }
    }
    return fail(errp, "its link type is %lu, but SPDM is in 291 (MCTP) and "
                "292 (PCI DOE)", type);
}

static void take(SpdmPcap *p, size_t len)
{
    p->left = SPDM_BYTES(p->left.data + len, p->left.len - len);
}

/* MCTP: off with the header, which says who sent it. */
static bool take_mctp(SpdmPacket *packet)
{
    SpdmBytes *f = &packet->frame;

    if (f->len < MCTP_HEADER) {
        return false;
    }
    packet->known = true;
    packet->requester = (f->data[3] & MCTP_TAG_OWNER) != 0;
    *f = SPDM_BYTES(f->data + MCTP_HEADER, f->len - MCTP_HEADER);
    packet->size -= MCTP_HEADER;
    return true;
}

bool spdm_pcap_next(SpdmPcap *p, SpdmPacket *packet, GError **errp)
{
    const uint8_t *h = p->left.data;
    uint32_t kept, size;

    if (p->left.len == 0) {
        return false;
    }
    if (p->left.len < PACKET_HEADER) {
        return fail(errp, "the capture is cut in a packet's header; %lu bytes "
                    "are left over", (unsigned long)p->left.len);
    }
    kept = get32(p, h + 8);
    size = get32(p, h + 12);
    if (kept > MAX_PACKET || size < kept) {
        return fail(errp, "a packet of %lu bytes cannot be", kept);
    }
    if (p->left.len - PACKET_HEADER < kept) {
        return fail(errp, "the capture is cut in a packet of %lu bytes",
                    kept);
    }
    *packet = (SpdmPacket){
        .us = (int64_t)get32(p, h) * G_USEC_PER_SEC +
              get32(p, h + 4) / (p->nanoseconds ? 1000 : 1),
        .size = size,
        .frame = SPDM_BYTES(h + PACKET_HEADER, kept),
    };
    take(p, PACKET_HEADER + kept);
    return p->transport != SPDM_TRANSPORT_MCTP || take_mctp(packet) ||
           fail(errp, "an MCTP packet of %lu bytes has no header", size);
}

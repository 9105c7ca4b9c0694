/*
 * Packet captures: the classic format of pcap-savefile(5), which DMTF's
 * spdm_dump and Wireshark read.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#ifndef SPDM_TRACE_PCAP_H
#define SPDM_TRACE_PCAP_H

#include "spdm/responder.h"

/** LINKTYPE_ of the packets. */
enum {
    SPDM_LINKTYPE_MCTP = 291,
    SPDM_LINKTYPE_PCI_DOE = 292,
};

/** Bytes of a packet that are kept. */
enum { SPDM_PCAP_SNAPLEN = 65536 };

/** Link type of a transport; 0: there is none. */
uint32_t spdm_pcap_link_type(SpdmTransportType transport);

/** Appends the file header. */
void spdm_pcap_put_header(SpdmTransportType transport, GByteArray *out);

/**
 * Appends one packet: a frame of the transport. MCTP frames get the transport
 * header in front that they have on a bus, from @requester or to it.
 */
void spdm_pcap_put_frame(SpdmTransportType transport, int64_t us,
                         bool requester, SpdmBytes frame, GByteArray *out);

/** A capture that is read. */
typedef struct SpdmPcap {
    SpdmBytes left;
    bool swapped;            /* of the other byte order */
    bool nanoseconds;
    SpdmTransportType transport;
} SpdmPcap;

typedef struct SpdmPacket {
    int64_t us;
    bool known;              /* who sent it, told by MCTP's header: */
    bool requester;
    size_t size;             /* as it was; frame.len: as much as was kept */
    SpdmBytes frame;         /* of the transport; a view */
} SpdmPacket;

/** Whether @bytes begin like a capture. */
bool spdm_pcap_is(SpdmBytes bytes);

/** Begins; false with @errp when it is none that holds SPDM. */
bool spdm_pcap_open(SpdmPcap *p, SpdmBytes bytes, GError **errp);

/** The next packet; false at the end, with @errp when the file is cut. */
bool spdm_pcap_next(SpdmPcap *p, SpdmPacket *packet, GError **errp);

#endif

/*
 * Fields of frames: PCIe 6.30 data objects, DSP0277 records.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/frame.h"

#include "crypto/aead.h"
#include "fault/plan.h"

enum { SESSION_ID_SIZE = 4, LENGTH_SIZE = 2, DOE_HEADER = 8, ENTRY_SIZE = 4 };

typedef struct Piece {
    const char *name;
    size_t len;              /* 0: all that is left */
} Piece;

/* Tells what fits; returns where it ended. */
static size_t tell(const SpdmFieldSink *sink, const Piece *pieces,
                   size_t count, size_t at, size_t end)
{
    for (size_t i = 0; i < count && at < end; i++) {
        size_t len = pieces[i].len ? MIN(pieces[i].len, end - at) : end - at;

        sink->field(sink->opaque, pieces[i].name, at, len);
        at += len;
    }
    return at;
}

static const Piece doe_header[] = {
    { "VendorID", 2 }, { "DataObjectType", 1 }, { "Reserved", 1 },
    { "Length", 4 },
};

static const Piece entry[] = {
    { "EntryVendorID", 2 }, { "EntryDataObjectType", 1 }, { "NextIndex", 1 },
};

static const Piece other_header[] = { { "TransportHeader", 0 } };
static const Piece message[] = { { "Message", 0 } };

/* What the length before @at says; padding of the transport may follow. */
static size_t record_end(SpdmBytes frame, size_t at, size_t end)
{
    size_t len;

    if (at < LENGTH_SIZE || at > end) {
        return end;
    }
    len = frame.data[at - 2] | (size_t)frame.data[at - 1] << 8;
    return MIN(end, at + len);
}

static void tell_record(const SpdmTransport *t, SpdmBytes frame, size_t at,
                        size_t end, const SpdmFieldSink *sink)
{
    const Piece head[] = {
        { "SessionID", SESSION_ID_SIZE },
        { "SequenceNumber", t->record.sequence_size },
        { "RecordLength", LENGTH_SIZE },
    };
    static const Piece data[] = { { "RecordData", 0 } };
    static const Piece mac[] = { { "MAC", SPDM_AEAD_TAG_SIZE } };

    at = tell(sink, head, 1, at, end);
    if (t->record.sequence_size) {
        at = tell(sink, head + 1, 1, at, end);
    }
    at = tell(sink, head + 2, 1, at, end);
    end = record_end(frame, at, end);
    if (end - at >= SPDM_AEAD_TAG_SIZE) {
        at = tell(sink, data, 1, at, end - SPDM_AEAD_TAG_SIZE);
        tell(sink, mac, 1, at, end);
    }
}

void fault_frame_fields(const SpdmTransport *transport, SpdmBytes frame,
                        const SpdmFieldSink *sink)
{
    bool doe = transport->type == SPDM_TRANSPORT_PCI_DOE;
    SpdmFrame parts;
    size_t at, end;

    if (doe) {
        tell(sink, doe_header, G_N_ELEMENTS(doe_header), 0, frame.len);
    }
    if (!transport->unpack(frame, &parts)) {
        return;
    }
    at = (size_t)(parts.payload.data - frame.data);
    end = at + parts.payload.len;
    if (!doe) {
        tell(sink, other_header, 1, 0, at);
    }
    if (parts.kind == SPDM_FRAME_DISCOVERY) {
        tell(sink, entry, G_N_ELEMENTS(entry), at, end);
    } else if (parts.kind == SPDM_FRAME_SECURED) {
        tell_record(transport, frame, at, end, sink);
    } else {
        tell(sink, message, 1, at, end);
    }
}

void fault_frame_names(int code, const SpdmFieldSink *sink)
{
    static const char *const names[] = {
        "VendorID", "DataObjectType", "Reserved", "Length", "TransportHeader",
        "Message", "SessionID", "SequenceNumber", "RecordLength",
        "RecordData", "MAC",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        sink->field(sink->opaque, names[i], 0, 0);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(entry) &&
         (code == FAULT_DISCOVERY || code == FAULT_ANY); i++) {
        sink->field(sink->opaque, entry[i].name, 0, 0);
    }
}

bool fault_frame_is_discovery(const SpdmTransport *transport, SpdmBytes frame)
{
    SpdmFrame parts;

    return transport->unpack(frame, &parts) &&
           parts.kind == SPDM_FRAME_DISCOVERY;
}

uint8_t fault_frame_code(const SpdmTransport *transport, SpdmBytes frame)
{
    SpdmFrame parts;

    return transport->unpack(frame, &parts) &&
           parts.kind == SPDM_FRAME_PLAIN && parts.payload.len > 1
        ? parts.payload.data[1] : 0;
}

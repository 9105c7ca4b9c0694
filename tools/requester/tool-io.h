/*
 * Where frames go: a PCI function's DOE mailbox, or a socket.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_REQUESTER_TOOL_IO_H
#define TOOLS_REQUESTER_TOOL_IO_H

#include "spdm/requester.h"

typedef struct ToolIo ToolIo;

struct ToolIo {
    bool (*send_receive)(ToolIo *io, const uint8_t *frame, size_t len,
                         GByteArray *reply, int64_t timeout_us,
                         GError **errp);

    /**
     * Starts an exchange and drops it: DOE Abort in the middle. NULL where
     * there is no such thing.
     */
    bool (*abandon)(ToolIo *io, const uint8_t *frame, size_t len,
                    GError **errp);

    /**
     * Asks the responder beside the SPDM connection to have something to ask
     * (EMU_OOB_*). NULL where there is no such way.
     */
    bool (*out_of_band)(ToolIo *io, uint32_t what, uint32_t session,
                        GError **errp);

    /** Closes it; no errors any more. */
    void (*free)(ToolIo *io);

    SpdmTransportType transport;
    uint8_t discovery_version;   /* DOE: 2 when the capability is of 2 */
    char *cma_name;              /* PCIe CMA name by config space, or NULL */
    char *cma_name_serial;       /* the same with its serial number, or NULL */
};

void tool_io_free(ToolIo *io);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(ToolIo, tool_io_free)

/**
 * The @instance'th DOE mailbox (from 0) of a PCI function, by its address
 * ("0000:01:00.0", "01:00.0") or the path of its config file in sysfs.
 */
ToolIo *tool_io_sysfs(const char *device, unsigned instance,
                      int64_t timeout_us, GError **errp);

/** A responder on the emulator socket: "HOST:PORT" or "unix:PATH". */
ToolIo *tool_io_socket(const char *address, SpdmTransportType transport,
                       int64_t timeout_us, bool shutdown, GError **errp);

/** One that speaks DSP0287 and nothing around it, at "tcp:HOST:PORT". */
ToolIo *tool_io_stream(const char *address, GError **errp);

#endif

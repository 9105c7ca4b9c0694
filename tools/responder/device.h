/*
 * The device that all clients see: one profile, one identity. Each client has
 * a responder of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_RESPONDER_DEVICE_H
#define TOOLS_RESPONDER_DEVICE_H

#include "responder/options.h"
#include "spdm/fault.h"
#include "spdm/soft-provider.h"

typedef struct Device {
    SpdmProfile *profile;
    SpdmSoftProvider *soft;
    SpdmFaults *faults;          /* of all clients together */
} Device;

/**
 * Loads profile, keys and fault plan, and writes the roots where
 * --identity-out says. Makes every automatic key, so that no client waits for
 * one.
 */
bool device_open(Device *d, const Options *o, GError **errp);
void device_clear(Device *d);

/** Another fault plan for all clients; NULL: none. */
bool device_set_faults(Device *d, const char *path, GError **errp);

/** A responder in its power-on state. */
SpdmResponder *device_responder(const Device *d, SpdmTransportType transport,
                                GError **errp);

#endif

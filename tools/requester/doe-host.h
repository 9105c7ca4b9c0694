/*
 * The host's side of a DOE instance (PCIe 6.30), over whatever reads and
 * writes its registers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_REQUESTER_DOE_HOST_H
#define TOOLS_REQUESTER_DOE_HOST_H

#include "spdm/doe-mailbox.h"

typedef struct DoeHost {
    /** A dword register, by its offset in the capability. False: no access. */
    bool (*read)(void *opaque, unsigned reg, uint32_t *value);
    bool (*write)(void *opaque, unsigned reg, uint32_t value);

    int64_t (*now_us)(void *opaque);
    void (*sleep_us)(void *opaque, int64_t us);
    void *opaque;
    const char *name;        /* stands in errors */
} DoeHost;

/** Abort, and wait until the instance is idle (at most 1 s). */
bool doe_host_abort(const DoeHost *h, GError **errp);

/**
 * One object out, one in (appended to @reply). After a failure the instance
 * is aborted, so that whoever comes next finds it idle.
 */
bool doe_host_exchange(const DoeHost *h, const uint8_t *frame, size_t len,
                       GByteArray *reply, int64_t timeout_us, GError **errp);

/** Sends an object and aborts at once. */
bool doe_host_abandon(const DoeHost *h, const uint8_t *frame, size_t len,
                      GError **errp);

#endif

/*
 * Telling whoever started the server that it is ready, or stopping.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_RESPONDER_NOTIFY_H
#define TOOLS_RESPONDER_NOTIFY_H

#include <glib.h>

/** Sends @state ("READY=1") to systemd, where that asked for it. */
void notify_systemd(const char *state);

#endif

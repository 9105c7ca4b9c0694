/*
 * The server that the fuzzers of spdm-responder talk to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_FUZZ_SERVER_H
#define TOOLS_FUZZ_SERVER_H

#include "responder/server.h"

/* The only one, without a listener; made at first. */
Server *fuzz_server(void);

#endif

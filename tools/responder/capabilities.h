/*
 * What this build serves, for whoever starts it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_RESPONDER_CAPABILITIES_H
#define TOOLS_RESPONDER_CAPABILITIES_H

/** One JSON object on stdout. */
void capabilities_print(void);

#endif

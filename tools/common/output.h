/*
 * What a tool prints.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_OUTPUT_H
#define TOOLS_OUTPUT_H

#include <stdbool.h>

/*
 * False, with a line on standard error, when what was printed has not all gone
 * to where it should: a full disk. A reader that went away has had enough.
 */
bool output_is_whole(const char *program);

#endif

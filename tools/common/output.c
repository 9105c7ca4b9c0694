/*
 * What a tool prints.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "common/output.h"

#include <poll.h>
#include <stdio.h>
#include <unistd.h>

static bool has_reader(void)
{
    struct pollfd out = { .fd = STDOUT_FILENO };

    return poll(&out, 1, 0) < 0 || !(out.revents & POLLERR);
}

bool output_is_whole(const char *program)
{
    if ((fflush(stdout) == 0 && !ferror(stdout)) || !has_reader()) {
        return true;
    }
    fprintf(stderr, "%s: standard output cannot be written, and is not "
            "whole\n", program);
    return false;
}

/*
 * spdm-responder: a device's responder on a socket, without a VM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <signal.h>
#include <stdio.h>

#include "responder/capabilities.h"
#include "responder/server.h"

enum { BAD_USAGE = 2 };

int main(int argc, char **argv)
{
    Server s = { .listener = -1, .sockets = -1 };
    g_autoptr(GError) err = NULL;
    int rc = 0;
    bool ok;

    signal(SIGPIPE, SIG_IGN);
    ok = options_parse(&s.opt, argc, argv, &err);
    if (ok && s.opt.print_capabilities) {
        capabilities_print();
    } else if (ok && server_start(&s, &err)) {
        server_run(&s);
    } else {
        rc = BAD_USAGE;
    }
    server_clear(&s);
    if (err) {
        fprintf(stderr, "spdm-responder: %s\n", err->message);
    }
    return rc;
}

/*
 * The server that the fuzzers of spdm-responder talk to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "server.h"

#include "fuzz/fuzz.h"

Server *fuzz_server(void)
{
    static Server s;
    g_autoptr(GError) err = NULL;

    if (!s.loop) {
        s.opt.profile = g_build_filename(SRCDIR, "lib/fuzz/worlds/psk.ini",
                                         NULL);
        s.opt.seed = g_strdup("fuzz");
        if (!server_open(&s, &err)) {
            fuzz_fail(err->message);
        }
    }
    return &s;
}

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
        s.listener = -1;
        s.loop = g_main_loop_new(NULL, FALSE);
        s.clients = g_ptr_array_new_with_free_func(
            (GDestroyNotify)client_free);
        if (!device_open(&s.device, &s.opt, &err)) {
            fuzz_fail(err->message);
        }
    }
    return &s;
}

/*
 * The command line of spdm-responder.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "responder/options.h"

static const char summary[] =
    "Serves a device's SPDM responder on a socket, without a VM. Any number of "
    "clients\nmay be connected; each has a responder of its own.\n\n"
    "Understood on the one socket, told apart by what a client sends:\n"
    "  the protocol of the DMTF emulators, with PCI DOE, MCTP, TCP or no "
    "framing;\n"
    "  that of QEMU's spdm_port, with the storage transport (DSP0286) too;\n"
    "  SPDM over TCP as it is (DSP0287).";

static bool parse(Options *o, int *argc, char ***argv, GError **errp)
{
    const GOptionEntry entries[] = {
        { "port", 'p', 0, G_OPTION_ARG_INT, &o->port,
          "port on 127.0.0.1 (default 2323); 0 takes a free one", "N" },
        { "unix", 0, 0, G_OPTION_ARG_FILENAME, &o->unix_path,
          "a Unix socket instead", "PATH" },
        { "profile", 0, 0, G_OPTION_ARG_STRING, &o->profile,
          "built-in profile, or the path of one (default ssd)", "NAME" },
        { "trust", 0, 0, G_OPTION_ARG_FILENAME, &o->trust,
          "roots of requesters, for mutual authentication", "FILE.pem" },
        { "seed", 0, 0, G_OPTION_ARG_STRING, &o->seed,
          "reproducible keys, nonces and ids", "TEXT" },
        { "state-file", 0, 0, G_OPTION_ARG_FILENAME, &o->state_file,
          "keeps provisioned slots; see docs/profiles.rst", "FILE" },
        { "identity-out", 0, 0, G_OPTION_ARG_FILENAME, &o->identity_out,
          "write the root certificates", "FILE.pem" },
        { "faults", 0, 0, G_OPTION_ARG_FILENAME, &o->faults,
          "misbehave as this plan says; see docs/faults.rst", "FILE" },
        { "ready-file", 0, 0, G_OPTION_ARG_FILENAME, &o->ready_file,
          "write the address there once it is listened on", "FILE" },
        { "control", 0, 0, G_OPTION_ARG_FILENAME, &o->control,
          "a Unix socket for commands to the device; see docs/responder.rst",
          "PATH" },
        { "events", 0, 0, G_OPTION_ARG_FILENAME, &o->trace.events_name,
          "write what happens, a line of JSON each", "FILE" },
        { "pcap", 0, 0, G_OPTION_ARG_FILENAME, &o->trace.pcap_name,
          "write a packet capture (PCI DOE or MCTP)", "FILE" },
        { "keylog", 0, 0, G_OPTION_ARG_FILENAME, &o->trace.keylog_name,
          "write the secrets that it is read with", "FILE" },
        { "max-clients", 0, 0, G_OPTION_ARG_INT, &o->max_clients,
          "at once (default 1024)", "N" },
        { "once", 0, 0, G_OPTION_ARG_NONE, &o->once,
          "stop when the first client has gone", NULL },
        { "keep-running", 0, 0, G_OPTION_ARG_NONE, &o->keep_running,
          "a client's SHUTDOWN ends that client only", NULL },
        { "print-capabilities", 0, 0, G_OPTION_ARG_NONE,
          &o->print_capabilities, "say in JSON what is served, and exit",
          NULL },
        { "verbose", 'v', 0, G_OPTION_ARG_NONE, &o->verbose,
          "say on stderr what happens", NULL },
        { NULL, 0, 0, 0, NULL, NULL, NULL },
    };
    GOptionContext *context = g_option_context_new(NULL);
    bool ok;

    g_option_context_set_summary(context, summary);
    g_option_context_add_main_entries(context, entries, NULL);
    ok = g_option_context_parse(context, argc, argv, errp);
    g_option_context_free(context);
    return ok;
}

static bool fail(GError **errp, const char *why)
{
    g_set_error_literal(errp, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, why);
    return false;
}

bool options_parse(Options *o, int argc, char **argv, GError **errp)
{
    o->port = 2323;
    o->max_clients = 1024;
    if (!parse(o, &argc, &argv, errp)) {
        return false;
    }
    if (argc > 1) {
        g_set_error(errp, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                    "\"%s\" is no option", argv[1]);
        return false;
    }
    if (o->port < 0 || o->port > 65535) {
        return fail(errp, "--port is 0 to 65535");
    }
    return o->max_clients > 0 || fail(errp, "--max-clients is 1 or more");
}

void options_clear(Options *o)
{
    g_free(o->unix_path);
    g_free(o->profile);
    g_free(o->seed);
    g_free(o->trust);
    g_free(o->state_file);
    g_free(o->identity_out);
    g_free(o->ready_file);
    g_free(o->faults);
    trace_files_clear(&o->trace);
    g_free(o->control);
}

/*
 * What the command line says.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_RESPONDER_OPTIONS_H
#define TOOLS_RESPONDER_OPTIONS_H

#include "common/trace-files.h"

typedef struct Options {
    int port;
    char *unix_path;
    char *profile;
    char *seed;
    char *trust;
    char *state_file;
    char *identity_out;
    char *faults;
    char *ready_file;
    char *control;
    TraceFiles trace;            /* --events, --pcap, --keylog */
    int max_clients;
    gboolean once;
    gboolean keep_running;
    gboolean print_capabilities;
    gboolean verbose;
} Options;

/** Defaults, then @argv; errors are one line. */
bool options_parse(Options *o, int argc, char **argv, GError **errp);
void options_clear(Options *o);

#endif

/*
 * The control socket: whoever runs the server changes the device while it
 * serves. One JSON object on a line asks, one answers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_RESPONDER_CONTROL_H
#define TOOLS_RESPONDER_CONTROL_H

#include "common/json.h"
#include "responder/server.h"

enum { CONTROL_ARGUMENTS = 4 };

/** A command; see control-commands.c for the table of them. */
typedef struct ControlCommand {
    const char *name;
    const char *arguments[CONTROL_ARGUMENTS + 1]; /* names, NULL-terminated */

    /**
     * Does it. @arguments has those names only, of whatever type. What is
     * written to @answer becomes members of it. False with @errp: one line.
     */
    bool (*run)(Server *s, GHashTable *arguments, Json *answer,
                GError **errp);
    const char *setter;          /* or a kind of change; see SpdmSoftSetter */
} ControlCommand;

/** Ends with an entry without a name. */
extern const ControlCommand control_commands[];

/* Arguments. False with @errp when one is of another type or range. */

/** @def when there is none. */
bool control_uint(GHashTable *arguments, const char *name, int64_t max,
                  int64_t def, int64_t *value, GError **errp);

/** NULL with @errp when there is none; borrowed. */
const char *control_string(GHashTable *arguments, const char *name,
                           GError **errp);

/** Sets a one-line error. */
bool control_refuse(GError **errp, const char *format, ...)
    G_GNUC_PRINTF(2, 3);

/**
 * Answers one line, @len bytes without its end, as {"ok":true,...} or
 * {"ok":false,"error":"..."}; @out gets it with a newline.
 */
void control_answer(Server *s, const char *line, size_t len, GString *out);

/** Listens on @path, with access for the server's user only. */
Control *control_new(Server *s, const char *path, GError **errp);

/** Closes and removes the socket; NULL is allowed. */
void control_free(Control *control);

#endif

/*
 * spdm-trace from the inside.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#ifndef TOOLS_TRACE_H
#define TOOLS_TRACE_H

#include <stdio.h>

#include "spdm/trace-read.h"

/** What one device had to do with its requester. */
typedef struct Track {
    char *device;
    SpdmObserver *observer;
} Track;

/** Tracks of a file, in order of appearance: one of a capture. */
typedef struct Tracks {
    GPtrArray *list;             /* Track */
    const char *keys_name;       /* NULL: no key log */
    GBytes *keys;
} Tracks;

void tracks_init(Tracks *t);
void tracks_clear(Tracks *t);

/** Reads a key log, before anything else; false with @errp. */
bool tracks_read_keys(Tracks *t, const char *name, GError **errp);

/**
 * Reads a capture or events. False with @errp, one line, when @name cannot be
 * read to its end: what was read stays.
 */
bool tracks_read(Tracks *t, const char *name, GError **errp);

/** events-in.c: lines of JSON. */
bool tracks_read_events(Tracks *t, const char *name, const char *text,
                        size_t len, GError **errp);

/** The track of a device, made when it is new; NULL with @errp. */
Track *tracks_of(Tracks *t, const char *device, GError **errp);

/** Time of an entry since the first of the track, seconds. */
double track_time(const Track *t, const SpdmEntry *e);

/** "-->", "<==" and so on; "" for what is no message. */
const char *entry_arrow(const SpdmEntry *e);

/** What a person should read last: the worst that was found, or NULL. */
const char *track_conclusion(const Track *t);

/** The ladder as text; @fields: with every field of every message. */
void print_ladder(const Tracks *t, bool fields, FILE *out);

/** One page of HTML; @title is what it is of. */
char *make_html(const Tracks *t, const char *title);

#endif

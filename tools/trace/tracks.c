/*
 * What a trace is made of.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "trace/trace.h"
#include "spdm/file.h"

#include <string.h>

enum { MAX_TRACKS = 1024 };

static void track_free(gpointer data)
{
    Track *t = data;

    spdm_observer_free(t->observer);
    g_free(t->device);
    g_free(t);
}

void tracks_init(Tracks *t)
{
    *t = (Tracks){ .list = g_ptr_array_new_with_free_func(track_free) };
}

void tracks_clear(Tracks *t)
{
    g_clear_pointer(&t->list, g_ptr_array_unref);
    g_clear_pointer(&t->keys, g_bytes_unref);
}

static SpdmBytes view(GBytes *bytes)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(bytes, &len);

    return SPDM_BYTES(data, len);
}

static GBytes *read_file(const char *name, GError **errp)
{
    char *data;
    gsize len;

    return spdm_read_file(name, &data, &len, errp)
           ? g_bytes_new_take(data, len) : NULL;
}

bool tracks_read_keys(Tracks *t, const char *name, GError **errp)
{
    t->keys_name = name;
    t->keys = read_file(name, errp);
    return t->keys != NULL;
}

Track *tracks_of(Tracks *t, const char *device, GError **errp)
{
    g_autoptr(SpdmObserver) observer = NULL;
    Track *track;

    for (guint i = 0; i < t->list->len; i++) {
        track = g_ptr_array_index(t->list, i);
        if (!strcmp(track->device, device)) {
            return track;
        }
    }
    if (t->list->len == MAX_TRACKS) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "it is of more than %d devices and connections",
                    MAX_TRACKS);
        return NULL;
    }
    observer = spdm_observer_new();
    if (t->keys && !spdm_observer_keys(observer, view(t->keys), t->keys_name,
                                       errp)) {
        return NULL;
    }
    track = g_new0(Track, 1);
    track->device = g_strdup(device);
    track->observer = g_steal_pointer(&observer);
    g_ptr_array_add(t->list, track);
    return track;
}

static bool read_capture(Tracks *t, const char *name, SpdmBytes bytes,
                         GError **errp)
{
    g_autofree char *base = g_path_get_basename(name);
    Track *track = tracks_of(t, base, errp);

    if (!track) {
        return false;
    }
    if (!spdm_observer_pcap(track->observer, bytes, errp)) {
        g_prefix_error(errp, "%s: ", name);
        return false;
    }
    return true;
}

bool tracks_read(Tracks *t, const char *name, GError **errp)
{
    g_autoptr(GBytes) file = read_file(name, errp);
    SpdmBytes bytes;
    bool ok;

    if (!file) {
        return false;
    }
    bytes = view(file);
    ok = spdm_observer_is_pcap(bytes)
         ? read_capture(t, name, bytes, errp)
         : tracks_read_events(t, name, (const char *)bytes.data, bytes.len,
                              errp);
    for (guint i = 0; i < t->list->len; i++) {
        Track *track = g_ptr_array_index(t->list, i);

        spdm_observer_end(track->observer);
    }
    return ok;
}

double track_time(const Track *t, const SpdmEntry *e)
{
    const GPtrArray *entries = spdm_observer_entries(t->observer);
    const SpdmEntry *first = g_ptr_array_index(entries, 0);

    return (double)(e->us - first->us) / G_USEC_PER_SEC;
}

const char *entry_arrow(const SpdmEntry *e)
{
    if (e->kind != SPDM_ENTRY_MESSAGE) {
        return "";
    }
    return e->requester ? (e->secured ? "==>" : "-->")
                        : (e->secured ? "<==" : "<--");
}

const char *track_conclusion(const Track *t)
{
    const GPtrArray *entries = spdm_observer_entries(t->observer);

    for (guint i = entries->len; i-- > 0; ) {
        const SpdmEntry *e = g_ptr_array_index(entries, i);

        if (e->bad && e->verdict) {
            return e->verdict;
        }
    }
    return NULL;
}

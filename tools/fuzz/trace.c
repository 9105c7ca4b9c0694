/*
 * What spdm-trace reads: events, packet captures, key logs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "fuzz/worlds.h"

#include <stdio.h>

#include "spdm/trace.h"
#include "trace/trace.h"

typedef enum Kind {
    KIND_EVENTS,
    KIND_CAPTURE,            /* length and text of a key log, then packets */
    KIND_COUNT,
} Kind;

/* As the tool goes on: every way to show it. */
static void show(Tracks *t)
{
    g_autofree char *page = make_html(t, "fuzz");
    FILE *out = fopen("/dev/null", "w");

    for (guint i = 0; i < t->list->len; i++) {
        Track *track = g_ptr_array_index(t->list, i);

        spdm_observer_end(track->observer);
        g_free(spdm_observer_summary(track->observer));
        g_free(spdm_observer_dump_options(track->observer));
    }
    if (out) {
        print_ladder(t, true, out);
        fclose(out);
    }
    fuzz_check(strstr(page, "</html>") != NULL, "a page without end");
}

static void read_events(Tracks *t, SpdmBytes text)
{
    g_autoptr(GError) err = NULL;

    tracks_read_events(t, "fuzz.jsonl", (const char *)text.data, text.len,
                       &err);
    if (err) {
        fuzz_check_error(false, err);
    }
}

static void read_capture(Tracks *t, FuzzInput *in)
{
    SpdmBytes keys = fuzz_take(in, fuzz_int(in, 2));
    SpdmBytes packets = fuzz_take(in, in->len);
    g_autoptr(GError) err = NULL;
    g_autoptr(GError) cut = NULL;
    Track *track;
    bool whole;

    if (keys.len) {
        t->keys = g_bytes_new(keys.data, keys.len);
        t->keys_name = "fuzz.keys";
    }
    track = tracks_of(t, "fuzz.pcap", &err);
    fuzz_check_error(track != NULL, err);
    if (track) {
        spdm_observer_is_pcap(packets);
        whole = spdm_observer_pcap(track->observer, packets, &cut);
        fuzz_check_error(whole, cut);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    FuzzInput in = { data, len };
    Tracks t;

    tracks_init(&t);
    if (fuzz_int(&in, 1) % KIND_COUNT == KIND_EVENTS) {
        read_events(&t, fuzz_take(&in, in.len));
    } else {
        read_capture(&t, &in);
    }
    show(&t);
    tracks_clear(&t);
    return 0;
}

static bool take(void *opaque, const uint8_t *data, size_t len)
{
    fuzz_put(opaque, SPDM_BYTES(data, len));
    return true;
}

static int64_t start_of_time(void *opaque)
{
    return 0;
}

/* The walk of a world, as a device traces it. */
static void seed_world(const FuzzSeeds *seeds, Hostile *h)
{
    g_autoptr(GByteArray) events = g_byte_array_new();
    g_autoptr(GByteArray) pcap = g_byte_array_new();
    g_autoptr(GByteArray) keys = g_byte_array_new();
    g_autoptr(GByteArray) input = g_byte_array_new();
    const SpdmTraceConfig config = {
        .device = "fuzz", .transport = h->config.transport,
        .events = { take, events }, .pcap = { take, pcap },
        .keylog = { take, keys }, .now_us = start_of_time,
    };
    SpdmTrace *trace = spdm_trace_new(&config);

    fuzz_world_restore(h);
    hostile_go_to(h, hostile_moment(h, 0));
    spdm_trace_attach(trace, h->r);
    hostile_walk(h, false);
    spdm_trace_fault(trace, "rule", "drop", "tx-msg", "VERSION");
    spdm_trace_doe(trace, "abort", "while busy");
    spdm_trace_note(trace, "a note");
    spdm_trace_free(trace);
    fuzz_seed_kind(seeds, KIND_EVENTS, fuzz_view(events));
    fuzz_put_int(input, keys->len, 2);
    fuzz_put(input, fuzz_view(keys));
    fuzz_put(input, fuzz_view(pcap));
    fuzz_seed_kind(seeds, KIND_CAPTURE, fuzz_view(input));
}

void fuzz_seeds(const FuzzSeeds *seeds)
{
    for (unsigned i = 0; i < fuzz_world_count(); i++) {
        Hostile *h = fuzz_world(i);

        if (spdm_trace_has_pcap(h->config.transport)) {
            hostile_be_genuine(h);
            seed_world(seeds, h);
        }
    }
}

/*
 * The taps attached to one end, and the order they are called in.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "core/taps.h"

static unsigned find(const SpdmTaps *taps, const SpdmTap *tap)
{
    unsigned i = 0;

    while (i < taps->count && taps->list[i] != tap) {
        i++;
    }
    return i;
}

bool spdm_taps_add(SpdmTaps *taps, const SpdmTap *tap)
{
    if (find(taps, tap) < taps->count) {
        return true;
    }
    if (taps->count == SPDM_MAX_TAPS) {
        return false;
    }
    taps->list[taps->count++] = tap;
    return true;
}

void spdm_taps_remove(SpdmTaps *taps, const SpdmTap *tap)
{
    unsigned i = find(taps, tap);

    if (i == taps->count) {
        return;
    }
    for (taps->count--; i < taps->count; i++) {
        taps->list[i] = taps->list[i + 1];
    }
}

static bool is_inbound(SpdmTapEvent event)
{
    return event == SPDM_TAP_RX_FRAME || event == SPDM_TAP_RX_MSG;
}

SpdmTapVerdict spdm_taps_call(SpdmTaps *taps, SpdmTapContext *context,
                              bool (*gone)(const void *opaque),
                              const void *opaque)
{
    const SpdmTaps now = *taps;

    for (unsigned i = 0; i < now.count; i++) {
        bool back = is_inbound(context->event);
        const SpdmTap *tap = now.list[back ? now.count - 1 - i : i];
        SpdmTapVerdict verdict;

        if (find(taps, tap) == taps->count) {
            continue;
        }
        verdict = tap->call(tap->opaque, context);
        if (gone && gone(opaque)) {
            return SPDM_TAP_DROP;
        }
        if (verdict != SPDM_TAP_PASS) {
            return verdict;
        }
    }
    return SPDM_TAP_PASS;
}

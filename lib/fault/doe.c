/*
 * Registers of a DOE mailbox that are not true. What the host sees is changed
 * between it and the mailbox, which goes by the rules of PCIe 6.30.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "spdm/fault.h"

#include <string.h>

enum { DWORD = 4 };

/* Ends with the next object, or with Abort. */
enum {
    OF_ONE_OBJECT = SPDM_DOE_NEVER_READY | SPDM_DOE_READY_LOST |
                    SPDM_DOE_NO_INTERRUPT,
    ENDS_WITH_ABORT = OF_ONE_OBJECT | SPDM_DOE_BUSY | SPDM_DOE_ERROR,
};

struct SpdmFaultDoe {
    SpdmDoeOrders orders;
    int64_t busy_until;      /* -1: until Abort */
    unsigned popped;         /* dwords of the object under READY_LOST */
    GBytes *extra;           /* an object unasked for; NULL: none */
    size_t extra_pos;
    bool aborting;           /* ABORT_SLOW: Abort is under way */
    unsigned reads;          /* of Status since then */
};

SpdmFaultDoe *spdm_fault_doe_new(void)
{
    return g_new0(SpdmFaultDoe, 1);
}

static void drop_extra(SpdmFaultDoe *d)
{
    g_clear_pointer(&d->extra, g_bytes_unref);
    d->extra_pos = 0;
}

void spdm_fault_doe_free(SpdmFaultDoe *d)
{
    if (d) {
        drop_extra(d);
        g_free(d);
    }
}

void spdm_fault_doe_offer(SpdmFaultDoe *d, GBytes *object)
{
    drop_extra(d);
    if (g_bytes_get_size(object)) {
        d->extra = g_bytes_ref(object);
    }
}

void spdm_fault_doe_clear(SpdmFaultDoe *d)
{
    drop_extra(d);
    *d = (SpdmFaultDoe){ .popped = 0 };
}

void spdm_fault_doe_arm(SpdmFaultDoe *d, const SpdmDoeOrders *orders,
                        int64_t now_us)
{
    unsigned faults = d->orders.faults | orders->faults;

    if (orders->faults & SPDM_DOE_BUSY) {
        d->busy_until = orders->busy_us < 0 ? -1 : now_us + orders->busy_us;
    }
    if (orders->faults & SPDM_DOE_READY_LOST) {
        d->orders.ready_dwords = orders->ready_dwords;
        d->popped = 0;
    }
    if (orders->faults & SPDM_DOE_ABORT_SLOW) {
        d->orders.abort_reads = orders->abort_reads;
    }
    d->orders.faults = faults;
}

static bool has(const SpdmFaultDoe *d, SpdmDoeFault fault)
{
    return d->orders.faults & fault;
}

static bool is_busy(SpdmFaultDoe *d, int64_t now_us)
{
    if (has(d, SPDM_DOE_BUSY) && d->busy_until >= 0 &&
        now_us >= d->busy_until) {
        d->orders.faults &= ~(unsigned)SPDM_DOE_BUSY;
    }
    return has(d, SPDM_DOE_BUSY) || d->aborting;
}

static bool is_lost(const SpdmFaultDoe *d)
{
    return has(d, SPDM_DOE_NEVER_READY) ||
           (has(d, SPDM_DOE_READY_LOST) &&
            d->popped >= d->orders.ready_dwords);
}

/* --- an object that nobody asked for -------------------------------------- */

/* It waits until the mailbox has nothing of its own. */
static bool shows_extra(const SpdmFaultDoe *d, const DoeMailbox *mb)
{
    DoeMailboxInfo info;

    if (!d->extra) {
        return false;
    }
    doe_mailbox_info(mb, &info);
    return !info.busy && !info.ready && !info.error;
}

static uint32_t extra_dword(const SpdmFaultDoe *d)
{
    uint32_t le = 0;
    gsize len;
    const uint8_t *data = g_bytes_get_data(d->extra, &len);

    memcpy(&le, data + d->extra_pos, MIN(len - d->extra_pos, sizeof(le)));
    return GUINT32_FROM_LE(le);
}

static void pop_extra(SpdmFaultDoe *d)
{
    d->extra_pos += DWORD;
    if (d->extra_pos >= g_bytes_get_size(d->extra)) {
        drop_extra(d);
    }
}

/* --- reading -------------------------------------------------------------- */

static uint32_t status(SpdmFaultDoe *d, uint32_t value, int64_t now_us)
{
    if (is_busy(d, now_us)) {
        value = (value | DOE_STATUS_BUSY) & ~DOE_STATUS_READY;
    }
    if (has(d, SPDM_DOE_ERROR)) {
        value = (value | DOE_STATUS_ERROR) & ~DOE_STATUS_READY;
    }
    return is_lost(d) ? value & ~DOE_STATUS_READY : value;
}

/* A slow Abort is done when Status has been read so often. */
static void count_read(SpdmFaultDoe *d, DoeMailbox *mb)
{
    if (d->aborting && ++d->reads >= d->orders.abort_reads) {
        d->aborting = false;
        d->orders.faults &= ~(unsigned)(SPDM_DOE_ABORT_SLOW |
                                        ENDS_WITH_ABORT);
        doe_mailbox_write(mb, DOE_REG_CONTROL, DOE_CONTROL_ABORT, 1);
    }
}

uint32_t spdm_fault_doe_read(SpdmFaultDoe *d, DoeMailbox *mb, unsigned offset,
                             unsigned size, int64_t now_us)
{
    uint32_t all = size < DWORD ? (1u << 8 * size) - 1 : UINT32_MAX;
    unsigned reg = offset & ~3u;
    unsigned shift = 8 * (offset & 3);

    if (has(d, SPDM_DOE_ONES)) {
        return all;
    }
    if (reg == DOE_REG_STATUS) {
        uint32_t value;

        count_read(d, mb);
        value = doe_mailbox_read(mb, reg, DWORD) |
                (shows_extra(d, mb) ? DOE_STATUS_READY : 0);
        return status(d, value, now_us) >> shift & all;
    }
    if (reg == DOE_REG_READ && (is_lost(d) || is_busy(d, now_us) ||
                                has(d, SPDM_DOE_ERROR))) {
        return 0;
    }
    if (reg == DOE_REG_READ && size == DWORD && shows_extra(d, mb)) {
        return extra_dword(d);
    }
    return doe_mailbox_read(mb, offset, size);
}

/* --- writing -------------------------------------------------------------- */

/* What is left of a write to Control. */
static uint32_t abort_or_go(SpdmFaultDoe *d, uint32_t value, bool *interrupt)
{
    if (value & DOE_CONTROL_ABORT) {
        if (has(d, SPDM_DOE_ABORT_IGNORED)) {
            return value & ~DOE_CONTROL_ABORT;
        }
        if (has(d, SPDM_DOE_ABORT_SLOW)) {
            d->aborting = true;
            d->reads = 0;
            return value & ~DOE_CONTROL_ABORT;
        }
        d->orders.faults &= ~(unsigned)ENDS_WITH_ABORT;
        drop_extra(d);
    } else if (value & DOE_CONTROL_GO) {
        d->orders.faults &= ~(unsigned)OF_ONE_OBJECT;
        drop_extra(d);
        *interrupt = has(d, SPDM_DOE_EARLY_INTERRUPT);
        d->orders.faults &= ~(unsigned)SPDM_DOE_EARLY_INTERRUPT;
    }
    return value;
}

bool spdm_fault_doe_write(SpdmFaultDoe *d, DoeMailbox *mb, unsigned offset,
                          uint32_t value, unsigned size, int64_t now_us)
{
    bool stuck = is_busy(d, now_us) || has(d, SPDM_DOE_ERROR);
    bool interrupt = false;

    if (has(d, SPDM_DOE_ONES)) {
        return false;
    }
    if (offset == DOE_REG_CONTROL) {
        value = abort_or_go(d, value, &interrupt);
        if (stuck) {
            value &= ~DOE_CONTROL_GO;
        }
    } else if (offset == DOE_REG_WRITE && stuck) {
        return false;
    } else if (offset == DOE_REG_READ) {
        if (is_lost(d) || stuck) {
            return false;
        }
        if (size == DWORD && shows_extra(d, mb)) {
            pop_extra(d);
            return false;
        }
        d->popped++;
    }
    doe_mailbox_write(mb, offset, value, size);
    return interrupt;
}

bool spdm_fault_doe_mutes(const SpdmFaultDoe *d)
{
    return has(d, SPDM_DOE_NO_INTERRUPT) || has(d, SPDM_DOE_NEVER_READY) ||
           has(d, SPDM_DOE_ONES);
}

/*
 * A DOE host driver: the rules of PCIe 6.30 for the side that asks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "requester/doe-host.h"

#include <string.h>

enum {
    DWORD = 4,
    OBJECT_HEADER = 8,
    OBJECT_DWORDS_MASK = 0x3ffff,
    LOOK_EVERY = 4096,           /* bytes of an answer, whether it goes on */
    SPIN_POLLS = 200,            /* before it sleeps between polls */
    FIRST_SLEEP_US = 20,
    LONGEST_SLEEP_US = 2000,
    ABORT_LIMIT_US = 1000000,    /* PCIe 6.30: an abort takes at most 1 s */
};

#define ALL_ONES 0xffffffffu
#define NOT_IDLE (DOE_STATUS_BUSY | DOE_STATUS_ERROR | DOE_STATUS_READY)

static bool fail(const DoeHost *h, GError **errp, const char *why)
{
    g_set_error(errp, G_FILE_ERROR, G_FILE_ERROR_IO, "%s: %s", h->name, why);
    return false;
}

static bool read_status(const DoeHost *h, uint32_t *status, GError **errp)
{
    if (!h->read(h->opaque, DOE_REG_STATUS, status)) {
        return fail(h, errp, "config space cannot be read");
    }
    return *status != ALL_ONES ||
           fail(h, errp, "config space reads all ones: the device is gone");
}

static bool write_reg(const DoeHost *h, unsigned reg, uint32_t value,
                      GError **errp)
{
    return h->write(h->opaque, reg, value) ||
           fail(h, errp, "config space cannot be written");
}

/*
 * Polls until a bit of @want is set (or, @want 0, all of @clear are clear).
 * Ready comes in some 100 us: spin first, then sleep longer and longer.
 */
static bool poll_status(const DoeHost *h, uint32_t want, uint32_t clear,
                        int64_t timeout_us, uint32_t *status, GError **errp)
{
    int64_t deadline = h->now_us(h->opaque) + timeout_us;
    int64_t sleep_us = FIRST_SLEEP_US;

    for (unsigned polls = 0;; polls++) {
        bool late = h->now_us(h->opaque) >= deadline;

        if (!read_status(h, status, errp)) {
            return false;
        }
        if (want ? (*status & want) != 0 : !(*status & clear)) {
            return true;
        }
        if (late) {
            return fail(h, errp, *status & DOE_STATUS_BUSY
                        ? "the DOE mailbox stays Busy"
                        : want ? "no answer in the DOE mailbox"
                        : "the DOE mailbox does not take an abort");
        }
        if (polls >= SPIN_POLLS) {
            h->sleep_us(h->opaque, sleep_us);
            sleep_us = MIN(2 * sleep_us, LONGEST_SLEEP_US);
        }
    }
}

bool doe_host_abort(const DoeHost *h, GError **errp)
{
    uint32_t status;

    return write_reg(h, DOE_REG_CONTROL, DOE_CONTROL_ABORT, errp) &&
           poll_status(h, 0, NOT_IDLE, ABORT_LIMIT_US, &status, errp);
}

/* What somebody else left there goes by an abort. */
static bool make_idle(const DoeHost *h, GError **errp)
{
    uint32_t status;

    return read_status(h, &status, errp) &&
           (!(status & NOT_IDLE) || doe_host_abort(h, errp));
}

static uint32_t get_le32(const uint8_t *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 |
           (uint32_t)at[3] << 24;
}

static void put_le32(uint8_t *at, uint32_t v)
{
    for (unsigned i = 0; i < DWORD; i++) {
        at[i] = (uint8_t)(v >> (8 * i));
    }
}

static bool write_object(const DoeHost *h, const uint8_t *frame, size_t len,
                         GError **errp)
{
    for (size_t i = 0; i + DWORD <= len; i += DWORD) {
        if (!write_reg(h, DOE_REG_WRITE, get_le32(frame + i), errp)) {
            return false;
        }
    }
    return write_reg(h, DOE_REG_CONTROL, DOE_CONTROL_GO, errp);
}

/* The next dword of the answer: read it, then pop it. */
static bool pop(const DoeHost *h, uint8_t *to, GError **errp)
{
    uint32_t value;

    if (!h->read(h->opaque, DOE_REG_READ, &value)) {
        return fail(h, errp, "config space cannot be read");
    }
    put_le32(to, value);
    return write_reg(h, DOE_REG_READ, 0, errp);
}

/*
 * Ready has to hold up to the last dword, else what was read is no data.
 * A Length of a megabyte is not read through when nothing is there.
 */
static bool still_ready(const DoeHost *h, GError **errp)
{
    uint32_t status;

    if (!read_status(h, &status, errp)) {
        return false;
    }
    if (status & DOE_STATUS_ERROR) {
        return fail(h, errp, "the DOE mailbox reports an Error");
    }
    return (status & DOE_STATUS_READY) ||
           fail(h, errp, "the DOE object ends before its length");
}

/* Length 0 stands for 2^18 dwords; 1 would be less than the header. */
static bool object_size(const DoeHost *h, const uint8_t *header, size_t *size,
                        GError **errp)
{
    uint32_t dwords = get_le32(header + DWORD) & OBJECT_DWORDS_MASK;

    *size = DWORD * (size_t)(dwords ? dwords : OBJECT_DWORDS_MASK + 1);
    return *size >= OBJECT_HEADER ||
           fail(h, errp, "a DOE object is shorter than its header");
}

static bool read_object(const DoeHost *h, GByteArray *reply, GError **errp)
{
    size_t start = reply->len, size;
    uint32_t status;

    g_byte_array_set_size(reply, (guint)(start + OBJECT_HEADER));
    if (!pop(h, reply->data + start, errp) ||
        !pop(h, reply->data + start + DWORD, errp) ||
        !object_size(h, reply->data + start, &size, errp)) {
        return false;
    }
    g_byte_array_set_size(reply, (guint)(start + size));
    for (size_t i = OBJECT_HEADER; i < size; i += DWORD) {
        bool look = i + DWORD == size || i % LOOK_EVERY == 0;

        if ((look && !still_ready(h, errp)) ||
            !pop(h, reply->data + start + i, errp)) {
            return false;
        }
    }
    if (!read_status(h, &status, errp)) {
        return false;
    }
    return !(status & DOE_STATUS_READY) ||
           fail(h, errp, "the DOE mailbox holds more than the answer");
}

static bool exchange(const DoeHost *h, const uint8_t *frame, size_t len,
                     GByteArray *reply, int64_t timeout_us, GError **errp)
{
    uint32_t status;

    if (!make_idle(h, errp) || !write_object(h, frame, len, errp) ||
        !poll_status(h, DOE_STATUS_READY | DOE_STATUS_ERROR, 0, timeout_us,
                     &status, errp)) {
        return false;
    }
    if (status & DOE_STATUS_ERROR) {
        return fail(h, errp, "the DOE mailbox reports an Error");
    }
    return read_object(h, reply, errp);
}

bool doe_host_exchange(const DoeHost *h, const uint8_t *frame, size_t len,
                       GByteArray *reply, int64_t timeout_us, GError **errp)
{
    if (exchange(h, frame, len, reply, timeout_us, errp)) {
        return true;
    }
    doe_host_abort(h, NULL);
    return false;
}

bool doe_host_abandon(const DoeHost *h, const uint8_t *frame, size_t len,
                      GError **errp)
{
    return make_idle(h, errp) && write_object(h, frame, len, errp) &&
           doe_host_abort(h, errp);
}

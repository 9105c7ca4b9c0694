/*
 * The registers of a PCIe DOE instance.
 *
 * The host behind them may be hostile: every access is answered in constant
 * time, and memory is bounded by config.max_object whatever it writes.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "spdm/doe-mailbox.h"

#include <string.h>

#define DWORD 4u
#define HEADER_SIZE 8u
#define LENGTH_MASK 0x3ffffu

struct DoeMailbox {
    DoeMailboxConfig config;

    GByteArray *in;            /* object being written; NULL when none */
    GBytes *out;               /* answer being read; NULL unless Ready */
    size_t out_pos;
    GBytes *held;              /* next answer, behind an unread one */

    bool in_flight;            /* an object is with the owner */
    bool interrupt_enable;
    bool interrupt_status;
    const char *error;         /* why Error is set; NULL when it is not */
    uint64_t generation;

    uint64_t objects;
    uint64_t replies;
    uint64_t drops;
    uint64_t errors;
    uint64_t aborts;
};

/* Bytes of one register that an access touches, as byte-enable masks. */
typedef struct Lanes {
    uint32_t mask;
    uint32_t value;
} Lanes;

static const uint32_t all_lanes = UINT32_MAX;

DoeMailbox *doe_mailbox_new(const DoeMailboxConfig *config)
{
    DoeMailbox *mb = g_new0(DoeMailbox, 1);

    g_assert(config->submit);
    g_assert(!config->interrupt_support || config->interrupt);
    mb->config = *config;
    mb->config.max_object = MIN(config->max_object, DOE_OBJECT_MAX);
    return mb;
}

static void drop_inbound(DoeMailbox *mb)
{
    g_clear_pointer(&mb->in, g_byte_array_unref);
}

static void drop_outbound(DoeMailbox *mb)
{
    g_clear_pointer(&mb->out, g_bytes_unref);
    g_clear_pointer(&mb->held, g_bytes_unref);
    mb->out_pos = 0;
}

void doe_mailbox_free(DoeMailbox *mb)
{
    if (!mb) {
        return;
    }
    drop_inbound(mb);
    drop_outbound(mb);
    g_free(mb);
}

/* A held answer has no room until the one before it is popped. */
static bool is_busy(const DoeMailbox *mb)
{
    return mb->in_flight || mb->held;
}

/* Ready 0->1, Error 0->1, Busy 1->0; one message until it is acknowledged. */
static void raise_interrupt(DoeMailbox *mb)
{
    if (!mb->config.interrupt_support || !mb->interrupt_enable ||
        mb->interrupt_status) {
        return;
    }
    mb->interrupt_status = true;
    mb->config.interrupt(mb->config.opaque);
}

static void cancel_in_flight(DoeMailbox *mb)
{
    if (!mb->in_flight) {
        return;
    }
    mb->in_flight = false;
    if (mb->config.cancel) {
        mb->config.cancel(mb->config.opaque);
    }
}

/* The object and any answer are lost; later mistakes keep the first reason. */
static void set_error(DoeMailbox *mb, const char *reason)
{
    if (mb->error) {
        return;
    }
    mb->error = reason;
    mb->errors++;
    cancel_in_flight(mb);
    drop_inbound(mb);
    drop_outbound(mb);
    raise_interrupt(mb);
}

static void clear(DoeMailbox *mb)
{
    cancel_in_flight(mb);
    drop_inbound(mb);
    drop_outbound(mb);
    mb->error = NULL;
}

static void host_abort(DoeMailbox *mb)
{
    bool was_busy = is_busy(mb);

    mb->aborts++;
    clear(mb);
    if (was_busy) {
        raise_interrupt(mb);
    }
}

void doe_mailbox_reset(DoeMailbox *mb)
{
    clear(mb);
    mb->interrupt_enable = false;
    mb->interrupt_status = false;
}

static size_t object_length(const GByteArray *object)
{
    uint32_t dwords;

    memcpy(&dwords, object->data + DWORD, sizeof(dwords));
    dwords = GUINT32_FROM_LE(dwords) & LENGTH_MASK;
    return dwords ? (size_t)dwords * DWORD : DOE_OBJECT_MAX;
}

static const char *reject_object(const DoeMailbox *mb)
{
    size_t length;

    if (is_busy(mb)) {
        return "Go while Busy";
    }
    if (!mb->in) {
        return "Go without an object";
    }
    if (mb->in->len < HEADER_SIZE) {
        return "Go before the object's header was complete";
    }
    length = object_length(mb->in);
    if (mb->in->len < length) {
        return "Go before the object was complete";
    }
    if (mb->in->len > length) {
        return "object is longer than its length field says";
    }
    return NULL;
}

static void host_go(DoeMailbox *mb)
{
    const char *reason;
    GBytes *object;

    if (mb->error) {
        return;
    }
    reason = reject_object(mb);
    if (reason) {
        set_error(mb, reason);
        return;
    }
    object = g_byte_array_free_to_bytes(g_steal_pointer(&mb->in));
    mb->in_flight = true;
    mb->generation++;
    mb->objects++;
    /* The owner may complete it before it returns: touch nothing after. */
    mb->config.submit(mb->config.opaque, mb->generation, object);
}

static void append_dword(DoeMailbox *mb, uint32_t value)
{
    uint32_t le = GUINT32_TO_LE(value);

    if (mb->error) {
        return;
    }
    if (is_busy(mb)) {
        set_error(mb, "write to the mailbox while Busy");
        return;
    }
    if (!mb->in) {
        mb->in = g_byte_array_new();
    }
    if (mb->in->len + DWORD > mb->config.max_object) {
        set_error(mb, "object is larger than this mailbox takes");
        return;
    }
    g_byte_array_append(mb->in, (const uint8_t *)&le, sizeof(le));
}

static uint32_t current_dword(const DoeMailbox *mb)
{
    const uint8_t *data;
    uint32_t le = 0;
    size_t len;

    if (mb->out) {
        data = g_bytes_get_data(mb->out, &len);
        memcpy(&le, data + mb->out_pos, MIN(len - mb->out_pos, sizeof(le)));
    }
    return GUINT32_FROM_LE(le);
}

static void pop_dword(DoeMailbox *mb)
{
    if (!mb->out) {
        return;
    }
    mb->out_pos += DWORD;
    if (mb->out_pos < g_bytes_get_size(mb->out)) {
        return;
    }
    g_bytes_unref(mb->out);
    mb->out = g_steal_pointer(&mb->held);
    mb->out_pos = 0;
    if (mb->out) {
        raise_interrupt(mb);           /* Busy 1->0; Ready stays */
    }
}

bool doe_mailbox_complete(DoeMailbox *mb, uint64_t generation,
                          DoeOutcome outcome, GBytes *reply)
{
    if (!mb->in_flight || generation != mb->generation) {
        return false;
    }
    mb->in_flight = false;
    if (outcome == DOE_ERROR) {
        set_error(mb, "the device could not process the object");
    } else if (outcome == DOE_REPLY && reply && g_bytes_get_size(reply)) {
        mb->replies++;
        *(mb->out ? &mb->held : &mb->out) = g_bytes_ref(reply);
        if (!mb->held) {
            raise_interrupt(mb);
        }
    } else {
        mb->drops++;
        raise_interrupt(mb);           /* Busy 1->0 */
    }
    return true;
}

static uint32_t read_status(const DoeMailbox *mb)
{
    return (is_busy(mb) ? DOE_STATUS_BUSY : 0) |
           (mb->interrupt_status ? DOE_STATUS_INTERRUPT : 0) |
           (mb->error ? DOE_STATUS_ERROR : 0) |
           (mb->out ? DOE_STATUS_READY : 0);
}

static uint32_t read_register(const DoeMailbox *mb, unsigned reg,
                              uint32_t mask)
{
    switch (reg) {
    case DOE_REG_CAPABILITIES:
        if (!mb->config.interrupt_support) {
            return 0;
        }
        return DOE_CAPABILITIES_INTERRUPT |
               (uint32_t)(mb->config.vector & DOE_CAPABILITIES_VECTOR_MAX)
                   << DOE_CAPABILITIES_VECTOR_SHIFT;
    case DOE_REG_CONTROL:
        return mb->interrupt_enable ? DOE_CONTROL_INTERRUPT_ENABLE : 0;
    case DOE_REG_STATUS:
        return read_status(mb);
    case DOE_REG_READ:
        return mask == all_lanes ? current_dword(mb) : 0;
    default:
        return 0;
    }
}

static void write_control(DoeMailbox *mb, Lanes w)
{
    if (mb->config.interrupt_support &&
        (w.mask & DOE_CONTROL_INTERRUPT_ENABLE)) {
        mb->interrupt_enable = w.value & DOE_CONTROL_INTERRUPT_ENABLE;
    }
    /* Abort wins: an object that is to be aborted is not to be started. */
    if (w.value & DOE_CONTROL_ABORT) {
        host_abort(mb);
    } else if (w.value & DOE_CONTROL_GO) {
        host_go(mb);
    }
}

static void write_register(DoeMailbox *mb, unsigned reg, Lanes w)
{
    switch (reg) {
    case DOE_REG_CONTROL:
        write_control(mb, w);
        break;
    case DOE_REG_STATUS:
        if (w.value & DOE_STATUS_INTERRUPT) {
            mb->interrupt_status = false;
        }
        break;
    case DOE_REG_WRITE:
        if (w.mask == all_lanes) {
            append_dword(mb, w.value);
        }
        break;
    case DOE_REG_READ:
        if (w.mask == all_lanes) {
            pop_dword(mb);
        }
        break;
    default:
        break;
    }
}

/* The part of an access to [offset, offset + size) that falls into @reg. */
static Lanes lanes_of(unsigned reg, unsigned offset, unsigned size,
                      uint32_t value)
{
    Lanes l = { 0, 0 };
    unsigned i;

    for (i = 0; i < size; i++) {
        if (offset + i >= reg && offset + i < reg + DWORD) {
            unsigned shift = (offset + i - reg) * 8;

            l.mask |= 0xffu << shift;
            l.value |= (value >> (i * 8) & 0xff) << shift;
        }
    }
    return l;
}

uint32_t doe_mailbox_read(DoeMailbox *mb, unsigned offset, unsigned size)
{
    uint64_t value = 0;
    unsigned reg;

    size = MIN(size, DWORD);
    for (reg = offset & ~3u; reg < offset + size; reg += DWORD) {
        Lanes l = lanes_of(reg, offset, size, 0);
        uint64_t part = read_register(mb, reg, l.mask) & l.mask;

        value |= reg < offset ? part >> ((offset - reg) * 8)
                              : part << ((reg - offset) * 8);
    }
    return (uint32_t)value;
}

void doe_mailbox_write(DoeMailbox *mb, unsigned offset, uint32_t value,
                       unsigned size)
{
    unsigned reg;

    size = MIN(size, DWORD);
    for (reg = offset & ~3u; reg < offset + size; reg += DWORD) {
        write_register(mb, reg, lanes_of(reg, offset, size, value));
    }
}

void doe_mailbox_info(const DoeMailbox *mb, DoeMailboxInfo *info)
{
    *info = (DoeMailboxInfo) {
        .busy = is_busy(mb),
        .ready = mb->out,
        .error = mb->error,
        .interrupt_enable = mb->interrupt_enable,
        .error_reason = mb->error ? mb->error : "",
        .inbound = mb->in ? mb->in->len : 0,
        .outbound = (mb->out ? g_bytes_get_size(mb->out) - mb->out_pos : 0) +
                    (mb->held ? g_bytes_get_size(mb->held) : 0),
        .generation = mb->generation,
        .objects = mb->objects,
        .replies = mb->replies,
        .drops = mb->drops,
        .errors = mb->errors,
        .aborts = mb->aborts,
    };
}

/*
 * Saved state, little-endian: magic, flags, 6 counters (u64), out_pos (u32),
 * then inbound, outbound and held, each as u32 length and bytes.
 */
static const uint32_t state_magic = 0x314d4f44;     /* "DOM1" */

enum {
    STATE_IN_FLIGHT = 1 << 0,
    STATE_INTERRUPT_ENABLE = 1 << 1,
    STATE_INTERRUPT_STATUS = 1 << 2,
    STATE_ERROR = 1 << 3,
    STATE_INBOUND = 1 << 4,
    STATE_OUTBOUND = 1 << 5,
    STATE_HELD = 1 << 6,
    STATE_ALL = (1 << 7) - 1,
};

static void put_u32(GByteArray *a, uint32_t value)
{
    uint32_t le = GUINT32_TO_LE(value);

    g_byte_array_append(a, (const uint8_t *)&le, sizeof(le));
}

static void put_u64(GByteArray *a, uint64_t value)
{
    put_u32(a, (uint32_t)value);
    put_u32(a, (uint32_t)(value >> 32));
}

static void put_blob(GByteArray *a, const void *data, size_t len)
{
    put_u32(a, (uint32_t)len);
    if (len) {
        g_byte_array_append(a, data, (guint)len);
    }
}

static void put_bytes(GByteArray *a, GBytes *bytes)
{
    size_t len = 0;
    const void *data = bytes ? g_bytes_get_data(bytes, &len) : NULL;

    put_blob(a, data, len);
}

GBytes *doe_mailbox_save(const DoeMailbox *mb)
{
    GByteArray *a = g_byte_array_new();

    put_u32(a, state_magic);
    put_u32(a, (mb->in_flight ? STATE_IN_FLIGHT : 0) |
               (mb->interrupt_enable ? STATE_INTERRUPT_ENABLE : 0) |
               (mb->interrupt_status ? STATE_INTERRUPT_STATUS : 0) |
               (mb->error ? STATE_ERROR : 0) |
               (mb->in ? STATE_INBOUND : 0) |
               (mb->out ? STATE_OUTBOUND : 0) |
               (mb->held ? STATE_HELD : 0));
    put_u64(a, mb->generation);
    put_u64(a, mb->objects);
    put_u64(a, mb->replies);
    put_u64(a, mb->drops);
    put_u64(a, mb->errors);
    put_u64(a, mb->aborts);
    put_u32(a, (uint32_t)mb->out_pos);
    put_blob(a, mb->in ? mb->in->data : NULL, mb->in ? mb->in->len : 0);
    put_bytes(a, mb->out);
    put_bytes(a, mb->held);
    return g_byte_array_free_to_bytes(a);
}

/* A cursor whose first failure sticks. */
typedef struct StateReader {
    const uint8_t *data;
    size_t left;
    bool bad;
} StateReader;

static const uint8_t *take(StateReader *r, size_t len)
{
    const uint8_t *data = r->data;

    if (r->bad || r->left < len) {
        r->bad = true;
        return NULL;
    }
    r->data += len;
    r->left -= len;
    return data;
}

static uint32_t take_u32(StateReader *r)
{
    const uint8_t *data = take(r, sizeof(uint32_t));
    uint32_t le = 0;

    if (data) {
        memcpy(&le, data, sizeof(le));
    }
    return GUINT32_FROM_LE(le);
}

static uint64_t take_u64(StateReader *r)
{
    uint64_t low = take_u32(r);

    return low | (uint64_t)take_u32(r) << 32;
}

static GBytes *take_bytes(StateReader *r, bool present, size_t max)
{
    size_t len = take_u32(r);
    const uint8_t *data;

    if (len > max || (len && !present)) {
        r->bad = true;
    }
    data = take(r, len);
    return present && !r->bad ? g_bytes_new(data, len) : NULL;
}

/* No bytes of an answer would leave Ready set with nothing to pop. */
static bool answers_fit(const DoeMailbox *mb)
{
    if (mb->held && !g_bytes_get_size(mb->held)) {
        return false;
    }
    if (!mb->out) {
        return !mb->held && mb->out_pos == 0;
    }
    return mb->out_pos % DWORD == 0 &&
           mb->out_pos < g_bytes_get_size(mb->out);
}

static void take_state(DoeMailbox *mb, StateReader *r, uint32_t flags)
{
    GBytes *in;

    mb->generation = take_u64(r);
    mb->objects = take_u64(r);
    mb->replies = take_u64(r);
    mb->drops = take_u64(r);
    mb->errors = take_u64(r);
    mb->aborts = take_u64(r);
    mb->out_pos = take_u32(r);
    in = take_bytes(r, flags & STATE_INBOUND, mb->config.max_object);
    if (in) {
        r->bad |= g_bytes_get_size(in) % DWORD != 0;
        mb->in = g_bytes_unref_to_array(in);
    }
    mb->out = take_bytes(r, flags & STATE_OUTBOUND, DOE_OBJECT_MAX);
    mb->held = take_bytes(r, flags & STATE_HELD, DOE_OBJECT_MAX);
    mb->interrupt_enable = flags & STATE_INTERRUPT_ENABLE;
    mb->interrupt_status = flags & STATE_INTERRUPT_STATUS;
    mb->error = flags & STATE_ERROR ? "set before the snapshot" : NULL;
    mb->in_flight = flags & STATE_IN_FLIGHT;
    r->bad |= flags & ~(uint32_t)STATE_ALL || r->left || !answers_fit(mb) ||
              (mb->in_flight && mb->held) ||
              (mb->error && (mb->in_flight || mb->in || mb->out));
}

bool doe_mailbox_load(DoeMailbox *mb, GBytes *state, GError **errp)
{
    StateReader r = { 0 };

    r.data = g_bytes_get_data(state, &r.left);
    doe_mailbox_reset(mb);
    if (take_u32(&r) == state_magic && !r.bad) {
        take_state(mb, &r, take_u32(&r));
    } else {
        r.bad = true;
    }
    if (r.bad) {
        mb->in_flight = false;
        doe_mailbox_reset(mb);
        g_set_error_literal(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                            "DOE mailbox: the saved state is damaged or from "
                            "a mailbox with other limits");
        return false;
    }
    return true;
}

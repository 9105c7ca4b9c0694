/*
 * Registers of a DOE mailbox: any access of any size, while its owner
 * answers at once, later, never or wrongly, and while a fault plan stands
 * between.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fuzz/fuzz.h"
#include "spdm/fault.h"

enum {
    MAX_OBJECT = 256,
    MAX_REPLY = 300,

    /* The first byte: how the mailbox is. */
    INTERRUPTS = 1 << 0,
    AT_ONCE = 1 << 1,        /* the owner answers in submit() */
    FAULTY = 1 << 2,
    LARGE = 1 << 3,
};

typedef enum Op {
    OP_WRITE,                /* offset, size, value */
    OP_READ,                 /* offset, size */
    OP_DWORD,                /* to the write mailbox */
    OP_CONTROL,              /* a whole dword */
    OP_POP,                  /* read and pop, as a driver does */
    OP_OBJECT,               /* a whole object, with Go */
    OP_COMPLETE,             /* outcome, length */
    OP_STALE,                /* ... of another generation */
    OP_RESET,
    OP_RELOAD,               /* save, then load */
    OP_LOAD,                 /* of anything */
    OP_ARM,                  /* faults */
    OP_OFFER,
    OP_LATER,
    OP_COUNT,
} Op;

typedef struct World {
    DoeMailbox *mb;
    SpdmFaultDoe *faults;    /* NULL: none */
    FuzzInput in;
    bool at_once;
    size_t max_object;
    uint64_t generation;     /* in flight */
    uint64_t submitted;
    unsigned interrupts;
    int64_t now_us;
} World;

static GBytes *reply_of(World *w)
{
    SpdmBytes bytes = fuzz_take(&w->in, fuzz_int(&w->in, 1));

    return g_bytes_new(bytes.data, bytes.len);
}

static void complete(World *w, uint64_t generation)
{
    DoeOutcome outcome = (DoeOutcome)(fuzz_int(&w->in, 1) % 3);
    g_autoptr(GBytes) reply = outcome == DOE_REPLY ? reply_of(w) : NULL;

    doe_mailbox_complete(w->mb, generation, outcome, reply);
}

static void submit(void *opaque, uint64_t generation, GBytes *object)
{
    World *w = opaque;
    SpdmBytes bytes = fuzz_bytes(object);
    uint32_t dwords;

    fuzz_check(bytes.len >= 8 && bytes.len % 4 == 0 &&
               bytes.len <= w->max_object, "an object that is none");
    memcpy(&dwords, bytes.data + 4, sizeof(dwords));
    fuzz_check((GUINT32_FROM_LE(dwords) & 0x3ffff) * 4 == bytes.len,
               "an object whose length is not its size");
    g_bytes_unref(object);
    w->submitted++;
    w->generation = generation;
    if (w->at_once) {
        complete(w, generation);
    }
}

static void cancel(void *opaque)
{
    ((World *)opaque)->generation = 0;
}

static void interrupt(void *opaque)
{
    ((World *)opaque)->interrupts++;
}

static uint32_t read_at(World *w, unsigned offset, unsigned size)
{
    w->now_us++;
    return w->faults ? spdm_fault_doe_read(w->faults, w->mb, offset, size,
                                           w->now_us)
                     : doe_mailbox_read(w->mb, offset, size);
}

static void write_at(World *w, unsigned offset, uint32_t value,
                     unsigned size)
{
    w->now_us++;
    if (w->faults) {
        spdm_fault_doe_write(w->faults, w->mb, offset, value, size,
                             w->now_us);
    } else {
        doe_mailbox_write(w->mb, offset, value, size);
    }
}

/* An object whose length is right, and then Go. */
static void whole_object(World *w)
{
    SpdmBytes body = fuzz_take(&w->in, fuzz_int(&w->in, 1));
    uint32_t dwords = 2 + (uint32_t)(body.len + 3) / 4;

    write_at(w, DOE_REG_WRITE, 0x00010001, 4);
    write_at(w, DOE_REG_WRITE, dwords, 4);
    for (size_t i = 0; i < body.len; i += 4) {
        uint32_t value = 0;

        memcpy(&value, body.data + i, MIN(4, body.len - i));
        write_at(w, DOE_REG_WRITE, GUINT32_FROM_LE(value), 4);
    }
    write_at(w, DOE_REG_CONTROL, DOE_CONTROL_GO, 4);
}

static void reload(World *w)
{
    g_autoptr(GBytes) state = doe_mailbox_save(w->mb);
    g_autoptr(GBytes) again = NULL;

    fuzz_check(doe_mailbox_load(w->mb, state, NULL),
               "a saved mailbox does not load");
    again = doe_mailbox_save(w->mb);
    fuzz_check(g_bytes_equal(state, again), "a mailbox loads as another");
}

static void load(World *w)
{
    SpdmBytes bytes = fuzz_take(&w->in, fuzz_int(&w->in, 1));
    g_autoptr(GBytes) state = g_bytes_new(bytes.data, bytes.len);
    g_autoptr(GError) err = NULL;
    bool ok = doe_mailbox_load(w->mb, state, &err);
    DoeMailboxInfo info;

    fuzz_check_error(ok, err);
    doe_mailbox_info(w->mb, &info);
    w->generation = info.generation;
}

static void arm(World *w)
{
    SpdmDoeOrders orders = {
        .faults = fuzz_int(&w->in, 2) & 0x1ff,
        .busy_us = (int8_t)fuzz_int(&w->in, 1),
        .ready_dwords = fuzz_int(&w->in, 1),
        .abort_reads = fuzz_int(&w->in, 1),
    };

    if (w->faults) {
        spdm_fault_doe_arm(w->faults, &orders, w->now_us);
    }
}

static void offer(World *w)
{
    if (w->faults) {
        spdm_fault_doe_offer(w->faults, reply_of(w));
    }
}

static void step(World *w)
{
    unsigned op = fuzz_int(&w->in, 1);
    unsigned offset, size;

    switch ((Op)(op % OP_COUNT)) {
    case OP_WRITE:
        offset = fuzz_int(&w->in, 1) % 40;
        size = fuzz_int(&w->in, 1) % 6;
        write_at(w, offset, fuzz_int(&w->in, 4), size);
        break;
    case OP_READ:
        offset = fuzz_int(&w->in, 1) % 40;
        read_at(w, offset, fuzz_int(&w->in, 1) % 6);
        break;
    case OP_DWORD:
        write_at(w, DOE_REG_WRITE, fuzz_int(&w->in, 4), 4);
        break;
    case OP_CONTROL:
        write_at(w, DOE_REG_CONTROL, (op & 0x80 ? DOE_CONTROL_GO : 0) |
                 (fuzz_int(&w->in, 1) & 3), 4);
        break;
    case OP_POP:
        read_at(w, DOE_REG_READ, 4);
        write_at(w, DOE_REG_READ, 0, 4);
        break;
    case OP_OBJECT:
        whole_object(w);
        break;
    case OP_COMPLETE:
        complete(w, w->generation);
        break;
    case OP_STALE:
        complete(w, w->generation + 1 - 2 * (fuzz_int(&w->in, 1) & 1));
        break;
    case OP_RESET:
        doe_mailbox_reset(w->mb);
        if (w->faults) {
            spdm_fault_doe_clear(w->faults);
        }
        break;
    case OP_RELOAD:
        reload(w);
        break;
    case OP_LOAD:
        load(w);
        break;
    case OP_ARM:
        arm(w);
        break;
    case OP_OFFER:
        offer(w);
        break;
    case OP_LATER:
    case OP_COUNT:
        w->now_us += fuzz_int(&w->in, 2);
        break;
    }
}

/* Of the registers as they are, whatever a fault shows. */
static void check(World *w)
{
    uint32_t status = doe_mailbox_read(w->mb, DOE_REG_STATUS, 4);
    DoeMailboxInfo info;

    doe_mailbox_info(w->mb, &info);
    fuzz_check(info.inbound <= w->max_object, "an object without end");
    fuzz_check(info.busy == !!(status & DOE_STATUS_BUSY) &&
               info.ready == !!(status & DOE_STATUS_READY) &&
               info.error == !!(status & DOE_STATUS_ERROR),
               "Status is not what is known");
    fuzz_check(!info.error || (!info.busy && !info.ready && !info.inbound),
               "Error, and yet something is left");
    fuzz_check(info.ready == (info.outbound != 0), "Ready with nothing");
    fuzz_check(!info.error || *info.error_reason, "Error without a reason");
}

/* Whatever was before, a host that aborts has a mailbox that works. */
static void recover(World *w)
{
    uint64_t before = w->submitted;

    if (w->faults) {
        spdm_fault_doe_clear(w->faults);
    }
    w->in = (FuzzInput){ NULL, 0 };
    write_at(w, DOE_REG_CONTROL, DOE_CONTROL_ABORT, 4);
    fuzz_check(!(doe_mailbox_read(w->mb, DOE_REG_STATUS, 4) &
                 ~DOE_STATUS_INTERRUPT), "Abort leaves something behind");
    whole_object(w);
    fuzz_check(w->submitted == before + 1, "the mailbox works no more");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    World w = { .in = { data, len }, .now_us = 1 };
    unsigned how = fuzz_int(&w.in, 1);
    DoeMailboxConfig config = {
        .max_object = how & LARGE ? DOE_OBJECT_MAX * 2 : MAX_OBJECT,
        .interrupt_support = how & INTERRUPTS,
        .vector = how & INTERRUPTS ? 5 : 0,
        .submit = submit, .cancel = how & FAULTY ? NULL : cancel,
        .interrupt = interrupt, .opaque = &w,
    };

    w.at_once = how & AT_ONCE;
    w.max_object = MIN(config.max_object, DOE_OBJECT_MAX);
    w.mb = doe_mailbox_new(&config);
    w.faults = how & FAULTY ? spdm_fault_doe_new() : NULL;
    while (w.in.len) {
        step(&w);
        check(&w);
    }
    recover(&w);
    doe_mailbox_free(w.mb);
    spdm_fault_doe_free(w.faults);
    return 0;
}

static void seed(const FuzzSeeds *seeds, uint8_t how, const char *ops,
                 size_t len)
{
    g_autoptr(GByteArray) input = g_byte_array_new();

    fuzz_put_int(input, how, 1);
    fuzz_put(input, SPDM_BYTES(ops, len));
    fuzz_seed(seeds, fuzz_view(input));
}

void fuzz_seeds(const FuzzSeeds *seeds)
{
    static const struct {
        const char *ops;
        size_t len;
    } rows[] = {
#define ROW(text) { text, sizeof(text) - 1 }
        /* Enable interrupts, an object, answered, read, popped. */
        ROW("\x03\x02\x05\x04""abcd\x06\x00\x08""answerin\x04\x04\x04"),
        /* Two answers, one behind the other. */
        ROW("\x05\x00\x06\x00\x04""one \x05\x00\x06\x00\x04""two \x04\x04"),
        /* An answer that is none, an error, one that comes too late. */
        ROW("\x05\x00\x06\x01\x05\x00\x06\x02\x03\x01\x05\x00\x07\x00\x00"),
        /* Dword by dword, Go too early, Abort. */
        ROW("\x02\x01\x00\x01\x00\x02\x03\x00\x00\x00\x83\x00\x03\x01"),
        /* Writes of every size and place. */
        ROW("\x00\x08\x01\x01\x00\x00\x00\x00\x0e\x04\x01\x02\x03\x04"
            "\x00\x10\x02\x01\x02\x03\x04\x01\x04\x04\x01\x0d\x03"),
        /* Saved in every state, reset. */
        ROW("\x09\x05\x00\x09\x06\x00\x04""abcd\x09\x02\x01\x00\x01\x00\x09"
            "\x08\x09"),
        /* Faults of every kind. */
        ROW("\x0b\xff\x01\x05\x02\x02\x05\x00\x06\x00\x04""abcd\x01\x0c\x04"
            "\x04\x0d\xff\x00\x03\x01\x01\x0c\x04\x01\x0c\x04\x0c\x04""late"
            "\x04\x04\x08"),
        /* A state that is loaded. */
        ROW("\x0a\x44""DOM1\0\0\0\0"
            "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0\4\0\0\0\0\0\0\0"
            "\5\0\0\0\0\0\0\0\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
#undef ROW
    };

    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        for (uint8_t how = 0; how < 16; how++) {
            seed(seeds, how, rows[i].ops, rows[i].len);
        }
    }
}

/*
 * The DOE registers, rule by rule (PCIe 6.30), and against a hostile host.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "spdm/doe-mailbox.h"

#include <string.h>

#define MAX_OBJECT 4096u

/* An owner that keeps what it is given, and answers when told to. */
typedef struct Owner {
    DoeMailbox *mb;
    GBytes *object;
    uint64_t generation;
    unsigned submitted;
    unsigned cancelled;
    unsigned interrupts;
    bool inline_reply;
} Owner;

static const uint32_t request[] = { 0x00010001, 3, 0xdeadbeef };
static const uint32_t answer[] = { 0x00010001, 3, 0x11223344 };

static GBytes *bytes_of(const uint32_t *dwords, size_t count)
{
    g_autofree uint32_t *le = g_new(uint32_t, count);

    for (size_t i = 0; i < count; i++) {
        le[i] = GUINT32_TO_LE(dwords[i]);
    }
    return g_bytes_new(le, count * 4);
}

static void reply(Owner *o)
{
    g_autoptr(GBytes) bytes = bytes_of(answer, G_N_ELEMENTS(answer));

    g_assert_true(doe_mailbox_complete(o->mb, o->generation, DOE_REPLY,
                                       bytes));
}

static void on_submit(void *opaque, uint64_t generation, GBytes *object)
{
    Owner *o = opaque;

    g_clear_pointer(&o->object, g_bytes_unref);
    o->object = object;
    o->generation = generation;
    o->submitted++;
    if (o->inline_reply) {
        reply(o);
    }
}

static void on_cancel(void *opaque)
{
    ((Owner *)opaque)->cancelled++;
}

static void on_interrupt(void *opaque)
{
    ((Owner *)opaque)->interrupts++;
}

static void set_up(Owner *o, gconstpointer data)
{
    DoeMailboxConfig config = {
        .max_object = MAX_OBJECT,
        .interrupt_support = true,
        .vector = 5,
        .submit = on_submit,
        .cancel = on_cancel,
        .interrupt = on_interrupt,
        .opaque = o,
    };

    o->mb = doe_mailbox_new(&config);
}

static void tear_down(Owner *o, gconstpointer data)
{
    g_clear_pointer(&o->object, g_bytes_unref);
    doe_mailbox_free(o->mb);
}

static uint32_t rd(Owner *o, unsigned reg)
{
    return doe_mailbox_read(o->mb, reg, 4);
}

static void wr(Owner *o, unsigned reg, uint32_t value)
{
    doe_mailbox_write(o->mb, reg, value, 4);
}

static uint32_t status(Owner *o)
{
    return rd(o, DOE_REG_STATUS);
}

static void write_dwords(Owner *o, const uint32_t *dwords, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        wr(o, DOE_REG_WRITE, dwords[i]);
    }
}

static void go(Owner *o)
{
    wr(o, DOE_REG_CONTROL, DOE_CONTROL_GO);
}

static void send_request(Owner *o)
{
    write_dwords(o, request, G_N_ELEMENTS(request));
    go(o);
}

static void enable_interrupt(Owner *o)
{
    wr(o, DOE_REG_CONTROL, DOE_CONTROL_INTERRUPT_ENABLE);
}

static void send_with_interrupt(Owner *o)
{
    write_dwords(o, request, G_N_ELEMENTS(request));
    wr(o, DOE_REG_CONTROL, DOE_CONTROL_GO | DOE_CONTROL_INTERRUPT_ENABLE);
}

static void abort_mailbox(Owner *o)
{
    wr(o, DOE_REG_CONTROL, DOE_CONTROL_ABORT);
}

static void read_answer(Owner *o)
{
    for (size_t i = 0; i < G_N_ELEMENTS(answer); i++) {
        g_assert_cmphex(status(o) & DOE_STATUS_READY, ==, DOE_STATUS_READY);
        g_assert_cmphex(rd(o, DOE_REG_READ), ==, answer[i]);
        wr(o, DOE_REG_READ, 0);
    }
}

static void assert_works(Owner *o)
{
    unsigned before = o->submitted;

    o->inline_reply = false;
    send_request(o);
    g_assert_cmpuint(o->submitted, ==, before + 1);
    reply(o);
    read_answer(o);
    g_assert_cmphex(status(o) & ~DOE_STATUS_INTERRUPT, ==, 0);
}

static void assert_error(Owner *o, const char *reason)
{
    DoeMailboxInfo info;

    doe_mailbox_info(o->mb, &info);
    g_assert_true(info.error);
    g_assert_cmpstr(info.error_reason, ==, reason);
    g_assert_cmphex(status(o) & ~DOE_STATUS_INTERRUPT, ==, DOE_STATUS_ERROR);
}

/* --- registers ---------------------------------------------------------- */

static void capabilities(Owner *o, gconstpointer data)
{
    g_assert_cmphex(rd(o, DOE_REG_CAPABILITIES), ==, 1 | 5 << 1);
    wr(o, DOE_REG_CAPABILITIES, 0xffffffff);
    g_assert_cmphex(rd(o, DOE_REG_CAPABILITIES), ==, 1 | 5 << 1);
    g_assert_cmphex(doe_mailbox_read(o->mb, DOE_REG_CAPABILITIES, 1), ==, 11);
}

static void no_interrupt_support(void)
{
    Owner o = { 0 };
    DoeMailboxConfig config = {
        .max_object = MAX_OBJECT,
        .vector = 5,
        .submit = on_submit,
        .opaque = &o,
    };

    o.mb = doe_mailbox_new(&config);
    g_assert_cmphex(rd(&o, DOE_REG_CAPABILITIES), ==, 0);
    enable_interrupt(&o);
    g_assert_cmphex(rd(&o, DOE_REG_CONTROL), ==, 0);
    send_with_interrupt(&o);
    abort_mailbox(&o);
    assert_works(&o);
    tear_down(&o, NULL);
}

static void control_reads(Owner *o, gconstpointer data)
{
    g_assert_cmphex(rd(o, DOE_REG_CONTROL), ==, 0);
    wr(o, DOE_REG_CONTROL, 0x7ffffffe);
    g_assert_cmphex(rd(o, DOE_REG_CONTROL), ==, DOE_CONTROL_INTERRUPT_ENABLE);
    send_with_interrupt(o);
    g_assert_cmphex(rd(o, DOE_REG_CONTROL), ==, DOE_CONTROL_INTERRUPT_ENABLE);
    wr(o, DOE_REG_CONTROL, DOE_CONTROL_ABORT);
    g_assert_cmphex(rd(o, DOE_REG_CONTROL), ==, 0);
}

static void power_on_state(Owner *o, gconstpointer data)
{
    for (unsigned reg = DOE_REG_CONTROL; reg < DOE_CAP_SIZE; reg += 4) {
        g_assert_cmphex(rd(o, reg), ==, 0);
    }
}

static void write_mailbox_reads_zero(Owner *o, gconstpointer data)
{
    wr(o, DOE_REG_WRITE, 0x12345678);
    g_assert_cmphex(rd(o, DOE_REG_WRITE), ==, 0);
}

/* --- the normal exchange ------------------------------------------------ */

static void object_reaches_owner(Owner *o, gconstpointer data)
{
    g_autoptr(GBytes) want = bytes_of(request, G_N_ELEMENTS(request));

    write_dwords(o, request, G_N_ELEMENTS(request));
    g_assert_cmpuint(o->submitted, ==, 0);
    go(o);
    g_assert_cmpuint(o->submitted, ==, 1);
    g_assert_true(g_bytes_equal(o->object, want));
}

static void busy_until_answered(Owner *o, gconstpointer data)
{
    send_request(o);
    g_assert_cmphex(status(o), ==, DOE_STATUS_BUSY);
    reply(o);
    g_assert_cmphex(status(o), ==, DOE_STATUS_READY);
    read_answer(o);
    g_assert_cmphex(status(o), ==, 0);
}

static void inline_answer(Owner *o, gconstpointer data)
{
    o->inline_reply = true;
    send_request(o);
    g_assert_cmphex(status(o), ==, DOE_STATUS_READY);
    read_answer(o);
    g_assert_cmphex(status(o), ==, 0);
}

static void read_does_not_pop(Owner *o, gconstpointer data)
{
    send_request(o);
    reply(o);
    g_assert_cmphex(rd(o, DOE_REG_READ), ==, answer[0]);
    g_assert_cmphex(rd(o, DOE_REG_READ), ==, answer[0]);
    wr(o, DOE_REG_READ, 0xffffffff);
    g_assert_cmphex(rd(o, DOE_REG_READ), ==, answer[1]);
}

static void odd_answer_is_padded(Owner *o, gconstpointer data)
{
    g_autoptr(GBytes) odd = g_bytes_new("\x01\x02\x03\x04\x05", 5);

    send_request(o);
    doe_mailbox_complete(o->mb, o->generation, DOE_REPLY, odd);
    g_assert_cmphex(rd(o, DOE_REG_READ), ==, 0x04030201);
    wr(o, DOE_REG_READ, 0);
    g_assert_cmphex(rd(o, DOE_REG_READ), ==, 0x05);
    wr(o, DOE_REG_READ, 0);
    g_assert_cmphex(status(o), ==, 0);
}

static void silent_discard(Owner *o, gconstpointer data)
{
    send_request(o);
    doe_mailbox_complete(o->mb, o->generation, DOE_DROP, NULL);
    g_assert_cmphex(status(o), ==, 0);
    assert_works(o);
}

static void empty_reply_is_discard(Owner *o, gconstpointer data)
{
    g_autoptr(GBytes) empty = g_bytes_new(NULL, 0);

    send_request(o);
    doe_mailbox_complete(o->mb, o->generation, DOE_REPLY, empty);
    g_assert_cmphex(status(o), ==, 0);
}

static void owner_fails(Owner *o, gconstpointer data)
{
    send_request(o);
    doe_mailbox_complete(o->mb, o->generation, DOE_ERROR, NULL);
    assert_error(o, "the device could not process the object");
}

static void queued_answer(Owner *o, gconstpointer data)
{
    send_request(o);
    reply(o);
    send_request(o);
    g_assert_cmphex(status(o), ==, DOE_STATUS_READY | DOE_STATUS_BUSY);
    reply(o);
    g_assert_cmphex(status(o), ==, DOE_STATUS_READY | DOE_STATUS_BUSY);
    read_answer(o);
    g_assert_cmphex(status(o), ==, DOE_STATUS_READY);
    read_answer(o);
    g_assert_cmphex(status(o), ==, 0);
}

static void third_object_behind_unread_answers(Owner *o, gconstpointer data)
{
    send_request(o);
    reply(o);
    send_request(o);
    reply(o);
    go(o);
    assert_error(o, "Go while Busy");
    abort_mailbox(o);
    assert_works(o);
}

/* --- mistakes ----------------------------------------------------------- */

typedef struct BadObject {
    const char *name;
    const char *reason;
    size_t count;
    uint32_t dwords[4];
} BadObject;

static const BadObject bad_objects[] = {
    { "no-object", "Go without an object", 0, { 0 } },
    { "half-a-header", "Go before the object's header was complete",
      1, { 0x00010001 } },
    { "shorter-than-its-length", "Go before the object was complete",
      2, { 0x00010001, 3 } },
    { "longer-than-its-length", "object is longer than its length field says",
      4, { 0x00010001, 3, 0, 0 } },
    { "length-one", "object is longer than its length field says",
      2, { 0x00010001, 1 } },
    { "length-zero-means-2^18-dwords", "Go before the object was complete",
      3, { 0x00010001, 0, 0 } },
};

static void bad_object(Owner *o, gconstpointer data)
{
    const BadObject *bad = data;

    write_dwords(o, bad->dwords, bad->count);
    go(o);
    g_assert_cmpuint(o->submitted, ==, 0);
    assert_error(o, bad->reason);
    abort_mailbox(o);
    assert_works(o);
}

static void reserved_length_bits_are_ignored(Owner *o, gconstpointer data)
{
    const uint32_t object[] = { 0x00010001, 0xfffc0003, 0 };

    write_dwords(o, object, 3);
    go(o);
    g_assert_cmpuint(o->submitted, ==, 1);
}

static void largest_object(void)
{
    Owner o = { 0 };
    DoeMailboxConfig config = {
        .max_object = DOE_OBJECT_MAX * 2ul,
        .submit = on_submit,
        .opaque = &o,
    };

    o.mb = doe_mailbox_new(&config);
    wr(&o, DOE_REG_WRITE, 0x00010001);
    for (unsigned i = 1; i < DOE_OBJECT_MAX / 4; i++) {
        wr(&o, DOE_REG_WRITE, 0);       /* the length is 0: 2^18 */
    }
    go(&o);
    g_assert_cmpuint(o.submitted, ==, 1);
    g_assert_cmpuint(g_bytes_get_size(o.object), ==, DOE_OBJECT_MAX);
    tear_down(&o, NULL);
}

static void object_of_the_maximum(Owner *o, gconstpointer data)
{
    wr(o, DOE_REG_WRITE, 0x00010001);
    wr(o, DOE_REG_WRITE, MAX_OBJECT / 4);
    for (unsigned i = 2; i < MAX_OBJECT / 4; i++) {
        wr(o, DOE_REG_WRITE, i);
    }
    go(o);
    g_assert_cmpuint(o->submitted, ==, 1);
}

static void overflow(Owner *o, gconstpointer data)
{
    for (unsigned i = 0; i < MAX_OBJECT / 4; i++) {
        wr(o, DOE_REG_WRITE, i);
    }
    g_assert_cmphex(status(o), ==, 0);
    wr(o, DOE_REG_WRITE, 0);
    assert_error(o, "object is larger than this mailbox takes");
}

static void write_while_busy(Owner *o, gconstpointer data)
{
    send_request(o);
    wr(o, DOE_REG_WRITE, 0);
    assert_error(o, "write to the mailbox while Busy");
    g_assert_cmpuint(o->cancelled, ==, 1);
    g_assert_false(doe_mailbox_complete(o->mb, o->generation, DOE_DROP,
                                        NULL));
    abort_mailbox(o);
    assert_works(o);
}

static void go_while_busy(Owner *o, gconstpointer data)
{
    send_request(o);
    go(o);
    assert_error(o, "Go while Busy");
    g_assert_cmpuint(o->submitted, ==, 1);
}

static void error_is_sticky(Owner *o, gconstpointer data)
{
    go(o);
    write_dwords(o, request, G_N_ELEMENTS(request));
    go(o);
    wr(o, DOE_REG_READ, 0);
    wr(o, DOE_REG_STATUS, 0xffffffff);
    assert_error(o, "Go without an object");
    g_assert_cmpuint(o->submitted, ==, 0);
}

static void error_loses_the_answer(Owner *o, gconstpointer data)
{
    send_request(o);
    reply(o);
    go(o);
    assert_error(o, "Go without an object");
    g_assert_cmphex(rd(o, DOE_REG_READ), ==, 0);
}

/* --- abort and reset ---------------------------------------------------- */

static void in_idle(Owner *o)
{
}

static void in_half_written(Owner *o)
{
    write_dwords(o, request, 2);
}

static void in_busy(Owner *o)
{
    send_request(o);
}

static void in_ready(Owner *o)
{
    send_request(o);
    reply(o);
}

static void in_half_read(Owner *o)
{
    in_ready(o);
    wr(o, DOE_REG_READ, 0);
}

static void in_queued(Owner *o)
{
    in_ready(o);
    in_ready(o);
}

static void in_error(Owner *o)
{
    go(o);
}

typedef struct State {
    const char *name;
    void (*enter)(Owner *o);
} State;

static const State states[] = {
    { "idle", in_idle },
    { "half-written", in_half_written },
    { "busy", in_busy },
    { "ready", in_ready },
    { "half-read", in_half_read },
    { "two-answers-unread", in_queued },
    { "error", in_error },
};

static void assert_holds_nothing(Owner *o)
{
    DoeMailboxInfo info;

    doe_mailbox_info(o->mb, &info);
    g_assert_cmpuint(info.inbound, ==, 0);
    g_assert_cmpuint(info.outbound, ==, 0);
}

static void abort_in_state(Owner *o, gconstpointer data)
{
    const State *s = data;

    s->enter(o);
    abort_mailbox(o);
    g_assert_cmphex(status(o), ==, 0);
    g_assert_cmphex(rd(o, DOE_REG_READ), ==, 0);
    assert_holds_nothing(o);
    assert_works(o);
}

static void reset_in_state(Owner *o, gconstpointer data)
{
    const State *s = data;

    enable_interrupt(o);
    s->enter(o);
    doe_mailbox_reset(o->mb);
    power_on_state(o, NULL);
    assert_holds_nothing(o);
    assert_works(o);
}

static void late_answer_after_abort(Owner *o, gconstpointer data)
{
    uint64_t old;

    send_request(o);
    old = o->generation;
    abort_mailbox(o);
    g_assert_cmpuint(o->cancelled, ==, 1);
    g_assert_false(doe_mailbox_complete(o->mb, old, DOE_ERROR, NULL));
    g_assert_cmphex(status(o), ==, 0);
}

static void late_answer_to_next_object(Owner *o, gconstpointer data)
{
    uint64_t old;

    send_request(o);
    old = o->generation;
    abort_mailbox(o);
    send_request(o);
    g_assert_false(doe_mailbox_complete(o->mb, old, DOE_ERROR, NULL));
    g_assert_cmphex(status(o), ==, DOE_STATUS_BUSY);
    reply(o);
    read_answer(o);
}

static void late_answer_after_reset(Owner *o, gconstpointer data)
{
    send_request(o);
    doe_mailbox_reset(o->mb);
    g_assert_cmpuint(o->cancelled, ==, 1);
    g_assert_false(doe_mailbox_complete(o->mb, o->generation, DOE_DROP,
                                        NULL));
}

static void second_answer_is_refused(Owner *o, gconstpointer data)
{
    send_request(o);
    reply(o);
    g_assert_false(doe_mailbox_complete(o->mb, o->generation, DOE_DROP,
                                        NULL));
}

static void abort_beats_go(Owner *o, gconstpointer data)
{
    write_dwords(o, request, G_N_ELEMENTS(request));
    wr(o, DOE_REG_CONTROL, DOE_CONTROL_ABORT | DOE_CONTROL_GO);
    g_assert_cmpuint(o->submitted, ==, 0);
    g_assert_cmphex(status(o), ==, 0);
}

/* --- interrupts --------------------------------------------------------- */

static void assert_interrupts(Owner *o, unsigned count)
{
    g_assert_cmpuint(o->interrupts, ==, count);
    g_assert_cmphex(status(o) & DOE_STATUS_INTERRUPT, ==,
                    count ? DOE_STATUS_INTERRUPT : 0);
}

static void interrupt_on_ready(Owner *o, gconstpointer data)
{
    send_with_interrupt(o);
    assert_interrupts(o, 0);
    reply(o);
    assert_interrupts(o, 1);
}

static void interrupt_on_error(Owner *o, gconstpointer data)
{
    wr(o, DOE_REG_CONTROL, DOE_CONTROL_GO | DOE_CONTROL_INTERRUPT_ENABLE);
    assert_interrupts(o, 1);
}

static void interrupt_on_busy_end(Owner *o, gconstpointer data)
{
    send_with_interrupt(o);
    doe_mailbox_complete(o->mb, o->generation, DOE_DROP, NULL);
    assert_interrupts(o, 1);
}

static void interrupt_on_abort_of_work(Owner *o, gconstpointer data)
{
    send_with_interrupt(o);
    wr(o, DOE_REG_CONTROL, DOE_CONTROL_ABORT | DOE_CONTROL_INTERRUPT_ENABLE);
    assert_interrupts(o, 1);
}

static void no_interrupt_on_idle_abort(Owner *o, gconstpointer data)
{
    wr(o, DOE_REG_CONTROL, DOE_CONTROL_ABORT | DOE_CONTROL_INTERRUPT_ENABLE);
    assert_interrupts(o, 0);
}

static void no_interrupt_unless_enabled(Owner *o, gconstpointer data)
{
    send_request(o);
    reply(o);
    assert_interrupts(o, 0);
}

static void interrupt_once_until_cleared(Owner *o, gconstpointer data)
{
    send_with_interrupt(o);
    reply(o);
    send_with_interrupt(o);
    reply(o);
    assert_interrupts(o, 1);
    abort_mailbox(o);
    g_assert_cmphex(status(o), ==, DOE_STATUS_INTERRUPT);
    wr(o, DOE_REG_STATUS, DOE_STATUS_INTERRUPT);
    g_assert_cmphex(status(o), ==, 0);
    send_with_interrupt(o);
    reply(o);
    assert_interrupts(o, 2);
}

static void status_bits_are_read_only(Owner *o, gconstpointer data)
{
    send_with_interrupt(o);
    reply(o);
    wr(o, DOE_REG_STATUS, ~DOE_STATUS_INTERRUPT);
    g_assert_cmphex(status(o), ==, DOE_STATUS_READY | DOE_STATUS_INTERRUPT);
}

/* --- access sizes ------------------------------------------------------- */

static void part_writes_of_mailboxes(Owner *o, gconstpointer data)
{
    for (unsigned byte = 0; byte < 4; byte++) {
        doe_mailbox_write(o->mb, DOE_REG_WRITE + byte, 0xff, 1);
    }
    doe_mailbox_write(o->mb, DOE_REG_WRITE, 0xffff, 2);
    doe_mailbox_write(o->mb, DOE_REG_WRITE + 2, 0xffff, 2);
    assert_works(o);
}

static void part_reads_of_mailboxes(Owner *o, gconstpointer data)
{
    send_request(o);
    reply(o);
    g_assert_cmphex(doe_mailbox_read(o->mb, DOE_REG_READ, 1), ==, 0);
    g_assert_cmphex(doe_mailbox_read(o->mb, DOE_REG_READ + 2, 2), ==, 0);
    doe_mailbox_write(o->mb, DOE_REG_READ, 0, 1);
    doe_mailbox_write(o->mb, DOE_REG_READ, 0, 2);
    read_answer(o);
}

static void part_access_of_control(Owner *o, gconstpointer data)
{
    doe_mailbox_write(o->mb, DOE_REG_CONTROL, 2, 1);
    g_assert_cmphex(rd(o, DOE_REG_CONTROL), ==, 2);
    write_dwords(o, request, G_N_ELEMENTS(request));
    doe_mailbox_write(o->mb, DOE_REG_CONTROL + 3, 0x80, 1);
    g_assert_cmpuint(o->submitted, ==, 1);
    g_assert_cmphex(rd(o, DOE_REG_CONTROL), ==, 2);
    doe_mailbox_write(o->mb, DOE_REG_CONTROL, 1, 2);
    g_assert_cmphex(status(o) & DOE_STATUS_BUSY, ==, 0);
    g_assert_cmphex(rd(o, DOE_REG_CONTROL), ==, 0);
}

static void part_reads_of_status(Owner *o, gconstpointer data)
{
    send_request(o);
    reply(o);
    g_assert_cmphex(doe_mailbox_read(o->mb, DOE_REG_STATUS + 3, 1), ==, 0x80);
    g_assert_cmphex(doe_mailbox_read(o->mb, DOE_REG_STATUS + 2, 2), ==,
                    0x8000);
    g_assert_cmphex(doe_mailbox_read(o->mb, DOE_REG_STATUS, 1), ==, 0);
}

static void crossing_access(Owner *o, gconstpointer data)
{
    send_request(o);
    reply(o);
    /* The top half of Status, and a part of the write mailbox. */
    g_assert_cmphex(doe_mailbox_read(o->mb, DOE_REG_STATUS + 2, 4), ==,
                    0x8000);
    doe_mailbox_write(o->mb, DOE_REG_CONTROL + 2, 0xffffffff, 4);
    g_assert_cmphex(status(o) & DOE_STATUS_ERROR, ==, DOE_STATUS_ERROR);
}

static void access_outside(Owner *o, gconstpointer data)
{
    for (unsigned offset = 0; offset < 64; offset++) {
        if (offset >= DOE_REG_CAPABILITIES && offset < DOE_CAP_SIZE) {
            continue;
        }
        doe_mailbox_write(o->mb, offset, 0xffffffff, 1);
        g_assert_cmphex(doe_mailbox_read(o->mb, offset, 1), ==, 0);
    }
    power_on_state(o, NULL);
}

/* --- a hostile host ----------------------------------------------------- */

static void million_dwords_without_go(Owner *o, gconstpointer data)
{
    DoeMailboxInfo info;

    for (unsigned i = 0; i < 1u << 20; i++) {
        wr(o, DOE_REG_WRITE, i);
    }
    assert_error(o, "object is larger than this mailbox takes");
    doe_mailbox_info(o->mb, &info);
    g_assert_cmpuint(info.inbound, ==, 0);
    g_assert_cmpuint(info.errors, ==, 1);
    abort_mailbox(o);
    assert_works(o);
}

static void reading_an_empty_mailbox(Owner *o, gconstpointer data)
{
    for (unsigned i = 0; i < 1000; i++) {
        g_assert_cmphex(rd(o, DOE_REG_READ), ==, 0);
        wr(o, DOE_REG_READ, i);
    }
    g_assert_cmphex(status(o), ==, 0);
    assert_works(o);
}

static void random_accesses(Owner *o, gconstpointer data)
{
    static const unsigned sizes[] = { 1, 2, 4 };
    g_autoptr(GRand) rand = g_rand_new_with_seed(0x5bd);
    DoeMailboxInfo info;

    for (unsigned i = 0; i < 1000000; i++) {
        unsigned offset = g_rand_int_range(rand, 0, DOE_CAP_SIZE + 4);
        unsigned size = sizes[g_rand_int_range(rand, 0, 3)];
        uint32_t value = g_rand_int(rand) & g_rand_int(rand);

        o->inline_reply = value & 64;
        if (g_rand_int_range(rand, 0, 4) == 0) {
            doe_mailbox_complete(o->mb, o->generation, value % 3, o->object);
        }
        if (value & 128) {
            doe_mailbox_read(o->mb, offset, size);
        } else if (i % 3 == 0 && offset >= DOE_REG_WRITE) {
            wr(o, DOE_REG_WRITE, g_rand_int_range(rand, 0, 4));
        } else {
            doe_mailbox_write(o->mb, offset, value, size);
        }
        doe_mailbox_info(o->mb, &info);
        g_assert_cmpuint(info.inbound, <=, MAX_OBJECT);
        g_assert_cmpuint(info.outbound, <=, 2 * MAX_OBJECT);
    }
    g_assert_cmpuint(o->submitted, >, 100);
    abort_mailbox(o);
    assert_works(o);
}

/* --- snapshots ---------------------------------------------------------- */

static void snapshot_in_state(Owner *o, gconstpointer data)
{
    const State *s = data;
    g_autoptr(GBytes) saved = NULL;
    g_autoptr(GBytes) again = NULL;
    uint32_t before;

    enable_interrupt(o);
    s->enter(o);
    before = status(o);
    saved = doe_mailbox_save(o->mb);
    doe_mailbox_reset(o->mb);
    g_assert_true(doe_mailbox_load(o->mb, saved, NULL));
    g_assert_cmphex(status(o), ==, before);
    again = doe_mailbox_save(o->mb);
    g_assert_true(g_bytes_equal(saved, again));
}

static void snapshot_of_work_in_flight(Owner *o, gconstpointer data)
{
    g_autoptr(GBytes) saved = NULL;

    send_request(o);
    saved = doe_mailbox_save(o->mb);
    doe_mailbox_reset(o->mb);
    g_assert_true(doe_mailbox_load(o->mb, saved, NULL));
    reply(o);
    read_answer(o);
}

static void damaged_snapshot(Owner *o, gconstpointer data)
{
    g_autoptr(GBytes) saved = NULL;
    const uint8_t *bytes;
    size_t len;

    in_queued(o);
    saved = doe_mailbox_save(o->mb);
    bytes = g_bytes_get_data(saved, &len);
    for (size_t cut = 0; cut < len; cut++) {
        g_autoptr(GBytes) part = g_bytes_new(bytes, cut);
        g_autoptr(GError) err = NULL;

        g_assert_false(doe_mailbox_load(o->mb, part, &err));
        g_assert_error(err, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE);
        g_assert_cmphex(status(o), ==, 0);
    }
    assert_works(o);
}

static void flipped_snapshot(Owner *o, gconstpointer data)
{
    g_autoptr(GBytes) saved = NULL;
    g_autofree uint8_t *bytes = NULL;
    size_t len = 0;

    in_queued(o);
    saved = doe_mailbox_save(o->mb);
    len = g_bytes_get_size(saved);
    bytes = g_memdup2(g_bytes_get_data(saved, NULL), len);
    for (size_t i = 0; i < len * 8; i++) {
        g_autoptr(GBytes) copy = NULL;

        bytes[i / 8] ^= 1 << i % 8;
        copy = g_bytes_new(bytes, len);
        bytes[i / 8] ^= 1 << i % 8;
        doe_mailbox_load(o->mb, copy, NULL);
        for (unsigned pop = 0; pop < 16; pop++) {
            rd(o, DOE_REG_READ);
            wr(o, DOE_REG_READ, 0);
        }
        doe_mailbox_reset(o->mb);
    }
    assert_works(o);
}

/* ------------------------------------------------------------------------ */

typedef void (*Row)(Owner *o, gconstpointer data);

static const struct {
    const char *name;
    Row row;
} rows[] = {
    { "register/capabilities-say-interrupt-and-vector", capabilities },
    { "register/control-reads-only-interrupt-enable", control_reads },
    { "register/all-zero-at-power-on", power_on_state },
    { "register/write-mailbox-reads-zero", write_mailbox_reads_zero },
    { "register/status-is-read-only-but-for-interrupt",
      status_bits_are_read_only },
    { "exchange/go-hands-the-object-to-the-owner", object_reaches_owner },
    { "exchange/busy-from-go-to-ready", busy_until_answered },
    { "exchange/answer-within-submit", inline_answer },
    { "exchange/reading-does-not-pop-writing-does", read_does_not_pop },
    { "exchange/answer-is-padded-to-a-dword", odd_answer_is_padded },
    { "exchange/discard-shows-neither-ready-nor-error", silent_discard },
    { "exchange/empty-answer-is-a-discard", empty_reply_is_discard },
    { "exchange/owner-fails", owner_fails },
    { "exchange/second-answer-waits-behind-the-first", queued_answer },
    { "exchange/second-completion-is-refused", second_answer_is_refused },
    { "mistake/third-object-behind-unread-answers",
      third_object_behind_unread_answers },
    { "mistake/reserved-length-bits-are-ignored",
      reserved_length_bits_are_ignored },
    { "mistake/object-of-exactly-the-maximum-is-none", object_of_the_maximum },
    { "mistake/one-dword-too-many", overflow },
    { "mistake/write-while-busy", write_while_busy },
    { "mistake/go-while-busy", go_while_busy },
    { "mistake/error-stays-until-abort", error_is_sticky },
    { "mistake/error-loses-the-answer", error_loses_the_answer },
    { "abort/late-answer-is-discarded", late_answer_after_abort },
    { "abort/late-answer-does-not-meet-the-next-object",
      late_answer_to_next_object },
    { "abort/late-answer-after-reset-is-discarded", late_answer_after_reset },
    { "abort/beats-go-in-the-same-write", abort_beats_go },
    { "interrupt/on-ready", interrupt_on_ready },
    { "interrupt/on-error", interrupt_on_error },
    { "interrupt/on-end-of-busy", interrupt_on_busy_end },
    { "interrupt/on-abort-of-work", interrupt_on_abort_of_work },
    { "interrupt/none-on-abort-when-idle", no_interrupt_on_idle_abort },
    { "interrupt/none-unless-enabled", no_interrupt_unless_enabled },
    { "interrupt/one-until-cleared", interrupt_once_until_cleared },
    { "size/mailboxes-ignore-parts-of-a-dword-written",
      part_writes_of_mailboxes },
    { "size/mailboxes-hide-from-part-reads", part_reads_of_mailboxes },
    { "size/control-obeys-byte-enables", part_access_of_control },
    { "size/status-may-be-read-in-parts", part_reads_of_status },
    { "size/access-across-two-registers", crossing_access },
    { "size/access-outside-the-registers", access_outside },
    { "hostile/2^20-dwords-without-go", million_dwords_without_go },
    { "hostile/reading-and-popping-nothing", reading_an_empty_mailbox },
    { "hostile/random-accesses-stay-bounded", random_accesses },
    { "snapshot/work-in-flight-is-answered-after-load",
      snapshot_of_work_in_flight },
    { "snapshot/cut-short-is-refused", damaged_snapshot },
    { "snapshot/flipped-bits-do-no-harm", flipped_snapshot },
};

static void add(const char *group, const char *name, gconstpointer data,
                Row row)
{
    g_autofree char *path = g_strdup_printf("/doe-mailbox/%s%s", group, name);

    g_test_add(path, Owner, data, set_up, row, tear_down);
}

int main(int argc, char **argv)
{
    size_t i;

    g_test_init(&argc, &argv, NULL);
    for (i = 0; i < G_N_ELEMENTS(rows); i++) {
        add("", rows[i].name, NULL, rows[i].row);
    }
    for (i = 0; i < G_N_ELEMENTS(bad_objects); i++) {
        add("mistake/", bad_objects[i].name, &bad_objects[i], bad_object);
    }
    for (i = 0; i < G_N_ELEMENTS(states); i++) {
        add("abort/when-", states[i].name, &states[i], abort_in_state);
        add("reset/when-", states[i].name, &states[i], reset_in_state);
        add("snapshot/when-", states[i].name, &states[i], snapshot_in_state);
    }
    g_test_add_func("/doe-mailbox/register/no-interrupt-support",
                    no_interrupt_support);
    g_test_add_func("/doe-mailbox/exchange/largest-object-has-length-zero",
                    largest_object);
    return g_test_run();
}

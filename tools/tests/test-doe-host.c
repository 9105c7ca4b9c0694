/*
 * The DOE host driver against our mailbox, and against instances that
 * misbehave (class J of the fault catalogue).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "requester/doe-host.h"

/* How an instance misbehaves; all zero is an honest one. */
typedef struct Instance {
    const char *name;
    const char *says;            /* in the error; NULL: it works */
    bool busy_at_start;          /* until an abort */
    bool error_at_start;
    bool stale_answer;           /* Ready from before */
    bool never_idle;             /* aborts do nothing */
    bool never_ready;
    bool stays_busy;
    bool reports_error;
    bool error_in_answer;        /* set before the last dword */
    bool ready_drops;            /* after two dwords */
    bool ready_stays;            /* after the last one */
    bool gone;                   /* all ones */
    bool gone_later;             /* after GO */
    bool no_access;
    int64_t ready_after_us;
    uint32_t length;             /* in the answer's header; 0: right */
} Instance;

static const Instance instances[] = {
    { .name = "honest" },
    { .name = "slow", .ready_after_us = 900000 },
    { .name = "busy-at-start", .busy_at_start = true },
    { .name = "error-at-start", .error_at_start = true },
    { .name = "stale-answer", .stale_answer = true },
    { .name = "too-slow", .ready_after_us = 1100000, .says = "no answer" },
    { .name = "never-ready", .never_ready = true, .says = "no answer" },
    { .name = "busy-for-ever", .stays_busy = true, .says = "stays Busy" },
    { .name = "abort-ignored", .error_at_start = true, .never_idle = true,
      .says = "does not take an abort" },
    { .name = "busy-abort-ignored", .busy_at_start = true,
      .never_idle = true, .says = "stays Busy" },
    { .name = "error", .reports_error = true, .says = "reports an Error" },
    { .name = "error-in-answer", .error_in_answer = true,
      .says = "reports an Error" },
    { .name = "ready-drops", .ready_drops = true,
      .says = "ends before its length" },
    { .name = "ready-stays", .ready_stays = true, .says = "holds more" },
    { .name = "length-1", .length = 1, .says = "shorter than its header" },
    { .name = "length-more", .length = 9, .says = "ends before its length" },
    { .name = "length-less", .length = 3, .says = "holds more" },
    { .name = "length-2-to-18", .length = 1u << 18,
      .says = "ends before its length" },
    { .name = "gone", .gone = true, .says = "the device is gone" },
    { .name = "gone-later", .gone_later = true,
      .says = "the device is gone" },
    { .name = "no-access", .no_access = true, .says = "cannot be read" },
};

static const uint32_t answer[] = { 0x00010001, 4, 0x44332211, 0x88776655 };

typedef struct Fake {
    const Instance *as;
    uint32_t status;
    unsigned popped;
    unsigned aborts;
    bool went;
    int64_t go_at;
    int64_t now;
} Fake;

static void update_status(Fake *f)
{
    const Instance *as = f->as;

    if (!f->went) {
        return;
    }
    f->status = 0;
    if (as->reports_error ||
        (as->error_in_answer && f->popped >= G_N_ELEMENTS(answer) - 1)) {
        f->status |= DOE_STATUS_ERROR;
    }
    if (as->stays_busy) {
        f->status |= DOE_STATUS_BUSY;
    } else if (!as->never_ready && f->now - f->go_at >= as->ready_after_us &&
               (f->popped < (as->ready_drops ? 2 : G_N_ELEMENTS(answer)) ||
                as->ready_stays)) {
        f->status |= DOE_STATUS_READY;
    }
}

static bool fake_read(void *opaque, unsigned reg, uint32_t *value)
{
    Fake *f = opaque;

    f->now += 4;
    update_status(f);
    if (f->as->gone || (f->as->gone_later && f->went)) {
        *value = 0xffffffff;
    } else if (reg == DOE_REG_STATUS) {
        *value = f->status;
    } else if (f->popped == 1 && f->as->length) {
        *value = f->as->length & 0x3ffff;
    } else {
        *value = f->popped < G_N_ELEMENTS(answer) ? answer[f->popped] : 0;
    }
    return !f->as->no_access;
}

static void control(Fake *f, uint32_t value)
{
    if (value & DOE_CONTROL_ABORT) {
        f->aborts++;
        f->went = f->went && f->as->never_idle;
        f->status = f->as->never_idle ? f->status : 0;
    } else if (value & DOE_CONTROL_GO) {
        f->went = true;
        f->popped = 0;
        f->go_at = f->now;
    }
}

static bool fake_write(void *opaque, unsigned reg, uint32_t value)
{
    Fake *f = opaque;

    f->now += 4;
    if (reg == DOE_REG_CONTROL) {
        control(f, value);
    } else if (reg == DOE_REG_READ) {
        f->popped++;
    }
    return true;
}

static int64_t fake_now(void *opaque)
{
    Fake *f = opaque;

    return f->now;
}

static void fake_sleep(void *opaque, int64_t us)
{
    Fake *f = opaque;

    f->now += us;
}

static DoeHost host_of(Fake *f)
{
    return (DoeHost){
        .read = fake_read, .write = fake_write, .now_us = fake_now,
        .sleep_us = fake_sleep, .opaque = f, .name = "fake",
    };
}

static void test_instance(gconstpointer data)
{
    static const uint8_t request[12] = { 1, 0, 1, 0, 3 };
    g_autoptr(GByteArray) reply = g_byte_array_new();
    g_autoptr(GError) err = NULL;
    Fake f = { .as = data };
    DoeHost h = host_of(&f);
    unsigned left_over;

    f.status = (f.as->busy_at_start ? DOE_STATUS_BUSY : 0) |
               (f.as->error_at_start ? DOE_STATUS_ERROR : 0) |
               (f.as->stale_answer ? DOE_STATUS_READY : 0);
    left_over = f.status != 0;
    doe_host_exchange(&h, request, sizeof(request), reply, 1000000, &err);
    if (f.as->says) {
        g_assert_nonnull(err);
        g_assert_nonnull(strstr(err->message, f.as->says));
        g_assert_cmpuint(f.aborts, >=, 1);
        return;
    }
    g_assert_no_error(err);
    g_assert_cmpmem(reply->data, reply->len, answer, sizeof(answer));
    g_assert_cmpuint(f.aborts, ==, left_over);
}

/* --- our own mailbox ------------------------------------------------------ */

typedef struct Mailbox {
    DoeMailbox *mb;
    int64_t now;
} Mailbox;

static void echo(void *opaque, uint64_t generation, GBytes *object)
{
    Mailbox *m = opaque;

    doe_mailbox_complete(m->mb, generation, DOE_REPLY, object);
    g_bytes_unref(object);
}

static bool mailbox_read(void *opaque, unsigned reg, uint32_t *value)
{
    Mailbox *m = opaque;

    *value = doe_mailbox_read(m->mb, reg, 4);
    return true;
}

static bool mailbox_write(void *opaque, unsigned reg, uint32_t value)
{
    Mailbox *m = opaque;

    doe_mailbox_write(m->mb, reg, value, 4);
    return true;
}

static int64_t mailbox_now(void *opaque)
{
    Mailbox *m = opaque;

    return m->now += 10;
}

static void mailbox_sleep(void *opaque, int64_t us)
{
    Mailbox *m = opaque;

    m->now += us;
}

static void test_mailbox(void)
{
    static const uint8_t object[16] = { 1, 0, 1, 0, 4, 0, 0, 0, 9, 8, 7 };
    g_autoptr(GByteArray) reply = g_byte_array_new();
    g_autoptr(GError) err = NULL;
    Mailbox m = { .now = 0 };
    DoeMailboxConfig config = {
        .max_object = 4096, .submit = echo, .opaque = &m,
    };
    DoeHost h = {
        .read = mailbox_read, .write = mailbox_write, .now_us = mailbox_now,
        .sleep_us = mailbox_sleep, .opaque = &m, .name = "mailbox",
    };

    m.mb = doe_mailbox_new(&config);
    for (unsigned i = 0; i < 3; i++) {
        g_byte_array_set_size(reply, 0);
        doe_host_exchange(&h, object, sizeof(object), reply, 1000000, &err);
        g_assert_no_error(err);
        g_assert_cmpmem(reply->data, reply->len, object, sizeof(object));
        g_assert_true(doe_host_abandon(&h, object, sizeof(object), &err));
    }
    doe_mailbox_free(m.mb);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(instances); i++) {
        g_autofree char *path = g_strdup_printf("/tools/doe-host/%s",
                                                instances[i].name);

        g_test_add_data_func(path, &instances[i], test_instance);
    }
    g_test_add_func("/tools/doe-host/our-mailbox", test_mailbox);
    return g_test_run();
}

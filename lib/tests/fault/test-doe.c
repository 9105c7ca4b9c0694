/*
 * Registers that are not true, over a mailbox that is.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "spdm/fault.h"

typedef struct Host {
    DoeMailbox *mb;
    SpdmFaultDoe *doe;
    int64_t now_us;
    uint64_t generation;
    unsigned sent;               /* interrupts that reached the host */
} Host;

static void submit(void *opaque, uint64_t generation, GBytes *object)
{
    Host *h = opaque;

    h->generation = generation;
    g_bytes_unref(object);
}

static void interrupt(void *opaque)
{
    Host *h = opaque;

    h->sent += !spdm_fault_doe_mutes(h->doe);
}

static void host_init(Host *h)
{
    const DoeMailboxConfig config = {
        .max_object = 4096, .interrupt_support = true, .submit = submit,
        .interrupt = interrupt, .opaque = h,
    };

    *h = (Host){ .now_us = 1000000 };
    h->mb = doe_mailbox_new(&config);
    h->doe = spdm_fault_doe_new();
}

static void host_clear(Host *h)
{
    doe_mailbox_free(h->mb);
    spdm_fault_doe_free(h->doe);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Host, host_clear)

static uint32_t rd(Host *h, unsigned reg)
{
    return spdm_fault_doe_read(h->doe, h->mb, reg, 4, h->now_us);
}

static void wr(Host *h, unsigned reg, uint32_t value)
{
    h->sent += spdm_fault_doe_write(h->doe, h->mb, reg, value, 4, h->now_us);
}

static void arm(Host *h, SpdmDoeOrders orders)
{
    spdm_fault_doe_arm(h->doe, &orders, h->now_us);
}

/* An object of three dwords is on its way. */
static void go(Host *h)
{
    wr(h, DOE_REG_CONTROL, DOE_CONTROL_INTERRUPT_ENABLE);
    wr(h, DOE_REG_WRITE, 1);
    wr(h, DOE_REG_WRITE, 3);
    wr(h, DOE_REG_WRITE, 0);
    wr(h, DOE_REG_CONTROL, DOE_CONTROL_GO | DOE_CONTROL_INTERRUPT_ENABLE);
}

static void complete(Host *h)
{
    static const uint8_t answer[12] = { 1, 0, 0, 0, 3, 0, 0, 0, 9 };
    g_autoptr(GBytes) reply = g_bytes_new_static(answer, sizeof(answer));

    doe_mailbox_complete(h->mb, h->generation, DOE_REPLY, reply);
}

static void assert_status(Host *h, uint32_t want)
{
    const uint32_t mask = DOE_STATUS_BUSY | DOE_STATUS_READY |
                          DOE_STATUS_ERROR;

    g_assert_cmphex(rd(h, DOE_REG_STATUS) & mask, ==, want);
}

static void test_true(void)
{
    static const uint32_t dwords[] = { 1, 3, 9 };
    g_auto(Host) h;

    host_init(&h);
    go(&h);
    assert_status(&h, DOE_STATUS_BUSY);
    complete(&h);
    assert_status(&h, DOE_STATUS_READY);
    g_assert_cmpuint(h.sent, ==, 1);
    for (size_t i = 0; i < G_N_ELEMENTS(dwords); i++) {
        g_assert_cmpuint(rd(&h, DOE_REG_READ), ==, dwords[i]);
        wr(&h, DOE_REG_READ, 0);
    }
    assert_status(&h, 0);
}

static void test_busy(void)
{
    g_auto(Host) h;

    host_init(&h);
    go(&h);
    arm(&h, (SpdmDoeOrders){ .faults = SPDM_DOE_BUSY, .busy_us = 1000 });
    complete(&h);
    assert_status(&h, DOE_STATUS_BUSY);
    g_assert_cmpuint(rd(&h, DOE_REG_READ), ==, 0);
    h.now_us += 999;
    assert_status(&h, DOE_STATUS_BUSY);
    h.now_us += 1;
    assert_status(&h, DOE_STATUS_READY);
    arm(&h, (SpdmDoeOrders){ .faults = SPDM_DOE_BUSY, .busy_us = -1 });
    h.now_us = INT64_MAX;
    assert_status(&h, DOE_STATUS_BUSY);
    wr(&h, DOE_REG_CONTROL, DOE_CONTROL_ABORT);
    assert_status(&h, 0);
}

static void test_abort(void)
{
    g_auto(Host) h;

    host_init(&h);
    arm(&h, (SpdmDoeOrders){ .faults = SPDM_DOE_ABORT_IGNORED });
    go(&h);
    wr(&h, DOE_REG_CONTROL, DOE_CONTROL_ABORT);
    assert_status(&h, DOE_STATUS_BUSY);
    spdm_fault_doe_clear(h.doe);
    arm(&h, (SpdmDoeOrders){ .faults = SPDM_DOE_ABORT_SLOW,
                             .abort_reads = 3 });
    wr(&h, DOE_REG_CONTROL, DOE_CONTROL_ABORT);
    assert_status(&h, DOE_STATUS_BUSY);
    assert_status(&h, DOE_STATUS_BUSY);
    assert_status(&h, 0);
    go(&h);
    complete(&h);
    assert_status(&h, DOE_STATUS_READY);
}

static void test_interrupts(void)
{
    g_auto(Host) h;

    host_init(&h);
    arm(&h, (SpdmDoeOrders){ .faults = SPDM_DOE_EARLY_INTERRUPT });
    go(&h);
    g_assert_cmpuint(h.sent, ==, 1);
    assert_status(&h, DOE_STATUS_BUSY);
    arm(&h, (SpdmDoeOrders){ .faults = SPDM_DOE_NO_INTERRUPT });
    complete(&h);
    g_assert_cmpuint(h.sent, ==, 1);
    assert_status(&h, DOE_STATUS_READY);
}

static void test_unasked(void)
{
    static const uint8_t again[8] = { 1, 0, 0, 0, 2 };
    g_autoptr(GBytes) object = g_bytes_new_static(again, sizeof(again));
    g_auto(Host) h;

    host_init(&h);
    go(&h);
    spdm_fault_doe_offer(h.doe, object);
    assert_status(&h, DOE_STATUS_BUSY);
    complete(&h);
    for (unsigned i = 0; i < 3; i++) {
        wr(&h, DOE_REG_READ, 0);
    }
    assert_status(&h, DOE_STATUS_READY);
    g_assert_cmpuint(rd(&h, DOE_REG_READ), ==, 1);
    wr(&h, DOE_REG_READ, 0);
    g_assert_cmpuint(rd(&h, DOE_REG_READ), ==, 2);
    wr(&h, DOE_REG_READ, 0);
    assert_status(&h, 0);
    spdm_fault_doe_offer(h.doe, object);
    assert_status(&h, DOE_STATUS_READY);
    wr(&h, DOE_REG_CONTROL, DOE_CONTROL_ABORT);
    assert_status(&h, 0);
}

/* Whatever the host does, nothing is read that is not there. */
static void test_any_access(void)
{
    g_auto(Host) h;
    uint32_t seed = 1;

    host_init(&h);
    for (unsigned i = 0; i < 20000; i++) {
        seed = seed * 1103515245 + 12345;
        if (seed % 7 == 0) {
            arm(&h, (SpdmDoeOrders){ .faults = seed >> 16 & 0x1ff,
                                     .busy_us = seed >> 20,
                                     .ready_dwords = seed >> 28,
                                     .abort_reads = seed >> 29 });
        } else if (seed % 7 == 1) {
            go(&h);
            complete(&h);
        } else if (seed & 0x100) {
            spdm_fault_doe_read(h.doe, h.mb, seed >> 16 & 0x1f,
                                1u << (seed >> 24) % 3, h.now_us++);
        } else {
            spdm_fault_doe_write(h.doe, h.mb, seed >> 16 & 0x1f, seed,
                                 1u << (seed >> 24) % 3, h.now_us++);
        }
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/doe/without a fault all is true", test_true);
    g_test_add_func("/doe/Busy lasts as long as the plan says", test_busy);
    g_test_add_func("/doe/Abort is ignored, or slow", test_abort);
    g_test_add_func("/doe/interrupts come early, or not at all",
                    test_interrupts);
    g_test_add_func("/doe/an object that nobody asked for", test_unasked);
    g_test_add_func("/doe/any access at any time is survived",
                    test_any_access);
    return g_test_run();
}

/*
 * As much of QEMU as the engine and its workers call.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/error-report.h"
#include "qemu/log.h"
#include "qemu/main-loop.h"
#include "qemu/notify.h"
#include "qemu/thread.h"
#include "sysemu/sysemu.h"
#include "trace/control.h"
#include "machine.h"
#include "spdm-tracer.h"

struct QEMUBH {
    QEMUBHFunc *cb;
    void *opaque;
    bool scheduled;
};

static struct {
    GMutex big;
    GMutex lock;                /* of the bottom halves alone */
    GCond scheduled;
    GPtrArray *bhs;
    Notifier *at_exit;
} machine;

void machine_lock(void)
{
    g_mutex_lock(&machine.big);
}

void machine_unlock(void)
{
    g_mutex_unlock(&machine.big);
}

void machine_wait(GCond *cond)
{
    g_cond_wait(cond, &machine.big);
}

void machine_breathe(void)
{
    g_usleep(500);
}

void machine_await(const uint64_t *counter, uint64_t more)
{
    uint64_t begin, now;

    machine_lock();
    begin = now = *counter;
    machine_unlock();
    while (now - begin < more) {
        machine_breathe();
        machine_lock();
        now = *counter;
        machine_unlock();
    }
}

/* --- bottom halves ------------------------------------------------------- */

QEMUBH *qemu_bh_new_full(QEMUBHFunc *cb, void *opaque, const char *name,
                         MemReentrancyGuard *guard)
{
    QEMUBH *bh = g_new0(QEMUBH, 1);

    bh->cb = cb;
    bh->opaque = opaque;
    g_mutex_lock(&machine.lock);
    g_ptr_array_add(machine.bhs, bh);
    g_mutex_unlock(&machine.lock);
    return bh;
}

void qemu_bh_schedule(QEMUBH *bh)
{
    g_mutex_lock(&machine.lock);
    bh->scheduled = true;
    g_cond_signal(&machine.scheduled);
    g_mutex_unlock(&machine.lock);
}

void qemu_bh_delete(QEMUBH *bh)
{
    g_mutex_lock(&machine.lock);
    g_ptr_array_remove(machine.bhs, bh);
    g_mutex_unlock(&machine.lock);
    g_free(bh);
}

/* With the lock of bottom halves. */
static QEMUBH *due(void)
{
    for (guint i = 0; i < machine.bhs->len; i++) {
        QEMUBH *bh = g_ptr_array_index(machine.bhs, i);

        if (bh->scheduled) {
            return bh;
        }
    }
    return NULL;
}

static void wait_until_due(void)
{
    g_mutex_lock(&machine.lock);
    while (!due()) {
        g_cond_wait(&machine.scheduled, &machine.lock);
    }
    g_mutex_unlock(&machine.lock);
}

/* With the big lock, under which they are deleted, too. */
static void run_due(void)
{
    QEMUBH *bh;

    do {
        g_mutex_lock(&machine.lock);
        bh = due();
        if (bh) {
            bh->scheduled = false;
        }
        g_mutex_unlock(&machine.lock);
        if (bh) {
            bh->cb(bh->opaque);
        }
    } while (bh);
}

static void *main_loop(void *unused)
{
    for (;;) {
        wait_until_due();
        machine_lock();
        run_due();
        machine_unlock();
    }
    return NULL;
}

void machine_start(void)
{
    machine.bhs = g_ptr_array_new();
    g_thread_unref(g_thread_new("main loop", main_loop, NULL));
}

/* --- threads, and the end ------------------------------------------------ */

void qemu_thread_create(QemuThread *thread, const char *name,
                        void *(*run)(void *), void *arg, int mode)
{
    g_assert_cmpint(mode, ==, QEMU_THREAD_DETACHED);
    g_thread_unref(g_thread_new(name, run, arg));
}

void qemu_add_exit_notifier(Notifier *notify)
{
    g_assert_null(machine.at_exit);
    machine.at_exit = notify;
}

void machine_exit(void)
{
    machine.at_exit->notify(machine.at_exit, NULL);
}

/* --- what is said --------------------------------------------------------- */

Error *error_abort;

void error_setg_internal(Error **errp, const char *src, int line,
                         const char *func, const char *fmt, ...)
{
    g_assert_not_reached();     /* in these tests nothing is refused */
}

void warn_report(const char *fmt, ...)
{
    g_assert_not_reached();
}

/* Trace events and tracers: there are none. */
int trace_events_enabled_count;
uint16_t _TRACE_SPDM_HELD_DSTATE;
int use_rt_clock;
int qemu_loglevel;
bool message_with_timestamp;

void qemu_log(const char *fmt, ...)
{
}

int qemu_get_thread_id(void)
{
    return 0;
}

SpdmTrace *spdm_tracer_trace(SpdmTracer *tracer)
{
    return NULL;
}

void spdm_tracer_close(SpdmTracer *tracer)
{
}

void spdm_tracer_free(SpdmTracer *tracer)
{
}

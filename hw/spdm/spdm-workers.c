/*
 * A few threads that the devices share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/notify.h"
#include "qemu/thread.h"
#include "sysemu/sysemu.h"
#include "spdm-workers.h"

/* What a device computes takes milliseconds; only keys in advance do not. */
#define MAX_THREADS 4
#define IDLE_US (10 * G_USEC_PER_SEC)

/*
 * GLib's mutex, since the layout of QEMU's own depends on how QEMU was
 * configured, and the plug-in runs in a QEMU that somebody else built.
 */
static struct {
    GMutex lock;
    GCond wake;
    GCond ended;
    GQueue urgent;
    GQueue spare;
    unsigned threads;
    unsigned free;              /* waiting for work */
    unsigned busy;
    unsigned busy_spare;
    bool exiting;
} workers = {
    .urgent = G_QUEUE_INIT,
    .spare = G_QUEUE_INIT,
};

/* With the lock held, as all below that do not take it. */
static bool may_take_spare(void)
{
    unsigned limit = CLAMP(g_get_num_processors() / 2, 1, MAX_THREADS - 1);

    return workers.busy_spare < limit && !g_queue_is_empty(&workers.spare);
}

static SpdmWork *take(bool *spare)
{
    GList *link = NULL;

    if (workers.exiting) {
        return NULL;
    }
    *spare = g_queue_is_empty(&workers.urgent);
    if (!*spare) {
        link = g_queue_pop_head_link(&workers.urgent);
    } else if (may_take_spare()) {
        link = g_queue_pop_head_link(&workers.spare);
    }
    return link ? link->data : NULL;
}

static void *worker(void *unused);

/*
 * Making a thread takes longer than a vCPU is to be kept waiting.  So not who
 * brings work makes it, but the last free worker before it is busy.
 */
static void start_another(void)
{
    QemuThread thread;

    qemu_thread_create(&thread, "spdm", worker, NULL, QEMU_THREAD_DETACHED);
}

/* The lock is dropped meanwhile; @work may be gone afterwards. */
static void run(SpdmWork *work, bool spare)
{
    bool last = !workers.free && workers.threads < MAX_THREADS;

    workers.busy++;
    workers.busy_spare += spare;
    workers.threads += last;
    g_mutex_unlock(&workers.lock);
    if (last) {
        start_another();
    }
    work->run(work->opaque);
    g_mutex_lock(&workers.lock);
    workers.busy--;
    workers.busy_spare -= spare;
    g_cond_signal(&workers.ended);
}

/*
 * False: it has been long enough.  Work may come as the time is up.  The last
 * free one stays.
 */
static bool wait_for_work(void)
{
    gint64 end = g_get_monotonic_time() + IDLE_US;
    bool woken;

    workers.free++;
    woken = g_cond_wait_until(&workers.wake, &workers.lock, end);
    workers.free--;
    return woken || workers.exiting || !workers.free ||
           !g_queue_is_empty(&workers.urgent) ||
           !g_queue_is_empty(&workers.spare);
}

static void *worker(void *unused)
{
    bool spare;

    g_mutex_lock(&workers.lock);
    do {
        SpdmWork *work;

        while ((work = take(&spare))) {
            run(work, spare);
        }
    } while (wait_for_work());
    workers.threads--;
    g_mutex_unlock(&workers.lock);
    return NULL;
}

/*
 * exit() takes down the crypto libraries, and a thread that is still in them
 * would crash a QEMU that is only told to quit.  So the end waits for what is
 * under way, of devices already unplugged too, and lets no other begin.
 */
static void wait_at_exit(Notifier *n, void *data)
{
    g_mutex_lock(&workers.lock);
    workers.exiting = true;
    while (workers.busy) {
        g_cond_wait(&workers.ended, &workers.lock);
    }
    g_mutex_unlock(&workers.lock);
}

void spdm_workers_start(void)
{
    static Notifier notifier = { .notify = wait_at_exit };
    static bool started;

    if (!started) {
        started = true;
        qemu_add_exit_notifier(&notifier);
        workers.threads = 1;
        start_another();
    }
}

void spdm_workers_run(SpdmWork *work, bool spare)
{
    g_mutex_lock(&workers.lock);
    work->link.data = work;
    g_queue_push_tail_link(spare ? &workers.spare : &workers.urgent,
                           &work->link);
    g_cond_signal(&workers.wake);
    g_mutex_unlock(&workers.lock);
}

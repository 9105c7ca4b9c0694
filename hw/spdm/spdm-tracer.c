/*
 * What a device records of its traffic: files are written where the traffic
 * is, so that a QEMU that is killed leaves all of it behind; a chardev gets
 * its lines from the main thread, whose property it is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qapi/error.h"
#include "chardev/char-fe.h"
#include "spdm-tracer.h"

/* Lines that a slow reader may have waiting; what comes then is lost. */
#define QUEUE_LIMIT (1 << 20)

typedef struct Queue {
    CharBackend be;
    bool open;                  /* the main thread's */
    guint watch;
    QEMUBH *bh;
    GByteArray *lines;          /* under the lock, as all below */
} Queue;

struct SpdmTracer {
    char *name;
    SpdmTrace *trace;
    GMutex lock;
    bool closed;
    Queue queue;                /* events to a chardev */
    SpdmTraceFile *events;      /* ... or to a file */
    SpdmTraceFile *pcap;
    SpdmTraceFile *keylog;
};

/* --- a chardev ------------------------------------------------------------ */

static gboolean writable(void *unused, GIOCondition cond, void *opaque);

/* On the main thread; never waits for the reader. */
static void drain(void *opaque)
{
    SpdmTracer *t = opaque;
    Queue *q = &t->queue;
    int n = 0;

    g_mutex_lock(&t->lock);
    while (q->open && q->lines->len &&
           (n = qemu_chr_fe_write(&q->be, q->lines->data,
                                  q->lines->len)) > 0) {
        g_byte_array_remove_range(q->lines, 0, n);
    }
    if (q->open && q->lines->len && !q->watch) {
        q->watch = qemu_chr_fe_add_watch(&q->be, G_IO_OUT | G_IO_HUP,
                                         writable, t);
    }
    g_mutex_unlock(&t->lock);
}

static gboolean writable(void *unused, GIOCondition cond, void *opaque)
{
    SpdmTracer *t = opaque;

    g_mutex_lock(&t->lock);
    t->queue.watch = 0;
    g_mutex_unlock(&t->lock);
    drain(t);
    return G_SOURCE_REMOVE;
}

/* From any thread. */
static bool queue_write(void *opaque, const uint8_t *data, size_t len)
{
    SpdmTracer *t = opaque;
    bool fits;

    g_mutex_lock(&t->lock);
    fits = !t->closed && t->queue.lines->len + len <= QUEUE_LIMIT;
    if (fits) {
        g_byte_array_append(t->queue.lines, data, len);
        qemu_bh_schedule(t->queue.bh);
    }
    g_mutex_unlock(&t->lock);
    return fits;
}

static bool open_queue(SpdmTracer *t, Chardev *chr, Error **errp)
{
    if (!qemu_chr_fe_init(&t->queue.be, chr, errp)) {
        error_prepend(errp, "%s: spdm-events: ", t->name);
        return false;
    }
    qemu_chr_fe_set_open(&t->queue.be, 1);
    t->queue.open = true;
    t->queue.lines = g_byte_array_new();
    t->queue.bh = qemu_bh_new(drain, t);
    return true;
}

/* --- files ---------------------------------------------------------------- */

/* A device that is gone writes nothing; which a running job need not know. */
static bool file_write(SpdmTracer *t, SpdmTraceFile *file,
                       const uint8_t *data, size_t len)
{
    SpdmTraceSink sink;
    bool ok = false;

    g_mutex_lock(&t->lock);
    if (!t->closed) {
        sink = spdm_trace_file_sink(file);
        ok = sink.write(sink.opaque, data, len);
    }
    g_mutex_unlock(&t->lock);
    return ok;
}

static bool events_write(void *opaque, const uint8_t *data, size_t len)
{
    return file_write(opaque, ((SpdmTracer *)opaque)->events, data, len);
}

static bool pcap_write(void *opaque, const uint8_t *data, size_t len)
{
    return file_write(opaque, ((SpdmTracer *)opaque)->pcap, data, len);
}

static bool keylog_write(void *opaque, const uint8_t *data, size_t len)
{
    return file_write(opaque, ((SpdmTracer *)opaque)->keylog, data, len);
}

static void file_trouble(void *opaque, const char *line)
{
    SpdmTracer *t = opaque;

    warn_report("%s: %s", t->name, line);
}

static bool open_file(SpdmTracer *t, const char *property, const char *path,
                      SpdmTraceFile **file, Error **errp)
{
    g_autoptr(GError) err = NULL;

    if (path) {
        *file = spdm_trace_file_new(path, file_trouble, t, &err);
        if (!*file) {
            error_setg(errp, "%s: %s: %s", t->name, property, err->message);
            return false;
        }
    }
    return true;
}

static bool open_events(SpdmTracer *t, const char *where, Error **errp)
{
    Chardev *chr = where ? qemu_chr_find(where) : NULL;

    return chr ? open_queue(t, chr, errp)
               : open_file(t, "spdm-events", where, &t->events, errp);
}

static bool open_all(SpdmTracer *t, const SpdmTracerConfig *c, Error **errp)
{
    return open_events(t, c->events, errp) &&
           open_file(t, "spdm-pcap", c->pcap, &t->pcap, errp) &&
           open_file(t, "spdm-keylog", c->keylog, &t->keylog, errp);
}

static SpdmTraceSink events_sink(SpdmTracer *t)
{
    return (SpdmTraceSink) {
        .write = t->queue.open ? queue_write : t->events ? events_write : NULL,
        .opaque = t,
    };
}

SpdmTracer *spdm_tracer_new(const SpdmTracerConfig *c, Error **errp)
{
    SpdmTraceConfig trace = {
        .device = c->name,
        .transport = SPDM_TRANSPORT_PCI_DOE,
        .pcap_name = c->pcap,
        .limit = (uint64_t)c->limit_mib << 20,
    };
    SpdmTracer *t;

    if (!c->events && !c->pcap && !c->keylog) {
        return NULL;
    }
    t = g_new0(SpdmTracer, 1);
    g_mutex_init(&t->lock);
    t->name = g_strdup(c->name);
    if (!open_all(t, c, errp)) {
        spdm_tracer_close(t);
        spdm_tracer_free(t);
        return NULL;
    }
    trace.events = events_sink(t);
    trace.pcap = (SpdmTraceSink) { t->pcap ? pcap_write : NULL, t };
    trace.keylog = (SpdmTraceSink) { t->keylog ? keylog_write : NULL, t };
    t->trace = spdm_trace_new(&trace);
    return t;
}

SpdmTrace *spdm_tracer_trace(SpdmTracer *t)
{
    return t->trace;
}

static void close_queue(SpdmTracer *t)
{
    Queue *q = &t->queue;

    if (!q->open) {
        return;
    }
    drain(t);
    q->open = false;
    if (q->watch) {
        g_source_remove(q->watch);
    }
    qemu_bh_delete(q->bh);
    qemu_chr_fe_deinit(&q->be, false);
}

void spdm_tracer_close(SpdmTracer *t)
{
    g_mutex_lock(&t->lock);
    t->closed = true;
    g_clear_pointer(&t->events, spdm_trace_file_free);
    g_clear_pointer(&t->pcap, spdm_trace_file_free);
    g_clear_pointer(&t->keylog, spdm_trace_file_free);
    g_mutex_unlock(&t->lock);
    close_queue(t);
}

void spdm_tracer_free(SpdmTracer *t)
{
    if (t) {
        spdm_trace_free(t->trace);
        g_clear_pointer(&t->queue.lines, g_byte_array_unref);
        g_mutex_clear(&t->lock);
        g_free(t->name);
        g_free(t);
    }
}

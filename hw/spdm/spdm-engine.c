/*
 * One responder and the thread that runs it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qemu/notify.h"
#include "qemu/thread.h"
#include "qapi/error.h"
#include "sysemu/sysemu.h"
#include "spdm-engine.h"

/* What the responder sees of the machine while it works on one job. */
typedef struct Surroundings {
    GBytes *config_space;
    SpdmPciFunction function;
    int64_t now_us;
} Surroundings;

typedef struct Job {
    bool prepare;
    bool reset;
    bool tick;
    GArray *aborts;             /* uint32_t session ids, 0: all */
    GBytes *frame;
    uint64_t generation;
    Surroundings at;
} Job;

typedef struct Result {
    bool present;               /* a frame was processed */
    uint64_t generation;
    GBytes *reply;
    int64_t delay_us;
    SpdmFaultOrders orders;
    bool ticked;
    int64_t tick_at;
} Result;

/*
 * A guest can submit and abort as fast as it likes, so nothing queues up:
 * one waiting job, one running, one result.  A result that nobody fetched
 * before the next came was aborted, and may be overwritten.
 *
 * GLib's mutex, since the layout of QEMU's own depends on how QEMU was
 * configured, and the plug-in runs in a QEMU that somebody else built.
 */
struct SpdmEngine {
    SpdmEngineConfig config;
    SpdmSoftProvider *provider;
    SpdmFaults *faults;         /* does nothing without a plan */
    SpdmResponder *responder;
    Surroundings at;            /* of the running job; its thread's only */

    GMutex lock;                /* all below */
    GCond work;
    GCond idle;
    Job waiting;
    Result result;
    SpdmResponderInfo info;
    QEMUBH *bh;                 /* NULL when released */
    bool running;
    bool quit;
};

/*
 * exit() takes down the crypto libraries, and a thread that is still in them
 * would crash a QEMU that is only told to quit.  So the end waits for running
 * jobs, of devices already unplugged too, and lets no other begin.
 */
static struct {
    GMutex lock;
    GCond ended;
    unsigned busy;
    bool exiting;
} crypto_use;

static void crypto_begin(void)
{
    g_mutex_lock(&crypto_use.lock);
    while (crypto_use.exiting) {
        g_cond_wait(&crypto_use.ended, &crypto_use.lock);
    }
    crypto_use.busy++;
    g_mutex_unlock(&crypto_use.lock);
}

static void crypto_end(void)
{
    g_mutex_lock(&crypto_use.lock);
    crypto_use.busy--;
    g_cond_broadcast(&crypto_use.ended);
    g_mutex_unlock(&crypto_use.lock);
}

static void wait_at_exit(Notifier *n, void *data)
{
    g_mutex_lock(&crypto_use.lock);
    crypto_use.exiting = true;
    while (crypto_use.busy) {
        g_cond_wait(&crypto_use.ended, &crypto_use.lock);
    }
    g_mutex_unlock(&crypto_use.lock);
}

static void watch_exit(void)
{
    static Notifier notifier = { .notify = wait_at_exit };
    static bool watching;

    if (!watching) {
        watching = true;
        qemu_add_exit_notifier(&notifier);
    }
}

static int64_t provider_now(void *opaque)
{
    SpdmEngine *e = opaque;

    return e->at.now_us;
}

static GBytes *provider_config_space(void *opaque)
{
    SpdmEngine *e = opaque;

    return e->at.config_space ? g_bytes_ref(e->at.config_space) : NULL;
}

static void provider_pci_function(void *opaque, SpdmPciFunction *function)
{
    SpdmEngine *e = opaque;

    *function = e->at.function;
}

static void surroundings_set(Surroundings *to, Surroundings *from)
{
    g_clear_pointer(&to->config_space, g_bytes_unref);
    to->config_space = g_steal_pointer(&from->config_space);
    to->function = from->function;
    to->now_us = from->now_us;
}

static Surroundings look_around(SpdmEngine *e)
{
    Surroundings at = {
        .config_space = e->config.config_space(e->config.opaque),
        .now_us = e->config.now_us(e->config.opaque),
    };

    e->config.pci_function(e->config.opaque, &at.function);
    return at;
}

static bool job_exists(const Job *job)
{
    return job->prepare || job->reset || job->tick || job->aborts ||
           job->frame;
}

static void job_clear(Job *job)
{
    g_clear_pointer(&job->frame, g_bytes_unref);
    g_clear_pointer(&job->aborts, g_array_unref);
    g_clear_pointer(&job->at.config_space, g_bytes_unref);
    *job = (Job) { 0 };
}

static void result_clear(Result *result)
{
    g_clear_pointer(&result->reply, g_bytes_unref);
    spdm_fault_orders_clear(&result->orders);
    *result = (Result) { 0 };
}

static void engine_free(SpdmEngine *e)
{
    job_clear(&e->waiting);
    result_clear(&e->result);
    g_clear_pointer(&e->at.config_space, g_bytes_unref);
    spdm_responder_free(e->responder);
    spdm_faults_free(e->faults);
    spdm_tracer_free(e->config.tracer);
    spdm_soft_provider_free(e->provider);
    spdm_profile_free(e->config.profile);
    g_mutex_clear(&e->lock);
    g_cond_clear(&e->work);
    g_cond_clear(&e->idle);
    g_free(e);
}

/* --- where the responder runs: the thread, or inline --------------------- */

/* A measurement that the plan changes, truthfully told from now on. */
static void change_measurements(SpdmEngine *e, const GPtrArray *texts)
{
    for (guint i = 0; texts && i < texts->len; i++) {
        g_autoptr(GError) err = NULL;
        SpdmSoftChange change;

        if (spdm_soft_provider_change(e->provider,
                                      g_ptr_array_index(texts, i), &change,
                                      &err)) {
            spdm_soft_change_tell(&change, e->responder);
        } else {
            warn_report("%s: fault plan: %s", e->config.seed_label,
                        err->message);
        }
    }
}

static void take_orders(SpdmEngine *e, SpdmFaultOrders *orders)
{
    spdm_faults_take(e->faults, orders);
    change_measurements(e, orders->measurements);
}

static void process_frame(SpdmEngine *e, Job *job, Result *result)
{
    g_auto(SpdmReply) reply = { 0 };
    gsize len;
    const uint8_t *data = g_bytes_get_data(job->frame, &len);

    spdm_responder_process(e->responder, data, len, &reply);
    take_orders(e, &result->orders);
    result->present = true;
    result->generation = job->generation;
    if (reply.verdict == SPDM_VERDICT_REPLY && reply.bytes) {
        result->reply = g_byte_array_free_to_bytes(
            g_steal_pointer(&reply.bytes));
        result->delay_us = reply.delay_us;
    }
}

/* What cannot be made now is tried again, and reported, when it is needed. */
static void prepare(SpdmEngine *e)
{
    g_autoptr(GError) err = NULL;

    if (!spdm_soft_provider_prepare(e->provider, &err)) {
        warn_report("%s: %s", e->config.seed_label, err->message);
    }
}

static void abort_sessions(SpdmEngine *e, const GArray *ids)
{
    for (guint i = 0; ids && i < ids->len; i++) {
        spdm_responder_abort(e->responder, g_array_index(ids, uint32_t, i));
    }
}

static void run_job(SpdmEngine *e, Job *job, Result *result)
{
    surroundings_set(&e->at, &job->at);
    if (job->prepare) {
        prepare(e);
    }
    abort_sessions(e, job->aborts);
    if (job->reset) {
        spdm_responder_reset(e->responder);
    }
    if (job->frame) {
        process_frame(e, job, result);
    }
    result->ticked = true;
    result->tick_at = spdm_responder_tick(e->responder);
    job_clear(job);
}

/* Called with the lock held; drops it while the responder works. */
static void run_waiting(SpdmEngine *e)
{
    Result result = { 0 };
    Job job = e->waiting;

    e->waiting = (Job) { 0 };
    e->running = true;
    g_mutex_unlock(&e->lock);

    if (!e->config.run_inline) {
        crypto_begin();
    }
    run_job(e, &job, &result);
    if (!e->config.run_inline) {
        crypto_end();
    }

    g_mutex_lock(&e->lock);
    e->running = false;
    if (!result.present && e->result.present) {
        /* A tick must not push out an answer that is still wanted. */
        e->result.ticked = true;
        e->result.tick_at = result.tick_at;
    } else {
        result_clear(&e->result);
        e->result = result;
    }
    spdm_responder_info(e->responder, &e->info);
    g_cond_broadcast(&e->idle);
}

static void *engine_thread(void *opaque)
{
    SpdmEngine *e = opaque;

    g_mutex_lock(&e->lock);
    while (!e->quit) {
        if (!job_exists(&e->waiting)) {
            g_cond_wait(&e->work, &e->lock);
            continue;
        }
        run_waiting(e);
        if (e->bh) {
            qemu_bh_schedule(e->bh);
        }
    }
    g_mutex_unlock(&e->lock);
    crypto_begin();
    engine_free(e);
    crypto_end();
    return NULL;
}

/* --- the main thread ------------------------------------------------------ */

static void deliver(void *opaque)
{
    SpdmEngine *e = opaque;
    Result result;

    g_mutex_lock(&e->lock);
    result = e->result;
    e->result = (Result) { 0 };
    g_mutex_unlock(&e->lock);

    if (result.ticked) {
        e->config.tick_at(e->config.opaque, result.tick_at);
    }
    if (result.present) {
        SpdmEngineResult r = {
            .generation = result.generation,
            .reply = result.reply,
            .delay_us = result.delay_us,
            .orders = &result.orders,
        };

        e->config.done(e->config.opaque, &r);
    }
    result_clear(&result);
}

/* With the lock held: wakes the thread, or does the work here and now. */
static void kick(SpdmEngine *e)
{
    if (!e->config.run_inline) {
        g_cond_signal(&e->work);
        g_mutex_unlock(&e->lock);
        return;
    }
    run_waiting(e);
    g_mutex_unlock(&e->lock);
    deliver(e);
}

void spdm_engine_submit(SpdmEngine *e, uint64_t generation, GBytes *frame)
{
    Surroundings at = look_around(e);

    g_mutex_lock(&e->lock);
    g_clear_pointer(&e->waiting.frame, g_bytes_unref);
    e->waiting.frame = frame;
    e->waiting.generation = generation;
    surroundings_set(&e->waiting.at, &at);
    kick(e);
}

void spdm_engine_cancel(SpdmEngine *e)
{
    g_mutex_lock(&e->lock);
    g_clear_pointer(&e->waiting.frame, g_bytes_unref);
    g_mutex_unlock(&e->lock);
}

void spdm_engine_reset(SpdmEngine *e)
{
    Surroundings at = look_around(e);

    g_mutex_lock(&e->lock);
    g_clear_pointer(&e->waiting.frame, g_bytes_unref);
    e->waiting.reset = true;
    surroundings_set(&e->waiting.at, &at);
    kick(e);
}

void spdm_engine_prepare(SpdmEngine *e)
{
    if (e->config.run_inline) {
        return;                 /* it would stop the vCPU: at first use */
    }
    g_mutex_lock(&e->lock);
    e->waiting.prepare = true;
    kick(e);
}

void spdm_engine_abort(SpdmEngine *e, uint32_t session_id)
{
    Surroundings at = look_around(e);

    g_mutex_lock(&e->lock);
    if (!e->waiting.aborts) {
        e->waiting.aborts = g_array_new(FALSE, FALSE, sizeof(session_id));
    }
    g_array_append_val(e->waiting.aborts, session_id);
    surroundings_set(&e->waiting.at, &at);
    kick(e);
}

void spdm_engine_tick(SpdmEngine *e)
{
    Surroundings at = look_around(e);

    g_mutex_lock(&e->lock);
    e->waiting.tick = true;
    surroundings_set(&e->waiting.at, &at);
    kick(e);
}

static void report_warnings(const SpdmEngine *e, const GPtrArray *warnings)
{
    for (guint i = 0; i < warnings->len; i++) {
        warn_report("%s: %s", e->config.seed_label,
                    (const char *)g_ptr_array_index(warnings, i));
    }
}

static void fault_fired(void *opaque, const SpdmFaultFired *what)
{
    spdm_trace_fault(spdm_tracer_trace(opaque), what->rule, what->action,
                     what->at, what->message);
}

static bool make_responder(SpdmEngine *e, Error **errp)
{
    const SpdmEngineConfig *c = &e->config;
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) err = NULL;
    SpdmProvider own, provider;
    SpdmSoftConfig soft = {
        .profile = c->profile,
        .pci = c->pci,
        .trust_file = c->trust,
        .seed = c->seed,
        .seed_label = c->seed_label,
        .state_file = c->state_file,
        .now_us = provider_now,
        .config_space = provider_config_space,
        .pci_function = provider_pci_function,
        .opaque = e,
    };

    e->provider = spdm_soft_provider_new(&soft, warnings, &err);
    report_warnings(e, warnings);
    if (e->provider) {
        own = spdm_soft_provider(e->provider);
        e->faults = spdm_faults_new();
        provider = spdm_faults_provider(e->faults, &own);
        e->responder = spdm_responder_new(c->profile, &provider,
                                          SPDM_TRANSPORT_PCI_DOE, &err);
    }
    if (!e->responder) {
        error_setg(errp, "%s", err ? err->message : "no SPDM responder");
        return false;
    }
    /* The trace comes behind: it sees what the wire sees. */
    spdm_faults_attach(e->faults, e->responder);
    if (c->tracer) {
        spdm_faults_set_fired(e->faults, fault_fired, c->tracer);
        spdm_trace_attach(spdm_tracer_trace(c->tracer), e->responder);
    }
    spdm_responder_info(e->responder, &e->info);
    return true;
}

static void close_tracer(SpdmEngine *e)
{
    if (e->config.tracer) {
        spdm_tracer_close(e->config.tracer);
    }
}

SpdmEngine *spdm_engine_new(const SpdmEngineConfig *config, Error **errp)
{
    SpdmEngine *e = g_new0(SpdmEngine, 1);
    Surroundings at;
    QemuThread thread;

    e->config = *config;
    g_mutex_init(&e->lock);
    g_cond_init(&e->work);
    g_cond_init(&e->idle);
    at = look_around(e);
    surroundings_set(&e->at, &at);
    if (!make_responder(e, errp)) {
        close_tracer(e);
        engine_free(e);
        return NULL;
    }
    if (!config->run_inline) {
        watch_exit();
        e->bh = qemu_bh_new(deliver, e);
        qemu_thread_create(&thread, "spdm", engine_thread, e,
                           QEMU_THREAD_DETACHED);
    }
    return e;
}

void spdm_engine_release(SpdmEngine *e)
{
    QEMUBH *bh;

    if (!e) {
        return;
    }
    close_tracer(e);
    if (e->config.run_inline) {
        engine_free(e);
        return;
    }
    g_mutex_lock(&e->lock);
    bh = g_steal_pointer(&e->bh);
    e->quit = true;
    g_cond_signal(&e->work);
    /* The thread may free the engine as soon as the lock is dropped. */
    qemu_bh_delete(bh);
    g_mutex_unlock(&e->lock);
}

char *spdm_engine_roots_pem(SpdmEngine *e, Error **errp)
{
    g_autoptr(GError) err = NULL;
    char *pem = spdm_soft_provider_roots_pem(e->provider, &err);

    if (!pem) {
        error_setg(errp, "%s", err->message);
    }
    return pem;
}

void spdm_engine_info(SpdmEngine *e, SpdmResponderInfo *info)
{
    g_mutex_lock(&e->lock);
    *info = e->info;
    g_mutex_unlock(&e->lock);
}

void spdm_engine_settle(SpdmEngine *e)
{
    g_mutex_lock(&e->lock);
    while (e->running || job_exists(&e->waiting)) {
        g_cond_wait(&e->idle, &e->lock);
    }
    g_mutex_unlock(&e->lock);
    deliver(e);
}

static void renew_info(SpdmEngine *e)
{
    g_mutex_lock(&e->lock);
    spdm_responder_info(e->responder, &e->info);
    g_mutex_unlock(&e->lock);
}

/* After it no job runs, and none can come while we hold the big lock. */
static void begin_change(SpdmEngine *e)
{
    Surroundings at = look_around(e);

    spdm_engine_settle(e);
    surroundings_set(&e->at, &at);
}

static void end_change(SpdmEngine *e, const SpdmSoftChange *change)
{
    spdm_soft_change_tell(change, e->responder);
    renew_info(e);
}

bool spdm_engine_change(SpdmEngine *e, const char *text, Error **errp)
{
    g_autoptr(GError) err = NULL;
    SpdmSoftChange change;

    begin_change(e);
    if (!spdm_soft_provider_change(e->provider, text, &change, &err)) {
        error_setg(errp, "%s", err->message);
        return false;
    }
    end_change(e, &change);
    return true;
}

bool spdm_engine_set_chain(SpdmEngine *e, const char *text, Error **errp)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) err = NULL;
    SpdmSoftChange change;
    bool ok;

    begin_change(e);
    ok = spdm_soft_provider_set_chain(e->provider, text, warnings, &change,
                                      &err);
    report_warnings(e, warnings);
    if (!ok) {
        error_setg(errp, "%s", err->message);
        return false;
    }
    end_change(e, &change);
    return true;
}

void spdm_engine_set_faults(SpdmEngine *e, SpdmFaultPlan *plan,
                            SpdmFaultOrders *orders)
{
    spdm_engine_settle(e);
    spdm_faults_set_plan(e->faults, plan);
    take_orders(e, orders);
}

void spdm_engine_reset_faults(SpdmEngine *e, SpdmFaultOrders *orders)
{
    spdm_engine_settle(e);
    spdm_faults_reset(e->faults);
    take_orders(e, orders);
}

char *spdm_engine_fault_counts(SpdmEngine *e)
{
    spdm_engine_settle(e);
    return spdm_faults_counts_json(e->faults);
}

GBytes *spdm_engine_save_faults(SpdmEngine *e)
{
    spdm_engine_settle(e);
    return spdm_faults_plan(e->faults) ? spdm_faults_save(e->faults) : NULL;
}

bool spdm_engine_load_faults(SpdmEngine *e, GBytes *state, Error **errp)
{
    g_autoptr(GError) err = NULL;

    spdm_engine_settle(e);
    if (!spdm_faults_load(e->faults, state, &err)) {
        error_setg(errp, "%s", err->message);
        return false;
    }
    return true;
}

GBytes *spdm_engine_save(SpdmEngine *e)
{
    spdm_engine_settle(e);
    return spdm_responder_save(e->responder);
}

bool spdm_engine_load(SpdmEngine *e, GBytes *state, Error **errp)
{
    g_autoptr(GError) err = NULL;
    bool ok;

    spdm_engine_settle(e);
    ok = spdm_responder_load(e->responder, state, &err);
    if (!ok) {
        error_setg(errp, "%s", err->message);
    }
    renew_info(e);
    return ok;
}

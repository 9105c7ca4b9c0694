/*
 * One responder, and who runs it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qemu/error-report.h"
#include "qemu/main-loop.h"
#include "qapi/error.h"
#include "spdm-engine.h"
#include "spdm-held.h"
#include "spdm-workers.h"

/* What the responder sees of the machine while it works on one job. */
typedef struct Surroundings {
    bool live;                  /* config space is asked for when needed */
    GBytes *config_space;
    SpdmPciFunction function;
    int64_t now_us;
} Surroundings;

typedef struct Job {
    bool reset;
    bool tick;
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
    char *name;
    SpdmSoftProvider *provider;
    SpdmFaults *faults;         /* does nothing without a plan */
    SpdmResponder *responder;
    Surroundings at;            /* of who runs it, and his only */
    SpdmWork jobs;
    SpdmWork prepare;
    gint refs;                  /* ours, and one for each work given */

    GMutex lock;                /* all below */
    GCond idle;                 /* running, changing or waiting changed */
    Job waiting;
    Result result;
    SpdmResponderInfo info;
    SpdmEngineWork work;
    QEMUBH *bh;                 /* NULL when released */
    bool jobs_given;
    bool prepare_given;
    bool prepare_wanted;        /* there is something left to make */
    bool running;               /* somebody is in the responder or provider */
    bool with_frame;            /* ... on a frame: sessions may come of it */
    unsigned changing;          /* the main thread is, or is going to be */
    bool quit;
};

static int64_t provider_now(void *opaque)
{
    SpdmEngine *e = opaque;

    return e->at.now_us;
}

static GBytes *provider_config_space(void *opaque)
{
    SpdmEngine *e = opaque;

    if (e->at.live) {
        return e->config.config_space(e->config.opaque);
    }
    return e->at.config_space ? g_bytes_ref(e->at.config_space) : NULL;
}

static void provider_pci_function(void *opaque, SpdmPciFunction *function)
{
    SpdmEngine *e = opaque;

    *function = e->at.function;
}

static void provider_trouble(void *opaque, const char *line)
{
    SpdmEngine *e = opaque;

    warn_report("%s: %s", e->name, line);
}

static void surroundings_set(Surroundings *to, Surroundings *from)
{
    g_clear_pointer(&to->config_space, g_bytes_unref);
    to->config_space = g_steal_pointer(&from->config_space);
    to->live = from->live;
    to->function = from->function;
    to->now_us = from->now_us;
}

/* On the main thread, which can look again while it runs the responder. */
static Surroundings look_live(SpdmEngine *e)
{
    Surroundings at = {
        .live = true,
        .now_us = e->config.now_us(e->config.opaque),
    };

    e->config.pci_function(e->config.opaque, &at.function);
    return at;
}

/* For another thread. */
static Surroundings look_around(SpdmEngine *e)
{
    Surroundings at = look_live(e);

    if (!e->config.run_inline) {
        at.live = false;
        at.config_space = e->config.config_space(e->config.opaque);
    }
    return at;
}

static bool job_exists(const Job *job)
{
    return job->reset || job->tick || job->frame;
}

static void job_clear(Job *job)
{
    g_clear_pointer(&job->frame, g_bytes_unref);
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
    g_free(e->name);
    g_mutex_clear(&e->lock);
    g_cond_clear(&e->idle);
    g_free(e);
}

static void engine_unref(SpdmEngine *e)
{
    if (g_atomic_int_dec_and_test(&e->refs)) {
        engine_free(e);
    }
}

/* --- where the responder runs: a worker, or inline ----------------------- */

/* What the plan changes of the device, truthfully told from now on. */
static void make_changes(SpdmEngine *e, const GPtrArray *texts)
{
    for (guint i = 0; texts && i < texts->len; i++) {
        g_autoptr(GError) err = NULL;
        SpdmSoftChange change;

        if (spdm_soft_provider_assign(e->provider,
                                      g_ptr_array_index(texts, i), &change,
                                      &err)) {
            spdm_soft_change_tell(&change, e->responder);
        } else {
            warn_report("%s: fault plan: %s", e->name,
                        err->message);
        }
    }
}

static void take_orders(SpdmEngine *e, SpdmFaultOrders *orders)
{
    spdm_faults_take(e->faults, orders);
    make_changes(e, orders->changes);
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

static void run_job(SpdmEngine *e, Job *job, Result *result)
{
    surroundings_set(&e->at, &job->at);
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

/* With the lock held, as all below but what is for workers to call. */
static void keep_result(SpdmEngine *e, const Result *result)
{
    if (!result->present && e->result.present) {
        /* A tick must not push out an answer that is still wanted. */
        e->result.ticked = true;
        e->result.tick_at = result->tick_at;
    } else {
        result_clear(&e->result);
        e->result = *result;
    }
}

static void set_running(SpdmEngine *e, bool running)
{
    e->running = running;
    g_cond_broadcast(&e->idle);
}

/* Called with e->running set; drops the lock while the responder works. */
static void run_taken(SpdmEngine *e, Job *job, uint64_t *count)
{
    Result result = { 0 };

    e->with_frame = job->frame != NULL;
    *count += e->with_frame;
    g_mutex_unlock(&e->lock);
    run_job(e, job, &result);
    g_mutex_lock(&e->lock);
    keep_result(e, &result);
    spdm_responder_info(e->responder, &e->info);
    e->with_frame = false;
    e->prepare_wanted |= spdm_responder_can_prepare(e->responder);
    set_running(e, false);
}

static void run_waiting(SpdmEngine *e, uint64_t *count)
{
    Job job = e->waiting;

    e->waiting = (Job) { 0 };
    set_running(e, true);
    run_taken(e, &job, count);
}

static void give_prepare(SpdmEngine *e)
{
    if (e->prepare_wanted && !e->prepare_given && !e->quit) {
        e->prepare_given = true;
        g_atomic_int_inc(&e->refs);
        spdm_workers_run(&e->prepare, true);
    }
}

static void worker_jobs(void *opaque)
{
    SpdmEngine *e = opaque;

    g_mutex_lock(&e->lock);
    while (!e->quit && job_exists(&e->waiting)) {
        if (e->running) {
            g_cond_wait(&e->idle, &e->lock);
            continue;
        }
        run_waiting(e, &e->work.by_worker);
        if (e->bh) {
            qemu_bh_schedule(e->bh);
        }
    }
    e->jobs_given = false;
    give_prepare(e);
    g_mutex_unlock(&e->lock);
    engine_unref(e);
}

/* To use the provider from a worker: with the lock held, which is dropped. */
static void enter(SpdmEngine *e)
{
    while (e->running || e->changing) {
        g_cond_wait(&e->idle, &e->lock);
    }
    set_running(e, true);
    g_mutex_unlock(&e->lock);
}

static void leave(SpdmEngine *e)
{
    g_mutex_lock(&e->lock);
    spdm_responder_info(e->responder, &e->info);
    set_running(e, false);
}

/* The guest is served while a key is being made. */
static void make_key(SpdmEngine *e, SpdmSoftKey *key)
{
    leave(e);
    g_mutex_unlock(&e->lock);
    spdm_soft_key_make(key);
    g_mutex_lock(&e->lock);
    enter(e);
    spdm_soft_key_keep(e->provider, key);
}

/*
 * True: there may be more.  A job that waits comes first, and is not waited
 * for: when QEMU ends no other is begun.  What cannot be made now is tried
 * again, and reported, when it is needed.
 */
static bool prepare_one(SpdmEngine *e)
{
    g_autoptr(GError) err = NULL;
    bool more = false;
    SpdmSoftKey *key;

    if (e->quit || job_exists(&e->waiting)) {
        return true;
    }
    enter(e);
    key = spdm_soft_key_wanted(e->provider);
    if (key) {
        make_key(e, key);
    }
    if (!spdm_soft_provider_prepare_one(e->provider, &more, &err)) {
        warn_report("%s: %s", e->name, err->message);
        more = false;
    }
    if (!more) {
        spdm_responder_prepare(e->responder);
    }
    leave(e);
    return more;
}

/* One, and then the next of another device, or jobs of this. */
static void worker_prepare(void *opaque)
{
    SpdmEngine *e = opaque;

    g_mutex_lock(&e->lock);
    e->prepare_wanted = prepare_one(e);
    e->prepare_given = false;
    if (!e->jobs_given) {
        give_prepare(e);
    }
    g_mutex_unlock(&e->lock);
    engine_unref(e);
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

static void deliver_later(void *opaque)
{
    SpdmEngine *e = opaque;
    int64_t begin = spdm_held_begin();
    g_autofree char *name = begin ? g_strdup(e->name) : NULL;

    deliver(e);
    spdm_held_end(name, "answer", begin);
}

/* With the lock held, which it drops: a worker's, or work for here and now. */
static void kick(SpdmEngine *e)
{
    bool give;

    if (e->config.run_inline) {
        run_waiting(e, &e->work.at_once);
        g_mutex_unlock(&e->lock);
        deliver(e);
        return;
    }
    give = !e->jobs_given;
    e->jobs_given = true;
    g_mutex_unlock(&e->lock);
    if (give) {
        g_atomic_int_inc(&e->refs);
        spdm_workers_run(&e->jobs, false);
    }
}

/* --- a frame that is answered at once ------------------------------------ */

/*
 * Not when something is under way or waits.  Nor when records of it go to a
 * file or a slow reader, or a plan may make of it what it likes.
 */
static bool claim(SpdmEngine *e)
{
    bool ok = !e->config.run_inline && !e->config.tracer &&
              !spdm_faults_plan(e->faults);

    g_mutex_lock(&e->lock);
    ok = ok && !e->running && !job_exists(&e->waiting);
    if (ok) {
        set_running(e, true);
    }
    g_mutex_unlock(&e->lock);
    return ok;
}

static bool is_cheap(SpdmEngine *e, GBytes *frame)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(frame, &len);

    return spdm_responder_is_cheap(e->responder, data, len);
}

/* A thread's hand-over and a bottom half take longer than these do. */
static bool answer_at_once(SpdmEngine *e, uint64_t generation, GBytes *frame)
{
    Job job = { .frame = frame, .generation = generation };
    bool cheap;

    if (!claim(e)) {
        return false;
    }
    cheap = is_cheap(e, frame);
    g_mutex_lock(&e->lock);
    if (cheap) {
        job.at = look_live(e);
        run_taken(e, &job, &e->work.at_once);
        give_prepare(e);
    } else {
        set_running(e, false);
    }
    g_mutex_unlock(&e->lock);
    if (cheap) {
        deliver(e);
    }
    return cheap;
}

/* --- what the device asks for -------------------------------------------- */

void spdm_engine_submit(SpdmEngine *e, uint64_t generation, GBytes *frame)
{
    Surroundings at;

    if (answer_at_once(e, generation, frame)) {
        return;
    }
    at = look_around(e);
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
    e->prepare_wanted = true;
    give_prepare(e);
    g_mutex_unlock(&e->lock);
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
        warn_report("%s: %s", e->name,
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
        .trouble = provider_trouble,
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

    e->config = *config;
    e->name = g_strdup(config->seed_label);
    e->refs = 1;
    e->jobs = (SpdmWork) { .run = worker_jobs, .opaque = e };
    e->prepare = (SpdmWork) { .run = worker_prepare, .opaque = e };
    g_mutex_init(&e->lock);
    g_cond_init(&e->idle);
    at = look_around(e);
    surroundings_set(&e->at, &at);
    if (!make_responder(e, errp)) {
        close_tracer(e);
        engine_free(e);
        return NULL;
    }
    if (!config->run_inline) {
        spdm_workers_start();
        e->bh = qemu_bh_new(deliver_later, e);
    }
    return e;
}

/*
 * Sessions end while there is still somebody to tell.  That is worth waiting
 * for an answer under way, but not for keys that are made in advance.
 */
static void end_for_good(SpdmEngine *e)
{
    bool any;

    g_mutex_lock(&e->lock);
    e->changing++;
    job_clear(&e->waiting);
    any = e->info.session_count > 0 || e->with_frame;
    while (any && e->running) {
        g_cond_wait(&e->idle, &e->lock);
    }
    g_mutex_unlock(&e->lock);
    if (any) {
        spdm_responder_end(e->responder, 0, "unplugged");
    }
}

void spdm_engine_release(SpdmEngine *e)
{
    QEMUBH *bh;

    if (!e) {
        return;
    }
    end_for_good(e);
    close_tracer(e);
    if (e->config.run_inline) {
        engine_free(e);
        return;
    }
    g_mutex_lock(&e->lock);
    bh = g_steal_pointer(&e->bh);
    e->quit = true;
    e->changing--;              /* end_for_good(): who waits goes home */
    g_cond_broadcast(&e->idle);
    qemu_bh_delete(bh);
    g_mutex_unlock(&e->lock);
    engine_unref(e);
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

void spdm_engine_work(SpdmEngine *e, SpdmEngineWork *work)
{
    g_mutex_lock(&e->lock);
    *work = e->work;
    g_mutex_unlock(&e->lock);
}

static void wait_until_idle(SpdmEngine *e)
{
    while (e->running || job_exists(&e->waiting)) {
        g_cond_wait(&e->idle, &e->lock);
    }
}

void spdm_engine_settle(SpdmEngine *e)
{
    g_mutex_lock(&e->lock);
    wait_until_idle(e);
    g_mutex_unlock(&e->lock);
    deliver(e);
}

/*
 * After it no job runs, none can come while we hold the big lock, and nothing
 * is made in advance until end_change().
 */
static void begin_change(SpdmEngine *e)
{
    Surroundings at;

    g_mutex_lock(&e->lock);
    e->changing++;
    wait_until_idle(e);
    g_mutex_unlock(&e->lock);
    deliver(e);
    at = look_live(e);
    surroundings_set(&e->at, &at);
}

static void end_change(SpdmEngine *e)
{
    g_mutex_lock(&e->lock);
    spdm_responder_info(e->responder, &e->info);
    e->changing--;
    g_cond_broadcast(&e->idle);
    g_mutex_unlock(&e->lock);
}

/* In the recorded events: what is to come of it comes later. */
static void note_abort(SpdmEngine *e, const SpdmAbort *abort)
{
    g_autofree char *text = g_strdup_printf(
        "the operator aborts %s with the next request: %s",
        abort->session_id ? "a session" : "every session",
        spdm_abort_manner_name(abort->manner));

    if (e->config.tracer && !spdm_abort_is_at_once(abort->manner)) {
        spdm_trace_note(spdm_tracer_trace(e->config.tracer), text);
    }
}

bool spdm_engine_abort(SpdmEngine *e, const SpdmAbort *abort, Error **errp)
{
    bool ok;

    begin_change(e);
    ok = spdm_responder_abort_as(e->responder, abort) || !abort->session_id;
    if (ok) {
        note_abort(e, abort);
    } else {
        error_setg(errp, "there is no session 0x%08x", abort->session_id);
    }
    end_change(e);
    return ok;
}

void spdm_engine_end_sessions(SpdmEngine *e, const char *why)
{
    begin_change(e);
    spdm_responder_end(e->responder, 0, why);
    end_change(e);
}

/* In the recorded events: not what it is now, which may be a secret. */
static void note_change(SpdmEngine *e, const SpdmSoftSetter *setter)
{
    g_autofree char *text = g_strdup_printf("the operator changes it: %s",
                                            setter->name);

    if (e->config.tracer) {
        spdm_trace_note(spdm_tracer_trace(e->config.tracer), text);
    }
}

bool spdm_engine_change(SpdmEngine *e, const SpdmSoftSetter *setter,
                        const char *text, Error **errp)
{
    g_autoptr(GPtrArray) warnings = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) err = NULL;
    SpdmSoftChange change;
    bool ok;

    begin_change(e);
    ok = setter->set(e->provider, text, warnings, &change, &err);
    report_warnings(e, warnings);
    if (ok) {
        note_change(e, setter);
        spdm_soft_change_tell(&change, e->responder);
    } else {
        error_setg(errp, "%s", err->message);
    }
    end_change(e);
    return ok;
}

void spdm_engine_set_faults(SpdmEngine *e, SpdmFaultPlan *plan,
                            SpdmFaultOrders *orders)
{
    begin_change(e);
    spdm_faults_set_plan(e->faults, plan);
    take_orders(e, orders);
    end_change(e);
}

void spdm_engine_reset_faults(SpdmEngine *e, SpdmFaultOrders *orders)
{
    begin_change(e);
    spdm_faults_reset(e->faults);
    take_orders(e, orders);
    end_change(e);
}

char *spdm_engine_fault_counts(SpdmEngine *e)
{
    char *json;

    begin_change(e);
    json = spdm_faults_counts_json(e->faults);
    end_change(e);
    return json;
}

GBytes *spdm_engine_save_faults(SpdmEngine *e)
{
    GBytes *state;

    begin_change(e);
    state = spdm_faults_plan(e->faults) ? spdm_faults_save(e->faults) : NULL;
    end_change(e);
    return state;
}

bool spdm_engine_load_faults(SpdmEngine *e, GBytes *state, Error **errp)
{
    g_autoptr(GError) err = NULL;

    begin_change(e);
    if (!spdm_faults_load(e->faults, state, &err)) {
        error_setg(errp, "%s", err->message);
    }
    end_change(e);
    return !err;
}

GBytes *spdm_engine_save(SpdmEngine *e)
{
    GBytes *state;

    begin_change(e);
    state = spdm_responder_save(e->responder);
    end_change(e);
    return state;
}

bool spdm_engine_load(SpdmEngine *e, GBytes *state, Error **errp)
{
    g_autoptr(GError) err = NULL;

    begin_change(e);
    if (!spdm_responder_load(e->responder, state, &err)) {
        error_setg(errp, "%s", err->message);
    }
    end_change(e);
    return !err;
}

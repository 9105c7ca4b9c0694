/*
 * Requester, faults, responder.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "world.h"

#include <string.h>

enum { POLL_US = 1000, ABORT_US = 1000000, HEADER = 8 };

static bool fail(GError **errp, const char *why)
{
    g_set_error_literal(errp, G_FILE_ERROR, G_FILE_ERROR_IO, why);
    return false;
}

/* --- the device ----------------------------------------------------------- */

static void reset_device(World *w)
{
    if (w->mb) {
        spdm_fault_doe_clear(w->doe);
        doe_mailbox_reset(w->mb);
    }
    spdm_responder_reset(w->f->responder);
    spdm_faults_reset(w->faults);
}

static void make_changes(World *w, const GPtrArray *texts)
{
    for (guint i = 0; texts && i < texts->len; i++) {
        g_autoptr(GError) err = NULL;
        SpdmSoftChange change;

        spdm_soft_provider_assign(w->f->soft, g_ptr_array_index(texts, i),
                                  &change, &err);
        g_assert_no_error(err);
        spdm_soft_change_tell(&change, w->f->responder);
    }
}

/* What has to be done before the answer goes. */
static void obey(World *w, const SpdmFaultOrders *o)
{
    if (w->mb) {
        spdm_fault_doe_arm(w->doe, &o->doe, w->f->now_us);
    }
    make_changes(w, o->changes);
    for (guint i = 0; w->mb && o->frames && i < o->frames->len; i++) {
        spdm_fault_doe_offer(w->doe, g_ptr_array_index(o->frames, i));
    }
    for (guint i = 0; !w->mb && o->frames && i < o->frames->len; i++) {
        g_ptr_array_add(w->late,
                        g_bytes_ref(g_ptr_array_index(o->frames, i)));
    }
}

/* False: the device has no answer any more. */
static bool obey_later(World *w, const SpdmFaultOrders *o)
{
    bool now = o->reset == SPDM_FAULT_NOW || o->surprise == SPDM_FAULT_NOW ||
               o->unplug == SPDM_FAULT_NOW;

    w->gone |= o->surprise || o->unplug;
    if (o->reset) {
        reset_device(w);
    }
    return !now;
}

/* --- frames directly ------------------------------------------------------ */

static bool take_late(World *w, GByteArray *reply)
{
    GBytes *first;

    if (!w->late->len) {
        return false;
    }
    first = g_ptr_array_index(w->late, 0);
    g_byte_array_append(reply, g_bytes_get_data(first, NULL),
                        (guint)g_bytes_get_size(first));
    g_ptr_array_remove_index(w->late, 0);
    return true;
}

static bool direct(void *opaque, const uint8_t *frame, size_t len,
                   GByteArray *reply, int64_t timeout_us, GError **errp)
{
    World *w = opaque;
    g_auto(SpdmReply) answer = { .bytes = NULL };
    g_auto(SpdmFaultOrders) orders = { .frames = NULL };
    bool answered, early;

    if (w->gone) {
        return fail(errp, "the device is gone");
    }
    early = take_late(w, reply);
    spdm_responder_process(w->f->responder, frame, len, &answer);
    spdm_faults_take(w->faults, &orders);
    obey(w, &orders);
    answered = obey_later(w, &orders) &&
               answer.verdict == SPDM_VERDICT_REPLY;
    if (answered && answer.delay_us <= timeout_us && !early) {
        w->f->now_us += answer.delay_us;
        g_byte_array_append(reply, answer.bytes->data, answer.bytes->len);
        return true;
    }
    if (answered) {
        g_ptr_array_add(w->late, g_bytes_new(answer.bytes->data,
                                             answer.bytes->len));
    }
    if (early) {
        return true;
    }
    w->f->now_us += timeout_us;
    return fail(errp, "no answer");
}

/* --- through a mailbox ---------------------------------------------------- */

static void submit(void *opaque, uint64_t generation, GBytes *object)
{
    World *w = opaque;
    g_auto(SpdmReply) answer = { .bytes = NULL };
    g_auto(SpdmFaultOrders) orders = { .frames = NULL };
    g_autoptr(GBytes) reply = NULL;
    gsize len;
    const uint8_t *data = g_bytes_get_data(object, &len);

    spdm_responder_process(w->f->responder, data, len, &answer);
    spdm_faults_take(w->faults, &orders);
    obey(w, &orders);
    w->f->now_us += answer.delay_us;
    if (obey_later(w, &orders) && answer.verdict == SPDM_VERDICT_REPLY) {
        reply = g_bytes_new(answer.bytes->data, answer.bytes->len);
    }
    doe_mailbox_complete(w->mb, generation, reply ? DOE_REPLY : DOE_DROP,
                         reply);
    g_bytes_unref(object);
}

static void interrupt(void *opaque)
{
    World *w = opaque;

    w->interrupts += !spdm_fault_doe_mutes(w->doe);
}

static uint32_t rd(World *w, unsigned reg)
{
    return w->gone ? UINT32_MAX
        : spdm_fault_doe_read(w->doe, w->mb, reg, 4, w->f->now_us);
}

static void wr(World *w, unsigned reg, uint32_t value)
{
    if (!w->gone) {
        spdm_fault_doe_write(w->doe, w->mb, reg, value, 4, w->f->now_us);
    }
}

/* Waits until @want of @mask shows; false after @us. */
static bool wait_for(World *w, uint32_t mask, uint32_t want, int64_t us,
                     uint32_t *status)
{
    for (int64_t left = us;; left -= POLL_US) {
        *status = rd(w, DOE_REG_STATUS);
        if (*status == UINT32_MAX || (*status & DOE_STATUS_ERROR) ||
            (*status & mask) == want) {
            return true;
        }
        if (left <= 0) {
            return false;
        }
        w->f->now_us += POLL_US;
    }
}

static bool abort_doe(World *w)
{
    uint32_t status;

    wr(w, DOE_REG_CONTROL, DOE_CONTROL_ABORT);
    for (int64_t left = ABORT_US; left > 0; left -= POLL_US) {
        status = rd(w, DOE_REG_STATUS);
        if (!(status & (DOE_STATUS_BUSY | DOE_STATUS_ERROR |
                        DOE_STATUS_READY))) {
            return true;
        }
        w->f->now_us += POLL_US;
    }
    return false;
}

static bool give_up(World *w, const char *why, GError **errp)
{
    g_autofree char *text = g_strdup_printf("%s%s", why, abort_doe(w) ? ""
                                            : "; Abort does not help");

    return fail(errp, text);
}

static bool read_object(World *w, GByteArray *reply, GError **errp)
{
    size_t dwords = 2;
    uint32_t status;

    for (size_t i = 0; i < dwords; i++) {
        uint32_t le;

        status = rd(w, DOE_REG_STATUS);
        if (status == UINT32_MAX) {
            return fail(errp, "the device reads as all ones");
        }
        if (!(status & DOE_STATUS_READY)) {
            return give_up(w, "Ready went away before the object's end",
                           errp);
        }
        le = GUINT32_TO_LE(rd(w, DOE_REG_READ));
        wr(w, DOE_REG_READ, 0);
        g_byte_array_append(reply, (const uint8_t *)&le, sizeof(le));
        if (i == 1) {
            dwords = GUINT32_FROM_LE(le) & 0x3ffff;
            dwords = dwords ? dwords : 1 << 18;
        }
    }
    return true;
}

static bool through_mailbox(void *opaque, const uint8_t *frame, size_t len,
                            GByteArray *reply, int64_t timeout_us,
                            GError **errp)
{
    World *w = opaque;
    uint32_t status;

    if (!wait_for(w, DOE_STATUS_BUSY, 0, timeout_us, &status)) {
        return give_up(w, "the mailbox is Busy", errp);
    }
    for (size_t i = 0; i < len; i += 4) {
        uint32_t le;

        memcpy(&le, frame + i, sizeof(le));
        wr(w, DOE_REG_WRITE, GUINT32_FROM_LE(le));
    }
    wr(w, DOE_REG_CONTROL, DOE_CONTROL_GO);
    if (!wait_for(w, DOE_STATUS_READY, DOE_STATUS_READY, timeout_us,
                  &status)) {
        return give_up(w, status & DOE_STATUS_BUSY ? "the mailbox is Busy"
                       : "no answer", errp);
    }
    if (status == UINT32_MAX) {
        return fail(errp, "the device reads as all ones");
    }
    if (status & DOE_STATUS_ERROR) {
        return give_up(w, "DOE Error", errp);
    }
    return read_object(w, reply, errp);
}

/* --- life ----------------------------------------------------------------- */

static void make_mailbox(World *w)
{
    const DoeMailboxConfig config = {
        .max_object = DOE_OBJECT_MAX, .interrupt_support = true,
        .submit = submit, .interrupt = interrupt, .opaque = w,
    };

    w->mb = doe_mailbox_new(&config);
    w->doe = spdm_fault_doe_new();
}

/* The fixture's ends, with the engine and our wires between them. */
static void rewire(World *w)
{
    RqFixture *f = w->f;
    SpdmProvider provider = spdm_faults_provider(w->faults, &f->provider);
    g_autofree char *roots = NULL;
    g_autoptr(GError) err = NULL;

    spdm_responder_free(f->responder);
    spdm_requester_free(f->rq);
    f->responder = spdm_responder_new(f->profile, &provider,
                                      f->cfg.transport, &err);
    g_assert_no_error(err);
    g_assert_true(spdm_faults_attach(w->faults, f->responder));
    if (f->o.trust) {
        roots = spdm_soft_provider_roots_pem(f->soft, &err);
        g_assert_no_error(err);
        f->cfg.trust_pem = roots;
    }
    f->cfg.io.send_receive = f->o.doe ? through_mailbox : direct;
    f->cfg.io.opaque = w;
    f->cfg.identities = f->o.identity ? &f->identity : NULL;
    f->cfg.identity_count = f->o.identity ? 1 : 0;
    f->rq = spdm_requester_new(&f->cfg, &err);
    g_assert_no_error(err);
    f->cfg.trust_pem = NULL;
}

static void sleep_us(void *opaque, int64_t us)
{
    World *w = opaque;

    w->f->now_us += us;
}

static int64_t now_us(void *opaque)
{
    World *w = opaque;

    return w->f->now_us;
}

static void note_device(World *w)
{
    SpdmProvider p = spdm_soft_provider(w->f->soft);

    w->identity = p.ops->identity_save(p.opaque);
    w->user = p.ops->user_save(p.opaque);
}

/* What a plan has changed of the device, its owner puts right. */
static void restore_device(World *w)
{
    SpdmProvider p = spdm_soft_provider(w->f->soft);
    gsize len;
    const uint8_t *data = g_bytes_get_data(w->identity, &len);

    g_assert_true(p.ops->identity_load(p.opaque, SPDM_BYTES(data, len),
                                       NULL));
    data = g_bytes_get_data(w->user, &len);
    g_assert_true(p.ops->user_load(p.opaque, SPDM_BYTES(data, len), NULL));
}

static SpdmFaultPlan *load(const char *plan)
{
    g_autofree char *path = g_strdup_printf(SRCDIR "/configs/faults/%s.ini",
                                            plan);
    g_autoptr(GError) err = NULL;
    SpdmFaultPlan *p = strchr(plan, '[')
        ? spdm_fault_plan_parse(plan, "test", &err)
        : spdm_fault_plan_load(path, &err);

    g_assert_no_error(err);
    return p;
}

World *world_new(const RqOptions *options, const char *plan)
{
    World *w = g_new0(World, 1);

    w->late = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    w->f = rq_fixture_new(options);
    w->faults = spdm_faults_new();
    w->f->cfg.io.sleep_us = sleep_us;
    w->f->cfg.io.now_us = now_us;
    if (options->doe) {
        make_mailbox(w);
    }
    rewire(w);
    note_device(w);
    if (plan) {
        g_auto(SpdmFaultOrders) orders = { .frames = NULL };

        spdm_faults_set_plan(w->faults, load(plan));
        spdm_faults_take(w->faults, &orders);
        obey(w, &orders);
    }
    return w;
}

void world_free(World *w)
{
    if (w) {
        rq_fixture_free(w->f);
        spdm_faults_free(w->faults);
        g_clear_pointer(&w->mb, doe_mailbox_free);
        spdm_fault_doe_free(w->doe);
        g_ptr_array_unref(w->late);
        g_bytes_unref(w->identity);
        g_bytes_unref(w->user);
        g_free(w);
    }
}

/* --- what a requester does ------------------------------------------------ */

static bool discover(RqFixture *f, GError **errp)
{
    SpdmDoeEntry entries[4];
    unsigned count;

    return !f->o.doe ||
           spdm_requester_discover(f->rq, 0, entries, 4, &count, errp);
}

static bool measure(RqFixture *f, GError **errp)
{
    static const SpdmMeasurementQuery all = { .index = 0xff, .sign = true };

    return spdm_requester_measurements(f->rq, 0, &all, NULL, errp);
}

static bool identify(RqFixture *f, GError **errp)
{
    return spdm_requester_digests(f->rq, 0, errp) &&
           spdm_requester_certificate(f->rq, 0, 0, 496, errp) &&
           spdm_requester_challenge(f->rq, 0, 0xff, errp) &&
           spdm_requester_challenge(f->rq, 0, 0xff, errp) &&
           measure(f, errp) && spdm_requester_digests(f->rq, 0, errp);
}

static bool use(RqFixture *f, uint32_t session, GError **errp)
{
    static const uint8_t vendor[] = { 0x36, 0x1b };
    g_autoptr(GByteArray) reply = g_byte_array_new();

    return (!f->o.heartbeat ||
            spdm_requester_heartbeat(f->rq, session, errp)) &&
           spdm_requester_key_update(f->rq, session, true, errp) &&
           (!f->o.heartbeat ||
            spdm_requester_heartbeat(f->rq, session, errp)) &&
           spdm_requester_vendor(f->rq, session, 3, SPDM_BYTES(vendor, 2),
                                 SPDM_BYTES("x", 1), reply, errp);
}

static bool sigma(RqFixture *f, uint32_t *session, GError **errp)
{
    SpdmKeyExchangeParams params = { .slot = 0 };

    return spdm_requester_key_exchange(f->rq, &params, session, errp) &&
           spdm_requester_finish(f->rq, *session, errp);
}

static bool psk(RqFixture *f, uint32_t *session, GError **errp)
{
    SpdmPskExchangeParams params = rq_psk_params();

    return spdm_requester_psk_exchange(f->rq, &params, session, errp) &&
           spdm_requester_psk_finish(f->rq, *session, errp);
}

bool world_everything(World *w, GError **errp)
{
    RqFixture *f = w->f;
    uint32_t s;

    return discover(f, errp) && spdm_requester_connect(f->rq, errp) &&
           identify(f, errp) && sigma(f, &s, errp) && use(f, s, errp) &&
           spdm_requester_end_session(f->rq, s, false, errp) &&
           psk(f, &s, errp) && use(f, s, errp) &&
           spdm_requester_end_session(f->rq, s, false, errp);
}

bool world_usable(World *w)
{
    g_autoptr(GError) err = NULL;

    spdm_faults_set_plan(w->faults, NULL);
    restore_device(w);
    g_ptr_array_set_size(w->late, 0);
    if (w->mb) {
        spdm_fault_doe_clear(w->doe);
        w->gone = false;
        abort_doe(w);
    }
    w->gone = false;
    spdm_requester_free(g_steal_pointer(&w->f->rq));
    w->f->cfg.trust_pem = NULL;
    w->f->rq = spdm_requester_new(&w->f->cfg, &err);
    g_assert_no_error(err);
    world_everything(w, &err);
    if (err) {
        g_test_message("after the fault: %s", err->message);
    }
    return !err;
}

bool world_all_fired(const World *w)
{
    bool all = true;

    for (unsigned i = 0; i < spdm_faults_rules(w->faults); i++) {
        SpdmFaultCount c = spdm_faults_count(w->faults, i);

        if (!c.fired) {
            g_test_message("%s matched %" G_GUINT64_FORMAT " times and never "
                           "fired", c.rule, c.matched);
            all = false;
        }
    }
    return all;
}

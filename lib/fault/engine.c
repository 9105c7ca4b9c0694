/*
 * The engine: which rules fire, how often, and what is kept for them.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/engine.h"
#include "fault/frame.h"

#include <string.h>

static FaultRule *rule_at(const SpdmFaults *f, guint i)
{
    return g_ptr_array_index(f->plan->rules, i);
}

static FaultRun *run_at(const SpdmFaults *f, guint i)
{
    return &g_array_index(f->runs, FaultRun, i);
}

static void run_clear(FaultRun *run)
{
    g_clear_pointer(&run->kept, g_byte_array_unref);
}

SpdmFaults *spdm_faults_new(void)
{
    SpdmFaults *f = g_new0(SpdmFaults, 1);

    f->runs = g_array_new(FALSE, TRUE, sizeof(FaultRun));
    g_array_set_clear_func(f->runs, (GDestroyNotify)run_clear);
    f->tap = (SpdmTap){ fault_tap, f };
    return f;
}

void spdm_faults_free(SpdmFaults *f)
{
    if (f) {
        spdm_faults_set_plan(f, NULL);
        spdm_fault_orders_clear(&f->orders);
        fault_provider_clear(&f->provider);
        g_array_unref(f->runs);
        g_free(f);
    }
}

void spdm_faults_set_plan(SpdmFaults *f, SpdmFaultPlan *plan)
{
    g_array_set_size(f->runs, 0);
    g_clear_pointer(&f->plan, spdm_fault_plan_free);
    spdm_fault_orders_clear(&f->orders);
    fault_provider_clear(&f->provider);
    f->ending_of = NULL;
    f->lying = false;
    f->plan = plan;
    if (plan) {
        g_array_set_size(f->runs, plan->rules->len);
        f->rng = plan->seed;
        f->lying = plan->lies.from_start;
        fault_start(f);
    }
}

const SpdmFaultPlan *spdm_faults_plan(const SpdmFaults *f)
{
    return f->plan;
}

bool spdm_faults_attach(SpdmFaults *f, SpdmResponder *r)
{
    return spdm_responder_add_tap(r, &f->tap);
}

const SpdmTap *spdm_faults_tap(SpdmFaults *f)
{
    return &f->tap;
}

void spdm_faults_reset(SpdmFaults *f)
{
    f->ending_of = NULL;
    if (f->plan) {
        fault_start(f);
    }
}

void spdm_faults_set_fired(SpdmFaults *f,
                           void (*fired)(void *opaque,
                                         const SpdmFaultFired *what),
                           void *opaque)
{
    f->fired = fired;
    f->fired_opaque = opaque;
}

void spdm_faults_take(SpdmFaults *f, SpdmFaultOrders *orders)
{
    SpdmResponder *r = f->ending_of;

    f->ending_of = NULL;
    if (r) {
        spdm_responder_end(r, f->ending, FAULT_ENDS);
    }
    *orders = f->orders;
    f->orders = (SpdmFaultOrders){ .reset = SPDM_FAULT_NOT };
}

void spdm_fault_orders_clear(SpdmFaultOrders *orders)
{
    g_clear_pointer(&orders->frames, g_ptr_array_unref);
    g_clear_pointer(&orders->changes, g_ptr_array_unref);
    *orders = (SpdmFaultOrders){ .reset = SPDM_FAULT_NOT };
}

/* --- selecting ------------------------------------------------------------ */

/* What a rule with "message" compares: a code, or FAULT_DISCOVERY. */
static int message_of(const SpdmTapContext *c)
{
    SpdmBytes bytes = SPDM_BYTES(c->bytes->data, c->bytes->len);

    if (c->code || !c->transport || c->layout) {
        return c->code;
    }
    if (fault_frame_is_discovery(c->transport, bytes)) {
        return FAULT_DISCOVERY;
    }
    return fault_frame_code(c->transport, bytes);
}

static bool in_scope(const FaultRule *rule, const SpdmTapContext *c)
{
    if ((rule->only_inside && !c->session_id) ||
        (rule->only_outside && c->session_id)) {
        return false;
    }
    return (!rule->version || rule->version == c->version) &&
           (!rule->phase || !g_strcmp0(rule->phase, c->phase));
}

static bool selects(const FaultRule *rule, const SpdmTapContext *c, int code)
{
    return rule->on == 1u << c->event && in_scope(rule, c) &&
           (rule->message == FAULT_ANY || rule->message == code) &&
           (rule->request == FAULT_ANY || rule->request == c->request_code);
}

static bool is_due(SpdmFaults *f, const FaultRule *rule, FaultRun *run)
{
    const double scale = 1.0 / 9007199254740992.0;   /* 2^-53 */

    run->matched++;
    if (rule->limit && run->fired >= rule->limit) {
        return false;
    }
    if (rule->nth) {
        return run->matched == rule->nth;
    }
    if (rule->every) {
        return run->matched % rule->every == 0;
    }
    return rule->probability >= 1 ||
           (double)(fault_random(&f->rng) >> 11) * scale < rule->probability;
}

/* --- firing --------------------------------------------------------------- */

static void tell(SpdmFaults *f, const FaultRule *rule,
                 const SpdmTapContext *c, int code)
{
    SpdmFaultFired what = {
        .rule = rule->name,
        .action = rule->shown->str,
        .at = fault_event_name(rule->on),
        .message = "",
        .session_id = c->session_id,
    };

    if (code == FAULT_DISCOVERY) {
        what.message = FAULT_DISCOVERY_NAME;
    } else if (code > 0) {
        what.message = spdm_code_name((uint8_t)code);
    }
    if (f->fired) {
        f->fired(f->fired_opaque, &what);
    }
}

/* All actions of a rule; it has fired when one of them had an effect. */
static SpdmTapVerdict fire(SpdmFaults *f, guint i, SpdmTapContext *c,
                           int code)
{
    const FaultRule *rule = rule_at(f, i);
    FaultRun *run = run_at(f, i);
    SpdmTapVerdict verdict = SPDM_TAP_PASS;
    bool fired = false;

    for (guint k = 0; k < rule->actions->len; k++) {
        fired |= fault_act(f, &g_array_index(rule->actions, FaultAction, k),
                           run, c, &verdict);
    }
    if (fired) {
        run->fired++;
        tell(f, rule, c, code);
    }
    return verdict;
}

void fault_start(SpdmFaults *f)
{
    SpdmTapContext c = { .event = SPDM_TAP_SESSION };

    for (guint i = 0; i < f->plan->rules->len; i++) {
        if (rule_at(f, i)->on == FAULT_ON_START &&
            is_due(f, rule_at(f, i), run_at(f, i))) {
            fire(f, i, &c, 0);
        }
    }
}

/* --- messages from before ------------------------------------------------- */

static int kept_code(const FaultRule *rule)
{
    for (guint i = 0; i < rule->actions->len; i++) {
        const FaultAction *a = &g_array_index(rule->actions, FaultAction, i);

        if (a->kind == FAULT_REPLAY) {
            return a->code;
        }
    }
    return rule->message;
}

/* A rule at rx-msg answers with what was sent. */
static bool keeps_from(const FaultRule *rule, SpdmTapEvent event, int code)
{
    unsigned on = rule->on;

    if (!rule->keeps) {
        return false;
    }
    if (on == FAULT_ON_RX_MSG && kept_code(rule) < 0x80) {
        on = FAULT_ON_TX_MSG;
    }
    return on == 1u << event && code == kept_code(rule);
}

static void keep(FaultRun *run, SpdmBytes bytes)
{
    if (bytes.len > FAULT_KEPT_MAX) {
        return;
    }
    if (!run->kept) {
        run->kept = g_byte_array_new();
    }
    g_byte_array_set_size(run->kept, 0);
    g_byte_array_append(run->kept, bytes.data, (guint)bytes.len);
}

static bool anything_to_keep(const SpdmFaults *f, SpdmTapEvent event,
                             int code)
{
    for (guint i = 0; i < f->plan->rules->len; i++) {
        if (keeps_from(rule_at(f, i), event, code)) {
            return true;
        }
    }
    return false;
}

static void keep_all(SpdmFaults *f, SpdmTapEvent event, int code,
                     GBytes *truth)
{
    gsize len;
    const uint8_t *data = g_bytes_get_data(truth, &len);

    for (guint i = 0; i < f->plan->rules->len; i++) {
        if (keeps_from(rule_at(f, i), event, code)) {
            keep(run_at(f, i), SPDM_BYTES(data, len));
        }
    }
}

/* -------------------------------------------------------------------------- */

static SpdmTapVerdict run_rules(SpdmFaults *f, SpdmTapContext *c, int code)
{
    for (guint i = 0; i < f->plan->rules->len; i++) {
        SpdmTapVerdict verdict;

        if (!selects(rule_at(f, i), c, code) ||
            !is_due(f, rule_at(f, i), run_at(f, i))) {
            continue;
        }
        verdict = fire(f, i, c, code);
        if (verdict != SPDM_TAP_PASS) {
            return verdict;
        }
    }
    return SPDM_TAP_PASS;
}

SpdmTapVerdict fault_tap(void *opaque, SpdmTapContext *c)
{
    SpdmFaults *f = opaque;
    g_autoptr(GBytes) truth = NULL;
    SpdmTapVerdict verdict;
    int code;

    if (!f->plan || !c->bytes) {
        return SPDM_TAP_PASS;
    }
    if (c->event == SPDM_TAP_RX_FRAME) {
        f->ending_of = NULL;     /* nobody has taken the order */
        f->provider.told_of = 0;
    }
    code = message_of(c);
    if (anything_to_keep(f, c->event, code)) {
        truth = g_bytes_new(c->bytes->data, c->bytes->len);
    }
    if (c->event == SPDM_TAP_RX_MSG && f->lying &&
        f->plan->lies.leading_zero) {
        fault_provider_choose(f, c);
    }
    verdict = run_rules(f, c, code);
    if (truth) {
        keep_all(f, c->event, code, truth);
    }
    return verdict;
}

/*
 * When rules fire: the keys of [rule] that select, and what does not go
 * together.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/plan.h"

#include <string.h>

static const char *const event_names[] = {
    "rx-frame", "rx-msg", "compose", "tx-msg", "tx-frame", "start", NULL,
};

static const unsigned event_bits[] = {
    FAULT_ON_RX_FRAME, FAULT_ON_RX_MSG, FAULT_ON_COMPOSE, FAULT_ON_TX_MSG,
    FAULT_ON_TX_FRAME, FAULT_ON_START,
};

const char *fault_event_name(unsigned on)
{
    unsigned i = 0;

    while (event_bits[i] != on) {
        i++;
    }
    return event_names[i];
}

static bool parse_on(const FaultReader *r, FaultRule *rule, const char *text)
{
    int i = fault_choose(r, "event", text, event_names);

    rule->on = i >= 0 ? event_bits[i] : 0;
    return i >= 0;
}

static bool parse_message(const FaultReader *r, FaultRule *rule,
                          const char *text)
{
    return fault_message(r, text, &rule->message);
}

static bool parse_request(const FaultReader *r, FaultRule *rule,
                          const char *text)
{
    if (!fault_message(r, text, &rule->request)) {
        return false;
    }
    return rule->request >= 0x80 ||
           fault_complain(r, "%s is no request", text);
}

static bool parse_version(const FaultReader *r, FaultRule *rule,
                          const char *text)
{
    static const char *const names[] = { "1.0", "1.1", "1.2", "1.3", "1.4",
                                         NULL };
    int i = fault_choose(r, "SPDM version", text, names);

    rule->version = (uint8_t)(SPDM_VERSION_10 + i);
    return i >= 0;
}

static bool parse_session(const FaultReader *r, FaultRule *rule,
                          const char *text)
{
    static const char *const names[] = { "any", "none", "inside", NULL };
    int i = fault_choose(r, "session", text, names);

    rule->only_outside = i == 1;
    rule->only_inside = i == 2;
    return i >= 0;
}

static bool parse_phase(const FaultReader *r, FaultRule *rule,
                        const char *text)
{
    static const char *const names[] = {
        "not-started", "after-version", "after-capabilities", "negotiated",
        "after-digests", "after-certificate", "authenticated", "handshake",
        "established", NULL,
    };

    rule->phase = g_strdup(text);
    return fault_choose(r, "phase", text, names) >= 0;
}

static bool parse_nth(const FaultReader *r, FaultRule *rule, const char *text)
{
    return fault_number(r, text, 1, UINT32_MAX, &rule->nth);
}

static bool parse_every(const FaultReader *r, FaultRule *rule,
                        const char *text)
{
    return fault_number(r, text, 1, UINT32_MAX, &rule->every);
}

static bool parse_limit(const FaultReader *r, FaultRule *rule,
                        const char *text)
{
    return fault_number(r, text, 1, UINT32_MAX, &rule->limit);
}

static bool parse_probability(const FaultReader *r, FaultRule *rule,
                              const char *text)
{
    char *end;

    rule->probability = g_ascii_strtod(text, &end);
    return (end != text && !*end && rule->probability > 0 &&
            rule->probability <= 1) ||
           fault_complain(r, "\"%s\" is no probability: above 0, at most 1",
                          text);
}

static const struct {
    FaultKeyDoc doc;
    bool (*parse)(const FaultReader *r, FaultRule *rule, const char *text);
} selectors[] = {
    { { "on", "EVENT", "rx-frame, rx-msg, compose, tx-msg, tx-frame, or "
        "start; needed", 0 }, parse_on },
    { { "message", "MESSAGE", "only this one; at rx-* a request, else a "
        "response; DOE_DISCOVERY at frames", 0 }, parse_message },
    { { "request", "MESSAGE", "only what answers this one", 0 },
      parse_request },
    { { "version", "1.0 to 1.4", "only when this version was agreed", 0 },
      parse_version },
    { { "session", "any, none or inside", "only outside or inside sessions",
        0 }, parse_session },
    { { "phase", "PHASE", "of the session (handshake, established) or else "
        "of the connection (not-started, after-version, after-capabilities, "
        "negotiated, after-digests, after-certificate, authenticated)", 0 },
      parse_phase },
    { { "nth", "N", "the N-th message that all these choose, from 1", 0 },
      parse_nth },
    { { "every", "N", "each N-th one", 0 }, parse_every },
    { { "probability", "P", "each one with this probability, by [plan] "
        "seed", 0 }, parse_probability },
    { { "limit", "N", "fires that often at most", 0 }, parse_limit },
};

const FaultKeyDoc *fault_selector_doc(unsigned i)
{
    return i < G_N_ELEMENTS(selectors) ? &selectors[i].doc : NULL;
}

bool fault_parse_selector(const FaultReader *r, FaultRule *rule,
                          const char *text, bool *known)
{
    for (size_t i = 0; i < G_N_ELEMENTS(selectors); i++) {
        if (!strcmp(selectors[i].doc.name, r->key)) {
            *known = true;
            return selectors[i].parse(r, rule, text);
        }
    }
    *known = false;
    return true;
}

/* --- impossible rules ----------------------------------------------------- */

/* The key that the complaint is about stands in @r. */
static bool complain_of(FaultReader *r, const char *key, const char *why)
{
    bool there = *key && spdm_ini_lines_find(r->lines, r->section, key);

    r->key = there ? key : NULL;
    return fault_complain(r, "%s", why);
}

static bool check_message(FaultReader *r, const FaultRule *rule)
{
    bool inbound = rule->on & FAULT_ON_RX;

    if (rule->message == FAULT_DISCOVERY) {
        return rule->on & FAULT_ON_FRAMES ||
               complain_of(r, "message", "DOE discovery is no SPDM message; "
                           "it is seen with on = rx-frame or tx-frame");
    }
    if (rule->message == FAULT_ANY) {
        return true;
    }
    if (inbound && rule->message < 0x80) {
        return complain_of(r, "message", "a responder receives requests; a "
                           "response is seen at compose, tx-msg, tx-frame");
    }
    if (!inbound && rule->message >= 0x80) {
        return complain_of(r, "message", "a responder sends responses; a "
                           "request is seen at rx-msg, and \"request\" says "
                           "which one is answered");
    }
    return rule->on != FAULT_ON_COMPOSE || rule->message != SPDM_ERROR ||
           complain_of(r, "message", "ERROR is not composed; edit it with "
                       "on = tx-msg");
}

static bool check_start(FaultReader *r, const FaultRule *rule)
{
    static const char *const nothing[] = {
        "message", "request", "version", "session", "phase", "nth", "every",
        "probability",
    };

    for (size_t i = 0; i < G_N_ELEMENTS(nothing); i++) {
        if (rule->on == FAULT_ON_START &&
            spdm_ini_lines_find(r->lines, r->section, nothing[i])) {
            return complain_of(r, nothing[i], "there is no message at start");
        }
    }
    return true;
}

static bool check_phase(FaultReader *r, const FaultRule *rule)
{
    bool of_session = rule->phase && (!strcmp(rule->phase, "handshake") ||
                                      !strcmp(rule->phase, "established"));

    if (of_session && rule->only_outside) {
        return complain_of(r, "phase", "that is a phase of sessions, and "
                           "session = none excludes them");
    }
    if (rule->phase && !of_session && rule->only_inside) {
        return complain_of(r, "phase", "that is a phase of the connection, "
                           "and session = inside looks at sessions");
    }
    return true;
}

static bool check_counting(FaultReader *r, const FaultRule *rule)
{
    unsigned ways = (rule->nth > 0) + (rule->every > 0) +
                    (rule->probability < 1);

    return ways <= 1 ||
           complain_of(r, rule->every ? "every" : "probability",
                       "nth, every and probability: only one of them");
}

static bool check_action(FaultReader *r, const FaultRule *rule,
                         const FaultAction *a, const FaultKeyDoc *doc)
{
    r->key = doc->name;
    if (!(doc->on & rule->on)) {
        g_autoptr(GString) valid = g_string_new(NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(event_bits); i++) {
            if (doc->on & event_bits[i]) {
                g_string_append_printf(valid, "%s%s", valid->len ? ", " : "",
                                       event_names[i]);
            }
        }
        return fault_complain(r, "not possible with on = %s; it is with %s",
                              fault_event_name(rule->on), valid->str);
    }
    return fault_check_target(r, rule, &a->target);
}

static bool check_actions(FaultReader *r, const FaultRule *rule)
{
    bool drops = false;

    for (guint i = 0; i < rule->actions->len; i++) {
        const FaultAction *a = &g_array_index(rule->actions, FaultAction, i);

        if (!check_action(r, rule, a, fault_action_doc(a->kind))) {
            return false;
        }
        drops |= a->kind == FAULT_DROP;
    }
    for (guint i = 0; drops && i < rule->actions->len; i++) {
        const FaultAction *a = &g_array_index(rule->actions, FaultAction, i);

        if (a->kind < FAULT_DROP || (a->kind > FAULT_DROP &&
                                     a->kind <= FAULT_INNER_LENGTH)) {
            return complain_of(r, fault_action_doc(a->kind)->name,
                               "does nothing beside drop");
        }
    }
    return true;
}

bool fault_check_rule(FaultReader *r, const FaultRule *rule)
{
    if (!rule->on) {
        return complain_of(r, "on", "has no \"on\": it says at which event "
                           "the rule looks");
    }
    if (!rule->actions->len) {
        return complain_of(r, "", "does nothing: it has no action");
    }
    return check_message(r, rule) && check_start(r, rule) &&
           check_phase(r, rule) && check_counting(r, rule) &&
           check_actions(r, rule);
}

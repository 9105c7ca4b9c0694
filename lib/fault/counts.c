/*
 * Counters: for the API, as JSON, and in snapshots.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/engine.h"

#include <string.h>

static bool has_lies(const FaultLies *l)
{
    return l->sign || l->chain || l->chain_edits->len || l->psk_wrong ||
           l->psk_unknown || l->nonce_repeat || l->clock_us ||
           l->leading_zero || g_hash_table_size(l->measurements);
}

/* Behind the rules the lies of the provider are counted, as one. */
unsigned spdm_faults_rules(const SpdmFaults *f)
{
    return f->plan ? f->plan->rules->len + has_lies(&f->plan->lies) : 0;
}

SpdmFaultCount spdm_faults_count(const SpdmFaults *f, unsigned i)
{
    const FaultRule *rule;

    if (i >= f->plan->rules->len) {
        return (SpdmFaultCount){ .rule = "[provider]",
                                 .matched = f->provider.asked,
                                 .fired = f->provider.told };
    }
    rule = g_ptr_array_index(f->plan->rules, i);
    return (SpdmFaultCount){
        .rule = rule->name, .line = rule->line,
        .matched = g_array_index(f->runs, FaultRun, i).matched,
        .fired = g_array_index(f->runs, FaultRun, i).fired,
    };
}

static void put_string(GString *out, const char *text)
{
    g_string_append_c(out, '"');
    for (const char *c = text; *c; c++) {
        if (*c == '"' || *c == '\\') {
            g_string_append_printf(out, "\\%c", *c);
        } else if ((unsigned char)*c < 0x20) {
            g_string_append_printf(out, "\\u%04x", *c);
        } else {
            g_string_append_c(out, *c);
        }
    }
    g_string_append_c(out, '"');
}

char *spdm_faults_counts_json(const SpdmFaults *f)
{
    GString *out = g_string_new("{\"plan\": ");

    if (f->plan) {
        put_string(out, f->plan->name);
    } else {
        g_string_append(out, "null");
    }
    g_string_append_printf(out, ", \"seed\": %" G_GUINT64_FORMAT
                           ", \"rules\": [", f->plan ? f->plan->seed : 0);
    for (unsigned i = 0; i < spdm_faults_rules(f); i++) {
        SpdmFaultCount count = spdm_faults_count(f, i);

        g_string_append(out, i ? ", {\"name\": " : "{\"name\": ");
        put_string(out, count.rule);
        g_string_append_printf(out, ", \"line\": %u, \"matched\": %"
                               G_GUINT64_FORMAT ", \"fired\": %"
                               G_GUINT64_FORMAT "}", count.line,
                               count.matched, count.fired);
    }
    g_string_append(out, "]}");
    return g_string_free(out, FALSE);
}

/*
 * Saved: magic, rules (u32), random state (u64), lying (u8), then each rule's
 * name as a hash (u32) and its counters (u64 twice). Little-endian.
 */
enum { MAGIC = 0x31544c46, HEAD_SIZE = 17, RULE_SIZE = 20 };

static void put(GByteArray *out, uint64_t value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)(value >> (8 * i));

        g_byte_array_append(out, &byte, 1);
    }
}

static uint64_t get(const uint8_t *at, size_t len)
{
    uint64_t value = 0;

    for (size_t i = 0; i < len; i++) {
        value |= (uint64_t)at[i] << (8 * i);
    }
    return value;
}

GBytes *spdm_faults_save(const SpdmFaults *f)
{
    GByteArray *out = g_byte_array_new();
    unsigned count = spdm_faults_rules(f);

    put(out, MAGIC, 4);
    put(out, count, 4);
    put(out, f->rng, 8);
    put(out, f->lying, 1);
    for (unsigned i = 0; i < count; i++) {
        SpdmFaultCount c = spdm_faults_count(f, i);

        put(out, g_str_hash(c.rule), 4);
        put(out, c.matched, 8);
        put(out, c.fired, 8);
    }
    return g_byte_array_free_to_bytes(out);
}

static bool fits(const SpdmFaults *f, const uint8_t *data, size_t len)
{
    unsigned count = spdm_faults_rules(f);

    if (len != HEAD_SIZE + (size_t)count * RULE_SIZE ||
        get(data, 4) != MAGIC || get(data + 4, 4) != count || data[16] > 1) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        if (get(data + HEAD_SIZE + i * RULE_SIZE, 4) !=
            g_str_hash(spdm_faults_count(f, i).rule)) {
            return false;
        }
    }
    return true;
}

static void set_count(SpdmFaults *f, unsigned i, uint64_t matched,
                      uint64_t fired)
{
    if (i < f->runs->len) {
        FaultRun *run = &g_array_index(f->runs, FaultRun, i);

        run->matched = matched;
        run->fired = fired;
        g_clear_pointer(&run->kept, g_byte_array_unref);
    } else {
        f->provider.asked = matched;
        f->provider.told = fired;
    }
}

bool spdm_faults_load(SpdmFaults *f, GBytes *state, GError **errp)
{
    unsigned count = spdm_faults_rules(f);
    gsize len;
    const uint8_t *data = g_bytes_get_data(state, &len);
    bool ok = fits(f, data, len);

    if (ok) {
        f->rng = get(data + 8, 8);
        f->lying = data[16];
    } else {
        g_set_error_literal(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                            "fault counters: saved under another plan");
    }
    for (unsigned i = 0; i < count; i++) {
        const uint8_t *at = data + HEAD_SIZE + i * RULE_SIZE + 4;

        set_count(f, i, ok ? get(at, 8) : 0, ok ? get(at + 8, 8) : 0);
    }
    return ok;
}

/*
 * Reading a plan: sections, and the references for people.
 *
 * SPDX-License-Identifier: LGPL-2.1-or-later
 */

#include "fault/plan.h"

#include <string.h>

static void rule_free(FaultRule *rule)
{
    g_free(rule->name);
    g_free(rule->phase);
    g_array_unref(rule->actions);
    g_string_free(rule->shown, TRUE);
    g_free(rule);
}

static FaultRule *rule_new(const char *name, unsigned line)
{
    FaultRule *rule = g_new0(FaultRule, 1);

    rule->name = g_strdup(name);
    rule->line = line;
    rule->message = rule->request = FAULT_ANY;
    rule->probability = 1;
    rule->actions = fault_actions_new();
    rule->shown = g_string_new(NULL);
    return rule;
}

static SpdmFaultPlan *plan_new(const char *name)
{
    SpdmFaultPlan *plan = g_new0(SpdmFaultPlan, 1);

    plan->name = g_path_get_basename(name);
    plan->rules = g_ptr_array_new_with_free_func((GDestroyNotify)rule_free);
    plan->lies.from_start = true;
    plan->lies.chain_edits = fault_actions_new();
    plan->lies.measurements = g_hash_table_new_full(
        g_direct_hash, g_direct_equal, NULL, (GDestroyNotify)g_bytes_unref);
    return plan;
}

void spdm_fault_plan_free(SpdmFaultPlan *plan)
{
    if (plan) {
        g_free(plan->name);
        g_free(plan->description);
        g_ptr_array_unref(plan->rules);
        g_array_unref(plan->lies.chain_edits);
        g_hash_table_unref(plan->lies.measurements);
        g_free(plan);
    }
}

const char *spdm_fault_plan_name(const SpdmFaultPlan *plan)
{
    return plan->name;
}

/* --- sections ------------------------------------------------------------- */

static const FaultKeyDoc plan_keys[] = {
    { "name", "TEXT", "what counters, events and reports call it; the "
      "file's name by itself", 0 },
    { "description", "TEXT", "for people", 0 },
    { "seed", "N", "of probabilities and random values; 0 by itself", 0 },
};

const FaultKeyDoc *fault_plan_doc(unsigned i)
{
    return i < G_N_ELEMENTS(plan_keys) ? &plan_keys[i] : NULL;
}

static const char *plan_key_at(const void *list, unsigned i)
{
    const FaultKeyDoc *doc = fault_plan_doc(i);

    return doc ? doc->name : NULL;
}

static bool set_text(char **to, const char *text)
{
    g_free(*to);
    *to = g_strdup(text);
    return true;
}

static bool read_plan_key(FaultReader *r, SpdmFaultPlan *plan,
                          FaultRule *rule, const char *text)
{
    if (!strcmp(r->key, "name")) {
        return set_text(&plan->name, text);
    }
    if (!strcmp(r->key, "description")) {
        return set_text(&plan->description, text);
    }
    if (!strcmp(r->key, "seed")) {
        return fault_number(r, text, 0, UINT64_MAX, &plan->seed);
    }
    return fault_unknown(r, "key of [plan]", r->key, plan_key_at, NULL);
}

static bool read_rule_key(FaultReader *r, SpdmFaultPlan *plan,
                          FaultRule *rule, const char *text)
{
    bool known;

    if (!fault_parse_selector(r, rule, text, &known)) {
        return false;
    }
    return known || fault_parse_action(r, rule, text);
}

static bool read_lie_key(FaultReader *r, SpdmFaultPlan *plan,
                         FaultRule *rule, const char *text)
{
    return fault_parse_lie(r, &plan->lies, text);
}

/* Every key of a section, in the file's order. */
static bool read_keys(FaultReader *r, GKeyFile *file, SpdmFaultPlan *plan,
                      FaultRule *rule,
                      bool (*read)(FaultReader *r, SpdmFaultPlan *plan,
                                   FaultRule *rule, const char *text))
{
    g_auto(GStrv) keys = g_key_file_get_keys(file, r->section, NULL, NULL);

    for (unsigned i = 0; keys && keys[i]; i++) {
        g_autofree char *text = g_key_file_get_value(file, r->section,
                                                     keys[i], NULL);

        r->key = keys[i];
        if (!read(r, plan, rule, g_strstrip(text))) {
            return false;
        }
    }
    r->key = NULL;
    return true;
}

static bool needs_memory(const FaultRule *rule)
{
    for (guint i = 0; i < rule->actions->len; i++) {
        const FaultAction *a = &g_array_index(rule->actions, FaultAction, i);

        if (a->kind == FAULT_REPLAY ||
            a->value.kind == FAULT_VALUE_PREVIOUS) {
            return true;
        }
    }
    return false;
}

static bool read_rule(FaultReader *r, GKeyFile *file, SpdmFaultPlan *plan)
{
    const char *name = r->section + strlen("rule ");
    FaultRule *rule = rule_new(name, spdm_ini_lines_find(r->lines, r->section,
                                                         NULL));

    g_ptr_array_add(plan->rules, rule);
    if (!*name) {
        return fault_complain(r, "a rule has a name: [rule flip-signature]");
    }
    if (!read_keys(r, file, plan, rule, read_rule_key)) {
        return false;
    }
    rule->keeps = needs_memory(rule);
    return fault_check_rule(r, rule);
}

static bool read_section(FaultReader *r, GKeyFile *file, SpdmFaultPlan *plan)
{
    static const char *const sections[] = { "plan", "provider", "rule NAME",
                                            NULL };

    if (g_str_has_prefix(r->section, "rule ")) {
        return read_rule(r, file, plan);
    }
    if (!strcmp(r->section, "plan")) {
        return read_keys(r, file, plan, NULL, read_plan_key);
    }
    if (!strcmp(r->section, "provider")) {
        return read_keys(r, file, plan, NULL, read_lie_key);
    }
    return fault_unknown_word(r, "section of a plan", r->section, sections);
}

static bool read_sections(FaultReader *r, GKeyFile *file,
                          SpdmFaultPlan *plan)
{
    g_auto(GStrv) sections = g_key_file_get_groups(file, NULL);

    for (unsigned i = 0; sections[i]; i++) {
        r->section = sections[i];
        r->key = NULL;
        if (!read_section(r, file, plan)) {
            return false;
        }
    }
    return true;
}

enum { MOST_RULES = 256 };

static SpdmFaultPlan *parse(const char *text, const char *name,
                            GError **errp)
{
    g_autoptr(SpdmFaultPlan) plan = plan_new(name);
    g_autoptr(SpdmIniLines) lines = spdm_ini_lines_new(text, name, errp);
    g_autoptr(GKeyFile) file = g_key_file_new();
    g_autoptr(GError) err = NULL;
    FaultReader r = { .file = name, .lines = lines, .errp = errp };

    if (!lines) {
        return NULL;
    }
    if (!g_key_file_load_from_data(file, text, strlen(text),
                                   G_KEY_FILE_NONE, &err)) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "%s: %s", name, err->message);
        return NULL;
    }
    if (!read_sections(&r, file, plan)) {
        return NULL;
    }
    if (plan->rules->len > MOST_RULES) {
        g_set_error(errp, SPDM_CONFIG_ERROR, SPDM_CONFIG_ERROR_VALUE,
                    "%s: %u rules, but %d are the most", name,
                    plan->rules->len, MOST_RULES);
        return NULL;
    }
    return g_steal_pointer(&plan);
}

SpdmFaultPlan *spdm_fault_plan_parse(const char *text, const char *name,
                                     GError **errp)
{
    GError *err = NULL;
    SpdmFaultPlan *plan = parse(text, name, &err);

    if (!plan) {
        spdm_ini_propagate_error(errp, err);
    }
    return plan;
}

SpdmFaultPlan *spdm_fault_plan_load(const char *path, GError **errp)
{
    g_autofree char *what = g_strdup_printf("fault plan %s", path);
    g_autofree char *text = spdm_ini_read(path, what, errp);

    return text ? spdm_fault_plan_parse(text, path, errp) : NULL;
}

/* --- references ----------------------------------------------------------- */

static void put_events(GString *out, unsigned on)
{
    static const char *const names[] = {
        "rx-frame", "rx-msg", "compose", "tx-msg", "tx-frame",
    };
    const char *before = "";

    if (on == FAULT_ON_ANY || on == FAULT_ON_TAPS) {
        g_string_append(out, on == FAULT_ON_ANY ? "any" : "all but start");
        return;
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (on & 1u << i) {
            g_string_append_printf(out, "%s%s", before, names[i]);
            before = ", ";
        }
    }
}

static void put_keys(GString *out, const char *heading, bool events,
                     const FaultKeyDoc *(*at)(unsigned i))
{
    const FaultKeyDoc *doc;

    g_string_append_printf(out, ".. list-table:: %s\n   :header-rows: 1\n\n"
                           "   * - Key\n     - Value\n%s     - Meaning\n",
                           heading, events ? "     - With on =\n" : "");
    for (unsigned i = 0; (doc = at(i)); i++) {
        g_string_append_printf(out, "   * - ``%s``\n     - ``%s``\n",
                               doc->name, doc->value);
        if (events) {
            g_string_append(out, "     - ");
            put_events(out, doc->on);
            g_string_append_c(out, '\n');
        }
        g_string_append_printf(out, "     - %s\n", doc->about);
    }
    g_string_append_c(out, '\n');
}

static void collect(void *opaque, const char *name, size_t offset, size_t len)
{
    GPtrArray *names = opaque;

    for (guint i = 0; i < names->len; i++) {
        if (!strcmp(g_ptr_array_index(names, i), name)) {
            return;
        }
    }
    g_ptr_array_add(names, (char *)name);
}

/* The header is the same everywhere. */
static void put_fields(GString *out, uint8_t code)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    const SpdmFieldSink sink = { collect, names };

    spdm_msg_field_names(code, &sink);
    for (guint i = SPDM_HEADER_SIZE; i < names->len; i++) {
        g_string_append_printf(out, "%s%s", i > SPDM_HEADER_SIZE ? ", " : "",
                               (char *)g_ptr_array_index(names, i));
    }
    if (names->len == SPDM_HEADER_SIZE) {
        g_string_append(out, "(header only)");
    }
}

static void put_messages(GString *out)
{
    const char *name;

    g_string_append(out, ".. list-table:: Fields of messages, behind "
                    "SPDMVersion, RequestResponseCode, Param1, Param2\n"
                    "   :header-rows: 1\n\n   * - Message\n     - Fields\n");
    for (unsigned i = 0; (name = spdm_code_name_at(i)); i++) {
        g_string_append_printf(out, "   * - %s\n     - ", name);
        put_fields(out, (uint8_t)spdm_code_by_name(name));
        g_string_append_c(out, '\n');
    }
    g_string_append_c(out, '\n');
}

char *spdm_fault_reference(bool fields)
{
    GString *out = g_string_new(NULL);

    if (fields) {
        put_messages(out);
    } else {
        put_keys(out, "[plan]", false, fault_plan_doc);
        put_keys(out, "[rule NAME]: which messages", false,
                 fault_selector_doc);
        put_keys(out, "[rule NAME]: what is done", true, fault_action_doc);
        put_keys(out, "[provider]", false, fault_lie_doc);
    }
    return g_string_free(out, FALSE);
}

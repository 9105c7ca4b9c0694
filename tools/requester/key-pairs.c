/*
 * The key pairs of a device: shown and changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "requester/tool.h"

/* Classic and post-quantum algorithms, as they are named. */
static uint32_t both(uint32_t asym, uint32_t pqc)
{
    return (asym & ((1u << SPDM_PQC_ASYM_SHIFT) - 1)) |
           pqc << SPDM_PQC_ASYM_SHIFT;
}

static void report_pair(Tool *t, const SpdmKeyPair *pair, GBytes *info)
{
    const struct {
        const char *key;
        SpdmKeyPairField field;
        uint32_t mask;
    } fields[] = {
        { "capabilities", SPDM_KEY_PAIR_FIELD_CAPABILITIES,
          pair->capabilities },
        { "usage", SPDM_KEY_PAIR_FIELD_USAGE, pair->usage },
        { "usage_capabilities", SPDM_KEY_PAIR_FIELD_USAGE,
          pair->usage_caps },
        { "algorithm", SPDM_KEY_PAIR_FIELD_ALGORITHM,
          both(pair->asym, pair->pqc) },
        { "algorithm_capabilities", SPDM_KEY_PAIR_FIELD_ALGORITHM,
          both(pair->asym_caps, pair->pqc_caps) },
        { "slots", SPDM_KEY_PAIR_FIELD_SLOTS, pair->slots },
    };
    Json *j = &t->key_pairs;

    json_begin(j, NULL, '{');
    json_int(j, "id", pair->id);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        g_autofree char *text = spdm_key_pair_field_text(fields[i].field,
                                                         fields[i].mask);

        json_string(j, fields[i].key, text);
    }
    json_int(j, "pqc", pair->pqc);
    json_int(j, "pqc_capabilities", pair->pqc_caps);
    json_hex(j, "public_key_info", g_bytes_get_data(info, NULL),
             g_bytes_get_size(info));
    json_end(j, '}');
}

static void say_pair(Tool *t, const SpdmKeyPair *pair)
{
    g_autofree char *usage =
        spdm_key_pair_field_text(SPDM_KEY_PAIR_FIELD_USAGE, pair->usage);
    g_autofree char *slots =
        spdm_key_pair_field_text(SPDM_KEY_PAIR_FIELD_SLOTS, pair->slots);
    g_autofree char *may =
        spdm_key_pair_field_text(SPDM_KEY_PAIR_FIELD_CAPABILITIES,
                                 pair->capabilities);
    g_autofree char *alg =
        spdm_key_pair_field_text(SPDM_KEY_PAIR_FIELD_ALGORITHM,
                                 both(pair->asym, pair->pqc));

    tool_say(t, "key pair %3u: %s, slots %s, for %s; allows %s",
             pair->id, alg, slots, usage, may);
}

bool tool_key_pairs(Tool *t, uint32_t session, GError **errp)
{
    unsigned total = 1;

    for (unsigned id = 1; id <= total; id++) {
        g_autoptr(GBytes) info = NULL;
        SpdmKeyPair pair;

        if (!spdm_requester_key_pair(t->rq, session, (uint8_t)id, &pair,
                                     &info, errp)) {
            return false;
        }
        total = pair.total;
        say_pair(t, &pair);
        report_pair(t, &pair, info);
    }
    return true;
}

static bool parse_operation(const char *word, uint8_t *operation,
                            GError **errp)
{
    static const char *const names[] = {
        [SPDM_KEY_PAIR_CHANGE] = "change",
        [SPDM_KEY_PAIR_ERASE] = "erase",
        [SPDM_KEY_PAIR_GENERATE] = "generate",
    };

    for (size_t i = 0; word && i < G_N_ELEMENTS(names); i++) {
        if (strcmp(word, names[i]) == 0) {
            *operation = (uint8_t)i;
            return true;
        }
    }
    return tool_fail(errp, TOOL_USAGE, "set-key-pair: op is change, erase or "
                     "generate, not \"%s\"", word ? word : "");
}

static bool parse_field(SpdmKeyPairField field, const char *word,
                        uint32_t *mask, GError **errp)
{
    g_autoptr(GError) err = NULL;

    *mask = 0;
    return !word || spdm_key_pair_field_parse(field, word, mask, &err) ||
           tool_fail(errp, TOOL_USAGE, "set-key-pair: %s", err->message);
}

/*
 * A change sets all the slots of a key: one that leaves them out would take
 * the key from its slots unawares. An erasure has no such fields at all.
 */
static bool check_words(const ToolKeyPairWords *w, uint8_t operation,
                        GError **errp)
{
    if (operation == SPDM_KEY_PAIR_ERASE && (w->usage || w->asym || w->slots)) {
        return tool_fail(errp, TOOL_USAGE, "set-key-pair: op=erase takes id "
                         "only");
    }
    return operation != SPDM_KEY_PAIR_CHANGE || w->slots ||
           tool_fail(errp, TOOL_USAGE, "set-key-pair: op=change needs slots=, "
                     "all that the key shall have (0+1, none)");
}

bool tool_set_key_pair(Tool *t, uint32_t session, const ToolKeyPairWords *w,
                       GError **errp)
{
    SpdmKeyPairChange change = { .operation = 0 };
    uint32_t usage, slots, alg;
    guint64 id;

    if (!w->id || !g_ascii_string_to_unsigned(w->id, 10, 0, UINT8_MAX, &id,
                                              NULL)) {
        return tool_fail(errp, TOOL_USAGE, "set-key-pair: id is a number, "
                         "1 to 255");
    }
    if (!parse_operation(w->op, &change.operation, errp) ||
        !check_words(w, change.operation, errp) ||
        !parse_field(SPDM_KEY_PAIR_FIELD_USAGE, w->usage, &usage, errp) ||
        !parse_field(SPDM_KEY_PAIR_FIELD_ALGORITHM, w->asym, &alg, errp) ||
        !parse_field(SPDM_KEY_PAIR_FIELD_SLOTS, w->slots, &slots, errp)) {
        return false;
    }
    change.id = (uint8_t)id;
    change.usage = (uint16_t)usage;
    change.slots = (uint8_t)slots;
    change.asym = alg & ((1u << SPDM_PQC_ASYM_SHIFT) - 1);
    change.pqc = alg >> SPDM_PQC_ASYM_SHIFT;
    return spdm_requester_set_key_pair(t->rq, session, &change, errp);
}

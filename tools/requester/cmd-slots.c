/*
 * slots: the banks of certificate slots (SLOT_MANAGEMENT, SPDM 1.4), shown and
 * changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include <string.h>

#include "requester/tool.h"
#include "spdm/file.h"

static char *algorithm(uint32_t asym, uint32_t pqc)
{
    return pqc ? g_strdup_printf("PqcAsymAlgo %#x", pqc)
               : spdm_key_pair_field_text(SPDM_KEY_PAIR_FIELD_ALGORITHM,
                                          asym);
}

static void report_slot(Tool *t, const SpdmBankDetails *d, unsigned i)
{
    const SpdmBankSlot *slot = &d->slots[i];
    g_autofree char *usage =
        spdm_key_pair_field_text(SPDM_KEY_PAIR_FIELD_USAGE, slot->usage);
    Json *j = &t->banks;

    json_begin(j, NULL, '{');
    json_int(j, "slot", slot->slot);
    json_bool(j, "provisioned", slot->provisioned);
    json_bool(j, "write_protected", slot->write_protected);
    json_int(j, "key_pair", slot->key_pair_id);
    json_int(j, "model", slot->model);
    json_string(j, "usage", usage);
    json_int(j, "size", slot->size);
    json_hex(j, "digest", d->digests[i], d->digest_size);
    json_end(j, '}');
}

static void report_bank(Tool *t, const SpdmBankInfo *info,
                        const SpdmBankDetails *d, const char *alg)
{
    g_autofree char *may = algorithm(d->bank.asym_available,
                                     d->bank.pqc_available);
    g_autofree char *modifiable =
        spdm_key_pair_field_text(SPDM_KEY_PAIR_FIELD_SLOTS,
                                 info->modifiable);
    Json *j = &t->banks;

    json_begin(j, NULL, '{');
    json_int(j, "id", info->id);
    json_string(j, "algorithm", alg);
    json_bool(j, "selected", d->selected);
    json_bool(j, "configurable", d->bank.config_algo);
    json_string(j, "available", may);
    json_string(j, "modifiable", modifiable);
    json_begin(j, "slots", '[');
    for (unsigned i = 0; i < d->slot_count; i++) {
        report_slot(t, d, i);
    }
    json_end(j, ']');
    json_end(j, '}');
}

static void say_bank(Tool *t, const SpdmBankInfo *info,
                     const SpdmBankDetails *d, const char *alg)
{
    uint8_t used = 0;
    g_autofree char *slots = NULL;
    g_autofree char *modifiable =
        spdm_key_pair_field_text(SPDM_KEY_PAIR_FIELD_SLOTS,
                                 info->modifiable);

    for (unsigned i = 0; i < d->slot_count; i++) {
        used |= d->slots[i].provisioned ? 1u << d->slots[i].slot : 0;
    }
    slots = spdm_key_pair_field_text(SPDM_KEY_PAIR_FIELD_SLOTS, used);
    tool_say(t, "bank %3u: %s%s%s, chains in slots %s of %d, can change: %s",
             info->id, alg, d->selected ? ", selected" : "",
             d->bank.config_algo ? ", configurable" : "", slots,
             __builtin_popcount(info->slots), modifiable);
}

static bool list(Tool *t, uint32_t session, GError **errp)
{
    g_autoptr(GArray) banks = g_array_new(FALSE, FALSE,
                                          sizeof(SpdmBankInfo));

    if (!spdm_requester_banks(t->rq, session, banks, errp)) {
        return false;
    }
    for (guint i = 0; i < banks->len; i++) {
        const SpdmBankInfo *info = &g_array_index(banks, SpdmBankInfo, i);
        g_autofree char *alg = NULL;
        SpdmBankDetails d;

        if (!spdm_requester_bank_details(t->rq, session, info->id, &d,
                                         errp)) {
            return false;
        }
        alg = algorithm(d.bank.asym, d.bank.pqc);
        say_bank(t, info, &d, alg);
        report_bank(t, info, &d, alg);
    }
    return true;
}

static bool sub_codes(Tool *t, uint32_t session, GError **errp)
{
    g_autoptr(GString) text = g_string_new(NULL);
    uint64_t mask = 0;

    if (!spdm_requester_slot_sub_codes(t->rq, session, &mask, errp)) {
        return false;
    }
    for (unsigned i = 0; i < 64; i++) {
        if (mask >> i & 1) {
            g_string_append_printf(text, " %#x", i);
        }
    }
    tool_say(t, "SubCodes of SLOT_MANAGEMENT:%s", text->str);
    return true;
}

static bool chain(Tool *t, uint32_t session, GError **errp)
{
    g_autoptr(GBytes) bytes = spdm_requester_bank_chain(
        t->rq, session, (uint8_t)t->opt.bank, (uint8_t)t->opt.slot, errp);

    if (!bytes) {
        return false;
    }
    tool_say(t, "bank %d, slot %d: a chain of %zu bytes, which verifies",
             t->opt.bank, t->opt.slot, g_bytes_get_size(bytes));
    return !t->opt.out ||
           spdm_write_file(t->opt.out, g_bytes_get_data(bytes, NULL),
                           (gssize)g_bytes_get_size(bytes), errp);
}

static bool csr(Tool *t, uint32_t session, GError **errp)
{
    SpdmCsrParams params = {
        .key_pair_id = (uint8_t)t->opt.key_pair,
        .model = (uint8_t)t->opt.model,
        .tag = (uint8_t)t->opt.tag,
        .overwrite = t->opt.overwrite,
    };
    g_autoptr(GByteArray) der = g_byte_array_new();
    SpdmProvisionResult result;

    if (!spdm_requester_bank_csr(t->rq, session, (uint8_t)t->opt.bank,
                                 &params, &result, der, errp)) {
        return false;
    }
    return result.reset_required ? tool_say_reset(t, &result)
                                 : tool_write_csr(t, der, errp);
}

static bool change(Tool *t, uint32_t session, bool erase, GError **errp)
{
    SpdmSetCertificateParams params = {
        .slot = (uint8_t)t->opt.slot,
        .erase = erase,
        .key_pair_id = (uint8_t)(erase ? 0 : t->opt.key_pair),
        .model = (uint8_t)(erase ? 0 : t->opt.model),
    };
    g_autoptr(GBytes) bytes = NULL;
    SpdmProvisionResult result;

    if (!erase) {
        bytes = tool_new_chain(t, errp);
        if (!bytes) {
            return false;
        }
        params.chain = SPDM_BYTES(g_bytes_get_data(bytes, NULL),
                                  g_bytes_get_size(bytes));
    }
    if (!spdm_requester_bank_set_certificate(t->rq, session,
                                             (uint8_t)t->opt.bank, &params,
                                             &result, errp)) {
        return false;
    }
    if (result.reset_required) {
        return tool_say_reset(t, &result);
    }
    tool_say(t, "bank %d: slot %d %s", t->opt.bank, t->opt.slot,
             erase ? "is erased" : "has the chain");
    return true;
}

static bool set(Tool *t, uint32_t session, GError **errp)
{
    return change(t, session, false, errp);
}

static bool erase(Tool *t, uint32_t session, GError **errp)
{
    return change(t, session, true, errp);
}

static bool config(Tool *t, uint32_t session, GError **errp)
{
    const char *word = t->opt.words[2];
    g_autoptr(GError) err = NULL;
    uint32_t asym = 0;

    if (!word || !spdm_key_pair_field_parse(SPDM_KEY_PAIR_FIELD_ALGORITHM,
                                            word, &asym, &err)) {
        return tool_fail(errp, TOOL_USAGE, "slots config: %s",
                         word ? err->message : "which algorithm?");
    }
    if (!spdm_requester_config_bank(t->rq, session, (uint8_t)t->opt.bank,
                                    asym, 0, errp)) {
        return false;
    }
    tool_say(t, "bank %d is for %s now", t->opt.bank, word);
    return true;
}

static const struct {
    const char *word;
    bool (*act)(Tool *t, uint32_t session, GError **errp);
    bool protect;            /* slots 1 to 7 take a session */
    unsigned words;          /* more of them */
} actions[] = {
    { "list", list, false, 0 }, { "sub-codes", sub_codes, false, 0 },
    { "chain", chain, false, 0 },
    { "csr", csr, false, 0 }, { "set", set, true, 0 },
    { "erase", erase, true, 0 }, { "config", config, false, 1 },
};

bool cmd_slots(Tool *t, char **words, GError **errp)
{
    const char *word = words[0] ? words[0] : "list";
    uint32_t session;

    for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
        if (strcmp(actions[i].word, word) != 0) {
            continue;
        }
        if (words[0] && g_strv_length(words) > actions[i].words + 1) {
            return tool_fail(errp, TOOL_USAGE, "\"%s\" after slots %s",
                             words[actions[i].words + 1], word);
        }
        if (actions[i].act == set && !t->opt.chain) {
            return tool_fail(errp, TOOL_USAGE, "slots set needs --chain "
                             "FILE");
        }
        return tool_begin_with_slot_0(t, actions[i].protect &&
                                      t->opt.slot != 0, &session, errp) &&
               actions[i].act(t, session, errp) &&
               tool_end(t, session, errp);
    }
    return tool_fail(errp, TOOL_USAGE, "slots: \"%s\" is none of list, "
                     "sub-codes, chain, csr, set, erase and config", word);
}
